/* What goldpit backtest prints and writes. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include "cli/backtest.h"
#include "cli/sheet.h"
#include "cli/table.h"
#include "cli/worth.h"
#include "market/stamp.h"
#include "worth/score.h"

#define SPLIT(date) (int)((date) / 10000), (int)((date) / 100 % 100), (int)((date) % 100)

static void yuan(sheet *s, const char *name, gp_money m) { sheet_number(s, name, (double)m / GP_PRICE_ONE, 2); }

static void day(sheet *s, const char *name, int32_t date, int32_t time)
{
    s->column[s->n] = (gp_column){name, date ? GP_CELL_DATE : GP_CELL_TEXT, 0};
    s->cell[s->n].text = GP_STR("");
    s->cell[s->n].date = date;
    s->cell[s->n++].time = time;
}

static void date_text(int32_t date, gp_buf *out) { gp_buf_printf(out, "%04d-%02d-%02d", date / 10000, date / 100 % 100, date % 100); }

/* ---- the rules, in words ---- */

static void distance_text(gp_buf *out, const char *name, const gp_distance *d, const char *text, const char *yuan)
{
    if (d->given)
        gp_buf_printf(out, "; %s %s%s", name, text, d->per_bar ? yuan : "");
}

static void rate(gp_buf *out, bool zh, const char *name, int64_t millionths)
{
    if (millionths < 0)
        gp_buf_printf(out, zh ? ", %s按当日税率" : ", %s of the day", name);
    else
        gp_buf_printf(out, ", %s %g%%", name, (double)millionths / 10000);
}

void gp_cli_test_model(const gp_cli *c, const gp_backtest_opts *o, bool zh, gp_buf *out)
{
    const gp_trade_rules *r = &o->rules;
    const char *const yuan = zh ? " 元" : " yuan";
    if (r->fill == GP_FILL_CLOSE)
        gp_buf_addz(out, zh ? "信号当根K线收盘成交" : "orders filled at the close of the signal's bar");
    else
        gp_buf_addz(out, zh ? "信号下一根K线开盘成交" : "orders filled at the open of the bar after the signal");
    gp_buf_addz(out, !r->same_day ? "; T+1" : zh ? "; 可当日卖出" : "; sold on the same day too");
    if (r->limit < 0)
        gp_buf_addz(out, zh ? "; 涨跌停按板块" : "; price limits by board");
    else if (r->limit == 0)
        gp_buf_addz(out, zh ? "; 无涨跌停" : "; no price limits");
    else
        gp_buf_printf(out, zh ? "; 涨跌停 %g%%" : "; price limits %g%%", r->limit / 10.0);
    if (r->lot)
        gp_buf_printf(out, zh ? "; 每手 %d 股" : "; lots of %d", r->lot);
    else
        gp_buf_addz(out, zh ? "; 每手股数按板块" : "; lots by board");
    if (c->where && o->slots.where >= 0)
        gp_buf_printf(out, zh ? "; 仅在满足 %s 时%s" : "; %s only where %s holds", zh ? c->where : r->shorts ? "entered" : "bought", zh ? r->shorts ? "入场" : "买入" : c->where);
    distance_text(out, zh ? "止损" : "stop", &r->stop, c->stop, yuan);
    distance_text(out, zh ? "止盈" : "target", &r->target, c->target, yuan);
    distance_text(out, zh ? "移动止损" : "trail", &r->trail, c->trail, yuan);
    if (r->stop.given || r->trail.given)
        gp_buf_addz(out, zh ? "; 同一根K线内止损先于止盈, 跳空按开盘价" : "; stop before target within a bar, a gap fills at the open");
    if (r->hold)
        gp_buf_printf(out, zh ? "; 最多持有 %d 根K线" : "; held %d bar%s at most", r->hold, r->hold == 1 ? "" : "s");
    gp_buf_printf(out, zh ? "; 佣金 %g%% (最低 %g)" : "; commission %g%% (at least %g)", (double)r->commission / 10000, r->commission ? (double)r->commission_min / GP_PRICE_ONE : 0.0);
    rate(out, zh, zh ? "印花税" : "stamp duty", r->stamp);
    rate(out, zh, zh ? "过户费" : "transfer fee", r->transfer);
    gp_buf_printf(out, zh ? ", 滑点 %g%%" : ", slippage %g%%", (double)r->slippage / 10000);
    if (o->max_positions)
        gp_buf_printf(out, zh ? "; 一个账户 %.0f 元, 最多 %d 个等额持仓%s%s" : "; one account of %.0f, at most %d positions of equal size%s%s", (double)o->cash / GP_PRICE_ONE, o->max_positions,
                      !c->rank ? "" : zh ? ", 排序按 " : ", ranked by ", c->rank ? c->rank : "");
    else
        gp_buf_printf(out, zh ? "; 每只证券一个账户 %.0f 元, 每笔满仓" : "; an account of %.0f for each security, all of it in each trade", (double)o->cash / GP_PRICE_ONE);
    if (r->shorts)
        gp_buf_addz(out, zh ? "; 允许做空" : "; short sales");
}

