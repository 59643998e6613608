/* Straight lines from bar to bar: DRAWLINE, PLOYLINE, DRAWSL, HORLINE, VERTLINE.  A line counts when some of it is shown, whether its
 * ends are or not. */
#include "plot/make.h"

enum { NO_BAR = -1 };

static unsigned extend_of(const gp_maker *m, double v)
{
    switch (m->o->draw->id) {
    case GP_B_DRAWLINE: return v == 1 ? GP_EXTEND_RIGHT : v == 10 ? GP_EXTEND_LEFT : v == 11 ? GP_EXTEND_RIGHT | GP_EXTEND_LEFT : 0;
    case GP_B_HORLINE: return v == 1 ? GP_EXTEND_LEFT : v == 2 ? GP_EXTEND_RIGHT | GP_EXTEND_LEFT : GP_EXTEND_RIGHT;
    default: return 0;
    }
}

static void add(gp_maker *m, gp_mark k, int bar2)
{
    k.bar2 = bar2 == NO_BAR ? GP_BAR_NONE : bar2 - m->in->from;
    const int last = k.bar2 == GP_BAR_NONE ? k.bar : k.bar2;
    const bool ends_before = last < 0 && !(k.extend & GP_EXTEND_RIGHT);
    const bool begins_after = k.bar >= m->in->to - m->in->from && !(k.extend & GP_EXTEND_LEFT);
    if (!ends_before && !begins_after)
        gp_vec_push(&m->marks, k);
}

/* From the latest bar where C1 holds to the next one where C2 does. */
static void drawline(gp_maker *m)
{
    const double *c1 = gp_plot_arg(m, "C1"), *p1 = gp_plot_arg(m, "P1"), *c2 = gp_plot_arg(m, "C2"), *p2 = gp_plot_arg(m, "P2");
    const double *expand = gp_plot_arg(m, "EXPAND");
    int from = NO_BAR;
    if (!c1 || !p1 || !c2 || !p2)
        return;
    for (int i = 0; i < m->in->bars->n; i++) {
        if (from >= 0 && gp_plot_true(c2[i])) {
            gp_mark k = gp_plot_mark(m, from);
            k.price = p1[from];
            k.price2 = p2[i];
            k.extend = extend_of(m, gp_plot_at(expand, m->in->bars->n - 1));
            if (k.price == k.price && k.price2 == k.price2)
                add(m, k, i);
            from = NO_BAR;
        } else if (gp_plot_true(c1[i])) {
            from = i;
        }
    }
}

static void ployline(gp_maker *m)
{
    const double *cond = gp_plot_arg(m, "COND"), *p = gp_plot_arg(m, "P");
    int before = NO_BAR;
    for (int i = 0; cond && p && i < m->in->bars->n; i++) {
        if (!gp_plot_true(cond[i]) || p[i] != p[i])
            continue;
        if (before >= 0) {
            gp_mark k = gp_plot_mark(m, before);
            k.price = p[before];
            k.price2 = p[i];
            add(m, k, i);
        }
        before = i;
    }
}

/* SLOPE is the rise from bar to bar; to the left the line falls by as much. */
static void slanted(gp_maker *m, int i)
{
    const double p = gp_plot_at(gp_plot_arg(m, "P"), i), slope = gp_plot_at(gp_plot_arg(m, "SLOPE"), i);
    const double len = trunc(gp_plot_at(gp_plot_arg(m, "LEN"), i)), dir = gp_plot_at(gp_plot_arg(m, "DIR"), i);
    const int n = len > 0 && len <= 1000000 ? (int)len : 0, left = dir == 1 || dir == 2 ? n : 0, right = dir == 1 ? 0 : n;
    if (p != p || slope != slope || !n)
        return;
    gp_mark k = gp_plot_mark(m, i - left);
    k.price = p - slope * left;
    k.price2 = p + slope * right;
    add(m, k, i + right);
}

bool gp_plot_segments(gp_maker *m, gp_layer *l)
{
    const gp_builtin_id id = m->o->draw->id;
    const double *cond = gp_plot_arg(m, "COND");
    if (id != GP_B_DRAWLINE && id != GP_B_PLOYLINE && id != GP_B_DRAWSL && id != GP_B_HORLINE && id != GP_B_VERTLINE)
        return false;
    l->kind = GP_LAYER_SEGMENTS;
    if (id == GP_B_DRAWLINE)
        drawline(m);
    if (id == GP_B_PLOYLINE)
        ployline(m);
    if (id == GP_B_DRAWLINE || id == GP_B_PLOYLINE)
        return true;
    for (int i = 0; cond && i < m->in->bars->n; i++) {
        if (!gp_plot_true(cond[i]))
            continue;
        if (id == GP_B_DRAWSL) {
            slanted(m, i);
            continue;
        }
        gp_mark k = gp_plot_mark(m, i);
        const double type = gp_plot_at(gp_plot_arg(m, "TYPE"), i);
        k.pattern = type >= 0 && type < 5 ? (int)type : 0;
        if (id == GP_B_HORLINE) {
            k.price = k.price2 = gp_plot_at(gp_plot_arg(m, "P"), i);
            k.extend = extend_of(m, gp_plot_at(gp_plot_arg(m, "EXPAND"), i));
            if (k.price != k.price)
                continue;
        }
        add(m, k, NO_BAR);
    }
    return true;
}
