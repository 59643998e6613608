/* Programs as data for the interpreter kernel (interp.h), and that kernel's source: the same for all programs of a variant. */
#ifndef GP_ACCEL_TABLE_H
#define GP_ACCEL_TABLE_H
#include "accel/fuse.h"
#include "accel/instr.h"
#include "accel/tile.h"
#include "base/vec.h"

/* Variants, bits: comparisons without tolerance; functions that look at any earlier bar or at the whole series, and windows whose length
 * changes from bar to bar.  These take most of the compiler's time and stand in few formulas. */
typedef enum { GP_INTERP_EXACT = 1, GP_INTERP_RARE = 2, GP_INTERP_VARIANTS = 4 } gp_interp_variant;
gp_interp_variant gp_interp_variant_of(const gp_program *p);
/* What stands after gp_fuse_prelude(steps); `name` is the kernel's. */
void gp_interp_source(gp_interp_variant v, const char *name, gp_fuse_steps *steps, gp_buf *out);

/* What one lane of a program needs, in doubles and rows. */
typedef struct gp_interp_size { size_t scratch, flat; int facts, rows; } gp_interp_size;
typedef struct gp_interp_table {
    GP_VEC(int) ints;
    GP_VEC(double) numbers;
    GP_VEC(gp_interp_program) programs;
    gp_interp_size size; /* of a lane of each program */
} gp_interp_table;

/* What a program (gp_fuse_can) will need over tiles of `cap` bars. */
gp_interp_size gp_interp_measure(const gp_program *p, int cap);
/* One more program; false: the tile lacks a column of it, and it is not added. */
bool gp_interp_add(gp_interp_table *t, const gp_program *p, const gp_tile *tile, int cap);
/* The last step: lanes of a program are `pitch` apart, of which the first `tickers` are tickers first .. of the tile. */
void gp_interp_end(gp_interp_table *t, int pitch, int first, int tickers);
void gp_interp_fini(gp_interp_table *t);
#endif
