#include "worth/account.h"
#include <math.h>
#include <string.h>

/* ---- a trade ---- */

static void stamp_trade(gp_trade *t, const gp_bars *b)
{
    t->signal_date = b->date[t->path.signal];
    t->entry_date = b->date[t->path.entry];
    t->exit_date = b->date[t->path.exit];
    t->signal_time = b->time ? b->time[t->path.signal] : -1;
    t->entry_time = b->time ? b->time[t->path.entry] : -1;
    t->exit_time = b->time ? b->time[t->path.exit] : -1;
}

/* Buys or sells short; what the cash becomes. */
gp_money gp_trade_open(gp_trade *t, const gp_trade_rules *r, const gp_rule *rule, int32_t date, gp_money cash)
{
    const gp_money value = gp_money_of(t->shares, t->path.in);
    t->fees = gp_fees_for(r, rule, date, t->path.side > 0, value);
    *(t->path.side > 0 ? &t->bought : &t->sold) = value;
    return cash - t->path.side * value - t->fees;
}

gp_money gp_trade_close(gp_trade *t, const gp_trade_rules *r, const gp_rule *rule, int32_t date, gp_money cash)
{
    const gp_money value = gp_money_of(t->shares, t->path.out), fees = t->path.left ? gp_fees_for(r, rule, date, t->path.side < 0, value) : 0;
    *(t->path.side > 0 ? &t->sold : &t->bought) = value;
    t->fees += fees;
    t->profit = t->sold - t->bought - t->fees;
    return cash + t->path.side * value - fees;
}

/* ---- one security ---- */

static void mark(gp_points *points, int32_t date, gp_money cash, gp_money value, int positions)
{
    if (points->n && points->at[points->n - 1].date == date)
        points->n--;
    gp_vec_push(points, ((gp_point){date, cash, value, positions}));
}

/* Marks bars from..to with a position of so many shares (side included). */
static void mark_bars(const gp_orders *o, gp_points *points, int from, int to, gp_money cash, int64_t shares)
{
    gp_money close = shares ? gp_close_at(o, from > o->first ? from - 1 : from) : 0;
    for (int i = from; i <= to; i++) {
        const gp_money c = shares ? gp_price_of(o->bars->close[i]) : 0;
        close = c ? c : close;
        mark(points, o->bars->date[i], cash, gp_money_of(shares, close), shares != 0);
    }
}

void gp_account_run(const gp_orders *o, const gp_trade_rules *r, gp_money cash, gp_trades *trades, gp_points *points, gp_misses *misses)
{
    const gp_bars *b = o->bars;
    if (o->last < o->first)
        return;
    const gp_rule *rule = gp_rule_of(b->market, b->code, b->date[o->last]);
    int marked = o->first; /* bars before it are */
    for (int i = o->first; i <= o->last;) {
        const int side = gp_wants_entry(o, i, 1) ? 1 : r->shorts && gp_wants_entry(o, i, -1) ? -1 : 0;
        gp_trade t = {.code = b->code, .rank = o->rank ? o->rank[i] : NAN};
        gp_miss miss = side ? gp_path_of(o, r, i, side, &t.path) : GP_MISS_NONE;
        if (side && miss == GP_MISS_NONE) {
            t.shares = gp_shares_for(r, rule, b->date[t.path.entry], side > 0, t.path.in, cash);
            miss = t.shares ? GP_MISS_NONE : GP_MISS_MONEY;
        }
        if (!side || miss != GP_MISS_NONE) {
            misses->n[miss] += side != 0;
            misses->jumps += miss == GP_MISS_LIMIT ? t.path.jumps : 0;
            i++;
            continue;
        }
        stamp_trade(&t, b);
        mark_bars(o, points, marked, t.path.entry - 1, cash, 0);
        cash = gp_trade_open(&t, r, rule, t.entry_date, cash);
        mark_bars(o, points, t.path.entry, t.path.exit - (t.path.left != GP_LEFT_OPEN), cash, side * t.shares);
        const gp_money after = gp_trade_close(&t, r, rule, t.exit_date, cash);
        gp_vec_push(trades, t);
        if (t.path.left == GP_LEFT_OPEN)
            return;
        cash = after;
        marked = t.path.exit;
        i = gp_path_free(&t.path, r);
        if (marked <= o->last) { /* its bar, unless the next trade begins on it */
            mark_bars(o, points, marked, marked, cash, 0);
            marked++;
        }
    }
    mark_bars(o, points, marked, o->last, cash, 0);
}

