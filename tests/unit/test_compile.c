/* The compiler: value numbering, folding, dead code, stages, lookback, look-ahead chains; the VM on edge sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>
#include "eval/code.h"
#include "parser/parser.h"
#include "eval/vm.h"

typedef struct built { gp_formula *f; gp_program *p; } built;

static built build_only(const char *text, const gp_compile_opts *o)
{
    gp_diags d = {0};
    built b;
    b.f = gp_formula_parse("t", text, strlen(text), GP_ENC_UTF8, &d);
    const bool ok = gp_formula_resolve(b.f, &d);
    for (size_t k = 0; k < d.n; k++)
        if (d.at[k].severity == GP_ERROR) print_error("%s\n", d.at[k].message);
    assert_true(ok);
    b.p = gp_compile(b.f, o, &d);
    assert_non_null(b.p);
    gp_diags_fini(&d);
    return b;
}

static built build(const char *text)
{
    return build_only(text, NULL);
}

static void drop(built b)
{
    gp_program_free(b.p);
    gp_formula_free(b.f);
}

static int count(const gp_program *p, const char *name)
{
    int n = 0;
    for (size_t k = 0; k < p->code.n; k++) n += p->code.at[k].fn && strcmp(p->code.at[k].fn->name, name) == 0;
    return n;
}

static const gp_output *out(const gp_program *p, int k)
{
    int n;
    const gp_output *o = gp_program_outputs(p, &n);
    assert_true(k < n);
    return &o[k];
}

static void run(const gp_program *p, const double *close, int n, double *const *to)
{
    gp_vm *vm = gp_vm_new(p, NULL);
    gp_lane lane = {.n = n, .open = close, .high = close, .low = close, .close = close, .vol = close, .amount = close, .period = 5, .out = to,
                    .code = GP_STR("600000"), .name = GP_STR("平安银行")};
    gp_vm_run(vm, &lane, 1);
    gp_vm_free(vm);
}

static void test_common_subexpressions(void **state)
{
    (void)state;
    built b = build("A:(C-LLV(L,9))/(HHV(H,9)-LLV(L,9));B:REF(LLV(low,9),1)+llv(L,9);");
    assert_int_equal(count(b.p, "LLV"), 1);
    assert_int_equal(count(b.p, "HHV"), 1);
    drop(b);
    b = build_only("A:MA(C,5)+MA(C,5);", &(gp_compile_opts){.no_cse = true});
    assert_int_equal(count(b.p, "MA"), 2);
    drop(b);
}

static void test_folding(void **state)
{
    (void)state;
    built b = build("A:REF(C,20/2+1);B:-80;D:MAX(3,2)*POW(2,3);E:1/0;");
    double v[4][3], *to[4] = {v[0], v[1], v[2], v[3]}, close[3] = {1, 2, 3};
    assert_int_equal(out(b.p, 0)->lookback, 11);
    assert_int_equal((int)b.p->code.n, 2); /* load, REF: everything else is a constant */
    run(b.p, close, 3, to);
    assert_true(v[out(b.p, 1)->slot][2] == -80);
    assert_true(v[out(b.p, 2)->slot][0] == 24);
    assert_true(gp_null(v[out(b.p, 3)->slot][1]));
    drop(b);
}

static void test_dead_code(void **state)
{
    (void)state;
    built b = build("X:=STD(C,20);A:MA(C,5);B:HHV(H,9);");
    assert_int_equal(count(b.p, "STD"), 0);
    assert_int_equal(count(b.p, "HHV"), 1);
    drop(b);
    const int only[] = {1};
    b = build_only("X:=STD(C,20);A:MA(C,5);B:HHV(H,9);", &(gp_compile_opts){.stmts = only, .n_stmts = 1});
    assert_int_equal(count(b.p, "HHV"), 0);
    assert_int_equal(count(b.p, "MA"), 1);
    assert_int_equal(gp_program_needs(b.p), GP_NEED_CLOSE);
    drop(b);
}

static void test_registers_are_reused(void **state)
{
    (void)state;
    built b = build("A:ABS(ABS(ABS(ABS(ABS(ABS(ABS(ABS(C+1)+2)+3)+4)+5)+6)+7)+8);");
    assert_true(b.p->n_block_regs <= 3);
    assert_int_equal(b.p->n_full_regs, 0);
    drop(b);
}

