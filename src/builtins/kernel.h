/* What a kernel may use, and the shapes it may take.  Compiles as C11 and as CUDA device code: no libc beyond
 * math.h, no static data, no allocation, no branches on lanes where a select will do.
 *
 * NaN is null.  A kernel is written for one lane (one ticker); the loops of src/eval/shapes.h run it for GP_LANES
 * lanes at once, so state is spread: field j of a SCAN's state is GP_S(j).  Write selects (?:), not if/return, wherever the
 * shape is MAP, SCAN, WINDOW or MOMENTS, so that the compiler can vectorise across lanes.
 *
 *  MAP      double k_ID(double a, double b, ...)
 *  SCAN     void   k_ID_init(double *s)                    sets every GP_S(j)
 *           double k_ID(double *s, double a, ...)          reads and writes GP_S(j); called once a bar, bar 0 first
 *  WINDOW   void   k_ID_unit(double *v)                    v[0..fields): identity of fold
 *           void   k_ID_push(double *v, double x, double i)  one bar's value; null pushes the unit (unless the rule says else)
 *           void   k_ID_fold(double *a, const double *b)   a (older) := a . b (newer); associative
 *           double k_ID_fin(const double *v, double n, double cnt, double x, double i)
 *                  n window length (GP_N_ALL: since the first bar), cnt bars since the argument's first non-null bar, that
 *                  one included (0 before it), x the newest value, i the bar's index
 *           int    k_ID_len(double n, int constant)        N argument -> length >= 1, GP_N_ALL, GP_N_NULL or GP_N_ZERO
 *  MOMENTS  void   k_ID_add(double *m, double x, double q)   m += contribution of a shifted value x at position q
 *           double k_ID_fin(const double *m, double n, double e, double c)
 *                  e position of the newest bar (the window is e-n+1..e), c the shift; NaN repeats the previous output
 *           int    k_ID_len(double n, int constant)
 *           (null until n bars exist from the first non-null one; a null inside makes m NaN, so the output repeats)
 *  HISTORY  double k_ID(gp_hist *h, int i)                 h->f, h->prev, GP_H(h, arg, bar); called for i = 0, 1, 2, ...
 *  WHOLE    void   k_ID(const gp_whole *w, double *y)      w->x[arg][0..w->n), contiguous; y all n bars; w->tmp scratch
 */
#ifndef GP_BUILTINS_KERNEL_H
#define GP_BUILTINS_KERNEL_H
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__
#define GP_HD __host__ __device__ static inline
#ifndef GP_LANES
#define GP_LANES 1
#endif
#else
#define GP_HD static inline __attribute__((always_inline, unused))
#ifndef GP_LANES
#define GP_LANES 8 /* tickers that advance together: two AVX2 registers, one AVX-512 register */
#endif
#endif

#define GP_S(j) s[(j) * GP_LANES]
#define GP_NULL ((double)NAN)
#define GP_TINY 1e-5                     /* language.md 4.3, 4.4: what counts as zero and as equal */
#define GP_N_ALL 2147483647
#define GP_N_NULL 0
#define GP_N_ZERO (-1)

typedef struct gp_hist {
    const double *x[8]; /* per argument (implicit inputs first): this lane's bar 0 */
    size_t stride[8];   /* doubles between bars; 0 for a constant */
    double s[6];        /* private, starts as 0 */
    double prev;        /* output of the bar before; NaN on bar 0 */
    int f;              /* first bar on which every argument of type s and c is non-null; -1 while there is none */
    int len;            /* bars of this ticker (may be read only by rows that declare it: inputs "Z") */
} gp_hist;
#define GP_H(h, arg, bar) ((h)->x[arg][(size_t)(bar) * (h)->stride[arg]])

typedef struct gp_whole {
    const double *x[8]; /* per argument, n values each, constants spread out */
    double *tmp;        /* GP_WHOLE_TMP * (n + 1) doubles */
    double *grid;       /* rows with GP_ROW_GRID: GP_GRID_DOUBLES doubles, with whatever was there before */
    int n;              /* bars of this ticker, >= 1 */
} gp_whole;
#define GP_WHOLE_TMP 6
#define GP_GRID_DOUBLES 270400

GP_HD int gp_null(double x) { return x != x; }
#ifdef __CUDACC__
GP_HD int gp_either_null(double a, double b) { return gp_null(a) | gp_null(b); } /* isunordered is the host's alone */
#else
GP_HD int gp_either_null(double a, double b) { return isunordered(a, b); }
#endif
/* language.md 4.5: a condition argument holds */
GP_HD int gp_true(double x) { return fabs(x) >= GP_TINY; } /* false for NaN */
GP_HD double gp_bool(int b) { return b ? 1.0 : 0.0; }
/* overflow is null */
GP_HD double gp_finite(double x) { return fabs(x) <= 1.7976931348623157e308 ? x : GP_NULL; }

/* Strictly less, greater with TDX's tolerance anchored at the left operand (language.md 4.4); nulls give 0.
 * GP_EXACT_COMPARE (--exact-compare) builds a second set of kernels without it. */
#ifdef GP_EXACT_COMPARE
GP_HD int gp_lt(double a, double b) { return a < b; }
GP_HD int gp_le(double a, double b) { return a <= b; }
GP_HD int gp_gt(double a, double b) { return a > b; }
GP_HD int gp_ge(double a, double b) { return a >= b; }
GP_HD int gp_eq(double a, double b) { return a == b; }
GP_HD int gp_apart(double d) { return d > 0.0; }
#else
GP_HD double gp_tol(double a) { return 1e-7 * fabs(a) + GP_TINY; }
GP_HD int gp_lt(double a, double b) { return b >= a + gp_tol(a); }
GP_HD int gp_le(double a, double b) { return b > a - gp_tol(a); }
GP_HD int gp_gt(double a, double b) { return b <= a - gp_tol(a); }
GP_HD int gp_ge(double a, double b) { return b < a + gp_tol(a); }
GP_HD int gp_eq(double a, double b) { return fabs(a - b) < GP_TINY; }
GP_HD int gp_apart(double d) { return d >= GP_TINY; } /* functions.md 3.8: a difference that counts */
#endif

/* N arguments.  trunc toward zero; anything that is not a usable count becomes one of the marks. */
GP_HD int gp_count_of(double n) { return n >= 2147483000.0 ? 2147483000 : (int)n; } /* n not null */
/* N <= 0: all bars; null: null   (HHV, LLV, HHVBARS, MULAR) */
GP_HD int gp_len_all(double n, int constant)
{
    (void)constant;
    return gp_null(n) ? GP_N_NULL : n < 1.0 ? GP_N_ALL : gp_count_of(n);
}
/* N <= 0: null; null: null   (MA and the full-window functions) */
GP_HD int gp_len_full(double n, int constant)
{
    (void)constant;
    return !(n >= 1.0) ? GP_N_NULL : gp_count_of(n);
}
/* rounded, trunc(N+0.503)   (STD family, SLOPE, FORCAST) */
GP_HD int gp_len_round(double n, int constant)
{
    (void)constant;
    return !(n + 0.503 >= 1.0) ? GP_N_NULL : gp_count_of(n + 0.503);
}
#endif
