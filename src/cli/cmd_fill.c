/* goldpit fill: puts numbers back into a formula that a web page stripped of them. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"
#include "parser/parse.h"

enum { BEFORE = 24, AFTER = 14, WHAT = 22 };

/* A number, or a name that is to be a parameter. */
static bool usable(const char *z)
{
    double v;
    size_t n = strlen(z);
    if (gp_num_parse(z, n, &v))
        return true;
    for (size_t i = 0; i < n; i++) {
        char c = z[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80) || (i && c >= '0' && c <= '9')))
            return false;
    }
    return n > 0;
}

/* Up to so many cells of s, from its end or its beginning, on one line. */
static gp_str cut(gp_str s, int cells, bool from_end)
{
    const char *p = s.p, *end = s.p + s.n;
    int width = 0;
    if (from_end) {
        while (p < end && memchr(p, '\n', (size_t)(end - p)))
            p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
        s = (gp_str){p, (size_t)(end - p)};
        while (gp_str_width((gp_str){p, (size_t)(end - p)}) > cells) {
            uint32_t cp;
            p += gp_utf8_decode(p, end, &cp);
        }
        return (gp_str){p, (size_t)(end - p)};
    }
    while (p < end && *p != '\n' && *p != '\r') {
        uint32_t cp;
        int n = gp_utf8_decode(p, end, &cp);
        width += gp_char_width(cp);
        if (width > cells)
            break;
        p += n;
    }
    return (gp_str){s.p, (size_t)(p - s.p)};
}

/* Nothing of a file goes raw to the terminal. */
static void put_clean(gp_buf *out, gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        gp_buf_addc(out, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F ? ' ' : s.p[i]);
}

static void context(const gp_hole *h, gp_buf *out)
{
    gp_str text = h->at.src->text;
    size_t from = h->at.at > 400 ? h->at.at - 400 : 0;
    while (from < h->at.at && (text.p[from] & 0xC0) == 0x80)
        from++;
    gp_str before = cut((gp_str){text.p + from, h->at.at - from}, BEFORE, true);
    gp_str after = cut((gp_str){text.p + h->at.at, text.n - h->at.at}, AFTER, false);
    gp_buf_printf(out, "%*s", BEFORE - gp_str_width(before), "");
    put_clean(out, before);
    gp_buf_addz(out, "[ ]");
    put_clean(out, after);
}

static void list(const gp_formula *f, const gp_hole *holes, int n)
{
    gp_buf b = {0};
    printf("%s: %d number%s missing; give %s in this order:\n", f->src->name, n, n == 1 ? " is" : "s are", n == 1 ? "it" : "them");
    for (int i = 0; i < n; i++) {
        uint32_t line, column;
        char place[32];
        gp_str shown;
        gp_span_where(holes[i].at, &line, &column);
        snprintf(place, sizeof place, "%u:%u", line, column);
        b.n = 0;
        gp_hole_what(&holes[i], &b);
        shown = cut((gp_str){b.p, b.n}, WHAT, false);
        printf("%4d  %-8s ", i + 1, place);
        fwrite(shown.p, 1, shown.n, stdout);
        printf("%*s", WHAT + 2 - gp_str_width(shown), "");
        b.n = 0;
        context(&holes[i], &b);
        puts(b.p);
    }
    gp_buf_free(&b);
}

/* Colours are digits, too, but which ones are missing cannot be told. */
static void short_colours(const gp_formula *f, FILE *out)
{
    int n = 0;
    gp_buf b = {0};
    for (int i = 0; i < f->n_stmts; i++)
        for (int k = 0; k < f->stmts[i].n_attrs; k++) {
            const gp_attr *a = &f->stmts[i].attrs[k];
            int rgb, digits;
            uint32_t line, column;
            if (!gp_attr_read(a->text, &rgb, &digits) || digits == 6)
                continue;
            gp_span_where(a->span, &line, &column);
            gp_buf_printf(&b, "%s" GP_STR_FMT " (%u:%u)", n++ ? ", " : "", GP_STR_ARG(a->text), line, column);
        }
    if (n)
        fprintf(out, "%d colour%s lost digits, too: %s. A colour has six (BBGGRR); fill leaves %s as %s.\n", n, n == 1 ? "" : "s", b.p,
                n == 1 ? "it" : "them", n == 1 ? "it is" : "they are");
    gp_buf_free(&b);
}

