// Compiled, never run: every kernel of the registry as CUDA device code, so that the headers stay device-clean.
// Each row becomes a __device__ function that calls what its shape asks for (builtins/kernel.h).
#include "builtins/kernels.h"
#include "builtins/internal.h"

#define GP_CAT2(a, b) a##b
#define GP_CAT(a, b) GP_CAT2(a, b)
#define GP_ARGS_0
#define GP_ARGS_1 x[0]
#define GP_ARGS_2 x[0], x[1]
#define GP_ARGS_3 x[0], x[1], x[2]
#define GP_ARGS_4 x[0], x[1], x[2], x[3]
#define GP_ARGS_5 x[0], x[1], x[2], x[3], x[4]
#define GP_ARGS_6 x[0], x[1], x[2], x[3], x[4], x[5]
#define GP_ARGS_7 x[0], x[1], x[2], x[3], x[4], x[5], x[6]
#define GP_ARGS_8 x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
#define GP_THEN_0
#define GP_THEN_1 , GP_ARGS_1
#define GP_THEN_2 , GP_ARGS_2
#define GP_THEN_3 , GP_ARGS_3
#define GP_THEN_4 , GP_ARGS_4
#define GP_THEN_5 , GP_ARGS_5
#define GP_THEN_6 , GP_ARGS_6
#define GP_THEN_7 , GP_ARGS_7
#define GP_THEN_8 , GP_ARGS_8

#define GP_MAP(ID, NAME, AL, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, NIN, ...)                                           \
    __global__ void map_##ID(const double *x, double *y) { (void)x; *y = k_##ID(GP_CAT(GP_ARGS_, NIN)); }
#define GP_SCAN(ID, NAME, AL, TIER, CAT, SIG, IN, LOOK, FUT, FLAGS, NIN, ...)                                          \
    __global__ void scan_##ID(const double *x, double *s, double *y)                                                   \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        k_##ID##_init(s);                                                                                              \
        *y = k_##ID(s GP_CAT(GP_THEN_, NIN));                                                                          \
    }
#define GP_WINDOW(ID, ...)                                                                                             \
    __global__ void window_##ID(const double *x, double *v, double *y)                                                 \
    {                                                                                                                  \
        k_##ID##_unit(v);                                                                                              \
        k_##ID##_push(v, x[0], x[1]);                                                                                  \
        k_##ID##_fold(v, x);                                                                                           \
        *y = k_##ID##_fin(v, x[0], x[1], x[2], x[3]) + k_##ID##_len(x[0], 1);                                          \
    }
#define GP_MOMENTS(ID, ...)                                                                                            \
    __global__ void moments_##ID(const double *x, double *m, double *y)                                                \
    {                                                                                                                  \
        k_##ID##_add(m, x[0], x[1]);                                                                                   \
        *y = k_##ID##_fin(m, x[0], x[1], x[2]) + k_##ID##_len(x[0], 1);                                                \
    }
#define GP_HISTORY(ID, ...)                                                                                            \
    __global__ void history_##ID(gp_hist *h, double *y) { *y = k_##ID(h, 3); }
#define GP_WHOLE(ID, ...)                                                                                              \
    __global__ void whole_##ID(const gp_whole *w, double *y) { k_##ID(w, y); }
#define GP_OTHER(ID, ...)
#include "builtins/all.def"
