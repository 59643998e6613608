#include "parser/values.h"
#include <math.h>

/* How a function's value follows from its arguments. */
typedef enum {
    FREE,    /* lo..hi as given */
    PICK,    /* one of the arguments of the mask */
    MEAN,    /* between the least and the greatest value of argument 1 */
    MEAN_0,  /* the same, or nearer to 0: nulls inside the window count as 0 */
    UP_TO_N, /* 0 to the period */
    BELOW_N, /* 0 to the period less 1 */
    TOTAL    /* a sum: keeps the sign of argument 1 */
} how;

enum { A1 = 1, A2 = 2, A23 = 6, EVERY_ARGUMENT = 0xFFFF };

/* Functions not listed are 0 or 1 when they are logic, whole numbers when they are calendar, and anything otherwise. */
static const struct { const char *name; gp_grain grain; how how; double lo, hi; int mask; } table[] = {
    { "OPEN", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "HIGH", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "LOW", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "CLOSE", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "VOL", GP_GRAIN_PRICE, FREE, 0, INFINITY, 0 },
    { "AMOUNT", GP_GRAIN_PRICE, FREE, 0, INFINITY, 0 },
    { "REF", 0, PICK, 0, 0, A1 },
    { "REFV", 0, PICK, 0, 0, A1 },
    { "REFX", 0, PICK, 0, 0, A1 },
    { "REFXV", 0, PICK, 0, 0, A1 },
    { "HHV", 0, PICK, 0, 0, A1 },
    { "LLV", 0, PICK, 0, 0, A1 },
    { "FINDHIGH", 0, PICK, 0, 0, A1 },
    { "FINDLOW", 0, PICK, 0, 0, A1 },
    { "HHVLLV", 0, PICK, 0, 0, A1 },
    { "CONST", 0, PICK, 0, 0, A1 },
    { "CONSTA", 0, PICK, 0, 0, A1 },
    { "REFDATE", 0, PICK, 0, 0, A1 },
    { "ALIGNRIGHT", 0, PICK, 0, 0, A1 },
    { "VALUEWHEN", 0, PICK, 0, 0, A2 },
    { "IF", 0, PICK, 0, 0, A23 },
    { "IFN", 0, PICK, 0, 0, A23 },
    { "IFC", 0, PICK, 0, 0, A23 },
    { "MAX", 0, PICK, 0, 0, EVERY_ARGUMENT },
    { "MIN", 0, PICK, 0, 0, EVERY_ARGUMENT },
    { "MAX6", 0, PICK, 0, 0, EVERY_ARGUMENT },
    { "MIN6", 0, PICK, 0, 0, EVERY_ARGUMENT },
    { "MA", GP_GRAIN_COMPUTED, MEAN_0, 0, 0, 0 },
    { "EMA", GP_GRAIN_COMPUTED, MEAN, 0, 0, 0 },
    { "SMA", GP_GRAIN_COMPUTED, MEAN, 0, 0, 0 },
    { "WMA", GP_GRAIN_COMPUTED, MEAN_0, 0, 0, 0 },
    { "MEMA", GP_GRAIN_COMPUTED, MEAN_0, 0, 0, 0 },
    { "EXPMEMA", GP_GRAIN_COMPUTED, MEAN_0, 0, 0, 0 },
    { "TRMA", GP_GRAIN_COMPUTED, MEAN_0, 0, 0, 0 },
    { "SUM", 0, TOTAL, 0, 0, 0 },
    { "COUNT", GP_GRAIN_WHOLE, UP_TO_N, 0, 0, 0 },
    { "HHVBARS", GP_GRAIN_WHOLE, BELOW_N, 0, 0, 0 },
    { "LLVBARS", GP_GRAIN_WHOLE, BELOW_N, 0, 0, 0 },
    { "BARSSINCEN", GP_GRAIN_WHOLE, BELOW_N, 0, 0, 0 },
    { "BARSLAST", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "BARSLASTS", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "BARSLASTCOUNT", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "BARSSINCE", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "BARSCOUNT", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "BARSNEXT", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "PEAKBARS", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "TROUGHBARS", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "SUMBARS", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "TOPRANGE", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "LOWRANGE", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "CURRBARSCOUNT", GP_GRAIN_WHOLE, FREE, 1, INFINITY, 0 },
    { "TOTALBARSCOUNT", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "HOD", GP_GRAIN_WHOLE, FREE, 1, INFINITY, 0 },
    { "LOD", GP_GRAIN_WHOLE, FREE, 1, INFINITY, 0 },
    { "ISLASTBAR", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "BARSTATUS", GP_GRAIN_WHOLE, FREE, 0, 2, 0 },
    { "FILTER", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "FILTERX", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "BACKSET", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "TFILTER", GP_GRAIN_WHOLE, FREE, 0, 2, 0 },
    { "UPDOWN", GP_GRAIN_WHOLE, FREE, -1, 1, 0 },
    { "SARTURN", GP_GRAIN_WHOLE, FREE, -1, 1, 0 },
    { "SIGN", GP_GRAIN_WHOLE, FREE, -1, 1, 0 },
    { "INTPART", GP_GRAIN_WHOLE, FREE, -INFINITY, INFINITY, 0 },
    { "FLOOR", GP_GRAIN_WHOLE, FREE, -INFINITY, INFINITY, 0 },
    { "CEILING", GP_GRAIN_WHOLE, FREE, -INFINITY, INFINITY, 0 },
    { "ROUND", GP_GRAIN_WHOLE, FREE, -INFINITY, INFINITY, 0 },
    { "ROUND2", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "ZTPRICE", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "DTPRICE", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "PEAK", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "TROUGH", GP_GRAIN_PRICE, FREE, -INFINITY, INFINITY, 0 },
    { "TR", GP_GRAIN_PRICE, FREE, 0, INFINITY, 0 },
    { "DRAWNULL", GP_GRAIN_WHOLE, FREE, -INFINITY, INFINITY, 0 },
    { "MINDIFF", GP_GRAIN_PRICE, FREE, 0, INFINITY, 0 },
    { "RAND", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "MONTH", GP_GRAIN_WHOLE, FREE, 1, 12, 0 },
    { "DAY", GP_GRAIN_WHOLE, FREE, 1, 31, 0 },
    { "WEEKDAY", GP_GRAIN_WHOLE, FREE, 0, 6, 0 },
    { "HOUR", GP_GRAIN_WHOLE, FREE, 0, 23, 0 },
    { "MINUTE", GP_GRAIN_WHOLE, FREE, 0, 59, 0 },
    { "TIME", GP_GRAIN_WHOLE, FREE, 0, 2359, 0 },
    { "STD", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "STDP", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "VAR", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "VARP", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "DEVSQ", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "AVEDEV", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "STDDEV", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "SQRT", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "EXP", GP_GRAIN_COMPUTED, FREE, 0, INFINITY, 0 },
    { "SIN", GP_GRAIN_COMPUTED, FREE, -1, 1, 0 },
    { "COS", GP_GRAIN_COMPUTED, FREE, -1, 1, 0 },
    { "RELATE", GP_GRAIN_COMPUTED, FREE, -1, 1, 0 },
    { "WINNER", GP_GRAIN_COMPUTED, FREE, 0, 1, 0 },
    { "LWINNER", GP_GRAIN_COMPUTED, FREE, 0, 1, 0 },
    { "PWINNER", GP_GRAIN_COMPUTED, FREE, 0, 1, 0 },
    { "PPART", GP_GRAIN_COMPUTED, FREE, 0, 1, 0 },
    { "STRLEN", GP_GRAIN_WHOLE, FREE, 0, INFINITY, 0 },
    { "CODELIKE", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "NAMELIKE", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "NAMEINCLUDE", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
    { "INBLOCK", GP_GRAIN_WHOLE, FREE, 0, 1, 0 },
};

static gp_value anything(gp_grain grain)
{
    return (gp_value){ .grain = grain, .lo = -INFINITY, .hi = INFINITY };
}

static gp_value bounded(gp_grain grain, double lo, double hi)
{
    return (gp_value){ .grain = grain, .lo = lo, .hi = hi };
}

static gp_grain coarser(gp_grain a, gp_grain b)
{
    return a > b ? a : b;
}

/* Bounds of a sum or product may be inf - inf or 0 * inf: then nothing is known. */
static void known(gp_value *v)
{
    if (isnan(v->lo))
        v->lo = -INFINITY;
    if (isnan(v->hi))
        v->hi = INFINITY;
}

static gp_value product(const gp_value *a, const gp_value *b)
{
    double p[4] = { a->lo * b->lo, a->lo * b->hi, a->hi * b->lo, a->hi * b->hi };
    gp_value v = bounded(GP_GRAIN_COMPUTED, p[0], p[0]);
    for (int i = 0; i < 4; i++) {
        if (isnan(p[i])) /* 0 times anything finite is 0 */
            p[i] = 0;
        v.lo = i == 0 || p[i] < v.lo ? p[i] : v.lo;
        v.hi = i == 0 || p[i] > v.hi ? p[i] : v.hi;
    }
    if (a->grain == GP_GRAIN_WHOLE && b->grain == GP_GRAIN_WHOLE)
        v.grain = GP_GRAIN_WHOLE;
    else if ((a->grain == GP_GRAIN_WHOLE && b->grain == GP_GRAIN_PRICE) ||
             (b->grain == GP_GRAIN_WHOLE && a->grain == GP_GRAIN_PRICE))
        v.grain = GP_GRAIN_PRICE;
    return v;
}

static gp_value operation(const gp_node *n, const gp_value *a)
{
    gp_value v;
    switch (n->fn->id) {
    case GP_B_ADD:
        v = bounded(coarser(a[0].grain, a[1].grain), a[0].lo + a[1].lo, a[0].hi + a[1].hi);
        break;
    case GP_B_SUB:
        v = bounded(coarser(a[0].grain, a[1].grain), a[0].lo - a[1].hi, a[0].hi - a[1].lo);
        break;
    case GP_B_NEG:
        v = bounded(a[0].grain, -a[0].hi, -a[0].lo);
        break;
    case GP_B_MUL: v = product(&a[0], &a[1]); break;
    case GP_B_DIV:
        v = anything(GP_GRAIN_COMPUTED);
        if (a[1].lo == a[1].hi && fabs(a[1].lo) >= 1e-5 && isfinite(a[1].lo)) {
            gp_value by = bounded(GP_GRAIN_COMPUTED, 1 / a[1].lo, 1 / a[1].lo);
            v = product(&a[0], &by);
            v.grain = GP_GRAIN_COMPUTED;
        } else if (a[0].lo >= 0 && a[1].lo >= 0) {
            v.lo = 0;
        }
        break;
    case GP_B_REM: v = anything(coarser(a[0].grain, a[1].grain)); break;
    default: v = bounded(GP_GRAIN_WHOLE, 0, 1); break;
    }
    known(&v);
    return v;
}

/* The period of a call when it is a positive number whatever the parameters are. */
static double period(const gp_node *n, const gp_value *args)
{
    for (int i = 0; i < n->n_args && i < n->fn->n_args; i++)
        if ((n->fn->args[i].type == GP_ARG_PERIOD || n->fn->args[i].type == GP_ARG_LAST) && args[i].lo >= 1)
            return trunc(args[i].hi);
    return INFINITY;
}

static gp_value picked(const gp_node *n, const gp_value *args, int mask)
{
    gp_value v = bounded(GP_GRAIN_WHOLE, INFINITY, -INFINITY);
    for (int i = 0; i < n->n_args; i++) {
        if (!(mask & (1 << i)))
            continue;
        v.grain = coarser(v.grain, args[i].grain);
        v.lo = fmin(v.lo, args[i].lo);
        v.hi = fmax(v.hi, args[i].hi);
    }
    return v.lo > v.hi ? anything(GP_GRAIN_COMPUTED) : v;
}

static gp_value function(const gp_node *n, const gp_value *args)
{
    const gp_builtin *fn = n->fn;
    if (strcmp(fn->name, "ABS") == 0 && n->n_args == 1)
        return bounded(args[0].grain, args[0].lo >= 0 ? args[0].lo : args[0].hi <= 0 ? -args[0].hi : 0,
                       fmax(fabs(args[0].lo), fabs(args[0].hi)));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].name, fn->name) != 0)
            continue;
        gp_value v = bounded(table[i].grain, table[i].lo, table[i].hi);
        if (table[i].how == PICK) {
            v = picked(n, args, table[i].mask);
            v.price = table[i].mask == A1 && args[0].price;
        } else if ((table[i].how == MEAN || table[i].how == MEAN_0) && n->n_args) {
            bool zero = table[i].how == MEAN_0;
            v.lo = zero ? fmin(args[0].lo, 0) : args[0].lo;
            v.hi = zero ? fmax(args[0].hi, 0) : args[0].hi;
            v.price = args[0].price;
        } else if (table[i].how == UP_TO_N) {
            v.hi = period(n, args);
        } else if (table[i].how == BELOW_N) {
            v.hi = period(n, args) - 1;
        } else if (table[i].how == TOTAL && n->n_args) {
            v = bounded(args[0].grain, args[0].lo >= 0 ? 0 : -INFINITY, args[0].hi <= 0 ? 0 : INFINITY);
        } else if (n->n_args == 0 && fn->shape == GP_SHAPE_LOAD && v.grain == GP_GRAIN_PRICE && v.lo < 0) {
            v.price = true;
        }
        return v;
    }
    if (fn->category == GP_CAT_LOGIC)
        return bounded(GP_GRAIN_WHOLE, 0, 1);
    return anything(fn->category == GP_CAT_TIME ? GP_GRAIN_WHOLE : GP_GRAIN_COMPUTED);
}

