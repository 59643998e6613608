/* The golden pit in memory: the VM, the conventional implementation and one read of the quotes, interleaved. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/pool.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "bench/conventional.h"

typedef struct bench {
    const gp_bench_market *market;
    const gp_program *program;
    const gp_conventional *conventional;
    gp_vm *vm[2];
    int n_slots;
    double *last[2];    /* per thread: one value per lane and slot */
    double **slots[2];
    double *work;       /* conventional */
    double sink;
} bench;

static const gp_conventional *conventional_for(const char *isa)
{
    static const gp_conventional *const all[] = {
        &gp_conventional_sse2,
#if defined(__x86_64__)
        &gp_conventional_avx2, &gp_conventional_avx512,
#endif
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i]->isa, isa) == 0)
            return all[i];
    return all[0];
}

static int longest(const gp_bench_market *m) { return m->n ? m->at[0].n : 0; }

/* One tile of the market, as a scan of the last bar does it. */
static void run_tile(void *ctx, int worker, size_t tile)
{
    bench *b = ctx;
    gp_lane lane[GP_VM_LANES] = {0};
    int first = (int)tile * GP_VM_LANES, lanes = b->market->n - first;
    lanes = lanes < GP_VM_LANES ? lanes : GP_VM_LANES;
    for (int l = 0; l < lanes; l++) {
        const gp_bars *bars = &b->market->at[first + l];
        lane[l] = gp_bench_lane(bars, bars->n ? bars->n - 1 : 0, b->slots[worker] + l * b->n_slots);
    }
    gp_vm_run(b->vm[worker], lane, lanes);
}

static double time_engine(bench *b, int threads)
{
    double t = gp_bench_now();
    gp_pool_run(threads, ((size_t)b->market->n + GP_VM_LANES - 1) / GP_VM_LANES, run_tile, b);
    return gp_bench_now() - t;
}

static double time_conventional(bench *b)
{
    const double *out[CONV_OUTPUTS];
    double t = gp_bench_now();
    for (int k = 0; k < b->market->n; k++) {
        const gp_bars *bars = &b->market->at[k];
        if (!bars->n)
            continue;
        b->conventional->run(bars->high, bars->low, bars->close, bars->n, b->work, out);
        for (int i = 0; i < CONV_OUTPUTS; i++)
            b->sink += isnan(out[i][bars->n - 1]) ? 0 : out[i][bars->n - 1];
    }
    return gp_bench_now() - t;
}

static double time_read(bench *b)
{
    double t = gp_bench_now();
    for (int k = 0; k < b->market->n; k++) {
        const gp_bars *bars = &b->market->at[k];
        b->sink += b->conventional->read5(bars->open, bars->high, bars->low, bars->close, bars->vol, (size_t)bars->n);
    }
    return gp_bench_now() - t;
}

/* ---- do both mean the same? ---- */

typedef struct agreement { double difference; size_t values, nulls, signals; } agreement;

static void compare_ticker(const bench *b, const gp_bars *bars, double *const *slots, agreement *a)
{
    const double *out[CONV_OUTPUTS];
    int n;
    const gp_output *o = gp_program_outputs(b->program, &n);
    b->conventional->run(bars->high, bars->low, bars->close, bars->n, b->work, out);
    for (int k = 0; k < CONV_OUTPUTS; k++) {
        bool draw = o[k].kind == GP_OUT_DRAW;
        const double *mine = slots[draw ? o[k].cond : o[k].slot];
        for (int i = 0; i < bars->n; i++) {
            double x = mine[i], y = out[k][i];
            a->values++;
            if (draw)
                a->signals += (fabs(x) >= 1e-5) != (fabs(y) >= 1e-5);
            else if (isnan(x) || isnan(y))
                a->nulls += !isnan(x) != !isnan(y);
            else
                a->difference = fmax(a->difference, fabs(x - y) / fmax(1, fabs(y)));
        }
    }
}

