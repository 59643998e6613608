/* Texts of formulas and files on their way to gnuplot. */
#include "draw/draw.h"

/* What neither gnuplot nor XML nor a reader's eye can take: control characters, marks that turn the direction, noncharacters. */
bool gp_text_is_harmless(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
        return false;
    if ((cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF)
        return false;
    return (cp & 0xFFFE) != 0xFFFE && !(cp >= 0xFDD0 && cp <= 0xFDEF);
}

void gp_gnuplot_text(gp_buf *out, const char *text)
{
    const char *p = text ? text : "", *end = p + strlen(p);
    gp_buf_addc(out, '\'');
    while (p < end) {
        uint32_t cp;
        const int n = gp_utf8_decode(p, end, &cp);
        if (cp == '\n')
            gp_buf_addz(out, "'.\"\\n\".'");
        else if (cp == '\'')
            gp_buf_addz(out, "''");
        else if (cp == '\\' && p + 1 < end && p[1] == 'n')
            gp_buf_addz(out, "\xEF\xBC\xBC"); /* a backslash and an n would end the line inside any quotes */
        else if (cp == 0xFFFD)
            gp_buf_addz(out, "\xEF\xBF\xBD"); /* a broken byte of the text may be one */
        else if (gp_text_is_harmless(cp))
            gp_buf_add(out, p, (size_t)n);
        else
            gp_buf_addc(out, ' ');
        p += n;
    }
    gp_buf_addc(out, '\'');
}

static double ems_of(uint32_t cp)
{
    static const char narrow[] = "!'(),.:;I[]ijl|`", wide[] = "%@MWmw";
    if (cp >= 0x80)
        return gp_char_width(cp) == 0 ? 0 : gp_char_width(cp) == 2 || cp >= 0x2014 ? 1 : 0.7;
    return strchr(narrow, (int)cp) ? 0.34 : strchr(wide, (int)cp) ? 0.92 : cp >= 'A' && cp <= 'Z' ? 0.67 : 0.585;
}

double gp_text_ems(const char *text)
{
    const char *p = text, *end = p + strlen(p);
    double widest = 0, ems = 0;
    while (p < end) {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        ems = cp == '\n' ? 0 : ems + ems_of(cp);
        widest = ems > widest ? ems : widest;
    }
    return widest;
}

void gp_text_cut(gp_buf *out, const char *text, double room)
{
    const char *p = text, *end = p + strlen(p);
    double ems = 0;
    if (gp_text_ems(text) <= room) {
        gp_buf_addz(out, text);
        return;
    }
    while (p < end) {
        uint32_t cp;
        const int n = gp_utf8_decode(p, end, &cp);
        ems += ems_of(cp);
        if (ems > room - 1)
            break;
        gp_buf_add(out, p, (size_t)n);
        p += n;
    }
    gp_buf_addz(out, "…");
}

int gp_text_wrap(gp_buf *out, const char *text, double room)
{
    const char *p = text, *end = p + strlen(p), *from = p, *may = NULL; /* may: where the line may end */
    double ems = 0;
    int lines = 1;
    while (p < end) {
        uint32_t cp;
        const int n = gp_utf8_decode(p, end, &cp);
        ems += ems_of(cp);
        if (ems > room && may && cp != ' ') {
            size_t kept = (size_t)(may - from);
            while (kept && from[kept - 1] == ' ')
                kept--;
            gp_buf_add(out, from, kept);
            gp_buf_addc(out, '\n');
            p = from = may;
            may = NULL;
            ems = 0;
            lines++;
            continue;
        }
        p += n;
        if (cp == ' ' || (cp == ';' && p < end && *p != ' '))
            may = p;
    }
    gp_buf_add(out, from, (size_t)(end - from));
    return lines;
}

int gp_number_decimals(double step)
{
    int k = 0;
    for (step = fabs(step); k < 8 && fabs(step - round(step)) > 1e-6 * step; step *= 10)
        k++;
    return k;
}

static const struct { double from, unit; const char *word; bool zh; } units[] = {
    {1e12, 1e12, "万亿", true}, {1e8, 1e8, "亿", true}, {1e5, 1e4, "万", true}, {1e12, 1e12, "T", false}, {1e9, 1e9, "B", false}, {1e6, 1e6, "M", false}, {1e5, 1e3, "k", false}};

double gp_number_unit(double v, bool zh, const char **word)
{
    *word = "";
    for (size_t k = 0; k < sizeof units / sizeof *units; k++)
        if (units[k].zh == zh && fabs(v) >= units[k].from) {
            *word = units[k].word;
            return units[k].unit;
        }
    return 1;
}

void gp_number_text(gp_buf *out, double v, int decimals, bool zh)
{
    const char *word;
    if (v != v) {
        gp_buf_addc(out, '-');
        return;
    }
    const double unit = decimals < 0 ? gp_number_unit(v, zh, &word) : 1;
    if (unit > 1)
        gp_buf_printf(out, "%.*f%s", fabs(v) >= 100 * unit ? 0 : fabs(v) >= 10 * unit ? 1 : 2, v / unit, word);
    else
        gp_buf_printf(out, "%.*f", decimals >= 0 ? decimals : fabs(v) >= 1e4 ? 0 : v == 0 || fabs(v) >= 0.01 ? 2 : fabs(v) >= 1e-4 ? 4 : 6, v);
}
