/* Whole files and standard input as bytes, folder walking, encodings. */
#ifndef GP_BASE_FILE_H
#define GP_BASE_FILE_H
#include <stdbool.h>
#include <stddef.h>
#include "base/str.h"

/* Bytes of a file, read and never mapped: touching a page of a mapping whose file others cut off meanwhile kills the process.
 * p is valid until gp_file_close.  changed: the file was another one, or of another length or age, when the reading ended.  "-" is standard input. */
typedef struct gp_file { const char *p; size_t n; char *heap; bool changed; } gp_file;
/* Returns NULL, or the reason as a static or errno string ("No such file or directory"). */
const char *gp_file_open(const char *path, gp_file *out);
void gp_file_close(gp_file *f);

bool gp_path_is_dir(const char *path);
bool gp_path_exists(const char *path);
/* Calls visit for every regular file under dir, depth first, names sorted bytewise, hidden names skipped.
 * Symbolic links to folders are followed at most 16 deep, never back into a folder that is being walked.  A folder
 * further down that cannot be read is visited with bytes = GP_DIR_UNREADABLE.  Returns NULL or the reason why dir itself
 * cannot be read. */
#define GP_DIR_UNREADABLE ((size_t)-1)
const char *gp_dir_walk(const char *dir, void (*visit)(void *ctx, const char *path, size_t bytes), void *ctx);

typedef enum { GP_ENC_AUTO, GP_ENC_UTF8, GP_ENC_GB18030, GP_ENC_UTF16LE, GP_ENC_UTF16BE } gp_encoding;
const char *gp_encoding_name(gp_encoding e);
bool gp_encoding_parse(const char *name, gp_encoding *out); /* utf-8, gbk, gb2312, gb18030, utf-16, utf-16le, utf-16be */
/* Detection of language.md 1.1: BOM, then strict UTF-8, otherwise GB18030.  *bom_bytes is what to skip. */
gp_encoding gp_encoding_detect(const char *p, size_t n, size_t *bom_bytes);
/* The same; *damaged when the text is taken for UTF-8 although some bytes of it are not. */
gp_encoding gp_encoding_detect_damage(const char *p, size_t n, size_t *bom_bytes, bool *damaged);
/* Appends p[0..n) to out as UTF-8 (iconv).  Bytes that do not decode become U+FFFD and are counted in *bad;
 * *first_bad is the byte offset of the first.  */
void gp_decode(gp_encoding e, const char *p, size_t n, gp_buf *out, size_t *bad, size_t *first_bad);
/* Appends UTF-8 text as GB18030, the encoding whose bytes TDX counts; what cannot be encoded becomes "?". */
void gp_encode_gb18030(gp_str s, gp_buf *out);
#endif
