/* What was gathered -> rows. */
#include <math.h>
#include <string.h>
#include "base/pool.h"
#include "market/stamp.h"
#include "worth/hitrate_in.h"

/* The workers' sums as one, and room to work in. */
typedef struct all {
    const gp_hit_pass *s;
    size_t n_after, signals;
    gp_hit_ticker *tickers;   /* by code */
    const char **labels;
    size_t n_tickers;
    gp_hit_sum *days;         /* horizons x days */
    int32_t *rank;            /* of a day that has bars, among those: -1 none */
    int32_t first, last;      /* such days */
    int finest;
    int32_t *values, *room;
    uint32_t *counts;         /* signals on each day */
} all;

static const int32_t *records_of(const all *a, const gp_hit_ticker *t, int k)
{
    return a->s->workers[t->worker].records.at + t->spans[k].first;
}

/* ---- merging ---- */

static int by_code(const void *x, const void *y)
{
    const gp_hit_ticker *a = x, *b = y;
    int c = strcmp(a->code, b->code);
    if (!c)
        c = strcmp(a->market, b->market);
    if (!c)
        c = a->input < b->input ? -1 : a->input > b->input;
    return c ? c : a->index < b->index ? -1 : a->index > b->index;
}

static void merge_tickers(all *a, const gp_inputs *inputs, gp_hitrate *out, gp_diags *d)
{
    for (int i = 0; i < a->s->jobs; i++)
        a->n_tickers += a->s->workers[i].tickers.n;
    a->tickers = gp_xcalloc(a->n_tickers + 1, sizeof *a->tickers);
    a->labels = gp_xcalloc(a->n_tickers + 1, sizeof *a->labels);
    size_t n = 0;
    for (int i = 0; i < a->s->jobs; i++)
        for (size_t k = 0; k < a->s->workers[i].tickers.n; k++)
            a->tickers[n++] = a->s->workers[i].tickers.at[k];
    if (n > 1)
        qsort(a->tickers, n, sizeof *a->tickers, by_code);
    for (size_t i = 0, end; i < n; i = end) { /* tickers of one code */
        bool markets = false;
        size_t first = i;
        for (end = i + 1; end <= n; end++) {
            const bool same = end < n && strcmp(a->tickers[end].code, a->tickers[i].code) == 0;
            if (same && strcmp(a->tickers[end].market, a->tickers[first].market) == 0)
                continue;
            if (a->tickers[end - 1].input != a->tickers[first].input)
                gp_diag_file(d, GP_D_DUPLICATE_TICKER, inputs->at[a->tickers[first].input].path, 0, 0, a->tickers[first].code, end - first,
                             inputs->at[a->tickers[first + 1].input].path);
            if (!same)
                break;
            markets = true;
            first = end;
        }
        for (size_t k = i; k < end; k++)
            a->labels[k] = markets && *a->tickers[k].market ? gp_arena_printf(&out->arena, "%s.%s", a->tickers[k].code, a->tickers[k].market)
                                                            : gp_arena_strndup(&out->arena, a->tickers[k].code, strlen(a->tickers[k].code));
    }
}

