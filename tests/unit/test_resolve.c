/* resolve: names, arity, types, constants, labels, parameters; every GP1xx to GP3xx message of the formula side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "parser/library.h"
#include "parser/parser.h"

static bool seen[GP_D_COUNT];
static gp_library *library; /* of the group, see main */

static bool find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    static const char *const formulas[][2] = {
        { "GOOD", "{@param N 3 1 9}X:MA(C,N);Y:=X+1;Z:Y,COLORRED;T:'text';DRAWTEXT(C>O,L,'mark');" },
        { "BAD", "X:MA(C;" },
        { "ROUND", "X:\"WHEEL.Y\";" },
        { "WHEEL", "Y:ROUND.X+1;" },
        { "SELF", "X:SELF.X;" },
    };
    (void)ctx;
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        if (gp_str_ieqz(name, formulas[i][0])) {
            gp_buf_addz(text, formulas[i][1]);
            gp_buf_addz(shown, formulas[i][0]);
            return true;
        }
    if (name.n > 1 && (name.p[0] == 'D' || name.p[0] == 'd')) { /* D1, D2, D3 ... without an end */
        gp_buf_printf(text, "X:\"D%d.X\"+1;", atoi(name.p + 1) + 1);
        gp_buf_add(shown, name.p, name.n);
        return true;
    }
    return false;
}

static int open_library(void **state)
{
    (void)state;
    library = gp_library_new(find, NULL, NULL);
    return 0;
}

static int close_library(void **state)
{
    (void)state;
    gp_library_free(library);
    return 0;
}

static gp_formula *resolve(const char *text, gp_diags *d)
{
    gp_formula *f = gp_formula_parse("t", text, strlen(text), GP_ENC_AUTO, d);
    f->library = library;
    bool good = gp_formula_resolve(f, d);
    assert_int_equal(good, d->errors == 0);
    assert_int_equal(f->resolved, good);
    for (size_t i = 0; i < d->n; i++)
        seen[d->at[i].id] = true;
    return f;
}

/* "CODE@line:col CODE@line:col" in the order of the report. */
static void expect(const char *text, const char *want)
{
    gp_diags d = { 0 };
    gp_formula *f = resolve(text, &d);
    gp_buf b = { 0 };
    gp_buf_addz(&b, "");
    for (size_t i = 0; i < d.n; i++) {
        uint32_t line, column;
        gp_span_where(d.at[i].span, &line, &column);
        gp_buf_printf(&b, "%s%s@%u:%u", b.n ? " " : "", gp_diag_code(d.at[i].id), line, column);
    }
    if (strcmp(b.p, want) != 0) {
        gp_buf text_form = { 0 };
        gp_buf_addz(&text_form, "");
        for (size_t i = 0; i < d.n; i++)
            gp_diag_render_text(&d.at[i], false, &text_form);
        fail_msg("'%s' gives\n  %s\nnot\n  %s\n%s", text, b.p, want, text_form.p);
    }
    gp_buf_free(&b);
    gp_formula_free(f);
    gp_diags_fini(&d);
}

/* The one diagnostic of `code` has these words in its message, and those in its hint. */
static void expect_words(const char *text, const char *code, const char *message, const char *hint)
{
    gp_diags d = { 0 };
    gp_formula *f = resolve(text, &d);
    const gp_diag *hit = NULL;
    for (size_t i = 0; i < d.n; i++)
        if (strcmp(gp_diag_code(d.at[i].id), code) == 0)
            hit = &d.at[i];
    if (!hit)
        fail_msg("'%s' does not give %s", text, code);
    else if (!strstr(hit->message, message) || (hint && (!hit->hint || !strstr(hit->hint, hint))))
        fail_msg("'%s' says \"%s\" and hints \"%s\"", text, hit->message, hit->hint ? hit->hint : "");
    gp_formula_free(f);
    gp_diags_fini(&d);
}

