/* Kernels of stat.def.  Values of a MOMENTS kernel arrive shifted by a value of the window, so that squares do not
 * cancel; a window of equal values gives exactly 0. */
#ifndef GP_BUILTINS_STAT_H
#define GP_BUILTINS_STAT_H
#include "builtins/kit.h"

/* Sum of squared deviations from the mean.  Rounding must not make it negative; null must stay null. */
GP_HD double gp_square_dev(const double *m, double n)
{
    double v = m[1] - m[0] * m[0] * (1.0 / n); /* the reciprocal is the same on every bar: one division a block */
    return 0.0 > v ? 0.0 : v; /* in this order one instruction, and null stays null */
}
GP_HD double gp_var(const double *m, double n) { return gp_square_dev(m, n) * (1.0 / (n > 1.0 ? n - 1.0 : 1.0)); }
GP_HD void gp_add_squares(double *m, double x)
{
    m[0] += x;
    m[1] += x * x;
}
/* Sum and position-weighted sum. */
GP_HD void gp_add_line(double *m, double x, double q)
{
    m[0] += x;
    m[1] += q * x;
}
GP_HD double gp_slope(const double *m, double n, double e)
{
    double middle = e - (n - 1.0) * 0.5;
    return (m[1] - middle * m[0]) / (n * (n * n - 1.0) / 12.0);
}
/* A line needs two bars. */
GP_HD int gp_len_line(double n, int constant)
{
    int len = gp_len_round(n, constant);
    return len < 2 ? GP_N_NULL : len;
}

GP_HD void k_STD_add(double *m, double x, double q) { (void)q; gp_add_squares(m, x); }
GP_HD double k_STD_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return gp_finite(sqrt(gp_var(m, n)));
}
GP_HD int k_STD_len(double n, int constant) { return gp_len_round(n, constant); }
GP_HD void k_STDP_add(double *m, double x, double q) { (void)q; gp_add_squares(m, x); }
GP_HD double k_STDP_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return gp_finite(sqrt(gp_square_dev(m, n) / n));
}
GP_HD int k_STDP_len(double n, int constant) { return gp_len_round(n, constant); }
GP_HD void k_VAR_add(double *m, double x, double q) { (void)q; gp_add_squares(m, x); }
GP_HD double k_VAR_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return gp_finite(gp_var(m, n));
}
GP_HD int k_VAR_len(double n, int constant) { return gp_len_round(n, constant); }
GP_HD void k_VARP_add(double *m, double x, double q) { (void)q; gp_add_squares(m, x); }
GP_HD double k_VARP_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return gp_finite(gp_square_dev(m, n) / n);
}
GP_HD int k_VARP_len(double n, int constant) { return gp_len_round(n, constant); }
GP_HD void k_DEVSQ_add(double *m, double x, double q) { (void)q; gp_add_squares(m, x); }
GP_HD double k_DEVSQ_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return gp_finite(gp_square_dev(m, n));
}
GP_HD int k_DEVSQ_len(double n, int constant) { return gp_len_full(n, constant); }

GP_HD void k_SLOPE_add(double *m, double x, double q) { gp_add_line(m, x, q); }
GP_HD double k_SLOPE_fin(const double *m, double n, double e, double c)
{
    (void)c;
    return gp_finite(gp_slope(m, n, e));
}
GP_HD int k_SLOPE_len(double n, int constant) { return gp_len_line(n, constant); }
GP_HD void k_FORCAST_add(double *m, double x, double q) { gp_add_line(m, x, q); }
GP_HD double k_FORCAST_fin(const double *m, double n, double e, double c)
{
    return gp_finite(c + (m[0] / n + gp_slope(m, n, e) * (n - 1.0) * 0.5));
}
GP_HD int k_FORCAST_len(double n, int constant) { return gp_len_line(n, constant); }
GP_HD void k_TSMA_add(double *m, double x, double q) { gp_add_line(m, x, q); }
GP_HD double k_TSMA_fin(const double *m, double n, double e, double c)
{
    return gp_finite(c + (m[0] / n + gp_slope(m, n, e) * (n + 1.0) * 0.5));
}
GP_HD int k_TSMA_len(double n, int constant) { return gp_len_line(n, constant); }
GP_HD void k_WMA_add(double *m, double x, double q) { gp_add_line(m, x, q); }
GP_HD double k_WMA_fin(const double *m, double n, double e, double c)
{
    return gp_finite(c + (m[1] - (e - n) * m[0]) / (n * (n + 1.0) * 0.5));
}
GP_HD int k_WMA_len(double n, int constant) { return gp_len_full(n, constant); }

/* The window i-n+1..i lies within the data from the first valid bar on. */
GP_HD int gp_is_full(const gp_hist *h, int i, int n) { return n > 0 && h->f >= 0 && i - h->f >= n - 1; }
GP_HD double gp_mean_of(const gp_hist *h, int arg, int i, int n)
{
    double sum = 0;
    for (int k = i - n + 1; k <= i; k++) sum += GP_H(h, arg, k);
    return sum / n;
}
GP_HD double gp_or_before(const gp_hist *h, double y)
{
    double z = gp_finite(y);
    return gp_null(z) ? h->prev : z;
}

