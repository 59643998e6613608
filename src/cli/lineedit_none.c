/* Lines without a line editor: what the terminal itself can do. */
#include "cli/lineedit.h"
#include <stdio.h>

struct gp_lineedit { gp_lineedit_opts o; gp_plain plain; };

gp_lineedit *gp_lineedit_open(const gp_lineedit_opts *o)
{
    gp_lineedit *e = gp_xcalloc(1, sizeof *e);
    e->o = *o;
    return e;
}

gp_line_status gp_lineedit_read(gp_lineedit *e, const char *prompt, gp_buf *out)
{
    gp_line_status status;
    if (e->o.terminal) {
        fputs(prompt, stdout);
        fflush(stdout);
    }
    status = gp_plain_read(&e->plain, e->o.interrupted, out);
    if (e->o.terminal && status != GP_LINE_READ)
        putchar('\n');
    return status;
}

bool gp_lineedit_pending(gp_lineedit *e) { return gp_plain_pending(&e->plain); }

void gp_lineedit_remember(gp_lineedit *e, const char *text)
{
    (void)e; /* nothing could be recalled */
    (void)text;
}

void gp_lineedit_close(gp_lineedit *e) { free(e); }

const char *gp_lineedit_name(void) { return "none"; }
