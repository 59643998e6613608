/* Formulas -> what they draw over one security -> a picture. */
#include "cli/charts.h"
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"
#include "cli/table.h"
#include "screen/feed.h"

enum { LABEL_CELLS = 24 };

typedef struct chart {
    gp_formula *formula;
    gp_program *program;
    gp_feed *feed;
    gp_vm *vm;
    char *label;
    double **out;
    int n_slots;
    gp_plot plot;
} chart;

struct gp_charts {
    gp_cli *c;
    chart *at;
    int n;
    gp_companions *companions; /* one for all: the formulas read the same quotes, with the columns that any of them needs */
    gp_picture_part *parts;
    gp_picture picture;
};

/* ---- labels: MACD(12,26,9) ---- */

static char *label_of(const gp_formula *f)
{
    gp_buf text = {0};
    const gp_str title = f->header.title.n && !f->name ? f->header.title : gp_str_from(f->name);
    gp_buf_add(&text, title.p ? title.p : "", title.n);
    for (int i = 0; i < f->n_params && text.n; i++) {
        char number[GP_NUM_MAX];
        gp_num_format(f->params[i].value, number);
        gp_buf_printf(&text, "%s%s", i ? "," : "(", number);
        if (i + 1 < f->n_params && gp_str_width((gp_str){text.p, text.n}) > LABEL_CELLS) {
            gp_buf_addz(&text, ",…");
            break;
        }
    }
    if (f->n_params && text.n)
        gp_buf_addc(&text, ')');
    return text.p ? text.p : gp_xstrndup("", 0);
}

/* ---- parameters ---- */

static bool has_param(const gp_formula *f, gp_str name)
{
    for (int i = 0; i < f->n_params; i++)
        if (gp_str_ieq(f->params[i].name, name))
            return true;
    return false;
}

/* Each -p goes to the formulas that declare it; one that none declares goes to the first, which says what it thinks of it. */
static void set_params(gp_charts *k, gp_diags *d)
{
    for (int i = 0; i < k->c->n_params; i++) {
        const char *text = k->c->params[i], *eq = strchr(text, '=');
        double value;
        bool taken = false;
        if (!eq || !gp_num_parse(eq + 1, strlen(eq + 1), &value))
            continue;
        const gp_str name = {text, (size_t)(eq - text)};
        for (int j = 0; j < k->n; j++)
            if (has_param(k->at[j].formula, name)) {
                gp_formula_set_param(k->at[j].formula, name, value, d);
                taken = true;
            }
        if (!taken)
            gp_formula_set_param(k->at[0].formula, name, value, d);
    }
}

/* ---- opening ---- */

static gp_formula *read_formula(gp_charts *k, char *word, gp_diags *d, int *status)
{
    gp_cli one = *k->c;
    one.args = &word;
    one.n_args = word ? 1 : 0;
    one.n_params = 0; /* set_params */
    if (word)
        one.expression = NULL;
    return gp_cli_formula(&one, true, d, status);
}

static bool compile(gp_charts *k, chart *one, gp_diags *d, int *status)
{
    gp_compile_opts options = gp_cli_compile_opts(k->c);
    options.geometry = true;
    *status = GP_EXIT_FORMULA;
    if (gp_formula_resolve(one->formula, d) && !d->errors)
        one->program = gp_compile(one->formula, &options, d);
    gp_cli_diags(k->c, d);
    if (!one->program)
        return false;
    one->label = label_of(one->formula);
    one->n_slots = gp_program_n_slots(one->program);
    one->out = gp_xcalloc((size_t)one->n_slots + 1, sizeof *one->out);
    one->vm = gp_vm_new(one->program, NULL);
    gp_cli_ahead_note(k->c, one->program);
    return true;
}

static bool supply(gp_charts *k, const gp_inputs *inputs, int *status)
{
    const gp_program **programs = gp_xcalloc((size_t)k->n + 1, sizeof *programs);
    for (int i = 0; i < k->n; i++)
        programs[i] = k->at[i].program;
    const bool ok = gp_cli_companions_of(k->c, programs, k->n, inputs, &k->companions, status);
    free(programs);
    for (int i = 0; i < k->n && ok; i++)
        k->at[i].feed = gp_feed_new(k->at[i].program, k->companions);
    return ok;
}

