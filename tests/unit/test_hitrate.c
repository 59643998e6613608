/* The hit rate: examples worked by hand, a naive recomputation over made-up markets, and that threads and files change nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "market/generate.h"
#include "market/rules.h"
#include "temp_folder.h"
#include "worth/chance.h"
#include "worth/hitrate.h"
#include "worth/stats.h"

typedef struct made { gp_formula *f; gp_plan plan; } made;

static made plan_of(const char *text)
{
    made m;
    gp_diags d = {0};
    m.f = gp_formula_parse("<test>", text, strlen(text), GP_ENC_UTF8, &d);
    assert_int_equal(gp_plan_new(m.f, &(gp_plan_spec){0}, &m.plan, &d), GP_PLAN_OK);
    gp_diags_fini(&d);
    return m;
}

static void drop(made *m)
{
    gp_plan_fini(&m->plan);
    gp_formula_free(m->f);
}

static void write_text(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void run(const char *formula, const char *path, const gp_hitrate_opts *o, gp_hitrate *out)
{
    made m = plan_of(formula);
    gp_inputs in = {0};
    gp_diags d = {0};
    int bad;
    gp_inputs_expand((char *const[]){(char *)path}, 1, NULL, &in, &bad, &d);
    gp_hitrate_run(&m.plan, &in, o, out, &d);
    assert_int_equal(d.errors, 0);
    gp_diags_fini(&d);
    gp_inputs_fini(&in);
    drop(&m);
}

static const gp_hit_row *row_of(const gp_hitrate *r, const char *group, int after)
{
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].after == after && (group ? r->rows[i].group && strcmp(r->rows[i].group, group) == 0 : !r->rows[i].group))
            return &r->rows[i];
    fail_msg("no row of %s after %d", group ? group : "all", after);
    return NULL;
}

#define same(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* ---- by hand ---- */

static const char six[] = "date,open,high,low,close,volume\n"
                          "2024-01-02,10.0,10.20,9.90,10.1,100\n"
                          "2024-01-03,10.2,10.30,9.95,10.0,100\n"  /* signal */
                          "2024-01-04,10.1,10.35,10.05,10.3,100\n"
                          "2024-01-05,10.4,10.50,10.10,10.2,100\n" /* signal */
                          "2024-01-08,10.0,10.45,9.90,10.4,100\n"
                          "2024-01-09,10.5,10.70,10.40,10.6,100\n";

