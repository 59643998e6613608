/* Profiles from their text, and what they compare. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "market/profile.h"
#include <ini.h>
#include <pcre2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include "base/vec.h"

static const char *const units[] = {"unknown", "shares", "lots", "yuan", "thousand yuan", "ten thousand yuan", "million yuan"};
static const char *const orders[] = {"", "oldest first", "newest first", "mixed"};

const char *gp_unit_name(gp_unit u) { return units[u]; }
const char *gp_row_order_name(gp_row_order o) { return orders[o]; }

/* ---- patterns ---- */

/* A header cell is short and so is a line; a pattern of the user's that still needs more steps than this does not fit. */
enum { MATCH_LIMIT = 100000 };

bool gp_pattern_fits(const gp_pattern *p, gp_str s)
{
    pcre2_match_data *match;
    pcre2_match_context *limits;
    bool fits = false;

    if (!s.n) s.p = ""; /* also where there is no text at all */
    if (!p->code || !gp_utf8_valid(s.p, s.n, NULL)) return false;
    match = pcre2_match_data_create(1, NULL);
    limits = pcre2_match_context_create(NULL);
    if (match && limits) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        fits = pcre2_match(p->code, (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, match, limits) >= 0;
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(match);
    return fits;
}

/* ---- the text ---- */

typedef struct parsing {
    gp_profile *p;
    char why[240]; /* of the first error; the rest is not looked at */
} parsing;

static bool bad(parsing *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool bad(parsing *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->why, sizeof c->why, format, args);
    va_end(args);
    return false;
}

/* A pattern given on several lines is all of them as alternatives. */
static bool set_pattern(parsing *c, gp_pattern *to, const char *text, bool whole)
{
    gp_buf all = {0};
    int error;
    PCRE2_SIZE at;

    if (to->text) gp_buf_printf(&all, "%s|", to->text);
    gp_buf_addz(&all, text);
    pcre2_code_free(to->code);
    free(to->text);
    to->text = all.p;
    gp_buf one = {0};
    gp_buf_printf(&one, "(?:%s)", to->text);
    to->code = pcre2_compile((PCRE2_SPTR)one.p, PCRE2_ZERO_TERMINATED,
                             PCRE2_UTF | PCRE2_CASELESS | (whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0), &error, &at, NULL);
    gp_buf_free(&one);
    if (to->code) return true;
    PCRE2_UCHAR message[120] = "";
    pcre2_get_error_message(error, message, sizeof message);
    return bad(c, "'%s' is no pattern: %s", text, (const char *)message);
}

static bool set_text(char **to, const char *text)
{
    free(*to);
    *to = gp_xstrndup(text, strlen(text));
    return true;
}

/* The place of a word among some, -1 for none. */
static int word(const char *value, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (gp_str_ieqz(gp_str_from(value), words[i])) return i;
    return -1;
}

static bool set_unit(parsing *c, gp_unit *to, const char *value, gp_unit from, gp_unit upto)
{
    const int i = word(value, units, sizeof units / sizeof *units);
    gp_buf can = {0};

    if (i >= (int)from && i <= (int)upto) {
        *to = (gp_unit)i;
        return true;
    }
    for (int k = (int)from; k <= (int)upto; k++) gp_buf_printf(&can, "%s%s", k == (int)from ? "" : ", ", units[k]);
    bad(c, "'%s' is no unit here; it is one of %s", value, can.p);
    gp_buf_free(&can);
    return false;
}

/* "dd/mm/yyyy": the order in which the letters come. */
static bool set_date(parsing *c, const char *value)
{
    char order[4] = "";
    size_t n = 0;

    for (const char *p = value; *p; p++) {
        const char l = (char)(*p | 32);
        if (!strchr("ymd", l) || strchr(order, l)) continue;
        order[n++] = l;
        order[n] = 0;
    }
    if (strcmp(order, "ymd") != 0 && strcmp(order, "dmy") != 0 && strcmp(order, "mdy") != 0)
        return bad(c, "'%s' is no date: write yyyy-mm-dd, dd/mm/yyyy or mm/dd/yyyy", value);
    strcpy(c->p->date_order, order);
    return true;
}

/* "tradestatus 0": a pattern of the column's name and the text that means suspended. */
static bool set_mark(parsing *c, const char *value)
{
    const char *blank = strrchr(value, ' ');
    char *name;
    bool good;

    if (!blank) return bad(c, "'%s' is a column's name and what it says on suspended days, as in: tradestatus 0", value);
    size_t n = (size_t)(blank - value);
    while (n && value[n - 1] == ' ') n--;
    name = gp_xstrndup(value, n);
    good = set_pattern(c, &c->p->mark, name, true);
    free(name);
    return set_text(&c->p->mark_value, blank + 1) && good;
}

static bool set_delim(parsing *c, const char *value)
{
    static const char *const words[] = {"comma", "tab", "semicolon", "bar"};
    const int i = word(value, words, 4);

    if (i < 0) return bad(c, "'%s' is no delimiter; it is one of comma, tab, semicolon, bar", value);
    c->p->delim = ",\t;|"[i];
    return true;
}

static bool set_encoding(parsing *c, const char *value)
{
    return gp_encoding_parse(value, &c->p->encoding) ||
           bad(c, "'%s' is no encoding; it is one of utf-8, gb18030, gbk, utf-16le, utf-16be", value);
}

static bool set_order(parsing *c, const char *value)
{
    const int i = word(value, orders, 3);

    if (i <= 0) return bad(c, "'%s' is no order; it is oldest first or newest first", value);
    c->p->order = (gp_row_order)i;
    return true;
}

static bool add_column(parsing *c, const char *value)
{
    gp_profile *p = c->p;

    p->column = gp_xrealloc(p->column, ((size_t)p->n_column + 1) * sizeof *p->column);
    p->column[p->n_column++] = (gp_pattern){0};
    return set_pattern(c, &p->column[p->n_column - 1], value, true);
}

/* One line KEY = VALUE. */
static bool take(parsing *c, const char *section, const char *key, const char *value)
{
    gp_profile *p = c->p;
#define IS(S, K) (strcmp(section, S) == 0 && strcmp(key, K) == 0)
    if (!*value) return bad(c, "%s has no value", key);
    if (IS("profile", "title")) return set_text(&p->title, value);
    if (IS("profile", "note")) return set_text(&p->note, value);
    if (IS("shape", "column")) return add_column(c, value);
    if (IS("shape", "header")) return set_pattern(c, &p->header, value, false);
    if (IS("shape", "above")) return set_pattern(c, &p->above, value, false);
    if (IS("shape", "row")) return set_pattern(c, &p->row, value, false);
    if (IS("columns", "ignore")) return set_pattern(c, &p->ignore, value, true);
    if (IS("columns", "names")) return set_text(&p->names, value);
    if (IS("units", "volume")) return set_unit(c, &p->volume, value, GP_UNIT_SHARES, GP_UNIT_YUAN);
    if (IS("units", "index-volume")) return set_unit(c, &p->index_volume, value, GP_UNIT_SHARES, GP_UNIT_YUAN);
    if (IS("units", "amount")) return set_unit(c, &p->amount, value, GP_UNIT_YUAN, GP_UNIT_MYUAN);
    if (IS("rows", "date")) return set_date(c, value);
    if (IS("rows", "order")) return set_order(c, value);
    if (IS("rows", "suspended")) return set_mark(c, value);
    if (IS("text", "encoding")) return set_encoding(c, value);
    if (IS("text", "delimiter")) return set_delim(c, value);
#undef IS
    if (strcmp(section, "columns") == 0)
        for (int r = 0; r < GP_ROLES; r++)
            if (strcmp(key, gp_role_name((gp_role)r)) == 0) return set_pattern(c, &p->role[r], value, true);
    static const char *const keys[][2] = {
        {"profile", "title, note"},
        {"shape", "column, header, above, row"},
        {"columns", "date, time, open, high, low, close, volume, amount, code, name, ignore, names"},
        {"units", "volume, index-volume, amount"},
        {"rows", "date, order, suspended"},
        {"text", "encoding, delimiter"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(section, keys[i][0]) == 0) return bad(c, "[%s] has no %s; it has %s", section, key, keys[i][1]);
    return *section ? bad(c, "there is no section [%s]; there are [profile], [shape], [columns], [units], [rows] and [text]", section)
                    : bad(c, "%s stands before any section; a profile begins with [profile]", key);
}

static int on_line(void *ctx, const char *section, const char *key, const char *value)
{
    parsing *c = ctx;
    return c->why[0] || take(c, section, key, value);
}

/* inih cuts lines at its limit without a word. */
static int long_line(gp_str text)
{
    int line = 1;

    for (const char *p = text.p, *end = p + text.n; p < end; line++) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        if ((size_t)((lf ? lf : end) - p) > INI_MAX_LINE - 2) return line;
        p = lf ? lf + 1 : end;
    }
    return 0;
}

static const char *lacks(const gp_profile *p)
{
    if (!p->title) return "it has no title: [profile] title = one line that says whose files these are";
    if (p->names && !p->role[GP_ROLE_DATE].code && !strstr(p->names, "date") && !strstr(p->names, "日期"))
        return "names has no date";
    return NULL;
}

gp_profile *gp_profile_parse(const char *name, const char *file, gp_str text, gp_diags *d)
{
    static atomic_uint last_id;
    parsing c = {.p = gp_xcalloc(1, sizeof(gp_profile))};
    char *z = gp_xstrndup(text.n ? text.p : "", text.n);
    int line = long_line(text);

    c.p->id = ++last_id;
    strcpy(c.p->date_order, "ymd");
    set_text(&c.p->name, name);
    if (file) set_text(&c.p->file, file);
    if (line) {
        bad(&c, "the line has more than %d bytes; a pattern may go on in another line with the same key", INI_MAX_LINE - 2);
    } else if (strlen(z) != text.n) {
        bad(&c, "it is no text: there are zero bytes in it");
    } else {
        line = ini_parse_string(z, on_line, &c);
        if (line > 0 && !c.why[0]) bad(&c, "this is neither [section] nor key = value");
        if (line == 0 && lacks(c.p)) bad(&c, "%s", lacks(c.p));
    }
    free(z);
    if (!c.why[0]) return c.p;
    gp_diag_file(d, GP_D_PROFILE_BAD, file ? file : name, line > 0 ? (uint32_t)line : 0, 0, c.why);
    gp_profile_free(c.p);
    return NULL;
}

gp_profile *gp_profile_load(const char *path, gp_diags *d)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    char *name = gp_xstrndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
    gp_profile *p = NULL;
    gp_buf text = {0};
    gp_file file;
    size_t bom, damaged = 0, first;
    const char *why = gp_file_open(path, &file);

    if (why) {
        gp_diag_file(d, GP_D_DATA_UNREADABLE, path, 0, 0, why);
    } else {
        const gp_encoding encoding = gp_encoding_detect(file.p, file.n, &bom);
        gp_decode(encoding, file.p + bom, file.n - bom, &text, &damaged, &first);
        p = gp_profile_parse(name, path, (gp_str){text.p, text.n}, d);
        gp_file_close(&file);
    }
    gp_buf_free(&text);
    free(name);
    return p;
}

