/* goldpit data inspect: what the reader made of each file, and why. */
#include "cli/data_inspect.h"
#include <string.h>
#include "base/vec.h"
#include "cli/table.h"
#include "market/units.h"

/* What is odd about one security; what was left out is of the whole file and stands with its first. */
typedef struct oddities {
    size_t not_positive, zero_volume, zero_price, negative_price, missing_price, bad_ohlc, duplicates, suspended, unparsed, skipped, bad_fields, tiny;
} oddities;

static oddities count(const gp_bars *b, const gp_reading *r, bool first)
{
    const double *prices[] = {b->open, b->high, b->low, b->close};
    oddities o = {.not_positive = (size_t)b->counts.not_positive, .bad_ohlc = (size_t)b->counts.bad_ohlc, .duplicates = (size_t)b->counts.duplicate_dates,
        .suspended = (size_t)b->counts.suspended, .unparsed = (size_t)b->counts.bad_rows, .skipped = (size_t)b->counts.skipped,
        .bad_fields = (size_t)b->counts.bad_fields, .tiny = (size_t)b->counts.tiny_prices};
    for (int i = 0; i < b->n; i++) {
        bool negative = false, missing = false;
        for (int c = 0; c < 4; c++) {
            if (!prices[c])
                continue;
            negative |= prices[c][i] < 0;
            missing |= prices[c][i] != prices[c][i];
        }
        o.zero_price += b->close[i] == 0;
        o.negative_price += negative;
        o.missing_price += missing;
        o.zero_volume += b->vol && b->vol[i] == 0;
    }
    if (first) {
        o.zero_volume += r->zero_volumes;
        o.zero_price += r->zero_prices;
        o.missing_price += r->no_prices;
    }
    return o;
}

static void odd_words(const oddities *o, gp_buf *out)
{
    const struct { size_t n; const char *what; } all[] = {{o->unparsed, "bad rows dropped"}, {o->skipped, "lines without quotes"},
        {o->bad_fields, "fields no number"}, {o->suspended, "suspended days"}, {o->duplicates, "duplicate dates"},
        {o->zero_volume, "with volume 0"}, {o->not_positive, "with a price of 0 or below"},
        {o->missing_price, "prices missing"}, {o->bad_ohlc, "high or low not around open and close"},
        {o->tiny, "prices too small for the comparison tolerance"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].n)
            gp_buf_printf(out, "%s%zu %s", out->n ? ", " : "", all[i].n, all[i].what);
    }
}

static const char *period_name(int period)
{
    static const char *const names[] = {"1 minute", "5 minutes", "15 minutes", "30 minutes", "60 minutes", "day", "week", "month"};
    return period == 10 ? "season" : period == 11 ? "year" : period >= 0 && period <= 7 ? names[period] : "other";
}

/* The columns of a kind of input that has no header. */
static void columns_of(const gp_bars *b, gp_buf *out)
{
    const struct { const void *p; const char *name; } all[] = {{b->date, "date"}, {b->time, "time"}, {b->open, "open"},
        {b->high, "high"}, {b->low, "low"}, {b->close, "close"}, {b->vol, "volume"}, {b->amount, "amount"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].p)
            gp_buf_printf(out, "%s%s", out->n ? "\037" : "", all[i].name);
    }
}

/* What the file says, or else its profile, and what amount, volume and price show. */
typedef struct said {
    gp_unit volume, amount, volume_looks, amount_looks;
} said;

static said units_of(const gp_bars *b, const gp_reading *r)
{
    const gp_unit_guess looks = gp_units_infer(b);
    const bool index = r->index_volume && gp_is_index(b->market, b->code);
    return (said){index ? r->index_volume : r->volume, r->amount, looks.volume, looks.amount};
}

static gp_str unit(gp_unit u) { return gp_str_from(u == GP_UNIT_UNKNOWN ? "" : gp_unit_name(u)); }

