/* Sets of parameters that share a kernel go out together: lanes are tickers x sets, as many at a time as there is memory for. */
#include "accel/sums.h"
#include <stdlib.h>
#include <string.h>
#include "accel/inside.h"
#include "eval/code.h"

enum { FEWEST = 32 /* lanes of a launch below which it is not worth trying */, MOST_LIKE = 16, MOST_KERNELS = 8 };
static const size_t most_lanes = (size_t)1 << 30; /* lanes are numbered by int */

/* Tickers in one piece of the device's memory: quotes, then what else there is, at so many bytes. */
typedef struct piece {
    int tickers, cap;
    double bars;               /* of a ticker, in the mean */
    void *at;
    size_t bars_at, day, ret, *facts; /* facts: by program of `like` */
} piece;

struct gp_accel_sums {
    gp_accel *a;
    const gp_program *like[MOST_LIKE]; /* each of another shape */
    int n_like, horizons, days;
    gp_fused_column *column;
    int n_columns;
    size_t room;               /* bytes that quotes may take: something has to be left for the lanes */
    size_t taken;
    GP_VEC(piece) pieces;
};

typedef struct job {
    gp_accel_sums *s;
    const gp_program **sets;   /* of this family */
    int *index, n_sets, like, results;
    gp_day_sum *const *sums;
    gp_fused f;
    const gp_ready *kernel;
    uint64_t *cells;           /* on their way back */
    size_t n_cells;
} job;

static size_t rounded(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

/* ---- quotes ---- */

static void add_columns(gp_accel_sums *s, const gp_program *p)
{
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live || val->kind != GP_VAL_LOAD || val->letter == 'I') continue;
        const gp_fused_column c = {val->letter, val->letter == 'X' ? val->text : -1};
        int k = 0;
        while (k < s->n_columns && (s->column[k].letter != c.letter || s->column[k].external != c.external)) k++;
        if (k < s->n_columns) continue;
        s->column = gp_xrealloc(s->column, (size_t)(k + 1) * sizeof *s->column);
        s->column[s->n_columns++] = c;
    }
}

gp_accel_sums *gp_accel_sums_new(gp_accel *a, const gp_program *const *like, int n_like, int horizons, int days)
{
    gp_accel_sums *s = gp_xcalloc(1, sizeof *s);
    s->a = a;
    s->horizons = horizons;
    s->days = days;
    for (int k = 0; k < n_like && s->n_like < MOST_LIKE; k++) {
        bool new = true;
        for (int i = 0; i < s->n_like && new; i++) new = !gp_fuse_same(s->like[i], like[k]);
        if (!new) continue;
        s->like[s->n_like++] = like[k];
        add_columns(s, like[k]);
    }
    pthread_mutex_lock(&a->lock);
    if (a->device && a->api->left(a->device, &s->room) != GP_ACCEL_OK) s->room = 0;
    s->room = s->room / 4 * 3;
    pthread_mutex_unlock(&a->lock);
    return s;
}

static void drop_pieces(gp_accel_sums *s)
{
    for (size_t k = 0; k < s->pieces.n; k++) {
        if (s->a->device) s->a->api->give(s->a->device, s->pieces.at[k].at); /* of one that is lost all memory is gone */
        free(s->pieces.at[k].facts);
    }
    s->pieces.n = 0;
    s->taken = 0;
}

void gp_accel_sums_drop(gp_accel_sums *s)
{
    pthread_mutex_lock(&s->a->lock);
    drop_pieces(s);
    pthread_mutex_unlock(&s->a->lock);
}

void gp_accel_sums_free(gp_accel_sums *s)
{
    if (!s) return;
    gp_accel_sums_drop(s);
    gp_vec_free(&s->pieces);
    free(s->column);
    free(s);
}

