/* Runs a program over every bar of every ticker of the inputs, on threads, and hands each ticker to a function while its quotes
 * are in memory.  What scans do for the last bar, for those who look at whole series. */
#ifndef GP_WORTH_WALK_H
#define GP_WORTH_WALK_H
#include "accel/device.h"
#include "eval/program.h"
#include "worth/tiles.h"

/* One ticker with its results; gone when the function returns. */
typedef struct gp_walk_ticker {
    const gp_bars *bars;
    double *const *slots; /* slots[s][i]: numeric result s on bar i, for the slots that were wanted */
    size_t input, index;  /* which input, which ticker in it: what the order of tickers may be made of */
} gp_walk_ticker;

/* worker: 0..jobs-1, names the thread.  Which worker gets which ticker is not defined. */
typedef void gp_walk_fn(void *ctx, int worker, const gp_walk_ticker *t);

typedef struct gp_walk_opts {
    int jobs;              /* of gp_pool_jobs */
    const int *wanted;     /* slots */
    int n_wanted;
    unsigned need;         /* GP_COL_* beyond what the program reads; missing: an error of the file */
    unsigned want;         /* GP_COL_* read when there */
    gp_csv_path csv_path;
    gp_accel *accel;       /* where the program runs; NULL: here.  The results are the same. */
    const gp_companions *companions; /* made for the program; NULL when it has no externals */
    void (*progress)(void *ctx, size_t done, size_t total); /* from the caller's thread; NULL: none */
    void *progress_ctx;
} gp_walk_opts;

/* Reads as gp_tiles_run does. */
void gp_walk_run(const gp_program *p, const gp_inputs *inputs, const gp_walk_opts *o, gp_walk_fn *fn, void *ctx, gp_walk_result *out, gp_diags *d);
#endif
