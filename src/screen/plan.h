/* Which series of a formula a scan looks at: signals, the extra condition, columns, the sort key. */
#ifndef GP_SCREEN_PLAN_H
#define GP_SCREEN_PLAN_H
#include "eval/program.h"
#include "parser/kind.h"
#include "parser/parser.h"

/* What was asked for, as typed.  Zero-initialise. */
typedef struct gp_plan_spec {
    const char *const *signals; /* --signal NAME */
    int n_signals;
    const char *select;         /* --select NAME: the output that is the screen's result */
    const char *where;          /* --where EXPR */
    bool once;                  /* of several drawings with one condition the formula signals one */
    bool narrows;               /* --where narrows what the formula signals of itself, too */
    const char *condition;      /* the option that takes any condition, for messages; NULL: --where */
    const char *const *cols;    /* --col 'EXPR as NAME' */
    const char *const *col_options; /* the options they were given by, "--stop"; NULL: --col */
    int n_cols;
    gp_compile_opts compile;    /* switches of the engine; which statements is the plan's to say */
    const char *sort;           /* --sort EXPR[:asc|:desc]; a --col name, or "code" */
} gp_plan_spec;

/* slot: index of a numeric result of the program.  A signal holds on a bar where it is not null and |x| >= 1e-5. */
typedef struct gp_signal { const char *label; int slot; int output; } gp_signal;
typedef struct gp_plan_column { const char *name; int slot; } gp_plan_column;

typedef enum { GP_SORT_CODE, GP_SORT_KEY } gp_sort_kind;

typedef struct gp_plan {
    gp_program *program;       /* only what the entries below need */
    const gp_formula *formula; /* what it was compiled from, and how: pass.h compiles several plans into one program */
    gp_compile_opts compile;
    gp_signal *signals;        /* in the order of the formula; a hit needs at least one of them */
    int n_signals;
    int where;                 /* slot that must hold as well; -1 none */
    gp_plan_column *cols;
    int n_cols;
    gp_sort_kind sort;
    int sort_slot;
    bool sort_descending;
    const char *left_out;      /* conditions the formula shows as lines beside its drawings, which are its signals: "买入信号, B"; NULL: none */
    const char *same;          /* of drawings left out by spec.once: "STICKLINE1 = 金叉"; NULL: none */
    gp_arena arena;            /* names */
} gp_plan;

typedef enum {
    GP_PLAN_OK,
    GP_PLAN_USAGE,   /* the formula is right; the options, or the lack of them, are not */
    GP_PLAN_FORMULA
} gp_plan_status;

/* Appends the expressions of spec to the parsed formula, resolves and compiles it, and chooses the signals:
 *   --signal: these outputs and draws (every one of that name); else --select: that one; else --where alone;
 *   else by the kind of the formula (parser/kind.h), declared or inferred: the result of a screen; the outputs ENTERLONG
 *   EXITLONG ENTERSHORT EXITSHORT; every output of a kline; of an indicator the conditions of its drawings at bars, else XG,
 *   SELECT or the only numeric output.
 * --where beside --signal or --select is a further condition; alone it is the signal, or, where it narrows, the signal of a formula that has
 * none of itself.
 * The formula must outlive the plan. */
gp_plan_status gp_plan_new(gp_formula *f, const gp_plan_spec *spec, gp_plan *out, gp_diags *d);
void gp_plan_fini(gp_plan *p);

/* "EXPR as NAME" -> both parts trimmed; without `as` the text is its own name.  The last " as " (any case) outside
 * quotes counts. */
void gp_plan_split_column(gp_str text, gp_str *expr, gp_str *name);
/* "EXPR:desc" -> EXPR trimmed, *descending. */
gp_str gp_plan_split_sort(gp_str text, bool *descending);
#endif
