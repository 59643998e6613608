/* Files go to threads in batches of similar size, so that the lanes of a tile are about equally long. */
#include "worth/tiles.h"
#include <stdlib.h>
#include "base/pool.h"
#include "base/vec.h"
#include "eval/vm.h"

enum { BATCH_BYTES = 16 << 20 /* a file beyond this is read alone */, WHOLE_FILES = 2048 };

typedef struct worker {
    GP_VEC(gp_tile_ticker) tickers;
    gp_read_result *read; /* as many as a batch has files */
    size_t n_read;
    gp_walk_result sum;
} worker;

typedef struct sized { size_t bytes, input; } sized;
typedef struct batch { size_t first, n; } batch;

typedef struct tiles {
    const gp_inputs *inputs;
    const gp_tiles_opts *o;
    gp_tile_fn *fn;
    void *ctx;
    gp_read_opts read;
    sized *order;
    batch *batches;
    size_t n_batches;
    worker *workers;
    gp_diags *diags;  /* one list per input */
    size_t done;      /* inputs finished; updated atomically */
} tiles;

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->input < y->input ? -1 : x->input > y->input;
}

/* A few files on many threads go out one by one; thousands in groups that fill a tile. */
static void make_batches(tiles *s)
{
    const size_t jobs = (size_t)s->o->jobs, at_most = s->o->whole ? GP_WALK_WHOLE / jobs : BATCH_BYTES, most = s->o->whole ? WHOLE_FILES / jobs + 1 : GP_WALK_FILES;
    size_t n = s->inputs->n, per = n / (jobs * 2);
    per = per < 1 ? 1 : per > most ? most : per;
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
        while (i < n && b->n < per && bytes + s->order[i].bytes <= at_most) {
            bytes += s->order[i++].bytes;
            b->n++;
        }
    }
}

static int by_length(const void *a, const void *b)
{
    const gp_tile_ticker *x = a, *y = b;
    return x->bars->n != y->bars->n ? (x->bars->n < y->bars->n ? 1 : -1) : x->input != y->input ? (x->input < y->input ? -1 : 1)
           : x->index < y->index ? -1 : x->index > y->index;
}

static bool accepted(const tiles *s, const gp_read_result *r, size_t input)
{
    for (int k = 0; s->o->companions && k < r->n; k++)
        if (!gp_companions_accept(s->o->companions, &r->at[k], &s->diags[input]))
            return false;
    return true;
}

static void run_batch(void *ctx, int id, size_t item)
{
    tiles *s = ctx;
    worker *w = &s->workers[id];
    const batch *b = &s->batches[item];
    if (s->o->stop && atomic_load(s->o->stop))
        return;
    if (b->n > w->n_read) {
        w->n_read = b->n;
        w->read = gp_xrealloc(w->read, w->n_read * sizeof *w->read);
    }
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
                gp_vec_push(&w->tickers, ((gp_tile_ticker){&r->at[k], input, (size_t)k}));
        }
    }
    w->sum.tickers += w->tickers.n;
    if (w->tickers.n > 1)
        qsort(w->tickers.at, w->tickers.n, sizeof *w->tickers.at, by_length);
    const size_t side_by_side = s->o->whole ? w->tickers.n : GP_VM_LANES;
    for (size_t i = 0; i < w->tickers.n; i += side_by_side) {
        const size_t lanes = w->tickers.n - i < side_by_side ? w->tickers.n - i : side_by_side;
        s->fn(s->ctx, id, w->tickers.at + i, (int)lanes);
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
    gp_vec_free(&w->tickers);
    free(w->read);
}

void gp_tiles_run(const gp_inputs *inputs, const gp_tiles_opts *o, gp_tile_fn *fn, void *ctx, gp_walk_result *out, gp_diags *d)
{
    tiles s = {.inputs = inputs, .o = o, .fn = fn, .ctx = ctx};
    *out = (gp_walk_result){.inputs = inputs->n};
    if (o->companions)
        gp_companions_read_opts(o->companions, &s.read);
    s.read.need |= o->need;
    s.read.want |= s.read.need | o->want;
    s.read.csv_path = o->csv_path;
    s.read.limits = true; /* how far a price may go hangs on it */
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
