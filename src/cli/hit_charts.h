/* Pictures of what a scan found: one file a security, and a contact sheet. */
#ifndef GP_CLI_HIT_CHARTS_H
#define GP_CLI_HIT_CHARTS_H
#include "cli/cli.h"
#include "screen/scan.h"

/* Before the scan: can what --plot and --contact-sheet ask for be made?  -1, or the exit status after saying why not. */
int gp_cli_check_hit_charts(gp_cli *c);
/* What is drawn. */
typedef struct gp_found {
    char *word;              /* the formula as the command line names it; NULL with -e */
    const gp_formula *formula;
    const gp_inputs *inputs;
    const gp_plan *plan;
    const gp_scan_result *result;
    size_t rows;             /* of the result, that are shown */
    const char *const *warnings; /* what was said about the data */
    size_t n_warnings, skipped;
    /* of a job; NULL and 0 for a scan */
    const char *name;
    const char *const *status;   /* of each row: "entered", "stayed" */
    const char *const *left;     /* a line for each security that is not found any more */
    size_t n_left;
} gp_found;
/* Draws the securities of the rows, each once, in their order: --plot, --contact-sheet, --report.  The exit status: GP_EXIT_PARTIAL when
 * some could not be drawn, GP_EXIT_NO_DATA when a file could not be written or nothing be drawn at all; it has been said. */
int gp_cli_draw_hits(gp_cli *c, const gp_found *f);
/* One page for several formulas; facts: labels and values beside the usual ones, in pairs, NULL at the end.  c of each formula in `of`.
 * Appends it to out; false when a chart could not be drawn, which has been said. */
bool gp_cli_report(gp_cli *c, gp_cli *const *of, const gp_found *f, int n, const char *title, const char *const *facts, gp_buf *out);
/* "Signals": each name that fired, once, with GP_LIST_SEPARATOR between. */
void gp_cli_labels(const gp_plan *p, const gp_hit *h, gp_buf *out);
#endif
