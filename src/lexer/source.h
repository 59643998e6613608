/* Formula text in any encoding of language.md 1.1 -> decoded UTF-8 with a line table. */
#ifndef GP_LEXER_SOURCE_H
#define GP_LEXER_SOURCE_H
#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"

/* Makes a source from raw bytes (copied into the arena).  encoding GP_ENC_AUTO detects.  Limits: 16 MiB. 
 * Reports undecodable bytes.  Never returns NULL. */
gp_source *gp_source_new(gp_arena *a, const char *name, const char *bytes, size_t n, gp_encoding encoding, gp_diags *d);
#endif
