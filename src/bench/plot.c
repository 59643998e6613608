/* goldpit's pictures beside gnuplot alone, and a contact sheet; processes of their own, wall time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "market/generate.h"

enum { CHART_BARS = 250, MANY_BARS = 100000, HITS = 120, SECURITIES = 150 };
enum { BARE, PNG, SVG, MANY, KINDS };

typedef struct place { char *folder; gp_buf goldpit, script, empty, picture, one, many, market, sheet, hits; } place;

static void name_all(place *p)
{
    gp_buf_printf(&p->script, "%s/bare.gp", p->folder);
    gp_buf_printf(&p->empty, "%s/bare.png", p->folder);
    gp_buf_printf(&p->picture, "%s/picture", p->folder);
    gp_buf_printf(&p->sheet, "%s/hits.pdf", p->folder);
    gp_buf_printf(&p->hits, "%s/hits.blk", p->folder);
}

/* Folders of quotes: one security as the chart shows it, one with very many bars, a market. */
static const char *make(const gp_bench_opts *o, place *p)
{
    static const struct { int files, bars; } sizes[] = {{1, 600}, {1, MANY_BARS}, {SECURITIES, 600}};
    gp_buf *const paths[] = {&p->one, &p->many, &p->market};
    FILE *f = fopen(p->script.p, "w");
    if (!f)
        return "the script of an empty picture cannot be written";
    fprintf(f, "set terminal pngcairo size 1200,700\nset output '%s'\nplot x\n", p->empty.p);
    fclose(f);
    for (int k = 0; k < 3; k++) {
        gp_buf_printf(paths[k], "%s/%d", p->folder, k);
        const char *why = gp_generate_files(o->seed, sizes[k].files, sizes[k].bars, paths[k]->p);
        if (why)
            return why;
    }
    return NULL;
}

static bool draw(const place *p, int kind, gp_bench_ran *r)
{
    const char *program = getenv("GOLDPIT_GNUPLOT"), *many[2] = {"--last", "100000"}, *few[2] = {"--last", "250"};
    const char *const bare[] = {"env", program && *program ? program : "gnuplot", "-d", p->script.p, NULL};
    const char *const *last = kind == MANY ? many : few;
    const char *const argv[] = {"goldpit", "plot", "-e", gp_bench_golden_pit, kind == MANY ? p->many.p : p->one.p, last[0], last[1], "--quiet",
                                "--format", kind == SVG ? "svg" : "png", "-o", p->picture.p, NULL};
    return kind == BARE ? gp_bench_command("/usr/bin/env", bare, r) : gp_bench_command(p->goldpit.p, argv, r);
}

static bool sheet(const place *p, gp_bench_ran *r)
{
    const char *const argv[] = {"goldpit", "scan", "-e", gp_bench_golden_pit, p->market.p, "--within", "600", "--top", "120", "--contact-sheet", p->sheet.p,
                                "--quiet", "--format", "csv", "--blk", p->hits.p, NULL};
    return gp_bench_command(p->goldpit.p, argv, r);
}

static int lines_of(const char *path)
{
    gp_file f;
    int n = 0;
    if (gp_file_open(path, &f))
        return -1;
    for (size_t i = 0; i < f.n; i++)
        n += f.p[i] == '\n';
    gp_file_close(&f);
    return n;
}

static bool measure(const gp_bench_opts *o, const place *p)
{
    gp_bench_ran best[KINDS], whole = {.seconds = INFINITY}, r;
    for (int k = 0; k < KINDS; k++)
        best[k] = (gp_bench_ran){.seconds = INFINITY};
    for (int i = 0; i < o->repeat; i++) {
        for (int k = 0; k < KINDS; k++) {
            if (!draw(p, k, &r))
                return false;
            best[k] = r.seconds < best[k].seconds ? r : best[k];
        }
        if (i < 2) { /* takes long */
            if (!sheet(p, &r))
                return false;
            whole = r.seconds < whole.seconds ? r : whole;
        }
    }
    const int hits = lines_of(p->hits.p);
    const double beyond = best[PNG].seconds - best[BARE].seconds;
    printf("\nplot: the golden pit as pictures 1200 pixels wide; best of %d, of the sheet of 2\n", o->repeat);
    bool ok = gp_bench_line(o, "gnuplot alone, an empty PNG", best[BARE].seconds * 1e3, "ms", NULL);
    ok &= gp_bench_line(o, "goldpit plot, 250 bars, PNG; to gnuplot alone", best[PNG].seconds * 1e3, "ms", &(gp_bench_goal){best[PNG].seconds / best[BARE].seconds, 0, false});
    ok &= gp_bench_line(o, "  beyond gnuplot alone", beyond * 1e3, "ms", &(gp_bench_goal){0, 400, false});
    ok &= gp_bench_line(o, "  processor time of both", best[PNG].cpu * 1e3, "ms", &(gp_bench_goal){best[PNG].cpu / best[BARE].cpu, 0, false});
    ok &= gp_bench_line(o, "goldpit plot, 250 bars, SVG", best[SVG].seconds * 1e3, "ms", &(gp_bench_goal){best[SVG].seconds / best[BARE].seconds, 0, false});
    ok &= gp_bench_line(o, "goldpit plot, 100,000 bars, PNG", best[MANY].seconds * 1e3, "ms", &(gp_bench_goal){best[MANY].seconds / best[BARE].seconds, 0, false});
    ok &= gp_bench_line(o, "  processor time of both", best[MANY].cpu * 1e3, "ms", &(gp_bench_goal){best[MANY].cpu / best[BARE].cpu, 0, false});
    ok &= gp_bench_line(o, "contact sheet of 120 hits, to gnuplot alone", whole.seconds, "s", &(gp_bench_goal){whole.seconds / best[BARE].seconds, 0, false});
    ok &= gp_bench_line(o, "  the same", whole.seconds, "s", &(gp_bench_goal){0, 15, false});
    ok &= gp_bench_line(o, "  of it processor time, gnuplot's included", whole.cpu, "s", NULL);
    ok &= gp_bench_line(o, "  a picture, processor time", whole.cpu / HITS * 1e3, "ms", NULL);
    if (hits != HITS)
        fprintf(stderr, "goldpit-bench: the sheet has %d hits, not %d\n", hits, HITS);
    return ok && hits == HITS;
}

bool gp_bench_plot(const gp_bench_opts *o)
{
    char goldpit[4096];
    place p = {0};
    bool ok = false;
    if (!gp_bench_goldpit(goldpit, sizeof goldpit))
        return false;
    p.folder = gp_bench_folder();
    if (!p.folder)
        return false;
    gp_buf_addz(&p.goldpit, goldpit);
    name_all(&p);
    const char *why = make(o, &p);
    if (why)
        fprintf(stderr, "goldpit-bench: %s: %s\n", p.folder, why);
    else
        ok = measure(o, &p);
    gp_buf *const folders[] = {&p.one, &p.many, &p.market}, *const files[] = {&p.goldpit, &p.script, &p.empty, &p.picture, &p.sheet, &p.hits};
    for (size_t k = 0; k < sizeof folders / sizeof *folders; k++)
        if (folders[k]->p)
            gp_bench_folder_remove(folders[k]->p);
    for (size_t k = 0; k < sizeof files / sizeof *files; k++)
        gp_buf_free(files[k]);
    gp_bench_folder_remove(p.folder);
    return ok;
}
