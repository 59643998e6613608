/* Rows that cannot be right: counted, and kept, dropped or mended as the user says. */
#ifndef GP_MARKET_TIDY_H
#define GP_MARKET_TIDY_H
#include "market/bars.h"

/* The first row of each kind of trouble, -1 none: indices before anything is dropped. */
typedef struct gp_odd {
    int not_positive, bad_ohlc;
    bool tiny; /* most closes are so small that the tolerance of comparisons matters */
} gp_odd;
/* Counts what is odd in the rows of b (its counts: not_positive, null_prices, bad_ohlc, tiny_prices), then does as bad_ohlc
 * (GP_BAD_OHLC_*) says.  Rows may be gone afterwards, all of them too. */
void gp_bars_tidy(gp_bars *b, int bad_ohlc, gp_odd *odd);
#endif