static bool compare_all(bench *b, agreement *a)
{
    int n, length = longest(b->market);
    gp_program_outputs(b->program, &n);
    if (n != CONV_OUTPUTS) {
        printf("  the formula has %d outputs, the conventional implementation %d\n", n, CONV_OUTPUTS);
        return false;
    }
    double *values = gp_xaligned((size_t)b->n_slots * (size_t)(length + 1) * sizeof *values);
    double **slots = gp_xcalloc((size_t)b->n_slots, sizeof *slots);
    for (int s = 0; s < b->n_slots; s++)
        slots[s] = values + (size_t)s * (size_t)(length + 1);
    for (int k = 0; k < b->market->n; k++) {
        gp_lane lane = gp_bench_lane(&b->market->at[k], 0, slots);
        gp_vm_run(b->vm[0], &lane, 1);
        compare_ticker(b, &b->market->at[k], slots, a);
        k += k >= 200 ? 9 : 0; /* every tenth after the first two hundred: a lane alone is slow */
    }
    free(slots);
    free(values);
    return true;
}

/* ---- the table ---- */

static bool print_results(const gp_bench_opts *o, bench *b, double one, double two, double conventional, double read)
{
    double per = 1e9 / (double)b->market->bars;
    agreement a = {0};
    bool ok = true;
    ok &= gp_bench_line(o, "goldpit, one thread", one * per, "ns/bar", NULL);
    ok &= gp_bench_line(o, "goldpit, two threads", two * per, "ns/bar", &(gp_bench_goal){one / two, 1.85, true});
    ok &= gp_bench_line(o, "conventional: one loop per operation", conventional * per, "ns/bar",
                        &(gp_bench_goal){conventional / one, 2.5, true});
    ok &= gp_bench_line(o, "one read of O H L C V", read * per, "ns/bar", &(gp_bench_goal){one / read, 6, false});
    if (!compare_all(b, &a))
        return false;
    printf("  agreement over %zu values: largest relative difference %.1e, %zu nulls and %zu signals differ\n", a.values,
           a.difference, a.nulls, a.signals);
    if (b->sink == 0.5) /* keeps the sums alive */
        putchar('\n');
    return ok && a.nulls == 0 && a.signals == 0 && a.difference < 1e-9;
}

static void least(double *best, double t) { *best = t < *best ? t : *best; }

bool gp_bench_engine(const gp_bench_opts *o)
{
    gp_bench_market market;
    gp_bench_formula f;
    bool ok = false;
    double one = INFINITY, two = INFINITY, conventional = INFINITY, read = INFINITY;
    if (!gp_bench_compile(gp_bench_golden_pit, &f))
        return false;
    gp_bench_market_new(o->seed, o->tickers, o->bars, &market);
    bench b = {.market = &market, .program = f.program, .conventional = conventional_for(gp_isa_best()),
               .n_slots = gp_program_n_slots(f.program)};
    b.work = gp_xaligned(((size_t)longest(&market) + 8) * CONV_BUFFERS * sizeof *b.work);
    for (int w = 0; w < 2; w++) {
        size_t n = (size_t)b.n_slots * GP_VM_LANES;
        b.vm[w] = gp_vm_new(f.program, NULL);
        b.last[w] = gp_xaligned(n * sizeof *b.last[w]);
        b.slots[w] = gp_xcalloc(n, sizeof *b.slots[w]);
        for (size_t i = 0; i < n; i++)
            b.slots[w][i] = &b.last[w][i];
    }
    printf("\nengine: golden pit over %d tickers, %zu bars in memory; %s, best of %d\n", market.n, market.bars,
           gp_isa_best(), o->repeat);
    for (int r = 0; r < o->repeat; r++) {
        least(&one, time_engine(&b, 1));
        least(&conventional, time_conventional(&b));
        least(&read, time_read(&b));
        least(&two, time_engine(&b, 2));
    }
    ok = print_results(o, &b, one, two, conventional, read);
    for (int w = 0; w < 2; w++) {
        gp_vm_free(b.vm[w]);
        free(b.last[w]);
        free(b.slots[w]);
    }
    free(b.work);
    gp_bench_compiled_fini(&f);
    gp_bench_market_fini(&market);
    return ok;
}
