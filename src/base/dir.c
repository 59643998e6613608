/* Walking a folder in a fixed order. */
#include "base/file.h"
#include "base/vec.h"
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>

enum { MAX_LINKS = 16, MAX_DEPTH = 256 };

typedef struct frame {
    const struct frame *up;
    dev_t dev;
    ino_t ino;
    int links, depth;
} frame;
typedef struct walk {
    void (*visit)(void *ctx, const char *path, size_t bytes);
    void *ctx;
} walk;
typedef GP_VEC(char *) names;

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *list(const char *dir, names *out)
{
    DIR *d = opendir(dir);
    struct dirent *entry;

    if (!d) return strerror(errno);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        char *name = gp_xrealloc(NULL, strlen(entry->d_name) + 1);
        strcpy(name, entry->d_name);
        gp_vec_push(out, name);
    }
    closedir(d);
    if (out->n) qsort(out->at, out->n, sizeof *out->at, by_bytes);
    return NULL;
}

static const char *walk_dir(const walk *w, const char *dir, const frame *here);

static void walk_entry(const walk *w, const char *path, const frame *here)
{
    struct stat st, link;

    if (lstat(path, &link) != 0) return; /* gone meanwhile */
    st = link;
    if (S_ISLNK(link.st_mode) && stat(path, &st) != 0) return; /* a dangling link */
    if (S_ISREG(st.st_mode)) {
        w->visit(w->ctx, path, (size_t)st.st_size);
    } else if (S_ISDIR(st.st_mode)) {
        frame below = {here, st.st_dev, st.st_ino, here->links + (S_ISLNK(link.st_mode) ? 1 : 0), here->depth + 1};
        /* A folder that contains itself through a link would give every file many times over. */
        for (const frame *f = here; f; f = f->up)
            if (f->dev == st.st_dev && f->ino == st.st_ino) return;
        if (below.links > MAX_LINKS || below.depth > MAX_DEPTH) return;
        if (walk_dir(w, path, &below)) w->visit(w->ctx, path, GP_DIR_UNREADABLE);
    }
}

static const char *walk_dir(const walk *w, const char *dir, const frame *here)
{
    names entries = {0};
    const char *why = list(dir, &entries);
    size_t n = strlen(dir);

    while (n > 1 && dir[n - 1] == '/') n--;
    for (size_t i = 0; i < entries.n; i++) {
        size_t length = strlen(entries.at[i]);
        char *path = gp_xrealloc(NULL, n + length + 2);
        memcpy(path, dir, n);
        path[n] = '/';
        memcpy(path + n + (dir[n - 1] == '/' ? 0 : 1), entries.at[i], length + 1);
        walk_entry(w, path, here);
        free(path);
        free(entries.at[i]);
    }
    gp_vec_free(&entries);
    return why;
}

const char *gp_dir_walk(const char *dir, void (*visit)(void *ctx, const char *path, size_t bytes), void *ctx)
{
    walk w = {visit, ctx};
    struct stat st;

    if (*dir == 0) return strerror(ENOENT);
    if (stat(dir, &st) != 0) return strerror(errno);
    return walk_dir(&w, dir, &(frame){NULL, st.st_dev, st.st_ino, 0, 0});
}