/* ---- many ---- */

static int64_t stamp_at(const gp_held_security *s, int i) { return (int64_t)s->date[i] * 1000000 + (s->time ? s->time[i] : 0); }
static gp_money close_at(const gp_held_security *s, int i) { return s->wide ? s->wide[i] : s->close[i]; }

static void keep_closes(const gp_orders *o, gp_held_security *s)
{
    gp_money last = 0;
    s->close = gp_xaligned((size_t)s->n * sizeof *s->close);
    for (int i = 0; i < s->n; i++) {
        const gp_money c = gp_price_of(o->bars->close[o->first + i]);
        last = c ? c : last;
        if (last > INT32_MAX && !s->wide) {
            s->wide = gp_xaligned((size_t)s->n * sizeof *s->wide);
            for (int k = 0; k < i; k++)
                s->wide[k] = s->close[k];
        }
        if (s->wide)
            s->wide[i] = last;
        else
            s->close[i] = (int32_t)last;
    }
}

static gp_candidate candidate_of(const gp_orders *o, const gp_trade_rules *r, int signal, int side)
{
    gp_path p;
    const gp_miss miss = gp_path_of(o, r, signal, side, &p);
    return (gp_candidate){.rank = o->rank ? o->rank[signal] : NAN, .in = p.in, .out = p.out, .lowest = p.lowest, .highest = p.highest, .signal = p.signal - o->first,
                          .entry = p.entry - o->first, .exit = p.exit - o->first, .blocked = p.blocked, .jumps = p.jumps, .maybe_st = p.maybe_st, .side = (int8_t)p.side,
                          .in_phase = (uint8_t)p.in_phase, .out_phase = (uint8_t)p.out_phase, .left = (uint8_t)p.left, .miss = (uint8_t)miss};
}

static gp_path path_of(const gp_candidate *c)
{
    return (gp_path){.side = c->side, .signal = c->signal, .entry = c->entry, .exit = c->exit, .in = c->in, .out = c->out, .in_phase = (gp_phase)c->in_phase,
                     .out_phase = (gp_phase)c->out_phase, .left = (gp_left)c->left, .blocked = c->blocked, .jumps = c->jumps, .maybe_st = c->maybe_st, .lowest = c->lowest, .highest = c->highest};
}

void gp_held_security_make(const gp_orders *o, const gp_trade_rules *r, gp_held_security *s)
{
    const gp_bars *b = o->bars;
    s->rule = gp_rule_of(b->market, b->code, b->date[o->last]);
    s->n = o->last - o->first + 1;
    s->date = gp_xaligned((size_t)s->n * sizeof *s->date);
    memcpy(s->date, b->date + o->first, (size_t)s->n * sizeof *s->date);
    if (b->time) {
        s->time = gp_xaligned((size_t)s->n * sizeof *s->time);
        memcpy(s->time, b->time + o->first, (size_t)s->n * sizeof *s->time);
    }
    keep_closes(o, s);
    for (int pass = 0; pass < 2; pass++) { /* counted, then made: no room is wasted */
        if (pass && s->n_candidates)
            s->candidates = gp_xcalloc(s->n_candidates, sizeof *s->candidates);
        s->n_candidates = 0;
        for (int i = o->first; i <= o->last; i++) {
            const int side = gp_wants_entry(o, i, 1) ? 1 : r->shorts && gp_wants_entry(o, i, -1) ? -1 : 0;
            if (side && pass)
                s->candidates[s->n_candidates] = candidate_of(o, r, i, side);
            s->n_candidates += side != 0;
        }
    }
}

void gp_held_security_fini(gp_held_security *s)
{
    free(s->date);
    free(s->time);
    free(s->close);
    free(s->wide);
    free(s->candidates);
}

