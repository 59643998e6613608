/* Finds out what a program needs, loads it, and binds every external to where its values stand. */
#include "screen/companions.h"
#include <stdio.h>
#include "base/exchange.h"
#include "base/num.h"
#include "eval/vm.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/resample.h"
#include "screen/bind.h"
#include "screen/snapshot.h"

/* ---- what is needed ---- */

static int key_place(const gp_keys *k, const char *key)
{
    for (size_t i = 0; i < k->n; i++)
        if (strcmp(k->at[i], key) == 0) return (int)i;
    return -1;
}

static void want_key(gp_keys *k, const char *key)
{
    if (key_place(k, key) < 0) gp_vec_push(k, key);
}

/* What a figure can be made of: the key itself, then others times a scale. */
static const struct { const char *key, *of; gp_from from; double scale; } makings[] = {
    {"capital", "capital", GP_FROM_FACT, 1},           {"capital", "finance.7", GP_FROM_FACT, 0.01},
    {"totalcapital", "totalcapital", GP_FROM_FACT, 1}, {"totalcapital", "finance.1", GP_FROM_FACT, 0.01},
    {"finance.1", "finance.1", GP_FROM_FACT, 1},       {"finance.1", "totalcapital", GP_FROM_FACT, 100},
    {"finance.7", "finance.7", GP_FROM_FACT, 1},       {"finance.7", "capital", GP_FROM_FACT, 100},
    {"finance.39", "finance.39", GP_FROM_FACT, 1},     {"finance.39", "finance.1", GP_FROM_CLOSE, 1},
    {"finance.39", "totalcapital", GP_FROM_CLOSE, 100}, {"finance.40", "finance.40", GP_FROM_FACT, 1},
    {"finance.40", "finance.7", GP_FROM_CLOSE, 1},     {"finance.40", "capital", GP_FROM_CLOSE, 100},
    {"finance.42", "finance.42", GP_FROM_FACT, 1},     {"finance.42", "listed", GP_FROM_DAYS, 1},
};
enum { N_MAKINGS = sizeof makings / sizeof *makings };

static void want_facts(gp_companions *c, const char *key)
{
    bool made = false;
    for (int i = 0; i < N_MAKINGS; i++)
        if (strcmp(makings[i].key, key) == 0) {
            want_key(&c->fact_keys, makings[i].of);
            made = true;
        }
    if (!made) want_key(&c->fact_keys, key);
}

static const char *const index_columns[] = {"open", "high", "low", "close", "vol", "amount"};

static int index_column(const char *key)
{
    for (int i = 0; i < 6; i++)
        if (strcmp(index_columns[i], key) == 0) return i;
    return -1;
}

static int other_place(const gp_companions *c, const char *security)
{
    for (size_t i = 0; i < c->others.n; i++)
        if (gp_str_ieqz(gp_str_from(security), c->others.at[i].security)) return (int)i;
    return -1;
}

/* What follows "inblock." in a key, or NULL. */
static const char *after(const char *key, const char *head)
{
    const size_t n = strlen(head);
    return strncmp(key, head, n) == 0 ? key + n : NULL;
}

/* "1" of "series.1.0". */
static const char *series_id(gp_companions *c, const char *key)
{
    const char *id = after(key, "series.");
    return gp_arena_strndup(&c->texts, id, strcspn(id, "."));
}

static void collect(gp_companions *c, const gp_program *p, int other);

static void collect_program(gp_companions *c, const gp_external *x, int other)
{
    if (x->security) {
        other = other_place(c, x->security);
        if (other < 0) {
            other = (int)c->others.n;
            gp_vec_push(&c->others, ((gp_other){.security = x->security}));
        }
    } else if (other < 0 && x->period != GP_PERIOD_SAME) {
        gp_vec_push(&c->quotes.periods, x->period);
        gp_vec_push(&c->quotes.period_of, x);
    }
    collect(c, x->program, other);
}

