/* A plain evaluator of expressions for tests: every builtin runs bar by bar through its kernel, with the windows folded
 * afresh on each bar.  Slow, and without anything of src/eval: where this and the engine differ, one of them is wrong.
 */
#ifndef GP_TESTS_KERNEL_PROBE_H
#define GP_TESTS_KERNEL_PROBE_H
#define GP_LANES 1
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builtins/builtin.h"
#include "builtins/example.h"
#include "builtins/kernels.h"
#include "builtins/internal.h"

enum { PROBE_BARS = 64, PROBE_NAMES = 32 };
typedef struct column {
    double v[PROBE_BARS];
} column;
typedef struct probe {
    int n; /* bars of this evaluation */
    const char
        *name[PROBE_NAMES]; /* named columns, OPEN HIGH LOW CLOSE VOL AMOUNT DATE among them when there are quotes */
    column col[PROBE_NAMES];
    int names;
    const char *p;     /* rest of the expression */
    const char *error; /* the first thing that went wrong, or NULL */
} probe;

static column probe_constant(double x)
{
    column c;
    for (int i = 0; i < PROBE_BARS; i++) c.v[i] = x;
    return c;
}

static const column *probe_named(const probe *e, gp_str name)
{
    for (int k = 0; k < e->names; k++)
        if (gp_str_ieqz(name, e->name[k])) return &e->col[k];
    return NULL;
}

/* The column behind one letter of a row's inputs; nulls where the test has no such quotes. */
static column probe_input(probe *e, char letter)
{
    static const char *const names[][2] = {{"O", "OPEN"}, {"H", "HIGH"},   {"L", "LOW"}, {"C", "CLOSE"},
                                           {"V", "VOL"},  {"A", "AMOUNT"}, {"D", "DATE"}};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (names[k][0][0] == letter) {
            const column *c = probe_named(e, gp_str_from(names[k][1]));
            return c ? *c : probe_constant(GP_NULL);
        }
    if (gp_feed_row_of(letter)) {
        column fed = probe_constant(GP_NULL);
        for (int i = 0; i < GP_EXAMPLE_BARS; i++) fed.v[i] = gp_example_feed(letter, i);
        return fed;
    }
    column c = probe_constant(letter == 'Z' ? e->n : letter == 'P' ? 5 : letter == 'M' ? 1 : letter == 'N' ? 1250601 : 0);
    if (letter == 'I')
        for (int i = 0; i < e->n; i++) c.v[i] = i;
    return c;
}

#define V0
#define V1     x[0].v[i]
#define V2     V1, x[1].v[i]
#define V3     V2, x[2].v[i]
#define V4     V3, x[3].v[i]
#define V5     V4, x[4].v[i]
#define V6     V5, x[5].v[i]
#define V7     V6, x[6].v[i]
#define V8     V7, x[7].v[i]
#define AND_V1 , V1
#define AND_V2 , V2
#define AND_V3 , V3
#define AND_V4 , V4
#define AND_V5 , V5
#define AND_V6 , V6
#define AND_V7 , V7
#define AND_V8 , V8

