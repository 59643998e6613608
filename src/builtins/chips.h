/* Kernels of chips.def: the distribution of the circulating shares over the prices at which they changed hands (functions.md 9.4).
 *
 * Prices are cells of a grid.  A bar takes the share t = VOL / CAPITAL away from every cell and spreads its own volume over the cells
 * from its low to its high.  Nothing is multiplied for that: the cells hold amounts in units of `scale`, which shrinks by 1-t, so
 * a bar touches only its own cells; when scale gets small everything touched is brought back to units of 1.  Sums over 64 and over 4096
 * cells stand beside them, so that a share of the whole costs a few dozen additions. */
#ifndef GP_BUILTINS_CHIPS_H
#define GP_BUILTINS_CHIPS_H
#include "builtins/kit.h"

#define GP_CHIP_CELLS 262144 /* 2,621 yuan in steps of 0.01; a wider range gets wider cells */
#define GP_CHIP_BLOCKS (GP_CHIP_CELLS / 64)
#define GP_CHIP_SUPERS (GP_CHIP_BLOCKS / 64)
#if GP_CHIP_CELLS + 2 * GP_CHIP_BLOCKS + GP_CHIP_SUPERS > GP_GRID_DOUBLES
#error "the grid is too small"
#endif

typedef struct gp_chips {
    double *cell, *block, *super; /* amounts, in units of scale */
    double *moment;               /* per block: sum of cell number * amount */
    int n;                        /* cells */
    int from, to;                 /* cells that have been touched: from..to-1 */
    double low, high, step, scale;
    int uniform;                  /* the day's volume lies evenly over its range, not as a triangle */
} gp_chips;

GP_HD void gp_chips_clear(gp_chips *c)
{
    if (c->from < c->to) {
        for (int i = c->from; i < c->to; i++) c->cell[i] = 0;
        for (int i = c->from >> 6; i <= (c->to - 1) >> 6; i++) c->block[i] = c->moment[i] = 0;
        for (int i = c->from >> 12; i <= (c->to - 1) >> 12; i++) c->super[i] = 0;
    }
    c->from = c->n;
    c->to = 0;
    c->scale = 1;
}

/* The grid of the whole series; 0 when there is no price.  x: H L V K model period. */
GP_HD int gp_chips_start(gp_chips *c, const gp_whole *w)
{
    double low = GP_NULL, high = GP_NULL;
    for (int i = 0; i < w->n; i++) {
        if (gp_null(low) || w->x[1][i] < low) low = w->x[1][i];
        if (gp_null(high) || w->x[0][i] > high) high = w->x[0][i];
    }
    if (gp_either_null(low, high) || high < low || w->x[5][w->n - 1] != 5) return 0; /* daily bars only */
    c->cell = w->grid;
    c->block = c->cell + GP_CHIP_CELLS;
    c->moment = c->block + GP_CHIP_BLOCKS;
    c->super = c->moment + GP_CHIP_BLOCKS;
    c->low = low;
    c->high = high;
    c->step = 0.01;
    double cells = floor((high - low) / c->step + 0.5) - 1;
    if (cells > GP_CHIP_CELLS) {
        cells = GP_CHIP_CELLS;
        c->step = (high - low) / (cells + 1);
    }
    c->n = cells < 1 ? 1 : (int)cells;
    c->uniform = w->x[4][w->n - 1] != 0;
    c->from = 0;
    c->to = c->n;
    gp_chips_clear(c); /* what an earlier ticker left */
    return 1;
}

/* Number of the cell of a price, which may lie outside the grid by one at most.  The first cell is one step above the lowest low. */
GP_HD int gp_chips_at(const gp_chips *c, double price)
{
    double k = floor((price - c->low) / c->step - 0.5);
    return k < 0 ? -1 : k >= c->n ? c->n : (int)k;
}
GP_HD int gp_chips_inside(const gp_chips *c, int k) { return k < 0 ? 0 : k >= c->n ? c->n - 1 : k; }
GP_HD double gp_chips_price(const gp_chips *c, double k) { return gp_finite(c->low + k * (c->high - c->low) / c->n); }

