/* Price limits and lots by board, day, name and listing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "market/rules.h"

static void boards(void **unused)
{
    (void)unused;
    assert_int_equal(gp_rule_of("SH", "600000", 20240102)->limit, 100);
    assert_int_equal(gp_rule_of("SH", "600000", 20240102)->st, 50);
    assert_int_equal(gp_rule_of("", "000001", 20240102)->limit, 100);    /* no market: the stock */
    assert_int_equal(gp_rule_of("SH", "000001", 20240102)->limit, 0);    /* the index */
    assert_int_equal(gp_rule_of("SZ", "399001", 20240102)->limit, 0);
    assert_int_equal(gp_rule_of("SZ", "000001", 19961213)->limit, 0);    /* the last day without limits */
    assert_int_equal(gp_rule_of("SZ", "000001", 19961216)->limit, 100);
    assert_int_equal(gp_rule_of("SH", "600000", 19961213)->limit, 0);
    assert_int_equal(gp_rule_of("SH", "600000", 19980421)->st, 100);     /* before there was ST */
    assert_int_equal(gp_rule_of("SH", "600000", 19980422)->st, 50);
    assert_int_equal(gp_rule_of("SH", "688981", 20240102)->limit, 200);
    assert_int_equal(gp_rule_of("", "688981", 20240102)->lot, 200);
    assert_int_equal(gp_rule_of("", "688981", 20240102)->step, 1);
    assert_int_equal(gp_rule_of("SZ", "300750", 20200821)->limit, 100);  /* the last day of the old rule */
    assert_int_equal(gp_rule_of("SZ", "300750", 20200824)->limit, 200);
    assert_int_equal(gp_rule_of("SZ", "301001", 20240102)->limit, 200);
    assert_int_equal(gp_rule_of("BJ", "920001", 20240102)->limit, 300);
    assert_int_equal(gp_rule_of("", "430047", 20240102)->limit, 300);
    assert_int_equal(gp_rule_of("BJ", "000001", 20240102)->limit, 300);
    assert_int_equal(gp_rule_of("SH", "600000", 20240102)->lot, 100);
    assert_int_equal(gp_rule_of("SH", "510300", 20240102)->tick, 10);
    assert_false(gp_rule_of("SH", "510300", 20240102)->stamp);
    assert_true(gp_rule_of("SZ", "000001", 20240102)->stamp);
    assert_int_equal(gp_rule_of("SH", "588000", 20240102)->limit, 200);
    assert_int_equal(gp_rule_of("SZ", "159915", 20200821)->limit, 100);
    assert_int_equal(gp_rule_of("SZ", "159915", 20200824)->limit, 200);
    assert_int_equal(gp_rule_of("SZ", "159919", 20240102)->limit, 100);
    assert_int_equal(gp_rule_of("SH", "113050", 20220729)->limit, 0);
    assert_int_equal(gp_rule_of("SH", "113050", 20220801)->limit, 200);
    assert_int_equal(gp_rule_of("SZ", "123001", 20240102)->lot, 10);
    assert_true(gp_rule_of("SZ", "123001", 20240102)->same_day);
    assert_false(gp_rule_of("SH", "510300", 20240102)->same_day);
    assert_int_equal(gp_rule_of("", "AAPL", 20240102)->limit, 0);
    assert_int_equal(gp_rule_of("", "AAPL", 20240102)->lot, 1);
}

