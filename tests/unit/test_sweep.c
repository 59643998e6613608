/* Grids of parameters, the best of luck, and the ranking of trials. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/num.h"
#include "base/vec.h"
#include "worth/chance.h"
#include "worth/luck.h"
#include "worth/trials.h"

/* ---- grids ---- */

static gp_arena arena;

static gp_axis axis(const char *text)
{
    gp_axis a = {.name = "N"};
    gp_str bad;
    assert_int_equal(gp_axis_parse(&arena, gp_str_from(text), &a, &bad), GP_AXIS_OK);
    return a;
}

static void assert_values(const char *text, const char *expected)
{
    const gp_axis a = axis(text);
    gp_buf b = {0};
    for (size_t i = 0; i < (size_t)a.n; i++) {
        char value[GP_NUM_MAX];
        gp_num_format(a.at[i], value);
        gp_buf_printf(&b, "%s%s", i ? " " : "", value);
    }
    assert_string_equal(b.p, expected);
    gp_buf_free(&b);
}

static void values(void **state)
{
    (void)state;
    assert_values("5:25:5", "5 10 15 20 25");
    assert_values("5:24:5", "5 10 15 20");
    assert_values("3:6", "3 4 5 6");
    assert_values("20,5,10,5", "5 10 20");
    assert_values("5:15:5,40, 60:80:10", "5 10 15 40 60 70 80");
    assert_values("0:1:0.1", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"); /* what 0.3 reads as, not three times 0.1 */
    assert_values("-0.2:0.1:0.1", "-0.2 -0.1 0 0.1");
    assert_values("30:10:-10", "10 20 30");
    assert_values("7", "7");
    assert_values("1e2:3e2:1e2", "100 200 300");
    gp_arena_fini(&arena);
}

static void decimals_are_what_is_typed(void **state)
{
    (void)state;
    const gp_axis a = axis("0.01:20:0.01");
    assert_int_equal((int)a.n, 2000);
    for (int i = 0; i < 2000; i++) {
        char text[32];
        double typed;
        snprintf(text, sizeof text, "%d.%02d", (i + 1) / 100, (i + 1) % 100);
        assert_true(gp_num_parse(text, strlen(text), &typed));
        assert_true(a.at[i] == typed);
    }
    gp_arena_fini(&arena);
}

static void refused(void **state)
{
    static const struct { const char *text; gp_axis_status status; double n; } rows[] = {
        {"", GP_AXIS_NOT_NUMBER, 0}, {"a", GP_AXIS_NOT_NUMBER, 0}, {"1,,2", GP_AXIS_NOT_NUMBER, 1}, {"1:2:3:4", GP_AXIS_NOT_NUMBER, 0}, {"1:", GP_AXIS_NOT_NUMBER, 0},
        {":5", GP_AXIS_NOT_NUMBER, 0}, {"1:nan", GP_AXIS_NOT_NUMBER, 0}, {"1:5:0", GP_AXIS_STEP, 0}, {"5:1", GP_AXIS_EMPTY, 0}, {"1:5:-1", GP_AXIS_EMPTY, 0},
        {"1:1e9", GP_AXIS_MANY, 1e9}, {"1,2:1e9", GP_AXIS_MANY, 1e9}, {"1:1e300:1e-300", GP_AXIS_MANY, INFINITY}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gp_axis a = {0};
        gp_str bad;
        assert_int_equal(gp_axis_parse(&arena, gp_str_from(rows[i].text), &a, &bad), rows[i].status);
        assert_null(a.at);
        if (rows[i].status == GP_AXIS_MANY)
            assert_true(a.n == rows[i].n);
    }
    gp_arena_fini(&arena);
}

static void clamped(void **state)
{
    double first = 0;
    gp_axis a = axis("1:6");
    (void)state;
    assert_int_equal(gp_axis_clamp(&a, 2, 4, &first), 3);
    assert_true(first == 1 && a.n == 3 && a.at[0] == 2 && a.at[2] == 4);
    gp_arena_fini(&arena);
}

static void numbering(void **state)
{
    gp_grid g = {.n_axes = 3};
    double points;
    (void)state;
    const char *const texts[] = {"1,2", "10:30:10", "5:8"};
    for (int k = 0; k < 3; k++) {
        gp_str bad;
        gp_axis_parse(&g.arena, gp_str_from(texts[k]), &g.axes[k], &bad);
    }
    assert_true(gp_grid_count(&g, &points) && points == 24 && g.points == 24);
    for (size_t p = 0; p < 24; p++) {
        size_t near[2 * GP_GRID_AXES];
        assert_true(gp_grid_value(&g, p, 0) == (p < 12 ? 1 : 2));
        assert_true(gp_grid_value(&g, p, 2) == (double)(5 + p % 4));
        const int n = gp_grid_neighbours(&g, p, near);
        for (int i = 0; i < n; i++) {
            size_t apart = 0;
            for (int k = 0; k < 3; k++)
                apart += (size_t)labs((long)gp_grid_step(&g, p, k) - (long)gp_grid_step(&g, near[i], k));
            assert_int_equal(apart, 1);
        }
        assert_int_equal(n, 1 + (p / 4 % 3 == 1 ? 2 : 1) + (p % 4 == 0 || p % 4 == 3 ? 1 : 2));
    }
    g.axes[0].n = 1e6;
    assert_false(gp_grid_count(&g, &points));
    assert_true(points == 12e6);
    gp_grid_fini(&g);
}

/* ---- luck ---- */

static void quantiles(void **state)
{
    (void)state;
    assert_float_equal(gp_normal_quantile(0.5), 0, 1e-15);
    assert_float_equal(gp_normal_quantile(0.975), 1.959963984540054, 1e-14);
    assert_float_equal(gp_normal_quantile(1e-10), -6.361340902404056, 1e-13);
    for (double x = -8; x <= 5; x += 0.37) /* back from the distribution */
        assert_float_equal(gp_normal_quantile(erfc(-x / sqrt(2)) / 2), x, x > 4 ? 1e-9 : 1e-11);
}

static void best_of_many(void **state)
{
    (void)state;
    assert_float_equal(gp_expected_best(1), 0, 0);
    assert_float_equal(gp_expected_best(10), 1.5746, 1e-3);
    assert_float_equal(gp_expected_best(1000), 3.2551, 1e-3);
    assert_true(gp_expected_best(1e6) > 4.8 && gp_expected_best(1e6) < 4.9);
    /* against draws: the mean of the largest of 100, 20,000 times */
    double sum = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        double best = -INFINITY;
        for (uint64_t k = 0; k < 100; k++)
            best = fmax(best, gp_normal_quantile((double)(gp_chance(1, i, k) >> 11) * 0x1p-53 + 0x1p-54));
        sum += best;
    }
    assert_float_equal(gp_expected_best(100), sum / 20000, 0.03);
}

