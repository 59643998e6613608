/* What users call the outputs: the name; NONAMEn; a drawing's text or KINDn.  Several outputs may want the same word:
 * the later ones get _2, _3... */
#include "parser/scope.h"

typedef struct label_set {
    struct { const char *label; int next; } *at; /* next: suffix to try */
    size_t n_slots;
} label_set;

/* The slot of the label, empty or not. */
static size_t slot(const label_set *s, const char *label)
{
    gp_str name = gp_str_from(label);
    size_t at = gp_str_ihash(name) & (s->n_slots - 1);
    while (s->at[at].label && !gp_str_ieqz(name, s->at[at].label))
        at = (at + 1) & (s->n_slots - 1);
    return at;
}

static const char *unique(gp_formula *f, label_set *s, const char *label)
{
    size_t first = slot(s, label);
    const char *try = label;
    while (s->at[slot(s, try)].label)
        try = gp_arena_printf(&f->arena, "%s_%d", label, s->at[first].next++);
    size_t at = slot(s, try);
    s->at[at].label = try;
    s->at[at].next = 2;
    return try;
}

static const char *wanted(gp_formula *f, const gp_stmt *st, int *draws, int *unnamed)
{
    const gp_node *e = st->expr;
    if (st->name.n)
        return gp_arena_strndup(&f->arena, st->name.p, st->name.n);
    if (e->type == GP_TYPE_SIGNAL || (e->fn && e->fn->category == GP_CAT_SIGNAL && e->type == GP_TYPE_DRAW))
        return e->fn ? e->fn->name : ""; /* BUY(COND,P) is called BUY */
    /* DRAWLINE and PLOYLINE have values of their own, but as a statement they are drawings */
    if (!e->fn || e->kind != GP_NODE_CALL ||
        (e->type != GP_TYPE_DRAW && !(e->fn->category == GP_CAT_DRAW && e->fn->shape == GP_SHAPE_WHOLE)))
        return gp_arena_printf(&f->arena, "NONAME%d", ++*unnamed);
    int n = ++draws[e->fn->id];
    for (int i = 0; i < e->n_args && i < e->fn->n_args; i++)
        if (e->fn->args[i].type == GP_ARG_TEXT && e->args[i]->kind == GP_NODE_STRING && e->args[i]->text.n)
            return gp_arena_strndup(&f->arena, e->args[i]->text.p, e->args[i]->text.n);
    return gp_arena_printf(&f->arena, "%s%d", e->fn->name, n);
}

void gp_label_statements(gp_formula *f)
{
    label_set s = { .n_slots = 64 };
    while (s.n_slots < 2 * (size_t)f->n_stmts + 2)
        s.n_slots *= 2;
    s.at = gp_xcalloc(s.n_slots, sizeof *s.at);
    int *draws = gp_xcalloc(GP_B_COUNT, sizeof *draws), unnamed = 0;
    for (int i = 0; i < f->n_stmts; i++) {
        gp_stmt *st = &f->stmts[i];
        if (st->hidden)
            continue;
        const char *label = wanted(f, st, draws, &unnamed);
        st->label = st->kind == GP_STMT_ASSIGN ? label : unique(f, &s, label);
    }
    free(draws);
    free(s.at);
}
