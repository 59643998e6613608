/* One set of parameters over a span of days as numbers that can be compared: the metrics of a sweep. */
#ifndef GP_WORTH_SCORE_H
#define GP_WORTH_SCORE_H
#include "worth/sweep.h"

/* The rows of metric.def, kind by kind. */
typedef enum {
#define GP_METRIC(ID, ...) GP_SCORE_##ID,
#include "worth/metric.def"
#undef GP_METRIC
    GP_SCORES
} gp_score_id;

typedef enum { GP_JUDGE_HITRATE, GP_JUDGE_BACKTEST } gp_judge;

typedef struct gp_metric {
    const char *name, *column;   /* as given, as printed */
    gp_judge judge;
    bool percent;                /* printed times 100 */
    int decimals;
    int better;                  /* 1: high is good; -1: low is; 0: it cannot be chosen by */
    double none;                 /* what no skill gives */
    const char *means;
    const char *zh, *means_zh;   /* its name where Chinese is asked for; the same of means */
} gp_metric;
extern const gp_metric gp_metrics[GP_SCORES];
int gp_metric_find(gp_str name); /* -1 */

/* Fractions; NaN where there is none. */
typedef struct gp_score { double at[GP_SCORES]; } gp_score;

/* Days from .. to-1 of the market; sums of horizon h.  Bit for bit what `hitrate --from --to` says of these days. */
void gp_hit_score(const gp_sweep_market *m, const gp_hitrate_opts *o, int h, const gp_day_sum *sums, size_t from, size_t to, gp_score *out);
void gp_test_score(const gp_figures *f, gp_score *out);
/* The metric's value z standard errors beyond what no skill gives, where the best set has this score; NaN: not known. */
double gp_score_beyond(const gp_score *best, int metric, double z);
#endif
