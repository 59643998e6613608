/* The sentences of a sweep: what was tried, what stands around the best set, what luck alone would give. */
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "cli/backtest.h"
#include "cli/sweep.h"
#include "cli/table.h"
#include "worth/luck.h"

enum { EXPRESSION_CELLS = 72 };

static const char *plural(double n) { return n == 1 ? "" : "s"; }

static void day(gp_buf *b, int32_t d) { gp_buf_printf(b, "%04d-%02d-%02d", d / 10000, d / 100 % 100, d % 100); }

const char *gp_sweep_axis_name(const gp_cli *c, const gp_sweep_report *r, int k)
{
    static const char *const names[][2] = {{"after", "持有"}, {"hold", "持有"}, {"stop", "止损"}, {"target", "止盈"}, {"trail", "移动止损"}};
    for (size_t i = 0; c->zh && k >= r->n_formula && i < sizeof names / sizeof *names; i++)
        if (strcmp(r->grid.axes[k].name, names[i][0]) == 0)
            return names[i][1];
    return r->grid.axes[k].name;
}

static void list(gp_buf *b, const char *const *at, int n, const char *between)
{
    for (int i = 0; i < n; i++)
        gp_buf_printf(b, "%s%s", i ? between : "", at[i]);
}

/* What -e says, in one line, without the last semicolon; what is long is cut. */
static void expression(const char *text, gp_buf *out)
{
    const size_t begin = out->n;
    size_t room = 0; /* bytes that leave a cell for the mark of the cut */
    bool blank = false;
    for (const char *p = text; *p; p++) {
        if (strchr(" \t\r\n", *p)) {
            blank = out->n > begin;
            continue;
        }
        if (blank)
            gp_buf_addc(out, ' ');
        blank = false;
        gp_buf_addc(out, *p);
    }
    while (out->n > begin && (out->p[out->n - 1] == ';' || out->p[out->n - 1] == ' '))
        out->p[--out->n] = 0;
    if (gp_str_width((gp_str){out->p + begin, out->n - begin}) <= EXPRESSION_CELLS)
        return;
    for (size_t i = begin + 1; i < out->n && gp_str_width((gp_str){out->p + begin, i - begin}) < EXPRESSION_CELLS; i++)
        room = ((unsigned char)out->p[i] & 0xC0) == 0x80 ? room : i; /* between two characters */
    out->n = room;
    gp_buf_addz(out, "…");
}

void gp_sweep_subject(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    gp_str name = {0};
    if (c->expression) {
        expression(c->expression, b);
    } else if (gp_library_name(r->formula->src->name, &name) || r->formula->header.title.n) {
        name = name.n ? name : r->formula->header.title;
        gp_buf_add(b, name.p, name.n);
    }
    if (!gp_sweep_by_trades(r) && (c->n_signals || c->select || (!c->where && !c->expression))) /* else the condition, or the text, is the signal */
        gp_buf_printf(b, "%s%s", b->n ? " " : "", r->plan->signals[0].label);
}

void gp_sweep_conditions(const gp_cli *c, const gp_sweep_report *r, bool zh, gp_buf *b)
{
    bool any = false;
    if (gp_sweep_by_trades(r) && (c->entry || c->n_signals)) {
        gp_buf_addz(b, zh ? "; 入场 " : "; entry ");
        if (c->entry)
            gp_buf_addz(b, c->entry);
        else
            list(b, c->signals, c->n_signals, zh ? " 或 " : " or ");
    }
    if (gp_sweep_by_trades(r) && c->exit)
        gp_buf_printf(b, zh ? "; 出场 %s" : "; exit %s", c->exit);
    if (c->where)
        gp_buf_printf(b, zh ? "; 条件 %s" : "; where %s", c->where);
    for (int i = 0; i < c->n_params; i++) {
        const char *eq = strchr(c->params[i], '=');
        for (int k = 0; k < r->formula->n_params && !strpbrk(eq, ":,") /* an axis */; k++) {
            const gp_param *p = &r->formula->params[k];
            char value[GP_NUM_MAX];
            if (!gp_str_ieq(p->name, (gp_str){c->params[i], (size_t)(eq - c->params[i])}))
                continue;
            gp_num_format(p->value, value); /* as it was held within its range */
            gp_buf_printf(b, "%s" GP_STR_FMT "=%s", any ? " " : "; ", GP_STR_ARG(p->name), value);
            any = true;
        }
    }
}

