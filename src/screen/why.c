#include "screen/why.h"
#include <math.h>
#include <string.h>
#include "screen/trace.h"

enum { TEXT_MOST = 100, CONDS_MOST = 1000 };

typedef enum { IS_LEAF, IS_AND, IS_OR } cond_kind;
typedef struct cond cond;
struct cond { cond_kind kind; int leaf; GP_VEC(cond *) kids; };

typedef struct leaf { gp_leaf shown; const gp_node *node, *left, *right; int slot, left_slot, right_slot; } leaf;

struct gp_why {
    gp_arena arena;
    const gp_formula *f;
    gp_program *p;
    GP_VEC(leaf) leaves;
    cond **signals;     /* one per signal of the plan: an AND of its parts */
    int n_signals;
    GP_VEC(cond *) all; /* to be freed */
};

/* ---- taking a signal apart ---- */

static cond *new_cond(gp_why *y, cond_kind kind)
{
    cond *c = gp_xcalloc(1, sizeof *c);
    c->kind = kind;
    gp_vec_push(&y->all, c);
    return c;
}

static leaf make_leaf(gp_why *y, const gp_node *n, const gp_node *d)
{
    leaf l = {.shown = {.kind = GP_LEAF_OTHER, .text = gp_trace_text(&y->arena, d->span, TEXT_MOST)}, .node = d};
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT)
        l.shown.name = gp_arena_strndup(&y->arena, n->text.p, n->text.n);
    if (d->kind != GP_NODE_CALL || !d->fn || d->n_args < 2) return l;
    switch (d->fn->id) {
    case GP_B_LT:
    case GP_B_LE:
    case GP_B_GT:
    case GP_B_GE:
    case GP_B_EQ:
    case GP_B_NE:
        l.shown.kind = GP_LEAF_COMPARE;
        l.shown.sign = d->fn->name;
        break;
    case GP_B_CROSS:
    case GP_B_CROSSDOWN:
    case GP_B_LONGCROSS: l.shown.kind = GP_LEAF_CROSS; break;
    default: return l;
    }
    l.left = d->args[0];
    l.right = d->args[1];
    return l;
}

/* The same condition twice is one leaf. */
static int add_leaf(gp_why *y, const gp_node *n, const gp_node *d)
{
    for (size_t k = 0; k < y->leaves.n; k++)
        if (y->leaves.at[k].node == d) return (int)k;
    const leaf l = make_leaf(y, n, d);
    gp_vec_push(&y->leaves, l);
    return (int)y->leaves.n - 1;
}

static cond *take_apart(gp_why *y, const gp_node *n);

static void add_kid(cond *to, cond *kid)
{
    for (size_t k = 0; k < to->kids.n; k++)
        if (kid->kind == IS_LEAF && to->kids.at[k]->kind == IS_LEAF && to->kids.at[k]->leaf == kid->leaf) return;
    gp_vec_push(&to->kids, kid);
}

/* (A AND B) AND C, also through names, is one list; so is OR. */
static void add_side(gp_why *y, cond *to, const gp_node *n)
{
    const cond *kid = take_apart(y, n);
    if (kid->kind != to->kind) {
        add_kid(to, (cond *)(uintptr_t)kid);
        return;
    }
    for (size_t k = 0; k < kid->kids.n; k++) add_kid(to, kid->kids.at[k]);
}

/* Formula text is untrusted: names can double the tree with every statement, so what is too large stays in one piece. */
static cond *take_apart(gp_why *y, const gp_node *n)
{
    const gp_node *d = gp_trace_definition(y->f, n);
    const bool both = d->kind == GP_NODE_CALL && d->fn && d->fn->id == GP_B_AND, either = d->kind == GP_NODE_CALL && d->fn && d->fn->id == GP_B_OR;
    if ((both || either) && y->all.n < CONDS_MOST) {
        cond *c = new_cond(y, both ? IS_AND : IS_OR);
        for (int j = 0; j < d->n_args; j++) add_side(y, c, d->args[j]);
        return c;
    }
    cond *c = new_cond(y, IS_LEAF);
    c->leaf = add_leaf(y, n, d);
    return c;
}

