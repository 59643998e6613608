/* The rows: complete against the list of names, well formed, found, suggested; their examples and the worked examples
 * of the specification run through the kernels. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "builtins/example.h"
#include "kernel_probe.h"

static const char *const list_path = "../shared/spec/functions.tsv";
static const char *const vectors_path = "../shared/spec/vectors.tsv";

static FILE *open_or_skip(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        print_message("SKIPPED: %s is not there\n", path);
        skip();
    }
    return f;
}

/* The next tab-separated field of *at; empty at the end of the line. */
static gp_str field(char **at)
{
    gp_str s = {*at, strcspn(*at, "\t\r\n")};
    *at += s.n + ((*at)[s.n] == '\t');
    return s;
}
static int number(gp_str s)
{
    return s.n ? atoi(s.p) : 0;
}

/* Names that another row of a more common tier carries as an alias. */
static bool is_alias_of_other_tier(gp_str name)
{
    static const char *const names[] = {"IFF", "ANY", "ALL", "CROSSUP"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (gp_str_ieqz(name, names[k])) return true;
    return false;
}

static void every_listed_name_has_a_row(void **state)
{
    (void)state;
    FILE *f = open_or_skip(list_path);
    char line[512];
    int seen = 0, wrong = 0;
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        char *at = line;
        gp_str name = field(&at), tier = field(&at), kind = field(&at);
        int min = number(field(&at)), max = number(field(&at)), future = number(field(&at));
        const gp_builtin *b = gp_builtin_find(name);
        seen++;
        if (!b) {
            print_error("no row for " GP_STR_FMT "\n", GP_STR_ARG(name));
            wrong++;
            continue;
        }
        bool ok = b->min_args == min && b->max_args == max && (!future || b->future != GP_FUTURE_NONE);
        ok = ok && (gp_str_ieqz(tier, gp_tier_name(b->tier)) || is_alias_of_other_tier(name));
        ok = ok && (!gp_str_ieqz(kind, "output") || (b->shape == GP_SHAPE_NONE && b->needs[0]));
        /* A and B need nothing but quotes, so they must be there. */
        ok = ok && (tier.p[0] > 'B' || b->shape != GP_SHAPE_NONE || gp_str_ieqz(kind, "output"));
        if (!ok) {
            print_error(GP_STR_FMT ": tier %s, %d to %d arguments, shape %s\n", GP_STR_ARG(name), gp_tier_name(b->tier),
                        b->min_args, b->max_args, gp_shape_name(b->shape));
            wrong++;
        }
    }
    fclose(f);
    assert_true(seen >= 400);
    assert_int_equal(wrong, 0);
}

static int inputs_known(const char *letters)
{
    for (; *letters; letters++)
        if (!strchr("OHLCVADTSIZPMRNhqrQcn", *letters) && !gp_feed_row_of(*letters)) return 0;
    return 1;
}

static void rows_are_well_formed(void **state)
{
    (void)state;
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    assert_int_equal(n, GP_B_COUNT - 1);
    for (const char *own = "OHLCVADTSIZPMRNhqrQcn"; *own; own++)
        if (gp_feed_row_of(*own)) fail_msg("feed.def takes the letter %c, which is the engine's", *own);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        if (b->flags & GP_ROW_INTERNAL) continue;
        assert_ptr_equal(gp_builtin_get((gp_builtin_id)(i + 1)), b);
        if (!b->en[0] || !b->zh[0] || strchr(b->en, '\n') || strchr(b->zh, '\n'))
            fail_msg("%s lacks its documentation", b->name);
        if (b->shape == GP_SHAPE_NONE) {
            if (!b->needs[0]) fail_msg("%s does not say what it needs", b->name);
            continue;
        }
        if (!b->example[0]) fail_msg("%s has no example", b->name);
        if (b->n_in > GP_MAX_IN) fail_msg("%s has too many inputs", b->name);
        int given = (int)strlen(b->inputs) + b->n_args;
        if (b->n_in != given) fail_msg("%s: %d inputs, the signature says %d", b->name, b->n_in, given);
        if (inputs_known(b->inputs) == 0) fail_msg("%s: inputs %s", b->name, b->inputs);
        if (strchr(b->inputs, 'Z') && b->future == GP_FUTURE_NONE && b->id != GP_B_MEMA)
            fail_msg("%s reads the number of bars and claims not to look ahead", b->name);
        if ((b->shape == GP_SHAPE_WINDOW || b->shape == GP_SHAPE_MOMENTS) && (b->n_in != 2 || b->n_state < 1))
            fail_msg("%s: a window takes a series and N", b->name);
        for (int k = 0; k < b->n_args; k++)
            if (b->args[k].name.n == 0 || !strchr("scnkftr", (char)b->args[k].type))
                fail_msg("%s: argument %d", b->name, k + 1);
    }
}

