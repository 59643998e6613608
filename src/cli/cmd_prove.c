/* goldpit check --prove: whether the past of a formula's outputs changes when bars are added. */
#include "cli/table.h"
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/vec.h"
#include "screen/prove.h"

/* A change with its days, which outlive the quotes. */
typedef struct moment { int32_t date, time; } moment;
typedef struct change { moment bar, end; double was, now; int back; } change;

/* One output over all securities. */
typedef struct total {
    size_t cuts, changed, late, seen, gone, born;
    size_t securities_changed;
    bool wrong;          /* the label promised what the measurement did not find */
    change first, deepest;
    char first_code[48], deepest_code[48];
} total;

typedef struct prove_run {
    gp_cli *c;
    const gp_program *program;
    const gp_output *outputs;
    int n_outputs;
    gp_prover *prover;
    gp_companions *companions; /* NULL: nothing is needed beside the quotes */
    gp_proof *proof;     /* of the security at hand */
    total *totals;
    gp_writer *writer;   /* NULL: a report for people */
    size_t securities, bars;
    char code[48];       /* of the only security */
} prove_run;

enum { N_COLUMNS = 24 };

/* ---- words ---- */

static const char *const label_words[] = {
    [GP_FUTURE_NONE] = "none", [GP_FUTURE_N] = "bars", [GP_FUTURE_PERIOD] = "period", [GP_FUTURE_REPAINT] = "any", [GP_FUTURE_LAST] = "last"};

static const char *way_out(const gp_cli *c, const gp_output *o)
{
    if (o->ahead.kind == GP_FUTURE_NONE || o->kind == GP_OUT_TEXT)
        return NULL;
    if (o->ahead.kind == GP_FUTURE_PERIOD)
        return c->zh ? "--period-align closed 取上一个已完成的周期" : "--period-align closed takes the last period that is complete";
    return gp_builtin_way_out(o->ahead.fn, c->zh);
}

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

static void add_moment(const moment *m, gp_buf *out)
{
    gp_buf_printf(out, "%04d-%02d-%02d", m->date / 10000, m->date / 100 % 100, m->date % 100);
    if (m->time >= 0)
        gp_buf_printf(out, " %02d:%02d", m->time / 10000, m->time / 100 % 100);
}

/* Both numbers with as many decimals as it takes to see that they differ. */
static void add_values(double was, double now, char *left, char *right)
{
    *left = *right = 0;
    for (int digits = 4; digits <= 12; digits += 4) {
        if (was == was)
            gp_num_format_fixed(was, digits, left);
        if (now == now)
            gp_num_format_fixed(now, digits, right);
        if (strcmp(left, right) != 0)
            return;
    }
    gp_num_format(was, left);
    gp_num_format(now, right);
}

static void add_change(const prove_run *r, const change *x, const char *code, gp_buf *out)
{
    char was[GP_NUM_MAX + 512], now[GP_NUM_MAX + 512];
    add_values(x->was, x->now, was, now);
    if (r->securities > 1)
        gp_buf_printf(out, "%s: ", code);
    gp_buf_addz(out, x->was == x->was ? "value on " : "no value on ");
    add_moment(&x->bar, out);
    if (x->was == x->was)
        gp_buf_printf(out, " was %s", was);
    gp_buf_addz(out, " when the data ended on ");
    add_moment(&x->end, out);
    if (x->now == x->now)
        gp_buf_printf(out, ", it is %s now", now);
    else
        gp_buf_addz(out, ", there is none now");
}

/* ---- one security ---- */

static moment moment_of(const gp_bars *b, int bar)
{
    return (moment){b->date[bar], b->time ? b->time[bar] : -1};
}

static change change_of(const gp_bars *b, const gp_change *c)
{
    return (change){moment_of(b, c->bar), moment_of(b, c->end - 1), c->was, c->now, gp_change_back(c)};
}

