/* The description as JSON: docs/plot-description.md. */
#include "base/num.h"
#include "plot/make.h"

static void key(gp_buf *out, const char *name)
{
    if (out->n && out->p[out->n - 1] != '{' && out->p[out->n - 1] != '[')
        gp_buf_addc(out, ',');
    gp_buf_json(out, gp_str_from(name));
    gp_buf_addc(out, ':');
}

static void number(gp_buf *out, double v)
{
    char text[GP_NUM_MAX];
    if (isfinite(v))
        gp_buf_add(out, text, gp_num_format(v, text));
    else
        gp_buf_addz(out, "null");
}

static void number_key(gp_buf *out, const char *name, double v)
{
    if (v != v)
        return;
    key(out, name);
    number(out, v);
}

static void int_key(gp_buf *out, const char *name, int v)
{
    key(out, name);
    gp_buf_printf(out, "%d", v);
}

static void text_key(gp_buf *out, const char *name, const char *text)
{
    if (!text)
        return;
    key(out, name);
    gp_buf_json(out, gp_str_from(text));
}

static void bool_key(gp_buf *out, const char *name, bool v)
{
    key(out, name);
    gp_buf_addz(out, v ? "true" : "false");
}

static void colour(gp_buf *out, int rgb)
{
    if (rgb < 0)
        gp_buf_addz(out, "null");
    else
        gp_buf_printf(out, "\"#%06x\"", (unsigned)rgb);
}

static void colour_key(gp_buf *out, const char *name, int rgb)
{
    if (rgb < 0)
        return;
    key(out, name);
    colour(out, rgb);
}

static void series(gp_buf *out, const char *name, const double *x, int n)
{
    if (!x)
        return;
    key(out, name);
    gp_buf_addc(out, '[');
    for (int i = 0; i < n; i++) {
        if (i)
            gp_buf_addc(out, ',');
        number(out, x[i]);
    }
    gp_buf_addc(out, ']');
}

static void stamp(gp_buf *out, const gp_plot *p, int bar)
{
    const int i = p->first + bar, date = p->bars->date[i];
    gp_buf_printf(out, "\"%04d-%02d-%02d", date / 10000, date / 100 % 100, date % 100);
    if (p->bars->time) {
        const int t = p->bars->time[i];
        gp_buf_printf(out, " %02d:%02d:%02d", t / 10000, t / 100 % 100, t % 100);
    }
    gp_buf_addc(out, '"');
}

static void bars(gp_buf *out, const gp_plot *p)
{
    const gp_bars *b = p->bars;
    const struct { const char *name; const double *at; } columns[] = {
        { "open", b->open }, { "high", b->high }, { "low", b->low }, { "close", b->close }, { "volume", b->vol }, { "amount", b->amount } };
    key(out, "bars");
    gp_buf_addc(out, '{');
    int_key(out, "first", p->first);
    int_key(out, "n", p->n);
    key(out, "date");
    gp_buf_addc(out, '[');
    for (int i = 0; i < p->n; i++) {
        if (i)
            gp_buf_addc(out, ',');
        stamp(out, p, i);
    }
    gp_buf_addc(out, ']');
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
        series(out, columns[k].name, columns[k].at ? columns[k].at + p->first : NULL, p->n);
    gp_buf_addc(out, '}');
}

static void mark(gp_buf *out, const gp_plot *p, const gp_layer *l, const gp_mark *k)
{
    static const char *const extend[] = { NULL, "right", "left", "both" };
    gp_buf_addc(out, '{');
    if (k->bar != GP_BAR_NONE) {
        int_key(out, "bar", k->bar);
        if (k->bar >= 0 && k->bar < p->n) {
            key(out, "date");
            stamp(out, p, k->bar);
        }
    }
    number_key(out, "price", k->price);
    if (k->bar2 != GP_BAR_NONE)
        int_key(out, "bar2", k->bar2);
    number_key(out, "price2", k->price2);
    number_key(out, "width", k->width);
    if (l->kind == GP_LAYER_STICKS)
        text_key(out, "fill", gp_fill_name(k->fill));
    text_key(out, "extend", extend[k->extend & 3]);
    if (k->pattern)
        int_key(out, "pattern", k->pattern);
    number_key(out, "number", k->number);
    text_key(out, "text", k->text);
    colour_key(out, "colour", k->rgb);
    colour_key(out, "colour2", k->rgb2);
    number_key(out, "x", k->x);
    number_key(out, "y", k->y);
    number_key(out, "x2", k->x2);
    number_key(out, "y2", k->y2);
    if (l->kind == GP_LAYER_CAPTION)
        text_key(out, "align", k->right ? "right" : "left");
    gp_buf_addc(out, '}');
}

