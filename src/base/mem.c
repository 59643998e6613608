/* Allocation that cannot fail: a screening run that is out of memory has nothing sensible left to do. */
#include "base/vec.h"
#include <stdint.h>
#include <stdio.h>

static _Noreturn void out_of_memory(size_t bytes)
{
    fprintf(stderr, "goldpit: out of memory (%zu bytes asked for)\n", bytes);
    abort();
}

void *gp_xrealloc(void *old, size_t bytes)
{
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p)
        out_of_memory(bytes);
    return p;
}

void *gp_xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        out_of_memory(n * size);
    return p;
}

void *gp_xaligned_raw(size_t bytes)
{
    if (bytes > SIZE_MAX - 64)
        out_of_memory(bytes);
    size_t rounded = (bytes + 63) / 64 * 64; /* aligned_alloc wants a multiple of the alignment */
    if (!rounded)
        rounded = 64;
    void *p = aligned_alloc(64, rounded);
    if (!p)
        out_of_memory(bytes);
    return p;
}

void *gp_xaligned(size_t bytes)
{
    void *p = gp_xaligned_raw(bytes);
    memset(p, 0, bytes);
    return p;
}

char *gp_xstrndup(const char *p, size_t n)
{
    char *z = gp_xcalloc(n + 1, 1);
    if (n)
        memcpy(z, p, n);
    return z;
}
