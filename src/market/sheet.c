/* Rows of a table, through libcsv a line at a time, so that every row knows its line. */
#include "market/sheet.h"
#include <csv.h>
#include "base/unpack.h"
#include "base/vec.h"
#include "market/table.h"

typedef struct reading {
    const gp_sheet_reader *r;
    gp_sheet sheet;
    GP_VEC(size_t) ends; /* of the cells in text */
    GP_VEC(gp_str) cells;
    gp_buf text;
    bool headed, refused, ended;
    bool cut; /* the last field of the row is quoted and was not closed; a line feed stands behind it */
    size_t rows;
} reading;

static void on_field(void *p, size_t n, void *ctx)
{
    reading *r = ctx;
    if (r->cut && n) n--;
    if (n) gp_buf_add(&r->text, p, n);
    gp_vec_push(&r->ends, r->text.n);
}

static gp_str trimmed(const char *p, size_t n)
{
    while (n && (*p == ' ' || *p == '\t')) p++, n--;
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
    return (gp_str){p, n};
}

static void on_row(int terminator, void *ctx)
{
    reading *r = ctx;
    bool blank = true;
    (void)terminator;
    r->ended = true;
    r->cells.n = 0;
    for (size_t k = 0, from = 0; k < r->ends.n; from = r->ends.at[k++]) {
        const gp_str cell = trimmed(r->text.p ? r->text.p + from : "", r->ends.at[k] - from);
        blank &= cell.n == 0;
        gp_vec_push(&r->cells, cell);
    }
    r->sheet.cell = r->cells.at;
    r->sheet.n = (int)r->cells.n;
    if (!blank && !r->refused) {
        if (!r->headed) {
            r->refused = !r->r->head(r->r->ctx, &r->sheet);
            r->headed = true;
        } else {
            r->rows++;
            r->r->row(r->r->ctx, &r->sheet);
        }
    }
    r->ends.n = 0;
    r->text.n = 0;
}

/* The delimiter that the first line has most of. */
static char delimiter(const char *p, const char *end)
{
    static const char delims[] = {',', '\t', ';', '|'};
    const char *next;
    gp_str line = {p, gp_line(p, end, &next)};
    size_t best = 0;
    char found = ',';
    for (size_t i = 0; i < sizeof delims; i++) {
        size_t n = 0;
        for (size_t k = 0; k < line.n; k++) n += line.p[k] == delims[i];
        if (n > best) {
            best = n;
            found = delims[i];
        }
    }
    return found;
}

static void read_lines(reading *r, const char *p, const char *end)
{
    struct csv_parser csv;
    const char *next;
    uint32_t line = 1;
    uint32_t open_line = 0;
    int open = 0;
    while (p < end && gp_line(p, end, &next) == 0) p = next, line++;
    if (csv_init(&csv, 0) != 0) return;
    csv_set_delim(&csv, (unsigned char)delimiter(p, end));
    for (; p < end && !r->refused; p = next, line++) {
        const size_t n = gp_line(p, end, &next);
        if (n > GP_LINE_MAX) {
            gp_diag_file(r->sheet.d, GP_D_DATA_LINE_TOO_LONG, r->sheet.path, line, 0, GP_LINE_MAX);
            r->refused = true;
            break;
        }
        r->sheet.line = line;
        r->ended = false;
        csv_parse(&csv, p, n, on_field, on_row, r);
        csv_parse(&csv, "\n", 1, on_field, on_row, r);
        if (r->ended || trimmed(p, n).n == 0) continue;
        if (open++ == 0) open_line = line; /* as in tables of quotes: a field ends with its line */
        r->cut = true;
        csv_fini(&csv, on_field, on_row, r);
        r->cut = false;
    }
    if (open && !r->refused) gp_diag_file(r->sheet.d, GP_D_COMPANION_OPEN_QUOTE, r->sheet.path, open_line, 1, open);
    csv_free(&csv);
}

bool gp_sheet_read(const char *path, const gp_sheet_reader *how, gp_diags *d)
{
    reading r = {.r = how, .sheet = {.path = path, .d = d}};
    gp_buf utf8 = {0};
    gp_file file;
    size_t bom, bad = 0, first_bad = 0;
    const char *why = gp_file_open(path, &file);
    char reason[GP_UNPACK_WHY];
    if (why) {
        gp_diag_file(d, GP_D_DATA_UNREADABLE, path, 0, 0, why);
        return false;
    }
    if (file.changed) gp_diag_file(d, GP_D_DATA_CHANGED, path, 0, 0);
    if (gp_file_unpack(&file, reason)) {
        gp_diag_file(d, GP_D_DATA_PACKED, path, 0, 0, reason);
        gp_file_close(&file);
        return false;
    }
    const gp_encoding encoding = gp_encoding_detect(file.p, file.n, &bom);
    gp_decode(encoding, file.p + bom, file.n - bom, &utf8, &bad, &first_bad);
    if (bad) gp_diag_file(d, GP_D_DATA_BAD_BYTES, path, 0, 0, bad, gp_encoding_name(encoding));
    if (utf8.n) read_lines(&r, utf8.p, utf8.p + utf8.n);
    if (!r.headed && !r.refused) gp_diag_file(d, GP_D_COMPANION_EMPTY, path, 0, 0, how->looks);
    if (r.headed && !r.refused && r.rows == 0) gp_diag_file(d, GP_D_COMPANION_NO_ROWS, path, 0, 0);
    gp_vec_free(&r.ends);
    gp_vec_free(&r.cells);
    gp_buf_free(&r.text);
    gp_buf_free(&utf8);
    gp_file_close(&file);
    return r.headed && !r.refused && r.rows > 0;
}

/* ---- messages ---- */

void gp_sheet_show(const gp_sheet *s, gp_buf *out)
{
    for (int k = 0; k < s->n; k++) {
        char shown[48];
        if (out->n > 240) {
            gp_buf_addz(out, ", …");
            return;
        }
        gp_show(s->cell[k].p, s->cell[k].n, shown);
        gp_buf_printf(out, "%s%s", k ? ", " : "", s->cell[k].n ? shown : "(no name)");
    }
}

void gp_sheet_bad_row(const gp_sheet *s, int *count, const char *why)
{
    if ((*count)++ < GP_SHOWN) gp_diag_file(s->d, GP_D_DATA_BAD_ROW, s->path, s->line, 0, why);
}

void gp_sheet_no_code(const gp_sheet *s, int *count, gp_str cell)
{
    char shown[48], why[80];
    gp_show(cell.p, cell.n, shown);
    snprintf(why, sizeof why, "'%s' is not a code", shown);
    gp_sheet_bad_row(s, count, why);
}

void gp_sheet_bad_date(const gp_sheet *s, int *count, gp_str cell)
{
    char shown[48];
    gp_show(cell.p, cell.n, shown);
    if ((*count)++ < GP_SHOWN) gp_diag_file(s->d, GP_D_DATA_BAD_DATE, s->path, s->line, 0, shown);
}

void gp_sheet_bad_number(const gp_sheet *s, int *count, gp_str cell, const char *column)
{
    char shown[48];
    gp_show(cell.p, cell.n, shown);
    if ((*count)++ < GP_SHOWN) gp_diag_file(s->d, GP_D_DATA_BAD_NUMBER, s->path, s->line, 0, shown, column);
}

void gp_sheet_more_like_it(const char *path, int count, const char *what, gp_diags *d)
{
    if (count > GP_SHOWN) gp_diag_file(d, GP_D_DATA_MORE_LIKE_IT, path, 0, 0, count - GP_SHOWN, what);
}
