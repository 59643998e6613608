/* From rows in file order to bars in time order. */
#include "base/vec.h"
#include "market/rules.h"
#include "market/stamp.h"
#include "market/table.h"
#include "market/tidy.h"
#include "market/units.h"

typedef struct key {
    int64_t stamp;
    uint32_t row;
} key;

static int64_t stamp_of(const gp_table *t, size_t row)
{
    return (int64_t)t->date[row] * 1000000 + (t->time ? t->time[row] : 0);
}

static int by_stamp(const void *a, const void *b)
{
    const key *x = a, *y = b;
    if (x->stamp != y->stamp) return x->stamp < y->stamp ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row; /* rows of one date stay in file order */
}

/* What the whole file has of one kind of trouble. */
typedef struct tally {
    int n;
    uint32_t line;
} tally;
typedef struct noticed {
    tally duplicates, not_positive, bad_ohlc, unsorted;
    uint32_t duplicate_of;
    int duplicate_date;
    bool tiny, no_unit;
    unsigned orders; /* bits: 1 oldest first, 2 newest first */
} noticed;

static void count_one(tally *t, int n, uint32_t line)
{
    if (n && !t->n) t->line = line;
    t->n += n;
}

static uint32_t line_of(const gp_table *t, const key *rows, int i)
{
    return i < 0 ? 0 : t->lines[rows ? rows[i].row : (uint32_t)i];
}

/* Sorts rows (one ticker) by date, keeps one of each date; returns how many are left. */
static size_t order_rows(const gp_table *t, key *rows, size_t n, gp_bars *b, noticed *seen)
{
    size_t out = 0;
    int turn = 0;

    for (size_t i = 1; i < n; i++) {
        bool back = rows[i].stamp < rows[i - 1].stamp;
        b->counts.resorted += back;
        if (rows[i].stamp == rows[i - 1].stamp) continue;
        /* Newest first is an order, too, and nothing to talk about. */
        if (turn == 0)
            seen->orders |= (turn = back ? -1 : 1) < 0 ? 2 : 1;
        else if (back != (turn < 0))
            count_one(&seen->unsorted, 1, t->lines[rows[i].row]);
    }
    if (b->counts.resorted) qsort(rows, n, sizeof *rows, by_stamp);
    for (size_t i = 0; i < n; i++) {
        if (out == 0 || rows[out - 1].stamp != rows[i].stamp) {
            rows[out++] = rows[i];
            continue;
        }
        if (!seen->duplicates.n) {
            seen->duplicate_of = t->lines[rows[out - 1].row];
            seen->duplicate_date = t->date[rows[i].row];
        }
        count_one(&seen->duplicates, 1, t->lines[rows[i].row]);
        b->counts.duplicate_dates++;
        if (t->data->duplicates == GP_DUPLICATES_LAST) rows[out - 1] = rows[i];
    }
    return out;
}

/* ---- period ---- */

static int minute_code(int minutes)
{
    switch (minutes) {
    case 1:
        return 0;
    case 5:
        return 1;
    case 15:
        return 2;
    case 30:
        return 3;
    case 60:
        return 4;
    default:
        return 8;
    }
}

/* The commonest gap between bars of one day, in seconds; 0 when no day has two bars. */
static int intraday_gap(const gp_bars *b)
{
    int gap[16], count[16], kinds = 0, best = 0;

    for (int i = 1; i < b->n && i < 2000; i++) {
        int s1 = b->time[i] / 10000 * 3600 + b->time[i] / 100 % 100 * 60 + b->time[i] % 100, k;
        int s0 = b->time[i - 1] / 10000 * 3600 + b->time[i - 1] / 100 % 100 * 60 + b->time[i - 1] % 100;
        if (b->date[i] != b->date[i - 1]) continue;
        for (k = 0; k < kinds && gap[k] != s1 - s0; k++) {
        }
        if (k == kinds) {
            if (kinds == 16) continue;
            gap[kinds] = s1 - s0;
            count[kinds++] = 0;
        }
        if (++count[k] > count[best]) best = k;
    }
    return kinds ? gap[best] : 0;
}

