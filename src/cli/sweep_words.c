/* The sentences of a sweep: what was tried, what stands around the best set, what luck alone would give. */
#include <math.h>
#include <string.h>
#include "cli/backtest.h"
#include "cli/sweep.h"
#include "cli/table.h"
#include "worth/luck.h"

static const char *plural(double n) { return n == 1 ? "" : "s"; }

static void day(gp_buf *b, int32_t d) { gp_buf_printf(b, "%04d-%02d-%02d", d / 10000, d / 100 % 100, d % 100); }

static void list(gp_buf *b, const char *const *at, int n, const char *between)
{
    for (int i = 0; i < n; i++)
        gp_buf_printf(b, "%s%s", i ? between : "", at[i]);
}

void gp_sweep_subject(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    gp_str name = {0};
    const bool named = !c->expression && (gp_library_name(r->formula->src->name, &name) || r->formula->header.title.n);
    if (named && !name.n)
        name = r->formula->header.title;
    gp_buf_add(b, name.n ? name.p : "", name.n);
    if (!gp_sweep_by_trades(r) && (c->n_signals || c->select || !c->where)) /* else the condition is the signal */
        gp_buf_printf(b, "%s%s", named ? " " : "", r->plan->signals[0].label);
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
        if (strpbrk(strchr(c->params[i], '='), ":,")) /* an axis */
            continue;
        gp_buf_printf(b, "%s%s", any ? " " : "; ", c->params[i]);
        any = true;
    }
}

void gp_sweep_describe(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    static const char *const bought[] = {"the open of the bar after the signal", "the close of the bar after the signal", "the close of the signal's bar"};
    const gp_sweep_market *m = &r->market;
    gp_buf subject = {0};
    gp_buf_printf(b, "%zu set%s of ", r->grid.points, plural((double)r->grid.points));
    for (int k = 0; k < r->grid.n_axes; k++)
        gp_buf_printf(b, "%s%s", k ? ", " : "", r->grid.axes[k].name);
    gp_sweep_subject(c, r, &subject);
    gp_buf_printf(b, "%s%s", subject.n ? " for " : "", subject.n ? subject.p : "");
    gp_buf_free(&subject);
    gp_sweep_conditions(c, r, false, b);
    gp_buf_printf(b, "; %zu securit%s, ", m->read.tickers, m->read.tickers == 1 ? "y" : "ies");
    day(b, m->date[0]);
    gp_buf_addz(b, " to ");
    day(b, m->date[m->n_days - 1]);
    gp_buf_printf(b, ", %lld bars", (long long)m->bars);
    if (gp_sweep_by_trades(r)) {
        gp_buf_addz(b, c->format == GP_FORMAT_TABLE ? "\n" : "; ");
        gp_sweep_model(c, r, false, b);
        return;
    }
    gp_buf_printf(b, "; bought at %s, sold at the close ", bought[r->hit->entry]);
    if (r->hit->n_after == 1)
        gp_buf_printf(b, "%d bar%s after that; no costs", r->hit->after[0], plural(r->hit->after[0]));
    else
        gp_buf_addz(b, "`after` bars after that; no costs");
}

static void shown(gp_buf *b, int k, double x)
{
    const gp_metric *m = &gp_metrics[k];
    if (isnan(x))
        gp_buf_addz(b, "-");
    else
        gp_buf_printf(b, "%.*f%s", m->decimals, m->percent ? x * 100 : x, m->percent ? " %" : "");
}

static void add_set(gp_buf *b, const gp_sweep_report *r, size_t point)
{
    for (int k = 0; k < r->grid.n_axes; k++) {
        gp_buf_printf(b, "%s%s=", k ? " " : "", r->grid.axes[k].name);
        gp_sweep_value(&r->grid.axes[k], gp_grid_value(&r->grid, point, k), b);
    }
}

