/* Drawings at bars and at places of a pane. */
#include "draw/marks.h"

enum { HALF_ICON = 8, STRIPS = 24 };
static const uint32_t ICON = 0x80000000u; /* owners of places: an icon by its number, else the array of a text */

bool gp_is_in_pane(const gp_script *g, const gp_drawn_pane *pane, double x, double y)
{
    return x >= g->s->x0 && x <= g->s->x1 && y >= pane->lo && y <= pane->hi;
}

/* ---- sticks ---- */

/* Of a crowded column of pixels the sticks as one, from the lowest to the highest price. */
static void thin_sticks(gp_script *g, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const int block = gp_script_block(g);
    for (size_t k = 0, to; k < l->n_marks; k = to) {
        const gp_mark *m = &l->marks[k];
        double lo = fmin(m->price, m->price2), hi = fmax(m->price, m->price2);
        for (to = k + 1; to < l->n_marks && gp_column_of(g->s, l->marks[to].bar) == gp_column_of(g->s, m->bar); to++) {
            lo = fmin(lo, fmin(l->marks[to].price, l->marks[to].price2));
            hi = fmax(hi, fmax(l->marks[to].price, l->marks[to].price2));
        }
        if (gp_is_drawable(lo) && gp_is_drawable(hi))
            gp_buf_printf(g->out, "%d %.10g 0 %.10g\n", m->bar, lo, hi - lo);
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4 with vectors nohead lw 1 lc rgb '#%06x'", block, (unsigned)shown->colour);
}

/* How far a stick reaches from the middle of its bar, in bars: whole pixels, as many on both sides unless it fills its place. */
static void stick_edges(const gp_sheet *s, double width, double *left, double *right)
{
    const double pitch = s->pitch * gp_sheet_scale(s), wanted = fmin(width, 400) / 4 * pitch;
    int pixels = (int)fmax(1, round(wanted));
    if (pixels % 2 == 0 && wanted != pitch)
        pixels--;
    *left = ((pixels - 1) / 2 + 0.5) / pitch;
    *right = pixels / pitch - *left;
}

static void sticks_of(gp_script *g, const gp_shown *shown, gp_fill fill)
{
    const gp_layer *l = shown->layer;
    const gp_sheet *s = g->s;
    const int raw = l->looks.rgb >= 0 && fill == GP_FILL_SOLID ? l->looks.rgb : shown->colour;
    int n = 0;
    for (size_t k = 0; k < l->n_marks; k++)
        n += l->marks[k].fill == fill;
    if (!n)
        return;
    const int block = gp_script_block(g);
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        const double from = fill == GP_FILL_CENTRE ? -m->price2 : m->price;
        if (m->fill != fill || !gp_is_drawable(from) || !gp_is_drawable(m->price2))
            continue;
        double left, right;
        stick_edges(s, m->width, &left, &right);
        gp_buf_printf(g->out, "%d %.10g %.6g %.6g %.10g %.10g\n", m->bar, from, m->bar - left, m->bar + right, from, m->price2);
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5:6 with boxxyerror fs %s lw %d%s lc rgb '#%06x'", block,
                   fill == GP_FILL_HOLLOW || fill == GP_FILL_DASHED ? "empty border" : "solid 1 noborder", l->looks.width > 1 ? l->looks.width : 1,
                   fill == GP_FILL_DASHED ? " dt (3,2)" : "", (unsigned)raw);
}

static void sticks(gp_script *g, const gp_shown *shown)
{
    if (gp_is_crowded(g->s)) {
        thin_sticks(g, shown);
        return;
    }
    for (int fill = GP_FILL_SOLID; fill <= GP_FILL_CENTRE; fill++)
        sticks_of(g, shown, (gp_fill)fill);
}

/* ---- texts ---- */

void gp_words_add(gp_words *t, int name, double x, double y, const char *text)
{
    if (!t->last || strcmp(t->last, text) != 0) {
        gp_buf_printf(&t->array, "T%d[%d]=", name, ++t->n);
        gp_gnuplot_text(&t->array, text);
        gp_buf_addc(&t->array, '\n');
        t->last = text;
    }
    gp_buf_printf(&t->rows, "%.6g %.10g %d\n", x, y, t->n);
}

