/* Formulas of the command line as the panes of a picture: compiled once, run over one security after the other. */
#ifndef GP_CLI_CHARTS_H
#define GP_CLI_CHARTS_H
#include "cli/cli.h"
#include "draw/picture.h"

typedef struct gp_charts gp_charts;

/* The formulas the words name, and first that of -e when there is one.  -p sets a parameter of those that have it.  NULL after printing
 * why not, with the exit status in *status.  inputs: where other securities are looked for; they and c outlive the charts. */
gp_charts *gp_charts_open(gp_cli *c, char *const *words, int n, const gp_inputs *inputs, int *status);
void gp_charts_free(gp_charts *k);
/* What to read of the quotes. */
void gp_charts_read_opts(const gp_charts *k, gp_read_opts *o);
/* Runs the formulas over the security; --from, --to and --last choose what is shown, else the last `usual` bars.  The picture is valid
 * until the next one; NULL after saying why in d: no bar is shown, or the period does not suit. */
const gp_picture *gp_charts_make(gp_charts *k, const gp_bars *b, int usual, gp_diags *d);
/* The options of the command line that are about pictures. */
gp_picture_opts gp_charts_opts(const gp_cli *c);
#endif
