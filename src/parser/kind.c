/* Formula kinds: what a formula is, and whether it is what its header says. */
#include "parser/kind.h"
#include "parser/parse.h"

enum { MOST_STEPS = 100 }; /* names followed before giving up: chains of A:=B; are short */

static const char *const kind_names[] = { "indicator", "screen", "expert", "kline" };

const char *gp_kind_name(gp_kind k)
{
    return kind_names[k];
}

bool gp_is_expert_name(gp_str name)
{
    return gp_str_ieqz(name, "ENTERLONG") || gp_str_ieqz(name, "EXITLONG") || gp_str_ieqz(name, "ENTERSHORT") ||
           gp_str_ieqz(name, "EXITSHORT");
}

/* DRAWLINE and PLOYLINE have values, but as statements they are drawings. */
static bool is_drawing(const gp_stmt *s)
{
    const gp_node *e = s->expr;
    return e->type == GP_TYPE_DRAW ||
           (e->kind == GP_NODE_CALL && e->fn && e->fn->category == GP_CAT_DRAW && e->fn->shape == GP_SHAPE_WHOLE);
}

bool gp_is_line(const gp_stmt *s)
{
    return s->kind != GP_STMT_ASSIGN && !s->hidden && s->expr->type == GP_TYPE_NUMBER && !is_drawing(s);
}

/* ---- what an expression is by its form ---- */

const gp_node *gp_node_behind(const gp_formula *f, const gp_node *n)
{
    for (int i = 0; i < MOST_STEPS && n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT; i++)
        n = f->stmts[n->sym_index].expr;
    return n;
}

bool gp_builtin_is_one_of(const gp_builtin *fn, const gp_builtin_id *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fn->id == ids[i])
            return true;
    return false;
}

static bool condition(const gp_formula *f, const gp_node *n, int depth)
{
    static const gp_builtin_id truths[] = { GP_B_EQ,     GP_B_NE,      GP_B_LT,        GP_B_LE,     GP_B_GT,
                                            GP_B_GE,     GP_B_AND,     GP_B_OR,        GP_B_FILTER, GP_B_FILTERX,
                                            GP_B_BACKSET, GP_B_TFILTER, GP_B_ISLASTBAR, GP_B_CODELIKE, GP_B_NAMELIKE,
                                            GP_B_NAMEINCLUDE };
    static const gp_builtin_id shifts[] = { GP_B_REF, GP_B_REFV, GP_B_REFX, GP_B_REFXV, GP_B_CONST };
    n = gp_node_behind(f, n);
    if (depth > MOST_STEPS)
        return false;
    if (n->kind == GP_NODE_NUMBER)
        return n->number == 0 || n->number == 1;
    const gp_builtin *fn = n->fn;
    if (!fn)
        return false;
    if (fn->category == GP_CAT_LOGIC || gp_builtin_is_one_of(fn, truths, sizeof truths / sizeof *truths))
        return true;
    if ((fn->id == GP_B_MUL || fn->id == GP_B_MIN || fn->id == GP_B_MAX) && n->n_args == 2) /* A*B for A AND B */
        return condition(f, n->args[0], depth + 1) && condition(f, n->args[1], depth + 1);
    if ((fn->id == GP_B_IF || fn->id == GP_B_IFN) && n->n_args == 3)
        return condition(f, n->args[1], depth + 1) && condition(f, n->args[2], depth + 1);
    return n->n_args && gp_builtin_is_one_of(fn, shifts, sizeof shifts / sizeof *shifts) && condition(f, n->args[0], depth + 1);
}

bool gp_is_condition(const gp_formula *f, const gp_node *n)
{
    return condition(f, n, 0);
}

static bool quantity(const gp_formula *f, const gp_node *n, int depth)
{
    static const gp_builtin_id keep[] = { GP_B_MA,  GP_B_EMA, GP_B_SMA,  GP_B_WMA, GP_B_DMA,  GP_B_XMA, GP_B_MEMA, GP_B_EXPMEMA,
                                          GP_B_HHV, GP_B_LLV, GP_B_REF,  GP_B_REFV, GP_B_SUM,  GP_B_CONST };
    static const gp_builtin_id quotes[] = { GP_B_OPEN, GP_B_HIGH, GP_B_LOW, GP_B_CLOSE, GP_B_VOL, GP_B_AMOUNT };
    n = gp_node_behind(f, n);
    if (depth > MOST_STEPS || !n->fn)
        return false;
    if (gp_builtin_is_one_of(n->fn, quotes, sizeof quotes / sizeof *quotes))
        return true;
    if (gp_builtin_is_one_of(n->fn, keep, sizeof keep / sizeof *keep))
        return n->n_args && quantity(f, n->args[0], depth + 1);
    if (n->fn->id == GP_B_MUL || n->fn->id == GP_B_DIV || n->fn->id == GP_B_ADD) {
        bool all = n->n_args == 2;
        for (int i = 0; i < n->n_args; i++) {
            const gp_node *a = gp_node_behind(f, n->args[i]);
            all = all && ((a->kind == GP_NODE_NUMBER && a->number > 0) || quantity(f, a, depth + 1));
        }
        return all;
    }
    return false;
}

bool gp_is_quantity(const gp_formula *f, const gp_node *n)
{
    return quantity(f, n, 0);
}

/* ---- kinds ---- */

