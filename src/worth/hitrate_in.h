/* The inside of the hit rate: what the threads gather (hitrate.c) and what is made of it (hitrate_rows.c). */
#ifndef GP_WORTH_HITRATE_IN_H
#define GP_WORTH_HITRATE_IN_H
#include "base/vec.h"
#include "worth/prices.h"

enum { GP_HIT_YEARS = 300, /* from 1900 on */ GP_HIT_RUN_MOST = 1 << 16 /* signals */ };

/* Sums of signals for one horizon; all integers, so that any order gives the same. */
typedef struct gp_hit_cell {
    int64_t n, wins, sum, mae, mfe;
    int32_t worst, best, mae_worst, mfe_best;
} gp_hit_cell;

/* Sums of every bar. */
typedef struct gp_hit_base { int64_t n, wins, sum; } gp_hit_base;

/* Of one day. */
typedef struct gp_hit_sum { int64_t sum, n; } gp_hit_sum;

/* The signals of one kind of one ticker: n records from `first` on, each its day and a return for every horizon. */
typedef struct gp_hit_span { size_t first, n; } gp_hit_span;

/* Such signals one after the other, as places among words of several horizons each. */
typedef struct gp_hit_edges { size_t first, end; } gp_hit_edges;

/* One bar of a mean path. */
typedef struct gp_hit_step { int64_t sum, n; } gp_hit_step;

typedef struct gp_hit_ticker {
    const char *code, *market;
    size_t input, index;
    int worker;
    gp_hit_span *spans;       /* one per signal */
    gp_hit_cell *cells;       /* signals x horizons */
    gp_hit_base *base;        /* horizons; where rows by code are wanted */
} gp_hit_ticker;

typedef struct gp_hit_worker {
    gp_arena arena;
    GP_VEC(gp_hit_ticker) tickers;
    GP_VEC(int32_t) records;  /* stride 1 + horizons */
    gp_hit_cell *years;       /* years x signals x horizons */
    uint64_t *days;           /* days x horizons, an even number: packed sums and numbers of returns (hitrate_sums.c) */
    int days_n;               /* so many returns at most are in one of them */
    int32_t days_low, days_high; /* only these hold any */
    gp_hit_sum *day_sums;     /* days x horizons: what was taken out of them; NULL: nothing yet */
    int64_t *wins;            /* years x horizons: of every bar; by year where that is wanted, else somewhere among them */
    unsigned char *seen;      /* days that have a bar */
    uint32_t *hist;           /* horizons x bins: every bar */
    int64_t *drawn;           /* signals x horizons x draws x (sum, n) */
    gp_hit_fate *fates;
    int64_t *waiting;         /* signals x horizons */
    gp_hit_step *path;        /* (signals + every bar) x (bars + 1), where a picture is made */
    int64_t bars;
    int finest;               /* period of the shortest bars */
    /* scratch */
    gp_hit_prices prices;
    int32_t *path_ret;        /* (bars of the path + 1) x bars of the ticker */
    size_t path_room;         /* bars it has room for */
    size_t room;              /* bars the prefix has room for */
    uint64_t *prefix;         /* (bars + 1) x horizons, an even number: the same of all bars before */
    GP_VEC(gp_hit_span) runs; /* the signals of one kind of the ticker */
    GP_VEC(gp_hit_edges) edges;
} gp_hit_worker;

typedef struct gp_hit_pass {
    const gp_plan *plan;
    const gp_hitrate_opts *o;
    int jobs, signals;
    gp_hit_worker *workers;
} gp_hit_pass;

/* ---- hitrate_sums.c ---- */

/* Every bar; w->prices is known. */
void gp_hit_add_bars(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b);
/* What stands in w->days goes to w->day_sums. */
void gp_hit_days_empty(gp_hit_worker *w, size_t n_after);
/* The signals of kind k, at w->runs, moved along; after gp_hit_add_bars. */
void gp_hit_draw(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b, int k);

/* ---- hitrate_shape.c: only where o->shape ---- */

int gp_hit_path_bars(const gp_hitrate_opts *o);
/* The returns of every bar on its way; w->prices is known. */
void gp_hit_path_bars_of(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b);
/* And those of signal k, at w->runs. */
void gp_hit_path_signals(const gp_hit_pass *s, gp_hit_worker *w, int k);
/* sorted: the returns of signal k for the longest horizon. */
void gp_hit_shape_make(const gp_hit_pass *s, int k, const int32_t *sorted, size_t n, gp_hit_shape *out);

/* Makes the rows of the gathered. */
void gp_hitrate_rows(const gp_hit_pass *s, const gp_inputs *inputs, gp_hitrate *out, gp_diags *d);
#endif
