/* What the first lines of a quote file say about the rest. */
#include "base/num.h"
#include "base/vec.h"
#include "market/stamp.h"
#include "market/cells.h"

enum { LOOK_AT = 10 /* lines before the header is given up */ };
static const char delims[] = {',', '\t', ';', '|'};

/* Thousands of files in a folder share one header: the patterns run once per thread, not once per file. */
static _Thread_local struct {
    size_t n;
    char text[1024];
    unsigned forced;     /* id of the profile that the user named, 0 none */
    gp_cells cells;      /* by names, and what that profile says */
    bool looked;         /* the next is known */
    uint64_t candidates; /* built-in profiles that fit */
    unsigned chosen;     /* id of the one that was taken last, and the cells with it */
    gp_cells with;
} last_header;

static bool is_quote_role(unsigned role)
{
    return role <= GP_ROLE_TIME;
}

static void take_apart(gp_str line, char delim, gp_cells *c)
{
    gp_str cell;

    c->delim = delim;
    c->n = 0;
    c->score = 0;
    for (int k = 0; k < GP_MAX_COLUMNS && gp_line_field(line, delim, k, &cell); k++) {
        int rank = 0;
        c->role[k] = (uint8_t)gp_column_match(cell, &rank);
        c->rank[k] = (uint8_t)rank;
        if (cell.n) c->n = k + 1; /* empty cells at the right end are no columns */
    }
    c->score = gp_cells_score(c);
}

static void read_cells(gp_str line, const gp_profile *forced, gp_cells *best)
{
    const unsigned id = forced ? forced->id : 0;

    if (line.n && last_header.forced == id && line.n <= sizeof last_header.text && line.n == last_header.n &&
        memcmp(line.p, last_header.text, line.n) == 0) {
        *best = last_header.cells;
        return;
    }
    best->score = -1;
    best->n = 0;
    for (size_t i = 0; i < sizeof delims; i++) {
        gp_cells c;
        if (i > 0 && !memchr(line.p, delims[i], line.n)) continue;
        if (forced && forced->delim && forced->delim != delims[i]) continue;
        take_apart(line, delims[i], &c);
        if (forced) gp_profile_apply(forced, line, &c);
        if (c.score > best->score || (c.score == best->score && c.n > best->n)) *best = c;
    }
    if (best->score >= 2 && line.n <= sizeof last_header.text) {
        last_header.n = line.n;
        memcpy(last_header.text, line.p, line.n);
        last_header.forced = id;
        last_header.cells = *best;
        last_header.looked = false;
        last_header.chosen = 0;
    }
}

