/* base/num: exact both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/num_scan.h"

static uint64_t state = 88172645463325252u;
static int wide_taken, known_taken;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void expect_same_bits(const char *text, double got, double want)
{
    if (memcmp(&got, &want, sizeof got) != 0) fail_msg("'%s' gave %.17g, expected %.17g", text, got, want);
}

static void check_parse(const char *text)
{
    size_t n = strlen(text);
    char *exact = malloc(n ? n : 1); /* no terminator: the sanitizer sees a byte read too far */
    double got = -12345.0;

    memcpy(exact, text, n);
    assert_true(gp_num_parse(exact, n, &got));
    expect_same_bits(text, got, strtod(text, NULL));
    free(exact);
}

static void test_parse_known(void **unused)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1",
        "12.34",
        ".5",
        "5.",
        "-.5",
        "007",
        "600000",
        "0.1",
        "0.30",
        "3.69542692198e+11",
        "1e5",
        "1E5",
        "1e-5",
        "1e22",
        "1e23",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740991.5",
        "1.7976931348623157e308",
        "4.9406564584124654e-324",
        "1e-400",
        "2.2250738585072011e-308",
        "123456789012345678",
        "1234567890123456789",
        "12345678901234567890",
        "0.000000000000000000001",
        "0.0000000000000000000000000000000001",
        "1000000000000000000000000000000000000000",
        "179769313486231580000e280",
        "18446744073709551616",
        "18446744073709551617.5",
        "1.00000000000000011102230246251565",
        "1.00000000000000011102230246251566",
        "0.1000000000000000055511151231257827021181583404541015625",
        ("99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999"
         "99999999999999999999999999999999999999999999999999999999999999999999999999999.5"),
    };
    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) check_parse(texts[i]);
    double x = 0;
    assert_true(gp_num_parse(" \t12.5 ", 7, &x));
    assert_true(x == 12.5);
}

static void test_parse_refused(void **unused)
{
    static const char *const texts[] = {"",      " ",    "+",        "-",     ".",    "-.",   "e5",    "1e",
                                        "1e+",   "nan",  "NaN",      "inf",   "-inf", "0x10", "1,234", "1 2",
                                        "1.2.3", "--1",  "1-",       "12a",   "None", "null", "1e999", "-1e999",
                                        "1_000", "１２", "infinity", "1e5.0", "+-1"};
    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double x = 77;
        if (gp_num_parse(texts[i], strlen(texts[i]), &x)) fail_msg("'%s' was read as %g", texts[i], x);
        assert_true(x == 77);
    }
    double x = 77;
    assert_false(gp_num_parse("12\0003", 4, &x));
}

static void test_parse_random(void **unused)
{
    char text[80];

    (void)unused;
    for (int i = 0; i < 40000; i++) {
        uint64_t a = next_random(), b = next_random();
        int decimals = (int)(b % 25), digits = 1 + (int)(b / 25 % 24), n = 0;
        if (b >> 40 & 1) text[n++] = '-';
        for (int j = 0; j < digits; j++) {
            if (j == digits - decimals) text[n++] = '.';
            text[n++] = (char)('0' + a % 10);
            a = a / 10 ? a / 10 : next_random();
        }
        if ((b >> 41 & 7) == 0) n += sprintf(text + n, "e%d", (int)(b >> 48 & 511) - 256);
        text[n] = 0;
        check_parse(text);
    }
    for (int i = 0; i < 40000; i++) { /* what files of quotes hold */
        sprintf(text, "%u.%02u", (unsigned)(next_random() % 100000), (unsigned)(next_random() % 100));
        check_parse(text);
    }
}

/* The quick scanner either leaves a number to the others or reads exactly as much and the same. */
static void check_wide(const char *text, const char *tail)
{
    char room[128];
    double got = NAN, want = NAN;
    size_t n = strlen(text);

    memset(room, 0xAA, sizeof room);
    memcpy(room, text, n);
    memcpy(room + n, tail, strlen(tail) + 1);
    const char *q = gp_num_scan_wide(room, &got);
    if (!q) return;
    if (q != room + n) fail_msg("'%s' before '%s' ended after %d bytes", text, tail, (int)(q - room));
    assert_true(gp_num_parse(text, n, &want));
    expect_same_bits(text, got, want);
    wide_taken++;
}

