/* Sweeps judged by trades.  Each security has an account of its own, as in gp_backtest_run; what is kept of a set is how cash and positions
 * changed on each day, and sums over its trades, all in whole numbers.  What the formula says of a tile is computed once for all that ends a trade. */
#include <stdlib.h>
#include <string.h>
#include "base/pool.h"
#include "base/vec.h"
#include "eval/vm.h"
#include "screen/feed.h"
#include "screen/lane.h"
#include "worth/sweep_in.h"

enum { MOST_KNOWN = 20000 /* bars of a security whose paths are remembered */ };

typedef struct change { gp_money cash, value; } change; /* on one day */

/* A path that is the same for every set that buys on that bar and ends its trades alike. */
typedef struct known { uint64_t round; gp_miss miss; gp_path path; } known;

/* The bars of a security that a span has; first > last: none. */
typedef struct reach { int first, last; const gp_rule *rule; } reach;

typedef struct worker {
    gp_vm *vm;
    gp_feed *feed;
    uint8_t **truth;      /* by slot */
    uint8_t *bits;
    size_t bits_room, row_room;
    uint8_t *rows[4];     /* enter and leave, long and short, where several slots are one */
    double *numbers;      /* results that are stops, targets and trails */
    size_t numbers_room;
    double **columns;     /* lanes x slots */
    known *known;         /* bars x lanes; NULL: too many */
    uint64_t round;       /* what is known of other rounds is not so */
    reach *reach;         /* spans x lanes */
    uint8_t *within;      /* spans x bars: which lanes a span has that bar of */
    size_t within_room;
    gp_quote *quotes;     /* lanes x bars */
    change *days;         /* points x days of all spans */
    gp_trade_sums *sums;  /* points x spans */
    size_t *securities;   /* per span */
} worker;

typedef struct pass {
    gp_sweep_pass p;
    size_t n_days;        /* of all spans */
    bool alike;           /* exits and distances are the same for all sets, and paths are asked for again */
    const gp_sweep_point *points; /* those of the batch, by what ends a trade */
    worker *workers;
} pass;

/* One security in one set: where its account stands. */
typedef struct lane {
    gp_orders orders;
    const gp_rule *rule;
    const gp_trade_rules *rules;
    const int32_t *index; /* day of the market for each bar */
    size_t from;          /* day the span begins with */
} lane;

static size_t day_of(const lane *l, int bar) { return (size_t)l->index[bar] - l->from; }

static size_t days_of(const gp_sweep_test *t)
{
    size_t n = 0;
    for (int k = 0; k < t->n_spans; k++)
        n += t->spans[k].to - t->spans[k].from;
    return n;
}

size_t gp_sweep_test_bytes(const gp_sweep_test *t) { return days_of(t) * sizeof(change) + (size_t)t->n_spans * sizeof(gp_trade_sums); }

/* ---- one account ---- */

static gp_miss path_at(const pass *s, worker *w, const lane *l, int bar, int side, gp_path *path)
{
    const gp_trade_rules *r = l->rules;
    if (!s->alike || side < 0 || !w->known)
        return gp_path_of(&l->orders, r, bar, side, path);
    known *k = &w->known[(size_t)bar * GP_VM_LANES + (size_t)l->orders.lane];
    if (k->round != w->round) {
        gp_orders whole = l->orders;
        whole.first = 0;
        whole.last = whole.bars->n - 1;
        k->miss = gp_path_of(&whole, r, bar, side, &k->path);
        k->round = w->round;
    }
    /* what was over within the span was so whatever came after it */
    if (bar + 1 > l->orders.last || (k->miss == GP_MISS_NONE && (k->path.exit > l->orders.last || k->path.left == GP_LEFT_OPEN)))
        return gp_path_of(&l->orders, r, bar, side, path);
    *path = k->path;
    return k->miss;
}

/* What is held of a trade, day by day; after its last day the money of the exit. */
static void add_trade(const lane *l, const gp_trade *t, gp_money out, gp_money back, change *days)
{
    const gp_path *p = &t->path;
    const int end = p->exit - (p->left != GP_LEFT_OPEN);
    gp_money before = 0, close = gp_close_at(&l->orders, p->entry > l->orders.first ? p->entry - 1 : p->entry);
    days[day_of(l, p->entry)].cash += out;
    for (int i = p->entry; i <= end; i++) {
        const gp_money c = l->orders.quotes[i].close;
        close = c ? c : close;
        const gp_money value = gp_money_of(p->side * t->shares, close);
        days[day_of(l, i)].value += value - before;
        before = value;
    }
    if (p->left == GP_LEFT_OPEN)
        return;
    days[day_of(l, p->exit)].value -= before;
    days[day_of(l, p->exit)].cash += back;
}

