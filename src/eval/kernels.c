/* Every kernel loop, for one instruction set.  CMake compiles this file once per set with GP_ISA=sse2|avx2|avx512. */
#include "eval/shapes.h"
#include "builtins/kernels.h"
#include "builtins/internal.h"
#ifdef __AVX__
#include <immintrin.h>
#endif

#define GP_PASTE_(a, b) a##b
#define GP_PASTE(a, b) GP_PASTE_(a, b)
#define GP_TEXT_(a) #a
#define GP_TEXT(a) GP_TEXT_(a)

/* 1. the loops */
#define GP_MAP(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, ...) GP_LOOP_MAP(ID, N)
#define GP_SCAN(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...) GP_LOOP_SCAN(ID, N, FIELDS)
#define GP_WINDOW(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...) GP_LOOP_WINDOW(ID, FIELDS)
#define GP_MOMENTS(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...) GP_LOOP_MOMENTS(ID, FIELDS)
#define GP_HISTORY(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, ...) GP_LOOP_HISTORY(ID, N)
#include "builtins/all.def"

/* REF with a constant offset A: a ring of A rows, copied in runs.  State: ring[min(A,cap)][W], null before bar 0. */
static void init_delay(gp_exec *e)
{
    const int rows = e->len < e->cap ? e->len : e->cap;
    for (int l = 0; l < rows * W; l++) e->state[l] = GP_NULL;
}

static void copy_rows(double *to, const double *from, size_t stride, int rows)
{
    if (stride == W) {
        memcpy(to, from, (size_t)rows * W * sizeof *to);
        return;
    }
    for (int t = 0; t < rows; t++, from += stride) memcpy(to + (size_t)t * W, from, W * sizeof *to);
}

/* The block's last `held` rows of the operand go into the ring of a rows. */
static void keep_rows(gp_exec *e, int a, int held)
{
    const int first = e->rows - held;
    for (int t = first, at = a ? (e->bar + first) % a : 0; t < e->rows; at = 0) {
        const int run = a - at < e->rows - t ? a - at : e->rows - t;
        copy_rows(e->state + (size_t)at * W, e->x[0] + (size_t)t * e->stride[0], e->stride[0], run);
        t += run;
    }
}

static void run_delay(gp_exec *e)
{
    const int a = e->len;
    if (a < 0 || a >= e->cap) { /* a negative offset repeats the previous output, and there is none */
        gp_fill(e, GP_NULL);
        return;
    }
    const int held = a < e->rows ? a : e->rows; /* rows that come from the ring; the rest come from this block */
    const size_t stride = e->stride[0];
    for (int t = 0, at = a ? e->bar % a : 0; t < held; at = 0) {
        const int run = a - at < held - t ? a - at : held - t;
        memcpy(e->y + (size_t)t * W, e->state + (size_t)at * W, (size_t)run * W * sizeof(double));
        t += run;
    }
    copy_rows(e->y + (size_t)held * W, e->x[0], stride, e->rows - held);
    keep_rows(e, a, held);
}

/* HIGHER, LOWER, RISES, FALLS: X now and e->len bars ago, combined; the ring is that of a delay. */
#define GP_LOOP_EXTEND(ID)                                                                                             \
    static void run_##ID(gp_exec *e)                                                                                   \
    {                                                                                                                  \
        const int a = e->len;                                                                                          \
        const double *x = e->x[0];                                                                                     \
        double *restrict y = e->y;                                                                                     \
        if (a >= e->cap) { /* there is no such earlier bar */                                                          \
            for (int t = 0; t < e->rows; t++) GP_EACH_LANE y[(size_t)t * W + l] = k_##ID(x[(size_t)t * W + l], GP_NULL); \
            return;                                                                                                    \
        }                                                                                                              \
        const int held = a < e->rows ? a : e->rows;                                                                    \
        for (int t = 0, at = a ? e->bar % a : 0; t < held; at = 0) {                                                   \
            const int run = a - at < held - t ? a - at : held - t;                                                     \
            const double *old = e->state + (size_t)at * W;                                                             \
            for (int r = 0; r < run; r++, t++, old += W)                                                               \
                GP_EACH_LANE y[(size_t)t * W + l] = k_##ID(x[(size_t)t * W + l], old[l]);                              \
        }                                                                                                              \
        for (int t = held; t < e->rows; t++)                                                                           \
            GP_EACH_LANE y[(size_t)t * W + l] = k_##ID(x[(size_t)t * W + l], x[(size_t)(t - a) * W + l]);              \
        keep_rows(e, a, held);                                                                                         \
    }

