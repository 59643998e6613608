/* goldpit lint: what is legal in a formula but rarely meant, beside its errors. */
#include "cli/table.h"

static void summary(const char *name, size_t errors, size_t warnings, size_t notes)
{
    const struct { size_t n; const char *what; } parts[] = {{errors, "error"}, {warnings, "warning"}, {notes, "note"}};
    bool any = false;
    printf("%s: ", name);
    for (int i = 0; i < 3; i++) {
        if (parts[i].n)
            printf("%s%zu %s%s", any ? ", " : "", parts[i].n, parts[i].what, parts[i].n == 1 ? "" : "s");
        any |= parts[i].n > 0;
    }
    puts(any ? "" : "clean");
}

static int lint_one(gp_cli *c)
{
    gp_diags d = {0};
    gp_program *p = NULL;
    int status = GP_EXIT_FORMULA;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    size_t errors, warnings, all;
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    if (gp_formula_resolve(f, &d) && !d.errors)
        p = gp_compile(f, NULL, &d); /* what only the compiler refuses */
    if (p)
        gp_formula_lint(f, &d);
    errors = d.errors;
    warnings = d.warnings;
    all = d.n + d.dropped;
    gp_cli_diags(c, &d);
    if (!c->quiet && !c->diag_json)
        summary(f->src->name, errors, warnings, all - errors - warnings);
    gp_program_free(p);
    gp_formula_free(f);
    return errors ? GP_EXIT_FORMULA : warnings ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

int gp_cmd_lint(gp_cli *c) { return gp_cli_each(c, lint_one); }
