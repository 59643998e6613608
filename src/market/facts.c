/* One list of (security, key, date, value), sorted, with an index. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include "market/facts.h"
#include <math.h>
#include "base/num.h"
#include "base/vec.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/reader.h"
#include "market/sheet.h"
#include "market/stamp.h"

typedef struct entry {
    uint32_t security, row; /* row: of two values for one day the later one counts */
    int32_t key, date;
    double value;
} entry;

struct gp_facts {
    gp_codes codes;
    GP_VEC(entry) entries;
    gp_fact *facts;   /* of the entries, in their order */
    size_t *starts;   /* [security * n_keys + key]; one more at the end */
    bool *has;
    const char *const *keys;
    int n_keys;
    char *columns;
    bool everybody;   /* series without a code: security 0 stands for all */
};

typedef enum { UNIT_ONE, UNIT_LOTS, UNIT_SHARES, UNIT_DATE } unit;

static const struct { const char *key; unit unit; const char *pattern, *names; } rows[] = {
#define GP_FACT(key, unit, pattern, names) {key, UNIT_##unit, "(?:" pattern ")", names},
#include "market/facts.def"
#undef GP_FACT
};
enum { N_ROWS = sizeof rows / sizeof *rows };

const char *gp_fact_names(const char *key)
{
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].key, key) == 0) return rows[i].names;
    return NULL;
}

/* ---- header ---- */

/* "流通股本(万股)" -> "流通股本", and what one of the column is in shares; 0 when it does not say. */
static gp_str without_unit(gp_str cell, double *shares)
{
    static const struct { const char *unit; double shares; } units[] = {{"手", 100}, {"股", 1}, {"万股", 1e4}, {"亿股", 1e8}, {"lots", 100}, {"shares", 1}};
    *shares = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        static const char *const brackets[][2] = {{"(", ")"}, {"\xEF\xBC\x88", "\xEF\xBC\x89"}};
        for (int k = 0; k < 2; k++) {
            const size_t open = strlen(brackets[k][0]), close = strlen(brackets[k][1]), n = strlen(units[i].unit), all = open + n + close;
            if (cell.n <= all || memcmp(cell.p + cell.n - close, brackets[k][1], close) != 0) continue;
            if (!gp_str_ieqz((gp_str){cell.p + cell.n - close - n, n}, units[i].unit) || memcmp(cell.p + cell.n - all, brackets[k][0], open) != 0) continue;
            *shares = units[i].shares;
            cell.n -= all;
            return cell;
        }
    }
    return cell;
}

/* The patterns of the rows, each compiled when it is first asked. */
typedef struct patterns { pcre2_code *code[N_ROWS]; pcre2_match_data *match; } patterns;

static bool matches(patterns *p, int row, gp_str s)
{
    int error;
    PCRE2_SIZE at;
    if (s.n == 0 || s.n > 64 || !gp_utf8_valid(s.p, s.n, NULL)) return false;
    if (!p->code[row])
        p->code[row] = pcre2_compile((PCRE2_SPTR)rows[row].pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_CASELESS | PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &error, &at, NULL);
    if (!p->match) p->match = pcre2_match_data_create(1, NULL);
    return p->code[row] && p->match && pcre2_match(p->code[row], (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, p->match, NULL) >= 0;
}

static void patterns_fini(patterns *p)
{
    for (int i = 0; i < N_ROWS; i++) pcre2_code_free(p->code[i]);
    pcre2_match_data_free(p->match);
}

/* "finance33", "FINANCE(33)", "finance.33", "33" for finance.33 */
static bool is_finance(gp_str s, const char *key)
{
    if (strncmp(key, "finance.", 8) != 0) return false;
    if (s.n > 7 && gp_str_ieqz((gp_str){s.p, 7}, "finance")) {
        s.p += 7;
        s.n -= 7;
        if (s.n > 2 && *s.p == '(' && s.p[s.n - 1] == ')') {
            s.p++;
            s.n -= 2;
        } else if (s.n > 1 && strchr("._- ", *s.p)) {
            s.p++;
            s.n--;
        }
    }
    return gp_str_eq(s, gp_str_from(key + 8));
}

/* Does the cell name the key, and what are its numbers to be multiplied with? */
static bool names_key(patterns *p, gp_str cell, const char *key, double *scale)
{
    double shares;
    const gp_str s = without_unit(cell, &shares);
    int row = -1;
    *scale = 1;
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].key, key) == 0) row = i;
    const unit u = row < 0 ? UNIT_ONE : rows[row].unit;
    if (u == UNIT_LOTS && shares > 0) *scale = shares / 100;
    if (u == UNIT_SHARES && shares > 0) *scale = shares;
    if (gp_str_ieqz(s, key) || is_finance(s, key)) return true;
    return row >= 0 && matches(p, row, s);
}

typedef enum { FILE_FACTS, FILE_SERIES } file_kind;

typedef struct named_column { int column, key; double scale; } named_column;

typedef struct loading {
    gp_facts *f;
    file_kind kind;
    int code, date, id, value;
    GP_VEC(named_column) at;
    patterns patterns;
    struct { bool set; char id[65]; size_t n; int key; double scale; } last; /* id of the row before, and its key (-1: none) */
    uint32_t row;
    int bad_rows, bad_dates, bad_numbers;
} loading;

