/* goldpit sweep: from the options to the run.  The report is in sweep_report.c. */
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/vec.h"
#include "cli/backtest.h"
#include "cli/sweep.h"
#include "cli/table.h"
#include "cli/worth.h"
#include "market/universe.h"

/* ---- the grid ---- */

static int bad_axis(const gp_cli *c, const char *param, gp_axis_status status, gp_str bad)
{
    switch (status) {
    case GP_AXIS_STEP:
        return gp_cli_usage(c, "-p '%s': the step of %.*s is 0; write FROM:TO:STEP, as in -p N=5:60:5", param, (int)bad.n, bad.p);
    case GP_AXIS_EMPTY:
        return gp_cli_usage(c, "-p '%s': %.*s has no value, so the grid has 0 points; the step leads from FROM to TO, as in -p N=5:60:5", param, (int)bad.n, bad.p);
    default:
        return gp_cli_usage(c, "-p '%s': '%.*s' is no number; write values with commas between, or FROM:TO:STEP, as in -p N=5:60:5", param, (int)bad.n, bad.p);
    }
}

/* "1,234,567" */
static void add_count(gp_buf *out, double n)
{
    char text[40];
    const int digits = snprintf(text, sizeof text, "%.0f", n);
    if (digits > 21) {
        gp_buf_printf(out, "%.3g", n);
        return;
    }
    for (int i = 0; i < digits; i++)
        gp_buf_printf(out, "%s%c", i && (digits - i) % 3 == 0 ? "," : "", text[i]);
}

static int too_many(const gp_cli *c, const gp_sweep_report *r, double points)
{
    const gp_grid *g = &r->grid;
    gp_buf b = {0};
    gp_buf_addz(&b, "the grid has ");
    add_count(&b, points);
    gp_buf_addz(&b, " points (");
    for (int k = 0; k < g->n_axes; k++) {
        gp_buf_printf(&b, "%s%s ", k ? " x " : "", g->axes[k].name);
        add_count(&b, g->axes[k].n);
    }
    gp_buf_addz(&b, "), and at most ");
    add_count(&b, GP_GRID_MOST);
    gp_buf_addz(&b, r->n_ends ? " are run: take larger steps or fewer values" : " are run: take larger steps, or fix a parameter (-p N=21)");
    const int status = gp_cli_usage(c, "%s", b.p);
    gp_buf_free(&b);
    return status;
}

/* The axes that -p asks for; single values are set by whoever reads the formula. */
static int parse_grid(const gp_cli *c, gp_sweep_report *r)
{
    gp_grid *g = &r->grid;
    double points;
    bool many = false;
    for (int i = 0; i < c->n_params; i++) {
        const char *text = c->params[i], *eq = strchr(text, '=');
        gp_axis axis = {0};
        gp_str bad = {0};
        if (!eq || eq == text || !eq[1])
            return gp_cli_usage(c, "-p '%s': write -p NAME=VALUES, as in -p N=5:60:5 or -p N=10,20,40", text);
        axis.name = gp_arena_strndup(&g->arena, text, (size_t)(eq - text));
        const gp_axis_status status = gp_axis_parse(&g->arena, gp_str_from(eq + 1), &axis, &bad);
        if (status != GP_AXIS_OK && status != GP_AXIS_MANY)
            return bad_axis(c, text, status, bad);
        many |= status == GP_AXIS_MANY;
        for (int k = 0; k < i; k++)
            if (strchr(c->params[k], '=') - c->params[k] == eq - text && gp_str_ieq((gp_str){c->params[k], (size_t)(eq - text)}, (gp_str){text, (size_t)(eq - text)}))
                return gp_cli_usage(c, "-p '%s': %s was given before; put all of its values into one -p", text, axis.name);
        if (!strpbrk(eq, ":,"))
            continue;
        if (g->n_axes == GP_GRID_PARAMS)
            return gp_cli_usage(c, "at most %d parameters can be varied", GP_GRID_PARAMS);
        g->axes[g->n_axes++] = axis;
    }
    if (!g->n_axes && !r->n_ends && !(c->after && strchr(c->after, ','))) /* times held are an axis, too */
        return gp_cli_usage(c, gp_sweep_by_trades(r) ? "nothing varies: give a parameter or an exit several values, as in -p N=5:60:5, --stop 3%%,5%%,8%% or --hold 5:30:5"
                                                     : "nothing varies: give a parameter several values, as in -p N=5:60:5 or -p N=10,20,40");
    return gp_grid_count(g, &points) && !many ? -1 : too_many(c, r, points);
}

