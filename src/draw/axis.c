/* Where the axes have marks, and what stands there. */
#include <stdio.h>
#include "draw/draw.h"

enum { VALUE_ROOM = 44, DATE_ROOM = 72, TIME_ROOM = 52 };

/* ---- values ---- */

double gp_round_step(double wanted)
{
    const double unit = pow(10, floor(log10(wanted)));
    const double share = wanted / unit;
    return unit * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 2.5 ? 2.5 : share <= 5 ? 5 : 10);
}

void gp_number_tick(gp_ticks *out, double v, double step, double most, bool zh)
{
    const char *word;
    const double unit = gp_number_unit(most, zh, &word);
    gp_tick t = {.at = v};
    if (fabs(v) < step * 1e-6)
        snprintf(t.text, sizeof t.text, "0");
    else if (fabs(v / unit) >= 1e7 || step / unit < 1e-7)
        snprintf(t.text, sizeof t.text, "%.4g", v);
    else
        snprintf(t.text, sizeof t.text, "%.*f%s", gp_number_decimals(step / unit), v / unit, word);
    gp_vec_push(out, t);
}

static void value_tick(gp_ticks *out, const gp_sheet *s, const gp_drawn_pane *pane, double v, double step)
{
    gp_number_tick(out, v, step, fmax(fabs(pane->lo), fabs(pane->hi)), s->o->zh);
}

void gp_value_ticks(const gp_sheet *s, const gp_drawn_pane *pane, gp_ticks *out)
{
    const double height = pane->plot.bottom - pane->plot.top, wanted = height / (pane->kind == GP_PANE_KIND_PRICE ? VALUE_ROOM : VALUE_ROOM * 0.8);
    const int n = wanted < 2 ? 2 : (int)wanted;
    if (pane->log && pane->hi / pane->lo > 4) { /* 1 2 5 10 20 50 ... */
        for (double unit = pow(10, floor(log10(pane->lo))); unit <= pane->hi; unit *= 10)
            for (int k = 0; k < 3; k++) {
                const double v = unit * (k == 0 ? 1 : k == 1 ? 2 : 5);
                if (v >= pane->lo && v <= pane->hi)
                    value_tick(out, s, pane, v, unit);
            }
        return;
    }
    const double step = gp_round_step((pane->hi - pane->lo) / n);
    if (!(step > 0) || !isfinite(step))
        return;
    for (double k = ceil(pane->lo / step); k * step <= pane->hi && out->n < 100; k++)
        if (pane->kind != GP_PANE_KIND_VOLUME || k > 0)
            value_tick(out, s, pane, k * step, step);
}

/* ---- dates ---- */

void gp_date_text(const gp_bars *b, int i, char text[24])
{
    const int d = b->date[i], t = b->time ? b->time[i] : 0;
    int n = snprintf(text, 24, "%04d-%02d-%02d", d / 10000 % 10000, d / 100 % 100, d % 100);
    if (b->time)
        snprintf(text + n, 24 - (size_t)n, " %02d:%02d", t / 10000 % 100, t / 100 % 100);
}

/* Days since the year 0, so that weeks can be told apart. */
static int day_number(int date)
{
    int y = date / 10000, m = date / 100 % 100;
    const int d = date % 100;
    y -= m <= 2;
    m += m <= 2 ? 12 : 0;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + d;
}

/* Rising fineness of the marks below the bars; a mark stands where the number changes. */
typedef enum { BY_MINUTE, BY_5, BY_15, BY_30, BY_HOUR, BY_SESSION, BY_DAY, BY_WEEK, BY_MONTH, BY_QUARTER, BY_YEAR, BY_2_YEARS, BY_5_YEARS, BY_10_YEARS, BY_50_YEARS, LEVELS } level;

static int number_of(const gp_bars *b, int i, level by)
{
    const int d = b->date[i], t = b->time ? b->time[i] : 0, minute = t / 10000 * 60 + t / 100 % 100;
    static const int years[] = {1, 2, 5, 10, 50}, minutes[] = {1, 5, 15, 30, 60};
    switch (by) {
    case BY_SESSION: return d % 1000000 * 2 + (t > 120000);
    case BY_DAY: return d;
    case BY_WEEK: return (day_number(d) + 1) / 7; /* Mondays */
    case BY_MONTH: return d / 100;
    case BY_QUARTER: return d / 10000 * 4 + (d / 100 % 100 - 1) / 3;
    default: break;
    }
    if (by >= BY_YEAR)
        return d / 10000 / years[by - BY_YEAR];
    return (day_number(d) * 1440 + minute) / minutes[by];
}

static bool is_new(const gp_bars *b, int i, level by)
{
    return i == 0 || number_of(b, i, by) != number_of(b, i - 1, by);
}

static void date_label(const gp_bars *b, int i, level by, char text[24])
{
    const int d = b->date[i], t = b->time ? b->time[i] : 0;
    if (by >= BY_YEAR)
        snprintf(text, 24, "%04d", d / 10000 % 10000);
    else if (by >= BY_MONTH)
        snprintf(text, 24, "%04d-%02d", d / 10000 % 10000, d / 100 % 100);
    else if (by >= BY_DAY || is_new(b, i, BY_DAY))
        snprintf(text, 24, "%02d-%02d", d / 100 % 100, d % 100);
    else
        snprintf(text, 24, "%02d:%02d", t / 10000 % 100, t / 100 % 100);
}

/* Those of a level whose words have room; the beginning of a longer stretch than a day is seen only where the one before is. */
static void ticks_of(const gp_sheet *s, level by, bool first, gp_ticks *out)
{
    const gp_bars *b = s->p->bars;
    double right = -1e9; /* of the label before, in pixels */
    for (int i = 0; i < s->p->n; i++) {
        if (!is_new(b, s->p->first + i, by) || (i == 0 && by > BY_DAY && !first))
            continue;
        gp_tick t = {.at = i};
        date_label(b, s->p->first + i, by, t.text);
        const double half = gp_text_ems(t.text) * s->em / 2, x = (i + 0.5) * s->pitch;
        if (x - half < right + s->em / 2) {
            /* the date of a new day matters more than the end of the day before */
            const bool day = by < BY_DAY && out->n && is_new(b, s->p->first + i, BY_DAY) && !is_new(b, s->p->first + (int)out->at[out->n - 1].at, BY_DAY);
            if (!day)
                continue;
            out->n--;
        }
        right = x + half;
        gp_vec_push(out, t);
    }
}

void gp_date_ticks(const gp_sheet *s, gp_ticks *out)
{
    const gp_bars *b = s->p->bars;
    const double width = s->pitch * s->p->n;
    level by = b->time ? BY_MINUTE : BY_DAY;
    for (; by < LEVELS - 1; by++) {
        int n = 0;
        for (int i = 0; i < s->p->n; i++)
            n += is_new(b, s->p->first + i, by);
        if (n * (double)(by < BY_DAY ? TIME_ROOM : DATE_ROOM) <= width + DATE_ROOM)
            break;
    }
    ticks_of(s, by, false, out);
    if (!out->n) /* a few bars */
        ticks_of(s, b->time ? BY_MINUTE : BY_DAY, true, out);
}
