/* Programs on a device: what gp_vm_run does, for whole markets and many sets of parameters at once.  The device comes with a module
 * (accel.h) that is looked for at run time.  Whatever the device cannot do, for lack of memory or because it failed, the processor
 * does; the results are the same to the bit (nulls, whose bits say nothing, aside). */
#ifndef GP_ACCEL_DEVICE_H
#define GP_ACCEL_DEVICE_H
#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"
#include "eval/vm.h"

typedef enum { GP_ACCEL_UNSAID /* as AUTO, without a word about it */, GP_ACCEL_AUTO, GP_ACCEL_CPU, GP_ACCEL_CUDA } gp_accel_choice; /* --accel, in its order of words */

typedef struct gp_accel gp_accel;
/* Never NULL.  The module: $GOLDPIT_CUDA_MODULE, else goldpit-cuda.so beside the program or in its folder of libraries. */
gp_accel *gp_accel_open(void);
/* Is there a module?  Nothing is opened; `said`: why there is none. */
bool gp_accel_installed(char *said, size_t room);
/* Without looking for a device: whatever runs there is the processor's. */
gp_accel *gp_accel_open_none(void);
void gp_accel_close(gp_accel *a);
bool gp_accel_ready(const gp_accel *a);
/* "NVIDIA H200, CUDA 13.0, NVRTC 13.0", or in a few words why there is no device, or why it was given up. */
const char *gp_accel_said(const gp_accel *a);
const char *gp_accel_module(const gp_accel *a); /* its path; "" when there is none */

/* Quotes that stay on the device between runs.  The lanes and their columns have to outlive it; gp_lane.before has to be 0.  `like`: programs
 * that read no other columns than those that will run (the sets of a sweep: one of them is enough). */
typedef struct gp_accel_market gp_accel_market;
gp_accel_market *gp_accel_market_new(gp_accel *a, const gp_program *const *like, int n_like, const gp_lane *lane, int tickers);
void gp_accel_market_free(gp_accel_market *m);

typedef struct gp_accel_want {
    /* Result `slot` of set s for ticker k goes to out[s][k * slots + slot], bars lane[k].from .. n-1 of it, where slots is how many results
     * set s has (parameters that agree make fewer); NULL, also of single rows: not wanted. */
    double *const *const *out;
    /* The same place: hash of all bars of the row (gp_hash_value, fused.h).  NULL: not wanted. */
    uint64_t *const *hash;
    bool whole; /* rows go to `out` from their first bar on, whatever lane.from says */
    int jobs;   /* threads for what the processor has to do (gp_pool_jobs); 0: one per processor */
} gp_accel_want;

/* Programs of several sets of parameters over all tickers of a market.  May be called from several threads. */
void gp_accel_run(gp_accel *a, gp_accel_market *m, const gp_program *const *sets, int n_sets, const gp_accel_want *want);
/* Compiles kernels of single programs together, ahead of the runs: faster than one after the other.  Of no effect where it fails. */
void gp_accel_prepare(gp_accel *a, const gp_program *const *programs, int n);

typedef struct gp_accel_stats {
    size_t device, host;       /* lanes: a ticker with one set of parameters */
    size_t interpreted;        /* of those on the device: by the interpreter kernel */
    size_t launches, compiled; /* kernels run; sources given to the compiler or its cache */
    size_t cut, torn;          /* launches in pieces of time; lanes of those that were run again in one */
    size_t shared;             /* launches with windows in shared memory */
    int pieces, width;         /* of the last launch: of time, and threads of a block */
    size_t smaller;            /* times that memory was short and less was tried */
    size_t uploaded, downloaded; /* bytes */
    double quote_bytes, kept_bytes; /* of kernels of sums: read of quotes; read and written of windows (gp_fused), by reckoning */
    double upload_s, download_s, kernel_s, compile_s;
} gp_accel_stats;
gp_accel_stats gp_accel_counts(gp_accel *a);
/* What the device could do at most, by what its driver says; 0: that it does not say. */
typedef struct gp_accel_peak {
    double bandwidth;          /* bytes a second between its memory and its processors */
    double issue;              /* instructions a second, of all lanes: processors x clock x 4 x 32 */
} gp_accel_peak;
gp_accel_peak gp_accel_peaks(gp_accel *a);
/* Why some program ran on the processor although there is a device; NULL: none did. */
const char *gp_accel_refusal(gp_accel *a);
#endif