/* Adds amount, in units of scale, to the cells from low to high. */
GP_HD void gp_chips_spread(gp_chips *c, double low, double high, double amount)
{
    int a = gp_chips_inside(c, gp_chips_at(c, low)), b = gp_chips_inside(c, gp_chips_at(c, high));
    if (b < a || amount == 0) return;
    const int mid = (a + b + 1) / 2, range = b - a;
    if (range <= 1) a = b = mid;
    if (a < c->from) c->from = a;
    if (b + 1 > c->to) c->to = b + 1;
    const double peak = range <= 1 ? amount : c->uniform ? amount / (range + 1) : 2 * amount / range;
    const int flat = range <= 1 || c->uniform;
    const double up = flat ? 0 : peak / (mid - a), down = flat ? 0 : peak / (b - mid);
    for (int q = a >> 6; q <= b >> 6; q++) {
        const int first = q << 6 > a ? q << 6 : a, last = (q << 6) + 63 < b ? (q << 6) + 63 : b;
        double sum = 0, moment = 0;
        for (int k = first; k <= last; k++) {
            const double v = flat ? peak : k <= mid ? up * (k - a) : down * (b - k);
            c->cell[k] += v;
            sum += v;
            moment += v * k;
        }
        c->block[q] += sum;
        c->moment[q] += moment;
        c->super[q >> 6] += sum;
    }
}

/* A day: what was held shrinks by the share that changed hands.  Returns the factor, 1 where volume or capital is not known; less
 * than 1e-12 is nothing, so that the scale does not run out within a few days. */
GP_HD double gp_chips_keep(double volume, double capital)
{
    if (gp_either_null(volume, capital) || !(capital > 0)) return 1;
    const double t = volume / capital;
    return t <= 0 ? 1 : 1 - t < 1e-12 ? 0 : 1 - t;
}

/* Brings everything back to units of 1; returns by how much amounts kept elsewhere have to be multiplied. */
GP_HD double gp_chips_rescale(gp_chips *c)
{
    const double f = c->scale;
    for (int i = c->from; i < c->to; i++) c->cell[i] *= f;
    for (int i = c->from >> 6; c->from < c->to && i <= (c->to - 1) >> 6; i++) c->block[i] *= f, c->moment[i] *= f;
    for (int i = c->from >> 12; c->from < c->to && i <= (c->to - 1) >> 12; i++) c->super[i] *= f;
    c->scale = 1;
    return f;
}

/* Sum of the cells 0..k. */
GP_HD double gp_chips_sum(const gp_chips *c, int k)
{
    double sum = 0;
    if (k >= c->to) k = c->to - 1;
    if (k < c->from) return 0;
    int i = c->from >> 12;
    for (; (i + 1) << 12 <= k + 1; i++) sum += c->super[i];
    for (i <<= 6; (i + 1) << 6 <= k + 1; i++) sum += c->block[i];
    for (i <<= 6; i <= k; i++) sum += c->cell[i];
    return sum;
}
GP_HD double gp_chips_share(const gp_chips *c, double price)
{
    const double all = gp_chips_sum(c, c->n - 1);
    if (gp_null(price) || !(all > 0)) return GP_NULL;
    const double share = gp_chips_sum(c, gp_chips_at(c, price)) / all;
    return share < 0 ? 0 : share > 1 ? 1 : share; /* sums differ in their last digits */
}

/* Lowest price at which the sum reaches percent of the whole. */
GP_HD double gp_chips_cost(const gp_chips *c, double percent)
{
    const double all = gp_chips_sum(c, c->n - 1);
    if (gp_null(percent) || !(all > 0)) return GP_NULL;
    const double p = percent > 100 ? 100 : percent < 0 ? 0 : percent;
    const double want = p > 0 ? all * (p / 100) * (1 - 1e-12) : 0;
    double sum = 0;
    int i = c->from >> 12, seen = c->to - 1;
    for (; i < (c->to - 1) >> 12 && !(sum + c->super[i] >= want && c->super[i] > 0); i++) sum += c->super[i];
    for (i <<= 6; i < (c->to - 1) >> 6 && !(sum + c->block[i] >= want && c->block[i] > 0); i++) sum += c->block[i];
    for (i <<= 6; i < c->to; i++) {
        sum += c->cell[i];
        if (sum >= want && c->cell[i] > 0) {
            seen = i;
            break;
        }
    }
    return gp_chips_price(c, seen);
}