static void add_up(prove_run *r, const gp_bars *b)
{
    for (int k = 0; k < r->n_outputs; k++) {
        const gp_proof *p = &r->proof[k];
        total *t = &r->totals[k];
        t->cuts += (size_t)p->cuts;
        t->late += (size_t)p->late;
        t->wrong |= !p->agrees;
        t->seen += (size_t)p->seen;
        t->gone += (size_t)p->gone;
        t->born += (size_t)p->born;
        if (!p->changed)
            continue;
        if (!t->changed) {
            t->first = change_of(b, &p->first);
            snprintf(t->first_code, sizeof t->first_code, "%s", b->code);
        }
        if (!t->changed || gp_change_back(&p->deepest) > t->deepest.back) {
            t->deepest = change_of(b, &p->deepest);
            snprintf(t->deepest_code, sizeof t->deepest_code, "%s", b->code);
        }
        t->changed += (size_t)p->changed;
        t->securities_changed++;
    }
}

static gp_cell day(const moment *m, bool there) { return (gp_cell){.date = there ? m->date : 0, .time = m->time}; }

static void write_rows(prove_run *r, const gp_bars *b)
{
    for (int k = 0; k < r->n_outputs; k++) {
        const gp_output *o = &r->outputs[k];
        const gp_proof *p = &r->proof[k];
        const char *hint = way_out(r->c, o);
        gp_cell cells[N_COLUMNS] = {0};
        int n = 0;
        const bool there = p->changed > 0, valued = there && o->kind != GP_OUT_TEXT;
        const change first = there ? change_of(b, &p->first) : (change){0}, deepest = there ? change_of(b, &p->deepest) : (change){0};
        cells[n++].text = gp_str_from(b->code);
        cells[n++].text = gp_str_from(o->name);
        cells[n++].text = gp_str_from(label_words[o->ahead.kind]);
        cells[n++].number = o->ahead.kind == GP_FUTURE_N ? o->ahead.bars : o->ahead.kind == GP_FUTURE_NONE ? 0 : NAN;
        cells[n++].text = o->ahead.chain && o->ahead.kind != GP_FUTURE_NONE ? gp_str_from(o->ahead.chain) : (gp_str){NULL, 0};
        cells[n++].number = p->cuts;
        cells[n++].number = p->changed;
        cells[n++].number = there ? deepest.back : 0;
        cells[n++] = day(&first.bar, there);
        cells[n++] = day(&first.end, there);
        cells[n++].number = valued ? first.was : NAN;
        cells[n++].number = valued ? first.now : NAN;
        cells[n++] = day(&deepest.bar, there);
        cells[n++] = day(&deepest.end, there);
        cells[n++].number = valued ? deepest.was : NAN;
        cells[n++].number = valued ? deepest.now : NAN;
        cells[n++].number = p->is_signal ? p->seen : NAN;
        cells[n++].number = p->is_signal ? p->gone : NAN;
        cells[n++].number = p->is_signal ? p->born : NAN;
        cells[n++].number = p->late;
        cells[n++].text = gp_str_from(p->agrees ? "yes" : "no");
        cells[n++].text = hint ? gp_str_from(hint) : (gp_str){NULL, 0};
        gp_writer_row(r->writer, cells);
    }
}

static gp_writer *new_writer(gp_format format)
{
    static const gp_column columns[] = {
        {"code", GP_CELL_TEXT, 0}, {"output", GP_CELL_TEXT, 0}, {"label", GP_CELL_TEXT, 0}, {"label_bars", GP_CELL_NUMBER, -1},
        {"chain", GP_CELL_TEXT, 0}, {"cuts", GP_CELL_NUMBER, -1}, {"changed", GP_CELL_NUMBER, -1}, {"back", GP_CELL_NUMBER, -1},
        {"first", GP_CELL_DATE, 0}, {"first_end", GP_CELL_DATE, 0}, {"first_was", GP_CELL_NUMBER, -1}, {"first_now", GP_CELL_NUMBER, -1},
        {"deepest", GP_CELL_DATE, 0}, {"deepest_end", GP_CELL_DATE, 0}, {"deepest_was", GP_CELL_NUMBER, -1},
        {"deepest_now", GP_CELL_NUMBER, -1}, {"seen", GP_CELL_NUMBER, -1}, {"gone", GP_CELL_NUMBER, -1}, {"born", GP_CELL_NUMBER, -1},
        {"late", GP_CELL_NUMBER, -1}, {"agrees", GP_CELL_TEXT, 0}, {"way_out", GP_CELL_TEXT, 0}};
    return gp_writer_new(stdout, format, columns, (int)(sizeof columns / sizeof *columns), false);
}

