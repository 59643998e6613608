/* Bytes of unknown encoding -> UTF-8. */
#include "base/file.h"
#include "base/vec.h"
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const struct {
    const char *name;
    gp_encoding encoding;
} names[] = {
    {"auto", GP_ENC_AUTO},       {"utf-8", GP_ENC_UTF8},     {"utf8", GP_ENC_UTF8},     {"gb18030", GP_ENC_GB18030},
    {"gbk", GP_ENC_GB18030},     {"gb2312", GP_ENC_GB18030}, {"cp936", GP_ENC_GB18030}, {"utf-16le", GP_ENC_UTF16LE},
    {"utf16le", GP_ENC_UTF16LE}, {"utf-16", GP_ENC_UTF16LE}, {"utf16", GP_ENC_UTF16LE}, {"utf-16be", GP_ENC_UTF16BE},
    {"utf16be", GP_ENC_UTF16BE},
};

const char *gp_encoding_name(gp_encoding e)
{
    switch (e) {
    case GP_ENC_AUTO:
        return "auto";
    case GP_ENC_UTF8:
        return "UTF-8";
    case GP_ENC_GB18030:
        return "GB18030";
    case GP_ENC_UTF16LE:
        return "UTF-16LE";
    case GP_ENC_UTF16BE:
        return "UTF-16BE";
    }
    return "?";
}

bool gp_encoding_parse(const char *name, gp_encoding *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gp_str_ieqz(gp_str_from(name), names[i].name)) {
            *out = names[i].encoding;
            return true;
        }
    return false;
}

/* Quote files are ASCII nearly throughout: 64 or 32 bytes a step. */
static size_t ascii_prefix(const char *p, size_t n)
{
    size_t i = 0;

#ifdef __SSE2__
    for (; i + 64 <= n; i += 64) {
        const __m128i *w = (const __m128i *)(const void *)(p + i);
        const __m128i any = _mm_or_si128(_mm_or_si128(_mm_loadu_si128(w), _mm_loadu_si128(w + 1)),
                                         _mm_or_si128(_mm_loadu_si128(w + 2), _mm_loadu_si128(w + 3)));
        if (_mm_movemask_epi8(any)) break;
    }
#endif
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, p + i, sizeof w);
        if ((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080)) break;
    }
    while (i < n && !((unsigned char)p[i] & 0x80)) i++;
    return i;
}

/* A valid text cut off inside its last character: what is left of the character has a proper start. */
static bool is_cut_character(const char *p, size_t n)
{
    unsigned char c = (unsigned char)p[0];
    size_t want = c >= 0xF0 && c <= 0xF4 ? 4 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xC2 && c < 0xE0 ? 2 : 0;

    if (n >= want) return false;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)p[i] & 0xC0) != 0x80) return false;
    return true;
}

/* Damaged UTF-8: whole three-byte characters, which Chinese text consists of, far outnumber the bytes that fit nowhere.
 * GB18030 text seldom has a run that looks like one and is full of bytes that do not. */
static bool mostly_utf8(const char *p, size_t n)
{
    size_t whole = 0, stray = 0;
    const char *end = p + (n < 65536 ? n : 65536);
    bool first_line = true;

    while (p < end) {
        uint32_t cp;
        int bytes = gp_utf8_decode(p, end, &cp);
        if (first_line && *p == '\n') {
            first_line = false;
            if (whole >= 4 && stray == 0) return true; /* the header of a table speaks for the rest */
        }
        if (bytes >= 3)
            whole++;
        else if (bytes == 1 && (unsigned char)*p >= 0x80)
            stray++;
        p += bytes;
    }
    return whole >= 4 && whole > 4 * stray;
}

gp_encoding gp_encoding_detect(const char *p, size_t n, size_t *bom_bytes)
{
    bool damaged;

    return gp_encoding_detect_damage(p, n, bom_bytes, &damaged);
}

gp_encoding gp_encoding_detect_damage(const char *p, size_t n, size_t *bom_bytes, bool *damaged)
{
    size_t start, bad_at = 0;

    *damaged = false;
    *bom_bytes = 0;
    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        *bom_bytes = 3;
        return GP_ENC_UTF8;
    }
    if (n >= 2 && memcmp(p, "\xFF\xFE", 2) == 0) {
        *bom_bytes = 2;
        return GP_ENC_UTF16LE;
    }
    if (n >= 2 && memcmp(p, "\xFE\xFF", 2) == 0) {
        *bom_bytes = 2;
        return GP_ENC_UTF16BE;
    }
    start = ascii_prefix(p, n);
    if (start == n || gp_utf8_valid(p + start, n - start, &bad_at)) return GP_ENC_UTF8;
    *damaged = true;
    /* UTF-8 text that lost its tail is still UTF-8, provided that some whole character spoke for it. */
    if (bad_at > 0 && is_cut_character(p + start + bad_at, n - start - bad_at)) return GP_ENC_UTF8;
    return mostly_utf8(p + start, n - start) ? GP_ENC_UTF8 : GP_ENC_GB18030;
}

