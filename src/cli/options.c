/* Words of the command line -> gp_cli, by the rows of options.def. */
#include "cli/table.h"
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "base/vec.h"
#include "cli/among.h"
#include "market/universe.h"

const gp_command gp_commands[GP_CMD_COUNT] = {
#define GP_COMMAND(ID, NAME, ARGS, EN, ZH, RUN, DETAILS, EXAMPLES) {NAME, ARGS, EN, ZH, RUN, DETAILS, EXAMPLES},
#include "cli/commands.def"
#undef GP_COMMAND
};

#define ON(ID) (1u << GP_CMD_##ID)
#define ON_ALL (~0u)
#define ON_WORTH (ON(HITRATE) | ON(BACKTEST) | ON(SWEEP)) /* what judges signals */
#define ON_DATA (ON(EVAL) | ON(PLOT) | ON(REPL) | ON(SCAN) | ON(CHECK) | ON(DATA) | ON_WORTH) /* what reads quotes */
#define COUNT_AT_FLAG(FIELD) 0
#define COUNT_AT_TEXT(FIELD) 0
#define COUNT_AT_LIST(FIELD) offsetof(gp_cli, n_##FIELD)
#define COUNT_AT_COUNT(FIELD) 0
#define COUNT_AT_COUNT_OR_0(FIELD) 0
#define COUNT_AT_SEED(FIELD) 0
#define COUNT_AT_DATE(FIELD) 0
#define COUNT_AT_STAMP(FIELD) 0
#define COUNT_AT_WORD(FIELD) 0
#define COUNT_AT_FORMAT(FIELD) 0
#define COUNT_AT_DIAG(FIELD) 0
#define COUNT_AT_ENCODING(FIELD) 0
#define COUNT_AT_COLOUR(FIELD) 0
#define COUNT_AT_LANG(FIELD) 0
#define COUNT_AT_HELP(FIELD) 0
#define COUNT_AT_ALIGN(FIELD) 0
#define COUNT_AT_CAPITAL(FIELD) 0
#define COUNT_AT_PICTURE(FIELD) 0
const gp_option gp_options[] = {
#define GP_OPTION(LONG, SHORT, ARG, KIND, FIELD, MAX, COMMANDS, EN, ZH)                                                  \
    {LONG, SHORT, ARG, GP_OPT_##KIND, offsetof(gp_cli, FIELD), COUNT_AT_##KIND(FIELD), MAX, COMMANDS, EN, ZH},
#include "cli/options.def"
#undef GP_OPTION
};
const int gp_n_options = sizeof gp_options / sizeof *gp_options;
enum { N_OPTIONS = sizeof gp_options / sizeof *gp_options, FIRST_VALUE = 256 };

int gp_command_find(const char *name)
{
    for (int i = 0; i < GP_CMD_COUNT; i++) {
        if (gp_str_ieqz(gp_str_from(name), gp_commands[i].name))
            return i;
    }
    return -1;
}

bool gp_option_general(const gp_option *o) { return o->commands == ON_ALL; }

const char *gp_cli_near(const char *word, const char *(*name)(int i), int n)
{
    const char *best = NULL;
    size_t least = 3, length = strlen(word);
    for (int i = 0; i < n; i++) {
        size_t d = gp_str_edit_distance(gp_str_from(word), gp_str_from(name(i)));
        if (length >= 3 && strncmp(word, name(i), length) == 0)
            d = d > 1 ? 1 : d; /* the beginning of a name is as good as one slip */
        if (d < least && d < length) {
            least = d;
            best = name(i);
        }
    }
    return best;
}

static const char *option_name(int i) { return gp_options[i].name; }
static const char *command_name(int i) { return gp_commands[i].name; }

bool gp_cli_date(const char *z, int32_t *out)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int y = 0, m = 0, d = 0, used = 0;
    size_t n = strlen(z), digits = strspn(z, "0123456789");
    if (digits == 8 && n == 8) {
        long v = strtol(z, NULL, 10);
        y = (int)(v / 10000), m = (int)(v / 100 % 100), d = (int)(v % 100);
    } else if (digits != 4 || n > 10 || strspn(z, "0123456789-/") != n ||
               (sscanf(z, "%4d-%2d-%2d%n", &y, &m, &d, &used) != 3 && sscanf(z, "%4d/%2d/%2d%n", &y, &m, &d, &used) != 3) ||
               (size_t)used != n) {
        return false;
    }
    if (y < 1000 || m < 1 || m > 12 || d < 1)
        return false;
    if (d > days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0)))
        return false;
    *out = y * 10000 + m * 100 + d;
    return true;
}

