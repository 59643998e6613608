/* functions.md 5 and 6: logic and selection. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define A c->x[0]
#define B c->x[1]
#define Y c->y[i]

/* functions.md 5.1: a flag that says on which side A was when it last was strictly on one */
static void crossing(const naive_call *c, const double *a, const double *b)
{
    const int f = first_both(a, b, c->n);
    bool below = false;
    EACH {
        Y = i < f ? NIL : 0;
        if (nil(a[i]) || nil(b[i])) continue;
        const bool lower = less(c->o, a[i], b[i]), higher = more(c->o, a[i], b[i]);
        if (below && higher) Y = 1;
        if (lower) below = true;
        if (higher) below = false;
    }
}
static void cross(const naive_call *c) { crossing(c, A, B); }
static void crossdown(const naive_call *c) { crossing(c, B, A); }

static void longcross(const naive_call *c)
{
    const double n = last_of(c->x[2], c->n);
    EACH {
        Y = nil(n) ? NIL : 0;
        if (nil(n) || i < whole(n) || nil(A[i]) || nil(B[i]) || !more(c->o, A[i], B[i])) continue;
        bool below = true;
        for (int j = i - 1; j >= i - whole(n); j--)
            below = below && !nil(A[j]) && !nil(B[j]) && less(c->o, A[j], B[j]);
        Y = below;
    }
}

static void rising(const naive_call *c, bool up)
{
    const int f = first_valid(A, c->n);
    const double n = last_of(B, c->n);
    EACH {
        Y = NIL;
        if (nil(n) || whole(n) <= 0 || i < f + whole(n) - 1) continue;
        bool all = true;
        for (int j = i; j > i - whole(n); j--)
            all = all && j > f && !nil(A[j]) && !nil(A[j - 1]) && (up ? more(c->o, A[j], A[j - 1]) : less(c->o, A[j], A[j - 1]));
        Y = all;
    }
}
static void upnday(const naive_call *c) { rising(c, true); }
static void downnday(const naive_call *c) { rising(c, false); }

static void nday(const naive_call *c)
{
    const int f = first_both(A, B, c->n);
    const double n = last_of(c->x[2], c->n);
    EACH {
        Y = NIL;
        if (nil(n) || whole(n) <= 0 || i < f + whole(n) - 1) continue;
        bool all = true;
        for (int j = i; j > i - whole(n); j--) all = all && !nil(A[j]) && !nil(B[j]) && more(c->o, A[j], B[j]);
        Y = all;
    }
}

static void isvalid(const naive_call *c) { EACH Y = !nil(A[i]); }

static void between(const naive_call *c)
{
    EACH {
        const double x = A[i], p = B[i], q = c->x[2][i];
        if (nil(x) || nil(p) || nil(q)) Y = NIL;
        else Y = (at_least(c->o, x, p) && at_most(c->o, x, q)) || (at_least(c->o, x, q) && at_most(c->o, x, p));
    }
}
static void range(const naive_call *c)
{
    EACH {
        const double x = A[i], p = B[i], q = c->x[2][i];
        Y = nil(x) || nil(p) || nil(q) ? NIL : more(c->o, x, p) && less(c->o, x, q);
    }
}

static void isup(const naive_call *c)
{
    const double *o = c->d->open, *x = c->d->close;
    EACH Y = nil(x[i]) || nil(o[i]) ? NIL : more(c->o, x[i], o[i]);
}
static void isdown(const naive_call *c)
{
    const double *o = c->d->open, *x = c->d->close;
    EACH Y = nil(x[i]) || nil(o[i]) ? NIL : less(c->o, x[i], o[i]);
}
/* as the sign = tells it, but null where either is missing, like the two above (decisions.md) */
static void isequal(const naive_call *c)
{
    const double *o = c->d->open, *x = c->d->close;
    EACH {
        if (nil(x[i]) || nil(o[i])) Y = NIL;
        else Y = c->o->exact_compare ? x[i] == o[i] : fabs(x[i] - o[i]) < TINY;
    }
}

/* language.md 4.5: null until the condition has had a value; afterwards b when it is exactly 0, else a */
static void choose(const naive_call *c, const double *a, const double *b)
{
    const int f = first_valid(A, c->n);
    EACH Y = i < f ? NIL : A[i] == 0 ? b[i] : a[i];
}
static void if_(const naive_call *c) { choose(c, c->x[1], c->x[2]); }
static void ifn(const naive_call *c) { choose(c, c->x[2], c->x[1]); }
/* as IF would decide on the last bar */
static void ifc(const naive_call *c)
{
    const int f = first_valid(A, c->n);
    EACH Y = f == c->n ? NIL : A[c->n - 1] == 0 ? c->x[2][i] : c->x[1][i];
}

static void max2(const naive_call *c, const double *a, const double *b, double *y)
{
    const int f = first_both(a, b, c->n);
    EACH {
        if (i < f) y[i] = NIL;
        else if (nil(a[i]) || nil(b[i])) y[i] = nil(a[i]) ? b[i] : a[i];
        else y[i] = a[i] > b[i] ? a[i] : b[i];
    }
}
static void max_(const naive_call *c)
{
    double *sofar = calloc((size_t)c->n + 1, sizeof *sofar);
    EACH sofar[i] = A[i];
    for (int k = 1; k < c->n_args; k++) {
        max2(c, sofar, c->x[k], c->y);
        EACH sofar[i] = Y;
    }
    free(sofar);
}
static void least(const naive_call *c)
{
    EACH {
        Y = A[i];
        for (int k = 1; k < c->n_args; k++) Y = nil(Y) || nil(c->x[k][i]) ? NIL : Y < c->x[k][i] ? Y : c->x[k][i];
    }
}
static void max6(const naive_call *c)
{
    EACH {
        Y = A[i];
        for (int k = 1; k < c->n_args; k++) Y = nil(Y) || nil(c->x[k][i]) ? NIL : Y > c->x[k][i] ? Y : c->x[k][i];
    }
}

/* functions.md 3.8 */
static void updown(const naive_call *c)
{
    EACH {
        if (i == 0 || nil(A[i]) || nil(A[i - 1])) Y = NIL;
        else Y = more(c->o, A[i], A[i - 1]) ? 1 : less(c->o, A[i], A[i - 1]) ? -1 : 0;
    }
}

const naive_row naive_logic[] = {
    {"CROSS", cross, NAIVE_COUNTS},     {"CROSSDOWN", crossdown, NAIVE_COUNTS}, {"LONGCROSS", longcross, NAIVE_COUNTS},
    {"UPNDAY", upnday, NAIVE_COUNTS},   {"DOWNNDAY", downnday, NAIVE_COUNTS},   {"NDAY", nday, NAIVE_COUNTS},
    {"ISVALID", isvalid, NAIVE_COUNTS}, {"BETWEEN", between, NAIVE_COUNTS},     {"RANGE", range, NAIVE_COUNTS},
    {"ISUP", isup, NAIVE_COUNTS},       {"ISDOWN", isdown, NAIVE_COUNTS},       {"ISEQUAL", isequal, NAIVE_COUNTS},
    {"IF", if_, NAIVE_EXACT},           {"IFN", ifn, NAIVE_EXACT},              {"IFC", ifc, NAIVE_EXACT},
    {"MAX", max_, NAIVE_EXACT},         {"MIN", least, NAIVE_EXACT},            {"MAX6", max6, NAIVE_EXACT},
    {"MIN6", least, NAIVE_EXACT},       {"UPDOWN", updown, NAIVE_COUNTS},       {NULL, NULL, 0}};