static void merge_days(all *a, gp_hitrate *out)
{
    const size_t n = GP_HIT_DAYS * a->n_after;
    a->days = gp_xcalloc(n, sizeof *a->days);
    a->rank = gp_xcalloc(GP_HIT_DAYS, sizeof *a->rank);
    a->first = GP_HIT_DAYS;
    a->last = -1;
    a->finest = INT32_MAX;
    for (int i = 0; i < a->s->jobs; i++) {
        gp_hit_worker *w = &a->s->workers[i];
        if (!w->days)
            continue;
        gp_hit_days_empty(w, a->n_after);
        for (int32_t day = 0; day < GP_HIT_DAYS; day++) {
            if (!w->seen[day])
                continue;
            a->rank[day] = 1;
            for (size_t h = 0; h < a->n_after; h++) {
                gp_hit_sum *to = &a->days[h * GP_HIT_DAYS + (size_t)day];
                const gp_hit_sum *from = &w->day_sums[(size_t)day * a->n_after + h];
                to->n += from->n;
                to->sum += from->sum;
            }
            a->first = day < a->first ? day : a->first;
            a->last = day > a->last ? day : a->last;
        }
        a->finest = w->finest < a->finest ? w->finest : a->finest;
        out->bars += w->bars;
    }
    int32_t rank = 0;
    for (int32_t day = 0; day < GP_HIT_DAYS; day++)
        a->rank[day] = a->rank[day] ? rank++ : -1;
    if (a->last >= 0) {
        out->first_day = gp_day_date(a->first - GP_HIT_DAY_0);
        out->last_day = gp_day_date(a->last - GP_HIT_DAY_0);
    }
}

static void merge_fates(const all *a, gp_hitrate *out)
{
    out->n_fates = (int)a->signals;
    out->fates = gp_xcalloc(a->signals + 1, sizeof *out->fates);
    for (size_t k = 0; k < a->signals; k++) {
        gp_hit_fate *to = &out->fates[k];
        to->signal = gp_arena_printf(&out->arena, "%s", a->s->plan->signals[k].label);
        for (int i = 0; i < a->s->jobs; i++) {
            const gp_hit_fate *f = a->s->workers[i].fates ? &a->s->workers[i].fates[k] : NULL;
            if (!f)
                continue;
            to->found += f->found;
            to->no_bar += f->no_bar;
            to->at_limit += f->at_limit;
            to->beyond += f->beyond;
            to->near_zero += f->near_zero;
            to->maybe_st += f->maybe_st;
            to->same_day += f->same_day;
            to->halted += f->halted;
            to->bad_price += f->bad_price;
        }
    }
}

static void add_cell(gp_hit_cell *to, const gp_hit_cell *c)
{
    if (!c->n)
        return;
    to->worst = !to->n || c->worst < to->worst ? c->worst : to->worst;
    to->best = !to->n || c->best > to->best ? c->best : to->best;
    to->mae_worst = !to->n || c->mae_worst < to->mae_worst ? c->mae_worst : to->mae_worst;
    to->mfe_best = !to->n || c->mfe_best > to->mfe_best ? c->mfe_best : to->mfe_best;
    to->n += c->n;
    to->wins += c->wins;
    to->sum += c->sum;
    to->mae += c->mae;
    to->mfe += c->mfe;
}

/* ---- one row ---- */

static double share(int64_t a, int64_t n) { return n ? (double)a / (double)n : NAN; }
static double fraction(int64_t sum, int64_t n) { return n ? (double)sum / (double)n / GP_RETURN_ONE : NAN; }

static void fill_cell(gp_hit_row *r, const gp_hit_cell *c)
{
    r->n = c->n;
    r->win = share(c->wins, c->n);
    r->mean = fraction(c->sum, c->n);
    r->mae = fraction(c->mae, c->n);
    r->mfe = fraction(c->mfe, c->n);
    r->worst = c->n ? (double)c->worst / GP_RETURN_ONE : NAN;
    r->best = c->n ? (double)c->best / GP_RETURN_ONE : NAN;
    r->mae_worst = c->n ? (double)c->mae_worst / GP_RETURN_ONE : NAN;
    r->mfe_best = c->n ? (double)c->mfe_best / GP_RETURN_ONE : NAN;
}

static void fill_base(gp_hit_row *r, const gp_hit_base *b)
{
    r->base_n = b->n;
    r->base_win = share(b->wins, b->n);
    r->base_mean = fraction(b->sum, b->n);
}

