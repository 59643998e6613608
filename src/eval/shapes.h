/* The loops.  Each shape's loop is written once; kernels.c expands it for every row of that shape.
 * Lanes are the inner, vectorised loop; bars the outer one.  Results must not depend on where a block starts: anything that
 * carries over is in e->state, and windows anchor their phase to bar index mod N. */
#ifndef GP_EVAL_SHAPES_H
#define GP_EVAL_SHAPES_H
#include <string.h>
#include "eval/exec.h"

#define W GP_LANES
#define GP_EACH_LANE _Pragma("omp simd") for (int l = 0; l < W; l++)

/* MAP and SCAN differ in the state only; A is the list of operands as written in the call. */
#define GP_ROWS_BEGIN                                                                                                  \
    double *restrict y = e->y;                                                                                         \
    const int rows = e->rows;
#define GP_OPERAND(a, j)                                                                                               \
    const double *a = e->x[j];                                                                                         \
    const size_t s##a = e->stride[j];
#define GP_OPERANDS_0
#define GP_OPERANDS_1 GP_OPERAND(a, 0)
#define GP_OPERANDS_2 GP_OPERANDS_1 GP_OPERAND(b, 1)
#define GP_OPERANDS_3 GP_OPERANDS_2 GP_OPERAND(c, 2)
#define GP_OPERANDS_4 GP_OPERANDS_3 GP_OPERAND(d, 3)
#define GP_OPERANDS_5 GP_OPERANDS_4 GP_OPERAND(g, 4)
#define GP_OPERANDS_6 GP_OPERANDS_5 GP_OPERAND(h, 5)
#define GP_OPERANDS_7 GP_OPERANDS_6 GP_OPERAND(p, 6)
#define GP_OPERANDS_8 GP_OPERANDS_7 GP_OPERAND(q, 7)
#define GP_STEP_0
#define GP_STEP_1 a += sa;
#define GP_STEP_2 GP_STEP_1 b += sb;
#define GP_STEP_3 GP_STEP_2 c += sc;
#define GP_STEP_4 GP_STEP_3 d += sd;
#define GP_STEP_5 GP_STEP_4 g += sg;
#define GP_STEP_6 GP_STEP_5 h += sh;
#define GP_STEP_7 GP_STEP_6 p += sp;
#define GP_STEP_8 GP_STEP_7 q += sq;
#define GP_VALUES_0
#define GP_VALUES_1 a[l]
#define GP_VALUES_2 a[l], b[l]
#define GP_VALUES_3 a[l], b[l], c[l]
#define GP_VALUES_4 a[l], b[l], c[l], d[l]
#define GP_VALUES_5 a[l], b[l], c[l], d[l], g[l]
#define GP_VALUES_6 a[l], b[l], c[l], d[l], g[l], h[l]
#define GP_VALUES_7 a[l], b[l], c[l], d[l], g[l], h[l], p[l]
#define GP_VALUES_8 a[l], b[l], c[l], d[l], g[l], h[l], p[l], q[l]
#define GP_AFTER_STATE_0
#define GP_AFTER_STATE_1 ,
#define GP_AFTER_STATE_2 ,
#define GP_AFTER_STATE_3 ,
#define GP_AFTER_STATE_4 ,
#define GP_AFTER_STATE_5 ,
#define GP_AFTER_STATE_6 ,
#define GP_AFTER_STATE_7 ,
#define GP_AFTER_STATE_8 ,

/* The common case F(X,5,1): operands after the first are one fixed row.  Copying them to local arrays lets the compiler keep
 * them, and everything computed from them alone, in registers over the block. */