/* Bar by bar, tickers side by side, as the tile has them. */
static int32_t *side_by_side(const gp_tile *tile, const gp_accel_outcome *o, int horizons)
{
    const size_t bars = (size_t)tile->cap, tickers = (size_t)tile->tickers;
    int32_t *all = gp_xcalloc(bars * tickers * (size_t)(horizons + 1) + 1, sizeof *all);
    const int32_t **from = gp_xcalloc(tickers + 1, sizeof *from);
    for (int h = 0; h <= horizons; h++) { /* 0: the days */
        for (size_t k = 0; k < tickers; k++) from[k] = h ? o[k].ret + (size_t)(h - 1) * (size_t)tile->bars[k] : o[k].day;
        gp_tile_whole(tile, from, h ? GP_FUSED_NO_RETURN : -1, all + (size_t)h * bars * tickers);
    }
    free(from);
    return all;
}

static gp_accel_status put(gp_accel_sums *s, piece *p, const gp_tile *tile, const gp_lane *lane, const gp_accel_outcome *o)
{
    gp_accel *a = s->a;
    const size_t tickers = (size_t)p->tickers, quotes = gp_tile_bytes(tile), days = (size_t)p->cap * tickers * sizeof(int32_t);
    size_t all = p->bars_at = rounded(quotes);
    all = p->day = rounded(all + tickers * sizeof(int));
    all = p->ret = all + days;
    all = rounded(all + days * (size_t)s->horizons);
    for (int k = 0; k < s->n_like; k++) {
        p->facts[k] = all;
        all = rounded(all + s->like[k]->lane_vals.n * tickers * sizeof(double));
    }
    if (s->taken + all > s->room) return GP_ACCEL_NO_MEMORY;
    gp_accel_status status = gp_accel_take(a, all, &p->at);
    if (status != GP_ACCEL_OK) {
        p->at = NULL;
        return status;
    }
    char *to = p->at;
    int32_t *outcomes = side_by_side(tile, o, s->horizons);
    status = gp_accel_upload(a, to, tile->quotes, quotes);
    if (status == GP_ACCEL_OK) status = gp_accel_upload(a, to + p->bars_at, tile->bars, tickers * sizeof(int));
    if (status == GP_ACCEL_OK) status = gp_accel_upload(a, to + p->day, outcomes, days * (size_t)(s->horizons + 1));
    free(outcomes);
    for (int k = 0; k < s->n_like && status == GP_ACCEL_OK; k++) {
        double *facts = gp_tile_facts(s->like[k], lane, p->tickers);
        status = gp_accel_upload(a, to + p->facts[k], facts, s->like[k]->lane_vals.n * tickers * sizeof(double));
        free(facts);
    }
    if (status == GP_ACCEL_OK) s->taken += all;
    return status;
}

bool gp_accel_sums_add(gp_accel_sums *s, const gp_lane *lane, const gp_accel_outcome *o, int tickers)
{
    gp_accel *a = s->a;
    gp_tile tile;
    gp_tile_pack(&tile, s->column, s->n_columns, lane, tickers);
    piece p = {.tickers = tickers, .cap = tile.cap, .facts = gp_xcalloc((size_t)s->n_like + 1, sizeof *p.facts)};
    for (int k = 0; k < tickers; k++) p.bars += (double)tile.bars[k] / tickers;
    pthread_mutex_lock(&a->lock);
    const gp_accel_status status = a->device ? put(s, &p, &tile, lane, o) : GP_ACCEL_LOST;
    if (status != GP_ACCEL_OK) {
        if (a->device) a->api->give(a->device, p.at);
        free(p.facts);
        gp_accel_note(a, status);
    } else {
        gp_vec_push(&s->pieces, p);
    }
    pthread_mutex_unlock(&a->lock);
    gp_tile_fini(&tile);
    return status == GP_ACCEL_OK;
}

/* ---- one launch ---- */

typedef struct layout { size_t numbers, lengths, sums, scratch, flat, all; } layout;

static size_t place(size_t *all, size_t bytes)
{
    const size_t at = *all;
    *all += rounded(bytes);
    return at;
}

/* Words that come back of so many sets. */
static size_t cells_of(const job *j, size_t sets)
{
    return sets * (size_t)j->f.n_rows * (size_t)j->s->horizons * (size_t)j->s->days * 2;
}

/* Sets that lanes from.. belong to; at most, when it is not known where they begin. */
static size_t sets_of(const piece *p, size_t from, size_t lanes)
{
    const size_t n = (size_t)p->tickers;
    return (from + lanes - 1) / n - from / n + 1;
}

