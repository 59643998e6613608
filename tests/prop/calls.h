/* Random quotes and random calls of every row of the registry, for property tests. */
#ifndef GP_TESTS_CALLS_H
#define GP_TESTS_CALLS_H
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "builtins/kernel.h"
#include "eval/vm.h"
#include "parser/parser.h"

enum { BARS = 230, EXTERNALS = 4 };
static uint64_t rng;

static uint32_t next_random(void)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33);
}

/* ---- data ---- */

typedef struct quotes {
    int n;
    double o[BARS], h[BARS], l[BARS], c[BARS], v[BARS], a[BARS];
    double ext[EXTERNALS][BARS]; /* whatever the formula asks for beside the quotes */
    int32_t date[BARS];
} quotes;

static void make_quotes(quotes *q, int n, bool nulls)
{
    double price = 10 + next_random() % 40;
    int day = 0;
    q->n = n;
    for (int i = 0; i < n; i++) {
        price = fabs(price + ((int)(next_random() % 201) - 100) * 0.01) + 0.01;
        q->o[i] = floor((price + ((int)(next_random() % 61) - 30) * 0.01) * 100) / 100;
        q->c[i] = floor(price * 100) / 100;
        if (next_random() % 7 == 0) q->c[i] = q->o[i];
        q->h[i] = fmax(q->o[i], q->c[i]) + (next_random() % 40) * 0.01;
        q->l[i] = fmin(q->o[i], q->c[i]) - (next_random() % 40) * 0.01;
        if (next_random() % 23 == 0) q->h[i] = q->l[i] = q->o[i] = q->c[i]; /* one-price board */
        q->v[i] = next_random() % 9 == 0 ? 0 : next_random() % 100000;
        q->a[i] = q->v[i] * q->c[i];
        day += 1 + next_random() % 3;
        q->date[i] = 20200101 + day % 28 + (day / 28 % 12) * 100 + day / 336 * 10000;
        for (int k = 0; k < EXTERNALS; k++) q->ext[k][i] = i && next_random() % 3 ? q->ext[k][i - 1] : 90000 + next_random() % 400000;
        for (int k = 0; nulls && i < 9 && k < EXTERNALS; k++) q->ext[k][i] = GP_NULL;
        if (nulls && next_random() % 17 == 0) q->c[i] = GP_NULL;
        if (nulls && next_random() % 29 == 0) q->v[i] = GP_NULL;
        if (nulls && i < 5) q->o[i] = GP_NULL;
    }
}

static gp_lane lane_of(const quotes *q, int n, const double **ext)
{
    for (int k = 0; k < EXTERNALS; k++) ext[k] = q->ext[k];
    return (gp_lane){.n = n, .open = q->o, .high = q->h, .low = q->l, .close = q->c, .vol = q->v, .amount = q->a, .date = q->date,
                     .period = 5, .code = GP_STR("600000"), .name = GP_STR("浦发银行"), .ext = ext};
}

static inline bool same_bits(const double *a, const double *b, int n, int *at)
{
    for (int i = 0; i < n; i++)
        if (!(a[i] == b[i] || (gp_null(a[i]) && gp_null(b[i])))) {
            *at = i;
            return false;
        }
    return true;
}

/* ---- formulas for a row ---- */

static const char *pick(const char *const *from, int n)
{
    return from[next_random() % (uint32_t)n];
}

static bool add_argument(const gp_arg *arg, int variant, gp_buf *out)
{
    static const char *const series[] = {"C", "C", "V", "MA(C,4)", "REF(C,3)", "IF(C>O,C,DRAWNULL)", "C-O", "H"};
    static const char *const cond[] = {"C>O", "C>REF(C,1)", "CROSS(C,MA(C,5))", "REF(C>O,6)", "C>=H", "V"};
    static const char *const constant[] = {"1", "3", "5", "20", "2", "10", "300"};
    static const char *const varying[] = {"BARSLAST(C>O)+1", "IF(C>O,3,7)", "BARSLAST(C>O)", "MOD(V,9)"};
    switch (arg->type) {
    case GP_ARG_TEXT: return false;
    case GP_ARG_COND: gp_buf_addz(out, pick(cond, 6)); return true;
    case GP_ARG_PERIOD: gp_buf_addz(out, variant % 3 == 2 ? pick(varying, 4) : pick(constant, 7)); return true;
    case GP_ARG_LAST:
    case GP_ARG_FIRST: gp_buf_addz(out, variant % 4 == 3 ? pick(varying, 4) : pick(constant, 7)); return true;
    default: gp_buf_addz(out, pick(series, 8)); return true;
    }
}

static bool is_operator(const gp_builtin *b)
{
    return b->category == GP_CAT_OPERATOR;
}

static bool add_call(const gp_builtin *b, int variant, gp_buf *out)
{
    gp_buf_addz(out, "X:");
    if (is_operator(b)) {
        gp_buf_addc(out, '(');
        if (!add_argument(&b->args[0], variant, out)) return false;
        gp_buf_printf(out, ") %s (", b->name);
        if (!add_argument(&b->args[b->n_args - 1], variant, out)) return false;
        gp_buf_addz(out, ");");
        return true;
    }
    gp_buf_addz(out, b->name);
    const int n = b->n_args;
    for (int j = 0; j < n; j++) {
        gp_buf_addc(out, j ? ',' : '(');
        if (!add_argument(&b->args[j], variant, out)) return false;
    }
    gp_buf_addz(out, n ? ");" : ";");
    return true;
}
#endif
