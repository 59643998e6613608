/* Values.  Every distinct (function, operands) pair becomes one value, across statements: common subexpressions fall out of
 * the numbering, constants are folded on the way, dead ones are dropped by schedule.c. */
#include <math.h>
#include "eval/compile.h"
#include "eval/vm.h"

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

static void rehash(gp_compiler *c)
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

static int intern(gp_compiler *c, gp_val v)
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

const char *gp_span_shortened(gp_arena *arena, gp_span s)
{
    if (!s.src || s.at + s.n > s.src->text.n) return "";
    const char *p = s.src->text.p + s.at;
    size_t n = s.n;
    if (n <= 48) return gp_arena_strndup(arena, p, n);
    n = 45;
    while (n > 0 && ((unsigned char)p[n] & 0xC0) == 0x80) n--;
    return gp_arena_printf(arena, "%.*s...", (int)n, p);
}

const char *gp_span_shown(gp_compiler *c, gp_span s)
{
    return gp_span_shortened(&c->p->arena, s);
}

int gp_make_const(gp_compiler *c, double x, gp_span span)
{
    if (c->o->f32) x = gp_finite((double)(float)x);
    if (x != x) x = GP_NULL; /* one bit pattern for null */
    return intern(c, (gp_val){.kind = GP_VAL_CONST, .number = x, .mag = fabs(x), .span = span});
}

/* --f32: the value in single precision; texts, and what is one number per ticker, are small whole numbers. */
static int rounded(gp_compiler *c, int v)
{
    const gp_val *x = &c->p->vals.at[v];
    if (!c->o->f32 || x->kind == GP_VAL_CONST || x->kind == GP_VAL_LANE || (x->fn && x->fn->flags & GP_ROW_TEXT)) return v;
    return intern(c, (gp_val){.kind = GP_VAL_CALL, .fn = gp_builtin_get(GP_B_ROUND32), .in = {v}, .n_in = 1, .mag = INFINITY, .look = x->look, .span = x->span});
}

/* The program's number of an external series; the same one asked for twice is one column. */
static int add_external(gp_compiler *c, gp_external x)
{
    for (size_t k = 0; k < c->p->externals.n; k++) {
        const gp_external *y = &c->p->externals.at[k];
        if (x.kind != GP_EXT_PROGRAM && y->kind == x.kind && strcmp(y->key, x.key) == 0) {
            c->p->externals.at[k].daily |= x.daily;
            return (int)k;
        }
    }
    gp_vec_push(&c->p->externals, x);
    return (int)c->p->externals.n - 1;
}

/* "CAPITAL" for K: what a formula would write to get the series itself. */
static const char *load_name(char letter)
{
    for (int id = GP_B_NONE + 1; id < GP_B_COUNT; id++) {
        const gp_builtin *b = gp_builtin_get((gp_builtin_id)id);
        if (b && b->shape == GP_SHAPE_LOAD && b->inputs[0] == letter) return b->name;
    }
    return "a series";
}

/* A letter of feed.def as a value; key NULL: the row's own. */
int gp_make_feed(gp_compiler *c, const gp_feed_row *row, const char *key, gp_span span)
{
    static const gp_ext_kind kinds[] = {
        [GP_FEED_COLUMN] = GP_EXT_COLUMN, [GP_FEED_INDEX] = GP_EXT_INDEX,   [GP_FEED_FUNDAMENTAL] = GP_EXT_FUNDAMENTAL, [GP_FEED_BLOCK] = GP_EXT_BLOCK,
        [GP_FEED_SERIES] = GP_EXT_SERIES, [GP_FEED_EVENT] = GP_EXT_EVENT,   [GP_FEED_CALENDAR] = GP_EXT_CALENDAR,       [GP_FEED_NAME] = GP_EXT_NAME};
    const bool scalar = row->kind == GP_FEED_BLOCK || row->kind == GP_FEED_CALENDAR || row->kind == GP_FEED_NAME;
    gp_external x = {.kind = kinds[row->kind], .key = key ? key : row->key, .is_text = row->is_text, .is_scalar = scalar,
                     .needs = row->needs, .shown = gp_span_shown(c, span), .span = span};
    if (c->reader) {
        x.reader = x.shown;
        x.shown = gp_arena_printf(&c->p->arena, "%s, which %s reads,", load_name(row->letter), x.shown);
        x.daily = strchr(c->reader->inputs, 'P') != NULL;
    }
    return gp_make_external(c, add_external(c, x), span);
}

