/* Tree -> values.  Every distinct (function, operands) pair becomes one value, across statements: common
 * subexpressions fall out of the numbering, constants are folded on the way, dead ones are dropped by schedule.c.
 * Look-ahead is traced over the tree at the same time so that its chain speaks in the user's names. */
#include <math.h>
#include <stdio.h>
#include "base/num.h"
#include "eval/code.h"
#include "eval/vm.h"

typedef struct seen { int val; gp_ahead ahead; } seen;

typedef struct compiler {
    gp_program *p;
    const gp_formula *f;
    gp_diags *d;
    seen *stmt;           /* per statement: value of its expression (numbers), or -1 */
    int *stmt_text;       /* per statement: text index or -1 */
    int *bucket;          /* hash of values: open addressing, -1 empty */
    size_t n_bucket;
    bool no_cse; /* plain: no sharing, no cheaper rows, no fusion */
    int depth;
    bool failed;
} compiler;

static const gp_ahead no_ahead = {GP_FUTURE_NONE, 0, NULL, {0}};

/* ---- value numbering ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v + 0x9e3779b97f4a7c15u + (h << 6) + (h >> 2);
    h *= 0xff51afd7ed558ccdu;
    return h ^ h >> 32; /* doubles differ in their high bits, buckets are chosen by the low ones */
}

static uint64_t hash_val(const gp_val *v)
{
    uint64_t h = mix((uint64_t)v->kind, (uint64_t)(unsigned char)v->letter);
    uint64_t bits;
    memcpy(&bits, &v->number, sizeof bits);
    h = mix(h, v->kind == GP_VAL_CONST ? bits : 0);
    h = mix(h, v->fn ? (uint64_t)v->fn->id : 0);
    h = mix(h, (uint64_t)v->text);
    for (int j = 0; j < v->n_in; j++) h = mix(h, (uint64_t)v->in[j]);
    return h;
}

static bool same_val(const gp_val *a, const gp_val *b)
{
    if (a->kind != b->kind || a->letter != b->letter || a->fn != b->fn || a->n_in != b->n_in || a->text != b->text) return false;
    if (a->kind == GP_VAL_CONST && memcmp(&a->number, &b->number, sizeof a->number) != 0) return false;
    for (int j = 0; j < a->n_in; j++)
        if (a->in[j] != b->in[j]) return false;
    return true;
}

static void rehash(compiler *c)
{
    c->n_bucket = c->n_bucket ? c->n_bucket * 2 : 256;
    c->bucket = gp_xrealloc(c->bucket, c->n_bucket * sizeof *c->bucket);
    for (size_t k = 0; k < c->n_bucket; k++) c->bucket[k] = -1;
    for (size_t v = 0; v < c->p->vals.n; v++) {
        size_t k = hash_val(&c->p->vals.at[v]) & (c->n_bucket - 1);
        while (c->bucket[k] >= 0) k = (k + 1) & (c->n_bucket - 1);
        c->bucket[k] = (int)v;
    }
}

static int intern(compiler *c, gp_val v)
{
    if ((c->p->vals.n + 1) * 2 > c->n_bucket) rehash(c);
    size_t k = hash_val(&v) & (c->n_bucket - 1);
    while (c->bucket[k] >= 0) {
        if ((!c->no_cse || v.kind != GP_VAL_CALL) && same_val(&c->p->vals.at[c->bucket[k]], &v)) return c->bucket[k];
        k = (k + 1) & (c->n_bucket - 1);
    }
    c->bucket[k] = (int)c->p->vals.n;
    v.slot = -1;
    gp_vec_push(&c->p->vals, v);
    return (int)c->p->vals.n - 1;
}

/* Source text of a call, shortened: "ZIG(3,10)". */
static const char *span_text(compiler *c, gp_span s)
{
    if (!s.src || s.at + s.n > s.src->text.n) return "";
    const char *p = s.src->text.p + s.at;
    size_t n = s.n;
    if (n <= 48) return gp_arena_strndup(&c->p->arena, p, n);
    n = 45;
    while (n > 0 && ((unsigned char)p[n] & 0xC0) == 0x80) n--;
    return gp_arena_printf(&c->p->arena, "%.*s...", (int)n, p);
}