static void replace_bad(gp_buf *out, size_t at, size_t *bad, size_t *first_bad)
{
    gp_buf_add(out, "\xEF\xBF\xBD", 3);
    if ((*bad)++ == 0) *first_bad = at;
}

static void decode_utf8(const char *p, size_t n, gp_buf *out, size_t *bad, size_t *first_bad)
{
    size_t at = 0;

    while (at < n) {
        size_t good = 0;
        if (gp_utf8_valid(p + at, n - at, &good)) {
            gp_buf_add(out, p + at, n - at);
            return;
        }
        gp_buf_add(out, p + at, good);
        at += good;
        replace_bad(out, at, bad, first_bad);
        size_t tail = n - at;
        if (tail < 4 && is_cut_character(p + at, tail)) return; /* one character lost, not one a byte */
        at++;
    }
}

static void decode_utf16(const char *p, size_t n, bool big, gp_buf *out, size_t *bad, size_t *first_bad)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t at = 0;

#define UNIT(i) (big ? (uint32_t)u[i] << 8 | u[(i) + 1] : (uint32_t)u[(i) + 1] << 8 | u[i])
    while (at + 2 <= n) {
        uint32_t c = UNIT(at);
        char text[4];
        size_t used = 2;
        if (c >= 0xD800 && c < 0xDC00 && at + 4 <= n) {
            uint32_t low = UNIT(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                used = 4;
            }
        }
        if (c >= 0xD800 && c < 0xE000)
            replace_bad(out, at, bad, first_bad);
        else
            gp_buf_add(out, text, (size_t)gp_utf8_encode(c, text));
        at += used;
    }
#undef UNIT
    if (at < n) replace_bad(out, at, bad, first_bad);
}

static void decode_gb18030(const char *p, size_t n, gp_buf *out, size_t *bad, size_t *first_bad)
{
    iconv_t cd = iconv_open("UTF-8", "GB18030");
    const char *start = p, *end = p + n;
    char block[4096];

    while (p < end) {
        size_t ascii = ascii_prefix(p, (size_t)(end - p));
        gp_buf_add(out, p, ascii);
        p += ascii;
        if (p == end) break;
        if (cd == (iconv_t)-1) { /* a system without conversion tables */
            replace_bad(out, (size_t)(p++ - start), bad, first_bad);
            continue;
        }
        char *in = (char *)(uintptr_t)p, *to = block; /* iconv only reads through its char ** */
        /* A small piece at a time: ASCII runs between characters then go the quick way. */
        size_t in_left = (size_t)(end - p) < 64 ? (size_t)(end - p) : 64, to_left = sizeof block;
        bool last = in_left == (size_t)(end - p);
        size_t done = iconv(cd, &in, &in_left, &to, &to_left);
        int why = done == (size_t)-1 ? errno : 0;
        bool moved = in != p;
        gp_buf_add(out, block, (size_t)(to - block));
        p = in;
        if (why == EILSEQ || (why == EINVAL && (last || !moved))) {
            replace_bad(out, (size_t)(p - start), bad, first_bad);
            p = why == EINVAL ? end : p + 1;
        }
    }
    if (cd != (iconv_t)-1) iconv_close(cd);
}

void gp_decode(gp_encoding e, const char *p, size_t n, gp_buf *out, size_t *bad, size_t *first_bad)
{
    size_t ignored_bad = 0, ignored_first = 0;

    if (!bad) bad = &ignored_bad;
    if (!first_bad) first_bad = &ignored_first;
    *bad = 0;
    *first_bad = 0;
    switch (e) {
    case GP_ENC_UTF16LE:
        decode_utf16(p, n, false, out, bad, first_bad);
        break;
    case GP_ENC_UTF16BE:
        decode_utf16(p, n, true, out, bad, first_bad);
        break;
    case GP_ENC_GB18030:
        decode_gb18030(p, n, out, bad, first_bad);
        break;
    case GP_ENC_AUTO:
    case GP_ENC_UTF8:
        decode_utf8(p, n, out, bad, first_bad);
        break;
    }
}

void gp_encode_gb18030(gp_str s, gp_buf *out)
{
    const char *p = s.p, *end = s.p + s.n;
    size_t ascii = ascii_prefix(p, s.n);
    gp_buf_add(out, p, ascii);
    p += ascii;
    if (p == end) return;
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    while (p < end) {
        char block[256], *in = (char *)(uintptr_t)p, *to = block; /* iconv only reads through its char ** */
        size_t in_left = (size_t)(end - p), to_left = sizeof block;
        size_t done = cd == (iconv_t)-1 ? (size_t)-1 : iconv(cd, &in, &in_left, &to, &to_left);
        int why = cd == (iconv_t)-1 ? EILSEQ : done == (size_t)-1 ? errno : 0;
        gp_buf_add(out, block, (size_t)(to - block));
        p = in;
        if (why == EILSEQ || why == EINVAL) {
            uint32_t cp;
            gp_buf_addc(out, '?');
            p += gp_utf8_decode(p, end, &cp);
        }
    }
    if (cd != (iconv_t)-1) iconv_close(cd);
}
