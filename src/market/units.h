/* What a volume counts. */
#ifndef GP_MARKET_UNITS_H
#define GP_MARKET_UNITS_H
#include "market/bars.h"
#include "market/profile.h"

/* Both UNKNOWN when amount, volume and prices do not settle it, as for an index, whose price is no price of a share. */
typedef struct gp_unit_guess { gp_unit volume, amount; } gp_unit_guess;
gp_unit_guess gp_units_infer(const gp_bars *b);
/* Counts b->vol in shares or lots (GP_VOLUME_*).  From yuan, which is an estimate: by the average price of the bar. */
void gp_volume_convert(gp_bars *b, gp_unit from, int to);
/* 000001 of Shanghai, 399001 of Shenzhen, 899050 of Beijing and the like: an index, as far as the code tells. */
bool gp_is_index(const char *market, const char *code);
#endif