/* other: whose quotes the program runs on; -1 those of the scan. */
static void collect(gp_companions *c, const gp_program *p, int other)
{
    int n;
    const gp_external *x = gp_program_externals(p, &n);
    unsigned need = gp_program_needs(p);
    for (int k = 0; k < n; k++) {
        switch (x[k].kind) {
        case GP_EXT_COLUMN: want_key(other < 0 ? &c->quotes.more : &c->others.at[other].more, x[k].key); break;
        case GP_EXT_INDEX:
            if (index_column(x[k].key) >= 0)
                c->index_need |= 1u << index_column(x[k].key);
            else
                want_key(&c->index_more, x[k].key);
            break;
        case GP_EXT_FUNDAMENTAL:
            if (gp_snapshot_key(x[k].key) >= 0) {
                need |= gp_snapshot_needs(gp_snapshot_key(x[k].key));
                if (gp_snapshot_capital(gp_snapshot_key(x[k].key))) want_facts(c, "capital");
            } else {
                want_facts(c, x[k].key);
            }
            break;
        case GP_EXT_BLOCK: c->wants_blocks = true; break;
        case GP_EXT_SERIES: want_key(&c->ids, series_id(c, x[k].key)); break;
        case GP_EXT_EVENT:
            c->wants_events = true;
            if (after(x[k].key, "divfactor.")) need |= GP_COL_CLOSE;
            break;
        case GP_EXT_CALENDAR: c->wants_calendar = true; break;
        case GP_EXT_NAME:
            if (other_place(c, after(x[k].key, "name.")) < 0) gp_vec_push(&c->others, ((gp_other){.security = after(x[k].key, "name."), .numbered = true}));
            break;
        case GP_EXT_PROGRAM: collect_program(c, &x[k], other); break;
        }
    }
    *(other < 0 ? &c->quotes.need : &c->others.at[other].need) |= need;
}

/* The keys of a quote file's further columns are the rows of feed.def, so that no formula can ask for more than there is room for. */
enum {
#define GP_FEED(LETTER, KIND, KEY, TEXT, NEEDS) +(GP_EXT_##KIND == GP_EXT_COLUMN)
    N_COLUMN_FEEDS = 0
#include "builtins/feed.def"
#undef GP_FEED
    ,
#define GP_FEED(LETTER, KIND, KEY, TEXT, NEEDS) +(GP_EXT_##KIND == GP_EXT_INDEX)
    N_INDEX_FEEDS = 0
#include "builtins/feed.def"
#undef GP_FEED
};
_Static_assert((int)N_COLUMN_FEEDS <= (int)GP_MAX_MORE && (int)N_INDEX_FEEDS <= (int)GP_MAX_MORE, "feed.def has more columns of quotes than the reader takes");

/* ---- loading ---- */

/* Takes the tickers over that `keep` wants. */
static void take_index(gp_companions *c, gp_read_result *r)
{
    for (int i = 0; i < r->n; i++) gp_vec_push(&c->index, r->at[i]);
    free(r->at);
    *r = (gp_read_result){0};
}


static bool load_index(gp_companions *c, gp_diags *d)
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

static bool load_facts(gp_companions *c, gp_diags *d)
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
        if (x[k].kind == GP_EXT_NAME && gp_str_ieqz(gp_str_from(after(x[k].key, "name.")), security)) return &x[k];
        if (x[k].kind != GP_EXT_PROGRAM) continue;
        if (x[k].security && gp_str_ieqz(gp_str_from(x[k].security), security)) return &x[k];
        const gp_external *inner = referrer(x[k].program, security);
        if (inner) return x[k].security ? inner : &x[k];
    }
    return NULL;
}

static bool load_others(gp_companions *c, gp_diags *d)
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

/* ---- binding ---- */

static bool missing(const gp_external *x, gp_diags *d)
{
    gp_diag_at(d, GP_D_EXTERNAL_MISSING, x->span, x->shown, x->needs);
    return false;
}

