/* What the files that make a picture share.  Lengths are pixels of 1/96 inch, from the upper left corner; the data of every pane
 * are in bars from the first one shown, and in the units of the pane. */
#ifndef GP_DRAW_DRAW_H
#define GP_DRAW_DRAW_H
#include <math.h>
#include <stdio.h>
#include "base/vec.h"
#include "draw/picture.h"

/* ---- theme.c ---- */

enum { GP_LINE_COLOURS = 8 };
typedef struct gp_theme {
    int background, frame, grid, text, dim; /* dim: axes, less important words */
    int rise, fall;
    bool rise_hollow, fall_hollow;
    bool exact;                             /* colours of formulas as they are, whether they can be seen or not */
    int lines[GP_LINE_COLOURS];             /* of lines without a colour, in their order */
} gp_theme;
gp_theme gp_theme_of(const gp_picture_opts *o);
/* A colour of a formula as a line or a text: moved away from the background where it could not be seen. */
int gp_theme_ink(const gp_theme *t, int rgb);
int gp_theme_mix(int a, int b, double share); /* share of b */
int gp_theme_word(const gp_theme *t, int rgb); /* the same for words: always so that they can be read */

/* ---- text.c ---- */

/* An expression of gnuplot whose value is the text: single quotes, lines joined by "\n"; nothing of it is anything but text. */
void gp_gnuplot_text(gp_buf *out, const char *text);
bool gp_text_is_harmless(uint32_t cp); /* no control character, none that turns the direction */
/* Width of a text in ems, a little too wide rather than too narrow. */
double gp_text_ems(const char *text);
void gp_text_cut(gp_buf *out, const char *text, double room); /* so many ems of it, and … for the rest */
/* With line ends where a blank is, so that no line is wider than room ems when its words are not.  Number of lines. */
int gp_text_wrap(gp_buf *out, const char *text, double room);
/* Appends a value the way a legend or an axis writes it: 12.34, 5678万, 1.2亿 (zh) or 56.8M. */
void gp_number_text(gp_buf *out, double v, int decimals, bool zh);
/* The unit numbers as large as v are written in, 1 for none. */
double gp_number_unit(double v, bool zh, const char **word);
int gp_number_decimals(double step); /* decimals that tell multiples of the step apart */

/* ---- pane.c ---- */

typedef struct gp_box { double left, top, right, bottom; } gp_box;

typedef struct gp_shown { /* one layer in a pane */
    const gp_layer *layer;
    int colour;           /* that of its line, texts, marks */
    int part;
} gp_shown;

typedef enum { GP_PANE_KIND_PRICE, GP_PANE_KIND_VOLUME, GP_PANE_KIND_FORMULA } gp_pane_kind;
typedef struct gp_drawn_pane {
    gp_pane_kind kind;
    gp_box plot;          /* where the data are */
    double legend;        /* baseline... the middle of the line of words above it */
    double lo, hi;        /* range of the axis */
    bool log;
    GP_VEC(gp_shown) layers;
    GP_VEC(gp_shown) signals; /* of formulas that draw below: marked at the candles */
    const char *label;
} gp_drawn_pane;

enum { GP_MAX_PANES = 16 };
typedef struct gp_sheet { /* a picture laid out */
    const gp_picture *p;
    const gp_picture_opts *o;
    gp_theme theme;
    int width, height;
    double page_width, page_height, left, top; /* the page it stands on, and where */
    double em;            /* size of the words */
    gp_drawn_pane panes[GP_MAX_PANES];
    int n_panes;
    double x0, x1;        /* range of the axis of bars */
    double pitch;         /* pixels from bar to bar */
    const char *font;
    int decimals;         /* of prices */
    const int *paint;     /* 五彩K线: colours of the candles, or NULL */
    const gp_layer *painted;
} gp_sheet;
void gp_sheet_make(gp_sheet *s, const gp_picture *p, const gp_picture_opts *o);
void gp_sheet_fini(gp_sheet *s);
/* The value that stands so many pixels above v. */
double gp_pane_above(const gp_drawn_pane *pane, double v, double pixels);
double gp_pane_down(const gp_drawn_pane *pane, double v); /* pixels from the top of its plot */
/* Pixels of the file to one of ours. */
static inline double gp_sheet_scale(const gp_sheet *s) { return s->o->dpi && s->o->format == GP_PICTURE_PNG ? s->o->dpi / 96.0 : 1; }
/* Whether bar i rose: its close above its open; a bar that ends where it began is compared with the close before. */
bool gp_sheet_rose(const gp_sheet *s, int i);
static inline bool gp_is_drawable(double v) { return v > -1e290 && v < 1e290; } /* false for null and infinities */

