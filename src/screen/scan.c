/* Files go to threads in batches of similar size, so that the lanes of a tile are about equally long.  A thread reads
 * a batch, runs it in tiles and forgets the quotes: memory does not grow with the universe.  Hits carry everything
 * their order depends on, so the merged result is the same for any number of threads and any packing. */
#include <string.h>
#include "base/pool.h"
#include "screen/scan_inside.h"

enum { BATCH_BYTES = 16 << 20 /* a file beyond this is read alone */, TAILS = 512 /* inputs a batch when only their last bars are read */ };
/* A device wants many tickers at a time; what is read for it is held meanwhile, so these are of all threads together. */
enum { DEVICE_FILES = 2048, DEVICE_BYTES = 1 << 28 };

/* ---- preparation ---- */

static void want_slot(gp_scan *s, const gp_pass_plan *x, int slot)
{
    int *wanted = s->wanted[x->program], *n = &s->n_wanted[x->program];
    if (slot < 0)
        return;
    for (int i = 0; i < *n; i++)
        if (wanted[i] == x->slot[slot])
            return;
    wanted[(*n)++] = x->slot[slot];
}

static void want_slots(gp_scan *s)
{
    const gp_pass *pass = s->pass;
    s->wanted = gp_xcalloc((size_t)pass->n_programs + 1, sizeof *s->wanted);
    s->n_wanted = gp_xcalloc((size_t)pass->n_programs + 1, sizeof *s->n_wanted);
    for (int g = 0; g < pass->n_programs; g++)
        s->wanted[g] = gp_xcalloc((size_t)gp_program_n_slots(pass->programs[g]) + 1, sizeof **s->wanted);
    for (int i = 0; i < pass->n; i++) {
        const gp_pass_plan *x = &pass->plans[i];
        const gp_plan *p = x->plan;
        for (int k = 0; k < p->n_signals; k++)
            want_slot(s, x, p->signals[k].slot);
        for (int k = 0; k < p->n_cols; k++)
            want_slot(s, x, p->cols[k].slot);
        want_slot(s, x, p->where);
        want_slot(s, x, p->sort_slot);
    }
}

/* What to read: whatever no formula needs is not even parsed.  CLOSE is a column of every row. */
static void want_columns(gp_scan *s)
{
    s->needs = gp_xcalloc((size_t)s->pass->n + 1, sizeof *s->needs);
    if (s->o->companions)
        gp_companions_read_opts(s->o->companions, &s->read);
    s->read.need |= GP_COL_CLOSE;
    for (int i = 0; i < s->pass->n; i++) {
        gp_quote_needs *n = &s->needs[i];
        gp_quote_needs_add(n, s->pass->plans[i].plan->program);
        if (s->o[i].why)
            gp_quote_needs_add(n, gp_why_program(s->o[i].why));
        n->need |= GP_COL_CLOSE;
        s->read.need |= n->need;
        s->differ |= !gp_quote_needs_equal(n, &s->needs[0]);
    }
    s->read.want = s->read.need;
    s->read.csv_path = s->o->csv_path;
}

static int by_size(const void *a, const void *b)
{
    const struct gp_sized *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->input < y->input ? -1 : x->input > y->input;
}