typedef double pair __attribute__((vector_size(16)));
#ifdef __clang__
#define PAIR(a, b, i, j) __builtin_shufflevector(a, b, i, j)
#else
typedef long long pair_index __attribute__((vector_size(16)));
#define PAIR(a, b, i, j) __builtin_shuffle(a, b, (pair_index){i, j})
#endif

/* Two bars of two lanes, turned.  Pairs, because gcc makes a detour of wider shuffles. */
static inline void turn(const double *c0, const double *c1, double *y)
{
    pair a, b;
    memcpy(&a, c0, sizeof a);
    memcpy(&b, c1, sizeof b);
    const pair first = PAIR(a, b, 0, 2), second = PAIR(a, b, 1, 3);
    memcpy(y, &first, sizeof first);
    memcpy(y + W, &second, sizeof second);
}

GP_LOOP_EXTEND(HIGHER)
GP_LOOP_EXTEND(LOWER)
GP_LOOP_EXTEND(RISES)
GP_LOOP_EXTEND(FALLS)

static void load_tile(double *y, const double *const *col, const int *lane_n, int bar, int rows)
{
    int whole = rows;
    for (int l = 0; l < W; l++)
        if (lane_n[l] - bar < whole) whole = lane_n[l] - bar < 0 ? 0 : lane_n[l] - bar;
    const double *c[W];
    for (int l = 0; l < W; l++) c[l] = col[l] + bar;
    int t = 0;
    for (; t + 2 <= whole; t += 2)
        for (int l = 0; l < W; l += 2) turn(c[l] + t, c[l + 1] + t, y + (size_t)t * W + l);
    for (; t < rows; t++)
        for (int l = 0; l < W; l++) y[t * W + l] = bar + t < lane_n[l] ? c[l][t] : GP_NULL;
}

static void truth_tile(unsigned char *to, const double *y, int rows)
{
    for (int t = 0; t < rows; t++, y += W) {
#if defined(__AVX512F__)
        to[t] = (unsigned char)_mm512_cmp_pd_mask(_mm512_abs_pd(_mm512_loadu_pd(y)), _mm512_set1_pd(1e-5), _CMP_GE_OQ);
#elif defined(__AVX__)
        const __m256d sign = _mm256_set1_pd(-0.0), least = _mm256_set1_pd(1e-5);
        const __m256d a = _mm256_cmp_pd(_mm256_andnot_pd(sign, _mm256_loadu_pd(y)), least, _CMP_GE_OQ);
        const __m256d b = _mm256_cmp_pd(_mm256_andnot_pd(sign, _mm256_loadu_pd(y + 4)), least, _CMP_GE_OQ);
        to[t] = (unsigned char)(_mm256_movemask_pd(a) | _mm256_movemask_pd(b) << 4);
#else
        unsigned bits = 0;
        for (int l = 0; l < W; l++) bits |= (unsigned)(y[l] >= 1e-5 || y[l] <= -1e-5) << l;
        to[t] = (unsigned char)bits;
#endif
    }
}

/* 2. the table */
#define GP_MAP(ID, ...) [GP_B_##ID] = {.run = run_##ID},
#define GP_SCAN(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...)                              \
    [GP_B_##ID] = {.init = init_##ID, .run = run_##ID, .fields = FIELDS},
#define GP_WINDOW(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...)                            \
    [GP_B_##ID] = {init_##ID, run_##ID, init_series_##ID, run_series_##ID, NULL, NULL, k_##ID##_len, FIELDS},
#define GP_MOMENTS(ID, NAME, ALIASES, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, N, FIELDS, ...)                           \
    [GP_B_##ID] = {init_##ID, run_##ID, init_series_##ID, run_series_##ID, NULL, resume_##ID, k_##ID##_len, FIELDS},
#define GP_HISTORY(ID, ...) [GP_B_##ID] = {.init = gp_history_init, .run = run_##ID},
#define GP_WHOLE(ID, ...) [GP_B_##ID] = {.whole = k_##ID},

static const gp_kernel table[GP_B_COUNT] = {
#include "builtins/all.def"
    [GP_B_REF] = {.init = init_delay, .run = run_delay},
    [GP_B_HIGHER] = {.init = init_delay, .run = run_HIGHER},
    [GP_B_LOWER] = {.init = init_delay, .run = run_LOWER},
    [GP_B_RISES] = {.init = init_delay, .run = run_RISES},
    [GP_B_FALLS] = {.init = init_delay, .run = run_FALLS},
};
extern const gp_kernel_set GP_PASTE(gp_kernels_, GP_ISA);
const gp_kernel_set GP_PASTE(gp_kernels_, GP_ISA) = {GP_TEXT(GP_ISA), table, load_tile, truth_tile};
