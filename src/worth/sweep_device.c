/* Sets of a sweep on a device (accel/sums.h).  The quotes are read once and stay there; here they are held in parts of PART_BYTES, each until it
 * has been copied.  Where not all of them fit, every batch of sets reads them again and runs over one lot after the other.  Of a program
 * the device computes one thing, whether it is a bar of the signal; those that differ in numbers alone share a kernel.  Where there are enough
 * tickers and sets, neighbours in the order of the sets are one program, which computes once what they share. */
#include <pthread.h>
#include <string.h>
#include "accel/split.h"
#include "base/pool.h"
#include "base/vec.h"
#include "screen/feed.h"
#include "screen/lane.h"
#include "worth/sweep_in.h"

enum {
    MOST_SETS = 1024, SUMS_BYTES = 96 << 20, PART_BYTES = 128 << 20,
    MOST_GROUP = 64,  /* sets of one program */
    MOST_CODE = 160   /* and its instructions: what they keep between bars has to fit into the registers of a lane, more or less */
};

typedef struct one_set { gp_program *program, *truth; int slot[MOST_GROUP]; size_t n; } one_set; /* or several, of one program */
typedef struct reader { gp_hit_prices prices; gp_feed *feed; } reader;

/* Tickers with what they hold. */
typedef struct part {
    gp_arena arena;
    GP_VEC(gp_lane) lanes;
    GP_VEC(gp_accel_outcome) outcomes;
    size_t bytes;
} part;

typedef struct device {
    const gp_plan *plan;
    const gp_inputs *inputs;
    const gp_sweep_opts *o;
    const gp_sweep_market *m;
    const gp_sweep_looked *looked;
    gp_sweep_fn *fn;
    void *ctx;
    gp_accel_sums *sums;
    one_set *like;             /* the first batch: what is read, and what facts there are, is chosen by it */
    size_t n_like;
    unsigned needs;
    gp_companions *companions;
    size_t group;              /* sets of one program */
    bool here, any, out;       /* all tickers are there; some are; no more is asked of the device */
    atomic_bool stop;          /* `out`, for the readers */
    /* one batch */
    one_set *sets;
    uint32_t *number;
    size_t n, n_numbers;       /* programs; sets */
    const gp_program **truth;
    gp_day_sum **to, *room;
    bool *failed;
    /* tickers on their way */
    pthread_mutex_t lock, sending;
    reader *readers;
    part part;
} device;

static size_t cells_of(const device *d) { return (size_t)d->o->hit->n_after * d->m->n_days; }

/* ---- quotes ---- */

static void run_sets(device *d)
{
    gp_accel_sums_run(d->sums, d->truth, (int)d->n, (int)d->group, d->to, d->failed);
}

/* What does not fit beside the others takes their place, after all sets of the batch ran over them. */
static bool put(device *d, const part *p, size_t from, size_t n)
{
    if (gp_accel_sums_add(d->sums, p->lanes.at + from, p->outcomes.at + from, (int)n)) {
        d->any = true;
        return true;
    }
    if (!gp_accel_ready(d->o->accel))
        return false;
    if (d->any) {
        run_sets(d);
        gp_accel_sums_drop(d->sums);
        d->any = d->here = false;
        return put(d, p, from, n);
    }
    return n > 1 && put(d, p, from, n / 2) && put(d, p, from + n / 2, n - n / 2);
}

typedef struct ranked { gp_lane lane; gp_accel_outcome outcome; } ranked;

/* Long ones first, and beside each other what begins on the same day: neighbours end together and stand on the same days. */
static int by_length(const void *a, const void *b)
{
    const gp_lane *x = &((const ranked *)a)->lane, *y = &((const ranked *)b)->lane;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->n ? (x->date[0] > y->date[0]) - (x->date[0] < y->date[0]) : 0;
}

