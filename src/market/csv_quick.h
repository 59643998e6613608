/* Rows of the commonest shape for the plain tokeniser: a day, numbers, perhaps the code that the row before had, and as many fields
 * as the header.  Where the fields end is found for a whole row at once, so that no number waits for the length of the one before.
 * Everything else is left to read_row of csv_plain.c, from the beginning of the row. */
#ifndef GP_MARKET_CSV_QUICK_H
#define GP_MARKET_CSV_QUICK_H
#include "market/stamp.h"
#include "market/table.h"
#if defined(__SSE2__) && GP_NUM_WIDE > 0
#include <emmintrin.h>

enum { QUICK_COLUMNS = 64, QUICK_ROW = 256 };

typedef struct quick {
    bool on;
    int misses;       /* rows left to others: a file of another shape should not be tried twice for ever */
    char delim;
    int columns, date, code, mark; /* -1: none */
    char mark_value;
    int n, close;     /* numbers, and which of them is the close */
    uint8_t column[GP_NUMBERS], role[GP_NUMBERS];
    uint64_t point[GP_NUMBERS], below[GP_NUMBERS]; /* the byte in which the number before had its point, of the last 8; those below it */
    double power[GP_NUMBERS];
    double *to[GP_NUMBERS]; /* good while the table has cap rows */
    size_t cap;
    uint64_t month, month_bits; /* of the row before: the text up to the day of its month, and which bytes that are */
    int32_t month_date, days;   /* yyyymm00; 0: none */
    size_t month_n;
} quick;

static void quick_init(quick *k, const gp_table *t)
{
    const gp_layout *l = t->layout;
    const char *mark = l->mark_value ? l->mark_value : "";

    *k = (quick){.delim = l->delim, .columns = l->n_columns, .date = l->at[GP_ROLE_DATE], .code = l->at[GP_ROLE_CODE], .mark = -1, .month_n = SIZE_MAX,
                 .mark_value = *mark};
    for (int c = 0; c < l->n_columns; c++) {
        const unsigned role = l->slot[c];
        if (role == GP_ROLE_MARK) k->mark = c;
        if (role >= GP_NUMBERS) continue;
        if (k->n == GP_NUMBERS) return;
        if (role == GP_ROLE_CLOSE) k->close = k->n;
        k->column[k->n] = (uint8_t)c;
        k->power[k->n] = 1;
        k->role[k->n++] = (uint8_t)role;
    }
    k->on = l->n_columns <= QUICK_COLUMNS && l->n_columns > 1 && l->n_more == 0 && *l->date_order == 'y' && k->date >= 0 &&
            l->slot[k->date] == GP_ROLE_DATE && l->at[GP_ROLE_TIME] < 0 && l->at[GP_ROLE_NAME] < 0 && strlen(mark) <= 1 &&
            (k->mark < 0 || *mark);
}

/* In 64 bytes from p on: where the delimiter stands, and where a line ends. */
static inline uint64_t quick_marks(const char *p, char c)
{
    const __m128i want = _mm_set1_epi8(c);
    uint64_t marks = 0;

    for (int i = 0; i < 4; i++) {
        const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
        marks |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(here, want)) << 16 * i;
    }
    return marks;
}

/* Where the fields of the row at p end, counted from p; false when they are not as many as the header has.  The last ends with the line. */
static inline bool quick_ends(const quick *k, const char *p, uint16_t *end)
{
    int n = 0;

    for (unsigned base = 0; base < QUICK_ROW; base += 64) {
        const uint64_t line = quick_marks(p + base, '\n');
        uint64_t field = quick_marks(p + base, k->delim);
        if (line) field &= (line & -line) - 1;
        for (; field; field &= field - 1) {
            if (n == k->columns) return false;
            end[n++] = (uint16_t)(base + (unsigned)__builtin_ctzll(field));
        }
        if (!line) continue;
        if (n != k->columns - 1) return false;
        end[n] = (uint16_t)(base + (unsigned)__builtin_ctzll(line));
        return true;
    }
    return false;
}

