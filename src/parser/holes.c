/* Where a text has lost its numbers (GP121 to GP124), and the text with numbers put back. */
#include "lexer/lexer.h"
#include "parser/parse.h"

typedef struct walk { gp_hole *out; int max, n; const gp_stmt *stmt; } walk;

static void visit(walk *w, const gp_node *n, const gp_node *parent, int index)
{
    if (n->kind == GP_NODE_HOLE) {
        if (w->n < w->max)
            w->out[w->n] = (gp_hole){ .at = n->span, .parent = parent, .index = index, .stmt = w->stmt };
        w->n++;
    }
    for (int i = 0; i < n->n_args; i++)
        visit(w, n->args[i], n, i);
}

int gp_formula_holes(const gp_formula *f, gp_hole *out, int max)
{
    walk w = { .out = out, .max = max };
    for (int i = 0; i < f->n_stmts; i++) {
        w.stmt = &f->stmts[i];
        if (!w.stmt->hidden)
            visit(&w, w.stmt->expr, NULL, 0);
    }
    return w.n;
}

static void name_of(const gp_hole *h, gp_buf *out)
{
    const gp_node *p = h->parent;
    if (!p) {
        if (h->stmt->name.n)
            gp_buf_printf(out, "the value of " GP_STR_FMT, GP_STR_ARG(h->stmt->name));
        else
            gp_buf_addz(out, "the statement");
        return;
    }
    if (p->is_operator && p->n_args == 1) {
        gp_buf_printf(out, "after %s", gp_str_ieqz(p->text, "NEG") ? "-" : "NOT");
        return;
    }
    if (p->is_operator) {
        gp_buf_printf(out, "%s of " GP_STR_FMT, h->index ? "right" : "left", GP_STR_ARG(p->text));
        return;
    }
    const gp_builtin *fn = gp_builtin_find(p->text);
    if (fn && h->index < fn->n_args)
        gp_buf_printf(out, GP_STR_FMT " of %s", GP_STR_ARG(fn->args[h->index].name), fn->name);
    else
        gp_buf_printf(out, "argument %d of " GP_STR_FMT, h->index + 1, GP_STR_ARG(p->text));
}

void gp_hole_what(const gp_hole *h, gp_buf *out)
{
    gp_buf_addz(out, "");
    name_of(h, out);
}

static bool word_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || (c & 0x80);
}

/* The number must not run into the words around it. */
static void insert(gp_buf *out, gp_str value, char next)
{
    char before = out->n ? out->p[out->n - 1] : ' ';
    bool sign = value.n && (value.p[0] == '-' || value.p[0] == '+');
    bool clash = sign && (before == '-' || before == '+');
    if (word_byte(before) && !(before & 0x80)) /* full-width signs are no words */
        gp_buf_addc(out, ' ');
    gp_buf_printf(out, clash ? "(" GP_STR_FMT ")" : GP_STR_FMT, GP_STR_ARG(value));
    if (word_byte(next))
        gp_buf_addc(out, ' ');
}

void gp_formula_fill(const gp_formula *f, const gp_hole *holes, const gp_str *values, int n, gp_buf *out)
{
    gp_str text = f->src->text;
    size_t at = 0;
    gp_buf_addz(out, "");
    for (int i = 0; i < n; i++) {
        size_t to = holes[i].at.at;
        gp_buf_add(out, text.p + at, to - at);
        insert(out, values[i], to < text.n ? text.p[to] : ' ');
        at = to;
    }
    gp_buf_add(out, text.p + at, text.n - at);
}
