/* What the first lines of a quote file say about the rest. */
#include "base/num.h"
#include "base/vec.h"
#include "market/stamp.h"
#include "market/table.h"

enum { LOOK_AT = 10 /* lines before the header is given up */ };
static const char delims[] = {',', '\t', ';', '|'};

/* A line taken as a header with one delimiter. */
typedef struct cells {
    char delim;
    int n, score; /* cells; different quote columns among them */
    uint8_t role[GP_MAX_COLUMNS], rank[GP_MAX_COLUMNS];
} cells;

/* Thousands of files in a folder share one header: the patterns run once per thread, not once per file. */
static _Thread_local struct {
    size_t n;
    char text[1024];
    cells cells;
} last_header;

static bool is_quote_role(unsigned role)
{
    return role <= GP_ROLE_TIME;
}

static void take_apart(gp_str line, char delim, cells *c)
{
    gp_str cell;
    unsigned seen = 0;

    c->delim = delim;
    c->n = 0;
    c->score = 0;
    for (int k = 0; k < GP_MAX_COLUMNS && gp_line_field(line, delim, k, &cell); k++) {
        int rank = 0;
        c->role[k] = (uint8_t)gp_column_match(cell, &rank);
        c->rank[k] = (uint8_t)rank;
        if (cell.n) c->n = k + 1; /* empty cells at the right end are no columns */
        if (is_quote_role(c->role[k])) seen |= 1u << c->role[k];
    }
    for (; seen; seen &= seen - 1) c->score++;
}

static void read_cells(gp_str line, cells *best)
{
    if (line.n && line.n <= sizeof last_header.text && line.n == last_header.n &&
        memcmp(line.p, last_header.text, line.n) == 0) {
        *best = last_header.cells;
        return;
    }
    best->score = -1;
    best->n = 0;
    for (size_t i = 0; i < sizeof delims; i++) {
        cells c;
        if (i > 0 && !memchr(line.p, delims[i], line.n)) continue;
        take_apart(line, delims[i], &c);
        if (c.score > best->score || (c.score == best->score && c.n > best->n)) *best = c;
    }
    if (best->score >= 2 && line.n <= sizeof last_header.text) {
        last_header.n = line.n;
        memcpy(last_header.text, line.p, line.n);
        last_header.cells = *best;
    }
}

static bool blank(gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\t') return false;
    return true;
}

/* The next line that is not blank, or false at the end. */
static bool next_line(const char **p, const char *end, uint32_t *line, gp_str *out)
{
    while (*p < end) {
        const char *next;
        *out = (gp_str){*p, gp_line(*p, end, &next)};
        *p = next;
        ++*line;
        if (!blank(*out)) return true;
    }
    return false;
}

/* ---- files without a header: date[,time],open,high,low,close[,volume[,amount]] ---- */

static bool bare_row(gp_str line, cells *c)
{
    static const uint8_t order[] = {GP_ROLE_OPEN,  GP_ROLE_HIGH, GP_ROLE_LOW,
                                    GP_ROLE_CLOSE, GP_ROLE_VOL,  GP_ROLE_AMOUNT};
    int32_t date, time;
    gp_str cell;
    double x;

    for (size_t i = 0; i < sizeof delims; i++) {
        int k = 0, numbers = 0;
        c->delim = delims[i];
        if (!gp_line_field(line, delims[i], k, &cell) || !gp_stamp_parse(cell.p, cell.n, &date, &time)) continue;
        c->role[k++] = GP_ROLE_DATE;
        /* 0931 could be a price as well, but not before a price of 4 more. */
        if (gp_line_field(line, delims[i], k, &cell) && memchr(cell.p, ':', cell.n) &&
            gp_time_parse(cell.p, cell.n, &time))
            c->role[k++] = GP_ROLE_TIME;
        while (numbers < 6 && gp_line_field(line, delims[i], k, &cell) && gp_num_parse(cell.p, cell.n, &x))
            c->role[k++] = order[numbers++];
        for (; k < GP_MAX_COLUMNS && gp_line_field(line, delims[i], k, &cell); k++) c->role[k] = GP_ROLE_SKIP;
        memset(c->rank, 0, sizeof c->rank);
        c->n = k;
        if (numbers >= 4) return true;
    }
    return false;
}

