/* Securities go to threads one by one.  With accounts of their own all is done there; for a common account what it can need of each
 * security is kept, and the account runs through the days afterwards. */
#include "worth/backtest.h"
#include <math.h>
#include <string.h>
#include "base/pool.h"
#include "market/stamp.h"
#include "worth/walk.h"

enum { DAYS = 109574, DAY_0 = 25567 /* from 1900-01-01 */ };

typedef struct security {
    const char *code, *market;
    size_t input, index, first_trade, n_trades;
    int worker;
    gp_figures figures;
    gp_held_security held;
} security;

typedef struct sum { gp_money cash, value; int64_t positions; } sum;

typedef struct worker {
    gp_arena arena;
    GP_VEC(security) securities;
    gp_trades trades;
    gp_points points;     /* of one security */
    gp_misses misses;
    sum *days;            /* changes on each day */
    unsigned char *seen;
    double *columns[4];   /* enter long, leave long, enter short, leave short, where several slots are one */
    size_t room;
    size_t idle;
    int64_t entries, undecided;
    int finest;
} worker;

typedef struct run {
    const gp_backtest_opts *o;
    int jobs;
    worker *workers;
} run;

/* ---- one security ---- */

/* One column of several slots, and of what must hold as well (-1: nothing); the slot itself when there is one. */
static const double *any_of(const int *slot, int n, int also, const gp_walk_ticker *t, double *room)
{
    if (n == 0)
        return NULL;
    if (n == 1 && also < 0)
        return t->slots[slot[0]];
    for (int i = 0; i < t->bars->n; i++) {
        room[i] = 0;
        for (int k = 0; k < n && (also < 0 || gp_is_true(t->slots[also][i])); k++)
            room[i] = gp_is_true(t->slots[slot[k]][i]) ? 1 : room[i];
    }
    return room;
}

static gp_orders orders_of(const run *s, worker *w, const gp_walk_ticker *t)
{
    const gp_order_slots *x = &s->o->slots;
    const size_t n = (size_t)t->bars->n;
    if (n > w->room) {
        w->room = n + n / 4;
        for (int k = 0; k < 4; k++)
            w->columns[k] = gp_xrealloc(w->columns[k], w->room * sizeof(double));
    }
    gp_orders o = {.bars = t->bars, .first = 0, .last = t->bars->n - 1};
    for (int k = 0; k < 2; k++) {
        o.enter[k] = any_of(x->enter[k], x->n_enter[k], x->where, t, w->columns[2 * k]);
        o.leave[k] = any_of(x->leave[k], x->n_leave[k], -1, t, w->columns[2 * k + 1]);
    }
    o.stop = x->stop >= 0 ? t->slots[x->stop] : NULL;
    o.target = x->target >= 0 ? t->slots[x->target] : NULL;
    o.trail = x->trail >= 0 ? t->slots[x->trail] : NULL;
    o.rank = x->rank >= 0 ? t->slots[x->rank] : NULL;
    while (s->o->from && o.first <= o.last && t->bars->date[o.first] < s->o->from)
        o.first++;
    while (s->o->to && o.last >= o.first && t->bars->date[o.last] > s->o->to)
        o.last--;
    return o;
}

static void add_days(worker *w, const gp_points *p, gp_money cash)
{
    gp_point before = {.cash = cash};
    int32_t number = 0;
    for (size_t i = 0; i < p->n; i++) {
        number = i ? gp_day_number_near(p->at[i].date, before.date, number) : gp_day_number(p->at[i].date);
        const int32_t known = number + DAY_0, day = known < 0 ? 0 : known >= DAYS ? DAYS - 1 : known;
        w->days[day].cash += p->at[i].cash - before.cash;
        w->days[day].value += p->at[i].value - before.value;
        w->days[day].positions += p->at[i].positions - before.positions;
        w->seen[day] = 1;
        before = p->at[i];
    }
}

