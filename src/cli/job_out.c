/* The files of a run: written beside their places first, put there together. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/tidy.h"
#include "cli/blk.h"
#include "cli/hit_charts.h"
#include "cli/job.h"

typedef struct made { char *path, *beside; int tidy; } made;
typedef GP_VEC(made) all_made;

/* ---- what a run that was killed has left ---- */

/* Is this name ".NAME.PID" of a path with %Y %m %d?  The process, or 0. */
static pid_t left_by(const char *name, const char *path)
{
    if (*name++ != '.')
        return 0;
    for (const char *p = path; *p; p++) {
        if (*p == '%' && p[1] && strchr("Ymd", p[1])) {
            for (int n = p[1] == 'Y' ? 4 : 2; n; n--, name++)
                if (!isdigit((unsigned char)*name))
                    return 0;
            p++;
            continue;
        }
        p += *p == '%' && p[1] == '%';
        if (*name++ != *p)
            return 0;
    }
    const size_t digits = *name == '.' ? strspn(name + 1, "0123456789") : 0;
    return digits && digits < 10 && !name[1 + digits] ? (pid_t)atoi(name + 1) : 0;
}

/* This run has the lock: only a report could be writing under such a name now, and that takes seconds. */
static bool is_stale(const char *path, pid_t by)
{
    enum { SECONDS = 3600 };
    struct stat st;
    if (by == getpid() || stat(path, &st) != 0)
        return false;
    return (kill(by, 0) != 0 && errno == ESRCH) || time(NULL) - st.st_mtime > SECONDS;
}

static void sweep(const char *path, int32_t newest)
{
    const char *slash = strrchr(path, '/');
    char *dated = gp_job_dated(path, newest, NULL), *end = strrchr(dated, '/');
    gp_buf one = {0};
    if (end)
        *end = 0;
    DIR *d = opendir(!end ? "." : *dated ? dated : "/");
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        const pid_t by = left_by(e->d_name, slash ? slash + 1 : path);
        one.n = 0;
        gp_buf_printf(&one, "%s%s%s", end ? dated : "", end ? "/" : "", e->d_name);
        if (by && is_stale(one.p, by))
            unlink(one.p);
    }
    if (d)
        closedir(d);
    gp_buf_free(&one);
    free(dated);
}

/* ---- writing ---- */

static FILE *begin(job *j, all_made *all, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t n = slash ? (size_t)(slash + 1 - path) : 0;
    gp_buf beside = {0};
    gp_buf_add(&beside, path, n);
    gp_buf_printf(&beside, ".%s.%ld", path + n, (long)getpid());
    const int tidy = gp_tidy_add(beside.p);
    FILE *f = fopen(beside.p, "wb");
    if (!f) {
        gp_cli_error(&j->cli, "cannot write '%s': %s", path, strerror(errno));
        gp_tidy_drop(tidy);
        gp_buf_free(&beside);
        return NULL;
    }
    made one = {gp_xstrndup(path, strlen(path)), beside.p, tidy};
    gp_vec_push(all, one);
    return f;
}

static bool end(job *j, FILE *f, const char *path, bool ok)
{
    int why = ok ? 0 : errno; /* of what could not be written before */
    ok &= !ferror(f);
    errno = 0;
    if (fflush(f) != 0 || fsync(fileno(f)) != 0)
        ok = false;
    if (fclose(f) != 0)
        ok = false;
    why = errno ? errno : why;
    if (!ok)
        gp_cli_error(&j->cli, "cannot write '%s': %s", path, why ? strerror(why) : "writing failed");
    return ok;
}

static bool asks_for(const job_output *o, const job_formula *f)
{
    for (size_t i = 0; i < o->formulas.n; i++)
        if (strcmp(o->formulas.at[i], f->name) == 0)
            return true;
    return o->formulas.n == 0;
}

static size_t rows_of(const job_formula *f) { return json_array_size(json_object_get(f->json, "hits")); }

