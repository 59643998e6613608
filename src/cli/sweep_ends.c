/* --stop, --target, --trail and --hold of a sweep: several values are one more axis of the grid. */
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "cli/backtest.h"
#include "cli/sweep.h"
#include "cli/table.h"

typedef struct option {
    gp_ends by;
    const char *name, *text, *values, *fine; /* the option and what it was given; of messages: what its values are, and how they are written */
    bool percent;
    double least, most;   /* of its values; of percentages both lie outside */
} option;

/* An expression has commas only between parentheses, and no colons. */
static bool is_list(const char *text)
{
    int depth = 0;
    char quote = 0;
    for (const char *p = text; *p; p++) {
        if (quote || *p == '\'' || *p == '"')
            quote = quote ? (*p == quote ? 0 : quote) : *p;
        else if (*p == '(' || *p == ')')
            depth += *p == '(' ? 1 : -1;
        else if (depth == 0 && (*p == ',' || *p == ':'))
            return true;
    }
    return gp_str_ieqz(gp_str_trim(gp_str_from(text), GP_BLANKS), "none");
}

/* The next part before one of these; text goes on after it. */
static gp_str next_part(gp_str *text, char end, bool *last)
{
    const char *at = memchr(text->p, end, text->n);
    const gp_str part = {text->p, at ? (size_t)(at - text->p) : text->n};
    *last = !at;
    *text = (gp_str){text->p + part.n + !!at, text->n - part.n - !!at};
    return gp_str_trim(part, GP_BLANKS);
}

static int not_a_value(const gp_cli *c, const option *o, gp_str bad)
{
    double v;
    if (o->percent && gp_num_parse(bad.p, bad.n, &v))
        return gp_cli_usage(c, "--%s '%s': %.*s is no percentage; write the %% to each, as in --%s %s", o->name, o->text, (int)bad.n, bad.p, o->name, o->fine);
    if (o->percent && bad.n)
        return gp_cli_usage(c, "--%s '%s': '%.*s' is no percentage; several values are percentages (--%s %s), an expression stands alone and may use a parameter that -p varies", o->name,
                            o->text, (int)bad.n, bad.p, o->name, o->fine);
    return gp_cli_usage(c, "--%s '%s': '%.*s' is no %s; write values with commas between, or FROM:TO:STEP, as in --%s %s", o->name, o->text, (int)bad.n, bad.p,
                        o->percent ? "percentage" : "number of bars", o->name, o->fine);
}

/* Takes off the percent signs and the word none; what is left is read as the values of -p are. */
static int strip(const gp_cli *c, const option *o, gp_buf *out, bool *none)
{
    gp_str text = gp_str_from(o->text);
    for (bool last = false; !last;) {
        gp_str part = next_part(&text, ',', &last);
        if (gp_str_ieqz(part, "none")) {
            *none = true;
            continue;
        }
        const gp_str whole = part;
        int pieces = 0;
        gp_buf_addz(out, out->n ? "," : "");
        for (bool end = false; !end;) {
            if (++pieces > 3)
                return not_a_value(c, o, whole);
            gp_str number = next_part(&part, ':', &end);
            double v;
            const bool marked = number.n && number.p[number.n - 1] == '%';
            const gp_str bare = {number.p, number.n - (o->percent && marked)};
            if ((o->percent && !marked) || !gp_num_parse(bare.p, bare.n, &v) || !isfinite(v))
                return not_a_value(c, o, number);
            gp_buf_add(out, bare.p, bare.n);
            gp_buf_addz(out, end ? "" : ":");
        }
    }
    return -1;
}

static int out_of_range(const gp_cli *c, const option *o, double v)
{
    char text[GP_NUM_MAX];
    gp_num_format(v, text);
    return gp_cli_usage(c, "--%s '%s': %s%s is no value for it: write %s, or none", o->name, o->text, text, o->percent ? "%" : "", o->values);
}

static int check_values(const gp_cli *c, const option *o, const gp_axis *a)
{
    for (size_t i = 0; i < (size_t)a->n; i++)
        if (o->percent ? !(a->at[i] > o->least && a->at[i] < o->most) : a->at[i] < o->least || a->at[i] > o->most || a->at[i] != floor(a->at[i]))
            return out_of_range(c, o, a->at[i]);
    return -1;
}

static void add_none(gp_arena *arena, gp_axis *a)
{
    double *at = gp_arena_alloc(arena, ((size_t)a->n + 1) * sizeof *at);
    if (a->at)
        memcpy(at, a->at, (size_t)a->n * sizeof *at);
    at[(size_t)a->n] = INFINITY;
    a->at = at;
    a->n++;
}

/* Values beyond any grid have none made: they are refused by their number, later. */
static int read_axis(const gp_cli *c, const option *o, gp_arena *arena, gp_axis *a)
{
    gp_buf plain = {0};
    bool none = false;
    int status = strip(c, o, &plain, &none);
    *a = (gp_axis){.name = o->name, .percent = o->percent};
    if (status < 0 && plain.n) {
        gp_str bad = {0};
        const gp_axis_status read = gp_axis_parse(arena, (gp_str){plain.p, plain.n}, a, &bad);
        if (read == GP_AXIS_OK)
            status = check_values(c, o, a);
        else if (read == GP_AXIS_MANY)
            none = false;
        else if (read == GP_AXIS_STEP)
            status = gp_cli_usage(c, "--%s '%s': the step is 0; write FROM:TO:STEP, as in --%s %s", o->name, o->text, o->name, o->fine);
        else
            status = gp_cli_usage(c, "--%s '%s': there is no value in it, so the grid has 0 points; the step leads from FROM to TO, as in --%s %s", o->name, o->text, o->name, o->fine);
    }
    if (status < 0 && none)
        add_none(arena, a);
    gp_buf_free(&plain);
    return status;
}

