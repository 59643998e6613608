/* A picture laid out -> a script of gnuplot with its data inline.  Numbers are ours; every text goes through gp_gnuplot_text. */
#include <stdarg.h>
#include <stdio.h>
#include "draw/draw.h"

enum { MOST_PAINTERS = 16 };

/* ---- blocks and elements ---- */

int gp_script_block(gp_script *g)
{
    g->before = g->out->n;
    gp_buf_printf(g->out, "$d%d << EOD\n", ++g->n_blocks);
    g->begun = g->out->n;
    return g->n_blocks;
}

void gp_script_block_end(gp_script *g)
{
    g->empty = true;
    for (size_t i = g->begun; i < g->out->n && g->empty; i++)
        g->empty = g->out->p[i] == '\n';
    if (g->empty) { /* gnuplot would complain */
        g->out->n = g->before;
        g->n_blocks--;
    } else {
        gp_buf_addz(g->out, "EOD\n");
    }
}

void gp_script_plot(gp_script *g, const char *format, ...)
{
    char line[512];
    va_list args;
    if (g->empty)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    gp_buf_printf(&g->plot, "%s$%s", g->plot.n ? ", \\\n  " : "", line);
}

/* ---- places on the page ---- */

/* In a picture of pixels gnuplot's 0 is the first pixel and its 1 the last one, not the far edge of it. */
static double on_page(const gp_sheet *s, double at, double length)
{
    const bool pixels = s->o->format == GP_PICTURE_PNG || s->o->format == GP_PICTURE_SIXEL;
    return at / (length - (pixels ? 1 / gp_sheet_scale(s) : 0));
}

static double across(const gp_sheet *s, double x) { return on_page(s, s->left + x, s->page_width); }
static double up(const gp_sheet *s, double y) { return 1 - on_page(s, s->top + y, s->page_height); }

void gp_script_margins(gp_script *g, const gp_box *b)
{
    gp_buf_printf(g->out, "set lmargin at screen %.6f\nset rmargin at screen %.6f\nset tmargin at screen %.6f\nset bmargin at screen %.6f\n",
                  across(g->s, b->left), across(g->s, b->right), up(g->s, b->top), up(g->s, b->bottom));
}

double gp_font_size(const gp_sheet *s, double em)
{
    const gp_picture_format f = s->o->format;
    return f == GP_PICTURE_SVG || f == GP_PICTURE_HTML || f == GP_PICTURE_PDF ? em : em * 0.75; /* points; pdfcairo halves them and more */
}

/* Words at a place of the page; the width they take. */
double gp_script_words(gp_script *g, double x, double y, const char *side, int colour, double em, const char *text)
{
    gp_buf_printf(g->out, "set label at screen %.6f,%.6f ", across(g->s, x), up(g->s, y));
    gp_gnuplot_text(g->out, text);
    gp_buf_printf(g->out, " %s font ',%.3g' tc rgb '#%06x' noenhanced front\n", side, gp_font_size(g->s, em), (unsigned)colour);
    return gp_text_ems(text) * em;
}

double gp_script_words_within(gp_script *g, double x, double y, int colour, double em, double room, const char *text)
{
    const double ems = gp_text_ems(text), size = fmax(fmin(em, room / fmax(ems, 1)), em * 0.75);
    gp_buf cut = {0};
    gp_text_cut(&cut, text, fmax(room / size, 2));
    const double wide = gp_script_words(g, x, y, "left", colour, size, cut.p);
    gp_buf_free(&cut);
    return wide;
}

/* ---- heading and legends ---- */

static const char *period_name(const gp_bars *b, bool zh)
{
    static const char *const en[] = {"1 minute", "5 minutes", "15 minutes", "30 minutes", "60 minutes", "day", "week", "month"};
    static const char *const cn[] = {"1分钟", "5分钟", "15分钟", "30分钟", "60分钟", "日线", "周线", "月线"};
    return b->period >= 0 && b->period < 8 ? (zh ? cn : en)[b->period] : "";
}

