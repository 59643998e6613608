/* The picture of a sweep: one parameter as a line, two as a heat map; of more, the two with the most values, the others as in the best set. */
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "cli/sweep.h"
#include "cli/worth.h"

enum { MOST_CELLS = 200 };

/* The axes that are drawn: the one with the most values goes from left to right. */
static int drawn_axes(const gp_grid *g, int *x, int *y)
{
    *x = 0;
    *y = -1;
    for (int k = 1; k < g->n_axes; k++)
        *x = g->axes[k].n > g->axes[*x].n ? k : *x;
    for (int k = 0; k < g->n_axes; k++)
        if (k != *x && g->axes[k].n > 1 && (*y < 0 || g->axes[k].n > g->axes[*y].n))
            *y = k;
    return *y < 0 ? 1 : 2;
}

int gp_cli_check_sweep_plot(const gp_cli *c, const gp_grid *g)
{
    int x, y;
    if (!c->plot_file && !c->script_only)
        return -1;
    if (drawn_axes(g, &x, &y) == 2 && (g->axes[x].n > MOST_CELLS || g->axes[y].n > MOST_CELLS))
        return gp_cli_usage(c, "--plot: a heat map has at most %d values of a parameter; take larger steps", MOST_CELLS);
    return -1;
}

static double shown_value(const gp_sweep_report *r, double key)
{
    const gp_metric *m = &gp_metrics[r->metric];
    return key * m->better * (m->percent ? 100 : 1);
}

/* "excess by N1; PIT=20 M=5 as in the best set" */
static void name(const gp_sweep_report *r, int x, int y, gp_buf *b)
{
    const gp_grid *g = &r->grid;
    const char *between = "; ";
    gp_buf_printf(b, "%s%s by %s", gp_metrics[r->metric].name, gp_metrics[r->metric].percent ? " in %" : "", g->axes[x].name);
    if (y >= 0)
        gp_buf_printf(b, " (left to right) and %s (upwards)", g->axes[y].name);
    for (int k = 0; k < g->n_axes; k++) {
        if (k == x || k == y)
            continue;
        gp_buf_printf(b, "%s%s=", between, g->axes[k].name);
        gp_sweep_value(&g->axes[k], gp_grid_value(g, r->trials.top[0].number, k), b);
        between = " ";
    }
    if (*between == ' ')
        gp_buf_addz(b, " as in the best set");
}

static char **labels_of(const gp_axis *a)
{
    char **text = gp_xcalloc((size_t)a->n + 1, sizeof *text);
    for (size_t i = 0; i < (size_t)a->n; i++) {
        gp_buf b = {0};
        gp_sweep_value(a, a->at[i], &b);
        text[i] = b.p;
    }
    return text;
}

static void free_labels(char **text)
{
    for (char **p = text; p && *p; p++)
        free(*p);
    free(text);
}

static int draw_line(const gp_cli *c, const gp_sweep_report *r, int x, gp_chart *chart, gp_panel *panel)
{
    const gp_axis *a = &r->grid.axes[x];
    const size_t all = (size_t)a->n, n = all - (isinf(a->at[all - 1]) != 0), best = r->trials.top[0].number; /* without it: a level of its own */
    const bool out = r->split < r->market.n_days;
    double *in = gp_xcalloc(all + 1, sizeof *in), *later = gp_xcalloc(all + 1, sizeof *later);
    gp_buf without = {0};
    for (size_t i = 0; i < all; i++) {
        const size_t point = gp_grid_moved(&r->grid, best, x, i);
        in[i] = shown_value(r, r->trials.key[point]);
        later[i] = r->trials.later[point] * (gp_metrics[r->metric].percent ? 100 : 1);
    }
    panel->below = a->name;
    panel->x_percent = a->percent;
    panel->percent = gp_metrics[r->metric].percent;
    panel->curves[0] = (gp_curve){GP_CURVE_LINE, GP_INK_MAIN, out ? "chosen on" : NULL, a->at, in, n};
    panel->curves[1] = (gp_curve){GP_CURVE_LINE, GP_INK_BESIDE, "later days", a->at, later, n};
    panel->n_curves = out ? 2 : 1;
    const double ends[] = {a->at[0], a->at[n - 1]}, level[] = {in[all - 1], in[all - 1]}, later_level[] = {later[all - 1], later[all - 1]};
    if (n < all) {
        gp_buf_printf(&without, "%s=none", a->name);
        panel->curves[panel->n_curves++] = (gp_curve){GP_CURVE_LINE, GP_INK_OTHER, without.p, ends, level, 2};
        if (out)
            panel->curves[panel->n_curves++] = (gp_curve){GP_CURVE_LINE, GP_INK_BESIDE, NULL, ends, later_level, 2};
    }
    panel->uprights[0] = (gp_upright){gp_grid_value(&r->grid, best, x), GP_INK_MAIN, true};
    panel->n_uprights = 1;
    const int status = gp_cli_worth_plot(c, NULL, chart);
    gp_buf_free(&without);
    free(in);
    free(later);
    return status;
}

