/* One row per builtin.  A row lives in src/builtins/<family>.def, its kernel in src/builtins/<family>.h; everything
 * else (arity and type errors, `goldpit functions`, did-you-mean, dispatch, tests, fuzz dictionary) is derived.
 * This header is metadata only: kernels see kernel.h, the engine sees both. */
#ifndef GP_BUILTINS_BUILTIN_H
#define GP_BUILTINS_BUILTIN_H
#include <stdbool.h>
#include <stddef.h>
#include "base/str.h"

typedef enum { GP_TIER_A, GP_TIER_B, GP_TIER_C, GP_TIER_D, GP_TIER_OPERATOR } gp_tier;

typedef enum {
#define GP_CATEGORY(id, en, zh) GP_CAT_##id,
#include "builtins/category.def"
#undef GP_CATEGORY
    GP_CAT_COUNT
} gp_category;

typedef enum {
    GP_SHAPE_LOAD,    /* a column of the quotes, or of the bar's position */
    GP_SHAPE_MAP,     /* y = f(a, b, ...) on one bar */
    GP_SHAPE_SCAN,    /* y = step(state, a, b, ...) */
    GP_SHAPE_DELAY,   /* REF with a constant offset; with a series offset it runs as HISTORY */
    GP_SHAPE_WINDOW,  /* associative fold over the last N bars: unit, push, fold, fin */
    GP_SHAPE_MOMENTS, /* sums of powers over the last N bars, shifted: add, fin */
    GP_SHAPE_HISTORY, /* looks at any earlier bar of its arguments */
    GP_SHAPE_WHOLE,   /* needs the full column of one ticker (look-ahead functions): runs between stages */
    GP_SHAPE_DRAW,    /* a condition and geometry; value = price where the condition holds, else null */
    GP_SHAPE_TEXT,    /* text in or out */
    GP_SHAPE_FEED,    /* comes with the security, not from its quotes: inputs is one letter of feed.def; constant arguments */
    GP_SHAPE_CONTROL, /* a statement that steers others: TESTSKIP, AUTOFILTER */
    GP_SHAPE_NONE     /* known by name only: outputs (ENTERLONG), not available yet, needs other data */
} gp_shape;

/* Bars before i that the value at i can depend on, from the first period argument N (type n or k). */
typedef enum {
    GP_LOOK_0,   /* none */
    GP_LOOK_1,   /* the previous bar (CROSS, TR) -- state that forgets nothing earlier */
    GP_LOOK_N1,  /* N-1 */
    GP_LOOK_N,   /* N */
    GP_LOOK_ALL  /* unbounded: recurrences, "since first valid", N = 0 */
} gp_look;

typedef enum {
    GP_FUTURE_NONE,
    GP_FUTURE_N,       /* the next N bars */
    GP_FUTURE_REPAINT, /* any later bar may change it */
    GP_FUTURE_PERIOD,  /* until the longer bar around it is complete (CLOSE#WEEK); no row has it */
    GP_FUTURE_LAST     /* depends on which bar is the last one (CONST, CURRBARSCOUNT) */
} gp_future;

/* How sure it is that the rule adopted is TDX's: the weakest word of the row's rule (shared words of the specification). */
typedef enum { GP_CERTAIN_UNDISPUTED, GP_CERTAIN_KNOWN, GP_CERTAIN_LIKELY, GP_CERTAIN_UNVERIFIED } gp_certainty;

enum {
    GP_ROW_FOLD = 1,    /* constant arguments give a constant: evaluated by the compiler */
    GP_ROW_BINARY = 2,  /* extra arguments nest from the left: MAX(A,B,C) */
    GP_ROW_INTERNAL = 4, /* made by the compiler, not callable by name */
    GP_ROW_TEXT = 8,     /* gives a text */
    GP_ROW_PAINT = 16,   /* a drawing whose conditions choose colours, so that none of them is its signal */
    GP_ROW_FIXED = 32,   /* a drawing at a place of the pane, not at a bar: no signal unless it is asked for by name */
    GP_ROW_TEXT_LAST = 128, /* reads its texts on the last bar and gives the same on every bar */
    GP_ROW_NULL_TRUE = 512, /* --null-cond tdx: a null condition after the first valid bar counts as true */
    GP_ROW_TODAY = 1024,    /* tells of the day of the run (clock, blocks, name), on past bars as well: no look-ahead along the bars */
    GP_ROW_GRID = 256,      /* WHOLE: its kernel needs w->grid */
    GP_ROW_LIBM = 2048,     /* its kernel calls exp, log, pow, sin or their kin, whose last bit is the C library's: elsewhere it may differ */
    GP_ROW_LATE = 64     /* null until the data hold one bar more than the first value needs */
};

/* Argument types in a signature "X,N:n,C:c": */
typedef enum {
    GP_ARG_SERIES = 's', /* number, one per bar (default) */
    GP_ARG_COND = 'c',   /* condition: true when non-null and |x| >= 1e-5 */
    GP_ARG_PERIOD = 'n', /* number of bars, read on every bar */
    GP_ARG_LAST = 'k',   /* number read from the last bar only */
    GP_ARG_FIRST = 'f',  /* number read from the first bar only */
    GP_ARG_TEXT = 't',
    GP_ARG_COLOUR = 'r'  /* RGB() or a colour word */
} gp_arg_type;

