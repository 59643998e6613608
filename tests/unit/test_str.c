/* base/str, base/arena, base/mem: UTF-8, display width, edit distance, buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

static void case_is_ascii_only(void **state)
{
    (void)state;
    assert_true(gp_str_ieqz(GP_STR("Close"), "cLOSE"));
    assert_false(gp_str_ieqz(GP_STR("Close"), "CLOSE2"));
    assert_false(gp_str_ieqz(GP_STR("É"), "é"));
    assert_false(gp_str_ieqz(GP_STR("@"), "`")); /* differ by 0x20, but are no letters */
    assert_true(gp_str_ihash(GP_STR("ma5中")) == gp_str_ihash(GP_STR("MA5中")));
    assert_true(gp_str_ihash(GP_STR("MA5")) != gp_str_ihash(GP_STR("MA6")));
    assert_true(gp_str_eq(gp_str_from(NULL), GP_STR("")));
}

static void trimming(void **state)
{
    (void)state;
    assert_true(gp_str_eq(gp_str_trim(GP_STR(" \t a b\t"), GP_BLANKS), GP_STR("a b")));
    assert_true(gp_str_eq(gp_str_trim(GP_STR("a\n"), GP_BLANKS), GP_STR("a\n")));
    assert_int_equal(gp_str_trim(GP_STR(" \t "), GP_BLANKS).n, 0);
    assert_int_equal(gp_str_trim(gp_str_from(NULL), GP_BLANKS).n, 0);
    assert_true(gp_str_eq(gp_str_trim((gp_str){"\0;", 2}, ";"), (gp_str){"\0", 1})); /* the end of the set is none of it */
}

static void utf8_round_trip(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char b[4];
        uint32_t back;
        int n = gp_utf8_encode(cp, b);
        bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
        if (gp_utf8_decode(b, b + n, &back) != n || back != (surrogate ? 0xFFFD : cp))
            fail_msg("U+%04X came back as U+%04X", cp, back);
        if (!gp_utf8_valid(b, (size_t)n, NULL))
            fail_msg("U+%04X encodes to something invalid", cp);
    }
}

static void utf8_rejects(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF0\x80\x80\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xE4\xB8",
                                      "\xE4",
                                      "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = 99, n = strlen(bad[i]);
        uint32_t cp;
        char text[32] = "aaaaaaaaaaaa";
        memcpy(text + 12, bad[i], n);
        assert_false(gp_utf8_valid(text, 12 + n, &at));
        assert_int_equal(at, 12);
        assert_int_equal(gp_utf8_decode(bad[i], bad[i] + n, &cp), 1);
        assert_int_equal(cp, 0xFFFD);
    }
    assert_true(gp_utf8_valid("", 0, NULL));
    assert_true(gp_utf8_valid("黄金坑 golden pit 12345678", 27, NULL));
}

static void width(void **state)
{
    (void)state;
    assert_int_equal(gp_str_width(GP_STR("abc")), 3);
    assert_int_equal(gp_str_width(GP_STR("黄金坑")), 6);
    assert_int_equal(gp_str_width(GP_STR("ＭＡ（")), 6);
    assert_int_equal(gp_str_width(GP_STR("①★￥")), 4); /* ambiguous ones count 1, the full-width sign 2 */
    assert_int_equal(gp_str_width(GP_STR("e\xCC\x81")), 1);
    assert_int_equal(gp_str_width(GP_STR("a\xE2\x80\x8B" "b\tc")), 4);
    assert_int_equal(gp_char_width(0x20000), 2);
    assert_int_equal(gp_char_width(0xAC00), 2);
    assert_int_equal(gp_char_width(0x07), 0);
}

static void distance(void **state)
{
    (void)state;
    assert_int_equal(gp_str_edit_distance(GP_STR("BARSLAT"), GP_STR("BARSLAST")), 1);
    assert_int_equal(gp_str_edit_distance(GP_STR("CLSOE"), GP_STR("close")), 1); /* a swap is one */
    assert_int_equal(gp_str_edit_distance(GP_STR("短跳"), GP_STR("中跳")), 1);
    assert_int_equal(gp_str_edit_distance(GP_STR(""), GP_STR("MA")), 2);
    assert_int_equal(gp_str_edit_distance(GP_STR("kitten"), GP_STR("sitting")), 3);
    char long_a[300];
    memset(long_a, 'a', sizeof long_a);
    assert_int_equal(gp_str_edit_distance((gp_str){ long_a, 300 }, (gp_str){ long_a, 299 }), 0); /* 64 are looked at */
}

static void buffers(void **state)
{
    (void)state;
    gp_buf b = { 0 };
    gp_buf_json(&b, (gp_str){ "a\"\\\n\t\x01\x7F黄\xFF", 11 });
    assert_string_equal(b.p, "\"a\\\"\\\\\\n\\t\\u0001\\u007f黄\xEF\xBF\xBD\"");
    b.n = 0;
    gp_buf_csv(&b, GP_STR("plain"));
    gp_buf_addc(&b, '|');
    gp_buf_csv(&b, GP_STR("a,b"));
    gp_buf_addc(&b, '|');
    gp_buf_csv(&b, GP_STR("say \"x\""));
    gp_buf_addc(&b, '|');
    gp_buf_csv(&b, GP_STR(" edge"));
    assert_string_equal(b.p, "plain|\"a,b\"|\"say \"\"x\"\"\"|\" edge\"");
    b.n = 0;
    char big[2000];
    memset(big, 'x', sizeof big);
    gp_buf_printf(&b, "%.*s%d", 1999, big, 7);
    assert_int_equal(b.n, 2000);
    assert_int_equal(b.p[1999], '7');
    gp_buf_free(&b);
    assert_null(b.p);
}

static void arena(void **state)
{
    (void)state;
    gp_arena a = { 0 };
    unsigned char *last = NULL;
    for (size_t i = 0; i < 2000; i++) {
        size_t n = i % 7 == 0 ? 20000 : i % 100;
        unsigned char *p = gp_arena_alloc(&a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(p[k], 0);
        if (n)
            memset(p, 0xAA, n);
        last = p;
    }
    assert_non_null(last);
    assert_string_equal(gp_arena_strndup(&a, "abcdef", 3), "abc");
    assert_string_equal(gp_arena_printf(&a, "%d-%s", 7, "x"), "7-x");
    gp_arena_fini(&a);
    assert_null(a.head);
    double *d = gp_xaligned(100 * sizeof *d);
    assert_int_equal((uintptr_t)d % 64, 0);
    assert_true(d[99] == 0.0);
    free(d);
    free(gp_xaligned(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_is_ascii_only), cmocka_unit_test(trimming), cmocka_unit_test(utf8_round_trip), cmocka_unit_test(utf8_rejects),
        cmocka_unit_test(width),              cmocka_unit_test(distance),        cmocka_unit_test(buffers),
        cmocka_unit_test(arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
