/* parser: grammar, precedence, attributes, header keys, recovery, limits, formatter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include "base/vec.h"
#include "parser/attribute.h"
#include "parser/parser.h"

static void put_node(gp_buf *b, const gp_node *n)
{
    switch (n->kind) {
    case GP_NODE_NUMBER: gp_buf_printf(b, "%g", n->number); return;
    case GP_NODE_STRING: gp_buf_printf(b, "'" GP_STR_FMT "'", GP_STR_ARG(n->text)); return;
    case GP_NODE_NAME: gp_buf_printf(b, GP_STR_FMT, GP_STR_ARG(n->text)); return;
    case GP_NODE_HOLE: gp_buf_addc(b, '_'); return;
    case GP_NODE_ERROR: gp_buf_addc(b, '!'); return;
    case GP_NODE_REF: gp_buf_printf(b, "<" GP_STR_FMT ">", GP_STR_ARG(n->text)); break;
    case GP_NODE_CALL: gp_buf_printf(b, GP_STR_FMT, GP_STR_ARG(n->text)); break;
    }
    if (n->kind == GP_NODE_REF && !n->n_args)
        return;
    gp_buf_addc(b, n->is_operator ? '[' : '(');
    for (int i = 0; i < n->n_args; i++) {
        gp_buf_addz(b, i ? "," : "");
        put_node(b, n->args[i]);
    }
    gp_buf_addc(b, n->is_operator ? ']' : ')');
}

static gp_formula *parse(const char *text, gp_diags *d)
{
    return gp_formula_parse("t", text, strlen(text), GP_ENC_AUTO, d);
}

/* Statements as "NAME:=tree ATTR/rgb;" and then the codes with line:column. */
static char *dump(const char *text)
{
    gp_diags d = { 0 };
    gp_formula *f = parse(text, &d);
    gp_buf b = { 0 };
    gp_buf_addz(&b, "");
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        gp_buf_printf(&b, GP_STR_FMT "%s", GP_STR_ARG(s->name),
                      s->kind == GP_STMT_ASSIGN   ? ":="
                      : s->kind == GP_STMT_OUTPUT ? ":"
                                                  : "");
        put_node(&b, s->expr);
        for (int k = 0; k < s->n_attrs; k++) {
            gp_buf_printf(&b, "," GP_STR_FMT, GP_STR_ARG(s->attrs[k].text));
            if (s->attrs[k].rgb >= 0)
                gp_buf_printf(&b, "/%06X", (unsigned)s->attrs[k].rgb);
        }
        gp_buf_addc(&b, ';');
    }
    for (size_t i = 0; i < d.n; i++) {
        uint32_t line, column;
        gp_span_where(d.at[i].span, &line, &column);
        gp_buf_printf(&b, " %s@%u:%u", gp_diag_code(d.at[i].id), line, column);
    }
    assert_int_equal(f->broken, d.errors > 0);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return b.p;
}

static void expect(const char *text, const char *want)
{
    char *got = dump(text);
    if (strcmp(got, want) != 0)
        fail_msg("'%s' parses as\n  %s\nnot\n  %s", text, got, want);
    free(got);
}

static void statements(void **state)
{
    (void)state;
    expect("X:=C;Y:X;80;;\n;C", "X:=C;Y:X;80;C;");
    expect("A:C\n;B:O{last without a semicolon}", "A:C;B:O;");
    expect("X:=C,NODRAW;", "X:=C,NODRAW;");
    expect("短跳:SMA(SMA(RSV1,3,1),3,1)+3*STD(CLOSE,21),COLOR00FF00;",
           "短跳:+[SMA(SMA(RSV1,3,1),3,1),*[3,STD(CLOSE,21)]],COLOR00FF00/00FF00;");
    expect("X=5;", "=[X,5];");
    expect("A:CLOSE()", "A:CLOSE();");
    expect("Ａ：＝Ｃ；", "A:=C; GP102@1:1");
    expect("5日线:MA(C,5);B:5日线;", "5日线:MA(C,5);B:5日线; GP109@1:1");
}

