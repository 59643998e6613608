/* The account against a second, plain one that goes through the days one by one and knows nothing of paths or candidates.  It is written from
 * docs/backtest.md.  On random markets with suspensions, limit days, missing bars and nulls, under random rules, every trade and every day of
 * the account must agree to the last digit; besides, money balances, nothing is filled where it cannot be, and what was
 * traded does not change when later bars are taken away.
 *
 *     prop_backtest [SEED [CASES]] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "market/stamp.h"
#include "worth/account.h"
#include "worth/chance.h"

enum { MOST_DAYS = 70, MOST_SECURITIES = 4 };
static uint64_t seed = 1, at;
static uint64_t roll(uint64_t n) { return gp_chance(seed, 77, at++) % n; }
static bool chance(int percent) { return (int)roll(100) < percent; }

/* ---- a market ---- */

typedef struct market_security {
    gp_bars b;
    int32_t date[MOST_DAYS];
    double open[MOST_DAYS], high[MOST_DAYS], low[MOST_DAYS], close[MOST_DAYS], vol[MOST_DAYS];
    double enter[2][MOST_DAYS], leave[2][MOST_DAYS], stop[MOST_DAYS], target[MOST_DAYS], trail[MOST_DAYS], rank[MOST_DAYS];
    double pre[MOST_DAYS], st[MOST_DAYS], *said[2]; /* what the quotes say: the close before, days of ST */
    bool has_leave[2], ex_days;
    int bar_of_day[MOST_DAYS]; /* -1: none */
    gp_orders o;
} market_security;

static market_security market[MOST_SECURITIES];
static int n_securities, n_days;
static gp_trade_rules rules;
static gp_money cash0;
static int max_positions;
static bool own_account; /* of a single security: all of its cash, also what a sale of the same day brought */

static double fen(double x) { return floor(x * 100 + 0.5) / 100; }

static double signal_value(int percent) { return chance(4) ? NAN : chance(percent) ? 1 : 0; }

static void make_security(int k)
{
    static const char *const codes[] = {"000001", "300001", "600001", "688001"};
    market_security *s = &market[k];
    int n = 0;
    double last = 3 + (double)roll(4000) / 100;
    const int limit = k == 1 || k == 3 ? 20 : 10, often = 5 + (int)roll(40), leave = 3 + (int)roll(30), holes = (int)roll(3) * 8, wild = (int)roll(3) * 6;
    memset(s, 0, sizeof *s);
    s->ex_days = chance(40);
    for (int d = 0; d < n_days; d++) {
        s->bar_of_day[d] = -1;
        if (chance(holes))
            continue;
        if (s->ex_days && chance(5)) /* an ex-rights day */
            last = fen(last * (0.4 + (double)roll(580) / 1000));
        s->pre[n] = chance(3) ? NAN : chance(2) ? 0 : chance(2) ? fen(last * 2) : last;
        s->st[n] = chance(10) ? NAN : chance(30);
        double o = last * (1 + ((double)roll(400) - 200) / 10000), c = o * (1 + ((double)roll(800) - 400) / 10000);
        double h = fmax(o, c) * (1 + (double)roll(200) / 10000), l = fmin(o, c) * (1 - (double)roll(200) / 10000);
        const double up = fen(last * (100 + limit) / 100 + 1e-9), down = fen(last * (100 - limit) / 100 + 1e-9);
        if (chance(wild)) { /* a limit day, whole or opened */
            const double x = chance(50) ? up : down;
            o = x;
            h = l = c = x;
            if (chance(50))
                c = last, h = fmax(o, c), l = fmin(o, c);
        }
        o = fmin(fmax(fen(o), down), up), c = fmin(fmax(fen(c), down), up);
        h = fmin(fmax(fmax(fen(h), o), c), up), l = fmax(fmin(fmin(fen(l), o), c), down);
        s->vol[n] = 1000;
        if (chance(4))
            o = h = l = c = last, s->vol[n] = 0;
        s->date[n] = gp_day_date(gp_day_number(20230703) + d);
        s->open[n] = o, s->high[n] = h, s->low[n] = l, s->close[n] = c;
        if (chance(1))
            s->open[n] = NAN;
        else if (chance(1))
            s->close[n] = NAN;
        last = s->close[n] > 0 ? s->close[n] : last;
        for (int j = 0; j < 2; j++) {
            s->enter[j][n] = signal_value(often);
            s->leave[j][n] = signal_value(leave);
        }
        s->stop[n] = chance(5) ? NAN : chance(3) ? 0 : (double)roll(3000) / 1000;
        s->target[n] = chance(5) ? NAN : (double)(1 + roll(3000)) / 1000;
        s->trail[n] = chance(5) ? NAN : (double)(1 + roll(2000)) / 1000;
        s->rank[n] = chance(10) ? NAN : (double)roll(5);
        s->bar_of_day[d] = n++;
    }
    s->has_leave[0] = chance(75);
    s->has_leave[1] = chance(75);
    s->b = (gp_bars){.code = (char *)(uintptr_t)codes[k], .market = (char *)"", .name = (char *)(uintptr_t)(k == 0 && chance(30) ? "ST某某" : ""), .file = (char *)"", .n = n,
                     .date = s->date, .open = s->open, .high = s->high, .low = s->low, .close = s->close, .vol = s->vol, .period = 5, .before = chance(50)};
    s->said[0] = s->pre;
    s->said[1] = s->st;
    s->b.more = s->said;
    s->b.n_more = 2;
    s->b.pre = chance(50) ? 1 : 0;
    s->b.st = chance(30) ? 2 : 0;
    s->o = (gp_orders){.bars = &s->b, .first = 0, .last = n - 1, .enter = {s->enter[0], s->enter[1]},
                       .leave = {s->has_leave[0] ? s->leave[0] : NULL, s->has_leave[1] ? s->leave[1] : NULL}, .stop = s->stop, .target = s->target,
                       .trail = s->trail, .rank = s->rank};
}

