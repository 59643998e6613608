/* The columns of a security as the engine wants them. */
#ifndef GP_SCREEN_LANE_H
#define GP_SCREEN_LANE_H
#include "eval/vm.h"
#include "market/bars.h"

/* The first n bars of b, which has them all (b->before 0) or is about to be skipped to where it has; results from bar `from` on go to out. */
static inline gp_lane gp_lane_of(const gp_bars *b, int n, int from, double *const *out)
{
    return (gp_lane){.n = n, .open = b->open, .high = b->high, .low = b->low, .close = b->close, .vol = b->vol, .amount = b->amount,
                     .date = b->date, .time = b->time, .period = b->period, .market = gp_str_from(b->market), .code = gp_str_from(b->code),
                     .name = gp_str_from(b->name), .from = from, .out = out};
}

/* The columns from bar `before` on, for a run that goes on from a state; b holds that bar. */
static inline void gp_lane_skip(gp_lane *lane, const gp_bars *b, int before)
{
    const int rows = before - b->before;
    const double **const columns[] = {&lane->open, &lane->high, &lane->low, &lane->close, &lane->vol, &lane->amount};
    for (int k = 0; k < 6; k++) *columns[k] = *columns[k] ? *columns[k] + rows : NULL;
    lane->date = lane->date ? lane->date + rows : NULL;
    lane->time = lane->time ? lane->time + rows : NULL;
    lane->before = before;
}
#endif
