/* goldpit run: a job file, what it asks for, and what came out. */
#ifndef GP_CLI_JOB_H
#define GP_CLI_JOB_H
#include <jansson.h>
#include "base/arena.h"
#include "base/vec.h"
#include "cli/table.h"
#include "screen/scan.h"

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

typedef struct job_facts { size_t securities, skipped, inputs; int32_t newest; const char *const *warnings; size_t n_warnings; const char *began; } job_facts;

typedef struct job {
    const char *file, *dir;         /* of the job: relative paths begin there */
    gp_arena arena;
    gp_cli cli;                     /* options of [job], [data] and [universe] */
    const char *name, *json, *log, *state, *since;
    GP_VEC(char *) data;
    GP_VEC(job_formula) formulas;
    GP_VEC(job_output) outputs;
    const char *hook;
    const char *report;             /* goldpit report: this file and nothing else */
    const gp_inputs *inputs;        /* while the run goes on */
    const job_facts *facts;
    double hook_timeout;
    long max_errors, timeout;       /* -1, 0: none */
} job;

/* Reads a job file; everything that is wrong is said with file and line.  -1, or the exit status. */
int gp_job_read(gp_cli *c, const char *path, job *j);
void gp_job_fini(job *j);
/* The keys of a job, as --print-template shows them. */
void gp_job_template(void);

/* Compiles the formulas.  -1, or the exit status after saying why not. */
int gp_job_plan(job *j);
int gp_job_run(job *j);

/* ---- what was found, as JSON ---- */
json_t *gp_job_json(job *j, const job_facts *f);
/* Marks hits as entered or stayed and lists those that left, by the report of the run before; NULL: there was none.  Counts into *entered, *left. */
void gp_job_compare(job *j, json_t *now, json_t *before, size_t *entered, size_t *left);
json_t *gp_job_before(job *j, const char *path);

/* ---- writing ---- */
/* The page of the formulas of an output; false when a chart could not be drawn. */
bool gp_job_page(job *j, const job_output *o, json_t *now, gp_buf *out);
/* Everything is written beside its place first and put there when all of it is written.  False after saying why; nothing is changed then. */
bool gp_job_write(job *j, json_t *now, const char *json_path, int32_t newest);
#endif