static gp_distance random_distance(int least, int most)
{
    gp_distance d = {.given = chance(40), .per_bar = chance(40)};
    d.millionths = (least + (int64_t)roll((uint64_t)(most - least))) * 1000;
    return d;
}

static void make_case(void)
{
    n_days = 3 + (int)roll(MOST_DAYS - 3);
    n_securities = 1 + (int)roll(MOST_SECURITIES);
    for (int k = 0; k < n_securities; k++)
        make_security(k);
    rules = (gp_trade_rules){.fill = chance(70) ? GP_FILL_OPEN : GP_FILL_CLOSE, .same_day = chance(25), .shorts = chance(25), .limit = chance(70) ? -1 : chance(50) ? 0 : 50,
                             .lot = chance(70) ? 0 : chance(50) ? 1 : 100, .hold = chance(40) ? 1 + (int)roll(12) : 0, .commission = chance(80) ? 250 : 0,
                             .commission_min = chance(70) ? 50000 : 0, .stamp = chance(70) ? -1 : 700, .transfer = chance(70) ? -1 : 30,
                             .slippage = chance(60) ? 0 : (int64_t)roll(3000)};
    rules.stop = random_distance(5, 120);
    rules.target = random_distance(5, 200);
    rules.trail = random_distance(5, 120);
    cash0 = (gp_money)(500 + roll(200000)) * GP_PRICE_ONE;
    max_positions = 1 + (int)roll(3);
}

/* ---- the plain account ---- */

typedef struct plain_position {
    bool held;
    int side, signal, entry_bar, entry_day, blocked;
    int64_t in, stop, target, trail, best, shares, paid, fees;
    gp_left waiting;
} plain_position;

typedef struct plain_trade { int security, side, signal_bar, entry_bar, exit_bar, blocked; int64_t in, out, shares, fees, profit; gp_left left; } plain_trade;

static plain_trade plain[4000];
static int n_plain;
static int64_t plain_cash, plain_equity[MOST_DAYS];
static plain_position pos[MOST_SECURITIES];
static int64_t misses[GP_MISS_REASONS];

