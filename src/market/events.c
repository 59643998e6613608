/* A table of ex-rights events to a sorted list with an index by security. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include "market/events.h"
#include <math.h>
#include "base/num.h"
#include "base/vec.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/reader.h"
#include "market/sheet.h"
#include "market/stamp.h"

typedef enum { LAYOUT_PLAIN, LAYOUT_WEIGHT, LAYOUTS } layout;

static const struct {
    layout layout;
    gp_event_figure figure;
    double per;
    const char *pattern, *names;
} rows[] = {
#define GP_EVENT_COLUMN(layout, figure, per, pattern, names) {LAYOUT_##layout, GP_EVENT_##figure, per, pattern, names},
#include "market/events.def"
#undef GP_EVENT_COLUMN
};
enum { N_ROWS = sizeof rows / sizeof *rows };

typedef struct entry {
    gp_event event;
    uint32_t security, row;
} entry;

struct gp_events {
    gp_codes codes;
    gp_event *at;     /* security after security */
    size_t *starts;   /* by security; one more at the end */
    atomic_bool *asked; /* by security: gp_events_of was called for it */
    bool have[GP_EVENT_FIGURES];
    char *columns;
};

typedef struct loading {
    gp_events *e;
    int code, market, date;
    int column[N_ROWS];    /* -1: the file lacks it */
    GP_VEC(entry) entries;
    uint32_t row;
    int bad_rows, bad_dates, bad_numbers;
    const gp_sheet *sheet;
} loading;

const char *gp_event_names(gp_event_figure figure)
{
    for (int i = 0; i < N_ROWS; i++)
        if (rows[i].figure == figure) return rows[i].names;
    return "";
}

/* ---- header ---- */

static bool fits(const char *pattern, gp_str s)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_CASELESS | PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED,
                                     &error, &at, NULL);
    pcre2_match_data *match = code ? pcre2_match_data_create(1, NULL) : NULL;
    const bool found = match && s.n && s.n <= 64 && gp_utf8_valid(s.p, s.n, NULL) &&
                       pcre2_match(code, (PCRE2_SPTR)s.p, s.n, 0, 0, match, NULL) >= 0;

    pcre2_match_data_free(match);
    pcre2_code_free(code);
    return found;
}

static bool one_of(gp_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (gp_str_ieqz(s, words[i])) return true;
    return false;
}

static void choose_layout(loading *l, const gp_sheet *s)
{
    int count[LAYOUTS] = {0};
    layout best = LAYOUT_PLAIN;

    for (int i = 0; i < N_ROWS; i++) {
        l->column[i] = -1;
        for (int k = 0; k < s->n && k < GP_MAX_COLUMNS && l->column[i] < 0; k++)
            if (fits(rows[i].pattern, s->cell[k])) l->column[i] = k;
        count[rows[i].layout] += l->column[i] >= 0;
    }
    for (int k = 1; k < LAYOUTS; k++)
        if (count[k] > count[best]) best = (layout)k;
    for (int i = 0; i < N_ROWS; i++) {
        if (rows[i].layout != best) l->column[i] = -1;
        l->e->have[rows[i].figure] |= l->column[i] >= 0;
    }
}

static bool no_column(const gp_sheet *s, const char *what)
{
    gp_buf found = {0};

    gp_sheet_show(s, &found);
    gp_diag_file(s->d, GP_D_COMPANION_NO_COLUMN, s->path, s->line, 0, what, found.p ? found.p : "",
                 "the file has one row an event: code,date,bonus_per_10,gift_per_10,allot_per_10,allot_price");
    gp_buf_free(&found);
    return false;
}

static bool read_head(void *ctx, const gp_sheet *s)
{
    static const char *const dates[] = {"date", "日期", "ex_date", "除权日", "除权除息日", "trade_date"}, *const markets[] = {"market", "exchange", "市场"};
    loading *l = ctx;
    gp_buf columns = {0};
    bool any = false;
    int rank;

    l->code = l->date = l->market = -1;
    for (int k = 0; k < s->n && k < GP_MAX_COLUMNS; k++) {
        const gp_str cell = s->cell[k];
        if (l->date < 0 && one_of(cell, dates, sizeof dates / sizeof *dates)) l->date = k;
        else if (l->market < 0 && one_of(cell, markets, sizeof markets / sizeof *markets)) l->market = k;
        else if (l->code < 0 && gp_column_match(cell, &rank) == GP_ROLE_CODE) l->code = k;
    }
    gp_sheet_show(s, &columns);
    l->e->columns = columns.p ? columns.p : gp_xcalloc(1, 1);
    choose_layout(l, s);
    for (int k = 0; k < GP_EVENT_FIGURES; k++) any |= l->e->have[k];
    return l->code < 0   ? no_column(s, "code")
           : l->date < 0 ? no_column(s, "date")
           : any         ? true
                         : no_column(s, gp_event_names(GP_EVENT_BONUS));
}

