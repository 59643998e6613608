/* Values -> instructions.  Dead values are dropped; whole-series functions split the program into stages; within a stage
 * block registers are reused as soon as their last reader ran.  A value read in a later stage, or by a whole-series function, is
 * kept full-length instead.  Columns of the quotes are loaded afresh in every stage that reads them. */
#include <stdio.h>
#include "eval/code.h"

static bool is_whole(const gp_val *v)
{
    return v->kind == GP_VAL_CALL && (v->fn->shape == GP_SHAPE_WHOLE || v->fn->shape == GP_SHAPE_TEXT);
}

static void mark_live(gp_program *p)
{
    for (size_t s = 0; s < p->slots.n; s++) p->vals.at[p->slots.at[s]].live = true;
    for (size_t v = p->vals.n; v-- > 0;) { /* operands always have smaller numbers */
        const gp_val *val = &p->vals.at[v];
        if (!val->live) continue;
        for (int j = 0; j < val->n_in; j++) p->vals.at[val->in[j]].live = true;
    }
}

/* Stage in which v can run: after every whole-series operand's stage. */
static void set_stages(gp_program *p)
{
    for (size_t v = 0; v < p->vals.n; v++) {
        gp_val *val = &p->vals.at[v];
        val->stage = 0;
        for (int j = 0; j < val->n_in; j++) {
            const gp_val *in = &p->vals.at[val->in[j]];
            const int ready = in->stage + (is_whole(in) ? 1 : 0);
            if (ready > val->stage) val->stage = ready;
        }
        val->last_stage = val->stage;
        val->full = false;
        val->where = -1;
    }
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live) continue;
        for (int j = 0; j < val->n_in; j++) {
            gp_val *in = &p->vals.at[val->in[j]];
            if (val->stage > in->last_stage) in->last_stage = val->stage;
            if (is_whole(val) && in->kind == GP_VAL_CALL) in->full = true;
        }
    }
    for (size_t v = 0; v < p->vals.n; v++) {
        gp_val *val = &p->vals.at[v];
        if (val->kind == GP_VAL_CALL && (is_whole(val) || val->last_stage > val->stage)) val->full = true;
    }
}

typedef struct scheduler {
    gp_program *p;
    GP_VEC(int) free_regs;
    int *load_reg;  /* per value: block register of a load in the current stage, or -1 */
    int *uses;      /* per value: readers left in the current stage */
} scheduler;

static int take_reg(scheduler *s)
{
    if (s->free_regs.n) return s->free_regs.at[--s->free_regs.n];
    return s->p->n_block_regs++;
}

static gp_operand operand_of(scheduler *s, int v)
{
    gp_program *p = s->p;
    gp_val *val = &p->vals.at[v];
    switch (val->kind) {
    case GP_VAL_CONST:
        if (val->where < 0) {
            val->where = (int)p->consts.n;
            gp_vec_push(&p->consts, val->number);
        }
        return (gp_operand){GP_AT_CONST, val->where};
    case GP_VAL_LANE:
        for (int j = 0; j < val->n_in; j++) operand_of(s, val->in[j]); /* before it in lane_vals */
        if (val->where < 0) {
            val->where = (int)p->lane_vals.n;
            gp_vec_push(&p->lane_vals, v);
        }
        return (gp_operand){GP_AT_LANE, val->where};
    case GP_VAL_LOAD: return (gp_operand){GP_AT_BLOCK, s->load_reg[v]};
    case GP_VAL_CALL: break;
    }
    return (gp_operand){val->full ? GP_AT_FULL : GP_AT_BLOCK, val->where};
}

static void release(scheduler *s, int v)
{
    gp_val *val = &s->p->vals.at[v];
    if (--s->uses[v] > 0) return;
    if (val->kind == GP_VAL_LOAD) {
        gp_vec_push(&s->free_regs, s->load_reg[v]);
        s->load_reg[v] = -1;
    } else if (val->kind == GP_VAL_CALL && !val->full) {
        gp_vec_push(&s->free_regs, val->where);
    }
}

static void add_sinks(gp_program *p, gp_instr *in, int v)
{
    in->sink0 = (int)p->sinks.n;
    if (p->vals.at[v].slot >= 0) gp_vec_push(&p->sinks, p->vals.at[v].slot);
    in->n_sinks = (int)p->sinks.n - in->sink0;
}

static void emit_load(scheduler *s, int v, bool sinks)
{
    gp_program *p = s->p;
    s->load_reg[v] = take_reg(s);
    gp_instr in = {.val = v, .letter = p->vals.at[v].letter, .to = {GP_AT_BLOCK, s->load_reg[v]}, .span = p->vals.at[v].span};
    if (sinks) add_sinks(p, &in, v);
    gp_vec_push(&p->code, in);
}

