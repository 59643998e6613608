/* The static label of look-ahead and the measured one must agree (screen/prove.h):
 *   every row, in its example and with generated arguments, on random quotes with nulls, ties, one-price bars, several bars a day
 *   and few bars: what the label promises to be final never changes when bars are added;
 *   every row that is said to look ahead, or to depend on the last bar, is seen to change on some of them;
 *   the same for random formulas over all rows, through variables and longer periods: NONE never changes, N bars never deeper than N.
 * A row added to a .def file is tested as it is.  Prints one line per failing case and "N passed, N failed".  Seed: argv[1], or 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "builtins/example.h"
#include "builtins/kernel.h"
#include "parser/parser.h"
#include "screen/prove.h"

enum { BARS = 90, VARIANTS = 24, PATIENCE = 400, FORMULAS = 400, OUTPUTS = 6, VARIABLES = 4, DEPTH = 4 };
static int passed, failed;
static uint64_t rng;

static uint32_t next_random(uint32_t below)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33) % below;
}

static void report(bool ok, const char *what, const char *formula, const char *detail)
{
    passed += ok;
    failed += !ok;
    if (!ok && failed <= 40) printf("FAIL %s: %s %s\n", what, formula, detail);
}

/* ---- quotes ---- */

typedef struct quotes {
    gp_bars bars;
    double o[BARS], h[BARS], l[BARS], c[BARS], v[BARS], a[BARS];
    int32_t date[BARS], time[BARS];
} quotes;

static int32_t date_of(int day)
{
    return 20250101 + day % 28 + day / 28 % 12 * 100 + day / 336 * 10000;
}

static void make_quotes(quotes *q)
{
    static const int32_t clock_of[] = {103000, 113000, 140000, 150000};
    static char code[] = "600000", name[] = "浦发银行", market[] = "SH";
    const bool intraday = next_random(3) == 0, nulls = next_random(2), steps = next_random(3) == 0;
    const int n = next_random(4) == 0 ? 1 + (int)next_random(12) : BARS - (int)next_random(40);
    int cents = 500 + (int)next_random(3000), day = 0;
    for (int i = 0; i < n; i++) {
        const int move = steps ? ((int)next_random(3) - 1) * 50 : (int)next_random(121) - 60; /* coarse steps: many ties */
        cents += cents + move < 100 ? 100 : move;
        q->c[i] = cents / 100.0;
        q->o[i] = next_random(7) ? (cents + (int)next_random(41) - 20) / 100.0 : q->c[i];
        q->h[i] = fmax(q->o[i], q->c[i]) + (int)next_random(30) / 100.0;
        q->l[i] = fmin(q->o[i], q->c[i]) - (int)next_random(30) / 100.0;
        if (next_random(23) == 0) q->h[i] = q->l[i] = q->o[i] = q->c[i];
        q->v[i] = next_random(9) ? next_random(100000) : 0;
        q->a[i] = q->v[i] * q->c[i];
        day += intraday ? i % 4 == 0 : 1 + (int)next_random(3);
        q->date[i] = date_of(day);
        q->time[i] = clock_of[i % 4];
        if (nulls && next_random(13) == 0) q->c[i] = GP_NULL;
        if (nulls && next_random(19) == 0) q->v[i] = GP_NULL;
        if (nulls && i < 3) q->o[i] = GP_NULL;
    }
    q->bars = (gp_bars){.code = code, .name = name, .market = market, .n = n, .date = q->date, .time = intraday ? q->time : NULL,
                        .open = q->o, .high = q->h, .low = q->l, .close = q->c, .vol = q->v, .amount = q->a, .period = intraday ? 4 : 5};
}

static gp_bars example_bars(void)
{
    static gp_example_bars_t e;
    static char code[] = "600000", name[] = "浦发银行", market[] = "SH";
    e = gp_example_bars;
    return (gp_bars){.code = code, .name = name, .market = market, .n = GP_EXAMPLE_BARS, .date = e.date, .open = e.open, .high = e.high,
                     .low = e.low, .close = e.close, .vol = e.vol, .amount = e.amount, .period = 5};
}

/* ---- one formula, measured ---- */

typedef struct measured { bool compiled; int changed; } measured;

static void describe(const gp_output *o, const gp_proof *p, char *out, size_t size)
{
    snprintf(out, size, "\n  %s: label %d (%d bars), bar %d with %d bars of data: %.17g, not %.17g (deepest: bar %d with %d)", o->name,
             (int)o->ahead.kind, o->ahead.bars, p->first.bar, p->first.end, p->first.was, p->first.now, p->deepest.bar, p->deepest.end);
}

