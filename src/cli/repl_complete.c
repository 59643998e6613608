/* What TAB offers. */
#include "cli/repl.h"
#include <dirent.h>
#include <string.h>
#include "builtins/builtin.h"
#include "lexer/lexer.h"
#include "market/columns.h"

static bool begins(const char *name, gp_str with)
{
    return strlen(name) >= with.n && gp_str_ieq((gp_str){name, with.n}, with);
}

static bool in_name(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/* "MA(X,N)  Simple moving average" */
static void usage_of(const repl *r, const gp_builtin *b, gp_buf *out)
{
    gp_builtin_usage(b, out);
    if (!out->n)
        gp_buf_addz(out, b->name);
    gp_buf_printf(out, "  %s", repl_text(r, b->en, b->zh));
}

static void functions(const repl *r, gp_str prefix, gp_candidates *out)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        gp_buf text = {0}, shown = {0};
        if (!b->name || (b->flags & GP_ROW_INTERNAL) || b->tier == GP_TIER_OPERATOR || b->shape == GP_SHAPE_NONE || !begins(b->name, prefix))
            continue;
        gp_buf_printf(&text, "%s%s", b->name, b->max_args > 0 && b->min_args > 0 ? "(" : "");
        usage_of(r, b, &shown);
        gp_candidates_add(out, text.p, shown.p);
        gp_buf_free(&text);
        gp_buf_free(&shown);
    }
}

static void names(const repl *r, gp_str prefix, gp_candidates *out)
{
    for (size_t i = r->now.entries.n; i-- > 0;) {
        const repl_entry *e = r->now.entries.at[i];
        if (e->name && begins(e->name, prefix))
            gp_candidates_add(out, e->name, e->text);
    }
    for (size_t i = 0; i < r->now.params.n; i++) {
        if (begins(r->now.params.at[i].name, prefix))
            gp_candidates_add(out, r->now.params.at[i].name, NULL);
    }
}

/* Inside the parentheses of a call: its usage. */
static void innermost_call(const repl *r, const char *line, size_t cursor, gp_candidates *out)
{
    int depth = 0;
    for (size_t i = cursor; i-- > 0;) {
        depth += line[i] == ')';
        depth -= line[i] == '(';
        if (depth < 0) {
            size_t from = i;
            const gp_builtin *b;
            gp_buf text = {0};
            while (from && in_name((unsigned char)line[from - 1]))
                from--;
            b = from < i ? gp_builtin_find((gp_str){line + from, i - from}) : NULL;
            if (!b)
                return;
            usage_of(r, b, &text);
            out->remark = text.p;
            return;
        }
    }
}

