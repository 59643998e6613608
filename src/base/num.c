/* Decimal text <-> double.  See num.h for the promises, num_scan.h for the fast way in. */
#include "base/num.h"
#include "base/num_scan.h"
#include "base/vec.h"
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>

const double gp_num_pow10[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double strtod_c(const char *z)
{
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale ? strtod_l(z, NULL, c_locale) : strtod(z, NULL);
}

/* printf of a double never sees the caller's locale: a comma would break every file written. */
static int print_c(char *buf, size_t n, const char *format, int digits, double x)
{
    locale_t old;
    int length;

    pthread_once(&c_locale_once, make_c_locale);
    old = c_locale ? uselocale(c_locale) : (locale_t)0;
    length = snprintf(buf, n, format, digits, x);
    if (old) uselocale(old);
    return length;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

/* The whole grammar, so that strtod never sees hex, "inf" or "nan". */
static bool is_decimal(const char *p, const char *end)
{
    const char *q;
    ptrdiff_t digits;

    if (p < end && (*p == '-' || *p == '+')) p++;
    q = skip_digits(p, end);
    digits = q - p;
    p = q;
    if (p < end && *p == '.') {
        q = skip_digits(++p, end);
        digits += q - p;
        p = q;
    }
    if (digits == 0) return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '-' || *p == '+')) p++;
        q = skip_digits(p, end);
        if (q == p) return false;
        p = q;
    }
    return p == end;
}

bool gp_num_parse(const char *p, size_t n, double *out)
{
    const char *end = p + n, *q;
    char small[128], *copy = small;
    double x = 0;

    while (p < end && is_blank(*p)) p++;
    while (p < end && is_blank(end[-1])) end--;
    q = gp_num_scan(p, end, &x);
    if (q == end) {
        *out = x;
        return true;
    }
    if (!is_decimal(p, end)) return false;
    n = (size_t)(end - p);
    if (n >= sizeof small) copy = gp_xrealloc(NULL, n + 1);
    memcpy(copy, p, n);
    copy[n] = 0;
    x = strtod_c(copy);
    if (copy != small) free(copy);
    if (isinf(x)) return false; /* "1e999": no double is near it */
    *out = x;
    return true;
}

/* ---- out ---- */

/* Writes digits (n of them, the first not 0 unless x is 0) times 10^(exp10 - n + 1), as %g would lay it out. */
static size_t lay_out(char *buf, bool negative, const char *digits, int n, int exp10)
{
    char *p = buf;

    while (n > 1 && digits[n - 1] == '0') n--;
    if (negative) *p++ = '-';
    if (exp10 >= 15 || exp10 < -5) {
        *p++ = digits[0];
        if (n > 1) {
            *p++ = '.';
            memcpy(p, digits + 1, (size_t)n - 1);
            p += n - 1;
        }
        *p++ = 'e';
        *p++ = exp10 < 0 ? '-' : '+';
        unsigned e = exp10 < 0 ? (unsigned)-exp10 : (unsigned)exp10;
        if (e >= 100) *p++ = (char)('0' + e / 100);
        *p++ = (char)('0' + e / 10 % 10);
        *p++ = (char)('0' + e % 10);
    } else if (exp10 < 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = -1; i > exp10; i--) *p++ = '0';
        memcpy(p, digits, (size_t)n);
        p += n;
    } else {
        for (int i = 0; i <= exp10; i++) *p++ = i < n ? digits[i] : '0';
        if (n > exp10 + 1) {
            *p++ = '.';
            memcpy(p, digits + exp10 + 1, (size_t)(n - exp10 - 1));
            p += n - exp10 - 1;
        }
    }
    *p = 0;
    return (size_t)(p - buf);
}

