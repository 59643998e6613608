/* goldpit data inspect. */
#ifndef GP_CLI_DATA_INSPECT_H
#define GP_CLI_DATA_INSPECT_H
#include "cli/cli.h"

/* What the reader made of each of DATA. */
int gp_data_inspect(gp_cli *c);
#endif