static int make_const(compiler *c, double x, gp_span span)
{
    if (x != x) x = GP_NULL; /* one bit pattern for null */
    return intern(c, (gp_val){.kind = GP_VAL_CONST, .number = x, .mag = fabs(x), .span = span});
}

/* The program's number of an external series; the same one asked for twice is one column. */
static int add_external(compiler *c, gp_external x)
{
    for (size_t k = 0; k < c->p->externals.n; k++) {
        const gp_external *y = &c->p->externals.at[k];
        if (x.kind != GP_EXT_PROGRAM && y->kind == x.kind && strcmp(y->key, x.key) == 0) return (int)k;
    }
    gp_vec_push(&c->p->externals, x);
    return (int)c->p->externals.n - 1;
}

/* A letter of feed.def as a value; key NULL: the row's own. */
static int make_feed(compiler *c, const gp_feed_row *row, const char *key, gp_span span)
{
    static const gp_ext_kind kinds[] = {
        [GP_FEED_COLUMN] = GP_EXT_COLUMN, [GP_FEED_INDEX] = GP_EXT_INDEX, [GP_FEED_FUNDAMENTAL] = GP_EXT_FUNDAMENTAL, [GP_FEED_BLOCK] = GP_EXT_BLOCK};
    const gp_external x = {.kind = kinds[row->kind], .key = key ? key : row->key, .is_text = row->is_text, .is_scalar = row->kind == GP_FEED_BLOCK,
                           .needs = row->needs, .shown = span_text(c, span), .span = span};
    const int at = add_external(c, x);
    return intern(c, (gp_val){.kind = x.is_scalar ? GP_VAL_LANE : GP_VAL_LOAD, .letter = 'X', .text = at, .mag = INFINITY, .span = span});
}

static int make_load(compiler *c, char letter, gp_span span)
{
    const gp_feed_row *feed = gp_feed_row_of(letter);
    if (feed) return make_feed(c, feed, NULL, span);
    const bool lane = letter == 'Z' || letter == 'P';
    return intern(c, (gp_val){.kind = lane ? GP_VAL_LANE : GP_VAL_LOAD, .letter = letter, .mag = GP_QUOTE_MAX, .span = span,
                                .look = letter == 'I' || letter == 'Z' ? GP_LOOKBACK_ALL : 0}); /* counted from the first bar */
}

static bool is_const(const compiler *c, int v)
{
    return c->p->vals.at[v].kind == GP_VAL_CONST;
}

/* ---- calls ---- */

gp_arg_type gp_operand_type(const gp_builtin *fn, int j)
{
    const int implicit = (int)strlen(fn->inputs);
    if (j < implicit) return GP_ARG_SERIES;
    j -= implicit;
    if (fn->n_args == 0) return GP_ARG_SERIES;
    return fn->args[j < fn->n_args ? j : fn->n_args - 1].type;
}

static int add_look(int a, int b)
{
    return a == GP_LOOKBACK_ALL || b == GP_LOOKBACK_ALL || a > GP_LOOKBACK_ALL - b ? GP_LOOKBACK_ALL : a + b;
}

/* The operand that says how many bars: the first argument of type n or k; -1 when the row has none. */
static int period_operand(const gp_builtin *fn, int n_in)
{
    for (int j = 0; j < n_in; j++) {
        const gp_arg_type t = gp_operand_type(fn, j);
        if (t == GP_ARG_PERIOD || t == GP_ARG_LAST) return j;
    }
    return -1;
}

