/* The store from C: what its readers share, and when there are too many of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/vec.h"
#include "market/generate.h"
#include "market/store.h"
#include "market/store_chunk.h"

static char folder[64];

static void fill(int tickers)
{
    gp_diags d = {0};
    long busy;
    gp_store_writer *w = gp_store_writer_open(folder, NULL, &busy, &d);
    assert_non_null(w);
    for (int k = 0; k < tickers; k++) {
        gp_bars b;
        gp_generate(1, k, 300, &b);
        assert_true(gp_store_writer_add(w, &b, NULL, &d));
    }
    assert_true(gp_store_writer_commit(w, &d));
    gp_store_writer_close(w);
    gp_diags_fini(&d);
}

static int begin(void **state)
{
    (void)state;
    strcpy(folder, P_tmpdir "/goldpit-store-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* Every reader holds a slot of the lock file; one too many is told so, and room is there again when one ends. */
static void test_too_many_readers(void **state)
{
    enum { MOST = 2000 };
    gp_store **all = gp_xcalloc(MOST, sizeof *all);
    gp_diags d = {0};
    size_t n = 0;
    (void)state;
    if (!gp_store_available()) skip();
    fill(2);
    while (n < MOST && (all[n] = gp_store_open(folder, &d)) != NULL) n++;
    assert_in_range(n, 100, MOST - 1);
    assert_int_equal(d.errors, 1);
    assert_non_null(strstr(d.at[0].message, "too many programs read the store"));
    gp_store_close(all[--n]);
    gp_diags_fini(&d);
    d = (gp_diags){0};
    all[n] = gp_store_open(folder, &d);
    assert_non_null(all[n++]);
    while (n) gp_store_close(all[--n]);
    gp_diags_fini(&d);
    free(all);
}

/* The last bars alone: how many come before them is said, and they are the same. */
static void test_keys(void **state)
{
    static const char *const names[6] = {"open", "high", "low", "close", "vol", "amount"};
    (void)state;
    for (int k = 0; k < 6; k++) assert_true(gp_chunk_keys[k] == gp_chunk_key(names[k]));
}

static void test_tail(void **state)
{
    gp_diags d = {0};
    (void)state;
    if (!gp_store_available()) skip();
    fill(3);
    gp_store *s = gp_store_open(folder, &d);
    assert_non_null(s);
    for (size_t k = 0; k < gp_store_count(s); k++) {
        gp_bars all, last;
        assert_true(gp_store_read(s, k, "x", NULL, &all, &d));
        for (int tail = 1; tail < 320; tail += 53) {
            assert_true(gp_store_read(s, k, "x", &(gp_read_opts){.tail = tail}, &last, &d));
            assert_true(last.n >= tail || last.n == all.n);
            assert_int_equal(last.before + last.n, all.n);
            assert_int_equal(last.history, all.history);
            assert_memory_equal(last.close, all.close + last.before, (size_t)last.n * sizeof *last.close);
            assert_memory_equal(last.date, all.date + last.before, (size_t)last.n * sizeof *last.date);
            gp_bars_fini(&last);
        }
        gp_bars_fini(&all);
    }
    gp_store_close(s);
    gp_diags_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_too_many_readers, begin, end),
                                       cmocka_unit_test_setup_teardown(test_tail, begin, end), cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
