/* A batch on a device (accel/device.h): all its tickers at once, and all programs that read quotes alone; what is found in the results is looked for in tiles,
 * as when they come from the machine. */
#include <string.h>
#include "screen/scan_inside.h"

/* A feed holds the columns of one tile. */
static gp_feed *feed_for(const gp_scan *s, gp_engine *e, int g, size_t tile)
{
    if (!e->feed)
        return NULL;
    if (tile >= e->n_feeds) {
        e->feeds = gp_xrealloc(e->feeds, (tile + 1) * sizeof *e->feeds);
        while (e->n_feeds <= tile)
            e->feeds[e->n_feeds++] = gp_feed_new(s->pass->programs[g], s->o->companions);
    }
    return e->feeds[tile];
}

/* What one program wants of the batch: bars from first[ticker] on, in rows that begin with the bar where its run does. */
typedef struct asked { double **out; int *first; } asked;

static void ask(const gp_scan *s, gp_worker *w, int g, asked *a)
{
    const size_t n = w->tickers.n, width = (size_t)gp_program_n_slots(s->pass->programs[g]);
    a->out = gp_xcalloc(n * width + 1, sizeof *a->out);
    a->first = gp_xcalloc(n, sizeof *a->first);
    for (size_t k = 0; k < n; k++)
        a->first[k] = gp_scan_first(s, g, &w->tickers.at[k]);
}

/* Programs that read the same columns of a ticker, each lane from the first bar that one of them wants. */
static void run_together(const gp_scan *s, gp_worker *w, const int *which, int n_programs, const asked *all, gp_lane *lane)
{
    const size_t n = w->tickers.n;
    const gp_program **program = gp_xcalloc((size_t)n_programs, sizeof *program);
    double *const **out = gp_xcalloc((size_t)n_programs, sizeof *out);
    for (size_t k = 0; k < n; k++) {
        const gp_ticker *t = &w->tickers.at[k];
        int from = t->n;
        for (int i = 0; i < n_programs; i++)
            from = all[which[i]].first[k] < from ? all[which[i]].first[k] : from;
        lane[k] = gp_lane_of(t->bars, t->n, from, NULL);
    }
    for (int i = 0; i < n_programs; i++) {
        const int g = which[i];
        const size_t width = (size_t)gp_program_n_slots(s->pass->programs[g]);
        gp_engine *e = &w->engines[g];
        size_t need = 0;
        for (size_t k = 0; k < n; k++)
            need += (size_t)s->n_wanted[g] * (size_t)(lane[k].n - lane[k].from);
        double *room = gp_engine_room(e, need);
        for (size_t k = 0; k < n; k++) {
            for (int r = 0; r < s->n_wanted[g]; r++, room += lane[k].n - lane[k].from)
                all[g].out[k * width + (size_t)s->wanted[g][r]] = room;
            if (e->feed)
                gp_feed_fill(feed_for(s, e, g, k / GP_VM_LANES), (int)(k % GP_VM_LANES), w->tickers.at[k].bars, lane[k].n, &lane[k]);
        }
        program[i] = s->pass->programs[g];
        out[i] = all[g].out;
    }
    gp_accel_market *m = gp_accel_market_new(s->o->accel, program, n_programs, lane, (int)n);
    gp_accel_run(s->o->accel, m, program, n_programs, &(gp_accel_want){.out = out, .jobs = 1}); /* batches are shared out to threads already */
    gp_accel_market_free(m);
    free(program);
    free(out);
}

static void look(const gp_scan *s, gp_worker *w, int g, const asked *a, const gp_lane *lane)
{
    const size_t n = w->tickers.n, width = (size_t)gp_program_n_slots(s->pass->programs[g]);
    for (size_t k = 0; k < n; k += GP_VM_LANES) {
        const int lanes = n - k < GP_VM_LANES ? (int)(n - k) : GP_VM_LANES;
        for (int l = 0; l < lanes; l++)
            for (size_t r = 0; r < width; r++) {
                double *row = a->out[(k + (size_t)l) * width + r];
                w->engines[g].slots[(size_t)l * (width + 1) + r] = row ? row + (a->first[k + (size_t)l] - lane[k + (size_t)l].from) : NULL;
            }
        gp_scan_look(s, w, g, w->tickers.at + k, lanes, a->first + k);
    }
}

void gp_scan_on_device(const gp_scan *s, gp_worker *w)
{
    const size_t n = w->tickers.n, programs = (size_t)s->pass->n_programs;
    if (n == 0)
        return;
    gp_lane *lane = gp_xcalloc(n, sizeof *lane), *shared = gp_xcalloc(n, sizeof *shared);
    asked *all = gp_xcalloc(programs + 1, sizeof *all);
    int *plain = gp_xcalloc(programs + 1, sizeof *plain), n_plain = 0; /* these read quotes alone: one market, one run for all */
    for (int g = 0; g < s->pass->n_programs; g++) {
        ask(s, w, g, &all[g]);
        if (!w->engines[g].feed)
            plain[n_plain++] = g;
    }
    if (n_plain)
        run_together(s, w, plain, n_plain, all, shared);
    for (int g = 0; g < s->pass->n_programs; g++) {
        if (w->engines[g].feed)
            run_together(s, w, &g, 1, all, lane);
        look(s, w, g, &all[g], w->engines[g].feed ? lane : shared);
        free(all[g].out);
        free(all[g].first);
    }
    free(all);
    free(plain);
    free(lane);
    free(shared);
}
