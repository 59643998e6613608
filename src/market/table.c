/* What a row of a quote file means. */
#include "market/table.h"
#include "base/num.h"
#include "base/vec.h"
#include "market/bars.h"
#include "market/rules.h"
#include "market/stamp.h"

void gp_show(const char *p, size_t n, char out[48])
{
    size_t at = 0;
    const char *end = p + n;

    while (p < end && at < 40) {
        uint32_t cp;
        int used = gp_utf8_decode(p, end, &cp);
        at += (size_t)gp_utf8_encode(cp < 32 || (cp >= 127 && cp < 160) ? 0xFFFD : cp, out + at);
        p += used;
    }
    if (p < end) {
        memcpy(out + at, "…", 3);
        at += 3;
    }
    out[at] = 0;
}

size_t gp_line(const char *p, const char *end, const char **next)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;
    const char *cr = memchr(p, '\r', (size_t)(stop - p));

    if (cr) {
        *next = cr + 1 == lf ? lf + 1 : cr + 1;
        return (size_t)(cr - p);
    }
    *next = lf ? lf + 1 : end;
    return (size_t)(stop - p);
}

/* Where field k starts: outside quotes, after k delimiters. */
static const char *field_start(gp_str line, char delim, int k)
{
    const char *p = line.p, *end = p + line.n;
    bool quoted = false, fresh = true;

    for (; p < end && k > 0; p++) {
        if (*p == '"' && (quoted || fresh)) {
            quoted = !quoted;
            fresh = true; /* a doubled quote opens again */
        } else if (*p == delim && !quoted) {
            k--;
            fresh = true;
        } else if (*p != ' ' && *p != '\t') {
            fresh = false;
        }
    }
    if (k > 0) return NULL;
    while (p < end && *p != delim && (*p == ' ' || *p == '\t')) p++;
    return p;
}

bool gp_line_field(gp_str line, char delim, int k, gp_str *field)
{
    const char *p = field_start(line, delim, k), *end = line.p + line.n, *q;

    if (!p) return false;
    if (p < end && *p == '"') {
        q = memchr(p + 1, '"', (size_t)(end - p - 1));
        if (!q) q = end;
        p++;
    } else {
        q = memchr(p, delim, (size_t)(end - p));
        if (!q) q = end;
        while (q > p && (q[-1] == ' ' || q[-1] == '\t')) q--;
    }
    *field = (gp_str){p, (size_t)(q - p)};
    return true;
}

/* Column of a field counted in characters, 0 when the line no longer tells. */
static uint32_t place(const gp_table *t, int column)
{
    const char *p = field_start(t->line_text, t->layout->delim, column);
    uint32_t at = 1;

    if (!p) return 0;
    for (const char *q = t->line_text.p; q < p; q++) at += ((unsigned char)*q & 0xC0) != 0x80;
    return at;
}

/* ---- storage ---- */

static void grow(gp_table *t, size_t cap)
{
    gp_bars to = {0};
    double **to_v[GP_NUMBERS] = {&to.open, &to.high, &to.low, &to.close, &to.vol, &to.amount};

    if (cap > INT32_MAX - 64) cap = INT32_MAX - 64;
    gp_bars_alloc(&to, (int)cap, t->layout->keep);
    if (t->n) memcpy(to.date, t->date, t->n * sizeof *t->date);
    for (int i = 0; i < GP_NUMBERS; i++) {
        if (t->n && t->v[i]) memcpy(*to_v[i], t->v[i], t->n * sizeof(double));
        t->v[i] = *to_v[i];
    }
    for (int i = 0; i < t->layout->n_more; i++) t->more[i] = gp_xrealloc(t->more[i], cap * sizeof(double));
    free(t->date);
    t->date = to.date;
    t->cap = cap;
    t->lines = gp_xrealloc(t->lines, cap * sizeof *t->lines);
    if (t->time) t->time = gp_xrealloc(t->time, cap * sizeof *t->time);
    if (t->ticker) t->ticker = gp_xrealloc(t->ticker, cap * sizeof *t->ticker);
}

