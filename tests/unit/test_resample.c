/* Longer bars.  Expectations are worked out by hand from a calendar. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/vec.h"
#include "market/reader.h"
#include "market/resample.h"
#include "market/stamp.h"

static gp_bars read_text(const char *name, const char *text)
{
    gp_read_result r;
    gp_diags d = {0};
    assert_true(gp_read_quotes_mem(name, text, strlen(text), NULL, &r, &d));
    assert_int_equal(r.n, 1);
    gp_bars b = r.at[0];
    free(r.at);
    gp_diags_fini(&d);
    return b;
}

static void same(double got, double want)
{
    if (isnan(want))
        assert_true(isnan(got));
    else
        assert_true(got == want);
}

static void bar_is(const gp_resampled *r, int k, int date, double o, double h, double l, double c, double v, double a)
{
    assert_int_equal(r->bars.date[k], date);
    same(r->bars.open[k], o);
    same(r->bars.high[k], h);
    same(r->bars.low[k], l);
    same(r->bars.close[k], c);
    same(r->bars.vol[k], v);
    same(r->bars.amount[k], a);
}

/* Qingming: Thursday 2024-04-04 and Friday are holidays, Sunday 7 works nowhere; the next week is whole, then a single Monday. */
static const char april[] =
    "date,open,high,low,close,volume,amount\n"
    "2024-03-28,10,11,9,10.5,100,1000\n" /* Thursday */
    "2024-03-29,10.5,12,10,11,200,2000\n"
    "2024-04-01,11,11.5,10.8,11.2,10,110\n"
    "2024-04-02,11.2,13,11,12.5,20,240\n"
    "2024-04-03,12.5,12.6,10.1,10.3,30,340\n"
    "2024-04-08,10.3,10.4,9.5,9.6,1,10\n"
    "2024-04-09,9.6,9.9,9.4,9.9,2,20\n"
    "2024-04-10,9.9,10,9.8,9.8,3,30\n"
    "2024-04-11,9.8,10.5,9.7,10.2,4,40\n"
    "2024-04-12,10.2,10.3,10.1,10.1,5,50\n"
    "2024-04-15,10.1,10.2,10,10,7,70\n";

static void weeks(void **unused)
{
    (void)unused;
    gp_bars b = read_text("sh600000.csv", april);
    gp_resampled r;
    int at[11];
    assert_true(gp_resample_fits(&b, GP_PERIOD_WEEK));
    gp_resample(&b, b.n, GP_PERIOD_WEEK, &r);
    assert_int_equal(r.bars.n, 4);
    bar_is(&r, 0, 20240329, 10, 12, 9, 11, 300, 3000);
    bar_is(&r, 1, 20240403, 11, 13, 10.1, 10.3, 60, 690);
    bar_is(&r, 2, 20240412, 10.3, 10.5, 9.4, 10.1, 15, 150);
    bar_is(&r, 3, 20240415, 10.1, 10.2, 10, 10, 7, 70);
    assert_int_equal(r.bars.period, 6);
    assert_null(r.bars.time);
    assert_string_equal(r.bars.code, "600000");
    assert_string_equal(r.bars.market, "SH");
    assert_true(r.forming);
    gp_resample_map(&b, b.n, &r, false, at);
    static const int tdx[] = {0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3}, closed[] = {-1, -1, 0, 0, 0, 1, 1, 1, 1, 1, 2};
    for (int i = 0; i < 11; i++) assert_int_equal(at[i], tdx[i]);
    gp_resample_map(&b, b.n, &r, true, at);
    for (int i = 0; i < 11; i++) assert_int_equal(at[i], closed[i]);
    gp_resampled_fini(&r);

    gp_resample(&b, 10, GP_PERIOD_WEEK, &r); /* up to the Friday: the week is over */
    assert_int_equal(r.bars.n, 3);
    assert_false(r.forming);
    gp_resampled_fini(&r);
    gp_resample(&b, 9, GP_PERIOD_WEEK, &r); /* the Thursday: bars after the cut are not looked at */
    bar_is(&r, 2, 20240411, 10.3, 10.5, 9.4, 10.2, 10, 100);
    assert_true(r.forming);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
}