/* What decides an output: its expression, of a drawing the first argument that is a condition. */
static const gp_node *decides(const gp_formula *f, const gp_output *o)
{
    const gp_node *n = f->stmts[o->stmt].expr;
    if (o->kind != GP_OUT_DRAW) return n;
    for (int j = 0; j < n->n_args; j++) {
        const gp_arg *arg = gp_builtin_arg(n->fn, j);
        if (arg && arg->type == GP_ARG_COND) return n->args[j];
    }
    return n;
}

static const gp_output *where_output(const gp_plan *p)
{
    int n;
    const gp_output *o = gp_program_outputs(p->program, &n);
    for (int k = 0; k < n && p->where >= 0; k++)
        if (o[k].kind == GP_OUT_HIDDEN && o[k].slot == p->where && strcmp(o[k].name, "where") == 0) return &o[k];
    return NULL;
}

static void add_signals(gp_why *y, const gp_plan *p)
{
    int n;
    const gp_output *o = gp_program_outputs(p->program, &n), *where = where_output(p);
    y->n_signals = p->n_signals;
    y->signals = gp_arena_alloc(&y->arena, (size_t)(p->n_signals + 1) * sizeof *y->signals);
    for (int k = 0; k < p->n_signals; k++) {
        y->signals[k] = new_cond(y, IS_AND);
        add_side(y, y->signals[k], decides(y->f, &o[p->signals[k].output]));
        if (where) add_side(y, y->signals[k], decides(y->f, where));
    }
}

/* ---- the program ---- */

static int by_address(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t)*(const gp_node *const *)a, y = (uintptr_t)*(const gp_node *const *)b;
    return x < y ? -1 : x > y;
}

static bool compile(gp_why *y, const gp_plan *p, const gp_compile_opts *o)
{
    GP_VEC(const gp_node *) nodes = {0};
    gp_compile_opts with = o ? *o : (gp_compile_opts){0};
    gp_diags d = {0}; /* everything was said when the plan was made */
    int n, *stmts = gp_xcalloc((size_t)p->n_signals + 1, sizeof *stmts);
    size_t kept = 0;
    const gp_output *outputs = gp_program_outputs(p->program, &n);
    for (int k = 0; k < p->n_signals; k++) stmts[k] = outputs[p->signals[k].output].stmt;
    for (size_t k = 0; k < y->leaves.n; k++) {
        const leaf *l = &y->leaves.at[k];
        gp_vec_push(&nodes, l->node);
        if (l->left) gp_vec_push(&nodes, l->left);
        if (l->right) gp_vec_push(&nodes, l->right);
    }
    if (nodes.n) qsort(nodes.at, nodes.n, sizeof *nodes.at, by_address);
    for (size_t k = 0; k < nodes.n; k++)
        if (k == 0 || nodes.at[k] != nodes.at[kept - 1]) nodes.at[kept++] = nodes.at[k];
    with.stmts = stmts;
    with.n_stmts = p->n_signals;
    with.nodes = nodes.at;
    with.n_nodes = (int)kept;
    y->p = gp_compile(y->f, &with, &d);
    for (size_t k = 0; k < y->leaves.n && y->p; k++) {
        leaf *l = &y->leaves.at[k];
        l->slot = gp_program_node_slot(y->p, l->node);
        l->left_slot = l->left ? gp_program_node_slot(y->p, l->left) : -1;
        l->right_slot = l->right ? gp_program_node_slot(y->p, l->right) : -1;
    }
    gp_vec_free(&nodes);
    gp_diags_fini(&d);
    free(stmts);
    return y->p != NULL;
}

gp_why *gp_why_new(const gp_formula *f, const gp_plan *p, const gp_compile_opts *o)
{
    gp_why *y = gp_xcalloc(1, sizeof *y);
    y->f = f;
    add_signals(y, p);
    if (compile(y, p, o)) return y;
    gp_why_free(y);
    return NULL;
}

void gp_why_free(gp_why *y)
{
    if (!y) return;
    for (size_t k = 0; k < y->all.n; k++) {
        gp_vec_free(&y->all.at[k]->kids);
        free(y->all.at[k]);
    }
    gp_vec_free(&y->all);
    gp_vec_free(&y->leaves);
    gp_program_free(y->p);
    gp_arena_fini(&y->arena);
    free(y);
}

