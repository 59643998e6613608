/* A driver for tests: the calls of CUDA's driver that the module makes, with memory that is this process's and kernels that the C
 * compiler made (compiler.c), run in a loop over blocks and threads.  What a GPU may do is asked for in $GOLDPIT_MOCK: too little memory,
 * no device, an old driver, a device that fails in the middle. */
#include "driver.h"
#include <cuda.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "warp.h"

enum { SHARED = 232448 /* bytes that a block may have, as on an H100 */, GUARD = 64, BUFFERS = 4096 };
static struct { char *at; size_t n; } buffer[BUFFERS];
static size_t used;
static long long launches, loads;
static int lost;

const char *mock_text(const char *word)
{
    static char text[512];
    const char *all = getenv("GOLDPIT_MOCK");
    const size_t n = strlen(word);
    for (const char *p = all ? strstr(all, word) : NULL; p; p = strstr(p + 1, word)) {
        if ((p != all && p[-1] != ' ') || p[n] != '=') continue;
        snprintf(text, sizeof text, "%.*s", (int)strcspn(p + n + 1, " "), p + n + 1);
        return text;
    }
    return NULL;
}

long long mock_option(const char *word)
{
    const char *text = mock_text(word);
    return text ? atoll(text) : -1;
}

static void note(const char *format, const char *name, unsigned grid, unsigned block, int lanes)
{
    const char *path = mock_text("log");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f) return;
    fprintf(f, format, name, grid, block, lanes);
    fclose(f);
}

static size_t memory(void)
{
    const long long n = mock_option("memory");
    return n >= 0 ? (size_t)n : (size_t)1 << 34;
}

/* The library stays in the process: what one device came to is not the next one's. */
CUresult cuInit(unsigned flags) { (void)flags; launches = loads = lost = 0; return mock_option("init") > 0 ? (CUresult)mock_option("init") : CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int *v) { *v = mock_option("version") > 0 ? (int)mock_option("version") : 13000; return CUDA_SUCCESS; }
CUresult cuDeviceGetCount(int *n) { *n = mock_option("devices") >= 0 ? (int)mock_option("devices") : 1; return CUDA_SUCCESS; }
CUresult cuDeviceGet(CUdevice *d, int k) { *d = k; return CUDA_SUCCESS; }
CUresult cuDeviceGetName(char *name, int n, CUdevice d) { (void)d; snprintf(name, (size_t)n, "mock device"); return CUDA_SUCCESS; }
CUresult cuDeviceTotalMem_v2(size_t *n, CUdevice d) { (void)d; *n = memory(); return CUDA_SUCCESS; }
CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice d) { (void)d; *c = (CUcontext)&used; return CUDA_SUCCESS; }
/* With the context goes all its memory. */
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice d)
{
    (void)d;
    for (int k = 0; k < BUFFERS; k++) free(buffer[k].at), buffer[k].at = NULL;
    used = 0;
    return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext c) { return c == (CUcontext)&used ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT; }
CUresult cuCtxSynchronize(void) { return lost ? CUDA_ERROR_LAUNCH_FAILED : CUDA_SUCCESS; }

CUresult cuDeviceGetAttribute(int *v, CUdevice_attribute a, CUdevice d)
{
    (void)d;
    const int arch = mock_option("arch") > 0 ? (int)mock_option("arch") : 90;
    *v = a == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? arch / 10 : a == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? arch % 10 :
         a == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT ? 2 : a == CU_DEVICE_ATTRIBUTE_CLOCK_RATE ? 1980000 :
         a == CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE ? 3201000 : a == CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH ? 6144 :
         a == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN ? SHARED :
         a == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR ? SHARED + 1024 :
         a == CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR ? 2048 : 0;
    return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult r, const char **z)
{
    *z = r == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : r == CUDA_ERROR_LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : "CUDA_ERROR";
    return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult r, const char **z)
{
    *z = r == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory" : r == CUDA_ERROR_LAUNCH_FAILED ? "unspecified launch failure" : "the mock says no";
    return CUDA_SUCCESS;
}

