/* Typed growable arrays.  GP_VEC(T) declares one; gp_vec_push grows it.  The only generic container. */
#ifndef GP_BASE_VEC_H
#define GP_BASE_VEC_H
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* realloc that never returns NULL: out of memory ends the process with a message (see mem.c). */
void *gp_xrealloc(void *old, size_t bytes);
void *gp_xcalloc(size_t n, size_t size);
char *gp_xstrndup(const char *p, size_t n); /* n bytes of p and a NUL */
/* 64-byte aligned, zeroed; free with free(). */
void *gp_xaligned(size_t bytes);
void *gp_xaligned_raw(size_t bytes); /* not zeroed */

#define GP_VEC(T) struct { T *at; size_t n, cap; }
#define gp_vec_reserve(v, want)                                                              \
    do {                                                                                     \
        if ((want) > (v)->cap) {                                                             \
            (v)->cap = (v)->cap * 2 > (want) ? (v)->cap * 2 : ((want) < 8 ? 8 : (want));     \
            (v)->at = gp_xrealloc((v)->at, (v)->cap * sizeof *(v)->at);                      \
        }                                                                                    \
    } while (0)
#define gp_vec_push(v, item)                                                                 \
    do {                                                                                     \
        gp_vec_reserve(v, (v)->n + 1);                                                       \
        (v)->at[(v)->n++] = (item);                                                          \
    } while (0)
#define gp_vec_free(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->cap = 0)
#endif