static void emit_call(scheduler *s, int v)
{
    gp_program *p = s->p;
    gp_val *val = &p->vals.at[v];
    const bool whole = is_whole(val);
    for (int j = 0; j < val->n_in && !whole; j++)
        if (p->vals.at[val->in[j]].kind == GP_VAL_LOAD && s->load_reg[val->in[j]] < 0) emit_load(s, val->in[j], false);
    gp_instr in = {.val = v, .fn = val->fn, .n_in = val->n_in, .len = val->len, .series_n = val->series_n, .whole = whole, .span = val->span};
    for (int j = 0; j < val->n_in; j++) {
        const gp_val *a = &p->vals.at[val->in[j]];
        const gp_arg_type type = gp_operand_type(val->fn, j);
        in.in[j] = whole && a->kind == GP_VAL_LOAD ? (gp_operand){GP_AT_COLUMN, val->in[j]} : operand_of(s, val->in[j]);
        in.touches_full |= in.in[j].place == GP_AT_FULL;
        if (a->kind == GP_VAL_LOAD || a->kind == GP_VAL_CALL) in.varying_mask |= 1u << j;
        if (type == GP_ARG_SERIES || type == GP_ARG_COND) in.series_mask |= 1u << j;
        if (type == GP_ARG_LAST) in.n_is_last = true;
    }
    if (val->full) {
        val->where = p->n_full_regs++;
        in.to = (gp_operand){GP_AT_FULL, val->where};
    } else {
        val->where = take_reg(s);
        in.to = (gp_operand){GP_AT_BLOCK, val->where};
    }
    if (!whole) /* after the result has its register: a loop never writes what it reads (restrict) */
        for (int j = 0; j < val->n_in; j++) release(s, val->in[j]);
    in.touches_full |= val->full;
    add_sinks(p, &in, v);
    gp_vec_push(&p->code, in);
    if (!val->full && s->uses[v] == 0) gp_vec_push(&s->free_regs, val->where);
}

static void count_uses(scheduler *s, int stage)
{
    gp_program *p = s->p;
    for (size_t v = 0; v < p->vals.n; v++) s->uses[v] = 0;
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live || val->kind != GP_VAL_CALL || val->stage != stage || is_whole(val)) continue;
        for (int j = 0; j < val->n_in; j++) s->uses[val->in[j]]++;
    }
}

/* Loads that are results themselves (X:CLOSE;) run once, in stage 0. */
static bool load_is_result(const gp_program *p, int v)
{
    return p->vals.at[v].slot >= 0;
}

void gp_schedule(gp_program *p)
{
    mark_live(p);
    set_stages(p);
    int n_stages = 1, n_loads = 0;
    for (size_t v = 0; v < p->vals.n; v++)
        if (p->vals.at[v].live && p->vals.at[v].kind == GP_VAL_CALL && p->vals.at[v].stage + 1 > n_stages) n_stages = p->vals.at[v].stage + 1;
    scheduler s = {.p = p};
    s.load_reg = gp_xcalloc(p->vals.n + 1, sizeof *s.load_reg);
    s.uses = gp_xcalloc(p->vals.n + 1, sizeof *s.uses);
    for (int stage = 0; stage < n_stages; stage++) {
        gp_stage st = {.first = (int)p->code.n};
        s.free_regs.n = 0;
        for (int r = p->n_block_regs; r-- > 0;) gp_vec_push(&s.free_regs, r); /* nothing in a block register outlives its stage */
        for (size_t v = 0; v < p->vals.n; v++) s.load_reg[v] = -1;
        count_uses(&s, stage);
        for (size_t v = 0; v < p->vals.n && stage == 0; v++)
            if (p->vals.at[v].live && p->vals.at[v].kind == GP_VAL_LOAD && load_is_result(p, (int)v)) {
                emit_load(&s, (int)v, true);
                if (s.uses[v] == 0) gp_vec_push(&s.free_regs, s.load_reg[v]);
            }
        for (int pass = 0; pass < 2; pass++) {
            for (size_t v = 0; v < p->vals.n; v++) {
                const gp_val *val = &p->vals.at[v];
                if (val->live && val->kind == GP_VAL_CALL && val->stage == stage && is_whole(val) == (pass == 1)) emit_call(&s, (int)v);
            }
            if (pass > 0) continue;
            st.n_block = (int)p->code.n - st.first;
            st.first_load = n_loads;
            for (size_t k = (size_t)st.first; k < p->code.n; k++) st.n_loads += !p->code.at[k].fn;
            n_loads += st.n_loads;
        }
        st.n_whole = (int)p->code.n - st.first - st.n_block;
        gp_vec_push(&p->stages, st);
    }
    for (size_t k = 0; k < p->slots.n; k++) {
        const gp_val *v = &p->vals.at[p->slots.at[k]];
        if (v->kind == GP_VAL_CONST || v->kind == GP_VAL_LANE) {
            gp_vec_push(&p->const_slots, (int)k);
            operand_of(&s, p->slots.at[k]);
        }
    }
    for (size_t v = 0; v < p->vals.n; v++) {
        static const char letters[] = "OHLCVA";
        const gp_val *val = &p->vals.at[v];
        const char *at = val->live && val->kind == GP_VAL_LOAD ? strchr(letters, val->letter) : NULL;
        if (at && *at) p->needs |= 1u << (at - letters);
    }
    for (size_t k = 0; k < p->externals.n; k++) /* what a program on another period of the same security reads */
        if (p->externals.at[k].program && !p->externals.at[k].security) p->needs |= p->externals.at[k].program->needs;
    gp_vec_free(&s.free_regs);
    free(s.load_reg);
    free(s.uses);
}