static gp_value number(double v)
{
    return (gp_value){ .grain = v == trunc(v) ? GP_GRAIN_WHOLE : GP_GRAIN_PRICE, .lo = v, .hi = v, .steady = true,
                       .constant = true, .plain = true };
}

static gp_value parameter(const gp_param *p)
{
    gp_value v = number(p->value);
    v.lo = p->has_range ? p->min : -INFINITY;
    v.hi = p->has_range ? p->max : INFINITY;
    return v;
}

gp_value gp_value_of(const gp_formula *f, const gp_node *n, const gp_value *args, const gp_value *stmts)
{
    if (n->kind == GP_NODE_NUMBER)
        return number(n->number);
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM)
        return parameter(&f->params[n->sym_index]);
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT)
        return stmts[n->sym_index];
    if (!n->fn || n->type != GP_TYPE_NUMBER)
        return anything(GP_GRAIN_WHOLE); /* text, drawings, other formulas: nothing is said about them */
    gp_value v = n->is_operator && n->fn->id != GP_B_NOT ? operation(n, args) : function(n, args);
    bool fold = n->fn->flags & GP_ROW_FOLD && n->n_args;
    v.steady = v.constant = fold;
    v.plain = fold && (n->fn->id == GP_B_ADD || n->fn->id == GP_B_SUB || n->fn->id == GP_B_MUL ||
                       n->fn->id == GP_B_DIV || n->fn->id == GP_B_NEG);
    for (int i = 0; i < n->n_args; i++) {
        v.steady &= args[i].steady;
        v.constant &= args[i].constant;
        v.plain &= args[i].plain;
    }
    if (n->fn->future == GP_FUTURE_LAST && n->fn->shape == GP_SHAPE_WHOLE) /* CONST and its kin */
        v.steady = true;
    return v;
}

int gp_value_decided(gp_str sign, const gp_value *a, const gp_value *b)
{
    const double near = 1e-4; /* comparisons have a tolerance; be further away than that */
    bool touches_zero = (a->lo == 0 && b->hi == 0) || (b->lo == 0 && a->hi == 0); /* X>=0 asks whether X is there */
    bool turned = sign.p[0] == '>';
    const gp_value *x = turned ? b : a, *y = turned ? a : b; /* x < y */
    if (gp_str_ieqz(sign, "<") || gp_str_ieqz(sign, ">"))
        return x->lo >= y->hi ? -1 : x->hi < y->lo - near ? 1 : 0;
    if (gp_str_ieqz(sign, "<=") || gp_str_ieqz(sign, ">="))
        return x->lo > y->hi + near ? -1 : x->hi <= y->lo && !touches_zero ? 1 : 0;
    if (a->lo > b->hi + near || b->lo > a->hi + near)
        return gp_str_ieqz(sign, "=") ? -1 : 1;
    return 0;
}
