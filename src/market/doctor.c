#include "market/doctor.h"
#include <math.h>
#include <string.h>
#include "market/rules.h"
#include "market/stamp.h"

enum { LEAST_SECURITIES = 3, RECENT = 14 /* days */, WINDOW = 40, OTHER_LIMIT = 600 /* thousandths */, UNIT_TIMES = 30 };

const char *gp_odd_name(gp_odd k)
{
    static const char *const names[] = {"ohlc", "price", "no-close", "jump", "unit", "same-period", "closed-day", "gap", "ends-early"};
    return names[k];
}

bool gp_odd_grave(gp_odd k) { return k < GP_ODD_CLOSED; }

/* ---- calendar ---- */

struct gp_calendar {
    int32_t first; /* day number of the first place */
    int n;
    int *bars, *began, *ended; /* by day: securities with a bar, whose first bar it is, whose last one */
    int securities;
    bool *open;    /* made when first asked */
};

gp_calendar *gp_calendar_new(void) { return gp_xcalloc(1, sizeof(gp_calendar)); }

void gp_calendar_free(gp_calendar *c)
{
    if (!c) return;
    free(c->bars);
    free(c->began);
    free(c->ended);
    free(c->open);
    free(c);
}

static void reach(gp_calendar *c, int32_t from, int32_t to)
{
    int **const all[] = {&c->bars, &c->began, &c->ended};
    const int32_t first = c->n && c->first < from ? c->first : from, end = c->n && c->first + c->n - 1 > to ? c->first + c->n - 1 : to;
    const int n = end - first + 1;

    if (c->n == n) return;
    for (int k = 0; k < 3; k++) {
        int *wider = gp_xcalloc((size_t)n, sizeof *wider);
        if (c->n) memcpy(wider + (c->first - first), *all[k], (size_t)c->n * sizeof *wider);
        free(*all[k]);
        *all[k] = wider;
    }
    c->first = first;
    c->n = n;
}

void gp_calendar_add(gp_calendar *c, const gp_bars *b)
{
    if (b->n == 0) return;
    reach(c, gp_day_number(b->date[0]), gp_day_number(b->date[b->n - 1]));
    for (int i = 0; i < b->n; i++)
        if (i == 0 || b->date[i] != b->date[i - 1]) c->bars[gp_day_number(b->date[i]) - c->first]++;
    c->began[gp_day_number(b->date[0]) - c->first]++;
    c->ended[gp_day_number(b->date[b->n - 1]) - c->first]++;
    c->securities++;
}

bool gp_calendar_known(const gp_calendar *c) { return c->securities >= LEAST_SECURITIES; }

static bool is_open(const gp_calendar *shared, int32_t date)
{
    gp_calendar *c = (gp_calendar *)(uintptr_t)shared;
    if (!c->open) {
        int now = 0, *alive = gp_xcalloc((size_t)c->n + 1, sizeof *alive);
        c->open = gp_xcalloc((size_t)c->n + 1, sizeof *c->open);
        for (int i = 0; i < c->n; i++) {
            int most = 0; /* of the last days: where all data end, one bar on a Saturday is not the market */
            now += c->began[i];
            alive[i] = now;
            now -= c->ended[i];
            for (int k = i; k >= 0 && k > i - RECENT; k--) most = alive[k] > most ? alive[k] : most;
            c->open[i] = c->bars[i] > 0 && 2 * c->bars[i] >= most;
        }
        free(alive);
    }
    const int i = gp_day_number(date) - c->first;
    return i >= 0 && i < c->n && c->open[i];
}

/* Trading days after `from` and before `to`; the first and the last of them. */
static int days_between(const gp_calendar *c, int32_t from, int32_t to, int32_t *first, int32_t *last)
{
    int n = 0;
    for (int32_t day = gp_day_number(from) + 1, end = gp_day_number(to); day < end; day++) {
        const int32_t date = gp_day_date(day);
        if (!is_open(c, date)) continue;
        if (!n++) *first = date;
        *last = date;
    }
    return n;
}