void gp_table_init(gp_table *t, const gp_layout *layout, const char *file, const gp_data_opts *data, size_t rows_expected,
                   gp_diags *d)
{
    static const gp_data_opts nothing_said;

    memset(t, 0, offsetof(gp_table, row.bad)); /* the scratch texts need no clearing */
    memset(&t->line, 0, sizeof *t - offsetof(gp_table, line));
    t->layout = layout;
    t->file = file;
    t->data = data ? data : &nothing_said;
    t->d = d;
    grow(t, rows_expected < 16 ? 16 : rows_expected);
    t->row.n_more = layout->n_more;
    gp_row_begin(&t->row);
}

void gp_table_fini(gp_table *t)
{
    for (int i = 0; i < GP_MAX_MORE; i++) free(t->more[i]);
    free(t->date);
    free(t->time);
    free(t->lines);
    free(t->ticker);
    for (size_t i = 0; i < t->n_tickers; i++) {
        free(t->tickers[i].raw);
        free(t->tickers[i].name);
    }
    free(t->tickers);
    free(t->slots);
}

/* ---- tickers ---- */

static size_t probe(const gp_table *t, gp_str code, uint64_t hash)
{
    size_t i = hash & (t->slots_n - 1);

    for (; t->slots[i]; i = (i + 1) & (t->slots_n - 1)) {
        const gp_ticker *k = &t->tickers[t->slots[i] - 1];
        if (k->hash == hash && k->raw_n == code.n && memcmp(k->raw, code.p, code.n) == 0) break;
    }
    return i;
}

static size_t find_ticker(gp_table *t, gp_str code)
{
    uint64_t hash;
    size_t slot;

    if (t->n_tickers) {
        const gp_ticker *last = &t->tickers[t->last_ticker];
        if (last->raw_n == code.n && (code.n == 0 || memcmp(last->raw, code.p, code.n) == 0)) return t->last_ticker;
    }
    hash = gp_str_ihash(code);
    if (t->slots_n < 2 * (t->n_tickers + 1)) {
        t->slots_n = t->slots_n ? t->slots_n * 4 : 16;
        free(t->slots);
        t->slots = gp_xcalloc(t->slots_n, sizeof *t->slots);
        for (size_t i = 0; i < t->n_tickers; i++) {
            gp_ticker *k = &t->tickers[i];
            t->slots[probe(t, (gp_str){k->raw, k->raw_n}, k->hash)] = (uint32_t)i + 1;
        }
    }
    slot = probe(t, code, hash);
    if (!t->slots[slot]) {
        if (t->n_tickers == t->tickers_cap) {
            t->tickers_cap = t->tickers_cap ? t->tickers_cap * 2 : 4;
            t->tickers = gp_xrealloc(t->tickers, t->tickers_cap * sizeof *t->tickers);
        }
        gp_ticker *k = &t->tickers[t->n_tickers++];
        *k = (gp_ticker){.raw = gp_xrealloc(NULL, code.n + 1), .raw_n = code.n, .hash = hash, .name_key = INT64_MIN};
        if (code.n) memcpy(k->raw, code.p, code.n);
        k->raw[code.n] = 0;
        t->slots[slot] = (uint32_t)t->n_tickers;
        if (t->n_tickers == 2) t->ticker = gp_xcalloc(t->cap, sizeof *t->ticker); /* all rows so far: ticker 0 */
    }
    t->last_ticker = t->slots[slot] - 1;
    return t->last_ticker;
}

/* Names change (ST is put on and taken off); the one of the latest day counts. */
static void take_name(gp_ticker *k, gp_str name, int64_t key)
{
    if (name.n == 0 || key < k->name_key) return;
    k->name_key = key;
    if (k->name_n == name.n && memcmp(k->name, name.p, name.n) == 0) return;
    k->name = gp_xrealloc(k->name, name.n + 1);
    memcpy(k->name, name.p, name.n);
    k->name[name.n] = 0;
    k->name_n = name.n;
}

