/* Header names and ticker codes, both recognised by patterns that are compiled once. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "market/columns.h"

static const struct {
    gp_role role;
    const char *pattern, *names;
} rows[] = {
#define GP_COLUMN(role, pattern, names) {GP_ROLE_##role, "(?:" pattern ")", names},
#include "market/columns.def"
#undef GP_COLUMN
};
enum { N_ROWS = sizeof rows / sizeof *rows };

enum { HOW_LAST, HOW_SUM };
static const struct {
    const char *key;
    int how;
    const char *pattern, *names;
} more[] = {
#define GP_MORE(key, how, pattern, names) {key, HOW_##how, "(?:" pattern ")", names},
#include "market/more.def"
#undef GP_MORE
};
enum { N_MORE = sizeof more / sizeof *more };

/* An exchange in front or behind.  SS and XSHG are what Yahoo and JoinQuant call Shanghai. */
#define PREFIX "(?<prefix>sh|sz|bj)"
#define SUFFIX "(?<suffix>sh|sz|bj|ss|xshg|xshe|xbse|sse|szse|bse)"
#define DIGITS "(?<code>[0-9][0-9a-z][0-9]{4})"
static const char *const cell_patterns[] = {
    "^" PREFIX "[._#-]?" DIGITS "$",
    "^" DIGITS "[._-]" SUFFIX "$",
    "^(?<code>[0-9]{6})$",
};
/* Inside a longer file name, six digits stand alone or with an exchange: "SH#601003", "tushare_000001.SZ". */
static const char *const path_patterns[] = {
    "(?<![0-9a-z])" PREFIX "[._#-]?(?<code>[0-9]{6})(?![0-9a-z])",
    "(?<![0-9a-z.])(?<code>[0-9]{6})[._]" SUFFIX "(?![0-9a-z])",
    "(?<![0-9a-z.])(?<code>[0-9]{6})(?![0-9a-z.])",
};
enum { N_CODES = sizeof cell_patterns / sizeof *cell_patterns };

static pcre2_code *column_code[N_ROWS], *more_code[N_MORE], *cell_code[N_CODES], *path_code[N_CODES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static pcre2_code *compile(const char *pattern, uint32_t options)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options | PCRE2_CASELESS, &error, &at, NULL);

    if (!code) { /* the patterns are part of the program */
        fprintf(stderr, "goldpit: bad pattern %s at %zu\n", pattern, (size_t)at);
        abort();
    }
    return code;
}

static void free_all(void)
{
    for (int i = 0; i < N_ROWS; i++) pcre2_code_free(column_code[i]);
    for (int i = 0; i < N_MORE; i++) pcre2_code_free(more_code[i]);
    for (int i = 0; i < N_CODES; i++) {
        pcre2_code_free(cell_code[i]);
        pcre2_code_free(path_code[i]);
    }
}

static void compile_all(void)
{
    for (int i = 0; i < N_ROWS; i++)
        column_code[i] = compile(rows[i].pattern, PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED);
    for (int i = 0; i < N_MORE; i++)
        more_code[i] = compile(more[i].pattern, PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED);
    for (int i = 0; i < N_CODES; i++) {
        cell_code[i] = compile(cell_patterns[i], PCRE2_DOLLAR_ENDONLY);
        path_code[i] = compile(path_patterns[i], 0);
    }
    atexit(free_all);
}

