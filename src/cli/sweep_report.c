/* What a sweep found, for people and for programs. */
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "cli/sheet.h"
#include "cli/sweep.h"
#include "cli/table.h"
#include "worth/luck.h"

/* ---- rows ---- */

_Static_assert(GP_GRID_AXES + 2 * GP_SCORES + 8 <= SHEET_COLUMNS, "a row may have them all");

static void date(sheet *s, const char *name, int32_t day)
{
    s->column[s->n] = (gp_column){name, GP_CELL_DATE, 0};
    s->cell[s->n].date = day;
    s->cell[s->n++].time = -1;
}

static void metric(sheet *s, const char *before, int k, const gp_score *of)
{
    const gp_metric *m = &gp_metrics[k];
    sheet_number(s, *before ? gp_arena_printf(&s->names, "%s%s", before, m->column) : m->column, m->percent ? round(of->at[k] * 1e8) / 1e6 : of->at[k], m->decimals);
}

static void keys(sheet *s, const gp_sweep_report *r, size_t point)
{
    for (int k = 0; k < r->grid.n_axes; k++) {
        const gp_axis *a = &r->grid.axes[k];
        sheet_number(s, a->percent ? gp_arena_printf(&s->names, "%s_pct", a->name) : a->name, gp_grid_value(&r->grid, point, k), 6);
        s->column[s->n - 1].kind = GP_CELL_LIMIT;
    }
}

/* What a table has room for; the metric that ranks comes first when it is none of these. */
static const int in_short[] = {GP_SCORE_N, GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T, GP_SCORE_INDEPENDENT};
static const int out_short[] = {GP_SCORE_N, GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T};
static const int in_trades[] = {GP_SCORE_TRADES, GP_SCORE_TRADE_WIN, GP_SCORE_TRADE_MEAN, GP_SCORE_TOTAL, GP_SCORE_CAGR, GP_SCORE_DRAWDOWN, GP_SCORE_SHARPE, GP_SCORE_PROFIT_FACTOR};
static const int out_trades[] = {GP_SCORE_TRADES, GP_SCORE_TOTAL, GP_SCORE_DRAWDOWN, GP_SCORE_SHARPE, GP_SCORE_PROFIT_FACTOR};

static bool is_among(int k, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == k)
            return true;
    return false;
}

/* Do shown sets have positions that were never sold? */
static bool any_open(const gp_sweep_report *r, bool later)
{
    for (size_t i = 0; i < r->trials.n_top; i++)
        if ((later ? &r->trials.top[i].out : &r->trials.top[i].in)->at[GP_SCORE_OPEN] > 0)
            return true;
    return false;
}

static void scores(sheet *s, const gp_sweep_report *r, const char *before, const gp_score *of, bool whole)
{
    const bool trades = gp_sweep_by_trades(r);
    const int *list = trades ? (*before ? out_trades : in_trades) : *before ? out_short : in_short;
    const size_t n = (trades ? (*before ? sizeof out_trades : sizeof in_trades) : *before ? sizeof out_short : sizeof in_short) / sizeof *list;
    if (!whole && !is_among(r->metric, list, n))
        metric(s, before, r->metric, of);
    for (size_t i = 0; i < n && !whole; i++) {
        metric(s, before, list[i], of);
        if (list[i] == GP_SCORE_TRADES && any_open(r, *before))
            metric(s, before, GP_SCORE_OPEN, of);
    }
    for (int k = 0; k < GP_SCORES && whole; k++)
        if (gp_metrics[k].judge == gp_metrics[r->metric].judge)
            metric(s, before, k, of);
}

/* What 95 % of the draws stay below; of fewer than twenty none is beyond them. */
static double luck_bound(const gp_sweep_report *r) { return r->luck.draws < 20 ? NAN : gp_reality_quantile(&r->luck, 0.95); }

/* What chance makes of the choice: the same of all sets, and of this one. */
static void luck(sheet *s, const gp_sweep_report *r, const gp_trial *t)
{
    if (gp_sweep_by_trades(r))
        sheet_number(s, "t", t->drawn, 2);
    sheet_number(s, "luck_t", gp_reality_quantile(&r->luck, 0.5), 2);
    sheet_number(s, "luck_t95", luck_bound(r), 2);
    sheet_number(s, "luck_p", gp_reality_p(&r->luck, t->drawn), 3);
}

