/* What is legal but rarely meant: unused names, traps of precedence and equality, comparisons that are decided before any
 * quote is read (GP6xx).  What the parser and resolve warn about is not repeated here.  Works on a resolved formula, in
 * one walk over the tree. */
#include "base/num.h"
#include "parser/values.h"
#include <math.h>

/* A finding that is reported once, with the lines of the others like it. */
typedef struct tally { const gp_node *first; int n, n_lines; uint32_t lines[6]; } tally;

typedef struct lint {
    gp_formula *f;
    gp_diags *d;
    gp_value *stmts;       /* the value of each statement */
    int *reader;           /* the latest statement that reads each one, or -1 */
    bool *param_used;
    tally ranges;          /* HHV-LLV as a denominator */
    tally *ahead;          /* by builtin */
    tally periods;         /* CLOSE#WEEK */
    int at;
} lint;

static const char *text_of(lint *l, const gp_node *n)
{
    gp_str s = gp_span_text(n->span);
    if (n->parenthesised && s.n > 2 && s.p[0] == '(') {
        s.p++;
        s.n -= 2;
    }
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\n' || s.p[i] == '\r') { /* a message stays on its line */
            s.n = i;
            return gp_arena_printf(&l->f->arena, "%s …", gp_shorten(&l->f->arena, s, 40));
        }
    return gp_shorten(&l->f->arena, s, 60);
}

static const char *number_text(lint *l, double v)
{
    char text[GP_NUM_MAX];
    size_t n = gp_num_format(v, text);
    return gp_arena_strndup(&l->f->arena, text, n);
}

static bool is_call(const gp_node *n, const char *name)
{
    return n->kind == GP_NODE_CALL && !n->is_operator && n->fn && strcmp(n->fn->name, name) == 0;
}

static bool is_operator(const gp_node *n, gp_builtin_id id)
{
    return n->kind == GP_NODE_CALL && n->is_operator && n->fn && n->fn->id == id;
}

/* --- things said once -------------------------------------------------------------------------------------- */

static void count(tally *t, const gp_node *n)
{
    if (!t->n++)
        t->first = n;
    uint32_t line = gp_span_line(n->span);
    if (t->n > 1 && t->n_lines < 6 && (!t->n_lines || t->lines[t->n_lines - 1] != line))
        t->lines[t->n_lines++] = line;
}

static const char *more(lint *l, const tally *t)
{
    gp_buf b = { 0 };
    gp_buf_addz(&b, "");
    if (t->n > 1)
        gp_buf_printf(&b, " (and %d more like it: line%s ", t->n - 1, t->n_lines > 1 ? "s" : "");
    for (int i = 0; i < t->n_lines; i++)
        gp_buf_printf(&b, "%s%u", i ? ", " : "", t->lines[i]);
    if (t->n > 1)
        gp_buf_addz(&b, t->n_lines == 6 ? ", …)" : ")");
    const char *text = gp_arena_strndup(&l->f->arena, b.p, b.n);
    gp_buf_free(&b);
    return text;
}

/* --- shapes ------------------------------------------------------------------------------------------------- */

/* The expression a name stands for; n itself when it is none. */
static const gp_node *behind(const lint *l, const gp_node *n)
{
    for (int i = 0; i < 8 && n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT; i++)
        n = l->f->stmts[n->sym_index].expr;
    return n;
}

static bool top(const gp_node *n)
{
    return is_call(n, "HHV") || (n->kind == GP_NODE_NAME && n->fn && strcmp(n->fn->name, "HIGH") == 0);
}

static bool bottom(const gp_node *n)
{
    return is_call(n, "LLV") || (n->kind == GP_NODE_NAME && n->fn && strcmp(n->fn->name, "LOW") == 0);
}

static bool is_range(const lint *l, const gp_node *n)
{
    n = behind(l, n);
    if (!is_operator(n, GP_B_SUB))
        return false;
    const gp_node *a = behind(l, n->args[0]), *b = behind(l, n->args[1]);
    return (top(a) && bottom(b)) || (bottom(a) && top(b));
}

