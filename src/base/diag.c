#include "base/diag.h"
#include "base/vec.h"
#include <stdarg.h>

enum { DEFAULT_LIMIT = 200, MESSAGE_MAX = 1200, WINDOW = 100 };

static const struct row {
    const char *code, *name;
    gp_severity severity;
    const char *message, *hint;
} rows[] = {
#define GP_DIAG(code, id, severity, message, hint) { code, #id, severity, message, hint },
#include "base/diag.def"
#undef GP_DIAG
};

const char *gp_diag_code(gp_diag_id id)
{
    return rows[id].code;
}

const char *gp_diag_name(gp_diag_id id)
{
    return rows[id].name;
}

void gp_diag_template(gp_diag_id id, gp_severity *severity, const char **message, const char **hint)
{
    *severity = rows[id].severity;
    *message = rows[id].message;
    *hint = rows[id].hint;
}

/* --- places ------------------------------------------------------------------------------------------------ */

/* Index of the line that holds byte `at`. */
static size_t line_index(const gp_source *s, uint32_t at)
{
    size_t lo = 0, hi = s->n_lines;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (s->line_at[mid] <= at)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static void where(const gp_source *s, uint32_t at, uint32_t *line, uint32_t *column)
{
    *line = *column = 0;
    if (!s || !s->n_lines)
        return;
    if (at > s->text.n)
        at = (uint32_t)s->text.n;
    size_t i = line_index(s, at);
    uint32_t col = 1;
    for (const char *p = s->text.p + s->line_at[i], *end = s->text.p + at; p < end;) {
        uint32_t cp;
        p += gp_utf8_decode(p, s->text.p + s->text.n, &cp);
        col++;
    }
    *line = (uint32_t)i + 1;
    *column = col;
}

void gp_span_where(gp_span s, uint32_t *line, uint32_t *column)
{
    where(s.src, s.at, line, column);
}

gp_span gp_span_join(gp_span a, gp_span b)
{
    if (!a.src || !b.src || a.src != b.src)
        return a.src ? a : b;
    uint32_t from = a.at < b.at ? a.at : b.at;
    uint32_t to = a.at + a.n > b.at + b.n ? a.at + a.n : b.at + b.n;
    return (gp_span){ a.src, from, to - from };
}

/* --- the list ---------------------------------------------------------------------------------------------- */

/* A name of a megabyte must not make a message of a megabyte. */
static char *cut(char *s)
{
    size_t n = strlen(s);
    if (n > MESSAGE_MAX) {
        n = MESSAGE_MAX;
        while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
            n--;
        strcpy(s + n, "…");
    }
    return s;
}

static gp_diag *slot(gp_diags *d, gp_diag_id id)
{
    gp_severity severity = rows[id].severity;
    d->errors += severity == GP_ERROR;
    d->warnings += severity == GP_WARNING;
    if (d->n >= (d->limit ? d->limit : DEFAULT_LIMIT)) {
        d->dropped++;
        return NULL;
    }
    gp_vec_push(d, ((gp_diag){ .id = id, .severity = severity }));
    return &d->at[d->n - 1];
}

/* vsnprintf leaves a va_list where nobody knows, so message and hint are formatted as one and parted by length. */
static void fill(gp_diag *g, va_list list)
{
    const struct row *row = &rows[g->id];
    if (!row->message)
        return;
    va_list again;
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, row->message, again);
    va_end(again);
    size_t message_n = n > 0 ? (size_t)n : 0;
    size_t fm = strlen(row->message), fh = row->hint ? strlen(row->hint) : 0;
    char *format = gp_xcalloc(fm + fh + 1, 1);
    if (!format)
        return;
    memcpy(format, row->message, fm);
    if (fh)
        memcpy(format + fm, row->hint, fh);
    va_copy(again, list);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t all_n = n > 0 ? (size_t)n : 0;
    char *all = gp_xcalloc(all_n + 1 + sizeof "…", 1);
    vsnprintf(all, all_n + 1, format, list);
    free(format);
    if (row->hint) {
        g->hint = gp_xcalloc(all_n - message_n + 1 + sizeof "…", 1);
        memcpy(g->hint, all + message_n, all_n - message_n);
        cut(g->hint);
    }
    all[message_n] = 0;
    g->message = cut(all);
}

void gp_diag_at(gp_diags *d, gp_diag_id id, gp_span span, ...)
{
    gp_diag *g = slot(d, id);
    if (!g)
        return;
    g->span = span;
    va_list list;
    va_start(list, span);
    fill(g, list);
    va_end(list);
}

