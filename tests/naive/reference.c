/* functions.md 3.2, 3.3: references, bars since, positions. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define X c->x[0]
#define Y c->y[i]
#define PREVIOUS (i > 0 ? c->y[i - 1] : NIL)

static void backward(const naive_call *c, bool smooth)
{
    const int fx = first_valid(X, c->n), fa = first_valid(c->x[1], c->n);
    EACH {
        const double a = c->x[1][i];
        if (i < fx || i < fa) Y = NIL;
        else if (!nil(a) && whole(a) >= 0 && whole(a) <= i) Y = X[i - whole(a)];
        else Y = smooth && i == 0 ? X[0] : PREVIOUS;
    }
}
static void ref(const naive_call *c) { backward(c, false); }
static void refv(const naive_call *c) { backward(c, true); }

static void forward(const naive_call *c, bool smooth)
{
    EACH {
        const double a = c->x[1][i];
        const bool inside = !nil(a) && whole(a) >= 0 && whole(a) < c->n - i;
        Y = inside ? X[i + whole(a)] : smooth ? PREVIOUS : NIL;
    }
}
static void refx(const naive_call *c) { forward(c, false); }
static void refxv(const naive_call *c) { forward(c, true); }

static double dated(const naive_data *d, int i) { return d->date[i] - 19000000.0; }

static void refdate(const naive_call *c)
{
    const double day = last_of(c->x[1], c->n);
    double v = NIL;
    for (int i = 0; i < c->n && !nil(day); i++)
        if (dated(c->d, i) <= day) v = X[i];
    EACH Y = v;
}
static void datetocur(const naive_call *c)
{
    const double day = last_of(X, c->n);
    EACH {
        int k = 0;
        for (int j = 0; j < c->n; j++) k += dated(c->d, j) > day && c->d->date[j] <= c->d->date[i];
        Y = nil(day) ? NIL : k;
    }
}

static void const_(const naive_call *c) { EACH Y = last_of(X, c->n); }
static void consta(const naive_call *c)
{
    const double n = last_of(c->x[1], c->n);
    EACH {
        const int back = nil(n) || whole(n) < 0 ? 0 : whole(n) > c->n - 1 ? c->n - 1 : whole(n);
        Y = nil(n) ? NIL : X[c->n - 1 - back];
    }
}

/* the N-th true one counted back from bar i, or the earliest when there are fewer; -1 when none */
static int nth_true(const double *x, int i, int n)
{
    int at = -1;
    for (int j = i, k = 0; j >= 0 && k < n; j--)
        if (truth(x[j])) at = j, k++;
    return at;
}
static void barslast(const naive_call *c)
{
    EACH {
        const int at = nth_true(X, i, 1);
        Y = at < 0 ? NIL : i - at;
    }
}
static void barslasts(const naive_call *c)
{
    EACH {
        const double n = c->x[1][i];
        const int at = nil(n) ? -1 : nth_true(X, i, whole(n) < 1 ? 1 : whole(n));
        Y = at < 0 ? NIL : i - at;
    }
}
static void barslastcount(const naive_call *c)
{
    EACH {
        int k = 0;
        while (k <= i && truth(X[i - k])) k++;
        Y = k;
    }
}
static int first_true(const double *x, int from, int to)
{
    for (int j = from; j <= to; j++)
        if (truth(x[j])) return j;
    return -1;
}
static void barssince(const naive_call *c)
{
    EACH {
        const int at = first_true(X, 0, i);
        Y = at < 0 ? NIL : i - at;
    }
}
static void barssincen(const naive_call *c)
{
    const double n = last_of(c->x[1], c->n);
    EACH {
        const int at = nil(n) || whole(n) <= 0 ? -1 : first_true(X, i - whole(n) + 1 < 0 ? 0 : i - whole(n) + 1, i);
        Y = at < 0 ? NIL : i - at;
    }
}
static void barsnext(const naive_call *c)
{
    EACH {
        const int at = first_true(X, i, c->n - 1);
        Y = at < 0 ? NIL : at - i;
    }
}
static void barscount(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH Y = i < f ? NIL : i - f;
}
static void currbarscount(const naive_call *c) { EACH Y = c->n - i; }
static void total(const naive_call *c) { EACH Y = c->n; }
static void islastbar(const naive_call *c) { EACH Y = i == c->n - 1; }
static void barstatus(const naive_call *c) { EACH Y = i == c->n - 1 ? 2 : i == 0 ? 1 : 0; }

static void alignright(const naive_call *c)
{
    int to = c->n;
    for (int i = c->n - 1; i >= 0; i--)
        if (!nil(X[i])) c->y[--to] = X[i];
    while (to > 0) c->y[--to] = NIL;
}
static void drawnull(const naive_call *c) { EACH Y = NIL; }

const naive_row naive_reference[] = {
    {"REF", ref, NAIVE_EXACT},
    {"REFV", refv, NAIVE_EXACT},
    {"REFX", refx, NAIVE_EXACT},
    {"REFXV", refxv, NAIVE_EXACT},
    {"REFDATE", refdate, NAIVE_EXACT},
    {"DATETOCUR", datetocur, NAIVE_COUNTS},
    {"CONST", const_, NAIVE_EXACT},
    {"CONSTA", consta, NAIVE_EXACT},
    {"BARSLAST", barslast, NAIVE_COUNTS},
    {"BARSLASTS", barslasts, NAIVE_COUNTS},
    {"BARSLASTCOUNT", barslastcount, NAIVE_COUNTS},
    {"BARSSINCE", barssince, NAIVE_COUNTS},
    {"BARSSINCEN", barssincen, NAIVE_COUNTS},
    {"BARSNEXT", barsnext, NAIVE_COUNTS},
    {"BARSCOUNT", barscount, NAIVE_COUNTS},
    {"CURRBARSCOUNT", currbarscount, NAIVE_COUNTS},
    {"TOTALBARSCOUNT", total, NAIVE_COUNTS},
    {"USEDDATANUM", total, NAIVE_COUNTS},
    {"ISLASTBAR", islastbar, NAIVE_COUNTS},
    {"BARSTATUS", barstatus, NAIVE_COUNTS},
    {"ALIGNRIGHT", alignright, NAIVE_EXACT},
    {"DRAWNULL", drawnull, NAIVE_EXACT},
    {NULL, NULL, 0}};