static int put_digits(uint64_t v, char digits[20])
{
    char reversed[20];
    int n = 0;

    do {
        reversed[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    for (int i = 0; i < n; i++) digits[i] = reversed[n - 1 - i];
    return n;
}

/* Up to 15 significant digits with at most 8 decimals: prices, volumes, most amounts.  x * 10^d is off by less than
 * half while the rounded product stays below 2^50, so the rounded integer is the only candidate; one exact division
 * tells whether it reads back. */
static size_t format_short(double x, bool negative, char *buf)
{
    char digits[20];

    for (int d = 0; d <= 8; d++) {
        double scaled = x * gp_num_pow10[d];
        if (!(scaled < 1e15)) return 0;
        uint64_t v = (uint64_t)(scaled + 0.5);
        if ((double)v / gp_num_pow10[d] != x) continue;
        int n = put_digits(v, digits);
        return lay_out(buf, negative, digits, n, n - 1 - d);
    }
    return 0;
}

/* 16 or 17 digits for 1e-10 <= x < 1e16, by integer arithmetic.  x = m * 2^e exactly; with k so that x * 10^k has 17
 * digits before the point, m * 5^k fits 118 bits.  The decimals that read back as x lie strictly between the middles
 * to its two neighbours (the middles themselves are left out: safe, at most one digit longer). */
static size_t format_long(double x, bool negative, char *buf)
{
    typedef unsigned __int128 u128;
    int e;
    uint64_t m = (uint64_t)ldexp(frexp(x, &e), 53);
    char digits[20];

    e -= 53;
    if (m == GP_NUM_EXACT / 2) return 0; /* a power of two has neighbours at unlike distances: leave it to printf */
    int k = 16 - (int)floor(log10(x));
    for (int attempt = 0; attempt < 3; attempt++) {
        uint64_t pow5 = 1;
        if (k < 0 || k > 27) return 0;
        for (int i = 0; i < k; i++) pow5 *= 5;
        int shift = -(e - 1 + k); /* value * 10^k = 2m * pow5 / 2^shift */
        if (shift < 1 || shift > 120) return 0;
        u128 twice = (u128)(2 * m) * pow5, half = (u128)pow5; /* half the gap between neighbours, same scale */
        uint64_t whole = (uint64_t)(twice >> shift);
        if (whole < UINT64_C(10000000000000000)) {
            k++;
            continue;
        }
        if (whole >= UINT64_C(100000000000000000)) {
            k--;
            continue;
        }
        for (uint64_t unit = 100; unit >= 1; unit /= 10) {
            uint64_t near = whole / unit * unit;
            u128 below = twice - ((u128)near << shift), step = (u128)unit << shift;
            u128 away = below;
            if (below > step - below) {
                near += unit;
                away = step - below;
            }
            if (away < half || unit == 1) {
                int n = put_digits(near, digits);
                return lay_out(buf, negative, digits, n, n - 1 - k);
            }
        }
    }
    return 0;
}

/* Whatever is left: very large, very small, powers of two. */
static size_t format_any(double x, bool negative, char *buf)
{
    char text[40], digits[20];
    int n = 0, exp10;

    /* 15 digits are always safe to try first, except below the normal range, where a double holds fewer. */
    for (int precision = x < 2.3e-308 ? 0 : 14; precision <= 16; precision++) {
        print_c(text, sizeof text, "%.*e", precision, x);
        if (strtod_c(text) == x) break;
    }
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p != '.') digits[n++] = *p;
    exp10 = (int)strtol(p + 1, NULL, 10);
    return lay_out(buf, negative, digits, n, exp10);
}

static size_t put_word(char *buf, const char *word)
{
    size_t n = strlen(word);
    memcpy(buf, word, n + 1);
    return n;
}

size_t gp_num_format(double x, char *buf)
{
    bool negative = x < 0;
    size_t n;

    if (isnan(x)) return put_word(buf, "");
    if (isinf(x)) return put_word(buf, negative ? "-inf" : "inf");
    if (x == 0) return put_word(buf, "0"); /* minus zero too: nobody wants to read -0 */
    x = fabs(x);
    n = format_short(x, negative, buf);
    if (!n && x >= 1e-10 && x < 1e16) n = format_long(x, negative, buf);
    return n ? n : format_any(x, negative, buf);
}

size_t gp_num_format_fixed(double x, int digits, char *buf)
{
    char text[64];
    int n;

    if (digits < 0) digits = 0;
    if (digits > 12) digits = 12;
    if (!(fabs(x) < 1e15)) return gp_num_format(x, buf);
    n = print_c(text, sizeof text, "%.*f", digits, x);
    if (memchr(text, '.', (size_t)n)) {
        while (text[n - 1] == '0') n--;
        if (text[n - 1] == '.') n--;
    }
    text[n] = 0;
    return put_word(buf, strcmp(text, "-0") == 0 ? "0" : text);
}
