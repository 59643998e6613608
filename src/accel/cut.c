#include "accel/cut.h"
#include <math.h>
#include <stdlib.h>
#include "eval/code.h"

/* A processor of a device hides the latency of memory well with some 512 threads (of 2048 at most); a launch with half of that gains too
 * little.  The warm-up is work done twice: at most a quarter of a piece's own bars.  Words of 32 bars (gp_sink) do not cross pieces. */
enum { THREADS = 512, OWN_TO_WARM = 4, WORD = 32, SHORTEST = 64, SPARE = 4, LONGEST = 1 << 20 };

const gp_cut_scan *gp_cut_scan_of(const gp_builtin *fn)
{
    static const gp_cut_scan scans[] = {
#define FORGETS(ID, WARM, OPERAND, CAPPED) {GP_B_##ID, WARM, OPERAND, CAPPED},
#include "accel/forget.def"
    };
    for (size_t k = 0; k < sizeof scans / sizeof *scans; k++)
        if (scans[k].id == (int)fn->id) return &scans[k];
    return NULL;
}

int gp_cut_count(const gp_program *const *sets, int n_sets, int instr, int operand)
{
    const gp_operand o = sets[0]->code.at[instr].in[operand];
    int most = 0;
    if (o.place != GP_AT_CONST) return -1;
    for (int s = 0; s < n_sets; s++) {
        const double x = sets[s]->consts.at[o.index];
        if (x > LONGEST) return -1;
        if (x + 1 > most) most = (int)x + 1; /* one more: some are rounded */
    }
    return most;
}

/* An average that moves by the share w toward each value never forgets on paper; in doubles two of them with different pasts are equal to
 * the bit as soon as their distance is rounded away: on random walks after 32/w bars in the mean, 43/w at most (w from 0.67 to 0.008). */
enum { FADES = 56 };
static int fading(const gp_program *const *sets, int n_sets, int k)
{
    const gp_instr *in = &sets[0]->code.at[k];
    const bool sma = in->fn->id == GP_B_SMA || in->fn->id == GP_B_SMARAW, share = in->fn->id == GP_B_DMA || in->fn->id == GP_B_AMA;
    double least = 1;
    if (!sma && !share && in->fn->id != GP_B_EMA) return -1;
    for (int j = 1; j < in->n_in; j++)
        if (in->in[j].place != GP_AT_CONST) return -1;
    for (int s = 0; s < n_sets; s++) {
        const double n = sets[s]->consts.at[in->in[1].index], m = sma ? sets[s]->consts.at[in->in[2].index] : 0;
        const double w = share ? n : sma ? trunc(m) / trunc(n) : n >= 1 ? 2 / (trunc(n) + 1) : 1;
        if (!(w > 0)) return -1;
        least = w < least ? w : least;
    }
    return FADES / least < LONGEST ? (int)(FADES / least) : -1;
}

/* Operand that says how many bars a HISTORY row looks back, all of them full of values, with no memory but its last output; -1: another. */
static int full_window_of(const gp_builtin *fn)
{
    switch (fn->id) {
    case GP_B_AVEDEV:
    case GP_B_HARMEAN:
    case GP_B_TRMA: return 1;
    case GP_B_COVAR:
    case GP_B_RELATE:
    case GP_B_BETAEX: return 2;
    default: return -1;
    }
}

int gp_cut_history(const gp_program *const *sets, int n_sets, int instr)
{
    const int operand = full_window_of(sets[0]->code.at[instr].fn);
    return operand < 0 ? -1 : gp_cut_count(sets, n_sets, instr, operand);
}

/* Bars that instruction k itself needs before a bar; -1: all. */
static int own_memory(const gp_program *const *sets, int n_sets, int k, const char **why)
{
    const gp_instr *in = &sets[0]->code.at[k];
    int len = 0;
    *why = "it remembers all bars";
    if (!in->fn) return 0;
    for (int s = 0; s < n_sets; s++) len = sets[s]->code.at[k].len > len ? sets[s]->code.at[k].len : len;
    switch (in->fn->shape) {
    case GP_SHAPE_MAP: return 0;
    case GP_SHAPE_DELAY: return len > LONGEST ? -1 : len;
    case GP_SHAPE_WINDOW:
    case GP_SHAPE_MOMENTS:
        *why = in->series_n ? "its length differs from bar to bar" : "its window begins with the first bar";
        if (in->series_n || len > LONGEST) return -1; /* GP_N_ALL is longer */
        /* N values: a block that begins in its middle is right from there on, since its rows fold from its end.  Some more, because the first
         * ones may be missing. */
        return len > 0 ? len + SPARE : 0;
    case GP_SHAPE_HISTORY: return gp_cut_history(sets, n_sets, k);
    case GP_SHAPE_SCAN: {
        const gp_cut_scan *scan = gp_cut_scan_of(in->fn);
        if (!scan) return fading(sets, n_sets, k);
        const int count = scan->count >= 0 ? gp_cut_count(sets, n_sets, k, scan->count) : 0;
        if (count < 0) *why = "its length differs from bar to bar";
        return count < 0 ? -1 : scan->warm + count;
    }
    default: return -1;
    }
}

