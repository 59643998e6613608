#include "worth/sweep_in.h"
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "eval/vm.h"

enum {
    TABLES = 96 << 20,  /* bytes for the sums of one batch */
    BITS = 24 << 20,    /* and for the signals of a tile, all threads together */
    MOST_SETS = 4096,
    FEW_SETS = 16,      /* so many are worth a pass over the data whatever their program is */
    MOST_CODE = 4000,   /* instructions of a program */
    NUMBERS = 48 << 20  /* bytes for stops, targets and trails that are expressions, all threads together */
};

size_t gp_sweep_sets(const gp_sweep_opts *o)
{
    size_t n = 1;
    for (int k = 0; k < o->n_formula; k++)
        n *= (size_t)o->grid->axes[k].n;
    return n;
}

/* Where axis k of a set stands. */
static size_t step_of(const gp_sweep_opts *o, size_t set, int axis)
{
    for (int k = o->n_formula - 1; k > axis; k--)
        set /= (size_t)o->grid->axes[k].n;
    return set % (size_t)o->grid->axes[axis].n;
}

gp_program *gp_sweep_compile(const gp_plan *plan, const gp_sweep_opts *o, const uint32_t *set, size_t n, gp_diags *d)
{
    const gp_formula *f = plan->formula;
    const size_t n_params = (size_t)f->n_params;
    const gp_formula **all = gp_xcalloc(n + 1, sizeof *all);
    gp_compile_opts *opts = gp_xcalloc(n + 1, sizeof *opts);
    double *params = gp_xcalloc(n * n_params + 1, sizeof *params);
    gp_diags told = {0}; /* the plan's own compilation has said it */
    for (size_t i = 0; i < n; i++) {
        double *own = params + i * n_params;
        for (size_t k = 0; k < n_params; k++)
            own[k] = f->params[k].value;
        for (int k = 0; k < o->n_formula; k++)
            own[o->param[k]] = o->grid->axes[k].at[step_of(o, set[i], k)];
        all[i] = f;
        opts[i] = plan->compile;
        opts[i].params = own;
        opts[i].no_draw_prices = true;
    }
    gp_program *p = gp_compile_many(all, opts, (int)n, &told);
    if (!p)
        gp_diags_append(d, &told);
    gp_diags_fini(&told);
    free(params);
    free(opts);
    free(all);
    return p;
}

/* ---- the order ---- */

/* Instructions that sets do not share when they differ on one axis only; -1 after an error. */
static int own_code(const gp_plan *plan, const gp_sweep_opts *o, int axis, gp_diags *d)
{
    size_t stride = 1;
    for (int k = axis + 1; k < o->n_formula; k++)
        stride *= (size_t)o->grid->axes[k].n;
    const size_t n = (size_t)o->grid->axes[axis].n;
    const uint32_t sets[] = {0, (uint32_t)(stride * (n / 2)), (uint32_t)(stride * (n - 1))};
    int code[2] = {0};
    for (int k = 0; k < 2; k++) {
        gp_program *p = gp_sweep_compile(plan, o, sets, k ? 3 : 1, d);
        if (!p)
            return -1;
        code[k] = gp_program_n_code(p);
        gp_program_free(p);
    }
    return code[1] - code[0];
}

bool gp_sweep_idle_axis(const gp_plan *plan, const gp_sweep_opts *o, int axis)
{
    gp_diags d = {0};
    const bool idle = o->grid->axes[axis].n > 1 && own_code(plan, o, axis, &d) == 0;
    gp_diags_fini(&d);
    return idle;
}

bool gp_sweep_order_of(const gp_plan *plan, const gp_sweep_opts *o, gp_sweep_order *out, gp_diags *d)
{
    int axis[GP_GRID_AXES], own[GP_GRID_AXES];
    const size_t n = gp_sweep_sets(o);
    *out = (gp_sweep_order){0};
    for (int k = 0; k < o->n_formula; k++) { /* the dearest first */
        int at = k;
        const int cost = o->grid->axes[k].n > 1 ? own_code(plan, o, k, d) : 0;
        if (cost < 0)
            return false;
        for (; at > 0 && own[at - 1] < cost; at--) {
            own[at] = own[at - 1];
            axis[at] = axis[at - 1];
        }
        own[at] = cost;
        axis[at] = k;
    }
    out->at = gp_xcalloc(n + 1, sizeof *out->at);
    for (size_t i = 0; i < n; i++) {
        size_t left = i, set = 0;
        for (int k = o->n_formula - 1; k >= 0; k--) {
            size_t stride = 1;
            for (int j = axis[k] + 1; j < o->n_formula; j++)
                stride *= (size_t)o->grid->axes[j].n;
            set += left % (size_t)o->grid->axes[axis[k]].n * stride;
            left /= (size_t)o->grid->axes[axis[k]].n;
        }
        if (!o->wanted || o->wanted(o->wanted_ctx, set))
            out->at[out->n++] = (uint32_t)set;
    }
    return true;
}

void gp_sweep_order_fini(gp_sweep_order *order)
{
    free(order->at);
    *order = (gp_sweep_order){0};
}

