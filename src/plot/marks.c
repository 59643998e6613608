/* Drawings that stand at bars or at places of the pane. */
#include <stdio.h>
#include "base/num.h"
#include "plot/make.h"

gp_mark gp_plot_mark(const gp_maker *m, int bar)
{
    return (gp_mark){ .bar = bar - m->in->from, .bar2 = GP_BAR_NONE, .price = NAN, .price2 = NAN, .width = NAN, .number = NAN,
                      .rgb = -1, .rgb2 = -1, .x = NAN, .y = NAN, .x2 = NAN, .y2 = NAN };
}

/* As a drawing writes it: two decimals, or what PRECIS says. */
static const char *number_text(gp_maker *m, double v, const gp_looks *looks)
{
    if (v != v)
        return "";
    return gp_arena_printf(&m->plot->arena, "%.*f", looks->decimals >= 0 ? looks->decimals : 2, v);
}

/* DRAWNUMBER writes NUM, DRAWNUMBER_DIF further numbers beside it. */
static void add_numbers(gp_maker *m, const gp_layer *l, gp_mark *k, int i)
{
    gp_buf text = { 0 };
    bool first = true;
    for (int j = 0; j < m->o->n_args; j++) {
        const gp_draw_arg *a = &m->o->args[j];
        if (a->arg->name.n < 3 || memcmp(a->arg->name.p, "NUM", 3) != 0 || a->slot < 0)
            continue;
        const double v = m->in->out[a->slot][i];
        gp_buf_printf(&text, "%s%s", first ? "" : " ", number_text(m, v, &l->looks));
        if (first)
            k->number = v;
        first = false;
    }
    k->text = gp_arena_strndup(&m->plot->arena, text.p ? text.p : "", text.n);
    gp_buf_free(&text);
}

static void stick(gp_maker *m, gp_mark *k, int i)
{
    const double empty = gp_plot_at(gp_plot_arg(m, "EMPTY"), i), width = gp_plot_at(gp_plot_arg(m, "WIDTH"), i);
    k->price = gp_plot_at(gp_plot_arg(m, "P1"), i);
    k->price2 = gp_plot_at(gp_plot_arg(m, "P2"), i);
    k->width = width > 0 ? width : 0;
    k->fill = empty == -1                  ? GP_FILL_DASHED
              : empty == 2 || empty == 3   ? GP_FILL_CENTRE
              : gp_plot_true(empty)        ? GP_FILL_HOLLOW
                                           : GP_FILL_SOLID;
    if (k->fill == GP_FILL_CENTRE) /* P1 does not take part */
        k->price = k->price2;
}

/* Marks of the bars shown where the condition holds and the price is one. */
static void at_bars(gp_maker *m, gp_layer *l)
{
    const double *cond = gp_plot_arg(m, "COND"), *price = gp_plot_arg(m, "P");
    for (int i = m->in->from; i < m->in->to; i++) {
        if (!cond || !gp_plot_true(cond[i]))
            continue;
        gp_mark k = gp_plot_mark(m, i);
        k.price = gp_plot_at(price, i);
        switch (l->kind) {
        case GP_LAYER_STICKS: stick(m, &k, i); break;
        case GP_LAYER_TEXTS: k.text = gp_plot_text(m, "TEXT", i); break;
        case GP_LAYER_PICTURES: k.text = gp_plot_text(m, "NAME", i); break;
        case GP_LAYER_NUMBERS: add_numbers(m, l, &k, i); break;
        case GP_LAYER_ICONS: k.number = trunc(gp_plot_at(gp_plot_arg(m, "TYPE"), i)); break;
        case GP_LAYER_SIGNALS: k.text = m->o->draw->name; break;
        default: break;
        }
        if (k.price == k.price && (l->kind != GP_LAYER_STICKS || k.price2 == k.price2) && (l->kind != GP_LAYER_ICONS || k.number == k.number))
            gp_vec_push(&m->marks, k);
    }
}

