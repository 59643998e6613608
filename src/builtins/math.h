/* Kernels of math.def.  "Previous output" is s0: what the same call gave on the bar before, null included. */
#ifndef GP_BUILTINS_MATH_H
#define GP_BUILTINS_MATH_H
#include "builtins/kit.h"

/* Outcome of a function that may have no answer: null for a null argument, else y or the previous output. */
GP_HD double gp_or_prev(double *s, int null_in, int ok, double y)
{
    double z = ok ? y : GP_S(0);
    GP_S(0) = null_in ? GP_NULL : z;
    return GP_S(0);
}

/* RAND: no memory, so that neither blocks nor threads nor earlier bars matter.  seed holds the code too (53 bits). */
GP_HD uint64_t gp_mix64(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
GP_HD double k_RAND(double seed, double date, double time, double call, double n)
{
    double whole = trunc(n < 4503599627370496.0 ? n : 4503599627370496.0);
    uint64_t z = gp_mix64((uint64_t)(seed >= 0 && seed < 9007199254740992.0 ? seed : 0.0) + 0x9e3779b97f4a7c15u);
    z = gp_mix64(z ^ (uint64_t)(uint32_t)gp_int_of(date) ^ (uint64_t)(uint32_t)gp_int_of(time) << 32);
    z = gp_mix64(z + 0x9e3779b97f4a7c15u * ((uint64_t)(uint32_t)gp_int_of(call) + 1));
    double unit = (double)(z >> 11) * 0x1p-53;
    return whole >= 1.0 ? 1.0 + floor(unit * whole) : GP_NULL;
}

GP_HD double k_ABS(double x) { return fabs(x); }
GP_HD void k_SQRT_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_SQRT(double *s, double x) { return gp_or_prev(s, gp_null(x), x >= 0, sqrt(x)); }

GP_HD void k_POW_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_POW(double *s, double a, double b)
{
    double whole = rint(b);
    int near0 = fabs(a) < GP_TINY, is_whole = fabs(b - whole) < GP_TINY;
    double y = near0 ? 0.0 : gp_finite(pow(a, a < 0 ? whole : b));
    int ok = near0 ? b > 0 : ((a > 0) | is_whole) & !gp_null(y);
    return gp_or_prev(s, gp_null(a) | gp_null(b), ok, y);
}
GP_HD void k_EXP_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_EXP(double *s, double x) { return gp_or_prev(s, gp_null(x), x <= 88.0, exp(x)); }
GP_HD void k_LN_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_LN(double *s, double x) { return gp_or_prev(s, gp_null(x), x > 0, log(x)); }
GP_HD void k_LOG_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_LOG(double *s, double x) { return gp_or_prev(s, gp_null(x), x > 0, log10(x)); }

GP_HD double k_SIN(double x) { return sin(x); }
GP_HD double k_COS(double x) { return cos(x); }
GP_HD double k_TAN(double x) { return tan(x); }
GP_HD void k_ASIN_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_ASIN(double *s, double x) { return gp_or_prev(s, gp_null(x), fabs(x) <= 1, asin(x)); }
GP_HD void k_ACOS_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_ACOS(double *s, double x) { return gp_or_prev(s, gp_null(x), fabs(x) <= 1, acos(x)); }
GP_HD double k_ATAN(double x) { return atan(x); }

GP_HD double k_MOD(double m, double n) { return gp_mod(m, n); }
GP_HD double k_INTPART(double x) { return trunc(x + (x < 0 ? -1e-4 : 1e-4)); }
GP_HD double k_FRACPART(double x) { return x - k_INTPART(x); }
GP_HD double k_CEILING(double x)
{
    double r = rint(x);
    return fabs(x - r) < GP_TINY ? r : ceil(x);
}
GP_HD double k_FLOOR(double x)
{
    double r = rint(x);
    return fabs(x - r) < GP_TINY ? r : floor(x);
}
GP_HD double k_ROUND(double x) { return gp_round_half(x); }
GP_HD double k_ROUND2(double x, double n)
{
    double scale = n >= 4 ? 1e4 : n >= 3 ? 1e3 : n >= 2 ? 1e2 : n >= 1 ? 1e1 : 1.0;
    return gp_null(n) ? GP_NULL : gp_finite(gp_round_half(x * scale) / scale);
}
GP_HD double k_SIGN(double x)
{
    double y = x >= GP_TINY ? 1.0 : x <= -GP_TINY ? -1.0 : 0.0;
    return gp_null(x) ? GP_NULL : y;
}
GP_HD double k_REVERSE(double x) { return -x; }
#endif
