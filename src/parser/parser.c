/* Statements, attributes and whole formulas (language.md 2, 5). */
#include "parser/attribute.h"
#include "parser/parse.h"

typedef GP_VEC(gp_stmt) stmts;

gp_str gp_span_text(gp_span s)
{
    return (gp_str){ s.src->text.p + s.at, s.n };
}

uint32_t gp_span_line(gp_span s)
{
    size_t lo = 0, hi = s.src ? s.src->n_lines : 0;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (s.src->line_at[mid] <= s.at)
            lo = mid;
        else
            hi = mid;
    }
    return (uint32_t)lo + 1;
}

const char *gp_shorten(gp_arena *a, gp_str s, int cells)
{
    int width = 0;
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        uint32_t cp;
        int n = gp_utf8_decode(p, end, &cp);
        width += gp_char_width(cp);
        if (width > cells)
            return gp_arena_printf(a, "%.*s…", (int)(p - s.p), s.p);
        p += n;
    }
    return gp_arena_strndup(a, s.p, s.n);
}

void gp_parse_advance(gp_parse *p)
{
    p->prev_end = p->tok.span.at + p->tok.span.n;
    p->tok = p->next;
    if (p->next.kind != GP_T_END)
        p->next = gp_lexer_next(&p->lx);
}

bool gp_parse_at_definition(const gp_parse *p)
{
    return p->tok.kind == GP_T_NAME && (p->next.kind == GP_T_ASSIGN || p->next.kind == GP_T_COLON);
}

const char *gp_parse_found(gp_parse *p)
{
    if (p->tok.kind == GP_T_END)
        return "the end of the text";
    return gp_shorten(p->arena, gp_span_text(p->tok.span), 40);
}

static void parse_init(gp_parse *p, const gp_source *src, gp_arena *a, gp_diags *d)
{
    *p = (gp_parse){ .arena = a, .diags = d };
    gp_lexer_init(&p->lx, src, a, d);
    p->next = gp_lexer_next(&p->lx);
    p->tok.span.src = src;
    gp_parse_advance(p);
}

/* To the end of a broken statement: the ';', or a line that begins a definition. */
static void resync(gp_parse *p)
{
    while (p->tok.kind != GP_T_SEMICOLON && p->tok.kind != GP_T_END && !(p->tok.new_line && gp_parse_at_definition(p)))
        gp_parse_advance(p);
}

/* --- attributes -------------------------------------------------------------------------------------------- */

/* The tokens up to the next comma outside parentheses; false when there are none. */
static bool attribute(gp_parse *p, gp_attr *out)
{
    gp_span first = p->tok.span;
    gp_token_kind kind = p->tok.kind;
    int open = 0, n = 0;
    gp_str word = p->tok.text;
    gp_buf all = { 0 };
    while (p->tok.kind != GP_T_SEMICOLON && p->tok.kind != GP_T_END && (open || p->tok.kind != GP_T_COMMA) &&
           !(p->tok.new_line && n && gp_parse_at_definition(p))) {
        open += p->tok.kind == GP_T_OPEN;
        open -= p->tok.kind == GP_T_CLOSE && open;
        if (n++ && p->tok.span.at > p->prev_end)
            gp_buf_addc(&all, ' ');
        gp_str text = gp_span_text(p->tok.span);
        gp_buf_add(&all, text.p, text.n);
        gp_parse_advance(p);
    }
    *out = (gp_attr){ .rgb = -1, .span = { first.src, first.at, n ? p->prev_end - first.at : 0 } };
    if (n == 1 && kind == GP_T_NAME)
        out->text = word;
    else if (n) /* not the span: there may be comments inside */
        out->text = (gp_str){ gp_arena_strndup(p->arena, all.p, all.n), all.n };
    gp_buf_free(&all);
    return n > 0;
}

static void unknown_attribute(gp_parse *p, const gp_attr *a)
{
    const char *near = a->text.n <= 40 ? gp_attr_similar(a->text) : NULL;
    if (p->panic)
        return;
    gp_diag_at(p->diags, GP_D_UNKNOWN_ATTRIBUTE, a->span, gp_shorten(p->arena, a->text, 40));
    if (near)
        gp_diag_hint(p->diags, "did you mean %s?", near);
}