void gp_words_plot(gp_script *g, gp_words *t, int name, int colour, double em, const char *more)
{
    if (t->n) {
        gp_buf_printf(g->out, "array T%d[%d]\n", name, t->n);
        gp_buf_add(g->out, t->array.p, t->array.n);
        const int block = gp_script_block(g);
        gp_buf_add(g->out, t->rows.p, t->rows.n);
        gp_script_block_end(g);
        gp_script_plot(g, "d%d using 1:2:(T%d[int(column(3))]) with labels center noenhanced font ',%.3g' tc rgb '#%06x'%s", block, name,
                       gp_font_size(g->s, em), (unsigned)colour, more);
    }
    gp_buf_free(&t->array);
    gp_buf_free(&t->rows);
}

/* Not in an SVG, whose words can be searched and copied. */
void gp_words_halo(gp_script *g, const gp_drawn_pane *pane, const gp_words *t, int name)
{
    const gp_sheet *s = g->s;
    if (!t->n || pane->log || s->o->format == GP_PICTURE_SVG || s->o->format == GP_PICTURE_HTML)
        return;
    const double dx = 1 / s->pitch, dy = gp_pane_above(pane, 0, 1) - gp_pane_above(pane, 0, 0);
    gp_buf_printf(g->out, "array T%d[%d]\n", name, t->n);
    gp_buf_add(g->out, t->array.p, t->array.n);
    const int block = gp_script_block(g);
    gp_buf_add(g->out, t->rows.p, t->rows.n);
    gp_script_block_end(g);
    for (int k = 0; k < 4; k++)
        gp_script_plot(g, "d%d using ($1%+.4g):($2%+.4g):(T%d[int(column(3))]) with labels center noenhanced font ',%.3g' tc rgb '#%06x'", block, k & 1 ? dx : -dx,
                       k & 2 ? dy : -dy, name, gp_font_size(s, s->em), (unsigned)s->theme.background);
}

static int lines_of(const char *text)
{
    int n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* ---- what has no room ---- */

/* Small dots at the prices of what is left out, no two in a column of pixels. */
typedef struct dots { gp_buf rows; int column; } dots;

static void add_dot(dots *d, const gp_script *g, const gp_mark *m)
{
    const int column = (int)(m->bar * g->s->pitch);
    if (d->rows.n && column == d->column)
        return;
    d->column = column;
    gp_buf_printf(&d->rows, "%d %.10g\n", m->bar, m->price);
}

static void plot_dots(gp_script *g, dots *d, int rgb)
{
    if (d->rows.n) {
        const int block = gp_script_block(g);
        gp_buf_add(g->out, d->rows.p, d->rows.n);
        gp_script_block_end(g);
        gp_script_plot(g, "d%d using 1:2 with points pt 7 ps 0.25 lc rgb '#%06x'", block, (unsigned)rgb);
    }
    gp_buf_free(&d->rows);
}

/* ---- texts at bars ---- */

enum { ROWS = 3 }; /* at its price, and twice a line further */

/* The place of a text: at its price, else a line or two further away; on the other side where the pane ends.  False: there is none, or it
 * would cover the same word. */
static bool find_place(gp_script *g, const gp_drawn_pane *pane, double x, double price, bool above, double half, double height, uint32_t owner, bool again,
                       gp_box *out)
{
    const double down = gp_pane_down(pane, price), end = pane->plot.bottom - pane->plot.top;
    if (above ? down < height : down + height > end)
        above = !above;
    for (int row = 0; row < ROWS; row++) {
        const double top = above ? down - height * (row + 1) : down + height * row;
        *out = (gp_box){x - half + 1, top + 2, x + half - 1, top + height - 2};
        if (out->top < 0 || out->bottom > end)
            break;
        const uint32_t there = gp_room_owner(g->room, *out);
        if (!there)
            return true;
        if (there == owner && again)
            break;
    }
    return false;
}

/* A text hangs below its price, DRAWABOVE puts it above. */
static void texts_at(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const gp_sheet *s = g->s;
    const int name = ++g->n_texts;
    gp_words t = {0};
    dots left_out = {0};
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        const char *text = m->text ? m->text : "";
        const double half = gp_text_ems(text) * s->em / 2, height = 1.24 * lines_of(text) * s->em;
        gp_box at;
        if (!*text || !gp_is_in_pane(g, pane, m->bar, m->price))
            continue;
        const double x = gp_room_inside(g->room, (m->bar - s->x0) * s->pitch, half);
        if (!find_place(g, pane, x, m->price, l->looks.show & GP_SHOW_ABOVE, half, height, (uint32_t)name, t.last && strcmp(t.last, text) == 0, &at)) {
            add_dot(&left_out, g, m);
            continue;
        }
        gp_room_take(g->room, at, (uint32_t)name);
        gp_words_add(&t, name, x / s->pitch + s->x0, gp_pane_above(pane, pane->hi, -(at.top + at.bottom) / 2), text);
    }
    plot_dots(g, &left_out, shown->colour);
    const bool boxed = l->looks.show & GP_SHOW_BOXED || l->kind == GP_LAYER_PICTURES;
    if (!boxed)
        gp_words_halo(g, pane, &t, name);
    gp_words_plot(g, &t, name, shown->colour, s->em, boxed ? " boxed" : "");
}