/* How this set looks ahead; a table has room for the depth, and says so where sets differ.  none: no set was chosen. */
static void ahead(sheet *s, const gp_sweep_report *r, size_t point, bool none, bool whole)
{
    gp_buf text = {0};
    if (!r->ahead || (!whole && r->sets == 1))
        return;
    if (!none)
        gp_sweep_ahead_text(r, point, &text);
    const char *colon = text.n && !whole ? strchr(text.p, ':') : NULL;
    const size_t n = colon ? (size_t)(colon - text.p) : text.n;
    sheet_text(s, "looks_ahead", text.n ? gp_arena_strndup(&s->names, text.p, n) : "no");
    if (!text.n && (whole || none))
        s->cell[s->n - 1].text = (gp_str){0};
    gp_buf_free(&text);
}

static bool has_out(const gp_sweep_report *r) { return r->split < r->market.n_days; }

static bool write_top(const gp_cli *c, const gp_sweep_report *r)
{
    const bool whole = c->format != GP_FORMAT_TABLE;
    gp_writer *w = NULL;
    const gp_trial none = {0};
    for (size_t i = 0; i < r->trials.n_top || !w; i++) {
        const gp_trial *t = i < r->trials.n_top ? &r->trials.top[i] : &none;
        sheet s = {0};
        keys(&s, r, t->number);
        scores(&s, r, "", &t->in, whole);
        if (whole && r->luck.draws)
            luck(&s, r, t);
        if (has_out(r))
            scores(&s, r, "out_", &t->out, whole);
        ahead(&s, r, t->number, false, whole);
        if (!w) {
            w = gp_writer_new(stdout, c->format, s.column, s.n, c->colour);
            if (!whole)
                gp_writer_fold(w, gp_cli_width(), r->grid.n_axes);
        }
        if (i < r->trials.n_top)
            gp_writer_row(w, s.cell);
        if (w && i >= r->trials.n_top)
            break;
        gp_arena_fini(&s.names);
    }
    return gp_writer_end(w);
}

/* ---- the walk forward ---- */

static int32_t day_at(const gp_sweep_report *r, size_t i) { return r->market.date[i < r->market.n_days ? i : r->market.n_days - 1]; }

static bool write_walk(const gp_cli *c, const gp_sweep_report *r)
{
    const bool whole = c->format != GP_FORMAT_TABLE;
    gp_writer *w = NULL;
    gp_window total = {.out = {r->trials.windows[0].out.from, r->market.n_days}};
    const bool summed = whole && gp_sweep_walk_total(r, &total.best.out);
    for (int k = 0; k < r->trials.n_windows + summed; k++) {
        const bool last = k == r->trials.n_windows; /* all of them together */
        const gp_window *x = last ? &total : &r->trials.windows[k];
        gp_trial t = x->best;
        sheet s = {0};
        for (int i = 0; i < GP_SCORES && !x->any; i++)
            t.in.at[i] = NAN, t.out.at[i] = last ? t.out.at[i] : NAN;
        date(&s, "chosen_from", last ? 0 : day_at(r, x->in.from));
        date(&s, "chosen_to", last ? 0 : day_at(r, x->in.to - 1));
        keys(&s, r, t.number);
        for (int i = 2; i < s.n && !x->any; i++)
            s.cell[i].number = NAN;
        if (whole)
            scores(&s, r, "", &t.in, true);
        else
            metric(&s, "", r->metric, &t.in);
        date(&s, "out_from", day_at(r, x->out.from));
        date(&s, "out_to", day_at(r, x->out.to - 1));
        scores(&s, r, "out_", &t.out, whole);
        ahead(&s, r, t.number, !x->any, whole);
        if (!w)
            w = gp_writer_new(stdout, c->format, s.column, s.n, c->colour);
        gp_writer_row(w, s.cell);
        gp_arena_fini(&s.names);
    }
    return gp_writer_end(w);
}

/* ---- words around them ---- */

static const char *plural(double n) { return n == 1 ? "" : "s"; }

static void day(gp_buf *b, int32_t d) { gp_buf_printf(b, "%04d-%02d-%02d", d / 10000, d / 100 % 100, d % 100); }