static layout lay_out(const job *j, const piece *p, size_t sets, size_t lanes)
{
    layout l = {0};
    l.numbers = place(&l.all, (size_t)j->n_sets * (size_t)j->f.n_numbers * sizeof(double));
    l.lengths = place(&l.all, (size_t)j->n_sets * (size_t)j->f.n_lengths * sizeof(int));
    l.sums = place(&l.all, cells_of(j, sets) * sizeof(uint64_t));
    l.scratch = place(&l.all, gp_fused_scratch(&j->f, p->cap) * lanes * sizeof(double));
    l.flat = place(&l.all, gp_fused_flat(&j->f, p->cap) * lanes * sizeof(double));
    return l;
}

static gp_accel_status launch(job *j, const piece *p, size_t from, size_t lanes)
{
    gp_accel *a = j->s->a;
    const size_t sets = sets_of(p, from, lanes);
    const layout l = lay_out(j, p, sets, lanes);
    gp_accel_status s = gp_accel_block(a, l.all);
    if (s != GP_ACCEL_OK) return s;
    char *block = a->block, *at = p->at;
    const gp_tile here = {.column = j->s->column, .n_columns = j->s->n_columns};
    gp_fused_args args = {.quotes = p->at, .bars = (const int *)(at + p->bars_at), .facts = (const double *)(at + p->facts[j->like]),
                          .day = (const int32_t *)(at + p->day), .ret = (const int32_t *)(at + p->ret),
                          .numbers = (double *)(block + l.numbers), .lengths = (int *)(block + l.lengths), .scratch = (double *)(block + l.scratch),
                          .flat = (double *)(block + l.flat), .sums = (uint64_t *)(block + l.sums), .horizons = j->s->horizons, .days = j->s->days,
                          .cap = p->cap, .tickers = p->tickers, .first = (int)from, .lanes = (int)lanes};
    if (!gp_tile_columns(&here, &j->f, args.column)) {
        gp_accel_refuse(a, j->sets[0], gp_tile_lacks);
        return GP_ACCEL_REFUSED;
    }
    s = gp_accel_upload(a, block + l.numbers, j->f.numbers, (size_t)j->n_sets * (size_t)j->f.n_numbers * sizeof(double));
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, block + l.lengths, j->f.lengths, (size_t)j->n_sets * (size_t)j->f.n_lengths * sizeof(int));
    if (s == GP_ACCEL_OK) s = a->api->clear(a->device, block + l.sums, cells_of(j, sets) * sizeof(uint64_t));
    if (s != GP_ACCEL_OK) return s;
    const double began = gp_accel_clock();
    s = a->api->launch(a->device, j->kernel->code, j->kernel->name, &args, sizeof args, (int)lanes, 0, 0);
    a->stats.kernel_s += gp_accel_clock() - began;
    a->stats.launches++;
    a->stats.quote_bytes += j->f.quotes * sizeof(double) * p->bars * (double)lanes;
    a->stats.kept_bytes += j->f.kept * sizeof(double) * p->bars * (double)lanes;
    const size_t cells = cells_of(j, sets);
    if (cells > j->n_cells) {
        free(j->cells);
        j->cells = gp_xcalloc(cells, sizeof *j->cells);
        j->n_cells = cells;
    }
    if (s == GP_ACCEL_OK) s = gp_accel_download(a, j->cells, block + l.sums, cells * sizeof *j->cells);
    const size_t rows = (size_t)j->f.n_rows, n = (size_t)j->s->horizons * (size_t)j->s->days;
    for (size_t k = 0; k < sets * rows && s == GP_ACCEL_OK; k++) {
        const uint64_t *of = j->cells + k * n * 2;
        gp_day_sum *to = j->sums[(size_t)j->index[from / (size_t)p->tickers + k / rows] * (size_t)j->results + k % rows];
        for (size_t i = 0; i < n; i++) {
            to[i].n += (uint32_t)of[2 * i];
            to[i].wins += (uint32_t)(of[2 * i] >> 32);
            to[i].sum += (int64_t)of[2 * i + 1];
        }
    }
    return s;
}

/* ---- one family ---- */

