/* Canonical text: one statement a line, the parentheses that the meaning needs and those around AND beside OR, comments
 * where they stood.  A statement wider than a screen is broken before its AND or OR; a // comment in the middle breaks the
 * line it ends. */
#include "lexer/fold.h"
#include "parser/parse.h"

enum { UNARY = 7, ATOM = 8, L_OR = 1, L_AND = 2, WIDE = 100, INDENT = 4 };

/* What stood last and decides how the next word follows. */
typedef enum { NOTHING, BLOCK_COMMENT, LINE_COMMENT } pending;

typedef struct format {
    gp_buf *out;
    gp_lexer lx;           /* of the comments */
    GP_VEC(gp_token) tokens;
    size_t next;           /* comment not printed yet */
    size_t token;          /* token not printed yet */
    uint32_t end;          /* where the last printed thing ended in the source */
    pending pending;
    bool broken;           /* this statement goes over several lines */
    size_t start;          /* of this statement in out */
} format;

static int level(const gp_node *n)
{
    static const struct { const char *sign; int level; } table[] = {
        { "OR", L_OR }, { "AND", L_AND }, { "=", 3 },  { "<>", 3 }, { "<", 4 }, { "<=", 4 }, { ">", 4 },
        { ">=", 4 },    { "+", 5 },       { "-", 5 },  { "*", 6 },  { "/", 6 }, { "%", 6 },
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

/* --- words -------------------------------------------------------------------------------------------------- */

static char last(const format *f)
{
    return f->out->n ? f->out->p[f->out->n - 1] : '\n';
}

static void new_line(format *f)
{
    while (last(f) == ' ')
        f->out->p[--f->out->n] = 0;
    gp_buf_printf(f->out, "\n%*s", INDENT, "");
}

static void put(format *f, const char *p, size_t n)
{
    bool closes = n == 1 && (*p == ',' || *p == ')' || *p == ';');
    if (f->pending == LINE_COMMENT)
        new_line(f);
    else if (f->pending == BLOCK_COMMENT && !closes && last(f) != ' ' && last(f) != '\n')
        gp_buf_addc(f->out, ' ');
    f->pending = NOTHING;
    gp_buf_add(f->out, p, n);
}

static void putz(format *f, const char *z)
{
    put(f, z, strlen(z));
}

static void put_upper(format *f, gp_str s)
{
    put(f, s.p, 0);
    for (size_t i = 0; i < s.n; i++)
        gp_buf_addc(f->out, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i]);
}

static bool is_line_comment(gp_str text)
{
    uint32_t cp;
    int n = gp_utf8_decode(text.p, text.p + text.n, &cp);
    bool slash = cp == '/' || cp == 0xFF0F;
    return slash && !(n == 1 && text.n > 1 && text.p[1] == '*');
}

static void put_comment(format *f)
{
    gp_span c = f->lx.comments.at[f->next++];
    gp_str text = gp_span_text(c);
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    gp_buf_add(f->out, text.p, text.n);
    f->end = c.at + c.n;
}

/* The comments before `at`, which stood inside the statement. */
static void inner_comments(format *f, uint32_t at)
{
    while (f->next < f->lx.comments.n && f->lx.comments.at[f->next].at < at) {
        bool line = is_line_comment(gp_span_text(f->lx.comments.at[f->next]));
        if (f->out->n == f->start) { /* behind a parenthesis that went: before the statement now */
            put_comment(f);
            gp_buf_addc(f->out, '\n');
            f->start = f->out->n;
            continue;
        }
        if (f->pending == LINE_COMMENT)
            new_line(f);
        else if (last(f) != '(' && last(f) != ' ' && last(f) != '\n')
            gp_buf_addc(f->out, ' ');
        put_comment(f);
        f->pending = line ? LINE_COMMENT : BLOCK_COMMENT;
    }
}

/* The token that begins at `at` is about to be printed. */
static void at_token(format *f, uint32_t at)
{
    while (f->token < f->tokens.n && f->tokens.at[f->token].span.at < at)
        f->token++;
    if (f->token < f->tokens.n && f->tokens.at[f->token].span.at == at)
        f->token++;
    inner_comments(f, at);
    f->end = f->token ? f->tokens.at[f->token - 1].span.at + f->tokens.at[f->token - 1].span.n : at;
}

/* The next token of a kind within the statement, if there is one, is about to be printed. */
static void at_next(format *f, gp_token_kind kind)
{
    for (size_t i = f->token; i < f->tokens.n && f->tokens.at[i].kind != GP_T_SEMICOLON; i++)
        if (f->tokens.at[i].kind == kind) {
            at_token(f, f->tokens.at[i].span.at);
            return;
        }
}

/* --- expressions -------------------------------------------------------------------------------------------- */

static void expression(format *f, const gp_node *n, bool root);

static void child(format *f, const gp_node *n, bool parentheses, bool root)
{
    if (!parentheses) {
        expression(f, n, root);
        return;
    }
    if (n->parenthesised)
        at_token(f, n->span.at);
    putz(f, "(");
    expression(f, n, false);
    if (n->parenthesised)
        at_next(f, GP_T_CLOSE);
    putz(f, ")");
}

static void binary(format *f, const gp_node *n, int l, bool root)
{
    const gp_node *left = n->args[0], *right = n->args[1];
    int ll = level(left), lr = level(right);
    /* a chain of comparisons keeps its parentheses: without them it reads as something else */
    child(f, left, ll < l || (compares(l) && compares(ll)) || (l == L_OR && ll == L_AND), root && ll == l);
    at_token(f, n->name_span.at);
    if (l > L_AND) {
        put(f, n->text.p, n->text.n);
    } else {
        if (root && f->broken && f->pending != LINE_COMMENT)
            new_line(f);
        else if (f->pending == NOTHING && last(f) != ' ')
            gp_buf_addc(f->out, ' ');
        put(f, n->text.p, n->text.n);
        gp_buf_addc(f->out, ' ');
    }
    child(f, right, lr <= l || (compares(l) && compares(lr)) || (l == L_OR && lr == L_AND), false);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80);
}