static void name_spaces(void **state)
{
    (void)state;
    expect("X:=C;Y:x+X;", "");
    expect("MA:=MA(C,5);Z:MA+MA(MA,2);", ""); /* a variable and a function of one name live side by side */
    expect("TR:=MAX(H-L,1);Y:TR;", "GP215@1:1");
    expect("TR:=TR*2;Y:TR;", "GP215@1:1"); /* the right side still means the built-in */
    expect("X:=Y+1;Y:=C;", "GP212@1:4");
    expect("X:=X+1;", "GP213@1:4");
    expect("X:=C;X:=X+1;X;", "GP214@1:6"); /* the second X uses the first */
    expect("{@param N 5 1 9}A:MA(C,N);", "");
    expect("{@param N 5 1 9}N:=C;A:N;", "GP216@1:17");
    expect("{@param C 5}A:C;", "GP215@1:2");
    expect("A:close()+CLOSE+c;", "");
    expect("A:5日线;5日线:=C;", "GP212@1:3 GP109@1:7");
    gp_diags d = { 0 };
    gp_formula *f = resolve("X:=C;X:=O;Y:X;{@param N 3}Z:N+H;", &d);
    assert_int_equal(f->stmts[2].expr->sym, GP_SYM_STATEMENT);
    assert_int_equal(f->stmts[2].expr->sym_index, 1);
    const gp_node *sum = f->stmts[3].expr;
    assert_int_equal(sum->args[0]->sym, GP_SYM_PARAM);
    assert_int_equal(sum->args[1]->sym, GP_SYM_BUILTIN);
    assert_string_equal(sum->args[1]->fn->name, "HIGH");
    assert_string_equal(sum->fn->name, "+");
    assert_int_equal(sum->type, GP_TYPE_NUMBER);
    gp_formula_free(f);
    gp_diags_fini(&d);
}

static void unknown_names(void **state)
{
    (void)state;
    expect_words("A:BARSLAT(C>O)", "GP201", "unknown function BARSLAT", "did you mean BARSLAST");
    expect_words("A:CLOES", "GP202", "CLOES", "did you mean CLOSE");
    expect_words("黄金坑线:=C;A:黄金坑钱", "GP202", "黄金坑钱", "did you mean 黄金坑线");
    expect_words("短跳:=C;中跳:=O;A:短跳AND中跳", "GP202", "短跳AND中跳", "短跳 AND 中跳");
    expect_words("A:MA(C,N)", "GP203", "N is not defined", "{@param N 9 1 100}");
    expect_words("A:MA(C,N)+\nN+\nMA(O,N);", "GP203", "used 3 times: lines 1, 2, 3", "-p N=9");
    expect_words("A:SHORT", "GP203", "SHORT", "-p SHORT=9");
    expect_words("A:MA5", "GP203", "MA5", "MA(C,5)");
    expect_words("A:ENTERLONG", "GP202", "ENTERLONG", "define it");
    expect("ENTERLONG:CROSS(C,O);X:=ENTERLONG;", "");
    expect_words("A:COLORRED+1", "GP202", "COLORRED", "attribute");
    expect_words("X=C+1;", "GP222", "X is not defined", "X:=");
    expect_words("X:=1;A:X(2)", "GP220", "X is a variable", "operator");
    expect_words("{@param N 1}A:N(2)", "GP220", "N is a parameter", NULL);
    expect_words("A:MA+1", "GP211", "MA is a function", "MA(X,N)");
    expect("A:Q1+Q1+Q2;B:Q1", "GP203@1:3 GP203@1:9"); /* once per name */
    expect("A:FOO(FOO)", "GP201@1:3 GP203@1:7"); /* both kinds of one word */
}

