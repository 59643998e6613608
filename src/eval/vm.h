/* Runs a program over up to GP_VM_LANES tickers at once, a block of bars at a time.
 * One gp_vm per thread.  Values do not depend on the block size, on the lane or on what the other lanes hold. */
#ifndef GP_EVAL_VM_H
#define GP_EVAL_VM_H
#include <signal.h>
#include <stdint.h>
#include "base/num.h"
#include "eval/program.h"

#define GP_VM_LANES 8

typedef struct gp_vm gp_vm;

typedef struct gp_vm_opts {
    int block;          /* bars per block; 0: default */
    const char *isa;    /* "sse2", "avx2", "avx512"; NULL: the best this machine has, or $GOLDPIT_ISA */
    const volatile sig_atomic_t *stop; /* looked at between blocks; once it is not 0 a run ends early and its results are void */
} gp_vm_opts;

/* One ticker's columns, n bars each, oldest first.  A column the program does not need may be NULL.
 * NaN is a missing value; every other one is within +-GP_QUOTE_MAX. */
typedef struct gp_lane {
    int n;
    const double *open, *high, *low, *close, *vol, *amount;
    const int32_t *date;    /* yyyymmdd */
    const int32_t *time;    /* hhmmss, or NULL for daily data */
    int period;             /* PERIOD code of functions.md section 2; daily 5 */
    gp_str market;          /* "SH", "SZ", "BJ" or empty: then the code tells */
    gp_str code, name;      /* for CODE, STKNAME, CODELIKE ... ; UTF-8 */
    const double *const *ext;  /* one column of n bars per gp_program_externals entry; NULL when there is none.  A column that
                                  is NULL is null on every bar. */
    const gp_str *ext_text;    /* the same for those that are texts */
    /* A run that goes on where an earlier one ended (state.h): n counts all bars, the columns hold those from bar `before` on, the same for
     * all lanes of a run, and `resume` is the state after the bars before it.  0 and NULL: from the first bar. */
    int before;
    const void *resume;
    /* The state after the first `keep` bars (before..n-1: the last bar may still change) goes to kept, gp_state_size bytes; NULL: it is not
     * wanted. */
    int keep;
    void *kept;
    /* Results: slot s of bars from..n-1 goes to out[s][0 .. n-from).  out[s] NULL: not wanted. */
    int from;
    double *const *out;
} gp_lane;

gp_vm *gp_vm_new(const gp_program *p, const gp_vm_opts *o);
void gp_vm_free(gp_vm *vm);
/* lanes 1..GP_VM_LANES; lengths may differ (sort tickers by length to waste less); n may be 0. */
void gp_vm_run(gp_vm *vm, const gp_lane *lane, int lanes);
/* The same, and of the results s with truth[s] not NULL the truth alone: bit l of truth[s][i] says whether result s is true on bar i of lane l,
 * for as many bars as the longest lane has; 0 past the end of a lane.  Lanes start at their first bar. */
void gp_vm_run_truths(gp_vm *vm, const gp_lane *lane, int lanes, uint8_t *const *truth);
/* What is the same on every bar of a lane (code.h: lane_vals), for whoever runs the program elsewhere: fact[l * n + k].  Nothing is run. */
void gp_vm_facts(gp_vm *vm, const gp_lane *lane, int lanes, double *fact);
/* Text result t of lane l of the last run, UTF-8, owned by the vm until the next run. */
const char *gp_vm_text(const gp_vm *vm, int lane, int t);
const char *gp_vm_text_of(const gp_vm *vm, double handle); /* a handle among the results of the last run; null: "" */
/* The same on bar `bar`, which must be among those whose results were asked for (lane.from.., out[gp_program_text_slot] given);
 * lane.out must still hold them. */
const char *gp_vm_text_at(const gp_vm *vm, int lane, int t, int bar);

const char *gp_isa_best(void);  /* what gp_vm_new would choose */
#endif
