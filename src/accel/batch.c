/* Different programs over a market in few launches of the interpreter kernel: lanes of a program lie side by side, padded to whole warps.  A launch
 * has as many programs as there is memory for; where it does not suffice for one, some of its tickers at a time. */
#include <stdlib.h>
#include <string.h>
#include "accel/inside.h"
#include "eval/code.h"

static const size_t staging_bytes = (size_t)256 << 20; /* results on their way back */
static const size_t most_lanes = (size_t)1 << 30, most_doubles = (size_t)1 << 30; /* both are numbered by int */

typedef struct batch {
    gp_accel *a;
    gp_accel_market *m;
    const gp_program *const *program;
    const int *index;          /* their numbers in `want` */
    int n;
    const gp_accel_want *want;
    const gp_ready *kernel;
    const gp_group *g;
    int keep;                  /* bars at the end that somebody wants */
    gp_interp_size *size;       /* per program */
} batch;
typedef struct part { int program, programs, ticker, tickers; } part; /* of a batch and a group: one launch */
typedef struct layout { size_t numbers, table, facts, hash, scratch, flat, out, all; } layout;

static int pitch_of(int tickers)
{
    return (tickers + GP_INTERP_WARP - 1) / GP_INTERP_WARP * GP_INTERP_WARP;
}

static int from_of(const batch *b, const gp_lane *lane)
{
    return b->want->whole ? 0 : lane->from;
}

static int kept_bars(const batch *b)
{
    int keep = 1;
    for (int k = 0; k < b->g->tickers; k++) {
        const gp_lane *lane = &b->m->lane[b->g->first + k];
        const int bars = lane->n - from_of(b, lane);
        keep = bars > keep ? bars : keep;
    }
    return keep;
}

static double *const *rows_of(const batch *b, int program, int ticker)
{
    const size_t slots = b->program[program]->slots.n;
    return b->want->out[b->index[program]] + (size_t)(b->g->first + ticker) * slots;
}

/* ---- one launch ---- */

static size_t room(size_t *all, size_t bytes)
{
    const size_t at = *all;
    *all += (bytes + 255) / 256 * 256;
    return at;
}

static layout lay_out(const batch *b, const gp_interp_table *t, int pitch)
{
    layout l = {0};
    const size_t lanes = (size_t)pitch, rows = (size_t)t->size.rows;
    l.numbers = room(&l.all, t->numbers.n * sizeof(double));
    l.table = room(&l.all, t->ints.n * sizeof(int));
    l.facts = room(&l.all, (size_t)t->size.facts * lanes * sizeof(double));
    l.hash = room(&l.all, b->want->hash ? rows * lanes * sizeof(uint64_t) : 0);
    l.scratch = room(&l.all, t->size.scratch * lanes * sizeof(double));
    l.flat = room(&l.all, t->size.flat * lanes * sizeof(double));
    l.out = room(&l.all, b->want->out ? rows * (size_t)b->keep * lanes * sizeof(double) : 0);
    return l;
}

/* A lane's share of what grows with lanes. */
static size_t bytes_of(const batch *b, int program)
{
    const gp_interp_size *s = &b->size[program];
    const size_t rows = (size_t)s->rows, results = (b->want->hash ? rows : 0) + (b->want->out ? rows * (size_t)b->keep : 0);
    return (s->scratch + s->flat + (size_t)s->facts + results) * sizeof(double);
}

static bool row_wanted(const batch *b, const part *x, int program, int row)
{
    for (int k = x->ticker; k < x->ticker + x->tickers; k++)
        if (rows_of(b, program, k)[row]) return true;
    return false;
}

