/* Candles, volume, lines and bands as plot elements.  More bars than pixels: of every column of pixels the first, the lowest, the highest
 * and the last value of a line are drawn, so that no extreme is lost. */
#include "draw/draw.h"

enum { NO_COLOUR = -1 };

/* ---- candles ---- */

typedef struct candle { double at, open, high, low, close; int colour; bool rose; } candle;

static void candle_line(gp_script *g, const candle *k, bool body)
{
    if (body)
        gp_buf_printf(g->out, "%g %.10g %.10g %.10g %.10g %d\n", k->at, k->open, k->low, k->high, k->close, k->colour);
    else
        gp_script_upright(g, k->at, k->low, k->high, k->colour);
}

static bool candle_at(const gp_script *g, const double *const ohlc[4], const int *colours, bool own, int i, candle *k)
{
    const gp_sheet *s = g->s;
    const double c = ohlc[3][i], o = ohlc[0] && gp_is_drawable(ohlc[0][i]) ? ohlc[0][i] : c;
    if (!gp_is_drawable(c))
        return false;
    *k = (candle){.at = i, .open = o, .close = c, .high = fmax(o, c), .low = fmin(o, c)};
    if (ohlc[1] && gp_is_drawable(ohlc[1][i]))
        k->high = fmax(k->high, ohlc[1][i]);
    if (ohlc[2] && gp_is_drawable(ohlc[2][i]))
        k->low = fmin(k->low, ohlc[2][i]);
    k->rose = own ? c >= o : gp_sheet_rose(s, i);
    k->colour = colours && colours[i] >= 0 ? gp_theme_ink(&s->theme, colours[i]) : k->rose ? s->theme.rise : s->theme.fall;
    return true;
}

/* The candles of a column of pixels as one. */
static void merge(candle *into, const candle *k, const gp_sheet *s, bool painted)
{
    into->high = fmax(into->high, k->high);
    into->low = fmin(into->low, k->low);
    into->close = k->close;
    into->rose = into->close >= into->open;
    into->colour = painted ? k->colour : into->rose ? s->theme.rise : s->theme.fall;
}

static void thin_candles(gp_script *g, const double *const ohlc[4], const int *colours, bool own)
{
    const gp_sheet *s = g->s;
    candle k, all = {0};
    int column = -1;
    const int block = gp_script_block(g);
    for (int i = 0; i < s->p->n; i++) {
        if (!candle_at(g, ohlc, colours, own, i, &k))
            continue;
        if (gp_column_of(s, i) == column) {
            merge(&all, &k, s, colours && colours[i] >= 0);
            continue;
        }
        if (column >= 0)
            candle_line(g, &all, false);
        all = k;
        column = gp_column_of(s, i);
        if (gp_is_crowded(s)) /* at the middle of its pixels: beside it no column stays empty */
            all.at = gp_column_middle(s, column);
    }
    if (column >= 0)
        candle_line(g, &all, false);
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5 with vectors nohead lw 1 lc rgb variable", block);
}

/* Width of a body in bars: an odd number of pixels with its border, so that the wick stands in its middle. */
static double body_width(const gp_sheet *s)
{
    int pixels = (int)(s->pitch * 0.72);
    pixels -= pixels % 2 == 0;
    return (pixels < 3 ? 2 : pixels - 1) / s->pitch;
}

/* own: bars of DRAWKLINE, which know nothing of the close before; their colour or -1. */
void gp_script_candles(gp_script *g, const double *const ohlc[4], const int *colours, int own)
{
    const gp_sheet *s = g->s;
    candle k;
    if (s->pitch < 3) {
        thin_candles(g, ohlc, colours, own >= 0);
        return;
    }
    gp_buf_printf(g->out, "set boxwidth %.6g absolute\n", body_width(s));
    for (int rising = 0; rising < 2; rising++) {
        const int block = gp_script_block(g);
        int n = 0;
        for (int i = 0; i < s->p->n; i++) {
            if (!candle_at(g, ohlc, colours, own >= 0, i, &k) || k.rose != (rising == 1))
                continue;
            candle_line(g, &k, true);
            n++;
        }
        gp_script_block_end(g);
        const bool hollow = rising ? s->theme.rise_hollow : s->theme.fall_hollow;
        if (n)
            gp_script_plot(g, "d%d using 1:2:3:4:5:6 with candlesticks fs %s lw 1 lc rgb variable", block, hollow ? "empty" : "solid 1");
    }
}

/* ---- values as bars from 0 ---- */

static int stick_colour(const gp_sheet *s, const gp_layer *l, int colour, int i, double v)
{
    if (l->looks.style == GP_STYLE_COLORSTICK)
        return v >= 0 ? s->theme.rise : s->theme.fall;
    if (l->looks.style == GP_STYLE_VOLSTICK)
        return gp_sheet_rose(s, i) ? s->theme.rise : s->theme.fall;
    return l->colours && l->colours[i] >= 0 ? gp_theme_ink(&s->theme, l->colours[i]) : colour;
}

