/* goldpit hitrate: what came after the signals. */
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/pool.h"
#include "cli/hitrate.h"
#include "cli/sheet.h"
#include "cli/table.h"
#include "cli/worth.h"
#include "market/universe.h"

enum { DRAWS = 200 };

/* ---- options ---- */

/* "1,3,5" -> ascending, each once. */
static int parse_after(const gp_cli *c, const char *bars, gp_hitrate_opts *o)
{
    const char *text = c->after ? c->after : bars;
    for (const char *p = text; *p;) {
        char *end;
        const long v = strtol(p, &end, 10);
        if (end == p || (*end && *end != ',') || (*end == ',' && !end[1]) || *p == '+' || *p == '-' || *p == ' ')
            return gp_cli_usage(c, "--after '%s': numbers of bars with commas between, such as 1,3,5,10,20", text);
        if (v < 1 || v > GP_HIT_BARS_MAX)
            return gp_cli_usage(c, "--after '%s': a number of bars is from 1 to %d", text, GP_HIT_BARS_MAX);
        int at = 0;
        while (at < o->n_after && o->after[at] < v)
            at++;
        if (at == o->n_after || o->after[at] != v) {
            if (o->n_after == GP_HIT_AFTER_MAX)
                return gp_cli_usage(c, "--after '%s': at most %d numbers", text, GP_HIT_AFTER_MAX);
            memmove(&o->after[at + 1], &o->after[at], (size_t)(o->n_after - at) * sizeof *o->after);
            o->after[at] = (int)v;
            o->n_after++;
        }
        p = *end ? end + 1 : end;
    }
    return o->n_after ? -1 : gp_cli_usage(c, "--after is empty: numbers of bars with commas between, such as 1,3,5,10,20");
}

static int parse_entry(const gp_cli *c, gp_hitrate_opts *o)
{
    static const char *const words[] = {"next-open", "next-close", "close"};
    if (!c->entry)
        return -1;
    for (int i = 0; i < 3; i++)
        if (gp_str_ieqz(gp_str_from(c->entry), words[i])) {
            o->entry = (gp_entry_at)i;
            return -1;
        }
    return gp_cli_usage(c, "--entry '%s': of signals it is when to buy: next-open, next-close or close; a condition is given with --where", c->entry);
}

int gp_cli_limit(const gp_cli *c, int *thousandths)
{
    double v;
    *thousandths = -1;
    if (!c->limit)
        return -1;
    size_t n = strlen(c->limit);
    if (gp_str_ieqz(gp_str_from(c->limit), "none")) {
        *thousandths = 0;
        return -1;
    }
    n -= n && c->limit[n - 1] == '%';
    if (!gp_num_parse(c->limit, n, &v) || !(v >= 0.1) || v > 100)
        return gp_cli_usage(c, "--limit '%s': a percentage from 0.1 to 100, such as 10, or none", c->limit);
    *thousandths = (int)(v * 10 + 0.5);
    return -1;
}

int gp_cli_bad_words(const gp_cli *c)
{
    int stdins = 0;
    for (int i = 0; i < c->n_args; i++)
        stdins += strcmp(c->args[i], "-") == 0;
    if (stdins > 1)
        return gp_cli_usage(c, "standard input (-) can be given once");
    if (c->n_args < (c->expression ? 1 : 2))
        return gp_cli_usage(c, c->n_args || c->expression ? "no quotes given: name files, folders or -"
                                                          : "which formula, and which quotes? (-e TEXT gives a formula on the command line)");
    return -1;
}

int gp_cli_hit_options(const gp_cli *c, const char *bars, gp_hitrate_opts *o)
{
    int status = gp_cli_bad_words(c);
    *o = (gp_hitrate_opts){.jobs = c->jobs, .from = c->from, .to = c->to, .by = (gp_hit_by)c->by, .draws = c->draws < 0 ? 0 : c->draws ? c->draws : DRAWS,
                           .seed = c->seed, .apart = c->shift == 1, .keep_limit = c->keep_limit, .shape = c->plot_file || c->script_only};
    if (status < 0)
        status = parse_after(c, bars, o);
    if (status < 0)
        status = parse_entry(c, o);
    if (status < 0)
        status = gp_cli_check_worth_plot(c);
    return status < 0 ? gp_cli_limit(c, &o->limit) : status;
}

