/* Rows out.  CSV, JSON and NDJSON go straight into a buffer; a table is kept until the widths are known. */
#include "output/writer.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

enum { FLUSH_AT = 1 << 16 };

struct gp_writer {
    FILE *out;
    gp_format format;
    gp_column *columns;  /* names owned */
    int n;
    bool colour, failed;
    int error;           /* errno of the first failed write */
    size_t rows;
    gp_buf buf;          /* what has not been handed to stdio yet */
    gp_buf scratch;      /* one cleaned cell */
    gp_buf items;        /* one joined list */
    size_t fit;          /* table: at most so many cells wide; 0: any */
    const char *none;    /* table: gp_writer_none */
    int fold;            /* table: what is wider goes on below, after this many key columns; 0: it does not */
    gp_buf texts;        /* table: the bytes of all text cells */
    GP_VEC(gp_cell) cells; /* table: row after row.  A text cell keeps its length in text.n and its place in texts in
                            * number; its text.p only says null or not */
};

bool gp_format_parse(const char *name, gp_format *out)
{
    static const char *const names[] = {"table", "csv", "json", "ndjson"};
    for (int i = 0; i < 4; i++) {
        if (gp_str_ieqz(gp_str_from(name), names[i])) {
            *out = (gp_format)i;
            return true;
        }
    }
    return false;
}

/* What may reach a reader as it is.  Formula text and file contents are untrusted: escape sequences and
 * bidirectional overrides can repaint a terminal, so they become visible signs.  JSON escapes the C0 range itself and
 * CSV may quote line breaks and tabs, so those stay there. */
