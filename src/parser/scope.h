/* Names of one formula while they are being bound. */
#ifndef GP_PARSER_SCOPE_H
#define GP_PARSER_SCOPE_H
#include "parser/parse.h"

typedef struct gp_sym {
    gp_str name;
    int current;           /* latest definition before the statement at hand, or -1 */
    int first;             /* first definition anywhere, or -1 */
    int param;             /* index of the parameter, or -1 */
    int unknown;           /* index into the unknown names, or -1 */
    bool called;           /* the unknown is a function */
} gp_sym;

typedef struct gp_unknown {
    const gp_node *node;   /* first use */
    bool function;
    bool defines;          /* stands left of = in a statement: X=5; */
    int uses, n_lines;
    uint32_t lines[6];
} gp_unknown;

typedef struct gp_scope {
    gp_formula *f;
    gp_diags *d;
    GP_VEC(gp_sym) syms;
    GP_VEC(gp_unknown) unknown;
    int *slots;            /* 1 + index into syms; 0 empty */
    size_t n_slots;
    bool *param_used;
    int at;                /* statement at hand */
} gp_scope;

void gp_scope_init(gp_scope *s, gp_formula *f, gp_diags *d);
void gp_scope_fini(gp_scope *s);
gp_sym *gp_scope_find(gp_scope *s, gp_str name);       /* NULL: neither variable nor parameter */
void gp_scope_unknown(gp_scope *s, const gp_node *n, bool function, bool defines);
void gp_scope_report(gp_scope *s);                     /* unknown names, unused -p */
/* A builtin that formula text can name (no operators, nothing internal), or NULL. */
const gp_builtin *gp_scope_builtin(gp_str name);

/* ENTERLONG and its kin: known only as what an output may be called. */
bool gp_scope_output_name(const gp_builtin *b);

/* Finds out what a reference means and sets n->ref and n->type; says what is wrong otherwise.  Its arguments are bound already. */
/* Appends how to refer to the formula of that name (its first output, its parameters); false when there is no such formula or it has errors. */
bool gp_scope_formula_hint(gp_scope *s, gp_str name, gp_buf *hint);
void gp_scope_reference(gp_scope *s, gp_node *n);
/* CALCSTOCKINDEX('SH600000','KDJ',3) is a reference written as a call. */
void gp_scope_calc_stock_index(gp_scope *s, gp_node *n);

/* Fills gp_stmt.label of every statement that has none yet. */
void gp_label_statements(gp_formula *f);

/* Constants that are legal but cannot be meant (periods, weights, zero denominators). */
void gp_check_call(gp_scope *s, const gp_node *call);
void gp_check_number(gp_scope *s, const gp_node *number);
#endif
