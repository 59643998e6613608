/* References to other formulas, periods and securities (language.md 7): what the text between the quotes means. */
#include "parser/library.h"
#include "parser/scope.h"
#include <math.h>

typedef struct parts { gp_str security, formula, output, period; bool has_period, has_output; } parts;

/* Without blanks, and without the quotes that are still there when #PERIOD stands outside of them; a full-width one has
 * three bytes. */
static gp_str trim(gp_str s)
{
    static const char *const marks[] = { " ", "\t", "\"", "\u201C", "\u201D", "\uFF02" };
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t n = strlen(marks[i]);
            if (s.n >= n && memcmp(s.p, marks[i], n) == 0) {
                s.p += n;
                s.n -= n;
                again = true;
            }
            if (s.n >= n && memcmp(s.p + s.n - n, marks[i], n) == 0) {
                s.n -= n;
                again = true;
            }
        }
    }
    return s;
}

/* [SECURITY$] NAME[.OUTPUT] [(...)] [#PERIOD]; the arguments are nodes already and are passed over. */
static parts split(gp_str text)
{
    parts r = { 0 };
    const char *end = text.p + text.n, *dollar = memchr(text.p, '$', text.n), *hash = memrchr(text.p, '#', text.n);
    const char *from = dollar ? dollar + 1 : text.p;
    if (dollar)
        r.security = trim((gp_str){ text.p, (size_t)(dollar - text.p) });
    if (hash && hash >= from) {
        r.has_period = true;
        r.period = trim((gp_str){ hash + 1, (size_t)(end - hash - 1) });
        end = hash;
    }
    const char *open = memchr(from, '(', (size_t)(end - from));
    if (open)
        end = open;
    const char *point = memchr(from, '.', (size_t)(end - from));
    r.has_output = point != NULL;
    r.formula = trim((gp_str){ from, (size_t)((point ? point : end) - from) });
    if (point)
        r.output = trim((gp_str){ point + 1, (size_t)(end - point - 1) });
    return r;
}

static const char *text_of(gp_scope *s, gp_str t)
{
    return gp_shorten(&s->f->arena, t, 40);
}

/* An output that can be referred to: `X:expr;` or an unnamed one. */
static bool is_output(const gp_stmt *st)
{
    return st->kind != GP_STMT_ASSIGN && !st->hidden && st->label;
}

static const char *outputs_of(gp_scope *s, const gp_formula *f)
{
    gp_buf b = { 0 };
    for (int i = 0; i < f->n_stmts && b.n < 200; i++)
        if (is_output(&f->stmts[i]))
            gp_buf_printf(&b, "%s%s", b.n ? ", " : "", f->stmts[i].label);
    const char *text = gp_arena_strndup(&s->f->arena, b.p ? b.p : "none", b.p ? b.n : 4);
    gp_buf_free(&b);
    return text;
}

/* The statement of an output; an empty name is the first one; -1: there is none.  Later statements of a name win. */
static int find_output(const gp_formula *f, gp_str name)
{
    int found = -1;
    for (int i = 0; i < f->n_stmts; i++) {
        if (!is_output(&f->stmts[i]))
            continue;
        if (!name.n)
            return i;
        if (gp_str_ieqz(name, f->stmts[i].label))
            found = i;
    }
    return found;
}

/* DIF is called DIFF in 同花顺 and 大智慧, and texts travel. */
static int find_alias(const gp_formula *f, gp_str name)
{
    if (gp_str_ieqz(name, "DIFF"))
        return find_output(f, GP_STR("DIF"));
    return gp_str_ieqz(name, "DIF") ? find_output(f, GP_STR("DIFF")) : -1;
}

bool gp_scope_formula_hint(gp_scope *s, gp_str name, gp_buf *hint)
{
    const gp_formula *f = NULL;
    const char *chain = NULL;
    gp_diags ignored = { 0 };
    const bool found = s->f->library && gp_library_get(s->f->library, name, &f, &chain, &ignored) == GP_LIBRARY_FOUND;
    int first = found ? find_output(f, name) : -1; /* ATR has the output ATR, and it is the one that is meant */
    if (found && first < 0)
        first = find_output(f, (gp_str){ 0 });
    gp_diags_fini(&ignored);
    if (first < 0)
        return false;
    const char *shown = text_of(s, name), *label = f->stmts[first].label;
    gp_buf_printf(hint, "the output %s of the formula %s is written \"%s.%s\"", label, shown, shown, label);
    for (int i = 0; i < f->n_params; i++) {
        if (i == 0)
            gp_buf_printf(hint, ", with values of its parameters \"%s.%s\"(", shown, label);
        gp_buf_printf(hint, "%s%g", i ? "," : "", f->params[i].value);
    }
    gp_buf_addz(hint, f->n_params ? ")" : "");
    return true;
}

