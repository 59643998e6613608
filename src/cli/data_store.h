/* goldpit data import, list, export, stat, check: the store. */
#ifndef GP_CLI_DATA_STORE_H
#define GP_CLI_DATA_STORE_H
#include "cli/data_out.h"

/* A sink that puts into --store DIR and commits at its end; NULL after saying why. */
gp_sink *gp_sink_store(gp_cli *c);

int gp_data_import(gp_cli *c);
int gp_data_list(gp_cli *c);
int gp_data_export(gp_cli *c);
int gp_data_stat(gp_cli *c);
int gp_data_check(gp_cli *c);
#endif