/* literal_n: N of a window is written as a number */
static column probe_run(const gp_builtin *b, const column *x, int n, int literal_n)
{
    column out = probe_constant(GP_NULL);
    double *y = out.v;
    gp_hist h = {.prev = GP_NULL, .f = -1, .len = n};
    double tmp[GP_WHOLE_TMP * (PROBE_BARS + 1)];
    static double grid[GP_GRID_DOUBLES];
    gp_whole w = {.tmp = tmp, .grid = grid, .n = n};
    unsigned series = 0;
    int implicit = (int)strlen(b->inputs), cnt = 0;
    for (int k = 0; k < b->n_in; k++) {
        h.x[k] = w.x[k] = x[k].v;
        h.stride[k] = 1;
        if (k < implicit || b->args[k - implicit].type == GP_ARG_SERIES || b->args[k - implicit].type == GP_ARG_COND)
            series |= 1u << k;
    }
    switch (b->id) {
#define GP_MAP(ID, N1, AL, T, C, S, IN, L, F, FL, NIN, ...)                                                            \
    case GP_B_##ID:                                                                                                    \
        for (int i = 0; i < n; i++) y[i] = k_##ID(V##NIN);                                                             \
        break;
#define GP_SCAN(ID, N1, AL, T, C, S, IN, L, F, FL, NIN, NST, ...)                                                      \
    case GP_B_##ID: {                                                                                                  \
        double s[NST];                                                                                                 \
        k_##ID##_init(s);                                                                                              \
        for (int i = 0; i < n; i++) y[i] = k_##ID(s AND_V##NIN);                                                       \
        break;                                                                                                         \
    }
#define GP_WINDOW(ID, N1, AL, T, C, S, IN, L, F, FL, NIN, NF, ...)                                                     \
    case GP_B_##ID:                                                                                                    \
        for (int i = 0; i < n; i++) {                                                                                  \
            double v[NF], u[NF], value = x[0].v[i];                                                                    \
            int len = k_##ID##_len(x[1].v[i], literal_n);                                                              \
            cnt = cnt > 0 || !gp_null(value) ? cnt + 1 : 0;                                                            \
            k_##ID##_unit(v);                                                                                          \
            for (int k = len > i ? 0 : i - len + 1; k <= i; k++) k_##ID##_push(u, x[0].v[k], k), k_##ID##_fold(v, u);  \
            y[i] = len == GP_N_NULL ? GP_NULL : len == GP_N_ZERO ? 0.0 : k_##ID##_fin(v, len, cnt, value, i);          \
        }                                                                                                              \
        break;
#define GP_MOMENTS(ID, N1, AL, T, C, S, IN, L, F, FL, NIN, NM, ...)                                                    \
    case GP_B_##ID:                                                                                                    \
        for (int i = 0; i < n; i++) {                                                                                  \
            double m[NM] = {0}, value = x[0].v[i];                                                                     \
            int len = k_##ID##_len(x[1].v[i], literal_n);                                                              \
            cnt = cnt > 0 || !gp_null(value) ? cnt + 1 : 0;                                                            \
            if (len < 1 || cnt < len) continue;                                                                        \
            double c = x[0].v[i - len + 1];                                                                            \
            for (int k = i - len + 1; k <= i; k++) k_##ID##_add(m, x[0].v[k] - c, k);                                  \
            y[i] = k_##ID##_fin(m, len, i, c);                                                                         \
            if (gp_null(y[i]) && i > 0) y[i] = y[i - 1];                                                               \
        }                                                                                                              \
        break;
#define GP_HISTORY(ID, ...)                                                                                            \
    case GP_B_##ID:                                                                                                    \
        for (int i = 0; i < n; i++) {                                                                                  \
            int valid = 1;                                                                                             \
            for (int k = 0; k < b->n_in; k++) valid &= !((series >> k) & 1) || !gp_null(x[k].v[i]);                    \
            if (h.f < 0 && valid) h.f = i;                                                                             \
            h.prev = y[i] = k_##ID(&h, i);                                                                             \
        }                                                                                                              \
        break;
#define GP_WHOLE(ID, ...)                                                                                              \
    case GP_B_##ID:                                                                                                    \
        k_##ID(&w, y);                                                                                                 \
        break;
#include "builtins/all.def"
    case GP_B_REF:
        return probe_run(gp_builtin_get(GP_B_REFSERIES), x, n, literal_n);
    default:
        break;
    }
    return out;
}

static column probe_expr(probe *e, int level);

static void probe_blanks(probe *e)
{
    while (*e->p == ' ') e->p++;
}

static column probe_apply(probe *e, const gp_builtin *b, const column *args, int n, int literal)
{
    column x[GP_MAX_IN + GP_MAX_ARGS];
    int k = 0;
    for (const char *p = b->inputs; *p; p++) x[k++] = probe_input(e, *p);
    if (b->shape == GP_SHAPE_LOAD) return x[0];
    for (int j = 0; j < n; j++) {
        gp_arg_type type = b->args[j < b->n_args ? j : b->n_args - 1].type;
        x[k + j] = type == GP_ARG_LAST    ? probe_constant(args[j].v[e->n - 1])
                   : type == GP_ARG_FIRST ? probe_constant(args[j].v[0])
                                          : args[j];
    }
    if (b->flags & GP_ROW_BINARY) {
        for (int j = 1; j < n; j++) {
            column pair[2] = {x[0], x[j]};
            x[0] = probe_run(b, pair, e->n, 0);
        }
        return x[0];
    }
    if (k + n != b->n_in || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT || b->shape == GP_SHAPE_NONE) {
        e->error = "not a number, or the wrong number of arguments";
        return x[0];
    }
    return probe_run(b, x, e->n, literal);
}

