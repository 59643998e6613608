/* What can follow a colon: one row of repl.def each. */
#include "cli/repl.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/num.h"
#include "builtins/builtin.h"

static void run_help(repl *r, char *rest);

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* The first word of *rest, which then begins behind it; "" when there is none. */
static char *word(char **rest)
{
    char *p = *rest, *start;
    while (is_blank(*p))
        p++;
    start = p;
    while (*p && !is_blank(*p))
        p++;
    if (*p)
        *p++ = 0;
    *rest = p;
    return start;
}

static char *trimmed(char *text)
{
    size_t n;
    while (is_blank(*text))
        text++;
    n = strlen(text);
    while (n && is_blank(text[n - 1]))
        text[--n] = 0;
    return text;
}

static bool ends_with(const char *z, const char *tail)
{
    size_t n = strlen(z), k = strlen(tail);
    return n >= k && gp_str_ieqz(gp_str_from(z + n - k), tail);
}

static void usage(repl *r, const char *name)
{
    for (int i = 0; i < repl_n_commands; i++) {
        if (strcmp(repl_commands[i].name, name) == 0)
            repl_error(r, GP_EXIT_USAGE, "%s :%s %s", repl_text(r, "write", "用法:"), name, repl_commands[i].args);
    }
}

/* ---- quotes ---- */

static void tell_security(repl *r)
{
    gp_buf b = {0};
    repl_describe(r, &b);
    repl_say(r, "%s", b.p);
    gp_buf_free(&b);
    if (r->bars && r->now.entries.n)
        repl_show_session(r, false);
}

static void load_formula(repl *r, char *name)
{
    gp_cli c = *r->c;
    gp_diags d = {0};
    int status = GP_EXIT_FORMULA;
    gp_formula *f;
    c.library = gp_cli_library(r->c); /* made here once, not in the copy */
    c.expression = NULL;
    c.n_params = 0;
    c.args = &name;
    c.n_args = 1;
    f = gp_cli_formula(&c, false, &d, &status);
    gp_diags_fini(&d); /* said again by what follows */
    if (!f) {
        repl_failed(r, status);
        return;
    }
    repl_submit(r, f->src->name, f->src->text, GP_ENC_UTF8, REPL_FORMULA);
    gp_formula_free(f);
}

static void run_load(repl *r, char *rest)
{
    GP_VEC(char *) paths = {0};
    char *whole = trimmed(rest);
    if (!*whole) {
        usage(r, "load");
        return;
    }
    if (ends_with(whole, ".tdx")) {
        load_formula(r, whole);
        return;
    }
    if (gp_path_exists(whole)) { /* a name with blanks */
        gp_vec_push(&paths, whole);
    } else {
        for (char *w; *(w = word(&whole));)
            gp_vec_push(&paths, w);
    }
    if (repl_load(r, paths.at, (int)paths.n))
        tell_security(r);
    gp_vec_free(&paths);
}

static void run_use(repl *r, char *rest)
{
    char *code = trimmed(rest);
    if (!*code)
        usage(r, "use");
    else if (r->inputs.n == 0)
        repl_error(r, GP_EXIT_NO_DATA, "%s", repl_text(r, "no quotes are loaded: :load FILE or FOLDER", "尚未载入行情: :load 文件或目录"));
    else if (repl_use(r, code))
        tell_security(r);
    else
        repl_error(r, GP_EXIT_NO_DATA, repl_text(r, "the quotes have no security %s", "行情中没有证券 %s"), code);
}

/* ---- statements ---- */

static void run_formula(repl *r, char *rest)
{
    char *name = trimmed(rest);
    if (*name && strcmp(name, "-") != 0)
        load_formula(r, name);
    else
        usage(r, "formula");
}

