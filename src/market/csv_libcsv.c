/* The reference tokeniser: libcsv. */
#include "market/table.h"
#include "base/vec.h"
#include <csv.h>

typedef struct feed {
    gp_table *t;
    bool ended;    /* a row ended in the piece just fed */
    bool cut;      /* the last field of the row is quoted and was not closed; a line feed stands behind it */
    bool whole;    /* many lines a piece: lines are counted by their terminators */
    uint32_t line; /* whole: the line being read */
    bool after_cr;
    const char *cursor; /* whole: some line not behind the current one, and its number */
    uint32_t cursor_line;
    const char *end;
} feed;

/* Room behind every field, so that numbers can be read eight digits at a time. */
static void *roomy_realloc(void *old, size_t n)
{
    return gp_xrealloc(old, n + GP_NUM_WIDE + 1);
}

static void on_field(void *text, size_t n, void *ctx)
{
    const feed *f = ctx;
    gp_table *t = f->t;
    const gp_layout *l = t->layout;
    int column = t->row.fields;
    const char *p = text;

    if (f->cut && n) n--;
    if (column < l->n_columns) {
        unsigned role = l->slot[column];
        if (role < GP_NUMBERS) {
            double x;
            /* CSV_APPEND_NULL: a byte that ends the number stands at p[n]. */
            if (gp_num_known(p, n, &x) || gp_num_scan(p, NULL, &x) == p + n) {
                t->row.v[role] = x;
                t->row.fields++;
                return;
            }
        } else if (role == GP_ROLE_SKIP) {
            t->row.fields++;
            return;
        }
    }
    gp_table_field(t, column, p, n, true);
}

/* Only rows with something to tell need their text. */
static void find_line(feed *f)
{
    const gp_row *r = &f->t->row;
    const char *next;

    if (r->date && !r->n_bad && !r->bad_time) return;
    while (f->cursor_line < f->line) {
        gp_line(f->cursor, f->end, &next);
        f->cursor = next;
        f->cursor_line++;
    }
    f->t->line_text = (gp_str){f->cursor, gp_line(f->cursor, f->end, &next)};
}

static void on_row(int terminator, void *ctx)
{
    feed *f = ctx;

    f->ended = true;
    if (f->whole) {
        bool second_half = terminator == '\n' && f->after_cr; /* of CRLF */
        f->after_cr = terminator == '\r';
        if (second_half) return;
        if (f->t->row.fields) {
            f->t->line = f->line;
            find_line(f);
            gp_table_row_end(f->t);
        }
        f->line++;
    } else {
        gp_table_row_end(f->t);
    }
}

static bool is_blank(gp_str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ' && line.p[i] != '\t') return false;
    return true;
}

static bool feed_piece(struct csv_parser *csv, feed *f, const char *p, size_t n)
{
    if (csv_parse(csv, p, n, on_field, on_row, f) == n) return !f->t->failed;
    gp_diag_file(f->t->d, GP_D_DATA_NOT_QUOTES, f->t->file, f->t->line, 0, csv_strerror(csv_error(csv)));
    f->t->failed = true;
    return false;
}

/* A line at a time: with quotes about, only so does every row know its line.  A quoted field that is not closed ends with its line all the
 * same, so that a stray quotation mark costs its own row at most. */
static void feed_lines(struct csv_parser *csv, feed *f, const gp_text *text)
{
    gp_table *t = f->t;
    const char *next;
    uint32_t line = text->rows_line;

    for (const char *p = text->rows; p < text->end; p = next, line++) {
        t->line = line;
        t->line_text = (gp_str){p, gp_line(p, text->end, &next)};
        if (t->line_text.n > GP_LINE_MAX) {
            gp_table_too_long(t, line);
            return;
        }
        f->ended = false;
        if (!feed_piece(csv, f, p, t->line_text.n) || !feed_piece(csv, f, "\n", 1)) return;
        if (f->ended || is_blank(t->line_text)) continue;
        t->open_quote = f->cut = true;
        csv_fini(csv, on_field, on_row, f);
        t->open_quote = f->cut = false;
        if (t->failed) return;
    }
}

/* No line longer than GP_LINE_MAX: hops from line end to line end, as far as that allows. */
static bool lines_fit(const gp_text *text, uint32_t *line)
{
    const char *p = text->rows;

    while (text->end - p > GP_LINE_MAX) {
        const char *lf = memrchr(p, '\n', GP_LINE_MAX + 1), *next;
        if (!lf && p[GP_LINE_MAX] == '\r' && text->end - p > GP_LINE_MAX + 1 && p[GP_LINE_MAX + 1] == '\n')
            lf = p + GP_LINE_MAX + 1;
        if (lf) {
            p = lf + 1;
            continue;
        }
        *line = text->rows_line;
        for (const char *q = text->rows; q < p; q = next, ++*line) gp_line(q, text->end, &next);
        return false;
    }
    return true;
}

void gp_csv_libcsv(gp_table *t, const gp_text *text)
{
    struct csv_parser csv;
    feed f = {.t = t, .line = text->rows_line, .cursor = text->rows, .cursor_line = text->rows_line, .end = text->end};
    const char *why;
    uint32_t line;

    f.whole = gp_csv_is_plain(text, &why);
    if (f.whole && !lines_fit(text, &line)) {
        gp_table_too_long(t, line);
        return;
    }
    if (csv_init(&csv, CSV_APPEND_NULL | (f.whole ? CSV_REPALL_NL : 0)) != 0) return;
    csv_set_delim(&csv, (unsigned char)t->layout->delim);
    csv_set_blk_size(&csv, 4096);
    csv_set_realloc_func(&csv, roomy_realloc);
    if (f.whole)
        feed_piece(&csv, &f, text->rows, (size_t)(text->end - text->rows));
    else
        feed_lines(&csv, &f, text);
    if (!t->failed) csv_fini(&csv, on_field, on_row, &f);
    csv_free(&csv);
}
