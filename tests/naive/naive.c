/* The walk over the tree. */
#include <string.h>
#include "naive.h"

typedef struct walk {
    const gp_formula *f;
    const naive_data *d;
    const naive_options *o;
    naive_result *r;
    uint64_t rng;
    const char *unknown;
    bool wild;
    const double *params; /* of the formula at hand */
} walk;

static const naive_row *const families[] = {naive_operators, naive_math, naive_reference, naive_signals, naive_windows, naive_averages,
                                            naive_logic, naive_statistics, naive_shapes, naive_time, naive_quotes};

const naive_row *naive_find(const char *name)
{
    for (size_t k = 0; k < sizeof families / sizeof *families; k++)
        for (const naive_row *r = families[k]; r->name; r++)
            if (strcmp(r->name, name) == 0) return r;
    return NULL;
}

static double *series(walk *w)
{
    return gp_arena_alloc(&w->r->arena, sizeof(double) * (size_t)(w->d->n + 1));
}

/* -1 .. 1 */
static double noise(walk *w)
{
    return (double)(random_bits(&w->rng) >> 11) / (double)(1ull << 52) - 1.0;
}

/* floor: the size of what was summed up, below which the result's own size says nothing */
static double *jittered(walk *w, const double *x, double floor)
{
    double *y = series(w);
    const double common = noise(w);
    const bool to_zero = noise(w) > 0;
    for (int i = 0; i < w->d->n; i++) {
        y[i] = x[i] * (1.0 + w->o->jitter * (common + noise(w))) + w->o->jitter * 0.01 * floor * noise(w);
        if (to_zero && fabs(x[i]) < 1e-12 * floor) y[i] = 0; /* AND, NOT and IF ask for exactly 0 */
    }
    return y;
}

static double largest(const double *x, int n)
{
    double m = 0;
    for (int i = 0; i < n; i++)
        if (fabs(x[i]) > m) m = fabs(x[i]);
    return m;
}

/* Neither a series of the quotes nor a text is in it. */
static bool is_constant(const walk *w, const gp_node *n)
{
    if (n->kind == GP_NODE_NUMBER) return true;
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM) return true;
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT) return is_constant(w, w->f->stmts[n->sym_index].expr);
    if (n->kind != GP_NODE_CALL || !(n->fn->flags & GP_ROW_FOLD)) return false;
    for (int k = 0; k < n->n_args; k++)
        if (!is_constant(w, n->args[k])) return false;
    return true;
}

static const double *eval(walk *w, const gp_node *n);
static const double *reference(walk *w, const gp_node *n);

/* language.md 4.2 */
static double single(const walk *w, double v) { return w->o->f32 && !nil(v) ? finite_or_nil((double)(float)v) : v; }

static double *fill(walk *w, double v)
{
    double *y = series(w);
    v = single(w, v);
    for (int i = 0; i < w->d->n; i++) y[i] = v;
    return y;
}

/* language.md 4.5, --null-cond tdx: the condition of these is true on a null after its first valid bar */
static const double *condition(walk *w, const char *name, const double *x)
{
    static const char *const of[] = {"EVERY", "LAST", "EXISTR", "BARSLAST", "BACKSET", "VALUEWHEN"};
    bool listed = false;
    for (size_t k = 0; k < sizeof of / sizeof *of; k++) listed |= strcmp(of[k], name) == 0;
    if (!listed || !w->o->null_true) return x;
    double *y = series(w);
    const int f = first_valid(x, w->d->n);
    for (int i = 0; i < w->d->n; i++) y[i] = i > f && nil(x[i]) ? 1 : x[i];
    return y;
}

static const double *call(walk *w, const gp_node *n)
{
    const naive_row *row = naive_find(n->fn->name);
    if (!row) {
        w->unknown = n->fn->name;
        return fill(w, NIL);
    }
    naive_call c = {.n = w->d->n, .n_args = n->n_args, .d = w->d, .o = w->o, .y = series(w), .wild = &w->wild};
    double size = 0;
    for (int k = 0; k < n->n_args; k++) {
        const double *x = eval(w, n->args[k]);
        if (k == 0) x = condition(w, n->fn->name, x);
        c.constant[k] = is_constant(w, n->args[k]);
        const gp_arg *arg = &n->fn->args[k < n->fn->n_args ? k : n->fn->n_args - 1];
        const bool moves = !c.constant[k] || arg->type == GP_ARG_SERIES;
        c.x[k] = (row->flags & NAIVE_ROUNDS) && w->o->jitter > 0 && moves ? jittered(w, x, 0) : x;
        if (moves && arg->type == GP_ARG_SERIES) size = fmax(size, largest(x, c.n));
    }
    row->rule(&c);
    for (int i = 0; i < c.n; i++) {
        if (!nil(c.y[i]) && !isfinite(c.y[i])) c.y[i] = NIL;
        if (fabs(c.y[i]) > (w->o->f32 ? 1e30 : 1e60)) w->wild = true;
    }
    if ((row->flags & (NAIVE_ROUNDS | NAIVE_LAST_BIT)) && !(row->flags & NAIVE_COUNTS) && w->o->jitter > 0)
        c.y = jittered(w, c.y, row->flags & NAIVE_ROUNDS ? size : 0);
    for (int i = 0; i < c.n; i++) c.y[i] = single(w, c.y[i]);
    return c.y;
}

