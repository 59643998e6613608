/* What a generated kernel does where a result is true, when what is wanted is not the result but what became of such bars: adds the
 * bar's outcomes to its day.  All sums are whole numbers, so that their order cannot be seen.
 *
 * Neighbouring lanes are tickers of one set, and signals come in the same days: the lanes of a warp that stand on a day of one set together are
 * added up first, and one of them goes to memory.  Which lanes are together is asked, not assumed: some of the warp may have ended, belong
 * to the next set, have no signal or another day, or have been parted by the hardware; any grouping gives the same sums. */
#ifndef GP_ACCEL_FUSED_SUMS_H
#define GP_ACCEL_FUSED_SUMS_H

#define GP_FUSED_NO_RETURN (-2147483647 - 1) /* GP_RETURN_NONE */

/* The two words of a cell: bars in the low half of the first and those that won in its high half; the sum of their returns. */
#if defined(__CUDACC__) || defined(GP_FUSED_THREADS)
#define GP_FUSED_ADD(P, X) ((void)atomicAdd((unsigned long long *)(P), (unsigned long long)(X)))
#if !defined(__CUDACC__) || (defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 700)
#define GP_FUSED_WARPS 1
/* Of the lanes `same`, which all call it: 32 values of 32 bits can be 37 bits long. */
GP_STEP long long gp_warp_sum(unsigned same, int x)
{
#if __CUDA_ARCH__ >= 800
    const unsigned low = __reduce_add_sync(same, (unsigned)x & 0xffffu);
    const int high = (int)__reduce_add_sync(same, (unsigned)((x - (int)((unsigned)x & 0xffffu)) / 65536));
    return (long long)high * 65536 + low;
#else
    long long sum = 0;
    for (unsigned left = same; left; left &= left - 1) sum += (int)__shfl_sync(same, x, __ffs((int)left) - 1);
    return sum;
#endif
}
#endif
#else
#define GP_FUSED_ADD(P, X) ((void)(*(P) += (uint64_t)(X)))
#endif

GP_STEP void gp_add_bar(const gp_fused_args *a, int place, int ticker, int t)
{
    const size_t at = (size_t)t * a->tickers + ticker;
    const int day = a->day[at];
    if (day < 0) return;
    const unsigned key = (unsigned)place * (unsigned)a->days + (unsigned)day;
    uint64_t *cell = a->sums + ((size_t)place * a->horizons * a->days + day) * 2;
#ifdef GP_FUSED_WARPS
    const unsigned same = __match_any_sync(__activemask(), key);
    const int leads = (int)(threadIdx.x & 31) == __ffs((int)same) - 1;
#endif
    (void)key;
    for (int h = 0; h < a->horizons; h++, cell += (size_t)a->days * 2) {
        const int x = a->ret[((size_t)h * a->cap) * a->tickers + at], some = x != GP_FUSED_NO_RETURN;
#ifdef GP_FUSED_WARPS
        const unsigned n = (unsigned)__popc(__ballot_sync(same, some)), wins = (unsigned)__popc(__ballot_sync(same, some && x > 0));
        const long long sum = gp_warp_sum(same, some ? x : 0);
        if (leads && n) {
            GP_FUSED_ADD(cell, (uint64_t)wins << 32 | n);
            GP_FUSED_ADD(cell + 1, sum);
        }
#else
        if (some) {
            GP_FUSED_ADD(cell, (uint64_t)(x > 0) << 32 | 1);
            GP_FUSED_ADD(cell + 1, (long long)x);
        }
#endif
    }
}
#endif
