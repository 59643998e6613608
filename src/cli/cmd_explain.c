/* goldpit explain: a compiled formula, or a diagnostic code. */
#include "cli/table.h"
#include "accel/split.h"
#include <ctype.h>
#include <string.h>

/* A message template with its conversions shown as "...". */
static void print_template(const char *label, const char *t)
{
    const char *start = t;
    printf("  %-9s", label);
    while (*t) {
        if (*t != '%') {
            putchar(*t++);
        } else if (t[1] == '%') {
            putchar('%');
            t += 2;
        } else {
            if (t < start + 2 || t[-1] != 's' || t[-2] != '%') /* "%s%s": one thing in two parts */
                fputs("...", stdout);
            t++;
            t += strspn(t, "0123456789.-+ #*zlh");
            t += *t != 0;
        }
    }
    putchar('\n');
}

/* A template that is more than places for what is filled in. */
static bool says_something(const char *t)
{
    int letters = 0;
    for (; *t; t++) {
        if (*t == '%' && t[1] && t[1] != '%')
            t += 1 + strspn(t + 1, "0123456789.-+ #*zlh");
        else
            letters += isalpha((unsigned char)*t) != 0;
    }
    return letters >= 8;
}

/* LOOKS_AHEAD: "looks ahead" */
static void print_name(const char *name)
{
    printf("  %-9s", "says");
    for (; *name; name++)
        putchar(*name == '_' ? ' ' : tolower((unsigned char)*name));
    fputs(": the place is named in the message\n", stdout);
}

static bool is_code(const char *word)
{
    return gp_str_ieq((gp_str){word, strnlen(word, 2)}, GP_STR("GP")) && strlen(word) == 5 && isdigit((unsigned char)word[2]) &&
           isdigit((unsigned char)word[3]) && isdigit((unsigned char)word[4]);
}

static int explain_code(const gp_cli *c, const char *word)
{
    static const char *const severities[] = {"note", "warning", "error"};
    static const char *const groups[] = {"", "the text of a formula", "names, types and arguments", "parameters and constants",
                                         "data files", "the command line", "what is legal but rarely meant (goldpit lint)"};
    for (int i = 0; i < GP_D_COUNT; i++) {
        gp_diag_id id = (gp_diag_id)i;
        const char *code = gp_diag_code(id), *message, *hint;
        gp_severity severity;
        int group = code[2] - '0';
        if (!gp_str_ieqz(gp_str_from(word), code))
            continue;
        gp_diag_template(id, &severity, &message, &hint);
        printf("%s %s: %s", code, gp_diag_name(id), severities[severity]);
        if (group >= 1 && group <= 6)
            printf(" about %s", groups[group]);
        putchar('\n');
        if (says_something(message))
            print_template("says", message);
        else
            print_name(gp_diag_name(id));
        if (hint)
            print_template("way out", hint);
        return GP_EXIT_OK;
    }
    return gp_cli_usage(c, "there is no diagnostic %s", word);
}

/* What --accel auto would do with it, where a device has been measured. */
static void print_auto(const gp_program *p)
{
    enum { TICKERS = 5000, BARS = 2500 };
    const gp_accel_task t = {.sets = &p, .n_sets = 1, .tickers = TICKERS, .bars = (size_t)TICKERS * BARS, .longest = BARS};
    gp_accel_decision d;
    if (gp_accel_foresee(&t, &d))
        printf("--accel auto, a scan of %d securities with %d bars each: the %s (%s)\n", TICKERS, BARS, d.device ? "GPU" : "processor", d.why);
}

int gp_cmd_explain(gp_cli *c)
{
    gp_diags d = {0};
    gp_buf text = {0};
    gp_program *p = NULL;
    gp_formula *f;
    int status = GP_EXIT_FORMULA;
    if (!c->expression && c->n_args == 1 && is_code(c->args[0]) && !gp_path_exists(c->args[0]))
        return explain_code(c, c->args[0]);
    f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    if (c->n_args) {
        gp_diags_fini(&d);
        gp_formula_free(f);
        return gp_cli_usage(c, "one formula at a time; what is '%s' for?", c->args[0]);
    }
    gp_compile_opts options = gp_cli_compile_opts(c);
    if (gp_formula_resolve(f, &d) && !d.errors)
        p = gp_compile(f, &options, &d);
    gp_cli_diags(c, &d);
    if (p) {
        if (c->prose)
            gp_formula_prose(f, c->zh, &text);
        else
            gp_program_explain(p, &text), gp_accel_explain(p, &text);
        fwrite(text.p ? text.p : "", 1, text.n, stdout);
        if (!c->prose)
            print_auto(p);
        gp_buf_free(&text);
        gp_program_free(p);
    }
    status = p ? GP_EXIT_OK : GP_EXIT_FORMULA;
    gp_formula_free(f);
    return status;
}