static bool same(const gp_node *a, const gp_node *b)
{
    if (a->kind != b->kind || a->n_args != b->n_args || a->depth != b->depth || a->is_operator != b->is_operator)
        return false;
    if (a->kind == GP_NODE_NUMBER)
        return a->number == b->number;
    if (a->kind == GP_NODE_HOLE || a->kind == GP_NODE_ERROR)
        return false;
    if (a->fn || b->fn) {
        if (a->fn != b->fn)
            return false;
    } else if (a->kind == GP_NODE_STRING ? !gp_str_eq(a->text, b->text) : !gp_str_ieq(a->text, b->text)) {
        return false;
    }
    if (a->sym != b->sym || a->sym_index != b->sym_index)
        return false;
    for (int i = 0; i < a->n_args; i++)
        if (!same(a->args[i], b->args[i]))
            return false;
    return true;
}

/* --- findings ----------------------------------------------------------------------------------------------- */

static void check_equality(lint *l, const gp_node *n, const gp_value *a)
{
    bool level = (a[0].steady && fabs(a[0].lo) <= 1) || (a[1].steady && fabs(a[1].lo) <= 1);
    if ((a[0].grain == GP_GRAIN_COMPUTED || a[1].grain == GP_GRAIN_COMPUTED) && !level &&
        n->args[0]->type == GP_TYPE_NUMBER && n->args[1]->type == GP_TYPE_NUMBER)
        gp_diag_at(l->d, GP_D_FLOAT_EQUALITY, n->span, n->text.p, text_of(l, n->args[0]),
                   n->args[1]->is_operator ? gp_arena_printf(&l->f->arena, "(%s)", text_of(l, n->args[1]))
                                           : text_of(l, n->args[1]));
}

static const char *bounds(lint *l, const gp_node *n, const gp_value *v)
{
    const char *lo = number_text(l, v->lo), *hi = number_text(l, v->hi), *text = text_of(l, n);
    gp_arena *a = &l->f->arena;
    if (v->lo == v->hi)
        return gp_arena_printf(a, "%s is %s", text, lo);
    if (isinf(v->hi))
        return gp_arena_printf(a, "%s is never below %s", text, lo);
    if (isinf(v->lo))
        return gp_arena_printf(a, "%s is never above %s", text, hi);
    return gp_arena_printf(a, "%s lies between %s and %s", text, lo, hi);
}

static bool compares(const gp_node *n)
{
    return n->kind == GP_NODE_CALL && n->is_operator && n->fn && n->fn->id >= GP_B_LT && n->fn->id <= GP_B_NE;
}

static void check_decided(lint *l, const gp_node *n, const gp_value *a)
{
    if (compares(n->args[0]) || compares(n->args[1]))
        return; /* a chain: reported as such */
    int decided = gp_value_decided(n->text, &a[0], &a[1]);
    if (!decided || n->args[0]->type != GP_TYPE_NUMBER || n->args[1]->type != GP_TYPE_NUMBER)
        return;
    int side = a[0].constant && !a[1].constant; /* speak of the side that moves */
    gp_diag_at(l->d, GP_D_DECIDED_COMPARISON, n->span, decided < 0 ? "never" : "always", bounds(l, n->args[side], &a[side]));
}

static void check_same_sides(lint *l, const gp_node *n)
{
    int i = is_call(n, "IF") || is_call(n, "IFN") ? 1 : 0;
    bool both = n->is_operator || i || is_call(n, "MAX") || is_call(n, "MIN") || is_call(n, "CROSS");
    if (!both || n->n_args != i + 2 || is_operator(n, GP_B_ADD) || is_operator(n, GP_B_MUL) ||
        n->args[i]->kind == GP_NODE_NUMBER)
        return;
    if (same(n->args[i], n->args[i + 1]))
        gp_diag_at(l->d, GP_D_SAME_SIDES, n->span, i ? "branches" : "sides", n->fn->name, text_of(l, n->args[i]));
}

/* The first AND without parentheses in a chain of ORs. */
static void check_precedence(lint *l, const gp_node *n)
{
    const gp_node *mixed = NULL;
    for (const gp_node *at = n; at; ) {
        for (int i = 0; i < 2; i++)
            if (is_operator(at->args[i], GP_B_AND) && !at->args[i]->parenthesised)
                mixed = at;
        at = is_operator(at->args[0], GP_B_OR) && !at->args[0]->parenthesised ? at->args[0] : NULL;
    }
    if (!mixed)
        return;
    bool left = is_operator(mixed->args[0], GP_B_AND) && !mixed->args[0]->parenthesised;
    const char *group = text_of(l, mixed->args[!left]);
    gp_diag_at(l->d, GP_D_AND_OR, mixed->name_span, left ? "" : "… OR ", group, left ? " OR …" : "");
}

