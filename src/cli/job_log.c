/* What a run says: a line for each stage, on standard error and in the log, and the hook at its end. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/process.h"
#include "base/tidy.h"
#include "cli/job.h"

static double began;

static void stamp(char out[40])
{
    const time_t t = time(NULL);
    struct tm tm;
    strftime(out, 40, "%Y-%m-%dT%H:%M:%S%z", localtime_r(&t, &tm));
}

void gp_job_began(char now[40])
{
    began = gp_cli_now();
    stamp(now);
}

void gp_job_stage(job *j, const char *format, ...)
{
    char now[40], text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    stamp(now);
    for (char *p = text; *p; p++)
        *p = (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p;
    if (!j->cli.quiet)
        fprintf(stderr, "%s job=%s at=%.3f %s\n", now, j->name, gp_cli_now() - began, text);
    if (!j->log)
        return;
    const int fd = open(j->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    gp_buf line = {0};
    gp_buf_printf(&line, "%s job=%s pid=%ld at=%.3f %s\n", now, j->name, (long)getpid(), gp_cli_now() - began, text);
    if (fd < 0 || write(fd, line.p, line.n) != (ssize_t)line.n) {
        gp_cli_note(&j->cli, "cannot write to the log '%s': %s", j->log, strerror(errno));
        j->log = NULL; /* said once */
    }
    if (fd >= 0)
        close(fd);
    gp_buf_free(&line);
}

/* ---- the hook ---- */

/* Words as a shell splits them: blanks part them, '...' and "..." hold them together, \ takes the next character.  No shell, no variables. */
static char **words_of(const char *text)
{
    GP_VEC(char *) words = {0};
    for (const char *p = text + strspn(text, " \t"); *p; p += strspn(p, " \t")) {
        gp_buf b = {0};
        char quote = 0;
        gp_buf_addz(&b, "");
        for (; *p && (quote || !strchr(" \t", *p)); p++) {
            if (quote ? *p == quote : (*p == '\'' || *p == '"'))
                quote = quote ? 0 : *p;
            else
                gp_buf_addc(&b, *p == '\\' && quote != '\'' && p[1] ? *++p : *p);
        }
        gp_vec_push(&words, b.p);
    }
    gp_vec_push(&words, NULL);
    return words.at;
}

void gp_job_hook(job *j, const char *json, size_t entered, size_t left)
{
    char number[32];
    gp_process p;
    gp_buf said = {0};
    char **argv = words_of(j->hook);
    snprintf(number, sizeof number, "%zu", entered);
    setenv("GOLDPIT_ENTERED", number, 1);
    snprintf(number, sizeof number, "%zu", left);
    setenv("GOLDPIT_LEFT", number, 1);
    setenv("GOLDPIT_JSON", json, 1);
    setenv("GOLDPIT_JOB", j->name, 1);
    const int tidy = gp_tidy_add(""); /* a signal ends it with us */
    gp_tidy_hold();
    const char *why = argv[0] ? gp_process_start(&p, argv, *j->dir ? j->dir : NULL, GP_PROCESS_GROUP) : "it is empty";
    gp_tidy_writer(tidy, why ? 0 : -p.pid);
    gp_tidy_release();
    if (why) {
        gp_job_stage(j, "stage=hook failed=\"%s: %s\"", argv[0] ? argv[0] : "", why);
    } else {
        const double until = gp_cli_now() + j->hook_timeout;
        while (gp_cli_now() < until && gp_process_wait(&p, false, until - gp_cli_now()) && gp_process_read(&p, &said)) {
        }
        const double rest = until - gp_cli_now();
        const int status = gp_process_end(&p, rest > 0 ? rest : 0);
        gp_tidy_writer(tidy, 0);
        const char *line = said.n ? said.p : "";
        if (rest <= 0 || (WIFSIGNALED(status) && gp_cli_now() >= until)) /* with all that it started */
            gp_job_stage(j, "stage=hook killed=9 after=%.0fs", j->hook_timeout);
        else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            gp_job_stage(j, "stage=hook status=0");
        else if (WIFEXITED(status))
            gp_job_stage(j, "stage=hook status=%d said=\"%.*s\"", WEXITSTATUS(status), (int)strcspn(line, "\n"), line);
        else
            gp_job_stage(j, "stage=hook killed=%d", WTERMSIG(status));
    }
    gp_tidy_drop(tidy);
    gp_buf_free(&said);
    for (char **w = argv; *w; w++)
        free(*w);
    free(argv);
}
