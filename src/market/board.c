#include "market/board.h"
#include <string.h>

static const struct { const char *market, *codes; gp_board board; } rows[] = {
#define GP_BOARD(market, codes, board) {market, codes, GP_BOARD_##board},
#include "market/board.def"
#undef GP_BOARD
};

gp_board gp_board_of(const char *code, const char *market)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].market, market) == 0 && strncmp(rows[i].codes, code, strlen(rows[i].codes)) == 0) return rows[i].board;
    return GP_BOARD_NONE;
}

int gp_price_decimals(const char *code, const char *market, double price)
{
    switch (gp_board_of(code, market)) {
    case GP_BOARD_FUND:
    case GP_BOARD_BOND:
    case GP_BOARD_B: return 3;
    case GP_BOARD_NONE: return price > -1 && price < 1 ? 4 : 2;
    default: return 2;
    }
}
