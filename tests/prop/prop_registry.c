/* Properties that hold for every row of the registry, checked on random data with nulls in it:
 *   the row's example gives the row's numbers;
 *   values do not depend on the block size, the lane, the other lanes or the instruction set (bit for bit);
 *   a value of a row without look-ahead does not change when later bars are removed (bit for bit);
 *   bars before the declared lookback do not matter (within rounding: windows are anchored to the bar index).
 * Adding a row to a .def file adds its cases here.  Prints one line per failing case and "N passed, N failed".
 * Seeds: argv[1], or 1. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builtins/example.h"
#include "builtins/kernel.h"
#include "eval/vm.h"
#include "parser/parser.h"

enum { BARS = 230, MAX_SLOTS = 8, EXTERNALS = 4 };
static int passed, failed;
static uint64_t rng;

static uint32_t next_random(void)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33);
}

static void report(bool ok, const char *what, const char *formula, const char *detail)
{
    if (ok) {
        passed++;
        return;
    }
    if (failed++ < 60) printf("FAIL %s: %s %s\n", what, formula, detail ? detail : "");
}

/* ---- data ---- */

typedef struct quotes {
    int n;
    double o[BARS], h[BARS], l[BARS], c[BARS], v[BARS], a[BARS];
    double ext[EXTERNALS][BARS]; /* whatever the formula asks for beside the quotes */
    int32_t date[BARS];
} quotes;

static void make_quotes(quotes *q, int n, bool nulls)
{
    double price = 10 + next_random() % 40;
    int day = 0;
    q->n = n;
    for (int i = 0; i < n; i++) {
        price = fabs(price + ((int)(next_random() % 201) - 100) * 0.01) + 0.01;
        q->o[i] = floor((price + ((int)(next_random() % 61) - 30) * 0.01) * 100) / 100;
        q->c[i] = floor(price * 100) / 100;
        if (next_random() % 7 == 0) q->c[i] = q->o[i];
        q->h[i] = fmax(q->o[i], q->c[i]) + (next_random() % 40) * 0.01;
        q->l[i] = fmin(q->o[i], q->c[i]) - (next_random() % 40) * 0.01;
        if (next_random() % 23 == 0) q->h[i] = q->l[i] = q->o[i] = q->c[i]; /* one-price board */
        q->v[i] = next_random() % 9 == 0 ? 0 : next_random() % 100000;
        q->a[i] = q->v[i] * q->c[i];
        day += 1 + next_random() % 3;
        q->date[i] = 20200101 + day % 28 + (day / 28 % 12) * 100 + day / 336 * 10000;
        for (int k = 0; k < EXTERNALS; k++) q->ext[k][i] = i && next_random() % 3 ? q->ext[k][i - 1] : 90000 + next_random() % 400000;
        for (int k = 0; nulls && i < 9 && k < EXTERNALS; k++) q->ext[k][i] = GP_NULL;
        if (nulls && next_random() % 17 == 0) q->c[i] = GP_NULL;
        if (nulls && next_random() % 29 == 0) q->v[i] = GP_NULL;
        if (nulls && i < 5) q->o[i] = GP_NULL;
    }
}

static gp_lane lane_of(const quotes *q, int n, const double **ext)
{
    for (int k = 0; k < EXTERNALS; k++) ext[k] = q->ext[k];
    return (gp_lane){.n = n, .open = q->o, .high = q->h, .low = q->l, .close = q->c, .vol = q->v, .amount = q->a, .date = q->date,
                     .period = 5, .code = GP_STR("600000"), .name = GP_STR("浦发银行"), .ext = ext};
}

/* ---- running ---- */

static gp_program *compile(const char *text, gp_formula **f)
{
    gp_diags d = {0};
    *f = gp_formula_parse("prop", text, strlen(text), GP_ENC_UTF8, &d);
    gp_program *p = d.errors == 0 && gp_formula_resolve(*f, &d) ? gp_compile(*f, NULL, &d) : NULL;
    if (!p) {
        char why[300] = "";
        for (size_t k = 0; k < d.n; k++)
            if (d.at[k].severity == GP_ERROR) snprintf(why, sizeof why, "%s", d.at[k].message);
        report(false, "compile", text, why);
        gp_formula_free(*f);
        *f = NULL;
    }
    gp_diags_fini(&d);
    return p;
}

