/* The module for CUDA (accel/accel.h): one device, the first one.  What a status stands for is decided in one place, judge(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "accel/accel.h"
#include "cuda/cache.h"
#include "cuda/driver.h"

enum { NEEDS_DRIVER = 12000, BLOCK = 128, NARROW = 32, SAID = 1024, ARCHS = 128 };

struct gp_device {
    gp_cuda c;
    CUdevice number;
    CUcontext context;
    gp_accel_about about;
    int driver;                   /* 13000: CUDA 13.0 */
    int nvrtc_major, nvrtc_minor;
    char arch[48];                /* the option that says what to compile for */
    bool ptx;                     /* the compiler does not know this device: the driver finishes its work */
    char said[SAID];
};

struct gp_device_code { CUmodule module; gp_key key; };

static gp_accel_status judge(gp_device *d, CUresult r, const char *did)
{
    const char *name = NULL, *text = NULL;
    if (r == CUDA_SUCCESS) return GP_ACCEL_OK;
    d->c.cuGetErrorName(r, &name);
    d->c.cuGetErrorString(r, &text);
    snprintf(d->said, sizeof d->said, "%s: %s (%s)", did, text ? text : "unknown error", name ? name : "?");
    return r == CUDA_ERROR_OUT_OF_MEMORY ? GP_ACCEL_NO_MEMORY : GP_ACCEL_LOST;
}

/* A call on the device, from whatever thread. */
#define ASK(D, DID, CALL)                                                                                              \
    do {                                                                                                               \
        CUresult asked_ = (D)->c.cuCtxSetCurrent((D)->context);                                                        \
        if (asked_ == CUDA_SUCCESS) asked_ = (D)->c.CALL;                                                              \
        return judge((D), asked_, (DID));                                                                              \
    } while (0)

/* ---- opening ---- */

static bool first_device(gp_device *d, char *why, size_t room)
{
    int n = 0;
    CUresult r = d->c.cuInit(0);
    const char *text = NULL;
    if (r == CUDA_SUCCESS) r = d->c.cuDriverGetVersion(&d->driver);
    if (r == CUDA_SUCCESS && d->driver < NEEDS_DRIVER) {
        snprintf(why, room, "the NVIDIA driver is for CUDA %d.%d; %d.%d is needed", d->driver / 1000, d->driver / 10 % 100, NEEDS_DRIVER / 1000,
                 NEEDS_DRIVER / 10 % 100);
        return false;
    }
    if (r == CUDA_SUCCESS) r = d->c.cuDeviceGetCount(&n);
    if (r == CUDA_ERROR_NO_DEVICE || (r == CUDA_SUCCESS && n == 0)) {
        snprintf(why, room, "the NVIDIA driver finds no GPU");
        return false;
    }
    if (r == CUDA_SUCCESS) r = d->c.cuDeviceGet(&d->number, 0);
    if (r == CUDA_SUCCESS) r = d->c.cuDevicePrimaryCtxRetain(&d->context, d->number);
    if (r == CUDA_SUCCESS) return true;
    d->c.cuGetErrorString(r, &text);
    snprintf(why, room, "the NVIDIA driver says: %s (error %d)", text ? text : "unknown error", (int)r);
    return false;
}

/* The newest architecture that both the compiler and the device know. */
static bool choose_arch(gp_device *d, char *why, size_t room)
{
    int n = 0, known[ARCHS], best = 0;
    const int own = d->about.major * 10 + d->about.minor;
    if (d->c.nvrtcVersion(&d->nvrtc_major, &d->nvrtc_minor) != NVRTC_SUCCESS || d->c.nvrtcGetNumSupportedArchs(&n) != NVRTC_SUCCESS || n > ARCHS ||
        d->c.nvrtcGetSupportedArchs(known) != NVRTC_SUCCESS) {
        snprintf(why, room, "the run-time compiler (NVRTC) does not say what it can do");
        return false;
    }
    if (d->nvrtc_major > d->driver / 1000) {
        snprintf(why, room, "NVRTC %d.%d is newer than the driver, which is for CUDA %d.%d", d->nvrtc_major, d->nvrtc_minor, d->driver / 1000,
                 d->driver / 10 % 100);
        return false;
    }
    for (int k = 0; k < n; k++)
        if (known[k] <= own && known[k] > best) best = known[k];
    if (!best) {
        snprintf(why, room, "NVRTC %d.%d no longer compiles for this GPU (compute capability %d.%d)", d->nvrtc_major, d->nvrtc_minor,
                 d->about.major, d->about.minor);
        return false;
    }
    d->ptx = best != own;
    snprintf(d->arch, sizeof d->arch, "--gpu-architecture=%s_%d", d->ptx ? "compute" : "sm", best);
    return true;
}

