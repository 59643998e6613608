/* base/diag: the list, text with carets under double-width characters, JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/diag.h"
#include "base/vec.h"
#include "lexer/source.h"

static gp_arena arena;

static const gp_source *source(const char *text)
{
    gp_diags d = { 0 };
    const gp_source *s = gp_source_new(&arena, "x.tdx", text, strlen(text), GP_ENC_UTF8, &d);
    assert_int_equal(d.n, 0);
    return s;
}

static int teardown(void **state)
{
    (void)state;
    gp_arena_fini(&arena);
    return 0;
}

static void expect_text(const gp_source *s, const char *part, const char *want)
{
    const char *hit = strstr(s->text.p, part);
    assert_non_null(hit);
    gp_diags d = { 0 };
    gp_diag_at(&d, GP_D_NOT_A_FUNCTION, (gp_span){s, (uint32_t)(hit - s->text.p), (uint32_t)strlen(part)}, "X",
               "a variable", "X");
    gp_buf b = { 0 };
    gp_diag_render_text(&d.at[0], false, &b);
    assert_string_equal(b.p, want);
    gp_buf_free(&b);
    gp_diags_fini(&d);
}

#define HEAD(place) "x.tdx:" place ": error[GP220]: X is a variable, not a function\n"
#define HINT "      = hint: write X without parentheses, or put an operator between\n"

static void carets_under_chinese(void **state)
{
    (void)state;
    const gp_source *s = source("A:=1;\n黄金坑:短跳<20 AND ＭＡ;\r\n\tB:C;\rE;");
    expect_text(s, "短跳", HEAD("2:5") "    2 | 黄金坑:短跳<20 AND ＭＡ;\n      |        ^^^^\n" HINT);
    expect_text(s, "ＭＡ", HEAD("2:15") "    2 | 黄金坑:短跳<20 AND ＭＡ;\n      |                    ^^^^\n" HINT);
    expect_text(s, "C;", HEAD("3:4") "    3 |  B:C;\n      |    ^^\n" HINT); /* the tab is one blank in both lines */
    expect_text(s, "E", HEAD("4:1") "    4 | E;\n      | ^\n" HINT);
}

static void a_span_over_lines_stops_at_the_line_end(void **state)
{
    (void)state;
    const gp_source *s = source("AB\nCD\n");
    expect_text(s, "B\nC", HEAD("1:2") "    1 | AB\n      |  ^\n" HINT);
}

static void empty_span_and_end_of_text(void **state)
{
    (void)state;
    const gp_source *s = source("A:=");
    gp_diags d = { 0 };
    gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ s, 3, 0 });
    gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ source(""), 0, 0 });
    gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ s, 4000, 10 }); /* out of range is clamped, not believed */
    gp_buf b = { 0 };
    for (size_t i = 0; i < d.n; i++)
        gp_diag_render_text(&d.at[i], false, &b);
    assert_non_null(
        strstr(b.p, "x.tdx:1:4: error[GP131]: there is no statement in this formula\n    1 | A:=\n      |    ^\n"));
    assert_non_null(strstr(b.p, "x.tdx:1:1: error[GP131]"));
    gp_buf_free(&b);
    gp_diags_fini(&d);
}

/* Of a line of thousands of characters only a window around the span is shown. */
static void long_lines_are_windowed(void **state)
{
    (void)state;
    for (int where = 0; where < 3; where++) {
        gp_buf text = { 0 };
        for (int i = 0; i < (where == 0 ? 0 : 3000); i++)
            gp_buf_addz(&text, i % 3 ? "中" : "+");
        gp_buf_addz(&text, "HIER");
        for (int i = 0; i < (where == 2 ? 0 : 3000); i++)
            gp_buf_addz(&text, i % 3 ? "文" : "-");
        const gp_source *s = source(text.p);
        gp_diags d = { 0 };
        gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ s, (uint32_t)(strstr(text.p, "HIER") - text.p), 4 });
        gp_buf b = { 0 };
        gp_diag_render_text(&d.at[0], false, &b);
        char *line = strchr(b.p, '\n') + 1, *carets = strchr(line, '\n') + 1;
        *(carets - 1) = 0;
        *strchr(carets, '\n') = 0;
        assert_true(gp_str_width(gp_str_from(line)) < 112);
        char *shown = strstr(line, "HIER");
        assert_non_null(shown);
        assert_int_equal(gp_str_width((gp_str){ line, (size_t)(shown - line) }), strchr(carets, '^') - carets);
        assert_string_equal(strchr(carets, '^'), "^^^^");
        assert_int_equal(strstr(line, "| …") != NULL, where != 0);
        assert_int_equal(strcmp(line + strlen(line) - 3, "…") == 0, where != 2);
        gp_buf_free(&b);
        gp_buf_free(&text);
        gp_diags_fini(&d);
    }
}

static void nothing_raw_reaches_the_terminal(void **state)
{
    (void)state;
    const gp_source *s = source("A\x1B[31m\x07\xC2\x9B\xE2\x80\xAE" "B");
    gp_diags d = { 0 };
    gp_diag_at(&d, GP_D_UNKNOWN_NAME, (gp_span){ s, 0, 1 }, "\x1B]0;x\x07", "");
    gp_diag_hint(&d, "\x1B[2J%s", "\xE2\x80\xAE");
    gp_diag_file(&d, GP_D_UNKNOWN_NAME, "\x1B.csv", 3, 0, "X", "");
    gp_buf b = { 0 };
    gp_diag_render_text(&d.at[0], false, &b);
    gp_diag_render_text(&d.at[1], false, &b);
    gp_diag_render_json(&d.at[0], &b);
    for (size_t i = 0; i < b.n; i++)
        assert_true((unsigned char)b.p[i] >= 0x20 || b.p[i] == '\n');
    assert_null(strstr(b.p, "\xE2\x80\xAE\n"));
    gp_buf_free(&b);
    gp_diags_fini(&d);
}

