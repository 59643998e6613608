/* Adjusting prices for ex-rights events. */
#include "market/adjust.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/period.h"
#include "base/vec.h"

enum { PRICES = 5 };

/* The close before, where there is a column of it: worth what the prices of its own day are. */
static double *before_of(const gp_bars *b) { return b->pre ? b->more[b->pre - 1] : NULL; }

/* The first bar on or after a day; n: there is none. */
static int bar_of(const gp_bars *b, int32_t date)
{
    int lo = 0, hi = b->n;

    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        if (b->date[mid] < date)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* ---- by factor ---- */

/* What the day's event does to a price: the ex-rights reference price over the close before it. */
static double ex_factor(double close, const double x[GP_EVENT_FIGURES])
{
    const double paid = close - x[GP_EVENT_BONUS] / 10 + x[GP_EVENT_ALLOT] / 10 * x[GP_EVENT_PRICE];
    return paid / (close * (1 + x[GP_EVENT_GIFT] / 10 + x[GP_EVENT_ALLOT] / 10));
}

void gp_adjust_factors(const gp_event *e, int count, bool backward, const gp_bars *b, int n, double *to)
{
    double product = 1, before = NAN; /* the last close before bar i */
    int next = 0;

    for (int i = 0; i < n; i++) {
        for (; next < count && e[next].date <= b->date[i]; next++)
            if (!isnan(before)) product /= ex_factor(before, e[next].x); /* before the first bar there is no close to compare with */
        to[i] = isfinite(product) && product > 0 ? product : NAN;
        if (!isnan(b->close[i])) before = b->close[i];
    }
    for (int i = 0; i < n && !backward; i++) {
        to[i] /= product;
        if (!isfinite(to[i])) to[i] = NAN;
    }
}

static void multiply(const gp_adjuster *a, const gp_event *e, int count, gp_bars *b)
{
    double *const prices[] = {b->open, b->high, b->low, b->close, before_of(b)}, *factor = gp_xcalloc((size_t)b->n + 1, sizeof *factor);

    gp_adjust_factors(e, count, a->to == GP_ADJUST_BACKWARD, b, b->n, factor);
    for (int c = 0; c < PRICES; c++)
        for (int i = 0; prices[c] && i < b->n; i++)
            if (factor[i] != 1) prices[c][i] *= factor[i];
    free(factor);
}

/* ---- TDX's way ---- */

/* In millionths and extended precision, so that (9.90 - 0.20)/2 is 4.85 and not its neighbour: the numbers are decimal, and people compare them. */
typedef struct step {
    long double shares, cash; /* a price P becomes (P - cash)/shares, or back: P*shares + cash */
} step;

static step step_of(const gp_event *e)
{
    const long double rights = e->x[GP_EVENT_ALLOT];
    return (step){1 + (e->x[GP_EVENT_GIFT] + rights) / 10, (e->x[GP_EVENT_BONUS] - rights * e->x[GP_EVENT_PRICE]) / 10};
}

enum { MILLION = 1000000 };

static long double millionths(double price)
{
    const long double x = (long double)price * MILLION, whole = rintl(x);
    return fabsl(x - whole) < 1e-3L ? whole : x;
}

static void shift(const gp_adjuster *a, step by, gp_bars *b, int from, int to)
{
    double *const prices[] = {b->open, b->high, b->low, b->close, before_of(b)};

    for (int c = 0; c < PRICES; c++)
        for (int i = from; prices[c] && i < to; i++)
            prices[c][i] = (double)(a->to == GP_ADJUST_FORWARD ? (millionths(prices[c][i]) - by.cash * MILLION) / (by.shares * MILLION)
                                                               : (millionths(prices[c][i]) * by.shares + by.cash * MILLION) / MILLION);
}

static void add_up(const gp_adjuster *a, const gp_event *e, int count, gp_bars *b)
{
    step all = {1, 0};

    if (a->to == GP_ADJUST_FORWARD) {
        for (int k = count - 1, end = b->n; k >= 0; k--) { /* bars before the event, back to the event before it */
            const step one = step_of(&e[k]);
            const int at = bar_of(b, e[k].date), from = k ? bar_of(b, e[k - 1].date) : 0;
            all = (step){one.shares * all.shares, one.cash + one.shares * all.cash};
            end = at < end ? at : end;
            shift(a, all, b, from, end);
        }
        return;
    }
    for (int k = 0; k < count; k++) {
        const step one = step_of(&e[k]);
        const int at = bar_of(b, e[k].date), end = k + 1 < count ? bar_of(b, e[k + 1].date) : b->n;
        all = (step){all.shares * one.shares, all.cash + all.shares * one.cash};
        shift(a, all, b, at, end);
    }
}

/* ---- both ---- */

static void round_prices(gp_bars *b, int decimals)
{
    double *const prices[] = {b->open, b->high, b->low, b->close, before_of(b)};
    double scale = 1;

    for (int k = 0; k < decimals; k++) scale *= 10;
    for (int c = 0; c < PRICES; c++)
        for (int i = 0; prices[c] && i < b->n; i++) {
            const double x = prices[c][i];
            if (fabs(x) < 1e15 / scale) prices[c][i] = round(x * scale * (1 + 4e-16)) / scale; /* 2.675 is meant to be half way */
        }
}

/* Bars with a price of zero or below. */
static int not_positive(const gp_bars *b)
{
    const double *const prices[] = {b->open, b->high, b->low, b->close};
    int n = 0;

    for (int i = 0; i < b->n; i++) {
        bool low = false;
        for (int c = 0; c < 4; c++) low |= prices[c] && prices[c][i] <= 0;
        n += low;
    }
    return n;
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const unsigned char *u = p;
    for (size_t i = 0; i < n; i++) h = (h ^ u[i]) * 0x100000001B3ULL;
    return h;
}

/* The values are other ones now, and so is what stands for them. */
static void mark_history(const gp_adjuster *a, const gp_event *e, int count, gp_bars *b)
{
    const int how[] = {(int)a->to, (int)a->way, a->decimals};

    if (b->history == 0) return;
    b->history = mix(b->history ^ 0xCBF29CE484222325ULL, how, sizeof how);
    for (int k = 0; k < count; k++) {
        b->history = mix(b->history, &e[k].date, sizeof e[k].date);
        b->history = mix(b->history, e[k].x, sizeof e[k].x);
    }
    b->history += b->history == 0;
}

static void tally(gp_adjuster *a, const gp_bars *b, bool events, bool low)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    char new[sizeof a->lowest[0]], was[sizeof new];

    pthread_mutex_lock(&lock);
    a->securities++;
    a->with_events += events;
    a->not_positive += low;
    snprintf(new, sizeof new, "%.8s%.15s", b->market ? b->market : "", b->code ? b->code : "");
    for (int k = 0; k < 3 && low; k++) { /* the smallest codes, whatever the threads did */
        if (strcmp(a->lowest[k], new) == 0) break;
        if (a->lowest[k][0] && strcmp(a->lowest[k], new) < 0) continue;
        memcpy(was, a->lowest[k], sizeof was);
        memcpy(a->lowest[k], new, sizeof new);
        if (!was[0]) break;
        memcpy(new, was, sizeof new);
    }
    pthread_mutex_unlock(&lock);
}

