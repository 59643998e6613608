/* goldpit eval: every output of a formula, bar by bar. */
#include "cli/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"
#include "cli/drawings.h"
#include "output/spark.h"
#include "screen/feed.h"

enum { WARNINGS_SHOWN = 20, MAX_FIXED = 4 /* code, date, time, spark */ };

typedef struct eval_run {
    gp_cli *c;
    const gp_formula *formula;
    const gp_program *program;
    const gp_output *outputs;
    const int *shown;           /* indexes into outputs */
    int n_shown, n_slots;
    gp_vm *vm;
    gp_companions *companions;  /* NULL: the program needs nothing beside the quotes */
    gp_feed *feed;
    gp_writer *writer;          /* made when the first file is read: only then the fixed columns are known */
    bool with_code, with_time;
    size_t securities, drawn;
    int longest;                /* bars of the longest security */
    int warnings, warnings_hidden;
    gp_column *columns;
    gp_cell *cells;
    gp_buf spark;
} eval_run;

/* ---- which outputs ---- */

static bool defines(const gp_formula *f, gp_stmt_kind kind, gp_str name)
{
    for (int i = 0; i < f->n_stmts; i++) {
        if (f->stmts[i].kind == kind && gp_str_ieq(f->stmts[i].name, name))
            return true;
    }
    return false;
}

/* The statements --select means (before: appended holds the hidden one made for an intermediate variable, or -1). */
static int selected(const gp_formula *f, const char *select, int appended, int *stmts)
{
    int n = 0;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        if (s->kind != GP_STMT_ASSIGN && !s->hidden && s->label && gp_str_ieqz(gp_str_from(s->label), select))
            stmts[n++] = i;
    }
    if (n == 0 && appended >= 0)
        stmts[n++] = appended;
    return n;
}

static int nothing_selected(const gp_cli *c, const gp_formula *f)
{
    gp_buf list = {0};
    int status;
    for (int i = 0; i < f->n_stmts; i++) {
        const gp_stmt *s = &f->stmts[i];
        if (!s->hidden && s->label && *s->label)
            gp_buf_printf(&list, "%s%s", list.n ? ", " : "", s->label);
    }
    status = gp_cli_usage(c, "--select '%s': the formula has no such output; it has %s", c->select, list.n ? list.p : "none");
    gp_buf_free(&list);
    return status;
}

/* ---- rows ---- */

static void begin(eval_run *r, bool with_code, bool with_time)
{
    int n = 0;
    r->with_code = with_code;
    r->with_time = with_time;
    if (r->c->drawings)
        r->writer = gp_drawings_begin(r->c, with_code);
    if (r->c->drawings || r->c->describe)
        return;
    if (with_code)
        r->columns[n++] = (gp_column){"code", GP_CELL_TEXT, 0};
    r->columns[n++] = (gp_column){"date", GP_CELL_DATE, 0};
    if (with_time)
        r->columns[n++] = (gp_column){"time", GP_CELL_TEXT, 0};
    for (int i = 0; i < r->n_shown; i++) {
        const gp_output *o = &r->outputs[r->shown[i]];
        const char *name = o->kind == GP_OUT_HIDDEN ? r->c->select : o->name;
        r->columns[n++] = (gp_column){name, o->kind == GP_OUT_TEXT ? GP_CELL_TEXT : GP_CELL_NUMBER, -1};
    }
    if (r->c->spark)
        r->columns[n++] = (gp_column){"spark", GP_CELL_TEXT, 0};
    r->writer = gp_writer_new(r->c->out ? r->c->out : stdout, r->c->format, r->columns, n, r->c->colour);
    if (!r->c->out)
        gp_writer_fold(r->writer, gp_cli_width(), n - r->n_shown - r->c->spark);
}

static double draw_value(const gp_output *o, double *const *out, size_t row)
{
    double cond = o->cond >= 0 ? out[o->cond][row] : 1;
    if (o->slot < 0)
        return o->cond >= 0 ? cond : NAN;
    return fabs(cond) >= 1e-5 ? out[o->slot][row] : NAN; /* language.md 4.5; a null condition does not hold */
}

