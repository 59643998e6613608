/* Sets of parameters that share a kernel (choose.c sorts them) over a market: group by group, as many lanes at
 * a time as there is memory for; what remains undone is the processor's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "accel/cut.h"
#include "accel/inside.h"
#include "accel/split.h"
#include "base/pool.h"
#include "eval/code.h"

enum { FEWEST = 32 };                                 /* lanes a launch below which it is not worth trying */
static const size_t staging_bytes = (size_t)256 << 20; /* one row of results on its way back */

/* Lanes that the processor has to do: numbers from .. to-1 of (set, ticker), sets first. */
typedef struct rest { int first, tickers; size_t from, to; } rest;

/* The text of a kernel of the family, and what it needs. */
typedef struct variant { gp_fused f; gp_fuse_steps steps; gp_buf text; bool made; } variant;

typedef struct job {
    gp_accel *a;
    gp_accel_market *m;
    const gp_program **sets;   /* of this family */
    int *index;                /* their numbers */
    int n_sets, slots;
    const gp_accel_want *want;
    variant variant[2][2];     /* cut in time or not; windows in shared memory or not */
    int warm;                  /* bars; -1: pieces make no sense */
    const gp_fused *f;         /* of the group that runs: of one of them */
    gp_ready *kernel;
    gp_cut cut;
    gp_width width;
    bool again;                /* too many lanes whose pieces do not meet: run the launch again in one piece */
    size_t torn;               /* lanes of the group that the processor has to do for that */
    double *staging;
    size_t staged;
    GP_VEC(rest) rests;
} job;

static double *const *rows_of(const job *j, int set, int ticker)
{
    return j->want->out[j->index[set]] + (size_t)ticker * (size_t)j->slots;
}

static uint64_t *hashes_of(const job *j, int set, int ticker)
{
    return j->want->hash[j->index[set]] + (size_t)ticker * (size_t)j->slots;
}

static int from_of(const job *j, const gp_lane *lane)
{
    return j->want->whole ? 0 : lane->from;
}

/* ---- the processor ---- */

static void hash_rows(const job *j, int set, const gp_lane *lane, int ticker)
{
    for (int r = 0; r < j->slots; r++) {
        uint64_t h = GP_HASH_START;
        for (int i = 0; i < lane->n; i++) h = gp_hash_value(h, lane->out[r][i]);
        hashes_of(j, set, ticker)[r] = h;
    }
}

static void copy_rows(const job *j, int set, const gp_lane *asked, const gp_lane *ran, int ticker)
{
    for (int r = 0; r < j->slots; r++) {
        double *to = rows_of(j, set, ticker)[r];
        const int from = from_of(j, asked);
        if (to && asked->n > from) memcpy(to, ran->out[r] + from, (size_t)(asked->n - from) * sizeof *to);
    }
}

/* Hashes are of all bars, so all are computed into rows of their own. */
static void host_hashes(const job *j, gp_vm *vm, int set, int ticker, int lanes)
{
    gp_lane some[GP_VM_LANES];
    double **out = gp_xcalloc((size_t)GP_VM_LANES * (size_t)j->slots + 1, sizeof *out);
    for (int l = 0; l < lanes; l++) {
        some[l] = j->m->lane[ticker + l];
        some[l].from = 0;
        some[l].out = out + l * j->slots;
        for (int r = 0; r < j->slots; r++) out[l * j->slots + r] = gp_xcalloc((size_t)(some[l].n > 0 ? some[l].n : 0) + 1, sizeof(double));
    }
    gp_vm_run(vm, some, lanes);
    for (int l = 0; l < lanes; l++) {
        hash_rows(j, set, &some[l], ticker + l);
        if (j->want->out) copy_rows(j, set, &j->m->lane[ticker + l], &some[l], ticker + l);
        for (int r = 0; r < j->slots; r++) free(out[l * j->slots + r]);
    }
    free(out);
}

/* What the processor has to do of one rest.  Threads take sets, or where these are few, so many tiles of one. */
typedef struct host {
    const job *j;
    const rest *x;
    size_t tiles, share, shares; /* of a set; tiles that a thread takes at once; how often it can */
    gp_vm **vm;                  /* one a thread, of the set it had last */
    int *set;
} host;