static void unknown_formula(gp_scope *s, gp_span at, gp_str name)
{
    gp_buf near = { 0 };
    gp_diag_at(s->d, GP_D_REF_UNKNOWN, at, text_of(s, name));
    if (gp_scope_builtin(name)) {
        gp_diag_hint(s->d, "%s is a function: only series of the quotes and outputs of formulas exist on other periods and securities. Save the "
                     "expression as an output X of a formula NAME and write \"NAME.X#WEEK\"", text_of(s, name));
        return;
    }
    if (s->f->library)
        gp_library_near(s->f->library, name, 3, &near);
    if (near.n)
        gp_diag_hint(s->d, "did you mean %s?", near.p);
    gp_buf_free(&near);
}

/* Would the chain of references through `to` be too long?  If not, it counts. */
static bool too_far(gp_formula *from, const gp_formula *to)
{
    int own = 0;
    for (int i = 0; i < from->n_stmts; i++)
        own = from->stmts[i].expr->depth > own ? from->stmts[i].expr->depth : own;
    const int reach = own + GP_REACH_STEP + to->reach;
    if (reach > GP_REACH_MAX)
        return true;
    from->reach = reach > from->reach ? reach : from->reach;
    return false;
}

/* The formula called name, or NULL after saying why not. */
static const gp_formula *find_formula(gp_scope *s, gp_span at, gp_str name)
{
    const gp_formula *f = NULL;
    const char *chain = NULL;
    if (!s->f->library) {
        unknown_formula(s, at, name);
        return NULL;
    }
    switch (gp_library_get(s->f->library, name, &f, &chain, s->d)) {
    case GP_LIBRARY_FOUND:
        if (!too_far(s->f, f))
            return f;
        /* fall through */
    case GP_LIBRARY_DEEP: gp_diag_at(s->d, GP_D_REF_DEEP, at, text_of(s, name)); break;
    case GP_LIBRARY_UNKNOWN: unknown_formula(s, at, name); break;
    case GP_LIBRARY_CYCLE: gp_diag_at(s->d, GP_D_REF_CYCLE, at, chain); break;
    case GP_LIBRARY_BROKEN: gp_diag_at(s->d, GP_D_REF_BROKEN, at, text_of(s, name)); break;
    }
    return NULL;
}

static gp_type type_of(const gp_formula *f, int stmt)
{
    gp_type t = f->stmts[stmt].expr->type;
    return t == GP_TYPE_TEXT ? GP_TYPE_TEXT : GP_TYPE_NUMBER;
}

static bool check_arguments(gp_scope *s, const gp_node *n, const gp_formula *f, const char *name)
{
    for (int i = 0; i < n->n_args; i++)
        if (n->args[i]->type == GP_TYPE_TEXT || n->args[i]->type == GP_TYPE_DRAW) {
            gp_diag_at(s->d, GP_D_TEXT_FOR_NUMBER, n->args[i]->span, gp_arena_printf(&s->f->arena, "parameter %d of %s", i + 1, name));
            return false;
        }
    int most = f ? f->n_params : 0;
    if (n->n_args <= most)
        return true;
    gp_buf b = { 0 };
    for (int i = 0; i < most; i++)
        gp_buf_printf(&b, "%s" GP_STR_FMT, i ? ", " : "", GP_STR_ARG(f->params[i].name));
    gp_diag_at(s->d, GP_D_REF_ARGUMENTS, n->args[most]->span, name, most, most == 1 ? "" : "s", n->n_args, b.n ? b.p : "none");
    gp_buf_free(&b);
    return false;
}

/* A series of the quotes that may stand before # or after $. */
static const gp_builtin *series_of(gp_str name)
{
    const gp_builtin *fn = gp_scope_builtin(name);
    return fn && fn->shape == GP_SHAPE_LOAD && fn->min_args == 0 ? fn : NULL;
}

/* "KDJ.J#WEEK(9,3,3)": the values stand behind the quotes. */
static void no_period(gp_scope *s, const gp_node *n, const parts *r)
{
    const char *open = r->period.n ? memchr(r->period.p, '(', r->period.n) : NULL;
    gp_diag_at(s->d, GP_D_REF_NO_PERIOD, n->name_span, r->period.n ? text_of(s, r->period) : "nothing");
    if (open && gp_period_find(trim((gp_str){ r->period.p, (size_t)(open - r->period.p) })) != GP_PERIOD_SAME)
        gp_diag_hint(s->d, "the values of the parameters stand behind the quotes: \"NAME.OUTPUT#" GP_STR_FMT "\"" GP_STR_FMT,
                     (int)(open - r->period.p), r->period.p, (int)(r->period.p + r->period.n - open), open);
}