static void sort_part(part *p)
{
    const size_t n = p->lanes.n;
    ranked *all = gp_xcalloc(n + 1, sizeof *all);
    for (size_t k = 0; k < n; k++)
        all[k] = (ranked){p->lanes.at[k], p->outcomes.at[k]};
    qsort(all, n, sizeof *all, by_length);
    for (size_t k = 0; k < n; k++) {
        p->lanes.at[k] = all[k].lane;
        p->outcomes.at[k] = all[k].outcome;
    }
    free(all);
}

static void free_part(part *p)
{
    gp_vec_free(&p->lanes);
    gp_vec_free(&p->outcomes);
    gp_arena_fini(&p->arena);
    *p = (part){0};
}

/* Called with d->lock and gives it back: while one thread puts a part in order and sends it, the others fill the next one.  There are never more
 * than two, since whoever has the second one waits with the lock. */
static void send_part(device *d)
{
    pthread_mutex_lock(&d->sending);
    part p = d->part;
    d->part = (part){0};
    pthread_mutex_unlock(&d->lock);
    sort_part(&p);
    if (p.lanes.n && !d->out && !put(d, &p, 0, p.lanes.n))
        d->out = true;
    atomic_store(&d->stop, d->out);
    free_part(&p);
    pthread_mutex_unlock(&d->sending);
}

static const void *copied(device *d, const void *from, size_t bytes)
{
    void *to = from && bytes ? gp_arena_alloc(&d->part.arena, bytes) : NULL;
    d->part.bytes += to ? bytes : 0;
    return to ? memcpy(to, from, bytes) : NULL;
}

static gp_str copied_text(device *d, gp_str z)
{
    return (gp_str){gp_arena_strndup(&d->part.arena, z.p ? z.p : "", z.n), z.n};
}

/* Of the externals, columns have a value a bar and the others one. */
static const double *const *copied_columns(device *d, const gp_lane *lane)
{
    int n;
    const gp_external *e = gp_program_externals(d->like[0].program, &n);
    const double **to = lane->ext ? gp_arena_alloc(&d->part.arena, (size_t)n * sizeof *to) : NULL;
    for (int k = 0; k < n && to; k++)
        to[k] = e[k].is_text ? NULL : copied(d, lane->ext[k], (e[k].is_scalar ? 1 : (size_t)lane->n) * sizeof **to);
    return to;
}

static gp_accel_outcome outcome_of(device *d, const gp_hit_prices *p, int bars)
{
    const size_t n = (size_t)bars, n_after = (size_t)d->o->hit->n_after;
    int32_t *day = gp_arena_alloc(&d->part.arena, n * (n_after + 1) * sizeof *day), *ret = day + n;
    d->part.bytes += n * (n_after + 1) * sizeof *day;
    for (size_t i = 0; i < n; i++)
        day[i] = -1; /* and nobody asks for its outcome */
    for (int i = 0; i < p->m; i++)
        day[p->first + i] = d->m->index[p->day[i]];
    for (size_t h = 0; h < n_after; h++)
        memcpy(ret + h * n + p->first, p->ret + h * (size_t)p->m, (size_t)p->m * sizeof *ret);
    return (gp_accel_outcome){day, ret};
}

static void take_tickers(void *ctx, int id, const gp_tile_ticker *t, int n)
{
    device *d = ctx;
    reader *r = &d->readers[id];
    if (!r->feed)
        r->feed = gp_feed_new(d->like[0].program, d->companions);
    for (int l = 0; l < n; l++) {
        const gp_bars *b = t[l].bars;
        const size_t column = (size_t)b->n * sizeof(double);
        gp_lane lane = gp_lane_of(b, b->n, 0, NULL);
        gp_feed_fill(r->feed, l, b, b->n, &lane);
        gp_hit_prices_of(&r->prices, d->o->hit, b);
        if (b->n == 0)
            continue;
        pthread_mutex_lock(&d->lock);
        const double **const of[] = {&lane.open, &lane.high, &lane.low, &lane.close, &lane.vol, &lane.amount};
        for (int k = 0; k < 6; k++)
            *of[k] = (d->needs >> k & 1) != 0 ? copied(d, *of[k], column) : NULL;
        lane.date = copied(d, lane.date, (size_t)b->n * sizeof *lane.date);
        lane.time = copied(d, lane.time, (size_t)b->n * sizeof *lane.time);
        lane.market = copied_text(d, lane.market);
        lane.code = copied_text(d, lane.code);
        lane.name = copied_text(d, lane.name);
        lane.ext = copied_columns(d, &lane);
        lane.ext_text = NULL;
        gp_vec_push(&d->part.outcomes, outcome_of(d, &r->prices, b->n));
        gp_vec_push(&d->part.lanes, lane);
        if (d->part.bytes >= PART_BYTES || atomic_load(&d->stop))
            send_part(d);
        else
            pthread_mutex_unlock(&d->lock);
    }
}

