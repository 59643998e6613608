/* A picture in characters, for a terminal: candles of box-drawing lines, lines and sticks of Braille dots (two by four in a cell), volume of
 * eighths.  Needs no gnuplot. */
#include "draw/draw.h"

enum { CELL_WIDTH = 8, CELL_HEIGHT = 16, AXIS_CELLS = 9, LEAST_WIDTH = 40, LEAST_HEIGHT = 12, USUAL_WIDTH = 100, USUAL_HEIGHT = 36 };
enum { STRIP = 0x25AC, TRIANGLE = 0x25B4 }; /* marks of signals: narrow everywhere */

typedef struct cell {
    uint32_t cp;      /* 0: blank, or the dots; 1: the right half of a wide character */
    int rgb;
    uint8_t dots;
    int dots_rgb;
} cell;

typedef struct canvas {
    const gp_sheet *s;
    const gp_picture_opts *o;
    int width, height, columns; /* columns: of bars, from the left */
    double per_column;          /* bars to the column */
    cell *at;
} canvas;

typedef struct rows { int top, n; double lo, hi; bool log; } rows; /* of a pane, without its legend */

/* ---- putting ---- */

static cell *cell_at(canvas *c, int x, int y)
{
    static cell off;
    return x >= 0 && x < c->width && y >= 0 && y < c->height ? &c->at[y * c->width + x] : &off;
}

/* Writes a text; the width it takes. */
static int put_text(canvas *c, int x, int y, int right, const char *text, int rgb)
{
    const char *p = text, *end = text + strlen(text);
    const int from = x;
    while (p < end && *p != '\n') {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        const int w = gp_char_width(cp);
        if (w <= 0 || !gp_text_is_harmless(cp))
            continue;
        if (x + w > right)
            break;
        *cell_at(c, x, y) = (cell){.cp = cp, .rgb = rgb};
        if (w == 2)
            *cell_at(c, x + 1, y) = (cell){.cp = 1};
        x += w;
    }
    return x - from;
}

static void put_dot(canvas *c, const rows *r, int x, int y, int rgb) /* in dots: two across, four down */
{
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || x >= 2 * c->columns || y < 0 || y >= 4 * r->n)
        return;
    cell *k = cell_at(c, x / 2, r->top + y / 4);
    k->dots |= bits[y % 4][x % 2];
    k->dots_rgb = rgb;
}

/* ---- places ---- */

static int column_of(const canvas *c, double bar) { return (int)floor((bar + 0.5) / c->per_column); }

/* Height of a value in `steps` to the cell, from the top. */
static double height_of(const rows *r, double v, int steps)
{
    const double share = r->log ? log(v / r->lo) / log(r->hi / r->lo) : (v - r->lo) / (r->hi - r->lo);
    return (1 - share) * r->n * steps;
}

static int dot_row(const rows *r, double v)
{
    const double y = floor(height_of(r, v, 4));
    return y < -10000 ? -10000 : y > 10000 ? 10000 : (int)y;
}

static void dots_between(canvas *c, const rows *r, int x0, int y0, int x1, int y1, int rgb)
{
    const int n = abs(x1 - x0) > abs(y1 - y0) ? abs(x1 - x0) : abs(y1 - y0);
    for (int k = 0; k <= n; k++)
        put_dot(c, r, x0 + (n ? (int)lround((double)(x1 - x0) * k / n) : 0), y0 + (n ? (int)lround((double)(y1 - y0) * k / n) : 0), rgb);
}

static void column_dots(canvas *c, const rows *r, double bar, double v0, double v1, bool wide, int rgb)
{
    const int x = 2 * column_of(c, bar), a = dot_row(r, v0), b = dot_row(r, v1);
    for (int y = a < b ? a : b; y <= (a < b ? b : a); y++) {
        put_dot(c, r, x, y, rgb);
        if (wide)
            put_dot(c, r, x + 1, y, rgb);
    }
}

