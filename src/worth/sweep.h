/* 参数优化: what the signals of a formula were worth for many sets of its parameters.  docs/sweep.md is the text of it. */
#ifndef GP_WORTH_SWEEP_H
#define GP_WORTH_SWEEP_H
#include "accel/sums.h"
#include "screen/plan.h"
#include "worth/grid.h"
#include "worth/backtest.h"
#include "worth/prices.h"
#include "worth/tiles.h"

/* What all bars of one day gave. */
typedef struct gp_day_base { int64_t n, wins, sum; } gp_day_base;

/* What no parameter changes: the days of the data, and what every bar of them gave. */
typedef struct gp_sweep_market {
    int32_t *date;          /* days with bars, ascending, yyyymmdd */
    size_t n_days;
    int32_t *index;         /* number of a day (prices.h) -> its place among those; -1 */
    gp_day_base *base;      /* horizons x n_days */
    double *change;         /* n_days: mean of what securities gained from their close of the day before; NULL: not asked for */
    int64_t bars;
    int period;             /* of the shortest bars */
    gp_walk_result read;
} gp_sweep_market;

typedef struct gp_span_days { size_t from, to; } gp_span_days; /* days from .. to-1 of the market */

/* Judged by trades instead of signals: an account for each security, as gp_backtest_run does, over each of the spans. */
typedef struct gp_sweep_test {
    const gp_backtest_opts *o; /* of the plan's own program: slots, rules, cash; no portfolio */
    const gp_ends *ends;       /* what each axis of the grid beyond the formula's sets, in place of the rules of o */
    const gp_span_days *spans;
    int n_spans;
} gp_sweep_test;

typedef struct gp_sweep_opts {
    const gp_hitrate_opts *hit; /* threads, horizons, entry, days, limits, reading, progress; not its draws and groups */
    const gp_sweep_test *test; /* NULL: judged by signals */
    const gp_grid *grid;
    int n_formula;          /* its first axes are parameters of the formula; the others, with `test`, what ends a trade, else somebody else's */
    const int *param;       /* for each of them: which parameter */
    size_t batch;           /* sets computed together at most; 0: as many as memory takes */
    gp_accel *accel;        /* judged by signals, sets run there that can; the results are the same.  NULL: none */
    size_t *on_device;      /* adds how many did; may be NULL */
    /* The companions a program needs; false after saying why not.  NULL: none are needed. */
    bool (*companions)(void *ctx, const gp_program *p, gp_companions **out);
    void *companions_ctx;
    bool (*wanted)(void *ctx, size_t set); /* false: its result is known already; NULL: all are wanted */
    void *wanted_ctx;
    void (*checkpoint)(void *ctx); /* after each batch, when all its sets were told; NULL: none */
    void *checkpoint_ctx;
} gp_sweep_opts;

/* What became of one set (of formula parameters; with `test` and of what ends a trade): days[h * n_days + day], or with `test` the figures of each span (but for the
 * streak; with the changes of the first beyond the market).  Called from several threads at once, in no order. */
typedef void gp_sweep_fn(void *ctx, size_t set, const gp_day_sum *days, const gp_figures *figures);

/* Reads the data once. */
void gp_sweep_market_of(const gp_plan *plan, const gp_inputs *inputs, const gp_hitrate_opts *o, bool changes, gp_sweep_market *out, gp_diags *d);
void gp_sweep_market_fini(gp_sweep_market *m);
/* How many sets there are of what the grid varies, but for what is somebody else's. */
size_t gp_sweep_sets(const gp_sweep_opts *o);
/* The program of up to *n sets that are computed together, and how many these are, to try how long they take; NULL: it does not compile. */
gp_program *gp_sweep_some(const gp_plan *plan, const gp_sweep_opts *o, size_t *n);
/* Programs as a device gets them, of sets from all over the grid, for estimates; each stands for `each` others. */
typedef struct gp_sweep_sample { gp_program **truth, **program; size_t n; double each; } gp_sweep_sample;
gp_sweep_sample gp_sweep_sample_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_market *m, size_t most);
void gp_sweep_sample_fini(gp_sweep_sample *s);
/* Seconds that one thread takes to add up a bar of one set and time held, where one bar in a hundred is a signal. */
double gp_sweep_add_bar(void);
/* The set of the formula's parameters that looks ahead furthest, and in *n how many sets do; none: *n is 0.  False: one does not compile. */
bool gp_sweep_furthest(const gp_plan *plan, const gp_sweep_opts *o, size_t *set, size_t *n, gp_diags *d);
/* The program of that set alone; NULL: it does not compile.  Of a point of the grid, the set. */
gp_program *gp_sweep_one(const gp_plan *plan, const gp_sweep_opts *o, size_t set);
size_t gp_sweep_set_of(const gp_sweep_opts *o, size_t point);
/* Formula axes whose values change nothing of the signal. */
bool gp_sweep_idle_axis(const gp_plan *plan, const gp_sweep_opts *o, int axis);
/* Runs the one signal of the plan (with `test` its orders) for every set.  Neither threads nor the size of the batches can be seen in what fn gets.  False when a
 * companion was refused or a program cannot be compiled. */
bool gp_sweep_run(const gp_plan *plan, const gp_inputs *inputs, const gp_sweep_opts *o, const gp_sweep_market *m, gp_sweep_fn *fn, void *ctx, gp_diags *d);
#endif