/* Holds the values within what the formula declares, and makes sure that it has these parameters. */
static void bind_params(const gp_cli *c, gp_formula *f, gp_grid *g, gp_diags *d)
{
    for (int k = 0; k < g->n_axes; k++) {
        gp_axis *a = &g->axes[k];
        const gp_str name = gp_str_from(a->name);
        double outside;
        for (int i = 0; i < f->n_params; i++)
            if (gp_str_ieq(f->params[i].name, name) && f->params[i].has_range) {
                const double all = a->n;
                const size_t n = gp_axis_clamp(a, f->params[i].min, f->params[i].max, &outside);
                if (n)
                    gp_formula_set_param(f, name, outside, d); /* says so */
                if (n > 1 && !c->diag_json)
                    gp_cli_note(c, c->zh ? "%s: %zu 个取值 (共 %.0f 个) 超出 %g 至 %g, 改为其中最近的值, 只算一次"
                                         : "%s: %zu of %.0f values lie outside %g to %g and became the nearest of these, which is run once", a->name, n, all, f->params[i].min, f->params[i].max);
            }
        gp_formula_set_param(f, name, a->at[0], d);
    }
}

static void find_params(const gp_formula *f, gp_sweep_report *r)
{
    r->formula = f;
    r->n_formula = r->grid.n_axes;
    for (int k = 0; k < r->n_formula; k++)
        for (int i = 0; i < f->n_params; i++)
            if (gp_str_ieq(f->params[i].name, gp_str_from(r->grid.axes[k].name)))
                r->param[k] = i;
}

static int add_horizons(const gp_cli *c, gp_sweep_report *r)
{
    const int n = r->hit->n_after;
    double points;
    if (n > 1) {
        gp_axis *a = &r->grid.axes[r->grid.n_axes++];
        *a = (gp_axis){.name = "after", .n = n, .at = gp_arena_alloc(&r->grid.arena, (size_t)n * sizeof *a->at)};
        for (int h = 0; h < n; h++)
            a->at[h] = r->hit->after[h];
    }
    return gp_grid_count(&r->grid, &points) ? -1 : too_many(c, r, points);
}

static int parse_metric(const gp_cli *c, int *metric)
{
    *metric = c->metric ? gp_metric_find(gp_str_from(c->metric)) : GP_SCORE_T;
    if (*metric >= 0 && gp_metrics[*metric].better)
        return -1;
    gp_buf names = {0};
    for (int k = 0; k < GP_SCORES; k++)
        if (gp_metrics[k].better)
            gp_buf_printf(&names, "%s%s", names.n ? ", " : "", gp_metrics[k].name);
    const int status = gp_cli_usage(c, "--metric '%s': it is one of %s", c->metric, names.p);
    gp_buf_free(&names);
    return status;
}

/* ---- the days ---- */

static size_t first_day(const gp_sweep_market *m, int32_t date)
{
    size_t i = 0;
    while (i < m->n_days && m->date[i] < date)
        i++;
    return i;
}

/* Signals of the last days before `end` had not shown what they were worth when it came. */
static gp_span_days before(const gp_sweep_report *r, size_t from, size_t end, int h)
{
    const size_t open = (size_t)(gp_hit_entry_offset(r->hit) + gp_hit_days_held(r->market.period, r->hit->after[h]));
    return (gp_span_days){from, end == r->market.n_days ? end : end > from + open ? end - open : from};
}

