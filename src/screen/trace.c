#include "screen/trace.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "screen/feed.h"

enum { DEEPEST = 64, TEXT_MOST = 160, ROWS_MOST = 4000 };

typedef struct source { const gp_node *node; int slot, text; } source; /* where a row's value comes from; slot, text -1: nowhere */

struct gp_trace {
    gp_arena arena;
    const gp_formula *f;
    gp_program *p;
    gp_vm *vm;
    gp_feed *feed;
    GP_VEC(gp_trace_row) rows;
    GP_VEC(source) sources;   /* one per row */
    bool *expanded;           /* per statement */
    double **out;             /* per slot */
    double *room;
    size_t room_cap;
};

/* ---- reading the tree ---- */

const char *gp_trace_text(gp_arena *a, gp_span s, size_t most)
{
    gp_buf b = {0};
    const gp_str text = s.src && s.at + s.n <= s.src->text.n ? (gp_str){s.src->text.p + s.at, s.n} : (gp_str){"", 0};
    char quote = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (!quote && (c == '{' || (c == '/' && i + 1 < text.n && text.p[i + 1] == '/'))) { /* a comment */
            const char end = c == '{' ? '}' : '\n';
            while (i < text.n && text.p[i] != end) i++;
            continue;
        }
        if (quote ? c == quote : c == '\'' || c == '"') quote = quote ? 0 : c;
        const bool blank = (unsigned char)c <= ' ';
        if (!blank) gp_buf_addc(&b, c);
        else if (b.n && b.p[b.n - 1] != ' ') gp_buf_addc(&b, ' ');
    }
    size_t n = b.n;
    if (n > most) {
        n = most - 3;
        while (n > 0 && ((unsigned char)b.p[n] & 0xC0) == 0x80) n--;
        b.n = n;
        gp_buf_addz(&b, "...");
        n = b.n;
    }
    const char *copy = gp_arena_strndup(a, b.p ? b.p : "", n);
    gp_buf_free(&b);
    return copy;
}

const gp_node *gp_trace_definition(const gp_formula *f, const gp_node *n)
{
    while (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT) n = f->stmts[n->sym_index].expr; /* definitions stand before their use */
    return n;
}

bool gp_trace_is_condition(const gp_formula *f, const gp_node *n)
{
    n = gp_trace_definition(f, n);
    if (!n->fn) return false;
    switch (n->fn->id) {
    case GP_B_LT:
    case GP_B_LE:
    case GP_B_GT:
    case GP_B_GE:
    case GP_B_EQ:
    case GP_B_NE:
    case GP_B_AND:
    case GP_B_OR: return true;
    default: return n->fn->category == GP_CAT_LOGIC;
    }
}

/* Whether what fn says of its arguments is a matter of the bar before, too. */
static bool compares_bars(const gp_builtin *fn)
{
    return fn->shape == GP_SHAPE_DELAY || (fn->category == GP_CAT_LOGIC && fn->shape == GP_SHAPE_SCAN && fn->id != GP_B_NOT);
}

static void add(gp_trace *t, const gp_node *n, int depth, bool condition, bool before);

/* A AND (B AND C) is one list of three. */
static void add_chain(gp_trace *t, const gp_node *n, gp_builtin_id id, int depth)
{
    if (n->kind == GP_NODE_CALL && n->fn && n->fn->id == id)
        for (int j = 0; j < n->n_args; j++) add_chain(t, n->args[j], id, depth);
    else
        add(t, n, depth, true, false);
}

/* A parameter, or a variable that is a number: worth a row only where something is compared with it. */
static bool is_setting(const gp_formula *f, const gp_node *n)
{
    n = gp_trace_definition(f, n);
    return n->kind == GP_NODE_NUMBER || (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM);
}

