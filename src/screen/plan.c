#include "screen/plan.h"
#include <string.h>
#include "base/vec.h"

typedef GP_VEC(int) ints;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static gp_str trimmed(gp_str s) { return gp_str_trim(s, " \t\r\n"); }

void gp_plan_split_column(gp_str text, gp_str *expr, gp_str *name)
{
    char quote = 0;
    size_t cut = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (i && i + 3 < text.n && is_blank(text.p[i - 1]) && gp_str_ieqz((gp_str){text.p + i, 2}, "as") &&
                 is_blank(text.p[i + 2]))
            cut = i;
    }
    *expr = *name = trimmed(text);
    if (cut) {
        gp_str before = trimmed((gp_str){text.p, cut}), after = trimmed((gp_str){text.p + cut + 2, text.n - cut - 2});
        if (before.n && after.n) {
            *expr = before;
            *name = after;
        }
    }
}

gp_str gp_plan_split_sort(gp_str text, bool *descending)
{
    text = trimmed(text);
    *descending = false;
    for (size_t i = text.n; i-- > 0;) {
        if (text.p[i] != ':')
            continue;
        gp_str way = trimmed((gp_str){text.p + i + 1, text.n - i - 1});
        bool down = gp_str_ieqz(way, "desc");
        if (down || gp_str_ieqz(way, "asc")) {
            *descending = down;
            return trimmed((gp_str){text.p, i});
        }
        break;
    }
    return text;
}

/* ---- choosing ---- */

static int condition_slot(const gp_output *o)
{
    return o->kind == GP_OUT_DRAW ? o->cond : o->kind == GP_OUT_SERIES ? o->slot : -1;
}

static bool is_one_of(gp_str name, const char *const *names)
{
    for (; *names; names++)
        if (gp_str_ieqz(name, *names))
            return true;
    return false;
}

/* "短跳, 中跳, 追涨": what --signal accepts, each name once. */
static void list_names(const gp_output *o, int n, gp_buf *out)
{
    enum { MOST = 40 };
    int listed = 0, more = 0;
    for (int i = 0; i < n; i++) {
        bool seen = condition_slot(&o[i]) < 0;
        for (int k = 0; k < i && !seen; k++)
            seen = condition_slot(&o[k]) >= 0 && gp_str_ieqz(gp_str_from(o[i].name), o[k].name);
        if (seen)
            continue;
        if (listed == MOST) {
            more++;
            continue;
        }
        gp_buf_printf(out, "%s%s", listed++ ? ", " : "", o[i].name);
    }
    if (more)
        gp_buf_printf(out, " and %d more", more);
    if (!listed)
        gp_buf_addz(out, "none");
}

/* An output's label, or the text of a drawing: the second drawing with the text 追涨 has the label 追涨_2. */
static bool is_called(const gp_formula *f, const gp_output *o, gp_str name)
{
    gp_str label = gp_str_from(o->name);
    size_t digits;
    if (gp_str_ieq(label, name))
        return true;
    if (o->kind != GP_OUT_DRAW || f->stmts[o->stmt].name.n || label.n < name.n + 2 || label.p[name.n] != '_')
        return false;
    digits = strspn(label.p + name.n + 1, "0123456789");
    return label.n == name.n + 1 + digits && gp_str_ieq((gp_str){label.p, name.n}, name);
}

/* Adds every output called name. */
static gp_plan_status choose_named(const gp_formula *f, const gp_output *o, int n, const char *name, const char *condition, ints *chosen,
                                   gp_diags *d)
{
    bool found = false, usable = false;
    for (int i = 0; i < n; i++) {
        bool already = false;
        if (o[i].kind == GP_OUT_HIDDEN || !is_called(f, &o[i], gp_str_from(name)))
            continue;
        found = true;
        if (condition_slot(&o[i]) < 0)
            continue;
        usable = true;
        for (size_t k = 0; k < chosen->n; k++)
            already |= chosen->at[k] == i;
        if (!already)
            gp_vec_push(chosen, i);
    }
    if (!usable) {
        gp_buf names = {0};
        list_names(o, n, &names);
        gp_diag_at(d, found ? GP_D_SIGNAL_NOT_CONDITION : GP_D_UNKNOWN_SIGNAL, (gp_span){0}, name, names.p, condition);
        gp_buf_free(&names);
        return GP_PLAN_USAGE;
    }
    return GP_PLAN_OK;
}