static column probe_atom(probe *e)
{
    probe_blanks(e);
    if (*e->p == '(') {
        e->p++;
        column c = probe_expr(e, 0);
        probe_blanks(e);
        if (*e->p++ != ')') e->error = ") expected";
        return c;
    }
    if (*e->p == '-') {
        e->p++;
        column c = probe_atom(e);
        return probe_run(gp_builtin_get(GP_B_NEG), &c, e->n, 0);
    }
    if (isdigit((unsigned char)*e->p) || *e->p == '.') return probe_constant(strtod(e->p, (char **)&e->p));
    gp_str name = {e->p, 0};
    while (isalnum((unsigned char)e->p[name.n]) || e->p[name.n] == '_') name.n++;
    e->p += name.n;
    probe_blanks(e);
    const column *known = *e->p == '(' ? NULL : probe_named(e, name);
    if (known) return *known;
    const gp_builtin *b = gp_builtin_find(name);
    column args[GP_MAX_ARGS];
    int n = 0, literal = 0;
    if (!b || !name.n) {
        e->error = "unknown name";
        return probe_constant(GP_NULL);
    }
    if (*e->p == '(') {
        do {
            e->p++;
            literal = strspn(e->p, "0123456789.") == strcspn(e->p, ",)");
            args[n++] = probe_expr(e, 0);
            probe_blanks(e);
        } while (*e->p == ',' && n < GP_MAX_ARGS && !e->error);
        if (*e->p++ != ')') e->error = ") expected";
    }
    return e->error ? probe_constant(GP_NULL) : probe_apply(e, b, args, n, literal);
}

/* Levels of language.md 3, loosest first. */
static column probe_expr(probe *e, int level)
{
    static const char *const signs[][5] = {{"OR"},     {"AND"},        {"=", "<>"}, {"<=", ">=", "<", ">"},
                                           {"+", "-"}, {"*", "/", "%"}};
    if (level == 6) return probe_atom(e);
    column pair[2] = {probe_expr(e, level + 1)};
    for (int k = 0; k < 5 && signs[level][k] && !e->error;) {
        size_t n = strlen(signs[level][k]);
        probe_blanks(e);
        if (strncmp(e->p, signs[level][k], n) != 0 || (level == 3 && e->p[0] == '<' && e->p[1] == '>')) {
            k++;
            continue;
        }
        e->p += n;
        pair[1] = probe_expr(e, level + 1);
        pair[0] = probe_run(gp_builtin_find(gp_str_from(signs[level][k])), pair, e->n, 0);
        k = 0;
    }
    return pair[0];
}

static column probe_eval(probe *e, const char *text)
{
    e->p = text;
    e->error = NULL;
    column c = probe_expr(e, 0);
    probe_blanks(e);
    if (!e->error && *e->p) e->error = "something is left over";
    return c;
}

/* "10 - 12" into a column; returns the number of values. */
static int probe_numbers(const char *p, column *out)
{
    int n = 0;
    while (*p && n < PROBE_BARS) {
        p += strspn(p, " \t\r\n");
        size_t len = strcspn(p, " \t\r\n");
        if (!len) break;
        out->v[n++] = len == 1 && *p == '-' ? GP_NULL : strtod(p, NULL);
        p += len;
    }
    return n;
}

/* First bar on which the two differ by more than tol relative to the larger of 1 and |want|; -1 for none. */
static int probe_differs(const column *got, const column *want, int n, double tol)
{
    for (int i = 0; i < n; i++) {
        double a = got->v[i], b = want->v[i];
        if (gp_null(a) != gp_null(b) || fabs(a - b) > tol * (fabs(b) > 1 ? fabs(b) : 1)) return i;
    }
    return -1;
}
#endif
