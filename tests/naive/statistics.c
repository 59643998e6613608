/* functions.md 8: windows in full, from the first bar on which all series are valid; a null inside repeats the output before. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define X c->x[0]
#define Y c->y[i]
#define PREVIOUS (i > 0 ? c->y[i - 1] : NIL)

typedef long double real;

static real mean(const double *w, int n)
{
    real s = 0;
    for (int j = 0; j < n; j++) s += w[j];
    return s / n;
}
static real squares(const double *w, int n)
{
    const real m = mean(w, n);
    real s = 0;
    for (int j = 0; j < n; j++) s += (w[j] - m) * (w[j] - m);
    return s;
}
static real products(const double *w, const double *v, int n)
{
    const real m = mean(w, n), k = mean(v, n);
    real s = 0;
    for (int j = 0; j < n; j++) s += (w[j] - m) * (v[j] - k);
    return s;
}
static double spread(const double *w, int n)
{
    double low = w[0], high = w[0];
    for (int j = 1; j < n; j++) {
        if (w[j] < low) low = w[j];
        if (w[j] > high) high = w[j];
    }
    return high - low;
}
static bool holes(const double *w, int n)
{
    for (int j = 0; j < n; j++)
        if (nil(w[j])) return true;
    return false;
}

/* f(window, n, previous output) over the last n bars, oldest first */
typedef double one_window(const double *w, int n, double previous);
typedef double two_windows(const double *w, const double *v, int n, double previous);

static int length(const naive_call *c, int arg, int i, bool round_it, bool per_bar)
{
    const double n = per_bar ? c->x[arg][i] : last_of(c->x[arg], c->n);
    if (nil(n)) return 0;
    return round_it ? rounded(n) : whole(n);
}

static double of_slope(const double *w, int n, double p);
static double of_forcast(const double *w, int n, double p);
static double of_tsma(const double *w, int n, double p);
static int least(one_window *of) { return of == of_slope || of == of_forcast || of == of_tsma ? 2 : 1; } /* a line needs two */

static void full(const naive_call *c, one_window *of, bool round_it, bool per_bar)
{
    const int f = first_valid(X, c->n);
    EACH {
        const int n = length(c, 1, i, round_it, per_bar);
        if (n < least(of) || i - f + 1 < n) Y = NIL;
        else Y = holes(X + i - n + 1, n) ? PREVIOUS : of(X + i - n + 1, n, PREVIOUS);
    }
}
static void full2(const naive_call *c, two_windows *of)
{
    const int f = first_both(X, c->x[1], c->n);
    EACH {
        const int n = length(c, 2, i, true, true);
        if (n <= 0 || i - f + 1 < n) Y = NIL;
        else if (holes(X + i - n + 1, n) || holes(c->x[1] + i - n + 1, n)) Y = PREVIOUS;
        else Y = of(X + i - n + 1, c->x[1] + i - n + 1, n, PREVIOUS);
    }
}

static double of_var(const double *w, int n, double p) { (void)p; return n == 1 ? 0 : (double)(squares(w, n) / (n - 1)); }
static double of_std(const double *w, int n, double p) { return sqrt(of_var(w, n, p)); }
static double of_varp(const double *w, int n, double p) { (void)p; return (double)(squares(w, n) / n); }
static double of_stdp(const double *w, int n, double p) { return sqrt(of_varp(w, n, p)); }
static double of_devsq(const double *w, int n, double p) { (void)p; return (double)squares(w, n); }
static double of_avedev(const double *w, int n, double p)
{
    (void)p;
    const real m = mean(w, n);
    real s = 0;
    for (int j = 0; j < n; j++) s += fabsl(w[j] - m);
    return (double)(s / n);
}
static real slope_of(const double *w, int n)
{
    const real middle = (n - 1) / (real)2, m = mean(w, n);
    real up = 0, down = 0;
    for (int j = 0; j < n; j++) up += (j - middle) * (w[j] - m), down += (j - middle) * (j - middle);
    return up / down;
}
static double of_slope(const double *w, int n, double p) { (void)p; return (double)slope_of(w, n); }
static double of_forcast(const double *w, int n, double p)
{
    (void)p;
    return (double)(mean(w, n) + slope_of(w, n) * (n - 1) / 2);
}
static double of_tsma(const double *w, int n, double p) { return of_forcast(w, n, p) + of_slope(w, n, p); }
static double of_wma(const double *w, int n, double p)
{
    (void)p;
    real s = 0;
    for (int j = 0; j < n; j++) s += (real)(j + 1) * w[j];
    return (double)(s / ((real)n * (n + 1) / 2));
}
static double of_harmean(const double *w, int n, double previous)
{
    real s = 0;
    for (int j = 0; j < n; j++) {
        if (fabs(w[j]) < TINY) return previous;
        s += 1 / (real)w[j];
    }
    return fabsl(s) < (real)TINY ? previous : (double)(n / s);
}

