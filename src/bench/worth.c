/* hitrate and backtest beside a scan of the same formula over the same files, all of them commands of the goldpit beside this program. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/bench.h"
#include "market/generate.h"

enum { COMMANDS = 5, MOST_WORDS = 24 };

static const char *const commands[COMMANDS][MOST_WORDS] = {
    {"scan"},
    {"hitrate"},
    {"hitrate", "--draws", "1000"},
    {"backtest", "--hold", "10", "--stop", "5%"},
    {"backtest", "--hold", "10", "--stop", "5%", "--max-positions", "10"},
};

static bool time_all(const gp_bench_opts *o, const char *goldpit, const char *folder, const char *jobs, gp_bench_ran *best)
{
    for (int k = 0; k < COMMANDS; k++)
        best[k] = (gp_bench_ran){.seconds = INFINITY};
    for (int i = 0; i < o->repeat; i++)
        for (int k = 0; k < COMMANDS; k++) {
            const char *argv[MOST_WORDS + 16] = {"goldpit", commands[k][0], "-e", gp_bench_golden_pit, folder, "--signal", "黄金坑", "--jobs", jobs, "--quiet", "--format", "csv"};
            int n = 12;
            gp_bench_ran r;
            for (int j = 1; j < MOST_WORDS && commands[k][j]; j++)
                argv[n++] = commands[k][j];
            if (!gp_bench_command(goldpit, argv, &r))
                return false;
            const double peak = fmax(best[k].peak_mb, r.peak_mb);
            best[k] = r.seconds < best[k].seconds ? r : best[k];
            best[k].peak_mb = peak;
        }
    return true;
}

bool gp_bench_worth(const gp_bench_opts *o)
{
    char goldpit[4096];
    gp_bench_ran one[COMMANDS], two[COMMANDS];
    bool ok = false;
    if (!gp_bench_goldpit(goldpit, sizeof goldpit))
        return false;
    char *folder = gp_bench_folder();
    if (!folder)
        return false;
    const char *why = gp_generate_files(o->seed, o->files, o->bars, folder);
    if (why) {
        fprintf(stderr, "goldpit-bench: %s: %s\n", folder, why);
    } else if (time_all(o, goldpit, folder, "1", one) && time_all(o, goldpit, folder, "2", two)) {
        printf("\nworth: one signal of the golden pit over %d CSV files of up to %d rows, page cache warm; best of %d\n", o->files, o->bars, o->repeat);
        ok = gp_bench_line(o, "scan --jobs 1 (CPU)", one[0].cpu, "s", NULL);
        ok &= gp_bench_line(o, "hitrate (CPU), to the scan", one[1].cpu, "s", &(gp_bench_goal){one[1].cpu / one[0].cpu, 2, false});
        ok &= gp_bench_line(o, "hitrate --draws 1000 (CPU), to the scan", one[2].cpu, "s", &(gp_bench_goal){one[2].cpu / one[0].cpu, 0, false});
        ok &= gp_bench_line(o, "backtest (CPU), to the scan", one[3].cpu, "s", &(gp_bench_goal){one[3].cpu / one[0].cpu, 0, false});
        ok &= gp_bench_line(o, "backtest --jobs 1 beyond the scan", one[3].seconds - one[0].seconds, "s", &(gp_bench_goal){0, 1, false});
        ok &= gp_bench_line(o, "backtest --jobs 2 beyond the scan", two[3].seconds - two[0].seconds, "s", &(gp_bench_goal){0, 1, false});
        ok &= gp_bench_line(o, "portfolio of 10 beyond the scan, --jobs 1", one[4].seconds - one[0].seconds, "s", NULL);
        ok &= gp_bench_line(o, "scan, two jobs to one", one[0].seconds / two[0].seconds, "x", NULL);
        ok &= gp_bench_line(o, "hitrate, two jobs to one", one[1].seconds / two[1].seconds, "x", &(gp_bench_goal){one[1].seconds / two[1].seconds, 1.85, true});
        ok &= gp_bench_line(o, "backtest, two jobs to one", one[3].seconds / two[3].seconds, "x", &(gp_bench_goal){one[3].seconds / two[3].seconds, 1.85, true});
        ok &= gp_bench_line(o, "peak memory of hitrate", two[1].peak_mb, "MB", &(gp_bench_goal){0, 300, false});
        ok &= gp_bench_line(o, "peak memory of backtest", two[3].peak_mb, "MB", &(gp_bench_goal){0, 300, false});
        ok &= gp_bench_line(o, "peak memory of a portfolio", two[4].peak_mb, "MB", &(gp_bench_goal){0, 300, false});
    }
    gp_bench_folder_remove(folder);
    return ok;
}