#define GP_KEEP(o)                                                                                                     \
    double k_##o[W] __attribute__((aligned(64)));                                                                      \
    memcpy(k_##o, o, sizeof k_##o);
#define GP_FIXED_0 (0)
#define GP_KEEP_0
#define GP_KEPT_0
#define GP_FIXED_1 (0)
#define GP_KEEP_1
#define GP_KEPT_1 a[l]
#define GP_FIXED_2 (sb == 0)
#define GP_KEEP_2 GP_KEEP(b)
#define GP_KEPT_2 a[l], k_b[l]
#define GP_FIXED_3 (sb == 0 && sc == 0)
#define GP_KEEP_3 GP_KEEP(b) GP_KEEP(c)
#define GP_KEPT_3 a[l], k_b[l], k_c[l]
#define GP_FIXED_4 (sb == 0 && sc == 0 && sd == 0)
#define GP_KEEP_4 GP_KEEP(b) GP_KEEP(c) GP_KEEP(d)
#define GP_KEPT_4 a[l], k_b[l], k_c[l], k_d[l]
#define GP_FIXED_5 (sb == 0 && sc == 0 && sd == 0 && sg == 0)
#define GP_KEEP_5 GP_KEEP(b) GP_KEEP(c) GP_KEEP(d) GP_KEEP(g)
#define GP_KEPT_5 a[l], k_b[l], k_c[l], k_d[l], k_g[l]
#define GP_FIXED_6 (sb == 0 && sc == 0 && sd == 0 && sg == 0 && sh == 0)
#define GP_KEEP_6 GP_KEEP(b) GP_KEEP(c) GP_KEEP(d) GP_KEEP(g) GP_KEEP(h)
#define GP_KEPT_6 a[l], k_b[l], k_c[l], k_d[l], k_g[l], k_h[l]
#define GP_FIXED_7 (sb == 0 && sc == 0 && sd == 0 && sg == 0 && sh == 0 && sp == 0)
#define GP_KEEP_7 GP_KEEP(b) GP_KEEP(c) GP_KEEP(d) GP_KEEP(g) GP_KEEP(h) GP_KEEP(p)
#define GP_KEPT_7 a[l], k_b[l], k_c[l], k_d[l], k_g[l], k_h[l], k_p[l]
#define GP_FIXED_8 (sb == 0 && sc == 0 && sd == 0 && sg == 0 && sh == 0 && sp == 0 && sq == 0)
#define GP_KEEP_8 GP_KEEP(b) GP_KEEP(c) GP_KEEP(d) GP_KEEP(g) GP_KEEP(h) GP_KEEP(p) GP_KEEP(q)
#define GP_KEPT_8 a[l], k_b[l], k_c[l], k_d[l], k_g[l], k_h[l], k_p[l], k_q[l]
#define GP_STEP_1_OF_0
#define GP_STEP_1_OF_1 GP_STEP_1
#define GP_STEP_1_OF_2 GP_STEP_1
#define GP_STEP_1_OF_3 GP_STEP_1
#define GP_STEP_1_OF_4 GP_STEP_1
#define GP_STEP_1_OF_5 GP_STEP_1
#define GP_STEP_1_OF_6 GP_STEP_1
#define GP_STEP_1_OF_7 GP_STEP_1
#define GP_STEP_1_OF_8 GP_STEP_1

#define GP_FLAT_0 (0)
#define GP_FLAT_1 (sa == W)
#define GP_FLAT_2 (sa == W && sb == W)
#define GP_FLAT_3 (sa == W && sb == W && sc == W)
#define GP_FLAT_4 (sa == W && sb == W && sc == W && sd == W)
#define GP_FLAT_5 (sa == W && sb == W && sc == W && sd == W && sg == W)
#define GP_FLAT_6 (sa == W && sb == W && sc == W && sd == W && sg == W && sh == W)
#define GP_FLAT_7 (sa == W && sb == W && sc == W && sd == W && sg == W && sh == W && sp == W)
#define GP_FLAT_8 (sa == W && sb == W && sc == W && sd == W && sg == W && sh == W && sp == W && sq == W)
#define GP_AT_0
#define GP_AT_1 a[at + l]
#define GP_AT_2 a[at + l], b[at + l]
#define GP_AT_3 a[at + l], b[at + l], c[at + l]
#define GP_AT_4 a[at + l], b[at + l], c[at + l], d[at + l]
#define GP_AT_5 a[at + l], b[at + l], c[at + l], d[at + l], g[at + l]
#define GP_AT_6 a[at + l], b[at + l], c[at + l], d[at + l], g[at + l], h[at + l]
#define GP_AT_7 a[at + l], b[at + l], c[at + l], d[at + l], g[at + l], h[at + l], p[at + l]
#define GP_AT_8 a[at + l], b[at + l], c[at + l], d[at + l], g[at + l], h[at + l], p[at + l], q[at + l]
#define GP_LOOP_MAP(ID, N)                                                                                             \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        GP_ROWS_BEGIN GP_OPERANDS_##N if (GP_FLAT_##N)                                                                 \
        {                                                                                                              \
            size_t at = 0;                                                                                             \
            for (; at + 2 * W <= (size_t)rows * W; at += 2 * W) { /* two rows a turn: half the loop */                 \
                _Pragma("omp simd") for (int l = 0; l < 2 * W; l++) y[at + l] = k_##ID(GP_AT_##N);                     \
            }                                                                                                          \
            for (; at < (size_t)rows * W; at += W) GP_EACH_LANE y[at + l] = k_##ID(GP_AT_##N);                         \
            return;                                                                                                    \
        }                                                                                                              \
        if (GP_FIXED_##N) {                                                                                            \
            GP_KEEP_##N _Pragma("GCC unroll 2") for (int t = 0; t < rows; t++, y += W)                                 \
            {                                                                                                          \
                GP_EACH_LANE y[l] = k_##ID(GP_KEPT_##N);                                                               \
                GP_STEP_1_OF_##N                                                                                       \
            }                                                                                                          \
            return;                                                                                                    \
        }                                                                                                              \
        for (int t = 0; t < rows; t++, y += W) {                                                                       \
            GP_EACH_LANE y[l] = k_##ID(GP_VALUES_##N);                                                                 \
            GP_STEP_##N                                                                                                \
        }                                                                                                              \
    }

