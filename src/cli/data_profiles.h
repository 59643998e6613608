/* goldpit data profiles. */
#ifndef GP_CLI_DATA_PROFILES_H
#define GP_CLI_DATA_PROFILES_H
#include "cli/cli.h"

/* The profiles that are compiled in, or the text of one. */
int gp_data_profiles(gp_cli *c);
#endif
