/* Everything for standard error. */
#include "cli/table.h"
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include "screen/plan.h"

static void vline(const gp_cli *c, const char *kind, const char *colour, const char *format, va_list args)
{
    gp_buf line = {0};
    char text[2048];
    vsnprintf(text, sizeof text, format, args);
    gp_buf_addz(&line, "goldpit");
    if (c->command)
        gp_buf_printf(&line, " %s", c->command);
    gp_buf_addz(&line, ": ");
    if (kind)
        gp_buf_printf(&line, "%s%s:%s ", c->err_colour ? colour : "", kind, c->err_colour ? "\033[0m" : "");
    for (const char *p = text; *p; p++) /* names of files and words typed by the user: nothing raw to the terminal */
        gp_buf_addc(&line, (unsigned char)*p < 0x20 || *p == 0x7f ? (*p == '\n' ? '\n' : '?') : *p);
    fprintf(stderr, "%s\n", line.p);
    gp_buf_free(&line);
}

int gp_cli_usage(const gp_cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vline(c, NULL, "", format, args);
    va_end(args);
    if (c->command && gp_command_find(c->command) >= 0)
        fprintf(stderr, "Try 'goldpit %s -h'.\n", c->command);
    else
        fputs("Try 'goldpit --help'.\n", stderr);
    return GP_EXIT_USAGE;
}

void gp_cli_error(const gp_cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vline(c, "error", "\033[1;31m", format, args);
    va_end(args);
}

void gp_cli_note(const gp_cli *c, const char *format, ...)
{
    va_list args;
    if (c->quiet)
        return;
    va_start(args, format);
    vline(c, "note", "\033[1;36m", format, args);
    va_end(args);
}

/* The diagnostics are the result of lint; of check they are in their form for programs. */
static bool are_result(const gp_cli *c)
{
    return c->command && (strcmp(c->command, "lint") == 0 || (c->diag_json && !c->prove && strcmp(c->command, "check") == 0));
}

/* Some input changed while it was read: its values may be half old and half new. */
static bool inputs_changed;

int gp_cli_status(int status)
{
    return status == GP_EXIT_OK && inputs_changed ? GP_EXIT_PARTIAL : status;
}

void gp_cli_diags(const gp_cli *c, gp_diags *d)
{
    gp_buf out = {0};
    FILE *to = are_result(c) ? stdout : stderr;
    for (size_t i = 0; i < d->n; i++) {
        inputs_changed |= d->at[i].id == GP_D_DATA_CHANGED;
        if (c->quiet && d->at[i].severity != GP_ERROR)
            continue;
        out.n = 0;
        if (c->diag_json) {
            gp_diag_render_json(&d->at[i], &out);
            gp_buf_addc(&out, '\n');
        } else {
            gp_diag_render_text(&d->at[i], to == stdout ? c->colour : c->err_colour, &out);
            if (out.n && out.p[out.n - 1] != '\n')
                gp_buf_addc(&out, '\n');
        }
        fwrite(out.p, 1, out.n, to);
    }
    if (d->dropped && !c->diag_json && (d->errors || !c->quiet))
        fprintf(to, "... and %zu more like these\n", d->dropped);
    gp_buf_free(&out);
    gp_diags_fini(d);
}

void gp_cli_put_text(gp_str text)
{
    gp_buf room = {0};
    const bool terminal = isatty(STDOUT_FILENO);
    for (size_t from = 0, to; terminal && from < text.n; from = to) { /* lines and tabs stay what they are */
        for (to = from; to < text.n && text.p[to] != '\n' && text.p[to] != '\t'; to++) {}
        size_t n = to - from;
        if (n && to < text.n && text.p[to] == '\n' && text.p[to - 1] == '\r')
            n--;
        const gp_str clean = gp_clean((gp_str){text.p + from, n}, GP_FORMAT_TABLE, &room);
        fwrite(clean.p, 1, clean.n, stdout);
        if (to < text.n)
            putchar(text.p[to++]);
    }
    if (!terminal && text.n)
        fwrite(text.p, 1, text.n, stdout);
    gp_buf_free(&room);
}

