/* Which panes a picture has, where they are, and what their axes span. */
#include "draw/draw.h"
#include "market/board.h"

enum { WIDTH = 1200, MAIN_HEIGHT = 380, VOLUME_HEIGHT = 110, SUB_HEIGHT = 170, HEADING = GP_HEADING, LEGEND = 22, FOOT = 26, SIDE_LEFT = 12, SIDE_RIGHT = 70 };
enum { NATURAL_PITCH = 5, WIDEST_PITCH = 24 };

int gp_picture_bars(const gp_picture_opts *o)
{
    if (o->format == GP_PICTURE_BLOCKS)
        return gp_blocks_columns(o);
    const int width = o->width ? o->width : WIDTH;
    const int n = (width - SIDE_LEFT - SIDE_RIGHT) / NATURAL_PITCH;
    return n > 40 ? n : 40;
}

bool gp_sheet_rose(const gp_sheet *s, int i)
{
    const gp_bars *b = s->p->bars;
    const int at = s->p->first + i;
    if (!b->close)
        return true;
    const double c = b->close[at], o = b->open ? b->open[at] : NAN;
    if (c > o || c < o)
        return c > o;
    return at == 0 || !(c < b->close[at - 1]);
}

/* ---- what goes where ---- */

static bool is_listed_only(const gp_layer *l)
{
    return l->looks.show & GP_SHOW_NODRAW || l->looks.width == 0;
}

static void add_part(gp_sheet *s, gp_drawn_pane *pane, int part, gp_pane where)
{
    const gp_plot *p = s->p->parts[part].plot;
    for (int k = 0; k < p->n_layers; k++) {
        const gp_layer *l = &p->layers[k];
        if (pane->kind == GP_PANE_KIND_PRICE && !s->o->no_signals && gp_is_signal(l, s->p->n))
            gp_vec_push(&pane->signals, ((gp_shown){.layer = l, .colour = l->looks.rgb < 0 ? s->theme.text : gp_theme_ink(&s->theme, l->looks.rgb), .part = part}));
        if (l->pane != where)
            continue;
        if (l->kind == GP_LAYER_PAINT) {
            s->paint = l->colours;
            s->painted = l;
            continue;
        }
        gp_shown shown = {.layer = l, .colour = l->looks.rgb, .part = part};
        if (shown.colour < 0 && l->kind == GP_LAYER_LINE) {
            int lines = 0; /* colours of lines go round within the pane */
            for (size_t j = 0; j < pane->layers.n; j++)
                lines += pane->layers.at[j].layer->kind == GP_LAYER_LINE && pane->layers.at[j].layer->looks.rgb < 0;
            shown.colour = s->theme.lines[lines % GP_LINE_COLOURS];
        } else if (shown.colour < 0) {
            shown.colour = s->theme.text;
        } else {
            shown.colour = gp_theme_ink(&s->theme, shown.colour);
        }
        gp_vec_push(&pane->layers, shown);
    }
}

static bool draws_in(const gp_plot *p, gp_pane where)
{
    for (int k = 0; k < p->n_layers; k++)
        if (p->layers[k].pane == where && p->layers[k].kind != GP_LAYER_PAINT)
            return true;
    return false;
}

static bool has_volume(const gp_sheet *s)
{
    const gp_bars *b = s->p->bars;
    if (s->o->no_volume || !b->vol)
        return false;
    for (int j = 0; j < s->p->n_parts; j++)
        for (int k = 0; k < s->p->parts[j].plot->n_layers; k++)
            if (s->p->parts[j].plot->layers[k].looks.style == GP_STYLE_VOLSTICK)
                return false; /* a formula shows it */
    for (int i = 0; i < s->p->n; i++)
        if (b->vol[s->p->first + i] > 0)
            return true;
    return false;
}

static gp_drawn_pane *new_pane(gp_sheet *s, gp_pane_kind kind)
{
    gp_drawn_pane *pane = &s->panes[s->n_panes++];
    *pane = (gp_drawn_pane){.kind = kind};
    return pane;
}

static void choose_panes(gp_sheet *s)
{
    gp_drawn_pane *main = new_pane(s, GP_PANE_KIND_PRICE);
    for (int j = 0; j < s->p->n_parts; j++) {
        add_part(s, main, j, GP_PANE_MAIN);
        if (!main->label && s->p->parts[j].plot->pane == GP_PANE_MAIN)
            main->label = s->p->parts[j].label;
    }
    if (has_volume(s))
        new_pane(s, GP_PANE_KIND_VOLUME);
    for (int j = 0; j < s->p->n_parts && s->n_panes < GP_MAX_PANES; j++) {
        if (!draws_in(s->p->parts[j].plot, GP_PANE_SUB))
            continue;
        gp_drawn_pane *sub = new_pane(s, GP_PANE_KIND_FORMULA);
        sub->label = s->p->parts[j].label;
        add_part(s, sub, j, GP_PANE_SUB);
    }
}