int gp_make_external(gp_compiler *c, int k, gp_span span)
{
    const gp_external *x = &c->p->externals.at[k];
    return intern(c, (gp_val){.kind = x->is_scalar ? GP_VAL_LANE : GP_VAL_LOAD, .letter = 'X', .text = k, .look = x->kind == GP_EXT_PROGRAM || x->kind == GP_EXT_EVENT ? GP_LOOKBACK_ALL : 0, .mag = INFINITY, .span = span});
}

int gp_make_load(gp_compiler *c, char letter, gp_span span)
{
    const gp_feed_row *feed = gp_feed_row_of(letter);
    if (feed) return gp_make_feed(c, feed, NULL, span);
    switch (letter) {
    case 'N': return gp_make_const(c, c->o->facts.date - 19000000, span);
    case 'h': return gp_make_const(c, c->o->facts.time, span);
    case 'Q': return gp_make_const(c, c->o->chip_uniform, span);
    case 'q': return gp_make_const(c, c->o->facts.adjust, span);
    case 'r': return gp_make_const(c, c->n_random++, span);
    default: break;
    }
    const bool lane = strchr("ZPMRcn", letter) != NULL;
    return rounded(c, intern(c, (gp_val){.kind = lane ? GP_VAL_LANE : GP_VAL_LOAD, .letter = letter, .mag = GP_QUOTE_MAX, .span = span,
                                .look = letter == 'I' || letter == 'Z' ? GP_LOOKBACK_ALL : 0})); /* counted from the first bar */
}

bool gp_is_const(const gp_compiler *c, int v)
{
    return c->p->vals.at[v].kind == GP_VAL_CONST;
}

int gp_make_text(gp_compiler *c, gp_str text, gp_span span)
{
    return gp_make_const(c, gp_texts_add(&c->p->literals, text), span);
}

/* ---- calls ---- */

gp_arg_type gp_operand_type(const gp_builtin *fn, int j)
{
    const int implicit = (int)strlen(fn->inputs);
    if (j < implicit) return GP_ARG_SERIES;
    j -= implicit;
    const gp_arg *arg = gp_builtin_arg(fn, j);
    return arg ? arg->type : GP_ARG_SERIES;
}

int gp_add_look(int a, int b)
{
    return a == GP_LOOKBACK_ALL || b == GP_LOOKBACK_ALL || a > GP_LOOKBACK_ALL - b ? GP_LOOKBACK_ALL : a + b;
}

/* The operand that says how many bars: the first argument of type n or k; -1 when the row has none. */
int gp_period_operand(const gp_builtin *fn, int n_in)
{
    for (int j = 0; j < n_in; j++) {
        const gp_arg_type t = gp_operand_type(fn, j);
        if (t == GP_ARG_PERIOD || t == GP_ARG_LAST) return j;
    }
    return -1;
}

static int own_look(const gp_compiler *c, const gp_val *v)
{
    const int j = gp_period_operand(v->fn, v->n_in);
    const bool windowed = v->fn->shape == GP_SHAPE_WINDOW || v->fn->shape == GP_SHAPE_MOMENTS;
    double n = windowed && !v->series_n ? (v->len > 0 && v->len != GP_N_ALL ? v->len : GP_NULL) /* as the row rounds it */
               : j >= 0 && gp_is_const(c, v->in[j]) ? trunc(c->p->vals.at[v->in[j]].number) : GP_NULL;
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
static bool use_threshold(const gp_compiler *c, const gp_val *v)
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
    return !c->no_cse && !c->p->exact && !gp_is_const(c, v->in[0]) && gp_is_const(c, v->in[1]) && gp_threshold_fits(c->p->vals.at[v->in[1]].number);
}

