/* The machine: stages, blocks, tiles.  See engine notes in docs/architecture.md. */
#include <math.h>
#include <stdio.h>
#include "base/exchange.h"
#include "eval/machine.h"
#include "eval/state.h"

_Static_assert(GP_VM_LANES == GP_LANES, "one lane count");
#define W GP_LANES
#define DEFAULT_BLOCK 128

static const char quote_letters[] = "OHLCVA", derived_letters[] = "DTSI";

static const gp_kernel *kernel_of(const gp_vm *vm, const gp_instr *in)
{
    return &vm->k->at[in->fn->id];
}

/* What keeps nothing from bar to bar and is read only by results, or by instructions of that kind, has to be computed only for bars that
 * are wanted: in a scan, the condition at the end of a chain of averages.  Backwards, since registers are used again. */
static void find_late(gp_vm *vm)
{
    const gp_program *p = vm->p;
    bool *early = gp_xcalloc((size_t)p->n_block_regs + 1, sizeof *early); /* read on every bar */
    for (size_t s = 0; s < p->stages.n && p->text_results.n == 0; s++) {
        const gp_stage *st = &p->stages.at[s];
        memset(early, 0, ((size_t)p->n_block_regs + 1) * sizeof *early);
        for (int k = st->first + st->n_block - 1; k >= st->first; k--) {
            const gp_instr *in = &p->code.at[k];
            const bool map = !in->fn || in->fn->shape == GP_SHAPE_MAP;
            vm->late[k] = map && in->to.place == GP_AT_BLOCK && !early[in->to.index];
            if (in->to.place == GP_AT_BLOCK) early[in->to.index] = false;
            for (int j = 0; j < in->n_in && !vm->late[k]; j++)
                if (in->in[j].place == GP_AT_BLOCK) early[in->in[j].index] = true;
        }
    }
    free(early);
}

gp_vm *gp_vm_new(const gp_program *p, const gp_vm_opts *o)
{
    gp_vm *vm = gp_xcalloc(1, sizeof *vm);
    vm->p = p;
    vm->k = gp_program_kernels(p, o ? o->isa : NULL);
    vm->block = o && o->block > 0 ? o->block : DEFAULT_BLOCK;
    vm->stop = o ? o->stop : NULL;
    vm->regs = gp_xaligned(((size_t)p->n_block_regs + 1) * (size_t)vm->block * W * sizeof(double));
    vm->consts = gp_xaligned((p->consts.n + 1) * W * sizeof(double));
    for (size_t c = 0; c < p->consts.n; c++)
        for (int l = 0; l < W; l++) vm->consts[c * W + (size_t)l] = p->consts.at[c];
    vm->loads = gp_xcalloc(p->code.n + 1, sizeof *vm->loads);
    for (size_t k = 0, n = 0; k < p->code.n; k++)
        if (!p->code.at[k].fn) vm->loads[n++] = (int)k;
    vm->lane_rows = gp_xaligned((p->lane_vals.n + 1) * W * sizeof(double));
    vm->state_at = gp_xcalloc(p->code.n + 1, sizeof *vm->state_at);
    vm->exec = gp_xcalloc(p->code.n + 1, sizeof *vm->exec);
    vm->run = gp_xcalloc(p->code.n + 1, sizeof *vm->run);
    for (size_t k = 0; k < p->code.n; k++) {
        if (!p->code.at[k].fn || p->code.at[k].whole) continue;
        const gp_kernel *kn = kernel_of(vm, &p->code.at[k]);
        vm->run[k] = p->code.at[k].series_n ? kn->run_series : kn->run;
    }
    vm->late = gp_xcalloc(p->code.n + 1, sizeof *vm->late);
    find_late(vm);
    vm->last = gp_xaligned((p->slots.n + 1) * W * sizeof(double));
    vm->texts.base = &p->literals;
    return vm;
}

