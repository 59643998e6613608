/* The statements of a session.  They are kept as text in the order of evaluation; every input parses and resolves all of them
 * again, which takes a millisecond, so that nothing can be out of date. */
#include "cli/repl.h"
#include <string.h>

/* ---- new statements ---- */

/* One statement on its way in: an entry of the session, or one of the text just given. */
typedef struct item {
    repl_entry *entry;
    gp_stmt stmt;
    bool fresh, question, shown;
} item;
typedef GP_VEC(item) items;

static void add_refs(repl_entry *e, const gp_node *n)
{
    if (n->kind == GP_NODE_NAME && !repl_uses(e, n->text)) {
        e->refs = gp_xrealloc(e->refs, ((size_t)e->n_refs + 1) * sizeof *e->refs);
        e->refs[e->n_refs++] = repl_copy(n->text.p, n->text.n);
    }
    for (int i = 0; i < n->n_args; i++)
        add_refs(e, n->args[i]);
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';'; }

/* Comments between two statements; a header ({@...}) has had its effect. */
static char *lead_of(gp_str text)
{
    text = gp_str_trim(text, " \t\r\n;");
    if (memmem(text.p, text.n, "{@", 2))
        text.n = 0;
    return repl_copy(text.p, text.n);
}

static repl_entry *entry_of(const gp_stmt *s, uint32_t from)
{
    repl_entry *e = gp_xcalloc(1, sizeof *e);
    const char *text = s->span.src->text.p;
    gp_buf b = {0};
    gp_buf_add(&b, text + s->span.at, s->span.n);
    gp_buf_addc(&b, ';');
    e->owners = 1;
    e->text = b.p;
    e->lead = lead_of((gp_str){text + from, s->span.at > from ? s->span.at - from : 0});
    e->name = s->name.n ? repl_copy(s->name.p, s->name.n) : NULL;
    e->assign = s->kind == GP_STMT_ASSIGN;
    add_refs(e, s->expr);
    return e;
}

static bool defines(const item *it, gp_str name) { return it->entry->name && gp_str_ieqz(name, it->entry->name); }

/* Marks every statement that needs `name` as it is after `from`, directly or through others. */
static void mark_dependants(const items *all, size_t from, gp_str name, bool *marked)
{
    for (size_t i = from; i < all->n; i++) {
        const repl_entry *e = all->at[i].entry;
        marked[i] = repl_uses(e, name);
        for (size_t k = from; k < i && !marked[i]; k++)
            marked[i] = marked[k] && all->at[k].entry->name && repl_uses(e, gp_str_from(all->at[k].entry->name));
    }
}

/* Whether the new statement is computed from the old value of its own name (X:=X+1): then it continues that name, as in TDX. */
static bool continues(const items *all, const repl_entry *e)
{
    gp_str name = gp_str_from(e->name);
    bool *marked = gp_xcalloc(all->n + 1, sizeof *marked), yes = repl_uses(e, name);
    mark_dependants(all, 0, name, marked);
    for (size_t i = 0; i < all->n && !yes; i++)
        yes = marked[i] && all->at[i].entry->name && repl_uses(e, gp_str_from(all->at[i].entry->name));
    free(marked);
    return yes;
}

static void insert(items *all, size_t at, item it)
{
    gp_vec_push(all, it);
    memmove(all->at + at + 1, all->at + at, (all->n - 1 - at) * sizeof *all->at);
    all->at[at] = it;
}

/* Puts the statement where the first of its name stood, or behind what it uses; what depends on it moves behind it. */
static void replace(items *all, item it, size_t first)
{
    gp_str name = gp_str_from(it.entry->name);
    items early = {0}, late = {0};
    bool *marked;
    size_t needed = first, kept = 0;
    for (size_t i = 0; i < all->n; i++) { /* the old ones go */
        if (defines(&all->at[i], name))
            repl_release(all->at[i].entry);
        else
            all->at[kept++] = all->at[i];
    }
    all->n = kept;
    for (size_t i = first; i < all->n; i++) {
        if (all->at[i].entry->name && repl_uses(it.entry, gp_str_from(all->at[i].entry->name)))
            needed = i + 1;
    }
    marked = gp_xcalloc(all->n + 1, sizeof *marked);
    mark_dependants(all, first, name, marked);
    for (size_t i = first; i < needed; i++) {
        if (marked[i])
            gp_vec_push(&late, all->at[i]);
        else
            gp_vec_push(&early, all->at[i]);
    }
    for (size_t i = 0; i < early.n; i++)
        all->at[first + i] = early.at[i];
    for (size_t i = 0; i < late.n; i++)
        all->at[first + early.n + i] = late.at[i];
    insert(all, first + early.n, it);
    gp_vec_free(&early);
    gp_vec_free(&late);
    free(marked);
}

