#include "screen/pass.h"
#include <string.h>
#include "base/vec.h"
#include "eval/state.h"

/* Output k of the plan's own program and output k of its part of the shared one say the same. */
static bool map_slots(gp_pass_plan *x, const gp_program *shared, int formula)
{
    int mine, all, at = 0;
    const gp_output *a = gp_program_outputs(x->plan->program, &mine), *b = gp_program_outputs(shared, &all);
    while (at < all && b[at].formula != formula)
        at++;
    for (int k = 0; k < mine; k++, at++) {
        if (at >= all || b[at].formula != formula || b[at].stmt != a[k].stmt || (a[k].slot < 0) != (b[at].slot < 0) ||
            (a[k].cond < 0) != (b[at].cond < 0))
            return false;
        if (a[k].slot >= 0)
            x->slot[a[k].slot] = b[at].slot;
        if (a[k].cond >= 0)
            x->slot[a[k].cond] = b[at].cond;
    }
    return true;
}

static void own_slots(gp_pass_plan *x)
{
    for (int k = 0; k < x->n_slots; k++)
        x->slot[k] = k;
}

static bool agree(const gp_plan *a, const gp_plan *b, bool states)
{
    return gp_compile_opts_agree(&a->compile, &b->compile) &&
           (!states || gp_program_resumable(a->program, NULL) == gp_program_resumable(b->program, NULL));
}

/* The plans from `first` on that agree with it, as one program; those of one plan, or where that fails, stay alone. */
static void share(gp_pass *p, int first, bool states)
{
    const gp_plan *like = p->plans[first].plan;
    const gp_formula **f = gp_xcalloc((size_t)p->n, sizeof *f);
    gp_compile_opts *opts = gp_xcalloc((size_t)p->n, sizeof *opts);
    gp_diags told = {0}; /* each plan's own compilation has said it */
    int n = 0;
    for (int i = first; i < p->n; i++) {
        if (p->plans[i].program >= 0 || !agree(like, p->plans[i].plan, states))
            continue;
        f[n] = p->plans[i].plan->formula;
        opts[n++] = p->plans[i].plan->compile;
    }
    gp_program *shared = n > 1 ? gp_compile_many(f, opts, n, &told) : NULL;
    for (int i = first, k = 0; i < p->n && shared; i++) {
        gp_pass_plan *x = &p->plans[i];
        if (x->program >= 0 || !agree(like, x->plan, states) || !map_slots(x, shared, k++))
            continue;
        x->program = p->n_programs;
    }
    if (shared) {
        p->owned[p->n_programs] = shared;
        p->programs[p->n_programs++] = shared;
    }
    if (p->plans[first].program < 0) {
        own_slots(&p->plans[first]);
        p->plans[first].program = p->n_programs;
        p->programs[p->n_programs++] = p->plans[first].plan->program;
    }
    gp_diags_fini(&told);
    free(f);
    free(opts);
}

static void new_pass(const gp_plan *const *plans, int n, bool states, gp_pass *out)
{
    *out = (gp_pass){.n = n};
    out->plans = gp_xcalloc((size_t)n + 1, sizeof *out->plans);
    out->programs = gp_xcalloc((size_t)n * 2 + 1, sizeof *out->programs);
    out->owned = gp_xcalloc((size_t)n * 2 + 1, sizeof *out->owned);
    for (int i = 0; i < n; i++) {
        gp_pass_plan *x = &out->plans[i];
        x->plan = plans[i];
        x->program = -1;
        x->n_slots = gp_program_n_slots(plans[i]->program);
        x->slot = gp_xcalloc((size_t)x->n_slots + 1, sizeof *x->slot);
        for (int k = 0; k < x->n_slots; k++)
            x->slot[k] = -1;
    }
    for (int i = 0; i < n; i++)
        if (out->plans[i].program < 0)
            share(out, i, states);
}

void gp_pass_new(const gp_plan *const *plans, int n, gp_pass *out) { new_pass(plans, n, false, out); }

void gp_pass_new_resumable(const gp_plan *const *plans, int n, gp_pass *out) { new_pass(plans, n, true, out); }

void gp_pass_fini(gp_pass *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->plans[i].slot);
    for (int i = 0; i < p->n_programs; i++)
        gp_program_free(p->owned[i]);
    free(p->plans);
    free(p->programs);
    free(p->owned);
    *p = (gp_pass){0};
}
