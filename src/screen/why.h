/* The conditions a signal is made of, with their numbers: which of them held on a hit, which one was missing on a near miss. */
#ifndef GP_SCREEN_WHY_H
#define GP_SCREEN_WHY_H
#include "base/vec.h"
#include "screen/plan.h"

typedef enum {
    GP_LEAF_COMPARE, /* left sign right */
    GP_LEAF_CROSS,   /* left crosses right: the bar before counts too */
    GP_LEAF_OTHER    /* a value that is true or false */
} gp_leaf_kind;

typedef struct gp_leaf {
    gp_leaf_kind kind;
    const char *name;   /* of the variable that holds the condition, or NULL */
    const char *text;   /* "C>MA(C,20)" */
    const char *sign;   /* COMPARE: ">" */
} gp_leaf;

/* One leaf on one bar. */
typedef struct gp_reason {
    int leaf;           /* index for gp_why_leaf */
    bool holds;
    double value;       /* of the condition; NaN null */
    double left, right; /* COMPARE, CROSS */
    double left_before, right_before; /* CROSS; NaN on the first bar */
    double distance;    /* how far from holding, as a share of the larger side; 0 when it holds; NaN when nobody can tell (a null, a cross of an earlier bar) */
} gp_reason;
typedef GP_VEC(gp_reason) gp_reasons;

/* Shared by threads: a program of its own that keeps what the conditions compare. */
typedef struct gp_why gp_why;
/* The plan must have been made from f with these options. */
gp_why *gp_why_new(const gp_formula *f, const gp_plan *p, const gp_compile_opts *o);
void gp_why_free(gp_why *y);
const gp_program *gp_why_program(const gp_why *y);
const gp_leaf *gp_why_leaf(const gp_why *y, int leaf);
/* How many conditions joined by AND signal k (and --where beside it) has. */
int gp_why_parts(const gp_why *y, int signal);

/* slots: results of gp_why_program; at: place of the bar in them; before: whether at-1 is the bar before.
 * Appends the conditions by which signal k holds: of OR only the sides that hold. */
void gp_why_held(const gp_why *y, int signal, double *const *slots, int at, bool before, gp_reasons *out);
/* Appends those that keep it from holding: of a failed OR all sides, the nearest counts.  Returns how many of the conditions joined by
 * AND failed; *distance is the sum of theirs, 1 at most for each. */
int gp_why_missed(const gp_why *y, int signal, double *const *slots, int at, bool before, gp_reasons *out, double *distance);
#endif
