#ifndef GP_BENCH_GPU_H
#define GP_BENCH_GPU_H
#include "accel/device.h"
#include "bench/bench.h"
/* A sweep of 1,000 sets with resident quotes, added up on the device; true when the sums are the processor's. */
bool gp_bench_gpu_sweep(const gp_bench_opts *o, gp_accel *a, const gp_bench_market *market, const gp_lane *lane);
#endif
