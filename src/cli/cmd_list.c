/* goldpit list: the formulas that can be used by name. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

static const struct { const char *kind, *zh; } kinds[] = {
    {"indicator", "技术指标"}, {"screen", "条件选股"}, {"expert", "专家系统"}, {"kline", "五彩K线"}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* One formula of the list.  Its texts are in its arena, so it is kept until the list is written. */
typedef struct item {
    const gp_library_entry *entry;
    gp_formula *f;
    gp_program *p;   /* NULL: it has errors */
    char *params, *ahead;
} item;

static bool holds(gp_str text, gp_str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (gp_str_ieq((gp_str){text.p + i, word.n}, word))
            return true;
    }
    return false;
}

/* A formula that does not say its kind is an indicator. */
static const char *kind_of(const gp_formula *f)
{
    for (int i = 0; i < N_KINDS; i++) {
        if (gp_str_ieqz(f->header.kind, kinds[i].kind))
            return kinds[i].kind;
    }
    return kinds[0].kind;
}

static bool matches(const gp_cli *c, const char *kind, const gp_library_entry *e, const gp_formula *f)
{
    if (kind && strcmp(kind_of(f), kind) != 0)
        return false;
    for (int i = 0; i < c->n_args; i++) {
        gp_str word = gp_str_from(c->args[i]);
        if (!holds(gp_str_from(e->name), word) && !holds(f->header.title, word) && !holds(f->header.note, word))
            return false;
    }
    return true;
}

/* "none", or what changes later in a word or two. */
static char *ahead_text(const gp_program *p)
{
    gp_ahead a = gp_program_ahead(p);
    gp_buf b = {0};
    switch (a.kind) {
    case GP_FUTURE_NONE: gp_buf_addz(&b, "none"); break;
    case GP_FUTURE_N: gp_buf_printf(&b, "%d bar%s", a.bars, a.bars == 1 ? "" : "s"); break;
    case GP_FUTURE_REPAINT: gp_buf_addz(&b, "repaints"); break;
    case GP_FUTURE_PERIOD: gp_buf_printf(&b, "%s end", gp_period_word((gp_period)a.bars)); break;
    case GP_FUTURE_LAST: gp_buf_addz(&b, "last bar"); break;
    }
    return b.p;
}

static char *params_text(const gp_formula *f)
{
    char value[GP_NUM_MAX];
    gp_buf b = {0};
    gp_buf_addz(&b, "");
    for (int i = 0; i < f->n_params; i++) {
        gp_num_format(f->params[i].value, value);
        gp_buf_printf(&b, "%s" GP_STR_FMT "=%s", i ? " " : "", GP_STR_ARG(f->params[i].name), value);
    }
    return b.p;
}

static void item_fini(item *t)
{
    gp_program_free(t->p);
    gp_formula_free(t->f);
    free(t->params);
    free(t->ahead);
}

/* False when the file cannot be read. */
static bool load(gp_cli *c, const char *kind, const gp_library_entry *e, item *out, bool *listed)
{
    gp_cli one = *c;
    gp_diags d = {0};
    char *path[] = {e->path};
    int status = 0;
    *listed = false;
    one.args = path;
    one.n_args = 1;
    *out = (item){.entry = e, .f = gp_cli_formula(&one, true, &d, &status)};
    if (!out->f) {
        gp_diags_fini(&d);
        return false;
    }
    if (matches(c, kind, e, out->f)) {
        gp_compile_opts options = gp_cli_compile_opts(c);
        if (gp_formula_resolve(out->f, &d) && d.errors == 0)
            out->p = gp_compile(out->f, &options, &d);
        out->params = params_text(out->f);
        out->ahead = out->p ? ahead_text(out->p) : NULL;
        *listed = true;
    } else {
        item_fini(out);
    }
    gp_diags_fini(&d);
    return true;
}

static gp_cell text(const char *z) { return (gp_cell){.text = gp_str_from(z ? z : "")}; }

