/* Kernels of window.def. */
#ifndef GP_BUILTINS_WINDOW_H
#define GP_BUILTINS_WINDOW_H
#include "builtins/kit.h"

GP_HD double gp_null_to(double x, double unit) { return gp_null(x) ? unit : x; }

GP_HD void k_MA_unit(double *v) { v[0] = 0; }
GP_HD void k_MA_push(double *v, double x, double i) { (void)i; v[0] = gp_null_to(x, 0); }
GP_HD void k_MA_fold(double *a, const double *b) { a[0] += b[0]; }
GP_HD double k_MA_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)x, (void)i;
    return cnt >= n ? gp_finite(v[0] / n) : GP_NULL;
}
GP_HD int k_MA_len(double n, int constant) { return gp_len_full(n, constant); }

GP_HD void k_SUM_unit(double *v) { v[0] = 0; }
GP_HD void k_SUM_push(double *v, double x, double i) { (void)i; v[0] = gp_null_to(x, 0); }
GP_HD void k_SUM_fold(double *a, const double *b) { a[0] += b[0]; }
GP_HD double k_SUM_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)x, (void)i;
    return cnt > 0 ? gp_finite(v[0]) : GP_NULL;
}
GP_HD int k_SUM_len(double n, int constant)
{
    (void)constant; /* a null N is N=0 */
    return n >= 1.0 ? gp_count_of(n) : GP_N_ALL;
}

GP_HD void k_HHV_unit(double *v) { v[0] = -INFINITY; }
GP_HD void k_HHV_push(double *v, double x, double i) { (void)i; v[0] = gp_null_to(x, -INFINITY); }
GP_HD void k_HHV_fold(double *a, const double *b) { a[0] = b[0] > a[0] ? b[0] : a[0]; }
GP_HD double k_HHV_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x, (void)i;
    return v[0] > -INFINITY ? v[0] : GP_NULL;
}
GP_HD int k_HHV_len(double n, int constant) { return gp_len_all(n, constant); }

GP_HD void k_LLV_unit(double *v) { v[0] = INFINITY; }
GP_HD void k_LLV_push(double *v, double x, double i) { (void)i; v[0] = gp_null_to(x, INFINITY); }
GP_HD void k_LLV_fold(double *a, const double *b) { a[0] = b[0] < a[0] ? b[0] : a[0]; }
GP_HD double k_LLV_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x, (void)i;
    return v[0] < INFINITY ? v[0] : GP_NULL;
}
GP_HD int k_LLV_len(double n, int constant) { return gp_len_all(n, constant); }

GP_HD void k_COUNTIF_unit(double *v) { v[0] = 0; }
GP_HD void k_COUNTIF_push(double *v, double x, double i) { (void)i; v[0] = gp_bool(gp_true(x)); }
GP_HD void k_COUNTIF_fold(double *a, const double *b) { a[0] += b[0]; }
GP_HD double k_COUNTIF_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x, (void)i;
    return v[0];
}
/* A null N acts as a negative one, so that COUNT(BUY,BARSLAST(SELL)) works before the first sell. */
GP_HD int k_COUNTIF_len(double n, int constant)
{
    if (n >= 1.0) return gp_count_of(n);
    return n > -1.0 && !constant ? GP_N_ZERO : GP_N_ALL;
}

/* v0 the extreme, v1 its bar.  The newer side wins ties. */
GP_HD void k_HHVBARS_unit(double *v)
{
    v[0] = -INFINITY;
    v[1] = 0;
}
GP_HD void k_HHVBARS_push(double *v, double x, double i)
{
    v[0] = gp_null_to(x, -INFINITY);
    v[1] = i;
}
GP_HD void k_HHVBARS_fold(double *a, const double *b)
{
    int newer = b[0] >= a[0];
    a[0] = newer ? b[0] : a[0];
    a[1] = newer ? b[1] : a[1];
}
GP_HD double k_HHVBARS_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x;
    return v[0] > -INFINITY ? i - v[1] : GP_NULL;
}
GP_HD int k_HHVBARS_len(double n, int constant) { return gp_len_all(n, constant); }

