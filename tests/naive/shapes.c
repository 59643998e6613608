/* functions.md 9: SAR, zigzags. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define Y c->y[i]

static double lower(double a, double b) { return a < b ? a : b; }
static double higher(double a, double b) { return a > b ? a : b; }

/* functions.md 9.1 */
static void sar_of(const naive_call *c, const double *h, const double *l, double nn, double s, double m, double *y)
{
    all_nil(y, c->n);
    EACH if (nil(h[i]) || nil(l[i])) *c->wild = true;
    if (nil(nn) || nil(s) || nil(m) || *c->wild) return;
    const int n = whole(nn);
    if (n < 1 || n >= c->n) return;
    double p = l[0], ep = h[0], af = s / 100;
    bool up = true;
    for (int i = 0; i < n; i++) p = lower(p, l[i]);
    y[n - 1] = p;
    for (int i = n; i < c->n; i++) {
        const double e = ep;
        p = y[i - 1];
        if (up && l[i] < p) {
            up = false;
            ep = l[i];
            af = s / 100;
            y[i] = higher(higher(h[i - 1], h[i]), e + af * (ep - e));
        } else if (up) {
            if (h[i] > ep) ep = h[i], af = lower(af + s / 100, m / 100);
            y[i] = lower(lower(l[i - 1], l[i]), p + af * (ep - p));
        } else if (h[i] > p) {
            up = true;
            ep = h[i];
            af = s / 100;
            y[i] = lower(lower(l[i - 1], l[i]), p + af * (ep - e));
        } else {
            if (l[i] < ep) ep = l[i], af = lower(af + s / 100, m / 100);
            y[i] = higher(higher(h[i - 1], h[i]), p + af * (ep - p));
        }
    }
}
static void of_quotes(const naive_call *c, double *y)
{
    sar_of(c, c->d->high, c->d->low, last_of(c->x[0], c->n), last_of(c->x[1], c->n), last_of(c->x[2], c->n), y);
}
static void sar(const naive_call *c) { of_quotes(c, c->y); }
/* decisions.md: SAR on closes, the step in thousandths, no maximum */
static void newsar(const naive_call *c)
{
    sar_of(c, c->d->close, c->d->close, last_of(c->x[0], c->n), last_of(c->x[1], c->n) / 10, INFINITY, c->y);
}

/* CROSS(C,SAR) - CROSS(SAR,C) */
static void sarturn(const naive_call *c)
{
    double *s = calloc((size_t)c->n + 1, sizeof *s);
    const double *x = c->d->close;
    int side = 0;
    bool started = false;
    of_quotes(c, s);
    EACH {
        Y = started ? 0 : NIL;
        if (nil(s[i]) || nil(x[i])) continue;
        const int now = less(c->o, x[i], s[i]) ? -1 : more(c->o, x[i], s[i]) ? 1 : 0;
        /* the tolerance of the other crossing stands with the SAR on the left */
        const int mirror = less(c->o, s[i], x[i]) ? 1 : more(c->o, s[i], x[i]) ? -1 : 0;
        if (now != mirror) *c->wild = true;
        Y = side == -1 && now == 1 ? 1 : side == 1 && now == -1 ? -1 : 0;
        if (now) side = now;
        started = true;
    }
    free(s);
}

/* functions.md 9.2: which series */
static const double *chosen(const naive_call *c)
{
    const double *k = c->x[0];
    const int from = c->n > 11 ? c->n - 11 : 0;
    const double v = last_of(k, c->n);
    bool nearly = true;
    for (int i = from; i < c->n; i++) nearly = nearly && fabs(k[i] - v) < TINY;
    for (int i = from; i < c->n; i++)
        if (!(k[i] == v)) {
            if (nearly) *c->wild = true; /* how constant is not said */
            return k;
        }
    if (v == 0) return c->d->open;
    if (v == 1) return c->d->high;
    if (v == 2) return c->d->low;
    if (v == 3) return c->d->close;
    return k;
}

typedef struct turns {
    int f, n_pivots, *pivot;
    const double *v;
} turns;

typedef struct zigzag {
    const naive_call *c;
    const double *v;
    double limit;
    bool absolute;
} zigzag;

/* does the move from the pivot at a to b, in this direction, reach the limit? */
static bool reaches(const zigzag *z, int a, int b, bool up)
{
    const double move = up ? z->v[b] - z->v[a] : z->v[a] - z->v[b];
    if (z->absolute) return at_least(z->c->o, move, z->limit);
    return fabs(z->v[a]) >= TINY && at_least(z->c->o, move / z->v[a] * 100, z->limit);
}

