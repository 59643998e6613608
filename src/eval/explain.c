/* The bytecode for people: one line per instruction with the registers, the window and the source it came from. */
#include <math.h>
#include "base/num.h"
#include "eval/code.h"
#include "eval/vm.h"

static void add_number(gp_buf *out, double x)
{
    char text[GP_NUM_MAX];
    if (gp_null(x)) {
        gp_buf_addz(out, "null");
        return;
    }
    gp_buf_add(out, text, gp_num_format(x, text));
}

static const char *letter_name(char letter)
{
    switch (letter) {
    case 'O': return "OPEN";
    case 'H': return "HIGH";
    case 'L': return "LOW";
    case 'C': return "CLOSE";
    case 'V': return "VOL";
    case 'A': return "AMOUNT";
    case 'D': return "DATE";
    case 'T': return "TIME";
    case 'S': return "TIME2";
    default: return "bar index";
    }
}

static void add_column(const gp_program *p, int val, gp_buf *out)
{
    const gp_val *v = &p->vals.at[val];
    gp_buf_addz(out, v->letter == 'X' ? p->externals.at[v->text].shown : letter_name(v->letter));
}

static const char *lane_name(char letter)
{
    switch (letter) {
    case 'Z': return "bars";
    case 'P': return "period";
    case 'M': return "market";
    case 'R': return "seed";
    case 'c': return "CODE";
    case 'n': return "STKNAME";
    default: return "?";
    }
}

static void add_operand(const gp_program *p, gp_operand o, bool text, gp_buf *out)
{
    switch (o.place) {
    case GP_AT_BLOCK: gp_buf_printf(out, "r%d", o.index); break;
    case GP_AT_FULL: gp_buf_printf(out, "F%d", o.index); break;
    case GP_AT_COLUMN: add_column(p, o.index, out); break;
    case GP_AT_CONST:
        if (text) {
            const gp_str t = gp_texts_at(&p->literals, p->consts.at[o.index]);
            gp_buf_printf(out, "'" GP_STR_FMT "'", GP_STR_ARG(t));
        } else {
            add_number(out, p->consts.at[o.index]);
        }
        break;
    case GP_AT_LANE: {
        const gp_val *v = &p->vals.at[p->lane_vals.at[o.index]];
        gp_buf_addz(out, v->letter == 'X' ? p->externals.at[v->text].shown : v->fn ? v->fn->name : lane_name(v->letter));
        break;
    }
    }
}

static void add_source(const gp_span s, gp_buf *out)
{
    uint32_t line, column;
    if (!s.src || s.at + s.n > s.src->text.n) return;
    gp_span_where(s, &line, &column);
    gp_buf_printf(out, "%s%u:%u  ", s.src->name && s.src->name[0] == '<' && s.src->name[1] == '-' && s.src->name[2] == '-' ? s.src->name : "", line, column);
    const char *p = s.src->text.p + s.at;
    size_t n = s.n < 60 ? s.n : 60;
    while (n < s.n && n > 0 && ((unsigned char)p[n] & 0xC0) == 0x80) n--;
    for (size_t k = 0; k < n; k++) gp_buf_addc(out, (unsigned char)p[k] < 32 || p[k] == 127 ? ' ' : p[k]);
    if (n < s.n) gp_buf_addz(out, "...");
}

static void add_instr(const gp_program *p, int k, gp_buf *out)
{
    const gp_instr *in = &p->code.at[k];
    gp_buf line = {0};
    gp_buf_printf(&line, "  %3d  ", k);
    gp_buf_printf(&line, "%s%d", in->to.place == GP_AT_FULL ? "F" : "r", in->to.index);
    while (line.n < 12) gp_buf_addc(&line, ' ');
    gp_buf_addz(&line, "= ");
    if (!in->fn) {
        gp_buf_addz(&line, "load ");
        add_column(p, in->val, &line);
    } else {
        const size_t n = strlen(in->fn->name);
        gp_buf_add(&line, in->fn->name, n > 1 && in->fn->name[n - 1] == '.' ? n - 1 : n); /* "+." is + without a check */
        for (int j = 0; j < in->n_in; j++) {
            gp_buf_addz(&line, j ? ", " : " ");
            add_operand(p, in->in[j], gp_operand_type(in->fn, j) == GP_ARG_TEXT, &line);
        }
        if (in->fn->shape == GP_SHAPE_DELAY && in->n_in == 1) gp_buf_printf(&line, ", %d bars ago", in->len);
        if (in->series_n) gp_buf_addz(&line, "  [N varies]");
    }
    for (int j = in->sink0; j < in->sink0 + in->n_sinks; j++)
        for (size_t o = 0; o < p->outputs.n; o++) {
            if (p->outputs.at[o].slot == p->sinks.at[j]) gp_buf_printf(&line, "  -> %s", p->outputs.at[o].name);
            if (p->outputs.at[o].cond == p->sinks.at[j]) gp_buf_printf(&line, "  -> %s?", p->outputs.at[o].name);
        }
    int width = gp_str_width((gp_str){line.p, line.n});
    do gp_buf_addc(&line, ' ');
    while (++width < 58);
    gp_buf_addz(&line, "| ");
    add_source(in->span, &line);
    while (line.n && line.p[line.n - 1] == ' ') line.n--;
    gp_buf_add(out, line.p, line.n);
    gp_buf_addc(out, '\n');
    gp_buf_free(&line);
}

