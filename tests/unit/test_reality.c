/* What luck gives the best of many sets: by hand, in its size, and in its power. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/vec.h"
#include "worth/chance.h"
#include "worth/luck.h"
#include "worth/reality.h"

static void near(double x, double y) { assert_true(fabs(x - y) <= 1e-9 * fmax(1, fabs(y))); } /* assert_float_equal has seven digits */

/* ---- by hand ---- */

/* Four blocks of two days, a signal in each, gains 3 1 1 1.  With signs s the sum is S and the mean S/4; the squares about it are 12 - S^2/4, and t =
 * S / sqrt((12 - S^2/4) 4/3).  As found: S = 6, t = 6 / sqrt(3 * 4/3) = 3. */
static void four_days(void **state)
{
    const double gain[8] = {3, 0, 1, 0, 0, 1, 1, 0}, count[8] = {1, 0, 1, 0, 0, 1, 1, 0};
    static const double by_sum[] = {0, 0, 0.5222329678670935, 0, 1.224744871391589, 0, 3}; /* of S = 0, 2, 4, 6 */
    gp_reality r;
    double t[1001];
    int as_good = 1, at_least[2] = {0, 0};
    (void)state;
    gp_reality_new(&r, 8, 1, 1000, 42);
    assert_int_equal(r.block, 2);
    assert_int_equal(r.n_blocks, 4);
    assert_true(gp_reality_draw(&r, gain, count, 4.0 / 3, t));
    assert_true(t[0] == 3);
    for (int d = 1; d <= 1000; d++) {
        int sum = 0;
        for (uint64_t b = 0; b < 4; b++)
            sum += (b == 0 ? 3 : 1) * (gp_chance(42, b, (uint64_t)d / 64) >> d % 64 & 1 ? -1 : 1);
        near(t[d], copysign(by_sum[abs(sum)], sum));
        as_good += sum == 6;
        at_least[0] += sum >= 0;
        at_least[1] += sum >= 4;
    }
    assert_in_range(as_good, 40, 90); /* one of sixteen */
    assert_in_range(at_least[0], 500, 625); /* nine of sixteen: sums 6, 4 thrice, 2 thrice, 0 twice */
    gp_reality_take(&r, t);
    near(gp_reality_p(&r, t[0]), as_good / 1001.0);
    near(gp_reality_p(&r, 1.2), (at_least[1] + 1) / 1001.0);
    near(gp_reality_quantile(&r, 0.5), 0);
    near(gp_reality_quantile(&r, 0.95), 3);
    gp_reality_fini(&r);
}

static void blocks(void **state)
{
    static const struct { size_t days, held, block, n; } rows[] = {{2500, 10, 40, 63}, {400, 10, 40, 10}, {399, 10, 20, 20}, {30, 20, 40, 1}, {1, 0, 2, 1}, {100, 1, 4, 25}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gp_reality r;
        gp_reality_new(&r, rows[i].days, rows[i].held, 3, 1);
        assert_int_equal(r.block, rows[i].block);
        assert_int_equal(r.n_blocks, rows[i].n);
        assert_true(isnan(gp_reality_quantile(&r, 0.5)) && isnan(gp_reality_p(&r, 1)));
        gp_reality_fini(&r);
    }
}

/* ---- markets without skill, and with it ---- */

enum { DAYS = 360, HELD = 5, SETS = 12, DRAWS = 99 };

static double normal(uint64_t seed, uint64_t who, uint64_t draw)
{
    return gp_normal_quantile((double)(gp_chance(seed, who, draw) >> 11) * 0x1p-53 + 0x1p-54);
}

/* Outcomes are sums over HELD days, so that those of neighbouring days overlap; the sets share most of their days, and a part of what moves them. */
static double best_of(uint64_t seed, double skill, int copies, gp_reality *r)
{
    gp_day_base base[DAYS];
    gp_day_sum sums[DAYS];
    int32_t dates[DAYS] = {0};
    const gp_sweep_market m = {.date = dates, .n_days = DAYS, .base = base, .period = 5};
    const gp_hitrate_opts o = {.after = {HELD}, .n_after = 1};
    double t[DRAWS + 1], best = -INFINITY;
    for (int i = 0; i < DAYS; i++)
        base[i] = (gp_day_base){.n = 100, .wins = 50, .sum = (int64_t)(100 * 20000 * normal(seed, 1, (uint64_t)i))};
    gp_reality_new(r, DAYS, HELD, DRAWS, seed + 1000);
    for (uint64_t set = 0; set < SETS; set++) {
        gp_score s;
        const uint64_t k = copies ? 0 : set;
        for (uint64_t i = 0; i < DAYS; i++) {
            double gain = 0;
            for (uint64_t j = 0; j < HELD; j++)
                gain += normal(seed, 2, i + j) + normal(seed, 10 + k, i + j);
            const uint32_t n = gp_chance(seed, 3, i) % 100 + gp_chance(seed, 30 + k, i) % 20 < 60 ? 1 + gp_chance(seed, 4, i) % 3 : 0;
            sums[i] = (gp_day_sum){.n = n, .sum = (int64_t)(n * ((double)base[i].sum / 100 + 10000 * (gain + skill)))};
        }
        gp_hit_score(&m, &o, 0, sums, 0, DAYS, &s);
        assert_true(gp_reality_of_signals(r, &m, 0, sums, DAYS, &s, t));
        near(t[0], s.at[GP_SCORE_T]);
        gp_reality_take(r, t);
        best = t[0] > best ? t[0] : best;
        if (copies && set + 1 == (uint64_t)copies)
            break;
    }
    return gp_reality_p(r, best);
}