int gp_cli_sweep_test_options(const gp_cli *c, gp_sweep_report *r)
{
    static const char some[] = "a percentage above 0 and below 100";
    const option options[] = {{GP_ENDS_STOP, "stop", c->stop, some, "3%:10%:1% or 3%,5%,8%", true, 0, 100},
                              {GP_ENDS_TARGET, "target", c->target, "a percentage above 0 and below 1000000", "10%:30%:5% or 10%,20%", true, 0, 1e6},
                              {GP_ENDS_TRAIL, "trail", c->trail, some, "3%:10%:1% or 3%,5%,8%", true, 0, 100},
                              {GP_ENDS_HOLD, "hold", c->holds, "a whole number of bars from 1 to 1000000", "5:30:5 or 5,10,20", false, 1, 1000000}};
    gp_axis axis[GP_ENDS];
    bool listed[GP_ENDS] = {false};
    int status = -1;
    for (int k = 0; k < GP_ENDS && status < 0; k++) {
        listed[k] = options[k].text && (!options[k].percent || is_list(options[k].text));
        if (listed[k])
            status = read_axis(c, &options[k], &r->grid.arena, &axis[k]);
    }
    if (status >= 0)
        return status;
    gp_cli one = *c; /* what is a list is no option of backtest */
    one.stop = listed[GP_ENDS_STOP] ? NULL : c->stop;
    one.target = listed[GP_ENDS_TARGET] ? NULL : c->target;
    one.trail = listed[GP_ENDS_TRAIL] ? NULL : c->trail;
    status = gp_cli_test_options(&one, &r->test);
    for (int k = 0; k < GP_ENDS && status < 0; k++) {
        if (!listed[k])
            continue;
        /* the rules of the plan are those that end the least */
        gp_rules_end(&r->test.rules, options[k].by, axis[k].at ? axis[k].at[(size_t)axis[k].n - 1] : 1);
        if (axis[k].n == 1)
            continue;
        r->ends[r->n_ends] = options[k].by;
        r->end_axis[r->n_ends++] = axis[k];
    }
    return status;
}

int gp_cli_sweep_add_ends(const gp_cli *c, gp_sweep_report *r)
{
    for (int i = 0; i < r->n_ends; i++) {
        for (int k = 0; k < r->n_formula; k++)
            if (gp_str_ieqz(gp_str_from(r->grid.axes[k].name), r->end_axis[i].name))
                return gp_cli_usage(c, "both -p %s and --%s vary, and would be columns of one name: rename the parameter of the formula", r->grid.axes[k].name, r->end_axis[i].name);
        r->grid.axes[r->grid.n_axes++] = r->end_axis[i];
    }
    return -1;
}

/* Is the metric the same whatever the axis says? */
static bool is_idle(const gp_sweep_report *r, int axis)
{
    const double *key = r->trials.key;
    for (size_t point = 0; point < r->grid.points; point++) {
        const double first = key[gp_grid_moved(&r->grid, point, axis, 0)];
        if (key[point] != first && !(isnan(key[point]) && isnan(first)))
            return false;
    }
    return true;
}

void gp_cli_sweep_tell_ends(const gp_cli *c, const gp_sweep_report *r)
{
    for (int k = 0; k < r->n_ends && r->trials.ranked && !c->diag_json; k++)
        if (is_idle(r, r->n_formula + k))
            gp_cli_note(c, c->zh ? "%s不影响%s: 交易在触及之前已结束" : "%s changes nothing of the %s: trades end before it is reached", gp_sweep_axis_name(c, r, r->n_formula + k),
                        c->zh ? gp_metrics[r->metric].zh : gp_metrics[r->metric].name);
}

void gp_sweep_model(const gp_cli *c, const gp_sweep_report *r, bool zh, gp_buf *out)
{
    static const char *const chinese[GP_ENDS] = {"止损", "止盈", "移动止损", "持有"};
    gp_backtest_opts o = r->test;
    bool before = o.rules.stop.given || o.rules.trail.given; /* then the model says so */
    for (int i = 0; i < r->n_ends; i++)
        gp_rules_end(&o.rules, r->ends[i], INFINITY);
    const bool after = o.rules.stop.given || o.rules.trail.given;
    for (int i = 0; i < r->n_ends; i++)
        before |= r->ends[i] == GP_ENDS_STOP || r->ends[i] == GP_ENDS_TRAIL;
    gp_cli_test_model(c, &o, zh, out);
    for (int i = 0; i < r->n_ends; i++)
        gp_buf_printf(out, "%s%s", i ? ", " : "; ", zh ? chinese[r->ends[i]] : r->end_axis[i].name);
    if (r->n_ends)
        gp_buf_addz(out, zh ? " 各组不同" : r->n_ends > 1 ? " vary" : " varies");
    if (before && !after)
        gp_buf_addz(out, zh ? "; 同一根K线内止损先于止盈, 跳空按开盘价" : "; stop before target within a bar, a gap fills at the open");
}

void gp_sweep_value(const gp_cli *c, const gp_axis *a, double value, gp_buf *out)
{
    char text[GP_NUM_MAX];
    gp_num_format(value, text);
    gp_buf_addz(out, isfinite(value) ? text : c->zh ? "无" : "none");
    gp_buf_addz(out, a->percent && isfinite(value) ? "%" : "");
}