static gp_vm *vm_for(const host *h, int worker, int set)
{
    if (h->vm[worker] && h->set[worker] == set) return h->vm[worker];
    if (h->vm[worker]) gp_vm_free(h->vm[worker]);
    h->set[worker] = set;
    return h->vm[worker] = gp_vm_new(h->j->sets[set], NULL);
}

static void host_tile(const host *h, int worker, size_t set, size_t tile)
{
    const job *j = h->j;
    const size_t of = set * (size_t)h->x->tickers; /* number of the set's first lane */
    size_t begin = tile * GP_VM_LANES, end = begin + GP_VM_LANES;
    gp_lane some[GP_VM_LANES];
    if (end > (size_t)h->x->tickers) end = (size_t)h->x->tickers;
    if (of + end > h->x->to) end = h->x->to > of ? h->x->to - of : 0;
    if (of + begin < h->x->from) begin = h->x->from - of; /* the device came so far */
    if (begin >= end) return;
    const int lanes = (int)(end - begin), first = h->x->first + (int)begin;
    gp_vm *vm = vm_for(h, worker, (int)set);
    if (j->want->hash) {
        host_hashes(j, vm, (int)set, first, lanes);
        return;
    }
    for (int l = 0; l < lanes; l++) {
        some[l] = j->m->lane[first + l];
        some[l].from = from_of(j, &some[l]);
        some[l].out = rows_of(j, (int)set, first + l);
    }
    gp_vm_run(vm, some, lanes);
}

static void host_share(void *ctx, int worker, size_t item)
{
    const host *h = ctx;
    const size_t set = h->x->from / (size_t)h->x->tickers + item / h->shares, begin = item % h->shares * h->share;
    for (size_t tile = begin; tile < begin + h->share && tile < h->tiles; tile++) host_tile(h, worker, set, tile);
}

static void host_lanes(const job *j, const rest *x)
{
    enum { EACH = 4 }; /* shares of a thread at least, so that they end together */
    host h = {.j = j, .x = x, .tiles = ((size_t)x->tickers + GP_VM_LANES - 1) / GP_VM_LANES};
    const size_t tickers = (size_t)x->tickers, sets = (x->to + tickers - 1) / tickers - x->from / tickers;
    const int jobs = gp_pool_jobs(j->want->jobs, h.tiles * sets);
    const size_t wanted = (size_t)jobs * EACH / sets + 1;
    h.share = (h.tiles + wanted - 1) / wanted;
    h.shares = (h.tiles + h.share - 1) / h.share;
    h.vm = gp_xcalloc((size_t)jobs, sizeof *h.vm);
    h.set = gp_xcalloc((size_t)jobs, sizeof *h.set);
    gp_pool_run(jobs, h.shares * sets, host_share, &h);
    for (int k = 0; k < jobs; k++)
        if (h.vm[k]) gp_vm_free(h.vm[k]);
    free(h.vm);
    free(h.set);
}

void gp_accel_host(gp_accel_market *m, const gp_program *p, int index, const gp_accel_want *want, int first, int tickers)
{
    const job j = {.m = m, .sets = &p, .index = &index, .n_sets = 1, .slots = gp_program_n_slots(p), .want = want};
    host_lanes(&j, &(rest){first, tickers, 0, (size_t)tickers});
}

/* ---- one launch ---- */

typedef struct layout { size_t numbers, lengths, facts, hash, meet, scratch, flat, out, all; } layout;

static size_t room(size_t *all, size_t bytes)
{
    const size_t at = *all;
    *all += (bytes + 255) / 256 * 256;
    return at;
}

/* Bars that a thread goes through. */
static int rows_kept(const job *j, const gp_group *g)
{
    return j->cut.pieces > 1 && j->cut.span < g->cap - j->cut.warm ? j->cut.span + j->cut.warm : g->cap;
}

