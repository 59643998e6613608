/* Pictures as files: what kind a name asks for, what is done to what gnuplot wrote, and writing it whole or not at all. */
#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/tidy.h"
#include "draw/draw.h"

static const char *const extensions[] = {"png", "svg", "pdf", "html", "six", "txt"};

const char *gp_picture_extension(gp_picture_format f)
{
    return (unsigned)f < sizeof extensions / sizeof *extensions ? extensions[f] : "";
}

bool gp_picture_format_of(const char *path, gp_picture_format *out)
{
    const char *dot = strrchr(path, '.');
    if (!dot || strchr(dot, '/'))
        return false;
    if (gp_str_ieqz(gp_str_from(dot + 1), "htm")) {
        *out = GP_PICTURE_HTML;
        return true;
    }
    for (size_t k = 0; k < sizeof extensions / sizeof *extensions; k++)
        if (gp_str_ieqz(gp_str_from(dot + 1), extensions[k])) {
            *out = (gp_picture_format)k;
            return true;
        }
    return false;
}

/* ---- saving ---- */

static const char *write_all(int fd, gp_str s)
{
    while (s.n) {
        const ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return strerror(n < 0 ? errno : ENOSPC);
        s.p += n;
        s.n -= (size_t)n;
    }
    return NULL;
}

/* Devices and pipes cannot be replaced by a file: they are written to. */
static bool is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static mode_t usual_mode(void)
{
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

const char *gp_picture_save(const char *path, gp_str bytes)
{
    gp_buf beside = {0};
    const char *slash = strrchr(path, '/'), *why = NULL;
    if (is_special(path)) {
        const int fd = open(path, O_WRONLY | O_CLOEXEC);
        why = fd < 0 ? strerror(errno) : write_all(fd, bytes);
        if (fd >= 0 && close(fd) != 0 && !why)
            why = strerror(errno);
        return why;
    }
    gp_buf_printf(&beside, "%.*s.goldpit-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path);
    gp_tidy_hold();
    const int fd = mkostemp(beside.p, O_CLOEXEC), tidy = fd < 0 ? -1 : gp_tidy_add(beside.p);
    gp_tidy_release();
    if (fd < 0) {
        why = strerror(errno);
        gp_buf_free(&beside);
        return why;
    }
    why = write_all(fd, bytes);
    if (!why && fchmod(fd, usual_mode()) != 0)
        why = strerror(errno);
    if (close(fd) != 0 && !why)
        why = strerror(errno);
    if (!why && rename(beside.p, path) != 0)
        why = strerror(errno);
    if (why)
        unlink(beside.p);
    gp_tidy_drop(tidy);
    gp_buf_free(&beside);
    return why;
}
