/* Whole files as bytes. */
#include "base/file.h"
#include "base/vec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below this a plain read is as quick as a mapping and does not depend on the file staying as long as it was. */
#define MAP_FROM ((size_t)8 << 20)
/* A pipe tells no length; stop before it fills the machine. */
#define STREAM_LIMIT ((size_t)1 << 30)

static const char *read_stream(int fd, gp_file *out)
{
    size_t cap = 0, n = 0;
    char *p = NULL;

    for (;;) {
        if (cap - n < 65536) {
            cap = cap ? cap * 2 : 131072;
            p = gp_xrealloc(p, cap);
        }
        ssize_t got = read(fd, p + n, cap - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const char *why = strerror(errno);
            free(p);
            return why;
        }
        if (got == 0) break;
        n += (size_t)got;
        if (n > STREAM_LIMIT) {
            free(p);
            return "more than 1 GiB came through a pipe; write it to a file first";
        }
    }
    out->heap = p;
    out->p = p;
    out->n = n;
    return NULL;
}

static const char *read_known(int fd, size_t size, gp_file *out)
{
    char *p = gp_xrealloc(NULL, size + 1);
    size_t n = 0;

    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const char *why = strerror(errno);
            free(p);
            return why;
        }
        if (got == 0) break; /* it became shorter meanwhile */
        n += (size_t)got;
    }
    p[n] = 0;
    out->heap = p;
    out->p = p;
    out->n = n;
    return NULL;
}

const char *gp_file_open(const char *path, gp_file *out)
{
    struct stat st;
    const char *why = NULL;
    int fd;

    *out = (gp_file){.p = ""};
    if (strcmp(path, "-") == 0) return read_stream(STDIN_FILENO, out);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    if (fstat(fd, &st) != 0) {
        why = strerror(errno);
    } else if (S_ISDIR(st.st_mode)) {
        why = strerror(EISDIR);
    } else if (!S_ISREG(st.st_mode) || st.st_size <= 0) {
        why = read_stream(fd, out); /* pipes, and what /proc calls empty */
    } else if ((uint64_t)st.st_size > SIZE_MAX / 2) {
        why = strerror(EFBIG);
    } else if ((size_t)st.st_size < MAP_FROM) {
        why = read_known(fd, (size_t)st.st_size, out);
    } else {
        void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED) {
            why = strerror(errno);
        } else {
            madvise(map, (size_t)st.st_size, MADV_SEQUENTIAL);
            out->map = map;
            out->map_n = (size_t)st.st_size;
            out->p = map;
            out->n = out->map_n;
        }
    }
    close(fd);
    return why;
}

const char *gp_file_copy(const char *path, gp_file *out, bool *changed)
{
    struct stat before, after;
    const char *why = NULL;
    int fd;

    *out = (gp_file){.p = ""};
    *changed = false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    if (fstat(fd, &before) != 0)
        why = strerror(errno);
    else if (S_ISDIR(before.st_mode))
        why = strerror(EISDIR);
    else if (S_ISREG(before.st_mode) && before.st_size > 0 && (uint64_t)before.st_size < SIZE_MAX / 2)
        why = read_known(fd, (size_t)before.st_size, out);
    else
        why = read_stream(fd, out);
    if (!why && S_ISREG(before.st_mode))
        *changed = fstat(fd, &after) != 0 || after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
                   after.st_mtim.tv_nsec != before.st_mtim.tv_nsec;
    close(fd);
    return why;
}

void gp_file_close(gp_file *f)
{
    if (f->map) munmap(f->map, f->map_n);
    free(f->heap);
    *f = (gp_file){.p = ""};
}

bool gp_path_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool gp_path_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}