static void names(void **unused)
{
    (void)unused;
    static const char *const yes[] = {"ST康美", "*ST海航", "S*ST前锋", "SST天海", "XDST宝实", "DR*ST中", "NST星"};
    static const char *const no[] = {"", "平安银行", "TSMC", "万科A", "SNOW", "XD招商银", "BEST店"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(gp_name_is_st(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(gp_name_is_st(no[i]));
    assert_false(gp_name_is_st(NULL));
}

enum { N = 12 };
static int32_t dates[N] = {20240102, 20240103, 20240104, 20240105, 20240108, 20240109, 20240110, 20240111, 20240112, 20240115, 20240116, 20240117};
static double closes[N];

static gp_limits limits(const char *market, const char *code, const char *name, double before, int bar, int by)
{
    for (int i = 0; i < N; i++)
        closes[i] = before;
    const gp_bars b = {.code = (char *)code, .market = (char *)market, .name = (char *)name, .file = (char *)"", .n = N, .date = dates, .close = closes, .period = 5};
    return gp_limits_at(&b, bar, by);
}

static void rounding(void **unused)
{
    (void)unused;
    gp_limits l = limits("SH", "600000", "", 10.00, 8, -1);
    assert_float_equal(l.up, 11.00, 1e-9);
    assert_float_equal(l.down, 9.00, 1e-9);
    l = limits("SH", "600000", "", 10.05, 8, -1); /* 11.055 and 9.045, half up */
    assert_float_equal(l.up, 11.06, 1e-9);
    assert_float_equal(l.down, 9.05, 1e-9);
    assert_true(gp_at_limit_up(&l, 11.06));
    assert_false(gp_at_limit_up(&l, 11.05));
    assert_true(gp_at_limit_down(&l, 9.05));
    assert_false(gp_at_limit_down(&l, 9.06));
    l = limits("SZ", "000004", "ST国华", 3.33, 8, -1); /* 3.4965, 3.1635 */
    assert_float_equal(l.up, 3.50, 1e-9);
    assert_float_equal(l.down, 3.16, 1e-9);
    l = limits("SH", "510300", "", 4.005, 8, -1); /* ticks of 0.001: 4.4055 */
    assert_float_equal(l.up, 4.406, 1e-9);
    l = limits("SH", "600000", "", 10.00, 8, 44); /* --limit 4.4% */
    assert_float_equal(l.up, 10.44, 1e-9);
    assert_true(isnan(limits("SH", "600000", "", 10.00, 8, 0).up));
    assert_true(isnan(limits("SH", "000001", "", 3000, 8, -1).up));
    assert_true(isnan(limits("SH", "600000", "", -1, 8, -1).up));
    assert_true(isnan(limits("SH", "600000", "", NAN, 8, -1).up));
    assert_true(isnan(limits("SH", "600000", "", 10.00, 0, -1).up));
    /* a price that is on no grid: adjusted quotes */
    l = limits("SH", "600000", "", 7.123456, 8, -1);
    assert_true(gp_at_limit_up(&l, 7.123456 * 1.099));
    assert_false(gp_at_limit_up(&l, 7.123456 * 1.09));
}

/* A listing of 2024 is free for five days, one before April 2023 for one. */
static void new_listing(void **unused)
{
    (void)unused;
    for (int i = 1; i < N; i++)
        assert_int_equal(isnan(limits("SH", "603000", "", 10, i, -1).up), i < 5);
    for (int i = 1; i < N; i++)
        assert_int_equal(isnan(limits("SH", "603000", "", 10, i, 100).up), 0); /* --limit knows no listing */
    for (int i = 0; i < N; i++)
        dates[i] -= 20000;
    for (int i = 1; i < N; i++)
        assert_false(isnan(limits("SH", "603000", "", 10, i, -1).up));
    for (int i = 0; i < N; i++)
        dates[i] += 20000;
}

/* Of bars within the day the close before is that of the day before; longer bars have no limit. */
static void other_periods(void **unused)
{
    (void)unused;
    int32_t day[6] = {20240102, 20240102, 20240103, 20240103, 20240104, 20240104}, time[6] = {113000, 150000, 113000, 150000, 113000, 150000};
    double close[6] = {10, 11, 12, 13, 14, 15};
    gp_bars b = {.code = (char *)"600000", .market = (char *)"SH", .name = (char *)"", .file = (char *)"", .n = 6, .before = 1000, .date = day, .time = time, .close = close};
    assert_float_equal(gp_limits_at(&b, 2, -1).up, 12.1, 1e-9);
    assert_float_equal(gp_limits_at(&b, 3, -1).up, 12.1, 1e-9);
    assert_float_equal(gp_limits_at(&b, 5, -1).up, 14.3, 1e-9);
    assert_true(isnan(gp_limits_at(&b, 1, -1).up));
    b.time = NULL;
    b.period = 6;
    assert_true(isnan(gp_limits_at(&b, 3, -1).up));
}

/* What was asked before cannot be seen: neither the security nor the day, nor a code too long to be kept. */
static void whatever_was_asked_before(void **state)
{
    static const char *const markets[] = {"SH", "SZ", "", "BJ"}, *const codes[] = {"600000", "688001", "300059", "000001", "159915", "113050", "6000000000000000000", ""};
    static const int32_t on[] = {19900101, 19961215, 19961216, 19980422, 20200823, 20200824, 20220801, 20230410, INT32_MAX};
    enum { M = 4, C = 8, D = 9 };
    const gp_rule *alone[M][C][D];
    (void)state;
    for (int m = 0; m < M; m++)
        for (int c = 0; c < C; c++)
            for (int d = 0; d < D; d++) {
                gp_rule_of("SZ", "399001", 20000101);
                alone[m][c][d] = gp_rule_of(markets[m], codes[c], on[d]);
            }
    for (uint32_t i = 0, x = 1; i < 20000; i++) {
        x = x * 1664525u + 1013904223u;
        const int m = (int)(x >> 8) % M, c = (int)(x >> 12) % (i % 2 ? C : 2), d = (int)(x >> 20) % D;
        assert_ptr_equal(gp_rule_of(markets[m], codes[c], on[d]), alone[m][c][d]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boards), cmocka_unit_test(names), cmocka_unit_test(rounding), cmocka_unit_test(new_listing),
                                       cmocka_unit_test(other_periods), cmocka_unit_test(whatever_was_asked_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