/* The output of an indicator that is taken as a signal: XG or SELECT, or the only numeric one. */
static int only_output(const gp_output *o, int n)
{
    static const char *const names[] = {"XG", "SELECT", NULL};
    int only = -1, count = 0;
    for (int i = 0; i < n; i++) {
        if (o[i].kind != GP_OUT_SERIES)
            continue;
        if (is_one_of(gp_str_from(o[i].name), names))
            return i;
        only = i;
        count++;
    }
    return count == 1 ? only : -1;
}

/* What the kind of the formula makes of output i. */
static bool is_signal(const gp_formula *f, const gp_kind_of *k, const gp_output *o)
{
    switch (k->kind) {
    case GP_KIND_SCREEN: return o->stmt == k->result;
    case GP_KIND_EXPERT: return o->kind == GP_OUT_SERIES && gp_is_expert_name(f->stmts[o->stmt].name);
    case GP_KIND_KLINE: return o->kind == GP_OUT_SERIES;
    case GP_KIND_INDICATOR: break;
    }
    /* a text at a fixed place of the pane is a caption, not a signal */
    return o->kind == GP_OUT_DRAW && o->cond >= 0 && !(o->draw->flags & GP_ROW_FIXED);
}

/* BUY(COND,P); and its kin say themselves what they are, and so do the outputs of an expert beside them. */
static bool choose_trades(const gp_formula *f, const gp_output *o, int n, ints *chosen)
{
    bool trades = false;
    for (int i = 0; i < n; i++)
        trades |= o[i].kind == GP_OUT_DRAW && o[i].draw->category == GP_CAT_SIGNAL;
    for (int i = 0; i < n && trades; i++)
        if ((o[i].kind == GP_OUT_DRAW && o[i].draw->category == GP_CAT_SIGNAL) ||
            (o[i].kind == GP_OUT_SERIES && gp_is_expert_name(f->stmts[o[i].stmt].name)))
            gp_vec_push(chosen, i);
    return trades;
}

/* "STICKLINE1": a drawing that the user called nothing. */
static bool is_unnamed(const gp_output *o)
{
    return o->kind == GP_OUT_DRAW && gp_str_ieq((gp_str){o->name, strcspn(o->name, "0123456789")}, gp_str_from(o->draw->name));
}

/* Drawings with one condition are one signal, under the name that the user gave one of them. */
static void choose_once(const gp_output *o, ints *chosen, gp_plan *p)
{
    gp_buf same = {0};
    for (size_t i = 0; i < chosen->n; i++)
        for (size_t k = i + 1; k < chosen->n;) {
            const gp_output *x = &o[chosen->at[i]], *y = &o[chosen->at[k]];
            if (condition_slot(x) != condition_slot(y)) {
                k++;
                continue;
            }
            const bool later = is_unnamed(x) && !is_unnamed(y);
            gp_buf_printf(&same, "%s%s = %s", same.n ? ", " : "", later ? x->name : y->name, later ? y->name : x->name);
            if (later)
                chosen->at[i] = chosen->at[k];
            memmove(&chosen->at[k], &chosen->at[k + 1], (--chosen->n - k) * sizeof *chosen->at);
        }
    if (same.n)
        p->same = gp_arena_strndup(&p->arena, same.p, same.n);
    gp_buf_free(&same);
}

/* Where the drawings are the signals: lines that are conditions and none of these. */
static void find_left_out(const gp_formula *f, const gp_output *o, int n, const ints *chosen, gp_plan *p)
{
    gp_buf names = {0};
    for (int i = 0; i < n; i++) {
        bool judged = o[i].kind != GP_OUT_SERIES || !f->stmts[o[i].stmt].name.n || !gp_is_condition(f, f->stmts[o[i].stmt].expr);
        for (size_t k = 0; k < chosen->n && !judged; k++)
            judged = condition_slot(&o[chosen->at[k]]) == o[i].slot;
        if (!judged)
            gp_buf_printf(&names, "%s%s", names.n ? ", " : "", o[i].name);
    }
    if (names.n)
        p->left_out = gp_arena_strndup(&p->arena, names.p, names.n);
    gp_buf_free(&names);
}

static bool choose_implied(const gp_formula *f, const gp_output *o, int n, bool once, ints *chosen, gp_plan *p)
{
    gp_kind_of kind = gp_formula_kind(f);
    if (choose_trades(f, o, n, chosen))
        return true;
    for (int i = 0; i < n && kind.kind == GP_KIND_INDICATOR; i++) /* an indicator may have trading signals as well */
        if (o[i].kind == GP_OUT_SERIES && gp_is_expert_name(f->stmts[o[i].stmt].name))
            kind.kind = GP_KIND_EXPERT;
    for (int i = 0; i < n; i++)
        if (o[i].kind != GP_OUT_HIDDEN && is_signal(f, &kind, &o[i]))
            gp_vec_push(chosen, i);
    if (chosen->n && kind.kind == GP_KIND_INDICATOR) {
        find_left_out(f, o, n, chosen, p);
        if (once)
            choose_once(o, chosen, p);
    }
    int only = only_output(o, n);
    /* a price as a condition would list every security */
    if (!chosen->n && kind.kind == GP_KIND_INDICATOR && only >= 0 && !gp_is_quantity(f, f->stmts[o[only].stmt].expr))
        gp_vec_push(chosen, only);
    return chosen->n > 0;
}