/* ---- candles and volume ---- */

typedef struct merged { double open, high, low, close, volume; bool rose, any; int colour; } merged;

static void take_bar(const canvas *c, merged *m, int i)
{
    const gp_bars *b = c->s->p->bars;
    const int at = c->s->p->first + i;
    const double cl = b->close ? b->close[at] : NAN, o = b->open && gp_is_drawable(b->open[at]) ? b->open[at] : cl;
    if (b->vol && gp_is_drawable(b->vol[at]))
        m->volume += b->vol[at];
    if (!gp_is_drawable(cl))
        return;
    const double hi = b->high && gp_is_drawable(b->high[at]) ? b->high[at] : fmax(o, cl), lo = b->low && gp_is_drawable(b->low[at]) ? b->low[at] : fmin(o, cl);
    m->rose = m->any ? cl >= m->open : gp_sheet_rose(c->s, i);
    m->open = m->any ? m->open : o;
    m->high = m->any ? fmax(m->high, hi) : hi;
    m->low = m->any ? fmin(m->low, lo) : lo;
    m->close = cl;
    m->colour = c->s->paint && c->s->paint[i] >= 0 ? c->s->paint[i] : m->rose ? c->s->theme.rise : c->s->theme.fall;
    m->any = true;
}

/* What a half of a cell shows: 0 nothing, 1 wick, 2 body. */
static int half_of(const rows *r, const merged *m, int half)
{
    const double top = height_of(r, m->high, 2), bottom = height_of(r, m->low, 2);
    const double body_top = height_of(r, fmax(m->open, m->close), 2), body_bottom = height_of(r, fmin(m->open, m->close), 2), middle = half + 0.5;
    if (lround(body_top - 0.5) == half || lround(body_bottom - 0.5) == half || (middle >= body_top && middle <= body_bottom))
        return 2;
    return middle >= top && middle <= bottom ? 1 : 0;
}

static void candle(canvas *c, const rows *r, int x, const merged *m)
{
    static const uint32_t signs[3][3] = {{0, 0x2577, 0x257B}, {0x2575, 0x2502, 0x257D}, {0x2579, 0x257F, 0x2503}}; /* [upper][lower] */
    static const uint32_t plain[3][3] = {{0, 0x2577, 0x2584}, {0x2575, 0x2502, 0x2584}, {0x2580, 0x2580, 0x2588}}; /* falling, without colours */
    for (int y = 0; y < r->n; y++) {
        const int upper = half_of(r, m, 2 * y), lower = half_of(r, m, 2 * y + 1);
        const uint32_t cp = (!c->o->colour && !m->rose ? plain : signs)[upper][lower];
        if (cp)
            *cell_at(c, x, r->top + y) = (cell){.cp = cp, .rgb = m->colour};
    }
}

static void candles(canvas *c, const rows *price, const rows *volume)
{
    merged *all = gp_xcalloc((size_t)c->columns + 1, sizeof *all);
    double most = 0;
    for (int i = 0; i < c->s->p->n; i++) {
        const int x = column_of(c, i);
        if (x >= 0 && x < c->columns)
            take_bar(c, &all[x], i);
    }
    for (int x = 0; x < c->columns; x++)
        most = fmax(most, all[x].volume);
    for (int x = 0; x < c->columns; x++) {
        if (all[x].any && !volume)
            candle(c, price, x, &all[x]);
        const int eighths = volume && most > 0 ? (int)lround(all[x].volume / most * volume->n * 8) : 0;
        for (int y = 0; volume && y < volume->n; y++) {
            const int here = eighths - (volume->n - 1 - y) * 8;
            if (here > 0)
                *cell_at(c, x, volume->top + y) = (cell){.cp = 0x2580 + (uint32_t)(here > 8 ? 8 : here), .rgb = all[x].rose ? c->s->theme.rise : c->s->theme.fall};
        }
    }
    free(all);
}

