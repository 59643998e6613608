/* Look-ahead is traced over the tree while it is compiled, so that its chain speaks in the user's names. */
#include "eval/compile.h"

const gp_ahead gp_no_ahead = {GP_FUTURE_NONE, 0, NULL, {0}};

gp_ahead gp_ahead_worse(gp_ahead a, gp_ahead b)
{
    if (gp_ahead_rank(a.kind) != gp_ahead_rank(b.kind)) return gp_ahead_rank(a.kind) > gp_ahead_rank(b.kind) ? a : b;
    return b.bars > a.bars ? b : a;
}

gp_ahead gp_ahead_of_call(gp_compiler *c, const gp_builtin *fn, const int *in, int n_in, bool reads_last, gp_ahead inner, gp_span span)
{
    gp_ahead own = {fn->future, 0, NULL, span};
    if (reads_last && gp_ahead_rank(own.kind) < gp_ahead_rank(GP_FUTURE_LAST)) own.kind = GP_FUTURE_LAST;
    if (own.kind == GP_FUTURE_NONE) return inner;
    if (own.kind == GP_FUTURE_N) {
        const int j = gp_period_operand(fn, n_in);
        const double n = j >= 0 && gp_is_const(c, in[j]) ? c->p->vals.at[in[j]].number : GP_NULL;
        if (n != n) own.kind = GP_FUTURE_REPAINT;
        else if (!(n >= 1)) return inner; /* a shift of 0 sees nothing; a negative one is null */
        else own.bars = gp_count_of(n);
    }
    if (inner.kind == GP_FUTURE_N && own.kind == GP_FUTURE_N) own.bars = gp_add_look(own.bars, inner.bars);
    own.chain = gp_span_shown(c, span);
    if (inner.kind != GP_FUTURE_NONE) {
        if (gp_ahead_rank(inner.kind) > gp_ahead_rank(own.kind)) own.kind = inner.kind, own.bars = 0;
        if (inner.chain) own.chain = gp_arena_printf(&c->p->arena, "%s ← %s", own.chain, inner.chain);
    }
    return own;
}