/* The state lives in a local array so that the compiler keeps it in registers over the block. */
#define GP_LOOP_SCAN(ID, N, FIELDS)                                                                                    \
    static void init_##ID(gp_exec *e)                                                                                  \
    {                                                                                                                  \
        for (int l = 0; l < W; l++) k_##ID##_init(e->state + l);                                                       \
    }                                                                                                                  \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        double st[(FIELDS) * W] __attribute__((aligned(64)));                                                          \
        memcpy(st, e->state, sizeof st);                                                                               \
        GP_ROWS_BEGIN GP_OPERANDS_##N if (GP_FIXED_##N)                                                                \
        {                                                                                                              \
            GP_KEEP_##N _Pragma("GCC unroll 2") for (int t = 0; t < rows; t++, y += W)                                 \
            {                                                                                                          \
                GP_EACH_LANE y[l] = k_##ID(st + l GP_AFTER_STATE_##N GP_KEPT_##N);                                     \
                GP_STEP_1_OF_##N                                                                                       \
            }                                                                                                          \
        }                                                                                                              \
        else for (int t = 0; t < rows; t++, y += W)                                                                    \
        {                                                                                                              \
            GP_EACH_LANE y[l] = k_##ID(st + l GP_AFTER_STATE_##N GP_VALUES_##N);                                       \
            GP_STEP_##N                                                                                                \
        }                                                                                                              \
        memcpy(e->state, st, sizeof st);                                                                               \
    }

/* bars since the first non-null one of this lane, that one included */
#define GP_COUNT_FROM_FIRST(cnt, value) cnt[l] = cnt[l] > 0.0 || (value) == (value) ? cnt[l] + 1.0 : 0.0

static inline void gp_fill(gp_exec *e, double value)
{
    for (int t = 0; t < e->rows * W; t++) e->y[t] = value;
}

/* WINDOW, constant N: streaming two-stack (van Herk).  Rows 0..N-1 of `buf` hold the raw values of the chunk being filled
 * and, above the current phase, the suffix folds of the chunk before; answer = suffix . prefix.
 * Row N always holds the unit, so that the last bar of a chunk, which has no suffix, needs no path of its own.
 * State: prefix[F*W], cnt[W], buf[min(N,cap)+1][F*W]. */
