/* CUDA's driver and its run-time compiler, opened when they are first needed: neither is linked, so that the module builds and loads
 * where there is no GPU. */
#ifndef GP_CUDA_DRIVER_H
#define GP_CUDA_DRIVER_H
#include <cuda.h>
#include <nvrtc.h>
#include <stdbool.h>
#include <stddef.h>

#define GP_CUDA_CALLS(X) \
    X(cuInit) X(cuDriverGetVersion) X(cuDeviceGetCount) X(cuDeviceGet) X(cuDeviceGetName) X(cuDeviceGetAttribute) X(cuDeviceTotalMem_v2) \
    X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxRelease_v2) X(cuCtxSetCurrent) X(cuCtxSynchronize) X(cuMemGetInfo_v2) X(cuMemAlloc_v2) \
    X(cuMemFree_v2) X(cuMemcpyHtoD_v2) X(cuMemcpyDtoH_v2) X(cuMemsetD8_v2) X(cuModuleLoadData) X(cuModuleUnload) X(cuModuleGetFunction) X(cuFuncGetAttribute) X(cuFuncSetAttribute) \
    X(cuLaunchKernel) X(cuGetErrorName) X(cuGetErrorString)
#define GP_NVRTC_CALLS(X) \
    X(nvrtcVersion) X(nvrtcGetErrorString) X(nvrtcCreateProgram) X(nvrtcDestroyProgram) X(nvrtcCompileProgram) X(nvrtcGetCUBINSize) \
    X(nvrtcGetCUBIN) X(nvrtcGetPTXSize) X(nvrtcGetPTX) X(nvrtcGetProgramLogSize) X(nvrtcGetProgramLog) X(nvrtcGetNumSupportedArchs) \
    X(nvrtcGetSupportedArchs)

typedef struct gp_cuda {
    void *driver, *nvrtc;
#define GP_CALL(NAME) __typeof__(&NAME) NAME;
    GP_CUDA_CALLS(GP_CALL)
    GP_NVRTC_CALLS(GP_CALL)
#undef GP_CALL
} gp_cuda;

/* False after saying why.  $GOLDPIT_CUDA_DRIVER and $GOLDPIT_NVRTC name other files (tests). */
bool gp_cuda_open(gp_cuda *c, char *why, size_t room);
void gp_cuda_close(gp_cuda *c);
#endif
