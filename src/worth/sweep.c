/* Sets of parameters are compiled into one program, so that what several of them compute is computed once.  Of each set only the truth of its
 * signal leaves the machine, a byte for a bar of eight tickers; the few bars where it holds are added to what their day gave.  All sums are
 * whole numbers, so that neither threads nor batches can be seen. */
#include "worth/sweep.h"
#include <string.h>
#include <time.h>
#include "base/pool.h"
#include "base/vec.h"
#include "eval/vm.h"
#include "market/stamp.h"
#include "screen/feed.h"
#include "screen/lane.h"
#include "worth/sweep_in.h"

/* ---- the market ---- */

/* What securities gained on a day, in billionths: whole, so that their order does not matter. */
typedef struct day_change { int64_t n, sum; } day_change;

typedef struct market_worker {
    gp_hit_prices prices;
    gp_day_base *base;    /* horizons x GP_HIT_DAYS */
    day_change *changes;  /* GP_HIT_DAYS; NULL: not asked for */
    unsigned char *seen;
    int64_t bars;
    int period;
} market_worker;

typedef struct market_pass { const gp_hitrate_opts *o; bool changes; market_worker *workers; } market_pass;

/* 0: there is none. */
static double close_at(const gp_bars *b, int i) { return gp_price_of(b->close[i]) ? b->close[i] : 0; }

/* From the last close of a day with one to the next such close. */
static void add_changes(const gp_hit_prices *p, const gp_bars *b, day_change *days)
{
    static const double most = 100; /* an adjusted price near zero is no gain of the market */
    double before = 0;
    for (int i = p->first - 1; i >= 0 && before == 0; i--)
        before = close_at(b, i);
    for (int i = 0; i < p->m;) {
        const int32_t day = p->day[i];
        double close = 0;
        for (; i < p->m && p->day[i] == day; i++) {
            const double c = close_at(b, p->first + i);
            close = c > 0 ? c : close;
        }
        if (close > 0 && before > 0 && close / before < most) {
            days[day].n++;
            days[day].sum += (int64_t)((close / before - 1) * 1e9);
        }
        before = close > 0 ? close : before;
    }
}

static void market_tile(void *ctx, int id, const gp_tile_ticker *t, int n)
{
    const market_pass *s = ctx;
    market_worker *w = &s->workers[id];
    const size_t n_after = (size_t)s->o->n_after;
    if (!w->base) {
        w->base = gp_xcalloc(n_after * GP_HIT_DAYS, sizeof *w->base);
        w->changes = s->changes ? gp_xcalloc(GP_HIT_DAYS, sizeof *w->changes) : NULL;
        w->seen = gp_xcalloc(GP_HIT_DAYS, 1);
        w->period = INT32_MAX;
    }
    for (int l = 0; l < n; l++) {
        gp_hit_prices *p = &w->prices;
        gp_hit_prices_of(p, s->o, t[l].bars);
        w->bars += p->m;
        w->period = t[l].bars->period < w->period ? t[l].bars->period : w->period;
        for (int i = 0; i < p->m; i++)
            w->seen[p->day[i]] = 1;
        if (w->changes)
            add_changes(p, t[l].bars, w->changes);
        for (size_t h = 0; h < n_after; h++) {
            const int32_t *ret = p->ret + h * (size_t)p->m;
            gp_day_base *days = w->base + h * GP_HIT_DAYS;
            for (int i = 0; i < p->m; i++) {
                if (ret[i] == GP_RETURN_NONE)
                    continue;
                gp_day_base *day = &days[p->day[i]];
                day->n++;
                day->wins += ret[i] > 0;
                day->sum += ret[i];
            }
        }
    }
}

static double change_of(const market_pass *s, int jobs, int32_t day)
{
    day_change all = {0};
    for (int i = 0; i < jobs; i++)
        if (s->workers[i].changes) {
            all.n += s->workers[i].changes[day].n;
            all.sum += s->workers[i].changes[day].sum;
        }
    return all.n ? (double)all.sum / (double)all.n / 1e9 : 0;
}

