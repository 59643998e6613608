/* Inside of the store: whether the pages of an LMDB file hang together.  LMDB trusts its file: a page that was overwritten makes
 * it read wherever the page points.  So the tree, which is small (the bars lie beside it), is looked through before LMDB gets to see it. */
#ifndef GP_MARKET_STORE_PAGES_H
#define GP_MARKET_STORE_PAGES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the two meta pages say: NULL, or what is wrong.  p: the first bytes of the file, at most n.  *used: bytes of the file that hold data. */
const char *gp_pages_meta(const char *p, size_t n, size_t *used, size_t *map_bytes);
/* p: the whole file; transaction: which of the two metas counts.  with_free: the list of free pages as well, which only a writer reads.
 * NULL, or what is wrong. */
const char *gp_pages_check(const char *p, size_t n, uint64_t transaction, bool with_free);
#endif