static const double *eval(walk *w, const gp_node *n)
{
    switch (n->kind) {
    case GP_NODE_NUMBER: return fill(w, n->number);
    case GP_NODE_CALL: return call(w, n);
    case GP_NODE_NAME:
        if (n->sym == GP_SYM_PARAM) return fill(w, w->params[n->sym_index]);
        if (n->sym == GP_SYM_BUILTIN) return call(w, n);
        if (n->sym == GP_SYM_STATEMENT) {
            w->wild |= w->r->wild[n->sym_index];
            return w->r->y[n->sym_index];
        }
        break;
    case GP_NODE_REF:
        if (n->ref && n->ref->formula && !n->ref->security && n->ref->period == GP_PERIOD_SAME) return reference(w, n);
        break;
    default: break;
    }
    w->unknown = "this kind of expression";
    return fill(w, NIL);
}

static void statements(walk *w, naive_result *r);

/* language.md 7.1: the other formula's statement, under the parameters given here or its own */
static const double *reference(walk *w, const gp_node *n)
{
    const gp_formula *f = n->ref->formula;
    double *params = gp_arena_alloc(&w->r->arena, sizeof *params * (size_t)(f->n_params + 1));
    for (int k = 0; k < f->n_params; k++) params[k] = k < n->n_args ? eval(w, n->args[k])[0] : f->params[k].value;
    walk inside = *w;
    naive_result part = {.n_stmts = f->n_stmts, .arena = w->r->arena};
    inside.f = f;
    inside.params = params;
    statements(&inside, &part);
    w->r->arena = part.arena;
    w->rng = inside.rng;
    w->unknown = inside.unknown;
    w->wild |= part.wild[n->ref->stmt];
    return part.y[n->ref->stmt];
}

/* functions.md 13: a drawing's value is its price where the condition holds; the price is the second argument */
static const double *drawing(walk *w, const gp_node *n)
{
    double *y = series(w);
    const double *holds = eval(w, n->args[0]), *price = eval(w, n->args[1]);
    for (int i = 0; i < w->d->n; i++) y[i] = truth(holds[i]) ? price[i] : NIL;
    return y;
}

static bool gives_counts(const gp_formula *f, const gp_node *n)
{
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT) return gives_counts(f, f->stmts[n->sym_index].expr);
    const naive_row *row = n->fn ? naive_find(n->fn->name) : NULL;
    return row && (row->flags & NAIVE_COUNTS);
}

static void statements(walk *w, naive_result *r)
{
    const gp_formula *f = w->f;
    r->y = gp_arena_alloc(&r->arena, sizeof *r->y * (size_t)(f->n_stmts + 1));
    r->wild = gp_arena_alloc(&r->arena, sizeof *r->wild * (size_t)(f->n_stmts + 1));
    r->counts = gp_arena_alloc(&r->arena, sizeof *r->counts * (size_t)(f->n_stmts + 1));
    w->r = r;
    bool skipped = false, maybe = false;
    for (int s = 0; s < f->n_stmts; s++) {
        const gp_node *e = f->stmts[s].expr;
        w->wild = maybe;
        if (e->fn && strcmp(e->fn->name, "TESTSKIP") == 0) { /* true on the last bar: nothing comes after it */
            skipped |= truth(last_of(eval(w, e->args[0]), w->d->n));
            maybe = w->wild;
        }
        if (skipped || (e->fn && e->fn->shape == GP_SHAPE_CONTROL)) {
            r->y[s] = fill(w, NIL);
            r->wild[s] = maybe;
            continue;
        }
        r->y[s] = (double *)(e->type == GP_TYPE_DRAW && e->fn->shape == GP_SHAPE_DRAW ? drawing(w, e) : eval(w, e));
        r->wild[s] = w->wild;
        r->counts[s] = gives_counts(f, e);
    }
}

bool naive_eval(const gp_formula *f, const naive_data *d, const naive_options *o, naive_result *r, const char **unknown)
{
    *r = (naive_result){.n_stmts = f->n_stmts};
    walk w = {.f = f, .d = d, .o = o, .rng = o->seed << 32};
    double *params = gp_arena_alloc(&r->arena, sizeof *params * (size_t)(f->n_params + 1));
    for (int k = 0; k < f->n_params; k++) params[k] = f->params[k].value;
    w.params = params;
    statements(&w, r);
    *unknown = w.unknown;
    return !w.unknown;
}

void naive_free(naive_result *r)
{
    gp_arena_fini(&r->arena);
    r->y = NULL;
}
