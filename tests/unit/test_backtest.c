/* Fills, costs, lots and figures of a back-test, worked by hand.  tests/prop/prop_backtest.c compares whole accounts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "worth/account.h"

enum { N = 8, YUAN = GP_PRICE_ONE };
#define near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* ---- costs and lots ---- */

static const gp_trade_rules usual = {.limit = -1, .commission = 250, .commission_min = 5 * YUAN, .stamp = -1, .transfer = -1};

static void costs(void **unused)
{
    (void)unused;
    const gp_rule *a = gp_rule_of("SH", "600000", 20240102), *fund = gp_rule_of("SH", "510300", 20240102);
    /* 100,000 yuan: commission 25, transfer fee 1; a sale pays 50 (0.05 %) more, before 2023-08-28 100, before 2022-04-29 a transfer fee of 2 */
    assert_int_equal(gp_fees_for(&usual, a, 20240102, true, 100000 * YUAN), 26 * YUAN);
    assert_int_equal(gp_fees_for(&usual, a, 20240102, false, 100000 * YUAN), 76 * YUAN);
    assert_int_equal(gp_fees_for(&usual, a, 20230825, false, 100000 * YUAN), 126 * YUAN);
    assert_int_equal(gp_fees_for(&usual, a, 20220428, false, 100000 * YUAN), 127 * YUAN);
    assert_int_equal(gp_fees_for(&usual, a, 20070601, true, 100000 * YUAN), 325 * YUAN); /* 0.3 % on both sides */
    assert_int_equal(gp_fees_for(&usual, fund, 20240102, false, 100000 * YUAN), 25 * YUAN);
    /* 1,000 yuan: 0.25 is below the least commission; 0.01 transfer */
    assert_int_equal(gp_fees_for(&usual, a, 20240102, true, 1000 * YUAN), 5 * YUAN + YUAN / 100);
    /* 98,980 yuan: 24.745 rounds up to 24.75, 0.9898 to 0.99 */
    assert_int_equal(gp_fees_for(&usual, a, 20240102, true, 98980 * YUAN), 257400);
    gp_trade_rules free = usual;
    free.commission = free.stamp = free.transfer = 0;
    assert_int_equal(gp_fees_for(&free, a, 20240102, false, 100000 * YUAN), 0);
}

static void lots(void **unused)
{
    (void)unused;
    const gp_rule *main_board = gp_rule_of("SH", "600000", 20240102), *star = gp_rule_of("SH", "688001", 20240102);
    /* 10,000 shares at 10 cost 100,026: too much for 100,000 */
    assert_int_equal(gp_shares_for(&usual, main_board, 20240102, true, 10 * YUAN, 100000 * YUAN), 9900);
    assert_int_equal(gp_shares_for(&usual, main_board, 20240102, true, 10 * YUAN, 100026 * YUAN), 10000);
    assert_int_equal(gp_shares_for(&usual, main_board, 20240102, true, 10 * YUAN, 1005 * YUAN), 0); /* 1,005.01 */
    assert_int_equal(gp_shares_for(&usual, main_board, 20240102, true, 10 * YUAN, 10051 * YUAN / 10), 100);
    assert_int_equal(gp_shares_for(&usual, star, 20240102, true, 10 * YUAN, 1999 * YUAN), 0);   /* 200 at least */
    assert_int_equal(gp_shares_for(&usual, star, 20240102, true, 10 * YUAN, 2027 * YUAN), 202); /* then one by one: 2,020 + 5.02 */
    gp_trade_rules odd = usual;
    odd.lot = 1;
    assert_int_equal(gp_shares_for(&odd, main_board, 20240102, true, 10 * YUAN, 1000 * YUAN), 99);
    assert_int_equal(gp_shares_for(&odd, main_board, 20240102, true, 10 * YUAN, 0), 0);
    assert_int_equal(gp_shares_for(&odd, main_board, 20240102, true, 10 * YUAN, -5), 0);
    assert_int_equal(gp_shares_for(&odd, main_board, 20240102, true, 0, 1000 * YUAN), 0);
}

/* ---- one path ---- */

static int32_t date[N] = {20240102, 20240103, 20240104, 20240105, 20240108, 20240109, 20240110, 20240111};
static double open[N], high[N], low[N], close[N], vol[N], enter[N], leave[N], atr[N];
static gp_bars bars;
static gp_orders orders;

/* Bars at 10.00 with a range of 9.90 to 10.10, a signal to enter on the first one. */
static void calm(void)
{
    for (int i = 0; i < N; i++) {
        open[i] = close[i] = 10;
        high[i] = 10.1;
        low[i] = 9.9;
        vol[i] = 100;
        enter[i] = i == 0;
        leave[i] = 0;
        atr[i] = 0.5;
    }
    bars = (gp_bars){.code = (char *)(uintptr_t) "600001", .market = (char *)(uintptr_t) "SH", .name = (char *)(uintptr_t) "", .file = (char *)(uintptr_t) "", .n = N,
                     .before = 100, .date = date, .open = open, .high = high, .low = low, .close = close, .vol = vol, .period = 5};
    orders = (gp_orders){.bars = &bars, .last = N - 1, .enter = {enter}, .leave = {leave}, .stop = atr, .target = atr, .trail = atr};
}

