/* Each thread takes tickers one after the other: returns of every bar for every horizon, sums of all of them, records of the signals,
 * and the sums of the signals moved along by random numbers of bars.  Everything gathered is a whole number, so that neither the number of
 * threads nor the order of the tickers can be seen in the result. */
#include "base/pool.h"
#include "worth/hitrate_in.h"
#include <math.h>
#include <string.h>
#include "market/rules.h"
#include "worth/walk.h"

static bool holds(double x) { return fabs(x) >= 1e-5; } /* language.md 4.5 */

static void open_worker(const gp_hit_pass *s, gp_hit_worker *w)
{
    const size_t h = (size_t)s->o->n_after, k = (size_t)s->signals;
    w->years = gp_xcalloc(GP_HIT_YEARS * k * h, sizeof *w->years);
    w->days = gp_xcalloc(GP_HIT_DAYS * (h + 1), sizeof *w->days);
    w->wins = gp_xcalloc(GP_HIT_YEARS * h, sizeof *w->wins);
    w->days_low = INT32_MAX;
    w->seen = gp_xcalloc(GP_HIT_DAYS, 1);
    w->hist = gp_xcalloc(h * GP_HIST_BINS, sizeof *w->hist);
    w->drawn = gp_xcalloc(k * h * (size_t)s->o->draws + 1, 2 * sizeof *w->drawn);
    w->fates = gp_xcalloc(k, sizeof *w->fates);
    w->waiting = gp_xcalloc(k * h, sizeof *w->waiting);
    w->finest = INT32_MAX;
}

static void add_own_base(const gp_hit_pass *s, const gp_hit_worker *w, gp_hit_base *base, int m)
{
    for (size_t h = 0; h < (size_t)s->o->n_after; h++)
        for (int i = 0; i < m; i++) {
            const int32_t r = w->prices.ret[h * (size_t)m + (size_t)i];
            base[h].n += r != GP_RETURN_NONE;
            base[h].wins += r > 0;
            base[h].sum += r == GP_RETURN_NONE ? 0 : r;
        }
}

/* ---- the signals ---- */

static void add_one(gp_hit_cell *c, int32_t ret, int32_t mae, int32_t mfe)
{
    if (!c->n || ret < c->worst)
        c->worst = ret;
    if (!c->n || ret > c->best)
        c->best = ret;
    if (!c->n || mae < c->mae_worst)
        c->mae_worst = mae;
    if (!c->n || mfe > c->mfe_best)
        c->mfe_best = mfe;
    c->n++;
    c->wins += ret > 0;
    c->sum += ret;
    c->mae += mae;
    c->mfe += mfe;
}

/* Lowest low and highest high while held, against the price of entry.  Bought at an open, the bar of entry counts too. */
static void excursions(const gp_hit_pass *s, const gp_bars *b, int bar, double entry, int32_t *mae, int32_t *mfe)
{
    const gp_hitrate_opts *o = s->o;
    const int e = bar + gp_hit_entry_offset(o);
    double lows[GP_HIT_AFTER_MAX], highs[GP_HIT_AFTER_MAX], low = entry, high = entry;
    int i = o->entry == GP_ENTRY_NEXT_OPEN ? e : e + 1;
    for (int h = 0; h < o->n_after; h++) {
        const int end = e + o->after[h] < b->n ? e + o->after[h] + 1 : b->n, from = i;
        const double before = low;
        for (; i < end; i++) { /* without branches */
            low = b->low[i] < low ? b->low[i] : low;
            high = b->high[i] > high ? b->high[i] : high;
        }
        if (!(low > 0)) { /* no price */
            low = before;
            for (int k = from; k < end; k++)
                low = b->low[k] > 0 && b->low[k] < low ? b->low[k] : low;
        }
        lows[h] = low;
        highs[h] = high;
    }
    gp_returns_from(entry, lows, o->n_after, mae);
    gp_returns_from(entry, highs, o->n_after, mfe);
    for (int h = 0; h < o->n_after; h++)
        mfe[h] = mfe[h] == GP_RETURN_NONE ? (int32_t)GP_RETURN_MOST * GP_RETURN_ONE : mfe[h];
}