/* A day, and perhaps after it a time of day hh:mm or hh:mm:ss; stamp[0] yyyymmdd, stamp[1] hhmmss. */
static bool parse_stamp(const char *z, int32_t *stamp)
{
    char day[16];
    int h = 0, m = 0, s = 0, used = 0;
    const size_t n = strcspn(z, " T");
    if (n >= sizeof day)
        return false;
    memcpy(day, z, n);
    day[n] = 0;
    stamp[1] = 0;
    if (!gp_cli_date(day, &stamp[0]))
        return false;
    if (!z[n])
        return true;
    z += n + 1;
    if (strspn(z, "0123456789:") != strlen(z) ||
        (sscanf(z, "%2d:%2d:%2d%n", &h, &m, &s, &used) != 3 && sscanf(z, "%2d:%2d%n", &h, &m, &used) != 2) || (size_t)used != strlen(z))
        return false;
    stamp[1] = h * 10000 + m * 100 + s;
    return h < 24 && m < 60 && s < 60;
}

/* The place of value among "a|b|c", -1 for none. */
static int word_in(const char *value, const char *words)
{
    for (int i = 0; *words; i++) {
        const size_t n = strcspn(words, "|");
        if (gp_str_ieqz((gp_str){words, n}, value))
            return i;
        words += n + (words[n] == '|');
    }
    return -1;
}

