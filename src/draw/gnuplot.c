/* gnuplot as a process that draws one picture after the other into files of a folder of our own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/process.h"
#include "base/tidy.h"
#include "draw/chart.h"
#include "draw/draw.h"

#define DONE "goldpit-done "
#define VERSION "goldpit-version "
enum { OLDEST = 504, SECONDS = 60, LINES_SHOWN = 5, MOST_SAID = 1 << 20 };

typedef struct pending { int number; gp_buf title, facts; } pending; /* of a picture that is being drawn */

struct gp_gnuplot {
    const char *program;
    double seconds;      /* for one picture */
    gp_process process;
    char *dir;
    int lock;            /* of the folder: whose lock is gone, its owner is */
    int tidy;            /* the folder goes when a signal ends us */
    gp_buf heard;        /* of its standard error, up to the last whole line */
    gp_buf complaints;   /* the lines that are not ours */
    bool ended;
    int version;         /* 504: 5.4; 0: it has not said */
    gp_fonts *fonts;
    GP_VEC(pending) kept;
    int sent, done;      /* numbers of pictures */
};

/* ---- versions ---- */

/* "5.4" -> 504 */
static int version_of(const char *p)
{
    char *end;
    const long major = strtol(p, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return major > 0 && major < 100 && minor >= 0 && minor < 100 ? (int)(major * 100 + minor) : 0;
}

/* What it says of itself when asked on the command line, "gnuplot 4.6 patchlevel 6": old ones do not understand what they are asked otherwise,
 * and one may print elsewhere.  0: nothing of that kind. */
static int version_on_request(const gp_gnuplot *g)
{
    char *argv[] = {(char *)(uintptr_t)g->program, (char *)(uintptr_t)"--version", NULL};
    gp_process p;
    gp_buf out = {0};
    if (gp_process_start(&p, argv, NULL, GP_PROCESS_OUT))
        return 0;
    while (out.n < 4096 && gp_process_wait(&p, false, 2) && gp_process_read(&p, &out)) {
    }
    gp_process_end(&p, 0.2);
    const char *at = out.n ? strstr(out.p, "gnuplot ") : NULL;
    const int version = at ? version_of(at + strlen("gnuplot ")) : 0;
    gp_buf_free(&out);
    return version;
}

/* ---- reasons ---- */

/* The first lines it complained in, on one line. */
static void complaint(const gp_gnuplot *g, gp_buf *out)
{
    const char *p = g->complaints.p ? g->complaints.p : "";
    int lines = 0;
    for (; *p && lines < LINES_SHOWN; p += *p == '\n') {
        const size_t n = strcspn(p, "\n");
        const size_t skip = strspn(p, " ^\t");
        if (skip < n && strncmp(p, "gnuplot>", 8) != 0) {
            gp_buf_printf(out, "%s%.*s", out->n ? "; " : "", n - skip > 200 ? 200 : (int)(n - skip), p + skip);
            lines++;
        }
        p += n;
    }
}

/* It is gone: says how it ended. */
static void say_ended(gp_gnuplot *g, gp_diags *d)
{
    gp_tidy_writer(g->tidy, 0);
    const int status = gp_process_end(&g->process, 1);
    gp_buf said = {0};
    const int version = g->version || WIFSIGNALED(status) ? g->version : version_on_request(g);
    complaint(g, &said);
    if (WIFSIGNALED(status))
        gp_diag_file(d, GP_D_GNUPLOT_KILLED, NULL, 0, 0, g->program, WTERMSIG(status));
    else if (!g->version && version && version < OLDEST) /* it does not know -d, or what it was asked */
        gp_diag_file(d, GP_D_GNUPLOT_OLD, NULL, 0, 0, g->program, version / 100, version % 100, OLDEST / 100, OLDEST % 100);
    else if (!g->version)
        gp_diag_file(d, GP_D_GNUPLOT_ODD, NULL, 0, 0, g->program, said.n ? said.p : "nothing");
    else
        gp_diag_file(d, GP_D_GNUPLOT_REFUSED, NULL, 0, 0, said.n ? said.p : "it ended without a word");
    gp_buf_free(&said);
}

/* ---- listening ---- */

static void hear_line(gp_gnuplot *g, const char *p, size_t n)
{
    if (n > strlen(DONE) && memcmp(p, DONE, strlen(DONE)) == 0)
        g->done = atoi(p + strlen(DONE));
    else if (n > strlen(VERSION) && memcmp(p, VERSION, strlen(VERSION)) == 0)
        g->version = version_of(p + strlen(VERSION));
    if (g->complaints.n + n < MOST_SAID && memcmp(p, "goldpit-", n < 8 ? n : 8) != 0) {
        gp_buf_add(&g->complaints, p, n);
        gp_buf_addc(&g->complaints, '\n');
    }
}

static void listen_to(gp_gnuplot *g)
{
    size_t at = 0;
    if (!gp_process_read(&g->process, &g->heard))
        g->ended = true;
    for (size_t i = 0; i < g->heard.n; i++)
        if (g->heard.p[i] == '\n') {
            hear_line(g, g->heard.p + at, i - at);
            at = i + 1;
        }
    if (g->ended && at < g->heard.n) {
        hear_line(g, g->heard.p + at, g->heard.n - at);
        at = g->heard.n;
    }
    if (at)
        memmove(g->heard.p, g->heard.p + at, g->heard.n - at + 1);
    g->heard.n -= at;
}

static bool too_late(gp_gnuplot *g, gp_diags *d)
{
    gp_diag_file(d, GP_D_GNUPLOT_SLOW, NULL, 0, 0, g->program, g->seconds);
    gp_tidy_writer(g->tidy, 0);
    gp_process_end(&g->process, 0);
    g->ended = true;
    return false;
}

/* Writes it all while listening, so that neither waits for the other for ever. */
static bool say(gp_gnuplot *g, gp_str text, gp_diags *d)
{
    while (text.n) {
        const ssize_t n = gp_process_write(&g->process, text);
        if (n < 0 || g->ended) {
            while (!g->ended && gp_process_wait(&g->process, false, 1))
                listen_to(g);
            say_ended(g, d);
            g->ended = true;
            return false;
        }
        text.p += n;
        text.n -= (size_t)n;
        if (!text.n)
            break;
        if (!gp_process_wait(&g->process, true, g->seconds))
            return too_late(g, d);
        listen_to(g);
    }
    return true;
}

static bool hear_from(gp_gnuplot *g, int number, gp_diags *d)
{
    struct timespec t0, t;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    while (g->done < number) {
        clock_gettime(CLOCK_MONOTONIC, &t);
        const double left = g->seconds - (double)(t.tv_sec - t0.tv_sec) - (double)(t.tv_nsec - t0.tv_nsec) * 1e-9;
        if (g->process.pid == 0)
            return false; /* its end was told before */
        if (left <= 0 || !gp_process_wait(&g->process, false, left))
            return too_late(g, d);
        listen_to(g);
        if (g->ended && g->done < number) {
            say_ended(g, d);
            return false;
        }
    }
    return true;
}

/* ---- beginning and end ---- */

#define PREFIX "goldpit-"
enum { RANDOM = 6, YOUNG = 60 /* seconds: its owner may not have locked it yet */ };

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    rmdir(path);
}

