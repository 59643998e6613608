/* The signals of a formula that draws below, once more at the candles, so that a reader sees where in the K-line they were: a strip below
 * the bars of a STICKLINE, the icon of a DRAWICON, a triangle in the colour of a DRAWTEXT.  Several at one bar stand below each other; icons
 * that point down stand above. */
#include "draw/draw.h"

enum { GAP = 3, BETWEEN = 2, STRIP = 3, HALF_TRIANGLE = 3, HALF_SMALL = 5, FEWEST = 60, NOT_CLOSER = 9, NAME_CELLS = 18 };
static const double small_icon = 0.65;

/* A histogram made of STICKLINEs goes from 0 to what changes; a band that is there on every bar tells nothing, either. */
static bool is_scenery(const gp_layer *l, int n)
{
    const gp_mark *m = l->marks;
    bool from0 = true, to0 = true, flat = true;
    for (size_t k = 0; k < l->n_marks; k++) {
        from0 &= m[k].price == 0;
        to0 &= m[k].price2 == 0;
        flat &= m[k].price == m[0].price && m[k].price2 == m[0].price2;
    }
    return flat ? l->n_marks == (size_t)n : from0 || to0;
}

bool gp_is_signal(const gp_layer *l, int n)
{
    if (!l->n_marks || l->pane != GP_PANE_SUB || l->looks.show & GP_SHOW_NODRAW)
        return false;
    if (l->kind == GP_LAYER_STICKS)
        return !is_scenery(l, n);
    return (l->kind == GP_LAYER_ICONS || l->kind == GP_LAYER_TEXTS) && (n < FEWEST || l->n_marks <= (size_t)n / 10 * 9);
}

bool gp_has_name(const gp_layer *l)
{
    const size_t n = l->function ? strlen(l->function) : 0;
    return *l->name && !(n && l->text && strncmp(l->name, l->function, n) == 0);
}

void gp_layer_words(gp_buf *out, const gp_layer *l)
{
    const char *text = l->text && !l->function ? l->text : l->name;
    size_t n = 0;
    int width = 0;
    while (text[n]) {
        uint32_t cp;
        const int bytes = gp_utf8_decode(text + n, text + strlen(text), &cp);
        width += gp_char_width(cp);
        if (l->text && width > NAME_CELLS)
            break;
        n += (size_t)bytes;
    }
    gp_buf_add(out, text, n);
    if (text[n])
        gp_buf_addz(out, "…");
}

typedef struct marks {
    gp_script *g;
    const gp_drawn_pane *pane;
    double *above; /* pixels taken at each bar; those below are the script's */
} marks;

/* The place of a mark so many pixels high at a bar, and takes it; false where there is none. */
static bool place(const marks *m, int bar, double height, bool above, gp_place *at)
{
    const gp_sheet *s = m->g->s;
    const gp_bars *b = s->p->bars;
    if (bar < 0 || bar >= s->p->n)
        return false;
    const double *edge = above ? b->high : b->low, *taken = above ? m->above : m->g->below;
    const int i = s->p->first + bar;
    const double price = edge && gp_is_drawable(edge[i]) ? edge[i] : b->close ? b->close[i] : NAN;
    const double away = GAP + taken[bar] + height / 2;
    if (!gp_is_drawable(price))
        return false;
    *at = (gp_place){.pane = m->pane, .x = bar, .y = gp_pane_above(m->pane, price, above ? away : -away), .per_bar = s->pitch, .scale = 1};
    if (!(at->y > m->pane->lo && at->y < m->pane->hi))
        return false;
    *(above ? &m->above[bar] : &m->g->below[bar]) += height + BETWEEN;
    return true;
}

