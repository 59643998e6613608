/* FORMULA on the command line -> a parsed formula: a path, "-", a library name, or the text of -e. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

#ifndef GOLDPIT_FORMULAS_INSTALLED
#define GOLDPIT_FORMULAS_INSTALLED ""
#endif
#ifndef GOLDPIT_FORMULAS_SOURCE
#define GOLDPIT_FORMULAS_SOURCE ""
#endif

static char *copy(const char *p, size_t n)
{
    char *z = gp_xcalloc(n + 1, 1);
    memcpy(z, p, n);
    return z;
}

static void add_dir(char ***list, int *n, const char *p, size_t bytes)
{
    if (bytes == 0)
        return;
    for (int i = 0; i < *n; i++) {
        if (strlen((*list)[i]) == bytes && memcmp((*list)[i], p, bytes) == 0)
            return;
    }
    *list = gp_xrealloc(*list, ((size_t)*n + 1) * sizeof **list);
    (*list)[(*n)++] = copy(p, bytes);
}

char **gp_library_dirs(const gp_cli *c, int *n)
{
    char **list = NULL;
    const char *path = getenv("GOLDPIT_PATH");
    *n = 0;
    if (c->formulas)
        add_dir(&list, n, c->formulas, strlen(c->formulas));
    while (path && *path) {
        size_t bytes = strcspn(path, ":");
        add_dir(&list, n, path, bytes);
        path += bytes + (path[bytes] == ':');
    }
    add_dir(&list, n, "formulas", strlen("formulas"));
    add_dir(&list, n, GOLDPIT_FORMULAS_SOURCE, strlen(GOLDPIT_FORMULAS_SOURCE));
    add_dir(&list, n, GOLDPIT_FORMULAS_INSTALLED, strlen(GOLDPIT_FORMULAS_INSTALLED));
    return list;
}

bool gp_library_name(const char *path, gp_str *name)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    if (!dot || dot == base || (!gp_str_ieqz(gp_str_from(dot), ".tdx") && !gp_str_ieqz(gp_str_from(dot), ".txt")))
        return false;
    *name = (gp_str){base, (size_t)(dot - base)};
    return true;
}

typedef struct walk { void (*visit)(void *ctx, const char *path, gp_str name); void *ctx; } walk;

static void walk_visit(void *ctx, const char *path, size_t bytes)
{
    walk *w = ctx;
    gp_str name;
    (void)bytes;
    if (gp_library_name(path, &name))
        w->visit(w->ctx, path, name);
}

void gp_library_walk(const gp_cli *c, void (*visit)(void *ctx, const char *path, gp_str name), void *ctx)
{
    int n;
    char **dirs = gp_library_dirs(c, &n);
    walk w = {visit, ctx};
    for (int i = 0; i < n; i++) {
        if (gp_path_is_dir(dirs[i]))
            gp_dir_walk(dirs[i], walk_visit, &w);
        free(dirs[i]);
    }
    free(dirs);
}

static void add_entry(void *ctx, const char *path, gp_str name)
{
    gp_library_list *l = ctx;
    for (size_t i = 0; i < l->n; i++) { /* the first of a name is the one that is used */
        if (gp_str_ieqz(name, l->at[i].name))
            return;
    }
    gp_vec_push(l, ((gp_library_entry){gp_xstrndup(name.p, name.n), gp_xstrndup(path, strlen(path))}));
}

static int by_name(const void *a, const void *b)
{
    const gp_library_entry *x = a, *y = b;
    int d = strcasecmp(x->name, y->name);
    return d ? d : strcmp(x->name, y->name);
}

void gp_library_read(const gp_cli *c, gp_library_list *out)
{
    gp_library_walk(c, add_entry, out);
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_name);
}

void gp_library_fini(gp_library_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->at[i].name);
        free(l->at[i].path);
    }
    gp_vec_free(l);
}

/* ---- a name that is not a path ---- */

enum { MAX_NEAR = 5 };
typedef struct lookup {
    gp_str wanted;
    bool with_extension;
    char *found;
    char *near[MAX_NEAR]; /* closest names, best first */
    size_t distance[MAX_NEAR];
    int n_near;
} lookup;

