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
#include "calls.h"

enum { MAX_SLOTS = 8 };
static int passed, failed;
static void report(bool ok, const char *what, const char *formula, const char *detail)
{
    if (ok) {
        passed++;
        return;
    }
    if (failed++ < 60) printf("FAIL %s: %s %s\n", what, formula, detail ? detail : "");
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
