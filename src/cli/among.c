/* --among EXPR: a condition on the last bar of a security, in formula language, that says whether it takes part. */
#include "cli/among.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "screen/lane.h"

struct gp_among {
    gp_formula *formula;
    gp_program *program;
    gp_vm *vm;            /* one for all threads */
    pthread_mutex_t lock;
    int slot;
};

gp_among *gp_among_new(gp_cli *c, const char *expr, gp_diags *d)
{
    gp_among *a = gp_xcalloc(1, sizeof *a);
    gp_compile_opts options = gp_cli_compile_opts(c);
    int n = 0, n_outputs;
    pthread_mutex_init(&a->lock, NULL);
    a->formula = gp_formula_parse("<--among>", expr, strlen(expr), GP_ENC_AUTO, d);
    a->formula->library = gp_cli_library(c);
    if (!d->errors && gp_formula_resolve(a->formula, d) && !d->errors)
        a->program = gp_compile(a->formula, &options, d);
    if (a->program) {
        const gp_output *o = gp_program_outputs(a->program, &n_outputs);
        const gp_external *x = gp_program_externals(a->program, &n);
        a->slot = n_outputs == 1 ? o[0].slot : -1;
        if (n)
            gp_diag_at(d, GP_D_AMONG, x[0].span, "it can look at the quotes of the security only");
        else if (a->slot < 0)
            gp_diag_at(d, GP_D_AMONG, (gp_span){0}, "it must be one expression with a number as its value");
    }
    if (d->errors || !a->program) {
        gp_cli_diags(c, d); /* they point into the text, which goes with the formula */
        gp_among_free(a);
        return NULL;
    }
    a->vm = gp_vm_new(a->program, NULL);
    return a;
}

void gp_among_free(gp_among *a)
{
    if (!a)
        return;
    if (a->vm)
        gp_vm_free(a->vm);
    if (a->program)
        gp_program_free(a->program);
    gp_formula_free(a->formula);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

unsigned gp_among_needs(const gp_among *a) { return gp_program_needs(a->program); }

bool gp_among_holds(void *ctx, const gp_bars *b, int n)
{
    gp_among *a = ctx;
    const int slots = gp_program_n_slots(a->program);
    double value = NAN, **out = gp_xcalloc((size_t)slots + 1, sizeof *out);
    out[a->slot] = &value;
    const gp_lane lane = gp_lane_of(b, n, n - 1, out);
    pthread_mutex_lock(&a->lock);
    gp_vm_run(a->vm, &lane, 1);
    pthread_mutex_unlock(&a->lock);
    free(out);
    return fabs(value) >= 1e-5; /* language.md 4.5; a null condition does not hold */
}
