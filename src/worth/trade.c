#include "worth/trade.h"
#include <math.h>

gp_money gp_price_of(double yuan)
{
    if (!(yuan > 0) || yuan * GP_PRICE_ONE > (double)GP_PRICE_MOST)
        return 0;
    return (gp_money)(yuan * GP_PRICE_ONE + 0.5);
}

void gp_rules_end(gp_trade_rules *r, gp_ends by, double value)
{
    gp_distance *const distance[] = {&r->stop, &r->target, &r->trail};
    if (by == GP_ENDS_HOLD)
        r->hold = isfinite(value) ? (int)value : 0;
    else
        *distance[by] = isfinite(value) ? (gp_distance){.given = true, .millionths = (int64_t)(value * (GP_MILLION / 100) + 0.5)} : (gp_distance){0};
}

/* ---- one bar ---- */

gp_quote gp_quote_of(const gp_bars *b, int i)
{
    gp_quote x = {gp_price_of(b->open[i]), gp_price_of(b->high[i]), gp_price_of(b->low[i]), gp_price_of(b->close[i]), false};
    const bool halted = b->vol && b->vol[i] == 0 && b->high[i] == b->low[i];
    x.trades = x.open && x.high && x.low && x.close && !halted;
    return x;
}

/* Why there is no price to fill at. */
static gp_miss no_trade_at(const gp_bars *b, int i) { return b->vol && b->vol[i] == 0 && b->high[i] == b->low[i] ? GP_MISS_HALTED : GP_MISS_PRICE; }

static gp_quote quote_at(const gp_orders *o, int i) { return o->quotes ? o->quotes[i] : gp_quote_of(o->bars, i); }

gp_money gp_close_at(const gp_orders *o, int i)
{
    gp_money x = 0;
    for (; i >= o->first && !x; i--)
        x = o->quotes ? o->quotes[i].close : gp_price_of(o->bars->close[i]);
    return x;
}

/* Nobody sells at the upper limit, nobody buys at the lower one. */
static bool is_blocked(const gp_orders *o, const gp_trade_rules *r, int i, bool buys, gp_money price)
{
    const gp_bars *b = o->bars;
    const double yuan = (double)price / GP_PRICE_ONE;
    if (r->limit == 0)
        return false;
    if (!b->time && i > 0 && !(buys ? gp_maybe_limit_up_at : gp_maybe_limit_down_at)(b, i, yuan, r->limit))
        return false;
    const gp_limits l = gp_limits_at(b, i, r->limit);
    return buys ? gp_at_limit_up(&l, yuan) : gp_at_limit_down(&l, yuan);
}

/* An open that no exchange would have allowed from the close of the bar before: also where the file says that it was another one, since a position that
 * is held over an ex-rights day loses what the account does not get. */
static bool is_jump(const gp_orders *o, const gp_trade_rules *r, int i)
{
    if (r->limit == 0 || i < 1)
        return false;
    const double before = o->bars->close[i - 1], open = o->bars->open[i];
    if (!(before > 0) || !(open > 0) || (open > before * 0.94 && open < before * 1.06))
        return false;
    const gp_limits l = gp_limits_by_bars(o->bars, i, r->limit);
    return open < l.down * 0.99 || open > l.up * 1.01;
}

static int tick_of(const gp_orders *o, int i) { return gp_rule_of(o->bars->market, o->bars->code, o->bars->date[i])->tick; }

/* With slippage: worse by that share, to the next tick, never beyond a price limit. */
static gp_money slipped(const gp_orders *o, const gp_trade_rules *r, int i, bool buys, gp_money price)
{
    if (r->slippage == 0)
        return price;
    const int64_t tick = tick_of(o, i), off = (price * r->slippage + GP_MILLION - 1) / GP_MILLION;
    gp_money x = buys ? (price + off + tick - 1) / tick * tick : (price - off) / tick * tick;
    if (r->limit != 0) {
        const gp_limits l = gp_limits_at(o->bars, i, r->limit);
        const gp_money most = gp_price_of(buys ? l.up : l.down);
        if (most && (buys ? x > most && most >= price : x < most && most <= price))
            x = most;
    }
    return x > 0 ? x : 1;
}