static layout lay_out(const job *j, const gp_group *g, int keep, size_t lanes)
{
    layout l = {0};
    const size_t sets = (size_t)j->n_sets, rows = (size_t)j->f->n_rows, threads = lanes * (size_t)j->cut.pieces;
    l.numbers = room(&l.all, sets * (size_t)j->f->n_numbers * sizeof(double));
    l.lengths = room(&l.all, sets * (size_t)j->f->n_lengths * sizeof(int));
    l.facts = room(&l.all, (size_t)j->f->n_facts * (size_t)g->tickers * sizeof(double));
    l.hash = room(&l.all, j->want->hash ? rows * lanes * sizeof(uint64_t) : 0);
    l.meet = room(&l.all, j->cut.pieces > 1 ? 2 * threads * sizeof(uint64_t) : 0);
    l.scratch = room(&l.all, gp_fused_scratch(j->f, rows_kept(j, g)) * threads * sizeof(double));
    l.flat = room(&l.all, gp_fused_flat(j->f, g->cap) * lanes * sizeof(double));
    l.out = room(&l.all, j->want->out ? rows * (size_t)keep * lanes * sizeof(double) : 0);
    return l;
}

/* Bars at the end that somebody wants. */
static int kept_bars(const job *j, const gp_group *g)
{
    int keep = 1;
    for (int k = 0; k < g->tickers; k++) {
        const gp_lane *lane = &j->m->lane[g->first + k];
        const int bars = lane->n - from_of(j, lane);
        keep = bars > keep ? bars : keep;
    }
    return keep;
}

static double *stage(job *j, size_t n)
{
    if (n > j->staged) {
        free(j->staging);
        j->staging = gp_xcalloc(n, sizeof *j->staging);
        j->staged = n;
    }
    return j->staging;
}

/* A row comes bar by bar, lanes side by side; some lanes at a time, so that a line of memory is read once. */
static void spread_row(const job *j, const gp_group *g, int row, int keep, size_t from, size_t lanes)
{
    enum { AT_ONCE = 8 };
    for (size_t l = 0; l < lanes; l += AT_ONCE) {
        double *to[AT_ONCE] = {0};
        int first[AT_ONCE];
        const int some = lanes - l < AT_ONCE ? (int)(lanes - l) : AT_ONCE;
        for (int k = 0; k < some; k++) {
            const size_t number = from + l + (size_t)k;
            const int ticker = g->first + (int)(number % (size_t)g->tickers);
            const gp_lane *lane = &j->m->lane[ticker];
            to[k] = rows_of(j, (int)(number / (size_t)g->tickers), ticker)[row];
            first[k] = keep - (lane->n - from_of(j, lane));
        }
        for (int t = 0; t < keep; t++)
            for (int k = 0; k < some; k++)
                if (to[k] && t >= first[k]) to[k][t - first[k]] = j->staging[(size_t)t * lanes + l + (size_t)k];
    }
}

static bool row_wanted(const job *j, const gp_group *g, int row, size_t from, size_t lanes)
{
    for (size_t l = from; l < from + lanes; l++)
        if (rows_of(j, (int)(l / (size_t)g->tickers), g->first + (int)(l % (size_t)g->tickers))[row]) return true;
    return false;
}

static gp_accel_status fetch(job *j, const gp_group *g, const layout *l, int keep, size_t from, size_t lanes)
{
    gp_accel *a = j->a;
    const char *block = a->block;
    gp_accel_status s = GP_ACCEL_OK;
    const size_t row = (size_t)keep * lanes;
    for (int r = 0; r < j->f->n_rows && s == GP_ACCEL_OK && j->want->out; r++) {
        if (!row_wanted(j, g, r, from, lanes)) continue;
        s = gp_accel_download(a, stage(j, row), block + l->out + (size_t)r * row * sizeof(double), row * sizeof(double));
        if (s == GP_ACCEL_OK) spread_row(j, g, r, keep, from, lanes);
    }
    if (s != GP_ACCEL_OK || !j->want->hash) return s;
    uint64_t *hash = gp_xcalloc((size_t)j->f->n_rows * lanes + 1, sizeof *hash);
    s = gp_accel_download(a, hash, block + l->hash, (size_t)j->f->n_rows * lanes * sizeof *hash);
    for (size_t k = 0; k < lanes && s == GP_ACCEL_OK; k++)
        for (int r = 0; r < j->f->n_rows; r++)
            hashes_of(j, (int)((from + k) / (size_t)g->tickers), g->first + (int)((from + k) % (size_t)g->tickers))[r] = hash[(size_t)r * lanes + k];
    free(hash);
    return s;
}

