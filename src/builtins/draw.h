/* Kernels of draw.def. */
#ifndef GP_BUILTINS_DRAW_H
#define GP_BUILTINS_DRAW_H
#include "builtins/kit.h"

GP_HD double gp_colour_part(double x)
{
    double v = trunc(x);
    return v < 0 ? 0.0 : v >= 255.0 ? 254.0 : v;
}
GP_HD double k_RGB(double r, double g, double b)
{
    return gp_colour_part(r) + 256.0 * gp_colour_part(g) + 65536.0 * gp_colour_part(b);
}

/* Line between the points (a, va) and (b, vb), over the bars from..to. */
GP_HD void gp_draw_line(double *y, int from, int to, int a, int b, double va, double vb)
{
    for (int i = from; i <= to; i++) y[i] = i == b ? vb : gp_finite(va + (vb - va) * (i - a) / (b - a));
}
GP_HD void k_DRAWLINE(const gp_whole *w, double *y)
{
    int expand = gp_int_of(w->x[4][w->n - 1]), a = -1;
    int right = expand == 1 || expand == 11, left = expand == 10 || expand == 11;
    int from = 0, last_a = 0, last_b = -1; /* first bar without a line; the latest line */
    for (int i = 0; i < w->n; i++) y[i] = GP_NULL;
    for (int i = 0; i < w->n; i++) {
        if (a >= 0 && gp_true(w->x[2][i])) {
            if (right && last_b >= 0) gp_draw_line(y, from, a - 1, last_a, last_b, w->x[1][last_a], w->x[3][last_b]);
            if (right && last_b >= 0) from = a > from ? a : from;
            gp_draw_line(y, left ? from : a, i, a, i, w->x[1][a], w->x[3][i]);
            last_a = a;
            last_b = i;
            from = i + 1;
            a = -1;
        } else if (gp_true(w->x[0][i])) {
            a = i;
        }
    }
    if (right && last_b >= 0) gp_draw_line(y, from, w->n - 1, last_a, last_b, w->x[1][last_a], w->x[3][last_b]);
}
GP_HD void k_PLOYLINE(const gp_whole *w, double *y)
{
    int before = -1;
    for (int i = 0; i < w->n; i++) {
        y[i] = GP_NULL;
        if (!gp_true(w->x[0][i]) || gp_null(w->x[1][i])) continue;
        if (before >= 0) gp_draw_line(y, before, i, before, i, w->x[1][before], w->x[1][i]);
        y[i] = w->x[1][i];
        before = i;
    }
}
#endif