static void attributes(gp_parse *p, gp_stmt *s)
{
    GP_VEC(gp_attr) all = { 0 };
    for (;;) {
        gp_attr a;
        int digits;
        uint32_t before = p->prev_end;
        if (!attribute(p, &a)) {
            gp_span at = { p->lx.src, before, 0 };
            GP_REPORT(p, GP_D_EMPTY_ATTRIBUTE, at);
        } else {
            if (!gp_attr_read(a.text, &a.rgb, &digits))
                unknown_attribute(p, &a);
            else if (digits < 6)
                GP_REPORT(p, GP_D_SHORT_COLOUR, a.span, gp_shorten(p->arena, a.text, 20), digits);
            gp_vec_push(&all, a);
        }
        if (p->tok.kind != GP_T_COMMA)
            break;
        gp_parse_advance(p);
    }
    s->n_attrs = (int)all.n;
    s->attrs = gp_arena_alloc(p->arena, all.n * sizeof *s->attrs);
    if (all.n)
        memcpy(s->attrs, all.at, all.n * sizeof *s->attrs);
    gp_vec_free(&all);
}

/* --- statements -------------------------------------------------------------------------------------------- */

/* NAME := or NAME :, and what people write instead. */
static gp_place definition(gp_parse *p, gp_stmt *s)
{
    bool keyword = (p->tok.kind == GP_T_AND || p->tok.kind == GP_T_OR || p->tok.kind == GP_T_NOT) &&
                   p->tok.text.n >= 2 && (p->next.kind == GP_T_ASSIGN || p->next.kind == GP_T_COLON);
    gp_place start = { .kind = GP_PLACE_VALUE, .of = "before the end of the statement" };
    if (!keyword && !gp_parse_at_definition(p)) {
        if (p->tok.kind == GP_T_COMMA)
            start.of = "before the comma";
        return start;
    }
    if (keyword)
        GP_REPORT(p, GP_D_KEYWORD_NAME, p->tok.span, gp_parse_found(p));
    char first = p->tok.text.n ? p->tok.text.p[0] : 0;
    if (first >= '0' && first <= '9')
        GP_REPORT(p, GP_D_DIGIT_NAME, p->tok.span, gp_parse_found(p));
    s->name = p->tok.text;
    s->name_span = p->tok.span;
    gp_parse_advance(p);
    s->kind = p->tok.kind == GP_T_ASSIGN ? GP_STMT_ASSIGN : GP_STMT_OUTPUT;
    start.of = p->tok.kind == GP_T_ASSIGN ? "after :=" : "after :";
    gp_parse_advance(p);
    if (s->kind == GP_STMT_OUTPUT && p->tok.kind == GP_T_EQ) {
        GP_REPORT(p, GP_D_EXPECTED, p->tok.span, ":= in one piece", ": =");
        s->kind = GP_STMT_ASSIGN;
        gp_parse_advance(p);
    }
    if (gp_parse_at_definition(p) && !p->tok.new_line) {
        GP_REPORT(p, GP_D_SECOND_DEFINITION, p->tok.span, gp_parse_found(p));
        p->panic = true;
    }
    return start;
}