/* Lanes whose pieces do not meet: some are the processor's; of many, the whole launch is run again in one piece, and no other is cut with
 * that kernel. */
static gp_accel_status check_meetings(job *j, const gp_group *g, const layout *l, size_t from, size_t lanes)
{
    const size_t n = 2 * lanes * (size_t)j->cut.pieces;
    uint64_t *meet = gp_xcalloc(n + 1, sizeof *meet);
    const gp_accel_status s = gp_accel_download(j->a, meet, (char *)j->a->block + l->meet, n * sizeof *meet);
    size_t torn = 0;
    for (int pass = 0; pass < 2 && s == GP_ACCEL_OK && !j->again; pass++) {
        for (size_t k = 0; k < lanes; k++) {
            const int bars = j->m->lane[g->first + (int)((from + k) % (size_t)g->tickers)].n;
            if (gp_cut_meets(&j->cut, meet, (int)lanes, (int)k, bars)) continue;
            torn += !pass;
            if (pass) gp_vec_push(&j->rests, ((rest){g->first, g->tickers, from + k, from + k + 1}));
        }
        j->again = torn > lanes / 8;
    }
    j->a->stats.torn += torn;
    if (j->again) j->kernel->torn = true;
    else j->torn += torn;
    free(meet);
    return s;
}

static gp_accel_status launch(job *j, const gp_group *g, const double *facts, int keep, size_t from, size_t lanes)
{
    gp_accel *a = j->a;
    const layout l = lay_out(j, g, keep, lanes);
    gp_accel_status s = gp_accel_block(a, l.all);
    char *block = a->block;
    if (s != GP_ACCEL_OK) return s;
    const gp_tile here = {.column = j->m->column, .n_columns = j->m->n_columns};
    gp_fused_args args = {.quotes = g->at, .bars = (const int *)((char *)g->at + g->bars_at), .numbers = (double *)(block + l.numbers),
                          .lengths = (int *)(block + l.lengths), .facts = (double *)(block + l.facts), .scratch = (double *)(block + l.scratch),
                          .flat = (double *)(block + l.flat), .out = j->want->out ? (double *)(block + l.out) : NULL,
                          .hash = j->want->hash ? (uint64_t *)(block + l.hash) : NULL, .cap = g->cap, .tickers = g->tickers,
                          .keep = keep, .first = (int)from, .lanes = (int)lanes, .pieces = j->cut.pieces, .span = j->cut.span, .warm = j->cut.warm,
                          .rows = rows_kept(j, g), .meet = (uint64_t *)(block + l.meet)};
    if (!gp_tile_columns(&here, j->f, args.column)) return GP_ACCEL_REFUSED;
    s = gp_accel_upload(a, block + l.numbers, j->f->numbers, (size_t)j->n_sets * (size_t)j->f->n_numbers * sizeof(double));
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, block + l.lengths, j->f->lengths, (size_t)j->n_sets * (size_t)j->f->n_lengths * sizeof(int));
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, block + l.facts, facts, (size_t)j->f->n_facts * (size_t)g->tickers * sizeof(double));
    if (s != GP_ACCEL_OK) return s;
    const double began = gp_accel_clock();
    s = a->api->launch(a->device, j->kernel->code, j->kernel->name, &args, sizeof args, (int)lanes * j->cut.pieces, j->width.threads,
                       j->f->shared * sizeof(double));
    a->stats.kernel_s += gp_accel_clock() - began;
    a->stats.launches++;
    a->stats.cut += j->cut.pieces > 1;
    a->stats.shared += j->width.shared;
    a->stats.pieces = j->cut.pieces;
    a->stats.width = j->width.threads;
    if (s == GP_ACCEL_OK && j->cut.pieces > 1) s = check_meetings(j, g, &l, from, lanes);
    if (j->again) return s;
    return s == GP_ACCEL_OK ? fetch(j, g, &l, keep, from, lanes) : s;
}