static int infer_period(const gp_bars *b)
{
    int spacing[6] = {0}; /* day, week, month, season, year, other */
    static const int codes[] = {5, 6, 7, 10, 11, 5};
    int best = 0;

    if (b->time) {
        int gap = intraday_gap(b);
        if (gap > 0 && gap < 60) return gap == 5 ? 12 : 13;
        if (gap >= 60) return minute_code(gap % 60 ? 0 : gap / 60);
    }
    for (int i = 1, before = b->n ? gp_day_number(b->date[0]) : 0, day; i < b->n && i < 300; i++, before = day) {
        day = gp_day_number(b->date[i]);
        int days = day - before;
        /* Holidays stretch a gap and never shrink it below the next kind's. */
        int kind = days <= 4                    ? 0
                   : days <= 10                 ? 1
                   : days >= 26 && days <= 36   ? 2
                   : days >= 80 && days <= 100  ? 3
                   : days >= 350 && days <= 380 ? 4
                                                : 5;
        spacing[kind]++;
    }
    for (int k = 1; k < 5; k++)
        if (spacing[k] > spacing[best]) best = k;
    /* Two or three bars a holiday apart are still days. */
    if (best == 1 && b->n < 4) best = 0;
    return codes[best];
}

/* ---- checks ---- */

static void check(const gp_table *t, const key *rows, gp_bars *b, noticed *seen)
{
    gp_odd odd;

    gp_bars_tidy(b, t->data->bad_ohlc, &odd);
    count_one(&seen->not_positive, b->counts.not_positive, line_of(t, rows, odd.not_positive));
    count_one(&seen->bad_ohlc, b->counts.bad_ohlc, line_of(t, rows, odd.bad_ohlc));
    seen->tiny |= odd.tiny;
}

/* A table program has taken 000858 for a number: all codes are numbers, some of them short, none with a zero in front, and the header is
 * Chinese or there are codes of six digits, so that no market of shorter numbers (2330, 7203) is meant. */
static void find_lost_zeros(gp_table *t)
{
    const gp_ticker *shorter = NULL;
    size_t n = 0, whole = 0;

    for (size_t k = 0; k < t->n_tickers; k++) {
        const gp_ticker *one = &t->tickers[k];
        if (one->raw_n == 0 || one->raw_n > 6 || *one->raw == '0' || strspn(one->raw, "0123456789") != one->raw_n) return;
        if (one->raw_n == 6) whole++;
        else if (n++ == 0) shorter = one;
    }
    if (!shorter || (!t->layout->chinese && !whole)) return;
    t->zeros_lost = true;
    gp_diag_file(t->d, GP_D_DATA_ZEROS_LOST, t->file, 0, 0, n, shorter->raw, (int)(6 - shorter->raw_n), "000000", shorter->raw);
}

static void label(const gp_table *t, const gp_text *text, const gp_ticker *k, gp_bars *b)
{
    char code[64], market[3], path_code[64], path_market[3];
    const char *name = k && k->name ? k->name : text->title_name;

    gp_code_of_path(t->file, path_code, sizeof path_code, path_market);
    if (k && k->raw_n) {
        char padded[8] = "000000";
        gp_str raw = {k->raw, k->raw_n};
        if (t->zeros_lost && raw.n < 6) {
            memcpy(padded + 6 - raw.n, raw.p, raw.n);
            raw = (gp_str){padded, 6};
        }
        gp_code_of_cell(raw, code, sizeof code, market);
        /* "600000" in the column, sh600000.csv on disk: only the file knows the exchange for sure. */
        if (strcmp(code, path_code) == 0 && k->raw_n <= 7 && path_market[0]) strcpy(market, path_market);
    } else if (text->title_code[0] && strcmp(text->title_code, path_code) != 0) {
        gp_code_of_cell(gp_str_from(text->title_code), code, sizeof code, market);
    } else {
        strcpy(code, path_code);
        strcpy(market, path_market);
    }
    gp_bars_label(b, code, market, name, t->file);
    b->adjusted = text->adjusted;
}