static void find_turns(const naive_call *c, bool absolute, turns *t)
{
    const double *v = chosen(c);
    const int last = c->n - 1;
    const naive_options *o = c->o;
    const zigzag z = {c, v, last_of(c->x[1], c->n), absolute};
    *t = (turns){.f = first_valid(v, c->n), .v = v, .pivot = calloc((size_t)c->n + 2, sizeof(int))};
    if (t->f >= c->n) return;
    for (int i = t->f; i < c->n; i++)
        if (nil(v[i]) || (!absolute && v[i] <= 0)) *c->wild = true; /* holes and negative prices: not defined */
    t->pivot[t->n_pivots++] = t->f;
    int at = -1;
    bool peak = false;
    for (int i = t->f + 1; i <= last && at < 0; i++)
        if (reaches(&z, t->f, i, true) || reaches(&z, t->f, i, false)) at = i, peak = reaches(&z, t->f, i, true);
    for (int i = at + 1; at >= 0 && i < last; i++) {
        const bool high = at_least(o, v[i], v[i - 1]) && at_least(o, v[i], v[i + 1]);
        const bool low = !high && at_most(o, v[i], v[i - 1]) && at_most(o, v[i], v[i + 1]);
        if (high && peak && more(o, v[i], v[at])) at = i;
        else if (low && !peak && less(o, v[i], v[at])) at = i;
        else if ((high && !peak && reaches(&z, at, i, true)) || (low && peak && reaches(&z, at, i, false))) {
            t->pivot[t->n_pivots++] = at;
            at = i;
            peak = high;
        }
    }
    if (at >= last - 1 && at >= 0 && (peak ? more(o, v[last], v[at]) : less(o, v[last], v[at]))) at = last;
    if (at >= 0) t->pivot[t->n_pivots++] = at;
    if (t->pivot[t->n_pivots - 1] != last) t->pivot[t->n_pivots++] = last;
}

static void lines(const naive_call *c, bool absolute)
{
    const double n = last_of(c->x[1], c->n);
    EACH Y = nil(n) ? NIL : 0;
    if (nil(n) || n <= 0) return;
    turns t;
    find_turns(c, absolute, &t);
    all_nil(c->y, c->n);
    if (t.n_pivots == 1) c->y[t.f] = t.v[t.f];
    for (int k = 0; k + 1 < t.n_pivots; k++) {
        const int a = t.pivot[k], b = t.pivot[k + 1];
        for (int i = a; i <= b; i++) Y = i == b ? t.v[b] : t.v[a] + (t.v[b] - t.v[a]) * (i - a) / (b - a);
    }
    free(t.pivot);
}
static void zig(const naive_call *c) { lines(c, false); }
static void ziga(const naive_call *c) { lines(c, true); }

/* functions.md 9.3: the M-th most recent turn at or before i */
static void turning(const naive_call *c, bool peak, bool bars)
{
    const double n = last_of(c->x[1], c->n), mm = last_of(c->x[2], c->n);
    EACH Y = nil(n) || nil(mm) ? NIL : 0;
    if (nil(n) || nil(mm) || n <= 0) return;
    const int m = whole(mm) < 1 ? 1 : whole(mm);
    turns t;
    find_turns(c, false, &t);
    EACH {
        int seen = 0;
        for (int k = t.n_pivots - 2; k > 0 && seen < m; k--) {
            const double a = t.v[t.pivot[k - 1]], v = t.v[t.pivot[k]], b = t.v[t.pivot[k + 1]];
            if (t.pivot[k] > i || t.pivot[k] == c->n - 1 || !(peak ? v > a && v > b : v < a && v < b)) continue;
            if (++seen == m) Y = bars ? i - t.pivot[k] : v;
        }
    }
    free(t.pivot);
}
static void peak(const naive_call *c) { turning(c, true, false); }
static void trough(const naive_call *c) { turning(c, false, false); }
static void peakbars(const naive_call *c) { turning(c, true, true); }
static void troughbars(const naive_call *c) { turning(c, false, true); }

/* decisions.md: the mean and the N slowest waves of the transform over the bars from the first to the last valid one; a null between
 * repeats the value before */