/* ---- the figures ---- */

static void figures(sheet *s, const gp_figures *f)
{
    day(s, "from", f->from, -1);
    day(s, "to", f->to, -1);
    yuan(s, "start", f->start);
    yuan(s, "end", f->end);
    yuan(s, "profit", f->profit);
    sheet_percent(s, "total_pct", f->total);
    sheet_percent(s, "cagr_pct", f->cagr);
    sheet_percent(s, "volatility_pct", f->volatility);
    sheet_number(s, "sharpe", f->sharpe, 2);
    sheet_number(s, "sortino", f->sortino, 2);
    sheet_percent(s, "drawdown_pct", f->from ? f->drawdown : NAN);
    day(s, "drawdown_from", f->drawdown_from, -1);
    day(s, "drawdown_to", f->drawdown_to, -1);
    sheet_number(s, "calmar", f->calmar, 2);
    sheet_percent(s, "exposure_pct", f->exposure);
    sheet_number(s, "turnover", f->turnover, 2);
    sheet_number(s, "trades", (double)f->trades, 0);
    sheet_number(s, "open", (double)f->open, 0);
    sheet_percent(s, "win_pct", f->win);
    sheet_percent(s, "mean_pct", f->mean);
    sheet_percent(s, "mean_win_pct", f->mean_win);
    sheet_percent(s, "mean_loss_pct", f->mean_loss);
    sheet_number(s, "payoff", f->payoff, 2);
    sheet_number(s, "profit_factor", f->profit_factor, 2);
    sheet_number(s, "bars_held", f->bars, 1);
    sheet_number(s, "losing_streak", f->losing_streak, 0);
    yuan(s, "fees", f->fees);
    sheet_number(s, "by_signal", (double)f->left[GP_LEFT_SIGNAL], 0);
    sheet_number(s, "by_stop", (double)f->left[GP_LEFT_STOP], 0);
    sheet_number(s, "by_trail", (double)f->left[GP_LEFT_TRAIL], 0);
    sheet_number(s, "by_target", (double)f->left[GP_LEFT_TARGET], 0);
    sheet_number(s, "by_hold", (double)f->left[GP_LEFT_HOLD], 0);
    sheet_number(s, "blocked_days", (double)f->blocked, 0);
}

/* The benchmark over the days of the account; false where it begins later or ends earlier by more than APART days: a comparison of different times. */
enum { APART = 15 };
static bool covers(const gp_test_report *t, const gp_figures *f, gp_figures *b)
{
    const gp_bars *x = t->benchmark.at;
    gp_benchmark_of(x->date, x->close, (size_t)x->n, f->from, f->to, b);
    return !isnan(b->total) && gp_day_number(b->from) - gp_day_number(f->from) <= APART && gp_day_number(f->to) - gp_day_number(b->to) <= APART;
}

static void benchmark(sheet *s, const gp_test_report *t, const gp_figures *f)
{
    gp_figures b = {.total = NAN, .cagr = NAN};
    if (!f->from || !covers(t, f, &b))
        b.total = b.cagr = NAN;
    sheet_percent(s, "bench_total_pct", b.total);
    sheet_percent(s, "bench_cagr_pct", b.cagr);
    sheet_percent(s, "bench_drawdown_pct", isnan(b.total) ? NAN : b.drawdown);
}