static bool parse_uint(const char *z, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    size_t n = strlen(z);
    if (n == 0 || n > 20 || strspn(z, "0123456789") != n)
        return false;
    for (; *z; z++) {
        uint64_t digit = (uint64_t)(*z - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return v <= max;
}

/* "NAME=VALUE": says what is wrong with it, or NULL. */
static const char *bad_param(const char *z)
{
    const char *eq = strchr(z, '=');
    double value;
    if (!eq)
        return "there is no '='";
    if (eq == z)
        return "there is no name before '='";
    if (!eq[1])
        return "there is no value after '='";
    return gp_num_parse(eq + 1, strlen(eq + 1), &value) ? NULL : "the value is not a number";
}

/* "5,10", "5:60:5": what sweep takes where other commands take one number. */
static bool is_values(const char *z) { return z && strpbrk(z, ",:") && strpbrk(z, "0123456789") && strspn(z, "=0123456789.,:% -") == strlen(z); }

static int word_of(const char *value, const char *const *words, int n)
{
    for (int i = 0; i < n; i++) {
        if (gp_str_ieqz(gp_str_from(value), words[i]))
            return i;
    }
    return -1;
}

static int set_words(gp_cli *c, const gp_option *o, const char *value, int *colour)
{
    static const char *const forms[] = {"text", "json"}, *const whens[] = {"auto", "always", "never"},
                            *const langs[] = {"en", "zh"}, *const aligns[] = {"tdx", "closed"};
    int i;
    switch (o->kind) {
    case GP_OPT_FORMAT:
        if (!gp_format_parse(value, &c->format))
            return gp_cli_usage(c, "--format '%s': it is one of table, csv, json, ndjson", value);
        c->format_given = true;
        return -1;
    case GP_OPT_DIAG:
        if ((i = word_of(value, forms, 2)) < 0)
            return gp_cli_usage(c, "--diag '%s': it is text or json", value);
        c->diag_json = i == 1;
        return -1;
    case GP_OPT_ENCODING:
        if (!gp_encoding_parse(value, &c->encoding))
            return gp_cli_usage(c, "--encoding '%s': it is one of utf-8, gb18030, gbk, gb2312, utf-16, utf-16le, utf-16be", value);
        return -1;
    case GP_OPT_ALIGN:
        if ((i = word_of(value, aligns, 2)) < 0)
            return gp_cli_usage(c, "--period-align '%s': it is tdx or closed", value);
        c->closed_periods = i == 1;
        return -1;
    case GP_OPT_CAPITAL:
        if (!gp_num_parse(value, strlen(value), &c->capital) || !(c->capital > 0) || c->capital > 1e15)
            return gp_cli_usage(c, "--capital '%s': it is a number of lots of 100 shares", value);
        c->capital_given = true;
        return -1;
    case GP_OPT_COLOUR:
        if ((i = word_of(value, whens, 3)) < 0)
            return gp_cli_usage(c, "--color '%s': it is auto, always or never", value);
        *colour = i;
        return -1;
    default:
        if ((i = word_of(value, langs, 2)) < 0)
            return gp_cli_usage(c, "--lang '%s': it is en or zh", value);
        c->zh = i == 1;
        return -1;
    }
}

static int set_option(gp_cli *c, const gp_option *o, const char *value, int *colour)
{
    void *field = (char *)c + o->field;
    uint64_t u;
    const char *why;
    switch (o->kind) {
    case GP_OPT_FLAG: *(bool *)field = true; return -1;
    case GP_OPT_TEXT: {
        const char **text = field;
        if (*text && strstr(o->arg, "EXPR") && strcmp(*text, value) != 0) /* dropping a condition would go unnoticed */
            return gp_cli_usage(c, "--%s is given twice, '%s' and '%s': only one of them can hold", o->name, *text, value);
        if (*text && strstr(o->arg, "N,N") && strcmp(*text, value) != 0)
            return gp_cli_usage(c, "--%s is given twice, '%s' and '%s': put all of its values into one, with commas between", o->name, *text, value);
        *text = value;
        return -1;
    }
    case GP_OPT_LIST: {
        int *n = (int *)((char *)c + o->count);
        const char ***list = field;
        if (o->letter == 'p' && strcmp(o->arg, "NAME=VALUE") == 0 && is_values(strchr(value, '=')))
            return gp_cli_usage(c, "-p '%s': %s takes one value; goldpit sweep tries several (-p %s)", value, c->command, value);
        if (o->letter == 'p' && strcmp(o->arg, "NAME=VALUE") == 0 && (why = bad_param(value)))
            return gp_cli_usage(c, "-p '%s': %s; write -p NAME=VALUE, as in -p N=9", value, why);
        *list = gp_xrealloc(*list, sizeof **list * ((size_t)*n + 1));
        (*list)[(*n)++] = value;
        return -1;
    }
    case GP_OPT_COUNT:
        if (o->field == offsetof(gp_cli, hold) && is_values(value))
            return gp_cli_usage(c, "--%s '%s': %s takes one value; goldpit sweep tries several (--%s %s --metric sharpe)", o->name, value, c->command, o->name, value);
        if (!parse_uint(value, (uint64_t)o->max, &u) || u < 1)
            return gp_cli_usage(c, "--%s '%s': N is a whole number from 1 to %d", o->name, value, o->max);
        *(int *)field = (int)u;
        return -1;
    case GP_OPT_COUNT_OR_0:
        if (!parse_uint(value, (uint64_t)o->max, &u))
            return gp_cli_usage(c, "--%s '%s': N is a whole number from 0 to %d", o->name, value, o->max);
        *(int *)field = u ? (int)u : -1;
        return -1;
    case GP_OPT_SEED:
        if (!parse_uint(value, UINT64_MAX, (uint64_t *)field))
            return gp_cli_usage(c, "--%s '%s': N is a whole number from 0 to 18446744073709551615", o->name, value);
        return -1;
    case GP_OPT_DATE:
        if (!gp_cli_date(value, field))
            return gp_cli_usage(c, "--%s '%s' is not a day: write 2024-03-29, 20240329 or 2024/3/29", o->name, value);
        return -1;
    case GP_OPT_STAMP:
        if (!parse_stamp(value, field))
            return gp_cli_usage(c, "--%s '%s' is no point in time: write '2024-03-29 14:50:00'", o->name, value);
        return -1;
    case GP_OPT_WORD:
        if ((*(int *)field = word_in(value, o->arg)) < 0)
            return gp_cli_usage(c, "--%s '%s': it is one of %s", o->name, value, o->arg);
        return -1;
    case GP_OPT_PICTURE:
        if ((*(int *)field = 1 + word_in(value, o->arg)) == 0)
            return gp_cli_usage(c, "--%s '%s': it is one of %s", o->name, value, o->arg);
        return -1;
    case GP_OPT_HELP: return -1; /* done by the caller, who knows how it was spelled */
    default: return set_words(c, o, value, colour);
    }
}

const gp_status gp_statuses[] = {
#define ALL ON_ALL
#define GP_STATUS(NUMBER, COMMANDS, ENGLISH, CHINESE) {NUMBER, COMMANDS, ENGLISH, CHINESE},
#include "cli/status.def"
#undef GP_STATUS
#undef ALL
};
const int gp_n_statuses = sizeof gp_statuses / sizeof *gp_statuses;

static bool is_option(const char *word)
{
    const size_t n = strcspn(word, "=");
    for (int i = 0; i < N_OPTIONS; i++) {
        if (strlen(gp_options[i].name) == n && strncmp(gp_options[i].name, word, n) == 0)
            return true;
    }
    return false;
}

/* Of options that share a name, that of the command. */
static int of_command(const gp_cli *c, int i)
{
    const int command = c->command ? gp_command_find(c->command) : -1;
    if (command < 0 || gp_options[i].commands & (1u << command))
        return i;
    for (int k = 0; k < N_OPTIONS; k++)
        if (strcmp(gp_options[k].name, gp_options[i].name) == 0 && gp_options[k].commands & (1u << command))
            return k;
    return i;
}

static int unknown_option(gp_cli *c, const char *word, const struct option *longs)
{
    char name[64];
    size_t n = strcspn(word + 2, "=");
    int matches = 0;
    const char *near;
    if (strncmp(word, "--", 2) != 0 && optopt >= '0' && optopt <= '9')
        return gp_cli_usage(c, "there is no option -%c; if a negative number was meant, write -- before the words after the options", optopt);
    if (strncmp(word, "--", 2) != 0)
        return gp_cli_usage(c, "there is no option -%c", optopt ? optopt : word[1]);
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), word + 2);
    for (int i = 0; longs[i].name; i++) {
        if (strcmp(name, longs[i].name) == 0 && !longs[i].has_arg)
            return gp_cli_usage(c, "--%s takes no value", name);
        matches += strncmp(longs[i].name, name, strlen(name)) == 0;
    }
    if (matches > 1) {
        gp_buf list = {0};
        int status;
        for (int i = 0; longs[i].name; i++) {
            if (strncmp(longs[i].name, name, strlen(name)) == 0)
                gp_buf_printf(&list, "%s--%s", list.n ? ", " : "", longs[i].name);
        }
        status = gp_cli_usage(c, "--%s can mean %s", name, list.p);
        gp_buf_free(&list);
        return status;
    }
    near = gp_cli_near(name, option_name, N_OPTIONS);
    if (near)
        return gp_cli_usage(c, "there is no option --%s; did you mean --%s?", name, near);
    return gp_cli_usage(c, "there is no option --%s", name);
}

