/* goldpit data resample: bars of a longer period, as CSV that goldpit reads back to the same bars. */
#include "cli/data_resample.h"
#include "cli/data_out.h"
#include "market/resample.h"

typedef struct resampling {
    gp_cli *c;
    gp_period period;
    size_t forming;
} resampling;

static bool resample_one(void *ctx, const gp_bars *b, gp_sink *out)
{
    resampling *r = ctx;
    gp_resampled longer;
    bool ok;
    if (!gp_resample_fits(b, r->period)) {
        gp_cli_error(r->c, "%s: the bars of %s%s cannot be merged into bars of the period %s: they are of the period %s", b->file, b->market, b->code,
                     gp_period_name(r->period), gp_period_of_code(b->period) ? gp_period_name(gp_period_of_code(b->period)) : "other");
        return false;
    }
    gp_resample(b, b->n, r->period, &longer);
    r->forming += longer.forming;
    ok = out->put(out, &longer.bars);
    gp_resampled_fini(&longer);
    return ok;
}

int gp_data_resample(gp_cli *c)
{
    resampling r = {.c = c};
    int status;
    if (!c->period)
        return gp_cli_usage(c, "which period? --period week (or month, season, year, day, min5, min15, min30, min60)");
    r.period = gp_period_find(gp_str_from(c->period));
    if (r.period == GP_PERIOD_SAME)
        return gp_cli_usage(c, "--period '%s': it is one of min1, min5, min15, min30, min60, day, week, month, season, year", c->period);
    status = gp_data_pass(c, resample_one, &r);
    if (r.forming)
        gp_cli_note(c, "the last bar of %zu securit%s may be unfinished: its period was not over", r.forming, r.forming == 1 ? "y" : "ies");
    return status;
}