GP_HD void k_LLVBARS_unit(double *v)
{
    v[0] = INFINITY;
    v[1] = 0;
}
GP_HD void k_LLVBARS_push(double *v, double x, double i)
{
    v[0] = gp_null_to(x, INFINITY);
    v[1] = i;
}
GP_HD void k_LLVBARS_fold(double *a, const double *b)
{
    int newer = b[0] <= a[0];
    a[0] = newer ? b[0] : a[0];
    a[1] = newer ? b[1] : a[1];
}
GP_HD double k_LLVBARS_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x;
    return v[0] < INFINITY ? i - v[1] : GP_NULL;
}
GP_HD int k_LLVBARS_len(double n, int constant) { return gp_len_all(n, constant); }

GP_HD void k_MULAR_unit(double *v) { v[0] = 1; }
GP_HD void k_MULAR_push(double *v, double x, double i) { (void)i; v[0] = gp_null_to(x, 1); }
GP_HD void k_MULAR_fold(double *a, const double *b) { a[0] *= b[0]; }
GP_HD double k_MULAR_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)x, (void)i;
    return cnt > 0 ? gp_finite(v[0]) : GP_NULL;
}
GP_HD int k_MULAR_len(double n, int constant) { return gp_len_all(n, constant); }

/* v0: the earliest bar that is true */
GP_HD void k_BARSSINCEN_unit(double *v) { v[0] = INFINITY; }
GP_HD void k_BARSSINCEN_push(double *v, double x, double i) { v[0] = gp_true(x) ? i : INFINITY; }
GP_HD void k_BARSSINCEN_fold(double *a, const double *b) { a[0] = b[0] < a[0] ? b[0] : a[0]; }
GP_HD double k_BARSSINCEN_fin(const double *v, double n, double cnt, double x, double i)
{
    (void)n, (void)cnt, (void)x;
    return v[0] < INFINITY ? i - v[0] : GP_NULL;
}
GP_HD int k_BARSSINCEN_len(double n, int constant) { return gp_len_full(n, constant); }

/* Bars in a row before i below (sign 1) or above (sign -1) its value by at least 1e-5.  What bar i-1 covers it covers,
 * so the walk starts beyond it; and a value beyond all since the last null (s0 that bar + 1, s1 their extreme) needs no
 * walk at all.  That leaves short walks on prices. */
GP_HD double gp_range_back(gp_hist *h, int i, double sign)
{
    double x = sign * GP_H(h, 0, i);
    if (h->f < 0) return GP_NULL;
    if (gp_null(x)) {
        h->s[0] = i + 1;
        return 0.0;
    }
    int first = h->s[0] > h->f ? (int)h->s[0] : h->f;
    if (i == first || gp_apart(x - h->s[1])) {
        h->s[1] = x;
        return i - first;
    }
    h->s[1] = x > h->s[1] ? x : h->s[1];
    int k = i - 1;
    if (gp_apart(x - sign * GP_H(h, 0, k))) k -= (int)h->prev + 1;
    while (k >= first && gp_apart(x - sign * GP_H(h, 0, k))) k--;
    return i - 1 - k;
}
GP_HD double k_TOPRANGE(gp_hist *h, int i) { return gp_range_back(h, i, 1.0); }
GP_HD double k_LOWRANGE(gp_hist *h, int i) { return gp_range_back(h, i, -1.0); }

GP_HD double gp_rank_of(const gp_hist *h, int i, double sign)
{
    double last = GP_H(h, 1, i), x = sign * GP_H(h, 0, i);
    int n = gp_int_of(last), from = n > 0 && n <= i ? i - n + 1 : 0;
    int rank = 1;
    if (gp_null(last) || gp_null(x)) return GP_NULL;
    for (int k = from; k < i; k++) rank += sign * GP_H(h, 0, k) > x;
    return rank;
}
GP_HD double k_HOD(gp_hist *h, int i) { return gp_rank_of(h, i, 1.0); }
GP_HD double k_LOD(gp_hist *h, int i) { return gp_rank_of(h, i, -1.0); }