static void look_at(gp_device *d)
{
    gp_accel_about *a = &d->about;
    d->c.cuDeviceGetName(a->device, sizeof a->device - 1, d->number);
    d->c.cuDeviceTotalMem_v2(&a->memory, d->number);
    d->c.cuDeviceGetAttribute(&a->major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, d->number);
    d->c.cuDeviceGetAttribute(&a->minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, d->number);
    d->c.cuDeviceGetAttribute(&a->processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, d->number);
    int bytes = 0;
    d->c.cuDeviceGetAttribute(&a->threads, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, d->number);
    if (d->c.cuDeviceGetAttribute(&bytes, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, d->number) == CUDA_SUCCESS) a->shared_block = (size_t)bytes;
    bytes = 0;
    if (d->c.cuDeviceGetAttribute(&bytes, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, d->number) == CUDA_SUCCESS) a->shared_processor = (size_t)bytes;
    int khz = 0;
    if (d->c.cuDeviceGetAttribute(&khz, CU_DEVICE_ATTRIBUTE_CLOCK_RATE, d->number) == CUDA_SUCCESS) a->clock = khz * 1e3;
    khz = 0;
    if (d->c.cuDeviceGetAttribute(&khz, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, d->number) == CUDA_SUCCESS) a->memory_clock = khz * 1e3;
    d->c.cuDeviceGetAttribute(&a->memory_bus, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, d->number);
    snprintf(a->driver, sizeof a->driver, "CUDA %d.%d", d->driver / 1000, d->driver / 10 % 100);
}

static void close_device(gp_device *d)
{
    if (!d) return;
    if (d->context) d->c.cuDevicePrimaryCtxRelease_v2(d->number);
    gp_cuda_close(&d->c);
    free(d);
}

static gp_device *open_device(char *why, size_t room)
{
    gp_device *d = calloc(1, sizeof *d);
    if (!d) {
        snprintf(why, room, "out of memory");
        return NULL;
    }
    if (gp_cuda_open(&d->c, why, room)) {
        if (first_device(d, why, room)) {
            look_at(d);
            if (choose_arch(d, why, room)) {
                snprintf(d->about.compiler, sizeof d->about.compiler, "NVRTC %d.%d", d->nvrtc_major, d->nvrtc_minor);
                return d;
            }
        }
    }
    close_device(d);
    return NULL;
}

static void about(const gp_device *d, gp_accel_about *a)
{
    *a = d->about;
}

/* ---- memory ---- */

static gp_accel_status left(gp_device *d, size_t *bytes)
{
    size_t total;
    ASK(d, "asking for memory", cuMemGetInfo_v2(bytes, &total));
}

static gp_accel_status take(gp_device *d, size_t bytes, void **at)
{
    ASK(d, "taking memory", cuMemAlloc_v2((CUdeviceptr *)at, bytes ? bytes : 8));
}

static void give(gp_device *d, void *at)
{
    if (at && d->c.cuCtxSetCurrent(d->context) == CUDA_SUCCESS) d->c.cuMemFree_v2((CUdeviceptr)at);
}

static gp_accel_status upload(gp_device *d, void *to, const void *from, size_t bytes)
{
    if (!bytes) return GP_ACCEL_OK;
    ASK(d, "copying to the GPU", cuMemcpyHtoD_v2((CUdeviceptr)to, from, bytes));
}

static gp_accel_status clear(gp_device *d, void *at, size_t bytes)
{
    if (!bytes) return GP_ACCEL_OK;
    ASK(d, "clearing memory", cuMemsetD8_v2((CUdeviceptr)at, 0, bytes));
}

static gp_accel_status download(gp_device *d, void *to, const void *from, size_t bytes)
{
    if (!bytes) return GP_ACCEL_OK;
    ASK(d, "copying from the GPU", cuMemcpyDtoH_v2(to, (CUdeviceptr)(uintptr_t)from, bytes));
}

/* ---- code ---- */