/* The words of a reference as they stand: MACD.DIF, CLOSE#WEEK, "KDJ.K#MONTH". */
static void reference(format *f, const gp_node *n)
{
    uint32_t end = n->name_span.at + n->name_span.n;
    at_token(f, n->name_span.at);
    for (size_t i = f->token ? f->token - 1 : 0; i < f->tokens.n && f->tokens.at[i].span.at < end; i++) {
        const gp_token *t = &f->tokens.at[i];
        if (t->span.at < n->name_span.at)
            continue;
        at_token(f, t->span.at);
        if (is_word(last(f)) && is_word(t->text.n ? t->text.p[0] : ' '))
            gp_buf_addc(f->out, ' ');
        if (t->kind == GP_T_REF || t->kind == GP_T_STRING) {
            putz(f, "\"");
            put(f, t->text.p, t->text.n);
            putz(f, "\"");
        } else {
            put(f, t->text.p, t->text.n);
        }
    }
}

static void call(format *f, const gp_node *n)
{
    bool written = !n->is_operator; /* ! X and NOT X become NOT(X) */
    if (n->kind == GP_NODE_REF) {
        reference(f, n);
        if (!n->n_args || n->args[0]->span.at < n->name_span.at + n->name_span.n)
            return;
    } else {
        at_token(f, n->name_span.at);
        if (n->is_operator || gp_builtin_find(n->text))
            put_upper(f, n->text);
        else
            put(f, n->text.p, n->text.n);
    }
    if (written)
        at_next(f, GP_T_OPEN);
    putz(f, "(");
    for (int i = 0; i < n->n_args; i++) {
        if (i) {
            at_next(f, GP_T_COMMA);
            putz(f, ",");
        }
        expression(f, n->args[i], false);
    }
    if (written)
        at_next(f, GP_T_CLOSE);
    putz(f, ")");
}

static void string(format *f, gp_str s)
{
    putz(f, "'");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'')
            gp_buf_addc(f->out, '\'');
        gp_buf_addc(f->out, s.p[i]);
    }
    gp_buf_addc(f->out, '\'');
}

static void expression(format *f, const gp_node *n, bool root)
{
    int l = level(n);
    if (n->kind == GP_NODE_CALL && l < UNARY) {
        binary(f, n, l, root);
    } else if (l == UNARY) {
        at_token(f, n->name_span.at);
        putz(f, "-");
        child(f, n->args[0], level(n->args[0]) < UNARY, false);
    } else if (n->kind == GP_NODE_CALL || n->kind == GP_NODE_REF) {
        call(f, n);
    } else if (n->kind != GP_NODE_HOLE && n->span.src) {
        at_token(f, n->name_span.at);
        if (n->kind == GP_NODE_STRING)
            string(f, n->text);
        else if (n->kind == GP_NODE_NAME && gp_builtin_find(n->text) && n->sym != GP_SYM_STATEMENT && n->sym != GP_SYM_PARAM)
            put_upper(f, n->text);
        else if (n->kind == GP_NODE_ERROR)
            put(f, gp_span_text(n->span).p, n->span.n);
        else
            put(f, n->text.p, n->text.n);
    }
}

/* --- statements --------------------------------------------------------------------------------------------- */

