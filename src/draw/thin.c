/* More bars than pixels: of every column of pixels what is drawn in one colour becomes one upright line from its lowest to its highest
 * value, so that no extreme is lost and a script of 100,000 bars is as long as one of a thousand. */
#include "draw/draw.h"

int gp_column_of(const gp_sheet *s, double bar) { return (int)floor((bar + 0.5) * s->pitch); }
bool gp_is_crowded(const gp_sheet *s) { return s->pitch < 1; }

double gp_column_middle(const gp_sheet *s, int column) { return (column + 0.5) / s->pitch - 0.5; }

/* A vector without length is not drawn at all: a price that stayed the same is a dot. */
void gp_script_upright(gp_script *g, double x, double low, double high, int colour)
{
    if (high > low)
        gp_buf_printf(g->out, "%.8g %.10g 0 %.10g %d\n", x, low, high - low, colour);
    else
        gp_buf_printf(g->out, "%.8g %.10g %.8g 0 %d\n", x - 0.5 / g->s->pitch, low, 1 / g->s->pitch, colour);
}

static void flush(gp_thin *t, gp_script *g)
{
    for (int k = 0; k < t->n; k++)
        gp_script_upright(g, gp_column_middle(g->s, t->column), t->at[k].lo, t->at[k].hi, t->at[k].colour);
    t->n = 0;
}

void gp_thin_add(gp_thin *t, gp_script *g, double bar, double a, double b, int colour)
{
    const int column = gp_column_of(g->s, bar);
    int k = 0;
    if (column != t->column)
        flush(t, g);
    t->column = column;
    while (k < t->n && t->at[k].colour != colour)
        k++;
    if (k == GP_THIN_COLOURS) {
        flush(t, g);
        k = 0;
    }
    if (k == t->n) {
        t->at[t->n].colour = colour;
        t->at[t->n].lo = fmin(a, b);
        t->at[t->n++].hi = fmax(a, b);
    } else {
        t->at[k].lo = fmin(t->at[k].lo, fmin(a, b));
        t->at[k].hi = fmax(t->at[k].hi, fmax(a, b));
    }
}

int gp_thin_begin(gp_thin *t, gp_script *g)
{
    *t = (gp_thin){.column = -1};
    return gp_script_block(g);
}

void gp_thin_end(gp_thin *t, gp_script *g, int block, double width)
{
    flush(t, g);
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5 with vectors nohead lw %.3g lc rgb variable", block, width);
}