/* ---- layers ---- */

static void line(canvas *c, const rows *r, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const double *v = l->y[0];
    const gp_style style = l->looks.style;
    int x0 = 0, y0 = 0;
    bool before = false;
    for (int i = 0; v && i < c->s->p->n; i++) {
        const double bar = i + l->looks.shift;
        if (!gp_is_drawable(v[i]) || (r->log && v[i] <= 0) || (l->colours && l->colours[i] < 0)) {
            before = false;
            continue;
        }
        const int rgb = l->colours ? l->colours[i] : style == GP_STYLE_COLORSTICK ? (v[i] >= 0 ? c->s->theme.rise : c->s->theme.fall)
                        : style == GP_STYLE_VOLSTICK ? (gp_sheet_rose(c->s, i) ? c->s->theme.rise : c->s->theme.fall) : shown->colour;
        if (style >= GP_STYLE_STICK)
            column_dots(c, r, bar, fmin(fmax(0, r->lo), r->hi), v[i], style == GP_STYLE_VOLSTICK, rgb);
        const int x = (int)floor((bar + 0.5) / c->per_column * 2), y = dot_row(r, v[i]);
        if (style == GP_STYLE_LINE || style == GP_STYLE_DOTLINE || style == GP_STYLE_LINESTICK) {
            if (before && (style != GP_STYLE_DOTLINE || i % 2))
                dots_between(c, r, x0, y0, x, y, rgb);
            else
                put_dot(c, r, x, y, rgb);
        } else if (style < GP_STYLE_STICK) {
            put_dot(c, r, x, y, rgb);
        }
        x0 = x;
        y0 = y;
        before = true;
    }
}

static const char *icon_sign(const gp_mark *m)
{
    static const char *const signs[] = {"·", "↑", "↓", "☺", "☹", "⚑", "⚑", "+", "-", "¥", "!", "B", "S", "▲", "▼", "★", "☆", "♥", "◆", "●", "●"};
    return m->number >= 0 && m->number < (double)(sizeof signs / sizeof *signs) ? signs[(int)m->number] : "●";
}

static void marks(canvas *c, const rows *r, const gp_shown *shown)
{
    const gp_layer *l = shown->layer;
    const gp_bars *b = c->s->p->bars;
    for (size_t k = 0; k < l->n_marks; k++) {
        const gp_mark *m = &l->marks[k];
        double price = m->price;
        if (m->bar < 0 || m->bar >= c->s->p->n)
            continue;
        if (l->kind == GP_LAYER_SIGNALS && b->low)
            price = b->low[c->s->p->first + m->bar];
        if (!gp_is_drawable(price) || (r->log && price <= 0))
            continue;
        const int x = column_of(c, m->bar), y = (int)floor(height_of(r, price, 1));
        const int row = r->top + (y < 0 ? 0 : y >= r->n ? r->n - 1 : y);
        switch (l->kind) {
        case GP_LAYER_STICKS:
            if (gp_is_drawable(m->price2))
                column_dots(c, r, m->bar, m->fill == GP_FILL_CENTRE ? -m->price2 : m->price, m->price2, m->width >= 1, l->looks.rgb >= 0 ? l->looks.rgb : shown->colour);
            break;
        case GP_LAYER_TEXTS:
        case GP_LAYER_NUMBERS: {
            const char *text = m->text ? m->text : "";
            const int w = gp_str_width((gp_str){text, strcspn(text, "\n")});
            put_text(c, x - (w > 2 ? w / 2 : 0) < 0 ? 0 : x - (w > 2 ? w / 2 : 0), row, c->columns + AXIS_CELLS, text, shown->colour);
            break;
        }
        case GP_LAYER_ICONS: put_text(c, x, row, c->columns, icon_sign(m), m->number == 2 ? c->s->theme.fall : c->s->theme.rise); break;
        case GP_LAYER_SIGNALS: {
            const bool sells = m->text && (strncasecmp(m->text, "EXITLONG", 8) == 0 || strncasecmp(m->text, "SELL", 4) == 0 || strncasecmp(m->text, "ENTERSHORT", 10) == 0 || strncasecmp(m->text, "CLOSEALLD", 9) == 0);
            put_text(c, x, row + 1 < r->top + r->n ? row + 1 : row, c->columns, sells ? "S" : l->name && gp_is_expert_name(gp_str_from(l->name)) ? "B" : "▲",
                     sells ? c->s->theme.fall : c->s->theme.rise);
            break;
        }
        default: break;
        }
    }
}

