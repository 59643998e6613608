/* goldpit eval --trace CODE@DATE: the value of every sub-expression on one bar. */
#include "cli/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/vec.h"
#include "output/tree.h"
#include "screen/trace.h"

/* CODE@DATE taken apart. */
typedef struct wanted {
    char code[64];   /* "": the only security there is */
    int32_t date;    /* 0: not a day */
    long bar;        /* from 1; negative from the end; 0: not a number */
} wanted;

/* What was found in the data. */
typedef struct found {
    gp_read_result read;
    const gp_bars *bars;
    size_t securities;
    int bad;
} found;

static bool parse_bar(const char *z, wanted *w)
{
    char *end;
    if (!*z || strcmp(z, "last") == 0)
        return true;
    if (gp_cli_date(z, &w->date))
        return true;
    if (strlen(z) > 10 || strspn(z, "-0123456789") != strlen(z))
        return false;
    w->bar = strtol(z, &end, 10);
    return *end == 0 && w->bar != 0;
}

/* Without @ a date is a date and everything else a code. */
static bool parse_wanted(const char *z, wanted *w)
{
    const char *at = strrchr(z, '@');
    *w = (wanted){0};
    if (!at && (strcmp(z, "last") == 0 || (strlen(z) > 8 && gp_cli_date(z, &w->date))))
        return true;
    const size_t n = at ? (size_t)(at - z) : strlen(z);
    if (n >= sizeof w->code)
        return false;
    memcpy(w->code, z, n);
    return !at || parse_bar(at + 1, w);
}

static bool is_called(const gp_bars *b, const char *code)
{
    char left[64], right[64];
    snprintf(left, sizeof left, "%s%s", b->market, b->code);
    snprintf(right, sizeof right, "%s.%s", b->code, b->market);
    const gp_str word = gp_str_from(code);
    return !*code || gp_str_ieqz(word, b->code) || gp_str_ieqz(word, left) || gp_str_ieqz(word, right);
}

/* Keeps the first security of that code; without a code counts on. */
static void look_into(gp_cli *c, const gp_inputs *inputs, size_t k, const gp_read_opts *options, const wanted *w, found *x)
{
    gp_read_result r = {0};
    gp_diags d = {0};
    const bool ok = gp_read_input(inputs, k, options, &r, &d);
    gp_cli_diags(c, &d);
    x->bad += !ok;
    bool kept = false;
    for (int i = 0; ok && i < r.n; i++) {
        if (!is_called(&r.at[i], w->code))
            continue;
        x->securities++;
        if (x->bars)
            continue;
        x->read = r;
        x->bars = &r.at[i];
        kept = true;
    }
    if (!kept)
        gp_read_result_fini(&r);
}

/* Of thousands of files those whose name has the code come first. */
static void find_security(gp_cli *c, const gp_inputs *inputs, const gp_read_opts *options, const wanted *w, found *x)
{
    for (int pass = *w->code ? 0 : 1; pass < 2; pass++)
        for (size_t i = 0; i < inputs->n; i++) {
            const char *slash = strrchr(inputs->at[i].path, '/');
            const bool named = *w->code && strstr(slash ? slash + 1 : inputs->at[i].path, w->code);
            if (*w->code && (x->bars || named != (pass == 0)))
                continue;
            if (!*w->code && x->securities > 1)
                break;
            look_into(c, inputs, i, options, w, x);
        }
}

/* The bar meant, or -1 after saying why there is none. */
static int bar_of(const gp_cli *c, const wanted *w, const gp_bars *b)
{
    int bar = b->n - 1;
    if (w->bar > b->n || w->bar < -(long)b->n) {
        gp_cli_error(c, "%s has %d bars; there is no bar %ld", b->code, b->n, w->bar);
        return -1;
    }
    if (w->bar)
        return (int)(w->bar > 0 ? w->bar - 1 : b->n + w->bar);
    if (!w->date)
        return bar;
    while (bar >= 0 && b->date[bar] > w->date)
        bar--;
    if (bar < 0)
        gp_cli_error(c, "%s begins on %04d-%02d-%02d, later than the day asked for", b->code, b->date[0] / 10000, b->date[0] / 100 % 100,
                     b->date[0] % 100);
    else if (b->date[bar] != w->date)
        gp_cli_note(c, "%s has no bar on %04d-%02d-%02d; the last one before it is shown", b->code, w->date / 10000, w->date / 100 % 100,
                    w->date % 100);
    return bar;
}

