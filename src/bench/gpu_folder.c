/* The library of formulas over a market on a GPU: each with a kernel of its own, and all by the interpreter. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "accel/device.h"
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "parser/library.h"

typedef struct folder { GP_VEC(gp_formula *) formulas; GP_VEC(const gp_program *) programs; gp_library *library; } folder;

/* Those that read quotes alone and make no texts. */
static void add(folder *f, const char *path)
{
    gp_diags d = {0};
    gp_file file;
    int externals;
    if (gp_file_open(path, &file))
        return;
    gp_formula *one = gp_formula_parse(path, file.p, file.n, GP_ENC_AUTO, &d);
    gp_file_close(&file);
    one->library = f->library;
    gp_program *p = gp_formula_resolve(one, &d) && d.errors == 0 ? gp_compile(one, &(gp_compile_opts){.no_draw_texts = true}, &d) : NULL;
    gp_diags_fini(&d);
    gp_vec_push(&f->formulas, one);
    if (p && (gp_program_externals(p, &externals), externals == 0) && gp_program_n_slots(p) > 0)
        gp_vec_push(&f->programs, p);
    else
        gp_program_free(p);
}

typedef struct figures { double first, compile, best, kernels; gp_accel_stats s; } figures;

/* The last bars of all programs; value: of every slot of every ticker, program after program. */
static bool run(const gp_bench_opts *o, const char *kernels, const folder *f, const gp_lane *lane, int tickers, double *value, figures *r)
{
    setenv("GOLDPIT_KERNEL", kernels, 1);
    gp_accel *a = gp_accel_open();
    const int n = (int)f->programs.n;
    double *const **out = gp_xcalloc((size_t)n, sizeof *out), **rows, *at = value;
    for (int p = 0; p < n; p++) {
        const size_t some = (size_t)tickers * (size_t)gp_program_n_slots(f->programs.at[p]);
        rows = gp_xcalloc(some + 1, sizeof *rows);
        for (size_t k = 0; k < some; k++)
            rows[k] = at++;
        out[p] = rows;
    }
    gp_accel_market *m = gp_accel_market_new(a, f->programs.at, n, lane, tickers);
    *r = (figures){.best = INFINITY, .kernels = INFINITY};
    for (int k = 0; k <= o->repeat; k++) { /* the first one compiles and uploads */
        const gp_accel_stats was = gp_accel_counts(a);
        const double began = gp_bench_now();
        gp_accel_run(a, m, f->programs.at, n, &(gp_accel_want){.out = out});
        const double took = gp_bench_now() - began;
        r->s = gp_accel_counts(a);
        if (k == 0) {
            r->first = took, r->compile = r->s.compile_s - was.compile_s;
            continue;
        }
        r->best = fmin(r->best, took);
        r->kernels = fmin(r->kernels, r->s.kernel_s - was.kernel_s);
        r->s.launches -= was.launches;
    }
    const bool ready = gp_accel_ready(a);
    gp_accel_market_free(m);
    gp_accel_close(a);
    for (int p = 0; p < n; p++)
        free((void *)(uintptr_t)out[p]);
    free(out);
    unsetenv("GOLDPIT_KERNEL");
    return ready;
}

static void print(const gp_bench_opts *o, const char *what, const figures *r, double bars, double beside)
{
    char line[80];
    snprintf(line, sizeof line, "%s, the first time", what);
    gp_bench_line(o, line, r->first, "s", NULL);
    gp_bench_line(o, "  of it compiling (NVRTC, or the cache)", r->compile, "s", NULL);
    snprintf(line, sizeof line, "%s, again", what);
    gp_bench_line(o, line, r->best * 1e3, "ms", beside > 0 ? &(gp_bench_goal){.ratio = beside / r->best} : NULL);
    gp_bench_line(o, "  launches", (double)r->s.launches, "", NULL);
    gp_bench_line(o, "  kernels, a bar of a formula", r->kernels / bars * 1e9, "ns", NULL);
}

bool gp_bench_gpu_folder(const gp_bench_opts *o)
{
    gp_accel *a = gp_accel_open();
    printf("GPU: %s\n", gp_accel_said(a));
    const bool ready = gp_accel_ready(a);
    gp_accel_close(a);
    int n;
    char **paths = ready ? gp_bench_library_paths(&n) : NULL;
    if (!paths)
        return !ready;
    folder f = {.library = gp_library_new(gp_bench_find, NULL, paths)};
    for (int k = 0; k < n; k++)
        add(&f, paths[k]);
    gp_bench_market market;
    gp_bench_market_new(o->seed, o->tickers, o->bars, &market);
    gp_lane *lane = gp_xcalloc((size_t)market.n, sizeof *lane);
    size_t slots = 0, differ = 0;
    for (int k = 0; k < market.n; k++)
        lane[k] = gp_bench_lane(&market.at[k], market.at[k].n - 1, NULL);
    for (size_t p = 0; p < f.programs.n; p++)
        slots += (size_t)gp_program_n_slots(f.programs.at[p]);
    const size_t values = slots * (size_t)market.n;
    double *own = gp_xcalloc(values + 1, sizeof *own), *shared = gp_xcalloc(values + 1, sizeof *shared);
    figures kernels, interpreter;
    const bool good = run(o, "fused", &f, lane, market.n, own, &kernels) & run(o, "interpreter", &f, lane, market.n, shared, &interpreter);
    for (size_t k = 0; k < values; k++)
        differ += memcmp(&own[k], &shared[k], sizeof *own) != 0 && !(own[k] != own[k] && shared[k] != shared[k]);
    gp_bench_line(o, "formulas of the library", (double)f.programs.n, "", NULL);
    print(o, "kernels of their own", &kernels, (double)market.bars * (double)f.programs.n, 0);
    print(o, "the interpreter", &interpreter, (double)market.bars * (double)f.programs.n, kernels.best);
    gp_bench_line(o, "values that differ", (double)differ, "", NULL);
    free(own);
    free(shared);
    free(lane);
    gp_bench_market_fini(&market);
    for (size_t p = 0; p < f.programs.n; p++)
        gp_program_free((gp_program *)(uintptr_t)f.programs.at[p]);
    for (size_t k = 0; k < f.formulas.n; k++)
        gp_formula_free(f.formulas.at[k]);
    gp_vec_free(&f.programs);
    gp_vec_free(&f.formulas);
    gp_library_free(f.library);
    gp_bench_paths_free(paths);
    return good && differ == 0;
}