/* ---- axis.c ---- */

double gp_round_step(double wanted); /* the next 1, 2, 2.5 or 5 times a power of ten */
typedef struct gp_tick { double at; char text[24]; } gp_tick;
typedef GP_VEC(gp_tick) gp_ticks;
void gp_value_ticks(const gp_sheet *s, const gp_drawn_pane *pane, gp_ticks *out);
void gp_date_ticks(const gp_sheet *s, gp_ticks *out);
void gp_number_tick(gp_ticks *out, double v, double step, double most, bool zh); /* most: the largest number of the axis */
void gp_date_text(const gp_bars *b, int i, char text[24]); /* 2024-03-29 or 2024-03-29 14:50 */

/* ---- room.c ---- */

/* What has words or an icon on it; boxes in pixels from the upper left corner of the pane's plot. */
typedef struct gp_room gp_room;
gp_room *gp_room_new(const gp_drawn_pane *pane); /* freed by free */
uint32_t gp_room_owner(const gp_room *r, gp_box at); /* of what is there, 0: nothing */
void gp_room_take(gp_room *r, gp_box at, uint32_t owner);
double gp_room_inside(const gp_room *r, double x, double half); /* the middle of something so wide, moved inside */

/* ---- thin.c ---- */

typedef struct gp_script gp_script;
enum { GP_THIN_COLOURS = 8 };
typedef struct gp_thin { int column, n; struct { int colour; double lo, hi; } at[GP_THIN_COLOURS]; } gp_thin;
int gp_column_of(const gp_sheet *s, double bar); /* of pixels */
bool gp_is_crowded(const gp_sheet *s);           /* more bars than pixels */
double gp_column_middle(const gp_sheet *s, int column); /* as a number of a bar */
/* A row of a block of vectors (x y dx dy colour): an upright line, or a dot where it has no length. */
void gp_script_upright(gp_script *g, double x, double low, double high, int colour);
/* A block of upright lines, one for each colour in a column; bars come in their order. */
int gp_thin_begin(gp_thin *t, gp_script *g);
void gp_thin_add(gp_thin *t, gp_script *g, double bar, double a, double b, int colour);
void gp_thin_end(gp_thin *t, gp_script *g, int block, double width);

/* ---- script.c, layers.c, marks.c ---- */

