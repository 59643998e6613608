/* What the tests of the reader share. */
#ifndef GP_TEST_READER_PROBE_H
#define GP_TEST_READER_PROBE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/vec.h"
#include "market/reader.h"
#include "market/stamp.h"

typedef struct outcome {
    gp_read_result r;
    gp_diags d;
    bool good;
} outcome;

static inline outcome read_text(const char *name, const char *p, size_t n, const gp_read_opts *o)
{
    outcome x = {0};
    char *exact = malloc(n ? n : 1); /* the sanitizer sees any byte read too far */

    memcpy(exact, p, n);
    x.good = gp_read_quotes_mem(name, exact, n, o, &x.r, &x.d);
    free(exact);
    return x;
}

static inline void drop(outcome *x)
{
    gp_read_result_fini(&x->r);
    gp_diags_fini(&x->d);
}

static inline bool has_diag(const outcome *x, gp_diag_id id)
{
    for (size_t i = 0; i < x->d.n; i++)
        if (x->d.at[i].id == id) return true;
    return false;
}

static inline void print_diags(const outcome *x)
{
    for (size_t i = 0; i < x->d.n; i++) {
        gp_buf b = {0};
        gp_diag_render_text(&x->d.at[i], false, &b);
        print_message("%s", b.p);
        gp_buf_free(&b);
    }
}
#endif