static bool same_bits(const double *a, const double *b, int n, int *at)
{
    for (int i = 0; i < n; i++)
        if (!(a[i] == b[i] || (gp_null(a[i]) && gp_null(b[i])))) {
            *at = i;
            return false;
        }
    return true;
}

/* Slot 0 of `text` over q[0..n), run with this block size in this lane among others. */
static void run_one(const gp_program *p, const quotes *q, int n, int block, int at_lane, const quotes *others, const char *isa, double *y)
{
    gp_vm_opts o = {.block = block, .isa = isa};
    gp_vm *vm = gp_vm_new(p, &o);
    gp_lane lanes[GP_VM_LANES];
    const double *ext[GP_VM_LANES][EXTERNALS];
    double *out[MAX_SLOTS] = {y};
    for (int l = 0; l <= at_lane; l++) lanes[l] = others ? lane_of(others, others->n - 3 * l, ext[l]) : lane_of(q, n, ext[l]);
    lanes[at_lane] = lane_of(q, n, ext[at_lane]);
    lanes[at_lane].out = out;
    int count = at_lane + 1;
    if (others && count < GP_VM_LANES) lanes[count] = lane_of(others, others->n, ext[count]), count++;
    gp_vm_run(vm, lanes, count);
    gp_vm_free(vm);
}

/* ---- formulas for a row ---- */

static const char *pick(const char *const *from, int n)
{
    return from[next_random() % (uint32_t)n];
}

static bool add_argument(const gp_arg *arg, int variant, gp_buf *out)
{
    static const char *const series[] = {"C", "C", "V", "MA(C,4)", "REF(C,3)", "IF(C>O,C,DRAWNULL)", "C-O", "H"};
    static const char *const cond[] = {"C>O", "C>REF(C,1)", "CROSS(C,MA(C,5))", "REF(C>O,6)", "C>=H", "V"};
    static const char *const constant[] = {"1", "3", "5", "20", "2", "10", "300"};
    static const char *const varying[] = {"BARSLAST(C>O)+1", "IF(C>O,3,7)", "BARSLAST(C>O)", "MOD(V,9)"};
    switch (arg->type) {
    case GP_ARG_TEXT: return false;
    case GP_ARG_COND: gp_buf_addz(out, pick(cond, 6)); return true;
    case GP_ARG_PERIOD: gp_buf_addz(out, variant % 3 == 2 ? pick(varying, 4) : pick(constant, 7)); return true;
    case GP_ARG_LAST:
    case GP_ARG_FIRST: gp_buf_addz(out, variant % 4 == 3 ? pick(varying, 4) : pick(constant, 7)); return true;
    default: gp_buf_addz(out, pick(series, 8)); return true;
    }
}

static bool is_operator(const gp_builtin *b)
{
    return b->category == GP_CAT_OPERATOR;
}

static bool add_call(const gp_builtin *b, int variant, gp_buf *out)
{
    gp_buf_addz(out, "X:");
    if (is_operator(b)) {
        gp_buf_addc(out, '(');
        if (!add_argument(&b->args[0], variant, out)) return false;
        gp_buf_printf(out, ") %s (", b->name);
        if (!add_argument(&b->args[b->n_args - 1], variant, out)) return false;
        gp_buf_addz(out, ");");
        return true;
    }
    gp_buf_addz(out, b->name);
    const int n = b->n_args;
    for (int j = 0; j < n; j++) {
        gp_buf_addc(out, j ? ',' : '(');
        if (!add_argument(&b->args[j], variant, out)) return false;
    }
    gp_buf_addz(out, n ? ");" : ";");
    return true;
}

/* ---- the properties ---- */

