/* Constant folding: the row's own kernel on one bar, so that folding can never disagree with running. */
#include "eval/code.h"

double gp_fold_constant(const gp_program *p, const gp_builtin *fn, const double *in, int n_in)
{
    double y[GP_LANES] __attribute__((aligned(64))), x[GP_MAX_IN][GP_LANES] __attribute__((aligned(64)));
    double state[16 * GP_LANES] __attribute__((aligned(64))) = {0};
    int lane_n[GP_LANES];
    const gp_kernel *k = &gp_program_kernels(p, NULL)->at[fn->id];
    gp_exec e = {.rows = 1, .y = y, .state = state, .cap = 1, .lane_n = lane_n};
    if (!k->run || k->fields > 16) return GP_NULL;
    for (int l = 0; l < GP_LANES; l++) lane_n[l] = 1;
    for (int j = 0; j < n_in; j++) {
        for (int l = 0; l < GP_LANES; l++) x[j][l] = in[j];
        e.x[j] = x[j];
    }
    if (k->init) k->init(&e);
    k->run(&e);
    return y[0];
}