static int wrong_number(const gp_cli *c, const gp_hole *holes, int n)
{
    uint32_t line, column;
    gp_buf what = {0};
    int status;
    if (c->n_args > n)
        return gp_cli_usage(c, "%d value%s for %d hole%s: '%s' is the first that has no place", c->n_args, c->n_args == 1 ? "" : "s", n,
                            n == 1 ? "" : "s", c->args[n]);
    gp_span_where(holes[c->n_args].at, &line, &column);
    gp_hole_what(&holes[c->n_args], &what);
    status = gp_cli_usage(c, "%d value%s for %d holes: hole %d, %s (%u:%u), is the first without one", c->n_args,
                          c->n_args == 1 ? "" : "s", n, c->n_args + 1, what.p, line, column);
    gp_buf_free(&what);
    return status;
}

static int fill(const gp_cli *c, const gp_formula *f, const gp_hole *holes, int n)
{
    gp_buf text = {0};
    gp_diags d = {0};
    gp_formula *filled;
    gp_str *values = gp_xcalloc((size_t)n + 1, sizeof *values);
    int status = GP_EXIT_OK;
    for (int i = 0; i < n; i++)
        values[i] = gp_str_from(c->args[i]);
    gp_formula_fill(f, holes, values, n, &text);
    gp_cli_put_text((gp_str){text.p, text.n});
    if (text.n && text.p[text.n - 1] != '\n')
        putchar('\n');
    filled = gp_formula_parse("<filled>", text.p, text.n, GP_ENC_UTF8, &d);
    if (d.errors) {
        gp_cli_diags(c, &d);
        status = GP_EXIT_FORMULA;
    }
    gp_diags_fini(&d);
    gp_formula_free(filled);
    gp_buf_free(&text);
    free(values);
    return status;
}

/* Errors that are no holes: the text is broken in other ways, and numbers would not mend it. */
static bool other_errors(const gp_diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->at[i].severity == GP_ERROR && d->at[i].id != GP_D_MISSING_OPERAND && d->at[i].id != GP_D_MISSING_ARGUMENT &&
            d->at[i].id != GP_D_MISSING_VALUE)
            return true;
    return false;
}

int gp_cmd_fill(gp_cli *c)
{
    gp_diags d = {0};
    int n, status = GP_EXIT_FORMULA;
    gp_hole *holes;
    gp_formula *f = gp_cli_formula(c, true, &d, &status);
    if (!f) {
        gp_diags_fini(&d);
        return status;
    }
    if (other_errors(&d)) {
        gp_cli_diags(c, &d);
        gp_formula_free(f);
        return GP_EXIT_FORMULA;
    }
    gp_diags_fini(&d);
    n = gp_formula_holes(f, NULL, 0);
    holes = gp_xcalloc((size_t)n + 1, sizeof *holes);
    gp_formula_holes(f, holes, n);
    status = GP_EXIT_OK;
    for (int i = 0; i < c->n_args && status == GP_EXIT_OK; i++)
        if (!usable(c->args[i]))
            status = gp_cli_usage(c, "'%s' is neither a number nor a name", c->args[i]);
    if (status == GP_EXIT_OK && c->n_args && c->n_args != n) {
        status = n ? wrong_number(c, holes, n) : gp_cli_usage(c, "nothing is missing in this formula; what is '%s' for?", c->args[0]);
    } else if (status == GP_EXIT_OK && c->n_args) {
        status = fill(c, f, holes, n);
        if (!c->quiet)
            short_colours(f, stderr);
    } else if (status == GP_EXIT_OK) {
        if (n)
            list(f, holes, n);
        else
            printf("%s: no number is missing\n", f->src->name);
        short_colours(f, stdout);
    }
    free(holes);
    gp_formula_free(f);
    return status;
}
