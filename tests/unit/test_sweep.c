/* Grids of parameters, the best of luck, and the ranking of trials. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "temp_folder.h"
#include "base/num.h"
#include "base/vec.h"
#include "market/generate.h"
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
    static const struct { double key[9]; gp_around_kind kind; double none; } rows[] = {
        {{0, 9, 0, 9, 10, 9, 0, 8, 0}, GP_AROUND_PLATEAU, 0}, {{9, 6, 9, 6, 10, 6, 9, 6, 9}, GP_AROUND_SLOPE, 0}, {{9, 1, 9, 2, 10, 3, 9, 4, 9}, GP_AROUND_SPIKE, 0},
        {{0, 9, 0, 9, 10, 9, 0, 5, 0}, GP_AROUND_SLOPE, 0}, {{0, 9, 0, 9, 10, 9, 0, NAN, 0}, GP_AROUND_SLOPE, 0}, /* one step falls steeply */
        {{9, NAN, 9, NAN, 10, NAN, 9, NAN, 9}, GP_AROUND_ALONE, 0}, {{9, NAN, 9, NAN, 10, NAN, 9, 10, 9}, GP_AROUND_SPIKE, 0},
        /* falls: low is good, 0 is not what no skill gives, and what is not ranked is none of 0 % */
        {{0, -12, 0, -12, -10, -12, 0, -14, 0}, GP_AROUND_PLATEAU, NAN}, {{0, -15, 0, -14, -10, -15, 0, -14, 0}, GP_AROUND_SLOPE, NAN},
        {{0, -16, 0, -15, -10, -16, 0, -16, 0}, GP_AROUND_SPIKE, NAN}, {{0, NAN, 0, NAN, -10, NAN, 0, -11, 0}, GP_AROUND_SPIKE, NAN},
        {{0, NAN, 0, NAN, 10, NAN, 0, 10, 0}, GP_AROUND_SPIKE, NAN}};
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        gp_grid g = {.n_axes = 2, .axes = {{.n = 3}, {.n = 3}}};
        gp_trials t;
        gp_trials_new(&t, 9, 1);
        for (size_t i = 0; i < 9; i++)
            gp_trials_add(&t, &(gp_trial){.number = i, .key = rows[r].key[i]}, NULL);
        const gp_around a = gp_trials_around(&t, &g, 4, rows[r].none);
        assert_int_equal(a.kind, rows[r].kind);
        assert_int_equal(a.n, 4);
        gp_trials_fini(&t);
    }
}

/* ---- batches and threads ---- */

typedef struct gathered { gp_sweep_market m; GP_VEC(unsigned char) seen; gp_day_sum *days; gp_figures *figures; size_t n_after; int n_spans; } gathered;

static void gather(void *ctx, size_t set, const gp_day_sum *days, const gp_figures *figures)
{
    gathered *g = ctx;
    if (figures)
        memcpy(g->figures + set * (size_t)g->n_spans, figures, (size_t)g->n_spans * sizeof *figures);
    else
        memcpy(g->days + set * g->n_after * g->m.n_days, days, g->n_after * g->m.n_days * sizeof *days);
    __atomic_add_fetch(&g->seen.at[set], 1, __ATOMIC_RELAXED);
}

enum { SETS = 3 * 4 * 2 };

static void run_sweep(const gp_plan *plan, const gp_inputs *in, const gp_grid *grid, const int *param, int jobs, size_t batch, bool trades, gathered *g)
{
    gp_diags d = {0};
    const gp_hitrate_opts hit = {.jobs = jobs, .after = {2, 5}, .n_after = trades ? 1 : 2, .limit = -1, .from = 20230401};
    const gp_backtest_opts test = {.slots = {.enter = {{plan->signals[0].slot}}, .n_enter = {1}, .stop = -1, .target = -1, .trail = -1, .rank = -1},
                                   .rules = {.limit = -1, .hold = 6, .stop = {.given = true, .millionths = 40000}, .commission = 250, .commission_min = 5 * GP_PRICE_ONE, .stamp = -1, .transfer = -1},
                                   .cash = INT64_C(100000) * GP_PRICE_ONE};
    *g = (gathered){.n_after = (size_t)hit.n_after, .n_spans = 2};
    gp_sweep_market_of(plan, in, &hit, trades, &g->m, &d);
    assert_true((g->m.change != NULL) == trades);
    assert_true(g->m.n_days > 100);
    const gp_span_days spans[] = {{0, g->m.n_days / 2}, {g->m.n_days / 2, g->m.n_days}};
    const gp_ends ends[] = {GP_ENDS_HOLD}; /* what the last axis is, then */
    const gp_sweep_test by_trades = {.o = &test, .ends = ends, .spans = spans, .n_spans = 2};
    const gp_sweep_opts o = {.hit = &hit, .test = trades ? &by_trades : NULL, .grid = grid, .n_formula = trades ? 2 : 3, .param = param, .batch = batch};
    assert_int_equal(gp_sweep_sets(&o), SETS);
    gp_vec_reserve(&g->seen, (size_t)SETS);
    memset(g->seen.at, 0, SETS);
    g->days = gp_xcalloc(SETS * g->n_after * g->m.n_days, sizeof *g->days);
    g->figures = gp_xcalloc(SETS * 2, sizeof *g->figures);
    assert_true(gp_sweep_run(plan, in, &o, &g->m, gather, g, &d));
    for (int i = 0; i < SETS; i++)
        assert_int_equal(g->seen.at[i], 1);
    gp_diags_fini(&d);
}

