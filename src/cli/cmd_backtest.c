/* goldpit backtest: from the options to the run.  The report is in backtest_report.c. */
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/pool.h"
#include "cli/backtest.h"
#include "cli/table.h"
#include "cli/worth.h"
#include "market/universe.h"

/* ---- options ---- */

/* A percentage with or without its sign, as millionths; -1 to go on. */
static int parse_percent(const gp_cli *c, const char *option, const char *text, double most, int64_t *millionths)
{
    double v;
    if (!text)
        return -1;
    size_t n = strlen(text);
    n -= n && text[n - 1] == '%';
    if (!gp_num_parse(text, n, &v) || !(v >= 0) || v > most)
        return gp_cli_usage(c, "--%s '%s': a percentage from 0 to %g", option, text, most);
    *millionths = (int64_t)(v * 10000 + 0.5);
    return -1;
}

static int parse_yuan(const gp_cli *c, const char *option, const char *text, double least, gp_money *out)
{
    double v;
    if (!text)
        return -1;
    if (!gp_num_parse(text, strlen(text), &v) || !(v >= least) || v * GP_PRICE_ONE > (double)GP_CASH_MOST)
        return gp_cli_usage(c, "--%s '%s': an amount in yuan from %g to 100000000000", option, text, least);
    *out = (gp_money)(v * GP_PRICE_ONE + 0.5);
    return -1;
}

/* "5%" is a share of the price, anything else an expression. */
static int parse_distance(const gp_cli *c, const char *option, const char *text, double most, gp_distance *out)
{
    double v;
    if (!text)
        return -1;
    const size_t n = strlen(text);
    if (gp_str_ieqz(gp_str_from(text), "none")) /* as sweep takes it */
        return -1;
    out->given = true;
    out->per_bar = n == 0 || text[n - 1] != '%';
    if (out->per_bar) {
        if (gp_num_parse(text, n, &v))
            gp_cli_note(c, "--%s %s is a distance of %s yuan; a percentage is written %s%%", option, text, text, text);
        return -1;
    }
    if (strpbrk(text, ",:") && strspn(text, "0123456789.,:% ") == n && strcmp(c->command, "sweep") != 0)
        return gp_cli_usage(c, "--%s '%s': %s takes one value; goldpit sweep tries several (--%s %s --metric sharpe)", option, text, c->command, option, text);
    if (!gp_num_parse(text, n - 1, &v) || !(v > 0) || v >= most)
        return gp_cli_usage(c, "--%s '%s': a percentage above 0 and below %.7g, or an expression in yuan such as '2*ATR.ATR'", option, text, most);
    out->millionths = (int64_t)(v * 10000 + 0.5);
    return -1;
}

static int parse_rules(const gp_cli *c, gp_trade_rules *r)
{
    *r = (gp_trade_rules){.fill = (gp_fill_at)c->fill, .same_day = c->same_day, .shorts = c->shorts, .lot = c->lot, .hold = c->hold, .commission = 250,
                          .commission_min = 5 * GP_PRICE_ONE, .stamp = -1, .transfer = -1};
    int status = gp_cli_limit(c, &r->limit);
    const struct { const char *option, *text; int64_t *to; } percents[] = {{"commission", c->commission, &r->commission}, {"stamp", c->stamp, &r->stamp},
                                                                         {"transfer", c->transfer, &r->transfer}, {"slippage", c->slippage, &r->slippage}};
    const struct { const char *option, *text; double most; gp_distance *to; } distances[] = {{"stop", c->stop, 100, &r->stop}, {"target", c->target, 1e6, &r->target},
                                                                                           {"trail", c->trail, 100, &r->trail}};
    for (size_t i = 0; i < sizeof percents / sizeof *percents && status < 0; i++)
        status = parse_percent(c, percents[i].option, percents[i].text, 10, percents[i].to);
    for (size_t i = 0; i < sizeof distances / sizeof *distances && status < 0; i++)
        status = parse_distance(c, distances[i].option, distances[i].text, distances[i].most, distances[i].to);
    return status < 0 ? parse_yuan(c, "commission-min", c->commission_min, 0, &r->commission_min) : status;
}

