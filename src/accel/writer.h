/* Inside of the writer of kernels: fuse.c walks the program, fuse_keep.c says what an instruction keeps between bars. */
#ifndef GP_ACCEL_WRITER_H
#define GP_ACCEL_WRITER_H
#include "accel/fuse.h"
#include "eval/code.h"

/* Windows up to this many doubles stay in the lane's local memory, up to GP_LOCAL_ALL of a lane together; longer ones go to scratch
 * memory, which the host can lay out for fewer lanes at a time.  Nobody has measured other numbers. */
/* Up to so many bars a window is in registers, whose loops unroll; of a lane together so many doubles, and no more than there is room for. */
enum { GP_SMALL_BARS = 8, GP_SMALL_ALL = 40 };
enum { GP_LOCAL_ONE = 128, GP_LOCAL_ALL = 512, GP_FIXED_ROWS = 4096 };

typedef struct gp_writer {
    const gp_program *const *sets;
    const gp_program *p; /* the first set: all have its shape */
    int n_sets;
    gp_fused *f;
    gp_fuse_steps *steps;
    gp_buf *out;
    const char *name;
    bool sums;
    bool cut;            /* into pieces of time */
    int local_one, local_left;
    size_t shared_left;
    int small_left;
    bool tile;           /* what earlier bars of a column were is read in the tile */
    int *again;          /* per instruction: the one that loads the column of its window or delay, when that is read again; else -1 */
    bool *counted;       /* per instruction: it loads a column whose values are counted, u<k>, for windows that read it again */
    bool *small;         /* per instruction: its window is small, of one literal length, and in registers */
    int *number_at;      /* per constant: its place in f->numbers, or -1 */
    int *length_at;      /* per instruction: its place in f->lengths, or -1 */
    int *flat_of;        /* per value: whether its column has been copied for whole-series functions */
} gp_writer;

/* fuse_same.c */
int gp_fuse_columns(const gp_program *p, gp_fused_column *column, int most); /* every letter and external the program loads, once */
const char *gp_fuse_id(const gp_builtin *fn);  /* "MA": of its kernels k_MA and so on */
bool gp_fuse_counts(int len);                  /* a length of a window, not one of the marks */
/* fuse.c */
void gp_fuse_operand(const gp_writer *w, gp_operand o);
int gp_fuse_column_at(const gp_writer *w, const gp_val *v);
/* fuse_keep.c */
int gp_fuse_small_room(const gp_program *p, int blocks); /* doubles of windows that fit into a lane's registers, beside what else it keeps there */
void gp_fuse_declare(gp_writer *w, int k);     /* before the loop over bars: what instruction k keeps from one bar to the next */
void gp_fuse_kept(const gp_writer *w, int k); /* adds that, as it is before bar t, to the hash z */
bool gp_fuse_fixed(const gp_instr *in);        /* a window that gives the same on every bar */
int gp_fuse_loads(const gp_writer *w, int k, int j); /* the instruction that loads operand j of k from the tile; -1: it is computed */
int gp_fuse_longest(const gp_writer *w, int k); /* length of its window over all sets */
#endif
