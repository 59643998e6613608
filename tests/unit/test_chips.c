/* The chip distribution against a plain one: every day's chips kept apart, every question answered by adding them all up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#define GP_LANES 1
#include "builtins/kernels.h"

enum { DAYS = 400 };

typedef struct market {
    int n;
    double high[DAYS], low[DAYS], vol[DAYS], capital[DAYS], model[DAYS], period[DAYS], price[DAYS], other[DAYS];
} market;

static uint32_t state_of_random = 7;
static uint32_t next_random(uint32_t below)
{
    state_of_random = state_of_random * 1664525u + 1013904223u;
    return (state_of_random >> 8) % below;
}

/* Round prices; days without volume, without range, and days on which all shares change hands. */
static void make_market(market *m, int n, int cents, int model)
{
    m->n = n;
    for (int i = 0; i < n; i++) {
        cents += (int)next_random(61) - 30;
        if (cents < 300) cents = 300;
        const int up = (int)next_random(40), down = next_random(9) ? (int)next_random(40) : 0;
        m->high[i] = (cents + (next_random(11) ? up : 0)) / 100.0;
        m->low[i] = (cents - down) / 100.0;
        m->vol[i] = next_random(13) ? 1 + next_random(900) : 0;
        m->capital[i] = next_random(40) ? 3000 : 500;
        m->model[i] = model;
        m->period[i] = 5;
        m->price[i] = (cents + (int)next_random(300) - 150) / 100.0;
        m->other[i] = m->price[i] + next_random(200) / 100.0;
    }
}

/* ---- the plain distribution ---- */

typedef struct plain { const market *m; double low, high; int n; } plain;

static plain plain_of(const market *m)
{
    plain p = {.m = m, .low = INFINITY, .high = -INFINITY};
    for (int i = 0; i < m->n; i++) {
        if (m->low[i] < p.low) p.low = m->low[i];
        if (m->high[i] > p.high) p.high = m->high[i];
    }
    p.n = (int)lround((p.high - p.low) * 100) - 1;
    if (p.n < 1) p.n = 1;
    return p;
}
/* The first cell is 0.01 above the lowest low. */
static int cell_of(const plain *p, double price) { return (int)lround((price - p->low) * 100) - 1; }
static int inside(const plain *p, int k) { return k < 0 ? 0 : k >= p->n ? p->n - 1 : k; }

/* What day j puts into cell k. */
static double day_in_cell(const plain *p, int j, int k)
{
    const int a = inside(p, cell_of(p, p->m->low[j])), b = inside(p, cell_of(p, p->m->high[j])), mid = (a + b + 1) / 2;
    if (b - a <= 1) return k == mid ? p->m->vol[j] : 0;
    if (k < a || k > b) return 0;
    if (p->m->model[j] != 0) return p->m->vol[j] / (b - a + 1);
    const double peak = 2 * p->m->vol[j] / (b - a);
    return k <= mid ? peak * (k - a) / (mid - a) : peak * (b - k) / (b - mid);
}
static double kept(const plain *p, int j, int i)
{
    double f = 1;
    for (int k = j + 1; k <= i; k++) f *= p->m->vol[k] >= p->m->capital[k] ? 0 : 1 - p->m->vol[k] / p->m->capital[k];
    return f;
}
/* Cells after day i, of the days from `first` on. */
static void distribution(const plain *p, int first, int i, double *cells)
{
    for (int k = 0; k < p->n; k++) cells[k] = 0;
    for (int j = first; j <= i; j++) {
        const double f = kept(p, j, i);
        for (int k = 0; k < p->n && f > 0; k++) cells[k] += f * day_in_cell(p, j, k);
    }
}
static double part(const plain *p, const double *cells, int from, int to)
{
    double sum = 0;
    for (int k = from < 0 ? 0 : from; k <= to && k < p->n; k++) sum += cells[k];
    return sum;
}
static double plain_share(const plain *p, const double *cells, double price)
{
    const double all = part(p, cells, 0, p->n);
    return all > 0 ? part(p, cells, 0, cell_of(p, price)) / all : GP_NULL;
}

static double *scratch, *grid;

static void run(const market *m, void (*kernel)(const gp_whole *, double *), const double *a, const double *b, double *y)
{
    const gp_whole w = {.x = {m->high, m->low, m->vol, m->capital, m->model, m->period, a, b}, .tmp = scratch, .grid = grid, .n = m->n};
    kernel(&w, y);
}

static void close_to(double got, double want, const char *what, int day)
{
    if (gp_null(got) != gp_null(want) || fabs(got - want) > 1e-9) fail_msg("%s, day %d: %.12g, not %.12g", what, day, got, want);
}

/* LWINNER against the distribution made of the last n days alone. */
static void compare_recent(const market *m, int days)
{
    static double y[DAYS], n[DAYS], cells[20000];
    const plain p = plain_of(m);
    assert_true(p.n <= 20000);
    for (int i = 0; i < m->n; i++) n[i] = days;
    run(m, k_LWINNER, n, m->price, y);
    for (int i = 0; i < m->n; i++) {
        distribution(&p, i < days ? 0 : i - days + 1, i, cells);
        close_to(y[i], plain_share(&p, cells, m->price[i]), "LWINNER", i);
    }
}

