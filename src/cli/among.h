#ifndef GP_CLI_AMONG_H
#define GP_CLI_AMONG_H
#include "cli/table.h"
#include "eval/vm.h"

typedef struct gp_among gp_among;
/* NULL after printing what is wrong with the expression. */
gp_among *gp_among_new(gp_cli *c, const char *expr, gp_diags *d);
void gp_among_free(gp_among *a);
unsigned gp_among_needs(const gp_among *a); /* GP_COL_* */
/* For gp_universe_spec.among. */
bool gp_among_holds(void *ctx, const gp_bars *b, int n);
#endif
