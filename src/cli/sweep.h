/* Between cmd_sweep.c and its report. */
#ifndef GP_CLI_SWEEP_H
#define GP_CLI_SWEEP_H
#include "cli/cli.h"
#include "worth/reality.h"
#include "worth/sweep.h"
#include "worth/trials.h"

typedef struct gp_sweep_report {
    const gp_plan *plan;
    const gp_formula *formula;
    const gp_hitrate_opts *hit;
    gp_grid grid;              /* the formula's parameters, then what ends a trade, or the bars held, when there are several */
    int n_formula, param[GP_GRID_AXES];
    gp_axis end_axis[GP_ENDS]; /* of trades, those that take several values */
    gp_ends ends[GP_ENDS];
    int n_ends;
    int metric;                /* GP_SCORE_* */
    double least;              /* signals (trades) a ranked set has */
    gp_backtest_opts test;     /* where the metric is one of trades */
    char *ahead;               /* how the set looks ahead that does so furthest; NULL: none does */
    size_t ahead_sets, sets;   /* sets of the formula's parameters that do; all of them */
    gp_sweep_market market;
    size_t split;              /* day of the market the later part begins with; n_days: there is none */
    gp_trials trials;
    gp_reality luck;           /* over the days the choice was made on */
    gp_day_sum *walked;        /* days of what the walk forward chose, window by window; NULL: none */
} gp_sweep_report;

static inline bool gp_sweep_by_trades(const gp_sweep_report *r) { return gp_metrics[r->metric].judge == GP_JUDGE_BACKTEST; }

/* ---- sweep_accel.c ---- */

/* What --accel says: a device, opened; NULL, after saying why where one was asked for: the processor.  sets: of formula parameters. */
gp_accel *gp_cli_sweep_accel(const gp_cli *c, const gp_sweep_report *r, const gp_sweep_opts *o, size_t sets);
/* Says what was done there, `there` of all sets, and closes it. */
void gp_cli_sweep_accel_end(const gp_cli *c, gp_accel *a, size_t there, size_t all);

/* ---- sweep_ahead.c ---- */

/* Looks at every set before any is judged: -1 to go on, or the exit status after saying why not. */
int gp_cli_sweep_refuse_ahead(const gp_cli *c, gp_sweep_report *r);
/* How the set of a point looks ahead ("2 bars: X ← REFX(C,N)"); nothing: it does not. */
void gp_sweep_ahead_text(const gp_sweep_report *r, size_t point, gp_buf *out);
/* "3 bars: X ← REFX(C,N); 1 of 2 sets" */
void gp_sweep_ahead_all(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);
/* "N=3 M=1": what the formula is given at a point. */
void gp_sweep_params(const gp_cli *c, const gp_sweep_report *r, size_t point, gp_buf *out);

/* ---- sweep_ends.c ---- */

/* The options of backtest and, in end_axis, those of them that take several values; then as axes of the grid.  -1 to go on, or the exit status after saying why not. */
int gp_cli_sweep_test_options(const gp_cli *c, gp_sweep_report *r);
int gp_cli_sweep_add_ends(const gp_cli *c, gp_sweep_report *r);
/* Says, after the run, which of them changed nothing. */
void gp_cli_sweep_tell_ends(const gp_cli *c, const gp_sweep_report *r);
/* By which rules orders are filled; of what varies that it does. */
void gp_sweep_model(const gp_cli *c, const gp_sweep_report *r, bool zh, gp_buf *out);
/* A value as it is given: "10", "3%", "none" (in Chinese 无). */
void gp_sweep_value(const gp_cli *c, const gp_axis *a, double value, gp_buf *out);

/* ---- sweep_state.c ---- */

typedef struct gp_sweep_state {
    const gp_cli *c;
    gp_sweep_report *r;
    unsigned char *done;       /* by set */
    size_t sets, resumed;      /* sets; those that the file had */
    uint64_t name;             /* of this sweep */
    bool failed;
} gp_sweep_state;
/* Reads --state into the report, when the file is there; -1 to go on, or the exit status after saying why not. */
int gp_sweep_state_open(gp_sweep_state *s, const gp_cli *c, gp_sweep_report *r, const gp_inputs *inputs, size_t sets);
void gp_sweep_state_save(void *state);
bool gp_sweep_state_wants(void *state, size_t set);
void gp_sweep_state_close(gp_sweep_state *s);

/* ---- sweep_walk.c ---- */

/* All that was chosen and then tried, out of sample; false: nothing was.  Accounts begin anew with each window: what their trades gained is added, their totals
 * are compounded; a window without a choice kept its cash.  Metrics that no sum gives are NaN. */
bool gp_sweep_walk_total(const gp_sweep_report *r, gp_score *out);

/* ---- sweep_words.c ---- */

static inline bool gp_sweep_has_out(const gp_sweep_report *r) { return r->split < r->market.n_days; }
/* What 95 % of the draws stay below; of fewer than twenty none is beyond them. */
double gp_sweep_luck_bound(const gp_sweep_report *r);
/* "golden-pit 黄金坑": the formula and the signal, as far as they have names; and what is bought and sold on where the formula does not say it, and which
 * parameters are fixed: "; entry CROSS(C,MA(C,N)); exit C<X; M=5". */
void gp_sweep_subject(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);
void gp_sweep_conditions(const gp_cli *c, const gp_sweep_report *r, bool zh, gp_buf *out);
void gp_sweep_buying(const gp_sweep_report *r, bool zh, gp_buf *out); /* at what price signals are bought and sold */
const char *gp_sweep_axis_name(const gp_cli *c, const gp_sweep_report *r, int axis); /* parameters as the formula calls them, times held and exits in the language asked for */
void gp_sweep_describe(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);     /* no line break at the end; the others end each line */
void gp_sweep_tell_choice(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);
/* Of the best set: its neighbours, what was not filled, what was not sold, luck. */
void gp_sweep_tell_best(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);
void gp_sweep_note_odd(const gp_cli *c, const gp_sweep_report *r);                  /* what makes its trades doubtful */
void gp_sweep_tell_walk(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);
void gp_sweep_tell_walked(const gp_cli *c, const gp_sweep_report *r, gp_buf *out);

/* ---- sweep_why.c ---- */

/* Why sets are not ranked, and what says nothing with these quotes. */
void gp_cli_sweep_why(const gp_cli *c, const gp_sweep_report *r);
/* Parameters that change nothing of what is judged. */
void gp_cli_sweep_tell_idle(const gp_cli *c, const gp_sweep_report *r, const gp_sweep_opts *o);

/* The tables on stdout; false when they could not be written. */
bool gp_cli_sweep_tables(const gp_cli *c, const gp_sweep_report *r);
/* --plot, --script-only: -1 to go on, or the exit status after saying why not; and the picture. */
int gp_cli_check_sweep_plot(const gp_cli *c, const gp_grid *g);
int gp_cli_sweep_plot(const gp_cli *c, const gp_sweep_report *r);
/* Afterwards on stderr. */
void gp_cli_sweep_notes(const gp_cli *c, const gp_sweep_report *r);
#endif
