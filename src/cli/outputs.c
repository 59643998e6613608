#include "cli/outputs.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "market/codes.h"
#include "market/store.h"
#include "market/tdx.h"

/* ---- one file, however it is spelled ---- */

/* A file is its device and inode; one that is not there yet is the folder it will be in and its name. */
typedef struct spot {
    bool there, folder_there;
    struct stat st, folder;
    const char *name;
} spot;

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == path ? gp_xstrndup("/", 1) : slash ? gp_xstrndup(path, (size_t)(slash - path)) : gp_xstrndup(".", 1);
}

static spot spot_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path);
    spot s = {.name = slash ? slash + 1 : path};
    s.there = stat(path, &s.st) == 0;
    s.folder_there = stat(folder, &s.folder) == 0;
    free(folder);
    return s;
}

static bool same_inode(const struct stat *a, const struct stat *b) { return a->st_dev == b->st_dev && a->st_ino == b->st_ino; }

static bool same_file(const spot *a, const spot *b)
{
    if (a->there && b->there)
        return same_inode(&a->st, &b->st);
    return a->folder_there && b->folder_there && same_inode(&a->folder, &b->folder) && strcmp(a->name, b->name) == 0;
}

/* The real folder that the file is in or will be in: the nearest one that exists. */
static bool real_folder(const char *path, char real[PATH_MAX])
{
    char *folder = folder_of(path);
    bool found = realpath(folder, real) != NULL;
    if (!found) {
        char *above = folder_of(folder);
        found = realpath(above, real) != NULL;
        free(above);
    }
    free(folder);
    return found;
}

/* Calls see(ctx, folder) for this real folder and all above it until it says true. */
static bool climb(char *real, bool (*see)(void *ctx, const char *folder), void *ctx)
{
    for (;;) {
        char *slash = strrchr(real, '/');
        if (see(ctx, real))
            return true;
        if (!slash || !real[1])
            return false;
        slash[slash == real] = 0;
    }
}

static bool is_store(void *ctx, const char *folder)
{
    (void)ctx;
    return gp_store_is(folder);
}

static bool is_folder(void *ctx, const char *folder)
{
    struct stat st;
    return stat(folder, &st) == 0 && same_inode(ctx, &st);
}

/* real: the folder itself when it is in a store */
static bool in_store(const gp_named_output *o, char real[PATH_MAX])
{
    if (realpath(o->path, real) && climb(real, is_store, NULL))
        return true;
    return real_folder(o->path, real) && climb(real, is_store, NULL);
}

/* ---- inputs ---- */

static bool reads_as_quotes(const char *path)
{
    const gp_str stem = gp_quote_stem(gp_str_from(path));
    return stem.p[stem.n] != 0 || gp_tdx_kind_of(path) != GP_TDX_NONE;
}

/* Outputs that are a file of a folder that is read, under whatever name: each folder is walked once. */
typedef struct met { char *path; const gp_named_input *in; } met;
typedef struct search { const gp_files *f; const spot *to; const gp_named_input *in; met *met; } search;

static void visit(void *ctx, const char *path, size_t bytes)
{
    search *s = ctx;
    struct stat st;
    if (bytes == GP_DIR_UNREADABLE || (s->in->kind == GP_INPUT_QUOTES && !reads_as_quotes(path)) || stat(path, &st) != 0)
        return;
    for (size_t i = 0; i < s->f->out.n; i++)
        if (!s->met[i].path && s->to[i].there && same_inode(&st, &s->to[i].st) && !(s->in->kind == GP_INPUT_BLOCKS && s->f->out.at[i].block))
            s->met[i] = (met){gp_xstrndup(path, strlen(path)), s->in};
}

static void walk_inputs(const gp_files *f, const spot *to, met *found)
{
    bool any = false;
    for (size_t i = 0; i < f->out.n; i++)
        any |= to[i].there && S_ISREG(to[i].st.st_mode);
    for (size_t k = 0; k < f->in.n && any; k++) {
        search s = {f, to, &f->in.at[k], found};
        if (gp_path_is_dir(f->in.at[k].path) && !gp_store_is(f->in.at[k].path))
            gp_dir_walk(f->in.at[k].path, visit, &s);
    }
}