/* Of a crowded column the longest stick to each side. */
static void sticks(gp_script *g, const gp_shown *shown, const double *v, double width)
{
    const gp_sheet *s = g->s;
    const gp_layer *l = shown->layer;
    int best[2] = {-1, -1}, column = -1;
    const int block = gp_script_block(g), n = s->p->n;
    for (int i = 0; i <= n; i++) {
        if (i < n && !gp_is_drawable(v[i]))
            continue;
        if (i == n || !gp_is_crowded(s) || gp_column_of(s, i) != column) {
            for (int k = 0; k < 2; k++)
                if (best[k] >= 0)
                    gp_buf_printf(g->out, "%.8g %.10g %d\n", (gp_is_crowded(s) ? gp_column_middle(s, column) : best[k]) + l->looks.shift, v[best[k]],
                                  stick_colour(s, l, shown->colour, best[k], v[best[k]]));
            best[0] = best[1] = -1;
            if (i == n)
                break;
            column = gp_column_of(s, i);
        }
        const int side = v[i] < 0;
        if (best[side] < 0 || fabs(v[i]) > fabs(v[best[side]]))
            best[side] = i;
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3 with impulses lw %.3g lc rgb variable", block, width);
}

static void volume_bars(gp_script *g, const double *v)
{
    const gp_sheet *s = g->s;
    for (int rising = 0; rising < 2; rising++) {
        const int block = gp_script_block(g);
        const double half = body_width(s) / 2;
        for (int i = 0; i < s->p->n; i++)
            if (gp_is_drawable(v[i]) && gp_sheet_rose(s, i) == (rising == 1))
                gp_buf_printf(g->out, "%d %.10g %.6g %.6g 0 %.10g\n", i, v[i], i - half, i + half, v[i]);
        gp_script_block_end(g);
        const bool hollow = rising ? s->theme.rise_hollow : s->theme.fall_hollow;
        gp_script_plot(g, "d%d using 1:2:3:4:5:6 with boxxyerror fs %s lw 1 lc rgb '#%06x'", block, hollow ? "empty border" : "solid 1 border",
                       (unsigned)(rising ? s->theme.rise : s->theme.fall));
    }
}

void gp_script_volume(gp_script *g, const double *v)
{
    static const gp_layer volume = {.kind = GP_LAYER_LINE, .looks = {.rgb = -1, .width = -1, .style = GP_STYLE_VOLSTICK}};
    if (g->s->pitch < 3)
        sticks(g, &(gp_shown){.layer = &volume}, v, 1);
    else
        volume_bars(g, v);
}

/* ---- lines ---- */

static void point(gp_script *g, const gp_layer *l, const double *v, int i)
{
    gp_buf_printf(g->out, "%d %.10g\n", i + l->looks.shift, v[i]);
}

/* First, lowest, highest and last value of the bars from .. to-1, in their order. */
static void column_points(gp_script *g, const gp_layer *l, const double *v, int from, int to)
{
    int lo = from, hi = from;
    for (int i = from; i < to; i++) {
        lo = v[i] < v[lo] ? i : lo;
        hi = v[i] > v[hi] ? i : hi;
    }
    const int order[4] = {from, lo < hi ? lo : hi, lo < hi ? hi : lo, to - 1};
    for (int k = 0; k < 4; k++)
        if (k == 0 || order[k] != order[k - 1])
            point(g, l, v, order[k]);
}

static int line_block(gp_script *g, const gp_layer *l, const double *v)
{
    const gp_sheet *s = g->s;
    const int block = gp_script_block(g), n = s->p->n;
    bool gap = false;
    for (int i = 0, to; i < n; i = to) {
        to = i + 1;
        if (!gp_is_drawable(v[i])) {
            gap = true;
            continue;
        }
        if (gap)
            gp_buf_addc(g->out, '\n');
        gap = false;
        while (gp_is_crowded(s) && to < n && gp_is_drawable(v[to]) && gp_column_of(s, to) == gp_column_of(s, i))
            to++;
        column_points(g, l, v, i, to);
    }
    gp_script_block_end(g);
    return block;
}

static double thickness(const gp_looks *looks)
{
    return looks->width > 1 ? looks->width : 1.25;
}

/* PARTLINE: from the bar before to each bar, in the colour of that bar. */
static void part_line(gp_script *g, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const double *v = l->y[0];
    if (v && gp_is_crowded(g->s)) {
        gp_thin t;
        const int block = gp_thin_begin(&t, g);
        for (int i = 1; i < g->s->p->n; i++)
            if (l->colours[i] >= 0 && gp_is_drawable(v[i]) && gp_is_drawable(v[i - 1]))
                gp_thin_add(&t, g, i + l->looks.shift, v[i - 1], v[i], gp_theme_ink(&g->s->theme, l->colours[i]));
        gp_thin_end(&t, g, block, thickness(&l->looks));
        return;
    }
    const int block = gp_script_block(g);
    for (int i = 1; v && i < g->s->p->n; i++)
        if (l->colours[i] >= 0 && gp_is_drawable(v[i]) && gp_is_drawable(v[i - 1]))
            gp_buf_printf(g->out, "%d %.10g 1 %.10g %d\n", i - 1 + l->looks.shift, v[i - 1], v[i] - v[i - 1], gp_theme_ink(&g->s->theme, l->colours[i]));
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5 with vectors nohead lw %.3g lc rgb variable", block, thickness(&l->looks));
}

static void line(gp_script *g, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const double *v = l->y[0];
    const unsigned rgb = (unsigned)shown->colour;
    const double wide = thickness(&l->looks);
    if (!v)
        return;
    if (l->colours) {
        part_line(g, shown);
        return;
    }
    switch (l->looks.style) {
    case GP_STYLE_VOLSTICK:
        gp_script_volume(g, v);
        return;
    case GP_STYLE_STICK:
    case GP_STYLE_COLORSTICK:
        sticks(g, shown, v, l->looks.width > 1 ? l->looks.width : g->s->pitch > 8 ? 2 : 1);
        return;
    case GP_STYLE_LINESTICK: sticks(g, shown, v, 1); break;
    default: break;
    }
    const int block = line_block(g, l, v);
    switch (l->looks.style) {
    case GP_STYLE_DOTLINE: gp_script_plot(g, "d%d using 1:2 with lines lw %.3g dt (3,3) lc rgb '#%06x'", block, wide, rgb); break;
    case GP_STYLE_POINTDOT: gp_script_plot(g, "d%d using 1:2 with points pt 7 ps %.3g lc rgb '#%06x'", block, 0.25 + 0.1 * wide, rgb); break;
    case GP_STYLE_CIRCLEDOT: gp_script_plot(g, "d%d using 1:2 with points pt 6 ps %.3g lc rgb '#%06x'", block, 0.4 + 0.1 * wide, rgb); break;
    case GP_STYLE_CROSSDOT: gp_script_plot(g, "d%d using 1:2 with points pt 2 ps %.3g lc rgb '#%06x'", block, 0.4 + 0.1 * wide, rgb); break;
    default: gp_script_plot(g, "d%d using 1:2 with lines lw %.3g lc rgb '#%06x'", block, wide, rgb); break;
    }
}

/* ---- bands ---- */

/* One stretch of one colour: there along the first edge, back along the second. */
static void stretch(gp_script *g, const gp_layer *l, int from, int to)
{
    const int last = to < g->s->p->n && gp_is_drawable(l->y[0][to]) && gp_is_drawable(l->y[1][to]) ? to : to - 1;
    for (int i = from; i <= last; i++)
        point(g, l, l->y[0], i);
    for (int i = last; i >= from; i--)
        point(g, l, l->y[1], i);
    gp_buf_addc(g->out, '\n');
}

static void band_colour(gp_script *g, const gp_layer *l, int colour)
{
    const int block = gp_script_block(g), n = g->s->p->n;
    for (int i = 0, to; i < n; i = to) {
        to = i + 1;
        if (l->colours[i] != colour)
            continue;
        while (to < n && l->colours[to] == colour)
            to++;
        stretch(g, l, i, to);
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2 with filledcurves closed fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)colour);
}