void gp_diag_file(gp_diags *d, gp_diag_id id, const char *file, uint32_t line, uint32_t column, ...)
{
    gp_diag *g = slot(d, id);
    if (!g)
        return;
    g->line = line;
    g->column = column;
    va_list list;
    va_start(list, column);
    fill(g, list);
    va_end(list);
    if (!file)
        return;
    /* The caller's path may be gone when the list is printed: a copy, behind the message in the same block. */
    size_t message_n = strlen(g->message) + 1, file_n = strlen(file) + 1;
    g->message = gp_xrealloc(g->message, message_n + file_n);
    g->file = memcpy(g->message + message_n, file, file_n);
}

void gp_diag_hint(gp_diags *d, const char *format, ...)
{
    if (!format || !d->n || d->dropped) /* dropped: the diagnostic meant is not in the list */
        return;
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *hint = gp_xcalloc((size_t)(n > 0 ? n : 0) + 1 + sizeof "…", 1);
    if (n > 0)
        vsnprintf(hint, (size_t)n + 1, format, again);
    va_end(again);
    gp_diag *g = &d->at[d->n - 1];
    free(g->hint);
    g->hint = cut(hint);
}

static void diag_free(gp_diag *g)
{
    free(g->message);
    free(g->hint);
}

void gp_diags_append(gp_diags *to, gp_diags *from)
{
    size_t limit = to->limit ? to->limit : DEFAULT_LIMIT;
    for (size_t i = 0; i < from->n; i++) {
        if (to->n < limit) {
            gp_vec_push(to, from->at[i]);
        } else {
            diag_free(&from->at[i]);
            to->dropped++;
        }
    }
    to->errors += from->errors;
    to->warnings += from->warnings;
    to->dropped += from->dropped;
    size_t keep = from->limit;
    free(from->at);
    *from = (gp_diags){ .limit = keep };
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void gp_diags_append_new(gp_diags *to, gp_diags *from)
{
    size_t kept = 0;
    for (size_t i = 0; i < from->n; i++) {
        gp_diag *x = &from->at[i];
        bool known = false;
        for (size_t k = 0; k < to->n && !known; k++)
            known = to->at[k].id == x->id && to->at[k].line == x->line && to->at[k].column == x->column && same_text(to->at[k].message, x->message) &&
                    same_text(to->at[k].file, x->file);
        if (known) {
            from->errors -= x->severity == GP_ERROR;
            from->warnings -= x->severity == GP_WARNING;
            diag_free(x);
        } else {
            from->at[kept++] = *x;
        }
    }
    from->n = kept;
    gp_diags_append(to, from);
}

void gp_diags_fini(gp_diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        diag_free(&d->at[i]);
    free(d->at);
    *d = (gp_diags){ .limit = d->limit };
}

/* --- text -------------------------------------------------------------------------------------------------- */

/* Nothing from a formula or a file reaches a terminal raw: no escapes, no direction overrides. */
static bool harmful(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x200E || cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

static void add_safe(gp_buf *out, const char *p, const char *end)
{
    while (p < end) {
        uint32_t cp;
        int n = gp_utf8_decode(p, end, &cp);
        if (cp == '\t' || cp == '\n' || cp == '\r')
            gp_buf_addc(out, ' ');
        else if (harmful(cp) || cp == 0xFFFD)
            gp_buf_addz(out, "\xEF\xBF\xBD");
        else
            gp_buf_add(out, p, (size_t)n);
        p += n;
    }
}

static int shown_width(uint32_t cp)
{
    return cp == '\t' || harmful(cp) ? 1 : gp_char_width(cp);
}

static const char *back(const char *p, const char *start)
{
    do
        p--;
    while (p > start && ((unsigned char)*p & 0xC0) == 0x80);
    return p;
}

static int width_between(const char *p, const char *end)
{
    int width = 0;
    while (p < end) {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        width += shown_width(cp);
    }
    return width;
}

/* The bytes of line i without its line end. */
static gp_str line_text(const gp_source *s, size_t i)
{
    const char *p = s->text.p + s->line_at[i];
    const char *end = s->text.p + (i + 1 < s->n_lines ? s->line_at[i + 1] : s->text.n);
    while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return (gp_str){ p, (size_t)(end - p) };
}

/* Source line and carets.  A line wider than the window is shown around the span, cut marks as "…". */
static void add_source(gp_buf *out, gp_span span, bool colour, const char *paint)
{
    const gp_source *s = span.src;
    uint32_t at = span.at > s->text.n ? (uint32_t)s->text.n : span.at;
    size_t i = line_index(s, at);
    gp_str line = line_text(s, i);
    const char *end = line.p + line.n;
    const char *mark = s->text.p + at > end ? end : s->text.p + at;
    const char *mark_end = span.n > (size_t)(end - mark) ? end : mark + span.n;
    const char *from = mark, *to = mark;
    int used = 0;
    while (to < end && used < WINDOW * 2 / 3) { /* the span and what follows, up to two thirds of the window */
        uint32_t cp;
        to += gp_utf8_decode(to, end, &cp);
        used += shown_width(cp);
    }
    while (from > line.p && used < WINDOW) {
        const char *q = back(from, line.p);
        used += width_between(q, from);
        from = q;
    }
    while (to < end && used < WINDOW) {
        uint32_t cp;
        to += gp_utf8_decode(to, end, &cp);
        used += shown_width(cp);
    }
    if (mark_end > to)
        mark_end = to;
    char number[16];
    int digits = snprintf(number, sizeof number, "%3zu", i + 1);
    gp_buf_printf(out, "  %s | %s", number, from > line.p ? "…" : "");
    add_safe(out, from, to);
    gp_buf_addz(out, to < end ? "…\n" : "\n");
    gp_buf_printf(out, "  %*s | ", digits, "");
    int blanks = width_between(from, mark) + (from > line.p);
    for (int b = 0; b < blanks; b++)
        gp_buf_addc(out, ' ');
    int carets = width_between(mark, mark_end);
    if (colour)
        gp_buf_addz(out, paint);
    for (int c = 0; c < (carets > 0 ? carets : 1); c++)
        gp_buf_addc(out, '^');
    gp_buf_addz(out, colour ? "\033[0m\n" : "\n");
}

static const char *severity_name(gp_severity s)
{
    return s == GP_ERROR ? "error" : s == GP_WARNING ? "warning" : "note";
}

void gp_diag_render_text(const gp_diag *d, bool colour, gp_buf *out)
{
    const char *paint = d->severity == GP_ERROR     ? "\033[1;31m"
                        : d->severity == GP_WARNING ? "\033[1;33m"
                                                    : "\033[1;36m";
    uint32_t line = d->line, column = d->column;
    const char *file = d->file;
    if (d->span.src) {
        file = d->span.src->name;
        gp_span_where(d->span, &line, &column);
    }
    if (colour)
        gp_buf_addz(out, "\033[1m");
    if (file) {
        add_safe(out, file, file + strlen(file));
        gp_buf_addc(out, ':');
        if (line)
            gp_buf_printf(out, "%u:", line);
        if (line && column)
            gp_buf_printf(out, "%u:", column);
        gp_buf_addc(out, ' ');
    }
    if (colour)
        gp_buf_printf(out, "\033[0m%s", paint);
    gp_buf_printf(out, "%s[%s]: ", severity_name(d->severity), gp_diag_code(d->id));
    if (colour)
        gp_buf_addz(out, "\033[0m");
    add_safe(out, d->message, d->message + strlen(d->message));
    gp_buf_addc(out, '\n');
    if (d->span.src && d->span.src->n_lines)
        add_source(out, d->span, colour, paint);
    if (d->hint && *d->hint) {
        gp_buf_addz(out, "      = hint: ");
        add_safe(out, d->hint, d->hint + strlen(d->hint));
        gp_buf_addc(out, '\n');
    }
}

/* --- JSON -------------------------------------------------------------------------------------------------- */

void gp_diag_render_json(const gp_diag *d, gp_buf *out)
{
    uint32_t line = d->line, column = d->column, end_line = line, end_column = column;
    const char *file = d->file;
    gp_str source = { 0 };
    if (d->span.src) {
        file = d->span.src->name;
        gp_span_where(d->span, &line, &column);
        where(d->span.src, d->span.at + d->span.n, &end_line, &end_column);
        if (d->span.src->n_lines)
            source = line_text(d->span.src, line - 1);
        if (source.n > 2000) {
            source.n = 2000;
            while (source.n && ((unsigned char)source.p[source.n] & 0xC0) == 0x80)
                source.n--;
        }
    }
    gp_buf_printf(out, "{\"code\":\"%s\",\"name\":\"%s\",\"severity\":\"%s\",\"file\":", gp_diag_code(d->id),
                  gp_diag_name(d->id), severity_name(d->severity));
    if (file)
        gp_buf_json(out, gp_str_from(file));
    else
        gp_buf_addz(out, "null");
    gp_buf_printf(out, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u", line, column, end_line,
                  end_column);
    gp_buf_printf(out, ",\"offset\":%u,\"length\":%u,\"message\":", d->span.src ? d->span.at : 0,
                  d->span.src ? d->span.n : 0);
    gp_buf_json(out, gp_str_from(d->message));
    gp_buf_addz(out, ",\"hint\":");
    if (d->hint)
        gp_buf_json(out, gp_str_from(d->hint));
    else
        gp_buf_addz(out, "null");
    gp_buf_addz(out, ",\"source\":");
    if (d->span.src)
        gp_buf_json(out, source);
    else
        gp_buf_addz(out, "null");
    gp_buf_addc(out, '}');
}