/* Neighbouring bars of a stretch touch, so that it reads as one. */
static void strip(const marks *m, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    gp_script *g = m->g;
    gp_place at;
    int column = -1;
    const int block = gp_script_block(g);
    for (size_t k = 0; k < l->n_marks; k++) {
        const int here = (int)(l->marks[k].bar * g->s->pitch);
        if (here == column || !place(m, l->marks[k].bar, STRIP, false, &at))
            continue;
        column = here;
        const double half = fmax(0.5, 0.5 / at.per_bar);
        gp_buf_printf(g->out, "%g %.10g %.6g %.6g %.10g %.10g\n", at.x, at.y, at.x - half, at.x + half, gp_pane_above(at.pane, at.y, -STRIP / 2.0),
                      gp_pane_above(at.pane, at.y, STRIP / 2.0));
    }
    gp_script_block_end(g);
    gp_script_plot(g, "d%d using 1:2:3:4:5:6 with boxxyerror fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)shown->colour);
}

static void triangles(const marks *m, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    gp_place at;
    double right = -1e9;
    const int block = gp_script_block(m->g);
    for (size_t k = 0; k < l->n_marks; k++) {
        const double x = l->marks[k].bar * m->g->s->pitch;
        if (x < right + (m->g->s->pitch < 3 ? NOT_CLOSER : 0) || !place(m, l->marks[k].bar, 2 * HALF_TRIANGLE, false, &at))
            continue;
        right = x;
        const double half = HALF_TRIANGLE / at.per_bar * 1.15, top = gp_pane_above(at.pane, at.y, HALF_TRIANGLE), foot = gp_pane_above(at.pane, at.y, -HALF_TRIANGLE);
        gp_buf_printf(m->g->out, "%.6g %.10g\n%.6g %.10g\n%.6g %.10g\n%.6g %.10g\n\n", at.x, top, at.x + half, foot, at.x - half, foot, at.x, top);
    }
    gp_script_block_end(m->g);
    gp_script_plot(m->g, "d%d using 1:2 with filledcurves closed fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)shown->colour);
}

/* The icons of one number. */
static void icons_of(const marks *m, const gp_layer *l, double number)
{
    char letters[12];
    gp_place at;
    double right = -1e9;
    const gp_icon icon = gp_icon_of(number, letters);
    const int block = gp_script_block(m->g);
    for (size_t k = 0; k < l->n_marks; k++) {
        const double x = l->marks[k].bar * m->g->s->pitch;
        if (l->marks[k].number != number || x < right + (m->g->s->pitch < 3 ? NOT_CLOSER : 0) ||
            !place(m, l->marks[k].bar, 2 * HALF_SMALL, gp_icon_points_down(&icon), &at))
            continue;
        right = x;
        at.scale = small_icon;
        gp_icon_outline(m->g->out, &icon, &at);
    }
    gp_script_block_end(m->g);
    gp_script_plot(m->g, "d%d using 1:2 with filledcurves closed fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)icon.rgb);
}

static void icons(const marks *m, const gp_layer *l)
{
    for (size_t k = 0; k < l->n_marks; k++) {
        bool before = l->marks[k].number != l->marks[k].number;
        for (size_t j = 0; j < k && !before; j++)
            before = l->marks[j].number == l->marks[k].number;
        if (!before)
            icons_of(m, l, l->marks[k].number);
    }
}

void gp_script_signals(gp_script *g, const gp_drawn_pane *pane)
{
    const size_t n = (size_t)g->s->p->n + 1;
    marks m = {.g = g, .pane = pane};
    if (!pane->signals.n)
        return;
    g->below = gp_xcalloc(n, sizeof *g->below);
    m.above = gp_xcalloc(n, sizeof *m.above);
    for (size_t k = 0; k < pane->signals.n; k++) {
        const gp_shown *l = &pane->signals.at[k];
        if (l->layer->kind == GP_LAYER_STICKS)
            strip(&m, l);
        else if (l->layer->kind == GP_LAYER_ICONS)
            icons(&m, l->layer);
        else
            triangles(&m, l);
    }
    free(m.above);
}