/* At what price signals are bought and sold. */
void gp_sweep_buying(const gp_sweep_report *r, bool zh, gp_buf *b)
{
    static const char *const bought[][2] = {{"bought at the open of the bar after the signal", "信号下一根K线开盘买入"}, {"bought at the close of the bar after the signal", "信号下一根K线收盘买入"},
                                            {"bought at the close of the signal's bar", "信号当根K线收盘买入"}};
    gp_buf_addz(b, bought[r->hit->entry][zh]);
    if (r->hit->n_after > 1)
        gp_buf_addz(b, zh ? ", 持有若干根K线后收盘卖出; 未计费用" : ", sold at the close `after` bars after that; no costs");
    else if (zh)
        gp_buf_printf(b, ", 再过 %d 根K线收盘卖出; 未计费用", r->hit->after[0]);
    else
        gp_buf_printf(b, ", sold at the close %d bar%s after that; no costs", r->hit->after[0], plural(r->hit->after[0]));
}

void gp_sweep_describe(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const gp_sweep_market *m = &r->market;
    gp_buf subject = {0};
    gp_buf_printf(b, c->zh ? "%zu 组参数 (" : "%zu set%s of ", r->grid.points, plural((double)r->grid.points));
    for (int k = 0; k < r->grid.n_axes; k++)
        gp_buf_printf(b, "%s%s", k ? ", " : "", gp_sweep_axis_name(c, r, k));
    gp_sweep_subject(c, r, &subject);
    gp_buf_addz(b, c->zh ? ")" : "");
    gp_buf_printf(b, "%s%s", !subject.n ? "" : c->zh ? "; " : " for ", subject.n ? subject.p : "");
    gp_buf_free(&subject);
    gp_sweep_conditions(c, r, c->zh, b);
    gp_buf_printf(b, c->zh ? "; %zu 只证券, " : m->read.tickers == 1 ? "; %zu security, " : "; %zu securities, ", m->read.tickers);
    day(b, m->date[0]);
    gp_buf_addz(b, c->zh ? " 至 " : " to ");
    day(b, m->date[m->n_days - 1]);
    gp_buf_printf(b, c->zh ? ", %lld 根K线" : ", %lld bars", (long long)m->bars);
    gp_buf_addz(b, gp_sweep_by_trades(r) && c->format == GP_FORMAT_TABLE ? "\n" : "; ");
    if (gp_sweep_by_trades(r))
        gp_sweep_model(c, r, c->zh, b);
    else
        gp_sweep_buying(r, c->zh, b);
}

static const char *metric_name(const gp_cli *c, int k) { return c->zh ? gp_metrics[k].zh : gp_metrics[k].name; }

static void shown(gp_buf *b, int k, double x)
{
    const gp_metric *m = &gp_metrics[k];
    if (isnan(x))
        gp_buf_addz(b, "-");
    else
        gp_buf_printf(b, "%.*f%s", m->decimals, m->percent ? x * 100 : x, m->percent ? " %" : "");
}

static void add_set(const gp_cli *c, gp_buf *b, const gp_sweep_report *r, size_t point)
{
    for (int k = 0; k < r->grid.n_axes; k++) {
        gp_buf_printf(b, "%s%s=", k ? " " : "", gp_sweep_axis_name(c, r, k));
        gp_sweep_value(c, &r->grid.axes[k], gp_grid_value(&r->grid, point, k), b);
    }
}