/* A series is called what the formula calls it. */
static bool names(loading *l, gp_str cell, const char *key, double *scale)
{
    *scale = 1;
    return l->kind == FILE_SERIES ? gp_str_ieqz(cell, key) : names_key(&l->patterns, cell, key, scale);
}

/* One value a row?  A series alone in its file needs no id: it is number 1. */
static bool is_long(const loading *l)
{
    return l->value >= 0 && (l->id >= 0 || l->kind == FILE_SERIES);
}

static bool is_date_key(const char *key)
{
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].key, key) == 0) return rows[i].unit == UNIT_DATE;
    return false;
}

static bool word(gp_str s, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (gp_str_ieqz(s, words[i])) return true;
    return false;
}

static bool no_column(const gp_sheet *s, const char *what, const char *hint)
{
    gp_buf found = {0};
    gp_sheet_show(s, &found);
    gp_diag_file(s->d, GP_D_COMPANION_NO_COLUMN, s->path, s->line, 0, what, found.p ? found.p : "", hint);
    gp_buf_free(&found);
    return false;
}

static bool read_head(void *ctx, const gp_sheet *s)
{
    static const char *const ids[] = {"id", "n", "编号", "key", "item"}, *const values[] = {"value", "val", "数值", "值"};
    static const char *const dates[] = {"date", "日期", "trade_date", "ann_date", "公告日期", "公告日", "notice_date", "变动日期"};
    static const char *const shapes[] = {
        [FILE_SERIES] = "the file has the columns id, date and value, or date and one for each id; and code where values are not everybody's"};
    loading *l = ctx;
    gp_facts *f = l->f;
    gp_buf columns = {0};
    l->code = l->date = l->id = l->value = -1;
    for (int k = 0; k < s->n && k < GP_MAX_COLUMNS; k++) {
        int rank;
        const gp_str cell = s->cell[k];
        if (word(cell, dates, sizeof dates / sizeof *dates) && l->date < 0)
            l->date = k;
        else if (word(cell, ids, sizeof ids / sizeof *ids) && l->id < 0)
            l->id = k;
        else if (word(cell, values, sizeof values / sizeof *values) && l->value < 0)
            l->value = k;
        else if (l->code < 0 && gp_column_match(cell, &rank) == GP_ROLE_CODE)
            l->code = k;
    }
    gp_sheet_show(s, &columns);
    f->columns = columns.p ? columns.p : gp_xcalloc(1, 1);
    if (l->code < 0 && l->kind == FILE_FACTS) return no_column(s, "code", "the file has one row a security: code,date,capital");
    if (l->date < 0 && l->kind != FILE_FACTS) return no_column(s, "date", shapes[l->kind]);
    f->everybody = l->code < 0;
    if (is_long(l)) return true;
    for (int key = 0; key < f->n_keys; key++)
        for (int k = 0; k < s->n && k < GP_MAX_COLUMNS; k++) {
            double scale;
            if (k == l->code || k == l->date || !names(l, s->cell[k], f->keys[key], &scale)) continue;
            gp_vec_push(&l->at, ((named_column){k, key, scale}));
            f->has[key] = true;
            break;
        }
    return true;
}

/* ---- rows ---- */

static bool read_value(loading *l, const gp_sheet *s, gp_str cell, int key, double *value)
{
    int32_t date, time;
    if (cell.n == 0) return false;
    if (is_date_key(l->f->keys[key])) {
        if (!gp_stamp_parse(cell.p, cell.n, &date, &time)) {
            gp_sheet_bad_number(s, &l->bad_numbers, cell, l->f->keys[key]);
            return false;
        }
        *value = date;
        return true;
    }
    if (gp_num_parse(cell.p, cell.n, value) && fabs(*value) <= GP_QUOTE_MAX) return true;
    gp_sheet_bad_number(s, &l->bad_numbers, cell, l->f->keys[key]);
    return false;
}

static void add(loading *l, uint32_t security, int key, int32_t date, double value)
{
    gp_vec_push(&l->f->entries, ((entry){security, l->row, key, date, value}));
}

/* The key an id names, -1 for none.  Rows of one id mostly follow one another, and so do those that nobody asked for. */
static int key_of_id(loading *l, gp_str id, double *scale)
{
    if (!l->last.set || !gp_str_eq(id, (gp_str){l->last.id, l->last.n})) {
        l->last.key = -1;
        for (int key = 0; key < l->f->n_keys && l->last.key < 0; key++)
            if (names(l, id, l->f->keys[key], &l->last.scale)) l->last.key = key;
        l->last.set = id.n < sizeof l->last.id;
        l->last.n = l->last.set ? id.n : 0;
        memcpy(l->last.id, id.p, l->last.n);
    }
    *scale = l->last.scale;
    return l->last.key;
}

