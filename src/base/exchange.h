/* The numbers TDX gives the exchanges: 0 Shenzhen, 1 Shanghai, 2 Beijing. */
#ifndef GP_BASE_EXCHANGE_H
#define GP_BASE_EXCHANGE_H
#include "base/str.h"

const char *gp_exchange_name(int number); /* "SH" for 1; NULL for none of them */
int gp_exchange_number(gp_str name);      /* 1 for "SH" in any case; -1 for none of them */
#endif