static gp_plan_status choose(const gp_formula *f, const gp_plan_spec *spec, const gp_program *all, ints *chosen,
                             gp_plan *p, gp_diags *d)
{
    int n;
    const gp_output *o = gp_program_outputs(all, &n);
    const char *condition = spec->condition ? spec->condition : "--where";
    gp_plan_status status = GP_PLAN_OK;
    for (int i = 0; i < spec->n_signals && status == GP_PLAN_OK; i++)
        status = choose_named(f, o, n, spec->signals[i], condition, chosen, d);
    if (spec->n_signals)
        return status;
    if (spec->select)
        return choose_named(f, o, n, spec->select, condition, chosen, d);
    if ((!spec->where || spec->narrows) && choose_implied(f, o, n, spec->once, chosen, p))
        return GP_PLAN_OK;
    if (spec->where)
        return GP_PLAN_OK; /* it alone */
    gp_buf names = {0};
    list_names(o, n, &names);
    gp_diag_at(d, GP_D_NO_SIGNAL, (gp_span){0}, names.p, condition);
    gp_buf_free(&names);
    return GP_PLAN_USAGE;
}

/* ---- the hidden statements ---- */

typedef struct extras { int where, sort; ints cols; } extras; /* statement indexes, -1 none */

static bool append_extras(gp_formula *f, const gp_plan_spec *spec, gp_plan *p, extras *x, gp_diags *d)
{
    bool ok = true;
    x->where = x->sort = -1;
    if (spec->where) {
        x->where = gp_formula_append(f, "<--where>", "where", gp_str_from(spec->where), d);
        ok &= x->where >= 0;
    }
    p->cols = gp_arena_alloc(&p->arena, (size_t)(spec->n_cols + 1) * sizeof *p->cols);
    for (int i = 0; i < spec->n_cols; i++) {
        gp_str expr, name;
        gp_plan_split_column(gp_str_from(spec->cols[i]), &expr, &name);
        p->cols[i].name = gp_arena_strndup(&p->arena, name.p, name.n);
        p->cols[i].slot = -1;
        const char *from = spec->col_options ? gp_arena_printf(&p->arena, "<%s>", spec->col_options[i]) : "<--col>";
        int stmt = gp_formula_append(f, from, p->cols[i].name, expr, d);
        ok &= stmt >= 0;
        gp_vec_push(&x->cols, stmt);
    }
    p->n_cols = spec->n_cols;
    if (spec->sort) {
        gp_str expr = gp_plan_split_sort(gp_str_from(spec->sort), &p->sort_descending);
        p->sort = gp_str_ieqz(expr, "code") ? GP_SORT_CODE : GP_SORT_KEY;
        for (int i = 0; i < p->n_cols && p->sort == GP_SORT_KEY && x->sort < 0; i++)
            if (gp_str_ieqz(expr, p->cols[i].name))
                x->sort = x->cols.at[i];
        if (p->sort == GP_SORT_KEY && x->sort < 0) {
            x->sort = gp_formula_append(f, "<--sort>", "sort", expr, d);
            ok &= x->sort >= 0;
        }
    }
    return ok;
}

/* --where, --col and --sort are numbers: a text would be an empty column, a drawing its price. */
static bool check_extra(const gp_formula *f, int stmt, const char *option, gp_diags *d)
{
    if (stmt < 0 || f->stmts[stmt].expr->type == GP_TYPE_NUMBER)
        return true;
    gp_diag_at(d, GP_D_EXTRA_NOT_NUMBER, f->stmts[stmt].expr->span, option,
               f->stmts[stmt].expr->type == GP_TYPE_TEXT ? "text" : "a drawing");
    return false;
}

static bool check_extras(const gp_formula *f, const gp_plan_spec *spec, const extras *x, gp_diags *d)
{
    bool ok = check_extra(f, x->where, "--where", d);
    for (size_t i = 0; i < x->cols.n; i++)
        ok &= check_extra(f, x->cols.at[i], spec->col_options ? spec->col_options[i] : "--col", d);
    return check_extra(f, x->sort, "--sort", d) && ok;
}

