/* functions.md 3.1, 3.8: windows of the last N bars, N read on every bar unless the rule says otherwise. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define X c->x[0]
#define Y c->y[i]

/* first bar of the window of the last n bars ending at i, not before f; n <= 0 is "all bars" */
static int start(int i, int n, int f)
{
    const long at = n <= 0 ? f : (long)i - n + 1;
    return at < f ? f : (int)at;
}

static void ma(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        Y = NIL;
        if (nil(n) || whole(n) <= 0 || i - f + 1 < whole(n)) continue;
        long double sum = 0;
        for (int j = i - whole(n) + 1; j <= i; j++)
            if (!nil(X[j])) sum += X[j];
        Y = (double)(sum / whole(n));
    }
}

static void sum(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        long double s = 0;
        for (int j = start(i, nil(n) ? 0 : whole(n), f); j <= i; j++)
            if (!nil(X[j])) s += X[j];
        Y = i < f ? NIL : (double)s;
    }
}

static void mular(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        Y = NIL;
        if (i < f || nil(n)) continue;
        double p = 1, large = 1; /* of the factors above 1 alone: whether that overflows depends on the order */
        for (int j = start(i, whole(n), f); j <= i; j++)
            if (!nil(X[j])) p *= X[j], large *= fabs(X[j]) > 1 ? fabs(X[j]) : 1;
        if (large > 1e60) *c->wild = true;
        Y = p;
    }
}

static void count(const naive_call *c)
{
    EACH {
        const double n = c->x[1][i];
        const bool none = !nil(n) && whole(n) == 0 && !c->constant[1]; /* decisions.md: constant as written */
        int k = 0;
        for (int j = start(i, nil(n) ? 0 : whole(n), 0); j <= i && !none; j++) k += truth(X[j]);
        Y = k;
    }
}

static int best(const double *x, int from, int to, bool high)
{
    int at = -1;
    for (int j = from; j <= to; j++)
        if (!nil(x[j]) && (at < 0 || (high ? x[j] >= x[at] : x[j] <= x[at]))) at = j; /* the most recent of equals */
    return at;
}

static void extreme(const naive_call *c, bool high, bool bars)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        const int at = i < f || nil(n) ? -1 : best(X, start(i, whole(n), f), i, high);
        Y = at < 0 ? NIL : bars ? i - at : X[at];
    }
}
static void hhv(const naive_call *c) { extreme(c, true, false); }
static void llv(const naive_call *c) { extreme(c, false, false); }
static void hhvbars(const naive_call *c) { extreme(c, true, true); }
static void llvbars(const naive_call *c) { extreme(c, false, true); }

static void hhvllv(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    const double t = last_of(c->x[1], c->n);
    EACH {
        const double n1 = c->x[2][i], n2 = c->x[3][i];
        Y = NIL;
        if (i < f || nil(t) || nil(n1) || nil(n2)) continue;
        const int from = whole(n1) <= 0 ? f : i - whole(n1) < f ? f : i - whole(n1);
        const int to = whole(n2) <= 0 ? i : i - whole(n2);
        const int at = best(X, from, to, whole(t) == 0);
        Y = at < 0 ? NIL : X[at];
    }
}

/* rank of the current value among the last N, 1 the best */
static void rank(const naive_call *c, bool high)
{
    const int f = first_valid(X, c->n);
    const double n = last_of(c->x[1], c->n);
    EACH {
        Y = NIL;
        if (nil(n) || nil(X[i])) continue;
        int better = 0;
        for (int j = start(i, whole(n), f); j < i; j++) better += !nil(X[j]) && (high ? X[j] > X[i] : X[j] < X[i]);
        Y = better + 1;
    }
}
static void hod(const naive_call *c) { rank(c, true); }
static void lod(const naive_call *c) { rank(c, false); }

/* the T-th of the M bars that end N bars ago: a bar is taken before another when it is further out, and among equals the HIGH
 * family takes the earlier, the LOW family the later one first */
