/* The store: a market of CSV files into it, and the golden pit over it, beside the scan of the files in the same run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "market/generate.h"
#include "market/store.h"

/* Reads high, low and close of every security; ns a bar.  SIZE_MAX bars: it cannot be read. */
static double read_all(const gp_store *s, size_t *bars)
{
    const gp_read_opts o = {.need = GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE, .want = GP_COL_CLOSE};
    const double began = gp_bench_now();
    *bars = 0;
    for (size_t k = 0; k < gp_store_count(s); k++) {
        gp_bars b;
        gp_diags d = {0};
        if (gp_store_read(s, k, "", &o, &b, &d)) {
            *bars += (size_t)b.n;
            gp_bars_fini(&b);
        }
        gp_diags_fini(&d);
    }
    return (gp_bench_now() - began) * 1e9 / (double)*bars;
}

/* What copying the same columns as doubles costs, 24 bytes a bar, from one block of memory as large as they are. */
static double copy_all(size_t bars)
{
    enum { ROWS = 2500 };
    double *all = gp_xaligned(bars * 3 * sizeof *all), *to = gp_xaligned(3 * ROWS * sizeof *to), best = INFINITY;
    for (size_t i = 0; i < bars * 3; i++)
        all[i] = (double)i;
    for (int turn = 0; turn < 3; turn++) {
        const double began = gp_bench_now();
        for (size_t at = 0; at + 3 * ROWS <= bars * 3; at += 3 * ROWS) {
            memcpy(to, all + at, 3 * ROWS * sizeof *to);
            __asm__ volatile("" : : "r"(to) : "memory");
        }
        best = fmin(best, (gp_bench_now() - began) * 1e9 / (double)bars);
    }
    free(all);
    free(to);
    return best;
}

static bool measure(const gp_bench_opts *o, const char *goldpit, const char *files, const char *store)
{
    gp_bench_ran import = {.seconds = INFINITY}, again = import, one = import, two = import, csv = import, r;
    double read = INFINITY;
    size_t bars = 0;
    bool ok = true;
    const char *const put[] = {"goldpit", "data", "import", files, "--store", store, "--quiet", NULL};
    const char *const scan1[] = {"goldpit", "scan", "-e", gp_bench_golden_pit, store, "--jobs", "1", "--quiet", "--format", "csv", NULL};
    const char *const scan2[] = {"goldpit", "scan", "-e", gp_bench_golden_pit, store, "--jobs", "2", "--quiet", "--format", "csv", NULL};
    const char *const scanned[] = {"goldpit", "scan", "-e", gp_bench_golden_pit, files, "--jobs", "2", "--quiet", "--format", "csv", NULL};
    if (!gp_bench_command(goldpit, put, &import) || !gp_bench_command(goldpit, put, &again))
        return false;
    gp_diags d = {0};
    gp_store *s = gp_store_open(store, &d);
    gp_diags_fini(&d);
    if (!s)
        return false;
    gp_store_facts facts;
    gp_store_facts_get(s, &facts);
    for (int i = 0; i < o->repeat; i++) {
        if (!gp_bench_command(goldpit, scan1, &r))
            return false;
        one = r.seconds < one.seconds ? r : one;
        if (!gp_bench_command(goldpit, scan2, &r))
            return false;
        two = r.seconds < two.seconds ? r : two;
        if (!gp_bench_command(goldpit, scanned, &r))
            return false;
        csv = r.seconds < csv.seconds ? r : csv;
        read = fmin(read, read_all(s, &bars));
    }
    const double copy = copy_all(bars);
    gp_store_close(s);
    printf("\nstore: %d CSV files of up to %d rows, %.2f million bars, %.0f MB in the store, page cache warm; best of %d\n", o->files, o->bars,
           (double)bars / 1e6, (double)facts.file_bytes / 1e6, o->repeat);
    ok &= gp_bench_line(o, "goldpit data import", import.seconds, "s", &(gp_bench_goal){0, 6, false});
    ok &= gp_bench_line(o, "  the same files again: nothing new", again.seconds, "s", NULL);
    ok &= gp_bench_line(o, "goldpit scan STORE --jobs 1", one.seconds, "s", NULL);
    ok &= gp_bench_line(o, "goldpit scan STORE --jobs 2", two.seconds, "s", &(gp_bench_goal){0, 0.15, false});
    ok &= gp_bench_line(o, "  peak memory beyond the file", two.peak_mb - (double)facts.file_bytes / 1048576, "MB", &(gp_bench_goal){0, 100, false});
    ok &= gp_bench_line(o, "goldpit scan FILES --jobs 2", csv.seconds, "s", NULL);
    ok &= gp_bench_line(o, "  the store is faster", csv.seconds / two.seconds, "x", NULL);
    ok &= gp_bench_line(o, "reading high, low, close, one core", read, "ns/bar", NULL);
    ok &= gp_bench_line(o, "  copying them as doubles", copy, "ns/bar", NULL);
    return ok;
}

bool gp_bench_store(const gp_bench_opts *o)
{
    char goldpit[4096], store[4200];
    if (!gp_store_available()) {
        printf("\nstore: skipped, built without LMDB\n");
        return true;
    }
    if (!gp_bench_goldpit(goldpit, sizeof goldpit))
        return false;
    char *files = gp_bench_folder(), *place = gp_bench_folder();
    bool ok = false;
    if (files && place) {
        const char *why = gp_generate_files(o->seed, o->files, o->bars, files);
        snprintf(store, sizeof store, "%s/store", place);
        if (why)
            fprintf(stderr, "goldpit-bench: %s: %s\n", files, why);
        else
            ok = measure(o, goldpit, files, store);
    }
    if (files)
        gp_bench_folder_remove(files);
    if (place)
        gp_bench_folder_remove(place);
    return ok;
}