/* A few files on many threads go out one by one; thousands in groups that fill a tile. */
static void make_batches(gp_scan *s, int jobs)
{
    const bool tails = s->states && gp_states_tails(s->states); /* small: as many as give full tiles of one number of bars */
    const size_t at_most = s->o->accel ? DEVICE_BYTES / (size_t)jobs : BATCH_BYTES;
    size_t n = s->inputs->n, per = n / ((size_t)jobs * 2), most = s->o->accel ? DEVICE_FILES / (size_t)jobs : tails ? TAILS : GP_SCAN_FILES;
    per = per < 1 ? 1 : per > most ? most : per;
    s->order = gp_xcalloc(n + 1, sizeof *s->order);
    s->batches = gp_xcalloc(n + 1, sizeof *s->batches);
    for (size_t i = 0; i < n; i++)
        s->order[i] = (struct gp_sized){s->inputs->at[i].bytes, i};
    qsort(s->order, n, sizeof *s->order, by_size);
    for (size_t i = 0; i < n;) {
        struct gp_batch *b = &s->batches[s->n_batches++];
        size_t bytes = s->order[i].bytes;
        *b = (struct gp_batch){i++, 1};
        while (i < n && b->n < per && (tails || bytes + s->order[i].bytes <= at_most)) {
            bytes += s->order[i++].bytes;
            b->n++;
        }
    }
}

/* ---- tiles ---- */

/* Plan i's view of a tile whose results stand in e->slots from bar first[l] on; returns how many tickers are its own. */
static int look(const gp_scan *s, gp_worker *w, int i, const gp_ticker *t, int lanes, const int *first, gp_view *v)
{
    const gp_pass_plan *x = &s->pass->plans[i];
    const gp_engine *e = &w->engines[x->program];
    const size_t width = (size_t)gp_program_n_slots(s->pass->programs[x->program]) + 1;
    gp_part *part = &w->parts[i];
    int n = 0;
    for (int l = 0; l < lanes; l++) {
        if (t[l].taken && !t[l].taken[i])
            continue;
        double **slots = part->slots + (size_t)n * (size_t)(part->n_slots + 1);
        for (int k = 0; k < part->n_slots; k++)
            slots[k] = x->slot[k] >= 0 ? e->slots[(size_t)l * width + (size_t)x->slot[k]] : NULL;
        v[n] = (gp_view){.t = &t[l], .first = first[l], .slots = slots};
        gp_view_place(&s->o[i], &v[n++]);
    }
    return n;
}

int gp_scan_first(const gp_scan *s, int g, const gp_ticker *t)
{
    int first = t->n;
    for (int i = 0; i < s->pass->n; i++) {
        gp_view v = {.t = t};
        if (s->pass->plans[i].program != g || (t->taken && !t->taken[i]))
            continue;
        gp_view_place(&s->o[i], &v);
        first = v.from < first ? v.from : first;
    }
    return first;
}

double *gp_engine_room(gp_engine *e, size_t n)
{
    if (n > e->cap) {
        free(e->out);
        e->cap = n + n / 4;
        e->out = gp_xaligned(e->cap * sizeof *e->out);
    }
    return e->out;
}

/* Program g goes on from the ticker's state and keeps the new one. */
static void carry_state(const gp_scan *s, int g, const gp_ticker *t, gp_lane *lane)
{
    const ptrdiff_t from = t->base ? gp_states_part(s->states, g, t->base) : -1, to = t->kept ? gp_states_part(s->states, g, t->keep) : -1;
    if (from >= 0) {
        gp_lane_skip(lane, t->bars, t->base);
        lane->resume = t->state + from;
    }
    if (to >= 0) {
        lane->keep = t->keep;
        lane->kept = t->kept + to;
    }
}

static void run_program(const gp_scan *s, gp_worker *w, int g, const gp_ticker *t, int lanes, int *first)
{
    gp_engine *e = &w->engines[g];
    gp_lane lane[GP_VM_LANES] = {0};
    const size_t width = (size_t)gp_program_n_slots(s->pass->programs[g]) + 1;
    size_t need = 0, at = 0;
    for (int l = 0; l < lanes; l++) {
        first[l] = gp_scan_first(s, g, &t[l]);
        need += (size_t)s->n_wanted[g] * (size_t)(t[l].n - first[l]);
    }
    gp_engine_room(e, need);
    for (int l = 0; l < lanes; l++) {
        double **slots = e->slots + (size_t)l * width;
        for (int k = 0; k < s->n_wanted[g]; k++) {
            slots[s->wanted[g][k]] = e->out + at;
            at += (size_t)(t[l].n - first[l]);
        }
        lane[l] = gp_lane_of(t[l].bars, t[l].n, first[l], slots);
        gp_feed_fill(e->feed, l, t[l].bars, t[l].n, &lane[l]);
        carry_state(s, g, &t[l], &lane[l]);
    }
    gp_vm_run(e->vm, lane, lanes);
}