bool gp_cli_trace_tree(const gp_cli *c, gp_format format, gp_trace *t, const gp_bars *b, int bar)
{
    int n;
    const gp_trace_row *rows = gp_trace_run(t, b, bar, &n);
    gp_tree_row *tree = gp_xcalloc((size_t)n + 1, sizeof *tree);
    const gp_tree_head head = {.code = gp_str_from(b->code), .name = gp_str_from(b->name), .date = b->date[bar],
                               .time = b->time ? b->time[bar] : -1, .bar = bar + 1, .bars = b->n, .close = b->close ? b->close[bar] : NAN};
    for (int i = 0; i < n; i++) {
        const gp_trace_row *r = &rows[i];
        const bool condition = r->is_condition && r->has_value;
        tree[i] = (gp_tree_row){.depth = r->depth, .name = r->name ? gp_str_from(r->name) : (gp_str){NULL, 0}, .text = gp_str_from(r->text),
                                .holds = condition ? fabs(r->value) >= 1e-5 : -1, /* language.md 4.5; null does not hold */
                                .has_value = r->has_value, .has_before = r->has_value && r->shows_before && bar > 0, .again = r->again,
                                .value = r->value, .before = r->before,
                                .string = r->string ? gp_str_from(r->string) : (gp_str){NULL, 0}};
    }
    const bool ok = gp_tree_write(stdout, format, &head, tree, n, c->colour);
    free(tree);
    return ok;
}

static int trace_data(gp_cli *c, gp_trace *t, const wanted *w)
{
    found x = {0};
    int status = GP_EXIT_NO_DATA, bar;
    const gp_format format = c->format_given ? c->format : isatty(STDOUT_FILENO) ? GP_FORMAT_TABLE : GP_FORMAT_CSV;
    gp_inputs inputs = {0};
    gp_companions *companions;
    gp_diags d = {0};
    const unsigned need = gp_program_needs(gp_trace_program(t));
    gp_read_opts options = {.need = need, .want = need | GP_COL_CLOSE};
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &x.bad, &d);
    gp_cli_diags(c, &d);
    if (!gp_cli_companions(c, gp_trace_program(t), NULL, &inputs, &companions, &status)) {
        gp_inputs_fini(&inputs);
        return status;
    }
    if (companions)
        gp_companions_read_opts(companions, &options);
    gp_trace_feed(t, companions);
    find_security(c, &inputs, &options, w, &x);
    gp_inputs_fini(&inputs);
    if (x.bars && companions && !gp_companions_accept(companions, x.bars, &d))
        gp_cli_diags(c, &d);
    else if (!x.bars)
        gp_cli_error(c, *w->code ? "the data have no security %s" : "no quotes could be read%s", w->code);
    else if (!*w->code && x.securities > 1)
        status = gp_cli_usage(c, "the data have several securities: say which one, as in --trace %s@%s", x.bars->code, "2024-03-05");
    else if ((bar = bar_of(c, w, x.bars)) >= 0 && gp_cli_trace_tree(c, format, t, x.bars, bar))
        status = x.bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
    gp_read_result_fini(&x.read);
    gp_trace_feed(t, NULL);
    gp_cli_companions_end(c, companions);
    return status;
}

int gp_cli_trace(gp_cli *c, const gp_formula *f, const gp_compile_opts *o, gp_diags *d)
{
    wanted w;
    if (!parse_wanted(c->trace, &w))
        return gp_cli_usage(c, "--trace '%s': give CODE@DATE, CODE@N (N-th bar; -1 the last one), CODE, or @DATE for a single security", c->trace);
    gp_trace *t = gp_trace_new(f, o, d);
    gp_cli_diags(c, d);
    if (!t)
        return GP_EXIT_FORMULA;
    gp_cli_ahead_note(c, gp_trace_program(t));
    const int status = trace_data(c, t, &w);
    gp_trace_free(t);
    return status;
}