/* One signal to enter; the first bar whose signals count again. */
static int take_signal(const pass *s, worker *w, const lane *l, int bar, int side, gp_money *cash, change *days, gp_trade_sums *sums)
{
    const gp_trade_rules *r = l->rules;
    const gp_bars *b = l->orders.bars;
    gp_trade t = {.code = b->code};
    const gp_miss miss = path_at(s, w, l, bar, side, &t.path);
    if (miss != GP_MISS_NONE) {
        sums->entries.misses.n[miss]++;
        sums->entries.misses.jumps += miss == GP_MISS_LIMIT ? t.path.jumps : 0;
        return bar + 1;
    }
    t.entry_date = b->date[t.path.entry];
    t.exit_date = b->date[t.path.exit];
    t.shares = gp_shares_for(r, l->rule, t.entry_date, side > 0, t.path.in, *cash);
    if (!t.shares) {
        sums->entries.misses.n[GP_MISS_MONEY]++;
        return bar + 1;
    }
    const gp_money held = gp_trade_open(&t, r, l->rule, t.entry_date, *cash), after = gp_trade_close(&t, r, l->rule, t.exit_date, held);
    add_trade(l, &t, held - *cash, after - held, days);
    gp_trade_sums_add(sums, &t);
    if (t.path.left == GP_LEFT_OPEN)
        return INT32_MAX;
    *cash = after;
    return gp_path_free(&t.path, r);
}

static uint64_t word_at(const uint8_t *p, size_t at)
{
    uint64_t x = 0;
    if (p)
        memcpy(&x, p + at, sizeof x);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(x) : x;
}

/* Bars of all lanes that signal an entry, and those that signal an exit with it.  lane_in: which bars each of the n lanes has. */
static void count_signals(const uint8_t *within, bool shorts, const uint8_t *const *enter, const uint8_t *const *leave, const reach *lane_in, int n, gp_entries *out)
{
    int first = INT32_MAX, last = -1;
    for (int l = 0; l < n; l++)
        if (lane_in[l].first <= lane_in[l].last) {
            first = lane_in[l].first < first ? lane_in[l].first : first;
            last = lane_in[l].last > last ? lane_in[l].last : last;
        }
    for (size_t at = (size_t)(last < 0 ? 0 : first) / 8 * 8; (int)at <= last; at += 8) {
        const uint64_t in = word_at(within, at), up = word_at(enter[0], at) & in, down = shorts ? word_at(enter[1], at) & in : 0;
        if (!(up | down))
            continue;
        const uint64_t wants = (up & ~word_at(leave[0], at)) | (down & ~word_at(leave[1], at));
        out->signals += __builtin_popcountll(wants);
        out->undecided += __builtin_popcountll((up | down) & ~wants);
    }
}

/* The account of one security over one span. */
static void run_account(const pass *s, worker *w, const lane *l, const uint8_t *const *enter, const uint8_t *const *leave, size_t row, change *days, gp_trade_sums *sums)
{
    const uint64_t mine = UINT64_C(0x0101010101010101) << l->orders.lane;
    const bool shorts = l->rules->shorts;
    gp_money cash = s->p.o->test->o->cash;
    int next = l->orders.first;
    for (size_t at = (size_t)next / 8 * 8; at < row && next <= l->orders.last; at = at + 8 > (size_t)next / 8 * 8 ? at + 8 : (size_t)next / 8 * 8) {
        const uint64_t up = word_at(enter[0], at) & ~word_at(leave[0], at) & mine;
        const uint64_t down = shorts ? word_at(enter[1], at) & ~word_at(leave[1], at) & mine : 0;
        for (uint64_t bits = up | down; bits; bits &= bits - 1) {
            const int k = __builtin_ctzll(bits), bar = (int)at + k / 8;
            if (bar < next)
                continue;
            if (bar > l->orders.last)
                return;
            next = take_signal(s, w, l, bar, up >> k & 1 ? 1 : -1, &cash, days, sums);
        }
        if (next == INT32_MAX)
            return;
    }
}

/* ---- a tile ---- */

