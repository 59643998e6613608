/* Which installed font has the characters of a picture, as fontconfig tells (fc-list, fc-match). */
#include "base/process.h"
#include "draw/draw.h"

enum { SECONDS = 10, MOST_NAMED = 8 };

typedef struct range { uint32_t from, to; } range;

struct gp_fonts {
    bool looked, known;  /* known: fontconfig answered */
    char *family;
    GP_VEC(range) has;   /* characters of the family, ascending */
    GP_VEC(uint32_t) asked; /* those it lacks that were looked for elsewhere */
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
    gp_vec_free(&f->has);
    gp_vec_free(&f->asked);
    free(f);
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
    const char *p = out.p && out.n ? strchr(out.p, '\n') : NULL;
    while (p && *p) {
        char *end;
        const unsigned long from = strtoul(p, &end, 16), to = *end == '-' ? strtoul(end + 1, &end, 16) : from;
        if (end == p)
            break;
        gp_vec_push(&f->has, ((range){(uint32_t)from, (uint32_t)to}));
        p = end;
    }
    if (!f->family)
        f->family = gp_xstrndup("sans", 4);
    gp_buf_free(&out);
}

static bool has(const gp_fonts *f, uint32_t cp)
{
    size_t lo = 0, hi = f->has.n;
    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        if (f->has.at[mid].to < cp)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->has.n && cp >= f->has.at[lo].from;
}

static bool was_asked(gp_fonts *f, uint32_t cp)
{
    for (size_t k = 0; k < f->asked.n; k++)
        if (f->asked.at[k] == cp)
            return true;
    gp_vec_push(&f->asked, cp);
    return false;
}

/* Another font has it, and is taken for it. */
static bool elsewhere(uint32_t cp)
{
    char pattern[32];
    gp_buf out = {0};
    snprintf(pattern, sizeof pattern, ":charset=%x", (unsigned)cp);
    const bool found = ask("fc-list", pattern, "family", NULL, &out) && out.n > 1;
    gp_buf_free(&out);
    return found;
}

const char *gp_fonts_for(gp_fonts *f, const char *wanted, gp_str text, gp_diags *d)
{
    const char *p = text.p, *end = text.p + text.n;
    gp_buf missing = {0};
    int n = 0;
    if (!f->looked)
        look(f, wanted);
    while (p < end) {
        uint32_t cp;
        if ((unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        const int bytes = gp_utf8_decode(p, end, &cp);
        if (!has(f, cp) && cp != 0xFFFD && gp_char_width(cp) > 0 && !was_asked(f, cp) && (!f->known || !elsewhere(cp)) && n++ < MOST_NAMED)
            gp_buf_add(&missing, p, (size_t)bytes);
        p += bytes;
    }
    if (n && f->known)
        gp_diag_file(d, GP_D_PICTURE_FONT, NULL, 0, 0, missing.p, n > MOST_NAMED ? "…" : "", n > 1 ? "they are" : "it is");
    else if (n)
        gp_diag_file(d, GP_D_PICTURE_FONT_UNKNOWN, NULL, 0, 0, missing.p, n > MOST_NAMED ? "…" : "");
    gp_buf_free(&missing);
    return f->family;
}