/* ---- "601003 柳钢股份 日线 前复权" ---- */

static void read_title(gp_str line, gp_text *t)
{
    const char *p = line.p, *end = line.p + line.n, *q;

    while (p < end && (*p == ' ' || *p == '\t')) p++;
    for (q = p; q < end && *q != ' ' && *q != '\t'; q++) {
    }
    size_t n = (size_t)(q - p);
    if (n != 6) return;
    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9') return;
    memcpy(t->title_code, p, n);
    t->title_code[n] = 0;
    for (p = q; p < end && (*p == ' ' || *p == '\t'); p++) {
    }
    for (q = p; q < end && *q != ' ' && *q != '\t'; q++) {
    }
    n = (size_t)(q - p);
    if (n >= sizeof t->title_name) return;
    memcpy(t->title_name, p, n);
    t->title_name[n] = 0;
}

/* ---- layout ---- */

static bool field_is_date(const gp_text *t, char delim, int column)
{
    const char *p = t->rows;
    uint32_t line = 0;
    gp_str text, cell;

    for (int i = 0; i < 5 && next_line(&p, t->end, &line, &text); i++) {
        int32_t date, time;
        if (gp_line_field(text, delim, column, &cell) && gp_stamp_parse(cell.p, cell.n, &date, &time)) return true;
    }
    return false;
}

/* The delimiter of the rows: the header's, unless the first row has too little of it. */
static char row_delim(const gp_text *t, char header_delim, int fields)
{
    const char *p = t->rows;
    uint32_t line = 0;
    gp_str text, cell;

    if (!next_line(&p, t->end, &line, &text) || gp_line_field(text, header_delim, fields - 1, &cell))
        return header_delim;
    for (size_t i = 0; i < sizeof delims; i++)
        if (gp_line_field(text, delims[i], fields - 1, &cell)) return delims[i];
    return header_delim;
}

static void choose_columns(const cells *c, gp_str header, const char *file, uint32_t line, gp_layout *l, gp_diags *d)
{
    for (int r = 0; r < GP_ROLES; r++) l->at[r] = -1;
    for (int k = 0; k < c->n; k++) {
        unsigned r = c->role[k];
        if (r >= GP_ROLES) continue;
        if (l->at[r] < 0 || c->rank[k] < c->rank[l->at[r]]) {
            l->at[r] = k;
        } else if (header.p && is_quote_role(r) && c->rank[k] == c->rank[l->at[r]]) {
            gp_str cell = {"", 0};
            char shown[48];
            gp_line_field(header, c->delim, k, &cell);
            gp_show(cell.p, cell.n, shown);
            gp_diag_file(d, GP_D_DATA_SAME_COLUMN, file, line, 0, l->at[r] + 1, k + 1, shown, gp_role_name((gp_role)r));
        }
    }
}

/* The header of a table that a program wrote with its index: the first cell is empty or says so. */
static bool index_cell(gp_str header, char delim)
{
    gp_str cell;

    if (!gp_line_field(header, delim, 0, &cell)) return false;
    return cell.n == 0 || gp_str_ieqz(cell, "index") || gp_str_ieqz(cell, "price") ||
           (cell.n >= 7 && gp_str_ieq((gp_str){cell.p, 7}, GP_STR("unnamed")));
}

