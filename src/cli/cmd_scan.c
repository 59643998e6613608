/* goldpit scan: the tickers where a signal holds. */
#include <string.h>
#include <unistd.h>
#include "base/vec.h"
#include "cli/table.h"
#include "cli/blk.h"
#include "cli/hit_charts.h"
#include "cli/why.h"
#include "output/spark.h"
#include "market/universe.h"
#include "screen/scan.h"

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

static void print_summary(const gp_cli *c, const gp_scan_result *r, size_t skipped, size_t shown, double seconds)
{
    if (c->quiet || c->diag_json)
        return;
    fprintf(stderr, "%zu ticker%s scanned, ", r->tickers, plural(r->tickers));
    if (c->near)
        fprintf(stderr, "%zu near miss%s, %zu hit%s left out", r->n_hits, r->n_hits == 1 ? "" : "es", r->held, plural(r->held));
    else
        fprintf(stderr, "%zu hit%s", r->n_hits, plural(r->n_hits));
    if (shown < r->n_hits)
        fprintf(stderr, " (%zu shown)", shown);
    if (skipped)
        fprintf(stderr, ", %zu file%s skipped", skipped, plural(skipped));
    fprintf(stderr, ", %.2f s\n", seconds);
}

/* A window longer than any history is the likeliest reason for no hits at all. */
static bool note_too_long(const gp_cli *c, const gp_plan *p, const gp_scan_result *r)
{
    int n;
    const gp_output *o = gp_program_outputs(p->program, &n);
    for (int i = 0; i < n; i++) {
        if (r->longest == 0 || o[i].lookback == GP_LOOKBACK_ALL || o[i].lookback < r->longest)
            continue;
        gp_cli_note(c, "no hits: %s needs %d bars, and the longest ticker has %d", o[i].name, o[i].lookback + 1, r->longest);
        return true;
    }
    return false;
}

static void note_no_hits(const gp_cli *c, const gp_plan *p, const gp_scan_result *r)
{
    if (note_too_long(c, p, r))
        return;
    gp_buf names = {0};
    const char *when = c->from || c->to ? "in these days" : c->within > 1 ? "on these bars" : "on the last bar";
    for (int i = 0; i < p->n_signals && i < 12; i++)
        gp_buf_printf(&names, "%s%s", i ? ", " : "", p->signals[i].label);
    if (p->n_signals > 12)
        gp_buf_addz(&names, ", ...");
    gp_cli_note(c, "no hits: nothing held %s (looked for: %s)%s", when, names.p,
                c->from || c->to || c->within > 1 ? "" : "; --within 10 looks at the last ten bars");
    gp_buf_free(&names);
}

/* Near misses need at least two conditions: with one there is nothing that held. */
static void note_nothing_near(const gp_cli *c, const gp_plan *p, const gp_why *y)
{
    int most = 0;
    for (int k = 0; k < p->n_signals; k++)
        most = gp_why_parts(y, k) > most ? gp_why_parts(y, k) : most;
    if (most < 2)
        gp_cli_note(c, "no near misses: %s is a single condition; near means that others joined to it by AND held", p->signals[0].label);
    else
        gp_cli_note(c, "no near misses: nothing lacked only %d of its conditions; --near %d looks further", c->near, c->near + 1);
}

static void print_notes(const gp_cli *c, const gp_plan *p, const gp_why *y, const gp_scan_result *r)
{
    gp_ahead ahead = gp_program_ahead(p->program);
    bool last_only = !c->from && !c->to && c->within <= 1;
    if (c->diag_json)
        return;
    /* on the last bar itself there is nothing later that a function of the last bar could have seen */
    if (ahead.kind != GP_FUTURE_NONE && !(ahead.kind == GP_FUTURE_LAST && last_only))
        gp_cli_ahead_note(c, p->program);
    if (gp_program_today(p->program) && (!last_only || c->asof))
        gp_cli_note(c, "%s tells of the day of the run, on past bars as well", gp_program_today(p->program));
    if (r->too_young)
        gp_cli_note(c, "%zu ticker%s left out: no bar on or before %04d-%02d-%02d", r->too_young, plural(r->too_young),
                    (int)(c->asof / 10000), (int)(c->asof / 100 % 100), (int)(c->asof % 100));
    if (r->stale_hits)
        gp_cli_note(c, "%zu hit%s on an older last bar than %04d-%02d-%02d, the newest of the data (suspended, or no longer traded?)",
                    r->stale_hits, plural(r->stale_hits), (int)(r->newest / 10000), (int)(r->newest / 100 % 100),
                    (int)(r->newest % 100));
    if (!r->n_hits && r->tickers && c->near)
        note_nothing_near(c, p, y);
    else if (!r->n_hits && r->tickers)
        note_no_hits(c, p, r);
}