static void compare(const market *m)
{
    static double y[DAYS], n[DAYS], percent[DAYS], cells[20000];
    const plain p = plain_of(m);
    assert_true(p.n <= 20000);
    run(m, k_WINNER, m->price, NULL, y);
    for (int i = 0; i < m->n; i++) {
        distribution(&p, 0, i, cells);
        close_to(y[i], plain_share(&p, cells, m->price[i]), "WINNER", i);
    }
    for (int i = 0; i < m->n; i++) percent[i] = (i * 37 % 1000) / 10.0 + 0.05;
    run(m, k_COST, percent, NULL, y);
    for (int i = 0; i < m->n; i++) {
        distribution(&p, 0, i, cells);
        const double all = part(&p, cells, 0, p.n);
        if (!(all > 0)) continue;
        const int k = (int)lround((y[i] - p.low) * p.n / (p.high > p.low ? p.high - p.low : 1)); /* the cell it says */
        const double upto = part(&p, cells, 0, k) / all, before = part(&p, cells, 0, k - 1) / all;
        if (!(upto >= percent[i] / 100 - 1e-9 && before <= percent[i] / 100 + 1e-9))
            fail_msg("COST, day %d: %g %% lies between %g and %g", i, percent[i], before * 100, upto * 100);
    }
    run(m, k_COSTEX, m->price, m->other, y);
    for (int i = 0; i < m->n; i++) {
        double sum = 0, moment = 0;
        distribution(&p, 0, i, cells);
        for (int k = 0; k < p.n; k++)
            if (k >= cell_of(&p, m->price[i]) && k <= cell_of(&p, m->other[i])) sum += cells[k], moment += cells[k] * k;
        close_to(y[i], sum > 0 ? p.low + moment / sum * (p.high - p.low) / p.n : GP_NULL, "COSTEX", i);
    }
    compare_recent(m, 17);
    for (int i = 0; i < m->n; i++) n[i] = 17;
    run(m, k_PWINNER, n, m->price, y);
    for (int i = 17; i < m->n; i++) {
        distribution(&p, 0, i - 17, cells);
        close_to(y[i], plain_share(&p, cells, m->price[i]), "PWINNER", i);
    }
}

static void test_against_plain(void **state)
{
    (void)state;
    static market m;
    make_market(&m, 120, 900, 0);
    compare(&m);
    make_market(&m, 90, 2500, 1);
    compare(&m);
    make_market(&m, 3, 1000, 0);
    compare(&m);
}

/* What leaves the window of LWINNER must leave nothing behind. */
static void test_window_runs_empty(void **state)
{
    (void)state;
    static market m;
    double y[DAYS], n[DAYS];
    make_market(&m, 60, 900, 0);
    for (int i = 0; i < 60; i++) m.capital[i] = 200000, m.vol[i] = i < 40 ? 1000.0 / 3 + i : 0, n[i] = 5;
    compare_recent(&m, 5); /* 40 days with volume, 20 without */
    run(&m, k_LWINNER, n, m.price, y);
    for (int i = 0; i < 60; i++) assert_int_equal(gp_null(y[i]), i >= 44);
    for (int i = 10; i < 30; i++) m.vol[i] = 0; /* a gap */
    compare_recent(&m, 7);
    for (int i = 20; i < 25; i++) m.vol[i] = GP_NULL;
    for (int i = 0; i < 60; i++) n[i] = 5;
    run(&m, k_LWINNER, n, m.price, y);
    for (int i = 14; i < 30; i++) assert_true(gp_null(y[i]));
    assert_false(gp_null(y[30]));
}

static void test_huge_day_then_small_ones(void **state)
{
    (void)state;
    static market m;
    for (int model = 0; model < 2; model++) {
        make_market(&m, 80, 900, model);
        for (int i = 0; i < 80; i++) m.capital[i] = 1e20, m.vol[i] = i % 30 == 10 ? 1e17 / 3 : 1 + i / 7.0;
        compare_recent(&m, 5);
        compare_recent(&m, 1);
        compare_recent(&m, 12);
    }
}

/* A keep of 1e-11 counts, one of 1e-13 is nothing: asked with nothing of the day's own in the way. */
static void test_turnover_near_one(void **state)
{
    (void)state;
    market m = {.n = 2, .high = {10.50, 9.10}, .low = {10.50, 9.10}, .vol = {1000, 1e15 * (1 - 1e-11)}, .capital = {1e15, 1e15}, .period = {5, 5}};
    const double old[] = {10, 10}, up[] = {11, 11};
    double y[2];
    assert_true(fabs(gp_chips_keep(1 - 1e-11, 1) - 1e-11) < 1e-15);
    assert_true(gp_chips_keep(1 - 1e-13, 1) == 0 && gp_chips_keep(1 - 1.2e-16, 1) == 0 && gp_chips_keep(1, 1) == 0);
    run(&m, k_COSTEX, old, up, y);
    assert_true(!gp_null(y[0]) && !gp_null(y[1])); /* a trace of the first day */
    m.vol[1] = 1e15 * (1 - 1e-13);
    run(&m, k_COSTEX, old, up, y);
    assert_true(!gp_null(y[0]) && gp_null(y[1]));
}