static int split_days(const gp_cli *c, gp_sweep_report *r)
{
    const gp_sweep_market *m = &r->market;
    r->split = c->split ? first_day(m, c->split) : m->n_days;
    if (c->split && (r->split == 0 || r->split == m->n_days))
        return gp_cli_usage(c, "--split %04d-%02d-%02d leaves no day %s it: the data are %04d-%02d-%02d to %04d-%02d-%02d", c->split / 10000, c->split / 100 % 100,
                            c->split % 100, r->split ? "after" : "before", m->date[0] / 10000, m->date[0] / 100 % 100, m->date[0] % 100,
                            m->date[m->n_days - 1] / 10000, m->date[m->n_days - 1] / 100 % 100, m->date[m->n_days - 1] % 100);
    if (c->walk && m->n_days < ((size_t)c->walk + 1) * 20)
        return gp_cli_usage(c, "--walk %d: %zu days are too few for %d parts of at least 20", c->walk, m->n_days, c->walk + 1);
    r->trials.n_windows = c->walk;
    for (int k = 0; k < c->walk; k++) {
        const size_t parts = (size_t)c->walk + 1, cut = m->n_days * ((size_t)k + 1) / parts, end = m->n_days * ((size_t)k + 2) / parts;
        r->trials.windows[k] = (gp_window){.in = {0, cut}, .out = {cut, end}};
    }
    if (c->walk)
        r->walked = gp_xcalloc(m->n_days + 1, sizeof *r->walked);
    return -1;
}

/* ---- the trials ---- */

enum { MOST_LISTED = 100000, SHORT_LIST = 20, DRAWS = 200 };

typedef struct run { gp_sweep_report *r; gp_sweep_state *state; pthread_mutex_t lock; } run;

/* How far all sets are, and when they will be done. */
static void show_progress(void *ctx, size_t done, size_t total)
{
    gp_cli_progress *p = ctx;
    const double t = gp_cli_now(), share = total ? (double)done / (double)total : 0, left = share > 0 ? (t - p->began) / share * (1 - share) : 0;
    if (t - p->began < 0.5 || t - p->last < 0.1)
        return;
    fprintf(stderr, "\r%5.1f %%, %.0f s, about %.0f s left\033[K", share * 100, t - p->began, left);
    fflush(stderr);
    p->last = t;
    p->shown = true;
}

static void rank(const gp_sweep_report *r, gp_trial *t)
{
    t->n = t->in.at[gp_sweep_by_trades(r) ? GP_SCORE_TRADES : GP_SCORE_N];
    t->key = t->n >= r->least ? t->in.at[r->metric] * gp_metrics[r->metric].better : NAN;
    t->no_value = t->n >= r->least && isnan(t->key);
    t->later = t->out.at[r->metric];
}

static gp_trial trial_of(const gp_sweep_report *r, size_t number, int h, const gp_day_sum *days, gp_span_days in, size_t from, size_t to)
{
    gp_trial t = {.number = number};
    gp_hit_score(&r->market, r->hit, h, days, in.from, in.to, &t.in);
    gp_hit_score(&r->market, r->hit, h, days, from, to, &t.out);
    rank(r, &t);
    return t;
}

static gp_trial trial_by(const gp_sweep_report *r, size_t number, const gp_figures *in_out)
{
    gp_trial t = {.number = number};
    gp_test_score(&in_out[0], &t.in);
    gp_test_score(&in_out[1], &t.out);
    rank(r, &t);
    return t;
}

static void take(void *ctx, size_t set, const gp_day_sum *days, const gp_figures *figures)
{
    run *s = ctx;
    gp_sweep_report *r = s->r;
    double *by_luck = gp_xcalloc((size_t)r->luck.draws + 1, sizeof *by_luck);
    if (figures) {
        gp_trial t = trial_by(r, set, figures);
        const bool may_win = !isnan(t.key) && gp_reality_of_account(&r->luck, &figures[0], by_luck);
        t.drawn = may_win ? by_luck[0] : NAN;
        gp_trial in_windows[GP_WALK_MOST];
        for (int k = 0; k < r->trials.n_windows; k++)
            in_windows[k] = trial_by(r, set, figures + 2 + 2 * k);
        pthread_mutex_lock(&s->lock);
        gp_trials_add(&r->trials, &t, in_windows);
        if (may_win)
            gp_reality_take(&r->luck, by_luck);
        if (s->state)
            s->state->done[set] = 1;
        pthread_mutex_unlock(&s->lock);
        free(by_luck);
        return;
    }
    const size_t n_days = r->market.n_days, n_after = (size_t)r->hit->n_after;
    for (size_t h = 0; h < n_after; h++, days += n_days) {
        const size_t number = set * n_after + h;
        gp_trial in_windows[GP_WALK_MOST];
        const gp_span_days in = before(r, 0, r->split, (int)h);
        gp_trial t = trial_of(r, number, (int)h, days, in, r->split, n_days);
        const bool may_win = !isnan(t.key) && gp_reality_of_signals(&r->luck, &r->market, (int)h, days, in.to, &t.in, by_luck);
        t.drawn = may_win ? by_luck[0] : NAN;
        for (int k = 0; k < r->trials.n_windows; k++) {
            const gp_window *w = &r->trials.windows[k];
            in_windows[k] = trial_of(r, number, (int)h, days, before(r, w->in.from, w->in.to, (int)h), w->out.from, w->out.to);
        }
        pthread_mutex_lock(&s->lock);
        gp_trials_add(&r->trials, &t, in_windows);
        if (may_win)
            gp_reality_take(&r->luck, by_luck);
        for (int k = 0; k < r->trials.n_windows; k++) {
            const gp_window *w = &r->trials.windows[k];
            if (w->any && w->best.number == number)
                memcpy(r->walked + w->out.from, days + w->out.from, (w->out.to - w->out.from) * sizeof *days);
        }
        if (s->state)
            s->state->done[set] = 1;
        pthread_mutex_unlock(&s->lock);
    }
    free(by_luck);
}