/* ---- fields ---- */

/* "1,234,567.8": only a quoted field can hold the delimiter, so this is never two fields. */
static bool parse_thousands(const char *p, size_t n, double *out)
{
    char plain[64];
    size_t m = 0, group = 0, groups = 0;
    bool fraction = false;

    if (n >= sizeof plain) return false;
    for (size_t i = 0; i < n; i++) {
        bool is_digit = p[i] >= '0' && p[i] <= '9';
        if (p[i] == ',') {
            if (fraction || group == 0 || group > 3 || (groups && group != 3)) return false;
            groups++;
            group = 0;
            continue;
        }
        if (p[i] == '.') {
            if (fraction || (groups && group != 3)) return false;
            fraction = true;
        } else if (!is_digit && !(i == 0 && (p[i] == '-' || p[i] == '+'))) {
            return false;
        }
        if (is_digit && !fraction) group++;
        plain[m++] = p[i];
    }
    return groups && (fraction || group == 3) && gp_num_parse(plain, m, out);
}

/* How programs write yes and no. */
static bool parse_truth(gp_str s, double *out)
{
    static const char *const words[] = {"false", "no", "n", "否", "true", "yes", "y", "是"};
    for (int i = 0; i < 8; i++)
        if (gp_str_ieqz(s, words[i])) {
            *out = i >= 4;
            return true;
        }
    return false;
}

static void number_field(gp_table *t, int column, gp_role role, const char *p, size_t n)
{
    gp_row *r = &t->row;

    while (n && (*p == ' ' || *p == '\t')) p++, n--;
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
    if (n > 1 && *p == '$') p++, n--;
    if (n == 0) return;
    double x;
    /* elsewhere than between commas 6,630 may be a price with a decimal comma, but hardly a volume */
    const bool thousands = t->layout->delim == ',' || role == GP_ROLE_VOL || role == GP_ROLE_AMOUNT;
    if (gp_num_parse(p, n, &x) || (thousands && parse_thousands(p, n, &x))) {
        if (x >= -GP_QUOTE_MAX && x <= GP_QUOTE_MAX) {
            *((int)role < GP_NUMBERS ? &r->v[role] : &r->more[role - GP_ROLE_MORE]) = x;
            return;
        }
    }
    if ((int)role == GP_ROLE_MORE + t->layout->pre - 1) return; /* nobody asked for it: None and -- are none */
    if ((int)role == GP_ROLE_MORE + t->layout->st - 1 && parse_truth((gp_str){p, n}, &r->more[role - GP_ROLE_MORE])) return;
    if (r->n_bad < GP_BAD_FIELDS) {
        r->bad[r->n_bad].column = column;
        gp_show(p, n, r->bad[r->n_bad].text);
    }
    r->n_bad++;
}

static gp_str keep_text(const char *p, size_t n, bool copy, char room[128])
{
    while (n && (*p == ' ' || *p == '\t')) p++, n--;
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
    if (n > 127)
        for (n = 127; n && ((unsigned char)p[n] & 0xC0) == 0x80;) n--;
    if (!copy) return (gp_str){p, n};
    memcpy(room, p, n);
    return (gp_str){room, n};
}

/* "1" is also 1.0. */
static bool is_mark(const char *value, const char *p, size_t n)
{
    double x, y;

    while (n && (*p == ' ' || *p == '\t')) p++, n--;
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
    if (gp_str_ieqz((gp_str){p, n}, value)) return true;
    return gp_num_parse(p, n, &x) && gp_num_parse(value, strlen(value), &y) && x == y;
}