/* The words that hitrate has for the time of a purchase: read as conditions, close would hold on every bar. */
static int entry_word(const gp_cli *c)
{
    static const char *const words[] = {"next-open", "next-close", "close", "open"};
    for (size_t i = 0; i < sizeof words / sizeof *words && c->entry; i++)
        if (gp_str_ieqz(gp_str_from(c->entry), words[i]))
            return gp_cli_usage(c, "--entry '%s': of trades --entry is the condition to buy, such as --entry 'CROSS(C,MA(C,20))'; at what price is --fill close or --fill next-open%s",
                                c->entry, i == 1 ? " (not at the next close)" : i == 2 ? " (if the condition is meant: --entry 'CLOSE>0')" : "");
    return -1;
}

int gp_cli_test_options(const gp_cli *c, gp_backtest_opts *o)
{
    int status = gp_cli_bad_words(c);
    if (status < 0)
        status = entry_word(c);
    *o = (gp_backtest_opts){.jobs = c->jobs, .from = c->from, .to = c->to, .by = (gp_test_by)c->by, .max_positions = c->max_positions,
                            .cash = (gp_money)(c->max_positions ? 1000000 : 100000) * GP_PRICE_ONE};
    if (status < 0)
        status = parse_rules(c, &o->rules);
    if (status < 0)
        status = parse_yuan(c, "cash", c->cash, 1, &o->cash);
    if (status < 0)
        status = gp_cli_check_worth_plot(c);
    if (status >= 0)
        return status;
    if (c->rank && !c->max_positions)
        return gp_cli_usage(c, "--rank chooses among the candidates of one account: give --max-positions N as well");
    if (c->max_positions && c->by == GP_TEST_BY_CODE)
        return gp_cli_usage(c, "--by code shows accounts of single securities, and --max-positions makes one account of all: use one of them (--trades lists the trades of each)");
    if (c->entry && c->shorts)
        return gp_cli_usage(c, "--entry buys; --short trades ENTERSHORT and EXITSHORT of the formula: use one of them");
    if (c->entry && (c->n_signals || c->select))
        return gp_cli_usage(c, "both --entry and --%s say what to buy on: use one of them", c->n_signals ? "signal" : "select");
    if (c->commission_min && o->rules.commission == 0 && o->rules.commission_min > 0)
        return gp_cli_usage(c, "--commission 0 has no least commission: leave --commission-min out");
    return -1;
}

/* ---- which series trade ---- */

static void add_slot(int *slots, int *n, int slot)
{
    if (slot >= 0 && *n < GP_ORDER_SLOTS)
        slots[(*n)++] = slot;
}

/* What one signal of the plan does; false: nothing of trading. */
static bool sort_signal(const gp_output *o, int slot, gp_order_slots *to)
{
    const gp_str name = gp_str_from(o->name);
    if (o->kind == GP_OUT_DRAW) {
        const int id = o->draw->id;
        const bool buy = id == GP_B_BUY || id == GP_B_BUYSHORT_BUY, sell = id == GP_B_SELL || id == GP_B_SELL_SELLSHORT || id == GP_B_CLOSEALLD;
        const bool sell_short = id == GP_B_SELLSHORT || id == GP_B_SELL_SELLSHORT, cover = id == GP_B_BUYSHORT || id == GP_B_BUYSHORT_BUY || id == GP_B_CLOSEALLK;
        if (buy)
            add_slot(to->enter[0], &to->n_enter[0], slot);
        if (sell)
            add_slot(to->leave[0], &to->n_leave[0], slot);
        if (sell_short)
            add_slot(to->enter[1], &to->n_enter[1], slot);
        if (cover)
            add_slot(to->leave[1], &to->n_leave[1], slot);
        return buy || sell || sell_short || cover;
    }
    static const char *const names[] = {"ENTERLONG", "EXITLONG", "ENTERSHORT", "EXITSHORT"};
    for (int k = 0; k < 4; k++)
        if (gp_str_ieqz(name, names[k])) {
            if (k % 2 == 0)
                add_slot(to->enter[k / 2], &to->n_enter[k / 2], slot);
            else
                add_slot(to->leave[k / 2], &to->n_leave[k / 2], slot);
            return true;
        }
    return false;
}

enum { EXIT, STOP, TARGET, TRAIL, RANK, WHERE, EXTRAS = GP_TEST_EXTRAS };

