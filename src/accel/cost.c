/* Processor or device.  Nothing here is a guess about a machine: the program is tried on this one, and the device was measured (measure.c). */
#include "accel/cost.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "accel/cut.h"
#include "accel/inside.h"
#include "accel/measure.h"
#include "accel/split.h"
#include "accel/writer.h"
#include "base/pool.h"
#include "eval/code.h"

/* Without a measurement nobody opens a device for less: opening alone takes a good part of a second. */
static const double not_worth = 1.0;
/* An estimate is no promise: so many times faster a device has to be. */
static const double margin = 1.2;

/* ---- weighing ---- */

#define DIGITS(SECONDS) ((SECONDS) < 0.001 ? 5 : (SECONDS) < 0.1 ? 3 : 2)

static void say(gp_accel_decision *d)
{
    const struct { double s; const char *what; } part[] = {{d->open_s, "opening"}, {d->compile_s, "compiling"}, {d->copy_s, "copying"}, {d->kernel_s, "kernels"}};
    int most = 0;
    for (int k = 1; k < 4; k++)
        if (part[k].s > part[most].s) most = k;
    snprintf(d->why, sizeof d->why, "processor %.*f s, GPU %.*f s, of which %s %.*f s", DIGITS(d->host_s), d->host_s, DIGITS(d->device_s), d->device_s, part[most].what,
             DIGITS(part[most].s), part[most].s);
}

void gp_accel_weigh(const gp_accel_costs *c, const gp_accel_load *l, bool already, gp_accel_decision *d)
{
    const double lane = l->lane_s * c->alone, all = l->thread_s * c->full;
    *d = (gp_accel_decision){.host_s = l->host_s};
    d->open_s = already ? 0 : c->open;
    d->compile_s = l->compiled * c->compile + l->loaded * c->load;
    d->copy_s = l->up * c->upload + l->down * c->download;
    d->kernel_s = (lane > all ? lane : all) + l->runs * c->run;
    d->device_s = d->open_s + d->compile_s + d->copy_s + d->kernel_s + l->left_s;
    d->device = d->device_s * margin < d->host_s;
    say(d);
}

/* ---- the task in numbers ---- */

enum { AT_ONCE = 1024 }; /* about how many tickers come to a device together */

/* Sets of one shape: one kernel. */
typedef struct family { const gp_program **sets; int n; } family;

static int families_of(const gp_accel_task *t, family **out)
{
    int n = 0;
    *out = gp_xcalloc((size_t)t->n_sets + 1, sizeof **out);
    for (int s = 0; s < t->n_sets; s++) {
        int k = 0;
        while (k < n && !gp_fuse_same((*out)[k].sets[0], t->sets[s])) k++;
        family *f = &(*out)[k];
        n += k == n;
        if (!f->sets) f->sets = gp_xcalloc((size_t)t->n_sets, sizeof *f->sets);
        f->sets[f->n++] = t->sets[s];
    }
    return n;
}

static bool is_kept(gp_accel *a, const family *f, bool cut, bool sums)
{
    gp_fuse_steps steps = {0};
    gp_fused fused;
    gp_buf text = {0};
    bool kept = false;
    if (gp_fuse_kernel(f->sets, f->n, &(gp_fuse_opts){.name = "goldpit", .cut = cut, .sums = sums, .blocks = a->force.blocks}, &fused, &steps, &text)) {
        kept = gp_accel_kept(a, text.p, f->sets[0]->exact != NULL, &steps);
        gp_fused_fini(&fused);
    }
    gp_buf_free(&text);
    return kept;
}

/* What a kernel of the family costs: bar_s for each bar on a thread.  False: nothing of it is for a device. */
static bool add_kernel(gp_accel *a, const gp_accel_task *t, const family *f, double bar_s, double host_s, int processors, gp_accel_load *l)
{
    const char *why, *never, *name;
    const double times = t->times > 0 ? t->times : 1;
    const int longest = t->longest > 0 ? t->longest : t->tickers ? (int)(t->bars / t->tickers) + 1 : 1;
    gp_split s;
    const gp_program *part = NULL;
    family own = *f;
    const bool whole = gp_fuse_can(f->sets[0], &why);
    if (!whole) {
        if (t->sums || !gp_split_new(f->sets[0], &s)) return false;
        part = s.device;
        own = (family){&part, 1};
        l->left_s += host_s * (double)s.host->code.n / (double)(s.host->code.n + s.device->code.n);
    }
    const double lanes = (double)(t->tickers < AT_ONCE ? t->tickers : AT_ONCE) * own.n * times;
    const gp_cut cut = gp_cut_choose((size_t)lanes, longest, gp_cut_warm(own.sets, own.n, &never, &name), processors, t->sums ? -1 : 0);
    const double piece = cut.pieces > 1 ? (double)(cut.span + cut.warm) : longest, again = cut.pieces > 1 ? piece / cut.span : 1;
    l->thread_s += bar_s * (double)t->bars * f->n * times * again;
    if (bar_s * piece > l->lane_s) l->lane_s = bar_s * piece;
    double lost = 0;
    if (!a || is_kept(a, &own, cut.pieces > 1, t->sums)) l->loaded++; /* not opened: the best that can be hoped for */
    else if (!t->sums && gp_accel_interprets(a, own.sets, own.n, (double)t->bars * times, &lost)) l->loaded++, l->left_s += lost;
    else l->compiled++;
    if (!whole) gp_split_fini(&s);
    return true;
}

static double columns_of(const gp_program *p)
{
    gp_fused_column column[GP_FUSED_COLUMNS];
    return gp_fuse_columns(p, column, GP_FUSED_COLUMNS); /* of a condition's program nobody noted what it needs */
}