/* "known", "likely" and "unverified" stand in rules only in parentheses that begin with one of them and end a clause. */
static bool certainty_stands_right(const char *rule)
{
    static const char *const words[] = {"known", "likely", "unverified"};
    for (int k = 0; k < 3; k++)
        for (const char *at = strstr(rule, words[k]); at; at = strstr(at + 1, words[k])) {
            const char *open = at, *close = at + strcspn(at, "()");
            while (open > rule && *open != '(' && *open != ')') open--;
            bool begins = false;
            for (int j = 0; j < 3; j++) begins |= *open == '(' && strncmp(open + 1, words[j], strlen(words[j])) == 0;
            if (!begins || *close != ')' || (close[1] && close[1] != ';' && close[1] != ',')) return false;
        }
    return true;
}

/* A rule says how sure it is, in one of three words, and the field is the weakest of them. */
static void rules_state_their_certainty(void **state)
{
    (void)state;
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        if ((all[i].rule[0] != 0) != (all[i].certainty != GP_CERTAIN_UNDISPUTED))
            fail_msg("%s: the rule must say known, likely or unverified", all[i].name);
        if (!certainty_stands_right(all[i].rule)) fail_msg("%s: its rule uses the words of certainty as prose", all[i].name);
        if (all[i].rule[0] && all[i].rule[strlen(all[i].rule) - 1] != ')') fail_msg("%s: the certainty ends its rule", all[i].name);
    }
    assert_int_equal(gp_builtin_find(GP_STR("CONST"))->certainty, GP_CERTAIN_UNDISPUTED);
    assert_int_equal(gp_builtin_find(GP_STR("HHVBARS"))->certainty, GP_CERTAIN_KNOWN);
    assert_int_equal(gp_builtin_find(GP_STR("SMA"))->certainty, GP_CERTAIN_LIKELY); /* known; the latter likely */
    assert_int_equal(gp_builtin_find(GP_STR("DMA"))->certainty, GP_CERTAIN_UNVERIFIED);
}

/* docs/compatibility.md names everything that the specification lists. */
static void compatibility_names_everything(void **state)
{
    (void)state;
    FILE *f = open_or_skip(list_path), *in = fopen(GOLDPIT_SOURCE_DIR "/docs/compatibility.md", "rb");
    char line[512];
    int wrong = 0;
    assert_non_null(in);
    char *text = calloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, in) > 10000);
    fclose(in);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        char *at = line, shown[80];
        gp_str name = field(&at);
        bool found = false;
        for (int k = 0; k < 2 && !found; k++) { /* `NAME` or `NAME( */
            snprintf(shown, sizeof shown, "`" GP_STR_FMT "%c", GP_STR_ARG(name), k ? '(' : '`');
            found = strstr(text, shown) != NULL;
        }
        if (!found) {
            print_error("docs/compatibility.md does not name " GP_STR_FMT "\n", GP_STR_ARG(name));
            wrong++;
        }
    }
    fclose(f);
    free(text);
    assert_int_equal(wrong, 0);
}

static void names_are_unique(void **state)
{
    (void)state;
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        if (gp_builtin_find(gp_str_from(all[i].name)) != &all[i]) fail_msg("%s is taken", all[i].name);
        for (const char *p = all[i].aliases; *p;) {
            gp_str alias = {p, strcspn(p, " ")};
            if (gp_builtin_find(alias) != &all[i])
                fail_msg("alias " GP_STR_FMT " of %s is taken", GP_STR_ARG(alias), all[i].name);
            p += alias.n + (p[alias.n] == ' ');
        }
    }
}

