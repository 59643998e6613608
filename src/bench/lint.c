/* How long lint and fmt take for 200 lines, and whether ten times as many take ten times as long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "bench/bench.h"

enum { LINES = 200, TIMES = 10 };

/* Lines such as people write: windows, averages, conditions, drawings, each over earlier lines. */
static void text_of(int lines, gp_buf *out)
{
    for (int i = 0; i < lines; i++) {
        int n = 3 + i % 57, a = i > 8 ? i - 1 - i % 7 : 0;
        switch (i < 8 ? 0 : i % 8) {
        case 0: gp_buf_printf(out, "X%d:=(CLOSE-LLV(LOW,%d))/(HHV(HIGH,%d)-LLV(LOW,%d))*100;\n", i, n, n, n); break;
        case 1: gp_buf_printf(out, "X%d:=SMA(SMA(X%d,3,1),3,1)+3*STD(CLOSE,%d); { smoothed }\n", i, a, n); break;
        case 2: gp_buf_printf(out, "X%d:=CROSS(X%d,%d) AND X%d>REF(X%d,1) OR VOL>MA(VOL,%d)*1.5;\n", i, a, n, a, a, n); break;
        case 3: gp_buf_printf(out, "X%d:=IF(COUNT(X%d>%d,%d)>=2,EMA(C,%d),X%d);\n", i, a, n, n, n, a); break;
        case 4: gp_buf_printf(out, "X%d:BARSLAST(CROSS(MA(C,%d),MA(C,%d))),COLORRED,LINETHICK2;\n", i, n, n + 5); break;
        case 5: gp_buf_printf(out, "X%d:=MAX(X%d,MAX(REF(HIGH,1),MIN(OPEN,CLOSE)))-ABS(C-O)/2;\n", i, a); break;
        case 6: gp_buf_printf(out, "X%d:=EVERY(C>MA(C,%d),3) AND NOT(X%d<%d);\n", i, n, a, n); break;
        default: gp_buf_printf(out, "DRAWTEXT(X%d>%d AND LONGCROSS(X%d,20,3),LOW,'第%d行');\n", a - a % 8, n, a - a % 8, i);
            gp_buf_printf(out, "X%d:=SLOPE(C,%d)*20;\n", i, n); break;
        }
    }
}

/* Processor time: what else the machine does at the moment does not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct times { double lint, format; } times;

static bool measure(const gp_bench_opts *o, int lines, times *best)
{
    gp_buf text = {0};
    bool ok = true;
    text_of(lines, &text);
    *best = (times){1e9, 1e9};
    for (int k = 0; k < o->repeat * 4 && ok; k++) {
        gp_diags d = {0};
        gp_buf out = {0};
        double t[3];
        gp_formula *f = gp_formula_parse("<bench>", text.p, text.n, GP_ENC_UTF8, &d);
        ok = gp_formula_resolve(f, &d);
        t[0] = now();
        for (size_t i = 0; i < d.n && !ok; i++) {
            gp_diag_render_text(&d.at[i], false, &out);
            fputs(out.p, stderr);
        }
        if (ok) {
            gp_formula_lint(f, &d);
            t[1] = now();
            gp_formula_format(f, &out);
            t[2] = now();
            best->lint = t[1] - t[0] < best->lint ? t[1] - t[0] : best->lint;
            best->format = t[2] - t[1] < best->format ? t[2] - t[1] : best->format;
        }
        gp_formula_free(f);
        gp_diags_fini(&d);
        gp_buf_free(&out);
    }
    gp_buf_free(&text);
    return ok;
}

bool gp_bench_lint(const gp_bench_opts *o)
{
    gp_bench_opts always = *o;
    times one, ten;
    always.goals = true; /* does not depend on the size of the market */
    printf("\nlint and fmt of a formula of %d lines\n", LINES);
    if (!measure(o, LINES, &one) || !measure(o, LINES * TIMES, &ten))
        return false;
    gp_bench_line(o, "lint", one.lint * 1e3, "ms", NULL);
    gp_bench_line(o, "fmt", one.format * 1e3, "ms", NULL);
    printf("ten times as many lines, and how many times as long (10 is linear)\n");
    bool ok = gp_bench_line(&always, "lint", ten.lint * 1e3, "ms", &(gp_bench_goal){.ratio = ten.lint / one.lint, .goal = 20});
    ok &= gp_bench_line(&always, "fmt", ten.format * 1e3, "ms", &(gp_bench_goal){.ratio = ten.format / one.format, .goal = 20});
    return ok;
}