static void read_quotes(device *d)
{
    const int jobs = gp_pool_jobs(d->o->hit->jobs, d->inputs->n);
    gp_tiles_opts tiles = gp_sweep_tiles_of(d->o->hit, d->needs, jobs, d->companions);
    gp_diags told = {.limit = 1}; /* reading the market has said it all */
    gp_walk_result read;
    tiles.progress = NULL;
    tiles.stop = &d->stop;
    d->here = true;
    d->readers = gp_xcalloc((size_t)jobs, sizeof *d->readers);
    gp_tiles_run(d->inputs, &tiles, take_tickers, d, &read, &told);
    pthread_mutex_lock(&d->lock);
    send_part(d);
    for (int i = 0; i < jobs; i++) {
        gp_feed_free(d->readers[i].feed);
        gp_hit_prices_fini(&d->readers[i].prices);
    }
    free(d->readers);
    gp_diags_fini(&told);
}

/* ---- sets ---- */

static void free_sets(one_set *sets, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        gp_truth_free(sets[k].truth);
        gp_program_free(sets[k].program);
    }
    free(sets);
}

static bool make_set(const device *d, const uint32_t *number, size_t n, one_set *out, gp_diags *diags)
{
    gp_sweep_batch b = {.n = n};
    int signal[MOST_GROUP], where[MOST_GROUP];
    b.program = gp_sweep_compile(d->plan, d->o, number, n, diags);
    if (!b.program)
        return false;
    gp_sweep_find_slots(d->plan, d->looked, &b);
    for (size_t k = 0; k < n; k++) {
        signal[k] = b.slot[2 * k];
        where[k] = b.slot[2 * k + 1];
    }
    *out = (one_set){.program = b.program, .n = n};
    out->truth = gp_truths_of(b.program, signal, where, (int)n, out->slot);
    free(b.slot);
    free(b.slots);
    return true;
}

static bool make_sets(device *d, const uint32_t *number, size_t n, gp_diags *diags)
{
    const size_t programs = (n + d->group - 1) / d->group, results = programs * d->group;
    d->sets = gp_xcalloc(programs + 1, sizeof *d->sets);
    for (d->n = 0; d->n < programs; d->n++) {
        const size_t from = d->n * d->group, some = n - from < d->group ? n - from : d->group;
        if (!make_set(d, number + from, some, &d->sets[d->n], diags)) {
            free_sets(d->sets, d->n);
            return false;
        }
    }
    d->n_numbers = n;
    d->number = gp_xcalloc(n + 1, sizeof *d->number);
    memcpy(d->number, number, n * sizeof *number);
    d->truth = gp_xcalloc(programs + 1, sizeof *d->truth);
    d->failed = gp_xcalloc(programs + 1, sizeof *d->failed);
    d->to = gp_xcalloc(results + 1, sizeof *d->to);
    d->room = gp_xcalloc(results * cells_of(d) + 1, sizeof *d->room);
    for (size_t k = 0; k < programs; k++)
        d->truth[k] = d->sets[k].truth;
    for (size_t k = 0; k < results; k++)
        d->to[k] = d->room + k * cells_of(d);
    return true;
}

static void free_set(one_set *x)
{
    gp_truth_free(x->truth);
    gp_program_free(x->program);
}

