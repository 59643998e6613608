/* Statement attributes (language.md 5): colours and line styles, from attribute.def. */
#include "parser/attribute.h"
#include "parser/parse.h"

static const gp_attr_row rows[] = {
#define GP_COLOUR(NAME, RGB, ZH) {NAME, RGB, 0, GP_ATTR_COLOUR, 0, "a colour", ZH},
#define GP_ATTRIBUTE(NAME, MIN, MAX, GROUP, VALUE, EN, ZH) {NAME, MIN, MAX, GP_ATTR_##GROUP, VALUE, EN, ZH},
#include "parser/attribute.def"
#undef GP_COLOUR
#undef GP_ATTRIBUTE
};
enum { N_ROWS = sizeof rows / sizeof *rows, MOVE_MAX = 4 };

const gp_attr_row *gp_attr_rows(int *n)
{
    *n = N_ROWS;
    return rows;
}

const char *gp_style_name(gp_style s)
{
    static const char *const names[] = { "line",  "dotline",    "pointdot", "circledot", "crossdot",
                                         "stick", "colorstick", "volstick", "linestick" };
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "";
}

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

/* All of s as at most three decimal digits; -1 when it is not. */
static int decimal(gp_str s)
{
    int v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (i == 3 || s.p[i] < '0' || s.p[i] > '9')
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return s.n ? v : -1;
}

const gp_attr_row *gp_attr_find(gp_str s, int *number)
{
    *number = -1;
    for (int i = 0; i < N_ROWS; i++) {
        const gp_attr_row *r = &rows[i];
        if (gp_str_ieqz(s, r->name) || (r->group == GP_ATTR_ICON && starts(s, "ICO'")))
            return r;
        if (!r->max || !starts(s, r->name))
            continue;
        int v = decimal((gp_str){ s.p + strlen(r->name), s.n - strlen(r->name) });
        if (v < r->min || v > r->max)
            continue;
        *number = v;
        return r;
    }
    return NULL;
}

const char *gp_attr_similar(gp_str s)
{
    const char *best = NULL;
    size_t nearest = s.n < 5 ? 2 : 3; /* farther is not close */
    for (int i = 0; i < N_ROWS; i++) {
        gp_str word = s;
        while (rows[i].max && word.n && word.p[word.n - 1] >= '0' && word.p[word.n - 1] <= '9')
            word.n--;
        size_t apart = gp_str_edit_distance(word, gp_str_from(rows[i].name));
        if (apart < nearest) {
            nearest = apart;
            best = rows[i].name;
        }
    }
    return best;
}

int gp_attr_colour(gp_str s, int *digits)
{
    *digits = 6;
    for (int i = 0; i < N_ROWS; i++)
        if (rows[i].group == GP_ATTR_COLOUR && gp_str_ieqz(s, rows[i].name))
            return rows[i].min;
    bool web = starts(s, "RGBX");
    size_t prefix = web ? 4 : starts(s, "COLOR") ? 5 : 0;
    int v = prefix ? hex((gp_str){ s.p + prefix, s.n - prefix }) : -1;
    if (v < 0)
        return -1;
    *digits = (int)(s.n - prefix);
    return web ? v : (v & 0xFF) << 16 | (v & 0xFF00) | v >> 16; /* COLOR is written BBGGRR */
}

bool gp_attr_read(gp_str s, int *rgb, int *digits)
{
    int number;
    *rgb = gp_attr_colour(s, digits);
    return *rgb >= 0 || gp_attr_find(s, &number);
}

/* MOVEn somewhere in the name shifts the line n bars to the right, MOVERn to the left; n is 1 to 4. */
static int shift_of(gp_str name)
{
    for (size_t i = 0; i + 4 < name.n; i++) {
        if (!starts((gp_str){ name.p + i, name.n - i }, "MOVE"))
            continue;
        bool back = name.p[i + 4] == 'R' || name.p[i + 4] == 'r';
        size_t at = i + 4 + back;
        int n = at < name.n ? name.p[at] - '0' : 0;
        bool longer = at + 1 < name.n && name.p[at + 1] >= '0' && name.p[at + 1] <= '9';
        if (n >= 1 && n <= MOVE_MAX && !longer)
            return back ? -n : n;
    }
    return 0;
}

gp_looks gp_looks_of(const gp_attr *attrs, int n, gp_str name)
{
    gp_looks l = { .rgb = -1, .width = -1, .decimals = -1, .shift = shift_of(name) };
    if (starts(name, "NOTEXT"))
        l.show |= GP_SHOW_NOTEXT;
    for (int i = 0; i < n; i++) {
        int number;
        const gp_attr_row *r = attrs[i].rgb >= 0 ? NULL : gp_attr_find(attrs[i].text, &number);
        if (attrs[i].rgb >= 0)
            l.rgb = attrs[i].rgb;
        else if (!r)
            continue;
        else if (r->group == GP_ATTR_WIDTH)
            l.width = number < 0 ? 1 : number;
        else if (r->group == GP_ATTR_STYLE)
            l.style = (gp_style)r->value;
        else if (r->group == GP_ATTR_SHOW)
            l.show |= (unsigned)r->value;
        else if (r->group == GP_ATTR_SHIFT)
            l.shift = number < 0 ? 1 : number;
        else if (r->group == GP_ATTR_DECIMALS)
            l.decimals = number;
    }
    return l;
}
