/* A set of securities by code: 600000, SH600000, 600000.SH; one and the same whether or not the exchange is written. */
#ifndef GP_MARKET_CODES_H
#define GP_MARKET_CODES_H
#include <stdint.h>
#include "base/str.h"

typedef struct gp_code_entry { char code[32], market[3]; uint32_t next; } gp_code_entry; /* next: another market's; index + 1 */
typedef struct gp_codes {
    gp_code_entry *at;
    uint32_t n, cap;
    uint32_t *slots, n_slots; /* by code alone; index + 1 */
} gp_codes; /* zero-initialise */

/* The number of the security that a cell names, a new one when it is not there yet. */
uint32_t gp_codes_add(gp_codes *c, gp_str cell);
/* -1: not there.  A market that is not known fits every market. */
int gp_codes_find(const gp_codes *c, const char *code, const char *market);
void gp_codes_fini(gp_codes *c);
#endif
