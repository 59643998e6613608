/* base/: files, folders, encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "temp_folder.h"

static void write_bytes(const char *name, const char *p, size_t n)
{
    FILE *f = fopen(in_folder(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static void test_open(void **unused)
{
    size_t sizes[] = {0, 1, 4096, 100000, (size_t)9 << 20};
    gp_file f;

    (void)unused;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *p = malloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++) p[k] = (char)(k * 31 + i);
        write_bytes("f", p, sizes[i]);
        assert_null(gp_file_open(in_folder("f"), &f));
        assert_int_equal(f.n, sizes[i]);
        assert_memory_equal(f.p, p, sizes[i]);
        assert_false(f.changed);
        gp_file_close(&f);
        gp_file_close(&f); /* harmless */
        free(p);
    }
    assert_non_null(strstr(gp_file_open(in_folder("none"), &f), "No such file"));
    assert_int_equal(f.n, 0);
    assert_non_null(strstr(gp_file_open(folder, &f), "directory"));
    assert_null(gp_file_open("/proc/self/status", &f)); /* says that it has 0 bytes */
    assert_true(f.n > 100);
    gp_file_close(&f);
    assert_true(gp_path_is_dir(folder));
    assert_false(gp_path_is_dir(in_folder("f")));
    assert_true(gp_path_exists(in_folder("f")));
    assert_false(gp_path_exists(in_folder("none")));
}

static void test_pipe(void **unused)
{
    int ends[2], saved = dup(STDIN_FILENO);
    gp_file f;

    (void)unused;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "close\n1\n", 8), 8);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_null(gp_file_open("-", &f));
    assert_int_equal(f.n, 8);
    assert_memory_equal(f.p, "close\n1\n", 8);
    gp_file_close(&f);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
}

static void note_path(void *ctx, const char *path, size_t bytes)
{
    gp_buf_printf(ctx, "%s:%zu ", path + strlen(folder), bytes);
}

static void test_walk(void **unused)
{
    gp_buf seen = {0};
    char target[160];

    (void)unused;
    mkdir(in_folder("w"), 0755);
    mkdir(in_folder("w/b"), 0755);
    mkdir(in_folder("w/.git"), 0755);
    write_bytes("w/c", "xx", 2);
    write_bytes("w/a", "x", 1);
    write_bytes("w/B", "", 0);
    write_bytes("w/b/z", "x", 1);
    write_bytes("w/b/.h", "x", 1);
    write_bytes("w/.git/h", "x", 1);
    strcpy(target, in_folder("w"));
    assert_int_equal(symlink(target, in_folder("w/b/loop")), 0);
    assert_int_equal(symlink("../c", in_folder("w/b/link")), 0);
    assert_int_equal(symlink("nowhere", in_folder("w/dangling")), 0);
    assert_null(gp_dir_walk(in_folder("w"), note_path, &seen));
    assert_string_equal(seen.p, "/w/B:0 /w/a:1 /w/b/link:2 /w/b/z:1 /w/c:2 ");
    gp_buf_free(&seen);
    assert_null(gp_dir_walk(in_folder("w/b/"), note_path, &seen)); /* from here the link leads out and in again */
    assert_string_equal(seen.p, "/w/b/link:2 /w/b/loop/B:0 /w/b/loop/a:1 /w/b/loop/c:2 /w/b/z:1 ");
    gp_buf_free(&seen);
    assert_non_null(gp_dir_walk(in_folder("none"), note_path, &seen));
    assert_non_null(gp_dir_walk(in_folder("w/a"), note_path, &seen));
    assert_non_null(gp_dir_walk("", note_path, &seen));
    assert_null(seen.p);
}

static gp_encoding detect(const char *p, size_t n, size_t *bom)
{
    char *exact = malloc(n ? n : 1);

    memcpy(exact, p, n);
    gp_encoding e = gp_encoding_detect(exact, n, bom);
    free(exact);
    return e;
}