/* Above the limit, which no exchange would have allowed. */
static bool is_beyond(const gp_hitrate_opts *o, const gp_bars *b, int i)
{
    return (o->entry == GP_ENTRY_NEXT_OPEN ? b->open : b->close)[i] > gp_limits_at(b, i, o->limit).up * 1.01;
}

static void add_signal(const gp_hit_pass *s, gp_hit_worker *w, gp_hit_ticker *t, const gp_bars *b, int k, int first, int i, int m)
{
    const gp_hitrate_opts *o = s->o;
    const size_t n_after = (size_t)o->n_after, at = (size_t)k * n_after;
    gp_hit_fate *fate = &w->fates[k];
    int32_t mae[GP_HIT_AFTER_MAX], mfe[GP_HIT_AFTER_MAX];
    fate->found++;
    switch (w->prices.why[i]) {
    case GP_BUY_NO_BAR: fate->no_bar++; return;
    case GP_BUY_AT_LIMIT:
        fate->at_limit++;
        fate->beyond += is_beyond(o, b, first + i + gp_hit_entry_offset(o));
        return;
    case GP_BUY_HALTED: fate->halted++; return;
    case GP_BUY_BAD_PRICE: fate->bad_price++; return;
    default: break;
    }
    fate->near_zero += w->prices.entry[i] < GP_NEAR_ZERO && gp_rule_of(b->market, b->code, b->date[first + i])->stamp;
    fate->maybe_st += !o->keep_limit && gp_maybe_st_limit(b, first + i + gp_hit_entry_offset(o), w->prices.entry[i], o->limit);
    excursions(s, b, first + i, w->prices.entry[i], mae, mfe);
    gp_vec_reserve(&w->records, w->records.n + n_after + 1);
    w->records.at[w->records.n++] = w->prices.day[i];
    gp_hit_cell *year = o->by == GP_HIT_BY_YEAR ? &w->years[((size_t)(b->date[first + i] / 10000 - 1900) * (size_t)s->signals + (size_t)k) * n_after] : NULL;
    bool bad = false;
    for (size_t h = 0; h < n_after; h++) {
        const int32_t r = w->prices.ret[h * (size_t)m + (size_t)i];
        w->records.at[w->records.n++] = r;
        if (r != GP_RETURN_NONE) {
            if (h == 0 && b->time) {
                const int e = first + i + gp_hit_entry_offset(o);
                fate->same_day += b->date[e] == b->date[e + o->after[0]];
            }
            add_one(&t->cells[at + h], r, mae[h], mfe[h]);
            if (year)
                add_one(&year[h], r, mae[h], mfe[h]);
        } else if (first + i + gp_hit_entry_offset(o) + o->after[h] >= b->n) {
            w->waiting[at + h]++;
        } else {
            bad = true;
        }
    }
    fate->bad_price += bad;
    t->spans[k].n++;
}

/* ---- one ticker ---- */