/* Folders of programs that were killed: ours by owner and name, old, and locked by nobody. */
static void sweep(const char *at)
{
    static bool done;
    gp_buf path = {0};
    DIR *d = done ? NULL : opendir(at);
    done = true;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct stat st;
        if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 || strlen(e->d_name) != strlen(PREFIX) + RANDOM)
            continue;
        path.n = 0;
        gp_buf_printf(&path, "%s/%s", at, e->d_name);
        const int fd = open(path.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && time(NULL) - st.st_mtime > YOUNG && flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_folder(path.p);
        close(fd);
    }
    if (d)
        closedir(d);
    gp_buf_free(&path);
}

static char *new_folder(int *lock)
{
    const char *at = getenv("TMPDIR");
    gp_buf path = {0};
    at = at && *at == '/' ? at : "/tmp";
    sweep(at);
    gp_buf_printf(&path, "%s/" PREFIX "XXXXXX", at);
    if (!mkdtemp(path.p)) {
        const int why = errno;
        gp_buf_free(&path);
        errno = why;
        return NULL;
    }
    *lock = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock >= 0)
        flock(*lock, LOCK_EX | LOCK_NB);
    return path.p;
}

static double seconds_allowed(void)
{
    const char *z = getenv("GOLDPIT_GNUPLOT_SECONDS");
    const double v = z ? strtod(z, NULL) : 0;
    return v > 0 && v < 1e6 ? v : SECONDS;
}