static void lookup_and_usage(void **state)
{
    (void)state;
    const gp_builtin *b = gp_builtin_find(GP_STR("ExpMa"));
    assert_non_null(b);
    assert_string_equal(b->name, "EMA");
    assert_null(gp_builtin_find(GP_STR("NOSUCH")));
    assert_null(gp_builtin_find(GP_STR("")));
    assert_null(gp_builtin_get(GP_B_NONE));
    assert_null(gp_builtin_get(GP_B_COUNT));
    struct {
        const char *name, *usage;
    } const want[] = {{"MA", "MA(X,N)"},
                      {"close", "CLOSE"},
                      {"MAX", "MAX(A,B,...)"},
                      {"<=", "A <= B"},
                      {"DRAWNUMBER_DIF", "DRAWNUMBER_DIF(COND,P,NUM[,NUM2[,NUM3[,NUM4[,NUM5[,NUM6]]]]])"},
                      {"PARTLINE", "PARTLINE(P,COND[,COLOUR,...])"}};
    for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
        gp_buf text = {0};
        gp_builtin_usage(gp_builtin_find(gp_str_from(want[k].name)), &text);
        assert_string_equal(text.p, want[k].usage);
        gp_buf_free(&text);
    }
    assert_string_equal(gp_category_name(GP_CAT_REF, false), "reference");
    assert_string_equal(gp_category_name(GP_CAT_REF, true), "引用函数");
    assert_string_equal(gp_shape_name(GP_SHAPE_NONE), "none");
}

static void arguments_repeat(void **state)
{
    (void)state;
    const gp_builtin *max = gp_builtin_find(GP_STR("MAX")), *part = gp_builtin_find(GP_STR("PARTLINE"));
    assert_ptr_equal(gp_builtin_arg(max, 7), &max->args[1]);
    assert_int_equal(part->min_args, 2);
    assert_int_equal(part->max_args, GP_MAX_ARGS);
    for (int i = 1; i < GP_MAX_ARGS; i++)
        assert_int_equal(gp_builtin_arg(part, i)->type, i % 2 ? GP_ARG_COND : GP_ARG_COLOUR);
    assert_null(gp_builtin_arg(gp_builtin_find(GP_STR("CLOSE")), 0));
}

static void argument_values(void **state)
{
    (void)state;
    const gp_builtin *stick = gp_builtin_find(GP_STR("STICKLINE")), *icon = gp_builtin_find(GP_STR("DRAWICON"));
    const gp_argument *empty = gp_argument_find(stick, GP_STR("EMPTY")), *type = gp_argument_find(icon, GP_STR("TYPE"));
    const gp_argument *expand = gp_argument_find(gp_builtin_find(GP_STR("DRAWLINE")), GP_STR("EXPAND"));
    assert_null(gp_argument_find(stick, GP_STR("P1")));
    assert_false(gp_argument_allows(type, 1e300) || gp_argument_allows(type, NAN) || gp_argument_allows(type, -INFINITY));
    assert_true(gp_argument_allows(empty, -1) && gp_argument_allows(empty, 3));
    assert_false(gp_argument_allows(empty, 4) || gp_argument_allows(empty, 0.5));
    assert_true(gp_argument_allows(type, 46));
    assert_false(gp_argument_allows(type, 47) || gp_argument_allows(type, 2.5) || gp_argument_allows(type, NAN));
    assert_true(gp_argument_allows(expand, 10));
    assert_false(gp_argument_allows(expand, 2));
    assert_true(gp_argument_allows(gp_argument_find(stick, GP_STR("WIDTH")), 2.5));
}

static bool suggests(const char *typed, const char *wanted)
{
    const char *out[5];
    int n = gp_builtin_similar(gp_str_from(typed), out, 5);
    for (int k = 0; k < n; k++)
        if (strcmp(out[k], wanted) == 0) return true;
    return false;
}

