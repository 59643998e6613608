#include "worth/score.h"
#include <math.h>
#include "worth/stats.h"

const gp_metric gp_metrics[GP_SCORES] = {
#define GP_METRIC(ID, NAME, COLUMN, JUDGE, PERCENT, DECIMALS, BETTER, NONE, MEANS, ZH, MEANS_ZH) {NAME, COLUMN, GP_JUDGE_##JUDGE, PERCENT, DECIMALS, BETTER, NONE, MEANS, ZH, MEANS_ZH},
#include "worth/metric.def"
#undef GP_METRIC
};

int gp_metric_find(gp_str name)
{
    for (int i = 0; i < GP_SCORES; i++)
        if (gp_str_ieqz(name, gp_metrics[i].name))
            return i;
    return -1;
}

static double share(int64_t a, int64_t n) { return n ? (double)a / (double)n : NAN; }
static double fraction(int64_t sum, int64_t n) { return n ? (double)sum / (double)n / GP_RETURN_ONE : NAN; }

/* What was gained beyond the day's market, the mean taken off, day by day: signals of one day are one observation, and of days whose
 * holding times overlap only those that do not count. */
static double standard_error(const gp_day_base *base, const gp_day_sum *sums, size_t from, size_t to, int64_t n, double excess, int64_t days, int64_t independent)
{
    double squares = 0, all = 0;
    if (days < 2 || independent < 2)
        return NAN;
    for (size_t i = from; i < to; i++) {
        if (!sums[i].n)
            continue;
        const double count = (double)sums[i].n, x = (double)sums[i].sum / GP_RETURN_ONE - count * fraction(base[i].sum, base[i].n) - count * excess;
        squares += x * x;
        all += (double)sums[i].sum * (double)sums[i].sum;
    }
    /* returns are whole numbers: what is so far below them is rounding, of signals that are all there is on their days */
    if (squares * GP_RETURN_ONE * GP_RETURN_ONE <= all * 1e-24)
        return NAN;
    const double d = (double)days;
    return sqrt(squares * d / (d - 1) * (d / (double)independent)) / (double)n;
}

void gp_hit_score(const gp_sweep_market *m, const gp_hitrate_opts *o, int h, const gp_day_sum *sums, size_t from, size_t to, gp_score *s)
{
    const gp_day_base *base = m->base + (size_t)h * m->n_days;
    const int32_t held = gp_hit_days_held(m->period, o->after[h]);
    int64_t n = 0, wins = 0, sum = 0, base_n = 0, base_sum = 0, days = 0, independent = 0, chosen = -1;
    double day_sum = 0, low, high;
    bool others = false, more = false;
    for (int k = 0; k < GP_SCORES; k++)
        s->at[k] = NAN;
    for (size_t i = from; i < to; i++) {
        base_n += base[i].n;
        base_sum += base[i].sum;
        if (!sums[i].n)
            continue;
        n += sums[i].n;
        wins += sums[i].wins;
        sum += sums[i].sum;
        day_sum += fraction(base[i].sum, base[i].n) * sums[i].n;
        others |= base[i].n > 1;
        more |= base[i].n > sums[i].n;
        days++;
        if (chosen < 0 || (int64_t)i - chosen > held) {
            chosen = (int64_t)i;
            independent++;
        }
    }
    s->at[GP_SCORE_N] = (double)n;
    s->at[GP_SCORE_DAYS] = (double)days;
    s->at[GP_SCORE_INDEPENDENT] = (double)independent;
    if (!n)
        return;
    s->at[GP_SCORE_WIN] = share(wins, n);
    gp_wilson(s->at[GP_SCORE_WIN], (double)independent, &low, &high);
    s->at[GP_SCORE_WIN_LOW] = low;
    s->at[GP_SCORE_MEAN] = fraction(sum, n);
    s->at[GP_SCORE_SAME_DAYS] = day_sum / (double)n;
    /* beside itself alone a security has none; where all of them have the signal it is 0, not what rounding makes of it */
    s->at[GP_SCORE_EXCESS] = more ? s->at[GP_SCORE_MEAN] - s->at[GP_SCORE_SAME_DAYS] : others ? 0 : NAN;
    s->at[GP_SCORE_OVER_BASE] = s->at[GP_SCORE_MEAN] - fraction(base_sum, base_n);
    const double error = standard_error(base, sums, from, to, n, s->at[GP_SCORE_EXCESS], days, independent);
    s->at[GP_SCORE_T] = error > 0 ? s->at[GP_SCORE_EXCESS] / error : NAN;
}