/* Looks at some programs of n sets each for how many kernels they need: few enough? */
static bool few_shapes(const device *d, const gp_sweep_order *order, size_t n, gp_diags *diags)
{
    enum { LOOKS = 8, MOST_SHAPES = 4 };
    one_set at[LOOKS];
    const size_t programs = order->n / n, looks = programs < LOOKS ? programs : LOOKS;
    size_t made = 0, shapes = 0;
    for (; made < looks; made++) {
        bool new = true;
        if (!make_set(d, order->at + made * (programs - 1) / (looks > 1 ? looks - 1 : 1) * n, n, &at[made], diags))
            break;
        for (size_t k = 0; k < made && new; k++)
            new = !gp_accel_sums_alike(at[k].truth, at[made].truth);
        shapes += new;
    }
    for (size_t k = 0; k < made; k++)
        free_set(&at[k]);
    return made == looks && shapes <= MOST_SHAPES;
}

/* How many neighbours of the order are one program: as many as share most, while lanes are left to keep the device busy. */
static size_t choose_group(const device *d, const gp_sweep_order *order, size_t most, gp_diags *diags)
{
    enum { USUAL = 132 * 128 }; /* an H100's or H200's, where none is open */
    const size_t lanes = d->o->accel ? gp_accel_sums_lanes(d->o->accel) : USUAL;
    double each[MOST_GROUP + 1] = {0}; /* instructions for a set */
    one_set one;
    for (size_t n = 1; n <= MOST_GROUP && n <= most && (n == 1 || d->m->read.tickers * (order->n / n) >= lanes); n++) {
        if (order->n % n || !make_set(d, order->at, n, &one, diags))
            continue;
        const int code = gp_program_n_code(one.truth);
        free_set(&one);
        if (n > 1 && code > MOST_CODE)
            break;
        each[n] = code / (double)n;
    }
    for (;;) {
        size_t best = 1;
        for (size_t n = 2; n <= MOST_GROUP; n++)
            if (each[n] > 0 && each[n] < 0.8 * each[1] && (best == 1 || each[n] < each[best]))
                best = n;
        if (best == 1 || few_shapes(d, order, best, diags))
            return best;
        each[best] = 0;
    }
}

/* Of a batch. */
static size_t most_sets(const device *d)
{
    const size_t room = SUMS_BYTES / (cells_of(d) * sizeof(gp_day_sum) + 1), most = room > MOST_SETS ? MOST_SETS : room < 1 ? 1 : room;
    return d->o->batch && d->o->batch < most ? d->o->batch : most;
}

/* The first and the last one among them: a kernel is laid out for the longest windows, and reads what differs. */
gp_sweep_sample gp_sweep_sample_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_market *m, size_t most)
{
    const gp_sweep_looked looked = gp_sweep_looked_of(plan, o);
    device d = {.plan = plan, .o = o, .m = m, .looked = &looked};
    gp_sweep_order order;
    gp_sweep_sample s = {0};
    gp_diags told = {.limit = 1};
    if (gp_sweep_order_of(plan, o, &order, &told) && order.n) {
        const size_t batch = most_sets(&d), group = choose_group(&d, &order, batch, &told), programs = (order.n < batch ? order.n : batch) / group;
        const size_t n = programs < most ? programs : most;
        s.truth = gp_xcalloc(2 * n + 1, sizeof *s.truth);
        s.program = s.truth + n;
        for (one_set one; s.n < n && make_set(&d, order.at + s.n * (programs - 1) / (n > 1 ? n - 1 : 1) * group, group, &one, &told); s.n++) {
            s.truth[s.n] = one.truth;
            s.program[s.n] = one.program;
        }
        s.each = s.n ? (double)order.n / (double)(group * s.n) : 0;
    }
    gp_sweep_order_fini(&order);
    gp_diags_fini(&told);
    return s;
}

void gp_sweep_sample_fini(gp_sweep_sample *s)
{
    for (size_t k = 0; k < s->n; k++) {
        gp_truth_free(s->truth[k]);
        gp_program_free(s->program[k]);
    }
    free(s->truth);
    *s = (gp_sweep_sample){0};
}

