/* Expectation comments: parser/expect.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "parser/expect.h"

typedef struct read_text { gp_expectations x; gp_diags d; } read_text;

static read_text read(const char *text)
{
    read_text r = {0};
    gp_expectations_read(&r.x, "t.tdx", text, strlen(text), GP_ENC_UTF8, &r.d);
    return r;
}

static void done(read_text *r)
{
    gp_diags_fini(&r->d);
    gp_expectations_fini(&r->x);
}

static void assert_words(const gp_words *w, const char *want)
{
    gp_buf all = {0};
    gp_buf_addz(&all, "");
    for (size_t i = 0; i < w->n; i++)
        gp_buf_printf(&all, "%s" GP_STR_FMT, i ? " " : "", GP_STR_ARG(w->at[i]));
    assert_string_equal(all.p, want);
    gp_buf_free(&all);
}

#define ASSERT_STR(s, z) assert_true(gp_str_eq((s), gp_str_from(z)))

static void quotes_and_values(void **state)
{
    (void)state;
    read_text r = read("{ close: 1 2\n - 4*3 }\nA:C;  { expect: 1*2 ? - }\n{expect NONAME1:5}");
    assert_int_equal(r.d.n, 0);
    assert_int_equal(r.x.cases.n, 1);
    assert_int_equal(r.x.n, 2);
    const gp_expect_case *c = &r.x.cases.at[0];
    assert_int_equal(c->columns.n, 1);
    ASSERT_STR(c->columns.at[0].name, "close");
    assert_words(&c->columns.at[0].values, "1 2 - 4 4 4");
    assert_int_equal(c->all.at[0].kind, GP_EXPECT_VALUES);
    ASSERT_STR(c->all.at[0].what, "A");
    assert_words(&c->all.at[0].values, "1 1 ? -");
    ASSERT_STR(c->all.at[1].what, "NONAME1");
    done(&r);
}

static void names_of_lines(void **state)
{
    (void)state;
    static const struct { const char *text, *name; } all[] = {
        {"短跳:C; { expect: 1 }", "短跳"},       {"  A : C; { expect: 1 }", "A"},   {"A：C; { expect: 1 }", "A"},
        {"A:C;B:C; { expect: 1 }", "A"},         {"X:=C;\r\nY:X; { expect: 1 }", "Y"}, {"A:=C; { expect: 1 }", NULL},
        {"A：＝C; { expect: 1 }", NULL},          {"C; { expect: 1 }", NULL},        {"{ expect: 1 }", NULL},
        {"MA(C,2); { expect: 1 }", NULL},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        read_text r = read(all[i].text);
        assert_int_equal(r.d.n, all[i].name ? 0 : 1);
        assert_int_equal(r.x.n, 1);
        if (all[i].name)
            ASSERT_STR(r.x.cases.at[0].all.at[0].what, all[i].name);
        else
            assert_int_equal(r.d.at[0].id, GP_D_BAD_EXPECTATION);
        done(&r);
    }
}

static void diagnostics(void **state)
{
    (void)state;
    read_text r = read("{ expect error GP201 at 3:10 }{ expect warning SHORT_COLOUR }{ expect message: a: b }{ expect clean }"
                       "{ expect error: 1 2 }");
    assert_int_equal(r.d.n, 0);
    const gp_expect *e = r.x.cases.at[0].all.at;
    assert_int_equal(e[0].kind, GP_EXPECT_ERROR);
    ASSERT_STR(e[0].what, "GP201");
    assert_int_equal(e[0].line, 3);
    assert_int_equal(e[0].column, 10);
    assert_int_equal(e[1].kind, GP_EXPECT_WARNING);
    assert_int_equal(e[1].line, 0);
    assert_int_equal(e[2].kind, GP_EXPECT_MESSAGE);
    ASSERT_STR(e[2].what, "a: b");
    assert_int_equal(e[3].kind, GP_EXPECT_CLEAN);
    assert_int_equal(e[4].kind, GP_EXPECT_VALUES); /* an output may be called error */
    ASSERT_STR(e[4].what, "error");
    done(&r);
}

static void cases(void **state)
{
    (void)state;
    read_text r = read("{ expect A: 1 }{ case: two words }{ args: -p 'N=9' \"-p\" M=1 }{ code: SH600000 }{ name: 平安 }{ data: x.csv }"
                       "{ column 持仓量: 7 8 }{ expect A: 2 }");
    assert_int_equal(r.d.n, 0);
    assert_int_equal(r.x.cases.n, 2);
    const gp_expect_case *c = &r.x.cases.at[1];
    ASSERT_STR(c->title, "two words");
    assert_words(&c->args, "-p N=9 -p M=1");
    ASSERT_STR(c->code, "SH600000");
    ASSERT_STR(c->name, "平安");
    ASSERT_STR(c->data, "x.csv");
    ASSERT_STR(c->columns.at[0].name, "持仓量");
    assert_words(&c->columns.at[0].values, "7 8");
    done(&r);
}

static void remarks_are_left_alone(void **state)
{
    (void)state;
    read_text r = read("{ close price } { note: x } {@title T} { expectation: none } // { expect A: 1 }\n/* { close: 1 } */\nA:'{ close: 1 }';");
    assert_int_equal(r.d.n, 0);
    assert_int_equal(r.x.cases.n, 0);
    done(&r);
}

static void mistakes(void **state)
{
    (void)state;
    static const char *const all[] = {
        "{ expect }", "{ expect A }", "{ expect A: }", "{ expect error }", "{ expect error GP201 at 3 }", "{ expect error GP201 at 0:1 }",
        "{ expect error GP201 in 3:1 }", "{ expect message: }", "{ close: }", "{ close: 1 }{ close: 2 }", "{ close: 1*0 }",
        "{ close: 1*1.5 }", "{ close: 1*x }", "{ close: 1*999999999 }", "{ close: 1*90000 1*90000 }", "{ args: -p 'N=1 }",
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        read_text r = read(all[i]);
        assert_true(r.d.n >= 1);
        assert_int_equal(r.d.at[0].id, GP_D_BAD_EXPECTATION);
        done(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_and_values), cmocka_unit_test(names_of_lines),         cmocka_unit_test(diagnostics),
        cmocka_unit_test(cases),             cmocka_unit_test(remarks_are_left_alone), cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