/* ---- rows ---- */

static bool print_rows(const gp_cli *c, const gp_plan *p, const gp_why *y, const gp_scan_result *r, size_t rows)
{
    gp_format format = c->format_given ? c->format : isatty(STDOUT_FILENO) ? GP_FORMAT_TABLE : GP_FORMAT_CSV;
    gp_column *columns = gp_xcalloc((size_t)p->n_cols + 10, sizeof *columns);
    gp_cell *cells = gp_xcalloc((size_t)p->n_cols + 10, sizeof *cells);
    gp_buf labels = {0}, text = {0}, json = {0}, spark = {0};
    gp_writer *w;
    int n = 0;
    columns[n++] = (gp_column){"code", GP_CELL_TEXT, 0};
    if (r->named)
        columns[n++] = (gp_column){"name", GP_CELL_TEXT, 0};
    columns[n++] = (gp_column){"date", GP_CELL_DATE, 0};
    columns[n++] = (gp_column){"close", GP_CELL_NUMBER, -1};
    columns[n++] = (gp_column){"signals", GP_CELL_LIST, 0};
    for (int i = 0; i < p->n_cols; i++)
        columns[n++] = (gp_column){p->cols[i].name, GP_CELL_NUMBER, -1};
    if (c->spark)
        columns[n++] = (gp_column){"spark", GP_CELL_TEXT, 0};
    if (c->near) {
        columns[n++] = (gp_column){"failed", GP_CELL_NUMBER, -1};
        columns[n++] = (gp_column){"of", GP_CELL_NUMBER, -1};
        columns[n++] = (gp_column){"distance", GP_CELL_NUMBER, 4};
    }
    if (y)
        columns[n++] = (gp_column){"why", GP_CELL_DETAIL, 0};
    if (format == GP_FORMAT_TABLE && !rows) { /* a table of nothing but its head says nothing */
        free(columns);
        free(cells);
        return true;
    }
    w = gp_writer_new(stdout, format, columns, n, c->colour);
    for (size_t i = 0; i < rows; i++) {
        const gp_hit *h = &r->hits[i];
        n = 0;
        cells[n++].text = gp_str_from(h->code);
        if (r->named)
            cells[n++].text = gp_str_from(h->name);
        cells[n].date = h->date;
        cells[n++].time = h->time;
        cells[n++].number = h->close;
        gp_cli_labels(p, h, &labels);
        cells[n++].text = (gp_str){labels.p, labels.n};
        for (int k = 0; k < p->n_cols; k++)
            cells[n++].number = h->values[k];
        if (c->spark) {
            spark.n = 0;
            gp_spark(h->trail, h->n_trail, &spark);
            cells[n++].text = (gp_str){spark.p, spark.n};
        }
        if (c->near) {
            cells[n++].number = h->failed;
            cells[n++].number = h->parts;
            cells[n++].number = h->distance;
        }
        if (y) {
            gp_cli_why(y, h->why, h->n_why, &text, &json);
            cells[n].text = (gp_str){text.p, text.n};
            cells[n++].json = (gp_str){json.p, json.n};
        }
        gp_writer_row(w, cells);
    }
    gp_buf_free(&spark);
    gp_buf_free(&text);
    gp_buf_free(&json);
    gp_buf_free(&labels);
    free(columns);
    free(cells);
    return gp_writer_end(w);
}

/* ---- the command ---- */

static int bad_options(gp_cli *c)
{
    int stdins = 0;
    for (int i = 0; i < c->n_args; i++)
        stdins += strcmp(c->args[i], "-") == 0;
    if (stdins > 1)
        return gp_cli_usage(c, "standard input (-) can be given once");
    if (c->n_args < (c->expression ? 1 : 2))
        return gp_cli_usage(c, c->n_args || c->expression ? "no quotes given: name files, folders or -"
                                                          : "which formula, and which quotes? (-e TEXT gives a formula on the command line)");
    if (c->within && (c->from || c->to))
        return gp_cli_usage(c, "--within counts bars back from the last one and --from/--to name days: use one of them");
    if (c->near && (c->from || c->to))
        return gp_cli_usage(c, "--near looks at the last bar, or with --within at the last bars; it cannot be combined with --from and --to");
    if (c->from && c->to && c->from > c->to)
        return gp_cli_usage(c, "--from is later than --to");
    if (c->asof && c->from > c->asof)
        return gp_cli_usage(c, "--from is later than --asof");
    return -1;
}