static size_t lanes_at_once(const job *j, const piece *p, size_t lanes)
{
    const layout none = lay_out(j, p, 1, 0), some = lay_out(j, p, 1 + 4096, (size_t)4096 * (size_t)p->tickers);
    const size_t a_set = (some.all - none.all) / 4096 + 1, a_lane = a_set / (size_t)p->tickers + 1, fixed = none.all + cells_of(j, 1) * sizeof(uint64_t);
    size_t left = 0, n = lanes;
    if (j->s->a->api->left(j->s->a->device, &left) == GP_ACCEL_OK) {
        left += j->s->a->block_bytes;
        left -= left / 10;
        if (left > fixed && n > (left - fixed) / a_lane) n = (left - fixed) / a_lane;
        if (left <= fixed) n = 0;
    }
    return n < FEWEST ? (lanes < FEWEST ? lanes : FEWEST) : n;
}

static gp_accel_status run_piece(job *j, const piece *p)
{
    const size_t all = (size_t)p->tickers * (size_t)j->n_sets;
    size_t n = lanes_at_once(j, p, all);
    gp_accel_status s = GP_ACCEL_OK;
    for (size_t done = 0; done < all && s == GP_ACCEL_OK;) {
        const size_t lanes = all - done < n ? all - done : n;
        s = launch(j, p, done, lanes);
        if (s == GP_ACCEL_OK) {
            done += lanes;
        } else if (s == GP_ACCEL_NO_MEMORY) {
            j->s->a->stats.smaller++;
            if (lanes > FEWEST) n = lanes / 2 < FEWEST ? FEWEST : lanes / 2, s = GP_ACCEL_OK;
            else if (gp_markets_away(j->s->a, NULL)) s = GP_ACCEL_OK;
        }
    }
    return s;
}

static bool same_externals(const gp_program *p, const gp_program *q)
{
    bool same = p->externals.n == q->externals.n;
    for (size_t k = 0; k < p->externals.n && same; k++) {
        const gp_external *x = &p->externals.at[k], *y = &q->externals.at[k];
        same = x->kind == y->kind && x->period == y->period && x->closed == y->closed && strcmp(x->key ? x->key : "", y->key ? y->key : "") == 0 &&
               strcmp(x->security ? x->security : "", y->security ? y->security : "") == 0 && x->slot == y->slot;
    }
    return same;
}

/* Whose facts serve this program; -1: nobody's. */
static int like_of(const gp_accel_sums *s, const gp_program *p)
{
    for (int k = 0; k < s->n_like; k++) {
        const gp_program *q = s->like[k];
        bool same = p->lane_vals.n == q->lane_vals.n && p->seed == q->seed && same_externals(p, q);
        for (size_t i = 0; i < p->lane_vals.n && same; i++) {
            const gp_val *u = &p->vals.at[p->lane_vals.at[i]], *v = &q->vals.at[q->lane_vals.at[i]];
            same = u->letter == v->letter && u->text == v->text && u->fn == v->fn && !u->n_in;
        }
        if (same) return k;
    }
    return -1;
}

/* Why not; NULL: it can. */
static const char *refused(const gp_accel_sums *s, const gp_program *p)
{
    const char *why = NULL;
    for (size_t k = 0; k < p->externals.n; k++) {
        if (p->externals.at[k].is_text) return "it reads texts";
        if (p->externals.at[k].of) return "another formula that it reads may hang on the parameters";
    }
    for (size_t k = 0; k < p->lane_vals.n; k++)
        if (p->vals.at[p->lane_vals.at[k]].n_in) return "what it asks of texts keeps its sets from sharing a kernel";
    if (like_of(s, p) < 0) return "what it reads besides the quotes differs from set to set";
    return gp_fuse_can(p, &why) ? NULL : why;
}

bool gp_accel_sums_can(gp_accel_sums *s, const gp_program *p)
{
    const char *why = refused(s, p);
    if (!why) return true;
    pthread_mutex_lock(&s->a->lock);
    gp_accel_refuse(s->a, p, why);
    pthread_mutex_unlock(&s->a->lock);
    return false;
}

