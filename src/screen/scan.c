/* Files go to threads in batches of similar size, so that the lanes of a tile are about equally long.  A thread reads
 * a batch, runs it in tiles and forgets the quotes: memory does not grow with the universe.  Hits carry everything
 * their order depends on, so the merged result is the same for any number of threads and any packing. */
#include "screen/scan.h"
#include "eval/vm.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "screen/feed.h"
#include "screen/pool.h"

enum { BATCH_BYTES = 16 << 20 }; /* a file beyond this is read alone */

typedef struct ticker {
    const gp_bars *bars;
    size_t input, index;
    int n;        /* bars that exist for this scan (--asof) */
    int from, to; /* bars that may hit: from..to */
} ticker;

typedef struct seen { const char *code, *market; size_t input, index; } seen;

/* The second run, over the tickers that are to be explained. */
typedef struct second {
    gp_vm *vm;
    gp_feed *feed;
    double *out;
    size_t cap;
    double **slots; /* GP_VM_LANES * results of the why program */
    gp_reasons reasons;
} second;

typedef struct worker {
    second why;
    size_t held;
    gp_vm *vm;
    gp_feed *feed;        /* NULL: the program needs nothing beside the quotes */
    gp_arena arena;
    GP_VEC(gp_hit) hits;
    GP_VEC(seen) seen;
    GP_VEC(ticker) tickers;
    gp_read_result *read; /* GP_SCAN_FILES of them */
    double *out;          /* results of one tile */
    size_t out_cap;
    double **slots;       /* GP_VM_LANES * n_slots pointers */
    int *fired;
    size_t too_young, skipped, rows, bytes;
    int32_t newest;
    int longest;
} worker;

typedef struct sized { size_t bytes, input; } sized;
typedef struct batch { size_t first, n; } batch;

typedef struct scan {
    const gp_plan *plan;
    const gp_inputs *inputs;
    const gp_scan_opts *o;
    gp_read_opts read;
    int n_slots;
    int *wanted;      /* slots that are looked at */
    int n_wanted;
    sized *order;     /* inputs, largest first */
    batch *batches;
    size_t n_batches;
    worker *workers;
    gp_diags *diags;  /* one list per input */
    size_t done;      /* inputs finished, for progress; updated atomically */
} scan;

/* ---- preparation ---- */

static void want_slot(scan *s, int slot)
{
    for (int i = 0; i < s->n_wanted; i++)
        if (s->wanted[i] == slot)
            return;
    if (slot >= 0)
        s->wanted[s->n_wanted++] = slot;
}

static void want_slots(scan *s)
{
    const gp_plan *p = s->plan;
    s->n_slots = gp_program_n_slots(p->program);
    s->wanted = gp_xcalloc((size_t)(p->n_signals + p->n_cols + 2), sizeof *s->wanted);
    for (int i = 0; i < p->n_signals; i++)
        want_slot(s, p->signals[i].slot);
    for (int i = 0; i < p->n_cols; i++)
        want_slot(s, p->cols[i].slot);
    want_slot(s, p->where);
    want_slot(s, p->sort_slot);
}

static int by_size(const void *a, const void *b)
{
    const sized *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->input < y->input ? -1 : x->input > y->input;
}