/* Nothing is left of a->values. */
static void fill_quantiles(gp_hit_row *r, all *a, size_t n)
{
    static const double at[] = {0.10, 0.25, 0.50, 0.75, 0.90};
    double q[5];
    gp_quantiles(a->values, n, a->room, at, 5, q);
    r->q10 = q[0];
    r->q25 = q[1];
    r->median = q[2];
    r->q75 = q[3];
    r->q90 = q[4];
}

/* From the days counted in a->counts, between first and last: how many, how many of them do not overlap, and what those days gave. */
static void fill_days(gp_hit_row *r, all *a, size_t h, int32_t first, int32_t last)
{
    const int32_t held = gp_hit_days_held(a->finest, r->after);
    int32_t chosen = -1;
    double sum = 0;
    int64_t n = 0;
    for (int32_t day = first; day <= last; day++) {
        if (!a->counts[day])
            continue;
        const gp_hit_sum *b = &a->days[h * GP_HIT_DAYS + (size_t)day];
        sum += fraction(b->sum, b->n) * a->counts[day];
        n += a->counts[day];
        r->days++;
        if (chosen < 0 || a->rank[day] - chosen > held) {
            chosen = a->rank[day];
            r->independent++;
        }
        a->counts[day] = 0;
    }
    r->day_mean = n ? sum / (double)n : NAN;
    r->excess = r->mean - r->day_mean;
    gp_wilson(r->win, (double)r->independent, &r->win_low, &r->win_high);
}

/* Collects the returns of signal k for horizon h of tickers from..to-1 whose day is of the year (0: any): a->values, a->counts. */
static size_t collect(all *a, int k, size_t h, size_t from, size_t to, int year)
{
    const int32_t low = year ? gp_day_number(year * 10000 + 101) + GP_HIT_DAY_0 : 0;
    const int32_t high = year ? gp_day_number(year * 10000 + 1231) + GP_HIT_DAY_0 : GP_HIT_DAYS;
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        const int32_t *v = records_of(a, &a->tickers[i], k);
        for (size_t j = 0; j < a->tickers[i].spans[k].n; j++, v += a->n_after + 1) {
            if (v[1 + h] == GP_RETURN_NONE || v[0] < low || v[0] > high)
                continue;
            a->values[n++] = v[1 + h];
            a->counts[v[0]]++;
        }
    }
    return n;
}

/* Drawn means that were at least as high: sum/n >= mine, in whole numbers. */
static double chance_of(const all *a, int k, size_t h, const gp_hit_cell *c)
{
    const int draws = a->s->o->draws;
    int reached = 0, counted = 0;
    if (!c->n || !draws)
        return NAN;
    for (int i = 0; i < draws; i++) {
        int64_t sum = 0, n = 0;
        for (int w = 0; w < a->s->jobs; w++) {
            const int64_t *v = a->s->workers[w].drawn;
            if (!v)
                continue;
            v += (((size_t)k * (size_t)draws + (size_t)i) * a->n_after + h) * 2;
            sum += v[0];
            n += v[1];
        }
        if (!n)
            continue;
        counted++;
        reached += (__int128)sum * c->n >= (__int128)c->sum * n;
    }
    return counted ? (double)(reached + 1) / (double)(counted + 1) : NAN;
}

static gp_hit_row *new_row(gp_hitrate *out, const all *a, int k, size_t h, const char *group)
{
    gp_hit_row *r = &out->rows[out->n_rows++];
    *r = (gp_hit_row){.signal = out->fates[k].signal, .group = group, .after = a->s->o->after[h], .base_median = NAN, .p = NAN};
    return r;
}