static void whole_row(sheet *s, const gp_cli *c, const gp_test_report *t, const gp_test_row *row, const char *model)
{
    s->n = 0;
    if (c->by)
        sheet_text(s, c->by == GP_TEST_BY_YEAR ? "year" : "code", row->group ? row->group : "all");
    figures(s, &row->f);
    if (t->has_benchmark)
        benchmark(s, t, &row->f);
    sheet_text(s, "model", model);
    if (t->ahead)
        sheet_text(s, "looks_ahead", t->ahead);
}

static bool write_rows(const gp_cli *c, const gp_test_report *t, const char *model)
{
    gp_writer *w = NULL;
    sheet s;
    char room[SHEET_COLUMNS][16];
    for (size_t i = 0; i < t->r.n_rows; i++) {
        whole_row(&s, c, t, &t->r.rows[i], model);
        for (int k = 0; k < s.n; k++) /* columns are one kind in every row */
            if (strcmp(s.column[k].name, "drawdown_from") == 0 || strcmp(s.column[k].name, "drawdown_to") == 0 || strcmp(s.column[k].name, "from") == 0 ||
                strcmp(s.column[k].name, "to") == 0) {
                char *z = room[k];
                z[0] = 0;
                if (s.cell[k].date)
                    snprintf(z, sizeof room[0], "%04d-%02d-%02d", s.cell[k].date / 10000, s.cell[k].date / 100 % 100, s.cell[k].date % 100);
                s.column[k].kind = GP_CELL_TEXT;
                s.cell[k].text = gp_str_from(z);
            }
        if (!w)
            w = gp_writer_new(stdout, c->format, s.column, s.n, c->colour);
        gp_writer_row(w, s.cell);
    }
    return gp_writer_end(w);
}

/* All figures of one row, one below the other; in Chinese the name that CSV and the documents have comes last. */
static bool write_list(const gp_cli *c, const gp_test_report *t)
{
    static const gp_column columns[2][3] = {{{"figure", GP_CELL_TEXT, 0}, {"value", GP_CELL_TEXT, 0}}, {{"指标", GP_CELL_TEXT, 0}, {"数值", GP_CELL_TEXT, 0}, {"CSV 列名", GP_CELL_TEXT, 0}}};
    gp_writer *w = gp_writer_new(stdout, GP_FORMAT_TABLE, columns[c->zh], c->zh ? 3 : 2, c->colour);
    gp_buf b = {0};
    sheet s = {.n = 0};
    figures(&s, &t->r.rows[0].f);
    if (t->has_benchmark)
        benchmark(&s, t, &t->r.rows[0].f);
    for (int i = 0; i < s.n; i++) {
        const gp_str name = gp_str_from(s.column[i].name), shown = c->zh ? gp_str_from(gp_cli_figure_zh(GP_JUDGE_BACKTEST, s.column[i].name)) : name;
        b.n = 0;
        if (s.column[i].kind == GP_CELL_DATE)
            date_text(s.cell[i].date, &b);
        else if (s.column[i].kind == GP_CELL_TEXT || isnan(s.cell[i].number))
            gp_buf_addz(&b, "-");
        else
            gp_buf_printf(&b, "%.*f", s.column[i].decimals, s.cell[i].number);
        gp_writer_row(w, (gp_cell[]){{.text = shown}, {.text = {b.p, b.n}}, {.text = name}});
    }
    gp_buf_free(&b);
    return gp_writer_end(w);
}

