/* Kernels of shape.def.  Arguments read from the last bar arrive as constant columns. */
#ifndef GP_BUILTINS_SHAPE_H
#define GP_BUILTINS_SHAPE_H
#include "builtins/kit.h"

GP_HD void gp_fill_all(double *y, int n, double value)
{
    for (int i = 0; i < n; i++) y[i] = value;
}

/* functions.md 9.1.  A bar without high or low repeats the stop. */
GP_HD void gp_sar_of(const gp_whole *w, const double *high, const double *low, double n_arg, double step, double most, double *y)
{
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
GP_HD void gp_sar(const gp_whole *w, double *y)
{
    const int last = w->n - 1;
    gp_sar_of(w, w->x[0], w->x[1], w->x[3][last], w->x[4][last] / 100.0, w->x[5][last] / 100.0, y);
}
GP_HD void k_SAR(const gp_whole *w, double *y)
{
    gp_sar(w, y);
}

GP_HD void k_NEWSAR(const gp_whole *w, double *y)
{
    const int last = w->n - 1;
    gp_sar_of(w, w->x[0], w->x[0], w->x[1][last], w->x[2][last] / 1000.0, INFINITY, y);
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
/* The move from a to b reaches n percent, or n itself (absolute), upward (sign 1) or downward (-1).  No percentage reaches from a
 * price of about 0. */
GP_HD int gp_zig_reaches(double a, double b, double n, double sign, int absolute)
{
    if (absolute) return gp_ge(sign * (b - a), n);
    return fabs(a) >= GP_TINY && gp_ge(sign * (b - a) / a * 100.0, n);
}

/* Pivots of the zigzag as bar numbers in pivot[0..return); 0 pivots when there is no value.  functions.md 9.2. */
GP_HD int gp_zig_pivots(const double *v, int n, double move, int absolute, double *pivot)
{
    int first = 0, last = n - 1, count = 0;
    while (first < n && gp_null(v[first])) first++;
    while (last > first && gp_null(v[last])) last--;
    if (first == n) return 0;
    pivot[count++] = first;
    int cand = first + 1, peak = 0;
    for (; cand <= last; cand++) {
        if (gp_zig_reaches(v[first], v[cand], move, 1.0, absolute)) {
            peak = 1;
            break;
        }
        if (gp_zig_reaches(v[first], v[cand], move, -1.0, absolute)) break;
    }
    if (cand <= last) {
        for (int i = cand + 1; i < last; i++) {
            int high = gp_ge(v[i], v[i - 1]) && gp_ge(v[i], v[i + 1]);
            int low = !high && gp_le(v[i], v[i - 1]) && gp_le(v[i], v[i + 1]);
            if (!high && !low) continue;
            if (high == peak) {
                if (high ? gp_gt(v[i], v[cand]) : gp_lt(v[i], v[cand])) cand = i;
            } else if (gp_zig_reaches(v[cand], v[i], move, high ? 1.0 : -1.0, absolute)) {
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

GP_HD void gp_zig(const gp_whole *w, double *y, int absolute)
{
    const double *v = gp_zig_series(w);
    double move = w->x[5][w->n - 1], *pivot = w->tmp;
    gp_fill_all(y, w->n, gp_null(move) || move > 0 ? GP_NULL : 0.0);
    if (!(move > 0)) return;
    int count = gp_zig_pivots(v, w->n, move, absolute, pivot);
    if (count == 1) y[(int)pivot[0]] = v[(int)pivot[0]];
    for (int k = 1; k < count; k++)
        gp_line(y, (int)pivot[k - 1], (int)pivot[k], v[(int)pivot[k - 1]], v[(int)pivot[k]]);
}

GP_HD void k_ZIG(const gp_whole *w, double *y) { gp_zig(w, y, 0); }
GP_HD void k_ZIGA(const gp_whole *w, double *y) { gp_zig(w, y, 1); }

/* sign 1 peaks, -1 troughs; value: the price of the turn, else the bars since it. */
GP_HD void gp_zig_turns(const gp_whole *w, double *y, double sign, int value)
{
    const double *v = gp_zig_series(w);
    double percent = w->x[5][w->n - 1], nth = w->x[6][w->n - 1];
    double *pivot = w->tmp, *turn = w->tmp + w->n + 1;
    int skip = gp_int_of(nth) < 1 ? 1 : gp_int_of(nth), turns = 0, seen = 0;
    gp_fill_all(y, w->n, gp_null(percent) || gp_null(nth) ? GP_NULL : 0.0);
    if (!(percent > 0) || gp_null(nth)) return;
    int count = gp_zig_pivots(v, w->n, percent, 0, pivot);
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

/* Merges neighbours of which one contains the other.  x: O H L C, T, N; everywhere: the value on all bars of a merged one. */
GP_HD void gp_included(const gp_whole *w, double *y, int everywhere)
{
    const int last = w->n - 1, what = gp_int_of(w->x[4][last]), most = gp_int_pos(w->x[5][last]);
    int from = -1, end = -1, count = 0, way = 0; /* the merged bar: first and last bar, bars, direction it came in */
    double high = 0, low = 0;
    gp_fill_all(y, w->n, GP_NULL);
    if (gp_null(w->x[4][last]) || gp_null(w->x[5][last]) || what < 0 || what > 3) return;
    for (int i = 0; i <= w->n; i++) {
        double h = i < w->n ? w->x[1][i] : 0, l = i < w->n ? w->x[2][i] : 0;
        if (gp_null(h) || gp_null(l)) continue;
        int inside = i < w->n && from >= 0 && ((h <= high && l >= low) || (h >= high && l <= low));
        if (inside && (most == 0 || count < most)) {
            high = way >= 0 ? (h > high ? h : high) : h < high ? h : high;
            low = way >= 0 ? (l > low ? l : low) : l < low ? l : low;
            end = i;
            count++;
            continue;
        }
        if (from >= 0) {
            double value = what == 0 ? w->x[0][from] : what == 1 ? high : what == 2 ? low : w->x[3][end];
            for (int k = everywhere ? from : end; k <= end; k++) y[k] = value;
            way = h != high ? (h > high ? 1 : -1) : l >= low ? 1 : -1;
        }
        from = end = i;
        count = 1;
        high = h;
        low = l;
    }
}
GP_HD void k_INCLUDED(const gp_whole *w, double *y) { gp_included(w, y, 0); }
GP_HD void k_INCLUDEDV(const gp_whole *w, double *y) { gp_included(w, y, 1); }

/* The mean of X and its N slowest waves over the bars from its first to its last value; N bars of work for each bar. */
GP_HD void k_FFTRANS(const gp_whole *w, double *y)
{
    double *x = w->tmp, n_arg = w->x[1][w->n - 1], mean = 0;
    int first = 0, last = w->n - 1, waves = gp_int_pos(n_arg);
    gp_fill_all(y, w->n, GP_NULL);
    while (first <= last && gp_null(w->x[0][first])) first++;
    while (last > first && gp_null(w->x[0][last])) last--;
    if (gp_null(n_arg) || n_arg < 0 || first > last) return;
    const int n = last - first + 1;
    for (int i = 0; i < n; i++) x[i] = gp_null(w->x[0][first + i]) ? x[i - 1] : w->x[0][first + i];
    for (int i = 0; i < n; i++) mean += x[i] / n;
    for (int i = 0; i < n; i++) y[first + i] = mean;
    waves = waves > 100 ? 100 : waves;
    if (waves > n / 2) waves = n / 2;
    for (int k = 1; k <= waves; k++) {
        const double turn = 6.283185307179586477 * k / n, dc = cos(turn), ds = sin(turn);
        double a = 0, b = 0, c = 1, s = 0;
        for (int i = 0; i < n; i++) {
            a += (x[i] - mean) * c;
            b += (x[i] - mean) * s;
            const double next = c * dc - s * ds;
            s = s * dc + c * ds;
            c = next;
        }
        const double share = 2 * k == n ? 1.0 / n : 2.0 / n; /* the fastest wave of an even number of bars stands once */
        c = 1, s = 0;
        for (int i = 0; i < n; i++) {
            y[first + i] += share * (a * c + b * s);
            const double next = c * dc - s * ds;
            s = s * dc + c * ds;
            c = next;
        }
    }
    for (int i = first; i <= last; i++) y[i] = gp_finite(y[i]);
}
#endif
