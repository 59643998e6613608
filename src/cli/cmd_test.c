/* goldpit test: runs what formulas promise about themselves (parser/expect.h) through check and eval. */
#include "cli/test.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/vec.h"

static const char *colour(const tester *t, const char *code) { return t->c->colour ? code : ""; }

void gp_test_put(const char *z)
{
    for (; *z; z++)
        putchar(((unsigned char)*z < 0x20 && *z != '\n') || *z == 0x7f ? '?' : *z);
}

void gp_test_fail(tester *t, gp_span at, const char *format, ...)
{
    uint32_t line = 1, column = 1;
    gp_buf text = {0};
    char message[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (at.src)
        gp_span_where(at, &line, &column);
    gp_buf_printf(&text, "%s:%u:%u: %s", t->path, line, column, message);
    printf("%sFAIL%s ", colour(t, "\033[1;31m"), colour(t, "\033[0m"));
    gp_test_put(text.p);
    putchar('\n');
    gp_buf_free(&text);
    t->failed++;
}

/* ---- diagnostics ---- */

static bool fits(const gp_diag *d, const gp_expect *e)
{
    uint32_t line = d->line, column = d->column;
    if (!gp_str_ieqz(e->what, gp_diag_code(d->id)) && !gp_str_ieqz(e->what, gp_diag_name(d->id)))
        return false;
    if (d->span.src)
        gp_span_where(d->span, &line, &column);
    return e->line == 0 || (e->line == line && e->column == column);
}

static bool says(const gp_diags *d, gp_str text)
{
    for (size_t i = 0; i < d->n; i++) {
        const char *both[] = {d->at[i].message, d->at[i].hint};
        for (int k = 0; k < 2; k++) {
            if (both[k] && text.n && memmem(both[k], strlen(both[k]), text.p, text.n))
                return true;
        }
    }
    return false;
}

/* What was reported, for a message that misses something among it. */
static char *listing(const gp_diags *d)
{
    gp_buf b = {0};
    gp_buf_addz(&b, d->n ? "" : "\n     (nothing)");
    for (size_t i = 0; i < d->n; i++) {
        uint32_t line = d->at[i].line, column = d->at[i].column;
        if (d->at[i].span.src)
            gp_span_where(d->at[i].span, &line, &column);
        gp_buf_printf(&b, "\n     %s %s at %u:%u: %s", gp_diag_code(d->at[i].id), gp_diag_name(d->at[i].id), line, column,
                      d->at[i].message);
    }
    return b.p;
}

static void missing(tester *t, const gp_expect *e, const char *what, const gp_diags *d)
{
    char *all = listing(d);
    gp_test_fail(t, e->span, "expected %s%s" GP_STR_FMT ", got:%s", what, e->what.n ? " " : "", GP_STR_ARG(e->what), all);
    free(all);
}

/* Errors are matched one to one, and none may be left; the others only have to be there. */
static void judge_diagnostics(tester *t, const gp_expect_case *x, const gp_diags *d)
{
    bool *used = gp_xcalloc(d->n + 1, 1);
    for (size_t i = 0; i < x->all.n; i++) {
        const gp_expect *e = &x->all.at[i];
        int before = t->failed;
        size_t k = 0;
        if (e->kind == GP_EXPECT_VALUES)
            continue;
        if (e->kind == GP_EXPECT_ERROR || e->kind == GP_EXPECT_WARNING) {
            gp_severity severity = e->kind == GP_EXPECT_ERROR ? GP_ERROR : GP_WARNING;
            while (k < d->n && (d->at[k].severity != severity || used[k] || !fits(&d->at[k], e)))
                k++;
            if (k == d->n)
                missing(t, e, severity == GP_ERROR ? "error" : "warning", d);
            else
                used[k] = severity == GP_ERROR;
        } else if (e->kind == GP_EXPECT_MESSAGE ? !says(d, e->what) : d->n > 0) {
            missing(t, e, e->kind == GP_EXPECT_MESSAGE ? "a message with" : "no diagnostics", d);
        }
        t->passed += t->failed == before;
    }
    for (size_t i = 0; i < d->n; i++) {
        if (d->at[i].severity == GP_ERROR && !used[i])
            gp_test_fail(t, d->at[i].span, "not expected: error %s: %s", gp_diag_code(d->at[i].id), d->at[i].message);
    }
    free(used);
}

/* ---- one case ---- */

/* The options of the case as if typed behind `goldpit eval`. */
static bool options(tester *t, const gp_expect_case *x, const char *quotes, char **argv, gp_cli *one)
{
    int argc = 0;
    argv[argc++] = (char *)"goldpit";
    argv[argc++] = (char *)"eval";
    for (size_t i = 0; i < x->args.n; i++)
        argv[argc++] = (char *)x->args.at[i].p; /* NUL-terminated by the reader */
    argv[argc++] = (char *)"--";
    argv[argc++] = (char *)t->path;
    argv[argc++] = (char *)quotes;
    *one = (gp_cli){.seed = 1};
    if (gp_cli_parse(one, argc, argv) >= 0 || one->n_args != 2)
        return false;
    one->formulas = one->formulas ? one->formulas : t->c->formulas;
    one->encoding = one->encoding != GP_ENC_AUTO ? one->encoding : t->c->encoding;
    one->format = GP_FORMAT_CSV;
    one->quiet = true;
    one->colour = false;
    one->diag_json = false;
    gp_cli_library(one); /* check works on a copy of the options, and both refer to it */
    return true;
}

static void check_formula(tester *t, const gp_expect_case *x, gp_cli one, gp_diags *d) /* one: a copy, whose arguments are used up */
{
    gp_compile_opts how = gp_cli_compile_opts(&one);
    gp_program *p = NULL;
    int status = 0;
    gp_formula *f = gp_cli_formula(&one, true, d, &status);
    if (!f) {
        gp_test_fail(t, (gp_span){0}, "the formula cannot be read");
        return;
    }
    if (gp_formula_resolve(f, d) && !d->errors)
        p = gp_compile(f, &how, d);
    judge_diagnostics(t, x, d);
    gp_program_free(p);
    gp_formula_free(f);
}

static bool wants_values(const gp_expect_case *x)
{
    for (size_t i = 0; i < x->all.n; i++) {
        if (x->all.at[i].kind == GP_EXPECT_VALUES)
            return true;
    }
    return false;
}

static void run_case(tester *t, const gp_expect_case *x)
{
    char **argv = gp_xcalloc(x->args.n + 6, sizeof *argv), *quotes = NULL;
    gp_diags d = {0};
    gp_cli one;
    gp_span at = x->all.n ? x->all.at[0].span : (gp_span){0};
    t->unwritten = false;
    if (wants_values(x))
        quotes = gp_test_quotes(t, x);
    if (t->unwritten) {
        ; /* said already */
    } else if (!options(t, x, quotes ? quotes : "", argv, &one)) {
        gp_test_fail(t, at, "the { args: } of this case are no options of goldpit eval");
        gp_cli_fini(&one);
    } else {
        check_formula(t, x, one, &d);
        if (wants_values(x) && d.errors == 0)
            gp_test_values(t, x, &one);
        else if (wants_values(x))
            gp_test_fail(t, at, "no values, because the formula has errors");
        gp_cli_fini(&one);
    }
    gp_diags_fini(&d);
    free(quotes);
    free(argv);
}

/* ---- files ---- */

static void say_ok(tester *t, int n)
{
    if (!t->c->quiet)
        printf("%sok%s   %s (%d)\n", colour(t, "\033[32m"), colour(t, "\033[0m"), t->path, n);
}

static void test_file(tester *t, const char *path)
{
    gp_expectations x = {0};
    gp_diags d = {0};
    gp_file file;
    int passed = t->passed, failed = t->failed;
    const char *why = gp_file_open(path, &file);
    t->path = path;
    if (why) {
        gp_cli_error(t->c, "cannot read the formula '%s': %s", path, why);
        t->unread++;
        return;
    }
    gp_expectations_read(&x, path, file.p, file.n, t->c->encoding, &d);
    gp_file_close(&file);
    for (size_t i = 0; i < d.n; i++)
        gp_test_fail(t, d.at[i].span, "%s%s%s", d.at[i].message, i ? "" : "\n     ", i || !d.at[i].hint ? "" : d.at[i].hint);
    for (size_t i = 0; i < x.cases.n && d.n == 0; i++)
        run_case(t, &x.cases.at[i]);
    if (x.cases.n == 0 && d.n == 0) /* still: it should be a formula */
        run_case(t, &(gp_expect_case){0});
    gp_diags_fini(&d);
    if (t->failed == failed && x.n == 0) {
        t->silent++;
        if (!t->c->quiet)
            printf("%snone%s %s: it states no expectations\n", colour(t, "\033[33m"), colour(t, "\033[0m"), path);
    } else if (t->failed == failed) {
        say_ok(t, t->passed - passed);
    }
    gp_expectations_fini(&x);
    fflush(stdout);
}

static void visit(void *ctx, const char *path, size_t bytes)
{
    tester *t = ctx;
    gp_str name;
    (void)bytes;
    if (gp_library_name(path, &name)) {
        t->found++;
        test_file(t, path);
    }
}

static void test_folder(tester *t, const char *dir)
{
    const char *why;
    t->found = 0;
    why = gp_dir_walk(dir, visit, t);
    if (why)
        gp_cli_error(t->c, "%s: %s", dir, why);
    else if (t->found == 0)
        gp_cli_error(t->c, "%s: no .tdx or .txt file in this folder", dir);
    t->unread += why != NULL || t->found == 0;
}

static void test_library(tester *t)
{
    gp_library_list all = {0};
    gp_library_read(t->c, &all);
    for (size_t i = 0; i < all.n; i++)
        test_file(t, all.at[i].path);
    if (all.n == 0) {
        gp_cli_error(t->c, "no library formula found; --formulas DIR and GOLDPIT_PATH name the folders");
        t->unread++;
    }
    gp_library_fini(&all);
}

static int test_named(tester *t, const char *word)
{
    int status = GP_EXIT_OK;
    char *path;
    if (gp_path_is_dir(word)) {
        test_folder(t, word);
        return GP_EXIT_OK;
    }
    if (strcmp(word, "-") == 0)
        return gp_cli_usage(t->c, "a formula from standard input cannot be tested; give a file");
    path = gp_cli_formula_path(t->c, word, &status);
    if (path)
        test_file(t, path);
    free(path);
    return status;
}

int gp_cmd_test(gp_cli *c)
{
    tester t = {.c = c};
    int status = GP_EXIT_OK;
    if (c->n_args == 0)
        test_library(&t);
    for (int i = 0; i < c->n_args && status == GP_EXIT_OK; i++)
        status = test_named(&t, c->args[i]);
    gp_test_clean(&t);
    if (status != GP_EXIT_OK)
        return status;
    printf("%d passed, %d failed", t.passed, t.failed);
    if (t.silent)
        printf(", %d without expectations", t.silent);
    putchar('\n');
    if (t.passed + t.failed == 0 && t.unread == 0)
        gp_cli_note(c, "nothing was expected; a formula states it in comments, such as { close: 1 2 4 } { expect NAME: 1 1.5 3 }");
    if (t.unread)
        return GP_EXIT_FORMULA;
    return t.failed || t.passed == 0 ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}