/* A text or a number at a place of the pane: the last bar shown decides. */
static void caption(gp_maker *m, gp_layer *l)
{
    const int i = m->in->to - 1;
    const double *cond = gp_plot_arg(m, "COND");
    if (!m->plot->n || !cond || !gp_plot_true(cond[i]))
        return;
    gp_mark k = gp_plot_mark(m, i);
    k.bar = GP_BAR_NONE;
    k.x = gp_plot_at(gp_plot_arg(m, "X"), i);
    k.y = gp_plot_at(gp_plot_arg(m, "Y"), i);
    k.right = gp_plot_true(gp_plot_at(gp_plot_arg(m, "TYPE"), i));
    if (m->o->draw->id == GP_B_DRAWNUMBER_FIX)
        add_numbers(m, l, &k, i);
    else
        k.text = gp_plot_text(m, "TEXT", i);
    if (k.x == k.x && k.y == k.y)
        gp_vec_push(&m->marks, k);
}

static void rectangle(gp_maker *m)
{
    const int i = m->in->to - 1;
    if (!m->plot->n)
        return;
    gp_mark k = gp_plot_mark(m, i);
    k.bar = GP_BAR_NONE;
    k.x = gp_plot_at(gp_plot_arg(m, "LEFT"), i) / 1000;
    k.y = gp_plot_at(gp_plot_arg(m, "TOP"), i) / 1000;
    k.x2 = gp_plot_at(gp_plot_arg(m, "RIGHT"), i) / 1000;
    k.y2 = gp_plot_at(gp_plot_arg(m, "BOTTOM"), i) / 1000;
    const int rgb = gp_plot_colour(m, 4, i);
    k.rgb = rgb > 0 ? rgb : -1; /* 0: not filled */
    if (k.x + k.y + k.x2 + k.y2 == k.x + k.y + k.x2 + k.y2)
        gp_vec_push(&m->marks, k);
}

/* DRAWGBK: the whole pane, by the last bar; DRAWGBK_DIV: bar by bar. */
static void background(gp_maker *m)
{
    const bool whole = m->o->draw->id == GP_B_DRAWGBK;
    const double *cond = gp_plot_arg(m, "COND");
    for (int i = whole ? m->in->to - 1 : m->in->from; cond && m->plot->n && i < m->in->to; i++) {
        if (!gp_plot_true(cond[i]))
            continue;
        gp_mark k = gp_plot_mark(m, i);
        if (whole) {
            k.bar = GP_BAR_NONE;
            k.text = gp_plot_text(m, "TEXT", i);
        }
        k.rgb = gp_plot_colour(m, 1, i);
        k.rgb2 = gp_plot_colour(m, 2, i);
        k.number = gp_plot_at(gp_plot_arg(m, "MODE"), i);
        k.width = gp_plot_at(gp_plot_arg(m, "DIR"), i);
        gp_vec_push(&m->marks, k);
    }
}

bool gp_plot_marks(gp_maker *m, gp_layer *l)
{
    static const struct { gp_builtin_id id; gp_layer_kind kind; } bars[] = {
        { GP_B_STICKLINE, GP_LAYER_STICKS },   { GP_B_DRAWTEXT, GP_LAYER_TEXTS }, { GP_B_DRAWNUMBER, GP_LAYER_NUMBERS },
        { GP_B_DRAWNUMBER_DIF, GP_LAYER_NUMBERS }, { GP_B_DRAWICON, GP_LAYER_ICONS }, { GP_B_DRAWBMP, GP_LAYER_PICTURES },
    };
    const gp_builtin *fn = m->o->draw;
    if (fn->category == GP_CAT_SIGNAL) { /* BUY(COND,P) */
        l->kind = GP_LAYER_SIGNALS;
        l->pane = GP_PANE_MAIN;
        at_bars(m, l);
        return true;
    }
    for (size_t k = 0; k < sizeof bars / sizeof *bars; k++) {
        if (fn->id != bars[k].id)
            continue;
        l->kind = bars[k].kind;
        at_bars(m, l);
        return true;
    }
    switch (fn->id) {
    case GP_B_DRAWTEXT_FIX:
    case GP_B_DRAWNUMBER_FIX:
        l->kind = GP_LAYER_CAPTION;
        caption(m, l);
        return true;
    case GP_B_DRAWRECTREL:
        l->kind = GP_LAYER_RECTANGLE;
        rectangle(m);
        return true;
    case GP_B_DRAWGBK:
    case GP_B_DRAWGBK_DIV:
        l->kind = GP_LAYER_BACKGROUND;
        background(m);
        return true;
    default: return false;
    }
}
