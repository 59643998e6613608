/* goldpit functions: the reference, from the rows of the builtins. */
#include "cli/table.h"
#include <ctype.h>
#include <string.h>
#include "base/num.h"
#include "builtins/builtin.h"
#include "builtins/example.h"
#include "parser/attribute.h"

/* The letters of `inputs` that stand for what quotes do not hold. */
static const char *feed_letters(void)
{
    static const char letters[] = {
#define GP_FEED(LETTER, ...) LETTER,
#include "builtins/feed.def"
#undef GP_FEED
        0};
    return letters;
}

static const char *status_of(const gp_builtin *b)
{
    if (b->shape != GP_SHAPE_NONE)
        return *b->needs || strpbrk(b->inputs, feed_letters()) ? "with other data" : "ok";
    if (b->category == GP_CAT_SIGNAL && b->tier <= GP_TIER_B)
        return "name of an output"; /* ENTERLONG and its kin have no value of their own */
    return b->needs && *b->needs ? "needs other data" : "not yet";
}

static const char *look_of(const gp_builtin *b)
{
    if (b->shape == GP_SHAPE_NONE)
        return "";
    switch (b->look) {
    case GP_LOOK_0: return "0";
    case GP_LOOK_1: return "1";
    case GP_LOOK_N1: return "N-1";
    case GP_LOOK_N: return "N";
    case GP_LOOK_ALL: return "all";
    }
    return "";
}

static const char *future_of(const gp_builtin *b)
{
    switch (b->future) {
    case GP_FUTURE_NONE: return "no";
    case GP_FUTURE_N: return "N bars";
    case GP_FUTURE_PERIOD: return "longer bar";
    case GP_FUTURE_REPAINT: return "repaints";
    case GP_FUTURE_LAST: return "last bar";
    }
    return "";
}

static bool holds(const char *text, gp_str word)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + word.n <= n; i++) {
        if (gp_str_ieq((gp_str){text + i, word.n}, word))
            return true;
    }
    return false;
}

/* ---- one in detail ---- */

static void row(const char *label, const char *text)
{
    if (text && *text)
        printf("  %-12s %s\n", label, text);
}

/* Whether the text has the word on its own, in any case. */
static bool names(const char *text, const char *word)
{
    while (*text) {
        size_t n = 0;
        while (isalnum((unsigned char)text[n]) || text[n] == '_' || (unsigned char)text[n] >= 0x80)
            n++;
        if (n && gp_str_ieqz((gp_str){text, n}, word))
            return true;
        text += n ? n : 1;
    }
    return false;
}

static void example_row(const char *label, const char *values)
{
    printf("  %-12s", label);
    while (*values) {
        int n = (int)strcspn(values, " ");
        printf(" %8.*s", n, values);
        values += n;
        values += *values == ' ';
    }
    putchar('\n');
}

/* The example with its values under the quotes they were computed from: the columns it names or reads by itself. */
static void example(const gp_builtin *b)
{
    const gp_example_bars_t *bars = &gp_example_bars;
    const struct { const char *name, *letter; char input; const double *at; } columns[] = {
        {"OPEN", "O", 'O', bars->open}, {"HIGH", "H", 'H', bars->high}, {"LOW", "L", 'L', bars->low},
        {"CLOSE", "C", 'C', bars->close}, {"VOL", "V", 'V', bars->vol}, {"AMOUNT", "AMO", 'A', bars->amount}};
    gp_buf values = {0};
    char number[GP_NUM_MAX];
    row("example", b->example);
    if (!b->expect || !*b->expect)
        return;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (!names(b->example, columns[i].name) && !names(b->example, columns[i].letter) && !strchr(b->inputs, columns[i].input))
            continue;
        values.n = 0;
        for (int k = 0; k < GP_EXAMPLE_BARS; k++) {
            gp_num_format(columns[i].at[k], number);
            gp_buf_printf(&values, "%s%s", k ? " " : "", number);
        }
        example_row(columns[i].name, values.p);
    }
    example_row("gives", b->expect);
    gp_buf_free(&values);
}

static void detail(const gp_cli *c, const gp_builtin *b)
{
    gp_buf usage = {0};
    gp_buf needs = {0};
    const char *status = status_of(b);
    gp_builtin_usage(b, &usage);
    printf("%s - %s\n", usage.p ? usage.p : b->name, b->en);
    gp_buf_free(&usage);
    row("", b->zh);
    row("aliases", b->aliases);
    printf("  %-12s %s %s\n", "category", gp_category_name(b->category, false), gp_category_name(b->category, true));
    for (int i = 0; i < b->n_args; i++) {
        const gp_argument *a = gp_argument_find(b, b->args[i].name);
        if (a)
            printf("  %-12s %s\n", a->arg, c->zh ? a->zh : a->en);
    }
    row("rule", b->rule);
    row("certainty", gp_certainty_name(b->certainty));
    gp_builtin_needs(b, &needs);
    if (b->shape != GP_SHAPE_NONE)
        row("needs", needs.p);
    else
        printf("  %-12s %s%s%s\n", "status", b->category == GP_CAT_SIGNAL ? "not a value" : status, needs.n ? ": " : "",
               needs.n ? needs.p : "");
    gp_buf_free(&needs);
    if (b->shape != GP_SHAPE_NONE) {
        static const char *const looks[] = {"at this bar only", "one bar back", "N-1 bars back", "N bars back",
                                            "back to the first bar"};
        static const char *const futures[] = {[GP_FUTURE_NONE] = "none", [GP_FUTURE_N] = "yes: at the next N bars",
            [GP_FUTURE_REPAINT] = "yes: any later bar can change its values", [GP_FUTURE_PERIOD] = "yes: up to the end of the longer bar",
            [GP_FUTURE_LAST] = "it depends on which bar is the last one"};
        row("lookback", looks[b->look]);
        row("look-ahead", b->flags & GP_ROW_TODAY ? "none along the bars, but it tells of the day of the run on past bars as well" : futures[b->future]);
        if (gp_builtin_way_out(b, c->zh))
            row("instead", gp_builtin_way_out(b, c->zh));
    }
    example(b);
}