/* The groups beside each other, the figures one looks at first. */
static bool write_groups(const gp_cli *c, const gp_test_report *t)
{
    gp_writer *w = NULL;
    sheet s;
    for (size_t i = 0; i < t->r.n_rows; i++) {
        const gp_test_row *row = &t->r.rows[i];
        const gp_figures *f = &row->f;
        s.n = 0;
        sheet_text(&s, c->by == GP_TEST_BY_YEAR ? "year" : "code", row->group ? row->group : c->zh ? "全部" : "all");
        sheet_percent(&s, "total_pct", f->total);
        sheet_percent(&s, "cagr_pct", f->cagr);
        sheet_percent(&s, "drawdown_pct", f->drawdown);
        sheet_number(&s, "sharpe", f->sharpe, 2);
        sheet_number(&s, "trades", (double)f->trades, 0);
        sheet_percent(&s, "win_pct", f->win);
        sheet_percent(&s, "mean_pct", f->mean);
        sheet_number(&s, "profit_factor", f->profit_factor, 2);
        sheet_percent(&s, "exposure_pct", f->exposure);
        yuan(&s, "profit", f->profit);
        if (t->has_benchmark)
            benchmark(&s, t, f);
        gp_cli_columns_zh(c, GP_JUDGE_BACKTEST, s.column, s.n);
        if (!w)
            w = gp_writer_new(stdout, GP_FORMAT_TABLE, s.column, s.n, c->colour);
        gp_writer_row(w, s.cell);
    }
    return gp_writer_end(w);
}

/* ---- what did not come about ---- */

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

void gp_cli_test_entries(const gp_cli *c, const gp_entries *e, int64_t filled, gp_buf *out)
{
    static const char *const why[2][GP_MISS_REASONS] = {
        {NULL, "on the last bar", "at the price limit", "on a bar without trade", "without a price above 0", "without a stop, target or trail (null or not above 0)", "for want of money for one lot", "for want of a free position"},
        {NULL, "在最后一根K线", "因涨跌停", "因停牌", "因没有大于 0 的价格", "因止损止盈无效 (空值或不大于 0)", "因资金不足一手", "因持仓已满"}};
    const char *before = c->zh ? "; 未成交: " : "; not filled: ";
    gp_buf_printf(out, c->zh ? "入场信号 %lld 次" : "%lld signal%s to enter", (long long)e->signals, plural(e->signals));
    for (int i = 1; i < GP_MISS_REASONS; i++)
        if (e->misses.n[i]) {
            gp_buf_printf(out, c->zh ? "%s%lld 次%s" : "%s%lld %s", before, (long long)e->misses.n[i], why[c->zh][i]);
            before = ", ";
        }
    int64_t others = e->signals - filled;
    for (int i = 1; i < GP_MISS_REASONS; i++)
        others -= e->misses.n[i];
    if (others > 0)
        gp_buf_printf(out, c->zh ? "; %lld 次正在持仓" : "; %lld while a position was held", (long long)others);
    if (e->undecided)
        gp_buf_printf(out, c->zh ? "; %lld 根K线同时出现入场与出场, 不作入场" : "; %lld bar%s with an entry and an exit at once, which signal no entry", (long long)e->undecided,
                      plural(e->undecided));
}

static void note_trades(const gp_cli *c, const gp_backtest *r)
{
    if (r->idle && r->idle == r->tickers)
        gp_cli_note(c, c->zh ? "所求日期 (--from, --to) 内没有任何K线" : "no security has a bar on the days asked for (--from, --to)");
    else if (!r->entries.signals && r->entries.undecided)
        gp_cli_note(c, c->zh ? "没有入场信号: 每次入场时出场条件也成立 (%lld 根K线); 出场条件始终成立就无从入场"
                             : "no signal to enter: whenever there is one, the exit holds as well (%lld bar%s); an exit that always holds leaves no entry", (long long)r->entries.undecided,
                    plural(r->entries.undecided));
    else if (!r->entries.signals)
        gp_cli_note(c, c->zh ? "没有一次入场信号: 条件是否太严, 或历史太短?" : "no signal to enter on any bar: is the condition too strict, or the history too short?");
    else if (!r->n_trades)
        gp_cli_note(c, c->zh ? "没有一笔成交" : "no trade came about");
    else if (r->rows[0].f.trades < 30)
        gp_cli_note(c, c->zh ? "只有 %lld 笔已平仓交易: 太少, 分不清本领与运气" : "%lld closed trade%s: too few to tell skill from luck", (long long)r->rows[0].f.trades,
                    plural(r->rows[0].f.trades));
}

