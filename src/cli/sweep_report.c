/* What a sweep found, for people and for programs. */
#include <math.h>
#include <string.h>
#include "cli/sheet.h"
#include "cli/sweep.h"
#include "cli/table.h"
#include "cli/worth.h"

/* ---- rows ---- */

_Static_assert(GP_GRID_AXES + 2 * GP_SCORES + 8 <= SHEET_COLUMNS, "a row may have them all");

static void date(sheet *s, const char *name, int32_t day)
{
    s->column[s->n] = (gp_column){name, GP_CELL_DATE, 0};
    s->cell[s->n].date = day;
    s->cell[s->n++].time = -1;
}

/* Chinese names stand in tables; what programs read has one name. */
static bool is_zh(const gp_cli *c) { return c->zh && c->format == GP_FORMAT_TABLE; }

static void metric(sheet *s, const gp_cli *c, const char *before, int k, const gp_score *of)
{
    const gp_metric *m = &gp_metrics[k];
    const char *name = is_zh(c) ? m->zh : m->column;
    sheet_number(s, *before ? gp_arena_printf(&s->names, "%s%s", is_zh(c) ? "样本外" : before, name) : name, m->percent ? round(of->at[k] * 1e8) / 1e6 : of->at[k], m->decimals);
}

static void keys(sheet *s, const gp_cli *c, const gp_sweep_report *r, size_t point)
{
    for (int k = 0; k < r->grid.n_axes; k++) {
        const gp_axis *a = &r->grid.axes[k];
        const char *name = is_zh(c) ? gp_sweep_axis_name(c, r, k) : a->name;
        sheet_number(s, a->percent ? gp_arena_printf(&s->names, is_zh(c) ? "%s%%" : "%s_pct", name) : name, gp_grid_value(&r->grid, point, k), 6);
        s->column[s->n - 1].kind = GP_CELL_LIMIT;
    }
}

/* What a table has room for; the metric that ranks comes first when it is none of these. */
static const int in_short[] = {GP_SCORE_N, GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T, GP_SCORE_INDEPENDENT};
static const int out_short[] = {GP_SCORE_N, GP_SCORE_WIN, GP_SCORE_MEAN, GP_SCORE_EXCESS, GP_SCORE_T};
static const int in_trades[] = {GP_SCORE_TRADES, GP_SCORE_TRADE_WIN, GP_SCORE_TRADE_MEAN, GP_SCORE_TOTAL, GP_SCORE_CAGR, GP_SCORE_DRAWDOWN, GP_SCORE_SHARPE, GP_SCORE_PROFIT_FACTOR};
static const int out_trades[] = {GP_SCORE_TRADES, GP_SCORE_TOTAL, GP_SCORE_DRAWDOWN, GP_SCORE_SHARPE, GP_SCORE_PROFIT_FACTOR};

static bool is_among(int k, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == k)
            return true;
    return false;
}

/* Do shown sets have positions that were never sold? */
static bool any_open(const gp_sweep_report *r, bool later)
{
    for (size_t i = 0; i < r->trials.n_top; i++)
        if ((later ? &r->trials.top[i].out : &r->trials.top[i].in)->at[GP_SCORE_OPEN] > 0)
            return true;
    return false;
}

static void scores(sheet *s, const gp_cli *c, const gp_sweep_report *r, const char *before, const gp_score *of, bool whole)
{
    const bool trades = gp_sweep_by_trades(r);
    const int *list = trades ? (*before ? out_trades : in_trades) : *before ? out_short : in_short;
    const size_t n = (trades ? (*before ? sizeof out_trades : sizeof in_trades) : *before ? sizeof out_short : sizeof in_short) / sizeof *list;
    if (!whole && !is_among(r->metric, list, n))
        metric(s, c, before, r->metric, of);
    for (size_t i = 0; i < n && !whole; i++) {
        metric(s, c, before, list[i], of);
        if (list[i] == GP_SCORE_TRADES && any_open(r, *before))
            metric(s, c, before, GP_SCORE_OPEN, of);
    }
    for (int k = 0; k < GP_SCORE_ENTRIES && whole; k++)
        if (gp_metrics[k].judge == gp_metrics[r->metric].judge)
            metric(s, c, before, k, of);
}

/* What became of the entries comes last, where programs that count columns do not meet it. */
static void entries(sheet *s, const gp_cli *c, const gp_sweep_report *r, const char *before, const gp_score *of, bool whole)
{
    for (int k = GP_SCORE_ENTRIES; k < GP_SCORES && whole && gp_sweep_by_trades(r); k++)
        metric(s, c, before, k, of);
}

