#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/vec.h"
#include "bench/bench.h"
#include "market/generate.h"

const char gp_bench_golden_pit[] =
    "RSV1:=(CLOSE-LLV(LOW,21))/(HHV(HIGH,21)-LLV(LOW,21))*100;\n"
    "RSV2:=(CLOSE-LLV(LOW,37))/(HHV(HIGH,37)-LLV(LOW,37))*100;\n"
    "短跳:SMA(SMA(RSV1,3,1),3,1)+3*STD(CLOSE,21),COLOR00FF00;\n"
    "中跳:SMA(RSV2,6,1)+2*STD(CLOSE,37),COLORRED;\n"
    "RSV3:=(CLOSE-LLV(LOW,55))/(HHV(HIGH,55)-LLV(LOW,55))*100;\n"
    "长跳:SMA(RSV3,6,1),COLORYELLOW;\n"
    "探试底:STICKLINE(中跳<15,中跳,15,6,0),COLOR00FFF0;\n"
    "黄金坑:STICKLINE(短跳<20 AND 中跳<20 AND 长跳<20,MAX(长跳,MAX(短跳,中跳)),20,3,0),COLOR00CCFF;\n"
    "探顶:STICKLINE(中跳>85,85,中跳,3,0),COLORFFF000;\n"
    "DRAWICON(CROSS(长跳,20),中跳,1);\n"
    "DRAWTEXT(LONGCROSS(中跳,50,10),50,'追涨');\n"
    "DRAWTEXT(CROSS(短跳,长跳)AND 长跳<20 AND 长跳>REF(长跳,1)OR CROSS(长跳,6),20,'跑道起跳');\n"
    "短中长粘合:DRAWTEXT(ABS(中跳-长跳)<2 AND 中跳>REF(中跳,1),中跳,'**'),COLORBLUE;\n"
    "中跳1:=-100*(HHV(HIGH,40)-CLOSE)/(HHV(HIGH,40)-LLV(LOW,40));\n"
    "底:DRAWTEXT(CROSS(中跳1,-80) AND (长跳<中跳 AND 长跳>REF(长跳,1)OR 短跳<20 AND 中跳<20 AND 长跳<20),长跳,'底'),COLOR00FFFF;\n"
    "IF(COUNT(CROSS(中跳1,-80),20)=3,20,6);\n";

double gp_bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- what the benches share ---- */

bool gp_bench_compile(const char *text, gp_bench_formula *out)
{
    gp_diags d = {0};
    gp_buf message = {0};
    *out = (gp_bench_formula){.formula = gp_formula_parse("<bench>", text, strlen(text), GP_ENC_UTF8, &d)};
    if (d.errors == 0 && gp_formula_resolve(out->formula, &d))
        out->program = gp_compile(out->formula, NULL, &d);
    for (size_t i = 0; i < d.n && !out->program; i++)
        gp_diag_render_text(&d.at[i], false, &message);
    if (message.n)
        fputs(message.p, stderr);
    gp_buf_free(&message);
    gp_diags_fini(&d);
    return out->program != NULL;
}

void gp_bench_compiled_fini(gp_bench_formula *f)
{
    if (f->program)
        gp_program_free(f->program);
    if (f->formula)
        gp_formula_free(f->formula);
    *f = (gp_bench_formula){0};
}

static int longest_first(const void *a, const void *b)
{
    const gp_bars *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->code, y->code);
}

void gp_bench_market_new(uint64_t seed, int tickers, int bars, gp_bench_market *out)
{
    *out = (gp_bench_market){.at = gp_xcalloc((size_t)tickers, sizeof *out->at), .n = tickers};
    for (int k = 0; k < tickers; k++) {
        gp_generate(seed, k, bars, &out->at[k]);
        out->bars += (size_t)out->at[k].n;
    }
    qsort(out->at, (size_t)tickers, sizeof *out->at, longest_first);
}

void gp_bench_market_fini(gp_bench_market *m)
{
    for (int k = 0; k < m->n; k++)
        gp_bars_fini(&m->at[k]);
    free(m->at);
    *m = (gp_bench_market){0};
    malloc_trim(0); /* a child process would inherit what is kept as its peak memory */
}

gp_lane gp_bench_lane(const gp_bars *b, int from, double *const *out)
{
    return (gp_lane){.n = b->n, .open = b->open, .high = b->high, .low = b->low, .close = b->close, .vol = b->vol,
                     .amount = b->amount, .date = b->date, .time = b->time, .period = b->period,
                     .code = gp_str_from(b->code), .name = gp_str_from(b->name), .from = from, .out = out};
}

char *gp_bench_folder(void)
{
    const char *base = getenv("TMPDIR");
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/goldpit-bench-XXXXXX", base && *base ? base : P_tmpdir);
    if (!mkdtemp(path.p)) {
        perror(path.p);
        gp_buf_free(&path);
        return NULL;
    }
    return path.p;
}

static void remove_file(void *ctx, const char *path, size_t bytes)
{
    (void)ctx, (void)bytes;
    unlink(path);
}

void gp_bench_folder_remove(char *path)
{
    gp_dir_walk(path, remove_file, NULL);
    rmdir(path);
    free(path);
}

bool gp_bench_line(const gp_bench_opts *o, const char *what, double value, const char *unit, const gp_bench_goal *goal)
{
    bool ok = true;
    printf("  %-46s %10.2f %-6s", what, value, unit);
    if (goal && goal->ratio > 0)
        printf(" %8.2fx", goal->ratio);
    else if (goal && goal->goal > 0)
        printf(" %9s", "");
    if (goal && goal->goal > 0 && o->goals) {
        double x = goal->ratio > 0 ? goal->ratio : value;
        ok = goal->at_least ? x >= goal->goal : x <= goal->goal;
        printf("  goal %s %g: %s", goal->at_least ? ">=" : "<=", goal->goal, ok ? "reached" : "MISSED");
    }
    putchar('\n');
    fflush(stdout);
    return ok;
}

