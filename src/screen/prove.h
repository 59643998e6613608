/* Whether a formula's past changes when bars are added: measured, not deduced.  The formula is computed again with the tail
 * of the data cut off at many bars, and every value is compared with that of the whole data, bit for bit. */
#ifndef GP_SCREEN_PROVE_H
#define GP_SCREEN_PROVE_H
#include "eval/program.h"
#include "market/bars.h"
#include "screen/companions.h"

enum { GP_PROVE_CUTS = 130, GP_PROVE_TAIL = 30 };

/* A value that was another one while the data ended earlier. */
typedef struct gp_change {
    int bar;         /* whose value changed */
    int end;         /* bars the data had at that time */
    double was, now; /* NaN: null */
} gp_change;
/* 1: the newest bar of that time; 2: the one before it */
static inline int gp_change_back(const gp_change *c) { return c->end - c->bar; }

/* One output over one security. */
typedef struct gp_proof {
    int cuts;          /* how often the tail was cut off */
    int changed;       /* cuts in which some value differed from the one of the whole data */
    int late;          /* cuts whose newest bar lacked a first value that comes one bar late (MEMA, SAR): not counted above */
    gp_change first;   /* the earliest bar that changed, and the last cut that still showed its old value */
    gp_change deepest; /* the change that reached furthest back from the end of its time */
    bool agrees;       /* nothing changed that the label promised to be final */
    bool is_signal;    /* the whole data give only 0, 1 and null, or a drawing's condition: the next three mean something */
    int seen, gone;    /* cuts whose newest bar held; those of them that do not hold any more */
    int born;          /* cuts whose newest bar did not hold and does now */
} gp_proof;

typedef struct gp_prove_opts {
    int cuts;          /* how many; 0: GP_PROVE_CUTS.  Up to GP_PROVE_TAIL (at most half) are the last bars, one by one; the rest is spread.
                          No more than there are bars */
} gp_prove_opts;

/* Runs one program over one security after the other; one per thread. */
typedef struct gp_prover gp_prover;
/* c: made for p; NULL when it has no externals. */
gp_prover *gp_prover_new(const gp_program *p, const gp_companions *c, const gp_prove_opts *o);
void gp_prover_free(gp_prover *v);
/* proof: one per output of the program. */
void gp_prove(gp_prover *v, const gp_bars *b, gp_proof *proof);

/* The bars at which the tail of n bars is cut, ascending, each 1..n-1, into `at` (room for `cuts`); returns how many. */
int gp_prove_cuts(int n, int cuts, int *at);
#endif