static void segments(canvas *c, const rows *r, const gp_shown *shown)
{
    for (size_t k = 0; k < shown->layer->n_marks; k++) {
        const gp_mark *m = &shown->layer->marks[k];
        if (m->bar2 == GP_BAR_NONE) {
            if (gp_is_drawable(m->price))
                dots_between(c, r, m->extend & GP_EXTEND_LEFT ? 0 : 2 * column_of(c, m->bar), dot_row(r, m->price), 2 * c->columns, dot_row(r, m->price), shown->colour);
            else
                column_dots(c, r, m->bar, r->lo, r->hi, false, shown->colour);
        } else if (gp_is_drawable(m->price) && gp_is_drawable(m->price2)) {
            dots_between(c, r, 2 * column_of(c, m->bar), dot_row(r, m->price), 2 * column_of(c, m->bar2), dot_row(r, m->price2), shown->colour);
        }
    }
}

/* ---- panes ---- */

static void axis(canvas *c, const rows *r, const gp_drawn_pane *pane)
{
    gp_ticks ticks = {0};
    int before = -10;
    gp_value_ticks(c->s, pane, &ticks);
    for (size_t k = ticks.n; k-- > 0;) { /* from the top */
        const int y = (int)floor(height_of(r, ticks.at[k].at, 1));
        if (y < 0 || y >= r->n || y - before < 2)
            continue;
        put_text(c, c->columns + 1, r->top + y, c->width, ticks.at[k].text, c->s->theme.dim);
        before = y;
    }
    gp_vec_free(&ticks);
    for (int y = 0; y < r->n; y++)
        if (!cell_at(c, c->columns, r->top + y)->cp)
            *cell_at(c, c->columns, r->top + y) = (cell){.cp = 0x2502, .rgb = c->s->theme.frame};
}

static void legend(canvas *c, const gp_drawn_pane *pane, int y)
{
    const gp_sheet *s = c->s;
    gp_buf text = {0};
    int x = 0;
    if (pane->kind == GP_PANE_KIND_VOLUME)
        x += put_text(c, x, y, c->width, s->o->zh ? "成交量" : "VOL", s->theme.dim) + 2;
    if (pane->label && *pane->label)
        x += put_text(c, x, y, c->width, pane->label, s->theme.dim) + 2;
    for (size_t k = 0; k < pane->layers.n; k++) {
        const gp_layer *l = pane->layers.at[k].layer;
        if (l->kind != GP_LAYER_LINE || !gp_has_name(l) || l->looks.show & GP_SHOW_NOTEXT || !l->y[0])
            continue;
        text.n = 0;
        gp_layer_words(&text, l);
        gp_buf_addc(&text, ' ');
        gp_number_text(&text, l->y[0][s->p->n - 1], l->looks.decimals, s->o->zh);
        if (x + gp_str_width((gp_str){text.p, text.n}) > c->width)
            break;
        x += put_text(c, x, y, c->width, text.p, pane->layers.at[k].colour) + 2;
    }
    for (size_t k = 0; k < pane->signals.n; k++) {
        const gp_layer *l = pane->signals.at[k].layer;
        if (!gp_has_name(l))
            continue;
        text.n = 0;
        gp_buf_printf(&text, "%s%s", l->kind == GP_LAYER_STICKS ? "▬" : "▴", l->name);
        if (x + gp_str_width((gp_str){text.p, text.n}) > c->width)
            break;
        x += put_text(c, x, y, c->width, text.p, pane->signals.at[k].colour) + 2;
    }
    gp_buf_free(&text);
}