static void find_date(const gp_text *t, gp_str header, char header_delim, gp_layout *l)
{
    if (l->at[GP_ROLE_DATE] >= 0) return;
    if (l->at[GP_ROLE_TIME] >= 0 && field_is_date(t, l->delim, l->at[GP_ROLE_TIME])) {
        l->at[GP_ROLE_DATE] = l->at[GP_ROLE_TIME];
        l->at[GP_ROLE_TIME] = -1;
    } else if (index_cell(header, header_delim) && field_is_date(t, l->delim, 0)) {
        l->at[GP_ROLE_DATE] = 0;
    }
}

/* The header's cells for a message, cut at a length that a terminal can bear. */
static void show_columns(gp_str header, char delim, gp_buf *out)
{
    gp_str cell;

    for (int k = 0; gp_line_field(header, delim, k, &cell); k++) {
        char shown[48];
        if (out->n > 240) {
            gp_buf_addz(out, ", …");
            return;
        }
        gp_show(cell.p, cell.n, shown);
        gp_buf_printf(out, "%s%s", k ? ", " : "", cell.n ? shown : "(no name)");
    }
    if (!out->n) gp_buf_addz(out, "(none)");
}

static bool have_needed(const gp_layout *l, unsigned need, gp_str header, char delim, const char *file, uint32_t line,
                        gp_diags *d)
{
    bool good = true;

    for (int r = 0; r <= GP_ROLE_DATE; r++) {
        bool needed = r == GP_ROLE_DATE || r == GP_ROLE_CLOSE || need >> r & 1;
        gp_buf found = {0};
        if (!needed || l->at[r] >= 0) continue;
        show_columns(header, delim, &found);
        gp_diag_file(d, GP_D_DATA_NO_COLUMN, file, line, 0, gp_role_name((gp_role)r), found.p,
                     gp_role_names((gp_role)r));
        gp_buf_free(&found);
        good = false;
    }
    return good;
}

/* The further columns: among the cells that are nothing else, the best fit of each key. */
static bool choose_more(const cells *c, const gp_read_opts *o, gp_str header, const char *file, uint32_t line, gp_layout *l, gp_diags *d)
{
    bool good = true;

    l->more = o ? o->more : NULL;
    l->n_more = o ? o->n_more : 0;
    for (int m = 0; m < l->n_more; m++) {
        int best = -1, rank = 2;
        gp_str cell;
        for (int k = 0; header.p && k < c->n && gp_line_field(header, c->delim, k, &cell); k++) {
            const int fit = l->slot[k] == GP_ROLE_SKIP ? gp_more_match(cell, l->more[m]) : -1;
            if (fit >= 0 && fit < rank) {
                best = k;
                rank = fit;
            }
        }
        if (best >= 0) {
            l->slot[best] = (uint8_t)(GP_ROLE_MORE + m);
            if (best + 1 > l->needed_fields) l->needed_fields = best + 1;
            continue;
        }
        gp_buf found = {0};
        show_columns(header.p ? header : GP_STR(""), c->delim, &found);
        gp_diag_file(d, GP_D_DATA_NO_COLUMN, file, line, 0, l->more[m], found.p, gp_more_names(l->more[m]));
        gp_buf_free(&found);
        good = false;
    }
    return good;
}

static void fill_slots(const cells *c, const gp_read_opts *o, gp_layout *l)
{
    unsigned wanted = o && o->want ? o->want | o->need | GP_PRICES : 63;

    l->n_columns = c->n;
    memset(l->slot, GP_ROLE_SKIP, (size_t)c->n);
    memset(l->slot + c->n, c->n < GP_MAX_COLUMNS ? GP_ROLE_EXTRA : GP_ROLE_SKIP, sizeof l->slot - (size_t)c->n);
    l->have = l->keep = 0;
    l->needed_fields = 1;
    for (int r = 0; r < GP_ROLES; r++) {
        int k = l->at[r];
        if (k < 0) continue;
        if (k + 1 > l->needed_fields && r != GP_ROLE_NAME) l->needed_fields = k + 1;
        if (r < GP_NUMBERS) l->have |= 1u << r;
        if (r < GP_NUMBERS && !(wanted >> r & 1)) continue;
        if (r < GP_NUMBERS) l->keep |= 1u << r;
        l->slot[k] = (uint8_t)r;
    }
}

