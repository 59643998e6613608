/* A grid of parameter sets: which values each parameter takes, and every combination of them, numbered. */
#ifndef GP_WORTH_GRID_H
#define GP_WORTH_GRID_H
#include "base/arena.h"
#include "base/str.h"

enum { GP_GRID_PARAMS = 15, GP_GRID_AXES = GP_GRID_PARAMS + 4 /* what ends a trade, or the bars held */, GP_GRID_MOST = 1000000 /* points */ };

/* Values ascending, each once; infinity: without it.  n counts them also where they are too many to be made (then at is NULL). */
typedef struct gp_axis { const char *name; double *at; double n; bool percent; } gp_axis;

typedef struct gp_grid {
    gp_axis axes[GP_GRID_AXES];
    int n_axes;
    size_t points;
    gp_arena arena;
} gp_grid;

typedef enum {
    GP_AXIS_OK,
    GP_AXIS_NOT_NUMBER, /* *bad: which part of the text */
    GP_AXIS_STEP,       /* a step that is 0 or missing */
    GP_AXIS_EMPTY,      /* from, to and step give no value */
    GP_AXIS_MANY        /* more values than any grid may have points: n says how many */
} gp_axis_status;

/* "5:60:5", "10,15,20", or both: "5:10,20,40:60:10".  FROM:TO has the step 1.  Every value is the number that its decimal text
 * reads as, whatever steps led to it. */
gp_axis_status gp_axis_parse(gp_arena *arena, gp_str text, gp_axis *out, gp_str *bad);
/* Holds the values within low..high; what becomes equal stands once.  Returns how many were outside, *first the first of them. */
size_t gp_axis_clamp(gp_axis *a, double low, double high, double *first);
/* Multiplies up; false when there are 0 points or more than GP_GRID_MOST.  *points: how many. */
bool gp_grid_count(gp_grid *g, double *points);
/* Value of axis k at a point; the first axis changes slowest. */
size_t gp_grid_step(const gp_grid *g, size_t point, int axis);
double gp_grid_value(const gp_grid *g, size_t point, int axis);
/* The point whose axis k stands at `step`, all others as at `point`. */
size_t gp_grid_moved(const gp_grid *g, size_t point, int axis, size_t step);
/* Points that differ from it by one step of one axis (at most 2 * n_axes); how many. */
int gp_grid_neighbours(const gp_grid *g, size_t point, size_t *out);
void gp_grid_fini(gp_grid *g);
#endif
