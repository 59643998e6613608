/* Diagnostics: every message to a user has a stable code, a severity, a place and a way out.
 * Rows are in diag.def; nothing else in the project spells a code.  The library only collects them;
 * the command line renders them (gp_diag_render_text, gp_diag_render_json). */
#ifndef GP_BASE_DIAG_H
#define GP_BASE_DIAG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

typedef enum { GP_NOTE, GP_WARNING, GP_ERROR } gp_severity;

typedef enum {
#define GP_DIAG(code, id, severity, message, hint) GP_D_##id,
#include "base/diag.def"
#undef GP_DIAG
    GP_D_COUNT
} gp_diag_id;

/* The text that spans point into: decoded UTF-8 plus a line table.  Owned by whoever made it and alive as long
 * as the list.  For data files text may be empty: then only file, line and column are printed. */
typedef struct gp_source {
    const char *name;          /* as the user typed it; "<-e>", "<--where>", "<stdin>" */
    gp_str text;               /* decoded UTF-8 */
    const uint32_t *line_at;   /* byte offset of each line's start */
    size_t n_lines;
} gp_source;

/* Byte range in a source.  line and column are 1-based; column counts code points. */
typedef struct gp_span { const gp_source *src; uint32_t at, n; } gp_span;
void gp_span_where(gp_span s, uint32_t *line, uint32_t *column);
gp_span gp_span_join(gp_span a, gp_span b);

typedef struct gp_diag {
    gp_diag_id id;
    gp_severity severity;      /* the row's, unless promoted */
    gp_span span;              /* src NULL: no source text */
    const char *file;          /* when span.src is NULL: the data file, or NULL */
    uint32_t line, column;     /* when span.src is NULL: 0 unknown */
    char *message, *hint;      /* formatted; hint may be NULL; the block of message also holds file */
} gp_diag;

typedef struct gp_diags {
    gp_diag *at;
    size_t n, cap;
    size_t errors, warnings;
    size_t limit;              /* keep at most this many (0: 200); further ones are only counted */
    size_t dropped;
} gp_diags;                    /* zero-initialise */

/* The message template of the row takes printf arguments; so does the hint, from the same list after the
 * message's (the row says how many of each in its templates). */
void gp_diag_at(gp_diags *d, gp_diag_id id, gp_span span, ...);
void gp_diag_file(gp_diags *d, gp_diag_id id, const char *file, uint32_t line, uint32_t column, ...);
/* Replaces the hint of the last diagnostic ("did you mean HHV?"). */
void gp_diag_hint(gp_diags *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_diags_append(gp_diags *to, gp_diags *from);   /* moves all */
void gp_diags_append_new(gp_diags *to, gp_diags *from); /* the same without those that `to` has, word for word; both hold data files' only */
void gp_diags_fini(gp_diags *d);

const char *gp_diag_code(gp_diag_id id);              /* "GP201" */
const char *gp_diag_name(gp_diag_id id);              /* "UNKNOWN_FUNCTION" */
void gp_diag_template(gp_diag_id id, gp_severity *severity, const char **message, const char **hint);

/* file:line:column: error[GP201]: message / source line / caret run aligned by display width / hint.
 * Control characters of the source are shown as U+FFFD or blanks so that nothing reaches the terminal raw. */
void gp_diag_render_text(const gp_diag *d, bool colour, gp_buf *out);
/* One JSON object per diagnostic, no newline: code, name, severity, file, line, column, end_line, end_column,
 * offset, length, message, hint, source (the line). */
void gp_diag_render_json(const gp_diag *d, gp_buf *out);
#endif
