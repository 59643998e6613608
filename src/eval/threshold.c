/* Comparisons with a constant.  a < C means C >= a + tol(a) (language.md 4.4), and a + tol(a) grows with a, so there is one
 * largest double T for which it holds: the comparison is a <= T, without computing a tolerance on every bar.  T is found by
 * bisection over the doubles with the very comparison it replaces; so no bit changes.  Below |C| = 0.01 the sum does not grow
 * steadily to the last bit, and the comparison stays as it is. */
#include <math.h>
#include <stdint.h>
#include "eval/code.h"

/* Doubles in their order as integers. */
static int64_t order_of(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double double_of(int64_t order)
{
    const int64_t bits = order < 0 ? INT64_MIN - order : order;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static int holds(gp_builtin_id id, double x, double c)
{
    switch (id) {
    case GP_B_LT: return gp_lt(x, c);
    case GP_B_LE: return gp_le(x, c);
    case GP_B_GT: return gp_gt(x, c);
    default: return gp_ge(x, c);
    }
}

/* LT, LE: the largest x that holds; GT, GE: the smallest. */
double gp_threshold(gp_builtin_id id, double c)
{
    const int below = id == GP_B_LT || id == GP_B_LE;
    int64_t yes = order_of(below ? -1e300 : 1e300), no = order_of(below ? 1e300 : -1e300);
    for (;;) { /* until no double lies between: their distance itself may not fit an integer */
        const int64_t mid = yes / 2 + no / 2 + (yes % 2 + no % 2) / 2;
        if (mid == yes || mid == no) break;
        if (holds(id, double_of(mid), c))
            yes = mid;
        else
            no = mid;
    }
    return double_of(yes);
}

bool gp_threshold_fits(double c)
{
    return fabs(c) >= 0.01 && fabs(c) <= 1e30;
}