/* ---- icons ---- */

static bool same_look(const gp_icon *a, const gp_icon *b) { return a->rgb == b->rgb && a->shape == b->shape; }

/* Icons of one look are one element; letters stand on them. */
void gp_stamps_plot(gp_script *g, const gp_stamps *all)
{
    for (size_t k = 0; k < all->n; k++) {
        bool done = false;
        for (size_t j = 0; j < k && !done; j++)
            done = same_look(&all->at[j].icon, &all->at[k].icon);
        if (done)
            continue;
        int block = gp_script_block(g);
        for (size_t j = k; j < all->n; j++)
            if (same_look(&all->at[j].icon, &all->at[k].icon))
                gp_icon_outline(g->out, &all->at[j].icon, &all->at[j].at);
        gp_script_block_end(g);
        gp_script_plot(g, "d%d using 1:2 with filledcurves closed fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)all->at[k].icon.rgb);
        if (!gp_icon_has_face(&all->at[k].icon))
            continue;
        block = gp_script_block(g);
        for (size_t j = k; j < all->n; j++)
            if (same_look(&all->at[j].icon, &all->at[k].icon))
                gp_icon_face(g->out, &all->at[j].icon, &all->at[j].at);
        gp_script_block_end(g);
        gp_script_plot(g, "d%d using 1:2 with filledcurves closed fs solid 1 noborder lc rgb '#000000'", block);
    }
    const int name = ++g->n_texts;
    gp_words t = {0};
    for (size_t k = 0; k < all->n; k++) {
        const char *text = *all->at[k].letters ? all->at[k].letters : all->at[k].icon.letters;
        if (*text)
            gp_words_add(&t, name, all->at[k].at.x, all->at[k].at.y, text);
    }
    gp_words_plot(g, &t, name, 0xFFFFFF, g->s->em * 0.92, "");
}

/* An icon that would cover one of the same look is left out. */
static void icons(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const bool above = l->looks.show & GP_SHOW_ABOVE;
    gp_stamps all = {0};
    dots left_out = {0};
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        gp_stamp one = {.at = {.pane = pane, .x = m->bar, .per_bar = g->s->pitch, .scale = 1, .y = gp_pane_above(pane, m->price, above ? HALF_ICON + 1 : -HALF_ICON - 1)}};
        one.icon = gp_icon_of(m->number, one.letters);
        const double x = (m->bar - g->s->x0) * g->s->pitch, y = gp_pane_down(pane, one.at.y);
        const gp_box box = {x - 5, y - HALF_ICON + 2, x + 5, y + HALF_ICON - 2};
        const uint32_t look = ICON + (uint32_t)one.icon.number;
        if (!gp_is_in_pane(g, pane, m->bar, m->price))
            continue;
        if (gp_room_owner(g->room, box) == look) {
            add_dot(&left_out, g, m);
            continue;
        }
        gp_room_take(g->room, box, look);
        gp_vec_push(&all, one);
    }
    plot_dots(g, &left_out, all.n ? all.at[0].icon.rgb : shown->colour);
    gp_stamps_plot(g, &all);
    gp_vec_free(&all);
}