/* ---- one group ---- */

static variant *written(job *j, bool cut, bool shared)
{
    variant *v = &j->variant[cut][shared];
    const gp_fuse_opts o = {.name = "goldpit", .cut = cut, .shared = shared ? gp_accel_shared(j->a) : 0};
    if (!v->made) gp_fuse_kernel(j->sets, j->n_sets, &o, &v->f, &v->steps, &v->text);
    v->made = true;
    return v;
}

/* The kernel for lanes of the group, cut or not, with windows where gp_width_choose wants them. */
static gp_accel_status use_kernel(job *j, size_t lanes, int cap, bool cut)
{
    const gp_accel_about *d = &j->a->about;
    const gp_force *force = &j->a->force;
    gp_accel_status s;
    const bool may = force->shared > 0 || (cap >= GP_LONG_SERIES && !force->shared);
    variant *v = written(j, cut, false), *other = v->f.beyond && may ? written(j, cut, true) : v;
    j->width = gp_width_choose(lanes * (size_t)j->cut.pieces, other->f.shared * sizeof(double), d->processors, d->threads, d->shared_block, d->shared_processor);
    if (force->width) j->width.threads = force->width;
    if (force->shared > 0) j->width.shared = other->f.shared && other->f.shared * sizeof(double) * (size_t)j->width.threads <= d->shared_block;
    if (j->width.shared) v = other;
    j->f = &v->f;
    j->kernel = gp_accel_kernel(j->a, v->text.p, j->sets[0]->exact != NULL, &v->steps, &s);
    return s;
}

/* Chooses how the group runs.  Hashes are of all bars in their order: they are not cut, and whoever wants them has many lanes. */
static gp_accel_status choose(job *j, const gp_group *g)
{
    const size_t lanes = (size_t)g->tickers * (size_t)j->n_sets;
    const gp_cut one = {1, g->cap, 0};
    j->cut = j->want->hash || j->again ? one : gp_cut_choose(lanes, g->cap, j->warm, j->a->about.processors, j->a->force.span);
    j->again = false;
    gp_accel_status s = use_kernel(j, lanes, g->cap, j->cut.pieces > 1);
    if (s == GP_ACCEL_OK && j->cut.pieces > 1 && j->kernel->torn) {
        j->cut = one;
        s = use_kernel(j, lanes, g->cap, false);
    }
    return s;
}

static size_t lanes_at_once(const job *j, const gp_group *g, int keep, size_t lanes)
{
    const layout one = lay_out(j, g, keep, 256), two = lay_out(j, g, keep, 512);
    const size_t a_lane = (two.all - one.all) / 256 + 1, fixed = one.all;
    size_t left = 0, n = lanes;
    if (j->a->api->left(j->a->device, &left) != GP_ACCEL_OK) return n;
    left += j->a->block_bytes;
    left -= left / 10;
    if (left > fixed && n > (left - fixed) / a_lane) n = (left - fixed) / a_lane;
    if (j->want->out && n > staging_bytes / sizeof(double) / (size_t)keep) n = staging_bytes / sizeof(double) / (size_t)keep;
    return n < FEWEST ? (lanes < FEWEST ? lanes : FEWEST) : n;
}

/* Lanes from *done on; *done says how far it came. */
static gp_accel_status run_group(job *j, const gp_group *g, size_t *done)
{
    const size_t all = (size_t)g->tickers * (size_t)j->n_sets;
    const int keep = kept_bars(j, g);
    double *facts = gp_tile_facts(j->sets[0], j->m->lane + g->first, g->tickers);
    gp_accel_status s = GP_ACCEL_OK;
    size_t n = lanes_at_once(j, g, keep, all);
    while (*done < all && s == GP_ACCEL_OK) {
        const size_t lanes = all - *done < n ? all - *done : n;
        s = launch(j, g, facts, keep, *done, lanes);
        if (s == GP_ACCEL_OK && j->again) {
            s = choose(j, g);
            if (s == GP_ACCEL_OK) n = lanes_at_once(j, g, keep, all);
        } else if (s == GP_ACCEL_OK) {
            *done += lanes;
        } else if (s == GP_ACCEL_NO_MEMORY) {
            j->a->stats.smaller++;
            if (lanes > FEWEST) n = lanes / 2 < FEWEST ? FEWEST : lanes / 2, s = GP_ACCEL_OK;
            else if (gp_markets_away(j->a, g)) s = GP_ACCEL_OK;
        }
    }
    free(facts);
    return s;
}