/* ---- where the panes are ---- */

static double share(gp_pane_kind kind)
{
    return kind == GP_PANE_KIND_PRICE ? MAIN_HEIGHT : kind == GP_PANE_KIND_VOLUME ? VOLUME_HEIGHT : SUB_HEIGHT;
}

static void place_panes(gp_sheet *s)
{
    double shares = 0, top = HEADING;
    for (int k = 0; k < s->n_panes; k++)
        shares += share(s->panes[k].kind);
    s->width = s->o->width ? s->o->width : WIDTH;
    s->height = s->o->height ? s->o->height : (int)shares + HEADING + FOOT + s->n_panes * LEGEND;
    const double room = s->height - HEADING - FOOT - s->n_panes * LEGEND;
    for (int k = 0; k < s->n_panes; k++) {
        gp_drawn_pane *pane = &s->panes[k];
        const double height = floor(room * share(pane->kind) / shares);
        pane->legend = top + LEGEND / 2.0;
        pane->plot = (gp_box){SIDE_LEFT, top + LEGEND, s->width - SIDE_RIGHT, top + LEGEND + height};
        top += LEGEND + height;
    }
}

/* The axis of bars.  Where it costs little room, a whole number of pixels from bar to bar, so that all candles look alike. */
static void place_bars(gp_sheet *s)
{
    const double width = s->panes[0].plot.right - s->panes[0].plot.left;
    int extra = 0;
    for (int k = 0; k < s->n_panes; k++)
        for (size_t j = 0; j < s->panes[k].layers.n; j++)
            if (s->panes[k].layers.at[j].layer->looks.shift > extra)
                extra = s->panes[k].layers.at[j].layer->looks.shift;
    const int n = s->p->n + (extra < s->p->n / 4 ? extra : s->p->n / 4);
    s->pitch = width / n;
    if (s->pitch > WIDEST_PITCH)
        s->pitch = WIDEST_PITCH;
    else if (s->pitch >= 2 && floor(s->pitch) * n >= 0.85 * width)
        s->pitch = floor(s->pitch);
    const bool whole = s->pitch >= 2 && s->pitch == floor(s->pitch);
    s->x0 = whole ? -ceil(s->pitch / 2) / s->pitch : -0.5; /* the middle of a bar is a pixel, not the edge between two */
    s->x1 = width / s->pitch + s->x0;
}

/* ---- what the axes span ---- */

typedef struct span { double lo, hi; } span;

static void take(span *r, double v)
{
    if (!gp_is_drawable(v))
        return;
    r->lo = v < r->lo ? v : r->lo;
    r->hi = v > r->hi ? v : r->hi;
}

static void take_values(const gp_sheet *s, span *r, const double *v)
{
    for (int i = 0; v && i < s->p->n; i++)
        take(r, v[i]);
}

static void take_layer(const gp_sheet *s, const gp_layer *l, span *r)
{
    if (is_listed_only(l))
        return;
    for (int k = 0; k < 4; k++)
        take_values(s, r, l->y[k]);
    if (l->kind == GP_LAYER_LINE && l->looks.style >= GP_STYLE_STICK && r->lo <= r->hi)
        take(r, 0);
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        const bool shown = m->bar >= 0 && m->bar < s->p->n, shown2 = m->bar2 >= 0 && m->bar2 < s->p->n;
        if (l->kind == GP_LAYER_BACKGROUND || l->kind == GP_LAYER_CAPTION || l->kind == GP_LAYER_RECTANGLE)
            continue;
        if (shown || (m->bar == GP_BAR_NONE && m->bar2 == GP_BAR_NONE))
            take(r, m->price);
        if (shown2 || (shown && l->kind == GP_LAYER_STICKS))
            take(r, m->price2);
        if (shown && m->fill == GP_FILL_CENTRE)
            take(r, -m->price2);
    }
}

/* Candles decide about the main pane; a line that is far away from them must not press them flat. */
static span price_span(const gp_sheet *s, const gp_drawn_pane *pane)
{
    const gp_bars *b = s->p->bars;
    span r = {INFINITY, -INFINITY};
    take_values(s, &r, b->low ? b->low + s->p->first : NULL);
    take_values(s, &r, b->high ? b->high + s->p->first : NULL);
    take_values(s, &r, b->close ? b->close + s->p->first : NULL);
    take_values(s, &r, b->open ? b->open + s->p->first : NULL);
    const span candles = r;
    const double reach = (r.hi - r.lo) * 0.75;
    for (size_t k = 0; k < pane->layers.n; k++) {
        span own = {INFINITY, -INFINITY};
        take_layer(s, pane->layers.at[k].layer, &own);
        if (candles.lo <= candles.hi && reach > 0 && (own.hi < candles.lo - reach || own.lo > candles.hi + reach))
            continue; /* nothing of it would be seen */
        r = (span){fmin(r.lo, own.lo), fmax(r.hi, own.hi)};
    }
    if (candles.lo <= candles.hi && reach > 0) {
        r.lo = fmax(r.lo, candles.lo - reach);
        r.hi = fmin(r.hi, candles.hi + reach);
    }
    return r;
}