static int own_look(const compiler *c, const gp_val *v)
{
    const int j = period_operand(v->fn, v->n_in);
    const bool windowed = v->fn->shape == GP_SHAPE_WINDOW || v->fn->shape == GP_SHAPE_MOMENTS;
    double n = windowed && !v->series_n ? (v->len > 0 && v->len != GP_N_ALL ? v->len : GP_NULL) /* as the row rounds it */
               : j >= 0 && is_const(c, v->in[j]) ? trunc(c->p->vals.at[v->in[j]].number) : GP_NULL;
    if (v->fn->look != GP_LOOK_0 && v->fn->look != GP_LOOK_1 && !(n > 0 || v->fn->look == GP_LOOK_ALL))
        return v->fn->look == GP_LOOK_N && n == 0 ? 0 : GP_LOOKBACK_ALL;
    switch (v->fn->look) {
    case GP_LOOK_0: return 0;
    case GP_LOOK_1: return 1;
    case GP_LOOK_N1: return n > 2e9 ? GP_LOOKBACK_ALL : (int)n - 1;
    case GP_LOOK_N: return n > 2e9 ? GP_LOOKBACK_ALL : (int)n;
    case GP_LOOK_ALL: break;
    }
    return GP_LOOKBACK_ALL;
}

/* A varying left side against a constant: see threshold.c. */
static bool use_threshold(const compiler *c, const gp_val *v)
{
    switch (v->fn->id) {
    case GP_B_LT:
    case GP_B_LE:
    case GP_B_GT:
    case GP_B_GE:
    case GP_B_CROSS:
    case GP_B_LONGCROSS: break;
    default: return false;
    }
    return !c->no_cse && !c->p->exact && !is_const(c, v->in[0]) && is_const(c, v->in[1]) && gp_threshold_fits(c->p->vals.at[v->in[1]].number);
}

static int intern_threshold(compiler *c, gp_val v)
{
    const double k = c->p->vals.at[v.in[1]].number;
    const gp_builtin_id id = v.fn->id;
    v.look = add_look(own_look(c, &v), c->p->vals.at[v.in[0]].look);
    v.mag = 1;
    if (id == GP_B_CROSS || id == GP_B_LONGCROSS) {
        const int n = v.in[2];
        v.fn = gp_builtin_get(id == GP_B_CROSS ? GP_B_CROSSK : GP_B_LONGCROSSK);
        v.in[1] = make_const(c, gp_threshold(GP_B_LT, k), v.span);
        v.in[2] = make_const(c, gp_threshold(GP_B_GT, k), v.span);
        if (id == GP_B_LONGCROSS) v.in[3] = n;
        v.n_in++;
        return intern(c, v);
    }
    v.fn = gp_builtin_get(id == GP_B_LT || id == GP_B_LE ? GP_B_BELOW : GP_B_ABOVE);
    v.in[1] = make_const(c, gp_threshold(id, k), v.span);
    return intern(c, v);
}

/* Makes fn(in...), folding constants and turning arguments that are read once into broadcasts. */
static int make_call(compiler *c, const gp_builtin *fn, const int *in, int n_in, gp_span span, bool *reads_last)
{
    if (fn->shape == GP_SHAPE_DELAY && !is_const(c, in[1])) fn = gp_builtin_get(GP_B_REFSERIES);
    gp_val v = {.kind = GP_VAL_CALL, .fn = fn, .n_in = n_in, .span = span};
    bool constant = n_in > 0;
    for (int j = 0; j < n_in; j++) {
        v.in[j] = in[j];
        const gp_val *a = &c->p->vals.at[in[j]];
        const gp_arg_type type = gp_operand_type(fn, j);
        const bool varies = a->kind == GP_VAL_LOAD || a->kind == GP_VAL_CALL;
        if (varies && (type == GP_ARG_LAST || type == GP_ARG_FIRST) && fn->id != GP_B_LASTVAL) {
            if (type == GP_ARG_LAST) *reads_last = true;
            v.in[j] = make_call(c, gp_builtin_get(type == GP_ARG_LAST ? GP_B_LASTVAL : GP_B_FIRSTVAL), &in[j], 1, span, reads_last);
        }
        constant = constant && a->kind == GP_VAL_CONST;
    }
    if (constant && (fn->flags & GP_ROW_FOLD)) {
        double args[GP_MAX_IN];
        for (int j = 0; j < n_in; j++) args[j] = c->p->vals.at[v.in[j]].number;
        return make_const(c, gp_fold_constant(c->p, fn, args, n_in), span);
    }
    if (use_threshold(c, &v)) return intern_threshold(c, v);
    if (fn->shape == GP_SHAPE_WINDOW || fn->shape == GP_SHAPE_MOMENTS || fn->shape == GP_SHAPE_DELAY) {
        const gp_val *n = &c->p->vals.at[v.in[n_in - 1]];
        v.series_n = n->kind != GP_VAL_CONST;
        if (fn->shape == GP_SHAPE_DELAY)
            v.len = !(trunc(n->number) >= 0) ? -1 : gp_count_of(trunc(n->number));
        else if (!v.series_n)
            v.len = gp_program_kernels(c->p, NULL)->at[fn->id].len(n->number, 1);
    }
    v.look = own_look(c, &v);
    int look = 0;
    for (int j = 0; j < n_in; j++)
        if (c->p->vals.at[v.in[j]].look > look) look = c->p->vals.at[v.in[j]].look;
    v.look = add_look(v.look, look);
    v.mag = gp_range_of(c->p, fn, v.in, n_in);
    if (!c->no_cse) v.fn = gp_range_cheaper(c->p, fn, v.in, v.mag);
    return intern(c, v);
}

