/* Canonical text: one statement a line, the fewest parentheses that keep the meaning, comments kept between the
 * statements (one inside a statement moves in front of it; one after it on its line stays there). */
#include "parser/parse.h"

enum { UNARY = 7, ATOM = 8 };

static int level(const gp_node *n)
{
    static const struct { const char *sign; int level; } table[] = {
        { "OR", 1 }, { "AND", 2 }, { "=", 3 },  { "<>", 3 }, { "<", 4 }, { "<=", 4 }, { ">", 4 },
        { ">=", 4 }, { "+", 5 },   { "-", 5 },  { "*", 6 },  { "/", 6 }, { "%", 6 },
    };
    if (n->kind == GP_NODE_CALL && n->is_operator && n->n_args == 1 && gp_str_ieqz(n->text, "NEG"))
        return UNARY;
    if (n->kind == GP_NODE_CALL && n->is_operator && n->n_args == 2)
        for (size_t i = 0; i < sizeof table / sizeof *table; i++)
            if (gp_str_ieqz(n->text, table[i].sign))
                return table[i].level;
    return ATOM;
}

static bool compares(int l)
{
    return l == 3 || l == 4;
}

static void upper(gp_buf *out, gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        gp_buf_addc(out, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i]);
}

static void expression(gp_buf *out, const gp_node *n);

static void child(gp_buf *out, const gp_node *n, bool parentheses)
{
    if (parentheses)
        gp_buf_addc(out, '(');
    expression(out, n);
    if (parentheses)
        gp_buf_addc(out, ')');
}

static void call(gp_buf *out, const gp_node *n)
{
    int l = level(n);
    if (l == UNARY) {
        gp_buf_addc(out, '-');
        child(out, n->args[0], level(n->args[0]) < UNARY);
        return;
    }
    if (l < UNARY) { /* a chain of comparisons keeps its parentheses: without them it reads as something else */
        const gp_node *left = n->args[0], *right = n->args[1];
        int ll = level(left), lr = level(right);
        child(out, left, ll < l || (compares(l) && compares(ll)));
        gp_buf_printf(out, l <= 2 ? " " GP_STR_FMT " " : GP_STR_FMT, GP_STR_ARG(n->text));
        child(out, right, lr <= l || (compares(l) && compares(lr)));
        return;
    }
    if (n->kind == GP_NODE_REF) {
        gp_str written = gp_span_text(n->name_span);
        bool plain = memchr(written.p, '"', written.n) == NULL && written.n == n->text.n;
        gp_buf_printf(out, plain ? GP_STR_FMT : "\"" GP_STR_FMT "\"", GP_STR_ARG(n->text));
        if (!n->n_args)
            return;
    } else if (n->is_operator || gp_builtin_find(n->text)) {
        upper(out, n->text);
    } else {
        gp_buf_add(out, n->text.p, n->text.n);
    }
    gp_buf_addc(out, '(');
    for (int i = 0; i < n->n_args; i++) {
        if (i)
            gp_buf_addc(out, ',');
        expression(out, n->args[i]);
    }
    gp_buf_addc(out, ')');
}

static void expression(gp_buf *out, const gp_node *n)
{
    switch (n->kind) {
    case GP_NODE_NUMBER: gp_buf_add(out, n->text.p, n->text.n); break;
    case GP_NODE_STRING:
        gp_buf_addc(out, '\'');
        for (size_t i = 0; i < n->text.n; i++) {
            if (n->text.p[i] == '\'')
                gp_buf_addc(out, '\'');
            gp_buf_addc(out, n->text.p[i]);
        }
        gp_buf_addc(out, '\'');
        break;
    case GP_NODE_NAME:
        if (gp_builtin_find(n->text) && n->sym != GP_SYM_STATEMENT && n->sym != GP_SYM_PARAM)
            upper(out, n->text);
        else
            gp_buf_add(out, n->text.p, n->text.n);
        break;
    case GP_NODE_CALL:
    case GP_NODE_REF: call(out, n); break;
    case GP_NODE_HOLE: break;
    case GP_NODE_ERROR:
        if (n->span.src)
            gp_buf_add(out, gp_span_text(n->span).p, n->span.n);
        break;
    }
}

