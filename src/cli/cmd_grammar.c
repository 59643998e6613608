/* goldpit grammar: syntax colouring for editors, made from the tables of the language. */
#include "cli/table.h"
#include <string.h>
#include "base/vec.h"
#include "parser/attribute.h"

/* Which words are coloured alike. */
typedef enum {
    WORD_SERIES,    /* CLOSE, VOL, DATE: no arguments */
    WORD_FUNCTION,
    WORD_FUTURE,    /* looks ahead */
    WORD_DRAW,
    WORD_SIGNAL,    /* ENTERLONG */
    WORD_COLOUR,
    WORD_ATTRIBUTE,
    WORD_NUMBERED,  /* attributes that a number follows */
    WORD_GROUPS
} group;

typedef GP_VEC(gp_str) words;

static int by_name(const void *a, const void *b)
{
    const gp_str *x = a, *y = b;
    size_t n = x->n < y->n ? x->n : y->n;
    int order = memcmp(x->p, y->p, n);
    return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

static bool is_name(gp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_'))
            return false;
    return s.n > 0;
}

static group group_of(const gp_builtin *b)
{
    if (b->category == GP_CAT_SIGNAL)
        return WORD_SIGNAL;
    if (b->category == GP_CAT_DRAW)
        return WORD_DRAW;
    if (b->future != GP_FUTURE_NONE)
        return WORD_FUTURE;
    return b->max_args == 0 ? WORD_SERIES : WORD_FUNCTION;
}

static void collect(words *all)
{
    int n;
    const gp_builtin *rows = gp_builtin_all(&n);
    for (int i = 0; i < n; i++) {
        const gp_builtin *b = &rows[i];
        if (b->flags & GP_ROW_INTERNAL || b->category == GP_CAT_OPERATOR || !is_name(gp_str_from(b->name)) ||
            strcmp(b->name, "NOT") == 0)
            continue;
        words *w = &all[group_of(b)];
        gp_vec_push(w, gp_str_from(b->name));
        for (const char *p = b->aliases; *p;) {
            gp_str alias = {p, strcspn(p, " ")};
            if (is_name(alias))
                gp_vec_push(w, alias);
            p += alias.n;
            while (*p == ' ')
                p++;
        }
    }
    const gp_attr_row *attrs = gp_attr_rows(&n);
    for (int i = 0; i < n; i++) {
        words *w = &all[attrs[i].group == GP_ATTR_COLOUR ? WORD_COLOUR : attrs[i].max ? WORD_NUMBERED : WORD_ATTRIBUTE];
        gp_vec_push(w, gp_str_from(attrs[i].name));
    }
    for (int g = 0; g < WORD_GROUPS; g++)
        qsort(all[g].at, all[g].n, sizeof *all[g].at, by_name);
}

/* ---- VS Code, and every editor that reads TextMate grammars ---- */

/* What can stand in a name: no word may begin or end in the middle of one.  Full-width signs and quotes cannot. */
#define INSIDE "[A-Za-z0-9_\\x{80}-\\x{2017}\\x{201E}-\\x{2FFF}\\x{3040}-\\x{FEFF}\\x{FFF0}-\\x{10FFFF}]"

static void textmate_rule(gp_buf *out, const char *pattern, const char *scope, bool last)
{
    gp_buf_printf(out, "        { \"name\": \"%s\", \"match\": ", scope);
    gp_buf_json(out, gp_str_from(pattern));
    gp_buf_printf(out, " }%s\n", last ? "" : ",");
}

static void textmate_words(gp_buf *out, const words *w, const char *scope, const char *after)
{
    gp_buf p = {0};
    gp_buf_addz(&p, "(?i)(?<!" INSIDE ")(?:");
    for (size_t i = 0; i < w->n; i++)
        gp_buf_printf(&p, "%s" GP_STR_FMT, i ? "|" : "", GP_STR_ARG(w->at[i]));
    gp_buf_printf(&p, ")%s", after);
    textmate_rule(out, p.p, scope, false);
    gp_buf_free(&p);
}

static void textmate(const words *all, gp_buf *out)
{
    static const struct { const char *begin, *end, *scope; } regions[] = {
        {"\\{", "\\}", "comment.block.tdx"},
        {"/\\*", "\\*/", "comment.block.tdx"},
        {"//", "$", "comment.line.double-slash.tdx"},
        {"'", "'|$", "string.quoted.single.tdx"},
        {"\"", "\"|$", "string.quoted.double.reference.tdx"},
    };
    static const struct { const char *pattern, *scope; } first[] = {
        {"(?i)(?<!" INSIDE ")(?:AND|OR|NOT)(?!" INSIDE ")", "keyword.operator.logical.tdx"},
        {INSIDE "+(?=\\s*(?::=|：＝|：=|:＝))", "variable.other.assignment.tdx"},
        {INSIDE "+(?=\\s*[:：])", "entity.name.function.output.tdx"},
    };
    gp_buf_addz(out, "{\n  \"comment\": \"Made by goldpit grammar vscode: change the tables of goldpit, not this file.\",\n"
                     "  \"name\": \"TDX formula\",\n  \"scopeName\": \"source.tdx\",\n  \"fileTypes\": [\"tdx\"],\n"
                     "  \"patterns\": [{ \"include\": \"#comments\" }, { \"include\": \"#words\" }],\n  \"repository\": {\n"
                     "    \"comments\": {\n      \"patterns\": [\n");
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++) {
        bool comment = strncmp(regions[i].scope, "comment", 7) == 0;
        gp_buf_printf(out, "        { \"name\": \"%s\", \"begin\": ", regions[i].scope);
        gp_buf_json(out, gp_str_from(regions[i].begin));
        gp_buf_addz(out, ", \"end\": ");
        gp_buf_json(out, gp_str_from(regions[i].end));
        if (comment)
            gp_buf_addz(out, ", \"patterns\": [{ \"name\": \"keyword.other.header.tdx\", \"match\": \"@[a-z]+\" }]");
        gp_buf_printf(out, " }%s\n", i + 1 < sizeof regions / sizeof *regions ? "," : "");
    }
    gp_buf_addz(out, "      ]\n    },\n    \"words\": {\n      \"patterns\": [\n");
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        textmate_rule(out, first[i].pattern, first[i].scope, false);
    textmate_words(out, &all[WORD_FUTURE], "support.function.future.tdx markup.deleted.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_DRAW], "support.function.draw.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_FUNCTION], "support.function.tdx", "(?=\\s*[(（])");
    textmate_words(out, &all[WORD_SERIES], "support.variable.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_SIGNAL], "keyword.other.signal.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_COLOUR], "support.constant.color.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_ATTRIBUTE], "support.constant.attribute.tdx", "(?!" INSIDE ")");
    textmate_words(out, &all[WORD_NUMBERED], "support.constant.attribute.tdx", "[0-9]*(?!" INSIDE ")");
    textmate_rule(out, "(?i)(?<!" INSIDE ")(?:COLOR|RGBX)[0-9A-F]{1,6}(?!" INSIDE ")", "support.constant.color.tdx", false);
    textmate_rule(out, "(?<!" INSIDE ")(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "constant.numeric.tdx", false);
    textmate_rule(out, ":=|<>|!=|<=|>=|==|&&|\\|\\||[-+*/%<>=!:]|[≤≥≠×÷＜＞＝＋－＊／：]", "keyword.operator.tdx", true);
    gp_buf_addz(out, "      ]\n    }\n  }\n}\n");
}

