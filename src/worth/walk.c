#include "worth/walk.h"
#include <stdlib.h>
#include "base/vec.h"
#include "eval/vm.h"
#include "screen/feed.h"
#include "screen/lane.h"

typedef struct worker {
    gp_vm *vm;
    gp_feed *feed;
    double *out;          /* results of one tile */
    size_t out_cap;
    double **slots;       /* GP_VM_LANES * n_slots pointers; on a device as many as a batch has tickers */
    gp_feed **feeds;      /* on a device: one for each GP_VM_LANES tickers of a batch */
    gp_lane *lane;
    size_t n_feeds;
} worker;

typedef struct walk {
    const gp_program *p;
    const gp_walk_opts *o;
    gp_walk_fn *fn;
    void *ctx;
    size_t n_slots;
    worker *workers;
} walk;

static double *room_for(worker *w, size_t n)
{
    if (n > w->out_cap) {
        free(w->out);
        w->out_cap = n + n / 4;
        w->out = gp_xaligned(w->out_cap * sizeof *w->out);
    }
    return w->out;
}

static void open_worker(const walk *s, worker *w)
{
    w->vm = gp_vm_new(s->p, NULL);
    w->feed = gp_feed_new(s->p, s->o->companions);
    w->slots = gp_xcalloc(GP_VM_LANES * (s->n_slots + 1), sizeof *w->slots);
}

static void run_tile(void *ctx, int id, const gp_tile_ticker *t, int lanes)
{
    const walk *s = ctx;
    worker *w = &s->workers[id];
    gp_lane lane[GP_VM_LANES] = {0};
    size_t need = 0, at = 0;
    if (!w->vm)
        open_worker(s, w);
    for (int l = 0; l < lanes; l++)
        need += (size_t)s->o->n_wanted * (size_t)t[l].bars->n;
    room_for(w, need);
    for (int l = 0; l < lanes; l++) {
        double **slots = w->slots + (size_t)l * (s->n_slots + 1);
        for (int k = 0; k < s->o->n_wanted; k++) {
            slots[s->o->wanted[k]] = w->out + at;
            at += (size_t)t[l].bars->n;
        }
        lane[l] = gp_lane_of(t[l].bars, t[l].bars->n, 0, slots);
        gp_feed_fill(w->feed, l, t[l].bars, t[l].bars->n, &lane[l]);
    }
    gp_vm_run(w->vm, lane, lanes);
    for (int l = 0; l < lanes; l++) {
        const gp_walk_ticker one = {t[l].bars, w->slots + (size_t)l * (s->n_slots + 1), t[l].input, t[l].index};
        s->fn(s->ctx, id, &one);
    }
}

/* ---- on a device: all tickers of a batch at once ---- */

/* A feed holds the columns of GP_VM_LANES tickers; those of a batch have to stay until it has run. */
static void more_feeds(const walk *s, worker *w, size_t n)
{
    const size_t tiles = (n + GP_VM_LANES - 1) / GP_VM_LANES;
    if (tiles <= w->n_feeds)
        return;
    w->feeds = gp_xrealloc(w->feeds, tiles * sizeof *w->feeds);
    w->lane = gp_xrealloc(w->lane, tiles * GP_VM_LANES * sizeof *w->lane);
    free(w->slots);
    w->slots = gp_xcalloc(tiles * GP_VM_LANES * s->n_slots + 1, sizeof *w->slots);
    while (w->n_feeds < tiles)
        w->feeds[w->n_feeds++] = gp_feed_new(s->p, s->o->companions);
}

static void run_batch(void *ctx, int id, const gp_tile_ticker *t, int n)
{
    const walk *s = ctx;
    worker *w = &s->workers[id];
    size_t need = 0, at = 0;
    more_feeds(s, w, (size_t)n);
    for (int l = 0; l < n; l++)
        need += (size_t)s->o->n_wanted * (size_t)t[l].bars->n;
    room_for(w, need);
    for (int l = 0; l < n; l++) {
        double **slots = w->slots + (size_t)l * s->n_slots;
        for (int k = 0; k < s->o->n_wanted; k++) {
            slots[s->o->wanted[k]] = w->out + at;
            at += (size_t)t[l].bars->n;
        }
        w->lane[l] = gp_lane_of(t[l].bars, t[l].bars->n, 0, NULL);
        gp_feed_fill(w->feeds[l / GP_VM_LANES], l % GP_VM_LANES, t[l].bars, t[l].bars->n, &w->lane[l]);
    }
    double *const *const rows = w->slots;
    gp_accel_market *m = gp_accel_market_new(s->o->accel, &s->p, 1, w->lane, n);
    gp_accel_run(s->o->accel, m, &s->p, 1, &(gp_accel_want){.out = &rows, .jobs = 1}); /* batches are shared out to threads already */
    gp_accel_market_free(m);
    for (int l = 0; l < n; l++) {
        const gp_walk_ticker one = {t[l].bars, w->slots + (size_t)l * s->n_slots, t[l].input, t[l].index};
        s->fn(s->ctx, id, &one);
    }
}

static void close_worker(worker *w)
{
    for (size_t k = 0; k < w->n_feeds; k++)
        gp_feed_free(w->feeds[k]);
    free(w->feeds);
    free(w->lane);
    if (w->vm)
        gp_vm_free(w->vm);
    gp_feed_free(w->feed);
    free(w->out);
    free(w->slots);
}

void gp_walk_run(const gp_program *p, const gp_inputs *inputs, const gp_walk_opts *o, gp_walk_fn *fn, void *ctx, gp_walk_result *out, gp_diags *d)
{
    walk s = {.p = p, .o = o, .fn = fn, .ctx = ctx, .n_slots = (size_t)gp_program_n_slots(p)};
    const gp_tiles_opts tiles = {.jobs = o->jobs, .need = gp_program_needs(p) | o->need, .want = o->want, .csv_path = o->csv_path,
                                 .whole = o->accel != NULL, .companions = o->companions, .progress = o->progress, .progress_ctx = o->progress_ctx};
    s.workers = gp_xcalloc((size_t)o->jobs, sizeof *s.workers);
    gp_tiles_run(inputs, &tiles, o->accel ? run_batch : run_tile, &s, out, d);
    for (int i = 0; i < o->jobs; i++)
        close_worker(&s.workers[i]);
    free(s.workers);
}
