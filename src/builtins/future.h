/* Kernels of future.def.  w->x[arg] are full columns, constants spread out. */
#ifndef GP_BUILTINS_FUTURE_H
#define GP_BUILTINS_FUTURE_H
#include "builtins/kit.h"

/* The bar A ahead of i, or -1 when A is null, negative or reaches past the end. */
GP_HD int gp_ahead_of(const gp_whole *w, int i)
{
    double a = trunc(w->x[1][i]);
    return a >= 0 && a < w->n - i ? i + (int)a : -1;
}
GP_HD void k_REFX(const gp_whole *w, double *y)
{
    for (int i = 0; i < w->n; i++) {
        int at = gp_ahead_of(w, i);
        y[i] = at < 0 ? GP_NULL : w->x[0][at];
    }
}
GP_HD void k_REFXV(const gp_whole *w, double *y)
{
    double before = GP_NULL;
    for (int i = 0; i < w->n; i++) {
        int at = gp_ahead_of(w, i);
        before = at < 0 ? before : w->x[0][at];
        y[i] = before;
    }
}
GP_HD void k_BARSNEXT(const gp_whole *w, double *y)
{
    double left = GP_NULL;
    for (int i = w->n - 1; i >= 0; i--) {
        left = gp_true(w->x[0][i]) ? 0.0 : left + 1.0;
        y[i] = left;
    }
}
GP_HD void k_BACKSET(const gp_whole *w, double *y)
{
    int reach = w->n; /* the earliest bar that a true bar at or after i sets */
    for (int i = w->n - 1; i >= 0; i--) {
        double n = trunc(w->x[1][i]);
        if (gp_true(w->x[0][i]) && n >= 1.0) {
            int from = n > i ? 0 : i - (int)n + 1;
            if (from < reach) reach = from;
        }
        y[i] = gp_bool(i >= reach);
    }
}
GP_HD void k_FILTERX(const gp_whole *w, double *y)
{
    for (int i = w->n - 1; i >= 0; i--) {
        double n = trunc(w->x[1][i]);
        y[i] = gp_bool(gp_true(w->x[0][i]));
        if (y[i] == 0 || !(n >= 1.0) || n > i) continue;
        for (int left = (int)n; left > 0; left--) y[--i] = 0;
    }
}

/* Running sums kept as high and low parts, so that the difference of two of them is as good as adding the window. */
GP_HD void k_XMA(const gp_whole *w, double *y)
{
    const double *x = w->x[0];
    double *hi = w->tmp, *lo = hi + w->n + 1, *valid = lo + w->n + 1;
    int f = 0;
    while (f < w->n && gp_null(x[f])) f++;
    hi[0] = lo[0] = valid[0] = 0;
    for (int i = 0; i < w->n; i++) {
        double v = gp_null(x[i]) ? 0.0 : x[i], sum = hi[i] + v, part = sum - hi[i];
        lo[i + 1] = lo[i] + ((hi[i] - (sum - part)) + (v - part));
        hi[i + 1] = sum;
        valid[i + 1] = valid[i] + gp_bool(!gp_null(x[i]));
    }
    for (int i = 0; i < w->n; i++) {
        int n = gp_len_full(w->x[1][i], 0), back = n / 2, on = n % 2 ? n / 2 : n / 2 - 1;
        y[i] = GP_NULL;
        if (i < f || n < 1) continue;
        int a = i - f < back ? f : i - back, b = w->n - 1 - i < on ? w->n - 1 : i + on;
        double count = valid[b + 1] - valid[a];
        if (count > 0) y[i] = gp_finite(((hi[b + 1] - hi[a]) + (lo[b + 1] - lo[a])) / count);
    }
}

GP_HD void k_CONST(const gp_whole *w, double *y)
{
    for (int i = 0; i < w->n; i++) y[i] = w->x[0][w->n - 1];
}
GP_HD void k_CONSTA(const gp_whole *w, double *y)
{
    double n = w->x[1][w->n - 1];
    int at = w->n - 1 - gp_int_pos(n);
    double value = gp_null(n) ? GP_NULL : w->x[0][at < 0 ? 0 : at];
    for (int i = 0; i < w->n; i++) y[i] = value;
}
GP_HD void k_REFDATE(const gp_whole *w, double *y)
{
    const double *date = w->x[0];
    double d = w->x[2][w->n - 1], value = GP_NULL;
    for (int i = 0; i < w->n; i++)
        if (date[i] <= d) value = w->x[1][i];
    for (int i = 0; i < w->n; i++) y[i] = value;
}
GP_HD void k_DATETOCUR(const gp_whole *w, double *y)
{
    const double *date = w->x[0];
    double d = w->x[1][w->n - 1];
    int count = 0, next = 0; /* bars before `next` are not after date[i] */
    for (int i = 0; i < w->n; i++) {
        while (next < w->n && date[next] <= date[i]) count += date[next++] > d;
        y[i] = gp_null(d) ? GP_NULL : count;
    }
}
GP_HD void k_ALIGNRIGHT(const gp_whole *w, double *y)
{
    int to = w->n;
    for (int i = w->n - 1; i >= 0; i--)
        if (!gp_null(w->x[0][i])) y[--to] = w->x[0][i];
    while (to > 0) y[--to] = GP_NULL;
}
#endif
