/* What a generated kernel (fuse.c) is made of besides the kernels of the builtins: the loops of eval/shapes.h for one lane, one
 * bar at a time.  A lane is a ticker with one set of parameters.  Compiles as C11 and as CUDA device code, without the rest of
 * the program: its text and that of builtins/ is inside the program for the device's compiler.  Every step gives the bits of the
 * loop it stands for: windows keep their phase (bar mod N) and the order of their folds. */
#ifndef GP_ACCEL_FUSED_H
#define GP_ACCEL_FUSED_H
#ifndef __CUDACC__
#define GP_LANES 1
#endif
#include "builtins/kernels.h"
#include "builtins/internal.h"

#ifdef __CUDACC__
#define GP_STEP static __device__
#else
#define GP_STEP static __attribute__((unused))
#endif

#define GP_FUSED_COLUMNS 24
/* Quotes lie bar by bar, tickers side by side; so do results and what a lane keeps, lanes side by side. */
typedef struct gp_fused_args {
    const double *quotes;  /* quotes[(column * cap + bar) * tickers + ticker]: the tile that stays on the device */
    const double *facts;   /* facts[k * tickers + ticker]: what is the same on every bar (lane_vals of the program) */
    const int *bars;       /* bars[ticker] */
    const double *numbers; /* numbers[set * n_numbers + k]: constants that differ from one set of parameters to another */
    const int *lengths;    /* lengths[set * n_lengths + k]: the same for lengths of windows */
    double *scratch;       /* windows too long for local memory, and what looks back without limit */
    double *flat;          /* whole columns, one lane after the other */
    double *out;           /* out[(row * cap + bar) * lanes + lane]; with `keep`: out[(row * keep + place) * lanes + lane], where the last bar
                            * of every lane is at place keep - 1; NULL: not wanted */
    uint64_t *hash;        /* hash[row * lanes + lane]: of the raw bytes of the row; NULL: not wanted */
    uint32_t *bits;        /* bits[(row * words + bar / 32) * lanes + lane]: where the value is true; NULL: not wanted */
    const int32_t *day;    /* with sums: day[bar * tickers + ticker], the number of the bar's day; below 0: a bar that does not count */
    const int32_t *ret;    /* ret[(horizon * cap + bar) * tickers + ticker]: what became of it; GP_FUSED_NO_RETURN: that is not known */
    uint64_t *sums;        /* sums[((((set - first / tickers) * rows + row) * horizons + horizon) * days + day) * 2]: fused_sums.h */
    int horizons, days;
    int column[GP_FUSED_COLUMNS]; /* column of the tile that holds the program's column k */
    int cap, tickers;      /* bars and tickers the tile is laid out for */
    int keep;              /* only so many bars at the end go to `out`; 0: all */
    int first, lanes;      /* this launch: lanes first .. first + lanes - 1 of tickers * sets, ticker = lane mod tickers */
    int pieces, span, warm; /* of time, in kernels that are cut (cut.h): threads are lanes * pieces, lanes side by side */
    int rows;              /* bars of one piece and its warm-up at most: what its histories are laid out for */
    uint64_t *meet;        /* meet[(2 * piece + end) * lanes + lane]: of what is kept before its first own bar, and after its last one */
} gp_fused_args;

/* Windows in shared memory: element after element, threads of a block beside each other.  In a loop lanes come one after the other, and share
 * what little a block of four would have. */
#if defined(__CUDACC__)
extern __shared__ double gp_shared[];
#define GP_WIDTH blockDim.x
#define GP_SEAT threadIdx.x
#elif defined(GP_FUSED_THREADS) /* gp_shared is somebody's */
#define GP_WIDTH blockDim.x
#define GP_SEAT threadIdx.x
#else
static double gp_shared[4 * 4096] __attribute__((unused));
#define GP_WIDTH 4
#define GP_SEAT (lane % 4)
#endif

