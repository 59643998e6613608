/* functions.md 3.7: recurrences, stepped bar by bar from their seed. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define X c->x[0]
#define Y c->y[i]
#define PREVIOUS c->y[i - 1]

/* Y = (2X + (N-1)Y') / (N+1), N truncated, at least 1; a null X or N carries */
static void ema(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        if (i < f) Y = NIL;
        else if (i == f) Y = X[i];
        else if (nil(X[i]) || nil(n)) Y = PREVIOUS;
        else {
            const double k = trunc(n) < 1 ? 1 : trunc(n);
            Y = (2 * X[i] + (k - 1) * PREVIOUS) / (k + 1);
        }
    }
}

static void sma(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    const double n = trunc(last_of(c->x[1], c->n)), m = trunc(last_of(c->x[2], c->n));
    EACH {
        if (i < f || !(n > m) || !(n >= 1)) Y = NIL;
        else if (i == f) Y = X[i];
        else Y = nil(X[i]) ? PREVIOUS : (m * X[i] + (n - m) * PREVIOUS) / n;
    }
}

static double mean_of_first(const double *x, int f, int n)
{
    long double s = 0;
    for (int j = f; j < f + n; j++)
        if (!nil(x[j])) s += x[j];
    return (double)(s / n);
}

static void seeded(const naive_call *c, bool longer, bool exponential)
{
    const int f = first_valid(X, c->n);
    const double n = last_of(c->x[1], c->n);
    EACH {
        Y = NIL;
        if (nil(n) || whole(n) < 1) continue;
        const int k = whole(n);
        if (c->n - f < (longer ? k + 1 : k) || i < f + k - 1) continue;
        if (i == f + k - 1) Y = mean_of_first(X, f, k);
        else if (nil(X[i])) Y = PREVIOUS;
        else Y = exponential ? (2 * X[i] + (k - 1.0) * PREVIOUS) / (k + 1.0) : (X[i] + (k - 1.0) * PREVIOUS) / k;
    }
}
static void mema(const naive_call *c) { seeded(c, true, false); }
static void expmema(const naive_call *c) { seeded(c, false, true); }

static void dma(const naive_call *c)
{
    const int f = first_both(X, c->x[1], c->n);
    EACH {
        const double a = c->x[1][i];
        if (i < f) Y = NIL;
        else if (i == f) Y = X[i];
        else if (nil(X[i]) || nil(a)) Y = PREVIOUS;
        else Y = a >= 1 ? X[i] : a * X[i] + (1 - a) * PREVIOUS;
    }
}

static void tma(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    const double a = last_of(c->x[1], c->n), b = last_of(c->x[2], c->n);
    EACH {
        if (i < f || nil(a) || nil(b)) Y = NIL;
        else if (i == f) Y = X[i];
        else Y = nil(X[i]) ? PREVIOUS : a * PREVIOUS + b * X[i];
    }
}

static void ama(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    const double a = last_of(c->x[1], c->n);
    EACH {
        if (i < f || nil(a)) Y = NIL;
        else if (i == f) Y = X[i];
        else Y = nil(X[i]) ? PREVIOUS : PREVIOUS + a * (X[i] - PREVIOUS);
    }
}

/* centred: i - N/2 .. i + N/2, for even N without the last; only bars from f to the end, nulls left out */
static void xma(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        Y = NIL;
        if (i < f || nil(n) || whole(n) <= 0) continue;
        const int half = whole(n) / 2, to = whole(n) % 2 ? i + half : i + half - 1;
        long double s = 0;
        int k = 0;
        for (int j = i - half < f ? f : i - half; j <= to && j < c->n; j++)
            if (!nil(X[j])) s += X[j], k++;
        if (k) Y = (double)(s / k);
    }
}

const naive_row naive_averages[] = {
    {"EMA", ema, NAIVE_ROUNDS},   {"SMA", sma, NAIVE_ROUNDS}, {"MEMA", mema, NAIVE_ROUNDS}, {"EXPMEMA", expmema, NAIVE_ROUNDS},
    {"DMA", dma, NAIVE_ROUNDS},   {"TMA", tma, NAIVE_ROUNDS}, {"AMA", ama, NAIVE_ROUNDS},   {"XMA", xma, NAIVE_ROUNDS},
    {NULL, NULL, 0}};
