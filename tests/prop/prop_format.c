/* goldpit fmt keeps what a formula means and says: random formulas with comments, line ends and full-width signs between any
 * two words are formatted; the result must parse to the same tree, hold every comment in its order, and be its own format.
 * Prints one line per failing formula and "N passed, N failed".  Seed: argv[1], or 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lexer/lexer.h"
#include "parser/parser.h"

enum { FORMULAS = 2000 };
static uint64_t rng;
static int comments; /* in per cent of the gaps */

static uint32_t next_random(uint32_t below)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33) % below;
}

static const char *one_of(const char *const *list, size_t n)
{
    return list[next_random((uint32_t)n)];
}
#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* What may stand between two words. */
static void gap(gp_buf *out)
{
    gp_buf_addc(out, ' ');
    for (int k = 0; k < 2; k++) {
        if (next_random(8) == 0)
            gp_buf_addz(out, ONE_OF("\n", "  ", "\t", "\r\n", "\n\n\n", "　"));
        if (next_random(100) < (uint32_t)comments)
            gp_buf_addz(out, ONE_OF("{a}", "{多行\n 注释; A:=1}", "{ 'it''s \" } ", "// to the end; X:=2 {\n", "//\n", "// 中文 }\r\n", "/* c */",
                                    "/* { \n } */", "{}", "/**/", "｛全角｝", "// trailing \t\n"));
    }
    if (next_random(3) == 0)
        gp_buf_addc(out, ' ');
}

static void word(gp_buf *out, const char *z)
{
    gp_buf_addz(out, z);
    gap(out);
}