void gp_table_field(gp_table *t, int column, const char *p, size_t n, bool copy)
{
    gp_row *r = &t->row;
    gp_role role = (gp_role)t->layout->slot[column < GP_MAX_COLUMNS ? column : GP_MAX_COLUMNS];
    int32_t time;

    switch (role) {
    case GP_ROLE_DATE:
        while (n && (*p == ' ' || *p == '\t' || *p == '\'')) p++, n--;
        while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
        if (gp_stamp_parse_as(p, n, t->layout->date_order, &r->date, &time)) {
            if (time >= 0 && r->time < 0) r->time = time;
        } else {
            r->date = 0;
            gp_show(p, n, r->bad_date);
        }
        break;
    case GP_ROLE_TIME:
        while (n && (*p == ' ' || *p == '\t')) p++, n--;
        while (n && (p[n - 1] == ' ' || p[n - 1] == '\t')) n--;
        int32_t date;
        if (n == 0) break;
        if (gp_time_parse(p, n, &time))
            r->time = time;
        else if (!gp_stamp_parse(p, n, &date, &time)) /* a date again says nothing about the time of day */
            r->bad_time = true;
        else if (time >= 0)
            r->time = time;
        break;
    case GP_ROLE_CODE:
        r->code = keep_text(p, n, copy, r->code_text);
        break;
    case GP_ROLE_NAME:
        r->name = keep_text(p, n, copy, r->name_text);
        break;
    case GP_ROLE_MARK:
        r->marked = is_mark(t->layout->mark_value, p, n);
        break;
    case GP_ROLE_EXTRA:
        while (n && (*p == ' ' || *p == '\t')) p++, n--;
        r->extra += n != 0;
        break;
    case GP_ROLE_SKIP:
        break;
    default:
        number_field(t, column, role, p, n);
        break;
    }
    r->fields++;
}

/* ---- rows ---- */

static void bad_row(gp_table *t, const char *why)
{
    if (t->bad_rows++ < GP_SHOWN) gp_diag_file(t->d, GP_D_DATA_BAD_ROW, t->file, t->line, 1, why);
}

/* No quotes in it: a second header line, "数据来源:通达信", commas only.  True when the row is dealt with. */
static bool not_a_row(gp_table *t)
{
    const gp_row *r = &t->row;
    bool numbers = false;

    for (int i = 0; i < GP_NUMBERS; i++) numbers |= !isnan(r->v[i]);
    if (r->date || numbers) return false;
    if (r->bad_date[0] == 0 && r->n_bad == 0 && r->code.n == 0 && r->name.n == 0) { /* commas only */
        t->skipped++;
        return true;
    }
    if (r->fields > 1 && (t->n || t->rows_seen > 2)) return false;
    t->skipped++;
    if (t->ignored_lines++ < GP_SHOWN) gp_diag_file(t->d, GP_D_DATA_SKIPPED_LINE, t->file, t->line, 0);
    return true;
}

/* A day without any price is a day without trade, however the vendor writes that; so is one that the vendor marks. */
static bool is_suspended(gp_table *t)
{
    const gp_row *r = &t->row;
    bool priced = false;

    for (int i = GP_ROLE_OPEN; i <= GP_ROLE_CLOSE; i++) priced |= !(isnan(r->v[i]) || r->v[i] == 0);
    t->suspended += !priced;
    t->marked += priced && r->marked;
    if ((priced && !r->marked) || !t->reading || t->data->suspended != GP_SUSPENDED_DROP) return !priced || r->marked;
    t->reading->zero_prices += !priced && r->v[GP_ROLE_CLOSE] == 0;
    t->reading->no_prices += !priced && isnan(r->v[GP_ROLE_CLOSE]);
    t->reading->zero_volumes += r->v[GP_ROLE_VOL] == 0;
    return true;
}

