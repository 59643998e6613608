#include "lexer/fold.h"
#include <string.h>

static const struct { uint16_t cp; char ascii[3];
} table[] = {
    {0x00A0, " "},  {0x00D7, "*"},  {0x00F7, "/"}, {0x200B, ""},   {0x200C, ""},   {0x200D, ""},  {0x2013, "-"},
    {0x2014, "-"},  {0x2018, "'"},  {0x2019, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x2212, "-"}, {0x2260, "<>"},
    {0x2264, "<="}, {0x2265, ">="}, {0x3000, " "}, {0x3001, ","},  {0xFEFF, ""},
};

const char *gp_fold_code(uint32_t cp)
{
    static const char ascii[95][2] = { /* U+FF01 .. U+FF5E stand in ASCII order */
        "!", "\"", "#", "$", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/", "0", "1", "2", "3", "4", "5", "6",
        "7", "8", "9", ":", ";", "<", "=", ">", "?", "@", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
        "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z", "[", "\\", "]", "^", "_", "`", "a", "b",
        "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x",
        "y", "z", "{", "|", "}", "~", "" };
    if (cp >= 0xFF01 && cp <= 0xFF5D) {
        const char *c = ascii[cp - 0xFF01];
        return strchr("?@[\\]^_`", *c) ? NULL : c; /* these stay what they are: parts of names */
    }
    if (cp >= 0x2002 && cp <= 0x200A)
        return " ";
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].cp == cp)
            return table[i].ascii;
    return NULL;
}

gp_str gp_fold_text(gp_arena *a, gp_str raw, int *folded)
{
    *folded = 0;
    size_t i = 0;
    while (i < raw.n && !((unsigned char)raw.p[i] & 0x80))
        i++;
    if (i == raw.n)
        return raw;
    char *out = NULL;
    size_t n = 0;
    for (const char *p = raw.p, *end = p + raw.n; p < end;) {
        uint32_t cp;
        int len = gp_utf8_decode(p, end, &cp);
        const char *ascii = cp < 0x80 ? NULL : gp_fold_code(cp);
        if (ascii && !out) { /* no replacement is longer than what it replaces */
            out = gp_arena_alloc(a, raw.n + 1);
            n = (size_t)(p - raw.p);
            memcpy(out, raw.p, n);
        }
        if (ascii) {
            *folded += *ascii != 0;
            size_t w = strlen(ascii);
            memcpy(out + n, ascii, w);
            n += w;
        } else if (out) {
            memcpy(out + n, p, (size_t)len);
            n += (size_t)len;
        }
        p += len;
    }
    return out ? (gp_str){ out, n } : raw;
}