static int64_t units(double yuan) { return yuan > 0 ? (int64_t)floor(yuan * 10000 + 0.5) : 0; }

static bool tradable(const market_security *s, int i)
{
    return units(s->open[i]) && units(s->high[i]) && units(s->low[i]) && units(s->close[i]) && !(s->vol[i] == 0 && s->high[i] == s->low[i]);
}

static bool is_beyond(const market_security *s, int i, int64_t up, int64_t down)
{
    return s->high[i] * 10000 > (double)up * 1.002 || s->low[i] * 10000 < (double)down * 0.998;
}

/* The limits of a bar in units; 0: none. */
static void limits_of(int k, int i, int64_t *up, int64_t *down)
{
    const market_security *s = &market[k];
    const bool growth = k == 1 || k == 3;
    const bool st = s->b.st && !isnan(s->st[i]) ? s->st[i] == 1 : s->b.name[0];
    int rate = growth ? 20 : st ? 5 : 10; /* per cent */
    *up = *down = 0;
    if (i < 1 || !(s->close[i - 1] > 0) || rules.limit == 0)
        return;
    if (rules.limit > 0)
        rate = 5;
    else if (!s->b.before && i < (growth || s->date[0] >= 20230410 ? 5 : 1))
        return;
    const int64_t before = (int64_t)floor(s->close[i - 1] * 100 + 0.5); /* fen */
    *up = (before * (100 + rate) * 2 + 100) / 200 * 100;
    *down = (before * (100 - rate) * 2 + 100) / 200 * 100;
    if (!s->b.pre || !(s->pre[i] > 0) || s->pre[i] == s->close[i - 1])
        return;
    const int64_t said = (int64_t)floor(s->pre[i] * 100 + 0.5); /* counts, unless the bar was where it could not have been and by the bar before could */
    const int64_t up_said = (said * (100 + rate) * 2 + 100) / 200 * 100, down_said = (said * (100 - rate) * 2 + 100) / 200 * 100;
    if (is_beyond(s, i, up_said, down_said) && !is_beyond(s, i, *up, *down))
        return;
    *up = up_said;
    *down = down_said;
}

/* Prices while held, from a list of all of them: of the bar of exit those up to the exit only. */
static void excursions(const gp_trade *t, int64_t *lowest, int64_t *highest)
{
    const market_security *s = &market[t->security];
    int64_t seen[3 * MOST_DAYS + 4];
    int n = 0;
    seen[n++] = t->path.in;
    for (int i = t->path.entry; i <= t->path.exit; i++) {
        const bool at_close = rules.fill == GP_FILL_CLOSE, leaves = t->path.left != GP_LEFT_OPEN && i == t->path.exit;
        if (!tradable(s, i) || (at_close && i == t->path.entry))
            continue;
        if (leaves && t->path.out_phase != GP_PHASE_CLOSE) {
            seen[n++] = t->path.out;
            if (t->path.out_phase == GP_PHASE_DURING && i > t->path.entry)
                seen[n++] = units(s->open[i]);
            continue;
        }
        seen[n++] = units(s->low[i]);
        seen[n++] = units(s->high[i]);
        if (leaves)
            seen[n++] = t->path.out;
    }
    *lowest = *highest = seen[0];
    for (int i = 1; i < n; i++) {
        *lowest = seen[i] < *lowest ? seen[i] : *lowest;
        *highest = seen[i] > *highest ? seen[i] : *highest;
    }
}

static bool stuck(int k, int i, bool buying, int64_t price)
{
    int64_t up, down;
    limits_of(k, i, &up, &down);
    return buying ? up && price >= up - 5 : down && price <= down + 5;
}

static int64_t slip(int k, int i, bool buying, int64_t price)
{
    int64_t up, down, x;
    if (!rules.slippage)
        return price;
    limits_of(k, i, &up, &down);
    const int64_t worse = (price * rules.slippage + 999999) / 1000000;
    if (buying) {
        x = (price + worse + 99) / 100 * 100;
        return up && x > up && up >= price ? up : x;
    }
    x = (price - worse) / 100 * 100;
    if (down && x < down && down <= price)
        x = down;
    return x > 0 ? x : 1;
}

