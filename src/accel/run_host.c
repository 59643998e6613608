/* What the processor does of a run: lanes that the device leaves undone, and the parts of programs that are not for it. */
#include <stdlib.h>
#include <string.h>
#include "accel/run.h"
#include "accel/split.h"
#include "base/pool.h"

static void hash_rows(const gp_job *j, int set, const gp_lane *lane, int ticker)
{
    for (int r = 0; r < j->slots; r++) {
        uint64_t h = GP_HASH_START;
        for (int i = 0; i < lane->n; i++) h = gp_hash_value(h, lane->out[r][i]);
        gp_job_hashes(j, set, ticker)[r] = h;
    }
}

static void copy_rows(const gp_job *j, int set, const gp_lane *asked, const gp_lane *ran, int ticker)
{
    for (int r = 0; r < j->slots; r++) {
        double *to = gp_job_rows(j, set, ticker)[r];
        const int from = gp_job_from(j, asked);
        if (to && asked->n > from) memcpy(to, ran->out[r] + from, (size_t)(asked->n - from) * sizeof *to);
    }
}

/* Hashes are of all bars, so all are computed into rows of their own. */
static void host_hashes(const gp_job *j, gp_vm *vm, int set, int ticker, int lanes)
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
    const gp_job *j;
    const gp_rest *x;
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
    const gp_job *j = h->j;
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
        some[l].from = gp_job_from(j, &some[l]);
        some[l].out = gp_job_rows(j, (int)set, first + l);
    }
    gp_vm_run(vm, some, lanes);
}

static void host_share(void *ctx, int worker, size_t item)
{
    const host *h = ctx;
    const size_t set = h->x->from / (size_t)h->x->tickers + item / h->shares, begin = item % h->shares * h->share;
    for (size_t tile = begin; tile < begin + h->share && tile < h->tiles; tile++) host_tile(h, worker, set, tile);
}

void gp_host_lanes(const gp_job *j, const gp_rest *x)
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
    const gp_job j = {.m = m, .sets = &p, .index = &index, .n_sets = 1, .slots = gp_program_n_slots(p), .want = want};
    gp_host_lanes(&j, &(gp_rest){first, tickers, 0, (size_t)tickers});
}

/* ---- programs that are only partly for the device: set by set ---- */

typedef struct halves { const gp_job *j; const gp_split *s; gp_vm **vm; double **rows; int n, set; } halves; /* rows of the device's part, from the first bar on */

static void host_half(void *ctx, int worker, size_t item)
{
    const halves *h = ctx;
    const gp_job *j = h->j;
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
        const int from = gp_job_from(j, lane);
        for (int r = 0; r < j->slots; r++) {
            const int at = h->s->slot[r];
            const double *row = at >= 0 ? h->rows[(size_t)(ticker + l) * (size_t)h->n + (size_t)at] : some[l].out[-1 - at];
            double *to = j->want->out ? gp_job_rows(j, set, ticker + l)[r] : NULL;
            if (to && lane->n > from) memcpy(to, row + from, (size_t)(lane->n - from) * sizeof *to);
            if (!j->want->hash) continue;
            uint64_t sum = GP_HASH_START;
            for (int i = 0; i < lane->n; i++) sum = gp_hash_value(sum, row[i]);
            gp_job_hashes(j, set, ticker + l)[r] = sum;
        }
        for (size_t r = 0; r < n_host; r++) free(some[l].out[r]);
    }
    free(ext);
    free(out);
}

static void run_split(const gp_job *j, const gp_split *s, int set)
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

bool gp_host_in_two(const gp_job *j)
{
    for (int set = 0; set < j->n_sets; set++) {
        gp_split s;
        if (!gp_split_new(j->sets[set], &s)) return false; /* of the first one already: all have its shape */
        run_split(j, &s, set);
        gp_split_fini(&s);
    }
    return true;
}