void gp_sweep_tell_choice(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const gp_metric *m = &gp_metrics[r->metric];
    const bool trades = gp_sweep_by_trades(r);
    if (gp_sweep_has_out(r)) {
        gp_buf_addz(b, c->zh ? "选参只用 " : "Chosen on the days before ");
        day(b, r->market.date[r->split]);
        gp_buf_printf(b, c->zh ? " 之前的数据%s; 样本外: 该日起的数据, 未参与选参\n" : "%s; out_: the days from then on, which had no part in the choice\n",
                      trades ? "" : c->zh ? ", 并去掉当时结果未知的最后几天" : ", less those whose outcome was not known by then");
    }
    if (c->zh)
        gp_buf_printf(b, "排序指标: %s (%s; %s). %s\n", m->zh, m->means_zh, m->better > 0 ? "越高越好" : "越低越好",
                      trades ? "胜率, 收益率与回撤的单位为 %" : "除信号次数, t 值与独立天数外单位为 %");
    else
        gp_buf_printf(b, "Best %s first (%s; %s)%s\n", m->name, m->means, m->better > 0 ? "higher is better" : "lower is better",
                      trades ? "" : ". Percentages but for n, t and independent");
}

/* Could the axis go on beyond this end of it?  `none` is the widest there is. */
static bool may_widen(const gp_sweep_report *r, int axis, bool last, double v)
{
    if (axis < r->n_formula) {
        const gp_param *p = &r->formula->params[r->param[axis]];
        return !p->has_range || (last ? v < p->max : v > p->min);
    }
    return isfinite(v) && (last || r->grid.axes[axis].percent || v > 1);
}

/* ", at the edge of the grid": of three values and more the best is the first or the last. */
static void tell_edge(const gp_cli *c, const gp_sweep_report *r, gp_buf *b, size_t best)
{
    static const char *const words[][2][2] = {{{"smallest", "最小"}, {"largest", "最大"}}, {{"shortest", "最短"}, {"longest", "最长"}}, {{"narrowest", "最窄"}, {"widest", "最宽"}}};
    bool any = false;
    for (int k = 0; k < r->grid.n_axes; k++) {
        const gp_axis *a = &r->grid.axes[k];
        const size_t is = gp_grid_step(&r->grid, best, k), n = (size_t)a->n;
        if (n < 3 || (is > 0 && is + 1 < n) || !may_widen(r, k, is > 0, a->at[is]))
            continue;
        gp_buf_printf(b, c->zh ? "%s %s 为所试的%s值" : "%s the best %s is the %s tried", any ? "," : ";", gp_sweep_axis_name(c, r, k),
                      words[k < r->n_formula ? 0 : a->percent ? 2 : 1][is > 0][c->zh]);
        any = true;
    }
    gp_buf_addz(b, !any ? "\n" : c->zh ? ": 应扩大范围\n" : ": widen the grid\n");
}

/* "a plateau": what the points around the best one say of it. */
static void tell_around(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    static const char *const kinds[2][4] = {{"", "a plateau: it hardly matters which of them is taken", "a slope: it depends on the parameters being just so", "a spike: rather luck than a rule"},
                                            {"", "高原: 取哪一组差别不大", "斜坡: 要参数恰好如此才行", "尖峰: 像是运气, 不像规律"}};
    static const char *const of_one[2][4] = {{"", "as far as one neighbour tells, a plateau", "as far as one neighbour tells, a slope", "as far as one neighbour tells, a spike"},
                                             {"", "仅凭一个邻组看是高原", "仅凭一个邻组看是斜坡", "仅凭一个邻组看是尖峰"}};
    const gp_metric *m = &gp_metrics[r->metric];
    const char *const to = c->zh ? " 至 " : " to ";
    const size_t best = r->trials.top[0].number;
    const gp_around a = gp_trials_around(&r->trials, &r->grid, best, m->none * m->better);
    gp_buf_addz(b, c->zh ? "最优组 (" : "Around the best (");
    add_set(c, b, r, best);
    if (a.kind == GP_AROUND_ALONE) {
        gp_buf_addz(b, c->zh ? ") 的邻组都未参与排序, 无从判断" : "): no neighbour in the grid is ranked, so that nothing can be said");
        tell_edge(c, r, b, best);
        return;
    }
    gp_buf_printf(b, c->zh ? ") 的邻组 (一个参数差一步): %s " : "), one step away: %s ", metric_name(c, r->metric));
    shown(b, r->metric, (m->better > 0 ? a.least : a.most) * m->better);
    if (a.ranked > 1) {
        gp_buf_addz(b, to);
        shown(b, r->metric, (m->better > 0 ? a.most : a.least) * m->better);
        gp_buf_addz(b, c->zh ? ", 中位数 " : ", median ");
        shown(b, r->metric, a.median * m->better);
    }
    gp_buf_addz(b, c->zh ? ", 最优组 " : ", beside ");
    shown(b, r->metric, r->trials.key[best] * m->better);
    if (a.ranked < a.n)
        gp_buf_printf(b, c->zh ? "; %d 组 (共 %d 组) 未参与排序" : "; %d of %d are not ranked", a.n - a.ranked, a.n);
    const double none = isnan(m->none) ? -INFINITY : m->none * m->better;
    const char *const nothing = c->zh ? "没有一组好于毫无本领, 无可选择" : "no set is better than no skill at all, so there is nothing to choose";
    gp_buf_printf(b, "; %s", r->trials.key[best] <= none ? nothing : (a.ranked > 1 ? kinds : of_one)[c->zh][a.kind]);
    tell_edge(c, r, b, best);
}