static void print_rows(eval_run *r, const gp_bars *b, int from, int to, double *const *out)
{
    char clock[16];
    for (int i = from; i < to; i++) {
        size_t row = (size_t)(i - from);
        int n = 0;
        if (r->with_code)
            r->cells[n++].text = gp_str_from(b->code);
        r->cells[n++] = (gp_cell){.date = b->date[i], .time = -1};
        if (r->with_time) {
            int t = b->time ? b->time[i] : 0;
            snprintf(clock, sizeof clock, "%02d:%02d:%02d", t / 10000 % 100, t / 100 % 100, t % 100);
            r->cells[n++].text = b->time ? gp_str_from(clock) : (gp_str){NULL, 0};
        }
        for (int k = 0; k < r->n_shown; k++) {
            const gp_output *o = &r->outputs[r->shown[k]];
            gp_cell *cell = &r->cells[n++];
            if (o->kind == GP_OUT_TEXT)
                cell->text = gp_str_from(gp_vm_text_at(r->vm, 0, o->text, i));
            else if (o->kind == GP_OUT_DRAW)
                cell->number = draw_value(o, out, row);
            else
                cell->number = out[o->slot][row];
        }
        if (r->c->spark) {
            const int first = i + 1 > GP_SPARK ? i + 1 - GP_SPARK : 0;
            r->spark.n = 0;
            if (b->close)
                gp_spark(b->close + first, i + 1 - first, &r->spark);
            r->cells[n++].text = (gp_str){r->spark.p, r->spark.n};
        }
        gp_writer_row(r->writer, r->cells);
    }
}

/* Every bar is computed; --from, --to and --last only choose what is shown. */
static void eval_bars(eval_run *r, const gp_bars *b)
{
    int from = 0, to = b->n;
    double **out = gp_xcalloc((size_t)r->n_slots + 1, sizeof *out);
    if (b->n > r->longest)
        r->longest = b->n;
    while (r->c->from && from < to && b->date[from] < r->c->from)
        from++;
    while (r->c->to && to > from && b->date[to - 1] > r->c->to)
        to--;
    if (r->c->last && to - from > r->c->last)
        from = to - r->c->last;
    const int computed = r->c->drawings || r->c->describe ? 0 : from; /* a line may begin before what is shown */
    for (int i = 0; i < r->n_slots; i++)
        out[i] = gp_xcalloc((size_t)(b->n - computed) + 1, sizeof **out);
    gp_lane lane = gp_lane_of(b, b->n, computed, out);
    gp_feed_fill(r->feed, 0, b, b->n, &lane);
    gp_vm_run(r->vm, &lane, 1);
    if (r->c->drawings || r->c->describe) {
        const gp_plot_input in = {.formula = r->formula, .program = r->program, .bars = b, .vm = r->vm, .out = out, .from = from, .to = to};
        r->drawn += gp_drawings_rows(r->c, r->writer, r->with_code, &in);
    } else {
        print_rows(r, b, from, to, out);
    }
    for (int i = 0; i < r->n_slots; i++)
        free(out[i]);
    free(out);
    r->securities++;
}

/* ---- files ---- */

/* A folder with thousands of odd files must not bury its errors under warnings. */
static void print_diags(eval_run *r, gp_diags *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (d->at[i].severity != GP_ERROR && !r->c->diag_json && r->warnings++ >= WARNINGS_SHOWN) {
            free(d->at[i].message);
            free(d->at[i].hint);
            r->warnings_hidden++;
            continue;
        }
        d->at[kept++] = d->at[i];
    }
    d->n = kept;
    gp_cli_diags(r->c, d);
}

/* False when the file was skipped. */
static bool eval_file(eval_run *r, const gp_inputs *inputs, size_t k)
{
    gp_read_opts options = {.need = gp_program_needs(r->program)};
    gp_read_result result = {0};
    gp_diags d = {0};
    if (r->companions) {
        gp_companions_read_opts(r->companions, &options);
        options.want = 0;
    }
    bool ok = gp_read_input(inputs, k, &options, &result, &d);
    for (int i = 0; ok && r->companions && i < result.n; i++)
        ok = gp_companions_accept(r->companions, &result.at[i], &d);
    print_diags(r, &d);
    if (!ok) {
        gp_read_result_fini(&result);
        return false;
    }
    if (!r->writer && result.n) {
        bool timed = false;
        for (int i = 0; i < result.n; i++)
            timed |= result.at[i].time != NULL;
        begin(r, inputs->n + inputs->n_aside > 1 || result.n > 1, timed);
    }
    for (int i = 0; i < result.n; i++) {
        const gp_bars *b = &result.at[i];
        if (b->time && !r->with_time) {
            gp_cli_error(r->c, "%s: %s has times of day but the quotes before it have none; evaluate it on its own", inputs->at[k].path, b->code);
            ok = false;
        } else {
            eval_bars(r, b);
        }
    }
    gp_read_result_fini(&result);
    return ok;
}

/* A window longer than the history: null, or computed on the bars there are; either way the reader should know. */
static void note_too_long(const eval_run *r)
{
    for (int i = 0; i < r->n_shown; i++) {
        const gp_output *o = &r->outputs[r->shown[i]];
        if (r->longest == 0 || o->lookback == GP_LOOKBACK_ALL || o->lookback < r->longest)
            continue;
        gp_cli_note(r->c, "%s needs %d bars, and the data have %d", o->name, o->lookback + 1, r->longest);
        return;
    }
}