/* ---- levels ---- */

/* The distance on the signal's bar; 0: there is none. */
static gp_money distance(const gp_distance *d, const double *column, int signal, gp_money price)
{
    if (!d->per_bar)
        return (price * d->millionths + GP_MILLION / 2) / GP_MILLION;
    return column ? gp_price_of(column[signal]) : 0;
}

static gp_money to_tick(gp_money x, int tick) { return x <= 0 ? 0 : (x + tick / 2) / tick * tick; }

/* What a position is watched for. */
typedef struct watch {
    gp_money stop, target; /* levels; 0: none */
    gp_money trail;        /* distance */
    gp_money best;         /* best price since the entry */
    int tick;
} watch;

static bool is_past(int side, gp_money x, gp_money level) { return level && (side > 0 ? x <= level : x >= level); }

/* The level below which (above which) it is sold, and why: the nearer of stop and trail. */
static gp_money guard(const gp_trade_rules *r, const watch *w, int side, gp_left *why)
{
    gp_money trail = 0;
    *why = GP_LEFT_STOP;
    if (r->trail.given) {
        const gp_money d = r->trail.per_bar ? w->trail : (w->best * r->trail.millionths + GP_MILLION / 2) / GP_MILLION;
        trail = to_tick(w->best - side * d, w->tick);
    }
    if (trail && (!w->stop || (side > 0 ? trail > w->stop : trail < w->stop))) {
        *why = GP_LEFT_TRAIL;
        return trail;
    }
    return w->stop;
}

static gp_miss enter(const gp_orders *o, const gp_trade_rules *r, gp_path *p, watch *w)
{
    p->entry = r->fill == GP_FILL_CLOSE ? p->signal : p->signal + 1;
    p->in_phase = r->fill == GP_FILL_CLOSE ? GP_PHASE_CLOSE : GP_PHASE_OPEN;
    if (p->entry > o->last)
        return GP_MISS_END;
    const gp_quote b = quote_at(o, p->entry);
    const gp_money price = r->fill == GP_FILL_CLOSE ? b.close : b.open;
    if (!b.trades)
        return no_trade_at(o->bars, p->entry);
    if (is_blocked(o, r, p->entry, p->side > 0, price)) {
        p->jumps = is_jump(o, r, p->entry);
        return GP_MISS_LIMIT;
    }
    p->maybe_st = p->side > 0 && gp_maybe_st_limit(o->bars, p->entry, (double)price / GP_PRICE_ONE, r->limit);
    p->in = slipped(o, r, p->entry, p->side > 0, price);
    const gp_money stop = distance(&r->stop, o->stop, p->signal, p->in), target = distance(&r->target, o->target, p->signal, p->in);
    w->trail = distance(&r->trail, o->trail, p->signal, p->in);
    if ((r->stop.given && !stop) || (r->target.given && !target) || (r->trail.given && !w->trail))
        return GP_MISS_DISTANCE;
    w->tick = tick_of(o, p->entry);
    w->stop = r->stop.given ? to_tick(p->in - p->side * stop, w->tick) : 0;
    w->target = r->target.given ? to_tick(p->in + p->side * target, w->tick) : 0;
    w->best = p->lowest = p->highest = p->in;
    return GP_MISS_NONE;
}

/* ---- from entry to exit ---- */

bool gp_wants_entry(const gp_orders *o, int i, int side)
{
    const int k = side < 0;
    return o->enter[k] && gp_is_true(o->enter[k][i]) && !(o->leave[k] && gp_is_true(o->leave[k][i]));
}

static bool wants_exit(const gp_orders *o, int i, int side)
{
    const double *x = o->leave[side < 0];
    if (o->leave_bits[side < 0])
        return o->leave_bits[side < 0][i] >> o->lane & 1;
    return x && gp_is_true(x[i]);
}