/* --volume-unit: what the header or the profile says it counts, or what the amount shows. */
static void count_volume(const gp_table *t, gp_bars *b, noticed *seen)
{
    const gp_layout *l = t->layout;
    gp_unit from = l->index_volume && gp_is_index(b->market, b->code) ? l->index_volume : l->volume;

    if (t->data->volume_unit == GP_VOLUME_AS_WRITTEN || !b->vol) return;
    if (from == GP_UNIT_UNKNOWN) from = gp_units_infer(b).volume;
    seen->no_unit |= from == GP_UNIT_UNKNOWN;
    if (from != GP_UNIT_UNKNOWN) gp_volume_convert(b, from, t->data->volume_unit);
}

static void tell(const gp_table *t, const noticed *seen)
{
    static const gp_row_order orders[] = {GP_ORDER_UNKNOWN, GP_ORDER_OLDEST_FIRST, GP_ORDER_NEWEST_FIRST, GP_ORDER_MIXED};

    if (t->reading) t->reading->order = seen->unsorted.n ? GP_ORDER_MIXED : orders[seen->orders];
    if (t->layout->volume == GP_UNIT_YUAN && t->layout->keep & GP_COL_VOL && t->data->volume_unit == GP_VOLUME_AS_WRITTEN)
        gp_diag_file(t->d, GP_D_VOLUME_YUAN, t->file, 0, 0, t->layout->profile->name);
    if (seen->no_unit) gp_diag_file(t->d, GP_D_VOLUME_UNIT, t->file, 0, 0);
}

/* One price a row, times with seconds in them, several rows in one second: no bars, and to keep the last trade of a second is no use. */
static bool is_ticks(const gp_table *t, const noticed *seen)
{
    size_t odd_seconds = 0;

    if (!t->time || seen->duplicates.n == 0 || !t->v[GP_ROLE_HIGH] || !t->v[GP_ROLE_LOW]) return false;
    for (size_t i = 0; i < t->n; i++) {
        if (t->v[GP_ROLE_HIGH][i] != t->v[GP_ROLE_LOW][i]) return false;
        odd_seconds += t->time[i] % 100 != 0;
    }
    return odd_seconds > t->n / 2;
}

/* ---- the two shapes of a result ---- */

/* Rows already ascending, one ticker: the columns change hands as they are. */
static void hand_over(gp_table *t, gp_bars *b)
{
    double **column[GP_NUMBERS] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};

    b->n = (int)t->n;
    b->date = t->date;
    for (int c = 0; c < GP_NUMBERS; c++) *column[c] = t->v[c];
    b->time = t->time;
    if (t->layout->n_more) {
        b->n_more = t->layout->n_more;
        b->more = gp_xcalloc((size_t)b->n_more, sizeof *b->more);
        memcpy(b->more, t->more, (size_t)b->n_more * sizeof *b->more);
        memset(t->more, 0, sizeof t->more);
    }
    t->date = NULL;
    t->time = NULL;
}

static void gather(const gp_table *t, const key *rows, size_t n, gp_bars *b)
{
    double **column[GP_NUMBERS] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};

    gp_bars_alloc(b, (int)n, t->layout->keep);
    for (size_t i = 0; i < n; i++) b->date[i] = t->date[rows[i].row];
    for (int c = 0; c < GP_NUMBERS; c++)
        for (size_t i = 0; *column[c] && i < n; i++) (*column[c])[i] = t->v[c][rows[i].row];
    gp_bars_more(b, t->layout->n_more);
    for (int c = 0; c < b->n_more; c++)
        for (size_t i = 0; i < n; i++) b->more[c][i] = t->more[c][rows[i].row];
    if (!t->time) return;
    b->time = gp_xcalloc(n, sizeof *b->time);
    for (size_t i = 0; i < n; i++) b->time[i] = t->time[rows[i].row];
}

static bool is_ascending(const gp_table *t)
{
    if (!t->time) {
        for (size_t i = 1; i < t->n; i++)
            if (t->date[i] <= t->date[i - 1]) return false;
        return true;
    }
    for (size_t i = 1; i < t->n; i++)
        if (stamp_of(t, i) <= stamp_of(t, i - 1)) return false;
    return true;
}

