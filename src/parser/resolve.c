/* Names -> meanings, arity, types, labels (language.md 1.4, 2). */
#include "parser/scope.h"
#include "parser/library.h"
#include "parser/kind.h"
#include "base/num.h"
#include <math.h>

/* --- types of builtins ------------------------------------------------------------------------------------- */

static bool one_of(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static gp_type result_type(const gp_builtin *fn)
{
    if (fn->shape == GP_SHAPE_CONTROL)
        return GP_TYPE_SIGNAL;
    if (fn->shape == GP_SHAPE_DRAW)
        return GP_TYPE_DRAW;
    if (fn->flags & GP_ROW_TEXT)
        return GP_TYPE_TEXT;
    return GP_TYPE_NUMBER;
}

static bool is_choice(const gp_builtin *fn)
{
    static const char *const names[] = { "IF", "IFF", "IFN", "IFC" };
    return one_of(fn->name, names, 4);
}

static bool quoted(const gp_node *n)
{
    gp_str s = gp_span_text(n->name_span);
    uint32_t cp;
    gp_utf8_decode(s.p, s.p + s.n, &cp);
    return cp == '"' || cp == 0x201C || cp == 0x201D || cp == 0xFF02;
}

static const char *shown(gp_scope *s, const gp_node *n)
{
    return gp_shorten(&s->f->arena, n->kind == GP_NODE_REF ? gp_span_text(n->name_span) : n->text, 40);
}

static const char *usage(gp_scope *s, const gp_builtin *fn)
{
    gp_buf b = { 0 };
    gp_builtin_usage(fn, &b);
    const char *text = gp_arena_strndup(&s->f->arena, b.p ? b.p : fn->name, b.p ? b.n : strlen(fn->name));
    gp_buf_free(&b);
    return text;
}

/* --- names ------------------------------------------------------------------------------------------------- */

static void unavailable(gp_scope *s, gp_node *n, const gp_builtin *fn)
{
    gp_diag_at(s->d, GP_D_NEEDS_DATA, n->name_span, fn->name, fn->needs);
}

static void bind_statement(gp_scope *s, gp_node *n, int index)
{
    n->sym = GP_SYM_STATEMENT;
    n->sym_index = index;
    n->type = s->f->stmts[index].expr->type;
    if (n->type != GP_TYPE_DRAW)
        return;
    n->type = GP_TYPE_NUMBER;
    if (!s->f->stmts[s->at].hidden)
        gp_diag_at(s->d, GP_D_DRAW_VALUE, n->name_span, shown(s, n));
}

static void bind_name(gp_scope *s, gp_node *n, bool defines)
{
    gp_sym *sym = gp_scope_find(s, n->text);
    if (sym && sym->current >= 0) {
        bind_statement(s, n, sym->current);
        return;
    }
    if (sym && sym->param >= 0) {
        n->sym = GP_SYM_PARAM;
        n->sym_index = sym->param;
        n->type = GP_TYPE_NUMBER;
        s->param_used[sym->param] = true;
        return;
    }
    const gp_builtin *fn = gp_scope_builtin(n->text);
    if (fn && !gp_scope_output_name(fn) && (!sym || (fn->shape != GP_SHAPE_NONE && fn->min_args == 0))) {
        if (fn->shape == GP_SHAPE_NONE) {
            unavailable(s, n, fn);
        } else if (fn->min_args > 0) {
            gp_diag_at(s->d, GP_D_BARE_FUNCTION, n->name_span, shown(s, n), usage(s, fn));
        } else {
            n->sym = GP_SYM_BUILTIN;
            n->fn = fn;
            n->type = result_type(fn);
        }
        return;
    }
    if (sym && sym->first == s->at)
        gp_diag_at(s->d, GP_D_SELF_REFERENCE, n->name_span, shown(s, n));
    else if (sym)
        gp_diag_at(s->d, GP_D_USED_BEFORE, n->name_span, shown(s, n), gp_span_line(s->f->stmts[sym->first].name_span));
    else
        gp_scope_unknown(s, n, false, defines);
}

static void bind_reference(gp_scope *s, gp_node *n)
{
    size_t errors = s->d->errors;
    gp_scope_reference(s, n);
    if (quoted(n) && s->d->errors > errors && n->ref == NULL && !n->n_args && !strpbrk(shown(s, n), ".$#"))
        gp_diag_hint(s->d, "if a text was meant, write it in single quotes: '" GP_STR_FMT "'", GP_STR_ARG(n->text));
}

/* --- calls ------------------------------------------------------------------------------------------------- */

static void visit(gp_scope *s, gp_node *n);

static const char *plural(gp_scope *s, const gp_builtin *fn)
{
    gp_arena *a = &s->f->arena;
    if (fn->max_args == 0)
        return "no arguments";
    if (fn->min_args == fn->max_args)
        return gp_arena_printf(a, "%d argument%s", fn->min_args, fn->min_args == 1 ? "" : "s");
    if (fn->max_args >= GP_MAX_ARGS)
        return gp_arena_printf(a, "%d to %d arguments", fn->min_args, GP_MAX_ARGS);
    return gp_arena_printf(a, "%d %s %d arguments", fn->min_args, fn->max_args == fn->min_args + 1 ? "or" : "to",
                           fn->max_args);
}

/* A missing argument was reported already; counting the others would only confuse. */
static bool check_arity(gp_scope *s, gp_node *n)
{
    for (int i = 0; i < n->n_args; i++)
        if (n->args[i]->kind == GP_NODE_HOLE || n->args[i]->kind == GP_NODE_ERROR)
            return false;
    if (n->n_args < n->fn->min_args)
        gp_diag_at(s->d, GP_D_TOO_FEW_ARGUMENTS, n->span, n->fn->name, plural(s, n->fn), n->n_args, usage(s, n->fn));
    else if (n->n_args > n->fn->max_args)
        gp_diag_at(s->d, GP_D_TOO_MANY_ARGUMENTS, n->span, n->fn->name, plural(s, n->fn), n->n_args, usage(s, n->fn));
    else
        return true;
    return false;
}

/* 'ICO5': how other programs name the icons of DRAWICON. */
static void prepare_icon(gp_scope *s, gp_node *arg)
{
    int number = 0;
    gp_str t = arg->text;
    if (t.n < 4 || t.n > 6 || !gp_str_ieqz((gp_str){ t.p, 3 }, "ICO"))
        return;
    for (size_t i = 3; i < t.n; i++) {
        if (t.p[i] < '0' || t.p[i] > '9')
            return;
        number = number * 10 + (t.p[i] - '0');
    }
    gp_diag_at(s->d, GP_D_ICON_TEXT, arg->span, shown(s, arg), number);
    arg->kind = GP_NODE_NUMBER;
    arg->number = number;
}

/* Strings in double quotes and colour words mean something only where an argument wants them; so do the branches of an IF
 * there. */
static void prepare(gp_scope *s, const gp_builtin *fn, gp_node *arg, const gp_arg *want)
{
    int rgb, digits;
    if (want->type == GP_ARG_COLOUR && arg->kind == GP_NODE_CALL && !arg->is_operator && arg->n_args == 3) {
        const gp_builtin *inner = gp_scope_builtin(arg->text);
        for (int i = 1; i < 3 && inner && is_choice(inner); i++)
            prepare(s, fn, arg->args[i], want);
        return;
    }
    if (fn->id == GP_B_DRAWICON && arg->kind == GP_NODE_STRING && want->type != GP_ARG_TEXT)
        prepare_icon(s, arg);
    if (want->type == GP_ARG_TEXT && arg->kind == GP_NODE_REF && arg->n_args == 0 && quoted(arg)) {
        arg->kind = GP_NODE_STRING;
    } else if (want->type == GP_ARG_COLOUR && arg->kind == GP_NODE_NAME && !gp_scope_find(s, arg->text) &&
               gp_attr_read(arg->text, &rgb, &digits) && rgb >= 0) {
        arg->kind = GP_NODE_NUMBER;
        arg->number = (rgb >> 16) + (rgb & 0xFF00) + ((rgb & 0xFF) << 16); /* a COLORREF, as RGB() gives */
    }
}

static void check_type(gp_scope *s, const gp_node *call, int i, const gp_arg *want)
{
    const gp_node *arg = call->args[i];
    const char *what;
    if (arg->type == GP_TYPE_NONE)
        return;
    if (arg->type == GP_TYPE_DRAW || arg->type == GP_TYPE_SIGNAL) {
        const bool steers = arg->fn && arg->fn->shape == GP_SHAPE_CONTROL;
        gp_diag_at(s->d, steers ? GP_D_STEERS_INSIDE : GP_D_DRAW_INSIDE, arg->span, arg->fn ? arg->fn->name : "this");
        return;
    }
    if (call->is_operator)
        what = gp_arena_printf(&s->f->arena, "the %s of %s",
                               call->n_args == 1 ? "operand"
                               : i               ? "right side"
                                                 : "left side",
                               gp_str_ieqz(call->text, "NEG") ? "unary -" : call->fn->name);
    else
        what = gp_arena_printf(&s->f->arena, "argument %d of %s", i + 1, call->fn->name);
    if (want->type == GP_ARG_TEXT && arg->type == GP_TYPE_NUMBER)
        gp_diag_at(s->d, GP_D_NUMBER_FOR_TEXT, arg->span, what);
    else if (want->type != GP_ARG_TEXT && arg->type == GP_TYPE_TEXT) {
        gp_diag_at(s->d, GP_D_TEXT_FOR_NUMBER, arg->span, what);
        if (want->type == GP_ARG_COLOUR)
            gp_diag_hint(s->d, "a colour is RGB(r,g,b) or a word such as COLORRED, without quotes");
    }
}

/* Other programs count bars from 1: BARSCOUNT(X) is BARSCOUNT(X)+1 here. */
static void count_from_one(gp_scope *s, gp_node *n)
{
    gp_arena *a = &s->f->arena;
    gp_node *call = gp_arena_alloc(a, sizeof *call), *one = gp_arena_alloc(a, sizeof *one);
    *call = *n;
    call->counted = true;
    *one = (gp_node){ .kind = GP_NODE_NUMBER, .span = n->name_span, .name_span = n->name_span, .text = GP_STR("1"), .number = 1,
                      .sym_index = -1, .depth = 1, .type = GP_TYPE_NUMBER };
    n->is_operator = true;
    n->text = GP_STR("+");
    n->fn = gp_builtin_find(n->text);
    n->args = gp_arena_alloc(a, 2 * sizeof *n->args);
    n->args[0] = call;
    n->args[1] = one;
    n->n_args = 2;
    n->depth++;
}

static void bind_call(gp_scope *s, gp_node *n)
{
    n->fn = n->is_operator ? gp_builtin_find(n->text) : gp_scope_builtin(n->text);
    bool usable = n->fn && n->fn->shape != GP_SHAPE_NONE;
    if (!n->fn) {
        gp_sym *sym = gp_scope_find(s, n->text);
        if (sym && (sym->current >= 0 || sym->param >= 0))
            gp_diag_at(s->d, GP_D_NOT_A_FUNCTION, n->name_span, shown(s, n),
                       sym->current >= 0 ? "a variable" : "a parameter", shown(s, n));
        else
            gp_scope_unknown(s, n, true, false);
    } else if (!usable) {
        unavailable(s, n, n->fn);
    }
    for (int i = 0; i < n->n_args; i++) {
        const gp_arg *want = usable ? gp_builtin_arg(n->fn, i) : NULL;
        if (want)
            prepare(s, n->fn, n->args[i], want);
        visit(s, n->args[i]);
    }
    if (!usable) {
        n->fn = NULL;
        return;
    }
    n->type = result_type(n->fn);
    if (!check_arity(s, n))
        return;
    if (is_choice(n->fn) && n->n_args == 3 && n->args[1]->type == GP_TYPE_TEXT && n->args[2]->type == GP_TYPE_TEXT) {
        n->type = GP_TYPE_TEXT;
        check_type(s, n, 0, gp_builtin_arg(n->fn, 0));
        return;
    }
    for (int i = 0; i < n->n_args; i++)
        check_type(s, n, i, gp_builtin_arg(n->fn, i));
    if (n->fn->id == GP_B_CALCSTOCKINDEX)
        gp_scope_calc_stock_index(s, n);
    gp_check_call(s, n);
    if (n->fn->id == GP_B_BARSCOUNT && s->f->dialect != GP_DIALECT_TDX && !n->counted)
        count_from_one(s, n);
}

/* In 同花顺 and 大智慧 "..." is a text unless it reads as a reference. */
static bool is_string(const gp_scope *s, const gp_node *n)
{
    return s->f->dialect != GP_DIALECT_TDX && n->n_args == 0 && quoted(n) && !memchr(n->text.p, '.', n->text.n) &&
           !memchr(n->text.p, '$', n->text.n) && !memchr(n->text.p, '#', n->text.n) &&
           !memchr(gp_span_text(n->name_span).p, '#', n->name_span.n);
}

static void visit(gp_scope *s, gp_node *n)
{
    n->type = GP_TYPE_NONE;
    switch (n->kind) {
    case GP_NODE_NUMBER:
        n->type = GP_TYPE_NUMBER;
        gp_check_number(s, n);
        break;
    case GP_NODE_STRING: n->type = GP_TYPE_TEXT; break;
    case GP_NODE_NAME: bind_name(s, n, false); break;
    case GP_NODE_CALL: bind_call(s, n); break;
    case GP_NODE_REF:
        if (is_string(s, n)) {
            n->kind = GP_NODE_STRING;
            n->type = GP_TYPE_TEXT;
            break;
        }
        for (int i = 0; i < n->n_args; i++)
            visit(s, n->args[i]);
        bind_reference(s, n);
        break;
    case GP_NODE_HOLE:
    case GP_NODE_ERROR: break;
    }
}

/* --- statements -------------------------------------------------------------------------------------------- */

static void define(gp_scope *s, gp_stmt *st)
{
    gp_sym *sym = gp_scope_find(s, st->name);
    if (!sym)
        return;
    const char *name = gp_shorten(&s->f->arena, st->name, 40);
    const gp_builtin *fn = gp_scope_builtin(st->name);
    if (st->hidden)
        ; /* a column may be called as it likes */
    else if (sym->current >= 0)
        gp_diag_at(s->d, GP_D_REDEFINED, st->name_span, name, gp_span_line(s->f->stmts[sym->current].name_span));
    else if (sym->param >= 0)
        gp_diag_at(s->d, GP_D_HIDES_PARAM, st->name_span, name);
    else if (fn && fn->min_args == 0 && fn->shape != GP_SHAPE_NONE && st->expr->fn != fn) /* VOLUME:VOL hides nothing */
        gp_diag_at(s->d, GP_D_HIDES_BUILTIN, st->name_span, "variable", name);
    sym->current = s->at;
}

static void statement(gp_scope *s, gp_stmt *st)
{
    gp_node *e = st->expr;
    /* X=5; meant as a definition: the left side is unknown */
    if (st->kind == GP_STMT_BARE && e->kind == GP_NODE_CALL && e->is_operator && e->n_args == 2 && !e->parenthesised &&
        gp_str_ieqz(e->text, "=") && e->args[0]->kind == GP_NODE_NAME && !e->args[0]->parenthesised &&
        !gp_scope_find(s, e->args[0]->text) && !gp_scope_builtin(e->args[0]->text)) {
        gp_scope_unknown(s, e->args[0], false, true);
        visit(s, e->args[1]);
        return;
    }
    visit(s, e);
    if (st->name.n)
        define(s, st);
}

bool gp_formula_resolve(gp_formula *f, gp_diags *d)
{
    size_t errors = d->errors, from = d->n;
    gp_scope s;
    gp_scope_init(&s, f, d);
    f->reach = 0;
    for (int i = 0; i < f->n_stmts; i++)
        f->reach = f->stmts[i].expr->depth > f->reach ? f->stmts[i].expr->depth : f->reach;
    if (f->library && f->name)
        gp_library_enter(f->library, gp_str_from(f->name), f->reach);
    for (int i = 0; i < f->n_params; i++) {
        const gp_builtin *fn = gp_scope_builtin(f->params[i].name);
        if (fn && fn->min_args == 0 && fn->shape != GP_SHAPE_NONE)
            gp_diag_at(d, GP_D_HIDES_BUILTIN, f->params[i].span, "parameter",
                       gp_shorten(&f->arena, f->params[i].name, 40));
    }
    for (s.at = 0; s.at < f->n_stmts; s.at++)
        statement(&s, &f->stmts[s.at]);
    if (f->library && f->name)
        gp_library_leave(f->library);
    gp_scope_report(&s);
    gp_scope_fini(&s);
    gp_label_statements(f);
    if (d->errors == errors && !f->broken)
        gp_check_kind(f, d);
    while (from && d->at[from - 1].span.src == f->src) /* what the parser said about the same text */
        from--;
    gp_diags_sort(d, from);
    f->resolved = d->errors == errors && !f->broken;
    return f->resolved;
}

bool gp_formula_set_param(gp_formula *f, gp_str name, double value, gp_diags *d)
{
    const char *shown_name = gp_shorten(&f->arena, name, 40);
    if (!isfinite(value)) {
        gp_diag_at(d, GP_D_PARAM_NOT_NUMBER, (gp_span){ 0 }, shown_name);
        return false;
    }
    for (int i = 0; i < f->n_params; i++) {
        gp_param *p = &f->params[i];
        if (!gp_str_ieq(p->name, name))
            continue;
        double v = p->has_range && value < p->min ? p->min : p->has_range && value > p->max ? p->max : value;
        if (v != value) {
            char text[4][GP_NUM_MAX];
            gp_num_format(value, text[0]);
            gp_num_format(p->min, text[1]);
            gp_num_format(p->max, text[2]);
            gp_num_format(v, text[3]);
            gp_diag_at(d, GP_D_PARAM_CLAMPED, p->span, shown_name, text[0], text[1], text[2], text[3]);
        }
        p->value = v;
        p->given = true;
        return true;
    }
    gp_param *all = gp_arena_alloc(&f->arena, (size_t)(f->n_params + 1) * sizeof *all);
    if (f->n_params)
        memcpy(all, f->params, (size_t)f->n_params * sizeof *all);
    all[f->n_params++] = (gp_param){ .name = { gp_arena_strndup(&f->arena, name.p, name.n), name.n }, .min = -INFINITY,
                                     .max = INFINITY, .step = 1, .value = value, .def = value, .given = true };
    f->params = all;
    return true;
}
