/* A chart -> a script of gnuplot.  Its panels stand in a grid; frame, letters and colours are those of pictures of securities. */
#include "draw/chart.h"
#include "draw/draw.h"

enum { WIDTH = 1200, ROW_HEIGHT = 300, HEADING = GP_HEADING, LEGEND = 22, DATES_BELOW = 24, WORDS_BELOW = 42, SIDE_LEFT = 22, LINE = 17, SIDE_RIGHT = 64, VALUE_ROOM = 40, NUMBER_ROOM = 76, MOST_POINTS = 80, BAR_BELOW = 44, BAR_HEIGHT = 10, BAR_WIDTH = 320, BAR_ROOM = 52 };

typedef struct span { double lo, hi; } span;

/* A panel laid out. */
typedef struct placed {
    const gp_panel *p;
    gp_box box;
    double legend;
    span x, y;
    bool last;      /* of its column */
} placed;

static int ink_of(const gp_theme *t, gp_ink ink)
{
    switch (ink) {
    case GP_INK_BESIDE: return t->dim;
    case GP_INK_OTHER: return t->lines[2];
    case GP_INK_GAIN: return t->rise;
    case GP_INK_LOSS: return t->fall;
    default: return t->lines[1];
    }
}

static double x_of(const gp_curve *c, size_t i) { return c->x ? c->x[i] : (double)i; }
static bool has_edges(const gp_curve *c) { return c->kind == GP_CURVE_COLUMNS || c->kind == GP_CURVE_STEPS; }
static double step_of(const gp_curve *c) { return c->n > 1 ? x_of(c, 1) - x_of(c, 0) : 1; }

/* Are its values at numbers of their own, which the axis shows? */
static bool has_places(const gp_panel *p) { return p->n_curves && p->curves[0].kind == GP_CURVE_LINE && p->curves[0].x; }

/* ---- what the axes span ---- */

static void take(span *r, double v)
{
    if (!gp_is_drawable(v))
        return;
    r->lo = v < r->lo ? v : r->lo;
    r->hi = v > r->hi ? v : r->hi;
}

static void span_panel(placed *at)
{
    span x = {INFINITY, -INFINITY}, y = x;
    bool from_zero = false;
    if (at->p->heat) {
        at->x = (span){0, at->p->heat->columns};
        at->y = (span){0, at->p->heat->rows};
        return;
    }
    for (int k = 0; k < at->p->n_curves; k++) {
        const gp_curve *c = &at->p->curves[k];
        for (size_t i = 0; i < c->n; i++) {
            take(&x, x_of(c, i));
            take(&y, c->y[i]);
        }
        if (c->n && has_edges(c))
            take(&x, x_of(c, c->n - 1) + step_of(c));
        from_zero |= c->kind != GP_CURVE_LINE;
    }
    for (int k = 0; k < at->p->n_uprights; k++)
        take(&x, at->p->uprights[k].x);
    if (from_zero)
        take(&y, 0);
    x = x.lo <= x.hi ? x : (span){0, 1};
    y = y.lo <= y.hi ? y : (span){0, 1};
    if (!(x.hi > x.lo))
        x = (span){x.lo - 0.5, x.hi + 0.5};
    if (y.hi - y.lo <= 1e-9 * fmax(fabs(y.lo), fabs(y.hi)) || !(y.hi > y.lo)) {
        const double half = y.lo == 0 ? 1 : fabs(y.lo) * 0.05;
        y = (span){from_zero && y.lo >= 0 ? 0 : y.lo - half, y.hi + half};
    }
    const double more = (y.hi - y.lo) * 0.06, beside = has_places(at->p) ? (x.hi - x.lo) * 0.03 : 0;
    at->x = (span){x.lo - beside, x.hi + beside};
    at->y = (span){from_zero && y.lo >= 0 ? 0 : y.lo - more, from_zero && y.hi <= 0 ? 0 : y.hi + more};
}

/* ---- marks of the axes ---- */

