/* The inside of a program: shared by compile.c (tree -> values), schedule.c (values -> instructions), vm.c and explain.c. */
#ifndef GP_EVAL_CODE_H
#define GP_EVAL_CODE_H
#include "base/vec.h"
#include "eval/exec.h"
#include "eval/program.h"
#include "eval/texts.h"

/* ---- values: what compile.c makes.  A value is computed once, however often it is used (value numbering). ---- */
typedef enum {
    GP_VAL_CONST, /* number */
    GP_VAL_LOAD,  /* letter: a column of the quotes or a position (I) */
    GP_VAL_LANE,  /* letter: one number per ticker, the same on every bar */
    GP_VAL_CALL   /* fn(in...) */
} gp_val_kind;

typedef struct gp_val {
    gp_val_kind kind;
    double number;
    char letter;            /* LOAD, LANE; 'X': an external; LANE 'c', 'n': the code, the name; LANE '?': fn(in...), a text
                               function of what is the same on every bar */
    const gp_builtin *fn;
    int in[GP_MAX_IN];
    int n_in;
    int slot;               /* numeric result it is, or -1 */
    int text;               /* 'X': index of the external */
    gp_span span;
    int look;               /* bars before i that matter; GP_LOOKBACK_ALL */
    double mag;             /* |value| is at most this; infinity when nothing is known (range.c) */
    int len;                /* WINDOW, MOMENTS, DELAY with constant N: what fn's len() made of it */
    bool series_n;          /* WINDOW, MOMENTS: N varies */
    bool live;
    int stage;              /* schedule: stage that computes it */
    int last_stage;         /* schedule: last stage that reads it */
    int last_use;           /* schedule: position of the last instruction of its own stage that reads it */
    int where;              /* schedule: operand index (see gp_operand) */
    bool full;              /* schedule: kept for all bars */
} gp_val;

/* ---- instructions: what the VM runs ---- */
typedef enum {
    GP_AT_BLOCK,  /* block register */
    GP_AT_FULL,   /* full-length register */
    GP_AT_CONST,  /* constant, one row */
    GP_AT_LANE,   /* one number per ticker, one row */
    GP_AT_COLUMN  /* whole-series functions: the column of the quotes that value `index` loads, in place */
} gp_place;
typedef struct gp_operand { gp_place place; int index; } gp_operand;

typedef struct gp_instr {
    int val;                /* the value it computes */
    const gp_builtin *fn;   /* NULL: a load */
    char letter;            /* load */
    gp_operand to, in[GP_MAX_IN];
    int n_in, len;
    bool series_n, n_is_last, touches_full;
    unsigned series_mask, varying_mask;
    bool whole;             /* runs once, after the blocks of its stage (WHOLE and TEXT rows) */
    int sink0, n_sinks;     /* range of p->sinks: results copied out as soon as it ran */
    gp_span span;
} gp_instr;

typedef struct gp_stage {
    int first, n_block, n_whole; /* block instructions, then whole-series ones */
    int first_load, n_loads;     /* its loads, counted over the program */
} gp_stage;

typedef struct gp_traced { const gp_node *node; int slot; } gp_traced;

struct gp_program {
    gp_arena arena;
    gp_formula *owned;             /* freed with the program; NULL: the formula is somebody else's */
    GP_VEC(gp_val) vals;
    GP_VEC(gp_output) outputs;
    GP_VEC(gp_external) externals;
    gp_texts literals;
    GP_VEC(int) text_results;      /* gp_output.text -> slot that holds its handle */
    GP_VEC(int) slots;             /* numeric result -> value */
    GP_VEC(gp_traced) nodes;       /* as asked for in gp_compile_opts.nodes */
    GP_VEC(gp_instr) code;
    GP_VEC(gp_stage) stages;
    GP_VEC(int) sinks;             /* slots, grouped by instruction */
    GP_VEC(int) const_slots;       /* slots whose value is a constant or one number per ticker: filled after the run */
    GP_VEC(double) consts;
    GP_VEC(int) lane_vals;         /* LANE values in use, in the order of their operand index */
    int n_block_regs, n_full_regs;
    int longest;                   /* window or offset in bars, of those that keep rows */
    const char *not_resumable;     /* why its state after a bar cannot be kept (state.c); NULL: it can */
    unsigned needs;
    const char *clock;             /* the first call of a row that reads the clock, as written; NULL: none */
    const char *today;             /* the first call of a GP_ROW_TODAY row, as written; NULL: none */
    bool chip_uniform;
    uint64_t seed;                 /* of RAND */
    const gp_kernel_set *exact;    /* kernels to use instead of the best ones, or NULL */
};

/* NONE < N < PERIOD < LAST < REPAINT */
int gp_ahead_rank(gp_future f);
void gp_schedule(gp_program *p);
/* range.c: bounds of fn's result from its operands' bounds, and the cheaper row that serves when it cannot overflow. */
double gp_range_of(const gp_program *p, const gp_builtin *fn, const int *in, int n_in);
const gp_builtin *gp_range_cheaper(const gp_program *p, const gp_builtin *fn, const int *in, double mag);
/* threshold.c: LT, LE, GT, GE with the constant c as one plain comparison. */
double gp_threshold(gp_builtin_id id, double c);
bool gp_threshold_fits(double c);
/* ladder.c: longer extreme windows from shorter ones.  order.c: operands before their readers again. */
void gp_ladder(gp_program *p, const bool *live);
void gp_sort_values(gp_program *p);
/* fuse.c: rewrites frequent chains of live values into one. */
void gp_fuse(gp_program *p);
/* state.c: sets p->longest and p->not_resumable. */
void gp_state_plan(gp_program *p);
/* Source text of a span, shortened: "ZIG(3,10)". */
const char *gp_span_shortened(gp_arena *arena, gp_span s);
/* Compile-time evaluation of a FOLD row on constants. */
double gp_fold_constant(const gp_program *p, const gp_builtin *fn, const double *in, int n_in);
const gp_kernel_set *gp_program_kernels(const gp_program *p, const char *isa);
/* Does argument j of the kernel (implicit inputs first) have this type?  Implicit ones are series. */
gp_arg_type gp_operand_type(const gp_builtin *fn, int j);
#endif