static void run_list(repl *r, char *rest)
{
    (void)rest;
    for (size_t i = 0; i < r->now.entries.n; i++) {
        printf("%s%3zu%s  ", r->c->colour ? "\033[2m" : "", i + 1, r->c->colour ? "\033[0m" : "");
        for (const char *p = r->now.entries.at[i]->text, *end; *p; p = end) { /* further lines of a statement under its first */
            end = p + strcspn(p, "\n");
            gp_cli_put_text((gp_str){p, (size_t)(end - p)});
            if (*end && *++end != 0)
                fputs("\n     ", stdout);
        }
        putchar('\n');
    }
}

static void list_params(const repl *r)
{
    for (size_t i = 0; i < r->now.params.n; i++) {
        const repl_param *p = &r->now.params.at[i];
        char value[GP_NUM_MAX], low[GP_NUM_MAX], high[GP_NUM_MAX];
        gp_num_format(p->value, value);
        gp_num_format(p->min, low);
        gp_num_format(p->max, high);
        printf("%s=%s", p->name, value);
        if (p->has_range)
            printf(repl_text(r, "  (%s to %s)", "  (%s 至 %s)"), low, high);
        putchar('\n');
    }
}

static void run_vars(repl *r, char *rest)
{
    (void)rest;
    list_params(r);
    repl_show_session(r, true);
}

static void run_param(repl *r, char *rest)
{
    char *text = trimmed(rest), *eq = strchr(text, '=');
    double value;
    gp_str name;
    int i;
    if (!*text) {
        list_params(r);
        return;
    }
    name = gp_str_from(text);
    if (eq)
        name.n = (size_t)(eq - text);
    name = gp_str_trim(name, GP_BLANKS);
    if (!eq || name.n == 0 || !gp_num_parse(eq + 1, strlen(eq + 1), &value)) {
        usage(r, "param");
        return;
    }
    for (size_t k = 0; k < name.n; k++) {
        char c = name.p[k];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (c & 0x80) || (k && c >= '0' && c <= '9'))) {
            repl_error(r, GP_EXIT_USAGE, repl_text(r, "'%.*s' cannot be the name of a parameter", "'%.*s' 不能作参数名"), (int)name.n, name.p);
            return;
        }
    }
    i = repl_find_param(r, name);
    if (i >= 0 && r->now.params.at[i].has_range && (value < r->now.params.at[i].min || value > r->now.params.at[i].max)) {
        char low[GP_NUM_MAX], high[GP_NUM_MAX];
        gp_num_format(r->now.params.at[i].min, low);
        gp_num_format(r->now.params.at[i].max, high);
        repl_error(r, GP_EXIT_USAGE, repl_text(r, "%s goes from %s to %s", "%s 的范围是 %s 至 %s"), r->now.params.at[i].name, low, high);
        return;
    }
    repl_remember(r);
    repl_set_param(r, name, value);
    if (r->bars && r->now.entries.n)
        repl_show_session(r, false);
}

/* The statements that use the name, "Y, Z", or NULL. */
static char *users_of(const repl *r, const char *name)
{
    gp_buf b = {0};
    for (size_t i = 0; i < r->now.entries.n; i++) {
        const repl_entry *e = r->now.entries.at[i];
        if (repl_uses(e, gp_str_from(name)) && !(e->name && gp_str_ieqz(gp_str_from(e->name), name)))
            gp_buf_printf(&b, "%s%s", b.n ? ", " : "", e->name ? e->name : e->text);
    }
    return b.p;
}