/* ---- the run ---- */

typedef struct needs { gp_cli *c; const gp_inputs *inputs; int status; } needs;

static bool companions_of(void *ctx, const gp_program *p, gp_companions **out)
{
    needs *n = ctx;
    return gp_cli_companions(n->c, p, NULL, n->inputs, out, &n->status);
}

/* What accounts run over: chosen on and tried on, the whole and window by window. */
static void make_spans(const gp_sweep_report *r, gp_span_days *span)
{
    span[0] = (gp_span_days){0, r->split};
    span[1] = (gp_span_days){r->split, r->market.n_days};
    for (int k = 0; k < r->trials.n_windows; k++) {
        span[2 + 2 * k] = r->trials.windows[k].in;
        span[3 + 2 * k] = r->trials.windows[k].out;
    }
}

/* All times held have the same blocks, so that sets that differ in nothing else stay alike.  Changes of accounts do not overlap; what moves them lasts. */
static void draw_luck(const gp_cli *c, gp_sweep_report *r)
{
    const int32_t held = gp_sweep_by_trades(r) ? 5 : gp_hit_days_held(r->market.period, r->hit->after[r->hit->n_after - 1]);
    gp_reality_new(&r->luck, r->split, (size_t)held, c->draws < 0 ? 0 : c->draws ? c->draws : DRAWS, c->seed);
}

