/* goldpit run: a job file, what it asks for, and what came out. */
#ifndef GP_CLI_JOB_H
#define GP_CLI_JOB_H
#include <jansson.h>
#include "base/arena.h"
#include "base/vec.h"
#include "cli/table.h"
#include "screen/scan.h"

enum { JOB_REPORT_VERSION = 1 /* of the keys of the report */, JOB_MOST_ERRORS = 1000000000, JOB_MOST_SECONDS = 864000 };

typedef struct job_formula {
    const char *name;      /* of the section */
    char *word;            /* a file, or a name of the library */
    gp_cli cli;            /* the job's options and those of the section */
    int line;
    gp_formula *formula;
    gp_plan plan;
    bool planned;
    gp_scan_result result;
    json_t *json;          /* this formula's part of the report; borrowed */
} job_formula;

typedef enum { JOB_CSV, JOB_JSON, JOB_NDJSON, JOB_TABLE, JOB_BLK, JOB_EBK, JOB_HTML, JOB_FORMATS } job_format;

typedef struct job_output {
    const char *path;      /* %Y %m %d stand for the newest day of the data */
    job_format format;
    bool format_given;
    GP_VEC(const char *) formulas; /* names; none: all */
    int line;
} job_output;

/* A line of the job file, for messages about what it asks for. */
typedef struct job_key { const char *key, *value; int line; } job_key;

typedef struct job_facts { size_t securities, skipped, inputs; int32_t newest; const char *const *warnings; size_t n_warnings; const char *began; } job_facts;

typedef struct job {
    const char *file, *dir;         /* of the job: relative paths begin there */
    gp_arena arena;
    gp_cli cli;                     /* options of [job], [data] and [universe] */
    const char *name, *json, *log, *state, *since;
    GP_VEC(char *) data;
    GP_VEC(job_formula) formulas;
    GP_VEC(job_output) outputs;
    GP_VEC(job_key) keys;           /* all but those of formulas, as they stand */
    const char *hook;
    const char *report;             /* goldpit report: this file and nothing else */
    const gp_inputs *inputs;        /* while the run goes on */
    const job_facts *facts;
    bool since_option;              /* since is of the command line */
    double hook_timeout;
    long max_errors, timeout;       /* -1, 0: none */
} job;

/* Reads a job file; everything that is wrong is said with file and line.  -1, or the exit status. */
int gp_job_read(gp_cli *c, const char *path, job *j);
void gp_job_fini(job *j);
/* The keys of a job, as --print-template shows them. */
void gp_job_template(void);

/* ---- looking before anything is done ---- */
/* What [data] and [universe] ask for and cannot have, with file and line.  whole: also each path of data; else only whether any is there.
 * -1, or the exit status. */
int gp_job_check(job *j, bool whole);
/* May all files of the run be written?  newest: of the data, for names with %Y %m %d; 0: not known yet.  make: folders that are missing are made.
 * -1, or the exit status after saying why not. */
int gp_job_check_files(job *j, int32_t newest, bool make);
/* "n.ini:7: " of the n-th line with this key, "n.ini: " when there is none; the arena's. */
const char *gp_job_place(job *j, const char *key, int n);
/* %Y %m %d of a day in a path, malloc'ed; %% is a %.  *unknown: the first letter that means nothing, if any. */
char *gp_job_dated(const char *path, int32_t day, char *unknown);

/* Compiles the formulas.  -1, or the exit status after saying why not. */
int gp_job_plan(job *j);
int gp_job_run(job *j);

/* ---- the log and the hook ---- */
/* The run begins now: times are counted from here. */
void gp_job_began(char now[40]);
/* A line for a stage: on standard error, and at the end of the log file. */
void gp_job_stage(job *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_job_hook(job *j, const char *json, size_t entered, size_t left);

/* ---- what was found, as JSON ---- */
json_t *gp_job_json(job *j, const job_facts *f);
/* Marks hits as entered or stayed and lists those that left, by the report of the run before; NULL: there was none.  Counts into *entered, *left. */
void gp_job_compare(job *j, json_t *now, json_t *before, size_t *entered, size_t *left);
/* The report of an earlier run; NULL: *why says why not. */
json_t *gp_job_before(const char *path, gp_buf *why);

/* ---- writing ---- */
/* The page of the formulas of an output; false when a chart could not be drawn. */
bool gp_job_page(job *j, const job_output *o, json_t *now, gp_buf *out);
/* Everything is written beside its place first and put there when all of it is written.  False after saying why; nothing is changed then. */
bool gp_job_write(job *j, json_t *now, const char *json_path, int32_t newest);
#endif
