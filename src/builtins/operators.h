/* Kernels of operators.def.  Rules: language.md 4.3 (arithmetic), 4.4 (comparisons), 4.5 (logic). */
#ifndef GP_BUILTINS_OPERATORS_H
#define GP_BUILTINS_OPERATORS_H
#include "builtins/kit.h"

GP_HD double k_ADD(double a, double b) { return gp_finite(a + b); }
GP_HD double k_SUB(double a, double b) { return gp_finite(a - b); }
GP_HD double k_MUL(double a, double b) { return gp_finite(a * b); }
GP_HD double k_NEG(double x) { return -x; }
GP_HD double k_REM(double a, double b) { return gp_mod(a, b); }

/* s0: the result of the bar before, null included */
GP_HD void k_DIV_init(double *s) { GP_S(0) = GP_NULL; }
GP_HD double k_DIV(double *s, double a, double b)
{
    double q = fabs(b) < GP_TINY ? GP_S(0) : gp_finite(a / b);
    q = gp_null(a) ? GP_NULL : q; /* the null check comes before the zero check */
    GP_S(0) = q;
    return q;
}

GP_HD double gp_null_through(double a, double b, double y) { return gp_either_null(a, b) ? GP_NULL : y; }
GP_HD double k_LT(double a, double b) { return gp_null_through(a, b, gp_bool(gp_lt(a, b))); }
GP_HD double k_LE(double a, double b) { return gp_null_through(a, b, gp_bool(gp_le(a, b))); }
GP_HD double k_GT(double a, double b) { return gp_null_through(a, b, gp_bool(gp_gt(a, b))); }
GP_HD double k_GE(double a, double b) { return gp_null_through(a, b, gp_bool(gp_ge(a, b))); }
GP_HD double k_EQ(double a, double b) { return gp_bool(gp_eq(a, b) | (gp_null(a) & gp_null(b))); }
GP_HD double k_NE(double a, double b) { return gp_bool(!(gp_eq(a, b) | (gp_null(a) & gp_null(b)))); }

GP_HD double k_AND(double a, double b)
{
    double y = gp_either_null(a, b) ? GP_NULL : 1.0;
    return ((a == 0) | (b == 0)) ? 0.0 : y; /* exactly 0, not "near 0": language.md 4.5 */
}
GP_HD double k_OR(double a, double b) { return gp_bool(gp_true(a) | gp_true(b)); }
#endif
