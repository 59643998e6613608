/* Joining the bars of a security that the store has with those that are given. */
#ifndef GP_MARKET_STORE_MERGE_H
#define GP_MARKET_STORE_MERGE_H
#include "market/origin.h"

/* The columns of both, row by row: where both have a row the new one counts, column by column that it has. */
typedef struct gp_merged {
    gp_bars bars;
    const char *keys[GP_MAX_MORE];
    size_t appended, inserted, revised;
    int first;        /* row from which on something changed; with columns the store did not have: 0 */
    bool before_last; /* something changed before the last bar there was */
    bool dropped;     /* a row that was there is gone */
} gp_merged;

/* Of two bars of one week (month, quarter, year) the one of the later day counts: the other one was made while the week went on.
 * keys: the names of the further columns.  m->bars has no texts. */
void gp_store_merge(gp_merged *m, gp_bars *old, const char *const *old_keys, gp_bars *new, const char *const *new_keys);

/* yyyymmddhhmmss of row i. */
int64_t gp_bar_stamp(const gp_bars *b, int i);
/* open, high, low, close, vol, amount: 0 to 5. */
double **gp_bar_column(gp_bars *b, int c);

/* Adds the rows of `new`, which has the same columns and begins after the last row of b.  *room: rows that b has memory for. */
void gp_bars_append(gp_bars *b, int *room, gp_bars *new);
/* Do both have the same columns, under the same names? */
bool gp_bars_alike(gp_bars *a, const char *const *a_keys, gp_bars *b, const char *const *b_keys);
#endif
