/* What a session keeps: its statements and parameters as text, and the states that :undo goes back to; what it says. */
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include "base/num.h"
#include "cli/repl.h"

/* ---- messages ---- */

void repl_failed(repl *r, int status)
{
    if (r->status == GP_EXIT_OK)
        r->status = status;
}

static void say(FILE *out, const char *text, const char *before, const char *after)
{
    fputs(before, out);
    for (const char *p = text; *p; p++) /* words of the user and names of files: nothing raw to the terminal */
        fputc((unsigned char)*p < 0x20 && *p != '\n' ? '?' : *p == 0x7f ? '?' : *p, out);
    fputs(after, out);
    fputc('\n', out);
}

void repl_say(const repl *r, const char *format, ...)
{
    char text[4096];
    va_list args;
    if (r->c->quiet)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say(stdout, text, r->c->colour ? "\033[2m" : "", r->c->colour ? "\033[0m" : "");
}

void repl_error(repl *r, int status, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fflush(stdout);
    say(stderr, text, r->c->err_colour ? "\033[1;31merror:\033[0m " : "error: ", "");
    repl_failed(r, status);
}

/* ---- entries and states ---- */

char *repl_copy(const char *p, size_t n)
{
    char *z = gp_xcalloc(n + 1, 1);
    if (n)
        memcpy(z, p, n);
    return z;
}

void repl_release(repl_entry *e)
{
    if (--e->owners)
        return;
    for (int i = 0; i < e->n_refs; i++)
        free(e->refs[i]);
    free(e->refs);
    free(e->text);
    free(e->lead);
    free(e->name);
    free(e);
}

void repl_state_fini(repl_state *s)
{
    for (size_t i = 0; i < s->entries.n; i++)
        repl_release(s->entries.at[i]);
    for (size_t i = 0; i < s->params.n; i++)
        free(s->params.at[i].name);
    gp_vec_free(&s->entries);
    gp_vec_free(&s->params);
}

repl_state repl_state_copy(const repl_state *s)
{
    repl_state out = {0};
    for (size_t i = 0; i < s->entries.n; i++) {
        s->entries.at[i]->owners++;
        gp_vec_push(&out.entries, s->entries.at[i]);
    }
    for (size_t i = 0; i < s->params.n; i++) {
        repl_param p = s->params.at[i];
        p.name = repl_copy(p.name, strlen(p.name));
        gp_vec_push(&out.params, p);
    }
    return out;
}

void repl_remember(repl *r)
{
    if (r->past.n == REPL_UNDO) {
        repl_state_fini(&r->past.at[0]);
        memmove(r->past.at, r->past.at + 1, (r->past.n - 1) * sizeof *r->past.at);
        r->past.n--;
    }
    gp_vec_push(&r->past, repl_state_copy(&r->now));
}

bool repl_undo(repl *r)
{
    if (r->past.n == 0)
        return false;
    repl_state_fini(&r->now);
    r->now = r->past.at[--r->past.n];
    return true;
}

int repl_find(const repl *r, gp_str name)
{
    for (size_t i = r->now.entries.n; i-- > 0;) {
        if (r->now.entries.at[i]->name && gp_str_ieqz(name, r->now.entries.at[i]->name))
            return (int)i;
    }
    return -1;
}

int repl_find_param(const repl *r, gp_str name)
{
    for (size_t i = 0; i < r->now.params.n; i++) {
        if (gp_str_ieqz(name, r->now.params.at[i].name))
            return (int)i;
    }
    return -1;
}

bool repl_uses(const repl_entry *e, gp_str name)
{
    for (int i = 0; i < e->n_refs; i++) {
        if (gp_str_ieqz(name, e->refs[i]))
            return true;
    }
    return false;
}

void repl_remove(repl *r, int i)
{
    size_t at = (size_t)i;
    repl_release(r->now.entries.at[at]);
    memmove(r->now.entries.at + at, r->now.entries.at + at + 1, (r->now.entries.n - at - 1) * sizeof *r->now.entries.at);
    r->now.entries.n--;
}

void repl_keep_param(repl_state *s, const gp_param *p)
{
    repl_param new = {NULL, p->value, p->min, p->max, p->step, p->has_range};
    for (size_t i = 0; i < s->params.n; i++) {
        if (gp_str_ieqz(p->name, s->params.at[i].name)) {
            new.name = s->params.at[i].name;
            s->params.at[i] = new;
            return;
        }
    }
    new.name = repl_copy(p->name.p, p->name.n);
    gp_vec_push(&s->params, new);
}

void repl_set_param(repl *r, gp_str name, double value)
{
    int i = repl_find_param(r, name);
    gp_param p = {.name = name, .value = value, .min = -INFINITY, .max = INFINITY, .step = 1};
    if (i >= 0) {
        const repl_param *old = &r->now.params.at[i];
        p.min = old->min, p.max = old->max, p.step = old->step, p.has_range = old->has_range;
    }
    repl_keep_param(&r->now, &p);
}

/* "{@param N 9 1 100 1}" */
void repl_param_header(const repl_param *p, gp_buf *out)
{
    char number[GP_NUM_MAX];
    gp_num_format(p->value, number);
    gp_buf_printf(out, "{@param %s %s", p->name, number);
    if (p->has_range) {
        gp_num_format(p->min, number);
        gp_buf_printf(out, " %s", number);
        gp_num_format(p->max, number);
        gp_buf_printf(out, " %s", number);
        gp_num_format(p->step, number);
        gp_buf_printf(out, " %s", number);
    }
    gp_buf_addz(out, "}\n");
}

void repl_write(const repl *r, gp_buf *out)
{
    gp_buf_addz(out, "");
    for (size_t i = 0; i < r->now.params.n; i++)
        repl_param_header(&r->now.params.at[i], out);
    for (size_t i = 0; i < r->now.entries.n; i++) {
        const repl_entry *e = r->now.entries.at[i];
        if (*e->lead)
            gp_buf_printf(out, "%s\n", e->lead);
        gp_buf_printf(out, "%s\n", e->text);
    }
}
