/* goldpit data import, list, export, stat, check: the store. */
#ifndef GP_CLI_DATA_STORE_H
#define GP_CLI_DATA_STORE_H
#include "cli/table.h"

int gp_data_import(gp_cli *c);
int gp_data_list(gp_cli *c);
int gp_data_export(gp_cli *c);
int gp_data_stat(gp_cli *c);
int gp_data_check(gp_cli *c);
#endif
