/* What the files of the compiler share.  values.c numbers values, compile.c turns the tree into them, outputs.c makes the
 * results of statements, ahead.c traces the look-ahead. */
#ifndef GP_EVAL_COMPILE_H
#define GP_EVAL_COMPILE_H
#include "eval/code.h"

typedef struct gp_seen { int val; gp_ahead ahead; } gp_seen; /* val -1: not computed */
/* A trading statement whose signals AUTOFILTER pairs. */
typedef struct gp_signal_stmt { const gp_builtin *fn; gp_seen cond, skip; int output; gp_span span; } gp_signal_stmt;

typedef struct gp_frame gp_frame;

typedef struct gp_compiler {
    gp_program *p;
    const gp_formula *root; /* the formula that is being compiled */
    int number;           /* of the root among those of the program */
    size_t first;         /* values that earlier formulas made */
    const gp_formula *f;  /* the formula at hand: the root, or one it refers to (refs.c) */
    const double *params; /* values of its parameters */
    gp_frame *frames;     /* formulas referred to */
    const gp_compile_opts *o; /* never NULL */
    gp_diags *d;
    gp_seen *stmt;        /* per statement: value of its expression, or -1 */
    int *bucket;          /* hash of values: open addressing, -1 empty */
    size_t n_bucket;
    int n_random;         /* calls of RAND so far: each one has numbers of its own */
    const gp_builtin *reader; /* whose implicit series are being made; NULL: none */
    gp_seen skip;         /* TESTSKIP: true, on every bar, where the statements from here on give nothing; val -1: no such */
    bool filter;          /* AUTOFILTER */
    GP_VEC(gp_signal_stmt) signals;
    bool no_cse; /* plain: no sharing, no cheaper rows, no fusion */
    bool failed;
} gp_compiler;

/* ---- values.c ---- */
int gp_make_const(gp_compiler *c, double x, gp_span span);
int gp_make_load(gp_compiler *c, char letter, gp_span span);
int gp_make_feed(gp_compiler *c, const gp_feed_row *row, const char *key, gp_span span); /* key NULL: the row's own */
int gp_make_external(gp_compiler *c, int k, gp_span span); /* external k as a value */
int gp_make_text(gp_compiler *c, gp_str text, gp_span span); /* a literal's handle */
/* Makes fn(in...), folding constants and turning arguments that are read once into broadcasts; *reads_last is set when one
 * is read on the last bar. */
int gp_make_call(gp_compiler *c, const gp_builtin *fn, const int *in, int n_in, gp_span span, bool *reads_last);
bool gp_is_const(const gp_compiler *c, int v);
int gp_add_look(int a, int b);
/* The operand that says how many bars: the first argument of type n or k; -1 when the row has none. */
int gp_period_operand(const gp_builtin *fn, int n_in);
/* Source text of a span, shortened: "ZIG(3,10)". */
const char *gp_span_shown(gp_compiler *c, gp_span s);

/* ---- ahead.c ---- */
extern const gp_ahead gp_no_ahead;
gp_ahead gp_ahead_worse(gp_ahead a, gp_ahead b);
/* own, applied to what looks ahead as `inner` says. */
gp_ahead gp_ahead_join(gp_compiler *c, gp_ahead own, gp_ahead inner, gp_span span);
/* `name ←` before the chain of a; nothing where a sees no future. */
void gp_ahead_named(gp_compiler *c, gp_ahead *a, gp_str name);
/* The chain as text, of at most about a dozen names: the first ones, "…" and the function. */
const char *gp_ahead_text(gp_arena *arena, const gp_ahead_link *links);
/* fn applied to what looks ahead as `inner` says. */
gp_ahead gp_ahead_of_call(gp_compiler *c, const gp_builtin *fn, const int *in, int n_in, bool reads_last, gp_ahead inner, gp_span span);

/* ---- compile.c ---- */
gp_seen gp_compile_node(gp_compiler *c, const gp_node *n);
void gp_compile_fail(gp_compiler *c, gp_span span, const char *what);
int gp_add_slot(gp_compiler *c, int val);
int gp_add_text_result(gp_compiler *c, int val);

/* ---- refs.c ---- */
gp_seen gp_compile_reference(gp_compiler *c, const gp_node *n);
void gp_frames_free(gp_compiler *c);

/* ---- signals.c ---- */
bool gp_has_filter(const gp_formula *f);
/* TESTSKIP, AUTOFILTER */
void gp_compile_control(gp_compiler *c, const gp_stmt *s);
/* v, or null for a security that an earlier TESTSKIP ended. */
gp_seen gp_unless_skipped(gp_compiler *c, gp_seen v, gp_span span);
void gp_note_signal(gp_compiler *c, const gp_builtin *fn, gp_seen cond, int output, gp_span span);
void gp_finish_signals(gp_compiler *c);

/* ---- outputs.c ---- */
/* Statement k; want: its results are asked for. */
void gp_compile_stmt(gp_compiler *c, int k, bool want);
#endif
