/* Between cmd_backtest.c and its report. */
#ifndef GP_CLI_BACKTEST_H
#define GP_CLI_BACKTEST_H
#include "cli/cli.h"
#include "worth/backtest.h"

typedef struct gp_test_report {
    const gp_backtest_opts *o;
    const char *ahead;          /* how the formula looks ahead; NULL: it does not */
    gp_backtest r;
    bool has_benchmark;
    gp_read_result benchmark;   /* its first security */
} gp_test_report;

/* From the options to what is run; the two with a status return -1 to go on. */
enum { GP_TEST_EXTRAS = 6 }; /* --exit, --stop, --target, --trail, --rank, --where */
int gp_cli_test_options(const gp_cli *c, gp_backtest_opts *o);
gp_plan_status gp_cli_test_plan(const gp_cli *c, gp_formula *f, gp_plan *plan, int *column, const gp_backtest_opts *o, gp_diags *d);
int gp_cli_test_slots(const gp_cli *c, const gp_plan *p, const int *column, gp_backtest_opts *o);

/* By which rules orders are filled, in words.  zh: for people; the column of CSV and JSON stays as it is. */
void gp_cli_test_model(const gp_cli *c, const gp_backtest_opts *o, bool zh, gp_buf *out);
/* What became of the signals to enter, `filled` of which became trades, in one line; and, as notes, what makes them doubtful. */
void gp_cli_test_entries(const gp_cli *c, const gp_entries *e, int64_t filled, gp_buf *out);
void gp_cli_test_odd(const gp_cli *c, const gp_entries *e);
/* The report on stdout, --trades and --equity to their files.  Exit status. */
int gp_cli_test_report(const gp_cli *c, const gp_plan *p, const gp_test_report *t);
/* --plot, --script-only.  inputs: a single security is read again.  Exit status. */
int gp_cli_test_plot(const gp_cli *c, const gp_inputs *inputs, const gp_test_report *t);
#endif
