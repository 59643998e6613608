/* Lines from standard input as they come, and the list of completions. */
#include "cli/lineedit.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

static char *copy(const char *z)
{
    size_t n = strlen(z) + 1;
    return memcpy(gp_xcalloc(n, 1), z, n);
}

void gp_candidates_add(gp_candidates *c, const char *text, const char *shown)
{
    for (size_t i = 0; i < c->list.n; i++) {
        if (strcmp(c->list.at[i].text, text) == 0)
            return;
    }
    gp_vec_push(&c->list, ((gp_candidate){copy(text), copy(shown ? shown : text)}));
}

void gp_candidates_fini(gp_candidates *c)
{
    for (size_t i = 0; i < c->list.n; i++) {
        free(c->list.at[i].text);
        free(c->list.at[i].shown);
    }
    gp_vec_free(&c->list);
    free(c->remark);
    *c = (gp_candidates){0};
}

bool gp_plain_pending(const gp_plain *p)
{
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    return p->used < p->n || (!p->end && poll(&in, 1, 0) > 0);
}

gp_line_status gp_plain_read(gp_plain *p, const volatile sig_atomic_t *interrupted, gp_buf *out)
{
    out->n = 0;
    gp_buf_addz(out, "");
    for (;;) {
        char *from = p->at + p->used, *stop = memchr(from, '\n', p->n - p->used);
        size_t n = stop ? (size_t)(stop - from) : p->n - p->used;
        ssize_t got;
        gp_buf_add(out, from, n);
        p->used += n + (stop != NULL);
        if (stop)
            break;
        p->n = p->used = 0;
        while (!p->end && (got = read(STDIN_FILENO, p->at, sizeof p->at)) < 0 && errno == EINTR) {
            if (*interrupted)
                return GP_LINE_INTERRUPTED;
        }
        if (p->end || got <= 0) {
            p->end = true;
            if (out->n == 0)
                return GP_LINE_END;
            break;
        }
        p->n = (size_t)got;
    }
    if (out->n && out->p[out->n - 1] == '\r')
        out->p[--out->n] = 0;
    return GP_LINE_READ;
}