static void set_bar(int i, double o, double h, double l, double c)
{
    open[i] = o, high[i] = h, low[i] = l, close[i] = c;
}

static gp_path path_with(const gp_trade_rules *r)
{
    gp_path p;
    assert_int_equal(gp_path_of(&orders, r, 0, 1, &p), GP_MISS_NONE);
    return p;
}

static gp_distance of_percent(int p) { return (gp_distance){true, false, p * 10000}; }

static void assert_left(const gp_path *p, int bar, double price, gp_left why)
{
    assert_int_equal(p->exit, bar);
    assert_int_equal(p->out, (gp_money)(price * YUAN + 0.5));
    assert_int_equal(p->left, why);
}

static void exits(void **unused)
{
    (void)unused;
    gp_trade_rules r = usual;
    gp_path p;
    calm();
    p = path_with(&r); /* nothing sells: held to the end */
    assert_left(&p, 7, 10, GP_LEFT_OPEN);
    assert_int_equal(p.entry, 1);
    leave[3] = 1;
    p = path_with(&r);
    assert_left(&p, 4, 10, GP_LEFT_SIGNAL);
    r.hold = 2;
    p = path_with(&r);
    assert_left(&p, 3, 10, GP_LEFT_HOLD);
    r.hold = 0;
    /* a stop at 9.50 and a target at 11.00 in one bar: the stop */
    r.stop = of_percent(5);
    r.target = of_percent(10);
    set_bar(2, 10, 11, 9.5, 10.8);
    p = path_with(&r);
    assert_left(&p, 2, 9.5, GP_LEFT_STOP);
    set_bar(2, 10, 11, 9.51, 10.8);
    p = path_with(&r);
    assert_left(&p, 2, 11, GP_LEFT_TARGET);
    set_bar(2, 9.2, 9.4, 9.1, 9.3); /* a gap */
    p = path_with(&r);
    assert_left(&p, 2, 9.2, GP_LEFT_STOP);
    set_bar(2, 10, 10.1, 9.9, 10.5);
    set_bar(3, 11.2, 11.3, 11, 11.1); /* a gap the other way */
    p = path_with(&r);
    assert_left(&p, 3, 11.2, GP_LEFT_TARGET);
    /* T+1: the stop is reached on the day of the purchase; sold at the next open */
    calm();
    set_bar(1, 10, 10, 9.3, 9.4);
    set_bar(2, 9.45, 9.6, 9.4, 9.5);
    p = path_with(&r);
    assert_left(&p, 2, 9.45, GP_LEFT_STOP);
    r.same_day = true;
    p = path_with(&r);
    assert_left(&p, 1, 9.5, GP_LEFT_STOP);
    /* a distance in yuan, of the signal's bar */
    calm();
    r = usual;
    r.stop = (gp_distance){true, true, 0};
    atr[0] = 0.25;
    set_bar(3, 10, 10, 9.7, 9.8);
    p = path_with(&r);
    assert_left(&p, 3, 9.75, GP_LEFT_STOP);
    atr[0] = NAN;
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_DISTANCE);
    atr[0] = 0;
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_DISTANCE);
    /* the trail follows the highs of the bars before: 10.80 * 0.95 = 10.26 */
    calm();
    r = usual;
    r.trail = of_percent(5);
    set_bar(2, 10, 10.8, 9.9, 10.7);
    set_bar(3, 10.7, 10.9, 10.3, 10.5);
    set_bar(4, 10.5, 10.6, 10.2, 10.4); /* 10.90 * 0.95 = 10.355, 10.36 to the tick */
    p = path_with(&r);
    assert_left(&p, 4, 10.36, GP_LEFT_TRAIL);
}

#define excursions_are(p, low, high)                                                                                                        \
    do {                                                                                                                                    \
        near(gp_path_mae(&(p)), low);                                                                                                       \
        near(gp_path_mfe(&(p)), high);                                                                                                      \
    } while (0)

