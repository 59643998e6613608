/* goldpit data resample. */
#ifndef GP_CLI_DATA_RESAMPLE_H
#define GP_CLI_DATA_RESAMPLE_H
#include "cli/table.h"

int gp_data_resample(gp_cli *c);
#endif
