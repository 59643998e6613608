/* The inside of a sweep: which sets are computed together, and their program (sweep_batch.c). */
#ifndef GP_WORTH_SWEEP_IN_H
#define GP_WORTH_SWEEP_IN_H
#include "worth/sweep.h"

/* Sets in the order they are computed in: the axes on which much of the formula hangs change slowest, so that neighbours share the most. */
typedef struct gp_sweep_order { uint32_t *at; size_t n, fitted; } gp_sweep_order; /* fitted: sets of the last batch that was limited by its program; 0: none */

/* Numeric results of the plan's own program that are looked at; -1 among them: none. */
typedef struct gp_sweep_looked { int own[4 * GP_ORDER_SLOTS + 4]; int n; } gp_sweep_looked;

/* One of the sets that are told of: which set of formula parameters of the batch, and which combination of what ends a trade. */
typedef struct gp_sweep_point { size_t number; uint32_t of, ends; } gp_sweep_point;

typedef struct gp_sweep_batch {
    gp_program *program;
    size_t *numbers, n;   /* the sets of formula parameters */
    gp_sweep_point *points;
    size_t n_points;      /* as many as there are sets where nothing else varies */
    int *slot;            /* sets x looked: results of the program */
    int *slots, n_slots;  /* those that some set looks at, each once */
} gp_sweep_batch;

bool gp_sweep_order_of(const gp_plan *plan, const gp_sweep_opts *o, gp_sweep_order *out, gp_diags *d);
void gp_sweep_order_fini(gp_sweep_order *order);

gp_sweep_looked gp_sweep_looked_of(const gp_plan *plan, const gp_sweep_opts *o);

/* The sets from order->at[first] on that are computed together; bytes: of what is kept of one of them, all threads together. */
bool gp_sweep_batch_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_looked *looked, gp_sweep_order *order, size_t first, size_t bytes, int jobs, int longest,
                       gp_sweep_batch *out, gp_diags *d);
void gp_sweep_batch_fini(gp_sweep_batch *b);
/* The rules of trades with a combination of what ends them. */
gp_trade_rules gp_sweep_rules(const gp_sweep_opts *o, uint32_t ends);

/* One program of n sets; NULL after saying why not. */
gp_program *gp_sweep_compile(const gp_plan *plan, const gp_sweep_opts *o, const uint32_t *set, size_t n, gp_diags *d);
/* Fills slot, slots and n_slots of a batch with its program. */
void gp_sweep_find_slots(const gp_plan *plan, const gp_sweep_looked *looked, gp_sweep_batch *b);
/* What is read of the quotes for a program. */
gp_tiles_opts gp_sweep_tiles_of(const gp_hitrate_opts *o, unsigned needs, int jobs, const gp_companions *companions);

/* Runs what it can on o->accel and takes it out of the order.  False when a companion was refused or a program cannot be compiled. */
bool gp_sweep_on_device(const gp_plan *plan, const gp_inputs *inputs, const gp_sweep_opts *o, const gp_sweep_market *m, const gp_sweep_looked *looked,
                        gp_sweep_order *order, gp_sweep_fn *fn, void *ctx, gp_diags *d);

/* Bytes kept of one set by one thread. */
size_t gp_sweep_test_bytes(const gp_sweep_test *t);
typedef struct gp_sweep_pass {
    const gp_sweep_opts *o;
    const gp_sweep_market *m;
    const gp_sweep_batch *batch;
    const gp_sweep_looked *looked;
    const gp_companions *companions;
    gp_tiles_opts tiles;
    size_t before, all;   /* sets of the batches before; of the whole run: for progress */
    gp_sweep_fn *fn;
    void *ctx;
} gp_sweep_pass;
/* One batch judged by trades. */
void gp_sweep_test_batch(const gp_inputs *inputs, const gp_sweep_pass *p);
#endif
