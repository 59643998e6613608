/* Fills the columns of one lane after the other.  A program on another period or security runs here, one lane at a time, on a
 * machine of its own. */
#include "screen/feed.h"
#include <math.h>
#include "base/vec.h"
#include "market/adjust.h"
#include "market/resample.h"
#include "market/stamp.h"
#include "screen/bind.h"
#include "screen/snapshot.h"

/* A bar without a time of day is over when the session is. */
enum { DAY_ENDS = 150000 };

typedef struct column { double *at; size_t cap; } column;

/* A program that runs for an external, and its last run. */
typedef struct runner {
    gp_vm *vm;
    gp_feed *feed;
    column out;
    double **slots;
    gp_resampled longer; /* of another security */
    int bars;            /* of the other security that the last run saw; -1: none */
} runner;

struct gp_feed {
    const gp_companions *c;
    const gp_bound_program *bound;
    int n;                                  /* externals */
    column *columns;                        /* [lane * n + external] */
    const double **ext;                     /* the same */
    gp_str *texts;
    gp_buf *text_room;                      /* what they point into */
    runner *runners;                        /* [external] */
    gp_resampled longer[GP_PERIODS];        /* of the security at hand */
    int *map;
    size_t map_cap;
    int *index_at;                          /* bar of the index for each bar, while one security is filled */
    size_t index_cap;
    int index;                              /* which index; -1 none, -2 not looked for yet */
    uint64_t counted;                       /* whose lacks are counted already: a hash of the code */
};

static gp_feed *feed_of(const gp_bound_program *bound, const gp_companions *c)
{
    if (bound->n == 0) return NULL;
    gp_feed *f = gp_xcalloc(1, sizeof *f);
    const size_t cells = (size_t)bound->n * GP_VM_LANES;
    f->c = c;
    f->bound = bound;
    f->n = bound->n;
    f->columns = gp_xcalloc(cells, sizeof *f->columns);
    f->ext = gp_xcalloc(cells, sizeof *f->ext);
    f->texts = gp_xcalloc(cells, sizeof *f->texts);
    f->text_room = gp_xcalloc(cells, sizeof *f->text_room);
    f->runners = gp_xcalloc((size_t)bound->n, sizeof *f->runners);
    for (int k = 0; k < f->n; k++) {
        const gp_bound *b = &bound->at[k];
        runner *r = &f->runners[k];
        if (!b->program) continue;
        r->vm = gp_vm_new(b->ext->program, NULL);
        r->feed = feed_of(b->program, c);
        r->slots = gp_xcalloc((size_t)gp_program_n_slots(b->ext->program) + 1, sizeof *r->slots);
        r->bars = -1;
    }
    return f;
}

gp_feed *gp_feed_new(const gp_program *p, const gp_companions *c)
{
    for (size_t i = 0; c && i < c->roots.n; i++)
        if (c->roots.at[i]->p == p) return feed_of(c->roots.at[i], c);
    return NULL;
}

void gp_feed_free(gp_feed *f)
{
    if (!f) return;
    for (int k = 0; k < f->n; k++) {
        runner *r = &f->runners[k];
        gp_vm_free(r->vm);
        gp_feed_free(r->feed);
        gp_resampled_fini(&r->longer);
        free(r->out.at);
        free(r->slots);
    }
    for (size_t i = 0; i < (size_t)f->n * GP_VM_LANES; i++) {
        free(f->columns[i].at);
        gp_buf_free(&f->text_room[i]);
    }
    for (int p = 0; p < GP_PERIODS; p++) gp_resampled_fini(&f->longer[p]);
    free(f->columns);
    free(f->ext);
    free(f->texts);
    free(f->text_room);
    free(f->runners);
    free(f->map);
    free(f->index_at);
    free(f);
}

static double *room(column *c, size_t n)
{
    if (n + 1 > c->cap) {
        free(c->at);
        c->cap = n + n / 4 + 8;
        c->at = gp_xaligned(c->cap * sizeof *c->at);
    }
    return c->at;
}

static int *int_room(int **at, size_t *cap, size_t n)
{
    if (n + 1 > *cap) {
        *cap = n + n / 4 + 8;
        free(*at);
        *at = gp_xrealloc(NULL, *cap * sizeof **at);
    }
    return *at;
}