static void statement(format *f, const gp_stmt *s)
{
    if (s->name.n) {
        at_token(f, s->name_span.at);
        put(f, s->name.p, s->name.n);
        at_next(f, s->kind == GP_STMT_ASSIGN ? GP_T_ASSIGN : GP_T_COLON);
        putz(f, s->kind == GP_STMT_ASSIGN ? ":=" : ":");
    }
    expression(f, s->expr, true);
    for (int i = 0; i < s->n_attrs; i++) {
        const gp_attr *a = &s->attrs[i];
        at_next(f, GP_T_COMMA);
        putz(f, ",");
        at_token(f, a->span.at);
        inner_comments(f, a->span.at + a->span.n); /* those between the words of the attribute go before it */
        if (memchr(a->text.p, '\'', a->text.n))
            put(f, a->text.p, a->text.n);
        else
            put_upper(f, a->text);
        f->end = a->span.at + a->span.n;
    }
    putz(f, ";");
}

static int widest(const char *p)
{
    int most = 0;
    while (*p) {
        size_t n = strcspn(p, "\n");
        int width = gp_str_width((gp_str){ p, n });
        most = width > most ? width : most;
        p += n + (p[n] == '\n');
    }
    return most;
}

/* On one line when it fits. */
static void layout(format *f, const gp_stmt *s)
{
    size_t start = f->out->n, next = f->next, token = f->token; /* f->end is set again by the first word */
    int l = level(s->expr);
    f->broken = false;
    f->start = start;
    statement(f, s);
    if ((l != L_OR && l != L_AND) || widest(f->out->p + start) <= WIDE)
        return;
    f->out->p[f->out->n = start] = 0;
    f->next = next;
    f->token = token;
    f->start = start;
    f->broken = true;
    statement(f, s);
}

/* --- comments between statements ---------------------------------------------------------------------------- */

static int newlines(const gp_source *src, uint32_t from, uint32_t to)
{
    int n = 0;
    for (uint32_t i = from; i < to; i++)
        n += src->text.p[i] == '\n' || (src->text.p[i] == '\r' && !(i + 1 < src->text.n && src->text.p[i + 1] == '\n'));
    return n;
}

/* One empty line is kept where there was at least one. */
static void gap(format *f, uint32_t at)
{
    if (last(f) != '\n')
        gp_buf_addc(f->out, '\n');
    if (f->out->n && at > f->end && newlines(f->lx.src, f->end, at) > 1)
        gp_buf_addc(f->out, '\n');
}

static void comments_before(format *f, uint32_t to)
{
    while (f->next < f->lx.comments.n && f->lx.comments.at[f->next].at < to) {
        gap(f, f->lx.comments.at[f->next].at);
        put_comment(f);
    }
}

/* Between the last word of a statement and a comment: ; and blanks, and parentheses that went. */
static bool only_blanks(gp_str s)
{
    for (const char *p = s.p, *end = p + s.n; p < end;) {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        const char *folded = cp < 0x80 ? NULL : gp_fold_code(cp);
        if (!strchr(" \t;)", folded && folded[0] && !folded[1] ? folded[0] : cp < 0x80 ? (int)cp : 'x'))
            return false;
    }
    return true;
}

/* Comments on the line on which the last statement ended. */
static void comments_behind(format *f, uint32_t end)
{
    uint32_t at = end;
    while (f->next < f->lx.comments.n) {
        gp_span c = f->lx.comments.at[f->next];
        if (c.at < at || !only_blanks((gp_str){ f->lx.src->text.p + at, c.at - at }))
            return;
        gp_buf_addc(f->out, ' ');
        put_comment(f);
        at = c.at + c.n;
        if (is_line_comment(gp_span_text(c)))
            return;
    }
}

void gp_formula_format(const gp_formula *formula, gp_buf *out)
{
    gp_arena arena = { 0 };
    gp_diags unwanted = { 0 };
    format f = { .out = out };
    gp_token t;
    gp_buf_addz(out, "");
    gp_lexer_init(&f.lx, formula->src, &arena, &unwanted);
    while ((t = gp_lexer_next(&f.lx)).kind != GP_T_END)
        gp_vec_push(&f.tokens, t);
    for (int i = 0; i < formula->n_stmts; i++) {
        const gp_stmt *s = &formula->stmts[i];
        if (s->hidden)
            continue;
        comments_before(&f, s->span.at);
        gap(&f, s->span.at);
        layout(&f, s);
        comments_behind(&f, f.end);
    }
    comments_before(&f, UINT32_MAX);
    if (last(&f) != '\n')
        gp_buf_addc(out, '\n');
    gp_vec_free(&f.tokens);
    gp_lexer_fini(&f.lx);
    gp_diags_fini(&unwanted);
    gp_arena_fini(&arena);
}
