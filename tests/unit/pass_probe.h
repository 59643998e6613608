/* Plans, folders of quotes and results as text, for tests of scans that do several things at once. */
#ifndef GP_TESTS_PASS_PROBE_H
#define GP_TESTS_PASS_PROBE_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/file.h"
#include "screen/scan.h"

static __attribute__((unused)) char *new_folder(void)
{
    const char *base = getenv("TMPDIR");
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/goldpit-test-XXXXXX", base && *base ? base : P_tmpdir);
    assert_non_null(mkdtemp(path.p));
    return path.p;
}

static __attribute__((unused)) void unlink_one(void *ctx, const char *path, size_t bytes)
{
    (void)ctx, (void)bytes;
    unlink(path);
}

static __attribute__((unused)) void drop_folder(char *path)
{
    gp_dir_walk(path, unlink_one, NULL);
    assert_int_equal(rmdir(path), 0);
    free(path);
}

static __attribute__((unused)) void write_file(const char *folder, const char *name, const char *text)
{
    gp_buf path = {0};
    gp_buf_printf(&path, "%s/%s", folder, name);
    FILE *out = fopen(path.p, "wb");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    gp_buf_free(&path);
}

/* Everything of a result that a user could see; reading: how much was read as well. */
static char *text_of(const gp_plan *p, const gp_scan_result *r, bool reading)
{
    gp_buf out = {0};
    gp_buf_printf(&out, "tickers %zu young %zu inputs %zu skipped %zu rows %zu bytes %zu newest %d longest %d held %zu stale %zu named %d\n", r->tickers,
                  r->too_young, r->inputs, r->skipped, reading ? r->rows : 0, reading ? r->bytes : 0, (int)r->newest, r->longest, r->held, r->stale_hits, r->named);
    for (size_t i = 0; i < r->n_hits; i++) {
        const gp_hit *h = &r->hits[i];
        gp_buf_printf(&out, "%s %s %s %d %d %a %zu %zu %d %d/%d %a", h->code, h->market, h->name, (int)h->date, (int)h->time, h->close, h->input,
                      h->index, h->bar, h->failed, h->parts, h->distance);
        for (int k = 0; k < h->n_fired; k++)
            gp_buf_printf(&out, " %s", p->signals[h->fired[k]].label);
        for (int k = 0; k < p->n_cols; k++)
            gp_buf_printf(&out, " %a", isnan(h->values[k]) ? 0.5 : h->values[k]);
        for (int k = 0; k < h->n_why; k++)
            gp_buf_printf(&out, " %d=%a", h->why[k].leaf, isnan(h->why[k].left) ? 0.5 : h->why[k].left);
        gp_buf_addc(&out, '\n');
    }
    return out.p;
}

typedef struct planned { gp_formula *f; gp_plan plan; gp_why *why; gp_scan_opts o; } planned;

static void plan(planned *p, const char *text, gp_plan_spec spec, gp_scan_opts o)
{
    gp_diags d = {0};
    *p = (planned){0};
    p->f = gp_formula_parse("test", text, strlen(text), GP_ENC_UTF8, &d);
    assert_int_equal(gp_plan_new(p->f, &spec, &p->plan, &d), GP_PLAN_OK);
    p->o = o;
    if (o.near || o.why) p->o.why = p->why = gp_why_new(p->f, &p->plan, &spec.compile);
    gp_diags_fini(&d);
}

static void drop_plan(planned *p)
{
    gp_why_free(p->why);
    gp_plan_fini(&p->plan);
    gp_formula_free(p->f);
}

static __attribute__((unused)) gp_inputs inputs_of(char *folder)
{
    gp_inputs in = {0};
    gp_diags d = {0};
    int bad = 0;
    gp_inputs_expand(&folder, 1, NULL, &in, &bad, &d);
    assert_int_equal(bad, 0);
    gp_diags_fini(&d);
    return in;
}
#endif
