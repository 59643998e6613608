/* Sparklines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "output/spark.h"

static void draws(const double *x, int n, const char *expected)
{
    gp_buf b = {0};
    gp_buf_addz(&b, "");
    gp_spark(x, n, &b);
    assert_string_equal(b.p, expected);
    gp_buf_free(&b);
}

static void test_spark(void **state)
{
    (void)state;
    draws((double[]){1, 2, 3, 4, 5, 6, 7, 8}, 8, "▁▂▃▄▅▆▇█");
    draws((double[]){0, 100}, 2, "▁█");
    draws((double[]){5, 5, 5}, 3, "▄▄▄");
    draws((double[]){NAN, 1, NAN, 2}, 4, " ▁ █");
    draws((double[]){-1.7e308, 0, 1.7e308}, 3, "▁▅█");
    draws((double[]){INFINITY, 1, 2}, 3, " ▁█");
    draws(NULL, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
