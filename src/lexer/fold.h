/* Full-width punctuation, digits and letters of pasted text -> ASCII (language.md 1.3). */
#ifndef GP_LEXER_FOLD_H
#define GP_LEXER_FOLD_H
#include "base/arena.h"
#include "base/str.h"

/* The ASCII form of a code point: "<=" for U+2264, "" for a zero-width one, NULL when it is not in the table. */
const char *gp_fold_code(uint32_t cp);
/* raw with every code point of the table replaced; raw itself when nothing is.  *folded counts replacements that
 * leave a sign (zero-width characters vanish silently). */
gp_str gp_fold_text(gp_arena *a, gp_str raw, int *folded);
#endif