static int64_t part(int64_t value, int64_t millionths) /* to the fen */
{
    return (int64_t)(((__int128)value * millionths * 2 + 100 * 1000000) / (2 * 100 * (__int128)1000000)) * 100;
}

static int64_t tax(int32_t date, bool buying, int64_t value)
{
    int64_t c = part(value, rules.commission);
    if (rules.commission && c < rules.commission_min)
        c = rules.commission_min;
    const int64_t stamp = buying ? 0 : rules.stamp >= 0 ? rules.stamp : date >= 20230828 ? 500 : 1000;
    return c + part(value, stamp) + part(value, rules.transfer >= 0 ? rules.transfer : 10);
}

static int64_t affordable(int k, int32_t date, bool buying, int64_t price, int64_t budget)
{
    const int64_t lot = rules.lot ? rules.lot : k == 3 ? 200 : 100, step = rules.lot ? rules.lot : k == 3 ? 1 : 100;
    int64_t best = 0, low = 0, high = budget > 0 ? budget / price / step + 2 : 0; /* in steps from the lot on */
    while (low <= high) { /* the cost grows with the number */
        const int64_t mid = (low + high) / 2, n = lot + mid * step;
        if (n * price + tax(date, buying, n * price) <= budget) {
            best = n;
            low = mid + 1;
        } else {
            high = mid - 1;
        }
    }
    return best;
}

static int64_t rounded(int64_t x) { return x > 0 ? (x + 50) / 100 * 100 : 0; }

static bool leave_at(int k, int i, int64_t price, gp_left why)
{
    plain_position *p = &pos[k];
    const market_security *s = &market[k];
    if (stuck(k, i, p->side < 0, price)) {
        p->waiting = why;
        p->blocked++;
        return false;
    }
    const int64_t out = slip(k, i, p->side < 0, price), value = out * p->shares, fees = tax(s->date[i], p->side < 0, value);
    plain_cash += p->side * value - fees;
    plain[n_plain++] = (plain_trade){k, p->side, p->signal, p->entry_bar, i, p->blocked, p->in, out, p->shares, p->fees + fees,
                                     p->side * (value - p->in * p->shares) - p->fees - fees, why};
    p->held = false;
    return true;
}

static int64_t level_of(const plain_position *p, gp_left *why)
{
    int64_t trail = 0;
    if (rules.trail.given)
        trail = rounded(p->best - p->side * (rules.trail.per_bar ? p->trail : (p->best * rules.trail.millionths * 2 + 1000000) / 2000000));
    *why = GP_LEFT_STOP;
    if (!trail || (p->stop && p->side * trail <= p->side * p->stop))
        return p->stop;
    *why = GP_LEFT_TRAIL;
    return trail;
}

static void enter_at(int k, int signal, int side, int i, double price_of_bar, int64_t equity)
{
    const market_security *s = &market[k];
    plain_position *p = &pos[k];
    int held = 0;
    for (int j = 0; j < n_securities; j++)
        held += pos[j].held;
    if (held >= max_positions) {
        misses[GP_MISS_SLOT]++;
        return;
    }
    if (!tradable(s, i)) {
        misses[s->vol[i] == 0 && s->high[i] == s->low[i] ? GP_MISS_HALTED : GP_MISS_PRICE]++;
        return;
    }
    const int64_t price = units(price_of_bar);
    if (stuck(k, i, side > 0, price)) {
        misses[GP_MISS_LIMIT]++;
        return;
    }
    plain_position n = {.held = true, .side = side, .signal = signal, .entry_bar = i};
    n.in = n.best = slip(k, i, side > 0, price);
    const int64_t stop = rules.stop.per_bar ? units(s->stop[signal]) : (n.in * rules.stop.millionths * 2 + 1000000) / 2000000;
    const int64_t target = rules.target.per_bar ? units(s->target[signal]) : (n.in * rules.target.millionths * 2 + 1000000) / 2000000;
    n.trail = units(s->trail[signal]);
    if ((rules.stop.given && !stop) || (rules.target.given && !target) || (rules.trail.given && rules.trail.per_bar && !n.trail)) {
        misses[GP_MISS_DISTANCE]++;
        return;
    }
    n.stop = rules.stop.given ? rounded(n.in - side * stop) : 0;
    n.target = rules.target.given ? rounded(n.in + side * target) : 0;
    const int64_t share = own_account ? plain_cash : equity / max_positions;
    n.shares = affordable(k, s->date[i], side > 0, n.in, share < plain_cash ? share : plain_cash);
    if (!n.shares) {
        misses[GP_MISS_MONEY]++;
        return;
    }
    n.fees = tax(s->date[i], side > 0, n.in * n.shares);
    plain_cash -= side * n.in * n.shares + n.fees;
    *p = n;
}