gp_program *gp_sweep_some(const gp_plan *plan, const gp_sweep_opts *o, size_t *n)
{
    gp_sweep_order order;
    gp_diags d = {0};
    gp_program *p = NULL;
    if (gp_sweep_order_of(plan, o, &order, &d) && order.n) {
        *n = order.n < *n ? order.n : *n;
        p = gp_sweep_compile(plan, o, order.at, *n, &d);
    }
    gp_sweep_order_fini(&order);
    gp_diags_fini(&d);
    return p;
}

/* ---- a batch ---- */

gp_sweep_looked gp_sweep_looked_of(const gp_plan *plan, const gp_sweep_opts *o)
{
    gp_sweep_looked l = {.n = 0};
    if (!o->test) {
        l.own[l.n++] = plan->signals[0].slot;
        l.own[l.n++] = plan->where;
        return l;
    }
    const gp_order_slots *s = &o->test->o->slots;
    l.own[l.n++] = s->stop;
    l.own[l.n++] = s->target;
    l.own[l.n++] = s->trail;
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < s->n_enter[k]; i++)
            l.own[l.n++] = s->enter[k][i];
        for (int i = 0; i < s->n_leave[k]; i++)
            l.own[l.n++] = s->leave[k][i];
    }
    return l;
}

/* Outputs of a set stand in the order of the plan's own program; *cond: the result is the condition of that output. */
static int output_with(const gp_plan *plan, int slot, bool *cond, int *per_set)
{
    const gp_output *o = gp_program_outputs(plan->program, per_set);
    for (int i = 0; i < *per_set && slot >= 0; i++) {
        *cond = o[i].cond == slot;
        if (*cond || (o[i].slot == slot && o[i].kind != GP_OUT_DRAW))
            return i;
    }
    return -1;
}

void gp_sweep_find_slots(const gp_plan *plan, const gp_sweep_looked *l, gp_sweep_batch *b)
{
    int n_outputs, per_set = 0;
    const gp_output *out = gp_program_outputs(b->program, &n_outputs);
    const size_t n_slots = (size_t)gp_program_n_slots(b->program), n = (size_t)l->n;
    unsigned char *used = gp_xcalloc(n_slots + 1, 1);
    b->slot = gp_xcalloc(b->n * n + 1, sizeof *b->slot);
    b->slots = gp_xcalloc(n_slots + 1, sizeof *b->slots);
    for (size_t j = 0; j < n; j++) {
        bool cond = false;
        const int at = output_with(plan, l->own[j], &cond, &per_set);
        for (size_t i = 0; i < b->n; i++) {
            const gp_output *own = at < 0 ? NULL : &out[i * (size_t)per_set + (size_t)at];
            const int slot = !own ? -1 : cond ? own->cond : own->slot;
            b->slot[i * n + j] = slot;
            if (slot >= 0)
                used[slot] = 1;
        }
    }
    for (size_t k = 0; k < n_slots; k++)
        if (used[k])
            b->slots[b->n_slots++] = (int)k;
    free(used);
}

bool gp_sweep_batch_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_looked *looked, gp_sweep_order *order, size_t first, size_t bytes, int jobs, int longest,
                       gp_sweep_batch *b, gp_diags *d)
{
    const size_t left = order->n - first, by_sums = TABLES / (bytes + 1), by_bits = BITS / ((size_t)longest * (size_t)jobs + 1);
    size_t n = by_sums < by_bits ? by_sums : by_bits;
    if (o->test) { /* each set may have distances of its own */
        size_t each = 0;
        for (int k = 0; k < 3; k++)
            each += looked->own[k] >= 0 ? (size_t)longest * GP_VM_LANES * sizeof(double) * (size_t)jobs : 0;
        n = each && NUMBERS / each < n ? NUMBERS / each : n;
    }
    n = n < FEW_SETS ? FEW_SETS : n > MOST_SETS ? MOST_SETS : n;
    if (order->fitted && n > order->fitted + order->fitted / 8) /* compiling what is too large costs, too */
        n = order->fitted + order->fitted / 8;
    n = o->batch && n > o->batch ? o->batch : n;
    n = n > left ? left : n;
    *b = (gp_sweep_batch){0};
    for (;;) {
        b->program = gp_sweep_compile(plan, o, order->at + first, n, d);
        if (!b->program)
            return false;
        const size_t code = (size_t)gp_program_n_code(b->program);
        if (n <= FEW_SETS || code <= MOST_CODE)
            break;
        gp_program_free(b->program);
        order->fitted = n * MOST_CODE / code < FEW_SETS ? FEW_SETS : n * MOST_CODE / code;
        n = order->fitted;
    }
    b->n = n;
    b->numbers = gp_xcalloc(n + 1, sizeof *b->numbers);
    for (size_t i = 0; i < n; i++)
        b->numbers[i] = order->at[first + i];
    gp_sweep_find_slots(plan, looked, b);
    return true;
}

void gp_sweep_batch_fini(gp_sweep_batch *b)
{
    gp_program_free(b->program);
    free(b->numbers);
    free(b->slot);
    free(b->slots);
    *b = (gp_sweep_batch){0};
}