/* ---- in step with other bars ---- */

static int64_t stamp_of(const gp_bars *b, int i, int without)
{
    return (int64_t)b->date[i] * 1000000 + (b->time ? b->time[i] : without);
}

/* Bars of `other` that are over when bar n-1 of b is. */
static int bars_until(const gp_bars *other, const gp_bars *b, int n)
{
    const int64_t last = n > 0 ? stamp_of(b, n - 1, DAY_ENDS) : -1;
    int lo = 0, hi = other->n;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        if (stamp_of(other, mid, DAY_ENDS) <= last)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* at[i]: the bar of `other` with the stamp of bar i, or -1.  False when there is none at all. */
static bool align(const gp_bars *b, int n, const gp_bars *other, int *at)
{
    bool any = false;
    int k = 0;
    const bool comparable = !b->time == !other->time;
    for (int i = 0; i < n; i++) {
        const int64_t stamp = stamp_of(b, i, 0);
        while (comparable && k < other->n && stamp_of(other, k, 0) < stamp) k++;
        at[i] = comparable && k < other->n && stamp_of(other, k, 0) == stamp ? k : -1;
        any |= at[i] >= 0;
    }
    return any;
}

static void pick(double *to, const int *at, int n, const double *from)
{
    for (int i = 0; i < n; i++) to[i] = from && at[i] >= 0 ? from[at[i]] : NAN;
}

/* ---- the kinds ---- */

static void lack(gp_feed *f, const gp_bound *x, const gp_bars *b, bool count, const char *why)
{
    if (count) gp_lack_add(f->c, x->lack, why, b->code);
}

static void fill_index(gp_feed *f, const gp_bound *x, const gp_bars *b, int n, double *to, bool count)
{
    int *at = int_room(&f->index_at, &f->index_cap, (size_t)n);
    if (f->index == -2) {
        f->index = gp_index_for(f->c, b);
        if (f->index >= 0 && !align(b, n, &f->c->index.at[f->index], at) && n > 0) f->index = -3;
        if (f->index >= 0 && n > 0 && at[n - 1] < 0 && count) gp_note_add(f->c, &f->c->stale, b->code);
    }
    if (f->index < 0) {
        lack(f, x, b, count, f->index == -3 ? "the index has a bar on none of their days" : "their benchmark index is not among the files of --index");
        for (int i = 0; i < n; i++) to[i] = NAN;
        return;
    }
    const gp_bars *index = &f->c->index.at[f->index];
    const double *const columns[] = {index->open, index->high, index->low, index->close, index->vol, index->amount};
    pick(to, at, n, x->at < 6 ? columns[x->at] : index->more[x->at - 6]);
}

/* The figure of each bar: the value of the latest day up to the bar's. */
static bool figure(const gp_feed *f, const gp_bound *x, const gp_bars *b, int n, double *to)
{
    int count = 0, next = 0;
    const gp_fact *facts = x->key >= 0 ? gp_facts_of(f->c->facts, b, x->key, &count) : NULL;
    const bool constant = count == 0 && !isnan(x->fallback);
    double now = constant ? x->fallback : NAN;
    const gp_from from = constant && x->from == GP_FROM_DAYS ? GP_FROM_FACT : x->from;
    for (int i = 0; i < n; i++) {
        while (next < count && facts[next].date <= b->date[i]) now = facts[next++].value * x->scale;
        to[i] = from == GP_FROM_CLOSE  ? now * b->close[i]
                : from == GP_FROM_DAYS ? gp_day_number(b->date[i]) - (isnan(now) ? NAN : gp_day_number((int32_t)now))
                                       : now;
        if (fabs(to[i]) > GP_QUOTE_MAX) to[i] = NAN;
    }
    return count > 0 || constant;
}

/* VOL and CAPITAL are to be in the same unit: a turnover above 1 can be a day's oddity, not that of every fifth day. */
static void check_units(const gp_feed *f, const gp_bars *b, int n, const double *capital)
{
    int above = 0;
    for (int i = 0; i < n && b->vol; i++) above += b->vol[i] > capital[i];
    if (above > n / 5) gp_note_add(f->c, &f->c->units, b->code);
}

static void fill_fundamental(gp_feed *f, const gp_bound *x, const gp_bars *b, int n, double *to, bool count)
{
    static const char no_value[] = "the file of --fundamentals has no value for them";
    const int which = gp_snapshot_key(x->ext->key);
    if (which < 0) {
        if (!figure(f, x, b, n, to)) lack(f, x, b, count, no_value);
        if (count && strcmp(x->ext->key, "capital") == 0) check_units(f, b, n, to);
        if (count && x->ext->daily && gp_period_of_code(b->period) != GP_PERIOD_DAY) gp_note_add(f->c, &f->c->longer, b->code);
    } else if (gp_snapshot_capital(which)) {
        if (!figure(f, x, b, n, to)) lack(f, x, b, count, no_value);
        if (count) check_units(f, b, n, to);
        for (int i = 0; i < n; i++) to[i] = b->vol && to[i] > 0 ? b->vol[i] / to[i] : NAN;
    } else {
        const double last = gp_snapshot(b, n, which);
        for (int i = 0; i < n; i++) to[i] = last;
    }
}

static void fill(gp_feed *f, int lane_number, const gp_bars *b, int n, gp_lane *lane, bool count);

static void fill_series(gp_feed *f, const gp_bound *x, const gp_bars *b, int n, double *to, bool count)
{
    int values;
    const gp_fact *facts = gp_facts_of(f->c->series, b, x->key, &values);
    gp_series_fill(facts, values, (gp_series_type)x->at, b, n, to);
    if (values == 0 && x->at != GP_SERIES_ZERO) lack(f, x, b, count, "the file of --series has no value for them");
}

static void fill_event(const gp_feed *f, const gp_bound *x, const gp_bars *b, int n, double *to)
{
    if (x->key < 0) {
        int count;
        const gp_event *e = gp_events_of(f->c->events, b, &count);
        gp_adjust_factors(e, count, x->at == 2, b, n, to);
    } else {
        gp_events_nth(f->c->events, x->at, (gp_event_figure)x->key, strncmp(x->ext->key, "splitbars", 9) == 0, b, n, to);
    }
}

static double is_trading_day(const gp_companions *c, int32_t day)
{
    for (size_t i = 0; i < c->index.n; i++)
        for (int k = c->index.at[i].n - 1; k >= 0 && c->index.at[i].date[k] >= day; k--)
            if (c->index.at[i].date[k] == day) return 1;
    return 0;
}

static void fill_name(gp_feed *f, const gp_bound *x, double *to, size_t cell)
{
    const char *name = f->c->others.at[x->at].bars.name;
    to[0] = NAN;
    f->texts[cell] = gp_str_from(name ? name : "");
}

/* One number or text per security. */
static void fill_block(gp_feed *f, const gp_bound *x, const gp_bars *b, double *to, size_t cell)
{
    const gp_blocks *blocks = f->c->blocks;
    switch (x->what) {
    case GP_BLOCK_HOLDS: to[0] = gp_blocks_holds(blocks, x->at, b); break;
    case GP_BLOCK_SIZE: to[0] = gp_blocks_size(blocks, x->at); break;
    case GP_BLOCK_COUNT: to[0] = gp_blocks_of(blocks, (gp_block_kind)x->at, b, NULL); break;
    case GP_BLOCK_NAMES:
        to[0] = NAN;
        f->text_room[cell].n = 0;
        gp_blocks_of(blocks, (gp_block_kind)x->at, b, &f->text_room[cell]);
        f->texts[cell] = (gp_str){f->text_room[cell].p ? f->text_room[cell].p : "", f->text_room[cell].n};
        break;
    }
}

/* Runs r's program over the first n bars of b; the values stand in r->out. */
static const double *run(runner *r, const gp_external *x, const gp_bars *b, int n, bool count)
{
    gp_lane lane = gp_lane_of(b, n, 0, r->slots);
    if (r->feed) fill(r->feed, 0, b, n, &lane, count);
    r->slots[x->slot] = room(&r->out, (size_t)n);
    gp_vm_run(r->vm, &lane, 1);
    return r->out.at;
}

static const gp_resampled *longer_bars(gp_feed *f, const gp_bars *b, int n, gp_period period)
{
    gp_resampled *r = &f->longer[period];
    if (!r->key) gp_resample(b, n, period, r);
    return r;
}

static void fill_program(gp_feed *f, int k, const gp_bars *b, int n, double *to, bool count)
{
    const gp_bound *x = &f->bound->at[k];
    const gp_external *ext = x->ext;
    runner *r = &f->runners[k];
    const gp_bars *src = x->other >= 0 ? &f->c->others.at[x->other].bars : b;
    const int m = x->other >= 0 ? bars_until(src, b, n) : n;
    const bool again = x->other >= 0 && r->bars == m; /* the last run saw the same bars */
    const bool counts = x->other >= 0 ? r->bars < 0 : count; /* what the other security lacks is told once */
    int *map = int_room(&f->map, &f->map_cap, (size_t)n);
    bool any = true;
    if (ext->period == GP_PERIOD_SAME) {
        if (!again) run(r, ext, src, m, counts);
        if (x->other >= 0)
            any = align(b, n, src, map);
        else
            for (int i = 0; i < n; i++) map[i] = i;
        for (int i = 0; i < n; i++) map[i] = map[i] < m ? map[i] : -1;
    } else {
        const gp_resampled *longer;
        if (x->other < 0) {
            longer = longer_bars(f, b, n, ext->period);
        } else {
            if (!again) {
                gp_resampled_fini(&r->longer);
                gp_resample(src, m, ext->period, &r->longer);
            }
            longer = &r->longer;
        }
        if (!again) run(r, ext, &longer->bars, longer->bars.n, counts);
        gp_resample_map(b, n, longer, ext->closed, map);
        for (int i = 0; x->other >= 0 && i < n; i++) any = i ? any || map[i] >= 0 : map[i] >= 0;
    }
    r->bars = x->other >= 0 ? m : -1;
    pick(to, map, n, r->out.at);
    if (n > 0 && !any) lack(f, x, b, count, "that security has a bar on none of their days");
}

static void fill(gp_feed *f, int lane_number, const gp_bars *b, int n, gp_lane *lane, bool count)
{
    const size_t first = (size_t)lane_number * (size_t)f->n;
    f->index = -2;
    for (int p = 0; p < GP_PERIODS; p++)
        if (f->longer[p].key) gp_resampled_fini(&f->longer[p]);
    for (int k = 0; k < f->n; k++) {
        const gp_bound *x = &f->bound->at[k];
        if (x->ext->kind == GP_EXT_COLUMN) {
            f->ext[first + (size_t)k] = x->at < b->n_more ? b->more[x->at] : NULL;
            continue;
        }
        double *to = room(&f->columns[first + (size_t)k], (size_t)n);
        f->ext[first + (size_t)k] = to;
        switch (x->ext->kind) {
        case GP_EXT_INDEX: fill_index(f, x, b, n, to, count); break;
        case GP_EXT_FUNDAMENTAL: fill_fundamental(f, x, b, n, to, count); break;
        case GP_EXT_BLOCK: fill_block(f, x, b, to, first + (size_t)k); break;
        case GP_EXT_SERIES: fill_series(f, x, b, n, to, count); break;
        case GP_EXT_EVENT: fill_event(f, x, b, n, to); break;
        case GP_EXT_CALENDAR: to[0] = is_trading_day(f->c, x->at); break;
        case GP_EXT_NAME: fill_name(f, x, to, first + (size_t)k); break;
        case GP_EXT_PROGRAM: fill_program(f, k, b, n, to, count); break;
        default: break;
        }
    }
    lane->ext = f->ext + first;
    lane->ext_text = f->texts + first;
}

void gp_feed_fill(gp_feed *f, int lane_number, const gp_bars *b, int n, gp_lane *lane)
{
    if (!f) return;
    const uint64_t code = gp_str_ihash(gp_str_from(b->code)) * 31 + gp_str_ihash(gp_str_from(b->market));
    fill(f, lane_number, b, n, lane, f->counted != code);
    f->counted = code;
}