/* One thread a lane; with GP_FUSED_THREADS threads are somebody's loop (tests/cuda/driver.c).  BLOCKS: of GP_FUSED_BLOCK threads, so many are to fit
 * into a processor of the device at once; the compiler makes do with the registers that leaves (65536 / 128 / BLOCKS; 1: as many as it likes). */
#define GP_FUSED_BLOCK 128
#if defined(__CUDACC__) || defined(GP_FUSED_THREADS)
#ifdef __CUDACC__
#define GP_GLOBAL(BLOCKS) extern "C" __global__ __launch_bounds__(GP_FUSED_BLOCK, BLOCKS)
#else
#define GP_GLOBAL(BLOCKS) extern
#endif
#define GP_FUSED_ENTRY_OF(NAME, BLOCKS, THREADS)                                                                       \
    GP_GLOBAL(BLOCKS) void NAME(const gp_fused_args a);                                                                \
    GP_GLOBAL(BLOCKS) void NAME(const gp_fused_args a)                                                                 \
    {                                                                                                                  \
        const int lane = (int)(blockIdx.x * blockDim.x + threadIdx.x);                                                 \
        if (lane < (THREADS)) lane_##NAME(&a, lane);                                                                   \
    }
#define GP_FUSED_ENTRY(NAME, BLOCKS) GP_FUSED_ENTRY_OF(NAME, BLOCKS, a.lanes)
#define GP_FUSED_ENTRY_CUT(NAME, BLOCKS) GP_FUSED_ENTRY_OF(NAME, BLOCKS, a.lanes * a.pieces)
#else
#define GP_FUSED_ENTRY_OF(NAME, BLOCKS, THREADS)                                                                       \
    void NAME(const gp_fused_args *a);                                                                                 \
    void NAME(const gp_fused_args *a)                                                                                  \
    {                                                                                                                  \
        for (int lane = 0; lane < (THREADS); lane++) lane_##NAME(a, lane);                                             \
    }
#define GP_FUSED_ENTRY(NAME, BLOCKS) GP_FUSED_ENTRY_OF(NAME, BLOCKS, a->lanes)
#define GP_FUSED_ENTRY_CUT(NAME, BLOCKS) GP_FUSED_ENTRY_OF(NAME, BLOCKS, a->lanes * a->pieces)
#endif

/* ---- results ---- */

