/* References: another formula's statements become values of this program, under its own names and parameters; what lives on
 * another period or security is a program of its own, whose result comes in as an external column. */
#include "base/num.h"
#include "eval/compile.h"
#include "parser/parser.h"

/* One formula with one set of parameters.  Its statements are compiled up to the highest one asked for. */
struct gp_frame {
    const gp_formula *f;
    const double *params;
    gp_seen *stmt;
    gp_seen skip;          /* TESTSKIP so far */
    int done;              /* statements compiled so far */
    gp_frame *next;
};

void gp_frames_free(gp_compiler *c)
{
    while (c->frames) {
        gp_frame *next = c->frames->next;
        free(c->frames->stmt);
        free(c->frames);
        c->frames = next;
    }
}

/* Two references with parameters of their own to a formula that has two such references ...: thirty small files make a billion. */
enum { TAKEN_MAX = 500, VALUES_MAX = 1000000, VALUES_EACH = VALUES_MAX / TAKEN_MAX };

static bool take(gp_compiler *c, int n, gp_span span)
{
    *c->o->taken += n;
    if (*c->o->taken <= TAKEN_MAX && c->p->vals.n - c->first <= VALUES_MAX) return true;
    gp_compile_fail(c, span, "references with parameters of their own bring in more than 500 formulas");
    return false;
}

/* NULL after saying that it is one too many. */
static gp_frame *find_frame(gp_compiler *c, const gp_formula *f, const double *params, gp_span span)
{
    for (gp_frame *x = c->frames; x; x = x->next)
        if (x->f == f && memcmp(x->params, params, (size_t)f->n_params * sizeof *params) == 0) return x;
    if (!take(c, 1, span)) return NULL;
    gp_frame *x = gp_xcalloc(1, sizeof *x);
    *x = (gp_frame){.f = f, .params = params, .skip = {-1, gp_no_ahead}, .next = c->frames};
    x->stmt = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *x->stmt);
    for (int k = 0; k < f->n_stmts; k++) x->stmt[k].val = -1;
    return c->frames = x;
}

/* Compiles the frame up to statement k; the compiler speaks of its formula meanwhile. */
static void run_frame(gp_compiler *c, gp_frame *x, int k)
{
    const gp_compiler before = *c;
    c->f = x->f;
    c->params = x->params;
    c->stmt = x->stmt;
    c->skip = x->skip;
    for (; x->done <= k && !c->failed; x->done++) gp_compile_stmt(c, x->done, false);
    c->f = before.f;
    c->params = before.params;
    c->stmt = before.stmt;
    x->skip = c->skip;
    c->skip = before.skip;
}

/* The values of the callee's parameters: what stands in the parentheses, then the defaults.  NULL after saying what is wrong. */
static double *arguments(gp_compiler *c, const gp_node *n, const gp_formula *f)
{
    double *v = gp_arena_alloc(&c->p->arena, ((size_t)(f ? f->n_params : 0) + 1) * sizeof *v);
    for (int i = 0; f && i < f->n_params; i++) v[i] = f->params[i].value;
    for (int i = 0; i < n->n_args && n->kind == GP_NODE_REF; i++) {
        const gp_seen a = gp_compile_node(c, n->args[i]);
        if (a.val < 0) return NULL;
        if (!gp_is_const(c, a.val)) {
            gp_compile_fail(c, n->args[i]->span, "a parameter of a reference must be a constant, a parameter or arithmetic on them; a series cannot be passed");
            return NULL;
        }
        v[i] = c->p->vals.at[a.val].number;
    }
    return v;
}

/* "SH600000$KDJ.K(9,3,3)#WEEK": the same words for the same series, so that it is run once. */
static const char *key_of(gp_compiler *c, const gp_ref *ref, const double *params)
{
    gp_buf b = {0};
    if (ref->security) gp_buf_printf(&b, "%s$", ref->security);
    if (ref->series) {
        gp_buf_addz(&b, ref->series->name);
    } else {
        gp_buf_printf(&b, "%s.%d(", ref->formula->name ? ref->formula->name : "", ref->stmt);
        for (int i = 0; i < ref->formula->n_params; i++) {
            char text[GP_NUM_MAX];
            gp_buf_addz(&b, i ? "," : "");
            gp_buf_add(&b, text, gp_num_format(params[i], text));
        }
        gp_buf_addc(&b, ')');
    }
    if (ref->period != GP_PERIOD_SAME) gp_buf_printf(&b, "#%s", gp_period_name(ref->period));
    const char *key = gp_arena_strndup(&c->p->arena, b.p, b.n);
    gp_buf_free(&b);
    return key;
}

