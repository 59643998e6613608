/* Kernels of extra.def; its columns are loaded by the engine. */
#ifndef GP_BUILTINS_EXTRA_H
#define GP_BUILTINS_EXTRA_H
#include "builtins/kit.h"

/* Return of bar k, 0 for none; *ok: both closes are there. */
GP_HD double gp_return_of(gp_hist *h, int arg, int k, int *ok)
{
    const double now = GP_H(h, arg, k), then = GP_H(h, arg, k - 1);
    *ok = !gp_either_null(now, then) && fabs(then) >= GP_TINY;
    return *ok ? now / then - 1 : 0;
}
/* C, INDEXC, N.  Bars on which one of the two has no return are left out of the window's sums. */
GP_HD double k_BETA(gp_hist *h, int i)
{
    const int n = gp_len_round(GP_H(h, 2, i), 0);
    if (h->f < 0 || n < 1 || i - h->f < n) return GP_NULL;
    double sum_x = 0, sum_y = 0, xy = 0, yy = 0;
    int count = 0;
    for (int pass = 0; pass < 2; pass++) {
        const double mean_x = count ? sum_x / count : 0, mean_y = count ? sum_y / count : 0;
        for (int k = i - n + 1; k <= i; k++) {
            int ok_x, ok_y;
            const double x = gp_return_of(h, 0, k, &ok_x), y = gp_return_of(h, 1, k, &ok_y);
            if (!ok_x || !ok_y) continue;
            if (pass == 0) {
                sum_x += x;
                sum_y += y;
                count++;
            } else {
                xy += (x - mean_x) * (y - mean_y);
                yy += (y - mean_y) * (y - mean_y);
            }
        }
    }
    return yy > 1e-12 ? gp_finite(xy / yy) : h->prev;
}

/* s0 day, s1 turnover and s2 volume since its first bar */
GP_HD void k_ZSTJJ_init(double *s)
{
    GP_S(0) = GP_NULL;
    GP_S(1) = GP_S(2) = 0;
}
GP_HD double k_ZSTJJ(double *s, double date, double amount, double volume, double close)
{
    const int same = date == GP_S(0), known = !gp_either_null(amount, volume);
    double turnover = same ? GP_S(1) : 0.0, shares = same ? GP_S(2) : 0.0;
    turnover += known ? amount : 0.0;
    shares += known ? volume : 0.0;
    GP_S(0) = date;
    GP_S(1) = turnover;
    GP_S(2) = shares;
    const double mean = shares > 0 ? gp_finite(turnover / shares) : GP_NULL;
    return mean > 10.0 * close ? mean / 100.0 : mean;
}
GP_HD double k_LOCALDAYNUM(double z, double period) { return period == 5 ? z : GP_NULL; }
#endif