static measured measure(const char *text, const gp_bars *b, const char *what)
{
    gp_diags d = {0};
    measured r = {0};
    gp_formula *f = gp_formula_parse("ahead", text, strlen(text), GP_ENC_UTF8, &d);
    gp_program *p = d.errors == 0 && gp_formula_resolve(f, &d) ? gp_compile(f, NULL, &d) : NULL;
    if (p) {
        int n;
        const gp_output *o = gp_program_outputs(p, &n);
        gp_proof *proof = gp_xcalloc((size_t)n + 1, sizeof *proof);
        gp_companions *c = gp_companions_new((const gp_program *const[]){p}, 1, &(gp_companion_opts){.capital = GP_NULL}, &d); /* NULL: needs more than other periods */
        gp_prover *v = gp_prover_new(p, c, &(gp_prove_opts){.cuts = BARS});
        gp_prove(v, b, proof);
        for (int k = 0; k < n; k++) {
            char detail[400] = "";
            if (!proof[k].agrees) describe(&o[k], &proof[k], detail, sizeof detail);
            report(proof[k].agrees, what, text, detail);
            r.changed += proof[k].changed;
        }
        r.compiled = true;
        gp_prover_free(v);
        gp_companions_free(c);
        free(proof);
    }
    gp_program_free(p);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return r;
}

/* ---- expressions over the rows ---- */

static const gp_builtin *rows;
static int n_rows;

static bool callable(const gp_builtin *b)
{
    return b->shape != GP_SHAPE_NONE && b->shape != GP_SHAPE_FEED && b->shape != GP_SHAPE_CONTROL && !(b->flags & GP_ROW_INTERNAL);
}

/* Gives a number and can stand inside an expression. */
static bool is_numeric(const gp_builtin *b)
{
    if (!callable(b) || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT || (b->flags & GP_ROW_TEXT)) return false;
    for (int j = 0; j < b->n_args; j++)
        if (b->args[j].type == GP_ARG_TEXT || b->args[j].type == GP_ARG_COLOUR) return false;
    return true;
}

static void add_expression(gp_buf *out, int depth, int variables);

static void add_leaf(gp_buf *out, int variables)
{
    static const char *const longer[] = {"\"CLOSE#WEEK\"", "\"HIGH#MONTH\"", "\"VOL#SEASON\"", "\"OPEN#WEEK\""};
    static const char *const series[] = {"C", "O", "H", "L", "V", "C", "MA(C,4)", "IF(C>O,C,DRAWNULL)", "REF(C,2)"};
    if (variables && next_random(2))
        gp_buf_printf(out, "V%d", (int)next_random((uint32_t)variables));
    else if (next_random(12) == 0)
        gp_buf_addz(out, longer[next_random(4)]);
    else
        gp_buf_addz(out, series[next_random(sizeof series / sizeof *series)]);
}

static void add_condition(gp_buf *out, int depth, int variables)
{
    static const char *const sign[] = {"<", "<=", ">", ">=", "="};
    gp_buf_addc(out, '(');
    add_expression(out, depth, variables);
    gp_buf_addz(out, sign[next_random(5)]);
    add_leaf(out, variables);
    gp_buf_addc(out, ')');
}

/* A number of bars: mostly a constant. */
static void add_period(gp_buf *out, int depth, int variables)
{
    static const char *const constant[] = {"1", "2", "3", "4", "5", "7", "10", "12", "0", "20", "2.5"};
    static const char *const varying[] = {"BARSLAST(C>O)+1", "IF(C>O,3,7)", "MOD(V,9)"};
    if (depth > 0 && next_random(20) == 0)
        add_expression(out, 0, variables);
    else if (next_random(10) == 0)
        gp_buf_addz(out, varying[next_random(3)]);
    else
        gp_buf_addz(out, constant[next_random(sizeof constant / sizeof *constant)]);
}

static void add_argument(gp_buf *out, const gp_builtin *b, const gp_arg *arg, int depth, int variables)
{
    static const char *const texts[] = {"'60'", "CODE", "STRCAT(CODE,'x')", "STKNAME"};
    if (strchr(b->inputs, 'D') && arg->name.p[0] == 'D' && arg->type == GP_ARG_LAST) { /* a day of the quotes */
        gp_buf_printf(out, "%d", (int)date_of((int)next_random(60)) - 19000000);
        return;
    }
    switch (arg->type) {
    case GP_ARG_TEXT: gp_buf_addz(out, texts[next_random(4)]); break;
    case GP_ARG_COLOUR: gp_buf_addz(out, "COLORRED"); break;
    case GP_ARG_COND: add_condition(out, depth, variables); break;
    case GP_ARG_PERIOD:
    case GP_ARG_LAST:
    case GP_ARG_FIRST: add_period(out, depth, variables); break;
    default: add_expression(out, depth, variables); break;
    }
}

