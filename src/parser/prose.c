/* A formula read aloud, in English or Chinese (动态翻译).  How functions read is in builtins/prose.def. */
#include "parser/kind.h"
#include "parser/parse.h"
#include "parser/prose_in.h"
#include "base/num.h"
#include <math.h>

static const row rows[] = {
#define GP_PROSE(NAME, MOOD, EN, ZH) { NAME, MOOD, EN, ZH },
#include "builtins/prose.def"
#undef GP_PROSE
};

const row *gp_prose_row_of(const gp_builtin *fn)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, fn->name) == 0)
            return &rows[i];
    return NULL;
}

bool gp_prose_row(int i, const char **name, const char **en, const char **zh)
{
    if (i < 0 || (size_t)i >= sizeof rows / sizeof *rows)
        return false;
    *name = rows[i].name;
    *en = rows[i].en;
    *zh = rows[i].zh;
    return true;
}

/* In brackets when it holds together less than `least`. */
static void part(prose *p, const gp_node *n, bool as_clause, bond least, gp_buf *out)
{
    gp_buf b = { 0 };
    gp_buf_addz(&b, "");
    bond got = as_clause ? gp_prose_clause(p, n, &b) : gp_prose_value(p, n, &b);
    gp_buf_printf(out, got < least ? "(%s)" : "%s", b.p);
    gp_buf_free(&b);
}

static bool is_operator(const gp_node *n, gp_builtin_id id)
{
    return n->kind == GP_NODE_CALL && n->is_operator && n->fn && n->fn->id == id;
}

/* --- templates ---------------------------------------------------------------------------------------------- */

/* The value of a number, a signed number or a parameter. */
bool gp_prose_constant(const prose *p, const gp_node *n, double *v)
{
    if (n->kind == GP_NODE_NUMBER)
        *v = n->number;
    else if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM)
        *v = p->f->params[n->sym_index].value;
    else if (is_operator(n, GP_B_NEG) && gp_prose_constant(p, n->args[0], v))
        *v = -*v;
    else
        return false;
    return true;
}

static bool is_period(const gp_node *call, int i)
{
    gp_arg_type t = i < call->fn->n_args ? call->fn->args[i].type : GP_ARG_SERIES;
    return t == GP_ARG_PERIOD || t == GP_ARG_LAST || t == GP_ARG_FIRST;
}

/* MAX(A,MAX(B,C)) is the greatest of A, B and C. */
static int count_items(const gp_node *n, const gp_builtin *fn)
{
    int k = 0;
    for (int i = 0; i < n->n_args; i++)
        k += n->args[i]->kind == GP_NODE_CALL && n->args[i]->fn == fn ? count_items(n->args[i], fn) : 1;
    return k;
}

static void items(prose *p, const gp_node *n, const gp_builtin *fn, int *at, int all, gp_buf *out)
{
    for (int i = 0; i < n->n_args; i++) {
        const gp_node *a = n->args[i];
        if (a->kind == GP_NODE_CALL && a->fn == fn) {
            items(p, a, fn, at, all, out);
            continue;
        }
        if (*at)
            gp_buf_addz(out, p->zh ? "、" : *at == all - 1 ? " and " : ", ");
        ++*at;
        part(p, a, false, p->zh ? AS_SUM : AS_SIGN, out);
    }
}

static const char *closing(const char *t, const char *end)
{
    int depth = 0;
    for (; t < end; t++) {
        depth += *t == '{';
        if (*t == '}' && --depth == 0)
            return t;
    }
    return end;
}

static void fill(prose *p, const gp_node *call, const char *t, const char *end, bool draw, gp_buf *out);

/* {5|0 solid|1 hollow}: t is behind the first |. */
static bool choose(prose *p, const gp_node *call, const gp_node *arg, const char *t, const char *end, gp_buf *out)
{
    double v, key;
    if (!gp_prose_constant(p, arg, &v))
        return false;
    while (t < end) {
        const char *word = t, *text = memchr(t, ' ', (size_t)(end - t)), *stop;
        int depth = 0;
        if (!text)
            return false;
        for (stop = text; stop < end && (depth || *stop != '|'); stop++)
            depth += *stop == '{' ? 1 : *stop == '}' ? -1 : 0;
        if (gp_num_parse(word, (size_t)(text - word), &key) && key == v) {
            fill(p, call, text + 1, stop, true, out);
            return true;
        }
        t = stop < end ? stop + 1 : end;
    }
    return false;
}

