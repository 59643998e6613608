/* Quotes of one ticker as columns. */
#ifndef GP_MARKET_BARS_H
#define GP_MARKET_BARS_H
#include <stdbool.h>
#include <stdint.h>
#include "base/num.h"
#include "base/str.h"

typedef struct gp_bars {
    char *code;      /* "600000", as in the code column or taken from the file's name; upper case */
    char *market;    /* "SH", "SZ", "BJ" or "" */
    char *name;      /* security name from the file, or "" */
    char *file;      /* where it came from, as found */
    int n;
    int32_t *date;   /* yyyymmdd, strictly ascending together with time */
    int32_t *time;   /* hhmmss; NULL when no row has a time of day */
    double *open, *high, *low, *close, *vol, *amount; /* NaN: empty in the file; a column the file lacks is NULL */
    double **more;   /* further columns, as many as gp_read_opts asked for and in its order; each an allocation of its own */
    int n_more;
    int st;          /* more[st - 1], beyond those asked for, is not 0 on days of special treatment (ST); 0: nothing is said of that */
    int pre;         /* more[pre - 1] is the close before, as the exchange has it (on an ex-rights day less what was taken); 0: there is no such column */
    int before;      /* bars of the security that come before the first one here and were not read (gp_read_opts.tail); 0: none */
    /* Stands for everything before the last bar, the bars not read included: whoever kept it and meets it again knows that no earlier bar was
     * changed, inserted or removed, only the last one revised or new ones appended.  It also changes with the unit or the adjustment of the
     * values.  0: the origin keeps no such number. */
    uint64_t history;
    unsigned more_sums; /* bit k: a longer bar has the sum of more[k]; else its last value, of `pre` the first */
    /* What the file says of its prices; UNKNOWN: nothing, NONE: as they were paid (不复权). */
    enum { GP_ADJUSTED_UNKNOWN, GP_ADJUSTED_NONE, GP_ADJUSTED_FORWARD, GP_ADJUSTED_BACKWARD } adjusted;
    int period;      /* PERIOD code: 5 day, 6 week, 7 month, 0..4 minutes; inferred from the spacing of the stamps */
    /* what was noticed while reading, for the summary line; bad_rows to skipped tell of the whole file and stand
     * with its first ticker */
    struct {
        int bad_rows, duplicate_dates, resorted, bad_ohlc, not_positive, null_prices, tiny_prices;
        int bad_fields, suspended, skipped; /* values that are no numbers; rows without prices; lines without quotes */
    } counts;
} gp_bars;

/* Room for n rows in one block, filled with 0: date and the columns whose bits (1 open, 2 high, 4 low, 8 close, 16 vol, 32
 * amount: GP_COL_*) are set; the rest stays NULL.  time, where wanted, is an allocation of its own. */
void gp_bars_alloc(gp_bars *b, int n, unsigned columns);
void gp_bars_alloc_raw(gp_bars *b, int n, unsigned columns); /* not filled: for whoever writes every row */
/* Room for n_more further columns of b->n rows, NaN all over. */
void gp_bars_more(gp_bars *b, int n_more);
/* Copies the four texts into one allocation that begins at code; NULL counts as "". */
void gp_bars_label(gp_bars *b, const char *code, const char *market, const char *name, const char *file);
/* The same bars in memory of their own; what was noticed while reading is copied, too. */
void gp_bars_copy(const gp_bars *from, gp_bars *to);
/* Frees the block that begins at date, time, the further columns, and the texts that begin at code. */
void gp_bars_fini(gp_bars *b);
#endif