void gp_scan_look(const gp_scan *s, gp_worker *w, int g, const gp_ticker *t, int lanes, const int *first)
{
    for (int i = 0; i < s->pass->n; i++) {
        gp_view v[GP_VM_LANES];
        if (s->pass->plans[i].program != g)
            continue;
        const int n = look(s, w, i, t, lanes, first, v);
        if (n)
            gp_part_collect(&w->parts[i], s->o->companions, v, n);
    }
}

static void run_tile(const gp_scan *s, gp_worker *w, const gp_ticker *t, int lanes)
{
    for (int g = 0; g < s->pass->n_programs; g++) {
        int first[GP_VM_LANES];
        run_program(s, w, g, t, lanes, first);
        gp_scan_look(s, w, g, t, lanes, first);
    }
}

static int by_length(const void *a, const void *b)
{
    const gp_ticker *x = a, *y = b;
    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : x->input != y->input ? (x->input < y->input ? -1 : 1)
           : x->index < y->index ? -1 : x->index > y->index;
}

/* ---- one batch ---- */

static void open_worker(const gp_scan *s, gp_worker *w)
{
    const gp_pass *pass = s->pass;
    w->open = true;
    w->parts = gp_xcalloc((size_t)pass->n + 1, sizeof *w->parts);
    w->engines = gp_xcalloc((size_t)pass->n_programs + 1, sizeof *w->engines);
    for (int i = 0; i < pass->n; i++)
        gp_part_open(&w->parts[i], pass->plans[i].plan, &s->o[i]);
    for (int g = 0; g < pass->n_programs; g++) {
        gp_engine *e = &w->engines[g];
        e->vm = gp_vm_new(pass->programs[g], NULL);
        e->feed = gp_feed_new(pass->programs[g], s->o->companions);
        e->slots = gp_xcalloc((size_t)GP_VM_LANES * ((size_t)gp_program_n_slots(pass->programs[g]) + 1), sizeof *e->slots);
    }
}

static void close_worker(const gp_scan *s, gp_worker *w)
{
    if (!w->open)
        return;
    for (int i = 0; i < s->pass->n; i++)
        gp_part_close(&w->parts[i]);
    for (int g = 0; g < s->pass->n_programs; g++) {
        gp_vm_free(w->engines[g].vm);
        gp_feed_free(w->engines[g].feed);
        for (size_t k = 0; k < w->engines[g].n_feeds; k++)
            gp_feed_free(w->engines[g].feeds[k]);
        free(w->engines[g].feeds);
        free(w->engines[g].out);
        free(w->engines[g].slots);
    }
    free(w->parts);
    free(w->engines);
    gp_arena_fini(&w->arena);
    gp_vec_free(&w->seen);
    gp_vec_free(&w->tickers);
    gp_vec_free(&w->reads);
    gp_vec_free(&w->found);
}

/* The plans of `who` (NULL: all) that this ticker is for see it. */
static void count_ticker(const gp_scan *s, gp_worker *w, const gp_ticker *t, const bool *who)
{
    const int32_t last = t->n > 0 ? t->bars->date[t->n - 1 - t->bars->before] : 0;
    for (int i = 0; i < s->pass->n; i++) {
        gp_part *part = &w->parts[i];
        if (who && !who[i])
            continue;
        if (t->n == 0) {
            part->too_young++;
            continue;
        }
        part->tickers++;
        part->newest = last > part->newest ? last : part->newest;
        part->longest = t->n > part->longest ? t->n : part->longest;
    }
}