static void check_conditions(lint *l, const gp_node *n, const gp_value *a)
{
    bool logic = is_operator(n, GP_B_AND) || is_operator(n, GP_B_OR) || is_call(n, "NOT");
    bool choice = is_call(n, "IF") || is_call(n, "IFN");
    for (int i = 0; i < n->n_args; i++) {
        bool wanted = logic || (choice && i == 0) || (i < n->fn->n_args && n->fn->args[i].type == GP_ARG_COND);
        if (wanted && a[i].price && n->args[i]->type == GP_TYPE_NUMBER)
            gp_diag_at(l->d, GP_D_NUMBER_AS_CONDITION, n->args[i]->span, n->fn->name, text_of(l, n->args[i]));
    }
}

static void check_periods(lint *l, const gp_node *n, const gp_value *a)
{
    static const char *const plain[] = { "MA", "EMA", "WMA", "MEMA", "EXPMEMA", "TRMA", "HHV", "LLV", "SUM", "XMA", "HARMEAN" };
    const gp_builtin *fn = n->fn;
    if (n->n_args == 2 && n->args[1]->kind == GP_NODE_NUMBER && trunc(n->args[1]->number) == 1)
        for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
            if (strcmp(fn->name, plain[i]) == 0)
                gp_diag_at(l->d, GP_D_PERIOD_ONE, n->span, fn->name, "1", text_of(l, n->args[0]));
    if (n->n_args == 2 && is_call(n, "REF") && n->args[1]->kind == GP_NODE_NUMBER && trunc(n->args[1]->number) == 0)
        gp_diag_at(l->d, GP_D_PERIOD_ONE, n->span, fn->name, "0", text_of(l, n->args[0]));
    if (n->n_args == 2 && is_call(n, "DMA") && a[1].constant && a[1].lo == a[1].hi && (a[1].lo >= 1 || a[1].lo <= 0))
        gp_diag_at(l->d, GP_D_WEIGHT_RANGE, n->args[1]->span, number_text(l, a[1].lo),
                   a[1].lo >= 1 ? text_of(l, n->args[0]) : "its first value for ever");
    for (int i = 0; i < n->n_args && i < fn->n_args; i++)
        if (fn->args[i].type == GP_ARG_LAST && !a[i].steady && n->args[i]->type == GP_TYPE_NUMBER &&
            fn->future == GP_FUTURE_NONE && fn->shape != GP_SHAPE_TEXT && fn->shape != GP_SHAPE_FEED)
            gp_diag_at(l->d, GP_D_LAST_ARGUMENT, n->args[i]->span, fn->name,
                       gp_arena_strndup(&l->f->arena, fn->args[i].name.p, fn->args[i].name.n), text_of(l, n->args[i]));
}

static void check_call(lint *l, const gp_node *n, const gp_value *a)
{
    if (compares(n))
        check_decided(l, n, a);
    if (is_operator(n, GP_B_EQ) || is_operator(n, GP_B_NE))
        check_equality(l, n, a);
    if (is_operator(n, GP_B_DIV) && is_range(l, n->args[1]))
        count(&l->ranges, n->args[1]);
    check_same_sides(l, n);
    check_conditions(l, n, a);
    if (!n->is_operator)
        check_periods(l, n, a);
}

/* --- the walk ----------------------------------------------------------------------------------------------- */

static gp_value visit(lint *l, const gp_node *n, bool inside_or)
{
    gp_value few[4], *args = n->n_args > 4 ? gp_xcalloc((size_t)n->n_args, sizeof *args) : few;
    bool is_or = is_operator(n, GP_B_OR);
    for (int i = 0; i < n->n_args; i++)
        args[i] = visit(l, n->args[i], is_or && i == 0 && !n->args[i]->parenthesised);
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT)
        l->reader[n->sym_index] = l->at;
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM)
        l->param_used[n->sym_index] = true;
    if (n->kind == GP_NODE_CALL && n->fn)
        check_call(l, n, args);
    if (is_or && !inside_or)
        check_precedence(l, n);
    if (n->fn && n->fn->future != GP_FUTURE_NONE)
        count(&l->ahead[n->fn->id], n);
    if (n->kind == GP_NODE_REF && memchr(gp_span_text(n->name_span).p, '#', n->name_span.n))
        count(&l->periods, n);
    gp_value v = gp_value_of(l->f, n, args, l->stmts);
    if (args != few)
        free(args);
    return v;
}

