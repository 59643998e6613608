/* Completion scripts, from the tables. */
#include "cli/table.h"
#include <string.h>
#include "builtins/builtin.h"

/* Words that can follow an option, or "" when the shell should offer files, or NULL when nothing can be known. */
static const char *values_of(const gp_option *o)
{
    static char words[64];
    switch (o->kind) {
    case GP_OPT_WORD:
        snprintf(words, sizeof words, "%s", o->arg);
        for (char *p = words; *p; p++)
            *p = *p == '|' ? ' ' : *p;
        return words;
    case GP_OPT_FORMAT: return "table csv json ndjson";
    case GP_OPT_DIAG: return "text json";
    case GP_OPT_COLOUR: return "auto always never";
    case GP_OPT_LANG: return "en zh";
    case GP_OPT_ALIGN: return "tdx closed";
    case GP_OPT_ENCODING: return "utf-8 gb18030 gbk utf-16le utf-16be";
    default:
        if (o->arg && strcmp(o->arg, "KIND") == 0)
            return "indicator screen expert kline";
        return o->arg && strcmp(o->arg, "DIR") == 0 ? "" : NULL;
    }
}

/* First word after a command. */
static const char *words_of(int command)
{
    switch (command) {
    case GP_CMD_DATA: return "generate inspect profiles resample";
    case GP_CMD_COMPLETION: return "bash zsh fish";
    default: return "";
    }
}

static bool takes_formula(int command)
{
    return command == GP_CMD_SCAN || command == GP_CMD_EVAL || command == GP_CMD_CHECK || command == GP_CMD_EXPLAIN ||
           command == GP_CMD_FMT || command == GP_CMD_TEST || command == GP_CMD_REPL;
}

/* Names that can be typed in a shell: letters and digits. */
static void function_names(FILE *out)
{
    int n;
    const gp_builtin *all = gp_builtin_all(&n);
    const char *gap = "";
    for (int i = 0; i < n; i++) {
        const char *name = all[i].name;
        if ((all[i].flags & GP_ROW_INTERNAL) || all[i].tier == GP_TIER_OPERATOR ||
            strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(name))
            continue;
        fprintf(out, "%s%s", gap, name);
        gap = " ";
    }
}

static void bash_options(FILE *out)
{
    fputs("        case \"$cmd\" in\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        fprintf(out, "            %s) opts='", gp_commands[k].name);
        for (int i = 0; i < gp_n_options; i++) {
            if (!gp_option_general(&gp_options[i]) && (gp_options[i].commands & (1u << k)))
                fprintf(out, "--%s ", gp_options[i].name);
        }
        fputs("' ;;\n", out);
    }
    fputs("        esac\n        opts=\"$opts", out);
    for (int i = 0; i < gp_n_options; i++) {
        if (gp_option_general(&gp_options[i]))
            fprintf(out, " --%s", gp_options[i].name);
    }
    fputs("\"\n", out);
}

static void bash(FILE *out)
{
    fputs("# bash completion for goldpit\n_goldpit() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} cmd= opts= words= i n=0\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        [[ ${COMP_WORDS[i]} == -* ]] && continue\n"
          "        if [[ -z $cmd ]]; then cmd=${COMP_WORDS[i]}; else n=$((n + 1)); fi\n"
          "    done\n"
          "    case \"$prev\" in\n", out);
    for (int i = 0; i < gp_n_options; i++) {
        const char *values = values_of(&gp_options[i]);
        if (values && *values)
            fprintf(out, "        --%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", gp_options[i].name, values);
        else if (values)
            fprintf(out, "        --%s) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", gp_options[i].name);
    }
    fputs("    esac\n    if [[ $cur == -* ]]; then\n", out);
    bash_options(out);
    fputs("        COMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n        return\n    fi\n    case \"$cmd\" in\n        '') words='", out);
    for (int k = 0; k < GP_CMD_COUNT; k++)
        fprintf(out, "%s%s", k ? " " : "", gp_commands[k].name);
    fputs("' ;;\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        if (*words_of(k))
            fprintf(out, "        %s) words='%s' ;;\n", gp_commands[k].name, words_of(k));
        else if (takes_formula(k))
            fprintf(out, "        %s) [[ $n == 0 ]] && words=$(goldpit list --format csv 2>/dev/null | sed '1d;s/,.*//') ;;\n",
                    gp_commands[k].name);
    }
    fputs("        functions) words='", out);
    function_names(out);
    fputs("' ;;\n        help) words='", out);
    for (int k = 0; k < GP_CMD_COUNT; k++)
        fprintf(out, "%s%s", k ? " " : "", gp_commands[k].name);
    fputs("' ;;\n    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
          "    [[ -n $cmd ]] && COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
          "}\ncomplete -o filenames -F _goldpit goldpit\n", out);
}

