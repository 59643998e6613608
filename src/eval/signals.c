/* Statements that steer others: TESTSKIP ends the output of the formula, AUTOFILTER pairs its trading signals (functions.md 5, 14). */
#include "eval/compile.h"

/* The trading words in the order of AUTOPICK's arguments; its result counts them from 1. */
static const gp_builtin_id actions[] = {GP_B_BUY, GP_B_SELL, GP_B_SELLSHORT, GP_B_BUYSHORT, GP_B_BUYSHORT_BUY, GP_B_SELL_SELLSHORT,
                                        GP_B_CLOSEALLD, GP_B_CLOSEALLK};
enum { ACTIONS = sizeof actions / sizeof *actions };

static int action_of(const gp_builtin *fn)
{
    for (int k = 0; k < ACTIONS; k++)
        if (fn->id == actions[k]) return k;
    return -1;
}

bool gp_has_filter(const gp_formula *f)
{
    for (int k = 0; k < f->n_stmts; k++)
        if (f->stmts[k].expr->fn && f->stmts[k].expr->fn->id == GP_B_AUTOFILTER) return true;
    return false;
}

static gp_seen unless(gp_compiler *c, gp_seen skip, gp_seen v, gp_span span)
{
    bool unused = false;
    if (skip.val < 0 || v.val < 0) return v;
    v.val = gp_make_call(c, gp_builtin_get(GP_B_UNLESS), (int[]){skip.val, v.val}, 2, span, &unused);
    v.ahead = gp_ahead_worse(v.ahead, skip.ahead);
    return v;
}

gp_seen gp_unless_skipped(gp_compiler *c, gp_seen v, gp_span span)
{
    return unless(c, c->skip, v, span);
}

void gp_compile_control(gp_compiler *c, const gp_stmt *s)
{
    const gp_node *n = s->expr;
    bool reads_last = false;
    if (!n->fn) gp_compile_fail(c, n->span, "this name has no value");
    if (!n->fn || n->fn->id != GP_B_TESTSKIP) return; /* AUTOFILTER: see gp_has_filter */
    gp_seen a = gp_compile_node(c, n->args[0]);
    if (a.val < 0) return;
    const gp_val_kind kind = c->p->vals.at[a.val].kind;
    if (kind == GP_VAL_LOAD || kind == GP_VAL_CALL) {
        a.val = gp_make_call(c, gp_builtin_get(GP_B_LASTVAL), &a.val, 1, n->span, &reads_last);
        a.ahead = gp_ahead_of_call(c, gp_builtin_get(GP_B_LASTVAL), NULL, 0, true, a.ahead, n->span);
    }
    if (c->skip.val >= 0) a.val = gp_make_call(c, gp_builtin_get(GP_B_OR), (int[]){c->skip.val, a.val}, 2, n->span, &reads_last);
    c->skip = (gp_seen){a.val, gp_ahead_worse(c->skip.ahead, a.ahead)};
}

/* A trading statement of the formula itself; output -1: not asked for. */
void gp_note_signal(gp_compiler *c, const gp_builtin *fn, gp_seen cond, int output, gp_span span)
{
    if (c->filter && c->f == c->root && action_of(fn) >= 0 && cond.val >= 0)
        gp_vec_push(&c->signals, ((gp_signal_stmt){fn, cond, c->skip, output, span}));
}

/* With AUTOFILTER a statement's condition is: its own, on bars on which its action is the one that survives. */
void gp_finish_signals(gp_compiler *c)
{
    int cond[ACTIONS];
    gp_ahead ahead = gp_no_ahead;
    bool unused = false;
    if (!c->signals.n) return;
    const gp_span span = c->signals.at[0].span;
    for (int k = 0; k < ACTIONS; k++) cond[k] = gp_make_const(c, 0, span);
    for (size_t i = 0; i < c->signals.n; i++) {
        const gp_signal_stmt *s = &c->signals.at[i];
        const int k = action_of(s->fn);
        const bool first = c->p->vals.at[cond[k]].kind == GP_VAL_CONST;
        cond[k] = first ? s->cond.val : gp_make_call(c, gp_builtin_get(GP_B_OR), (int[]){cond[k], s->cond.val}, 2, s->span, &unused);
        ahead = gp_ahead_worse(ahead, s->cond.ahead);
    }
    const int code = gp_make_call(c, gp_builtin_get(GP_B_AUTOPICK), cond, ACTIONS, span, &unused);
    for (size_t i = 0; i < c->signals.n; i++) {
        const gp_signal_stmt *s = &c->signals.at[i];
        if (s->output < 0) continue;
        gp_output *o = &c->p->outputs.at[s->output];
        const int k = gp_make_const(c, action_of(s->fn) + 1, s->span);
        gp_seen v = {gp_make_call(c, gp_builtin_get(GP_B_PICKED), (int[]){s->cond.val, code, k}, 3, s->span, &unused), ahead};
        v = unless(c, s->skip, v, s->span);
        o->cond = gp_add_slot(c, v.val);
        o->ahead = gp_ahead_worse(o->ahead, v.ahead);
        if (c->p->vals.at[v.val].look > o->lookback) o->lookback = c->p->vals.at[v.val].look;
    }
}
