/* Saving and restoring what instructions carry from bar to bar.  The layouts are those of shapes.h; a saved state holds one lane of them,
 * instruction by instruction, and of every ring and buffer only the rows that have been filled:
 *   SCAN     its fields
 *   DELAY    min(len, n) rows of the ring
 *   WINDOW   prefix, cnt and min(len, n) rows: raw values up to the phase, suffix folds behind it
 *   MOMENTS  cnt, prev, shift, prefix and min(len, n) raw rows; the suffix sums are made again from these
 *   HISTORY  its private fields and the last rows of each operand, where the row looks back a bounded way
 * All lanes of a run have had the same number of bars: rings and windows count their phase from bar 0. */
#include "eval/state.h"
#include <math.h>
#include "eval/machine.h"

#define W GP_LANES
enum { MOST_ROWS = 4096, HIST_FIELDS = 8 }; /* s[6], prev, f */

/* ---- which programs ---- */

/* HISTORY rows with constant arguments that look back by at most their sum and two bars more (rounding); in the order of the kernel's operands. */
static const struct { gp_builtin_id fn; int args[2]; } bounded[] = {
    {GP_B_AVEDEV, {1, -1}}, {GP_B_STDDEV, {1, -1}},  {GP_B_COVAR, {2, -1}},  {GP_B_RELATE, {2, -1}},       {GP_B_BETAEX, {2, -1}},      {GP_B_HARMEAN, {1, -1}},
    {GP_B_TRMA, {1, -1}},   {GP_B_HOD, {1, -1}},     {GP_B_LOD, {1, -1}},    {GP_B_FINDHIGH, {1, 2}},      {GP_B_FINDLOW, {1, 2}},      {GP_B_FINDHIGHBARS, {1, 2}},
    {GP_B_FINDLOWBARS, {1, 2}}, {GP_B_LASTIN, {1, 2}}, {GP_B_EXISTR, {1, 2}}};

/* How many earlier bars a HISTORY instruction may look at; -1: nobody knows. */
static int reach(const gp_program *p, const gp_instr *in)
{
    for (size_t k = 0; k < sizeof bounded / sizeof *bounded; k++) {
        if (bounded[k].fn != in->fn->id) continue;
        double sum = 2;
        for (int j = 0; j < 2 && bounded[k].args[j] >= 0; j++) {
            const gp_operand o = in->in[bounded[k].args[j]];
            if (o.place != GP_AT_CONST) return -1;
            const double n = p->consts.at[o.index];
            if (j == 0 && !(n >= 1)) return -1; /* 0: all bars */
            sum += n > 0 ? trunc(n) : 0;
        }
        return sum <= MOST_ROWS ? (int)sum : -1;
    }
    return -1;
}

/* Does the instruction keep anything from bar to bar? */
static bool carries(const gp_instr *in)
{
    return in->fn && in->fn->shape != GP_SHAPE_MAP;
}

/* MEMA reads the number of bars only to hold its first value back until there is a bar after it, and no state reaches up to the last bar. */
static bool only_waits(const gp_val *v, const gp_val *in)
{
    return v->fn && v->fn->flags & GP_ROW_LATE && in->kind == GP_VAL_LANE && in->letter == 'Z';
}

/* Values that depend on such a number are right on the bars that are computed, but what earlier bars left behind is not. */
static const gp_val *stale_operand(const gp_program *p, const bool *stale, const gp_instr *in)
{
    const gp_val *v = &p->vals.at[in->val];
    for (int j = 0; j < v->n_in; j++)
        if (stale[v->in[j]] && !only_waits(v, &p->vals.at[v->in[j]])) return &p->vals.at[v->in[j]];
    return NULL;
}

static const char *sentence(gp_program *p, gp_span span, const char *what)
{
    const char *text = gp_span_shortened(&p->arena, span);
    return gp_arena_printf(&p->arena, "%s %s", *text ? text : "a value", what);
}

static const char *why_not_instr(gp_program *p, const bool *stale, const gp_instr *in)
{
    const gp_val *v = &p->vals.at[in->val];
    if (!in->fn)
        return in->letter == 'X' ? sentence(p, in->span, "does not come with the quotes") : NULL;
    if (in->whole)
        return sentence(p, in->span, in->fn->shape == GP_SHAPE_TEXT ? "makes texts" : "needs all bars, or looks ahead");
    if (stale_operand(p, stale, in) && carries(in))
        return sentence(p, in->span, "carries on what depends on the number of bars, or a text");
    switch (in->fn->shape) {
    case GP_SHAPE_WINDOW:
    case GP_SHAPE_MOMENTS:
        if (in->series_n) return sentence(p, in->span, "has a window that varies");
        break;
    case GP_SHAPE_HISTORY:
        if (reach(p, in) < 0) return sentence(p, in->span, "may look at any earlier bar");
        break;
    default: break;
    }
    if (v->len > MOST_ROWS && v->len != GP_N_ALL && in->fn->shape != GP_SHAPE_MAP && in->fn->shape != GP_SHAPE_SCAN)
        return sentence(p, in->span, "looks back by more than 4,096 bars");
    return NULL;
}

