/* Blocks (板块): lists of securities by name. */
#ifndef GP_MARKET_BLOCKS_H
#define GP_MARKET_BLOCKS_H
#include "base/diag.h"
#include "market/bars.h"

typedef enum {
    GP_BLOCK_INDUSTRY, GP_BLOCK_REGION, GP_BLOCK_CONCEPT, GP_BLOCK_STYLE, GP_BLOCK_INDEX, GP_BLOCK_GROUP,
    GP_BLOCK_FINE, GP_BLOCK_CODE, /* finer industry, code of the industry index */
    GP_BLOCK_OWN, GP_BLOCK_KINDS
} gp_block_kind;

typedef struct gp_blocks gp_blocks;
/* One file a block (.blk .ebk .txt .csv, one code a line), named like the block; the folders hy dy gn fg zs zh xhy hyzs zd say what kind it is,
 * all others are the user's own (zd).  blocks.csv lists securities instead: code,industry,region,concept,style,index,group,own, several
 * names in a cell parted by ; | or 、.  NULL when nothing can be read; the reason is in d. */
gp_blocks *gp_blocks_read(const char *dir, gp_diags *d);
void gp_blocks_free(gp_blocks *b);

int gp_blocks_find(const gp_blocks *b, const char *name); /* of any kind, in any case; -1: there is none */
int gp_blocks_size(const gp_blocks *b, int block);
bool gp_blocks_holds(const gp_blocks *b, int block, const gp_bars *security);
/* How many blocks of the kind hold the security; their names with blanks between are appended to names when it is not NULL. */
int gp_blocks_of(const gp_blocks *b, gp_block_kind kind, const gp_bars *security, gp_buf *names);
bool gp_blocks_any(const gp_blocks *b, gp_block_kind kind);
/* Some names, for a message. */
void gp_blocks_names(const gp_blocks *b, gp_buf *out);
/* "hy": the folder of a kind. */
const char *gp_block_folder(gp_block_kind kind);
#endif