static int wants(int k, int i)
{
    const market_security *s = &market[k];
    for (int j = 0; j < (rules.shorts ? 2 : 1); j++)
        if (s->enter[j][i] == 1 && !(s->has_leave[j] && s->leave[j][i] == 1))
            return j ? -1 : 1;
    return 0;
}

/* Entries of one day by rank; signal[k] < 0: none. */
static void enter_all(const int *signal, const int *side, int day, bool close, int64_t equity)
{
    bool done[MOST_SECURITIES] = {false};
    for (;;) {
        int best = -1;
        for (int k = 0; k < n_securities; k++) {
            if (signal[k] < 0 || done[k])
                continue;
            const double x = market[k].rank[signal[k]], y = best >= 0 ? market[best].rank[signal[best]] : NAN;
            if (best < 0 || (!isnan(x) && (isnan(y) || x > y)))
                best = k;
        }
        if (best < 0)
            return;
        done[best] = true;
        const int i = market[best].bar_of_day[day];
        enter_at(best, signal[best], side[best], i, close ? market[best].close[i] : market[best].open[i], equity);
    }
}

static void run_plain(void)
{
    int pending[MOST_SECURITIES], pending_side[MOST_SECURITIES] = {0};
    int64_t equity = cash0, last_close[MOST_SECURITIES] = {0};
    n_plain = 0;
    plain_cash = cash0;
    memset(pos, 0, sizeof pos);
    memset(misses, 0, sizeof misses);
    for (int k = 0; k < MOST_SECURITIES; k++)
        pending[k] = -1;
    for (int day = 0; day < n_days; day++) {
        bool left_at_close[MOST_SECURITIES] = {false}, new_today[MOST_SECURITIES] = {false}, before[MOST_SECURITIES];
        int now[MOST_SECURITIES], side[MOST_SECURITIES] = {0};
        for (int k = 0; k < n_securities; k++)
            before[k] = pos[k].held;
        /* the open */
        for (int k = 0; k < n_securities; k++) {
            const int i = market[k].bar_of_day[day];
            plain_position *p = &pos[k];
            if (i < 0 || !p->held)
                continue;
            if (!tradable(&market[k], i)) {
                p->blocked += p->waiting || (rules.hold && i - p->entry_bar >= rules.hold);
                continue;
            }
            gp_left why;
            const int64_t open = units(market[k].open[i]), level = level_of(p, &why);
            if (p->waiting)
                leave_at(k, i, open, p->waiting);
            else if (level && p->side * open <= p->side * level)
                leave_at(k, i, open, why);
            else if (p->target && p->side * open >= p->side * p->target)
                leave_at(k, i, open, GP_LEFT_TARGET);
        }
        if (rules.fill == GP_FILL_OPEN) {
            for (int k = 0; k < n_securities; k++)
                now[k] = pending[k] >= 0 && market[k].bar_of_day[day] >= 0 ? pending[k] : -1;
            enter_all(now, pending_side, day, false, equity);
            for (int k = 0; k < n_securities; k++) {
                new_today[k] = pos[k].held && !before[k];
                if (market[k].bar_of_day[day] >= 0)
                    pending[k] = -1;
            }
        }
        /* the day, then the close */
        for (int k = 0; k < n_securities; k++) {
            const int i = market[k].bar_of_day[day];
            plain_position *p = &pos[k];
            if (i < 0 || !p->held || !tradable(&market[k], i))
                continue;
            gp_left why;
            const market_security *s = &market[k];
            const int64_t level = level_of(p, &why), bad = units(p->side > 0 ? s->low[i] : s->high[i]), good = units(p->side > 0 ? s->high[i] : s->low[i]);
            const bool may = rules.same_day || !new_today[k];
            if (may && !p->waiting && level && p->side * bad <= p->side * level)
                leave_at(k, i, level, why);
            else if (may && !p->waiting && p->target && p->side * good >= p->side * p->target)
                leave_at(k, i, p->target, GP_LEFT_TARGET);
            if (p->held && may && !p->waiting) {
                const bool told = rules.fill == GP_FILL_CLOSE && s->has_leave[p->side < 0] && s->leave[p->side < 0][i] == 1;
                if (rules.hold && i - p->entry_bar >= rules.hold)
                    left_at_close[k] = leave_at(k, i, units(s->close[i]), GP_LEFT_HOLD);
                else if (told)
                    left_at_close[k] = leave_at(k, i, units(s->close[i]), GP_LEFT_SIGNAL);
            }
            if (p->held && p->side * good > p->side * p->best)
                p->best = good;
        }
        for (int k = 0; k < n_securities; k++) {
            const int i = market[k].bar_of_day[day];
            now[k] = -1;
            if (i < 0)
                continue;
            plain_position *p = &pos[k];
            if (p->held && !p->waiting && market[k].has_leave[p->side < 0] && market[k].leave[p->side < 0][i] == 1)
                p->waiting = GP_LEFT_SIGNAL;
            if (p->held)
                continue;
            side[k] = wants(k, i);
            if (!side[k])
                continue;
            if (rules.fill == GP_FILL_OPEN) {
                pending[k] = i;
                pending_side[k] = side[k];
            } else if (!left_at_close[k]) {
                now[k] = i;
            }
        }
        if (rules.fill == GP_FILL_CLOSE)
            enter_all(now, side, day, true, equity);
        equity = plain_cash;
        for (int k = 0; k < n_securities; k++) {
            const int i = market[k].bar_of_day[day];
            if (i >= 0 && units(market[k].close[i]))
                last_close[k] = units(market[k].close[i]);
            if (pos[k].held)
                equity += pos[k].side * pos[k].shares * last_close[k];
        }
        plain_equity[day] = equity;
    }
    for (int k = 0; k < n_securities; k++)
        if (pos[k].held) {
            const plain_position *p = &pos[k];
            plain[n_plain++] = (plain_trade){k, p->side, p->signal, p->entry_bar, market[k].b.n - 1, p->blocked, p->in, last_close[k], p->shares, p->fees,
                                             p->side * (last_close[k] - p->in) * p->shares - p->fees, GP_LEFT_OPEN};
        }
}

