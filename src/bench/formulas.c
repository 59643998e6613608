/* How long formulas take until they can run: the whole library, and one formula of 200 lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "parser/library.h"

#ifndef GOLDPIT_FORMULAS_SOURCE
#define GOLDPIT_FORMULAS_SOURCE "formulas"
#endif

typedef GP_VEC(char *) paths;

static void add_path(void *ctx, const char *path, size_t bytes)
{
    paths *all = ctx;
    const char *dot = strrchr(path, '.');
    (void)bytes;
    if (dot && strcmp(dot, ".tdx") == 0)
        gp_vec_push(all, gp_xstrndup(path, strlen(path)));
}

/* A formula that another one refers to: the file of that name. */
bool gp_bench_find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    char *const *all = ctx;
    for (size_t i = 0; all[i]; i++) {
        const char *slash = strrchr(all[i], '/'), *base = slash ? slash + 1 : all[i];
        gp_file file;
        if (!gp_str_ieq(name, (gp_str){base, strlen(base) - strlen(".tdx")}) || gp_file_open(all[i], &file))
            continue;
        gp_buf_add(text, file.p, file.n);
        gp_buf_addz(shown, all[i]);
        gp_file_close(&file);
        return true;
    }
    return false;
}

/* From the file to the program, as `goldpit check` does; false after printing what is wrong. */
static bool ready(const char *path, gp_library *library)
{
    gp_diags d = {0};
    gp_buf message = {0};
    gp_file file;
    gp_program *p = NULL;
    const char *why = gp_file_open(path, &file);
    if (why) {
        fprintf(stderr, "%s: %s\n", path, why);
        return false;
    }
    gp_formula *f = gp_formula_parse(path, file.p, file.n, GP_ENC_AUTO, &d);
    gp_file_close(&file);
    f->library = library;
    if (gp_formula_resolve(f, &d) && d.errors == 0)
        p = gp_compile(f, NULL, &d);
    for (size_t i = 0; i < d.n && !p; i++)
        gp_diag_render_text(&d.at[i], false, &message);
    if (message.n)
        fputs(message.p, stderr);
    gp_buf_free(&message);
    gp_diags_fini(&d);
    bool good = p != NULL;
    gp_program_free(p);
    gp_formula_free(f);
    return good;
}

char **gp_bench_library_paths(int *n)
{
    paths all = {0};
    const char *own = getenv("GOLDPIT_SOURCE"); /* of a program that was carried to another machine */
    gp_buf folder = {0};
    if (own && *own)
        gp_buf_printf(&folder, "%s/formulas", own);
    else
        gp_buf_addz(&folder, GOLDPIT_FORMULAS_SOURCE);
    const char *why = gp_dir_walk(folder.p, add_path, &all);
    *n = (int)all.n;
    if (why || all.n == 0)
        fprintf(stderr, "%s: %s\n", folder.p, why ? why : "no formulas");
    gp_buf_free(&folder);
    if (why || all.n == 0) {
        gp_vec_free(&all);
        return NULL;
    }
    gp_vec_push(&all, (char *)NULL);
    return all.at;
}

void gp_bench_paths_free(char **all)
{
    for (int i = 0; all && all[i]; i++)
        free(all[i]);
    free(all);
}

bool gp_bench_library(const gp_bench_opts *o)
{
    gp_bench_opts always = *o; /* these goals do not depend on the size of the market */
    double best = INFINITY;
    char what[96];
    bool ok = true;
    int n;
    char **all = gp_bench_library_paths(&n);
    if (!all)
        return false;
    for (int r = 0; r < o->repeat && ok; r++) {
        gp_library *library = gp_library_new(gp_bench_find, NULL, all);
        double t = gp_bench_now();
        for (int i = 0; i < n; i++)
            ok &= ready(all[i], library);
        t = gp_bench_now() - t;
        gp_library_free(library);
        best = t < best ? t : best;
    }
    always.goals = true;
    printf("\nlibrary: from files to programs; best of %d\n", o->repeat);
    snprintf(what, sizeof what, "library: %d formulas parsed, resolved, compiled", n);
    ok &= gp_bench_line(&always, what, best * 1e3, "ms", &(gp_bench_goal){0, 500, false});
    gp_bench_paths_free(all);
    return ok;
}

