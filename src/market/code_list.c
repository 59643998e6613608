/* Lists of codes: TDX's .blk and .ebk, text with one code a line, tables with a code column. */
#include "base/file.h"
#include "base/vec.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/sheet.h"
#include "market/table.h"

bool gp_codes_is(gp_str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 128) return false;
        digits += s.p[i] >= '0' && s.p[i] <= '9';
    }
    return digits > 0 && s.n <= 20;
}

void gp_codes_lines(const char *path, const char *p, const char *end, void (*found)(void *ctx, gp_str code), void *ctx, gp_diags *d)
{
    const char *next;
    int bad = 0;
    uint32_t line = 0;
    for (; p < end; p = next) {
        char shown[48];
        gp_str s = {p, gp_line(p, end, &next)};
        line++;
        while (s.n && (*s.p == ' ' || *s.p == '\t' || *s.p == '\'')) s.p++, s.n--;
        for (size_t i = 0; i < s.n; i++)
            if (strchr(" \t,;|", s.p[i])) s.n = i;
        if (s.n == 0 || *s.p == '#' || gp_str_ieqz(s, "code")) continue;
        if (gp_codes_is(s)) {
            found(ctx, s);
            continue;
        }
        gp_show(s.p, s.n, shown);
        if (bad++ < GP_SHOWN) gp_diag_file(d, GP_D_BLOCK_CODE, path, line, 1, shown);
    }
    gp_sheet_more_like_it(path, bad, "lines are no codes and are left out", d);
}

/* ---- a file ---- */

typedef struct reading { gp_codes *codes; size_t n; int column, bad; } reading;

static void add_code(void *ctx, gp_str code)
{
    reading *r = ctx;
    gp_codes_add(r->codes, code);
    r->n++;
}

static bool table_head(void *ctx, const gp_sheet *s)
{
    reading *r = ctx;
    int rank;
    for (int k = 0; k < s->n; k++)
        if (gp_column_match(s->cell[k], &rank) == GP_ROLE_CODE) {
            r->column = k;
            return true;
        }
    return false; /* cannot be: is_table saw one */
}

static void table_row(void *ctx, const gp_sheet *s)
{
    reading *r = ctx;
    if (r->column < s->n && gp_codes_is(s->cell[r->column]))
        add_code(r, s->cell[r->column]);
    else
        gp_sheet_bad_row(s, &r->bad, "the row has no code");
}

/* A first line of several cells of which one is called code. */
static bool is_table(const char *p, const char *end)
{
    const char *next;
    gp_str line = {p, gp_line(p, end, &next)}, cell;
    int rank;
    for (const char *d = ",\t;|"; *d && line.n <= GP_LINE_MAX; d++) {
        if (!memchr(line.p, *d, line.n)) continue;
        for (int k = 0; k < GP_MAX_COLUMNS && gp_line_field(line, *d, k, &cell); k++)
            if (gp_column_match(cell, &rank) == GP_ROLE_CODE) return true;
    }
    return false;
}

bool gp_codes_read(gp_codes *c, const char *path, gp_diags *d)
{
    const size_t errors = d->errors;
    reading r = {.codes = c};
    gp_buf text = {0};
    gp_file file;
    size_t bom, bad, first;
    const char *why = gp_file_open(path, &file);
    if (why) {
        gp_diag_file(d, GP_D_DATA_UNREADABLE, path, 0, 0, why);
        return false;
    }
    const gp_encoding encoding = gp_encoding_detect(file.p, file.n, &bom);
    gp_decode(encoding, file.p + bom, file.n - bom, &text, &bad, &first);
    gp_file_close(&file);
    const char *p = text.n ? text.p : "", *end = p + text.n;
    while (p < end && (*p == '\n' || *p == '\r')) p++; /* an .ebk begins with an empty line */
    if (is_table(p, end)) {
        const gp_sheet_reader reader = {"code,name", table_head, table_row, &r};
        gp_sheet_read(path, &reader, d);
        gp_sheet_more_like_it(path, r.bad, "rows have no code and are left out", d);
    } else {
        gp_codes_lines(path, p, end, add_code, &r, d);
    }
    gp_buf_free(&text);
    if (r.n == 0 && d->errors == errors) gp_diag_file(d, GP_D_CODES_NONE, path, 0, 0);
    return d->errors == errors;
}