static void precedence(void **state)
{
    (void)state;
    expect("A+B*C-D/E", "-[+[A,*[B,C]],/[D,E]];");
    expect("A-B-C", "-[-[A,B],C];");
    expect("A OR B AND C OR D", "OR[OR[A,AND[B,C]],D];");
    expect("A AND B>C+1 OR D", "OR[AND[A,>[B,+[C,1]]],D];");
    expect("A=(B>C)", "=[A,>[B,C]];");
    expect("A=B>C", "=[A,>[B,C]]; GP138@1:1");
    expect("A<B<C<D", "<[<[<[A,B],C],D]; GP138@1:1");
    expect("(A<B)<C", "<[<[A,B],C];");
    expect("A==B!=C", "<>[=[A,B],C]; GP138@1:1");
    expect("-A*B", "*[NEG[A],B];");
    expect("--A", "NEG[NEG[A]];");
    expect("A--B", "-[A,NEG[B]];");
    expect("+A-+B", "-[A,B];");
    expect("-5", "NEG[5];");
    expect("NOT A AND B", "AND[NOT[A],B];");
    expect("NOT NOT !A", "NOT[NOT[NOT[A]]];");
    expect("NOT(A) AND B", "AND[NOT(A),B];");
    expect("NOT(A)>B", ">[NOT(A),B];");
    expect("NOT A>B", ">[NOT[A],B]; GP139@1:1");
    expect("!A>B", ">[NOT[A],B]; GP139@1:1");
    expect("A%B*C", "*[%[A,B],C]; GP114@1:2");
    expect("C>10AND C<20 OR(1)AND(2)", "OR[AND[>[C,10],<[C,20]],AND[1,2]];");
    expect("CROSS(A,B)AND C<20", "AND[CROSS(A,B),<[C,20]];");
    expect("A&&B||C", "OR[AND[A,B],C];");
}

static void references(void **state)
{
    (void)state;
    expect("KDJ.K", "<KDJ.K>;");
    expect("\"MACD.DIF\"(12,26,9)+1", "+[<MACD.DIF>(12,26,9),1];");
    expect("CLOSE#WEEK>KDJ.K#WEEK", ">[<CLOSE#WEEK>,<KDJ.K#WEEK>];");
    expect("\"600000$CLOSE\"", "<600000$CLOSE>;");
    expect("C#", "C; GP120@1:3");
    expect("C.5", "C; GP128@1:2");
}

static gp_looks looks_of(const char *text)
{
    gp_diags d = { 0 };
    gp_formula *f = gp_formula_parse("t", text, strlen(text), GP_ENC_UTF8, &d);
    gp_looks l = gp_looks_of(f->stmts[0].attrs, f->stmts[0].n_attrs, f->stmts[0].name);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return l;
}

/* The last style wins; colour, width and what is shown are independent of it and of each other. */
static void looks(void **state)
{
    (void)state;
    gp_looks l = looks_of("A:C;");
    assert_true(l.rgb == -1 && l.width == -1 && l.style == GP_STYLE_LINE && !l.show && !l.shift && l.decimals == -1);
    l = looks_of("A:C,STICK,COLORRED,LINETHICK3,DOTLINE,COLOR00FF01,NODRAW,PRECIS3;");
    assert_int_equal(l.style, GP_STYLE_DOTLINE);
    assert_int_equal(l.rgb, 0x01FF00);
    assert_int_equal(l.width, 3);
    assert_int_equal(l.show, GP_SHOW_NODRAW);
    assert_int_equal(l.decimals, 3);
    l = looks_of("A:C,DOTLINE,COLORSTICK,LINETHICK0;");
    assert_true(l.style == GP_STYLE_COLORSTICK && l.width == 0);
    const struct { const char *text; int shift; } moves[] = {
        { "TMPMOVE3:C;", 3 },   { "MOVER2:C;", -2 }, { "MOVE5:C;", 0 }, { "MOVE:C;", 0 },
        { "REMOVE1D:C;", 1 },   { "MOVE12:C;", 0 },  { "A:C,MOVE7;", 7 },
    };
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        assert_int_equal(looks_of(moves[i].text).shift, moves[i].shift);
    assert_int_equal(looks_of("NOTEXTA:C;").show, GP_SHOW_NOTEXT);
    assert_int_equal(looks_of("ANOTEXT:C;").show, 0);
    assert_int_equal(looks_of("A:C,NOTEXT,DRAWABOVE;").show, GP_SHOW_NOTEXT | GP_SHOW_ABOVE);
}