static void run_drop(repl *r, char *rest)
{
    char *name = trimmed(rest), *users = NULL;
    int at = repl_find(r, gp_str_from(name)), param = repl_find_param(r, gp_str_from(name));
    double number;
    if (!*name) {
        usage(r, "drop");
        return;
    }
    if (at < 0 && param < 0 && gp_num_parse(name, strlen(name), &number) && number >= 1 && number <= (double)r->now.entries.n) {
        at = (int)number - 1;
        name = r->now.entries.at[at]->name;
    }
    if (at < 0 && param < 0) {
        repl_error(r, GP_EXIT_USAGE, repl_text(r, "the session has no %s", "没有 %s"), name);
        return;
    }
    if (name)
        users = users_of(r, name);
    if (users && at >= 0 && param < 0) { /* an earlier definition of the name may be left to them */
        int more = 0;
        for (size_t i = 0; i < r->now.entries.n; i++)
            more += r->now.entries.at[i]->name && gp_str_ieqz(gp_str_from(name), r->now.entries.at[i]->name);
        if (more > 1) {
            free(users);
            users = NULL;
        }
    }
    if (users) {
        repl_error(r, GP_EXIT_USAGE, repl_text(r, "%s is used by %s", "%s 被 %s 引用"), name, users);
    } else {
        repl_remember(r);
        if (at >= 0) {
            repl_remove(r, at);
        } else {
            free(r->now.params.at[param].name);
            memmove(r->now.params.at + param, r->now.params.at + param + 1,
                    (r->now.params.n - (size_t)param - 1) * sizeof *r->now.params.at);
            r->now.params.n--;
        }
    }
    free(users);
}

static void run_undo(repl *r, char *rest)
{
    (void)rest;
    if (!repl_undo(r))
        repl_error(r, GP_EXIT_USAGE, "%s", repl_text(r, "there is nothing to undo", "没有可撤销的操作"));
    else
        repl_say(r, repl_text(r, "%zu statement%s", "%zu 条语句"), r->now.entries.n, r->now.entries.n == 1 ? "" : "s");
}

static void run_clear(repl *r, char *rest)
{
    (void)rest;
    repl_remember(r);
    repl_state_fini(&r->now);
    r->now = (repl_state){0};
}

static void run_save(repl *r, char *rest)
{
    char *path = trimmed(rest);
    gp_buf text = {0}, name = {0};
    FILE *out;
    bool ok;
    if (!*path) {
        usage(r, "save");
        return;
    }
    if (r->now.entries.n == 0) {
        repl_error(r, GP_EXIT_USAGE, "%s", repl_text(r, "there are no statements to save", "没有可保存的语句"));
        return;
    }
    gp_buf_addz(&name, path);
    if (!strchr(strrchr(path, '/') ? strrchr(path, '/') : path, '.'))
        gp_buf_addz(&name, ".tdx");
    repl_write(r, &text);
    out = fopen(name.p, "we");
    ok = out && fwrite(text.p, 1, text.n, out) == text.n;
    if (out && fclose(out) != 0)
        ok = false;
    if (ok)
        repl_say(r, repl_text(r, "%s: %zu statement%s", "%s: %zu 条语句"), name.p, r->now.entries.n,
                 r->now.entries.n == 1 ? "" : "s");
    else
        repl_error(r, GP_EXIT_NO_DATA, repl_text(r, "cannot write %s: %s", "无法写入 %s: %s"), name.p, strerror(errno));
    gp_buf_free(&text);
    gp_buf_free(&name);
}

/* ---- settings ---- */

static void run_last(repl *r, char *rest)
{
    double n;
    char *text = trimmed(rest);
    if (!gp_num_parse(text, strlen(text), &n) || n < 1 || n > 1000000 || n != (int)n)
        usage(r, "last");
    else
        r->last = (int)n;
}

static void run_at(repl *r, char *rest)
{
    char *text = trimmed(rest);
    int32_t date = 0;
    if (*text && !gp_cli_date(text, &date)) {
        repl_error(r, GP_EXIT_USAGE, repl_text(r, "'%s' is not a day: write 2024-03-29", "'%s' 不是日期: 写作 2024-03-29"), text);
        return;
    }
    r->at = date;
    if (r->bars) {
        int bar = repl_bar(r);
        if (bar < 0)
            repl_say(r, "%s", repl_text(r, "there is no bar that early", "该日期之前没有K线"));
        else
            repl_say(r, repl_text(r, "at %d-%02d-%02d, bar %d of %d", "位于 %d-%02d-%02d, 第 %d / %d 根"), r->bars->date[bar] / 10000,
                     r->bars->date[bar] / 100 % 100, r->bars->date[bar] % 100, bar + 1, r->bars->n);
    }
}