void gp_vm_free(gp_vm *vm)
{
    if (!vm) return;
    gp_texts_fini(&vm->texts);
    for (int j = 0; j < GP_N_DERIVED; j++) free(vm->derived[j]);
    free(vm->regs);
    free(vm->full);
    free(vm->consts);
    free(vm->lane_rows);
    free(vm->state);
    free(vm->scratch);
    free(vm->grid);
    free(vm->nulls);
    free(vm->state_at);
    free(vm->exec);
    free(vm->run);
    free(vm->late);
    free(vm->loads);
    free(vm->last);
    free(vm);
}

/* How many doubles of state one instruction needs.  Layouts are described at the loops in shapes.h. */
static size_t state_doubles(const gp_vm *vm, const gp_instr *in, int cap)
{
    if (!in->fn || in->whole) return 0;
    const size_t f = (size_t)vm->k->at[in->fn->id].fields;
    const size_t rows = in->len > 0 && in->len < cap ? (size_t)in->len : in->len > 0 && in->len != GP_N_ALL ? (size_t)cap : 0;
    switch (in->fn->shape) {
    case GP_SHAPE_SCAN: return f * W;
    case GP_SHAPE_DELAY: return rows * W;
    case GP_SHAPE_WINDOW:
        if (in->series_n) return W + (2 * (size_t)cap + 40) * f * W;
        return (f + 1 + (rows + 1) * f) * W;
    case GP_SHAPE_MOMENTS:
        if (in->series_n) return (2 + (size_t)cap) * W;
        return (3 + f + (rows + 1) * (1 + f)) * W;
    case GP_SHAPE_HISTORY: {
        size_t kept = 0;
        for (int j = 0; j < in->n_in; j++) kept += (in->varying_mask >> j) & 1;
        return (sizeof(gp_hist) * W + 63) / 64 * 8 + kept * W * (size_t)cap;
    }
    default: return 0;
    }
}

static double *place(const gp_vm *vm, gp_operand o, int bar, size_t *stride)
{
    *stride = W;
    switch (o.place) {
    case GP_AT_BLOCK: return vm->regs + (size_t)o.index * (size_t)vm->block * W;
    case GP_AT_FULL: return vm->full + ((size_t)o.index * (size_t)vm->cap + (size_t)bar) * W;
    case GP_AT_CONST: *stride = 0; return vm->consts + (size_t)o.index * W;
    case GP_AT_LANE: *stride = 0; return vm->lane_rows + (size_t)o.index * W;
    case GP_AT_COLUMN: break; /* read in place by run_whole */
    }
    return NULL;
}

/* Puts every instruction's operands in place once; run_block only moves the full-length ones. */
static void place_all(gp_vm *vm)
{
    size_t unused;
    for (size_t k = 0; k < vm->p->code.n; k++) {
        const gp_instr *in = &vm->p->code.at[k];
        gp_exec *e = &vm->exec[k];
        *e = (gp_exec){.state = vm->state + vm->state_at[k], .len = in->len, .n_is_last = in->n_is_last, .cap = vm->cap,
                       .series_mask = in->series_mask, .varying_mask = in->varying_mask, .lane_n = vm->lane_n};
        e->y = place(vm, in->to, 0, &unused);
        for (int j = 0; j < in->n_in; j++) e->x[j] = place(vm, in->in[j], 0, &e->stride[j]);
    }
}

