/* Warnings about constants: legal, but not what anybody means (functions.md: what N <= 0, N = 1 and fractions do). */
#include "base/num.h"
#include "parser/scope.h"
#include <math.h>

enum { TEXT_MAX = 250 }; /* characters of a drawn text */

/* The value of a literal, a negated literal or a parameter. */
static bool constant(const gp_scope *s, const gp_node *n, double *v)
{
    if (n->kind == GP_NODE_NUMBER) {
        *v = n->number;
        return true;
    }
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM) {
        *v = s->f->params[n->sym_index].value;
        return true;
    }
    if (n->kind == GP_NODE_CALL && n->is_operator && n->n_args == 1 && gp_str_ieqz(n->text, "NEG") &&
        constant(s, n->args[0], v)) {
        *v = -*v;
        return true;
    }
    return false;
}

static const char *number_text(gp_scope *s, double v)
{
    char text[GP_NUM_MAX];
    size_t n = gp_num_format(v, text);
    return gp_arena_strndup(&s->f->arena, text, n);
}

typedef enum {
    NULL_AT_0 = 1,
    ZERO_AT_0 = 2,
    ALL_BELOW_0 = 4,
    NULL_BELOW_0 = 8,
    ONE_BELOW_1 = 16,
    NULL_AT_1 = 32,
    ZERO_AT_1 = 64,
    ROUNDED = 128
} rule;

static const struct { const char *name; int rules; } periods[] = {
    { "MA", NULL_AT_0 },         { "WMA", NULL_AT_0 },
    { "STD", NULL_AT_0 | ZERO_AT_1 | ROUNDED },   { "STDP", NULL_AT_0 | ROUNDED },
    { "VAR", NULL_AT_0 | ZERO_AT_1 | ROUNDED },   { "VARP", NULL_AT_0 | ROUNDED },
    { "STDDEV", NULL_AT_0 | NULL_AT_1 | ROUNDED }, { "SLOPE", NULL_AT_0 | NULL_AT_1 | ROUNDED },
    { "FORCAST", NULL_AT_0 | NULL_AT_1 | ROUNDED }, { "COVAR", NULL_AT_0 | ZERO_AT_1 | ROUNDED },
    { "RELATE", NULL_AT_0 | ROUNDED }, { "BETAEX", NULL_AT_0 | ROUNDED },
    { "AVEDEV", NULL_AT_0 },     { "DEVSQ", NULL_AT_0 },     { "MEMA", NULL_AT_0 },       { "EXPMEMA", NULL_AT_0 },
    { "XMA", NULL_AT_0 },        { "UPNDAY", NULL_AT_0 },    { "DOWNNDAY", NULL_AT_0 },   { "NDAY", NULL_AT_0 },
    { "BARSSINCEN", NULL_AT_0 }, { "EVERY", ZERO_AT_0 },     { "EXIST", ZERO_AT_0 },      { "SUM", ALL_BELOW_0 },
    { "HHV", ALL_BELOW_0 },      { "LLV", ALL_BELOW_0 },     { "HHVBARS", ALL_BELOW_0 },  { "LLVBARS", ALL_BELOW_0 },
    { "COUNT", ALL_BELOW_0 },    { "MULAR", ALL_BELOW_0 },   { "REF", NULL_BELOW_0 },     { "REFX", NULL_BELOW_0 },
    { "EMA", ONE_BELOW_1 },
};

static const char *useless(int rules, double n)
{
    if (n <= 0 && rules & NULL_AT_0)
        return "null on every bar";
    if (n <= 0 && rules & ZERO_AT_0)
        return "0 on every bar";
    if (n < 0 && rules & ALL_BELOW_0)
        return "the same as 0: all bars from the first";
    if (n < 0 && rules & NULL_BELOW_0)
        return "null on every bar";
    if (n < 1 && rules & ONE_BELOW_1)
        return "the same as N = 1";
    if (n == 1 && rules & NULL_AT_1)
        return "null on every bar";
    return n == 1 && rules & ZERO_AT_1 ? "0 on every bar" : NULL;
}