static void free_pattern(gp_pattern *p)
{
    pcre2_code_free(p->code);
    free(p->text);
}

void gp_profile_free(gp_profile *p)
{
    if (!p) return;
    for (int i = 0; i < p->n_column; i++) free_pattern(&p->column[i]);
    for (int i = 0; i < GP_ROLES; i++) free_pattern(&p->role[i]);
    free_pattern(&p->header);
    free_pattern(&p->above);
    free_pattern(&p->row);
    free_pattern(&p->ignore);
    free_pattern(&p->mark);
    free(p->column);
    free(p->name);
    free(p->title);
    free(p->note);
    free(p->file);
    free(p->names);
    free(p->mark_value);
    free(p);
}

/* ---- compiled in ---- */

static const struct {
    const char *name;
    const unsigned char *text;
    size_t n;
} built_in[] = {
#include "market/profiles.inc"
};
enum { N_BUILT_IN = sizeof built_in / sizeof *built_in };
_Static_assert(N_BUILT_IN <= 64, "gp_profile_candidates has a bit for each");

static gp_profile *loaded[N_BUILT_IN];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_all(void)
{
    for (int i = 0; i < N_BUILT_IN; i++) gp_profile_free(loaded[i]);
}

static void load_all(void)
{
    gp_diags d = {0};

    for (int i = 0; i < N_BUILT_IN; i++) {
        loaded[i] = gp_profile_parse(built_in[i].name, NULL, gp_profile_text(i), &d);
        if (!loaded[i]) { /* they are part of the program */
            fprintf(stderr, "goldpit: profile %s, line %u: %s\n", built_in[i].name, d.at[0].line, d.at[0].message);
            abort();
        }
    }
    atexit(free_all);
}

int gp_profile_count(void) { return N_BUILT_IN; }

gp_str gp_profile_text(int i) { return (gp_str){(const char *)built_in[i].text, built_in[i].n}; }

const gp_profile *gp_profile_at(int i)
{
    pthread_once(&once, load_all);
    return loaded[i];
}

const gp_profile *gp_profile_find(const char *name)
{
    for (int i = 0; i < N_BUILT_IN; i++)
        if (gp_str_ieqz(gp_str_from(name), built_in[i].name)) return gp_profile_at(i);
    return NULL;
}