static void open_worker(const pass *s, worker *w)
{
    const size_t n_slots = (size_t)gp_program_n_slots(s->p.batch->program);
    w->vm = gp_vm_new(s->p.batch->program, NULL);
    w->feed = gp_feed_new(s->p.batch->program, s->p.companions);
    w->truth = gp_xcalloc(n_slots + 1, sizeof *w->truth);
    w->columns = gp_xcalloc(GP_VM_LANES * (n_slots + 1), sizeof *w->columns);
    w->days = gp_xcalloc(s->p.batch->n_points * s->n_days + 1, sizeof *w->days);
    w->sums = gp_xcalloc(s->p.batch->n_points * (size_t)s->p.o->test->n_spans + 1, sizeof *w->sums);
    w->reach = gp_xcalloc((size_t)s->p.o->test->n_spans * GP_VM_LANES + 1, sizeof *w->reach);
    w->securities = gp_xcalloc((size_t)s->p.o->test->n_spans + 1, sizeof *w->securities);
}

static void close_worker(worker *w)
{
    if (w->vm)
        gp_vm_free(w->vm);
    gp_feed_free(w->feed);
    for (int k = 0; k < 4; k++)
        free(w->rows[k]);
    free(w->truth);
    free(w->bits);
    free(w->numbers);
    free(w->columns);
    free(w->known);
    free(w->reach);
    free(w->within);
    free(w->quotes);
    free(w->days);
    free(w->sums);
    free(w->securities);
}

static bool is_distance(const pass *s, int slot)
{
    const int n = s->p.looked->n;
    for (size_t i = 0; i < s->p.batch->n; i++)
        for (int k = 0; k < 3; k++)
            if (s->p.batch->slot[i * (size_t)n + (size_t)k] == slot)
                return true;
    return false;
}

static void make_room(const pass *s, worker *w, size_t row)
{
    const gp_sweep_batch *b = s->p.batch;
    const size_t n_slots = (size_t)gp_program_n_slots(b->program);
    size_t wide = 0;
    if (row * (size_t)b->n_slots > w->bits_room) {
        free(w->bits);
        w->bits_room = row * (size_t)b->n_slots;
        w->bits = gp_xaligned(w->bits_room);
    }
    for (int k = 0; k < b->n_slots; k++) {
        w->truth[b->slots[k]] = w->bits + (size_t)k * row;
        wide += is_distance(s, b->slots[k]);
    }
    if (wide * row * GP_VM_LANES > w->numbers_room) {
        free(w->numbers);
        w->numbers_room = wide * row * GP_VM_LANES;
        w->numbers = gp_xaligned(w->numbers_room * sizeof *w->numbers);
    }
    wide = 0;
    for (int k = 0; k < b->n_slots; k++)
        for (size_t l = 0; is_distance(s, b->slots[k]) && l < GP_VM_LANES; l++)
            w->columns[l * (n_slots + 1) + (size_t)b->slots[k]] = w->numbers + row * wide++;
    if (row > w->row_room) {
        w->row_room = row;
        for (int k = 0; k < 4; k++) {
            free(w->rows[k]);
            w->rows[k] = gp_xaligned(row);
        }
        free(w->quotes);
        w->quotes = gp_xaligned(row * GP_VM_LANES * sizeof *w->quotes);
        free(w->known);
        w->known = s->alike && row <= MOST_KNOWN ? gp_xcalloc(row * GP_VM_LANES, sizeof *w->known) : NULL;
    }
}

/* One row of several slots; the slot's own when there is one. */
static const uint8_t *any_of(worker *w, const int *slot, int n, uint8_t *room, size_t row)
{
    if (n == 0)
        return NULL;
    if (n == 1)
        return w->truth[slot[0]];
    memcpy(room, w->truth[slot[0]], row);
    for (int k = 1; k < n; k++)
        for (size_t i = 0; i < row; i++)
            room[i] |= w->truth[slot[k]][i];
    return room;
}

/* Which bars the spans have: the same for all points. */
static void find_reaches(const pass *s, worker *w, const lane *lanes, int n, size_t row)
{
    const size_t room = (size_t)s->p.o->test->n_spans * row;
    if (room > w->within_room) {
        free(w->within);
        w->within_room = room;
        w->within = gp_xaligned(room);
    }
    memset(w->within, 0, room);
    for (int i = 0; i < s->p.o->test->n_spans; i++) {
        const gp_span_days *span = &s->p.o->test->spans[i];
        for (int l = 0; l < n; l++) {
            const gp_bars *b = lanes[l].orders.bars;
            const int32_t *index = lanes[l].index;
            reach *to = &w->reach[i * GP_VM_LANES + l];
            *to = (reach){.last = b->n - 1};
            while (to->first < b->n && (index[to->first] < 0 || (size_t)index[to->first] < span->from))
                to->first++;
            while (to->last >= to->first && (index[to->last] < 0 || (size_t)index[to->last] >= span->to))
                to->last--;
            if (to->first > to->last)
                continue;
            to->rule = gp_rule_of(b->market, b->code, b->date[to->last]);
            for (int bar = to->first; bar <= to->last; bar++)
                w->within[(size_t)i * row + (size_t)bar] |= (uint8_t)(1u << l);
            w->securities[i]++;
        }
    }
}