/* A row comes bar by bar, lanes side by side; some lanes at a time, so that a line of memory is read once. */
static void spread_row(const batch *b, const part *x, int program, int row, const double *from, size_t pitch)
{
    enum { AT_ONCE = 8 };
    for (int k = 0; k < x->tickers; k += AT_ONCE) {
        double *to[AT_ONCE] = {0};
        int first[AT_ONCE];
        const int some = x->tickers - k < AT_ONCE ? x->tickers - k : AT_ONCE;
        for (int l = 0; l < some; l++) {
            const gp_lane *lane = &b->m->lane[b->g->first + x->ticker + k + l];
            to[l] = rows_of(b, program, x->ticker + k + l)[row];
            first[l] = b->keep - (lane->n - from_of(b, lane));
        }
        for (int t = 0; t < b->keep; t++)
            for (int l = 0; l < some; l++)
                if (to[l] && t >= first[l]) to[l][t - first[l]] = from[(size_t)t * pitch + (size_t)(k + l)];
    }
}

/* Rows of results that somebody wants, as many neighbours at once as there is room to stage. */
static gp_accel_status fetch_rows(const batch *b, const part *x, const char *at, size_t pitch)
{
    typedef struct place { int program, row; bool wanted; } place;
    GP_VEC(place) rows = {0};
    const size_t row_bytes = (size_t)b->keep * pitch * sizeof(double), most = staging_bytes / row_bytes ? staging_bytes / row_bytes : 1;
    gp_accel_status s = GP_ACCEL_OK;
    for (int p = x->program; p < x->program + x->programs; p++)
        for (int r = 0; r < b->size[p].rows; r++) gp_vec_push(&rows, ((place){p, r, row_wanted(b, x, p, r)}));
    double *staging = NULL;
    size_t staged = 0;
    for (size_t from = 0; from < rows.n && s == GP_ACCEL_OK;) {
        size_t n = 0;
        while (from + n < rows.n && n < most && rows.at[from + n].wanted) n++;
        if (n == 0) {
            from++;
            continue;
        }
        if (n > staged) {
            free(staging);
            staging = gp_xcalloc(n * row_bytes / sizeof *staging, sizeof *staging);
            staged = n;
        }
        s = gp_accel_download(b->a, staging, at + from * row_bytes, n * row_bytes);
        for (size_t k = 0; k < n && s == GP_ACCEL_OK; k++)
            spread_row(b, x, rows.at[from + k].program, rows.at[from + k].row, staging + k * row_bytes / sizeof *staging, pitch);
        from += n;
    }
    free(staging);
    gp_vec_free(&rows);
    return s;
}

static gp_accel_status fetch_hashes(const batch *b, const part *x, const char *at, size_t rows, size_t pitch)
{
    uint64_t *hash = gp_xcalloc(rows * pitch + 1, sizeof *hash);
    const gp_accel_status s = gp_accel_download(b->a, hash, at, rows * pitch * sizeof *hash);
    const uint64_t *row = hash;
    for (int p = x->program; p < x->program + x->programs && s == GP_ACCEL_OK; p++) {
        uint64_t *to = b->want->hash[b->index[p]] + (size_t)(b->g->first + x->ticker) * (size_t)b->size[p].rows;
        for (int r = 0; r < b->size[p].rows; r++, row += pitch)
            for (int k = 0; k < x->tickers; k++) to[(size_t)k * (size_t)b->size[p].rows + (size_t)r] = row[k];
    }
    free(hash);
    return s;
}

static gp_accel_status upload_facts(const batch *b, const part *x, const gp_interp_table *t, char *at, size_t pitch)
{
    double *facts = gp_xcalloc((size_t)t->size.facts * pitch + 1, sizeof *facts), *to = facts;
    for (int p = x->program; p < x->program + x->programs; p++) {
        double *own = gp_tile_facts(b->program[p], b->m->lane + b->g->first + x->ticker, x->tickers);
        for (int k = 0; k < b->size[p].facts; k++, to += pitch) memcpy(to, own + (size_t)k * (size_t)x->tickers, (size_t)x->tickers * sizeof *to);
        free(own);
    }
    const gp_accel_status s = gp_accel_upload(b->a, at, facts, (size_t)t->size.facts * pitch * sizeof *facts);
    free(facts);
    return s;
}

