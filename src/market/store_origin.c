/* A store as DATA: one input for each security. */
#include <string.h>
#include "base/vec.h"
#include "market/store.h"

typedef struct store_origin {
    gp_origin base;
    gp_store *store;
} store_origin;

static bool is(const char *path, bool is_folder) { return is_folder && gp_store_is(path); }

static bool read_entry(gp_origin *o, const gp_input *in, const gp_read_opts *opts, gp_read_result *out, gp_diags *d)
{
    const store_origin *s = (const store_origin *)o;
    const size_t k = (size_t)in->item;

    *out = (gp_read_result){.at = gp_xcalloc(1, sizeof *out->at), .n = 1, .bytes = gp_store_at(s->store, k)->bytes};
    if (gp_store_read(s->store, k, in->path, opts, &out->at[0], d)) {
        out->rows = (size_t)out->at[0].n;
        if (opts && opts->reading) opts->reading->format = "goldpit store";
        return true;
    }
    free(out->at);
    *out = (gp_read_result){0};
    return false;
}

static void free_origin(gp_origin *o)
{
    gp_store_close(((store_origin *)o)->store);
    free(o);
}

static bool has_period(const gp_store *s, int period)
{
    for (size_t k = 0; k < gp_store_count(s); k++)
        if (gp_store_at(s, k)->period == period) return true;
    return false;
}

/* The period that is read: what was asked for, else days, else of 5 minutes, of 1, else that of the first security. */
static int period_of(const gp_store *s, const gp_data_opts *data)
{
    if (data && data->period != GP_FILES_AUTO) return gp_data_period_codes[data->period];
    for (int p = GP_FILES_DAY; p <= GP_FILES_MIN1; p++)
        if (has_period(s, gp_data_period_codes[p])) return gp_data_period_codes[p];
    return gp_store_count(s) ? gp_store_at(s, 0)->period : 5;
}

static const char *word_of(int period)
{
    for (int p = GP_FILES_DAY; p < GP_FILES_PERIODS; p++)
        if (gp_data_period_codes[p] == period) return gp_data_period_words[p];
    return "other";
}

/* "day, week": those that the store has. */
static void list_periods(const gp_store *s, gp_buf *out)
{
    for (int p = GP_FILES_DAY; p < GP_FILES_PERIODS; p++)
        if (has_period(s, gp_data_period_codes[p])) gp_buf_printf(out, "%s%s", out->n ? ", " : "", gp_data_period_words[p]);
}

static bool open_store(const char *path, gp_inputs *in, gp_diags *d)
{
    gp_store *s = gp_store_open(path, d);
    if (!s) return false;
    const int period = period_of(s, in->data);
    const char *shown = word_of(period);
    gp_buf all = {0};
    const size_t before = in->n, n = gp_store_count(s);
    for (size_t k = 0; k < n; k++) {
        const gp_store_entry *e = gp_store_at(s, k);
        gp_buf name = {0};
        if (e->period != period) continue;
        gp_buf_printf(&name, "%s/", path);
        for (const char *p = e->market; *p; p++) gp_buf_addc(&name, (char)(*p | 32));
        gp_buf_addz(&name, e->code);
        gp_inputs_add(in, (gp_input){.path = name.p, .bytes = (size_t)e->bars * 48, .item = k});
        gp_buf_free(&name);
    }
    const size_t added = in->n - before;
    list_periods(s, &all);
    if (!added && n)
        gp_diag_file(d, GP_D_TDX_NO_PERIOD, path, 0, 0, shown, all.p);
    else if (!added)
        gp_diag_file(d, GP_D_STORE_EMPTY, path, 0, 0);
    else if (added < n && (!in->data || in->data->period == GP_FILES_AUTO))
        gp_diag_file(d, GP_D_STORE_PERIODS, path, 0, 0, n - added, n - added == 1 ? "y" : "ies", shown, all.p);
    gp_buf_free(&all);
    if (!added) {
        gp_store_close(s);
        return false;
    }
    const gp_data_opts *said = in->data;
    if (said && (said->suspended || said->duplicates || said->bad_ohlc || said->volume_unit || said->profile_name))
        gp_diag_file(d, GP_D_STORE_AS_IMPORTED, path, 0, 0);
    store_origin *o = gp_xcalloc(1, sizeof *o);
    *o = (store_origin){{read_entry, free_origin}, s};
    for (size_t i = before; i < in->n; i++) in->at[i].origin = &o->base;
    gp_inputs_own(in, &o->base);
    return true;
}

const gp_origin_kind gp_store_kind = {is, open_store};
