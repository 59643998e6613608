#include "base/str.h"
#include "base/vec.h"
#include <stdarg.h>

gp_str gp_str_from(const char *z)
{
    return (gp_str){ z, z ? strlen(z) : 0 };
}

bool gp_str_eq(gp_str a, gp_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool gp_str_ieq(gp_str a, gp_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool gp_str_ieqz(gp_str a, const char *z)
{
    return gp_str_ieq(a, gp_str_from(z));
}

static bool is_one_of(char c, const char *set) { return memchr(set, c, strlen(set)) != NULL; }

gp_str gp_str_trim(gp_str s, const char *blanks)
{
    while (s.n && is_one_of(s.p[0], blanks)) {
        s.p++;
        s.n--;
    }
    while (s.n && is_one_of(s.p[s.n - 1], blanks))
        s.n--;
    return s;
}

uint64_t gp_str_ihash(gp_str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ lower(s.p[i])) * 1099511628211u;
    return h;
}

/* --- UTF-8 ------------------------------------------------------------------------------------------------- */

/* Length of the well-formed sequence at p, or 0: no overlong forms, surrogates or values past U+10FFFF. */
static int sequence(const unsigned char *p, const unsigned char *end, uint32_t *cp)
{
    unsigned c = p[0];
    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    int n = c >= 0xC2 && c <= 0xDF ? 2 : c >= 0xE0 && c <= 0xEF ? 3 : c >= 0xF0 && c <= 0xF4 ? 4 : 0;
    if (!n || end - p < n)
        return 0;
    uint32_t v = c & (0xFFu >> (n + 1));
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3F);
    }
    if ((n == 3 && (v < 0x800 || (v >= 0xD800 && v <= 0xDFFF))) || (n == 4 && (v < 0x10000 || v > 0x10FFFF)))
        return 0;
    *cp = v;
    return n;
}

int gp_utf8_decode(const char *p, const char *end, uint32_t *cp)
{
    int n = sequence((const unsigned char *)p, (const unsigned char *)end, cp);
    if (n)
        return n;
    *cp = 0xFFFD;
    return 1;
}

int gp_utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = 0xFFFD;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

bool gp_utf8_valid(const char *p, size_t n, size_t *bad_at)
{
    const unsigned char *start = (const unsigned char *)p, *end = start + n, *q = start;
    while (q < end) {
        while (end - q >= 8) { /* eight ASCII bytes at a time: quotes are mostly that */
            uint64_t word;
            memcpy(&word, q, 8);
            if (word & 0x8080808080808080u)
                break;
            q += 8;
        }
        if (q >= end)
            break;
        uint32_t cp;
        int len = sequence(q, end, &cp);
        if (!len) {
            if (bad_at)
                *bad_at = (size_t)(q - start);
            return false;
        }
        q += len;
    }
    return true;
}

/* --- display width ----------------------------------------------------------------------------------------- */

struct range { uint32_t from, to; };

/* East Asian Width W and F of Unicode, neighbouring ranges merged over unassigned code points.  Ambiguous
 * characters (circled digits, stars) count 1, as terminals do outside a CJK locale. */
static const struct range wide[] = {
    {0x1100, 0x115F}, {0x231A, 0x231B}, {0x2329, 0x232A}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0}, {0x23F3, 0x23F3},
    {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267F, 0x267F}, {0x2693, 0x2693}, {0x26A1, 0x26A1},
    {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5}, {0x26CE, 0x26CE}, {0x26D4, 0x26D4}, {0x26EA, 0x26EA},
    {0x26F2, 0x26F3}, {0x26F5, 0x26F5}, {0x26FA, 0x26FA}, {0x26FD, 0x26FD}, {0x2705, 0x2705}, {0x270A, 0x270B},
    {0x2728, 0x2728}, {0x274C, 0x274C}, {0x274E, 0x274E}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797},
    {0x27B0, 0x27B0}, {0x27BF, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55}, {0x2E80, 0x303E},
    {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE10, 0xFE19}, {0xFE30, 0xFE6F}, {0xFF01, 0xFF60}, {0xFFE0, 0xFFE6}, {0x16FE0, 0x18DFF}, {0x1AFF0, 0x1B2FF},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F200, 0x1F320},
    {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3},
    {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC},
    {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F567}, {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4},
    {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6DF},
    {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7F0}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945},
    {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};