int gp_cli_test_slots(const gp_cli *c, const gp_plan *p, const int *column, gp_backtest_opts *o)
{
    int n;
    const gp_output *outputs = gp_program_outputs(p->program, &n);
    gp_order_slots *s = &o->slots;
    const int *slot = column;
    s->stop = slot[STOP];
    s->target = slot[TARGET];
    s->trail = slot[TRAIL];
    s->rank = slot[RANK];
    s->where = slot[WHERE] >= 0 ? slot[WHERE] : p->where;
    const bool named = c->entry || c->n_signals || c->select;
    bool trades = false;
    for (int i = 0; i < p->n_signals && !named; i++)
        trades |= sort_signal(&outputs[p->signals[i].output], p->signals[i].slot, s);
    if (named || (!trades && p->n_signals == 1))
        for (int i = 0; i < p->n_signals; i++)
            add_slot(s->enter[0], &s->n_enter[0], p->signals[i].slot);
    if (slot[EXIT] >= 0) {
        s->n_leave[0] = 0;
        add_slot(s->leave[0], &s->n_leave[0], slot[EXIT]);
    }
    if (!s->n_enter[0] && !(o->rules.shorts && s->n_enter[1]))
        return gp_cli_usage(c, s->n_enter[1] ? "the formula only sells short (ENTERSHORT): --short trades that"
                                             : "nothing in the formula says when to buy: it has no ENTERLONG, BUY or single signal; name one with --signal, or give --entry EXPR");
    const bool watched = o->rules.stop.given || o->rules.target.given || o->rules.trail.given || o->rules.hold;
    const char *when = c->stop || c->target || c->trail || c->holds ? " where --stop, --target, --trail and --hold are all none" : "";
    if (s->n_enter[0] && !s->n_leave[0] && !watched)
        return gp_cli_usage(c, "nothing ever sells%s: the formula has no EXITLONG; give --exit EXPR, --hold N, --stop, --target or --trail", when);
    if (o->rules.shorts && s->n_enter[1] && !s->n_leave[1] && !watched)
        return gp_cli_usage(c, "nothing ever covers the shorts%s: the formula has no EXITSHORT; give --hold N, --stop, --target or --trail", when);
    if (o->rules.shorts && !s->n_enter[1])
        gp_cli_note(c, c->zh ? "--short 无可做空: 公式没有 ENTERSHORT 或 SELLSHORT" : "--short has nothing to sell short: the formula has no ENTERSHORT or SELLSHORT");
    if (!o->rules.shorts && s->n_enter[1])
        gp_cli_note(c, "ENTERSHORT and EXITSHORT are left out (A shares can hardly be sold short); --short trades them");
    return -1;
}

gp_plan_status gp_cli_test_plan(const gp_cli *c, gp_formula *f, gp_plan *plan, int *column, const gp_backtest_opts *o, gp_diags *d)
{
    const char *const texts[EXTRAS] = {c->exit, o->rules.stop.per_bar ? c->stop : NULL, o->rules.target.per_bar ? c->target : NULL,
                                       o->rules.trail.per_bar ? c->trail : NULL, c->rank, c->entry ? c->where : NULL};
    static const char *const names[EXTRAS] = {"--exit", "--stop", "--target", "--trail", "--rank", "--where"};
    const char *cols[EXTRAS], *from[EXTRAS];
    int of[EXTRAS], n = 0;
    for (int i = 0; i < EXTRAS; i++)
        if (texts[i]) {
            of[n] = i;
            cols[n] = texts[i];
            from[n++] = names[i];
        }
    const gp_plan_spec spec = {.signals = c->signals, .n_signals = c->n_signals, .select = c->select, .where = c->entry ? c->entry : c->where,
                               .once = true, .narrows = !c->entry, .condition = "--entry", .cols = cols, .col_options = from, .n_cols = n, .compile = gp_cli_compile_opts(c)};
    const gp_plan_status made = gp_plan_new(f, &spec, plan, d);
    for (int i = 0; i < EXTRAS; i++)
        column[i] = -1;
    for (int i = 0; i < n && made == GP_PLAN_OK; i++)
        column[of[i]] = plan->cols[i].slot;
    return made;
}

/* ---- the run ---- */

/* The first file of --index: its days and closes. */
static bool read_benchmark(const gp_cli *c, gp_test_report *r, gp_diags *d)
{
    const gp_read_opts o = {.need = GP_COL_CLOSE, .want = GP_COL_CLOSE, .data = &c->data};
    gp_inputs in = {0};
    int bad = 0;
    if (!c->n_index)
        return true;
    gp_inputs_expand((char *const *)(uintptr_t)c->index, 1, &c->data, &in, &bad, d);
    r->has_benchmark = in.n > 0 && gp_read_input(&in, 0, &o, &r->benchmark, d) && r->benchmark.n > 0;
    gp_inputs_fini(&in);
    return r->has_benchmark;
}