/* before: how many of `all` were there before this text; definitions of one text follow one another as they are written. */
static void place(items *all, item it, size_t before)
{
    bool there = false;
    size_t first = 0;
    for (size_t i = 0; i < all->n && it.entry->name && !there; i++) {
        there = i < before && !all->at[i].fresh && defines(&all->at[i], gp_str_from(it.entry->name));
        first = i;
    }
    if (!there || continues(all, it.entry))
        gp_vec_push(all, it);
    else
        replace(all, it, first);
}

/* Given again without a name, a statement moves to the end. */
static void drop_same(items *all, const repl_entry *e)
{
    for (size_t i = 0; i < all->n; i++) {
        if (all->at[i].fresh || all->at[i].entry->name || strcmp(all->at[i].entry->text, e->text) != 0)
            continue;
        repl_release(all->at[i].entry);
        memmove(all->at + i, all->at + i + 1, (all->n - i - 1) * sizeof *all->at);
        all->n--;
        return;
    }
}

/* Whether a ; follows, plain or of full width. */
static bool is_ended(const gp_stmt *s)
{
    gp_str text = s->span.src->text;
    size_t at = s->span.at + s->span.n;
    while (at < text.n && is_blank(text.p[at]) && text.p[at] != ';')
        at++;
    return at < text.n && (text.p[at] == ';' || (text.n - at >= 3 && memcmp(text.p + at, "\xEF\xBC\x9B", 3) == 0));
}

static bool is_drawing(const gp_node *n)
{
    const gp_builtin *fn = n->kind == GP_NODE_CALL && !n->is_operator ? gp_builtin_find(n->text) : NULL;
    return fn && fn->shape == GP_SHAPE_DRAW;
}

/* ---- the formula of a session ---- */

/* The session's parameters (those that the new text does not set itself) and statements, appended to f. */
static void add_session(const repl *r, gp_formula *f, int n_params)
{
    gp_diags old = {0}; /* was said when it was typed */
    gp_buf text = {0};
    char name[48];
    for (size_t i = 0; i < r->now.params.n; i++) {
        bool set = false;
        for (int k = 0; k < n_params; k++)
            set |= gp_str_ieqz(f->params[k].name, r->now.params.at[i].name);
        if (!set)
            repl_param_header(&r->now.params.at[i], &text);
    }
    if (text.n)
        gp_formula_extend(f, "<:param>", (gp_str){text.p, text.n}, GP_ENC_UTF8, &old);
    for (size_t i = 0; i < r->now.entries.n; i++) {
        snprintf(name, sizeof name, "<:list %zu>", i + 1);
        gp_formula_extend(f, name, gp_str_from(r->now.entries.at[i]->text), GP_ENC_UTF8, &old);
    }
    gp_buf_free(&text);
    gp_diags_fini(&old);
}

/* Without statements; references find the formulas of the library. */
static gp_formula *session_new(repl *r)
{
    gp_formula *f = gp_formula_new("<session>");
    f->library = gp_cli_library(r->c);
    return f;
}

gp_formula *repl_formula(repl *r)
{
    gp_formula *f = session_new(r);
    gp_diags d = {0};
    add_session(r, f, 0);
    if (gp_formula_resolve(f, &d)) {
        gp_diags_fini(&d);
        return f;
    }
    gp_cli_diags(r->c, &d);
    gp_formula_free(f);
    return NULL;
}

static void drop_diag(gp_diags *d, size_t i)
{
    d->errors -= d->at[i].severity == GP_ERROR;
    d->warnings -= d->at[i].severity == GP_WARNING;
    free(d->at[i].message);
    free(d->at[i].hint);
    memmove(d->at + i, d->at + i + 1, (d->n - i - 1) * sizeof *d->at);
    d->n--;
}