/* Row numbers ticker by ticker, each ticker's in file order. */
static key *by_ticker(const gp_table *t, size_t *starts)
{
    key *rows = gp_xrealloc(NULL, t->n * sizeof *rows);
    size_t *next = gp_xcalloc(t->n_tickers + 1, sizeof *next), at = 0;

    for (size_t k = 0; k < t->n_tickers; k++) {
        starts[k] = next[k] = at;
        at += t->tickers[k].rows;
    }
    starts[t->n_tickers] = at;
    for (size_t i = 0; i < t->n; i++) rows[next[t->ticker ? t->ticker[i] : 0]++] = (key){stamp_of(t, i), (uint32_t)i};
    free(next);
    return rows;
}

/* --suspended fill: a day without a price has the close before it, and there is none before the first; returns how many are left. */
static size_t fill(gp_table *t, key *rows, size_t n)
{
    double last = NAN;
    size_t out = 0;

    for (size_t i = 0; t->to_fill && i < n; i++) {
        const uint32_t row = rows[i].row;
        bool priced = false;
        for (int c = GP_ROLE_OPEN; c <= GP_ROLE_CLOSE; c++) priced |= t->v[c] && !isnan(t->v[c][row]);
        for (int c = GP_ROLE_OPEN; !priced && c <= GP_ROLE_CLOSE; c++)
            if (t->v[c]) t->v[c][row] = last;
        if (priced && !isnan(t->v[GP_ROLE_CLOSE][row])) last = t->v[GP_ROLE_CLOSE][row];
        if (priced || !isnan(last)) rows[out++] = rows[i];
    }
    return t->to_fill ? out : n;
}

/* Tickers of which nothing is left are taken out. */
static void drop_empty(gp_read_result *out)
{
    int n = 0;

    for (int i = 0; i < out->n; i++) {
        if (out->at[i].n == 0)
            gp_bars_fini(&out->at[i]);
        else
            out->at[n++] = out->at[i];
    }
    out->n = n;
}

static void one_ticker(gp_table *t, const gp_text *text, gp_bars *b, noticed *seen)
{
    key *rows = NULL;

    if (is_ascending(t) && !t->to_fill) {
        hand_over(t, b);
        seen->orders |= t->n > 1;
    } else {
        rows = gp_xrealloc(NULL, t->n * sizeof *rows);
        for (size_t i = 0; i < t->n; i++) rows[i] = (key){stamp_of(t, i), (uint32_t)i};
        gather(t, rows, fill(t, rows, order_rows(t, rows, t->n, b, seen)), b);
    }
    check(t, rows, b, seen);
    label(t, text, t->n_tickers ? t->tickers : NULL, b);
    count_volume(t, b, seen);
    b->period = infer_period(b);
    free(rows);
}

static void many_tickers(gp_table *t, const gp_text *text, gp_bars *bars, noticed *seen)
{
    size_t *starts = gp_xcalloc(t->n_tickers + 1, sizeof *starts);
    key *rows = by_ticker(t, starts);

    for (size_t k = 0; k < t->n_tickers; k++) {
        key *mine = rows + starts[k];
        gp_bars *b = &bars[k];
        gather(t, mine, fill(t, mine, order_rows(t, mine, starts[k + 1] - starts[k], b, seen)), b);
        check(t, mine, b, seen);
        label(t, text, &t->tickers[k], b);
        count_volume(t, b, seen);
        b->period = infer_period(b);
    }
    free(rows);
    free(starts);
}

/* Names of the days that never changed say no more than the last one. */
static void forget_names(const gp_table *t, gp_bars *b)
{
    double *const st = b->n_more ? b->more[t->layout->st - 1] : NULL;
    const double last = gp_name_is_st(b->name);
    for (int i = 0; i < b->n; i++)
        if (!st || st[i] == !last) return;
    for (int i = 0; i < b->n; i++) st[i] = NAN;
}