/* ---- look-ahead ---- */

static gp_ahead worse(gp_ahead a, gp_ahead b)
{
    if (gp_ahead_rank(a.kind) != gp_ahead_rank(b.kind)) return gp_ahead_rank(a.kind) > gp_ahead_rank(b.kind) ? a : b;
    return b.bars > a.bars ? b : a;
}

static gp_ahead call_ahead(compiler *c, const gp_builtin *fn, const int *in, int n_in, bool reads_last, gp_ahead inner, gp_span span)
{
    gp_ahead own = {fn->future, 0, NULL, span};
    if (reads_last && gp_ahead_rank(own.kind) < gp_ahead_rank(GP_FUTURE_LAST)) own.kind = GP_FUTURE_LAST;
    if (own.kind == GP_FUTURE_NONE) return inner;
    if (own.kind == GP_FUTURE_N) {
        const int j = period_operand(fn, n_in);
        const double n = j >= 0 && is_const(c, in[j]) ? c->p->vals.at[in[j]].number : GP_NULL;
        if (n != n) own.kind = GP_FUTURE_REPAINT;
        else if (!(n >= 1)) return inner; /* a shift of 0 sees nothing; a negative one is null */
        else own.bars = gp_count_of(n);
    }
    if (inner.kind == GP_FUTURE_N && own.kind == GP_FUTURE_N) own.bars = add_look(own.bars, inner.bars);
    own.chain = span_text(c, span);
    if (inner.kind != GP_FUTURE_NONE) {
        if (gp_ahead_rank(inner.kind) > gp_ahead_rank(own.kind)) own.kind = inner.kind, own.bars = 0;
        if (inner.chain) own.chain = gp_arena_printf(&c->p->arena, "%s ← %s", own.chain, inner.chain);
    }
    return own;
}

/* ---- expressions ---- */

static seen compile_node(compiler *c, const gp_node *n);
static int compile_text(compiler *c, const gp_node *n, gp_ahead *ahead);

static void fail(compiler *c, gp_span span, const char *what)
{
    if (!c->failed) gp_diag_at(c->d, GP_D_CANNOT_COMPILE, span, what);
    c->failed = true;
}

static int add_slot(compiler *c, int val)
{
    if (c->p->vals.at[val].slot >= 0) return c->p->vals.at[val].slot;
    gp_vec_push(&c->p->slots, val);
    return c->p->vals.at[val].slot = (int)c->p->slots.n - 1;
}

/* Known before any bar is computed: literals, the code, the name, and what is joined from them. */
static bool is_fixed_text(const gp_program *p, int t)
{
    const gp_text *x = &p->texts.at[t];
    if (x->kind == GP_TEXT_JOIN) return is_fixed_text(p, x->a) && is_fixed_text(p, x->b);
    return x->kind == GP_TEXT_LITERAL || x->kind == GP_TEXT_CODE || x->kind == GP_TEXT_NAME;
}

