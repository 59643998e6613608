/* Lanes of a warp that talk to each other, for the mock driver. */
#ifndef GP_TESTS_CUDA_WARP_H
#define GP_TESTS_CUDA_WARP_H
#include "accel/fused.h"

/* What the shim's intrinsics (compiler.c) call: which, the lanes that take part, a value, and of a shuffle whose. */
enum { MOCK_ACTIVE, MOCK_MATCH, MOCK_BALLOT, MOCK_SHUFFLE, MOCK_REDUCE };
typedef unsigned mock_warp_call(int call, unsigned mask, unsigned value, int from);

typedef struct mock_function {
    void (*kernel)(gp_fused_args);
    void (*place)(unsigned, unsigned, unsigned);
    mock_warp_call **warp; /* where the kernel looks for the above */
    char name[64];
    void (*share)(double *); /* where the shared memory of the block is */
    unsigned most_shared;
} mock_function;

/* Threads first .. first + n - 1 of a block, each a coroutine: they go on in an order that nobody may count on, and are together only where
 * an intrinsic says so. */
void mock_run_warp(const mock_function *f, const gp_fused_args *a, unsigned block, unsigned first, unsigned n, unsigned width);
#endif
