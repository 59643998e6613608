/* What the files that draw marks share: words at bars, and icons. */
#ifndef GP_DRAW_MARKS_H
#define GP_DRAW_MARKS_H
#include "draw/draw.h"

/* Words of one colour, each at a place of the pane. */
typedef struct gp_words {
    gp_buf array, rows; /* "T3[1]='...'" and "x y 1" */
    const char *last;   /* what follows is the same as this: it is written once */
    int n;
} gp_words;
void gp_words_add(gp_words *w, int name, double x, double y, const char *text);
/* An element of the plot, and frees them; name: a number of g->n_texts. */
void gp_words_plot(gp_script *g, gp_words *w, int name, int colour, double em, const char *more);
/* The same words around the place of each in the colour of the background, so that they can be read over bars and lines. */
void gp_words_halo(gp_script *g, const gp_drawn_pane *pane, const gp_words *w, int name);

typedef struct gp_stamp { gp_icon icon; gp_place at; char letters[12]; } gp_stamp;
typedef GP_VEC(gp_stamp) gp_stamps;
void gp_stamps_plot(gp_script *g, const gp_stamps *all);

bool gp_is_in_pane(const gp_script *g, const gp_drawn_pane *pane, double x, double y);

/* ---- trades.c ---- */

/* The signals to buy and to sell, and the hits of screens, of all layers of a pane at once. */
void gp_script_trades(gp_script *g, const gp_drawn_pane *pane);
#endif