#define GP_LOOP_WINDOW(ID, F)                                                                                          \
    GP_HD void lane_unit_##ID(double *acc)                                                                             \
    {                                                                                                                  \
        double u[F];                                                                                                   \
        k_##ID##_unit(u);                                                                                              \
        for (int j = 0; j < (F); j++) acc[j * W] = u[j];                                                               \
    }                                                                                                                  \
    static void init_##ID(gp_exec *e)                                                                                  \
    {                                                                                                                  \
        for (int l = 0; l < ((F) + 1) * W; l++) e->state[l] = 0.0;                                                     \
        if (e->len > 0 && e->len < e->cap)                                                                             \
            for (int l = 0; l < W; l++) lane_unit_##ID(e->state + ((F) + 1 + (size_t)e->len * (F)) * W + l);           \
    }                                                                                                                  \
    /* One lane.  A function of its own, so that the small arrays become registers before the lane loop is vectorised. */\
    GP_HD void lane_##ID(double *acc, double *cnt, double *row, const double *suffix, const double *x, double *y, double n,\
                         double i, const int has_row, const int has_suffix, const int started)                         \
    {                                                                                                                  \
        double v[F], a[F];                                                                                             \
        k_##ID##_push(v, *x, i);                                                                                       \
        for (int j = 0; j < (F); j++) a[j] = acc[j * W];                                                               \
        k_##ID##_fold(a, v);                                                                                           \
        for (int j = 0; j < (F); j++) acc[j * W] = a[j];                                                               \
        if (has_row)                                                                                                   \
            for (int j = 0; j < (F); j++) row[j * W] = v[j];                                                           \
        if (has_suffix) {                                                                                              \
            for (int j = 0; j < (F); j++) v[j] = suffix[j * W];                                                        \
            k_##ID##_fold(v, a);                                                                                       \
            for (int j = 0; j < (F); j++) a[j] = v[j];                                                                 \
        }                                                                                                              \
        const double c = started || *cnt > 0.0 || *x == *x ? *cnt + 1.0 : 0.0;                                         \
        *cnt = c;                                                                                                      \
        *y = k_##ID##_fin(a, n, c, *x, i);                                                                             \
    }                                                                                                                  \
    GP_HD void lane_fold_##ID(double *older)                                                                           \
    {                                                                                                                  \
        double a[F], b[F];                                                                                             \
        for (int j = 0; j < (F); j++) a[j] = older[j * W], b[j] = older[((F) + j) * W];                                \
        k_##ID##_fold(a, b);                                                                                           \
        for (int j = 0; j < (F); j++) older[j * W] = a[j];                                                             \
    }                                                                                                                  \
    GP_HD void run_rows_##ID(double *acc_, double *cnt_, double *restrict row, const double *x, size_t sx, double *restrict y,\
                             double n, double i, int rows, const int has_row, const int has_suffix, const int started) \
    {                                                                                                                  \
        double acc[(F) * W] __attribute__((aligned(64))), cnt[W] __attribute__((aligned(64)));                         \
        memcpy(acc, acc_, sizeof acc);                                                                                 \
        memcpy(cnt, cnt_, sizeof cnt);                                                                                 \
        for (int t = 0; t < rows; t++, x += sx, y += W, row += has_row ? (F) * W : 0, i += 1.0) {                      \
            GP_EACH_LANE lane_##ID(acc + l, cnt + l, row + l, row + (F) * W + l, x + l, y + l, n, i, has_row, has_suffix,\
                                   started);                                                                           \
        }                                                                                                              \
        memcpy(acc_, acc, sizeof acc);                                                                                 \
        memcpy(cnt_, cnt, sizeof cnt);                                                                                 \
    }                                                                                                                  \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        if (e->len == GP_N_NULL || e->len == GP_N_ZERO) {                                                              \
            gp_fill(e, e->len == GP_N_NULL ? GP_NULL : 0.0);                                                           \
            return;                                                                                                    \
        }                                                                                                              \
        double acc[(F) * W] __attribute__((aligned(64))), cnt[W] __attribute__((aligned(64)));                         \
        memcpy(acc, e->state, sizeof acc);                                                                             \
        memcpy(cnt, e->state + (F) * W, sizeof cnt);                                                                   \
        double *buf = e->state + ((F) + 1) * W;                                                                        \
        const double *x = e->x[0];                                                                                     \
        double *restrict y = e->y;                                                                                     \
        const int n = e->len;                                                                                          \
        const double dn = n;                                                                                           \
        int started = 1;                                                                                               \
        for (int l = 0; l < W; l++) started &= cnt[l] > 0.0;                                                           \
        for (int t = 0, phase = e->bar % n; t < e->rows;) { /* a run of rows inside one chunk of n bars */             \
            const int rows = n - phase < e->rows - t ? n - phase : e->rows - t;                                        \
            const int i = e->bar + t;                                                                                  \
            if (phase == 0)                                                                                            \
                for (int l = 0; l < W; l++) lane_unit_##ID(acc + l);                                                   \
            double *row = n == GP_N_ALL ? acc : buf + (size_t)phase * (F) * W;                                         \
            const int kind = n == GP_N_ALL ? 0 : i >= n ? 2 : 1;                                                       \
            if (kind == 2 && started) run_rows_##ID(acc, cnt, row, x, e->stride[0], y, dn, i, rows, 1, 1, 1);          \
            else if (kind == 2) run_rows_##ID(acc, cnt, row, x, e->stride[0], y, dn, i, rows, 1, 1, 0);                \
            else if (kind == 1) run_rows_##ID(acc, cnt, row, x, e->stride[0], y, dn, i, rows, 1, 0, 0);                \
            else run_rows_##ID(acc, cnt, row, x, e->stride[0], y, dn, i, rows, 0, 0, 0);                               \
            x += (size_t)rows * e->stride[0];                                                                          \
            y += (size_t)rows * W;                                                                                     \
            t += rows;                                                                                                 \
            phase += rows;                                                                                             \
            if (phase == n) {                                                                                          \
                phase = 0;                                                                                             \
                for (int k = n - 2; k >= 0; k--) {                                                                     \
                    double *older = buf + (size_t)k * (F) * W;                                                         \
                    GP_EACH_LANE lane_fold_##ID(older + l);                                                            \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        memcpy(e->state, acc, sizeof acc);                                                                             \
        memcpy(e->state + (F) * W, cnt, sizeof cnt);                                                                   \
    }                                                                                                                  \
    GP_LOOP_WINDOW_SERIES(ID, F)

/* WINDOW, N read on every bar: a segment tree grown with the bars, O(log N) folds a query.
 * Level k holds folds of 2^k aligned bars.  State: cnt[W], then levels; level k starts at gp_tree_level(cap, k) rows. */
static inline size_t gp_tree_level(int cap, int k)
{
    size_t rows = 0;
    for (int j = 0; j < k; j++) rows += ((size_t)cap >> j) + 1;
    return rows;
}

#define GP_LOOP_WINDOW_SERIES(ID, F)                                                                                   \
    static void init_series_##ID(gp_exec *e)                                                                           \
    {                                                                                                                  \
        for (int l = 0; l < W; l++) e->state[l] = 0.0;                                                                 \
    }                                                                                                                  \
    static void run_series_##ID(gp_exec *e)                                                                            \
    {                                                                                                                  \
        double *cnt = e->state;                                                                                        \
        double *level[32];                                                                                             \
        int levels = 0;                                                                                                \
        for (; levels < 31 && (e->cap >> levels) > 0; levels++)                                                        \
            level[levels] = e->state + W + gp_tree_level(e->cap, levels) * (F) * W;                                    \
        const double *x = e->x[0], *nn = e->x[1];                                                                      \
        double *y = e->y;                                                                                              \
        for (int t = 0; t < e->rows; t++, x += e->stride[0], nn += e->stride[1], y += W) {                             \
            const int i = e->bar + t;                                                                                  \
            for (int l = 0; l < W; l++) {                                                                              \
                double v[F];                                                                                           \
                k_##ID##_push(v, x[l], i);                                                                             \
                for (int j = 0; j < (F); j++) level[0][((size_t)i * (F) + j) * W + l] = v[j];                          \
                GP_COUNT_FROM_FIRST(cnt, x[l]);                                                                        \
            }                                                                                                          \
            for (int k = 1; k < levels && ((i + 1) & ((1 << k) - 1)) == 0; k++) {                                      \
                const double *low = level[k - 1] + (size_t)((i >> (k - 1)) - 1) * (F) * W;                             \
                double *up = level[k] + (size_t)(i >> k) * (F) * W;                                                    \
                for (int l = 0; l < W; l++) {                                                                          \
                    double a[F], b[F];                                                                                 \
                    for (int j = 0; j < (F); j++) a[j] = low[j * W + l], b[j] = low[((F) + j) * W + l];                \
                    k_##ID##_fold(a, b);                                                                               \
                    for (int j = 0; j < (F); j++) up[j * W + l] = a[j];                                                \
                }                                                                                                      \
            }                                                                                                          \
            for (int l = 0; l < W; l++) {                                                                              \
                const int n = k_##ID##_len(nn[l], e->n_is_last);                                                       \
                if (n == GP_N_NULL || n == GP_N_ZERO) {                                                                \
                    y[l] = n == GP_N_NULL ? GP_NULL : 0.0;                                                             \
                    continue;                                                                                          \
                }                                                                                                      \
                double a[F];                                                                                           \
                k_##ID##_unit(a);                                                                                      \
                int at = n > i ? 0 : i + 1 - n;                                                                        \
                while (at <= i) {                                                                                      \
                    int k = 0;                                                                                         \
                    while (k + 1 < levels && (at & ((2 << k) - 1)) == 0 && at + (2 << k) <= i + 1) k++;                \
                    const double *from = level[k] + (size_t)(at >> k) * (F) * W;                                       \
                    double b[F];                                                                                       \
                    for (int j = 0; j < (F); j++) b[j] = from[j * W + l];                                              \
                    k_##ID##_fold(a, b);                                                                               \
                    at += 1 << k;                                                                                      \
                }                                                                                                      \
                y[l] = k_##ID##_fin(a, n, cnt[l], x[l], i);                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

/* MOMENTS, constant N: values are shifted by the first value of the current chunk of N bars, which every window ending in
 * that chunk contains, so nothing cancels.  A null makes the moments of exactly the windows that hold it NaN.
 * State: cnt[W], prev[W], shift[W], prefix[M*W], raw[min(N,cap)+1][W], suffix[min(N,cap)+1][M*W], whose row N stays 0. */
#define GP_LOOP_MOMENTS(ID, M)                                                                                         \
    static void init_##ID(gp_exec *e)                                                                                  \
    {                                                                                                                  \
        for (int l = 0; l < W; l++) e->state[l] = 0.0, e->state[W + l] = GP_NULL, e->state[2 * W + l] = 0.0;           \
        for (int l = 0; l < (M) * W; l++) e->state[3 * W + l] = 0.0;                                                   \
        if (e->len < 1 || e->len >= e->cap) return;                                                                    \
        double *end = e->state + (3 + (M) + (size_t)e->len + 1 + (size_t)e->len * (M)) * W;                            \
        for (int l = 0; l < (M) * W; l++) end[l] = 0.0;                                                                \
    }                                                                                                                  \
    GP_HD void lane_add_##ID(double *m, double *to, double x, double q)                                                \
    {                                                                                                                  \
        double a[M];                                                                                                   \
        for (int j = 0; j < (M); j++) a[j] = m[j * W];                                                                 \
        k_##ID##_add(a, x, q);                                                                                         \
        for (int j = 0; j < (M); j++) to[j * W] = m[j * W] = a[j];                                                     \
    }                                                                                                                  \
    GP_HD double lane_fin_##ID(const double *m, const double *suffix, double n, double e, double c, const int has_suffix)\
    {                                                                                                                  \
        double a[M];                                                                                                   \
        for (int j = 0; j < (M); j++) a[j] = has_suffix ? m[j * W] + suffix[j * W] : m[j * W];                         \
        return k_##ID##_fin(a, n, e, c);                                                                               \
    }                                                                                                                  \
    /* full: every lane has had its n bars, and the caller adds the rows to cnt */                                     \
    GP_HD void lane_keep_##ID(double *cnt, double *prev, double x, double *y, double n, double r, const int full)      \
    {                                                                                                                  \
        const double c = full ? *cnt : *cnt > 0.0 || x == x ? *cnt + 1.0 : 0.0;                                        \
        const double kept = r == r ? r : *prev;                                                                        \
        const double out = full || c >= n ? kept : GP_NULL;                                                            \
        if (!full) *cnt = c;                                                                                           \
        *prev = out;                                                                                                   \
        *y = out;                                                                                                      \
    }                                                                                                                  \
    GP_HD void run_rows_##ID(double *cnt_, double *prev_, const double *shift_, double *m_, double *restrict keep,     \
                             const double *sfx, const double *x, size_t sx, double *restrict y, double n, double q, int rows,\
                             const int has_suffix, const int full)                                                     \
    {                                                                                                                  \
        double cnt[W] __attribute__((aligned(64))), prev[W] __attribute__((aligned(64)));                              \
        double shift[W] __attribute__((aligned(64))), m[(M) * W] __attribute__((aligned(64)));                         \
        memcpy(cnt, cnt_, sizeof cnt);                                                                                 \
        memcpy(prev, prev_, sizeof prev);                                                                              \
        memcpy(shift, shift_, sizeof shift);                                                                           \
        memcpy(m, m_, sizeof m);                                                                                       \
        for (int t = 0; t < rows; t++, x += sx, y += W, keep += W, sfx += has_suffix ? (M) * W : 0, q += 1.0) {        \
            GP_EACH_LANE                                                                                               \
            {                                                                                                          \
                keep[l] = x[l];                                                                                        \
                lane_add_##ID(m + l, m + l, x[l] - shift[l], q);                                                       \
                lane_keep_##ID(cnt + l, prev + l, x[l], y + l, n, lane_fin_##ID(m + l, sfx + l, n, q, shift[l], has_suffix), full);\
            }                                                                                                          \
        }                                                                                                              \
        for (int l = 0; l < W; l++) cnt_[l] = full ? cnt_[l] + rows : cnt[l];                                          \
        memcpy(prev_, prev, sizeof prev);                                                                              \
        memcpy(m_, m, sizeof m);                                                                                       \
    }                                                                                                                  \
    static void suffix_##ID(double *suffix, const double *raw, const double *shift, int n)                             \
    {                                                                                                                  \
        double m[(M) * W] __attribute__((aligned(64)));                                                                \
        for (int l = 0; l < (M) * W; l++) m[l] = 0.0;                                                                  \
        for (int k = n - 1; k >= 1; k--) {                                                                             \
            double *to = suffix + (size_t)k * (M) * W;                                                                 \
            const double *from = raw + (size_t)k * W;                                                                  \
            const double q = k - n;                                                                                    \
            GP_EACH_LANE lane_add_##ID(m + l, to + l, from[l] - shift[l], q);                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void resume_##ID(gp_exec *e)                                                                                \
    {                                                                                                                  \
        const int n = e->len;                                                                                          \
        double *raw = e->state + (3 + (M)) * W;                                                                        \
        suffix_##ID(raw + ((size_t)n + 1) * W, raw, e->state + 2 * W, n);                                              \
    }                                                                                                                  \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        const int n = e->len;                                                                                          \
        if (n < 1 || n == GP_N_ALL) {                                                                                  \
            gp_fill(e, GP_NULL);                                                                                       \
            return;                                                                                                    \
        }                                                                                                              \
        double cnt[W] __attribute__((aligned(64))), prev[W] __attribute__((aligned(64)));                              \
        double shift[W] __attribute__((aligned(64))), m[(M) * W] __attribute__((aligned(64)));                         \
        memcpy(cnt, e->state, sizeof cnt);                                                                             \
        memcpy(prev, e->state + W, sizeof prev);                                                                       \
        memcpy(shift, e->state + 2 * W, sizeof shift);                                                                 \
        memcpy(m, e->state + 3 * W, sizeof m);                                                                         \
        double *raw = e->state + (3 + (M)) * W;                                                                        \
        double *suffix = raw + (size_t)((n < e->cap ? n : e->cap) + 1) * W;                                            \
        const double *x = e->x[0];                                                                                     \
        double *restrict y = e->y;                                                                                     \
        const double dn = n;                                                                                           \
        for (int t = 0, phase = e->bar % n; t < e->rows;) {                                                            \
            int rows = n - phase < e->rows - t ? n - phase : e->rows - t;                                              \
            const int i = e->bar + t;                                                                                  \
            if (phase == 0) {                                                                                          \
                GP_EACH_LANE shift[l] = x[l] == x[l] ? x[l] : 0.0;                                                     \
                for (int l = 0; l < (M) * W; l++) m[l] = 0.0;                                                          \
                if (i > 0) suffix_##ID(suffix, raw, shift, n);                                                         \
            }                                                                                                          \
            double *keep = raw + (size_t)phase * W;                                                                    \
            int full = 1; /* every lane has had its first n bars */                                                    \
            for (int l = 0; l < W; l++) full &= cnt[l] >= dn;                                                          \
            const double *sfx = suffix + (size_t)(phase + 1) * (M) * W;                                                \
            if (i >= n && full)                                                                                        \
                run_rows_##ID(cnt, prev, shift, m, keep, sfx, x, e->stride[0], y, dn, phase, rows, 1, 1);              \
            else if (i >= n)                                                                                           \
                run_rows_##ID(cnt, prev, shift, m, keep, sfx, x, e->stride[0], y, dn, phase, rows, 1, 0);              \
            else                                                                                                       \
                run_rows_##ID(cnt, prev, shift, m, keep, suffix, x, e->stride[0], y, dn, phase, rows, 0, 0);           \
            x += (size_t)rows * e->stride[0];                                                                          \
            y += (size_t)rows * W;                                                                                     \
            t += rows;                                                                                                 \
            phase += rows;                                                                                             \
            if (phase == n) phase = 0;                                                                                 \
        }                                                                                                              \
        memcpy(e->state, cnt, sizeof cnt);                                                                             \
        memcpy(e->state + W, prev, sizeof prev);                                                                       \
        memcpy(e->state + 2 * W, shift, sizeof shift);                                                                 \
        memcpy(e->state + 3 * W, m, sizeof m);                                                                         \
    }                                                                                                                  \
    GP_LOOP_MOMENTS_SERIES(ID, M)

/* MOMENTS, N read on every bar: summed afresh over the N bars, shifted by the newest value.
 * State: cnt[W], prev[W], raw[W][cap]. */
#define GP_LOOP_MOMENTS_SERIES(ID, M)                                                                                  \
    static void init_series_##ID(gp_exec *e)                                                                           \
    {                                                                                                                  \
        for (int l = 0; l < W; l++) e->state[l] = 0.0, e->state[W + l] = GP_NULL;                                      \
    }                                                                                                                  \
    static void run_series_##ID(gp_exec *e)                                                                            \
    {                                                                                                                  \
        double *cnt = e->state, *prev = e->state + W;                                                                  \
        const double *x = e->x[0], *nn = e->x[1];                                                                      \
        double *y = e->y;                                                                                              \
        for (int t = 0; t < e->rows; t++, x += e->stride[0], nn += e->stride[1], y += W) {                             \
            const int i = e->bar + t;                                                                                  \
            for (int l = 0; l < W; l++) {                                                                              \
                double *raw = e->state + 2 * W + (size_t)l * e->cap;                                                   \
                raw[i] = x[l];                                                                                         \
                GP_COUNT_FROM_FIRST(cnt, x[l]);                                                                        \
                const int n = k_##ID##_len(nn[l], e->n_is_last);                                                       \
                double r = GP_NULL;                                                                                    \
                if (n >= 1 && cnt[l] >= n) {                                                                           \
                    double m[M];                                                                                       \
                    for (int j = 0; j < (M); j++) m[j] = 0.0;                                                          \
                    const double shift = x[l] == x[l] ? x[l] : 0.0;                                                    \
                    for (int k = i - n + 1; k <= i; k++) k_##ID##_add(m, raw[k] - shift, k - i);                       \
                    r = k_##ID##_fin(m, n, 0.0, shift);                                                                \
                    if (r != r) r = prev[l];                                                                           \
                }                                                                                                      \
                y[l] = prev[l] = r;                                                                                    \
            }                                                                                                          \
        }                                                                                                              \
    }

/* HISTORY: every operand that varies is kept whole, lane by lane, so that a kernel may look at any earlier bar.
 * State: gp_hist per lane, then kept[operand][W][cap]. */
#define GP_HIST_DOUBLES ((sizeof(gp_hist) * W + 63) / 64 * 8)
static inline void gp_history_init(gp_exec *e)
{
    gp_hist *h = (gp_hist *)(void *)e->state;
    for (int l = 0; l < W; l++) {
        memset(&h[l], 0, sizeof h[l]);
        h[l].prev = GP_NULL;
        h[l].f = -1;
    }
}
static inline void gp_history_push(gp_exec *e, int n_in)
{
    gp_hist *h = (gp_hist *)(void *)e->state;
    double *kept = e->state + GP_HIST_DOUBLES;
    for (int a = 0; a < n_in; a++) {
        const int varies = (e->varying_mask >> a) & 1;
        for (int l = 0; l < W; l++) {
            if (varies) {
                double *to = kept + (size_t)l * e->cap;
                const double *x = e->x[a] + l;
                for (int t = 0; t < e->rows; t++) to[e->bar + t] = x[(size_t)t * W];
                h[l].x[a] = to;
                h[l].stride[a] = 1;
            } else {
                h[l].x[a] = e->x[a] + l;
                h[l].stride[a] = 0;
            }
            h[l].len = e->lane_n[l];
        }
        if (varies) kept += (size_t)W * e->cap;
    }
}
#define GP_LOOP_HISTORY(ID, N)                                                                                         \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        gp_hist *hist = (gp_hist *)(void *)e->state;                                                                   \
        gp_history_push(e, N);                                                                                         \
        for (int l = 0; l < W; l++) {                                                                                  \
            gp_hist *h = &hist[l];                                                                                     \
            const int end = e->lane_n[l] - e->bar;                                                                     \
            for (int t = 0; t < e->rows; t++) {                                                                        \
                const int i = e->bar + t;                                                                              \
                double r = GP_NULL;                                                                                    \
                if (t < end) { /* past the end of the lane there is nothing to look at */                              \
                    if (h->f < 0) {                                                                                    \
                        int all = 1;                                                                                   \
                        for (int a = 0; a < (N); a++)                                                                  \
                            if ((e->series_mask >> a) & 1) all &= !gp_null(GP_H(h, a, i));                             \
                        if (all) h->f = i;                                                                             \
                    }                                                                                                  \
                    r = k_##ID(h, i);                                                                                  \
                    h->prev = r;                                                                                       \
                }                                                                                                      \
                e->y[t * W + l] = r;                                                                                   \
            }                                                                                                          \
        }                                                                                                              \
    }
#endif
