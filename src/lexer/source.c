#include "lexer/source.h"
#include "base/vec.h"

enum { SOURCE_MAX = 16 << 20 };

static void add_lines(gp_arena *a, gp_source *s)
{
    const char *p = s->text.p;
    size_t n = 1;
    for (size_t i = 0; i < s->text.n; i++)
        n += p[i] == '\n' || (p[i] == '\r' && (i + 1 == s->text.n || p[i + 1] != '\n'));
    uint32_t *at = gp_arena_alloc(a, n * sizeof *at);
    size_t line = 1;
    for (size_t i = 0; i < s->text.n; i++)
        if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == s->text.n || p[i + 1] != '\n')))
            at[line++] = (uint32_t)i + 1;
    s->line_at = at;
    s->n_lines = n;
}

gp_source *gp_source_new(gp_arena *a, const char *name, const char *bytes, size_t n, gp_encoding encoding, gp_diags *d)
{
    gp_source *s = gp_arena_alloc(a, sizeof *s);
    s->name = gp_arena_strndup(a, name, strlen(name));
    s->text = (gp_str){ "", 0 };
    if (n > SOURCE_MAX) {
        add_lines(a, s);
        gp_diag_at(d, GP_D_SOURCE_TOO_BIG, (gp_span){ s, 0, 0 }, n);
        return s;
    }
    size_t bom = 0, bad = 0, first = 0;
    gp_encoding seen = n ? gp_encoding_detect(bytes, n, &bom) : GP_ENC_UTF8;
    if (encoding == GP_ENC_AUTO)
        encoding = seen;
    else if (encoding != seen)
        bom = 0; /* the mark belongs to another encoding than the one asked for: it is text */
    gp_buf out = { 0 };
    if (n > bom)
        gp_decode(encoding, bytes + bom, n - bom, &out, &bad, &first);
    if (out.n > UINT32_MAX / 2)
        out.n = 0;
    s->text = (gp_str){ gp_arena_strndup(a, out.p ? out.p : "", out.n), out.n };
    gp_buf_free(&out);
    add_lines(a, s);
    if (bad) {
        const char *hit = memmem(s->text.p, s->text.n, "\xEF\xBF\xBD", 3);
        gp_span at = { s, hit ? (uint32_t)(hit - s->text.p) : 0, hit ? 3 : 0 };
        gp_diag_at(d, GP_D_SOURCE_BAD_BYTES, at, bad, gp_encoding_name(encoding), bom + first + 1);
    }
    return s;
}
