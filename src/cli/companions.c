/* --index, --fundamentals, --capital, ...: what a formula uses beside its quotes. */
#include "cli/table.h"
#include <string.h>
#include "screen/companions.h"

bool gp_cli_companions_of(gp_cli *c, const gp_program *const *programs, int n, const gp_inputs *data, gp_companions **out, int *status)
{
    gp_diags d = {0};
    int externals = 0;
    gp_companion_opts o = {.index = c->index, .n_index = c->n_index, .fundamentals = c->fundamentals, .blocks = c->blocks, .series = c->series, .events = c->events,
                            .capital = c->capital_given ? c->capital : NAN,
                           .data = data};
    *out = NULL;
    for (int i = 0; i < n; i++) {
        int own;
        gp_program_externals(programs[i], &own);
        externals += own;
    }
    if (externals == 0)
        return true;
    *out = gp_companions_new(programs, n, &o, &d);
    if (!*out)
        *status = GP_EXIT_USAGE;
    for (size_t i = 0; i < d.n && !*out; i++) {
        if (d.at[i].severity == GP_ERROR && d.at[i].span.src == NULL)
            *status = GP_EXIT_NO_DATA; /* a file that cannot be used, not one that was not given */
    }
    gp_cli_diags(c, &d);
    return *out != NULL;
}

bool gp_cli_companions(gp_cli *c, const gp_program *p, const gp_program *second, const gp_inputs *data, gp_companions **out, int *status)
{
    const gp_program *const programs[] = {p, second};
    return gp_cli_companions_of(c, programs, second ? 2 : 1, data, out, status);
}

void gp_cli_companions_end(const gp_cli *c, gp_companions *companions)
{
    gp_buf notes = {0};
    if (!companions)
        return;
    gp_companions_notes(companions, &notes);
    for (const char *p = notes.p, *end; p && (end = strchr(p, '\n')) && !c->diag_json; p = end + 1)
        gp_cli_note(c, "%.*s", (int)(end - p), p);
    gp_buf_free(&notes);
    gp_companions_free(companions);
}