/* ---- rows ---- */

static bool read_figures(loading *l, const gp_sheet *s, double x[GP_EVENT_FIGURES])
{
    bool good = true;

    for (int i = 0; i < N_ROWS; i++) {
        double value;
        if (l->column[i] < 0 || l->column[i] >= s->n || s->cell[l->column[i]].n == 0) continue;
        const gp_str cell = s->cell[l->column[i]];
        if (gp_num_parse(cell.p, cell.n, &value) && value >= -GP_QUOTE_MAX && value <= GP_QUOTE_MAX) {
            x[rows[i].figure] += value / rows[i].per;
            continue;
        }
        gp_sheet_bad_number(s, &l->bad_numbers, cell, gp_event_names(rows[i].figure));
        good = false; /* half an event is worse than none */
    }
    return good;
}

static gp_str code_of(const loading *l, const gp_sheet *s, char room[80])
{
    const gp_str code = s->cell[l->code];
    const gp_str market = l->market >= 0 && l->market < s->n ? s->cell[l->market] : GP_STR("");

    if (market.n != 2 || code.n == 0 || code.n > 60 || code.p[0] < '0' || code.p[0] > '9') return code;
    snprintf(room, 80, "%.*s%.*s%.*s", GP_STR_ARG(market), code.n < 6 ? (int)(6 - code.n) : 0, "000000", GP_STR_ARG(code));
    return gp_str_from(room);
}

/* More than this no event gives for 10 shares; the price is for one. */
static const double most[GP_EVENT_FIGURES] = {1e5, 1e4, 1e4, 1e6};

/* A figure that can be none: the wrong unit or column. */
static bool absurd(const gp_sheet *s, const double *x, int *bad_rows)
{
    char why[160];

    for (int k = 0; k < GP_EVENT_FIGURES; k++) {
        if (x[k] <= most[k]) continue;
        snprintf(why, sizeof why, "%.12g is more than any event has for %s", x[k], k == GP_EVENT_PRICE ? "the price of a right" : "10 shares");
        gp_sheet_bad_row(s, bad_rows, why);
        return true;
    }
    return false;
}

static void read_row(void *ctx, const gp_sheet *s)
{
    loading *l = ctx;
    entry e = {.row = l->row++};
    const gp_str date = l->date < s->n ? s->cell[l->date] : GP_STR("");
    char room[80];
    int32_t time;

    if (l->code >= s->n || s->cell[l->code].n == 0) {
        gp_sheet_bad_row(s, &l->bad_rows, "the row has no code");
    } else if (!gp_codes_plausible(s->cell[l->code])) {
        gp_sheet_no_code(s, &l->bad_rows, s->cell[l->code]);
    } else if (!gp_stamp_parse(date.p, date.n, &e.event.date, &time)) {
        gp_sheet_bad_date(s, &l->bad_dates, date);
    } else if (read_figures(l, s, e.event.x)) {
        const double *x = e.event.x;
        if (x[GP_EVENT_BONUS] == 0 && x[GP_EVENT_GIFT] == 0 && x[GP_EVENT_ALLOT] == 0) return; /* a change of shares only */
        if (x[GP_EVENT_BONUS] < 0 || x[GP_EVENT_ALLOT] < 0 || x[GP_EVENT_PRICE] < 0 || x[GP_EVENT_GIFT] <= -10) {
            gp_sheet_bad_row(s, &l->bad_rows, "an event cannot have such a number below zero");
            return;
        }
        if (absurd(s, x, &l->bad_rows)) return;
        e.security = gp_codes_add(&l->e->codes, code_of(l, s, room));
        gp_vec_push(&l->entries, e);
    }
}

/* ---- the whole ---- */