/* ---- look-ahead ---- */

void gp_cli_ahead_short(const gp_ahead *a, gp_buf *out)
{
    gp_buf text = {0};
    gp_cli_ahead_text(a, &text);
    gp_buf_addz(out, text.p + (strncmp(text.p, "yes, ", 5) == 0 ? 5 : 0));
    gp_buf_free(&text);
}

bool gp_cli_refuse_ahead(const gp_cli *c, const gp_program *p, char **says)
{
    const gp_ahead a = gp_program_ahead(p);
    gp_buf text = {0};
    *says = NULL;
    if (a.kind == GP_FUTURE_NONE)
        return false;
    gp_cli_ahead_short(&a, &text);
    if (!c->allow_future)
        gp_cli_error(c, "the formula looks ahead (%s): what it gains in the past nobody could have gained.\n"
                        "  Use a function that waits for its confirmation, or see what it would be with --allow-future", text.p);
    *says = text.p;
    return !c->allow_future;
}

/* ---- rows ---- */

static void keys(sheet *s, const gp_cli *c, const gp_hit_row *r)
{
    s->n = 0;
    sheet_text(s, "signal", r->signal);
    if (c->by)
        sheet_text(s, c->by == GP_HIT_BY_YEAR ? "year" : "code", r->group ? r->group : c->zh && c->format == GP_FORMAT_TABLE ? "全部" : "all");
    sheet_number(s, "after", r->after, 0);
}

/* What the signals gave. */
static void gains(sheet *s, const gp_hit_row *r, bool whole)
{
    sheet_number(s, "n", (double)r->n, 0);
    sheet_percent(s, "win_pct", r->win);
    sheet_percent(s, "win_low", r->win_low);
    sheet_percent(s, "win_high", r->win_high);
    sheet_percent(s, "mean_pct", r->mean);
    sheet_percent(s, "q10", r->q10);
    if (whole)
        sheet_percent(s, "q25", r->q25);
    sheet_percent(s, "median", r->median);
    if (whole)
        sheet_percent(s, "q75", r->q75);
    sheet_percent(s, "q90", r->q90);
    sheet_percent(s, "worst", r->worst);
    sheet_percent(s, "best", r->best);
    sheet_percent(s, "mae", r->mae);
    if (whole)
        sheet_percent(s, "mae_worst", r->mae_worst);
    sheet_percent(s, "mfe", r->mfe);
    if (whole)
        sheet_percent(s, "mfe_best", r->mfe_best);
}

/* And beside that. */
static void beside(sheet *s, const gp_hit_row *r)
{
    sheet_percent(s, "mean_pct", r->mean);
    sheet_percent(s, "same_days", r->day_mean);
    sheet_percent(s, "excess", r->excess);
    sheet_number(s, "p", r->p, 4);
    sheet_number(s, "base_n", (double)r->base_n, 0);
    sheet_percent(s, "base_win", r->base_win);
    sheet_percent(s, "base_mean", r->base_mean);
    sheet_percent(s, "base_median", r->base_median);
    sheet_number(s, "days", (double)r->days, 0);
    sheet_number(s, "independent", (double)r->independent, 0);
    sheet_number(s, "waiting", r->group ? NAN : (double)r->waiting, 0);
}

static void every(sheet *s, const gp_hit_row *r, const char *ahead)
{
    gains(s, r, true);
    const int n = s->n;
    beside(s, r);
    memmove(&s->column[n], &s->column[n + 1], (size_t)(s->n - n - 1) * sizeof *s->column); /* the mean stands there already */
    memmove(&s->cell[n], &s->cell[n + 1], (size_t)(s->n - n - 1) * sizeof *s->cell);
    s->n--;
    if (ahead)
        sheet_text(s, "looks_ahead", ahead);
}

enum { GAINS, BESIDE, EVERY };