static void number_ticks(const gp_sheet *s, span r, double pixels, double room, bool percent, gp_ticks *out)
{
    const int wanted = (int)(pixels / room);
    const double step = gp_round_step((r.hi - r.lo) / (wanted < 2 ? 2 : wanted)), most = fmax(fabs(r.lo), fabs(r.hi));
    if (!(step > 0) || !isfinite(step))
        return;
    for (double k = ceil(r.lo / step - 1e-9); k * step <= r.hi + step * 1e-9 && out->n < 100; k++) {
        gp_number_tick(out, k * step + 0.0, step, most, s->o->zh);
        if (percent) {
            char *text = out->at[out->n - 1].text;
            const size_t n = strlen(text);
            snprintf(text + n, sizeof out->at->text - n, "%%%%"); /* gnuplot takes marks for formats */
        }
    }
}

/* Every k-th place of a curve. */
static void place_ticks(const gp_curve *c, double pixels, bool percent, gp_ticks *out)
{
    const size_t most = (size_t)fmax(2, pixels / NUMBER_ROOM), every = (c->n + most - 1) / most;
    for (size_t i = 0; i < c->n; i += every) {
        gp_tick t = {.at = c->x[i]};
        snprintf(t.text, sizeof t.text, "%.10g%s", c->x[i], percent ? "%%" : "");
        gp_vec_push(out, t);
    }
}

static void axes(gp_script *g, const placed *at)
{
    const gp_sheet *s = g->s;
    gp_ticks x = {0}, y = {0};
    const double width = at->box.right - at->box.left;
    if (at->p->heat)
        gp_heat_ticks(at->p->heat, &at->box, &x, &y);
    else
        number_ticks(s, at->y, at->box.bottom - at->box.top, VALUE_ROOM, at->p->percent, &y);
    if (at->p->heat) {
        /* made above */
    } else if (at->p->dates) { /* as below the bars of a security */
        gp_bars bars = {.date = (int32_t *)(uintptr_t)at->p->dates, .n = (int)at->p->n_dates};
        gp_picture picture = {.bars = &bars, .n = (int)at->p->n_dates};
        gp_sheet days = *s;
        days.p = &picture;
        days.pitch = width / (at->p->n_dates > 1 ? (double)at->p->n_dates : 1);
        gp_date_ticks(&days, &x);
    } else if (has_places(at->p)) {
        place_ticks(&at->p->curves[0], width, at->p->x_percent, &x);
    } else {
        number_ticks(s, at->x, width, NUMBER_ROOM, at->p->x_percent, &x);
    }
    gp_script_margins(g, &at->box);
    gp_buf_printf(g->out, "set xrange [%.12g:%.12g]\nset yrange [%.12g:%.12g]\nset y2range [%.12g:%.12g]\n", at->x.lo, at->x.hi, at->y.lo, at->y.hi, at->y.lo,
                  at->y.hi);
    gp_script_ticks(g, "y2tics", "-0.6,0", &y, true);
    gp_script_ticks(g, "xtics", "0,0.4", &x, !at->p->dates || at->last);
    gp_vec_free(&x);
    gp_vec_free(&y);
}

/* ---- curves ---- */