void gp_cli_test_odd(const gp_cli *c, const gp_entries *e)
{
    if (e->jumps)
        gp_cli_note(c, c->zh ? "持仓期间或应入场时 (未成交) 有 %lld 根K线开盘超出涨跌停: 是否为跨除权日的不复权数据? 复权数据才反映真实盈亏; --limit none 照样成交"
                             : "%lld bar%s opened beyond the price limit while held or when an entry was due (not filled): are the quotes unadjusted over an ex-rights day? "
                               "Adjusted quotes show the true gain; --limit none fills all the same", (long long)e->jumps, plural(e->jumps));
    if (e->maybe_st)
        gp_cli_note(c, c->zh ? "%lld 笔交易以昨收上涨 5%% 的价格买入, 且该K线未再走高: 若当日为 ST 则是涨停, 数据未说明是否 ST. 可用 isST 列或名称列说明; 始终为 ST 的数据用 --limit 5%%"
                             : "%lld trade%s bought at 5 %% above the close before on a bar that went no higher: the upper limit if that was a day of ST, of which the data say nothing. "
                               "A column isST or name tells; --limit 5%% is for data that are ST throughout", (long long)e->maybe_st, e->maybe_st == 1 ? " was" : "s were");
}

/* Securities that are no A shares, and what is done with them all the same. */
static void note_kinds(const gp_cli *c, const gp_test_report *t)
{
    const gp_backtest *r = &t->r;
    int64_t near_zero = 0;
    if (!r->n_trades)
        return;
    for (size_t i = 0; i < r->n_trades; i++)
        near_zero += r->trades[i].path.in < (gp_money)(GP_NEAR_ZERO * GP_PRICE_ONE) && gp_rule_of("", r->trades[i].code, r->trades[i].entry_date)->stamp;
    if (near_zero)
        gp_cli_note(c, c->zh ? "%lld 笔交易的成交价低于 0.5 元: 是否为前复权数据? 此时股数与百分比没有意义; 请用后复权数据, 或 data adjust --way factor"
                             : "%lld trade%s entered below 0.5 yuan: forward-adjusted prices (前复权) near zero? Shares and percentages of them mean nothing; take 后复权, or data adjust --way factor",
                    (long long)near_zero, near_zero == 1 ? " was" : "s were");
    const char *more = r->indices.n > 1 ? ", ..." : "";
    if (r->indices.n && c->zh)
        gp_cli_note(c, "%zu 只是指数 (%s%s), 本身不能买卖: 这里按无涨跌停、无印花税、一股起买计算", r->indices.n, r->indices.code, more);
    else if (r->indices.n)
        gp_cli_note(c, "%zu of the securities %s (%s%s), which nobody can buy itself: here without price limit and stamp duty, in lots of 1", r->indices.n,
                    r->indices.n == 1 ? "is an index" : "are indices", r->indices.code, more);
    if (!r->foreign.n || t->o->rules.same_day)
        return;
    more = r->foreign.n > 1 ? ", ..." : "";
    if (c->zh)
        gp_cli_note(c, "%zu 只证券的代码不属沪深京任何板块 (%s%s): 无涨跌停、无印花税、一股起买, 但仍按 T+1; --same-day 可当日卖出, --limit, --lot, --stamp, --commission 另行设定", r->foreign.n, r->foreign.code, more);
    else
        gp_cli_note(c, "%zu of the securities %s no A share by %s code (%s%s): no price limit, lots of 1, no stamp duty, but T+1. --same-day sells on the day of purchase, --limit, --lot, --stamp and "
                       "--commission set the others", r->foreign.n, r->foreign.n == 1 ? "is" : "are", r->foreign.n == 1 ? "its" : "their", r->foreign.code, more);
}

