/* Pictures of what a scan found: one file a security, and a contact sheet. */
#ifndef GP_CLI_HIT_CHARTS_H
#define GP_CLI_HIT_CHARTS_H
#include "cli/cli.h"
#include "screen/scan.h"

/* Before the scan: can what --plot and --contact-sheet ask for be made?  -1, or the exit status after saying why not. */
int gp_cli_check_hit_charts(gp_cli *c);
/* Draws the securities of the first `rows` hits, each once, in their order.  word: the formula as the command line names it, NULL
 * with -e.  False when something could not be drawn, which has been said. */
bool gp_cli_draw_hits(gp_cli *c, char *word, const gp_inputs *inputs, const gp_plan *p, const gp_scan_result *r, size_t rows);
#endif