static bool write_sheet(const gp_cli *c, const gp_hitrate *r, int what, const char *ahead)
{
    gp_writer *w = NULL;
    sheet s;
    const gp_hit_row none = {.signal = ""};
    for (size_t i = 0; i < r->n_rows || !w; i++) {
        const gp_hit_row *row = i < r->n_rows ? &r->rows[i] : &none;
        keys(&s, c, row);
        if (what == GAINS)
            gains(&s, row, false);
        else if (what == BESIDE)
            beside(&s, row);
        else
            every(&s, row, ahead);
        gp_cli_columns_zh(c, GP_JUDGE_HITRATE, s.column, s.n);
        if (!w)
            w = gp_writer_new(stdout, c->format, s.column, s.n, c->colour);
        if (i < r->n_rows)
            gp_writer_row(w, s.cell);
    }
    return gp_writer_end(w);
}

/* ---- words around them ---- */

static const char *plural(int64_t n) { return n == 1 ? "" : "s"; }

static void describe(const gp_cli *c, const gp_hitrate *r, const gp_hitrate_opts *o, gp_buf *out)
{
    static const char *const bought[] = {"the open of the bar after the signal", "the close of the bar after the signal", "the close of the signal's bar"};
    static const char *const bought_zh[] = {"信号次日开盘买入", "信号次日收盘买入", "信号当日收盘买入"};
    static const char *const bought_within[] = {"信号下一根K线开盘买入", "信号下一根K线收盘买入", "信号当根K线收盘买入"};
    const bool daily = r->finest >= 5;
    gp_buf_printf(out, c->zh ? "%zu 只证券, " : r->tickers == 1 ? "%zu security, " : "%zu securities, ", r->tickers);
    if (r->bars)
        gp_buf_printf(out, c->zh ? "%04d-%02d-%02d 至 %04d-%02d-%02d, " : "%04d-%02d-%02d to %04d-%02d-%02d, ", r->first_day / 10000, r->first_day / 100 % 100,
                      r->first_day % 100, r->last_day / 10000, r->last_day / 100 % 100, r->last_day % 100);
    if (c->zh)
        gp_buf_printf(out, "%lld 根K线; %s, 再过 N 根K线收盘卖出; 未计费用", (long long)r->bars, (daily ? bought_zh : bought_within)[o->entry]);
    else
        gp_buf_printf(out, "%lld bar%s; bought at %s, sold at the close N bars after that; no costs", (long long)r->bars, plural(r->bars), bought[o->entry]);
}

static void tell_fate(const gp_cli *c, const gp_hit_fate *f, gp_buf *out)
{
    const struct { int64_t n; const char *en, *zh; } left[] = {{f->at_limit, "at the upper limit", "涨停无法买入"}, {f->halted, "without trade that day", "当日停牌"},
                                                              {f->bad_price, "without a usable price", "无有效价格"}, {f->no_bar, "on the last bar of the data", "在最后一根K线, 尚未买入"}};
    const char *before = c->zh ? "; 剔除: " : "; left out: ";
    gp_buf_printf(out, c->zh ? "%s: 信号 %lld 次" : "%s: %lld signal%s", f->signal, (long long)f->found, plural(f->found));
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (left[i].n) {
            gp_buf_printf(out, c->zh ? "%s%lld 次%s" : "%s%lld %s", before, (long long)left[i].n, c->zh ? left[i].zh : left[i].en);
            before = ", ";
        }
}