/* The same for a number whose length is known; what stands behind it is nobody's business. */
static void check_known(const char *text, const char *tail)
{
    char room[128];
    double got = NAN, want = NAN;
    const size_t n = strlen(text);

    memset(room, 0xAA, sizeof room);
    memcpy(room, text, n);
    memcpy(room + n, tail, strlen(tail) + 1);
    const char *q = gp_num_scan(room, room + n, &want);
    if (!gp_num_known(room, n, &got)) return;
    if (q != room + n) fail_msg("'%s' is no number, but was taken for %g", text, got);
    expect_same_bits(text, got, want);
    known_taken++;
}

static void test_known(void **unused)
{
    static const char bytes[] = "0123456789.0123456789.5-+ex \xB0\xFF/:";
    static const char *const tails[] = {",", "123", ".5", ""};
    static const char *const must[] = {"7", "7.", ".7", "12.34", "1183.0000", "353402328.50", "123456789012345", "12345678.", "12345678.1234567"};
    char text[24];

    (void)unused;
    for (int i = 0; i < 400000; i++) {
        const uint64_t b = next_random();
        const size_t n = 1 + b % 18;
        for (size_t k = 0; k < n; k++) text[k] = bytes[next_random() % (b >> 60 ? 10 : sizeof bytes - 1)];
        if (b >> 61) text[b / 32 % n] = '.';
        text[n] = 0;
        check_known(text, tails[b >> 8 & 3]);
    }
    assert_true(known_taken > 200000);
    for (size_t i = 0; i < sizeof must / sizeof *must && GP_NUM_WIDE; i++) {
        const int before = known_taken;
        check_known(must[i], ",99999999");
        if (i < 8 && known_taken == before) fail_msg("'%s' was left to others", must[i]);
    }
    double x = 0;
    assert_false(gp_num_known(".       ", 1, &x));
    assert_false(gp_num_known("1.2.3   ", 5, &x));
    assert_false(gp_num_known("-1      ", 2, &x));
    assert_false(gp_num_known("1234567890123456", 16, &x));
}

static void test_wide(void **unused)
{
    static const char *const tails[] = {",", "\n",  "\r\n",     ";1", "",         " ", "\xE4\xB8\xAD",
                                        "x", ",.5", ",1234567", "-",  "\xFF\xFF", ","};
    char text[80];

    (void)unused;
    for (int i = 0; i < 300000; i++) {
        uint64_t a = next_random(), b = next_random();
        int whole = (int)(b % 12), decimals = (int)(b / 12 % 9), n = 0;
        if (b >> 50 & 1) whole %= 5, decimals %= 4;
        for (int k = 0; k < whole; k++, a = a / 10 ? a / 10 : next_random()) text[n++] = (char)('0' + a % 10);
        if (b >> 40 & 3) text[n++] = '.';
        for (int k = 0; (b >> 40 & 3) && k < decimals; k++, a = a / 10 ? a / 10 : next_random())
            text[n++] = (char)('0' + a % 10);
        text[n] = 0;
        if (whole + decimals == 0 || (whole == 0 && !(b >> 40 & 3))) continue;
        check_wide(text, tails[(b >> 52) % (sizeof tails / sizeof *tails)]);
    }
    assert_true(wide_taken > 150000);
    double x = 0;
    static const char no_digits[64] = ".,", minus[64] = "-1,", word[64] = "None,";
    assert_null(gp_num_scan_wide(no_digits, &x));
    assert_null(gp_num_scan_wide(minus, &x)); /* left to gp_num_scan */
    assert_null(gp_num_scan_wide(word, &x));
}

