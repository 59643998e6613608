/* Eight cuts of one security are the lanes of a tile, so a proof costs a sixteenth of its cuts as runs. */
#include "screen/prove.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "market/resample.h"
#include "screen/feed.h"

struct gp_prover {
    const gp_program *p;
    const gp_output *outputs;
    int n_outputs, n_slots;
    int cuts;
    int *at;
    bool *wanted;           /* per slot: some output shows it */
    int n_wanted;
    gp_vm *vm;
    gp_feed *feed;          /* NULL: nothing is needed beside the quotes */
    double *room;           /* results: the whole data, then one part a lane */
    size_t room_cap;
    double **slots;         /* [1 + GP_VM_LANES][n_slots] */
    char ***texts;          /* per output that is a text: its text on each bar of the whole data */
    int n_texts;            /* bars of them */
    int64_t *keys[GP_PERIODS]; /* per period that a label names, and the week: which longer bar each bar belongs to */
};

int gp_prove_cuts(int n, int cuts, int *at)
{
    const int most = n - 1;
    if (cuts >= most) {
        for (int k = 0; k < most; k++) at[k] = k + 1;
        return most > 0 ? most : 0;
    }
    const int tail = cuts / 2 < GP_PROVE_TAIL ? cuts / 2 : GP_PROVE_TAIL, spread = cuts - tail;
    const int room = most - tail; /* bars 1..room for the spread ones; cuts < most, so each gets its own */
    for (int k = 0; k < spread; k++) at[k] = 1 + (int)((long long)k * room / spread);
    for (int k = 0; k < tail; k++) at[spread + k] = room + 1 + k;
    return cuts;
}

static void want(gp_prover *v, int slot)
{
    if (slot < 0 || v->wanted[slot]) return;
    v->wanted[slot] = true;
    v->n_wanted++;
}

gp_prover *gp_prover_new(const gp_program *p, const gp_companions *c, const gp_prove_opts *o)
{
    gp_prover *v = gp_xcalloc(1, sizeof *v);
    v->p = p;
    v->outputs = gp_program_outputs(p, &v->n_outputs);
    v->n_slots = gp_program_n_slots(p);
    v->cuts = o && o->cuts > 0 ? o->cuts : GP_PROVE_CUTS;
    v->wanted = gp_xcalloc((size_t)v->n_slots + 1, sizeof *v->wanted);
    for (int k = 0; k < v->n_outputs; k++) {
        want(v, v->outputs[k].slot), want(v, v->outputs[k].cond);
        if (v->outputs[k].kind == GP_OUT_TEXT) want(v, gp_program_text_slot(p, v->outputs[k].text));
    }
    v->vm = gp_vm_new(p, NULL);
    v->feed = gp_feed_new(p, c);
    v->slots = gp_xcalloc((size_t)(1 + GP_VM_LANES) * (size_t)(v->n_slots + 1), sizeof *v->slots);
    v->texts = gp_xcalloc((size_t)v->n_outputs + 1, sizeof *v->texts);
    return v;
}

static void number_periods(gp_prover *v, const gp_bars *b)
{
    bool wanted[GP_PERIODS] = {false};
    for (int k = 0; k < v->n_outputs; k++) {
        const gp_ahead *a = &v->outputs[k].ahead;
        if (a->kind == GP_FUTURE_PERIOD && a->bars < GP_PERIODS) wanted[a->bars] = wanted[GP_PERIOD_WEEK] = true;
    }
    for (int p = 0; p < GP_PERIODS; p++) {
        if (!wanted[p]) continue;
        gp_buckets buckets;
        gp_buckets_init(&buckets, b, b->n, (gp_period)p);
        v->keys[p] = gp_xrealloc(v->keys[p], ((size_t)b->n + 1) * sizeof *v->keys[p]);
        for (int i = 0; i < b->n; i++) v->keys[p][i] = gp_bucket_of(&buckets, b->date[i], b->time ? b->time[i] : -1);
    }
}

static void forget_texts(gp_prover *v)
{
    for (int k = 0; k < v->n_outputs; k++) {
        for (int i = 0; v->texts[k] && i < v->n_texts; i++) free(v->texts[k][i]);
        free(v->texts[k]);
        v->texts[k] = NULL;
    }
}