#define GP_MAX_ARGS 16 /* written by the user */
#define GP_MAX_IN 8    /* implicit series + arguments of one instruction */

typedef struct gp_arg { gp_str name; gp_arg_type type; } gp_arg;

typedef enum {
    GP_B_NONE = 0,
#define GP_MAP(ID, ...) GP_B_##ID,
#define GP_SCAN(ID, ...) GP_B_##ID,
#define GP_WINDOW(ID, ...) GP_B_##ID,
#define GP_MOMENTS(ID, ...) GP_B_##ID,
#define GP_HISTORY(ID, ...) GP_B_##ID,
#define GP_WHOLE(ID, ...) GP_B_##ID,
#define GP_OTHER(ID, ...) GP_B_##ID, /* LOAD, DELAY, DRAW, TEXT: the engine knows what to do */
#include "builtins/all.def"
    GP_B_COUNT
} gp_builtin_id;

typedef struct gp_builtin {
    gp_builtin_id id;
    const char *name;      /* upper case, or an operator sign */
    const char *aliases;   /* blank-separated, may be "" */
    gp_tier tier;
    gp_category category;
    gp_shape shape;
    const char *signature; /* "X,N:n"; "A,B..." the last one repeats, "P,C:c,D...2" the last two; "" a series */
    const char *inputs;    /* implicit series before the arguments, one letter each: O H L C V A D(ate) T(ime) S(time with seconds) I(ndex) Z(length)
                              P(eriod) M(arket) R(andom seed of the security), c n (code and name, texts); N, h (date and time of the run),
                              q (adjustment), Q (chip model) and r (number of this call)
                              are constants; or one of feed.def */
    gp_look look;
    gp_future future;
    int flags;
    int n_in;              /* implicit + written arguments of the kernel */
    int n_state;           /* SCAN: state fields; WINDOW: fields; MOMENTS: moments */
    const char *needs;     /* NONE: what it would need */
    const char *en, *zh;   /* one line each */
    const char *rule;      /* the rule adopted where sources disagree, or "" */
    const char *example, *expect; /* run on gp_example_bars by the tests; expect: ten values, "-" null; "" for none */
    /* derived from signature when the registry starts */
    gp_arg args[GP_MAX_ARGS];
    int n_args, min_args, max_args; /* optional arguments end with '?': "PRICE?" */
    int n_repeat;                   /* how many arguments at the end repeat */
    gp_certainty certainty;         /* derived from rule: it ends with (known), (likely) or (unverified) */
} gp_builtin;

/* One letter of `inputs` that stands for what the quotes do not hold: a row of feed.def.  kind is a gp_ext_kind by name. */
typedef enum { GP_FEED_COLUMN, GP_FEED_INDEX, GP_FEED_FUNDAMENTAL, GP_FEED_BLOCK, GP_FEED_SERIES, GP_FEED_EVENT, GP_FEED_CALENDAR, GP_FEED_NAME } gp_feed_kind;
typedef struct gp_feed_row {
    char letter;
    gp_feed_kind kind;
    const char *key;      /* "capital"; of a FEED function: the head of the key, to which its arguments are appended */
    bool is_text;
    const char *needs;    /* what supplies it: "--index FILE" */
} gp_feed_row;
const gp_feed_row *gp_feed_row_of(char letter); /* NULL: none */

/* Finds a row by name or alias, ASCII case-insensitive; NULL when there is none.  Thread-safe. */
const gp_builtin *gp_builtin_find(gp_str name);
const gp_builtin *gp_builtin_get(gp_builtin_id id);
/* All rows in file order, GP_SHAPE_NONE and internal ones included. */
const gp_builtin *gp_builtin_all(int *n);
/* Up to `max` callable names close to `name` (edit distance <= 1 for short names, <= 2 for longer ones), best first. */
int gp_builtin_similar(gp_str name, const char **out, int max);
/* What to write instead of a function that looks ahead, one sentence; NULL when nobody knows. */
const char *gp_builtin_way_out(const gp_builtin *b, bool chinese);
/* "MA(X,N)" */
void gp_builtin_usage(const gp_builtin *b, gp_buf *out);
/* The argument that a call gives at place i (0-based), repeated ones included; NULL: the row takes none. */
const gp_arg *gp_builtin_arg(const gp_builtin *b, int i);
/* A row of argument.def: what a constant means as this argument. */
typedef struct gp_argument {
    gp_builtin_id fn;
    const char *arg;
    double min, max;
    const char *choices; /* "0 1 10 11", "whole" or "" */
    const char *en, *zh;
} gp_argument;
const gp_argument *gp_argument_find(const gp_builtin *b, gp_str arg); /* NULL: nothing is known of it */
bool gp_argument_allows(const gp_argument *a, double value);

const char *gp_category_name(gp_category c, bool chinese);
const char *gp_tier_name(gp_tier t); /* "A" */
const char *gp_shape_name(gp_shape s);
const char *gp_certainty_name(gp_certainty c); /* "likely"; "" for rows without a rule */
/* What a row of the library needs beside the quotes, for people: "the benchmark index: --index FILE"; nothing is added when it
 * needs nothing. */
void gp_builtin_needs(const gp_builtin *b, gp_buf *out);
#endif
