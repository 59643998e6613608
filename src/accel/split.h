/* A program in two: what a device runs, and what only the processor can, which reads values of the first part as columns. */
#ifndef GP_ACCEL_SPLIT_H
#define GP_ACCEL_SPLIT_H
#include "eval/program.h"

typedef struct gp_split {
    gp_program *device, *host;
    int *slot;        /* per result of the program: its result of the device's part, or -1 - its result of the host's */
    int n_between;    /* values that go from one part to the other */
    int *between;     /* per such value: result of the device's part; the host's part reads it as external n_externals + its number */
} gp_split;

/* False where a part would have nothing to do, or the program makes texts.  The program has to outlive its parts. */
bool gp_split_new(const gp_program *p, gp_split *s);
void gp_split_fini(gp_split *s);
/* A program of one result: the truth of result `signal` where result `where` is true as well (below 0: everywhere).  The program has to
 * outlive it; it goes with gp_truth_free. */
gp_program *gp_truth_of(const gp_program *p, int signal, int where);
/* The same of n signals, each with its own `where`: result slot[k] is the truth of signal k; those that agree are one result. */
gp_program *gp_truths_of(const gp_program *p, const int *signal, const int *where, int n, int *slot);
void gp_truth_free(gp_program *q);
/* Where each instruction runs, and why not on a device; for `explain`. */
void gp_accel_explain(const gp_program *p, gp_buf *out);
#endif