static int text_test(compiler *c, const gp_node *n, gp_test_kind kind, gp_ahead *ahead)
{
    gp_ahead inner = no_ahead;
    const int t = compile_text(c, n->args[0], &inner);
    *ahead = worse(*ahead, inner);
    if (t >= 0 && !is_fixed_text(c->p, t)) fail(c, n->span, "the pattern of CODELIKE, NAMELIKE and NAMEINCLUDE must not depend on quotes");
    if (t < 0 || c->failed) return -1;
    for (size_t k = 0; k < c->p->tests.n; k++) {
        const gp_text *a = &c->p->texts.at[c->p->tests.at[k].text], *b = &c->p->texts.at[t];
        if (c->p->tests.at[k].kind == kind && a->kind == GP_TEXT_LITERAL && b->kind == GP_TEXT_LITERAL && gp_str_eq(a->literal, b->literal))
            return intern(c, (gp_val){.kind = GP_VAL_LANE, .letter = '?', .mag = 1, .text = (int)k, .span = n->span});
    }
    gp_vec_push(&c->p->tests, ((gp_text_test){kind, t}));
    return intern(c, (gp_val){.kind = GP_VAL_LANE, .letter = '?', .mag = 1, .text = (int)c->p->tests.n - 1, .span = n->span});
}

/* FINANCE(7), INBLOCK('x'): a column of its own for each set of arguments, which have to be constants. */
static int compile_feed(compiler *c, const gp_node *n)
{
    const gp_feed_row *row = gp_feed_row_of(n->fn->inputs[0]);
    gp_buf key = {0};
    gp_buf_addz(&key, row->key);
    for (int j = 0; j < n->n_args && !c->failed; j++) {
        const gp_node *a = n->args[j];
        gp_buf_addc(&key, '.');
        if (a->kind == GP_NODE_STRING) {
            gp_buf_add(&key, a->text.p, a->text.n);
            continue;
        }
        const seen v = compile_node(c, a);
        char text[GP_NUM_MAX];
        if (v.val < 0 || !is_const(c, v.val)) {
            fail(c, a->span, gp_arena_printf(&c->p->arena, "argument %d of %s must be a constant", j + 1, n->fn->name));
            break;
        }
        gp_buf_add(&key, text, gp_num_format(c->p->vals.at[v.val].number, text));
    }
    const int v = c->failed ? -1 : make_feed(c, row, gp_arena_strndup(&c->p->arena, key.p, key.n), n->span);
    gp_buf_free(&key);
    return v;
}

static seen compile_call(compiler *c, const gp_node *n)
{
    const gp_builtin *fn = n->fn;
    seen r = {-1, no_ahead};
    if (fn->id == GP_B_CODELIKE || fn->id == GP_B_NAMELIKE || fn->id == GP_B_NAMEINCLUDE) {
        r.val = text_test(c, n, fn->id == GP_B_CODELIKE ? GP_TEST_CODE_LIKE : fn->id == GP_B_NAMELIKE ? GP_TEST_NAME_LIKE : GP_TEST_NAME_HAS,
                          &r.ahead);
        return r;
    }
    if (fn->shape == GP_SHAPE_FEED) {
        r.val = compile_feed(c, n);
        r.ahead = call_ahead(c, fn, NULL, 0, false, r.ahead, n->span);
        return r;
    }
    int in[GP_MAX_IN + GP_MAX_ARGS], n_in = 0;
    for (const char *p = fn->inputs; *p; p++) in[n_in++] = make_load(c, *p, n->span);
    for (int j = 0; j < n->n_args; j++) {
        const seen a = compile_node(c, n->args[j]);
        if (a.val < 0) return (seen){-1, no_ahead};
        in[n_in++] = a.val;
        r.ahead = worse(r.ahead, a.ahead);
    }
    bool reads_last = false;
    if (fn->shape == GP_SHAPE_LOAD) {
        r.val = make_load(c, fn->inputs[0], n->span);
        r.ahead = call_ahead(c, fn, in, n_in, false, r.ahead, n->span);
        return r;
    }
    if (fn->flags & GP_ROW_BINARY) { /* MAX(A,B,C) = MAX(MAX(A,B),C) */
        r.val = in[0];
        for (int j = 1; j < n_in; j++) r.val = make_call(c, fn, (int[]){r.val, in[j]}, 2, n->span, &reads_last);
        return r;
    }
    if (n_in != fn->n_in) {
        fail(c, n->span, "this function cannot be computed");
        return (seen){-1, no_ahead};
    }
    r.val = make_call(c, fn, in, n_in, n->span, &reads_last);
    r.ahead = call_ahead(c, fn, in, n_in, reads_last, r.ahead, n->span);
    return r;
}