/* ---- memory: with guards at its end, and nothing in it that may be taken for 0 ---- */

CUresult cuMemGetInfo_v2(size_t *left, size_t *total)
{
    *total = memory();
    *left = mock_option("left") >= 0 ? (size_t)mock_option("left") : *total > used ? *total - used : 0; /* left=: an optimist */
    return lost ? CUDA_ERROR_LAUNCH_FAILED : CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *at, size_t n)
{
    if (lost) return CUDA_ERROR_LAUNCH_FAILED;
    if (used + n > memory()) return CUDA_ERROR_OUT_OF_MEMORY;
    for (int k = 0; k < BUFFERS; k++) {
        if (buffer[k].at) continue;
        buffer[k].at = aligned_alloc(256, (n + GUARD + 255) / 256 * 256);
        buffer[k].n = n;
        memset(buffer[k].at, 0xA5, n + GUARD);
        used += n;
        *at = (CUdeviceptr)(uintptr_t)buffer[k].at;
        return CUDA_SUCCESS;
    }
    return CUDA_ERROR_OUT_OF_MEMORY;
}

static int intact(int k)
{
    for (int i = 0; i < GUARD; i++)
        if ((unsigned char)buffer[k].at[buffer[k].n + (size_t)i] != 0xA5) return 0;
    return 1;
}

static void check_all(void)
{
    for (int k = 0; k < BUFFERS; k++)
        if (buffer[k].at && !intact(k)) {
            fprintf(stderr, "mock: a kernel wrote beyond its memory\n");
            abort();
        }
}

CUresult cuMemFree_v2(CUdeviceptr at)
{
    check_all();
    for (int k = 0; k < BUFFERS; k++)
        if (buffer[k].at == (char *)(uintptr_t)at && at) {
            free(buffer[k].at);
            used -= buffer[k].n;
            buffer[k].at = NULL;
            return CUDA_SUCCESS;
        }
    fprintf(stderr, "mock: memory is freed that was not taken\n");
    abort();
}

/* A copy has to stay inside one buffer. */
static CUresult inside(const char *p, size_t n)
{
    for (int k = 0; k < BUFFERS; k++)
        if (buffer[k].at && p >= buffer[k].at && p + n <= buffer[k].at + buffer[k].n) return lost ? CUDA_ERROR_LAUNCH_FAILED : CUDA_SUCCESS;
    fprintf(stderr, "mock: a copy leaves its buffer\n");
    abort();
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t n)
{
    const CUresult r = inside((char *)(uintptr_t)to, n);
    if (r == CUDA_SUCCESS) memcpy((void *)(uintptr_t)to, from, n);
    return r;
}

CUresult cuMemsetD8_v2(CUdeviceptr at, unsigned char x, size_t n)
{
    const CUresult r = inside((char *)(uintptr_t)at, n);
    if (r == CUDA_SUCCESS) memset((void *)(uintptr_t)at, x, n);
    return r;
}

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t n)
{
    const CUresult r = inside((char *)(uintptr_t)from, n);
    if (r == CUDA_SUCCESS) memcpy(to, (void *)(uintptr_t)from, n);
    return r;
}

/* ---- code ---- */

CUresult cuModuleLoadData(CUmodule *m, const void *image)
{
    const mock_head *h = image;
    char path[] = P_tmpdir "/goldpit-mock-XXXXXX";
    if (++loads <= mock_option("load")) return CUDA_ERROR_INVALID_IMAGE; /* of another driver */
    if (memcmp(h->mark, MOCK_MARK, sizeof MOCK_MARK) != 0) { /* a real compiler's work: it loads, but does not run here */
        *m = (CUmodule)&used;
        return memcmp(image, "\177ELF", 4) == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
    }
    const int fd = mkstemp(path);
    const int good = fd >= 0 && write(fd, h + 1, h->bytes) == (ssize_t)h->bytes;
    if (fd >= 0) close(fd);
    *m = good ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    unlink(path);
    return *m ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
}

