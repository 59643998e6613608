/* goldpit list: the formulas that can be used by name. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

static bool holds(gp_str text, gp_str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (gp_str_ieq((gp_str){text.p + i, word.n}, word))
            return true;
    }
    return false;
}

static bool matches(const gp_cli *c, const gp_library_entry *e, const gp_formula *f)
{
    for (int i = 0; i < c->n_args; i++) {
        gp_str word = gp_str_from(c->args[i]);
        if (!holds(gp_str_from(e->name), word) && !holds(f->header.title, word))
            return false;
    }
    return true;
}

/* False when the file cannot be read. */
static bool list_one(const gp_cli *c, gp_writer *w, const gp_library_entry *e, int *found)
{
    gp_diags d = {0};
    gp_file file;
    gp_formula *f;
    gp_buf params = {0};
    char value[GP_NUM_MAX];
    const char *why = gp_file_open(e->path, &file);
    if (why) {
        gp_cli_error(c, "%s: %s", e->path, why);
        return false;
    }
    f = gp_formula_parse(e->path, file.p, file.n, c->encoding, &d);
    gp_file_close(&file);
    for (int i = 0; i < f->n_params; i++) {
        gp_num_format(f->params[i].value, value);
        gp_buf_printf(&params, "%s" GP_STR_FMT "=%s", i ? " " : "", GP_STR_ARG(f->params[i].name), value);
    }
    if (matches(c, e, f)) {
        gp_cell cells[5] = {{.text = gp_str_from(e->name)},
                            {.text = d.errors ? GP_STR("has errors, see goldpit check") : f->header.title},
                            {.text = f->header.kind},
                            {.text = gp_str_from(params.p ? params.p : "")},
                            {.text = gp_str_from(e->path)}};
        for (int i = 0; i < 5; i++)
            cells[i].text = cells[i].text.p ? cells[i].text : GP_STR("");
        gp_writer_row(w, cells);
        (*found)++;
    }
    gp_buf_free(&params);
    gp_formula_free(f);
    gp_diags_fini(&d);
    return true;
}

int gp_cmd_list(gp_cli *c)
{
    static const gp_column columns[] = {{"name", GP_CELL_TEXT, 0}, {"title", GP_CELL_TEXT, 0}, {"kind", GP_CELL_TEXT, 0},
                                        {"parameters", GP_CELL_TEXT, 0}, {"file", GP_CELL_TEXT, 0}};
    gp_library l = {0};
    bool ok = true;
    int found = 0;
    gp_writer *w;
    gp_library_read(c, &l);
    if (l.n == 0) {
        gp_cli_error(c, "no library formula found; --formulas DIR and GOLDPIT_PATH name the folders");
        return GP_EXIT_NO_DATA;
    }
    w = gp_writer_new(stdout, c->format, columns, 5, c->colour);
    for (size_t i = 0; i < l.n; i++)
        ok &= list_one(c, w, &l.at[i], &found);
    gp_library_fini(&l);
    if (!gp_writer_end(w))
        return GP_EXIT_NO_DATA;
    if (c->n_args && !found)
        gp_cli_note(c, "no name or title holds '%s'", c->args[0]);
    return ok ? GP_EXIT_OK : GP_EXIT_PARTIAL;
}
