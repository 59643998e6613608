/* Quotes of a case -> a file; the output of eval on it -> compared with what is expected. */
#include "cli/test.h"
#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/vec.h"

/* ---- quotes ---- */

static const struct { const char *name, *otherwise; } columns[] = { /* otherwise: the value of a column not given */
    {"open", NULL}, {"high", NULL}, {"low", NULL}, {"close", "10"}, {"volume", "100"}, {"amount", "1000"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns, PRICES = 4, BARS = 5 };

static const gp_expect_column *given(const gp_expect_case *x, const char *name)
{
    for (size_t i = 0; i < x->columns.n; i++) {
        if (gp_str_ieqz(x->columns.at[i].name, name))
            return &x->columns.at[i];
    }
    return NULL;
}

static void field(gp_buf *out, gp_str value)
{
    gp_buf_addc(out, ',');
    if (!gp_str_eq(value, GP_STR("-")))
        gp_buf_csv(out, value);
}

/* Working days from the first Monday of 2024 on. */
static void default_date(gp_buf *out, size_t i)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 2024, month = 0, day = (int)(i / 5 * 7 + i % 5); /* days after 2024-01-01, a Monday */
    for (;;) {
        int n = days[month] + (month == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        if (day < n)
            break;
        day -= n;
        month = (month + 1) % 12;
        year += month == 0;
    }
    gp_buf_printf(out, "%04d-%02d-%02d", year, month + 1, day + 1);
}

static gp_str value_of(const gp_expect_case *x, int k, size_t i)
{
    const gp_expect_column *c = given(x, columns[k].name);
    if (!c && k < PRICES)
        c = given(x, "close");
    if (c)
        return c->values.at[i];
    return gp_str_from(columns[k < PRICES ? PRICES - 1 : k].otherwise);
}

static bool known_column(gp_str name)
{
    for (int k = 0; k < N_COLUMNS; k++) {
        if (gp_str_ieqz(name, columns[k].name))
            return true;
    }
    return false;
}

static void quotes_text(const gp_expect_case *x, size_t n, gp_buf *out)
{
    const gp_expect_column *date = given(x, "date"), *time = given(x, "time");
    gp_buf_addz(out, "date");
    if (time)
        gp_buf_addz(out, ",time");
    for (int k = 0; k < N_COLUMNS; k++)
        gp_buf_printf(out, ",%s", columns[k].name);
    if (x->name.n)
        gp_buf_addz(out, ",name");
    for (size_t c = 0; c < x->columns.n; c++) {
        if (!known_column(x->columns.at[c].name) && &x->columns.at[c] != date && &x->columns.at[c] != time)
            field(out, x->columns.at[c].name);
    }
    gp_buf_addc(out, '\n');
    for (size_t i = 0; i < n; i++) {
        if (date)
            gp_buf_csv(out, date->values.at[i]);
        else
            default_date(out, i);
        if (time)
            field(out, time->values.at[i]);
        for (int k = 0; k < N_COLUMNS; k++)
            field(out, value_of(x, k, i));
        if (x->name.n)
            field(out, x->name);
        for (size_t c = 0; c < x->columns.n; c++) {
            if (!known_column(x->columns.at[c].name) && &x->columns.at[c] != date && &x->columns.at[c] != time)
                field(out, x->columns.at[c].values.at[i]);
        }
        gp_buf_addc(out, '\n');
    }
}

static bool unwritten(tester *t, gp_span at, const char *why)
{
    gp_test_fail(t, at, "%s", why);
    t->unwritten = true;
    return false;
}

static bool good_code(gp_str code)
{
    for (size_t i = 0; i < code.n; i++) {
        char b = code.p[i];
        if (!((b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z')))
            return false;
    }
    return code.n <= 16;
}

static bool write_file(tester *t, const gp_expect_case *x, const gp_buf *text)
{
    gp_str code = x->code.n ? x->code : GP_STR("600000");
    gp_buf path = {0};
    FILE *out;
    bool good;
    if (!t->folder) {
        const char *base = getenv("TMPDIR");
        gp_buf name = {0};
        gp_buf_printf(&name, "%s/goldpit-test-XXXXXX", base && *base ? base : P_tmpdir);
        t->folder = mkdtemp(name.p);
        if (!t->folder) {
            gp_buf_free(&name);
            return unwritten(t, x->all.at[0].span, strerror(errno));
        }
    }
    gp_buf_printf(&path, "%s/" GP_STR_FMT ".csv", t->folder, GP_STR_ARG(code));
    if (t->written && strcmp(t->written, path.p) != 0)
        unlink(t->written);
    free(t->written);
    t->written = path.p;
    out = fopen(path.p, "w");
    good = out && fwrite(text->p, 1, text->n, out) == text->n;
    if (out && fclose(out) != 0)
        good = false;
    return good || unwritten(t, x->all.at[0].span, strerror(errno));
}

/* The file { data: } names, beside the formula. */
static char *beside(const char *formula, gp_str file)
{
    const char *slash = strrchr(formula, '/');
    gp_buf path = {0};
    if (slash && file.p[0] != '/')
        gp_buf_add(&path, formula, (size_t)(slash - formula + 1));
    gp_buf_add(&path, file.p, file.n);
    return path.p;
}

char *gp_test_quotes(tester *t, const gp_expect_case *x)
{
    size_t n = x->columns.n ? x->columns.at[0].values.n : BARS;
    gp_buf text = {0};
    bool good;
    if (x->data.n && x->columns.n) {
        unwritten(t, x->columns.at[0].span, "the case has both { data: } and quotes of its own");
        return NULL;
    }
    if (x->data.n)
        return beside(t->path, x->data);
    for (size_t i = 0; i < x->columns.n; i++) {
        if (x->columns.at[i].values.n != n) {
            gp_test_fail(t, x->columns.at[i].span, GP_STR_FMT " has %zu values and " GP_STR_FMT " has %zu; a column has one value a bar",
                         GP_STR_ARG(x->columns.at[i].name), x->columns.at[i].values.n, GP_STR_ARG(x->columns.at[0].name), n);
            t->unwritten = true;
            return NULL;
        }
    }
    if (!good_code(x->code)) {
        unwritten(t, x->all.at[0].span, "a { code: } has letters and digits only");
        return NULL;
    }
    quotes_text(x, n, &text);
    good = write_file(t, x, &text);
    gp_buf_free(&text);
    return good ? gp_xstrndup(t->written, strlen(t->written)) : NULL;
}

void gp_test_clean(tester *t)
{
    if (t->written)
        unlink(t->written);
    if (t->folder)
        rmdir(t->folder);
    free(t->written);
    free(t->folder);
    t->written = t->folder = NULL;
}

/* ---- values ---- */

typedef struct cells { GP_VEC(char *) at; size_t width, row; } cells; /* row 0 is the header */

static void on_field(void *p, size_t n, void *ctx)
{
    cells *c = ctx;
    gp_vec_push(&c->at, gp_xstrndup(p, n));
}

static void on_row(int end, void *ctx)
{
    cells *c = ctx;
    (void)end;
    if (c->row++ == 0)
        c->width = c->at.n;
}

static void read_cells(const char *p, size_t n, cells *out)
{
    struct csv_parser parser;
    csv_init(&parser, 0);
    csv_parse(&parser, p, n, on_field, on_row, out);
    csv_fini(&parser, on_field, on_row, out);
    csv_free(&parser);
}

static size_t column_of(const cells *c, gp_str name)
{
    for (size_t i = 0; i < c->width; i++) {
        if (gp_str_eq(name, gp_str_from(c->at.at[i])))
            return i;
    }
    for (size_t i = 0; i < c->width; i++) {
        if (gp_str_ieqz(name, c->at.at[i]))
            return i;
    }
    return c->width;
}

/* To six digits. */
static bool same(const char *got, gp_str want)
{
    double g, w;
    if (gp_str_eq(want, GP_STR("?")))
        return true;
    if (gp_str_eq(want, GP_STR("-")))
        return *got == 0;
    if (gp_num_parse(want.p, want.n, &w) && gp_num_parse(got, strlen(got), &g))
        return fabs(g - w) <= 1e-6 * fmax(1, fabs(w));
    return gp_str_eq(want, gp_str_from(got));
}

static void shown(gp_buf *out, const char *got)
{
    double v;
    if (!*got)
        gp_buf_addc(out, '-');
    else if (gp_num_parse(got, strlen(got), &v))
        gp_buf_printf(out, "%.7g", v);
    else
        gp_buf_addz(out, got);
}

/* A single value is meant for every bar. */
static gp_str wanted(const gp_expect *e, size_t i, size_t bars)
{
    return e->values.at[e->values.n == 1 && bars > 1 ? 0 : i];
}

static void differs(tester *t, const cells *c, const gp_expect *e, size_t column, size_t bar)
{
    gp_buf got = {0}, want = {0}, one = {0};
    for (size_t i = 1; i < c->row; i++) {
        gp_buf_addc(&got, ' ');
        shown(&got, c->at.at[i * c->width + column]);
        gp_buf_printf(&want, " " GP_STR_FMT, GP_STR_ARG(wanted(e, i - 1, c->row - 1)));
    }
    shown(&one, c->at.at[(bar + 1) * c->width + column]);
    gp_test_fail(t, e->span, GP_STR_FMT " on bar %zu (%s): expected " GP_STR_FMT ", got %s", GP_STR_ARG(e->what), bar,
                 c->at.at[(bar + 1) * c->width], GP_STR_ARG(wanted(e, bar, c->row - 1)), one.p);
    printf("     expected");
    gp_test_put(want.p);
    printf("\n     got     ");
    gp_test_put(got.p);
    putchar('\n');
    gp_buf_free(&got);
    gp_buf_free(&want);
    gp_buf_free(&one);
}

static void judge(tester *t, const cells *c, const gp_expect *e)
{
    size_t column = column_of(c, e->what), bars = c->row - 1;
    if (column == c->width) {
        gp_buf names = {0};
        for (size_t i = 1; i < c->width; i++)
            gp_buf_printf(&names, "%s%s", i > 1 ? ", " : "", c->at.at[i]);
        gp_test_fail(t, e->span, "the formula has no output " GP_STR_FMT "; it has %s", GP_STR_ARG(e->what), names.p ? names.p : "none");
        gp_buf_free(&names);
        return;
    }
    if (e->values.n != bars && e->values.n != 1) {
        gp_test_fail(t, e->span, GP_STR_FMT ": expected %zu values, got %zu bars", GP_STR_ARG(e->what), e->values.n, bars);
        return;
    }
    for (size_t i = 0; i < bars; i++) {
        if (!same(c->at.at[(i + 1) * c->width + column], wanted(e, i, bars))) {
            differs(t, c, e, column, i);
            return;
        }
    }
    t->passed++;
}

void gp_test_values(tester *t, const gp_expect_case *x, gp_cli *one)
{
    char *text = NULL;
    size_t n = 0;
    cells c = {0};
    int status;
    one->out = open_memstream(&text, &n);
    if (!one->out) {
        gp_test_fail(t, x->all.at[0].span, "%s", strerror(errno));
        return;
    }
    fflush(stdout); /* what eval says on standard error follows what was said here */
    status = gp_cmd_eval(one);
    fclose(one->out);
    one->out = NULL;
    if (status == GP_EXIT_OK)
        read_cells(text, n, &c);
    if (c.row == 0)
        gp_test_fail(t, x->all.at[0].span, "eval gave no values (exit status %d)", status);
    for (size_t i = 0; i < x->all.n && c.row; i++) {
        if (x->all.at[i].kind == GP_EXPECT_VALUES)
            judge(t, &c, &x->all.at[i]);
    }
    for (size_t i = 0; i < c.at.n; i++)
        free(c.at.at[i]);
    gp_vec_free(&c.at);
    free(text);
}