static bool contains(gp_str hay, gp_str needle)
{
    for (size_t i = 0; needle.n && i + needle.n <= hay.n; i++) {
        if (gp_str_ieq((gp_str){hay.p + i, needle.n}, needle))
            return true;
    }
    return false;
}

static void consider(lookup *l, gp_str name)
{
    size_t d = gp_str_edit_distance(name, l->wanted), limit = l->wanted.n <= 4 ? 1 : 2;
    int at = 0;
    if (d > limit && (l->wanted.n < 3 || !contains(name, l->wanted)))
        return;
    for (int i = 0; i < l->n_near; i++) {
        if (gp_str_ieqz(name, l->near[i]))
            return;
    }
    while (at < l->n_near && l->distance[at] <= d)
        at++;
    if (at == MAX_NEAR)
        return;
    if (l->n_near == MAX_NEAR)
        free(l->near[--l->n_near]);
    memmove(l->near + at + 1, l->near + at, (size_t)(l->n_near - at) * sizeof *l->near);
    memmove(l->distance + at + 1, l->distance + at, (size_t)(l->n_near - at) * sizeof *l->distance);
    l->near[at] = copy(name.p, name.n);
    l->distance[at] = d;
    l->n_near++;
}

static void lookup_visit(void *ctx, const char *path, gp_str name)
{
    lookup *l = ctx;
    gp_str whole = {name.p, strlen(name.p)};
    if (l->found)
        return;
    if (gp_str_ieq(name, l->wanted) || gp_str_ieq(whole, l->wanted))
        l->found = copy(path, strlen(path));
    else
        consider(l, name);
}

static void lookup_fini(lookup *l)
{
    free(l->found);
    for (int i = 0; i < l->n_near; i++)
        free(l->near[i]);
}

static bool ends_with(const char *z, const char *tail)
{
    size_t n = strlen(z), k = strlen(tail);
    return n >= k && gp_str_ieqz(gp_str_from(z + n - k), tail);
}

/* ---- formulas that formulas refer to ---- */

static bool library_find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    lookup l = {.wanted = name};
    gp_file file;
    bool found = false;
    gp_library_walk(ctx, lookup_visit, &l);
    if (l.found && !gp_file_open(l.found, &file)) {
        gp_buf_add(text, file.p, file.n);
        gp_buf_addz(shown, l.found);
        gp_file_close(&file);
        found = true;
    }
    lookup_fini(&l);
    return found;
}

static void library_near(void *ctx, gp_str name, int max, gp_buf *out)
{
    lookup l = {.wanted = name};
    gp_library_walk(ctx, lookup_visit, &l);
    for (int i = 0; i < l.n_near && i < max; i++)
        gp_buf_printf(out, "%s%s", i ? ", " : "", l.near[i]);
    lookup_fini(&l);
}

gp_compile_opts gp_cli_compile_opts(const gp_cli *c)
{
    gp_compile_opts o = {.exact_compare = c->exact_compare, .closed_periods = c->closed_periods, .facts = c->facts, .chip_uniform = c->chip_model == 1, .f32 = c->f32, .null_true = c->null_cond == 1};
    o.facts.seed = c->seed;
    return o;
}

gp_library *gp_cli_library(gp_cli *c)
{
    if (!c->library)
        c->library = gp_library_new(library_find, library_near, c);
    return c->library;
}

static int not_found(const gp_cli *c, const char *word, const lookup *l)
{
    if (strpbrk(word, ":;(=<>") || strchr(word, ' ')) {
        gp_cli_error(c, "no formula file '%s'; to give the text of a formula on the command line, write -e '...'", word);
    } else if (l->n_near) {
        gp_buf names = {0};
        for (int i = 0; i < l->n_near; i++)
            gp_buf_printf(&names, "%s%s", i ? ", " : "", l->near[i]);
        gp_cli_error(c, "no formula '%s', neither a file nor in the library; did you mean %s?", word, names.p);
        gp_buf_free(&names);
    } else {
        gp_cli_error(c, "no formula '%s', neither a file nor in the library; 'goldpit list' shows the library", word);
    }
    return GP_EXIT_FORMULA;
}