/* p is below any level as often as the level says: of 200 markets as many as a coin of that odds, within three deviations. */
static void size(void **state)
{
    static const double level[] = {0.05, 0.1, 0.25, 0.5, 0.75};
    int below[5] = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        gp_reality r;
        const double p = best_of(seed, 0, 0, &r);
        for (int i = 0; i < 5; i++)
            below[i] += p <= level[i];
        gp_reality_fini(&r);
    }
    for (int i = 0; i < 5; i++) {
        const double expected = 200 * level[i], deviation = sqrt(200 * level[i] * (1 - level[i]));
        assert_float_equal(below[i], expected, 3 * deviation);
    }
}

static void power(void **state)
{
    int found = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        gp_reality r;
        found += best_of(seed, 4, 0, &r) <= 0.02;
        gp_reality_fini(&r);
    }
    assert_true(found >= 19);
}

/* A set that is tried twice has not had two chances; the formula takes it for two. */
static void copies_are_one(void **state)
{
    gp_reality one, many, others;
    (void)state;
    const double p = best_of(7, 0, 1, &one), again = best_of(7, 0, SETS, &many);
    assert_true(p == again);
    assert_memory_equal(one.best, many.best, (DRAWS + 1) * sizeof *one.best);
    best_of(7, 0, 0, &others);
    assert_true(gp_reality_quantile(&others, 0.5) > gp_reality_quantile(&one, 0.5) + 0.2);
    assert_true(gp_expected_best(SETS) > gp_expected_best(1) + 1);
    gp_reality_fini(&one);
    gp_reality_fini(&many);
    gp_reality_fini(&others);
}

/* The t of an account is its Sharpe ratio times the root of the years that its days are. */
static void accounts(void **state)
{
    enum { N = 60 };
    gp_point points[N];
    gp_figures f;
    gp_reality r;
    double t[DRAWS + 1], change[N], market[N] = {0};
    gp_money value = 1000000;
    (void)state;
    for (int i = 0; i < N; i++) {
        value += (gp_money)(value / 100 * normal(1, 1, (uint64_t)i)) + value / 500;
        points[i] = (gp_point){.date = 20240101 + i % 28 + i / 28 * 100, .cash = value / 3, .value = value - value / 3};
    }
    gp_figures_of(points, N, 1000000, NULL, 0, 250, &f);
    gp_account_changes(points, N, 1000000, market, change);
    near(change[0], (double)(points[0].cash + points[0].value) / 1000000 - 1);
    gp_reality_new(&r, N, 5, DRAWS, 1);
    assert_false(gp_reality_of_account(&r, &f, t)); /* nobody tells its changes */
    f.change = change;
    f.n_change = N;
    assert_true(gp_reality_of_account(&r, &f, t));
    near(t[0], f.sharpe * sqrt(N / 250.0));
    int other = 0;
    for (int d = 1; d <= DRAWS; d++)
        other += fabs(t[d] - t[0]) > 1e-9;
    assert_true(other > DRAWS / 2);
    gp_reality_fini(&r);
}

/* Half of an account held in a market that rose by 2 % and 1 %, and then all of it sold short. */
static void beyond_the_market(void **state)
{
    static const gp_point points[] = {{.cash = 500, .value = 500}, {.cash = 500, .value = 510}, {.cash = 2020, .value = -1010}, {.cash = 2020, .value = -1030}};
    static const double market[] = {0.5, 0.02, 0.01, 0.02};
    double change[4];
    (void)state;
    gp_account_changes(points, 4, 1000, market, change);
    near(change[0], 0); /* nothing was held before */
    near(change[1], 0);
    near(change[2], -510.0 / 1010 * 0.01);
    near(change[3], (990.0 / 1010 - 1) + 0.02);
}

/* Two days can say nothing, however much alike they are. */
static void two_days(void **state)
{
    double gain[80] = {0}, count[80] = {0}, t[201];
    gp_reality r;
    (void)state;
    gain[0] = gain[79] = 15;
    gain[79] = 15.001;
    count[0] = count[79] = 15;
    gp_reality_new(&r, 80, 1, 200, 1);
    assert_true(gp_reality_draw(&r, gain, count, 2, t));
    gp_reality_take(&r, t);
    assert_true(t[0] > 1000);
    assert_true(gp_reality_p(&r, t[0]) > 0.15);
    memset(gain, 0, sizeof gain);
    assert_false(gp_reality_draw(&r, gain, count, 2, t));
    gp_reality_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(four_days), cmocka_unit_test(blocks), cmocka_unit_test(size), cmocka_unit_test(power),
                                       cmocka_unit_test(copies_are_one), cmocka_unit_test(accounts), cmocka_unit_test(beyond_the_market), cmocka_unit_test(two_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