double gp_sweep_luck_bound(const gp_sweep_report *r) { return r->luck.draws < 20 ? NAN : gp_reality_quantile(&r->luck, 0.95); }

/* What chance makes of the choice: the same of all sets, and of this one. */
static void luck(sheet *s, const gp_sweep_report *r, const gp_trial *t)
{
    if (gp_sweep_by_trades(r))
        sheet_number(s, "t", t->drawn, 2);
    sheet_number(s, "luck_t", gp_reality_quantile(&r->luck, 0.5), 2);
    sheet_number(s, "luck_t95", gp_sweep_luck_bound(r), 2);
    sheet_number(s, "luck_p", gp_reality_p(&r->luck, t->drawn), 3);
}

/* How this set looks ahead; a table has room for the depth, and says so where sets differ.  none: no set was chosen. */
static void ahead(sheet *s, const gp_cli *c, const gp_sweep_report *r, size_t point, bool none, bool whole)
{
    gp_buf text = {0};
    if (!r->ahead || (!whole && r->sets == 1))
        return;
    if (!none)
        gp_sweep_ahead_text(r, point, &text);
    const char *colon = text.n && !whole ? strchr(text.p, ':') : NULL;
    const size_t n = colon ? (size_t)(colon - text.p) : text.n;
    sheet_text(s, is_zh(c) ? "未来函数" : "looks_ahead", text.n ? gp_arena_strndup(&s->names, text.p, n) : is_zh(c) ? "否" : "no");
    if (!text.n && (whole || none))
        s->cell[s->n - 1].text = (gp_str){0};
    gp_buf_free(&text);
}

static gp_writer *new_writer(const gp_cli *c, const sheet *s)
{
    gp_writer *w = gp_writer_new(stdout, c->format, s->column, s->n, c->colour);
    gp_writer_none(w, is_zh(c) ? "无" : NULL);
    return w;
}

static bool write_top(const gp_cli *c, const gp_sweep_report *r)
{
    const bool whole = c->format != GP_FORMAT_TABLE;
    gp_writer *w = NULL;
    const gp_trial none = {0};
    for (size_t i = 0; i < r->trials.n_top || !w; i++) {
        const gp_trial *t = i < r->trials.n_top ? &r->trials.top[i] : &none;
        sheet s = {0};
        keys(&s, c, r, t->number);
        scores(&s, c, r, "", &t->in, whole);
        if (whole && r->luck.draws)
            luck(&s, r, t);
        if (gp_sweep_has_out(r))
            scores(&s, c, r, "out_", &t->out, whole);
        ahead(&s, c, r, t->number, false, whole);
        entries(&s, c, r, "", &t->in, whole);
        if (gp_sweep_has_out(r))
            entries(&s, c, r, "out_", &t->out, whole);
        if (!w) {
            w = new_writer(c, &s);
            if (!whole)
                gp_writer_fold(w, gp_cli_width(), r->grid.n_axes);
        }
        if (i < r->trials.n_top)
            gp_writer_row(w, s.cell);
        if (w && i >= r->trials.n_top)
            break;
        gp_arena_fini(&s.names);
    }
    return gp_writer_end(w);
}

/* ---- the walk forward ---- */

static int32_t day_at(const gp_sweep_report *r, size_t i) { return r->market.date[i < r->market.n_days ? i : r->market.n_days - 1]; }

static bool write_walk(const gp_cli *c, const gp_sweep_report *r)
{
    const bool whole = c->format != GP_FORMAT_TABLE;
    gp_writer *w = NULL;
    gp_window total = {.out = {r->trials.windows[0].out.from, r->market.n_days}};
    const bool summed = whole && gp_sweep_walk_total(r, &total.best.out);
    for (int k = 0; k < r->trials.n_windows + summed; k++) {
        const bool last = k == r->trials.n_windows; /* all of them together */
        const gp_window *x = last ? &total : &r->trials.windows[k];
        gp_trial t = x->best;
        sheet s = {0};
        for (int i = 0; i < GP_SCORES && !x->any; i++)
            t.in.at[i] = NAN, t.out.at[i] = last ? t.out.at[i] : NAN;
        date(&s, is_zh(c) ? "选参起始日" : "chosen_from", last ? 0 : day_at(r, x->in.from));
        date(&s, is_zh(c) ? "选参结束日" : "chosen_to", last ? 0 : day_at(r, x->in.to - 1));
        keys(&s, c, r, t.number);
        for (int i = 2; i < s.n && !x->any; i++)
            s.cell[i].number = NAN;
        if (whole)
            scores(&s, c, r, "", &t.in, true);
        else
            metric(&s, c, "", r->metric, &t.in);
        date(&s, is_zh(c) ? "样本外起始日" : "out_from", day_at(r, x->out.from));
        date(&s, is_zh(c) ? "样本外结束日" : "out_to", day_at(r, x->out.to - 1));
        scores(&s, c, r, "out_", &t.out, whole);
        ahead(&s, c, r, t.number, !x->any, whole);
        entries(&s, c, r, "", &t.in, whole);
        entries(&s, c, r, "out_", &t.out, whole);
        if (!w)
            w = new_writer(c, &s);
        gp_writer_row(w, s.cell);
        gp_arena_fini(&s.names);
    }
    return gp_writer_end(w);
}