/* functions.md 9.4 */
static void test_worked_example(void **state)
{
    (void)state;
    market m = {.n = 2, .high = {10.10, 10.20}, .low = {10.00, 10.10}, .vol = {1000, 2000}, .capital = {10000, 10000}, .period = {5, 5}};
    const double at_10_10[] = {10.10, 10.10}, at_10_15[] = {10.15, 10.15}, half[] = {50, 50};
    double y[2];
    run(&m, k_WINNER, at_10_10, NULL, y);
    assert_true(y[0] == 1 && fabs(y[1] - 0.2857) < 5e-5);
    run(&m, k_WINNER, at_10_15, NULL, y);
    assert_true(fabs(y[1] - 0.7619) < 5e-5);
    run(&m, k_COST, half, NULL, y);
    assert_true(fabs(y[0] - 10.0526) < 5e-5 && fabs(y[1] - 10.1368) < 5e-5);
}

/* Thousands of days shrink the unit below what a double holds; the shares must not notice. */
static void test_units_are_brought_back(void **state)
{
    (void)state;
    enum { LONG = 3000 };
    double *all = calloc(LONG * 9, sizeof *all), *x[9];
    for (int k = 0; k < 9; k++) x[k] = all + (size_t)k * LONG;
    for (int i = 0; i < LONG; i++) {
        x[0][i] = 10.50 + i % 7 * 0.01, x[1][i] = 10.00 + i % 5 * 0.01, x[2][i] = 800, x[3][i] = 1000, x[5][i] = 5;
        x[6][i] = x[7][i] = 10.25;
    }
    double *tmp = malloc(GP_WHOLE_TMP * (LONG + 1) * sizeof *tmp);
    for (int i = 0; i < LONG; i++) x[6][i] = 10.25;
    gp_whole w = {.x = {x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]}, .tmp = tmp, .grid = grid, .n = LONG};
    k_WINNER(&w, x[8]);
    for (int i = 70; i < LONG; i++) assert_true(fabs(x[8][i] - x[8][i - 35]) < 1e-12); /* 35 days repeat, older ones are gone */
    assert_true(x[8][LONG - 1] > 0.3 && x[8][LONG - 1] < 0.7);
    for (int i = 0; i < LONG; i++) x[6][i] = 60;
    double *y = malloc(LONG * sizeof *y);
    k_LWINNER(&w, y);
    for (int i = 100; i < LONG; i++) assert_true(fabs(y[i] - x[8][i]) < 1e-12);
    free(y);
    free(tmp);
    free(all);
}

static void test_what_is_missing(void **state)
{
    (void)state;
    static market m;
    double y[DAYS], n[DAYS];
    make_market(&m, 20, 1000, 0);
    for (int i = 0; i < 20; i++) m.vol[i] = 100 + i, m.capital[i] = 1000;
    m.capital[0] = m.capital[1] = GP_NULL; /* shares are not known yet */
    m.vol[7] = GP_NULL;
    run(&m, k_WINNER, m.price, NULL, y);
    assert_true(gp_null(y[0]) && gp_null(y[1]) && !gp_null(y[2]) && !gp_null(y[7]));
    for (int i = 0; i < 20; i++) m.period[i] = 6;
    run(&m, k_WINNER, m.price, NULL, y);
    for (int i = 0; i < 20; i++) assert_true(gp_null(y[i])); /* daily bars only */
    for (int i = 0; i < 20; i++) m.period[i] = 5, n[i] = 40;
    run(&m, k_PWINNER, n, m.price, y);
    for (int i = 0; i < 20; i++) assert_true(gp_null(y[i]));
    for (int i = 0; i < 20; i++) n[i] = 0;
    run(&m, k_LWINNER, n, m.price, y);
    for (int i = 0; i < 20; i++) assert_true(gp_null(y[i]));
    for (int i = 0; i < 20; i++) m.high[i] = m.low[i] = 1e6 * (i + 1), m.price[i] = 1e6 * (i + 1); /* wider than the grid is fine */
    run(&m, k_WINNER, m.price, NULL, y);
    for (int i = 2; i < 20; i++) assert_true(y[i] >= 0 && y[i] <= 1);
}

int main(void)
{
    scratch = malloc(GP_WHOLE_TMP * (DAYS + 1) * sizeof *scratch);
    grid = malloc(GP_GRID_DOUBLES * sizeof *grid);
    for (size_t k = 0; k < GP_GRID_DOUBLES; k++) grid[k] = GP_NULL; /* an earlier run may have left anything */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_against_plain),
        cmocka_unit_test(test_window_runs_empty),
        cmocka_unit_test(test_huge_day_then_small_ones),
        cmocka_unit_test(test_turnover_near_one),
        cmocka_unit_test(test_units_are_brought_back),
        cmocka_unit_test(test_what_is_missing),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(scratch);
    free(grid);
    return failed;
}
