/* Kernels of logic.def.  A null condition is false everywhere but in IF and IFN (language.md 4.5). */
#ifndef GP_BUILTINS_LOGIC_H
#define GP_BUILTINS_LOGIC_H
#include "builtins/kit.h"

/* "The first valid bar has come": s0 turns 1 and stays. */
GP_HD double gp_latch(double s0, int now) { return gp_bool((s0 > 0) | now); }

/* s0 null until both have been valid on one bar, then 0: added to the answer; s1 A was below B when last on a side.
 * functions.md 5.1.  Nulls compare false, so they change neither. */
GP_HD double gp_cross(double *s, int invalid, int below, int above)
{
    double was = GP_S(1), start = invalid ? GP_S(0) : 0.0;
    double fire = above ? was : 0.0, kept = above ? 0.0 : was;
    GP_S(0) = start;
    GP_S(1) = below ? 1.0 : kept;
    return fire + start;
}
GP_HD void k_CROSS_init(double *s)
{
    GP_S(0) = GP_NULL;
    GP_S(1) = 0;
}
GP_HD double k_CROSS(double *s, double a, double b)
{
    return gp_cross(s, gp_either_null(a, b), gp_lt(a, b), gp_gt(a, b));
}
GP_HD void k_CROSSDOWN_init(double *s) { k_CROSS_init(s); }
GP_HD double k_CROSSDOWN(double *s, double a, double b) { return k_CROSS(s, b, a); }

/* s0: number of bars just before this one on which A was below B */
GP_HD void k_LONGCROSS_init(double *s) { GP_S(0) = 0; }
GP_HD double k_LONGCROSS(double *s, double a, double b, double n)
{
    double run = GP_S(0);
    GP_S(0) = gp_lt(a, b) ? run + 1.0 : 0.0;
    return gp_null(n) ? GP_NULL : gp_bool(gp_gt(a, b) & (run >= trunc(n)));
}

/* s0 X has been valid; s1 length of the run of trues that ends here */
GP_HD void k_EVERY_init(double *s) { GP_S(0) = GP_S(1) = 0; }
GP_HD double k_EVERY(double *s, double x, double n)
{
    GP_S(0) = gp_latch(GP_S(0), !gp_null(x));
    GP_S(1) = gp_true(x) ? GP_S(1) + 1.0 : 0.0;
    return GP_S(0) > 0 ? gp_bool((n >= 1.0) & (GP_S(1) >= trunc(n))) : GP_NULL;
}

/* s0: bars since the last true.  Null on any bar where X is null, the leading ones included. */
GP_HD void k_EXIST_init(double *s) { GP_S(0) = INFINITY; }
GP_HD double k_EXIST(double *s, double x, double n)
{
    GP_S(0) = gp_true(x) ? 0.0 : GP_S(0) + 1.0;
    return (gp_null(x) | gp_null(n)) ? GP_NULL : gp_bool(GP_S(0) < trunc(n));
}

/* The bar B bars ago moves along with i, so what ends there is kept up to date one bar a call.
 * s0 run of trues, s1 bars since a true (0: none yet, else distance + 1); *need: bars asked for, 0 when empty. */
GP_HD int gp_interval(gp_hist *h, int i, int *need)
{
    int a = gp_int_pos(GP_H(h, 1, i)), b = gp_int_pos(GP_H(h, 2, i));
    int end = i - b;
    *need = 0;
    if (h->f < 0 || end < h->f) return end;
    double x = GP_H(h, 0, end);
    h->s[0] = gp_true(x) ? h->s[0] + 1.0 : 0.0;
    h->s[1] = gp_true(x) ? 1.0 : h->s[1] > 0 ? h->s[1] + 1.0 : 0.0;
    int have = end - h->f + 1;
    *need = a == 0 || a - b + 1 > have ? have : a >= b ? a - b + 1 : 0;
    return end;
}
GP_HD double k_LASTIN(gp_hist *h, int i)
{
    int need;
    if (gp_null(GP_H(h, 1, i)) || gp_null(GP_H(h, 2, i))) return GP_NULL;
    gp_interval(h, i, &need);
    return h->f < 0 ? GP_NULL : gp_bool(h->s[0] >= need);
}
GP_HD double k_EXISTR(gp_hist *h, int i)
{
    int need;
    if (gp_null(GP_H(h, 1, i)) || gp_null(GP_H(h, 2, i))) return GP_NULL;
    gp_interval(h, i, &need);
    return h->f < 0 ? GP_NULL : gp_bool(h->s[1] > 0 && h->s[1] <= need);
}

/* s0 previous X, s1 run of rises (falls), s2 bars since the first valid one, that one included */
GP_HD double gp_days(double *s, double x, double n, int step)
{
    GP_S(1) = step ? GP_S(1) + 1.0 : 0.0;
    GP_S(2) = ((GP_S(2) > 0) | !gp_null(x)) ? GP_S(2) + 1.0 : 0.0;
    GP_S(0) = x;
    return ((n >= 1.0) & (GP_S(2) >= trunc(n))) ? gp_bool(GP_S(1) >= trunc(n)) : GP_NULL;
}
GP_HD void k_UPNDAY_init(double *s)
{
    GP_S(0) = GP_NULL;
    GP_S(1) = GP_S(2) = 0;
}
GP_HD double k_UPNDAY(double *s, double x, double n) { return gp_days(s, x, n, gp_gt(x, GP_S(0))); }
GP_HD void k_DOWNNDAY_init(double *s) { k_UPNDAY_init(s); }
GP_HD double k_DOWNNDAY(double *s, double x, double n) { return gp_days(s, x, n, gp_lt(x, GP_S(0))); }

