/* Expressions: precedence climbing over the eight levels of language.md 3. */
#include "parser/parse.h"
#include "base/num.h"
#include <math.h>

typedef struct binary { gp_token_kind kind; int level; const char *sign; } binary;

enum { L_OR = 1, L_AND, L_EQUAL, L_RELATION, L_SUM, L_PRODUCT };

static const binary *binary_of(gp_token_kind kind)
{
    static const binary table[] = {
        { GP_T_OR, L_OR, "OR" },      { GP_T_AND, L_AND, "AND" },     { GP_T_EQ, L_EQUAL, "=" },
        { GP_T_NE, L_EQUAL, "<>" },   { GP_T_LT, L_RELATION, "<" },   { GP_T_LE, L_RELATION, "<=" },
        { GP_T_GT, L_RELATION, ">" }, { GP_T_GE, L_RELATION, ">=" },  { GP_T_PLUS, L_SUM, "+" },
        { GP_T_MINUS, L_SUM, "-" },   { GP_T_STAR, L_PRODUCT, "*" },  { GP_T_SLASH, L_PRODUCT, "/" },
        { GP_T_PERCENT, L_PRODUCT, "%" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].kind == kind)
            return &table[i];
    return NULL;
}

/* --- nodes ------------------------------------------------------------------------------------------------- */

static gp_node *node_new(gp_parse *p, gp_node_kind kind, gp_span span)
{
    gp_node *n = gp_arena_alloc(p->arena, sizeof *n);
    n->kind = kind;
    n->span = n->name_span = span;
    n->sym_index = -1;
    n->depth = 1;
    if (++p->nodes > GP_NODES_MAX && !p->stop) {
        GP_REPORT(p, GP_D_TOO_LONG, span, GP_NODES_MAX);
        p->panic = p->stop = true;
    }
    return n;
}

static gp_node *call_new(gp_parse *p, const char *sign, gp_span at, gp_node *left, gp_node *right)
{
    gp_node *n = node_new(p, GP_NODE_CALL, gp_span_join(left ? gp_span_join(left->span, at) : at, right->span));
    n->name_span = at;
    n->is_operator = true;
    n->text = gp_str_from(sign);
    n->args = gp_arena_alloc(p->arena, 2 * sizeof *n->args);
    if (left)
        n->args[n->n_args++] = left;
    n->args[n->n_args++] = right;
    for (int i = 0; i < n->n_args; i++)
        if (n->args[i]->depth >= n->depth)
            n->depth = n->args[i]->depth + 1;
    if (n->depth > GP_TREE_MAX) {
        GP_REPORT(p, GP_D_LONG_CHAIN, at, GP_TREE_MAX);
        p->panic = true;
        return node_new(p, GP_NODE_ERROR, n->span);
    }
    return n;
}

static gp_node *failed(gp_parse *p)
{
    p->panic = true;
    return node_new(p, GP_NODE_ERROR, p->tok.span);
}

gp_node *gp_parse_hole(gp_parse *p, gp_place place)
{
    gp_span at = { p->lx.src, p->prev_end, 0 };
    const binary *op = binary_of(p->tok.kind);
    if (op && place.kind < GP_PLACE_RIGHT)
        GP_REPORT(p, GP_D_MISSING_OPERAND, at, "left side", op->sign);
    else if (place.kind == GP_PLACE_RIGHT)
        GP_REPORT(p, GP_D_MISSING_OPERAND, at, "right side", place.of);
    else if (place.kind == GP_PLACE_OPERAND)
        GP_REPORT(p, GP_D_MISSING_OPERAND, at, "operand", place.of);
    else if (place.kind == GP_PLACE_ARGUMENT)
        GP_REPORT(p, GP_D_MISSING_ARGUMENT, at, place.argument, place.of);
    else
        GP_REPORT(p, GP_D_MISSING_VALUE, at, place.kind == GP_PLACE_PAREN ? "between ( and )" : place.of);
    if (!p->panic && !p->holes++)
        p->first_hole = at;
    return node_new(p, GP_NODE_HOLE, at);
}

/* --- parentheses and arguments ------------------------------------------------------------------------------ */