static void attribute_rows(void **state)
{
    (void)state;
    int n, number, digits;
    const gp_attr_row *rows = gp_attr_rows(&n);
    for (int i = 0; i < n; i++) {
        assert_ptr_equal(gp_attr_find(gp_str_from(rows[i].name), &number), &rows[i]);
        assert_true(rows[i].en[0] && rows[i].zh[0]);
    }
    assert_int_equal(gp_attr_colour(GP_STR("colorLIgreen"), &digits), 0x40C040);
    assert_int_equal(gp_attr_colour(GP_STR("COLORFF0000"), &digits), 0x0000FF);
    assert_int_equal(gp_attr_colour(GP_STR("RGBXFF0000"), &digits), 0xFF0000);
    assert_int_equal(gp_attr_colour(GP_STR("LINETHICK2"), &digits), -1);
    assert_string_equal(gp_attr_find(GP_STR("linethick7"), &number)->name, "LINETHICK");
    assert_int_equal(number, 7);
    assert_null(gp_attr_find(GP_STR("LINETHICK10"), &number));
    assert_null(gp_attr_find(GP_STR("PLAYSOUND0"), &number));
    assert_null(gp_attr_find(GP_STR("STICK2"), &number));
    assert_string_equal(gp_attr_find(GP_STR("ICO'ICO5'"), &number)->name, "ICO");
}

static void attributes(void **state)
{
    (void)state;
    expect("C,COLOR00FFFF", "C,COLOR00FFFF/FFFF00;");
    expect("C,COLORFF0000", "C,COLORFF0000/0000FF;");
    expect("C,RGBXFF8000,colorred", "C,RGBXFF8000/FF8000,colorred/FF0000;");
    expect("C,COLORLICYAN,LINETHICK2,DOTLINE", "C,COLORLICYAN/008080,LINETHICK2,DOTLINE;");
    expect("C,COLORFF", "C,COLORFF/FF0000; GP135@1:3");
    expect("C,COLOR", "C,COLOR/000000; GP135@1:3");
    expect("C,COLOR1234567", "C,COLOR1234567; GP134@1:3");
    expect(
        "C,LINETHICK0,LINETHICK9,PLAYSOUND20,PRECIS2,ICO'5',MOVE1,STICK,COLORSTICK,VOLSTICK,LINESTICK,NODRAW,DRAWABOVE",
        "C,LINETHICK0,LINETHICK9,PLAYSOUND20,PRECIS2,ICO'5',MOVE1,STICK,COLORSTICK,VOLSTICK,LINESTICK,NODRAW,"
        "DRAWABOVE;");
    expect("C,LINETHICK10,PLAYSOUND0,WHATEVER", "C,LINETHICK10,PLAYSOUND0,WHATEVER; GP134@1:3 GP134@1:15 GP134@1:26");
    expect("C,,DOTLINE,", "C,DOTLINE; GP136@1:3 GP136@1:12");
    expect("C,F(1,2),DOTLINE", "C,F(1,2),DOTLINE; GP134@1:3");
    expect("C COLORRED;D", "C,COLORRED/FF0000;D; GP137@1:3");
}

