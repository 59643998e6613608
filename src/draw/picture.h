/* From what a formula draws (plot/plot.h) to a picture, through gnuplot. */
#ifndef GP_DRAW_PICTURE_H
#define GP_DRAW_PICTURE_H
#include "base/diag.h"
#include "plot/plot.h"

typedef enum { GP_PICTURE_PNG, GP_PICTURE_SVG, GP_PICTURE_PDF, GP_PICTURE_HTML, GP_PICTURE_SIXEL, GP_PICTURE_BLOCKS } gp_picture_format;
/* By the extension of a path: png, svg, pdf, html, htm. */
bool gp_picture_format_of(const char *path, gp_picture_format *out);
const char *gp_picture_extension(gp_picture_format f); /* "png" */

typedef enum { GP_THEME_TDX, GP_THEME_DARK, GP_THEME_LIGHT } gp_theme_name;

typedef struct gp_picture_opts {
    gp_picture_format format;
    int width, height;     /* in pixels of 1/96 inch; 0: 1200 and what the panes need.  BLOCKS: character cells */
    int dpi;               /* 0: 96; more makes a PNG of more pixels, larger in no other way */
    gp_theme_name theme;
    bool green_up;         /* rising bars are green and falling ones red */
    bool log;              /* prices of the main pane on a logarithmic scale */
    bool no_volume;        /* no volume pane */
    bool no_signals;       /* signals of formulas that draw below are not marked at the candles */
    bool zh;               /* words of our own in Chinese */
    const char *font;      /* family; NULL: one that has the characters of the texts */
    bool colour;           /* BLOCKS: escape sequences for colours */
} gp_picture_opts;

/* One formula of a picture: what it draws, and what stands before the values of its lines: "MACD(12,26,9)". */
typedef struct gp_picture_part {
    const gp_plot *plot;
    const char *label;
} gp_picture_part;

/* Formulas over the same bars of one security; the first ones lie below. */
typedef struct gp_picture {
    const gp_bars *bars;     /* of which first .. first+n-1 are shown, as in every part */
    int first, n;
    const gp_picture_part *parts;
    int n_parts;
    int adjust;              /* 0 not adjusted, 1 forward, 2 backward, as --adjust */
    const char *caption;     /* further words for the heading, or NULL */
} gp_picture;

/* How many bars look well in a picture of that width: what is shown when nobody says how many. */
int gp_picture_bars(const gp_picture_opts *o);

/* What is known about the fonts of this machine; one for many pictures, so that what is missing is said once. */
typedef struct gp_fonts gp_fonts;
gp_fonts *gp_fonts_new(void);
void gp_fonts_free(gp_fonts *f);

/* A gnuplot that waits for work; one draws any number of pictures, one after the other.  NULL after saying why in d.
 * $GOLDPIT_GNUPLOT names the program (default gnuplot), $GOLDPIT_GNUPLOT_SECONDS how long one picture may take (default 60).
 * fonts outlive it. */
typedef struct gp_gnuplot gp_gnuplot;
gp_gnuplot *gp_gnuplot_start(gp_fonts *fonts, gp_diags *d);
/* False after it ended: what was sent and not waited for is lost, and another one must be started. */
bool gp_gnuplot_runs(const gp_gnuplot *g);
void gp_gnuplot_free(gp_gnuplot *g);

/* Draws a picture and appends its file to out; false after saying why in d.  Not for BLOCKS. */
bool gp_picture_draw(gp_gnuplot *g, const gp_picture *p, const gp_picture_opts *o, gp_buf *out, gp_diags *d);
/* The same in two steps, so that one picture is prepared while gnuplot draws another: send gives a number (0: failed, d says why),
 * wait takes the pictures in the order they were sent. */
int gp_picture_send(gp_gnuplot *g, const gp_picture *p, const gp_picture_opts *o, gp_diags *d);
bool gp_picture_wait(gp_gnuplot *g, int number, const gp_picture_opts *o, gp_buf *out, gp_diags *d);
/* The script that draws it, as gnuplot reads it; it writes to the file `output`, or where gnuplot is told when that is NULL.  d: which
 * characters no font has. */
void gp_picture_script(const gp_picture *p, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d);

/* The picture in characters, of opts width x height cells (0: 100 x 36), as lines of UTF-8. */
void gp_picture_blocks(const gp_picture *p, const gp_picture_opts *o, gp_buf *out);
/* Writes bytes to a file as a whole or not at all: a new file beside it takes its place.  NULL, or the reason. */
const char *gp_picture_save(const char *path, gp_str bytes);
#endif