static bool enter(gp_parse *p)
{
    if (++p->nesting <= GP_NESTING_MAX)
        return true;
    GP_REPORT(p, GP_D_TOO_DEEP, p->tok.span, GP_NESTING_MAX);
    p->panic = true;
    return false;
}

static bool at_end(const gp_parse *p)
{
    return p->tok.kind == GP_T_SEMICOLON || p->tok.kind == GP_T_END || gp_parse_at_definition(p);
}

static bool starts_operand(gp_token_kind k)
{
    return k == GP_T_NAME || k == GP_T_NUMBER || k == GP_T_STRING || k == GP_T_REF || k == GP_T_OPEN || k == GP_T_NOT;
}

/* Words that people write for an operator; what stands for it here. */
static const struct { const char *word, *sign; } meant[] = {
    { "且", "AND" }, { "并且", "AND" }, { "而且", "AND" }, { "同时", "AND" }, { "与", "AND" }, { "和", "AND" },
    { "或", "OR" },  { "或者", "OR" },  { "GT", ">" },     { "LT", "<" },     { "GE", ">=" },  { "LE", "<=" },
    { "EQ", "=" },   { "NE", "<>" },    { "大于", ">" },   { "小于", "<" },   { "等于", "=" },
};

void gp_parse_missing_operator(gp_parse *p)
{
    const gp_str word = p->tok.text;
    const bool reported = !p->panic;
    GP_REPORT(p, GP_D_MISSING_OPERATOR, p->tok.span, gp_parse_found(p));
    if (!reported || p->tok.kind != GP_T_NAME)
        return;
    for (size_t k = 0; k < sizeof meant / sizeof *meant; k++)
        if (gp_str_ieqz(word, meant[k].word))
            gp_diag_hint(p->diags, "write %s", meant[k].sign);
    if (gp_str_ieqz(word, "THEN") || gp_str_ieqz(word, "ELSE"))
        gp_diag_hint(p->diags, "a choice is IF(condition,a,b)");
    else if (starts_operand(p->next.kind) && gp_str_edit_distance(word, GP_STR("AND")) == 1)
        gp_diag_hint(p->diags, "did you mean AND?");
    else if (starts_operand(p->next.kind) && word.n > 1 && gp_str_edit_distance(word, GP_STR("OR")) == 1)
        gp_diag_hint(p->diags, "did you mean OR?");
}

static void expect_close(gp_parse *p, gp_span open, const char *also)
{
    if (p->panic)
        return;
    if (p->tok.kind == GP_T_CLOSE) {
        gp_parse_advance(p);
        return;
    }
    if (p->tok.kind == GP_T_END && p->tok.broken)
        ; /* an open comment swallowed it */
    else if (at_end(p))
        GP_REPORT(p, GP_D_UNCLOSED_PAREN, open, gp_parse_found(p));
    else if (starts_operand(p->tok.kind))
        gp_parse_missing_operator(p);
    else if (!p->tok.broken)
        GP_REPORT(p, GP_D_EXPECTED, p->tok.span, also, gp_parse_found(p));
    p->panic = true;
}

/* The arguments of `n` from the opening parenthesis on. */
static void arguments(gp_parse *p, gp_node *n)
{
    gp_span open = p->tok.span;
    GP_VEC(gp_node *) args = { 0 };
    bool entered = enter(p);
    if (entered)
        gp_parse_advance(p);
    if (entered && p->tok.kind != GP_T_CLOSE) {
        const char *of = gp_shorten(p->arena, n->text, 30);
        for (;;) {
            gp_node *a = gp_parse_expression(p, (gp_place){ GP_PLACE_ARGUMENT, of, (int)args.n + 1 });
            gp_vec_push(&args, a);
            if (a->depth >= n->depth)
                n->depth = a->depth + 1;
            if (p->panic || p->tok.kind != GP_T_COMMA)
                break;
            gp_parse_advance(p);
        }
    }
    expect_close(p, open, "a comma or )");
    p->nesting--;
    if (p->panic) /* cut short: counting its arguments would be a second error about the same thing */
        gp_vec_push(&args, node_new(p, GP_NODE_ERROR, p->tok.span));
    n->n_args = (int)args.n;
    n->args = gp_arena_alloc(p->arena, args.n * sizeof *n->args);
    if (args.n)
        memcpy(n->args, args.at, args.n * sizeof *n->args);
    gp_vec_free(&args);
    n->span = gp_span_join(n->span, (gp_span){ p->lx.src, p->prev_end, 0 });
}