struct gp_script {
    const gp_sheet *s;
    gp_buf *out;          /* data blocks, then the panes */
    gp_buf plot;          /* elements of the plot command of the pane at hand */
    int n_blocks, n_texts;
    size_t before, begun; /* of the block at hand */
    gp_room *room;        /* of the pane at hand */
    double *below;        /* pixels that marks of signals take below each bar, or NULL */
    bool empty;           /* the block before had no data, and is gone */
};
/* Words at a place of the page; the width they take. */
double gp_script_words(gp_script *g, double x, double y, const char *side, int colour, double em, const char *text);
/* The same in so many pixels: smaller, and what is still too long is cut. */
double gp_script_words_within(gp_script *g, double x, double y, int colour, double em, double room, const char *text);
void gp_script_margins(gp_script *g, const gp_box *b); /* the plot that follows stands there */
void gp_script_ticks(gp_script *g, const char *axis, const char *offset, const gp_ticks *ticks, bool texts);
/* The script whose plots are `panes`. */
void gp_script_around(gp_sheet *s, gp_str panes, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d);
/* gp_picture_script of a sheet made before. */
void gp_script_whole(gp_sheet *s, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d);
/* Begins a data block and gives its number; its lines follow in out.  The elements that show it come right after its end. */
int gp_script_block(gp_script *g);
void gp_script_block_end(gp_script *g);
/* One more element of the plot command, such as "$d3 using 1:2 with lines". */
void gp_script_plot(gp_script *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_script_layer(gp_script *g, const gp_drawn_pane *pane, const gp_shown *l);
void gp_script_marks(gp_script *g, const gp_drawn_pane *pane, const gp_shown *l);
void gp_sheet_heading(const gp_sheet *s, gp_buf *security, gp_buf *more); /* the two parts of the first line of words */
double gp_font_size(const gp_sheet *s, double em); /* in the unit of the terminal */
void gp_script_candles(gp_script *g, const double *const ohlc[4], const int *colours, int own);
void gp_script_volume(gp_script *g, const double *v);

/* ---- signals.c ---- */

/* Marks of a layer below the candles that are worth showing at the candles, too; n: bars shown. */
bool gp_is_signal(const gp_layer *l, int n);
bool gp_has_name(const gp_layer *l); /* given by the formula, or by its text; else a drawing is called DRAWICON1 */
void gp_layer_words(gp_buf *out, const gp_layer *l); /* its name for a legend; without one the beginning of its expression */
void gp_script_signals(gp_script *g, const gp_drawn_pane *pane);

/* ---- blocks.c ---- */

int gp_blocks_columns(const gp_picture_opts *o); /* bars that fit, one to the column */

/* ---- icon.c ---- */

typedef struct gp_icon { int number, shape, rgb; const char *letters; } gp_icon;
/* letters: room for those of a number that has no picture. */
gp_icon gp_icon_of(double number, char letters[12]);
gp_icon gp_icon_signal(bool up, int rgb);
gp_icon gp_icon_hit(int rgb);
typedef struct gp_place { const gp_drawn_pane *pane; double x, y, per_bar, scale; } gp_place; /* middle of the icon; pixels to the bar; 1: its usual size */
/* Its outline as a polygon of a data block. */
void gp_icon_outline(gp_buf *out, const gp_icon *icon, const gp_place *at);
bool gp_icon_points_down(const gp_icon *icon);
bool gp_icon_has_face(const gp_icon *icon);
void gp_icon_face(gp_buf *out, const gp_icon *icon, const gp_place *at);

/* ---- font.c ---- */

/* The family for the letters of a text: wanted, else an installed one for Chinese, else "sans".  d: characters that no font has, for the
 * first text that has some; replaced: gp_fonts_replace will be asked. */
const char *gp_fonts_for(gp_fonts *f, const char *wanted, gp_str text, bool replaced, gp_diags *d);
/* The text, with a square for every character that no font has; after gp_fonts_for. */
void gp_fonts_replace(gp_fonts *f, gp_str text, gp_buf *out);

/* ---- html.c ---- */

enum { GP_HEADING = 30 }; /* height of the first line of words of a picture */
/* What the page needs to know of the picture: where its bars are, and their values; JSON. */
void gp_html_facts(const gp_sheet *s, gp_buf *out);
void gp_json_text(gp_buf *out, const char *text);
void gp_json_numbers(gp_buf *out, const double *v, size_t n, int digits);
/* The beginning of an object: where numbers from x0 to x1 are. */
void gp_json_box(gp_buf *out, const gp_box *box, double x0, double x1);
/* title: further lines of it stand in the page, but not as its name. */
void gp_html_page(const gp_picture_opts *o, const char *title, gp_str facts, gp_str svg, gp_buf *out);
/* gnuplot's SVG as one that looks alike on other machines. */
void gp_svg_finish(gp_str svg, gp_buf *out);

/* ---- chart.c ---- */
struct gp_chart;
/* facts: what the page needs to know of it, or NULL. */
void gp_chart_make(const struct gp_chart *c, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_buf *facts, gp_diags *d);

/* ---- heat.c ---- */
struct gp_heat;
void gp_heat_ticks(const struct gp_heat *h, const gp_box *box, gp_ticks *x, gp_ticks *y);
void gp_heat_cells(gp_script *g, const struct gp_heat *h, const gp_box *box);
bool gp_heat_has_numbers(const struct gp_heat *h, const gp_box *box); /* its cells have room for them */
bool gp_heat_bar(gp_script *g, const struct gp_heat *h, double *lo, double *hi); /* its colours from lo to hi, between 0 and 1; false: all values are one */
#endif
