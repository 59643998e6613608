#include "parser/scope.h"
#include "parser/attribute.h"

enum { MAX_UNKNOWN = 500 };

const gp_builtin *gp_scope_builtin(gp_str name)
{
    const gp_builtin *b = gp_builtin_find(name);
    return b && !(b->flags & GP_ROW_INTERNAL) && b->category != GP_CAT_OPERATOR ? b : NULL;
}

bool gp_scope_output_name(const gp_builtin *b)
{
    return b->shape == GP_SHAPE_NONE && b->category == GP_CAT_SIGNAL && b->max_args == 0 && b->tier <= GP_TIER_B;
}

static gp_sym *lookup(gp_scope *s, gp_str name, bool add)
{
    if (!s->n_slots)
        return NULL;
    size_t at = gp_str_ihash(name) & (s->n_slots - 1);
    for (; s->slots[at]; at = (at + 1) & (s->n_slots - 1))
        if (gp_str_ieq(s->syms.at[s->slots[at] - 1].name, name))
            return &s->syms.at[s->slots[at] - 1];
    if (!add)
        return NULL;
    gp_vec_push(&s->syms, ((gp_sym){ .name = name, .current = -1, .first = -1, .param = -1, .unknown = -1 }));
    s->slots[at] = (int)s->syms.n;
    return &s->syms.at[s->syms.n - 1];
}

void gp_scope_init(gp_scope *s, gp_formula *f, gp_diags *d)
{
    *s = (gp_scope){ .f = f, .d = d };
    s->n_slots = 64;
    while (s->n_slots < 2 * (size_t)(f->n_stmts + f->n_params + MAX_UNKNOWN))
        s->n_slots *= 2;
    s->slots = gp_xcalloc(s->n_slots, sizeof *s->slots);
    s->param_used = gp_xcalloc((size_t)f->n_params + 1, 1);
    for (int i = 0; i < f->n_params; i++)
        lookup(s, f->params[i].name, true)->param = i;
    for (int i = 0; i < f->n_stmts; i++) {
        if (!f->stmts[i].name.n)
            continue;
        gp_sym *sym = lookup(s, f->stmts[i].name, true);
        if (sym->first < 0)
            sym->first = i;
    }
}

void gp_scope_fini(gp_scope *s)
{
    gp_vec_free(&s->syms);
    gp_vec_free(&s->unknown);
    free(s->slots);
    free(s->param_used);
}

gp_sym *gp_scope_find(gp_scope *s, gp_str name)
{
    gp_sym *sym = lookup(s, name, false);
    return sym && (sym->first >= 0 || sym->param >= 0) ? sym : NULL;
}

void gp_scope_unknown(gp_scope *s, const gp_node *n, bool function, bool defines)
{
    gp_sym *sym = lookup(s, n->text, s->unknown.n < MAX_UNKNOWN);
    if (!sym)
        return;
    if (sym->unknown < 0 || sym->called != function) {
        sym->unknown = (int)s->unknown.n;
        sym->called = function;
        gp_vec_push(&s->unknown, ((gp_unknown){ .node = n, .function = function, .defines = defines }));
    }
    gp_unknown *u = &s->unknown.at[sym->unknown];
    uint32_t line = gp_span_line(n->name_span);
    u->uses++;
    if (u->n_lines < 6 && (!u->n_lines || u->lines[u->n_lines - 1] != line))
        u->lines[u->n_lines++] = line;
}

/* --- hints ------------------------------------------------------------------------------------------------- */