/* Where the ticker goes on from, and what is kept for the next time: the state before the bars that are looked at. */
static void take_state(const gp_scan *s, gp_worker *w, gp_ticker *t, const gp_state_found *found)
{
    gp_states_ran(s->states, found->fit);
    if (found->fit == GP_STATE_FITS) {
        t->base = found->bars;
        t->state = found->state;
    }
    t->keep = t->n - s->back;
    if (t->keep >= 1 && t->keep >= t->base)
        t->kept = gp_states_room(s->states, w->id, t->bars, t->keep);
}

/* Looks for the states of an input's securities; false when one of them has to be read from the first bar on and was not. */
static bool find_states(const gp_scan *s, gp_worker *w, const gp_read_result *r)
{
    bool enough = true, whole = false;
    w->found.n = 0;
    for (int k = 0; s->states && k < r->n; k++) {
        const gp_bars *b = &r->at[k];
        const gp_state_found f = gp_states_find(s->states, b, b->before + b->n - s->back);
        gp_vec_push(&w->found, f);
        enough &= f.fit == GP_STATE_FITS || b->before == 0;
        whole |= b->before == 0;
    }
    w->whole += whole;
    return enough;
}

static void take_tickers(const gp_scan *s, gp_worker *w, const gp_read_result *r, size_t input, const bool *who)
{
    for (int k = 0; k < r->n; k++) {
        const gp_bars *b = &r->at[k];
        gp_ticker t = {.bars = b, .input = input, .index = (size_t)k, .taken = who};
        gp_seen_ticker mark = {gp_arena_strndup(&w->arena, b->code, strlen(b->code)),
                               b->market && *b->market ? gp_arena_strndup(&w->arena, b->market, strlen(b->market)) : "",
                               input, (size_t)k, who};
        gp_vec_push(&w->seen, mark);
        t.n = s->o->asof ? gp_bars_until(b, s->o->asof, false) : b->before + b->n;
        count_ticker(s, w, &t, who);
        if (s->states)
            take_state(s, w, &t, &w->found.at[k]);
        if (t.n > 0)
            gp_vec_push(&w->tickers, t);
    }
}

/* For which of the plans in `who` (NULL: all) all securities of a file are what references to other periods need; NULL: for all of
 * them. */
static const bool *accepting(const gp_scan *s, gp_worker *w, const gp_read_result *r, const bool *who, gp_diags *d)
{
    bool *some = NULL;
    for (int i = 0; i < s->pass->n; i++) {
        bool good = !who || who[i];
        for (int k = 0; good && k < r->n; k++)
            good = gp_quote_needs_accept(&s->needs[i], &r->at[k], d);
        if (good == (!who || who[i]))
            continue;
        if (!some) {
            some = gp_arena_alloc(&w->arena, (size_t)s->pass->n * sizeof *some);
            for (int j = 0; j < s->pass->n; j++)
                some[j] = !who || who[j];
        }
        some[i] = good;
    }
    return some ? some : who;
}

static void take_input(const gp_scan *s, gp_worker *w, gp_read_result *r, size_t input, const bool *who, gp_diags *d)
{
    const bool *mine = accepting(s, w, r, who, d);
    bool any = false;
    for (int i = 0; i < s->pass->n; i++) {
        if (who && !who[i])
            continue;
        if (mine && !mine[i]) {
            w->parts[i].skipped++;
            continue;
        }
        w->parts[i].rows += r->rows;
        w->parts[i].bytes += r->bytes;
        any = true;
    }
    if (any)
        take_tickers(s, w, r, input, mine);
}

static gp_read_result *new_read(gp_worker *w)
{
    gp_read_result *r = gp_xcalloc(1, sizeof *r);
    gp_vec_push(&w->reads, r);
    return r;
}