#define GP_HASH_START 0xcbf29ce484222325u
/* One more value of a row, nulls all alike. */
GP_HD uint64_t gp_hash_value(uint64_t h, double y)
{
    union { double d; uint64_t u; } v;
    v.d = y;
    if (gp_null(y)) v.u = 0x7ff8000000000000u;
    h = (h ^ v.u) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

GP_STEP void gp_sink(const gp_fused_args *a, int lane, int n, int row, int t, double y, uint64_t *hash, uint32_t *bits)
{
    if (a->out) {
        const int at = a->keep ? t + a->keep - n : t;
        if (at >= 0) a->out[((size_t)row * (a->keep ? a->keep : a->cap) + at) * a->lanes + lane] = y;
    }
    if (a->hash) *hash = gp_hash_value(*hash, y);
    if (a->bits) {
        *bits |= (uint32_t)gp_true(y) << (t & 31);
        if ((t & 31) == 31) {
            a->bits[((size_t)row * ((a->cap + 31) / 32) + t / 32) * a->lanes + lane] = *bits;
            *bits = 0;
        }
    }
}
GP_STEP void gp_sink_end(const gp_fused_args *a, int lane, int row, int n, uint64_t hash, uint32_t bits)
{
    if (a->hash) a->hash[(size_t)row * a->lanes + lane] = hash;
    if (a->bits && (n & 31)) a->bits[((size_t)row * ((a->cap + 31) / 32) + n / 32) * a->lanes + lane] = bits;
}

/* ---- shapes; `s` is the distance between two elements of what the lane keeps ---- */

/* The value of `a` bars ago; null while there is none. */
GP_STEP double gp_step_delay(double *ring, size_t s, int *at, int a, int cap, double x)
{
    if (a == 0) return x;
    if (a < 0 || a >= cap) return GP_NULL;
    const double old = ring[(size_t)*at * s];
    ring[(size_t)*at * s] = x;
    *at = *at + 1 == a ? 0 : *at + 1;
    return old;
}
GP_STEP double gp_tile_delay(const double *quote, size_t apart, int t, int n)
{
    return t >= n ? quote[(size_t)(t - n) * apart] : GP_NULL;
}
GP_STEP void gp_fill_null(double *p, size_t s, int n)
{
    for (int k = 0; k < n; k++) p[(size_t)k * s] = GP_NULL;
}

GP_HD double gp_counted(double cnt, double x) { return cnt > 0.0 || x == x ? cnt + 1.0 : 0.0; }

/* WINDOW with one N: buf has min(N, cap) + 1 rows, of which row N holds the unit. */
#define GP_FUSED_WINDOW(ID, F)                                                                                         \
    GP_STEP void init_##ID(double *buf, size_t s, int n, int cap)                                                      \
    {                                                                                                                  \
        double u[F];                                                                                                   \
        k_##ID##_unit(u);                                                                                              \
        if (n != GP_N_ALL && n < cap)                                                                                  \
            for (int j = 0; j < (F); j++) buf[((size_t)n * (F) + j) * s] = u[j];                                       \
    }                                                                                                                  \
    GP_STEP void warm_##ID(double *acc, double *buf, size_t s, int n, int cap)                                         \
    {                                                                                                                  \
        double u[F];                                                                                                   \
        k_##ID##_unit(u);                                                                                              \
        for (int j = 0; j < (F); j++) acc[j] = u[j];                                                                   \
        for (int k = 0; k < n && k < cap; k++)                                                                         \
            for (int j = 0; j < (F); j++) buf[((size_t)k * (F) + j) * s] = u[j];                                       \
    }                                                                                                                  \
    GP_STEP double step_##ID(double *acc, double *cnt, int *phase, double *buf, size_t s, int n, int t, double x)      \
    {                                                                                                                  \
        double v[F], a[F];                                                                                             \
        if (*phase == 0) k_##ID##_unit(acc);                                                                           \
        k_##ID##_push(v, x, t);                                                                                        \
        k_##ID##_fold(acc, v);                                                                                         \
        for (int j = 0; j < (F); j++) a[j] = acc[j];                                                                   \
        if (n != GP_N_ALL) {                                                                                           \
            double *row = buf + (size_t)*phase * (F) * s;                                                              \
            for (int j = 0; j < (F); j++) row[(size_t)j * s] = v[j];                                                   \
            if (t >= n) {                                                                                              \
                for (int j = 0; j < (F); j++) v[j] = row[(size_t)((F) + j) * s];                                       \
                k_##ID##_fold(v, a);                                                                                   \
                for (int j = 0; j < (F); j++) a[j] = v[j];                                                             \
            }                                                                                                          \
        }                                                                                                              \
        *cnt = gp_counted(*cnt, x);                                                                                    \
        const double y = k_##ID##_fin(a, n, *cnt, x, t);                                                               \
        if (++*phase == n) {                                                                                           \
            *phase = 0;                                                                                                \
            for (int k = n - 2; k > 0; k--) { /* nobody reads row 0 again */                                           \
                double *older = buf + (size_t)k * (F) * s;                                                             \
                double p[F], q[F];                                                                                     \
                for (int j = 0; j < (F); j++) p[j] = older[(size_t)j * s], q[j] = older[(size_t)((F) + j) * s];        \
                k_##ID##_fold(p, q);                                                                                   \
                for (int j = 0; j < (F); j++) older[(size_t)j * s] = p[j];                                             \
            }                                                                                                          \
        }                                                                                                              \
        return y;                                                                                                      \
    }

/* The same where what goes in is a column of the tile.  Its values are read there again where a block ends, one place for all sets of a ticker, and a
 * lane keeps the rows of the block before alone.  cnt: bars since its first value, one count for all windows of the column; quote: its bar 0;
 * apart: distance of its bars. */
#define GP_FUSED_WINDOW_TILE(ID, F)                                                                                    \
    GP_STEP double tile_##ID(double *acc, double cnt, int *phase, double *buf, size_t s, int n, int t, double x,       \
                             const double *quote, size_t apart)                                                        \
    {                                                                                                                  \
        double v[F], a[F];                                                                                             \
        if (*phase == 0) k_##ID##_unit(acc);                                                                           \
        k_##ID##_push(v, x, t);                                                                                        \
        k_##ID##_fold(acc, v);                                                                                         \
        for (int j = 0; j < (F); j++) a[j] = acc[j];                                                                   \
        if (t >= n) {                                                                                                  \
            double older[F];                                                                                           \
            for (int j = 0; j < (F); j++) older[j] = buf[((size_t)(*phase + 1) * (F) + j) * s];                        \
            k_##ID##_fold(older, a);                                                                                   \
            for (int j = 0; j < (F); j++) a[j] = older[j];                                                             \
        }                                                                                                              \
        const double y = k_##ID##_fin(a, n, cnt, x, t);                                                                \
        if (++*phase == n) {                                                                                           \
            *phase = 0;                                                                                                \
            for (int k = n - 1; k > 0; k--) { /* v: the row after it */                                                \
                double p[F];                                                                                           \
                k_##ID##_push(p, quote[(size_t)(t + 1 - n + k) * apart], t + 1 - n + k);                               \
                if (k < n - 1) k_##ID##_fold(p, v);                                                                    \
                for (int j = 0; j < (F); j++) v[j] = buf[((size_t)k * (F) + j) * s] = p[j];                            \
            }                                                                                                          \
        }                                                                                                              \
        return y;                                                                                                      \
    }