static void drop_gathered(gathered *g)
{
    gp_sweep_market_fini(&g->m);
    gp_vec_free(&g->seen);
    free(g->days);
    free(g->figures);
}

/* Whatever sets are computed together, and on however many threads. */
static void nobody_sees_how(void **state)
{
    static const char text[] = "{@param N 5 2 60}{@param M 3 1 60}{@param K 1 0 9}A:=MA(C,N);X:C>A AND C<REF(A,M)*(1+K/50) AND COUNT(C>REF(C,1),M)>=K;";
    gp_diags d = {0};
    gp_inputs in = {0};
    gp_plan plan;
    gp_grid grid = {.n_axes = 3};
    const char *const values[] = {"5,10,20", "2:5", "0,1"};
    const int param[] = {0, 1, 2};
    double points, held[] = {3, INFINITY};
    int bad = 0;
    (void)state;
    (void)in_folder;
    assert_null(gp_generate_files(5, 27, 260, folder));
    char *const words[] = {folder};
    gp_inputs_expand(words, 1, NULL, &in, &bad, &d);
    gp_formula *f = gp_formula_parse("test", text, strlen(text), GP_ENC_AUTO, &d);
    assert_int_equal(gp_plan_new(f, &(gp_plan_spec){0}, &plan, &d), GP_PLAN_OK);
    for (int k = 0; k < 3; k++) {
        gp_str wrong;
        grid.axes[k].name = "";
        assert_int_equal(gp_axis_parse(&grid.arena, gp_str_from(values[k]), &grid.axes[k], &wrong), GP_AXIS_OK);
    }
    assert_true(gp_grid_count(&grid, &points));
    for (int trades = 0; trades < 2; trades++) {
        gathered like, g;
        if (trades)
            grid.axes[2].at = held; /* bars held at most, and without it */
        run_sweep(&plan, &in, &grid, param, 1, 0, trades, &like);
        int64_t signals = 0, closed = 0;
        for (size_t i = 0; i < SETS * like.n_after * like.m.n_days; i++)
            signals += like.days[i].n;
        for (int i = 0; i < SETS * 2; i++)
            closed += like.figures[i].trades;
        assert_true(trades ? closed > 2000 : signals > 20000);
        for (int jobs = 1; jobs <= 3; jobs++)
            for (size_t batch = 1; batch <= 25; batch += batch < 4 ? 1 : 10) {
                run_sweep(&plan, &in, &grid, param, jobs, batch, trades, &g);
                assert_int_equal(g.m.n_days, like.m.n_days);
                assert_memory_equal(g.days, like.days, SETS * like.n_after * like.m.n_days * sizeof *g.days);
                for (int i = 0; i < SETS * 2; i++) {
                    assert_int_equal(g.figures[i].trades, like.figures[i].trades);
                    assert_int_equal(g.figures[i].end, like.figures[i].end);
                    assert_true(g.figures[i].sharpe == like.figures[i].sharpe || isnan(like.figures[i].sharpe));
                    assert_true(g.figures[i].mean == like.figures[i].mean || isnan(like.figures[i].mean));
                }
                drop_gathered(&g);
            }
        drop_gathered(&like);
    }
    gp_grid_fini(&grid);
    gp_plan_fini(&plan);
    gp_formula_free(f);
    gp_inputs_fini(&in);
    gp_diags_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(decimals_are_what_is_typed), cmocka_unit_test(refused), cmocka_unit_test(clamped),
                                       cmocka_unit_test(numbering), cmocka_unit_test(quantiles), cmocka_unit_test(best_of_many), cmocka_unit_test(any_order),
                                       cmocka_unit_test(surroundings), cmocka_unit_test(nobody_sees_how)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
