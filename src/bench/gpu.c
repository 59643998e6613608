/* The golden pit on a GPU beside the processor: a sweep over sets of parameters with resident quotes, and a scan of what is in memory.
 * Results are compared by the hashes of all their bytes. */
#include <stdio.h>
#include <string.h>
#include "accel/device.h"
#include "base/vec.h"
#include "bench/bench.h"

enum { SETS = 1000, SETS_HERE = 8 /* of which the processor does so many, for the comparison */ };

static const char swept[] =
    "{@param N1 21 2 300}\n{@param N2 37 2 300}\n{@param N3 55 2 300}\n{@param PIT 20 1 50}\n"
    "RSV1:=(CLOSE-LLV(LOW,N1))/(HHV(HIGH,N1)-LLV(LOW,N1))*100;\n"
    "RSV2:=(CLOSE-LLV(LOW,N2))/(HHV(HIGH,N2)-LLV(LOW,N2))*100;\n"
    "RSV3:=(CLOSE-LLV(LOW,N3))/(HHV(HIGH,N3)-LLV(LOW,N3))*100;\n"
    "S:=SMA(SMA(RSV1,3,1),3,1)+3*STD(CLOSE,N1);\nM:=SMA(RSV2,6,1)+2*STD(CLOSE,N2);\nL:=SMA(RSV3,6,1);\n"
    "X:S<PIT AND M<PIT AND L<PIT;\n";

typedef struct sweep { gp_formula *formula; gp_program *set[SETS]; uint64_t *hash[SETS]; } sweep;

static bool make_sweep(sweep *s, int tickers)
{
    gp_diags d = {0};
    *s = (sweep){.formula = gp_formula_parse("<bench>", swept, strlen(swept), GP_ENC_UTF8, &d)};
    bool ok = d.errors == 0 && gp_formula_resolve(s->formula, &d);
    for (int k = 0; k < SETS && ok; k++) {
        const double params[] = {11 + k % 10 * 2, 33 + k / 10 % 10 * 3, 63 + k / 100 * 4, 20};
        s->set[k] = gp_compile(s->formula, &(gp_compile_opts){.params = params}, &d);
        ok = s->set[k] != NULL;
        s->hash[k] = ok ? gp_xcalloc((size_t)tickers * (size_t)gp_program_n_slots(s->set[k]) + 1, sizeof **s->hash) : NULL;
    }
    gp_diags_fini(&d);
    return ok;
}

static void free_sweep(sweep *s)
{
    for (int k = 0; k < SETS; k++) {
        gp_program_free(s->set[k]);
        free(s->hash[k]);
    }
    gp_formula_free(s->formula);
}

/* The last bar of every ticker, as a scan looks at it. */
static double last_bars(gp_accel *a, const gp_program *p, const gp_lane *lane, int tickers, double *value)
{
    const int slots = gp_program_n_slots(p);
    double **out = gp_xcalloc((size_t)tickers * (size_t)slots + 1, sizeof *out);
    for (int k = 0; k < tickers * slots; k++) out[k] = value + k;
    const double began = gp_bench_now();
    if (a) {
        double *const *const rows = out;
        gp_accel_market *m = gp_accel_market_new(a, &p, 1, lane, tickers);
        gp_accel_run(a, m, &p, 1, &(gp_accel_want){.out = &rows});
        gp_accel_market_free(m);
    } else {
        gp_vm *vm = gp_vm_new(p, NULL);
        for (int k = 0; k < tickers; k += GP_VM_LANES) {
            gp_lane some[GP_VM_LANES];
            const int n = tickers - k < GP_VM_LANES ? tickers - k : GP_VM_LANES;
            for (int l = 0; l < n; l++) {
                some[l] = lane[k + l];
                some[l].out = out + (size_t)(k + l) * (size_t)slots;
            }
            gp_vm_run(vm, some, n);
        }
        gp_vm_free(vm);
    }
    const double took = gp_bench_now() - began;
    free(out);
    return took;
}

static bool bench_scan(const gp_bench_opts *o, gp_accel *a, const gp_lane *lane, int tickers)
{
    gp_bench_formula f;
    gp_diags d = {0};
    if (!gp_bench_compile(gp_bench_golden_pit, &f)) return false;
    gp_program_free(f.program);
    f.program = gp_compile(f.formula, &(gp_compile_opts){.no_draw_texts = true}, &d); /* as a scan has it */
    gp_diags_fini(&d);
    const size_t n = (size_t)tickers * (size_t)gp_program_n_slots(f.program);
    double *here = gp_xcalloc(n + 1, sizeof *here), *there = gp_xcalloc(n + 1, sizeof *there), best = 1e9, gpu = 1e9;
    for (int k = 0; k < o->repeat; k++) {
        const double t = last_bars(NULL, f.program, lane, tickers, here), u = last_bars(a, f.program, lane, tickers, there);
        best = t < best ? t : best;
        gpu = u < gpu ? u : gpu;
    }
    size_t differ = 0;
    for (size_t k = 0; k < n; k++) differ += memcmp(&here[k], &there[k], sizeof here[k]) != 0 && !(here[k] != here[k] && there[k] != there[k]);
    gp_bench_line(o, "last bars, one core", best * 1e3, "ms", NULL);
    gp_bench_line(o, "last bars, GPU, quotes packed and uploaded", gpu * 1e3, "ms", &(gp_bench_goal){.ratio = best / gpu});
    gp_bench_line(o, "last bars that differ", (double)differ, "", NULL);
    free(here);
    free(there);
    gp_bench_compiled_fini(&f);
    return differ == 0;
}

