/* Job files: sections and keys, read through inih.  Most keys are options of scan, by their names in options.def. */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "cli/job.h"

typedef enum { IN_JOB, IN_DATA, IN_UNIVERSE, IN_FORMULA, IN_OUTPUT, IN_HOOK, SECTIONS } job_section;

static const struct { const char *name; bool named; const char *what; } sections[SECTIONS] = {
    {"job", false, "the run itself"}, {"data", false, "how quotes are read, and what stands beside them"}, {"universe", false, "which securities take part"},
    {"formula", true, "one formula: [formula NAME]"}, {"output", true, "one file: [output PATH]"}, {"hook", false, "a command after a change"}};

/* GP: keys of the job's own.  All others are options of scan. */
static const struct { job_section in; const char *key, *example, *what; } keys[] = {
    {IN_JOB, "name", "nightly", "what the run is called"},
    {IN_JOB, "data", "market", "files, folders or a store; may stand several times"},
    {IN_JOB, "json", "nightly.json", "the whole result, and what the next run is compared with (default: NAME.json)"},
    {IN_JOB, "since", "", "compare with this report instead of json"},
    {IN_JOB, "log", "nightly.log", "a line for each stage is added here as well"},
    {IN_JOB, "state", "", "folder for what is kept between runs (default: STORE/state; needs a store)"},
    {IN_JOB, "max-errors", "50", "more files than this that cannot be used: the run fails and changes nothing"},
    {IN_JOB, "timeout", "600", "seconds for the whole run"},
    {IN_FORMULA, "formula", "golden-pit", "a file, or a name of the library (default: the name of the section)"},
    {IN_OUTPUT, "format", "csv", "csv, json, ndjson, table, blk, ebk or html (default: by the ending of the path)"},
    {IN_OUTPUT, "formulas", "", "names of formulas with blanks between (default: all)"},
    {IN_HOOK, "on-change", "", "a command, run without a shell, when a security entered or left; words as in a shell, with quotes"},
    {IN_HOOK, "timeout", "30", "seconds for the command"},
};
enum { N_KEYS = sizeof keys / sizeof *keys };

/* Options of scan that belong to one formula; all others are the job's. */
static const char *const of_formula[] = {"param", "signal", "select", "where", "col", "sort", "within", "top", "dialect", "encoding", "exact-compare", "f32",
                                         "null-cond", "chip-model", "period-align", "seed"};
/* Those that say which securities take part, and those that make no sense in a job. */
static const char *const of_universe[] = {"code", "universe", "block", "blocks", "exclude", "among"};
static const char *const not_here[] = {"expression", "why", "near", "from", "to", "plot", "plot-as", "contact-sheet", "report", "blk", "format", "fail-empty", "spark",
                                       "help", "version", "quiet", "diag", "color", "lang"};

typedef struct reading { gp_cli *c; job *j; const char *p, *end; int line, status; job_section in; job_formula *formula; job_output *output; } reading;

static bool is_in(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}
#define IS_IN(word, list) is_in(word, list, sizeof list / sizeof *list)

static int wrong(reading *r, const char *format, const char *a, const char *b)
{
    char text[512];
    snprintf(text, sizeof text, format, a, b);
    gp_cli_error(r->c, "%s:%d: %s", r->j->file, r->line, text);
    r->status = GP_EXIT_USAGE;
    return 1; /* inih goes on: all errors are said */
}

static const char *keep(reading *r, const char *value) { return gp_arena_strndup(&r->j->arena, value, strlen(value)); }

static bool begin_section(reading *r, const char *name)
{
    const char *blank = strpbrk(name, " \t");
    const size_t n = blank ? (size_t)(blank - name) : strlen(name);
    for (int i = 0; i < SECTIONS; i++) {
        if (strlen(sections[i].name) != n || strncmp(sections[i].name, name, n) != 0)
            continue;
        while (blank && (*blank == ' ' || *blank == '\t'))
            blank++;
        if (sections[i].named != (blank && *blank)) {
            wrong(r, sections[i].named ? "[%s] needs a name: %s" : "[%s] has no name after it%.0s", sections[i].name, sections[i].what);
            return false;
        }
        r->in = (job_section)i;
        if (i == IN_FORMULA) {
            gp_vec_push(&r->j->formulas, ((job_formula){.name = keep(r, blank), .line = r->line}));
            r->formula = &r->j->formulas.at[r->j->formulas.n - 1];
        } else if (i == IN_OUTPUT) {
            gp_vec_push(&r->j->outputs, ((job_output){.path = keep(r, blank), .line = r->line}));
            r->output = &r->j->outputs.at[r->j->outputs.n - 1];
        }
        return true;
    }
    gp_buf all = {0};
    for (int i = 0; i < SECTIONS; i++)
        gp_buf_printf(&all, "%s[%s%s]", i ? ", " : "", sections[i].name, sections[i].named ? " NAME" : "");
    wrong(r, "there is no section [%s]; there are %s", name, all.p);
    gp_buf_free(&all);
    return false;
}

