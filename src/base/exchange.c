#include "base/exchange.h"

static const char *const names[] = {"SZ", "SH", "BJ"};
enum { N_NAMES = sizeof names / sizeof *names };

const char *gp_exchange_name(int number)
{
    return number >= 0 && number < N_NAMES ? names[number] : NULL;
}

int gp_exchange_number(gp_str name)
{
    for (int k = 0; k < N_NAMES; k++)
        if (gp_str_ieqz(name, names[k])) return k;
    return -1;
}
