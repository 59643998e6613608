/* What kernels can be made of, and which programs share one. */
#include <string.h>
#include "accel/writer.h"

static const char *const ids[GP_B_COUNT] = {
#define GP_MAP(ID, ...) [GP_B_##ID] = #ID,
#define GP_SCAN(ID, ...) [GP_B_##ID] = #ID,
#define GP_WINDOW(ID, ...) [GP_B_##ID] = #ID,
#define GP_MOMENTS(ID, ...) [GP_B_##ID] = #ID,
#define GP_HISTORY(ID, ...) [GP_B_##ID] = #ID,
#define GP_WHOLE(ID, ...) [GP_B_##ID] = #ID,
#define GP_OTHER(ID, ...) [GP_B_##ID] = #ID,
#include "builtins/all.def"
};

const char *gp_fuse_id(const gp_builtin *fn)
{
    return fn ? ids[fn->id] : "";
}

const char *gp_fuse_refuses(const gp_builtin *fn)
{
    if (fn->shape == GP_SHAPE_TEXT || (fn->flags & GP_ROW_TEXT)) return "it makes texts";
    if (fn->flags & GP_ROW_LIBM) return "its last digit is the C library's, and a GPU may give another one";
    if (fn->flags & GP_ROW_GRID) return "it needs a grid of prices for every ticker, more memory than a GPU has for thousands";
    switch (fn->shape) {
    case GP_SHAPE_MAP:
    case GP_SHAPE_SCAN:
    case GP_SHAPE_DELAY:
    case GP_SHAPE_WINDOW:
    case GP_SHAPE_MOMENTS:
    case GP_SHAPE_HISTORY:
    case GP_SHAPE_WHOLE: return NULL;
    default: return "it is of no shape that a generated kernel knows";
    }
}

int gp_fuse_columns(const gp_program *p, gp_fused_column *column, int most)
{
    int n = 0;
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live || val->kind != GP_VAL_LOAD || val->letter == 'I') continue;
        const gp_fused_column c = {val->letter, val->letter == 'X' ? val->text : -1};
        int k = 0;
        while (k < n && k < most && (column[k].letter != c.letter || column[k].external != c.external)) k++;
        if (k < n && k < most) continue;
        if (n < most) column[n] = c;
        n++;
    }
    return n;
}

bool gp_fuse_can(const gp_program *p, const char **why)
{
    gp_fused_column unused[GP_FUSED_COLUMNS];
    *why = NULL;
    for (size_t k = 0; k < p->code.n && !*why; k++) *why = p->code.at[k].fn ? gp_fuse_refuses(p->code.at[k].fn) : NULL;
    if (!*why && p->text_results.n) *why = "it makes texts";
    if (!*why && gp_fuse_columns(p, unused, GP_FUSED_COLUMNS) > GP_FUSED_COLUMNS) *why = "it reads more columns than a kernel takes";
    return !*why;
}

bool gp_fuse_counts(int len)
{
    return len > 0 && len != GP_N_ALL;
}

static bool same_operand(gp_operand a, gp_operand b)
{
    return a.place == b.place && a.index == b.index;
}

static bool same_instr(const gp_instr *a, const gp_instr *b)
{
    bool same = a->fn == b->fn && a->letter == b->letter && same_operand(a->to, b->to) && a->n_in == b->n_in && a->series_n == b->series_n &&
                a->n_is_last == b->n_is_last && a->series_mask == b->series_mask && a->varying_mask == b->varying_mask && a->whole == b->whole &&
                a->sink0 == b->sink0 && a->n_sinks == b->n_sinks && (a->len == b->len || (gp_fuse_counts(a->len) && gp_fuse_counts(b->len)));
    for (int j = 0; j < a->n_in && same; j++) same = same_operand(a->in[j], b->in[j]);
    return same;
}

static bool same_ints(const int *a, const int *b, size_t n)
{
    return n == 0 || memcmp(a, b, n * sizeof *a) == 0;
}

bool gp_fuse_same(const gp_program *a, const gp_program *b)
{
    if (a->code.n != b->code.n || a->stages.n != b->stages.n || a->consts.n != b->consts.n || a->lane_vals.n != b->lane_vals.n ||
        a->slots.n != b->slots.n || a->sinks.n != b->sinks.n || a->const_slots.n != b->const_slots.n || a->exact != b->exact ||
        a->externals.n != b->externals.n || a->seed != b->seed || a->n_block_regs != b->n_block_regs || a->n_full_regs != b->n_full_regs)
        return false;
    if (!same_ints(a->sinks.at, b->sinks.at, a->sinks.n) || !same_ints(a->const_slots.at, b->const_slots.at, a->const_slots.n)) return false;
    for (size_t k = 0; k < a->code.n; k++) {
        const gp_instr *x = &a->code.at[k], *y = &b->code.at[k];
        if (!same_instr(x, y)) return false;
        if (!x->fn && x->letter == 'X' && a->vals.at[x->val].text != b->vals.at[y->val].text) return false;
        for (int j = 0; j < x->n_in; j++) {
            if (x->in[j].place != GP_AT_COLUMN) continue;
            const gp_val *u = &a->vals.at[x->in[j].index], *v = &b->vals.at[y->in[j].index];
            if (u->letter != v->letter || u->text != v->text) return false;
        }
    }
    for (size_t k = 0; k < a->lane_vals.n; k++) {
        const gp_val *u = &a->vals.at[a->lane_vals.at[k]], *v = &b->vals.at[b->lane_vals.at[k]];
        if (u->letter != v->letter || u->text != v->text || u->fn != v->fn || u->n_in) return false;
    }
    for (size_t k = 0; k < a->const_slots.n; k++) {
        const gp_val *u = &a->vals.at[a->slots.at[a->const_slots.at[k]]], *v = &b->vals.at[b->slots.at[b->const_slots.at[k]]];
        if (u->kind != v->kind || u->where != v->where) return false;
    }
    for (size_t s = 0; s < a->stages.n; s++)
        if (a->stages.at[s].first != b->stages.at[s].first || a->stages.at[s].n_block != b->stages.at[s].n_block ||
            a->stages.at[s].n_whole != b->stages.at[s].n_whole)
            return false;
    for (size_t k = 0; k < a->externals.n; k++)
        if (a->externals.at[k].kind != b->externals.at[k].kind || !a->externals.at[k].key != !b->externals.at[k].key ||
            (a->externals.at[k].key && strcmp(a->externals.at[k].key, b->externals.at[k].key) != 0))
            return false;
    return true;
}
