/* language.md 3 and 4: operators, null, tolerance. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define A c->x[0][i]
#define B c->x[1][i]
#define Y c->y[i]

static void add(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : finite_or_nil(A + B); }
static void subtract(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : finite_or_nil(A - B); }
static void multiply(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : finite_or_nil(A * B); }
static void negate(const naive_call *c) { EACH Y = nil(A) ? NIL : -A; }

/* 4.3: a null operand gives null; over (nearly) zero the result of the bar before */
static void divide(const naive_call *c)
{
    EACH {
        if (nil(A) || nil(B)) Y = NIL;
        else if (fabs(B) < TINY) Y = i > 0 ? c->y[i - 1] : NIL;
        else Y = finite_or_nil(A / B);
    }
}

static void lt(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : less(c->o, A, B); }
static void le(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : at_most(c->o, A, B); }
static void gt(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : more(c->o, A, B); }
static void ge(const naive_call *c) { EACH Y = nil(A) || nil(B) ? NIL : at_least(c->o, A, B); }

static bool same(const naive_options *o, double a, double b)
{
    if (nil(a) || nil(b)) return nil(a) && nil(b);
    return o->exact_compare ? a == b : fabs(a - b) < TINY;
}
static void eq(const naive_call *c) { EACH Y = same(c->o, A, B); }
static void ne(const naive_call *c) { EACH Y = !same(c->o, A, B); }

/* 4.5: AND tests for exactly 0, OR for 1e-5 */
static void and_(const naive_call *c)
{
    EACH Y = A == 0 || B == 0 ? 0 : nil(A) || nil(B) ? NIL : 1;
}
static void or_(const naive_call *c) { EACH Y = truth(A) || truth(B); }

static void not_(const naive_call *c)
{
    const int f = first_valid(c->x[0], c->n);
    EACH Y = i < f ? NIL : A == 0 ? 1 : 0; /* a null after the start: 0 */
}

const naive_row naive_operators[] = {
    {"+", add, NAIVE_EXACT},       {"-", subtract, NAIVE_EXACT}, {"*", multiply, NAIVE_EXACT}, {"/", divide, NAIVE_EXACT},
    {"NEG", negate, NAIVE_EXACT},  {"<", lt, NAIVE_COUNTS},      {"<=", le, NAIVE_COUNTS},     {">", gt, NAIVE_COUNTS},
    {">=", ge, NAIVE_COUNTS},      {"=", eq, NAIVE_COUNTS},      {"<>", ne, NAIVE_COUNTS},     {"AND", and_, NAIVE_COUNTS},
    {"OR", or_, NAIVE_COUNTS},     {"NOT", not_, NAIVE_COUNTS},  {NULL, NULL, 0}};