/* ---- ranking ---- */

static void fill(gp_trials *t, const size_t *order, size_t n, const double *key, const double *later)
{
    gp_trials_new(t, n, 7);
    t->n_windows = 1;
    for (size_t i = 0; i < n; i++) {
        const gp_trial x = {.number = order[i], .key = key[order[i]]}, w = {.number = order[i], .key = later[order[i]]};
        gp_trials_add(t, &x, &w);
    }
    gp_trials_sort(t);
}

static void any_order(void **state)
{
    enum { N = 60 };
    double key[N], later[N];
    size_t order[N], best = 0;
    gp_trials a, b;
    (void)state;
    for (size_t i = 0; i < N; i++) {
        key[i] = i % 7 == 3 ? NAN : (double)(gp_chance(1, i, 0) % 20); /* with ties */
        later[i] = (double)(gp_chance(2, i, 0) % 10);
        order[i] = i;
        best = later[i] > later[best] ? i : best;
    }
    fill(&a, order, N, key, later);
    assert_int_equal(a.n_top, 7);
    assert_int_equal(a.windows[0].best.number, best);
    for (size_t k = 0; k + 1 < a.n_top; k++)
        assert_true(gp_trial_before(&a.top[k], &a.top[k + 1]));
    for (size_t i = 0, better = 0; i < N; i++, better = 0) { /* the seven that fewest are before */
        const gp_trial x = {.number = i, .key = key[i]};
        bool in = false;
        for (size_t k = 0; k < N; k++)
            better += gp_trial_before(&(gp_trial){.number = k, .key = key[k]}, &x);
        for (size_t k = 0; k < a.n_top; k++)
            in |= a.top[k].number == i;
        assert_int_equal(in, better < 7);
    }
    for (uint64_t round = 0; round < 50; round++) {
        for (size_t i = N - 1; i > 0; i--) {
            const size_t k = gp_chance(3, round, i) % (i + 1), t = order[i];
            order[i] = order[k];
            order[k] = t;
        }
        fill(&b, order, N, key, later);
        for (size_t k = 0; k < 7; k++)
            assert_int_equal(a.top[k].number, b.top[k].number);
        assert_int_equal(b.windows[0].best.number, best);
        assert_int_equal(a.ranked, b.ranked);
        gp_trials_fini(&b);
    }
    gp_trials_fini(&a);
}

static void surroundings(void **state)
{
    static const struct { double key[9]; gp_around_kind kind; } rows[] = {
        {{0, 9, 0, 9, 10, 9, 0, 8, 0}, GP_AROUND_PLATEAU}, {{9, 6, 9, 6, 10, 6, 9, 6, 9}, GP_AROUND_SLOPE}, {{9, 1, 9, 2, 10, 3, 9, 4, 9}, GP_AROUND_SPIKE},
        {{9, NAN, 9, NAN, 10, NAN, 9, NAN, 9}, GP_AROUND_ALONE}, {{9, NAN, 9, NAN, 10, NAN, 9, 10, 9}, GP_AROUND_SPIKE}};
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        gp_grid g = {.n_axes = 2, .axes = {{.n = 3}, {.n = 3}}};
        gp_trials t;
        gp_trials_new(&t, 9, 1);
        for (size_t i = 0; i < 9; i++)
            gp_trials_add(&t, &(gp_trial){.number = i, .key = rows[r].key[i]}, NULL);
        const gp_around a = gp_trials_around(&t, &g, 4, 0);
        assert_int_equal(a.kind, rows[r].kind);
        assert_int_equal(a.n, 4);
        gp_trials_fini(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(decimals_are_what_is_typed), cmocka_unit_test(refused), cmocka_unit_test(clamped),
                                       cmocka_unit_test(numbering), cmocka_unit_test(quantiles), cmocka_unit_test(best_of_many), cmocka_unit_test(any_order),
                                       cmocka_unit_test(surroundings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
