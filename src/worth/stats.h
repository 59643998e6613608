/* The statistics that reports are made of.  Returns are whole millionths (0.0001 %), so that sums are exact and no result depends on the
 * order in which it was added up. */
#ifndef GP_WORTH_STATS_H
#define GP_WORTH_STATS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GP_RETURN_ONE = 1000000 };
#define GP_RETURN_NONE INT32_MIN  /* there is none */
#define GP_RETURN_MOST 100.0      /* a price times a hundred is broken data */

/* to/from - 1, rounded half away from zero; NONE when a price is null or not above zero, or the return is broken. */
int32_t gp_return_of(double from, double to);

/* The same for n pairs, one after the other. */
void gp_returns_of(const double *from, const double *to, int n, int32_t *out);
/* And from one price to n others. */
void gp_returns_from(double from, const double *to, int n, int32_t *out);

void gp_sort_returns(int32_t *v, size_t n, int32_t *room); /* ascending; room for n */
/* Quantile q of n ascending values, between neighbours in proportion: place q*(n-1).  NaN when n is 0. */
double gp_quantile_sorted(const int32_t *v, size_t n, double q);
/* Quantiles q[0..k) of n values in any order, of which nothing is left afterwards; room for n. */
void gp_quantiles(int32_t *v, size_t n, int32_t *room, const double *q, int k, double *out);

/* A count for every 0.01 % from -100 % to +1000 %; what is above is in the last one. */
enum { GP_HIST_BINS = 110001 };
static inline size_t gp_hist_bin(int32_t r)
{
    const int32_t k = (r + GP_RETURN_ONE + 50) / 100;
    return k >= GP_HIST_BINS ? GP_HIST_BINS - 1 : k < 0 ? 0 : (size_t)k;
}
/* The same quantile, to 0.01 %. */
double gp_quantile_hist(const uint32_t *hist, uint64_t n, double q);

/* Wilson's interval for a share of successes p seen in n trials, two-sided 95 %. */
void gp_wilson(double p, double n, double *low, double *high);
#endif
