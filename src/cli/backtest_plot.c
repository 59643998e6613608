/* The picture of a back-test: for one security its candles with the trades and below them the account; else the account and its falls. */
#include <math.h>
#include <string.h>
#include "base/vec.h"
#include "cli/backtest.h"
#include "cli/worth.h"

enum { MARKS = 2, LINES = 5, RED = 0xE84040, GREEN = 0x20A060 };

static gp_money equity_of(const gp_point *p) { return p->cash + p->value; }

/* shown: the first day of the picture; the figures are of the whole account. */
static void caption_of(const gp_cli *c, const gp_test_report *t, int32_t shown, gp_buf *out)
{
    const gp_figures *f = &t->r.rows[0].f;
    const int32_t day = t->r.n_points ? t->r.points[0].date : 0;
    if (day && shown > day)
        gp_buf_printf(out, c->zh ? "自%04d-%02d-%02d: " : "from %04d-%02d-%02d on: ", day / 10000, day / 100 % 100, day % 100);
    if (t->r.tickers != 1)
        gp_buf_printf(out, c->zh ? "%zu 只证券, " : "%zu securities, ", t->r.tickers);
    gp_buf_printf(out, c->zh ? "%lld 笔交易" : "%lld trade%s", (long long)f->trades, f->trades == 1 ? "" : "s");
    if (f->open) /* as the table counts them */
        gp_buf_printf(out, c->zh ? ", 另 %lld 笔未平仓" : ", %lld open", (long long)f->open);
    if (!isnan(f->total))
        gp_buf_printf(out, "   %+.2f%%", f->total * 100);
    if (!isnan(f->cagr))
        gp_buf_printf(out, c->zh ? "   年化 %+.2f%%" : "   CAGR %+.2f%%", f->cagr * 100);
    gp_buf_printf(out, c->zh ? "   最大回撤 %.2f%%" : "   drawdown %.2f%%", f->drawdown * 100);
    if (!isnan(f->sharpe))
        gp_buf_printf(out, " %s %.2f", c->zh ? "  夏普" : "  Sharpe", f->sharpe);
    if (!isnan(f->win))
        gp_buf_printf(out, c->zh ? "   胜率 %.1f%%" : "   wins %.1f%%", f->win * 100);
}

/* Close of the benchmark on each of those days, as the money it would have made; false without one. */
static bool benchmark_of(const gp_test_report *t, const int32_t *dates, size_t n, double *out)
{
    const gp_bars *b = t->benchmark.at;
    double start = NAN;
    int at = -1;
    for (size_t i = 0; t->has_benchmark && i < n; i++) {
        while (at + 1 < b->n && b->date[at + 1] <= dates[i]) {
            at++;
            if (b->date[at] < dates[i] && b->close[at] > 0)
                start = i == 0 ? b->close[at] : start;
        }
        const double close = at >= 0 && dates[i] <= b->date[b->n - 1] ? b->close[at] : NAN; /* it ends where its data end */
        start = isnan(start) && close > 0 ? close : start;
        out[i] = close > 0 ? (double)t->r.cash / GP_PRICE_ONE * close / start : NAN;
    }
    return t->has_benchmark;
}

/* ---- the account ---- */

