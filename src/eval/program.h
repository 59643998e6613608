/* A compiled formula: immutable, shareable between threads. */
#ifndef GP_EVAL_PROGRAM_H
#define GP_EVAL_PROGRAM_H
#include "base/period.h"
#include <stdint.h>
#include "parser/ast.h"

typedef enum {
    GP_OUT_SERIES, /* numeric line: X:expr; or an unnamed expression */
    GP_OUT_DRAW,   /* draw statement: value = its price where the condition holds, else null */
    GP_OUT_TEXT,   /* text line: one text per ticker */
    GP_OUT_HIDDEN  /* --where, --col, --sort */
} gp_output_kind;

/* One name of a chain.  The links are shared between all that looks ahead through them: a chain as long as the formula costs one
 * link for each name, not a copy of its text. */
typedef struct gp_ahead_link gp_ahead_link;
struct gp_ahead_link {
    gp_str text;
    const gp_ahead_link *next, *last; /* last: the innermost one, the function itself */
    int n;                            /* links from this one on */
};

/* What the chain of names behind an output sees of the future. */
typedef struct gp_ahead {
    gp_future kind;       /* NONE: every value is final when its bar closes */
    int bars;             /* N: how many later bars; PERIOD: the gp_period whose end decides; else 0 */
    const gp_ahead_link *links;
    const char *chain;    /* of an output: "底 ← X ← ZIG(3,10)", its middle left out where it is long; NULL while compiling */
    gp_span span;         /* the call that looks ahead */
    int late;             /* calls of GP_ROW_LATE rows: the first value of each stands one bar before the bar it comes with */
    const gp_builtin *fn; /* the function behind it, the innermost one of the chain; NULL: an argument that is read from the last bar */
} gp_ahead;

/* One argument of a drawing as a result: gp_compile_opts.geometry asks for them. */
typedef struct gp_draw_arg {
    const gp_arg *arg;    /* of the row: its name and type; repeated arguments repeat */
    int slot;             /* numeric result; -1 for a text */
    int text;             /* text result; -1 for a number */
} gp_draw_arg;

typedef struct gp_output {
    const char *name;     /* label of the statement: 短跳, NONAME1, 追涨, DRAWICON1 */
    gp_output_kind kind;
    int formula;          /* which of the formulas of gp_compile_many; else 0 */
    int stmt;             /* index of the statement */
    const gp_builtin *draw; /* DRAW: which function */
    int slot;             /* SERIES, HIDDEN: index of the numeric result; DRAW: of the price (-1: the draw has none: the condition
                             itself is shown); TEXT: -1 */
    int cond;             /* DRAW: index of the numeric result of the condition; else -1 */
    int text;             /* DRAW with a text argument, TEXT: index for gp_vm_text; else -1 */
    int lookback;         /* bars before i that can matter; GP_LOOKBACK_ALL */
    gp_ahead ahead;
    const gp_attr *attrs; int n_attrs;
    const gp_draw_arg *args; int n_args; /* DRAW, with .geometry: every argument, as written; else none */
} gp_output;
#define GP_LOOKBACK_ALL 2147483647

typedef struct gp_program gp_program;

/* A series that the quotes of the security do not hold as they are: whoever runs the program supplies it as one more column
 * of the lane (screen/feed.h does).  What it means stands in builtins/feed.def, in the row of the letter. */
typedef enum {
    GP_EXT_COLUMN,      /* a further column of the quote file; key: "oi", "advance" */
    GP_EXT_INDEX,       /* the benchmark index of the security; key: "open" "high" "low" "close" "vol" "amount" "advance" "decline" */
    GP_EXT_FUNDAMENTAL, /* a value per security, perhaps per date; key: "capital", "finance.7" */
    GP_EXT_BLOCK,       /* key: "inblock.NAME" 1 or 0; "industry" a text */
    GP_EXT_SERIES,      /* the user's values by date; key: "series.ID.TYPE" */
    GP_EXT_EVENT,       /* key: "split.N.T", "splitbars.N.T", "divfactor.T" */
    GP_EXT_CALENDAR,    /* whether a day is a trading day; key: "today.YYYMMDD", counted from 1900 */
    GP_EXT_NAME,        /* name of another security; key: "name.MARKET.CODE" */
    GP_EXT_PROGRAM      /* result `slot` of `program`, run on another period or another security; key: as written */
} gp_ext_kind;

typedef struct gp_external {
    gp_ext_kind kind;
    const char *key;
    bool is_text;          /* lane.ext_text holds it, one text per security */
    bool is_scalar;        /* the same on every bar: only lane.ext[k][0] is read */
    gp_period period;      /* PROGRAM: GP_PERIOD_SAME when only the security differs */
    bool closed;           /* PROGRAM: the value of the last completed longer bar, not of the enclosing one */
    const char *security;  /* PROGRAM: code as written ("SH600000"), or NULL for the security itself */
    gp_program *program;   /* PROGRAM: owned by this program; may have externals of its own */
    const gp_formula *of;  /* PROGRAM: the formula that `program` was made of; NULL for a series */
    int slot;              /* PROGRAM: numeric result */
    bool daily;            /* a function reads it that has values on daily bars only */
    const char *needs;     /* what supplies it, for people: "--index FILE" */
    const char *shown;     /* as the formula writes it: "INDEXC", "\"KDJ.K#WEEK\"" */
    const char *reader;    /* the call that reads it when the formula does not write it itself: "WINNER(C)"; else NULL */
    gp_span span;
} gp_external;