CUresult cuModuleUnload(CUmodule m)
{
    if (m != (CUmodule)&used) dlclose(m);
    return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *f, CUmodule m, const char *name)
{
    static mock_function one;
    if (m == (CUmodule)&used || mock_option("binary") > 0) return CUDA_ERROR_NO_BINARY_FOR_GPU;
    *(void **)&one.kernel = dlsym(m, name);
    *(void **)&one.place = dlsym(m, "mock_place");
    one.warp = (mock_warp_call **)dlsym(m, "mock_warp");
    *(void **)&one.share = dlsym(m, "mock_share");
    one.most_shared = 48 << 10;
    snprintf(one.name, sizeof one.name, "%s", name);
    *f = (CUfunction)&one;
    return one.kernel && one.place && one.warp && one.share ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

CUresult cuFuncGetAttribute(int *v, CUfunction_attribute a, CUfunction f)
{
    (void)a, (void)f;
    *v = mock_option("threads") > 0 ? (int)mock_option("threads") : 1024;
    return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction f, CUfunction_attribute a, int v)
{
    if (a != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || v < 0 || v > SHARED) return CUDA_ERROR_INVALID_VALUE;
    ((mock_function *)f)->most_shared = (unsigned)v;
    return CUDA_SUCCESS;
}

/* A block, with shared memory that is guarded at its end and holds what the last block left. */
static void run_block(const mock_function *m, const gp_fused_args *a, unsigned b, unsigned width, unsigned shared)
{
    static char at[SHARED + GUARD] __attribute__((aligned(16)));
    memset(at + shared, 0xA5, GUARD);
    m->share((double *)(void *)at);
    for (unsigned t = 0; t < width; t += a->sums ? 32 : 1) {
        if (a->sums) { /* these alone talk to their neighbours */
            mock_run_warp(m, a, b, t, width - t < 32 ? width - t : 32, width);
            continue;
        }
        m->place(b, t, width);
        m->kernel(*a);
    }
    for (int i = 0; i < GUARD; i++)
        if ((unsigned char)at[shared + (unsigned)i] != 0xA5) {
            fprintf(stderr, "mock: a kernel wrote beyond its shared memory\n");
            abort();
        }
}

CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, CUstream stream,
                        void **params, void **extra)
{
    const mock_function *m = (const mock_function *)f;
    const gp_fused_args *a = params[0];
    (void)stream, (void)extra;
    if (shared > m->most_shared) return CUDA_ERROR_INVALID_VALUE;
    if (gx == 0 || bx == 0 || bx > 1024 || gy != 1 || gz != 1 || by != 1 || bz != 1) return CUDA_ERROR_INVALID_VALUE;
    if ((unsigned long long)gx * bx < (unsigned long long)a->lanes * (unsigned long long)(a->pieces > 1 ? a->pieces : 1)) {
        fprintf(stderr, "mock: %u blocks of %u threads for %d lanes in %d pieces\n", gx, bx, a->lanes, a->pieces);
        abort();
    }
    if (mock_option("slow") > 0) usleep((useconds_t)mock_option("slow"));
    if (launches == 0 && mock_option("first") > 0) usleep((useconds_t)mock_option("first"));
    lost |= mock_option("fail") >= 0 && launches >= mock_option("fail");
    launches++;
    if (lost) return CUDA_SUCCESS; /* it is the next wait that says so */
    for (unsigned b = gx; b-- > 0;) run_block(m, a, b, bx, shared); /* in an order that nobody may count on */
    check_all();
    note("%s grid %u block %u lanes %d\n", m->name, gx, bx, a->lanes);
    return CUDA_SUCCESS;
}