/* The statement that decides in a screen: XG or SELECT, else the last named line, else the last line; -1 none. */
static int result_of(const gp_formula *f)
{
    int named = -1, last = -1;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        if (!gp_is_line(s))
            continue;
        if (gp_str_ieqz(s->name, "XG") || gp_str_ieqz(s->name, "SELECT"))
            return i;
        last = i;
        if (s->kind == GP_STMT_OUTPUT)
            named = i;
    }
    return named >= 0 ? named : last;
}

static bool is_screen(const gp_formula *f)
{
    int lines = 0, at = -1;
    for (int i = 0; i < f->n_stmts; i++) {
        if (f->stmts[i].kind != GP_STMT_ASSIGN && is_drawing(&f->stmts[i]))
            return false;
        if (gp_is_line(&f->stmts[i])) {
            lines++;
            at = i;
        }
    }
    if (lines != 1)
        return false;
    const gp_stmt *s = &f->stmts[at];
    return gp_str_ieqz(s->name, "XG") || gp_str_ieqz(s->name, "SELECT") || gp_is_condition(f, s->expr);
}

gp_kind_of gp_formula_kind(const gp_formula *f)
{
    gp_kind_of k = { .kind = GP_KIND_INDICATOR, .declared = f->header.kind.n > 0, .result = -1 };
    if (k.declared) {
        for (int i = GP_KIND_INDICATOR; i <= GP_KIND_KLINE; i++)
            if (gp_str_ieqz(f->header.kind, kind_names[i]))
                k.kind = (gp_kind)i;
    } else {
        bool expert = false;
        for (int i = 0; i < f->n_stmts; i++)
            expert |= gp_is_line(&f->stmts[i]) && gp_is_expert_name(f->stmts[i].name);
        k.kind = expert ? GP_KIND_EXPERT : is_screen(f) ? GP_KIND_SCREEN : GP_KIND_INDICATOR;
    }
    if (k.kind == GP_KIND_SCREEN)
        k.result = result_of(f);
    return k;
}

/* ---- contracts ---- */

static void check_screen(const gp_formula *f, int result, gp_span at, gp_diags *d)
{
    int lines = 0;
    if (result < 0) {
        gp_diag_at(d, GP_D_KIND_LACKS, at, "a screen has one output, which says whether the security is selected; this formula has none",
                   "XG:CROSS(C,MA(C,20));");
        return;
    }
    for (int i = 0; i < f->n_stmts; i++)
        lines += gp_is_line(&f->stmts[i]);
    if (lines > 1)
        gp_diag_at(d, GP_D_SCREEN_OUTPUTS, f->stmts[result].span, lines, f->stmts[result].label);
}

/* BUY(COND,P); and its kin. */
static bool is_trade(const gp_stmt *s)
{
    return s->expr->type == GP_TYPE_DRAW && s->expr->fn && s->expr->fn->category == GP_CAT_SIGNAL;
}

static void check_expert(const gp_formula *f, gp_span at, gp_diags *d)
{
    for (int i = 0; i < f->n_stmts; i++)
        if ((gp_is_line(&f->stmts[i]) && gp_is_expert_name(f->stmts[i].name)) || is_trade(&f->stmts[i]))
            return;
    gp_diag_at(d, GP_D_KIND_LACKS, at, "an expert formula has outputs ENTERLONG, EXITLONG, ENTERSHORT or EXITSHORT; this one has none of them",
               "ENTERLONG:CROSS(MA(C,5),MA(C,20));");
}

static void check_kline(const gp_formula *f, gp_span at, gp_diags *d)
{
    int lines = 0;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        bool coloured = false;
        if (!gp_is_line(s))
            continue;
        lines++;
        for (int k = 0; k < s->n_attrs; k++)
            coloured |= s->attrs[k].rgb >= 0;
        if (!coloured)
            gp_diag_at(d, GP_D_KLINE_COLOUR, s->span, s->label);
    }
    if (!lines)
        gp_diag_at(d, GP_D_KIND_LACKS, at, "a kline formula has outputs that say which bars are painted; this one has none",
                   "UP:C>REF(C,1),COLORRED;");
}

void gp_check_kind(const gp_formula *f, gp_diags *d)
{
    gp_kind_of k = gp_formula_kind(f);
    gp_span at = { f->src, 0, 0 };
    if (!k.declared || k.kind == GP_KIND_INDICATOR)
        return;
    if (k.kind == GP_KIND_SCREEN)
        check_screen(f, k.result, at, d);
    else if (k.kind == GP_KIND_EXPERT)
        check_expert(f, at, d);
    else
        check_kline(f, at, d);
    bool told = false;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        bool decides = k.kind == GP_KIND_SCREEN   ? i == k.result
                       : k.kind == GP_KIND_EXPERT ? gp_is_expert_name(s->name)
                                                  : true;
        if (gp_is_line(s) && decides && gp_is_quantity(f, s->expr))
            gp_diag_at(d, GP_D_KIND_QUANTITY, s->expr->span, s->label, gp_kind_name(k.kind));
        if (s->kind != GP_STMT_ASSIGN && !s->hidden && is_drawing(s) && k.kind != GP_KIND_EXPERT && !told) {
            gp_diag_at(d, GP_D_KIND_DRAWS, s->span, gp_kind_name(k.kind), s->label);
            told = true;
        }
    }
}
