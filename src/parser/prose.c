/* A formula read aloud, in English or Chinese (动态翻译).  How functions read is in builtins/prose.def. */
#include "parser/attribute.h"
#include "parser/kind.h"
#include "parser/parse.h"
#include "base/num.h"
#include <math.h>

typedef enum { VALUE, LOOSE, CLAUSE, DRAW } mood;

typedef struct row { const char *name; mood mood; const char *en, *zh; } row;
static const row rows[] = {
#define GP_PROSE(NAME, MOOD, EN, ZH) { NAME, MOOD, EN, ZH },
#include "builtins/prose.def"
#undef GP_PROSE
};

/* How tightly what was written holds together. */
typedef enum { AS_OR, AS_AND, AS_CLAUSE, AS_LOOSE, AS_SUM, AS_PRODUCT, AS_SIGN, AS_PHRASE, AS_WORD } bond;

typedef struct prose { const gp_formula *f; bool zh; } prose;

static const row *row_of(const gp_builtin *fn)
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

static bond value(prose *p, const gp_node *n, gp_buf *out);
static bond clause(prose *p, const gp_node *n, gp_buf *out);

/* In brackets when it holds together less than `least`. */
static void part(prose *p, const gp_node *n, bool as_clause, bond least, gp_buf *out)
{
    gp_buf b = { 0 };
    gp_buf_addz(&b, "");
    bond got = as_clause ? clause(p, n, &b) : value(p, n, &b);
    gp_buf_printf(out, got < least ? "(%s)" : "%s", b.p);
    gp_buf_free(&b);
}

static bool is_operator(const gp_node *n, gp_builtin_id id)
{
    return n->kind == GP_NODE_CALL && n->is_operator && n->fn && n->fn->id == id;
}

/* --- templates ---------------------------------------------------------------------------------------------- */

