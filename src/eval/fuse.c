/* Superinstructions.  (A-B)/(C-D)*K and K*(A-B)/(C-D) are what RSV, KDJ, W%R and most oscillators are made of: one pass
 * over the block instead of four.  Only chains whose inner values nobody else reads, and only operators that were proved not to
 * overflow; the fused row does the same operations in the same order, so no bit changes. */
#include "eval/code.h"

typedef struct fuser { gp_program *p; int *uses; } fuser;

static const gp_val *only(const fuser *f, int v, gp_builtin_id id)
{
    const gp_val *val = &f->p->vals.at[v];
    return f->uses[v] == 1 && val->kind == GP_VAL_CALL && val->fn->id == id ? val : NULL;
}

static bool constant(const fuser *f, int v)
{
    return f->p->vals.at[v].kind == GP_VAL_CONST;
}

static void rewrite(fuser *f, int v, gp_builtin_id id, const gp_val *top, const gp_val *bottom, int k)
{
    gp_val *val = &f->p->vals.at[v];
    const int in[5] = {top->in[0], top->in[1], bottom->in[0], bottom->in[1], k};
    val->fn = gp_builtin_get(id);
    val->n_in = 5;
    for (int j = 0; j < 5; j++) val->in[j] = in[j];
}

static void fuse_one(fuser *f, int v)
{
    const gp_val *val = &f->p->vals.at[v];
    if (val->fn->id == GP_B_MULRAW) { /* (A-B)/(C-D)*K, K*((A-B)/(C-D)) */
        for (int side = 0; side < 2; side++) {
            const gp_val *div = only(f, val->in[side], GP_B_DIVRAW);
            if (!div || !constant(f, val->in[1 - side])) continue;
            const gp_val *top = only(f, div->in[0], GP_B_SUBRAW), *bottom = only(f, div->in[1], GP_B_SUBRAW);
            if (!top || !bottom) continue;
            rewrite(f, v, GP_B_RATIO, top, bottom, val->in[1 - side]);
            return;
        }
    }
    if (val->fn->id == GP_B_DIVRAW) { /* K*(A-B)/(C-D) */
        const gp_val *mul = only(f, val->in[0], GP_B_MULRAW), *bottom = only(f, val->in[1], GP_B_SUBRAW);
        if (!mul || !bottom) return;
        for (int side = 0; side < 2; side++) {
            const gp_val *top = only(f, mul->in[side], GP_B_SUBRAW);
            if (!top || !constant(f, mul->in[1 - side])) continue;
            rewrite(f, v, GP_B_KRATIO, top, bottom, mul->in[1 - side]);
            return;
        }
    }
}

void gp_fuse(gp_program *p)
{
    fuser f = {.p = p, .uses = gp_xcalloc(p->vals.n + 1, sizeof *f.uses)};
    bool *live = gp_xcalloc(p->vals.n + 1, sizeof *live);
    for (size_t s = 0; s < p->slots.n; s++) f.uses[p->slots.at[s]]++, live[p->slots.at[s]] = true;
    for (size_t v = p->vals.n; v-- > 0;)
        for (int j = 0; live[v] && j < p->vals.at[v].n_in; j++) f.uses[p->vals.at[v].in[j]]++, live[p->vals.at[v].in[j]] = true;
    for (size_t v = p->vals.n; v-- > 0;) /* from the end: the outermost operator of a chain comes last */
        if (live[v] && p->vals.at[v].kind == GP_VAL_CALL) fuse_one(&f, (int)v);
    free(f.uses);
    gp_ladder(p, live);
    free(live);
}
