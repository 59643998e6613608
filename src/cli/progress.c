/* What commands over many files say meanwhile: how far they are, and what was wrong with the data. */
#include "cli/table.h"
#include <string.h>
#include <time.h>
#include "base/vec.h"

enum { DIAGS_SHOWN = 20 };

double gp_cli_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Nothing for runs shorter than half a second, then at most ten pictures a second. */
void gp_cli_show_progress(void *ctx, size_t done, size_t total)
{
    enum { WIDTH = 30 };
    gp_cli_progress *p = ctx;
    double t = gp_cli_now();
    char bar[WIDTH + 1];
    if (t - p->began < 0.5 || t - p->last < 0.1)
        return;
    memset(bar, '.', WIDTH);
    memset(bar, '#', total ? done * WIDTH / total : 0);
    bar[WIDTH] = 0;
    fprintf(stderr, "\r[%s] %zu/%zu files, %.1f s", bar, done, total, t - p->began);
    fflush(stderr);
    p->last = t;
    p->shown = true;
}

/* Errors first, then warnings, at most DIAGS_SHOWN; all of them, in the order of the files, as JSON. */
void gp_cli_data_diags(const gp_cli *c, gp_diags *d)
{
    gp_diags shown = {0};
    size_t more = 0;
    if (c->diag_json) {
        gp_cli_diags(c, d);
        return;
    }
    for (int severity = GP_ERROR; severity >= GP_NOTE; severity--) {
        for (size_t i = 0; i < d->n; i++) {
            if ((int)d->at[i].severity != severity || (c->quiet && severity != GP_ERROR))
                continue;
            if (shown.n == DIAGS_SHOWN) {
                more++;
                continue;
            }
            gp_vec_push(&shown, d->at[i]);
            d->at[i].message = d->at[i].hint = NULL; /* moved */
            d->at[i].file = NULL;
        }
    }
    more += d->dropped;
    gp_diags_fini(d);
    gp_cli_diags(c, &shown);
    if (more)
        fprintf(stderr, "... and %zu more (use --diag json to see all)\n", more);
}

size_t gp_cli_warnings(const gp_diags *d, const char ***lines)
{
    enum { MOST = 200 };
    size_t n = 0, more = d->dropped;
    *lines = gp_xcalloc(MOST + 1, sizeof **lines);
    for (size_t i = 0; i < d->n; i++) {
        const gp_diag *g = &d->at[i];
        gp_buf b = {0};
        if (g->severity == GP_NOTE)
            continue;
        if (n == MOST) {
            more++;
            continue;
        }
        if (g->file)
            gp_buf_printf(&b, "%s", g->file);
        if (g->file && g->line)
            gp_buf_printf(&b, ":%u", g->line);
        gp_buf_printf(&b, "%s%s", g->file ? ": " : "", g->message);
        (*lines)[n++] = b.p;
    }
    if (more) {
        gp_buf b = {0};
        gp_buf_printf(&b, "and %zu more", more);
        (*lines)[n++] = b.p;
    }
    return n;
}