/* ---- one security ---- */

typedef struct look {
    const gp_bars *b;
    gp_findings *out;
    int most, seen[GP_ODD_KINDS];
} look;

static void found(look *l, gp_odd kind, int i, int32_t to, int n, double a, double b)
{
    if (++l->seen[kind] > l->most) return;
    gp_finding f = {kind, l->b->date[i], l->b->time ? l->b->time[i] : -1, to, n, a, b};
    gp_vec_push(l->out, f);
}

static void prices(look *l, int i)
{
    const gp_bars *b = l->b;
    double low = INFINITY, high = -INFINITY;
    const double *const columns[] = {b->open, b->close, b->high, b->low};

    for (int k = 0; k < 4; k++) {
        if (!columns[k] || isnan(columns[k][i])) continue;
        if (columns[k][i] <= 0) {
            found(l, GP_ODD_PRICE, i, 0, 0, columns[k][i], NAN);
            return;
        }
        if (k >= 2) continue;
        low = columns[k][i] < low ? columns[k][i] : low;
        high = columns[k][i] > high ? columns[k][i] : high;
    }
    if (b->close && isnan(b->close[i])) found(l, GP_ODD_NO_CLOSE, i, 0, 0, NAN, NAN);
    if ((b->high && b->high[i] < high) || (b->low && b->low[i] > low) || (b->high && b->low && b->high[i] < b->low[i]))
        found(l, GP_ODD_OHLC, i, 0, 0, b->high ? b->high[i] : NAN, b->low ? b->low[i] : NAN);
}

/* An event between the bars, or a suspension so long that there is none to compare with. */
static bool explained(const gp_event *e, int n, int32_t after, int32_t until)
{
    for (int k = 0; k < n; k++)
        if (e[k].date > after && e[k].date <= until) return true;
    return false;
}