/* The program of one output or one series; NULL after saying what is wrong. */
static gp_program *sub_program(gp_compiler *c, const gp_ref *ref, const double *params)
{
    gp_compile_opts o = *c->o;
    o.params = params;
    o.stmts = &ref->stmt;
    o.n_stmts = 1;
    if (ref->formula) return gp_compile(ref->formula, &o, c->d);
    char text[64];
    const int first = 0, length = snprintf(text, sizeof text, "X:%s;", ref->series->name);
    gp_formula *f = gp_formula_parse(ref->series->name, text, (size_t)length, GP_ENC_UTF8, c->d);
    o.stmts = &first;
    o.params = NULL;
    gp_program *p = gp_formula_resolve(f, c->d) ? gp_compile(f, &o, c->d) : NULL;
    if (p) p->owned = f;
    else gp_formula_free(f);
    return p;
}

/* A longer bar is known when it is complete; until then its value changes. */
static gp_ahead ahead_of_period(gp_compiler *c, const gp_ref *ref, gp_ahead inner, gp_span span)
{
    if (ref->period == GP_PERIOD_SAME || c->o->closed_periods) return inner;
    return gp_ahead_join(c, (gp_ahead){.kind = GP_FUTURE_PERIOD, .bars = (int)ref->period, .span = span}, inner, span);
}

static gp_seen external(gp_compiler *c, const gp_node *n, const double *params)
{
    const gp_ref *ref = n->ref;
    const char *key = key_of(c, ref, params);
    for (size_t k = 0; k < c->p->externals.n; k++) {
        const gp_external *x = &c->p->externals.at[k];
        if (x->kind == GP_EXT_PROGRAM && strcmp(x->key, key) == 0 && x->of == ref->formula)
            return (gp_seen){gp_make_external(c, (int)k, n->span), ahead_of_period(c, ref, gp_program_ahead(x->program), n->span)};
    }
    gp_program *sub = take(c, 1, n->span) ? sub_program(c, ref, params) : NULL;
    int count;
    if (!sub || !take(c, (int)(sub->vals.n / VALUES_EACH), n->span)) {
        if (sub) gp_program_free(sub);
        c->failed = true;
        return (gp_seen){-1, gp_no_ahead};
    }
    const gp_output *out = gp_program_outputs(sub, &count);
    if (count != 1 || out->slot < 0) {
        gp_program_free(sub);
        gp_compile_fail(c, n->span, "this output has no numeric value");
        return (gp_seen){-1, gp_no_ahead};
    }
    const gp_external x = {.kind = GP_EXT_PROGRAM, .key = key, .period = ref->period, .closed = c->o->closed_periods, .security = ref->security,
                           .program = sub, .of = ref->formula, .slot = out->slot, .needs = ref->security ? "the quotes of that security, among DATA or with --index FILE" : "quotes of a shorter period",
                           .shown = gp_span_shown(c, n->span), .span = n->span};
    gp_vec_push(&c->p->externals, x);
    /* its links lie in the arena of sub, which lives as long as this program */
    return (gp_seen){gp_make_external(c, (int)c->p->externals.n - 1, n->span), ahead_of_period(c, ref, out->ahead, n->span)};
}

gp_seen gp_compile_reference(gp_compiler *c, const gp_node *n)
{
    const gp_ref *ref = n->ref;
    const double *params = arguments(c, n, ref->formula);
    if (!params) return (gp_seen){-1, gp_no_ahead};
    if (ref->period != GP_PERIOD_SAME || ref->security) return external(c, n, params);
    if (ref->series) return (gp_seen){gp_make_load(c, ref->series->inputs[0], n->span), gp_no_ahead};
    gp_frame *x = find_frame(c, ref->formula, params, n->span);
    if (!x) return (gp_seen){-1, gp_no_ahead};
    run_frame(c, x, ref->stmt);
    gp_seen s = x->stmt[ref->stmt];
    if (c->failed) return (gp_seen){-1, gp_no_ahead};
    if (s.val < 0) gp_compile_fail(c, n->span, "this output has no value");
    gp_ahead_named(c, &s.ahead, gp_str_from(gp_span_shown(c, n->span)));
    return s;
}
