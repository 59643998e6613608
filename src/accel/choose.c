/* Programs of many sets sorted into families that can share a kernel.  A kernel of its own for a family, or the interpreter?  A kernel of its own is faster and has to be compiled; the interpreter is compiled once for
 * everybody.  docs/cuda.md gives the rule its reasons. */
#include <stdlib.h>
#include <string.h>
#include "accel/measure.h"
#include "eval/code.h"

/* Seconds a kernel of its own takes to compile where that has not been measured here (cost.h), and how many of these the interpreter's variants
 * take: measured with NVRTC 13. */
static const double usual_compile_s = 0.2;
static const int compiles_plain = 33, compiles_rare = 110;
/* Seconds the interpreter loses for an instruction on one bar of one lane, the device being full: an estimate, from what it reads and writes besides
 * (some 40 bytes at 2 TB/s).  Nobody has measured it. */
static const double lost_s = 20e-12;

const gp_ready *gp_accel_interpreter(gp_accel *a, gp_interp_variant v)
{
    gp_fuse_steps steps = {0};
    gp_buf text = {0};
    gp_accel_status s;
    gp_interp_source(v, "goldpit", &steps, &text);
    const gp_ready *r = gp_accel_kernel(a, text.p, v & GP_INTERP_EXACT, &steps, &s);
    gp_accel_note(a, s);
    a->no_interpreter |= !r;
    gp_buf_free(&text);
    return r;
}

static bool asks_for(gp_accel *a, gp_accel_kernels k)
{
    pthread_mutex_lock(&a->lock);
    const bool yes = a->device && !a->no_interpreter && a->kernels_of == k;
    pthread_mutex_unlock(&a->lock);
    return yes;
}

static double bars_of(const gp_accel_market *m)
{
    double bars = 0;
    for (int k = 0; k < m->tickers; k++) bars += m->lane[k].n;
    return bars;
}

static bool own_is_kept(gp_accel *a, const gp_program *const *sets, int n_sets)
{
    gp_fuse_steps steps = {0};
    gp_buf text = {0};
    gp_fused f = {0};
    const bool kept = gp_fuse_kernel(sets, n_sets, &(gp_fuse_opts){.name = "goldpit", .blocks = a->force.blocks}, &f, &steps, &text) &&
                      gp_accel_kept(a, text.p, sets[0]->exact != NULL, &steps);
    gp_fused_fini(&f);
    gp_buf_free(&text);
    return kept;
}

/* Would these sets, which share a kernel, rather do without one of their own? */
static bool is_small(gp_accel *a, double bars, const gp_program *const *sets, int n_sets)
{
    const double compile_s = a->compile_s > 0 ? a->compile_s : usual_compile_s;
    const char *why;
    if (asks_for(a, GP_KERNELS_INTERPRETER)) return gp_fuse_can(sets[0], &why);
    if (!asks_for(a, GP_KERNELS_AUTO) || !gp_fuse_can(sets[0], &why)) return false;
    return bars * (double)sets[0]->code.n * n_sets * lost_s < compile_s && !own_is_kept(a, sets, n_sets);
}

/* Does the interpreter run these, so many kernels' worth of them? */
static bool interprets(gp_accel *a, gp_interp_variant v, int kernels)
{
    gp_fuse_steps steps = {0};
    gp_buf text = {0};
    if (asks_for(a, GP_KERNELS_INTERPRETER)) return true;
    if (!asks_for(a, GP_KERNELS_AUTO)) return false;
    if (kernels >= (v & GP_INTERP_RARE ? compiles_rare : compiles_plain)) return true;
    gp_interp_source(v, "goldpit", &steps, &text);
    const bool kept = gp_accel_kept(a, text.p, v & GP_INTERP_EXACT, &steps);
    gp_buf_free(&text);
    return kept;
}

bool gp_accel_interprets(gp_accel *a, const gp_program *const *sets, int n_sets, double bars, double *lost)
{
    *lost = bars * (double)sets[0]->code.n * n_sets * lost_s;
    return is_small(a, bars, sets, n_sets) && interprets(a, gp_interp_variant_of(sets[0]), 1);
}

/* ---- families ---- */

static const size_t most_lanes = (size_t)1 << 30;      /* lanes are numbered by int */

/* Families that would do without a kernel of their own. */
typedef struct small { int first, n; gp_interp_variant v; } small;
typedef struct smalls { const gp_program **program; int *index, n; GP_VEC(small) family; } smalls;

static void add_small(smalls *s, const gp_program *const *family, const int *index, int n)
{
    memcpy(s->program + s->n, family, (size_t)n * sizeof *family);
    memcpy(s->index + s->n, index, (size_t)n * sizeof *index);
    gp_vec_push(&s->family, ((small){s->n, n, gp_interp_variant_of(family[0])}));
    s->n += n;
}

/* Variant by variant: all together to the interpreter, or each to its kernel. */
static void run_smalls(gp_accel *a, gp_accel_market *m, smalls *s, const gp_accel_want *want)
{
    const gp_program **some = gp_xcalloc((size_t)s->n + 1, sizeof *some);
    int *at = gp_xcalloc((size_t)s->n + 1, sizeof *at);
    for (int v = 0; v < GP_INTERP_VARIANTS; v++) {
        int kernels = 0, n = 0;
        for (size_t k = 0; k < s->family.n; k++) kernels += (int)s->family.at[k].v == v;
        const bool together = kernels && interprets(a, (gp_interp_variant)v, kernels);
        for (size_t k = 0; k < s->family.n; k++) {
            const small *f = &s->family.at[k];
            if ((int)f->v != v) continue;
            for (int i = f->first; i < f->first + f->n && together; i++) some[n] = s->program[i], at[n++] = s->index[i];
            if (!together) gp_accel_own(a, m, s->program + f->first, s->index + f->first, f->n, want);
        }
        if (n) gp_accel_batch(a, m, some, at, n, want);
    }
    free(some);
    free(at);
}

void gp_accel_run(gp_accel *a, gp_accel_market *m, const gp_program *const *sets, int n_sets, const gp_accel_want *want)
{
    const size_t most = m->tickers > 0 ? most_lanes / (size_t)m->tickers : 1;
    const double bars = bars_of(m);
    bool *taken = gp_xcalloc((size_t)n_sets + 1, sizeof *taken);
    const gp_program **family = gp_xcalloc((size_t)n_sets + 1, sizeof *family);
    int *index = gp_xcalloc((size_t)n_sets + 1, sizeof *index);
    smalls few = {.program = gp_xcalloc((size_t)n_sets + 1, sizeof *few.program), .index = gp_xcalloc((size_t)n_sets + 1, sizeof *few.index)};
    const char *why;
    bool any = false;
    for (int s = 0; s < n_sets && !any; s++) any = gp_fuse_can(sets[s], &why);
    if (any) gp_market_pack(m);
    for (int first = 0; first < n_sets; first++) {
        int n = 0;
        for (int s = first; s < n_sets && (size_t)n < most; s++)
            if (!taken[s] && (s == first || gp_fuse_same(sets[first], sets[s]))) {
                taken[s] = true;
                index[n] = s;
                family[n++] = sets[s];
            }
        if (n && is_small(a, bars, family, n)) add_small(&few, family, index, n);
        else if (n) gp_accel_own(a, m, family, index, n, want);
    }
    run_smalls(a, m, &few, want);
    free(few.program);
    free(few.index);
    gp_vec_free(&few.family);
    free(taken);
    free(family);
    free(index);
}