void gp_cli_ahead_text(const gp_ahead *a, gp_buf *out)
{
    switch (a->kind) {
    case GP_FUTURE_NONE: gp_buf_addz(out, "none: every value is final when its bar closes"); return;
    case GP_FUTURE_N: gp_buf_printf(out, "yes, %d bar%s", a->bars, a->bars == 1 ? "" : "s"); break;
    case GP_FUTURE_PERIOD: gp_buf_printf(out, "yes, until the %s around it is complete", gp_period_word((gp_period)a->bars)); break;
    case GP_FUTURE_REPAINT: gp_buf_addz(out, "yes, any later bar can change a value"); break;
    case GP_FUTURE_LAST: gp_buf_addz(out, "it depends on which bar is the last one"); break;
    }
    if (a->chain && *a->chain)
        gp_buf_printf(out, ": %s", a->chain);
}

/* ", as do A and B" beside the output that is shown: a formula may have signals to trust and others. */
static void add_others(const gp_program *p, const gp_ahead *shown, gp_buf *out)
{
    enum { MOST = 6 };
    int n, others = 0;
    const gp_output *o = gp_program_outputs(p, &n);
    bool passed = false;
    gp_buf names = {0};
    for (int i = 0; i < n; i++) {
        if (o[i].ahead.kind == GP_FUTURE_NONE)
            continue;
        if (!passed && o[i].ahead.chain == shown->chain) {
            passed = true;
            continue;
        }
        if (others < MOST)
            gp_buf_printf(&names, "%s%s", others ? ", " : "", o[i].name);
        others++;
    }
    if (others > 0)
        gp_buf_printf(out, "; so %s %s", others == 1 ? "does" : "do", names.p);
    if (others > MOST)
        gp_buf_printf(out, " and %d more", others - MOST);
    gp_buf_free(&names);
}

void gp_cli_ahead_note(const gp_cli *c, const gp_program *p)
{
    const gp_ahead a = gp_program_ahead(p);
    gp_buf chain = {0};
    if (a.kind == GP_FUTURE_NONE)
        return;
    gp_buf_addz(&chain, a.chain ? a.chain : "");
    add_others(p, &a, &chain);
    if (a.kind == GP_FUTURE_N && a.bars == 1)
        gp_cli_note(c, "the formula looks 1 bar ahead, so the newest bar can still change: %s", chain.p);
    else if (a.kind == GP_FUTURE_N)
        gp_cli_note(c, "the formula looks %d bars ahead, so the newest %d bars can still change: %s", a.bars, a.bars, chain.p);
    else if (a.kind == GP_FUTURE_PERIOD)
        gp_cli_note(c, "the values can change until the %s around them is complete (--period-align closed takes the one before): %s",
                    gp_period_word((gp_period)a.bars), chain.p);
    else if (a.kind == GP_FUTURE_REPAINT)
        gp_cli_note(c, "the formula looks ahead: later bars can change any value shown, so it is not a signal to trade on: %s", chain.p);
    else if (a.kind == GP_FUTURE_LAST)
        gp_cli_note(c, "the values depend on which bar is the last one and change when a bar is added: %s", chain.p);
    gp_buf_free(&chain);
}

void gp_cli_plan_notes(const gp_cli *c, const gp_plan *p)
{
    const bool several = p->left_out && strchr(p->left_out, ',');
    if (p->left_out && !c->diag_json)
        gp_cli_note(c, c->zh ? "公式的信号取自绘图语句的条件, %s 未计入: 用 --signal %s 指定" : several ? "the conditions of the drawings are the signals; %s are left out: --signal %s takes one"
                                                                                            : "the conditions of the drawings are the signals; %s is left out: --signal %s takes it",
                    p->left_out, several ? c->zh ? "名称" : "NAME" : p->left_out);
    if (p->same && !c->diag_json)
        gp_cli_note(c, c->zh ? "条件相同的绘图只算一次: %s" : "drawings with one condition are judged once: %s", p->same);
}
