/* Values on the screen: the bars that end at the one looked at, and what a condition or a drawing did. */
#include "cli/repl.h"
#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/num.h"
#include "builtins/builtin.h"
#include "screen/feed.h"
#include "screen/trace.h"

enum { YEAR = 250, LABEL_CELLS = 18, TEXT_MAX = 4096 };

typedef struct values {
    gp_vm *vm;
    gp_lane lane;          /* texts are read through it */
    double **out;          /* per slot, every bar */
    int n_slots;
} values;

static void values_fini(values *v)
{
    for (int i = 0; i < v->n_slots; i++)
        free(v->out[i]);
    free(v->out);
    gp_vm_free(v->vm);
}

/* The columns that the program reads and the quotes lack. */
static bool lacks_columns(repl *r, const gp_program *p)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume", "amount"};
    const gp_bars *b = r->bars;
    const double *const have[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    unsigned needs = gp_program_needs(p);
    for (int i = 0; i < 6; i++) {
        if ((needs & (1u << i)) && !have[i]) {
            repl_error(r, GP_EXIT_NO_DATA, repl_text(r, "the quotes of %s have no %s column", "%s 的行情没有 %s 列"), b->code, names[i]);
            return true;
        }
    }
    return false;
}

/* Further columns of the quotes are read only when a formula asks for them before the file is opened, and a session asks later. */
static bool lacks_more(repl *r, const gp_program *p)
{
    int n;
    const gp_external *e = gp_program_externals(p, &n);
    for (int i = 0; i < n; i++) {
        if (e[i].kind == GP_EXT_COLUMN) {
            repl_error(r, GP_EXIT_FORMULA, repl_text(r, "%s is a further column of the quotes, which the listener does not read; use eval", "%s 是行情的附加列, 交互中不读取; 请用 eval"), e[i].shown);
            return true;
        }
        if (e[i].program && !e[i].security && lacks_more(r, e[i].program))
            return true;
    }
    return false;
}

/* What the program needs beside the quotes, as the options of the command line give it; NULL when it needs nothing.  False after
 * saying what is missing. */
static bool open_companions(repl *r, const gp_program *p, gp_companions **out)
{
    gp_diags d = {0};
    int status = GP_EXIT_OK;
    *out = NULL;
    if (lacks_columns(r, p) || lacks_more(r, p))
        return false;
    if (!gp_cli_companions(r->c, p, NULL, &r->inputs, out, &status)) {
        repl_failed(r, status);
        return false;
    }
    if (!*out || gp_companions_accept(*out, r->bars, &d))
        return true;
    gp_cli_diags(r->c, &d);
    repl_failed(r, GP_EXIT_NO_DATA);
    gp_companions_free(*out);
    return false;
}

/* False after saying why there are no values. */
static bool evaluate(repl *r, const gp_program *p, values *v)
{
    const gp_bars *b = r->bars;
    gp_companions *companions;
    gp_feed *feed;
    gp_vm_opts options = {.stop = &repl_interrupted};
    if (!open_companions(r, p, &companions))
        return false;
    v->vm = gp_vm_new(p, &options);
    v->n_slots = gp_program_n_slots(p);
    v->out = gp_xcalloc((size_t)v->n_slots + 1, sizeof *v->out);
    for (int i = 0; i < v->n_slots; i++)
        v->out[i] = gp_xcalloc((size_t)b->n + 1, sizeof **v->out);
    v->lane = gp_lane_of(b, b->n, 0, v->out);
    feed = gp_feed_new(p, companions);
    gp_feed_fill(feed, 0, b, b->n, &v->lane);
    gp_vm_run(v->vm, &v->lane, 1);
    gp_feed_free(feed);
    gp_cli_companions_end(r->c, companions);
    if (!repl_interrupted)
        return true;
    values_fini(v);
    repl_error(r, GP_EXIT_FORMULA, "%s", repl_text(r, "stopped", "已中断"));
    return false;
}

/* ---- what a statement is ---- */