static int sweep(gp_cli *c, gp_sweep_report *r, gp_hitrate_opts *hit)
{
    const double began = gp_cli_now();
    gp_cli_progress bar = {.began = began};
    gp_diags d = {.limit = (size_t)-1};
    gp_inputs inputs = {0};
    gp_companions *companions;
    int bad = 0, status = GP_EXIT_OK;
    run s = {.r = r, .lock = PTHREAD_MUTEX_INITIALIZER};
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    needs need = {c, &inputs, GP_EXIT_OK};
    if (!gp_cli_companions(c, r->plan->program, NULL, &inputs, &companions, &status)) {
        gp_diags_fini(&d);
        gp_inputs_fini(&inputs);
        return status;
    }
    hit->companions = companions;
    hit->progress_ctx = &bar;
    if (!c->quiet && !c->diag_json && isatty(STDERR_FILENO))
        hit->progress = gp_cli_show_progress;
    gp_sweep_market_of(r->plan, &inputs, hit, gp_sweep_by_trades(r), &r->market, &d);
    const size_t skipped = r->market.read.skipped + (size_t)bad;
    gp_span_days spans[2 + 2 * GP_WALK_MOST];
    const gp_sweep_test test = {.o = &r->test, .ends = r->ends, .spans = spans, .n_spans = 2 + 2 * c->walk};
    gp_sweep_state state = {0};
    gp_sweep_opts o = {.test = gp_sweep_by_trades(r) ? &test : NULL, .hit = hit, .grid = &r->grid, .n_formula = r->n_formula, .param = r->param, .companions = companions_of, .companions_ctx = &need};
    if (bar.shown)
        fputs("\r\033[K", stderr);
    gp_cli_data_diags(c, &d);
    gp_trials_new(&r->trials, r->grid.points, c->top ? (size_t)c->top : c->format == GP_FORMAT_TABLE ? SHORT_LIST : MOST_LISTED);
    if (!r->market.n_days) {
        if (!c->data.universe || !gp_universe_empty(c->data.universe)) /* an empty one is said for every command */
            gp_cli_error(c, "no quotes could be read");
        status = GP_EXIT_NO_DATA;
    } else if ((status = split_days(c, r)) < 0) {
        make_spans(r, spans);
        draw_luck(c, r);
        const size_t sets = gp_sweep_sets(&o);
        const int opened = c->state ? gp_sweep_state_open(&state, c, r, &inputs, sets) : -1;
        if (c->state) { /* a batch is what a stop can lose */
            s.state = &state;
            o.batch = sets / 16 < 32 ? 32 : sets / 16;
            o.wanted = gp_sweep_state_wants;
            o.checkpoint = gp_sweep_state_save;
            o.wanted_ctx = o.checkpoint_ctx = &state;
            if (state.resumed)
                gp_cli_note(c, c->zh ? "--state %s 已有 %zu 组, 共 %zu 组" : "--state %s has %zu of %zu sets", c->state, state.resumed, sets);
        }
        bar.began = gp_cli_now();
        if (hit->progress)
            hit->progress = show_progress;
        size_t there = 0;
        o.on_device = &there;
        o.accel = opened < 0 ? gp_cli_sweep_accel(c, r, &o, sets - state.resumed) : NULL;
        const bool ran = opened < 0 && gp_sweep_run(r->plan, &inputs, &o, &r->market, take, &s, &d);
        if (bar.shown)
            fputs("\r\033[K", stderr);
        gp_cli_diags(c, &d);
        gp_cli_sweep_accel_end(c, o.accel, there * (size_t)hit->n_after, (sets - state.resumed) * (size_t)hit->n_after); /* times held are sets, too */
        gp_trials_sort(&r->trials);
        if (opened >= 0) {
            status = opened;
        } else if (!ran) {
            status = need.status ? need.status : GP_EXIT_FORMULA;
        } else if (gp_cli_sweep_tell_idle(c, r, &o), gp_cli_sweep_tell_ends(c, r), c->script_only) {
            status = gp_cli_sweep_plot(c, r);
        } else if (!gp_cli_sweep_tables(c, r)) {
            status = GP_EXIT_NO_DATA; /* main says why */
        } else {
            fflush(stdout);
            gp_cli_sweep_notes(c, r);
            status = c->plot_file ? gp_cli_sweep_plot(c, r) : GP_EXIT_OK;
            if (status == GP_EXIT_OK)
                status = skipped || (c->fail_empty && !r->trials.ranked) ? GP_EXIT_PARTIAL : GP_EXIT_OK;
        }
    }
    gp_cli_companions_end(c, companions);
    if (!c->quiet && !c->diag_json && r->market.n_days && c->zh)
        fprintf(stderr, "%zu 只证券, %zu 组参数%s%.2f 秒\n", r->market.read.tickers, r->grid.points, skipped ? " (部分文件已跳过), " : ", ", gp_cli_now() - began);
    else if (!c->quiet && !c->diag_json && r->market.n_days)
        fprintf(stderr, "%zu ticker%s, %zu set%s%s%.2f s\n", r->market.read.tickers, r->market.read.tickers == 1 ? "" : "s", r->grid.points,
                r->grid.points == 1 ? "" : "s", skipped ? " (some files skipped), " : ", ", gp_cli_now() - began);
    gp_sweep_state_close(&state);
    free(r->walked);
    gp_trials_fini(&r->trials);
    gp_reality_fini(&r->luck);
    gp_sweep_market_fini(&r->market);
    gp_inputs_fini(&inputs);
    gp_diags_fini(&d);
    return status;
}

static bool one_signal(const gp_cli *c, const gp_plan *p)
{
    if (p->n_signals == 1)
        return true;
    gp_buf names = {0};
    for (int k = 0; k < p->n_signals; k++)
        gp_buf_printf(&names, "%s%s", k ? ", " : "", p->signals[k].label);
    gp_cli_usage(c, "the formula has %d signals, and one is judged: name it with --signal (%s)", p->n_signals, names.p);
    gp_buf_free(&names);
    return false;
}

