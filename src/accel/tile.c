/* Columns of tickers -> tiles. */
#include "accel/tile.h"
#include <stdlib.h>
#include <string.h>
#include "eval/code.h"

const char gp_tile_lacks[] = "it reads a column that was not put on the device";

/* Of 8 neighbours a line of the tile is written whole, and of each of them some lines are read while its page is known. */
enum { ACROSS = 8, ALONG = 32 };

/* Where a column of a lane is; NULL: it has none, or it is made bar by bar. */
static const double *column_of(const gp_lane *lane, gp_fused_column c)
{
    switch (c.letter) {
    case 'O': return lane->open;
    case 'H': return lane->high;
    case 'L': return lane->low;
    case 'C': return lane->close;
    case 'V': return lane->vol;
    case 'A': return lane->amount;
    case 'X': return lane->ext ? lane->ext[c.external] : NULL;
    default: return NULL;
    }
}

/* Bars from .. from + n - 1 of a column without values of its own, as eval/vm.c makes them. */
static void make_values(const gp_lane *lane, gp_fused_column c, int from, int n, double *to)
{
    for (int k = 0; k < n; k++) {
        const int i = from + k;
        double y = GP_NULL;
        if (c.letter == 'D' && lane->date) y = (double)(lane->date[i] - 19000000);
        else if (c.letter == 'T') y = lane->time ? (double)(lane->time[i] / 100) : 0.0;
        else if (c.letter == 'S') y = lane->time ? (double)lane->time[i] : 0.0;
        to[k] = y;
    }
}

/* ALONG bars of `across` neighbours; what is past the end of one is null. */
static void pack_block(const gp_tile *tile, gp_fused_column c, const gp_lane *lane, int first, int across, int from, double *to)
{
    const int along = tile->cap - from < ALONG ? tile->cap - from : ALONG;
    const double *at[ACROSS];
    double own[ACROSS][ALONG];
    for (int k = 0; k < across; k++) {
        const int left = tile->bars[first + k] - from, n = left < 0 ? 0 : left < along ? left : along;
        const double *whole = column_of(&lane[first + k], c);
        if (whole && n == along) {
            at[k] = whole + from;
            continue;
        }
        at[k] = own[k];
        if (whole && n > 0) memcpy(own[k], whole + from, (size_t)n * sizeof(double));
        else make_values(&lane[first + k], c, from, n, own[k]);
        for (int i = n; i < along; i++) own[k][i] = GP_NULL;
    }
    for (int i = 0; i < along; i++, to += tile->tickers)
        if (across == ACROSS)
            for (int k = 0; k < ACROSS; k++) to[k] = at[k][i];
        else
            for (int k = 0; k < across; k++) to[k] = at[k][i];
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
        for (int i = 0; i < tile->cap; i += ALONG) {
            double *row = tile->quotes + ((size_t)c * (size_t)tile->cap + (size_t)i) * (size_t)tickers;
            for (int k = 0; k < tickers; k += ACROSS)
                pack_block(tile, column[c], lane, k, tickers - k < ACROSS ? tickers - k : ACROSS, i, row + k);
        }
}

void gp_tile_whole(const gp_tile *tile, const int32_t *const *from, int32_t rest, int32_t *to)
{
    for (int i = 0; i < tile->cap; i += ALONG)
        for (int first = 0; first < tile->tickers; first += ACROSS) {
            const int across = tile->tickers - first < ACROSS ? tile->tickers - first : ACROSS, end = tile->cap - i < ALONG ? tile->cap : i + ALONG;
            for (int t = i; t < end; t++)
                for (int k = first; k < first + across; k++) to[(size_t)t * (size_t)tile->tickers + (size_t)k] = t < tile->bars[k] ? from[k][t] : rest;
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
