/* The tree of one formula.  Arena-owned; spans point into the source.  The parser fills the upper half of a node,
 * resolve the lower half. */
#ifndef GP_PARSER_AST_H
#define GP_PARSER_AST_H
#include <stdbool.h>
#include "base/arena.h"
#include "base/diag.h"
#include "base/period.h"
#include "builtins/builtin.h"

typedef enum {
    GP_NODE_NUMBER, /* number */
    GP_NODE_STRING, /* text: contents without quotes, '' unescaped */
    GP_NODE_NAME,   /* text: bare identifier, as written */
    GP_NODE_CALL,   /* text: function name or operator spelling; args.  Operators are calls too: "+", "AND", "NOT" */
    GP_NODE_REF,    /* text: contents of "..." (another formula, security or period), args optional */
    GP_NODE_HOLE,   /* an argument or operand that is missing (stripped number); diagnosed by the parser */
    GP_NODE_ERROR   /* already diagnosed */
} gp_node_kind;

typedef enum { GP_TYPE_NONE, GP_TYPE_NUMBER, GP_TYPE_TEXT, GP_TYPE_DRAW, GP_TYPE_SIGNAL } gp_type;
typedef enum { GP_SYM_NONE, GP_SYM_STATEMENT, GP_SYM_PARAM, GP_SYM_BUILTIN } gp_sym_kind;

enum { GP_TREE_MAX = 5000 };

/* What a reference means (language.md 7): [security$] (formula.output | series) [#period]. */
typedef struct gp_ref {
    const char *security;             /* code as written, NULL: the security itself */
    gp_period period;                 /* GP_PERIOD_SAME: that of the quotes */
    const struct gp_formula *formula; /* owned by the library; NULL: a series */
    int stmt;                         /* the output of that formula */
    const gp_builtin *series;
} gp_ref;

typedef struct gp_node gp_node;
struct gp_node {
    gp_node_kind kind;
    bool is_operator;      /* CALL written as an operator */
    bool parenthesised;
    bool counted;          /* resolve: BARSCOUNT with the 1 that it begins with in other dialects */
    gp_span span;          /* whole expression */
    gp_span name_span;     /* NAME, CALL: the word or the operator sign itself */
    gp_str text;
    double number;
    gp_node **args;
    int n_args;
    int depth;             /* height of the tree below, 1 for a leaf; at most GP_TREE_MAX, so recursion is safe */
    /* set by resolve */
    gp_type type;
    gp_sym_kind sym;       /* NAME: what it is */
    int sym_index;         /* STATEMENT: index of the defining statement; PARAM: index of the parameter */
    const gp_builtin *fn;  /* CALL, and NAME with sym BUILTIN */
    const gp_ref *ref;     /* REF; CALL of CALCSTOCKINDEX */
};

typedef enum { GP_STMT_ASSIGN, GP_STMT_OUTPUT, GP_STMT_BARE } gp_stmt_kind; /* X:=e;  X:e;  e; */

typedef struct gp_attr { gp_str text; gp_span span; int rgb; /* colour as 0xRRGGBB or -1 */ } gp_attr;

typedef struct gp_stmt {
    gp_stmt_kind kind;
    gp_span span, name_span;
    gp_str name;             /* as written; BARE: empty */
    gp_node *expr;
    gp_attr *attrs;
    int n_attrs;
    const char *label;       /* resolve: what users see: the name; NONAMEn; for a draw its name, else its literal text
                                (DRAWTEXT), else KINDn (DRAWICON1) */
    bool hidden;             /* appended by --where, --col, --sort */
} gp_stmt;

typedef struct gp_param {
    gp_str name;
    double min, max, step, value, def;
    bool has_range, given;   /* given: set by -p */
    gp_span span;
} gp_param;

/* Header comment keys: {@param N 9 1 100} {@title ...} {@kind indicator|screen|expert|kline} {@pane main|sub} ... */
/* How other programs read the same words (language.md 11). */
typedef enum { GP_DIALECT_TDX, GP_DIALECT_THS, GP_DIALECT_DZH } gp_dialect;

typedef struct gp_header { gp_str title, kind, pane, note, dialect; } gp_header;

typedef struct gp_formula {
    gp_arena arena;
    const gp_source *src;    /* of the formula itself; appended statements carry their own spans */
    gp_stmt *stmts;
    int n_stmts;
    gp_param *params;
    int n_params;
    gp_header header;
    struct gp_library *library; /* where references to other formulas are looked up; NULL: nowhere (library.h) */
    const char *name;        /* as other formulas call it, or NULL */
    int reach;               /* resolve: height of its trees and of those it refers to, added up along the worst chain */
    gp_dialect dialect;      /* of the header; the caller may set another one before resolve */
    bool broken;             /* the parser reported an error */
    bool resolved;           /* resolve ran without errors */
} gp_formula;
#endif
