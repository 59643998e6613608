/* Kernels of shape.def.  Arguments read from the last bar arrive as constant columns. */
#ifndef GP_BUILTINS_SHAPE_H
#define GP_BUILTINS_SHAPE_H
#include "builtins/kit.h"

GP_HD void gp_fill_all(double *y, int n, double value)
{
    for (int i = 0; i < n; i++) y[i] = value;
}

/* functions.md 9.1.  high, low: the chart's.  A bar without high or low repeats the stop. */
GP_HD void gp_sar(const gp_whole *w, double *y)
{
    const double *high = w->x[0], *low = w->x[1];
    double n_arg = w->x[3][w->n - 1], step = w->x[4][w->n - 1] / 100.0, most = w->x[5][w->n - 1] / 100.0;
    int n = gp_len_last(n_arg);
    gp_fill_all(y, w->n, GP_NULL);
    if (n == 0 || n >= w->n || gp_null(step) || gp_null(most)) return;
    double stop = low[0], ep = high[0], af = step;
    for (int i = 1; i < n; i++) stop = low[i] < stop || gp_null(stop) ? low[i] : stop;
    int up = 1, before = n - 1; /* the latest bar with both prices */
    y[n - 1] = stop;
    for (int i = n; i < w->n; i++) {
        if (gp_null(high[i]) || gp_null(low[i])) {
            y[i] = y[i - 1];
            continue;
        }
        double p = stop, e = ep;
        double lower = low[i] < low[before] ? low[i] : low[before],
               upper = high[i] > high[before] ? high[i] : high[before];
        int turn = up ? low[i] < p : high[i] > p;
        if (turn) {
            up = !up;
            ep = up ? high[i] : low[i];
            af = step;
            stop = (up ? p : e) + af * (ep - e); /* p on the way up only: both public recurrences have it so */
        } else {
            if (up ? high[i] > ep : low[i] < ep) {
                ep = up ? high[i] : low[i];
                af = af + step < most ? af + step : most;
            }
            stop = p + af * (ep - p);
        }
        if (up) stop = lower < stop ? lower : stop;
        if (!up) stop = upper > stop ? upper : stop;
        y[i] = gp_finite(stop);
        before = i;
    }
}
GP_HD void k_SAR(const gp_whole *w, double *y)
{
    gp_sar(w, y);
}

/* CROSS(C,SAR)-CROSS(SAR,C), with CROSS's memory of the side. */
GP_HD void k_SARTURN(const gp_whole *w, double *y)
{
    const double *close = w->x[2];
    double *sar = w->tmp;
    int below = 0, above = 0, valid = 0;
    gp_sar(w, sar);
    for (int i = 0; i < w->n; i++) {
        double c = close[i], s = sar[i];
        int up = below && gp_gt(c, s), down = above && gp_gt(s, c);
        if (!gp_null(c) && !gp_null(s)) valid = 1;
        below = gp_lt(c, s) ? 1 : gp_gt(c, s) ? 0 : below;
        above = gp_lt(s, c) ? 1 : gp_gt(s, c) ? 0 : above;
        y[i] = valid ? gp_bool(up) - gp_bool(down) : GP_NULL;
    }
}

/* 0-3 choose a price when the argument stays the same over its last 11 bars; everything else is the series itself. */
GP_HD const double *gp_zig_series(const gp_whole *w)
{
    const double *k = w->x[4];
    double last = k[w->n - 1];
    for (int i = w->n > 11 ? w->n - 11 : 0; i < w->n; i++)
        if (!gp_eq(k[i], last)) return k;
    for (int j = 0; j < 4; j++)
        if (gp_eq(last, j)) return w->x[j];
    return k;
}
/* The move from a to b reaches n percent upward (sign 1) or downward (-1).  Nothing reaches from a price of about 0. */
GP_HD int gp_zig_reaches(double a, double b, double n, double sign)
{
    return fabs(a) >= GP_TINY && gp_ge(sign * (b - a) / a * 100.0, n);
}