/* What is said about statements that were there before was said before, unless it is an error now; hints name the option of
 * the command line, which here is a command. */
static void print_diags(repl *r, gp_diags *d, const char *source_name)
{
    for (size_t i = d->n; i-- > 0;) {
        gp_diag *g = &d->at[i];
        char *option = g->hint ? strstr(g->hint, "-p ") : NULL;
        bool ours = g->span.src && strcmp(g->span.src->name, source_name) == 0;
        if (g->severity != GP_ERROR && ((!ours && g->span.src) || g->id == GP_D_REDEFINED)) {
            drop_diag(d, i);
        } else if (option) {
            gp_buf hint = {0};
            gp_buf_add(&hint, g->hint, (size_t)(option - g->hint));
            gp_buf_printf(&hint, ":param %s", option + 3);
            free(g->hint);
            g->hint = hint.p;
        }
    }
    fflush(stdout);
    gp_cli_diags(r->c, d);
}

static void items_fini(items *all)
{
    for (size_t i = 0; i < all->n; i++)
        repl_release(all->at[i].entry);
    gp_vec_free(all);
}

/* Of a formula its outputs, or the last of its variables when it has nothing else. */
static void choose_shown(items *all, repl_mode mode)
{
    item *last = NULL;
    bool any = false;
    for (size_t i = 0; i < all->n; i++) {
        item *it = &all->at[i];
        if (!it->fresh)
            continue;
        it->shown = mode == REPL_TYPED || it->stmt.kind != GP_STMT_ASSIGN;
        any |= it->shown;
        last = it;
    }
    if (last && !any)
        last->shown = true;
}

/* The statements of the new text and of the session in the order they would have, in f and in *all. */
static void arrange(repl *r, gp_formula *f, int n_new, repl_mode mode, items *all)
{
    uint32_t from = 0;
    size_t before = r->now.entries.n;
    for (size_t i = 0; i < before; i++) {
        r->now.entries.at[i]->owners++;
        gp_vec_push(all, ((item){.entry = r->now.entries.at[i], .stmt = f->stmts[(size_t)n_new + i]}));
    }
    for (int k = 0; k < n_new; k++) {
        item it = {.stmt = f->stmts[k], .fresh = true};
        it.entry = entry_of(&it.stmt, from);
        it.question = mode == REPL_TYPED && it.stmt.kind == GP_STMT_BARE && !is_ended(&it.stmt) && !is_drawing(it.stmt.expr);
        from = it.stmt.span.at + it.stmt.span.n;
        if (!it.question && !it.entry->name)
            drop_same(all, it.entry);
        place(all, it, before);
    }
    choose_shown(all, mode);
    f->n_stmts = (int)all->n;
    for (size_t i = 0; i < all->n; i++) {
        f->stmts[i] = all->at[i].stmt;
        if (all->at[i].shown && f->stmts[i].kind == GP_STMT_ASSIGN)
            f->stmts[i].kind = GP_STMT_OUTPUT; /* so that it has a value to show */
    }
}

/* "Y, Z": what changed with the statement that was given anew. */
static void tell_dependants(const repl *r, const items *all)
{
    gp_buf names = {0};
    bool *changed = gp_xcalloc(all->n + 1, sizeof *changed);
    for (size_t i = 0; i < all->n; i++) {
        const repl_entry *e = all->at[i].entry;
        changed[i] = all->at[i].fresh && !all->at[i].question && e->name;
        for (size_t k = 0; k < i && !changed[i]; k++) {
            changed[i] = changed[k] && repl_uses(e, gp_str_from(all->at[k].entry->name ? all->at[k].entry->name : ""));
            if (changed[i] && !all->at[i].fresh)
                gp_buf_printf(&names, "%s%s", names.n ? ", " : "", e->name ? e->name : e->text);
        }
    }
    if (names.n)
        repl_say(r, "%s %s", repl_text(r, "recomputed:", "随之更新:"), names.p);
    gp_buf_free(&names);
    free(changed);
}