static void months_quarters_years(void **unused)
{
    (void)unused;
    gp_bars b = read_text("600000.csv", "date,open,high,low,close,volume\n"
                                        "2023-12-29,1,2,1,2,1\n" /* Friday */
                                        "2024-01-02,2,3,2,3,2\n" /* Tuesday of the next week */
                                        "2024-01-31,3,4,3,4,4\n"
                                        "2024-03-29,4,5,4,5,8\n"
                                        "2024-04-01,5,6,5,6,16\n"
                                        "2024-12-31,6,7,6,7,32\n" /* Tuesday */
                                        "2025-01-02,7,8,7,8,64\n"); /* Thursday of the same week */
    static const struct {
        gp_period period;
        int n, last[8];
        double vol[8];
    } want[] = {{GP_PERIOD_MONTH, 6, {20231229, 20240131, 20240329, 20240401, 20241231, 20250102}, {1, 6, 8, 16, 32, 64}},
                {GP_PERIOD_SEASON, 5, {20231229, 20240329, 20240401, 20241231, 20250102}, {1, 14, 16, 32, 64}},
                {GP_PERIOD_YEAR, 3, {20231229, 20241231, 20250102}, {1, 62, 64}},
                {GP_PERIOD_WEEK, 6, {20231229, 20240102, 20240131, 20240329, 20240401, 20250102}, {1, 2, 4, 8, 16, 96}},
                {GP_PERIOD_DAY, 7, {20231229, 20240102, 20240131, 20240329, 20240401, 20241231, 20250102}, {1, 2, 4, 8, 16, 32, 64}}};
    b.period = 5;
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        gp_resampled r;
        gp_resample(&b, b.n, want[k].period, &r);
        assert_int_equal(r.bars.n, want[k].n);
        assert_null(r.bars.amount);
        for (int i = 0; i < want[k].n; i++) {
            assert_int_equal(r.bars.date[i], want[k].last[i]);
            same(r.bars.vol[i], want[k].vol[i]);
        }
        gp_resampled_fini(&r);
    }
    gp_bars_fini(&b);
}

static void missing_values(void **unused)
{
    (void)unused;
    gp_bars b = read_text("600000.csv", "date,open,high,low,close,volume,amount\n"
                                        "2024-01-01,,,,1,,\n"
                                        "2024-01-02,2,3,1,,5,\n"
                                        "2024-01-03,3,2.5,2,,,\n"
                                        "2024-01-08,4,,4,4,,9\n");
    gp_resampled r;
    b.period = 5;
    gp_resample(&b, b.n, GP_PERIOD_WEEK, &r);
    assert_int_equal(r.bars.n, 2);
    bar_is(&r, 0, 20240103, 2, 3, 1, 1, 5, NAN);
    bar_is(&r, 1, 20240108, 4, NAN, 4, 4, NAN, 9);
    gp_resampled_fini(&r);
    gp_resample(&b, 0, GP_PERIOD_WEEK, &r);
    assert_int_equal(r.bars.n, 0);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
}

/* One minute a row at these ends; close = the number of the row. */
static gp_bars minutes_at(const char *name, const char *const *stamps, int n)
{
    gp_buf text = {0};
    gp_buf_addz(&text, "date,open,high,low,close,volume\n");
    for (int i = 0; i < n; i++) gp_buf_printf(&text, "%s,%d,%d,%d,%d,1\n", stamps[i], i, i, i + 1, i + 1);
    gp_bars b = read_text(name, text.p);
    gp_buf_free(&text);
    return b;
}

static void sessions(void **unused)
{
    (void)unused;
    static const char *const stamps[] = {
        "2024-01-02 09:25", "2024-01-02 09:31", "2024-01-02 10:30", "2024-01-02 10:31", "2024-01-02 11:30",
        "2024-01-02 13:01", "2024-01-02 14:00", "2024-01-02 14:01", "2024-01-02 15:00", "2024-01-02 15:05", /* after hours */
        "2024-01-03 09:31", "2024-01-03 13:00", /* the terminals that stamp the end of the morning 13:00 */
        "2024-01-03 13:01"};
    gp_bars b = minutes_at("sz300001.csv", stamps, 13);
    gp_resampled r;
    int at[13];
    b.period = 0;
    gp_resample(&b, b.n, GP_PERIOD_MIN60, &r);
    static const int ends[] = {103000, 113000, 140000, 150000, 103000, 113000, 140000};
    static const double vol[] = {3, 2, 2, 3, 1, 1, 1};
    assert_int_equal(r.bars.n, 7);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(r.bars.time[i], ends[i]);
        assert_int_equal(r.bars.date[i], i < 4 ? 20240102 : 20240103);
        same(r.bars.vol[i], vol[i]);
    }
    assert_true(r.forming);
    gp_resample_map(&b, b.n, &r, false, at);
    static const int tdx[] = {0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 5, 6};
    for (int i = 0; i < 13; i++) assert_int_equal(at[i], tdx[i]);
    gp_resampled_fini(&r);

    gp_resample(&b, 9, GP_PERIOD_MIN60, &r); /* up to 15:00 */
    assert_false(r.forming);
    gp_resampled_fini(&r);
    gp_resample(&b, b.n, GP_PERIOD_DAY, &r);
    assert_int_equal(r.bars.n, 2);
    assert_null(r.bars.time);
    bar_is(&(gp_resampled){.bars = {.date = r.bars.date, .open = r.bars.open, .high = r.bars.high, .low = r.bars.low, .close = r.bars.close,
                                    .vol = r.bars.vol, .amount = r.bars.vol}},
           0, 20240102, 0, 9, 1, 10, 10, 10);
    assert_true(r.forming);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
}

