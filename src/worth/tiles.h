/* Reads the tickers of the inputs on threads and hands them out side by side, as many as the machine runs at once, while their quotes are in
 * memory.  Memory does not grow with the universe. */
#ifndef GP_WORTH_TILES_H
#define GP_WORTH_TILES_H
#include <stdatomic.h>
#include "market/reader.h"
#include "screen/companions.h"

typedef struct gp_tile_ticker {
    const gp_bars *bars;
    size_t input, index; /* which input, which ticker in it: what the order of tickers may be made of */
} gp_tile_ticker;

/* 1..GP_VM_LANES tickers of about the same length, the longest first; gone when the function returns.  worker: 0..jobs-1, names the thread.
 * Which tickers come together, and to which worker, is not defined. */
typedef void gp_tile_fn(void *ctx, int worker, const gp_tile_ticker *t, int n);

typedef struct gp_tiles_opts {
    int jobs;              /* of gp_pool_jobs */
    unsigned need;         /* GP_COL_*; missing: an error of the file */
    unsigned want;         /* GP_COL_* read when there */
    gp_csv_path csv_path;
    const gp_companions *companions; /* NULL: none */
    void (*progress)(void *ctx, size_t done, size_t total); /* from the caller's thread; NULL: none */
    void *progress_ctx;
    /* All tickers of a batch come together, thousands of them: what a device wants.  About GP_WALK_WHOLE bytes of files are held by all threads. */
    bool whole;
    const atomic_bool *stop; /* once it is set, inputs not begun are left out; NULL: never */
} gp_tiles_opts;

typedef struct gp_walk_result {
    size_t tickers, inputs, skipped, rows, bytes;
    int longest;
} gp_walk_result;

/* Quotes are held for at most GP_WALK_FILES files per thread at a time.  Diagnostics are appended to d in the order of the inputs; a
 * file that cannot be used is counted in skipped. */
#define GP_WALK_FILES 8
#define GP_WALK_WHOLE ((size_t)64 << 20)
void gp_tiles_run(const gp_inputs *inputs, const gp_tiles_opts *o, gp_tile_fn *fn, void *ctx, gp_walk_result *out, gp_diags *d);
#endif
