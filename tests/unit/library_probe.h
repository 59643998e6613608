/* The formulas of formulas/, read and resolved, for tests that run all of them. */
#ifndef GP_TESTS_LIBRARY_PROBE_H
#define GP_TESTS_LIBRARY_PROBE_H
#include <stdlib.h>
#include <string.h>
#include "base/file.h"
#include "base/vec.h"
#include "parser/library.h"
#include "parser/parser.h"

typedef struct probe_library {
    GP_VEC(char *) paths;
    GP_VEC(gp_formula *) formulas; /* in the order of the folder */
    gp_library *library;
} probe_library;

static void probe_add_path(void *ctx, const char *path, size_t bytes)
{
    probe_library *l = ctx;
    const char *dot = strrchr(path, '.');
    (void)bytes;
    if (dot && strcmp(dot, ".tdx") == 0)
        gp_vec_push(&l->paths, gp_xstrndup(path, strlen(path)));
}

static bool probe_find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown)
{
    const probe_library *l = ctx;
    for (size_t i = 0; i < l->paths.n; i++) {
        const char *base = strrchr(l->paths.at[i], '/') + 1;
        gp_file file;
        if (!gp_str_ieq(name, (gp_str){base, strlen(base) - strlen(".tdx")}))
            continue;
        assert_null(gp_file_open(l->paths.at[i], &file));
        gp_buf_add(text, file.p, file.n);
        gp_buf_addz(shown, l->paths.at[i]);
        gp_file_close(&file);
        return true;
    }
    return false;
}

static void probe_library_open(probe_library *l)
{
    *l = (probe_library){0};
    assert_null(gp_dir_walk(GOLDPIT_SOURCE_DIR "/formulas", probe_add_path, l));
    l->library = gp_library_new(probe_find, NULL, l);
    for (size_t i = 0; i < l->paths.n; i++) {
        gp_diags d = {0};
        gp_file file;
        assert_null(gp_file_open(l->paths.at[i], &file));
        gp_formula *f = gp_formula_parse(l->paths.at[i], file.p, file.n, GP_ENC_AUTO, &d);
        gp_file_close(&file);
        f->library = l->library;
        assert_int_equal(d.errors, 0);
        gp_vec_push(&l->formulas, f);
        gp_diags_fini(&d);
    }
}

static void probe_library_close(probe_library *l)
{
    for (size_t i = 0; i < l->formulas.n; i++)
        gp_formula_free(l->formulas.at[i]);
    for (size_t i = 0; i < l->paths.n; i++)
        free(l->paths.at[i]);
    gp_library_free(l->library);
    gp_vec_free(&l->formulas);
    gp_vec_free(&l->paths);
}
#endif