static void not_available(void **state)
{
    (void)state;
    expect_words("A:TRADENUM", "GP205", "Level-2 money-flow data", NULL);
    expect_words("A:HY_INDEXC", "GP205", "HY_INDEXC needs an index for each industry", NULL);
    expect("A:L2_VOL(FOO9,1)", "GP205@1:3 GP203@1:10"); /* its arguments are looked at too */
    expect_words("A:\"MACD.DIF\"(12,26,9)", "GP223", "no formula MACD", NULL);
    expect_words("A:IF(C>O,\"a\",\"b\")", "GP223", "no formula b", "'b'");
    expect_words("A:KDJ.K", "GP223", "no formula KDJ", NULL);
}

static void references(void **state)
{
    (void)state;
    expect("A:CLOSE#WEEK;B:\"600000$CLOSE\";D:VOL#season;E:\"CLOSE\"", "");
    expect_words("A:CLOSE#WEK", "GP227", "WEK is not a period", "MIN60");
    expect_words("A:\"CLOSE#\"", "GP227", "nothing is not a period", NULL);
    expect("A:GOOD.X;B:\"good.z\"(5);D:GOOD.X(2)+1;E:\"GOOD\";F:GOOD.DRAWTEXT1", "GP224@1:49");
    expect("A:GOOD.X#WEEK;B:\"SH600000$GOOD.X\"(4)#MONTH", "");
    expect_words("A:GOOD.Y", "GP224", "the formula GOOD has no output Y", "it has: X, Z, T, mark"); /* := is no output */
    expect_words("A:GOOD.X(1,2)", "GP228", "GOOD has 1 parameter; 2 values", "N");
    expect_words("A:BAD.X", "GP226", "BAD", NULL);
    expect_words("A:ROUND.X", "GP225", "ROUND -> WHEEL -> ROUND", NULL);
    expect_words("A:SELF.X", "GP225", "SELF -> SELF", NULL);
    expect_words("A:\"D1.X\";", "GP233", "too long a chain", NULL);
    expect_words("A:\"GOOD.T#WEEK\"", "GP231", "text", NULL);
    expect_words("A:GOOD.T+1", "GP208", "left side of +", NULL);
    expect_words("A:CALCSTOCKINDEX('1','GOOD',9)", "GP224", "no output number 9", NULL);
    expect_words("X:=C;A:X#WEEK", "GP229", "X is a variable", NULL);
    expect_words("A:\"$CLOSE\"", "GP230", "the code before $", NULL);
    expect_words("A:\"600000$\"", "GP230", "a name", NULL);
    expect_words("A:\"MACD.\"", "GP230", "the output", NULL);
    expect_words("A:CALCSTOCKINDEX('1','KDJ',C)", "GP232", "CALCSTOCKINDEX takes", NULL);
}

static void arity_and_types(void **state)
{
    (void)state;
    expect_words("A:MA(C)", "GP206", "MA takes 2 arguments; 1 given", "MA(X,N)");
    expect_words("A:MA(C,1,2)", "GP207", "MA takes 2 arguments; 3 given", "MA(X,N)");
    expect_words("A:CLOSE(1)", "GP207", "CLOSE takes no arguments", NULL);
    expect_words("A:NOT()", "GP206", "NOT takes 1 argument;", NULL);
    expect("A:MAX(C,O,H)+NOT(C,O)", "GP207@1:14");
    expect("A:LLV(LOW,)", "GP122@1:11"); /* a hole is not a second error about the count */
    expect("A:'text'+1", "GP208@1:3");
    expect("A:MA('a',5)", "GP208@1:6");
    expect("A:-'a'", "GP208@1:4");
    expect("T:='a';A:T+1", "GP208@1:10");
    expect("DRAWTEXT(C>O,L,5);", "GP209@1:16");
    expect("DRAWTEXT(C>O,L,'a');DRAWTEXT(C>O,L,\"b\");", "");
    expect("DRAWTEXT(C>O,L,STRCAT('a',CON2STR(C,2)));", "");
    expect("A:CODELIKE('60') AND NAMELIKE(\"ST\")", "");
    expect("A:CODELIKE(60)", "GP209@1:12");
    expect("A:CODE>5", "GP208@1:3");
    expect_words("A:IF(C>O,DRAWTEXT(C>O,L,'a'),1)", "GP210", "DRAWTEXT draws", NULL);
    expect("A:-STICKLINE(C>O,L,H,1,0)", "GP210@1:4");
    expect_words("A:1+TESTSKIP(C>O)", "GP217", "TESTSKIP steers", NULL);
    expect("(DRAWICON(C>O,L,1));", "");
    expect("黄金坑:STICKLINE(C>O,L,H,1,0);B:COUNT(黄金坑,5);", "GP221@1:36");
}

