/* Compiled kernels, kept from one run to the next: a file for each, named after a hash of all that decides what it holds. */
#ifndef GP_CUDA_CACHE_H
#define GP_CUDA_CACHE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gp_key { uint64_t a, b; } gp_key;
gp_key gp_key_start(void);
void gp_key_add(gp_key *k, const void *p, size_t n);
void gp_key_text(gp_key *k, const char *z); /* its end counts */

/* malloc'ed; NULL when it is not there or is damaged. */
void *gp_cache_read(gp_key k, size_t *n);
void gp_cache_write(gp_key k, const void *p, size_t n); /* what cannot be written is compiled again next time */
void gp_cache_remove(gp_key k);                         /* what a driver does not take */
bool gp_cache_has(gp_key k);                            /* it may still be damaged */

/* Of what a folder holds the kernels that were used last stay, so many bytes and files; now and then a write sees to it.  Nothing but kernels is
 * ever removed. */
#define GP_CACHE_BYTES ((uint64_t)256 << 20)
#define GP_CACHE_FILES ((size_t)4096)
void gp_cache_prune(const char *folder, uint64_t bytes, size_t files);
#endif