/* The signals of formulas that draw below, in the first cells that are free below the bar. */
static void signals(canvas *c, const rows *r, const gp_drawn_pane *pane)
{
    const gp_bars *b = c->s->p->bars;
    for (size_t k = 0; k < pane->signals.n; k++) {
        const gp_layer *l = pane->signals.at[k].layer;
        for (size_t j = 0; j < l->n_marks; j++) {
            const int bar = l->marks[j].bar, x = column_of(c, bar), at = c->s->p->first + bar;
            if (bar < 0 || bar >= c->s->p->n || x >= c->columns || !b->low || !gp_is_drawable(b->low[at]))
                continue;
            const uint32_t cp = l->kind == GP_LAYER_STICKS ? STRIP : TRIANGLE;
            int rgb = pane->signals.at[k].colour, y = (int)floor(height_of(r, b->low[at], 1));
            char letters[12];
            if (l->kind == GP_LAYER_ICONS)
                rgb = gp_icon_of(l->marks[j].number, letters).rgb;
            while (y < r->n && cell_at(c, x, r->top + y)->cp && !(cell_at(c, x, r->top + y)->cp == cp && cell_at(c, x, r->top + y)->rgb == rgb))
                y++;
            if (y >= 0 && y < r->n)
                *cell_at(c, x, r->top + y) = (cell){.cp = cp, .rgb = rgb};
        }
    }
}

static void draw_pane(canvas *c, const gp_drawn_pane *pane, int top, int n)
{
    const rows r = {.top = top + 1, .n = n - 1, .lo = pane->lo, .hi = pane->hi, .log = pane->log};
    legend(c, pane, top);
    for (size_t k = 0; k < pane->layers.n; k++) {
        const gp_shown *shown = &pane->layers.at[k];
        if (shown->layer->looks.show & GP_SHOW_NODRAW)
            continue;
        if (shown->layer->kind == GP_LAYER_LINE)
            line(c, &r, shown);
        else if (shown->layer->kind == GP_LAYER_SEGMENTS)
            segments(c, &r, shown);
        else if (shown->layer->kind == GP_LAYER_STICKS)
            marks(c, &r, shown);
    }
    if (pane->kind == GP_PANE_KIND_PRICE) {
        candles(c, &r, NULL);
        signals(c, &r, pane);
    } else if (pane->kind == GP_PANE_KIND_VOLUME)
        candles(c, NULL, &r);
    for (size_t k = 0; k < pane->layers.n; k++) /* letters above all */
        if (pane->layers.at[k].layer->kind != GP_LAYER_STICKS)
            marks(c, &r, &pane->layers.at[k]);
    axis(c, &r, pane);
}

static void heading(canvas *c)
{
    const gp_picture *p = c->s->p;
    const gp_bars *b = p->bars;
    char from[24], to[24];
    gp_buf text = {0};
    int x = 0;
    gp_date_text(b, p->first, from);
    gp_date_text(b, p->first + p->n - 1, to);
    gp_buf_printf(&text, "%s%s%s%s%s", b->code, *b->market ? "." : "", b->market, *b->name ? " " : "", b->name);
    x += put_text(c, x, 0, c->width, text.p, c->s->theme.text) + 2;
    text.n = 0;
    gp_buf_printf(&text, "%s – %s", from, to);
    x += put_text(c, x, 0, c->width, text.p, c->s->theme.dim) + 2;
    if (b->close && gp_is_drawable(b->close[p->first + p->n - 1])) {
        const double now = b->close[p->first + p->n - 1], before = p->first + p->n > 1 ? b->close[p->first + p->n - 2] : NAN;
        text.n = 0;
        gp_buf_printf(&text, "%.*f", c->s->decimals, now);
        if (before > 0)
            gp_buf_printf(&text, " %+.2f%%", (now / before - 1) * 100);
        put_text(c, x, 0, c->width, text.p, gp_sheet_rose(c->s, p->n - 1) ? c->s->theme.rise : c->s->theme.fall);
    }
    gp_buf_free(&text);
}

