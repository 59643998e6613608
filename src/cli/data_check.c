/* goldpit data check: what is wrong, or odd, in quotes. */
#include <string.h>
#include "base/vec.h"
#include "cli/data_store.h"
#include "market/doctor.h"

enum { MOST = 5 /* of a kind and security, listed singly */ };

typedef struct check {
    gp_cli *c;
    gp_inputs inputs;
    gp_calendar *calendar;
    gp_events *events;
    gp_writer *writer;
    size_t securities, findings, grave, of[GP_ODD_KINDS];
    int bad;
} check;

static void day(int32_t date, gp_buf *out)
{
    gp_buf_printf(out, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
}

/* "close +23.50 %, beyond the limit of 10 % and no event" */
static void detail(const check *k, const gp_finding *f, gp_buf *out)
{
    out->n = 0;
    if (!f->date) {
        gp_buf_printf(out, "%d more of this kind", f->n);
        return;
    }
    switch (f->kind) {
    case GP_ODD_OHLC: gp_buf_printf(out, "high %.6g and low %.6g do not enclose open and close", f->a, f->b); break;
    case GP_ODD_PRICE: gp_buf_printf(out, "a price of %.6g", f->a); break;
    case GP_ODD_NO_CLOSE: gp_buf_addz(out, "no close"); break;
    case GP_ODD_JUMP:
        gp_buf_printf(out, "close %+.1f %%, beyond the limit of %.0f %%%s", f->a, f->b,
                      k->events ? ", and no event that day" : "; an ex-rights day? --events FILE tells");
        break;
    case GP_ODD_UNIT: gp_buf_printf(out, "the volume counts %.3g times as much from here on", f->a >= 1 ? f->a : 1 / f->a); break;
    case GP_ODD_SAME_PERIOD:
        gp_buf_printf(out, "a second bar of one %s, after that of ", f->n == 6 ? "week" : f->n == 7 ? "month" : f->n == 10 ? "quarter" : "year");
        day(f->to, out);
        break;
    case GP_ODD_CLOSED: gp_buf_addz(out, "most other securities have no bar on this day"); break;
    case GP_ODD_GAP:
        gp_buf_printf(out, "%d trading day%s without a bar", f->n, f->n == 1 ? "" : "s");
        if (f->n > 1) {
            gp_buf_addz(out, ", until ");
            day(f->to, out);
        }
        break;
    case GP_ODD_ENDS_EARLY: gp_buf_printf(out, "the last bar; the data go on for %d trading day%s", f->n, f->n == 1 ? "" : "s"); break;
    case GP_ODD_KINDS: break;
    }
    if (f->kind == GP_ODD_UNIT && f->a < 1) {
        out->n = 0;
        gp_buf_printf(out, "the volume counts %.3g times less from here on", 1 / f->a);
    }
}

static void print(check *k, const gp_bars *b, const gp_findings *all)
{
    gp_buf text = {0}, code = {0};
    gp_buf_printf(&code, "%s%s%s", b->code, *b->market ? "." : "", b->market);
    for (size_t i = 0; i < all->n; i++) {
        const gp_finding *f = &all->at[i];
        detail(k, f, &text);
        const gp_cell cells[] = {{.text = gp_str_from(code.p)}, {.date = f->date, .time = f->time},
                                 {.text = gp_str_from(gp_odd_grave(f->kind) ? "wrong" : "odd")}, {.text = gp_str_from(gp_odd_name(f->kind))},
                                 {.text = {text.p, text.n}}};
        gp_writer_row(k->writer, cells);
        const size_t n = f->date ? 1 : (size_t)f->n;
        k->of[f->kind] += n;
        k->findings += n;
        k->grave += gp_odd_grave(f->kind) ? n : 0;
    }
    gp_buf_free(&text);
    gp_buf_free(&code);
}

/* Twice: the days of the market first. */
static void pass(check *k, bool first)
{
    gp_findings all = {0};
    for (size_t i = 0; i < k->inputs.n; i++) {
        const gp_read_opts o = {.need = first ? GP_COL_CLOSE : 0, .want = first ? GP_COL_CLOSE : 0};
        gp_read_result r = {0};
        gp_diags d = {0};
        const bool good = gp_read_input(&k->inputs, i, &o, &r, &d);
        if (first) {
            gp_cli_diags(k->c, &d);
            k->bad += !good;
        }
        gp_diags_fini(&d);
        for (int n = 0; good && n < r.n; n++) {
            if (first) {
                gp_calendar_add(k->calendar, &r.at[n]);
                k->securities++;
                continue;
            }
            all.n = 0;
            gp_doctor(k->calendar, k->events, &r.at[n], MOST, &all);
            print(k, &r.at[n], &all);
        }
        gp_read_result_fini(&r);
    }
    gp_vec_free(&all);
}

static void say_counts(const check *k)
{
    gp_buf b = {0};
    for (int i = 0; i < GP_ODD_KINDS; i++)
        if (k->of[i])
            gp_buf_printf(&b, "%s%zu %s", b.n ? ", " : "", k->of[i], gp_odd_name((gp_odd)i));
    gp_cli_note(k->c, "%zu securit%s: %s%s", k->securities, k->securities == 1 ? "y" : "ies", b.n ? b.p : "nothing wrong and nothing odd was found",
                gp_calendar_known(k->calendar) ? "" : "; too few securities to know the days of the market");
    gp_buf_free(&b);
}

int gp_data_check(gp_cli *c)
{
    static const gp_column columns[] = {{"code", GP_CELL_TEXT, 0}, {"date", GP_CELL_DATE, 0}, {"level", GP_CELL_TEXT, 0}, {"what", GP_CELL_TEXT, 0},
                                        {"detail", GP_CELL_TEXT, 0}};
    check k = {.c = c};
    gp_diags d = {0};
    int status = GP_EXIT_NO_DATA;
    if (c->n_args == 0)
        return gp_cli_usage(c, "the data are missing: give a store, files or folders");
    for (int i = 0; i < c->n_args; i++)
        if (strcmp(c->args[i], "-") == 0)
            return gp_cli_usage(c, "standard input can be read once, and a check reads the data twice: save them in a file");
    gp_inputs_expand(c->args, c->n_args, &c->data, &k.inputs, &k.bad, &d);
    gp_cli_diags(c, &d);
    k.calendar = gp_calendar_new();
    k.events = c->events ? gp_events_read(c->events, &d) : NULL;
    gp_cli_diags(c, &d);
    if (!c->events || k.events) {
        pass(&k, true);
        if (k.securities) {
            k.writer = gp_writer_new(stdout, c->format, columns, 5, c->colour);
            gp_writer_fit(k.writer, gp_cli_width());
            pass(&k, false);
            const bool written = gp_writer_end(k.writer);
            say_counts(&k);
            status = !written ? GP_EXIT_NO_DATA : k.bad || k.grave ? GP_EXIT_PARTIAL : GP_EXIT_OK;
        }
    }
    gp_events_free(k.events);
    gp_calendar_free(k.calendar);
    gp_inputs_fini(&k.inputs);
    return status;
}
