/* lexer: encodings, folding, words, broken words, speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lexer/fold.h"
#include "lexer/lexer.h"

/* The tokens as "KIND:text KIND:text ...", then "!CODE" for every diagnostic. */
static char *lex_bytes(const char *bytes, size_t n, gp_encoding encoding)
{
    gp_arena arena = { 0 };
    gp_diags d = { 0 };
    gp_lexer lx;
    gp_buf out = { 0 };
    const gp_source *src = gp_source_new(&arena, "t", bytes, n, encoding, &d);
    gp_lexer_init(&lx, src, &arena, &d);
    gp_buf_addz(&out, "");
    for (gp_token t; (t = gp_lexer_next(&lx)).kind != GP_T_END;) {
        const char *tag = t.kind == GP_T_NAME ? "n" : t.kind == GP_T_NUMBER ? "#" : t.kind == GP_T_STRING ? "s"
                          : t.kind == GP_T_REF ? "r" : t.kind == GP_T_STRAY ? "?" : NULL;
        gp_buf_printf(&out, "%s", out.n ? " " : "");
        if (tag)
            gp_buf_printf(&out, "%s:" GP_STR_FMT, tag, GP_STR_ARG(t.text));
        else
            gp_buf_addz(&out, gp_token_name(t.kind));
        if (t.span.at + t.span.n > src->text.n)
            fail_msg("token outside of the text");
    }
    gp_lexer_fini(&lx);
    for (size_t i = 0; i < d.n; i++)
        gp_buf_printf(&out, " !%s", gp_diag_code(d.at[i].id));
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
    return out.p;
}

static void expect_in(const char *text, gp_encoding e, const char *want)
{
    char *got = lex_bytes(text, strlen(text), e);
    if (strcmp(got, want) != 0)
        fail_msg("'%s' reads as\n  %s\nnot\n  %s", text, got, want);
    free(got);
}

static void expect(const char *text, const char *want)
{
    expect_in(text, GP_ENC_AUTO, want);
}

static void names(void **state)
{
    (void)state;
    expect("MA5:=close_2;", "n:MA5 := n:close_2 ;");
    expect("短跳 黄金坑1 ①号 ★ ￥价 _x 5日线 10日", "n:短跳 n:黄金坑1 n:①号 n:★ n:￥价 n:_x n:5日线 n:10日");
    expect("and Or NOT ANDY notx x_or", "AND OR ! n:ANDY n:notx n:x_or");
    expect("短跳AND中跳", "n:短跳AND中跳");
    expect("【坑】，『底』", "n:【坑】 , n:『底』 !GP102");
    expect("M\u200BA5", "n:MA5"); /* zero-width characters vanish silently */
    expect("KDJ.K CLOSE#WEEK", "n:KDJ . n:K n:CLOSE # n:WEEK");
}

static void numbers(void **state)
{
    (void)state;
    expect("3 0.5 .5 3. 1e5 1E-3 2.5e+2", "#:3 #:0.5 #:.5 #:3. #:1e5 #:1E-3 #:2.5e+2");
    expect("C>10AND C<20or 3OR4", "n:C > #:10 AND n:C < #:20 OR #:3 OR #:4");
    expect("C>1.5AND中跳<2", "n:C > #:1.5 AND n:中跳 < #:2");
    expect("10ANDY", "?:10ANDY !GP110");
    expect("2X 1.2.3 1..2 5.K", "?:2X ?:1.2.3 ?:1..2 ?:5.K !GP110 !GP110 !GP110 !GP110");
    expect("1e", "?:1e !GP110");
    expect("１２.５", "#:12.5 !GP102");
}

static void operators(void **state)
{
    (void)state;
    expect("a:=b:c=d==e<>f!=g<=h>=i<j>k", "n:a := n:b : n:c = n:d = n:e <> n:f <> n:g <= n:h >= n:i < n:j > n:k");
    expect("a&&b||!c+d-e*f/g%h(,)", "n:a AND n:b OR ! n:c + n:d - n:e * n:f / n:g % n:h ( , )");
    expect("A=-1 A<-1", "n:A = - #:1 n:A < - #:1");
    expect("A=>B A=<B A><B", "n:A >= n:B n:A <= n:B n:A <> n:B !GP111 !GP111 !GP111");
    expect("A&B|C", "n:A AND n:B OR n:C !GP113 !GP113");
    expect("A^B?C", "n:A ?:^ n:B ?:? n:C !GP112 !GP112");
    expect("A[1]\\@", "n:A ?:[ #:1 ?:] ?:\\ ?:@ !GP108 !GP108 !GP108 !GP108");
    expect("A}B", "n:A ?:} n:B !GP108");
}