static bool read_period(gp_scope *s, const gp_node *n, const parts *r, gp_period *period)
{
    *period = GP_PERIOD_SAME;
    if (!r->has_period)
        return true;
    *period = gp_period_find(r->period);
    if (*period == GP_PERIOD_SAME)
        no_period(s, n, r);
    return *period != GP_PERIOD_SAME;
}

/* What is wrong with a name that is neither a series nor a formula: a variable of this formula cannot be moved to another period. */
static bool is_variable(gp_scope *s, const parts *r)
{
    gp_sym *sym = r->has_output ? NULL : gp_scope_find(s, r->formula);
    return sym && (r->has_period || r->security.n);
}

void gp_scope_reference(gp_scope *s, gp_node *n)
{
    parts r = split(n->text);
    gp_ref *ref = gp_arena_alloc(&s->f->arena, sizeof *ref);
    if (memchr(n->text.p, '$', n->text.n) && !r.security.n) {
        gp_diag_at(s->d, GP_D_REF_EMPTY, n->name_span, "the code before $");
        return;
    }
    if (!r.formula.n || (r.has_output && !r.output.n)) {
        gp_diag_at(s->d, GP_D_REF_EMPTY, n->name_span, r.formula.n ? "the output after the point" : "a name");
        return;
    }
    if (!read_period(s, n, &r, &ref->period))
        return;
    if (r.security.n)
        ref->security = gp_arena_strndup(&s->f->arena, r.security.p, r.security.n);
    ref->series = r.has_output ? NULL : series_of(r.formula);
    if (!ref->series && is_variable(s, &r)) {
        gp_diag_at(s->d, GP_D_REF_VARIABLE, n->name_span, text_of(s, r.formula));
        return;
    }
    if (!ref->series) {
        ref->formula = find_formula(s, n->name_span, r.formula);
        if (!ref->formula)
            return;
        ref->stmt = find_output(ref->formula, r.output);
        if (ref->stmt < 0)
            ref->stmt = find_alias(ref->formula, r.output);
        if (ref->stmt < 0) {
            gp_diag_at(s->d, GP_D_REF_NO_OUTPUT, n->name_span, text_of(s, r.formula), r.output.n ? text_of(s, r.output) : "at all",
                       outputs_of(s, ref->formula));
            return;
        }
    }
    if (!check_arguments(s, n, ref->formula, text_of(s, r.formula)))
        return;
    n->ref = ref;
    n->type = ref->formula ? type_of(ref->formula, ref->stmt) : GP_TYPE_NUMBER;
    if (n->type == GP_TYPE_TEXT && (ref->period != GP_PERIOD_SAME || ref->security)) {
        gp_diag_at(s->d, GP_D_REF_TEXT, n->name_span, text_of(s, r.formula));
        n->type = GP_TYPE_NONE;
    }
}

void gp_scope_calc_stock_index(gp_scope *s, gp_node *n)
{
    gp_node *code = n->args[0], *formula = n->args[1], *which = n->args[2];
    if (code->kind != GP_NODE_STRING || formula->kind != GP_NODE_STRING || which->kind != GP_NODE_NUMBER) {
        gp_diag_at(s->d, GP_D_REF_CALC, n->span);
        return;
    }
    gp_ref *ref = gp_arena_alloc(&s->f->arena, sizeof *ref);
    ref->security = gp_arena_strndup(&s->f->arena, code->text.p, code->text.n);
    ref->formula = find_formula(s, formula->span, formula->text);
    if (!ref->formula)
        return;
    int left = which->number >= 1 && which->number < 1e6 ? (int)which->number : 0;
    ref->stmt = -1;
    for (int i = 0; i < ref->formula->n_stmts && left > 0; i++)
        if (is_output(&ref->formula->stmts[i]) && --left == 0)
            ref->stmt = i;
    if (ref->stmt < 0 || type_of(ref->formula, ref->stmt) != GP_TYPE_NUMBER) {
        gp_diag_at(s->d, GP_D_REF_NO_OUTPUT, which->span, text_of(s, formula->text), gp_arena_printf(&s->f->arena, "number %.0f", which->number),
                   outputs_of(s, ref->formula));
        return;
    }
    n->ref = ref;
}
