/* Conditions with their numbers, for people and for programs. */
#ifndef GP_CLI_WHY_H
#define GP_CLI_WHY_H
#include "screen/why.h"

/* "✓ C>MA(C,20)  12.3 > 11.9" items for a cell of kind DETAIL, and the same as a JSON array. */
void gp_cli_why(const gp_why *y, const gp_reason *reasons, int n, gp_buf *text, gp_buf *json);
#endif
