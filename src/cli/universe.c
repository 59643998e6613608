/* Which securities of DATA take part, as the options say. */
#include "cli/table.h"
#include <string.h>
#include "cli/among.h"
#include "market/universe.h"

bool gp_cli_universe(gp_cli *c, int *status)
{
    const bool listens = c->command && strcmp(c->command, "repl") == 0; /* --code is where it begins */
    gp_universe_spec spec = {.codes = c->codes, .n_codes = listens ? 0 : c->n_codes, .lists = c->lists, .n_lists = c->n_lists,
                                   .blocks = c->members_of, .n_blocks = c->n_members_of, .blocks_dir = c->blocks,
                                   .excludes = c->excludes, .n_excludes = c->n_excludes, .asof = c->asof};
    gp_diags d = {0};
    if (c->among && !listens) {
        c->among_of = gp_among_new(c, c->among, &d);
        if (!c->among_of) {
            *status = GP_EXIT_FORMULA;
            return false;
        }
        spec.among = gp_among_holds;
        spec.ctx = c->among_of;
        spec.need = gp_among_needs(c->among_of);
    }
    if (!spec.among && spec.n_codes + spec.n_lists + spec.n_blocks + spec.n_excludes == 0)
        return true;
    c->data.universe = gp_universe_new(&spec, &d);
    if (!c->data.universe)
        *status = GP_EXIT_USAGE;
    for (size_t i = 0; i < d.n && !c->data.universe; i++) {
        if (d.at[i].severity == GP_ERROR && d.at[i].file && d.at[i].file[0] != '<')
            *status = GP_EXIT_NO_DATA; /* a list that cannot be used, not a wrong word */
    }
    gp_cli_diags(c, &d);
    return c->data.universe != NULL;
}

void gp_cli_universe_notes(gp_cli *c)
{
    gp_buf notes = {0};
    if (!c->data.universe || c->universe_said)
        return;
    c->universe_said = true;
    gp_universe_notes(c->data.universe, &notes);
    for (const char *p = notes.p, *end; p && (end = strchr(p, '\n')) && !c->diag_json; p = end + 1)
        gp_cli_note(c, "%.*s", (int)(end - p), p);
    gp_buf_free(&notes);
}

int gp_cli_universe_end(gp_cli *c, int status)
{
    gp_buf why = {0};
    if (!c->data.universe || !gp_universe_empty(c->data.universe)) {
        gp_cli_universe_notes(c);
        return status;
    }
    gp_universe_why_empty(c->data.universe, &why);
    gp_cli_error(c, "no security is left %s", why.p);
    gp_buf_free(&why);
    gp_cli_universe_notes(c);
    return GP_EXIT_NO_DATA;
}