static int run_formula(gp_cli *c, gp_sweep_report *r, gp_hitrate_opts *hit)
{
    gp_diags d = {0};
    gp_plan plan;
    int status = GP_EXIT_OK;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_cli_diags(c, &d);
        return status;
    }
    bind_params(c, f, &r->grid, &d);
    const gp_plan_spec spec = {.signals = c->signals, .n_signals = c->n_signals, .select = c->select, .where = c->where, .once = true,
                               .compile = gp_cli_compile_opts(c)};
    const bool trades = gp_sweep_by_trades(r);
    int column[GP_TEST_EXTRAS];
    const gp_plan_status made = trades ? gp_cli_test_plan(c, f, &plan, column, &r->test, &d) : gp_plan_new(f, &spec, &plan, &d);
    gp_cli_diags(c, &d);
    if (made != GP_PLAN_OK) {
        gp_formula_free(f);
        return made == GP_PLAN_USAGE ? GP_EXIT_USAGE : GP_EXIT_FORMULA;
    }
    gp_cli_plan_notes(c, &plan);
    r->plan = &plan;
    r->hit = hit;
    find_params(f, r);
    status = trades ? gp_cli_test_slots(c, &plan, column, &r->test) : one_signal(c, &plan) ? -1 : GP_EXIT_USAGE;
    if (status < 0)
        status = gp_cli_sweep_add_ends(c, r);
    if (status < 0)
        status = add_horizons(c, r);
    if (status < 0)
        status = gp_cli_check_sweep_plot(c, &r->grid);
    if (status < 0)
        status = gp_cli_sweep_refuse_ahead(c, r);
    if (status < 0)
        status = sweep(c, r, hit);
    free(r->ahead);
    gp_plan_fini(&plan);
    gp_formula_free(f);
    return status;
}

/* Options of the other way of judging are a mistake, not to be ignored. */
static int signal_options(const gp_cli *c, gp_hitrate_opts *hit)
{
    const struct { const char *name; bool given; } of_trades[] = {{"exit", c->exit}, {"stop", c->stop}, {"target", c->target}, {"trail", c->trail}, {"hold", c->holds},
        {"fill", c->fill}, {"short", c->shorts}, {"same-day", c->same_day}, {"lot", c->lot}, {"commission", c->commission}, {"commission-min", c->commission_min},
        {"stamp", c->stamp}, {"transfer", c->transfer}, {"slippage", c->slippage}, {"cash", c->cash}};
    for (size_t i = 0; i < sizeof of_trades / sizeof *of_trades; i++)
        if (of_trades[i].given)
            return gp_cli_usage(c, "--%s is about trades, and signals are judged: name a metric of trades, such as --metric sharpe", of_trades[i].name);
    return gp_cli_hit_options(c, "10", hit);
}

static int trade_options(const gp_cli *c, gp_hitrate_opts *hit, gp_sweep_report *r)
{
    const struct { const char *name; bool given; } of_signals[] = {{"after", c->after}, {"keep-limit", c->keep_limit}, {"where", c->where}};
    for (size_t i = 0; i < sizeof of_signals / sizeof *of_signals; i++)
        if (of_signals[i].given)
            return gp_cli_usage(c, i == 2 ? "--%s is about signals, and trades are judged (--metric %s): write it into the condition to buy, --entry '(CROSS(C,MA(C,N))) AND (...)'"
                                          : "--%s is about signals, and trades are judged (--metric %s): use --hold, --entry and --exit", of_signals[i].name, c->metric);
    *hit = (gp_hitrate_opts){.jobs = c->jobs, .from = c->from, .to = c->to, .after = {1}, .n_after = 1};
    return gp_cli_sweep_test_options(c, r);
}

int gp_cmd_sweep(gp_cli *c)
{
    gp_hitrate_opts hit;
    gp_sweep_report r = {.least = c->least ? c->least : 30};
    int status = parse_metric(c, &r.metric);
    if (status < 0)
        status = gp_sweep_by_trades(&r) ? trade_options(c, &hit, &r) : signal_options(c, &hit);
    if (status < 0)
        status = parse_grid(c, &r);
    if (status < 0 && c->split && c->walk)
        status = gp_cli_usage(c, "--split and --walk both part the days: use one of them");
    for (int i = 0; i < c->n_args && status < 0; i++)
        if (strcmp(c->args[i], "-") == 0 && (i || c->expression))
            status = gp_cli_usage(c, "a sweep reads the quotes several times, and standard input comes once: name files or folders");
    if (status < 0)
        status = run_formula(c, &r, &hit);
    gp_grid_fini(&r.grid);
    return status;
}