/* --- operands ---------------------------------------------------------------------------------------------- */

static gp_node *number(gp_parse *p)
{
    gp_node *n = node_new(p, GP_NODE_NUMBER, p->tok.span);
    n->text = p->tok.text;
    if (!gp_num_parse(n->text.p, n->text.n, &n->number) || !isfinite(n->number)) {
        GP_REPORT(p, GP_D_BAD_NUMBER, n->span, gp_shorten(p->arena, n->text, 40));
        gp_diag_hint(p->diags, "a number has at most 308 digits before the point");
        n->kind = GP_NODE_ERROR;
    }
    gp_parse_advance(p);
    return n;
}

/* ".NAME" and "#PERIOD" after an operand make it a reference. */
static gp_node *reference(gp_parse *p, gp_node *n)
{
    while ((p->tok.kind == GP_T_POINT || p->tok.kind == GP_T_HASH) && !p->panic) {
        bool period = p->tok.kind == GP_T_HASH;
        gp_parse_advance(p);
        if (p->tok.kind != GP_T_NAME) {
            if (!p->tok.broken)
                GP_REPORT(p, GP_D_EXPECTED, p->tok.span,
                          period ? "a period such as WEEK after #" : "a name after the point", gp_parse_found(p));
            p->panic = true;
            return n;
        }
        n->span = n->name_span = gp_span_join(n->span, p->tok.span);
        n->kind = GP_NODE_REF;
        n->text = gp_span_text(n->span);
        gp_parse_advance(p);
        if (p->tok.kind == GP_T_OPEN && !period)
            arguments(p, n);
    }
    return n;
}

static gp_node *operand(gp_parse *p, gp_place place)
{
    gp_node *n;
    switch (p->tok.kind) {
    case GP_T_NUMBER: return number(p);
    case GP_T_STRING:
        n = node_new(p, GP_NODE_STRING, p->tok.span);
        n->text = p->tok.text;
        gp_parse_advance(p);
        return n;
    case GP_T_REF:
        n = node_new(p, GP_NODE_REF, p->tok.span);
        n->text = p->tok.text;
        gp_parse_advance(p);
        if (p->tok.kind == GP_T_OPEN)
            arguments(p, n);
        return reference(p, n);
    case GP_T_NAME:
        if (p->tok.new_line && gp_parse_at_definition(p))
            break; /* the next statement: the operand is missing */
        n = node_new(p, p->next.kind == GP_T_OPEN ? GP_NODE_CALL : GP_NODE_NAME, p->tok.span);
        n->text = p->tok.text;
        gp_parse_advance(p);
        if (n->kind == GP_NODE_CALL)
            arguments(p, n);
        return reference(p, n);
    case GP_T_OPEN: {
        gp_span open = p->tok.span;
        if (!enter(p))
            return failed(p);
        gp_parse_advance(p);
        n = gp_parse_expression(p, (gp_place){ .kind = GP_PLACE_PAREN });
        expect_close(p, open, ")");
        p->nesting--;
        n->parenthesised = true;
        n->span = gp_span_join(open, (gp_span){ p->lx.src, p->prev_end, 0 });
        if (n->kind == GP_NODE_HOLE)
            n->span = n->name_span;
        return reference(p, n);
    }
    default: break;
    }
    if (p->tok.kind == GP_T_END && p->tok.broken)
        return failed(p); /* an open comment swallowed it */
    if (at_end(p) && (place.kind == GP_PLACE_PAREN || place.kind == GP_PLACE_ARGUMENT))
        return node_new(p, GP_NODE_ERROR, p->tok.span); /* the open parenthesis is what is wrong */
    bool gap = at_end(p) || p->tok.kind == GP_T_COMMA || p->tok.kind == GP_T_CLOSE || binary_of(p->tok.kind);
    if (gap && !(p->tok.kind == GP_T_CLOSE && place.kind == GP_PLACE_VALUE && p->nesting == 0))
        return gp_parse_hole(p, place);
    if (p->tok.kind == GP_T_CLOSE)
        GP_REPORT(p, GP_D_STRAY_PAREN, p->tok.span);
    else if (!p->tok.broken)
        GP_REPORT(p, GP_D_EXPECTED, p->tok.span, "a number, a name or (", gp_parse_found(p));
    return failed(p);
}