static void test_stages(void **state)
{
    (void)state;
    built b = build("M:=MA(C,3);F:=REFX(M,1);G:F+M;K:REFX(G,1);");
    assert_int_equal((int)b.p->stages.n, 2);
    double v[2][6], *to[8] = {0}, close[6] = {1, 2, 3, 4, 5, 6};
    to[out(b.p, 0)->slot] = v[0];
    to[out(b.p, 1)->slot] = v[1];
    run(b.p, close, 6, to);
    assert_true(gp_null(v[0][0]) && v[0][2] == 5 && v[0][4] == 9 && gp_null(v[0][5]));
    assert_true(v[1][2] == 7 && gp_null(v[1][4]));
    drop(b);
}

static void test_look_ahead_chain(void **state)
{
    (void)state;
    built b = build("X:=ZIG(3,10);底:CROSS(C,X);安:CROSS(C,MA(C,5));F:REFX(REFX(C,1),2);L:CONST(C);");
    assert_int_equal(out(b.p, 0)->ahead.kind, GP_FUTURE_REPAINT);
    assert_string_equal(out(b.p, 0)->ahead.chain, "底 ← X ← ZIG(3,10)");
    assert_int_equal(out(b.p, 1)->ahead.kind, GP_FUTURE_NONE);
    assert_int_equal(out(b.p, 2)->ahead.kind, GP_FUTURE_N);
    assert_int_equal(out(b.p, 2)->ahead.bars, 3);
    assert_int_equal(out(b.p, 3)->ahead.kind, GP_FUTURE_LAST);
    assert_int_equal(gp_program_ahead(b.p).kind, GP_FUTURE_REPAINT);
    drop(b);
    b = build("A:REFX(REFX(C,2147483000),2147483000);X:CON2STR(ZIG(3,5),2);T:=IF(ZIG(3,5)>C,'a','b');DRAWTEXT(C>O,L,T);DRAWNUMBER(C>O,L,REFX(C,1));");
    assert_int_equal(out(b.p, 0)->ahead.bars, GP_LOOKBACK_ALL);
    assert_int_equal(out(b.p, 1)->ahead.kind, GP_FUTURE_REPAINT);
    assert_int_equal(out(b.p, 1)->lookback, GP_LOOKBACK_ALL);
    assert_int_equal(out(b.p, 2)->ahead.kind, GP_FUTURE_REPAINT);
    assert_int_equal(out(b.p, 3)->ahead.kind, GP_FUTURE_N);
    drop(b);
}

/* A chain through thousands of lines: its text is short, and what the compiler keeps grows with the lines, not with their square. */
static void test_long_look_ahead_chain(void **state)
{
    enum { LINES = 4000 };
    gp_buf text = {0};
    (void)state;
    gp_buf_addz(&text, "A0:=REFX(C,1);");
    for (int k = 1; k < LINES; k++) gp_buf_printf(&text, "A%d:=A%d+REFX(A%d,1);", k, k - 1, k - 1);
    gp_buf_printf(&text, "X:A%d;", LINES - 1);
    built b = build(text.p);
    const char *chain = out(b.p, 0)->ahead.chain;
    assert_int_equal(out(b.p, 0)->ahead.bars, LINES);
    assert_true(strlen(chain) < 500);
    assert_ptr_equal(strstr(chain, "X ← A3999 ← "), chain);
    assert_string_equal(strstr(chain, " ← … ← "), " ← … ← REFX(C,1)");
    assert_true(gp_arena_bytes(&b.p->arena) < (size_t)LINES * 2000);
    drop(b);
    gp_buf_free(&text);
}

static void test_lookback(void **state)
{
    (void)state;
    built b = build("A:MA(REF(C,3),5);B:HHV(H,0);D:EMA(C,12);E:C+O;F:STD(C,2.6);");
    assert_int_equal(out(b.p, 0)->lookback, 7);
    assert_int_equal(out(b.p, 1)->lookback, GP_LOOKBACK_ALL);
    assert_int_equal(out(b.p, 2)->lookback, GP_LOOKBACK_ALL);
    assert_int_equal(out(b.p, 3)->lookback, 0);
    assert_int_equal(out(b.p, 4)->lookback, 2); /* N rounds to 3 */
    drop(b);
}

