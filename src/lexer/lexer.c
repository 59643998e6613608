#define PCRE2_CODE_UNIT_WIDTH 8
#include "lexer/lexer.h"
#include "lexer/fold.h"
#include <pcre2.h>
#include <pthread.h>

enum { MAX_ERRORS = 100 };

typedef enum { BLANK, COMMENT, BROKEN, WORD, NUMBER, TEXT, SIGN } category;

static const struct { category category; const char *pattern, *name; } kinds[] = {
#define GP_TOKEN(ID, category, pattern, name) { category, pattern, name },
#include "lexer/token.def"
#undef GP_TOKEN
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pcre2_code *code;

/* One alternation of all patterns; the mark of the branch taken says which token it is. */
static void compile(void)
{
    gp_buf all = { 0 };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        gp_buf_printf(&all, "%s(?:%s)(*MARK:%zu)", k ? "|" : "", kinds[k].pattern, k);
    int error;
    PCRE2_SIZE at;
    code = pcre2_compile((PCRE2_SPTR)all.p, all.n, PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &error, &at, NULL);
    if (!code) {
        PCRE2_UCHAR text[200];
        pcre2_get_error_message(error, text, sizeof text);
        fprintf(stderr, "goldpit: token table: %s at \"%.30s\"\n", (char *)text, all.p + at);
        abort();
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* where there is no JIT the interpreter does */
    gp_buf_free(&all);
}

void gp_lexer_init(gp_lexer *lx, const gp_source *src, gp_arena *arena, gp_diags *d)
{
    pthread_once(&once, compile);
    *lx = (gp_lexer){ .src = src, .arena = arena, .diags = d, .match = pcre2_match_data_create(1, NULL) };
}

void gp_lexer_fini(gp_lexer *lx)
{
    if (lx->folded)
        gp_diag_at(lx->diags, GP_D_FULL_WIDTH, lx->first_fold, lx->folded);
    if (lx->commas)
        gp_diag_at(lx->diags, GP_D_IDEOGRAPHIC_COMMA, lx->first_comma, lx->commas);
    pcre2_match_data_free(lx->match);
    gp_vec_free(&lx->comments);
}

const char *gp_token_name(gp_token_kind k)
{
    return k == GP_T_END ? "the end" : kinds[k].name;
}

gp_str gp_comment_text(gp_span c)
{
    const char *p = c.src->text.p + c.at, *end = p + c.n;
    uint32_t cp;
    if (*p == '/' && c.n >= 4 && p[1] == '*')
        return (gp_str){ p + 2, c.n - 4 };
    p += gp_utf8_decode(p, end, &cp);
    if (cp == '/' || cp == 0xFF0F) {
        p += gp_utf8_decode(p, end, &cp);
        return (gp_str){ p, (size_t)(end - p) };
    }
    end -= end[-1] == '}' ? 1 : 3; /* U+FF5D has three bytes */
    return (gp_str){ p, (size_t)(end - p) };
}

/* The kind of the token at lx->at and its length; GP_T_END when no byte is left. */
static gp_token_kind match(gp_lexer *lx, uint32_t *n)
{
    *n = 0;
    if (lx->at >= lx->src->text.n)
        return GP_T_END;
    int rc =
        pcre2_match(code, (PCRE2_SPTR)lx->src->text.p, lx->src->text.n, lx->at, PCRE2_NO_UTF_CHECK, lx->match, NULL);
    PCRE2_SPTR mark = rc >= 0 ? pcre2_get_mark(lx->match) : NULL;
    if (!mark) { /* a match limit: cannot happen with possessive patterns, but must not loop */
        uint32_t cp;
        const char *p = lx->src->text.p;
        *n = (uint32_t)gp_utf8_decode(p + lx->at, p + lx->src->text.n, &cp);
        return GP_T_STRAY;
    }
    PCRE2_SIZE *ends = pcre2_get_ovector_pointer(lx->match);
    *n = (uint32_t)(ends[1] - ends[0]);
    return (gp_token_kind)strtol((const char *)mark, NULL, 10);
}

static gp_str raw(const gp_token *t)
{
    return (gp_str){ t->span.src->text.p + t->span.at, t->span.n };
}

/* Folds the token's text and counts what was folded. */
static void fold(gp_lexer *lx, gp_token *t)
{
    int folded;
    t->text = gp_fold_text(lx->arena, raw(t), &folded);
    if (!folded)
        return;
    if (t->kind == GP_T_COMMA && t->span.n == 3 && memcmp(raw(t).p, "、", 3) == 0) {
        if (!lx->commas++)
            lx->first_comma = t->span;
        return;
    }
    if (!lx->folded)
        lx->first_fold = t->span;
    lx->folded += folded;
}

/* Contents of a closed string or reference; '' becomes '. */
static void unquote(gp_lexer *lx, gp_token *t)
{
    gp_str s = raw(t);
    uint32_t cp;
    int open = gp_utf8_decode(s.p, s.p + s.n, &cp);
    if (cp != '\'' && cp != '"') {
        if (!lx->folded)
            lx->first_fold = t->span;
        lx->folded += 2; /* both quotes */
    }
    size_t close = (unsigned char)s.p[s.n - 1] & 0x80 ? 3 : 1;
    s.p += open;
    s.n -= (size_t)open + close;
    t->text = s;
    if (cp != '\'' || !memchr(s.p, '\'', s.n))
        return;
    char *out = gp_arena_alloc(lx->arena, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        i += s.p[i] == '\'';
    }
    t->text = (gp_str){ out, n };
}

/* --- what cannot be read ----------------------------------------------------------------------------------- */

static void entity(gp_lexer *lx, gp_token *t)
{
    static const struct { const char *text, *sign; gp_token_kind kind; } table[] = {
        { "&lt;&gt;", "<>", GP_T_NE },  { "&gt;=", ">=", GP_T_GE },    { "&lt;=", "<=", GP_T_LE },
        { "&ge;", ">=", GP_T_GE },      { "&le;", "<=", GP_T_LE },     { "&gt;", ">", GP_T_GT },
        { "&lt;", "<", GP_T_LT },       { "&ne;", "<>", GP_T_NE },     { "&amp;&amp;", "AND", GP_T_AND },
        { "&amp;", "AND", GP_T_AND },   { "&times;", "*", GP_T_STAR }, { "&divide;", "/", GP_T_SLASH },
        { "&minus;", "-", GP_T_MINUS }, { "&#60;", "<", GP_T_LT },     { "&#62;", ">", GP_T_GT },
        { "&quot;", "'", GP_T_STRAY },  { "&apos;", "'", GP_T_STRAY }, { "&#39;", "'", GP_T_STRAY },
        { "&#34;", "'", GP_T_STRAY },
    };
    const char *sign = "a blank";
    gp_token_kind kind = GP_T_SPACE;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (gp_str_ieqz(t->text, table[i].text)) {
            sign = table[i].sign;
            kind = table[i].kind;
            break;
        }
    gp_diag_at(lx->diags, GP_D_HTML_ENTITY, t->span, gp_arena_printf(lx->arena, GP_STR_FMT, GP_STR_ARG(t->text)), sign);
    t->kind = kind;
    t->text = gp_str_from(sign);
}

static void no_operator(gp_lexer *lx, gp_token *t)
{
    char c = t->text.p[0];
    gp_diag_at(lx->diags, GP_D_NO_SUCH_OPERATOR, t->span, c == '^' ? "^" : c == '?' ? "?" : "~",
               c == '^' ? "a power is POW(a,b)" : c == '?' ? "a choice is IF(condition,a,b)" : "a negation is NOT(x)");
    t->kind = GP_T_STRAY;
}

static void stray(gp_lexer *lx, gp_token *t)
{
    uint32_t cp;
    gp_str s = raw(t);
    gp_utf8_decode(s.p, s.p + s.n, &cp);
    char shown[8] = "";
    if (cp >= 0x20 && cp != 0x7F)
        memcpy(shown, s.p, s.n < 5 ? s.n : 4);
    gp_diag_at(lx->diags, GP_D_STRAY_CHARACTER, t->span,
               *shown ? shown : gp_arena_printf(lx->arena, "the control character %02X", (unsigned)cp));
    if (cp == '}' || cp == 0xFF5D)
        gp_diag_hint(lx->diags, "no comment is open here; comments do not nest, so the first } closes the outer one");
    else if (cp == '[' || cp == ']')
        gp_diag_hint(lx->diags, "parentheses are ( and )");
    else if (cp == 0xFFFD)
        gp_diag_hint(lx->diags, "this byte could not be decoded: name the encoding with --encoding");
}

static void open_text(gp_lexer *lx, gp_token *t)
{
    uint32_t cp;
    gp_str s = raw(t);
    gp_utf8_decode(s.p, s.p + s.n, &cp);
    bool reference = cp == '"' || cp == 0x201C || cp == 0x201D || cp == 0xFF02;
    gp_diag_at(lx->diags, GP_D_UNCLOSED_STRING, t->span, reference ? "\"" : "'");
    t->kind = GP_T_STRAY;
}

/* Reports a BROKEN token and turns it into what was probably meant. */
static void broken(gp_lexer *lx, gp_token *t)
{
    gp_diags *d = lx->diags;
    lx->errors++;
    t->broken = true;
    switch (t->kind) {
    case GP_T_OPEN_COMMENT:
    case GP_T_OPEN_BLOCK: {
        bool block = t->kind == GP_T_OPEN_BLOCK;
        gp_diag_at(d, GP_D_UNCLOSED_COMMENT, (gp_span){ lx->src, t->span.at, block ? 2 : 1 }, block ? "*/" : "}");
        t->kind = GP_T_END;
        return;
    }
    case GP_T_OPEN_STRING: open_text(lx, t); return;
    case GP_T_ENTITY: entity(lx, t); return;
    case GP_T_BAD_NUMBER:
        gp_diag_at(d, GP_D_BAD_NUMBER, t->span,
                   gp_arena_printf(lx->arena, "%.*s", (int)(t->text.n < 60 ? t->text.n : 60), t->text.p));
        t->kind = GP_T_STRAY;
        return;
    case GP_T_SWAPPED_GE:
        gp_diag_at(d, GP_D_SWAPPED_OPERATOR, t->span, "=>", ">=");
        t->kind = GP_T_GE;
        return;
    case GP_T_SWAPPED_LE:
        gp_diag_at(d, GP_D_SWAPPED_OPERATOR, t->span, "=<", "<=");
        t->kind = GP_T_LE;
        return;
    case GP_T_SWAPPED_NE:
        gp_diag_at(d, GP_D_SWAPPED_OPERATOR, t->span, "><", "<>");
        t->kind = GP_T_NE;
        return;
    case GP_T_SINGLE_AND:
        gp_diag_at(d, GP_D_SINGLE_AND_OR, t->span, "&", "AND (or &&)");
        t->kind = GP_T_AND;
        return;
    case GP_T_SINGLE_OR:
        gp_diag_at(d, GP_D_SINGLE_AND_OR, t->span, "|", "OR (or ||)");
        t->kind = GP_T_OR;
        return;
    case GP_T_STOP:
        gp_diag_at(d, GP_D_IDEOGRAPHIC_STOP, t->span);
        t->kind = GP_T_SEMICOLON;
        return;
    case GP_T_NO_OPERATOR: no_operator(lx, t); return;
    default: stray(lx, t); return;
    }
}

gp_token gp_lexer_next(gp_lexer *lx)
{
    gp_token t = { 0 };
    bool new_line = lx->at == 0;
    for (;;) {
        uint32_t n;
        t = (gp_token){ .kind = match(lx, &n) };
        t.span = (gp_span){ lx->src, lx->at, n };
        lx->at += n;
        if (t.kind == GP_T_END)
            break;
        category c = kinds[t.kind].category;
        if (c == COMMENT)
            gp_vec_push(&lx->comments, t.span);
        if (c == BLANK || c == COMMENT)
            new_line |= memchr(raw(&t).p, '\n', n) || memchr(raw(&t).p, '\r', n);
        if (c == COMMENT)
            continue;
        if (c == TEXT)
            unquote(lx, &t);
        else if (t.kind == GP_T_OPEN_STRING || t.kind == GP_T_OPEN_COMMENT || t.kind == GP_T_OPEN_BLOCK)
            t.text = raw(&t); /* what they swallowed is not ours to fold */
        else
            fold(lx, &t);
        if (c == BLANK)
            continue;
        if (c == BROKEN)
            broken(lx, &t);
        if (t.kind == GP_T_SPACE) /* what was left of &nbsp; */
            continue;
        if (c == WORD)
            t.kind = gp_str_ieqz(t.text, "AND") ? GP_T_AND : gp_str_ieqz(t.text, "OR") ? GP_T_OR
                     : gp_str_ieqz(t.text, "NOT") ? GP_T_NOT : GP_T_NAME;
        if (t.kind == GP_T_END)
            lx->at = (uint32_t)lx->src->text.n;
        if (lx->errors == MAX_ERRORS) {
            lx->errors++;
            gp_diag_at(lx->diags, GP_D_TOO_MANY_ERRORS, t.span);
            lx->at = (uint32_t)lx->src->text.n;
        }
        break;
    }
    t.new_line = new_line;
    return t;
}
