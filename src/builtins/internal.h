/* Kernels of internal.def. */
#ifndef GP_BUILTINS_INTERNAL_H
#define GP_BUILTINS_INTERNAL_H
#include "builtins/average.h"
#include "builtins/logic.h"
#include "builtins/operators.h"
#include "builtins/stat.h"

GP_HD void k_LASTVAL(const gp_whole *w, double *y)
{
    for (int i = 0; i < w->n; i++) y[i] = w->x[0][w->n - 1];
}

GP_HD void k_FIRSTVAL_init(double *s)
{
    GP_S(0) = GP_NULL;
    GP_S(1) = 0.0;
}
GP_HD double k_FIRSTVAL(double *s, double x)
{
    GP_S(0) = GP_S(1) > 0.0 ? GP_S(0) : x;
    GP_S(1) = 1.0;
    return GP_S(0);
}

/* functions.md 3.2: from the bar on which both X and A have had a value; an offset that is null, negative or reaches before bar 0
 * repeats the previous output. */
GP_HD double k_REFSERIES(gp_hist *h, int i)
{
    const double a = GP_H(h, 1, i);
    if (!gp_null(GP_H(h, 0, i))) h->s[0] = 1.0;
    if (!gp_null(a)) h->s[1] = 1.0;
    if (h->s[0] == 0.0 || h->s[1] == 0.0) return GP_NULL;
    if (!(trunc(a) >= 0.0) || trunc(a) > (double)i) return h->prev;
    return GP_H(h, 0, i - (int)a);
}

/* functions.md 13 */
GP_HD double k_SHOWN(double c, double p) { return gp_true(c) ? p : GP_NULL; }

/* Operators without the overflow check: the compiler proved from the size of the operands that there can be none. */
GP_HD double k_ADDRAW(double a, double b) { return a + b; }
GP_HD double k_SUBRAW(double a, double b) { return a - b; }
GP_HD double k_MULRAW(double a, double b) { return a * b; }
/* A null numerator or denominator makes a / b null by itself; only a null numerator over zero must not repeat. */
GP_HD void k_DIVRAW_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_DIVRAW(double *s, double a, double b)
{
    double last = gp_null(a) ? GP_NULL : GP_S(0);
    double q = fabs(b) < GP_TINY ? last : a / b;
    GP_S(0) = q;
    return q;
}
GP_HD void k_SMARAW_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_SMARAW(double *s, double x, double n, double m)
{
    double y = gp_step(GP_S(0), x, trunc(m) / trunc(n));
    GP_S(0) = y;
    return y;
}
GP_HD void k_RATIO_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_RATIO(double *s, double a, double b, double c, double d, double k) { return k_DIVRAW(s, a - b, c - d) * k; }
GP_HD void k_KRATIO_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_KRATIO(double *s, double a, double b, double c, double d, double k) { return k_DIVRAW(s, k * (a - b), c - d); }

GP_HD void k_STDRAW_add(double *m, double x, double q) { k_STD_add(m, x, q); }
GP_HD double k_STDRAW_fin(const double *m, double n, double e, double c)
{
    (void)e, (void)c;
    return sqrt(gp_var(m, n));
}
GP_HD int k_STDRAW_len(double n, int constant) { return k_STD_len(n, constant); }

/* threshold.c: the tolerance of a comparison with a constant is part of the threshold. */
GP_HD double k_BELOW(double x, double t) { return gp_bool(x <= t) + (x - x); /* x - x: 0, or null for null */ }
GP_HD double k_ABOVE(double x, double t) { return gp_bool(x >= t) + (x - x); }
GP_HD void k_CROSSK_init(double *s) { k_CROSS_init(s); }
GP_HD double k_CROSSK(double *s, double a, double low, double high) { return gp_cross(s, gp_null(a), a <= low, a >= high); }
GP_HD void k_LONGCROSSK_init(double *s) { k_LONGCROSS_init(s); }
GP_HD double k_LONGCROSSK(double *s, double a, double low, double high, double n)
{
    double run = GP_S(0);
    GP_S(0) = a <= low ? run + 1.0 : 0.0;
    return gp_null(n) ? GP_NULL : gp_bool((a >= high) & (run >= trunc(n)));
}
/* ladder.c: HHV(X,55) from HHV(X,37) and HHV(X,37) of 18 bars ago. */
GP_HD double k_HIGHER(double a, double b)
{
    double kept = gp_null(a) ? b : a;
    return b > kept ? b : kept;
}
GP_HD double k_LOWER(double a, double b)
{
    double kept = gp_null(a) ? b : a;
    return b < kept ? b : kept;
}
/* fuse.c */
GP_HD double k_MULADD(double a, double k, double b) { return a + k * b; }
GP_HD double k_ANDBELOW(double a, double x, double t) { return k_AND(a, k_BELOW(x, t)); }
GP_HD double k_ANDABOVE(double a, double x, double t) { return k_AND(a, k_ABOVE(x, t)); }
/* (x-x)+(y-y) is 0, or null when either is: arithmetic here, because a second select keeps gcc from vectorising */
GP_HD double k_ANDLT(double a, double x, double y) { return k_AND(a, gp_bool(gp_lt(x, y)) + ((x - x) + (y - y))); }
GP_HD double k_ANDGT(double a, double x, double y) { return k_AND(a, gp_bool(gp_gt(x, y)) + ((x - x) + (y - y))); }
/* signals.c.  s0: 0 flat, 1 long, -1 short.  Codes: 1 BUY 2 SELL 3 SELLSHORT 4 BUYSHORT 5 BUYSHORT_BUY 6 SELL_SELLSHORT
 * 7 CLOSEALLD 8 CLOSEALLK. */
GP_HD void k_AUTOPICK_init(double *s) { GP_S(0) = 0; }
GP_HD double k_AUTOPICK(double *s, double buy, double sell, double sellshort, double buyshort, double buyshort_buy, double sell_sellshort,
                        double close_long, double close_short)
{
    double at = GP_S(0);
    double flat = gp_true(buy) ? 1.0 : gp_true(sellshort) ? 3.0 : 0.0;
    double held = gp_true(sell_sellshort) ? 6.0 : gp_true(sell) ? 2.0 : gp_true(close_long) ? 7.0 : 0.0;
    double owed = gp_true(buyshort_buy) ? 5.0 : gp_true(buyshort) ? 4.0 : gp_true(close_short) ? 8.0 : 0.0;
    double did = at == 0 ? flat : at > 0 ? held : owed;
    double then = ((did == 1.0) | (did == 5.0)) ? 1.0 : ((did == 3.0) | (did == 6.0)) ? -1.0 : 0.0;
    GP_S(0) = did > 0 ? then : at;
    return did;
}
GP_HD double k_PICKED(double cond, double code, double k) { return gp_bool(gp_true(cond) & (code == k)); }
GP_HD double k_UNLESS(double skip, double x) { return gp_true(skip) ? GP_NULL : x; }
/* --null-cond tdx, language.md 4.5.  s0: X has been valid */
GP_HD void k_NULLTRUE_init(double *s) { GP_S(0) = 0; }
GP_HD double k_NULLTRUE(double *s, double x)
{
    GP_S(0) = gp_latch(GP_S(0), !gp_null(x));
    return (gp_null(x) & (GP_S(0) > 0)) ? 1.0 : x;
}
GP_HD double k_ROUND32(double x) { return gp_finite((double)(float)x); }
GP_HD double k_RISES(double now, double then) { return k_GT(now, then); }
GP_HD double k_FALLS(double now, double then) { return k_LT(now, then); }
#endif