static void dates(canvas *c)
{
    gp_ticks ticks = {0};
    int right = -2;
    gp_date_ticks(c->s, &ticks);
    for (size_t k = 0; k < ticks.n; k++) {
        const int w = (int)strlen(ticks.at[k].text), x = column_of(c, ticks.at[k].at) - w / 2;
        if (x < right + 2 || x + w > c->width)
            continue;
        right = x + put_text(c, x, c->height - 1, c->width, ticks.at[k].text, c->s->theme.dim);
    }
    gp_vec_free(&ticks);
}

/* ---- out ---- */

static void print(const canvas *c, gp_buf *out)
{
    for (int y = 0; y < c->height; y++) {
        int last = c->width, now = -1;
        while (last > 0 && !c->at[y * c->width + last - 1].cp && !c->at[y * c->width + last - 1].dots)
            last--;
        for (int x = 0; x < last; x++) {
            const cell *k = &c->at[y * c->width + x];
            char bytes[4];
            if (k->cp == 1 && x > 0)
                continue;
            const uint32_t cp = k->cp > 1 ? k->cp : k->dots ? 0x2800u + k->dots : ' ';
            const int rgb = k->cp > 1 ? k->rgb : k->dots_rgb;
            if (c->o->colour && cp != ' ' && rgb != now) {
                gp_buf_printf(out, "\033[38;2;%d;%d;%dm", rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF);
                now = rgb;
            }
            gp_buf_add(out, bytes, (size_t)gp_utf8_encode(cp, bytes));
        }
        gp_buf_addz(out, now >= 0 ? "\033[0m\n" : "\n");
    }
}

static int width_of(const gp_picture_opts *o)
{
    return o->width > LEAST_WIDTH ? o->width : o->width ? LEAST_WIDTH : USUAL_WIDTH;
}

int gp_blocks_columns(const gp_picture_opts *o) { return width_of(o) - AXIS_CELLS; }

void gp_picture_blocks(const gp_picture *p, const gp_picture_opts *o, gp_buf *out)
{
    gp_picture_opts own = *o;
    gp_sheet s;
    const int width = width_of(o);
    const int height = o->height > LEAST_HEIGHT ? o->height : o->height ? LEAST_HEIGHT : USUAL_HEIGHT;
    own.width = width * CELL_WIDTH;
    own.height = height * CELL_HEIGHT;
    gp_sheet_make(&s, p, &own);
    canvas c = {.s = &s, .o = o, .width = width, .height = height, .columns = width - AXIS_CELLS};
    c.per_column = p->n > c.columns ? (double)p->n / c.columns : 1;
    s.pitch = CELL_WIDTH / c.per_column; /* for the dates */
    c.at = gp_xcalloc((size_t)width * (size_t)height, sizeof *c.at);
    double shares = 0, done = 0;
    int top = 1;
    for (int k = 0; k < s.n_panes; k++)
        shares += s.panes[k].plot.bottom - s.panes[k].plot.top;
    for (int k = 0; k < s.n_panes; k++) {
        done += s.panes[k].plot.bottom - s.panes[k].plot.top;
        const int bottom = 1 + (int)lround((height - 2) * done / shares);
        if (bottom - top >= 2)
            draw_pane(&c, &s.panes[k], top, bottom - top);
        top = bottom;
    }
    heading(&c);
    dates(&c);
    print(&c, out);
    free(c.at);
    gp_sheet_fini(&s);
}