static void by_hand(void **unused)
{
    (void)unused;
    gp_hitrate r;
    write_text("600001.csv", six);
    run("X:C<O;", in_folder("600001.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1, 2}, .n_after = 2, .limit = -1}, &r);
    const gp_hit_row *a = row_of(&r, NULL, 1), *b = row_of(&r, NULL, 2);
    /* bought at 10.1 and 10.0, sold at 10.2 and 10.6: 0.9901 % and 6 % */
    assert_int_equal(a->n, 2);
    same(a->win, 1);
    same(a->mean, (0.009901 + 0.06) / 2);
    same(a->median, (0.009901 + 0.06) / 2);
    same(a->q10, 0.009901 + 0.1 * (0.06 - 0.009901));
    same(a->worst, 0.009901);
    same(a->best, 0.06);
    same(a->mae, (-0.00495 - 0.01) / 2);       /* 10.05/10.1, 9.9/10 */
    same(a->mae_worst, -0.01);
    same(a->mfe, (0.039604 + 0.07) / 2);       /* 10.5/10.1, 10.7/10 */
    same(a->mfe_best, 0.07);
    /* any bar: 10.2 -> 10.3, 10.1 -> 10.2, 10.4 -> 10.4, 10 -> 10.6 */
    assert_int_equal(a->base_n, 4);
    same(a->base_win, 0.75);
    same(a->base_mean, (0.009804 + 0.009901 + 0 + 0.06) / 4);
    same(a->base_median, (0.0098 + 0.0099) / 2); /* to 0.01 % */
    same(a->day_mean, a->mean);
    same(a->excess, 0);
    assert_int_equal(a->days, 2);
    assert_int_equal(a->independent, 2);
    assert_int_equal(a->waiting, 0);
    /* two bars: 10.1 -> 10.4; the other one is not over */
    assert_int_equal(b->n, 1);
    same(b->mean, 0.029703);
    assert_int_equal(b->waiting, 1);
    assert_int_equal(b->independent, 1);
    assert_int_equal(r.fates[0].found, 2);
    assert_true(isnan(a->p));
    gp_hitrate_fini(&r);

    run("X:C<O;", in_folder("600001.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1}, .n_after = 1, .limit = -1, .entry = GP_ENTRY_CLOSE}, &r);
    a = row_of(&r, NULL, 1); /* 10 -> 10.3, 10.2 -> 10.4; the bar of entry is past: lows 10.05 and 9.9 */
    assert_int_equal(a->n, 2);
    same(a->mean, (0.03 + 0.019608) / 2);
    same(a->mae, (0 - 0.029412) / 2);
    gp_hitrate_fini(&r);

    run("X:C<O;", in_folder("600001.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1}, .n_after = 1, .limit = -1, .entry = GP_ENTRY_NEXT_CLOSE}, &r);
    a = row_of(&r, NULL, 1); /* 10.3 -> 10.2, 10.4 -> 10.6 */
    same(a->mean, (-0.009709 + 0.019231) / 2);
    same(a->win, 0.5);
    gp_hitrate_fini(&r);

    /* days asked for: the second signal alone, and the bars from the 4th to the 8th */
    run("X:C<O;", in_folder("600001.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1}, .n_after = 1, .limit = -1, .from = 20240104, .to = 20240108}, &r);
    a = row_of(&r, NULL, 1);
    assert_int_equal(a->n, 1);
    assert_int_equal(a->base_n, 2);
    assert_int_equal(r.bars, 3);
    gp_hitrate_fini(&r);
}

static void left_out(void **unused)
{
    (void)unused;
    gp_hitrate r;
    write_text("600002.csv", "date,open,high,low,close,volume\n"
                             "2024-01-02,10,10,10,10.00,5\n2024-01-03,10,10,10,10.00,5\n2024-01-04,10,10,10,10.00,5\n2024-01-05,10,10,10,10.00,5\n"
                             "2024-01-08,10,10,10,10.05,5\n"   /* signal: the next open is 11.06, the limit */
                             "2024-01-09,11.06,11.06,10.5,10.60,5\n"
                             "2024-01-10,10.6,10.6,10.6,10.65,5\n" /* signal: nothing is traded the day after */
                             "2024-01-11,10.65,10.65,10.65,10.65,0\n"
                             "2024-01-12,10.6,10.8,10.6,10.75,5\n"  /* signal: no price the day after */
                             "2024-01-15,,10.8,10.6,10.70,5\n"
                             "2024-01-16,10.6,10.8,10.6,10.70,5\n"
                             "2024-01-17,10.6,10.8,10.6,10.75,5\n"); /* signal: the last bar */
    const gp_hitrate_opts o = {.jobs = 1, .after = {1}, .n_after = 1, .limit = -1};
    run("X:MOD(ROUND(C*100),10)=5 AND V>0;", in_folder("600002.csv"), &o, &r);
    const gp_hit_fate *f = &r.fates[0];
    assert_int_equal(f->found, 4);
    assert_int_equal(f->at_limit, 1);
    assert_int_equal(f->halted, 1);
    assert_int_equal(f->bad_price, 1);
    assert_int_equal(f->no_bar, 1);
    assert_int_equal(row_of(&r, NULL, 1)->n, 0);
    assert_true(isnan(row_of(&r, NULL, 1)->win));
    gp_hitrate_fini(&r);
    gp_hitrate_opts keep = o;
    keep.keep_limit = true;
    run("X:MOD(ROUND(C*100),10)=5 AND V>0;", in_folder("600002.csv"), &keep, &r);
    assert_int_equal(row_of(&r, NULL, 1)->n, 1);
    same(row_of(&r, NULL, 1)->mean, -0.037071); /* 11.06 -> 10.65 */
    gp_hitrate_fini(&r);
    /* a security that is halted all the time, prices below zero, nothing at all: no signal bought, no crash */
    write_text("600003.csv", "date,open,high,low,close,volume\n2024-01-02,5,5,5,5,0\n2024-01-03,5,5,5,5,0\n2024-01-04,5,5,5,5,0\n");
    run("X:C>0;", in_folder("600003.csv"), &o, &r);
    assert_int_equal(r.fates[0].halted, 2);
    assert_int_equal(r.fates[0].no_bar, 1);
    gp_hitrate_fini(&r);
    write_text("600004.csv", "date,open,high,low,close,volume\n2024-01-02,-5,-5,-5,-5,1\n2024-01-03,0,0,0,0,1\n2024-01-04,-5,5,-5,5,1\n2024-01-05,5,5,5,5,1\n");
    run("X:1;", in_folder("600004.csv"), &o, &r);
    assert_int_equal(r.fates[0].bad_price, 1); /* the row of zeros is a suspension to the reader */
    assert_int_equal(row_of(&r, NULL, 1)->n, 0);
    assert_int_equal(row_of(&r, NULL, 1)->waiting, 1);
    gp_hitrate_fini(&r);
}

/* Two securities on the same days: same days, years, codes. */
static void groups(void **unused)
{
    (void)unused;
    gp_hitrate r;
    write_text("two.csv", "code,date,open,high,low,close,volume\n"
                          "600001,2023-12-28,10,10,10,10,1\n600001,2023-12-29,10,10,10,10,1\n600001,2024-01-02,10,11,10,10.5,1\n600001,2024-01-03,10.5,10.5,10.5,10.5,1\n"
                          "600002,2023-12-28,20,20,20,20,1\n600002,2023-12-29,20,20,20,20,1\n600002,2024-01-02,20,20,19,19,1\n600002,2024-01-03,19,19,18,18,1\n");
    /* signals of 600001 only: on 12-28 (10 -> 10.5 on 01-02) and 12-29 (bought 01-02 at 10, sold 01-03 at 10.5) */
    run("X:C<=10;", in_folder("two.csv"), &(gp_hitrate_opts){.jobs = 2, .after = {1}, .n_after = 1, .limit = 0, .by = GP_HIT_BY_CODE, .entry = GP_ENTRY_NEXT_OPEN}, &r);
    const gp_hit_row *all = row_of(&r, NULL, 1), *one = row_of(&r, "600001", 1);
    assert_int_equal(all->n, 2);
    same(all->mean, 0.05);
    /* the same days: 600002 gave 20 -> 19, -5 %, and 20 -> 18, -10 % */
    same(all->day_mean, ((0.05 - 0.05) / 2 + (0.05 - 0.10) / 2) / 2);
    same(all->excess, 0.05 + 0.0125);
    same(all->base_mean, (0.05 + 0.05 - 0.05 - 0.10) / 4);
    assert_int_equal(all->days, 2);
    assert_int_equal(all->independent, 1); /* held a day each: the holding times touch */
    assert_int_equal(one->n, 2);
    same(one->base_mean, 0.05);
    assert_int_equal(r.n_rows, 2);
    gp_hitrate_fini(&r);
    run("X:C<=10;", in_folder("two.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1}, .n_after = 1, .limit = 0, .by = GP_HIT_BY_YEAR}, &r);
    assert_int_equal(r.n_rows, 2);
    assert_int_equal(row_of(&r, "2023", 1)->n, 2);
    assert_int_equal(row_of(&r, "2023", 1)->base_n, 4);
    gp_hitrate_fini(&r);
}

/* More bars than sums of one word are made for: on every day, in a run of signals, and of one security. */
static void many_bars(void **unused)
{
    (void)unused;
    enum { DAYS = 28, A_DAY = 2500, BARS = DAYS * A_DAY };
    char *text = test_malloc(64 * (BARS + 1)), *p = text + sprintf(text, "date,time,open,high,low,close,volume\n");
    for (int i = 0; i < BARS; i++) {
        const int second = i % A_DAY;
        p += sprintf(p, "2024-02-%02d,%02d:%02d:%02d,10,11,10,%s,1\n", 1 + i / A_DAY, 10 + second / 3600, second / 60 % 60, second % 60, i % 2 ? "11" : "10");
    }
    write_text("600009.csv", text);
    test_free(text);
    for (int n_after = 1; n_after <= 5; n_after += 2) {
        gp_hitrate r;
        run("X:1;", in_folder("600009.csv"), &(gp_hitrate_opts){.jobs = 1, .after = {1, 2, 3, 5, 7}, .n_after = n_after, .entry = GP_ENTRY_CLOSE, .draws = 3}, &r);
        for (int k = 0; k < n_after; k++) {
            static const int after[] = {1, 2, 3, 5, 7};
            const gp_hit_row *a = row_of(&r, NULL, after[k]);
            const double up = after[k] % 2 ? 0.1 : 0, down = after[k] % 2 ? -0.090909 : 0;
            const int64_t n = BARS - after[k], ups = (n + 1) / 2;
            assert_int_equal(a->n, n);
            assert_int_equal(a->base_n, n);
            assert_int_equal(a->days, DAYS);
            same(a->base_mean, ((double)ups * up + (double)(n - ups) * down) / (double)n);
            same(a->base_win, up > 0 ? (double)ups / (double)n : 0);
            same(a->mean, a->base_mean);
            same(a->day_mean, a->mean);
            same(a->p, 1); /* whatever the shift, it is all of them */
        }
        gp_hitrate_fini(&r);
    }
}

/* ---- the statistics ---- */

static int ascending(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

static void sorting(void **unused)
{
    (void)unused;
    enum { MOST = 3000 };
    static int32_t v[MOST], w[MOST], room[MOST];
    for (size_t n = 0; n < MOST; n += 1 + n / 3) {
        for (size_t i = 0; i < n; i++)
            v[i] = w[i] = (int32_t)(gp_chance(7, n, i) >> (i % 5 ? 32 : 44)) - (i % 7 ? 0 : 1000);
        gp_sort_returns(v, n, room);
        if (n)
            qsort(w, n, sizeof *w, ascending);
        assert_memory_equal(v, w, n * sizeof *v);
    }
    const int32_t five[] = {10000, 20000, 30000, 40000, 100000};
    same(gp_quantile_sorted(five, 5, 0.5), 0.03);
    same(gp_quantile_sorted(five, 5, 0.9), 0.076);
    same(gp_quantile_sorted(five, 1, 0.9), 0.01);
    assert_true(isnan(gp_quantile_sorted(five, 0, 0.5)));
    enum { MANY = 30000 };
    static const double at[] = {0, 0.1, 0.25, 0.5, 0.9, 1};
    static int32_t many[MANY], sorted[MANY], more_room[MANY];
    for (int spread = 4; spread <= 40; spread += 4) /* from all different to nearly all the same, and with two far away */
        for (int outliers = 0; outliers < 2; outliers++) {
            double q[6];
            for (size_t i = 0; i < MANY; i++)
                many[i] = sorted[i] = (int32_t)(gp_chance(9, (uint64_t)spread, i) >> (22 + spread)) - (spread > 6 ? 500 : 0);
            if (outliers) {
                many[17] = sorted[17] = -GP_RETURN_ONE;
                many[29] = sorted[29] = (int32_t)GP_RETURN_MOST * GP_RETURN_ONE;
            }
            qsort(sorted, MANY, sizeof *sorted, ascending);
            gp_quantiles(many, MANY, more_room, at, 6, q);
            for (int k = 0; k < 6; k++)
                assert_true(q[k] == gp_quantile_sorted(sorted, MANY, at[k]));
        }
    double none[1];
    gp_quantiles(many, 0, more_room, at + 3, 1, none);
    assert_true(isnan(none[0]));
    const double prices[] = {10.5, 0, -1, 5, 2000, NAN, 1e-300};
    int32_t ret[7];
    gp_returns_from(10, prices, 7, ret);
    for (int i = 0; i < 7; i++)
        assert_int_equal(ret[i], gp_return_of(10, prices[i]));
    static uint32_t hist[GP_HIST_BINS];
    for (int i = 0; i < 5; i++)
        hist[gp_hist_bin(five[i])]++;
    same(gp_quantile_hist(hist, 5, 0.5), 0.03);
    same(gp_quantile_hist(hist, 5, 0.9), 0.076);
    assert_int_equal(gp_hist_bin(-1000000), 0);
    assert_int_equal(gp_hist_bin(INT32_MAX - GP_RETURN_ONE - 50), GP_HIST_BINS - 1);
}

static void intervals(void **unused)
{
    (void)unused;
    double low, high;
    gp_wilson(0.5, 10, &low, &high); /* Wilson 1927: 0.2366 .. 0.7634 */
    assert_float_equal(low, 0.23659, 1e-5);
    assert_float_equal(high, 0.76341, 1e-5);
    gp_wilson(0, 10, &low, &high);
    assert_float_equal(low, 0, 1e-12);
    assert_float_equal(high, 0.27753, 1e-5);
    gp_wilson(1, 0, &low, &high);
    assert_true(isnan(low) && isnan(high));
    assert_int_equal(gp_return_of(10, 10.5), 50000);
    assert_int_equal(gp_return_of(3, 2), -333333);
    assert_int_equal(gp_return_of(0, 2), GP_RETURN_NONE);
    assert_int_equal(gp_return_of(2, NAN), GP_RETURN_NONE);
    assert_int_equal(gp_return_of(0.01, 2), GP_RETURN_NONE);
}

/* ---- luck ---- */

static void write_moves(const char *name, int n, int every, double jump)
{
    gp_buf b = {0};
    double price = 10;
    gp_buf_addz(&b, "date,open,high,low,close,volume\n");
    for (int i = 0; i < n; i++) {
        const double open = price;
        price = every && i % every == every - 1 ? price * (1 + jump) : price;
        gp_buf_printf(&b, "%d,%.6f,%.6f,%.6f,%.6f,%d\n", 20200101 + i / 28 % 12 * 100 + i / 336 * 10000 + i % 28, open, price, open, price, i % every);
    }
    write_text(name, b.p);
    gp_buf_free(&b);
}

static void luck(void **unused)
{
    (void)unused;
    gp_hitrate r;
    gp_hitrate_opts o = {.jobs = 1, .after = {1}, .n_after = 1, .limit = 0, .draws = 400, .seed = 3};
    write_moves("lucky.csv", 600, 97, 0.05);
    /* bought two bars before each jump: only a shift by a multiple of 97 does as well */
    run("X:V=94;", in_folder("lucky.csv"), &o, &r);
    same(row_of(&r, NULL, 1)->win, 1);
    assert_true(row_of(&r, NULL, 1)->p < 0.05);
    gp_hitrate_fini(&r);
    run("X:V=50;", in_folder("lucky.csv"), &o, &r); /* nothing happens: anything is as good */
    same(row_of(&r, NULL, 1)->p, 1);
    gp_hitrate_fini(&r);
    o.apart = true;
    run("X:V=94;", in_folder("lucky.csv"), &o, &r);
    assert_true(row_of(&r, NULL, 1)->p < 0.05);
    gp_hitrate_fini(&r);
}

/* ---- a second way ---- */

typedef struct entry { int32_t r; int32_t day; int bars; } entry;

static int by_return(const void *a, const void *b) { return ascending(&((const entry *)a)->r, &((const entry *)b)->r); }

/* What the rule of entry gives after a signal on bar i; NONE. */
static int32_t naive_return(const gp_bars *b, int i, gp_entry_at at, int after)
{
    const int e = at == GP_ENTRY_CLOSE ? i : i + 1;
    if (e + after >= b->n)
        return GP_RETURN_NONE;
    const double price = at == GP_ENTRY_NEXT_OPEN ? b->open[e] : b->close[e], sold = b->close[e + after];
    const gp_limits l = gp_limits_at(b, e, -1);
    if (!(price > 0) || !(sold > 0) || (b->vol[e] == 0 && b->high[e] == b->low[e]) || gp_at_limit_up(&l, price))
        return GP_RETURN_NONE;
    return (int32_t)lround((sold / price - 1) * 1e6);
}

static void compare_with_naive(uint64_t seed, gp_entry_at at, int after, const char *formula, int way)
{
    enum { TICKERS = 9, BARS = 160 };
    gp_hitrate r;
    char path[200];
    static int count;
    snprintf(path, sizeof path, "%s/market%d", folder, count++);
    assert_null(gp_generate_files(seed, TICKERS, BARS, path));
    run(formula, path, &(gp_hitrate_opts){.jobs = 2, .after = {after}, .n_after = 1, .limit = -1, .entry = at, .draws = 20, .seed = seed}, &r);
    const gp_hit_row *row = row_of(&r, NULL, after);
    entry signals[TICKERS * BARS], bars[TICKERS * BARS];
    int n = 0, m = 0, wins = 0;
    double sum = 0, base = 0, same_days = 0;
    for (int k = 0; k < TICKERS; k++) {
        gp_bars b;
        gp_generate(seed, k, BARS, &b);
        for (int i = 0; i < b.n; i++) {
            const int32_t x = naive_return(&b, i, at, after);
            const bool fires = way == 0 ? b.close[i] < b.open[i] - 1e-4 : i % 5 == 2;
            if (x == GP_RETURN_NONE)
                continue;
            bars[m++] = (entry){x, b.date[i], 0};
            base += x;
            if (fires) {
                signals[n++] = (entry){x, b.date[i], 0};
                sum += x;
                wins += x > 0;
            }
        }
        gp_bars_fini(&b);
    }
    for (int i = 0; i < n; i++) {
        double s = 0;
        int c = 0;
        for (int k = 0; k < m; k++)
            if (bars[k].day == signals[i].day) {
                s += bars[k].r;
                c++;
            }
        same_days += s / c;
    }
    assert_int_equal(row->n, n);
    assert_int_equal(row->base_n, m);
    assert_true(n > 0);
    assert_float_equal(row->mean, sum / n / 1e6, 1e-9);
    assert_float_equal(row->win, (double)wins / n, 1e-12);
    assert_float_equal(row->base_mean, base / m / 1e6, 1e-9);
    assert_float_equal(row->day_mean, same_days / n / 1e6, 1e-9);
    qsort(signals, (size_t)n, sizeof *signals, by_return);
    assert_float_equal(row->median, (signals[(n - 1) / 2].r + signals[n / 2].r) / 2e6, 1e-9);
    assert_float_equal(row->worst, signals[0].r / 1e6, 1e-9);
    assert_float_equal(row->best, signals[n - 1].r / 1e6, 1e-9);
    assert_true(row->p > 0 && row->p <= 1);
    assert_true(row->independent >= 1 && row->independent <= row->days && row->days <= n);
    gp_hitrate_fini(&r);
}

static void naively(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++)
        for (int at = 0; at < 3; at++) {
            compare_with_naive(seed, (gp_entry_at)at, 1 + (int)seed * 2, "X:C<O;", 0);
            compare_with_naive(seed, (gp_entry_at)at, 1 + (int)seed, "X:MOD(BARSCOUNT(C),5)=2;", 1);
        }
}

/* ---- threads and files ---- */

static void put_together(const char *path, int tickers, int bars)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs("code,date,open,high,low,close,volume,amount\n", f);
    for (int k = tickers - 1; k >= 0; k--) {
        gp_bars b;
        gp_generate(5, k, bars, &b);
        for (int i = 0; i < b.n; i++)
            fprintf(f, "%s,%d,%.2f,%.2f,%.2f,%.2f,%.0f,%.2f\n", b.code, b.date[i], b.open[i], b.high[i], b.low[i], b.close[i], b.vol[i], b.amount[i]);
        gp_bars_fini(&b);
    }
    assert_int_equal(fclose(f), 0);
}

static void assert_same_rows(const gp_hitrate *a, const gp_hitrate *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    for (size_t i = 0; i < a->n_rows; i++) {
        gp_hit_row x = a->rows[i], y = b->rows[i];
        assert_string_equal(x.signal, y.signal);
        assert_string_equal(x.group ? x.group : "", y.group ? y.group : "");
        x.signal = y.signal = x.group = y.group = NULL;
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void threads_and_files(void **unused)
{
    (void)unused;
    gp_hitrate_opts o = {.jobs = 1, .after = {1, 3, 10}, .n_after = 3, .limit = -1, .draws = 50, .seed = 9};
    char path[200];
    snprintf(path, sizeof path, "%s/universe", folder);
    assert_null(gp_generate_files(5, 40, 150, path));
    put_together(in_folder("one.csv"), 40, 150);
    for (int by = 0; by < 3; by++)
        for (int apart = 0; apart < 2; apart++) {
            gp_hitrate first, other;
            o.by = (gp_hit_by)by;
            o.apart = apart;
            o.jobs = 1;
            run("ENTERLONG:CROSS(C,MA(C,5));EXITLONG:C<REF(C,1);", path, &o, &first);
            assert_true(first.rows[0].n > 0);
            for (int jobs = 2; jobs < 9; jobs += 3) {
                o.jobs = jobs;
                run("ENTERLONG:CROSS(C,MA(C,5));EXITLONG:C<REF(C,1);", path, &o, &other);
                assert_same_rows(&first, &other);
                gp_hitrate_fini(&other);
            }
            run("ENTERLONG:CROSS(C,MA(C,5));EXITLONG:C<REF(C,1);", in_folder("one.csv"), &o, &other);
            assert_same_rows(&first, &other);
            gp_hitrate_fini(&other);
            gp_hitrate_fini(&first);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(left_out), cmocka_unit_test(groups), cmocka_unit_test(many_bars),
                                       cmocka_unit_test(sorting),
                                       cmocka_unit_test(intervals), cmocka_unit_test(luck), cmocka_unit_test(naively), cmocka_unit_test(threads_and_files)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
