/* goldpit data convert and adjust: the same bars in another form, or with other prices. */
#include "cli/data_out.h"

static bool as_they_are(void *ctx, const gp_bars *b, gp_sink *out)
{
    (void)ctx;
    return out->put(out, b, GP_FORMING_UNASKED);
}

int gp_data_convert(gp_cli *c)
{
    return gp_data_pass(c, as_they_are, NULL);
}

int gp_data_adjust(gp_cli *c)
{
    int status;
    if (!c->events)
        return gp_cli_usage(c, "by which events? --events FILE: code,date,bonus_per_10,gift_per_10,allot_per_10,allot_price");
    if (c->facts.adjust == 0)
        c->facts.adjust = 1; /* forward */
    status = gp_cli_adjust(c);
    return status == GP_EXIT_OK ? gp_data_pass(c, as_they_are, NULL) : status;
}