static void full_width(void **state)
{
    (void)state;
    expect("Ａ：＝ＭＡ（Ｃ，５）；", "n:A := n:MA ( n:C , #:5 ) ; !GP102");
    expect("Ａ:＝1；Ｂ：=2；", "n:A := #:1 ; n:B := #:2 ; !GP102");
    expect("a＜b＞c≤d≥e≠f＜＝g！＝h", "n:a < n:b > n:c <= n:d >= n:e <> n:f <= n:g <> n:h !GP102");
    expect("a＋b－c−d–e—f＊g×h／i÷j", "n:a + n:b - n:c - n:d - n:e - n:f * n:g * n:h / n:i / n:j !GP102");
    expect("a＆＆b｜｜c％d．e＃f＄g", "n:a AND n:b OR n:c % n:d . n:e # n:f $ n:g !GP102");
    expect("a　b\u00A0c\u2003d", "n:a n:b n:c n:d !GP102");
    expect("MA(C、5、6)", "n:MA ( n:C , #:5 , #:6 ) !GP103");
    expect("A:C。\nB:O。", "n:A : n:C ; n:B : n:O ; !GP104 !GP104");
    expect("C>10ＡＮＤ C<２０ＯＲ 1", "n:C > #:10 AND n:C < #:20 OR #:1 !GP102");
    expect("‘追涨’ ‘a' “MACD.DIF” ＇x＇", "s:追涨 s:a r:MACD.DIF s:x !GP102");
    expect("'全角，保留' {全角，；}//全角；", "s:全角，保留"); /* nothing is folded in strings and comments */
    expect("｛注释｝A", "n:A");
    int n;
    gp_arena a = { 0 };
    for (uint32_t cp = 0x80; cp < 0x20000; cp++) { /* replacements are never longer than what they replace */
        char b[4];
        int len = gp_utf8_encode(cp, b);
        const char *to = gp_fold_code(cp);
        assert_true(!to || (int)strlen(to) <= len);
    }
    assert_true(gp_str_eq(gp_fold_text(&a, GP_STR("plain"), &n), GP_STR("plain")));
    assert_int_equal(n, 0);
    gp_arena_fini(&a);
}

static void html_debris(void **state)
{
    (void)state;
    expect("A&gt;B &lt;= C &amp;&amp; D&nbsp;E&lt;&gt;F &GT;",
           "n:A > n:B <= n:C AND n:D n:E <> n:F > !GP105 !GP105 !GP105 !GP105 !GP105 !GP105");
    expect("A&lt;=B&ge;C&#60;1&#x3C;", "n:A <= n:B >= n:C < #:1 !GP105 !GP105 !GP105 !GP105");
    expect("A&XG;", "n:A AND n:XG ; !GP113"); /* not an entity */
}

static void strings_and_comments(void **state)
{
    (void)state;
    expect("'it''s' '' '{;}' \"MACD.DIF#WEEK\" \"\"", "s:it's s: s:{;} r:MACD.DIF#WEEK r:");
    expect("A{x\n;'}B// ;'\nC/* ;\n**/D", "n:A n:B n:C n:D");
    expect("A{a{b}C}", "n:A n:C ?:} !GP108"); /* comments do not nest */
    expect("A'abc;B", "n:A ?:'abc ; n:B !GP107");
    expect("A:'abc\nB", "n:A : ?:'abc n:B !GP107");
    expect("A“abc;B", "n:A ?:“abc ; n:B !GP107");
    expect("A;{abc;\nB", "n:A ; !GP106");
    expect("A;/* abc;\nB", "n:A ; !GP106");
}

/* Opening positions, not the end of the text. */
static void unclosed_positions(void **state)
{
    (void)state;
    gp_arena arena = { 0 };
    gp_diags d = { 0 };
    gp_lexer lx;
    const char *text = "A:=1;\n 黄金{坑\n\n";
    gp_lexer_init(&lx, gp_source_new(&arena, "t", text, strlen(text), GP_ENC_AUTO, &d), &arena, &d);
    while (gp_lexer_next(&lx).kind != GP_T_END)
        ;
    gp_lexer_fini(&lx);
    uint32_t line, column;
    gp_span_where(d.at[0].span, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 4);
    assert_int_equal(d.at[0].span.n, 1);
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
}

static gp_str convert(const char *to, const char *text)
{
    iconv_t cd = iconv_open(to, "UTF-8");
    assert_true(cd != (iconv_t)-1);
    char *in = strdup(text), *out = calloc(1, 1000), *i = in, *o = out;
    size_t in_n = strlen(text), out_n = 1000;
    assert_int_equal(iconv(cd, &i, &in_n, &o, &out_n), 0);
    iconv_close(cd);
    free(in);
    return (gp_str){ out, 1000 - out_n };
}

static void encodings(void **state)
{
    (void)state;
    const char *text = "短跳:=C;'追涨'";
    static const char *const names_of[] = { "GB18030", "UTF-16LE", "UTF-16BE" };
    static const char *const marks[] = { "", "\xFF\xFE", "\xFE\xFF" };
    for (int i = 0; i < 3; i++) {
        gp_str raw = convert(names_of[i], text);
        char all[1100];
        size_t mark = strlen(marks[i]);
        memcpy(all, marks[i], mark);
        memcpy(all + mark, raw.p, raw.n);
        char *got = lex_bytes(all, mark + raw.n, GP_ENC_AUTO);
        assert_string_equal(got, "n:短跳 := n:C ; s:追涨");
        free(got);
        free((char *)(uintptr_t)raw.p);
    }
    expect("\xEF\xBB\xBF短跳:=C;'追涨'", "n:短跳 := n:C ; s:追涨");
    expect_in("\x81\x7B:=1", GP_ENC_GB18030, "n:亄 := #:1");
}

