/* goldpit data resample: bars of a longer period, as CSV that goldpit reads back to the same bars. */
#include "cli/data_resample.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/vec.h"
#include "market/resample.h"

enum { MAX_COLUMNS = 10 };

typedef struct resampling {
    gp_cli *c;
    gp_period period;
    gp_writer *writer;    /* to standard output: one for all */
    bool named, has[6];   /* columns of that writer */
    size_t written, forming;
} resampling;

static double *const *column(const gp_bars *b, int k)
{
    double *const *const all[] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};
    return all[k];
}

static gp_writer *open_writer(const resampling *r, FILE *out)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume", "amount"};
    gp_column columns[MAX_COLUMNS];
    int n = 0;
    columns[n++] = (gp_column){"code", GP_CELL_TEXT, 0};
    if (r->named)
        columns[n++] = (gp_column){"name", GP_CELL_TEXT, 0};
    columns[n++] = (gp_column){"date", GP_CELL_DATE, 0};
    for (int k = 0; k < 6; k++) {
        if (r->has[k])
            columns[n++] = (gp_column){names[k], GP_CELL_NUMBER, -1};
    }
    return gp_writer_new(out, r->c->format_given ? r->c->format : GP_FORMAT_CSV, columns, n, false);
}

static void describe(resampling *r, const gp_bars *b)
{
    r->named |= b->name && *b->name;
    for (int k = 0; k < 6; k++)
        r->has[k] |= *column(b, k) != NULL;
}

static void write_bars(const resampling *r, gp_writer *w, const gp_bars *b)
{
    char code[80];
    gp_cell cells[MAX_COLUMNS] = {0};
    snprintf(code, sizeof code, "%s%s", b->market, b->code);
    for (int i = 0; i < b->n; i++) {
        int n = 0;
        cells[n++].text = gp_str_from(code);
        if (r->named)
            cells[n++].text = gp_str_from(b->name);
        cells[n++] = (gp_cell){.date = b->date[i], .time = b->time ? b->time[i] : -1};
        for (int k = 0; k < 6; k++) {
            if (r->has[k])
                cells[n++].number = *column(b, k) ? (*column(b, k))[i] : __builtin_nan("");
        }
        gp_writer_row(w, cells);
    }
}

/* OUT/sh600000.csv; what a file name cannot hold becomes _. */
static void path_of(const char *dir, const gp_bars *b, gp_buf *path)
{
    gp_buf_printf(path, "%s/", dir);
    for (const char *p = b->market; *p; p++)
        gp_buf_addc(path, (char)(*p | 32));
    for (const char *p = b->code; *p; p++) {
        const unsigned char ch = (unsigned char)*p;
        const bool plain = ch >= 128 || (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') || (p > b->code && strchr("._-#", ch));
        gp_buf_addc(path, plain ? *p : '_');
    }
    gp_buf_addz(path, ".csv");
}

static bool to_folder(resampling *r, const gp_bars *b)
{
    resampling one = {.c = r->c, .period = r->period};
    gp_buf path = {0};
    bool ok = false;
    path_of(r->c->out_dir, b, &path);
    FILE *f = gp_path_exists(path.p) ? (errno = EEXIST, NULL) : fopen(path.p, "wb");
    if (!f) {
        gp_cli_error(r->c, "cannot write '%s': %s", path.p, errno == EEXIST ? "it is there already, and nothing is overwritten" : strerror(errno));
    } else {
        describe(&one, b);
        gp_writer *w = open_writer(&one, f);
        write_bars(&one, w, b);
        ok = gp_writer_end(w);
        if (fclose(f) != 0 || !ok) {
            gp_cli_error(r->c, "cannot write '%s': %s", path.p, strerror(errno));
            ok = false;
        }
    }
    gp_buf_free(&path);
    return ok;
}

static void to_stdout(resampling *r, const gp_bars *b)
{
    if (!r->writer)
        r->writer = open_writer(r, stdout);
    write_bars(r, r->writer, b);
}

static bool resample_one(resampling *r, const gp_bars *b)
{
    gp_resampled longer;
    bool ok = true;
    if (!gp_resample_fits(b, r->period)) {
        gp_cli_error(r->c, "%s: the bars of %s%s cannot be merged into bars of the period %s: they are of the period %s", b->file, b->market, b->code,
                     gp_period_name(r->period), gp_period_of_code(b->period) ? gp_period_name(gp_period_of_code(b->period)) : "other");
        return false;
    }
    gp_resample(b, b->n, r->period, &longer);
    r->forming += longer.forming;
    if (r->c->out_dir)
        ok = to_folder(r, &longer.bars);
    else
        to_stdout(r, &longer.bars);
    r->written += ok;
    gp_resampled_fini(&longer);
    return ok;
}

/* False when something of the file was left out. */
static bool resample_file(resampling *r, const gp_inputs *inputs, size_t k, bool first)
{
    gp_read_opts options = {0};
    gp_read_result result = {0};
    gp_diags d = {0};
    bool ok = gp_read_input(inputs, k, &options, &result, &d);
    gp_cli_diags(r->c, &d);
    if (ok && !r->c->out_dir && first) { /* the columns of the first file are those of the output */
        for (int i = 0; i < result.n; i++)
            describe(r, &result.at[i]);
    }
    for (int i = 0; i < result.n; i++)
        ok &= resample_one(r, &result.at[i]);
    gp_read_result_fini(&result);
    return ok;
}

static int prepare(gp_cli *c, resampling *r)
{
    if (!c->period)
        return gp_cli_usage(c, "which period? --period week (or month, season, year, day, min5, min15, min30, min60)");
    r->period = gp_period_find(gp_str_from(c->period));
    if (r->period == GP_PERIOD_SAME)
        return gp_cli_usage(c, "--period '%s': it is one of min1, min5, min15, min30, min60, day, week, month, season, year", c->period);
    if (c->n_args == 0)
        return gp_cli_usage(c, "the data are missing: give files, folders, or - for standard input");
    if (c->out_dir && mkdir(c->out_dir, 0777) != 0 && !(errno == EEXIST && gp_path_is_dir(c->out_dir))) {
        gp_cli_error(c, "cannot make the folder '%s': %s", c->out_dir, strerror(errno));
        return GP_EXIT_NO_DATA;
    }
    return -1;
}

int gp_data_resample(gp_cli *c)
{
    resampling r = {.c = c};
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0, status = prepare(c, &r);
    bool written = true;
    if (status >= 0)
        return status;
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    for (size_t i = 0; i < inputs.n; i++)
        bad += !resample_file(&r, &inputs, i, !r.writer);
    gp_inputs_fini(&inputs);
    if (r.writer)
        written = gp_writer_end(r.writer);
    if (r.forming)
        gp_cli_note(c, "the last bar of %zu securit%s may be unfinished: its period was not over", r.forming, r.forming == 1 ? "y" : "ies");
    if (c->out_dir && r.written)
        gp_cli_note(c, "wrote %zu file%s to %s", r.written, r.written == 1 ? "" : "s", c->out_dir);
    if (!r.written || !written)
        return GP_EXIT_NO_DATA;
    return bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}