/* Inside '...' of zsh and fish. */
static void quoted(FILE *out, const char *text, bool zsh)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(zsh ? "'\\''" : "\\'", out);
        else if (zsh && (*text == '[' || *text == ']' || *text == ':'))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void zsh_option(const gp_cli *c, FILE *out, const gp_option *o)
{
    const char *values = values_of(o);
    bool repeat = o->kind == GP_OPT_LIST;
    fprintf(out, " \\\n                '%s--%s%s[", repeat ? "*" : "", o->name, o->arg ? "=" : "");
    quoted(out, c->zh ? o->zh : o->en, true);
    fputc(']', out);
    if (o->arg) {
        fputc(':', out);
        quoted(out, o->arg, true);
        fputc(':', out);
        if (values && *values)
            fprintf(out, "(%s)", values);
        else if (values)
            fputs("_files -/", out);
    }
    fputc('\'', out);
}

static void zsh(const gp_cli *c, FILE *out)
{
    fputs("#compdef goldpit\n# zsh completion for goldpit\n_goldpit_formula() {\n"
          "    local -a names\n"
          "    names=(${(f)\"$(goldpit list --format csv 2>/dev/null | sed '1d;s/,.*//')\"})\n"
          "    _describe formula names\n    _files\n}\n"
          "_goldpit() {\n    local context state line\n    local -a commands\n    commands=(\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        fprintf(out, "        '%s:", gp_commands[k].name);
        quoted(out, c->zh ? gp_commands[k].zh : gp_commands[k].en, true);
        fputs("'\n", out);
    }
    fputs("    )\n    _arguments -C '1: :->command' '*:: :->rest'\n    case $state in\n"
          "        command) _describe command commands ;;\n        rest)\n            case $words[1] in\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        fprintf(out, "            %s) _arguments", gp_commands[k].name);
        for (int i = 0; i < gp_n_options; i++) {
            if (gp_options[i].commands & (1u << k))
                zsh_option(c, out, &gp_options[i]);
        }
        if (*words_of(k))
            fprintf(out, " \\\n                '1: :(%s)'", words_of(k));
        else if (takes_formula(k))
            fputs(" \\\n                '1: :_goldpit_formula'", out);
        else if (k == GP_CMD_FUNCTIONS) {
            fputs(" \\\n                '1: :(", out);
            function_names(out);
            fputs(")'", out);
        }
        if (k == GP_CMD_SCAN || k == GP_CMD_EVAL || k == GP_CMD_REPL || k == GP_CMD_DATA || k == GP_CMD_CHECK || k == GP_CMD_FMT)
            fputs(" \\\n                '*: :_files'", out);
        fputs(" ;;\n", out);
    }
    fputs("            esac ;;\n    esac\n}\n"
          "if [[ $funcstack[1] == _goldpit ]]; then _goldpit \"$@\"; else compdef _goldpit goldpit; fi\n", out);
}

static void fish(const gp_cli *c, FILE *out)
{
    fputs("# fish completion for goldpit\nset -l commands", out);
    for (int k = 0; k < GP_CMD_COUNT; k++)
        fprintf(out, " %s", gp_commands[k].name);
    fputs("\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        fprintf(out, "complete -c goldpit -n \"not __fish_seen_subcommand_from $commands\" -f -a %s -d '", gp_commands[k].name);
        quoted(out, c->zh ? gp_commands[k].zh : gp_commands[k].en, false);
        fputs("'\n", out);
        if (takes_formula(k))
            fprintf(out, "complete -c goldpit -n '__fish_seen_subcommand_from %s' -a "
                         "\"(goldpit list --format csv 2>/dev/null | sed '1d;s/,.*//')\"\n", gp_commands[k].name);
        if (*words_of(k))
            fprintf(out, "complete -c goldpit -n '__fish_seen_subcommand_from %s' -a '%s'\n", gp_commands[k].name, words_of(k));
    }
    fputs("complete -c goldpit -n '__fish_seen_subcommand_from functions' -f -a '", out);
    function_names(out);
    fputs("'\n", out);
    for (int i = 0; i < gp_n_options; i++) {
        const gp_option *o = &gp_options[i];
        const char *values = values_of(o);
        fputs("complete -c goldpit", out);
        if (!gp_option_general(o)) {
            fputs(" -n '__fish_seen_subcommand_from", out);
            for (int k = 0; k < GP_CMD_COUNT; k++) {
                if (o->commands & (1u << k))
                    fprintf(out, " %s", gp_commands[k].name);
            }
            fputc('\'', out);
        }
        fprintf(out, " -l %s", o->name);
        if (o->letter)
            fprintf(out, " -s %c", o->letter);
        if (o->arg)
            fputs(" -r", out);
        if (values && *values)
            fprintf(out, " -f -a '%s'", values);
        fputs(" -d '", out);
        quoted(out, c->zh ? o->zh : o->en, false);
        fputs("'\n", out);
    }
}

int gp_cmd_completion(gp_cli *c)
{
    const char *shell = c->n_args ? c->args[0] : "";
    if (c->n_args == 1 && strcmp(shell, "bash") == 0)
        bash(stdout);
    else if (c->n_args == 1 && strcmp(shell, "zsh") == 0)
        zsh(c, stdout);
    else if (c->n_args == 1 && strcmp(shell, "fish") == 0)
        fish(c, stdout);
    else
        return gp_cli_usage(c, "name a shell: bash, zsh or fish");
    return GP_EXIT_OK;
}