/* The expression is over; anything but an attribute list or the end is a mistake with a name. */
static void after_expression(gp_parse *p, gp_stmt *s)
{
    while (p->tok.kind == GP_T_CLOSE && !p->panic) {
        GP_REPORT(p, GP_D_STRAY_PAREN, p->tok.span);
        gp_parse_advance(p);
        p->panic = p->tok.kind != GP_T_COMMA && p->tok.kind != GP_T_SEMICOLON && p->tok.kind != GP_T_CLOSE &&
                   p->tok.kind != GP_T_END;
    }
    int rgb, digits;
    gp_token_kind k = p->tok.kind;
    if (p->panic || k == GP_T_SEMICOLON || k == GP_T_END || k == GP_T_COMMA)
        return;
    if (p->tok.broken) {
        p->panic = true;
    } else if (gp_parse_at_definition(p)) {
        if (s->expr->kind != GP_NODE_HOLE)
            GP_REPORT(p, GP_D_MISSING_SEMICOLON, p->tok.span, gp_parse_found(p));
    } else if (k == GP_T_ASSIGN || k == GP_T_COLON) {
        GP_REPORT(p, GP_D_BAD_TARGET, s->expr->span, k == GP_T_ASSIGN ? ":=" : ":",
                  gp_shorten(p->arena, gp_span_text(s->expr->span), 40));
        p->panic = true;
    } else if (k == GP_T_NAME && p->next.kind != GP_T_OPEN && gp_attr_read(p->tok.text, &rgb, &digits)) {
        GP_REPORT(p, GP_D_MISSING_COMMA, p->tok.span, gp_parse_found(p));
        attributes(p, s);
    } else if (k == GP_T_NAME || k == GP_T_NUMBER || k == GP_T_STRING || k == GP_T_REF || k == GP_T_OPEN ||
               k == GP_T_NOT) {
        if (p->tok.new_line) { /* the next statement follows: go on with it */
            GP_REPORT(p, GP_D_MISSING_SEMICOLON, p->tok.span, gp_parse_found(p));
        } else {
            gp_parse_missing_operator(p);
            p->panic = true;
        }
    } else {
        GP_REPORT(p, GP_D_EXPECTED, p->tok.span, "an operator, a comma or ;", gp_parse_found(p));
        p->panic = true;
    }
}

static gp_stmt statement(gp_parse *p)
{
    gp_stmt s = { .kind = GP_STMT_BARE, .span = p->tok.span, .name_span = p->tok.span };
    p->nesting = 0;
    p->panic = p->stop;
    gp_place start = definition(p, &s);
    if (s.kind == GP_STMT_BARE)
        s.name_span.n = 0;
    if (p->panic) {
        s.expr = gp_arena_alloc(p->arena, sizeof *s.expr);
        s.expr->kind = GP_NODE_ERROR;
        s.expr->span = s.expr->name_span = p->tok.span;
    } else {
        s.expr = gp_parse_expression(p, start);
        after_expression(p, &s);
    }
    if (p->tok.kind == GP_T_COMMA && !p->panic) {
        gp_parse_advance(p);
        attributes(p, &s);
    }
    if (p->panic)
        resync(p);
    if (p->prev_end > s.span.at)
        s.span.n = p->prev_end - s.span.at;
    return s;
}

static void statements(gp_parse *p, stmts *out)
{
    while (p->tok.kind != GP_T_END && !p->stop) {
        if (p->tok.kind == GP_T_SEMICOLON) {
            gp_parse_advance(p);
            continue;
        }
        gp_vec_push(out, statement(p));
    }
}

/* --- the whole --------------------------------------------------------------------------------------------- */

/* The summary of the holes comes after all of them. */
static uint32_t sort_key(const gp_diag *g)
{
    return g->id == GP_D_NUMBERS_STRIPPED ? UINT32_MAX : g->span.at;
}

void gp_diags_sort(gp_diags *d, size_t from)
{
    for (size_t i = from + 1; i < d->n; i++) { /* nearly in order already */
        gp_diag g = d->at[i];
        size_t k = i;
        while (k > from && d->at[k - 1].span.src == g.span.src && sort_key(&d->at[k - 1]) > sort_key(&g)) {
            d->at[k] = d->at[k - 1];
            k--;
        }
        d->at[k] = g;
    }
}

static gp_stmt *keep(gp_arena *a, const gp_stmt *old, int n_old, const gp_stmt *more, int n_more)
{
    gp_stmt *all = gp_arena_alloc(a, (size_t)(n_old + n_more) * sizeof *all);
    if (n_old)
        memcpy(all, old, (size_t)n_old * sizeof *all);
    if (n_more)
        memcpy(all + n_old, more, (size_t)n_more * sizeof *all);
    return all;
}