/* ---- comparing ---- */

static int fails;

#define CHECK(x, ...)                                                                                                                      \
    do {                                                                                                                                    \
        if (!(x)) {                                                                                                                         \
            printf("FAIL seed %llu: %s: ", (unsigned long long)seed, #x);                                                                    \
            printf(__VA_ARGS__);                                                                                                             \
            putchar('\n');                                                                                                                   \
            fails++;                                                                                                                         \
            return;                                                                                                                          \
        }                                                                                                                                   \
    } while (0)

static const plain_trade *plain_of(const gp_trade *t)
{
    for (int i = 0; i < n_plain; i++)
        if (plain[i].security == (int)t->security && plain[i].entry_bar == t->path.entry && plain[i].signal_bar == t->path.signal)
            return &plain[i];
    return NULL;
}

static void same_trades(const gp_trades *trades)
{
    CHECK((int)trades->n == n_plain, "%zu trades, the plain account has %d", trades->n, n_plain);
    for (size_t i = 0; i < trades->n; i++) {
        const gp_trade *t = &trades->at[i];
        const plain_trade *p = plain_of(t);
        CHECK(p, "trade %zu of security %u entered on bar %d is not there", i, t->security, t->path.entry);
        CHECK(p->side == t->path.side && p->in == t->path.in && p->out == t->path.out && p->shares == t->shares && p->exit_bar == t->path.exit &&
                  p->left == t->path.left && p->blocked == t->path.blocked && p->fees == t->fees && p->profit == t->profit,
              "security %u bar %d: in %lld/%lld out %lld/%lld shares %lld/%lld exit %d/%d left %d/%d blocked %d/%d fees %lld/%lld profit %lld/%lld", t->security,
              t->path.entry, (long long)t->path.in, (long long)p->in, (long long)t->path.out, (long long)p->out, (long long)t->shares, (long long)p->shares, t->path.exit,
              p->exit_bar, t->path.left, p->left, t->path.blocked, p->blocked, (long long)t->fees, (long long)p->fees, (long long)t->profit, (long long)p->profit);
    }
}

static void same_excursions(const gp_trades *trades)
{
    for (size_t i = 0; i < trades->n; i++) {
        const gp_path *p = &trades->at[i].path;
        int64_t lowest, highest;
        excursions(&trades->at[i], &lowest, &highest);
        CHECK(p->lowest == lowest && p->highest == highest, "security %u bar %d: %lld to %lld, in the list %lld to %lld", trades->at[i].security, p->entry, (long long)p->lowest,
              (long long)p->highest, (long long)lowest, (long long)highest);
        CHECK(gp_path_mae(p) <= 0 && gp_path_mfe(p) >= 0, "excursions of the wrong sign");
    }
}

static void same_equity(const gp_points *points)
{
    size_t at_point = 0;
    for (int day = 0; day < n_days; day++) {
        bool any = false;
        for (int k = 0; k < n_securities; k++)
            any |= market[k].bar_of_day[day] >= 0;
        if (!any)
            continue;
        CHECK(at_point < points->n, "%zu days", points->n);
        const gp_point *p = &points->at[at_point++];
        CHECK(p->cash + p->value == plain_equity[day], "day %d: %lld, the plain account has %lld", day, (long long)(p->cash + p->value), (long long)plain_equity[day]);
    }
    CHECK(at_point == points->n, "%zu days too many", points->n - at_point);
}

static void same_misses(const gp_misses *m)
{
    for (int i = GP_MISS_LIMIT; i < GP_MISS_REASONS; i++)
        CHECK(m->n[i] == misses[i], "missed for reason %d: %lld, the plain account %lld", i, (long long)m->n[i], (long long)misses[i]);
}

/* Sum of the trades = profit; fills where they can be; T+1. */
static void identities(const gp_trades *trades, const gp_points *points, gp_money cash)
{
    gp_money profit = 0;
    for (size_t i = 0; i < trades->n; i++) {
        const gp_trade *t = &trades->at[i];
        const market_security *s = &market[t->security];
        profit += t->profit;
        CHECK(tradable(s, t->path.entry), "bought on a bar without trade");
        CHECK(!stuck((int)t->security, t->path.entry, t->path.side > 0, units(rules.fill ? s->close[t->path.entry] : s->open[t->path.entry])), "bought at the limit");
        CHECK(t->shares > 0, "no shares");
        if (t->path.left == GP_LEFT_OPEN)
            continue;
        CHECK(tradable(s, t->path.exit), "sold on a bar without trade");
        CHECK(rules.same_day || t->exit_date > t->entry_date, "sold on the day of the purchase");
        CHECK(rules.slippage || !stuck((int)t->security, t->path.exit, t->path.side < 0, t->path.out), "sold at the limit");
    }
    const gp_point *last = points->n ? &points->at[points->n - 1] : NULL;
    CHECK(!last || last->cash + last->value - cash == profit, "profit of the account %lld, of its trades %lld", (long long)(last->cash + last->value - cash), (long long)profit);
}

static void portfolio(const market_security *from, int n, gp_trades *trades, gp_points *points, gp_misses *m)
{
    gp_held_security held[MOST_SECURITIES] = {0};
    for (int k = 0; k < n; k++) {
        held[k].code = from[k].b.code;
        held[k].market = "";
        held[k].rule = gp_rule_of("", from[k].b.code, 20230703);
        if (from[k].o.last >= 0)
            gp_held_security_make(&from[k].o, &rules, &held[k]);
    }
    gp_portfolio_run(held, (size_t)n, &rules, cash0, max_positions, trades, points, m);
    for (int k = 0; k < n; k++)
        gp_held_security_fini(&held[k]);
}

/* Days from `cut` on do not exist: what had been closed by then is the same. */
static void truncated(const gp_trades *whole, int cut)
{
    static market_security copy[MOST_SECURITIES];
    gp_trades trades = {0};
    gp_points points = {0};
    gp_misses m = {0};
    size_t closed = 0, again = 0, of_cut = 0;
    const int32_t first_gone = gp_day_date(gp_day_number(20230703) + cut);
    memcpy(copy, market, sizeof copy);
    for (int k = 0; k < n_securities; k++) {
        copy[k].o = market[k].o;
        while (copy[k].o.last >= 0 && market[k].date[copy[k].o.last] >= first_gone)
            copy[k].o.last--;
    }
    portfolio(copy, n_securities, &trades, &points, &m);
    for (size_t i = 0; i < whole->n; i++) {
        const gp_trade *t = &whole->at[i];
        if (t->path.left == GP_LEFT_OPEN || t->exit_date >= first_gone)
            continue;
        closed++;
        for (size_t j = 0; j < trades.n; j++)
            if (trades.at[j].security == t->security && trades.at[j].path.entry == t->path.entry && trades.at[j].path.exit == t->path.exit && trades.at[j].shares == t->shares &&
                trades.at[j].profit == t->profit && trades.at[j].path.left == t->path.left)
                again++;
    }
    for (size_t j = 0; j < trades.n; j++)
        of_cut += trades.at[j].path.left != GP_LEFT_OPEN;
    gp_vec_free(&trades);
    gp_vec_free(&points);
    CHECK(closed == again && closed == of_cut, "cut at day %d: %zu closed trades, %zu of them found again among %zu", cut, closed, again, of_cut);
}

static int64_t n_trades_seen;

static void one_case(void)
{
    gp_trades trades = {0};
    gp_points points = {0};
    gp_misses m = {0};
    at = 0;
    make_case();
    run_plain();
    portfolio(market, n_securities, &trades, &points, &m);
    n_trades_seen += (int64_t)trades.n;
    same_trades(&trades);
    same_excursions(&trades);
    same_equity(&points);
    same_misses(&m);
    identities(&trades, &points, cash0);
    truncated(&trades, 1 + (int)roll((uint64_t)n_days));
    /* one security with an account of its own */
    if (market[0].b.n > 0) {
        n_securities = 1;
        max_positions = 1;
        own_account = true;
        trades.n = points.n = 0;
        m = (gp_misses){0};
        run_plain();
        gp_account_run(&market[0].o, &rules, cash0, &trades, &points, &m);
        same_trades(&trades);
        same_equity(&points);
        same_misses(&m);
        identities(&trades, &points, cash0);
        own_account = false;
    }
    gp_vec_free(&trades);
    gp_vec_free(&points);
}

int main(int argc, char **argv)
{
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, cases = argc > 2 ? strtoull(argv[2], NULL, 10) : 6000;
    for (uint64_t i = 0; i < cases && fails < 10; i++) {
        seed = first + i;
        one_case();
    }
    printf("%llu markets, %lld trades\n%llu passed, %d failed\n", (unsigned long long)cases, (long long)n_trades_seen, (unsigned long long)cases - (unsigned long long)fails, fails);
    return fails > 0;
}