static bool print_table(const gp_cli *c, const gp_hitrate *r, const gp_hitrate_opts *o, const char *ahead)
{
    gp_buf b = {0};
    if (ahead) {
        gp_cli_ahead_warning(c, ahead, &b);
        gp_buf_addc(&b, '\n');
    }
    describe(c, r, o, &b);
    gp_buf_addc(&b, '\n');
    for (int i = 0; i < r->n_fates; i++) {
        tell_fate(c, &r->fates[i], &b);
        gp_buf_addc(&b, '\n');
    }
    gp_buf_addz(&b, c->zh ? "\n收益单位为 %; 胜率下限至上限: 95 % 置信区间; 最大浮亏, 最大浮盈: 持有期间最深跌幅与最高涨幅的平均\n"
                          : "\nReturns in %; win_low to win_high: 95 % interval; mae, mfe: mean of the deepest fall and highest rise while held\n");
    gp_cli_put_text((gp_str){b.p, b.n});
    bool ok = write_sheet(c, r, GAINS, ahead);
    b.n = 0;
    if (o->draws)
        gp_buf_printf(&b, c->zh ? "\n对照: 同日平均为同一批证券在信号当日的收益; p 值: %d 次随机平移中不逊于信号的比例; 基准: 任意一根K线\n"
                                : "\nBeside that: the same securities on the same days; p: share of %d random shifts that were as good; base: any bar\n", o->draws);
    else
        gp_buf_addz(&b, c->zh ? "\n对照: 同日平均为同一批证券在信号当日的收益; 基准: 任意一根K线; 未做随机平移 (--draws 0), 故 p 值为空\n"
                              : "\nBeside that: the same securities on the same days; base: any bar; no random shifts (--draws 0), so p is empty\n");
    gp_cli_put_text((gp_str){b.p, b.n});
    ok = write_sheet(c, r, BESIDE, ahead) && ok;
    gp_buf_free(&b);
    return ok;
}

/* Of all signals: what they may have been, and what one has to know of them. */
static void note_signals(const gp_cli *c, const gp_hitrate *r, const gp_hitrate_opts *o)
{
    int64_t same_day = 0, maybe_st = 0, beyond = 0, near_zero = 0;
    for (int i = 0; i < r->n_fates; i++) {
        beyond += r->fates[i].beyond;
        same_day += r->fates[i].same_day;
        maybe_st += r->fates[i].maybe_st;
        near_zero += r->fates[i].near_zero;
    }
    if (near_zero)
        gp_cli_note(c, c->zh ? "%lld 次信号的买价低于 0.5 元: 是否为前复权数据? 此时百分比没有意义; 请用后复权数据, 或 data adjust --way factor"
                             : "%lld signal%s bought below 0.5 yuan: forward-adjusted prices (前复权) near zero? Percentages of them mean nothing; take 后复权, or data adjust --way factor",
                    (long long)near_zero, near_zero == 1 ? " was" : "s were");
    if (beyond)
        gp_cli_note(c, c->zh ? "剔除的信号中有 %lld 次买价超出涨停价: 是否为跨除权日的不复权数据? 复权数据才反映真实盈亏; --keep-limit 照样计入"
                             : "%lld of the signals left out could be bought only beyond the price limit: are the quotes unadjusted over an ex-rights day? Adjusted quotes show the true "
                               "gain; --keep-limit counts them all the same", (long long)beyond);
    if (maybe_st)
        gp_cli_note(c, c->zh ? "%lld 次信号以昨收上涨 5%% 的价格买入, 且该K线未再走高: 若当日为 ST 则是涨停, 数据未说明是否 ST. 可用 isST 列或名称列说明; 始终为 ST 的数据用 --limit 5%%"
                             : "%lld signal%s bought at 5 %% above the close before on a bar that went no higher: the upper limit if that was a day of ST, of which the data say nothing. "
                               "A column isST or name tells; --limit 5%% is for data that are ST throughout", (long long)maybe_st, maybe_st == 1 ? " was" : "s were");
    if (same_day)
        gp_cli_note(c, c->zh ? "持有 %d 根K线时%s有 %lld 次收益在买入当日了结: A 股 T+1 不许当日卖出. --after 取更多根数可避开; backtest 遵守 T+1"
                             : "after %d bar%s %lld of the returns end on the day of the purchase: T+1 forbids that sale of A shares. A longer --after leaves the day; backtest keeps T+1",
                    o->after[0], c->zh ? "" : plural(o->after[0]), (long long)same_day);
}

