/* Sets of parameters that share a kernel (choose.c sorts them) over a market: group by group, as many lanes at
 * a time as there is memory for; what remains undone is the processor's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "accel/run.h"

enum { FEWEST = 32 };                                 /* lanes a launch below which it is not worth trying */
static const size_t staging_bytes = (size_t)256 << 20; /* one row of results on its way back */

/* ---- one launch ---- */

typedef struct layout { size_t numbers, lengths, facts, hash, meet, scratch, flat, out, all; } layout;

static size_t room(size_t *all, size_t bytes)
{
    const size_t at = *all;
    *all += (bytes + 255) / 256 * 256;
    return at;
}

/* Bars that a thread goes through. */
static int rows_kept(const gp_job *j, const gp_group *g)
{
    return j->cut.pieces > 1 && j->cut.span < g->cap - j->cut.warm ? j->cut.span + j->cut.warm : g->cap;
}

static layout lay_out(const gp_job *j, const gp_group *g, int keep, size_t lanes)
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
static int kept_bars(const gp_job *j, const gp_group *g)
{
    int keep = 1;
    for (int k = 0; k < g->tickers; k++) {
        const gp_lane *lane = &j->m->lane[g->first + k];
        const int bars = lane->n - gp_job_from(j, lane);
        keep = bars > keep ? bars : keep;
    }
    return keep;
}

static double *stage(gp_job *j, size_t n)
{
    if (n > j->staged) {
        free(j->staging);
        j->staging = gp_xcalloc(n, sizeof *j->staging);
        j->staged = n;
    }
    return j->staging;
}

/* A row comes bar by bar, lanes side by side; some lanes at a time, so that a line of memory is read once. */
static void spread_row(const gp_job *j, const gp_group *g, int row, int keep, size_t from, size_t lanes)
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
            to[k] = gp_job_rows(j, (int)(number / (size_t)g->tickers), ticker)[row];
            first[k] = keep - (lane->n - gp_job_from(j, lane));
        }
        for (int t = 0; t < keep; t++)
            for (int k = 0; k < some; k++)
                if (to[k] && t >= first[k]) to[k][t - first[k]] = j->staging[(size_t)t * lanes + l + (size_t)k];
    }
}

static bool row_wanted(const gp_job *j, const gp_group *g, int row, size_t from, size_t lanes)
{
    for (size_t l = from; l < from + lanes; l++)
        if (gp_job_rows(j, (int)(l / (size_t)g->tickers), g->first + (int)(l % (size_t)g->tickers))[row]) return true;
    return false;
}

static gp_accel_status fetch(gp_job *j, const gp_group *g, const layout *l, int keep, size_t from, size_t lanes)
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
            gp_job_hashes(j, (int)((from + k) / (size_t)g->tickers), g->first + (int)((from + k) % (size_t)g->tickers))[r] = hash[(size_t)r * lanes + k];
    free(hash);
    return s;
}

/* Lanes whose pieces do not meet: some are the processor's; of many, the whole launch is run again in one piece, and no other is cut with
 * that kernel. */
static gp_accel_status check_meetings(gp_job *j, const gp_group *g, const layout *l, size_t from, size_t lanes)
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
            if (pass) gp_vec_push(&j->rests, ((gp_rest){g->first, g->tickers, from + k, from + k + 1}));
        }
        j->again = torn > lanes / 8;
    }
    j->a->stats.torn += torn;
    if (j->again) j->kernel->torn = true;
    else j->torn += torn;
    free(meet);
    return s;
}

static gp_accel_status launch(gp_job *j, const gp_group *g, const double *facts, int keep, size_t from, size_t lanes)
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
    if (!gp_tile_columns(&here, j->f, args.column)) {
        gp_accel_refuse(a, j->sets[0], gp_tile_lacks);
        return GP_ACCEL_REFUSED;
    }
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

