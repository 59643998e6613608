/* What a purchase after each bar would have cost and given: the part of the hit rate that no formula changes. */
#ifndef GP_WORTH_PRICES_H
#define GP_WORTH_PRICES_H
#include "worth/hitrate.h"
#include "worth/stats.h"

/* Days are numbered from 1900-01-01, the first one a quote can have. */
enum { GP_HIT_DAYS = 109574, GP_HIT_DAY_0 = 25567 /* days from there to 1970-01-01 */ };

/* Why the bar after a signal can be bought, or not. */
enum { GP_BUY_CAN, GP_BUY_NO_BAR, GP_BUY_AT_LIMIT, GP_BUY_HALTED, GP_BUY_BAD_PRICE };

/* Of the bars of one security that lie in the days asked for.  Zero-initialise. */
typedef struct gp_hit_prices {
    int first, m;        /* bars first .. first + m - 1 */
    size_t room;
    double *entry;       /* price to buy at after a signal on that bar; NaN: not to be had */
    unsigned char *why;  /* GP_BUY_* */
    int32_t *ret;        /* horizons x m; GP_RETURN_NONE */
    int32_t *day;        /* its number */
} gp_hit_prices;

void gp_hit_prices_of(gp_hit_prices *p, const gp_hitrate_opts *o, const gp_bars *b);
void gp_hit_prices_fini(gp_hit_prices *p);

/* Bars from the signal to the purchase. */
static inline int gp_hit_entry_offset(const gp_hitrate_opts *o) { return o->entry == GP_ENTRY_CLOSE ? 0 : 1; }
/* How many days apart two entries have to be for their holding times not to touch, in days of the calendar of the data; period: of its shortest
 * bars. */
int32_t gp_hit_days_held(int period, int after);
#endif
