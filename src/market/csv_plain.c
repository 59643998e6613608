/* The quick tokeniser for files that are strictly plain: no quotes, LF or CRLF.  Numbers are read where they stand, in
 * one go; everything unusual is handed to the same functions that libcsv's fields go to. */
#include "market/csv_quick.h"
#include "base/vec.h"
#include "market/stamp.h"

bool gp_csv_is_plain(const gp_text *text, const char **why)
{
    const char *p = text->rows, *end = text->end;

    *why = "it contains quotes";
    if (memchr(p, '"', (size_t)(end - p))) return false;
    *why = "a carriage return stands alone";
    while ((p = memchr(p, '\r', (size_t)(end - p))) != NULL) {
        if (++p == end || *p != '\n') return false;
        p++;
    }
    return true;
}

static inline bool ends_field(char c, char delim)
{
    return c == delim || c == '\n' || c == '\r';
}

/* The end of the field at p; up to wide, eight bytes a step. */
static inline const char *field_end(const char *p, const char *wide, char delim)
{
#if GP_NUM_WIDE > 0
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    while (p < wide) {
        uint64_t w, d, marks;
        memcpy(&w, p, 8);
        d = w ^ (unsigned char)delim * ones;
        /* the delimiter, or anything below a blank; the lowest mark is never a false one */
        marks = (((d - ones) & ~d) | ((w - 32 * ones) & ~w)) & high;
        if (!marks) {
            p += 8;
            continue;
        }
        p += __builtin_ctzll(marks) / 8;
        if (ends_field(*p, delim)) return p;
        p++;
    }
#else
    (void)wide;
#endif
    while (!ends_field(*p, delim)) p++;
    return p;
}

static inline const char *date_field(gp_row *r, const char *p, char delim)
{
    const char *q = ends_field(p[8], delim) ? p + 8 : p + 10;
    int32_t time;

    if (!ends_field(*q, delim) || !gp_stamp_parse(p, (size_t)(q - p), &r->date, &time) || time >= 0) return NULL;
    return q;
}

/* One row beginning at p, which is no blank; a line feed is known to follow.  wide: up to there gp_num_scan_wide may be
 * used.  Returns what follows the row. */
static const char *read_row(gp_table *t, const gp_layout *l, const char *p, const char *wide)
{
    const char delim = l->delim, *q;
    gp_row *r = &t->row;
    const bool ymd = *l->date_order == 'y';
    int column = 0, fields = 1;

    for (;; fields++) {
        unsigned role = l->slot[column];
        if (role < GP_NUMBERS) {
            double x;
            q = p < wide ? gp_num_scan_wide(p, &x) : NULL;
            if (!q) q = gp_num_scan(p, NULL, &x);
            if (q && ends_field(*q, delim)) {
                r->v[role] = x;
                goto field_done;
            }
        } else if (role == GP_ROLE_DATE && p < wide && ymd && (q = date_field(r, p, delim)) != NULL) {
            goto field_done;
        }
        q = field_end(p, wide, delim);
        if (role != GP_ROLE_SKIP) gp_table_field(t, column, p, (size_t)(q - p), false);
    field_done:
        if (*q != delim) break;
        p = q + 1;
        column += column < GP_MAX_COLUMNS;
    }
    r->fields = fields;
    return q + (*q == '\r' ? 2 : 1);
}

/* Rows of [p, end), which ends with a line feed.  Returns the number of lines. */
static uint32_t read_rows(gp_table *t, const char *p, const char *end, uint32_t line)
{
    const gp_layout *l = t->layout;
    const char *wide = end - p > GP_NUM_WIDE ? end - GP_NUM_WIDE : p;
#ifdef __SSE2__
    quick k;
    quick_init(&k, t);
#endif

    for (; p < end; line++) {
        const char *start = p, *q = p;
        t->line = line;
#ifdef __SSE2__
        if (k.on && end - p > QUICK_ROW + GP_NUM_WIDE) {
            const char *next = quick_row(&k, t, p);
            if (next) {
                p = next;
                continue;
            }
            k.on = ++k.misses < 64 || (size_t)k.misses < t->rows_seen / 2;
        }
#endif
        while ((*q == ' ' || *q == '\t') && *q != l->delim) q++;
        if (*q == '\n' || *q == '\r') { /* blank */
            p = q + (*q == '\r' ? 2 : 1);
        } else {
            p = read_row(t, l, q, wide);
        }
        size_t n = (size_t)(p - start) - 1;
        if (n > 0 && start[n - 1] == '\r') n--;
        if (n > GP_LINE_MAX) {
            gp_table_too_long(t, line);
            return line;
        }
        if (*q == '\n' || *q == '\r') continue;
        t->line_text = (gp_str){start, n};
        gp_table_row_end(t);
        if (t->failed) return line;
    }
    return line;
}

void gp_csv_plain(gp_table *t, const gp_text *text)
{
    const char *last = memrchr(text->rows, '\n', (size_t)(text->end - text->rows));
    const char *tail = last ? last + 1 : text->rows;
    uint32_t line = read_rows(t, text->rows, tail, text->rows_line);
    size_t n = (size_t)(text->end - tail);

    if (t->failed || n == 0) return;
    if (n > GP_LINE_MAX) {
        gp_table_too_long(t, line);
        return;
    }
    /* The loops above stop at a line feed, so the last line gets one. */
    char *copy = gp_xrealloc(NULL, n + 1);
    memcpy(copy, tail, n);
    copy[n] = '\n';
    read_rows(t, copy, copy + n + 1, line);
    free(copy);
}
