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

static void add_date(gp_buf *b, int32_t day) { gp_buf_printf(b, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100); }

static void add_shown(const gp_sweep_report *r, double v, gp_buf *b)
{
    gp_buf_printf(b, "%.*f%s", gp_metrics[r->metric].decimals, v, gp_metrics[r->metric].percent ? "%" : "");
}

/* "t; no set is ranked: at most 12 signals, fewer than 30 (--least)" */
static void no_best(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const bool trades = gp_sweep_by_trades(r);
    if (r->trials.no_value)
        gp_buf_addz(b, c->zh ? "; 没有一组参与排序: 该指标没有数值" : "; no set is ranked: it has no value for any");
    else if (c->zh)
        gp_buf_printf(b, "; 没有一组参与排序: 最多 %.0f %s, 不足 %.0f (--least)", r->trials.most_n, trades ? "笔交易" : "次信号", r->least);
    else
        gp_buf_printf(b, "; no set is ranked: at most %.0f %s%s, fewer than %.0f (--least)", r->trials.most_n, trades ? "trade" : "signal", r->trials.most_n == 1 ? "" : "s", r->least);
}

/* "sharpe; best at N=20 M=5: 0.73"; further axes than the drawn ones are held. */
static void name(const gp_cli *c, const gp_sweep_report *r, int drawn, gp_buf *b)
{
    const gp_grid *g = &r->grid;
    const bool out = drawn == 2 && r->split < r->market.n_days; /* curves have names of their own */
    gp_buf_addz(b, !out ? "" : c->zh ? "样本内: " : "in sample: ");
    gp_buf_addz(b, c->zh ? gp_metrics[r->metric].zh : gp_metrics[r->metric].name);
    if (!r->trials.ranked) {
        no_best(c, r, b);
        return;
    }
    gp_buf_addz(b, c->zh ? "; 最优" : "; best at");
    for (int k = 0; k < g->n_axes; k++) {
        gp_buf_printf(b, " %s=", gp_sweep_axis_name(c, r, k));
        gp_sweep_value(c, &g->axes[k], gp_grid_value(g, r->trials.top[0].number, k), b);
    }
    gp_buf_addz(b, ": ");
    add_shown(r, shown_value(r, r->trials.key[r->trials.top[0].number]), b);
    if (g->n_axes > drawn)
        gp_buf_addz(b, c->zh ? "; 其余参数取最优组" : "; the others as in it");
}

/* What the later days are called. */
static void later_name(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    if (r->split >= r->market.n_days)
        return;
    gp_buf_addz(b, c->zh ? "样本外, " : "out of sample, from ");
    add_date(b, r->market.date[r->split]);
    gp_buf_addz(b, c->zh ? " 起" : "");
}

static char **labels_of(const gp_cli *c, const gp_axis *a)
{
    char **text = gp_xcalloc((size_t)a->n + 1, sizeof *text);
    for (size_t i = 0; i < (size_t)a->n; i++) {
        gp_buf b = {0};
        gp_sweep_value(c, a, a->at[i], &b);
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
    gp_buf without = {0}, later_text = {0};
    for (size_t i = 0; i < all; i++) {
        const size_t point = gp_grid_moved(&r->grid, best, x, i);
        in[i] = shown_value(r, r->trials.key[point]);
        later[i] = r->trials.later[point] * (gp_metrics[r->metric].percent ? 100 : 1);
    }
    later_name(c, r, &later_text);
    panel->below = gp_sweep_axis_name(c, r, x);
    panel->x_percent = a->percent;
    panel->percent = gp_metrics[r->metric].percent;
    panel->curves[0] = (gp_curve){GP_CURVE_LINE, GP_INK_MAIN, !out ? NULL : c->zh ? "样本内" : "in sample", a->at, in, n};
    panel->curves[1] = (gp_curve){GP_CURVE_LINE, GP_INK_BESIDE, later_text.p, a->at, later, n};
    panel->n_curves = out ? 2 : 1;
    const double ends[] = {a->at[0], a->at[n - 1]}, level[] = {in[all - 1], in[all - 1]}, later_level[] = {later[all - 1], later[all - 1]};
    if (n < all) {
        gp_buf_printf(&without, c->zh ? "%s=无" : "%s=none", gp_sweep_axis_name(c, r, x));
        panel->curves[panel->n_curves++] = (gp_curve){GP_CURVE_LINE, GP_INK_OTHER, without.p, ends, level, 2};
        if (out)
            panel->curves[panel->n_curves++] = (gp_curve){GP_CURVE_LINE, GP_INK_BESIDE, NULL, ends, later_level, 2};
    }
    panel->uprights[0] = (gp_upright){gp_grid_value(&r->grid, best, x), GP_INK_MAIN, true};
    panel->n_uprights = r->trials.ranked > 0;
    const int status = gp_cli_worth_plot(c, NULL, chart);
    gp_buf_free(&without);
    gp_buf_free(&later_text);
    free(in);
    free(later);
    return status;
}

static double distance(double v, double from) { return isfinite(v) ? fabs(v - from) : 0; }

/* "; all 0.57 to 2.65" */
static void range(const gp_cli *c, const gp_sweep_report *r, const double *v, size_t n, gp_buf *b)
{
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
    }
    if (lo > hi)
        return;
    gp_buf_addz(b, c->zh ? "; 范围 " : "; all ");
    add_shown(r, lo, b);
    gp_buf_addz(b, c->zh ? " 至 " : " to ");
    add_shown(r, hi, b);
}

