/* Comments such as { close: 1 2 4 } and { expect MA2: - 1.5 3 }; expect.h describes them. */
#include "parser/expect.h"
#include "base/num.h"
#include "lexer/lexer.h"

enum { MAX_VALUES = 100000 };

typedef struct reader { gp_expectations *x; gp_diags *d; gp_span span; } reader;

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static gp_str trim(gp_str s) { return gp_str_trim(s, " \t\r\n"); }

static gp_str cut(gp_str *s, const char *stops)
{
    size_t n = 0;
    *s = trim(*s);
    while (n < s->n && !blank(s->p[n]) && !memchr(stops, s->p[n], strlen(stops)))
        n++;
    gp_str w = { s->p, n };
    s->p += n;
    s->n -= n;
    return w;
}

static gp_str word(gp_str *s)
{
    return cut(s, "");
}

static void bad(reader *r, const char *what)
{
    gp_diag_at(r->d, GP_D_BAD_EXPECTATION, r->span, what);
}

static gp_expect_case *current(reader *r)
{
    if (r->x->cases.n == 0)
        gp_vec_push(&r->x->cases, (gp_expect_case){ 0 });
    return &r->x->cases.at[r->x->cases.n - 1];
}

/* V*3 stands for three times V. */
static void add_value(reader *r, gp_words *out, gp_str w)
{
    const char *star = memchr(w.p, '*', w.n);
    double times = 1;
    if (star && star > w.p) {
        gp_str count = { star + 1, (size_t)(w.p + w.n - star - 1) };
        if (!gp_num_parse(count.p, count.n, &times) || times < 1 || times > MAX_VALUES || times != (double)(int)times) {
            bad(r, gp_arena_printf(&r->x->arena, "in " GP_STR_FMT " a whole number of repetitions must follow the *", GP_STR_ARG(w)));
            return;
        }
        w.n = (size_t)(star - w.p);
    }
    if (out->n + (size_t)times > MAX_VALUES) {
        bad(r, "these are too many values");
        return;
    }
    for (int i = 0; i < (int)times; i++)
        gp_vec_push(out, w);
}

static gp_words values(reader *r, gp_str rest)
{
    gp_words out = { 0 };
    for (gp_str w; (w = word(&rest)).n;)
        add_value(r, &out, w);
    return out;
}

/* Words as a shell would cut them: quotes of both kinds hold a word together. */
static gp_words arguments(reader *r, gp_str rest)
{
    gp_words out = { 0 };
    while ((rest = trim(rest)).n) {
        gp_buf b = { 0 };
        char quote = 0;
        size_t i = 0;
        for (; i < rest.n && (quote || !blank(rest.p[i])); i++) {
            char c = rest.p[i];
            if (quote && c == quote)
                quote = 0;
            else if (!quote && (c == '\'' || c == '"'))
                quote = c;
            else
                gp_buf_addc(&b, c);
        }
        if (quote)
            bad(r, "a quote is not closed");
        gp_vec_push(&out, gp_str_from(gp_arena_strndup(&r->x->arena, b.p ? b.p : "", b.n)));
        gp_buf_free(&b);
        rest.p += i;
        rest.n -= i;
    }
    return out;
}

static void column(reader *r, gp_str name, gp_str rest)
{
    gp_expect_case *c = current(r);
    for (size_t i = 0; i < c->columns.n; i++) {
        if (gp_str_ieq(c->columns.at[i].name, name)) {
            bad(r, gp_arena_printf(&r->x->arena, "the column " GP_STR_FMT " is given twice; { case: title } begins another case",
                                   GP_STR_ARG(name)));
            return;
        }
    }
    gp_expect_column one = { .name = name, .span = r->span, .values = values(r, rest) };
    if (one.values.n == 0)
        bad(r, "the values are missing");
    gp_vec_push(&c->columns, one);
}

/* The name before the first colon of the line on which the comment begins. */
static gp_str output_of_line(gp_span comment)
{
    const char *text = comment.src->text.p, *p = text + comment.at, *end = p;
    uint32_t cp = 0;
    while (p > text && p[-1] != '\n' && p[-1] != '\r')
        p--;
    gp_str line = { p, (size_t)(end - p) };
    line = trim(line);
    size_t n = 0, step = 0;
    for (; n < line.n; n += step) {
        step = (size_t)gp_utf8_decode(line.p + n, line.p + line.n, &cp);
        if (cp == ':' || cp == 0xFF1A || (cp < 0x80 && strchr(" \t;,(){}'", (int)cp)))
            break;
    }
    gp_str name = { line.p, n }, after = trim((gp_str){ line.p + n, line.n - n });
    if (!name.n || !after.n)
        return (gp_str){ 0 };
    step = (size_t)gp_utf8_decode(after.p, after.p + after.n, &cp);
    if (cp != ':' && cp != 0xFF1A)
        return (gp_str){ 0 };
    if (step < after.n) {
        gp_utf8_decode(after.p + step, after.p + after.n, &cp);
        if (cp == '=' || cp == 0xFF1D)
            return (gp_str){ 0 };
    }
    return name;
}

static bool number(gp_str s, uint32_t *out)
{
    double v;
    if (!gp_num_parse(s.p, s.n, &v) || v < 1 || v > 1e9 || v != (double)(uint32_t)v)
        return false;
    *out = (uint32_t)v;
    return true;
}

