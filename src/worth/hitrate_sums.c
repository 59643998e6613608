/* Sums over every bar and over signals moved along, for the hit rate.  Every bar counts several times over, so the loops are kept plain; the
 * options of this file in src/CMakeLists.txt let the compiler make wide ones of them. */
#include <string.h>
#include "worth/chance.h"
#include "worth/hitrate_in.h"

/* A common shift is a number of bars up to this; longer than that and a ticker of ordinary length has gone round. */
enum { SHIFT_MOST = 2048 };

/* A sum of returns and their number in one word: the number above, the sum, which may be below zero, added to it.  Words are added and
 * subtracted like numbers; one of up to PACKED_MOST returns can be taken apart: 2^16 * 10^8 < 2^43. */
#define PACKED_ONE (UINT64_C(1) << 44)
enum { PACKED_MOST = GP_HIT_RUN_MOST };

static int64_t packed_number(uint64_t v) { return (int64_t)(v + PACKED_ONE / 2) >> 44; }

static void unpack(uint64_t v, int64_t *sum, int64_t *n)
{
    const int64_t number = packed_number(v);
    *sum += (int64_t)(v - (uint64_t)number * PACKED_ONE);
    *n += number;
}

/* Words of all horizons side by side, two of them added at once. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias));

static size_t packed_row(size_t n_after) { return (n_after + 1) & ~(size_t)1; }

/* ---- every bar ---- */

void gp_hit_days_empty(gp_hit_worker *w, size_t n_after)
{
    const size_t row = packed_row(n_after);
    if (w->days_n && !w->day_sums)
        w->day_sums = gp_xcalloc(GP_HIT_DAYS * n_after, sizeof *w->day_sums);
    for (int32_t day = w->days_low; day <= w->days_high && w->days_n; day++)
        for (size_t h = 0; h < n_after; h++) {
            gp_hit_sum *to = &w->day_sums[(size_t)day * n_after + h];
            unpack(w->days[(size_t)day * row + h], &to->sum, &to->n);
            w->days[(size_t)day * row + h] = 0;
        }
    w->days_n = 0;
    w->days_low = INT32_MAX;
    w->days_high = -1;
}

/* Adds bars from..to-1 to their days and goes on with the sums up to each bar.  n_after and row are constants where it is called. */
static inline __attribute__((always_inline)) void sum_up(const gp_hit_worker *w, int m, int from, int to, size_t n_after, size_t row)
{
    const int32_t *restrict number = w->prices.day, *restrict ret = w->prices.ret;
    uint64_t *restrict days = w->days, *restrict prefix = w->prefix + (size_t)from * row;
    uint64_t all[GP_HIT_AFTER_MAX];
    for (size_t h = 0; h < n_after; h++)
        all[h] = prefix[h];
    for (int i = from; i < to; i++) {
        uint64_t *restrict day = days + (size_t)number[i] * row;
        prefix += row;
#pragma GCC unroll 16
        for (size_t h = 0; h < n_after; h++) {
            const int32_t r = ret[h * (size_t)m + (size_t)i];
            const uint64_t one = r == GP_RETURN_NONE ? 0 : PACKED_ONE + (uint64_t)r;
            day[h] += one;
            prefix[h] = all[h] += one; /* may go round */
        }
        if (row > n_after)
            prefix[row - 1] = 0;
    }
}

/* At most so many of m bars are of one day: nearly always one. */
static int most_of_a_day(const int32_t *day, int m)
{
    int same = 1;
    for (int i = 1; i < m; i++)
        same += day[i] == day[i - 1];
    return same;
}

static void add_days(gp_hit_worker *w, size_t n_after, int m)
{
    const size_t row = packed_row(n_after);
    const int most = most_of_a_day(w->prices.day, m);
    if ((size_t)m > w->room || !w->prefix) {
        free(w->prefix);
        w->room = (size_t)m + (size_t)m / 4;
        w->prefix = gp_xaligned_raw((w->room + 1) * row * sizeof *w->prefix);
    }
    memset(w->prefix, 0, row * sizeof *w->prefix);
    for (int from = 0, to; from < m; from = to) {
        to = m - from < PACKED_MOST / 2 ? m : from + PACKED_MOST / 2;
        const int added = most < to - from ? most : to - from;
        if (w->days_n + added > PACKED_MOST)
            gp_hit_days_empty(w, n_after);
        w->days_n += added;
        w->days_low = w->prices.day[from] < w->days_low ? w->prices.day[from] : w->days_low;
        w->days_high = w->prices.day[to - 1] > w->days_high ? w->prices.day[to - 1] : w->days_high;
        if (n_after == 5)
            sum_up(w, m, from, to, 5, 6);
        else
            sum_up(w, m, from, to, n_after, row);
    }
}

/* The bin of gp_hist_bin, but the last one for a return that is none. */
static int32_t bin_of(int32_t r)
{
    const int32_t k = (int32_t)(((uint32_t)r + GP_RETURN_ONE + 50) / 100);
    return k < GP_HIST_BINS ? k : GP_HIST_BINS - 1;
}

static void count_returns(const int32_t *restrict ret, int m, uint32_t *restrict hist)
{
    enum { BLOCK = 256 };
    int32_t bins[BLOCK], none = 0;
    for (int from = 0; from < m; from += BLOCK) {
        const int n = m - from < BLOCK ? m - from : BLOCK;
        for (int i = 0; i < n; i++) {
            bins[i] = bin_of(ret[from + i]);
            none += ret[from + i] == GP_RETURN_NONE;
        }
#pragma GCC unroll 4
        for (int i = 0; i < n; i++)
            hist[bins[i]]++;
    }
    hist[GP_HIST_BINS - 1] -= (uint32_t)none;
}