/* Looks at the first sets for what has to be on the device; they stay. */
static bool begin(device *d)
{
    int externals;
    d->like = d->sets;
    d->n_like = d->n;
    for (size_t k = 0; k < d->n; k++)
        d->needs |= gp_program_needs(d->sets[k].program);
    d->sums = gp_accel_sums_new(d->o->accel, d->truth, (int)d->n, d->o->hit->n_after, (int)d->m->n_days);
    gp_program_externals(d->like[0].program, &externals);
    return !externals || !d->o->companions || d->o->companions(d->o->companions_ctx, d->like[0].program, &d->companions);
}

static void tell(void *ctx, int id, size_t k)
{
    const device *d = ctx;
    const size_t p = k / d->group;
    (void)id;
    if (!d->failed[p])
        d->fn(d->ctx, d->number[k], d->to[p * d->group + (size_t)d->sets[p].slot[k % d->group]], NULL);
}

/* Sets that failed go to `left`. */
static void run_batch(device *d, uint32_t *left, size_t *n_left)
{
    size_t able = 0, done = 0;
    for (size_t k = 0; k < d->n; k++) {
        d->failed[k] = (gp_program_needs(d->sets[k].program) & ~d->needs) || !gp_accel_sums_can(d->sums, d->truth[k]);
        able += !d->failed[k];
    }
    if (able && !d->here && !d->out)
        read_quotes(d);
    if (!able)
        d->out = true; /* the next ones are no better */
    if (able && d->any && !d->out)
        run_sets(d);
    if (!d->here && d->any) { /* what is there is not all */
        gp_accel_sums_drop(d->sums);
        d->any = false;
    }
    for (size_t k = 0; k < d->n_numbers; k++) {
        bool *failed = &d->failed[k / d->group];
        *failed |= d->out;
        done += !*failed;
        if (*failed)
            left[(*n_left)++] = d->number[k];
    }
    gp_pool_run(gp_pool_jobs(d->o->hit->jobs, d->n_numbers), d->n_numbers, tell, d);
    if (d->o->on_device)
        *d->o->on_device += done;
    if (done && d->o->checkpoint)
        d->o->checkpoint(d->o->checkpoint_ctx);
    d->out |= !gp_accel_ready(d->o->accel);
}

static void end_batch(device *d)
{
    if (d->sets != d->like)
        free_sets(d->sets, d->n);
    free(d->number);
    free(d->truth);
    free(d->to);
    free(d->room);
    free(d->failed);
}

bool gp_sweep_on_device(const gp_plan *plan, const gp_inputs *inputs, const gp_sweep_opts *o, const gp_sweep_market *m, const gp_sweep_looked *looked,
                        gp_sweep_order *order, gp_sweep_fn *fn, void *ctx, gp_diags *diags)
{
    device d = {.plan = plan, .inputs = inputs, .o = o, .m = m, .looked = looked, .fn = fn, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER,
                .sending = PTHREAD_MUTEX_INITIALIZER};
    size_t most = most_sets(&d), next = 0, left = 0;
    bool ok = true;
    d.group = 1;
    if (order->n)
        d.group = choose_group(&d, order, most, diags);
    most = most / d.group * d.group;
    while (ok && next < order->n && !d.out) {
        const size_t n = order->n - next < most ? order->n - next : most;
        ok = make_sets(&d, order->at + next, n, diags);
        if (!ok)
            break;
        ok = d.sums || begin(&d);
        if (ok)
            run_batch(&d, order->at, &left); /* what is left over lies before what comes next */
        next += n;
        end_batch(&d);
        if (ok && o->hit->progress)
            o->hit->progress(o->hit->progress_ctx, next - left, order->n);
    }
    memmove(order->at + left, order->at + next, (order->n - next) * sizeof *order->at);
    order->n = left + order->n - next;
    gp_accel_sums_free(d.sums);
    gp_companions_free(d.companions);
    free_sets(d.like, d.n_like);
    return ok;
}
