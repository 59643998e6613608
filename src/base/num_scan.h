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
/* Marks (high bits) the bytes of t = text ^ "00000000" that are above 9.  Everything up to and with the first byte of
 * 0x80 or more is right; a carry may spoil what lies above that. */
static inline uint64_t gp_num_marks(uint64_t t)
{
    return ((t + UINT64_C(0x7676767676767676)) | t) & UINT64_C(0x8080808080808080);
}

/* The first n (0 to 7) of 8 digits, one a byte, the first in the lowest byte, with zeros put in front. */
static inline uint64_t gp_num_front(uint64_t t, unsigned n)
{
    return t << (56 - 8 * n) << 8;
}

/* Eight digits to their value: neighbours become pairs, pairs fours, fours eight. */
static inline uint64_t gp_num_join(uint64_t t)
{
    t = t * 2561 >> 8 & UINT64_C(0x00ff00ff00ff00ff);
    t = t * 6553601 >> 16 & UINT64_C(0x0000ffff0000ffff);
    return t * UINT64_C(42949672960001) >> 32;
}

/* Leading digits (0 to 8) at p; *value gets what they say. */
static inline unsigned gp_num_eight(const char *p, uint64_t *value)
{
    uint64_t t, marks;
    unsigned n;

    memcpy(&t, p, 8);
    t ^= UINT64_C(0x3030303030303030);
    marks = gp_num_marks(t);
    if (!marks) {
        *value = gp_num_join(t);
        return 8;
    }
    n = (unsigned)__builtin_ctzll(marks) / 8;
    *value = gp_num_join(gp_num_front(t, n));
    return n;
}
#define GP_NUM_WIDE 32

static inline const char *gp_num_scan_long(const char *p, double *out)
{
    static const uint32_t power[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    uint64_t m, low;
    unsigned digits = gp_num_eight(p, &m), n;

    p += digits;
    if (digits == 8) {
        n = gp_num_eight(p, &low);
        if (n == 8) return NULL;
        m = m * power[n] + low;
        digits += n;
        p += n;
    }
    if (digits == 0) return NULL;
    if (*p != '.') {
        *out = (double)(int64_t)m; /* below 10^15; signed is the cheaper conversion */
        return p;
    }
    n = gp_num_eight(++p, &low);
    if (digits + n > 15 || n == 8) return NULL;
    *out = (double)(int64_t)(m * power[n] + low) / gp_num_pow10[n];
    return p + n;
}

/* gp_num_scan for text of which GP_NUM_WIDE bytes from p on may be looked at; the same result or NULL, in which case
 * gp_num_scan is to be asked.  No loop goes over digits: lengths vary from row to row, and a wrong guess of the
 * processor costs more than all the arithmetic here. */
static inline const char *gp_num_scan_wide(const char *p, double *out)
{
    uint64_t t, marks, below;
    unsigned dot, end;

    memcpy(&t, p, 8);
    t ^= UINT64_C(0x3030303030303030);
    marks = gp_num_marks(t);
    if (!marks) return gp_num_scan_long(p, out);
    dot = (unsigned)__builtin_ctzll(marks) / 8;
    if (p[dot] != '.') {
        if (dot == 0) return NULL;
        *out = (double)(int64_t)gp_num_join(gp_num_front(t, dot));
        return p + dot;
    }
    marks &= marks - 1;
    if (!marks) return gp_num_scan_long(p, out);
    end = (unsigned)__builtin_ctzll(marks) / 8; /* digits, point, digits, all in 8 bytes: take the point out */
    if (end == 1) return NULL;                  /* the point alone */
    below = (UINT64_C(1) << 8 * dot) - 1;
    t = (t & below) | (t >> 8 & ~below);
    *out = (double)(int64_t)gp_num_join(gp_num_front(t, end - 1)) / gp_num_pow10[end - 1 - dot];
    return p + end;
}
/* The point taken out of 8 characters, the digits before it moved up; *decimals, those behind it.  No point: as it is. */
static inline uint64_t gp_num_point_out(uint64_t t, unsigned *decimals)
{
    const uint64_t point = t ^ UINT64_C(0x1e1e1e1e1e1e1e1e); /* '.' ^ '0' */
    const uint64_t marks = (point - UINT64_C(0x0101010101010101)) & ~point & UINT64_C(0x8080808080808080); /* the lowest is a true one */
    unsigned at;
    uint64_t below;

    *decimals = 0;
    if (!marks) return t;
    at = (unsigned)__builtin_ctzll(marks) / 8;
    below = (UINT64_C(1) << 8 * at) - 1;
    *decimals = 7 - at;
    return (t & below) << 8 | (t & ~below << 8);
}

/* A number of n characters, of which nothing else is part: true as gp_num_scan reads it from p to p + n, or false, when gp_num_scan is to
 * be asked.  8 bytes from p on may be looked at.  Nothing waits for a length to be found out. */
static inline int gp_num_known(const char *p, size_t n, double *out)
{
    uint64_t t, high;
    unsigned decimals, whole;

    if (n - 1 < 8) { /* 1 to 8 */
        memcpy(&t, p, 8);
        t = (t ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
        t = gp_num_point_out(t, &decimals);
        if (gp_num_marks(t) || (n == 1 && *p == '.')) return 0;
        *out = (double)(int64_t)gp_num_join(t) / gp_num_pow10[decimals];
        return 1;
    }
    if (n - 9 >= 8) return 0;
    memcpy(&t, p + n - 8, 8);
    memcpy(&high, p, 8);
    t = gp_num_point_out(t ^ UINT64_C(0x3030303030303030), &decimals);
    high = (high ^ UINT64_C(0x3030303030303030)) << (128 - 8 * n);
    whole = decimals == 0 && p[n - 1] != '.'; /* no point in the last 8: all of them are digits */
    if (gp_num_marks(t) || gp_num_marks(high) || (whole && n == 16)) return 0;
    /* with a point 7 of the last 8 are digits, and the first of the eight is a zero put in front */
    *out = (double)(int64_t)(gp_num_join(high) * (whole ? 100000000u : 10000000u) + gp_num_join(t)) / gp_num_pow10[decimals];
    return 1;
}
#else
#define GP_NUM_WIDE 0
static inline int gp_num_known(const char *p, size_t n, double *out)
{
    return gp_num_scan(p, p + n, out) == p + n;
}
static inline const char *gp_num_scan_wide(const char *p, double *out)
{
    return gp_num_scan(p, NULL, out);
}
#endif
#endif
