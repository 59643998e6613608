/* The tree of values on one bar. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "parser/parser.h"
#include "screen/trace.h"

static double closes[] = {10, 11, 12, 11, 10, 9, 10, 12};
static int32_t days[] = {20240102, 20240103, 20240104, 20240105, 20240108, 20240109, 20240110, 20240111};
static char code[] = "600000", empty[] = "";
static gp_formula *f;

static gp_bars bars(void)
{
    return (gp_bars){.code = code, .name = empty, .market = empty, .n = 8, .date = days, .open = closes, .high = closes, .low = closes,
                     .close = closes, .vol = closes, .amount = closes, .period = 5};
}

static gp_trace *trace_of(const char *text)
{
    gp_diags d = {0};
    f = gp_formula_parse("trace", text, strlen(text), GP_ENC_UTF8, &d);
    assert_true(gp_formula_resolve(f, &d));
    gp_trace *t = gp_trace_new(f, NULL, &d);
    assert_non_null(t);
    gp_diags_fini(&d);
    return t;
}

static void drop(gp_trace *t)
{
    gp_trace_free(t);
    gp_formula_free(f);
}

static void check(const gp_trace_row *r, int depth, const char *name, const char *text, double value)
{
    assert_int_equal(r->depth, depth);
    if (name) assert_string_equal(r->name, name);
    else assert_null(r->name);
    assert_string_equal(r->text, text);
    assert_true(r->has_value);
    if (isnan(value)) assert_true(isnan(r->value));
    else assert_true(fabs(r->value - value) < 1e-12);
}

static void test_chains_are_flat_and_names_expand_once(void **state)
{
    int n;
    const gp_bars b = bars();
    (void)state;
    gp_trace *t = trace_of("M:=MA(C,2);X:C>M AND (C>9 {more} AND\n M>9);Y:M;");
    const gp_trace_row *r = gp_trace_run(t, &b, 6, &n);
    assert_int_equal(n, 11);
    check(&r[0], 0, "X", "C>M AND (C>9 AND M>9)", 1);
    check(&r[1], 1, NULL, "C>M", 1); /* 10 > 9.5 */
    check(&r[2], 2, NULL, "C", 10);
    check(&r[3], 2, "M", "MA(C,2)", 9.5);
    check(&r[4], 3, NULL, "C", 10);
    check(&r[5], 1, NULL, "C>9", 1);
    check(&r[6], 2, NULL, "C", 10);
    check(&r[7], 1, NULL, "M>9", 1);
    check(&r[8], 2, "M", "MA(C,2)", 9.5);
    assert_true(r[8].again && !r[3].again);
    check(&r[9], 0, "Y", "M", 9.5);
    check(&r[10], 1, "M", "MA(C,2)", 9.5);
    assert_true(r[0].is_condition && r[1].is_condition && !r[2].is_condition && !r[9].is_condition);
    drop(t);
}

static void test_the_bar_before_where_it_counts(void **state)
{
    int n;
    const gp_bars b = bars();
    (void)state;
    gp_trace *t = trace_of("X:CROSS(C,9.5);");
    const gp_trace_row *r = gp_trace_run(t, &b, 6, &n);
    assert_int_equal(n, 2);
    assert_true(r[1].shows_before && r[1].before == 9 && r[1].value == 10 && r[0].value == 1);
    r = gp_trace_run(t, &b, 0, &n); /* nothing before the first bar */
    assert_true(isnan(r[1].before) && r[1].value == 10);
    drop(t);
}

static void test_drawings_and_texts(void **state)
{
    int n;
    const gp_bars b = bars();
    (void)state;
    gp_trace *t = trace_of("T:STRCAT(CODE,'x');DRAWTEXT(C>11,L*0.98,'here');");
    const gp_trace_row *r = gp_trace_run(t, &b, 7, &n);
    assert_string_equal(r[0].string, "600000x");
    assert_false(r[0].has_value);
    assert_true(r[1].is_condition && r[1].value == 1);
    check(&r[2], 1, NULL, "C>11", 1);
    check(&r[4], 1, NULL, "L*0.98", 12 * 0.98);
    assert_int_equal(n, 6);
    drop(t);
}

/* Names of names of names: bounded, whatever the text. */
static void test_a_long_chain_of_names(void **state)
{
    int n;
    const gp_bars b = bars();
    gp_buf text = {0};
    (void)state;
    gp_buf_addz(&text, "V0:=C;");
    for (int k = 1; k < 20000; k++) gp_buf_printf(&text, "V%d:=V%d+1;", k, k - 1);
    gp_buf_addz(&text, "X:V19999;");
    gp_trace *t = trace_of(text.p);
    const gp_trace_row *r = gp_trace_run(t, &b, 7, &n);
    assert_in_range(n, 10, 4000);
    assert_true(r[0].value == 12 + 19999);
    drop(t);
    gp_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains_are_flat_and_names_expand_once),
        cmocka_unit_test(test_the_bar_before_where_it_counts),
        cmocka_unit_test(test_drawings_and_texts),
        cmocka_unit_test(test_a_long_chain_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