static bool lacking(const gp_companions *c, const gp_external *x, const char *key, gp_diags *d)
{
    char number[64];
    const char *names = gp_fact_names(key);
    snprintf(number, sizeof number, "finance%s, or %s", key + strcspn(key, ".") + 1, key + strcspn(key, ".") + 1);
    if (!names) names = strchr(key, '.') ? number : key;
    gp_diag_at(d, GP_D_EXTERNAL_COLUMN, x->span, x->shown, c->o.fundamentals, gp_facts_columns(c->facts), names);
    return false;
}

static bool bind_figure(const gp_companions *c, gp_bound *b, const char *key, gp_diags *d)
{
    bool made = false;
    b->key = -1;
    b->fallback = NAN;
    for (int pass = 0; pass < N_MAKINGS + 1 && b->key < 0 && c->facts; pass++) {
        const bool own = pass == N_MAKINGS; /* a key that nothing else makes */
        if (own ? made : strcmp(makings[pass].key, key) != 0) continue;
        made = true;
        const int place = key_place(&c->fact_keys, own ? key : makings[pass].of);
        if (place < 0 || !gp_facts_has(c->facts, place)) continue;
        b->key = place;
        b->from = own ? GP_FROM_FACT : makings[pass].from;
        b->scale = own ? 1 : makings[pass].scale;
    }
    if (!isnan(c->o.capital)) {
        const bool lots = strcmp(key, "capital") == 0, shares = strcmp(key, "finance.7") == 0, value = strcmp(key, "finance.40") == 0;
        if (lots || shares || value) b->fallback = c->o.capital * (lots ? 1 : 100);
        if (b->key < 0 && (lots || shares || value)) b->from = value ? GP_FROM_CLOSE : GP_FROM_FACT;
    }
    if (b->key >= 0 || !isnan(b->fallback)) return true;
    return c->facts ? lacking(c, b->ext, key, d) : missing(b->ext, d);
}

static bool bind_fundamental(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    const int n = gp_snapshot_key(b->ext->key);
    if (n < 0) return bind_figure(c, b, b->ext->key, d);
    b->at = n;
    b->key = -1;
    if (!gp_snapshot_known(n)) {
        gp_diag_at(d, GP_D_EXTERNAL_NEVER, b->ext->span, b->ext->shown, "a live snapshot of the exchange");
        return false;
    }
    return !gp_snapshot_capital(n) || bind_figure(c, b, "capital", d);
}

static bool bind_index(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    if (c->index.n == 0) return missing(b->ext, d);
    b->at = index_column(b->ext->key);
    if (b->at < 0) b->at = 6 + key_place(&c->index_more, b->ext->key);
    return true;
}

static bool bind_block(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    const char *key = b->ext->key, *name = after(key, "inblock."), *size = after(key, "blocksetnum.");
    const char *kind = after(key, "blocks."), *number = after(key, "blocknum.");
    if (!c->blocks) return missing(b->ext, d);
    b->what = name ? GP_BLOCK_HOLDS : size ? GP_BLOCK_SIZE : kind ? GP_BLOCK_NAMES : GP_BLOCK_COUNT;
    if (name || size) {
        b->at = gp_blocks_find(c->blocks, name ? name : size);
        if (b->at >= 0) return true;
        gp_buf names = {0};
        gp_blocks_names(c->blocks, &names);
        gp_diag_at(d, GP_D_BLOCK_UNKNOWN, b->ext->span, b->ext->shown, name ? name : size, c->o.blocks, names.p);
        gp_buf_free(&names);
        return false;
    }
    for (b->at = 0; b->at < GP_BLOCK_KINDS - 1 && strcmp(gp_block_folder((gp_block_kind)b->at), kind ? kind : number) != 0;) b->at++;
    if (gp_blocks_any(c->blocks, (gp_block_kind)b->at)) return true;
    gp_diag_at(d, GP_D_BLOCK_NO_KIND, b->ext->span, b->ext->shown, c->o.blocks, gp_block_folder((gp_block_kind)b->at));
    return false;
}