static void reserve(gp_vm *vm, int bars)
{
    if (bars <= vm->cap && vm->state) return;
    const gp_program *p = vm->p;
    int cap = vm->cap ? vm->cap : 512;
    while (cap < bars) cap += cap / 2 + vm->block;
    vm->cap = cap;
    size_t total = 0;
    for (size_t k = 0; k < p->code.n; k++) {
        vm->state_at[k] = total;
        total += (state_doubles(vm, &p->code.at[k], cap) + 7) / 8 * 8;
    }
    free(vm->state);
    free(vm->full);
    free(vm->scratch);
    vm->state = gp_xaligned((total + 8) * sizeof(double));
    free(vm->nulls);
    vm->nulls = gp_xaligned(((size_t)cap + 8) * sizeof(double));
    for (int i = 0; i < cap; i++) vm->nulls[i] = GP_NULL;
    vm->full = gp_xaligned(((size_t)p->n_full_regs * (size_t)cap * W + 8) * sizeof(double));
    bool any_whole = false, any_grid = false;
    for (size_t k = 0; k < p->code.n; k++) any_grid |= p->code.at[k].fn && (p->code.at[k].fn->flags & GP_ROW_GRID);
    if (any_grid && !vm->grid) vm->grid = gp_xaligned(GP_GRID_DOUBLES * sizeof(double));
    for (size_t k = 0; k < p->code.n; k++) any_whole |= p->code.at[k].whole;
    vm->scratch = any_whole ? gp_xaligned((GP_MAX_IN + 1 + GP_WHOLE_TMP) * ((size_t)cap + 8) * sizeof(double)) : NULL;
    place_all(vm);
    for (size_t k = 0; k < p->code.n; k++)
        for (int j = 0; j < p->code.at[k].n_in || j == 0; j++) {
            char letter = p->code.at[k].letter;
            if (p->code.at[k].in[j].place == GP_AT_COLUMN) letter = p->vals.at[p->code.at[k].in[j].index].letter;
            const char *at = letter ? strchr(derived_letters, letter) : NULL;
            if (!at || !*at) continue;
            double **d = &vm->derived[at - derived_letters];
            free(*d);
            *d = gp_xaligned((size_t)cap * W * sizeof(double));
        }
}

/* D T S I as numbers.  DATE = (year-1900)*10000 + month*100 + day (functions.md section 2). */
static void derive(gp_vm *vm)
{
    for (int j = 0; j < GP_N_DERIVED; j++) {
        if (!vm->derived[j]) continue;
        for (int l = 0; l < vm->lanes; l++) {
            double *d = vm->derived[j] + (size_t)l * vm->cap;
            const int32_t *date = vm->lane[l].date, *time = vm->lane[l].time;
            for (int i = 0; i < vm->held[l]; i++) switch (derived_letters[j]) {
                case 'D': d[i] = date ? (double)(date[i] - 19000000) : GP_NULL; break;
                case 'T': d[i] = time ? (double)(time[i] / 100) : 0.0; break;
                case 'S': d[i] = time ? (double)time[i] : 0.0; break;
                default: d[i] = vm->base + i; break;
                }
        }
    }
}

/* An external that is one number per ticker. */
static double external_of(const gp_vm *vm, int k, int l)
{
    const gp_lane *lane = &vm->lane[l];
    return lane->ext && lane->ext[k] && vm->held[l] > 0 ? lane->ext[k][0] : GP_NULL;
}

/* SETCODE: the market of the data, else of the code's digits; null for neither. */
static double market_of(const gp_lane *lane)
{
    const int number = gp_exchange_number(lane->market);
    if (number >= 0) return number;
    if (lane->market.n || lane->code.n != 6) return GP_NULL;
    switch (lane->code.p[0]) {
    case '0': case '1': case '2': case '3': return 0;
    case '5': case '6': return 1;
    case '9': return lane->code.p[1] == '2' ? 2 : 1;
    case '4': case '8': return 2;
    default: return GP_NULL;
    }
}

/* RAND's seed of one security: 53 bits. */
static double seed_of(const gp_vm *vm, const gp_lane *lane)
{
    uint64_t h = vm->p->seed * 0x9e3779b97f4a7c15u ^ gp_str_ihash(lane->code);
    h ^= (gp_str_ihash(lane->market) ^ gp_str_ihash(GP_STR(""))) * 0x9e3779b97f4a7c15u; /* SH000001 is not SZ000001; nothing without a market */
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return (double)((h ^ h >> 32) >> 11);
}