/* Every bar of a year (0: of all). */
static gp_hit_base base_of(const all *a, size_t h, int year)
{
    gp_hit_base b = {0};
    const int32_t first = year ? gp_day_number(year * 10000 + 101) + GP_HIT_DAY_0 : a->first;
    const int32_t last = year ? gp_day_number(year * 10000 + 1231) + GP_HIT_DAY_0 : a->last;
    for (int32_t day = first; day <= last; day++) {
        b.n += a->days[h * GP_HIT_DAYS + (size_t)day].n;
        b.sum += a->days[h * GP_HIT_DAYS + (size_t)day].sum;
    }
    for (int w = 0; w < a->s->jobs; w++)
        for (int y = year ? year : 1900; y < (year ? year + 1 : 1900 + GP_HIT_YEARS) && a->s->workers[w].wins; y++)
            b.wins += a->s->workers[w].wins[(size_t)(y - 1900) * a->n_after + h];
    return b;
}

/* The rows of one signal, horizon by horizon, on threads: each has room of its own to work in. */
typedef struct side_by_side { gp_hitrate *out; all *rooms; gp_hit_row *rows; int k; const double *base_median; } side_by_side;

static void row_of_all(void *ctx, int id, size_t h)
{
    const side_by_side *x = ctx;
    all *a = &x->rooms[id];
    gp_hit_row *r = &x->rows[h];
    gp_hit_cell c = {0};
    const gp_hit_base b = base_of(a, h, 0);
    for (size_t i = 0; i < a->n_tickers; i++)
        add_cell(&c, &a->tickers[i].cells[(size_t)x->k * a->n_after + h]);
    for (int w = 0; w < a->s->jobs; w++)
        r->waiting += a->s->workers[w].waiting ? a->s->workers[w].waiting[(size_t)x->k * a->n_after + h] : 0;
    fill_cell(r, &c);
    fill_base(r, &b);
    const size_t n = collect(a, x->k, h, 0, a->n_tickers, 0);
    if (x->out->shapes && h + 1 == a->n_after) {
        gp_hit_shape *shape = &x->out->shapes[x->k];
        *shape = (gp_hit_shape){.signal = r->signal, .after = r->after, .mean = r->mean, .base_mean = r->base_mean, .n = r->n, .base_n = r->base_n};
        gp_sort_returns(a->values, n, a->room);
        gp_hit_shape_make(a->s, x->k, a->values, n, shape);
    }
    fill_quantiles(r, a, n);
    fill_days(r, a, h, a->first, a->last);
    r->base_median = x->base_median[h];
    r->p = chance_of(a, x->k, h, &c);
}

static void rows_of_all(all *rooms, int threads, gp_hitrate *out, int k, const double *base_median)
{
    side_by_side x = {out, rooms, &out->rows[out->n_rows], k, base_median};
    for (size_t h = 0; h < rooms->n_after; h++)
        new_row(out, rooms, k, h, NULL);
    gp_pool_run(threads, rooms->n_after, row_of_all, &x);
}

static void rows_of_year(all *a, gp_hitrate *out, int k, int year)
{
    gp_hit_cell c[GP_HIT_AFTER_MAX] = {0};
    const int32_t first = gp_day_number(year * 10000 + 101) + GP_HIT_DAY_0, last = gp_day_number(year * 10000 + 1231) + GP_HIT_DAY_0;
    bool any = false;
    for (int w = 0; w < a->s->jobs; w++)
        for (size_t h = 0; h < a->n_after && a->s->workers[w].years; h++)
            add_cell(&c[h], &a->s->workers[w].years[((size_t)(year - 1900) * a->signals + (size_t)k) * a->n_after + h]);
    for (size_t h = 0; h < a->n_after; h++)
        any |= c[h].n > 0;
    for (size_t h = 0; h < a->n_after && any; h++) {
        gp_hit_row *r = new_row(out, a, k, h, gp_arena_printf(&out->arena, "%d", year));
        const gp_hit_base b = base_of(a, h, year);
        fill_cell(r, &c[h]);
        fill_base(r, &b);
        fill_quantiles(r, a, collect(a, k, h, 0, a->n_tickers, year));
        fill_days(r, a, h, first, last);
    }
}