/* The right edge of a stretch "since the first bar" usually moves on by one bar: s0 its end + 1, s1 its extreme. */
GP_HD double k_HHVLLV(gp_hist *h, int i)
{
    double t = GP_H(h, 1, i), a = GP_H(h, 2, i), b = GP_H(h, 3, i);
    if (h->f < 0 || gp_null(t) || gp_null(a) || gp_null(b)) return GP_NULL;
    double sign = trunc(t) == 0 ? 1.0 : -1.0, best = -INFINITY;
    int from = gp_int_pos(a) == 0 ? h->f : i - gp_int_pos(a), to = i - gp_int_pos(b);
    int all = from <= h->f;
    if (all) from = h->f;
    if (all && h->s[0] > from && h->s[0] <= to + 1.0) {
        from = (int)h->s[0];
        best = h->s[1];
    }
    for (int k = from; k <= to; k++) {
        double x = sign * GP_H(h, 0, k);
        best = x > best ? x : best;
    }
    if (all && to >= h->f) {
        h->s[0] = to + 1;
        h->s[1] = best;
    }
    return best > -INFINITY ? sign * best : GP_NULL;
}

/* T-th greatest of sign*X over the bars from..to, nulls left out; the count of values comes back in *count.
 * Halves the interval of values that still hold the answer, so it needs no memory and some 60 passes at most. */
GP_HD double gp_select(const gp_hist *h, int from, int to, double sign, int t, int *count)
{
    double lo = INFINITY, hi = -INFINITY;
    *count = 0;
    for (int k = from; k <= to; k++) {
        double x = sign * GP_H(h, 0, k);
        *count += !gp_null(x);
        lo = x < lo ? x : lo;
        hi = x > hi ? x : hi;
    }
    if (t > *count) t = *count;
    while (lo < hi) {
        double middle = lo * 0.5 + hi * 0.5, up = hi, down = lo;
        int above = 0;
        if (!(middle < hi)) middle = lo;
        for (int k = from; k <= to; k++) {
            double x = sign * GP_H(h, 0, k);
            if (x > middle) {
                above++;
                up = x < up ? x : up;
            } else if (x > down) {
                down = x;
            }
        }
        if (above >= t)
            lo = up;
        else
            hi = down;
    }
    return *count ? hi : GP_NULL;
}
/* The same for the first few places: the greatest values so far are kept in order. */
#define GP_FEW 8
GP_HD double gp_select_few(const gp_hist *h, int from, int to, double sign, int t, int *count)
{
    double top[GP_FEW];
    int n = 0;
    *count = 0;
    for (int k = from; k <= to; k++) {
        double x = sign * GP_H(h, 0, k);
        *count += !gp_null(x);
        if (!(n < t ? !gp_null(x) : x > top[t - 1])) continue;
        int at = n < t ? n++ : t - 1;
        for (; at > 0 && x > top[at - 1]; at--) top[at] = top[at - 1];
        top[at] = x;
    }
    return n ? top[n - 1] : GP_NULL;
}
/* value: the T-th greatest; otherwise the distance to its bar.  early: the earlier of equal values ranks first. */
GP_HD double gp_find(const gp_hist *h, int i, double sign, int value, int early)
{
    double n = GP_H(h, 1, i), m = GP_H(h, 2, i), t = GP_H(h, 3, i);
    if (gp_null(n) || gp_null(m) || gp_null(t) || m < 1.0) return GP_NULL;
    int to = i - gp_int_pos(n), rank = gp_int_pos(t) < 1 ? 1 : gp_int_pos(t), count;
    if (to < 0) return GP_NULL;
    int from = gp_int_pos(m) > to ? 0 : to - gp_int_pos(m) + 1;
    double best = rank <= GP_FEW ? gp_select_few(h, from, to, sign, rank, &count) : gp_select(h, from, to, sign, rank, &count);
    if (value || gp_null(best)) return sign * best;
    if (rank > count) rank = count;
    for (int k = from; k <= to; k++) rank -= sign * GP_H(h, 0, k) > best;
    for (int k = from; k <= to; k++) { /* rank is now the place among the equal ones */
        int at = early ? k : from + to - k;
        if (sign * GP_H(h, 0, at) == best && --rank == 0) return i - at;
    }
    return GP_NULL;
}
GP_HD double k_FINDHIGH(gp_hist *h, int i) { return gp_find(h, i, 1.0, 1, 1); }
GP_HD double k_FINDLOW(gp_hist *h, int i) { return gp_find(h, i, -1.0, 1, 0); }
GP_HD double k_FINDHIGHBARS(gp_hist *h, int i) { return gp_find(h, i, 1.0, 0, 1); }
GP_HD double k_FINDLOWBARS(gp_hist *h, int i) { return gp_find(h, i, -1.0, 0, 0); }
#endif