/* A text function of constants and of facts that come before it. */
static double fixed_call(gp_vm *vm, const gp_val *v, int l)
{
    double a[GP_MAX_IN];
    for (int j = 0; j < v->n_in; j++) {
        const gp_val *in = &vm->p->vals.at[v->in[j]];
        a[j] = in->kind == GP_VAL_CONST ? in->number : vm->lane_rows[(size_t)in->where * W + (size_t)l];
    }
    return gp_text_call(v->fn->id, &vm->texts, a, v->n_in);
}

static double lane_fact(gp_vm *vm, const gp_val *v, int l)
{
    const gp_lane *lane = &vm->lane[l];
    switch (v->letter) {
    case 'X':
        if (!vm->p->externals.at[v->text].is_text) return external_of(vm, v->text, l);
        return lane->ext_text ? gp_texts_add(&vm->texts, lane->ext_text[v->text]) : GP_NULL;
    case 'Z': return vm->lane_n[l];
    case 'P': return lane->period;
    case 'M': return market_of(lane);
    case 'R': return seed_of(vm, lane);
    case 'c': return gp_texts_add(&vm->texts, lane->code);
    case 'n': return gp_texts_add(&vm->texts, lane->name);
    default: return fixed_call(vm, v, l);
    }
}

static void lane_facts(gp_vm *vm)
{
    for (size_t k = 0; k < vm->p->lane_vals.n; k++)
        for (int l = 0; l < W; l++)
            vm->lane_rows[k * W + (size_t)l] = l < vm->lanes ? lane_fact(vm, &vm->p->vals.at[vm->p->lane_vals.at[k]], l) : 0.0;
}

void gp_vm_facts(gp_vm *vm, const gp_lane *lane, int lanes, double *fact)
{
    const size_t n = vm->p->lane_vals.n;
    vm->lane = lane;
    vm->lanes = lanes < W ? lanes : W;
    gp_texts_clear(&vm->texts);
    for (int l = 0; l < vm->lanes; l++) vm->lane_n[l] = vm->held[l] = lane[l].n > 0 ? lane[l].n : 0;
    lane_facts(vm);
    for (int l = 0; l < vm->lanes; l++)
        for (size_t k = 0; k < n; k++) fact[(size_t)l * n + k] = vm->lane_rows[k * W + (size_t)l];
}

/* ---- running ---- */

static void move_to(gp_vm *vm, const gp_instr *in, gp_exec *e, int bar)
{
    size_t unused;
    if (in->to.place == GP_AT_FULL) e->y = place(vm, in->to, bar, &unused);
    for (int j = 0; j < in->n_in; j++)
        if (in->in[j].place == GP_AT_FULL) e->x[j] = place(vm, in->in[j], bar, &unused);
}

static const double *column_of(const gp_vm *vm, const gp_val *v, int l)
{
    const char *at = strchr(quote_letters, v->letter);
    if (l >= vm->lanes) return vm->nulls;
    if (v->letter == 'X') return vm->lane[l].ext && vm->lane[l].ext[v->text] ? vm->lane[l].ext[v->text] : vm->nulls;
    if (at) return vm->col[at - quote_letters][l] ? vm->col[at - quote_letters][l] : vm->nulls;
    at = strchr(derived_letters, v->letter);
    return vm->derived[at - derived_letters] + (size_t)l * vm->cap;
}

static void run_load(gp_vm *vm, const gp_instr *in, int bar, int rows, double *y)
{
    const double *col[W];
    for (int l = 0; l < W; l++) col[l] = column_of(vm, &vm->p->vals.at[in->val], l);
    vm->k->load(y, col, vm->held, bar - vm->base, rows);
}

/* Eight lanes of several columns are more streams than the hardware prefetcher follows, and asking for a whole block at once
 * fills the queue of misses.  So every instruction of a block asks for its share of the next block: lanes of loads numbered
 * from..to-1. */
static void prefetch_share(const gp_vm *vm, const gp_stage *st, int from, int to, int bar)
{
    for (int q = from; q < to; q++) {
        const gp_instr *in = &vm->p->code.at[vm->loads[st->first_load + q / W]];
        const int l = q % W, left = vm->lane_n[l] - bar;
        if (left <= 0) continue;
        const double *c = column_of(vm, &vm->p->vals.at[in->val], l) + (bar - vm->base);
        for (int k = 0; k < left && k < vm->block; k += 8) __builtin_prefetch(c + k);
    }
}