static seen compile_node(compiler *c, const gp_node *n)
{
    seen r = {-1, no_ahead};
    if (c->failed) return r;
    switch (n->kind) {
    case GP_NODE_NUMBER: r.val = make_const(c, n->number, n->span); return r;
    case GP_NODE_NAME:
        if (n->sym == GP_SYM_STATEMENT) {
            const seen s = c->stmt[n->sym_index];
            if (s.val < 0) fail(c, n->span, "this name has no numeric value");
            r = s;
            if (s.ahead.kind != GP_FUTURE_NONE)
                r.ahead.chain = gp_arena_printf(&c->p->arena, GP_STR_FMT " ← %s", GP_STR_ARG(c->f->stmts[n->sym_index].name),
                                                s.ahead.chain ? s.ahead.chain : "?");
            return r;
        }
        if (n->sym == GP_SYM_PARAM) {
            r.val = make_const(c, c->f->params[n->sym_index].value, n->span);
            return r;
        }
        if (n->fn) return compile_call(c, n);
        break;
    case GP_NODE_CALL:
        if (n->fn) return compile_call(c, n);
        break;
    default: break;
    }
    fail(c, n->span, "this expression cannot be computed");
    return r;
}

/* ---- text ---- */

static int push_text(compiler *c, gp_text t)
{
    gp_vec_push(&c->p->texts, t);
    return (int)c->p->texts.n - 1;
}

static int compile_text(compiler *c, const gp_node *n, gp_ahead *ahead)
{
    if (c->failed) return -1;
    if (n->kind == GP_NODE_STRING || n->kind == GP_NODE_REF)
        return push_text(c, (gp_text){.kind = GP_TEXT_LITERAL, .literal = n->text});
    if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT && c->stmt_text[n->sym_index] >= 0) {
        *ahead = worse(*ahead, c->stmt[n->sym_index].ahead);
        return c->stmt_text[n->sym_index];
    }
    if (n->fn && (n->kind == GP_NODE_CALL || n->kind == GP_NODE_NAME)) {
        if (n->fn->id == GP_B_CODE) return push_text(c, (gp_text){.kind = GP_TEXT_CODE});
        if (n->fn->id == GP_B_STKNAME) return push_text(c, (gp_text){.kind = GP_TEXT_NAME});
        if (n->fn->id == GP_B_STRCAT) {
            const int a = compile_text(c, n->args[0], ahead), b = compile_text(c, n->args[1], ahead);
            if (a < 0 || b < 0) return -1;
            return push_text(c, (gp_text){.kind = GP_TEXT_JOIN, .a = a, .b = b});
        }
        if ((n->fn->id == GP_B_IF || n->fn->id == GP_B_IFN) && n->n_args == 3) {
            const seen cond = compile_node(c, n->args[0]);
            const int a = compile_text(c, n->args[1], ahead), b = compile_text(c, n->args[2], ahead);
            if (cond.val < 0 || a < 0 || b < 0) return -1;
            bool unused = false;
            const int one = make_const(c, 1, n->span), zero = make_const(c, 0, n->span);
            const int which = make_call(c, n->fn, (int[]){cond.val, one, zero}, 3, n->span, &unused);
            *ahead = worse(*ahead, worse(cond.ahead, (gp_ahead){GP_FUTURE_LAST, 0, span_text(c, n->span), n->span}));
            return push_text(c, (gp_text){.kind = GP_TEXT_CHOICE, .a = a, .b = b, .slot = add_slot(c, which)});
        }
        if (n->fn->id == GP_B_CON2STR) {
            const seen x = compile_node(c, n->args[0]), digits = compile_node(c, n->args[1]);
            if (x.val < 0 || digits.val < 0) return -1;
            *ahead = worse(*ahead, worse(worse(x.ahead, digits.ahead), (gp_ahead){GP_FUTURE_LAST, 0, span_text(c, n->span), n->span}));
            return push_text(c, (gp_text){.kind = GP_TEXT_NUMBER, .a = add_slot(c, x.val), .b = add_slot(c, digits.val)});
        }
    }
    fail(c, n->span, "this text cannot be computed");
    return -1;
}