/* ---- the list ---- */

enum { TABLE_COLUMNS = 6, ALL_COLUMNS = 14 };

static gp_writer *begin(const gp_cli *c)
{
    static const gp_column table[TABLE_COLUMNS] = {{"usage", GP_CELL_TEXT, 0}, {"category", GP_CELL_TEXT, 0},
        {"lookback", GP_CELL_TEXT, 0}, {"ahead", GP_CELL_TEXT, 0}, {"status", GP_CELL_TEXT, 0}, {"description", GP_CELL_TEXT, 0}};
    static const gp_column all[ALL_COLUMNS] = {{"name", GP_CELL_TEXT, 0}, {"aliases", GP_CELL_TEXT, 0}, {"tier", GP_CELL_TEXT, 0},
        {"category", GP_CELL_TEXT, 0}, {"usage", GP_CELL_TEXT, 0}, {"lookback", GP_CELL_TEXT, 0}, {"ahead", GP_CELL_TEXT, 0},
        {"status", GP_CELL_TEXT, 0}, {"en", GP_CELL_TEXT, 0}, {"zh", GP_CELL_TEXT, 0}, {"example", GP_CELL_TEXT, 0},
        {"expect", GP_CELL_TEXT, 0}, {"rule", GP_CELL_TEXT, 0}, {"certainty", GP_CELL_TEXT, 0}};
    if (c->format == GP_FORMAT_TABLE) {
        gp_writer *w = gp_writer_new(stdout, c->format, table, TABLE_COLUMNS, c->colour);
        gp_writer_fit(w, gp_cli_width());
        return w;
    }
    return gp_writer_new(stdout, c->format, all, ALL_COLUMNS, c->colour);
}

static void list_row(const gp_cli *c, gp_writer *w, const gp_builtin *b)
{
    gp_cell cells[ALL_COLUMNS] = {0};
    gp_buf usage = {0};
    int n = 0;
    gp_builtin_usage(b, &usage);
    if (c->format == GP_FORMAT_TABLE) {
        cells[n++].text = gp_str_from(usage.p ? usage.p : b->name);
        cells[n++].text = gp_str_from(gp_category_name(b->category, c->zh));
        cells[n++].text = gp_str_from(look_of(b));
        cells[n++].text = gp_str_from(future_of(b));
        cells[n++].text = gp_str_from(status_of(b));
        cells[n++].text = gp_str_from(c->zh ? b->zh : b->en);
    } else {
        cells[n++].text = gp_str_from(b->name);
        cells[n++].text = gp_str_from(b->aliases ? b->aliases : "");
        cells[n++].text = gp_str_from(gp_tier_name(b->tier));
        cells[n++].text = gp_str_from(gp_category_name(b->category, c->zh));
        cells[n++].text = gp_str_from(usage.p ? usage.p : b->name);
        cells[n++].text = gp_str_from(look_of(b));
        cells[n++].text = gp_str_from(future_of(b));
        cells[n++].text = gp_str_from(status_of(b));
        cells[n++].text = gp_str_from(b->en ? b->en : "");
        cells[n++].text = gp_str_from(b->zh ? b->zh : "");
        cells[n++].text = gp_str_from(b->example ? b->example : "");
        cells[n++].text = gp_str_from(b->expect ? b->expect : "");
        cells[n++].text = gp_str_from(b->rule);
        cells[n++].text = gp_str_from(gp_certainty_name(b->certainty));
    }
    gp_writer_row(w, cells);
    gp_buf_free(&usage);
}

static bool row_holds(const gp_builtin *b, gp_str w)
{
    if (b->future != GP_FUTURE_NONE && (holds("look-ahead", w) || holds("未来函数", w)))
        return true;
    return holds(b->name, w) || holds(b->en, w) || holds(b->zh, w) || holds(gp_category_name(b->category, true), w) ||
           holds(gp_category_name(b->category, false), w);
}

static bool listed(const gp_builtin *b) { return b->id != GP_B_NONE && b->name && !(b->flags & GP_ROW_INTERNAL); }

