/* The formula in plain words: every function of the tiers A and B has its sentence, and the sentences fit the functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "parser/parser.h"

static bool has_row(const char *name)
{
    const char *row, *en, *zh;
    for (int i = 0; gp_prose_row(i, &row, &en, &zh); i++)
        if (strcmp(row, name) == 0)
            return true;
    return false;
}

static void every_function_of_tiers_a_and_b(void **state)
{
    (void)state;
    int n, missing = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        if (b->tier > GP_TIER_B || b->shape == GP_SHAPE_NONE || b->flags & GP_ROW_INTERNAL || has_row(b->name))
            continue;
        print_error("prose.def has no row for %s\n", b->name);
        missing++;
    }
    assert_int_equal(missing, 0);
}

/* Brackets close, and every place is an argument. */
static bool fits(const gp_builtin *b, const char *text)
{
    int depth = 0;
    for (const char *t = text; *t; t++) {
        depth += *t == '{' ? 1 : *t == '}' ? -1 : 0;
        if (depth < 0 || depth > 2)
            return false;
        if (*t != '{')
            continue;
        if (t[1] != '*' && !(t[1] >= '1' && t[1] <= '9' && t[1] - '1' < b->max_args))
            return false;
    }
    return depth == 0;
}

static unsigned spoken(const char *text)
{
    unsigned all = 0;
    for (const char *t = text; *t; t++)
        if (*t == '{')
            all |= t[1] == '*' ? ~0u : 1u << (t[1] - '1');
    return all;
}

static void sentences_fit(void **state)
{
    (void)state;
    /* VERTLINE's kind of line, where drawings of other windows stand, colours: not worth a word */
    static const char *const quiet[] = { "VERTLINE", "HORLINE", "DRAWTEXT_FIX", "DRAWNUMBER_FIX", "DRAWSL", "DRAWBAND", "PARTLINE" };
    const char *name, *en, *zh;
    for (int i = 0; gp_prose_row(i, &name, &en, &zh); i++) {
        const gp_builtin *b = gp_builtin_find(gp_str_from(name));
        bool is_quiet = false;
        if (!b || strcmp(b->name, name) != 0)
            fail_msg("prose.def: %s is no function", name);
        if (!fits(b, en) || !fits(b, zh))
            fail_msg("prose.def: a place of %s is none of its arguments", name);
        for (size_t k = 0; k < sizeof quiet / sizeof *quiet; k++)
            is_quiet |= strcmp(quiet[k], name) == 0;
        for (int k = 0; k < b->min_args && !is_quiet; k++)
            if (!(spoken(en) >> k & 1) || !(spoken(zh) >> k & 1))
                fail_msg("prose.def: %s says nothing of argument %d", name, k + 1);
    }
}

static void expect(const char *formula, bool chinese, const char *want)
{
    gp_diags d = { 0 };
    gp_buf got = { 0 };
    gp_formula *f = gp_formula_parse("prose", formula, strlen(formula), GP_ENC_UTF8, &d);
    assert_true(gp_formula_resolve(f, &d));
    gp_formula_prose(f, chinese, &got);
    assert_string_equal(got.p, want);
    gp_buf_free(&got);
    gp_formula_free(f);
    gp_diags_fini(&d);
}

static void sentences(void **state)
{
    (void)state;
    expect("A:=MA(C,5);", true, "A赋值: 收盘价的5日简单移动平均。\n");
    expect("A:=MA(C,5);", false, "Let A be the 5-bar mean of close.\n");
    expect("A:MA(C-O,5)*2,COLORRED,LINETHICK2;", true, "输出A: (收盘价 - 开盘价)的5日简单移动平均 × 2; 红色, 线宽2。\n");
    expect("A:(C-(O-L))/(C-O)/2;", true, "输出A: (收盘价 - (开盘价 - 最低价)) ÷ (收盘价 - 开盘价) ÷ 2。\n");
    expect("A:C/(O/2);", true, "输出A: 收盘价 ÷ (开盘价 ÷ 2)。\n");
    expect("A:HHV(H,0)+REF(C,1);", false, "Output A: the highest high since the first bar + close 1 bar ago.\n");
    expect("A:=C>O AND (V>0 OR C>=L);", true, "A赋值: 收盘价大于开盘价并且(成交量大于0或者收盘价不小于最低价)。\n");
    expect("A:=C>O OR V>0 AND C>=L;", false, "Let A hold where close is above open or (volume is above 0 and close is at least low).\n");
    expect("XG:CROSS(MA(C,5),MA(C,10)) AND COUNT(C>O,3)=3;", true,
           "选股条件XG: “收盘价的5日简单移动平均上穿收盘价的10日简单移动平均并且3日中满足‘收盘价大于开盘价’的天数等于3”。\n");
    expect("A:MAX(C,MAX(O,L))+IF(C>O,1,2);", false, "Output A: the greatest of close, open and low + (1 if [close is above open], else 2).\n");
    expect("ENTERLONG:NOT(C<O);", true, "买入信号(ENTERLONG): 当“‘收盘价小于开盘价’不成立”时。\n");
    expect("底:DRAWTEXT(REF(C<O,1),L,'买'),COLORYELLOW;", true, "底: 当“1日前收盘价小于开盘价”时, 在最低价的位置写文字'买'; 黄色。\n");
    expect("80;A:=C>O;STICKLINE(A,0,C,2,1);", true,
           "在80的位置画水平线。\nA赋值: 收盘价大于开盘价。\n当“A成立”时, 在0和收盘价之间画柱线(空心, 宽度2)。\n");
    expect("A:ZIG(3,5);", true, "输出A: 收盘价的5%之字转向(未来函数)。\n\n注意: 用到未来函数 ZIG, 已经出现的数值和信号可能改变。\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_function_of_tiers_a_and_b), cmocka_unit_test(sentences_fit),
                                        cmocka_unit_test(sentences) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
