/* Charts of numbers, through gnuplot as the pictures of securities are: curves over days, distributions. */
#ifndef GP_DRAW_CHART_H
#define GP_DRAW_CHART_H
#include "draw/picture.h"

typedef enum { GP_CURVE_LINE, GP_CURVE_STEPS /* x: left edges */, GP_CURVE_COLUMNS /* x: left edges */, GP_CURVE_AREA /* down or up to 0 */ } gp_curve_kind;
typedef enum { GP_INK_MAIN, GP_INK_BESIDE /* what it is compared with */, GP_INK_OTHER, GP_INK_GAIN, GP_INK_LOSS } gp_ink;

/* NaN in y is a gap. */
typedef struct gp_curve {
    gp_curve_kind kind;
    gp_ink ink;
    const char *name;         /* for the line of words above, or NULL */
    const double *x;          /* n numbers; NULL: 0, 1, 2 ... */
    const double *y;
    size_t n;
} gp_curve;

typedef struct gp_upright { double x; gp_ink ink; bool dashed; } gp_upright; /* a line from bottom to top */

/* In place of curves: a cell for each pair of values. */
typedef struct gp_heat {
    const double *value;      /* rows from below, columns from the left; NaN: none */
    int columns, rows;
    const char *const *x_text, *const *y_text; /* what stands at them */
    const char *left;         /* what the rows are, or NULL */
    double none;              /* the value between good and bad; NaN: there is none */
    double most;              /* the distance from none that has the full colour; 0: the largest there is */
    double lo, hi;            /* what the colours span where there is no such value, and the bar of colours; lo >= hi: the values of this one */
    const char *name;         /* what the values are, for the bar of colours where cells are too small for numbers; NULL: no bar */
    bool percent;             /* its numbers are percentages */
    int better;               /* 1: high is good, -1: low is */
    int decimals;
    int best;                 /* a cell with a frame around it; -1: none */
} gp_heat;

enum { GP_PANEL_CURVES = 6, GP_PANEL_UPRIGHTS = 4 };
typedef struct gp_panel {
    const char *title;
    const char *below;        /* what the numbers of x are, or NULL */
    const int32_t *dates;     /* x counts these n_dates days; NULL: x are numbers */
    size_t n_dates;
    bool percent;             /* y are percentages */
    bool x_percent;
    double share;             /* of the height: 1 is usual */
    gp_curve curves[GP_PANEL_CURVES]; /* later ones lie above */
    int n_curves;
    gp_upright uprights[GP_PANEL_UPRIGHTS];
    int n_uprights;
    const gp_heat *heat;      /* NULL: curves */
} gp_panel;

typedef struct gp_chart {
    const char *title, *caption; /* caption: further words beside the title, or NULL */
    const char *warning;      /* in the colour of a loss above all, or NULL */
    const gp_panel *panels;   /* row by row */
    int n_panels, columns;
} gp_chart;

/* The format is PNG, SVG, PDF or HTML. */
bool gp_chart_draw(gp_gnuplot *g, const gp_chart *c, const gp_picture_opts *o, gp_buf *out, gp_diags *d);
void gp_chart_script(const gp_chart *c, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d);
#endif
