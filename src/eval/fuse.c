/* Superinstructions, for chains whose inner values nobody else reads.  (A-B)/(C-D)*K and K*(A-B)/(C-D) are what RSV, KDJ, W%R and most oscillators are made of: one pass
 * over the block instead of four.  So are A+K*B, X>REF(X,n) and A AND X<Y.  Arithmetic only where it was proved not to
 * overflow; the fused row does the same operations in the same order, so no bit changes. */
#include "eval/code.h"

#define LONGEST_DELAY 4096 /* longer ones keep their own instruction */

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

/* A full column: the loops of delays read one row a bar. */
static bool varies(const fuser *f, int v)
{
    const gp_val_kind kind = f->p->vals.at[v].kind;
    return kind == GP_VAL_CALL || kind == GP_VAL_LOAD;
}

static void rewrite(fuser *f, int v, gp_builtin_id id, const gp_val *top, const gp_val *bottom, int k)
{
    gp_val *val = &f->p->vals.at[v];
    const int in[5] = {top->in[0], top->in[1], bottom->in[0], bottom->in[1], k};
    val->fn = gp_builtin_get(id);
    val->n_in = 5;
    for (int j = 0; j < 5; j++) val->in[j] = in[j];
}

static void rewrite3(fuser *f, int v, gp_builtin_id id, int a, int b, int c)
{
    gp_val *val = &f->p->vals.at[v];
    val->fn = gp_builtin_get(id);
    val->n_in = 3;
    val->in[0] = a;
    val->in[1] = b;
    val->in[2] = c;
}

/* A AND (comparison that only this AND reads). */
static bool fuse_and(fuser *f, int v)
{
    static const gp_builtin_id pairs[][2] = {
        {GP_B_BELOW, GP_B_ANDBELOW}, {GP_B_ABOVE, GP_B_ANDABOVE}, {GP_B_LT, GP_B_ANDLT}, {GP_B_GT, GP_B_ANDGT}};
    const gp_val *val = &f->p->vals.at[v];
    for (int side = 1; side >= 0; side--)
        for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
            const gp_val *test = only(f, val->in[side], pairs[k][0]);
            if (!test || constant(f, val->in[1 - side])) continue;
            rewrite3(f, v, pairs[k][1], val->in[1 - side], test->in[0], test->in[1]);
            return true;
        }
    return false;
}

/* X > REF(X,n): one value now and n bars ago. */
static bool fuse_change(fuser *f, int v)
{
    gp_val *val = &f->p->vals.at[v];
    const gp_val *then = only(f, val->in[1], GP_B_REF);
    if (!then || then->in[0] != val->in[0] || then->len < 0 || then->len > LONGEST_DELAY || !varies(f, val->in[0])) return false;
    val->len = then->len;
    val->fn = gp_builtin_get(val->fn->id == GP_B_GT ? GP_B_RISES : GP_B_FALLS);
    val->n_in = 1;
    return true;
}

static bool fuse_muladd(fuser *f, int v)
{
    const gp_val *val = &f->p->vals.at[v];
    for (int side = 1; side >= 0; side--) {
        const gp_val *mul = only(f, val->in[side], GP_B_MULRAW);
        for (int k = 0; mul && k < 2; k++) {
            if (!constant(f, mul->in[k]) || constant(f, val->in[1 - side])) continue;
            rewrite3(f, v, GP_B_MULADD, val->in[1 - side], mul->in[k], mul->in[1 - k]);
            return true;
        }
    }
    return false;
}

static void fuse_one(fuser *f, int v)
{
    const gp_val *val = &f->p->vals.at[v];
    if ((val->fn->id == GP_B_GT || val->fn->id == GP_B_LT) && fuse_change(f, v)) return;
    if (val->fn->id == GP_B_AND && fuse_and(f, v)) return;
    if (val->fn->id == GP_B_ADDRAW && fuse_muladd(f, v)) return;
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