static void add_parts(gp_trace *t, const gp_node *n, int depth)
{
    if (depth > DEEPEST) return;
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT) {
        add(t, n, depth, false, false);
        return;
    }
    if (n->kind != GP_NODE_CALL || !n->fn) return;
    if (n->fn->id == GP_B_AND || n->fn->id == GP_B_OR) {
        add_chain(t, n, n->fn->id, depth);
        return;
    }
    for (int j = 0; j < n->n_args; j++) {
        const gp_arg *arg = gp_builtin_arg(n->fn, j);
        if (arg && (arg->type == GP_ARG_TEXT || arg->type == GP_ARG_COLOUR)) continue;
        if (is_setting(t->f, n->args[j]) && !gp_trace_is_condition(t->f, n)) continue;
        add(t, n->args[j], depth, arg && arg->type == GP_ARG_COND, compares_bars(n->fn));
    }
}

static void push(gp_trace *t, gp_trace_row row, const gp_node *n)
{
    gp_vec_push(&t->rows, row);
    gp_vec_push(&t->sources, ((source){n, -1, -1}));
}

static void add(gp_trace *t, const gp_node *n, int depth, bool condition, bool before)
{
    if (n->kind == GP_NODE_NUMBER || n->kind == GP_NODE_STRING || n->type == GP_TYPE_TEXT || t->rows.n >= ROWS_MOST) return;
    gp_trace_row row = {.depth = depth, .is_condition = condition || gp_trace_is_condition(t->f, n), .shows_before = before};
    const bool name = n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT;
    if (!name) {
        row.text = gp_trace_text(&t->arena, n->span, TEXT_MOST);
        push(t, row, n);
        add_parts(t, n, depth + 1);
        return;
    }
    const gp_stmt *s = &t->f->stmts[n->sym_index];
    row.name = gp_arena_strndup(&t->arena, s->name.p, s->name.n);
    row.text = gp_trace_text(&t->arena, s->expr->span, TEXT_MOST);
    row.again = t->expanded[n->sym_index];
    push(t, row, n);
    if (row.again) return;
    t->expanded[n->sym_index] = true;
    add_parts(t, s->expr, depth + 1);
}

/* The outputs and what is below them.  A hidden statement that is only the name of a variable is that variable. */
static void add_output(gp_trace *t, const gp_output *o)
{
    const gp_stmt *s = &t->f->stmts[o->stmt];
    const bool name = s->expr->kind == GP_NODE_NAME && s->expr->sym == GP_SYM_STATEMENT;
    if (s->hidden && name) {
        add(t, s->expr, 0, false, false);
        return;
    }
    const bool condition = o->kind == GP_OUT_DRAW ? o->cond >= 0 : gp_trace_is_condition(t->f, s->expr);
    push(t, (gp_trace_row){.name = o->name, .text = gp_trace_text(&t->arena, s->expr->span, TEXT_MOST), .is_condition = condition},
         o->kind == GP_OUT_DRAW || o->kind == GP_OUT_TEXT ? NULL : s->expr);
    t->expanded[o->stmt] = s->name.n > 0;
    add_parts(t, s->expr, 1);
}

/* ---- compiling ---- */

static int by_address(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t)*(const gp_node *const *)a, y = (uintptr_t)*(const gp_node *const *)b;
    return x < y ? -1 : x > y;
}

/* The outputs again, now with a result for each row. */
static gp_program *compile(const gp_trace *t, const gp_compile_opts *o, gp_diags *d)
{
    gp_compile_opts with = o ? *o : (gp_compile_opts){0};
    GP_VEC(const gp_node *) nodes = {0};
    for (size_t k = 0; k < t->sources.n; k++)
        if (t->sources.at[k].node) gp_vec_push(&nodes, t->sources.at[k].node);
    if (nodes.n) qsort(nodes.at, nodes.n, sizeof *nodes.at, by_address);
    size_t n = 0;
    for (size_t k = 0; k < nodes.n; k++)
        if (k == 0 || nodes.at[k] != nodes.at[n - 1]) nodes.at[n++] = nodes.at[k];
    with.nodes = nodes.at;
    with.n_nodes = (int)n;
    gp_program *p = gp_compile(t->f, &with, d);
    gp_vec_free(&nodes);
    return p;
}