static int plot_account(const gp_cli *c, const gp_test_report *t)
{
    size_t n = t->r.n_points;
    const size_t skip = c->last && (size_t)c->last < n ? n - (size_t)c->last : 0;
    double *equity = gp_xcalloc(n + 1, sizeof *equity), *down = gp_xcalloc(n + 1, sizeof *down), *bench = gp_xcalloc(n + 1, sizeof *bench);
    int32_t *dates = gp_xcalloc(n + 1, sizeof *dates);
    gp_buf caption = {0}, warning = {0};
    gp_money peak = t->r.cash;
    bool has_fall = false;
    for (size_t i = 0; i < n; i++) {
        const gp_money e = equity_of(&t->r.points[i]);
        peak = e > peak ? e : peak;
        dates[i] = t->r.points[i].date;
        equity[i] = (double)e / GP_PRICE_ONE;
        has_fall |= i >= skip && e < peak;
        down[i] = peak > 0 ? (double)(e - peak) / (double)peak * 100 : NAN;
    }
    const bool has_bench = benchmark_of(t, dates, n, bench);
    caption_of(c, t, n ? dates[skip] : 0, &caption);
    gp_buf_addz(&caption, "   ");
    gp_cli_test_model(c, t->o, c->zh, &caption);
    gp_cli_ahead_warning(c, t->ahead, &warning);
    n -= skip;
    gp_buf fall = {0};
    gp_buf_printf(&fall, c->zh ? "回撤, 最大 %.2f%%" : "Drawdown, at most %.2f%%", t->r.rows[0].f.drawdown * 100);
    gp_panel panels[2] = {
        {.title = c->zh ? "资金曲线" : "Equity, yuan", .dates = dates + skip, .n_dates = n, .share = 1,
         .curves = {{GP_CURVE_LINE, GP_INK_MAIN, c->zh ? "账户" : "account", NULL, equity + skip, n}}, .n_curves = 1},
        {.title = fall.p, .dates = dates + skip, .n_dates = n, .share = 0.45, .percent = true,
         .curves = {{GP_CURVE_AREA, GP_INK_LOSS, NULL, NULL, down + skip, n}}, .n_curves = 1}};
    if (has_bench) {
        panels[0].curves[1] = panels[0].curves[0];
        panels[0].curves[0] = (gp_curve){GP_CURVE_LINE, GP_INK_BESIDE, c->zh ? "基准" : "benchmark", NULL, bench + skip, n};
        panels[0].n_curves = 2;
    }
    const gp_chart chart = {.title = c->zh ? "程序交易评测" : "Back-test", .caption = caption.p, .warning = warning.p, .panels = panels, .n_panels = has_fall ? 2 : 1, .columns = 1};
    const int status = gp_cli_worth_plot(c, NULL, &chart);
    gp_buf_free(&caption);
    gp_buf_free(&warning);
    gp_buf_free(&fall);
    free(equity);
    free(down);
    free(bench);
    free(dates);
    return status;
}

/* ---- one security ---- */

typedef struct one {
    const gp_cli *c;
    const gp_test_report *t;
    const gp_bars *b;
    int first, n;
    gp_mark *in[MARKS], *out[MARKS], *held[MARKS]; /* long, short; held: won, lost */
    size_t n_in[MARKS], n_out[MARKS], n_held[MARKS];
    gp_arena arena;
} one;