/* Half of the profit or more has never been sold: it is none of the trades, of which win, mean and profit factor are. */
static void tell_unrealised(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const double *of = r->trials.top[0].in.at, profit = of[GP_SCORE_PROFIT], sold = of[GP_SCORE_REALISED], held = profit - sold;
    if (!gp_sweep_by_trades(r) || !(of[GP_SCORE_OPEN] > 0) || fabs(held) < fabs(profit) / 2)
        return;
    if (c->zh) {
        gp_buf_printf(b, "最优组盈亏 %.2f 元, 其中 %.2f 元在期末仍未卖出的 %.0f 个持仓中; ", profit, held, of[GP_SCORE_OPEN]);
        gp_buf_printf(b, sold < 0 ? "已卖出的亏损 %.2f 元: 盈利的持仓有卖出的条件吗?\n" : "已卖出的盈利 %.2f 元\n", fabs(sold));
        return;
    }
    gp_buf_printf(b, "Of the best set's profit of %.2f yuan %.2f is in %.0f position%s still held at the last close; ", profit, held, of[GP_SCORE_OPEN], plural(of[GP_SCORE_OPEN]));
    gp_buf_printf(b, sold < 0 ? "what was sold lost %.2f: does anything sell the winners?\n" : "what was sold gained %.2f\n", fabs(sold));
}

/* "t = 1.30 (excess 0.38 % here)"; the t of an account is beyond the market, which no metric of it is. */
static void tell_t(const gp_cli *c, const gp_sweep_report *r, gp_buf *b, double t)
{
    const gp_trial *best = &r->trials.top[0];
    const double own = gp_score_beyond(&best->in, r->metric, t);
    gp_buf_printf(b, "t = %.2f", t);
    if (r->metric == GP_SCORE_T || gp_sweep_by_trades(r) || isnan(own))
        return;
    gp_buf_printf(b, c->zh ? " (此处相当于%s " : " (%s ", metric_name(c, r->metric));
    shown(b, r->metric, own);
    gp_buf_addz(b, c->zh ? ")" : " here)");
}

/* What the formula says, when nothing was drawn. */
static void tell_formula(const gp_cli *c, const gp_sweep_report *r, gp_buf *b, double expected)
{
    const gp_trial *best = &r->trials.top[0];
    const bool trades = gp_sweep_by_trades(r);
    const double own = trades ? gp_score_beyond(&best->in, r->metric, expected) : expected;
    if (isnan(own) || (!trades && isnan(best->in.at[GP_SCORE_T])))
        return;
    if (c->zh)
        gp_buf_printf(b, "运气: %zu 组%s若都毫无本领, 其中最好的预期有 ", r->trials.ranked, trades ? "在同样长的时间里" : "");
    else
        gp_buf_printf(b, "Luck: of %zu sets without any skill%s the best is expected to show ", r->trials.ranked, trades ? " over as long a time" : "");
    if (trades) {
        gp_buf_printf(b, "%s ", metric_name(c, r->metric));
        shown(b, r->metric, own);
    } else {
        tell_t(c, r, b, expected);
    }
    gp_buf_printf(b, c->zh ? "; 各组相似时更低. 最优组有 %s" : "; less where sets resemble each other. The best one has %s", trades ? "" : "t = ");
    shown(b, trades ? r->metric : GP_SCORE_T, best->in.at[trades ? r->metric : GP_SCORE_T]);
    gp_buf_addc(b, '\n');
}