/* Blanks (full-width ones too), quotes, a byte order mark, <> and a trailing unit: "<CLOSE>", "成交量(手)". */
gp_str gp_cell_bare(gp_str s)
{
    static const char *const junk[] = {" ", "\t", "\r",           "\"",           "'",
                                       "<", ">",  "\xEF\xBB\xBF", "\xE3\x80\x80", "\xC2\xA0"};
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
            size_t n = strlen(junk[i]);
            if (s.n >= n && memcmp(s.p, junk[i], n) == 0) {
                s.p += n;
                s.n -= n;
                again = true;
            }
            if (s.n >= n && memcmp(s.p + s.n - n, junk[i], n) == 0) {
                s.n -= n;
                again = true;
            }
        }
        if (s.n > 2 && (s.p[s.n - 1] == ')' || (s.n > 3 && memcmp(s.p + s.n - 3, "\xEF\xBC\x89", 3) == 0))) {
            for (size_t at = s.n - 1; at > 0; at--)
                if (s.p[at] == '(' || (s.n - at >= 3 && memcmp(s.p + at, "\xEF\xBC\x88", 3) == 0)) {
                    s.n = at;
                    again = true;
                    break;
                }
        }
    }
    return s;
}

gp_role gp_column_match(gp_str cell, int *rank)
{
    gp_str s = gp_cell_bare(cell);
    gp_role role = GP_ROLE_SKIP;
    pcre2_match_data *match;

    if (s.n == 0 || s.n > 64 || !gp_utf8_valid(s.p, s.n, NULL)) return GP_ROLE_SKIP;
    pthread_once(&once, compile_all);
    match = pcre2_match_data_create(1, NULL);
    if (!match) return GP_ROLE_SKIP;
    for (int i = 0; i < N_ROWS && role == GP_ROLE_SKIP; i++)
        if (pcre2_match(column_code[i], (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, match, NULL) >= 0) {
            role = rows[i].role;
            *rank = i;
        }
    pcre2_match_data_free(match);
    return role;
}

static int more_of(const char *key)
{
    for (int i = 0; i < N_MORE; i++)
        if (gp_str_ieqz(gp_str_from(key), more[i].key)) return i;
    return -1;
}

int gp_more_match(gp_str cell, const char *key)
{
    const gp_str s = gp_cell_bare(cell);
    const int row = more_of(key);
    if (gp_str_ieqz(s, key)) return 0;
    if (row < 0 || s.n == 0 || s.n > 64 || !gp_utf8_valid(s.p, s.n, NULL)) return -1;
    pthread_once(&once, compile_all);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    const bool fits = match && pcre2_match(more_code[row], (PCRE2_SPTR)s.p, s.n, 0, PCRE2_NO_UTF_CHECK, match, NULL) >= 0;
    pcre2_match_data_free(match);
    return fits ? 1 : -1;
}

const char *gp_more_names(const char *key)
{
    const int row = more_of(key);
    return row < 0 ? key : more[row].names;
}

bool gp_more_sums(const char *key)
{
    const int row = more_of(key);
    return row >= 0 && more[row].how == HOW_SUM;
}

const char *gp_role_name(gp_role role)
{
    static const char *const names[] = {"open",   "high", "low",  "close", "volume",
                                        "amount", "date", "time", "code",  "name"};
    return role < GP_ROLES ? names[role] : "other";
}

const char *gp_role_names(gp_role role)
{
    for (int i = 0; i < N_ROWS; i++)
        if (rows[i].role == role) return rows[i].names;
    return "";
}

/* ---- codes ---- */

static void upper_copy(gp_str s, char *out, size_t cap)
{
    size_t n = s.n < cap ? s.n : cap - 1;

    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80) n--; /* no half characters */
    for (size_t i = 0; i < n; i++) {
        char c = s.p[i];
        out[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : (unsigned char)c < 32 || c == 127 ? '_' : c);
    }
    out[n] = 0;
}

static const char *market_of(gp_str exchange)
{
    if (gp_str_ieqz(exchange, "sh") || gp_str_ieqz(exchange, "ss") || gp_str_ieqz(exchange, "xshg") ||
        gp_str_ieqz(exchange, "sse"))
        return "SH";
    if (gp_str_ieqz(exchange, "sz") || gp_str_ieqz(exchange, "xshe") || gp_str_ieqz(exchange, "szse")) return "SZ";
    return "BJ";
}

