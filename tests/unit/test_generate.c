/* market/generate: the same bytes everywhere, and a market that looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/file.h"
#include "market/generate.h"
#include "market/reader.h"
#include "market/stamp.h"

static uint64_t fnv(uint64_t h, const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++) h = (h ^ ((const unsigned char *)p)[i]) * UINT64_C(1099511628211);
    return h;
}

static uint64_t hash_bars(uint64_t h, const gp_bars *b)
{
    for (int i = 0; i < b->n; i++) {
        int64_t row[7] = {b->date[i],
                          llround(b->open[i] * 100),
                          llround(b->high[i] * 100),
                          llround(b->low[i] * 100),
                          llround(b->close[i] * 100),
                          llround(b->vol[i]),
                          llround(b->amount[i] * 100)};
        h = fnv(h, row, sizeof row);
    }
    return h;
}

static uint64_t hash_universe(uint64_t seed, int tickers, int bars)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (int k = 0; k < tickers; k++) {
        gp_bars b;
        gp_generate(seed, k, bars, &b);
        h = hash_bars(h, &b);
        gp_bars_fini(&b);
    }
    return h;
}

static void test_deterministic(void **unused)
{
    (void)unused;
    assert_true(hash_universe(1, 40, 300) == hash_universe(1, 40, 300));
    assert_true(hash_universe(1, 40, 300) != hash_universe(2, 40, 300));
}

/* The committed sample is what the generator makes: any machine where this fails makes other numbers. */
static void test_sample_is_generated(void **unused)
{
    char folder[] = P_tmpdir "/goldpit-test-XXXXXX", path[200];

    (void)unused;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/deep/er", folder);
    assert_null(gp_generate_files(1, 30, 500, path));
    for (int k = 0; k < 30; k++) {
        gp_bars b;
        gp_file want, got;
        char a[240], c[240];
        gp_generate(1, k, 500, &b);
        snprintf(a, sizeof a, "data/sample/%s.csv", b.code);
        snprintf(c, sizeof c, "%s/%s.csv", path, b.code);
        assert_null(gp_file_open(a, &want));
        assert_null(gp_file_open(c, &got));
        if (want.n != got.n || memcmp(want.p, got.p, got.n) != 0) fail_msg("%s is not what the generator makes", a);
        gp_file_close(&want);
        gp_file_close(&got);

        gp_read_result r;
        gp_diags d = {0};
        assert_true(gp_read_quotes(c, NULL, &r, &d)); /* what is written reads back bit for bit */
        assert_int_equal(d.n, 0);
        assert_int_equal(r.at->n, b.n);
        assert_string_equal(r.at->code, b.code);
        assert_string_equal(r.at->market, b.market);
        assert_memory_equal(r.at->date, b.date, (size_t)b.n * sizeof *b.date);
        assert_memory_equal(r.at->open, b.open, (size_t)b.n * sizeof *b.open);
        assert_memory_equal(r.at->high, b.high, (size_t)b.n * sizeof *b.high);
        assert_memory_equal(r.at->low, b.low, (size_t)b.n * sizeof *b.low);
        assert_memory_equal(r.at->close, b.close, (size_t)b.n * sizeof *b.close);
        assert_memory_equal(r.at->vol, b.vol, (size_t)b.n * sizeof *b.vol);
        assert_memory_equal(r.at->amount, b.amount, (size_t)b.n * sizeof *b.amount);
        gp_read_result_fini(&r);
        gp_diags_fini(&d);
        gp_bars_fini(&b);
        unlink(c);
    }
    rmdir(path);
    snprintf(path, sizeof path, "%s/deep", folder);
    rmdir(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was written */
}

static void check_bars(const gp_bars *b, int ticker, int bars)
{
    assert_true(b->n >= 1 && b->n <= bars);
    for (int i = 0; i < b->n; i++) {
        if (!(b->low[i] > 0 && b->low[i] <= b->open[i] && b->low[i] <= b->close[i] && b->high[i] >= b->open[i] &&
              b->high[i] >= b->close[i]))
            fail_msg("ticker %d bar %d: o %g h %g l %g c %g", ticker, i, b->open[i], b->high[i], b->low[i],
                     b->close[i]);
        assert_true(b->vol[i] >= 1 && b->amount[i] > 0);
        double grid = b->close[i] * 100;
        assert_true(fabs(grid - round(grid)) < 1e-6);
        int weekday = (gp_day_number(b->date[i]) + 4) % 7;
        assert_true(weekday >= 1 && weekday <= 5);
        int mmdd = b->date[i] % 10000;
        assert_true(mmdd < 1001 || mmdd > 1007);
        if (i == 0) continue;
        assert_true(b->date[i] > b->date[i - 1]);
        double limit = ticker % 3 == 2 ? 0.2 : 0.1;
        if (b->high[i] > b->close[i - 1] * (1 + limit) + 0.00501 || b->low[i] < b->close[i - 1] * (1 - limit) - 0.00501)
            fail_msg("ticker %d bar %d leaves its daily limit", ticker, i);
    }
}

static void test_plausible(void **unused)
{
    int short_ones = 0, boards = 0, late_end = 0, holes = 0;

    (void)unused;
    for (int k = 0; k < 90; k++) {
        gp_bars b;
        gp_generate(7, k, 500, &b);
        check_bars(&b, k, 500);
        short_ones += b.n < 200;
        late_end += b.date[b.n - 1] == 20250124;
        int one_price = 0;
        for (int i = 1; i < b.n; i++) {
            one_price += b.high[i] == b.low[i] && fabs(b.close[i] / b.close[i - 1] - 1) > 0.08;
            holes += gp_day_number(b.date[i]) - gp_day_number(b.date[i - 1]) > 40;
        }
        boards += one_price >= 3;
        gp_bars_fini(&b);
    }
    assert_true(short_ones >= 3);
    assert_true(boards >= 6);
    assert_true(late_end < 90 && late_end >= 85);
    assert_true(holes >= 3);
}

static void test_any_size(void **unused)
{
    static const int sizes[] = {1, 2, 10, 55, 400, 2500, 9000};

    (void)unused;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int k = 0; k < 31; k++) {
            gp_bars b;
            gp_generate(3, k, sizes[s], &b);
            check_bars(&b, k, sizes[s]);
            assert_int_equal(strlen(b.code), 6);
            gp_bars_fini(&b);
        }
    gp_bars b;
    gp_generate(1, 5, -3, &b);
    assert_int_equal(b.n, 1);
    gp_bars_fini(&b);
}

static void test_refusals(void **unused)
{
    (void)unused;
    assert_non_null(gp_generate_files(1, 0, 10, P_tmpdir "/goldpit-none"));
    assert_non_null(gp_generate_files(1, 1000000, 10, P_tmpdir "/goldpit-none"));
    assert_non_null(gp_generate_files(1, 1, 10, "/proc/none/here"));
    assert_false(gp_path_exists(P_tmpdir "/goldpit-none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deterministic), cmocka_unit_test(test_sample_is_generated),
        cmocka_unit_test(test_plausible),     cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
