/* A row whose columns are named where their cells are filled: what hitrate, backtest and sweep print depends on the options. */
#ifndef GP_CLI_SHEET_H
#define GP_CLI_SHEET_H
#include <math.h>
#include "base/arena.h"
#include "output/writer.h"

enum { SHEET_COLUMNS = 128 };
typedef struct sheet { gp_column column[SHEET_COLUMNS]; gp_cell cell[SHEET_COLUMNS]; int n; gp_arena names; /* those that are made */ } sheet;

static inline void sheet_text(sheet *s, const char *name, const char *value)
{
    s->column[s->n] = (gp_column){name, GP_CELL_TEXT, 0};
    s->cell[s->n++].text = gp_str_from(value);
}

static inline void sheet_number(sheet *s, const char *name, double value, int decimals)
{
    s->column[s->n] = (gp_column){name, GP_CELL_NUMBER, decimals};
    s->cell[s->n++].number = value;
}

/* As percent, to the millionth of one. */
static inline void sheet_percent(sheet *s, const char *name, double fraction)
{
    sheet_number(s, name, round(fraction * 1e8) / 1e6, 2);
}
#endif