enum { N_COLUMNS = 29 };
static const gp_column columns[N_COLUMNS] = {{"code", GP_CELL_TEXT, 0}, {"market", GP_CELL_TEXT, 0}, {"name", GP_CELL_TEXT, 0},
    {"rows", GP_CELL_NUMBER, 0}, {"first", GP_CELL_DATE, 0}, {"last", GP_CELL_DATE, 0}, {"period", GP_CELL_TEXT, 0},
    {"order", GP_CELL_TEXT, 0}, {"format", GP_CELL_TEXT, 0}, {"encoding", GP_CELL_TEXT, 0}, {"profile", GP_CELL_TEXT, 0}, {"why", GP_CELL_TEXT, 0},
    {"columns", GP_CELL_LIST, 0}, {"volume_unit", GP_CELL_TEXT, 0}, {"volume_looks", GP_CELL_TEXT, 0},
    {"amount_unit", GP_CELL_TEXT, 0}, {"amount_looks", GP_CELL_TEXT, 0}, {"adjusted", GP_CELL_TEXT, 0}, {"zero_volume", GP_CELL_NUMBER, 0},
    {"zero_price", GP_CELL_NUMBER, 0}, {"negative_price", GP_CELL_NUMBER, 0}, {"missing_price", GP_CELL_NUMBER, 0},
    {"bad_ohlc", GP_CELL_NUMBER, 0}, {"duplicates", GP_CELL_NUMBER, 0}, {"suspended", GP_CELL_NUMBER, 0},
    {"unparsed", GP_CELL_NUMBER, 0}, {"skipped", GP_CELL_NUMBER, 0}, {"bad_fields", GP_CELL_NUMBER, 0}, {"file", GP_CELL_TEXT, 0}};

static const char *const adjusted[] = {"", "none", "forward", "backward"}; /* gp_bars.adjusted */

static void write_row(gp_writer *w, const gp_bars *b, const gp_reading *r, bool first)
{
    const oddities o = count(b, r, first);
    const said u = units_of(b, r);
    const size_t counts[] = {o.zero_volume, o.zero_price, o.negative_price, o.missing_price, o.bad_ohlc, o.duplicates, o.suspended, o.unparsed,
        o.skipped, o.bad_fields};
    gp_buf own = {0};
    gp_cell cells[N_COLUMNS] = {0};
    int n = 0;
    if (!r->columns.n)
        columns_of(b, &own);
    cells[n++].text = gp_str_from(b->code);
    cells[n++].text = gp_str_from(b->market);
    cells[n++].text = gp_str_from(b->name);
    cells[n++].number = b->n;
    for (int k = 0; k < 2; k++) {
        const int at = k ? b->n - 1 : 0;
        cells[n++] = (gp_cell){.date = b->n ? b->date[at] : 0, .time = b->n && b->time ? b->time[at] : -1};
    }
    cells[n++].text = gp_str_from(period_name(b->period));
    cells[n++].text = gp_str_from(gp_row_order_name(r->order));
    cells[n++].text = gp_str_from(r->format ? r->format : "");
    cells[n++].text = gp_str_from(r->delim ? gp_encoding_name(r->encoding) : "");
    cells[n++].text = gp_str_from(r->profile ? r->profile->name : "");
    cells[n++].text = r->forced ? GP_STR("--profile") : (gp_str){r->why.p, r->why.n};
    cells[n++].text = r->columns.n ? (gp_str){r->columns.p, r->columns.n} : (gp_str){own.p, own.n};
    cells[n++].text = unit(u.volume);
    cells[n++].text = unit(u.volume_looks);
    cells[n++].text = unit(u.amount);
    cells[n++].text = unit(u.amount_looks);
    cells[n++].text = gp_str_from(adjusted[b->adjusted]);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        cells[n++].number = (double)counts[k];
    cells[n++].text = gp_str_from(b->file);
    gp_writer_row(w, cells);
    gp_buf_free(&own);
}

/* ---- for people ---- */

static void stamp(const gp_bars *b, int i, gp_buf *out)
{
    gp_buf_printf(out, "%04d-%02d-%02d", b->date[i] / 10000, b->date[i] / 100 % 100, b->date[i] % 100);
    if (b->time)
        gp_buf_printf(out, " %02d:%02d:%02d", b->time[i] / 10000, b->time[i] / 100 % 100, b->time[i] % 100);
}