/* Where nothing names the exchange, the first digit does for A shares and funds. */
static const char *market_by_digit(char digit)
{
    if (strchr("569", digit)) return "SH";
    if (strchr("0123", digit)) return "SZ";
    return strchr("48", digit) ? "BJ" : "";
}

static gp_str group(pcre2_code *code, pcre2_match_data *match, const char *subject, const char *name)
{
    PCRE2_SIZE *pair = pcre2_get_ovector_pointer(match);
    int k = pcre2_substring_number_from_name(code, (PCRE2_SPTR)name);

    if (k < 0 || (uint32_t)k >= pcre2_get_ovector_count(match) || pair[2 * k] == PCRE2_UNSET) return (gp_str){"", 0};
    return (gp_str){subject + pair[2 * k], pair[2 * k + 1] - pair[2 * k]};
}

static bool match_code(pcre2_code *const *patterns, gp_str s, char *code, size_t cap, char market[3])
{
    pcre2_match_data *match;
    bool found = false;

    pthread_once(&once, compile_all);
    match = pcre2_match_data_create(4, NULL);
    for (int i = 0; match && i < N_CODES && !found; i++) {
        if (pcre2_match(patterns[i], (PCRE2_SPTR)s.p, s.n, 0, 0, match, NULL) < 0) continue;
        gp_str digits = group(patterns[i], match, s.p, "code"), exchange = group(patterns[i], match, s.p, "prefix");
        if (exchange.n == 0) exchange = group(patterns[i], match, s.p, "suffix");
        upper_copy(digits, code, cap);
        strcpy(market, exchange.n ? market_of(exchange) : market_by_digit(code[0]));
        found = true;
    }
    pcre2_match_data_free(match);
    return found;
}

void gp_code_of_cell(gp_str cell, char *code, size_t cap, char market[3])
{
    cell = gp_cell_bare(cell);
    market[0] = 0;
    pthread_once(&once, compile_all);
    if (!match_code(cell_code, cell, code, cap, market)) upper_copy(cell, code, cap);
}

static bool ends_with(gp_str s, const char *end)
{
    size_t n = strlen(end);
    return s.n > n && gp_str_ieqz((gp_str){s.p + s.n - n, n}, end);
}

gp_str gp_unpacked_name(gp_str path)
{
    path.n -= ends_with(path, ".gz") ? 3 : ends_with(path, ".zst") ? 4 : 0;
    return path;
}

gp_str gp_quote_stem(gp_str path)
{
    gp_str s = gp_unpacked_name(path);

    if (!ends_with(s, ".csv") && !ends_with(s, ".txt")) return path;
    s.n -= 4;
    return s;
}

void gp_code_of_path(const char *path, char *code, size_t cap, char market[3])
{
    static const char *const ends[] = {".day", ".lc5", ".lc1"};
    const char *slash = strrchr(path, '/');
    gp_str stem = gp_str_from(slash ? slash + 1 : path);
    size_t digits;

    if (strcmp(path, "-") == 0) stem = GP_STR("STDIN");
    stem = gp_quote_stem(stem);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const gp_str name = gp_unpacked_name(stem);
        if (!ends_with(name, ends[i])) continue;
        stem = (gp_str){name.p, name.n - 4};
        break;
    }
    market[0] = 0;
    for (digits = 0; digits < stem.n && stem.p[digits] >= '0' && stem.p[digits] <= '9';) digits++;
    if (digits && digits + 1 < stem.n && stem.p[digits] == '#') { /* 4#CF7D0LAO, TDX's extended market number 4: no exchange of ours */
        upper_copy((gp_str){stem.p + digits + 1, stem.n - digits - 1}, code, cap);
        return;
    }
    pthread_once(&once, compile_all);
    if (!match_code(cell_code, stem, code, cap, market) && !match_code(path_code, stem, code, cap, market))
        upper_copy(stem, code, cap);
}
