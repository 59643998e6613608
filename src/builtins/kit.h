/* Small helpers the kernel families share.  Same rules as kernel.h: C11 and CUDA, no libc beyond math.h. */
#ifndef GP_BUILTINS_KIT_H
#define GP_BUILTINS_KIT_H
#include "builtins/kernel.h"

/* Truncation toward zero of any double; null gives 0, huge values are clamped so that +-1 cannot overflow. */
GP_HD int gp_int_of(double x)
{
    double c = x > 2147483000.0 ? 2147483000.0 : x < -2147483000.0 ? -2147483000.0 : x;
    return gp_null(c) ? 0 : (int)c;
}
/* Period arguments that may not be negative ("negative A or B count as 0"). */
GP_HD int gp_int_pos(double x)
{
    int v = gp_int_of(x);
    return v < 0 ? 0 : v;
}
/* ROUND's rule: half away from zero with a bias of 0.503 (functions.md section 7). */
GP_HD double gp_round_half(double x) { return trunc(x + (x < 0 ? -0.503 : 0.503)); }
/* MOD's rule: both sides rounded, remainder with the sign of the first; a zero divisor gives null. */
GP_HD double gp_mod(double a, double b)
{
    double m = gp_round_half(a), n = gp_round_half(b);
    return n == 0 ? GP_NULL : fmod(m, n);
}
/* Length of a full window given as an argument read from the last bar: at least 1, or 0 when it is unusable. */
GP_HD int gp_len_last(double n) { return n >= 1.0 ? gp_count_of(n) : 0; }
#endif