/* y < 0: one row. */
static int draw_heat(const gp_cli *c, const gp_sweep_report *r, int x, int y, gp_chart *chart, gp_panel *panel, gp_buf *title)
{
    const gp_grid *g = &r->grid;
    const gp_metric *m = &gp_metrics[r->metric];
    const gp_axis single = {.n = 0};
    const size_t columns = (size_t)g->axes[x].n, rows = y < 0 ? 1 : (size_t)g->axes[y].n, best = r->trials.top[0].number;
    double *v = gp_xcalloc(columns * rows + 1, sizeof *v), *later = gp_xcalloc(columns * rows + 1, sizeof *later);
    char **x_text = labels_of(c, &g->axes[x]), **y_text = labels_of(c, y < 0 ? &single : &g->axes[y]);
    for (size_t i = 0; i < columns * rows; i++) {
        const size_t in_row = gp_grid_moved(g, best, x, i % columns), point = y < 0 ? in_row : gp_grid_moved(g, in_row, y, i / columns);
        v[i] = shown_value(r, r->trials.key[point]);
        later[i] = r->trials.later[point] * (m->percent ? 100 : 1);
    }
    gp_heat heat = {.value = v, .columns = (int)columns, .rows = (int)rows, .x_text = (const char *const *)x_text, .y_text = (const char *const *)y_text,
                    .none = m->none * (m->percent ? 100 : 1), .better = m->better, .decimals = m->decimals,
                    .best = !r->trials.ranked ? -1 : (int)((y < 0 ? 0 : gp_grid_step(g, best, y) * columns) + gp_grid_step(g, best, x))};
    gp_buf later_text = {0}, name = {0};
    gp_buf_printf(&name, "%s%s", c->zh ? m->zh : m->name, r->metric != GP_SCORE_PROFIT ? "" : c->zh ? ", 元" : ", yuan");
    heat.name = r->trials.ranked ? name.p : NULL;
    heat.percent = m->percent;
    heat.lo = INFINITY;
    heat.hi = -INFINITY;
    heat.left = y < 0 ? NULL : gp_sweep_axis_name(c, r, y);
    for (size_t i = 0; i < columns * rows; i++) { /* a colour means the same in both */
        heat.most = fmax(heat.most, isnan(heat.none) ? 0 : fmax(distance(v[i], heat.none), distance(later[i], heat.none)));
        heat.lo = fmin(heat.lo, fmin(v[i], later[i]));
        heat.hi = fmax(heat.hi, fmax(v[i], later[i]));
    }
    range(c, r, v, columns * rows, title);
    panel[0].title = title->p;
    gp_heat after = heat;
    after.value = later;
    panel[0].heat = &heat;
    panel[0].below = gp_sweep_axis_name(c, r, x);
    panel[0].share = fmin(fmax((double)rows * 26 / 300, 1), 3);
    if (r->split < r->market.n_days) {
        panel[1] = panel[0];
        panel[1].heat = &after;
        later_name(c, r, &later_text);
        if (r->trials.ranked) {
            gp_buf_addz(&later_text, c->zh ? "; 该组 " : "; same set ");
            add_shown(r, later[heat.best], &later_text);
        }
        range(c, r, later, columns * rows, &later_text);
        panel[1].title = later_text.p;
        chart->n_panels = chart->columns = 2;
    }
    const int status = gp_cli_worth_plot(c, NULL, chart);
    free_labels(x_text);
    free_labels(y_text);
    gp_buf_free(&name);
    gp_buf_free(&later_text);
    free(v);
    free(later);
    return status;
}

/* What is bought, and when. */
static void rules(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    gp_sweep_conditions(c, r, c->zh, b);
    gp_buf_addz(b, "; ");
    if (gp_sweep_by_trades(r))
        gp_sweep_model(c, r, c->zh, b);
    else
        gp_sweep_buying(r, c->zh, b);
}

int gp_cli_sweep_plot(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf title = {0}, warning = {0}, caption = {0}, all = {0}, above = {0}, subject = {0};
    gp_panel panels[2] = {{.share = 1}};
    int x, y;
    /* of one value and none there is no line */
    const bool two = drawn_axes(&r->grid, &x, &y) == 2 || (r->grid.axes[x].n == 2 && isinf(r->grid.axes[x].at[1]));
    name(c, r, y < 0 ? 1 : 2, &title);
    if (r->ahead)
        gp_sweep_ahead_all(c, r, &all);
    gp_cli_ahead_warning(c, all.p, &warning);
    gp_buf_printf(&caption, c->zh ? "%zu 组参数, %zu 只证券, " : "%zu sets, %zu securities, ", r->grid.points, r->market.read.tickers);
    add_date(&caption, r->market.date[0]);
    gp_buf_addz(&caption, c->zh ? " 至 " : " to ");
    add_date(&caption, r->market.date[r->market.n_days - 1]);
    rules(c, r, &caption);
    panels[0].title = title.p;
    gp_sweep_subject(c, r, &subject);
    gp_buf_printf(&above, "%s%s%s", c->zh ? "参数优化" : "Sweep", subject.n ? ": " : "", subject.n ? subject.p : "");
    gp_chart chart = {.title = above.p, .caption = caption.p, .warning = warning.p, .panels = panels, .n_panels = 1, .columns = 1};
    const int status = two ? draw_heat(c, r, x, y, &chart, panels, &title) : draw_line(c, r, x, &chart, panels);
    gp_buf_free(&title);
    gp_buf_free(&warning);
    gp_buf_free(&caption);
    gp_buf_free(&all);
    gp_buf_free(&above);
    gp_buf_free(&subject);
    return status;
}
