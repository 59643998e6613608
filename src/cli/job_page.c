/* The page of a run: every formula with its hits, what entered and left, and a chart of each. */
#include <string.h>
#include "cli/hit_charts.h"
#include "cli/job.h"

static bool asks_for(const job_output *o, const job_formula *f)
{
    for (size_t i = 0; i < o->formulas.n; i++)
        if (strcmp(o->formulas.at[i], f->name) == 0)
            return true;
    return o->formulas.n == 0;
}

static const char *string_of(json_t *o, const char *key)
{
    const char *z = json_string_value(json_object_get(o, key));
    return z ? z : "";
}

typedef GP_VEC(const char *) lines;

/* "600001.SH name  2024-03-28" of a hit that is gone. */
static void add_left(job *j, json_t *hit, lines *out)
{
    const char *name = string_of(hit, "name"), *market = string_of(hit, "market");
    gp_vec_push(out, gp_arena_printf(&j->arena, "%s%s%s%s%s  %s", string_of(hit, "code"), *market ? "." : "", market, *name ? " " : "", name, string_of(hit, "date")));
}

bool gp_job_page(job *j, const job_output *o, json_t *now, gp_buf *out)
{
    const size_t n = j->formulas.n;
    gp_found *found = gp_xcalloc(n + 1, sizeof *found);
    gp_cli **of = gp_xcalloc(n + 1, sizeof *of);
    lines *status = gp_xcalloc(n + 1, sizeof *status), *left = gp_xcalloc(n + 1, sizeof *left);
    size_t hits = 0, entered = 0, gone = 0;
    int k = 0;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        job_formula *f = &j->formulas.at[i];
        json_t *list = json_object_get(f->json, "hits"), *lost = json_object_get(f->json, "left"), *one;
        size_t m;
        if (!asks_for(o, f))
            continue;
        json_array_foreach(list, m, one) {
            gp_vec_push(&status[k], string_of(one, "status"));
            entered += strcmp(string_of(one, "status"), "entered") == 0;
        }
        json_array_foreach(lost, m, one) add_left(j, one, &left[k]);
        hits += json_array_size(list);
        gone += left[k].n;
        of[k] = &f->cli;
        found[k] = (gp_found){.word = f->word, .formula = f->formula, .inputs = j->inputs, .plan = &f->plan, .result = &f->result, .rows = json_array_size(list),
                              .warnings = j->facts->warnings, .n_warnings = j->facts->n_warnings, .skipped = j->facts->skipped, .name = f->name,
                              .status = status[k].at, .left = left[k].at, .n_left = left[k].n};
        k++;
    }
    const bool zh = j->cli.zh;
    const char *const since = string_of(now, "since");
    const char *const facts[] = {zh ? "命中" : "hits", gp_arena_printf(&j->arena, "%zu", hits), zh ? "新入" : "entered", gp_arena_printf(&j->arena, "%zu", entered),
                                 zh ? "离开" : "left", gp_arena_printf(&j->arena, "%zu", gone), *since ? (zh ? "对比" : "since") : NULL,
                                 gp_arena_printf(&j->arena, "%.10s", since), NULL};
    if (k)
        ok = gp_cli_report(&j->cli, of, found, k, j->name, facts, out);
    for (size_t i = 0; i < n; i++) {
        gp_vec_free(&status[i]);
        gp_vec_free(&left[i]);
    }
    free(status);
    free(left);
    free(found);
    free(of);
    return ok;
}