GP_HD double k_AVEDEV(gp_hist *h, int i)
{
    int n = gp_len_last(GP_H(h, 1, i));
    if (!gp_is_full(h, i, n)) return GP_NULL;
    double mean = gp_mean_of(h, 0, i, n), sum = 0;
    for (int k = i - n + 1; k <= i; k++) sum += fabs(GP_H(h, 0, k) - mean);
    return gp_or_before(h, sum / n);
}

GP_HD double k_STDDEV(gp_hist *h, int i)
{
    int n = gp_len_line(GP_H(h, 1, i), 0);
    if (n < 2 || !gp_is_full(h, i - 1, n)) return GP_NULL;
    double sum = 0, square = 0, first = 0;
    for (int k = i - n + 1; k < i; k++) {
        double a = GP_H(h, 0, k - 1), b = GP_H(h, 0, k);
        if (!(a > 0 && b > 0)) return h->prev;
        double r = log(b / a);
        if (k == i - n + 1) first = r; /* shifted as the moments are */
        sum += r - first;
        square += (r - first) * (r - first);
    }
    double v = (square - sum * sum / (n - 1)) / (n - 1);
    return sqrt(v < 0 ? 0.0 : v);
}

/* Deviation sums of two series over a window, in two passes. */
typedef struct gp_pair { double xx, yy, xy, range_x, range_y; } gp_pair;
GP_HD int gp_pair_of(const gp_hist *h, int i, int n, gp_pair *p)
{
    double mx = 0, my = 0; /* both sums in one loop: neither waits for the other */
    for (int k = i - n + 1; k <= i; k++) {
        mx += GP_H(h, 0, k);
        my += GP_H(h, 1, k);
    }
    mx /= n;
    my /= n;
    double lx = INFINITY, hx = -INFINITY, ly = INFINITY, hy = -INFINITY;
    if (gp_null(mx) || gp_null(my)) return 0;
    p->xx = p->yy = p->xy = 0;
    for (int k = i - n + 1; k <= i; k++) {
        double x = GP_H(h, 0, k), y = GP_H(h, 1, k);
        p->xx += (x - mx) * (x - mx);
        p->yy += (y - my) * (y - my);
        p->xy += (x - mx) * (y - my);
        lx = x < lx ? x : lx, hx = x > hx ? x : hx;
        ly = y < ly ? y : ly, hy = y > hy ? y : hy;
    }
    p->range_x = hx - lx;
    p->range_y = hy - ly;
    return 1;
}
GP_HD double k_COVAR(gp_hist *h, int i)
{
    int n = gp_len_round(GP_H(h, 2, i), 0);
    gp_pair p;
    if (!gp_is_full(h, i, n)) return GP_NULL;
    if (!gp_pair_of(h, i, n, &p)) return h->prev;
    return gp_or_before(h, p.xy / (n > 1 ? n - 1 : 1));
}
GP_HD double k_RELATE(gp_hist *h, int i)
{
    int n = gp_len_round(GP_H(h, 2, i), 0);
    gp_pair p;
    if (!gp_is_full(h, i, n)) return GP_NULL;
    if (!gp_pair_of(h, i, n, &p) || p.range_x < GP_TINY || p.range_y < GP_TINY) return h->prev;
    return gp_or_before(h, p.xy / (sqrt(p.xx) * sqrt(p.yy)));
}
GP_HD double k_BETAEX(gp_hist *h, int i)
{
    int n = gp_len_round(GP_H(h, 2, i), 0);
    gp_pair p;
    if (!gp_is_full(h, i, n)) return GP_NULL;
    if (!gp_pair_of(h, i, n, &p)) return h->prev;
    if (p.range_y < GP_TINY) return gp_null(h->prev) ? 0.0 : h->prev;
    return gp_or_before(h, p.xy / p.yy);
}

GP_HD double k_HARMEAN(gp_hist *h, int i)
{
    int n = gp_len_full(GP_H(h, 1, i), 0);
    double sum = 0;
    if (!gp_is_full(h, i, n)) return GP_NULL;
    for (int k = i - n + 1; k <= i; k++) {
        double x = GP_H(h, 0, k);
        if (!(fabs(x) >= GP_TINY)) return h->prev;
        sum += 1.0 / x;
    }
    return fabs(sum) < GP_TINY ? h->prev : gp_or_before(h, n / sum);
}

/* The mean over b bars of means over a bars, a+b = n+1: the value k bars back counts once for every inner window that
 * covers it.  Nulls add nothing, the divisor stays, as in MA. */
GP_HD double k_TRMA(gp_hist *h, int i)
{
    int n = gp_len_last(GP_H(h, 1, i));
    if (!gp_is_full(h, i, n)) return GP_NULL;
    int a = n % 2 ? n / 2 + 1 : n / 2, b = n + 1 - a; /* a <= b */
    double sum = 0;
    for (int k = 0; k < n; k++) {
        int rising = k + 1, falling = n - k;
        int weight = rising < falling ? rising : falling;
        double x = GP_H(h, 0, i - k);
        if (!gp_null(x)) sum += x * (weight < a ? weight : a);
    }
    return gp_finite(sum / ((double)a * b));
}
#endif
