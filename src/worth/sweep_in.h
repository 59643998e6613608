/* The inside of a sweep: which sets are computed together, and their program (sweep_batch.c). */
#ifndef GP_WORTH_SWEEP_IN_H
#define GP_WORTH_SWEEP_IN_H
#include "worth/sweep.h"

/* Sets in the order they are computed in: the axes on which much of the formula hangs change slowest, so that neighbours share the most. */
typedef struct gp_sweep_order { uint32_t *at; size_t n; } gp_sweep_order;

typedef struct gp_sweep_set { size_t number; int signal, where; } gp_sweep_set; /* slots of the program; where -1: none */

typedef struct gp_sweep_batch {
    gp_program *program;
    gp_sweep_set *sets;
    size_t n;
    int *slots, n_slots;  /* those that some set looks at, each once */
} gp_sweep_batch;

bool gp_sweep_order_of(const gp_plan *plan, const gp_sweep_opts *o, gp_sweep_order *out, gp_diags *d);
void gp_sweep_order_fini(gp_sweep_order *order);

/* The sets from order->at[first] on that are computed together; bytes: of what is kept of one of them, all threads together. */
bool gp_sweep_batch_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_order *order, size_t first, size_t bytes, int jobs, int longest,
                       gp_sweep_batch *out, gp_diags *d);
void gp_sweep_batch_fini(gp_sweep_batch *b);
#endif