/* ---- one long formula ---- */

/* A line of a published formula, with the number of the line (%d, always the first) in its names and, as a window, in its
 * numbers: averages on averages, stochastics, conditions over several of them, drawings. */
static const char *const lines[] = {
    "快%d:=EMA(CLOSE,%d)-EMA(CLOSE,%d);", "慢%d:=EMA(快%d,9);", "柱%d:(快%d-慢%d)*2,COLORSTICK;",
    "随%d:=(CLOSE-LLV(LOW,%d))/(HHV(HIGH,%d)-LLV(LOW,%d))*100;", "K%d:SMA(SMA(随%d,3,1),3,1)+3*STD(CLOSE,%d),COLORRED;",
    "均%d:=(MA(CLOSE,%d)+MA(CLOSE,%d)+MA(OPEN,%d))/3;", "量%d:=VOL>1.5*REF(MA(VOL,%d),1) AND CLOSE>REF(CLOSE,1)*1.02;",
    "叉%d:=CROSS(快%d,慢%d) AND K%d<40 OR LONGCROSS(K%d,20,5);", "距%d:=BARSLAST(叉%d)+COUNT(叉%d,%d);",
    "阳%d:=IF(CLOSE>OPEN AND 距%d<9,(HIGH-CLOSE)/MAX(CLOSE-OPEN,0.01),ABS(OPEN-CLOSE));",
    "强%d:=SMA(MAX(CLOSE-REF(CLOSE,1),0),%d,1)/SMA(ABS(CLOSE-REF(CLOSE,1)),%d,1)*100,COLOR00CCFF;",
    "STICKLINE(强%d<30 AND 阳%d>1,K%d,20,6,0),COLOR00FFF0;", "买%d:DRAWTEXT(叉%d AND 量%d AND CLOSE>均%d,K%d,'买入'),COLORYELLOW;"};
enum { KINDS = sizeof lines / sizeof *lines, LINES = 200 };

/* Numbers behind a name letter refer to this round of lines; the others are windows. */
static void add_line(gp_buf *out, const char *line, int round)
{
    int window = 0;
    for (const char *p = line; *p; p++) {
        bool after_name = p > line && ((unsigned char)p[-1] >= 0x80 || p[-1] == 'K');
        if (*p != '%') {
            gp_buf_addc(out, *p);
            continue;
        }
        p++; /* the d */
        gp_buf_printf(out, "%d", after_name ? round : 5 + (round * 3 + window++ * 7) % 60);
    }
    gp_buf_addc(out, '\n');
}

bool gp_bench_compile_time(const gp_bench_opts *o)
{
    enum { TIMES = 10 };
    gp_bench_opts always = *o;
    gp_buf text = {0};
    double best = INFINITY;
    bool ok = true;
    for (int i = 0; i < LINES; i++)
        add_line(&text, lines[i % KINDS], i / KINDS);
    for (int r = 0; r < o->repeat * TIMES && ok; r++) {
        gp_bench_formula f;
        double t = gp_bench_now();
        ok = gp_bench_compile(text.p, &f);
        t = gp_bench_now() - t;
        gp_bench_compiled_fini(&f);
        best = t < best ? t : best;
    }
    always.goals = true;
    printf("\ncompile: from text to program; best of %d\n", o->repeat * TIMES);
    ok &= gp_bench_line(&always, "compile: a formula of 200 lines", best * 1e3, "ms", &(gp_bench_goal){0, 5, false});
    gp_buf_free(&text);
    return ok;
}