const gp_program *gp_why_program(const gp_why *y) { return y->p; }
const gp_leaf *gp_why_leaf(const gp_why *y, int k) { return &y->leaves.at[k].shown; }
int gp_why_parts(const gp_why *y, int signal) { return (int)y->signals[signal]->kids.n; }

/* ---- one bar ---- */

typedef struct bar { double *const *slots; int at; bool before; } bar;

static double value_of(const bar *b, int slot, int back)
{
    return slot < 0 || (back && !b->before) ? NAN : b->slots[slot][b->at - back];
}

static bool is_true(double x)
{
    return fabs(x) >= 1e-5; /* language.md 4.5; false for null */
}

static bool holds(const gp_why *y, const cond *c, const bar *b)
{
    if (c->kind == IS_LEAF) return is_true(value_of(b, y->leaves.at[c->leaf].slot, 0));
    for (size_t k = 0; k < c->kids.n; k++)
        if (holds(y, c->kids.at[k], b) != (c->kind == IS_AND)) return c->kind == IS_OR;
    return c->kind == IS_AND;
}

static gp_reason reason_of(const gp_why *y, int k, const bar *b)
{
    const leaf *l = &y->leaves.at[k];
    gp_reason r = {.leaf = k, .value = value_of(b, l->slot, 0), .left = value_of(b, l->left_slot, 0), .right = value_of(b, l->right_slot, 0),
                   .left_before = NAN, .right_before = NAN, .distance = NAN};
    r.holds = is_true(r.value);
    if (l->shown.kind == GP_LEAF_CROSS) {
        r.left_before = value_of(b, l->left_slot, 1);
        r.right_before = value_of(b, l->right_slot, 1);
    }
    const double larger = fmax(fabs(r.left), fabs(r.right));
    const bool down = l->node->fn && l->node->fn->id == GP_B_CROSSDOWN;
    const bool crossed = l->shown.kind == GP_LEAF_CROSS && (down ? r.left < r.right : r.left > r.right);
    if (r.holds) r.distance = 0;
    else if (crossed) r.distance = NAN; /* on the other side already: the cross was earlier, and no small move brings it */
    else if (l->shown.kind != GP_LEAF_OTHER && r.left == r.left && r.right == r.right)
        r.distance = larger > 0 ? fabs(r.left - r.right) / larger : 0;
    return r;
}

static void add_held(const gp_why *y, const cond *c, const bar *b, gp_reasons *out)
{
    if (!holds(y, c, b)) return;
    if (c->kind == IS_LEAF) {
        const gp_reason r = reason_of(y, c->leaf, b);
        gp_vec_push(out, r);
        return;
    }
    for (size_t k = 0; k < c->kids.n; k++) add_held(y, c->kids.at[k], b, out);
}

void gp_why_held(const gp_why *y, int signal, double *const *slots, int at, bool before, gp_reasons *out)
{
    const bar b = {slots, at, before};
    add_held(y, y->signals[signal], &b, out);
}

/* How far c is from holding: of OR the nearest side, of AND the sum; 1 at most. */
static double add_missed(const gp_why *y, const cond *c, const bar *b, gp_reasons *out)
{
    if (holds(y, c, b)) return 0;
    if (c->kind == IS_LEAF) {
        const gp_reason r = reason_of(y, c->leaf, b);
        gp_vec_push(out, r);
        return r.distance == r.distance ? fmin(r.distance, 1) : 1;
    }
    double total = c->kind == IS_OR ? 1 : 0;
    for (size_t k = 0; k < c->kids.n; k++) {
        const double d = add_missed(y, c->kids.at[k], b, out);
        total = c->kind == IS_OR ? fmin(total, d) : total + d;
    }
    return fmin(total, 1);
}

int gp_why_missed(const gp_why *y, int signal, double *const *slots, int at, bool before, gp_reasons *out, double *distance)
{
    const bar b = {slots, at, before};
    const cond *c = y->signals[signal];
    int failed = 0;
    *distance = 0;
    for (size_t k = 0; k < c->kids.n; k++) {
        if (holds(y, c->kids.at[k], &b)) continue;
        failed++;
        *distance += add_missed(y, c->kids.at[k], &b, out);
    }
    return failed;
}