gp_gnuplot *gp_gnuplot_start(gp_fonts *fonts, gp_diags *d)
{
    const char *program = getenv("GOLDPIT_GNUPLOT");
    gp_gnuplot *g = gp_xcalloc(1, sizeof *g);
    g->program = program && *program ? program : "gnuplot";
    g->seconds = seconds_allowed();
    g->fonts = fonts;
    gp_tidy_hold();
    g->dir = new_folder(&g->lock);
    g->tidy = g->dir ? gp_tidy_add(g->dir) : -1;
    gp_tidy_release();
    if (!g->dir) {
        gp_diag_file(d, GP_D_PICTURE_FOLDER, NULL, 0, 0, strerror(errno));
        free(g);
        return NULL;
    }
    char *argv[] = {(char *)(uintptr_t)g->program, (char *)(uintptr_t)"-d", NULL}; /* -d: not with the settings of its user */
    char real[4096];
    const char *slash = strchr(g->program, '/');
    if (slash && realpath(g->program, real)) /* it runs in another folder */
        argv[0] = real;
    gp_tidy_hold();
    const char *why = gp_process_start(&g->process, argv, g->dir, 0);
    gp_tidy_writer(g->tidy, why ? 0 : g->process.pid);
    gp_tidy_release();
    if (why) {
        gp_diag_file(d, GP_D_NO_GNUPLOT, NULL, 0, 0, g->program, why);
        gp_gnuplot_free(g);
        return NULL;
    }
    static const char ask[] = "print '" VERSION "', GPVAL_VERSION\nprint '" DONE "1'\n";
    g->sent = 1;
    bool ok = say(g, (gp_str){ask, sizeof ask - 1}, d) && hear_from(g, 1, d);
    if (ok && !g->version)
        g->version = version_on_request(g);
    if (ok && !g->version) {
        gp_diag_file(d, GP_D_GNUPLOT_ODD, NULL, 0, 0, g->program, "no version");
        ok = false;
    } else if (ok && g->version < OLDEST) {
        gp_diag_file(d, GP_D_GNUPLOT_OLD, NULL, 0, 0, g->program, g->version / 100, g->version % 100, OLDEST / 100, OLDEST % 100);
        ok = false;
    }
    if (!ok) {
        gp_gnuplot_free(g);
        return NULL;
    }
    return g;
}

/* ---- pictures ---- */

static void file_of(const gp_gnuplot *g, int number, gp_picture_format format, gp_buf *out)
{
    gp_buf_printf(out, "%s/%d.%s", g->dir, number, gp_picture_extension(format));
}

static void forget_file(const gp_gnuplot *g, int number, gp_picture_format format)
{
    gp_buf path = {0};
    file_of(g, number, format, &path);
    unlink(path.p);
    gp_buf_free(&path);
}

/* The number of the next picture; 0 after saying why there is none. */
static int next_number(gp_gnuplot *g, const gp_picture_opts *o, gp_buf *name, gp_diags *d)
{
    if (g->ended || !g->process.pid) {
        if (g->process.pid)
            say_ended(g, d);
        return 0;
    }
    gp_buf_printf(name, "%d.%s", g->sent + 1, gp_picture_extension(o->format));
    return g->sent + 1;
}

/* Frees script and name. */
static int send_script(gp_gnuplot *g, int number, gp_buf *script, gp_buf *name, gp_diags *d)
{
    gp_buf_printf(script, "print '" DONE "%d'\n", number);
    g->sent = number;
    const bool ok = say(g, (gp_str){script->p, script->n}, d);
    gp_buf_free(script);
    gp_buf_free(name);
    return ok ? number : 0;
}

int gp_picture_send(gp_gnuplot *g, const gp_picture *p, const gp_picture_opts *o, gp_diags *d)
{
    gp_buf script = {0}, name = {0};
    const int number = next_number(g, o, &name, d);
    if (!number)
        return 0;
    gp_sheet sheet;
    pending kept = {.number = number};
    gp_sheet_make(&sheet, p, o);
    gp_script_whole(&sheet, name.p, g->fonts, &script, d);
    if (o->format == GP_PICTURE_HTML) {
        gp_buf more = {0};
        gp_sheet_heading(&sheet, &kept.title, &more);
        gp_buf_printf(&kept.title, "\n%s", more.p);
        gp_buf_free(&more);
        gp_html_facts(&sheet, &kept.facts);
    }
    gp_sheet_fini(&sheet);
    gp_vec_push(&g->kept, kept);
    return send_script(g, number, &script, &name, d);
}

bool gp_chart_draw(gp_gnuplot *g, const gp_chart *c, const gp_picture_opts *o, gp_buf *out, gp_diags *d)
{
    gp_buf script = {0}, name = {0};
    const int number = next_number(g, o, &name, d);
    if (!number)
        return false;
    pending kept = {.number = number};
    gp_chart_make(c, o, name.p, g->fonts, &script, o->format == GP_PICTURE_HTML ? &kept.facts : NULL, d);
    if (o->format == GP_PICTURE_HTML)
        gp_buf_printf(&kept.title, "%s\n%s%s%s", c->title, c->caption ? c->caption : "", c->warning ? " " : "", c->warning ? c->warning : "");
    gp_vec_push(&g->kept, kept);
    return send_script(g, number, &script, &name, d) && gp_picture_wait(g, number, o, out, d);
}

