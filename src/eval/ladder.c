/* Windows of one series in several lengths, as RSV of 21, 37 and 55 bars has them: the highest of 55 bars is the higher of
 * the highest of 37 bars now and 18 bars ago.  Only the shortest window of a series is computed from scratch, each longer one (up to
 * twice as long) from the one before.  Maxima and minima of the same values: no bit changes.  Before 18 bars exist the earlier
 * window is null and does not count, and the shorter window then holds all bars there are. */
#include "eval/code.h"

#define MOST 256 /* windows to look through pair by pair; no formula written by hand has as many */

static bool is_extreme(const gp_val *v)
{
    return v->kind == GP_VAL_CALL && (v->fn->id == GP_B_HHV || v->fn->id == GP_B_LLV) && !v->series_n && v->len > 0 && v->len != GP_N_ALL;
}

/* The longest live window of the same kind and series that is shorter than v's; -1. */
static int rung_below(const gp_program *p, const bool *live, size_t v)
{
    const gp_val *val = &p->vals.at[v];
    int best = -1;
    for (size_t k = 0; k < p->vals.n; k++) {
        const gp_val *other = &p->vals.at[k];
        if (!live[k] || k == v || !is_extreme(other) || other->fn != val->fn || other->in[0] != val->in[0]) continue;
        if (other->len < val->len && (best < 0 || other->len > p->vals.at[best].len)) best = (int)k;
    }
    return best >= 0 && val->len <= 2 * p->vals.at[best].len ? best : -1;
}

void gp_ladder(gp_program *p, const bool *live)
{
    const size_t n = p->vals.n;
    int *below = gp_xcalloc(n + 1, sizeof *below);
    int *steps = gp_xcalloc(n + 1, sizeof *steps); /* before any rung is rewritten and loses its length */
    bool any = false;
    size_t extremes = 0;
    for (size_t v = 0; v < n; v++) extremes += live[v] && is_extreme(&p->vals.at[v]);
    for (size_t v = 0; v < n && extremes <= MOST; v++) {
        below[v] = live[v] && is_extreme(&p->vals.at[v]) ? rung_below(p, live, v) : -1;
        if (below[v] < 0) continue;
        steps[v] = p->vals.at[v].len - p->vals.at[below[v]].len;
        any = true;
    }
    for (size_t v = 0; v < n && any; v++) {
        if (below[v] < 0) continue;
        gp_val *val = &p->vals.at[v];
        val->fn = gp_builtin_get(val->fn->id == GP_B_HHV ? GP_B_HIGHER : GP_B_LOWER);
        val->in[0] = below[v];
        val->n_in = 1;
        val->len = steps[v];
    }
    free(below);
    free(steps);
    if (any) gp_sort_values(p); /* a rung may have been written after the window that now reads it */
}