/* The events that happened between the first bar and the last. */
static const gp_event *those_within(const gp_adjuster *a, const gp_bars *b, int *count)
{
    const gp_event *e = gp_events_of(a->events, b, count);
    const int32_t last = b->n == 0 ? 0 : a->until && a->until < b->date[b->n - 1] ? a->until : b->date[b->n - 1];

    while (*count && e[*count - 1].date > last) --*count;
    while (*count && e->date <= b->date[0]) e++, --*count;
    return e;
}

/* By factor, an event needs a close before it that is worth more than what is taken from it. */
static bool can_be_multiplied(const gp_event *e, int count, const gp_bars *b, gp_diags *d)
{
    for (int k = 0; k < count; k++) {
        double before = NAN;
        for (int i = bar_of(b, e[k].date) - 1; i >= 0 && isnan(before); i--) before = b->close[i];
        const double factor = ex_factor(before, e[k].x);
        if (isnan(before) || (isfinite(factor) && factor > 0)) continue;
        gp_diag_file(d, GP_D_ADJUST_EVENT, b->file, 0, 0, b->code, e[k].date, before);
        return false;
    }
    return true;
}

bool gp_adjust(gp_adjuster *a, gp_bars *b, gp_diags *d)
{
    int count = 0;

    if (a->to == GP_ADJUST_NONE || !b->close) return true;
    if (b->adjusted > GP_ADJUSTED_NONE) {
        const bool stored = b->history != 0; /* only a store keeps it */
        gp_diag_file(d, GP_D_ADJUSTED_ALREADY, b->file, stored ? 0 : 1, 0, b->code, stored ? "store" : "title line",
                     b->adjusted == GP_ADJUSTED_FORWARD ? "前复权 (forward)" : "后复权 (backward)");
        return false;
    }
    const gp_event *e = those_within(a, b, &count);
    const int low = count ? not_positive(b) : 0;
    if (count && (a->way == GP_WAY_TDX || can_be_multiplied(e, count, b, d))) {
        if (gp_period_of_code(b->period) > GP_PERIOD_DAY) gp_diag_file(d, GP_D_ADJUST_LONG_BARS, b->file, 0, 0, b->code);
        if (a->way == GP_WAY_TDX)
            add_up(a, e, count, b);
        else
            multiply(a, e, count, b);
        if (a->decimals >= 0) round_prices(b, a->decimals);
        mark_history(a, e, count, b);
    }
    b->adjusted = a->to == GP_ADJUST_FORWARD ? GP_ADJUSTED_FORWARD : GP_ADJUSTED_BACKWARD;
    tally(a, b, count > 0, count > 0 && not_positive(b) > low);
    return true;
}