/* ---- straight lines ---- */

static double on_line(const gp_mark *m, double x)
{
    return m->price + (m->price2 - m->price) / (m->bar2 - m->bar) * (x - m->bar);
}

static void one_segment(gp_script *g, const gp_drawn_pane *pane, const gp_mark *m, bool goes_on)
{
    const gp_sheet *s = g->s;
    if (m->bar2 == GP_BAR_NONE && m->price != m->price) { /* VERTLINE */
        gp_buf_printf(g->out, "\n%d %.10g\n%d %.10g\n", m->bar, pane->lo, m->bar, pane->hi);
        return;
    }
    if (!gp_is_drawable(m->price) || !gp_is_drawable(m->price2) || (m->bar2 == m->bar))
        return;
    const bool flat = m->bar2 == GP_BAR_NONE;
    const double from = m->extend & GP_EXTEND_LEFT ? s->x0 : m->bar, to = m->extend & GP_EXTEND_RIGHT ? s->x1 : flat ? m->bar : m->bar2;
    if (!goes_on)
        gp_buf_printf(g->out, "\n%.8g %.10g\n", from, flat ? m->price : on_line(m, from));
    gp_buf_printf(g->out, "%.8g %.10g\n", to, flat ? m->price : on_line(m, to));
}

static bool is_upright(const gp_mark *m) { return m->bar2 == GP_BAR_NONE && m->price != m->price; }
static bool is_flat(const gp_mark *m) { return m->extend && (m->bar2 == GP_BAR_NONE || m->price == m->price2); }
static bool is_in_column(const gp_sheet *s, const gp_mark *m)
{
    return !m->extend && m->bar2 != GP_BAR_NONE && gp_is_drawable(m->price) && gp_is_drawable(m->price2) && gp_column_of(s, m->bar) == gp_column_of(s, m->bar2);
}

/* More bars than pixels: segments within a column of pixels are one upright line, and are drawn here. */
static void segments_in_columns(gp_script *g, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    gp_thin t;
    const int block = gp_thin_begin(&t, g);
    for (size_t k = 0; k < l->n_marks; k++)
        if (is_in_column(g->s, &l->marks[k]))
            gp_thin_add(&t, g, l->marks[k].bar, l->marks[k].price, l->marks[k].price2, shown->colour);
    gp_thin_end(&t, g, block, l->looks.width > 1 ? l->looks.width : 1.25);
}

/* Of those that lie on each other pixel for pixel one is kept: an upright line in a column, a flat one that goes on in a row. */
static bool *segments_kept(const gp_script *g, const gp_drawn_pane *pane, const gp_layer *l)
{
    const int down = (int)(pane->plot.bottom - pane->plot.top) + 1;
    bool *keep = gp_xcalloc(l->n_marks + 1, sizeof *keep), *rows = gp_xcalloc(2 * (size_t)down, sizeof *rows);
    int column = -1;
    for (size_t k = 0; k < 2 * l->n_marks; k++) { /* there for what goes on to the right, the first is the longest; back for the left */
        const bool back = k >= l->n_marks;
        const size_t i = back ? 2 * l->n_marks - 1 - k : k;
        const gp_mark *m = &l->marks[i];
        const double y = is_flat(m) && gp_is_drawable(m->price) ? gp_pane_down(pane, m->price) : -1;
        if (is_upright(m) && !back) {
            keep[i] = gp_column_of(g->s, m->bar) != column;
            column = gp_column_of(g->s, m->bar);
        } else if (is_flat(m) && back == (m->extend == GP_EXTEND_LEFT) && y >= 0 && y < down) {
            bool *row = &rows[(int)y + (back ? down : 0)];
            keep[i] = !*row;
            *row = true;
        } else if (!is_upright(m) && !is_flat(m)) {
            keep[i] = !is_in_column(g->s, m);
        }
    }
    free(rows);
    return keep;
}

