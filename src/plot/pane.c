/* Where a formula draws when its header does not say. */
#include "parser/kind.h"
#include "plot/plot.h"

enum { MOST_STEPS = 100 };

/* The expression is a price of the security by its form. */
static bool is_price(const gp_formula *f, const gp_node *n, int depth)
{
    static const gp_builtin_id prices[] = { GP_B_OPEN, GP_B_HIGH, GP_B_LOW, GP_B_CLOSE, GP_B_SAR, GP_B_ZIG };
    static const gp_builtin_id of_first[] = { GP_B_MA,   GP_B_EMA,  GP_B_SMA,  GP_B_WMA,  GP_B_DMA,   GP_B_XMA,     GP_B_MEMA, GP_B_EXPMEMA,
                                              GP_B_TMA,  GP_B_AMA,  GP_B_HHV,  GP_B_LLV,  GP_B_REF,   GP_B_REFV,    GP_B_REFX, GP_B_CONST,
                                              GP_B_FORCAST };
    n = gp_node_behind(f, n);
    if (depth > MOST_STEPS || !n->fn)
        return false;
    const gp_builtin_id id = n->fn->id;
    if (gp_builtin_is_one_of(n->fn, prices, sizeof prices / sizeof *prices))
        return true;
    if (n->n_args && gp_builtin_is_one_of(n->fn, of_first, sizeof of_first / sizeof *of_first))
        return is_price(f, n->args[0], depth + 1);
    if ((id == GP_B_IF || id == GP_B_IFN) && n->n_args == 3)
        return is_price(f, n->args[1], depth + 1) || is_price(f, n->args[2], depth + 1); /* the other one may be DRAWNULL */
    if (n->n_args != 2)
        return false;
    const bool a = is_price(f, n->args[0], depth + 1), b = is_price(f, n->args[1], depth + 1);
    switch (id) {
    case GP_B_ADD: return a || b;
    case GP_B_SUB: return a && !b; /* C-O is a difference, MID-2*STD(C,20) a price */
    case GP_B_MUL: return a != b;
    case GP_B_DIV: return a && !b;
    case GP_B_MAX:
    case GP_B_MIN: return a && b;
    case GP_B_VALUEWHEN: return b;
    default: return false;
    }
}

/* The arguments of a drawing that say at which price it stands. */
static bool is_place(const gp_arg *arg)
{
    static const char *const names[] = { "P", "P1", "P2", "V1", "V2", "H", "O", "L", "C", "PRICE" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gp_str_ieqz(arg->name, names[i]))
            return true;
    return false;
}

/* 1: at prices of the security; 0: elsewhere; -1: it has no price. */
static int at_prices(const gp_formula *f, const gp_stmt *s)
{
    const gp_node *e = s->expr;
    int places = 0;
    if (gp_is_line(s))
        return is_price(f, e, 0);
    for (int i = 0; e->kind == GP_NODE_CALL && e->fn && e->fn->category == GP_CAT_DRAW && i < e->n_args; i++) {
        if (!is_place(gp_builtin_arg(e->fn, i)))
            continue;
        places++;
        if (!is_price(f, e->args[i], 0))
            return 0;
    }
    return places ? 1 : -1;
}

gp_pane gp_plot_pane(const gp_formula *f)
{
    const gp_kind_of k = gp_formula_kind(f);
    bool any = false;
    if (gp_str_ieqz(f->header.pane, "main"))
        return GP_PANE_MAIN;
    if (gp_str_ieqz(f->header.pane, "sub"))
        return GP_PANE_SUB;
    if (k.kind == GP_KIND_KLINE || k.kind == GP_KIND_EXPERT)
        return GP_PANE_MAIN;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        if (s->kind == GP_STMT_ASSIGN || s->hidden || i == k.result || gp_is_expert_name(s->name))
            continue;
        const int at = at_prices(f, s);
        if (at == 0)
            return GP_PANE_SUB;
        any |= at > 0;
    }
    return any ? GP_PANE_MAIN : GP_PANE_SUB;
}