/* s0 run of A>B, s1 bars since both were first valid */
GP_HD void k_NDAY_init(double *s) { GP_S(0) = GP_S(1) = 0; }
GP_HD double k_NDAY(double *s, double a, double b, double n)
{
    int valid = !(gp_null(a) | gp_null(b));
    GP_S(0) = gp_gt(a, b) ? GP_S(0) + 1.0 : 0.0;
    GP_S(1) = ((GP_S(1) > 0) | valid) ? GP_S(1) + 1.0 : 0.0;
    return ((n >= 1.0) & (GP_S(1) >= trunc(n))) ? gp_bool(GP_S(0) >= trunc(n)) : GP_NULL;
}

GP_HD void k_NOT_init(double *s) { GP_S(0) = 0; }
GP_HD double k_NOT(double *s, double x)
{
    GP_S(0) = gp_latch(GP_S(0), !gp_null(x));
    return GP_S(0) > 0 ? gp_bool(x == 0) : GP_NULL;
}
GP_HD double k_ISVALID(double x) { return gp_bool(!gp_null(x)); }

GP_HD double gp_any_null(double a, double b, double c, double y)
{
    return (gp_null(a) | gp_null(b) | gp_null(c)) ? GP_NULL : y;
}
GP_HD double k_BETWEEN(double a, double b, double c)
{
    return gp_any_null(a, b, c, gp_bool((gp_ge(a, b) & gp_le(a, c)) | (gp_ge(a, c) & gp_le(a, b))));
}
GP_HD double k_RANGE(double a, double b, double c) { return gp_any_null(a, b, c, gp_bool(gp_gt(a, b) & gp_lt(a, c))); }
GP_HD double k_ISUP(double c, double o) { return gp_any_null(c, o, 0, gp_bool(gp_gt(c, o))); }
GP_HD double k_ISDOWN(double c, double o) { return gp_any_null(c, o, 0, gp_bool(gp_lt(c, o))); }
GP_HD double k_ISEQUAL(double c, double o) { return gp_any_null(c, o, 0, gp_bool(gp_eq(c, o))); }

/* s0: the condition has been valid */
GP_HD void k_IF_init(double *s) { GP_S(0) = 0; }
GP_HD double k_IF(double *s, double c, double a, double b)
{
    GP_S(0) = gp_latch(GP_S(0), !gp_null(c));
    double y = c == 0 ? b : a;
    return GP_S(0) > 0 ? y : GP_NULL;
}
GP_HD void k_IFN_init(double *s) { GP_S(0) = 0; }
GP_HD double k_IFN(double *s, double c, double a, double b) { return k_IF(s, c, b, a); }

GP_HD void k_IFC(const gp_whole *w, double *y)
{
    const double *from = w->x[0][w->n - 1] == 0 ? w->x[2] : w->x[1];
    int valid = 0;
    for (int i = 0; i < w->n; i++) valid |= !gp_null(w->x[0][i]);
    for (int i = 0; i < w->n; i++) y[i] = valid ? from[i] : GP_NULL;
}

/* s0: both sides have been valid on one bar */
GP_HD void k_MAX_init(double *s) { GP_S(0) = 0; }
GP_HD double k_MAX(double *s, double a, double b)
{
    GP_S(0) = gp_latch(GP_S(0), !(gp_null(a) | gp_null(b)));
    double y = b > a ? b : a;
    y = gp_null(a) ? b : y;
    return GP_S(0) > 0 ? y : GP_NULL;
}
/* Before both sides have been valid one of them is null, so no memory is needed. */
GP_HD double k_MIN(double a, double b)
{
    double y = b < a ? b : a;
    return (gp_null(a) | gp_null(b)) ? GP_NULL : y;
}
GP_HD double gp_max2(double a, double b) { return b > a ? b : a; }
GP_HD double gp_min2(double a, double b) { return b < a ? b : a; }
GP_HD int gp_all6(double a, double b, double c, double d, double e, double f)
{
    return !(gp_null(a) | gp_null(b) | gp_null(c) | gp_null(d) | gp_null(e) | gp_null(f));
}
GP_HD double k_MAX6(double a, double b, double c, double d, double e, double f)
{
    double y = gp_max2(gp_max2(gp_max2(a, b), gp_max2(c, d)), gp_max2(e, f));
    return gp_all6(a, b, c, d, e, f) ? y : GP_NULL;
}
GP_HD double k_MIN6(double a, double b, double c, double d, double e, double f)
{
    double y = gp_min2(gp_min2(gp_min2(a, b), gp_min2(c, d)), gp_min2(e, f));
    return gp_all6(a, b, c, d, e, f) ? y : GP_NULL;
}
#endif
