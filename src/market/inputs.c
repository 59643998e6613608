/* What to read. */
#include "base/vec.h"
#include "market/columns.h"
#include "market/adjust.h"
#include "market/origin.h"
#include "market/store.h"
#include "market/tdx.h"
#include "market/universe.h"
#include <errno.h>
#include <sys/stat.h>

typedef struct expansion {
    gp_inputs *out;
    const char *folder;
    size_t found;
    int *bad;
    gp_diags *d;
} expansion;

void gp_inputs_add(gp_inputs *in, gp_input one)
{
    one.path = strcpy(gp_xrealloc(NULL, strlen(one.path) + 1), one.path);
    gp_vec_push(in, one);
}

void gp_inputs_own(gp_inputs *in, gp_origin *s)
{
    in->origins = gp_xrealloc(in->origins, (in->n_origins + 1) * sizeof *in->origins);
    in->origins[in->n_origins++] = s;
}

static void add(gp_inputs *in, const char *path, size_t bytes)
{
    gp_inputs_add(in, (gp_input){.path = (char *)(uintptr_t)path, .bytes = bytes});
}

static const gp_origin_kind *const kinds[] = {
    &gp_store_kind,
    NULL,
};

static const gp_origin_kind *kind_of(const char *path, bool folder)
{
    for (size_t i = 0; kinds[i]; i++)
        if (kinds[i]->is(path, folder)) return kinds[i];
    return NULL;
}

static bool is_quote_file(const char *path)
{
    gp_str s = gp_quote_stem(gp_str_from(path));
    return s.p[s.n] != 0;
}

static void visit(void *ctx, const char *path, size_t bytes)
{
    expansion *e = ctx;

    if (bytes == GP_DIR_UNREADABLE) {
        gp_buf why = {0};
        gp_buf_printf(&why, "the folder %s below it is closed to you", path);
        gp_diag_file(e->d, GP_D_DATA_UNREADABLE, e->folder, 0, 0, why.p);
        gp_buf_free(&why);
        ++*e->bad;
    } else if (is_quote_file(path) || gp_tdx_kind_of(path) != GP_TDX_NONE) {
        add(e->out, path, bytes);
        e->found++;
    }
}

const char *const gp_data_period_words[] = {"auto", "day", "min5", "min1", "min15", "min30", "min60", "week", "month", "season", "year", "other"};
const int gp_data_period_codes[] = {-1, 5, 1, 0, 2, 3, 4, 6, 7, 10, 11, 8};

/* Of the files from `first` on, those of TDX records are kept of one period only: a tree has every security once a period. */
static void keep_one_period(gp_inputs *in, size_t first, const char *folder, int *bad, gp_diags *d)
{
    gp_data_period wanted = in->data ? (gp_data_period)in->data->period : GP_FILES_AUTO;
    const bool said = wanted != GP_FILES_AUTO; /* then nobody wonders where the others are */
    size_t count[GP_FILES_PERIODS] = {0}, all = 0, n = first;
    gp_buf others = {0};

    for (size_t i = first; i < in->n; i++) {
        const gp_tdx_kind kind = gp_tdx_kind_of(in->at[i].path);
        if (kind != GP_TDX_NONE) count[gp_tdx_period_of(kind)]++, all++;
    }
    if (all == 0) return;
    for (gp_data_period p = GP_FILES_DAY; p <= GP_FILES_MIN1; p++) {
        if (wanted == GP_FILES_AUTO && count[p]) wanted = p;
        if (count[p]) gp_buf_printf(&others, "%s%s", others.n ? ", " : "", gp_data_period_words[p]);
    }
    for (size_t i = first; i < in->n; i++) {
        const gp_tdx_kind kind = gp_tdx_kind_of(in->at[i].path);
        if (kind == GP_TDX_NONE || gp_tdx_period_of(kind) == wanted)
            in->at[n++] = in->at[i];
        else
            free(in->at[i].path);
    }
    in->n = n;
    if (n == first) {
        gp_diag_file(d, GP_D_TDX_NO_PERIOD, folder, 0, 0, gp_data_period_words[wanted], others.p);
        ++*bad;
    } else if (count[wanted] < all && !said) {
        gp_diag_file(d, GP_D_TDX_OTHER_PERIODS, folder, 0, 0, all - count[wanted], gp_data_period_words[wanted]);
    }
    gp_buf_free(&others);
}

void gp_inputs_expand(char *const *paths, int n, const gp_data_opts *data, gp_inputs *out, int *bad, gp_diags *d)
{
    const size_t all = out->n;
    out->data = data;
    for (int i = 0; i < n; i++) {
        struct stat st;
        const char *why = NULL;
        const gp_origin_kind *kind;
        if (strcmp(paths[i], "-") == 0) {
            add(out, paths[i], 0);
        } else if (stat(paths[i], &st) != 0) {
            why = strerror(errno);
        } else if ((kind = kind_of(paths[i], S_ISDIR(st.st_mode))) != NULL) {
            *bad += !kind->open(paths[i], out, d);
        } else if (S_ISDIR(st.st_mode)) {
            expansion e = {out, paths[i], 0, bad, d};
            int before = *bad;
            const size_t first = out->n;
            why = gp_dir_walk(paths[i], visit, &e);
            if (!why && e.found == 0 && *bad == before) {
                gp_diag_file(d, GP_D_DATA_EMPTY_FOLDER, paths[i], 0, 0);
                ++*bad;
            }
            keep_one_period(out, first, paths[i], bad, d);
        } else {
            add(out, paths[i], (size_t)st.st_size);
        }
        if (why) {
            gp_diag_file(d, GP_D_DATA_UNREADABLE, paths[i], 0, 0, why);
            ++*bad;
        }
    }
    if (data && data->universe && !gp_universe_narrow(data->universe, out, all, d)) ++*bad;
}

static bool read_one(const gp_input *i, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
{
    if (i->origin) return i->origin->read(i->origin, i, o, out, d);
    return gp_tdx_kind_of(i->path) == GP_TDX_NONE ? gp_read_quotes(i->path, o, out, d) : gp_tdx_read(i->path, o, out, d);
}

bool gp_read_any(const gp_inputs *in, const gp_input *one, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
{
    gp_read_opts own = o ? *o : (gp_read_opts){0};
    gp_adjuster *adjust = in->data ? in->data->adjust : NULL;

    own.data = in->data;
    if (adjust) own.tail = 0; /* what an event did may show on every later bar */
    if (!read_one(one, &own, out, d)) return false;
    bool good = true;
    for (int i = 0; adjust && i < out->n; i++) good &= gp_adjust(adjust, &out->at[i], d);
    if (!good) gp_read_result_fini(out);
    return good;
}

bool gp_read_input(const gp_inputs *in, size_t k, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
{
    gp_read_opts own = o ? *o : (gp_read_opts){0};
    gp_universe *u = in->data ? in->data->universe : NULL;

    if (u) gp_universe_read_opts(u, &own);
    if (!gp_read_any(in, &in->at[k], &own, out, d)) return false;
    if (u) gp_universe_filter(u, in, k, out);
    return true;
}

void gp_inputs_fini(gp_inputs *in)
{
    for (size_t i = 0; i < in->n_origins; i++) in->origins[i]->free(in->origins[i]);
    free(in->origins);
    in->origins = NULL;
    in->n_origins = 0;
    for (size_t i = 0; i < in->n; i++) free(in->at[i].path);
    for (size_t i = 0; i < in->n_aside; i++) free(in->aside[i].path);
    free(in->aside);
    free(in->judged);
    in->aside = NULL;
    in->judged = NULL;
    in->n_aside = 0;
    gp_vec_free(in);
}