/* For people: what fits a terminal, and the look-ahead only where there is one to warn of. */
static bool write_table(const gp_cli *c, const item *at, size_t n)
{
    static const gp_column columns[] = {{"name", GP_CELL_TEXT, 0}, {"kind", GP_CELL_TEXT, 0}, {"title", GP_CELL_TEXT, 0},
                                        {"look-ahead", GP_CELL_TEXT, 0}, {"parameters", GP_CELL_TEXT, 0}};
    gp_column shown[5];
    bool ahead = false;
    int k = 0;
    gp_writer *w;
    for (size_t i = 0; i < n; i++)
        ahead |= at[i].ahead && strcmp(at[i].ahead, "none") != 0;
    for (int i = 0; i < 5; i++) {
        if (i != 3 || ahead)
            shown[k++] = columns[i];
    }
    w = gp_writer_new(stdout, c->format, shown, k, c->colour);
    gp_writer_fit(w, gp_cli_width());
    for (size_t i = 0; i < n; i++) {
        gp_cell cells[5] = {text(at[i].entry->name), text(kind_of(at[i].f)), {.text = at[i].f->header.title}};
        k = 3;
        if (!at[i].p)
            cells[2] = text("has errors, see goldpit check");
        if (ahead)
            cells[k++] = text(!at[i].ahead || strcmp(at[i].ahead, "none") == 0 ? "" : at[i].ahead);
        cells[k] = text(at[i].params);
        gp_writer_row(w, cells);
    }
    return gp_writer_end(w);
}

static bool write_rows(const gp_cli *c, const item *at, size_t n)
{
    static const gp_column columns[] = {{"name", GP_CELL_TEXT, 0}, {"title", GP_CELL_TEXT, 0}, {"kind", GP_CELL_TEXT, 0},
                                        {"parameters", GP_CELL_TEXT, 0}, {"look_ahead", GP_CELL_TEXT, 0}, {"note", GP_CELL_TEXT, 0},
                                        {"file", GP_CELL_TEXT, 0}};
    gp_writer *w = gp_writer_new(stdout, c->format, columns, 7, c->colour);
    for (size_t i = 0; i < n; i++) {
        gp_cell cells[7] = {text(at[i].entry->name), {.text = at[i].f->header.title}, text(kind_of(at[i].f)), text(at[i].params),
                            text(at[i].ahead ? at[i].ahead : "has errors"), {.text = at[i].f->header.note}, text(at[i].entry->path)};
        gp_writer_row(w, cells);
    }
    return gp_writer_end(w);
}

/* The word of --kind in either language; false when it is none. */
static bool read_kind(const gp_cli *c, const char **out)
{
    *out = NULL;
    for (int i = 0; i < N_KINDS && c->kind; i++) {
        if (gp_str_ieqz(gp_str_from(c->kind), kinds[i].kind) || strcmp(c->kind, kinds[i].zh) == 0)
            *out = kinds[i].kind;
    }
    return !c->kind || *out;
}

static void nothing_found(const gp_cli *c)
{
    gp_buf words = {0};
    for (int i = 0; i < c->n_args; i++)
        gp_buf_printf(&words, "%s'%s'", i ? " and " : "", c->args[i]);
    gp_cli_note(c, "no name, title or note%s%s holds %s", c->kind ? " of kind " : "", c->kind ? c->kind : "", words.p);
    gp_buf_free(&words);
}

int gp_cmd_list(gp_cli *c)
{
    gp_library_list l = {0};
    struct { item *at; size_t n, cap; } items = {0};
    const char *kind;
    bool ok = true, written;
    if (!read_kind(c, &kind))
        return gp_cli_usage(c, "--kind '%s': it is indicator, screen, expert or kline", c->kind);
    gp_library_read(c, &l);
    if (l.n == 0) {
        gp_cli_error(c, "no library formula found; --formulas DIR and GOLDPIT_PATH name the folders");
        return GP_EXIT_NO_DATA;
    }
    for (size_t i = 0; i < l.n; i++) {
        item one;
        bool listed;
        ok &= load(c, kind, &l.at[i], &one, &listed);
        if (listed)
            gp_vec_push(&items, one);
    }
    written = c->format == GP_FORMAT_TABLE ? write_table(c, items.at, items.n) : write_rows(c, items.at, items.n);
    if (written && !items.n && c->n_args)
        nothing_found(c);
    for (size_t i = 0; i < items.n; i++)
        item_fini(&items.at[i]);
    gp_vec_free(&items);
    gp_library_fini(&l);
    return !written ? GP_EXIT_NO_DATA : ok ? GP_EXIT_OK : GP_EXIT_PARTIAL;
}