static void header_keys(void **state)
{
    (void)state;
    gp_diags d = { 0 };
    gp_formula *f = parse("{@title 黄金坑 pit\n@kind screen\n@pane sub\n@param N 9 1 100\n@note first\n  second }\n"
                          "{@param M1 0.5}/*@param P 3, 1, 9, 2*/{@note third}C;{plain @param X 1}",
                          &d);
    assert_int_equal(d.n, 0);
    assert_true(gp_str_eq(f->header.title, GP_STR("黄金坑 pit")));
    assert_true(gp_str_eq(f->header.kind, GP_STR("screen")));
    assert_true(gp_str_eq(f->header.pane, GP_STR("sub")));
    assert_true(gp_str_eq(f->header.note, GP_STR("first\nsecond\nthird")));
    assert_int_equal(f->n_params, 3);
    const gp_param *p = f->params;
    assert_true(p[0].has_range && p[0].def == 9 && p[0].value == 9 && p[0].min == 1 && p[0].max == 100 &&
                p[0].step == 1);
    assert_true(!p[1].has_range && p[1].def == 0.5);
    assert_true(p[2].has_range && p[2].step == 2 && !p[2].given);
    gp_formula_free(f);
    expect("{@param}C", "C; GP140@1:2");
    expect("{@param N}C", "C; GP140@1:2");
    expect("{@param N x}C", "C; GP140@1:2");
    expect("{@param N 1 2}C", "C; GP140@1:2");
    expect("{@param N 1 3 2}C", "C; GP140@1:2");
    expect("{@param N 5 1 3}C", "C; GP140@1:2");
    expect("{@param N 2 1 3 0}C", "C; GP140@1:2");
    expect("{@param N 2 1 3 1 7}C", "C; GP140@1:2");
    expect("{@param 9N 2}C", "C; GP140@1:2");
    expect("{\n@kind nonsense\n@pane x}C", "C; GP140@2:1 GP140@3:1");
    expect("{@author me}C", "C; GP141@1:2");
    expect("{@param N 1\n@param n 2}C", "C; GP143@2:1");
    gp_diags_fini(&d);
}

static void holes(void **state)
{
    (void)state;
    expect("LLV(LOW,)", "LLV(LOW,_); GP122@1:9");
    expect("A<,B", "<[A,_],B; GP121@1:3 GP134@1:4");
    expect("LONGCROSS(A,,);", "LONGCROSS(A,_,_); GP122@1:13 GP122@1:14 GP124@1:13");
    expect("F(,1)", "F(_,1); GP122@1:3");
    expect("X:=-*(A);", "X:=*[NEG[_],A]; GP121@1:5");
    expect("CROSS(A,-)", "CROSS(A,NEG[_]); GP121@1:10");
    expect("(A)*;", "*[A,_]; GP121@1:5");
    expect("A< AND B", "AND[<[A,_],B]; GP121@1:3");
    expect("X:=;Y:;", "X:=_;Y:_; GP123@1:4 GP123@1:7 GP124@1:4");
    expect("X:=\nY:=1;", "X:=_;Y:=1; GP123@1:4");
    expect("A+()", "+[A,_]; GP123@1:4");
    expect("<5", "<[_,5]; GP121@1:1");
    expect("F(*2)", "F(*[_,2]); GP121@1:3");
    expect(",COLORRED;", "_,COLORRED/FF0000; GP123@1:1");
    expect("NOT;", "NOT[_]; GP121@1:4");
    expect("A**B", "*[*[A,_],B]; GP121@1:3");
}

