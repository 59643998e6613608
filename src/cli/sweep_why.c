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
static const char *without_value(const gp_sweep_report *r)
{
    switch (r->metric) {
    case GP_SCORE_T:
        return has_company(&r->market) ? "t needs two days with signals whose holding times do not overlap, and securities without a signal beside them: --metric mean needs neither"
                                       : "t compares with other securities on the same days: --metric mean or win-low needs none";
    case GP_SCORE_EXCESS: return "excess compares with other securities on the same days: --metric mean or win-low needs none";
    case GP_SCORE_PROFIT_FACTOR: return "profit-factor needs a trade with a loss: --metric trade-mean or profit needs none";
    case GP_SCORE_PAYOFF: return "payoff needs a trade with a gain and one with a loss: --metric trade-mean or profit needs neither";
    case GP_SCORE_SORTINO: return "sortino needs a day on which the account fell: --metric profit or sharpe needs none";
    case GP_SCORE_CALMAR: return "calmar needs a year that can be compounded and a fall from a peak: --metric profit or sharpe needs none";
    case GP_SCORE_SHARPE: case GP_SCORE_VOLATILITY: return "it needs an account that changes from day to day: --metric profit needs none";
    default: return "the days are too few for it: --metric profit needs none";
    }
}

/* Figures of the later days that rest on next to nothing. */
static void tell_later(const gp_cli *c, const gp_sweep_report *r)
{
    const size_t days = r->market.n_days - r->split;
    if (r->split >= r->market.n_days || !r->trials.n_top)
        return;
    const double n = r->trials.top[0].out.at[gp_sweep_by_trades(r) ? GP_SCORE_TRADES : GP_SCORE_N];
    const char *what = gp_sweep_by_trades(r) ? "closed trade" : "signal whose outcome is known";
    if (days < FEW_DAYS)
        gp_cli_note(c, "the later days are %zu: too few for out_ to say anything; an earlier --split leaves more", days);
    else if (!(n > 0))
        gp_cli_note(c, "the best set has no %s in the later days: out_ says nothing of it", what);
}

void gp_cli_sweep_why(const gp_cli *c, const gp_sweep_report *r)
{
    const gp_trials *t = &r->trials;
    const bool trades = gp_sweep_by_trades(r);
    const size_t few = t->n - t->ranked - t->no_value;
    const char *metric = gp_metrics[r->metric].name;
    if (!trades && !has_company(&r->market))
        gp_cli_note(c, "one security: same_days is that security itself, and excess says nothing; excess, t and luck have no value");
    if (!t->ranked && few == t->n)
        gp_cli_note(c, "no set has %.0f %s%s (the most is %.0f): is the condition too strict, or the history too short (the longest has %d bars)?%s", r->least,
                    trades ? "closed trade" : r->least == 1 ? "signal whose bars have passed" : "signals whose bars have passed", trades ? plural(r->least) : "", t->most_n,
                    r->market.read.longest, r->least > 1 && t->most_n > 0 ? " --least 1 ranks what there is" : "");
    else if (few)
        gp_cli_note(c, "%zu of %zu set%s ha%s fewer than %.0f %s%s and %s not ranked (--least)", few, t->n, plural((double)t->n), few == 1 ? "s" : "ve", r->least,
                    trades ? "closed trade" : "signal", plural(r->least), few == 1 ? "is" : "are");
    tell_later(c, r);
    if (t->no_value)
        gp_cli_note(c, "%zu of %zu set%s ha%s no value of %s and %s not ranked: %s", t->no_value, t->n, plural((double)t->n), t->no_value == 1 ? "s" : "ve", metric,
                    t->no_value == 1 ? "is" : "are", without_value(r));
}
