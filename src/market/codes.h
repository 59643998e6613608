/* A set of securities by code: 600000, SH600000, 600000.SH; one and the same whether or not the exchange is written. */
#ifndef GP_MARKET_CODES_H
#define GP_MARKET_CODES_H
#include <stdint.h>
#include "base/diag.h"
#include "base/str.h"

typedef struct gp_code_entry { char code[32], market[3]; uint32_t next; } gp_code_entry; /* next: another market's; index + 1 */
typedef struct gp_codes {
    gp_code_entry *at;
    uint32_t n, cap;
    uint32_t *slots, n_slots; /* by code alone; index + 1 */
} gp_codes; /* zero-initialise */

/* The number of the security that a cell names, a new one when it is not there yet.  "1600000" is TDX's way: exchange and code. */
uint32_t gp_codes_add(gp_codes *c, gp_str cell);
/* -1: not there.  A market that is not known fits every market. */
int gp_codes_find(const gp_codes *c, const char *code, const char *market);
void gp_codes_fini(gp_codes *c);
/* Could a cell name a security of any market at all?  Not xyz!, 600519x, 999999999. */
bool gp_codes_plausible(gp_str cell);

/* Lists of codes in files.  A line of TDX's own (.blk, .ebk) is "1600000": the number of the exchange and six digits.  Calls found for each
 * code of the text, one a line; what is no code is warned about.  path is for messages. */
void gp_codes_lines(const char *path, const char *p, const char *end, void (*found)(void *ctx, gp_str code), void *ctx, gp_diags *d);
/* Looks it like a code at all? */
bool gp_codes_is(gp_str s);
/* Adds the codes of a file: a table with a code column, or one code a line.  False when it cannot be read or has none; the reason is in d. */
bool gp_codes_read(gp_codes *c, const char *path, gp_diags *d);

/* What a word of the user's names: "SH600000", "600000.SH", "600000", "1_600000", "47_IFL8"; numbered: "1.600000" as well. */
typedef struct gp_code_word { char code[64], market[3]; bool sure; } gp_code_word; /* sure: the market is said */
gp_code_word gp_code_word_of(const char *text, bool numbered);
/* How well a security fits: 2 exactly; 1 it is of another market than the one that a bare code usually means (000001: 平安银行, and the
 * index of Shanghai); 0 not at all.  Of the securities there are the best fit is meant.  Files of futures are called 47#IFL8. */
int gp_code_fits(const gp_code_word *w, const char *code, const char *market);
#endif
