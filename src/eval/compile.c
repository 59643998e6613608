/* Tree -> values (values.c), statement by statement. */
#include <math.h>
#include <stdio.h>
#include <time.h>
#include "base/num.h"
#include "eval/compile.h"
#include "eval/vm.h"

/* ---- expressions ---- */

gp_seen gp_compile_node(gp_compiler *c, const gp_node *n);

void gp_compile_fail(gp_compiler *c, gp_span span, const char *what)
{
    if (!c->failed) gp_diag_at(c->d, GP_D_CANNOT_COMPILE, span, what);
    c->failed = true;
}

int gp_add_slot(gp_compiler *c, int val)
{
    if (c->p->vals.at[val].slot >= 0) return c->p->vals.at[val].slot;
    gp_vec_push(&c->p->slots, val);
    return c->p->vals.at[val].slot = (int)c->p->slots.n - 1;
}

int gp_add_text_result(gp_compiler *c, int val)
{
    gp_vec_push(&c->p->text_results, gp_add_slot(c, val));
    return (int)c->p->text_results.n - 1;
}

/* FINANCE(7), INBLOCK('x'): a column of its own for each set of arguments, which have to be constants. */
static int compile_feed(gp_compiler *c, const gp_node *n)
{
    const gp_feed_row *row = gp_feed_row_of(n->fn->inputs[0]);
    gp_buf key = {0};
    char text[GP_NUM_MAX];
    gp_buf_addz(&key, row->key);
    for (const char *p = n->fn->inputs + 1; *p; p++) { /* constants of the run */
        const int v = gp_make_load(c, *p, n->span);
        gp_buf_addc(&key, '.');
        gp_buf_add(&key, text, gp_num_format(c->p->vals.at[v].number, text));
    }
    for (int j = 0; j < n->n_args && !c->failed; j++) {
        const gp_node *a = n->args[j];
        gp_buf_addc(&key, '.');
        if (a->kind == GP_NODE_STRING) {
            gp_buf_add(&key, a->text.p, a->text.n);
            continue;
        }
        const gp_seen v = gp_compile_node(c, a);
        if (v.val < 0 || !gp_is_const(c, v.val)) {
            gp_compile_fail(c, a->span, gp_arena_printf(&c->p->arena, "argument %d of %s must be a constant", j + 1, n->fn->name));
            break;
        }
        const size_t digits = gp_num_format(c->p->vals.at[v.val].number, text);
        char *point = memchr(text, '.', digits);
        if (point) *point = ','; /* a point parts the arguments */
        gp_buf_add(&key, text, digits);
    }
    const int v = c->failed ? -1 : gp_make_feed(c, row, gp_arena_strndup(&c->p->arena, key.p, key.n), n->span);
    gp_buf_free(&key);
    return v;
}

/* DIVFACTOR(2) counts from the first bar on: no later event changes what it was. */
static bool backward_factor(gp_compiler *c, const gp_node *n)
{
    if (n->fn->id != GP_B_DIVFACTOR || c->failed) return false;
    const gp_seen v = gp_compile_node(c, n->args[0]);
    return v.val >= 0 && c->p->vals.at[v.val].number == 2;
}

