/* The columns of a security as the engine wants them. */
#ifndef GP_SCREEN_LANE_H
#define GP_SCREEN_LANE_H
#include "eval/vm.h"
#include "market/bars.h"

/* The first n bars of b; results from bar `from` on go to out. */
static inline gp_lane gp_lane_of(const gp_bars *b, int n, int from, double *const *out)
{
    return (gp_lane){.n = n, .open = b->open, .high = b->high, .low = b->low, .close = b->close, .vol = b->vol, .amount = b->amount,
                     .date = b->date, .time = b->time, .period = b->period, .market = gp_str_from(b->market), .code = gp_str_from(b->code),
                     .name = gp_str_from(b->name), .from = from, .out = out};
}
#endif
