/* A deliberately naive evaluator of formulas, for tests only: whole-series vectors, one ticker, every bar computed from the
 * definition in the function reference, O(n * N), nothing kept from one bar to the next unless the rule itself says so.
 * It shares the tree (parser, resolve) with the engine and nothing else: the rules are written from functions.md and language.md.
 *
 * Doubles have gaps, and a decision (a comparison, a rank, a rounding) that hangs on the last bit of an average may fall either
 * way.  So the evaluator can jitter: with `jitter` > 0 the arguments of every function that rounds inside (sums, averages,
 * statistics, not + - * / and not comparisons) are disturbed by that relative amount.  A value that changes visibly under such
 * disturbance is not decided by the definition (prop_naive.c). */
#ifndef NAIVE_H
#define NAIVE_H
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "parser/ast.h"

#define NIL ((double)NAN)
#define nil(x) isnan(x)
#define TINY 1e-5

typedef struct naive_data {
    int n;
    const double *open, *high, *low, *close, *vol, *amount;
    const int32_t *date, *time; /* yyyymmdd, hhmmss; time NULL: daily */
    int period;
} naive_data;

typedef struct naive_options {
    bool exact_compare;
    bool f32;               /* every literal, parameter, quote and result in single precision */
    bool null_true;         /* --null-cond tdx */
    double jitter;          /* 0: none */
    uint64_t seed;          /* of the jitter */
} naive_options;

/* One call: n bars of every argument in, n bars out. */
typedef struct naive_call {
    int n, n_args;
    const double *x[GP_MAX_ARGS];
    bool constant[GP_MAX_ARGS]; /* written as a constant: no series in it */
    const naive_data *d;
    const naive_options *o;
    double *y;
    bool *wild;             /* set: the definition does not say what comes out */
} naive_call;

typedef void naive_rule(const naive_call *c);

enum {
    NAIVE_EXACT = 0,   /* no rounding of its own, or the one rounding of a single operation */
    NAIVE_ROUNDS = 1,  /* sums or steps: the last bits depend on the order */
    NAIVE_COUNTS = 2,  /* the result is a whole number (a count, a truth): no tolerance at all */
    NAIVE_LAST_BIT = 4, /* the result itself is rounded, perhaps otherwise than the engine's */
};

typedef struct naive_row {
    const char *name;
    naive_rule *rule;
    int flags;
} naive_row;

/* By the name of the registry's row; NULL when there is no rule. */
const naive_row *naive_find(const char *name);

/* The families: rows ended by a NULL name. */
extern const naive_row naive_operators[], naive_math[], naive_reference[], naive_signals[], naive_windows[], naive_averages[],
    naive_logic[], naive_statistics[], naive_shapes[], naive_time[], naive_quotes[];

/* Evaluates every statement of a resolved formula: out[statement] is a series of d->n values, valid until naive_free.
 * False, with the name in *unknown, when a function has no rule here. */
typedef struct naive_result {
    int n_stmts;
    double **y;
    bool *wild;       /* a value on the way was so large that orders of evaluation differ in overflow */
    bool *counts;     /* the outermost function gives whole numbers */
    gp_arena arena;
} naive_result;
bool naive_eval(const gp_formula *f, const naive_data *d, const naive_options *o, naive_result *r, const char **unknown);
void naive_free(naive_result *r);

/* Random bits (splitmix64): streams of neighbouring seeds have nothing to do with one another. */
static inline uint64_t random_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* ---- shared by the families ---- */

/* language.md 4.5: true is non-null and at least 1e-5 away from 0. */
static inline bool truth(double v) { return !nil(v) && fabs(v) >= TINY; }

/* language.md 4.4; neither side null */
static inline double slack(const naive_options *o, double left) { return o->exact_compare ? 0 : 1e-7 * fabs(left) + 1e-5; }
static inline bool less(const naive_options *o, double a, double b) { return o->exact_compare ? a < b : b >= a + slack(o, a); }
static inline bool more(const naive_options *o, double a, double b) { return o->exact_compare ? a > b : b <= a - slack(o, a); }
static inline bool at_most(const naive_options *o, double a, double b) { return o->exact_compare ? a <= b : b > a - slack(o, a); }
static inline bool at_least(const naive_options *o, double a, double b) { return o->exact_compare ? a >= b : b < a + slack(o, a); }

/* index of the first valid value, n when there is none */
static inline int first_valid(const double *x, int n)
{
    for (int i = 0; i < n; i++)
        if (!nil(x[i])) return i;
    return n;
}
/* first bar on which both are valid */
static inline int first_both(const double *x, const double *z, int n)
{
    for (int i = 0; i < n; i++)
        if (!nil(x[i]) && !nil(z[i])) return i;
    return n;
}
static inline double finite_or_nil(double v) { return isfinite(v) ? v : NIL; }
static inline double last_of(const double *x, int n) { return n ? x[n - 1] : NIL; }
static inline void all_nil(double *y, int n)
{
    for (int i = 0; i < n; i++) y[i] = NIL;
}
/* whole number of bars, kept within what an int can hold */
static inline int whole(double v) { return v > 1e9 ? 1000000000 : v < -1e9 ? -1000000000 : (int)trunc(v); }
static inline int rounded(double v) { return whole(trunc(v + 0.503)); }
#endif