/* Mean price of the chips between two prices. */
GP_HD double gp_chips_mean(const gp_chips *c, double low, double high)
{
    if (gp_either_null(low, high)) return GP_NULL;
    int a = gp_chips_at(c, low < high ? low : high), b = gp_chips_at(c, low < high ? high : low);
    double sum = 0, moment = 0;
    if (a < c->from) a = c->from;
    if (b >= c->to) b = c->to - 1;
    for (int k = a; k <= b;) {
        if ((k & 63) == 0 && k + 63 <= b) {
            sum += c->block[k >> 6];
            moment += c->moment[k >> 6];
            k += 64;
        } else {
            sum += c->cell[k];
            moment += c->cell[k] * k;
            k++;
        }
    }
    return sum > 0 ? gp_chips_price(c, moment / sum) : GP_NULL;
}

/* What is asked of the distribution after a day.  WINNER, COST and COSTEX ask about the same day, PWINNER about a later one. */
typedef enum { GP_CHIPS_SHARE, GP_CHIPS_COST, GP_CHIPS_MEAN, GP_CHIPS_LATER, GP_CHIPS_RECENT } gp_chips_question;

GP_HD double gp_chips_answer(const gp_chips *c, const gp_whole *w, gp_chips_question q, int i, int later)
{
    switch (q) {
    case GP_CHIPS_COST: return gp_chips_cost(c, w->x[6][i]);
    case GP_CHIPS_MEAN: return gp_chips_mean(c, w->x[6][i], w->x[7][i]);
    case GP_CHIPS_LATER: return gp_chips_share(c, w->x[7][i + later]);
    case GP_CHIPS_RECENT: return gp_chips_share(c, w->x[7][i]);
    default: return gp_chips_share(c, w->x[6][i]);
    }
}

/* LWINNER: the days that count.  Taking a day away leaves its rounding behind, about 1e-16 of the largest sum there has been: nothing
 * is left when no day with chips counts, and a sum that has become small against that is made again. */
typedef struct gp_chips_window {
    double *amount; /* per day, in units of scale */
    double largest; /* sum since the chips were last made from nothing */
    int from, live; /* first day that counts; how many from there on have chips */
} gp_chips_window;

GP_HD int gp_chips_traded(const gp_whole *w, int i)
{
    return w->x[3][i] > 0 && w->x[2][i] > 0 && !gp_either_null(w->x[0][i], w->x[1][i]);
}
GP_HD void gp_chips_forget(gp_chips *c, gp_chips_window *v, int from)
{
    gp_chips_clear(c);
    v->from = from;
    v->live = 0;
    v->largest = 0;
}
/* After day i has been added: the days before i-n+1 go. */
GP_HD void gp_chips_slide(gp_chips *c, const gp_whole *w, gp_chips_window *v, int i, int n)
{
    const double before = gp_chips_sum(c, c->n - 1);
    if (before > v->largest) v->largest = before;
    if (v->from > i - n) return;
    for (; v->from <= i - n; v->from++) {
        if (!gp_chips_traded(w, v->from)) continue;
        gp_chips_spread(c, w->x[1][v->from], w->x[0][v->from], -v->amount[v->from]);
        v->live--;
    }
    const double left = v->live > 0 ? gp_chips_sum(c, c->n - 1) : 0;
    if (left >= v->largest * 1e-3) return;
    const double scale = c->scale;
    const int live = v->live;
    gp_chips_forget(c, v, v->from);
    c->scale = scale;
    v->live = live;
    for (int k = v->from; live > 0 && k <= i; k++)
        if (gp_chips_traded(w, k)) gp_chips_spread(c, w->x[1][k], w->x[0][k], v->amount[k]);
    v->largest = gp_chips_sum(c, c->n - 1);
}