void gp_test_score(const gp_figures *f, gp_score *s)
{
    for (int k = 0; k < GP_SCORES; k++)
        s->at[k] = NAN;
    s->at[GP_SCORE_PROFIT] = (double)f->profit / GP_PRICE_ONE;
    s->at[GP_SCORE_TOTAL] = f->total;
    s->at[GP_SCORE_CAGR] = f->cagr;
    s->at[GP_SCORE_VOLATILITY] = f->volatility;
    s->at[GP_SCORE_SHARPE] = f->sharpe;
    s->at[GP_SCORE_SORTINO] = f->sortino;
    s->at[GP_SCORE_DRAWDOWN] = f->drawdown;
    s->at[GP_SCORE_CALMAR] = f->calmar;
    s->at[GP_SCORE_EXPOSURE] = f->exposure;
    s->at[GP_SCORE_TRADES] = (double)f->trades;
    s->at[GP_SCORE_OPEN] = (double)f->open;
    s->at[GP_SCORE_TRADE_WIN] = f->win;
    s->at[GP_SCORE_TRADE_MEAN] = f->mean;
    s->at[GP_SCORE_PAYOFF] = f->payoff;
    s->at[GP_SCORE_PROFIT_FACTOR] = f->profit_factor;
    s->at[GP_SCORE_YEARS] = f->years;
    s->at[GP_SCORE_REALISED] = (double)f->realised / GP_PRICE_ONE;
    s->at[GP_SCORE_ENTRIES] = (double)f->entries.signals;
    s->at[GP_SCORE_UNDECIDED] = (double)f->entries.undecided;
    _Static_assert(GP_SCORE_MISSED_MONEY - GP_SCORE_MISSED_END == (int)GP_MISS_MONEY - (int)GP_MISS_END, "a row of metric.def for each gp_miss");
    for (int k = GP_MISS_END; k <= GP_MISS_MONEY; k++)
        s->at[GP_SCORE_MISSED_END + k - GP_MISS_END] = (double)f->entries.misses.n[k];
    s->at[GP_SCORE_JUMPS] = (double)f->entries.jumps;
    s->at[GP_SCORE_MAYBE_ST] = (double)f->entries.maybe_st;
}

double gp_score_beyond(const gp_score *best, int metric, double z)
{
    const double excess = best->at[GP_SCORE_EXCESS], t = best->at[GP_SCORE_T];
    const double error = t != 0 ? excess / t : NAN;
    switch (metric) {
    case GP_SCORE_T: return z;
    case GP_SCORE_EXCESS: return error * z;
    case GP_SCORE_MEAN: return best->at[GP_SCORE_SAME_DAYS] + error * z;
    case GP_SCORE_OVER_BASE: return best->at[GP_SCORE_OVER_BASE] - excess + error * z;
    case GP_SCORE_SHARPE: return z / sqrt(best->at[GP_SCORE_YEARS]);
    case GP_SCORE_CAGR:
    case GP_SCORE_TOTAL: return expm1(best->at[GP_SCORE_VOLATILITY] * z * (metric == GP_SCORE_TOTAL ? sqrt(best->at[GP_SCORE_YEARS]) : 1 / sqrt(best->at[GP_SCORE_YEARS])));
    default: return NAN;
    }
}