/* Whatever ranks, t is what is tested: the best by another metric is one of the sets as well. */
static void tell_p(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const gp_trial *best = &r->trials.top[0];
    const double p = gp_reality_p(&r->luck, best->drawn);
    const char *const rare = c->zh ? ": p = %.2g, 100 次中有 %.2g 次运气不比它差" : ": p = %.2g, luck does as well in %.2g of 100 cases";
    const char *const usual = c->zh ? ": p = %.2f, 100 次中有 %.0f 次运气不比它差" : ": p = %.2f, luck does as well in %.0f of 100 cases";
    gp_buf_addz(b, c->zh ? "最优组 t = " : "The best one has t = ");
    shown(b, GP_SCORE_T, best->drawn);
    if (p * (r->luck.draws + 1) < 1.5)
        gp_buf_printf(b, c->zh ? ": p = %.3g, 没有一次抽样比得上它" : ": p = %.3g, no draw was as good", p);
    else if (!isnan(p))
        gp_buf_printf(b, p < 0.0995 ? rare : usual, p, p * 100);
    if (p > 0.05)
        gp_buf_addz(b, c->zh ? ", 因此可能只是运气" : ", so it may be nothing else");
    gp_buf_addc(b, '\n');
}

static void tell_luck(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const double formula = gp_expected_best((double)r->trials.ranked), usual = gp_reality_quantile(&r->luck, 0.5);
    const bool trades = gp_sweep_by_trades(r);
    if (isnan(usual)) {
        tell_formula(c, r, b, formula);
        return;
    }
    if (c->zh)
        gp_buf_printf(b, "运气: 这 %zu 组若都毫无本领, 其中最好的 t = %.2f (%s%d 次抽样的中位数", r->trials.ranked, usual, trades ? "日变动超出同仓位市场的均值除以其标准误; " : "", r->luck.draws);
    else
        gp_buf_printf(b, "Luck: without any skill the best of these %zu sets shows t = %.2f (%smedian of %d draws", r->trials.ranked, usual,
                      trades ? "mean daily change beyond the market at the same exposure, over its error; " : "", r->luck.draws);
    if (r->luck.n_blocks < 10 && c->zh)
        gp_buf_printf(b, ", 只有 %zu 段, 每段 %zu 天", r->luck.n_blocks, r->luck.block);
    else if (r->luck.n_blocks < 10)
        gp_buf_printf(b, ", of only %zu block%s of %zu days", r->luck.n_blocks, plural((double)r->luck.n_blocks), r->luck.block);
    gp_buf_printf(b, c->zh ? "; 若彼此毫不相干则为 %.2f)" : "; %.2f if they had nothing in common)", formula);
    if (!isnan(gp_sweep_luck_bound(r))) {
        gp_buf_addz(b, c->zh ? ", 95 % 的抽样低于 " : ", in 95 % of them less than ");
        tell_t(c, r, b, gp_sweep_luck_bound(r));
    }
    gp_buf_addc(b, '\n');
    tell_p(c, r, b);
}

static gp_entries entries_of(const gp_score *s)
{
    gp_entries e = {.signals = (int64_t)s->at[GP_SCORE_ENTRIES], .undecided = (int64_t)s->at[GP_SCORE_UNDECIDED], .jumps = (int64_t)s->at[GP_SCORE_JUMPS],
                    .maybe_st = (int64_t)s->at[GP_SCORE_MAYBE_ST]};
    for (int k = GP_MISS_END; k <= GP_MISS_MONEY; k++)
        e.misses.n[k] = (int64_t)s->at[GP_SCORE_MISSED_END + k - GP_MISS_END];
    return e;
}