/* The first bar at or after a stamp; n when there is none. */
static int bar_at(const gp_bars *b, int32_t date, int32_t time)
{
    int lo = 0, hi = b->n;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        const bool before = b->date[mid] < date || (b->date[mid] == date && time > 0 && b->time && b->time[mid] < time);
        if (before)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Word, price, and of an exit what the trade gave, and why it ended unless by a signal. */
static const char *label(one *x, const char *word, gp_money price, double gain, const char *why)
{
    gp_buf text = {0};
    gp_buf_printf(&text, "%s\n%.2f", word, (double)price / GP_PRICE_ONE);
    if (!isnan(gain))
        gp_buf_printf(&text, "\n%+.1f%%%s%s", gain * 100, *why ? " " : "", why);
    const char *kept = gp_arena_strndup(&x->arena, text.p, text.n);
    gp_buf_free(&text);
    return kept;
}

static void add_trade(one *x, const gp_trade *t)
{
    static const char *const left[2][GP_LEFT_REASONS] = {{"", "", "stop", "trail", "target", "hold"}, {"", "", "止损", "移动止损", "止盈", "到期"}};
    const int k = t->path.side < 0, from = bar_at(x->b, t->entry_date, t->entry_time) - x->first, to = bar_at(x->b, t->exit_date, t->exit_time) - x->first;
    const bool lost = t->profit <= 0;
    const gp_money paid = k ? t->sold : t->bought;
    x->in[k][x->n_in[k]++] = (gp_mark){.bar = from, .bar2 = GP_BAR_NONE, .price = (double)t->path.in / GP_PRICE_ONE, .rgb = -1, .rgb2 = -1,
                                       .text = label(x, k ? "ENTERSHORT" : "ENTERLONG", t->path.in, NAN, "")};
    x->held[lost][x->n_held[lost]++] = (gp_mark){.bar = from, .bar2 = to, .price = (double)t->path.in / GP_PRICE_ONE, .price2 = (double)t->path.out / GP_PRICE_ONE,
                                                 .rgb = -1, .rgb2 = -1};
    if (t->path.left != GP_LEFT_OPEN)
        x->out[k][x->n_out[k]++] = (gp_mark){.bar = to, .bar2 = GP_BAR_NONE, .price = (double)t->path.out / GP_PRICE_ONE, .rgb = -1, .rgb2 = -1,
                                             .text = label(x, k ? "EXITSHORT" : "EXITLONG", t->path.out, paid ? (double)t->profit / (double)paid : NAN, left[x->c->zh][t->path.left])};
}

static gp_layer marks_layer(gp_layer_kind kind, const char *name, const gp_mark *m, size_t n, int rgb)
{
    return (gp_layer){.kind = kind, .pane = GP_PANE_MAIN, .name = name, .looks = {.rgb = rgb, .width = 2, .decimals = -1}, .marks = m, .n_marks = n};
}

static gp_layer line_layer(const char *name, const double *y, gp_style style, int rgb)
{
    return (gp_layer){.kind = GP_LAYER_LINE, .pane = GP_PANE_SUB, .name = name, .looks = {.rgb = rgb, .width = -1, .decimals = 2, .style = style}, .y = {y}};
}

/* Of each bar shown: the account, what holding would have made of it, the benchmark, the fall from the peak; the last one stays 0. */
static void account_lines(const one *x, double *const y[LINES])
{
    const gp_backtest *r = &x->t->r;
    gp_money peak = r->cash;
    double held = NAN;
    size_t at = 0;
    for (int i = 0; i < x->b->n; i++) {
        const bool in = r->n_points && x->b->date[i] >= r->points[0].date && x->b->date[i] <= r->points[r->n_points - 1].date;
        gp_money e = 0;
        const bool ends = i + 1 == x->b->n || x->b->date[i + 1] != x->b->date[i]; /* the account is known at the end of a day */
        for (; in && ends && at < r->n_points && r->points[at].date <= x->b->date[i]; at++) {
            e = equity_of(&r->points[at]);
            peak = e > peak ? e : peak;
        }
        e = at ? equity_of(&r->points[at - 1]) : r->cash;
        if (in && isnan(held) && x->b->close[i] > 0)
            held = x->b->close[i];
        if (i < x->first || i >= x->first + x->n)
            continue;
        const int k = i - x->first;
        y[0][k] = in ? (double)e / GP_PRICE_ONE : NAN;
        y[1][k] = in && x->b->close[i] > 0 ? (double)r->cash / GP_PRICE_ONE * x->b->close[i] / held : NAN;
        y[3][k] = in && peak > 0 ? (double)(e - peak) / (double)peak * 100 : NAN;
    }
    if (!benchmark_of(x->t, x->b->date + x->first, (size_t)x->n, y[2]))
        for (int k = 0; k < x->n; k++)
            y[2][k] = NAN;
}

static int plot_one(const gp_cli *c, const gp_test_report *t, const gp_bars *b)
{
    one x = {.c = c, .t = t, .b = b};
    const gp_backtest *r = &t->r;
    const int from = bar_at(b, r->points[0].date, 0);
    int to = bar_at(b, r->points[r->n_points - 1].date, 0);
    while (to < b->n && b->date[to] == r->points[r->n_points - 1].date)
        to++;
    x.first = c->last && to - from > c->last ? to - c->last : from;
    x.n = to - x.first;
    for (int k = 0; k < MARKS; k++) {
        x.in[k] = gp_xcalloc(r->n_trades + 1, sizeof(gp_mark));
        x.out[k] = gp_xcalloc(r->n_trades + 1, sizeof(gp_mark));
        x.held[k] = gp_xcalloc(r->n_trades + 1, sizeof(gp_mark));
    }
    for (size_t i = 0; i < r->n_trades; i++)
        add_trade(&x, &r->trades[i]);
    double *y[LINES];
    for (int k = 0; k < LINES; k++)
        y[k] = gp_xcalloc((size_t)x.n + 1, sizeof(double));
    account_lines(&x, y);
    const int won = c->up ? GREEN : RED, lost = c->up ? RED : GREEN;
    const gp_layer main_layers[] = {marks_layer(GP_LAYER_SEGMENTS, "won", x.held[0], x.n_held[0], won), marks_layer(GP_LAYER_SEGMENTS, "lost", x.held[1], x.n_held[1], lost),
                                    marks_layer(GP_LAYER_SIGNALS, "in", x.in[0], x.n_in[0], -1), marks_layer(GP_LAYER_SIGNALS, "out", x.out[0], x.n_out[0], -1),
                                    marks_layer(GP_LAYER_SIGNALS, "short", x.in[1], x.n_in[1], -1), marks_layer(GP_LAYER_SIGNALS, "covered", x.out[1], x.n_out[1], -1)};
    gp_layer money[] = {line_layer(c->zh ? "资金" : "account", y[0], GP_STYLE_LINE, -1), line_layer(c->zh ? "持有" : "holding", y[1], GP_STYLE_LINE, 0x909090),
                        line_layer(c->zh ? "基准" : "benchmark", y[2], GP_STYLE_DOTLINE, 0x909090)};
    int *colours = gp_xcalloc((size_t)x.n + 1, sizeof *colours);
    bool has_fall = false;
    for (int i = 0; i < x.n; i++) {
        colours[i] = lost;
        has_fall |= y[3][i] < 0;
    }
    gp_layer fall = line_layer(c->zh ? "回撤%" : "drawdown %", y[3], GP_STYLE_LINE, -1);
    fall.kind = GP_LAYER_BAND; /* down from 0 */
    fall.y[1] = y[4];
    fall.colours = colours;
    gp_plot plots[3] = {{.layers = main_layers, .n_layers = 6, .pane = GP_PANE_MAIN}, {.layers = money, .n_layers = t->has_benchmark ? 3 : 2, .pane = GP_PANE_SUB},
                        {.layers = &fall, .n_layers = 1, .pane = GP_PANE_SUB}};
    gp_picture_part parts[3];
    gp_buf caption = {0}, warning = {0};
    for (int k = 0; k < 3; k++) {
        plots[k].bars = b;
        plots[k].first = x.first;
        plots[k].n = x.n;
        parts[k] = (gp_picture_part){.plot = &plots[k], .label = NULL};
    }
    gp_cli_ahead_warning(c, t->ahead, &warning);
    parts[0].label = warning.p;
    caption_of(c, t, b->date[x.first], &caption);
    gp_buf_addz(&caption, t->o->rules.fill == GP_FILL_CLOSE ? c->zh ? "   当根收盘成交" : "   filled at the close" : c->zh ? "   下一根开盘成交" : "   filled at the next open"); /* one line: no room for all rules */
    gp_buf_addz(&caption, t->o->rules.same_day ? "" : ", T+1");
    const gp_picture p = {.bars = b, .first = x.first, .n = x.n, .parts = parts, .n_parts = has_fall ? 3 : 2, .adjust = c->facts.adjust, .caption = caption.p};
    const int status = gp_cli_worth_plot(c, &p, NULL);
    gp_buf_free(&caption);
    gp_buf_free(&warning);
    for (int k = 0; k < LINES; k++)
        free(y[k]);
    free(colours);
    for (int k = 0; k < MARKS; k++) {
        free(x.in[k]);
        free(x.out[k]);
        free(x.held[k]);
    }
    gp_arena_fini(&x.arena);
    return status;
}

int gp_cli_test_plot(const gp_cli *c, const gp_inputs *inputs, const gp_test_report *t)
{
    const gp_read_opts o = {.need = GP_COL_CLOSE, .want = GP_COL_OPEN | GP_COL_HIGH | GP_COL_LOW | GP_COL_CLOSE | GP_COL_VOL, .data = &c->data};
    int status = -1;
    for (size_t i = 0; i < inputs->n && t->r.tickers == 1 && t->r.n_points && status < 0; i++) {
        gp_read_result quotes = {0};
        gp_diags d = {0}; /* what is odd in the data was told before */
        if (strcmp(inputs->at[i].path, "-") != 0 && gp_read_input(inputs, i, &o, &quotes, &d))
            for (int k = 0; k < quotes.n && status < 0; k++)
                if (quotes.at[k].n > 0)
                    status = plot_one(c, t, &quotes.at[k]);
        gp_diags_fini(&d);
        gp_read_result_fini(&quotes);
    }
    return status < 0 ? plot_account(c, t) : status;
}
