/* Bump allocator: everything made while reading one formula lives and dies with its arena. */
#ifndef GP_BASE_ARENA_H
#define GP_BASE_ARENA_H
#include <stddef.h>

typedef struct gp_arena_chunk gp_arena_chunk;
typedef struct gp_arena { gp_arena_chunk *head; } gp_arena; /* zero-initialise */

void *gp_arena_alloc(gp_arena *a, size_t bytes);            /* zeroed, 16-byte aligned */
char *gp_arena_strndup(gp_arena *a, const char *s, size_t n);
char *gp_arena_printf(gp_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t gp_arena_bytes(const gp_arena *a);                   /* handed out so far */
void gp_arena_fini(gp_arena *a);
#endif
