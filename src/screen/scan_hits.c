/* What holds on the bars of a tile: hits, why they are hits, and near misses. */
#include <math.h>
#include <string.h>
#include "screen/scan_inside.h"

/* ---- which bars ---- */

int gp_bars_until(const gp_bars *b, int32_t day, bool before)
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

void gp_view_place(const gp_scan_opts *o, gp_view *v)
{
    const gp_ticker *t = v->t;
    v->to = t->n - 1;
    if (gp_is_range(o)) {
        v->from = o->from ? gp_bars_until(t->bars, o->from, true) : 0;
        if (o->to) {
            int end = gp_bars_until(t->bars, o->to, false);
            v->to = end < t->n ? end - 1 : v->to;
        }
        v->from = v->from < t->n ? v->from : t->n; /* all bars are earlier */
    } else {
        v->from = o->within > 1 && o->within < t->n ? t->n - o->within : o->within > 1 ? 0 : t->n - 1;
    }
}

/* ---- one ticker ---- */

static bool holds(double x) { return fabs(x) >= 1e-5; } /* false for NaN; language.md 4.5 */

/* The signals that hold, in w->fired; returns how many.  at: place of the bar in the results. */
static int fired_at(gp_part *w, double *const *slots, int at)
{
    const gp_plan *p = w->plan;
    int n = 0;
    if (p->where >= 0 && !holds(slots[p->where][at]))
        return 0;
    for (int k = 0; k < p->n_signals; k++)
        if (p->signals[k].slot >= 0 && holds(slots[p->signals[k].slot][at]))
            w->fired[n++] = k;
    return n;
}

/* Adds a row for bar i of a ticker with the n signals in w->fired.  slots: results from bar t->from on. */
static gp_hit *add_row(gp_part *w, const gp_view *v, int i, int n)
{
    const gp_plan *p = w->plan;
    const gp_bars *b = v->t->bars;
    double *const *slots = v->slots;
    int at = i - v->first;
    const int row = i - b->before;
    gp_hit h = {.date = b->date[row], .time = b->time ? b->time[row] : -1, .close = b->close ? b->close[row] : NAN,
                .input = v->t->input, .index = v->t->index, .bar = i, .history = b->history};
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
    const int trail = b->close ? (row + 1 < w->o->trail ? row + 1 : w->o->trail) : 0;
    if (trail > 0) {
        double *closes = gp_arena_alloc(&w->arena, (size_t)trail * sizeof *closes);
        memcpy(closes, b->close + row + 1 - trail, (size_t)trail * sizeof *closes);
        h.trail = closes;
        h.n_trail = trail;
    }
    h.code = b->code; /* replaced by a copy that outlives the bars */
    gp_vec_push(&w->hits, h);
    return &w->hits.at[w->hits.n - 1];
}

static bool add_hit(gp_part *w, const gp_view *v, int i)
{
    int n = fired_at(w, v->slots, i - v->first);
    if (n)
        add_row(w, v, i, n);
    return n > 0;
}

/* Rows from `first` on are this ticker's: they get texts that outlive the bars. */
static void label_rows(gp_part *w, const gp_ticker *t, size_t first)
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

static void collect(gp_part *w, const gp_view *v)
{
    size_t first = w->hits.n;
    if (gp_is_range(w->o)) {
        for (int i = v->from; i <= v->to; i++)
            add_hit(w, v, i);
    } else {
        for (int i = v->to; i >= v->from; i--)
            if (add_hit(w, v, i))
                break;
    }
    label_rows(w, v->t, first);
}

/* ---- why, and why not ---- */

static int first_explained(const gp_view *v) { return v->from > 0 ? v->from - 1 : 0; } /* the bar before counts too */

/* Runs the why program over the chosen tickers of a tile; slots[l] are the results of ticker l. */
static void run_why(gp_part *w, const gp_companions *companions, const gp_view *v, const bool *chosen, int lanes, double ***slots)
{
    const gp_program *p = gp_why_program(w->o->why);
    const size_t n_slots = (size_t)gp_program_n_slots(p);
    gp_second *y = &w->why;
    gp_lane lane[GP_VM_LANES] = {0};
    size_t need = 0;
    double *at;
    int n = 0;
    if (!y->vm) {
        y->vm = gp_vm_new(p, NULL);
        y->feed = gp_feed_new(p, companions);
        y->slots = gp_xcalloc(GP_VM_LANES * (n_slots + 1), sizeof *y->slots);
    }
    for (int l = 0; l < lanes; l++)
        need += chosen[l] ? n_slots * (size_t)(v[l].t->n - first_explained(&v[l])) : 0;
    if (need > y->cap) {
        free(y->out);
        y->cap = need + need / 4;
        y->out = gp_xaligned(y->cap * sizeof *y->out);
    }
    at = y->out;
    for (int l = 0; l < lanes; l++) {
        const gp_ticker *t = v[l].t;
        if (!chosen[l])
            continue;
        slots[l] = y->slots + (size_t)l * (n_slots + 1);
        for (size_t k = 0; k < n_slots; k++, at += t->n - first_explained(&v[l]))
            slots[l][k] = at;
        lane[n] = gp_lane_of(t->bars, t->n, first_explained(&v[l]), slots[l]);
        gp_feed_fill(y->feed, n, t->bars, t->n, &lane[n]);
        n++;
    }
    if (n)
        gp_vm_run(y->vm, lane, n);
}