/* Horizons that no signal lived to see: a row without a figure says nothing of why. */
static void note_unreached(const gp_cli *c, const gp_hitrate *r)
{
    gp_buf list = {0};
    int last = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        int64_t n = 0, waiting = 0;
        for (size_t k = 0; k < r->n_rows; k++) {
            n += r->rows[k].after == r->rows[i].after ? r->rows[k].n : 0;
            waiting += r->rows[k].after == r->rows[i].after ? r->rows[k].waiting : 0;
        }
        if (n || !waiting || r->rows[i].after <= last)
            continue;
        last = r->rows[i].after;
        gp_buf_printf(&list, "%s%d", list.n ? ", " : "", last);
    }
    if (list.n)
        gp_cli_note(c, c->zh ? "持有 %s 根K线没有一个收益%s: 信号之后的K线不够 (最长的历史 %d 根%s)" : "no signal has a return after %s bar%s: the data end before that (the longest history has %d bar%s)",
                    list.p, c->zh ? "" : plural(strcmp(list.p, "1") == 0 ? 1 : 2), r->longest, c->zh ? "" : plural(r->longest));
    gp_buf_free(&list);
}

static void print_notes(const gp_cli *c, const gp_plan *p, const gp_hitrate *r, const gp_hitrate_opts *o, const char *ahead)
{
    gp_buf b = {0};
    int64_t found = 0;
    for (int i = 0; i < r->n_fates; i++)
        found += r->fates[i].found;
    if (c->diag_json)
        return;
    if (c->format != GP_FORMAT_TABLE) {
        describe(c, r, o, &b);
        gp_cli_note(c, "%s", b.p);
        for (int i = 0; i < r->n_fates; i++) {
            b.n = 0;
            tell_fate(c, &r->fates[i], &b);
            gp_cli_note(c, "%s", b.p);
        }
        if (ahead)
            gp_cli_note(c, c->zh ? "含未来函数 (%s): 当时无人能据此交易" : "the formula looks ahead (%s): nobody could have traded this", ahead);
    }
    gp_buf_free(&b);
    if (gp_program_today(p->program))
        gp_cli_note(c, c->zh ? "%s 反映的是运行当日的情况, 用于历史K线也如此: 当时并不知道" : "%s tells of the day of the run, on past bars as well: what it picks was not known then",
                    gp_program_today(p->program));
    if (found && r->tickers == 1)
        gp_cli_note(c, c->zh ? "只有一只证券: 同日平均就是它自己, 超额收益没有意义" : "one security: same_days is that security itself, and excess says nothing");
    note_signals(c, r, o);
    if (!r->bars && (c->from || c->to))
        gp_cli_note(c, c->zh ? "所求日期 (--from, --to) 内没有任何K线" : "no security has a bar on the days asked for (--from, --to)");
    else if (!found)
        gp_cli_note(c, c->zh ? "%s%lld 根K线上没有一次信号%s: 条件是否太严, 或历史太短 (最长 %d 根%s)?"
                             : "no signal on %s%lld bar%s: is the condition too strict, or the history too short (the longest has %d bar%s)?",
                    c->zh || r->bars == 1 ? "" : "any of ", (long long)r->bars, c->zh ? "" : plural(r->bars), r->longest, c->zh ? "" : plural(r->longest));
    else
        note_unreached(c, r);
    for (int k = 0; k < r->n_fates; k++) {
        const gp_hit_row *row = NULL;
        for (size_t i = 0; i < r->n_rows && !row; i++)
            row = r->rows[i].signal == r->fates[k].signal ? &r->rows[i] : NULL;
        if (row && row->n > 0 && row->independent < 30)
            gp_cli_note(c, c->zh ? "%s: 信号只有 %lld 个独立天数: 太少, 分不清本领与运气" : "%s: its signals are only %lld independent day%s: too few to tell skill from luck", row->signal,
                        (long long)row->independent, plural(row->independent));
    }
}

/* ---- the command ---- */

static int picture(const gp_cli *c, const gp_hitrate *r, const gp_hitrate_opts *o, const char *ahead)
{
    gp_buf caption = {0};
    describe(c, r, o, &caption);
    const int status = gp_cli_hitrate_plot(c, r, caption.p, ahead);
    gp_buf_free(&caption);
    return status;
}