static void var(const naive_call *c) { full(c, of_var, true, true); }
static void std(const naive_call *c) { full(c, of_std, true, true); }
static void varp(const naive_call *c) { full(c, of_varp, true, true); }
static void stdp(const naive_call *c) { full(c, of_stdp, true, true); }
static void devsq(const naive_call *c) { full(c, of_devsq, false, false); }
static void avedev(const naive_call *c) { full(c, of_avedev, false, false); }
static void slope(const naive_call *c) { full(c, of_slope, true, true); }
static void forcast(const naive_call *c) { full(c, of_forcast, true, true); }
static void tsma(const naive_call *c) { full(c, of_tsma, true, true); }
static void wma(const naive_call *c) { full(c, of_wma, false, true); }
static void harmean(const naive_call *c) { full(c, of_harmean, false, true); }

/* population deviation of the N-1 log returns of the N bars before this one */
static void stddev(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const int n = length(c, 1, i, true, true);
        if (n < 2 || i < f + n) {
            Y = NIL;
            continue;
        }
        const double *w = X + i - n;
        bool bad = holes(w, n);
        double *r = calloc((size_t)n, sizeof *r);
        for (int j = 0; j < n && !bad; j++) bad = w[j] <= 0;
        for (int j = 1; j < n && !bad; j++) r[j - 1] = log(w[j] / w[j - 1]);
        Y = bad ? PREVIOUS : of_stdp(r, n - 1, NIL);
        free(r);
    }
}

static double of_covar(const double *w, const double *v, int n, double p)
{
    (void)p;
    return n == 1 ? 0 : (double)(products(w, v, n) / (n - 1));
}
static double of_relate(const double *w, const double *v, int n, double previous)
{
    if (spread(w, n) < TINY || spread(v, n) < TINY) return previous;
    return (double)(products(w, v, n) / sqrtl(squares(w, n) * squares(v, n)));
}
static double of_beta(const double *w, const double *v, int n, double previous)
{
    if (spread(v, n) < TINY) return nil(previous) ? 0 : previous;
    return (double)(products(w, v, n) / squares(v, n));
}
static void covar(const naive_call *c) { full2(c, of_covar); }
static void relate(const naive_call *c) { full2(c, of_relate); }
static void betaex(const naive_call *c) { full2(c, of_beta); }

static double mean_back(const double *x, int n, int f, int i)
{
    if (i - f + 1 < n) return NIL;
    real s = 0;
    for (int j = i - n + 1; j <= i; j++)
        if (!nil(x[j])) s += x[j];
    return (double)(s / n);
}
/* MA of MA, N read last */
static void trma(const naive_call *c)
{
    const int n = length(c, 1, 0, false, false);
    const int inner = n % 2 ? (n + 1) / 2 : n / 2, outer = n % 2 ? (n + 1) / 2 : n / 2 + 1;
    const int f = first_valid(X, c->n);
    double *once = calloc((size_t)c->n + 1, sizeof *once);
    EACH once[i] = n <= 0 ? NIL : mean_back(X, inner, f, i);
    EACH Y = n <= 0 ? NIL : mean_back(once, outer, f + inner - 1, i);
    free(once);
}

const naive_row naive_statistics[] = {
    {"STD", std, NAIVE_ROUNDS},         {"STDP", stdp, NAIVE_ROUNDS},     {"VAR", var, NAIVE_ROUNDS},     {"VARP", varp, NAIVE_ROUNDS},
    {"DEVSQ", devsq, NAIVE_ROUNDS},     {"AVEDEV", avedev, NAIVE_ROUNDS}, {"SLOPE", slope, NAIVE_ROUNDS}, {"FORCAST", forcast, NAIVE_ROUNDS},
    {"TSMA", tsma, NAIVE_ROUNDS},       {"WMA", wma, NAIVE_ROUNDS},       {"HARMEAN", harmean, NAIVE_ROUNDS},
    {"STDDEV", stddev, NAIVE_ROUNDS},   {"COVAR", covar, NAIVE_ROUNDS},   {"RELATE", relate, NAIVE_ROUNDS},
    {"BETAEX", betaex, NAIVE_ROUNDS},   {"TRMA", trma, NAIVE_ROUNDS},     {NULL, NULL, 0}};
