/* Reads what programs need beside the quotes: index files, figures, other securities. */
#include <string.h>
#include "market/codes.h"
#include "screen/companions_in.h"

/* Takes the tickers over that `keep` wants. */
static void take_index(gp_companions *c, gp_read_result *r)
{
    for (int i = 0; i < r->n; i++) gp_vec_push(&c->index, r->at[i]);
    free(r->at);
    *r = (gp_read_result){0};
}

bool gp_load_index(gp_companions *c, gp_diags *d)
{
    gp_inputs files = {0};
    int bad = 0;
    gp_keys paths = {0};
    const unsigned need = c->index_need | GP_COL_CLOSE;
    const gp_read_opts o = {.need = need, .more = c->index_more.at, .n_more = (int)c->index_more.n};
    for (int i = 0; i < c->o.n_index; i++) gp_vec_push(&paths, c->o.index[i]);
    gp_inputs_expand((char *const *)paths.at, (int)paths.n, &c->reading, &files, &bad, d);
    for (size_t i = 0; i < files.n; i++) {
        gp_read_result r = {0};
        if (gp_read_input(&files, i, &o, &r, d))
            take_index(c, &r);
        else
            bad++;
        gp_read_result_fini(&r);
    }
    gp_inputs_fini(&files);
    gp_vec_free(&paths);
    return bad == 0;
}

bool gp_load_facts(gp_companions *c, gp_diags *d)
{
    bool good = true;
    if (c->o.fundamentals && c->fact_keys.n) {
        c->facts = gp_facts_read(c->o.fundamentals, c->fact_keys.at, (int)c->fact_keys.n, d);
        good &= c->facts != NULL;
    }
    if (c->o.series && c->ids.n) {
        c->series = gp_series_read(c->o.series, c->ids.at, (int)c->ids.n, d);
        good &= c->series != NULL;
    }
    if (c->o.events && c->wants_events) {
        c->events = gp_events_read(c->o.events, d);
        good &= c->events != NULL;
    }
    return good;
}

/* ---- other securities ---- */

static gp_bars copy_bars(const gp_bars *b)
{
    gp_bars to;
    gp_bars_copy(b, &to);
    return to;
}

/* Reads an input and takes the best fitting ticker over; best: how well what was found so far fits. */
static int try_input(gp_other *other, const gp_code_word *w, const gp_inputs *in, const gp_input *one, int best, gp_diags *d)
{
    const gp_read_opts o = {.need = other->need | GP_COL_CLOSE, .more = other->more.at, .n_more = (int)other->more.n};
    gp_read_result r = {0};
    gp_diags own = {0};
    const bool good = gp_read_any(in, one, &o, &r, &own);
    for (int i = 0; i < r.n && good; i++) {
        const int fit = gp_code_fits(w, r.at[i].code, r.at[i].market);
        if (fit <= best) continue;
        gp_bars_fini(&other->bars);
        other->bars = copy_bars(&r.at[i]);
        best = fit;
    }
    if (!good) gp_diags_append(d, &own); /* kept only when nothing else is found */
    gp_diags_fini(&own);
    gp_read_result_fini(&r);
    return best;
}

/* By name of the file first; then, because a file can hold many securities, in those whose name is no code. */
static int search(gp_other *other, const gp_code_word *w, const gp_inputs *in, bool named, int best, gp_diags *d)
{
    for (size_t i = 0; in && i < in->n + in->n_aside && best < 2; i++) { /* the universe is of what is scanned, not of what is referred to */
        const gp_input *one = i < in->n ? &in->at[i] : &in->aside[i - in->n];
        char code[64], market[3];
        if (strcmp(one->path, "-") == 0) continue;
        gp_code_of_path(one->path, code, sizeof code, market);
        const int fit = gp_code_fits(w, code, market);
        if (named ? fit > best : !*market && fit == 0) best = try_input(other, w, in, one, best, d);
    }
    return best;
}

static bool load_other(gp_companions *c, gp_other *other, const gp_inputs *index_files, const gp_external *x, gp_diags *d)
{
    const gp_code_word w = gp_code_word_of(other->security, other->numbered);
    gp_diags why = {0};
    int best = search(other, &w, c->o.data, true, 0, &why);
    best = search(other, &w, index_files, true, best, &why);
    if (best == 0) best = search(other, &w, c->o.data, false, best, &why);
    if (best == 0) best = search(other, &w, index_files, false, best, &why);
    if (best == 0) {
        gp_diags_append(d, &why);
        const char *shown = other->numbered ? gp_arena_printf(&c->texts, "%s%s", w.market, w.code) : other->security;
        gp_diag_at(d, GP_D_SECURITY_MISSING, x->span, x->shown, shown, shown);
    }
    gp_diags_fini(&why);
    return best > 0;
}

/* The external that refers to the security, for its place in the text. */
static const gp_external *referrer(const gp_program *p, const char *security)
{
    int n;
    const gp_external *x = gp_program_externals(p, &n);
    for (int k = 0; k < n; k++) {
        if (x[k].kind == GP_EXT_NAME && gp_str_ieqz(gp_str_from(gp_key_after(x[k].key, "name.")), security)) return &x[k];
        if (x[k].kind != GP_EXT_PROGRAM) continue;
        if (x[k].security && gp_str_ieqz(gp_str_from(x[k].security), security)) return &x[k];
        const gp_external *inner = referrer(x[k].program, security);
        if (inner) return x[k].security ? inner : &x[k];
    }
    return NULL;
}

bool gp_load_others(gp_companions *c, gp_diags *d)
{
    gp_inputs files = {0};
    gp_keys paths = {0};
    int bad = 0;
    bool good = true;
    if (c->others.n == 0) return true;
    for (int i = 0; i < c->o.n_index; i++) gp_vec_push(&paths, c->o.index[i]);
    gp_diags ignored = {0};
    if (paths.n) gp_inputs_expand((char *const *)paths.at, (int)paths.n, &c->reading, &files, &bad, &ignored);
    for (size_t i = 0; i < c->others.n; i++) {
        const gp_external *x = NULL;
        for (int k = 0; k < c->n_programs && !x; k++) x = referrer(c->p[k], c->others.at[i].security);
        good &= load_other(c, &c->others.at[i], &files, x, d);
    }
    gp_diags_fini(&ignored);
    gp_inputs_fini(&files);
    gp_vec_free(&paths);
    return good;
}