/* What is true or false by what it is, and what is 0 on some bars and 1 on the others and is no count. */
static bool is_condition(const gp_formula *f, const gp_node *expr, const double *y, int n)
{
    const gp_builtin *fn = gp_trace_definition(f, expr)->fn;
    bool zero = false, one = false;
    if (gp_trace_is_condition(f, expr))
        return true;
    for (int i = 0; i < n; i++) {
        if (isnan(y[i]))
            continue;
        if (y[i] != 0 && y[i] != 1)
            return false;
        zero |= y[i] == 0;
        one |= y[i] == 1;
    }
    return zero && one && fn && strncmp(fn->name, "BARS", 4) != 0 && strcmp(fn->name, "COUNT") != 0;
}

static bool holds(double x) { return fabs(x) >= 1e-5; /* false for null */ }

static double draw_value(const gp_output *o, double *const *out, int bar)
{
    double cond = o->cond >= 0 ? out[o->cond][bar] : 1;
    if (o->slot < 0)
        return o->cond >= 0 ? cond : NAN;
    return holds(cond) ? out[o->slot][bar] : NAN;
}

/* ---- texts ---- */

static void stamp(const gp_bars *b, int bar, char out[32])
{
    int n = snprintf(out, 32, "%04d-%02d-%02d", b->date[bar] / 10000 % 10000, b->date[bar] / 100 % 100, b->date[bar] % 100);
    if (b->time)
        snprintf(out + n, 32 - (size_t)n, " %02d:%02d", b->time[bar] / 10000 % 100, b->time[bar] / 100 % 100);
}

/* Four or five digits, as in a table. */
static int digits_for(double size)
{
    int digits = size >= 10 ? 2 : size >= 1 ? 3 : 4;
    for (double top = 0.1; size > 0 && size < top && digits < 12; top /= 10)
        digits++;
    return digits;
}

static void number_text(double x, char out[GP_NUM_MAX + 512])
{
    if (isfinite(x))
        gp_num_format_fixed(x, digits_for(fabs(x)), out);
    else
        strcpy(out, "-");
}

/* The name; of a drawing what scan calls it; of a question its text. */
static gp_str label_of(const gp_formula *f, const gp_output *o)
{
    const gp_stmt *s = &f->stmts[o->stmt];
    if (s->name.n || o->kind == GP_OUT_DRAW)
        return gp_str_from(o->name);
    return (gp_str){s->expr->span.src->text.p + s->expr->span.at, s->expr->span.n};
}

/* On one line, cut to `cells`. */
static char *label_text(const gp_formula *f, const gp_output *o, int cells)
{
    gp_str s = label_of(f, o);
    gp_buf b = {0};
    int width = 0;
    const char *end = s.p + s.n;
    gp_buf_addz(&b, "");
    for (const char *p = s.p; p < end;) {
        uint32_t cp;
        int n = gp_utf8_decode(p, end, &cp), w = gp_char_width(cp);
        if (width + w > cells - (p + n < end)) {
            gp_buf_addz(&b, "…");
            break;
        }
        if (cp < 0x20)
            gp_buf_addc(&b, ' ');
        else
            gp_buf_add(&b, p, (size_t)n);
        width += cp < 0x20 ? 1 : w;
        p += n;
    }
    return b.p;
}

/* "holds since 2025-01-22 (3 bars)", "last held 2025-01-21, 3 bars ago", "never held"; and how often. */
static void history_text(const repl *r, const double *y, int bar, bool drawing, gp_buf *out)
{
    const gp_bars *b = r->bars;
    int last = bar, first, window = bar + 1 < YEAR ? bar + 1 : YEAR, count = 0;
    char when[32];
    while (last >= 0 && !holds(y[last]))
        last--;
    for (int i = bar; i > bar - window; i--)
        count += holds(y[i]);
    if (last < 0) {
        gp_buf_printf(out, repl_text(r, drawing ? "never drawn in %d bars" : "never held in %d bars",
                                     drawing ? "%d 根K线内从未出现" : "%d 根K线内从未成立"), bar + 1);
        return;
    }
    first = last;
    while (first > 0 && holds(y[first - 1]))
        first--;
    stamp(b, last == bar ? first : last, when);
    if (last == bar && drawing)
        gp_buf_printf(out, "%s", repl_text(r, "drawn on this bar", "当前K线出现"));
    else if (last == bar && first == last)
        gp_buf_printf(out, "%s", repl_text(r, "holds, new on this bar", "当前K线刚成立"));
    else if (last == bar)
        gp_buf_printf(out, repl_text(r, "holds since %s (%d bars)", "成立, 始于 %s (%d 根K线)"), when, last - first + 1);
    else if (!r->c->zh)
        gp_buf_printf(out, "%s %s, %d bar%s ago", drawing ? "last drawn" : "last held", when, bar - last, bar - last == 1 ? "" : "s");
    else
        gp_buf_printf(out, "最近%s %s, %d 根K线前", drawing ? "出现" : "成立", when, bar - last);
    gp_buf_printf(out, repl_text(r, "; %d of the last %d bars", "; 近 %2$d 根中 %1$d 根"), count, window);
}