static void run_block(gp_vm *vm, const gp_stage *st, int bar, int rows)
{
    const int streams = st->n_loads * W;
    const bool wanted = bar + rows > vm->min_from;
    int asked = 0;
    for (int k = st->first; k < st->first + st->n_block; k++) {
        const gp_instr *in = &vm->p->code.at[k];
        gp_exec *e = &vm->exec[k];
        if (!wanted && vm->late[k]) continue;
        e->bar = bar;
        e->rows = rows;
        if (in->touches_full) move_to(vm, in, e, bar);
        if (vm->run[k])
            vm->run[k](e);
        else
            run_load(vm, in, bar, rows, e->y);
        if (in->n_sinks) gp_sink_block(vm, in, e->y, bar, rows);
        const int share = (k - st->first + 1) * streams / st->n_block;
        prefetch_share(vm, st, asked, share, bar + rows);
        asked = share;
    }
}

/* A text function bar by bar; what repeats is not made again. */
static void run_text(gp_vm *vm, const gp_instr *in, const gp_whole *w, double *y)
{
    double a[GP_MAX_IN] = {0};
    for (int i = 0; i < w->n; i++) {
        bool same = i > 0;
        for (int j = 0; j < in->n_in; j++) {
            same = same && memcmp(&a[j], &w->x[j][i], sizeof a[j]) == 0;
            a[j] = w->x[j][i];
        }
        y[i] = same ? y[i - 1] : gp_text_call(in->fn->id, &vm->texts, a, in->n_in);
    }
}

static void run_whole(gp_vm *vm, int k)
{
    const gp_instr *in = &vm->p->code.at[k];
    const size_t col = (size_t)vm->cap + 8;
    for (int l = 0; l < vm->lanes; l++) {
        const int n = vm->lane_n[l];
        if (n == 0) continue;
        gp_whole w = {.n = n, .tmp = vm->scratch + (GP_MAX_IN + 1) * col, .grid = vm->grid};
        for (int j = 0; j < in->n_in; j++) {
            double *x = vm->scratch + (size_t)j * col;
            if (in->in[j].place == GP_AT_COLUMN) {
                w.x[j] = column_of(vm, &vm->p->vals.at[in->in[j].index], l);
                continue;
            }
            size_t stride;
            const double *from = place(vm, in->in[j], 0, &stride);
            for (int i = 0; i < n; i++) x[i] = from[(size_t)i * stride + (size_t)l];
            w.x[j] = x;
        }
        double *y = vm->scratch + GP_MAX_IN * col;
        if (in->fn->shape == GP_SHAPE_TEXT)
            run_text(vm, in, &w, y);
        else
            vm->k->at[in->fn->id].whole(&w, y);
        size_t stride;
        double *to = place(vm, in->to, 0, &stride);
        for (int i = 0; i < n; i++) to[(size_t)i * W + (size_t)l] = y[i];
        if (in->n_sinks) gp_sink_lane(vm, in, l, y);
    }
}

static bool stopped(const gp_vm *vm)
{
    return vm->stop && *vm->stop;
}

/* Saves the lanes whose state after the bars before `bar` is wanted; returns how many of the next `rows` bars come before another one's. */
static int keep_states(gp_vm *vm, int bar, int rows)
{
    for (int l = 0; l < vm->lanes && !vm->p->not_resumable; l++) {
        const gp_lane *lane = &vm->lane[l];
        if (!lane->kept) continue;
        if (lane->keep == bar) gp_state_save(vm, l, bar, lane->kept);
        if (lane->keep > bar && lane->keep - bar < rows) rows = lane->keep - bar;
    }
    return rows;
}

