/* The inside of the hit rate: what the threads gather (hitrate.c) and what is made of it (hitrate_rows.c). */
#ifndef GP_WORTH_HITRATE_IN_H
#define GP_WORTH_HITRATE_IN_H
#include "base/vec.h"
#include "worth/prices.h"

enum { GP_HIT_YEARS = 300 }; /* from 1900 on */

/* Sums of signals for one horizon; all integers, so that any order gives the same. */
typedef struct gp_hit_cell {
    int64_t n, wins, sum, mae, mfe;
    int32_t worst, best, mae_worst, mfe_best;
} gp_hit_cell;

/* Sums of every bar. */
typedef struct gp_hit_base { int64_t n, wins, sum; } gp_hit_base;

/* The signals of one kind of one ticker: n records from `first` on, each its day and a return for every horizon. */
typedef struct gp_hit_span { size_t first, n; } gp_hit_span;

typedef struct gp_hit_ticker {
    const char *code, *market;
    size_t input, index;
    int worker;
    gp_hit_span *spans;       /* one per signal */
    gp_hit_cell *cells;       /* signals x horizons */
    gp_hit_base *base;        /* horizons */
} gp_hit_ticker;

typedef struct gp_hit_worker {
    gp_arena arena;
    GP_VEC(gp_hit_ticker) tickers;
    GP_VEC(int32_t) records;  /* stride 1 + horizons */
    gp_hit_cell *years;       /* years x signals x horizons */
    gp_hit_base *days;        /* horizons x days */
    unsigned char *seen;      /* days that have a bar */
    uint32_t *hist;           /* horizons x bins: every bar */
    int64_t *drawn;           /* signals x horizons x draws x (sum, n) */
    gp_hit_fate *fates;
    int64_t *waiting;         /* signals x horizons */
    int64_t bars;
    int finest;               /* period of the shortest bars */
    /* scratch */
    gp_hit_prices prices;
    size_t room;              /* bars the prefix has room for */
    int64_t *prefix;          /* (bars + 1) x horizons x (sum, n) */
    GP_VEC(gp_hit_span) runs;
} gp_hit_worker;

typedef struct gp_hit_pass {
    const gp_plan *plan;
    const gp_hitrate_opts *o;
    int jobs, signals;
    gp_hit_worker *workers;
} gp_hit_pass;

/* Makes the rows of the gathered. */
void gp_hitrate_rows(const gp_hit_pass *s, const gp_inputs *inputs, gp_hitrate *out, gp_diags *d);
#endif
