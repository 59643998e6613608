/* Help texts, from the tables. */
#include "cli/table.h"
#include <string.h>

static const char *T(const gp_cli *c, const char *en, const char *zh) { return c->zh ? zh : en; }

/* Breaks text at blanks to lines of at most `width` cells, each after `indent` blanks. */
static void wrapped(FILE *out, const char *text, int indent, int width)
{
    int at = -1;
    while (*text) {
        size_t n = strcspn(text, " \n");
        int cells = (int)gp_str_width((gp_str){text, n});
        if (at >= 0 && at + 1 + cells > width) {
            fputc('\n', out);
            at = -1;
        }
        if (n) {
            fprintf(out, "%*s%.*s", at < 0 ? indent : 1, "", (int)n, text);
            at = (at < 0 ? indent : at + 1) + cells;
        }
        text += n;
        if (*text == '\n') {
            fputc('\n', out);
            at = -1;
        }
        if (*text)
            text++;
    }
    if (at >= 0)
        fputc('\n', out);
}

static void heading(const gp_cli *c, FILE *out, const char *text)
{
    fprintf(out, "\n%s%s%s\n", c->colour ? "\033[1m" : "", text, c->colour ? "\033[0m" : "");
}

/* Text that begins in column `indent` of a line that is under way, and goes on there on the next ones. */
static void beside(FILE *out, const char *text, int indent)
{
    const int most = gp_cli_width() ? (int)gp_cli_width() : 100;
    for (int at = indent; *text;) {
        const size_t n = strcspn(text, " ");
        const int cells = (int)gp_str_width((gp_str){text, n});
        if (at > indent && at + 1 + cells > most) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        }
        fprintf(out, "%s%.*s", at > indent ? " " : "", (int)n, text);
        at += cells + (at > indent);
        text += n + strspn(text + n, " ");
    }
    fputc('\n', out);
}

static void option_row(const gp_cli *c, FILE *out, const gp_option *o)
{
    char left[160];
    int n = o->letter ? snprintf(left, sizeof left, "-%c, --%s", o->letter, o->name) : snprintf(left, sizeof left, "    --%s", o->name);
    if (o->arg)
        snprintf(left + n, sizeof left - (size_t)n, " %s", o->arg);
    if (strlen(left) > 26)
        fprintf(out, "  %s\n  %26s  ", left, "");
    else
        fprintf(out, "  %-26s  ", left);
    beside(out, T(c, o->en, o->zh), 30);
}

static void options_of(const gp_cli *c, FILE *out, int command)
{
    int own = 0;
    for (int i = 0; i < gp_n_options; i++)
        own += !gp_option_general(&gp_options[i]) && (gp_options[i].commands & (1u << command));
    if (own)
        heading(c, out, T(c, "Options", "选项"));
    for (int i = 0; i < gp_n_options; i++) {
        if (!gp_option_general(&gp_options[i]) && (gp_options[i].commands & (1u << command)))
            option_row(c, out, &gp_options[i]);
    }
}

static void general_options(const gp_cli *c, FILE *out)
{
    heading(c, out, T(c, "Options of every command", "通用选项"));
    for (int i = 0; i < gp_n_options; i++) {
        if (gp_option_general(&gp_options[i]))
            option_row(c, out, &gp_options[i]);
    }
}

static void examples_of(FILE *out, const char *examples)
{
    while (*examples) {
        size_t line = strcspn(examples, "\n"), left = strcspn(examples, "\t");
        fprintf(out, "  # %.*s\n  %.*s\n", (int)(line - left - 1), examples + left + 1, (int)left, examples);
        examples += line + (examples[line] == '\n');
    }
}

static void commands(const gp_cli *c, FILE *out)
{
    heading(c, out, T(c, "Commands", "命令"));
    for (int i = 0; i < GP_CMD_COUNT; i++)
        fprintf(out, "  %-11s %s\n", gp_commands[i].name, T(c, gp_commands[i].en, gp_commands[i].zh));
}

static void usage(const gp_cli *c, FILE *out, int command)
{
    const gp_command *k = &gp_commands[command];
    fprintf(out, "%s goldpit %s%s%s%s\n", T(c, "Usage:", "用法:"), k->name, *k->args ? " " : "", k->args,
            command == GP_CMD_HELP || command == GP_CMD_VERSION ? "" : " [OPTION]...");
}