static void constants(void **state)
{
    (void)state;
    expect("A:MA(C,0)", "GP303@1:8");
    expect("A:MA(C,-5)", "GP303@1:8");
    expect("A:SUM(C,0)+COUNT(C,0)+HHV(C,0)+REF(C,0)", ""); /* all idioms */
    expect("A:SUM(C,-1)", "GP303@1:9");
    expect("A:REF(C,-1)", "GP303@1:9");
    expect("A:EMA(C,0)", "GP303@1:9");
    expect("A:STD(C,1)+SLOPE(C,1)", "GP303@1:9 GP303@1:20");
    expect_words("A:MA(C,2.5)", "GP304", "2.5 is truncated to 2", NULL);
    expect_words("A:STD(C,2.5)", "GP304", "2.5 is rounded to 3", NULL);
    expect("A:MA(C,2000000)", "GP305@1:8");
    expect("A:SMA(C,3,3)", "GP306@1:3");
    expect("A:SMA(C,3,1)", "");
    expect("A:SMA(C,3.5,1)", "GP304@1:9");
    expect("A:C/0", "GP307@1:5");
    expect("A:C/-0.000001", "GP307@1:5");
    expect("A:C/0.1", "");
    expect_words("A:DATE>20240105", "GP308", "20240105", "write 1240105");
    expect("A:V>20000000", "");
    expect("{@param N 0}A:MA(C,N)", "GP303@1:20");
}

static void labels(void **state)
{
    (void)state;
    static const char *const want[] = {"X",         "Line",   "NONAME1", "DRAWICON1", "追涨",      "NONAME2", "坑",
                                       "DRAWICON2", "追涨_2", "Line_2",  "NONAME1_2", "DRAWTEXT3", "Line_3"};
    gp_diags d = { 0 };
    gp_formula *f =
        resolve("X:=C;Line:C;C>O;DRAWICON(C>O,L,1);DRAWTEXT(C>O,L,'追涨');80;坑:STICKLINE(C>O,L,H,1,0);"
                "DRAWICON(C<O,L,2);DRAWTEXT(C<O,L,'追涨');LINE:O;NONAME1:C;DRAWTEXT(C<O,L,CON2STR(C,2));Line:H;",
                &d);
    assert_int_equal(d.errors, 0);
    assert_int_equal(f->n_stmts, 13);
    assert_int_equal(gp_formula_append(f, "<--col>", "涨幅", GP_STR("C/REF(C,1)"), &d), 13);
    assert_int_equal(gp_formula_append(f, "<--sort>", "line", GP_STR("涨幅+坑"), &d), 14);
    assert_true(gp_formula_resolve(f, &d));
    for (int i = 0; i < 13; i++) {
        char lower_want[64], got[64];
        snprintf(lower_want, sizeof lower_want, "%s", i == 9 ? "LINE_2" : want[i]);
        snprintf(got, sizeof got, "%s", f->stmts[i].label);
        assert_string_equal(got, lower_want);
    }
    assert_string_equal(f->stmts[13].label, "涨幅");
    assert_string_equal(f->stmts[14].label, "line");
    for (size_t i = 0; i < d.n; i++) /* a drawing's name in --where means "it is drawn": no warning */
        assert_int_not_equal(d.at[i].id, GP_D_DRAW_VALUE);
    gp_formula_free(f);
    gp_diags_fini(&d);
}