static void jump(look *l, int i, const gp_event *e, int n_events)
{
    const gp_bars *b = l->b;
    if (i == 0 || !b->close || b->period != 5) return;
    const double was = b->close[i - 1], now = b->close[i];
    if (!(was > 0) || !(now > 0) || explained(e, n_events, b->date[i - 1], b->date[i])) return;
    const gp_rule *rule = gp_rule_of(b->market, b->code, b->date[i]);
    const gp_limits limits = gp_limits_by_bars(b, i, rule->limit ? -1 : OTHER_LIMIT);
    const double change = (now / was - 1) * 100;
    if (isnan(limits.up)) return;
    /* a tick of rounding, and a share of it for adjusted prices */
    const double room = was * 0.003 + 0.011;
    if (now > limits.up + room || now < limits.down - room)
        found(l, GP_ODD_JUMP, i, 0, 0, change, (change > 0 ? limits.up / was - 1 : 1 - limits.down / was) * 100);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* What each share seems to cost compared with the close (with amount), or the volume; NaN where there is none. */
static double cost(const gp_bars *b, int i)
{
    if (!(b->vol[i] > 0)) return NAN;
    if (!b->amount) return b->vol[i];
    return b->amount[i] > 0 && b->close && b->close[i] > 0 ? b->amount[i] / b->close[i] / b->vol[i] : NAN;
}

/* The middle one of them. */
static double middle(const gp_bars *b, int from, int to)
{
    double v[WINDOW];
    int n = 0;
    for (int i = from; i < to && n < WINDOW; i++) {
        const double x = cost(b, i);
        if (x > 0) v[n++] = x;
    }
    if (n < WINDOW / 2) return NAN;
    qsort(v, (size_t)n, sizeof *v, by_value);
    return v[n / 2];
}

/* The bar of [from, to) from which on values are nearer to c than to a, and before which they are not, as nearly as can be. */
static int first_changed(const gp_bars *b, int from, int to, double a, double c)
{
    int at = from, best = 0, now = 0; /* bars on their right side, compared with a change at `from` */
    for (int i = from; i < to; i++) {
        const double x = cost(b, i);
        if (x > 0) now += fabs(log(x / c)) < fabs(log(x / a)) ? -1 : 1;
        if (now <= best) continue;
        best = now;
        at = i + 1;
    }
    return at < b->n ? at : b->n - 1;
}

/* Where the middle of 40 bars is thirty times that of the 40 before: lots became shares, shares yuan.  At the end of the data 20 bars do,
 * where there is an amount to compare with. */
static void units(look *l)
{
    const gp_bars *b = l->b;
    const int least = b->amount ? WINDOW / 2 : WINDOW;
    if (!b->vol) return;
    for (int i = WINDOW; i + least <= b->n; i++) {
        const int end = i + WINDOW < b->n ? i + WINDOW : b->n;
        const double a = middle(b, i - WINDOW, i), c = middle(b, i, end), times = c / a;
        if (!(times > UNIT_TIMES) && !(times < 1.0 / UNIT_TIMES)) continue;
        const int at = first_changed(b, i, end, a, c);
        found(l, GP_ODD_UNIT, at, 0, 0, times, NAN);
        i = at + WINDOW - 1; /* then the 40 bars before are of the new unit */
    }
}

/* A week, month, quarter or year as a number; -1: the bars are of no such period. */
static int period_number(const gp_bars *b, int i)
{
    const int32_t month = b->date[i] / 100;
    switch (b->period) {
    case 6: return (gp_day_number(b->date[i]) + 3) / 7; /* from Monday on */
    case 7: return month;
    case 10: return month / 100 * 4 + (month % 100 - 1) / 3;
    case 11: return month / 100;
    default: return -1;
    }
}

static void same_period(look *l, int i)
{
    const int now = i ? period_number(l->b, i) : -1;
    if (now >= 0 && now == period_number(l->b, i - 1)) found(l, GP_ODD_SAME_PERIOD, i, l->b->date[i - 1], l->b->period, NAN, NAN);
}

static void days(look *l, const gp_calendar *c, int i)
{
    const gp_bars *b = l->b;
    int32_t first = 0, last = 0;
    if (b->period > 5) return;
    if (i == 0 || b->date[i] != b->date[i - 1]) {
        if (!is_open(c, b->date[i])) found(l, GP_ODD_CLOSED, i, 0, 0, NAN, NAN);
        const int n = i ? days_between(c, b->date[i - 1], b->date[i], &first, &last) : 0;
        if (n && ++l->seen[GP_ODD_GAP] <= l->most) {
            gp_finding f = {GP_ODD_GAP, first, -1, last, n, NAN, NAN};
            gp_vec_push(l->out, f);
        }
    }
}

static void end(look *l, const gp_calendar *c)
{
    const gp_bars *b = l->b;
    int32_t first = 0, last = 0;
    const int n = days_between(c, b->date[b->n - 1], gp_day_date(c->first + c->n), &first, &last);
    if (n && b->period <= 5) found(l, GP_ODD_ENDS_EARLY, b->n - 1, 0, n, NAN, NAN);
}

void gp_doctor(const gp_calendar *c, const gp_events *events, const gp_bars *b, int most, gp_findings *out)
{
    look l = {.b = b, .out = out, .most = most};
    int n_events = 0;
    const gp_event *e = events ? gp_events_of(events, b, &n_events) : NULL;
    const bool known = gp_calendar_known(c);

    if (b->n == 0) return;
    for (int i = 0; i < b->n; i++) {
        prices(&l, i);
        jump(&l, i, e, n_events);
        same_period(&l, i);
        if (known) days(&l, c, i);
    }
    units(&l);
    if (known) end(&l, c);
    for (int k = 0; k < GP_ODD_KINDS; k++)
        if (l.seen[k] > most) {
            gp_finding f = {(gp_odd)k, 0, -1, 0, l.seen[k] - most, NAN, NAN};
            gp_vec_push(out, f);
        }
}
