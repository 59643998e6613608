#include "worth/stats.h"
#include <math.h>
#include <string.h>

/* Without branches: a compiler makes wide loops of it. */
static inline int32_t return_of(double from, double to)
{
    const double r = to / from - 1, x = r * GP_RETURN_ONE + (r < 0 ? -0.5 : 0.5);
    return (int32_t)((from > 0) & (to > 0) & (r <= GP_RETURN_MOST) ? x : (double)GP_RETURN_NONE);
}

int32_t gp_return_of(double from, double to) { return return_of(from, to); }

void gp_returns_of(const double *restrict from, const double *restrict to, int n, int32_t *restrict out)
{
    for (int i = 0; i < n; i++)
        out[i] = return_of(from[i], to[i]);
}

/* Least digits first, eleven bits a digit. */
void gp_sort_returns(int32_t *v, size_t n, int32_t *room)
{
    enum { BITS = 11, DIGITS = 1 << BITS };
    size_t at[DIGITS];
    if (n < 64) {
        for (size_t i = 1; i < n; i++) {
            const int32_t x = v[i];
            size_t k = i;
            for (; k > 0 && v[k - 1] > x; k--)
                v[k] = v[k - 1];
            v[k] = x;
        }
        return;
    }
    int32_t *from = v, *to = room, least = v[0], most = v[0];
    for (size_t i = 1; i < n; i++) {
        least = v[i] < least ? v[i] : least;
        most = v[i] > most ? v[i] : most;
    }
    const uint32_t reach = (uint32_t)most - (uint32_t)least; /* digits above its highest are 0 in all */
    for (int shift = 0; shift < 32 && reach >> shift; shift += BITS) {
        memset(at, 0, sizeof at);
        for (size_t i = 0; i < n; i++)
            at[((uint32_t)from[i] - (uint32_t)least) >> shift & (DIGITS - 1)]++;
        size_t sum = 0;
        for (int d = 0; d < DIGITS; d++) {
            const size_t count = at[d];
            at[d] = sum;
            sum += count;
        }
        for (size_t i = 0; i < n; i++)
            to[at[((uint32_t)from[i] - (uint32_t)least) >> shift & (DIGITS - 1)]++] = from[i];
        int32_t *other = from;
        from = to;
        to = other;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}

double gp_quantile_sorted(const int32_t *v, size_t n, double q)
{
    if (n == 0)
        return NAN;
    const double place = q * (double)(n - 1);
    const size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
    return ((double)v[low] + ((double)v[high] - (double)v[low]) * (place - (double)low)) / GP_RETURN_ONE;
}

/* The value of the kth (from 0) of those counted. */
static double hist_at(const uint32_t *hist, uint64_t k)
{
    uint64_t below = 0;
    for (int i = 0; i < GP_HIST_BINS; i++) {
        below += hist[i];
        if (k < below)
            return (i * 100.0 - GP_RETURN_ONE) / GP_RETURN_ONE;
    }
    return NAN;
}

double gp_quantile_hist(const uint32_t *hist, uint64_t n, double q)
{
    if (n == 0)
        return NAN;
    const double place = q * (double)(n - 1);
    const uint64_t low = (uint64_t)place, high = low + 1 < n ? low + 1 : low;
    const double a = hist_at(hist, low), b = hist_at(hist, high);
    return a + (b - a) * (place - (double)low);
}

void gp_wilson(double p, double n, double *low, double *high)
{
    const double z = 1.959963984540054, zz = z * z;
    *low = *high = NAN;
    if (!(n > 0))
        return;
    const double middle = (p + zz / (2 * n)) / (1 + zz / n);
    const double half = z / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n));
    *low = middle - half < 0 ? 0 : middle - half;
    *high = middle + half > 1 ? 1 : middle + half;
}