static void entries_text(const gp_cli *c, const gp_score *s, gp_buf *b)
{
    const gp_entries e = entries_of(s);
    gp_cli_test_entries(c, &e, (int64_t)(s->at[GP_SCORE_TRADES] + s->at[GP_SCORE_OPEN]), b);
}

/* Which of its entries came about, in the words of a back-test. */
static void tell_entries(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    const gp_trial *best = &r->trials.top[0];
    if (!gp_sweep_by_trades(r))
        return;
    gp_buf_addz(b, c->zh ? "最优组: " : "The best set: ");
    entries_text(c, &best->in, b);
    gp_buf_addc(b, '\n');
    if (!gp_sweep_has_out(r))
        return;
    gp_buf_addz(b, c->zh ? "该组在样本外: " : "The same set on the later days: ");
    entries_text(c, &best->out, b);
    gp_buf_addc(b, '\n');
}

void gp_sweep_note_odd(const gp_cli *c, const gp_sweep_report *r)
{
    if (!gp_sweep_by_trades(r) || !r->trials.ranked)
        return;
    gp_entries e = entries_of(&r->trials.top[0].in);
    const gp_entries later = entries_of(&r->trials.top[0].out);
    e.jumps += gp_sweep_has_out(r) ? later.jumps : 0;
    e.maybe_st += gp_sweep_has_out(r) ? later.maybe_st : 0;
    gp_cli_test_odd(c, &e);
}

void gp_sweep_tell_best(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    tell_around(c, r, b);
    tell_entries(c, r, b);
    tell_unrealised(c, r, b);
    tell_luck(c, r, b);
}

void gp_sweep_tell_walk(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    gp_buf_printf(b, c->zh ? "\n滚动检验: %d 次用此前全部数据的最优组交易下一段 (样本外)\n" : "\nWalk forward: %d time%s the best set of all days so far was tried on the next part (out_)\n",
                  r->trials.n_windows, plural(r->trials.n_windows));
}

/* All that was chosen and then tried, as one series of days. */
void gp_sweep_tell_walked(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    static const int signals[] = {GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T}, trades[] = {GP_SCORE_TRADE_WIN, GP_SCORE_TRADE_MEAN, GP_SCORE_TOTAL, GP_SCORE_CAGR};
    const bool by_trades = gp_sweep_by_trades(r);
    const int *list = by_trades ? trades : signals, count = by_trades ? GP_SCORE_TRADES : GP_SCORE_N;
    gp_score s;
    int gained = 0;
    if (!gp_sweep_walk_total(r, &s))
        return;
    gp_buf_printf(b, c->zh ? "样本外合计: %s %.0f" : "All of these together, out of sample: %s %.0f", c->zh ? gp_metrics[count].zh : by_trades ? "trades" : "n", s.at[count]);
    for (int i = 0; i < 4; i++) {
        gp_buf_printf(b, ", %s ", c->zh ? gp_metrics[list[i]].zh : list[i] == GP_SCORE_TRADE_WIN ? "win" : list[i] == GP_SCORE_TRADE_MEAN ? "mean" : gp_metrics[list[i]].name);
        shown(b, list[i], s.at[list[i]]);
    }
    for (int k = 0; k < r->trials.n_windows && by_trades; k++)
        gained += r->trials.windows[k].any && r->trials.windows[k].best.out.at[GP_SCORE_TOTAL] > 0;
    if (by_trades && c->zh)
        gp_buf_printf(b, "; %d 段中 %d 段盈利 (每段账户重新开始, 总收益率按复利相乘)", r->trials.n_windows, gained);
    else if (by_trades)
        gp_buf_printf(b, "; %d of %d gained (accounts begin anew with each, and the totals are compounded)", gained, r->trials.n_windows);
    gp_buf_addc(b, '\n');
}
