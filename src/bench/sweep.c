/* sweep beside a scan of the same formula over the same files. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/bench.h"
#include "market/generate.h"

enum { RUNS = 5 };

static const char sets_of[] = "-p N1=10:28:2 -p N2=30:48:2 -p PIT=10:28:2"; /* 1,000 */

static bool time_run(const gp_bench_opts *o, const char *goldpit, const char *folder, int run, gp_bench_ran *best)
{
    const char *const scan[] = {"goldpit", "scan", "golden-pit", folder, "--signal", "黄金坑", "--jobs", "1", "--quiet", "--format", "csv", NULL};
    const char *const hits[] = {"goldpit", "sweep", "golden-pit", folder, "--signal", "黄金坑", "--jobs", run == 2 ? "2" : "1", "--quiet", "--top", "20", "--format", "csv",
                                "-p", "N1=10:28:2", "-p", "N2=30:48:2", "-p", "PIT=10:28:2", NULL};
    const char *const lines[] = {"goldpit", "sweep", "golden-pit", folder, "--signal", "黄金坑", "--jobs", "1", "--quiet", "--top", "20", "--format", "csv", "-p", "N1=11:60", NULL};
    const char *const trades[] = {"goldpit", "sweep", "golden-pit", folder, "--signal", "黄金坑", "--jobs", "1", "--quiet", "--top", "20", "--format", "csv", "--metric", "sharpe",
                                  "--hold", "10", "--stop", "5%", "-p", "N1=10:28:2", "-p", "PIT=10:28:2", NULL};
    const char *const *const argv[RUNS] = {scan, hits, hits, lines, trades};
    *best = (gp_bench_ran){.seconds = INFINITY};
    for (int i = 0; i < (run ? 1 : o->repeat); i++) {
        gp_bench_ran r;
        if (!gp_bench_command(goldpit, argv[run], &r))
            return false;
        *best = r.seconds < best->seconds ? r : *best;
    }
    return true;
}

bool gp_bench_sweep(const gp_bench_opts *o)
{
    char goldpit[4096];
    gp_bench_ran r[RUNS];
    bool ok = false, ran = true;
    if (!gp_bench_goldpit(goldpit, sizeof goldpit))
        return false;
    char *folder = gp_bench_folder();
    if (!folder)
        return false;
    const char *why = gp_generate_files(o->seed, o->files, o->bars, folder);
    if (why)
        fprintf(stderr, "goldpit-bench: %s: %s\n", folder, why);
    for (int k = 0; k < RUNS && !why && ran; k++)
        ran = time_run(o, goldpit, folder, k, &r[k]);
    if (!why && ran) {
        printf("\nsweep: golden pit over %d CSV files of up to %d rows, page cache warm; 1,000 sets: %s\n", o->files, o->bars, sets_of);
        ok = gp_bench_line(o, "scan --jobs 1 (CPU)", r[0].cpu, "s", NULL);
        ok &= gp_bench_line(o, "1,000 sets, --jobs 1 (CPU), to the scan", r[1].cpu, "s", &(gp_bench_goal){r[1].cpu / r[0].cpu, 0, false});
        ok &= gp_bench_line(o, "1,000 sets, --jobs 2", r[2].seconds, "s", &(gp_bench_goal){0, 30, false});
        ok &= gp_bench_line(o, "1,000 sets, two jobs to one", r[1].seconds / r[2].seconds, "x", &(gp_bench_goal){0, 1.85, true});
        ok &= gp_bench_line(o, "50 sets of N1 alone, --jobs 1 (CPU), to the scan", r[3].cpu, "s", &(gp_bench_goal){r[3].cpu / r[0].cpu, 0, false});
        ok &= gp_bench_line(o, "100 sets judged by trades, --jobs 1 (CPU), to the scan", r[4].cpu, "s", &(gp_bench_goal){r[4].cpu / r[0].cpu, 0, false});
        ok &= gp_bench_line(o, "peak memory, --jobs 2", r[2].peak_mb, "MB", &(gp_bench_goal){0, 300, false});
        ok &= gp_bench_line(o, "peak memory by trades", r[4].peak_mb, "MB", &(gp_bench_goal){0, 300, false});
    }
    gp_bench_folder_remove(folder);
    return ok;
}