/* What NVRTC has no files for; the kernels need no more of them than this. */
static const gp_accel_text system_headers[] = {
    {"stdint.h", "#pragma once\ntypedef signed char int8_t;\ntypedef unsigned char uint8_t;\ntypedef short int16_t;\ntypedef unsigned short uint16_t;\n"
                 "typedef int int32_t;\ntypedef unsigned int uint32_t;\ntypedef long long int64_t;\ntypedef unsigned long long uint64_t;\n"
                 "typedef unsigned long long uintptr_t;\n"},
    {"stddef.h", "#pragma once\n"},
    {"math.h", "#pragma once\n#ifndef NAN\n#define NAN (__longlong_as_double(0x7ff8000000000000LL))\n#endif\n#ifndef INFINITY\n"
               "#define INFINITY (__longlong_as_double(0x7ff0000000000000LL))\n#endif\n"},
};
enum { SYSTEM = sizeof system_headers / sizeof *system_headers };

static const char *option_of(const gp_device *d, int k)
{
    /* every operation rounded by itself, as the processor does it */
    static const char *const fixed[] = {"--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false", "--std=c++20"};
    const int n = sizeof fixed / sizeof *fixed;
    return k < n ? fixed[k] : k == n ? d->arch : NULL;
}

static gp_key key_of(const gp_device *d, const gp_accel_source *s)
{
    gp_key key = gp_key_start();
    const int version[] = {GP_ACCEL_ABI, d->nvrtc_major, d->nvrtc_minor};
    gp_key_add(&key, version, sizeof version);
    gp_key_text(&key, d->about.compiler);
    for (int k = 0; option_of(d, k); k++) gp_key_text(&key, option_of(d, k));
    for (int k = 0; k < SYSTEM; k++) gp_key_text(&key, system_headers[k].text);
    for (int k = 0; k < s->n_headers; k++) gp_key_text(&key, s->header[k].name), gp_key_text(&key, s->header[k].text);
    gp_key_text(&key, s->text);
    return key;
}

/* The first lines of what the compiler said. */
static void keep_log(gp_device *d, nvrtcProgram program, nvrtcResult r)
{
    size_t n = 0;
    char *log = d->c.nvrtcGetProgramLogSize(program, &n) == NVRTC_SUCCESS && n > 1 ? calloc(n + 1, 1) : NULL;
    if (log) d->c.nvrtcGetProgramLog(program, log);
    snprintf(d->said, sizeof d->said, "the kernel does not compile: %s%s%.800s", d->c.nvrtcGetErrorString(r), log ? ": " : "", log ? log : "");
    free(log);
}

static void *finished(gp_device *d, nvrtcProgram program, size_t *n)
{
    const nvrtcResult r = d->ptx ? d->c.nvrtcGetPTXSize(program, n) : d->c.nvrtcGetCUBINSize(program, n);
    char *p = r == NVRTC_SUCCESS && *n > 0 ? calloc(*n + 1, 1) : NULL;
    if (p && (d->ptx ? d->c.nvrtcGetPTX(program, p) : d->c.nvrtcGetCUBIN(program, p)) != NVRTC_SUCCESS) {
        free(p);
        p = NULL;
    }
    return p;
}

static void *translate(gp_device *d, const gp_accel_source *s, size_t *n)
{
    const char *options[16];
    int n_options = 0;
    const size_t all = (size_t)s->n_headers + SYSTEM;
    const char **texts = calloc(2 * all, sizeof *texts), **names = texts ? texts + all : NULL;
    nvrtcProgram program = NULL;
    void *code = NULL;
    if (!texts) return NULL;
    for (size_t k = 0; k < all; k++) {
        const gp_accel_text *h = k < SYSTEM ? &system_headers[k] : &s->header[k - SYSTEM];
        texts[k] = h->text;
        names[k] = h->name;
    }
    for (; option_of(d, n_options); n_options++) options[n_options] = option_of(d, n_options);
    nvrtcResult r = d->c.nvrtcCreateProgram(&program, s->text, "goldpit.cu", (int)all, texts, names);
    if (r == NVRTC_SUCCESS) r = d->c.nvrtcCompileProgram(program, n_options, options);
    if (r == NVRTC_SUCCESS) code = finished(d, program, n);
    if (!code) keep_log(d, program, r);
    if (program) d->c.nvrtcDestroyProgram(&program);
    free(texts);
    return code;
}

static gp_accel_status load(gp_device *d, const void *code, gp_device_code *to)
{
    ASK(d, "loading a kernel", cuModuleLoadData(&to->module, code));
}