/* ---- the command line ---- */

static const struct { const char *name; bool (*run)(const gp_bench_opts *o); const char *what; } benches[] = {
    {"scan", gp_bench_scan, "goldpit scan over generated CSV files: time and peak memory"},
    {"worth", gp_bench_worth, "hitrate and backtest beside a scan of the same files"},
    {"sweep", gp_bench_sweep, "a sweep of 1,000 sets of parameters beside a scan of the same files"},
    {"plot", gp_bench_plot, "pictures beside gnuplot alone, and a contact sheet of 120 hits"},
    {"csv", gp_bench_csv, "the CSV reader beside bare libcsv"},
    {"day", gp_bench_day, "TDX's .day records beside one read of memory"},
    {"engine", gp_bench_engine, "the golden pit in memory beside a conventional implementation and one read of the quotes"},
    {"many", gp_bench_many, "the screens of the library in one pass over the quotes and one after the other"},
    {"store", gp_bench_store, "a market of CSV files into a store, and the golden pit over it"},
    {"night", gp_bench_night, "the golden pit when every security has one new bar: from the states of the night before, and from the first bar"},
    {"library", gp_bench_library, "every formula of the library from file to program"},
    {"compile", gp_bench_compile_time, "a formula of 200 lines from text to program"},
    {"lint", gp_bench_lint, "lint and fmt of a formula of 200 lines, and of one ten times as long"},
    {"gpu", gp_bench_gpu, "the golden pit on a GPU: last bars, and a sweep over 1000 sets of parameters"},
    {"gpu-scan", gp_bench_gpu_scan, "the last bars alone"},
    {"gpu-long", gp_bench_gpu_long, "few tickers with many bars on a GPU, cut in time and not"},
    {"gpu-folder", gp_bench_gpu_folder, "the library on a GPU: each formula with a kernel of its own, and all by the interpreter"},
    {"functions", gp_bench_functions, "every builtin, one core"},
};
enum { N_BENCHES = sizeof benches / sizeof *benches, FULL_TICKERS = 5000, FULL_BARS = 2500 };

static int usage(FILE *out)
{
    fprintf(out, "usage: goldpit-bench [OPTION...] [BENCH...]\n\nBENCH (all but functions, plot, sweep and those of a GPU when none is named):\n");
    for (int i = 0; i < N_BENCHES; i++)
        fprintf(out, "  %-10s %s\n", benches[i].name, benches[i].what);
    fputs("\n  --tickers N  tickers in memory (5000)\n  --bars N     bars of each, in memory and in files (2500)\n"
          "  --files N    CSV files (5000; csv reads at most 200 of them)\n  --repeat N   best of N interleaved runs (5)\n"
          "  --seed N     of the generated market (1)\n  --check      exit with 1 when a goal is missed\n\n"
          "The goals belong to 5000 tickers of 2500 bars and are checked at no other size.\n", out);
    return out == stderr ? 2 : 0;
}

static bool number_option(int argc, char **argv, int *i, const char *name, int *out)
{
    char *end;
    long v;
    if (strcmp(argv[*i], name) != 0 || *i + 1 >= argc)
        return false;
    v = strtol(argv[++*i], &end, 10);
    if (*end || v < 1 || v > 10000000) {
        fprintf(stderr, "goldpit-bench: %s takes a whole number from 1 on, not '%s'\n", name, argv[*i]);
        exit(2);
    }
    *out = (int)v;
    return true;
}

int main(int argc, char **argv)
{
    gp_bench_opts o = {.tickers = FULL_TICKERS, .bars = FULL_BARS, .files = FULL_TICKERS, .repeat = 5};
    bool chosen[N_BENCHES] = {false}, any = false, check = false, ok = true;
    int seed = 1;
    for (int i = 1; i < argc; i++) {
        bool known = false;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return usage(stdout);
        for (int k = 0; k < N_BENCHES && !known; k++)
            if (strcmp(argv[i], benches[k].name) == 0)
                known = any = chosen[k] = true;
        if (!known && strcmp(argv[i], "--check") == 0)
            known = check = true;
        if (!known && !number_option(argc, argv, &i, "--tickers", &o.tickers) &&
            !number_option(argc, argv, &i, "--bars", &o.bars) && !number_option(argc, argv, &i, "--files", &o.files) &&
            !number_option(argc, argv, &i, "--repeat", &o.repeat) && !number_option(argc, argv, &i, "--seed", &seed)) {
            fprintf(stderr, "goldpit-bench: '%s' is no option and no bench\n", argv[i]);
            return usage(stderr);
        }
    }
    o.seed = (uint64_t)seed;
    o.goals = o.tickers == FULL_TICKERS && o.bars == FULL_BARS && o.files == FULL_TICKERS;
    for (int k = 0; k < N_BENCHES; k++)
        if (any ? chosen[k] : benches[k].run != gp_bench_functions && benches[k].run != gp_bench_plot && benches[k].run != gp_bench_sweep &&
                                benches[k].run != gp_bench_gpu && benches[k].run != gp_bench_gpu_scan && benches[k].run != gp_bench_gpu_long &&
                                benches[k].run != gp_bench_gpu_folder)
            ok &= benches[k].run(&o);
    return check && !ok ? 1 : 0;
}
