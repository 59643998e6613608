/* To which board a code belongs (board.def). */
#ifndef GP_MARKET_BOARD_H
#define GP_MARKET_BOARD_H

typedef enum {
    GP_BOARD_MAIN, GP_BOARD_STAR, GP_BOARD_CHINEXT, GP_BOARD_BJ, GP_BOARD_B, GP_BOARD_INDEX, GP_BOARD_FUND, GP_BOARD_BOND, GP_BOARDS,
    GP_BOARD_NONE = -1
} gp_board;
/* market "SH", "SZ", "BJ"; with another one, or none, no board. */
gp_board gp_board_of(const char *code, const char *market);
/* Decimals its prices are quoted with: 3 for funds, bonds and B shares, else 2; of a security of no board by how large the price is. */
int gp_price_decimals(const char *code, const char *market, double price);
#endif