static int64_t count_wins(const int32_t *ret, int m)
{
    int32_t n = 0;
    for (int i = 0; i < m; i++)
        n += ret[i] > 0;
    return n;
}

/* Days ascend, so a year's bars stand together. */
static void add_wins(const gp_hit_pass *s, gp_hit_worker *w, const int32_t *date, int m)
{
    const size_t n_after = (size_t)s->o->n_after;
    for (int from = 0, to; from < m; from = to) {
        const int32_t year = date[from] / 10000;
        to = m;
        if (s->o->by == GP_HIT_BY_YEAR && date[m - 1] / 10000 != year)
            for (int low = from; to - low > 1;) {
                const int middle = low + (to - low) / 2;
                if (date[middle] / 10000 == year)
                    low = middle;
                else
                    to = middle;
            }
        for (size_t h = 0; h < n_after; h++)
            w->wins[(size_t)(year - 1900) * n_after + h] += count_wins(w->prices.ret + h * (size_t)m + from, to - from);
    }
}

void gp_hit_add_bars(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b)
{
    const int m = w->prices.m;
    if (m == 0)
        return;
    add_days(w, (size_t)s->o->n_after, m);
    add_wins(s, w, b->date + w->prices.first, m);
    for (size_t h = 0; h < (size_t)s->o->n_after; h++)
        count_returns(w->prices.ret + h * (size_t)m, m, w->hist + h * GP_HIST_BINS);
}

/* ---- luck ---- */

/* A run of signals by where it begins and ends in the prefix. */
typedef gp_hit_edges edges;

static inline __attribute__((always_inline)) void add_edges(const edges *run, size_t n, const uint64_t *prefix, ptrdiff_t shift, size_t pairs, pair *all)
{
    for (size_t k = 0; k < n; k++) {
        const pair *a = (const pair *)(prefix + ((ptrdiff_t)run[k].first + shift)), *b = (const pair *)(prefix + ((ptrdiff_t)run[k].end + shift));
        for (size_t j = 0; j < pairs; j++)
            all[j] += b[j] - a[j];
    }
}

/* Sums over the signals of these runs, all of them `shift` bars later, those that fall off the end at the beginning.  pairs is a constant where it
 * is called. */
static inline __attribute__((always_inline)) void add_rows(const edges *run, size_t n, const uint64_t *prefix, size_t m, size_t shift, size_t pairs,
                                                           size_t n_after, int64_t *sum)
{
    const size_t row = pairs * 2, far = shift * row, last = m * row;
    pair all[GP_HIT_AFTER_MAX / 2] = {{0}};
    size_t low = 0, high = n; /* the first run that is beyond the end */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (run[middle].first + far < last)
            low = middle + 1;
        else
            high = middle;
    }
    size_t within = low;
    if (low > 0 && run[low - 1].end + far > last) { /* a run over the end */
        const edges cut[] = {{run[low - 1].first, last - far}, {last - far, run[low - 1].end}};
        add_edges(cut, 1, prefix, (ptrdiff_t)far, pairs, all);
        add_edges(cut + 1, 1, prefix, (ptrdiff_t)far - (ptrdiff_t)last, pairs, all);
        within--;
    }
    add_edges(run, within, prefix, (ptrdiff_t)far, pairs, all);
    add_edges(run + low, n - low, prefix, (ptrdiff_t)far - (ptrdiff_t)last, pairs, all);
    for (size_t h = 0; h < n_after; h++)
        unpack(all[h / 2][h % 2], &sum[2 * h], &sum[2 * h + 1]);
}

static void add_draw(const edges *run, size_t n, const uint64_t *prefix, size_t m, size_t shift, size_t n_after, int64_t *sum)
{
    switch (n_after) {
    case 1: add_rows(run, n, prefix, m, shift, 1, 1, sum); break;
    case 5: add_rows(run, n, prefix, m, shift, 3, 5, sum); break;
    default: add_rows(run, n, prefix, m, shift, packed_row(n_after) / 2, n_after, sum); break;
    }
}

static uint64_t name_of(const gp_bars *b)
{
    return gp_str_ihash(gp_str_from(b->code)) * 31 + gp_str_ihash(gp_str_from(b->market));
}

/* The runs as edges; from `from` on as many as can be added up in one word.  Returns the first one beyond. */
static size_t take_runs(gp_hit_worker *w, size_t row, size_t from)
{
    size_t held = 0;
    w->edges.n = 0;
    for (; from < w->runs.n; from++) {
        const gp_hit_span *run = &w->runs.at[from];
        held += run->n;
        if (held > PACKED_MOST)
            break;
        gp_vec_push(&w->edges, ((gp_hit_edges){run->first * row, (run->first + run->n) * row}));
    }
    return from;
}

void gp_hit_draw(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b, int k)
{
    const gp_hitrate_opts *o = s->o;
    const size_t n_after = (size_t)o->n_after, m = (size_t)w->prices.m;
    const uint64_t who = o->apart ? name_of(b) : 0;
    if (m < 2)
        return;
    for (size_t run = 0; run < w->runs.n;) {
        run = take_runs(w, packed_row(n_after), run);
        for (int i = 0; i < o->draws; i++) {
            const uint64_t u = gp_chance(o->seed, who, (uint64_t)i);
            const uint64_t far = o->apart ? u : (u >> 32) * (SHIFT_MOST - 1) >> 32; /* 0..SHIFT_MOST-2 */
            add_draw(w->edges.at, w->edges.n, w->prefix, m, 1 + (size_t)(far % (m - 1)), n_after,
                     w->drawn + ((size_t)k * (size_t)o->draws + (size_t)i) * n_after * 2);
        }
    }
}