/* No line looked like a header: say what the file looks like instead. */
static void complain(gp_str first, const cells *c, uint32_t line, const char *file, gp_diags *d)
{
    char shown[48], why[120];
    gp_buf found = {0};
    gp_role missing = GP_ROLE_CLOSE;

    if (c->n <= 1 && c->score <= 0) {
        gp_show(first.p, first.n, shown);
        snprintf(why, sizeof why, "its first line has no columns: '%s'", shown);
        gp_diag_file(d, GP_D_DATA_NOT_QUOTES, file, line, 0, why);
        return;
    }
    for (int k = 0; k < c->n; k++)
        if (c->role[k] == GP_ROLE_CLOSE) missing = GP_ROLE_DATE;
    show_columns(first, c->delim, &found);
    gp_diag_file(d, GP_D_DATA_NO_COLUMN, file, line, 0, gp_role_name(missing), found.p, gp_role_names(missing));
    gp_buf_free(&found);
}

static bool headerless(gp_text *t, const cells *c, const char *row, uint32_t line, const gp_read_opts *o,
                       const char *file, gp_layout *l, gp_diags *d)
{
    gp_buf order = {0};
    bool good;

    choose_columns(c, (gp_str){NULL, 0}, file, line, l, d);
    l->delim = c->delim;
    t->rows = row;
    t->rows_line = line;
    for (int k = 0; k < c->n && c->role[k] < GP_ROLES; k++)
        gp_buf_printf(&order, "%s%s", k ? "," : "", gp_role_name((gp_role)c->role[k]));
    gp_diag_file(d, GP_D_DATA_NO_HEADER, file, line, 0, order.p);
    gp_buf_free(&order);
    fill_slots(c, o, l);
    gp_str text = {row, 0};
    const char *next;
    text.n = gp_line(row, t->end, &next);
    good = have_needed(l, o ? o->need : 0, text, c->delim, file, line, d);
    return choose_more(c, o, (gp_str){NULL, 0}, file, line, l, d) && good;
}

bool gp_csv_header_read(gp_text *t, const gp_read_opts *o, const char *file, gp_layout *l, gp_diags *d)
{
    const char *p = t->p;
    uint32_t line = 0, first_line = 0;
    gp_str text, first = {NULL, 0};
    cells c, first_cells = {0};
    bool titles_only = true;

    for (int i = 0; i < LOOK_AT; i++) {
        const char *at = p;
        if (!next_line(&p, t->end, &line, &text)) break;
        if (text.n > GP_LINE_MAX) {
            gp_diag_file(d, GP_D_DATA_LINE_TOO_LONG, file, line, 0, GP_LINE_MAX);
            return false;
        }
        read_cells(text, &c);
        if (c.score >= 2) {
            choose_columns(&c, text, file, line, l, d);
            t->rows = p;
            t->rows_line = line + 1;
            fill_slots(&c, o, l);
            l->delim = row_delim(t, c.delim, l->needed_fields);
            find_date(t, text, c.delim, l);
            if (!have_needed(l, o ? o->need : 0, text, c.delim, file, line, d)) return false;
            fill_slots(&c, o, l); /* again, now with the date */
            return choose_more(&c, o, text, file, line, l, d);
        }
        cells bare;
        if (titles_only && bare_row(text, &bare))
            return headerless(t, &bare, text.p ? text.p : at, line, o, file, l, d);
        if (!first.p) {
            first = text;
            first_cells = c;
            first_line = line;
            read_title(text, t);
        }
        titles_only = titles_only && c.n <= 1;
    }
    if (!first.p) {
        gp_diag_file(d, GP_D_DATA_EMPTY, file, 0, 0);
        return false;
    }
    complain(first, &first_cells, first_line, file, d);
    return false;
}
