/* Signals taken apart into conditions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "eval/vm.h"
#include "screen/why.h"

static const double closes[] = {10, 11, 12, 11, 10, 9, 10, 12}, opens[] = {10, 10, 11, 12, 11, 10, 9, 10};
static gp_formula *f;
static gp_plan plan;
static double results[64][8], *slots[64];

static gp_why *why_of(const char *text, const char *where)
{
    gp_diags d = {0};
    f = gp_formula_parse("why", text, strlen(text), GP_ENC_UTF8, &d);
    const gp_plan_spec spec = {.where = where, .select = where ? "X" : NULL};
    assert_int_equal(gp_plan_new(f, &spec, &plan, &d), GP_PLAN_OK);
    gp_why *y = gp_why_new(f, &plan, &spec.compile);
    assert_non_null(y);
    gp_diags_fini(&d);
    assert_in_range(gp_program_n_slots(gp_why_program(y)), 1, 64);
    for (int k = 0; k < 64; k++) slots[k] = results[k];
    const gp_lane lane = {.n = 8, .open = opens, .high = closes, .low = closes, .close = closes, .vol = closes, .amount = closes, .period = 5,
                          .out = slots};
    gp_vm *vm = gp_vm_new(gp_why_program(y), NULL);
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
    return y;
}

static void drop(gp_why *y, gp_reasons *r)
{
    gp_vec_free(r);
    gp_why_free(y);
    gp_plan_fini(&plan);
    gp_formula_free(f);
}

static void check(const gp_why *y, const gp_reason *r, const char *name, const char *text, double left, double right)
{
    const gp_leaf *l = gp_why_leaf(y, r->leaf);
    if (name) assert_string_equal(l->name, name);
    else assert_null(l->name);
    assert_string_equal(l->text, text);
    assert_true(r->left == left && r->right == right);
}

static void test_held(void **state)
{
    gp_reasons r = {0};
    (void)state;
    gp_why *y = why_of("UP:=C>O;A:=UP AND C>9;X:A AND (C>11.5 OR C>100) AND UP;", NULL);
    assert_int_equal(gp_why_parts(y, 0), 3); /* UP once, C>9, the OR */
    gp_why_held(y, 0, slots, 2, true, &r); /* 12 over 11 */
    assert_int_equal(r.n, 3);
    check(y, &r.at[0], "UP", "C>O", 12, 11);
    check(y, &r.at[1], NULL, "C>9", 12, 9);
    check(y, &r.at[2], NULL, "C>11.5", 12, 11.5); /* of OR the side that holds */
    r.n = 0;
    gp_why_held(y, 0, slots, 3, true, &r); /* no hit: nothing to explain */
    assert_int_equal(r.n, 0);
    drop(y, &r);
}

static void test_missed_and_distance(void **state)
{
    gp_reasons r = {0};
    double d;
    (void)state;
    gp_why *y = why_of("X:C>O AND (C>12.5 OR C>20) AND C<100;", NULL);
    assert_int_equal(gp_why_missed(y, 0, slots, 2, true, &r, &d), 1); /* 12 over 11, but not over 12.5 */
    assert_int_equal(r.n, 2);
    assert_true(fabs(d - 0.5 / 12.5) < 1e-12); /* the nearer side of OR */
    r.n = 0;
    assert_int_equal(gp_why_missed(y, 0, slots, 3, true, &r, &d), 2);
    assert_true(fabs(d - (1.0 / 12 + 1.5 / 12.5)) < 1e-12);
    drop(y, &r);
}

static void test_cross(void **state)
{
    gp_reasons r = {0};
    double d;
    (void)state;
    gp_why *y = why_of("X:CROSS(C,10.5) AND C>0;", NULL);
    gp_why_held(y, 0, slots, 1, true, &r);
    check(y, &r.at[0], NULL, "CROSS(C,10.5)", 11, 10.5);
    assert_true(r.at[0].left_before == 10 && r.at[0].right_before == 10.5);
    r.n = 0;
    gp_why_missed(y, 0, slots, 4, true, &r, &d); /* below: 10 has to rise to 10.5 */
    assert_true(fabs(d - 0.5 / 10.5) < 1e-12);
    r.n = 0;
    gp_why_missed(y, 0, slots, 2, true, &r, &d); /* above since the bar before */
    assert_true(isnan(r.at[0].distance) && d == 1);
    drop(y, &r);
}

static void test_where_and_drawings(void **state)
{
    gp_reasons r = {0};
    (void)state;
    gp_why *y = why_of("X:C>O;", "C>11");
    assert_int_equal(gp_why_parts(y, 0), 2);
    drop(y, &r);
    y = why_of("DRAWTEXT(C>O AND C>11,L,'up');", NULL);
    assert_int_equal(gp_why_parts(y, 0), 2);
    r = (gp_reasons){0};
    gp_why_held(y, 0, slots, 2, true, &r);
    assert_int_equal(r.n, 2);
    drop(y, &r);
}

/* Every name doubles the tree: it has to stay small. */
static void test_doubling_names(void **state)
{
    gp_buf text = {0};
    gp_reasons r = {0};
    (void)state;
    gp_buf_addz(&text, "A0:=C>O;B0:=C>9;");
    for (int k = 1; k < 60; k++) gp_buf_printf(&text, "A%d:=A%d OR B%d;B%d:=B%d AND A%d;", k, k - 1, k - 1, k, k - 1, k - 1);
    gp_buf_addz(&text, "X:A59 AND B59;");
    gp_diags d = {0};
    f = gp_formula_parse("why", text.p, text.n, GP_ENC_UTF8, &d);
    const gp_plan_spec spec = {0};
    assert_int_equal(gp_plan_new(f, &spec, &plan, &d), GP_PLAN_OK);
    gp_why *y = gp_why_new(f, &plan, &spec.compile);
    assert_non_null(y);
    assert_in_range(gp_why_parts(y, 0), 1, 2000);
    gp_diags_fini(&d);
    drop(y, &r);
    gp_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_missed_and_distance),
        cmocka_unit_test(test_cross),
        cmocka_unit_test(test_where_and_drawings),
        cmocka_unit_test(test_doubling_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