static int eval_data(eval_run *r)
{
    gp_cli *c = r->c;
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0, status;
    bool read = false, written = true;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    if (!gp_cli_companions(c, r->program, NULL, &inputs, &r->companions, &status)) {
        gp_inputs_fini(&inputs);
        return status;
    }
    r->feed = gp_feed_new(r->program, r->companions);
    for (size_t i = 0; i < inputs.n; i++) {
        if (eval_file(r, &inputs, i))
            read = true;
        else
            bad++;
    }
    gp_inputs_fini(&inputs);
    gp_feed_free(r->feed);
    gp_cli_companions_end(c, r->companions);
    if (r->warnings_hidden && !c->quiet)
        fprintf(stderr, "... and %d more warnings (use --diag json to see all)\n", r->warnings_hidden);
    note_too_long(r);
    if (c->drawings && r->securities && !r->drawn)
        gp_cli_note(c, "the formula draws nothing on the bars shown");
    if (r->writer)
        written = gp_writer_end(r->writer);
    else if (c->describe)
        written = fflush(c->out ? c->out : stdout) == 0;
    if (bad && read)
        gp_cli_note(c, "%d input%s skipped", bad, bad == 1 ? "" : "s");
    if (!written)
        return GP_EXIT_NO_DATA;
    return !read ? GP_EXIT_NO_DATA : bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

static int eval_program(gp_cli *c, const gp_formula *f, const gp_program *p)
{
    eval_run r = {.c = c, .formula = f, .program = p};
    int n, status, *shown;
    r.outputs = gp_program_outputs(p, &n);
    r.n_slots = gp_program_n_slots(p);
    shown = gp_xcalloc((size_t)n + 1, sizeof *shown);
    for (int i = 0; i < n; i++) {
        if (r.outputs[i].kind != GP_OUT_HIDDEN || c->select)
            shown[r.n_shown++] = i;
    }
    r.shown = shown;
    r.columns = gp_xcalloc((size_t)n + MAX_FIXED, sizeof *r.columns);
    r.cells = gp_xcalloc((size_t)n + MAX_FIXED, sizeof *r.cells);
    r.vm = gp_vm_new(p, NULL);
    gp_cli_ahead_note(c, p);
    status = eval_data(&r);
    gp_vm_free(r.vm);
    free(r.columns);
    free(r.cells);
    gp_buf_free(&r.spark);
    free(shown);
    return status;
}

static int eval_formula(gp_cli *c, gp_formula *f, gp_diags *d)
{
    gp_compile_opts options = gp_cli_compile_opts(c);
    gp_program *p = NULL;
    options.geometry = c->drawings || c->describe;
    int appended = -1, status = GP_EXIT_FORMULA, n, *stmts;
    if (c->select) {
        gp_str name = gp_str_from(c->select);
        if (defines(f, GP_STMT_ASSIGN, name) && !defines(f, GP_STMT_OUTPUT, name))
            appended = gp_formula_append(f, "<--select>", c->select, name, d);
    }
    if (!gp_formula_resolve(f, d) || d->errors) {
        gp_cli_diags(c, d);
        return GP_EXIT_FORMULA;
    }
    stmts = gp_xcalloc((size_t)f->n_stmts + 1, sizeof *stmts);
    if (c->select) {
        options.stmts = stmts;
        options.n_stmts = selected(f, c->select, appended, stmts);
        if (options.n_stmts == 0)
            status = nothing_selected(c, f);
    }
    if (c->trace && (!c->select || options.n_stmts)) {
        status = gp_cli_trace(c, f, &options, d);
        free(stmts);
        return status;
    }
    if (!c->select || options.n_stmts)
        p = gp_compile(f, &options, d);
    gp_cli_diags(c, d);
    free(stmts);
    if (!p)
        return status;
    gp_program_outputs(p, &n);
    if (n == 0) {
        gp_cli_error(c, "the formula has no output: every statement defines a variable with ':='; write ':' or name one with --select");
        status = GP_EXIT_FORMULA;
    } else {
        status = eval_program(c, f, p);
    }
    gp_program_free(p);
    return status;
}

int gp_cmd_eval(gp_cli *c)
{
    gp_diags d = {0};
    int status = GP_EXIT_FORMULA;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    if (c->n_args == 0) {
        gp_diags_fini(&d);
        gp_formula_free(f);
        return gp_cli_usage(c, "DATA is missing after the formula: give files, folders, or - for standard input");
    }
    if (c->drawings && c->describe) {
        gp_diags_fini(&d);
        gp_formula_free(f);
        return gp_cli_usage(c, "--drawings and --describe exclude each other: the description holds the drawings");
    }
    status = eval_formula(c, f, &d);
    gp_formula_free(f);
    return status;
}