/* ---- vim ---- */

static void vim_words(gp_buf *out, const words *w, const char *name)
{
    size_t width = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (i == 0 || width + w->at[i].n > 110) {
            gp_buf_printf(out, "%ssyn keyword %s", i ? "\n" : "", name);
            width = 20;
        }
        gp_buf_printf(out, " " GP_STR_FMT, GP_STR_ARG(w->at[i]));
        width += w->at[i].n + 1;
    }
    gp_buf_addc(out, '\n');
}

static void vim(const words *all, gp_buf *out)
{
    static const struct { const char *name, *like; } links[] = {
        {"tdxComment", "Comment"},    {"tdxHeader", "SpecialComment"}, {"tdxString", "String"},   {"tdxReference", "Include"},
        {"tdxNumber", "Number"},      {"tdxLogic", "Keyword"},         {"tdxOperator", "Operator"}, {"tdxOutput", "Identifier"},
        {"tdxAssign", "Identifier"},  {"tdxFunction", "Function"},     {"tdxFuture", "WarningMsg"}, {"tdxDraw", "Statement"},
        {"tdxSeries", "Type"},        {"tdxSignal", "Keyword"},        {"tdxColour", "Constant"}, {"tdxAttribute", "PreProc"},
    };
    gp_buf_addz(out, "\" TDX (通达信) formulas.  Made by `goldpit grammar vim`: change the tables of goldpit, not this file.\n"
                     "if exists(\"b:current_syntax\")\n  finish\nendif\n\nsyn case ignore\n"
                     "syn match tdxNumber \"\\<\\d\\+\\%(\\.\\d*\\)\\=\\%(e[-+]\\=\\d\\+\\)\\=\\>\"\nsyn match tdxNumber \"\\.\\d\\+\\>\"\n"
                     "syn match tdxOperator \"[-+*/%<>=!&|]\"\n"
                     "syn match tdxAssign \"\\k\\+\\ze\\s*:=\"\nsyn match tdxOutput \"\\k\\+\\ze\\s*:[^=]\"\n"
                     "syn keyword tdxLogic AND OR NOT\n");
    vim_words(out, &all[WORD_SERIES], "tdxSeries");
    vim_words(out, &all[WORD_FUNCTION], "tdxFunction");
    vim_words(out, &all[WORD_FUTURE], "tdxFuture");
    vim_words(out, &all[WORD_DRAW], "tdxDraw");
    vim_words(out, &all[WORD_SIGNAL], "tdxSignal");
    vim_words(out, &all[WORD_COLOUR], "tdxColour");
    vim_words(out, &all[WORD_ATTRIBUTE], "tdxAttribute");
    for (size_t i = 0; i < all[WORD_NUMBERED].n; i++)
        gp_buf_printf(out, "syn match tdxAttribute \"\\<" GP_STR_FMT "\\d*\\>\"\n", GP_STR_ARG(all[WORD_NUMBERED].at[i]));
    gp_buf_addz(out, "syn match tdxColour \"\\<\\%(COLOR\\|RGBX\\)\\x\\{1,6}\\>\"\n"
                     "syn match tdxHeader \"@\\a\\+\" contained\n"
                     "syn region tdxComment start=\"{\" end=\"}\" contains=tdxHeader\n"
                     "syn region tdxComment start=\"/\\*\" end=\"\\*/\" contains=tdxHeader\n"
                     "syn match tdxComment \"//.*$\"\n"
                     "syn region tdxString start=\"'\" end=\"'\" oneline\nsyn region tdxReference start='\"' end='\"' oneline\n\n");
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        gp_buf_printf(out, "hi def link %s %s\n", links[i].name, links[i].like);
    gp_buf_addz(out, "\nlet b:current_syntax = \"tdx\"\n");
}

int gp_cmd_grammar(gp_cli *c)
{
    words all[WORD_GROUPS];
    gp_buf out = {0};
    bool code = c->n_args == 1 && strcmp(c->args[0], "vscode") == 0;
    if (c->n_args != 1 || (!code && strcmp(c->args[0], "vim") != 0))
        return gp_cli_usage(c, "name one editor: vscode (a TextMate grammar) or vim");
    memset(all, 0, sizeof all);
    collect(all);
    if (code)
        textmate(all, &out);
    else
        vim(all, &out);
    fwrite(out.p, 1, out.n, stdout);
    gp_buf_free(&out);
    for (int g = 0; g < WORD_GROUPS; g++)
        gp_vec_free(&all[g]);
    return GP_EXIT_OK;
}
