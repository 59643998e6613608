/* eval --drawings and --describe. */
#include "cli/drawings.h"
#include <math.h>
#include <stdlib.h>
#include "base/vec.h"

enum { MAX_COLUMNS = 11, STAMP = 24 };

typedef struct drawn { const gp_layer *layer; gp_mark mark; int order; } drawn;
typedef GP_VEC(drawn) drawings;

gp_writer *gp_drawings_begin(const gp_cli *c, bool with_code)
{
    static const gp_column columns[MAX_COLUMNS] = {{"code", GP_CELL_TEXT, 0}, {"date", GP_CELL_TEXT, 0}, {"name", GP_CELL_TEXT, 0},
        {"kind", GP_CELL_TEXT, 0}, {"price", GP_CELL_NUMBER, -1}, {"price2", GP_CELL_NUMBER, -1}, {"to", GP_CELL_TEXT, 0},
        {"text", GP_CELL_TEXT, 0}, {"number", GP_CELL_NUMBER, -1}, {"colour", GP_CELL_TEXT, 0}, {"where", GP_CELL_TEXT, 0}};
    const int from = with_code ? 0 : 1;
    return gp_writer_new(c->out ? c->out : stdout, c->format, columns + from, MAX_COLUMNS - from, c->colour);
}

/* ---- collecting ---- */

static void push(drawings *all, const gp_layer *l, gp_mark k)
{
    gp_vec_push(all, ((drawn){l, k, (int)all->n}));
}

/* A coloured bar of a band or of the candles is one thing drawn; lines are values, which eval prints without --drawings. */
static void coloured_bars(drawings *all, const gp_layer *l, int n)
{
    for (int i = 0; i < n; i++) {
        if (l->colours[i] < 0)
            continue;
        push(all, l, (gp_mark){.bar = i, .bar2 = GP_BAR_NONE, .price = l->y[0] ? l->y[0][i] : NAN, .price2 = l->y[1] ? l->y[1][i] : NAN,
                               .number = NAN, .rgb = l->colours[i], .rgb2 = -1, .x = NAN, .y = NAN,
                               .text = l->owners ? l->owners[i] : NULL});
    }
}

/* Has an end among the bars shown, or stands at a place of the pane. */
static bool is_shown(const gp_plot *p, const gp_mark *k)
{
    return k->bar == GP_BAR_NONE || (k->bar >= 0 && k->bar < p->n) || (k->bar2 >= 0 && k->bar2 < p->n);
}

/* By bar, then as the formula has them; what stands at no bar comes last. */
static int by_bar(const void *a, const void *b)
{
    const drawn *x = a, *y = b;
    const bool x_none = x->mark.bar == GP_BAR_NONE, y_none = y->mark.bar == GP_BAR_NONE;
    if (x_none != y_none)
        return x_none ? 1 : -1;
    if (x->mark.bar != y->mark.bar)
        return x->mark.bar < y->mark.bar ? -1 : 1;
    return x->order - y->order;
}

/* ---- rows ---- */

static gp_str stamp(const gp_plot *p, int bar, char text[STAMP])
{
    const int i = bar == GP_BAR_NONE ? -1 : p->first + bar;
    int n = 0;
    if (i >= 0 && i < p->bars->n) {
        const int d = p->bars->date[i], t = p->bars->time ? p->bars->time[i] : 0;
        n = snprintf(text, STAMP, "%04d-%02d-%02d", d / 10000 % 10000, d / 100 % 100, d % 100);
        if (p->bars->time)
            n += snprintf(text + n, STAMP - (size_t)n, " %02d:%02d:%02d", t / 10000 % 100, t / 100 % 100, t % 100);
    }
    return (gp_str){text, (size_t)n};
}

/* What has no column of its own: the place of a caption, how a stick is filled, where a line goes on. */
static gp_str where(const drawn *d, char *text, size_t room)
{
    static const char *const extend[] = {"", "goes on to the right", "goes on to the left", "goes on both ways"};
    const gp_mark *k = &d->mark;
    int n = 0;
    switch (d->layer->kind) {
    case GP_LAYER_CAPTION: n = snprintf(text, room, "%g,%g %s", k->x, k->y, k->right ? "right" : "left"); break;
    case GP_LAYER_RECTANGLE: n = snprintf(text, room, "%g,%g to %g,%g", k->x, k->y, k->x2, k->y2); break;
    case GP_LAYER_STICKS: n = snprintf(text, room, "width %g, %s", k->width, gp_fill_name(k->fill)); break;
    case GP_LAYER_SEGMENTS: n = snprintf(text, room, "%s", extend[k->extend & 3]); break;
    case GP_LAYER_BACKGROUND: n = snprintf(text, room, "%s", k->bar == GP_BAR_NONE ? "whole pane" : ""); break;
    default: break;
    }
    return (gp_str){text, n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1};
}

static void print(gp_writer *w, bool with_code, const gp_plot *p, const drawn *d)
{
    const gp_mark *k = &d->mark;
    const int rgb = k->rgb >= 0 ? k->rgb : d->layer->looks.rgb;
    char date[STAMP], to[STAMP], colour[8] = "", place[96];
    gp_buf text = {0};
    gp_cell cells[MAX_COLUMNS] = {0};
    int n = 0;
    if (rgb >= 0)
        snprintf(colour, sizeof colour, "#%06x", (unsigned)rgb & 0xFFFFFF);
    if (with_code)
        cells[n++].text = gp_str_from(p->bars->code);
    cells[n++].text = stamp(p, k->bar == GP_BAR_NONE ? p->n - 1 : k->bar, date);
    cells[n++].text = gp_str_from(d->layer->name);
    cells[n++].text = gp_str_from(gp_layer_kind_name(d->layer->kind));
    cells[n++].number = k->price;
    cells[n++].number = k->price2;
    cells[n++].text = stamp(p, k->bar2, to);
    gp_buf_addz(&text, k->text ? k->text : "");
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n')
            text.p[i] = ' ';
    cells[n++].text = (gp_str){text.p, text.n};
    cells[n++].number = k->number;
    cells[n++].text = gp_str_from(colour);
    cells[n++].text = where(d, place, sizeof place);
    gp_writer_row(w, cells);
    gp_buf_free(&text);
}

static size_t rows(gp_writer *w, bool with_code, const gp_plot *p)
{
    drawings all = {0};
    for (int i = 0; i < p->n_layers; i++) {
        const gp_layer *l = &p->layers[i];
        if (l->colours && l->kind != GP_LAYER_LINE)
            coloured_bars(&all, l, p->n);
        for (size_t k = 0; k < l->n_marks && l->kind != GP_LAYER_VALUE; k++)
            if (is_shown(p, &l->marks[k]))
                push(&all, l, l->marks[k]);
    }
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_bar);
    for (size_t i = 0; i < all.n; i++)
        print(w, with_code, p, &all.at[i]);
    const size_t n = all.n;
    gp_vec_free(&all);
    return n;
}

size_t gp_drawings_rows(const gp_cli *c, gp_writer *w, bool with_code, const gp_plot_input *in)
{
    gp_plot plot;
    size_t n = 1;
    gp_plot_make(&plot, in);
    if (w) {
        n = rows(w, with_code, &plot);
    } else {
        FILE *out = c->out ? c->out : stdout;
        gp_buf text = {0};
        gp_plot_json(&plot, &text);
        gp_buf_addc(&text, '\n');
        fwrite(text.p, 1, text.n, out);
        gp_buf_free(&text);
    }
    gp_plot_fini(&plot);
    return n;
}
