/* What hitrate, backtest and sweep share. */
#ifndef GP_CLI_WORTH_H
#define GP_CLI_WORTH_H
#include "cli/cli.h"
#include "draw/chart.h"
#include "output/writer.h"
#include "worth/hitrate.h"
#include "worth/score.h"

/* These return -1 to go on, else an exit status after printing why. */
int gp_cli_bad_words(const gp_cli *c);                  /* FORMULA DATA... */
int gp_cli_limit(const gp_cli *c, int *thousandths);    /* --limit: -1 by board, 0 none */

int gp_cli_check_worth_plot(const gp_cli *c);           /* --plot FILE, --script-only */

/* Draws one of the two, as --plot and --script-only say.  Exit status. */
int gp_cli_worth_plot(const gp_cli *c, const gp_picture *p, const gp_chart *chart);

/* What a picture of a formula that looks ahead says; ahead: how it does, or NULL. */
void gp_cli_ahead_warning(const gp_cli *c, const char *ahead, gp_buf *out);

/* --after, --entry, --limit and the other options of a hit rate; bars: what --after is when it is not given. */
int gp_cli_hit_options(const gp_cli *c, const char *bars, gp_hitrate_opts *o);

void gp_cli_ahead_short(const gp_ahead *a, gp_buf *out); /* "2 bars: X ← REFX(C,2)" */

/* What a column is called in a Chinese table; its own name where there is none.  The second does it to all columns where a Chinese table is made. */
const char *gp_cli_figure_zh(gp_judge judge, const char *column);
void gp_cli_columns_zh(const gp_cli *c, gp_judge judge, gp_column *columns, int n);

/* Refuses a formula that looks ahead, unless --allow-future.  *says: how it looks ahead, or NULL; malloc'ed. */
bool gp_cli_refuse_ahead(const gp_cli *c, const gp_program *p, char **says);
#endif
