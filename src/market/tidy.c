#include "market/tidy.h"
#include <math.h>
#include "market/reader.h"

/* Open and close within low and high.  What is missing breaks nothing. */
static bool is_crossed(const gp_bars *b, int i)
{
    const double c = b->close[i], o = b->open ? b->open[i] : c;

    if (b->high && (b->high[i] < o || b->high[i] < c)) return true;
    if (b->low && (b->low[i] > o || b->low[i] > c)) return true;
    return b->high && b->low && b->high[i] < b->low[i];
}

static void widen(gp_bars *b, int i)
{
    const double c = b->close[i], o = b->open ? b->open[i] : c;
    const double top = fmax(o, c), bottom = fmin(o, c); /* not the missing one */

    if (b->high && b->low && b->high[i] < b->low[i]) { /* changed places */
        const double h = b->high[i];
        b->high[i] = b->low[i];
        b->low[i] = h;
    }
    if (b->high && b->high[i] < top) b->high[i] = top;
    if (b->low && b->low[i] > bottom) b->low[i] = bottom;
}

/* A row that is not plainly in order; true when it is to go. */
static bool odd_row(gp_bars *b, int i, int bad_ohlc, gp_odd *odd)
{
    const double *prices[] = {b->open, b->high, b->low, b->close};
    const bool crossed = is_crossed(b, i);
    bool low = false, missing = false;

    for (int c = 0; c < 4; c++) {
        if (!prices[c]) continue;
        low |= prices[c][i] <= 0;
        missing |= isnan(prices[c][i]);
    }
    b->counts.null_prices += missing;
    b->counts.not_positive += low;
    b->counts.bad_ohlc += crossed;
    if (low && odd->not_positive < 0) odd->not_positive = i;
    if (crossed && odd->bad_ohlc < 0) odd->bad_ohlc = i;
    if (crossed && bad_ohlc == GP_BAD_OHLC_FIX) widen(b, i);
    return crossed && bad_ohlc == GP_BAD_OHLC_DROP;
}

static void move_row(gp_bars *b, int to, int from)
{
    double *const columns[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};

    if (to == from) return;
    b->date[to] = b->date[from];
    if (b->time) b->time[to] = b->time[from];
    for (int c = 0; c < 6; c++)
        if (columns[c]) columns[c][to] = columns[c][from];
    for (int c = 0; c < b->n_more; c++) b->more[c][to] = b->more[c][from];
}

/* No row needs a look: prices in order, none so small that it would have to be counted. */
static bool all_fine(const gp_bars *b)
{
    const double *restrict c = b->close, *restrict o = b->open, *restrict h = b->high, *restrict l = b->low;
    int64_t odd = 0;

    for (int i = 0; i < b->n; i++) /* without a branch, so that it goes several rows at a time; a comparison with NaN is false */
        odd |= !(l[i] >= 0.01) | !(l[i] <= o[i]) | !(l[i] <= c[i]) | !(h[i] >= o[i]) | !(h[i] >= c[i]);
    return !odd;
}

void gp_bars_tidy(gp_bars *b, int bad_ohlc, gp_odd *odd)
{
    const double *c = b->close, *o = b->open ? b->open : c, *h = b->high ? b->high : c, *l = b->low ? b->low : c;
    const bool whole = b->open && b->high && b->low;
    int n = 0, tiny = 0, closes = 0;

    *odd = (gp_odd){-1, -1, false};
    if (whole && all_fine(b)) return;
    for (int i = 0; i < b->n; i++) {
        const bool fine = whole && (l[i] > 0) & (l[i] <= o[i]) & (l[i] <= c[i]) & (h[i] >= o[i]) & (h[i] >= c[i]); /* false for a missing price, too */
        closes += c[i] > 0;
        tiny += c[i] > 0 && c[i] < 0.01;
        if (__builtin_expect(!fine, 0) && odd_row(b, i, bad_ohlc, odd)) continue;
        if (__builtin_expect(n != i, 0)) move_row(b, n, i);
        n++;
    }
    b->n = n;
    b->counts.tiny_prices = tiny;
    odd->tiny = tiny > closes / 2;
}
