/* Quotes as a kernel reads them: bar by bar, tickers side by side, so that neighbouring lanes read neighbouring words. */
#ifndef GP_ACCEL_TILE_H
#define GP_ACCEL_TILE_H
#include "accel/fuse.h"
#include "eval/vm.h"

typedef struct gp_tile {
    int tickers, cap;          /* cap: bars of the longest one, at least 1 */
    gp_fused_column *column;
    int n_columns;
    double *quotes;            /* [column][bar][ticker]; null past the end of a ticker */
    int *bars;                 /* [ticker] */
} gp_tile;

/* The columns that f reads, over all lanes.  gp_lane.before has to be 0. */
void gp_tile_pack(gp_tile *tile, const gp_fused_column *column, int n_columns, const gp_lane *lane, int tickers);
/* Values of the lanes' own in the same order; `rest` past the end of a lane. */
void gp_tile_whole(const gp_tile *tile, const int32_t *const *from, int32_t rest, int32_t *to);
void gp_tile_fini(gp_tile *tile);
/* Where the tile holds what f reads; false when it lacks a column. */
bool gp_tile_columns(const gp_tile *tile, const gp_fused *f, int at[GP_FUSED_COLUMNS]);
extern const char gp_tile_lacks[]; /* why a kernel cannot run where it does: for people */
/* facts[k * tickers + ticker] of a program; to be freed. */
double *gp_tile_facts(const gp_program *p, const gp_lane *lane, int tickers);
size_t gp_tile_bytes(const gp_tile *tile);
#endif
