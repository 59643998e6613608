#include "screen/marks.h"
#include <math.h>
#include "base/period.h"

const char *const gp_event_keys[GP_EVENT_FIGURES] = {"bonus_per_10", "gift_per_10", "allot_per_10", "allot_price"};

void gp_series_fill(const gp_fact *facts, int count, gp_series_type type, const gp_bars *b, int n, double *to)
{
    const bool longer = gp_period_of_code(b->period) > GP_PERIOD_DAY;
    double now = NAN;
    int next = 0;
    for (int i = 0; i < n; i++) {
        bool own = false;
        for (; next < count && facts[next].date <= b->date[i]; next++) {
            now = facts[next].value;
            own |= facts[next].date == b->date[i] || (longer && i > 0);
        }
        if (!longer && i > 0 && b->date[i] == b->date[i - 1]) /* another bar of the same day */
            own = next > 0 && facts[next - 1].date == b->date[i];
        to[i] = own || type == GP_SERIES_CARRY ? now : type == GP_SERIES_ZERO ? 0 : NAN;
    }
}

/* The first bar on or after a day; n: there is none. */
static int bar_of(const gp_bars *b, int n, int32_t date)
{
    int lo = 0, hi = n;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        if (b->date[mid] < date)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void gp_events_nth(const gp_facts *events, int nth, gp_event_figure figure, bool bars_ago, const gp_bars *b, int n, double *to)
{
    int count, next = 0;
    const gp_fact *facts = gp_facts_of(events, b, figure, &count);
    for (int i = 0; i < n; i++) {
        while (next < count && facts[next].date <= b->date[i]) next++;
        int left = nth, at = next;
        while (at > 0 && left > 0) left -= facts[--at].value != 0; /* an event without this figure is none of them */
        to[i] = left > 0                                  ? NAN
                : !bars_ago                               ? facts[at].value
                : facts[at].date < b->date[0] ? NAN /* before the data begin */
                                                          : i - bar_of(b, n, facts[at].date);
    }
}

/* What the day's events do to a price: the ex-rights reference price over the close before it. */
static double ex_factor(double close, const double x[GP_EVENT_FIGURES])
{
    const double paid = close - x[GP_EVENT_BONUS] / 10 + x[GP_EVENT_ALLOT] / 10 * x[GP_EVENT_PRICE];
    return paid / (close * (1 + x[GP_EVENT_GIFT] / 10 + x[GP_EVENT_ALLOT] / 10));
}

void gp_events_factor(const gp_facts *events, bool backward, const gp_bars *b, int n, double *to)
{
    const gp_fact *facts[GP_EVENT_FIGURES];
    int count[GP_EVENT_FIGURES], next[GP_EVENT_FIGURES] = {0};
    for (int k = 0; k < GP_EVENT_FIGURES; k++) facts[k] = gp_facts_of(events, b, k, &count[k]);
    double product = 1, before = NAN; /* the last close before bar i */
    for (int i = 0; i < n; i++) {
        for (;;) { /* the events up to this bar, day by day */
            double x[GP_EVENT_FIGURES] = {0};
            int32_t day = INT32_MAX;
            for (int k = 0; k < GP_EVENT_FIGURES; k++)
                if (next[k] < count[k] && facts[k][next[k]].date < day) day = facts[k][next[k]].date;
            if (day > b->date[i]) break;
            for (int k = 0; k < GP_EVENT_FIGURES; k++)
                if (next[k] < count[k] && facts[k][next[k]].date == day) x[k] = facts[k][next[k]++].value;
            if (!isnan(before)) product /= ex_factor(before, x); /* before the first bar there is no close to compare with */
        }
        to[i] = isfinite(product) && product > 0 ? product : NAN;
        if (!isnan(b->close[i])) before = b->close[i];
    }
    for (int i = 0; i < n && !backward; i++) to[i] /= product;
    for (int i = 0; i < n && !backward; i++)
        if (!isfinite(to[i])) to[i] = NAN;
}
