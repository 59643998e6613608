/* What a program needs beside the quotes: found out (companions_need.c), loaded (companions_load.c), bound (companions_bind.c), and what was
 * lacking told (companions_note.c). */
#include "screen/companions.h"
#include <math.h>
#include <string.h>
#include "market/resample.h"
#include "screen/companions_in.h"

gp_companions *gp_companions_new(const gp_program *const *p, int n, const gp_companion_opts *o, gp_diags *d)
{
    gp_companions *c = gp_xcalloc(1, sizeof *c);
    bool good;
    c->p = p;
    c->n_programs = n;
    c->o = *o;
    if (o->data && o->data->data) c->reading = *o->data->data; /* index files and other securities are read as the data are */
    c->reading.universe = NULL;
    pthread_mutex_init(&c->lock, NULL);
    for (int i = 0; i < n; i++) gp_companions_collect(c, p[i], -1);
    good = !(c->index_need || c->index_more.n || (c->wants_calendar && c->o.n_index)) || gp_load_index(c, d);
    good = gp_load_facts(c, d) && good;
    if (c->wants_blocks && o->blocks) {
        c->blocks = gp_blocks_read(o->blocks, d);
        good &= c->blocks != NULL;
    }
    good = gp_load_others(c, d) && good;
    for (int i = 0; i < n && good; i++) {
        gp_bound_program *root = gp_bind(c, p[i], -1, GP_PERIOD_SAME, &good, d);
        gp_vec_push(&c->roots, root);
    }
    if (good) return c;
    gp_companions_free(c);
    return NULL;
}

void gp_companions_free(gp_companions *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->roots.n; i++) gp_unbind(c->roots.at[i]);
    gp_vec_free(&c->roots);
    for (size_t i = 0; i < c->others.n; i++) {
        gp_bars_fini(&c->others.at[i].bars);
        gp_vec_free(&c->others.at[i].more);
    }
    for (size_t i = 0; i < c->index.n; i++) gp_bars_fini(&c->index.at[i]);
    gp_facts_free(c->facts);
    gp_facts_free(c->series);
    gp_events_free(c->events);
    gp_vec_free(&c->ids);
    gp_arena_fini(&c->texts);
    gp_blocks_free(c->blocks);
    gp_quote_needs_fini(&c->quotes);
    gp_vec_free(&c->index_more);
    gp_vec_free(&c->fact_keys);
    gp_vec_free(&c->others);
    gp_vec_free(&c->index);
    for (size_t i = 0; i < c->lacks.n; i++) gp_vec_free(&c->lacks.at[i].who);
    gp_vec_free(&c->lacks);
    gp_vec_free(&c->units.who);
    gp_vec_free(&c->stale.who);
    gp_vec_free(&c->longer.who);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* ---- running ---- */

void gp_companions_read_opts(const gp_companions *c, gp_read_opts *o)
{
    o->need = c->quotes.need;
    o->want = c->quotes.need | GP_COL_CLOSE;
    o->more = c->quotes.more.at;
    o->n_more = (int)c->quotes.more.n;
}

bool gp_quote_needs_accept(const gp_quote_needs *n, const gp_bars *b, gp_diags *d)
{
    for (size_t i = 0; i < n->periods.n; i++) {
        const gp_period is = gp_period_of_code(b->period);
        if (gp_resample_fits(b, n->periods.at[i])) continue;
        gp_diag_file(d, GP_D_DATA_PERIOD, b->file, 0, 0, n->period_of.at[i]->shown, b->code, gp_period_name(n->periods.at[i]),
                     is ? gp_period_name(is) : "other");
        return false;
    }
    return true;
}

bool gp_companions_accept(const gp_companions *c, const gp_bars *b, gp_diags *d)
{
    return gp_quote_needs_accept(&c->quotes, b, d);
}

void gp_quote_needs_add(gp_quote_needs *n, const gp_program *p)
{
    gp_companions c = {.quotes = *n}; /* collect speaks of companions; nothing else of them is used */
    gp_companions_collect(&c, p, -1);
    *n = c.quotes;
    for (size_t i = 0; i < c.others.n; i++) gp_vec_free(&c.others.at[i].more);
    gp_vec_free(&c.others);
    gp_vec_free(&c.index_more);
    gp_vec_free(&c.fact_keys);
    gp_vec_free(&c.ids);
    gp_arena_fini(&c.texts);
}

bool gp_quote_needs_equal(const gp_quote_needs *a, const gp_quote_needs *b)
{
    if (a->need != b->need || a->more.n != b->more.n) return false;
    for (size_t i = 0; i < a->more.n; i++) {
        bool found = false;
        for (size_t k = 0; k < b->more.n && !found; k++) found = strcmp(a->more.at[i], b->more.at[k]) == 0;
        if (!found) return false;
    }
    return true;
}

void gp_quote_needs_fini(gp_quote_needs *n)
{
    gp_vec_free(&n->more);
    gp_vec_free(&n->periods);
    gp_vec_free(&n->period_of);
    *n = (gp_quote_needs){0};
}

/* Three-digit beginnings tell the boards of Shenzhen and Shanghai apart. */
int gp_index_for(const gp_companions *c, const gp_bars *b)
{
    static const struct { const char *market, *head; const char *codes[4]; } rules[] = {
        {"SH", "688", {"000688"}}, {"SH", "689", {"000688"}}, {"SZ", "300", {"399006"}}, {"SZ", "301", {"399006"}},
        {"SH", "", {"999999", "000001", "1A0001"}}, {"SZ", "", {"399001"}}, {"BJ", "", {"899050"}}};
    if (c->index.n == 1) return 0;
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        if (strcmp(rules[r].market, b->market) != 0 || strncmp(b->code, rules[r].head, strlen(rules[r].head)) != 0) continue;
        for (int k = 0; k < 4 && rules[r].codes[k]; k++)
            for (size_t i = 0; i < c->index.n; i++)
                if (strcmp(c->index.at[i].code, rules[r].codes[k]) == 0) return (int)i;
        return -1;
    }
    return -1;
}