static void test_detect(void **unused)
{
    static const struct {
        const char *p;
        size_t n;
        gp_encoding e;
        size_t bom;
    } rows[] = {
#define T(text) text, sizeof(text) - 1
        {T(""), GP_ENC_UTF8, 0},
        {T("CLOSE"), GP_ENC_UTF8, 0},
        {T("\xEF\xBB\xBF"
           "CLOSE"),
         GP_ENC_UTF8, 3},
        {T("\xFF\xFE"
           "C\0"),
         GP_ENC_UTF16LE, 2},
        {T("\xFE\xFF\0C"), GP_ENC_UTF16BE, 2},
        {T("短跳:CLOSE;"), GP_ENC_UTF8, 0},
        {T("\xB6\xCC\xCC\xF8:CLOSE;"), GP_ENC_GB18030, 0},
        {T("an ASCII run of more than thirty-two bytes, then \xB6\xCC"), GP_ENC_GB18030, 0},
        {T("短跳\xE8"), GP_ENC_UTF8, 0}, /* cut inside a character */
        {T("短跳\xE8\xB7"), GP_ENC_UTF8, 0},
        {T("\xE8\xB7"), GP_ENC_GB18030, 0},  /* nothing else speaks for UTF-8 */
        {T("短跳\xE8:"), GP_ENC_GB18030, 0}, /* broken in the middle, with too little whole text to tell */
        {T("日期,开盘,最高,最低\xE8,收盘"), GP_ENC_UTF8, 0}, /* damaged UTF-8 */
        {T("\xC0\x80"), GP_ENC_GB18030, 0},
#undef T
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t bom = 99;
        gp_encoding e = detect(rows[i].p, rows[i].n, &bom);
        if (e != rows[i].e || bom != rows[i].bom) fail_msg("row %zu: %s, mark of %zu", i, gp_encoding_name(e), bom);
    }
}

static void expect_decoded(gp_encoding e, const char *p, size_t n, const char *want, size_t want_bad, size_t want_first)
{
    gp_buf out = {0};
    size_t bad = 99, first = 99;

    gp_decode(e, p, n, &out, &bad, &first);
    if (strcmp(out.p ? out.p : "", want) != 0)
        fail_msg("%s gave <%s>, expected <%s>", gp_encoding_name(e), out.p, want);
    assert_int_equal(bad, want_bad);
    assert_int_equal(first, want_first);
    gp_buf_free(&out);
}

static void test_decode(void **unused)
{
    gp_buf text = {0}, want = {0};

    (void)unused;
#define T(text) text, sizeof(text) - 1
    expect_decoded(GP_ENC_GB18030, T("\xB6\xCC\xCC\xF8:CLOSE;"), "短跳:CLOSE;", 0, 0);
    expect_decoded(GP_ENC_GB18030, T("\x81\x30\x81\x30"), "\xC2\x80", 0, 0); /* four bytes */
    expect_decoded(GP_ENC_GB18030, T("A\xFF\xB6\xCC"), "A\xEF\xBF\xBD短", 1, 1);
    expect_decoded(GP_ENC_GB18030, T("AB\xB6"), "AB\xEF\xBF\xBD", 1, 2);
    expect_decoded(GP_ENC_UTF8, T("短跳"), "短跳", 0, 0);
    expect_decoded(GP_ENC_UTF8,
                   T("A\xFF"
                     "B\xC0"),
                   "A\xEF\xBF\xBD"
                   "B\xEF\xBF\xBD",
                   2, 1);
    expect_decoded(GP_ENC_UTF8, T("A\xE8\xB7"), "A\xEF\xBF\xBD", 1, 1);
    expect_decoded(GP_ENC_UTF16LE, T("A\0\xED\x77"), "A短", 0, 0);
    expect_decoded(GP_ENC_UTF16BE, T("\0A\x77\xED"), "A短", 0, 0);
    expect_decoded(GP_ENC_UTF16LE, T("\x3D\xD8\x00\xDE"), "\xF0\x9F\x98\x80", 0, 0);
    expect_decoded(GP_ENC_UTF16LE,
                   T("\x3D\xD8"
                     "A\0B"),
                   "\xEF\xBF\xBD"
                   "A\xEF\xBF\xBD",
                   2, 0);
    expect_decoded(GP_ENC_UTF8, T(""), "", 0, 0);
#undef T
    /* Characters across every boundary of the pieces that are converted at a time. */
    for (int i = 0; i < 3000; i++) {
        gp_buf_addz(&text, i % 7 ? "\xB6\xCC" : "x");
        gp_buf_addz(&want, i % 7 ? "短" : "x");
    }
    expect_decoded(GP_ENC_GB18030, text.p, text.n, want.p, 0, 0);
    gp_buf_free(&text);
    gp_buf_free(&want);
}

static void test_names(void **unused)
{
    gp_encoding e;

    (void)unused;
    assert_true(gp_encoding_parse("GBK", &e) && e == GP_ENC_GB18030);
    assert_true(gp_encoding_parse("gb2312", &e) && e == GP_ENC_GB18030);
    assert_true(gp_encoding_parse("UTF-8", &e) && e == GP_ENC_UTF8);
    assert_true(gp_encoding_parse("utf-16be", &e) && e == GP_ENC_UTF16BE);
    assert_true(gp_encoding_parse("utf-16", &e) && e == GP_ENC_UTF16LE);
    assert_false(gp_encoding_parse("latin1", &e));
    assert_string_equal(gp_encoding_name(GP_ENC_GB18030), "GB18030");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),   cmocka_unit_test(test_pipe),   cmocka_unit_test(test_walk),
        cmocka_unit_test(test_detect), cmocka_unit_test(test_decode), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
