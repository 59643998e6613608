/* Kernels of reference.def.  A null condition is false. */
#ifndef GP_BUILTINS_REFERENCE_H
#define GP_BUILTINS_REFERENCE_H
#include "builtins/kit.h"

/* s0: an offset has been seen.  Null until X and A have both been valid once. */
GP_HD double k_REFV(gp_hist *h, int i)
{
    double a = GP_H(h, 1, i);
    int at = gp_int_of(a);
    if (!gp_null(a)) h->s[0] = 1;
    if (h->f < 0 || h->s[0] == 0) return GP_NULL;
    if (gp_null(a) || at < 0 || at > i) return i == 0 ? GP_H(h, 0, 0) : h->prev;
    return GP_H(h, 0, i - at);
}

/* s0: bars since the last true, null before the first */
GP_HD void k_BARSLAST_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_BARSLAST(double *s, double x)
{
    GP_S(0) = gp_true(x) ? 0.0 : GP_S(0) + 1.0;
    return GP_S(0);
}
/* s0 number of trues, s1 the first, s2 the last */
GP_HD double k_BARSLASTS(gp_hist *h, int i)
{
    double n = GP_H(h, 1, i);
    if (gp_true(GP_H(h, 0, i))) {
        if (h->s[0] == 0) h->s[1] = i;
        h->s[0] += 1;
        h->s[2] = i;
    }
    if (gp_null(n) || h->s[0] == 0) return GP_NULL;
    int nth = gp_int_of(n) < 1 ? 1 : gp_int_of(n);
    if (h->s[0] <= nth) return i - h->s[1];
    int k = (int)h->s[2];
    for (int left = nth - 1; left > 0;) left -= gp_true(GP_H(h, 0, --k));
    return i - k;
}
GP_HD void k_BARSLASTCOUNT_init(double *s) { GP_S(0) = 0; }
GP_HD double k_BARSLASTCOUNT(double *s, double x)
{
    GP_S(0) = gp_true(x) ? GP_S(0) + 1.0 : 0.0;
    return GP_S(0);
}
/* s0: bars since the first true, null before */
GP_HD void k_BARSSINCE_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_BARSSINCE(double *s, double x)
{
    double first = gp_true(x) ? 0.0 : GP_NULL;
    GP_S(0) = gp_null(GP_S(0)) ? first : GP_S(0) + 1.0;
    return GP_S(0);
}
GP_HD void k_BARSCOUNT_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_BARSCOUNT(double *s, double x)
{
    double first = gp_null(x) ? GP_NULL : 0.0;
    GP_S(0) = gp_null(GP_S(0)) ? first : GP_S(0) + 1.0;
    return GP_S(0);
}
GP_HD double k_CURRBARSCOUNT(double i, double z) { return z - i; }
GP_HD double k_ISLASTBAR(double i, double z) { return gp_bool(i == z - 1.0); }
GP_HD double k_TOTALBARSCOUNT(double z) { return z; }
GP_HD double k_USEDDATANUM(double z) { return z; }
GP_HD double k_BARSTATUS(double i, double z) { return i == z - 1.0 ? 2.0 : i == 0 ? 1.0 : 0.0; }

/* s0: bars still silenced */
GP_HD void k_FILTER_init(double *s) { GP_S(0) = 0; }
GP_HD double k_FILTER(double *s, double x, double n)
{
    int fire = (GP_S(0) <= 0) & gp_true(x);
    double left = GP_S(0) > 0 ? GP_S(0) - 1.0 : 0.0;
    GP_S(0) = fire ? (n >= 1.0 ? trunc(n) : 0.0) : left;
    return gp_bool(fire);
}
GP_HD void k_VALUEWHEN_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_VALUEWHEN(double *s, double c, double x)
{
    GP_S(0) = gp_true(c) ? x : GP_S(0);
    return GP_S(0);
}

/* s0: in position.  functions.md 3.5: a buy is looked at first, and then the sell of the same bar is not. */
GP_HD void k_TFILTER_init(double *s) { GP_S(0) = 0; }
GP_HD double k_TFILTER(double *s, double buy, double sell, double m)
{
    int mode = gp_int_of(m), in = GP_S(0) > 0, wants_in = buy > 0.5, wants_out = sell > 0.5;
    int bought = wants_in & ((mode == 2) | !in);
    int sold = wants_out & (wants_in | in | (mode == 1));
    GP_S(0) = wants_in ? 1.0 : wants_out ? 0.0 : GP_S(0);
    double both = bought ? 1.0 : sold ? 2.0 : 0.0;
    double y = mode == 1 ? gp_bool(bought) : mode == 2 ? gp_bool(sold) : both;
    return gp_null(m) ? GP_NULL : y;
}