void gp_prover_free(gp_prover *v)
{
    if (!v) return;
    forget_texts(v);
    gp_vm_free(v->vm);
    gp_feed_free(v->feed);
    for (int p = 0; p < GP_PERIODS; p++) free(v->keys[p]);
    free(v->at);
    free(v->wanted);
    free(v->room);
    free(v->slots);
    free(v->texts);
    free(v);
}

static double **slots_of(gp_prover *v, int part)
{
    return v->slots + (size_t)part * (size_t)(v->n_slots + 1);
}

static void reserve(gp_prover *v, int n)
{
    const size_t part = (size_t)v->n_wanted * (size_t)n, need = part * (1 + GP_VM_LANES) + 8;
    if (need > v->room_cap) {
        free(v->room);
        v->room = gp_xaligned(need * sizeof *v->room);
        v->room_cap = need;
    }
    for (int l = 0; l <= GP_VM_LANES; l++) {
        double *at = v->room + (size_t)l * part;
        for (int s = 0; s < v->n_slots; s++) {
            if (!v->wanted[s]) continue;
            slots_of(v, l)[s] = at;
            at += n;
        }
    }
    v->at = gp_xrealloc(v->at, ((size_t)(v->cuts < n ? v->cuts : n) + 1) * sizeof *v->at);
}

/* The first n bars, which is all that the feed looks at, too. */
static gp_lane lane_of(gp_prover *v, int number, const gp_bars *b, int n, double *const *out)
{
    gp_lane lane = gp_lane_of(b, n, 0, out);
    gp_feed_fill(v->feed, number, b, n, &lane);
    return lane;
}

static bool holds(double x)
{
    return fabs(x) >= 1e-5; /* language.md 4.5; false for null */
}

/* What the output shows on a bar: a drawing its price, or without one its condition, and only where the condition holds. */
static double shown(const gp_output *o, double *const *slots, int i)
{
    if (o->kind != GP_OUT_DRAW) return slots[o->slot][i];
    if (o->cond < 0) return o->slot < 0 ? NAN : slots[o->slot][i];
    if (o->slot < 0) return slots[o->cond][i];
    return holds(slots[o->cond][i]) ? slots[o->slot][i] : NAN;
}

/* Whether it is a signal on a bar. */
static bool fires(const gp_output *o, double *const *slots, int i)
{
    return holds(o->kind == GP_OUT_DRAW && o->cond >= 0 ? slots[o->cond][i] : slots[o->slot][i]);
}

static bool has_series(const gp_output *o)
{
    return o->kind != GP_OUT_TEXT && (o->slot >= 0 || o->cond >= 0);
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || a == b || (a != a && b != b);
}

static bool is_signal(const gp_output *o, double *const *slots, int n)
{
    if (!has_series(o)) return false;
    if (o->kind == GP_OUT_DRAW && o->cond >= 0) return true;
    for (int i = 0; i < n; i++) {
        const double x = slots[o->slot][i];
        if (x == x && x != 0.0 && x != 1.0) return false;
    }
    return true;
}

/* What the label allows to change on a bar while the data end after `end` bars. */
static bool allowed(const gp_prover *v, const gp_output *o, int bar, int end)
{
    const int p = o->ahead.bars;
    switch (o->ahead.kind) {
    case GP_FUTURE_NONE: return false;
    case GP_FUTURE_N: return end - bar <= o->ahead.bars;
    case GP_FUTURE_PERIOD: /* a week is part of two months: what looks at both has the longer one in its label */
        return v->keys[p][bar] == v->keys[p][end - 1] ||
               (p > GP_PERIOD_WEEK && v->keys[GP_PERIOD_WEEK][bar] == v->keys[GP_PERIOD_WEEK][end - 1]);
    case GP_FUTURE_REPAINT:
    case GP_FUTURE_LAST: break;
    }
    return true;
}

static void note(gp_proof *r, gp_change c)
{
    const bool none = r->changed == 0;
    if (none || c.bar <= r->first.bar) r->first = c;
    if (none || gp_change_back(&c) >= gp_change_back(&r->deepest)) r->deepest = c;
}

