/* What to read. */
#include "base/vec.h"
#include "market/columns.h"
#include "market/origin.h"
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
    } else if (is_quote_file(path)) {
        add(e->out, path, bytes);
        e->found++;
    }
}

void gp_inputs_expand(char *const *paths, int n, const gp_data_opts *data, gp_inputs *out, int *bad, gp_diags *d)
{
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
            why = gp_dir_walk(paths[i], visit, &e);
            if (!why && e.found == 0 && *bad == before) {
                gp_diag_file(d, GP_D_DATA_EMPTY_FOLDER, paths[i], 0, 0);
                ++*bad;
            }
        } else {
            add(out, paths[i], (size_t)st.st_size);
        }
        if (why) {
            gp_diag_file(d, GP_D_DATA_UNREADABLE, paths[i], 0, 0, why);
            ++*bad;
        }
    }
}

bool gp_read_input(const gp_inputs *in, size_t k, const gp_read_opts *o, gp_read_result *out, gp_diags *d)
{
    gp_read_opts own = o ? *o : (gp_read_opts){0};
    const gp_input *i = &in->at[k];

    own.data = in->data;
    return i->origin ? i->origin->read(i->origin, i, &own, out, d) : gp_read_quotes(i->path, &own, out, d);
}

void gp_inputs_fini(gp_inputs *in)
{
    for (size_t i = 0; i < in->n_origins; i++) in->origins[i]->free(in->origins[i]);
    free(in->origins);
    in->origins = NULL;
    in->n_origins = 0;
    for (size_t i = 0; i < in->n; i++) free(in->at[i].path);
    gp_vec_free(in);
}
