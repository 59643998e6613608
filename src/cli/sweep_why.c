/* After a sweep: why sets are not ranked, and which of its figures say nothing. */
#include "cli/sweep.h"

enum { FEW_DAYS = 20 };

static const char *plural(double n) { return n == 1 ? "" : "s"; }

/* Does any day have a security beside another one? */
static bool has_company(const gp_sweep_market *m)
{
    for (size_t i = 0; i < m->n_days; i++)
        if (m->base[i].n > 1)
            return true;
    return false;
}

/* Why a metric has no value though there are signals enough. */
static const char *without_value(const gp_cli *c, const gp_sweep_report *r)
{
    const bool zh = c->zh;
    switch (r->metric) {
    case GP_SCORE_T:
        if (has_company(&r->market))
            return zh ? "t 需要两个持有期不重叠的信号日, 且同日另有没有信号的证券: --metric mean 没有此要求"
                      : "t needs two days with signals whose holding times do not overlap, and securities without a signal beside them: --metric mean needs neither";
        return zh ? "t 与同日其他证券相比: --metric mean 或 win-low 不需要" : "t compares with other securities on the same days: --metric mean or win-low needs none";
    case GP_SCORE_EXCESS:
        return zh ? "超额收益与同日其他证券相比: --metric mean 或 win-low 不需要" : "excess compares with other securities on the same days: --metric mean or win-low needs none";
    case GP_SCORE_PROFIT_FACTOR: return zh ? "获利因子需要有亏损的交易: --metric trade-mean 或 profit 不需要" : "profit-factor needs a trade with a loss: --metric trade-mean or profit needs none";
    case GP_SCORE_PAYOFF:
        return zh ? "盈亏比需要有盈利的和有亏损的交易: --metric trade-mean 或 profit 不需要" : "payoff needs a trade with a gain and one with a loss: --metric trade-mean or profit needs neither";
    case GP_SCORE_SORTINO: return zh ? "索提诺比率需要账户有下跌的日子: --metric profit 或 sharpe 不需要" : "sortino needs a day on which the account fell: --metric profit or sharpe needs none";
    case GP_SCORE_CALMAR:
        return zh ? "卡玛比率需要可折算的一年和一次回撤: --metric profit 或 sharpe 不需要" : "calmar needs a year that can be compounded and a fall from a peak: --metric profit or sharpe needs none";
    case GP_SCORE_SHARPE: case GP_SCORE_VOLATILITY:
        return zh ? "它需要账户逐日有变动: --metric profit 不需要" : "it needs an account that changes from day to day: --metric profit needs none";
    default: return zh ? "天数太少: --metric profit 没有此要求" : "the days are too few for it: --metric profit needs none";
    }
}

/* Figures of the later days that rest on next to nothing. */
static void tell_later(const gp_cli *c, const gp_sweep_report *r)
{
    const size_t days = r->market.n_days - r->split;
    if (r->split >= r->market.n_days || !r->trials.ranked)
        return;
    const bool trades = gp_sweep_by_trades(r);
    const double n = r->trials.top[0].out.at[trades ? GP_SCORE_TRADES : GP_SCORE_N];
    if (days < FEW_DAYS)
        gp_cli_note(c, c->zh ? "样本外只有 %zu 天: 太少, 说明不了什么; --split 取更早的日期可多留几天" : "the later days are %zu: too few for out_ to say anything; an earlier --split leaves more", days);
    else if (!(n > 0) && c->zh)
        gp_cli_note(c, "最优组在样本外没有%s: 样本外一栏说明不了什么", trades ? "已平仓的交易" : "结果已知的信号");
    else if (!(n > 0))
        gp_cli_note(c, "the best set has no %s in the later days: out_ says nothing of it", trades ? "closed trade" : "signal whose outcome is known");
}

/* No set is ranked, as none has signals enough. */
static void tell_none(const gp_cli *c, const gp_sweep_report *r, bool trades)
{
    const gp_trials *t = &r->trials;
    const bool less = r->least > 1 && t->most_n > 0; /* would do */
    if (c->zh)
        gp_cli_note(c, "没有一组有 %.0f %s (最多的有 %.0f): 条件是否太严, 或历史太短 (最长 %d 根)?%s", r->least, trades ? "笔已平仓交易" : "次持有期已满的信号", t->most_n, r->market.read.longest,
                    less ? " --least 1 可就现有的排序" : "");
    else
        gp_cli_note(c, "no set has %.0f %s%s (the most is %.0f): is the condition too strict, or the history too short (the longest has %d bars)?%s", r->least,
                    trades ? "closed trade" : r->least == 1 ? "signal whose bars have passed" : "signals whose bars have passed", trades ? plural(r->least) : "", t->most_n,
                    r->market.read.longest, less ? " --least 1 ranks what there is" : "");
}

void gp_cli_sweep_why(const gp_cli *c, const gp_sweep_report *r)
{
    const gp_trials *t = &r->trials;
    const bool trades = gp_sweep_by_trades(r);
    const size_t few = t->n - t->ranked - t->no_value;
    if (!trades && !has_company(&r->market))
        gp_cli_note(c, c->zh ? "只有一只证券: 同日平均就是它自己, 超额收益没有意义; 超额收益, t 值与运气都没有数值"
                             : "one security: same_days is that security itself, and excess says nothing; excess, t and luck have no value");
    if (!t->ranked && few == t->n)
        tell_none(c, r, trades);
    else if (few && c->zh)
        gp_cli_note(c, "%zu 组 (共 %zu 组) 不足 %.0f %s, 未参与排序 (--least)", few, t->n, r->least, trades ? "笔已平仓交易" : "次信号");
    else if (few)
        gp_cli_note(c, "%zu of %zu set%s ha%s fewer than %.0f %s%s and %s not ranked (--least)", few, t->n, plural((double)t->n), few == 1 ? "s" : "ve", r->least,
                    trades ? "closed trade" : "signal", plural(r->least), few == 1 ? "is" : "are");
    tell_later(c, r);
    if (t->no_value && c->zh)
        gp_cli_note(c, "%zu 组 (共 %zu 组) 的%s没有数值, 未参与排序: %s", t->no_value, t->n, gp_metrics[r->metric].zh, without_value(c, r));
    else if (t->no_value)
        gp_cli_note(c, "%zu of %zu set%s ha%s no value of %s and %s not ranked: %s", t->no_value, t->n, plural((double)t->n), t->no_value == 1 ? "s" : "ve", gp_metrics[r->metric].name,
                    t->no_value == 1 ? "is" : "are", without_value(c, r));
}

/* A parameter that nothing hangs on is rather a slip than a question. */
void gp_cli_sweep_tell_idle(const gp_cli *c, const gp_sweep_report *r, const gp_sweep_opts *o)
{
    for (int k = 0; k < r->n_formula && !c->diag_json; k++)
        if (gp_sweep_idle_axis(r->plan, o, k))
            gp_cli_note(c, c->zh ? "%s 不影响%s: 它的各个取值结果相同" : "%s changes nothing of %s: its values stand beside each other with the same figures", r->grid.axes[k].name,
                        !gp_sweep_by_trades(r) ? r->plan->signals[0].label : c->zh ? "交易" : "the trades");
}
