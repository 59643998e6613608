#include "eval/texts.h"
#include <math.h>
#include "base/file.h"
#include "base/num.h"
#include "builtins/kernel.h"

/* ---- handles ---- */

static uint64_t hash(gp_str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ h >> 32;
}

static size_t count(const gp_texts *t)
{
    return t ? t->at.n + (t->base ? t->base->at.n : 0) : 0;
}

/* 1 + index in t itself, or 0; *slot is where it would go. */
static int look_up(const gp_texts *t, gp_str s, size_t *slot)
{
    if (!t->n_slots) return 0;
    for (*slot = hash(s) & (t->n_slots - 1); t->slots[*slot]; *slot = (*slot + 1) & (t->n_slots - 1))
        if (gp_str_eq(t->at.at[t->slots[*slot] - 1], s)) return t->slots[*slot];
    return 0;
}

static void grow(gp_texts *t)
{
    free(t->slots);
    t->n_slots = t->n_slots ? t->n_slots * 2 : 64;
    t->slots = gp_xcalloc(t->n_slots, sizeof *t->slots);
    for (size_t i = 0; i < t->at.n; i++) {
        size_t slot;
        look_up(t, t->at.at[i], &slot);
        t->slots[slot] = (int)i + 1;
    }
}

double gp_texts_add(gp_texts *t, gp_str s)
{
    const size_t before = t->base ? t->base->at.n : 0;
    size_t slot;
    int known = t->base ? look_up(t->base, s, &slot) : 0;
    if (known) return known - 1;
    if ((t->at.n + 1) * 2 > t->n_slots) grow(t);
    known = look_up(t, s, &slot);
    if (!known) {
        const gp_str copy = {gp_arena_strndup(&t->arena, s.p ? s.p : "", s.n), s.n};
        gp_vec_push(&t->at, copy);
        known = t->slots[slot] = (int)t->at.n;
    }
    return (double)(before + (size_t)known - 1);
}

gp_str gp_texts_at(const gp_texts *t, double handle)
{
    const size_t before = t->base ? t->base->at.n : 0;
    if (!(handle >= 0) || handle >= (double)count(t)) return (gp_str){"", 0};
    const size_t k = (size_t)handle;
    return k < before ? t->base->at.at[k] : t->at.at[k - before];
}

void gp_texts_clear(gp_texts *t)
{
    if (!t->at.n) return;
    t->at.n = 0;
    gp_arena_fini(&t->arena);
    t->arena = (gp_arena){0};
    memset(t->slots, 0, t->n_slots * sizeof *t->slots);
}

void gp_texts_fini(gp_texts *t)
{
    gp_vec_free(&t->at);
    gp_arena_fini(&t->arena);
    free(t->slots);
    *t = (gp_texts){0};
}

/* ---- functions (functions.md section 4) ---- */

/* A formula of forty lines can double a text forty times: what is joined keeps its first GP_TEXT_MAX bytes, cut between characters. */
static double join(gp_texts *t, const double *a, int n)
{
    gp_buf b = {0};
    for (int j = 0; j < n; j++) {
        const gp_str s = gp_texts_at(t, a[j]);
        gp_buf_add(&b, s.p, s.n < GP_TEXT_MAX ? s.n : GP_TEXT_MAX + 1);
    }
    if (b.n > GP_TEXT_MAX) {
        b.n = GP_TEXT_MAX;
        while (b.n > 0 && (b.p[b.n] & 0xC0) == 0x80) b.n--;
        b.p[b.n] = 0;
    }
    const double h = gp_texts_add(t, (gp_str){b.p ? b.p : "", b.n});
    gp_buf_free(&b);
    return h;
}