static void run_groups(job *j, bool can)
{
    gp_accel *a = j->a;
    for (size_t k = 0; k < j->m->groups.n; k++) {
        size_t done = 0;
        gp_accel_status s = GP_ACCEL_LOST;
        j->torn = 0;
        j->again = false;
        if (a->device && can) {
            s = choose(j, &j->m->groups.at[k]);
            can = s != GP_ACCEL_REFUSED;
            if (s == GP_ACCEL_OK) s = gp_group_here(j->m, &j->m->groups.at[k]);
            if (s == GP_ACCEL_OK) s = run_group(j, &j->m->groups.at[k], &done);
            if (s == GP_ACCEL_NO_MEMORY && gp_group_split(j->m, k)) {
                a->stats.smaller++;
                k--;
                continue;
            }
            gp_accel_note(a, s);
        }
        const gp_group *g = &j->m->groups.at[k];
        const size_t all = (size_t)g->tickers * (size_t)j->n_sets;
        a->stats.device += done - j->torn;
        a->stats.host += all - done + j->torn;
        if (done < all) gp_vec_push(&j->rests, ((rest){g->first, g->tickers, done, all}));
    }
}

/* ---- programs that are only partly for the device: set by set ---- */

typedef struct halves { const job *j; const gp_split *s; gp_vm **vm; double **rows; int n, set; } halves; /* rows of the device's part, from the first bar on */

static void host_half(void *ctx, int worker, size_t item)
{
    const halves *h = ctx;
    const job *j = h->j;
    const int set = h->set, ticker = (int)item * GP_VM_LANES;
    const int lanes = j->m->tickers - ticker < GP_VM_LANES ? j->m->tickers - ticker : GP_VM_LANES;
    const gp_program *p = j->sets[set];
    const size_t n_ext = p->externals.n, n_host = h->s->host->slots.n;
    gp_lane some[GP_VM_LANES];
    const double **ext = gp_xcalloc(GP_VM_LANES * (n_ext + (size_t)h->s->n_between) + 1, sizeof *ext);
    double **out = gp_xcalloc(GP_VM_LANES * n_host + 1, sizeof *out);
    for (int l = 0; l < lanes; l++) {
        const gp_lane *lane = &j->m->lane[ticker + l];
        const double **mine = ext + (size_t)l * (n_ext + (size_t)h->s->n_between);
        for (size_t k = 0; k < n_ext; k++) mine[k] = lane->ext ? lane->ext[k] : NULL;
        for (int k = 0; k < h->s->n_between; k++) mine[n_ext + (size_t)k] = h->rows[(size_t)(ticker + l) * (size_t)h->n + (size_t)h->s->between[k]];
        some[l] = *lane;
        some[l].ext = mine;
        some[l].from = 0;
        some[l].out = out + (size_t)l * n_host;
        for (size_t r = 0; r < n_host; r++) out[(size_t)l * n_host + r] = gp_xcalloc((size_t)lane->n + 1, sizeof(double));
    }
    if (!h->vm[worker]) h->vm[worker] = gp_vm_new(h->s->host, NULL);
    gp_vm_run(h->vm[worker], some, lanes);
    for (int l = 0; l < lanes; l++) {
        const gp_lane *lane = &j->m->lane[ticker + l];
        const int from = from_of(j, lane);
        for (int r = 0; r < j->slots; r++) {
            const int at = h->s->slot[r];
            const double *row = at >= 0 ? h->rows[(size_t)(ticker + l) * (size_t)h->n + (size_t)at] : some[l].out[-1 - at];
            double *to = j->want->out ? rows_of(j, set, ticker + l)[r] : NULL;
            if (to && lane->n > from) memcpy(to, row + from, (size_t)(lane->n - from) * sizeof *to);
            if (!j->want->hash) continue;
            uint64_t sum = GP_HASH_START;
            for (int i = 0; i < lane->n; i++) sum = gp_hash_value(sum, row[i]);
            hashes_of(j, set, ticker + l)[r] = sum;
        }
        for (size_t r = 0; r < n_host; r++) free(some[l].out[r]);
    }
    free(ext);
    free(out);
}

