/* The public header as an embedder uses it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "goldpit/goldpit.h"

static void count_errors(void *ctx, const goldpit_diagnostic *d)
{
    if (d->severity == GOLDPIT_ERROR) {
        (*(int *)ctx)++;
        assert_non_null(d->message);
        assert_true(d->line >= 1 && d->column >= 1);
        assert_int_equal(strncmp(d->code, "GP", 2), 0);
    }
}

static void test_run(void **state)
{
    (void)state;
    const char *text = "A:MA(C,N);B:A;DRAWTEXT(C>A,C,'上');Z:REFX(C,1);";
    const goldpit_param n = {"N", 2};
    goldpit_formula *f;
    assert_int_equal(goldpit_compile(text, strlen(text), &n, 1, NULL, NULL, &f), GOLDPIT_OK);
    assert_int_equal(goldpit_n_outputs(f), 4);
    assert_string_equal(goldpit_output_name(f, 2), "上");
    assert_null(goldpit_output_name(f, 4));
    assert_false(goldpit_output_looks_ahead(f, 0));
    assert_true(goldpit_output_looks_ahead(f, 3));
    double close[4] = {1, 3, 2, 6}, a[4], b[4], c[4];
    double *out[4] = {a, b, c, NULL};
    goldpit_quotes q = {.n = 4, .close = close};
    assert_int_equal(goldpit_run(f, &q, out), GOLDPIT_OK);
    assert_true(isnan(a[0]) && a[1] == 2 && a[3] == 4);
    assert_memory_equal(a + 1, b + 1, 3 * sizeof(double));
    assert_true(isnan(c[0]) && c[1] == 1 && c[2] == 0);
    q.close = NULL;
    assert_int_equal(goldpit_run(f, &q, out), GOLDPIT_BAD_ARGUMENT);
    goldpit_formula_free(f);
}

static void test_errors(void **state)
{
    (void)state;
    int errors = 0;
    goldpit_formula *f;
    const char *text = "A:MB(C,5);B:MA(C,);";
    assert_int_equal(goldpit_compile(text, strlen(text), NULL, 0, count_errors, &errors, &f), GOLDPIT_BAD_FORMULA);
    assert_null(f);
    assert_int_equal(errors, 2);
    assert_int_equal(goldpit_compile(NULL, 0, NULL, 0, NULL, NULL, &f), GOLDPIT_BAD_ARGUMENT);
    assert_non_null(goldpit_version());
}

/* What the caller cannot give is refused, not null. */
static void test_more_than_quotes(void **state)
{
    (void)state;
    static const char text[] = "W:CLOSE#WEEK;F:FINANCE(7);";
    goldpit_formula *f = NULL;
    int errors = 0;
    assert_int_equal(goldpit_compile(text, strlen(text), NULL, 0, count_errors, &errors, &f), GOLDPIT_BAD_FORMULA);
    assert_null(f);
    assert_int_equal(errors, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_run), cmocka_unit_test(test_errors), cmocka_unit_test(test_more_than_quotes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