/* Further columns in the order of the common programs; the ones that were not asked for stay NULL. */
static void spread_more(const gp_read_opts *all, const gp_read_opts *own, gp_read_result *r)
{
    for (int k = 0; k < r->n && own->n_more < all->n_more; k++) {
        gp_bars *b = &r->at[k];
        double **more = gp_xcalloc((size_t)all->n_more + 1, sizeof *more);
        unsigned sums = 0;
        for (int from = 0; from < b->n_more; from++)
            for (int to = 0; to < all->n_more; to++)
                if (strcmp(own->more[from], all->more[to]) == 0) {
                    more[to] = b->more[from];
                    sums |= ((b->more_sums >> from) & 1u) << to;
                }
        free(b->more);
        b->more = more;
        b->n_more = all->n_more;
        b->more_sums = sums;
    }
}

/* A file that lacks a column may still do for the plans that do not need it. */
static void read_apart(const gp_scan *s, gp_worker *w, size_t input, gp_diags *d)
{
    const int n = s->pass->n;
    bool *done = gp_xcalloc((size_t)n + 1, sizeof *done);
    for (int i = 0; i < n; i++) {
        const gp_quote_needs *needs = &s->needs[i];
        gp_read_opts o = s->read;
        gp_diags own = {.limit = (size_t)-1};
        if (done[i])
            continue;
        bool *who = gp_arena_alloc(&w->arena, (size_t)n * sizeof *who);
        for (int j = 0; j < n; j++) {
            who[j] = !done[j] && gp_quote_needs_equal(needs, &s->needs[j]);
            done[j] |= who[j];
        }
        o.need = o.want = needs->need;
        o.more = needs->more.at;
        o.n_more = (int)needs->more.n;
        gp_read_result *r = new_read(w);
        if (gp_read_input(s->inputs, input, &o, r, &own)) {
            spread_more(&s->read, &o, r);
            find_states(s, w, r);
            take_input(s, w, r, input, who, &own);
        } else {
            for (int j = 0; j < n; j++)
                w->parts[j].skipped += who[j];
        }
        gp_diags_append_new(d, &own);
    }
    free(done);
}

/* The last bars where that is enough, else all of them. */
static bool read_input(const gp_scan *s, gp_worker *w, size_t input, gp_read_result *r, gp_diags *d)
{
    if (s->states && gp_states_tails(s->states)) {
        gp_read_opts o = s->read;
        gp_diags own = {.limit = (size_t)-1};
        o.tail = s->back + GP_STATES_NEW;
        const bool good = gp_read_input(s->inputs, input, &o, r, &own);
        if (!good || find_states(s, w, r)) {
            gp_diags_append(d, &own);
            return good;
        }
        gp_diags_fini(&own); /* it is said again */
        gp_read_result_fini(r);
    }
    const bool good = gp_read_input(s->inputs, input, &s->read, r, d);
    if (good)
        find_states(s, w, r);
    return good;
}

static void read_one(const gp_scan *s, gp_worker *w, size_t input)
{
    const bool again = s->differ && strcmp(s->inputs->at[input].path, "-") != 0; /* standard input cannot be read twice */
    gp_diags own = {.limit = (size_t)-1}, *d = again ? &own : &s->diags[input];
    gp_read_result *r = new_read(w);
    if (read_input(s, w, input, r, d)) {
        take_input(s, w, r, input, NULL, d);
    } else if (again) {
        gp_diags_fini(&own);
        read_apart(s, w, input, &s->diags[input]);
    } else {
        for (int i = 0; i < s->pass->n; i++)
            w->parts[i].skipped++;
    }
    if (again)
        gp_diags_append_new(&s->diags[input], &own);
}