/* One table of all formulas: formula, status, code, name, date, close, signals, and the columns that some formula has. */
static bool write_table(job *j, const job_output *o, FILE *out)
{
    static const gp_format formats[] = {GP_FORMAT_CSV, GP_FORMAT_JSON, GP_FORMAT_NDJSON, GP_FORMAT_TABLE};
    GP_VEC(gp_column) columns = {0};
    GP_VEC(gp_cell) cells = {0};
    gp_buf labels = {0};
    static const gp_column fixed[] = {{"formula", GP_CELL_TEXT, 0}, {"status", GP_CELL_TEXT, 0}, {"code", GP_CELL_TEXT, 0}, {"name", GP_CELL_TEXT, 0},
                                      {"date", GP_CELL_DATE, 0}, {"close", GP_CELL_NUMBER, -1}, {"signals", GP_CELL_LIST, 0}};
    enum { FIXED = sizeof fixed / sizeof *fixed };
    for (size_t i = 0; i < FIXED; i++)
        gp_vec_push(&columns, fixed[i]);
    for (size_t n = 0; n < j->formulas.n; n++)
        for (int k = 0; asks_for(o, &j->formulas.at[n]) && k < j->formulas.at[n].plan.n_cols; k++) {
            const char *name = j->formulas.at[n].plan.cols[k].name;
            bool again = false;
            for (size_t i = FIXED; i < columns.n; i++)
                again |= strcmp(columns.at[i].name, name) == 0;
            if (!again)
                gp_vec_push(&columns, ((gp_column){name, GP_CELL_NUMBER, -1}));
        }
    gp_writer *w = gp_writer_new(out, formats[o->format], columns.at, (int)columns.n, false);
    for (size_t n = 0; n < j->formulas.n; n++) {
        job_formula *f = &j->formulas.at[n];
        for (size_t i = 0; asks_for(o, f) && i < rows_of(f); i++) {
            const gp_hit *h = &f->result.hits[i];
            json_t *one = json_array_get(json_object_get(f->json, "hits"), i);
            cells.n = 0;
            gp_cli_labels(&f->plan, h, &labels);
            const gp_cell first[FIXED] = {{.text = gp_str_from(f->name)}, {.text = gp_str_from(json_string_value(json_object_get(one, "status")))},
                                          {.text = gp_str_from(h->code)}, {.text = gp_str_from(h->name)}, {.date = h->date, .time = h->time},
                                          {.number = h->close}, {.text = {labels.p, labels.n}}};
            for (size_t c = 0; c < FIXED; c++)
                gp_vec_push(&cells, first[c]);
            for (size_t c = FIXED; c < columns.n; c++) {
                gp_cell cell = {.number = NAN};
                for (int k = 0; k < f->plan.n_cols; k++)
                    if (strcmp(f->plan.cols[k].name, columns.at[c].name) == 0)
                        cell.number = h->values[k];
                gp_vec_push(&cells, cell);
            }
            gp_writer_row(w, cells.at);
        }
    }
    gp_buf_free(&labels);
    gp_vec_free(&cells);
    gp_vec_free(&columns);
    return gp_writer_end(w);
}

static bool write_block(job *j, const job_output *o, FILE *out)
{
    gp_buf all = {0};
    for (size_t n = 0; n < j->formulas.n; n++) {
        job_formula *f = &j->formulas.at[n];
        gp_buf one = {0};
        if (!asks_for(o, f))
            continue;
        gp_blk(&f->result, rows_of(f), false, &one);
        for (size_t at = 0; at + 9 <= one.n; at += 9) /* a security that several formulas found stands once */
            if (!all.n || !memmem(all.p, all.n, one.p + at, 9))
                gp_buf_add(&all, one.p + at, 9);
        gp_buf_free(&one);
    }
    bool ok = o->format != JOB_EBK || fwrite("\r\n", 1, 2, out) == 2;
    ok &= fwrite(all.p ? all.p : "", 1, all.n, out) == all.n;
    gp_buf_free(&all);
    return ok;
}

static bool write_page(job *j, const job_output *o, json_t *now, FILE *out)
{
    gp_buf page = {0};
    gp_job_page(j, o, now, &page); /* a page without some of its charts is better than none; what failed has been said */
    const bool ok = fwrite(page.p ? page.p : "", 1, page.n, out) == page.n;
    gp_buf_free(&page);
    return ok;
}

static bool write_one(job *j, all_made *all, const job_output *o, json_t *now, int32_t newest)
{
    char *path = gp_job_dated(o->path, newest, NULL);
    FILE *f = begin(j, all, path);
    bool ok = f != NULL;
    if (f) {
        ok = o->format == JOB_HTML ? write_page(j, o, now, f) : o->format >= JOB_BLK ? write_block(j, o, f) : write_table(j, o, f);
        ok = end(j, f, path, ok);
    }
    free(path);
    return ok;
}

bool gp_job_write(job *j, json_t *now, const char *json_path, int32_t newest)
{
    all_made all = {0};
    bool ok = true;
    const job_output only = {.path = j->report, .format = JOB_HTML};
    if (gp_job_check_files(j, newest, true) >= 0) /* once more: now the names with a date are known */
        return false;
    for (size_t i = 0; i < j->outputs.n && !j->report; i++)
        sweep(j->outputs.at[i].path, newest);
    sweep(j->report ? j->report : json_path, newest);
    if (j->report)
        ok = write_one(j, &all, &only, now, newest);
    for (size_t i = 0; i < j->outputs.n && ok && !j->report; i++)
        ok = write_one(j, &all, &j->outputs.at[i], now, newest);
    FILE *f = ok && !j->report ? begin(j, &all, json_path) : NULL;
    ok &= f != NULL || j->report;
    if (f)
        ok = end(j, f, json_path, json_dumpf(now, f, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0);
    alarm(0); /* what is put in its place is put there whole */
    for (size_t i = 0; i < all.n && ok; i++) /* the report last: with it the run has happened */
        if (rename(all.at[i].beside, all.at[i].path) != 0) {
            gp_cli_error(&j->cli, "cannot write '%s': %s", all.at[i].path, strerror(errno));
            ok = false;
        }
    for (size_t i = 0; i < all.n; i++) {
        if (!ok)
            unlink(all.at[i].beside);
        gp_tidy_drop(all.at[i].tidy);
        free(all.at[i].beside);
        free(all.at[i].path);
    }
    gp_vec_free(&all);
    return ok;
}