/* A few files on many threads go out one by one; thousands in groups that fill a tile. */
static void make_batches(scan *s, int jobs)
{
    size_t n = s->inputs->n, per = n / ((size_t)jobs * 2);
    per = per < 1 ? 1 : per > GP_SCAN_FILES ? GP_SCAN_FILES : per;
    s->order = gp_xcalloc(n, sizeof *s->order);
    s->batches = gp_xcalloc(n, sizeof *s->batches);
    for (size_t i = 0; i < n; i++)
        s->order[i] = (sized){s->inputs->at[i].bytes, i};
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

/* ---- one ticker ---- */

/* Number of bars with date <= day (before: < day). */
static int bars_until(const gp_bars *b, int32_t day, bool before)
{
    int lo = 0, hi = b->n;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        if (b->date[mid] < day || (!before && b->date[mid] == day))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_range(const gp_scan_opts *o) { return o->from || o->to; }

/* Which bars of a ticker exist and may hit; false when none does. */
static bool place(const gp_scan_opts *o, ticker *t)
{
    t->n = o->asof ? bars_until(t->bars, o->asof, false) : t->bars->n;
    t->to = t->n - 1;
    if (is_range(o)) {
        t->from = o->from ? bars_until(t->bars, o->from, true) : 0;
        if (o->to) {
            int end = bars_until(t->bars, o->to, false);
            t->to = end < t->n ? end - 1 : t->to;
        }
    } else {
        t->from = o->within > 1 && o->within < t->n ? t->n - o->within : o->within > 1 ? 0 : t->n - 1;
    }
    return t->n > 0;
}

static bool holds(double x) { return fabs(x) >= 1e-5; } /* false for NaN; language.md 4.5 */

/* The signals that hold, in w->fired; returns how many.  at: place of the bar in the results. */
static int fired_at(const scan *s, worker *w, double *const *slots, int at)
{
    const gp_plan *p = s->plan;
    int n = 0;
    if (p->where >= 0 && !holds(slots[p->where][at]))
        return 0;
    for (int k = 0; k < p->n_signals; k++)
        if (p->signals[k].slot >= 0 && holds(slots[p->signals[k].slot][at]))
            w->fired[n++] = k;
    return n;
}

/* Adds a row for bar i of a ticker with the n signals in w->fired.  slots: results from bar t->from on. */
static gp_hit *add_row(const scan *s, worker *w, const ticker *t, double *const *slots, int i, int n)
{
    const gp_plan *p = s->plan;
    const gp_bars *b = t->bars;
    int at = i - t->from;
    gp_hit h = {.date = b->date[i], .time = b->time ? b->time[i] : -1, .close = b->close ? b->close[i] : NAN,
                .input = t->input, .index = t->index, .bar = i};
    double *values;
    int *fired;
    values = gp_arena_alloc(&w->arena, (size_t)(p->n_cols + 1) * sizeof *values);
    for (int k = 0; k < p->n_cols; k++)
        values[k] = p->cols[k].slot >= 0 ? slots[p->cols[k].slot][at] : NAN;
    values[p->n_cols] = p->sort_slot >= 0 ? slots[p->sort_slot][at] : NAN;
    fired = gp_arena_alloc(&w->arena, (size_t)n * sizeof *fired);
    memcpy(fired, w->fired, (size_t)n * sizeof *fired);
    h.values = values;
    h.fired = fired;
    h.n_fired = n;
    h.code = b->code; /* replaced by a copy that outlives the bars */
    gp_vec_push(&w->hits, h);
    return &w->hits.at[w->hits.n - 1];
}

static bool add_hit(const scan *s, worker *w, const ticker *t, double *const *slots, int i)
{
    int n = fired_at(s, w, slots, i - t->from);
    if (n)
        add_row(s, w, t, slots, i, n);
    return n > 0;
}

/* Rows from `first` on are this ticker's: they get texts that outlive the bars. */
static void label_rows(worker *w, const ticker *t, size_t first)
{
    const gp_bars *b = t->bars;
    if (first == w->hits.n)
        return;
    const char *code = gp_arena_strndup(&w->arena, b->code, strlen(b->code));
    const char *market = b->market ? gp_arena_strndup(&w->arena, b->market, strlen(b->market)) : "";
    const char *name = b->name ? gp_arena_strndup(&w->arena, b->name, strlen(b->name)) : "";
    for (size_t i = first; i < w->hits.n; i++) {
        w->hits.at[i].code = code;
        w->hits.at[i].market = market;
        w->hits.at[i].name = name;
    }
}

static void collect(const scan *s, worker *w, const ticker *t, double *const *slots)
{
    size_t first = w->hits.n;
    if (is_range(s->o)) {
        for (int i = t->from; i <= t->to; i++)
            add_hit(s, w, t, slots, i);
    } else {
        for (int i = t->to; i >= t->from; i--)
            if (add_hit(s, w, t, slots, i))
                break;
    }
    label_rows(w, t, first);
}

/* ---- why, and why not ---- */

static int first_explained(const ticker *t) { return t->from > 0 ? t->from - 1 : 0; } /* the bar before counts too */

/* Runs the why program over the chosen tickers of a tile; slots[l] are the results of ticker l. */
static void run_why(const scan *s, worker *w, const ticker *t, const bool *chosen, int lanes, double ***slots)
{
    const gp_program *p = gp_why_program(s->o->why);
    const size_t n_slots = (size_t)gp_program_n_slots(p);
    second *y = &w->why;
    gp_lane lane[GP_VM_LANES] = {0};
    size_t need = 0;
    double *at;
    int n = 0;
    if (!y->vm) {
        y->vm = gp_vm_new(p, NULL);
        y->feed = gp_feed_new(p, s->o->companions);
        y->slots = gp_xcalloc(GP_VM_LANES * (n_slots + 1), sizeof *y->slots);
    }
    for (int l = 0; l < lanes; l++)
        need += chosen[l] ? n_slots * (size_t)(t[l].n - first_explained(&t[l])) : 0;
    if (need > y->cap) {
        free(y->out);
        y->cap = need + need / 4;
        y->out = gp_xaligned(y->cap * sizeof *y->out);
    }
    at = y->out;
    for (int l = 0; l < lanes; l++) {
        const gp_bars *b = t[l].bars;
        if (!chosen[l])
            continue;
        slots[l] = y->slots + (size_t)l * (n_slots + 1);
        for (size_t k = 0; k < n_slots; k++, at += t[l].n - first_explained(&t[l]))
            slots[l][k] = at;
        lane[n] = gp_lane_of(b, t[l].n, first_explained(&t[l]), slots[l]);
        gp_feed_fill(y->feed, n, b, t[l].n, &lane[n]);
        n++;
    }
    if (n)
        gp_vm_run(y->vm, lane, n);
}

static void keep_reasons(worker *w, gp_hit *h)
{
    gp_reason *kept = gp_arena_alloc(&w->arena, (w->why.reasons.n + 1) * sizeof *kept);
    if (w->why.reasons.n)
        memcpy(kept, w->why.reasons.at, w->why.reasons.n * sizeof *kept);
    h->why = kept;
    h->n_why = (int)w->why.reasons.n;
}

/* Rows first[l]..first[l+1]-1 are the hits of ticker l. */
static void explain_hits(const scan *s, worker *w, const ticker *t, int lanes, const size_t *first)
{
    bool chosen[GP_VM_LANES];
    double **slots[GP_VM_LANES] = {0};
    for (int l = 0; l < lanes; l++)
        chosen[l] = first[l + 1] > first[l];
    run_why(s, w, t, chosen, lanes, slots);
    for (int l = 0; l < lanes; l++)
        for (size_t i = first[l]; i < first[l + 1]; i++) {
            gp_hit *h = &w->hits.at[i];
            const int at = h->bar - first_explained(&t[l]);
            w->why.reasons.n = 0;
            for (int k = 0; k < h->n_fired; k++)
                gp_why_held(s->o->why, h->fired[k], slots[l], at, h->bar > 0, &w->why.reasons);
            keep_reasons(w, h);
        }
}

/* The nearest bar of one ticker to a signal that holds on none: fewest conditions missing, then nearest, then newest. */
static void add_near(const scan *s, worker *w, const ticker *t, double *const *slots, double *const *why, int signal)
{
    const int parts = gp_why_parts(s->o->why, signal);
    int best = -1, failed = 0;
    double distance = 0, d;
    for (int i = t->to; i >= t->from; i--) {
        w->why.reasons.n = 0;
        const int n = gp_why_missed(s->o->why, signal, why, i - first_explained(t), i > 0, &w->why.reasons, &d);
        if (n == 0)
            return; /* a hit */
        if (n > s->o->near || n >= parts || (best >= 0 && (n > failed || (n == failed && d >= distance))))
            continue;
        best = i;
        failed = n;
        distance = d;
    }
    if (best < 0)
        return;
    w->why.reasons.n = 0;
    gp_why_missed(s->o->why, signal, why, best - first_explained(t), best > 0, &w->why.reasons, &d);
    w->fired[0] = signal;
    gp_hit *h = add_row(s, w, t, slots, best, 1);
    h->failed = failed;
    h->parts = parts;
    h->distance = distance;
    keep_reasons(w, h);
}

static void collect_near(const scan *s, worker *w, const ticker *t, int lanes)
{
    const bool chosen[GP_VM_LANES] = {true, true, true, true, true, true, true, true};
    double **why[GP_VM_LANES] = {0};
    run_why(s, w, t, chosen, lanes, why);
    for (int l = 0; l < lanes; l++) {
        double *const *slots = w->slots + (size_t)l * (size_t)(s->n_slots + 1);
        const size_t first = w->hits.n;
        bool held = false;
        for (int i = t[l].to; i >= t[l].from && !held; i--)
            held = fired_at(s, w, slots, i - t[l].from) > 0;
        w->held += held;
        for (int k = 0; k < s->plan->n_signals; k++)
            add_near(s, w, &t[l], slots, why[l], k);
        label_rows(w, &t[l], first);
    }
}

/* ---- tiles ---- */

static void run_tile(const scan *s, worker *w, const ticker *t, int lanes)
{
    gp_lane lane[GP_VM_LANES] = {0};
    size_t need = 0, at = 0;
    for (int l = 0; l < lanes; l++)
        need += (size_t)s->n_wanted * (size_t)(t[l].n - t[l].from);
    if (need > w->out_cap) {
        free(w->out);
        w->out_cap = need + need / 4;
        w->out = gp_xaligned(w->out_cap * sizeof *w->out);
    }
    for (int l = 0; l < lanes; l++) {
        double **slots = w->slots + (size_t)l * (size_t)(s->n_slots + 1);
        for (int k = 0; k < s->n_wanted; k++) {
            slots[s->wanted[k]] = w->out + at;
            at += (size_t)(t[l].n - t[l].from);
        }
        lane[l] = gp_lane_of(t[l].bars, t[l].n, t[l].from, slots);
        gp_feed_fill(w->feed, l, t[l].bars, t[l].n, &lane[l]);
    }
    gp_vm_run(w->vm, lane, lanes);
    if (s->o->near) {
        collect_near(s, w, t, lanes);
        return;
    }
    size_t first[GP_VM_LANES + 1];
    for (int l = 0; l < lanes; l++) {
        first[l] = w->hits.n;
        collect(s, w, &t[l], w->slots + (size_t)l * (size_t)(s->n_slots + 1));
    }
    first[lanes] = w->hits.n;
    if (s->o->why && first[lanes] > first[0])
        explain_hits(s, w, t, lanes, first);
}

static int by_length(const void *a, const void *b)
{
    const ticker *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : x->input != y->input ? (x->input < y->input ? -1 : 1)
           : x->index < y->index ? -1 : x->index > y->index;
}

/* ---- one batch ---- */

static void open_worker(const scan *s, worker *w)
{
    w->vm = gp_vm_new(s->plan->program, NULL);
    w->feed = gp_feed_new(s->plan->program, s->o->companions);
    w->slots = gp_xcalloc((size_t)GP_VM_LANES * (size_t)(s->n_slots + 1), sizeof *w->slots);
    w->fired = gp_xcalloc((size_t)s->plan->n_signals + 1, sizeof *w->fired);
    w->read = gp_xcalloc(GP_SCAN_FILES, sizeof *w->read);
}

static void take_tickers(const scan *s, worker *w, const gp_read_result *r, size_t input)
{
    for (int k = 0; k < r->n; k++) {
        const gp_bars *b = &r->at[k];
        ticker t = {.bars = b, .input = input, .index = (size_t)k};
        seen mark = {gp_arena_strndup(&w->arena, b->code, strlen(b->code)),
                     b->market && *b->market ? gp_arena_strndup(&w->arena, b->market, strlen(b->market)) : "",
                     input, (size_t)k};
        gp_vec_push(&w->seen, mark);
        if (!place(s->o, &t)) {
            w->too_young++;
            continue;
        }
        if (b->date[t.n - 1] > w->newest)
            w->newest = b->date[t.n - 1];
        if (t.n > w->longest)
            w->longest = t.n;
        gp_vec_push(&w->tickers, t);
    }
}

/* Are all securities of the file what the references to other periods need? */
static bool accepted(const scan *s, const gp_read_result *r, size_t input)
{
    for (int k = 0; s->o->companions && k < r->n; k++)
        if (!gp_companions_accept(s->o->companions, &r->at[k], &s->diags[input]))
            return false;
    return true;
}

static void run_batch(void *ctx, int id, size_t item)
{
    scan *s = ctx;
    worker *w = &s->workers[id];
    const batch *b = &s->batches[item];
    if (!w->vm)
        open_worker(s, w);
    w->tickers.n = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t input = s->order[b->first + i].input;
        gp_read_result *r = &w->read[i];
        *r = (gp_read_result){0};
        if (gp_read_input(s->inputs, input, &s->read, r, &s->diags[input]) && accepted(s, r, input)) {
            w->rows += r->rows;
            w->bytes += r->bytes;
            take_tickers(s, w, r, input);
        } else {
            w->skipped++;
        }
    }
    if (w->tickers.n > 1)
        qsort(w->tickers.at, w->tickers.n, sizeof *w->tickers.at, by_length);
    for (size_t i = 0; i < w->tickers.n; i += GP_VM_LANES) {
        size_t lanes = w->tickers.n - i < GP_VM_LANES ? w->tickers.n - i : GP_VM_LANES;
        run_tile(s, w, w->tickers.at + i, (int)lanes);
    }
    for (size_t i = 0; i < b->n; i++)
        gp_read_result_fini(&w->read[i]);
    size_t done = __atomic_add_fetch(&s->done, b->n, __ATOMIC_RELAXED);
    if (id == 0 && s->o->progress)
        s->o->progress(s->o->ctx, done, s->inputs->n);
}

/* ---- putting it together ---- */

static int order_text(const char *a, const char *b) { return strcmp(a, b); }
static int order_size(size_t a, size_t b) { return a < b ? -1 : a > b; }

static int by_code(const void *a, const void *b)
{
    const gp_hit *x = a, *y = b;
    int c = order_text(x->code, y->code);
    if (!c)
        c = x->date != y->date ? (x->date < y->date ? -1 : 1) : x->time < y->time ? -1 : x->time > y->time;
    if (!c)
        c = order_text(x->market, y->market);
    if (!c)
        c = order_size(x->input, y->input);
    if (!c)
        c = order_size(x->index, y->index);
    return c ? c : x->bar < y->bar ? -1 : x->bar > y->bar;
}

typedef struct keyed { double key; size_t rank; gp_hit hit; } keyed; /* rank: place in the order by code */

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    bool nx = isnan(x->key), ny = isnan(y->key);
    if (nx != ny)
        return nx ? 1 : -1;
    if (!nx && x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return order_size(x->rank, y->rank);
}

static int by_nearness(const void *a, const void *b)
{
    const gp_hit *x = a, *y = b;
    if (x->failed != y->failed)
        return x->failed - y->failed;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    const int c = by_code(a, b);
    return c ? c : x->fired[0] - y->fired[0];
}

static int by_code_and_signal(const void *a, const void *b)
{
    const int c = by_code(a, b);
    const gp_hit *x = a, *y = b;
    return c ? c : x->fired[0] - y->fired[0];
}

static void sort_hits(const gp_plan *p, const gp_scan_opts *o, gp_scan_result *r)
{
    if (o->near && !o->sorted) {
        qsort(r->hits, r->n_hits, sizeof *r->hits, by_nearness);
        return;
    }
    qsort(r->hits, r->n_hits, sizeof *r->hits, by_code_and_signal);
    if (p->sort == GP_SORT_CODE) {
        for (size_t i = 0, k = r->n_hits; p->sort_descending && k > i + 1; i++) {
            gp_hit t = r->hits[i];
            r->hits[i] = r->hits[--k];
            r->hits[k] = t;
        }
        return;
    }
    keyed *v = gp_xcalloc(r->n_hits, sizeof *v);
    for (size_t i = 0; i < r->n_hits; i++) {
        double key = r->hits[i].values[p->n_cols];
        v[i] = (keyed){p->sort_descending ? -key : key, i, r->hits[i]};
    }
    qsort(v, r->n_hits, sizeof *v, by_key);
    for (size_t i = 0; i < r->n_hits; i++)
        r->hits[i] = v[i].hit;
    free(v);
}

static int by_seen(const void *a, const void *b)
{
    const seen *x = a, *y = b;
    int c = order_text(x->code, y->code);
    if (!c)
        c = order_text(x->market, y->market);
    if (!c)
        c = order_size(x->input, y->input);
    return c ? c : order_size(x->index, y->index);
}

static int by_text(const void *key, const void *at) { return strcmp(key, *(const char *const *)at); }

/* Tickers of one code: a warning where it is the same security twice; ".SH" on the code where it is not. */
static void tell_apart(const scan *s, gp_scan_result *r, gp_arena *arena, seen *v, size_t n, gp_diags *d)
{
    GP_VEC(const char *) ambiguous = {0}; /* ascending, as v */
    const char *was = NULL, *now = NULL;
    if (n > 1)
        qsort(v, n, sizeof *v, by_seen);
    for (size_t i = 0, end; i < n; i = end) {
        bool markets = false;
        size_t first = i; /* of one code and market */
        for (end = i + 1; end <= n; end++) {
            bool same_code = end < n && strcmp(v[end].code, v[i].code) == 0;
            if (same_code && strcmp(v[end].market, v[first].market) == 0)
                continue;
            if (v[end - 1].input != v[first].input)
                gp_diag_file(d, GP_D_DUPLICATE_TICKER, s->inputs->at[v[first].input].path, 0, 0, v[first].code,
                             end - first, s->inputs->at[v[first + 1].input].path);
            if (!same_code)
                break;
            markets = true;
            first = end;
        }
        if (markets)
            gp_vec_push(&ambiguous, v[i].code);
    }
    for (size_t k = 0; ambiguous.n && k < r->n_hits; k++) {
        gp_hit *h = &r->hits[k];
        if (h->code != was) { /* the hits of a ticker stand together and share one text */
            was = now = h->code;
            if (*h->market && bsearch(h->code, ambiguous.at, ambiguous.n, sizeof *ambiguous.at, by_text))
                now = gp_arena_printf(arena, "%s.%s", h->code, h->market);
        }
        h->code = now;
    }
    gp_vec_free(&ambiguous);
}

static void merge(scan *s, int jobs, gp_scan_result *r, gp_diags *d)
{
    GP_VEC(seen) all = {0};
    size_t hits = 0;
    for (int i = 0; i < jobs; i++)
        hits += s->workers[i].hits.n;
    r->hits = gp_xcalloc(hits, sizeof *r->hits);
    r->arenas = gp_xcalloc((size_t)jobs, sizeof *r->arenas);
    r->n_arenas = jobs;
    for (int i = 0; i < jobs; i++) {
        worker *w = &s->workers[i];
        if (w->hits.n)
            memcpy(r->hits + r->n_hits, w->hits.at, w->hits.n * sizeof *r->hits);
        r->n_hits += w->hits.n;
        for (size_t k = 0; k < w->seen.n; k++)
            gp_vec_push(&all, w->seen.at[k]);
        r->arenas[i] = w->arena;
        r->tickers += w->seen.n - w->too_young;
        r->too_young += w->too_young;
        r->held += w->held;
        r->skipped += w->skipped;
        r->rows += w->rows;
        r->bytes += w->bytes;
        if (w->newest > r->newest)
            r->newest = w->newest;
        if (w->longest > r->longest)
            r->longest = w->longest;
    }
    for (size_t i = 0; i < s->inputs->n; i++)
        gp_diags_append(d, &s->diags[i]);
    tell_apart(s, r, &r->arenas[0], all.at, all.n, d);
    gp_vec_free(&all);
    sort_hits(s->plan, s->o, r);
    for (size_t i = 0; i < r->n_hits; i++) {
        r->named |= r->hits[i].name[0] != 0;
        r->stale_hits += !is_range(s->o) && s->o->within <= 1 && r->hits[i].date < r->newest;
    }
}

static void close_worker(worker *w)
{
    if (w->vm)
        gp_vm_free(w->vm);
    if (w->why.vm)
        gp_vm_free(w->why.vm);
    gp_feed_free(w->why.feed);
    gp_vec_free(&w->why.reasons);
    free(w->why.out);
    free(w->why.slots);
    gp_feed_free(w->feed);
    gp_vec_free(&w->hits);
    gp_vec_free(&w->seen);
    gp_vec_free(&w->tickers);
    free(w->read);
    free(w->out);
    free(w->slots);
    free(w->fired);
}

void gp_scan_run(const gp_plan *plan, const gp_inputs *inputs, const gp_scan_opts *o, gp_scan_result *out, gp_diags *d)
{
    scan s = {.plan = plan, .inputs = inputs, .o = o};
    int jobs = gp_pool_jobs(o->jobs, inputs->n);
    *out = (gp_scan_result){.inputs = inputs->n};
    /* CLOSE is a column of every row; whatever the formula does not need is not even parsed */
    s.read.need = gp_program_needs(plan->program) | GP_COL_CLOSE;
    s.read.want = s.read.need;
    if (o->companions)
        gp_companions_read_opts(o->companions, &s.read);
    s.read.need |= GP_COL_CLOSE;
    s.read.csv_path = o->csv_path;
    want_slots(&s);
    make_batches(&s, jobs);
    s.diags = gp_xcalloc(inputs->n, sizeof *s.diags);
    s.workers = gp_xcalloc((size_t)jobs, sizeof *s.workers);
    gp_pool_run(jobs, s.n_batches, run_batch, &s);
    merge(&s, jobs, out, d);
    for (int i = 0; i < jobs; i++)
        close_worker(&s.workers[i]);
    for (size_t i = 0; i < inputs->n; i++)
        gp_diags_fini(&s.diags[i]);
    free(s.workers);
    free(s.diags);
    free(s.batches);
    free(s.order);
    free(s.wanted);
}

void gp_scan_result_fini(gp_scan_result *r)
{
    for (int i = 0; i < r->n_arenas; i++)
        gp_arena_fini(&r->arenas[i]);
    free(r->arenas);
    free(r->hits);
    *r = (gp_scan_result){0};
}