static void check_invariance(const gp_program *p, const char *text, const quotes *q, const quotes *others)
{
    static const int blocks[] = {1, 7, 128, BARS};
    double want[BARS], got[BARS];
    char detail[160];
    int at = 0;
    run_one(p, q, q->n, 64, 0, NULL, NULL, want);
    bool ok = true;
    for (int b = 0; b < 4 && ok; b++) {
        run_one(p, q, q->n, blocks[b], 0, NULL, NULL, got);
        ok = same_bits(want, got, q->n, &at);
        snprintf(detail, sizeof detail, "block %d, bar %d: %.17g, not %.17g", blocks[b], at, got[at], want[at]);
    }
    report(ok, "block size", text, detail);
    ok = true;
    for (int l = 1; l < GP_VM_LANES && ok; l += 3) {
        run_one(p, q, q->n, 64, l, others, NULL, got);
        ok = same_bits(want, got, q->n, &at);
        snprintf(detail, sizeof detail, "lane %d, bar %d: %.17g, not %.17g", l, at, got[at], want[at]);
    }
    report(ok, "lane", text, detail);
    run_one(p, q, q->n, 64, 0, NULL, "sse2", got);
    ok = same_bits(want, got, q->n, &at);
    snprintf(detail, sizeof detail, "sse2, bar %d: %.17g, not %.17g", at, got[at], want[at]);
    report(ok, "instruction set", text, detail);
}

static void check_prefix(const gp_program *p, const char *text, const quotes *q)
{
    int n_out;
    if (gp_program_outputs(p, &n_out)[0].ahead.kind != GP_FUTURE_NONE) return;
    double whole[BARS], part[BARS];
    char detail[160] = "";
    run_one(p, q, q->n, 64, 0, NULL, NULL, whole);
    bool ok = true;
    for (int k = 0; k < 6 && ok; k++) {
        const int cut = 24 + (int)(next_random() % (uint32_t)(q->n - 24)); /* beyond every minimum length of the constants above but 300 */
        int at = 0;
        run_one(p, q, cut, 64, 0, NULL, NULL, part);
        ok = same_bits(whole, part, cut, &at);
        snprintf(detail, sizeof detail, "cut at %d, bar %d: %.17g, not %.17g", cut, at, part[at], whole[at]);
    }
    report(ok, "prefix", text, detail);
}

static void check_lookback(const gp_program *p, const char *text, const quotes *q)
{
    int n_out;
    const int look = gp_program_outputs(p, &n_out)[0].lookback;
    const int skip = 40;
    if (look == GP_LOOKBACK_ALL || skip + look >= q->n) return;
    double whole[BARS], part[BARS];
    char detail[160] = "";
    quotes later = *q;
    later.n = q->n - skip;
    memmove(later.o, q->o + skip, sizeof(double) * (size_t)later.n);
    memmove(later.h, q->h + skip, sizeof(double) * (size_t)later.n);
    memmove(later.l, q->l + skip, sizeof(double) * (size_t)later.n);
    memmove(later.c, q->c + skip, sizeof(double) * (size_t)later.n);
    memmove(later.v, q->v + skip, sizeof(double) * (size_t)later.n);
    memmove(later.a, q->a + skip, sizeof(double) * (size_t)later.n);
    for (int k = 0; k < EXTERNALS; k++) memmove(later.ext[k], q->ext[k] + skip, sizeof(double) * (size_t)later.n);
    memmove(later.date, q->date + skip, sizeof(int32_t) * (size_t)later.n);
    run_one(p, q, q->n, 64, 0, NULL, NULL, whole);
    run_one(p, &later, later.n, 64, 0, NULL, NULL, part);
    bool ok = true;
    for (int i = look; i < later.n && ok; i++) {
        const double a = whole[i + skip], b = part[i];
        ok = (gp_null(a) && gp_null(b)) || fabs(a - b) <= 1e-8 * fmax(1.0, fabs(a));
        snprintf(detail, sizeof detail, "lookback %d, bar %d: %.17g, not %.17g", look, i, b, a);
    }
    report(ok, "lookback", text, detail);
}

/* The letter of feed.def behind an external of a program. */
static char letter_of(const gp_external *x)
{
    for (char letter = '!'; letter < '~'; letter++) {
        const gp_feed_row *row = gp_feed_row_of(letter);
        if (row && strcmp(row->key, x->key) == 0 && (row->kind == GP_FEED_INDEX) == (x->kind == GP_EXT_INDEX)) return letter;
    }
    return 0;
}

