/* Byte spans, UTF-8, display width, ASCII case, edit distance.  No locale anywhere. */
#ifndef GP_BASE_STR_H
#define GP_BASE_STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct gp_str { const char *p; size_t n; } gp_str; /* not NUL-terminated */
#define GP_STR(lit) ((gp_str){ (lit), sizeof(lit) - 1 })
#define GP_STR_FMT "%.*s"
#define GP_STR_ARG(s) (int)(s).n, (s).p

gp_str gp_str_from(const char *z);                     /* NULL gives an empty span */
bool gp_str_eq(gp_str a, gp_str b);
bool gp_str_ieq(gp_str a, gp_str b);                   /* ASCII case-insensitive */
bool gp_str_ieqz(gp_str a, const char *z);
/* Without what it begins and ends with of `blanks`, a text of ASCII characters. */
gp_str gp_str_trim(gp_str s, const char *blanks);
#define GP_BLANKS " \t"
uint64_t gp_str_ihash(gp_str s);                       /* ASCII case-insensitive FNV-1a */

/* Decodes one code point at p (p<end); returns its byte length (1 for an invalid byte, *cp = 0xFFFD). */
int gp_utf8_decode(const char *p, const char *end, uint32_t *cp);
int gp_utf8_encode(uint32_t cp, char out[4]);          /* bytes written */
bool gp_utf8_valid(const char *p, size_t n, size_t *bad_at);
int gp_char_width(uint32_t cp);                        /* terminal cells: 0, 1 or 2 (East Asian wide) */
int gp_str_width(gp_str s);                            /* sum over the code points; a tab counts 1 */
size_t gp_str_edit_distance(gp_str a, gp_str b);       /* Damerau-Levenshtein on code points, ASCII case folded */

/* A growable byte buffer that is always NUL-terminated once written to. */
typedef struct gp_buf { char *p; size_t n, cap; } gp_buf; /* zero-initialise */
void gp_buf_add(gp_buf *b, const char *p, size_t n);
void gp_buf_addz(gp_buf *b, const char *z);
void gp_buf_addc(gp_buf *b, char c);
void gp_buf_printf(gp_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_buf_json(gp_buf *b, gp_str s);                 /* a JSON string with its quotes */
void gp_buf_csv(gp_buf *b, gp_str s);                  /* a CSV field, quoted when needed */
void gp_buf_free(gp_buf *b);
#endif