static bool number(reading *r, const char *key, const char *value, long most, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(value, &end, 10);
    if (errno || *end || end == value || *out < 0 || *out > most) {
        wrong(r, "%s = %s: it is a whole number, 0 or more", key, value);
        return false;
    }
    return true;
}

static const char *const formats[JOB_FORMATS] = {"csv", "json", "ndjson", "table", "blk", "ebk", "html"};

static int format_of(const char *word)
{
    for (int i = 0; i < JOB_FORMATS; i++)
        if (strcmp(word, formats[i]) == 0)
            return i;
    return -1;
}

static void add_words(reading *r, const char *value)
{
    for (const char *p = value + strspn(value, " \t,"); *p; p += strspn(p, " \t,")) {
        const size_t n = strcspn(p, " \t,");
        gp_vec_push(&r->output->formulas, gp_arena_strndup(&r->j->arena, p, n));
        p += n;
    }
}

/* Keys of the job's own; false: it is none. */
static bool own_key(reading *r, const char *key, const char *value)
{
    job *j = r->j;
    long x;
    bool known = false;
    for (int i = 0; i < N_KEYS; i++)
        known |= keys[i].in == r->in && strcmp(keys[i].key, key) == 0;
    if (!known)
        return false;
    if (r->in == IN_FORMULA) {
        r->formula->word = (char *)(uintptr_t)keep(r, value);
    } else if (r->in == IN_OUTPUT && strcmp(key, "format") == 0) {
        const int f = format_of(value);
        r->output->format = f < 0 ? JOB_CSV : (job_format)f;
        r->output->format_given = true;
        if (f < 0)
            wrong(r, "format = %s: it is one of %s", value, "csv, json, ndjson, table, blk, ebk, html");
    } else if (r->in == IN_OUTPUT) {
        add_words(r, value);
    } else if (r->in == IN_HOOK && strcmp(key, "on-change") == 0) {
        j->hook = keep(r, value);
    } else if (r->in == IN_HOOK) {
        if (number(r, key, value, 86400, &x))
            j->hook_timeout = (double)x;
    } else if (strcmp(key, "data") == 0) {
        gp_vec_push(&j->data, (char *)(uintptr_t)keep(r, value));
    } else if (strcmp(key, "max-errors") == 0) {
        number(r, key, value, JOB_MOST_ERRORS, &j->max_errors);
    } else if (strcmp(key, "timeout") == 0) {
        number(r, key, value, JOB_MOST_SECONDS, &j->timeout);
    } else {
        const char **const to = strcmp(key, "name") == 0 ? &j->name : strcmp(key, "json") == 0 ? &j->json : strcmp(key, "log") == 0 ? &j->log
                              : strcmp(key, "since") == 0 ? &j->since : &j->state;
        *to = keep(r, value);
    }
    return true;
}

static int set(reading *r, const char *key, const char *value)
{
    const bool formula = IS_IN(key, of_formula), universe = IS_IN(key, of_universe);
    gp_cli *to = r->in == IN_FORMULA ? &r->formula->cli : &r->j->cli;
    if (r->in == IN_JOB || r->in == IN_DATA || r->in == IN_UNIVERSE)
        gp_vec_push(&r->j->keys, ((job_key){keep(r, key), keep(r, value), r->line}));
    if (own_key(r, key, value))
        return 1;
    if (r->in == IN_OUTPUT || r->in == IN_HOOK || IS_IN(key, not_here) || !gp_cli_has_option(key, "scan")) {
        const char *near = NULL;
        for (int i = 0; i < N_KEYS && !near; i++)
            if (gp_str_edit_distance(gp_str_from(keys[i].key), gp_str_from(key)) < 3)
                near = keys[i].key;
        return wrong(r, near ? "there is no key '%s' here; did you mean '%s'?" : "there is no key '%s' here%.0s; --print-template shows the keys", key, near ? near : "");
    }
    if (formula != (r->in == IN_FORMULA))
        return wrong(r, "'%s' belongs into a section %s", key, formula ? "[formula NAME]" : universe ? "[universe]" : "[data]");
    if (universe != (r->in == IN_UNIVERSE) && r->in != IN_FORMULA)
        return wrong(r, "'%s' belongs into a section %s", key, universe ? "[universe]" : "[data]");
    const char *kept = keep(r, value);
    to->command = r->c->command;
    if (gp_cli_set(to, key, kept) >= 0)
        wrong(r, "in the line %s = %s", key, value);
    return 1;
}