static void parameters(void **state)
{
    (void)state;
    gp_diags d = { 0 };
    const char *text = "{@param N 9 1 100}A:MA(C,N)+FREE;";
    gp_formula *f = gp_formula_parse("t", text, strlen(text), GP_ENC_AUTO, &d);
    assert_true(gp_formula_set_param(f, GP_STR("n"), 20, &d));
    assert_true(gp_formula_set_param(f, GP_STR("Free"), 2, &d));
    assert_true(gp_formula_resolve(f, &d));
    assert_int_equal(d.n, 0);
    assert_true(f->params[0].value == 20 && f->params[0].def == 9 && f->params[0].given);
    assert_true(f->params[1].value == 2 && f->params[1].given && !f->params[1].has_range);
    assert_true(gp_formula_set_param(f, GP_STR("N"), 500, &d));
    assert_true(f->params[0].value == 100);
    assert_int_equal(d.at[0].id, GP_D_PARAM_CLAMPED);
    assert_string_equal(d.at[0].message, "parameter N: 500 is outside 1 to 100; 100 is used");
    assert_false(gp_formula_set_param(f, GP_STR("N"), NAN, &d));
    assert_true(gp_formula_set_param(f, GP_STR("NOPE"), 1, &d));
    assert_false(gp_formula_resolve(f, &d));
    assert_int_equal(d.at[2].id, GP_D_PARAM_UNKNOWN);
    assert_non_null(strstr(d.at[2].message, "NOPE"));
    assert_string_equal(d.at[2].hint, "its parameters: N, Free");
    for (size_t i = 0; i < d.n; i++)
        seen[d.at[i].id] = true;
    gp_formula_free(f);
    gp_diags_fini(&d);
}

static void published_golden_pit(void **state)
{
    (void)state;
    FILE *in = fopen("../shared/spec/golden-pit-published.txt", "rb");
    if (!in) {
        print_message("SKIPPED: ../shared/spec/golden-pit-published.txt is not here\n");
        skip();
    }
    char *text = gp_xcalloc(1, 10000);
    size_t n = fread(text, 1, 9999, in);
    fclose(in);
    gp_diags d = { 0 };
    gp_formula *f = gp_formula_parse("pit", text, n, GP_ENC_AUTO, &d);
    assert_false(gp_formula_resolve(f, &d));
    int holes = 0, colours = 0, summaries = 0;
    for (size_t i = 0; i < d.n; i++) {
        holes += d.at[i].id == GP_D_MISSING_ARGUMENT || d.at[i].id == GP_D_MISSING_OPERAND;
        colours += d.at[i].id == GP_D_SHORT_COLOUR;
        summaries += d.at[i].id == GP_D_NUMBERS_STRIPPED;
        if (d.at[i].id == GP_D_NUMBERS_STRIPPED)
            assert_non_null(strstr(d.at[i].message, "39 values are missing in all"));
        for (size_t k = 0; k < i && d.at[i].severity == GP_ERROR; k++) /* each at its own place */
            assert_true(d.at[k].span.at != d.at[i].span.at || d.at[k].severity != GP_ERROR);
    }
    assert_int_equal(holes, 39);
    assert_int_equal(colours, 5);
    assert_int_equal(summaries, 1);
    assert_int_equal(d.n, 45); /* nothing else: no follow-ups */
    gp_formula_free(f);
    gp_diags_fini(&d);
    free(text);
}

