/* Measured look-ahead. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "parser/parser.h"
#include "screen/prove.h"

enum { MOST = 8 };
static double closes[] = {10, 11, 12, 11, 10, 9, 10, 12};
static int32_t days[] = {20240102, 20240103, 20240104, 20240105, 20240108, 20240109, 20240110, 20240111};
static char code[] = "600000", name[] = "", market[] = "";

static gp_bars bars_of(int n)
{
    return (gp_bars){.code = code, .name = name, .market = market, .n = n, .date = days, .open = closes, .high = closes, .low = closes,
                     .close = closes, .vol = closes, .amount = closes, .period = 5};
}

typedef struct proven { gp_formula *f; gp_program *p; gp_proof proof[MOST]; } proven;

static void compile(const char *text, proven *r)
{
    gp_diags d = {0};
    r->f = gp_formula_parse("prove", text, strlen(text), GP_ENC_UTF8, &d);
    assert_true(gp_formula_resolve(r->f, &d));
    r->p = gp_compile(r->f, NULL, &d);
    assert_non_null(r->p);
    gp_diags_fini(&d);
}

static void measure(proven *r, int n, int cuts)
{
    const gp_bars b = bars_of(n);
    gp_prover *v = gp_prover_new(r->p, NULL, &(gp_prove_opts){.cuts = cuts});
    gp_prove(v, &b, r->proof);
    gp_prover_free(v);
}

static proven prove(const char *text, int n, int cuts)
{
    proven r;
    compile(text, &r);
    measure(&r, n, cuts);
    return r;
}

static void drop(proven *r)
{
    gp_program_free(r->p);
    gp_formula_free(r->f);
}

static void test_cuts_are_ascending_and_end_bar_by_bar(void **state)
{
    int at[200];
    (void)state;
    assert_int_equal(gp_prove_cuts(1, 10, at), 0); /* nothing to cut off */
    assert_int_equal(gp_prove_cuts(4, 10, at), 3);
    for (int k = 0; k < 3; k++) assert_int_equal(at[k], k + 1);
    for (int cuts = 1; cuts <= 150; cuts++) {
        const int n = gp_prove_cuts(151, cuts, at);
        assert_int_equal(n, cuts);
        for (int k = 0; k < n; k++) assert_in_range(at[k], k ? (uintmax_t)at[k - 1] + 1 : 1, 150);
        const int tail = cuts / 2 < 30 ? cuts / 2 : 30;
        for (int k = 0; k < tail; k++) assert_int_equal(at[n - 1 - k], 150 - k);
    }
}

static void test_final_values(void **state)
{
    (void)state;
    proven r = prove("A:C>REF(C,1);B:EMA(C,3);D:HHV(C,0);DRAWICON(C>11,L,1);T:CODE;", 8, 100);
    for (int k = 0; k < 5; k++) {
        assert_int_equal(r.proof[k].cuts, 7);
        assert_int_equal(r.proof[k].changed, 0);
        assert_true(r.proof[k].agrees);
    }
    assert_true(r.proof[0].is_signal);
    assert_false(r.proof[1].is_signal);
    assert_int_equal(r.proof[0].seen, 3); /* rises on bars 1, 2 and 6; bar 7 is no newest bar of a cut */
    assert_int_equal(r.proof[3].seen, 1); /* 12 on bar 2 */
    drop(&r);
}

static void test_what_changed_first_and_deepest(void **state)
{
    (void)state;
    proven r = prove("X:REFX(C,3);", 8, 100);
    const gp_proof *p = &r.proof[0];
    assert_int_equal(p->changed, 7);
    assert_int_equal(p->first.bar, 0); /* null until bar 3 is there: the last such data have three bars */
    assert_int_equal(p->first.end, 3);
    assert_true(isnan(p->first.was));
    assert_true(p->first.now == 11);
    assert_int_equal(gp_change_back(&p->deepest), 3);
    assert_true(p->agrees);
    drop(&r);
}

static void test_signals_that_vanish(void **state)
{
    (void)state;
    /* true on the newest bar of its time, whatever comes: seen each time, gone each time */
    proven r = prove("X:ISLASTBAR;", 8, 100);
    assert_int_equal(r.proof[0].seen, 7);
    assert_int_equal(r.proof[0].gone, 7);
    assert_int_equal(r.proof[0].born, 0);
    drop(&r);
    /* 12 on bars 2 and 7 sets the bar before as well: bars 1 and 6 come late */
    r = prove("X:BACKSET(C>11,2);", 8, 100);
    assert_int_equal(r.proof[0].born, 2);
    assert_int_equal(r.proof[0].seen, 1);
    assert_int_equal(r.proof[0].gone, 0);
    drop(&r);
}

static void test_a_drawing_counts_where_it_shows(void **state)
{
    (void)state;
    /* the price changes on every bar, but it is drawn on bars 2 and 7 only, and there it is known */
    proven r = prove("DRAWICON(C>11,IF(C>11,C,REFX(C,1)),1);", 8, 100);
    assert_int_equal(r.proof[0].changed, 0);
    assert_true(r.proof[0].agrees);
    drop(&r);
}

static void test_first_value_of_mema_is_no_look_ahead(void **state)
{
    (void)state;
    proven r = prove("X:MEMA(C,3);Y:REFX(MEMA(C,3),2);", 8, 100);
    assert_int_equal(r.proof[0].changed, 0);
    assert_int_equal(r.proof[0].late, 1);
    assert_true(r.proof[0].agrees);
    assert_int_equal(r.proof[1].late, 1);
    assert_int_equal(gp_change_back(&r.proof[1].deepest), 2);
    assert_true(r.proof[1].agrees);
    drop(&r);
}

static void relabel(const gp_program *p, gp_future kind, int bars)
{
    int n;
    gp_output *o = (gp_output *)(uintptr_t)gp_program_outputs(p, &n);
    o->ahead.kind = kind;
    o->ahead.bars = bars;
}

static void test_a_wrong_label_is_found(void **state)
{
    (void)state;
    proven r;
    compile("X:REFX(C,3);", &r);
    relabel(r.p, GP_FUTURE_NONE, 0);
    measure(&r, 8, 100);
    assert_false(r.proof[0].agrees);
    relabel(r.p, GP_FUTURE_N, 2);
    measure(&r, 8, 100);
    assert_false(r.proof[0].agrees);
    relabel(r.p, GP_FUTURE_N, 3);
    measure(&r, 8, 100);
    assert_true(r.proof[0].agrees);
    drop(&r);
}

static void test_short_data(void **state)
{
    (void)state;
    proven r = prove("X:REFX(C,3);Y:C>0;", 1, 0);
    assert_int_equal(r.proof[0].cuts, 0);
    assert_int_equal(r.proof[0].changed, 0);
    measure(&r, 0, 0);
    assert_int_equal(r.proof[1].cuts, 0);
    drop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_are_ascending_and_end_bar_by_bar),
        cmocka_unit_test(test_final_values),
        cmocka_unit_test(test_what_changed_first_and_deepest),
        cmocka_unit_test(test_signals_that_vanish),
        cmocka_unit_test(test_a_drawing_counts_where_it_shows),
        cmocka_unit_test(test_first_value_of_mema_is_no_look_ahead),
        cmocka_unit_test(test_a_wrong_label_is_found),
        cmocka_unit_test(test_short_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
