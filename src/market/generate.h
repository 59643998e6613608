/* A made-up market: seeded, the same bytes on every machine (own integer generator, no libm in the path of the prices). */
#ifndef GP_MARKET_GENERATE_H
#define GP_MARKET_GENERATE_H
#include <stdint.h>
#include "market/bars.h"

/* Ticker k of a universe: trends, ranges, crash-and-recovery (golden pits), limit boards (O=H=L=C), suspensions, late
 * listings: the first thirty tickers show each kind once, later ones repeat the mix.  Codes look like A shares (600000.. / 000001..
 * / 300001..) and names like 样本0001.  Prices on a 0.01 grid.  Free with gp_bars_fini. */
void gp_generate(uint64_t seed, int ticker, int bars, gp_bars *out);
/* Writes OUT/600000.csv ...; returns NULL or the reason. */
const char *gp_generate_files(uint64_t seed, int tickers, int bars, const char *out_dir);
#endif
