/* goldpit run: the nightly job. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/tidy.h"
#include "cli/job.h"
#include "eval/state.h"
#include "market/store.h"
#include "market/universe.h"

enum { GP_THEME_LIGHT_WORD = 2 /* of --theme tdx|dark|light: a page is white */ };

/* ---- one at a time, and not for ever ---- */

/* The lock ends with the process, however that ends. */
static int take_lock(job *j, int *status)
{
    gp_buf path = {0};
    char pid[32] = "";
    gp_buf_printf(&path, "%s.lock", j->json);
    const int fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        gp_cli_error(&j->cli, "cannot write '%s': %s", path.p, strerror(errno));
        *status = GP_EXIT_NO_DATA;
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
        pid[n > 0 ? n : 0] = 0;
        gp_cli_error(&j->cli, "this job is running already: process %ld holds %s", strtol(pid, NULL, 10), path.p);
        *status = GP_EXIT_LOCKED;
    } else {
        const int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
        if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) { /* a full disk: the lock holds all the same */
        }
        gp_buf_free(&path);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    gp_buf_free(&path);
    return -1;
}

/* Nothing has been put in its place yet when this comes, or everything has. */
static void too_late(int unused)
{
    static const char said[] = "goldpit run: error: the time of the job is over; nothing was changed\n";
    (void)unused;
    if (write(STDERR_FILENO, said, sizeof said - 1) < 0) {
    }
    gp_tidy_now(); /* files and pictures in the making */
    _exit(GP_EXIT_FAILED);
}

/* ---- formulas ---- */

static void take_options(job_formula *f, const gp_cli *base)
{
    gp_cli own = f->cli;
    f->cli = *base;
    f->cli.params = own.params, f->cli.n_params = own.n_params;
    f->cli.signals = own.signals, f->cli.n_signals = own.n_signals;
    f->cli.cols = own.cols, f->cli.n_cols = own.n_cols;
    f->cli.select = own.select, f->cli.where = own.where, f->cli.sort = own.sort;
    f->cli.within = own.within, f->cli.top = own.top;
    f->cli.dialect = own.dialect, f->cli.encoding = own.encoding;
    f->cli.exact_compare = own.exact_compare, f->cli.f32 = own.f32, f->cli.null_cond = own.null_cond;
    f->cli.chip_model = own.chip_model, f->cli.closed_periods = own.closed_periods;
    f->cli.seed = own.seed ? own.seed : base->seed;
}

int gp_job_plan(job *j)
{
    int worst = -1;
    gp_cli_library(&j->cli);
    gp_run_facts_settle(&j->cli.facts); /* one clock for all formulas: those that differ in it do not share a program */
    for (size_t i = 0; i < j->formulas.n; i++) {
        job_formula *f = &j->formulas.at[i];
        gp_diags d = {0};
        int status = GP_EXIT_FORMULA;
        take_options(f, &j->cli);
        f->cli.args = &f->word;
        f->cli.n_args = 1;
        f->formula = gp_cli_formula(&f->cli, true, &d, &status);
        f->cli.args = NULL;
        f->cli.n_args = 0;
        gp_plan_status made = GP_PLAN_FORMULA;
        if (f->formula) {
            gp_plan_spec spec = {.signals = f->cli.signals, .n_signals = f->cli.n_signals, .select = f->cli.select, .where = f->cli.where,
                                 .cols = f->cli.cols, .n_cols = f->cli.n_cols, .sort = f->cli.sort, .compile = gp_cli_compile_opts(&f->cli)};
            made = gp_plan_new(f->formula, &spec, &f->plan, &d);
            f->planned = made == GP_PLAN_OK;
            status = made == GP_PLAN_USAGE ? GP_EXIT_USAGE : GP_EXIT_FORMULA;
        }
        gp_cli_diags(&f->cli, &d);
        if (!f->planned) {
            gp_cli_error(&j->cli, "%s:%d: [formula %s] cannot be used", j->file, f->line, f->name);
            worst = status > worst ? status : worst;
        }
    }
    return worst;
}

/* ---- the scan ---- */