static int text_look(const gp_program *p, int t)
{
    const gp_text *x = &p->texts.at[t];
    int look = 0, other = 0;
    if (x->kind == GP_TEXT_JOIN || x->kind == GP_TEXT_CHOICE) look = text_look(p, x->a), other = text_look(p, x->b);
    if (x->kind == GP_TEXT_NUMBER) look = p->vals.at[p->slots.at[x->a]].look, other = p->vals.at[p->slots.at[x->b]].look;
    if (other > look) look = other;
    if (x->kind == GP_TEXT_CHOICE && p->vals.at[p->slots.at[x->slot]].look > look) look = p->vals.at[p->slots.at[x->slot]].look;
    return look;
}

/* ---- statements ---- */

static int text_result(compiler *c, int text)
{
    gp_vec_push(&c->p->text_results, text);
    return (int)c->p->text_results.n - 1;
}

/* DRAWLINE and PLOYLINE as statements: a numeric line whose first condition is the signal. */
static void compile_drawn_line(compiler *c, const gp_stmt *s, gp_output *o)
{
    const gp_node *n = s->expr;
    o->kind = GP_OUT_DRAW;
    o->draw = n->fn;
    for (int j = 0; j < n->n_args && o->cond < 0; j++) {
        if (n->fn->args[j].type != GP_ARG_COND) continue;
        const seen a = compile_node(c, n->args[j]);
        if (a.val >= 0) o->cond = add_slot(c, a.val);
    }
}

/* A draw statement: the condition is its first argument of type c, the price the first one named P, P1, PRICE or V1.
 * Its value, should a later statement use its name, is the price where the condition holds. */
static void compile_draw(compiler *c, const gp_stmt *s, gp_output *o, bool want, seen *value)
{
    const gp_node *n = s->expr;
    seen cond = {-1, no_ahead}, price = {-1, no_ahead};
    o->kind = GP_OUT_DRAW;
    o->draw = n->fn;
    for (int j = 0; j < n->n_args; j++) {
        const gp_arg *arg = &n->fn->args[j < n->fn->n_args ? j : n->fn->n_args - 1];
        const bool named_price = gp_str_ieqz(arg->name, "P") || gp_str_ieqz(arg->name, "P1") || gp_str_ieqz(arg->name, "PRICE") ||
                                 gp_str_ieqz(arg->name, "V1");
        if (arg->type == GP_ARG_TEXT) {
            if (!want || o->text >= 0) continue;
            const int t = compile_text(c, n->args[j], &o->ahead);
            if (t >= 0) o->text = text_result(c, t);
        } else if (arg->type == GP_ARG_COND && cond.val < 0) {
            cond = compile_node(c, n->args[j]);
        } else if (named_price && price.val < 0) {
            price = compile_node(c, n->args[j]);
        } else if (arg->type != GP_ARG_COLOUR) {
            o->ahead = worse(o->ahead, compile_node(c, n->args[j]).ahead); /* drawn, not computed by a scan */
        }
    }
    o->ahead = worse(o->ahead, worse(cond.ahead, price.ahead));
    if (n->fn->future != GP_FUTURE_NONE && cond.val < 0) o->ahead = call_ahead(c, n->fn, NULL, 0, false, o->ahead, n->span);
    bool unused = false;
    value->val = cond.val < 0 ? price.val
                 : price.val < 0 ? cond.val
                                 : make_call(c, gp_builtin_get(GP_B_SHOWN), (int[]){cond.val, price.val}, 2, n->span, &unused);
    value->ahead = worse(cond.ahead, price.ahead);
    if (!want) return;
    if (cond.val >= 0) o->cond = add_slot(c, cond.val);
    if (price.val >= 0) o->slot = add_slot(c, price.val);
    for (int k = 0; k < 2; k++) {
        const int v = k ? price.val : cond.val;
        if (v >= 0 && c->p->vals.at[v].look > o->lookback) o->lookback = c->p->vals.at[v].look;
    }
}