static void bars(prose *p, const gp_node *n, gp_buf *out)
{
    double v;
    part(p, n, false, AS_WORD, out);
    if (!p->zh)
        gp_buf_addz(out, n->kind == GP_NODE_NUMBER && gp_prose_constant(p, n, &v) && v == 1 ? " bar" : " bars");
}

/* One {...}; false when its argument was not written. */
static bool place(prose *p, const gp_node *call, const char *t, const char *end, bool draw, gp_buf *out)
{
    if (*t == '*') {
        int at = 0;
        items(p, call, call->fn, &at, count_items(call, call->fn), out);
        return true;
    }
    int i = *t - '1';
    char how = t + 1 < end ? t[1] : 0;
    if (i < 0 || i >= call->n_args)
        return false;
    const gp_node *a = call->args[i];
    gp_arg_type type = i < call->fn->n_args ? call->fn->args[i].type : GP_ARG_SERIES;
    if (how == '|' && choose(p, call, a, t + 2, end, out))
        return true;
    if (how == '?' || (type == GP_ARG_COND && how != '~')) {
        gp_buf b = { 0 };
        gp_buf_addz(&b, "");
        bond got = gp_prose_clause(p, a, &b);
        gp_buf_printf(out, !p->zh && !draw && got <= AS_CLAUSE ? "[%s]" : "%s", b.p);
        gp_buf_free(&b);
    } else if (how == '#') {
        bars(p, a, out);
    } else {
        part(p, a, false, how != '~' && how != '|' ? AS_OR : is_period(call, i) ? AS_WORD : AS_SIGN, out);
    }
    return true;
}

static void fill(prose *p, const gp_node *call, const char *t, const char *end, bool draw, gp_buf *out)
{
    while (t < end) {
        if (*t == '{') {
            const char *stop = closing(t, end);
            place(p, call, t + 1, stop, draw, out);
            t = stop + 1;
        } else if (*t == '<') {
            const char *stop = memchr(t, '>', (size_t)(end - t)), *open;
            if (!stop)
                stop = end;
            open = memchr(t, '{', (size_t)(stop - t));
            if (open && open[1] - '1' < call->n_args)
                fill(p, call, t + 1, stop, draw, out);
            t = stop < end ? stop + 1 : end;
        } else {
            gp_buf_addc(out, *t++);
        }
    }
}

void gp_prose_call(prose *p, const gp_node *call, const row *r, gp_buf *out)
{
    const char *t = p->zh ? r->zh : r->en, *second = strstr(t, "§"), *end = t + strlen(t);
    bool zero = false;
    for (int i = 0; i < call->n_args; i++)
        zero |= is_period(call, i) && call->args[i]->kind == GP_NODE_NUMBER && call->args[i]->number == 0;
    if (second && zero)
        t = second + strlen("§");
    else if (second)
        end = second;
    fill(p, call, t, end, r->mood == DRAW, out);
}

/* A function that prose.def does not know: as written, with what the registry says about it. */
bond gp_prose_unknown(prose *p, const gp_node *n, gp_buf *out)
{
    gp_buf_addz(out, n->fn->name);
    for (int i = 0; i < n->n_args; i++) {
        gp_buf_addz(out, i ? ", " : "(");
        part(p, n->args[i], i < n->fn->n_args && n->fn->args[i].type == GP_ARG_COND, AS_OR, out);
    }
    gp_buf_printf(out, p->zh ? "%s“%s”" : "%s [%s]", n->n_args ? ")" : "", p->zh ? n->fn->zh : n->fn->en);
    return AS_PHRASE;
}

/* --- references --------------------------------------------------------------------------------------------- */