static void merge_market(const market_pass *s, int jobs, gp_sweep_market *m)
{
    const size_t n_after = (size_t)s->o->n_after;
    m->index = gp_xcalloc(GP_HIT_DAYS, sizeof *m->index);
    for (int32_t day = 0; day < GP_HIT_DAYS; day++) {
        bool seen = false;
        for (int i = 0; i < jobs; i++)
            seen |= s->workers[i].seen && s->workers[i].seen[day];
        m->index[day] = seen ? (int32_t)m->n_days++ : -1;
    }
    m->date = gp_xcalloc(m->n_days + 1, sizeof *m->date);
    m->base = gp_xcalloc(m->n_days * n_after + 1, sizeof *m->base);
    m->change = s->changes ? gp_xcalloc(m->n_days + 1, sizeof *m->change) : NULL;
    for (int32_t day = 0; day < GP_HIT_DAYS; day++) {
        const int32_t at = m->index[day];
        if (at < 0)
            continue;
        m->date[at] = gp_day_date(day - GP_HIT_DAY_0);
        if (m->change)
            m->change[at] = change_of(s, jobs, day);
        for (int i = 0; i < jobs; i++)
            for (size_t h = 0; h < n_after && s->workers[i].base; h++) {
                gp_day_base *to = &m->base[h * m->n_days + (size_t)at];
                const gp_day_base *from = &s->workers[i].base[h * GP_HIT_DAYS + (size_t)day];
                to->n += from->n;
                to->wins += from->wins;
                to->sum += from->sum;
            }
    }
}

gp_tiles_opts gp_sweep_tiles_of(const gp_hitrate_opts *o, unsigned needs, int jobs, const gp_companions *companions)
{
    gp_tiles_opts t = {.jobs = jobs, .need = needs | GP_COL_CLOSE | GP_COL_HIGH | GP_COL_LOW, .want = GP_COL_VOL,
                       .csv_path = o->csv_path, .companions = companions, .progress = o->progress, .progress_ctx = o->progress_ctx};
    if (o->entry == GP_ENTRY_NEXT_OPEN)
        t.need |= GP_COL_OPEN;
    return t;
}

void gp_sweep_market_of(const gp_plan *plan, const gp_inputs *inputs, const gp_hitrate_opts *o, bool changes, gp_sweep_market *m, gp_diags *d)
{
    const int jobs = gp_pool_jobs(o->jobs, inputs->n);
    market_pass s = {.o = o, .changes = changes, .workers = gp_xcalloc((size_t)jobs, sizeof *s.workers)};
    const gp_tiles_opts tiles = gp_sweep_tiles_of(o, gp_program_needs(plan->program), jobs, o->companions);
    *m = (gp_sweep_market){.period = INT32_MAX};
    gp_tiles_run(inputs, &tiles, market_tile, &s, &m->read, d);
    merge_market(&s, jobs, m);
    for (int i = 0; i < jobs; i++) {
        market_worker *w = &s.workers[i];
        m->bars += w->bars;
        m->period = w->base && w->period < m->period ? w->period : m->period;
        gp_hit_prices_fini(&w->prices);
        free(w->base);
        free(w->changes);
        free(w->seen);
    }
    free(s.workers);
}

void gp_sweep_market_fini(gp_sweep_market *m)
{
    free(m->date);
    free(m->index);
    free(m->base);
    free(m->change);
    *m = (gp_sweep_market){0};
}

/* ---- one batch ---- */

typedef struct worker {
    gp_vm *vm;
    gp_feed *feed;
    gp_hit_prices prices;
    uint8_t **truth;       /* by slot */
    uint8_t *bits;         /* what they point into */
    size_t bits_room, tile_room;
    uint8_t *may;          /* horizons x bars: lanes whose return exists */
    int32_t *day, *ret;    /* bars x lanes; horizons x bars x lanes */
    gp_day_sum *sums;      /* sets x horizons x days */
} worker;

typedef struct pass { gp_sweep_pass p; worker *workers; } pass;

static void open_worker(const pass *s, worker *w)
{
    w->vm = gp_vm_new(s->p.batch->program, NULL);
    w->feed = gp_feed_new(s->p.batch->program, s->p.companions);
    w->truth = gp_xcalloc((size_t)gp_program_n_slots(s->p.batch->program) + 1, sizeof *w->truth);
    w->sums = gp_xcalloc(s->p.batch->n * (size_t)s->p.o->hit->n_after * s->p.m->n_days + 1, sizeof *w->sums);
}

static void close_worker(worker *w)
{
    if (w->vm)
        gp_vm_free(w->vm);
    gp_feed_free(w->feed);
    gp_hit_prices_fini(&w->prices);
    free(w->truth);
    free(w->bits);
    free(w->may);
    free(w->day);
    free(w->ret);
    free(w->sums);
}

/* Rows of whole words. */
static size_t row_of(int bars) { return ((size_t)bars + 7) / 8 * 8; }