static void run_set(repl *r, char *rest)
{
    char *what = word(&rest), *value = word(&rest);
    bool on = gp_str_ieqz(gp_str_from(value), "on");
    if (!gp_str_ieqz(gp_str_from(what), "exact") || (!on && !gp_str_ieqz(gp_str_from(value), "off")))
        usage(r, "set");
    else
        r->exact = on;
}

static void run_trace(repl *r, char *rest) { repl_trace(r, trimmed(rest)); }

static void run_quit(repl *r, char *rest)
{
    (void)rest;
    r->quit = true;
}

/* ---- the table ---- */

const repl_command repl_commands[] = {
#define REPL_COMMAND(NAME, ARGS, ARG, RUN, EN, ZH) {NAME, ARGS, REPL_ARG_##ARG, RUN, EN, ZH},
#include "cli/repl.def"
#undef REPL_COMMAND
};
const int repl_n_commands = sizeof repl_commands / sizeof *repl_commands;

static const char *command_name(int i) { return repl_commands[i].name; }

/* By name or an unambiguous beginning; -1. */
static int find_command(const char *name)
{
    int found = -1, count = 0;
    for (int i = 0; i < repl_n_commands; i++) {
        if (gp_str_ieqz(gp_str_from(name), repl_commands[i].name))
            return i;
        if (*name && strncmp(name, repl_commands[i].name, strlen(name)) == 0) {
            found = i;
            count++;
        }
    }
    return count == 1 ? found : -1;
}

static void help_row(const repl *r, const repl_command *k)
{
    printf("  :%-8s%-17s %s\n", k->name, k->args, repl_text(r, k->en, k->zh));
}

static void run_help(repl *r, char *rest)
{
    char *name = trimmed(rest);
    int command = find_command(*name == ':' ? name + 1 : name), at;
    if (!*name) {
        puts(repl_text(r,
                       "Type a statement (X:=MA(C,5)) or a question (C>X); a name given again replaces the old one.\n"
                       "A question is answered and not kept; with a name or a ; it is kept. TAB completes, Ctrl-C stops.",
                       "输入语句 (X:=MA(C,5)) 或提问 (C>X); 同名语句替换旧的。\n"
                       "提问只求值, 不保留; 取名或以 ; 结尾则保留。TAB 补全, Ctrl-C 中断。"));
        for (int i = 0; i < repl_n_commands; i++)
            help_row(r, &repl_commands[i]);
        return;
    }
    at = repl_find(r, gp_str_from(name));
    if (*name == ':' && command >= 0) {
        help_row(r, &repl_commands[command]);
    } else if (at >= 0) {
        puts(r->now.entries.at[at]->text);
    } else if (gp_builtin_find(gp_str_from(name)) || command < 0) {
        gp_cli c = *r->c;
        int status;
        c.command = "functions";
        c.args = &name;
        c.n_args = 1;
        c.format = GP_FORMAT_TABLE;
        fflush(stdout);
        status = gp_cmd_functions(&c);
        if (status != GP_EXIT_OK)
            repl_failed(r, status);
    } else {
        help_row(r, &repl_commands[command]);
    }
}

void repl_dispatch(repl *r, char *line)
{
    char *rest = line + 1, *name = word(&rest);
    int i = find_command(name);
    if (i >= 0) {
        repl_commands[i].run(r, rest);
    } else {
        const char *near = gp_cli_near(name, command_name, repl_n_commands);
        if (near)
            repl_error(r, GP_EXIT_USAGE, repl_text(r, "there is no command :%s; did you mean :%s?", "没有命令 :%s; 是否为 :%s?"), name, near);
        else
            repl_error(r, GP_EXIT_USAGE, repl_text(r, "there is no command :%s; :help lists them", "没有命令 :%s; 用 :help 查看"), name);
    }
    fflush(stdout);
}
