/* Files go to threads in batches of similar size, so that the lanes of a tile are about equally long; memory does not grow with the
 * universe. */
#include "worth/walk.h"
#include <stdlib.h>
#include "base/vec.h"
#include "eval/vm.h"
#include "screen/feed.h"
#include "screen/lane.h"
#include "screen/pool.h"

enum { BATCH_BYTES = 16 << 20 }; /* a file beyond this is read alone */

typedef struct ticker { const gp_bars *bars; size_t input, index; } ticker;

typedef struct worker {
    gp_vm *vm;
    gp_feed *feed;
    GP_VEC(ticker) tickers;
    gp_read_result *read; /* GP_WALK_FILES of them */
    double *out;          /* results of one tile */
    size_t out_cap;
    double **slots;       /* GP_VM_LANES * n_slots pointers */
    gp_walk_result sum;
} worker;

typedef struct sized { size_t bytes, input; } sized;
typedef struct batch { size_t first, n; } batch;

typedef struct walk {
    const gp_program *p;
    const gp_inputs *inputs;
    const gp_walk_opts *o;
    gp_walk_fn *fn;
    void *ctx;
    gp_read_opts read;
    size_t n_slots;
    sized *order;
    batch *batches;
    size_t n_batches;
    worker *workers;
    gp_diags *diags;  /* one list per input */
    size_t done;      /* inputs finished; updated atomically */
} walk;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->input < y->input ? -1 : x->input > y->input;
}

/* A few files on many threads go out one by one; thousands in groups that fill a tile. */
static void make_batches(walk *s)
{
    size_t n = s->inputs->n, per = n / ((size_t)s->o->jobs * 2);
    per = per < 1 ? 1 : per > GP_WALK_FILES ? GP_WALK_FILES : per;
    s->order = gp_xcalloc(n, sizeof *s->order);
    s->batches = gp_xcalloc(n, sizeof *s->batches);
    for (size_t i = 0; i < n; i++)
        s->order[i] = (sized){s->inputs->at[i].bytes, i};
    if (n)
        qsort(s->order, n, sizeof *s->order, by_size);
    for (size_t i = 0; i < n;) {
        batch *b = &s->batches[s->n_batches++];
        size_t bytes = s->order[i].bytes;
        *b = (batch){i++, 1};
        while (i < n && b->n < per && bytes + s->order[i].bytes <= BATCH_BYTES) {
            bytes += s->order[i++].bytes;
            b->n++;
        }
    }
}

static int by_length(const void *a, const void *b)
{
    const ticker *x = a, *y = b;
    return x->bars->n != y->bars->n ? (x->bars->n < y->bars->n ? 1 : -1) : x->input != y->input ? (x->input < y->input ? -1 : 1)
           : x->index < y->index ? -1 : x->index > y->index;
}

static void run_tile(const walk *s, int id, const ticker *t, int lanes)
{
    worker *w = &s->workers[id];
    gp_lane lane[GP_VM_LANES] = {0};
    size_t need = 0, at = 0;
    for (int l = 0; l < lanes; l++)
        need += (size_t)s->o->n_wanted * (size_t)t[l].bars->n;
    if (need > w->out_cap) {
        free(w->out);
        w->out_cap = need + need / 4;
        w->out = gp_xaligned(w->out_cap * sizeof *w->out);
    }
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

static void open_worker(const walk *s, worker *w)
{
    w->vm = gp_vm_new(s->p, NULL);
    w->feed = gp_feed_new(s->p, s->o->companions);
    w->slots = gp_xcalloc(GP_VM_LANES * (s->n_slots + 1), sizeof *w->slots);
    w->read = gp_xcalloc(GP_WALK_FILES, sizeof *w->read);
}

static bool accepted(const walk *s, const gp_read_result *r, size_t input)
{
    for (int k = 0; s->o->companions && k < r->n; k++)
        if (!gp_companions_accept(s->o->companions, &r->at[k], &s->diags[input]))
            return false;
    return true;
}

static void run_batch(void *ctx, int id, size_t item)
{
    walk *s = ctx;
    worker *w = &s->workers[id];
    const batch *b = &s->batches[item];
    if (!w->vm)
        open_worker(s, w);
    w->tickers.n = 0;
    for (size_t i = 0; i < b->n; i++) {
        const size_t input = s->order[b->first + i].input;
        gp_read_result *r = &w->read[i];
        *r = (gp_read_result){0};
        if (!gp_read_input(s->inputs, input, &s->read, r, &s->diags[input]) || !accepted(s, r, input)) {
            w->sum.skipped++;
            continue;
        }
        w->sum.rows += r->rows;
        w->sum.bytes += r->bytes;
        for (int k = 0; k < r->n; k++) {
            if (r->at[k].n > w->sum.longest)
                w->sum.longest = r->at[k].n;
            if (r->at[k].n > 0)
                gp_vec_push(&w->tickers, ((ticker){&r->at[k], input, (size_t)k}));
        }
    }
    w->sum.tickers += w->tickers.n;
    if (w->tickers.n > 1)
        qsort(w->tickers.at, w->tickers.n, sizeof *w->tickers.at, by_length);
    for (size_t i = 0; i < w->tickers.n; i += GP_VM_LANES) {
        const size_t lanes = w->tickers.n - i < GP_VM_LANES ? w->tickers.n - i : GP_VM_LANES;
        run_tile(s, id, w->tickers.at + i, (int)lanes);
    }
    for (size_t i = 0; i < b->n; i++)
        gp_read_result_fini(&w->read[i]);
    const size_t done = __atomic_add_fetch(&s->done, b->n, __ATOMIC_RELAXED);
    if (id == 0 && s->o->progress)
        s->o->progress(s->o->progress_ctx, done, s->inputs->n);
}

static void close_worker(worker *w, gp_walk_result *out)
{
    out->tickers += w->sum.tickers;
    out->skipped += w->sum.skipped;
    out->rows += w->sum.rows;
    out->bytes += w->sum.bytes;
    out->longest = w->sum.longest > out->longest ? w->sum.longest : out->longest;
    if (w->vm)
        gp_vm_free(w->vm);
    gp_feed_free(w->feed);
    gp_vec_free(&w->tickers);
    free(w->read);
    free(w->out);
    free(w->slots);
}

void gp_walk_run(const gp_program *p, const gp_inputs *inputs, const gp_walk_opts *o, gp_walk_fn *fn, void *ctx, gp_walk_result *out, gp_diags *d)
{
    walk s = {.p = p, .inputs = inputs, .o = o, .fn = fn, .ctx = ctx, .n_slots = (size_t)gp_program_n_slots(p)};
    *out = (gp_walk_result){.inputs = inputs->n};
    s.read.need = gp_program_needs(p) | o->need;
    s.read.want = s.read.need | o->want;
    if (o->companions)
        gp_companions_read_opts(o->companions, &s.read);
    s.read.need |= o->need;
    s.read.want |= s.read.need | o->want;
    s.read.csv_path = o->csv_path;
    make_batches(&s);
    s.diags = gp_xcalloc(inputs->n, sizeof *s.diags);
    s.workers = gp_xcalloc((size_t)o->jobs, sizeof *s.workers);
    gp_pool_run(o->jobs, s.n_batches, run_batch, &s);
    for (int i = 0; i < o->jobs; i++)
        close_worker(&s.workers[i], out);
    for (size_t i = 0; i < inputs->n; i++)
        gp_diags_append(d, &s.diags[i]);
    for (size_t i = 0; i < inputs->n; i++)
        gp_diags_fini(&s.diags[i]);
    free(s.workers);
    free(s.diags);
    free(s.batches);
    free(s.order);
}