/* What the user wants of it.  To be filled: the prices stay open until the rows are in order. */
static bool keep_suspended(gp_table *t)
{
    gp_row *r = &t->row;

    if (t->data->suspended != GP_SUSPENDED_FILL) return t->data->suspended == GP_SUSPENDED_KEEP;
    for (int i = GP_ROLE_OPEN; i <= GP_ROLE_CLOSE; i++) r->v[i] = NAN;
    r->v[GP_ROLE_VOL] = r->v[GP_ROLE_AMOUNT] = 0;
    return t->to_fill = true;
}

/* There are prices, but none of them can be read: 6,63 or 6.63元.  A word (None, --) says that there is none. */
static bool prices_unread(gp_table *t)
{
    const gp_row *r = &t->row;
    bool unread = false;

    for (int i = GP_ROLE_OPEN; i <= GP_ROLE_CLOSE; i++)
        if (!isnan(r->v[i])) return false;
    for (int i = 0; i < r->n_bad && i < GP_BAD_FIELDS; i++) {
        const char *text = r->bad[i].text;
        const size_t digits = strspn(text, "0123456789");
        if (t->layout->slot[r->bad[i].column] > GP_ROLE_CLOSE || digits == 0) continue;
        unread = true;
        t->decimal_comma |= text[digits] == ',' && strspn(text + digits + 1, "0123456789") == strlen(text + digits + 1);
    }
    return unread;
}

/* The way out for dates whose order a file does not tell: a profile of one's own. */
static void hint_date(gp_diags *d, const char *text)
{
    const char *order = "dd/mm/yyyy", *or = " (or mm/dd/yyyy)";
    int a, b, y, end = 0;

    if (sscanf(text, "%2d%*1[/.-]%2d%*1[/.-]%4d%n", &a, &b, &y, &end) != 3 || end < 8 || y < 1900) return;
    if (a > 12 || b > 12) or = "";
    if (a <= 12 && b > 12) order = "mm/dd/yyyy";
    gp_diag_hint(d, "a profile of your own says which is day and month%s: printf '[profile]\\ntitle = mine\\n[rows]\\ndate = %s\\n' > mine.ini, then --profile mine.ini", or, order);
}

static bool check_row(gp_table *t)
{
    const gp_layout *l = t->layout;
    gp_row *r = &t->row;
    char why[120];

    if (t->open_quote) {
        if (t->open_quotes++ == 0) t->open_line = t->line;
        if (r->fields < l->needed_fields || r->date == 0) {
            t->open_lost++;
            return false;
        }
    }
    if (not_a_row(t)) return false;
    if (r->fields < l->needed_fields || r->extra) {
        snprintf(why, sizeof why, "the row has %d fields, the header has %d", r->fields, l->n_columns);
        bad_row(t, why);
        return false;
    }
    if (r->date == 0 || r->bad_time) {
        if (t->bad_dates++ < GP_SHOWN) {
            gp_str time = {"", 0};
            char shown[48];
            if (r->date) gp_line_field(t->line_text, l->delim, l->at[GP_ROLE_TIME], &time);
            gp_show(time.p, time.n, shown);
            gp_diag_file(t->d, GP_D_DATA_BAD_DATE, t->file, t->line,
                         place(t, l->at[r->date ? GP_ROLE_TIME : GP_ROLE_DATE]), r->date ? shown : r->bad_date);
            if (!r->date) hint_date(t->d, r->bad_date);
        }
        return false;
    }
    for (int i = 0; i < r->n_bad; i++) {
        if (t->bad_fields++ >= GP_SHOWN || i >= GP_BAD_FIELDS) continue;
        gp_role role = (gp_role)l->slot[r->bad[i].column];
        gp_diag_file(t->d, GP_D_DATA_BAD_NUMBER, t->file, t->line, place(t, r->bad[i].column), r->bad[i].text,
                     role >= GP_ROLE_MORE ? gp_layout_more_key(l, role - GP_ROLE_MORE) : gp_role_name(role));
    }
    if (prices_unread(t)) {
        t->unread++;
        return false;
    }
    return !is_suspended(t) || keep_suspended(t);
}

