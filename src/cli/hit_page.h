/* Between hit_charts.c, which draws, and the page of --report and of a job. */
#ifndef GP_CLI_HIT_PAGE_H
#define GP_CLI_HIT_PAGE_H
#include "cli/hit_charts.h"
#include "output/page.h"

typedef struct gp_hit_page {
    gp_cli *c;
    const gp_found *f;
    const gp_scan_result *r; /* f->result */
    gp_page *page;
    int section;             /* which formula */
} gp_hit_page;

void gp_hit_date(int32_t date, int32_t time, gp_buf *out);
/* What the table and the picture of a security are linked by. */
void gp_hit_anchor(const gp_hit_page *x, const gp_hit *h, gp_buf *out);
/* facts: labels and values beside the usual ones, in pairs, NULL at the end; or NULL. */
void gp_hit_page_open(gp_hit_page *x, const char *title, const char *const *facts);
/* A formula: its hits as a table, what is gone, and room for the charts. */
void gp_hit_page_section(gp_hit_page *x);
/* After the charts: what was odd in the data; then each formula with its parameters. */
void gp_hit_page_data(gp_hit_page *x);
void gp_hit_page_provenance(gp_hit_page *x);
/* Both of these for a single formula, and the file of --report; false after saying why in d. */
bool gp_hit_page_save(gp_hit_page *x, gp_diags *d);
#endif
