/* What a program says about itself. */
#include <stdlib.h>
#include "eval/code.h"
#include "parser/parser.h"

const gp_kernel_set *gp_program_kernels(const gp_program *p, const char *isa)
{
    return p->exact ? p->exact : gp_kernels_choose(isa);
}

void gp_program_free(gp_program *p)
{
    if (!p) return;
    for (size_t k = 0; k < p->externals.n; k++) gp_program_free(p->externals.at[k].program);
    gp_vec_free(&p->externals);
    gp_vec_free(&p->vals);
    gp_vec_free(&p->outputs);
    gp_texts_fini(&p->literals);
    gp_vec_free(&p->text_results);
    gp_vec_free(&p->slots);
    gp_vec_free(&p->nodes);
    gp_vec_free(&p->code);
    gp_vec_free(&p->stages);
    gp_vec_free(&p->sinks);
    gp_vec_free(&p->const_slots);
    gp_vec_free(&p->consts);
    gp_vec_free(&p->lane_vals);
    gp_arena_fini(&p->arena);
    gp_formula_free(p->owned);
    free(p);
}

const gp_output *gp_program_outputs(const gp_program *p, int *n)
{
    *n = (int)p->outputs.n;
    return p->outputs.at;
}

int gp_program_find(const gp_program *p, gp_str name)
{
    for (size_t k = 0; k < p->outputs.n; k++)
        if (p->outputs.at[k].name && gp_str_ieq(gp_str_from(p->outputs.at[k].name), name)) return (int)k;
    return -1;
}

int gp_program_n_code(const gp_program *p)
{
    return (int)p->code.n;
}

int gp_program_n_slots(const gp_program *p)
{
    return (int)p->slots.n;
}

static int by_node(const void *key, const void *at)
{
    const uintptr_t a = (uintptr_t)key, b = (uintptr_t)((const gp_traced *)at)->node;
    return a < b ? -1 : a > b;
}

int gp_program_node_slot(const gp_program *p, const gp_node *node)
{
    const gp_traced *t = p->nodes.n ? bsearch(node, p->nodes.at, p->nodes.n, sizeof *p->nodes.at, by_node) : NULL;
    return t ? t->slot : -1;
}

int gp_program_n_texts(const gp_program *p)
{
    return (int)p->text_results.n;
}

const gp_external *gp_program_externals(const gp_program *p, int *n)
{
    *n = (int)p->externals.n;
    return p->externals.at;
}

int gp_program_text_slot(const gp_program *p, int t)
{
    return t >= 0 && (size_t)t < p->text_results.n ? p->text_results.at[t] : -1;
}

unsigned gp_program_needs(const gp_program *p)
{
    return p->needs;
}

int gp_ahead_rank(gp_future f)
{
    return f == GP_FUTURE_REPAINT ? 4 : f == GP_FUTURE_LAST ? 3 : f == GP_FUTURE_PERIOD ? 2 : f == GP_FUTURE_N ? 1 : 0;
}

bool gp_ahead_further(const gp_ahead *a, const gp_ahead *b)
{
    return gp_ahead_rank(a->kind) > gp_ahead_rank(b->kind) || (a->kind == b->kind && a->bars > b->bars);
}

gp_ahead gp_program_ahead(const gp_program *p)
{
    gp_ahead worst = {0};
    for (size_t k = 0; k < p->outputs.n; k++) {
        const gp_ahead *a = &p->outputs.at[k].ahead;
        if (gp_ahead_further(a, &worst)) worst = *a;
    }
    return worst;
}

const char *gp_program_today(const gp_program *p)
{
    const char *today = p->today;
    for (size_t k = 0; k < p->externals.n && !today; k++)
        if (p->externals.at[k].program) today = gp_program_today(p->externals.at[k].program);
    return today;
}

int gp_program_lookback(const gp_program *p)
{
    int look = 0;
    for (size_t k = 0; k < p->outputs.n; k++)
        if (p->outputs.at[k].lookback > look) look = p->outputs.at[k].lookback;
    return look;
}