static int on_key(void *ctx, const char *section, const char *key, const char *value)
{
    reading *r = ctx;
    (void)section;
    if (r->in == SECTIONS) /* the section was wrong, or there is none yet */
        return r->status >= 0 ? 1 : wrong(r, "'%s' stands before the first section%s", key, "");
    return set(r, key, value);
}

/* A line for inih; sections are looked at here, because inih does not say where an empty one begins. */
static char *next_line(char *line, int size, void *stream)
{
    reading *r = stream;
    int n = 0;
    if (r->p == r->end)
        return NULL;
    r->line++;
    while (r->p < r->end && n < size - 2 && *r->p != '\n')
        line[n++] = *r->p++;
    if (r->p < r->end && *r->p != '\n') {
        char most[32];
        const char *next = memchr(r->p, '\n', (size_t)(r->end - r->p));
        snprintf(most, sizeof most, "%d", size - 2);
        wrong(r, "the line is too long: a line has at most %s bytes (a Chinese character has three)%s; a long condition goes into the formula", most, "");
        r->p = next ? next : r->end;
        n = 0;
    }
    if (r->p < r->end)
        r->p++;
    line[n++] = '\n';
    line[n] = 0;
    const char *open = line + strspn(line, " \t\r"), *close = *open == '[' ? strchr(open, ']') : NULL;
    if (close) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)(close - open - 1), open + 1);
        r->in = SECTIONS;
        begin_section(r, name);
    }
    return line;
}

static const char *beside(job *j, const char *path)
{
    return *path == '/' || !*j->dir ? path : gp_arena_printf(&j->arena, "%s/%s", j->dir, path);
}

/* Relative paths begin in the folder of the job. */
static void place_all(job *j)
{
    gp_cli *c = &j->cli;
    const char **const files[] = {&c->fundamentals, &c->series, &c->events, &c->blocks, &c->formulas, &j->json, &j->log, &j->state, &j->since};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (*files[i] && **files[i])
            *files[i] = beside(j, *files[i]);
    for (int i = 0; i < c->n_index; i++)
        c->index[i] = beside(j, c->index[i]);
    for (int i = 0; i < c->n_lists; i++)
        c->lists[i] = beside(j, c->lists[i]);
    for (size_t i = 0; i < j->data.n; i++)
        j->data.at[i] = (char *)(uintptr_t)beside(j, j->data.at[i]);
    const char *profile = c->data.profile_name ? beside(j, c->data.profile_name) : NULL;
    if (profile && (strchr(c->data.profile_name, '/') || gp_path_exists(profile)))
        c->data.profile_name = profile;
    for (size_t i = 0; i < j->outputs.n; i++)
        j->outputs.at[i].path = beside(j, j->outputs.at[i].path);
    for (size_t i = 0; i < j->formulas.n; i++) {
        job_formula *f = &j->formulas.at[i];
        const char *here = f->word ? beside(j, f->word) : NULL;
        if (!f->word)
            f->word = (char *)(uintptr_t)f->name;
        else if (strchr(f->word, '/') || gp_path_exists(here))
            f->word = (char *)(uintptr_t)here;
    }
}

/* What only the whole file tells. */
static void check_whole(reading *r)
{
    job *j = r->j;
    r->line = 0;
    if (!j->data.n)
        gp_cli_error(r->c, "%s: [job] has no data = ...", j->file), r->status = GP_EXIT_USAGE;
    if (!j->formulas.n)
        gp_cli_error(r->c, "%s: there is no section [formula NAME]", j->file), r->status = GP_EXIT_USAGE;
    for (size_t i = 0; i < j->formulas.n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(j->formulas.at[i].name, j->formulas.at[k].name) == 0) {
                r->line = j->formulas.at[i].line;
                wrong(r, "[formula %s] stands twice%s", j->formulas.at[i].name, "");
            }
    if (j->name && strchr(j->name, '/'))
        gp_cli_error(r->c, "%sname = %s: a name has no '/'; json = ... says where the report goes", gp_job_place(j, "name", 0), j->name), r->status = GP_EXIT_USAGE;
    for (size_t i = 0; i < j->outputs.n; i++) {
        job_output *o = &j->outputs.at[i];
        char unknown = 0;
        free(gp_job_dated(o->path, 20000101, &unknown));
        const char letter[] = {unknown, 0};
        const char *dot = strrchr(o->path, '.');
        r->line = o->line;
        const int by_ending = dot ? format_of(strcmp(dot, ".txt") == 0 ? "table" : dot + 1) : -1;
        if (!o->format_given && by_ending < 0)
            wrong(r, "[output %s]: the ending says nothing; give format = %s", o->path, "csv, json, ndjson, table, blk, ebk or html");
        else if (!o->format_given)
            o->format = (job_format)by_ending;
        if (unknown)
            wrong(r, "[output %s]: %%%s means nothing; there are %%Y %%m %%d, and %%%% for a %%", o->path, letter);
        for (size_t k = 0; k < o->formulas.n; k++) {
            bool found = false;
            for (size_t m = 0; m < j->formulas.n; m++)
                found |= strcmp(j->formulas.at[m].name, o->formulas.at[k]) == 0;
            if (!found)
                wrong(r, "[output %s]: there is no [formula %s]", o->path, o->formulas.at[k]);
        }
    }
}

