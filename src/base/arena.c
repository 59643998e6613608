#include "base/arena.h"
#include "base/vec.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

enum { CHUNK = 16 * 1024, ALIGN = 16 };

struct gp_arena_chunk {
    gp_arena_chunk *next;
    size_t used, cap;
    _Alignas(ALIGN) unsigned char bytes[];
};

void *gp_arena_alloc(gp_arena *a, size_t bytes)
{
    size_t want = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (want < bytes)
        want = SIZE_MAX / 2; /* wrapped: let the allocator refuse it */
    gp_arena_chunk *c = a->head;
    if (!c || c->cap - c->used < want) {
        size_t cap = want > CHUNK / 4 ? want : CHUNK;
        gp_arena_chunk *fresh = gp_xcalloc(1, sizeof *fresh + cap);
        fresh->cap = cap;
        if (c && cap != CHUNK) { /* a big block goes behind the head, whose room stays in use */
            fresh->next = c->next;
            c->next = fresh;
        } else {
            fresh->next = c;
            a->head = fresh;
        }
        c = fresh;
    }
    void *p = c->bytes + c->used;
    c->used += want;
    return p;
}

char *gp_arena_strndup(gp_arena *a, const char *s, size_t n)
{
    char *p = gp_arena_alloc(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *gp_arena_printf(gp_arena *a, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *p = gp_arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
    if (n > 0)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}

size_t gp_arena_bytes(const gp_arena *a)
{
    size_t bytes = 0;
    for (const gp_arena_chunk *c = a->head; c; c = c->next)
        bytes += c->used;
    return bytes;
}

void gp_arena_fini(gp_arena *a)
{
    for (gp_arena_chunk *c = a->head, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    a->head = NULL;
}
