/* Formula kinds and their contracts (language.md 8).  The header says {@kind ...}; without it the kind is inferred:
 *   expert     an output is called ENTERLONG, EXITLONG, ENTERSHORT or EXITSHORT;
 *   screen     nothing is drawn and the only output is a condition, or is called XG or SELECT;
 *   indicator  everything else.  A kline (五彩K线) is never inferred: its outputs look like those of an indicator. */
#ifndef GP_PARSER_KIND_H
#define GP_PARSER_KIND_H
#include "parser/ast.h"

typedef enum { GP_KIND_INDICATOR, GP_KIND_SCREEN, GP_KIND_EXPERT, GP_KIND_KLINE } gp_kind;

typedef struct gp_kind_of {
    gp_kind kind;
    bool declared;       /* by the header */
    int result;          /* SCREEN: the statement that decides; -1: there is none.  Other kinds: -1 */
} gp_kind_of;

/* Of a resolved formula. */
gp_kind_of gp_formula_kind(const gp_formula *f);
const char *gp_kind_name(gp_kind k);             /* "screen" */
/* ENTERLONG EXITLONG ENTERSHORT EXITSHORT */
bool gp_is_expert_name(gp_str name);
/* A numeric line of the formula: not an assignment, not hidden, not a drawing. */
bool gp_is_line(const gp_stmt *s);
/* The expression is 0, 1 or null by its form: comparisons, AND, CROSS, EVERY ... */
bool gp_is_condition(const gp_formula *f, const gp_node *n);
/* The expression is a price, a volume or an average of them by its form, hardly ever 0: as a condition it always holds. */
bool gp_is_quantity(const gp_formula *f, const gp_node *n);
/* Reports where a declared kind is not what the formula is. */
void gp_check_kind(const gp_formula *f, gp_diags *d);
/* The expression behind a name, through any number of names. */
const gp_node *gp_node_behind(const gp_formula *f, const gp_node *n);
bool gp_builtin_is_one_of(const gp_builtin *fn, const gp_builtin_id *ids, size_t n);
#endif