/* Whole number `which` (1, 2) behind the head of a key, from low to high; false after saying what it can be. */
static bool whole(const gp_bound *b, const char *key, int which, int low, int high, const char *hint, int *out, gp_diags *d)
{
    double value = NAN;
    const char *p = key;
    for (int k = 1; k < which; k++) p += strcspn(p, ".") + (strchr(p, '.') != NULL);
    const size_t n = strspn(p, "0123456789-");
    const bool good = n > 0 && (p[n] == '\0' || (p[n] == '.' && which == 1)) && gp_num_parse(p, n, &value) && value >= low && value <= high;
    if (good)
        *out = (int)value;
    else
        gp_diag_at(d, GP_D_EXTERNAL_ARGUMENT, b->ext->span, b->ext->shown, which, "none of its values", hint);
    return good;
}

static bool bind_series(gp_companions *c, gp_bound *b, gp_diags *d)
{
    const char *key = after(b->ext->key, "series.");
    int id;
    if (!whole(b, key, 1, 0, 1000000, "the number of a series of --series", &id, d)) return false;
    if (!whole(b, key, 2, 0, GP_SERIES_TYPES - 1, "on bars without a value 0 gives null, 1 the value before, 2 zero", &b->at, d)) return false;
    if (!c->series) return missing(b->ext, d);
    const char *name = series_id(c, b->ext->key);
    b->key = key_place(&c->ids, name);
    if (gp_facts_has(c->series, b->key)) return true;
    gp_diag_at(d, GP_D_EXTERNAL_COLUMN, b->ext->span, b->ext->shown, c->o.series, gp_facts_columns(c->series), name);
    return false;
}

static bool bind_event(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    const char *factor = after(b->ext->key, "divfactor."), *key = strchr(b->ext->key, '.') + 1;
    b->key = -1;
    if (factor) {
        if (!whole(b, factor, 1, 1, 2, "1 adjusts forward, 2 backward", &b->at, d)) return false;
    } else {
        if (!whole(b, key, 1, 1, 1000000, "1 is the latest event, 2 the one before", &b->at, d)) return false;
        if (!whole(b, key, 2, 0, GP_EVENT_FIGURES - 1, "0 cash, 1 new shares, 2 rights, 3 the price of a right", &b->key, d)) return false;
    }
    if (!c->events) return missing(b->ext, d);
    if (factor && c->reading.adjust) {
        gp_diag_at(d, GP_D_FACTOR_OF_ADJUSTED, b->ext->span, b->ext->shown);
        return false;
    }
    bool any = false;
    for (int k = 0; k < GP_EVENT_FIGURES; k++) any |= gp_events_have(c->events, (gp_event_figure)k) && (b->key < 0 || b->key == k);
    if (any) return true;
    const char *names = gp_event_names(b->key < 0 ? GP_EVENT_BONUS : (gp_event_figure)b->key);
    gp_diag_at(d, GP_D_EXTERNAL_COLUMN, b->ext->span, b->ext->shown, c->o.events, gp_events_columns(c->events), names);
    return false;
}

static bool bind_calendar(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    if (c->index.n == 0) return missing(b->ext, d);
    b->at = (int)strtol(after(b->ext->key, "today."), NULL, 10) + 19000000;
    return true;
}

static gp_bound_program *bind(gp_companions *c, const gp_program *p, int other, gp_period period, bool *good, gp_diags *d);

static bool bind_program(gp_companions *c, gp_bound *b, int other, gp_period period, gp_diags *d)
{
    bool good = true;
    const gp_external *x = b->ext;
    if (x->security) {
        other = other_place(c, x->security);
        period = GP_PERIOD_SAME;
    }
    b->other = x->security ? other : -1;
    if (x->period != GP_PERIOD_SAME) {
        if (period != GP_PERIOD_SAME && x->period < period) {
            gp_diag_at(d, GP_D_EXTERNAL_PERIOD, x->span, x->shown, gp_period_word(x->period), gp_period_word(period));
            return false;
        }
        if (other >= 0 && period == GP_PERIOD_SAME && !gp_resample_fits(&c->others.at[other].bars, x->period)) {
            const gp_period is = gp_period_of_code(c->others.at[other].bars.period);
            gp_diag_at(d, GP_D_EXTERNAL_PERIOD, x->span, x->shown, gp_period_word(x->period), is ? gp_period_word(is) : "other");
            return false;
        }
        period = x->period;
    }
    b->program = bind(c, x->program, other, period, &good, d);
    return good;
}