static void excursions(void **unused)
{
    (void)unused;
    gp_trade_rules r = usual;
    gp_path p;
    calm(); /* bought at 10; lows of 9.90, highs of 10.10 */
    set_bar(2, 10, 11, 9.8, 10);
    leave[3] = 1;
    set_bar(4, 10.2, 12, 9, 11); /* sold at its open: what came later was not held */
    p = path_with(&r);
    excursions_are(p, -0.02, 0.1);
    r.hold = 3; /* at its close: the whole bar */
    leave[3] = 0;
    p = path_with(&r);
    excursions_are(p, -0.1, 0.2);
    r.hold = 0;
    r.stop = of_percent(5);
    set_bar(3, 10.15, 13, 9.4, 9.9); /* the stop at 9.50: its open and the stop were surely seen, the high may have come later */
    p = path_with(&r);
    assert_left(&p, 3, 9.5, GP_LEFT_STOP);
    excursions_are(p, -0.05, 0.1);
    r = usual; /* sold short at 10: the other way round */
    r.hold = 1;
    orders.enter[1] = enter;
    assert_int_equal(gp_path_of(&orders, &r, 0, -1, &p), GP_MISS_NONE);
    excursions_are(p, -0.1, 0.02);
    r.fill = GP_FILL_CLOSE; /* entered at the close of bar 0: that bar does not count */
    set_bar(0, 10, 15, 5, 10);
    p = path_with(&r);
    excursions_are(p, -0.01, 0.01);
}

/* Opens beyond a limit: while held, and where the entry was refused for it. */
static void jumps(void **unused)
{
    (void)unused;
    gp_path p;
    calm();
    set_bar(3, 5, 5.1, 4.9, 5); /* ten shares for five */
    for (int i = 4; i < N; i++)
        set_bar(i, 5, 5.1, 4.9, 5);
    p = path_with(&usual);
    assert_int_equal(p.jumps, 1);
    gp_trade_rules free = usual;
    free.limit = 0;
    p = path_with(&free);
    assert_int_equal(p.jumps, 0);
    calm();
    set_bar(1, 20, 20.1, 19.9, 20);
    assert_int_equal(gp_path_of(&orders, &usual, 0, 1, &p), GP_MISS_LIMIT);
    assert_int_equal(p.jumps, 1);
    set_bar(1, 11, 11, 11, 11); /* at the limit, not beyond it */
    assert_int_equal(gp_path_of(&orders, &usual, 0, 1, &p), GP_MISS_LIMIT);
    assert_int_equal(p.jumps, 0);
}

static void limits(void **unused)
{
    (void)unused;
    gp_trade_rules r = usual;
    gp_path p;
    calm();
    set_bar(1, 11, 11, 11, 11); /* bought? at the upper limit: no */
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_LIMIT);
    r.limit = 0;
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_NONE);
    r = usual;
    calm();
    set_bar(1, 10, 10, 10, 10);
    vol[1] = 0;
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_HALTED);
    orders.last = 0;
    assert_int_equal(gp_path_of(&orders, &r, 0, 1, &p), GP_MISS_END);
    /* two days at the lower limit and one without trade: sold on the fourth */
    calm();
    leave[1] = 1;
    set_bar(2, 9, 9, 9, 9);
    set_bar(3, 8.1, 8.1, 8.1, 8.1);
    set_bar(4, 8.1, 8.1, 8.1, 8.1);
    vol[4] = 0;
    set_bar(5, 7.5, 8, 7.4, 7.9);
    p = path_with(&r);
    assert_left(&p, 5, 7.5, GP_LEFT_SIGNAL);
    assert_int_equal(p.blocked, 3);
    /* a stop that lies at the lower limit is not filled there: 10.00, stop 9.00 */
    calm();
    r.stop = of_percent(10);
    set_bar(2, 9.5, 9.6, 9, 9.1);
    set_bar(3, 9.2, 9.3, 9.1, 9.2);
    p = path_with(&r);
    assert_left(&p, 3, 9.2, GP_LEFT_STOP);
    /* slippage of 0.12 %: 10.012 -> 10.02 bought, 9.988 -> 9.98 sold */
    calm();
    r = usual;
    r.slippage = 1200;
    leave[2] = 1;
    p = path_with(&r);
    assert_int_equal(p.in, 100200);
    assert_left(&p, 3, 9.98, GP_LEFT_SIGNAL);
    /* contradiction: an exit on the same bar */
    leave[0] = 1;
    assert_false(gp_wants_entry(&orders, 0, 1));
    leave[0] = NAN;
    assert_true(gp_wants_entry(&orders, 0, 1));
}

/* ---- an account ---- */

static void account(void **unused)
{
    (void)unused;
    gp_trades t = {0};
    gp_points p = {0};
    gp_misses m = {0};
    calm();
    leave[2] = 1;
    close[2] = 10.4;
    high[2] = 10.4;
    open[3] = 10.5, high[3] = 10.5;
    gp_account_run(&orders, &usual, 100000 * YUAN, &t, &p, &m);
    /* 9,900 shares: 99,000 + 24.75 + 0.99; sold at 10.50: 103,950 - 25.99 (25.9875) - 51.98 (51.975) - 1.04 (1.0395) */
    assert_int_equal(t.n, 1);
    assert_int_equal(t.at[0].shares, 9900);
    assert_int_equal(t.at[0].fees, 1047500);
    assert_int_equal(t.at[0].profit, 4950 * YUAN - 1047500);
    assert_int_equal(p.n, N);
    assert_int_equal(p.at[1].cash, 100000 * YUAN - 99000 * YUAN - 257400);
    assert_int_equal(p.at[2].value, 102960 * YUAN);
    assert_int_equal(p.at[7].cash, 100000 * YUAN + t.at[0].profit);
    gp_vec_free(&t);
    gp_vec_free(&p);
}