static void statement(gp_buf *out, const gp_stmt *s)
{
    if (s->name.n)
        gp_buf_printf(out, GP_STR_FMT "%s", GP_STR_ARG(s->name), s->kind == GP_STMT_ASSIGN ? ":=" : ":");
    expression(out, s->expr);
    for (int i = 0; i < s->n_attrs; i++) {
        gp_buf_addc(out, ',');
        if (memchr(s->attrs[i].text.p, '\'', s->attrs[i].text.n))
            gp_buf_add(out, s->attrs[i].text.p, s->attrs[i].text.n);
        else
            upper(out, s->attrs[i].text);
    }
    gp_buf_addc(out, ';');
}

/* --- comments ---------------------------------------------------------------------------------------------- */

typedef struct layout {
    gp_buf *out;
    gp_lexer lx;           /* only its comments matter */
    size_t next;           /* comment not printed yet */
    uint32_t end;          /* where the last printed thing ended in the source */
} layout;

static int newlines(const gp_source *src, uint32_t from, uint32_t to)
{
    int n = 0;
    for (uint32_t i = from; i < to; i++)
        n += src->text.p[i] == '\n' || (src->text.p[i] == '\r' && !(i + 1 < src->text.n && src->text.p[i + 1] == '\n'));
    return n;
}

/* One empty line is kept where there was at least one. */
static void gap(layout *l, uint32_t at)
{
    if (l->out->n && l->out->p[l->out->n - 1] != '\n')
        gp_buf_addc(l->out, '\n');
    if (l->out->n && at > l->end && newlines(l->lx.src, l->end, at) > 1)
        gp_buf_addc(l->out, '\n');
}

static void comment(layout *l)
{
    gp_span c = l->lx.comments.at[l->next++];
    gp_str text = gp_span_text(c);
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    gp_buf_add(l->out, text.p, text.n);
    l->end = c.at + c.n;
}

/* Comments that begin before `to`; those past `inside` stood in the middle of the statement. */
static void comments_before(layout *l, uint32_t to, uint32_t inside)
{
    while (l->next < l->lx.comments.n && l->lx.comments.at[l->next].at < to) {
        uint32_t at = l->lx.comments.at[l->next].at;
        bool first = l->end < inside && at >= inside;
        gap(l, first ? inside : at < inside ? at : l->end);
        comment(l);
    }
}

/* Comments on the line on which the last statement ended. */
static void comments_behind(layout *l, uint32_t end)
{
    uint32_t at = end;
    while (l->next < l->lx.comments.n) {
        gp_span c = l->lx.comments.at[l->next];
        gp_str between = { l->lx.src->text.p + at, c.at - at };
        for (size_t i = 0; i < between.n; i++)
            if (!strchr(" \t;", between.p[i]))
                return;
        gp_buf_addc(l->out, ' ');
        comment(l);
        at = c.at + c.n;
    }
}

void gp_formula_format(const gp_formula *f, gp_buf *out)
{
    gp_arena arena = { 0 };
    gp_diags unwanted = { 0 };
    gp_buf body = { 0 };
    layout l = { .out = &body };
    gp_buf_addz(out, "");
    gp_buf_addz(&body, "");
    gp_lexer_init(&l.lx, f->src, &arena, &unwanted);
    while (gp_lexer_next(&l.lx).kind != GP_T_END)
        ;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        if (s->hidden)
            continue;
        uint32_t end = s->span.at + s->span.n;
        bool inner = l.next < l.lx.comments.n && l.lx.comments.at[l.next].at < end;
        comments_before(&l, end, s->span.at);
        gap(&l, inner && l.end > s->span.at ? l.end : s->span.at);
        statement(&body, s);
        l.end = end;
        comments_behind(&l, end);
    }
    comments_before(&l, UINT32_MAX, UINT32_MAX);
    if (body.n && body.p[body.n - 1] != '\n')
        gp_buf_addc(&body, '\n');
    gp_buf_add(out, body.p, body.n);
    gp_buf_free(&body);
    gp_lexer_fini(&l.lx);
    gp_diags_fini(&unwanted);
    gp_arena_fini(&arena);
}