typedef struct scan_of {
    gp_pass pass;
    gp_inputs inputs;
    gp_companions *companions;
    gp_states *states;
    gp_accel *accel;
    gp_scan_opts *options;
    gp_scan_result *results;
    gp_diags d;
    int bad;
    const char **warnings;
    size_t n_warnings;
    json_t *before; /* the report of the run before */
} scan_of;

/* accel = cuda: all formulas in few launches, from the first bar on; nothing goes on from states there, nor is kept. */
static void open_accel(job *j, scan_of *s)
{
    if (!j->report && j->cli.accel == GP_ACCEL_CUDA)
        s->accel = gp_cli_accel(&j->cli);
}

static void close_accel(job *j, scan_of *s)
{
    if (!s->accel)
        return;
    const gp_accel_stats a = gp_accel_counts(s->accel);
    gp_job_stage(j, "stage=accel lanes=%zu interpreted=%zu processor=%zu launches=%zu compile=%.2f kernels=%.3f", a.device, a.interpreted, a.host, a.launches,
                 a.compile_s, a.kernel_s);
    gp_cli_accel_end(&j->cli, s->accel);
    s->accel = NULL;
}

/* Beside the store, unless the job says where. */
static void open_states(job *j, scan_of *s)
{
    gp_buf path = {0}, note = {0};
    if (j->report || s->accel)
        return;
    if (!j->state && !(j->data.n == 1 && gp_store_is(j->data.at[0])))
        return;
    if (j->state)
        gp_buf_printf(&path, "%s", j->state);
    else
        gp_buf_printf(&path, "%s/state", j->data.at[0]);
    if (mkdir(path.p, 0777) == 0 || errno == EEXIST) {
        gp_buf_printf(&path, "/%016llx", (unsigned long long)gp_pass_hash(&s->pass));
        s->states = gp_states_open(&s->pass, path.p, &note);
    } else {
        gp_buf_printf(&note, "no states are kept: %s: %s", path.p, strerror(errno));
    }
    for (size_t i = 0; i < j->formulas.n && s->states; i++) {
        const char *why;
        if (!gp_program_resumable(j->formulas.at[i].plan.program, &why))
            gp_job_stage(j, "stage=state formula=\"%s\" note=\"always computed from the first bar: %s\"", j->formulas.at[i].name, why);
    }
    if (note.n)
        gp_job_stage(j, "stage=state note=\"%s\"", note.p);
    gp_buf_free(&path);
    gp_buf_free(&note);
}

static bool companions_of(job *j, scan_of *s, int *status)
{
    const gp_cli *c = &j->cli;
    gp_companion_opts o = {.index = c->index, .n_index = c->n_index, .fundamentals = c->fundamentals, .blocks = c->blocks, .series = c->series,
                           .events = c->events, .capital = c->capital_given ? c->capital : NAN, .data = &s->inputs, .counted = s->pass.n_programs};
    gp_diags d = {0};
    bool any = false;
    for (int i = 0; i < s->pass.n_programs; i++) {
        int n;
        gp_program_externals(s->pass.programs[i], &n);
        any |= n > 0;
    }
    if (!any)
        return true;
    s->companions = gp_companions_new(s->pass.programs, s->pass.n_programs, &o, &d);
    *status = GP_EXIT_USAGE;
    for (size_t i = 0; i < d.n && !s->companions; i++)
        if (d.at[i].severity == GP_ERROR && d.at[i].span.src == NULL)
            *status = GP_EXIT_NO_DATA;
    gp_cli_diags(c, &d);
    return s->companions != NULL;
}

static void prepare(job *j, scan_of *s)
{
    const gp_plan **plans = gp_xcalloc(j->formulas.n, sizeof *plans);
    for (size_t i = 0; i < j->formulas.n; i++)
        plans[i] = &j->formulas.at[i].plan;
    gp_pass_new_resumable(plans, (int)j->formulas.n, &s->pass);
    s->options = gp_xcalloc(j->formulas.n, sizeof *s->options);
    s->results = gp_xcalloc(j->formulas.n, sizeof *s->results);
    free(plans);
}