static void five_minutes(void **unused)
{
    (void)unused;
    static const char *const stamps[] = {"2024-01-02 09:31", "2024-01-02 09:35", "2024-01-02 09:36", "2024-01-02 11:29", "2024-01-02 11:30",
                                         "2024-01-02 13:01", "2024-01-02 14:57", "2024-01-02 15:00"};
    static const int ends[] = {93500, 94000, 113000, 130500, 150000};
    gp_bars b = minutes_at("sh600000.csv", stamps, 8);
    gp_resampled r;
    b.period = 0;
    gp_resample(&b, b.n, GP_PERIOD_MIN5, &r);
    assert_int_equal(r.bars.n, 5);
    for (int i = 0; i < 5; i++) assert_int_equal(r.bars.time[i], ends[i]);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
}

/* Where the market is unknown and trades over lunch, the clock counts. */
static void another_exchange(void **unused)
{
    (void)unused;
    static const char *const stamps[] = {"2024-01-02 09:05", "2024-01-02 10:00", "2024-01-02 10:05", "2024-01-02 12:00", "2024-01-02 12:05",
                                         "2024-01-02 17:35"};
    static const int ends[] = {100000, 110000, 120000, 130000, 180000};
    gp_bars b = minutes_at("estoxx50.csv", stamps, 6);
    gp_resampled r;
    b.period = 1;
    gp_resample(&b, b.n, GP_PERIOD_MIN60, &r);
    assert_int_equal(r.bars.n, 5);
    for (int i = 0; i < 5; i++) assert_int_equal(r.bars.time[i], ends[i]);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
}

static void what_fits(void **unused)
{
    (void)unused;
    gp_bars day = {.n = 1, .period = 5}, week = {.n = 1, .period = 6};
    int32_t date[] = {20240102, 20240102}, time[] = {93500, 94000}, ten[] = {94000, 95000};
    gp_bars minute = {.n = 2, .period = 1, .date = date, .time = time}, tens = {.n = 2, .period = 8, .date = date, .time = ten};
    assert_true(gp_resample_fits(&day, GP_PERIOD_DAY));
    assert_true(gp_resample_fits(&day, GP_PERIOD_YEAR));
    assert_false(gp_resample_fits(&day, GP_PERIOD_MIN60));
    assert_false(gp_resample_fits(&week, GP_PERIOD_DAY));
    assert_true(gp_resample_fits(&week, GP_PERIOD_MONTH));
    assert_true(gp_resample_fits(&minute, GP_PERIOD_MIN15));
    assert_false(gp_resample_fits(&minute, GP_PERIOD_MIN1));
    assert_true(gp_resample_fits(&tens, GP_PERIOD_MIN30));
    assert_false(gp_resample_fits(&tens, GP_PERIOD_MIN15));
    assert_true(gp_resample_fits(&tens, GP_PERIOD_WEEK));
    assert_false(gp_resample_fits(&day, GP_PERIOD_SAME));
}

static void day_numbers_both_ways(void **unused)
{
    (void)unused;
    static const int dates[] = {19700101, 19000228, 19000301, 20000229, 20240229, 20231231, 20240101, 21991231};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) assert_int_equal(gp_day_date(gp_day_number(dates[i])), dates[i]);
    for (int day = gp_day_number(19990101); day < gp_day_number(20050101); day++) assert_int_equal(gp_day_number(gp_day_date(day)), day);
}