static void run_point(const pass *s, worker *w, const gp_sweep_point *p, const gp_trade_rules *rules, lane *lanes, int n, size_t row)
{
    const gp_order_slots *own = &s->p.o->test->o->slots;
    const size_t n_slots = (size_t)gp_program_n_slots(s->p.batch->program), k = (size_t)(p - s->points);
    const int *slot = s->p.batch->slot + p->of * (size_t)s->p.looked->n, *at = slot + 3;
    const uint8_t *enter[2], *leave[2];
    change *days = w->days + k * s->n_days;
    for (int side = 0; side < 2; side++) {
        enter[side] = any_of(w, at, own->n_enter[side], w->rows[2 * side], row);
        at += own->n_enter[side];
        leave[side] = any_of(w, at, own->n_leave[side], w->rows[2 * side + 1], row);
        at += own->n_leave[side];
    }
    for (int i = 0; i < s->p.o->test->n_spans; i++) {
        const gp_span_days *span = &s->p.o->test->spans[i];
        gp_trade_sums *sums = &w->sums[k * (size_t)s->p.o->test->n_spans + (size_t)i];
        count_signals(w->within + (size_t)i * row, rules->shorts, enter, leave, &w->reach[i * GP_VM_LANES], n, &sums->entries);
        for (int l = 0; l < n; l++) {
            gp_orders *o = &lanes[l].orders;
            double **columns = w->columns + (size_t)l * (n_slots + 1);
            const reach *in = &w->reach[i * GP_VM_LANES + l];
            if (in->first > in->last)
                continue;
            o->first = in->first;
            o->last = in->last;
            lanes[l].rule = in->rule;
            lanes[l].rules = rules;
            o->leave_bits[0] = leave[0];
            o->leave_bits[1] = leave[1];
            o->stop = slot[0] >= 0 ? columns[slot[0]] : NULL;
            o->target = slot[1] >= 0 ? columns[slot[1]] : NULL;
            o->trail = slot[2] >= 0 ? columns[slot[2]] : NULL;
            lanes[l].from = span->from;
            run_account(s, w, &lanes[l], enter, leave, row, days, sums);
        }
        days += span->to - span->from;
    }
}

static void run_tile(void *ctx, int id, const gp_tile_ticker *t, int n)
{
    const pass *s = ctx;
    worker *w = &s->workers[id];
    const size_t row = ((size_t)t[0].bars->n + 7) / 8 * 8, n_slots = (size_t)gp_program_n_slots(s->p.batch->program);
    gp_lane in[GP_VM_LANES] = {0};
    gp_hit_prices days[GP_VM_LANES] = {0};
    lane lanes[GP_VM_LANES] = {0};
    if (!w->vm)
        open_worker(s, w);
    make_room(s, w, row);
    for (int l = 0; l < n; l++) {
        const gp_bars *b = t[l].bars;
        int32_t *index = gp_xcalloc((size_t)b->n + 1, sizeof *index);
        gp_hit_prices_of(&days[l], s->p.o->hit, b); /* of its days the numbers are wanted */
        for (int i = 0; i < b->n; i++)
            index[i] = i >= days[l].first && i < days[l].first + days[l].m ? s->p.m->index[days[l].day[i - days[l].first]] : -1;
        gp_hit_prices_fini(&days[l]);
        gp_quote *quotes = w->quotes + (size_t)l * row;
        for (int i = 0; i < b->n; i++)
            quotes[i] = gp_quote_of(b, i);
        lanes[l] = (lane){.orders = {.bars = b, .quotes = quotes, .lane = l}, .index = index};
        in[l] = gp_lane_of(b, b->n, 0, w->columns + (size_t)l * (n_slots + 1));
        gp_feed_fill(w->feed, l, b, b->n, &in[l]);
    }
    memset(w->bits, 0, row * (size_t)s->p.batch->n_slots);
    gp_vm_run_truths(w->vm, in, n, w->truth);
    find_reaches(s, w, lanes, n, row);
    gp_trade_rules rules = {0};
    for (size_t k = 0; k < s->p.batch->n_points; k++) {
        if (k == 0 || s->points[k].ends != s->points[k - 1].ends) {
            rules = gp_sweep_rules(s->p.o, s->points[k].ends);
            w->round++;
        }
        run_point(s, w, &s->points[k], &rules, lanes, n, row);
    }
    for (int l = 0; l < n; l++)
        free((int32_t *)(uintptr_t)lanes[l].index);
}

