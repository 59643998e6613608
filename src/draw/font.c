/* Which installed font has the characters of a picture, as fontconfig tells (fc-list, fc-match). */
#include "base/process.h"
#include "draw/draw.h"

enum { SECONDS = 10, MOST_NAMED = 8, HIGHEST = 0x10FFFF, SQUARE = 0x25A1 };

typedef struct charset { uint64_t bits[HIGHEST / 64 + 1]; } charset;

struct gp_fonts {
    bool looked, known; /* known: fontconfig answered */
    bool said;          /* that characters are missing: once is enough, however many pictures come */
    char *family;
    charset *has;       /* characters of the family */
    charset *any;       /* of all fonts: another one stands in for the family; NULL until one is looked for */
};

/* Families that read well as the letters of a chart, best first; any other one that has the characters comes after them. */
static const char *const preferred[] = {"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Noto Sans CJK TC", "SimHei", "Droid Sans Fallback", "Noto Serif CJK SC"};
enum { N_PREFERRED = sizeof preferred / sizeof *preferred };

gp_fonts *gp_fonts_new(void) { return gp_xcalloc(1, sizeof(gp_fonts)); }

void gp_fonts_free(gp_fonts *f)
{
    if (!f)
        return;
    free(f->family);
    free(f->has);
    free(f->any);
    free(f);
}

static bool holds(const charset *c, uint32_t cp) { return cp <= HIGHEST && c->bits[cp / 64] >> cp % 64 & 1; }

/* "20-7e a0 ..." in lines, as fontconfig writes them. */
static charset *charset_of(const char *p)
{
    charset *c = gp_xcalloc(1, sizeof *c);
    while (p && *p) {
        char *end;
        const unsigned long from = strtoul(p, &end, 16), to = *end == '-' ? strtoul(end + 1, &end, 16) : from;
        if (end == p)
            break;
        for (unsigned long cp = from; cp <= to && cp <= HIGHEST; cp++)
            c->bits[cp / 64] |= (uint64_t)1 << cp % 64;
        p = end;
    }
    return c;
}

/* What a program of fontconfig prints; false when it does not run. */
static bool ask(const char *program, const char *a, const char *b, const char *c, gp_buf *out)
{
    const char *const words[] = {program, a, b, c, NULL};
    char *argv[5];
    gp_process p;
    memcpy(argv, words, sizeof argv);
    if (gp_process_start(&p, argv, NULL, GP_PROCESS_OUT))
        return false;
    while (gp_process_wait(&p, false, SECONDS) && gp_process_read(&p, out)) {
    }
    return gp_process_end(&p, 0.5) == 0;
}

/* The best of the families of fc-list's lines "Family,Another name". */
static char *best_family(const char *lines)
{
    int best = N_PREFERRED;
    gp_str first = {NULL, 0};
    for (const char *p = lines; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        const gp_str name = {p, strcspn(p, ",\n")};
        for (int k = 0; k < best; k++)
            if (gp_str_ieqz(name, preferred[k]))
                best = k;
        if (name.n && !first.p)
            first = name;
    }
    if (best < N_PREFERRED)
        return gp_xstrndup(preferred[best], strlen(preferred[best]));
    return first.p ? gp_xstrndup(first.p, first.n) : NULL;
}

static void look(gp_fonts *f, const char *wanted)
{
    gp_buf out = {0};
    f->looked = true;
    if (wanted)
        f->family = gp_xstrndup(wanted, strlen(wanted));
    else if (ask("fc-list", ":charset=9ec4 91d1 5751 7ebf", "family", NULL, &out)) /* 黄金坑线 */
        f->family = best_family(out.p ? out.p : "");
    out.n = 0;
    f->known = ask("fc-match", "--format=%{family[0]}\n%{charset}\n", f->family ? f->family : "sans", NULL, &out) && out.n;
    f->has = charset_of(out.n ? strchr(out.p, '\n') : NULL);
    if (!f->family)
        f->family = gp_xstrndup("sans", 4);
    gp_buf_free(&out);
}

/* Some font has it: gnuplot takes that one where the family lacks it. */
static bool can_show(gp_fonts *f, uint32_t cp)
{
    if (holds(f->has, cp))
        return true;
    if (!f->known)
        return false;
    if (!f->any) {
        gp_buf out = {0};
        ask("fc-list", "--format=%{charset}\n", NULL, NULL, &out);
        f->any = charset_of(out.p);
        gp_buf_free(&out);
    }
    return holds(f->any, cp);
}

const char *gp_fonts_for(gp_fonts *f, const char *wanted, gp_str text, bool replaced, gp_diags *d)
{
    const char *p = text.p, *end = text.p + text.n;
    gp_buf missing = {0};
    int n = 0;
    if (!f->looked)
        look(f, wanted);
    while (p < end && !f->said) {
        uint32_t cp;
        if ((unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        const int bytes = gp_utf8_decode(p, end, &cp);
        if (cp != 0xFFFD && gp_char_width(cp) > 0 && !can_show(f, cp) && (!missing.n || !memmem(missing.p, missing.n, p, (size_t)bytes)) && n++ < MOST_NAMED)
            gp_buf_add(&missing, p, (size_t)bytes);
        p += bytes;
    }
    f->said |= n > 0;
    if (n && f->known)
        gp_diag_file(d, GP_D_PICTURE_FONT, NULL, 0, 0, missing.p, n > MOST_NAMED ? "…" : "",
                     !replaced ? "what shows the picture must have one" : can_show(f, SQUARE) ? "□ stands in their place" : "? stands in their place");
    else if (n)
        gp_diag_file(d, GP_D_PICTURE_FONT_UNKNOWN, NULL, 0, 0, missing.p, n > MOST_NAMED ? "…" : "");
    gp_buf_free(&missing);
    return f->family;
}

/* gnuplot's cairo terminals draw a character that no font has as a box many times the size of the picture. */
void gp_fonts_replace(gp_fonts *f, gp_str text, gp_buf *out)
{
    const char *p = text.p, *end = text.p + text.n, *kept = p;
    while (p < end) {
        uint32_t cp;
        if ((unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        const int bytes = gp_utf8_decode(p, end, &cp);
        if (f->known && !can_show(f, cp)) {
            gp_buf_add(out, kept, (size_t)(p - kept));
            if (gp_char_width(cp) > 0)
                gp_buf_addz(out, can_show(f, SQUARE) ? "□" : "?");
            kept = p + bytes;
        }
        p += bytes;
    }
    gp_buf_add(out, kept, (size_t)(end - kept));
}