/* ---- the long form ---- */

static int screen_width(const repl *r)
{
    struct winsize size;
    if (r->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 80;
}

static bool has_values(const gp_output *o) { return o->kind != GP_OUT_TEXT; }

/* Digits behind the point that one row needs: as many as number_text gives its largest value, and no more than it uses. */
static int row_digits(const double *x, int n)
{
    char text[GP_NUM_MAX + 512];
    double largest = 0;
    int digits, used = 0;
    for (int i = 0; i < n; i++) {
        if (isfinite(x[i]) && fabs(x[i]) > largest)
            largest = fabs(x[i]);
    }
    digits = digits_for(largest);
    for (int i = 0; i < n; i++) {
        const char *point;
        if (!isfinite(x[i]))
            continue;
        gp_num_format_fixed(x[i], digits, text);
        point = strchr(text, '.');
        if (point && (int)strlen(point + 1) > used)
            used = (int)strlen(point + 1);
    }
    return used;
}

static void put_row(const repl *r, const char *label, int label_width, const double *x, int n, int digits, int cell, bool to_the_end)
{
    char text[GP_NUM_MAX + 512];
    printf("%s%*s", label, label_width - gp_str_width(gp_str_from(label)), "");
    for (int i = 0; i < n; i++) {
        size_t used;
        const char *paint = "", *plain = "";
        if (isfinite(x[i])) {
            used = gp_num_format_fixed(x[i], digits, text);
            if (used > 1 && text[0] == '-' && strspn(text + 1, "0.") == used - 1) /* -0.00 after rounding */
                memmove(text, text + 1, used);
            for (int has = strchr(text, '.') ? (int)strlen(strchr(text, '.') + 1) : 0; has < digits; has++)
                strcat(text, has == 0 && !strchr(text, '.') ? ".0" : "0");
        } else {
            strcpy(text, "-");
        }
        if (r->c->colour && (!isfinite(x[i]) || (to_the_end && i == n - 1))) {
            paint = isfinite(x[i]) ? "\033[1m" : "\033[2m";
            plain = "\033[0m";
        }
        printf("%*s%s%s%s", cell - (int)strlen(text) > 1 ? cell - (int)strlen(text) : 1, "", paint, text, plain);
    }
    putchar('\n');
}

/* Bars across, statements down; as many tables as the screen needs. */
static void show_bars(repl *r, const gp_formula *f, const gp_output *o, int n, const values *v, int bar)
{
    int from = bar - r->last + 1 > 0 ? bar - r->last + 1 : 0, cell = r->bars->time ? 18 : 12, width = 0, shown = bar + 1 - from;
    int fit;
    double *x = gp_xcalloc((size_t)shown + 1, sizeof *x);
    for (int i = 0; i < n; i++) {
        char *label = label_text(f, &o[i], LABEL_CELLS);
        if (has_values(&o[i]) && gp_str_width(gp_str_from(label)) > width)
            width = gp_str_width(gp_str_from(label));
        free(label);
    }
    fit = (screen_width(r) - width) / cell > 0 ? (screen_width(r) - width) / cell : 1;
    for (int at = from; at <= bar && width; at += fit) {
        int columns = bar + 1 - at < fit ? bar + 1 - at : fit;
        printf("%s%*s", r->c->colour ? "\033[2m" : "", width, "");
        for (int k = 0; k < columns; k++) {
            char when[32];
            stamp(r->bars, at + k, when);
            printf("%*s", cell, when);
        }
        puts(r->c->colour ? "\033[0m" : "");
        for (int i = 0; i < n; i++) {
            char *label;
            if (!has_values(&o[i]))
                continue;
            label = label_text(f, &o[i], LABEL_CELLS);
            for (int k = 0; k < shown; k++)
                x[k] = o[i].kind == GP_OUT_DRAW ? draw_value(&o[i], v->out, from + k) : v->out[o[i].slot][from + k];
            put_row(r, label, width, x + (at - from), columns, row_digits(x, shown), cell, at + columns == bar + 1);
            free(label);
        }
    }
    free(x);
}

/* The text on the bar looked at; of a drawing on the bar where it was last drawn. */
static const char *text_at(const values *v, const gp_output *o, int bar)
{
    while (o->kind == GP_OUT_DRAW && o->cond >= 0 && bar > 0 && !holds(v->out[o->cond][bar]))
        bar--;
    return gp_vm_text_at(v->vm, 0, o->text, bar);
}

static void put_clean(const char *text)
{
    const char *end = text + strlen(text);
    int n = 0;
    for (const char *p = text; p < end && n < TEXT_MAX; n++) {
        uint32_t cp;
        int bytes = gp_utf8_decode(p, end, &cp);
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
            fputs("\xEF\xBF\xBD", stdout);
        else
            fwrite(p, 1, (size_t)bytes, stdout);
        p += bytes;
    }
}

static void remark(const repl *r, const char *label, const char *text)
{
    printf("%s%s%s%s%s\n", label, *label ? ": " : "", r->c->colour ? "\033[36m" : "", text, r->c->colour ? "\033[0m" : "");
}

static void show_long(repl *r, const gp_formula *f, const gp_output *o, int n, const values *v, int bar)
{
    show_bars(r, f, o, n, v, bar);
    for (int i = 0; i < n; i++) {
        char *label = label_text(f, &o[i], LABEL_CELLS);
        gp_buf text = {0};
        bool drawing = o[i].kind == GP_OUT_DRAW;
        const double *y = drawing ? (o[i].cond >= 0 ? v->out[o[i].cond] : NULL) : has_values(&o[i]) ? v->out[o[i].slot] : NULL;
        if (o[i].text >= 0 && strcmp(text_at(v, &o[i], bar), o[i].name) != 0) {
            printf("%s%s", label, drawing ? ": '" : " = '");
            put_clean(text_at(v, &o[i], bar));
            fputs("'\n", stdout);
        }
        if (y && (drawing || is_condition(f, f->stmts[o[i].stmt].expr, y, r->bars->n))) {
            history_text(r, y, bar, drawing, &text);
            remark(r, n > 1 ? label : "", text.p);
        }
        gp_buf_free(&text);
        free(label);
    }
}

/* ---- the short form ---- */

static void show_brief(repl *r, const gp_formula *f, const gp_output *o, int n, const values *v, int bar)
{
    gp_column columns[3] = {{"", GP_CELL_TEXT, 0}, {"", GP_CELL_TEXT, 0}, {"", GP_CELL_TEXT, 0}};
    char when[32];
    gp_writer *w;
    stamp(r->bars, bar, when);
    columns[1].name = when;
    w = gp_writer_new(stdout, GP_FORMAT_TABLE, columns, 3, r->c->colour);
    for (int i = 0; i < n; i++) {
        char *label = label_text(f, &o[i], 2 * LABEL_CELLS), number[GP_NUM_MAX + 512];
        gp_buf text = {0};
        bool drawing = o[i].kind == GP_OUT_DRAW;
        const double *y = drawing ? (o[i].cond >= 0 ? v->out[o[i].cond] : NULL) : has_values(&o[i]) ? v->out[o[i].slot] : NULL;
        gp_cell cells[3] = {{.text = gp_str_from(label)}, {.text = GP_STR("")}, {.text = GP_STR("")}};
        if (has_values(&o[i])) {
            number_text(drawing ? draw_value(&o[i], v->out, bar) : y[bar], number);
            cells[1].text = gp_str_from(number);
        } else {
            cells[1].text = gp_str_from(text_at(v, &o[i], bar));
        }
        if (y && (drawing || is_condition(f, f->stmts[o[i].stmt].expr, y, r->bars->n))) {
            history_text(r, y, bar, drawing, &text);
            cells[2].text = (gp_str){text.p, text.n};
        }
        gp_writer_row(w, cells);
        gp_buf_free(&text);
        free(label);
    }
    gp_writer_end(w);
}

static bool show(repl *r, const gp_formula *f, const gp_program *p, bool brief, bool note)
{
    int n, bar = repl_bar(r);
    const gp_output *o = gp_program_outputs(p, &n);
    values v = {0};
    if (!r->bars) {
        repl_say(r, "%s", repl_text(r, "no values: no quotes are loaded (:load FILE or FOLDER)", "尚无行情, 不能求值 (:load 文件或目录)"));
        return true;
    }
    if (bar < 0) {
        repl_say(r, "%s", repl_text(r, "no values: there is no bar that early (:at)", "所选日期之前没有K线 (:at)"));
        return true;
    }
    if (n == 0)
        return true;
    if (!evaluate(r, p, &v))
        return false;
    if (brief)
        show_brief(r, f, o, n, &v, bar);
    else
        show_long(r, f, o, n, &v, bar);
    fflush(stdout);
    if (note)
        gp_cli_ahead_note(r->c, p);
    values_fini(&v);
    return true;
}

bool repl_show(repl *r, const gp_formula *f, const gp_program *p, bool brief) { return show(r, f, p, brief, true); }

gp_compile_opts repl_compile_opts(const repl *r)
{
    gp_compile_opts options = gp_cli_compile_opts(r->c);
    options.exact_compare = r->exact;
    return options;
}

bool repl_show_session(repl *r, bool all)
{
    gp_formula *f;
    gp_program *p;
    gp_diags d = {0};
    gp_compile_opts options = repl_compile_opts(r);
    bool ok;
    if (r->now.entries.n == 0)
        return true;
    f = repl_formula(r);
    if (!f)
        return false;
    for (int i = 0; i < f->n_stmts && all; i++) {
        if (f->stmts[i].kind == GP_STMT_ASSIGN)
            f->stmts[i].kind = GP_STMT_OUTPUT;
    }
    p = gp_compile(f, &options, &d);
    gp_diags_fini(&d);
    ok = p && show(r, f, p, true, false); /* what looks ahead was said when it was typed */
    gp_program_free(p);
    gp_formula_free(f);
    return ok;
}

void repl_trace(repl *r, const char *text)
{
    gp_diags d = {0};
    gp_compile_opts options = repl_compile_opts(r);
    int stmt, bar = repl_bar(r);
    gp_companions *companions;
    gp_formula *f;
    gp_trace *t;
    if (!*text && r->latest.n == 0) {
        repl_error(r, GP_EXIT_USAGE, "%s", repl_text(r, "nothing was asked yet: :trace NAME or :trace EXPRESSION", "尚未求值: :trace 名字或表达式"));
        return;
    }
    if (bar < 0) {
        repl_error(r, GP_EXIT_NO_DATA, "%s", repl_text(r, "there is no bar to look at", "没有可查看的K线"));
        return;
    }
    f = repl_question(r, *text ? gp_str_from(text) : (gp_str){r->latest.p, r->latest.n}, &stmt);
    if (!f)
        return;
    options.stmts = &stmt;
    options.n_stmts = 1;
    t = gp_trace_new(f, &options, &d);
    gp_cli_diags(r->c, &d);
    if (t && open_companions(r, gp_trace_program(t), &companions)) {
        gp_trace_feed(t, companions);
        gp_cli_trace_tree(r->c, GP_FORMAT_TABLE, t, r->bars, bar);
        fflush(stdout);
        gp_trace_free(t); /* its feed first */
        t = NULL;
        gp_cli_companions_end(r->c, companions);
    }
    gp_trace_free(t);
    gp_formula_free(f);
}