void gp_sweep_tell_choice(const gp_sweep_report *r, gp_buf *b)
{
    const gp_metric *m = &gp_metrics[r->metric];
    if (gp_sweep_has_out(r)) {
        gp_buf_addz(b, "Chosen on the days before ");
        day(b, r->market.date[r->split]);
        gp_buf_printf(b, "%s; out_: the days from then on, which had no part in the choice\n",
                      gp_sweep_by_trades(r) ? "" : ", less those whose outcome was not known by then");
    }
    gp_buf_printf(b, "Best %s first (%s; %s)%s\n", m->name, m->means, m->better > 0 ? "higher is better" : "lower is better",
                  gp_sweep_by_trades(r) ? "" : ". Percentages but for n, t and independent");
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
static void tell_edge(const gp_sweep_report *r, gp_buf *b, size_t best)
{
    static const char *const words[][2] = {{"smallest", "largest"}, {"shortest", "longest"}, {"narrowest", "widest"}};
    bool any = false;
    for (int k = 0; k < r->grid.n_axes; k++) {
        const gp_axis *a = &r->grid.axes[k];
        const size_t is = gp_grid_step(&r->grid, best, k), n = (size_t)a->n;
        if (n < 3 || (is > 0 && is + 1 < n) || !may_widen(r, k, is > 0, a->at[is]))
            continue;
        gp_buf_printf(b, "%s the best %s is the %s tried", any ? "," : ";", a->name, words[k < r->n_formula ? 0 : a->percent ? 2 : 1][is > 0]);
        any = true;
    }
    gp_buf_addz(b, any ? ": widen the grid\n" : "\n");
}

/* "a plateau": what the points around the best one say of it. */
static void tell_around(const gp_sweep_report *r, gp_buf *b)
{
    static const char *const kinds[] = {"", "a plateau: it hardly matters which of them is taken", "a slope: it depends on the parameters being just so",
                                        "a spike: rather luck than a rule"};
    static const char *const of_one[] = {"", "as far as one neighbour tells, a plateau", "as far as one neighbour tells, a slope", "as far as one neighbour tells, a spike"};
    const gp_metric *m = &gp_metrics[r->metric];
    const size_t best = r->trials.top[0].number;
    const gp_around a = gp_trials_around(&r->trials, &r->grid, best, m->none * m->better);
    gp_buf_addz(b, "Around the best (");
    add_set(b, r, best);
    if (a.kind == GP_AROUND_ALONE) {
        gp_buf_addz(b, "): no neighbour in the grid is ranked, so that nothing can be said");
        tell_edge(r, b, best);
        return;
    }
    gp_buf_printf(b, "), one step away: %s ", m->name);
    shown(b, r->metric, (m->better > 0 ? a.least : a.most) * m->better);
    if (a.ranked > 1) {
        gp_buf_addz(b, " to ");
        shown(b, r->metric, (m->better > 0 ? a.most : a.least) * m->better);
        gp_buf_addz(b, ", median ");
        shown(b, r->metric, a.median * m->better);
    }
    gp_buf_addz(b, ", beside ");
    shown(b, r->metric, r->trials.key[best] * m->better);
    if (a.ranked < a.n)
        gp_buf_printf(b, "; %d of %d are not ranked", a.n - a.ranked, a.n);
    const double none = isnan(m->none) ? -INFINITY : m->none * m->better;
    gp_buf_printf(b, "; %s", r->trials.key[best] <= none ? "no set is better than no skill at all, so there is nothing to choose" : (a.ranked > 1 ? kinds : of_one)[a.kind]);
    tell_edge(r, b, best);
}

/* Half of the profit or more has never been sold: it is none of the trades, of which win, mean and profit factor are. */
static void tell_unrealised(const gp_sweep_report *r, gp_buf *b)
{
    const double *of = r->trials.top[0].in.at, profit = of[GP_SCORE_PROFIT], sold = of[GP_SCORE_REALISED], held = profit - sold;
    if (!gp_sweep_by_trades(r) || !(of[GP_SCORE_OPEN] > 0) || fabs(held) < fabs(profit) / 2)
        return;
    gp_buf_addz(b, "Of the best set's profit of ");
    shown(b, GP_SCORE_PROFIT, profit);
    gp_buf_addz(b, " yuan ");
    shown(b, GP_SCORE_PROFIT, held);
    gp_buf_printf(b, " is in %.0f position%s still held at the last close; ", of[GP_SCORE_OPEN], plural(of[GP_SCORE_OPEN]));
    gp_buf_printf(b, sold < 0 ? "what was sold lost %.2f: does anything sell the winners?\n" : "what was sold gained %.2f\n", fabs(sold));
}

/* "t = 1.30 (excess 0.38 % here)" */
static void tell_t(const gp_sweep_report *r, gp_buf *b, double t)
{
    const gp_trial *best = &r->trials.top[0];
    const double own = r->metric == GP_SCORE_SHARPE && best->drawn != 0 ? best->in.at[GP_SCORE_SHARPE] / best->drawn * t : gp_score_beyond(&best->in, r->metric, t);
    gp_buf_printf(b, "t = %.2f", t);
    if (r->metric == GP_SCORE_T || isnan(own))
        return;
    gp_buf_printf(b, " (%s ", gp_metrics[r->metric].name);
    shown(b, r->metric, own);
    gp_buf_addz(b, " here)");
}

/* What the formula says, when nothing was drawn. */
static void tell_formula(const gp_sweep_report *r, gp_buf *b, double expected)
{
    const gp_trial *best = &r->trials.top[0];
    const bool trades = gp_sweep_by_trades(r);
    const double own = trades ? gp_score_beyond(&best->in, r->metric, expected) : expected;
    if (isnan(own) || (!trades && isnan(best->in.at[GP_SCORE_T])))
        return;
    gp_buf_printf(b, "Luck: of %zu sets without any skill%s the best is expected to show ", r->trials.ranked, trades ? " over as long a time" : "");
    if (trades) {
        gp_buf_printf(b, "%s ", gp_metrics[r->metric].name);
        shown(b, r->metric, own);
    } else {
        tell_t(r, b, expected);
    }
    gp_buf_printf(b, "; less where sets resemble each other. The best one has %s", trades ? "" : "t = ");
    shown(b, trades ? r->metric : GP_SCORE_T, best->in.at[trades ? r->metric : GP_SCORE_T]);
    gp_buf_addc(b, '\n');
}

/* Whatever ranks, t is what is tested: the best by another metric is one of the sets as well. */
static void tell_p(const gp_sweep_report *r, gp_buf *b)
{
    const gp_trial *best = &r->trials.top[0];
    const double p = gp_reality_p(&r->luck, best->drawn);
    gp_buf_addz(b, "The best one has t = ");
    shown(b, GP_SCORE_T, best->drawn);
    if (p * (r->luck.draws + 1) < 1.5)
        gp_buf_printf(b, ": p = %.3g, no draw was as good", p);
    else if (!isnan(p))
        gp_buf_printf(b, p < 0.0995 ? ": p = %.2g, luck does as well in %.2g of 100 cases" : ": p = %.2f, luck does as well in %.0f of 100 cases", p, p * 100);
    if (p > 0.05)
        gp_buf_addz(b, ", so it may be nothing else");
    else if (p <= 0.05 && gp_sweep_by_trades(r))
        gp_buf_addz(b, "; but that the market rose is no luck here: set it beside buying and holding");
    gp_buf_addc(b, '\n');
}

static void tell_luck(const gp_sweep_report *r, gp_buf *b)
{
    const double formula = gp_expected_best((double)r->trials.ranked), usual = gp_reality_quantile(&r->luck, 0.5);
    if (isnan(usual)) {
        tell_formula(r, b, formula);
        return;
    }
    gp_buf_printf(b, "Luck: without any skill the best of these %zu sets shows t = %.2f (%smedian of %d draws", r->trials.ranked, usual,
                  gp_sweep_by_trades(r) ? "mean daily change over its error; " : "", r->luck.draws);
    if (r->luck.n_blocks < 10)
        gp_buf_printf(b, ", of only %zu block%s of %zu days", r->luck.n_blocks, plural((double)r->luck.n_blocks), r->luck.block);
    gp_buf_printf(b, "; %.2f if they had nothing in common)", formula);
    if (!isnan(gp_sweep_luck_bound(r))) {
        gp_buf_addz(b, ", in 95 % of them less than ");
        tell_t(r, b, gp_sweep_luck_bound(r));
    }
    gp_buf_addc(b, '\n');
    tell_p(r, b);
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
    gp_buf_addz(b, "The best set: ");
    entries_text(c, &best->in, b);
    gp_buf_addc(b, '\n');
    if (!gp_sweep_has_out(r))
        return;
    gp_buf_addz(b, "The same set on the later days: ");
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
    tell_around(r, b);
    tell_entries(c, r, b);
    tell_unrealised(r, b);
    tell_luck(r, b);
}

void gp_sweep_tell_walk(const gp_sweep_report *r, gp_buf *b)
{
    gp_buf_printf(b, "\nWalk forward: %d time%s the best set of all days so far was tried on the next part (out_)\n", r->trials.n_windows, plural(r->trials.n_windows));
}

/* All that was chosen and then tried, as one series of days. */
void gp_sweep_tell_walked(const gp_sweep_report *r, gp_buf *b)
{
    static const int signals[] = {GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T}, trades[] = {GP_SCORE_TRADE_WIN, GP_SCORE_TRADE_MEAN, GP_SCORE_TOTAL, GP_SCORE_CAGR};
    const bool by_trades = gp_sweep_by_trades(r);
    const int *list = by_trades ? trades : signals;
    gp_score s;
    int gained = 0;
    if (!gp_sweep_walk_total(r, &s))
        return;
    gp_buf_printf(b, "All of these together, out of sample: %s %.0f", by_trades ? "trades" : "n", s.at[by_trades ? GP_SCORE_TRADES : GP_SCORE_N]);
    for (int i = 0; i < 4; i++) {
        gp_buf_printf(b, ", %s ", list[i] == GP_SCORE_TRADE_WIN ? "win" : list[i] == GP_SCORE_TRADE_MEAN ? "mean" : gp_metrics[list[i]].name);
        shown(b, list[i], s.at[list[i]]);
    }
    for (int k = 0; k < r->trials.n_windows && by_trades; k++)
        gained += r->trials.windows[k].any && r->trials.windows[k].best.out.at[GP_SCORE_TOTAL] > 0;
    if (by_trades)
        gp_buf_printf(b, "; %d of %d gained (accounts begin anew with each, and the totals are compounded)", gained, r->trials.n_windows);
    gp_buf_addc(b, '\n');
}