/* A function such as MEMA gives its first value only when one more bar is there.  That is no look-ahead anybody could trade on;
 * it shows in one cut, on its newest bar, for each such call. */
static bool is_late(const gp_output *o, const gp_proof *r, int back)
{
    return o->ahead.late > r->late && back == 1 + (o->ahead.kind == GP_FUTURE_N ? o->ahead.bars : 0);
}

static void compare(gp_prover *v, int k, int end, int lane, gp_proof *r)
{
    const gp_output *o = &v->outputs[k];
    double *const *whole = slots_of(v, 0), *const *part = slots_of(v, 1 + lane);
    int changes = 0;
    bool late = false;
    for (int i = 0; i < end; i++) {
        const double was = shown(o, part, i), now = shown(o, whole, i);
        if (same(was, now)) continue;
        const gp_change c = {i, end, was, now};
        const int back = gp_change_back(&c);
        if (!allowed(v, o, i, end)) {
            if (is_late(o, r, back)) {
                late = true;
                continue;
            }
            r->agrees = false;
        }
        note(r, c);
        r->changed += changes++ == 0;
    }
    r->late += late;
    if (!r->is_signal) return;
    const bool then = fires(o, part, end - 1), now = fires(o, whole, end - 1);
    r->seen += then;
    r->gone += then && !now;
    r->born += !then && now;
}

static void compare_text(gp_prover *v, int k, int end, int lane, gp_proof *r)
{
    const gp_output *o = &v->outputs[k];
    if (strcmp(gp_vm_text(v->vm, lane, o->text), v->texts[k][end - 1]) == 0) return;
    if (!allowed(v, o, end - 1, end)) {
        if (is_late(o, r, 1)) {
            r->late++;
            return;
        }
        r->agrees = false;
    }
    note(r, (gp_change){end - 1, end, NAN, NAN});
    r->changed++;
}

static void run_whole(gp_prover *v, const gp_bars *b, gp_proof *proof)
{
    const gp_lane lane = lane_of(v, 0, b, b->n, slots_of(v, 0));
    gp_vm_run(v->vm, &lane, 1);
    forget_texts(v);
    v->n_texts = b->n;
    for (int k = 0; k < v->n_outputs; k++) {
        const gp_output *o = &v->outputs[k];
        proof[k] = (gp_proof){.agrees = true, .is_signal = is_signal(o, slots_of(v, 0), b->n)};
        if (o->kind != GP_OUT_TEXT) continue;
        v->texts[k] = gp_xcalloc((size_t)b->n + 1, sizeof *v->texts[k]);
        for (int i = 0; i < b->n; i++) {
            const char *text = gp_vm_text_at(v->vm, 0, o->text, i);
            v->texts[k][i] = gp_xcalloc(strlen(text) + 1, 1);
            memcpy(v->texts[k][i], text, strlen(text));
        }
    }
}

void gp_prove(gp_prover *v, const gp_bars *b, gp_proof *proof)
{
    reserve(v, b->n);
    number_periods(v, b);
    run_whole(v, b, proof);
    const int cuts = gp_prove_cuts(b->n, v->cuts, v->at);
    for (int first = 0; first < cuts; first += GP_VM_LANES) {
        gp_lane lane[GP_VM_LANES];
        const int lanes = cuts - first < GP_VM_LANES ? cuts - first : GP_VM_LANES;
        for (int l = 0; l < lanes; l++) lane[l] = lane_of(v, l, b, v->at[first + l], slots_of(v, 1 + l));
        gp_vm_run(v->vm, lane, lanes);
        for (int l = 0; l < lanes; l++)
            for (int k = 0; k < v->n_outputs; k++) {
                if (v->outputs[k].kind == GP_OUT_TEXT) compare_text(v, k, v->at[first + l], l, &proof[k]);
                else if (has_series(&v->outputs[k])) compare(v, k, v->at[first + l], l, &proof[k]);
            }
    }
    for (int k = 0; k < v->n_outputs; k++) proof[k].cuts = cuts;
}