static void segments(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    static const char *const dashes[] = {"", " dt (6,3)", " dt (2,3)", " dt (6,3,2,3)", " dt (6,3,2,3,2,3)"};
    const gp_layer *l = shown->layer;
    bool *keep = gp_is_crowded(g->s) ? segments_kept(g, pane, l) : NULL;
    if (keep)
        segments_in_columns(g, shown);
    for (int pattern = 0; pattern < 5; pattern++) {
        const gp_mark *before = NULL;
        int n = 0, block = 0;
        for (size_t k = 0; k < l->n_marks; k++) {
            const gp_mark *m = &l->marks[k];
            if (m->pattern != pattern || (keep && !keep[k]))
                continue;
            if (!n++)
                block = gp_script_block(g);
            one_segment(g, pane, m, before && !m->extend && !before->extend && m->bar2 != GP_BAR_NONE && before->bar2 == m->bar && before->price2 == m->price);
            before = m;
        }
        if (!n)
            continue;
        gp_script_block_end(g);
        const bool dotted = l->looks.style == GP_STYLE_DOTLINE;
        gp_script_plot(g, "d%d using 1:2 with lines lw %.3g lc rgb '#%06x'%s", block, l->looks.width > 1 ? l->looks.width : 1.25, (unsigned)shown->colour,
                       dotted && !pattern ? " dt (3,3)" : dashes[pattern]);
    }
    free(keep);
}

/* ---- places of the pane ---- */

static int between(int a, int b, double share)
{
    int out = 0;
    for (int shift = 0; shift <= 16; shift += 8)
        out |= (int)lround((a >> shift & 0xFF) + ((b >> shift & 0xFF) - (a >> shift & 0xFF)) * share) << shift;
    return out;
}

static void strip(gp_script *g, double x0, double y0, double x1, double y1, int rgb)
{
    gp_buf_printf(g->out, "set object rectangle from graph %.6f,%.6f to graph %.6f,%.6f behind clip fs solid 1 noborder fc rgb '#%06x'\n", x0, y0, x1, y1, (unsigned)rgb);
}

/* From rgb to rgb2: downwards, or with sideways to the right. */
static void shade(gp_script *g, double x0, double x1, int rgb, int rgb2, bool sideways, int strips)
{
    const int first = rgb >= 0 ? rgb : rgb2, last = rgb2 >= 0 ? rgb2 : rgb, n = first == last ? 1 : strips;
    for (int k = 0; k < n && first >= 0; k++) {
        const double a = (double)k / n; /* to the end, and the next one over it: no seams */
        const int colour = between(first, last, n > 1 ? (double)k / (n - 1) : 0);
        if (sideways)
            strip(g, x0 + (x1 - x0) * a, 0, x1, 1, colour);
        else
            strip(g, x0, 0, x1, 1 - a, colour);
    }
}

/* Does the stretch go on with the next mark?  More bars than pixels: the first mark of a column of pixels stands for all in it. */
static bool goes_on(const gp_sheet *s, const gp_mark *m, const gp_mark *last, const gp_mark *next)
{
    const int step = gp_is_crowded(s) ? gp_column_of(s, next->bar) - gp_column_of(s, last->bar) : next->bar - last->bar;
    return (gp_is_crowded(s) && step == 0) || (step == 1 && next->rgb == m->rgb && next->rgb2 == m->rgb2);
}