static void one_security(void *ctx, int id, const gp_walk_ticker *t)
{
    run *s = ctx;
    worker *w = &s->workers[id];
    const gp_bars *b = t->bars;
    gp_orders o = orders_of(s, w, t);
    if (!w->days) {
        w->days = gp_xcalloc(DAYS, sizeof *w->days);
        w->seen = gp_xcalloc(DAYS, 1);
        w->finest = INT32_MAX;
    }
    w->finest = b->period < w->finest ? b->period : w->finest;
    if (o.first > o.last) {
        w->idle++;
        return;
    }
    security x = {.code = gp_arena_strndup(&w->arena, b->code, strlen(b->code)), .market = gp_arena_strndup(&w->arena, b->market, strlen(b->market)),
                  .input = t->input, .index = t->index, .worker = id, .first_trade = w->trades.n};
    for (int i = o.first; i <= o.last; i++) {
        const bool wants = gp_wants_entry(&o, i, 1) || (s->o->rules.shorts && gp_wants_entry(&o, i, -1));
        w->entries += wants;
        w->undecided += !wants && ((o.enter[0] && gp_is_true(o.enter[0][i])) || (s->o->rules.shorts && o.enter[1] && gp_is_true(o.enter[1][i])));
    }
    if (s->o->max_positions) {
        x.held.code = x.code;
        x.held.market = x.market;
        gp_held_security_make(&o, &s->o->rules, &x.held);
    } else {
        w->points.n = 0;
        gp_account_run(&o, &s->o->rules, s->o->cash, &w->trades, &w->points, &w->misses);
        x.n_trades = w->trades.n - x.first_trade;
        if (s->o->by == GP_TEST_BY_CODE)
            gp_figures_of(w->points.at, w->points.n, s->o->cash, w->trades.at + x.first_trade, x.n_trades, gp_points_per_year(b->period), &x.figures);
        add_days(w, &w->points, s->o->cash);
    }
    gp_vec_push(&w->securities, x);
}

/* ---- together ---- */