static void prove_bars(prove_run *r, const gp_bars *b)
{
    gp_prove(r->prover, b, r->proof);
    r->securities++;
    r->bars += (size_t)b->n;
    snprintf(r->code, sizeof r->code, "%s", b->code);
    add_up(r, b);
    if (r->writer)
        write_rows(r, b);
}

/* ---- the report ---- */

static void line(const char *indent, const gp_buf *b) { printf("%s%s\n", indent, b->p); }

static void report_changed(const prove_run *r, const gp_output *o, const total *t)
{
    gp_buf b = {0};
    gp_buf_printf(&b, "%s: changed in %zu of %zu cuts", o->name, t->changed, t->cuts);
    if (r->securities > 1)
        gp_buf_printf(&b, ", on %zu of %zu securities", t->securities_changed, r->securities);
    if (o->kind == GP_OUT_TEXT) {
        gp_buf_addz(&b, "; a text is taken from the last bar there is");
        line("  ", &b);
        gp_buf_free(&b);
        return;
    }
    if (o->ahead.kind == GP_FUTURE_LAST)
        gp_buf_addz(&b, ", as it must: it depends on which bar is the last");
    else
        gp_buf_printf(&b, ", up to %d bar%s back", t->deepest.back, plural((size_t)t->deepest.back));
    line("  ", &b);
    b.n = 0;
    add_change(r, &t->first, t->first_code, &b);
    line("    ", &b);
    if (t->deepest.back > 1 && memcmp(&t->deepest, &t->first, sizeof t->first) != 0) {
        b.n = 0;
        add_change(r, &t->deepest, t->deepest_code, &b);
        line("    ", &b);
    }
    b.n = 0;
    if (t->gone)
        gp_buf_printf(&b, "of %zu signals seen on their own day, %zu %s gone now", t->seen, t->gone, t->gone == 1 ? "is" : "are");
    if (t->born)
        gp_buf_printf(&b, "%s%zu signal%s that stand%s there now could not be seen on %s day", b.n ? "; " : "", t->born, plural(t->born),
                      t->born == 1 ? "s" : "", t->born == 1 ? "its" : "their");
    if (b.n)
        line("    ", &b);
    gp_buf_free(&b);
}

static void report_label(const prove_run *r, const gp_output *o)
{
    gp_buf b = {0};
    const char *hint = way_out(r->c, o);
    gp_buf_addz(&b, "look-ahead: ");
    gp_cli_ahead_text(&o->ahead, &b);
    line("    ", &b);
    if (hint)
        printf("    way out: %s\n", hint);
    gp_buf_free(&b);
}

static void report(const prove_run *r)
{
    gp_buf final = {0};
    size_t cuts = r->n_outputs ? r->totals[0].cuts : 0;
    int n = 0;
    if (r->securities == 1)
        printf("measured on %s, %zu bars, the tail cut off at %zu of them\n", r->code, r->bars, cuts);
    else
        printf("measured on %zu securities, %zu bars, the tail cut off at %zu of them\n", r->securities, r->bars, cuts);
    for (int k = 0; k < r->n_outputs; k++) {
        const gp_output *o = &r->outputs[k];
        const total *t = &r->totals[k];
        if (t->changed) {
            report_changed(r, o, t);
            report_label(r, o);
        } else if (o->ahead.kind != GP_FUTURE_NONE) {
            printf("  %s: no value changed in %zu cuts, though one may\n", o->name, t->cuts);
            report_label(r, o);
        } else {
            gp_buf_printf(&final, "%s%s", n++ ? ", " : "", o->name);
        }
        if (t->late)
            printf("  %s: its first value came one bar late %zu time%s (MEMA and SAR need a bar more than they use)\n", o->name, t->late,
                   plural(t->late));
    }
    if (n && cuts)
        printf("  final when the bar closes, no value changed: %s\n", final.p);
    gp_buf_free(&final);
}

