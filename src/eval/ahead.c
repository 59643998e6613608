/* Look-ahead is traced over the tree while it is compiled, so that its chain speaks in the user's names. */
#include "eval/compile.h"

enum { LINKS_SHOWN = 12 };

const gp_ahead gp_no_ahead = {0};

static const gp_ahead_link *link(gp_arena *arena, gp_str text, const gp_ahead_link *next)
{
    gp_ahead_link *l = gp_arena_alloc(arena, sizeof *l);
    *l = (gp_ahead_link){text, next, next ? next->last : l, next ? next->n + 1 : 1};
    return l;
}

void gp_ahead_named(gp_compiler *c, gp_ahead *a, gp_str name)
{
    if (a->kind != GP_FUTURE_NONE) a->links = link(&c->p->arena, name, a->links);
}

const char *gp_ahead_text(gp_arena *arena, const gp_ahead_link *links)
{
    gp_buf b = {0};
    const bool cut = links && links->n > LINKS_SHOWN;
    const gp_ahead_link *l = links;
    for (int k = 0; l && k < (cut ? LINKS_SHOWN - 1 : LINKS_SHOWN); k++, l = l->next)
        gp_buf_printf(&b, "%s" GP_STR_FMT, k ? " ← " : "", GP_STR_ARG(l->text));
    if (cut) gp_buf_printf(&b, " ← … ← " GP_STR_FMT, GP_STR_ARG(links->last->text));
    const char *text = b.n ? gp_arena_strndup(arena, b.p, b.n) : "?";
    gp_buf_free(&b);
    return text;
}

gp_ahead gp_ahead_worse(gp_ahead a, gp_ahead b)
{
    const int ra = gp_ahead_rank(a.kind), rb = gp_ahead_rank(b.kind);
    gp_ahead r = ra != rb ? (ra > rb ? a : b) : b.bars > a.bars ? b : a;
    r.late = gp_add_look(a.late, b.late);
    const bool bars = a.kind == GP_FUTURE_N || b.kind == GP_FUTURE_N;
    if (r.kind == GP_FUTURE_PERIOD && bars) r.kind = GP_FUTURE_REPAINT, r.bars = 0; /* N bars may end after the longer bar */
    return r;
}

/* How many later bars a constant argument N lets the function see. */
static int bars_seen(const gp_builtin *fn, double n)
{
    if (!(n >= 1)) return 0; /* a shift of 0 sees nothing; a negative one is null */
    const int bars = gp_count_of(n);
    if (fn->id == GP_B_XMA) return (bars - 1) / 2; /* centred: the later half of its window */
    return fn->id == GP_B_BACKSET ? bars - 1 : bars; /* N counts the bar itself */
}

/* TFILT looks at the last bar only for a date that means "the last bar's". */
static bool fixed_dates(const gp_compiler *c, const int *in)
{
    const int from = in[4], to = in[6]; /* after the date, time and period of the bars, and X */
    return gp_is_const(c, from) && gp_is_const(c, to) && c->p->vals.at[from].number >= 700000 && c->p->vals.at[to].number >= 700000;
}

gp_ahead gp_ahead_of_call(gp_compiler *c, const gp_builtin *fn, const int *in, int n_in, bool reads_last, gp_ahead inner, gp_span span)
{
    gp_ahead own = {.kind = fn->future, .span = span, .fn = fn};
    if (fn->id == GP_B_TFILT && fixed_dates(c, in)) own.kind = GP_FUTURE_NONE;
    inner.late = gp_add_look(inner.late, fn->flags & GP_ROW_LATE ? 1 : 0);
    if (reads_last && gp_ahead_rank(own.kind) < gp_ahead_rank(GP_FUTURE_LAST)) own = (gp_ahead){.kind = GP_FUTURE_LAST, .span = span};
    if (own.kind == GP_FUTURE_NONE) return inner;
    own.late = inner.late;
    if (own.kind == GP_FUTURE_N) {
        const int j = gp_period_operand(fn, n_in);
        if (j < 0 || !gp_is_const(c, in[j])) own.kind = GP_FUTURE_REPAINT;
        else own.bars = bars_seen(fn, c->p->vals.at[in[j]].number);
        if (own.kind == GP_FUTURE_N && own.bars == 0) return inner;
    }
    return gp_ahead_join(c, own, inner, span);
}

gp_ahead gp_ahead_join(gp_compiler *c, gp_ahead own, gp_ahead inner, gp_span span)
{
    if (inner.kind == GP_FUTURE_N && own.kind == GP_FUTURE_N) own.bars = gp_add_look(own.bars, inner.bars);
    own.links = link(&c->p->arena, gp_str_from(gp_span_shown(c, span)), inner.kind == GP_FUTURE_NONE ? NULL : inner.links);
    if (inner.kind == GP_FUTURE_NONE) return own;
    own.fn = inner.fn;
    /* some bars further than the end of a longer bar: no bound that holds for every length of the quotes' own bars */
    if ((inner.kind == GP_FUTURE_PERIOD && own.kind == GP_FUTURE_N) || (inner.kind == GP_FUTURE_N && own.kind == GP_FUTURE_PERIOD))
        own.kind = GP_FUTURE_REPAINT, own.bars = 0;
    else if (inner.kind == GP_FUTURE_PERIOD && own.kind == GP_FUTURE_PERIOD)
        own.bars = inner.bars > own.bars ? inner.bars : own.bars;
    else if (gp_ahead_rank(inner.kind) > gp_ahead_rank(own.kind))
        own.kind = inner.kind, own.bars = inner.bars;
    return own;
}
