/* How large a value can get.  Quotes are bounded (GP_QUOTE_MAX), so most sums and products of a formula cannot overflow,
 * and the check "overflow is null" (language.md 4.3) can be left out of them without changing a bit. */
#include <math.h>
#include "eval/code.h"

#define SAFE 1e300

static double in_mag(const gp_program *p, const int *in, int j)
{
    return p->vals.at[in[j]].mag;
}

static double max_of(const gp_program *p, const int *in, int from, int to)
{
    double m = 0;
    for (int j = from; j < to; j++) m = in_mag(p, in, j) > m || isnan(in_mag(p, in, j)) ? in_mag(p, in, j) : m;
    return m;
}

/* SMA with constants 0 <= M < N: a mean, and not null throughout. */
static bool is_plain_sma(const gp_program *p, const int *in)
{
    const gp_val *n = &p->vals.at[in[1]], *m = &p->vals.at[in[2]];
    return n->kind == GP_VAL_CONST && m->kind == GP_VAL_CONST && trunc(m->number) >= 0 &&
           trunc(n->number) > trunc(m->number);
}

double gp_range_of(const gp_program *p, const gp_builtin *fn, const int *in, int n_in)
{
    double m = INFINITY;
    switch (fn->id) {
    case GP_B_ADD:
    case GP_B_SUB: m = in_mag(p, in, 0) + in_mag(p, in, 1); break;
    case GP_B_MUL: m = in_mag(p, in, 0) * in_mag(p, in, 1); break;
    case GP_B_DIV: m = in_mag(p, in, 0) / GP_TINY; break;
    case GP_B_LT:
    case GP_B_LE:
    case GP_B_GT:
    case GP_B_GE:
    case GP_B_EQ:
    case GP_B_NE:
    case GP_B_AND:
    case GP_B_OR:
    case GP_B_NOT:
    case GP_B_CROSS:
    case GP_B_LONGCROSS: m = 1; break;
    case GP_B_MAX:
    case GP_B_MIN:
    case GP_B_ABS:
    case GP_B_NEG: m = max_of(p, in, 0, n_in); break;
    case GP_B_IF: m = max_of(p, in, 1, n_in); break;
    case GP_B_HHV:
    case GP_B_LLV:
    case GP_B_REF:
    case GP_B_MA:
    case GP_B_EMA: m = in_mag(p, in, 0); break; /* means of earlier values */
    case GP_B_SMA: m = is_plain_sma(p, in) ? in_mag(p, in, 0) : INFINITY; break;
    case GP_B_STD: m = 4 * in_mag(p, in, 0); break;
    case GP_B_SUM: m = 2147483647.0 * in_mag(p, in, 0); break;
    default: break;
    }
    return isnan(m) ? INFINITY : m * (1 + 1e-9); /* rounding */
}

const gp_builtin *gp_range_cheaper(const gp_program *p, const gp_builtin *fn, const int *in, double mag)
{
    if (fn->id == GP_B_STD && mag < 1e130) return gp_builtin_get(GP_B_STDRAW); /* its squares must not overflow either */
    if (!(mag < SAFE)) return fn;
    switch (fn->id) {
    case GP_B_ADD: return gp_builtin_get(GP_B_ADDRAW);
    case GP_B_SUB: return gp_builtin_get(GP_B_SUBRAW);
    case GP_B_MUL: return gp_builtin_get(GP_B_MULRAW);
    case GP_B_DIV: return gp_builtin_get(GP_B_DIVRAW);
    case GP_B_SMA: return is_plain_sma(p, in) ? gp_builtin_get(GP_B_SMARAW) : fn;
    default: return fn;
    }
}