static void check_format(double x)
{
    char got[GP_NUM_MAX], want[64];
    double back = NAN;
    int precision;

    size_t n = gp_num_format(x, got);
    assert_int_equal(n, strlen(got));
    assert_true(n < GP_NUM_MAX);
    if (!gp_num_parse(got, n, &back) || back != x) fail_msg("%.17g printed as %s", x, got);
    /* As few digits as the fewest that read back. */
    for (precision = 0; precision < 17; precision++) {
        snprintf(want, sizeof want, "%.*e", precision, x);
        if (strtod(want, NULL) == x) break;
    }
    int digits = 0, zeros = 0, started = 0;
    for (const char *p = got; *p && *p != 'e'; p++) {
        if (*p < '0' || *p > '9') continue;
        started |= *p != '0';
        if (!started) continue;
        zeros = *p == '0' ? zeros + 1 : 0;
        digits++;
    }
    if (digits - zeros > precision + 1) fail_msg("%.17g printed as %s, %s is shorter", x, got, want);
}

static void test_format_known(void **unused)
{
    static const struct {
        double x;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1, "-1"},
        {12.3, "12.3"},
        {0.1, "0.1"},
        {100, "100"},
        {600000, "600000"},
        {999999999999999.0, "999999999999999"},
        {1e15, "1e+15"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3 * 100, "66.66666666666666"},
        {1e-5, "0.00001"},
        {1.5e-7, "1.5e-07"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0.5, "0.5"},
        {36954269219.25, "36954269219.25"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
        {NAN, ""},
        {1234567890123456.5, "1.2345678901234565e+15"},
    };
    char buf[GP_NUM_MAX];

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gp_num_format(rows[i].x, buf);
        assert_string_equal(buf, rows[i].text);
    }
}

static void test_format_random(void **unused)
{
    (void)unused;
    for (int i = 0; i < 40000; i++) {
        uint64_t bits = next_random();
        double x;
        memcpy(&x, &bits, sizeof x);
        if (isfinite(x)) check_format(x);
        check_format((double)(int64_t)(next_random() >> 24) / 100.0);
        check_format((double)(next_random() >> 11) / 9007199254740992.0 * 100.0);
        check_format((double)(next_random() >> 11) / 9007199254740992.0 * 1e-7);
        check_format(-(double)(next_random() >> 20) / 3.0);
    }
    for (int e = -1074; e <= 1023; e++) { /* powers of two and their neighbours */
        double x = ldexp(1, e);
        check_format(x);
        check_format(nextafter(x, 0));
        check_format(nextafter(x, INFINITY) < INFINITY ? nextafter(x, INFINITY) : x);
    }
}

static void test_format_fixed(void **unused)
{
    static const struct {
        double x;
        int digits;
        const char *text;
    } rows[] = {
        {1.5, 2, "1.5"}, {12.3456, 2, "12.35"},
        {100, 3, "100"}, {-0.001, 2, "0"},
        {0.999, 2, "1"}, {1e20, 2, "1e+20"},
        {NAN, 2, ""},    {7, 0, "7"},
        {120, 0, "120"}, {99999999999999.99, 2, "99999999999999.98"},
    };
    char buf[GP_NUM_MAX];

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(gp_num_format_fixed(rows[i].x, rows[i].digits, buf), strlen(rows[i].text));
        assert_string_equal(buf, rows[i].text);
    }
}

static void test_locale(void **unused)
{
    char buf[GP_NUM_MAX];
    double x = 0;

    (void)unused;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        print_message("SKIPPED: no locale with a decimal comma is installed\n");
        skip();
    }
    assert_true(gp_num_parse("1.5e-30", 7, &x));
    gp_num_format(x, buf);
    assert_string_equal(buf, "1.5e-30");
    gp_num_format_fixed(2.25, 2, buf);
    assert_string_equal(buf, "2.25");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_known),  cmocka_unit_test(test_parse_refused), cmocka_unit_test(test_parse_random),
        cmocka_unit_test(test_format_known), cmocka_unit_test(test_format_random), cmocka_unit_test(test_format_fixed),
        cmocka_unit_test(test_wide), cmocka_unit_test(test_known),         cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