/* Tries to leave at this price; false when nobody takes it: then the order waits. */
static bool leave(const gp_orders *o, const gp_trade_rules *r, gp_path *p, int i, gp_phase phase, gp_money price, gp_left why, gp_left *waiting)
{
    if (is_blocked(o, r, i, p->side < 0, price)) {
        *waiting = why;
        p->blocked++;
        return false;
    }
    p->exit = i;
    p->out = slipped(o, r, i, p->side < 0, price);
    p->out_phase = phase;
    p->left = why;
    return true;
}

/* The open: an order that waits, or a gap beyond a level. */
static bool at_open(const gp_orders *o, const gp_trade_rules *r, gp_path *p, const watch *w, int i, const gp_quote *b, gp_left *waiting)
{
    gp_left why;
    const gp_money level = guard(r, w, p->side, &why);
    if (*waiting)
        return leave(o, r, p, i, GP_PHASE_OPEN, b->open, *waiting, waiting);
    if (is_past(p->side, b->open, level))
        return leave(o, r, p, i, GP_PHASE_OPEN, b->open, why, waiting);
    return w->target && is_past(-p->side, b->open, w->target) && leave(o, r, p, i, GP_PHASE_OPEN, b->open, GP_LEFT_TARGET, waiting);
}

/* After the open: of a stop and a target in one bar the stop counts. */
static bool during(const gp_orders *o, const gp_trade_rules *r, gp_path *p, const watch *w, int i, const gp_quote *b, gp_left *waiting)
{
    gp_left why;
    const gp_money level = guard(r, w, p->side, &why);
    const gp_money worst = p->side > 0 ? b->low : b->high, best = p->side > 0 ? b->high : b->low;
    if (is_past(p->side, worst, level))
        return leave(o, r, p, i, GP_PHASE_DURING, level, why, waiting);
    return w->target && is_past(-p->side, best, w->target) && leave(o, r, p, i, GP_PHASE_DURING, w->target, GP_LEFT_TARGET, waiting);
}

static bool at_close(const gp_orders *o, const gp_trade_rules *r, gp_path *p, int i, const gp_quote *b, gp_left *waiting)
{
    if (r->hold && i - p->entry >= r->hold)
        return leave(o, r, p, i, GP_PHASE_CLOSE, b->close, GP_LEFT_HOLD, waiting);
    return r->fill == GP_FILL_CLOSE && wants_exit(o, i, p->side) && leave(o, r, p, i, GP_PHASE_CLOSE, b->close, GP_LEFT_SIGNAL, waiting);
}

static void touch(gp_path *p, gp_money low, gp_money high)
{
    p->lowest = low && low < p->lowest ? low : p->lowest;
    p->highest = high > p->highest ? high : p->highest;
}

/* The prices of the bar it was left on that were surely seen: what came later in the bar was not held any more. */
static bool touch_exit(gp_path *p, const gp_quote *b)
{
    if (p->out_phase == GP_PHASE_CLOSE)
        touch(p, b->low, b->high);
    else if (p->out_phase == GP_PHASE_DURING && p->exit > p->entry)
        touch(p, b->open, b->open);
    touch(p, p->out, p->out);
    return true;
}

/* One bar of a position; true when it was left. */
static bool pass_bar(const gp_orders *o, const gp_trade_rules *r, gp_path *p, watch *w, int i, gp_left *waiting)
{
    const gp_quote b = quote_at(o, i);
    const bool may = o->bars->date[i] > o->bars->date[p->entry] || r->same_day || gp_rule_of(o->bars->market, o->bars->code, o->bars->date[i])->same_day;
    const bool in_now = i == p->entry, from_close = in_now && p->in_phase == GP_PHASE_CLOSE;
    p->jumps += !in_now && is_jump(o, r, i);
    if (!b.trades && (*waiting || (r->hold && i - p->entry >= r->hold)))
        p->blocked++;
    if (b.trades && may && !from_close) {
        if (!in_now && at_open(o, r, p, w, i, &b, waiting))
            return touch_exit(p, &b);
        if (!*waiting && during(o, r, p, w, i, &b, waiting))
            return touch_exit(p, &b);
        if (!*waiting && at_close(o, r, p, i, &b, waiting))
            return touch_exit(p, &b);
    }
    if (b.trades && !from_close)
        touch(p, b.low, b.high);
    if (b.trades && !from_close && (p->side > 0 ? b.high > w->best : b.low < w->best))
        w->best = p->side > 0 ? b.high : b.low;
    if (!*waiting && !from_close && wants_exit(o, i, p->side))
        *waiting = GP_LEFT_SIGNAL;
    return false;
}

