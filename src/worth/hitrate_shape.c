/* What the picture of a hit rate shows: how the returns are spread, and the mean way to them. */
#include <math.h>
#include "worth/hitrate_in.h"

enum { BINS_FEWEST = 12, BINS_WANTED = 48, BIN_LEAST = 1000 /* 0.1 % */, HIST_BIN = 100 };

/* ---- the way ---- */

int gp_hit_path_bars(const gp_hitrate_opts *o)
{
    const int longest = o->after[o->n_after - 1];
    return longest < GP_HIT_PATH_LEAST ? GP_HIT_PATH_LEAST : longest > GP_HIT_PATH_MOST ? GP_HIT_PATH_MOST : longest;
}

static void make_room(const gp_hit_pass *s, gp_hit_worker *w, size_t m)
{
    const size_t steps = (size_t)gp_hit_path_bars(s->o) + 1;
    if (!w->path)
        w->path = gp_xcalloc(((size_t)s->signals + 1) * steps, sizeof *w->path);
    if (m <= w->path_room && w->path_ret)
        return;
    free(w->path_ret);
    w->path_room = m + m / 4;
    w->path_ret = gp_xaligned((w->path_room * steps + 8) * sizeof *w->path_ret);
}

/* Entries without the whole way do not count on any of its bars, so that all bars tell of the same ones. */
static void add_way(const gp_hit_pass *s, const gp_hit_worker *w, gp_hit_step *path, int i, int m)
{
    const int bars = gp_hit_path_bars(s->o);
    if (w->path_ret[(size_t)bars * (size_t)m + (size_t)i] == GP_RETURN_NONE)
        return;
    for (int k = 0; k <= bars; k++) {
        const int32_t r = w->path_ret[(size_t)k * (size_t)m + (size_t)i];
        path[k].sum += r == GP_RETURN_NONE ? 0 : r;
        path[k].n += r != GP_RETURN_NONE;
    }
}

void gp_hit_path_bars_of(const gp_hit_pass *s, gp_hit_worker *w, const gp_bars *b)
{
    const int bars = gp_hit_path_bars(s->o), m = w->prices.m, from = w->prices.first + gp_hit_entry_offset(s->o);
    make_room(s, w, (size_t)m);
    gp_hit_step *all = w->path + (size_t)s->signals * (size_t)(bars + 1);
    for (int k = 0; k <= bars; k++) {
        int32_t *ret = w->path_ret + (size_t)k * (size_t)m;
        const int left = b->n - from - k, n = left < 0 ? 0 : left < m ? left : m;
        if (n > 0)
            gp_returns_of(w->prices.entry, b->close + from + k, n, ret);
        for (int i = n; i < m; i++)
            ret[i] = GP_RETURN_NONE;
    }
    for (int i = 0; i < m; i++)
        add_way(s, w, all, i, m);
}

void gp_hit_path_signals(const gp_hit_pass *s, gp_hit_worker *w, int k)
{
    gp_hit_step *path = w->path + (size_t)k * (size_t)(gp_hit_path_bars(s->o) + 1);
    for (size_t j = 0; j < w->runs.n; j++)
        for (size_t i = 0; i < w->runs.at[j].n; i++)
            add_way(s, w, path, (int)(w->runs.at[j].first + i), w->prices.m);
}

static int64_t mean_way(const gp_hit_pass *s, int k, double *out)
{
    const int bars = gp_hit_path_bars(s->o);
    int64_t whole = 0;
    for (int i = 0; i <= bars; i++) {
        gp_hit_step all = {0, 0};
        for (int j = 0; j < s->jobs; j++)
            if (s->workers[j].path) {
                const gp_hit_step *x = &s->workers[j].path[(size_t)k * (size_t)(bars + 1) + (size_t)i];
                all.sum += x->sum;
                all.n += x->n;
            }
        out[i] = all.n ? (double)all.sum / (double)all.n / GP_RETURN_ONE : NAN;
        whole = all.n;
    }
    return whole;
}

/* ---- how they are spread ---- */

static int32_t bin_width(double wanted)
{
    static const int steps[] = {1, 2, 5};
    int64_t unit = BIN_LEAST;
    for (;; unit *= 10)
        for (int k = 0; k < 3; k++)
            if ((double)(unit * steps[k]) >= wanted)
                return (int32_t)(unit * steps[k]);
}

static int bin_of(int64_t r, int64_t low, int32_t width, int n)
{
    const int64_t k = r < low ? 0 : (r - low) / width;
    return k >= n ? n - 1 : (int)k;
}

void gp_hit_shape_make(const gp_hit_pass *s, int k, const int32_t *sorted, size_t n, gp_hit_shape *out)
{
    const size_t last = (size_t)s->o->n_after - 1;
    uint32_t *hist = gp_xcalloc(GP_HIST_BINS, sizeof *hist);
    uint64_t all = 0;
    for (int w = 0; w < s->jobs; w++)
        for (size_t i = 0; i < GP_HIST_BINS && s->workers[w].hist; i++)
            hist[i] += s->workers[w].hist[last * GP_HIST_BINS + i];
    for (size_t i = 0; i < GP_HIST_BINS; i++)
        all += hist[i];
    double lo = gp_quantile_hist(hist, all, 0.005), hi = gp_quantile_hist(hist, all, 0.995);
    if (n) {
        lo = fmin(lo, gp_quantile_sorted(sorted, n, 0.005));
        hi = fmax(hi, gp_quantile_sorted(sorted, n, 0.995));
    }
    if (all && hi >= lo) {
        const double bins_wanted = n ? fmin(fmax(3 * cbrt((double)n), BINS_FEWEST), BINS_WANTED) : BINS_WANTED; /* few signals, few columns */
        const int32_t width = bin_width((hi - lo) * GP_RETURN_ONE / bins_wanted);
        const int64_t low = (int64_t)floor(lo * GP_RETURN_ONE / width) * width;
        const double bins = floor(hi * GP_RETURN_ONE / width) - (double)(low / width) + 1;
        out->n_bins = bins > GP_HIT_BINS_MOST ? GP_HIT_BINS_MOST : (int)bins;
        out->low = (double)low / GP_RETURN_ONE;
        out->width = (double)width / GP_RETURN_ONE;
        for (size_t i = 0; i < n; i++)
            out->share[bin_of(sorted[i], low, width, out->n_bins)] += 1.0 / (double)n;
        for (size_t i = 0; i < GP_HIST_BINS; i++)
            if (hist[i])
                out->base_share[bin_of((int64_t)i * HIST_BIN - GP_RETURN_ONE, low, width, out->n_bins)] += (double)hist[i] / (double)all;
    }
    free(hist);
    out->bars = gp_hit_path_bars(s->o);
    out->path_n = mean_way(s, k, out->path);
    out->base_path_n = mean_way(s, s->signals, out->base_path);
}
