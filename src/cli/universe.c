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
                                   .excludes = c->excludes, .n_excludes = c->n_excludes, .asof = c->asof ? c->asof : c->to}; /* what comes after it is not known */
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

/* What is judged over years, with securities picked by what they are at its end, has the winners in it by choice. */
static void note_hindsight(const gp_cli *c)
{
    static const char *const judges[] = {"hitrate", "backtest", "sweep"};
    gp_buf by = {0};
    bool judged = false;
    for (size_t i = 0; i < sizeof judges / sizeof *judges; i++) judged |= c->command && strcmp(c->command, judges[i]) == 0;
    if (judged) gp_universe_of_last_day(c->data.universe, &by);
    if (by.n && !c->diag_json)
        gp_cli_note(c, c->zh ? "%s 按%s的情况选出证券, 历史上的当日并不知道: 属于未来信息, 结果可能偏好. 逐根K线的条件请用 --where"
                             : "%s chose the securities by what %s: on the days judged nobody knew that, and results may look better than anybody could have had them. "
                               "--where takes a condition of every bar",
                    by.p, c->zh ? c->to ? " --to 之日" : "最后一天" : c->to ? "is known at --to" : "is known on the last day");
    gp_buf_free(&by);
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
    note_hindsight(c);
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