static void further_columns(void **unused)
{
    (void)unused;
    static const char text[] = "date,close,open_interest,turn,volume\n2024-01-01,1,10,0.5,7\n2024-01-02,2,,0.25,8\n2024-01-08,3,30,x,9\n";
    static const char *const keys[] = {"turnover", "oi"}, *const lacking[] = {"settle"};
    gp_read_opts o = {.more = keys, .n_more = 2};
    gp_read_result r;
    gp_resampled w;
    for (int path = GP_PATH_LIBCSV; path <= GP_PATH_PLAIN; path++) {
        gp_diags d = {0};
        o.csv_path = (gp_csv_path)path;
        assert_true(gp_read_quotes_mem("a.csv", text, strlen(text), &o, &r, &d));
        assert_int_equal(d.n, 1);
        assert_string_equal(d.at[0].message, "'x' in column turnover is not a number; the value counts as missing");
        assert_int_equal(r.at[0].n_more, 2);
        same(r.at[0].more[0][1], 0.25);
        same(r.at[0].more[1][0], 10);
        same(r.at[0].more[1][1], NAN);
        r.at[0].period = 5;
        gp_resample(&r.at[0], 3, GP_PERIOD_WEEK, &w);
        same(w.bars.more[0][0], 0.75); /* a sum */
        same(w.bars.more[1][0], 10);   /* the last there is */
        same(w.bars.more[0][1], NAN);
        gp_resampled_fini(&w);
        gp_read_result_fini(&r);
        gp_diags_fini(&d);
    }
    gp_diags d = {0};
    o.more = lacking;
    o.n_more = 1;
    assert_false(gp_read_quotes_mem("a.csv", text, strlen(text), &o, &r, &d));
    assert_string_equal(d.at[0].message, "there is no settle column; the columns found are: date, close, open_interest, turn, volume");
    gp_diags_fini(&d);
    gp_read_result_fini(&r);
}

/* A day of 5-minute bars: 48 of them.  Ends of longer ones, counted through the lunch break. */
static void any_minutes(void **unused)
{
    (void)unused;
    static const struct { int minutes, n, ends[7]; } cases[] = {
        {120, 2, {113000, 150000}}, {240, 1, {150000}}, {10, 24, {94000, 95000}}, {90, 3, {110000, 140000, 150000}},
        {50, 5, {102000, 111000, 133000, 142000, 150000}}, {35, 7, {100500, 104000, 111500, 132000, 135500, 143000, 150000}}};
    gp_buf text = {0};
    gp_buf_addz(&text, "date,time,close,volume\n");
    for (int k = 1; k <= 48; k++) {
        const int m = k <= 24 ? 570 + 5 * k : 780 + 5 * (k - 24);
        gp_buf_printf(&text, "2024-01-02,%02d:%02d,%d,1\n", m / 60, m % 60, k);
    }
    gp_bars b = read_text("sh600000.csv", text.p);
    assert_int_equal(b.n, 48);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gp_resampled r;
        double volume = 0;
        assert_true(gp_resample_fits_minutes(&b, cases[i].minutes));
        gp_resample_minutes(&b, b.n, cases[i].minutes, &r);
        assert_int_equal(r.bars.n, cases[i].n);
        assert_int_equal(r.bars.period, 8);
        assert_false(r.forming);
        for (int k = 0; k < 7 && cases[i].ends[k]; k++) assert_int_equal(r.bars.time[k], cases[i].ends[k]);
        for (int k = 0; k < r.bars.n; k++) volume += r.bars.vol[k];
        assert_true(volume == 48);
        assert_true(r.bars.close[r.bars.n - 1] == 48);
        gp_resampled_fini(&r);
        gp_resample_minutes(&b, b.n - 1, cases[i].minutes, &r); /* a bar is missing at the end */
        assert_true(r.forming);
        gp_resampled_fini(&r);
    }
    assert_false(gp_resample_fits_minutes(&b, 3));
    assert_false(gp_resample_fits_minutes(&b, 12));
    assert_false(gp_resample_fits_minutes(&b, 0));
    gp_resampled r;
    gp_resample_minutes(&b, b.n, 30, &r); /* one that has a word is that one */
    assert_int_equal(r.bars.period, 3);
    gp_resampled_fini(&r);
    gp_bars_fini(&b);
    gp_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_minutes),
        cmocka_unit_test(weeks),        cmocka_unit_test(months_quarters_years), cmocka_unit_test(missing_values),
        cmocka_unit_test(sessions),     cmocka_unit_test(five_minutes),          cmocka_unit_test(another_exchange),
        cmocka_unit_test(what_fits),    cmocka_unit_test(day_numbers_both_ways), cmocka_unit_test(further_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