static void mistakes(void **state)
{
    (void)state;
    expect("", " GP131@1:1");
    expect("{only a comment} ;;", " GP131@1:1");
    expect("A:=MA(C,5;B:1;", "A:=MA(C,5,!);B:1; GP125@1:6");
    expect("A:=(C+(1;B:1;", "A:=+[C,1];B:1; GP125@1:7");
    expect("A:=MA(C,\nB:=1;", "A:=MA(C,!,!);B:=1; GP125@1:6");
    expect("A:=MA(C,5));B:1)*2;D", "A:=MA(C,5);B:1;D; GP126@1:11 GP126@1:16");
    expect("A:=C\nB:=O\nD", "A:=C;B:=O;D; GP127@2:1 GP127@3:1");
    expect("A:=C D;E", "A:=C;E; GP128@1:6");
    expect("F(A B);E", "F(A,!);E; GP128@1:5");
    expect("A+1:=2;B", "+[A,1];B; GP132@1:1");
    expect("5:2;B", "5;B; GP132@1:1");
    expect("A:B:C;D", "A:!;D; GP133@1:3");
    expect("AND:=1;B", "AND:=1;B; GP145@1:1");
    expect("A: =1", "A:=1; GP120@1:4");
    expect("A=>B;A=<B", ">=[A,B];<=[A,B]; GP111@1:2 GP111@1:7");
    expect("(A,B)", "A; GP120@1:3");
    expect("A:=$;B:=1", "A:=!;B:=1; GP120@1:4");
    expect("A:='abc;B:=1", "A:=!;B:=1; GP107@1:4");
    expect("A:C。\nB:O。", "A:C;B:O; GP104@1:4 GP104@2:4");
    expect("A:=1e999", "A:=!; GP110@1:4");
    expect("A:2X;B:[1];D:C^2;E:1", "A:!;B:!;D:C;E:1; GP110@1:3 GP108@1:8 GP108@1:10 GP112@1:15");
    expect("A:{oops C;", "A:!; GP106@1:3");
    /* one run reports all of them */
    expect("A:=MA(C,;B:=C+;D:=(C;E:=C C;G:=@;",
           "A:=MA(C,!,!);B:=+[C,_];D:=C;E:=C;G:=!; GP125@1:6 GP121@1:15 GP125@1:19 GP128@1:27 GP108@1:32");
}

static void append(void **state)
{
    (void)state;
    gp_diags d = { 0 };
    gp_formula *f = parse("短跳:C;", &d);
    assert_int_equal(gp_formula_append(f, "<--where>", "where", GP_STR("短跳<20 AND C>1"), &d), 1);
    assert_int_equal(gp_formula_append(f, "<--sort>", "sort", GP_STR("C;"), &d), 2);
    assert_true(f->stmts[1].hidden && f->stmts[2].hidden && !f->stmts[0].hidden);
    assert_string_equal(f->stmts[1].label, "where");
    assert_int_equal(d.n, 0);
    static const char *const bad[] = { "", "A:=C", "C;O", "C,COLORRED", "C+", "(", "C。" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t before = d.errors;
        assert_int_equal(gp_formula_append(f, "<--where>", "w", gp_str_from(bad[i]), &d), -1);
        assert_true(d.errors > before);
        assert_string_equal(d.at[d.n - 1].span.src->name, "<--where>");
    }
    assert_int_equal(f->n_stmts, 3);
    assert_true(gp_formula_resolve(f, &(gp_diags){ 0 }));
    gp_diags_fini(&d);
    gp_formula_free(f);
}

static char *repeat(const char *head, const char *unit, int n, const char *tail)
{
    gp_buf b = { 0 };
    gp_buf_addz(&b, head);
    for (int i = 0; i < n; i++)
        gp_buf_addz(&b, unit);
    gp_buf_addz(&b, tail);
    return b.p;
}

/* Parses, resolves and formats; the number of errors, and the first code. */
static size_t all_passes(char *text, const char *code)
{
    gp_diags d = { 0 };
    gp_formula *f = parse(text, &d);
    gp_formula_resolve(f, &d);
    gp_buf b = { 0 };
    gp_formula_format(f, &b);
    size_t errors = d.errors;
    if (code)
        assert_string_equal(gp_diag_code(d.at[0].id), code);
    gp_buf_free(&b);
    gp_formula_free(f);
    gp_diags_fini(&d);
    free(text);
    return errors;
}

