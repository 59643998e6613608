/* The screens of the library over a market in memory: one after the other, and in one pass. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "parser/library.h"
#include "screen/scan.h"

typedef struct screens { GP_VEC(gp_formula *) formulas; GP_VEC(gp_plan *) plans; } screens;

/* Takes the formula in when it is a screen that needs nothing beside the quotes. */
static void add_screen(screens *s, gp_library *library, const char *path)
{
    gp_diags d = {0};
    gp_file file;
    gp_plan *plan = gp_xcalloc(1, sizeof *plan);
    int externals = 1;
    if (gp_file_open(path, &file)) {
        free(plan);
        return;
    }
    gp_formula *f = gp_formula_parse(path, file.p, file.n, GP_ENC_AUTO, &d);
    gp_file_close(&file);
    f->library = library;
    const bool screen = d.errors == 0 && gp_str_ieqz(f->header.kind, "screen");
    const bool planned = screen && gp_plan_new(f, &(gp_plan_spec){0}, plan, &d) == GP_PLAN_OK;
    if (planned)
        gp_program_externals(plan->program, &externals);
    if (externals == 0) {
        gp_vec_push(&s->formulas, f);
        gp_vec_push(&s->plans, plan);
    } else {
        if (planned)
            gp_plan_fini(plan);
        gp_formula_free(f);
        free(plan);
    }
    gp_diags_fini(&d);
}

static double one_by_one(const screens *s, const gp_inputs *in, int jobs, size_t *hits)
{
    double t = gp_bench_now();
    *hits = 0;
    for (size_t i = 0; i < s->plans.n; i++) {
        gp_scan_result r;
        gp_diags d = {0};
        gp_scan_run(s->plans.at[i], in, &(gp_scan_opts){.jobs = jobs}, &r, &d);
        *hits += r.n_hits;
        gp_scan_result_fini(&r);
        gp_diags_fini(&d);
    }
    return gp_bench_now() - t;
}

static double together(const screens *s, const gp_inputs *in, int jobs, size_t *hits)
{
    const int n = (int)s->plans.n;
    gp_scan_result *r = gp_xcalloc((size_t)n + 1, sizeof *r);
    gp_scan_opts *o = gp_xcalloc((size_t)n + 1, sizeof *o);
    gp_diags d = {0};
    gp_pass pass;
    double t = gp_bench_now();
    *hits = 0;
    o[0].jobs = jobs;
    gp_pass_new((const gp_plan *const *)s->plans.at, n, &pass);
    gp_scan_run_many(&pass, in, o, r, &d);
    t = gp_bench_now() - t;
    for (int i = 0; i < n; i++) {
        *hits += r[i].n_hits;
        gp_scan_result_fini(&r[i]);
    }
    gp_pass_fini(&pass);
    gp_diags_fini(&d);
    free(r);
    free(o);
    return t;
}

static void least(double *best, double t) { *best = t < *best ? t : *best; }

static bool measure(const gp_bench_opts *o, const screens *s, const gp_inputs *in)
{
    double single = INFINITY, many = INFINITY, two = INFINITY;
    size_t a = 0, b = 0, c = 0;
    int sum = 0;
    gp_pass pass;
    for (int r = 0; r < o->repeat; r++) {
        least(&single, one_by_one(s, in, 1, &a));
        least(&many, together(s, in, 1, &b));
        least(&two, together(s, in, 2, &c));
    }
    gp_pass_new((const gp_plan *const *)s->plans.at, (int)s->plans.n, &pass);
    for (size_t i = 0; i < s->plans.n; i++)
        sum += gp_program_n_code(s->plans.at[i]->program);
    printf("  %zu screens of %d instructions, %d when shared; %zu hits\n", s->plans.n, sum, gp_program_n_code(pass.programs[0]), a);
    gp_pass_fini(&pass);
    bool ok = gp_bench_line(o, "one after the other, one thread", single * 1e3, "ms", NULL);
    ok &= gp_bench_line(o, "in one pass, one thread", many * 1e3, "ms", &(gp_bench_goal){single / many, 1.3, true});
    ok &= gp_bench_line(o, "in one pass, two threads", two * 1e3, "ms", NULL);
    if (a != b || a != c)
        fprintf(stderr, "goldpit-bench: %zu hits one by one, %zu in one pass\n", a, b);
    return ok && a == b && a == c;
}

bool gp_bench_many(const gp_bench_opts *o)
{
    screens s = {0};
    gp_bench_market market;
    gp_inputs in;
    int n;
    char **paths = gp_bench_library_paths(&n);
    bool ok = paths != NULL;
    gp_library *library = gp_library_new(gp_bench_find, NULL, paths);
    for (int i = 0; i < n && ok; i++)
        add_screen(&s, library, paths[i]);
    if (ok) {
        gp_bench_market_new(o->seed, o->tickers, o->bars, &market);
        gp_bench_market_inputs(&market, 0, &in);
        printf("\nmany: the screens of the library over %d tickers, %zu bars in memory, last bar; best of %d\n", market.n, market.bars, o->repeat);
        ok = measure(o, &s, &in);
        gp_inputs_fini(&in);
        gp_bench_market_fini(&market);
    }
    for (size_t i = 0; i < s.plans.n; i++) {
        gp_plan_fini(s.plans.at[i]);
        free(s.plans.at[i]);
        gp_formula_free(s.formulas.at[i]);
    }
    gp_vec_free(&s.plans);
    gp_vec_free(&s.formulas);
    gp_library_free(library);
    gp_bench_paths_free(paths);
    return ok;
}