static void add_look(int bars, gp_buf *out)
{
    if (bars == GP_LOOKBACK_ALL)
        gp_buf_addz(out, "all earlier bars");
    else
        gp_buf_printf(out, "%d earlier bar%s", bars, bars == 1 ? "" : "s");
}

static void add_output(const gp_output *o, gp_buf *out)
{
    static const char *const kind[] = {"line", "drawing", "text", "hidden"};
    gp_buf_printf(out, "  %s: %s", o->name, kind[o->kind]);
    if (o->kind == GP_OUT_DRAW) gp_buf_printf(out, " (%s)", o->draw->name);
    if (o->kind != GP_OUT_TEXT) {
        gp_buf_addz(out, ", needs ");
        add_look(o->lookback, out);
    }
    if (o->ahead.kind == GP_FUTURE_NONE) {
        gp_buf_addz(out, ", no look-ahead\n");
        return;
    }
    gp_buf_addz(out, ", LOOKS AHEAD ");
    if (o->ahead.kind == GP_FUTURE_PERIOD)
        gp_buf_printf(out, "until its %s is complete", gp_period_word((gp_period)o->ahead.bars));
    else if (o->ahead.kind == GP_FUTURE_N)
        gp_buf_printf(out, "by %d bar%s", o->ahead.bars, o->ahead.bars == 1 ? "" : "s");
    else
        gp_buf_addz(out, o->ahead.kind == GP_FUTURE_LAST ? "(depends on which bar is the last)" : "without limit (old bars repaint)");
    gp_buf_printf(out, ": %s\n", o->ahead.chain ? o->ahead.chain : "?");
}

void gp_program_explain(const gp_program *p, gp_buf *out)
{
    static const char *const columns[] = {"OPEN", "HIGH", "LOW", "CLOSE", "VOL", "AMOUNT"};
    gp_buf_addz(out, "outputs:\n");
    for (size_t k = 0; k < p->outputs.n; k++) add_output(&p->outputs.at[k], out);
    gp_buf_addz(out, "columns needed:");
    for (int j = 0; j < 6; j++)
        if ((p->needs >> j) & 1) gp_buf_printf(out, " %s", columns[j]);
    gp_buf_printf(out, "%s\n", p->needs ? "" : " none");
    for (size_t k = 0; k < p->externals.n; k++)
        if (p->externals.at[k].kind != GP_EXT_PROGRAM || p->externals.at[k].security) /* another period comes from the quotes themselves */
            gp_buf_printf(out, "needed beside the quotes: %s, from %s\n", p->externals.at[k].reader ? p->externals.at[k].reader : p->externals.at[k].shown, p->externals.at[k].needs);
    for (size_t k = 0; k < p->code.n; k++)
        if (p->code.at[k].fn && (p->code.at[k].fn->flags & GP_ROW_GRID)) {
            gp_buf_printf(out, "chip model: a day's volume %s\n", p->chip_uniform ? "lies evenly between its low and its high (uniform)"
                                                                                : "is a triangle over its range (triangle)");
            break;
        }
    gp_buf_printf(out, "%d instruction%s, %d block register%s, %d full-length, %d lanes\n", (int)p->code.n, p->code.n == 1 ? "" : "s",
                  p->n_block_regs, p->n_block_regs == 1 ? "" : "s", p->n_full_regs, GP_VM_LANES);
    for (size_t s = 0; s < p->stages.n; s++) {
        const gp_stage *st = &p->stages.at[s];
        if (p->stages.n > 1) gp_buf_printf(out, "stage %d:\n", (int)s + 1);
        for (int k = st->first; k < st->first + st->n_block; k++) add_instr(p, k, out);
        if (st->n_whole) gp_buf_addz(out, "  -- whole series --\n");
        for (int k = st->first + st->n_block; k < st->first + st->n_block + st->n_whole; k++) add_instr(p, k, out);
    }
}
