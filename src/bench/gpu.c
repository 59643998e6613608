/* The golden pit on a GPU beside the processor: a scan of what is in memory, and a sweep (gpu_sweep.c). */
#include <stdio.h>
#include <string.h>
#include "accel/device.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "bench/gpu.h"

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
        ok &= gp_bench_gpu_sweep(o, a, &market, lane);
    free(lane);
    gp_bench_market_fini(&market);
    gp_accel_close(a);
    return ok;
}

bool gp_bench_gpu(const gp_bench_opts *o) { return bench(o, true); }
bool gp_bench_gpu_scan(const gp_bench_opts *o) { return bench(o, false); }
