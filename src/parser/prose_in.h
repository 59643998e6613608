/* What the files of the prose share. */
#ifndef GP_PARSER_PROSE_IN_H
#define GP_PARSER_PROSE_IN_H
#include "parser/parser.h"

typedef enum { VALUE, LOOSE, CLAUSE, DRAW } mood;
typedef struct row { const char *name; mood mood; const char *en, *zh; } row; /* of builtins/prose.def */

/* How tightly what was written holds together. */
typedef enum { AS_OR, AS_AND, AS_CLAUSE, AS_LOOSE, AS_SUM, AS_PRODUCT, AS_SIGN, AS_PHRASE, AS_WORD } bond;

typedef struct prose { const gp_formula *f; bool zh; } prose;

const row *gp_prose_row_of(const gp_builtin *fn); /* NULL: it has none */
/* The value of a number, a signed number or a parameter. */
bool gp_prose_constant(const prose *p, const gp_node *n, double *v);
bool gp_prose_is_clause(const gp_node *n);
/* An expression as a number, as something that holds or not. */
bond gp_prose_value(prose *p, const gp_node *n, gp_buf *out);
bond gp_prose_clause(prose *p, const gp_node *n, gp_buf *out);
void gp_prose_call(prose *p, const gp_node *call, const row *r, gp_buf *out);
bond gp_prose_unknown(prose *p, const gp_node *n, gp_buf *out);
#endif
