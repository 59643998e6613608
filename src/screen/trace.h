/* Every sub-expression of a formula with its value on one bar, as a tree: why did it (not) fire? */
#ifndef GP_SCREEN_TRACE_H
#define GP_SCREEN_TRACE_H
#include "eval/program.h"
#include "market/bars.h"
#include "screen/companions.h"

typedef struct gp_trace_row {
    int depth;            /* 0: an output; each row stands below the last one that is one less deep */
    const char *name;     /* of an output or a variable; NULL: an expression */
    const char *text;     /* source: of the expression, or of what the name is defined as; white space collapsed */
    bool is_condition;
    bool again;           /* a variable whose definition stands further up */
    bool shows_before;    /* what stands around it compares with the bar before (CROSS, REF ...) */
    bool has_value;       /* false: a drawing without a condition, a text */
    double value, before; /* on the bar, on the bar before; NaN null */
    const char *string;   /* value of a text output, else NULL */
} gp_trace_row;

typedef struct gp_trace gp_trace;
/* Compiles the formula so that every node below the wanted statements (o->stmts; NULL: all outputs) has its value kept.
 * NULL when it cannot be compiled (in d). */
gp_trace *gp_trace_new(const gp_formula *f, const gp_compile_opts *o, gp_diags *d);
void gp_trace_free(gp_trace *t);
const gp_program *gp_trace_program(const gp_trace *t);
/* Where the externals of its program come from; NULL: nowhere any more. */
void gp_trace_feed(gp_trace *t, const gp_companions *c);
/* Evaluates over all of b and fills the rows for this bar; they stay the trace's and are good until the next run. */
const gp_trace_row *gp_trace_run(gp_trace *t, const gp_bars *b, int bar, int *n);

/* ---- what --why and --near share ---- */
/* Source of a span in one line: white space and comments collapsed, at most `most` bytes, "..." at the end when shortened. */
const char *gp_trace_text(gp_arena *a, gp_span s, size_t most);
/* A node that is true or false by what it is: a comparison, AND, OR, a row of the logic family, or a name of such. */
bool gp_trace_is_condition(const gp_formula *f, const gp_node *n);
/* The node that a name stands for (through names of names); any other node itself. */
const gp_node *gp_trace_definition(const gp_formula *f, const gp_node *n);
#endif
