/* What securities lacked while programs ran, counted for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "screen/companions_in.h"

/* The smallest codes are shown, so that the note does not depend on the threads. */
static void add_code(gp_lack *l, const char *code)
{
    char new[sizeof l->code[0]];
    uint64_t who = 14695981039346656037u;
    for (const char *p = code; *p; p++) who = (who ^ (unsigned char)*p) * 1099511628211u;
    gp_vec_push(&l->who, who);
    snprintf(new, sizeof new, "%s", code);
    for (int k = 0; k < GP_LACK_SHOWN; k++) {
        if (strcmp(l->code[k], new) == 0) return;
        if (l->code[k][0] && strcmp(l->code[k], new) < 0) continue;
        char was[sizeof new];
        memcpy(was, l->code[k], sizeof was);
        memcpy(l->code[k], new, sizeof new);
        if (!was[0]) break;
        memcpy(new, was, sizeof new);
    }
}

void gp_lack_add(const gp_companions *shared, int lack, const char *why, const char *code)
{
    gp_companions *c = (gp_companions *)(uintptr_t)shared; /* the counts are all that changes */
    if (lack < 0) return;
    pthread_mutex_lock(&c->lock);
    gp_lack *l = &c->lacks.at[lack];
    if (!l->why || strcmp(why, l->why) < 0) l->why = why;
    add_code(l, code);
    pthread_mutex_unlock(&c->lock);
}

void gp_note_add(const gp_companions *shared, const gp_lack *note, const char *code)
{
    gp_companions *c = (gp_companions *)(uintptr_t)shared;
    gp_lack *l = note == &c->units ? &c->units : note == &c->stale ? &c->stale : &c->longer;
    pthread_mutex_lock(&c->lock);
    add_code(l, code);
    pthread_mutex_unlock(&c->lock);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* How many securities: each counts once, however many programs met it. */
static size_t count_of(const gp_lack *l)
{
    size_t n = 0;
    if (l->who.n) qsort(l->who.at, l->who.n, sizeof *l->who.at, by_value);
    for (size_t i = 0; i < l->who.n; i++) n += i == 0 || l->who.at[i] != l->who.at[i - 1];
    return n;
}

static void add_securities(const gp_lack *l, gp_buf *out)
{
    const size_t n = count_of(l);
    gp_buf_printf(out, "%zu securit%s (", n, n == 1 ? "y" : "ies");
    for (int k = 0; k < GP_LACK_SHOWN && l->code[k][0]; k++) gp_buf_printf(out, "%s%s", k ? ", " : "", l->code[k]);
    gp_buf_printf(out, "%s)", n > GP_LACK_SHOWN ? ", ..." : "");
}

/* Two formulas that read the same lack the same. */
static bool told_before(const gp_companions *c, size_t i)
{
    const gp_lack *l = &c->lacks.at[i];
    for (size_t k = 0; k < i; k++) {
        const gp_lack *other = &c->lacks.at[k];
        if (other->who.n && count_of(other) == count_of(l) && strcmp(other->ext->shown, l->ext->shown) == 0 && strcmp(other->why, l->why) == 0) return true;
    }
    return false;
}

void gp_companions_notes(const gp_companions *c, gp_buf *out)
{
    for (size_t i = 0; i < c->lacks.n; i++) {
        const gp_lack *l = &c->lacks.at[i];
        if (l->who.n == 0 || told_before(c, i)) continue;
        gp_buf_printf(out, "%s is null for ", l->ext->shown);
        add_securities(l, out);
        gp_buf_printf(out, ": %s\n", l->why);
    }
    if (c->stale.who.n) {
        gp_buf_addz(out, "the index has no bar on the last day of ");
        add_securities(&c->stale, out);
        gp_buf_addz(out, ", where what is computed from it is null");
        for (size_t i = 0; i < c->index.n && i < 3; i++) {
            const gp_bars *b = &c->index.at[i];
            const int32_t last = b->n ? b->date[b->n - 1] : 0;
            gp_buf_printf(out, "%s%s%s ends on %04d-%02d-%02d", i ? ", " : "; ", b->market, b->code, (int)(last / 10000), (int)(last / 100 % 100), (int)(last % 100));
        }
        gp_buf_addz(out, "\n");
    }
    if (c->units.who.n) {
        gp_buf_addz(out, "VOL is above CAPITAL on many bars of ");
        add_securities(&c->units, out);
        gp_buf_addz(out, ": is VOL in shares and CAPITAL in lots of 100? Divide the volumes of the files by 100, or give CAPITAL in shares, too (100 times the number)\n");
    }
    if (c->longer.who.n) {
        gp_buf_addz(out, "the chip distribution is null for ");
        add_securities(&c->longer, out);
        gp_buf_addz(out, ": it is made of daily bars, and theirs are not\n");
    }
}