static void files(gp_str prefix, gp_candidates *out)
{
    gp_buf folder = {0};
    size_t cut = prefix.n;
    DIR *d;
    struct dirent *entry;
    while (cut && prefix.p[cut - 1] != '/')
        cut--;
    gp_buf_addz(&folder, "");
    gp_buf_add(&folder, prefix.p, cut);
    d = opendir(folder.n ? folder.p : ".");
    while (d && (entry = readdir(d))) {
        gp_str last = {prefix.p + cut, prefix.n - cut};
        gp_buf path = {0};
        size_t n = strlen(entry->d_name);
        if ((entry->d_name[0] == '.' && !(last.n && last.p[0] == '.')) || n < last.n || memcmp(entry->d_name, last.p, last.n) != 0 ||
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        gp_buf_printf(&path, "%s%s", folder.p, entry->d_name);
        if (gp_path_is_dir(path.p))
            gp_buf_addc(&path, '/');
        gp_candidates_add(out, path.p, NULL);
        gp_buf_free(&path);
    }
    if (d)
        closedir(d);
    gp_buf_free(&folder);
    out->is_path = true;
}

static void codes(const repl *r, gp_str prefix, gp_candidates *out)
{
    enum { MOST = 10000 };
    for (int i = 0; i < r->file.n; i++) {
        const gp_bars *b = &r->file.at[i];
        gp_buf shown = {0};
        gp_buf_printf(&shown, "%s%s%s", b->code, *b->name ? " " : "", b->name);
        if (begins(b->code, prefix))
            gp_candidates_add(out, b->code, shown.p);
        gp_buf_free(&shown);
    }
    for (size_t i = 0; i < r->inputs.n && i < MOST; i++) {
        char code[64], market[3];
        gp_code_of_path(r->inputs.at[i].path, code, sizeof code, market);
        if (*code && begins(code, prefix))
            gp_candidates_add(out, code, NULL);
    }
}

typedef struct formula_walk { gp_candidates *out; gp_str prefix; bool any_case; } formula_walk;

static void add_formula(void *ctx, const char *path, gp_str name)
{
    formula_walk *w = ctx;
    char z[256];
    (void)path;
    snprintf(z, sizeof z, GP_STR_FMT, GP_STR_ARG(name));
    if (w->any_case ? begins(z, w->prefix) : strncmp(z, w->prefix.p, w->prefix.n) == 0)
        gp_candidates_add(w->out, z, NULL);
}

static void formulas(const repl *r, gp_str prefix, gp_candidates *out)
{
    formula_walk w = {out, prefix, false};
    gp_library_walk(r->c, add_formula, &w);
    w.any_case = true;
    if (out->list.n == 0)
        gp_library_walk(r->c, add_formula, &w);
}

static void commands(gp_str prefix, bool colon, gp_candidates *out)
{
    for (int i = 0; i < repl_n_commands; i++) {
        gp_buf text = {0};
        const char *gap = *repl_commands[i].args ? " " : "";
        if (!begins(repl_commands[i].name, prefix))
            continue;
        gp_buf_printf(&text, "%s%s%s", colon ? ":" : "", repl_commands[i].name, colon ? gap : "");
        gp_candidates_add(out, text.p, NULL);
        gp_buf_free(&text);
    }
}

static void argument(const repl *r, repl_arg kind, gp_str prefix, gp_candidates *out)
{
    switch (kind) {
    case REPL_ARG_FILE: files(prefix, out); break;
    case REPL_ARG_CODE: codes(r, prefix, out); break;
    case REPL_ARG_FORMULA:
        formulas(r, prefix, out);
        if (out->list.n == 0)
            files(prefix, out);
        break;
    case REPL_ARG_NAME: names(r, prefix, out); break;
    case REPL_ARG_PARAM:
        for (size_t i = 0; i < r->now.params.n; i++) {
            gp_buf text = {0};
            gp_buf_printf(&text, "%s=", r->now.params.at[i].name);
            if (begins(text.p, prefix))
                gp_candidates_add(out, text.p, NULL);
            gp_buf_free(&text);
        }
        break;
    case REPL_ARG_HELP:
        names(r, prefix, out);
        commands(prefix, false, out);
        functions(r, prefix, out);
        for (size_t i = 0; i < out->list.n; i++)
            out->list.at[i].text[strcspn(out->list.at[i].text, "(")] = 0;
        break;
    case REPL_ARG_SET:
        if (begins("exact on", prefix))
            gp_candidates_add(out, "exact on", NULL);
        if (begins("exact off", prefix))
            gp_candidates_add(out, "exact off", NULL);
        break;
    case REPL_ARG_TRACE: /* as in a statement */
    case REPL_ARG_NONE: break;
    }
}

static int by_text(const void *a, const void *b) { return strcmp(((const gp_candidate *)a)->text, ((const gp_candidate *)b)->text); }

void repl_complete(void *session, const char *line, size_t cursor, gp_candidates *out)
{
    const repl *r = session;
    size_t from = cursor, start = strspn(line, " \t");
    gp_str prefix;
    if (line[start] == ':' && !(strncmp(line + start, ":trace ", 7) == 0 && cursor >= start + 7)) {
        size_t stop = start + 1;
        while (line[stop] && line[stop] != ' ')
            stop++;
        if (cursor <= stop) {
            prefix = (gp_str){line + start + 1, cursor > start ? cursor - start - 1 : 0};
            commands(prefix, true, out);
            out->replace = prefix.n + 1;
        } else {
            while (line[stop] == ' ' && stop < cursor)
                stop++;
            prefix = (gp_str){line + stop, cursor - stop};
            for (int i = 0; i < repl_n_commands; i++) {
                if (strncmp(line + start + 1, repl_commands[i].name, strlen(repl_commands[i].name)) == 0)
                    argument(r, repl_commands[i].arg, prefix, out);
            }
            out->replace = prefix.n;
        }
    } else {
        while (from && in_name((unsigned char)line[from - 1]))
            from--;
        prefix = (gp_str){line + from, cursor - from};
        out->replace = prefix.n;
        if (from && line[from - 1] == '"') {
            formulas(r, prefix, out);
        } else if (prefix.n) {
            names(r, prefix, out);
            functions(r, prefix, out);
        }
        if (out->list.n == 0)
            innermost_call(r, line, cursor, out);
    }
    if (out->list.n > 1)
        qsort(out->list.at, out->list.n, sizeof *out->list.at, by_text);
}