/* Neighbouring bars of the same colours are one. */
static void background(gp_script *g, const gp_layer *l)
{
    const gp_sheet *s = g->s;
    size_t stretches = 1;
    for (size_t k = 1; k < l->n_marks; k++)
        stretches += !goes_on(s, &l->marks[k - 1], &l->marks[k - 1], &l->marks[k]);
    const int strips = stretches < 20 ? STRIPS : stretches < 100 ? STRIPS / 4 : 2; /* gnuplot takes long over thousands of rectangles */
    for (size_t k = 0, to; k < l->n_marks; k = to) {
        const gp_mark *m = &l->marks[k];
        const bool sideways = gp_is_drawable(m->width) && m->width != 0;
        to = k + 1;
        if (m->bar == GP_BAR_NONE) {
            shade(g, 0, 1, m->rgb, m->rgb2, sideways, STRIPS);
            continue;
        }
        while (to < l->n_marks && goes_on(s, m, &l->marks[to - 1], &l->marks[to]))
            to++;
        const double from = (m->bar - 0.5 - s->x0) / (s->x1 - s->x0), end = (l->marks[to - 1].bar + 0.5 - s->x0) / (s->x1 - s->x0);
        shade(g, fmax(from, 0), fmin(end, 1), m->rgb, m->rgb2, sideways, strips);
    }
}

static void caption(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    const gp_mark *m = shown->layer->marks;
    if (!shown->layer->n_marks || !m->text || !*m->text || !gp_is_drawable(m->x) || !gp_is_drawable(m->y))
        return;
    const double half = 0.62 * lines_of(m->text) * g->s->em / (pane->plot.bottom - pane->plot.top);
    gp_buf_printf(g->out, "set label at graph %.6f,%.6f ", fmin(fmax(m->x, 0), 1), 1 - fmin(fmax(m->y, 0), 1) - half);
    gp_gnuplot_text(g->out, m->text);
    gp_buf_printf(g->out, " %s font ',%.3g' tc rgb '#%06x' noenhanced front\n", m->right ? "right" : "left", gp_font_size(g->s, g->s->em), (unsigned)shown->colour);
}

static void rectangle(gp_script *g, const gp_shown *shown)
{
    const gp_mark *m = shown->layer->marks;
    char border[32] = "noborder", fill[32] = "empty";
    if (!shown->layer->n_marks || !gp_is_drawable(m->x + m->y + m->x2 + m->y2))
        return;
    if (!(shown->layer->looks.show & GP_SHOW_NOFRAME))
        snprintf(border, sizeof border, "border lc rgb '#%06x'", (unsigned)shown->colour);
    if (m->rgb >= 0)
        snprintf(fill, sizeof fill, "solid 1");
    gp_buf_printf(g->out, "set object rectangle from graph %.6f,%.6f to graph %.6f,%.6f back clip fs %s %s fc rgb '#%06x'\n", m->x, 1 - m->y, m->x2, 1 - m->y2, fill,
                  border, (unsigned)(m->rgb >= 0 ? m->rgb : shown->colour));
}

/* Those of all layers are placed together: the first one draws them. */
static void trades(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    size_t k = 0;
    while (pane->layers.at[k].layer->kind != GP_LAYER_SIGNALS)
        k++;
    if (shown == &pane->layers.at[k])
        gp_script_trades(g, pane);
}

void gp_script_marks(gp_script *g, const gp_drawn_pane *pane, const gp_shown *shown)
{
    switch (shown->layer->kind) {
    case GP_LAYER_STICKS: sticks(g, shown); break;
    case GP_LAYER_TEXTS:
    case GP_LAYER_NUMBERS:
    case GP_LAYER_PICTURES: texts_at(g, pane, shown); break;
    case GP_LAYER_ICONS: icons(g, pane, shown); break;
    case GP_LAYER_SIGNALS: trades(g, pane, shown); break;
    case GP_LAYER_SEGMENTS: segments(g, pane, shown); break;
    case GP_LAYER_BACKGROUND: background(g, shown->layer); break;
    case GP_LAYER_CAPTION: caption(g, pane, shown); break;
    case GP_LAYER_RECTANGLE: rectangle(g, shown); break;
    default: break; /* lines and bands: layers.c; paint: the candles; values: the legend */
    }
}