static void check_output(lint *l, const gp_stmt *s, const gp_value *v)
{
    bool screen = gp_str_ieqz(l->f->header.kind, "screen");
    if (s->kind != GP_STMT_ASSIGN && s->expr->type == GP_TYPE_NUMBER && v->constant && (!v->plain || screen) &&
        s->expr->kind != GP_NODE_ERROR)
        gp_diag_at(l->d, GP_D_CONSTANT_OUTPUT, s->name.n ? s->name_span : s->expr->span, s->label ? s->label : "this");
}

static void mark_live(const gp_node *n, bool *live)
{
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT)
        live[n->sym_index] = true;
    for (int i = 0; i < n->n_args; i++)
        mark_live(n->args[i], live);
}

/* Nobody reads it, or only such as nobody reads either. */
static void check_unused(lint *l)
{
    const gp_formula *f = l->f;
    bool *live = gp_xcalloc((size_t)f->n_stmts + 1, 1);
    for (int i = f->n_stmts - 1; i >= 0; i--) {
        const gp_stmt *s = &f->stmts[i];
        if (live[i] || s->kind != GP_STMT_ASSIGN) {
            mark_live(s->expr, live);
            continue;
        }
        const char *name = gp_shorten(&l->f->arena, s->name, 40);
        const char *only = l->reader[i] < 0
                               ? ""
                               : gp_arena_printf(&l->f->arena, " but %s, which is unused itself",
                                                 gp_shorten(&l->f->arena, f->stmts[l->reader[i]].name, 40));
        gp_diag_at(l->d, GP_D_UNUSED_VARIABLE, s->name_span, name, only, name);
    }
    free(live);
    for (int i = 0; i < f->n_params; i++)
        if (f->params[i].span.src && !l->param_used[i]) {
            const char *name = gp_shorten(&l->f->arena, f->params[i].name, 40);
            gp_diag_at(l->d, GP_D_UNUSED_PARAM, f->params[i].span, name, name);
        }
}

static void report_tallies(lint *l)
{
    if (l->ranges.n)
        gp_diag_at(l->d, GP_D_RANGE_DENOMINATOR, l->ranges.first->span, text_of(l, l->ranges.first), more(l, &l->ranges),
                   text_of(l, l->ranges.first));
    if (l->periods.n)
        gp_diag_at(l->d, GP_D_LOOKS_AHEAD, l->periods.first->span, text_of(l, l->periods.first),
                   "takes the final value of a period before it is over, unless --period-align is closed", more(l, &l->periods));
    for (int id = 1; id < GP_B_COUNT; id++) {
        const tally *t = &l->ahead[id];
        if (!t->n)
            continue;
        const gp_builtin *fn = gp_builtin_get((gp_builtin_id)id);
        const char *what = fn->future == GP_FUTURE_LAST ? "depends on which bar is the last one"
                           : fn->future == GP_FUTURE_N  ? "reads later bars"
                                                        : "changes values it gave before when bars are added";
        gp_diag_at(l->d, GP_D_LOOKS_AHEAD, t->first->name_span, fn->name, what, more(l, t));
    }
}

void gp_formula_lint(gp_formula *f, gp_diags *d)
{
    size_t from = d->n;
    size_t n = (size_t)f->n_stmts + 1;
    lint l = { .f = f, .d = d, .stmts = gp_xcalloc(n, sizeof *l.stmts), .reader = gp_xcalloc(n, sizeof *l.reader),
               .param_used = gp_xcalloc((size_t)f->n_params + 1, 1), .ahead = gp_xcalloc(GP_B_COUNT, sizeof *l.ahead) };
    for (int i = 0; i < f->n_stmts; i++)
        l.reader[i] = -1;
    for (l.at = 0; l.at < f->n_stmts; l.at++) {
        const gp_stmt *s = &f->stmts[l.at];
        if (s->hidden)
            continue;
        l.stmts[l.at] = visit(&l, s->expr, false);
        check_output(&l, s, &l.stmts[l.at]);
        if (s->expr->type == GP_TYPE_DRAW) /* read as its price where it is drawn */
            l.stmts[l.at] = (gp_value){ .lo = -INFINITY, .hi = INFINITY };
    }
    check_unused(&l);
    report_tallies(&l);
    free(l.stmts);
    free(l.reader);
    free(l.param_used);
    free(l.ahead);
    while (from && d->at[from - 1].span.src == f->src)
        from--;
    gp_diags_sort(d, from);
}