static bool clashes(const gp_cli *c, const gp_named_output *o, const spot *to, const met *found, const gp_named_input *in)
{
    const spot from = spot_of(in->path);
    char real[PATH_MAX];
    if (!from.there || !S_ISDIR(from.st.st_mode)) {
        if (o->folder || !same_file(to, &from))
            return false;
        gp_cli_error(c, "%s%s '%s' would overwrite %s '%s': give another name", o->place, o->what, o->path, in->what, in->path);
        return true;
    }
    if (o->folder || gp_store_is(in->path) || (in->kind == GP_INPUT_BLOCKS && o->block))
        return false;
    if (in->kind == GP_INPUT_QUOTES && reads_as_quotes(o->path) && real_folder(o->path, real) && climb(real, is_folder, (void *)(uintptr_t)&from.st)) {
        gp_cli_error(c, to->there ? "%s%s '%s' would overwrite one of the quotes of %s '%s': give another name"
                                  : "%s%s '%s' would be read as quotes the next time, because it is in %s '%s': give another folder",
                     o->place, o->what, o->path, in->what, in->path);
        return true;
    }
    if (found->in != in)
        return false;
    gp_cli_error(c, "%s%s '%s' would overwrite %s '%s': give another name", o->place, o->what, o->path, in->what, found->path);
    return true;
}

/* ---- what can be written ---- */

static bool can_be_made(const gp_cli *c, const gp_files *f, const gp_named_output *o, const spot *to)
{
    char *folder = folder_of(o->path), *above = folder_of(folder);
    struct stat st;
    bool ok = true;
    errno = 0;
    if (!*to->name || (to->there && S_ISDIR(to->st.st_mode))) {
        gp_cli_error(c, "%s%s '%s' is a folder: name a file in it", o->place, o->what, o->path);
        ok = false;
    } else if (to->there && !S_ISREG(to->st.st_mode) && !o->appended) {
        gp_cli_error(c, "%s%s '%s' is no file but a device or a pipe: give another name", o->place, o->what, o->path);
        ok = false;
    } else if (!to->folder_there && stat(folder, &st) != 0 && errno == EACCES) {
        gp_cli_error(c, "%s%s '%s': the folder '%s' cannot be entered: %s", o->place, o->what, o->path, folder, strerror(EACCES));
        ok = false;
    } else if (!to->folder_there && !(f->make && gp_path_is_dir(above) && !gp_path_exists(folder))) {
        gp_cli_error(c, "%s%s '%s': there is no folder '%s': make it first", o->place, o->what, o->path, folder);
        ok = false;
    } else if (access(to->folder_there ? folder : above, W_OK | X_OK) != 0 && !(to->there && !S_ISREG(to->st.st_mode))) {
        gp_cli_error(c, "%s%s '%s': nothing can be written in the folder '%s': %s", o->place, o->what, o->path, to->folder_there ? folder : above, strerror(errno));
        ok = false;
    }
    free(above);
    free(folder);
    return ok;
}

/* ---- all of them ---- */

void gp_files_in(gp_files *f, gp_input_kind kind, const char *what, const char *path)
{
    if (path && *path && strcmp(path, "-") != 0)
        gp_vec_push(&f->in, ((gp_named_input){what, path, kind}));
}

void gp_files_out(gp_files *f, gp_named_output one)
{
    if (one.path && *one.path && strcmp(one.path, "-") != 0)
        gp_vec_push(&f->out, one);
}

