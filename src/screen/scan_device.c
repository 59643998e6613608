/* A batch on a device (accel/device.h): all its tickers at once, program by program; what is found in the results is looked for in tiles,
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

static void run_program(const gp_scan *s, gp_worker *w, int g, gp_lane *lane, double **out, int *first)
{
    gp_engine *e = &w->engines[g];
    const gp_program *p = s->pass->programs[g];
    const size_t n = w->tickers.n, width = (size_t)gp_program_n_slots(p);
    size_t need = 0, at = 0;
    for (size_t k = 0; k < n; k++) {
        first[k] = gp_scan_first(s, g, &w->tickers.at[k]);
        need += (size_t)s->n_wanted[g] * (size_t)(w->tickers.at[k].n - first[k]);
    }
    double *room = gp_engine_room(e, need);
    memset(out, 0, n * width * sizeof *out);
    for (size_t k = 0; k < n; k++) {
        const gp_ticker *t = &w->tickers.at[k];
        for (int i = 0; i < s->n_wanted[g]; i++) {
            out[k * width + (size_t)s->wanted[g][i]] = room + at;
            at += (size_t)(t->n - first[k]);
        }
        lane[k] = gp_lane_of(t->bars, t->n, first[k], NULL);
        gp_feed_fill(feed_for(s, e, g, k / GP_VM_LANES), (int)(k % GP_VM_LANES), t->bars, t->n, &lane[k]);
    }
    double *const *const rows = out;
    gp_accel_market *m = gp_accel_market_new(s->o->accel, &p, 1, lane, (int)n);
    gp_accel_run(s->o->accel, m, &p, 1, &(gp_accel_want){.out = &rows, .jobs = 1}); /* batches are shared out to threads already */
    gp_accel_market_free(m);
}

void gp_scan_on_device(const gp_scan *s, gp_worker *w)
{
    const size_t n = w->tickers.n;
    if (n == 0)
        return;
    gp_lane *lane = gp_xcalloc(n, sizeof *lane);
    int *first = gp_xcalloc(n, sizeof *first);
    for (int g = 0; g < s->pass->n_programs; g++) {
        gp_engine *e = &w->engines[g];
        const size_t width = (size_t)gp_program_n_slots(s->pass->programs[g]);
        double **out = gp_xcalloc(n * width + 1, sizeof *out);
        run_program(s, w, g, lane, out, first);
        for (size_t k = 0; k < n; k += GP_VM_LANES) {
            const int lanes = n - k < GP_VM_LANES ? (int)(n - k) : GP_VM_LANES;
            for (int l = 0; l < lanes; l++)
                memcpy(e->slots + (size_t)l * (width + 1), out + (k + (size_t)l) * width, width * sizeof *out);
            gp_scan_look(s, w, g, w->tickers.at + k, lanes, first + k);
        }
        free(out);
    }
    free(lane);
    free(first);
}