/* a: an open device, or NULL; processors: of the device, 0: not known.  False: no part of the task is for one. */
static bool load_of(gp_accel *a, int processors, const gp_accel_task *t, gp_accel_load *l)
{
    enum { TRIED = 4 }; /* families that are run to see what they cost; the others are taken to be like these */
    family *f;
    const int n = families_of(t, &f), jobs = gp_pool_jobs(t->jobs, t->tickers);
    const double times = t->times > 0 ? t->times : 1, bars = (double)t->bars;
    double tried = 0, columns = 0, all = 0;
    bool any = false;
    *l = (gp_accel_load){0};
    for (int k = 0; k < n; k++) {
        const gp_program *p = f[k].sets[0];
        const double bar = k < TRIED ? gp_accel_host_bar(p, t->longest > 0 ? t->longest : (int)(t->bars / (t->tickers ? t->tickers : 1))) : tried / TRIED;
        const double thread = bar * bars * f[k].n * times, host = t->host_s > 0 ? t->host_s * f[k].n / t->n_sets : thread / jobs;
        if (k < TRIED) tried += bar;
        if (add_kernel(a, t, &f[k], bar, host, processors, l)) any = true;
        else l->left_s += host;
        all += thread;
        l->down += t->fetched > 0 ? 0 : 8.0 * f[k].n * times * (double)t->tickers * gp_program_n_slots(p);
        columns = columns_of(p) > columns ? columns_of(p) : columns;
        l->runs += 1 + (int)(t->tickers / AT_ONCE);
        free(f[k].sets);
    }
    free(f);
    l->host_s = t->host_s > 0 ? t->host_s : all / jobs;
    l->up = (columns * 8 + t->sent) * bars;
    l->down += t->fetched;
    return any;
}

/* ---- deciding ---- */

static bool nothing_for(gp_accel_decision *d, const gp_accel_load *l)
{
    *d = (gp_accel_decision){.host_s = l->host_s, .device_s = NAN};
    snprintf(d->why, sizeof d->why, "nothing of it is for a GPU");
    return false;
}

bool gp_accel_costs_kept(const gp_accel *a, gp_accel_costs *c)
{
    return gp_accel_costs_read(c) && strcmp(c->device, a->about.device) == 0 && strcmp(c->driver, a->about.driver) == 0 &&
           strcmp(c->compiler, a->about.compiler) == 0;
}

/* What is kept of this device, or is measured now: by the first one that asks, while others wait for what it writes. */
static bool costs_for(gp_accel *a, gp_accel_costs *c)
{
    static const double patience = 10; /* seconds: longer than measuring takes */
    if (gp_accel_costs_kept(a, c)) return true;
    const int lock = gp_accel_costs_lock(patience);
    const bool kept = gp_accel_costs_kept(a, c), good = kept || gp_accel_measure(a, c);
    if (good && !kept) gp_accel_costs_write(c);
    gp_accel_costs_unlock(lock);
    if (good) a->compile_s = c->compile;
    return good;
}

bool gp_accel_pays(gp_accel *a, const gp_accel_task *t, gp_accel_decision *d)
{
    gp_accel_costs c;
    gp_accel_load l;
    const bool ready = gp_accel_ready(a), known = ready && costs_for(a, &c);
    if (!load_of(gp_accel_ready(a) ? a : NULL, a->about.processors, t, &l)) return nothing_for(d, &l);
    *d = (gp_accel_decision){.host_s = l.host_s, .device_s = NAN};
    if (known) gp_accel_weigh(&c, &l, true, d);
    else if (gp_accel_ready(a)) snprintf(d->why, sizeof d->why, "the GPU cannot be measured: %.250s", gp_accel_refusal(a) ? gp_accel_refusal(a) : gp_accel_said(a));
    else snprintf(d->why, sizeof d->why, ready ? "%.300s" : "no GPU: %.300s", gp_accel_said(a));
    return d->device;
}

bool gp_accel_foresee(const gp_accel_task *t, gp_accel_decision *d)
{
    gp_accel_costs c;
    gp_accel_load l;
    if (!gp_accel_costs_read(&c)) return false;
    if (load_of(NULL, (int)c.processors, t, &l)) gp_accel_weigh(&c, &l, false, d);
    else nothing_for(d, &l);
    return true;
}

gp_accel *gp_accel_decide(const gp_accel_task *t, gp_accel_decision *d)
{
    gp_accel_costs c;
    gp_accel_load l;
    char said[300];
    if (!gp_accel_installed(said, sizeof said)) {
        *d = (gp_accel_decision){.host_s = NAN, .device_s = NAN};
        snprintf(d->why, sizeof d->why, "no GPU: %s", said);
        return NULL;
    }
    const bool kept = gp_accel_costs_read(&c);
    if (!load_of(NULL, kept ? (int)c.processors : 0, t, &l)) {
        nothing_for(d, &l);
        return NULL;
    }
    if (kept) {
        gp_accel_weigh(&c, &l, false, d);
        if (!d->device) return NULL;
    } else if (l.host_s < not_worth) {
        *d = (gp_accel_decision){.host_s = l.host_s, .device_s = NAN};
        snprintf(d->why, sizeof d->why, "processor %.*f s, and no GPU is opened for less than %.0f s", DIGITS(l.host_s), l.host_s, not_worth);
        return NULL;
    }
    gp_accel *a = gp_accel_open();
    if (gp_accel_pays(a, t, d)) return a;
    gp_accel_close(a);
    return NULL;
}
