/* Statements -> outputs: lines, drawings, texts. */
#include "eval/compile.h"

/* Every argument of a drawing as a result, for whoever draws it. */
static void add_geometry(gp_compiler *c, const gp_node *n, gp_output *o)
{
    if (!c->o->geometry) return;
    gp_draw_arg *args = gp_arena_alloc(&c->p->arena, ((size_t)n->n_args + 1) * sizeof *args);
    for (int j = 0; j < n->n_args; j++) {
        args[j] = (gp_draw_arg){gp_builtin_arg(n->fn, j), -1, -1};
        const gp_seen a = gp_compile_node(c, n->args[j]);
        if (a.val < 0) continue;
        if (args[j].arg->type == GP_ARG_TEXT) args[j].text = gp_add_text_result(c, a.val);
        else args[j].slot = gp_add_slot(c, a.val);
    }
    o->args = args;
    o->n_args = n->n_args;
}

/* DRAWLINE and PLOYLINE as statements: a numeric line whose first condition is the signal. */
static void compile_drawn_line(gp_compiler *c, const gp_stmt *s, gp_output *o)
{
    const gp_node *n = s->expr;
    o->kind = GP_OUT_DRAW;
    o->draw = n->fn;
    for (int j = 0; j < n->n_args && o->cond < 0; j++) {
        if (n->fn->args[j].type != GP_ARG_COND) continue;
        const gp_seen a = gp_compile_node(c, n->args[j]);
        if (a.val >= 0) o->cond = gp_add_slot(c, a.val);
    }
    add_geometry(c, n, o);
}

static bool is_price(const gp_builtin *fn, const gp_arg *arg)
{
    if (fn->id == GP_B_DRAWKLINE) return gp_str_ieqz(arg->name, "C");
    return gp_str_ieqz(arg->name, "P") || gp_str_ieqz(arg->name, "P1") || gp_str_ieqz(arg->name, "PRICE") || gp_str_ieqz(arg->name, "V1");
}

/* A draw statement: the condition is its first argument of type c (none where conditions choose colours), the price the first
 * one named P, P1, PRICE or V1.  Its value, should a later statement use its name, is the price where the condition holds. */
static void compile_draw(gp_compiler *c, const gp_stmt *s, gp_output *o, bool want, gp_seen *value)
{
    const gp_node *n = s->expr;
    gp_seen cond = {-1, gp_no_ahead}, price = {-1, gp_no_ahead};
    o->kind = GP_OUT_DRAW;
    o->draw = n->fn;
    for (int j = 0; j < n->n_args; j++) {
        const gp_arg *arg = gp_builtin_arg(n->fn, j);
        if (arg->type == GP_ARG_TEXT) {
            if (!want || o->text >= 0 || c->o->no_draw_texts) continue;
            const gp_seen t = gp_compile_node(c, n->args[j]);
            o->ahead = gp_ahead_worse(o->ahead, t.ahead);
            if (t.val >= 0) o->text = gp_add_text_result(c, t.val);
        } else if (arg->type == GP_ARG_COND && cond.val < 0 && !(n->fn->flags & GP_ROW_PAINT)) {
            cond = gp_compile_node(c, n->args[j]);
        } else if (is_price(n->fn, arg) && price.val < 0) {
            price = gp_compile_node(c, n->args[j]);
        } else {
            o->ahead = gp_ahead_worse(o->ahead, gp_compile_node(c, n->args[j]).ahead); /* drawn, not computed by a scan */
        }
    }
    o->ahead = gp_ahead_worse(o->ahead, gp_ahead_worse(cond.ahead, price.ahead));
    if (cond.val < 0 && price.val < 0) price.val = gp_make_const(c, GP_NULL, n->span); /* a place of the pane, no price */
    if (n->fn->future != GP_FUTURE_NONE && cond.val < 0) o->ahead = gp_ahead_of_call(c, n->fn, NULL, 0, false, o->ahead, n->span);
    bool unused = false;
    value->val = cond.val < 0 ? price.val
                 : price.val < 0 ? cond.val
                                 : gp_make_call(c, gp_builtin_get(GP_B_SHOWN), (int[]){cond.val, price.val}, 2, n->span, &unused);
    value->ahead = gp_ahead_worse(cond.ahead, price.ahead);
    const bool filtered = c->filter && n->fn->category == GP_CAT_SIGNAL;
    if (filtered) gp_note_signal(c, n->fn, cond, want ? (int)c->p->outputs.n : -1, n->span);
    cond = gp_unless_skipped(c, cond, n->span);
    *value = gp_unless_skipped(c, *value, n->span);
    o->ahead = gp_ahead_worse(o->ahead, value->ahead);
    if (cond.val < 0) price = gp_unless_skipped(c, price, n->span);
    if (!want) return;
    if (cond.val >= 0 && !filtered) o->cond = gp_add_slot(c, cond.val);
    if (price.val >= 0 && !(c->o->no_draw_prices && cond.val >= 0)) o->slot = gp_add_slot(c, price.val);
    add_geometry(c, n, o);
    for (int k = 0; k < 2; k++) {
        const int v = k ? price.val : cond.val;
        if (v >= 0 && c->p->vals.at[v].look > o->lookback) o->lookback = c->p->vals.at[v].look;
    }
}

void gp_compile_stmt(gp_compiler *c, int k, bool want)
{
    const gp_stmt *s = &c->f->stmts[k];
    gp_output o = {.name = s->label, .formula = c->number, .stmt = k, .slot = -1, .cond = -1, .text = -1, .attrs = s->attrs, .n_attrs = s->n_attrs};
    if (s->expr->type == GP_TYPE_SIGNAL) {
        gp_compile_control(c, s);
        return;
    }
    if (s->expr->type == GP_TYPE_DRAW) {
        const bool shown = want && s->kind != GP_STMT_ASSIGN;
        compile_draw(c, s, &o, shown, &c->stmt[k]);
        if (shown) gp_vec_push(&c->p->outputs, o);
        return;
    }
    if (s->expr->type == GP_TYPE_TEXT) {
        c->stmt[k] = gp_unless_skipped(c, gp_compile_node(c, s->expr), s->expr->span);
        if (!want || s->kind == GP_STMT_ASSIGN || c->stmt[k].val < 0) return;
        o.kind = GP_OUT_TEXT;
        o.text = gp_add_text_result(c, c->stmt[k].val);
        o.ahead = c->stmt[k].ahead;
        o.lookback = c->p->vals.at[c->stmt[k].val].look;
    } else {
        c->stmt[k] = gp_unless_skipped(c, gp_compile_node(c, s->expr), s->expr->span);
        if (!want || s->kind == GP_STMT_ASSIGN || c->stmt[k].val < 0) return;
        o.kind = s->hidden ? GP_OUT_HIDDEN : GP_OUT_SERIES;
        if (!s->hidden && s->expr->kind == GP_NODE_CALL && s->expr->fn && s->expr->fn->category == GP_CAT_DRAW &&
            s->expr->fn->shape == GP_SHAPE_WHOLE)
            compile_drawn_line(c, s, &o);
        o.slot = gp_add_slot(c, c->stmt[k].val);
        o.ahead = c->stmt[k].ahead;
        o.lookback = c->p->vals.at[c->stmt[k].val].look;
    }
    gp_vec_push(&c->p->outputs, o);
}