bool gp_table_finish(gp_table *t, const gp_text *text, gp_read_result *out)
{
    noticed seen = {0};
    size_t n = t->n_tickers > 1 ? t->n_tickers : 1;

    gp_table_summary(t);
    if (t->n == 0) {
        const int unfit = t->bad_rows + t->open_lost;
        const char *why = t->unread > t->bad_dates + unfit ? "their prices are no numbers"
                          : t->suspended + t->marked && !unfit && !t->bad_dates && !t->unread ? "all are suspended days without prices"
                          : t->bad_dates > unfit                        ? "their dates cannot be read"
                          : unfit                                       ? "they do not fit the header"
                                                                        : "they hold no quotes";
        if (t->rows_seen == 0 || t->rows_seen == (size_t)t->skipped)
            gp_diag_file(t->d, GP_D_DATA_NO_ROWS, t->file, 0, 0);
        else
            gp_diag_file(t->d, GP_D_DATA_NO_GOOD_ROW, t->file, 0, 0, t->rows_seen, why);
        if (t->decimal_comma)
            gp_diag_hint(t->d, "decimal commas (6,63) are not read; write points: sed 's/,/./g' FILE > FILE-with-points%s",
                         t->layout->delim == ',' ? ", after choosing another delimiter than the comma" : "");
        return false;
    }
    find_lost_zeros(t);
    out->at = gp_xcalloc(n, sizeof *out->at);
    out->n = (int)n;
    if (n == 1)
        one_ticker(t, text, out->at, &seen);
    else
        many_tickers(t, text, out->at, &seen);
    for (size_t i = 0; i < n; i++) {
        for (int c = 0; c < t->layout->n_more; c++) out->at[i].more_sums |= (unsigned)gp_more_sums(gp_layout_more_key(t->layout, c)) << c;
        out->at[i].st = t->layout->st;
        out->at[i].pre = t->layout->pre;
        if (t->layout->st_by_name) forget_names(t, &out->at[i]);
    }
    drop_empty(out);
    if (out->n == 0) {
        gp_diag_file(t->d, GP_D_DATA_NO_GOOD_ROW, t->file, 0, 0, t->rows_seen,
                     t->to_fill ? "all are suspended days without prices" : "their high and low do not enclose open and close");
        gp_read_result_fini(out);
        return false;
    }
    if (is_ticks(t, &seen)) {
        gp_diag_file(t->d, GP_D_DATA_TICKS, t->file, 0, 0, seen.duplicates.n);
        gp_read_result_fini(out);
        return false;
    }
    if (seen.duplicates.n && t->data->duplicates == GP_DUPLICATES_ERROR) {
        gp_diag_file(t->d, GP_D_DATA_DUPLICATE_REFUSED, t->file, seen.duplicates.line, 1, seen.duplicate_date, seen.duplicate_of);
        gp_read_result_fini(out);
        return false;
    }
    out->at->counts.bad_rows = t->bad_rows + t->bad_dates + t->open_lost + t->unread;
    out->at->counts.bad_fields = t->bad_fields;
    out->at->counts.suspended = t->suspended + t->marked;
    out->at->counts.skipped = t->skipped;
    if (seen.unsorted.n) gp_diag_file(t->d, GP_D_DATA_UNSORTED, t->file, seen.unsorted.line, 1);
    if (seen.duplicates.n)
        gp_diag_file(t->d, GP_D_DATA_DUPLICATE, t->file, seen.duplicates.line, 1, seen.duplicate_date,
                     seen.duplicate_of, t->data->duplicates == GP_DUPLICATES_FIRST ? "first" : "last", seen.duplicates.n);
    if (seen.not_positive.n)
        gp_diag_file(t->d, GP_D_DATA_NOT_POSITIVE, t->file, seen.not_positive.line, 1, seen.not_positive.n);
    if (seen.bad_ohlc.n) {
        static const char *const done[] = {"kept", "left out", "widened until they do"};
        gp_diag_file(t->d, GP_D_DATA_BAD_OHLC, t->file, seen.bad_ohlc.line, 1, seen.bad_ohlc.n, done[t->data->bad_ohlc]);
        if (t->data->bad_ohlc == GP_BAD_OHLC_KEEP) gp_diag_hint(t->d, "--bad-ohlc drop leaves them out, --bad-ohlc fix widens high and low");
    }
    tell(t, &seen);
    if (seen.tiny) gp_diag_file(t->d, GP_D_DATA_TINY_PRICES, t->file, 0, 0);
    return true;
}