static void expression(gp_buf *out, int depth)
{
    switch (depth <= 0 ? next_random(4) : next_random(14)) {
    case 0: word(out, ONE_OF("CLOSE", "close", "C", "ma5", "短跳", "X1", "N", "Vol", "５日", "tr")); return;
    case 1: word(out, ONE_OF("1", "0.5", ".5", "100", "1e3", "７", "20240101")); return;
    case 2: word(out, ONE_OF("\"MACD.DIF\"", "MACD.DEA", "CLOSE#WEEK", "\"KDJ.K#MONTH\"", "\"SH000001$CLOSE\"", "“MACD.DIF”")); return;
    case 3: word(out, ONE_OF("'追涨'", "'it''s'", "'// no {comment}'", "‘引号’", "''", "'a;b:=c'")); return;
    case 4:
    case 5:
        word(out, ONE_OF("MA", "ma", "HHV", "IF", "自定义", "STICKLINE", "NOT"));
        word(out, ONE_OF("(", "("));
        for (int n = (int)next_random(4); n >= 0; n--) {
            expression(out, depth - 1);
            if (n)
                word(out, ONE_OF(",", ",", "，"));
        }
        word(out, ONE_OF(")", ")", "）"));
        return;
    case 6:
        word(out, ONE_OF("-", "+", "!", "NOT"));
        expression(out, depth - 1);
        return;
    case 7:
    case 8:
        word(out, "(");
        expression(out, depth - 1);
        word(out, ")");
        return;
    case 9:
        word(out, "\"MACD.DIF\"");
        word(out, "(");
        expression(out, depth - 1);
        word(out, ")");
        return;
    default:
        expression(out, depth - 1);
        word(out, ONE_OF("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "=", "==", "<>", "!=", "AND", "and", "&&", "OR", "||", "Or", "≥", "×"));
        expression(out, depth - 1);
    }
}

static void formula(gp_buf *out)
{
    gap(out);
    for (int n = 1 + (int)next_random(4); n > 0; n--) {
        if (next_random(4)) {
            word(out, ONE_OF("A", "短跳", "ma5", "C1", "tr", "5日线"));
            word(out, ONE_OF(":", ":=", "：", "：＝"));
        }
        expression(out, (int)next_random(6));
        for (int k = (int)next_random(3); k > 0; k--) {
            word(out, ",");
            word(out, ONE_OF("COLORRED", "color00ff00", "LINETHICK2", "DOTLINE", "NODRAW", "COLORFF", "ICO'a b'"));
        }
        word(out, ONE_OF(";", ";", "；", ";;"));
    }
}

static bool is(const gp_node *n, const char *name)
{
    return n->kind == GP_NODE_CALL && gp_str_ieqz(n->text, name);
}

/* NOT as an operator and as a function are the same. */
static bool same_tree(const gp_node *a, const gp_node *b)
{
    if (a->kind != b->kind || a->n_args != b->n_args || (a->is_operator != b->is_operator && !is(a, "NOT")))
        return false;
    if (a->kind == GP_NODE_NUMBER ? a->number != b->number
        : a->kind == GP_NODE_STRING ? !gp_str_eq(a->text, b->text) : !gp_str_ieq(a->text, b->text))
        return false;
    for (int i = 0; i < a->n_args; i++)
        if (!same_tree(a->args[i], b->args[i]))
            return false;
    return true;
}

static const char *difference(const gp_formula *a, const gp_formula *b)
{
    if (a->n_stmts != b->n_stmts)
        return "another number of statements";
    for (int i = 0; i < a->n_stmts; i++) {
        const gp_stmt *x = &a->stmts[i], *y = &b->stmts[i];
        if (x->kind != y->kind || !gp_str_ieq(x->name, y->name))
            return "another name";
        if (!same_tree(x->expr, y->expr))
            return "another tree";
        if (x->n_attrs != y->n_attrs)
            return "other attributes";
        for (int k = 0; k < x->n_attrs; k++)
            if (!gp_str_ieq(x->attrs[k].text, y->attrs[k].text))
                return "another attribute";
    }
    return NULL;
}

/* The comments of a text, one after the other; blanks at the end of one do not count. */
static void all_comments(const gp_source *src, gp_buf *out)
{
    gp_arena arena = { 0 };
    gp_diags d = { 0 };
    gp_lexer lx;
    gp_lexer_init(&lx, src, &arena, &d);
    while (gp_lexer_next(&lx).kind != GP_T_END)
        ;
    for (size_t i = 0; i < lx.comments.n; i++) {
        gp_span c = lx.comments.at[i];
        gp_str text = { src->text.p + c.at, c.n };
        while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
            text.n--;
        gp_buf_add(out, text.p, text.n);
        gp_buf_addc(out, '\n');
    }
    gp_lexer_fini(&lx);
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
}

/* What is wrong with the format of the text, or NULL; "" when the text itself is no formula. */
static const char *check(const gp_buf *text, gp_buf *once)
{
    gp_diags d = { 0 };
    gp_buf twice = { 0 }, before = { 0 }, after = { 0 };
    bool unstable = false;
    const char *why = "";
    gp_formula *a = gp_formula_parse("random", text->p, text->n, GP_ENC_UTF8, &d), *b = NULL;
    if (d.errors == 0) {
        gp_formula_format(a, once);
        b = gp_formula_parse("formatted", once->p, once->n, GP_ENC_UTF8, &d);
        why = d.errors ? "the result does not parse" : difference(a, b);
    }
    if (b && !why) {
        gp_formula_format(b, &twice);
        all_comments(a->src, &before);
        all_comments(b->src, &after);
        unstable = once->n != twice.n || memcmp(once->p, twice.p, once->n) != 0;
        if (unstable)
            why = "formatting again changes it";
        else if (before.n != after.n || (before.n && memcmp(before.p, after.p, before.n) != 0))
            why = "a comment was lost or moved past another";
    }
    if (unstable)
        printf("%s---- again\n%s", once->p, twice.p);
    gp_formula_free(a);
    gp_formula_free(b);
    gp_diags_fini(&d);
    gp_buf_free(&twice);
    gp_buf_free(&before);
    gp_buf_free(&after);
    return why;
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int passed = 0, failed = 0, refused = 0;
    printf("format properties, seed %llu\n", (unsigned long long)seed);
    for (int k = 0; k < FORMULAS; k++) {
        rng = seed * 7919 + (uint64_t)k * 104729 + 12345;
        comments = k % 4 ? (k % 4) * 6 : 0;
        gp_buf text = { 0 }, once = { 0 };
        formula(&text);
        const char *why = check(&text, &once);
        if (why && !*why)
            refused++;
        else if (why)
            printf("FAIL %s:\n%s\n---- became\n%s\n", why, text.p, once.p ? once.p : "");
        passed += !why;
        failed += why && *why;
        gp_buf_free(&text);
        gp_buf_free(&once);
    }
    if (passed < FORMULAS / 2) { /* the generator is broken, not the formatter */
        printf("FAIL only %d of %d texts were formulas (%d were not)\n", passed + failed, FORMULAS, refused);
        failed++;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