static void limits(void **state)
{
    (void)state;
    char *tail = repeat("1", ")", 10000, ";");
    assert_int_equal(all_passes(repeat("", "(", 10000, tail), "GP129"), 1);
    free(tail);
    tail = repeat("1", ")", 900, ";");
    assert_int_equal(all_passes(repeat("A:", "(", 900, tail), NULL), 0);
    free(tail);
    assert_int_equal(all_passes(repeat("", "ABS(", 10000, "1"), "GP129"), 1);
    assert_int_equal(all_passes(repeat("", "-", 10000, "1"), "GP129"), 1);
    assert_int_equal(all_passes(repeat("", "NOT ", 10000, "1"), "GP129"), 1);
    assert_int_equal(all_passes(repeat("1", "+1", 100000, ";"), "GP146"), 1);
    assert_int_equal(all_passes(repeat("C", "+1", 4900, ";"), NULL), 0);
    assert_int_equal(all_passes(repeat("C>1", " OR C>1", 4900, ";"), NULL), 0);
    assert_int_equal(all_passes(repeat("MAX(C", ",C", 100001, ");"), "GP130"), 1);
    assert_int_equal(all_passes(repeat("", "C;", 100001, ""), "GP130"), 1);
    assert_true(all_passes(repeat("", "MA(C,);", 5000, ""), "GP122") >= 5000);
    assert_int_equal(all_passes(repeat("{@note a\n", "@note b\n", 20000, "}C;"), NULL), 0);
    assert_true(all_passes(repeat("{", "@param N1 1\n", 3000, "}C;"), "GP143") == 0);
}

static void a_megabyte_of_statements(void **state)
{
    (void)state;
    gp_buf b = { 0 };
    for (int i = 0; b.n < 1000000; i++)
        gp_buf_printf(&b, "短跳%d:=MA(CLOSE,5);{a rather long comment that fills the formula up to its size %d}\n", i, i);
    clock_t start = clock();
    assert_int_equal(all_passes(strdup(b.p), NULL), 0);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 20); /* 0.1 s optimised, on a quiet machine */
    gp_buf_free(&b);
}

static char *format(const char *text)
{
    gp_diags d = { 0 };
    gp_formula *f = parse(text, &d);
    gp_buf b = { 0 };
    gp_formula_format(f, &b);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return b.p;
}

/* NOT x and NOT(x) are the same. */
static char *meaning(const char *text)
{
    char *s = dump(text);
    for (char *c = s; *c; c++)
        *c = *c == '[' ? '(' : *c == ']' ? ')' : *c;
    return s;
}

static void expect_format(const char *text, const char *want)
{
    char *once = format(text), *twice = format(once), *before = meaning(text), *after = meaning(once);
    if (strcmp(once, want) != 0)
        fail_msg("'%s' is formatted as\n%s\nnot\n%s", text, once, want);
    if (strcmp(once, twice) != 0)
        fail_msg("formatting '%s' twice gives\n%s\nthen\n%s", text, once, twice);
    if (!strchr(before, '@') && strcasecmp(before, after) != 0)
        fail_msg("'%s' means %s, formatted it means %s", text, before, after);
    free(once);
    free(twice);
    free(before);
    free(after);
}