/* "  label      text", the text folded at its blanks. */
static void line(const char *label, gp_str text, gp_buf *out)
{
    enum { INDENT = 13 };
    const int width = gp_cli_width() ? (int)gp_cli_width() : 120;
    gp_buf room = {0};
    const gp_str clean = gp_clean(text, GP_FORMAT_TABLE, &room);
    int at = INDENT;
    gp_buf_printf(out, "  %-11s", label);
    for (size_t i = 0; i < clean.n;) {
        size_t end = i;
        while (end < clean.n && clean.p[end] != ' ') end++;
        const int wide = gp_str_width((gp_str){clean.p + i, end - i});
        if (at > INDENT && at + 1 + wide > width) {
            gp_buf_printf(out, "\n%*s", INDENT, "");
            at = INDENT;
        } else if (at > INDENT) {
            gp_buf_addc(out, ' ');
            at++;
        }
        gp_buf_add(out, clean.p + i, end - i);
        at += wide;
        for (i = end; i < clean.n && clean.p[i] == ' '; i++) {
        }
    }
    gp_buf_addc(out, '\n');
    gp_buf_free(&room);
}

static void line_of(const char *label, gp_buf *text, gp_buf *out)
{
    if (text->n)
        line(label, (gp_str){text->p, text->n}, out);
    gp_buf_free(text);
}

static const char *said_by(const gp_reading *r)
{
    return !r->delim ? "TDX shows it" : r->profile ? "the profile says" : "the header says";
}

/* "lots (profile; amount and price agree)" */
static void unit_line(const char *label, gp_unit u, gp_unit looks, const gp_reading *r, bool there, gp_buf *out)
{
    gp_buf text = {0};
    if (!there)
        return;
    if (u == GP_UNIT_UNKNOWN && looks == GP_UNIT_UNKNOWN)
        gp_buf_addz(&text, "unit not known");
    else if (u == GP_UNIT_UNKNOWN)
        gp_buf_printf(&text, "%s, as amount, volume and price show", gp_unit_name(looks));
    else if (looks == GP_UNIT_UNKNOWN)
        gp_buf_printf(&text, "%s, as %s", gp_unit_name(u), said_by(r));
    else if (looks == u)
        gp_buf_printf(&text, "%s, as %s; amount, volume and price agree", gp_unit_name(u), said_by(r));
    else
        gp_buf_printf(&text, "%s, as %s, but amount, volume and price show %s: check before you rely on it", gp_unit_name(u), said_by(r),
            gp_unit_name(looks));
    line_of(label, &text, out);
}

static void security(const gp_bars *b, const gp_reading *r, bool first, gp_buf *out)
{
    const oddities o = count(b, r, first);
    gp_buf text = {0}, odd = {0};
    gp_buf_printf(&text, "%s%s%s%s%s: %d bars", b->market, b->code, *b->name ? " " : "", b->name, "", b->n);
    if (b->n) {
        gp_buf_addz(&text, ", ");
        stamp(b, 0, &text);
        gp_buf_addz(&text, " .. ");
        stamp(b, b->n - 1, &text);
    }
    gp_buf_printf(&text, ", %s", period_name(b->period));
    odd_words(&o, &odd);
    if (odd.n)
        gp_buf_printf(&text, "; %s", odd.p);
    gp_buf_free(&odd);
    line_of("security", &text, out);
}

static void profile_lines(const gp_reading *r, gp_buf *out)
{
    gp_buf text = {0};
    if (!r->profile) {
        line("profile", GP_STR("none fits; the columns are taken by their names"), out);
        return;
    }
    gp_buf_printf(&text, "%s: %s", r->profile->name, r->profile->title);
    line_of("profile", &text, out);
    if (r->forced)
        gp_buf_addz(&text, "the option --profile");
    else
        gp_buf_add(&text, r->why.p, r->why.n);
    line_of("because of", &text, out);
    if (r->profile->note)
        line("note", gp_str_from(r->profile->note), out);
}

static void text_line(const gp_reading *r, gp_buf *out)
{
    const char *delim = r->delim == ',' ? "commas" : r->delim == '\t' ? "tabs" : r->delim == ';' ? "semicolons" : "bars |";
    gp_buf text = {0};
    if (!r->delim)
        gp_buf_addz(&text, r->format ? r->format : "");
    else
        gp_buf_printf(&text, "%s, %s", gp_encoding_name(r->encoding), delim);
    if (r->order != GP_ORDER_UNKNOWN)
        gp_buf_printf(&text, ", %s%s", gp_row_order_name(r->order), r->order == GP_ORDER_MIXED ? " order" : "");
    if (r->profile && r->profile->order && r->order && r->profile->order != r->order)
        gp_buf_printf(&text, " (the profile says %s)", gp_row_order_name(r->profile->order));
    line_of(r->delim ? "text" : "format", &text, out);
}

