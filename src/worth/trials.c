#include "worth/trials.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"

void gp_trials_new(gp_trials *t, size_t points, size_t most)
{
    *t = (gp_trials){.most = most > points ? points : most};
    t->key = gp_xcalloc(points + 1, sizeof *t->key);
    t->later = gp_xcalloc(points + 1, sizeof *t->later);
    t->top = gp_xcalloc(t->most + 1, sizeof *t->top);
    for (size_t i = 0; i < points; i++)
        t->key[i] = t->later[i] = NAN;
}

void gp_trials_fini(gp_trials *t)
{
    free(t->key);
    free(t->later);
    free(t->top);
    *t = (gp_trials){0};
}

bool gp_trial_before(const gp_trial *a, const gp_trial *b)
{
    if (isnan(a->key) != isnan(b->key))
        return !isnan(a->key);
    if (!isnan(a->key) && a->key != b->key)
        return a->key > b->key;
    return a->number < b->number;
}

static void swap(gp_trial *a, gp_trial *b)
{
    const gp_trial t = *a;
    *a = *b;
    *b = t;
}

/* Into the heap of the best: each is worse than the two below it. */
static void keep(gp_trials *t, const gp_trial *x)
{
    size_t i;
    if (t->n_top < t->most) {
        t->top[i = t->n_top++] = *x;
        for (; i && gp_trial_before(&t->top[(i - 1) / 2], &t->top[i]); i = (i - 1) / 2)
            swap(&t->top[i], &t->top[(i - 1) / 2]);
        return;
    }
    if (!t->most || !gp_trial_before(x, &t->top[0]))
        return;
    t->top[i = 0] = *x;
    for (size_t child; (child = 2 * i + 1) < t->n_top; i = child) {
        child += child + 1 < t->n_top && gp_trial_before(&t->top[child], &t->top[child + 1]);
        if (!gp_trial_before(&t->top[i], &t->top[child]))
            return;
        swap(&t->top[i], &t->top[child]);
    }
}

static int best_first(const void *a, const void *b)
{
    return gp_trial_before(a, b) ? -1 : gp_trial_before(b, a);
}

void gp_trials_sort(gp_trials *t)
{
    if (t->n_top > 1)
        qsort(t->top, t->n_top, sizeof *t->top, best_first);
}

void gp_trials_add(gp_trials *t, const gp_trial *x, const gp_trial *in_windows)
{
    t->key[x->number] = x->key;
    t->later[x->number] = x->later;
    t->n++;
    t->ranked += !isnan(x->key);
    t->no_value += x->no_value;
    t->most_n = x->n > t->most_n ? x->n : t->most_n;
    keep(t, x);
    for (int k = 0; k < t->n_windows; k++) {
        gp_window *w = &t->windows[k];
        if (isnan(in_windows[k].key) || (w->any && !gp_trial_before(&in_windows[k], &w->best)))
            continue;
        w->best = in_windows[k];
        w->any = true;
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

gp_around gp_trials_around(const gp_trials *t, const gp_grid *g, size_t point, double none)
{
    size_t near[2 * GP_GRID_AXES];
    double v[2 * GP_GRID_AXES], all[2 * GP_GRID_AXES];
    gp_around a = {.n = gp_grid_neighbours(g, point, near), .least = NAN, .median = NAN, .most = NAN};
    const double from = isnan(none) ? 0 : none, best = t->key[point] - from;
    for (int i = 0; i < a.n; i++) {
        const double x = t->key[near[i]];
        all[i] = !isnan(x) ? x : isnan(none) && best <= 0 ? -INFINITY : from; /* a fall of 0 % would be better than any */
        if (!isnan(x))
            v[a.ranked++] = x;
    }
    if (!a.ranked || isnan(best))
        return a;
    qsort(v, (size_t)a.ranked, sizeof *v, ascending);
    qsort(all, (size_t)a.n, sizeof *all, ascending);
    a.least = v[0];
    a.most = v[a.ranked - 1];
    a.median = (v[(a.ranked - 1) / 2] + v[a.ranked / 2]) / 2;
    const double typical = (all[(a.n - 1) / 2] + all[a.n / 2]) / 2 - from;
    const bool level = all[0] - from >= best - 0.4 * fabs(best); /* in all directions */
    a.kind = level && typical >= best - 0.2 * fabs(best) ? GP_AROUND_PLATEAU : typical >= best - 0.5 * fabs(best) ? GP_AROUND_SLOPE : GP_AROUND_SPIKE;
    return a;
}
