/* One line from the user.  Two twins implement it: lineedit.c with libedit (editing, history, completion), and lineedit_none.c
 * for a build without it.  Input that is no terminal is read plainly by both. */
#ifndef GP_CLI_LINEEDIT_H
#define GP_CLI_LINEEDIT_H
#include <signal.h>
#include "base/str.h"
#include "base/vec.h"

typedef struct gp_candidate { char *text, *shown; } gp_candidate; /* what is put into the line; what the list shows */
typedef struct gp_candidates {
    GP_VEC(gp_candidate) list;
    size_t replace;        /* bytes before the cursor that a candidate takes the place of */
    bool is_path;          /* the list shows the last part only */
    char *remark;          /* shown when there is nothing to complete: the usage of a function */
} gp_candidates;
void gp_candidates_add(gp_candidates *c, const char *text, const char *shown); /* shown NULL: text */
void gp_candidates_fini(gp_candidates *c);

typedef void gp_complete_fn(void *ctx, const char *line, size_t cursor, gp_candidates *out);

typedef struct gp_lineedit gp_lineedit;
typedef struct gp_lineedit_opts {
    bool terminal, colour;
    const char *history;                /* file; NULL: none is kept */
    gp_complete_fn *complete; void *ctx;
    volatile sig_atomic_t *interrupted; /* set by the caller's signal handler: the line is given up */
} gp_lineedit_opts;
gp_lineedit *gp_lineedit_open(const gp_lineedit_opts *o);
typedef enum { GP_LINE_READ, GP_LINE_END, GP_LINE_INTERRUPTED } gp_line_status;
/* The next line without its end in *out (replaced). */
gp_line_status gp_lineedit_read(gp_lineedit *e, const char *prompt, gp_buf *out);
/* Whether more input is already there: the lines of a paste or of a script. */
bool gp_lineedit_pending(gp_lineedit *e);
void gp_lineedit_remember(gp_lineedit *e, const char *text);
void gp_lineedit_close(gp_lineedit *e); /* writes the history */
const char *gp_lineedit_name(void);     /* for `goldpit version` */

/* Plain reading, for both twins. */
typedef struct gp_plain { char at[1 << 14]; size_t n, used; bool end; } gp_plain;
gp_line_status gp_plain_read(gp_plain *p, const volatile sig_atomic_t *interrupted, gp_buf *out);
bool gp_plain_pending(const gp_plain *p);
#endif