gp_charts *gp_charts_open(gp_cli *c, char *const *words, int n, const gp_inputs *inputs, int *status)
{
    gp_charts *k = gp_xcalloc(1, sizeof *k);
    gp_diags d = {0};
    bool ok = true;
    k->c = c;
    k->at = gp_xcalloc((size_t)n + 1, sizeof *k->at);
    k->parts = gp_xcalloc((size_t)n + 1, sizeof *k->parts);
    for (int i = c->expression ? -1 : 0; i < n && ok; i++) {
        gp_formula *f = read_formula(k, i < 0 ? NULL : words[i], &d, status);
        ok = f != NULL;
        if (f)
            k->at[k->n++].formula = f;
    }
    if (ok)
        set_params(k, &d);
    for (int i = 0; i < k->n && ok; i++)
        ok = compile(k, &k->at[i], &d, status);
    ok = ok && supply(k, inputs, status);
    gp_cli_diags(c, &d);
    if (ok)
        return k;
    gp_charts_free(k);
    return NULL;
}

static void forget(chart *one)
{
    gp_plot_fini(&one->plot);
    for (int i = 0; i < one->n_slots && one->out; i++) {
        free(one->out[i]);
        one->out[i] = NULL;
    }
}

void gp_charts_free(gp_charts *k)
{
    if (!k)
        return;
    for (int i = 0; i < k->n; i++) { /* feeds before the companions, these before the programs */
        forget(&k->at[i]);
        gp_vm_free(k->at[i].vm);
        gp_feed_free(k->at[i].feed);
    }
    gp_cli_companions_end(k->c, k->companions);
    for (int i = 0; i < k->n; i++) {
        chart *one = &k->at[i];
        gp_program_free(one->program);
        gp_formula_free(one->formula);
        free(one->label);
        free(one->out);
    }
    free(k->at);
    free(k->parts);
    free(k);
}

/* ---- running ---- */

void gp_charts_read_opts(const gp_charts *k, gp_read_opts *o)
{
    if (k->companions)
        gp_companions_read_opts(k->companions, o);
    o->need |= GP_COL_CLOSE;
    for (int i = 0; i < k->n; i++)
        o->need |= gp_program_needs(k->at[i].program);
    o->want = 0; /* all: the candles are drawn whatever the formulas read */
}

static void run(const gp_cli *c, chart *one, const gp_bars *b, int from, int to)
{
    forget(one);
    for (int i = 0; i < one->n_slots; i++)
        one->out[i] = gp_xcalloc((size_t)b->n + 1, sizeof **one->out);
    gp_lane lane = gp_lane_of(b, b->n, 0, one->out);
    gp_feed_fill(one->feed, 0, b, b->n, &lane);
    gp_vm_run(one->vm, &lane, 1);
    const gp_plot_input in = {.formula = one->formula, .program = one->program, .bars = b, .vm = one->vm, .out = one->out, .from = from, .to = to,
                              .pane = c->pane};
    gp_plot_make(&one->plot, &in);
}

const gp_picture *gp_charts_make(gp_charts *k, const gp_bars *b, int usual, gp_diags *d)
{
    const gp_cli *c = k->c;
    const int last = c->last ? c->last : c->from ? 0 : usual;
    int from = 0, to = b->n;
    while (c->from && from < to && b->date[from] < c->from)
        from++;
    while (c->to && to > from && b->date[to - 1] > c->to)
        to--;
    if (last && to - from > last)
        from = to - last;
    if (to == from) {
        gp_diag_file(d, b->n ? GP_D_PICTURE_NO_BARS : GP_D_DATA_NO_ROWS, b->file, 0, 0);
        return NULL;
    }
    if (k->companions && !gp_companions_accept(k->companions, b, d))
        return NULL;
    for (int i = 0; i < k->n; i++) {
        run(c, &k->at[i], b, from, to);
        k->parts[i] = (gp_picture_part){&k->at[i].plot, k->at[i].label};
    }
    k->picture = (gp_picture){.bars = b, .first = from, .n = to - from, .parts = k->parts, .n_parts = k->n, .adjust = c->facts.adjust};
    return &k->picture;
}

gp_picture_opts gp_charts_opts(const gp_cli *c)
{
    return (gp_picture_opts){.format = (gp_picture_format)(c->picture_format > 0 && c->picture_format <= GP_PICTURE_BLOCKS + 1 ? c->picture_format - 1 : 0), .width = c->width, .height = c->height, .dpi = c->dpi,
                             .theme = (gp_theme_name)c->theme, .green_up = c->up == 1, .log = c->log, .no_volume = c->no_volume, .no_signals = c->no_signals, .zh = c->zh, .font = c->font,
                             .colour = c->colour};
}