/* Rows whose name or description holds the word; all when it is empty.  -1 when writing failed. */
static int list(const gp_cli *c, const char *word)
{
    int n, found = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    gp_str w = gp_str_from(word);
    gp_writer *out = NULL;
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &all[i];
        if (!listed(b) || (w.n && !row_holds(b, w)))
            continue;
        if (!out)
            out = begin(c);
        list_row(c, out, b);
        found++;
    }
    if (out && !gp_writer_end(out))
        return -1;
    return found;
}

/* A Chinese word nobody used may still share a character with the rows (均线, 平均): the first that does, into z. */
static bool shared_character(const char *word, char z[8])
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    const char *end = word + strlen(word);
    while (word < end) {
        uint32_t cp;
        int bytes = gp_utf8_decode(word, end, &cp);
        for (int i = 0; i < n && cp >= 0x80; i++) {
            if (listed(&all[i]) && row_holds(&all[i], (gp_str){word, (size_t)bytes})) {
                memcpy(z, word, (size_t)bytes);
                z[bytes] = 0;
                return true;
            }
        }
        word += bytes;
    }
    return false;
}

static int one(const gp_cli *c, const gp_builtin *b)
{
    gp_writer *w;
    if (!c->format_given || c->format == GP_FORMAT_TABLE) {
        detail(c, b);
        return GP_EXIT_OK;
    }
    w = begin(c);
    list_row(c, w, b);
    return gp_writer_end(w) ? GP_EXIT_OK : GP_EXIT_NO_DATA;
}

/* An attribute of a statement: COLORRED, LINETHICK2, NODRAW.  False when the word is none. */
static bool attribute(const char *word)
{
    int number, digits, rgb = gp_attr_colour(gp_str_from(word), &digits);
    const gp_attr_row *r = gp_attr_find(gp_str_from(word), &number);
    if (!r && (rgb < 0 || digits < 6))
        return false;
    if (rgb >= 0)
        printf("%s - the colour #%06X%s%s\n", r ? r->name : word, (unsigned)rgb, r ? " " : "", r ? r->zh : "");
    else
        printf("%s%s - %s\n               %s\n", r->name, r->max ? "n" : "", r->en, r->zh);
    row("category", "attribute of a statement 画线修饰");
    row("usage", rgb >= 0 ? "after the expression and a comma, or as the colour argument of a drawing" : "after the expression and a comma");
    if (r && r->max && rgb < 0)
        printf("  %-12s %d to %d\n", "n", r->min, r->max);
    return true;
}

/* A word that is no function but a formula of the library. */
static bool is_formula(gp_cli *c, const char *word)
{
    const gp_formula *f = NULL;
    const char *chain = NULL, *output = NULL;
    gp_diags ignored = {0};
    const bool found = !strpbrk(word, "/\\.") && gp_library_get(gp_cli_library(c), gp_str_from(word), &f, &chain, &ignored) == GP_LIBRARY_FOUND;
    gp_diags_fini(&ignored);
    for (int i = 0; found && i < f->n_stmts && !output; i++) {
        if (f->stmts[i].kind != GP_STMT_ASSIGN)
            output = f->stmts[i].label;
    }
    if (output)
        gp_cli_usage(c, "%s is no function but a formula: \"%s.%s\" in quotes takes its output %s; 'goldpit list %s' says more", word, word, output,
                     output, word);
    return output != NULL;
}

static int unknown(gp_cli *c, const char *word)
{
    const char *near[3];
    char z[8] = "";
    gp_buf names = {0};
    int n = gp_builtin_similar(gp_str_from(word), near, 3), status;
    if (is_formula(c, word))
        return GP_EXIT_USAGE;
    if (shared_character(word, z)) {
        gp_cli_note(c, "no description holds '%s'; these hold '%s'", word, z);
        return list(c, z) < 0 ? GP_EXIT_NO_DATA : GP_EXIT_OK;
    }
    for (int i = 0; i < n; i++)
        gp_buf_printf(&names, "%s%s", i ? ", " : "", near[i]);
    if (n)
        status = gp_cli_usage(c, "there is no function '%s'; did you mean %s?", word, names.p);
    else
        status = gp_cli_usage(c, "there is no function '%s', and no description holds that word", word);
    gp_buf_free(&names);
    return status;
}

int gp_cmd_functions(gp_cli *c)
{
    const gp_builtin *b;
    int found;
    if (c->n_args > 1)
        return gp_cli_usage(c, "one name at a time; what is '%s' for?", c->args[1]);
    if (c->compatibility)
        return c->n_args ? gp_cli_usage(c, "--compatibility prints everything; '%s' is not needed", c->args[0]) : gp_print_compatibility();
    if (c->n_args == 0)
        return list(c, "") < 0 ? GP_EXIT_NO_DATA : GP_EXIT_OK;
    b = gp_builtin_find(gp_str_from(c->args[0]));
    if (b && !(b->flags & GP_ROW_INTERNAL))
        return one(c, b);
    if (!b && attribute(c->args[0]))
        return GP_EXIT_OK;
    found = *c->args[0] ? list(c, c->args[0]) : 0;
    if (found < 0)
        return GP_EXIT_NO_DATA;
    return found ? GP_EXIT_OK : unknown(c, c->args[0]);
}
