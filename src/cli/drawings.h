/* eval --drawings and --describe: what a formula draws, as rows or as one document a security. */
#ifndef GP_CLI_DRAWINGS_H
#define GP_CLI_DRAWINGS_H
#include "cli/cli.h"
#include "plot/plot.h"

gp_writer *gp_drawings_begin(const gp_cli *c, bool with_code);
/* How many things are drawn.  w NULL: the document, on a line of its own. */
size_t gp_drawings_rows(const gp_cli *c, gp_writer *w, bool with_code, const gp_plot_input *in);
#endif