/* s0: 0 flat, 1 long, -1 short */
GP_HD void k_TTFILTER_init(double *s) { GP_S(0) = 0; }
GP_HD double k_TTFILTER(double *s, double bo, double sc, double so, double bc, double m)
{
    double at = GP_S(0);
    double open = bo > 0.5 ? 1.0 : so > 0.5 ? 3.0 : 0.0;
    double close = at > 0 ? (sc > 0.5 ? 2.0 : 0.0) : bc > 0.5 ? 4.0 : 0.0;
    double did = at == 0 ? open : close;
    GP_S(0) = did == 1.0 ? 1.0 : did == 3.0 ? -1.0 : did > 0 ? 0.0 : at;
    double mode = gp_int_of(m), one = gp_bool(did == mode);
    double y = ((mode >= 1.0) & (mode <= 4.0)) ? one : did;
    return gp_null(m) ? GP_NULL : y;
}

/* Minutes do not decide on bars that have no time of day: PERIOD 5 to 7 and 9 to 11. */
GP_HD void k_TFILT(const gp_whole *w, double *y)
{
    const double *date = w->x[0], *time = w->x[1], *x = w->x[3];
    const int last = w->n - 1, period = gp_int_of(w->x[2][last]);
    const int daily = period >= 5 && period <= 11 && period != 8;
    double d1 = w->x[4][last], d2 = w->x[6][last];
    d1 = d1 < 700000 ? date[last] : d1;
    d2 = d2 < 700000 ? date[last] : d2;
    double from = d1 * 10000.0 + (daily ? 0.0 : w->x[5][last]), to = d2 * 10000.0 + (daily ? 0.0 : w->x[7][last]);
    for (int i = 0; i <= last; i++) {
        double now = date[i] * 10000.0 + (daily ? 0.0 : time[i]);
        y[i] = now >= from && now <= to ? x[i] : GP_NULL;
    }
}

/* First valid bar of X alone: s0 is that bar + 1. */
GP_HD int gp_first_of(gp_hist *h, int i)
{
    if (h->s[0] == 0 && !gp_null(GP_H(h, 0, i))) h->s[0] = i + 1;
    return (int)h->s[0] - 1;
}
GP_HD double k_SUMBARS(gp_hist *h, int i)
{
    int f = gp_first_of(h, i);
    double a = GP_H(h, 1, i), sum = 0;
    if (f < 0 || gp_null(a)) return GP_NULL;
    if (gp_gt(GP_H(h, 0, i), a)) return 0.0;
    for (int k = i; k >= f; k--) {
        double x = GP_H(h, 0, k);
        sum += gp_null(x) ? 0.0 : x;
        if (gp_ge(sum, a)) return i - k + 1 < i - f ? i - k + 1 : i - f;
    }
    return i - f;
}
GP_HD double k_SUMBARSX(gp_hist *h, int i)
{
    int f = gp_first_of(h, i);
    double a = GP_H(h, 1, i), sum = 0;
    if (f < 0 || gp_null(a)) return GP_NULL;
    if (gp_gt(GP_H(h, 0, i), a)) return -1.0;
    for (int k = i; k >= f; k--) {
        double x = GP_H(h, 0, k);
        sum += gp_null(x) ? 0.0 : x;
        if (gp_ge(sum, a)) return i - k;
    }
    return GP_NULL;
}

/* s0: previous X */
GP_HD void k_UPDOWN_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_UPDOWN(double *s, double x)
{
    double y = gp_gt(x, GP_S(0)) ? 1.0 : gp_lt(x, GP_S(0)) ? -1.0 : 0.0;
    y = (gp_null(x) | gp_null(GP_S(0))) ? GP_NULL : y;
    GP_S(0) = x;
    return y;
}
/* s0: previous close; without one the bar's own range */
GP_HD void k_TR_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_TR(double *s, double high, double low, double close)
{
    double y = high - low, up = fabs(high - GP_S(0)), down = fabs(low - GP_S(0));
    y = up > y ? up : y;
    y = down > y ? down : y;
    GP_S(0) = close;
    return (gp_null(high) | gp_null(low)) ? GP_NULL : gp_finite(y);
}

/* Half up to the cent, with a nudge of 1e-6 of it, so that 11.055 stored as 11.0549... rounds up. */
GP_HD double gp_to_tick(double p) { return gp_finite(floor(p * 100.0 + 0.5 + 1e-6) / 100.0); }
GP_HD double k_ZTPRICE(double p, double r) { return gp_to_tick(p + gp_to_tick(p * r)); }
GP_HD double k_DTPRICE(double p, double r) { return gp_to_tick(p * (1.0 - r)); }
GP_HD double k_DRAWNULL(void) { return GP_NULL; }
#endif
