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

static size_t product_of(const gp_grid *g, int from, int to)
{
    size_t n = 1;
    for (int k = from; k < to; k++)
        n *= (size_t)g->axes[k].n;
    return n;
}

/* Combinations of what ends a trade. */
static size_t ends_of(const gp_sweep_opts *o) { return o->test ? product_of(o->grid, o->n_formula, o->grid->n_axes) : 1; }

size_t gp_sweep_sets(const gp_sweep_opts *o) { return product_of(o->grid, 0, o->n_formula) * ends_of(o); }

gp_trade_rules gp_sweep_rules(const gp_sweep_opts *o, uint32_t ends)
{
    gp_trade_rules r = o->test->o->rules;
    size_t left = ends;
    for (int k = o->grid->n_axes - 1; k >= o->n_formula; k--) {
        const gp_axis *a = &o->grid->axes[k];
        gp_rules_end(&r, o->test->ends[k - o->n_formula], a->at[left % (size_t)a->n]);
        left /= (size_t)a->n;
    }
    return r;
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
    const size_t n = product_of(o->grid, 0, o->n_formula), ends = ends_of(o);
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
    out->at = gp_xcalloc(n * ends + 1, sizeof *out->at);
    for (size_t i = 0; i < n; i++) {
        size_t left = i, set = 0;
        for (int k = o->n_formula - 1; k >= 0; k--) {
            size_t stride = 1;
            for (int j = axis[k] + 1; j < o->n_formula; j++)
                stride *= (size_t)o->grid->axes[j].n;
            set += left % (size_t)o->grid->axes[axis[k]].n * stride;
            left /= (size_t)o->grid->axes[axis[k]].n;
        }
        for (size_t e = set * ends; e < (set + 1) * ends; e++)
            if (!o->wanted || o->wanted(o->wanted_ctx, e))
                out->at[out->n++] = (uint32_t)e;
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

/* ---- look-ahead ---- */

/* What a set reads of later bars hangs on its values (REFX(C,N) reads none for N = 0), so every one of them is asked. */
bool gp_sweep_furthest(const gp_plan *plan, const gp_sweep_opts *o, size_t *set, size_t *n, gp_diags *d)
{
    const size_t sets = product_of(o->grid, 0, o->n_formula);
    gp_ahead worst = {0};
    *n = *set = 0;
    for (size_t first = 0; first < sets; first += FEW_SETS) {
        uint32_t at[FEW_SETS];
        const size_t some = sets - first < FEW_SETS ? sets - first : FEW_SETS;
        int outputs;
        for (size_t i = 0; i < some; i++)
            at[i] = (uint32_t)(first + i);
        gp_program *p = gp_sweep_compile(plan, o, at, some, d);
        if (!p)
            return false;
        const gp_output *out = gp_program_outputs(p, &outputs);
        for (size_t i = 0; i < some; i++) {
            bool looks = false;
            for (size_t k = 0; k < (size_t)outputs / some; k++) {
                const gp_ahead *a = &out[i * ((size_t)outputs / some) + k].ahead;
                looks |= a->kind != GP_FUTURE_NONE;
                if (gp_ahead_further(a, &worst)) {
                    worst = *a;
                    *set = first + i;
                }
            }
            *n += looks;
        }
        gp_program_free(p);
    }
    return true;
}

gp_program *gp_sweep_one(const gp_plan *plan, const gp_sweep_opts *o, size_t set)
{
    gp_diags d = {0};
    gp_program *p = gp_sweep_compile(plan, o, &(uint32_t){(uint32_t)set}, 1, &d);
    gp_diags_fini(&d);
    return p;
}

size_t gp_sweep_set_of(const gp_sweep_opts *o, size_t point) { return point / product_of(o->grid, o->n_formula, o->grid->n_axes); }

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

/* The next points: at most so many, of at most so many sets of formula parameters, which go to `sets`. */
static void take_points(gp_sweep_batch *b, const uint32_t *at, size_t left, size_t ends, size_t most_points, size_t most_sets, uint32_t *sets)
{
    b->n = b->n_points = 0;
    for (size_t i = 0; i < left && i < most_points; i++) {
        const uint32_t set = at[i] / (uint32_t)ends;
        if (!b->n || sets[b->n - 1] != set) {
            if (b->n == most_sets)
                break;
            sets[b->n++] = set;
        }
        b->points[b->n_points++] = (gp_sweep_point){at[i], (uint32_t)b->n - 1, at[i] % (uint32_t)ends};
    }
}

static size_t within(size_t n, size_t low, size_t high) { return n < low ? low : n > high ? high : n; }

bool gp_sweep_batch_of(const gp_plan *plan, const gp_sweep_opts *o, const gp_sweep_looked *looked, gp_sweep_order *order, size_t first, size_t bytes, int jobs, int longest,
                       gp_sweep_batch *b, gp_diags *d)
{
    const size_t left = order->n - first, ends = ends_of(o);
    size_t points = within(TABLES / (bytes + 1), FEW_SETS, left < FEW_SETS ? FEW_SETS : left), n = BITS / ((size_t)longest * (size_t)jobs + 1);
    if (o->test) { /* each set may have distances of its own */
        size_t each = 0;
        for (int k = 0; k < 3; k++)
            each += looked->own[k] >= 0 ? (size_t)longest * GP_VM_LANES * sizeof(double) * (size_t)jobs : 0;
        n = each && NUMBERS / each < n ? NUMBERS / each : n;
    }
    n = within(n, FEW_SETS, MOST_SETS);
    if (order->fitted && n > order->fitted + order->fitted / 8) /* compiling what is too large costs, too */
        n = order->fitted + order->fitted / 8;
    points = o->batch && points > o->batch ? o->batch : points;
    points = points > left ? left : points;
    uint32_t *sets = gp_xcalloc(points + 1, sizeof *sets);
    *b = (gp_sweep_batch){.points = gp_xcalloc(points + 1, sizeof *b->points)};
    for (;;) {
        take_points(b, order->at + first, left, ends, points, n, sets);
        b->program = gp_sweep_compile(plan, o, sets, b->n, d);
        if (!b->program)
            break;
        const size_t code = (size_t)gp_program_n_code(b->program);
        if (b->n <= FEW_SETS || code <= MOST_CODE)
            break;
        gp_program_free(b->program);
        order->fitted = b->n * MOST_CODE / code < FEW_SETS ? FEW_SETS : b->n * MOST_CODE / code;
        n = order->fitted;
    }
    b->numbers = gp_xcalloc(b->n + 1, sizeof *b->numbers);
    for (size_t i = 0; i < b->n; i++)
        b->numbers[i] = sets[i];
    free(sets);
    if (b->program)
        gp_sweep_find_slots(plan, looked, b);
    else
        gp_sweep_batch_fini(b);
    return b->program != NULL;
}

void gp_sweep_batch_fini(gp_sweep_batch *b)
{
    gp_program_free(b->program);
    free(b->numbers);
    free(b->points);
    free(b->slot);
    free(b->slots);
    *b = (gp_sweep_batch){0};
}