static int intern_threshold(gp_compiler *c, gp_val v)
{
    const double k = c->p->vals.at[v.in[1]].number;
    const gp_builtin_id id = v.fn->id;
    v.look = gp_add_look(own_look(c, &v), c->p->vals.at[v.in[0]].look);
    v.mag = 1;
    if (id == GP_B_CROSS || id == GP_B_LONGCROSS) {
        const int n = v.in[2];
        v.fn = gp_builtin_get(id == GP_B_CROSS ? GP_B_CROSSK : GP_B_LONGCROSSK);
        v.in[1] = gp_make_const(c, gp_threshold(GP_B_LT, k), v.span);
        v.in[2] = gp_make_const(c, gp_threshold(GP_B_GT, k), v.span);
        if (id == GP_B_LONGCROSS) v.in[3] = n;
        v.n_in++;
        return intern(c, v);
    }
    v.fn = gp_builtin_get(id == GP_B_LT || id == GP_B_LE ? GP_B_BELOW : GP_B_ABOVE);
    v.in[1] = gp_make_const(c, gp_threshold(id, k), v.span);
    return intern(c, v);
}

/* A text function: of constants it is a constant, of what is the same on every bar one number per ticker. */
static int make_text_call(gp_compiler *c, gp_val v, bool *reads_last)
{
    bool constant = true, fixed = true;
    for (int j = 0; j < v.n_in; j++) {
        const gp_val_kind kind = c->p->vals.at[v.in[j]].kind;
        if (kind != GP_VAL_CONST && kind != GP_VAL_LANE && v.fn->flags & GP_ROW_TEXT_LAST)
            v.in[j] = gp_make_call(c, gp_builtin_get(GP_B_LASTVAL), &v.in[j], 1, v.span, reads_last), *reads_last = true;
        constant = constant && kind == GP_VAL_CONST;
        fixed = fixed && (kind == GP_VAL_CONST || kind == GP_VAL_LANE);
        if (c->p->vals.at[v.in[j]].look > v.look) v.look = c->p->vals.at[v.in[j]].look;
    }
    if (constant) {
        double a[GP_MAX_IN];
        for (int j = 0; j < v.n_in; j++) a[j] = c->p->vals.at[v.in[j]].number;
        return gp_make_const(c, gp_text_call(v.fn->id, &c->p->literals, a, v.n_in), v.span);
    }
    v.mag = INFINITY;
    if (fixed) v.kind = GP_VAL_LANE, v.letter = '?';
    return intern(c, v);
}

/* Makes fn(in...), folding constants and turning arguments that are read once into broadcasts. */
int gp_make_call(gp_compiler *c, const gp_builtin *fn, const int *in, int n_in, gp_span span, bool *reads_last)
{
    if (fn->shape == GP_SHAPE_DELAY && !gp_is_const(c, in[1])) fn = gp_builtin_get(GP_B_REFSERIES);
    gp_val v = {.kind = GP_VAL_CALL, .fn = fn, .n_in = n_in, .span = span};
    bool constant = n_in > 0;
    for (int j = 0; j < n_in; j++) {
        v.in[j] = in[j];
        const gp_val_kind kind = c->p->vals.at[in[j]].kind; /* not a pointer: making a call may move the values */
        const gp_arg_type type = gp_operand_type(fn, j);
        const bool varies = kind == GP_VAL_LOAD || kind == GP_VAL_CALL;
        if (varies && (type == GP_ARG_LAST || type == GP_ARG_FIRST) && fn->id != GP_B_LASTVAL) {
            if (type == GP_ARG_LAST) *reads_last = true;
            v.in[j] = gp_make_call(c, gp_builtin_get(type == GP_ARG_LAST ? GP_B_LASTVAL : GP_B_FIRSTVAL), &in[j], 1, span, reads_last);
        }
        if (type == GP_ARG_COND && c->o->null_true && fn->flags & GP_ROW_NULL_TRUE && varies)
            v.in[j] = gp_make_call(c, gp_builtin_get(GP_B_NULLTRUE), &v.in[j], 1, span, reads_last);
        constant = constant && kind == GP_VAL_CONST;
    }
    if (fn->shape == GP_SHAPE_TEXT) return make_text_call(c, v, reads_last);
    if (constant && (fn->flags & GP_ROW_FOLD)) {
        double args[GP_MAX_IN];
        for (int j = 0; j < n_in; j++) args[j] = c->p->vals.at[v.in[j]].number;
        return gp_make_const(c, gp_fold_constant(c->p, fn, args, n_in), span);
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
    v.look = gp_add_look(v.look, look);
    v.mag = gp_range_of(c->p, fn, v.in, n_in);
    if (!c->no_cse) v.fn = gp_range_cheaper(c->p, fn, v.in, v.mag);
    return rounded(c, intern(c, v));
}