static gp_node *unary(gp_parse *p, gp_place place)
{
    gp_token t = p->tok;
    bool word = t.kind == GP_T_NOT && t.text.n == 3;
    if (word && p->next.kind == GP_T_OPEN) { /* NOT(x) is written and read as a function */
        gp_node *n = node_new(p, GP_NODE_CALL, t.span);
        n->text = GP_STR("NOT");
        gp_parse_advance(p);
        arguments(p, n);
        return n;
    }
    if (t.kind != GP_T_MINUS && t.kind != GP_T_PLUS && t.kind != GP_T_NOT)
        return operand(p, place);
    if (!enter(p))
        return failed(p);
    gp_parse_advance(p);
    const char *of = t.kind == GP_T_MINUS ? "unary -" : t.kind == GP_T_PLUS ? "unary +" : word ? "NOT" : "!";
    gp_node *x = unary(p, (gp_place){ .kind = GP_PLACE_OPERAND, .of = of });
    p->nesting--;
    if (t.kind == GP_T_PLUS)
        return x;
    return call_new(p, t.kind == GP_T_MINUS ? "NEG" : "NOT", t.span, NULL, x);
}

/* --- operators --------------------------------------------------------------------------------------------- */

static int level_of(const gp_node *n)
{
    if (n->kind != GP_NODE_CALL || !n->is_operator || n->parenthesised || n->n_args != 2)
        return 0;
    char c = n->text.p[0];
    return c == '=' || gp_str_ieqz(n->text, "<>") ? L_EQUAL : c == '<' || c == '>' ? L_RELATION : 0;
}

/* What parses, but rarely means what was meant. */
static void lint(gp_parse *p, const gp_node *n)
{
    const gp_node *left = n->args[0], *right = n->args[1];
    if (!level_of(n))
        return;
    if (level_of(left) && !level_of(left->args[0]))
        GP_REPORT(p, GP_D_COMPARISON_CHAIN, n->span, left->text.p, n->text.p);
    else if (!level_of(left) && level_of(right))
        GP_REPORT(p, GP_D_COMPARISON_CHAIN, n->span, n->text.p, right->text.p);
    if (left->kind == GP_NODE_CALL && left->is_operator && left->n_args == 1 && !left->parenthesised &&
        gp_str_ieqz(left->text, "NOT")) {
        gp_span whole = gp_span_join(left->args[0]->span, right->span);
        GP_REPORT(p, GP_D_NOT_COMPARISON, left->span, gp_shorten(p->arena, gp_span_text(left->args[0]->span), 40),
                  gp_shorten(p->arena, gp_span_text(whole), 60));
    }
}

static gp_node *climb(gp_parse *p, int lowest, gp_place place)
{
    gp_node *left = unary(p, place);
    const binary *op;
    while (!p->panic && (op = binary_of(p->tok.kind)) && op->level >= lowest) {
        gp_token sign = p->tok;
        gp_parse_advance(p);
        bool twice = sign.kind == GP_T_STAR && p->tok.kind == GP_T_STAR && p->tok.span.at == sign.span.at + sign.span.n;
        size_t before = p->diags->n;
        gp_node *right = climb(p, op->level + 1, (gp_place){ .kind = GP_PLACE_RIGHT, .of = op->sign });
        if (twice && p->diags->n > before && !p->panic)
            gp_diag_hint(p->diags, "if ** was meant: a power is POW(a,b)");
        if (sign.kind == GP_T_PERCENT)
            GP_REPORT(p, GP_D_PERCENT, sign.span);
        left = call_new(p, op->sign, sign.span, left, right);
        if (left->kind == GP_NODE_CALL)
            lint(p, left);
    }
    return left;
}

gp_node *gp_parse_expression(gp_parse *p, gp_place place)
{
    return climb(p, L_OR, place);
}