int gp_files_check(const gp_cli *c, const gp_files *f)
{
    char real[PATH_MAX];
    int status = -1;
    spot *spots = gp_xcalloc(f->out.n + 1, sizeof *spots);
    met *found = gp_xcalloc(f->out.n + 1, sizeof *found);
    for (size_t i = 0; i < f->out.n; i++)
        spots[i] = spot_of(f->out.at[i].path);
    walk_inputs(f, spots, found);
    for (size_t i = 0; i < f->out.n; i++) {
        const gp_named_output *o = &f->out.at[i];
        const spot to = spots[i];
        bool good = true;
        if (in_store(o, real)) {
            gp_cli_error(c, "%s%s '%s' is inside the store '%s', which only goldpit data writes: give another folder", o->place, o->what, o->path, real);
            status = GP_EXIT_USAGE;
            continue;
        }
        for (size_t k = 0; k < f->in.n && good; k++)
            good = !clashes(c, o, &to, &found[i], &f->in.at[k]);
        for (size_t k = 0; k < i && good; k++) {
            if ((to.there && !S_ISREG(to.st.st_mode)) || !(same_file(&to, &spots[k]) || strcmp(o->path, f->out.at[k].path) == 0))
                continue;
            gp_cli_error(c, "%s%s '%s' is the same file as %s '%s': give two names", o->place, o->what, o->path, f->out.at[k].what, f->out.at[k].path);
            good = false;
        }
        if (!good)
            status = GP_EXIT_USAGE;
        else if (!o->folder && !o->later && f->replaced && !can_be_made(c, f, o, &to) && status < 0)
            status = GP_EXIT_NO_DATA;
    }
    for (size_t i = 0; i < f->out.n; i++)
        free(found[i].path);
    free(found);
    free(spots);
    return status;
}

int gp_files_make(const gp_cli *c, const gp_files *f)
{
    int status = -1;
    for (size_t i = 0; i < f->out.n && status < 0; i++) {
        char *folder = folder_of(f->out.at[i].path);
        if (!f->out.at[i].later && !gp_path_exists(folder) && mkdir(folder, 0777) != 0 && errno != EEXIST) {
            gp_cli_error(c, "%s%s '%s': the folder '%s' cannot be made: %s", f->out.at[i].place, f->out.at[i].what, f->out.at[i].path, folder, strerror(errno));
            status = GP_EXIT_NO_DATA;
        }
        free(folder);
    }
    return status;
}

void gp_files_fini(gp_files *f)
{
    gp_vec_free(&f->in);
    gp_vec_free(&f->out);
}

int gp_cli_check_outputs(const gp_cli *c)
{
    gp_files f = {0};
    const struct { const char *what, *path; bool folder, block; } out[] = {
        {"--blk", c->blk, false, true}, {"--report", c->report, false, false}, {"--contact-sheet", c->contact_sheet, false, false},
        {"--plot", c->plot_dir, true, false}, {"--plot", c->plot_file, false, false}, {"-o", c->output, c->output && gp_path_is_dir(c->output), false},
        {"--trades", c->trades, false, false}, {"--equity", c->equity, false, false}};
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        gp_files_out(&f, (gp_named_output){.place = "", .what = out[i].what, .path = out[i].path, .folder = out[i].folder, .block = out[i].block});
    if (!f.out.n)
        return -1;
    for (int i = 0; i < c->n_args; i++) /* formulas and DATA; the name of a formula of the library is no file here */
        gp_files_in(&f, GP_INPUT_QUOTES, "the input", c->args[i]);
    for (int i = 0; i < c->n_index; i++)
        gp_files_in(&f, GP_INPUT_QUOTES, "the quotes of --index", c->index[i]);
    for (int i = 0; i < c->n_lists; i++)
        gp_files_in(&f, GP_INPUT_FILE, "the list of --universe", c->lists[i]);
    gp_files_in(&f, GP_INPUT_FILE, "the file of --fundamentals", c->fundamentals);
    gp_files_in(&f, GP_INPUT_FILE, "the file of --series", c->series);
    gp_files_in(&f, GP_INPUT_FILE, "the file of --events", c->events);
    gp_files_in(&f, GP_INPUT_FILE, "the profile", c->data.profile_name);
    gp_files_in(&f, GP_INPUT_BLOCKS, "the blocks of --blocks", c->blocks);
    gp_files_in(&f, GP_INPUT_FILE, "the formulas of --formulas", c->formulas);
    const int status = gp_files_check(c, &f);
    gp_files_fini(&f);
    return status;
}