typedef struct order { int64_t stamp; double rank; uint32_t security, candidate; } order; /* an entry, by the bar it is filled on */

static int by_turn(const void *a, const void *b)
{
    const order *x = a, *y = b;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    const bool nx = isnan(x->rank), ny = isnan(y->rank);
    if (nx != ny)
        return nx ? 1 : -1;
    if (!nx && x->rank != y->rank)
        return x->rank > y->rank ? -1 : 1;
    return x->security < y->security ? -1 : x->security > y->security;
}

typedef struct position { gp_trade trade; int at; /* bar of its security that was marked last */ } position;

typedef struct portfolio {
    const gp_held_security *s;
    const gp_trade_rules *r;
    gp_money cash, equity; /* equity: at the close before */
    int max_positions;
    position *held;
    int n_held;
    int *free_from;        /* per security: signals before this bar do not count */
    bool *holding;
    gp_trades *trades;
    gp_misses *misses;
} portfolio;

/* All stamps of all securities, each once, ascending. */
static int64_t *calendar_of(const gp_held_security *s, size_t n, size_t *n_stamps)
{
    size_t have = 0, most = 0;
    for (size_t k = 0; k < n; k++)
        most += (size_t)s[k].n;
    int64_t *a = NULL, *b = NULL;
    size_t cap = 0;
    for (size_t k = 0; k < n; k++) {
        if (have + (size_t)s[k].n > cap) {
            cap = (have + (size_t)s[k].n) * 2 < most ? (have + (size_t)s[k].n) * 2 : have + (size_t)s[k].n;
            a = gp_xrealloc(a, cap * sizeof *a);
            b = gp_xrealloc(b, cap * sizeof *b);
        }
        size_t i = 0, j = 0, m = 0;
        while (i < have || j < (size_t)s[k].n) {
            const int64_t x = i < have ? a[i] : INT64_MAX, y = j < (size_t)s[k].n ? stamp_at(&s[k], (int)j) : INT64_MAX;
            i += x <= y;
            j += y <= x;
            b[m++] = x < y ? x : y;
        }
        int64_t *t = a;
        a = b;
        b = t;
        have = m;
    }
    free(b);
    *n_stamps = have;
    return a;
}

static void leave_positions(portfolio *p, int64_t stamp, gp_phase phase)
{
    for (int i = 0; i < p->n_held;) {
        gp_trade *t = &p->held[i].trade;
        const gp_held_security *s = &p->s[t->security];
        if (t->path.left == GP_LEFT_OPEN || stamp_at(s, t->path.exit) != stamp || t->path.out_phase != phase) {
            i++;
            continue;
        }
        p->cash = gp_trade_close(t, p->r, s->rule, t->exit_date, p->cash);
        p->free_from[t->security] = gp_path_free(&t->path, p->r);
        p->holding[t->security] = false;
        gp_vec_push(p->trades, *t);
        memmove(&p->held[i], &p->held[i + 1], (size_t)(--p->n_held - i) * sizeof *p->held);
    }
}

static void take_candidate(portfolio *p, const order *o)
{
    const gp_held_security *s = &p->s[o->security];
    const gp_candidate *c = &s->candidates[o->candidate];
    if (p->holding[o->security] || c->signal < p->free_from[o->security])
        return;
    gp_miss miss = p->n_held >= p->max_positions ? GP_MISS_SLOT : (gp_miss)c->miss;
    gp_trade t = {.code = s->code, .security = o->security, .path = path_of(c), .rank = c->rank, .entry_time = -1, .exit_time = -1};
    if (miss == GP_MISS_NONE) {
        const gp_money part = p->equity / p->max_positions;
        t.shares = gp_shares_for(p->r, s->rule, s->date[c->entry], c->side > 0, c->in, part < p->cash ? part : p->cash);
        miss = t.shares ? GP_MISS_NONE : GP_MISS_MONEY;
    }
    if (miss != GP_MISS_NONE) {
        p->misses->n[miss]++;
        p->misses->jumps += miss == GP_MISS_LIMIT ? c->jumps : 0;
        return;
    }
    t.signal_date = s->date[c->signal];
    t.entry_date = s->date[c->entry];
    t.exit_date = s->date[c->exit];
    t.signal_time = s->time ? s->time[c->signal] : 0;
    t.entry_time = s->time ? s->time[c->entry] : 0;
    t.exit_time = s->time ? s->time[c->exit] : 0;
    p->cash = gp_trade_open(&t, p->r, s->rule, t.entry_date, p->cash);
    p->holding[o->security] = true;
    p->held[p->n_held++] = (position){t, t.path.entry};
}

