/* goldpit fmt: the canonical layout of a formula. */
#include "cli/table.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/vec.h"

static const char *write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return strerror(errno);
        p += k;
        n -= (size_t)k;
    }
    return fsync(fd) == 0 ? NULL : strerror(errno);
}

/* The new text stands complete under another name before it takes the place of the old one.  NULL or the reason. */
static const char *replace_file(const char *path, const char *p, size_t n)
{
    char *real = realpath(path, NULL); /* a link stays a link */
    gp_buf temp = {0};
    struct stat st;
    const char *why = NULL;
    int fd;
    if (!real || stat(real, &st) != 0) {
        why = strerror(errno);
        free(real);
        return why;
    }
    gp_buf_printf(&temp, "%s.XXXXXX", real);
    fd = mkstemp(temp.p);
    if (fd < 0) {
        why = strerror(errno);
    } else {
        why = write_all(fd, p, n);
        if (!why && fchmod(fd, st.st_mode & 07777) != 0)
            why = strerror(errno);
        if (close(fd) != 0 && !why)
            why = strerror(errno);
        if (!why && rename(temp.p, real) != 0)
            why = strerror(errno);
        if (why)
            unlink(temp.p);
    }
    gp_buf_free(&temp);
    free(real);
    return why;
}

static int write_back(const gp_cli *c, const char *path, const gp_buf *text)
{
    gp_file old;
    const char *why = gp_file_open(path, &old);
    bool same;
    if (why) {
        gp_cli_error(c, "%s: %s", path, why);
        return GP_EXIT_FORMULA;
    }
    same = old.n == text->n && memcmp(old.p, text->p, text->n) == 0;
    gp_file_close(&old);
    if (same)
        return GP_EXIT_OK;
    why = replace_file(path, text->p, text->n);
    if (why) {
        gp_cli_error(c, "%s was not changed: %s", path, why);
        return GP_EXIT_NO_DATA;
    }
    gp_cli_note(c, "%s was formatted", path);
    return GP_EXIT_OK;
}

static int fmt_one(gp_cli *c)
{
    gp_diags d = {0};
    gp_buf text = {0};
    int status = GP_EXIT_FORMULA;
    const char *word = c->n_args ? c->args[0] : NULL;
    gp_formula *f;
    if (c->write && (!word || !gp_path_exists(word)))
        return gp_cli_usage(c, "--write needs the path of a file%s%s%s", word ? ", and '" : "", word ? word : "",
                            word ? "' is none" : "");
    f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    if (d.errors) { /* what could not be read cannot be laid out without losing it */
        gp_cli_diags(c, &d);
        gp_formula_free(f);
        return GP_EXIT_FORMULA;
    }
    gp_diags_fini(&d);
    gp_formula_format(f, &text);
    status = GP_EXIT_OK;
    if (c->write)
        status = write_back(c, word, &text);
    else
        gp_cli_put_text((gp_str){text.p ? text.p : "", text.n});
    gp_buf_free(&text);
    gp_formula_free(f);
    return status;
}

int gp_cmd_fmt(gp_cli *c)
{
    int worst = GP_EXIT_OK;
    if (c->expression && c->n_args)
        return gp_cli_usage(c, "both -e and '%s' were given; format one at a time", c->args[0]);
    if (c->expression || c->n_args == 0)
        return fmt_one(c);
    for (int i = 0; i < c->n_args; i++) {
        gp_cli one = *c;
        int status;
        one.args = c->args + i;
        one.n_args = 1;
        status = fmt_one(&one);
        worst = status > worst ? status : worst;
    }
    return worst;
}