static void long_row(loading *l, const gp_sheet *s, uint32_t security, int32_t date)
{
    double scale, value;
    const int key = key_of_id(l, l->id >= 0 && l->id < s->n ? s->cell[l->id] : GP_STR("1"), &scale);
    if (key < 0) return;
    l->f->has[key] = true;
    if (l->value < s->n && read_value(l, s, s->cell[l->value], key, &value)) add(l, security, key, date, value * scale);
}

static void read_row(void *ctx, const gp_sheet *s)
{
    loading *l = ctx;
    int32_t date = 0, time;
    l->row++;
    if (l->code >= 0 && (l->code >= s->n || s->cell[l->code].n == 0)) {
        gp_sheet_bad_row(s, &l->bad_rows, "the row has no code");
        return;
    }
    if (l->code >= 0 && !gp_codes_plausible(s->cell[l->code])) {
        gp_sheet_no_code(s, &l->bad_rows, s->cell[l->code]);
        return;
    }
    if (l->date >= 0) {
        const gp_str cell = l->date < s->n ? s->cell[l->date] : GP_STR("");
        if (!gp_stamp_parse(cell.p, cell.n, &date, &time)) {
            gp_sheet_bad_date(s, &l->bad_dates, cell);
            return;
        }
    }
    const uint32_t security = l->code >= 0 ? gp_codes_add(&l->f->codes, s->cell[l->code]) : 0;
    if (is_long(l)) {
        long_row(l, s, security, date);
        return;
    }
    for (size_t k = 0; k < l->at.n; k++) {
        const named_column *at = &l->at.at[k];
        double value;
        if (at->column < s->n && read_value(l, s, s->cell[at->column], at->key, &value))
            add(l, security, at->key, date, is_date_key(l->f->keys[at->key]) ? value : value * at->scale);
    }
}

/* ---- the whole ---- */

static int by_place(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->security != y->security) return x->security < y->security ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->date != y->date) return x->date < y->date ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void index_entries(gp_facts *f)
{
    const size_t securities = f->everybody ? 1 : f->codes.n, places = securities * (size_t)f->n_keys;
    size_t out = 0, place = 0;
    if (f->entries.n) qsort(f->entries.at, f->entries.n, sizeof *f->entries.at, by_place);
    f->facts = gp_xcalloc(f->entries.n + 1, sizeof *f->facts);
    f->starts = gp_xcalloc(places + 1, sizeof *f->starts);
    for (size_t i = 0; i < f->entries.n; i++) {
        const entry *e = &f->entries.at[i], *next = i + 1 < f->entries.n ? e + 1 : NULL;
        if (next && next->security == e->security && next->key == e->key && next->date == e->date) continue;
        const size_t mine = (size_t)e->security * (size_t)f->n_keys + (size_t)e->key;
        while (place <= mine) f->starts[place++] = out;
        f->facts[out++] = (gp_fact){e->date, e->value};
    }
    while (place <= places) f->starts[place++] = out;
    gp_vec_free(&f->entries);
}

static gp_facts *read_file(const char *path, const char *const *keys, int n_keys, file_kind kind, gp_diags *d)
{
    static const char *const looks[] = {"code,date,capital", "code,date,id,value"};
    gp_facts *f = gp_xcalloc(1, sizeof *f);
    loading l = {.f = f, .kind = kind};
    const gp_sheet_reader reader = {looks[kind], read_head, read_row, &l};
    f->keys = keys;
    f->n_keys = n_keys;
    f->has = gp_xcalloc((size_t)n_keys + 1, sizeof *f->has);
    const bool read = gp_sheet_read(path, &reader, d);
    patterns_fini(&l.patterns);
    gp_vec_free(&l.at);
    if (!read) {
        gp_facts_free(f);
        return NULL;
    }
    gp_sheet_more_like_it(path, l.bad_dates, "rows without a proper date are left out", d);
    gp_sheet_more_like_it(path, l.bad_rows, "rows have no code and are left out", d);
    gp_sheet_more_like_it(path, l.bad_numbers, "values are not numbers and count as missing", d);
    index_entries(f);
    return f;
}

gp_facts *gp_facts_read(const char *path, const char *const *keys, int n_keys, gp_diags *d)
{
    return read_file(path, keys, n_keys, FILE_FACTS, d);
}

gp_facts *gp_series_read(const char *path, const char *const *keys, int n_keys, gp_diags *d)
{
    return read_file(path, keys, n_keys, FILE_SERIES, d);
}

void gp_facts_free(gp_facts *f)
{
    if (!f) return;
    gp_codes_fini(&f->codes);
    gp_vec_free(&f->entries);
    free(f->facts);
    free(f->starts);
    free(f->has);
    free(f->columns);
    free(f);
}

bool gp_facts_has(const gp_facts *f, int k)
{
    return f->has[k];
}

const char *gp_facts_columns(const gp_facts *f)
{
    return f->columns;
}

const gp_fact *gp_facts_of(const gp_facts *f, const gp_bars *b, int k, int *n)
{
    const int security = f->everybody ? 0 : gp_codes_find(&f->codes, b->code, b->market);
    *n = 0;
    if (security < 0) return NULL;
    const size_t place = (size_t)security * (size_t)f->n_keys + (size_t)k;
    *n = (int)(f->starts[place + 1] - f->starts[place]);
    return f->facts + f->starts[place];
}