static void fftrans(const naive_call *c)
{
    const double nn = last_of(c->x[1], c->n);
    const int f = first_valid(c->x[0], c->n);
    int len = c->n - f;
    all_nil(c->y, c->n);
    while (len > 0 && nil(c->x[0][f + len - 1])) len--;
    if (nil(nn) || nn < 0 || len <= 0) return;
    int waves = whole(nn) > 100 ? 100 : whole(nn);
    if (waves > len / 2) waves = len / 2;
    long double *x = calloc((size_t)len, sizeof *x), mean = 0;
    for (int i = 0; i < len; i++) {
        x[i] = nil(c->x[0][f + i]) ? x[i - 1] : c->x[0][f + i];
        mean += x[i] / len;
    }
    long double *v = calloc((size_t)len, sizeof *v);
    for (int i = 0; i < len; i++) v[i] = mean;
    for (int k = 1; k <= waves; k++) {
        const long double turn = 2 * acosl(-1) * k / len;
        long double re = 0, im = 0;
        for (int j = 0; j < len; j++) re += x[j] * cosl(turn * j), im += x[j] * sinl(turn * j);
        for (int i = 0; i < len; i++) v[i] += (re * cosl(turn * i) + im * sinl(turn * i)) * (2 * k == len ? 1 : 2) / len;
    }
    for (int i = 0; i < len; i++) c->y[f + i] = (double)v[i];
    free(v);
    free(x);
}

/* decisions.md: bars of which one holds the other are one bar, upward the higher high and low, downward the lower ones */
static void merged(const naive_call *c, bool everywhere)
{
    const double tt = last_of(c->x[0], c->n), nn = last_of(c->x[1], c->n);
    const naive_data *d = c->d;
    all_nil(c->y, c->n);
    if (nil(tt) || nil(nn)) return;
    const int t = whole(tt), most = whole(nn);
    EACH if (nil(d->open[i]) || nil(d->high[i]) || nil(d->low[i]) || nil(d->close[i])) *c->wild = true;
    if (t < 0 || t > 3) *c->wild = true; /* not said */
    bool up = true;
    double before_high = NIL, before_low = NIL;
    for (int from = 0, to; from < c->n && !*c->wild; from = to) {
        double h = d->high[from], l = d->low[from];
        if (!nil(before_high)) {
            up = h > before_high;
            if (up != (l > before_low) || h == before_high || l == before_low) *c->wild = true; /* only where N ended the merging */
        }
        for (to = from + 1; to < c->n && (most <= 0 || to - from < most); to++) {
            const bool holds = h >= d->high[to] && l <= d->low[to], held = h <= d->high[to] && l >= d->low[to];
            if (!holds && !held) break;
            h = up ? higher(h, d->high[to]) : lower(h, d->high[to]);
            l = up ? higher(l, d->low[to]) : lower(l, d->low[to]);
        }
        const double v = t == 0 ? d->open[from] : t == 1 ? h : t == 2 ? l : d->close[to - 1];
        for (int i = everywhere ? from : to - 1; i < to; i++) Y = v;
        before_high = h;
        before_low = l;
    }
}
static void included(const naive_call *c) { merged(c, false); }
static void includedv(const naive_call *c) { merged(c, true); }

/* functions.md 13: straight lines from each bar on which the condition holds to the next such bar */
static void ployline(const naive_call *c)
{
    const double *p = c->x[1];
    all_nil(c->y, c->n);
    for (int a = 0; a < c->n; a++) {
        if (!truth(c->x[0][a])) continue;
        if (nil(p[a])) *c->wild = true; /* not said */
        int b = a + 1;
        while (b < c->n && !truth(c->x[0][b])) b++;
        c->y[a] = p[a];
        for (int i = a + 1; b < c->n && i < b; i++) Y = p[a] + (p[b] - p[a]) * (i - a) / (b - a);
    }
}

const naive_row naive_shapes[] = {
    {"SAR", sar, NAIVE_LAST_BIT},       {"SARTURN", sarturn, NAIVE_COUNTS}, {"ZIG", zig, NAIVE_LAST_BIT},
    {"ZIGA", ziga, NAIVE_LAST_BIT},     {"PEAK", peak, NAIVE_EXACT},        {"TROUGH", trough, NAIVE_EXACT},
    {"PEAKBARS", peakbars, NAIVE_COUNTS}, {"TROUGHBARS", troughbars, NAIVE_COUNTS}, 
    {"PLOYLINE", ployline, NAIVE_LAST_BIT}, {"NEWSAR", newsar, NAIVE_LAST_BIT}, {"FFTRANS", fftrans, NAIVE_ROUNDS}, {"INCLUDED", included, NAIVE_EXACT},
    {"INCLUDEDV", includedv, NAIVE_EXACT}, {NULL, NULL, 0}};
