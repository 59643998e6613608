/* Compressed files: gzip through zlib, zstd through libzstd, each where the program was built with it. */
#ifndef GP_BASE_UNPACK_H
#define GP_BASE_UNPACK_H
#include "base/file.h"

enum { GP_UNPACK_WHY = 200 };

/* "gzip" or "zstd" by the first bytes, NULL for anything else. */
const char *gp_packed_as(const char *p, size_t n);
/* Puts what a compressed file holds in the place of its bytes; another file stays as it is.  NULL, or the reason in why: a stream
 * that is cut off or damaged, a library that is missing, or far more text than quotes would give (then nothing fills the memory). */
const char *gp_file_unpack(gp_file *f, char why[GP_UNPACK_WHY]);
/* The libraries of this build, for `goldpit version`: "zlib 1.2.13", "no zlib". */
const char *gp_unpack_gzip_name(void);
const char *gp_unpack_zstd_name(void);
#endif
