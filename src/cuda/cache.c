#include "cuda/cache.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "accel/folder.h"

enum { PATH = GP_ACCEL_PATH, HEX = 32, DAY = 86400, AGAIN = 64 /* writes between two looks at what there is */ };
static const char mark[8] = "GPKERN1";
typedef struct head { char mark[8]; gp_key sum; uint64_t bytes; } head;

gp_key gp_key_start(void)
{
    return (gp_key){0xcbf29ce484222325u, 0x84222325cbf29ce4u};
}

void gp_key_add(gp_key *k, const void *p, size_t n)
{
    const unsigned char *c = p;
    for (size_t i = 0; i < n; i++) {
        k->a = (k->a ^ c[i]) * 0x100000001b3u;
        k->b = (k->b + c[i]) * 0x9e3779b97f4a7c15u;
        k->b ^= k->b >> 29;
    }
}

void gp_key_text(gp_key *k, const char *z)
{
    gp_key_add(k, z, strlen(z) + 1);
}

static gp_key sum_of(const void *p, size_t n)
{
    gp_key k = gp_key_start();
    gp_key_add(&k, p, n);
    return k;
}

static bool path_of(char path[PATH], gp_key k, bool make)
{
    if (!gp_accel_folder(path, make)) return false;
    const size_t n = strlen(path);
    snprintf(path + n, PATH - n, "/%016llx%016llx.kernel", (unsigned long long)k.a, (unsigned long long)k.b);
    return true;
}

void *gp_cache_read(gp_key k, size_t *n)
{
    char path[PATH];
    head h;
    struct stat st;
    void *p = NULL;
    FILE *f = path_of(path, k, false) ? fopen(path, "rb") : NULL;
    if (!f) return NULL;
    if (fread(&h, sizeof h, 1, f) == 1 && memcmp(h.mark, mark, sizeof mark) == 0 && fstat(fileno(f), &st) == 0 &&
        (uint64_t)st.st_size == sizeof h + h.bytes && h.bytes > 0)
        p = malloc(h.bytes + 1);
    if (p && fread(p, 1, h.bytes, f) == h.bytes) {
        const gp_key sum = sum_of(p, h.bytes);
        if (sum.a == h.sum.a && sum.b == h.sum.b) {
            futimens(fileno(f), NULL); /* used now: the last to go */
            ((char *)p)[h.bytes] = 0; /* PTX is a text */
            *n = h.bytes;
            fclose(f);
            return p;
        }
    }
    free(p);
    fclose(f);
    return NULL;
}

/* Under another name first, so that nobody reads half of it. */
void gp_cache_write(gp_key k, const void *p, size_t n)
{
    char path[PATH], part[PATH + 16];
    head h = {.sum = sum_of(p, n), .bytes = n};
    memcpy(h.mark, mark, sizeof mark);
    if (!path_of(path, k, true)) return;
    snprintf(part, sizeof part, "%s.XXXXXX", path);
    const int fd = mkstemp(part);
    if (fd < 0) return;
    FILE *f = fdopen(fd, "wb");
    if (!f) {
        close(fd);
        unlink(part);
        return;
    }
    const bool good = fwrite(&h, sizeof h, 1, f) == 1 && fwrite(p, 1, n, f) == n;
    if ((fclose(f) != 0) | !good || rename(part, path) != 0) unlink(part);
    static atomic_uint writes;
    if (atomic_fetch_add(&writes, 1) % AGAIN == 0 && gp_accel_folder(path, false)) gp_cache_prune(path, GP_CACHE_BYTES, GP_CACHE_FILES);
}

void gp_cache_remove(gp_key k)
{
    char path[PATH];
    if (path_of(path, k, false)) unlink(path);
}

bool gp_cache_has(gp_key k)
{
    char path[PATH];
    return path_of(path, k, false) && access(path, R_OK) == 0;
}

/* ---- what is too much ---- */

typedef struct kept { char name[HEX + 8]; uint64_t bytes; struct timespec used; } kept;

/* "0123456789abcdef0123456789abcdef.kernel", or with ".XXXXXX" after it one that somebody writes, or left unfinished. */
static bool is_ours(const char *name, bool *part)
{
    static const char end[] = ".kernel";
    const size_t n = sizeof end - 1;
    if (strspn(name, "0123456789abcdef") != HEX || strncmp(name + HEX, end, n) != 0) return false;
    *part = name[HEX + n] == '.' && strlen(name + HEX + n) == 7;
    return *part || !name[HEX + n];
}

static int by_use(const void *a, const void *b)
{
    const kept *x = a, *y = b;
    if (x->used.tv_sec != y->used.tv_sec) return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec) return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static kept *list_kept(DIR *d, size_t *n, uint64_t *bytes)
{
    kept *all = NULL;
    size_t cap = 0;
    for (struct dirent *e; (e = readdir(d));) {
        struct stat st;
        bool part;
        if (!is_ours(e->d_name, &part) || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
        if (part) {
            if (st.st_mtim.tv_sec < time(NULL) - DAY) unlinkat(dirfd(d), e->d_name, 0); /* whoever wrote it was stopped */
            continue;
        }
        if (*n == cap) {
            kept *more = realloc(all, (cap = cap ? 2 * cap : 256) * sizeof *all);
            if (!more) break;
            all = more;
        }
        kept *one = &all[(*n)++];
        memcpy(one->name, e->d_name, HEX + sizeof ".kernel");
        one->bytes = (uint64_t)st.st_size;
        one->used = st.st_mtim;
        *bytes += one->bytes;
    }
    return all;
}

/* Down to three quarters, so that the next ones do not mean another look.  Other processes may do the same, or read a file that goes: they have
 * it open, or compile it again. */
void gp_cache_prune(const char *folder, uint64_t bytes, size_t files)
{
    DIR *d = opendir(folder);
    size_t n = 0;
    uint64_t all = 0;
    if (!d) return;
    kept *k = list_kept(d, &n, &all);
    if (all > bytes || n > files) {
        size_t left = n;
        qsort(k, n, sizeof *k, by_use);
        for (size_t i = 0; i < n && (all > bytes / 4 * 3 || left > files / 4 * 3); i++, left--) {
            unlinkat(dirfd(d), k[i].name, 0);
            all -= k[i].bytes;
        }
    }
    free(k);
    closedir(d);
}
