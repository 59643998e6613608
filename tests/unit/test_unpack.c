/* base/unpack: gzip and zstd, whole, cut off anywhere, overwritten anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/unpack.h"
#include "base/vec.h"

/* "close\n1\n2\n3\n", with gzip (its checksum covers all) and with zstd (with its checksum) */
static const unsigned char gzip_bytes[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0xce, 0xc9, 0x2f, 0x4e, 0xe5, 0x32, 0xe4, 0x32, 0xe2, 0x32, 0xe6, 0x02, 0x00, 0x6f, 0xd8, 0xf3, 0x6d, 0x0c, 0x00, 0x00, 0x00};
static const unsigned char zstd_bytes[] = {0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x0c, 0x61, 0x00, 0x00, 0x63, 0x6c, 0x6f, 0x73, 0x65, 0x0a, 0x31, 0x0a, 0x32, 0x0a, 0x33, 0x0a, 0x65, 0x0f, 0x2e, 0xfd};
static const char text[] = "close\n1\n2\n3\n";

static const struct {
    const char *kind;
    const unsigned char *p;
    size_t n;
} streams[] = {{"gzip", gzip_bytes, sizeof gzip_bytes}, {"zstd", zstd_bytes, sizeof zstd_bytes}};

/* As a file of these bytes. */
static gp_file file_of(const void *p, size_t n)
{
    gp_file f = {.n = n};
    f.heap = gp_xrealloc(NULL, n + 1);
    memcpy(f.heap, p, n);
    f.p = f.heap;
    return f;
}

static bool built_with(size_t i)
{
    return strncmp(i ? gp_unpack_zstd_name() : gp_unpack_gzip_name(), "no ", 3) != 0;
}

static void test_whole(void **unused)
{
    char why[GP_UNPACK_WHY];
    (void)unused;
    for (size_t i = 0; i < 2; i++) {
        gp_file f = file_of(streams[i].p, streams[i].n);
        assert_string_equal(gp_packed_as(f.p, f.n), streams[i].kind);
        if (built_with(i)) {
            assert_null(gp_file_unpack(&f, why));
            assert_int_equal(f.n, strlen(text));
            assert_memory_equal(f.p, text, f.n);
        } else { /* the way out names the library */
            assert_non_null(gp_file_unpack(&f, why));
            assert_non_null(strstr(why, i ? "libzstd" : "zlib"));
        }
        gp_file_close(&f);
    }
}

static void test_several_streams(void **unused)
{
    char why[GP_UNPACK_WHY], twice[sizeof text * 2];
    unsigned char both[512];
    (void)unused;
    snprintf(twice, sizeof twice, "%s%s", text, text);
    for (size_t i = 0; i < 2; i++) {
        if (!built_with(i)) continue;
        memcpy(both, streams[i].p, streams[i].n);
        memcpy(both + streams[i].n, streams[i].p, streams[i].n);
        gp_file f = file_of(both, streams[i].n * 2);
        assert_null(gp_file_unpack(&f, why));
        assert_int_equal(f.n, strlen(twice));
        assert_memory_equal(f.p, twice, f.n);
        gp_file_close(&f);
    }
    if (!built_with(0)) return;
    memset(both + streams[0].n, 0, 40); /* zeros behind a stream of gzip are the padding of a tape */
    memcpy(both, streams[0].p, streams[0].n);
    gp_file f = file_of(both, streams[0].n + 40);
    assert_null(gp_file_unpack(&f, why));
    assert_int_equal(f.n, strlen(text));
    gp_file_close(&f);
}

static void test_cut_off(void **unused)
{
    char why[GP_UNPACK_WHY];
    (void)unused;
    for (size_t i = 0; i < 2; i++)
        for (size_t n = 4; built_with(i) && n < streams[i].n; n++) {
            gp_file f = file_of(streams[i].p, n);
            assert_non_null(gp_file_unpack(&f, why));
            assert_non_null(strstr(why, "ends too early"));
            assert_non_null(strstr(why, streams[i].kind));
            gp_file_close(&f);
        }
}

/* A changed byte is noticed, unless it is one that says nothing of the text (a time, a name of a system). */
static void test_overwritten(void **unused)
{
    char why[GP_UNPACK_WHY];
    size_t noticed = 0, tried = 0;
    (void)unused;
    for (size_t i = 0; i < 2; i++)
        for (size_t at = 0; built_with(i) && at < streams[i].n; at++)
            for (int bit = 0; bit < 8; bit++) {
                gp_file f = file_of(streams[i].p, streams[i].n);
                f.heap[at] = (char)(f.heap[at] ^ 1 << bit);
                const bool packed = gp_packed_as(f.p, f.n), refused = gp_file_unpack(&f, why) != NULL;
                tried++;
                noticed += refused || !packed;
                if (packed && !refused) assert_true(f.n == strlen(text) && memcmp(f.p, text, f.n) == 0);
                gp_file_close(&f);
            }
    assert_true(noticed >= tried / 2);
}

static void test_other_files(void **unused)
{
    static const char *const others[] = {"", "\x1f", "\x28\xb5", "date,close\n", "PK\003\004"};
    char why[GP_UNPACK_WHY];
    (void)unused;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        gp_file f = file_of(others[i], strlen(others[i]));
        assert_null(gp_packed_as(f.p, f.n));
        assert_null(gp_file_unpack(&f, why));
        assert_int_equal(f.n, strlen(others[i]));
        assert_memory_equal(f.p, others[i], f.n);
        gp_file_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),       cmocka_unit_test(test_several_streams), cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_overwritten), cmocka_unit_test(test_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