gp_formula *gp_formula_parse(const char *name, const char *bytes, size_t n, gp_encoding encoding, gp_diags *d)
{
    gp_formula *f = gp_xcalloc(1, sizeof *f);
    size_t from = d->n, errors = d->errors;
    f->src = gp_source_new(&f->arena, name, bytes, n, encoding, d);
    gp_parse p;
    stmts all = { 0 };
    parse_init(&p, f->src, &f->arena, d);
    statements(&p, &all);
    for (size_t i = 0; i < p.lx.comments.n; i++)
        gp_header_read(f, p.lx.comments.at[i], d);
    gp_lexer_fini(&p.lx);
    f->stmts = keep(&f->arena, NULL, 0, all.at, (int)all.n);
    f->n_stmts = (int)all.n;
    gp_vec_free(&all);
    if (!f->n_stmts && d->errors == errors)
        gp_diag_at(d, GP_D_EMPTY_FORMULA, (gp_span){ f->src, 0, 0 });
    gp_diags_sort(d, from);
    f->broken = d->errors > errors;
    if (p.holes > 1)
        gp_diag_at(d, GP_D_NUMBERS_STRIPPED, p.first_hole, p.holes);
    return f;
}

gp_formula *gp_formula_new(const char *name)
{
    gp_formula *f = gp_xcalloc(1, sizeof *f);
    gp_diags none = { 0 };
    f->src = gp_source_new(&f->arena, name, "", 0, GP_ENC_UTF8, &none);
    gp_diags_fini(&none);
    return f;
}

int gp_formula_extend(gp_formula *f, const char *source_name, gp_str text, gp_encoding encoding, gp_diags *d)
{
    size_t errors = d->errors, from = d->n;
    const gp_source *src = gp_source_new(&f->arena, source_name, text.p ? text.p : "", text.n, encoding, d);
    gp_parse p;
    stmts all = { 0 };
    parse_init(&p, src, &f->arena, d);
    statements(&p, &all);
    for (size_t i = 0; i < p.lx.comments.n; i++)
        gp_header_read(f, p.lx.comments.at[i], d);
    gp_lexer_fini(&p.lx);
    int n = (int)all.n;
    f->stmts = keep(&f->arena, f->stmts, f->n_stmts, all.at, n);
    f->n_stmts += n;
    gp_vec_free(&all);
    gp_diags_sort(d, from);
    if (d->errors > errors)
        f->broken = true;
    if (p.holes > 1)
        gp_diag_at(d, GP_D_NUMBERS_STRIPPED, p.first_hole, p.holes);
    return d->errors > errors ? -1 : n;
}

void gp_formula_free(gp_formula *f)
{
    if (!f)
        return;
    gp_arena_fini(&f->arena);
    free(f);
}

int gp_formula_append(gp_formula *f, const char *source_name, const char *label, gp_str text, gp_diags *d)
{
    size_t errors = d->errors, from = d->n;
    const gp_source *src = gp_source_new(&f->arena, source_name, text.p ? text.p : "", text.n, GP_ENC_UTF8, d);
    gp_parse p;
    stmts all = { 0 };
    parse_init(&p, src, &f->arena, d);
    statements(&p, &all);
    gp_lexer_fini(&p.lx);
    int index = -1;
    gp_span whole = { src, 0, (uint32_t)src->text.n };
    if (d->errors == errors) {
        if (all.n == 0)
            gp_diag_at(d, GP_D_NOT_ONE_EXPRESSION, whole, "it is empty");
        else if (all.n > 1)
            gp_diag_at(d, GP_D_NOT_ONE_EXPRESSION, all.at[1].span,
                       "a second statement begins here; statements belong into the formula");
        else if (all.at[0].kind != GP_STMT_BARE)
            gp_diag_at(d, GP_D_NOT_ONE_EXPRESSION, all.at[0].name_span, "leave out the name and := or :");
        else if (all.at[0].n_attrs)
            gp_diag_at(d, GP_D_NOT_ONE_EXPRESSION, all.at[0].attrs[0].span, "leave out the comma and what follows");
    }
    gp_diags_sort(d, from);
    if (d->errors == errors) {
        gp_stmt *s = &all.at[0];
        s->kind = GP_STMT_OUTPUT;
        s->hidden = true;
        s->label = gp_arena_strndup(&f->arena, label, strlen(label));
        s->name = gp_str_from(s->label);
        if (gp_str_ieq(s->name, gp_str_trim(text, " \t\r\n")))
            s->name = (gp_str){0}; /* --col FOO: called by its own text; an unknown FOO is not one defined by itself */
        index = f->n_stmts;
        f->stmts = keep(&f->arena, f->stmts, f->n_stmts, s, 1);
        f->n_stmts++;
    }
    gp_vec_free(&all);
    return index;
}