static void rows_of_code(all *a, gp_hitrate *out, int k, size_t i)
{
    const gp_hit_ticker *t = &a->tickers[i];
    const int32_t *v = records_of(a, t, k);
    for (size_t h = 0; h < a->n_after && t->spans[k].n; h++) {
        gp_hit_row *r = new_row(out, a, k, h, a->labels[i]);
        fill_cell(r, &t->cells[(size_t)k * a->n_after + h]);
        fill_base(r, &t->base[h]);
        fill_quantiles(r, a, collect(a, k, h, i, i + 1, 0));
        fill_days(r, a, h, v[0], v[(t->spans[k].n - 1) * (a->n_after + 1)]);
    }
}

/* ---- all rows ---- */

static size_t most_values(const all *a)
{
    size_t most = 0;
    for (size_t k = 0; k < a->signals; k++) {
        size_t n = 0;
        for (size_t i = 0; i < a->n_tickers; i++)
            n += a->tickers[i].spans[k].n;
        most = n > most ? n : most;
    }
    return most;
}

typedef struct medians { const gp_hit_pass *s; double median[GP_HIT_AFTER_MAX]; } medians;

static void base_median(void *ctx, int id, size_t h)
{
    medians *m = ctx;
    uint32_t *hist = gp_xcalloc(GP_HIST_BINS, sizeof *hist);
    uint64_t n = 0;
    (void)id;
    for (int w = 0; w < m->s->jobs; w++)
        for (int i = 0; i < GP_HIST_BINS && m->s->workers[w].hist; i++)
            hist[i] += m->s->workers[w].hist[h * GP_HIST_BINS + (size_t)i];
    for (int i = 0; i < GP_HIST_BINS; i++)
        n += hist[i];
    m->median[h] = gp_quantile_hist(hist, n, 0.5);
    free(hist);
}

void gp_hitrate_rows(const gp_hit_pass *s, const gp_inputs *inputs, gp_hitrate *out, gp_diags *d)
{
    all a = {.s = s, .n_after = (size_t)s->o->n_after, .signals = (size_t)s->signals};
    const int threads = gp_pool_jobs(s->jobs, a.n_after);
    medians m = {.s = s};
    merge_tickers(&a, inputs, out, d);
    merge_days(&a, out);
    merge_fates(&a, out);
    out->finest = a.finest;
    gp_pool_run(threads, a.n_after, base_median, &m);
    const size_t groups = 1 + (s->o->by == GP_HIT_BY_YEAR ? GP_HIT_YEARS : s->o->by == GP_HIT_BY_CODE ? a.n_tickers : 0);
    out->rows = gp_xcalloc(a.signals * groups * a.n_after + 1, sizeof *out->rows);
    out->shapes = s->o->shape ? gp_xcalloc(a.signals + 1, sizeof *out->shapes) : NULL;
    const size_t most = most_values(&a);
    all *rooms = gp_xcalloc((size_t)threads, sizeof *rooms);
    for (int i = 0; i < threads; i++) {
        rooms[i] = a;
        rooms[i].values = gp_xcalloc(most + 1, sizeof *a.values);
        rooms[i].room = gp_xcalloc(most + 1, sizeof *a.room);
        rooms[i].counts = gp_xcalloc(GP_HIT_DAYS, sizeof *a.counts);
    }
    for (int k = 0; k < s->signals; k++) {
        rows_of_all(rooms, threads, out, k, m.median);
        for (int year = 1900; year < 1900 + GP_HIT_YEARS && s->o->by == GP_HIT_BY_YEAR; year++)
            rows_of_year(rooms, out, k, year);
        for (size_t i = 0; i < a.n_tickers && s->o->by == GP_HIT_BY_CODE; i++)
            rows_of_code(rooms, out, k, i);
    }
    for (int i = 0; i < threads; i++) {
        free(rooms[i].values);
        free(rooms[i].room);
        free(rooms[i].counts);
    }
    free(rooms);
    free(a.rank);
    free(a.days);
    free(a.labels);
    free(a.tickers);
}
