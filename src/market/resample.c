/* Longer bars: which one a stamp belongs to, and what it is made of. */
#include "market/resample.h"
#include <math.h>
#include "base/vec.h"
#include "market/reader.h"
#include "market/stamp.h"

enum { MORNING = 9 * 60 + 30, NOON = 11 * 60 + 30, AFTERNOON = 13 * 60, CLOSING = 15 * 60, HALF_DAY = 120 };

/* Length of a minute period; 0 for a day and longer. */
static int step_of(gp_period p)
{
    static const int steps[GP_PERIODS] = {[GP_PERIOD_MIN1] = 1, [GP_PERIOD_MIN5] = 5, [GP_PERIOD_MIN15] = 15, [GP_PERIOD_MIN30] = 30, [GP_PERIOD_MIN60] = 60};
    return (unsigned)p < GP_PERIODS ? steps[p] : 0;
}

static int minutes_of(int32_t time)
{
    return time / 10000 * 60 + time / 100 % 100 + (time % 100 > 0); /* 09:30:05 ends within 09:31 */
}

/* The largest number of minutes that all ends of bars are multiples of: 10 for bars of ten minutes. */
static int raster(const gp_bars *b)
{
    int best = 0;
    for (int i = 0; b->time && i < b->n && i < 2000; i++) {
        int x = minutes_of(b->time[i]), y = best;
        while (y) {
            const int rest = x % y;
            x = y;
            y = rest;
        }
        best = x;
    }
    return best;
}

bool gp_resample_fits(const gp_bars *b, gp_period period)
{
    const gp_period from = gp_period_of_code(b->period);
    if (period <= GP_PERIOD_SAME || period >= GP_PERIODS) return false;
    if (from != GP_PERIOD_SAME) return from <= period && (step_of(from) == 0 || b->time);
    /* seconds, or a number of minutes that has no code */
    const int minutes = raster(b);
    return b->time && (step_of(period) == 0 || (minutes > 0 && step_of(period) % minutes == 0));
}

bool gp_resample_fits_minutes(const gp_bars *b, int minutes)
{
    const int from = step_of(gp_period_of_code(b->period)), own = from ? from : raster(b);
    return b->time && minutes > 0 && minutes <= 24 * 60 && own > 0 && minutes % own == 0 && (from || b->period == 8 || b->period >= 12);
}

/* ---- which longer bar ---- */

/* Shanghai, Shenzhen and Beijing trade in A-share sessions; where the market is not known, the stamps tell. */
static bool in_sessions(const gp_bars *b, int n)
{
    if (b->market && b->market[0]) return true;
    for (int i = 0; b->time && i < n; i++) {
        const int m = minutes_of(b->time[i]);
        if (m < 9 * 60 + 15 || (m > NOON && m < AFTERNOON) || m > CLOSING + 30) return false;
    }
    return true;
}

void gp_buckets_init(gp_buckets *k, const gp_bars *b, int n, gp_period period)
{
    *k = (gp_buckets){.period = period, .step = step_of(period), .last_time = -1};
    k->sessions = k->step > 0 && in_sessions(b, n);
}

/* Minutes traded when the bar ended, 1 to 240.  Some terminals stamp the bar that ends the morning 13:00; where the morning
 * has one of 11:30 already, 13:00 belongs to the afternoon. */
static int traded(const gp_buckets *k, int32_t date, int32_t time)
{
    const int m = minutes_of(time);
    if (m <= MORNING) return 1;
    if (m <= NOON) return m - MORNING;
    if (m < AFTERNOON) return HALF_DAY;
    if (m == AFTERNOON) {
        const bool had_noon = k->last_date == date && k->last_time >= 0 && minutes_of(k->last_time) == NOON;
        return had_noon ? HALF_DAY + 1 : HALF_DAY;
    }
    return m < CLOSING ? HALF_DAY + m - AFTERNOON : 2 * HALF_DAY;
}

static int64_t minute_bucket(const gp_buckets *k, int32_t date, int32_t time, int step)
{
    int end;
    if (k->sessions) {
        end = (traded(k, date, time) + step - 1) / step * step;
        if (end > 2 * HALF_DAY) end = 2 * HALF_DAY;
        end = end <= HALF_DAY ? MORNING + end : AFTERNOON + end - HALF_DAY;
    } else {
        end = (minutes_of(time) + step - 1) / step * step;
        if (end == 0) end = step; /* midnight begins the first bar */
        if (end > 24 * 60) end = 24 * 60;
    }
    return (int64_t)date * 10000 + end / 60 * 100 + end % 60;
}

int64_t gp_bucket_of(gp_buckets *k, int32_t date, int32_t time)
{
    const int y = date / 10000, m = date / 100 % 100;
    int64_t key;
    switch (k->period) {
    case GP_PERIOD_WEEK: { /* 1970-01-01 was a Thursday */
        const int32_t day = gp_day_number(date) + 3;
        key = day >= 0 ? day / 7 : -((6 - day) / 7);
        break;
    }
    case GP_PERIOD_MONTH: key = y * 12 + m - 1; break;
    case GP_PERIOD_SEASON: key = y * 4 + (m - 1) / 3; break;
    case GP_PERIOD_YEAR: key = y; break;
    case GP_PERIOD_DAY: key = date; break;
    default: key = minute_bucket(k, date, time < 0 ? 0 : time, k->step);
    }
    k->last_date = date;
    k->last_time = time;
    return key;
}

/* ---- what it is made of ---- */

typedef enum { HOW_FIRST, HOW_HIGH, HOW_LOW, HOW_LAST, HOW_SUM } how;