static void notes(const gp_cli *c, const gp_plan *p, const gp_test_report *t)
{
    const gp_backtest *r = &t->r;
    gp_figures b;
    if (c->diag_json)
        return;
    if (gp_program_today(p->program))
        gp_cli_note(c, c->zh ? "%s 反映的是运行当日的情况, 用于历史K线也如此: 当时并不知道" : "%s tells of the day of the run, on past bars as well: what it picks was not known then",
                    gp_program_today(p->program));
    note_trades(c, r);
    note_kinds(c, t);
    gp_cli_test_odd(c, &r->entries);
    if (t->has_benchmark && r->rows[0].f.from && !covers(t, &r->rows[0].f, &b))
        gp_cli_note(c, c->zh ? "基准只有 %04d-%02d-%02d 至 %04d-%02d-%02d, 账户为 %04d-%02d-%02d 至 %04d-%02d-%02d: 相差超过 %d 天时不作比较"
                             : "the benchmark has days from %04d-%02d-%02d to %04d-%02d-%02d only, the account from %04d-%02d-%02d to %04d-%02d-%02d: where they differ by more than %d days it is not compared",
                    SPLIT(t->benchmark.at->date[0]), SPLIT(t->benchmark.at->date[t->benchmark.at->n - 1]), SPLIT(r->rows[0].f.from), SPLIT(r->rows[0].f.to), APART);
    if (r->idle && r->idle < r->tickers)
        gp_cli_note(c, c->zh ? "%zu 只证券在此期间没有K线" : "%zu securit%s without a bar on these days", r->idle, r->idle == 1 ? "y" : "ies");
}

/* ---- files ---- */

static gp_format format_of(const char *path)
{
    const size_t n = strlen(path);
    if (n > 7 && gp_str_ieqz((gp_str){path + n - 7, 7}, ".ndjson"))
        return GP_FORMAT_NDJSON;
    return n > 5 && gp_str_ieqz((gp_str){path + n - 5, 5}, ".json") ? GP_FORMAT_JSON : GP_FORMAT_CSV;
}

static void trade_row(sheet *s, const gp_test_report *t, const gp_trade *x)
{
    static const char *const left[GP_LEFT_REASONS] = {"open", "signal", "stop", "trail", "target", "hold"};
    const gp_money paid = x->path.side > 0 ? x->bought : x->sold;
    s->n = 0;
    sheet_text(s, "code", x->code);
    sheet_text(s, "side", x->path.side > 0 ? "long" : "short");
    day(s, "signal_date", x->signal_date, x->signal_time > 0 ? x->signal_time : -1);
    day(s, "entry_date", x->entry_date, x->entry_time > 0 ? x->entry_time : -1);
    sheet_number(s, "entry_price", (double)x->path.in / GP_PRICE_ONE, -1);
    sheet_number(s, "shares", (double)x->shares, 0);
    day(s, "exit_date", x->exit_date, x->exit_time > 0 ? x->exit_time : -1);
    sheet_number(s, "exit_price", (double)x->path.out / GP_PRICE_ONE, -1);
    sheet_text(s, "reason", left[x->path.left]);
    sheet_number(s, "bars", x->path.exit - x->path.entry, 0);
    sheet_number(s, "blocked", x->path.blocked, 0);
    yuan(s, "fees", x->fees);
    yuan(s, "profit", x->profit);
    sheet_percent(s, "return_pct", paid ? (double)x->profit / (double)paid : NAN);
    sheet_percent(s, "mae_pct", gp_path_mae(&x->path));
    sheet_percent(s, "mfe_pct", gp_path_mfe(&x->path));
    if (t->o->slots.rank >= 0)
        sheet_number(s, "rank", x->rank, -1);
    if (t->ahead)
        sheet_text(s, "looks_ahead", t->ahead);
}

static bool write_trades(FILE *f, gp_format format, const gp_test_report *t)
{
    gp_writer *w = NULL;
    sheet s;
    const gp_trade none = {.code = "", .signal_date = 1, .entry_date = 1, .exit_date = 1};
    for (size_t i = 0; i < t->r.n_trades || !w; i++) {
        trade_row(&s, t, i < t->r.n_trades ? &t->r.trades[i] : &none);
        if (!w)
            w = gp_writer_new(f, format, s.column, s.n, false);
        if (i < t->r.n_trades)
            gp_writer_row(w, s.cell);
    }
    return gp_writer_end(w);
}