static gp_accel_status launch(const batch *b, const part *x)
{
    gp_accel *a = b->a;
    const gp_group *g = b->g;
    const gp_tile here = {.column = b->m->column, .n_columns = b->m->n_columns};
    const int pitch = pitch_of(x->tickers), lanes = pitch * x->programs;
    gp_interp_table t = {0};
    gp_accel_status s = GP_ACCEL_OK;
    for (int p = x->program; p < x->program + x->programs; p++)
        if (!gp_interp_add(&t, b->program[p], &here, g->cap)) {
            gp_accel_refuse(a, b->program[p], gp_tile_lacks);
            s = GP_ACCEL_REFUSED;
        }
    gp_interp_end(&t, pitch, x->ticker, x->tickers);
    const layout l = lay_out(b, &t, pitch);
    if (s == GP_ACCEL_OK) s = gp_accel_block(a, l.all);
    char *block = a->block;
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, block + l.numbers, t.numbers.at, t.numbers.n * sizeof(double));
    if (s == GP_ACCEL_OK) s = gp_accel_upload(a, block + l.table, t.ints.at, t.ints.n * sizeof(int));
    if (s == GP_ACCEL_OK) s = upload_facts(b, x, &t, block + l.facts, (size_t)pitch);
    if (s == GP_ACCEL_OK) {
        const gp_fused_args args = {.quotes = g->at, .bars = (const int *)((char *)g->at + g->bars_at), .numbers = (double *)(block + l.numbers),
                                    .lengths = (int *)(block + l.table), .facts = (double *)(block + l.facts), .scratch = (double *)(block + l.scratch),
                                    .flat = (double *)(block + l.flat), .out = b->want->out ? (double *)(block + l.out) : NULL,
                                    .hash = b->want->hash ? (uint64_t *)(block + l.hash) : NULL, .cap = g->cap, .tickers = g->tickers,
                                    .keep = b->keep, .lanes = lanes};
        const double began = gp_accel_clock();
        s = a->api->launch(a->device, b->kernel->code, b->kernel->name, &args, sizeof args, lanes, 0, 0);
        a->stats.kernel_s += gp_accel_clock() - began;
        a->stats.launches++;
    }
    if (s == GP_ACCEL_OK && b->want->out) s = fetch_rows(b, x, block + l.out, (size_t)pitch);
    if (s == GP_ACCEL_OK && b->want->hash) s = fetch_hashes(b, x, block + l.hash, (size_t)t.size.rows, (size_t)pitch);
    gp_interp_fini(&t);
    return s;
}

/* ---- one group ---- */

static size_t memory_left(const batch *b)
{
    size_t left = 0;
    if (b->a->api->left(b->a->device, &left) != GP_ACCEL_OK) return (size_t)-1 / 2;
    left += b->a->block_bytes;
    return left - left / 10;
}

/* About what a program takes whatever its lanes. */
static size_t table_bytes(const gp_program *p)
{
    return 256 + p->consts.n * sizeof(double) + p->code.n * sizeof(gp_interp_instr) + (p->sinks.n + 3 * p->const_slots.n) * sizeof(int);
}

/* The launch that begins with x->program and x->ticker: how much of what is left. */
static void choose(const batch *b, part *x, size_t memory)
{
    const int all = b->g->tickers - x->ticker;
    size_t bytes = 0, scratch = 0, flat = 0;
    x->tickers = all;
    x->programs = 0;
    while (x->program + x->programs < b->n && (x->programs == 0 || x->ticker == 0)) {
        const int p = x->program + x->programs;
        const size_t pitch = (size_t)pitch_of(all);
        bytes += bytes_of(b, p) * pitch + table_bytes(b->program[p]);
        scratch += b->size[p].scratch;
        flat += b->size[p].flat;
        if (bytes > memory || (size_t)(x->programs + 1) * pitch > most_lanes || scratch > most_doubles || flat > most_doubles) break;
        x->programs++;
    }
    if (x->programs == 0) {
        const size_t lanes = memory / (bytes_of(b, x->program) + 1);
        x->programs = 1;
        x->tickers = lanes < GP_INTERP_WARP ? GP_INTERP_WARP : lanes > (size_t)all ? all : (int)lanes / GP_INTERP_WARP * GP_INTERP_WARP;
    }
    const size_t most = staging_bytes / sizeof(double) / (size_t)b->keep;
    if (b->want->out && (size_t)x->tickers > most) x->tickers = most < GP_INTERP_WARP ? GP_INTERP_WARP : (int)most / GP_INTERP_WARP * GP_INTERP_WARP;
    if (x->tickers > all) x->tickers = all;
    if (x->tickers < b->g->tickers) x->programs = 1; /* the others begin at the first ticker */
}