void gp_sheet_heading(const gp_sheet *s, gp_buf *security, gp_buf *more)
{
    static const char *const adjusted[] = {"", "forward adjusted", "backward adjusted"}, *const zh[] = {"", "前复权", "后复权"};
    const gp_bars *b = s->p->bars;
    char from[24], to[24];
    const int said = s->p->bars->adjusted == GP_ADJUSTED_FORWARD ? 1 : s->p->bars->adjusted == GP_ADJUSTED_BACKWARD ? 2 : 0; /* by the file itself */
    const int adjust = said ? said : s->p->adjust >= 0 && s->p->adjust < 3 ? s->p->adjust : 0;
    gp_date_text(b, s->p->first, from);
    gp_date_text(b, s->p->first + s->p->n - 1, to);
    gp_buf_printf(security, "%s%s%s", b->code, *b->market ? "." : "", b->market);
    if (*b->name)
        gp_buf_printf(security, "  %s", b->name);
    gp_buf_printf(more, "%s", period_name(b, s->o->zh));
    if (adjust)
        gp_buf_printf(more, "  %s", (s->o->zh ? zh : adjusted)[adjust]);
    gp_buf_printf(more, "   %s – %s", from, to);
    if (s->p->caption && *s->p->caption)
        gp_buf_printf(more, "   %s", s->p->caption);
}

static void heading(gp_script *g)
{
    const gp_sheet *s = g->s;
    double x = s->panes[0].plot.left;
    gp_buf security = {0}, more = {0};
    gp_sheet_heading(s, &security, &more);
    x += gp_script_words(g, x, 16, "left", s->theme.text, s->em * 1.25, security.p) + s->em * 1.5;
    gp_script_words_within(g, x, 16, s->theme.dim, s->em, s->width - x - 4, more.p);
    gp_buf_free(&security);
    gp_buf_free(&more);
}

/* The last bar's prices, over the main pane. */
static double quote_words(gp_script *g, double x, double y)
{
    const gp_sheet *s = g->s;
    const gp_bars *b = s->p->bars;
    const int i = s->p->first + s->p->n - 1;
    static const char *const en[] = {"O", "H", "L", "C"}, *const zh[] = {"开", "高", "低", "收"};
    const double *const v[] = {b->open, b->high, b->low, b->close};
    const int colour = gp_sheet_rose(s, s->p->n - 1) ? s->theme.rise : s->theme.fall;
    gp_buf text = {0};
    for (int k = 0; k < 4; k++) {
        text.n = 0;
        if (!v[k] || v[k][i] != v[k][i])
            continue;
        gp_buf_printf(&text, "%s ", (s->o->zh ? zh : en)[k]);
        gp_number_text(&text, v[k][i], s->decimals, s->o->zh);
        x += gp_script_words(g, x, y, "left", colour, s->em, text.p) + s->em * 0.7;
    }
    if (b->close && i > 0 && b->close[i - 1] > 0 && b->close[i] == b->close[i]) {
        text.n = 0;
        gp_buf_printf(&text, "%+.2f%%", (b->close[i] / b->close[i - 1] - 1) * 100);
        x += gp_script_words(g, x, y, "left", colour, s->em, text.p) + s->em;
    }
    gp_buf_free(&text);
    return x;
}

static bool is_listed(const gp_layer *l)
{
    return (l->kind == GP_LAYER_LINE || l->kind == GP_LAYER_VALUE || l->kind == GP_LAYER_BAND) && !(l->looks.show & GP_SHOW_NOTEXT) && gp_has_name(l);
}