/* The value of a number, a signed number or a parameter. */
static bool constant(const prose *p, const gp_node *n, double *v)
{
    if (n->kind == GP_NODE_NUMBER)
        *v = n->number;
    else if (n->kind == GP_NODE_NAME && n->sym == GP_SYM_PARAM)
        *v = p->f->params[n->sym_index].value;
    else if (is_operator(n, GP_B_NEG) && constant(p, n->args[0], v))
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
    if (!constant(p, arg, &v))
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
        gp_buf_addz(out, n->kind == GP_NODE_NUMBER && constant(p, n, &v) && v == 1 ? " bar" : " bars");
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
        bond got = clause(p, a, &b);
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

static void call_text(prose *p, const gp_node *call, const row *r, gp_buf *out)
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
static bond unknown_call(prose *p, const gp_node *n, gp_buf *out)
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
    const row *r = fn && fn->n_args == 0 ? row_of(fn) : NULL;
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

static bool is_clause(const gp_node *n)
{
    if (n->kind != GP_NODE_CALL && n->kind != GP_NODE_NAME)
        return false;
    if (!n->fn)
        return false;
    const row *r = row_of(n->fn);
    return r ? r->mood == CLAUSE : n->is_operator && n->fn->id >= GP_B_LT && n->fn->id <= GP_B_OR;
}

static bond value(prose *p, const gp_node *n, gp_buf *out)
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
    if (is_clause(n)) { /* its truth as a number */
        gp_buf_addz(out, p->zh ? "“" : "whether ");
        clause(p, n, out);
        gp_buf_addz(out, p->zh ? "”" : "");
        return p->zh ? AS_PHRASE : AS_LOOSE;
    }
    if (n->kind == GP_NODE_CALL && n->is_operator)
        return arithmetic(p, n, out);
    const row *r = row_of(n->fn);
    if (!r)
        return unknown_call(p, n, out);
    call_text(p, n, r, out);
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
    if (n->kind == GP_NODE_NUMBER && constant(p, n, &v)) {
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

static bond clause(prose *p, const gp_node *n, gp_buf *out)
{
    if (n->kind == GP_NODE_CALL && n->fn && strcmp(n->fn->name, "REF") == 0 && n->n_args == 2 && is_clause(n->args[0])) {
        gp_buf_addz(out, "");
        bars(p, n->args[1], out);
        gp_buf_addz(out, p->zh ? "日前" : " ago ");
        part(p, n->args[0], true, AS_CLAUSE, out);
        return AS_CLAUSE;
    }
    if (!is_clause(n))
        return not_zero(p, n, out);
    if (!n->is_operator || n->fn->id == GP_B_NOT) {
        call_text(p, n, row_of(n->fn), out);
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

/* --- statements --------------------------------------------------------------------------------------------- */

static void colour(prose *p, int rgb, gp_buf *out)
{
    int n;
    const gp_attr_row *all = gp_attr_rows(&n);
    for (int i = 0; i < n; i++) {
        if (all[i].group != GP_ATTR_COLOUR || all[i].min != rgb)
            continue;
        const char *name = all[i].name + strlen("COLOR");
        if (p->zh) {
            gp_buf_printf(out, "%s色", all[i].zh);
            return;
        }
        if (strncmp(name, "LI", 2) == 0 || strncmp(name, "DARK", 4) == 0)
            gp_buf_addz(out, *name == 'L' ? "light " : "dark ");
        for (name += strncmp(name, "LI", 2) == 0 ? 2 : strncmp(name, "DARK", 4) == 0 ? 4 : 0; *name; name++)
            gp_buf_addc(out, (char)(*name | 0x20));
        return;
    }
    gp_buf_printf(out, p->zh ? "颜色#%06X" : "colour #%06X", (unsigned)rgb);
}

static void looks(prose *p, const gp_stmt *s, gp_buf *out)
{
    bool any = false;
    for (int i = 0; i < s->n_attrs; i++) {
        int number, digits, rgb = gp_attr_colour(s->attrs[i].text, &digits);
        const gp_attr_row *r = gp_attr_find(s->attrs[i].text, &number);
        if (rgb < 0 && !r)
            continue;
        gp_buf_addz(out, any ? ", " : "; ");
        any = true;
        if (rgb >= 0)
            colour(p, rgb, out);
        else if (r->group == GP_ATTR_WIDTH && number > 0)
            gp_buf_printf(out, p->zh ? "线宽%d" : "line width %d", number);
        else if (r->group == GP_ATTR_WIDTH)
            gp_buf_addz(out, p->zh ? "不画线" : "not drawn");
        else if (r->group == GP_ATTR_DECIMALS && number >= 0)
            gp_buf_printf(out, p->zh ? "显示%d位小数" : "shown with %d decimals", number);
        else if (r->group == GP_ATTR_SHIFT && number >= 0)
            gp_buf_printf(out, p->zh ? "向后平移%d日显示" : "shown %d bars later", number);
        else
            gp_buf_addz(out, p->zh ? r->zh : r->en);
    }
}

static const char *trade(gp_str name, bool zh)
{
    static const struct { const char *name, *en, *zh; } table[] = { { "ENTERLONG", "Buy", "买入" },
                                                                    { "EXITLONG", "Sell", "卖出" },
                                                                    { "ENTERSHORT", "Sell short", "卖空" },
                                                                    { "EXITSHORT", "Buy back", "买回平空" } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (gp_str_ieqz(name, table[i].name))
            return zh ? table[i].zh : table[i].en;
    return NULL;
}

static void output(prose *p, const gp_stmt *s, bool result, gp_buf *out)
{
    gp_str name = s->name;
    const char *deal = trade(name, p->zh);
    bool holds = is_clause(s->expr) || (s->expr->kind == GP_NODE_CALL && gp_is_condition(p->f, s->expr));
    double v;
    if (s->kind == GP_STMT_BARE && constant(p, s->expr, &v)) {
        gp_buf_addz(out, p->zh ? "在" : "A horizontal line at ");
        value(p, s->expr, out);
        gp_buf_addz(out, p->zh ? "的位置画水平线" : "");
    } else if (deal || result) {
        if (deal)
            gp_buf_printf(out, p->zh ? "%s信号(" GP_STR_FMT "): 当“" : "%s (" GP_STR_FMT ") when ", deal, GP_STR_ARG(name));
        else
            gp_buf_printf(out, p->zh ? "选股条件" GP_STR_FMT ": “" : "Selects (" GP_STR_FMT ") where ",
                          GP_STR_ARG(name.n ? name : GP_STR("XG")));
        clause(p, s->expr, out);
        gp_buf_addz(out, p->zh ? deal ? "”时" : "”" : "");
    } else {
        gp_buf_printf(out, p->zh ? "输出" GP_STR_FMT ": " : name.n ? "Output " GP_STR_FMT ": " : "Output: ", GP_STR_ARG(name));
        if (holds) {
            gp_buf_addz(out, p->zh ? "“" : "1 where ");
            clause(p, s->expr, out);
            gp_buf_addz(out, p->zh ? "”时为1, 否则为0" : ", else 0");
        } else {
            value(p, s->expr, out);
        }
    }
}

static void statement(prose *p, const gp_stmt *s, bool result, gp_buf *out)
{
    const gp_node *e = s->expr;
    const row *r = e->kind == GP_NODE_CALL && e->fn ? row_of(e->fn) : NULL;
    if (e->type == GP_TYPE_DRAW || (r && r->mood == DRAW && s->kind != GP_STMT_ASSIGN)) {
        if (s->name.n)
            gp_buf_printf(out, GP_STR_FMT ": ", GP_STR_ARG(s->name));
        size_t at = out->n;
        if (r)
            call_text(p, e, r, out);
        else
            unknown_call(p, e, out);
        if (!s->name.n && out->p[at] >= 'a' && out->p[at] <= 'z')
            out->p[at] = (char)(out->p[at] - 'a' + 'A');
    } else if (s->kind == GP_STMT_ASSIGN) {
        gp_buf_printf(out, p->zh ? GP_STR_FMT "赋值: " : is_clause(e) ? "Let " GP_STR_FMT " hold where " : "Let " GP_STR_FMT " be ",
                      GP_STR_ARG(s->name));
        if (is_clause(e))
            clause(p, e, out);
        else
            value(p, e, out);
    } else {
        output(p, s, result, out);
    }
    looks(p, s, out);
    gp_buf_addz(out, p->zh ? "。\n" : ".\n");
}

/* “ inside “ becomes ‘. */
static void quotes(gp_buf *b, size_t from)
{
    int depth = 0;
    for (size_t i = from; i + 2 < b->n; i++) {
        if ((unsigned char)b->p[i] != 0xE2 || (unsigned char)b->p[i + 1] != 0x80)
            continue;
        if ((unsigned char)b->p[i + 2] == 0x9C) {
            b->p[i + 2] = (char)(depth++ % 2 ? 0x98 : 0x9C);
        } else if ((unsigned char)b->p[i + 2] == 0x9D && depth) {
            b->p[i + 2] = (char)(--depth % 2 ? 0x99 : 0x9D);
        }
    }
}

/* --- the whole ---------------------------------------------------------------------------------------------- */

static void header(const prose *p, gp_kind kind, gp_buf *out)
{
    static const char *const kinds[][2] = { { "indicator", "技术指标" }, { "screen", "条件选股" }, { "expert system", "专家系统" }, { "coloured candles", "五彩K线" } };
    const gp_formula *f = p->f;
    if (f->header.title.n)
        gp_buf_printf(out, GP_STR_FMT " (%s)\n", GP_STR_ARG(f->header.title), kinds[kind][p->zh]);
    for (int i = 0; i < f->n_params; i++) {
        const gp_param *q = &f->params[i];
        char v[3][GP_NUM_MAX];
        gp_num_format(q->value, v[0]);
        gp_num_format(q->min, v[1]);
        gp_num_format(q->max, v[2]);
        gp_buf_printf(out, "%s" GP_STR_FMT "=%s", i ? ", " : p->zh ? "参数: " : "Parameters: ", GP_STR_ARG(q->name), v[0]);
        if (q->has_range)
            gp_buf_printf(out, p->zh ? " (%s到%s)" : " (%s to %s)", v[1], v[2]);
    }
    if (f->n_params)
        gp_buf_addz(out, p->zh ? "。\n" : ".\n");
    if (out->n)
        gp_buf_addc(out, '\n');
}

enum { AHEAD_NODES = 200000 }; /* formulas that refer to one another twice would be walked through for ever */

/* seen[0]: a series of a longer period.  left: nodes that may still be looked at. */
static void find_ahead(const gp_node *n, bool *seen, int *left)
{
    if (--*left < 0)
        return;
    if (n->fn && n->fn->future != GP_FUTURE_NONE)
        seen[n->fn->id] = true;
    if (n->ref && n->ref->period != GP_PERIOD_SAME)
        seen[GP_B_NONE] = true;
    for (int i = 0; n->ref && n->ref->formula && i <= n->ref->stmt; i++)
        find_ahead(n->ref->formula->stmts[i].expr, seen, left);
    for (int i = 0; i < n->n_args; i++)
        find_ahead(n->args[i], seen, left);
}

static void ahead(const prose *p, gp_buf *out)
{
    bool *seen = gp_xcalloc(GP_B_COUNT, sizeof *seen);
    int n = 0, left = AHEAD_NODES;
    for (int i = 0; i < p->f->n_stmts; i++)
        if (!p->f->stmts[i].hidden)
            find_ahead(p->f->stmts[i].expr, seen, &left);
    for (int id = 1; id < GP_B_COUNT; id++)
        if (seen[id])
            gp_buf_printf(out, "%s%s", n++ ? ", " : p->zh ? "\n注意: 用到未来函数 " : "\nNote: this looks ahead (", gp_builtin_get((gp_builtin_id)id)->name);
    if (n)
        gp_buf_addz(out, p->zh ? ", 已经出现的数值和信号可能改变。\n" : "): values and signals shown before can change.\n");
    if (seen[GP_B_NONE])
        gp_buf_addz(out, p->zh ? "\n注意: 跨周期的数值在该周期结束前仍会改变; --period-align closed 取上一个完整周期。\n"
                               : "\nNote: values of a longer period can change until it is complete; --period-align closed takes the one before it.\n");
    free(seen);
}

void gp_formula_prose(const gp_formula *f, bool chinese, gp_buf *out)
{
    prose p = { .f = f, .zh = chinese };
    gp_kind_of kind = gp_formula_kind(f);
    gp_buf_addz(out, "");
    header(&p, kind.kind, out);
    for (int i = 0; i < f->n_stmts; i++) {
        size_t from = out->n;
        if (f->stmts[i].hidden)
            continue;
        statement(&p, &f->stmts[i], kind.result == i, out);
        quotes(out, from);
    }
    ahead(&p, out);
}