/* The same for a small N that is a literal: loops unroll, every index is a literal, and the rows are registers. */
#ifdef __CUDACC__
#define GP_SMALL static __device__ __forceinline__
#define GP_UNROLL _Pragma("unroll")
#else
#define GP_SMALL static __attribute__((unused))
#define GP_UNROLL
#endif
#define GP_FUSED_WINDOW_SMALL(ID, F)                                                                                   \
    GP_SMALL void small_init_##ID(double *acc, double *buf, const int n)                                               \
    {                                                                                                                  \
        k_##ID##_unit(acc);                                                                                            \
        GP_UNROLL                                                                                                      \
        for (int k = 0; k <= n; k++) k_##ID##_unit(buf + k * (F));                                                     \
    }                                                                                                                  \
    GP_SMALL double small_##ID(double *acc, double *cnt, int *phase, double *buf, const int n, int t, double x)        \
    {                                                                                                                  \
        double v[F], a[F], older[F];                                                                                   \
        if (*phase == 0) k_##ID##_unit(acc);                                                                           \
        k_##ID##_push(v, x, t);                                                                                        \
        k_##ID##_fold(acc, v);                                                                                         \
        for (int j = 0; j < (F); j++) older[j] = buf[n * (F) + j];                                                     \
        GP_UNROLL                                                                                                      \
        for (int k = 0; k < n; k++)                                                                                    \
            for (int j = 0; j < (F); j++) {                                                                            \
                older[j] = k == *phase + 1 ? buf[k * (F) + j] : older[j];                                              \
                buf[k * (F) + j] = k == *phase ? v[j] : buf[k * (F) + j];                                              \
            }                                                                                                          \
        k_##ID##_fold(older, acc);                                                                                     \
        for (int j = 0; j < (F); j++) a[j] = t >= n ? older[j] : acc[j];                                               \
        *cnt = gp_counted(*cnt, x);                                                                                    \
        const double y = k_##ID##_fin(a, n, *cnt, x, t);                                                               \
        if (++*phase == n) {                                                                                           \
            *phase = 0;                                                                                                \
            GP_UNROLL                                                                                                  \
            for (int k = n - 2; k > 0; k--) k_##ID##_fold(buf + k * (F), buf + (k + 1) * (F));                         \
        }                                                                                                              \
        return y;                                                                                                      \
    }