static void suggestions(void **state)
{
    (void)state;
    const char *out[1];
    assert_true(suggests("BARSLAT", "BARSLAST"));
    assert_true(suggests("hvh", "HHV"));
    assert_true(suggests("CROS", "CROSS"));
    assert_true(suggests("CLOES", "CLOSE"));
    assert_false(suggests("TRADENUMS", "TRADENUM")); /* known by name only */
    assert_int_equal(gp_builtin_similar(GP_STR("ZZZZZZZZ"), out, 1), 0);
    assert_int_equal(gp_builtin_similar(GP_STR("短跳"), out, 1), 0);
    assert_int_equal(gp_builtin_similar(GP_STR("BARSLAT"), out, 1), 1);
    assert_string_equal(out[0], "BARSLAST");
}

static void add(probe *e, const char *name, const double *v, int n)
{
    e->name[e->names] = name;
    for (int i = 0; i < n; i++) e->col[e->names].v[i] = v[i];
    e->names++;
}

static void examples(void **state)
{
    (void)state;
    const gp_example_bars_t *x = &gp_example_bars;
    probe e = {.n = GP_EXAMPLE_BARS};
    double date[GP_EXAMPLE_BARS];
    int n, ran = 0, wrong = 0;
    for (int i = 0; i < GP_EXAMPLE_BARS; i++) date[i] = x->date[i] - 19000000;
    add(&e, "OPEN", x->open, e.n), add(&e, "HIGH", x->high, e.n), add(&e, "LOW", x->low, e.n);
    add(&e, "CLOSE", x->close, e.n), add(&e, "VOL", x->vol, e.n), add(&e, "AMOUNT", x->amount, e.n),
        add(&e, "DATE", date, e.n);
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        if (!b->expect[0] || b->shape == GP_SHAPE_DRAW) continue;
        column want, got = probe_eval(&e, b->example);
        if (e.error) fail_msg("%s: %s: %s", b->name, b->example, e.error);
        assert_int_equal(probe_numbers(b->expect, &want), GP_EXAMPLE_BARS);
        int bar = probe_differs(&got, &want, e.n, 2e-5);
        if (bar >= 0) {
            print_error("%s: %s at bar %d: %g, expected %g\n", b->name, b->example, bar, got.v[bar], want.v[bar]);
            wrong++;
        }
        ran++;
    }
    assert_true(ran > 150);
    assert_int_equal(wrong, 0);
}

static void worked_examples(void **state)
{
    (void)state;
    FILE *f = open_or_skip(vectors_path);
    static char line[8192], names[PROBE_NAMES][16];
    probe e = {.n = 0};
    int ran = 0, wrong = 0;
    while (fgets(line, sizeof line, f)) {
        char *at = line;
        gp_str verb = field(&at), what = field(&at), values = field(&at);
        if (gp_str_ieqz(verb, "let")) {
            assert_true(e.names < PROBE_NAMES && what.n < sizeof names[0]);
            memcpy(names[e.names], what.p, what.n);
            e.name[e.names] = names[e.names];
            column *c = &e.col[e.names++];
            for (int i = probe_numbers(values.p, c); i < PROBE_BARS; i++) c->v[i] = GP_NULL;
        } else if (gp_str_ieqz(verb, "expect")) {
            column want;
            e.n = probe_numbers(values.p, &want);
            line[what.p + what.n - line] = 0;
            column got = probe_eval(&e, what.p);
            if (e.error) fail_msg("%s: %s", what.p, e.error);
            int bar = probe_differs(&got, &want, e.n, 2e-6);
            if (bar >= 0) {
                print_error("%s at bar %d: %g, expected %g\n", what.p, bar, got.v[bar], want.v[bar]);
                wrong++;
            }
            ran++;
        }
    }
    fclose(f);
    assert_true(ran >= 77);
    assert_int_equal(wrong, 0);
}