/* N decimals, 0 to 4; a null is "-". */
static double number_text(gp_texts *t, double x, double n)
{
    if (gp_null(x)) return gp_texts_add(t, GP_STR("-"));
    gp_buf b = {0};
    gp_buf_printf(&b, "%.*f", gp_null(n) || n < 1 ? 0 : n > 4 ? 4 : (int)n, x);
    const double h = gp_texts_add(t, (gp_str){b.p, b.n});
    gp_buf_free(&b);
    return h;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The number a text begins with, as atof reads it; 0 when there is none. */
static double text_number(gp_str s)
{
    size_t at = 0, n, digits = 0;
    double v;
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t')) at++;
    n = at;
    if (n < s.n && (s.p[n] == '-' || s.p[n] == '+')) n++;
    const size_t sign = n;
    for (; n < s.n && is_digit(s.p[n]); n++) digits++;
    if (n < s.n && s.p[n] == '.')
        for (n++; n < s.n && is_digit(s.p[n]); n++) digits++;
    if (!digits) return 0;
    size_t e = n + 1;
    if (n < s.n && (s.p[n] == 'e' || s.p[n] == 'E')) {
        if (e < s.n && (s.p[e] == '-' || s.p[e] == '+')) e++;
        if (e < s.n && is_digit(s.p[e])) {
            while (e < s.n && is_digit(s.p[e])) e++;
            n = e;
        }
    }
    if (s.p[n - 1] == '.') n--;
    const bool minus = sign > at && s.p[at] == '-';
    if (!gp_num_parse(s.p + sign, n - sign, &v)) return 0;
    return gp_finite(minus ? -v : v);
}

/* Bytes a character of GB18030 text has. */
static size_t gb_step(const char *p, size_t n)
{
    const unsigned char lead = (unsigned char)p[0], next = n > 1 ? (unsigned char)p[1] : 0;
    const size_t step = lead < 0x81 || lead > 0xFE ? 1 : next >= 0x30 && next <= 0x39 ? 4 : 2;
    return step < n ? step : n;
}

/* n bytes from byte `from` (1 is the first) of the text in GBK; a character of which a byte is left out is left out. */
static double sub_text(gp_texts *t, gp_str s, double from, double n)
{
    gp_buf gb = {0}, out = {0};
    size_t bad = 0, first_bad = 0;
    gp_encode_gb18030(s, &gb);
    const double a = gp_null(from) || from < 1 ? 0 : trunc(from) - 1, b = gp_null(n) || n < 1 ? a : a + trunc(n);
    size_t lo = 0, hi = 0;
    bool any = false;
    for (size_t i = 0; i < gb.n;) {
        const size_t step = gb_step(gb.p + i, gb.n - i);
        if ((double)i >= a && (double)(i + step) <= b) {
            if (!any) lo = i;
            hi = i + step;
            any = true;
        }
        i += step;
    }
    if (any) gp_decode(GP_ENC_GB18030, gb.p + lo, hi - lo, &out, &bad, &first_bad);
    const double h = gp_texts_add(t, (gp_str){out.p ? out.p : "", out.n});
    gp_buf_free(&gb);
    gp_buf_free(&out);
    return h;
}

static double gb_length(gp_str s)
{
    gp_buf gb = {0};
    gp_encode_gb18030(s, &gb);
    const double n = (double)gb.n;
    gp_buf_free(&gb);
    return n;
}

static bool contains(gp_str hay, gp_str needle)
{
    return needle.n == 0 || memmem(hay.p, hay.n, needle.p, needle.n) != NULL;
}

static bool begins(gp_str s, gp_str with)
{
    return with.n <= s.n && memcmp(s.p, with.p, with.n) == 0;
}

double gp_text_call(gp_builtin_id id, gp_texts *t, const double *a, int n)
{
    switch (id) {
    case GP_B_CON2STR:
    case GP_B_VAR2STR: return number_text(t, a[0], a[1]);
    case GP_B_STR2CON: return text_number(gp_texts_at(t, a[0]));
    case GP_B_STRCAT:
    case GP_B_STRCAT6:
    case GP_B_VARCAT:
    case GP_B_VARCAT6: return join(t, a, n);
    case GP_B_STRLEN: return gb_length(gp_texts_at(t, a[0]));
    case GP_B_SUBSTR: return sub_text(t, gp_texts_at(t, a[0]), a[1], a[2]);
    case GP_B_STRSPACE: return join(t, (double[]){a[0], gp_texts_add(t, GP_STR(" "))}, 2);
    case GP_B_STRCMP: return gp_bool(gp_str_eq(gp_texts_at(t, a[0]), gp_texts_at(t, a[1])));
    case GP_B_FINDSTR:
    case GP_B_NAMEINCLUDE: return gp_bool(contains(gp_texts_at(t, a[0]), gp_texts_at(t, a[1])));
    case GP_B_CODELIKE:
    case GP_B_NAMELIKE: return gp_bool(begins(gp_texts_at(t, a[0]), gp_texts_at(t, a[1])));
    default: return GP_NULL;
    }
}