/* GP201, GP201 at 3:10 */
static bool diagnostic(gp_expect *e, gp_str rest)
{
    e->what = word(&rest);
    gp_str at = word(&rest), line = cut(&rest, ":");
    if (at.n == 0)
        return e->what.n > 0;
    if (!gp_str_ieqz(at, "at") || !rest.n || rest.p[0] != ':' || !number(line, &e->line))
        return false;
    rest.p++;
    rest.n--;
    return number(trim(rest), &e->column);
}

static void expectation(reader *r, gp_str rest)
{
    gp_expect e = { .span = r->span };
    gp_str whole = rest, first = cut(&rest, ":");
    bool colon = trim(rest).n && trim(rest).p[0] == ':';
    if (!colon && gp_str_ieqz(first, "clean") && trim(rest).n == 0) {
        e.kind = GP_EXPECT_CLEAN;
    } else if (!colon && (gp_str_ieqz(first, "error") || gp_str_ieqz(first, "warning"))) {
        e.kind = gp_str_ieqz(first, "error") ? GP_EXPECT_ERROR : GP_EXPECT_WARNING;
        if (!diagnostic(&e, rest)) {
            bad(r, "a diagnostic is named by its code or name, then perhaps `at LINE:COLUMN`");
            return;
        }
    } else {
        const char *end = memchr(whole.p, ':', whole.n);
        if (!end) {
            bad(r, "a colon and the values must follow");
            return;
        }
        gp_str name = trim((gp_str){ whole.p, (size_t)(end - whole.p) }), list = { end + 1, (size_t)(whole.p + whole.n - end - 1) };
        if (gp_str_ieqz(name, "message")) {
            e.kind = GP_EXPECT_MESSAGE;
            e.what = trim(list);
        } else {
            e.what = name.n ? name : output_of_line(r->span);
            e.values = values(r, list);
            if (!e.what.n)
                bad(r, "no output is defined on this line; write { expect NAME: 1 2 3 }");
        }
        if (e.kind == GP_EXPECT_MESSAGE ? !e.what.n : !e.values.n)
            bad(r, "nothing is expected: the values are missing");
    }
    gp_vec_push(&current(r)->all, e);
    r->x->n++;
}

static void comment(reader *r)
{
    static const char *const columns[] = { "date", "time", "open", "high", "low", "close", "volume", "amount" };
    gp_str text = trim(gp_comment_text(r->span)), rest = text, key = cut(&rest, ":");
    if (gp_str_ieqz(key, "expect")) {
        expectation(r, rest);
        return;
    }
    if (gp_str_ieqz(key, "column") && rest.n && rest.p[0] != ':') { /* { column NAME: 1 2 3 } */
        gp_str name = cut(&rest, ":");
        if (name.n && rest.n && rest.p[0] == ':')
            column(r, name, (gp_str){ rest.p + 1, rest.n - 1 });
        return;
    }
    if (!rest.n || rest.p[0] != ':')
        return; /* a remark */
    rest = trim((gp_str){ rest.p + 1, rest.n - 1 });
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (gp_str_ieqz(key, columns[i]))
            column(r, gp_str_from(columns[i]), rest);
    }
    if (gp_str_ieqz(key, "case"))
        gp_vec_push(&r->x->cases, (gp_expect_case){ .title = rest });
    else if (gp_str_ieqz(key, "data"))
        current(r)->data = rest;
    else if (gp_str_ieqz(key, "code"))
        current(r)->code = rest;
    else if (gp_str_ieqz(key, "name"))
        current(r)->name = rest;
    else if (gp_str_ieqz(key, "args"))
        current(r)->args = arguments(r, rest);
}

void gp_expectations_read(gp_expectations *x, const char *name, const char *bytes, size_t n, gp_encoding e, gp_diags *d)
{
    gp_diags unwanted = { 0 }; /* errors of the formula are the parser's to report */
    gp_lexer lx;
    reader r = { .x = x, .d = d };
    x->src = gp_source_new(&x->arena, name, bytes, n, e, &unwanted);
    gp_lexer_init(&lx, x->src, &x->arena, &unwanted);
    while (gp_lexer_next(&lx).kind != GP_T_END)
        ;
    for (size_t i = 0; i < lx.comments.n; i++) {
        const char *p = x->src->text.p + lx.comments.at[i].at;
        r.span = lx.comments.at[i];
        if (*p != '/') /* a block of its own: { } */
            comment(&r);
    }
    gp_lexer_fini(&lx);
    gp_diags_fini(&unwanted);
}

void gp_expectations_fini(gp_expectations *x)
{
    for (size_t i = 0; i < x->cases.n; i++) {
        gp_expect_case *c = &x->cases.at[i];
        for (size_t k = 0; k < c->columns.n; k++)
            gp_vec_free(&c->columns.at[k].values);
        for (size_t k = 0; k < c->all.n; k++)
            gp_vec_free(&c->all.at[k].values);
        gp_vec_free(&c->args);
        gp_vec_free(&c->columns);
        gp_vec_free(&c->all);
    }
    gp_vec_free(&x->cases);
    gp_arena_fini(&x->arena);
}
