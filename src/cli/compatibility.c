/* docs/compatibility.md: what is supported, by which rule, how certainly; from the rows of the builtins and of the options. */
#include "cli/table.h"
#include <string.h>
#include "builtins/builtin.h"
#include "parser/attribute.h"

static bool listed(const gp_builtin *b) { return !(b->flags & GP_ROW_INTERNAL); }

/* A cell of a Markdown table: a bar would end it. */
static void cell(const char *text)
{
    for (; *text; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

typedef enum { YES, WITH_DATA, OUTPUT, NO } support;

static support support_of(const gp_builtin *b, gp_buf *needs)
{
    needs->n = 0;
    gp_buf_addz(needs, "");
    gp_builtin_needs(b, needs);
    if (b->shape != GP_SHAPE_NONE)
        return needs->n ? WITH_DATA : YES;
    return b->category == GP_CAT_SIGNAL && b->tier <= GP_TIER_B ? OUTPUT : NO;
}

static void supported(const gp_builtin *b, gp_buf *needs)
{
    switch (support_of(b, needs)) {
    case YES: printf("yes"); return;
    case WITH_DATA: printf("with "); break;
    case OUTPUT: printf("as the name of an output"); return;
    case NO: printf(needs->n ? "no: needs " : "no"); break;
    }
    cell(needs->p);
}

/* Without the word at its end that has a column of its own. */
static void rule(const gp_builtin *b, gp_buf *buf)
{
    size_t n = strlen(b->rule), tail = strlen(gp_certainty_name(b->certainty)) + 3; /* " (likely)" */
    buf->n = 0;
    gp_buf_addz(buf, b->rule);
    if (n > tail && strncmp(b->rule + n - tail, " (", 2) == 0) {
        buf->n = n - tail;
        buf->p[buf->n] = 0;
    }
    cell(buf->p);
}

static void function(const gp_builtin *b, gp_buf *buf)
{
    static const char *const ahead[] = {[GP_FUTURE_NONE] = "", [GP_FUTURE_N] = "N bars", [GP_FUTURE_REPAINT] = "repaints",
                                        [GP_FUTURE_PERIOD] = "longer bar", [GP_FUTURE_LAST] = "last bar"};
    buf->n = 0;
    gp_builtin_usage(b, buf);
    printf("| `");
    cell(buf->p);
    putchar('`');
    for (const char *p = b->aliases; *p;) {
        int n = (int)strcspn(p, " ");
        buf->n = 0;
        gp_buf_add(buf, p, (size_t)n);
        printf(" `");
        cell(buf->p);
        putchar('`');
        p += n;
        p += *p == ' ';
    }
    printf(" | ");
    cell(b->zh);
    printf(" | %s | ", b->tier == GP_TIER_OPERATOR ? "" : gp_tier_name(b->tier));
    supported(b, buf);
    printf(" | %s | %s | ", b->flags & GP_ROW_TODAY ? "today's" : ahead[b->future], gp_certainty_name(b->certainty));
    rule(b, buf);
    printf(" |\n");
}

static void category(gp_category c, gp_buf *buf)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    bool any = false;
    for (int i = 0; i < n; i++) {
        if (all[i].category != c || !listed(&all[i]))
            continue;
        if (!any)
            printf("\n## %s %s\n\n| function | 说明 | tier | supported | looks ahead | certainty | rule adopted |\n|---|---|---|---|---|---|---|\n",
                   gp_category_name(c, true), gp_category_name(c, false));
        any = true;
        function(&all[i], buf);
    }
}

static void summary(gp_buf *buf)
{
    int n, of[GP_TIER_OPERATOR][NO + 1] = {{0}};
    const gp_builtin *all = gp_builtin_all(&n);
    for (int i = 0; i < n; i++)
        if (listed(&all[i]) && all[i].tier < GP_TIER_OPERATOR)
            of[all[i].tier][support_of(&all[i], buf)]++;
    printf("| tier | from the quotes alone | with other data | names of outputs | not supported |\n|---|---|---|---|---|\n");
    for (int t = 0; t < GP_TIER_OPERATOR; t++)
        printf("| %s | %d | %d | %d | %d |\n", gp_tier_name((gp_tier)t), of[t][YES], of[t][WITH_DATA], of[t][OUTPUT], of[t][NO]);
}

/* The options that change what a formula means or what it can use, where there are such. */
static void switches(void)
{
    static const char *const names[] = {"exact-compare", "f32", "null-cond", "dialect", "period-align", "chip-model", "volume-unit",
                                        "index", "fundamentals", "capital", "blocks", "series", "events"};
    printf("\n## Switches\n\n| option | commands | what it changes | 说明 |\n|---|---|---|---|\n");
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        for (int i = 0; i < gp_n_options; i++) {
            const gp_option *o = &gp_options[i];
            const char *between = "";
            if (strcmp(o->name, names[k]) != 0)
                continue;
            printf("| `--%s%s", o->name, o->arg ? " " : "");
            cell(o->arg ? o->arg : "");
            printf("` | ");
            for (int c = 0; c < GP_CMD_COUNT; c++)
                if (o->commands & (1u << c)) {
                    printf("%s%s", between, gp_commands[c].name);
                    between = ", ";
                }
            printf(" | ");
            cell(o->en);
            printf(" | ");
            cell(o->zh);
            printf(" |\n");
        }
}

static void attributes(void)
{
    int n;
    const gp_attr_row *rows = gp_attr_rows(&n);
    printf("\n## 画线修饰 attributes\n\nAny number of them follows a statement after commas; the last style, the last colour and the last width count. "
           "`COLORbbggrr` and\n`RGBXrrggbb` give any colour.\n\n| attribute | 说明 | meaning |\n|---|---|---|\n");
    for (int i = 0; i < n; i++) {
        if (rows[i].group == GP_ATTR_COLOUR)
            printf("| `%s` | %s | #%06X |\n", rows[i].name, rows[i].zh, (unsigned)rows[i].min);
        else
            printf("| `%s%s` | %s | %s |\n", rows[i].name, rows[i].max ? "n" : "", rows[i].zh, rows[i].en);
    }
}

int gp_print_compatibility(void)
{
    gp_buf buf = {0};
    printf("# Compatibility\n\n"
           "Printed by `goldpit functions --compatibility` from the tables that the program itself works by; a test keeps this file equal\n"
           "to it.\n\n"
           "- *tier*: A is needed by nearly every formula, B is common, C is rare, D needs data that quotes do not hold.\n"
           "- *looks ahead*: empty, values are final when their bar closes; N bars, the next N bars take part; repaints, any later bar may\n"
           "  change old values; last bar, it depends on which bar is the last one; today's,\n"
           "  what is true on the day of the run stands on past bars as well.\n"
           "- *rule adopted*: where public sources disagree or are silent, what goldpit does.\n"
           "- *certainty* that this is what TDX does: known, from the vendor's help or from sources that agree; likely, from one source with\n"
           "  concrete evidence; unverified, nothing public settles it. Empty: nothing is in dispute.\n\n");
    summary(&buf);
    switches();
    for (int c = 0; c < GP_CAT_COUNT; c++)
        category((gp_category)c, &buf);
    attributes();
    gp_buf_free(&buf);
    return fflush(stdout) == 0 ? GP_EXIT_OK : GP_EXIT_NO_DATA;
}
