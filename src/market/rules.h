/* How the boards of the A-share market trade: price limits, lots, stamp duty.  The rows are in rules.def. */
#ifndef GP_MARKET_RULES_H
#define GP_MARKET_RULES_H
#include "market/bars.h"

/* Prices here are whole ten-thousandths of a yuan, so that what the exchange rounds is rounded as it does. */
enum { GP_PRICE_ONE = 10000 };

typedef struct gp_rule {
    const char *market, *prefix;
    int32_t from;
    int limit, st;       /* thousandths; 0: none */
    int free_days;
    int lot, step;
    int tick;            /* ten-thousandths of a yuan */
    bool stamp;
    bool same_day;       /* what was bought can be sold on its own day */
    const char *what;
} gp_rule;

/* The rule of a security on a day; never NULL: what no row fits has no limit and lots of 1. */
const gp_rule *gp_rule_of(const char *market, const char *code, int32_t date);
static inline bool gp_rule_is_none(const gp_rule *r) { return !*r->market; }
static inline bool gp_rule_is_index(const gp_rule *r) { return *r->market && r->free_days == 0; }
/* Taxes of a day, in millionths of the value of a trade (fees.def). */
typedef struct gp_fees { int32_t from; int stamp_buy, stamp_sell, transfer; } gp_fees;
const gp_fees *gp_fees_of(int32_t date);

/* Does the name say special treatment: ST, *ST, S*ST, with XD and its kin before it? */
bool gp_name_is_st(const char *name);
bool gp_text_is_st(gp_str name);

/* Is bar i one of special treatment?  By the quotes where they say it of that day, else by the name. */
bool gp_bars_st(const gp_bars *b, int i);

/* Less than a share costs that is not about to be delisted, in yuan: by then forward-adjusted prices (前复权) are differences of dividends, and what they change by
 * in per cent means nothing. */
#define GP_NEAR_ZERO 0.5

/* Price limits of bar i, in yuan; NaN: none that day (an index, a new listing's first days, no close before).  The close before is the one
 * that the quotes say it was (gp_bars.pre), which on an ex-rights day is not the close of the bar before; else that, and such limits are too high. */
typedef struct gp_limits { double up, down; } gp_limits;
/* thousandths: instead of the rule's; -1: the rule's; 0: no limits. */
gp_limits gp_limits_at(const gp_bars *b, int i, int thousandths);
/* The same from the close of the bar before, whatever the quotes say it was. */
gp_limits gp_limits_by_bars(const gp_bars *b, int i, int thousandths);
/* False: with `before` as the close before, the price is surely not at the upper (lower) limit.  Cheap, for the many bars that are far from it.  No rule has
 * a limit below 5 %; a limit is off by at most half a tick of 0.01, and 0.2 % of slack. */
static inline bool gp_maybe_limit_up(double before, double price, int thousandths)
{
    return !(price < before * (1 + (thousandths > 0 ? thousandths / 1000.0 : 0.05)) * 0.997 - 0.01);
}
static inline bool gp_maybe_limit_down(double before, double price, int thousandths)
{
    return !(price > before * (1 - (thousandths > 0 ? thousandths / 1000.0 : 0.05)) * 1.003 + 0.01);
}
/* The same by either of the closes that bar i > 0 may have before it. */
static inline bool gp_maybe_limit_up_at(const gp_bars *b, int i, double price, int thousandths)
{
    const double said = b->pre ? b->more[b->pre - 1][i] : 0;
    return gp_maybe_limit_up(b->close[i - 1], price, thousandths) || (said > 0 && gp_maybe_limit_up(said, price, thousandths));
}
static inline bool gp_maybe_limit_down_at(const gp_bars *b, int i, double price, int thousandths)
{
    const double said = b->pre ? b->more[b->pre - 1][i] : 0;
    return gp_maybe_limit_down(b->close[i - 1], price, thousandths) || (said > 0 && gp_maybe_limit_down(said, price, thousandths));
}
/* Is the price at the limit?  To half a tick where prices are on the grid of ticks, and to 0.2 % of the price where they are not (adjusted
 * quotes, whose limits nobody can round as the exchange did). */
bool gp_at_limit_up(const gp_limits *l, double price);
bool gp_at_limit_down(const gp_limits *l, double price);
/* Nothing says whether bar i is one of ST, which would matter: the price is the upper limit that an ST would have, and the bar went no higher. */
bool gp_maybe_st_limit(const gp_bars *b, int i, double price, int thousandths);
#endif