/* Less of x after memory was short; false: there is no less. */
static bool smaller(part *x)
{
    const bool less = x->programs > 1 || x->tickers > GP_INTERP_WARP;
    if (x->programs > 1) x->programs /= 2;
    else if (less) x->tickers = x->tickers / 2 < GP_INTERP_WARP ? GP_INTERP_WARP : x->tickers / 2 / GP_INTERP_WARP * GP_INTERP_WARP;
    return less;
}

/* *done: the first program and ticker that have not been run. */
static gp_accel_status run_group(batch *b, part *done)
{
    size_t memory = memory_left(b);
    gp_accel_status s = GP_ACCEL_OK;
    b->keep = kept_bars(b);
    for (int p = 0; p < b->n; p++) b->size[p] = gp_interp_measure(b->program[p], b->g->cap);
    part x = *done;
    choose(b, &x, memory);
    while (done->program < b->n && s == GP_ACCEL_OK) {
        s = launch(b, &x);
        if (s == GP_ACCEL_OK) {
            done->ticker += x.tickers;
            if (done->ticker >= b->g->tickers) done->ticker = 0, done->program += x.programs;
            x.program = done->program, x.ticker = done->ticker;
            if (done->program < b->n) choose(b, &x, memory);
        } else if (s == GP_ACCEL_NO_MEMORY) {
            b->a->stats.smaller++;
            size_t all = 0;
            for (int p = x.program; p < x.program + x.programs; p++) all += bytes_of(b, p);
            memory = all * (size_t)pitch_of(x.tickers) / 2; /* what is promised is not there */
            if (smaller(&x) || gp_markets_away(b->a, b->g)) s = GP_ACCEL_OK;
        }
    }
    return s;
}

typedef struct left { int program, first, tickers; } left; /* of a market, for the processor */

void gp_accel_batch(gp_accel *a, gp_accel_market *m, const gp_program *const *program, const int *index, int n, const gp_accel_want *want)
{
    GP_VEC(left) rests = {0};
    batch b = {.a = a, .m = m, .program = program, .index = index, .n = n, .want = want};
    b.size = gp_xcalloc((size_t)n + 1, sizeof *b.size);
    pthread_mutex_lock(&a->lock);
    b.kernel = a->device ? gp_accel_interpreter(a, gp_interp_variant_of(program[0])) : NULL;
    for (size_t k = 0; k < m->groups.n; k++) {
        part done = {0};
        gp_accel_status s = GP_ACCEL_LOST;
        b.g = &m->groups.at[k];
        if (a->device && b.kernel) {
            s = gp_group_here(m, &m->groups.at[k]);
            if (s == GP_ACCEL_OK) s = run_group(&b, &done);
            if (s == GP_ACCEL_NO_MEMORY && gp_group_split(m, k)) {
                a->stats.smaller++;
                k--;
                continue;
            }
            gp_accel_note(a, s);
        }
        for (int p = done.program; p < n; p++) {
            const int from = p == done.program ? done.ticker : 0;
            gp_vec_push(&rests, ((left){p, b.g->first + from, b.g->tickers - from}));
            a->stats.host += (size_t)(b.g->tickers - from);
        }
        const size_t lanes = (size_t)done.program * (size_t)b.g->tickers + (size_t)done.ticker;
        a->stats.device += lanes;
        a->stats.interpreted += lanes;
    }
    pthread_mutex_unlock(&a->lock);
    for (size_t k = 0; k < rests.n; k++) gp_accel_host(m, program[rests.at[k].program], index[rests.at[k].program], want, rests.at[k].first, rests.at[k].tickers);
    gp_vec_free(&rests);
    free(b.size);
}
