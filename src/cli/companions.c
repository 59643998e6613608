/* --index, --fundamentals, --capital, ...: what a formula uses beside its quotes. */
#include "cli/table.h"
#include <string.h>
#include "screen/companions.h"

bool gp_cli_companions(gp_cli *c, const gp_program *p, const gp_program *second, const gp_inputs *data, gp_companions **out, int *status)
{
    gp_diags d = {0};
    int n, more = 0;
    const gp_program *const programs[] = {p, second};
    gp_companion_opts o = {.index = c->index, .n_index = c->n_index, .fundamentals = c->fundamentals, .blocks = c->blocks, .series = c->series, .events = c->events,
                            .capital = c->capital_given ? c->capital : NAN,
                           .data = data};
    *out = NULL;
    gp_program_externals(p, &n);
    if (second)
        gp_program_externals(second, &more);
    if (n == 0 && more == 0)
        return true;
    *out = gp_companions_new(programs, second ? 2 : 1, &o, &d);
    if (!*out)
        *status = GP_EXIT_USAGE;
    for (size_t i = 0; i < d.n && !*out; i++) {
        if (d.at[i].severity == GP_ERROR && d.at[i].span.src == NULL)
            *status = GP_EXIT_NO_DATA; /* a file that cannot be used, not one that was not given */
    }
    gp_cli_diags(c, &d);
    return *out != NULL;
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
