/* goldpit data: makes sample quotes; shows what the reader understood of a file. */
#include "cli/data_resample.h"
#include <string.h>
#include "base/vec.h"
#include "market/generate.h"

static int generate(gp_cli *c)
{
    const char *why;
    int tickers = c->tickers ? c->tickers : 30, bars = c->bars ? c->bars : 500;
    if (c->n_args != 1)
        return gp_cli_usage(c, "the folder to write to is missing: goldpit data generate OUT");
    why = gp_generate_files(c->seed, tickers, bars, c->args[0]);
    if (why) {
        gp_cli_error(c, "%s: %s", c->args[0], why);
        return GP_EXIT_NO_DATA;
    }
    gp_cli_note(c, "wrote %d securities of up to %d bars to %s", tickers, bars, c->args[0]);
    return GP_EXIT_OK;
}

static void columns_of(const gp_bars *b, gp_buf *out)
{
    const struct { const void *p; const char *name; } all[] = {{b->date, "date"}, {b->time, "time"}, {b->open, "open"},
        {b->high, "high"}, {b->low, "low"}, {b->close, "close"}, {b->vol, "volume"}, {b->amount, "amount"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].p)
            gp_buf_printf(out, "%s%s", out->n ? " " : "", all[i].name);
    }
}

static void odd_of(const gp_bars *b, gp_buf *out)
{
    const struct { int n; const char *what; } all[] = {
        {b->counts.bad_rows, "bad rows dropped"}, {b->counts.bad_fields, "fields no number"},
        {b->counts.suspended, "suspended days left out"}, {b->counts.duplicate_dates, "duplicate dates"}, {b->counts.resorted, "rows put in order"},
        {b->counts.bad_ohlc, "high or low not around open and close"}, {b->counts.not_positive, "with a price not positive"},
        {b->counts.null_prices, "prices missing"}, {b->counts.tiny_prices, "prices too small for the comparison tolerance"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].n)
            gp_buf_printf(out, "%s%d %s", out->n ? ", " : "", all[i].n, all[i].what);
    }
}

static void inspect_bars(gp_writer *w, const gp_bars *b)
{
    static const char *const periods[] = {"1 minute", "5 minutes", "15 minutes", "30 minutes", "60 minutes", "day", "week", "month"};
    gp_buf columns = {0}, odd = {0};
    gp_cell cells[10] = {0};
    int n = 0;
    columns_of(b, &columns);
    odd_of(b, &odd);
    cells[n++].text = gp_str_from(b->code ? b->code : "");
    cells[n++].text = gp_str_from(b->market ? b->market : "");
    cells[n++].text = gp_str_from(b->name ? b->name : "");
    cells[n++].number = b->n;
    for (int k = 0; k < 2; k++) {
        int at = k ? b->n - 1 : 0;
        cells[n++] = (gp_cell){.date = b->n ? b->date[at] : 0, .time = b->n && b->time ? b->time[at] : -1};
    }
    cells[n++].text = gp_str_from(b->period >= 0 && b->period <= 7 ? periods[b->period] : "other");
    cells[n++].text = gp_str_from(columns.p ? columns.p : "");
    cells[n++].text = gp_str_from(odd.p ? odd.p : "");
    cells[n++].text = gp_str_from(b->file ? b->file : "");
    gp_writer_row(w, cells);
    gp_buf_free(&columns);
    gp_buf_free(&odd);
}

static int inspect(gp_cli *c)
{
    static const gp_column columns[] = {
        {"code", GP_CELL_TEXT, 0}, {"market", GP_CELL_TEXT, 0}, {"name", GP_CELL_TEXT, 0}, {"rows", GP_CELL_NUMBER, 0},
        {"first", GP_CELL_DATE, 0}, {"last", GP_CELL_DATE, 0}, {"period", GP_CELL_TEXT, 0}, {"columns", GP_CELL_TEXT, 0},
        {"odd", GP_CELL_TEXT, 0}, {"file", GP_CELL_TEXT, 0}};
    gp_inputs inputs = {0};
    gp_diags d = {0};
    gp_writer *w = NULL;
    int bad = 0;
    size_t read = 0;
    if (c->n_args == 0)
        return gp_cli_usage(c, "the data are missing: give files, folders, or - for standard input");
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    for (size_t i = 0; i < inputs.n; i++) {
        gp_read_opts options = {0};
        gp_read_result result = {0};
        if (gp_read_input(&inputs, i, &options, &result, &d)) {
            read++;
            if (!w)
                w = gp_writer_new(stdout, c->format, columns, 10, c->colour);
            for (int k = 0; k < result.n; k++)
                inspect_bars(w, &result.at[k]);
        } else {
            bad++;
        }
        gp_cli_diags(c, &d);
        gp_read_result_fini(&result);
    }
    gp_inputs_fini(&inputs);
    if (!read || !gp_writer_end(w))
        return GP_EXIT_NO_DATA;
    return bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

int gp_cmd_data(gp_cli *c)
{
    const char *what = c->n_args ? c->args[0] : "";
    if (c->n_args) {
        c->args++;
        c->n_args--;
    }
    if (strcmp(what, "generate") == 0)
        return generate(c);
    if (strcmp(what, "inspect") == 0)
        return inspect(c);
    if (strcmp(what, "resample") == 0)
        return gp_data_resample(c);
    if (*what)
        return gp_cli_usage(c, "there is no 'data %s'; there are 'data generate', 'data inspect' and 'data resample'", what);
    return gp_cli_usage(c, "say what: generate, inspect or resample");
}