static void test_draws_are_signals(void **state)
{
    (void)state;
    built b = build("A:=MA(C,2);黄金坑:STICKLINE(C<A,A,20,3,0),COLORYELLOW;DRAWTEXT(C>A,50,'追涨');");
    double v[6][4], *to[6] = {v[0], v[1], v[2], v[3], v[4], v[5]}, close[4] = {4, 3, 5, 5};
    assert_string_equal(out(b.p, 0)->name, "黄金坑");
    assert_string_equal(out(b.p, 1)->name, "追涨");
    assert_int_equal(out(b.p, 0)->kind, GP_OUT_DRAW);
    run(b.p, close, 4, to);
    const double *pit = v[out(b.p, 0)->cond], *chase = v[out(b.p, 1)->cond];
    assert_true(gp_null(pit[0]) && pit[1] == 1 && pit[2] == 0);
    assert_true(chase[2] == 1 && chase[3] == 0);
    drop(b);
}

static void test_names_of_drawings_have_values(void **state)
{
    (void)state;
    built b = build("坑:STICKLINE(C<4,C+1,20,3,0);X:坑*2;Y:IF(坑>0,1,0);T:IF(C>5,'高','低');U:IFN(C>5,'高','低');");
    double v[10][4], *to[10] = {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}, close[4] = {4, 3, 2, 6};
    gp_vm *vm = gp_vm_new(b.p, NULL);
    gp_lane lane = {.n = 4, .close = close, .period = 5, .out = to};
    gp_vm_run(vm, &lane, 1);
    const double *x = v[out(b.p, 1)->slot];
    assert_true(gp_null(x[0]) && x[1] == 8 && x[2] == 6 && gp_null(x[3]));
    assert_string_equal(gp_vm_text(vm, 0, out(b.p, 3)->text), "高");
    assert_string_equal(gp_vm_text(vm, 0, out(b.p, 4)->text), "低");
    gp_vm_free(vm);
    drop(b);
}

static void test_drawn_lines_are_signals(void **state)
{
    (void)state;
    built b = build("PLOYLINE(C>3,C);折:PLOYLINE(C>3,C);X:折+1;");
    double v[4][4], *to[4] = {v[0], v[1], v[2], v[3]}, close[4] = {4, 3, 2, 6};
    assert_string_equal(out(b.p, 0)->name, "PLOYLINE1");
    assert_int_equal(out(b.p, 0)->kind, GP_OUT_DRAW);
    assert_int_equal(out(b.p, 2)->kind, GP_OUT_SERIES);
    run(b.p, close, 4, to);
    assert_true(v[out(b.p, 1)->cond][0] == 1 && v[out(b.p, 1)->cond][1] == 0);
    assert_true(v[out(b.p, 2)->slot][3] == 7);
    drop(b);
}

static void test_text(void **state)
{
    (void)state;
    built b = build("T:STRCAT('收于',CON2STR(C*2,2));Q:CODELIKE('60') AND NAMELIKE('平安') AND NAMEINCLUDE('银行');R:CODELIKE('00');");
    double close[2] = {4, 3.25}, v[4][2], *to[4] = {v[0], v[1], v[2], v[3]};
    gp_vm *vm = gp_vm_new(b.p, NULL);
    gp_lane lane = {.n = 2, .close = close, .period = 5, .out = to, .code = GP_STR("600000"), .name = GP_STR("平安银行")};
    gp_vm_run(vm, &lane, 1);
    assert_string_equal(gp_vm_text(vm, 0, out(b.p, 0)->text), "收于6.50");
    assert_true(v[out(b.p, 1)->slot][1] == 1 && v[out(b.p, 2)->slot][0] == 0);
    gp_vm_free(vm);
    drop(b);
}