/* Which values can differ on a bar in another run: those that come of the number of bars or of what is told beside the quotes, and
 * texts, whose handles are the run's own.  What is read off the security's code and name is a fact of the security. */
static bool *stale_values(const gp_program *p)
{
    bool *stale = gp_xcalloc(p->vals.n + 1, sizeof *stale), *moves = gp_xcalloc(p->vals.n + 1, sizeof *moves);
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        const bool lane = val->kind == GP_VAL_LANE;
        moves[v] = lane && (val->letter == 'Z' || val->letter == 'X');
        stale[v] = moves[v] || (lane && (val->letter == 'c' || val->letter == 'n' || (val->fn && val->fn->flags & GP_ROW_TEXT)));
        for (int j = 0; j < val->n_in; j++) {
            const int in = val->in[j];
            moves[v] |= moves[in];
            stale[v] |= (lane ? moves[in] : stale[in]) && !only_waits(val, &p->vals.at[in]);
        }
    }
    free(moves);
    return stale;
}

void gp_state_plan(gp_program *p)
{
    bool *stale = stale_values(p);
    /* its constants are other ones every day: it would only keep the formulas that share its program from going on */
    p->not_resumable = p->clock ? gp_arena_printf(&p->arena, "%s reads the clock", p->clock) : NULL;
    p->longest = 0;
    for (size_t k = 0; k < p->code.n && !p->not_resumable; k++) {
        const gp_instr *in = &p->code.at[k];
        p->not_resumable = why_not_instr(p, stale, in);
        if (carries(in) && in->fn->shape != GP_SHAPE_SCAN && in->len != GP_N_ALL && in->len > p->longest) p->longest = in->len;
    }
    free(stale);
}

bool gp_program_resumable(const gp_program *p, const char **why)
{
    if (why) *why = p->not_resumable;
    return p->not_resumable == NULL;
}

/* ---- sizes ---- */

static size_t at_most(int rows, int n)
{
    return (size_t)(rows < n ? rows : n);
}

/* Operands of a HISTORY instruction that are kept. */
static int kept_operands(const gp_instr *in)
{
    int kept = 0;
    for (int j = 0; j < in->n_in; j++) kept += (in->varying_mask >> j) & 1;
    return kept;
}

static size_t doubles(const gp_program *p, const gp_instr *in, int n)
{
    if (!carries(in)) return 0;
    const size_t f = (size_t)in->fn->n_state;
    switch (in->fn->shape) {
    case GP_SHAPE_SCAN: return f;
    case GP_SHAPE_DELAY: return in->len > 0 ? at_most(in->len, n) : 0;
    case GP_SHAPE_WINDOW: return in->len <= 0 ? 0 : f + 1 + (in->len == GP_N_ALL ? 0 : at_most(in->len, n) * f);
    case GP_SHAPE_MOMENTS: return in->len < 1 || in->len == GP_N_ALL ? 0 : 3 + f + at_most(in->len, n);
    case GP_SHAPE_HISTORY: return HIST_FIELDS + (size_t)kept_operands(in) * at_most(reach(p, in), n);
    default: return 0;
    }
}

size_t gp_state_size(const gp_program *p, int n)
{
    size_t total = 0;
    for (size_t k = 0; k < p->code.n; k++) total += doubles(p, &p->code.at[k], n);
    return total * sizeof(double);
}

/* ---- one lane, both ways ---- */

/* Where the next double of a state goes or comes from; with save false the state is read. */
typedef struct cursor { double *at; bool save; } cursor;

/* `rows` doubles of one lane, one row of all lanes apart. */
static void move_rows(cursor *c, double *lane, size_t rows)
{
    for (size_t r = 0; r < rows; r++, lane += W) {
        if (c->save) *c->at++ = *lane;
        else *lane = *c->at++;
    }
}

static void move_history(cursor *c, const gp_vm *vm, const gp_program *p, const gp_instr *in, double *state, int l, int n)
{
    gp_hist *h = (gp_hist *)(void *)state + l;
    double own[HIST_FIELDS] = {h->s[0], h->s[1], h->s[2], h->s[3], h->s[4], h->s[5], h->prev, h->f};
    double *kept = state + (sizeof(gp_hist) * W + 63) / 64 * 8;
    for (int k = 0; k < HIST_FIELDS; k++) {
        if (c->save) *c->at++ = own[k];
        else own[k] = *c->at++;
    }
    memcpy(h->s, own, sizeof h->s);
    h->prev = own[6];
    h->f = (int)own[7];
    const size_t rows = at_most(reach(p, in), n);
    for (int j = kept_operands(in); j-- > 0; kept += (size_t)W * (size_t)vm->cap) {
        double *column = kept + (size_t)l * (size_t)vm->cap + ((size_t)n - rows);
        if (c->save) memcpy(c->at, column, rows * sizeof *column);
        else memcpy(column, c->at, rows * sizeof *column);
        c->at += rows;
    }
}