static void edges(gp_script *g, const gp_curve *c, int rgb)
{
    const double step = step_of(c);
    const int block = gp_script_block(g);
    for (size_t i = 0; i < c->n; i++) {
        const double x = x_of(c, i), y = gp_is_drawable(c->y[i]) ? c->y[i] : 0;
        if (c->kind == GP_CURVE_COLUMNS)
            gp_buf_printf(g->out, "%.10g %.10g %.10g %.10g 0 %.10g\n", x + step / 2, y, x + step * 0.08, x + step * 0.92, y);
        else
            gp_buf_printf(g->out, "%.10g %.10g\n%.10g %.10g\n", x, y, x + step, y);
    }
    gp_script_block_end(g);
    if (c->kind == GP_CURVE_COLUMNS) /* lighter than the line of the mean, which crosses them */
        gp_script_plot(g, "d%d using 1:2:3:4:5:6 with boxxyerror fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)gp_theme_mix(g->s->theme.background, rgb, 0.65));
    else
        gp_script_plot(g, "d%d using 1:2 with lines lw 1.75 lc rgb '#%06x'", block, (unsigned)rgb);
}

static void curve(gp_script *g, const gp_curve *c)
{
    const int rgb = ink_of(&g->s->theme, c->ink);
    bool gap = false;
    if (has_edges(c)) {
        edges(g, c, rgb);
        return;
    }
    const int block = gp_script_block(g);
    for (size_t i = 0; i < c->n; i++) {
        if (!gp_is_drawable(c->y[i])) {
            gap = true;
            continue;
        }
        gp_buf_printf(g->out, "%s%.10g %.10g\n", gap ? "\n" : "", x_of(c, i), c->y[i]);
        gap = false;
    }
    gp_script_block_end(g);
    if (c->kind == GP_CURVE_AREA)
        gp_script_plot(g, "d%d using 1:2 with filledcurves y1=0 fs solid 1 noborder lc rgb '#%06x'", block, (unsigned)gp_theme_mix(g->s->theme.background, rgb, 0.7));
    else
        gp_script_plot(g, "d%d using 1:2 with %s lw %s lc rgb '#%06x'", block, c->x && c->n <= MOST_POINTS ? "linespoints pt 7 ps 0.5" : "lines",
                       c->ink == GP_INK_BESIDE ? "1.5" : "2", (unsigned)rgb);
}

static void uprights(gp_script *g, const placed *at)
{
    const int dim = g->s->theme.dim;
    if (at->y.lo < 0 && at->y.hi > 0)
        gp_buf_printf(g->out, "set arrow from graph 0,first 0 to graph 1,first 0 nohead back lw 1 lc rgb '#%06x'\n", (unsigned)dim);
    for (int k = 0; k < at->p->n_uprights; k++) {
        const gp_upright *u = &at->p->uprights[k];
        if (gp_is_drawable(u->x))
            gp_buf_printf(g->out, "set arrow from first %.10g,graph 0 to first %.10g,graph 1 nohead front lw 1.5%s lc rgb '#%06x'\n", u->x, u->x,
                          u->dashed ? " dt (6,3)" : "", (unsigned)ink_of(&g->s->theme, u->ink));
    }
}

/* The words above a panel, smaller where they would run into the next one; then its title is cut, for names of signals can be long. */
static void legend(gp_script *g, const placed *at)
{
    const gp_sheet *s = g->s;
    const gp_panel *p = at->p;
    const char *rows = p->heat && p->heat->left ? p->heat->left : "";
    const double room = at->box.right - at->box.left + (*rows ? -8 : SIDE_RIGHT), between = 1.2;
    double others = 0, x = at->box.left;
    for (int k = 0; k < p->n_curves; k++)
        others += p->curves[k].name ? gp_text_ems(p->curves[k].name) + between : 0;
    const double ems = others + (p->title ? gp_text_ems(p->title) : 0), em = fmax(fmin(s->em, room / fmax(ems, 1)), s->em * 0.8);
    if (p->title) {
        gp_buf cut = {0};
        gp_text_cut(&cut, p->title, fmax(room / em - others, 8));
        x += gp_script_words(g, x, at->legend, "left", s->theme.text, em, cut.p) + em * between;
        gp_buf_free(&cut);
    }
    for (int k = 0; k < p->n_curves; k++)
        if (p->curves[k].name && x < at->box.right)
            x += gp_script_words_within(g, x, at->legend, ink_of(&s->theme, p->curves[k].ink), em, at->box.left + room - x, p->curves[k].name) + em * between;
    if (*rows)
        gp_script_words_within(g, at->box.right + 4, at->legend, s->theme.dim, s->em, SIDE_RIGHT, rows);
}

static void panel_script(gp_script *g, const placed *at)
{
    const gp_sheet *s = g->s;
    g->plot.n = 0;
    legend(g, at);
    if (at->p->below)
        gp_script_words(g, (at->box.left + at->box.right) / 2, at->box.bottom + 33, "center", s->theme.dim, s->em, at->p->below);
    axes(g, at);
    uprights(g, at);
    for (int k = 0; k < at->p->n_curves; k++)
        curve(g, &at->p->curves[k]);
    if (at->p->heat)
        gp_heat_cells(g, at->p->heat, &at->box);
    if (!g->plot.n)
        gp_buf_addz(&g->plot, "NaN");
    gp_buf_addz(g->out, "plot ");
    gp_buf_add(g->out, g->plot.p, g->plot.n);
    gp_buf_addz(g->out, "\nunset label\nunset arrow\n");
}

/* ---- the bar of colours ---- */

/* The heat map it belongs to: of a chart they share their colours. */
static const gp_heat *heat_of(const gp_chart *c)
{
    for (int k = 0; k < c->n_panels; k++)
        if (c->panels[k].heat && c->panels[k].heat->name)
            return c->panels[k].heat;
    return NULL;
}

static bool wants_bar(const gp_chart *c, const placed *at)
{
    for (int k = 0; k < c->n_panels; k++)
        if (c->panels[k].heat && c->panels[k].heat->name && !gp_heat_has_numbers(c->panels[k].heat, &at[k].box))
            return true;
    return false;
}

/* In the lower left corner, what it is of beside it and its numbers below. */
static void bar_script(gp_script *g, const gp_heat *h)
{
    const gp_sheet *s = g->s;
    const double top = s->height - BAR_BELOW + 10, middle = top + BAR_HEIGHT / 2.0, room = s->width - SIDE_LEFT - SIDE_RIGHT;
    const double words = gp_script_words_within(g, SIDE_LEFT, middle, s->theme.dim, s->em, room / 2, h->name), left = SIDE_LEFT + words + s->em;
    const gp_box box = {left, top, left + fmin(BAR_WIDTH, room - words - s->em), top + BAR_HEIGHT};
    gp_ticks x = {0};
    span r;
    g->plot.n = 0;
    if (gp_heat_bar(g, h, &r.lo, &r.hi)) {
        number_ticks(s, r, box.right - box.left, BAR_ROOM, h->percent, &x);
        gp_script_margins(g, &box);
        gp_buf_printf(g->out, "set xrange [%.12g:%.12g]\nset yrange [0:1]\nset y2range [0:1]\n", r.lo, r.hi);
        gp_script_ticks(g, "xtics", "0,0.4", &x, true);
        gp_buf_addz(g->out, "unset y2tics\nplot ");
        gp_buf_add(g->out, g->plot.p, g->plot.n);
        gp_buf_addc(g->out, '\n');
    }
    gp_buf_addz(g->out, "unset label\n");
    gp_vec_free(&x);
}

/* ---- the whole ---- */

static double below(const gp_chart *c, int row)
{
    double most = 8;
    for (int k = row * c->columns; k < (row + 1) * c->columns && k < c->n_panels; k++) {
        const bool last = k + c->columns >= c->n_panels;
        most = fmax(most, c->panels[k].below ? WORDS_BELOW : c->panels[k].dates && !last ? 0 : DATES_BELOW);
    }
    return most;
}

/* The caption beside the title, or below it where that is too narrow; its lines, and how high all of it is. */
typedef struct heading { gp_buf caption; bool below; int lines; double height; } head;

static head head_of(const gp_sheet *s, const gp_chart *c)
{
    const double width = s->o->width ? s->o->width : WIDTH, title = s->em * (gp_text_ems(c->title) * 1.25 + 1.5);
    head h = {.below = c->caption && title + gp_text_ems(c->caption) * s->em + 2 * SIDE_LEFT > width};
    if (c->caption)
        h.lines = gp_text_wrap(&h.caption, c->caption, h.below ? (width - 2 * SIDE_LEFT) / s->em : 1e9);
    h.height = HEADING + (h.below ? h.lines * LINE : 0) + (c->warning ? LEGEND : 0);
    return h;
}

static void heading_script(gp_script *g, const gp_chart *c, const head *h)
{
    const gp_sheet *s = g->s;
    double x = gp_script_words_within(g, SIDE_LEFT, 16, s->theme.text, s->em * 1.25, s->width - 2 * SIDE_LEFT, c->title) + s->em * 1.5 + SIDE_LEFT, y = 16;
    const char *p = h->caption.n ? h->caption.p : "";
    while (*p) {
        gp_buf line = {0};
        gp_buf_add(&line, p, strcspn(p, "\n"));
        x = h->below ? SIDE_LEFT : x;
        y += h->below ? LINE : 0;
        gp_script_words_within(g, x, y, s->theme.dim, s->em, s->width - x - 4, line.p);
        gp_buf_free(&line);
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    if (c->warning)
        gp_script_words_within(g, SIDE_LEFT, h->height - LEGEND / 2.0, s->theme.fall, s->em, s->width - 2 * SIDE_LEFT, c->warning);
}

/* foot: pixels below all rows. */
static void place(gp_sheet *s, const gp_chart *c, double heading, double foot, placed *at)
{
    const int rows = (c->n_panels + c->columns - 1) / c->columns;
    double shares = 0, words = heading + foot;
    for (int r = 0; r < rows; r++) {
        shares += c->panels[r * c->columns].share;
        words += LEGEND + below(c, r);
    }
    s->width = s->o->width ? s->o->width : WIDTH;
    s->height = s->o->height ? s->o->height : (int)(shares * ROW_HEIGHT + words);
    s->page_width = s->width;
    s->page_height = s->height;
    const double room = fmax(s->height - words, 20 * rows), wide = (double)s->width / c->columns;
    double top = heading;
    for (int r = 0; r < rows; r++) {
        const double height = floor(room * c->panels[r * c->columns].share / shares);
        for (int k = r * c->columns; k < (r + 1) * c->columns && k < c->n_panels; k++) {
            const double left = wide * (k % c->columns);
            at[k] = (placed){.p = &c->panels[k], .box = {left + SIDE_LEFT, top + LEGEND, left + wide - SIDE_RIGHT, top + LEGEND + height},
                             .legend = top + LEGEND / 2.0, .last = k + c->columns >= c->n_panels};
            span_panel(&at[k]);
        }
        top += LEGEND + height + below(c, r);
    }
}

/* ---- what a page around it knows ---- */

static void curve_facts(const gp_panel *p, const gp_curve *c, bool first, gp_buf *out)
{
    const char *name = c->name ? c->name : p->title ? p->title : "";
    gp_buf word = {0};
    gp_buf_add(&word, name, strcspn(name, ",:"));
    gp_buf_addz(out, first ? "[" : ",[");
    gp_json_text(out, word.p ? word.p : "");
    gp_buf_addc(out, ',');
    gp_json_numbers(out, c->y, c->n, p->percent ? 4 : 9);
    gp_buf_addc(out, ']');
    gp_buf_free(&word);
}

/* What stands for the i-th value: a day, the span of a column, or a number. */
static void add_label(const gp_panel *p, const gp_curve *c, size_t i, gp_buf *out)
{
    const char *unit = p->x_percent ? "%" : "";
    const double to = x_of(c, i) + step_of(c);
    if (p->dates)
        gp_buf_printf(out, "\"%04d-%02d-%02d\"", p->dates[i] / 10000, p->dates[i] / 100 % 100, p->dates[i] % 100);
    else if (has_edges(c))
        gp_buf_printf(out, "\"%.6g%s – %.6g%s\"", x_of(c, i), unit, fabs(to) < step_of(c) * 1e-9 ? 0 : to, unit);
    else
        gp_buf_printf(out, "\"%s%s%.10g%s\"", p->below && c->x ? p->below : "", p->below && c->x ? "=" : "", x_of(c, i), unit);
}

static void texts_facts(const char *const *text, int n, gp_buf *out)
{
    gp_buf_addc(out, '[');
    for (int i = 0; i < n; i++) {
        gp_buf_addz(out, i ? "," : "");
        gp_json_text(out, text[i] ? text[i] : ""); /* the one row of a single parameter has no name */
    }
    gp_buf_addc(out, ']');
}

static void panel_facts(const placed *at, gp_buf *out)
{
    const gp_panel *p = at->p;
    const gp_curve *c = &p->curves[0];
    gp_json_box(out, &at->box, at->x.lo, at->x.hi);
    if (p->percent)
        gp_buf_addz(out, ",\"unit\":\"%\"");
    if (p->heat) {
        gp_buf_addz(out, ",\"label\":");
        texts_facts(p->heat->x_text, p->heat->columns, out);
        gp_buf_addz(out, ",\"rows\":");
        texts_facts(p->heat->y_text, p->heat->rows, out);
        gp_buf_addz(out, ",\"names\":");
        texts_facts((const char *const[]){p->below ? p->below : "", p->heat->left ? p->heat->left : ""}, 2, out);
        gp_buf_addz(out, ",\"lines\":[[\"\",");
        gp_json_numbers(out, p->heat->value, (size_t)p->heat->columns * (size_t)p->heat->rows, 6);
        gp_buf_addz(out, "]]}");
        return;
    }
    gp_buf_addz(out, ",\"label\":[");
    for (size_t i = 0; i < c->n; i++) {
        gp_buf_addz(out, i ? "," : "");
        add_label(p, c, i, out);
    }
    gp_buf_addc(out, ']');
    if (c->x && c->n) {
        gp_buf_addz(out, ",\"x\":");
        gp_json_numbers(out, c->x, c->n, 10);
        if (has_edges(c))
            gp_buf_printf(out, ",\"step\":%.10g", step_of(c));
    }
    gp_buf_addz(out, ",\"lines\":[");
    for (int k = 0; k < p->n_curves; k++)
        if (p->curves[k].n == c->n)
            curve_facts(p, &p->curves[k], k == 0, out);
    gp_buf_addz(out, "]}");
}

static void chart_facts(const gp_chart *c, const placed *at, const head *h, gp_buf *out)
{
    gp_buf_printf(out, "{\"newest\":%s,\"columns\":%d,\"heading\":%g,\"panels\":[", c->n_panels && c->panels[0].dates ? "true" : "false", c->columns, h->height);
    for (int k = 0; k < c->n_panels; k++) {
        gp_buf_addz(out, k ? "," : "");
        panel_facts(&at[k], out);
    }
    gp_buf_addz(out, "]}");
}

void gp_chart_make(const gp_chart *c, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_buf *facts, gp_diags *d)
{
    gp_sheet s = {.o = o, .theme = gp_theme_of(o), .em = 12, .font = o->font};
    gp_buf panels = {0};
    gp_script g = {.s = &s, .out = &panels};
    placed *at = gp_xcalloc((size_t)c->n_panels + 1, sizeof *at);
    head h = head_of(&s, c);
    place(&s, c, h.height, 0, at);
    const gp_heat *bar = wants_bar(c, at) ? heat_of(c) : NULL;
    if (bar)
        place(&s, c, h.height, BAR_BELOW, at);
    heading_script(&g, c, &h);
    for (int k = 0; k < c->n_panels; k++)
        panel_script(&g, &at[k]);
    if (bar)
        bar_script(&g, bar);
    if (facts)
        chart_facts(c, at, &h, facts);
    gp_buf_addz(script, "# made by goldpit --script-only; gnuplot 5.4 or later draws it: gnuplot FILE\n");
    gp_script_around(&s, (gp_str){panels.p, panels.n}, output, fonts, script, d);
    gp_buf_free(&g.plot);
    gp_buf_free(&panels);
    gp_buf_free(&h.caption);
    free(at);
}

void gp_chart_script(const gp_chart *c, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d)
{
    gp_chart_make(c, o, output, fonts, script, NULL, d);
}