static int wrong_kind(const gp_cli *c, const char *word, const char *what)
{
    int command = gp_command_find(c->command);
    if (command >= 0 && strstr(gp_commands[command].args, "DATA"))
        return gp_cli_usage(c, "'%s' %s, but the formula comes first: goldpit %s FORMULA DATA...", word, what, c->command);
    return gp_cli_usage(c, "'%s' %s, not a formula", word, what);
}

char *gp_cli_formula_path(const gp_cli *c, const char *word, int *status)
{
    lookup l = {.wanted = gp_str_from(word)};
    char *path = NULL;
    if (strcmp(word, "-") == 0)
        return copy(word, 1);
    if (ends_with(word, ".csv") || ends_with(word, ".day")) {
        *status = wrong_kind(c, word, "is a file of quotes");
        return NULL;
    }
    if (gp_path_exists(word) && !gp_path_is_dir(word))
        return copy(word, strlen(word));
    gp_library_walk(c, lookup_visit, &l);
    if (l.found)
        path = copy(l.found, strlen(l.found));
    else if (gp_path_is_dir(word))
        *status = wrong_kind(c, word, "is a folder");
    else
        *status = not_found(c, word, &l);
    lookup_fini(&l);
    return path;
}

/* -e and a formula name together: which one was meant? */
static bool also_named(const gp_cli *c, const char *word)
{
    lookup l = {.wanted = gp_str_from(word)};
    bool named;
    if (gp_path_exists(word) || strcmp(word, "-") == 0)
        return ends_with(word, ".tdx");
    gp_library_walk(c, lookup_visit, &l);
    named = l.found != NULL;
    lookup_fini(&l);
    return named;
}

void gp_cli_set_params(const gp_cli *c, gp_formula *f, gp_diags *d)
{
    if (c->dialect)
        f->dialect = (gp_dialect)(c->dialect - 1);
    for (int i = 0; i < c->n_params; i++) {
        const char *eq = strchr(c->params[i], '=');
        double value;
        if (eq && gp_num_parse(eq + 1, strlen(eq + 1), &value))
            gp_formula_set_param(f, (gp_str){c->params[i], (size_t)(eq - c->params[i])}, value, d);
    }
}

static gp_formula *from_text(gp_cli *c, gp_diags *d, int *status)
{
    gp_formula *f;
    if (c->n_args > 0 && also_named(c, c->args[0])) {
        *status = gp_cli_usage(c, "both -e and the formula '%s' were given; leave one out", c->args[0]);
        return NULL;
    }
    f = gp_formula_parse("<-e>", c->expression, strlen(c->expression), GP_ENC_AUTO, d);
    f->library = gp_cli_library(c);
    gp_cli_set_params(c, f, d);
    return f;
}

gp_formula *gp_cli_formula(gp_cli *c, bool take_arg, gp_diags *d, int *status)
{
    gp_formula *f;
    gp_file file;
    gp_str name;
    const char *word, *why;
    char *path;
    if (c->expression)
        return from_text(c, d, status);
    if (c->n_args == 0) {
        *status = gp_cli_usage(c, "the FORMULA is missing: give a file, a name from 'goldpit list', - for standard input, or -e 'text'");
        return NULL;
    }
    word = c->args[0];
    if (!*word) {
        *status = gp_cli_usage(c, "the FORMULA is an empty word");
        return NULL;
    }
    for (int i = 1; i < c->n_args && strcmp(word, "-") == 0; i++) {
        if (strcmp(c->args[i], "-") == 0) {
            *status = gp_cli_usage(c, "standard input cannot be both the formula and the data");
            return NULL;
        }
    }
    path = gp_cli_formula_path(c, word, status);
    if (!path)
        return NULL;
    why = gp_file_open(path, &file);
    if (why) {
        gp_cli_error(c, "cannot read the formula '%s': %s", path, why);
        *status = GP_EXIT_FORMULA;
        free(path);
        return NULL;
    }
    if (take_arg) {
        c->args++;
        c->n_args--;
    }
    f = gp_formula_parse(strcmp(path, "-") == 0 ? "<stdin>" : path, file.p, file.n, c->encoding, d);
    f->library = gp_cli_library(c);
    if (gp_library_name(path, &name))
        f->name = gp_arena_strndup(&f->arena, name.p, name.n);
    gp_file_close(&file);
    free(path);
    gp_cli_set_params(c, f, d);
    return f;
}