/* One text for every message that formula text can cause; together with the tests above none may be missing. */
static void every_message_is_produced(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "A:C；",
        "A:MA(C、5)",
        "A:C。",
        "A:C&gt;1",
        "{",
        "A:'x",
        "A:[",
        "A:5日线;",
        "5日线:C",
        "A:2X",
        "A:C=>1",
        "A:C^2",
        "A:C&O",
        "A:C%2",
        "A:C+(O,L)",
        "A:C+;",
        "A:MA(,5)",
        "A:;B:;",
        "A:(C",
        "A:C)",
        "A:C\nB:O",
        "A:C O",
        "A+1:=2",
        "A:B:C",
        "C,WHAT",
        "C,COLORFF",
        "C,,STICK",
        "C STICK",
        "A:C>O>L",
        "A:NOT C>O",
        "{@param}C",
        "{@who x}C",
        "{@param N 1\n@param N 2}C",
        "AND:=1",
        "{@kind screen}A:=C;",
        "{@kind screen}A:C>O;B:MA(C,5);DRAWICON(C>O,L,1);",
        "{@kind kline}A:C>O;",
        "DRAWICON(C>O,L,'ICO5');DRAWICON(C>O,L,99);DRAWBAND(C,-1,O,0)",
        "",
        ("\xFF"
         "A"),
    };
    gp_buf many = { 0 }, at = { 0 };
    gp_diags d = { .limit = 100000 };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        gp_formula_free(resolve(texts[i], &d)), gp_diags_fini(&d);
    for (int i = 0; i < 200; i++)
        gp_buf_addz(&many, "@");
    gp_formula_free(resolve(many.p, &d));
    gp_diags_fini(&d);
    for (int k = 0; k < 3; k++) { /* too deep, too long a chain, too big */
        at.n = 0;
        for (int i = 0; i < (k == 2 ? 120000 : 20000); i++)
            gp_buf_addz(&at, k == 0 ? "(" : k == 1 ? "C+" : "C;");
        gp_formula_free(resolve(at.p, &d));
        gp_diags_fini(&d);
    }
    at.n = 0;
    gp_buf_addz(&at, "DRAWTEXT(C>O,L,'");
    for (int i = 0; i < 251; i++)
        gp_buf_addz(&at, "坑");
    gp_buf_addz(&at, "')");
    gp_formula_free(resolve(at.p, &d));
    gp_diags_fini(&d);
    gp_buf_addz(&at, "");
    at.n = 0;
    gp_buf_addz(&at, "{");
    for (int i = 0; i < 17; i++)
        gp_buf_printf(&at, "@param N%d 1\n", i);
    gp_buf_addz(&at, "}C;");
    gp_formula_free(resolve(at.p, &d));
    gp_diags_fini(&d);
    size_t huge = (16u << 20) + 1;
    char *blanks = gp_xcalloc(huge, 1);
    gp_formula *f = gp_formula_parse("t", blanks, huge, GP_ENC_AUTO, &d);
    gp_formula_append(f, "<--where>", "w", GP_STR(""), &d);
    for (size_t i = 0; i < d.n; i++)
        seen[d.at[i].id] = true;
    gp_formula_free(f);
    gp_diags_fini(&d);
    f = gp_formula_parse("t", "A:\xFF", 3, GP_ENC_UTF8, &d);
    for (size_t i = 0; i < d.n; i++)
        seen[d.at[i].id] = true;
    gp_formula_free(f);
    gp_diags_fini(&d);
    free(blanks);
    gp_buf_free(&many);
    gp_buf_free(&at);
    for (int i = 0; i < GP_D_COUNT; i++) {
        const char *code = gp_diag_code((gp_diag_id)i);
        if (strcmp(code, "GP390") < 0 &&
            !seen[i]) /* GP390 and later belong to the compiler, the data and the command line */
            fail_msg("no test produces %s %s", code, gp_diag_name((gp_diag_id)i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_spaces),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(not_available),
        cmocka_unit_test(references),
        cmocka_unit_test(arity_and_types),
        cmocka_unit_test(constants),
        cmocka_unit_test(labels),
        cmocka_unit_test(parameters),
        cmocka_unit_test(published_golden_pit),
        cmocka_unit_test(every_message_is_produced),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
