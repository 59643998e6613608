/* Between cmd_hitrate.c and its picture. */
#ifndef GP_CLI_HITRATE_H
#define GP_CLI_HITRATE_H
#include "cli/cli.h"
#include "worth/hitrate.h"

/* caption: what the numbers are of; ahead: how the formula looks ahead, or NULL.  Exit status. */
int gp_cli_hitrate_plot(const gp_cli *c, const gp_hitrate *r, const char *caption, const char *ahead);
#endif