/* Runs what has been read and forgets the quotes.  The tickers of a tile that go on from a state have had the same number of bars. */
static void run_tickers(const gp_scan *s, gp_worker *w)
{
    if (w->tickers.n > 1)
        qsort(w->tickers.at, w->tickers.n, sizeof *w->tickers.at, by_length);
    if (s->o->accel)
        gp_scan_on_device(s, w);
    for (size_t i = 0, end; i < w->tickers.n && !s->o->accel; i = end) {
        for (end = i + 1; end < w->tickers.n && end < i + GP_VM_LANES && w->tickers.at[end].base == w->tickers.at[i].base;)
            end++;
        run_tile(s, w, w->tickers.at + i, (int)(end - i));
    }
    for (size_t i = 0; i < w->reads.n; i++) {
        gp_read_result_fini(w->reads.at[i]);
        free(w->reads.at[i]);
    }
    w->reads.n = w->tickers.n = 0;
    w->whole = 0;
}

static void run_batch(void *ctx, int id, size_t item)
{
    gp_scan *s = ctx;
    gp_worker *w = &s->workers[id];
    const struct gp_batch *b = &s->batches[item];
    if (!w->open)
        open_worker(s, w);
    w->id = id;
    for (size_t i = 0; i < b->n; i++) {
        read_one(s, w, s->order[b->first + i].input);
        if (w->whole >= GP_SCAN_FILES && !s->o->accel)
            run_tickers(s, w);
    }
    run_tickers(s, w);
    size_t done = __atomic_add_fetch(&s->done, b->n, __ATOMIC_RELAXED);
    if (id == 0 && s->o->progress)
        s->o->progress(s->o->ctx, done, s->inputs->n);
}

/* ---- all of it ---- */

/* The states, when all that the plans look at are the last bars. */
static gp_states *begin_states(const gp_pass *pass, const gp_scan_opts *o, int jobs)
{
    bool last = o->states && !o->asof && !o->accel;
    for (int i = 0; i < pass->n; i++)
        last &= !gp_is_range(&o[i]) && !o[i].why && !o[i].near;
    return last && gp_states_begin(o->states, jobs) ? o->states : NULL;
}

void gp_scan_run_many(const gp_pass *pass, const gp_inputs *inputs, const gp_scan_opts *o, gp_scan_result *out, gp_diags *d)
{
    gp_scan s = {.pass = pass, .inputs = inputs, .o = o};
    int jobs = gp_pool_jobs(o->jobs, inputs->n);
    s.states = begin_states(pass, o, jobs);
    for (int i = 0; i < pass->n; i++)
        s.back = o[i].within > s.back ? o[i].within : s.back > 1 ? s.back : 1;
    want_slots(&s);
    want_columns(&s);
    make_batches(&s, jobs);
    s.diags = gp_xcalloc(inputs->n + 1, sizeof *s.diags);
    s.workers = gp_xcalloc((size_t)jobs, sizeof *s.workers);
    gp_pool_run(jobs, s.n_batches, run_batch, &s);
    for (size_t i = 0; i < inputs->n; i++)
        gp_diags_append(d, &s.diags[i]);
    for (int i = 0; i < pass->n; i++)
        gp_scan_merge(&s, jobs, i, &out[i], d);
    for (int i = 0; i < jobs; i++)
        close_worker(&s, &s.workers[i]);
    for (size_t i = 0; i < inputs->n; i++)
        gp_diags_fini(&s.diags[i]);
    for (int i = 0; i < pass->n; i++)
        gp_quote_needs_fini(&s.needs[i]);
    for (int g = 0; g < pass->n_programs; g++)
        free(s.wanted[g]);
    free(s.wanted);
    free(s.n_wanted);
    free(s.needs);
    free(s.workers);
    free(s.diags);
    free(s.batches);
    free(s.order);
}

void gp_scan_run(const gp_plan *plan, const gp_inputs *inputs, const gp_scan_opts *o, gp_scan_result *out, gp_diags *d)
{
    gp_pass pass;
    gp_pass_new(&plan, 1, &pass);
    gp_scan_run_many(&pass, inputs, o, out, d);
    gp_pass_fini(&pass);
}
