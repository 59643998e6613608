/* The picture of a hit rate: for each signal how the returns are spread, and beside it the mean way to them. */
#include "cli/hitrate.h"
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "cli/worth.h"

enum { SIGNALS_SHOWN = 8, TEXTS = 5 };

typedef struct drawn { /* of one signal */
    double edge[GP_HIT_BINS_MOST], share[GP_HIT_BINS_MOST], base[GP_HIT_BINS_MOST];
    double path[GP_HIT_PATH_MOST + 1], base_path[GP_HIT_PATH_MOST + 1];
    gp_buf text[TEXTS];
} drawn;

static void percents(const double *from, int n, double *to)
{
    for (int i = 0; i < n; i++)
        to[i] = from[i] * 100;
}

/* Its figures over all securities and days. */
static const gp_hit_row *row_of(const gp_hitrate *r, const gp_hit_shape *s)
{
    for (size_t i = 0; i < r->n_rows; i++)
        if (!r->rows[i].group && r->rows[i].after == s->after && strcmp(r->rows[i].signal, s->signal) == 0)
            return &r->rows[i];
    return NULL;
}

static void signal_panels(const gp_cli *c, const gp_hit_shape *s, const gp_hit_row *row, drawn *x, gp_panel *spread, gp_panel *way)
{
    const size_t bins = (size_t)s->n_bins, steps = (size_t)s->bars + 1;
    const bool zh = c->zh;
    for (int i = 0; i < s->n_bins; i++)
        x->edge[i] = (s->low + i * s->width) * 100;
    percents(s->share, s->n_bins, x->share);
    percents(s->base_share, s->n_bins, x->base);
    percents(s->path, s->bars + 1, x->path);
    percents(s->base_path, s->bars + 1, x->base_path);
    gp_buf_printf(&x->text[0], zh ? "%d 根后: %s" : s->after == 1 ? "after %d bar: %s" : "after %d bars: %s", s->after, s->signal);
    gp_buf_printf(&x->text[1], zh ? "信号 %lld 次" : "%lld signals", (long long)s->n);
    gp_buf_printf(&x->text[2], zh ? "全部K线" : "any bar");
    if (s->n)
        gp_buf_printf(&x->text[1], zh ? ", 胜率 %.1f%%, 平均 %+.2f%%" : ", wins %.1f%%, mean %+.2f%%", row ? row->win * 100 : NAN, s->mean * 100);
    if (s->base_n)
        gp_buf_printf(&x->text[2], zh ? ", 胜率 %.1f%%, 平均 %+.2f%%" : ", wins %.1f%%, mean %+.2f%%", row ? row->base_win * 100 : NAN, s->base_mean * 100);
    gp_buf_printf(&x->text[3], zh ? "平均走势: %s" : "mean path: %s", s->signal);
    gp_buf_printf(&x->text[4], zh ? "信号 %lld 次, 均已满 %d 根" : "%lld signals with all %d bars", (long long)s->path_n, s->bars);
    *spread = (gp_panel){.title = x->text[0].p, .below = zh ? "收益, 两端含更远的" : "return; what is beyond stands in the outermost columns", .percent = true, .x_percent = true, .share = 1,
                         .curves = {{GP_CURVE_COLUMNS, GP_INK_MAIN, x->text[1].p, x->edge, x->share, bins}, {GP_CURVE_STEPS, GP_INK_BESIDE, x->text[2].p, x->edge, x->base, bins}},
                         .n_curves = 2, .uprights = {{s->mean * 100, GP_INK_MAIN, true}, {s->base_mean * 100, GP_INK_BESIDE, true}}, .n_uprights = bins ? 2 : 0};
    *way = (gp_panel){.title = x->text[3].p, .below = zh ? "买入后第几根K线收盘" : "close of that bar after the bar of entry", .percent = true, .share = 1,
                      .curves = {{GP_CURVE_LINE, GP_INK_BESIDE, zh ? "全部K线" : "any bar", NULL, x->base_path, steps}, {GP_CURVE_LINE, GP_INK_MAIN, x->text[4].p, NULL, x->path, steps}},
                      .n_curves = 2};
}

int gp_cli_hitrate_plot(const gp_cli *c, const gp_hitrate *r, const char *caption, const char *ahead)
{
    const int shown = r->n_fates < SIGNALS_SHOWN ? r->n_fates : SIGNALS_SHOWN;
    drawn *x = gp_xcalloc((size_t)shown + 1, sizeof *x);
    gp_panel *panels = gp_xcalloc((size_t)shown * 2 + 1, sizeof *panels);
    gp_buf warning = {0};
    for (int k = 0; k < shown; k++)
        signal_panels(c, &r->shapes[k], row_of(r, &r->shapes[k]), &x[k], &panels[2 * k], &panels[2 * k + 1]);
    gp_cli_ahead_warning(c, ahead, &warning);
    if (shown < r->n_fates)
        gp_cli_note(c, "the picture shows %d of %d signals; --signal NAME chooses", shown, r->n_fates);
    const gp_chart chart = {.title = c->zh ? "成功率" : "Hit rate", .caption = caption, .warning = warning.p, .panels = panels, .n_panels = shown * 2, .columns = 2};
    const int status = gp_cli_worth_plot(c, NULL, &chart);
    for (int k = 0; k < shown; k++)
        for (int i = 0; i < TEXTS; i++)
            gp_buf_free(&x[k].text[i]);
    gp_buf_free(&warning);
    free(panels);
    free(x);
    return status;
}