static void commit(repl *r, const gp_formula *f, items *all)
{
    repl_state next = {0};
    bool changed = false;
    for (size_t i = 0; i < all->n; i++)
        changed |= all->at[i].fresh && !all->at[i].question;
    changed |= f->n_params > (int)r->now.params.n;
    for (int i = 0; i < f->n_params && !changed; i++) {
        int k = repl_find_param(r, f->params[i].name);
        changed = k < 0 || r->now.params.at[k].value != f->params[i].value;
    }
    if (!changed)
        return;
    repl_remember(r);
    next = repl_state_copy(&r->now);
    for (size_t i = 0; i < next.entries.n; i++)
        repl_release(next.entries.at[i]);
    next.entries.n = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (all->at[i].question)
            continue;
        all->at[i].entry->owners++;
        gp_vec_push(&next.entries, all->at[i].entry);
    }
    for (int i = 0; i < f->n_params; i++)
        repl_keep_param(&next, &f->params[i]);
    repl_state_fini(&r->now);
    r->now = next;
}

/* Compiles what is to be shown of the new statements. */
static gp_program *compile(repl *r, const gp_formula *f, const items *all, gp_diags *d)
{
    int *shown = gp_xcalloc(all->n + 1, sizeof *shown);
    gp_compile_opts options = repl_compile_opts(r);
    gp_program *p;
    options.stmts = shown;
    for (size_t i = 0; i < all->n; i++) {
        if (all->at[i].shown)
            shown[options.n_stmts++] = (int)i;
    }
    p = gp_compile(f, &options, d);
    free(shown);
    return p;
}

gp_formula *repl_question(repl *r, gp_str text, int *stmt)
{
    gp_formula *f = session_new(r);
    gp_diags d = {0};
    items all = {0};
    int n_new = gp_formula_extend(f, "<:trace>", text, GP_ENC_UTF8, &d);
    bool ok = n_new == 1 && f->stmts[0].kind == GP_STMT_BARE;
    if (ok) {
        add_session(r, f, f->n_params);
        arrange(r, f, n_new, REPL_TYPED, &all);
        ok = gp_formula_resolve(f, &d);
        *stmt = f->n_stmts - 1;
        const gp_node *n = f->stmts[*stmt].expr;
        if (ok && n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT)
            *stmt = n->sym_index;
        if (f->stmts[*stmt].kind == GP_STMT_ASSIGN)
            f->stmts[*stmt].kind = GP_STMT_OUTPUT;
    } else if (!d.errors) {
        repl_error(r, GP_EXIT_USAGE, "%s", repl_text(r, ":trace takes one name or expression", ":trace 只接受一个名字或表达式"));
    }
    print_diags(r, &d, "<:trace>");
    items_fini(&all);
    if (ok)
        return f;
    repl_failed(r, GP_EXIT_FORMULA);
    gp_formula_free(f);
    return NULL;
}

/* What :trace alone is about. */
static void remember_latest(repl *r, const items *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const item *it = &all->at[i];
        if (!it->fresh)
            continue;
        r->latest.n = 0;
        if (it->entry->name)
            gp_buf_addz(&r->latest, it->entry->name);
        else
            gp_buf_add(&r->latest, it->stmt.expr->span.src->text.p + it->stmt.expr->span.at, it->stmt.expr->span.n);
    }
}

bool repl_submit(repl *r, const char *source_name, gp_str text, gp_encoding encoding, repl_mode mode)
{
    gp_formula *f = session_new(r);
    gp_diags d = {0};
    items all = {0};
    gp_program *p = NULL;
    int n_new = gp_formula_extend(f, source_name, text, encoding, &d);
    bool ok = n_new >= 0;
    if (ok) {
        if (mode == REPL_FIRST)
            gp_cli_set_params(r->c, f, &d);
        add_session(r, f, f->n_params);
        arrange(r, f, n_new, mode, &all);
    }
    ok = ok && gp_formula_resolve(f, &d);
    if (ok && n_new > 0)
        ok = (p = compile(r, f, &all, &d)) != NULL;
    print_diags(r, &d, source_name);
    if (!ok)
        repl_failed(r, GP_EXIT_FORMULA);
    if (p)
        ok = repl_show(r, f, p, mode != REPL_TYPED || n_new > 3 || (r->terminal && gp_lineedit_pending(r->edit)));
    if (ok) {
        if (n_new <= 3 && mode == REPL_TYPED)
            tell_dependants(r, &all);
        remember_latest(r, &all);
        commit(r, f, &all);
    }
    gp_program_free(p);
    gp_formula_free(f);
    items_fini(&all);
    return ok;
}