static gp_accel_status compile(gp_device *d, const gp_accel_source *s, gp_device_code **out)
{
    const gp_key key = key_of(d, s);
    size_t n = 0;
    void *code = gp_cache_read(key, &n);
    bool cached = code != NULL;
    gp_device_code *c = calloc(1, sizeof *c);
    d->said[0] = 0; /* what was said of another kernel is not said of this one */
    if (!code) code = translate(d, s, &n);
    gp_accel_status status = code && c ? load(d, code, c) : GP_ACCEL_REFUSED;
    if (status == GP_ACCEL_LOST && cached) { /* of another driver? */
        cached = false; /* what is made now takes its place; if nothing can be made, nobody tries the old one again */
        gp_cache_remove(key);
        free(code);
        code = translate(d, s, &n);
        status = code ? load(d, code, c) : GP_ACCEL_REFUSED;
    }
    if (status == GP_ACCEL_OK) {
        if (!cached) gp_cache_write(key, code, n);
        c->key = key;
        *out = c;
    } else {
        if (!d->said[0]) snprintf(d->said, sizeof d->said, "out of memory");
        free(c);
    }
    free(code);
    return status;
}

static bool kept(gp_device *d, const gp_accel_source *s)
{
    return gp_cache_has(key_of(d, s));
}

static void forget(gp_device *d, gp_device_code *c)
{
    if (!c) return;
    if (d->c.cuCtxSetCurrent(d->context) == CUDA_SUCCESS) d->c.cuModuleUnload(c->module);
    free(c);
}

/* Few lanes go out in narrow blocks, so that all processors have some.  Shared memory beyond what every device gives has to be asked for. */
static CUresult start(gp_device *d, CUfunction f, const void *arg, int lanes, int width, size_t shared)
{
    enum { UNASKED = 48 << 10 };
    int most = BLOCK;
    void *args[] = {(void *)(uintptr_t)arg};
    CUresult r = d->c.cuFuncGetAttribute(&most, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, f);
    unsigned block = width > 0 ? (unsigned)width : lanes < BLOCK * d->about.processors ? NARROW : BLOCK;
    if (most < (int)block) block = most < NARROW ? 1 : (unsigned)most / NARROW * NARROW;
    const unsigned bytes = (unsigned)shared * block;
    if (r == CUDA_SUCCESS && bytes > UNASKED) r = d->c.cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)bytes);
    if (r == CUDA_SUCCESS) r = d->c.cuLaunchKernel(f, ((unsigned)lanes + block - 1) / block, 1, 1, block, 1, 1, bytes, NULL, args, NULL);
    return r == CUDA_SUCCESS ? d->c.cuCtxSynchronize() : r;
}

/* Drivers load lazily: that a kernel is of another driver or device may be said only when it is asked for. */
static bool is_stale(CUresult r)
{
    return r == CUDA_ERROR_INVALID_IMAGE || r == CUDA_ERROR_NO_BINARY_FOR_GPU || r == CUDA_ERROR_INVALID_PTX || r == CUDA_ERROR_UNSUPPORTED_PTX_VERSION ||
           r == CUDA_ERROR_NOT_FOUND;
}

static gp_accel_status launch(gp_device *d, gp_device_code *c, const char *kernel, const void *arg, size_t bytes, int lanes, int width, size_t shared)
{
    CUfunction f;
    (void)bytes; /* the kernel knows the size of what it takes */
    if (lanes <= 0) return GP_ACCEL_OK;
    CUresult r = d->c.cuCtxSetCurrent(d->context);
    if (r == CUDA_SUCCESS) r = d->c.cuModuleGetFunction(&f, c->module, kernel);
    if (r == CUDA_SUCCESS) r = start(d, f, arg, lanes, width, shared);
    const gp_accel_status status = judge(d, r, "running a kernel");
    if (!is_stale(r)) return status;
    gp_cache_remove(c->key); /* compiled again next time; the device itself is well */
    return GP_ACCEL_REFUSED;
}

static const char *said(const gp_device *d)
{
    return d->said;
}

__attribute__((visibility("default"))) gp_accel_entry goldpit_accel;
const gp_accel_api *goldpit_accel(int abi)
{
    static const gp_accel_api api = {GP_ACCEL_ABI, open_device, close_device, about, left, take, give, upload, clear, download, compile, kept, forget, launch, said};
    return abi == GP_ACCEL_ABI ? &api : NULL;
}