static bool is_bad(uint32_t cp, gp_format format)
{
    if (cp < 0x20)
        return format == GP_FORMAT_TABLE || (format == GP_FORMAT_CSV && cp != '\n' && cp != '\r' && cp != '\t');
    return (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
           cp == 0x2028 || cp == 0x2029 || cp == 0xfffd;
}

gp_str gp_clean(gp_str s, gp_format format, gp_buf *room)
{
    size_t i = 0;
    room->n = 0;
    while (i < s.n) {
        uint32_t cp;
        int len = gp_utf8_decode(s.p + i, s.p + s.n, &cp);
        if (is_bad(cp, format)) {
            char sign[4];
            uint32_t shown = cp < 0x20 ? 0x2400 + cp : cp == 0x7f ? 0x2421 : 0xfffd;
            gp_buf_add(room, sign, (size_t)gp_utf8_encode(shown, sign));
        } else {
            gp_buf_add(room, s.p + i, (size_t)len);
        }
        i += (size_t)len;
    }
    return (gp_str){room->p ? room->p : "", room->n};
}

static gp_str cleaned(gp_writer *w, gp_str s) { return gp_clean(s, w->format, &w->scratch); }

/* The items of a list cell for people and CSV; in JSON it becomes an array. */
static gp_str listed(gp_writer *w, gp_str s)
{
    w->items.n = 0;
    for (size_t i = 0; i < s.n; i++)
        gp_buf_addc(&w->items, s.p[i] == GP_LIST_SEPARATOR ? '|' : s.p[i]);
    return (gp_str){w->items.p ? w->items.p : "", w->items.n};
}

static bool is_text(gp_cell_kind kind) { return kind == GP_CELL_TEXT || kind == GP_CELL_LIST || kind == GP_CELL_DETAIL; }
static bool is_list(gp_cell_kind kind) { return kind == GP_CELL_LIST || kind == GP_CELL_DETAIL; }

/* The columns that stand side by side in a table. */
static int across(const gp_writer *w) { return w->n && w->columns[w->n - 1].kind == GP_CELL_DETAIL ? w->n - 1 : w->n; }

static void flush(gp_writer *w)
{
    if (w->buf.n && !w->failed && fwrite(w->buf.p, 1, w->buf.n, w->out) != w->buf.n) {
        w->failed = true;
        w->error = errno;
    }
    w->buf.n = 0;
}

static void put(gp_writer *w, const char *p, size_t n) { gp_buf_add(&w->buf, p, n); }
static void putz(gp_writer *w, const char *z) { gp_buf_addz(&w->buf, z); }

gp_writer *gp_writer_new(FILE *out, gp_format format, const gp_column *columns, int n, bool colour)
{
    gp_writer *w = gp_xcalloc(1, sizeof *w);
    w->out = out;
    w->format = format;
    w->n = n;
    w->colour = colour;
    w->columns = gp_xcalloc((size_t)n + 1, sizeof *w->columns);
    for (int i = 0; i < n; i++) {
        size_t bytes = strlen(columns[i].name) + 1;
        char *name = gp_xcalloc(bytes, 1);
        memcpy(name, columns[i].name, bytes);
        w->columns[i] = columns[i];
        w->columns[i].name = name;
    }
    if (format == GP_FORMAT_CSV) {
        for (int i = 0; i < n; i++) {
            if (i)
                putz(w, ",");
            gp_buf_csv(&w->buf, cleaned(w, gp_str_from(w->columns[i].name)));
        }
        putz(w, "\n");
    } else if (format == GP_FORMAT_JSON) {
        putz(w, "[");
    }
    return w;
}

static size_t format_date(const gp_cell *c, char *buf, size_t size)
{
    int n = snprintf(buf, size, "%04d-%02d-%02d", c->date / 10000, c->date / 100 % 100, c->date % 100);
    if (c->time >= 0)
        n += snprintf(buf + n, size - (size_t)n, " %02d:%02d:%02d", c->time / 10000, c->time / 100 % 100, c->time % 100);
    return (size_t)n;
}

static bool is_number(gp_cell_kind kind) { return kind == GP_CELL_NUMBER || kind == GP_CELL_LIMIT; }

static bool is_null(const gp_column *column, const gp_cell *c)
{
    if (is_number(column->kind))
        return !isfinite(c->number);
    return column->kind == GP_CELL_DATE ? c->date == 0 : c->text.p == NULL;
}

static void csv_cell(gp_writer *w, const gp_column *column, const gp_cell *c)
{
    char buf[64];
    if (is_null(column, c))
        return;
    if (is_number(column->kind))
        put(w, buf, gp_num_format(c->number, buf));
    else if (column->kind == GP_CELL_DATE)
        put(w, buf, format_date(c, buf, sizeof buf));
    else
        gp_buf_csv(&w->buf, cleaned(w, is_list(column->kind) ? listed(w, c->text) : c->text));
}

static void json_list(gp_writer *w, gp_str s)
{
    size_t from = 0;
    putz(w, "[");
    for (size_t i = 0; s.n && i <= s.n; i++) {
        if (i < s.n && s.p[i] != GP_LIST_SEPARATOR)
            continue;
        if (from)
            putz(w, ",");
        gp_buf_json(&w->buf, cleaned(w, (gp_str){s.p + from, i - from}));
        from = i + 1;
    }
    putz(w, "]");
}

static void json_cell(gp_writer *w, const gp_column *column, const gp_cell *c)
{
    char buf[64];
    if (is_null(column, c)) {
        putz(w, "null");
    } else if (is_number(column->kind)) {
        put(w, buf, gp_num_format(c->number, buf));
    } else if (column->kind == GP_CELL_DATE) {
        size_t n = format_date(c, buf, sizeof buf);
        gp_buf_json(&w->buf, (gp_str){buf, n});
    } else if (column->kind == GP_CELL_LIST) {
        json_list(w, c->text);
    } else if (column->kind == GP_CELL_DETAIL) {
        put(w, c->json.p, c->json.n);
    } else {
        gp_buf_json(&w->buf, cleaned(w, c->text));
    }
}

static void json_row(gp_writer *w, const gp_cell *cells)
{
    if (w->format == GP_FORMAT_JSON)
        putz(w, w->rows ? ",\n" : "\n");
    putz(w, "{");
    for (int i = 0; i < w->n; i++) {
        if (i)
            putz(w, ",");
        gp_buf_json(&w->buf, cleaned(w, gp_str_from(w->columns[i].name)));
        putz(w, ":");
        json_cell(w, &w->columns[i], &cells[i]);
    }
    putz(w, w->format == GP_FORMAT_JSON ? "}" : "}\n");
}

/* Its items, cleaned, a line each. */
static void keep_detail(gp_writer *w, gp_cell *c)
{
    const gp_str all = c->text;
    const size_t at = w->texts.n;
    for (size_t i = 0, from = 0; all.n && i <= all.n; i++) {
        if (i < all.n && all.p[i] != GP_LIST_SEPARATOR)
            continue;
        const gp_str item = cleaned(w, (gp_str){all.p + from, i - from});
        gp_buf_addz(&w->texts, "    ");
        gp_buf_add(&w->texts, item.p, item.n);
        gp_buf_addc(&w->texts, '\n');
        from = i + 1;
    }
    c->number = (double)at;
    c->text.n = w->texts.n - at;
}

static void keep_row(gp_writer *w, const gp_cell *cells)
{
    for (int i = 0; i < w->n; i++) {
        gp_cell c = cells[i];
        if (w->columns[i].kind == GP_CELL_DETAIL) {
            keep_detail(w, &c);
        } else if (is_text(w->columns[i].kind) && c.text.p) {
            gp_str s = cleaned(w, w->columns[i].kind == GP_CELL_LIST ? listed(w, c.text) : c.text);
            c.number = (double)w->texts.n;
            c.text.n = s.n;
            gp_buf_add(&w->texts, s.p, s.n);
        }
        gp_vec_push(&w->cells, c);
    }
}

void gp_writer_fit(gp_writer *w, size_t cells) { w->fit = cells; }

void gp_writer_fold(gp_writer *w, size_t cells, int keys)
{
    w->fit = cells;
    w->fold = cells ? keys : 0;
}

void gp_writer_none(gp_writer *w, const char *word) { w->none = word; }

void gp_writer_row(gp_writer *w, const gp_cell *cells)
{
    switch (w->format) {
    case GP_FORMAT_TABLE: keep_row(w, cells); break;
    case GP_FORMAT_CSV:
        for (int i = 0; i < w->n; i++) {
            if (i)
                putz(w, ",");
            csv_cell(w, &w->columns[i], &cells[i]);
        }
        putz(w, "\n");
        break;
    case GP_FORMAT_JSON:
    case GP_FORMAT_NDJSON: json_row(w, cells); break;
    }
    w->rows++;
    if (w->buf.n >= FLUSH_AT)
        flush(w);
}

/* ---- the aligned table ---- */

static int decimals_in(const char *p, size_t n)
{
    const char *dot = memchr(p, '.', n);
    return dot ? (int)(n - (size_t)(dot - p) - 1) : 0;
}

/* People compare down a column, so a column has one number of decimals: enough for its largest value to show four or
 * five digits, never more than its values have. */
static int column_digits(const gp_writer *w, int i)
{
    double largest = 0;
    int shown = 0, digits = w->columns[i].decimals;
    char buf[GP_NUM_MAX + 512];
    for (size_t r = 0; r < w->rows; r++) {
        double x = w->cells.at[r * (size_t)w->n + (size_t)i].number;
        if (isfinite(x) && fabs(x) > largest)
            largest = fabs(x);
    }
    if (digits < 0) {
        digits = largest >= 10 ? 2 : largest >= 1 ? 3 : 4;
        for (double top = 0.1; largest > 0 && largest < top && digits < 12; top /= 10)
            digits++;
    }
    for (size_t r = 0; r < w->rows; r++) {
        double x = w->cells.at[r * (size_t)w->n + (size_t)i].number;
        int has = isfinite(x) ? decimals_in(buf, gp_num_format_fixed(x, digits, buf)) : 0;
        shown = has > shown ? has : shown;
    }
    return shown;
}

/* Bytes of one table cell into buf (text cells point into texts). */
static gp_str table_cell(const gp_writer *w, int i, const gp_cell *c, int digits, char *buf, size_t size)
{
    const gp_column *column = &w->columns[i];
    size_t n;
    if (is_null(column, c))
        return column->kind == GP_CELL_LIMIT && isinf(c->number) ? gp_str_from(w->none ? w->none : "none") : GP_STR("-");
    if (is_text(column->kind))
        return c->text.n ? (gp_str){w->texts.p + (size_t)c->number, c->text.n} : GP_STR("");
    if (column->kind == GP_CELL_DATE)
        return (gp_str){buf, format_date(c, buf, size)};
    n = gp_num_format_fixed(c->number, digits, buf);
    if (n > 1 && buf[0] == '-' && strspn(buf + 1, "0.") == n - 1) { /* -0.00 after rounding */
        memmove(buf, buf + 1, n--);
    }
    for (int has = decimals_in(buf, n); has < digits; has++) {
        if (has == 0)
            buf[n++] = '.';
        buf[n++] = '0';
    }
    return (gp_str){buf, n};
}

static void pad(gp_writer *w, size_t n)
{
    while (n--)
        gp_buf_addc(&w->buf, ' ');
}

/* s cut to so many cells. */
static gp_str cut(gp_str s, size_t width, char *buf, size_t size)
{
    size_t n = 0, has = 0;
    if ((size_t)gp_str_width(s) <= width)
        return s;
    while (n < s.n) {
        uint32_t cp;
        size_t bytes = (size_t)gp_utf8_decode(s.p + n, s.p + s.n, &cp), cells = (size_t)gp_char_width(cp);
        if (has + cells + 1 > width || n + bytes + 4 > size)
            break;
        has += cells;
        n += bytes;
    }
    memcpy(buf, s.p, n);
    memcpy(buf + n, "…", sizeof "…");
    return (gp_str){buf, n + sizeof "…" - 1};
}

static void table_field(gp_writer *w, int i, gp_str s, size_t width, const char *paint, bool last)
{
    size_t has = (size_t)gp_str_width(s), fill = width > has ? width - has : 0;
    bool right = is_number(w->columns[i].kind);
    if (i)
        putz(w, "  ");
    if (right)
        pad(w, fill);
    if (w->colour && paint)
        putz(w, paint);
    put(w, s.p, s.n);
    if (w->colour && paint)
        putz(w, "\033[0m");
    if (!right && !last)
        pad(w, fill);
}

static void table_line_end(gp_writer *w)
{
    while (w->buf.n && w->buf.p[w->buf.n - 1] == ' ')
        w->buf.n--;
    putz(w, "\n");
}

/* Takes what is too wide from the last columns, down to a width at which they still say something. */
static void table_fit(const gp_writer *w, size_t *width)
{
    enum { LEAST = 8 };
    size_t total = 2 * (size_t)(w->n - 1), over;
    for (int i = 0; i < w->n; i++)
        total += width[i];
    over = w->fit && total > w->fit ? total - w->fit : 0;
    for (int i = w->n - 1; i > 0 && over; i--) {
        size_t can = is_text(w->columns[i].kind) && width[i] > LEAST ? width[i] - LEAST : 0;
        can = can < over ? can : over;
        width[i] -= can;
        over -= can;
    }
}

/* The first column that does not stand beside the key columns and those from `from` on in the width there is; at least one does. */
static int band_end(const gp_writer *w, const size_t *width, int from, int columns)
{
    const int keys = from ? w->fold : 0;
    size_t total = 0;
    int to = from;
    for (int i = 0; i < keys; i++)
        total += width[i] + 2;
    for (; to < columns && (to <= from || to < w->fold || total + width[to] <= w->fit); to++)
        total += width[to] + 2;
    return to;
}

static void table_band_row(gp_writer *w, size_t r, const size_t *width, const int *digits, int from, int to)
{
    char buf[1024], shorter[1024];
    for (int i = 0; i < to; i++) {
        if (i == w->fold && i < from)
            i = from;
        const gp_cell *c = &w->cells.at[r * (size_t)w->n + (size_t)i];
        gp_str s = table_cell(w, i, c, digits[i], buf, sizeof buf);
        if (w->fit && !w->fold && is_text(w->columns[i].kind))
            s = cut(s, width[i], shorter, sizeof shorter);
        table_field(w, i, s, width[i], is_null(&w->columns[i], c) ? "\033[2m" : NULL, i == to - 1);
    }
    table_line_end(w);
}

/* Columns from..to-1, after the key columns where those do not begin the band. */
static void table_band(gp_writer *w, const size_t *width, const int *digits, int from, int to)
{
    char shorter[1024];
    const int columns = across(w);
    for (int i = 0; i < to; i++) {
        if (i == w->fold && i < from)
            i = from;
        table_field(w, i, cut(cleaned(w, gp_str_from(w->columns[i].name)), width[i], shorter, sizeof shorter), width[i], "\033[1m", i == to - 1);
    }
    table_line_end(w);
    for (size_t r = 0; r < w->rows; r++) {
        table_band_row(w, r, width, digits, from, to);
        if (to == columns && columns < w->n) {
            const gp_cell *c = &w->cells.at[r * (size_t)w->n + (size_t)columns];
            put(w, w->texts.p ? w->texts.p + (size_t)c->number : "", c->text.n);
        }
        if (w->buf.n >= FLUSH_AT)
            flush(w);
    }
}

static void table_end(gp_writer *w)
{
    char buf[1024];
    const int columns = across(w);
    size_t *width = gp_xcalloc((size_t)w->n + 1, sizeof *width);
    int *digits = gp_xcalloc((size_t)w->n + 1, sizeof *digits);
    for (int i = 0; i < columns; i++) {
        width[i] = (size_t)gp_str_width(cleaned(w, gp_str_from(w->columns[i].name)));
        if (is_number(w->columns[i].kind))
            digits[i] = column_digits(w, i);
        for (size_t r = 0; r < w->rows; r++) {
            gp_str s = table_cell(w, i, &w->cells.at[r * (size_t)w->n + (size_t)i], digits[i], buf, sizeof buf);
            size_t has = (size_t)gp_str_width(s);
            width[i] = has > width[i] ? has : width[i];
        }
    }
    if (!w->fold)
        table_fit(w, width);
    for (int from = 0, to; from < columns; from = to) {
        to = w->fold ? band_end(w, width, from, columns) : columns;
        if (from)
            putz(w, "\n");
        table_band(w, width, digits, from, to);
    }
    free(width);
    free(digits);
}

bool gp_writer_end(gp_writer *w)
{
    bool ok;
    int error;
    if (w->format == GP_FORMAT_TABLE)
        table_end(w);
    else if (w->format == GP_FORMAT_JSON)
        putz(w, w->rows ? "\n]\n" : "]\n");
    flush(w);
    if (!w->failed && fflush(w->out) != 0) {
        w->failed = true;
        w->error = errno;
    }
    ok = !w->failed && !ferror(w->out);
    error = w->error;
    for (int i = 0; i < w->n; i++)
        free((char *)w->columns[i].name);
    free(w->columns);
    gp_buf_free(&w->buf);
    gp_buf_free(&w->scratch);
    gp_buf_free(&w->items);
    gp_buf_free(&w->texts);
    gp_vec_free(&w->cells);
    free(w);
    if (!ok)
        errno = error;
    return ok;
}