static gp_money mark_positions(portfolio *p, int64_t stamp)
{
    gp_money value = 0;
    for (int i = 0; i < p->n_held; i++) {
        position *h = &p->held[i];
        const gp_held_security *s = &p->s[h->trade.security];
        while (h->at + 1 < s->n && stamp_at(s, h->at + 1) <= stamp)
            h->at++;
        value += h->trade.path.side * gp_money_of(h->trade.shares, close_at(s, h->at));
    }
    return value;
}

static order *orders_of(const gp_held_security *s, size_t n, gp_misses *misses, size_t *n_orders)
{
    size_t most = 0;
    for (size_t k = 0; k < n; k++)
        most += s[k].n_candidates;
    order *v = gp_xaligned((most + 1) * sizeof *v);
    *n_orders = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < s[k].n_candidates; i++) {
            const gp_candidate *c = &s[k].candidates[i];
            if (c->entry >= s[k].n)
                misses->n[GP_MISS_END]++;
            else
                v[(*n_orders)++] = (order){stamp_at(&s[k], c->entry), c->rank, (uint32_t)k, (uint32_t)i};
        }
    if (*n_orders > 1)
        qsort(v, *n_orders, sizeof *v, by_turn);
    return v;
}

static int by_entry(const void *a, const void *b)
{
    const gp_trade *x = a, *y = b;
    if (x->entry_date != y->entry_date)
        return x->entry_date < y->entry_date ? -1 : 1;
    if (x->entry_time != y->entry_time)
        return x->entry_time < y->entry_time ? -1 : 1;
    if (x->security != y->security)
        return x->security < y->security ? -1 : 1;
    return x->path.signal < y->path.signal ? -1 : x->path.signal > y->path.signal;
}

void gp_portfolio_run(const gp_held_security *s, size_t n, const gp_trade_rules *r, gp_money cash, int max_positions, gp_trades *trades, gp_points *points,
                      gp_misses *misses)
{
    portfolio p = {.s = s, .r = r, .cash = cash, .equity = cash, .max_positions = max_positions, .trades = trades, .misses = misses};
    size_t n_stamps, n_orders, next = 0;
    int64_t *calendar = calendar_of(s, n, &n_stamps);
    order *orders = orders_of(s, n, misses, &n_orders);
    p.held = gp_xcalloc((size_t)max_positions + 1, sizeof *p.held);
    p.free_from = gp_xcalloc(n + 1, sizeof *p.free_from);
    p.holding = gp_xcalloc(n + 1, sizeof *p.holding);
    for (size_t i = 0; i < n_stamps; i++) {
        const gp_phase in = r->fill == GP_FILL_CLOSE ? GP_PHASE_CLOSE : GP_PHASE_OPEN;
        for (int phase = GP_PHASE_OPEN; phase <= GP_PHASE_CLOSE; phase++) {
            leave_positions(&p, calendar[i], (gp_phase)phase);
            while (phase == (int)in && next < n_orders && orders[next].stamp == calendar[i])
                take_candidate(&p, &orders[next++]);
        }
        const gp_money value = mark_positions(&p, calendar[i]);
        p.equity = p.cash + value;
        mark(points, (int32_t)(calendar[i] / 1000000), p.cash, value, p.n_held);
    }
    for (int i = 0; i < p.n_held; i++) {
        gp_trade *t = &p.held[i].trade;
        gp_trade_close(t, r, s[t->security].rule, t->exit_date, p.cash);
        gp_vec_push(trades, *t);
    }
    if (trades->n > 1)
        qsort(trades->at, trades->n, sizeof *trades->at, by_entry);
    free(p.held);
    free(p.free_from);
    free(p.holding);
    free(orders);
    free(calendar);
}
