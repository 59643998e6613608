/* One instruction over one block of bars of one tile: what the VM hands to a kernel loop.
 * The loops are in shapes.h and are compiled once per instruction set (kernels.c). */
#ifndef GP_EVAL_EXEC_H
#define GP_EVAL_EXEC_H
#include <stddef.h>
#include "builtins/builtin.h"
#include "builtins/kernel.h"

typedef struct gp_exec {
    int rows;                    /* bars in this block, >= 1 */
    int bar;                     /* index of its first bar */
    double *y;                   /* result: y[t*GP_LANES + lane] */
    const double *x[GP_MAX_IN];  /* operands: x[a][t*stride[a] + lane] */
    size_t stride[GP_MAX_IN];    /* GP_LANES, or 0 for one row that holds for every bar (constants, per-lane facts) */
    double *state;               /* this instruction's state, 64-byte aligned */
    int len;                     /* constant N: window length >= 1, GP_N_ALL, GP_N_NULL, GP_N_ZERO; DELAY: the offset */
    int n_is_last;               /* series N that is the same on every bar (read from the last one) */
    int cap;                     /* bars the state was laid out for */
    unsigned series_mask;        /* HISTORY: operands whose nulls decide the first valid bar */
    unsigned varying_mask;       /* HISTORY: operands that are not one fixed row */
    const int *lane_n;           /* bars of each lane */
} gp_exec;

/* Entry points of one builtin.  init puts the state as before bar 0.  WINDOW and MOMENTS have a second pair for a
 * series-valued N.  state_doubles says how much state the pair needs for a constant length `len` and `cap` bars. */
typedef struct gp_kernel {
    void (*init)(gp_exec *e);
    void (*run)(gp_exec *e);
    void (*init_series)(gp_exec *e);
    void (*run_series)(gp_exec *e);
    void (*whole)(const gp_whole *w, double *y);
    void (*resume)(gp_exec *e); /* MOMENTS: makes what a saved state leaves out, e->bar bars in */
    int (*len)(double n, int constant);
    int fields; /* SCAN state fields, WINDOW fields, MOMENTS moments */
} gp_kernel;


/* y[t*GP_LANES+l] = col[l][bar+t], NaN past the end of lane l. */
typedef void gp_load_fn(double *y, const double *const *col, const int *lane_n, int bar, int rows);
/* Bit l of to[t]: y[t*GP_LANES+l] is true (language.md 4.5: at least 1e-5 away from 0, and not null). */
typedef void gp_truth_fn(unsigned char *to, const double *y, int rows);
typedef struct gp_kernel_set {
    const char *name;
    const gp_kernel *at; /* by builtin id */
    gp_load_fn *load;
    gp_truth_fn *truth;
} gp_kernel_set;
const gp_kernel_set *gp_kernels_choose(const char *isa); /* NULL or unknown: the best here */
/* The kernels without the tolerance of comparisons; one set, for the baseline instruction set. */
extern const gp_kernel_set gp_kernels_exact;
#endif