static int code_points(gp_str s)
{
    int n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

/* "did you mean A or B?"; false when nothing is near.  Looks no further once so much is wrong that nobody will see it. */
static bool nearest(gp_scope *s, const gp_unknown *u, gp_buf *out)
{
    if (s->d->dropped > 0) return false;
    gp_str name = u->node->text;
    const char *best[4];
    int n = 0, length = code_points(name);
    size_t far = length <= 1 ? 0 : length <= 4 ? 1 : 2;
    for (size_t i = 0; i < s->syms.n && !u->function; i++) {
        const gp_sym *sym = &s->syms.at[i];
        if ((sym->first < 0 && sym->param < 0) || n == 2 || sym->name.n > name.n + 12)
            continue;
        if (gp_str_edit_distance(sym->name, name) <= far)
            best[n++] = gp_shorten(&s->f->arena, sym->name, 30);
    }
    const char *builtins[3];
    int m = far ? gp_builtin_similar(name, builtins, 3) : 0;
    for (int i = 0; i < m && n < 3; i++)
        best[n++] = builtins[i];
    for (int i = 0; i < n; i++)
        gp_buf_printf(out, "%s%s", i == 0 ? "did you mean " : i == n - 1 ? " or " : ", ", best[i]);
    if (n)
        gp_buf_addc(out, '?');
    return n > 0;
}

static bool known(gp_scope *s, gp_str name)
{
    bool digits = name.n > 0;
    for (size_t i = 0; i < name.n; i++)
        digits = digits && name.p[i] >= '0' && name.p[i] <= '9';
    return digits || gp_scope_find(s, name) || gp_scope_builtin(name);
}

/* "短跳AND中跳" is one identifier; both halves are names. */
static bool glued(gp_scope *s, gp_str name, gp_buf *out)
{
    static const char *const words[] = { "AND", "OR", "NOT" };
    for (size_t w = 0; w < 3; w++) {
        size_t n = strlen(words[w]);
        for (size_t i = 1; i + n < name.n; i++) {
            gp_str left = { name.p, i }, right = { name.p + i + n, name.n - i - n };
            if (!gp_str_ieqz((gp_str){ name.p + i, n }, words[w]) || !known(s, left))
                continue;
            if (known(s, right) || ((unsigned char)left.p[left.n - 1] & 0x80)) {
                gp_buf_printf(out, "this is one name; write " GP_STR_FMT " %s " GP_STR_FMT " with blanks",
                              GP_STR_ARG(left), words[w], GP_STR_ARG(right));
                return true;
            }
        }
    }
    return false;
}

static bool upper_or_digit(gp_str s)
{
    if (!s.n || s.n > 8 || (s.p[0] >= '0' && s.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            return false;
    }
    return true;
}

/* Names people give to parameters: N, N1, P2, M, SHORT...  Longer words may as well be misspelt. */
static bool parameter_like(gp_str s)
{
    static const char *const usual[] = { "SHORT", "LONG", "MID", "FAST", "SLOW", "SMOOTH", "WIDTH", "LEN", "PERIOD1" };
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (gp_str_ieqz(s, usual[i]))
            return true;
    if (!upper_or_digit(s))
        return false;
    return s.n <= 2 || (s.n <= 4 && s.p[s.n - 1] >= '0' && s.p[s.n - 1] <= '9');
}

/* MA5 -> MA(C,5) */
static bool function_with_number(gp_scope *s, gp_str name, gp_buf *out)
{
    size_t n = name.n;
    while (n && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
        n--;
    const gp_builtin *b = n > 1 && n < name.n ? gp_scope_builtin((gp_str){ name.p, n }) : NULL;
    if (!b || b->min_args != 2 || b->args[1].type != GP_ARG_PERIOD)
        return false;
    gp_buf_printf(out, "for the built-in write %s(C,%s); otherwise give it with -p %s=9", b->name,
                  gp_shorten(&s->f->arena, (gp_str){ name.p + n, name.n - n }, 9), gp_shorten(&s->f->arena, name, 30));
    return true;
}

/* --- reports ----------------------------------------------------------------------------------------------- */

static void report_one(gp_scope *s, const gp_unknown *u)
{
    gp_arena *a = &s->f->arena;
    gp_str name = u->node->text;
    const char *shown = gp_shorten(a, name, 40);
    gp_buf uses = { 0 }, hint = { 0 };
    gp_buf_addz(&uses, "");
    for (int i = 0; u->uses > 1 && i < u->n_lines; i++)
        gp_buf_printf(&uses, "%s%u", i ? ", " : "", u->lines[i]);
    if (u->uses > 1) {
        const char *lines = gp_arena_printf(a, " (used %d times: line%s %s%s)", u->uses, u->n_lines > 1 ? "s" : "",
                                            uses.p, u->n_lines == 6 ? "…" : "");
        uses.n = 0;
        gp_buf_addz(&uses, lines);
    }
    gp_span at = u->node->name_span;
    int rgb, digits;
    const char *near = NULL;
    const gp_builtin *output = gp_builtin_find(name);
    if (output && !gp_scope_output_name(output))
        output = NULL;
    if (u->function) {
        gp_diag_at(s->d, GP_D_UNKNOWN_FUNCTION, at, shown, uses.p);
        if (gp_scope_formula_hint(s, name, &hint) || nearest(s, u, &hint))
            gp_diag_hint(s->d, "%s", hint.p);
    } else if (u->defines) {
        gp_diag_at(s->d, GP_D_COMPARISON_DEFINES, at, shown, shown, shown);
    } else if (gp_scope_formula_hint(s, name, &hint)) {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "%s", hint.p);
    } else if (output) {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "%s is the name of an output: define it with %s: condition;", output->name, output->name);
    } else if (glued(s, name, &hint)) {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "%s", hint.p);
    } else if (gp_attr_read(name, &rgb, &digits) && name.n > 4) {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "this is an attribute: it follows the whole expression after a comma");
    } else if (name.n > 5 && name.n <= 40 && gp_str_ieqz((gp_str){ name.p, 5 }, "COLOR") && (near = gp_attr_similar(name))) {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "did you mean %s?", near);
    } else if (!parameter_like(name) && nearest(s, u, &hint)) {
        if (upper_or_digit(name))
            gp_buf_printf(&hint, " If it is a parameter, give it with -p %s=9", shown);
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
        gp_diag_hint(s->d, "%s", hint.p);
    } else if (upper_or_digit(name) || parameter_like(name)) {
        gp_diag_at(s->d, GP_D_UNBOUND_PARAM, at, shown, uses.p, shown, shown);
        if (function_with_number(s, name, &hint))
            gp_diag_hint(s->d, "%s", hint.p);
    } else {
        gp_diag_at(s->d, GP_D_UNKNOWN_NAME, at, shown, uses.p);
    }
    gp_buf_free(&uses);
    gp_buf_free(&hint);
}

void gp_scope_report(gp_scope *s)
{
    for (size_t i = 0; i < s->unknown.n; i++)
        report_one(s, &s->unknown.at[i]);
    gp_buf list = { 0 };
    for (int i = 0; i < s->f->n_params; i++)
        if (s->f->params[i].span.src || s->param_used[i])
            gp_buf_printf(&list, "%s%s", list.n ? ", " : "", gp_shorten(&s->f->arena, s->f->params[i].name, 30));
    for (size_t i = 0; i < s->unknown.n && i < 16; i++)
        if (!s->unknown.at[i].function && parameter_like(s->unknown.at[i].node->text))
            gp_buf_printf(&list, "%s%s", list.n ? ", " : "", gp_shorten(&s->f->arena, s->unknown.at[i].node->text, 30));
    for (int i = 0; i < s->f->n_params; i++) {
        const gp_param *p = &s->f->params[i];
        if (!p->span.src && !s->param_used[i])
            gp_diag_at(s->d, GP_D_PARAM_UNKNOWN, (gp_span){ 0 }, gp_shorten(&s->f->arena, p->name, 30),
                       list.n ? list.p : "it has none");
    }
    gp_buf_free(&list);
}
