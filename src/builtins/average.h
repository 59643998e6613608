/* Kernels of average.def. */
#ifndef GP_BUILTINS_AVERAGE_H
#define GP_BUILTINS_AVERAGE_H
#include "builtins/kit.h"

/* One step of a recurrence that moves from y toward x by the share w.  y null: not seeded yet; x null: carry.
 * Written as a step so that a constant x stays exactly itself. */
GP_HD double gp_step(double y, double x, double w)
{
    double z = y + w * (x - y);
    z = gp_null(y) ? x : z;
    return gp_null(x) ? y : z;
}

GP_HD void k_EMA_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_EMA(double *s, double x, double n)
{
    double len = n < 1.0 ? 1.0 : trunc(n);
    double w = gp_null(n) ? 0.0 : 2.0 / (len + 1.0); /* a null N carries */
    GP_S(0) = gp_step(GP_S(0), x, w);
    return gp_finite(GP_S(0));
}

GP_HD void k_SMA_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_SMA(double *s, double x, double n, double m)
{
    double tn = trunc(n), tm = trunc(m);
    double y = gp_step(GP_S(0), x, tm / tn);
    GP_S(0) = y;
    return ((tn > tm) & (tn >= 1.0)) ? gp_finite(y) : GP_NULL;
}

/* s0 y, s1 bars since the first valid one, that one included, s2 sum of the first n of them (nulls add nothing) */
GP_HD void gp_seed_init(double *s)
{
    GP_S(0) = GP_NULL;
    GP_S(1) = GP_S(2) = 0;
}
GP_HD double gp_seeded(double *s, double x, double n, double w)
{
    double at = ((GP_S(1) > 0) | !gp_null(x)) ? GP_S(1) + 1.0 : 0.0;
    double sum = GP_S(2) + (gp_null(x) ? 0.0 : x);
    double y = at > n ? gp_step(GP_S(0), x, w) : GP_NULL;
    y = at == n ? sum / n : y;
    GP_S(0) = y;
    GP_S(1) = at;
    GP_S(2) = at < n ? sum : 0.0;
    return y;
}
GP_HD void k_MEMA_init(double *s) { gp_seed_init(s); }
GP_HD double k_MEMA(double *s, double i, double z, double x, double n)
{
    double len = trunc(n), y = gp_seeded(s, x, len, 1.0 / len);
    double from_first = z - i + GP_S(1) - 1.0;
    return ((len >= 1.0) & (from_first >= len + 1.0)) ? gp_finite(y) : GP_NULL;
}
GP_HD void k_EXPMEMA_init(double *s) { gp_seed_init(s); }
GP_HD double k_EXPMEMA(double *s, double x, double n)
{
    double len = trunc(n), y = gp_seeded(s, x, len, 2.0 / (len + 1.0));
    return len >= 1.0 ? gp_finite(y) : GP_NULL;
}

GP_HD void k_DMA_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_DMA(double *s, double x, double a)
{
    double usable = gp_null(a) ? GP_NULL : x;
    double y = gp_step(GP_S(0), usable, a);
    y = ((a >= 1.0) & !gp_null(x)) ? x : y;
    GP_S(0) = y;
    return gp_finite(y);
}
GP_HD void k_TMA_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_TMA(double *s, double x, double a, double b)
{
    double y = a * GP_S(0) + b * x;
    y = gp_null(GP_S(0)) ? x : y;
    y = gp_null(x) ? GP_S(0) : y;
    GP_S(0) = y;
    return (gp_null(a) | gp_null(b)) ? GP_NULL : gp_finite(y);
}
GP_HD void k_AMA_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_AMA(double *s, double x, double a)
{
    GP_S(0) = gp_step(GP_S(0), x, a);
    return gp_null(a) ? GP_NULL : gp_finite(GP_S(0));
}
#endif
