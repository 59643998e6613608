/* The windows of a walk forward as one. */
#include <math.h>
#include "cli/sweep.h"

/* What means over windows are weighed by. */
static double weighed(const gp_sweep_report *r, int metric, int by)
{
    double sum = 0, n = 0;
    for (int k = 0; k < r->trials.n_windows; k++) {
        const gp_window *w = &r->trials.windows[k];
        if (!w->any || !(w->best.out.at[by] > 0))
            continue;
        sum += w->best.out.at[metric] * w->best.out.at[by];
        n += w->best.out.at[by];
    }
    return n > 0 ? sum / n : NAN;
}

static double summed(const gp_sweep_report *r, int metric)
{
    double sum = 0;
    for (int k = 0; k < r->trials.n_windows; k++)
        if (r->trials.windows[k].any && !isnan(r->trials.windows[k].best.out.at[metric]))
            sum += r->trials.windows[k].best.out.at[metric];
    return sum;
}

static void of_trades(const gp_sweep_report *r, gp_score *s)
{
    static const int sums[] = {GP_SCORE_PROFIT, GP_SCORE_TRADES, GP_SCORE_OPEN, GP_SCORE_REALISED};
    double all = 1, years = 0;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        s->at[sums[i]] = round(summed(r, sums[i]) * 100) / 100; /* fen */
    for (int k = GP_SCORE_ENTRIES; k < GP_SCORES; k++)
        s->at[k] = summed(r, k);
    s->at[GP_SCORE_TRADE_WIN] = weighed(r, GP_SCORE_TRADE_WIN, GP_SCORE_TRADES);
    s->at[GP_SCORE_TRADE_MEAN] = weighed(r, GP_SCORE_TRADE_MEAN, GP_SCORE_TRADES);
    for (int k = 0; k < r->trials.n_windows; k++) {
        const gp_window *w = &r->trials.windows[k];
        all *= w->any && !isnan(w->best.out.at[GP_SCORE_TOTAL]) ? 1 + w->best.out.at[GP_SCORE_TOTAL] : 1;
        years += w->any ? w->best.out.at[GP_SCORE_YEARS] : NAN; /* without a choice it is not known how long */
    }
    s->at[GP_SCORE_TOTAL] = all - 1;
    s->at[GP_SCORE_YEARS] = years;
    s->at[GP_SCORE_CAGR] = all > 0 && years > 0 ? pow(all, 1 / years) - 1 : NAN;
}

bool gp_sweep_walk_total(const gp_sweep_report *r, gp_score *s)
{
    bool any = false;
    for (int k = 0; k < r->trials.n_windows; k++)
        any |= r->trials.windows[k].any;
    for (int k = 0; k < GP_SCORES; k++)
        s->at[k] = NAN;
    if (!any)
        return false;
    if (gp_sweep_by_trades(r)) {
        of_trades(r, s);
    } else if (r->hit->n_after == 1) {
        gp_hit_score(&r->market, r->hit, 0, r->walked, r->trials.windows[0].out.from, r->market.n_days, s);
    } else { /* of different times held there is no common error */
        static const int means[] = {GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_SAME_DAYS, GP_SCORE_EXCESS};
        s->at[GP_SCORE_N] = summed(r, GP_SCORE_N);
        for (size_t i = 0; i < sizeof means / sizeof *means; i++)
            s->at[means[i]] = weighed(r, means[i], GP_SCORE_N);
    }
    return true;
}
