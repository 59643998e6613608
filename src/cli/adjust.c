/* --adjust with --events: prices adjusted while they are read, for every command. */
#include "cli/table.h"
#include <stdlib.h>
#include "base/vec.h"
#include "market/adjust.h"

int gp_cli_adjust(gp_cli *c)
{
    gp_diags d = {0};
    gp_events *e;
    gp_adjuster *a;

    if (!c->events || c->facts.adjust == GP_ADJUST_NONE || c->data.adjust)
        return GP_EXIT_OK;
    e = gp_events_read(c->events, &d);
    gp_cli_diags(c, &d);
    if (!e)
        return GP_EXIT_NO_DATA;
    a = gp_xcalloc(1, sizeof *a);
    *a = (gp_adjuster){.events = e, .to = (gp_adjust_to)c->facts.adjust, .way = (gp_adjust_way)c->way, .until = c->asof ? c->asof : 0,
                       .decimals = c->decimals ? c->decimals : -1};
    c->data.adjust = a;
    return GP_EXIT_OK;
}

void gp_cli_adjust_end(gp_cli *c)
{
    gp_adjuster *a = c->data.adjust;

    if (!a)
        return;
    const char *example = "";
    const size_t unasked = gp_events_unasked(a->events, &example);
    char others[120] = "";
    if (unasked)
        snprintf(others, sizeof others, "; %zu of its codes %s not among the securities read (%s%s)", unasked, unasked == 1 ? "is" : "are", example, unasked > 1 ? ", ..." : "");
    if (a->securities)
        gp_cli_note(c, "prices adjusted %s, %s, by %s: %u of %u securit%s had events%s", a->to == GP_ADJUST_FORWARD ? "forward" : "backward",
                    a->way == GP_WAY_TDX ? "as TDX does" : "by factors", c->events, a->with_events, a->securities, a->securities == 1 ? "y" : "ies", others);
    if (a->not_positive)
        gp_cli_note(c, "the adjustment took early prices of %u securit%s to zero or below (%s%s%s%s%s%s); --way factor does not", a->not_positive,
                    a->not_positive == 1 ? "y" : "ies", a->lowest[0], *a->lowest[1] ? ", " : "", a->lowest[1], *a->lowest[2] ? ", " : "", a->lowest[2],
                    a->not_positive > 3 ? " ..." : "");
    gp_events_free((gp_events *)(uintptr_t)a->events);
    free(a);
    c->data.adjust = NULL;
}