gp_miss gp_path_of(const gp_orders *o, const gp_trade_rules *r, int signal, int side, gp_path *p)
{
    watch w = {0};
    gp_left waiting = GP_LEFT_OPEN;
    *p = (gp_path){.side = side, .signal = signal};
    const gp_miss miss = enter(o, r, p, &w);
    if (miss != GP_MISS_NONE)
        return miss;
    for (int i = p->entry; i <= o->last; i++)
        if (pass_bar(o, r, p, &w, i, &waiting))
            return GP_MISS_NONE;
    p->exit = o->last;
    p->out = gp_close_at(o, o->last);
    p->out_phase = GP_PHASE_CLOSE;
    p->left = GP_LEFT_OPEN;
    return GP_MISS_NONE;
}

double gp_path_mae(const gp_path *p)
{
    return p->in ? p->side * ((double)(p->side > 0 ? p->lowest : p->highest) / (double)p->in - 1) : NAN;
}

double gp_path_mfe(const gp_path *p)
{
    return p->in ? p->side * ((double)(p->side > 0 ? p->highest : p->lowest) / (double)p->in - 1) : NAN;
}

int gp_path_free(const gp_path *p, const gp_trade_rules *r)
{
    return p->exit + (r->fill == GP_FILL_CLOSE && p->out_phase == GP_PHASE_CLOSE);
}

/* ---- money ---- */

gp_money gp_money_of(int64_t shares, gp_money price)
{
    const __int128 x = (__int128)shares * price;
    const gp_money most = INT64_MAX / 4;
    return x > most ? most : x < -most ? -most : (gp_money)x;
}

static gp_money fee(gp_money value, int64_t millionths)
{
    const int64_t fen = GP_PRICE_ONE / 100;
    return (gp_money)(((__int128)value * millionths + fen * GP_MILLION / 2) / (fen * GP_MILLION)) * fen;
}

gp_money gp_fees_for(const gp_trade_rules *r, const gp_rule *rule, int32_t date, bool buys, gp_money value)
{
    const gp_fees *f = gp_fees_of(date);
    gp_money commission = fee(value, r->commission);
    if (r->commission && commission < r->commission_min)
        commission = r->commission_min;
    const int64_t stamp = r->stamp >= 0 ? (buys ? 0 : r->stamp) : !rule->stamp ? 0 : buys ? f->stamp_buy : f->stamp_sell;
    const int64_t transfer = r->transfer >= 0 ? r->transfer : rule->stamp ? f->transfer : 0;
    return commission + fee(value, stamp) + fee(value, transfer);
}

int64_t gp_shares_for(const gp_trade_rules *r, const gp_rule *rule, int32_t date, bool buys, gp_money price, gp_money budget)
{
    const int64_t lot = r->lot ? r->lot : rule->lot, step = r->lot ? r->lot : rule->step;
    if (price <= 0 || budget <= 0)
        return 0;
    for (int64_t n = budget / price;; n -= step) {
        n = n < lot ? 0 : lot + (n - lot) / step * step;
        if (n == 0)
            return 0;
        const gp_money value = gp_money_of(n, price), over = value + gp_fees_for(r, rule, date, buys, value) - budget;
        if (over <= 0)
            return n;
        /* most of the way at once: half of it is too little, since fees are below the value */
        const int64_t many = over / (price * 2);
        n -= many > 2 * step ? many : 0;
    }
}
