/* --profile NAME|FILE, and `goldpit data profiles`. */
#include "cli/data_profiles.h"
#include <string.h>
#include "cli/table.h"

static const char *profile_name(int i) { return gp_profile_at(i)->name; }

int gp_cli_profile(gp_cli *c)
{
    const char *name = c->data.profile_name;
    gp_diags d = {0};
    if (!name)
        return GP_EXIT_OK;
    if (strcmp(name, "none") == 0) {
        c->data.no_profiles = true;
        return GP_EXIT_OK;
    }
    c->data.profile = gp_profile_find(name);
    if (c->data.profile)
        return GP_EXIT_OK;
    if (!strchr(name, '/') && !strchr(name, '.') && !gp_path_exists(name)) {
        const char *near = gp_cli_near(name, profile_name, gp_profile_count());
        if (near)
            return gp_cli_usage(c, "there is no profile '%s'; did you mean '%s'?", name, near);
        return gp_cli_usage(c, "there is no profile '%s': neither one of `goldpit data profiles` nor a file", name);
    }
    c->data.profile = c->own_profile = gp_profile_load(name, &d);
    gp_cli_diags(c, &d);
    return c->data.profile ? GP_EXIT_OK : GP_EXIT_USAGE;
}

static gp_str unit(gp_unit u) { return gp_str_from(u == GP_UNIT_UNKNOWN ? "" : gp_unit_name(u)); }

static int show_one(gp_cli *c, const char *name)
{
    for (int i = 0; i < gp_profile_count(); i++) {
        if (!gp_str_ieqz(gp_str_from(name), profile_name(i)))
            continue;
        const gp_str text = gp_profile_text(i);
        fwrite(text.p, 1, text.n, stdout);
        return GP_EXIT_OK;
    }
    const char *near = gp_cli_near(name, profile_name, gp_profile_count());
    if (near)
        return gp_cli_usage(c, "there is no profile '%s'; did you mean '%s'?", name, near);
    return gp_cli_usage(c, "there is no profile '%s'; `goldpit data profiles` lists them", name);
}

int gp_data_profiles(gp_cli *c)
{
    static const gp_column columns[] = {{"profile", GP_CELL_TEXT, 0}, {"volume", GP_CELL_TEXT, 0}, {"amount", GP_CELL_TEXT, 0},
        {"rows", GP_CELL_TEXT, 0}, {"suspended", GP_CELL_TEXT, 0}, {"files", GP_CELL_TEXT, 0}};
    if (c->n_args > 1)
        return gp_cli_usage(c, "name one profile, or none for the list");
    if (c->n_args == 1)
        return show_one(c, c->args[0]);
    gp_writer *w = gp_writer_new(stdout, c->format, columns, 6, c->colour);
    for (int i = 0; i < gp_profile_count(); i++) {
        const gp_profile *p = gp_profile_at(i);
        gp_buf mark = {0};
        if (p->mark_value)
            gp_buf_printf(&mark, "%s %s", p->mark.text, p->mark_value);
        gp_cell cells[6] = {{.text = gp_str_from(p->name)}, {.text = unit(p->volume)}, {.text = unit(p->amount)},
            {.text = gp_str_from(gp_row_order_name(p->order))}, {.text = {mark.p, mark.n}}, {.text = gp_str_from(p->title)}};
        gp_writer_row(w, cells);
        gp_buf_free(&mark);
    }
    return gp_writer_end(w) ? GP_EXIT_OK : GP_EXIT_NO_DATA;
}
