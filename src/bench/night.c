/* A night: every security of a market in memory has one bar more than the night before. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/vec.h"
#include "bench/bench.h"
#include "screen/scan.h"

typedef struct night {
    const gp_plan *plan;
    gp_pass pass;
    char *path;        /* of the states */
    size_t hits;
    gp_states_counts counts;
    double parts[3];   /* seconds: opening the states, the scan, writing them */
} night;

/* One scan with the states opened and written again; seconds. */
static double resumed(night *x, const gp_inputs *in, int jobs)
{
    gp_scan_result r;
    gp_diags d = {0};
    gp_buf note = {0};
    const double t = gp_bench_now();
    gp_states *s = gp_states_open(&x->pass, x->path, &note);
    const double opened = gp_bench_now();
    gp_scan_run_many(&x->pass, in, &(gp_scan_opts){.jobs = jobs, .states = s}, &r, &d);
    const double ran = gp_bench_now();
    gp_states_write(s, &note);
    const double end = gp_bench_now();
    x->parts[0] = opened - t, x->parts[1] = ran - opened, x->parts[2] = end - ran;
    x->hits = r.n_hits;
    x->counts = gp_states_count(s);
    gp_states_close(s);
    if (note.n)
        fputs(note.p, stderr);
    gp_scan_result_fini(&r);
    gp_diags_fini(&d);
    gp_buf_free(&note);
    return end - t;
}

static double full(const night *x, const gp_inputs *in, int jobs, size_t *hits)
{
    gp_scan_result r;
    gp_diags d = {0};
    double t = gp_bench_now();
    gp_scan_run_many(&x->pass, in, &(gp_scan_opts){.jobs = jobs}, &r, &d);
    t = gp_bench_now() - t;
    *hits = r.n_hits;
    gp_scan_result_fini(&r);
    gp_diags_fini(&d);
    return t;
}

static bool measure(const gp_bench_opts *o, night *x, const gp_bench_market *market)
{
    gp_inputs before, now;
    double best[2] = {INFINITY, INFINITY}, whole = INFINITY, first = INFINITY, parts[3] = {0};
    size_t hits = 0, from_states = 0;
    struct stat file = {0};
    gp_bench_market_inputs(market, 1, &before);
    gp_bench_market_inputs(market, 0, &now);
    for (int r = 0; r < o->repeat; r++) {
        double t;
        for (int jobs = 1; jobs <= 2; jobs++) {
            remove(x->path);
            t = resumed(x, &before, 2);
            first = t < first ? t : first;
            t = resumed(x, &now, jobs);
            if (t < best[jobs - 1]) {
                best[jobs - 1] = t;
                memcpy(parts, x->parts, sizeof parts);
            }
            from_states = x->hits;
        }
        t = full(x, &now, 2, &hits);
        whole = t < whole ? t : whole;
    }
    if (stat(x->path, &file) != 0)
        perror(x->path);
    printf("  %zu securities from states, %zu from the first bar, %zu hits; %.1f MB of states\n", x->counts.resumed, x->counts.full, from_states,
           (double)file.st_size / 1e6);
    bool ok = gp_bench_line(o, "all bars, two threads", whole * 1e3, "ms", NULL);
    ok &= gp_bench_line(o, "all bars and states kept, two threads", first * 1e3, "ms", NULL);
    ok &= gp_bench_line(o, "from states, one thread", best[0] * 1e3, "ms", NULL);
    ok &= gp_bench_line(o, "from states, two threads", best[1] * 1e3, "ms", &(gp_bench_goal){0, 50, false});
    ok &= gp_bench_line(o, "  times faster than all bars", whole / best[1], "x", NULL);
    printf("  of it: opening the states %.1f ms, the scan %.1f ms, writing them %.1f ms\n", parts[0] * 1e3, parts[1] * 1e3, parts[2] * 1e3);
    gp_inputs_fini(&before);
    gp_inputs_fini(&now);
    if (hits != from_states)
        fprintf(stderr, "goldpit-bench: %zu hits from all bars, %zu from states\n", hits, from_states);
    return ok && hits == from_states;
}

bool gp_bench_night(const gp_bench_opts *o)
{
    gp_bench_market market;
    gp_diags d = {0};
    gp_plan plan;
    gp_buf path = {0};
    bool ok = false;
    char *folder = gp_bench_folder();
    gp_formula *f = gp_formula_parse("<bench>", gp_bench_golden_pit, strlen(gp_bench_golden_pit), GP_ENC_UTF8, &d);
    if (folder && gp_plan_new(f, &(gp_plan_spec){0}, &plan, &d) == GP_PLAN_OK) {
        night x = {.plan = &plan};
        gp_buf_printf(&path, "%s/states", folder);
        x.path = path.p;
        gp_pass_new_resumable(&x.plan, 1, &x.pass);
        gp_bench_market_new(o->seed, o->tickers, o->bars, &market);
        printf("\nnight: golden pit over %d tickers of up to %d bars in memory, one new bar each; best of %d\n", market.n, o->bars, o->repeat);
        ok = measure(o, &x, &market);
        gp_bench_market_fini(&market);
        gp_pass_fini(&x.pass);
        gp_plan_fini(&plan);
    }
    gp_formula_free(f);
    gp_diags_fini(&d);
    gp_buf_free(&path);
    if (folder)
        gp_bench_folder_remove(folder);
    return ok;
}