static void one_ticker(void *ctx, int id, const gp_walk_ticker *in)
{
    gp_hit_pass *s = ctx;
    gp_hit_worker *w = &s->workers[id];
    const gp_bars *b = in->bars;
    const size_t n_after = (size_t)s->o->n_after;
    if (!w->days)
        open_worker(s, w);
    gp_hit_prices_of(&w->prices, s->o, b);
    const int first = w->prices.first, m = w->prices.m;
    for (int i = 0; i < m; i++)
        w->seen[w->prices.day[i]] = 1;
    gp_hit_ticker t = {.code = gp_arena_strndup(&w->arena, b->code, strlen(b->code)),
                       .market = gp_arena_strndup(&w->arena, b->market, strlen(b->market)),
                       .input = in->input, .index = in->index, .worker = id};
    t.spans = gp_arena_alloc(&w->arena, (size_t)s->signals * sizeof *t.spans);
    t.cells = gp_arena_alloc(&w->arena, (size_t)s->signals * n_after * sizeof *t.cells);
    gp_hit_add_bars(s, w, b);
    if (s->o->by == GP_HIT_BY_CODE) {
        t.base = gp_arena_alloc(&w->arena, n_after * sizeof *t.base);
        add_own_base(s, w, t.base, m);
    }
    if (s->o->shape)
        gp_hit_path_bars_of(s, w, b);
    w->bars += m;
    w->finest = b->period < w->finest ? b->period : w->finest;
    for (int k = 0; k < s->signals; k++) {
        const gp_plan *p = s->plan;
        const double *x = p->signals[k].slot >= 0 ? in->slots[p->signals[k].slot] + first : NULL;
        const double *also = p->where >= 0 ? in->slots[p->where] + first : NULL;
        t.spans[k].first = w->records.n;
        w->runs.n = 0;
        for (int i = 0; x && i < m; i++) {
            if (!holds(x[i]) || (also && !holds(also[i])))
                continue;
            gp_hit_span *last = w->runs.n ? &w->runs.at[w->runs.n - 1] : NULL;
            if (last && last->first + last->n == (size_t)i && last->n < GP_HIT_RUN_MOST)
                last->n++;
            else
                gp_vec_push(&w->runs, ((gp_hit_span){(size_t)i, 1}));
            add_signal(s, w, &t, b, k, first, i, m);
        }
        if (s->o->shape)
            gp_hit_path_signals(s, w, k);
        gp_hit_draw(s, w, b, k);
    }
    gp_vec_push(&w->tickers, t);
}

/* ---- all of them ---- */

static void close_worker(gp_hit_worker *w)
{
    gp_arena_fini(&w->arena);
    gp_vec_free(&w->tickers);
    gp_vec_free(&w->records);
    gp_vec_free(&w->runs);
    gp_vec_free(&w->edges);
    free(w->years);
    free(w->days);
    free(w->day_sums);
    free(w->wins);
    free(w->seen);
    free(w->hist);
    free(w->drawn);
    free(w->fates);
    free(w->waiting);
    free(w->prefix);
    gp_hit_prices_fini(&w->prices);
    free(w->path);
    free(w->path_ret);
}

void gp_hitrate_run(const gp_plan *plan, const gp_inputs *inputs, const gp_hitrate_opts *o, gp_hitrate *out, gp_diags *d)
{
    gp_hit_pass s = {.plan = plan, .o = o, .jobs = gp_pool_jobs(o->jobs, inputs->n), .signals = plan->n_signals};
    int *wanted = gp_xcalloc((size_t)plan->n_signals + 1, sizeof *wanted);
    gp_walk_opts walk = {.jobs = s.jobs, .wanted = wanted, .need = GP_COL_CLOSE | GP_COL_HIGH | GP_COL_LOW, .want = GP_COL_VOL,
                         .csv_path = o->csv_path, .accel = o->accel, .companions = o->companions, .progress = o->progress, .progress_ctx = o->progress_ctx};
    gp_walk_result r;
    if (o->entry == GP_ENTRY_NEXT_OPEN)
        walk.need |= GP_COL_OPEN;
    for (int k = 0; k <= plan->n_signals; k++) {
        const int slot = k < plan->n_signals ? plan->signals[k].slot : plan->where;
        bool again = slot < 0;
        for (int i = 0; i < walk.n_wanted; i++)
            again |= wanted[i] == slot;
        if (!again)
            wanted[walk.n_wanted++] = slot;
    }
    s.workers = gp_xcalloc((size_t)s.jobs, sizeof *s.workers);
    *out = (gp_hitrate){0};
    gp_walk_run(plan->program, inputs, &walk, one_ticker, &s, &r, d);
    out->tickers = r.tickers;
    out->inputs = r.inputs;
    out->skipped = r.skipped;
    out->longest = r.longest;
    gp_hitrate_rows(&s, inputs, out, d);
    for (int i = 0; i < s.jobs; i++)
        close_worker(&s.workers[i]);
    free(s.workers);
    free(wanted);
}

void gp_hitrate_fini(gp_hitrate *r)
{
    free(r->rows);
    free(r->fates);
    free(r->shapes);
    gp_arena_fini(&r->arena);
    *r = (gp_hitrate){0};
}
