/* Whole files as bytes. */
#include "base/file.h"
#include "base/vec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* From here on the pages for a file are asked for in pieces of 2 MiB, where the system has them: filling small ones takes longer than the copy. */
#define LARGE ((size_t)8 << 20)
#define PAGE ((size_t)2 << 20)
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

/* Room for n bytes and a zero. */
static char *room_for(size_t n)
{
    if (n < LARGE) return gp_xrealloc(NULL, n + 1);
    const size_t bytes = (n + 1 + PAGE - 1) / PAGE * PAGE;
    char *p = aligned_alloc(PAGE, bytes);
    if (!p) return gp_xrealloc(NULL, n + 1); /* says that there is no memory, and ends */
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

static const char *read_known(int fd, size_t size, gp_file *out)
{
    char *p = room_for(size);
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

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

const char *gp_file_open(const char *path, gp_file *out)
{
    struct stat before, after;
    const char *why = NULL;
    int fd;

    *out = (gp_file){.p = ""};
    if (strcmp(path, "-") == 0) return read_stream(STDIN_FILENO, out);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return strerror(errno);
    if (fstat(fd, &before) != 0)
        why = strerror(errno);
    else if (S_ISDIR(before.st_mode))
        why = strerror(EISDIR);
    else if (!S_ISREG(before.st_mode) || before.st_size <= 0)
        why = read_stream(fd, out); /* pipes, and what /proc calls empty */
    else if ((uint64_t)before.st_size > SIZE_MAX / 2)
        why = strerror(EFBIG);
    else
        why = read_known(fd, (size_t)before.st_size, out);
    if (!why && S_ISREG(before.st_mode) && before.st_size > 0) out->changed = fstat(fd, &after) != 0 || !same_file(&before, &after);
    close(fd);
    return why;
}

void gp_file_close(gp_file *f)
{
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