/* n: PWINNER how many days ago; LWINNER how many days count; else 0. */
GP_HD void gp_chips_run(const gp_whole *w, double *y, gp_chips_question question, int n)
{
    gp_chips c = {0}; /* gcc does not see that gp_chips_start sets it */
    const double *high = w->x[0], *low = w->x[1], *volume = w->x[2], *capital = w->x[3];
    gp_chips_window window = {.amount = w->tmp};
    const int recent = question == GP_CHIPS_RECENT, later = question == GP_CHIPS_LATER ? n : 0;
    for (int i = 0; i < w->n; i++) y[i] = GP_NULL;
    if (!gp_chips_start(&c, w)) return;
    for (int i = 0; i < w->n; i++) {
        const double keep = gp_chips_keep(volume[i], capital[i]);
        if (keep == 0)
            gp_chips_forget(&c, &window, i);
        else
            c.scale *= keep;
        if (c.scale < 1e-200) {
            const double f = gp_chips_rescale(&c);
            for (int k = window.from; recent && k < i; k++) window.amount[k] *= f;
            window.largest *= f;
        }
        const int traded = gp_chips_traded(w, i);
        window.amount[i] = traded ? volume[i] / c.scale : 0;
        window.live += traded;
        if (traded) gp_chips_spread(&c, low[i], high[i], window.amount[i]);
        if (recent) gp_chips_slide(&c, w, &window, i, n);
        if (i + later < w->n) y[i + later] = capital[i] > 0 ? gp_chips_answer(&c, w, question, i, later) : GP_NULL;
    }
}
GP_HD void k_WINNER(const gp_whole *w, double *y) { gp_chips_run(w, y, GP_CHIPS_SHARE, 0); }
GP_HD void k_COST(const gp_whole *w, double *y) { gp_chips_run(w, y, GP_CHIPS_COST, 0); }
GP_HD void k_COSTEX(const gp_whole *w, double *y) { gp_chips_run(w, y, GP_CHIPS_MEAN, 0); }
/* N of PWINNER and LWINNER: the last bar's; days that were not there yet have no distribution. */
GP_HD void k_PWINNER(const gp_whole *w, double *y)
{
    const double n = w->x[6][w->n - 1];
    const int days = gp_int_of(n);
    if (gp_null(n) || days < 0 || days >= w->n)
        for (int i = 0; i < w->n; i++) y[i] = GP_NULL;
    else
        gp_chips_run(w, y, GP_CHIPS_LATER, days);
}
GP_HD void k_LWINNER(const gp_whole *w, double *y)
{
    const int days = gp_len_last(w->x[6][w->n - 1]);
    if (days == 0)
        for (int i = 0; i < w->n; i++) y[i] = GP_NULL;
    else
        gp_chips_run(w, y, GP_CHIPS_RECENT, days);
}

/* Share of the chips that have not moved for N days: the product of what each day keeps.  x: V K N. */
GP_HD void k_PPART(const gp_whole *w, double *y)
{
    const double n_arg = w->x[2][w->n - 1];
    const int n = gp_int_of(n_arg);
    double *sum = w->tmp; /* logarithms of the factors, the zero ones left out */
    int zero = -1;        /* latest day on which everything moved */
    for (int i = 0; i < w->n; i++) {
        const double keep = gp_chips_keep(w->x[0][i], w->x[1][i]);
        if (keep == 0) zero = i;
        sum[i] = (i ? sum[i - 1] : 0) + (keep > 0 ? log(keep) : 0);
        y[i] = GP_NULL;
        if (gp_null(n_arg) || n < 0 || !(w->x[1][i] > 0)) continue;
        const int before = n > i ? -1 : i - n;
        y[i] = zero > before ? 0.0 : exp(sum[i] - (before < 0 ? 0 : sum[before]));
    }
}
#endif