/* Pivots of the zigzag as bar numbers in pivot[0..return); 0 pivots when there is no value.  functions.md 9.2. */
GP_HD int gp_zig_pivots(const double *v, int n, double percent, double *pivot)
{
    int first = 0, last = n - 1, count = 0;
    while (first < n && gp_null(v[first])) first++;
    while (last > first && gp_null(v[last])) last--;
    if (first == n) return 0;
    pivot[count++] = first;
    int cand = first + 1, peak = 0;
    for (; cand <= last; cand++) {
        if (gp_zig_reaches(v[first], v[cand], percent, 1.0)) {
            peak = 1;
            break;
        }
        if (gp_zig_reaches(v[first], v[cand], percent, -1.0)) break;
    }
    if (cand <= last) {
        for (int i = cand + 1; i < last; i++) {
            int high = gp_ge(v[i], v[i - 1]) && gp_ge(v[i], v[i + 1]);
            int low = !high && gp_le(v[i], v[i - 1]) && gp_le(v[i], v[i + 1]);
            if (!high && !low) continue;
            if (high == peak) {
                if (high ? gp_gt(v[i], v[cand]) : gp_lt(v[i], v[cand])) cand = i;
            } else if (gp_zig_reaches(v[cand], v[i], percent, high ? 1.0 : -1.0)) {
                pivot[count++] = cand;
                cand = i;
                peak = high;
            }
        }
        if (cand >= last - 1 && (peak ? gp_gt(v[last], v[cand]) : gp_lt(v[last], v[cand]))) cand = last;
        pivot[count++] = cand;
    }
    if (pivot[count - 1] != last) pivot[count++] = last;
    return count;
}

/* Straight line from (a, va) to (b, vb), both ends included. */
GP_HD void gp_line(double *y, int a, int b, double va, double vb)
{
    for (int i = a; i < b; i++) y[i] = gp_finite(va + (vb - va) * (i - a) / (b - a));
    y[b] = vb;
}

GP_HD void k_ZIG(const gp_whole *w, double *y)
{
    const double *v = gp_zig_series(w);
    double percent = w->x[5][w->n - 1], *pivot = w->tmp;
    gp_fill_all(y, w->n, gp_null(percent) || percent > 0 ? GP_NULL : 0.0);
    if (!(percent > 0)) return;
    int count = gp_zig_pivots(v, w->n, percent, pivot);
    if (count == 1) y[(int)pivot[0]] = v[(int)pivot[0]];
    for (int k = 1; k < count; k++)
        gp_line(y, (int)pivot[k - 1], (int)pivot[k], v[(int)pivot[k - 1]], v[(int)pivot[k]]);
}

/* sign 1 peaks, -1 troughs; value: the price of the turn, else the bars since it. */
GP_HD void gp_zig_turns(const gp_whole *w, double *y, double sign, int value)
{
    const double *v = gp_zig_series(w);
    double percent = w->x[5][w->n - 1], nth = w->x[6][w->n - 1];
    double *pivot = w->tmp, *turn = w->tmp + w->n + 1;
    int skip = gp_int_of(nth) < 1 ? 1 : gp_int_of(nth), turns = 0, seen = 0;
    gp_fill_all(y, w->n, gp_null(percent) || gp_null(nth) ? GP_NULL : 0.0);
    if (!(percent > 0) || gp_null(nth)) return;
    int count = gp_zig_pivots(v, w->n, percent, pivot);
    for (int k = 1; k + 1 < count; k++) {
        double at = sign * v[(int)pivot[k]];
        if (at > sign * v[(int)pivot[k - 1]] && at > sign * v[(int)pivot[k + 1]]) turn[turns++] = pivot[k];
    }
    for (int i = 0; i < w->n; i++) {
        while (seen < turns && turn[seen] <= i) seen++;
        if (seen < skip) continue;
        int at = (int)turn[seen - skip];
        y[i] = value ? v[at] : i - at;
    }
}
GP_HD void k_PEAK(const gp_whole *w, double *y)
{
    gp_zig_turns(w, y, 1.0, 1);
}
GP_HD void k_PEAKBARS(const gp_whole *w, double *y)
{
    gp_zig_turns(w, y, 1.0, 0);
}
GP_HD void k_TROUGH(const gp_whole *w, double *y)
{
    gp_zig_turns(w, y, -1.0, 1);
}
GP_HD void k_TROUGHBARS(const gp_whole *w, double *y)
{
    gp_zig_turns(w, y, -1.0, 0);
}
#endif