static const struct range zero[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E},
    {0x2060, 0x2064}, {0x2066, 0x206F}, {0x20D0, 0x20F0}, {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0001, 0xE01EF},
};

static bool inside(const struct range *at, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (cp > at[mid].to)
            lo = mid + 1;
        else if (cp < at[mid].from)
            hi = mid;
        else
            return true;
    }
    return false;
}

int gp_char_width(uint32_t cp)
{
    if (cp < 0x300)
        return cp >= 0x20 && (cp < 0x7F || cp >= 0xA0);
    if (inside(zero, sizeof zero / sizeof *zero, cp))
        return 0;
    return inside(wide, sizeof wide / sizeof *wide, cp) ? 2 : 1;
}

int gp_str_width(gp_str s)
{
    int width = 0;
    for (const char *p = s.p, *end = p + s.n; p < end;) {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        width += cp == '\t' ? 1 : gp_char_width(cp);
    }
    return width;
}

/* --- edit distance ----------------------------------------------------------------------------------------- */

enum { DISTANCE_MAX = 64 }; /* code points looked at; longer words differ by at least the rest */

static int code_points(gp_str s, uint32_t out[DISTANCE_MAX])
{
    int n = 0;
    for (const char *p = s.p, *end = p + s.n; p < end && n < DISTANCE_MAX; n++) {
        p += gp_utf8_decode(p, end, &out[n]);
        if (out[n] >= 'A' && out[n] <= 'Z')
            out[n] += 'a' - 'A';
    }
    return n;
}

size_t gp_str_edit_distance(gp_str a, gp_str b)
{
    uint32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
    int n = code_points(a, x), m = code_points(b, y);
    int rows[3][DISTANCE_MAX + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    memset(rows, 0, sizeof rows);
    for (int j = 0; j <= m; j++)
        last[j] = j;
    for (int i = 1; i <= n; i++) {
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = last[j - 1] + (x[i - 1] != y[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        int *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return (size_t)last[m];
}

/* --- buffers ----------------------------------------------------------------------------------------------- */

static void room(gp_buf *b, size_t more)
{
    size_t want = b->n + more + 1;
    if (want > b->cap) {
        size_t cap = b->cap * 2 > want ? b->cap * 2 : want < 64 ? 64 : want;
        b->p = gp_xrealloc(b->p, cap);
        b->cap = cap;
    }
}

void gp_buf_add(gp_buf *b, const char *p, size_t n)
{
    room(b, n);
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void gp_buf_addz(gp_buf *b, const char *z)
{
    gp_buf_add(b, z, strlen(z));
}

void gp_buf_addc(gp_buf *b, char c)
{
    gp_buf_add(b, &c, 1);
}

void gp_buf_printf(gp_buf *b, const char *format, ...)
{
    char small[256];
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int n = vsnprintf(small, sizeof small, format, list);
    va_end(list);
    if (n > 0 && (size_t)n < sizeof small) {
        gp_buf_add(b, small, (size_t)n);
    } else if (n > 0) {
        room(b, (size_t)n);
        vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    } else {
        gp_buf_add(b, "", 0);
    }
    va_end(again);
}

void gp_buf_json(gp_buf *b, gp_str s)
{
    gp_buf_addc(b, '"');
    for (const char *p = s.p, *end = p + s.n; p < end;) {
        uint32_t cp;
        int n = gp_utf8_decode(p, end, &cp);
        if (cp == '"' || cp == '\\')
            gp_buf_printf(b, "\\%c", (char)cp);
        else if (cp == '\n')
            gp_buf_addz(b, "\\n");
        else if (cp == '\r')
            gp_buf_addz(b, "\\r");
        else if (cp == '\t')
            gp_buf_addz(b, "\\t");
        else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
            gp_buf_printf(b, "\\u%04x", (unsigned)cp);
        else if (cp == 0xFFFD)
            gp_buf_addz(b, "\xEF\xBF\xBD");
        else
            gp_buf_add(b, p, (size_t)n);
        p += n;
    }
    gp_buf_addc(b, '"');
}

void gp_buf_csv(gp_buf *b, gp_str s)
{
    bool quote = s.n && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t');
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        gp_buf_add(b, s.p, s.n);
        return;
    }
    gp_buf_addc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            gp_buf_addc(b, '"');
        gp_buf_addc(b, s.p[i]);
    }
    gp_buf_addc(b, '"');
}

void gp_buf_free(gp_buf *b)
{
    free(b->p);
    *b = (gp_buf){ 0 };
}