static gp_bound_program *bind(gp_companions *c, const gp_program *p, int other, gp_period period, bool *good, gp_diags *d)
{
    gp_bound_program *r = gp_xcalloc(1, sizeof *r);
    const gp_external *x = gp_program_externals(p, &r->n);
    r->p = p;
    r->at = gp_xcalloc((size_t)r->n + 1, sizeof *r->at);
    for (int k = 0; k < r->n; k++) {
        gp_bound *b = &r->at[k];
        *b = (gp_bound){.ext = &x[k], .key = -1, .other = -1, .fallback = NAN, .lack = (int)c->roots.n < (c->o.counted ? c->o.counted : 1) ? (int)c->lacks.n : -1};
        if (b->lack >= 0) gp_vec_push(&c->lacks, ((gp_lack){.ext = &x[k]}));
        switch (x[k].kind) {
        case GP_EXT_COLUMN: b->at = key_place(other < 0 ? &c->quotes.more : &c->others.at[other].more, x[k].key); break;
        case GP_EXT_INDEX: *good &= bind_index(c, b, d); break;
        case GP_EXT_FUNDAMENTAL: *good &= bind_fundamental(c, b, d); break;
        case GP_EXT_BLOCK: *good &= bind_block(c, b, d); break;
        case GP_EXT_SERIES: *good &= bind_series(c, b, d); break;
        case GP_EXT_EVENT: *good &= bind_event(c, b, d); break;
        case GP_EXT_CALENDAR: *good &= bind_calendar(c, b, d); break;
        case GP_EXT_NAME: b->at = other_place(c, after(x[k].key, "name.")); break;
        case GP_EXT_PROGRAM: *good &= bind_program(c, b, other, period, d); break;
        }
    }
    return r;
}

static void unbind(gp_bound_program *r)
{
    if (!r) return;
    for (int k = 0; k < r->n; k++) unbind(r->at[k].program);
    free(r->at);
    free(r);
}

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
    for (int i = 0; i < n; i++) collect(c, p[i], -1);
    good = !(c->index_need || c->index_more.n || (c->wants_calendar && c->o.n_index)) || load_index(c, d);
    good = load_facts(c, d) && good;
    if (c->wants_blocks && o->blocks) {
        c->blocks = gp_blocks_read(o->blocks, d);
        good &= c->blocks != NULL;
    }
    good = load_others(c, d) && good;
    for (int i = 0; i < n && good; i++) {
        gp_bound_program *root = bind(c, p[i], -1, GP_PERIOD_SAME, &good, d);
        gp_vec_push(&c->roots, root);
    }
    if (good) return c;
    gp_companions_free(c);
    return NULL;
}

void gp_companions_free(gp_companions *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->roots.n; i++) unbind(c->roots.at[i]);
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
    collect(&c, p, -1);
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

/* The smallest codes are shown, so that the note does not depend on the threads. */
static void add_code(gp_lack *l, const char *code)
{
    char new[sizeof l->code[0]];
    uint64_t who = 14695981039346656037u;
    for (const char *p = code; *p; p++) who = (who ^ (unsigned char)*p) * 1099511628211u;
    gp_vec_push(&l->who, who);
    snprintf(new, sizeof new, "%s", code);
    for (int k = 0; k < GP_LACK_SHOWN; k++) {
        if (strcmp(l->code[k], new) == 0) return;
        if (l->code[k][0] && strcmp(l->code[k], new) < 0) continue;
        char was[sizeof new];
        memcpy(was, l->code[k], sizeof was);
        memcpy(l->code[k], new, sizeof new);
        if (!was[0]) break;
        memcpy(new, was, sizeof new);
    }
}