static int hitrate(gp_cli *c, const gp_plan *plan, gp_hitrate_opts *o, const char *ahead)
{
    gp_cli_progress bar = {.began = gp_cli_now()};
    gp_diags d = {.limit = (size_t)-1};
    gp_inputs inputs = {0};
    gp_companions *companions;
    gp_hitrate r;
    int bad = 0, status = GP_EXIT_OK;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    if (!gp_cli_companions(c, plan->program, NULL, &inputs, &companions, &status)) {
        gp_diags_fini(&d);
        gp_inputs_fini(&inputs);
        return status;
    }
    o->companions = companions;
    o->progress_ctx = &bar;
    if (!c->quiet && !c->diag_json && isatty(STDERR_FILENO))
        o->progress = gp_cli_show_progress;
    o->accel = gp_cli_accel_over(c, plan->program, &inputs, plan->n_signals + (plan->where >= 0));
    gp_hitrate_run(plan, &inputs, o, &r, &d);
    if (bar.shown)
        fputs("\r\033[K", stderr);
    const size_t skipped = r.skipped + (size_t)bad;
    int64_t found = 0;
    for (int i = 0; i < r.n_fates; i++)
        found += r.fates[i].found;
    gp_cli_data_diags(c, &d);
    if (!r.tickers) {
        if (!c->data.universe || !gp_universe_empty(c->data.universe)) /* an empty one is said for every command */
            gp_cli_error(c, "no quotes could be read");
        status = GP_EXIT_NO_DATA;
    } else if (c->script_only) {
        status = picture(c, &r, o, ahead);
    } else if (!(c->format == GP_FORMAT_TABLE ? print_table(c, &r, o, ahead) : write_sheet(c, &r, EVERY, ahead))) {
        status = GP_EXIT_NO_DATA; /* main says why */
    } else {
        fflush(stdout);
        print_notes(c, plan, &r, o, ahead);
        status = c->plot_file ? picture(c, &r, o, ahead) : GP_EXIT_OK;
        if (status == GP_EXIT_OK && (skipped || (c->fail_empty && !found)))
            status = GP_EXIT_PARTIAL;
    }
    gp_cli_companions_end(c, companions);
    gp_cli_accel_end(c, o->accel);
    if (!c->quiet && !c->diag_json)
        fprintf(stderr, c->zh ? "%zu 只证券%s, %lld 次信号%s%s%.2f 秒\n" : "%zu ticker%s, %lld signal%s%s%.2f s\n", r.tickers, c->zh ? "" : plural((int64_t)r.tickers), (long long)found,
                c->zh ? "" : plural(found), !skipped ? ", " : c->zh ? " (部分文件已跳过), " : " (some files skipped), ", gp_cli_now() - bar.began);
    gp_hitrate_fini(&r);
    gp_inputs_fini(&inputs);
    return status;
}

int gp_cmd_hitrate(gp_cli *c)
{
    gp_diags d = {0};
    gp_plan plan;
    gp_hitrate_opts o;
    int status = gp_cli_hit_options(c, "1,3,5,10,20", &o);
    if (status >= 0)
        return status;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_cli_diags(c, &d);
        return status;
    }
    const gp_plan_spec spec = {.signals = c->signals, .n_signals = c->n_signals, .select = c->select, .where = c->where, .once = true,
                               .compile = gp_cli_compile_opts(c)};
    const gp_plan_status made = gp_plan_new(f, &spec, &plan, &d);
    char *ahead = NULL;
    gp_cli_diags(c, &d);
    if (made != GP_PLAN_OK) {
        gp_formula_free(f);
        return made == GP_PLAN_USAGE ? GP_EXIT_USAGE : GP_EXIT_FORMULA;
    }
    gp_cli_plan_notes(c, &plan);
    status = gp_cli_refuse_ahead(c, plan.program, &ahead) ? GP_EXIT_AHEAD : hitrate(c, &plan, &o, ahead);
    free(ahead);
    gp_plan_fini(&plan);
    gp_formula_free(f);
    return status;
}