static void add_call(gp_buf *out, const gp_builtin *b, int depth, int variables)
{
    if (b->category == GP_CAT_OPERATOR) {
        gp_buf_addc(out, '(');
        if (b->n_args > 1) add_argument(out, b, &b->args[0], depth, variables);
        gp_buf_printf(out, " %s ", b->n_args > 1 ? b->name : "-");
        add_argument(out, b, &b->args[b->n_args - 1], depth, variables);
        gp_buf_addc(out, ')');
        return;
    }
    gp_buf_addz(out, b->name);
    for (int j = 0; j < b->n_args; j++) {
        gp_buf_addc(out, j ? ',' : '(');
        add_argument(out, b, &b->args[j], depth, variables);
    }
    if (b->n_args) gp_buf_addc(out, ')');
}

/* Half of the calls are of what looks ahead or remembers in odd ways: those are what the label has to follow. */
static const gp_builtin *random_row(void)
{
    for (;;) {
        const gp_builtin *b = &rows[next_random((uint32_t)n_rows)];
        if (!is_numeric(b)) continue;
        if (b->future == GP_FUTURE_LAST || b->future == GP_FUTURE_REPAINT) {
            if (next_random(4)) continue; /* they end the interest in a formula: anything may change */
        } else if (b->shape == GP_SHAPE_MAP && next_random(3)) {
            continue;
        }
        return next_random(6) == 0 ? gp_builtin_get(next_random(2) ? GP_B_REFX : GP_B_XMA) : b;
    }
}

static void add_expression(gp_buf *out, int depth, int variables)
{
    if (depth <= 0 || next_random(5) == 0) add_leaf(out, variables);
    else add_call(out, random_row(), depth - 1, variables);
}

/* ---- the properties ---- */

/* The last expression of an example, named; the statements before it stay. */
static void add_example(gp_buf *out, const gp_builtin *b)
{
    const char *last = strrchr(b->example, ';');
    const size_t head = last ? (size_t)(last - b->example) + 1 : 0;
    gp_buf_add(out, b->example, head);
    gp_buf_printf(out, "%s%s;", b->shape == GP_SHAPE_DRAW ? "" : "X:", b->example + head);
}

static void check_row(const gp_builtin *b, uint64_t seed)
{
    int changed = 0, compiled = 0;
    for (int variant = 0; variant < VARIANTS || (b->future != GP_FUTURE_NONE && !changed && variant < PATIENCE); variant++) {
        gp_buf text = {0};
        quotes q;
        measured r;
        rng = seed * 1000003u + gp_str_ihash(gp_str_from(b->name)) + (uint64_t)variant * 7919u; /* a new row leaves the others theirs */
        for (int k = 0; k < 4; k++) next_random(2);
        make_quotes(&q);
        if (variant < 2 && b->example[0]) {
            const gp_bars e = example_bars();
            add_example(&text, b);
            r = measure(text.p, variant ? &q.bars : &e, b->name);
        } else {
            gp_buf_addz(&text, b->shape == GP_SHAPE_DRAW ? "" : "X:");
            add_call(&text, b, variant % 3, 0);
            gp_buf_addz(&text, ";");
            r = measure(text.p, &q.bars, b->name);
        }
        compiled += r.compiled;
        changed += r.changed;
        gp_buf_free(&text);
    }
    report(compiled > 0, "no formula of the row compiles", b->name, "");
    for (const char *p = b->inputs; *p; p++)
        if (gp_feed_row_of(*p)) return; /* all null here: nobody supplies what it reads */
    if (b->future != GP_FUTURE_NONE) report(changed > 0, "said to look ahead, but nothing ever changed", b->name, "");
}

static bool random_formula(uint64_t seed, int k)
{
    gp_buf text = {0};
    quotes q;
    rng = seed * 7919 + (uint64_t)k * 104729 + 12345;
    for (int j = 0; j < 4; j++) next_random(2);
    make_quotes(&q);
    for (int j = 0; j < VARIABLES; j++) gp_buf_printf(&text, "V%d:=", j), add_expression(&text, DEPTH - 1, j), gp_buf_addz(&text, ";\n");
    for (int j = 0; j < OUTPUTS; j++) gp_buf_printf(&text, "X%d:", j), add_expression(&text, DEPTH, VARIABLES), gp_buf_addz(&text, ";\n");
    gp_buf_addz(&text, "DRAWICON(");
    add_condition(&text, 2, VARIABLES);
    gp_buf_addz(&text, ",L,1);\n");
    const measured r = measure(text.p, &q.bars, "label and measurement");
    gp_buf_free(&text);
    return r.compiled;
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int compiled = 0;
    rows = gp_builtin_all(&n_rows);
    printf("look-ahead properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < n_rows; k++)
        if (callable(&rows[k])) check_row(&rows[k], seed);
    for (int k = 0; k < FORMULAS; k++) compiled += random_formula(seed, k);
    report(compiled > FORMULAS / 2, "most random formulas compile", "", "");
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
