/* TDX's .day records: decoding from memory and from files, beside one read of the same bytes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "market/generate.h"
#include "market/tdx.h"

enum { MOST_FILES = 1000 };

typedef struct records { gp_buf bytes; char *path; } records;
typedef struct all_records { records *at; int n; size_t bytes; } all_records;

static void make(const gp_bench_opts *o, const char *folder, all_records *all)
{
    all->n = o->files < MOST_FILES ? o->files : MOST_FILES;
    all->at = gp_xcalloc((size_t)all->n, sizeof *all->at);
    for (int k = 0; k < all->n; k++) {
        records *r = &all->at[k];
        gp_tdx_written w;
        gp_bars b;
        gp_buf path = {0};
        gp_generate(o->seed, k, o->bars, &b);
        b.period = 5;
        if (gp_tdx_encode(&b, false, &r->bytes, &w) == NULL)
            all->bytes += r->bytes.n;
        gp_buf_printf(&path, "%s/%s%s.day", folder, b.market, b.code);
        r->path = path.p;
        FILE *f = fopen(r->path, "wb");
        if (!f || fwrite(r->bytes.p, 1, r->bytes.n, f) != r->bytes.n)
            perror(r->path);
        if (f)
            fclose(f);
        gp_bars_fini(&b);
    }
}

/* The yardstick: every byte is looked at once. */
static double time_read(const all_records *all, uint64_t *sum)
{
    double t = gp_bench_now();
    uint64_t x[4] = {0};
    for (int k = 0; k < all->n; k++) {
        const char *p = all->at[k].bytes.p;
        for (size_t i = 0; i + 32 <= all->at[k].bytes.n; i += 32) {
            uint64_t v[4];
            memcpy(v, p + i, sizeof v);
            for (int c = 0; c < 4; c++)
                x[c] += v[c];
        }
    }
    *sum += x[0] ^ x[1] ^ x[2] ^ x[3];
    return gp_bench_now() - t;
}

static double time_decode(const all_records *all, unsigned need, bool files, size_t *bars)
{
    double t = gp_bench_now();
    *bars = 0;
    for (int k = 0; k < all->n; k++) {
        gp_diags d = {0};
        gp_read_result r = {0};
        const gp_read_opts o = {.need = need, .want = need};
        const records *x = &all->at[k];
        if (files ? gp_tdx_read(x->path, &o, &r, &d) : gp_tdx_read_mem(x->path, x->bytes.p, x->bytes.n, &o, false, &r, &d)) {
            *bars += (size_t)r.at[0].n;
            gp_read_result_fini(&r);
        }
        gp_diags_fini(&d);
    }
    return gp_bench_now() - t;
}

static void least(double *best, double t) { *best = t < *best ? t : *best; }

static bool line(const gp_bench_opts *o, const char *what, double seconds, double yardstick, size_t bytes, double goal)
{
    return gp_bench_line(o, what, (double)bytes / seconds / 1e6, "MB/s", &(gp_bench_goal){goal > 0 ? 0 : yardstick / seconds, goal, true});
}

bool gp_bench_day(const gp_bench_opts *o)
{
    const unsigned hlc = GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE;
    double read = INFINITY, some = INFINITY, every = INFINITY, files = INFINITY;
    all_records all = {0};
    uint64_t sum = 0;
    size_t bars = 0;
    bool ok;
    char *folder = gp_bench_folder();
    if (!folder)
        return false;
    make(o, folder, &all);
    for (int r = 0; r < o->repeat && all.bytes; r++) {
        least(&read, time_read(&all, &sum));
        least(&some, time_decode(&all, hlc, false, &bars));
        least(&every, time_decode(&all, 63, false, &bars));
        least(&files, time_decode(&all, 63, true, &bars));
    }
    printf("\nday: %d .day files, %zu bars, %.1f MB (checksum %x); one core, best of %d; ratio: speed / one read of memory\n", all.n, bars,
           (double)all.bytes / 1e6, (unsigned)(sum & 0xFFFF), o->repeat);
    ok = line(o, "one read of the records in memory", read, read, all.bytes, 0);
    ok &= line(o, "decoded, as the golden pit uses it: O H L C", some, read, all.bytes, 1500);
    ok &= line(o, "decoded, volume and amount, too", every, read, all.bytes, 1500);
    ok &= line(o, "the same from files in the page cache", files, read, all.bytes, 0);
    for (int k = 0; k < all.n; k++) {
        gp_buf_free(&all.at[k].bytes);
        free(all.at[k].path);
    }
    free(all.at);
    gp_bench_folder_remove(folder);
    return ok;
}