int gp_cut_warm(const gp_program *const *sets, int n_sets, const char **why, const char **name)
{
    const gp_program *p = sets[0];
    long most = 0;
    *name = NULL;
    if (!gp_fuse_can(p, why)) return -1;
    *why = "whole-series functions need all bars of a ticker in one piece";
    if (p->stages.n != 1 || p->stages.at[0].n_whole || p->n_full_regs) return -1;
    *why = "it computes nothing from bar to bar";
    if (!p->stages.at[0].n_block) return -1;
    long *reach = gp_xcalloc((size_t)p->n_block_regs + 1, sizeof *reach); /* per register: bars before a bar that its value needs */
    for (size_t k = 0; k < p->code.n && most >= 0; k++) {
        const gp_instr *in = &p->code.at[k];
        const int own = own_memory(sets, n_sets, (int)k, why);
        long needs = 0;
        for (int j = 0; j < in->n_in; j++)
            if (in->in[j].place == GP_AT_BLOCK && reach[in->in[j].index] > needs) needs = reach[in->in[j].index];
        reach[in->to.index] = needs + own;
        most = needs + own > most ? needs + own : most;
        if (own < 0 || most > LONGEST) {
            *name = in->fn->name;
            if (own >= 0) *why = "it looks back too far";
            most = -1;
        }
    }
    free(reach);
    return (int)most;
}

gp_cut gp_cut_choose(size_t lanes, int cap, int warm, int processors, int span)
{
    const size_t room = (size_t)THREADS * (size_t)(processors > 0 ? processors : 1);
    if (warm < 0 || span < 0 || cap < 1 || (!span && (lanes > room / 2 || cap < GP_LONG_SERIES))) return (gp_cut){1, cap, 0};
    if (!span) {
        const int pieces = lanes ? (int)(room / lanes) : 1;
        span = cap / pieces + 1;
        if (span < OWN_TO_WARM * warm) span = OWN_TO_WARM * warm;
        if (span < SHORTEST) span = SHORTEST;
    }
    if (span > cap - WORD) return (gp_cut){1, cap, 0};
    span = (span + WORD - 1) / WORD * WORD;
    return span < cap ? (gp_cut){(cap + span - 1) / span, span, warm} : (gp_cut){1, cap, 0};
}

bool gp_cut_meets(const gp_cut *c, const uint64_t *meet, int lanes, int lane, int n)
{
    bool all = true;
    for (int k = 1; k < c->pieces && (long)k * c->span < n; k++)
        all &= meet[(2 * (size_t)k) * (size_t)lanes + (size_t)lane] == meet[(2 * (size_t)k - 1) * (size_t)lanes + (size_t)lane];
    return all;
}

/* The widest block of which every processor still gets one: 128, 64 or 32.  Windows go to shared memory, which is on
 * the processor as scratch memory is not, where that does not keep threads away from the processors: all of the launch are there at once anyhow, or as many on each
 * as hide the latency of memory.  A block keeps 1 kB for itself. */
gp_width gp_width_choose(size_t threads, size_t shared, int processors, int held, size_t of_block, size_t of_processor)
{
    enum { WIDE = 128, NARROW = 32, OWN = 1024 };
    gp_width w = {WIDE, false};
    const size_t n = processors > 0 ? (size_t)processors : 1;
    while (w.threads > NARROW && threads < (size_t)w.threads * n) w.threads /= 2;
    for (int width = w.threads; width >= NARROW && shared; width /= 2) {
        const size_t bytes = shared * (size_t)width;
        if (bytes > of_block) continue;
        size_t resident = of_processor / (bytes + OWN) * (size_t)width;
        if (held > 0 && resident > (size_t)held) resident = (size_t)held;
        if (resident >= THREADS || threads <= n * resident) return (gp_width){width, true};
    }
    return w;
}
