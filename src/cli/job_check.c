/* What can be known of a job before it runs: whether what it names is there, and whether its files can be written. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cli/among.h"
#include "cli/job.h"
#include "cli/outputs.h"
#include "market/store.h"
#include "market/universe.h"

const char *gp_job_place(job *j, const char *key, int n)
{
    for (size_t i = 0; i < j->keys.n; i++)
        if (strcmp(j->keys.at[i].key, key) == 0 && n-- == 0)
            return gp_arena_printf(&j->arena, "%s:%d: ", j->file, j->keys.at[i].line);
    return gp_arena_printf(&j->arena, "%s: ", j->file);
}

/* ---- [data] and [universe] ---- */

/* Of what was wrong the first thing is the exit status. */
static int first(int before, int now) { return before < 0 ? now : before; }

/* One line of [universe] by itself. */
static int check_member(job *j, const char *key, int n, const char *value)
{
    gp_cli *c = &j->cli;
    gp_cli one = {.command = c->command, .quiet = c->quiet, .zh = c->zh, .err_colour = c->err_colour, .diag_json = c->diag_json, .formulas = c->formulas,
                  .blocks = c->blocks, .asof = c->asof, .facts = c->facts, .seed = c->seed, .library = gp_cli_library(c)};
    int status = GP_EXIT_USAGE;
    if (strcmp(key, "code") == 0)
        one.codes = &c->codes[n], one.n_codes = 1;
    else if (strcmp(key, "universe") == 0)
        one.lists = &c->lists[n], one.n_lists = 1;
    else if (strcmp(key, "block") == 0)
        one.members_of = &c->members_of[n], one.n_members_of = 1;
    else if (strcmp(key, "exclude") == 0)
        one.excludes = &c->excludes[n], one.n_excludes = 1;
    else if (strcmp(key, "among") == 0)
        one.among = c->among;
    const bool ok = gp_cli_universe(&one, &status);
    gp_universe_free(one.data.universe);
    gp_among_free(one.among_of);
    if (!ok)
        gp_cli_error(c, "%s%s = %s cannot be used", gp_job_place(j, key, n), key, value);
    return ok ? -1 : status;
}

static int check_there(job *j, const char *key, int n, const char *path, bool folder)
{
    const char *why = NULL;
    struct stat st;
    if (stat(path, &st) != 0 || access(path, R_OK) != 0)
        why = strerror(errno);
    else if (folder && !S_ISDIR(st.st_mode))
        why = "it is no folder";
    if (why)
        gp_cli_error(&j->cli, "%s%s = %s: %s", gp_job_place(j, key, n), key, path, why);
    return why ? GP_EXIT_NO_DATA : -1;
}

static int check_data(job *j, bool whole)
{
    size_t there = 0;
    int status = -1;
    for (size_t i = 0; i < j->data.n; i++)
        there += strcmp(j->data.at[i], "-") == 0 || gp_path_exists(j->data.at[i]);
    for (size_t i = 0; i < j->data.n && (whole || !there); i++) /* a run goes on with what there is, and says so */
        if (strcmp(j->data.at[i], "-") != 0)
            status = first(status, check_there(j, "data", (int)i, j->data.at[i], false));
    return status;
}

static int check_profile(job *j)
{
    gp_cli one = {.command = j->cli.command, .quiet = j->cli.quiet, .err_colour = j->cli.err_colour, .data = {.profile_name = j->cli.data.profile_name}};
    const int status = gp_cli_profile(&one);
    gp_profile_free(one.own_profile);
    if (status != GP_EXIT_OK)
        gp_cli_error(&j->cli, "%sprofile = %s cannot be used", gp_job_place(j, "profile", 0), j->cli.data.profile_name);
    return status == GP_EXIT_OK ? -1 : status;
}

int gp_job_check(job *j, bool whole)
{
    static const char *const members[] = {"code", "universe", "block", "exclude", "among"};
    gp_cli *c = &j->cli;
    const struct { const char *key, *path; bool folder; } files[] = {{"fundamentals", c->fundamentals, false}, {"series", c->series, false},
                                                                     {"events", c->events, false}, {"blocks", c->blocks, true}};
    int status = check_data(j, whole);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].path && *files[i].path)
            status = first(status, check_there(j, files[i].key, 0, files[i].path, files[i].folder));
    for (int i = 0; i < c->n_index; i++)
        status = first(status, check_there(j, "index", i, c->index[i], false));
    if (j->state && gp_path_exists(j->state))
        status = first(status, check_there(j, "state", 0, j->state, true));
    if (c->data.profile_name)
        status = first(status, check_profile(j));
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
        int n = 0;
        for (size_t i = 0; i < j->keys.n; i++)
            if (strcmp(j->keys.at[i].key, members[m]) == 0) {
                status = first(status, check_member(j, members[m], n, j->keys.at[i].value));
                n++;
            }
    }
    return status;
}

