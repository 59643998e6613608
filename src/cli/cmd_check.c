/* goldpit check: everything that is wrong with formulas, and what the clean ones are. */
#include "cli/table.h"
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "parser/kind.h"

static void row(const char *label, const char *value) { printf("  %-12s %s\n", label, value); }

/* What a formula says about itself, with nothing raw for the terminal. */
static void put_text(gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        putchar((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? '?' : s.p[i]);
}

static void note_rows(gp_str note)
{
    for (bool first = true; note.n; first = false) {
        const char *end = memchr(note.p, '\n', note.n);
        gp_str line = {note.p, end ? (size_t)(end - note.p) : note.n};
        printf("  %-12s ", first ? "note" : "");
        put_text(line);
        putchar('\n');
        note = (gp_str){note.p + line.n + (end != NULL), note.n - line.n - (end != NULL)};
    }
}

static void names_of(const gp_output *outputs, int n, bool drawings, gp_buf *out)
{
    for (int i = 0; i < n; i++) {
        if ((outputs[i].kind == GP_OUT_DRAW) == drawings && outputs[i].kind != GP_OUT_HIDDEN)
            gp_buf_printf(out, "%s%s", out->n ? ", " : "", outputs[i].name);
    }
}

static void params_of(const gp_formula *f, gp_buf *out)
{
    char value[GP_NUM_MAX], min[GP_NUM_MAX], max[GP_NUM_MAX];
    for (int i = 0; i < f->n_params; i++) {
        const gp_param *p = &f->params[i];
        gp_num_format(p->value, value);
        gp_buf_printf(out, "%s" GP_STR_FMT "=%s", i ? ", " : "", GP_STR_ARG(p->name), value);
        if (p->has_range) {
            gp_num_format(p->min, min);
            gp_num_format(p->max, max);
            gp_buf_printf(out, " (%s to %s)", min, max);
        }
    }
}

/* "screen, decided by XG (inferred: the header has no @kind)" */
static void kind_of(const gp_formula *f, gp_buf *out)
{
    gp_kind_of k = gp_formula_kind(f);
    gp_buf_addz(out, gp_kind_name(k.kind));
    if (k.kind == GP_KIND_SCREEN && k.result >= 0)
        gp_buf_printf(out, ", decided by %s", f->stmts[k.result].label);
    if (!k.declared)
        gp_buf_addz(out, " (taken as such: the header has no @kind)");
}

/* A row for each thing needed beside the quotes: what, and for which words of the formula. */
static void needs_beside(const gp_program *p)
{
    int n;
    const gp_external *x = gp_program_externals(p, &n);
    for (int i = 0; i < n; i++) {
        gp_buf b = {0};
        bool said = false;
        for (int k = 0; k < i && !said; k++)
            said = strcmp(x[k].needs, x[i].needs) == 0;
        if (said || (x[i].kind == GP_EXT_PROGRAM && !x[i].security)) /* another period comes from the quotes themselves */
            continue;
        gp_buf_addz(&b, x[i].needs);
        for (int k = i, shown = 0; k < n && shown < 6; k++) {
            if (strcmp(x[k].needs, x[i].needs) == 0)
                gp_buf_printf(&b, "%s%s", shown++ ? ", " : " (", x[k].reader ? x[k].reader : x[k].shown);
        }
        gp_buf_addc(&b, ')');
        row("and", b.p);
        gp_buf_free(&b);
    }
}

/* Variables only: the colon was probably forgotten, for such a formula shows nothing. */
static bool outputs_wanted(const gp_formula *f)
{
    for (int i = 0; i < f->n_stmts; i++) {
        if (f->stmts[i].kind != GP_STMT_ASSIGN)
            return false;
    }
    return true;
}

static void summary(const gp_formula *f, const gp_program *p, size_t warnings)
{
    static const char *const columns[] = {"open", "high", "low", "close", "volume", "amount"};
    gp_buf b = {0};
    int n, lookback = gp_program_lookback(p);
    const gp_output *outputs = gp_program_outputs(p, &n);
    gp_ahead ahead = gp_program_ahead(p);
    unsigned needs = gp_program_needs(p);
    printf("%s: ok", f->src->name);
    if (warnings)
        printf(", %zu warning%s", warnings, warnings == 1 ? "" : "s");
    if (f->header.title.n) {
        printf(" - ");
        put_text(f->header.title);
    }
    printf("\n");
    note_rows(f->header.note);
    kind_of(f, &b);
    row("kind", b.p);
    b.n = 0;
    names_of(outputs, n, false, &b);
    row("outputs", b.n ? b.p : outputs_wanted(f) ? "none: every statement defines a variable with := (write : for an output)" : "none");
    b.n = 0;
    names_of(outputs, n, true, &b);
    if (b.n)
        row("drawings", b.p);
    b.n = 0;
    params_of(f, &b);
    if (b.n)
        row("parameters", b.p);
    b.n = 0;
    for (int i = 0; i < 6; i++) {
        if (needs & (1u << i))
            gp_buf_printf(&b, "%s%s", b.n ? ", " : "", columns[i]);
    }
    row("needs", b.n ? b.p : "no column of the quotes");
    needs_beside(p);
    b.n = 0;
    if (lookback == GP_LOOKBACK_ALL)
        gp_buf_addz(&b, "to the first bar (a recurrence, or a count since the beginning)");
    else
        gp_buf_printf(&b, "%d bar%s", lookback, lookback == 1 ? "" : "s");
    row("lookback", b.p);
    b.n = 0;
    gp_cli_ahead_text(&ahead, &b);
    row("look-ahead", b.p);
    b.n = 0;
    if (gp_program_today(p)) {
        gp_buf_printf(&b, "%s tells of the day of the run, on past bars as well", gp_program_today(p));
        row("as of today", b.p);
    }
    gp_buf_free(&b);
}

/* What --prove measured is a report, with the summary before it, or rows for programs. */
static bool reads_as_text(const gp_cli *c)
{
    return c->format_given ? c->format == GP_FORMAT_TABLE : isatty(STDOUT_FILENO);
}

/* Checks one formula; c holds it as its only argument, or as -e. */
static int check_one(gp_cli *c)
{
    gp_diags d = {0};
    gp_program *p = NULL;
    size_t warnings;
    int status = GP_EXIT_FORMULA;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    gp_compile_opts options = gp_cli_compile_opts(c);
    if (gp_formula_resolve(f, &d) && !d.errors)
        p = gp_compile(f, &options, &d);
    status = d.errors ? GP_EXIT_FORMULA : GP_EXIT_OK;
    if (d.errors && !c->diag_json && !c->quiet) {
        size_t errors = d.errors;
        warnings = d.warnings;
        gp_cli_diags(c, &d);
        fprintf(stderr, "%s: %zu error%s, %zu warning%s\n", f->src->name, errors, errors == 1 ? "" : "s", warnings,
                warnings == 1 ? "" : "s");
    } else {
        warnings = d.warnings;
        gp_cli_diags(c, &d);
    }
    if (p && status == GP_EXIT_OK && !c->quiet && !c->diag_json && (!c->prove || reads_as_text(c)))
        summary(f, p, warnings);
    if (p && status == GP_EXIT_OK && c->prove)
        status = gp_cli_prove(c, p);
    gp_program_free(p);
    gp_formula_free(f);
    return status;
}

int gp_cmd_check(gp_cli *c)
{
    if (!c->prove && (c->cuts || c->format_given))
        return gp_cli_usage(c, "%s belongs to --prove, which measures on quotes: check --prove FORMULA DATA...", c->cuts ? "--cuts" : "--format");
    if (c->prove && c->n_args < (c->expression ? 1 : 2) && (c->expression || c->n_args))
        return gp_cli_usage(c, "--prove measures on quotes: give files, folders or - after the formula");
    return c->prove ? check_one(c) : gp_cli_each(c, check_one);
}