static void keep_reasons(gp_part *w, gp_hit *h)
{
    gp_reason *kept = gp_arena_alloc(&w->arena, (w->why.reasons.n + 1) * sizeof *kept);
    if (w->why.reasons.n)
        memcpy(kept, w->why.reasons.at, w->why.reasons.n * sizeof *kept);
    h->why = kept;
    h->n_why = (int)w->why.reasons.n;
}

/* Rows first[l]..first[l+1]-1 are the hits of ticker l. */
static void explain_hits(gp_part *w, const gp_companions *companions, const gp_view *v, int lanes, const size_t *first)
{
    bool chosen[GP_VM_LANES] = {false};
    double **slots[GP_VM_LANES] = {0};
    for (int l = 0; l < lanes; l++)
        chosen[l] = first[l + 1] > first[l];
    run_why(w, companions, v, chosen, lanes, slots);
    for (int l = 0; l < lanes; l++)
        for (size_t i = first[l]; i < first[l + 1]; i++) {
            gp_hit *h = &w->hits.at[i];
            const int at = h->bar - first_explained(&v[l]);
            w->why.reasons.n = 0;
            for (int k = 0; k < h->n_fired; k++)
                gp_why_held(w->o->why, h->fired[k], slots[l], at, h->bar > 0, &w->why.reasons);
            keep_reasons(w, h);
        }
}

/* The nearest bar of one ticker to a signal that holds on none: fewest conditions missing, then nearest, then newest. */
static void add_near(gp_part *w, const gp_view *v, double *const *why, int signal)
{
    const int parts = gp_why_parts(w->o->why, signal);
    int best = -1, failed = 0;
    double distance = 0, d;
    for (int i = v->to; i >= v->from; i--) {
        w->why.reasons.n = 0;
        const int n = gp_why_missed(w->o->why, signal, why, i - first_explained(v), i > 0, &w->why.reasons, &d);
        if (n == 0)
            return; /* a hit */
        if (n > w->o->near || n >= parts || (best >= 0 && (n > failed || (n == failed && d >= distance))))
            continue;
        best = i;
        failed = n;
        distance = d;
    }
    if (best < 0)
        return;
    w->why.reasons.n = 0;
    gp_why_missed(w->o->why, signal, why, best - first_explained(v), best > 0, &w->why.reasons, &d);
    w->fired[0] = signal;
    gp_hit *h = add_row(w, v, best, 1);
    h->failed = failed;
    h->parts = parts;
    h->distance = distance;
    keep_reasons(w, h);
}

static void collect_near(gp_part *w, const gp_companions *companions, const gp_view *v, int lanes)
{
    const bool chosen[GP_VM_LANES] = {true, true, true, true, true, true, true, true};
    double **why[GP_VM_LANES] = {0};
    run_why(w, companions, v, chosen, lanes, why);
    for (int l = 0; l < lanes; l++) {
        const size_t first = w->hits.n;
        bool held = false;
        for (int i = v[l].to; i >= v[l].from && !held; i--)
            held = fired_at(w, v[l].slots, i - v[l].first) > 0;
        w->held += held;
        for (int k = 0; k < w->plan->n_signals; k++)
            add_near(w, &v[l], why[l], k);
        label_rows(w, v[l].t, first);
    }
}

void gp_part_collect(gp_part *w, const gp_companions *companions, const gp_view *v, int lanes)
{
    size_t first[GP_VM_LANES + 1] = {0};
    if (w->o->near) {
        collect_near(w, companions, v, lanes);
        return;
    }
    for (int l = 0; l < lanes; l++) {
        first[l] = w->hits.n;
        collect(w, &v[l]);
    }
    first[lanes] = w->hits.n;
    if (w->o->why && first[lanes] > first[0])
        explain_hits(w, companions, v, lanes, first);
}

void gp_part_open(gp_part *w, const gp_plan *plan, const gp_scan_opts *o)
{
    w->plan = plan;
    w->o = o;
    w->n_slots = gp_program_n_slots(plan->program);
    w->slots = gp_xcalloc((size_t)GP_VM_LANES * (size_t)(w->n_slots + 1), sizeof *w->slots);
    w->fired = gp_xcalloc((size_t)plan->n_signals + 1, sizeof *w->fired);
}

void gp_part_close(gp_part *w)
{
    if (w->why.vm)
        gp_vm_free(w->why.vm);
    gp_feed_free(w->why.feed);
    gp_vec_free(&w->why.reasons);
    free(w->why.out);
    free(w->why.slots);
    gp_vec_free(&w->hits);
    free(w->slots);
    free(w->fired);
}
