#include "parser/library.h"
#include "base/vec.h"
#include "parser/parse.h"

typedef struct entry {
    gp_str name;       /* in the library's arena */
    gp_formula *f;     /* NULL: there is no such formula */
    bool broken;
} entry;

typedef struct gp_open { gp_str name; int height; } gp_open;

struct gp_library {
    gp_library_find_fn *find;
    gp_library_near_fn *near;
    void *ctx;
    gp_arena arena;
    GP_VEC(entry *) known;
    GP_VEC(gp_open) stack; /* being resolved, outermost first */
};

gp_library *gp_library_new(gp_library_find_fn *find, gp_library_near_fn *near, void *ctx)
{
    gp_library *l = gp_xcalloc(1, sizeof *l);
    l->find = find;
    l->near = near;
    l->ctx = ctx;
    return l;
}

void gp_library_free(gp_library *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->known.n; i++)
        gp_formula_free(l->known.at[i]->f);
    gp_vec_free(&l->known);
    gp_vec_free(&l->stack);
    gp_arena_fini(&l->arena);
    free(l);
}

void gp_library_enter(gp_library *l, gp_str name, int height)
{
    gp_vec_push(&l->stack, ((gp_open){ name, height }));
}

static int reach(const gp_library *l)
{
    int sum = 0;
    for (size_t i = 0; i < l->stack.n; i++)
        sum += l->stack.at[i].height + GP_REACH_STEP;
    return sum;
}

void gp_library_leave(gp_library *l)
{
    if (l->stack.n)
        l->stack.n--;
}

void gp_library_near(gp_library *l, gp_str name, int max, gp_buf *out)
{
    if (l->near)
        l->near(l->ctx, name, max, out);
}

/* "A -> B -> A" when name is on the stack, else NULL. */
static const char *cycle(gp_library *l, gp_str name)
{
    for (size_t i = 0; i < l->stack.n; i++) {
        if (!gp_str_ieq(l->stack.at[i].name, name))
            continue;
        gp_buf b = { 0 };
        for (size_t k = i; k < l->stack.n; k++)
            gp_buf_printf(&b, GP_STR_FMT " -> ", GP_STR_ARG(l->stack.at[k].name));
        gp_buf_add(&b, name.p, name.n);
        const char *chain = gp_arena_strndup(&l->arena, b.p, b.n);
        gp_buf_free(&b);
        return chain;
    }
    return NULL;
}

static entry *load(gp_library *l, gp_str name, gp_diags *d)
{
    gp_buf text = { 0 }, shown = { 0 };
    entry *e = gp_arena_alloc(&l->arena, sizeof *e);
    e->name = (gp_str){ gp_arena_strndup(&l->arena, name.p, name.n), name.n };
    if (l->find(l->ctx, name, &text, &shown)) {
        gp_diags own = { 0 }; /* warnings of a formula that is only referred to are its own business */
        const char *path = gp_arena_strndup(&l->arena, shown.p ? shown.p : name.p, shown.p ? shown.n : name.n);
        e->f = gp_formula_parse(path, text.p ? text.p : "", text.n, GP_ENC_AUTO, &own);
        e->f->library = l;
        e->f->name = e->name.p;
        gp_formula_resolve(e->f, &own);
        e->broken = own.errors > 0;
        if (e->broken)
            gp_diags_append(d, &own);
        gp_diags_fini(&own);
    }
    gp_buf_free(&text);
    gp_buf_free(&shown);
    return e;
}

gp_library_status gp_library_get(gp_library *l, gp_str name, const gp_formula **f, const char **chain, gp_diags *d)
{
    *f = NULL;
    *chain = cycle(l, name);
    if (*chain)
        return GP_LIBRARY_CYCLE;
    entry *e = NULL;
    for (size_t i = 0; i < l->known.n && !e; i++)
        if (gp_str_ieq(l->known.at[i]->name, name))
            e = l->known.at[i];
    if (!e && reach(l) > GP_REACH_MAX)
        return GP_LIBRARY_DEEP;
    if (!e) {
        e = load(l, name, d);
        gp_vec_push(&l->known, e);
    }
    if (!e->f)
        return GP_LIBRARY_UNKNOWN;
    *f = e->f;
    return e->broken ? GP_LIBRARY_BROKEN : GP_LIBRARY_FOUND;
}
