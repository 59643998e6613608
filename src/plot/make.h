/* What the files that make a plot share. */
#ifndef GP_PLOT_MAKE_H
#define GP_PLOT_MAKE_H
#include <math.h>
#include "base/vec.h"
#include "plot/plot.h"

typedef GP_VEC(gp_mark) gp_marks;

typedef struct gp_maker {
    const gp_plot_input *in;
    gp_plot *plot;
    GP_VEC(gp_layer) layers;
    gp_marks marks;       /* of the layer at hand */
    const gp_output *o;   /* the output at hand */
} gp_maker;

/* marks.c: a drawing as a layer of marks; false: its function is drawn some other way. */
bool gp_plot_marks(gp_maker *m, gp_layer *l);
/* lines.c: DRAWLINE, PLOYLINE and the other straight lines. */
bool gp_plot_segments(gp_maker *m, gp_layer *l);

/* Argument `name` of the output at hand: its values on all bars, or NULL. */
const double *gp_plot_arg(const gp_maker *m, const char *name);
/* Argument j as a colour on bar i: 0xRRGGBB, or -1 when it is none. */
int gp_plot_colour(const gp_maker *m, int j, int i);
/* The text of argument `name` on bar i, with line ends for &; "" when it has none. */
const char *gp_plot_text(gp_maker *m, const char *name, int i);
gp_mark gp_plot_mark(const gp_maker *m, int bar); /* bar counts from the first one of the data */

static inline bool gp_plot_true(double x) { return fabs(x) >= 1e-5; } /* false for null */
static inline double gp_plot_at(const double *x, int i) { return x ? x[i] : NAN; }
#endif