/* ---- files ---- */

static bool prove_file(prove_run *r, const gp_inputs *inputs, size_t k)
{
    gp_read_opts options = {.need = gp_program_needs(r->program)};
    gp_read_result result = {0};
    gp_diags d = {0};
    if (r->companions)
        gp_companions_read_opts(r->companions, &options);
    bool ok = gp_read_input(inputs, k, &options, &result, &d);
    for (int i = 0; ok && r->companions && i < result.n; i++)
        ok = gp_companions_accept(r->companions, &result.at[i], &d);
    gp_cli_diags(r->c, &d);
    for (int i = 0; ok && i < result.n; i++)
        prove_bars(r, &result.at[i]);
    gp_read_result_fini(&result);
    return ok;
}

static int prove_data(prove_run *r)
{
    gp_cli *c = r->c;
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0, status;
    bool read = false;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    if (!gp_cli_companions(c, r->program, NULL, &inputs, &r->companions, &status)) {
        gp_inputs_fini(&inputs);
        return status;
    }
    r->prover = gp_prover_new(r->program, r->companions, &(gp_prove_opts){.cuts = c->cuts});
    for (size_t i = 0; i < inputs.n; i++) {
        if (prove_file(r, &inputs, i))
            read = true;
        else
            bad++;
    }
    gp_inputs_fini(&inputs);
    gp_prover_free(r->prover);
    gp_cli_companions_end(c, r->companions);
    if (bad && read)
        gp_cli_note(c, "%d input%s skipped", bad, bad == 1 ? "" : "s");
    return !read ? GP_EXIT_NO_DATA : bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

/* Loud: it is a bug of goldpit, not of the formula. */
static void report_wrong(const prove_run *r)
{
    for (int k = 0; k < r->n_outputs; k++) {
        const total *t = &r->totals[k];
        gp_buf b = {0};
        if (!t->wrong)
            continue;
        if (r->outputs[k].kind == GP_OUT_TEXT)
            gp_buf_addz(&b, "the text of the last bar changed");
        else
            add_change(r, &t->deepest, t->deepest_code, &b);
        gp_cli_error(r->c, "%s was labelled %s, and that is wrong: %s. This is a bug in goldpit: please report it with the formula and the data",
                     r->outputs[k].name, r->outputs[k].ahead.kind == GP_FUTURE_NONE ? "as not looking ahead" : "with fewer bars", b.p);
        gp_buf_free(&b);
    }
}

int gp_cli_prove(gp_cli *c, const gp_program *p)
{
    prove_run r = {.c = c, .program = p};
    const gp_format format = c->format_given ? c->format : isatty(STDOUT_FILENO) ? GP_FORMAT_TABLE : GP_FORMAT_CSV;
    bool ahead = false;
    int status;
    r.outputs = gp_program_outputs(p, &r.n_outputs);
    if (r.n_outputs == 0) {
        gp_cli_error(c, "the formula has no output: every statement defines a variable with ':='");
        return GP_EXIT_FORMULA;
    }
    r.proof = gp_xcalloc((size_t)r.n_outputs, sizeof *r.proof);
    r.totals = gp_xcalloc((size_t)r.n_outputs, sizeof *r.totals);
    if (format != GP_FORMAT_TABLE)
        r.writer = new_writer(format);
    status = prove_data(&r);
    if (r.writer)
        status = gp_writer_end(r.writer) ? status : GP_EXIT_NO_DATA;
    else if (r.securities)
        report(&r);
    report_wrong(&r);
    for (int k = 0; k < r.n_outputs; k++)
        ahead |= r.outputs[k].ahead.kind != GP_FUTURE_NONE || r.totals[k].changed;
    free(r.proof);
    free(r.totals);
    return status == GP_EXIT_NO_DATA || status == GP_EXIT_USAGE || !ahead ? status : GP_EXIT_AHEAD;
}