void gp_table_row_end(gp_table *t)
{
    gp_row *r = &t->row;

    t->rows_seen++;
    if (__builtin_expect(r->date == 0 || r->n_bad || r->extra || r->bad_time || r->marked || t->open_quote ||
                             r->fields < t->layout->needed_fields || !(r->v[GP_ROLE_CLOSE] > 0),
                         0) &&
        !check_row(t)) {
        gp_row_begin(r);
        return;
    }
    if (t->n == t->cap) grow(t, t->cap + t->cap / 2);
    if (t->n == t->cap) { /* as many as bars can count */
        gp_diag_file(t->d, GP_D_DATA_NOT_QUOTES, t->file, t->line, 0, "it has more than two thousand million rows");
        t->failed = true;
        return;
    }
    size_t i = t->n++, k = 0;
    t->date[i] = r->date;
    for (int c = 0; c < GP_NUMBERS; c++)
        if (t->v[c]) t->v[c][i] = r->v[c];
    for (int c = 0; c < r->n_more; c++) t->more[c][i] = r->more[c];
    if (t->layout->st_by_name && isnan(r->more[t->layout->st - 1]) && r->name.n) t->more[t->layout->st - 1][i] = gp_text_is_st(r->name);
    t->lines[i] = t->line;
    if (r->time > 0 && !t->time) t->time = gp_xcalloc(t->cap, sizeof *t->time);
    if (t->time) t->time[i] = r->time > 0 ? r->time : 0;
    if (t->layout->at[GP_ROLE_CODE] >= 0 || t->layout->at[GP_ROLE_NAME] >= 0) {
        k = find_ticker(t, t->layout->at[GP_ROLE_CODE] >= 0 ? r->code : (gp_str){"", 0});
        if (t->ticker) t->ticker[i] = (uint32_t)k;
        t->tickers[k].rows++;
        take_name(&t->tickers[k], r->name, (int64_t)r->date * 1000000 + (r->time > 0 ? r->time : 0));
    }
    gp_row_begin(r);
}

void gp_table_too_long(gp_table *t, uint32_t line)
{
    gp_diag_file(t->d, GP_D_DATA_LINE_TOO_LONG, t->file, line, 0, GP_LINE_MAX);
    t->failed = true;
}

void gp_table_summary(gp_table *t)
{
    if (t->bad_dates > GP_SHOWN)
        gp_diag_file(t->d, GP_D_DATA_MORE_LIKE_IT, t->file, 0, 0, t->bad_dates - GP_SHOWN,
                     "rows without a proper date are left out");
    if (t->bad_rows > GP_SHOWN)
        gp_diag_file(t->d, GP_D_DATA_MORE_LIKE_IT, t->file, 0, 0, t->bad_rows - GP_SHOWN,
                     "rows do not fit the header and are left out");
    if (t->open_quotes) gp_diag_file(t->d, GP_D_DATA_OPEN_QUOTE, t->file, t->open_line, 1, t->open_quotes, t->open_lost);
    if (t->bad_fields > GP_SHOWN)
        gp_diag_file(t->d, GP_D_DATA_MORE_LIKE_IT, t->file, 0, 0, t->bad_fields - GP_SHOWN,
                     "values are not numbers and count as missing");
    if (t->unread && t->n)
        gp_diag_file(t->d, GP_D_DATA_SUSPENDED, t->file, 0, 0, t->unread, "whose prices are no numbers", "left out");
    static const char *const done[] = {"left out", "kept as they are", "filled with the close before them"};
    const char *how = done[t->data->suspended];
    if (t->suspended && t->n)
        gp_diag_file(t->d, GP_D_DATA_SUSPENDED, t->file, 0, 0, t->suspended, "without prices (suspended days)", how);
    if (t->marked && t->n)
        gp_diag_file(t->d, GP_D_DATA_SUSPENDED, t->file, 0, 0, t->marked, "marked as suspended days", how);
}