/* What the marks at the candles mean. */
static void signal_names(gp_script *g, const gp_drawn_pane *pane, double x)
{
    gp_buf text = {0};
    for (size_t k = 0; k < pane->signals.n; k++) {
        const gp_layer *l = pane->signals.at[k].layer;
        if (!gp_has_name(l))
            continue;
        text.n = 0;
        gp_buf_printf(&text, "%s%s", l->kind == GP_LAYER_STICKS ? "■" : "▲", l->name);
        for (char *p = text.p; *p; p++)
            *p = *p == '&' ? ' ' : *p; /* how the language writes a line end */
        if (x + gp_text_ems(text.p) * g->s->em > pane->plot.right)
            break;
        x += gp_script_words(g, x, pane->legend, "left", gp_theme_word(&g->s->theme, pane->signals.at[k].colour), g->s->em, text.p) + g->s->em * 0.7;
    }
    gp_buf_free(&text);
}

/* 五彩K线: which output paints in which colour, of those that paint a bar that is shown. */
static double painters(gp_script *g, const gp_drawn_pane *pane, double x)
{
    const gp_sheet *s = g->s;
    const gp_layer *l = s->painted;
    const char *named[MOST_PAINTERS];
    gp_buf text = {0};
    int n = 0;
    for (int i = 0; l && l->owners && i < s->p->n; i++) {
        bool before = l->colours[i] < 0 || !l->owners[i];
        for (int k = 0; k < n && !before; k++)
            before = named[k] == l->owners[i];
        if (before || n == MOST_PAINTERS)
            continue;
        named[n++] = l->owners[i];
        text.n = 0;
        gp_buf_printf(&text, "■%s", l->owners[i]);
        if (x + gp_text_ems(text.p) * s->em > pane->plot.right)
            break;
        x += gp_script_words(g, x, pane->legend, "left", gp_theme_word(&s->theme, l->colours[i]), s->em, text.p) + s->em * 0.7;
    }
    gp_buf_free(&text);
    return x;
}

/* Names and last values, each in the colour of its line, as long as there is room. */
static void legend(gp_script *g, const gp_drawn_pane *pane)
{
    const gp_sheet *s = g->s;
    const double y = pane->legend;
    double x = pane->plot.left;
    gp_buf text = {0};
    if (pane->kind == GP_PANE_KIND_VOLUME) {
        gp_buf_printf(&text, "%s ", s->o->zh ? "成交量" : "VOL");
        const double v = s->p->bars->vol[s->p->first + s->p->n - 1];
        gp_number_text(&text, v, fabs(v) < 1e4 ? 0 : -1, s->o->zh);
        gp_script_words(g, x, y, "left", s->theme.dim, s->em, text.p);
        gp_buf_free(&text);
        return;
    }
    if (pane->kind == GP_PANE_KIND_PRICE)
        x = quote_words(g, x, y);
    if (pane->label && *pane->label)
        x += gp_script_words_within(g, x, y, s->theme.dim, s->em, pane->plot.right + 50 - x, pane->label) + s->em;
    if (pane->kind == GP_PANE_KIND_PRICE)
        x = painters(g, pane, x);
    const char *named = pane->label; /* before the lines of another formula over the same bars stands its own name */
    for (size_t k = 0; k < pane->layers.n; k++) {
        const gp_layer *l = pane->layers.at[k].layer;
        const char *label = s->p->parts[pane->layers.at[k].part].label;
        if (!is_listed(l))
            continue;
        if (label != named && label && *label && x + gp_text_ems(label) * s->em < pane->plot.right)
            x += gp_script_words(g, x, y, "left", s->theme.dim, s->em, label) + s->em;
        named = label;
        text.n = 0;
        gp_layer_words(&text, l);
        gp_buf_addc(&text, ' ');
        if (l->kind == GP_LAYER_VALUE)
            gp_buf_addz(&text, l->n_marks && l->marks[0].text ? l->marks[0].text : "");
        else
            gp_number_text(&text, l->y[0] ? l->y[0][s->p->n - 1] : NAN, l->looks.decimals, s->o->zh);
        for (char *p = text.p; *p; p++)
            *p = *p == '\n' ? ' ' : *p;
        if (x + gp_text_ems(text.p) * s->em > pane->plot.right + 50) {
            gp_script_words(g, x, y, "left", s->theme.dim, s->em, "…");
            break;
        }
        x += gp_script_words(g, x, y, "left", gp_theme_word(&s->theme, pane->layers.at[k].colour), s->em, text.p) + s->em * 0.9;
    }
    signal_names(g, pane, x);
    gp_buf_free(&text);
}

