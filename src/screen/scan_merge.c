/* The threads' hits in one order, whatever the number of threads. */
#include <math.h>
#include <string.h>
#include "screen/scan_inside.h"

static int order_text(const char *a, const char *b) { return strcmp(a, b); }
static int order_size(size_t a, size_t b) { return a < b ? -1 : a > b; }

static int by_code(const void *a, const void *b)
{
    const gp_hit *x = a, *y = b;
    int c = order_text(x->code, y->code);
    if (!c)
        c = x->date != y->date ? (x->date < y->date ? -1 : 1) : x->time < y->time ? -1 : x->time > y->time;
    if (!c)
        c = order_text(x->market, y->market);
    if (!c)
        c = order_size(x->input, y->input);
    if (!c)
        c = order_size(x->index, y->index);
    return c ? c : x->bar < y->bar ? -1 : x->bar > y->bar;
}

typedef struct keyed { double key; size_t rank; gp_hit hit; } keyed; /* rank: place in the order by code */

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    bool nx = isnan(x->key), ny = isnan(y->key);
    if (nx != ny)
        return nx ? 1 : -1;
    if (!nx && x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return order_size(x->rank, y->rank);
}

static int by_nearness(const void *a, const void *b)
{
    const gp_hit *x = a, *y = b;
    if (x->failed != y->failed)
        return x->failed - y->failed;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    const int c = by_code(a, b);
    return c ? c : x->fired[0] - y->fired[0];
}

static int by_code_and_signal(const void *a, const void *b)
{
    const int c = by_code(a, b);
    const gp_hit *x = a, *y = b;
    return c ? c : x->fired[0] - y->fired[0];
}

static void sort_hits(const gp_plan *p, const gp_scan_opts *o, gp_scan_result *r)
{
    if (o->near && !o->sorted) {
        qsort(r->hits, r->n_hits, sizeof *r->hits, by_nearness);
        return;
    }
    qsort(r->hits, r->n_hits, sizeof *r->hits, by_code_and_signal);
    if (p->sort == GP_SORT_CODE) {
        for (size_t i = 0, k = r->n_hits; p->sort_descending && k > i + 1; i++) {
            gp_hit t = r->hits[i];
            r->hits[i] = r->hits[--k];
            r->hits[k] = t;
        }
        return;
    }
    keyed *v = gp_xcalloc(r->n_hits, sizeof *v);
    for (size_t i = 0; i < r->n_hits; i++) {
        double key = r->hits[i].values[p->n_cols];
        v[i] = (keyed){p->sort_descending ? -key : key, i, r->hits[i]};
    }
    qsort(v, r->n_hits, sizeof *v, by_key);
    for (size_t i = 0; i < r->n_hits; i++)
        r->hits[i] = v[i].hit;
    free(v);
}

static int by_seen(const void *a, const void *b)
{
    const gp_seen_ticker *x = a, *y = b;
    int c = order_text(x->code, y->code);
    if (!c)
        c = order_text(x->market, y->market);
    if (!c)
        c = order_size(x->input, y->input);
    return c ? c : order_size(x->index, y->index);
}

static int by_text(const void *key, const void *at) { return strcmp(key, *(const char *const *)at); }

/* Tickers of one code: a warning where it is the same security twice; ".SH" on the code where it is not. */
static void tell_apart(const gp_scan *s, gp_scan_result *r, gp_arena *arena, gp_seen_ticker *v, size_t n, gp_diags *d)
{
    GP_VEC(const char *) ambiguous = {0}; /* ascending, as v */
    const char *was = NULL, *now = NULL;
    if (n > 1)
        qsort(v, n, sizeof *v, by_seen);
    for (size_t i = 0, end; i < n; i = end) {
        bool markets = false;
        size_t first = i; /* of one code and market */
        for (end = i + 1; end <= n; end++) {
            bool same_code = end < n && strcmp(v[end].code, v[i].code) == 0;
            if (same_code && strcmp(v[end].market, v[first].market) == 0)
                continue;
            if (v[end - 1].input != v[first].input && d)
                gp_diag_file(d, GP_D_DUPLICATE_TICKER, s->inputs->at[v[first].input].path, 0, 0, v[first].code,
                             end - first, s->inputs->at[v[first + 1].input].path);
            if (!same_code)
                break;
            markets = true;
            first = end;
        }
        if (markets)
            gp_vec_push(&ambiguous, v[i].code);
    }
    for (size_t k = 0; ambiguous.n && k < r->n_hits; k++) {
        gp_hit *h = &r->hits[k];
        if (h->code != was) { /* the hits of a ticker stand together and share one text */
            was = now = h->code;
            if (*h->market && bsearch(h->code, ambiguous.at, ambiguous.n, sizeof *ambiguous.at, by_text))
                now = gp_arena_printf(arena, "%s.%s", h->code, h->market);
        }
        h->code = now;
    }
    gp_vec_free(&ambiguous);
}

static void take_part(gp_scan_result *r, int k, const gp_part *w)
{
    if (w->hits.n)
        memcpy(r->hits + r->n_hits, w->hits.at, w->hits.n * sizeof *r->hits);
    r->n_hits += w->hits.n;
    r->arenas[k] = w->arena;
    r->tickers += w->tickers;
    r->too_young += w->too_young;
    r->held += w->held;
    r->skipped += w->skipped;
    r->rows += w->rows;
    r->bytes += w->bytes;
    if (w->newest > r->newest)
        r->newest = w->newest;
    if (w->longest > r->longest)
        r->longest = w->longest;
}

void gp_scan_merge(gp_scan *s, int jobs, int plan, gp_scan_result *r, gp_diags *d)
{
    GP_VEC(gp_seen_ticker) all = {0};
    const gp_scan_opts *o = &s->o[plan];
    size_t hits = 0;
    *r = (gp_scan_result){.inputs = s->inputs->n, .n_arenas = jobs};
    for (int i = 0; i < jobs; i++)
        hits += s->workers[i].open ? s->workers[i].parts[plan].hits.n : 0;
    r->hits = gp_xcalloc(hits + 1, sizeof *r->hits);
    r->arenas = gp_xcalloc((size_t)jobs + 1, sizeof *r->arenas);
    for (int i = 0; i < jobs; i++) {
        const gp_worker *w = &s->workers[i];
        if (!w->open)
            continue;
        take_part(r, i, &w->parts[plan]);
        for (size_t k = 0; k < w->seen.n; k++)
            if (!w->seen.at[k].taken || w->seen.at[k].taken[plan])
                gp_vec_push(&all, w->seen.at[k]);
    }
    tell_apart(s, r, &r->arenas[0], all.at, all.n, plan == 0 ? d : NULL);
    gp_vec_free(&all);
    sort_hits(s->pass->plans[plan].plan, o, r);
    for (size_t i = 0; i < r->n_hits; i++) {
        r->named |= r->hits[i].name[0] != 0;
        r->stale_hits += !gp_is_range(o) && o->within <= 1 && r->hits[i].date < r->newest;
    }
}

void gp_scan_result_fini(gp_scan_result *r)
{
    for (int i = 0; i < r->n_arenas; i++)
        gp_arena_fini(&r->arenas[i]);
    free(r->arenas);
    free(r->hits);
    *r = (gp_scan_result){0};
}
