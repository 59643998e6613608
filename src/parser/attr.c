/* Statement attributes (language.md 5): colours and line styles. */
#include "parser/parse.h"

typedef struct named { const char *name; int rgb; } named;

static const named colours[] = {
    {"COLORBLACK", 0x000000},   {"COLORBLUE", 0x0000FF},      {"COLORGREEN", 0x00FF00},    {"COLORCYAN", 0x00FFFF},
    {"COLORRED", 0xFF0000},     {"COLORMAGENTA", 0xFF00FF},   {"COLORBROWN", 0x808000},    {"COLORLIGRAY", 0xC0C0C0},
    {"COLORGRAY", 0x808080},    {"COLORLIBLUE", 0x00C0C0},    {"COLORLIGREEN", 0x40C040},  {"COLORLICYAN", 0x008080},
    {"COLORLIRED", 0xFF8080},   {"COLORLIMAGENTA", 0xFF0080}, {"COLORYELLOW", 0xFFFF00},   {"COLORWHITE", 0xFFFFFF},
    {"COLORORANGE", 0xFFA500},  {"COLORGOLD", 0xFFD700},      {"COLORPINK", 0xFFC0CB},     {"COLORPURPLE", 0x800080},
    {"COLORDARKRED", 0x8B0000}, {"COLORDARKGREEN", 0x006400}, {"COLORDARKBLUE", 0x00008B}, {"COLORGREY", 0x808080},
    {"COLORSILVER", 0xC0C0C0},  {"COLORNAVY", 0x000080},
};

/* Styles; a number may follow where max is not 0. */
static const struct { const char *name; int min, max; } styles[] = {
    { "LINETHICK", 0, 9 },  { "DOTLINE", 0, 0 },     { "POINTDOT", 0, 0 },  { "CIRCLEDOT", 0, 0 }, { "CROSSDOT", 0, 0 },
    { "STICK", 0, 0 },      { "COLORSTICK", 0, 0 },  { "VOLSTICK", 0, 0 },  { "LINESTICK", 0, 0 }, { "NODRAW", 0, 0 },
    { "DRAWABOVE", 0, 0 },  { "NOFRAME", 0, 0 },     { "DRAWCFRAME", 0, 0 }, { "PLAYSOUND", 1, 20 }, { "PRECIS", 0, 9 },
    { "ALIGN", 0, 2 },      { "VALIGN", 0, 2 },      { "LAYER", 0, 99 },    { "MOVE", 0, 99 },     { "NOTEXT", 0, 0 },
    { "NOTITLE", 0, 0 },    { "NOAXIS", 0, 0 },      { "FONTSIZE", 1, 99 }, { "SHIFT", 0, 99 },    { "LINEDASH", 0, 0 },
    { "UPDOWNDOT", 0, 0 },
};

static bool starts(gp_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && gp_str_ieqz((gp_str){ s.p, n }, prefix);
}

/* All of s as hex digits; -1 when it is not. */
static int hex(gp_str s)
{
    int v = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0 || s.n > 6)
            return -1;
        v = v * 16 + digit;
    }
    return v;
}

static bool style(gp_str s)
{
    if (starts(s, "ICO'"))
        return true;
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        if (!starts(s, styles[i].name))
            continue;
        gp_str rest = { s.p + strlen(styles[i].name), s.n - strlen(styles[i].name) };
        int n = 0;
        size_t k = 0;
        while (k < rest.n && k < 3 && rest.p[k] >= '0' && rest.p[k] <= '9')
            n = n * 10 + (rest.p[k++] - '0');
        if (rest.n == 0 || (styles[i].max && k == rest.n && n >= styles[i].min && n <= styles[i].max))
            return true;
    }
    return false;
}

bool gp_attr_read(gp_str s, int *rgb, int *digits)
{
    *rgb = -1;
    *digits = 6;
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        if (gp_str_ieqz(s, colours[i].name)) {
            *rgb = colours[i].rgb;
            return true;
        }
    bool web = starts(s, "RGBX");
    size_t prefix = web ? 4 : starts(s, "COLOR") ? 5 : 0;
    int v = prefix ? hex((gp_str){ s.p + prefix, s.n - prefix }) : -1;
    if (v < 0)
        return style(s);
    *digits = (int)(s.n - prefix);
    *rgb = web ? v : (v & 0xFF) << 16 | (v & 0xFF00) | v >> 16; /* COLOR is written BBGGRR */
    return true;
}