/* Pixels for words above or below their prices. */
static double room_for_words(const gp_drawn_pane *pane)
{
    double room = 0;
    for (size_t k = 0; k < pane->layers.n; k++) {
        const gp_layer *l = pane->layers.at[k].layer;
        const gp_layer_kind kind = pane->layers.at[k].layer->kind;
        if (pane->layers.at[k].layer->n_marks && (kind == GP_LAYER_TEXTS || kind == GP_LAYER_NUMBERS || kind == GP_LAYER_ICONS || kind == GP_LAYER_SIGNALS))
            room = fmax(room, l->kind == GP_LAYER_SIGNALS && l->marks[0].text && strchr(l->marks[0].text, '\n') ? 56 : 14);
    }
    return room;
}

static void span_axis(const gp_sheet *s, gp_drawn_pane *pane)
{
    span r = {INFINITY, -INFINITY};
    const double height = pane->plot.bottom - pane->plot.top;
    const double words = room_for_words(pane);
    const double margin = pane->kind == GP_PANE_KIND_VOLUME ? 0 : ((pane->kind == GP_PANE_KIND_PRICE ? 16 : 8) + words) / height;
    if (pane->kind == GP_PANE_KIND_PRICE) {
        r = price_span(s, pane);
    } else if (pane->kind == GP_PANE_KIND_VOLUME) {
        take_values(s, &r, s->p->bars->vol + s->p->first);
        r.lo = 0;
        r.hi *= 1.05;
    } else {
        for (size_t k = 0; k < pane->layers.n; k++)
            take_layer(s, pane->layers.at[k].layer, &r);
    }
    if (!(r.lo <= r.hi))
        r = (span){0, 1};
    if (r.hi - r.lo <= 1e-9 * fmax(fabs(r.lo), fabs(r.hi)) || r.hi == r.lo) {
        const double half = r.lo == 0 ? 1 : fabs(r.lo) * 0.05;
        r = (span){r.lo - half, r.hi + half};
    }
    const double below = pane->signals.n ? 12 + 6 * fmin((double)pane->signals.n, 3) : 0; /* the marks of signals */
    pane->log = pane->kind == GP_PANE_KIND_PRICE && s->o->log && r.lo > 0;
    if (pane->log) {
        const double factor = pow(r.hi / r.lo, margin);
        pane->lo = r.lo / factor / pow(r.hi / r.lo, below / height);
        pane->hi = r.hi * factor;
    } else {
        const double more = (r.hi - r.lo) * margin;
        pane->lo = r.lo - (pane->kind == GP_PANE_KIND_VOLUME ? 0 : more + (r.hi - r.lo) * below / height);
        pane->hi = r.hi + more;
    }
}

double gp_pane_above(const gp_drawn_pane *pane, double v, double pixels)
{
    const double share = pixels / (pane->plot.bottom - pane->plot.top);
    return pane->log ? v * pow(pane->hi / pane->lo, share) : v + (pane->hi - pane->lo) * share;
}

double gp_pane_down(const gp_drawn_pane *pane, double v)
{
    const double share = pane->log ? log(pane->hi / v) / log(pane->hi / pane->lo) : (pane->hi - v) / (pane->hi - pane->lo);
    return share * (pane->plot.bottom - pane->plot.top);
}

void gp_sheet_make(gp_sheet *s, const gp_picture *p, const gp_picture_opts *o)
{
    *s = (gp_sheet){.p = p, .o = o, .theme = gp_theme_of(o), .em = 12, .font = o->font};
    s->decimals = gp_price_decimals(p->bars->code, p->bars->market, p->bars->close && p->n ? p->bars->close[p->first + p->n - 1] : 0);
    choose_panes(s);
    place_panes(s);
    place_bars(s);
    s->page_width = s->width;
    s->page_height = s->height;
    for (int k = 0; k < s->n_panes; k++)
        span_axis(s, &s->panes[k]);
}

void gp_sheet_fini(gp_sheet *s)
{
    for (int k = 0; k < s->n_panes; k++) {
        gp_vec_free(&s->panes[k].layers);
        gp_vec_free(&s->panes[k].signals);
    }
}