static void make_room(const pass *s, worker *w, size_t row)
{
    const size_t n_after = (size_t)s->p.o->hit->n_after, bits = row * (size_t)s->p.batch->n_slots;
    if (bits > w->bits_room) {
        free(w->bits);
        w->bits_room = bits;
        w->bits = gp_xaligned(bits);
    }
    for (int k = 0; k < s->p.batch->n_slots; k++)
        w->truth[s->p.batch->slots[k]] = w->bits + (size_t)k * row;
    if (row > w->tile_room) {
        free(w->may);
        free(w->day);
        free(w->ret);
        w->tile_room = row;
        w->may = gp_xaligned(row * n_after);
        w->day = gp_xaligned(row * GP_VM_LANES * sizeof *w->day);
        w->ret = gp_xaligned(row * GP_VM_LANES * n_after * sizeof *w->ret);
    }
    memset(w->may, 0, row * n_after);
}

/* Prices of a tile, lane beside lane as the machine has its results. */
static void price_tile(const pass *s, worker *w, const gp_tile_ticker *t, int lanes, size_t row)
{
    gp_hit_prices *p = &w->prices;
    for (int l = 0; l < lanes; l++) {
        gp_hit_prices_of(p, s->p.o->hit, t[l].bars);
        for (int i = 0; i < p->m; i++)
            w->day[(size_t)(p->first + i) * GP_VM_LANES + (size_t)l] = s->p.m->index[p->day[i]];
        for (size_t h = 0; h < (size_t)s->p.o->hit->n_after; h++) {
            const int32_t *ret = p->ret + h * (size_t)p->m;
            uint8_t *may = w->may + h * row + p->first;
            int32_t *to = w->ret + (h * row + (size_t)p->first) * GP_VM_LANES + l;
            for (int i = 0; i < p->m; i++) {
                may[i] |= (uint8_t)((ret[i] != GP_RETURN_NONE) << l);
                to[(size_t)i * GP_VM_LANES] = ret[i];
            }
        }
    }
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(x) : x;
}