/* What a formula can ask about the run itself; fixed when it is compiled. */
typedef struct gp_run_facts {
    int32_t date, time;    /* --now, --today: yyyymmdd, hhmmss; date 0: the clock of the machine */
    uint64_t seed;         /* --seed: RAND */
    int adjust;            /* --adjust: TQFLAG: 0 none, 1 forward, 2 backward */
} gp_run_facts;

typedef struct gp_compile_opts {
    /* Keep only these statements (by index) and what they need; NULL keeps all outputs.  Dead code is dropped. */
    const int *stmts; int n_stmts;
    bool exact_compare;    /* comparisons without TDX's tolerance (--exact-compare) */
    bool geometry;         /* every argument of a drawing becomes a result, so that it can be drawn */
    bool no_cse;           /* for tests */
    bool no_draw_texts;    /* the texts of drawings are not wanted: scans look at conditions and prices only */
    bool no_draw_prices;   /* of drawings that have a condition only that is wanted: the price is no result */
    bool closed_periods;   /* --period-align closed: CLOSE#WEEK is the last completed week's */
    /* Further results: the values of these nodes of the formula's trees (gp_program_node_slot), each once, ascending by address. */
    const gp_node *const *nodes; int n_nodes;
    const double *params;  /* instead of the values of the formula's parameters; NULL: those */
    int *taken;            /* of the compiler itself: what references have taken in, over the programs they make */
    bool f32;              /* --f32: every literal, parameter, quote and result in single precision */
    bool null_true;        /* --null-cond tdx */
    bool chip_uniform;     /* --chip-model uniform: a day's volume lies evenly over its range */
    gp_run_facts facts;
} gp_compile_opts;

/* Compiles a resolved formula.  The program refers to the formula's arena: free the program first.
 * Returns NULL when something resolve could not see is wrong (in d). */
gp_program *gp_compile(const gp_formula *f, const gp_compile_opts *opts, gp_diags *d);
/* One program of n formulas, each with options of its own, which have to agree in what gp_compile_opts_agree looks at.  What several of them
 * compute is computed once; every result is bit for bit that of the formula's own program, RAND included.  The outputs stand formula
 * by formula.  `nodes` is for one formula alone and ignored here.  The formulas have to outlive the program. */
gp_program *gp_compile_many(const gp_formula *const *f, const gp_compile_opts *opts, int n, gp_diags *d);
/* Can two formulas be compiled into one program with these options?  What differs from formula to formula (statements, parameters) does not matter. */
bool gp_compile_opts_agree(const gp_compile_opts *a, const gp_compile_opts *b);
/* Reads the clock of the machine where `facts` leave date and time open, so that what is compiled with them twice says the same. */
void gp_run_facts_settle(gp_run_facts *facts);
void gp_program_free(gp_program *p);

const gp_output *gp_program_outputs(const gp_program *p, int *n);
int gp_program_find(const gp_program *p, gp_str name); /* by label, case-insensitive; -1 */
int gp_program_n_slots(const gp_program *p);           /* numeric results of a run */
int gp_program_n_code(const gp_program *p);            /* instructions */
int gp_program_n_texts(const gp_program *p);
int gp_program_text_slot(const gp_program *p, int t);  /* numeric result that holds the handles of text result t */
/* Numeric result that holds the value of a node asked for in gp_compile_opts.nodes; -1 when it has none.  Of a text
 * it holds the handle (gp_vm_text_of). */
int gp_program_node_slot(const gp_program *p, const gp_node *node);
/* Which columns the quotes must have: bit mask of GP_NEED_*. */
enum { GP_NEED_OPEN = 1, GP_NEED_HIGH = 2, GP_NEED_LOW = 4, GP_NEED_CLOSE = 8, GP_NEED_VOL = 16, GP_NEED_AMOUNT = 32 };
unsigned gp_program_needs(const gp_program *p);
/* The columns beyond the quotes, in the order of gp_lane.ext. */
const gp_external *gp_program_externals(const gp_program *p, int *n);
bool gp_ahead_further(const gp_ahead *a, const gp_ahead *b); /* a sees more of what comes than b */
gp_ahead gp_program_ahead(const gp_program *p);        /* worst over the outputs */
/* A call whose value is that of the day of the run on every bar (INBLOCK, STKNAME, MACHINEDATE), as written; NULL: none.  It cannot change
 * when bars are added, but what it says about past bars was not known then. */
const char *gp_program_today(const gp_program *p);
int gp_program_lookback(const gp_program *p);
/* Bytecode with source spans, stages, registers, lookback, needs and look-ahead, for people. */
void gp_program_explain(const gp_program *p, gp_buf *out);
#endif