/* Rows without a node are drawings and texts, in the order of the outputs. */
static void find_sources(gp_trace *t)
{
    int n, k = 0;
    const gp_output *o = gp_program_outputs(t->p, &n);
    for (size_t r = 0; r < t->rows.n; r++) {
        source *s = &t->sources.at[r];
        if (s->node) {
            s->slot = gp_program_node_slot(t->p, s->node);
            continue;
        }
        while (k < n && o[k].kind != GP_OUT_DRAW && o[k].kind != GP_OUT_TEXT) k++;
        if (k >= n) continue;
        s->slot = o[k].kind == GP_OUT_DRAW ? (o[k].cond >= 0 ? o[k].cond : o[k].slot) : -1;
        s->text = o[k].kind == GP_OUT_TEXT ? o[k].text : -1;
        k++;
    }
}

gp_trace *gp_trace_new(const gp_formula *f, const gp_compile_opts *o, gp_diags *d)
{
    gp_diags again = {0}; /* the warnings of a second compilation were given by the first */
    gp_trace *t = gp_xcalloc(1, sizeof *t);
    int n;
    t->f = f;
    t->expanded = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *t->expanded);
    gp_program *outputs = gp_compile(f, o, d);
    if (outputs) {
        const gp_output *at = gp_program_outputs(outputs, &n);
        for (int k = 0; k < n; k++) {
            gp_output named = at[k];
            named.name = gp_arena_strndup(&t->arena, at[k].name, strlen(at[k].name));
            add_output(t, &named);
        }
        gp_program_free(outputs);
        t->p = compile(t, o, &again);
    }
    gp_diags_fini(&again);
    if (!t->p) {
        gp_trace_free(t);
        return NULL;
    }
    find_sources(t);
    t->vm = gp_vm_new(t->p, NULL);
    t->out = gp_xcalloc((size_t)gp_program_n_slots(t->p) + 1, sizeof *t->out);
    return t;
}

void gp_trace_free(gp_trace *t)
{
    if (!t) return;
    gp_vm_free(t->vm);
    gp_feed_free(t->feed);
    gp_program_free(t->p);
    gp_vec_free(&t->rows);
    gp_vec_free(&t->sources);
    gp_arena_fini(&t->arena);
    free(t->expanded);
    free(t->out);
    free(t->room);
    free(t);
}

const gp_program *gp_trace_program(const gp_trace *t)
{
    return t->p;
}

/* ---- running ---- */

void gp_trace_feed(gp_trace *t, const gp_companions *c)
{
    gp_feed_free(t->feed);
    t->feed = c ? gp_feed_new(t->p, c) : NULL;
}

const gp_trace_row *gp_trace_run(gp_trace *t, const gp_bars *b, int bar, int *n)
{
    const int slots = gp_program_n_slots(t->p), from = bar > 0 ? bar - 1 : 0;
    const size_t kept = (size_t)(b->n - from), need = (size_t)slots * kept + 1;
    if (need > t->room_cap) {
        free(t->room);
        t->room = gp_xaligned(need * sizeof *t->room);
        t->room_cap = need;
    }
    for (int s = 0; s < slots; s++) t->out[s] = t->room + (size_t)s * kept;
    gp_lane lane = gp_lane_of(b, b->n, from, t->out);
    gp_feed_fill(t->feed, 0, b, b->n, &lane);
    gp_vm_run(t->vm, &lane, 1);
    for (size_t r = 0; r < t->rows.n; r++) {
        gp_trace_row *row = &t->rows.at[r];
        const source *s = &t->sources.at[r];
        row->has_value = s->slot >= 0;
        row->value = s->slot >= 0 ? t->out[s->slot][bar - from] : NAN;
        row->before = s->slot >= 0 && bar > 0 ? t->out[s->slot][0] : NAN;
        row->string = s->text >= 0 ? gp_vm_text(t->vm, 0, s->text) : NULL;
    }
    *n = (int)t->rows.n;
    return t->rows.at;
}
