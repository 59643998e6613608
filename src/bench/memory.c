/* A market in memory as the inputs of a scan. */
#include <string.h>
#include "base/vec.h"
#include "bench/bench.h"

typedef struct memory { gp_origin origin; const gp_bench_market *market; int newest; } memory;

static double *copy(double *to, const double *from, int n)
{
    if (to && from)
        memcpy(to, from, (size_t)n * sizeof *to);
    return to;
}

static bool read_bars(gp_origin *o, const gp_input *in, const gp_read_opts *opts, gp_read_result *out, gp_diags *d)
{
    const memory *m = (const memory *)o;
    const gp_bars *b = &m->market->at[in->item];
    const int all = b->n > m->newest ? b->n - m->newest : b->n, n = opts->tail > 0 && opts->tail < all ? opts->tail : all, at = all - n;
    (void)d;
    *out = (gp_read_result){.at = gp_xcalloc(1, sizeof *out->at), .n = 1, .rows = (size_t)n, .bytes = (size_t)n * 32};
    gp_bars *to = out->at;
    gp_bars_alloc(to, n, opts->want ? opts->want : 63);
    memcpy(to->date, b->date + at, (size_t)n * sizeof *to->date);
    copy(to->open, b->open + at, n);
    copy(to->high, b->high + at, n);
    copy(to->low, b->low + at, n);
    copy(to->close, b->close + at, n);
    copy(to->vol, b->vol + at, n);
    copy(to->amount, b->amount ? b->amount + at : NULL, n);
    gp_bars_label(to, b->code, b->market, b->name, in->path);
    to->period = b->period;
    to->before = at;
    to->history = in->item + 1; /* nothing earlier ever changes */
    return true;
}

static void free_origin(gp_origin *o) { free(o); }

void gp_bench_market_inputs(const gp_bench_market *market, int newest, gp_inputs *out)
{
    memory *m = gp_xcalloc(1, sizeof *m);
    *m = (memory){{read_bars, free_origin}, market, newest};
    *out = (gp_inputs){0};
    gp_inputs_own(out, &m->origin);
    for (int k = 0; k < market->n; k++)
        gp_inputs_add(out, (gp_input){.path = market->at[k].code, .bytes = (size_t)market->at[k].n * 32, .origin = &m->origin, .item = (uint64_t)k});
}
