/* Few tickers with many bars on a GPU: each in one piece of time, and cut into pieces that warm up, beside one core of the processor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "accel/device.h"
#include "base/vec.h"
#include "bench/bench.h"

enum { PART = 20000 };
static const struct { const char *name, *text; } formulas[] = {
    {"crossing averages", "X:CROSS(MA(C,5),MA(C,20)) AND C>REF(HHV(H,60),1);"},
    {"long windows", "X:C>MA(C,250) AND HHV(H,250)>LLV(L,200)*1.5;"},
    {"MACD", "DIF:EMA(C,12)-EMA(C,26);DEA:EMA(DIF,9);MACD:(DIF-DEA)*2;"},
};

typedef struct few { const gp_program *p; const gp_lane *lane; int tickers; double **out; double *values; size_t n; } few;

/* Seconds; a NULL: the processor. */
static double run(const few *f, gp_accel *a, gp_accel_market *m, double *values)
{
    const int slots = gp_program_n_slots(f->p);
    const double began = gp_bench_now();
    for (int k = 0; k < f->tickers; k++)
        for (int r = 0; r < slots; r++) f->out[k * slots + r] = values + ((size_t)k * (size_t)slots + (size_t)r) * (size_t)f->lane[0].n;
    double *const *const rows = f->out;
    gp_accel_run(a, m, &f->p, 1, &(gp_accel_want){.out = &rows, .jobs = 1});
    return gp_bench_now() - began;
}

/* variant: $GOLDPIT_ACCEL_VARIANT; NULL: as is chosen. */
static bool bench_variant(const gp_bench_opts *o, const few *f, const char *what, const char *variant, const double *want, double *kernel)
{
    char label[100];
    if (variant) setenv("GOLDPIT_ACCEL_VARIANT", variant, 1);
    gp_accel *a = gp_accel_open();
    gp_accel_market *m = gp_accel_market_new(a, &f->p, 1, f->lane, f->tickers);
    double best = 1e9;
    *kernel = 1e9;
    for (int k = 0; k <= o->repeat; k++) { /* the first one compiles and uploads */
        const double before = gp_accel_counts(a).kernel_s, took = run(f, a, m, f->values), in_kernels = gp_accel_counts(a).kernel_s - before;
        if (k == 0) continue;
        best = took < best ? took : best;
        *kernel = in_kernels < *kernel ? in_kernels : *kernel;
    }
    const gp_accel_stats s = gp_accel_counts(a);
    size_t differ = 0;
    for (size_t k = 0; k < f->n; k++) differ += memcmp(&want[k], &f->values[k], sizeof want[k]) != 0 && !(want[k] != want[k] && f->values[k] != f->values[k]);
    snprintf(label, sizeof label, "  %s: %d piece%s, blocks of %d%s", what, s.pieces, s.pieces == 1 ? "" : "s", s.width, s.shared ? ", shared memory" : "");
    gp_bench_line(o, label, best * 1e3, "ms", NULL);
    gp_bench_line(o, "    of it kernels", *kernel * 1e3, "ms", NULL);
    if (s.torn) gp_bench_line(o, "    lanes whose pieces did not meet", (double)s.torn, "", NULL);
    if (s.host) gp_bench_line(o, "    lanes left to the processor", (double)s.host, "", NULL);
    if (differ) gp_bench_line(o, "    VALUES THAT DIFFER", (double)differ, "", NULL);
    gp_accel_market_free(m);
    gp_accel_close(a);
    if (variant) unsetenv("GOLDPIT_ACCEL_VARIANT");
    return !differ;
}

static bool bench_formula(const gp_bench_opts *o, gp_accel *none, const gp_lane *lane, int tickers, int formula)
{
    gp_bench_formula f;
    if (!gp_bench_compile(formulas[formula].text, &f)) return false;
    const size_t rows = (size_t)tickers * (size_t)gp_program_n_slots(f.program), n = rows * (size_t)lane[0].n;
    few x = {.p = f.program, .lane = lane, .tickers = tickers, .n = n};
    x.out = gp_xcalloc(rows + 1, sizeof *x.out);
    x.values = gp_xcalloc(n + 1, sizeof *x.values);
    double *want = gp_xcalloc(n + 1, sizeof *want), whole, cut;
    gp_accel_market *m = gp_accel_market_new(none, &x.p, 1, lane, tickers);
    printf("%s, %d ticker%s of %d bars\n", formulas[formula].name, tickers, tickers == 1 ? "" : "s", lane[0].n);
    gp_bench_line(o, "  processor, one core", run(&x, none, m, want) * 1e3, "ms", NULL);
    gp_accel_market_free(m);
    bool ok = bench_variant(o, &x, "whole", "span=-1 shared=-1", want, &whole);
    ok &= bench_variant(o, &x, "cut", "shared=-1", want, &cut);
    ok &= bench_variant(o, &x, "as is chosen", NULL, want, &cut);
    gp_bench_line(o, "  kernels whole / as is chosen", whole / cut, "x", NULL);
    free(want);
    free(x.values);
    free(x.out);
    gp_bench_compiled_fini(&f);
    return ok;
}

/* Series longer than the generator's are joined of several. */
static double *make_lanes(const gp_bench_opts *o, gp_lane *lane, int tickers, int bars)
{
    const int parts = (bars + PART - 1) / PART;
    const size_t n = (size_t)parts * PART;
    double *all = gp_xcalloc((size_t)tickers * 5 * n, sizeof *all);
    for (int k = 0; k < tickers; k++) {
        double *at = all + (size_t)k * 5 * n;
        lane[k] = (gp_lane){.n = bars, .open = at, .high = at + n, .low = at + 2 * n, .close = at + 3 * n, .vol = at + 4 * n, .period = 0};
        for (int p = 0; p < parts; p++) {
            gp_bench_market one;
            gp_bench_market_new(o->seed + (uint64_t)(k * parts + p), 1, PART, &one);
            const gp_lane from = gp_bench_lane(&one.at[0], 0, NULL);
            const double *const column[] = {from.open, from.high, from.low, from.close, from.vol};
            for (int c = 0; c < 5; c++) memcpy(at + (size_t)c * n + (size_t)p * PART, column[c], (size_t)from.n * sizeof **column);
            gp_bench_market_fini(&one);
        }
    }
    return all;
}

bool gp_bench_gpu_long(const gp_bench_opts *o)
{
    static const struct { int tickers, bars; } sizes[] = {{1, 1000000}, {100, 50000}};
    gp_accel *a = gp_accel_open();
    const bool ready = gp_accel_ready(a);
    printf("GPU: %s\n", gp_accel_said(a));
    gp_accel_close(a);
    if (!ready) return true;
    gp_accel *none = gp_accel_open_none();
    bool ok = true;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        gp_lane *lane = gp_xcalloc((size_t)sizes[s].tickers, sizeof *lane);
        double *all = make_lanes(o, lane, sizes[s].tickers, sizes[s].bars);
        for (size_t f = 0; f < sizeof formulas / sizeof *formulas; f++) ok &= bench_formula(o, none, lane, sizes[s].tickers, (int)f);
        free(lane);
        free(all);
    }
    gp_accel_close(none);
    return ok;
}
