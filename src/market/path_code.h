/* Whether the name of an input tells which security is in it, and no other. */
#ifndef GP_MARKET_PATH_CODE_H
#define GP_MARKET_PATH_CODE_H
#include "market/reader.h"

/* A name that is a code with its exchange (sh600000.day, 000001.SZ.csv), or has six digits and its first lines no column of codes: 202401.csv
 * may hold the whole market. */
bool gp_path_tells_code(const gp_input *in, char *code, size_t cap, char market[3]);
#endif
