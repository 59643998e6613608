/* The golden pit as a careful C programmer would write it without this engine: one loop per operation over the whole
 * series of one ticker.  It is the yardstick of goldpit-bench, so nothing was spared: common subexpressions are
 * computed once, buffers are reused and stay in the cache, windows are block maxima and block sums (constant work per
 * bar), STD is shifted (no cancellation), element-wise loops vectorise over time, recurrences have the shortest
 * dependency chain, and the rules for nulls cost a repair pass only where a null or a zero denominator occurs. */
#ifndef GP_BENCH_CONVENTIONAL_H
#define GP_BENCH_CONVENTIONAL_H
#include <stddef.h>

enum { /* outputs of the formula, in its order; draws as conditions */
    CONV_SHORT, CONV_MEDIUM, CONV_LONG, CONV_PROBE, CONV_PIT, CONV_TOP, CONV_ICON, CONV_CHASE, CONV_RUNWAY, CONV_GLUED,
    CONV_BOTTOM, CONV_FLAG, CONV_OUTPUTS
};

typedef struct gp_conventional {
    const char *isa;
    /* out[k]: n values of output k, inside work; work: CONV_BUFFERS * (n rounded up to 8) doubles, 64-byte aligned */
    void (*run)(const double *high, const double *low, const double *close, int n, double *work,
                const double *out[CONV_OUTPUTS]);
    /* Sum of five columns: what reading the quotes once costs. */
    double (*read5)(const double *a, const double *b, const double *c, const double *d, const double *e, size_t n);
} gp_conventional;
enum { CONV_BUFFERS = 44 };

extern const gp_conventional gp_conventional_sse2, gp_conventional_avx2, gp_conventional_avx512;
#endif
