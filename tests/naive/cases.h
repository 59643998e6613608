/* Random cases for the comparison with the naive evaluator: a formula as a tree that can be cut down, and quotes. */
#ifndef NAIVE_CASES_H
#define NAIVE_CASES_H
#include "base/str.h"
#include "naive.h"

enum { CASE_STATEMENTS = 5, CASE_LIBRARY = 2, CASE_BARS = 3000 };

/* A piece of formula text: a leaf (fn NULL: `leaf`), or fn called with arg[]. */
typedef struct piece {
    const gp_builtin *fn;
    char leaf[32];
    struct piece *arg[GP_MAX_ARGS];
    int n_args;
} piece;

typedef struct test_case {
    gp_arena arena;
    piece *stmt[CASE_STATEMENTS];   /* X0: ...; X1: ...; NULL: dropped */
    bool hidden[CASE_STATEMENTS];   /* := */
    piece *skip[CASE_STATEMENTS];   /* TESTSKIP(...); before the statement; NULL: none */
    piece *library[CASE_LIBRARY];   /* Y0: ...; Y1: ...; of the formula LIB, parameters P1 and P2; NULL: there is none */
    int n;                          /* bars */
    double open[CASE_BARS], high[CASE_BARS], low[CASE_BARS], close[CASE_BARS], vol[CASE_BARS], amount[CASE_BARS];
    int32_t date[CASE_BARS], time[CASE_BARS];
    bool intraday, exact_compare, f32, null_true;
    int block, lane;                /* how the engine runs it */
} test_case;

/* The rows that are drawn: those that have a rule in the naive evaluator. */
typedef struct row_table { const gp_builtin **at; int n; } row_table;

void case_random(test_case *t, uint64_t seed, const row_table *rows);
void case_text(const test_case *t, gp_buf *out);
void case_library_text(const test_case *t, gp_buf *out); /* of LIB; empty when there is none */
/* As a case of tests/lang; want: what the statement `stmt` should give. */
void case_print(const test_case *t, int stmt, const double *want, gp_buf *out);
void case_free(test_case *t);

/* Makes the case smaller while `fails` says it still fails. */
void case_shrink(test_case *t, bool (*fails)(const test_case *t));
#endif