/* y < 0: one row. */
static int draw_heat(const gp_cli *c, const gp_sweep_report *r, int x, int y, gp_chart *chart, gp_panel *panel, gp_buf *title)
{
    const gp_grid *g = &r->grid;
    const gp_metric *m = &gp_metrics[r->metric];
    const gp_axis single = {.n = 0};
    const size_t columns = (size_t)g->axes[x].n, rows = y < 0 ? 1 : (size_t)g->axes[y].n, best = r->trials.top[0].number;
    double *v = gp_xcalloc(columns * rows + 1, sizeof *v), *later = gp_xcalloc(columns * rows + 1, sizeof *later);
    char **x_text = labels_of(&g->axes[x]), **y_text = labels_of(y < 0 ? &single : &g->axes[y]);
    for (size_t i = 0; i < columns * rows; i++) {
        const size_t in_row = gp_grid_moved(g, best, x, i % columns), point = y < 0 ? in_row : gp_grid_moved(g, in_row, y, i / columns);
        v[i] = shown_value(r, r->trials.key[point]);
        later[i] = r->trials.later[point] * (m->percent ? 100 : 1);
    }
    gp_heat heat = {.value = v, .columns = (int)columns, .rows = (int)rows, .x_text = (const char *const *)x_text, .y_text = (const char *const *)y_text,
                    .none = m->none * (m->percent ? 100 : 1), .better = m->better, .decimals = m->decimals,
                    .best = (int)((y < 0 ? 0 : gp_grid_step(g, best, y) * columns) + gp_grid_step(g, best, x))};
    gp_heat after = heat;
    after.value = later;
    panel[0].heat = &heat;
    panel[0].below = g->axes[x].name;
    panel[0].share = fmin(fmax((double)rows * 26 / 300, 1), 3);
    if (r->split < r->market.n_days) {
        panel[1] = panel[0];
        panel[1].heat = &after;
        panel[1].title = "later days";
        chart->n_panels = chart->columns = 2;
    }
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < columns * rows; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    gp_buf_printf(title, "; %.*f to %.*f", m->decimals, lo, m->decimals, hi);
    panel[0].title = title->p;
    const int status = gp_cli_worth_plot(c, NULL, chart);
    free_labels(x_text);
    free_labels(y_text);
    free(v);
    free(later);
    return status;
}

int gp_cli_sweep_plot(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf title = {0}, warning = {0}, caption = {0};
    gp_panel panels[2] = {{.share = 1}};
    int x, y;
    if (!r->trials.ranked) {
        gp_cli_note(c, "no set is ranked, so that there is nothing to draw");
        return GP_EXIT_OK;
    }
    /* of one value and none there is no line */
    const bool two = drawn_axes(&r->grid, &x, &y) == 2 || (r->grid.axes[x].n == 2 && isinf(r->grid.axes[x].at[1]));
    name(r, x, y, &title);
    if (r->ahead)
        gp_buf_printf(&warning, "LOOKS AHEAD (%s): nobody could have traded this.", r->ahead);
    const int32_t first = r->market.date[0], last = r->market.date[r->market.n_days - 1];
    gp_buf_printf(&caption, "%zu sets, %zu securities, %04d-%02d-%02d to %04d-%02d-%02d", r->grid.points, r->market.read.tickers, first / 10000, first / 100 % 100, first % 100,
                  last / 10000, last / 100 % 100, last % 100);
    panels[0].title = title.p;
    gp_chart chart = {.title = c->zh ? "参数优化" : "Sweep", .caption = caption.p, .warning = warning.p, .panels = panels, .n_panels = 1, .columns = 1};
    const int status = two ? draw_heat(c, r, x, y, &chart, panels, &title) : draw_line(c, r, x, &chart, panels);
    gp_buf_free(&title);
    gp_buf_free(&warning);
    gp_buf_free(&caption);
    return status;
}