static void describe(const gp_cli *c, const gp_sweep_report *r, gp_buf *b)
{
    static const char *const bought[] = {"the open of the bar after the signal", "the close of the bar after the signal", "the close of the signal's bar"};
    const gp_sweep_market *m = &r->market;
    gp_buf_printf(b, "%zu set%s of ", r->grid.points, plural((double)r->grid.points));
    for (int k = 0; k < r->grid.n_axes; k++)
        gp_buf_printf(b, "%s%s", k ? ", " : "", r->grid.axes[k].name);
    if (!gp_sweep_by_trades(r))
        gp_buf_printf(b, " for %s", r->plan->signals[0].label);
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

static void tell_choice(const gp_sweep_report *r, gp_buf *b)
{
    const gp_metric *m = &gp_metrics[r->metric];
    if (has_out(r)) {
        gp_buf_addz(b, "Chosen on the days before ");
        day(b, day_at(r, r->split));
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
    if (!isnan(luck_bound(r))) {
        gp_buf_addz(b, ", in 95 % of them less than ");
        tell_t(r, b, luck_bound(r));
    }
    gp_buf_addc(b, '\n');
    tell_p(r, b);
}

static void tell_walk(const gp_sweep_report *r, gp_buf *b)
{
    gp_buf_printf(b, "\nWalk forward: %d time%s the best set of all days so far was tried on the next part (out_)\n", r->trials.n_windows, plural(r->trials.n_windows));
}

/* All that was chosen and then tried, as one series of days. */
static void tell_walked(const gp_sweep_report *r, gp_buf *b)
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

static void put(gp_buf *b)
{
    gp_cli_put_text((gp_str){b->p, b->n});
    b->n = 0;
}

bool gp_cli_sweep_tables(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf b = {0};
    bool ok;
    if (c->format != GP_FORMAT_TABLE)
        return r->trials.n_windows ? write_walk(c, r) : write_top(c, r);
    if (r->ahead) {
        gp_buf_addz(&b, "LOOKS AHEAD (");
        gp_sweep_ahead_all(r, &b);
        gp_buf_addz(&b, "): nobody could have traded this.\n");
    }
    describe(c, r, &b);
    gp_buf_addc(&b, '\n');
    tell_choice(r, &b);
    gp_buf_addc(&b, '\n');
    put(&b);
    ok = write_top(c, r);
    if (r->trials.ranked) {
        gp_buf_addc(&b, '\n');
        tell_around(r, &b);
        tell_unrealised(r, &b);
        tell_luck(r, &b);
        put(&b);
    }
    if (r->trials.n_windows) {
        tell_walk(r, &b);
        put(&b);
        ok = write_walk(c, r) && ok;
        tell_walked(r, &b);
        put(&b);
    }
    gp_buf_free(&b);
    return ok;
}

void gp_cli_sweep_notes(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf b = {0};
    if (c->diag_json)
        return;
    if (c->format != GP_FORMAT_TABLE) {
        describe(c, r, &b);
        gp_cli_note(c, "%s", b.p);
        b.n = 0;
        if (r->trials.ranked && !r->trials.n_windows) {
            tell_around(r, &b);
            tell_unrealised(r, &b);
            tell_luck(r, &b);
            for (char *p = b.p, *end; (end = strchr(p, '\n')); p = end + 1)
                gp_cli_note(c, "%.*s", (int)(end - p), p);
        }
        if (r->ahead) {
            b.n = 0;
            gp_sweep_ahead_all(r, &b);
            gp_cli_note(c, "the formula looks ahead (%s): nobody could have traded this", b.p);
        }
    }
    gp_buf_free(&b);
    if (r->trials.n_top < r->trials.n && c->format != GP_FORMAT_TABLE && !c->top && !r->trials.n_windows)
        gp_cli_note(c, "the best %zu of %zu sets are listed; --top N lists more", r->trials.n_top, r->trials.n);
    gp_cli_sweep_why(c, r);
    if (gp_program_today(r->plan->program))
        gp_cli_note(c, "%s tells of the day of the run, on past bars as well: what it picks was not known then", gp_program_today(r->plan->program));
    if (!has_out(r) && !r->trials.n_windows)
        gp_cli_note(c, "chosen and judged on the same days: --split DATE or --walk N shows what the choice gives on days that it has not seen");
}