static int backtest(gp_cli *c, const gp_plan *plan, gp_backtest_opts *o, const char *ahead)
{
    gp_cli_progress bar = {.began = gp_cli_now()};
    gp_diags d = {.limit = (size_t)-1};
    gp_inputs inputs = {0};
    gp_companions *companions;
    gp_test_report report = {.o = o, .ahead = ahead};
    int bad = 0, status = GP_EXIT_OK;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    if (!gp_cli_companions(c, plan->program, NULL, &inputs, &companions, &status)) {
        gp_diags_fini(&d);
        gp_inputs_fini(&inputs);
        return status;
    }
    if (!read_benchmark(c, &report, &d)) {
        gp_cli_data_diags(c, &d);
        gp_cli_error(c, "the benchmark cannot be read: --index %s", c->index[0]);
        gp_companions_free(companions);
        gp_inputs_fini(&inputs);
        return GP_EXIT_NO_DATA;
    }
    o->companions = companions;
    o->progress_ctx = &bar;
    if (!c->quiet && !c->diag_json && isatty(STDERR_FILENO))
        o->progress = gp_cli_show_progress;
    o->accel = gp_cli_accel_over(c, plan->program, &inputs, gp_program_n_slots(plan->program));
    gp_backtest_run(plan, &inputs, o, &report.r, &d);
    if (bar.shown)
        fputs("\r\033[K", stderr);
    const size_t skipped = report.r.skipped + (size_t)bad;
    gp_cli_data_diags(c, &d);
    if (!report.r.tickers) {
        if (!c->data.universe || !gp_universe_empty(c->data.universe)) /* an empty one is said for every command */
            gp_cli_error(c, "no quotes could be read");
        status = GP_EXIT_NO_DATA;
    } else {
        status = c->script_only ? GP_EXIT_OK : gp_cli_test_report(c, plan, &report);
        if (status == GP_EXIT_OK && (c->plot_file || c->script_only))
            status = gp_cli_test_plot(c, &inputs, &report);
        if (status == GP_EXIT_OK && (skipped || (c->fail_empty && !report.r.n_trades)))
            status = GP_EXIT_PARTIAL;
    }
    gp_cli_companions_end(c, companions);
    gp_cli_accel_end(c, o->accel);
    if (!c->quiet && !c->diag_json)
        fprintf(stderr, c->zh ? "%zu 只证券%s, %zu 笔交易%s, %s%.2f 秒\n" : "%zu ticker%s, %zu trade%s, %s%.2f s\n", report.r.tickers, c->zh || report.r.tickers == 1 ? "" : "s",
                report.r.n_trades, c->zh || report.r.n_trades == 1 ? "" : "s", !skipped ? "" : c->zh ? "部分文件已跳过, " : "some files skipped, ", gp_cli_now() - bar.began);
    if (report.has_benchmark)
        gp_read_result_fini(&report.benchmark);
    gp_backtest_fini(&report.r);
    gp_inputs_fini(&inputs);
    return status;
}

int gp_cmd_backtest(gp_cli *c)
{
    gp_diags d = {0};
    gp_plan plan;
    gp_backtest_opts o;
    int column[EXTRAS], status = gp_cli_test_options(c, &o);
    if (status >= 0)
        return status;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_cli_diags(c, &d);
        return status;
    }
    const gp_plan_status made = gp_cli_test_plan(c, f, &plan, column, &o, &d);
    char *ahead = NULL;
    gp_cli_diags(c, &d);
    if (made != GP_PLAN_OK) {
        gp_formula_free(f);
        return made == GP_PLAN_USAGE ? GP_EXIT_USAGE : GP_EXIT_FORMULA;
    }
    gp_cli_plan_notes(c, &plan);
    status = gp_cli_test_slots(c, &plan, column, &o);
    if (status < 0)
        status = gp_cli_refuse_ahead(c, plan.program, &ahead) ? GP_EXIT_AHEAD : backtest(c, &plan, &o, ahead);
    free(ahead);
    gp_plan_fini(&plan);
    gp_formula_free(f);
    return status;
}