int gp_job_read(gp_cli *c, const char *path, job *j)
{
    gp_file file;
    const char *why = gp_file_open(path, &file), *slash = strrchr(path, '/');
    if (why) {
        gp_cli_error(c, "%s: %s", path, why);
        return GP_EXIT_NO_DATA;
    }
    *j = (job){.file = path, .max_errors = -1, .hook_timeout = 30};
    j->cli = (gp_cli){.command = c->command, .quiet = c->quiet, .zh = c->zh, .err_colour = c->err_colour, .diag_json = c->diag_json, .formulas = c->formulas};
    j->dir = slash ? gp_arena_strndup(&j->arena, path, (size_t)(slash - path)) : "";
    size_t bom, bad, first_bad; /* editors of Windows write a mark before the text, or GBK */
    gp_buf text = {0};
    const gp_encoding encoding = gp_encoding_detect(file.p, file.n, &bom);
    gp_decode(encoding, file.p + bom, file.n - bom, &text, &bad, &first_bad);
    reading r = {.c = c, .j = j, .p = text.p, .end = text.p + text.n, .status = -1, .in = SECTIONS};
    const int line = text.n ? ini_parse_stream(next_line, &r, on_key, &r) : 0;
    if (line > 0) {
        r.line = line;
        wrong(&r, "this is neither [section] nor key = value%s%s", "", "");
    }
    gp_buf_free(&text);
    gp_file_close(&file);
    check_whole(&r);
    if (!j->name) {
        const gp_str base = gp_str_from(slash ? slash + 1 : path);
        const char *dot = strrchr(base.p, '.');
        j->name = gp_arena_strndup(&j->arena, base.p, dot ? (size_t)(dot - base.p) : base.n);
    }
    if (!j->json)
        j->json = gp_arena_printf(&j->arena, "%s.json", j->name);
    place_all(j);
    return r.status;
}

void gp_job_fini(job *j)
{
    for (size_t i = 0; i < j->formulas.n; i++) {
        job_formula *f = &j->formulas.at[i];
        gp_scan_result_fini(&f->result);
        if (f->planned)
            gp_plan_fini(&f->plan);
        if (f->formula)
            gp_formula_free(f->formula);
        free(f->cli.params), free(f->cli.signals), free(f->cli.cols);
    }
    for (size_t i = 0; i < j->outputs.n; i++)
        gp_vec_free(&j->outputs.at[i].formulas);
    gp_vec_free(&j->formulas);
    gp_vec_free(&j->outputs);
    gp_vec_free(&j->keys);
    gp_vec_free(&j->data);
    gp_cli_fini(&j->cli);
    gp_arena_fini(&j->arena);
}

void gp_job_template(void)
{
    for (int s = 0; s < SECTIONS; s++) {
        printf("%s; %s\n[%s%s]\n", s ? "\n" : "", sections[s].what, sections[s].name,
               s == IN_FORMULA ? " golden-pit" : s == IN_OUTPUT ? " hits-%Y%m%d.csv" : "");
        for (int i = 0; i < N_KEYS; i++)
            if (keys[i].in == (job_section)s)
                printf("; %s\n%s%s = %s\n", keys[i].what, *keys[i].example ? "" : ";", keys[i].key, keys[i].example);
        if (s == IN_UNIVERSE)
            puts("; code, universe, block, blocks, exclude, among: as options of scan\n;exclude = st,new:60,suspended");
        if (s == IN_DATA)
            puts("; every other option of scan about data, by its name: index, fundamentals, events, adjust, volume-unit, jobs, ...\n;index = sh000001.csv");
        if (s == IN_FORMULA)
            puts("; options of scan about a formula: param, signal, select, where, col, sort, within, top, ...\n;param = N1=21\n;within = 3");
    }
}