static void json_is_complete(void **state)
{
    (void)state;
    const gp_source *s = source("A:=1;\n黄:短跳+\"q\";\n");
    gp_diags d = { 0 };
    gp_diag_at(&d, GP_D_NOT_A_FUNCTION, (gp_span){ s, 10, 6 }, "短跳", "a variable", "短跳");
    gp_diag_file(&d, GP_D_MISSING_VALUE, "a.csv", 7, 2, "here");
    gp_buf b = { 0 };
    gp_diag_render_json(&d.at[0], &b);
    assert_string_equal(
        b.p, "{\"code\":\"GP220\",\"name\":\"NOT_A_FUNCTION\",\"severity\":\"error\",\"file\":\"x.tdx\",\"line\":2,"
             "\"column\":3,\"end_line\":2,\"end_column\":5,\"offset\":10,\"length\":6,"
             "\"message\":\"短跳 is a variable, not a function\","
             "\"hint\":\"write 短跳 without parentheses, or put an operator between\","
             "\"source\":\"黄:短跳+\\\"q\\\";\"}");
    b.n = 0;
    gp_diag_render_json(&d.at[1], &b);
    assert_string_equal(
        b.p, "{\"code\":\"GP123\",\"name\":\"MISSING_VALUE\",\"severity\":\"error\",\"file\":\"a.csv\",\"line\":7,"
             "\"column\":2,\"end_line\":7,\"end_column\":2,\"offset\":0,\"length\":0,"
             "\"message\":\"nothing stands here\",\"hint\":null,\"source\":null}");
    b.n = 0;
    gp_diag_render_text(&d.at[1], false, &b);
    assert_string_equal(b.p, "a.csv:7:2: error[GP123]: nothing stands here\n");
    gp_buf_free(&b);
    gp_diags_fini(&d);
}

static void limit_append_counts(void **state)
{
    (void)state;
    gp_diags d = { .limit = 3 }, e = { 0 };
    for (int i = 0; i < 5; i++)
        gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ 0 });
    gp_diag_at(&d, GP_D_FULL_WIDTH, (gp_span){ 0 }, 3);
    gp_diag_at(&d, GP_D_TOO_MANY_PARAMS, (gp_span){ 0 }, 17);
    gp_diag_hint(&d, "belongs to one that was dropped");
    assert_int_equal(d.n, 3);
    assert_int_equal(d.errors, 5);
    assert_int_equal(d.warnings, 1);
    assert_int_equal(d.dropped, 4);
    assert_null(strstr(d.at[2].hint, "dropped"));
    gp_diag_at(&e, GP_D_EMPTY_FORMULA, (gp_span){ 0 });
    gp_diags_append(&e, &d);
    assert_int_equal(e.n, 4);
    assert_int_equal(e.errors, 6);
    assert_int_equal(e.dropped, 4);
    assert_int_equal(d.n, 0);
    for (int i = 0; i < 300; i++)
        gp_diag_at(&d, GP_D_EMPTY_FORMULA, (gp_span){ 0 });
    assert_int_equal(d.n, 3);
    gp_diags_append(&e, &d);
    gp_diags_fini(&d);
    gp_diags_fini(&e);
}

static void a_megabyte_in_a_message_is_cut(void **state)
{
    (void)state;
    char *big = gp_xcalloc(1000001, 1);
    for (int i = 0; i < 333333; i++)
        memcpy(big + 3 * i, "中", 3);
    gp_diags d = { 0 };
    gp_diag_at(&d, GP_D_UNKNOWN_NAME, (gp_span){ 0 }, big, "");
    gp_diag_hint(&d, "%s", big);
    assert_true(strlen(d.at[0].message) < 1300 && strlen(d.at[0].hint) < 1300);
    assert_true(gp_utf8_valid(d.at[0].message, strlen(d.at[0].message), NULL));
    gp_diags_fini(&d);
    free(big);
}

static void codes_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < GP_D_COUNT; i++) {
        gp_severity severity;
        const char *message, *hint;
        gp_diag_template((gp_diag_id)i, &severity, &message, &hint);
        assert_true(*message && severity <= GP_ERROR);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(gp_diag_code((gp_diag_id)i), gp_diag_code((gp_diag_id)k));
            assert_string_not_equal(gp_diag_name((gp_diag_id)i), gp_diag_name((gp_diag_id)k));
        }
    }
}

static void spans(void **state)
{
    (void)state;
    const gp_source *s = source("A\n中B");
    gp_span j = gp_span_join((gp_span){ s, 5, 1 }, (gp_span){ s, 0, 1 });
    assert_int_equal(j.at, 0);
    assert_int_equal(j.n, 6);
    uint32_t line, column;
    gp_span_where((gp_span){ s, 5, 1 }, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
    gp_span_where((gp_span){ 0 }, &line, &column);
    assert_int_equal(line, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carets_under_chinese),
        cmocka_unit_test(a_span_over_lines_stops_at_the_line_end),
        cmocka_unit_test(empty_span_and_end_of_text),
        cmocka_unit_test(long_lines_are_windowed),
        cmocka_unit_test(nothing_raw_reaches_the_terminal),
        cmocka_unit_test(json_is_complete),
        cmocka_unit_test(limit_append_counts),
        cmocka_unit_test(a_megabyte_in_a_message_is_cut),
        cmocka_unit_test(codes_are_unique),
        cmocka_unit_test(spans),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