/* The profile that the file has by its shape; what it says goes into c. */
static const gp_profile *find_profile(const gp_text *t, gp_str header, gp_str above, gp_cells *c)
{
    const gp_shape shape = {above, t->rows, t->end};
    const bool cached = header.n <= sizeof last_header.text; /* then read_cells has put it there */
    const uint64_t candidates = cached && last_header.looked ? last_header.candidates : gp_profile_candidates(c, header);
    const gp_profile *p = gp_profile_choose(candidates, &shape);

    if (p && cached && last_header.chosen == p->id)
        *c = last_header.with;
    else if (p)
        gp_profile_apply(p, header, c);
    if (cached) {
        last_header.looked = true;
        last_header.candidates = candidates;
        last_header.chosen = p ? p->id : 0;
        if (p) last_header.with = *c;
    }
    return p;
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

static bool bare_row(gp_str line, gp_cells *c)
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

static int adjusted_by(gp_str line)
{
    static const struct { const char *word; int adjusted; } rows[] = {
        {"不复权", GP_ADJUSTED_NONE}, {"前复权", GP_ADJUSTED_FORWARD}, {"后复权", GP_ADJUSTED_BACKWARD}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (memmem(line.p, line.n, rows[i].word, strlen(rows[i].word))) return rows[i].adjusted;
    return GP_ADJUSTED_UNKNOWN;
}

static void read_title(gp_str line, gp_text *t)
{
    const char *p = line.p, *end = line.p + line.n, *q;

    while (p < end && (*p == ' ' || *p == '\t')) p++;
    for (q = p; q < end && *q != ' ' && *q != '\t'; q++) {
    }
    size_t n = (size_t)(q - p);
    t->adjusted = adjusted_by(line);
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

static void choose_columns(const gp_cells *c, gp_str header, const char *file, uint32_t line, gp_layout *l, gp_diags *d)
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

/* Among the cells that are nothing else, the best fit of a key; -1: none. */
static int find_more(const gp_cells *c, gp_str header, const gp_layout *l, const char *key)
{
    int best = -1, rank = 2;
    gp_str cell;
    for (int k = 0; header.p && k < c->n && gp_line_field(header, c->delim, k, &cell); k++) {
        const int fit = l->slot[k] == GP_ROLE_SKIP ? gp_more_match(cell, key) : -1;
        if (fit >= 0 && fit < rank) {
            best = k;
            rank = fit;
        }
    }
    return best;
}

/* A column beyond those asked for: its place among the further ones, from 1; 0: the file has none.  anyway: a place even so. */
static int add_own(const gp_cells *c, gp_str header, gp_layout *l, const char *key, bool anyway)
{
    const int at = l->n_more < GP_MAX_MORE ? find_more(c, header, l, key) : -1;
    if ((at < 0 && !anyway) || l->n_more == GP_MAX_MORE) return 0;
    if (at >= 0) l->slot[at] = (uint8_t)(GP_ROLE_MORE + l->n_more);
    return ++l->n_more;
}

/* The further columns. */
static bool choose_more(const gp_cells *c, const gp_read_opts *o, gp_str header, const char *file, uint32_t line, gp_layout *l, gp_diags *d)
{
    const bool named = l->at[GP_ROLE_NAME] >= 0;
    bool good = true;

    l->more = o ? o->more : NULL;
    l->n_more = o ? o->n_more : 0;
    l->st = l->pre = 0;
    l->st_by_name = false;
    for (int m = 0; m < l->n_more; m++) {
        const int best = find_more(c, header, l, l->more[m]);
        if (best >= 0) {
            l->slot[best] = (uint8_t)(GP_ROLE_MORE + m);
            if (strcmp(l->more[m], "preclose") == 0) l->pre = m + 1;
            if (strcmp(l->more[m], "st") == 0) l->st = m + 1;
            if (best + 1 > l->needed_fields && !o->more_if_any) l->needed_fields = best + 1;
            continue;
        }
        if (o->more_if_any && named && strcmp(l->more[m], "st") == 0) {
            l->st = m + 1;
            l->st_by_name = true;
        }
        if (o->more_if_any) continue;
        gp_buf found = {0};
        show_columns(header.p ? header : GP_STR(""), c->delim, &found);
        gp_diag_file(d, GP_D_DATA_NO_COLUMN, file, line, 0, l->more[m], found.p, gp_more_names(l->more[m]));
        gp_buf_free(&found);
        good = false;
    }
    if (o && o->limits && !l->st) {
        l->st_by_name = named && find_more(c, header, l, "st") < 0;
        l->st = add_own(c, header, l, "st", named);
        l->st_by_name &= l->st > 0;
    }
    if (o && o->limits && !l->pre) l->pre = add_own(c, header, l, "preclose", false);
    return good;
}

static void fill_slots(const gp_cells *c, const gp_read_opts *o, gp_layout *l)
{
    unsigned wanted = o && o->want ? o->want | o->need | GP_PRICES : 63;

    /* the amount tells what the volume counts */
    if (o && o->data && o->data->volume_unit && l->volume == GP_UNIT_UNKNOWN && wanted & GP_COL_VOL) wanted |= GP_COL_AMOUNT;

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
    for (int k = 0; k < c->n; k++)
        if (c->role[k] == GP_ROLE_MARK) l->slot[k] = GP_ROLE_MARK;
}

/* ---- what else the profile and the header say ---- */

/* "成交量(手)": what stands in parentheses behind the name. */
static gp_unit unit_in_cell(gp_str cell)
{
    static const struct {
        const char *text;
        gp_unit unit;
    } words[] = {{"手", GP_UNIT_LOTS}, {"股", GP_UNIT_SHARES}, {"lots", GP_UNIT_LOTS}, {"shares", GP_UNIT_SHARES}, {"元", GP_UNIT_YUAN},
                 {"千元", GP_UNIT_KYUAN}, {"万元", GP_UNIT_WYUAN}, {"百万元", GP_UNIT_MYUAN}};
    const gp_str name = gp_cell_bare(cell);
    const char *p = name.p + name.n, *end = cell.p + cell.n;

    if (name.n == 0 || p >= end) return GP_UNIT_UNKNOWN;
    p += *p == '(' ? 1 : end - p > 3 ? 3 : 0; /* （ has three bytes, and so has ） */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t n = strlen(words[i].text);
        if ((size_t)(end - p) > n && gp_str_ieqz((gp_str){p, n}, words[i].text) &&
            (p[n] == ')' || ((size_t)(end - p) >= n + 3 && memcmp(p + n, "）", 3) == 0)))
            return words[i].unit;
    }
    return GP_UNIT_UNKNOWN;
}

static void take_units(gp_str header, char delim, const gp_profile *p, gp_layout *l)
{
    const int role[] = {GP_ROLE_VOL, GP_ROLE_AMOUNT};
    gp_unit *const unit[] = {&l->volume, &l->amount};
    gp_str cell;

    l->volume = p ? p->volume : GP_UNIT_UNKNOWN;
    l->index_volume = p ? p->index_volume : GP_UNIT_UNKNOWN;
    l->amount = p ? p->amount : GP_UNIT_UNKNOWN;
    for (int i = 0; i < 2; i++) {
        if (l->at[role[i]] < 0 || !gp_line_field(header, delim, l->at[role[i]], &cell)) continue;
        const gp_unit said = unit_in_cell(cell);
        if (said != GP_UNIT_UNKNOWN && (said >= GP_UNIT_YUAN) == (i == 1)) *unit[i] = said;
    }
}

/* For `data inspect`: every cell and what it is taken for. */
static void tell(gp_str header, const gp_cells *c, const gp_layout *l, bool forced, gp_reading *r)
{
    gp_str cell;

    if (!r) return;
    r->profile = l->profile;
    r->forced = forced;
    r->delim = l->delim;
    r->volume = l->volume;
    r->index_volume = l->index_volume;
    r->amount = l->amount;
    if (l->profile && !forced) gp_profile_why(l->profile, &r->why);
    for (int k = 0; header.p && k < c->n && gp_line_field(header, c->delim, k, &cell); k++) {
        char shown[48];
        gp_show(cell.p, cell.n, shown);
        gp_buf_printf(&r->columns, "%s%s", k ? "\037" : "", shown);
        for (int role = 0; role < GP_ROLES; role++)
            if (l->at[role] == k) gp_buf_printf(&r->columns, "=%s", gp_role_name((gp_role)role));
        if (c->role[k] == GP_ROLE_MARK) gp_buf_addz(&r->columns, "=suspended");
    }
}

/* No line looked like a header: say what the file looks like instead. */
static void complain(gp_str first, const gp_cells *c, uint32_t line, const char *file, gp_diags *d)
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

static bool headerless(gp_text *t, const gp_cells *c, const char *row, uint32_t line, const gp_read_opts *o,
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
    tell((gp_str){NULL, 0}, c, l, false, o ? o->reading : NULL);
    gp_str text = {row, 0};
    const char *next;
    text.n = gp_line(row, t->end, &next);
    good = have_needed(l, o ? o->need : 0, text, c->delim, file, line, d);
    return choose_more(c, o, (gp_str){NULL, 0}, file, line, l, d) && good;
}

/* The header has been found, and t->rows is where the rows begin. */
static bool take_header(gp_text *t, gp_str header, gp_str above, gp_cells *c, uint32_t line, const gp_read_opts *o, const char *file,
                        gp_layout *l, gp_diags *d)
{
    const gp_data_opts *data = o ? o->data : NULL;
    const bool forced = data && data->profile;

    l->profile = forced ? data->profile : data && data->no_profiles ? NULL : find_profile(t, header, above, c);
    if (l->profile) {
        l->date_order = l->profile->date_order;
        l->mark_value = l->profile->mark_value;
    }
    for (size_t i = 0; i < header.n; i++) l->chinese |= (unsigned char)header.p[i] >= 128;
    choose_columns(c, header, file, line, l, d);
    fill_slots(c, o, l);
    l->delim = row_delim(t, c->delim, l->needed_fields);
    find_date(t, header, c->delim, l);
    take_units(header, c->delim, l->profile, l);
    tell(header, c, l, forced, o ? o->reading : NULL);
    if (!have_needed(l, o ? o->need : 0, header, c->delim, file, line, d)) return false;
    fill_slots(c, o, l); /* again, now with the date */
    return choose_more(c, o, header, file, line, l, d);
}

/* A profile may name the columns of files that have no header. */
static bool named_columns(gp_text *t, const gp_profile *p, const gp_read_opts *o, const char *file, gp_layout *l, gp_diags *d)
{
    const gp_str header = gp_str_from(p->names);
    gp_cells c;

    take_apart(header, ',', &c);
    gp_profile_apply(p, header, &c);
    t->rows = t->p;
    t->rows_line = 1;
    if (!take_header(t, header, (gp_str){NULL, 0}, &c, 0, o, file, l, d)) return false;
    if (p->delim) l->delim = p->delim;
    return true;
}

bool gp_csv_header_read(gp_text *t, const gp_read_opts *o, const char *file, gp_layout *l, gp_diags *d)
{
    const gp_profile *forced = o && o->data ? o->data->profile : NULL;
    const char *p = t->p;
    uint32_t line = 0, first_line = 0;
    gp_str text, first = {NULL, 0};
    gp_cells c, first_cells = {0};
    bool titles_only = true;

    *l = (gp_layout){.date_order = "ymd"};
    if (forced && forced->names) return named_columns(t, forced, o, file, l, d);
    for (int i = 0; i < LOOK_AT; i++) {
        const char *at = p;
        if (!next_line(&p, t->end, &line, &text)) break;
        if (text.n > GP_LINE_MAX) {
            gp_diag_file(d, GP_D_DATA_LINE_TOO_LONG, file, line, 0, GP_LINE_MAX);
            return false;
        }
        read_cells(text, forced, &c);
        if (c.score >= 2) {
            t->rows = p;
            t->rows_line = line + 1;
            return take_header(t, text, first, &c, line, o, file, l, d);
        }
        gp_cells bare;
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