static void run_stage(gp_vm *vm, const gp_stage *st, int bars)
{
    for (int k = st->first; k < st->first + st->n_block; k++) {
        const gp_instr *in = &vm->p->code.at[k];
        if (!in->fn) continue;
        const gp_kernel *kn = kernel_of(vm, in);
        void (*init)(gp_exec *) = in->series_n ? kn->init_series : kn->init;
        if (init) init(&vm->exec[k]);
    }
    if (vm->base > 0) gp_state_load(vm);
    for (int bar = vm->base, rows; bar < bars && st->n_block > 0 && !stopped(vm); bar += rows) {
        rows = keep_states(vm, bar, bars - bar < vm->block ? bars - bar : vm->block);
        run_block(vm, st, bar, rows);
    }
    keep_states(vm, bars, 0);
    for (int k = st->first + st->n_block; k < st->first + st->n_block + st->n_whole && !stopped(vm); k++) run_whole(vm, k);
}

void gp_vm_run(gp_vm *vm, const gp_lane *lane, int lanes)
{
    int bars = 0;
    bool state = false;
    vm->lane = lane;
    vm->lanes = lanes < W ? lanes : W;
    vm->base = vm->lanes > 0 ? lane[0].before : 0;
    vm->min_from = 2147483647;
    for (int l = 0; l < W; l++) {
        vm->lane_n[l] = l < vm->lanes && lane[l].n > 0 ? lane[l].n : 0;
        vm->held[l] = vm->lane_n[l] > vm->base ? vm->lane_n[l] - vm->base : 0;
        if (vm->lane_n[l] > bars) bars = vm->lane_n[l];
        if (l < vm->lanes && lane[l].from < vm->min_from) vm->min_from = lane[l].from;
        if (l >= vm->lanes) continue;
        const double *const cols[6] = {lane[l].open, lane[l].high, lane[l].low, lane[l].close, lane[l].vol, lane[l].amount};
        for (int j = 0; j < 6; j++) vm->col[j][l] = cols[j];
        state |= lane[l].kept || lane[l].resume;
    }
    /* windows longer than the data are laid out as they will be when there are more bars */
    reserve(vm, state && bars <= vm->p->longest ? vm->p->longest + 1 : bars);
    gp_texts_clear(&vm->texts);
    derive(vm);
    lane_facts(vm);
    for (size_t s = 0; s < vm->p->stages.n; s++) run_stage(vm, &vm->p->stages.at[s], bars);
    gp_sink_constants(vm);
}

void gp_vm_run_truths(gp_vm *vm, const gp_lane *lane, int lanes, uint8_t *const *truth)
{
    int bars = 0;
    for (int l = 0; l < lanes && l < W; l++) bars = lane[l].n > bars ? lane[l].n : bars;
    for (size_t s = 0; s < vm->p->slots.n; s++) /* results that come lane by lane add to what is there */
        if (truth[s]) memset(truth[s], 0, (size_t)bars);
    vm->truth = truth;
    gp_vm_run(vm, lane, lanes);
    vm->truth = NULL;
}

const char *gp_vm_text(const gp_vm *vm, int lane, int t)
{
    const int slot = gp_program_text_slot(vm->p, t);
    if (lane < 0 || lane >= vm->lanes || slot < 0 || vm->lane_n[lane] == 0) return "";
    return gp_texts_at(&vm->texts, vm->last[slot * W + lane]).p;
}

const char *gp_vm_text_of(const gp_vm *vm, double handle)
{
    return gp_texts_at(&vm->texts, handle).p;
}

const char *gp_vm_text_at(const gp_vm *vm, int lane, int t, int bar)
{
    const int slot = gp_program_text_slot(vm->p, t);
    if (lane < 0 || lane >= vm->lanes || slot < 0 || bar < vm->lane[lane].from || bar >= vm->lane_n[lane]) return "";
    const double *out = vm->lane[lane].out ? vm->lane[lane].out[slot] : NULL;
    return out ? gp_texts_at(&vm->texts, out[bar - vm->lane[lane].from]).p : "";
}
