/* One source text, C11 and CUDA alike, that runs a program over all bars of one lane: values in registers, windows in local or
 * scratch memory, literals as hexadecimal doubles.  A lane is a ticker with one set of parameters: the programs of several sets
 * that differ in constants and lengths alone (gp_fuse_same) make one kernel that reads these per set, with windows laid out for the
 * longest.  Lengths are read at run time rather than compiled in, so that a sweep is one compilation, not one a length; sets in
 * which the compiler found a different shape (a ladder of windows, say) make kernels of their own. */
#ifndef GP_ACCEL_FUSE_H
#define GP_ACCEL_FUSE_H
#include "accel/fused.h"
#include "eval/program.h"

/* Can the source be made?  Otherwise *why says what keeps it from that, for people. */
bool gp_fuse_can(const gp_program *p, const char **why);
/* What keeps a function from a kernel, for people; NULL: nothing. */
const char *gp_fuse_refuses(const gp_builtin *fn);
/* Do the two differ in constants and lengths of windows alone? */
bool gp_fuse_same(const gp_program *a, const gp_program *b);

/* Columns a kernel reads, in the order of gp_fused_args.column: a letter of gp_val.letter and, for 'X', which external. */
typedef struct gp_fused_column { char letter; int external; } gp_fused_column;

typedef struct gp_fused {
    gp_fused_column column[GP_FUSED_COLUMNS];
    int n_columns, n_facts, n_numbers, n_lengths, n_rows; /* rows: results, one for each numeric slot of the program */
    double *numbers;           /* [sets][n_numbers] */
    int *lengths;              /* [sets][n_lengths] */
    size_t scratch, scratch_cap; /* doubles a lane: scratch + scratch_cap * cap */
    size_t flat, flat_cap;
    size_t shared, beyond;     /* doubles a lane in shared memory; of windows in scratch memory that could be there */
    /* Doubles a bar, once windows are full: that a lane reads of the tile, and that it reads and writes of what it keeps in local and scratch
     * memory.  Of what looks back without limit, or by a length that differs from bar to bar, only what is written: a lower bound. */
    double quotes, kept;
    int again;                 /* operands that are read in the tile again, where an earlier value is wanted, instead of being kept */
} gp_fused;

/* 128 registers a thread.  Not measured on a device: $GOLDPIT_ACCEL_VARIANT="blocks=3" asks for others. */
enum { GP_FUSED_BLOCKS = 4 };

typedef struct gp_fuse_opts {
    const char *name;          /* of the function: an identifier */
    bool sums;                 /* bars where results are true are added to their days (fused_sums.h) */
    bool cut;                  /* for lanes in pieces of time (cut.h), which gp_cut_warm has to allow */
    size_t shared;             /* doubles that a lane may keep in shared memory; 0: none */
    int blocks;                /* of 128 threads that a processor of the device holds at least (fused.h); 0: GP_FUSED_BLOCKS */
    int local_one, local_all;  /* doubles of one window, and of a lane, that stay in local memory; 0: default */
} gp_fuse_opts;

/* The kernel, without what it includes.  `steps` collects the rows whose loops it uses. */
typedef struct gp_fuse_steps { bool constant[GP_B_COUNT], tile[GP_B_COUNT], series[GP_B_COUNT], small[GP_B_COUNT]; } gp_fuse_steps;
bool gp_fuse_kernel(const gp_program *const *sets, int n_sets, const gp_fuse_opts *o, gp_fused *f, gp_fuse_steps *steps, gp_buf *out);
/* What stands before kernels: the includes and the loops in `steps`. */
void gp_fuse_prelude(const gp_fuse_steps *steps, bool exact_compare, gp_buf *out);
/* Both: a whole source of one kernel. */
bool gp_fuse_source(const gp_program *const *sets, int n_sets, const gp_fuse_opts *o, gp_fused *f, gp_buf *out);
void gp_fused_fini(gp_fused *f);
size_t gp_fused_scratch(const gp_fused *f, int cap); /* doubles a lane */
size_t gp_fused_flat(const gp_fused *f, int cap);
#endif