static bool wants_colour(int when, FILE *stream)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (when != 0)
        return when == 1;
    return isatty(fileno(stream)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static int no_command(const gp_cli *anonymous, const char *word)
{
    gp_buf names = {0};
    int status;
    for (int i = 0; i < GP_CMD_HELP; i++) /* help and what follows it are about goldpit, not for quotes and formulas */
        gp_buf_printf(&names, "%s%s", i ? ", " : "", gp_commands[i].name);
    status = gp_cli_usage(anonymous, "there is no command '%s'; the commands are %s", word, names.p);
    gp_buf_free(&names);
    return status;
}

/* Options given before their command is known are checked once it is. */
static int check_commands(gp_cli *c, const bool *seen)
{
    int command;
    if (!c->command)
        return -1;
    command = gp_command_find(c->command);
    if (command < 0) {
        const char *near = gp_cli_near(c->command, command_name, GP_CMD_COUNT);
        gp_cli anonymous = {.zh = c->zh};
        if (near)
            return gp_cli_usage(&anonymous, "there is no command '%s'; did you mean '%s'?", c->command, near);
        return no_command(&anonymous, c->command);
    }
    c->command = gp_commands[command].name;
    if (c->help_short || c->help_long)
        return -1;
    for (int i = 0; i < N_OPTIONS; i++) {
        if (seen[i] && !(gp_options[i].commands & (1u << command))) {
            gp_buf who = {0};
            int status;
            for (int k = 0; k < GP_CMD_COUNT; k++) {
                if (gp_options[i].commands & (1u << k))
                    gp_buf_printf(&who, "%s%s", who.n ? ", " : "", gp_commands[k].name);
            }
            status = gp_cli_usage(c, "--%s is an option of %s, not of %s", gp_options[i].name, who.p, c->command);
            gp_buf_free(&who);
            return status;
        }
    }
    if (c->from && c->to && c->from > c->to)
        return gp_cli_usage(c, "--from %d is after --to %d", c->from, c->to);
    return -1;
}

/* Explains an option that lacks its value. */
static int missing_value(gp_cli *c, const char *word)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        const gp_option *o = &gp_options[i];
        if (o->arg && ((strncmp(word, "--", 2) == 0 && strncmp(o->name, word + 2, strlen(word + 2)) == 0) ||
                       (word[1] != '-' && o->letter && o->letter == optopt)))
            return gp_cli_usage(c, "%s needs a value: %s %s", word, word, o->arg);
    }
    return gp_cli_usage(c, "%s needs a value", word);
}