static void columns_lines(const gp_bars *b, const gp_reading *r, gp_buf *out)
{
    gp_buf used = {0}, unused = {0}, own = {0};
    const char *p = r->columns.p, *end;
    if (!p) {
        columns_of(b, &own);
        p = own.p;
    }
    for (; p && *p; p = *end ? end + 1 : end) {
        end = p + strcspn(p, "\037");
        const char *role = memchr(p, '=', (size_t)(end - p));
        gp_buf *to = role || own.n ? &used : &unused;
        const gp_str name = {p, (size_t)((role ? role : end) - p)};
        if (to->n)
            gp_buf_addz(to, "  ");
        if (!role || !gp_str_ieq(name, (gp_str){role + 1, (size_t)(end - role - 1)}))
            gp_buf_printf(to, GP_STR_FMT, GP_STR_ARG(name.n ? name : GP_STR("(no name)")));
        else
            role++; /* date=date */
        if (role)
            gp_buf_add(to, role, (size_t)(end - role));
    }
    line_of("columns", &used, out);
    line_of("not read", &unused, out);
    gp_buf_free(&own);
}

static void card(const gp_read_result *result, const gp_reading *r, const char *path, bool again)
{
    enum { SHOWN = 12 };
    const gp_bars *b = result->at;
    const said u = units_of(b, r);
    gp_buf out = {0}, room = {0};
    const gp_str name = gp_clean(gp_str_from(path), GP_FORMAT_TABLE, &room);
    gp_buf_printf(&out, "%s" GP_STR_FMT "\n", again ? "\n" : "", GP_STR_ARG(name));
    if (r->delim)
        profile_lines(r, &out);
    text_line(r, &out);
    if (!r->delim && r->why.n)
        line("class", (gp_str){r->why.p, r->why.n}, &out);
    columns_lines(b, r, &out);
    unit_line("volume", u.volume, u.volume_looks, r, b->vol != NULL, &out);
    unit_line("amount", u.amount, u.amount_looks, r, b->amount != NULL, &out);
    static const char *const prices[] = {"", "as they were paid (不复权)", "adjusted forward (前复权)", "adjusted backward (后复权)"};
    if (b->adjusted) {
        gp_buf words = {0};
        gp_buf_printf(&words, "%s, as the %s says", prices[b->adjusted], b->history ? "store" : "title line");
        line("prices", (gp_str){words.p, words.n}, &out);
        gp_buf_free(&words);
    }
    for (int k = 0; k < result->n && k < SHOWN; k++)
        security(&result->at[k], r, k == 0, &out);
    if (result->n > SHOWN) {
        gp_buf more = {0};
        gp_buf_printf(&more, "and %d more (--format csv shows all)", result->n - SHOWN);
        line_of("", &more, &out);
    }
    fwrite(out.p, 1, out.n, stdout);
    gp_buf_free(&out);
    gp_buf_free(&room);
}

int gp_data_inspect(gp_cli *c)
{
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
        gp_reading reading = {0};
        gp_read_opts options = {.reading = &reading};
        gp_read_result result = {0};
        if (!gp_read_input(&inputs, i, &options, &result, &d)) {
            bad++;
        } else if (c->format == GP_FORMAT_TABLE) {
            card(&result, &reading, inputs.at[i].path, read++ > 0);
        } else {
            if (!w)
                w = gp_writer_new(stdout, c->format, columns, N_COLUMNS, c->colour);
            for (int k = 0; k < result.n; k++)
                write_row(w, &result.at[k], &reading, k == 0);
            read++;
        }
        gp_cli_diags(c, &d);
        gp_read_result_fini(&result);
        gp_reading_fini(&reading);
    }
    gp_inputs_fini(&inputs);
    if (w && !gp_writer_end(w))
        return GP_EXIT_NO_DATA;
    return !read ? GP_EXIT_NO_DATA : bad ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}