static gp_seen compile_call(gp_compiler *c, const gp_node *n)
{
    const gp_builtin *fn = n->fn;
    gp_seen r = {-1, gp_no_ahead};
    if (fn->flags & GP_ROW_TODAY && !c->p->today) c->p->today = gp_span_shown(c, n->span);
    if (fn->flags & GP_ROW_TODAY && strpbrk(fn->inputs, "Nh") && !c->p->clock) c->p->clock = gp_span_shown(c, n->span);
    if (fn->shape == GP_SHAPE_FEED) {
        r.val = compile_feed(c, n);
        if (!backward_factor(c, n)) r.ahead = gp_ahead_of_call(c, fn, NULL, 0, false, r.ahead, n->span);
        return r;
    }
    int in[GP_MAX_IN + GP_MAX_ARGS], n_in = 0;
    c->reader = fn->shape == GP_SHAPE_LOAD ? NULL : fn;
    for (const char *p = fn->inputs; *p; p++) in[n_in++] = gp_make_load(c, *p, n->span);
    c->reader = NULL;
    for (int j = 0; j < n->n_args; j++) {
        const gp_seen a = gp_compile_node(c, n->args[j]);
        if (a.val < 0) return (gp_seen){-1, gp_no_ahead};
        in[n_in++] = a.val;
        r.ahead = gp_ahead_worse(r.ahead, a.ahead);
    }
    bool reads_last = false;
    if (fn->shape == GP_SHAPE_LOAD || (fn->shape == GP_SHAPE_TEXT && fn->n_args == 0)) {
        r.val = gp_make_load(c, fn->inputs[0], n->span);
        r.ahead = gp_ahead_of_call(c, fn, in, n_in, false, r.ahead, n->span);
        return r;
    }
    if (fn->flags & GP_ROW_BINARY) { /* MAX(A,B,C) = MAX(MAX(A,B),C) */
        r.val = in[0];
        for (int j = 1; j < n_in; j++) r.val = gp_make_call(c, fn, (int[]){r.val, in[j]}, 2, n->span, &reads_last);
        return r;
    }
    if (n_in != fn->n_in) {
        gp_compile_fail(c, n->span, "this function cannot be computed");
        return (gp_seen){-1, gp_no_ahead};
    }
    r.val = gp_make_call(c, fn, in, n_in, n->span, &reads_last);
    r.ahead = gp_ahead_of_call(c, fn, in, n_in, reads_last, r.ahead, n->span);
    return r;
}

static gp_seen compile_expr(gp_compiler *c, const gp_node *n)
{
    gp_seen r = {-1, gp_no_ahead};
    if (c->failed) return r;
    switch (n->kind) {
    case GP_NODE_STRING: r.val = gp_make_text(c, n->text, n->span); return r;
    case GP_NODE_NUMBER: r.val = gp_make_const(c, n->number, n->span); return r;
    case GP_NODE_NAME:
        if (n->sym == GP_SYM_STATEMENT) {
            const gp_seen s = c->stmt[n->sym_index];
            if (s.val < 0) gp_compile_fail(c, n->span, "this name has no value");
            r = s;
            gp_ahead_named(c, &r.ahead, c->f->stmts[n->sym_index].name);
            return r;
        }
        if (n->sym == GP_SYM_PARAM) {
            r.val = gp_make_const(c, c->params[n->sym_index], n->span);
            return r;
        }
        if (n->fn) return compile_call(c, n);
        break;
    case GP_NODE_CALL:
        if (n->ref) return gp_compile_reference(c, n);
        if (n->fn) return compile_call(c, n);
        break;
    case GP_NODE_REF:
        if (n->ref) return gp_compile_reference(c, n);
        break;
    default: break;
    }
    gp_compile_fail(c, n->span, "this expression cannot be computed");
    return r;
}

static void trace(gp_compiler *c, const gp_node *n, int val)
{
    size_t lo = 0, hi = c->p->nodes.n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if ((uintptr_t)c->p->nodes.at[mid].node < (uintptr_t)n) lo = mid + 1;
        else hi = mid;
    }
    if (lo < c->p->nodes.n && c->p->nodes.at[lo].node == n) c->p->nodes.at[lo].slot = gp_add_slot(c, val);
}

gp_seen gp_compile_node(gp_compiler *c, const gp_node *n)
{
    const gp_seen r = compile_expr(c, n);
    if (r.val >= 0 && c->p->nodes.n) trace(c, n, r.val);
    return r;
}

static bool wanted(const gp_compile_opts *o, int stmt)
{
    if (!o->stmts) return true;
    for (int k = 0; k < o->n_stmts; k++)
        if (o->stmts[k] == stmt) return true;
    return false;
}

/* The name of the output stands at the head of its chain. */
static void head_chain(gp_compiler *c)
{
    for (size_t k = 0; k < c->p->outputs.n; k++) {
        gp_output *o = &c->p->outputs.at[k];
        if (o->ahead.kind == GP_FUTURE_NONE) continue;
        gp_ahead_named(c, &o->ahead, gp_str_from(o->name));
        o->ahead.chain = gp_ahead_text(&c->p->arena, o->ahead.links);
    }
}

static const double *param_values(gp_compiler *c)
{
    double *v = gp_arena_alloc(&c->p->arena, ((size_t)c->f->n_params + 1) * sizeof *v);
    for (int i = 0; i < c->f->n_params; i++) v[i] = c->f->params[i].value;
    return v;
}

