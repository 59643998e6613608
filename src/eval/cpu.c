/* Chooses the kernel set: the widest this processor runs, or what the caller or $GOLDPIT_ISA asks for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "eval/exec.h"
#include "eval/vm.h"

extern const gp_kernel_set gp_kernels_sse2;
#ifdef GP_HAVE_AVX2
extern const gp_kernel_set gp_kernels_avx2;
#endif
#ifdef GP_HAVE_AVX512
extern const gp_kernel_set gp_kernels_avx512;
#endif

const gp_kernel_set *gp_kernels_choose(const char *isa)
{
    if (!isa) isa = getenv("GOLDPIT_ISA");
    if (isa && strcasecmp(isa, "sse2") == 0) return &gp_kernels_sse2;
#ifdef GP_HAVE_AVX2
    const int avx2 = __builtin_cpu_supports("avx2");
    if (isa && strcasecmp(isa, "avx2") == 0 && avx2) return &gp_kernels_avx2;
#ifdef GP_HAVE_AVX512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return &gp_kernels_avx512;
#endif
    if (avx2) return &gp_kernels_avx2;
#endif
    return &gp_kernels_sse2;
}

const char *gp_isa_best(void)
{
    return gp_kernels_choose(NULL)->name;
}
