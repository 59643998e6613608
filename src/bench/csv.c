/* The CSV reader over generated files held in memory, beside bare libcsv tokenising of the same bytes. */
#include <csv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "market/generate.h"
#include "market/reader.h"

enum { MOST_FILES = 200 };

typedef struct text { char *p; size_t n; } text;
typedef GP_VEC(text) texts;

static void keep_file(void *ctx, const char *path, size_t bytes)
{
    texts *all = ctx;
    gp_file f;
    text t;
    (void)bytes;
    if (gp_file_open(path, &f))
        return;
    t = (text){gp_xcalloc(f.n + 1, 1), f.n};
    memcpy(t.p, f.p, f.n);
    gp_file_close(&f);
    gp_vec_push(all, t);
}

typedef struct counts { size_t fields, rows; } counts;

static void on_field(void *p, size_t n, void *ctx)
{
    counts *c = ctx;
    (void)p, (void)n;
    c->fields++;
}

static void on_row(int end, void *ctx)
{
    counts *c = ctx;
    (void)end;
    c->rows++;
}

static double time_libcsv(const texts *all, counts *c)
{
    double t = gp_bench_now();
    for (size_t i = 0; i < all->n; i++) {
        struct csv_parser parser;
        csv_init(&parser, 0);
        csv_parse(&parser, all->at[i].p, all->at[i].n, on_field, on_row, c);
        csv_fini(&parser, on_field, on_row, c);
        csv_free(&parser);
    }
    return gp_bench_now() - t;
}

/* The bytes copied once: what the memory allows. */
static double time_copy(const texts *all, char *to, uint64_t *sum)
{
    double t = gp_bench_now();
    for (size_t i = 0; i < all->n; i++) {
        memcpy(to, all->at[i].p, all->at[i].n);
        *sum += (unsigned char)to[all->at[i].n / 2];
    }
    return gp_bench_now() - t;
}

static double time_reader(const texts *all, gp_csv_path path, unsigned need, size_t *rows)
{
    double t = gp_bench_now();
    *rows = 0;
    for (size_t i = 0; i < all->n; i++) {
        gp_diags d = {0};
        gp_read_result r = {0};
        gp_read_opts o = {.csv_path = path, .need = need, .want = need};
        if (gp_read_quotes_mem("600000.csv", all->at[i].p, all->at[i].n, &o, &r, &d)) {
            *rows += r.rows;
            gp_read_result_fini(&r);
        }
        gp_diags_fini(&d);
    }
    return gp_bench_now() - t;
}

static bool line(const gp_bench_opts *o, const char *what, double seconds, double yardstick, size_t bytes, size_t rows,
                 double goal)
{
    bool ok = gp_bench_line(o, what, (double)bytes / seconds / 1e6, "MB/s",
                            &(gp_bench_goal){goal > 0 ? 0 : yardstick / seconds, goal, true});
    printf("  %-46s %10.2f %-6s %8.2fx\n", "", (double)rows / seconds / 1e6, "Mrow/s", yardstick / seconds);
    return ok;
}

static void least(double *best, double t) { *best = t < *best ? t : *best; }

bool gp_bench_csv(const gp_bench_opts *o)
{
    int files = o->files < MOST_FILES ? o->files : MOST_FILES;
    texts all = {0};
    size_t bytes = 0, rows = 0, most = 1;
    uint64_t sum = 0;
    double copied = INFINITY, bare = INFINITY, libcsv = INFINITY, plain = INFINITY, automatic = INFINITY;
    const unsigned ohlcv = GP_COL_OPEN | GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE | GP_COL_VOL;
    counts c = {0};
    bool ok;
    char *folder = gp_bench_folder();
    if (!folder)
        return false;
    const char *why = gp_generate_files(o->seed, files, o->bars, folder);
    if (why)
        fprintf(stderr, "goldpit-bench: %s: %s\n", folder, why);
    gp_dir_walk(folder, keep_file, &all);
    gp_bench_folder_remove(folder);
    for (size_t i = 0; i < all.n; i++)
        bytes += all.at[i].n, most = all.at[i].n > most ? all.at[i].n : most;
    char *room = gp_xcalloc(most, 1);
    for (int r = 0; r < o->repeat && bytes; r++) {
        least(&copied, time_copy(&all, room, &sum));
        least(&bare, time_libcsv(&all, &c));
        least(&libcsv, time_reader(&all, GP_PATH_LIBCSV, ohlcv, &rows));
        least(&plain, time_reader(&all, GP_PATH_PLAIN, ohlcv, &rows));
        least(&automatic, time_reader(&all, GP_PATH_AUTO, GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE, &rows));
    }
    printf("\ncsv: %zu files, %zu rows, %.1f MB in memory; one core, best of %d; ratio: speed / bare libcsv\n", all.n, rows,
           (double)bytes / 1e6, o->repeat);
    if (sum == 0)
        printf("  (the files hold zeros)\n"); /* nothing may be left out as unused */
    ok = line(o, "one copy of the bytes, file by file", copied, bare, bytes, rows, 0);
    ok &= line(o, "bare libcsv: fields counted, nothing kept", bare, bare, bytes, rows, 0);
    ok &= line(o, "reader through libcsv, O H L C V", libcsv, bare, bytes, rows, 300);
    ok &= line(o, "reader, plain path, O H L C V", plain, bare, bytes, rows, 1000);
    ok &= line(o, "reader as the golden pit uses it: H L C", automatic, bare, bytes, rows, 0);
    free(room);
    for (size_t i = 0; i < all.n; i++)
        free(all.at[i].p);
    gp_vec_free(&all);
    return ok;
}