/* Adds the bars where the signal holds to their days: bit k of a word is bar k / 8, lane k % 8. */
static void add_signals(const uint8_t *signal, const uint8_t *where, const uint8_t *may, const int32_t *day, const int32_t *ret, size_t row, gp_day_sum *sums)
{
    for (size_t at = 0; at < row; at += 8, day += 8 * GP_VM_LANES, ret += 8 * GP_VM_LANES) {
        uint64_t bits = word_at(signal + at) & word_at(may + at);
        if (where)
            bits &= word_at(where + at);
        for (; bits; bits &= bits - 1) {
            const int k = __builtin_ctzll(bits);
            gp_day_sum *to = &sums[day[k]];
            to->n++;
            to->wins += ret[k] > 0;
            to->sum += ret[k];
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double gp_sweep_add_bar(void)
{
    enum { ROW = 2048, TIMES = 16, EVERY = 100, DAYS = 4 };
    uint8_t *truth = gp_xaligned(ROW), *may = gp_xaligned(ROW);
    int32_t *day = gp_xcalloc((size_t)ROW * GP_VM_LANES, sizeof *day), *ret = gp_xcalloc((size_t)ROW * GP_VM_LANES, sizeof *ret);
    gp_day_sum sums[DAYS] = {0};
    double best = 1;
    memset(truth, 0, ROW);
    memset(may, 0xff, ROW);
    for (size_t k = 0; k < (size_t)ROW * GP_VM_LANES; k += EVERY)
        truth[k / GP_VM_LANES] |= (uint8_t)(1 << k % GP_VM_LANES);
    for (int k = 0; k < ROW * GP_VM_LANES; k++)
        day[k] = k % DAYS, ret[k] = k % 7 - 3;
    for (int k = 0; k < TIMES; k++) {
        const double began = now();
        add_signals(truth, NULL, may, day, ret, ROW, sums);
        const double took = now() - began;
        best = took < best ? took : best;
    }
    free(truth);
    free(may);
    free(day);
    free(ret);
    return best / ((double)ROW * GP_VM_LANES);
}

static void run_tile(void *ctx, int id, const gp_tile_ticker *t, int lanes)
{
    const pass *s = ctx;
    worker *w = &s->workers[id];
    const size_t row = row_of(t[0].bars->n), n_after = (size_t)s->p.o->hit->n_after;
    gp_lane lane[GP_VM_LANES] = {0};
    if (!w->vm)
        open_worker(s, w);
    make_room(s, w, row);
    price_tile(s, w, t, lanes, row);
    for (int l = 0; l < lanes; l++) {
        lane[l] = gp_lane_of(t[l].bars, t[l].bars->n, 0, NULL);
        gp_feed_fill(w->feed, l, t[l].bars, t[l].bars->n, &lane[l]);
    }
    gp_vm_run_truths(w->vm, lane, lanes, w->truth);
    for (size_t k = 0; k < s->p.batch->n; k++) {
        const int *slot = s->p.batch->slot + k * (size_t)s->p.looked->n; /* the signal, and where */
        for (size_t h = 0; h < n_after; h++)
            add_signals(w->truth[slot[0]], slot[1] >= 0 ? w->truth[slot[1]] : NULL, w->may + h * row, w->day, w->ret + h * row * GP_VM_LANES, row,
                        w->sums + (k * n_after + h) * s->p.m->n_days);
    }
}

/* Adds up what the threads have of one set, in the first one that has something, and tells it. */
static void tell(void *ctx, int id, size_t k)
{
    const pass *s = ctx;
    const size_t n = (size_t)s->p.o->hit->n_after * s->p.m->n_days;
    gp_day_sum *all = NULL;
    (void)id;
    for (int i = 0; i < s->p.tiles.jobs; i++) {
        gp_day_sum *of = s->workers[i].sums ? s->workers[i].sums + k * n : NULL;
        for (size_t j = 0; all && of && j < n; j++) {
            all[j].n += of[j].n;
            all[j].wins += of[j].wins;
            all[j].sum += of[j].sum;
        }
        all = all ? all : of;
    }
    if (all)
        s->p.fn(s->p.ctx, s->p.batch->numbers[k], all, NULL);
}

static void hit_batch(const gp_inputs *inputs, const gp_sweep_pass *p)
{
    gp_diags told = {.limit = 1}; /* reading the market has said it all */
    gp_walk_result r;
    pass s = {.p = *p, .workers = gp_xcalloc((size_t)p->tiles.jobs, sizeof *s.workers)};
    gp_tiles_run(inputs, &p->tiles, run_tile, &s, &r, &told);
    gp_pool_run(gp_pool_jobs(p->o->hit->jobs, p->batch->n), p->batch->n, tell, &s);
    for (int i = 0; i < p->tiles.jobs; i++)
        close_worker(&s.workers[i]);
    free(s.workers);
    gp_diags_fini(&told);
}

/* Of the whole run, not of this pass over the files. */
static void tell_progress(void *ctx, size_t done, size_t total)
{
    const gp_sweep_pass *p = ctx;
    p->o->hit->progress(p->o->hit->progress_ctx, p->before * total + p->batch->n_points * done, p->all * total);
}

static bool run_batch(const gp_inputs *inputs, gp_sweep_pass *p, int jobs)
{
    gp_companions *companions = NULL;
    if (p->o->companions && !p->o->companions(p->o->companions_ctx, p->batch->program, &companions))
        return false;
    p->companions = companions;
    p->tiles = gp_sweep_tiles_of(p->o->hit, gp_program_needs(p->batch->program), jobs, companions);
    p->tiles.progress = p->o->hit->progress ? tell_progress : NULL;
    p->tiles.progress_ctx = p;
    (p->o->test ? gp_sweep_test_batch : hit_batch)(inputs, p);
    gp_companions_free(companions);
    return true;
}

bool gp_sweep_run(const gp_plan *plan, const gp_inputs *inputs, const gp_sweep_opts *o, const gp_sweep_market *m, gp_sweep_fn *fn, void *ctx, gp_diags *d)
{
    gp_sweep_order order;
    gp_sweep_batch batch;
    const gp_sweep_looked looked = gp_sweep_looked_of(plan, o);
    const int jobs = gp_pool_jobs(o->hit->jobs, inputs->n);
    const size_t bytes = (o->test ? gp_sweep_test_bytes(o->test) : (size_t)o->hit->n_after * m->n_days * sizeof(gp_day_sum)) * (size_t)jobs;
    gp_sweep_pass p = {.o = o, .m = m, .batch = &batch, .looked = &looked, .fn = fn, .ctx = ctx};
    bool ok = gp_sweep_order_of(plan, o, &order, d);
    if (ok && o->accel && !o->test)
        ok = gp_sweep_on_device(plan, inputs, o, m, &looked, &order, fn, ctx, d);
    for (size_t next = 0; ok && next < order.n;) {
        ok = gp_sweep_batch_of(plan, o, &looked, &order, next, bytes, jobs, m->read.longest, &batch, d);
        if (!ok)
            break;
        p.before = next;
        p.all = order.n;
        next += batch.n_points;
        ok = run_batch(inputs, &p, jobs);
        gp_sweep_batch_fini(&batch);
        if (ok && o->checkpoint)
            o->checkpoint(o->checkpoint_ctx);
    }
    gp_sweep_order_fini(&order);
    return ok;
}