static int by_place(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->security != y->security) return x->security < y->security ? -1 : 1;
    if (x->event.date != y->event.date) return x->event.date < y->event.date ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Two rows of one day: what holders of 10 shares get by both. */
static void join(double to[GP_EVENT_FIGURES], const double x[GP_EVENT_FIGURES])
{
    const double rights = to[GP_EVENT_ALLOT] + x[GP_EVENT_ALLOT];

    if (x[GP_EVENT_ALLOT] > 0)
        to[GP_EVENT_PRICE] = (to[GP_EVENT_ALLOT] * to[GP_EVENT_PRICE] + x[GP_EVENT_ALLOT] * x[GP_EVENT_PRICE]) / rights;
    to[GP_EVENT_ALLOT] = rights;
    to[GP_EVENT_BONUS] += x[GP_EVENT_BONUS];
    to[GP_EVENT_GIFT] += x[GP_EVENT_GIFT];
}

/* Was row i written before for the same day? */
static bool repeated(const entry *at, size_t first, size_t i)
{
    for (size_t k = first; k < i; k++)
        if (memcmp(at[k].event.x, at[i].event.x, sizeof at[i].event.x) == 0) return true;
    return false;
}

static int index_entries(loading *l)
{
    gp_events *e = l->e;
    entry *at = l->entries.at;
    size_t out = 0, security = 0;
    int twice = 0;

    if (l->entries.n) qsort(at, l->entries.n, sizeof *at, by_place);
    e->at = gp_xcalloc(l->entries.n + 1, sizeof *e->at);
    e->starts = gp_xcalloc(e->codes.n + 2, sizeof *e->starts);
    e->asked = gp_xcalloc(e->codes.n + 1, sizeof *e->asked);
    for (size_t i = 0, first = 0; i < l->entries.n; i++) {
        const bool same = i > first && at[i].security == at[first].security && at[i].event.date == at[first].event.date;
        if (!same) first = i;
        while (security <= at[i].security) e->starts[security++] = out;
        if (!same) e->at[out++] = at[i].event;
        else if (repeated(at, first, i)) twice++;
        else join(e->at[out - 1].x, at[i].event.x);
    }
    while (security <= e->codes.n) e->starts[security++] = out;
    return twice;
}

gp_events *gp_events_read(const char *path, gp_diags *d)
{
    gp_events *e = gp_xcalloc(1, sizeof *e);
    loading l = {.e = e};
    const gp_sheet_reader reader = {"code,date,bonus_per_10,gift_per_10,allot_per_10,allot_price", read_head, read_row, &l};

    if (!gp_sheet_read(path, &reader, d)) {
        gp_vec_free(&l.entries);
        gp_events_free(e);
        return NULL;
    }
    gp_sheet_more_like_it(path, l.bad_dates, "rows without a proper date are left out", d);
    gp_sheet_more_like_it(path, l.bad_rows, "rows cannot be used and are left out", d);
    gp_sheet_more_like_it(path, l.bad_numbers, "values are not numbers; their rows are left out", d);
    const int twice = index_entries(&l);
    if (twice) gp_diag_file(d, GP_D_EVENT_TWICE, path, 0, 0, twice);
    gp_vec_free(&l.entries);
    return e;
}

void gp_events_free(gp_events *e)
{
    if (!e) return;
    gp_codes_fini(&e->codes);
    free(e->at);
    free(e->starts);
    free(e->asked);
    free(e->columns);
    free(e);
}

bool gp_events_have(const gp_events *e, gp_event_figure figure)
{
    return e->have[figure];
}

const char *gp_events_columns(const gp_events *e)
{
    return e->columns;
}

size_t gp_events_unasked(const gp_events *e, const char **example)
{
    size_t n = 0;

    for (uint32_t k = 0; k < e->codes.n; k++) {
        if (atomic_load_explicit(&e->asked[k], memory_order_relaxed)) continue;
        if (n++ == 0) *example = e->codes.at[k].code;
    }
    return n;
}

const gp_event *gp_events_of(const gp_events *e, const gp_bars *b, int *n)
{
    const int security = gp_codes_find(&e->codes, b->code, b->market);

    *n = 0;
    if (security < 0) return NULL;
    atomic_store_explicit(&e->asked[security], true, memory_order_relaxed);
    *n = (int)(e->starts[security + 1] - e->starts[security]);
    return e->at + e->starts[security];
}