/* What the tables of the specification do not show. */
static void edges(void **state)
{
    (void)state;
    static const struct {
        const char *formula, *want;
    } cases[] = {
        {"IF(W>11,1,2)", "- - 2 2 1 1 1"}, /* a null condition after the start takes the true branch */
        {"W=W", "1 1 1 1 1 1 1"},
        {"NOT(W>10)", "- - 1 0 0 0 0"},
        {"MAX(W,11)", "- - 11 11 11 12 14"},
        {"MIN(W,11)", "- - 10 11 - 11 11"},
        {"(W>0) AND (W<11)", "- - 1 0 - 0 0"},
        {"(W>11) OR (W<11)", "0 0 1 0 0 1 1"},
        {"SUM(W,0-1)", "- - 10 21 21 33 47"},
        {"HHVBARS(W,2)", "- - 0 0 1 0 0"},
        {"EVERY(W>0,2)", "- - 0 1 0 0 1"},
        {"EVERY(W>0,0)", "- - 0 0 0 0 0"},
        {"EXIST(W>11,2)", "- - 0 0 - 1 1"},
        {"COUNT(W>0,2)", "0 0 1 2 1 1 2"},
        {"MA(W,0)", "- - - - - - -"},
        {"STD(W,2)", "- - - 0.707107 0.707107 0.707107 1.414214"}, /* a null inside repeats */
        {"STD(W,1.6)", "- - - 0.707107 0.707107 0.707107 1.414214"},
        {"STD(W,1)", "- - 0 0 0 0 0"},
        {"SLOPE(W,1)", "- - - - - - -"},
        {"LN(W-11)", "- - - - - 0 1.098612"},
        {"SQRT(11-W)", "- - 1 0 - - -"},
        {"REF(W,1)", "- - - 10 11 - 12"},
        {"REF(W,0-1)", "- - - - - - -"},
        {"EMA(W,0)", "- - 10 11 11 12 14"},
        {"DMA(W,2)", "- - 10 11 11 12 14"},
        {"SMA(W,3,3)", "- - - - - - -"},
        {"BARSLAST(W>11)", "- - - - - 0 0"},
        {"UPNDAY(W,1)", "- - 0 1 0 0 1"},
        {"HOD(W,0)", "- - 1 1 - 1 1"},
        {"FINDHIGH(W,1,3,9)", "- - - 10 10 10 11"}, /* beyond the last rank */
        {"FINDLOWBARS(W,0,0,1)", "- - - - - - -"},
        {"REFX(W,BARSCOUNT(W))", "- - 10 - 14 - -"},
        {"XMA(W,2)", "- - 10 10.5 11 12 13"},
        {"BACKSET(W>11,0)", "0 0 0 0 0 0 0"},
        {"FILTERX(W>9,9)", "0 0 1 1 0 1 1"},
        {"ZIG(W,0)", "0 0 0 0 0 0 0"},
        {"ROUND(0-2.5)", "-3 -3 -3 -3 -3 -3 -3"},
        {"ROUND2(0-1.235,2)", "-1.24 -1.24 -1.24 -1.24 -1.24 -1.24 -1.24"},
        {"MOD(0-5,3)", "-2 -2 -2 -2 -2 -2 -2"},
        {"MOD(5.4,2)", "1 1 1 1 1 1 1"},
        {"MOD(5,0)", "- - - - - - -"},
        {"INTPART(2.99995)", "3 3 3 3 3 3 3"},
        {"CEILING(0-3.5)", "-3 -3 -3 -3 -3 -3 -3"},
        {"POW(0-2,3)", "-8 -8 -8 -8 -8 -8 -8"},
        {"ZTPRICE(10.05,0.1)", "11.06 11.06 11.06 11.06 11.06 11.06 11.06"},
        {"DTPRICE(10.05,0.1)", "9.05 9.05 9.05 9.05 9.05 9.05 9.05"},
        {"DATETODAY(1000101)", "3300 3300 3300 3300 3300 3300 3300"},
        {"DATETODAY(1000231)", "- - - - - - -"},
        {"DAYTODATE(365)", "911219 911219 911219 911219 911219 911219 911219"},
        {"TIMETOSEC(93000)", "34200 34200 34200 34200 34200 34200 34200"},
        {"TIMETOSEC(96000)", "- - - - - - -"},
        {"SECTOTIME(34200)", "93000 93000 93000 93000 93000 93000 93000"},
        {"RGB(255,0,1)", "65790 65790 65790 65790 65790 65790 65790"},
    };
    probe e = {.n = 7, .names = 1, .name = {"W"}};
    int wrong = 0;
    assert_int_equal(probe_numbers("- - 10 11 - 12 14", &e.col[0]), 7);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        column want, got = probe_eval(&e, cases[k].formula);
        if (e.error) fail_msg("%s: %s", cases[k].formula, e.error);
        assert_int_equal(probe_numbers(cases[k].want, &want), 7);
        int bar = probe_differs(&got, &want, 7, 2e-6);
        if (bar >= 0) {
            print_error("%s at bar %d: %g, expected %g\n", cases[k].formula, bar, got.v[bar], want.v[bar]);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* Whatever the arguments, a kernel neither leaves its arrays nor gives an infinite value. */
static void odd_arguments(void **state)
{
    (void)state;
    static const double odd[] = {-1e300, -1e10, -1, 0, 0.4, 1, 3, 11, 1e10, 1e300};
    enum { ODD = sizeof odd / sizeof odd[0] + 1, BARS = 12 };
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        if (b->shape == GP_SHAPE_NONE || b->shape == GP_SHAPE_CONTROL || b->shape == GP_SHAPE_DRAW || b->shape == GP_SHAPE_TEXT ||
            b->shape == GP_SHAPE_LOAD)
            continue;
        if (b->flags & GP_ROW_INTERNAL && b->id != GP_B_REFSERIES) continue; /* the compiler proves their operands */
        int implicit = (int)strlen(b->inputs), given = b->n_in - implicit;
        for (int round = 0; round < 600; round++) {
            column x[GP_MAX_IN];
            uint32_t r = (uint32_t)round * 2654435761u + (uint32_t)i;
            for (int k = 0; k < b->n_in; k++) {
                probe e = {.n = BARS};
                x[k] = k < implicit ? probe_input(&e, b->inputs[k]) : probe_constant(odd[0]);
                int same = k >= implicit &&
                           (b->args[k - implicit].type == GP_ARG_LAST || b->args[k - implicit].type == GP_ARG_FIRST);
                for (int t = 0; t < BARS; t++) {
                    bool clock = k < implicit && strchr("IZPMRNhqrQ", b->inputs[k]);
                    if (!same || t == 0) r = r * 1664525u + 1013904223u;
                    uint32_t pick = (r >> 16) % ODD;
                    if (!clock) x[k].v[t] = same && t ? x[k].v[0] : pick == ODD - 1 ? GP_NULL : odd[pick];
                }
            }
            column y = probe_run(b, x, round % 4 ? BARS : 1, given && round % 2);
            for (int t = 0; t < BARS; t++)
                if (fabs(y.v[t]) > 1.7976931348623157e308) fail_msg("%s gives an infinite value", b->name);
        }
    }
}

/* A way out is for rows that look ahead, in both languages. */
static void ways_out(void **state)
{
    int n, found = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    (void)state;
    for (int k = 0; k < n; k++) {
        const char *en = gp_builtin_way_out(&all[k], false), *zh = gp_builtin_way_out(&all[k], true);
        assert_int_equal(en != NULL, zh != NULL);
        if (!en) continue;
        assert_true(*en && *zh && strcmp(en, zh) != 0);
        assert_int_not_equal(all[k].future, GP_FUTURE_NONE);
        found++;
    }
    assert_true(found > 20);
    assert_null(gp_builtin_way_out(NULL, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listed_name_has_a_row),
        cmocka_unit_test(rows_are_well_formed),
        cmocka_unit_test(names_are_unique),
        cmocka_unit_test(lookup_and_usage),
        cmocka_unit_test(rules_state_their_certainty),
        cmocka_unit_test(compatibility_names_everything),
        cmocka_unit_test(arguments_repeat),
        cmocka_unit_test(ways_out),
        cmocka_unit_test(argument_values),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(examples),
        cmocka_unit_test(worked_examples),
        cmocka_unit_test(edges),
        cmocka_unit_test(odd_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