void gp_lack_add(const gp_companions *shared, int lack, const char *why, const char *code)
{
    gp_companions *c = (gp_companions *)(uintptr_t)shared; /* the counts are all that changes */
    if (lack < 0) return;
    pthread_mutex_lock(&c->lock);
    gp_lack *l = &c->lacks.at[lack];
    if (!l->why || strcmp(why, l->why) < 0) l->why = why;
    add_code(l, code);
    pthread_mutex_unlock(&c->lock);
}

void gp_note_add(const gp_companions *shared, const gp_lack *note, const char *code)
{
    gp_companions *c = (gp_companions *)(uintptr_t)shared;
    gp_lack *l = note == &c->units ? &c->units : note == &c->stale ? &c->stale : &c->longer;
    pthread_mutex_lock(&c->lock);
    add_code(l, code);
    pthread_mutex_unlock(&c->lock);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* How many securities: each counts once, however many programs met it. */
static size_t count_of(const gp_lack *l)
{
    size_t n = 0;
    if (l->who.n) qsort(l->who.at, l->who.n, sizeof *l->who.at, by_value);
    for (size_t i = 0; i < l->who.n; i++) n += i == 0 || l->who.at[i] != l->who.at[i - 1];
    return n;
}

static void add_securities(const gp_lack *l, gp_buf *out)
{
    const size_t n = count_of(l);
    gp_buf_printf(out, "%zu securit%s (", n, n == 1 ? "y" : "ies");
    for (int k = 0; k < GP_LACK_SHOWN && l->code[k][0]; k++) gp_buf_printf(out, "%s%s", k ? ", " : "", l->code[k]);
    gp_buf_printf(out, "%s)", n > GP_LACK_SHOWN ? ", ..." : "");
}

/* Two formulas that read the same lack the same. */
static bool told_before(const gp_companions *c, size_t i)
{
    const gp_lack *l = &c->lacks.at[i];
    for (size_t k = 0; k < i; k++) {
        const gp_lack *other = &c->lacks.at[k];
        if (other->who.n && count_of(other) == count_of(l) && strcmp(other->ext->shown, l->ext->shown) == 0 && strcmp(other->why, l->why) == 0) return true;
    }
    return false;
}

void gp_companions_notes(const gp_companions *c, gp_buf *out)
{
    for (size_t i = 0; i < c->lacks.n; i++) {
        const gp_lack *l = &c->lacks.at[i];
        if (l->who.n == 0 || told_before(c, i)) continue;
        gp_buf_printf(out, "%s is null for ", l->ext->shown);
        add_securities(l, out);
        gp_buf_printf(out, ": %s\n", l->why);
    }
    if (c->stale.who.n) {
        gp_buf_addz(out, "the index has no bar on the last day of ");
        add_securities(&c->stale, out);
        gp_buf_addz(out, ", where what is computed from it is null");
        for (size_t i = 0; i < c->index.n && i < 3; i++) {
            const gp_bars *b = &c->index.at[i];
            const int32_t last = b->n ? b->date[b->n - 1] : 0;
            gp_buf_printf(out, "%s%s%s ends on %04d-%02d-%02d", i ? ", " : "; ", b->market, b->code, (int)(last / 10000), (int)(last / 100 % 100), (int)(last % 100));
        }
        gp_buf_addz(out, "\n");
    }
    if (c->units.who.n) {
        gp_buf_addz(out, "VOL is above CAPITAL on many bars of ");
        add_securities(&c->units, out);
        gp_buf_addz(out, ": is VOL in shares and CAPITAL in lots of 100? Divide the volumes of the files by 100, or give CAPITAL in shares, too (100 times the number)\n");
    }
    if (c->longer.who.n) {
        gp_buf_addz(out, "the chip distribution is null for ");
        add_securities(&c->longer, out);
        gp_buf_addz(out, ": it is made of daily bars, and theirs are not\n");
    }
}