static void move_instr(cursor *c, const gp_vm *vm, size_t k, int l, int n)
{
    const gp_program *p = vm->p;
    const gp_instr *in = &p->code.at[k];
    double *state = vm->state + vm->state_at[k];
    if (!carries(in)) return;
    if (in->fn->shape == GP_SHAPE_HISTORY)
        move_history(c, vm, p, in, state, l, n);
    else
        move_rows(c, state + l, doubles(p, in, n)); /* what is saved stands at the beginning, row by row */
}

void gp_state_save(const gp_vm *vm, int l, int n, void *to)
{
    cursor c = {to, true};
    for (size_t k = 0; k < vm->p->code.n; k++) move_instr(&c, vm, k, l, n);
}

void gp_state_load(gp_vm *vm)
{
    for (int l = 0; l < vm->lanes; l++) {
        cursor c = {(double *)(uintptr_t)vm->lane[l].resume, false};
        for (size_t k = 0; k < vm->p->code.n && c.at; k++) move_instr(&c, vm, k, l, vm->base);
    }
    for (size_t k = 0; k < vm->p->code.n; k++) {
        const gp_instr *in = &vm->p->code.at[k];
        gp_exec *e = &vm->exec[k];
        if (!in->fn || in->fn->shape != GP_SHAPE_MOMENTS || in->len < 1 || in->len == GP_N_ALL || vm->base < in->len) continue;
        e->bar = vm->base;
        vm->k->at[in->fn->id].resume(e);
    }
}

/* ---- is it the same program? ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, const void *p, size_t n)
{
    const unsigned char *at = p;
    for (size_t i = 0; i < n; i++) h = (h ^ at[i]) * 0x100000001b3u;
    return mix(h, n);
}

static uint64_t mix_text(uint64_t h, const char *text)
{
    return mix_bytes(h, text, strlen(text));
}

static uint64_t mix_operand(uint64_t h, const gp_program *p, gp_operand o)
{
    if (o.place == GP_AT_CONST) return mix_bytes(h, &p->consts.at[o.index], sizeof(double));
    return mix(mix(h, (uint64_t)o.place), (uint64_t)o.index);
}

static uint64_t mix_lane_value(uint64_t h, const gp_program *p, const gp_val *v)
{
    h = mix(mix(h, (uint64_t)(unsigned char)v->letter), (uint64_t)v->n_in);
    if (v->fn) h = mix_text(h, v->fn->name);
    if (v->letter == 'X') h = mix_text(h, p->externals.at[v->text].key);
    for (int j = 0; j < v->n_in; j++) {
        const gp_val *in = &p->vals.at[v->in[j]];
        h = in->kind == GP_VAL_CONST ? mix_bytes(h, &in->number, sizeof in->number) : mix(h, (uint64_t)in->where);
    }
    return h;
}

uint64_t gp_program_hash(const gp_program *p)
{
    uint64_t h = mix(GP_STATE_VERSION, p->seed);
    h = mix(h, (uint64_t)p->chip_uniform | (uint64_t)(p->exact != NULL) << 1);
    for (size_t k = 0; k < p->code.n; k++) {
        const gp_instr *in = &p->code.at[k];
        h = mix(h, (uint64_t)(unsigned char)in->letter);
        h = mix_text(h, in->fn ? in->fn->name : "");
        h = mix(h, (uint64_t)(uint32_t)in->len << 32 | (uint64_t)in->series_n << 8 | (uint64_t)in->n_is_last << 9 | (uint64_t)in->whole << 10 | (uint64_t)in->n_in);
        h = mix(h, (uint64_t)in->series_mask << 32 | in->varying_mask);
        h = mix_operand(h, p, in->to);
        for (int j = 0; j < in->n_in; j++) h = mix_operand(h, p, in->in[j]);
        for (int j = 0; j < in->n_sinks; j++) h = mix(h, (uint64_t)p->sinks.at[in->sink0 + j]);
    }
    for (size_t k = 0; k < p->lane_vals.n; k++) h = mix_lane_value(h, p, &p->vals.at[p->lane_vals.at[k]]);
    for (size_t k = 0; k < p->const_slots.n; k++) {
        const gp_val *v = &p->vals.at[p->slots.at[p->const_slots.at[k]]];
        h = mix(h, (uint64_t)p->const_slots.at[k]);
        h = v->kind == GP_VAL_CONST ? mix_bytes(h, &v->number, sizeof v->number) : mix(h, (uint64_t)v->where);
    }
    for (size_t k = 0; k < p->literals.at.n; k++) h = mix_bytes(h, p->literals.at.at[k].p, p->literals.at.at[k].n);
    return h;
}