static bool write_equity(FILE *f, gp_format format, const gp_test_report *t)
{
    gp_writer *w = NULL;
    gp_money peak = t->r.cash;
    int at = -1;
    sheet s;
    for (size_t i = 0; i < t->r.n_points || !w; i++) {
        const gp_point p = i < t->r.n_points ? t->r.points[i] : (gp_point){.date = 1};
        const gp_money equity = p.cash + p.value;
        peak = equity > peak ? equity : peak;
        s.n = 0;
        day(&s, "date", p.date, -1);
        yuan(&s, "equity", equity);
        yuan(&s, "cash", p.cash);
        yuan(&s, "value", p.value);
        sheet_number(&s, "positions", p.positions, 0);
        sheet_percent(&s, "drawdown_pct", peak > 0 ? (double)(peak - equity) / (double)peak : NAN);
        if (t->has_benchmark) {
            const gp_bars *b = t->benchmark.at;
            while (at + 1 < b->n && b->date[at + 1] <= p.date)
                at++;
            sheet_number(&s, "benchmark", at >= 0 && p.date <= b->date[b->n - 1] ? b->close[at] : NAN, -1);
        }
        if (t->ahead)
            sheet_text(&s, "looks_ahead", t->ahead);
        if (!w)
            w = gp_writer_new(f, format, s.column, s.n, false);
        if (i < t->r.n_points)
            gp_writer_row(w, s.cell);
    }
    return gp_writer_end(w);
}

static int write_file(const gp_cli *c, const char *option, const char *path, bool (*write)(FILE *, gp_format, const gp_test_report *), const gp_test_report *t)
{
    if (!path)
        return GP_EXIT_OK;
    FILE *f = fopen(path, "wb");
    if (!f) {
        gp_cli_error(c, "--%s %s: %s", option, path, strerror(errno));
        return GP_EXIT_NO_DATA;
    }
    const bool ok = write(f, format_of(path), t);
    if (fclose(f) != 0 || !ok) {
        gp_cli_error(c, "--%s %s: it could not be written (%s)", option, path, errno ? strerror(errno) : "disk full?");
        return GP_EXIT_NO_DATA;
    }
    return GP_EXIT_OK;
}

/* ---- all of it ---- */

static bool print_table(const gp_cli *c, const gp_test_report *t, const char *model)
{
    gp_buf b = {0};
    if (t->ahead) {
        gp_cli_ahead_warning(c, t->ahead, &b);
        gp_buf_addc(&b, '\n');
    }
    gp_buf_printf(&b, c->zh ? "%zu 只证券; " : t->r.tickers == 1 ? "%zu security; " : "%zu securities; ", t->r.tickers);
    gp_buf_printf(&b, "%s\n", model);
    gp_cli_test_entries(c, &t->r.entries, (int64_t)t->r.n_trades, &b);
    gp_buf_addz(&b, "\n\n");
    gp_cli_put_text((gp_str){b.p, b.n});
    gp_buf_free(&b);
    bool ok = write_list(c, t);
    if (c->by && ok) {
        putchar('\n');
        ok = write_groups(c, t);
    }
    return ok;
}

int gp_cli_test_report(const gp_cli *c, const gp_plan *p, const gp_test_report *t)
{
    gp_buf words = {0}, missed = {0};
    gp_cli_test_model(c, t->o, c->zh && c->format == GP_FORMAT_TABLE, &words);
    const bool ok = c->format == GP_FORMAT_TABLE ? print_table(c, t, words.p) : write_rows(c, t, words.p);
    fflush(stdout);
    int status = ok ? GP_EXIT_OK : GP_EXIT_NO_DATA; /* main says why */
    if (ok && c->format != GP_FORMAT_TABLE && !c->diag_json) {
        gp_cli_test_entries(c, &t->r.entries, (int64_t)t->r.n_trades, &missed);
        words.n = 0;
        gp_cli_test_model(c, t->o, c->zh, &words);
        gp_cli_note(c, "%s", words.p);
        gp_cli_note(c, "%s", missed.p);
        if (t->ahead)
            gp_cli_note(c, c->zh ? "含未来函数 (%s): 当时无人能据此交易" : "the formula looks ahead (%s): nobody could have traded this", t->ahead);
    }
    notes(c, p, t);
    if (status == GP_EXIT_OK)
        status = write_file(c, "trades", c->trades, write_trades, t);
    if (status == GP_EXIT_OK)
        status = write_file(c, "equity", c->equity, write_equity, t);
    gp_buf_free(&words);
    gp_buf_free(&missed);
    return status;
}
