/* DYNAINFO(n), as far as the last daily bar tells: last price, change, amplitude, limit prices, gains of some days. */
#ifndef GP_SCREEN_SNAPSHOT_H
#define GP_SCREEN_SNAPSHOT_H
#include "market/bars.h"

int gp_snapshot_key(const char *key);     /* 7 of "dynainfo.7"; -1 for other keys */
bool gp_snapshot_known(int n);            /* derivable */
bool gp_snapshot_capital(int n);          /* needs the circulating shares */
unsigned gp_snapshot_needs(int n);        /* GP_COL_* */
/* The value on the last day of the first n bars; minute bars are merged into days first.  NaN when it cannot be told. */
double gp_snapshot(const gp_bars *b, int n, int which);
#endif