void gp_help_short(const gp_cli *c, FILE *out, int command)
{
    if (command >= 0) {
        usage(c, out, command);
        fprintf(out, "%s\n", T(c, gp_commands[command].en, gp_commands[command].zh));
        options_of(c, out, command);
        fprintf(out, "\n%s goldpit %s --help\n", T(c, "More, with examples:", "更多说明与示例:"), gp_commands[command].name);
        return;
    }
    fprintf(out, "goldpit %s - %s\n", GOLDPIT_VERSION,
            T(c, "TDX-style formulas over the quotes of thousands of tickers", "对成千上万只证券运行通达信公式"));
    heading(c, out, T(c, "Try", "试一试"));
    fputs("  goldpit scan golden-pit data/sample --signal 黄金坑   ", out);
    fprintf(out, "# %s\n", T(c, "which tickers sit in the golden pit", "哪些证券落入黄金坑"));
    fputs("  goldpit eval MACD data/sample/600001.csv --last 5     ", out);
    fprintf(out, "# %s\n", T(c, "every output of one ticker", "一只证券的全部输出"));
    fputs("  goldpit check my.tdx                                  ", out);
    fprintf(out, "# %s\n", T(c, "what is wrong with my formula", "检查我的公式"));
    commands(c, out);
    fprintf(out, "\n%s\n", T(c, "'goldpit COMMAND -h' is short help, 'goldpit COMMAND --help' is long help.",
                             "'goldpit 命令 -h' 为简短帮助, 'goldpit 命令 --help' 为详细帮助。"));
}

/* command -1: those of every command, and which the others belong to is not said. */
static void statuses(const gp_cli *c, FILE *out, int command)
{
    heading(c, out, T(c, "Exit status", "退出码"));
    for (int i = 0, last = -1; i < gp_n_statuses; i++) {
        const gp_status *s = &gp_statuses[i];
        if (command >= 0 ? !(s->commands & (1u << command)) : s->commands != ~0u)
            continue;
        if (s->number == last)
            fprintf(out, "     %s\n", T(c, s->en, s->zh));
        else
            fprintf(out, "  %d  %s\n", s->number, T(c, s->en, s->zh));
        last = s->number;
    }
}

void gp_help_long(const gp_cli *c, FILE *out, int command)
{
    if (command >= 0) {
        usage(c, out, command);
        fprintf(out, "%s\n\n", T(c, gp_commands[command].en, gp_commands[command].zh));
        wrapped(out, gp_commands[command].details, 0, 80);
        options_of(c, out, command);
        general_options(c, out);
        heading(c, out, T(c, "Examples", "示例"));
        examples_of(out, gp_commands[command].examples);
        statuses(c, out, command);
        return;
    }
    gp_help_short(c, out, -1);
    heading(c, out, T(c, "Words", "约定"));
    wrapped(out, T(c,
                   "FORMULA is a file, the name of a library formula (goldpit list), - for standard input, or -e 'text'.\n"
                   "DATA are CSV files, folders (searched for .csv and .txt), or - for standard input.\n"
                   "Results go to standard output, everything else to standard error.",
                   "FORMULA: 文件、公式库中的名字 (goldpit list)、- (标准输入), 或 -e '公式文本'。\n"
                   "DATA: CSV 文件、目录 (查找 .csv 与 .txt), 或 - (标准输入)。\n"
                   "结果写到标准输出, 其余写到标准错误。"),
            2, 80);
    general_options(c, out);
    heading(c, out, T(c, "Environment", "环境变量"));
    fprintf(out, "  GOLDPIT_PATH     %s\n", T(c, "folders with formulas, separated by colons", "公式目录, 以冒号分隔"));
    fprintf(out, "  GOLDPIT_LANG     %s\n", T(c, "en or zh: language of the help", "en 或 zh: 帮助的语言"));
    fprintf(out, "  GOLDPIT_ISA      %s\n", T(c, "sse2, avx2 or avx512 instead of the best (the results are the same)", "指定指令集 (结果相同)"));
    fprintf(out, "  GOLDPIT_HISTORY  %s\n", T(c, "file for the history of repl; empty: none", "repl 的历史文件; 为空则不保存"));
    fprintf(out, "  NO_COLOR         %s\n", T(c, "no colours when set", "设置后不着色"));
    statuses(c, out, -1);
}

int gp_cmd_help(gp_cli *c)
{
    int command;
    if (c->n_args == 0) {
        gp_help_long(c, stdout, -1);
        return GP_EXIT_OK;
    }
    command = gp_command_find(c->args[0]);
    if (command < 0)
        return gp_cli_usage(c, "there is no command '%s'; for a function, goldpit functions %s", c->args[0], c->args[0]);
    gp_help_long(c, stdout, command);
    return GP_EXIT_OK;
}