/* ---- the program that is run ---- */

static int output_of_stmt(const gp_program *program, int stmt)
{
    int n;
    const gp_output *o = gp_program_outputs(program, &n);
    for (int i = 0; i < n; i++)
        if (o[i].stmt == stmt)
            return i;
    return -1;
}

static int slot_of_stmt(const gp_program *program, int stmt)
{
    int n, i = output_of_stmt(program, stmt);
    return i < 0 ? -1 : gp_program_outputs(program, &n)[i].slot;
}

/* Compiles only the chosen statements and the extras, and looks their slots up. */
static bool finish(const gp_formula *f, const gp_program *all, const ints *chosen, const extras *x, const gp_compile_opts *compile, gp_plan *p,
                   gp_diags *d)
{
    int n;
    const gp_output *o = gp_program_outputs(all, &n);
    gp_diags again = {0}; /* the warnings of a second compilation were given by the first */
    int *keep = gp_arena_alloc(&p->arena, (chosen->n + x->cols.n + 2) * sizeof *keep), kept_n = 0;
    for (size_t i = 0; i < chosen->n; i++)
        keep[kept_n++] = o[chosen->at[i]].stmt;
    if (x->where >= 0)
        keep[kept_n++] = x->where;
    for (size_t i = 0; i < x->cols.n; i++)
        keep[kept_n++] = x->cols.at[i];
    if (x->sort >= 0)
        keep[kept_n++] = x->sort;
    p->formula = f;
    p->compile = *compile;
    p->compile.no_draw_texts = true;
    p->compile.stmts = keep;
    p->compile.n_stmts = kept_n;
    p->program = gp_compile(f, &p->compile, &again);
    if (!p->program) {
        gp_diags_append(d, &again);
        return false;
    }
    gp_diags_fini(&again);

    p->where = x->where >= 0 ? slot_of_stmt(p->program, x->where) : -1;
    p->sort_slot = x->sort >= 0 ? slot_of_stmt(p->program, x->sort) : -1;
    for (int i = 0; i < p->n_cols; i++)
        p->cols[i].slot = slot_of_stmt(p->program, x->cols.at[i]);
    p->signals = gp_arena_alloc(&p->arena, (chosen->n + 1) * sizeof *p->signals);
    for (size_t i = 0; i < chosen->n; i++) {
        int output = output_of_stmt(p->program, o[chosen->at[i]].stmt);
        if (output < 0)
            continue;
        const gp_output *kept = &gp_program_outputs(p->program, &n)[output];
        p->signals[p->n_signals++] = (gp_signal){kept->name, condition_slot(kept), output};
    }
    if (!chosen->n) { /* --where alone */
        p->signals[p->n_signals++] = (gp_signal){"where", p->where, output_of_stmt(p->program, x->where)};
        p->where = -1;
    }
    return true;
}

static void sort_ints(ints *v)
{
    for (size_t i = 1; i < v->n; i++)
        for (size_t k = i; k > 0 && v->at[k - 1] > v->at[k]; k--) {
            int t = v->at[k];
            v->at[k] = v->at[k - 1];
            v->at[k - 1] = t;
        }
}

gp_plan_status gp_plan_new(gp_formula *f, const gp_plan_spec *spec, gp_plan *out, gp_diags *d)
{
    gp_plan_status status = GP_PLAN_FORMULA;
    gp_program *all = NULL;
    gp_compile_opts compile = spec->compile;
    extras x = {0};
    ints chosen = {0};
    *out = (gp_plan){.where = -1, .sort_slot = -1};
    gp_run_facts_settle(&compile.facts);
    bool ok = append_extras(f, spec, out, &x, d);
    ok = gp_formula_resolve(f, d) && ok && d->errors == 0 && check_extras(f, spec, &x, d);
    if (ok)
        all = gp_compile(f, &compile, d);
    if (all)
        status = choose(f, spec, all, &chosen, out, d);
    sort_ints(&chosen); /* signals are listed in the order of the formula */
    if (status == GP_PLAN_OK && !finish(f, all, &chosen, &x, &compile, out, d))
        status = GP_PLAN_FORMULA;
    if (all)
        gp_program_free(all);
    gp_vec_free(&chosen);
    gp_vec_free(&x.cols);
    if (status != GP_PLAN_OK)
        gp_plan_fini(out);
    return status;
}

void gp_plan_fini(gp_plan *p)
{
    if (p->program)
        gp_program_free(p->program);
    gp_arena_fini(&p->arena);
    *p = (gp_plan){.where = -1, .sort_slot = -1};
}