int gp_cli_parse(gp_cli *c, int argc, char **argv)
{
    struct option longs[N_OPTIONS + 1];
    char shorts[2 * N_OPTIONS + 2] = ":";
    bool seen[N_OPTIONS] = {false};
    int colour = 0, got, status;
    const char *lang = getenv("GOLDPIT_LANG");
    size_t at = 1;
    memset(longs, 0, sizeof longs);
    for (int i = 0; i < N_OPTIONS; i++) {
        int named = 0;
        while (longs[named].name && strcmp(longs[named].name, gp_options[i].name) != 0)
            named++;
        if (!longs[named].name) /* commands may have an option each of one name: of_command */
            longs[named] = (struct option){gp_options[i].name, gp_options[i].arg ? required_argument : no_argument, NULL, FIRST_VALUE + i};
        if (gp_options[i].letter) {
            shorts[at++] = gp_options[i].letter;
            if (gp_options[i].arg)
                shorts[at++] = ':';
        }
    }
    c->zh = lang && (lang[0] == 'z' || lang[0] == 'Z');
    opterr = 0;
    optind = 0; /* from the start again: formulas under test bring options of their own */
    for (int i = 1; i < argc && !c->command; i++) { /* for messages about options: the first word that names a command */
        if (strcmp(argv[i], "--") == 0)
            break;
        if (argv[i][0] != '-' && gp_command_find(argv[i]) >= 0)
            c->command = argv[i];
    }
    while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        int i = got - FIRST_VALUE;
        if (got == '?')
            return unknown_option(c, argv[optind - 1], longs);
        if (got == ':')
            return missing_value(c, argv[optind - 1]);
        for (int k = 0; got < FIRST_VALUE && k < N_OPTIONS; k++) {
            if (gp_options[k].letter == got)
                i = k;
        }
        i = of_command(c, i);
        seen[i] = true;
        /* a value that is an option: the value was forgotten, and what follows would be taken for data */
        if (gp_options[i].arg && optarg == argv[optind - 1] && strncmp(optarg, "--", 2) == 0 && is_option(optarg + 2))
            return gp_cli_usage(c, "--%s needs a value (%s); '%s' is an option itself", gp_options[i].name, gp_options[i].arg, optarg);
        if (gp_options[i].kind == GP_OPT_HELP)
            *(got < FIRST_VALUE ? &c->help_short : &c->help_long) = true;
        else if ((status = set_option(c, &gp_options[i], optarg, &colour)) >= 0)
            return status;
    }
    c->command = optind < argc ? argv[optind++] : NULL;
    c->args = argv + optind;
    c->n_args = argc - optind;
    c->colour = wants_colour(colour, stdout);
    c->err_colour = wants_colour(colour, stderr);
    if (!c->format_given)
        c->format = isatty(STDOUT_FILENO) ? GP_FORMAT_TABLE : GP_FORMAT_CSV;
    return check_commands(c, seen);
}

void gp_cli_fini(gp_cli *c)
{
    for (int i = 0; i < N_OPTIONS; i++) {
        if (gp_options[i].kind == GP_OPT_LIST) {
            const char ***list = (void *)((char *)c + gp_options[i].field);
            free(*list);
            *list = NULL;
        }
    }
    gp_library_free(c->library);
    gp_profile_free(c->own_profile);
    c->library = NULL;
    gp_universe_free(c->data.universe);
    c->data.universe = NULL;
    gp_among_free(c->among_of);
    c->among_of = NULL;
}

static const gp_option *option_of(const char *name, const char *command)
{
    const int k = gp_command_find(command);
    for (int i = 0; i < N_OPTIONS; i++) {
        if (strcmp(gp_options[i].name, name) == 0 && k >= 0 && (gp_options[i].commands & (1u << k)))
            return &gp_options[i];
    }
    return NULL;
}

bool gp_cli_has_option(const char *name, const char *command) { return option_of(name, command) != NULL; }

int gp_cli_set(gp_cli *c, const char *name, const char *value)
{
    static const char *const no[] = {"no", "false", "off", "0"};
    const gp_option *o = option_of(name, "scan");
    int colour = 0;
    if (!o)
        return gp_cli_usage(c, "there is no option --%s", name);
    for (size_t i = 0; !o->arg && i < sizeof no / sizeof *no; i++) {
        if (strcmp(value, no[i]) == 0)
            return -1;
    }
    return set_option(c, o, value, &colour);
}
