/* Formulas that other formulas refer to by name: "MACD.DIF".  Each is read, parsed and resolved once, when first asked for. */
#ifndef GP_PARSER_LIBRARY_H
#define GP_PARSER_LIBRARY_H
#include "base/file.h"
#include "parser/ast.h"

typedef struct gp_library gp_library;

/* Finds the text of the formula called `name`: its bytes are appended to *text, and *shown is the name its diagnostics carry
 * (a path).  False when there is none. */
typedef bool gp_library_find_fn(void *ctx, gp_str name, gp_buf *text, gp_buf *shown);
/* Up to `max` names close to `name`, comma-separated, appended to out; NULL: none are suggested. */
typedef void gp_library_near_fn(void *ctx, gp_str name, int max, gp_buf *out);

gp_library *gp_library_new(gp_library_find_fn *find, gp_library_near_fn *near, void *ctx);
/* Frees every formula it handed out: programs that use them first. */
void gp_library_free(gp_library *l);

typedef enum { GP_LIBRARY_FOUND, GP_LIBRARY_UNKNOWN, GP_LIBRARY_CYCLE, GP_LIBRARY_BROKEN, GP_LIBRARY_DEEP } gp_library_status;

/* Chains of references are followed while the heights of the trees along them, GP_REACH_STEP added for each formula, stay below this:
 * about forty formulas. */
enum { GP_REACH_MAX = 2500, GP_REACH_STEP = 50 };

/* The formula called `name`, resolved.  CYCLE: it is being resolved at this moment; *chain is "A -> B -> A".  BROKEN: it has errors; what
 * they are is in d (once).  DEEP: the chain of formulas being resolved is too long to follow.  Not thread-safe: formulas are resolved before threads start. */
gp_library_status gp_library_get(gp_library *l, gp_str name, const gp_formula **f, const char **chain, gp_diags *d);
/* Tells the library that `name` is being resolved (the formula of the command line), so that a cycle through it is seen; height:
 * of its trees. */
void gp_library_enter(gp_library *l, gp_str name, int height);
void gp_library_leave(gp_library *l);
void gp_library_near(gp_library *l, gp_str name, int max, gp_buf *out);
#endif