static bool wanted(const gp_compile_opts *o, int stmt)
{
    if (!o || !o->stmts) return true;
    for (int k = 0; k < o->n_stmts; k++)
        if (o->stmts[k] == stmt) return true;
    return false;
}

static void compile_stmt(compiler *c, int k, bool want)
{
    const gp_stmt *s = &c->f->stmts[k];
    gp_output o = {.name = s->label, .stmt = k, .slot = -1, .cond = -1, .text = -1, .attrs = s->attrs, .n_attrs = s->n_attrs};
    if (s->expr->type == GP_TYPE_DRAW) {
        const bool shown = want && s->kind != GP_STMT_ASSIGN;
        compile_draw(c, s, &o, shown, &c->stmt[k]);
        if (shown) gp_vec_push(&c->p->outputs, o);
        return;
    }
    if (s->expr->type == GP_TYPE_TEXT) {
        c->stmt_text[k] = compile_text(c, s->expr, &o.ahead);
        c->stmt[k].ahead = o.ahead;
        if (!want || s->kind == GP_STMT_ASSIGN || c->stmt_text[k] < 0) return;
        o.kind = GP_OUT_TEXT;
        o.text = text_result(c, c->stmt_text[k]);
        o.lookback = text_look(c->p, c->stmt_text[k]);
    } else {
        c->stmt[k] = compile_node(c, s->expr);
        if (!want || s->kind == GP_STMT_ASSIGN || c->stmt[k].val < 0) return;
        o.kind = s->hidden ? GP_OUT_HIDDEN : GP_OUT_SERIES;
        if (!s->hidden && s->expr->kind == GP_NODE_CALL && s->expr->fn && s->expr->fn->category == GP_CAT_DRAW &&
            s->expr->fn->shape == GP_SHAPE_WHOLE)
            compile_drawn_line(c, s, &o);
        o.slot = add_slot(c, c->stmt[k].val);
        o.ahead = c->stmt[k].ahead;
        o.lookback = c->p->vals.at[c->stmt[k].val].look;
    }
    gp_vec_push(&c->p->outputs, o);
}

/* The name of the output stands at the head of its chain. */
static void head_chain(gp_program *p)
{
    for (size_t k = 0; k < p->outputs.n; k++) {
        gp_output *o = &p->outputs.at[k];
        if (o->ahead.kind != GP_FUTURE_NONE) o->ahead.chain = gp_arena_printf(&p->arena, "%s ← %s", o->name, o->ahead.chain ? o->ahead.chain : "?");
    }
}

gp_program *gp_compile(const gp_formula *f, const gp_compile_opts *opts, gp_diags *d)
{
    gp_program *p = gp_xcalloc(1, sizeof *p);
    p->formula = f;
    p->exact = opts && opts->exact_compare ? &gp_kernels_exact : NULL;
    compiler c = {.p = p, .f = f, .d = d, .no_cse = opts && opts->no_cse};
    c.stmt = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *c.stmt);
    c.stmt_text = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *c.stmt_text);
    for (int k = 0; k < f->n_stmts; k++) c.stmt[k].val = c.stmt_text[k] = -1;
    for (int k = 0; k < f->n_stmts && !c.failed; k++) compile_stmt(&c, k, wanted(opts, k));
    free(c.stmt);
    free(c.stmt_text);
    free(c.bucket);
    if (c.failed) {
        gp_program_free(p);
        return NULL;
    }
    head_chain(p);
    if (!c.no_cse) gp_fuse(p);
    gp_schedule(p);
    return p;
}
