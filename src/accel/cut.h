/* Time in pieces, for launches with fewer lanes than a device has room for.  A lane (a ticker with one set of parameters) is cut into pieces
 * that run side by side; each begins some bars before its first own bar, to warm up.  How many is derived from the program (gp_cut_warm);
 * that it was enough is not taken on trust: a piece writes a hash of all that it keeps between bars (fuse_keep.c) before its first own bar
 * and after its last one, and where those of two neighbours differ, the lane is run again in one piece (gp_cut_meets). */
#ifndef GP_ACCEL_CUT_H
#define GP_ACCEL_CUT_H
#include "accel/fuse.h"

/* Bars after which what the program keeps no longer depends on what came before them, as a rule; -1: it never forgets, *why says what
 * of it, *name which function.  Of several sets: the longest. */
int gp_cut_warm(const gp_program *const *sets, int n_sets, const char **why, const char **name);

/* Its SCAN's state fields that count bars up to operand `count` (their meaning past it is the same): bits of `capped`. */
typedef struct gp_cut_scan { int id, warm, count; unsigned capped; } gp_cut_scan;
const gp_cut_scan *gp_cut_scan_of(const gp_builtin *fn); /* NULL: it never forgets */
/* The same for HISTORY rows: bars they look back; -1: all. */
int gp_cut_history(const gp_program *const *sets, int n_sets, int instr);
/* The count at which such fields are the same, over all sets; -1: not a constant. */
int gp_cut_count(const gp_program *const *sets, int n_sets, int instr, int operand);

typedef struct gp_cut { int pieces, span, warm; } gp_cut; /* span: own bars of a piece, a multiple of 32; 1 piece: not cut */
/* `span` above 0: that one, whatever the reasons (tests); below 0: one piece. */
gp_cut gp_cut_choose(size_t lanes, int cap, int warm, int processors, int span);
/* ---- how wide, and where windows are ---- */

typedef struct gp_width { int threads; bool shared; } gp_width; /* of a block */
/* For so many threads whose windows take so many bytes each in shared memory. */
gp_width gp_width_choose(size_t threads, size_t shared, int processors, int held, size_t of_block, size_t of_processor);

/* Shorter series than this are over in a few milliseconds whatever the kernel: they get the plain one, which is compiled together with others,
 * kept, and the same for every batch of a scan.  In bars. */
enum { GP_LONG_SERIES = 8192 };

/* Did the pieces of a lane meet?  n: its bars. */
bool gp_cut_meets(const gp_cut *c, const uint64_t *meet, int lanes, int lane, int n);
#endif