GP_SMALL void gp_small_null(double *ring, const int n)
{
    GP_UNROLL
    for (int k = 0; k < n; k++) ring[k] = GP_NULL;
}
GP_SMALL double gp_small_delay(double *ring, const int n, double x)
{
    const double old = ring[n - 1];
    GP_UNROLL
    for (int k = n - 1; k > 0; k--) ring[k] = ring[k - 1];
    ring[0] = x;
    return old;
}

/* WINDOW with N read on every bar: a segment tree, as in shapes.h. */
GP_HD size_t gp_fused_level(int cap, int k)
{
    size_t rows = 0;
    for (int j = 0; j < k; j++) rows += ((size_t)cap >> j) + 1;
    return rows;
}
#define GP_FUSED_WINDOW_SERIES(ID, F)                                                                                  \
    GP_STEP double series_##ID(double *cnt, double *tree, size_t s, int cap, int t, double x, double nn, int n_is_last)\
    {                                                                                                                  \
        double v[F];                                                                                                   \
        k_##ID##_push(v, x, t);                                                                                        \
        for (int j = 0; j < (F); j++) tree[((size_t)t * (F) + j) * s] = v[j];                                          \
        *cnt = gp_counted(*cnt, x);                                                                                    \
        for (int k = 1; k < 31 && (cap >> k) > 0 && ((t + 1) & ((1 << k) - 1)) == 0; k++) {                            \
            const double *low = tree + (gp_fused_level(cap, k - 1) + (size_t)((t >> (k - 1)) - 1)) * (F) * s;          \
            double *up = tree + (gp_fused_level(cap, k) + (size_t)(t >> k)) * (F) * s;                                 \
            double a[F], b[F];                                                                                         \
            for (int j = 0; j < (F); j++) a[j] = low[(size_t)j * s], b[j] = low[(size_t)((F) + j) * s];                \
            k_##ID##_fold(a, b);                                                                                       \
            for (int j = 0; j < (F); j++) up[(size_t)j * s] = a[j];                                                    \
        }                                                                                                              \
        const int n = k_##ID##_len(nn, n_is_last);                                                                     \
        if (n == GP_N_NULL) return GP_NULL;                                                                            \
        if (n == GP_N_ZERO) return 0.0;                                                                                \
        double a[F];                                                                                                   \
        k_##ID##_unit(a);                                                                                              \
        for (int at = n > t ? 0 : t + 1 - n; at <= t;) {                                                               \
            int k = 0;                                                                                                 \
            while (k + 1 < 31 && (cap >> (k + 1)) > 0 && (at & ((2 << k) - 1)) == 0 && at + (2 << k) <= t + 1) k++;    \
            const double *from = tree + (gp_fused_level(cap, k) + (size_t)(at >> k)) * (F) * s;                        \
            double b[F];                                                                                               \
            for (int j = 0; j < (F); j++) b[j] = from[(size_t)j * s];                                                  \
            k_##ID##_fold(a, b);                                                                                       \
            at += 1 << k;                                                                                              \
        }                                                                                                              \
        return k_##ID##_fin(a, n, *cnt, x, t);                                                                         \
    }

