/* The one exact decimal scanner.  gp_num_parse, the libcsv reader and the plain reader all take their digits from
 * here, so that the same text gives the same bits whichever way it came in. */
#ifndef GP_BASE_NUM_SCAN_H
#define GP_BASE_NUM_SCAN_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 10^0 .. 10^22: the powers of ten that a double holds exactly. */
extern const double gp_num_pow10[23];

#define GP_NUM_EXACT (UINT64_C(1) << 53)

/* [+-] digits [. digits], at most 19 digits in all, starting right at p.  Returns the first byte that does not belong
 * to it, or NULL when there is no digit, there are too many, or the digits taken as an integer exceed 2^53; then
 * gp_num_parse has to look.  Both operands of the one division are exact, so the quotient is correctly rounded
 * (Clinger's observation).  end NULL: the caller promises that a byte that is no digit, point or sign follows. */
static inline const char *gp_num_scan(const char *p, const char *end, double *out)
{
#define GP_NUM_MORE (end == NULL || p < end)
    uint64_t m = 0;
    int negative = 0;
    unsigned d;
    ptrdiff_t digits, decimals = 0;
    const char *start;

    if (!GP_NUM_MORE) return NULL;
    if (*p == '-' || *p == '+') negative = *p++ == '-';
    start = p;
    while (GP_NUM_MORE && (d = (unsigned)(unsigned char)*p - '0') < 10) {
        m = m * 10 + d;
        p++;
    }
    digits = p - start;
    if (GP_NUM_MORE && *p == '.') {
        start = ++p;
        while (GP_NUM_MORE && (d = (unsigned)(unsigned char)*p - '0') < 10) {
            m = m * 10 + d;
            p++;
        }
        decimals = p - start;
        digits += decimals;
    }
    /* Wrapping past 19 digits is harmless: such text is turned away here whatever m became. */
    if (digits == 0 || digits > 19 || m > GP_NUM_EXACT) return NULL;
    double x = (double)(int64_t)m;
    if (decimals != 0) x /= gp_num_pow10[decimals];
    *out = negative ? -x : x;
    return p;
#undef GP_NUM_MORE
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* Leading decimal digits (0 to 8) of the 8 bytes w, the first in the lowest byte; *value gets what they say.  No branch
 * depends on how many there are: lengths of numbers vary from row to row and a wrong guess costs more than the sum. */
static inline unsigned gp_num_eight(uint64_t w, uint64_t *value)
{
    uint64_t t = w ^ UINT64_C(0x3030303030303030);
    /* The high bit marks bytes above 9; what a carry spoils lies above the first mark. */
    uint64_t marks = ((t + UINT64_C(0x7676767676767676)) | t) & UINT64_C(0x8080808080808080);
    unsigned n = marks ? (unsigned)__builtin_ctzll(marks) / 8 : 8;

    if (n < 8) t = t << (56 - 8 * n) << 8; /* zeros in front; bytes that are no digits fall off */
    /* neighbours become pairs, pairs fours, fours eight */
    t = (t & UINT64_C(0x0f0f0f0f0f0f0f0f)) * 2561 >> 8;
    t = (t & UINT64_C(0x00ff00ff00ff00ff)) * 6553601 >> 16;
    t = (t & UINT64_C(0x0000ffff0000ffff)) * UINT64_C(42949672960001) >> 32;
    *value = t;
    return n;
}
#define GP_NUM_WIDE 32

/* gp_num_scan for text of which GP_NUM_WIDE bytes from p on may be looked at; the same result or NULL, in which case
 * gp_num_scan is to be asked. */
static inline const char *gp_num_scan_wide(const char *p, double *out)
{
    static const uint32_t power[9] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
    uint64_t w, m, low;
    unsigned digits, n;

    memcpy(&w, p, 8);
    digits = gp_num_eight(w, &m);
    p += digits;
    if (digits == 0) return NULL;
    if (digits == 8) {
        memcpy(&w, p, 8);
        n = gp_num_eight(w, &low);
        if (n == 8) return NULL;
        m = m * power[n] + low;
        digits += n;
        p += n;
    }
    if (*p != '.') {
        *out = (double)(int64_t)m; /* below 10^15; signed is the cheaper conversion */
        return p;
    }
    memcpy(&w, ++p, 8);
    n = gp_num_eight(w, &low);
    if (digits + n > 15 || n == 8) return NULL;
    /* x / 1 is x: no need to ask whether there were decimals. */
    *out = (double)(int64_t)(m * power[n] + low) / gp_num_pow10[n];
    return p + n;
}
#else
#define GP_NUM_WIDE 0
static inline const char *gp_num_scan_wide(const char *p, double *out) { return gp_num_scan(p, NULL, out); }
#endif
#endif