/* ---- axes ---- */

void gp_script_ticks(gp_script *g, const char *axis, const char *offset, const gp_ticks *ticks, bool texts)
{
    gp_buf_printf(g->out, "set %s (", axis);
    for (size_t k = 0; k < ticks->n; k++) {
        gp_buf_printf(g->out, "%s", k ? ", " : "");
        gp_gnuplot_text(g->out, texts ? ticks->at[k].text : "");
        gp_buf_printf(g->out, " %.12g", ticks->at[k].at);
    }
    gp_buf_printf(g->out, ") scale 0 offset %s font ',%.3g' tc rgb '#%06x'\n", offset, gp_font_size(g->s, g->s->em * 0.92), (unsigned)g->s->theme.dim);
}

static void axes(gp_script *g, const gp_drawn_pane *pane, bool last)
{
    const gp_sheet *s = g->s;
    gp_ticks values = {0}, dates = {0};
    gp_value_ticks(s, pane, &values);
    gp_date_ticks(s, &dates);
    gp_script_margins(g, &pane->plot);
    gp_buf_addz(g->out, "unset logscale\n"); /* before the ranges: one from 0 makes gnuplot complain of the scale of the pane above */
    gp_buf_printf(g->out, "set xrange [%.6g:%.8g]\nset yrange [%.12g:%.12g]\nset y2range [%.12g:%.12g]\n", s->x0, s->x1, pane->lo, pane->hi, pane->lo,
                  pane->hi);
    if (pane->log)
        gp_buf_addz(g->out, "set logscale y\nset logscale y2\n");
    gp_script_ticks(g, "y2tics", "-0.6,0", &values, true);
    gp_script_ticks(g, "xtics", "0,0.4", &dates, last);
    gp_vec_free(&values);
    gp_vec_free(&dates);
}

/* ---- the highest and the lowest price ---- */

/* Where the lowest price is written when there are marks of signals: below them, and below those of the bars beside it. */
static bool lowest_below(gp_script *g, int i, double v)
{
    const gp_sheet *s = g->s;
    const gp_drawn_pane *pane = &s->panes[0];
    const int reach = (int)(20 / s->pitch) + 1, far = (int)(42 / s->pitch) + 1, at = s->p->first; /* of the number alone, and with an arrow */
    double y = INFINITY;
    bool in_the_way = false;
    for (int k = i - far; k <= i + far; k++)
        if (g->below && k >= 0 && k < s->p->n && g->below[k] > 0 && gp_is_drawable(s->p->bars->low[at + k])) {
            const double foot = gp_pane_above(pane, s->p->bars->low[at + k], -g->below[k]);
            in_the_way |= foot < gp_pane_above(pane, v, 16);
            y = abs(k - i) <= reach ? fmin(y, foot) : y;
        }
    if (!in_the_way)
        return false;
    gp_buf_printf(g->out, "set label at first %.6g,%.12g '%.*f' center font ',%.3g' tc rgb '#%06x' noenhanced front\n",
                  gp_room_inside(g->room, (i - s->x0) * s->pitch, 20) / s->pitch + s->x0, gp_pane_above(pane, fmin(y, v), -8), s->decimals, v,
                  gp_font_size(s, s->em * 0.92), (unsigned)s->theme.text);
    return true;
}

