/* A family of sets that runs: run.c launches its kernels, run_host.c does what is the processor's. */
#ifndef GP_ACCEL_RUN_H
#define GP_ACCEL_RUN_H
#include "accel/cut.h"
#include "accel/inside.h"
#include "eval/code.h"

/* Lanes that the processor has to do: numbers from .. to-1 of (set, ticker), sets first. */
typedef struct gp_rest { int first, tickers; size_t from, to; } gp_rest;

/* The text of a kernel of the family, and what it needs. */
typedef struct gp_variant { gp_fused f; gp_fuse_steps steps; gp_buf text; bool made; } gp_variant;

typedef struct gp_job {
    gp_accel *a;
    gp_accel_market *m;
    const gp_program **sets;   /* of this family */
    int *index;                /* their numbers */
    int n_sets, slots;
    const gp_accel_want *want;
    gp_variant variant[2][2];  /* cut in time or not; windows in shared memory or not */
    int warm;                  /* bars; -1: pieces make no sense */
    const gp_fused *f;         /* of the group that runs: of one of them */
    gp_ready *kernel;
    gp_cut cut;
    gp_width width;
    bool again;                /* too many lanes whose pieces do not meet: run the launch again in one piece */
    size_t torn;               /* lanes of the group that the processor has to do for that */
    double *staging;
    size_t staged;
    GP_VEC(gp_rest) rests;
} gp_job;

static inline double *const *gp_job_rows(const gp_job *j, int set, int ticker)
{
    return j->want->out[j->index[set]] + (size_t)ticker * (size_t)j->slots;
}

static inline uint64_t *gp_job_hashes(const gp_job *j, int set, int ticker)
{
    return j->want->hash[j->index[set]] + (size_t)ticker * (size_t)j->slots;
}

static inline int gp_job_from(const gp_job *j, const gp_lane *lane)
{
    return j->want->whole ? 0 : lane->from;
}

/* run_host.c */
void gp_host_lanes(const gp_job *j, const gp_rest *x);
/* A program of which only a part is for the device, set by set; false: no part is. */
bool gp_host_in_two(const gp_job *j);
#endif
