/* Statements and whole formulas read aloud; prose.c has their expressions. */
#include "parser/attribute.h"
#include "parser/kind.h"
#include "parser/parse.h"
#include "parser/prose_in.h"
#include "base/num.h"

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
    bool holds = gp_prose_is_clause(s->expr) || (s->expr->kind == GP_NODE_CALL && gp_is_condition(p->f, s->expr));
    double v;
    if (s->kind == GP_STMT_BARE && gp_prose_constant(p, s->expr, &v)) {
        gp_buf_addz(out, p->zh ? "在" : "A horizontal line at ");
        gp_prose_value(p, s->expr, out);
        gp_buf_addz(out, p->zh ? "的位置画水平线" : "");
    } else if (deal || result) {
        if (deal)
            gp_buf_printf(out, p->zh ? "%s信号(" GP_STR_FMT "): 当“" : "%s (" GP_STR_FMT ") when ", deal, GP_STR_ARG(name));
        else
            gp_buf_printf(out, p->zh ? "选股条件" GP_STR_FMT ": “" : "Selects (" GP_STR_FMT ") where ",
                          GP_STR_ARG(name.n ? name : GP_STR("XG")));
        gp_prose_clause(p, s->expr, out);
        gp_buf_addz(out, p->zh ? deal ? "”时" : "”" : "");
    } else {
        gp_buf_printf(out, p->zh ? "输出" GP_STR_FMT ": " : name.n ? "Output " GP_STR_FMT ": " : "Output: ", GP_STR_ARG(name));
        if (holds) {
            gp_buf_addz(out, p->zh ? "“" : "1 where ");
            gp_prose_clause(p, s->expr, out);
            gp_buf_addz(out, p->zh ? "”时为1, 否则为0" : ", else 0");
        } else {
            gp_prose_value(p, s->expr, out);
        }
    }
}

static void statement(prose *p, const gp_stmt *s, bool result, gp_buf *out)
{
    const gp_node *e = s->expr;
    const row *r = e->kind == GP_NODE_CALL && e->fn ? gp_prose_row_of(e->fn) : NULL;
    if (e->type == GP_TYPE_DRAW || (r && r->mood == DRAW && s->kind != GP_STMT_ASSIGN)) {
        if (s->name.n)
            gp_buf_printf(out, GP_STR_FMT ": ", GP_STR_ARG(s->name));
        size_t at = out->n;
        if (r)
            gp_prose_call(p, e, r, out);
        else
            gp_prose_unknown(p, e, out);
        if (!s->name.n && out->p[at] >= 'a' && out->p[at] <= 'z')
            out->p[at] = (char)(out->p[at] - 'a' + 'A');
    } else if (s->kind == GP_STMT_ASSIGN) {
        gp_buf_printf(out, p->zh ? GP_STR_FMT "赋值: " : gp_prose_is_clause(e) ? "Let " GP_STR_FMT " hold where " : "Let " GP_STR_FMT " be ",
                      GP_STR_ARG(s->name));
        if (gp_prose_is_clause(e))
            gp_prose_clause(p, e, out);
        else
            gp_prose_value(p, e, out);
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