static size_t count_hash(const sweep *s, const gp_lane *lane, int tickers)
{
    gp_accel *none = gp_accel_open_none();
    size_t differ = 0;
    uint64_t *hash[SETS_HERE];
    const gp_program *some[SETS_HERE];
    for (int k = 0; k < SETS_HERE; k++) {
        some[k] = s->set[k * (SETS / SETS_HERE)];
        hash[k] = gp_xcalloc((size_t)tickers * (size_t)gp_program_n_slots(some[k]) + 1, sizeof *hash[k]);
    }
    gp_accel_market *m = gp_accel_market_new(none, some, 1, lane, tickers);
    const double began = gp_bench_now();
    gp_accel_run(none, m, some, SETS_HERE, &(gp_accel_want){.hash = hash, .jobs = 1});
    printf("  %-46s %10.2f ms\n", "one set, one core, all bars hashed", (gp_bench_now() - began) / SETS_HERE * 1e3);
    for (int k = 0; k < SETS_HERE; k++) {
        for (int i = 0; i < tickers * gp_program_n_slots(some[k]); i++) differ += hash[k][i] != s->hash[k * (SETS / SETS_HERE)][i];
        free(hash[k]);
    }
    gp_accel_market_free(m);
    gp_accel_close(none);
    return differ;
}

static bool bench_sweep(const gp_bench_opts *o, gp_accel *a, const gp_lane *lane, int tickers, size_t bars)
{
    static sweep s;
    if (!make_sweep(&s, tickers)) return false;
    const gp_program *const *sets = (const gp_program *const *)s.set;
    gp_accel_market *m = gp_accel_market_new(a, sets, 1, lane, tickers);
    double best = 1e9, kernel = 1e9;
    for (int k = 0; k <= o->repeat; k++) { /* the first one compiles and uploads */
        const gp_accel_stats before = gp_accel_counts(a);
        const double began = gp_bench_now();
        gp_accel_run(a, m, sets, SETS, &(gp_accel_want){.hash = s.hash});
        const double took = gp_bench_now() - began;
        const gp_accel_stats after = gp_accel_counts(a);
        if (k == 0) {
            const double up = after.upload_s - before.upload_s;
            gp_bench_line(o, "sweep, the first time", took, "s", NULL);
            gp_bench_line(o, "  of it compiling (NVRTC, or the cache)", after.compile_s - before.compile_s, "s", NULL);
            gp_bench_line(o, "  kernels made", (double)(after.compiled - before.compiled), "", NULL);
            gp_bench_line(o, "  upload of the quotes", (double)(after.uploaded - before.uploaded) / 1e9 / (up > 0 ? up : 1), "GB/s", NULL);
            continue;
        }
        best = took < best ? took : best;
        kernel = after.kernel_s - before.kernel_s < kernel ? after.kernel_s - before.kernel_s : kernel;
    }
    const double columns = 3; /* H L C */
    gp_bench_line(o, "sweep of 1000 sets, resident quotes", best, "s", &(gp_bench_goal){.goal = 1});
    gp_bench_line(o, "  of it kernels", kernel, "s", NULL);
    gp_bench_line(o, "  bars of a set", (double)bars * SETS / kernel / 1e9, "G/s", NULL);
    gp_bench_line(o, "  quotes read by the kernels", (double)bars * SETS * columns * 8 / kernel / 1e9, "GB/s", NULL);
    const gp_accel_stats all = gp_accel_counts(a);
    gp_bench_line(o, "  lanes left to the processor", (double)all.host, "", NULL);
    const size_t differ = count_hash(&s, lane, tickers);
    gp_bench_line(o, "hashes that differ", (double)differ, "", NULL);
    gp_accel_market_free(m);
    free_sweep(&s);
    return differ == 0;
}

static bool bench(const gp_bench_opts *o, bool sweeps)
{
    gp_bench_market market;
    gp_accel *a = gp_accel_open();
    printf("GPU: %s\n", gp_accel_said(a));
    if (!gp_accel_ready(a)) {
        gp_accel_close(a);
        return true;
    }
    gp_bench_market_new(o->seed, o->tickers, o->bars, &market);
    gp_lane *lane = gp_xcalloc((size_t)market.n, sizeof *lane);
    for (int k = 0; k < market.n; k++) lane[k] = gp_bench_lane(&market.at[k], market.at[k].n - 1, NULL);
    bool ok = bench_scan(o, a, lane, market.n);
    if (sweeps)
        ok &= bench_sweep(o, a, lane, market.n, market.bars);
    free(lane);
    gp_bench_market_fini(&market);
    gp_accel_close(a);
    return ok;
}

bool gp_bench_gpu(const gp_bench_opts *o) { return bench(o, true); }
bool gp_bench_gpu_scan(const gp_bench_opts *o) { return bench(o, false); }