static void scan(job *j, scan_of *s)
{
    for (size_t i = 0; i < j->formulas.n; i++)
        s->options[i] = (gp_scan_opts){.jobs = j->cli.jobs, .within = j->formulas.at[i].cli.within, .asof = j->cli.asof, .companions = s->companions,
                                       .states = s->states, .accel = s->accel, .trail = 2};
    gp_scan_run_many(&s->pass, &s->inputs, s->options, s->results, &s->d);
    for (size_t i = 0; i < j->formulas.n; i++) {
        j->formulas.at[i].result = s->results[i];
        s->results[i] = (gp_scan_result){0};
    }
}

/* What securities lacked, into the log and among the warnings of the report: a signal that is null is no signal, and nobody would know. */
static void add_notes(job *j, scan_of *s)
{
    gp_buf notes = {0};
    if (s->companions)
        gp_companions_notes(s->companions, &notes);
    for (const char *p = notes.p, *end; p && (end = strchr(p, '\n')); p = end + 1) {
        s->warnings = gp_xrealloc(s->warnings, (s->n_warnings + 1) * sizeof *s->warnings);
        s->warnings[s->n_warnings++] = gp_xstrndup(p, (size_t)(end - p));
        gp_job_stage(j, "stage=note text=\"%.*s\"", (int)(end - p), p);
    }
    gp_buf_free(&notes);
}

static void finish(job *j, scan_of *s)
{
    for (size_t i = 0; i < s->n_warnings; i++)
        free((char *)(uintptr_t)s->warnings[i]);
    free(s->warnings);
    json_decref(s->before);
    gp_accel_close(s->accel);
    gp_states_close(s->states);
    gp_companions_free(s->companions);
    gp_pass_fini(&s->pass);
    gp_inputs_fini(&s->inputs);
    gp_diags_fini(&s->d);
    free(s->options);
    free(s->results);
    (void)j;
}

/* ---- all of it ---- */