static int by_number(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Wider than a pixel, so that no seams show between the columns. */
static void thin_band(gp_script *g, const gp_layer *l)
{
    gp_thin t;
    const int block = gp_thin_begin(&t, g);
    for (int i = 0; i < g->s->p->n; i++)
        if (l->colours[i] >= 0 && gp_is_drawable(l->y[0][i]) && gp_is_drawable(l->y[1][i]))
            gp_thin_add(&t, g, i + l->looks.shift, l->y[0][i], l->y[1][i], l->colours[i]);
    gp_thin_end(&t, g, block, 1.5);
}

static void band(gp_script *g, const gp_layer *l)
{
    const int n = g->s->p->n;
    if (!l->colours || !l->y[0] || !l->y[1])
        return;
    if (gp_is_crowded(g->s)) {
        thin_band(g, l);
        return;
    }
    int *colours = gp_xcalloc((size_t)n + 1, sizeof *colours);
    for (int i = 0; i < n; i++)
        colours[i] = gp_is_drawable(l->y[0][i]) && gp_is_drawable(l->y[1][i]) ? l->colours[i] : NO_COLOUR;
    qsort(colours, (size_t)n, sizeof *colours, by_number);
    for (int i = 0; i < n; i++)
        if (colours[i] >= 0 && (i == 0 || colours[i] != colours[i - 1]))
            band_colour(g, l, colours[i]);
    free(colours);
}

void gp_script_layer(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    if (l->looks.show & GP_SHOW_NODRAW || (l->looks.width == 0 && l->kind == GP_LAYER_LINE))
        return;
    switch (l->kind) {
    case GP_LAYER_LINE: line(g, shown); break;
    case GP_LAYER_BAND: band(g, l); break;
    case GP_LAYER_CANDLES:
        if (l->y[3])
            gp_script_candles(g, l->y, NULL, 1);
        break;
    default: gp_script_marks(g, pane, shown); break;
    }
}