/* Second bytes of GBK characters that look like { } | \ ' must never be seen as such. */
static void gbk_second_bytes(void **state)
{
    (void)state;
    for (int second = 0x40; second < 0x7F; second++) {
        char raw[] = { (char)0x81, (char)second, ':', '=', '1', ';', '{', (char)0x81, (char)second, '}', 'B', 0 };
        char *got = lex_bytes(raw, sizeof raw - 1, GP_ENC_AUTO);
        if (strncmp(got, "n:", 2) != 0 || strstr(got, " := #:1 ; n:B") != got + 5 || strchr(got, '!'))
            fail_msg("second byte %02X: %s", second, got);
        free(got);
    }
}

static void bad_bytes(void **state)
{
    (void)state;
    expect_in("A:=1;{\xFF}B", GP_ENC_UTF8, "n:A := #:1 ; n:B !GP101"); /* in a comment: a warning only */
    expect_in("A\xFF", GP_ENC_UTF8, "n:A ?:\xEF\xBF\xBD !GP101 !GP108");
    char *got = lex_bytes("A\0B", 3, GP_ENC_UTF8);
    assert_int_equal(strncmp(got, "n:A ?:", 6), 0);
    assert_non_null(strstr(got, "!GP108"));
    free(got);
    size_t big = (16u << 20) + 1;
    char *huge = malloc(big);
    memset(huge, ' ', big);
    got = lex_bytes(huge, big, GP_ENC_AUTO);
    assert_string_equal(got, " !GP100");
    free(got);
    got = lex_bytes(huge, big - 1, GP_ENC_AUTO);
    assert_string_equal(got, "");
    free(got);
    free(huge);
    got = lex_bytes("", 0, GP_ENC_AUTO);
    assert_string_equal(got, "");
    free(got);
}

static void garbage_is_given_up(void **state)
{
    (void)state;
    gp_buf b = { 0 };
    for (int i = 0; i < 5000; i++)
        gp_buf_addz(&b, "@ ");
    char *got = lex_bytes(b.p, b.n, GP_ENC_AUTO);
    assert_non_null(strstr(got, "!GP115"));
    free(got);
    gp_buf_free(&b);
}

/* Every shape of a megabyte in well under the time a quadratic lexer would need. */
static void a_megabyte_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {"短跳1:=MA(CLOSE,5)+REF(短跳1,1)*2.5;\n",
                                        "''",
                                        "*",
                                        "中",
                                        "a",
                                        "{}",
                                        "1",
                                        "1.",
                                        "&",
                                        "‘;",
                                        "\u200B",
                                        "'",
                                        "<",
                                        " ",
                                        "a1AND"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (int open = 0; open < 3; open++) {
            gp_buf b = { 0 };
            gp_buf_addz(&b, open == 0 ? "" : open == 1 ? "/*" : "x'");
            while (b.n < 1000000)
                gp_buf_addz(&b, units[u]);
            clock_t start = clock();
            free(lex_bytes(b.p, b.n, GP_ENC_UTF8));
            double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
            if (seconds > 20) /* milliseconds when optimised; sanitizers and a busy machine are allowed for */
                fail_msg("a megabyte of '%s' (opening %d) took %.1f s", units[u], open, seconds);
            gp_buf_free(&b);
        }
}

static void comment_texts(void **state)
{
    (void)state;
    gp_arena arena = { 0 };
    gp_diags d = { 0 };
    gp_lexer lx;
    const char *text = "{a}//b\n/*c*/｛d｝｛e}／／f";
    gp_lexer_init(&lx, gp_source_new(&arena, "t", text, strlen(text), GP_ENC_AUTO, &d), &arena, &d);
    assert_int_equal(gp_lexer_next(&lx).kind, GP_T_END);
    assert_int_equal(lx.comments.n, 6);
    for (size_t i = 0; i < lx.comments.n; i++) {
        char want[2] = { (char)('a' + (char)i), 0 };
        assert_true(gp_str_ieqz(gp_comment_text(lx.comments.at[i]), want));
    }
    gp_lexer_fini(&lx);
    gp_diags_fini(&d);
    gp_arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),          cmocka_unit_test(numbers),          cmocka_unit_test(operators),
        cmocka_unit_test(full_width),     cmocka_unit_test(html_debris),      cmocka_unit_test(strings_and_comments),
        cmocka_unit_test(unclosed_positions), cmocka_unit_test(encodings),    cmocka_unit_test(gbk_second_bytes),
        cmocka_unit_test(bad_bytes),      cmocka_unit_test(garbage_is_given_up), cmocka_unit_test(a_megabyte_is_linear),
        cmocka_unit_test(comment_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