/* ---- together ---- */

static void tell(void *ctx, int id, size_t k)
{
    const pass *s = ctx;
    const gp_sweep_test *test = s->p.o->test;
    gp_figures *f = gp_xcalloc((size_t)test->n_spans + 1, sizeof *f);
    gp_point *points = gp_xcalloc(s->n_days + 1, sizeof *points);
    double *moved = NULL; /* over the span it is chosen on */
    size_t at = k * s->n_days;
    (void)id;
    for (int i = 0; i < test->n_spans; i++) {
        const size_t n = test->spans[i].to - test->spans[i].from;
        gp_trade_sums sums = {0};
        gp_point is = {0};
        for (int j = 0; j < s->p.tiles.jobs; j++)
            is.cash += s->workers[j].vm ? test->o->cash * (gp_money)s->workers[j].securities[i] : 0;
        const gp_money start = is.cash;
        for (size_t day = 0; day < n; day++, at++) {
            is.date = s->p.m->date[test->spans[i].from + day];
            for (int j = 0; j < s->p.tiles.jobs; j++)
                if (s->workers[j].vm) {
                    is.cash += s->workers[j].days[at].cash;
                    is.value += s->workers[j].days[at].value;
                }
            points[day] = is;
        }
        for (int j = 0; j < s->p.tiles.jobs; j++)
            if (s->workers[j].vm)
                gp_trade_sums_merge(&sums, &s->workers[j].sums[k * (size_t)test->n_spans + (size_t)i]);
        gp_figures_from(points, n, start, &sums, gp_points_per_year(s->p.m->period), &f[i]);
        if (i == 0 && n) {
            moved = gp_xcalloc(n, sizeof *moved);
            gp_account_changes(points, n, start, s->p.m->change + test->spans[i].from, moved);
            f[i].change = moved;
            f[i].n_change = n;
        }
    }
    s->p.fn(s->p.ctx, s->points[k].number, NULL, f);
    free(moved);
    free(points);
    free(f);
}

/* Do all sets leave alike, and with the same distances? */
static bool are_alike(const gp_sweep_pass *p)
{
    const int n = p->looked->n;
    const gp_order_slots *own = &p->o->test->o->slots;
    for (size_t i = 1; i < p->batch->n; i++)
        for (int j = 0; j < n; j++) {
            const bool enters = j >= 3 && j < 3 + own->n_enter[0];
            if (!enters && p->batch->slot[i * (size_t)n + (size_t)j] != p->batch->slot[j])
                return false;
        }
    return true;
}

static int by_ends(const void *a, const void *b)
{
    const gp_sweep_point *x = a, *y = b;
    if (x->ends != y->ends)
        return x->ends < y->ends ? -1 : 1;
    return x->of < y->of ? -1 : x->of > y->of;
}

void gp_sweep_test_batch(const gp_inputs *inputs, const gp_sweep_pass *p)
{
    gp_diags told = {.limit = 1};
    gp_walk_result r;
    /* a path is asked for again by another set, or where spans lie over each other (the windows of a walk forward do) */
    const bool again = p->batch->n > 1 || p->o->test->n_spans > 2;
    pass s = {.p = *p, .n_days = days_of(p->o->test), .alike = again && are_alike(p), .points = p->batch->points,
              .workers = gp_xcalloc((size_t)p->tiles.jobs, sizeof *s.workers)};
    qsort(p->batch->points, p->batch->n_points, sizeof *p->batch->points, by_ends);
    gp_tiles_run(inputs, &p->tiles, run_tile, &s, &r, &told);
    gp_pool_run(gp_pool_jobs(p->o->hit->jobs, p->batch->n_points), p->batch->n_points, tell, &s);
    for (int i = 0; i < p->tiles.jobs; i++)
        close_worker(&s.workers[i]);
    free(s.workers);
    gp_diags_fini(&told);
}