static void run_split(const job *j, const gp_split *s, int set)
{
    const int tickers = j->m->tickers, n = (int)s->device->slots.n;
    const gp_program *part = s->device;
    halves h = {.j = j, .s = s, .set = set, .n = n, .rows = gp_xcalloc((size_t)tickers * (size_t)n + 1, sizeof *h.rows)};
    for (int k = 0; k < tickers; k++)
        for (int r = 0; r < n; r++) h.rows[(size_t)k * (size_t)n + (size_t)r] = gp_xcalloc((size_t)(j->m->lane[k].n > 0 ? j->m->lane[k].n : 0) + 1, sizeof(double));
    double *const *const rows = h.rows;
    gp_accel_run(j->a, j->m, &part, 1, &(gp_accel_want){.out = &rows, .whole = true, .jobs = j->want->jobs});
    const size_t tiles = ((size_t)tickers + GP_VM_LANES - 1) / GP_VM_LANES;
    const int jobs = gp_pool_jobs(j->want->jobs, tiles);
    h.vm = gp_xcalloc((size_t)jobs, sizeof *h.vm);
    gp_pool_run(jobs, tiles, host_half, &h);
    for (int k = 0; k < jobs; k++)
        if (h.vm[k]) gp_vm_free(h.vm[k]);
    free(h.vm);
    for (size_t k = 0; k < (size_t)tickers * (size_t)n; k++) free(h.rows[k]);
    free(h.rows);
}

/* False: no part of the program is for the device. */
static bool run_in_two(const job *j)
{
    for (int set = 0; set < j->n_sets; set++) {
        gp_split s;
        if (!gp_split_new(j->sets[set], &s)) return false; /* of the first one already: all have its shape */
        run_split(j, &s, set);
        gp_split_fini(&s);
    }
    return true;
}

void gp_accel_refuse(gp_accel *a, const gp_program *p, const char *why)
{
    const char *name = NULL;
    for (size_t k = 0; k < p->code.n && !name; k++)
        if (p->code.at[k].fn && gp_fuse_refuses(p->code.at[k].fn)) name = p->code.at[k].fn->name;
    if (!a->refusal[0]) snprintf(a->refusal, sizeof a->refusal, "%s%s%s", name ? name : "", name ? ": " : "", why);
}

static void run_family(job *j)
{
    gp_accel *a = j->a;
    const char *why = NULL, *whole, *name;
    const bool can = gp_fuse_can(j->sets[0], &why);
    j->warm = gp_cut_warm(j->sets, j->n_sets, &whole, &name);
    pthread_mutex_lock(&a->lock);
    const bool ready = a->device;
    pthread_mutex_unlock(&a->lock);
    if (!can && ready && run_in_two(j)) return;
    pthread_mutex_lock(&a->lock);
    if (!can && a->device) gp_accel_refuse(a, j->sets[0], why ? why : "it has no kernel");
    run_groups(j, can);
    pthread_mutex_unlock(&a->lock);
    for (size_t k = 0; k < j->rests.n; k++) host_lanes(j, &j->rests.at[k]);
    gp_vec_free(&j->rests);
    for (int k = 0; k < 4; k++) {
        gp_fused_fini(&j->variant[k / 2][k % 2].f);
        gp_buf_free(&j->variant[k / 2][k % 2].text);
    }
    free(j->staging);
}

void gp_accel_own(gp_accel *a, gp_accel_market *m, const gp_program **sets, int *index, int n_sets, const gp_accel_want *want)
{
    job j = {.a = a, .m = m, .sets = sets, .index = index, .n_sets = n_sets, .slots = gp_program_n_slots(sets[0]), .want = want};
    run_family(&j);
}