/* MOMENTS with one N.  st: cnt, prev, shift, m[M]; buf: raw[rows], suffix[rows][M], rows = min(N, cap) + 1, suffix row N is 0. */
#define GP_FUSED_MOMENTS(ID, M)                                                                                        \
    GP_STEP void init_##ID(double *st, double *buf, size_t s, int n, int cap)                                          \
    {                                                                                                                  \
        st[0] = 0.0, st[1] = GP_NULL, st[2] = 0.0;                                                                     \
        for (int j = 0; j < (M); j++) st[3 + j] = 0.0;                                                                 \
        if (n < cap)                                                                                                   \
            for (int j = 0; j < (M); j++) buf[((size_t)n + 1 + (size_t)n * (M) + j) * s] = 0.0;                        \
    }                                                                                                                  \
    GP_STEP double step_##ID(double *st, int *phase, double *buf, size_t s, int n, int cap, int t, double x)           \
    {                                                                                                                  \
        double *suffix = buf + ((size_t)(n < cap ? n : cap) + 1) * s, *m = st + 3, a[M];                               \
        if (*phase == 0) {                                                                                             \
            st[2] = x == x ? x : 0.0;                                                                                  \
            for (int j = 0; j < (M); j++) m[j] = a[j] = 0.0;                                                           \
            for (int k = n - 1; t > 0 && k >= 1; k--) {                                                                \
                k_##ID##_add(a, buf[(size_t)k * s] - st[2], k - n);                                                    \
                for (int j = 0; j < (M); j++) suffix[((size_t)k * (M) + j) * s] = a[j];                                \
            }                                                                                                          \
        }                                                                                                              \
        buf[(size_t)*phase * s] = x;                                                                                   \
        k_##ID##_add(m, x - st[2], *phase);                                                                            \
        for (int j = 0; j < (M); j++) a[j] = t >= n ? m[j] + suffix[((size_t)(*phase + 1) * (M) + j) * s] : m[j];      \
        const double r = k_##ID##_fin(a, n, *phase, st[2]), kept = r == r ? r : st[1];                                 \
        st[0] = gp_counted(st[0], x);                                                                                  \
        st[1] = st[0] >= n ? kept : GP_NULL;                                                                           \
        *phase = *phase + 1 == n ? 0 : *phase + 1;                                                                     \
        return st[1];                                                                                                  \
    }

/* The same of a column of the tile; buf: suffix[rows][M] alone. */
#define GP_FUSED_MOMENTS_TILE(ID, M)                                                                                   \
    GP_STEP void tile_init_##ID(double *st, double *buf, size_t s, int n, int cap)                                     \
    {                                                                                                                  \
        st[0] = GP_NULL, st[1] = 0.0;                                                                                  \
        for (int j = 0; j < (M); j++) st[2 + j] = 0.0;                                                                 \
        if (n < cap)                                                                                                   \
            for (int j = 0; j < (M); j++) buf[((size_t)n * (M) + j) * s] = 0.0;                                        \
    }                                                                                                                  \
    GP_STEP double tile_##ID(double *st, double cnt, int *phase, double *buf, size_t s, int n, int t, double x,        \
                             const double *quote, size_t apart)                                                        \
    {                                                                                                                  \
        double *m = st + 2, a[M];                                                                                      \
        if (*phase == 0) {                                                                                             \
            st[1] = x == x ? x : 0.0;                                                                                  \
            for (int j = 0; j < (M); j++) m[j] = a[j] = 0.0;                                                           \
            for (int k = n - 1; t > 0 && k >= 1; k--) {                                                                \
                k_##ID##_add(a, quote[(size_t)(t - n + k) * apart] - st[1], k - n);                                    \
                for (int j = 0; j < (M); j++) buf[((size_t)k * (M) + j) * s] = a[j];                                   \
            }                                                                                                          \
        }                                                                                                              \
        k_##ID##_add(m, x - st[1], *phase);                                                                            \
        for (int j = 0; j < (M); j++) a[j] = t >= n ? m[j] + buf[((size_t)(*phase + 1) * (M) + j) * s] : m[j];         \
        const double r = k_##ID##_fin(a, n, *phase, st[1]), kept = r == r ? r : st[0];                                 \
        st[0] = cnt >= n ? kept : GP_NULL;                                                                             \
        *phase = *phase + 1 == n ? 0 : *phase + 1;                                                                     \
        return st[0];                                                                                                  \
    }

