/* Decoded formula text -> tokens, one at a time.  Blanks and comments are skipped (comments are remembered); what
 * cannot be read is reported here and replaced by the token that was probably meant. */
#ifndef GP_LEXER_LEXER_H
#define GP_LEXER_LEXER_H
#include "base/vec.h"
#include "lexer/source.h"

typedef enum {
#define GP_TOKEN(ID, category, pattern, name) GP_T_##ID,
#include "lexer/token.def"
#undef GP_TOKEN
    GP_T_END,
    GP_T_COUNT
} gp_token_kind;

typedef struct gp_token {
    gp_token_kind kind;    /* never BLANK or COMMENT; of BROKEN only GP_T_STRAY (already reported) */
    gp_span span;
    gp_str text;           /* folded; STRING and REF: the contents, '' unescaped */
    bool new_line;         /* a line end stands between the token before and this one */
    bool broken;           /* already reported: say nothing more about it */
} gp_token;

typedef struct gp_lexer {
    const gp_source *src;
    gp_arena *arena;
    gp_diags *diags;
    uint32_t at;
    int errors;            /* reported; after too many the rest of the text is not read */
    int folded, commas;    /* counted for the notes of gp_lexer_fini */
    gp_span first_fold, first_comma;
    GP_VEC(gp_span) comments; /* in order, delimiters included */
    void *match;
} gp_lexer;

void gp_lexer_init(gp_lexer *lx, const gp_source *src, gp_arena *arena, gp_diags *d);
gp_token gp_lexer_next(gp_lexer *lx);  /* GP_T_END for ever at the end */
void gp_lexer_fini(gp_lexer *lx);      /* reports what was only counted; frees */
/* The sign itself, or "a name", "a number"… for messages. */
const char *gp_token_name(gp_token_kind k);
/* Contents of a comment: without its delimiters. */
gp_str gp_comment_text(gp_span comment);
#endif