/* The scan itself, once the formula is a plan.  word: what names the formula. */
static int scan(gp_cli *c, char *word, const gp_formula *f, const gp_plan *plan, const gp_why *why)
{
    gp_cli_progress bar = {.began = gp_cli_now()};
    gp_diags d = {.limit = (size_t)-1};
    gp_inputs inputs = {0};
    gp_scan_result r;
    int bad = 0, status = GP_EXIT_OK;
    gp_scan_opts o = {.jobs = c->jobs, .within = c->within, .asof = c->asof, .from = c->from, .to = c->to, .ctx = &bar,
                      .trail = c->spark ? GP_SPARK : c->report ? 2 : 0, .why = why, .near = c->near, .sorted = c->sort != NULL};
    if (!c->quiet && !c->diag_json && isatty(STDERR_FILENO))
        o.progress = gp_cli_show_progress;
    gp_companions *companions;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    if (!gp_cli_companions(c, plan->program, why ? gp_why_program(why) : NULL, &inputs, &companions, &status)) {
        gp_diags_fini(&d);
        gp_inputs_fini(&inputs);
        return status;
    }
    o.companions = companions;
    o.accel = gp_cli_accel_over(c, plan->program, &inputs, 0);
    gp_scan_run(plan, &inputs, &o, &r, &d);
    if (bar.shown)
        fputs("\r\033[K", stderr);

    size_t skipped = r.skipped + (size_t)bad, rows = c->top && (size_t)c->top < r.n_hits ? (size_t)c->top : r.n_hits;
    const char **warnings = NULL;
    size_t n_warnings = c->report ? gp_cli_warnings(&d, &warnings) : 0;
    gp_cli_data_diags(c, &d);
    if (!r.tickers && !r.too_young) {
        if (!c->data.universe || !gp_universe_empty(c->data.universe)) /* an empty one is said for every command */
            gp_cli_error(c, "no quotes could be read");
        status = GP_EXIT_NO_DATA;
    } else if (!print_rows(c, plan, why, &r, rows)) {
        status = GP_EXIT_NO_DATA; /* main says why */
    } else {
        print_notes(c, plan, why, &r);
        const gp_found found = {.word = word, .formula = f, .inputs = &inputs, .plan = plan, .result = &r, .rows = rows, .warnings = warnings,
                                .n_warnings = n_warnings, .skipped = skipped};
        status = gp_cli_draw_hits(c, &found);
        if (c->blk && !gp_cli_write_blk(c, &r, rows))
            status = GP_EXIT_NO_DATA;
        if (status == GP_EXIT_OK && (skipped || (c->fail_empty && !r.n_hits)))
            status = GP_EXIT_PARTIAL;
    }
    gp_cli_companions_end(c, companions);
    gp_cli_accel_end(c, o.accel);
    gp_cli_universe_notes(c);
    print_summary(c, &r, skipped, rows, gp_cli_now() - bar.began);
    for (size_t i = 0; i < n_warnings; i++)
        free((char *)(uintptr_t)warnings[i]);
    free(warnings);
    gp_scan_result_fini(&r);
    gp_inputs_fini(&inputs);
    return status;
}

int gp_cmd_scan(gp_cli *c)
{
    gp_diags d = {0};
    gp_formula *f;
    gp_plan plan;
    int status = bad_options(c);
    if (status >= 0 || (status = gp_cli_check_hit_charts(c)) >= 0)
        return status;
    char *const word = c->expression ? NULL : c->args[0];
    f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_cli_diags(c, &d);
        return status;
    }
    gp_plan_spec spec = {.signals = c->signals, .n_signals = c->n_signals, .select = c->select, .where = c->where,
                         .cols = c->cols, .n_cols = c->n_cols, .sort = c->sort, .compile = gp_cli_compile_opts(c)};
    gp_plan_status made = gp_plan_new(f, &spec, &plan, &d);
    gp_cli_diags(c, &d);
    if (made == GP_PLAN_OK) {
        gp_cli_plan_notes(c, &plan);
        gp_why *why = c->why || c->near ? gp_why_new(f, &plan, &spec.compile) : NULL;
        status = scan(c, word, f, &plan, why);
        gp_why_free(why);
        gp_plan_fini(&plan);
    } else {
        status = made == GP_PLAN_USAGE ? GP_EXIT_USAGE : GP_EXIT_FORMULA;
    }
    gp_formula_free(f);
    return status;
}
