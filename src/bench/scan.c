/* The goldpit beside this program over a folder of generated CSV files: wall time and peak memory of the process. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "bench/bench.h"
#include "market/generate.h"

bool gp_bench_goldpit(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 16);
    if (n > 0) {
        path[n] = 0;
        strcpy(strrchr(path, '/') + 1, "goldpit");
        if (access(path, X_OK) == 0)
            return true;
    }
    fprintf(stderr, "goldpit-bench: there is no goldpit beside this program\n");
    return false;
}

static void sum_bytes(void *ctx, const char *path, size_t bytes)
{
    (void)path;
    *(size_t *)ctx += bytes;
}

typedef gp_bench_ran run;

bool gp_bench_command(const char *goldpit, const char *const *argv, gp_bench_ran *r)
{
    struct rusage usage;
    int status;
    double t = gp_bench_now();
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("goldpit-bench: fork");
        return false;
    }
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            dup2(null, STDOUT_FILENO);
        execv(goldpit, (char *const *)argv);
        _exit(127);
    }
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return false;
    *r = (run){.seconds = gp_bench_now() - t, .peak_mb = (double)usage.ru_maxrss / 1024};
    r->cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "goldpit-bench: %s ended with status %d\n", goldpit, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        return false;
    }
    return true;
}

static bool time_scan(const char *goldpit, const char *folder, const char *jobs, run *r)
{
    const char *const argv[] = {"goldpit", "scan", "-e", gp_bench_golden_pit, folder, "--jobs", jobs, "--quiet", "--format", "csv", NULL};
    return gp_bench_command(goldpit, argv, r);
}

static bool repeat_scan(const gp_bench_opts *o, const char *goldpit, const char *folder, run *one, run *two)
{
    *one = *two = (run){.seconds = INFINITY};
    for (int i = 0; i < o->repeat; i++) {
        run a, b;
        if (!time_scan(goldpit, folder, "1", &a) || !time_scan(goldpit, folder, "2", &b))
            return false;
        double peak = fmax(two->peak_mb, b.peak_mb), peak1 = fmax(one->peak_mb, a.peak_mb);
        *one = a.seconds < one->seconds ? a : *one;
        *two = b.seconds < two->seconds ? b : *two;
        two->peak_mb = peak; /* the worst of all runs */
        one->peak_mb = peak1;
    }
    return true;
}

bool gp_bench_scan(const gp_bench_opts *o)
{
    char goldpit[4096];
    size_t bytes = 0;
    run one, two;
    bool ok = false;
    char *folder;
    if (!gp_bench_goldpit(goldpit, sizeof goldpit))
        return false;
    folder = gp_bench_folder();
    if (!folder)
        return false;
    const char *why = gp_generate_files(o->seed, o->files, o->bars, folder);
    gp_dir_walk(folder, sum_bytes, &bytes);
    if (why) {
        fprintf(stderr, "goldpit-bench: %s: %s\n", folder, why);
    } else if (repeat_scan(o, goldpit, folder, &one, &two)) {
        double mb = (double)bytes / 1e6;
        printf("\nscan: golden pit over %d CSV files of up to %d rows, %.0f MB, page cache warm; best of %d\n", o->files,
               o->bars, mb, o->repeat);
        ok = gp_bench_line(o, "goldpit scan --jobs 1", one.seconds, "s", NULL);
        ok &= gp_bench_line(o, "  text per second and thread", mb / one.seconds, "MB/s", NULL);
        ok &= gp_bench_line(o, "goldpit scan --jobs 2", two.seconds, "s", &(gp_bench_goal){0, 3, false});
        ok &= gp_bench_line(o, "  speed-up", one.seconds / two.seconds, "x", NULL);
        ok &= gp_bench_line(o, "  peak memory", two.peak_mb, "MB", &(gp_bench_goal){0, 200, false});
    }
    gp_bench_folder_remove(folder);
    return ok;
}
