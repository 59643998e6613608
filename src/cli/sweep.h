/* Between cmd_sweep.c and its report. */
#ifndef GP_CLI_SWEEP_H
#define GP_CLI_SWEEP_H
#include "cli/cli.h"
#include "worth/sweep.h"
#include "worth/trials.h"

typedef struct gp_sweep_report {
    const gp_plan *plan;
    const gp_hitrate_opts *hit;
    gp_grid grid;              /* the formula's parameters, then the bars held when there are several */
    int n_formula, param[GP_GRID_AXES];
    int metric;                /* GP_SCORE_* */
    double least;              /* signals (trades) a ranked set has */
    gp_backtest_opts test;     /* where the metric is one of trades */
    const char *ahead;         /* how the formula looks ahead; NULL: it does not */
    gp_sweep_market market;
    size_t split;              /* day of the market the later part begins with; n_days: there is none */
    gp_trials trials;
    gp_day_sum *walked;        /* days of what the walk forward chose, window by window; NULL: none */
} gp_sweep_report;

static inline bool gp_sweep_by_trades(const gp_sweep_report *r) { return gp_metrics[r->metric].judge == GP_JUDGE_BACKTEST; }

/* The tables on stdout; false when they could not be written. */
bool gp_cli_sweep_tables(const gp_cli *c, const gp_sweep_report *r);
/* Afterwards on stderr. */
void gp_cli_sweep_notes(const gp_cli *c, const gp_sweep_report *r);
#endif