static void find(const naive_call *c, bool high, bool bars)
{
    const double n = last_of(c->x[1], c->n), m = last_of(c->x[2], c->n), t = last_of(c->x[3], c->n);
    EACH {
        Y = NIL;
        if (nil(n) || nil(m) || nil(t)) continue;
        const int to = whole(n) < 0 ? i : i - whole(n);
        const int from = to - whole(m) + 1 < 0 ? 0 : to - whole(m) + 1;
        int taken = -1;
        bool *used = calloc((size_t)c->n, sizeof *used);
        for (int k = 0; k < whole(t) || k < 1; k++) {
            int at = -1;
            for (int j = from; j <= to && j <= i; j++) {
                if (nil(X[j]) || used[j]) continue;
                if (at < 0 || (high ? X[j] > X[at] : X[j] <= X[at])) at = j;
            }
            if (at < 0) break;
            used[at] = true;
            taken = at;
        }
        free(used);
        Y = taken < 0 ? NIL : bars ? i - taken : X[taken];
    }
}
static void findhigh(const naive_call *c) { find(c, true, false); }
static void findlow(const naive_call *c) { find(c, false, false); }
static void findhighbars(const naive_call *c) { find(c, true, true); }
static void findlowbars(const naive_call *c) { find(c, false, true); }

/* consecutive bars before this one that are strictly lower (higher): by 1e-5 at least, whatever the size */
static bool apart(const naive_options *o, double by) { return o->exact_compare ? by > 0 : by >= TINY; }
static void range(const naive_call *c, bool top)
{
    const int f = first_valid(X, c->n);
    EACH {
        Y = i < f ? NIL : 0; /* a null later is above nothing (decisions.md) */
        if (nil(X[i])) continue;
        int k = 0;
        while (k < i && !nil(X[i - k - 1]) && apart(c->o, top ? X[i] - X[i - k - 1] : X[i - k - 1] - X[i])) k++;
        Y = k;
    }
}
static void toprange(const naive_call *c) { range(c, true); }
static void lowrange(const naive_call *c) { range(c, false); }

/* functions.md 3.6 */
static void sumbars(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double a = c->x[1][i];
        Y = NIL;
        if (i < f || nil(a)) continue;
        long double s = 0;
        int k = 0;
        while (k <= i - f) {
            if (!nil(X[i - k])) s += X[i - k];
            k++;
            if (k == 1 && !nil(X[i]) && more(c->o, X[i], a)) k = 0;
            if (k == 0 || at_least(c->o, (double)s, a)) break;
        }
        Y = k > i - f ? i - f : k;
    }
}

static void sumbarsx(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double a = c->x[1][i];
        Y = NIL;
        if (i < f || nil(a)) continue;
        long double s = 0;
        for (int k = 0; k <= i - f && nil(Y); k++) {
            if (!nil(X[i - k])) s += X[i - k];
            if (k == 0 && !nil(X[i]) && more(c->o, X[i], a)) Y = -1;
            else if (at_least(c->o, (double)s, a)) Y = k;
        }
    }
}

const naive_row naive_windows[] = {
    {"MA", ma, NAIVE_ROUNDS},
    {"SUM", sum, NAIVE_ROUNDS},
    {"MULAR", mular, NAIVE_ROUNDS},
    {"COUNT", count, NAIVE_COUNTS},
    {"HHV", hhv, NAIVE_EXACT},
    {"LLV", llv, NAIVE_EXACT},
    {"HHVBARS", hhvbars, NAIVE_COUNTS},
    {"LLVBARS", llvbars, NAIVE_COUNTS},
    {"HHVLLV", hhvllv, NAIVE_EXACT},
    {"HOD", hod, NAIVE_COUNTS},
    {"LOD", lod, NAIVE_COUNTS},
    {"FINDHIGH", findhigh, NAIVE_EXACT},
    {"FINDLOW", findlow, NAIVE_EXACT},
    {"FINDHIGHBARS", findhighbars, NAIVE_COUNTS},
    {"FINDLOWBARS", findlowbars, NAIVE_COUNTS},
    {"TOPRANGE", toprange, NAIVE_COUNTS},
    {"LOWRANGE", lowrange, NAIVE_COUNTS},
    {"SUMBARS", sumbars, NAIVE_ROUNDS | NAIVE_COUNTS},
    {"SUMBARSX", sumbarsx, NAIVE_ROUNDS | NAIVE_COUNTS},
    {NULL, NULL, 0}};