static void test_sizes(void **state)
{
    (void)state;
    built b = build("A:MA(C,5);B:REF(C,1);D:ZIG(3,5);E:TOTALBARSCOUNT;S:MA(C,BARSLAST(C>0)+2);");
    for (int n = 0; n < 4; n++) {
        double close[4] = {1, 2, 3, 4}, v[8][4], *to[8] = {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]};
        run(b.p, close, n, to);
        if (n) assert_true(v[out(b.p, 3)->slot][0] == n);
    }
    enum { LONG = 5000 };
    double *close = gp_xcalloc(LONG, sizeof *close), *y = gp_xcalloc(LONG, sizeof *y), *to[8] = {0};
    for (int i = 0; i < LONG; i++) close[i] = i;
    to[out(b.p, 0)->slot] = y;
    run(b.p, close, LONG, to);
    assert_true(y[LONG - 1] == LONG - 3);
    free(close);
    free(y);
    drop(b);
}

static void test_from(void **state)
{
    (void)state;
    built b = build("A:MA(C,2);");
    double close[300], y[300], last;
    for (int i = 0; i < 300; i++) close[i] = i * i;
    double *all[1] = {y}, *one[1] = {&last};
    gp_vm *vm = gp_vm_new(b.p, NULL);
    gp_lane lane = {.n = 300, .close = close, .out = all};
    gp_vm_run(vm, &lane, 1);
    lane.from = 299;
    lane.out = one;
    gp_vm_run(vm, &lane, 1);
    assert_true(last == y[299]);
    gp_vm_free(vm);
    drop(b);
}

static void test_explain(void **state)
{
    (void)state;
    built b = build("底:CROSS(C,ZIG(3,10));A:MA(C,5);");
    gp_buf text = {0};
    gp_program_explain(b.p, &text);
    assert_non_null(strstr(text.p, "LOOKS AHEAD"));
    assert_non_null(strstr(text.p, "stage 2"));
    assert_non_null(strstr(text.p, "4 earlier bars"));
    assert_non_null(strstr(text.p, "ZIG(3,10)"));
    gp_buf_free(&text);
    drop(b);
}

/* Every argument of a drawing becomes a result when that is asked for, and none otherwise. */
static void geometry(void **state)
{
    (void)state;
    static const char text[] = "买:STICKLINE(C>2,C,C+1,3,0);DRAWTEXT(C>2,C,'x');PARTLINE(C,C>2,COLORRED,1,RGB(1,2,3));DRAWLINE(C>1,C,C>2,C,0);X:C;";
    const gp_compile_opts all = {.geometry = true};
    built b = build_only(text, &all);
    const gp_output *stick = out(b.p, 0), *mark = out(b.p, 1), *part = out(b.p, 2), *line = out(b.p, 3);
    assert_int_equal(stick->n_args, 5);
    assert_int_equal(stick->args[0].slot, stick->cond);
    assert_int_equal(stick->args[1].slot, stick->slot);
    assert_int_equal(mark->args[2].slot, -1);
    assert_true(mark->args[2].text >= 0);
    assert_int_equal(part->cond, -1);
    assert_int_equal(part->n_args, 5);
    assert_int_equal(line->n_args, 5);
    assert_int_equal(out(b.p, 4)->n_args, 0);
    double close[3] = {1, 2, 3}, y[32][3], *to[32];
    assert_true(gp_program_n_slots(b.p) <= 32);
    for (int k = 0; k < 32; k++) to[k] = y[k];
    run(b.p, close, 3, to);
    assert_true(y[stick->args[2].slot][2] == 4 && y[stick->args[3].slot][0] == 3);
    assert_true(y[part->args[2].slot][0] == 255 && y[part->args[4].slot][1] == 1 + 2 * 256 + 3 * 65536);
    drop(b);
    b = build(text);
    for (int k = 0; k < 4; k++) assert_int_equal(out(b.p, k)->n_args, 0);
    drop(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common_subexpressions), cmocka_unit_test(test_folding), cmocka_unit_test(test_dead_code),
        cmocka_unit_test(test_registers_are_reused), cmocka_unit_test(test_stages), cmocka_unit_test(test_look_ahead_chain), cmocka_unit_test(test_long_look_ahead_chain),
        cmocka_unit_test(test_lookback), cmocka_unit_test(test_draws_are_signals), cmocka_unit_test(test_text),
        cmocka_unit_test(test_drawn_lines_are_signals), cmocka_unit_test(test_names_of_drawings_have_values),
        cmocka_unit_test(test_sizes), cmocka_unit_test(test_from), cmocka_unit_test(geometry),
        cmocka_unit_test(test_explain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