static const char *period_name(gp_str s, bool zh)
{
    static const struct { const char *word, *en, *zh; } table[] = {
        { "MIN1", "1-minute", "1分钟线" },   { "MIN5", "5-minute", "5分钟线" },    { "MIN15", "15-minute", "15分钟线" },
        { "MIN30", "30-minute", "30分钟线" }, { "MIN60", "60-minute", "60分钟线" }, { "DAY", "daily", "日线" },
        { "WEEK", "weekly", "周线" },         { "MONTH", "monthly", "月线" },       { "SEASON", "quarterly", "季线" },
        { "YEAR", "yearly", "年线" },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (gp_str_ieqz(s, table[i].word))
            return zh ? table[i].zh : table[i].en;
    return NULL;
}

/* Cuts *s at the first c; what follows it, or an empty string. */
static gp_str cut(gp_str *s, char c)
{
    const char *at = s->n ? memchr(s->p, c, s->n) : NULL;
    if (!at)
        return (gp_str){ s->p + s->n, 0 };
    gp_str rest = { at + 1, (size_t)(s->p + s->n - at - 1) };
    s->n = (size_t)(at - s->p);
    return rest;
}

static bond reference(prose *p, const gp_node *n, gp_buf *out)
{
    gp_buf clean = { 0 };
    for (size_t i = 0; i < n->text.n; i++)
        if (n->text.p[i] != '"' && n->text.p[i] != ' ')
            gp_buf_addc(&clean, n->text.p[i]);
    gp_str name = { clean.p ? clean.p : "", clean.n }, security = { 0 };
    gp_str after = cut(&name, '$');
    if (after.n) {
        security = name;
        name = after;
    }
    gp_str period = cut(&name, '#'), output = cut(&name, '.');
    const char *bars_of = period_name(period, p->zh);
    const gp_builtin *fn = output.n ? NULL : gp_builtin_find(name);
    const row *r = fn && fn->n_args == 0 ? gp_prose_row_of(fn) : NULL;
    if (p->zh) {
        if (security.n)
            gp_buf_printf(out, "证券" GP_STR_FMT "的", GP_STR_ARG(security));
        if (bars_of)
            gp_buf_printf(out, "%s的", bars_of);
    }
    if (r) {
        gp_buf_addz(out, p->zh ? r->zh : r->en);
    } else {
        if (!p->zh && output.n)
            gp_buf_printf(out, GP_STR_FMT " of ", GP_STR_ARG(output));
        gp_buf_printf(out, p->zh ? "指标" GP_STR_FMT : GP_STR_FMT, GP_STR_ARG(name));
        for (int i = 0; i < n->n_args; i++) {
            gp_buf_addz(out, i ? "," : "(");
            part(p, n->args[i], false, AS_SUM, out);
        }
        if (n->n_args)
            gp_buf_addc(out, ')');
        if (p->zh && output.n)
            gp_buf_printf(out, "的" GP_STR_FMT, GP_STR_ARG(output));
    }
    if (!p->zh) {
        if (bars_of)
            gp_buf_printf(out, " on %s bars", bars_of);
        if (security.n)
            gp_buf_printf(out, " of " GP_STR_FMT, GP_STR_ARG(security));
    }
    gp_buf_free(&clean);
    return AS_PHRASE;
}

/* --- expressions -------------------------------------------------------------------------------------------- */

static bond arithmetic(prose *p, const gp_node *n, gp_buf *out)
{
    gp_builtin_id id = n->fn->id;
    if (id == GP_B_NEG) {
        gp_buf_addc(out, '-');
        part(p, n->args[0], false, AS_SIGN, out);
        return AS_SIGN;
    }
    bool sum = id == GP_B_ADD || id == GP_B_SUB;
    const char *sign = id == GP_B_ADD ? "+" : id == GP_B_SUB ? "-" : id == GP_B_MUL ? "×" : id == GP_B_DIV ? "÷" : "mod";
    bond b = sum ? AS_SUM : AS_PRODUCT;
    part(p, n->args[0], false, b, out);
    gp_buf_printf(out, " %s ", sign);
    part(p, n->args[1], false, (bond)(b + 1), out);
    return b;
}

bool gp_prose_is_clause(const gp_node *n)
{
    if (n->kind != GP_NODE_CALL && n->kind != GP_NODE_NAME)
        return false;
    if (!n->fn)
        return false;
    const row *r = gp_prose_row_of(n->fn);
    return r ? r->mood == CLAUSE : n->is_operator && n->fn->id >= GP_B_LT && n->fn->id <= GP_B_OR;
}

bond gp_prose_value(prose *p, const gp_node *n, gp_buf *out)
{
    switch (n->kind) {
    case GP_NODE_NUMBER: gp_buf_add(out, n->text.p, n->text.n); return AS_WORD;
    case GP_NODE_STRING: gp_buf_printf(out, "'" GP_STR_FMT "'", GP_STR_ARG(n->text)); return AS_WORD;
    case GP_NODE_REF: return reference(p, n, out);
    case GP_NODE_NAME:
    case GP_NODE_CALL: break;
    default: gp_buf_addz(out, "?"); return AS_WORD;
    }
    if (n->kind == GP_NODE_NAME && n->sym != GP_SYM_BUILTIN) {
        gp_buf_add(out, n->text.p, n->text.n);
        return AS_WORD;
    }
    if (gp_prose_is_clause(n)) { /* its truth as a number */
        gp_buf_addz(out, p->zh ? "“" : "whether ");
        gp_prose_clause(p, n, out);
        gp_buf_addz(out, p->zh ? "”" : "");
        return p->zh ? AS_PHRASE : AS_LOOSE;
    }
    if (n->kind == GP_NODE_CALL && n->is_operator)
        return arithmetic(p, n, out);
    const row *r = gp_prose_row_of(n->fn);
    if (!r)
        return gp_prose_unknown(p, n, out);
    gp_prose_call(p, n, r, out);
    return r->mood == LOOSE ? AS_LOOSE : n->kind == GP_NODE_NAME ? AS_WORD : AS_PHRASE;
}

static bond comparison(prose *p, const gp_node *n, gp_buf *out)
{
    static const char *const words[][2] = { { " is below ", "小于" },    { " is at most ", "不大于" }, { " is above ", "大于" },
                                            { " is at least ", "不小于" }, { " equals ", "等于" },       { " differs from ", "不等于" } };
    part(p, n->args[0], false, AS_SUM, out);
    gp_buf_addz(out, words[n->fn->id - GP_B_LT][p->zh]);
    part(p, n->args[1], false, AS_SUM, out);
    return AS_CLAUSE;
}

static bond not_zero(prose *p, const gp_node *n, gp_buf *out)
{
    double v;
    if (n->kind == GP_NODE_NUMBER && gp_prose_constant(p, n, &v)) {
        gp_buf_addz(out, fabs(v) >= 1e-5 ? p->zh ? "总是" : "always" : p->zh ? "从不" : "never");
        return AS_WORD;
    }
    bool named = n->kind == GP_NODE_NAME && n->sym == GP_SYM_STATEMENT;
    part(p, n, false, AS_PHRASE, out);
    if (named && (gp_is_condition(p->f, n) || p->f->stmts[n->sym_index].expr->type == GP_TYPE_DRAW))
        gp_buf_addz(out, p->zh ? "成立" : " holds");
    else
        gp_buf_addz(out, p->zh ? "不为0" : " is not 0");
    return AS_CLAUSE;
}

bond gp_prose_clause(prose *p, const gp_node *n, gp_buf *out)
{
    if (n->kind == GP_NODE_CALL && n->fn && strcmp(n->fn->name, "REF") == 0 && n->n_args == 2 && gp_prose_is_clause(n->args[0])) {
        gp_buf_addz(out, "");
        bars(p, n->args[1], out);
        gp_buf_addz(out, p->zh ? "日前" : " ago ");
        part(p, n->args[0], true, AS_CLAUSE, out);
        return AS_CLAUSE;
    }
    if (!gp_prose_is_clause(n))
        return not_zero(p, n, out);
    if (!n->is_operator || n->fn->id == GP_B_NOT) {
        gp_prose_call(p, n, gp_prose_row_of(n->fn), out);
        return AS_CLAUSE;
    }
    if (n->fn->id < GP_B_AND)
        return comparison(p, n, out);
    bool both = n->fn->id == GP_B_AND;
    for (int i = 0; i < 2; i++) {
        if (i)
            gp_buf_addz(out, both ? p->zh ? "并且" : " and " : p->zh ? "或者" : " or ");
        part(p, n->args[i], true, is_operator(n->args[i], n->fn->id) ? AS_OR : AS_CLAUSE, out);
    }
    return both ? AS_AND : AS_OR;
}