static void merge(how h, double *to, double x)
{
    if (isnan(x)) return;
    if (isnan(*to)) {
        *to = x;
        return;
    }
    switch (h) {
    case HOW_FIRST: break;
    case HOW_HIGH: *to = x > *to ? x : *to; break;
    case HOW_LOW: *to = x < *to ? x : *to; break;
    case HOW_LAST: *to = x; break;
    case HOW_SUM: *to += x; break;
    }
}

/* at[i]: the longer bar of bar i. */
static void merge_column(how h, const double *from, const int *at, int n, double *to, int longer)
{
    if (!from) return;
    for (int k = 0; k < longer; k++) to[k] = NAN;
    for (int i = 0; i < n; i++) merge(h, &to[at[i]], from[i]);
    for (int k = 0; k < longer; k++)
        if (!(to[k] >= -GP_QUOTE_MAX && to[k] <= GP_QUOTE_MAX)) to[k] = NAN; /* a sum beyond what a quote may be */
}

/* Working days after `date` that the longer bar could still have. */
static bool days_left(int32_t date, gp_period period)
{
    const int32_t day = gp_day_number(date);
    gp_buckets k = {.period = period, .last_time = -1};
    const int64_t mine = gp_bucket_of(&k, date, -1);
    for (int ahead = 1; ahead < 4; ahead++) { /* over a weekend at most */
        const int32_t next = gp_day_date(day + ahead);
        if (gp_bucket_of(&k, next, -1) != mine) return false;
        if ((day + ahead + 3) % 7 < 5) return true;
    }
    return false;
}

static bool may_grow(const gp_bars *b, int n, gp_period period, int step, int64_t key)
{
    const int32_t date = b->date[n - 1], time = b->time ? b->time[n - 1] : -1;
    if (step) return minutes_of(time) < key % 10000 / 100 * 60 + key % 100;
    if (time >= 0 && in_sessions(b, n) && minutes_of(time) < CLOSING) return true;
    return period != GP_PERIOD_DAY && days_left(date, period);
}

static void make(const gp_bars *b, int n, gp_buckets k, gp_resampled *out)
{
    int *at = gp_xrealloc(NULL, ((size_t)n + 1) * sizeof *at), longer = 0;
    unsigned have = 0;

    *out = (gp_resampled){.key = gp_xrealloc(NULL, ((size_t)n + 1) * sizeof *out->key), .period = k.period, .step = k.step, .sessions = k.sessions};
    for (int i = 0; i < n; i++) {
        const int64_t key = gp_bucket_of(&k, b->date[i], b->time ? b->time[i] : -1);
        if (longer == 0 || out->key[longer - 1] != key) out->key[longer++] = key;
        at[i] = longer - 1;
    }
    const double *from[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    static const how hows[] = {HOW_FIRST, HOW_HIGH, HOW_LOW, HOW_LAST, HOW_SUM, HOW_SUM};
    for (int c = 0; c < 6; c++) have |= (unsigned)(from[c] != NULL) << c;
    gp_bars_alloc(&out->bars, longer, have);
    double *const to[] = {out->bars.open, out->bars.high, out->bars.low, out->bars.close, out->bars.vol, out->bars.amount};
    for (int c = 0; c < 6; c++) merge_column(hows[c], from[c], at, n, to[c], longer);
    gp_bars_more(&out->bars, b->n_more);
    for (int c = 0; c < b->n_more; c++) merge_column(b->more_sums >> c & 1 ? HOW_SUM : c == b->pre - 1 ? HOW_FIRST : HOW_LAST, b->more[c], at, n, out->bars.more[c], longer);
    out->bars.more_sums = b->more_sums;
    out->bars.pre = b->pre;
    for (int i = 0; i < n; i++) out->bars.date[at[i]] = b->date[i];
    if (k.step) {
        out->bars.time = gp_xcalloc((size_t)longer + 1, sizeof *out->bars.time);
        for (int i = 0; i < longer; i++) out->bars.time[i] = (int32_t)(out->key[i] % 10000 * 100);
    }
    gp_bars_label(&out->bars, b->code, b->market, b->name, b->file);
    out->bars.adjusted = b->adjusted;
    out->bars.period = k.period == GP_PERIOD_SAME ? 8 : gp_period_code(k.period);
    out->forming = n > 0 && may_grow(b, n, k.period, k.step, out->key[longer - 1]);
    free(at);
}

void gp_resample(const gp_bars *b, int n, gp_period period, gp_resampled *out)
{
    gp_buckets k;
    gp_buckets_init(&k, b, n, period);
    make(b, n, k, out);
}

void gp_resample_minutes(const gp_bars *b, int n, int minutes, gp_resampled *out)
{
    gp_period word = GP_PERIOD_SAME;
    for (gp_period p = GP_PERIOD_MIN1; p <= GP_PERIOD_MIN60; p++)
        if (step_of(p) == minutes) word = p;
    make(b, n, (gp_buckets){.period = word, .step = minutes, .sessions = in_sessions(b, n), .last_time = -1}, out);
}

void gp_resampled_fini(gp_resampled *r)
{
    gp_bars_fini(&r->bars);
    free(r->key);
    *r = (gp_resampled){0};
}

void gp_resample_map(const gp_bars *b, int n, const gp_resampled *r, bool closed, int *at)
{
    gp_buckets k = {.period = r->period, .step = r->step, .sessions = r->sessions, .last_time = -1};
    int next = 0; /* longer bars before it have a smaller key */
    for (int i = 0; i < n; i++) {
        const int64_t key = gp_bucket_of(&k, b->date[i], b->time ? b->time[i] : -1);
        while (next < r->bars.n && r->key[next] < key) next++;
        at[i] = closed ? next - 1 : next < r->bars.n && r->key[next] == key ? next : -1;
    }
}
