#include "worth/stats.h"
#include <math.h>
#include <string.h>

/* Without branches: with the options that this file has in src/CMakeLists.txt a compiler makes wide loops of it. */
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

void gp_returns_from(double from, const double *restrict to, int n, int32_t *restrict out)
{
    for (int i = 0; i < n; i++)
        out[i] = return_of(from, to[i]);
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

/* Where quantile q of n sorted values stands: in proportion between two of them. */
typedef struct spot { double at; size_t low, high; } spot;

static spot spot_of(size_t n, double q)
{
    spot p = {.at = q * (double)(n - 1)};
    p.low = (size_t)p.at;
    p.high = p.low + 1 < n ? p.low + 1 : p.low;
    return p;
}

static double between(spot p, int32_t low, int32_t high)
{
    return ((double)low + ((double)high - (double)low) * (p.at - (double)p.low)) / GP_RETURN_ONE;
}

double gp_quantile_sorted(const int32_t *v, size_t n, double q)
{
    if (n == 0)
        return NAN;
    const spot p = spot_of(n, q);
    return between(p, v[p.low], v[p.high]);
}

/* Values that stand together in the order, and where they are in the room. */
enum { DRAWER_BITS = 12, DRAWERS = 1 << DRAWER_BITS };
typedef struct drawers { size_t below[DRAWERS + 1]; size_t at[DRAWERS]; } drawers;

static size_t drawer_of(const drawers *d, size_t rank)
{
    size_t low = 0, high = DRAWERS;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (d->below[middle] <= rank)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Sorted is only what stands near the quantiles. */
static void select_quantiles(int32_t *v, size_t n, int32_t *room, const double *q, int k, double *out)
{
    drawers d = {0};
    int32_t least = v[0], most = v[0];
    int shift = 0;
    for (size_t i = 1; i < n; i++) {
        least = v[i] < least ? v[i] : least;
        most = v[i] > most ? v[i] : most;
    }
    while (((uint32_t)most - (uint32_t)least) >> shift >> DRAWER_BITS)
        shift++;
    for (size_t i = 0; i < n; i++)
        d.below[(((uint32_t)v[i] - (uint32_t)least) >> shift) + 1]++;
    for (size_t i = 0; i < DRAWERS; i++) {
        d.below[i + 1] += d.below[i];
        d.at[i] = SIZE_MAX;
    }
    for (int i = 0; i < k; i++) {
        const spot p = spot_of(n, q[i]);
        d.at[drawer_of(&d, p.low)] = d.at[drawer_of(&d, p.high)] = 0;
    }
    size_t used = 0;
    for (size_t i = 0; i < DRAWERS; i++)
        if (d.at[i] == 0) {
            d.at[i] = used;
            used += d.below[i + 1] - d.below[i];
        }
    for (size_t i = 0; i < n; i++) {
        size_t *at = &d.at[((uint32_t)v[i] - (uint32_t)least) >> shift];
        if (*at != SIZE_MAX)
            room[(*at)++] = v[i];
    }
    for (size_t i = 0; i < DRAWERS; i++)
        if (d.at[i] != SIZE_MAX) {
            const size_t held = d.below[i + 1] - d.below[i];
            d.at[i] -= held;
            gp_sort_returns(room + d.at[i], held, v);
        }
    for (int i = 0; i < k; i++) {
        const spot p = spot_of(n, q[i]);
        const size_t low = drawer_of(&d, p.low), high = drawer_of(&d, p.high);
        out[i] = between(p, room[d.at[low] + p.low - d.below[low]], room[d.at[high] + p.high - d.below[high]]);
    }
}

void gp_quantiles(int32_t *v, size_t n, int32_t *room, const double *q, int k, double *out)
{
    if (n >= 2 * DRAWERS) {
        select_quantiles(v, n, room, q, k, out);
        return;
    }
    gp_sort_returns(v, n, room);
    for (int i = 0; i < k; i++)
        out[i] = gp_quantile_sorted(v, n, q[i]);
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
