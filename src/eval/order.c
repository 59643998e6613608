/* Puts values back into an order in which every operand comes before its readers, after a rewrite appended new ones. */
#include "eval/code.h"

/* Depth first, without recursion: a chain of operands can be thousands long. */
static void place_value(const gp_program *p, int root, int *at, int *order, int *n, int *stack)
{
    int top = 0;
    stack[top++] = root;
    while (top > 0) {
        const int v = stack[top - 1];
        int waiting = -1;
        for (int j = 0; at[v] < 0 && j < p->vals.at[v].n_in; j++)
            if (at[p->vals.at[v].in[j]] < 0) waiting = p->vals.at[v].in[j];
        if (waiting >= 0) {
            stack[top++] = waiting;
            continue;
        }
        if (at[v] < 0) {
            at[v] = *n;
            order[(*n)++] = v;
        }
        top--;
    }
}

void gp_sort_values(gp_program *p)
{
    const size_t count = p->vals.n;
    int *at = gp_xcalloc(count + 1, sizeof *at), *order = gp_xcalloc(count + 1, sizeof *order), *stack = gp_xcalloc(count + 1, sizeof *stack), n = 0;
    for (size_t v = 0; v < count; v++) at[v] = -1;
    for (size_t v = 0; v < count; v++) place_value(p, (int)v, at, order, &n, stack);
    gp_val *sorted = gp_xcalloc(count + 1, sizeof *sorted);
    for (size_t k = 0; k < count; k++) {
        sorted[k] = p->vals.at[order[k]];
        for (int j = 0; j < sorted[k].n_in; j++) sorted[k].in[j] = at[sorted[k].in[j]];
    }
    memcpy(p->vals.at, sorted, count * sizeof *sorted);
    for (size_t s = 0; s < p->slots.n; s++) p->slots.at[s] = at[p->slots.at[s]];
    free(sorted);
    free(at);
    free(order);
    free(stack);
}