static gp_variant *written(gp_job *j, bool cut, bool shared)
{
    gp_variant *v = &j->variant[cut][shared];
    const gp_fuse_opts o = {.name = "goldpit", .cut = cut, .shared = shared ? gp_accel_shared(j->a) : 0, .blocks = j->a->force.blocks};
    if (!v->made) gp_fuse_kernel(j->sets, j->n_sets, &o, &v->f, &v->steps, &v->text);
    v->made = true;
    return v;
}

/* The kernel for lanes of the group, cut or not, with windows where gp_width_choose wants them. */
static gp_accel_status use_kernel(gp_job *j, size_t lanes, int cap, bool cut)
{
    const gp_accel_about *d = &j->a->about;
    const gp_force *force = &j->a->force;
    gp_accel_status s;
    const bool may = force->shared > 0 || (cap >= GP_LONG_SERIES && !force->shared);
    gp_variant *v = written(j, cut, false), *other = v->f.beyond && may ? written(j, cut, true) : v;
    j->width = gp_width_choose(lanes * (size_t)j->cut.pieces, other->f.shared * sizeof(double), d->processors, d->threads, d->shared_block, d->shared_processor);
    if (force->width) j->width.threads = force->width;
    if (force->shared > 0) j->width.shared = other->f.shared && other->f.shared * sizeof(double) * (size_t)j->width.threads <= d->shared_block;
    if (j->width.shared) v = other;
    j->f = &v->f;
    j->kernel = gp_accel_kernel(j->a, v->text.p, j->sets[0]->exact != NULL, &v->steps, &s);
    return s;
}

/* Chooses how the group runs.  Hashes are of all bars in their order: they are not cut, and whoever wants them has many lanes. */
static gp_accel_status choose(gp_job *j, const gp_group *g)
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

static size_t lanes_at_once(const gp_job *j, const gp_group *g, int keep, size_t lanes)
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
static gp_accel_status run_group(gp_job *j, const gp_group *g, size_t *done)
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

static void run_groups(gp_job *j, bool can)
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
        if (done < all) gp_vec_push(&j->rests, ((gp_rest){g->first, g->tickers, done, all}));
    }
}

void gp_accel_refuse(gp_accel *a, const gp_program *p, const char *why)
{
    const char *name = NULL;
    for (size_t k = 0; k < p->code.n && !name; k++)
        if (p->code.at[k].fn && gp_fuse_refuses(p->code.at[k].fn)) name = p->code.at[k].fn->name;
    if (!a->refusal[0] || a->together) snprintf(a->refusal, sizeof a->refusal, "%s%s%s", name ? name : "", name ? ": " : "", why);
    a->together = false;
}

static void run_family(gp_job *j)
{
    gp_accel *a = j->a;
    const char *why = NULL, *whole, *name;
    const bool can = gp_fuse_can(j->sets[0], &why);
    j->warm = gp_cut_warm(j->sets, j->n_sets, &whole, &name);
    pthread_mutex_lock(&a->lock);
    const bool ready = a->device;
    pthread_mutex_unlock(&a->lock);
    if (!can && ready && gp_host_in_two(j)) return;
    pthread_mutex_lock(&a->lock);
    if (!can && a->device) gp_accel_refuse(a, j->sets[0], why ? why : "it has no kernel");
    run_groups(j, can);
    pthread_mutex_unlock(&a->lock);
    for (size_t k = 0; k < j->rests.n; k++) gp_host_lanes(j, &j->rests.at[k]);
    gp_vec_free(&j->rests);
    for (int k = 0; k < 4; k++) {
        gp_fused_fini(&j->variant[k / 2][k % 2].f);
        gp_buf_free(&j->variant[k / 2][k % 2].text);
    }
    free(j->staging);
}

void gp_accel_own(gp_accel *a, gp_accel_market *m, const gp_program **sets, int *index, int n_sets, const gp_accel_want *want)
{
    gp_job j = {.a = a, .m = m, .sets = sets, .index = index, .n_sets = n_sets, .slots = gp_program_n_slots(sets[0]), .want = want};
    run_family(&j);
}
