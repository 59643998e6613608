/* Columns of tickers -> tiles. */
#include "accel/tile.h"
#include <stdlib.h>
#include <string.h>
#include "eval/code.h"

static double value_of(const gp_lane *lane, gp_fused_column c, int i)
{
    static const char letters[] = "OHLCVA";
    const double *const of[] = {lane->open, lane->high, lane->low, lane->close, lane->vol, lane->amount};
    const char *at = strchr(letters, c.letter);
    if (at) return of[at - letters] ? of[at - letters][i] : GP_NULL;
    switch (c.letter) { /* as eval/vm.c derives them */
    case 'D': return lane->date ? (double)(lane->date[i] - 19000000) : GP_NULL;
    case 'T': return lane->time ? (double)(lane->time[i] / 100) : 0.0;
    case 'S': return lane->time ? (double)lane->time[i] : 0.0;
    default: return lane->ext && lane->ext[c.external] ? lane->ext[c.external][i] : GP_NULL;
    }
}

void gp_tile_pack(gp_tile *tile, const gp_fused_column *column, int n_columns, const gp_lane *lane, int tickers)
{
    *tile = (gp_tile){.tickers = tickers, .cap = 1, .n_columns = n_columns};
    tile->column = gp_xcalloc((size_t)n_columns + 1, sizeof *tile->column);
    tile->bars = gp_xcalloc((size_t)tickers + 1, sizeof *tile->bars);
    for (int c = 0; c < n_columns; c++) tile->column[c] = column[c];
    for (int k = 0; k < tickers; k++) {
        tile->bars[k] = lane[k].n > 0 ? lane[k].n : 0;
        if (tile->bars[k] > tile->cap) tile->cap = tile->bars[k];
    }
    tile->quotes = gp_xcalloc((size_t)n_columns * (size_t)tile->cap * (size_t)tickers + 1, sizeof *tile->quotes);
    for (int c = 0; c < n_columns; c++)
        for (int i = 0; i < tile->cap; i++) {
            double *row = tile->quotes + ((size_t)c * (size_t)tile->cap + (size_t)i) * (size_t)tickers;
            for (int k = 0; k < tickers; k++) row[k] = i < tile->bars[k] ? value_of(&lane[k], column[c], i) : GP_NULL;
        }
}

void gp_tile_fini(gp_tile *tile)
{
    free(tile->column);
    free(tile->bars);
    free(tile->quotes);
    *tile = (gp_tile){0};
}

size_t gp_tile_bytes(const gp_tile *tile)
{
    return (size_t)tile->n_columns * (size_t)tile->cap * (size_t)tile->tickers * sizeof(double);
}

bool gp_tile_columns(const gp_tile *tile, const gp_fused *f, int at[GP_FUSED_COLUMNS])
{
    for (int k = 0; k < GP_FUSED_COLUMNS; k++) at[k] = 0;
    for (int k = 0; k < f->n_columns; k++) {
        int c = 0;
        while (c < tile->n_columns && (tile->column[c].letter != f->column[k].letter || tile->column[c].external != f->column[k].external)) c++;
        if (c == tile->n_columns) return false;
        at[k] = c;
    }
    return true;
}

double *gp_tile_facts(const gp_program *p, const gp_lane *lane, int tickers)
{
    const size_t n = p->lane_vals.n;
    double *facts = gp_xcalloc(n * (size_t)tickers + 1, sizeof *facts);
    if (n == 0) return facts;
    double *some = gp_xcalloc(n * GP_VM_LANES, sizeof *some);
    gp_vm *vm = gp_vm_new(p, NULL);
    for (int first = 0; first < tickers; first += GP_VM_LANES) {
        const int lanes = tickers - first < GP_VM_LANES ? tickers - first : GP_VM_LANES;
        gp_vm_facts(vm, lane + first, lanes, some);
        for (int l = 0; l < lanes; l++)
            for (size_t k = 0; k < n; k++) facts[k * (size_t)tickers + (size_t)(first + l)] = some[(size_t)l * n + k];
    }
    gp_vm_free(vm);
    free(some);
    return facts;
}