/* reserve: only keeps the place free of the words of formulas, which are placed before the marks of signals are known. */
static void extreme(gp_script *g, int i, double v, bool high, bool reserve)
{
    const gp_sheet *s = g->s;
    if (!reserve && !high && lowest_below(g, i, v))
        return;
    const bool left = (i + 0.5) * s->pitch > (s->panes[0].plot.right - s->panes[0].plot.left) * 0.85;
    gp_buf text = {0};
    gp_buf_printf(&text, left ? "%.*f →" : "← %.*f", s->decimals, v);
    if (reserve) {
        const double x = (i - s->x0) * s->pitch, y = gp_pane_down(&s->panes[0], v) + (high ? -4 : 4), wide = gp_text_ems(text.p) * s->em * 0.92;
        gp_room_take(g->room, (gp_box){left ? x - wide : x, y - 6, left ? x : x + wide, y + 6}, UINT32_MAX);
        gp_buf_free(&text);
        return;
    }
    gp_buf_printf(g->out, "set label at first %d,%.12g ", i, v);
    gp_gnuplot_text(g->out, text.p);
    gp_buf_printf(g->out, " %s offset 0,%s font ',%.3g' tc rgb '#%06x' noenhanced front\n", left ? "right" : "left", high ? "0.3" : "-0.3",
                  gp_font_size(s, s->em * 0.92), (unsigned)s->theme.text);
    gp_buf_free(&text);
}

static void extremes(gp_script *g, bool reserve)
{
    const gp_sheet *s = g->s;
    const double *h = s->p->bars->high, *l = s->p->bars->low;
    int top = -1, bottom = -1;
    if (!h || !l)
        return;
    h += s->p->first;
    l += s->p->first;
    for (int i = 0; i < s->p->n; i++) {
        if (gp_is_drawable(h[i]) && (top < 0 || h[i] > h[top]))
            top = i;
        if (gp_is_drawable(l[i]) && (bottom < 0 || l[i] < l[bottom]))
            bottom = i;
    }
    if (top >= 0)
        extreme(g, top, h[top], true, reserve);
    if (bottom >= 0 && l[bottom] < h[top])
        extreme(g, bottom, l[bottom], false, reserve);
}

/* ---- panes ---- */

static void pane_script(gp_script *g, const gp_drawn_pane *pane, bool first, bool last)
{
    const gp_sheet *s = g->s;
    const gp_bars *b = s->p->bars;
    const int at = s->p->first;
    g->plot.n = 0;
    g->room = gp_room_new(pane);
    gp_buf_addz(g->out, "unset label\nunset object\n");
    if (first)
        heading(g);
    legend(g, pane);
    axes(g, pane, last);
    for (size_t k = 0; k < pane->layers.n; k++)
        if (pane->layers.at[k].layer->kind == GP_LAYER_BACKGROUND)
            gp_script_layer(g, pane, &pane->layers.at[k]);
    if (pane->kind == GP_PANE_KIND_PRICE && b->close) {
        const double *const ohlc[4] = {b->open ? b->open + at : NULL, b->high ? b->high + at : NULL, b->low ? b->low + at : NULL, b->close + at};
        gp_script_candles(g, ohlc, s->paint, -1);
        extremes(g, true);
    }
    if (pane->kind == GP_PANE_KIND_VOLUME)
        gp_script_volume(g, b->vol + at);
    for (size_t k = 0; k < pane->layers.n; k++)
        if (pane->layers.at[k].layer->kind != GP_LAYER_BACKGROUND)
            gp_script_layer(g, pane, &pane->layers.at[k]);
    gp_script_signals(g, pane);
    if (pane->kind == GP_PANE_KIND_PRICE && b->close)
        extremes(g, false);
    free(g->room);
    free(g->below);
    g->room = NULL;
    g->below = NULL;
    if (!g->plot.n)
        gp_buf_addz(&g->plot, "NaN");
    gp_buf_addz(g->out, "plot ");
    gp_buf_add(g->out, g->plot.p, g->plot.n);
    gp_buf_addc(g->out, '\n');
}