static int by_code(const void *a, const void *b)
{
    const security *x = a, *y = b;
    int c = strcmp(x->code, y->code);
    if (!c)
        c = strcmp(x->market, y->market);
    if (!c)
        c = x->input < y->input ? -1 : x->input > y->input;
    return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

/* All securities by code, with codes that last as long as the result. */
static security *securities_of(const run *s, const gp_inputs *inputs, gp_backtest *out, size_t *n, gp_diags *d)
{
    security *all;
    *n = 0;
    for (int i = 0; i < s->jobs; i++)
        *n += s->workers[i].securities.n;
    all = gp_xcalloc(*n + 1, sizeof *all);
    for (int i = 0, k = 0; i < s->jobs; i++)
        for (size_t j = 0; j < s->workers[i].securities.n; j++)
            all[k++] = s->workers[i].securities.at[j];
    if (*n > 1)
        qsort(all, *n, sizeof *all, by_code);
    for (size_t i = 0; i < *n; i++) {
        const bool twin = i + 1 < *n && strcmp(all[i].code, all[i + 1].code) == 0;
        if (twin && strcmp(all[i].market, all[i + 1].market) == 0 && all[i].input != all[i + 1].input)
            gp_diag_file(d, GP_D_DUPLICATE_TICKER, inputs->at[all[i].input].path, 0, 0, all[i].code, (size_t)2, inputs->at[all[i + 1].input].path);
    }
    const char *before = "";
    for (size_t i = 0; i < *n; i++) {
        const char *code = all[i].code;
        const bool shared = (i + 1 < *n && strcmp(code, all[i + 1].code) == 0) || strcmp(code, before) == 0;
        before = code;
        all[i].held.code = all[i].code = shared && *all[i].market ? gp_arena_printf(&out->arena, "%s.%s", code, all[i].market)
                                                                  : gp_arena_strndup(&out->arena, code, strlen(code));
    }
    return all;
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

/* Dates in their order, a place for every day that a month can have. */
enum { PLACES = 300 * 12 * 31 };
static size_t place_of(int32_t date)
{
    const int32_t place = ((date / 10000 - 1900) * 12 + date / 100 % 100 - 1) * 31 + date % 100 - 1;
    return place < 0 ? 0 : place >= PLACES ? PLACES - 1 : (size_t)place;
}

/* The trades of all accounts by entry.  Each goes to those of its day at once: hundreds of thousands of them are long in sorting, and within a day
 * they come as they should but for the time.  Every part has its share of the securities. */
enum { MOST_PARTS = 8 };
typedef struct by_days {
    const run *s;
    const security *all;
    size_t n, n_trades, parts;
    size_t *at;              /* parts x places: how many trades, then where the next one goes */
    gp_trade *trades;
} by_days;

static const gp_trade *trades_of(const by_days *x, size_t i) { return x->s->workers[x->all[i].worker].trades.at + x->all[i].first_trade; }

static void count_days(void *ctx, int id, size_t part)
{
    const by_days *x = ctx;
    (void)id;
    for (size_t i = x->n * part / x->parts; i < x->n * (part + 1) / x->parts; i++)
        for (size_t k = 0; k < x->all[i].n_trades; k++)
            x->at[part * PLACES + place_of(trades_of(x, i)[k].entry_date)]++;
}

static void put_days(void *ctx, int id, size_t part)
{
    const by_days *x = ctx;
    (void)id;
    for (size_t i = x->n * part / x->parts; i < x->n * (part + 1) / x->parts; i++)
        for (size_t k = 0; k < x->all[i].n_trades; k++) {
            const gp_trade *from = &trades_of(x, i)[k];
            gp_trade *to = &x->trades[x->at[part * PLACES + place_of(from->entry_date)]++];
            *to = *from;
            to->code = x->all[i].code;
            to->security = (uint32_t)i;
        }
}

/* Places where the last part now stands at the end of the day; those that begin in this part of the trades. */
static void order_days(void *ctx, int id, size_t part)
{
    const by_days *x = ctx;
    const size_t *end = x->at + (x->parts - 1) * PLACES;
    (void)id;
    for (size_t day = 0, first = 0; day < PLACES; first = end[day++]) {
        bool ordered = true;
        if (first * x->parts < x->n_trades * part || first * x->parts >= x->n_trades * (part + 1))
            continue;
        for (size_t k = first + 1; k < end[day] && ordered; k++)
            ordered = by_entry(&x->trades[k - 1], &x->trades[k]) <= 0;
        if (!ordered)
            qsort(x->trades + first, end[day] - first, sizeof *x->trades, by_entry);
    }
}

static gp_trade *put_to_days(const run *s, const security *all, size_t n, size_t *n_trades)
{
    by_days x = {.s = s, .all = all, .n = n, .parts = (size_t)(s->jobs < MOST_PARTS ? s->jobs : MOST_PARTS)};
    x.at = gp_xcalloc(x.parts * PLACES, sizeof *x.at);
    gp_pool_run(s->jobs, x.parts, count_days, &x);
    for (size_t day = 0; day < PLACES; day++)
        for (size_t part = 0; part < x.parts; part++) {
            const size_t held = x.at[part * PLACES + day];
            x.at[part * PLACES + day] = x.n_trades;
            x.n_trades += held;
        }
    x.trades = gp_xrealloc(NULL, (x.n_trades + 1) * sizeof *x.trades);
    gp_pool_run(s->jobs, x.parts, put_days, &x);
    gp_pool_run(s->jobs, x.parts, order_days, &x);
    free(x.at);
    *n_trades = x.n_trades;
    return x.trades;
}

static void add_accounts(const run *s, const security *all, size_t n, gp_backtest *out)
{
    gp_points points = {0};
    sum at = {.cash = out->cash};
    out->trades = put_to_days(s, all, n, &out->n_trades);
    for (int day = 0; day < DAYS; day++) {
        bool seen = false;
        for (int i = 0; i < s->jobs; i++) {
            const worker *w = &s->workers[i];
            if (!w->seen || !w->seen[day])
                continue;
            seen = true;
            at.cash += w->days[day].cash;
            at.value += w->days[day].value;
            at.positions += w->days[day].positions;
        }
        if (seen)
            gp_vec_push(&points, ((gp_point){gp_day_date(day - DAY_0), at.cash, at.value, (int)at.positions}));
    }
    out->points = points.at;
    out->n_points = points.n;
}

static void one_account(const run *s, const security *all, size_t n, gp_backtest *out)
{
    gp_held_security *held = gp_xcalloc(n + 1, sizeof *held);
    gp_trades trades = {0};
    gp_points points = {0};
    for (size_t i = 0; i < n; i++)
        held[i] = all[i].held;
    gp_portfolio_run(held, n, &s->o->rules, s->o->cash, s->o->max_positions, &trades, &points, &out->entries.misses);
    free(held);
    out->trades = trades.at;
    out->n_trades = trades.n;
    out->points = points.at;
    out->n_points = points.n;
}

static void add_row(gp_backtest *out, size_t *cap, const char *group, const gp_figures *f)
{
    if (out->n_rows == *cap) {
        *cap = *cap * 2 + 8;
        out->rows = gp_xrealloc(out->rows, *cap * sizeof *out->rows);
    }
    out->rows[out->n_rows++] = (gp_test_row){group, *f};
}

/* A year: its days, beginning with the money of the day before, and the trades that ended in it. */
static void add_years(gp_backtest *out, size_t *cap)
{
    gp_trade *in = gp_xcalloc(out->n_trades + 1, sizeof *in);
    gp_money start = out->cash;
    for (size_t i = 0, end; i < out->n_points; i = end) {
        const int year = out->points[i].date / 10000;
        size_t n = 0;
        gp_figures f;
        for (end = i; end < out->n_points && out->points[end].date / 10000 == year; end++) {}
        for (size_t k = 0; k < out->n_trades; k++)
            if (out->trades[k].exit_date / 10000 == year)
                in[n++] = out->trades[k];
        gp_figures_of(out->points + i, end - i, start, in, n, out->per_year, &f);
        f.profit = f.end - start; /* of the account; trades may have begun before */
        add_row(out, cap, gp_arena_printf(&out->arena, "%d", year), &f);
        start = f.end;
    }
    free(in);
}

static void close_worker(worker *w)
{
    for (size_t i = 0; i < w->securities.n; i++)
        gp_held_security_fini(&w->securities.at[i].held);
    gp_arena_fini(&w->arena);
    gp_vec_free(&w->securities);
    gp_vec_free(&w->trades);
    gp_vec_free(&w->points);
    free(w->days);
    free(w->seen);
    for (int k = 0; k < 4; k++)
        free(w->columns[k]);
}

static void finish(const run *s, const gp_inputs *inputs, gp_backtest *out, gp_diags *d)
{
    size_t n, cap = 0;
    gp_figures f;
    int finest = INT32_MAX;
    security *all = securities_of(s, inputs, out, &n, d);
    for (int i = 0; i < s->jobs; i++) {
        const worker *w = &s->workers[i];
        for (int k = 0; k < GP_MISS_REASONS; k++)
            out->entries.misses.n[k] += w->misses.n[k];
        out->entries.misses.jumps += w->misses.jumps;
        out->entries.signals += w->entries;
        out->entries.undecided += w->undecided;
        out->idle += w->idle;
        finest = w->days && w->finest < finest ? w->finest : finest;
    }
    for (size_t i = n; i-- > 0;) {
        const gp_rule *rule = gp_rule_of(all[i].market, all[i].code, INT32_MAX);
        if (gp_rule_is_none(rule))
            out->foreign.n++, out->foreign.code = all[i].code;
        else if (gp_rule_is_index(rule))
            out->indices.n++, out->indices.code = all[i].code;
    }
    out->foreign.code = out->foreign.n ? gp_arena_strndup(&out->arena, out->foreign.code, strlen(out->foreign.code)) : NULL;
    out->indices.code = out->indices.n ? gp_arena_strndup(&out->arena, out->indices.code, strlen(out->indices.code)) : NULL;
    out->per_year = gp_points_per_year(finest);
    out->cash = s->o->max_positions ? s->o->cash : s->o->cash * (gp_money)n;
    if (s->o->max_positions)
        one_account(s, all, n, out);
    else
        add_accounts(s, all, n, out);
    out->entries.jumps = out->entries.misses.jumps;
    for (size_t i = 0; i < out->n_trades; i++) {
        out->entries.jumps += out->trades[i].path.jumps;
        out->entries.maybe_st += out->trades[i].path.maybe_st;
    }
    gp_figures_of(out->points, out->n_points, out->cash, out->trades, out->n_trades, out->per_year, &f);
    add_row(out, &cap, NULL, &f);
    if (s->o->by == GP_TEST_BY_YEAR)
        add_years(out, &cap);
    for (size_t i = 0; i < n && s->o->by == GP_TEST_BY_CODE; i++)
        add_row(out, &cap, all[i].code, &all[i].figures); /* one without a trade, too: its money is in the sum */
    free(all);
}

static void want(int *wanted, int *n, int slot)
{
    for (int i = 0; i < *n; i++)
        if (wanted[i] == slot)
            return;
    if (slot >= 0)
        wanted[(*n)++] = slot;
}

void gp_backtest_run(const gp_plan *plan, const gp_inputs *inputs, const gp_backtest_opts *o, gp_backtest *out, gp_diags *d)
{
    run s = {.o = o, .jobs = gp_pool_jobs(o->jobs, inputs->n)};
    int wanted[4 * GP_ORDER_SLOTS + 5];
    gp_walk_opts walk = {.jobs = s.jobs, .wanted = wanted, .need = GP_COL_OPEN | GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE, .want = GP_COL_VOL,
                         .csv_path = o->csv_path, .accel = o->accel, .companions = o->companions, .progress = o->progress, .progress_ctx = o->progress_ctx};
    gp_walk_result r;
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < o->slots.n_enter[k]; i++)
            want(wanted, &walk.n_wanted, o->slots.enter[k][i]);
        for (int i = 0; i < o->slots.n_leave[k]; i++)
            want(wanted, &walk.n_wanted, o->slots.leave[k][i]);
    }
    want(wanted, &walk.n_wanted, o->slots.stop);
    want(wanted, &walk.n_wanted, o->slots.target);
    want(wanted, &walk.n_wanted, o->slots.trail);
    want(wanted, &walk.n_wanted, o->slots.rank);
    want(wanted, &walk.n_wanted, o->slots.where);
    *out = (gp_backtest){0};
    s.workers = gp_xcalloc((size_t)s.jobs, sizeof *s.workers);
    gp_walk_run(plan->program, inputs, &walk, one_security, &s, &r, d);
    out->tickers = r.tickers;
    out->skipped = r.skipped;
    finish(&s, inputs, out, d);
    for (int i = 0; i < s.jobs; i++)
        close_worker(&s.workers[i]);
    free(s.workers);
}

void gp_backtest_fini(gp_backtest *r)
{
    free(r->trades);
    free(r->points);
    free(r->rows);
    gp_arena_fini(&r->arena);
    *r = (gp_backtest){0};
}
