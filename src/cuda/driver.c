#include "cuda/driver.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* They stay until the process ends: their thread-local destructors run whenever a thread that called them does, and threads of a pool live longer
 * than a device. */
enum { HOW = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE };

static void *open_one(const char *variable, const char *const *names)
{
    const char *own = getenv(variable);
    void *library = NULL;
    if (own && *own) return dlopen(own, HOW);
    for (; *names && !library; names++) library = dlopen(*names, HOW);
    return library;
}

bool gp_cuda_open(gp_cuda *c, char *why, size_t room)
{
    static const char *const drivers[] = {"libcuda.so.1", "libcuda.so", NULL};
    static const char *const compilers[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so", "/usr/local/cuda/lib64/libnvrtc.so",
                                            "/opt/cuda/lib64/libnvrtc.so", NULL};
    const char *lacks = NULL;
    memset(c, 0, sizeof *c);
    c->driver = open_one("GOLDPIT_CUDA_DRIVER", drivers);
    if (!c->driver) {
        snprintf(why, room, "there is no NVIDIA driver (libcuda.so.1)");
        return false;
    }
    c->nvrtc = open_one("GOLDPIT_NVRTC", compilers);
    if (!c->nvrtc) {
        snprintf(why, room, "there is no run-time compiler (libnvrtc.so of the CUDA toolkit)");
        gp_cuda_close(c);
        return false;
    }
#define GP_CALL(FROM, NAME)                                                                                            \
    if (!(*(void **)&c->NAME = dlsym(c->FROM, #NAME)) && !lacks) lacks = #NAME;
#define GP_OF_DRIVER(NAME) GP_CALL(driver, NAME)
#define GP_OF_NVRTC(NAME) GP_CALL(nvrtc, NAME)
    GP_CUDA_CALLS(GP_OF_DRIVER)
    GP_NVRTC_CALLS(GP_OF_NVRTC)
    if (lacks) {
        snprintf(why, room, "%s is too old: it lacks %s", strncmp(lacks, "nvrtc", 5) == 0 ? "the run-time compiler" : "the driver", lacks);
        gp_cuda_close(c);
    }
    return !lacks;
}

void gp_cuda_close(gp_cuda *c)
{
    if (c->nvrtc) dlclose(c->nvrtc);
    if (c->driver) dlclose(c->driver);
    memset(c, 0, sizeof *c);
}