static void panes_script(const gp_sheet *s, gp_buf *out)
{
    gp_script g = {.s = s, .out = out};
    for (int k = 0; k < s->n_panes; k++)
        pane_script(&g, &s->panes[k], k == 0, k == s->n_panes - 1);
    gp_buf_free(&g.plot);
}

/* ---- the whole script ---- */

static void terminal(const gp_sheet *s, gp_buf *out)
{
    const double scale = gp_sheet_scale(s);
    const int w = (int)lround(s->page_width * scale), h = (int)lround(s->page_height * scale);
    switch (s->o->format) {
    case GP_PICTURE_SVG:
    case GP_PICTURE_HTML: gp_buf_printf(out, "set terminal svg noenhanced size %d,%d dynamic", w, h); break;
    case GP_PICTURE_PDF: gp_buf_printf(out, "set terminal pdfcairo noenhanced size %.4fin,%.4fin linewidth 0.75", w / 96.0, h / 96.0); break;
    case GP_PICTURE_SIXEL: gp_buf_printf(out, "set terminal sixelgd noenhanced truecolor size %d,%d", w, h); break;
    default: gp_buf_printf(out, "set terminal pngcairo noenhanced size %d,%d fontscale %.4g linewidth %.4g pointscale %.4g", w, h, scale, scale, scale); break;
    }
    gp_buf_printf(out, " background rgb '#%06x' font ", (unsigned)s->theme.background);
    gp_buf name = {0};
    gp_buf_printf(&name, "%s,%.3g", s->font, gp_font_size(s, s->em));
    gp_gnuplot_text(out, name.p);
    gp_buf_addc(out, '\n');
    gp_buf_free(&name);
}

void gp_script_around(gp_sheet *s, gp_str panes, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d)
{
    const gp_theme *t = &s->theme;
    const bool own_fonts = s->o->format != GP_PICTURE_SVG && s->o->format != GP_PICTURE_HTML; /* else the viewer's, on a machine we know nothing of */
    s->font = gp_fonts_for(fonts, s->o->font, panes, own_fonts, d);
    gp_buf_addz(script, "reset\nset encoding utf8\n");
    terminal(s, script);
    if (output) {
        gp_buf_addz(script, "set output ");
        gp_gnuplot_text(script, output);
        gp_buf_addc(script, '\n');
    }
    gp_buf_printf(script, "unset key\nunset ytics\nset border 15 back lw 1 lc rgb '#%06x'\n", (unsigned)t->frame);
    /* sixelgd knows no dots: a fainter line is as quiet */
    const unsigned grid = (unsigned)(s->o->format == GP_PICTURE_SIXEL ? gp_theme_mix(t->background, t->grid, 0.3) : t->grid);
    gp_buf_printf(script, "set grid xtics y2tics back lt 1 lw 1 dt (1,3) lc rgb '#%06x', lt 1 lw 1 dt (1,3) lc rgb '#%06x'\n", grid, grid);
    gp_buf_printf(script, "set clip one\nset clip two\nset style textbox transparent border lc rgb '#%06x'\nset multiplot\n", (unsigned)t->dim);
    if (own_fonts)
        gp_fonts_replace(fonts, panes, script);
    else
        gp_buf_add(script, panes.p, panes.n);
    gp_buf_addz(script, "unset multiplot\nset output\n");
}

void gp_script_whole(gp_sheet *s, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d)
{
    gp_buf panes = {0};
    panes_script(s, &panes);
    gp_script_around(s, (gp_str){panes.p, panes.n}, output, fonts, script, d);
    gp_buf_free(&panes);
}

void gp_picture_script(const gp_picture *p, const gp_picture_opts *o, const char *output, gp_fonts *fonts, gp_buf *script, gp_diags *d)
{
    gp_sheet s;
    gp_sheet_make(&s, p, o);
    gp_buf_addz(script, "# made by goldpit plot --script-only; gnuplot 5.4 or later draws it: gnuplot FILE\n");
    gp_script_whole(&s, output, fonts, script, d);
    gp_sheet_fini(&s);
}
