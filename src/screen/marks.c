#include "screen/marks.h"
#include <math.h>
#include "base/period.h"

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

void gp_events_nth(const gp_events *events, int nth, gp_event_figure figure, bool bars_ago, const gp_bars *b, int n, double *to)
{
    int count, next = 0;
    const gp_event *e = gp_events_of(events, b, &count);
    for (int i = 0; i < n; i++) {
        while (next < count && e[next].date <= b->date[i]) next++;
        int left = nth, at = next;
        while (at > 0 && left > 0) left -= e[--at].x[figure] != 0; /* an event without this figure is none of them */
        to[i] = left > 0                                  ? NAN
                : !bars_ago                               ? e[at].x[figure]
                : e[at].date < b->date[0] ? NAN /* before the data begin */
                                                          : i - bar_of(b, n, e[at].date);
    }
}
