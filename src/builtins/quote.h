/* Kernels of quote.def; its columns are loaded by the engine. */
#ifndef GP_BUILTINS_QUOTE_H
#define GP_BUILTINS_QUOTE_H
#include "builtins/kit.h"

GP_HD double k_MINDIFF(void) { return 0.01; }

/* One number for every stretch of bars that move one way.  x[0] close, x[1] what is folded; how: 0 first, 1 highest, 2 lowest,
 * 3 last, 4 sum.  A close without value, or one equal to the close before, keeps the direction; nulls are left out of the fold. */
GP_HD double gp_stretch_of(const double *x, int from, int to, int how)
{
    double y = GP_NULL;
    for (int i = from; i < to; i++) {
        double v = x[i];
        if (gp_null(v)) continue;
        y = gp_null(y) || how == 3 ? v : how == 1 ? (v > y ? v : y) : how == 2 ? (v < y ? v : y) : how == 4 ? y + v : y;
    }
    return gp_finite(y);
}
GP_HD void gp_stretches(const gp_whole *w, double *y, int how)
{
    const double *close = w->x[0];
    double before = close[0];
    int way = 0, from = 0;
    for (int i = 1; i <= w->n; i++) {
        int now = i == w->n ? -way : gp_gt(close[i], before) ? 1 : gp_lt(close[i], before) ? -1 : way;
        if (i < w->n && !gp_null(close[i])) before = close[i];
        if (i == w->n || (way != 0 && now != way)) {
            double value = gp_stretch_of(w->x[1], from, i, how);
            while (from < i) y[from++] = value;
        }
        way = now;
    }
}
GP_HD void k_DOPEN(const gp_whole *w, double *y) { gp_stretches(w, y, 0); }
GP_HD void k_DHIGH(const gp_whole *w, double *y) { gp_stretches(w, y, 1); }
GP_HD void k_DLOW(const gp_whole *w, double *y) { gp_stretches(w, y, 2); }
GP_HD void k_DCLOSE(const gp_whole *w, double *y) { gp_stretches(w, y, 3); }
GP_HD void k_DVOL(const gp_whole *w, double *y) { gp_stretches(w, y, 4); }
#endif