static void check_period(gp_scope *s, const gp_node *call, int i, int rules)
{
    const gp_node *arg = call->args[i];
    const char *fn = call->fn->name, *what;
    const char *name = gp_arena_strndup(&s->f->arena, call->fn->args[i].name.p, call->fn->args[i].name.n);
    double v;
    if (!constant(s, arg, &v))
        return;
    double n = rules & ROUNDED ? trunc(v + 0.503) : trunc(v);
    if (v != trunc(v))
        gp_diag_at(s->d, GP_D_PERIOD_FRACTION, arg->span, name, fn, number_text(s, v),
                   rules & ROUNDED ? "rounded" : "truncated", number_text(s, n == 0 ? 0 : n));
    if ((what = useless(rules, n)) != NULL)
        gp_diag_at(s->d, GP_D_PERIOD_USELESS, arg->span, fn, name, number_text(s, n), what);
    else if (n > 1e6)
        gp_diag_at(s->d, GP_D_PERIOD_HUGE, arg->span, name, fn, number_text(s, n));
}

static void check_weight(gp_scope *s, const gp_node *call)
{
    double n, m;
    if (!constant(s, call->args[1], &n) || !constant(s, call->args[2], &m))
        return;
    if (trunc(n) <= trunc(m) || trunc(n) < 1)
        gp_diag_at(s->d, GP_D_SMOOTHING_WEIGHT, call->span, call->fn->name, number_text(s, trunc(n)),
                   number_text(s, trunc(m)));
    for (int i = 1; i <= 2; i++)
        if ((i == 1 ? n : m) != trunc(i == 1 ? n : m))
            gp_diag_at(s->d, GP_D_PERIOD_FRACTION, call->args[i]->span, i == 1 ? "N" : "M", call->fn->name,
                       number_text(s, i == 1 ? n : m), "truncated", number_text(s, trunc(i == 1 ? n : m)));
}

static void check_argument(gp_scope *s, const gp_node *call, int i)
{
    const gp_arg *arg = gp_builtin_arg(call->fn, i);
    const gp_argument *allowed = gp_argument_find(call->fn, arg->name);
    const gp_node *given = call->args[i];
    double v;
    int letters = 0;
    if (arg->type == GP_ARG_TEXT && given->kind == GP_NODE_STRING && call->fn->category == GP_CAT_DRAW) {
        for (size_t k = 0; k < given->text.n; k++)
            letters += (given->text.p[k] & 0xC0) != 0x80;
        if (letters > TEXT_MAX)
            gp_diag_at(s->d, GP_D_LONG_TEXT, given->span, letters);
    }
    if (!constant(s, given, &v))
        return;
    if (arg->type == GP_ARG_COLOUR && !(v >= 0 && v <= 0xFFFFFF && v == trunc(v)))
        gp_diag_at(s->d, GP_D_COLOUR_RANGE, given->span, i + 1, call->fn->name, number_text(s, v));
    if (allowed && !gp_argument_allows(allowed, v))
        gp_diag_at(s->d, GP_D_ARGUMENT_RANGE, given->span, allowed->arg, call->fn->name, number_text(s, v), allowed->arg, allowed->en);
}

void gp_check_call(gp_scope *s, const gp_node *call)
{
    const gp_builtin *fn = call->fn;
    double v;
    if (call->is_operator) {
        if (call->n_args == 2 && fn->id == GP_B_DIV && constant(s, call->args[1], &v) && fabs(v) < 1e-5)
            gp_diag_at(s->d, GP_D_DIVISION_BY_ZERO, call->args[1]->span, number_text(s, v));
        return;
    }
    for (int i = 0; i < call->n_args; i++)
        check_argument(s, call, i);
    if (gp_str_ieqz(gp_str_from(fn->name), "SMA") && call->n_args == 3) {
        check_weight(s, call);
        return;
    }
    int rules = 0, last = -1;
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (strcmp(periods[i].name, fn->name) == 0)
            rules = periods[i].rules;
    for (int i = 0; i < call->n_args && i < fn->n_args; i++)
        if (fn->args[i].type == GP_ARG_PERIOD || (rules && fn->args[i].type == GP_ARG_LAST))
            last = i;
    for (int i = 0; i < call->n_args && i < fn->n_args; i++)
        if (fn->args[i].type == GP_ARG_PERIOD || i == last)
            check_period(s, call, i, i == last ? rules : 0);
}

/* 20240105 as a number: DATE is (year-1900)*10000 + month*100 + day. */
void gp_check_number(gp_scope *s, const gp_node *n)
{
    double v = n->number;
    if (!(v >= 19000101 && v <= 20991231) || v != trunc(v))
        return;
    int date = (int)v, month = date / 100 % 100, day = date % 100;
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31)
        gp_diag_at(s->d, GP_D_DATE_LITERAL, n->span, number_text(s, v), number_text(s, v - 19000000));
}