static void looks(gp_buf *out, const gp_layer *l)
{
    const gp_looks *s = &l->looks;
    if (l->kind == GP_LAYER_LINE)
        text_key(out, "style", gp_style_name(s->style));
    colour_key(out, "colour", s->rgb);
    if (s->width >= 0)
        int_key(out, "thickness", s->width);
    if (s->show & GP_SHOW_NODRAW || s->width == 0)
        bool_key(out, "drawn", false);
    if (s->show & GP_SHOW_NOTEXT)
        bool_key(out, "listed", false);
    if (s->show & GP_SHOW_ABOVE)
        bool_key(out, "above", true);
    if (s->show & GP_SHOW_BOXED)
        bool_key(out, "boxed", true);
    if (s->show & GP_SHOW_NOFRAME)
        bool_key(out, "frame", false);
    if (s->shift)
        int_key(out, "shift", s->shift);
    if (s->decimals >= 0)
        int_key(out, "decimals", s->decimals);
}

static void layer(gp_buf *out, const gp_plot *p, const gp_layer *l)
{
    static const char *const names[][4] = { { "values" }, { "values", "values2" }, { "open", "high", "low", "close" } };
    const bool has_marks = l->kind >= GP_LAYER_STICKS && l->kind != GP_LAYER_PAINT;
    if (out->p[out->n - 1] == '}')
        gp_buf_addc(out, ',');
    gp_buf_addc(out, '{');
    text_key(out, "kind", gp_layer_kind_name(l->kind));
    text_key(out, "name", l->name);
    text_key(out, "function", l->function);
    looks(out, l);
    for (int k = 0; k < 4 && l->kind <= GP_LAYER_CANDLES; k++)
        if (names[l->kind][k])
            series(out, names[l->kind][k], l->y[k], p->n);
    if (l->colours) {
        key(out, "colours");
        gp_buf_addc(out, '[');
        for (int i = 0; i < p->n; i++) {
            if (i)
                gp_buf_addc(out, ',');
            colour(out, l->colours[i]);
        }
        gp_buf_addc(out, ']');
    }
    if (l->owners) {
        key(out, "owners");
        gp_buf_addc(out, '[');
        for (int i = 0; i < p->n; i++) {
            if (i)
                gp_buf_addc(out, ',');
            if (l->owners[i])
                gp_buf_json(out, gp_str_from(l->owners[i]));
            else
                gp_buf_addz(out, "null");
        }
        gp_buf_addc(out, ']');
    }
    if (has_marks) {
        key(out, "marks");
        gp_buf_addc(out, '[');
        for (size_t i = 0; i < l->n_marks; i++) {
            if (i)
                gp_buf_addc(out, ',');
            mark(out, p, l, &l->marks[i]);
        }
        gp_buf_addc(out, ']');
    }
    gp_buf_addc(out, '}');
}

static void pane(gp_buf *out, const gp_plot *p, gp_pane which)
{
    gp_buf_addc(out, '{');
    text_key(out, "pane", which == GP_PANE_MAIN ? "main" : "sub");
    bool_key(out, "candles", which == GP_PANE_MAIN);
    key(out, "layers");
    gp_buf_addc(out, '[');
    for (int i = 0; i < p->n_layers; i++)
        if (p->layers[i].pane == which)
            layer(out, p, &p->layers[i]);
    gp_buf_addz(out, "]}");
}

void gp_plot_json(const gp_plot *p, gp_buf *out)
{
    gp_buf_addc(out, '{');
    int_key(out, "version", 1);
    text_key(out, "code", p->bars->code);
    text_key(out, "market", p->bars->market);
    text_key(out, "name", p->bars->name);
    int_key(out, "period", p->bars->period);
    text_key(out, "title", p->title);
    text_key(out, "kind", gp_kind_name(p->kind.kind));
    bars(out, p);
    key(out, "panes");
    gp_buf_addc(out, '[');
    pane(out, p, GP_PANE_MAIN);
    bool sub = false;
    for (int i = 0; i < p->n_layers; i++)
        sub |= p->layers[i].pane == GP_PANE_SUB;
    if (sub) {
        gp_buf_addc(out, ',');
        pane(out, p, GP_PANE_SUB);
    }
    gp_buf_addz(out, "]}");
}