/* MOMENTS with N read on every bar.  st: cnt, prev; raw: all bars so far. */
#define GP_FUSED_MOMENTS_SERIES(ID, M)                                                                                 \
    GP_STEP double series_##ID(double *st, double *raw, size_t s, int t, double x, double nn, int n_is_last)           \
    {                                                                                                                  \
        raw[(size_t)t * s] = x;                                                                                        \
        st[0] = gp_counted(st[0], x);                                                                                  \
        const int n = k_##ID##_len(nn, n_is_last);                                                                     \
        double r = GP_NULL;                                                                                            \
        if (n >= 1 && st[0] >= n) {                                                                                    \
            double m[M];                                                                                               \
            for (int j = 0; j < (M); j++) m[j] = 0.0;                                                                  \
            const double shift = x == x ? x : 0.0;                                                                     \
            for (int k = t - n + 1; k <= t; k++) k_##ID##_add(m, raw[(size_t)k * s] - shift, k - t);                   \
            r = k_##ID##_fin(m, n, 0.0, shift);                                                                        \
            if (r != r) r = st[1];                                                                                     \
        }                                                                                                              \
        st[1] = r;                                                                                                     \
        return r;                                                                                                      \
    }

/* ---- what is kept before bar t, as a hash: rows that are read again, counts up to where more of them is the same ---- */

GP_STEP double gp_kept_count(double cnt, double n) { return cnt < n ? cnt : n; }
GP_STEP uint64_t gp_kept_rows(uint64_t z, const double *p, size_t s, int from, int to)
{
    for (int k = from; k < to; k++) z = gp_hash_value(z, p[(size_t)k * s]);
    return z;
}
GP_STEP uint64_t gp_kept_delay(uint64_t z, const double *ring, size_t s, int n, int cap)
{
    return n < cap ? gp_kept_rows(z, ring, s, 0, n) : z;
}
GP_STEP uint64_t gp_kept_window(uint64_t z, const double *acc, int fields, double cnt, int phase, const double *buf, size_t s, int n, int t)
{
    z = gp_hash_value(z, gp_kept_count(cnt, n));
    if (phase) z = gp_kept_rows(z, acc, 1, 0, fields);
    z = gp_kept_rows(z, buf, s, fields, phase * fields);                        /* this block; nobody reads row 0 again */
    return t < n ? z : gp_kept_rows(z, buf, s, (phase + 1) * fields, n * fields); /* the block before, from its end */
}
/* Where this block is in the tile: what is left of the block before. */
GP_STEP uint64_t gp_kept_tile(uint64_t z, const double *acc, int fields, int width, double cnt, int phase, const double *buf, size_t s, int n, int t)
{
    z = gp_hash_value(z, gp_kept_count(cnt, n));
    if (phase) z = gp_kept_rows(z, acc, 1, 0, fields);
    return t < n ? z : gp_kept_rows(z, buf, s, (phase + 1) * width, n * width);
}
GP_STEP uint64_t gp_kept_moments(uint64_t z, const double *st, int m, int phase, const double *buf, size_t s, int n, int cap, int t)
{
    z = gp_hash_value(gp_hash_value(z, gp_kept_count(st[0], n)), st[1]);
    if (phase) z = gp_kept_rows(z, st + 2, 1, 0, m + 1);
    z = gp_kept_rows(z, buf, s, 1, phase ? phase : n);
    if (!phase || t < n) return z;
    return gp_kept_rows(z, buf + ((size_t)(n < cap ? n : cap) + 1) * s, s, (phase + 1) * m, n * m);
}

/* HISTORY: what every operand was on all bars so far. */
GP_STEP void gp_hist_init(gp_hist *h, int n)
{
    for (int j = 0; j < 8; j++) h->x[j] = 0, h->stride[j] = 0;
    for (int j = 0; j < 6; j++) h->s[j] = 0.0;
    h->prev = GP_NULL;
    h->f = -1;
    h->len = n;
}
#define GP_FUSED_HISTORY(ID)                                                                                           \
    GP_STEP double step_##ID(gp_hist *h, int t, int n_in, unsigned series_mask)                                        \
    {                                                                                                                  \
        if (h->f < 0) {                                                                                                \
            int all = 1;                                                                                               \
            for (int j = 0; j < n_in; j++)                                                                             \
                if ((series_mask >> j) & 1) all &= !gp_null(GP_H(h, j, t));                                            \
            if (all) h->f = t;                                                                                         \
        }                                                                                                              \
        h->prev = k_##ID(h, t);                                                                                        \
        return h->prev;                                                                                                \
    }
#include "accel/fused_sums.h"
#endif