/* Without a date the machine's clock is read, once. */
void gp_run_facts_settle(gp_run_facts *facts)
{
    struct tm t;
    const time_t now = time(NULL);
    if (facts->date != 0 || !localtime_r(&now, &t)) return;
    facts->date = (t.tm_year + 1900) * 10000 + (t.tm_mon + 1) * 100 + t.tm_mday;
    facts->time = t.tm_hour * 10000 + t.tm_min * 100 + t.tm_sec;
}

bool gp_compile_opts_agree(const gp_compile_opts *a, const gp_compile_opts *b)
{
    return a->exact_compare == b->exact_compare && a->geometry == b->geometry && a->no_cse == b->no_cse && a->no_draw_texts == b->no_draw_texts &&
           a->no_draw_prices == b->no_draw_prices && a->closed_periods == b->closed_periods && a->f32 == b->f32 && a->null_true == b->null_true && a->chip_uniform == b->chip_uniform &&
           a->facts.date == b->facts.date && a->facts.time == b->facts.time && a->facts.seed == b->facts.seed && a->facts.adjust == b->facts.adjust;
}

/* Formula `number` as values of the program.  References get frames of their own even where an earlier formula refers to the same one:
 * the calls of RAND are numbered as they would be without it; all other values are found again by their numbers. */
static void compile_formula(gp_compiler *c, const gp_formula *f, const gp_compile_opts *opts, int number)
{
    gp_compile_opts own = *opts;
    int taken = 0;
    if (!own.taken) own.taken = &taken;
    c->root = c->f = f;
    c->o = &own;
    c->number = number;
    c->first = c->p->vals.n;
    c->n_random = 0;
    c->params = own.params ? own.params : param_values(c);
    c->stmt = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *c->stmt);
    for (int k = 0; k < f->n_stmts; k++) c->stmt[k].val = -1;
    c->skip = (gp_seen){-1, gp_no_ahead};
    c->filter = gp_has_filter(f);
    c->signals.n = 0;
    for (int k = 0; k < f->n_stmts && !c->failed; k++) gp_compile_stmt(c, k, wanted(opts, k));
    if (!c->failed) gp_finish_signals(c);
    gp_frames_free(c);
    free(c->stmt);
    c->stmt = NULL;
    c->o = NULL;
}

static gp_program *compile_all(const gp_formula *const *f, const gp_compile_opts *opts, int n, gp_diags *d)
{
    gp_program *p = gp_xcalloc(1, sizeof *p);
    p->seed = opts->facts.seed;
    p->chip_uniform = opts->chip_uniform;
    p->exact = opts->exact_compare ? &gp_kernels_exact : NULL;
    gp_compiler c = {.p = p, .d = d, .no_cse = opts->no_cse || opts->f32}; /* rewrites are exact in double precision only */
    for (int k = 0; k < opts->n_nodes && n == 1; k++) gp_vec_push(&p->nodes, ((gp_traced){opts->nodes[k], -1}));
    for (int k = 0; k < n && !c.failed; k++) compile_formula(&c, f[k], &opts[k], k);
    gp_vec_free(&c.signals);
    free(c.bucket);
    if (c.failed) {
        gp_program_free(p);
        return NULL;
    }
    head_chain(&c);
    if (!c.no_cse) gp_fuse(p);
    gp_schedule(p);
    gp_state_plan(p);
    return p;
}

gp_program *gp_compile_many(const gp_formula *const *f, const gp_compile_opts *opts, int n, gp_diags *d)
{
    gp_compile_opts *own = gp_xcalloc((size_t)n + 1, sizeof *own);
    for (int k = 0; k < n; k++) {
        own[k] = opts[k];
        if (k == 0) gp_run_facts_settle(&own[0].facts);
        own[k].facts = own[0].facts;
    }
    gp_program *p = compile_all(f, own, n, d);
    free(own);
    return p;
}

gp_program *gp_compile(const gp_formula *f, const gp_compile_opts *opts, gp_diags *d)
{
    const gp_compile_opts none = {0};
    return gp_compile_many(&f, opts ? opts : &none, 1, d);
}
