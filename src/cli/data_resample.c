/* goldpit data resample: bars of a longer period, as CSV that goldpit reads back to the same bars. */
#include "cli/data_resample.h"
#include <stdlib.h>
#include <string.h>
#include "cli/data_out.h"
#include "market/resample.h"

typedef struct resampling {
    gp_cli *c;
    gp_period period; /* SAME: so many minutes */
    int minutes;
    size_t forming;
} resampling;

static bool resample_one(void *ctx, const gp_bars *b, gp_sink *out)
{
    resampling *r = ctx;
    gp_resampled longer;
    bool ok;
    if (r->period ? !gp_resample_fits(b, r->period) : !gp_resample_fits_minutes(b, r->minutes)) {
        gp_cli_error(r->c, "%s: the bars of %s%s cannot be merged into bars of the period %s: they are of the period %s", b->file, b->market, b->code,
                     r->period ? gp_period_name(r->period) : r->c->period, gp_period_of_code(b->period) ? gp_period_name(gp_period_of_code(b->period)) : "other");
        return false;
    }
    if (r->period)
        gp_resample(b, b->n, r->period, &longer);
    else
        gp_resample_minutes(b, b->n, r->minutes, &longer);
    r->forming += longer.forming;
    ok = out->put(out, &longer.bars, longer.forming ? GP_FORMING_YES : GP_FORMING_NO);
    gp_resampled_fini(&longer);
    return ok;
}

/* min3, min120: any number of minutes up to a day.  0: it is none. */
static int minutes_of(const char *word)
{
    char *end;
    long n = 0;
    if (gp_str_ieqz((gp_str){word, strlen(word) < 3 ? 0 : 3}, "min") && word[3] >= '1' && word[3] <= '9')
        n = strtol(word + 3, &end, 10);
    return n > 0 && n <= 24 * 60 && *end == 0 ? (int)n : 0;
}

int gp_data_resample(gp_cli *c)
{
    resampling r = {.c = c};
    int status;
    if (!c->period)
        return gp_cli_usage(c, "which period? --period week (or month, season, year, day, min5, min15, min30, min60, min120 ...)");
    r.period = gp_period_find(gp_str_from(c->period));
    r.minutes = minutes_of(c->period);
    if (r.period == GP_PERIOD_SAME && r.minutes == 0)
        return gp_cli_usage(c, "--period '%s': it is day, week, month, season, year, or minutes: min5, min60, min120 ...", c->period);
    status = gp_data_pass(c, resample_one, &r);
    if (r.forming)
        gp_cli_note(c, "the last bar of %zu securit%s may be unfinished: its period was not over", r.forming, r.forming == 1 ? "y" : "ies");
    return status;
}