/* Examples: "CLOSE>10 ..." over gp_example_bars. */
static void check_example(const gp_builtin *b)
{
    if (!b->expect[0]) return;
    gp_buf text = {0};
    /* the last expression counts: name it */
    const char *last = strrchr(b->example, ';');
    const size_t head = last ? (size_t)(last - b->example) + 1 : 0;
    gp_buf_add(&text, b->example, head);
    gp_buf_printf(&text, "EXAMPLE_:%s;", b->example + head);
    gp_formula *f;
    gp_program *p = compile(text.p, &f);
    if (p) {
        int n_out, k = 0;
        gp_program_outputs(p, &n_out);
        double y[GP_EXAMPLE_BARS], *out[64] = {0};
        const int o = gp_program_find(p, GP_STR("EXAMPLE_"));
        const gp_output *outs = gp_program_outputs(p, &n_out);
        out[outs[o].slot >= 0 ? outs[o].slot : outs[o].cond] = y;
        const gp_example_bars_t *e = &gp_example_bars;
        gp_lane lane = {.n = GP_EXAMPLE_BARS, .open = e->open, .high = e->high, .low = e->low, .close = e->close, .vol = e->vol,
                        .amount = e->amount, .date = e->date, .period = 5, .code = GP_STR("600000"), .name = GP_STR("浦发银行")};
        lane.out = out;
        int n_ext;
        const gp_external *externals = gp_program_externals(p, &n_ext);
        double fed[EXTERNALS][GP_EXAMPLE_BARS];
        const double *ext[EXTERNALS] = {fed[0], fed[1], fed[2], fed[3]};
        for (int x = 0; x < n_ext && x < EXTERNALS; x++)
            for (int i = 0; i < GP_EXAMPLE_BARS; i++) fed[x][i] = gp_example_feed(letter_of(&externals[x]), i);
        lane.ext = ext;
        gp_vm *vm = gp_vm_new(p, NULL);
        gp_vm_run(vm, &lane, 1);
        gp_vm_free(vm);
        char detail[120] = "";
        bool ok = true;
        for (const char *at = b->expect; *at && ok; k++) {
            char *end;
            const bool null = at[0] == '-' && (at[1] == ' ' || at[1] == 0);
            const double want = null ? GP_NULL : strtod(at, &end);
            at = null ? at + 1 : end;
            while (*at == ' ') at++;
            ok = k < GP_EXAMPLE_BARS && (null ? gp_null(y[k]) : fabs(y[k] - want) <= 2e-5 * fmax(1.0, fabs(want)));
            if (!ok) snprintf(detail, sizeof detail, "bar %d: %.8g, not %.8g", k, k < GP_EXAMPLE_BARS ? y[k] : 0.0, want);
        }
        report(ok && k == GP_EXAMPLE_BARS, "example", b->example, detail);
        gp_program_free(p);
        gp_formula_free(f);
    }
    gp_buf_free(&text);
}

static void check_row(const gp_builtin *b, uint64_t seed)
{
    check_example(b);
    for (int variant = 0; variant < 8; variant++) {
        gp_buf text = {0};
        rng = seed * 1000003u + (uint64_t)b->id * 97u + (uint64_t)variant;
        for (int k = 0; k < 4; k++) next_random();
        quotes q, others;
        make_quotes(&q, BARS - (int)(next_random() % 40), variant & 1);
        make_quotes(&others, BARS, true);
        if (add_call(b, variant, &text)) {
            gp_formula *f;
            gp_program *p = compile(text.p, &f);
            if (p) {
                check_invariance(p, text.p, &q, &others);
                check_prefix(p, text.p, &q);
                /* a null inside a full window repeats the previous output, so nulls reach further than the lookback */
                if (!(variant & 1) && !strstr(text.p, "DRAWNULL")) check_lookback(p, text.p, &q);
                gp_program_free(p);
                gp_formula_free(f);
            }
        }
        gp_buf_free(&text);
    }
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    printf("registry properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < n; k++) {
        const gp_builtin *b = &all[k];
        if (b->shape == GP_SHAPE_CONTROL || b->shape == GP_SHAPE_NONE || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT || b->shape == GP_SHAPE_FEED || (b->flags & GP_ROW_INTERNAL)) continue;
        check_row(b, seed);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
