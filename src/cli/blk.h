/* Securities as a block file of TDX: .blk, .ebk. */
#ifndef GP_CLI_BLK_H
#define GP_CLI_BLK_H
#include "cli/cli.h"
#include "screen/scan.h"

/* Appends the securities of the first `rows` hits, each once: the number of the exchange and six digits, CR LF; an .ebk begins with an empty
 * line.  Returns how many were left out because a block has no place for them. */
size_t gp_blk(const gp_scan_result *r, size_t rows, bool ebk, gp_buf *out);
/* --blk FILE; false after saying why it cannot be written. */
bool gp_cli_write_blk(gp_cli *c, const gp_scan_result *r, size_t rows);
#endif