/* gp_num_known for number f of a row; its point stands mostly where the one of the row before stood, counted from the end. */
static inline bool quick_number(quick *k, int f, const char *p, size_t n, double *out)
{
    uint64_t t;
    unsigned decimals;

    if (n - 2 < 7) { /* 2 to 8 */
        memcpy(&t, p, 8);
        t = (t ^ UINT64_C(0x3030303030303030)) << (64 - 8 * n);
        if ((t & k->point[f]) == (UINT64_C(0x1e1e1e1e1e1e1e1e) & k->point[f])) {
            const uint64_t below = k->below[f], digits = (t & below) << 8 | (t & ~below & ~k->point[f]);
            if (!gp_num_marks(digits)) {
                *out = (double)(int64_t)gp_num_join(digits) / k->power[f];
                return true;
            }
        }
        gp_num_point_out(t, &decimals);
        k->below[f] = k->point[f] = 0;
        k->power[f] = 1;
        if (decimals || p[n - 1] == '.') {
            k->below[f] = (UINT64_C(1) << 8 * (7 - decimals)) - 1;
            k->point[f] = UINT64_C(0xff) << 8 * (7 - decimals);
            k->power[f] = gp_num_pow10[decimals];
        }
    }
    return gp_num_known(p, n, out);
}

static inline int32_t quick_date(quick *k, const char *p, size_t n)
{
    uint64_t text;
    unsigned tens, ones;
    int32_t date, time;

    memcpy(&text, p, 8);
    if (n == k->month_n && (text & k->month_bits) == k->month) { /* mostly: the month of the row before */
        tens = (unsigned)(unsigned char)p[n - 2] - '0';
        ones = (unsigned)(unsigned char)p[n - 1] - '0';
        date = (int32_t)(tens * 10 + ones);
        if (tens <= 3 && ones <= 9 && date >= 1 && date <= k->days) return k->month_date + date;
    }
    if ((n != 8 && n != 10) || !gp_stamp_parse(p, n, &date, &time) || time >= 0) return 0;
    if (n == 10 && (p[4] != p[7] || p[4] == '.' || (unsigned)(unsigned char)p[4] - '0' <= 9)) return date; /* no yyyy-mm-dd */
    k->month_n = n;
    k->month_bits = n == 8 ? UINT64_C(0x0000ffffffffffff) : ~UINT64_C(0);
    k->month = text & k->month_bits;
    k->month_date = date / 100 * 100;
    k->days = gp_days_of_month(date);
    return date;
}

static void quick_columns(quick *k, const gp_table *t)
{
    if (k->cap == t->cap) return;
    k->cap = t->cap;
    for (int i = 0; i < k->n; i++) k->to[i] = t->v[k->role[i]];
}

#define QUICK_START(c) ((c) ? end[(c) - 1] + 1u : 0u)
/* Its mark is one character and not that of a suspended day. */
static inline bool quick_trades(const quick *k, const char *p, const uint16_t *end)
{
    const unsigned start = QUICK_START(k->mark);
    return end[k->mark] - start == 1 && p[start] != k->mark_value && p[start] != ' ' && p[start] != '\t';
}

/* The row at p, of which QUICK_ROW + GP_NUM_WIDE bytes may be looked at, into the table; what follows it, or NULL: it is another kind of row. */
static inline const char *quick_row(quick *k, gp_table *t, const char *p)
{
    uint16_t end[QUICK_COLUMNS];
    const size_t i = t->n;
    int32_t date;

    if (i == t->cap || t->time || !quick_ends(k, p, end)) return NULL;
    quick_columns(k, t);
    const char *next = p + end[k->columns - 1] + 1;
    if (next[-2] == '\r') end[k->columns - 1]--;
    const unsigned at = QUICK_START(k->date);
    date = quick_date(k, p + at, end[k->date] - at);
    if (!date) return NULL;
    for (int f = 0; f < k->n; f++) {
        const int c = k->column[f];
        const unsigned start = QUICK_START(c);
        if (!quick_number(k, f, p + start, end[c] - start, &k->to[f][i])) return NULL;
    }
    if (!(k->to[k->close][i] > 0)) return NULL;
    if (k->code >= 0) {
        const unsigned start = QUICK_START(k->code);
        gp_ticker *same = t->n_tickers ? &t->tickers[t->last_ticker] : NULL;
        if (!same || same->raw_n != end[k->code] - start || memcmp(same->raw, p + start, same->raw_n) != 0) return NULL;
        if (k->mark >= 0 && !quick_trades(k, p, end)) return NULL;
        if (t->ticker) t->ticker[i] = (uint32_t)t->last_ticker;
        same->rows++;
    } else if (k->mark >= 0 && !quick_trades(k, p, end)) {
        return NULL;
    }
#undef QUICK_START
    t->date[i] = date;
    t->lines[i] = t->line;
    t->n++;
    t->rows_seen++;
    return next;
}
#endif
#endif
