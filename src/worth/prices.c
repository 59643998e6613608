#include "worth/prices.h"
#include <math.h>
#include <stdlib.h>
#include "base/vec.h"
#include "market/rules.h"
#include "market/stamp.h"

/* No trade, and no price but one: an index without volumes still moves. */
static bool is_halted(const gp_bars *b, int i) { return b->vol && b->vol[i] == 0 && b->high[i] == b->low[i]; }

static int can_buy(const gp_hitrate_opts *o, const gp_bars *b, int i, double price)
{
    if (!(price > 0))
        return GP_BUY_BAD_PRICE;
    if (is_halted(b, i))
        return GP_BUY_HALTED;
    if (!o->keep_limit && i > 0 && (b->time || gp_maybe_limit_up_at(b, i, price, o->limit))) {
        const gp_limits l = gp_limits_at(b, i, o->limit);
        if (gp_at_limit_up(&l, price))
            return GP_BUY_AT_LIMIT;
    }
    return GP_BUY_CAN;
}

static void choose_bars(gp_hit_prices *p, const gp_hitrate_opts *o, const gp_bars *b)
{
    int from = 0, to = b->n;
    while (o->from && from < to && b->date[from] < o->from)
        from++;
    while (o->to && to > from && b->date[to - 1] > o->to)
        to--;
    p->first = from;
    p->m = to - from;
}

static void *sized(void *old, size_t n, size_t size)
{
    free(old);
    return gp_xaligned((n + 8) * size);
}

static void make_room(gp_hit_prices *p, size_t n, size_t horizons)
{
    if (n <= p->room)
        return;
    p->room = n + n / 4;
    p->entry = sized(p->entry, p->room, sizeof *p->entry);
    p->why = sized(p->why, p->room, 1);
    p->ret = sized(p->ret, p->room * horizons, sizeof *p->ret);
    p->day = sized(p->day, p->room, sizeof *p->day);
}

/* Within a month a day's number is its date and what belongs to the month. */
static void number_days(gp_hit_prices *p, const gp_bars *b)
{
    const int32_t *date = b->date + p->first;
    for (int i = 0; i < p->m;) {
        const int32_t month = date[i] / 100 * 100, beyond = gp_day_number(date[i]) + GP_HIT_DAY_0 - date[i];
        const int from = i;
        do
            p->day[i] = date[i] + beyond;
        while (++i < p->m && (uint32_t)date[i] - (uint32_t)month < 100);
        if (month + beyond < 0 || month + beyond > GP_HIT_DAYS - 100) /* near the ends of the calendar */
            for (int k = from; k < i; k++)
                p->day[k] = p->day[k] < 0 ? 0 : p->day[k] >= GP_HIT_DAYS ? GP_HIT_DAYS - 1 : p->day[k];
    }
}

/* Nearly every bar can be bought without a look at its limit, so these are told first. */
static void enter(gp_hit_prices *p, const gp_hitrate_opts *o, const gp_bars *b)
{
    const int later = gp_hit_entry_offset(o), from = p->first + later;
    const double *at = o->entry == GP_ENTRY_NEXT_OPEN ? b->open : b->close;
    const bool ask = !o->keep_limit, bars_only = !b->time && !b->pre; /* no other close before than that of the bar before */
    for (int i = 0; i < p->m; i++) {
        const int e = from + i;
        if (e >= b->n) {
            p->why[i] = GP_BUY_NO_BAR;
            p->entry[i] = NAN;
            continue;
        }
        const double price = at[e];
        const bool far = ask ? e > 0 && bars_only && !gp_maybe_limit_up(b->close[e - 1], price, o->limit) : price > 0;
        const int why = far && price > 0 && (!b->vol || b->vol[e] != 0) ? GP_BUY_CAN : can_buy(o, b, e, price);
        p->why[i] = (unsigned char)why;
        p->entry[i] = why == GP_BUY_CAN ? price : NAN;
    }
}

void gp_hit_prices_of(gp_hit_prices *p, const gp_hitrate_opts *o, const gp_bars *b)
{
    const int later = gp_hit_entry_offset(o);
    choose_bars(p, o, b);
    const int m = p->m;
    make_room(p, (size_t)m, (size_t)o->n_after);
    number_days(p, b);
    enter(p, o, b);
    for (int h = 0; h < o->n_after; h++) {
        int32_t *ret = p->ret + (size_t)h * (size_t)m;
        const int far = p->first + later + o->after[h], left = b->n - far, n = left < 0 ? 0 : left < m ? left : m;
        if (n > 0)
            gp_returns_of(p->entry, b->close + far, n, ret);
        for (int i = n; i < m; i++)
            ret[i] = GP_RETURN_NONE;
    }
}

void gp_hit_prices_fini(gp_hit_prices *p)
{
    free(p->entry);
    free(p->why);
    free(p->ret);
    free(p->day);
    *p = (gp_hit_prices){0};
}

int32_t gp_hit_days_held(int period, int after)
{
    static const int minutes[] = {1, 5, 15, 30, 60};
    if (period < 0 || period > 4)
        return after;
    return (int32_t)(((int64_t)after * minutes[period] + 239) / 240);
}