static gp_accel_status run_family(job *j)
{
    gp_accel_sums *s = j->s;
    gp_accel *a = s->a;
    const char *why = refused(s, j->sets[0]);
    gp_fuse_steps steps = {0};
    gp_buf text = {0};
    gp_accel_status status = GP_ACCEL_REFUSED;
    j->like = like_of(s, j->sets[0]);
    const bool can = !why && gp_fuse_kernel(j->sets, j->n_sets, &(gp_fuse_opts){.name = "goldpit", .sums = true, .blocks = a->force.blocks}, &j->f, &steps, &text);
    if (!can) {
        gp_accel_refuse(a, j->sets[0], why ? why : "it has no kernel");
    } else if ((j->kernel = gp_accel_kernel(a, text.p, j->sets[0]->exact != NULL, &steps, &status))) {
        for (size_t k = 0; k < s->pieces.n && status == GP_ACCEL_OK; k++) {
            status = run_piece(j, &s->pieces.at[k]);
            if (status == GP_ACCEL_OK) a->stats.device += (size_t)s->pieces.at[k].tickers * (size_t)j->n_sets;
        }
    }
    if (can) gp_accel_note(a, status);
    gp_fused_fini(&j->f);
    gp_buf_free(&text);
    return status;
}

bool gp_accel_sums_alike(const gp_program *p, const gp_program *q)
{
    return gp_fuse_same(p, q);
}

size_t gp_accel_sums_lanes(gp_accel *a)
{
    enum { EACH = 128 }; /* of a processor: a warp for each scheduler */
    gp_accel_about about = {0};
    pthread_mutex_lock(&a->lock);
    if (a->device) a->api->about(a->device, &about);
    pthread_mutex_unlock(&a->lock);
    return (size_t)about.processors * EACH;
}

/* Families by their first set: size[first], 0 for all others; of[set]: its first.  A kernel takes a third of a second to compile: only the
 * largest families are worth one. */
static void find_families(gp_accel_sums *s, const gp_program *const *sets, int n_sets, int *of, int *size, bool *failed)
{
    for (int k = 0; k < n_sets; k++) {
        int first = 0;
        while (first < k && (failed[k] || !size[first] || !gp_fuse_same(sets[first], sets[k]))) first++;
        of[k] = first;
        size[first] += !failed[k];
    }
    for (;;) {
        int n = 0, least = -1;
        for (int k = 0; k < n_sets; k++) {
            if (!size[k]) continue;
            n++;
            if (least < 0 || size[k] <= size[least]) least = k;
        }
        if (n <= MOST_KERNELS) return;
        for (int k = 0; k < n_sets; k++) failed[k] |= of[k] == least;
        size[least] = 0;
        gp_accel_refuse(s->a, sets[least], "too many sets have programs of a shape of their own, and a kernel for each takes longer to compile");
    }
}

void gp_accel_sums_run(gp_accel_sums *s, const gp_program *const *sets, int n_sets, int results, gp_day_sum *const *sums, bool *failed)
{
    const gp_program **family = gp_xcalloc((size_t)n_sets + 1, sizeof *family);
    int *index = gp_xcalloc((size_t)n_sets * 3 + 1, sizeof *index), *of = index + n_sets, *size = of + n_sets;
    int most = n_sets;
    for (size_t k = 0; k < s->pieces.n; k++)
        if (most_lanes / (size_t)s->pieces.at[k].tickers < (size_t)most) most = (int)(most_lanes / (size_t)s->pieces.at[k].tickers);
    job j = {.s = s, .sets = family, .index = index, .results = results, .sums = sums};
    pthread_mutex_lock(&s->a->lock);
    find_families(s, sets, n_sets, of, size, failed);
    for (int first = 0; first < n_sets; first++) {
        for (int next = first; next < n_sets && size[first];) {
            int n = 0;
            for (; next < n_sets && n < most; next++)
                if (of[next] == first && !failed[next]) {
                    index[n] = next;
                    family[n++] = sets[next];
                }
            j.n_sets = n;
            const gp_accel_status status = n == 0 ? GP_ACCEL_OK : s->a->device ? run_family(&j) : GP_ACCEL_LOST;
            for (int k = 0; k < n && status != GP_ACCEL_OK; k++) failed[index[k]] = true;
        }
    }
    pthread_mutex_unlock(&s->a->lock);
    free(j.cells);
    free(family);
    free(index);
}
