/* Binds every external of a program to where its values stand. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/num.h"
#include "market/resample.h"
#include "screen/companions_in.h"
#include "screen/snapshot.h"

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
    for (int pass = 0; pass < GP_MAKINGS + 1 && b->key < 0 && c->facts; pass++) {
        const bool own = pass == GP_MAKINGS; /* a key that nothing else makes */
        if (own ? made : strcmp(gp_makings[pass].key, key) != 0) continue;
        made = true;
        const int place = gp_key_place(&c->fact_keys, own ? key : gp_makings[pass].of);
        if (place < 0 || !gp_facts_has(c->facts, place)) continue;
        b->key = place;
        b->from = own ? GP_FROM_FACT : gp_makings[pass].from;
        b->scale = own ? 1 : gp_makings[pass].scale;
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
    b->at = gp_index_column(b->ext->key);
    if (b->at < 0) b->at = 6 + gp_key_place(&c->index_more, b->ext->key);
    return true;
}

static bool bind_block(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    const char *key = b->ext->key, *name = gp_key_after(key, "inblock."), *size = gp_key_after(key, "blocksetnum.");
    const char *kind = gp_key_after(key, "blocks."), *number = gp_key_after(key, "blocknum.");
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
    const char *key = gp_key_after(b->ext->key, "series.");
    int id;
    if (!whole(b, key, 1, 0, 1000000, "the number of a series of --series", &id, d)) return false;
    if (!whole(b, key, 2, 0, GP_SERIES_TYPES - 1, "on bars without a value 0 gives null, 1 the value before, 2 zero", &b->at, d)) return false;
    if (!c->series) return missing(b->ext, d);
    const char *name = gp_series_id(c, b->ext->key);
    b->key = gp_key_place(&c->ids, name);
    if (gp_facts_has(c->series, b->key)) return true;
    gp_diag_at(d, GP_D_EXTERNAL_COLUMN, b->ext->span, b->ext->shown, c->o.series, gp_facts_columns(c->series), name);
    return false;
}

static bool bind_event(const gp_companions *c, gp_bound *b, gp_diags *d)
{
    const char *factor = gp_key_after(b->ext->key, "divfactor."), *key = strchr(b->ext->key, '.') + 1;
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
    b->at = (int)strtol(gp_key_after(b->ext->key, "today."), NULL, 10) + 19000000;
    return true;
}


static bool bind_program(gp_companions *c, gp_bound *b, int other, gp_period period, gp_diags *d)
{
    bool good = true;
    const gp_external *x = b->ext;
    if (x->security) {
        other = gp_other_place(c, x->security);
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
    b->program = gp_bind(c, x->program, other, period, &good, d);
    return good;
}

gp_bound_program *gp_bind(gp_companions *c, const gp_program *p, int other, gp_period period, bool *good, gp_diags *d)
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
        case GP_EXT_COLUMN: b->at = gp_key_place(other < 0 ? &c->quotes.more : &c->others.at[other].more, x[k].key); break;
        case GP_EXT_INDEX: *good &= bind_index(c, b, d); break;
        case GP_EXT_FUNDAMENTAL: *good &= bind_fundamental(c, b, d); break;
        case GP_EXT_BLOCK: *good &= bind_block(c, b, d); break;
        case GP_EXT_SERIES: *good &= bind_series(c, b, d); break;
        case GP_EXT_EVENT: *good &= bind_event(c, b, d); break;
        case GP_EXT_CALENDAR: *good &= bind_calendar(c, b, d); break;
        case GP_EXT_NAME: b->at = gp_other_place(c, gp_key_after(x[k].key, "name.")); break;
        case GP_EXT_PROGRAM: *good &= bind_program(c, b, other, period, d); break;
        }
    }
    return r;
}

void gp_unbind(gp_bound_program *r)
{
    if (!r) return;
    for (int k = 0; k < r->n; k++) gp_unbind(r->at[k].program);
    free(r->at);
    free(r);
}