/* ---- all of it ---- */

static void put(gp_buf *b)
{
    gp_cli_put_text((gp_str){b->p, b->n});
    b->n = 0;
}

bool gp_cli_sweep_tables(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf b = {0};
    bool ok;
    if (c->format != GP_FORMAT_TABLE)
        return r->trials.n_windows ? write_walk(c, r) : write_top(c, r);
    if (r->ahead) {
        gp_buf how = {0};
        gp_sweep_ahead_all(c, r, &how);
        gp_cli_ahead_warning(c, how.p, &b);
        gp_buf_addc(&b, '\n');
        gp_buf_free(&how);
    }
    gp_sweep_describe(c, r, &b);
    gp_buf_addc(&b, '\n');
    gp_sweep_tell_choice(c, r, &b);
    gp_buf_addc(&b, '\n');
    put(&b);
    ok = write_top(c, r);
    if (r->trials.ranked) {
        gp_buf_addc(&b, '\n');
        gp_sweep_tell_best(c, r, &b);
        put(&b);
    }
    if (r->trials.n_windows) {
        gp_sweep_tell_walk(c, r, &b);
        put(&b);
        ok = write_walk(c, r) && ok;
        gp_sweep_tell_walked(c, r, &b);
        put(&b);
    }
    gp_buf_free(&b);
    return ok;
}

void gp_cli_sweep_notes(const gp_cli *c, const gp_sweep_report *r)
{
    gp_buf b = {0};
    if (c->diag_json)
        return;
    if (c->format != GP_FORMAT_TABLE) {
        gp_sweep_describe(c, r, &b);
        gp_cli_note(c, "%s", b.p);
        b.n = 0;
        if (r->trials.ranked && !r->trials.n_windows) {
            gp_sweep_tell_best(c, r, &b);
            for (char *p = b.p, *end; (end = strchr(p, '\n')); p = end + 1)
                gp_cli_note(c, "%.*s", (int)(end - p), p);
        }
        if (r->ahead) {
            b.n = 0;
            gp_sweep_ahead_all(c, r, &b);
            gp_cli_note(c, c->zh ? "含未来函数 (%s): 当时无人能据此交易" : "the formula looks ahead (%s): nobody could have traded this", b.p);
        }
    }
    gp_buf_free(&b);
    if (r->trials.n_top < r->trials.n && c->format != GP_FORMAT_TABLE && !c->top && !r->trials.n_windows)
        gp_cli_note(c, c->zh ? "只列出最好的 %zu 组, 共 %zu 组; --top N 列出更多" : "the best %zu of %zu sets are listed; --top N lists more", r->trials.n_top, r->trials.n);
    gp_cli_sweep_why(c, r);
    gp_sweep_note_odd(c, r);
    if (gp_program_today(r->plan->program))
        gp_cli_note(c, c->zh ? "%s 反映的是运行当日的情况, 用于历史K线也如此: 当时并不知道" : "%s tells of the day of the run, on past bars as well: what it picks was not known then",
                    gp_program_today(r->plan->program));
    if (!r->trials.ranked || gp_sweep_has_out(r))
        return;
    if (!r->trials.n_windows)
        gp_cli_note(c, c->zh ? "选参与评测用的是同一段数据: --split DATE 或 --walk N 可看所选参数在未见过的数据上如何"
                             : "chosen and judged on the same days: --split DATE or --walk N shows what the choice gives on days that it has not seen");
    else if (c->format == GP_FORMAT_TABLE) /* elsewhere there are the windows alone */
        gp_cli_note(c, c->zh ? "第一张表的选参与评测用的是同一段数据; 滚动检验的样本外一栏才是未见过的数据"
                             : "the sets of the first table are chosen and judged on the same days; those of the walk forward on days that the choice has not seen (out_)");
}
