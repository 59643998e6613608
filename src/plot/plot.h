/* What a formula draws over one security, in data coordinates: bars count from the first one shown, prices are prices, places of the
 * pane are fractions of it.  A picture can be made from it without looking at the formula again.  docs/plot-description.md
 * describes the same thing as JSON. */
#ifndef GP_PLOT_PLOT_H
#define GP_PLOT_PLOT_H
#include "eval/vm.h"
#include "market/bars.h"
#include "parser/attribute.h"
#include "parser/kind.h"

typedef enum { GP_PANE_MAIN, GP_PANE_SUB } gp_pane; /* over the candles of the security; in a pane of its own below */

typedef enum {
    GP_LAYER_LINE,       /* y[0]: value a bar, in looks.style; where colours is set (PARTLINE), the colour a bar, -1 no line */
    GP_LAYER_BAND,       /* y[0], y[1]: two edges; colours: what fills the space between them at the bar, -1 nothing */
    GP_LAYER_CANDLES,    /* y[0..3]: open, high, low, close */
    GP_LAYER_STICKS,     /* marks: bar, price to price2, width, fill */
    GP_LAYER_TEXTS,      /* marks: bar, price, text */
    GP_LAYER_NUMBERS,    /* marks: bar, price, number, text as it is written */
    GP_LAYER_ICONS,      /* marks: bar, price, number of the icon */
    GP_LAYER_PICTURES,   /* marks: bar, price, text: the name of the file */
    GP_LAYER_SEGMENTS,   /* marks: bar, price to bar2, price2; extend, pattern.  VERTLINE: bar only, prices null */
    GP_LAYER_BACKGROUND, /* marks: bar (none: the whole pane), rgb to rgb2; width, number: DIR and MODE as given */
    GP_LAYER_CAPTION,    /* at most one mark: x, y, right, text */
    GP_LAYER_RECTANGLE,  /* at most one mark: x, y to x2, y2; rgb: -1 not filled */
    GP_LAYER_PAINT,      /* colours: of the candles of the main pane (五彩K线), -1 as usual; owners: the output that paints the bar */
    GP_LAYER_SIGNALS,    /* marks: bar, text: ENTERLONG, BUY ..., XG of a screen; price where the formula gives one */
    GP_LAYER_VALUE       /* one mark: text: a text output; shown beside the names of the lines */
} gp_layer_kind;
const char *gp_layer_kind_name(gp_layer_kind k); /* "line" */

typedef enum { GP_FILL_SOLID, GP_FILL_HOLLOW, GP_FILL_DASHED, GP_FILL_CENTRE } gp_fill;
const char *gp_fill_name(gp_fill f);

enum { GP_EXTEND_RIGHT = 1, GP_EXTEND_LEFT = 2 };

/* One thing drawn.  NaN: there is no such number; -1: no such colour; GP_BAR_NONE: no such bar.  Bars before the first one shown are
 * negative, those after the last one are beyond n. */
#define GP_BAR_NONE (-2147483647 - 1)
typedef struct gp_mark {
    int bar, bar2;
    double price, price2;
    double width;         /* STICKS: 4 is the distance from bar to bar, 0 a thin line */
    gp_fill fill;
    unsigned extend;      /* GP_EXTEND_ bits: the straight line goes on to the edge of the pane */
    int pattern;          /* 0 solid, 1 to 4 patterns of dashes and dots */
    double number;
    const char *text;     /* lines separated by \n; NULL none */
    int rgb, rgb2;        /* -1: the layer's */
    double x, y, x2, y2;  /* fractions of the pane, from the left and from the top */
    bool right;           /* a caption ends at x */
} gp_mark;

typedef struct gp_layer {
    gp_layer_kind kind;
    gp_pane pane;
    const char *name;     /* label of the output */
    const char *text;     /* of the expression, when the formula gives no name; else NULL */
    const char *function; /* STICKLINE ...; NULL for lines */
    gp_looks looks;       /* colour, width, style, NODRAW, DRAWABOVE ...; looks.shift moves a line in the picture only */
    const double *y[4];   /* n values each; NULL where the kind has none */
    const int *colours;   /* n colours 0xRRGGBB or -1; NULL: looks.rgb throughout */
    const char *const *owners;
    const gp_mark *marks;
    size_t n_marks;
} gp_layer;

/* The layers in the order of the statements: later ones lie above. */
typedef struct gp_plot {
    gp_arena arena;
    const gp_bars *bars;  /* of which first .. first+n-1 are shown */
    int first, n;
    const char *title;    /* of the formula, else its name */
    gp_kind_of kind;
    gp_pane pane;         /* where the formula draws */
    const gp_layer *layers;
    int n_layers;
} gp_plot;

/* From a run of the program, compiled with .geometry, over one lane, the VM's latest one: out[slot][0..bars->n), every bar and every slot.  Bars
 * from .. to-1 are shown.  The plot refers to formula, program, bars and out. */
typedef struct gp_plot_input {
    const gp_formula *formula;
    const gp_program *program;
    const gp_bars *bars;
    const gp_vm *vm;      /* for texts */
    int lane;
    double *const *out;
    int from, to;
    int pane;             /* 1: over the candles, 2: in a pane of its own, whatever the formula says; 0: as it says */
} gp_plot_input;
void gp_plot_make(gp_plot *p, const gp_plot_input *in);
void gp_plot_fini(gp_plot *p);

/* Where a formula draws: {@pane}, else over the candles when it is a kline or an expert formula, or when every line and every price
 * of a drawing is a price of the security by its form (MA(C,5), MID+2*STD(C,20)); else in a pane of its own. */
gp_pane gp_plot_pane(const gp_formula *f);

/* The document of docs/plot-description.md, on one line. */
void gp_plot_json(const gp_plot *p, gp_buf *out);
#endif
