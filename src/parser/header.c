/* Header comments: {@param N 9 1 100}, {@title ...}, {@kind ...}, {@pane ...}, {@note ...}; one key a line. */
#include "base/num.h"
#include "parser/parse.h"
#include <math.h>

enum { TDX_PARAMS = 16, MAX_PARAMS = 256, MAX_NOTE = 4096 };

typedef struct key { gp_formula *f; gp_diags *d; gp_span span; gp_str name, rest; } key;

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

static gp_str trim(gp_str s) { return gp_str_trim(s, " \t\r,"); }

/* Cuts the next word off *s. */
static gp_str word(gp_str *s)
{
    *s = trim(*s);
    size_t n = 0;
    while (n < s->n && !blank(s->p[n]))
        n++;
    gp_str w = { s->p, n };
    s->p += n;
    s->n -= n;
    return w;
}

static void bad(key *k, const char *what)
{
    gp_diag_at(k->d, GP_D_BAD_HEADER, k->span, gp_shorten(&k->f->arena, k->name, 30), what);
}

static bool good_name(gp_str s)
{
    if (!s.n || (s.p[0] >= '0' && s.p[0] <= '9'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
        if (!ok)
            return false;
    }
    return true;
}

static void param(key *k)
{
    gp_arena *a = &k->f->arena;
    gp_str rest = k->rest;
    gp_param v = { .name = word(&rest), .span = k->span, .step = 1 };
    double at[4] = { 0 };
    int n = 0;
    if (!good_name(v.name)) {
        bad(k, "a name and its default value must follow");
        return;
    }
    for (gp_str w; (w = word(&rest)).n; n++) {
        if (n == 4) {
            bad(k, "more than four numbers");
            return;
        }
        if (!gp_num_parse(w.p, w.n, &at[n]) || !isfinite(at[n])) {
            bad(k, gp_arena_printf(a, "%s is not a number", gp_shorten(a, w, 30)));
            return;
        }
    }
    v.def = v.value = at[0];
    v.has_range = n >= 3;
    v.min = n >= 3 ? at[1] : -INFINITY;
    v.max = n >= 3 ? at[2] : INFINITY;
    v.step = n == 4 ? at[3] : 1;
    if (n == 0)
        bad(k, "the default value is missing");
    else if (n == 2)
        bad(k, "a minimum needs a maximum beside it");
    else if (v.min > v.max)
        bad(k, "the minimum is above the maximum");
    else if (v.def < v.min || v.def > v.max)
        bad(k, "the default lies outside the range");
    else if (!(v.step > 0))
        bad(k, "the step must be positive");
    if (k->f->n_params == MAX_PARAMS) {
        bad(k, "too many parameters");
        return;
    }
    gp_param *all = gp_arena_alloc(a, (size_t)(k->f->n_params + 1) * sizeof *all);
    for (int i = 0; i < k->f->n_params; i++) {
        if (gp_str_ieq(k->f->params[i].name, v.name)) {
            gp_diag_at(k->d, GP_D_REPEATED_PARAM, k->span, gp_shorten(a, v.name, 30));
            k->f->params[i] = v;
            return;
        }
        all[i] = k->f->params[i];
    }
    all[k->f->n_params++] = v;
    k->f->params = all;
    if (k->f->n_params == TDX_PARAMS + 1)
        gp_diag_at(k->d, GP_D_TOO_MANY_PARAMS, k->span, k->f->n_params);
}

static void choice(key *k, gp_str *out, const char *a, const char *b, const char *c, const char *d)
{
    const char *all[] = { a, b, c, d };
    for (int i = 0; i < 4; i++)
        if (all[i] && gp_str_ieqz(k->rest, all[i])) {
            *out = gp_str_from(all[i]);
            return;
        }
    bad(k, gp_arena_printf(&k->f->arena, "%s is not a choice", gp_shorten(&k->f->arena, k->rest, 30)));
}

static void dialect(key *k)
{
    choice(k, &k->f->header.dialect, "tdx", "ths", "dzh", NULL);
    if (k->f->header.dialect.n)
        k->f->dialect = gp_str_ieqz(k->f->header.dialect, "ths")   ? GP_DIALECT_THS
                        : gp_str_ieqz(k->f->header.dialect, "dzh") ? GP_DIALECT_DZH
                                                                   : GP_DIALECT_TDX;
}

static void add_note(gp_formula *f, gp_str line)
{
    gp_str *note = &f->header.note;
    if (note->n > MAX_NOTE)
        return;
    if (line.n && note->n)
        *note =
            gp_str_from(gp_arena_printf(&f->arena, GP_STR_FMT "\n" GP_STR_FMT, GP_STR_ARG(*note), GP_STR_ARG(line)));
    else if (line.n)
        *note = line;
}

void gp_header_read(gp_formula *f, gp_span comment, gp_diags *d)
{
    gp_str text = gp_comment_text(comment);
    size_t skip = 0;
    while (skip < text.n && (blank(text.p[skip]) || text.p[skip] == '\n'))
        skip++;
    if (skip == text.n || text.p[skip] != '@')
        return;
    bool in_note = false;
    for (size_t at = 0; at < text.n;) {
        const char *p = text.p + at, *end = memchr(p, '\n', text.n - at);
        size_t n = end ? (size_t)(end - p) : text.n - at;
        at += n + 1;
        gp_str line = trim((gp_str){ p, n });
        if (!line.n || line.p[0] != '@') {
            if (in_note)
                add_note(f, line);
            continue;
        }
        gp_span span = { comment.src, (uint32_t)(line.p - comment.src->text.p), (uint32_t)line.n };
        line.p++;
        line.n--;
        key k = { .f = f, .d = d, .span = span };
        k.name = word(&line);
        k.rest = trim(line);
        in_note = gp_str_ieqz(k.name, "note");
        if (in_note)
            add_note(f, k.rest);
        else if (gp_str_ieqz(k.name, "param"))
            param(&k);
        else if (gp_str_ieqz(k.name, "title"))
            f->header.title = k.rest;
        else if (gp_str_ieqz(k.name, "kind"))
            choice(&k, &f->header.kind, "indicator", "screen", "expert", "kline");
        else if (gp_str_ieqz(k.name, "pane"))
            choice(&k, &f->header.pane, "main", "sub", NULL, NULL);
        else if (gp_str_ieqz(k.name, "dialect"))
            dialect(&k);
        else
            gp_diag_at(d, GP_D_UNKNOWN_HEADER, span, gp_shorten(&f->arena, k.name, 30));
    }
}