static int after_scan(job *j, scan_of *s, const char *start, size_t skipped)
{
    const gp_scan_result *r = &j->formulas.at[0].result;
    size_t entered, left, hits = 0;
    const job_facts facts = {.securities = r->tickers, .skipped = skipped, .inputs = r->inputs, .newest = r->newest, .warnings = s->warnings,
                             .n_warnings = s->n_warnings, .began = start};
    json_t *now = gp_job_json(j, &facts);
    j->inputs = &s->inputs;
    j->facts = &facts;
    gp_job_compare(j, now, s->before, &entered, &left);
    for (size_t i = 0; i < j->formulas.n; i++) {
        json_t *o = j->formulas.at[i].json;
        hits += j->formulas.at[i].result.n_hits;
        gp_job_stage(j, "stage=formula name=\"%s\" hits=%zu left=%zu", j->formulas.at[i].name, j->formulas.at[i].result.n_hits, json_array_size(json_object_get(o, "left")));
    }
    const bool written = gp_job_write(j, now, j->json, r->newest);
    const size_t revised = json_array_size(json_object_get(now, "revised"));
    json_decref(now);
    if (!written) {
        gp_job_stage(j, "stage=write failed=yes");
        return GP_EXIT_NO_DATA;
    }
    j->inputs = NULL;
    j->facts = NULL;
    if (j->report)
        return skipped ? GP_EXIT_PARTIAL : GP_EXIT_OK;
    gp_job_stage(j, "stage=write files=%zu hits=%zu entered=%zu left=%zu revised=%zu", j->outputs.n + 1, hits, entered, left, revised);
    if (s->states) {
        gp_buf note = {0};
        const bool kept = gp_states_write(s->states, &note);
        const gp_states_counts k = gp_states_count(s->states);
        gp_states_sweep(s->states);
        gp_job_stage(j, "stage=state resumed=%zu full=%zu kept=%zu%s%s%s", k.resumed, k.full, k.kept + k.carried, kept ? "" : " note=\"", kept ? "" : note.p, kept ? "" : "\"");
        gp_buf_free(&note);
    }
    if (j->hook && (entered || left))
        gp_job_hook(j, j->json, entered, left);
    return skipped ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

/* The report to compare with.  Only that of a first night may be missing: with one that was asked for and is not there everything would
 * count as entered.  False after saying why not. */
static bool read_before(job *j, json_t **out)
{
    gp_buf why = {0};
    bool ok = true;
    *out = NULL;
    if (j->since) {
        *out = gp_job_before(j->since, &why);
        ok = *out != NULL;
        if (!ok)
            gp_cli_error(&j->cli, "%s%s%s: %s", j->since_option ? "" : gp_job_place(j, "since", 0), j->since_option ? "--since " : "since = ", j->since, why.p);
    } else if (gp_path_exists(j->json)) {
        *out = gp_job_before(j->json, &why);
        if (!*out)
            gp_job_stage(j, "stage=since note=\"%s is not compared with: %s; everything counts as entered\"", j->json, why.p);
    }
    gp_buf_free(&why);
    return ok;
}

/* All that can be known before the data are read.  whole: it is only looked at, else folders that are missing are made.  -1, or the exit status. */
static int look_before(job *j, bool whole)
{
    const int status = gp_job_check(j, whole);
    const int files = gp_job_check_files(j, 0, status < 0 && !whole);
    return status < 0 ? files : status;
}

int gp_job_run(job *j)
{
    scan_of s = {.d = {.limit = (size_t)-1}};
    char start[40];
    int status = GP_EXIT_OK, lock;
    gp_job_began(start);
    if ((status = look_before(j, false)) >= 0)
        return status;
    if (j->report) { /* it changes nothing of the run, and stages are the run's */
        j->cli.quiet = true;
        j->log = j->hook = NULL;
    }
    if ((lock = j->report ? dup(STDERR_FILENO) : take_lock(j, &status)) < 0)
        return status;
    if (j->timeout > 0) {
        signal(SIGALRM, too_late);
        alarm((unsigned)j->timeout);
    }
    gp_job_stage(j, "stage=begin formulas=%zu data=\"%s\"", j->formulas.n, j->data.at[0]);
    status = gp_cli_profile(&j->cli);
    if (status == GP_EXIT_OK && (status = gp_cli_adjust(&j->cli)) != GP_EXIT_OK)
        gp_cli_error(&j->cli, "%sevents = %s cannot be used", gp_job_place(j, "events", 0), j->cli.events);
    if (status == GP_EXIT_OK && !read_before(j, &s.before))
        status = GP_EXIT_NO_DATA;
    if (status != GP_EXIT_OK || !gp_cli_universe(&j->cli, &status)) {
        gp_job_stage(j, "stage=end status=%d", status);
        json_decref(s.before);
        gp_cli_adjust_end(&j->cli);
        close(lock);
        return status;
    }
    gp_inputs_expand(j->data.at, (int)j->data.n, &j->cli.data, &s.inputs, &s.bad, &s.d);
    prepare(j, &s);
    open_accel(j, &s);
    open_states(j, &s);
    if (!companions_of(j, &s, &status)) {
        gp_job_stage(j, "stage=data failed=yes");
    } else {
        scan(j, &s);
        close_accel(j, &s);
        const gp_scan_result *r = &j->formulas.at[0].result;
        const size_t skipped = r->skipped + (size_t)s.bad;
        s.n_warnings = gp_cli_warnings(&s.d, &s.warnings);
        add_notes(j, &s);
        gp_cli_data_diags(&j->cli, &s.d);
        gp_cli_universe_notes(&j->cli);
        gp_job_stage(j, "stage=scan securities=%zu files=%zu skipped=%zu bars=%zu newest=%d", r->tickers, r->inputs, skipped, r->rows, (int)r->newest);
        if (!r->tickers) {
            status = gp_cli_universe_end(&j->cli, GP_EXIT_NO_DATA);
            if (!j->cli.data.universe || !gp_universe_empty(j->cli.data.universe))
                gp_cli_error(&j->cli, "no quotes could be read; nothing was changed");
        } else if (j->max_errors >= 0 && skipped > (size_t)j->max_errors) {
            gp_cli_error(&j->cli, "%zu files cannot be used, and max-errors is %ld; nothing was changed", skipped, j->max_errors);
            status = GP_EXIT_FAILED;
        } else {
            status = after_scan(j, &s, start, skipped);
        }
    }
    gp_job_stage(j, "stage=end status=%d", status);
    finish(j, &s);
    gp_cli_adjust_end(&j->cli);
    close(lock);
    return status;
}

/* ---- the commands ---- */

/* A number that an option of the command line gives in place of the key.  -1, or the exit status. */
static int number_of(gp_cli *c, const char *option, const char *text, long most, long *to)
{
    char *end;
    if (!text)
        return -1;
    errno = 0;
    const long x = strtol(text, &end, 10);
    if (errno || end == text || *end || x < 0 || x > most)
        return gp_cli_usage(c, "--%s '%s': it is a whole number from 0 to %ld", option, text, most);
    *to = x;
    return -1;
}

/* Reads the job and compiles it, with what the command line says instead.  -1, or the exit status. */
static int read_job(gp_cli *c, job *j)
{
    int status = gp_job_read(c, c->args[0], j);
    if (c->since)
        j->since = c->since, j->since_option = true;
    if (status < 0)
        status = number_of(c, "max-errors", c->max_errors, JOB_MOST_ERRORS, &j->max_errors);
    if (status < 0)
        status = number_of(c, "timeout", c->timeout, JOB_MOST_SECONDS, &j->timeout);
    return status < 0 ? gp_job_plan(j) : status;
}

/* All that is wrong, as far as it can be told without reading quotes. */
static int check_only(gp_cli *c, job *j)
{
    json_t *before;
    char start[40];
    gp_job_began(start);
    int status = look_before(j, true);
    j->log = NULL; /* nothing is run */
    if (status < 0 && gp_cli_adjust(&j->cli) != GP_EXIT_OK) {
        gp_cli_error(c, "%sevents = %s cannot be used", gp_job_place(j, "events", 0), j->cli.events);
        status = GP_EXIT_NO_DATA;
    }
    if (!read_before(j, &before) && status < 0)
        status = GP_EXIT_NO_DATA;
    json_decref(before);
    if (status >= 0)
        return status;
    gp_cli_note(c, "%s: ok: %zu formula%s, %zu output%s", c->args[0], j->formulas.n, j->formulas.n == 1 ? "" : "s", j->outputs.n, j->outputs.n == 1 ? "" : "s");
    j->cli.quiet = true; /* what the adjustment would say */
    gp_cli_adjust_end(&j->cli);
    return GP_EXIT_OK;
}

int gp_cmd_run(gp_cli *c)
{
    job j = {0};
    int status;
    if (c->print_template) {
        gp_job_template();
        return GP_EXIT_OK;
    }
    if (c->n_args != 1)
        return gp_cli_usage(c, c->n_args ? "one job at a time; what is '%s' for?" : "which job? goldpit run JOB.ini%s", c->n_args ? c->args[1] : "");
    status = read_job(c, &j);
    if (status < 0)
        status = c->check_only ? check_only(c, &j) : gp_job_run(&j);
    gp_job_fini(&j);
    return status;
}

int gp_cmd_report(gp_cli *c)
{
    job j = {0};
    int status;
    if (c->n_args != 1)
        return gp_cli_usage(c, c->n_args ? "one job at a time; what is '%s' for?" : "of which job? goldpit report JOB.ini%s", c->n_args ? c->args[1] : "");
    status = read_job(c, &j);
    if (status < 0) {
        j.report = c->output ? c->output : gp_arena_printf(&j.arena, "%s.html", j.name);
        j.cli.theme = c->theme ? c->theme : GP_THEME_LIGHT_WORD;
        j.cli.up = c->up;
        status = gp_job_run(&j);
        if (status == GP_EXIT_OK || status == GP_EXIT_PARTIAL)
            gp_cli_note(c, "the report is %s", j.report);
    }
    gp_job_fini(&j);
    return status;
}