static bool ends_with(const gp_file *f, const char *tail)
{
    const size_t n = strlen(tail);
    for (size_t at = f->n; at >= n && at + 16 > f->n; at--) /* white space may follow */
        if (memcmp(f->p + at - n, tail, n) == 0)
            return true;
    return false;
}

/* gnuplot does not say when the disk is full: a file without its end is not whole. */
static bool is_whole(const gp_file *f, gp_picture_format format)
{
    switch (format) {
    case GP_PICTURE_PNG: return f->n > 8 && memcmp(f->p, "\x89PNG", 4) == 0 && f->n > 12 && memcmp(f->p + f->n - 8, "IEND", 4) == 0;
    case GP_PICTURE_SVG:
    case GP_PICTURE_HTML: return ends_with(f, "</svg>");
    case GP_PICTURE_PDF: return f->n > 5 && memcmp(f->p, "%PDF-", 5) == 0 && ends_with(f, "%%EOF");
    case GP_PICTURE_SIXEL: return ends_with(f, "\033\\");
    default: return false;
    }
}

static void forget_first(gp_gnuplot *g)
{
    gp_buf_free(&g->kept.at[0].title);
    gp_buf_free(&g->kept.at[0].facts);
    memmove(g->kept.at, g->kept.at + 1, --g->kept.n * sizeof *g->kept.at);
}

static void finish(const gp_gnuplot *g, int number, const gp_picture_opts *o, gp_str file, gp_buf *out)
{
    if (o->format == GP_PICTURE_HTML && g->kept.n && g->kept.at[0].number == number)
        gp_html_page(o, g->kept.at[0].title.p, (gp_str){g->kept.at[0].facts.p, g->kept.at[0].facts.n}, file, out);
    else if (o->format == GP_PICTURE_SVG)
        gp_svg_finish(file, out);
    else
        gp_buf_add(out, file.p, file.n);
}

bool gp_picture_wait(gp_gnuplot *g, int number, const gp_picture_opts *o, gp_buf *out, gp_diags *d)
{
    gp_buf path = {0}, said = {0};
    gp_file f;
    if (number <= 0 || !hear_from(g, number, d))
        return false;
    while (g->kept.n && g->kept.at[0].number < number)
        forget_first(g);
    file_of(g, number, o->format, &path);
    const char *why = gp_file_open(path.p, &f);
    bool ok = !why && is_whole(&f, o->format);
    complaint(g, &said);
    g->complaints.n = 0;
    if (ok) {
        finish(g, number, o, (gp_str){f.p, f.n}, out);
        if (said.n)
            gp_diag_file(d, GP_D_GNUPLOT_SAID, NULL, 0, 0, said.p);
    } else {
        gp_diag_file(d, GP_D_PICTURE_NOT_WHOLE, NULL, 0, 0, why ? why : f.n ? "its end is missing" : "it is empty", said.n ? ": " : "", said.n ? said.p : "", g->dir);
    }
    if (!why)
        gp_file_close(&f);
    forget_file(g, number, o->format);
    while (g->kept.n && g->kept.at[0].number <= number)
        forget_first(g);
    gp_buf_free(&path);
    gp_buf_free(&said);
    return ok;
}

bool gp_gnuplot_runs(const gp_gnuplot *g) { return g && g->process.pid && !g->ended; }

bool gp_picture_draw(gp_gnuplot *g, const gp_picture *p, const gp_picture_opts *o, gp_buf *out, gp_diags *d)
{
    const int number = gp_picture_send(g, p, o, d);
    return number > 0 && gp_picture_wait(g, number, o, out, d);
}

void gp_gnuplot_free(gp_gnuplot *g)
{
    if (!g)
        return;
    if (g->ended)
        gp_tidy_writer(g->tidy, 0);
    gp_process_end(&g->process, g->ended ? 0 : 5);
    gp_tidy_writer(g->tidy, 0);
    for (int k = g->sent; k > 0 && k >= g->done - 1; k--) /* what was not taken */
        for (int f = 0; f <= GP_PICTURE_SIXEL; f++)
            forget_file(g, k, (gp_picture_format)f);
    rmdir(g->dir);
    gp_tidy_drop(g->tidy);
    if (g->lock >= 0)
        close(g->lock);
    while (g->kept.n)
        forget_first(g);
    gp_vec_free(&g->kept);
    free(g->dir);
    gp_buf_free(&g->heard);
    gp_buf_free(&g->complaints);
    free(g);
}