/* ---- the files of the run ---- */

char *gp_job_dated(const char *path, int32_t day, char *unknown)
{
    gp_buf b = {0};
    gp_buf_addz(&b, "");
    for (const char *p = path; *p; p++) {
        if (*p != '%')
            gp_buf_addc(&b, *p);
        else if (*++p == 'Y')
            gp_buf_printf(&b, "%04d", (int)(day / 10000));
        else if (*p == 'm')
            gp_buf_printf(&b, "%02d", (int)(day / 100 % 100));
        else if (*p == 'd')
            gp_buf_printf(&b, "%02d", (int)(day % 100));
        else if (*p == '%')
            gp_buf_addc(&b, '%');
        else {
            if (unknown && !*unknown)
                *unknown = *p ? *p : '%';
            gp_buf_addc(&b, '%');
            if (!*p)
                break;
            gp_buf_addc(&b, *p);
        }
    }
    return b.p;
}

static int32_t today(void)
{
    const time_t t = time(NULL);
    struct tm tm;
    localtime_r(&t, &tm);
    return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

static void add_inputs(job *j, gp_files *f)
{
    const gp_cli *c = &j->cli;
    gp_files_in(f, GP_INPUT_FILE, "the job itself,", j->file);
    for (size_t i = 0; i < j->data.n; i++)
        gp_files_in(f, GP_INPUT_QUOTES, "data =", j->data.at[i]);
    for (int i = 0; i < c->n_index; i++)
        gp_files_in(f, GP_INPUT_QUOTES, "index =", c->index[i]);
    for (int i = 0; i < c->n_lists; i++)
        gp_files_in(f, GP_INPUT_FILE, "universe =", c->lists[i]);
    gp_files_in(f, GP_INPUT_FILE, "fundamentals =", c->fundamentals);
    gp_files_in(f, GP_INPUT_FILE, "series =", c->series);
    gp_files_in(f, GP_INPUT_FILE, "events =", c->events);
    gp_files_in(f, GP_INPUT_FILE, "profile =", c->data.profile_name);
    gp_files_in(f, GP_INPUT_BLOCKS, "blocks =", c->blocks);
    for (size_t i = 0; i < j->formulas.n; i++) {
        const job_formula *one = &j->formulas.at[i];
        gp_files_in(f, GP_INPUT_FILE, "formula =", one->formula && one->formula->src ? one->formula->src->name : one->word);
    }
    if (j->since && strcmp(j->since, j->json) != 0)
        gp_files_in(f, GP_INPUT_FILE, "since =", j->since);
}

int gp_job_check_files(job *j, int32_t newest, bool make)
{
    gp_files f = {.replaced = true, .make = true};
    const char *const lock = gp_arena_printf(&j->arena, "%s.lock", j->json), *const at_json = gp_job_place(j, "json", 0);
    add_inputs(j, &f);
    if (j->report) {
        gp_files_in(&f, GP_INPUT_FILE, "json =", j->json);
        gp_files_in(&f, GP_INPUT_FILE, "the lock", lock);
        gp_files_in(&f, GP_INPUT_FILE, "log =", j->log);
        gp_files_out(&f, (gp_named_output){.place = "", .what = "-o", .path = j->report});
    } else {
        gp_files_out(&f, (gp_named_output){.place = at_json, .what = "json =", .path = j->json});
        gp_files_out(&f, (gp_named_output){.place = at_json, .what = "the lock of json,", .path = lock});
        gp_files_out(&f, (gp_named_output){.place = gp_job_place(j, "log", 0), .what = "log =", .path = j->log, .appended = true});
    }
    for (size_t i = 0; i < j->outputs.n && !j->report; i++) {
        const job_output *o = &j->outputs.at[i];
        const char *percent = strchr(o->path, '%');
        char *path = gp_job_dated(o->path, newest ? newest : today(), NULL);
        gp_files_out(&f, (gp_named_output){.place = gp_arena_printf(&j->arena, "%s:%d: ", j->file, o->line), .what = "[output]",
                                           .path = gp_arena_strndup(&j->arena, path, strlen(path)), .block = o->format == JOB_BLK || o->format == JOB_EBK,
                                           .later = !newest && percent && strchr(percent, '/')});
        free(path);
    }
    int status = gp_files_check(&j->cli, &f);
    if (status < 0 && make)
        status = gp_files_make(&j->cli, &f);
    gp_files_fini(&f);
    return status;
}