/* ---- figures ---- */

static void figures(void **unused)
{
    (void)unused;
    /* 100 -> 110 -> 99 -> 108.9: r = 0.1, -0.1, 0.1 */
    const gp_point p[] = {{20230101, 110 * YUAN, 0, 0}, {20230701, 49 * YUAN, 50 * YUAN, 1}, {20240101, 1089000, 0, 0}};
    const gp_trade t[] = {
        {.path = {.side = 1, .entry = 1, .exit = 4, .left = GP_LEFT_TARGET}, .bought = 50 * YUAN, .sold = 60 * YUAN, .profit = 10 * YUAN},
        {.path = {.side = 1, .entry = 5, .exit = 6, .left = GP_LEFT_STOP}, .bought = 55 * YUAN, .sold = 44 * YUAN, .profit = -11 * YUAN, .fees = 1},
        {.path = {.side = 1, .entry = 7, .exit = 9, .left = GP_LEFT_HOLD, .blocked = 2}, .bought = 40 * YUAN, .sold = 40 * YUAN, .profit = 0},
        {.path = {.side = 1, .entry = 9, .exit = 10, .left = GP_LEFT_OPEN}, .bought = 10 * YUAN, .sold = 11 * YUAN, .profit = 1 * YUAN},
    };
    gp_figures f;
    gp_figures_of(p, 3, 100 * YUAN, t, 4, 250, &f);
    near(f.total, 0.089);
    near(f.years, 365 / 365.25);
    near(f.cagr, pow(1.089, 365.25 / 365) - 1);
    const double mean = 0.1 / 3, sd = sqrt((2 * (0.1 - mean) * (0.1 - mean) + (-0.1 - mean) * (-0.1 - mean)) / 2);
    near(f.volatility, sd * sqrt(250));
    near(f.sharpe, mean / sd * sqrt(250));
    near(f.sortino, mean / sqrt(0.01 / 3) * sqrt(250));
    near(f.drawdown, 0.1);
    assert_int_equal(f.drawdown_from, 20230101);
    assert_int_equal(f.drawdown_to, 20230701);
    near(f.calmar, f.cagr / 0.1);
    near(f.exposure, 50.0 / 99 / 3);
    near(f.turnover, (50 + 60 + 55 + 44 + 40 + 40 + 10) / 2.0 / ((110 + 99 + 108.9) / 3) / f.years);
    assert_int_equal(f.trades, 3);
    assert_int_equal(f.open, 1);
    assert_int_equal(f.wins, 1);
    near(f.win, 1 / 3.0);
    near(f.mean, (0.2 - 0.2 + 0) / 3);
    near(f.mean_win, 0.2);
    near(f.mean_loss, -0.1);
    near(f.payoff, 2);
    near(f.profit_factor, 10 / 11.0);
    near(f.bars, (3 + 1 + 2) / 3.0);
    assert_int_equal(f.losing_streak, 2);
    assert_int_equal(f.profit, 0);
    assert_int_equal(f.blocked, 2);
    assert_int_equal(f.left[GP_LEFT_STOP], 1);
    /* nothing at all, and one day */
    gp_figures_of(NULL, 0, 100 * YUAN, NULL, 0, 250, &f);
    assert_true(isnan(f.total) && isnan(f.sharpe) && isnan(f.win) && isnan(f.profit_factor));
    gp_figures_of(p, 1, 110 * YUAN, NULL, 0, 250, &f);
    near(f.total, 0);
    assert_true(isnan(f.sharpe) && isnan(f.cagr) && isnan(f.volatility));
    /* a benchmark: from the close before the first day */
    const int32_t days[] = {20221230, 20230103, 20230601, 20240102, 20240103};
    const double index[] = {3000, 3300, NAN, 3600, 9999};
    gp_benchmark_of(days, index, 5, 20230101, 20240102, &f);
    near(f.total, 0.2);
    near(f.drawdown, 0);
    gp_benchmark_of(days, index, 5, 20250101, 20250201, &f);
    assert_true(isnan(f.total));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(costs), cmocka_unit_test(lots), cmocka_unit_test(exits), cmocka_unit_test(excursions), cmocka_unit_test(jumps), cmocka_unit_test(limits), cmocka_unit_test(account),
                                       cmocka_unit_test(figures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