static void formatter(void **state)
{
    (void)state;
    expect_format("a:=c;b : a ,COLORRED,linethick2;c>1", "a:=C;\nb:a,COLORRED,LINETHICK2;\nC>1;\n");
    expect_format("((a+b))*(c*d)-(e/f)", "(a+b)*(C*d)-e/f;\n");
    expect_format("a-(b-c)", "a-(b-C);\n");
    expect_format("(a and b)or(c and (d or e))", "(a AND b) OR (C AND (d OR e));\n");
    expect_format("-(a+b)*-(-c)", "-(a+b)*--C;\n");
    expect_format("(x<y)<z", "(x<y)<z;\n");
    expect_format("not x and !y", "NOT(x) AND NOT(y);\n");
    expect_format("ma(close,.5)+Foo(1)", "MA(CLOSE,.5)+Foo(1);\n");
    expect_format("‘it’&&'it''s'", "'it' AND 'it''s';\n");
    expect_format("\"MACD.DIF\"(1,2)+KDJ.K+C#WEEK", "\"MACD.DIF\"(1,2)+KDJ.K+C#WEEK;\n");
    expect_format("{head}\n\n\n{two}a:=1;{behind}{more} b:=2//end\n;c{in}+{side}1;\n{last}",
                  "{head}\n\n{two}\na:=1; {behind} {more}\nb:=2; //end\nC {in} + {side} 1;\n{last}\n");
    expect_format("a:=1;\n\n\nb:=\n\n{x}2;\n/* y\n z */\n\nc", "a:=1;\n\nb:= {x} 2;\n/* y\n z */\n\nC;\n");
    expect_format("A；Ｂ（１，２）", "A;\nB(1,2);\n");
    expect_format("X:C>O // first\n AND H>L // second\n;//last\nY:(C){c};",
                  "X:C>O // first\n    AND H>L; // second\n//last\nY:C; {c}\n");
    expect_format("({a}C)>MA({b}C{c},5{d})", "{a}\nC>MA({b} C {c},5 {d});\n");
    expect_format("X:C#WEEK{a},colorred{b},{c}dotline", "X:C#WEEK {a},COLORRED {b}, {c} DOTLINE;\n");
    expect_format("XG:CROSS(MA(C,5),MA(C,10)) AND VOL>MA(VOL,5)*1.5 AND (C>MA(C,60) OR C>MA(C,120)) AND H<HHV(H,20)*0.98;",
                  "XG:CROSS(MA(C,5),MA(C,10))\n    AND VOL>MA(VOL,5)*1.5\n    AND (C>MA(C,60) OR C>MA(C,120))\n"
                  "    AND H<HHV(H,20)*0.98;\n");
    expect_format("", "");
    expect_format("{only}", "{only}\n");
}

/* Formatting is idempotent on anything, and nothing crashes: random words glued at random. */
static void random_texts(void **state)
{
    (void)state;
    static const char *const words[] = {"A",
                                        "短跳",
                                        "C",
                                        "MA",
                                        "(",
                                        ")",
                                        "(",
                                        ")",
                                        ",",
                                        ";",
                                        ";",
                                        "\n",
                                        " ",
                                        ":=",
                                        ":",
                                        "+",
                                        "-",
                                        "*",
                                        "/",
                                        "<",
                                        "=",
                                        ">",
                                        "<>",
                                        " AND ",
                                        " OR ",
                                        "NOT ",
                                        "!",
                                        "1",
                                        "2.5",
                                        "'s'",
                                        "\"r\"",
                                        "{c}",
                                        "//l\n",
                                        "/*b*/",
                                        "COLORRED",
                                        "#",
                                        ".",
                                        "。",
                                        "（",
                                        "，",
                                        "@",
                                        "'",
                                        "{@param N 1}",
                                        "\t",
                                        "%"};
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        gp_buf b = { 0 };
        seed = seed * 1664525u + 1013904223u;
        for (uint32_t n = 1 + (seed >> 24) % 24; n; n--) {
            seed = seed * 1664525u + 1013904223u;
            gp_buf_addz(&b, words[(seed >> 16) % (sizeof words / sizeof *words)]);
        }
        gp_diags d = { 0 };
        gp_formula *f = parse(b.p, &d);
        size_t errors = d.errors;
        gp_formula_resolve(f, &d);
        gp_buf text = { 0 };
        for (size_t i = 0; i < d.n; i++)
            gp_diag_render_text(&d.at[i], false, &text);
        gp_formula_free(f);
        gp_diags_fini(&d);
        gp_buf_free(&text);
        if (errors == 0) {
            char *once = format(b.p), *twice = format(once);
            if (strcmp(once, twice) != 0)
                fail_msg("formatting '%s' twice gives\n%s\nthen\n%s", b.p, once, twice);
            free(once);
            free(twice);
        }
        gp_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements), cmocka_unit_test(precedence),  cmocka_unit_test(references),
        cmocka_unit_test(attributes), cmocka_unit_test(looks), cmocka_unit_test(attribute_rows), cmocka_unit_test(header_keys), cmocka_unit_test(holes),
        cmocka_unit_test(mistakes),   cmocka_unit_test(append),      cmocka_unit_test(limits),
        cmocka_unit_test(a_megabyte_of_statements), cmocka_unit_test(formatter), cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
