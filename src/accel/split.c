#include "accel/split.h"
#include <stdlib.h>
#include <string.h>
#include "accel/cut.h"
#include "eval/code.h"

/* Per value: does it come from the device?  Loads, constants and facts are on both sides. */
static bool *find_device(const gp_program *p, bool *texts)
{
    bool *on = gp_xcalloc(p->vals.n + 1, sizeof *on);
    *texts = p->text_results.n > 0;
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live) continue;
        on[v] = val->kind != GP_VAL_CALL || !gp_fuse_refuses(val->fn);
        for (int j = 0; j < val->n_in && val->kind == GP_VAL_CALL; j++) on[v] = on[v] && on[val->in[j]];
        *texts |= val->kind == GP_VAL_CALL && (val->fn->shape == GP_SHAPE_TEXT || (val->fn->flags & GP_ROW_TEXT));
    }
    return on;
}

/* A program of the same values, none of them scheduled yet.  What it points into is the original's. */
static gp_program *shell(const gp_program *p)
{
    gp_program *q = gp_xcalloc(1, sizeof *q);
    for (size_t v = 0; v < p->vals.n; v++) {
        gp_val val = p->vals.at[v];
        val.slot = -1;
        val.live = false;
        gp_vec_push(&q->vals, val);
    }
    for (size_t k = 0; k < p->externals.n; k++) {
        gp_external e = p->externals.at[k];
        e.program = NULL; /* the original's to free */
        gp_vec_push(&q->externals, e);
    }
    q->literals = p->literals;
    q->not_resumable = "a part of a program";
    q->chip_uniform = p->chip_uniform;
    q->seed = p->seed;
    q->exact = p->exact;
    return q;
}

static void free_shell(gp_program *q)
{
    if (q) memset(&q->literals, 0, sizeof q->literals);
    gp_program_free(q);
}

static int add_result(gp_program *q, int val)
{
    if (q->vals.at[val].slot < 0) {
        q->vals.at[val].slot = (int)q->slots.n;
        gp_vec_push(&q->slots, val);
    }
    return q->vals.at[val].slot;
}

/* Value v of the device's part becomes a column of the host's. */
static void hand_over(gp_split *s, int v)
{
    gp_val *val = &s->host->vals.at[v];
    if (val->kind != GP_VAL_CALL) return; /* done */
    const gp_external column = {.kind = GP_EXT_COLUMN, .key = "", .needs = "", .shown = "the device"};
    val->kind = GP_VAL_LOAD;
    val->letter = 'X';
    val->text = (int)s->host->externals.n;
    val->fn = NULL;
    val->n_in = 0;
    gp_vec_push(&s->host->externals, column);
    s->between[s->n_between++] = add_result(s->device, v);
}

bool gp_split_new(const gp_program *p, gp_split *s)
{
    bool texts, any = false, all = true;
    bool *on = find_device(p, &texts);
    *s = (gp_split){0};
    for (size_t v = 0; v < p->vals.n; v++) {
        if (!p->vals.at[v].live || p->vals.at[v].kind != GP_VAL_CALL) continue;
        any |= on[v];
        all &= on[v];
    }
    if (texts || !any || all) {
        free(on);
        return false;
    }
    s->device = shell(p);
    s->host = shell(p);
    s->slot = gp_xcalloc(p->slots.n + 1, sizeof *s->slot);
    s->between = gp_xcalloc(p->vals.n + 1, sizeof *s->between);
    for (size_t k = 0; k < p->slots.n; k++) {
        const int v = p->slots.at[k];
        s->slot[k] = on[v] ? add_result(s->device, v) : -1 - add_result(s->host, v);
    }
    for (size_t v = 0; v < p->vals.n; v++) {
        const gp_val *val = &p->vals.at[v];
        if (!val->live || val->kind != GP_VAL_CALL || on[v]) continue;
        for (int j = 0; j < val->n_in; j++)
            if (on[val->in[j]] && p->vals.at[val->in[j]].kind == GP_VAL_CALL) hand_over(s, val->in[j]);
    }
    free(on);
    if (s->device->slots.n == 0) { /* nobody reads what the device could compute */
        gp_split_fini(s);
        return false;
    }
    gp_schedule(s->device);
    gp_schedule(s->host);
    return true;
}

void gp_split_fini(gp_split *s)
{
    free_shell(s->device);
    free_shell(s->host);
    free(s->slot);
    free(s->between);
    *s = (gp_split){0};
}

/* ---- one result ---- */

static const gp_builtin *builtin_of(gp_builtin_id id)
{
    int n, k = 0;
    const gp_builtin *all = gp_builtin_all(&n);
    while (k < n && all[k].id != id) k++;
    return &all[k];
}

gp_program *gp_truths_of(const gp_program *p, const int *signal, const int *where, int n, int *slot)
{
    gp_program *q = shell(p);
    for (int k = 0; k < n; k++) {
        int v = p->slots.at[signal[k]], same = 0;
        while (same < k && (signal[same] != signal[k] || where[same] != where[k])) same++;
        if (same < k) {
            slot[k] = slot[same];
            continue;
        }
        if (where[k] >= 0 && p->slots.at[where[k]] != v) {
            const gp_val both = {.kind = GP_VAL_CALL, .fn = builtin_of(GP_B_AND), .in = {v, p->slots.at[where[k]]}, .n_in = 2, .slot = -1, .mag = 1};
            v = (int)q->vals.n;
            gp_vec_push(&q->vals, both);
        }
        slot[k] = add_result(q, v);
    }
    gp_schedule(q);
    return q;
}

gp_program *gp_truth_of(const gp_program *p, int signal, int where)
{
    int slot;
    return gp_truths_of(p, &signal, &where, 1, &slot);
}

void gp_truth_free(gp_program *q)
{
    free_shell(q);
}

/* ---- for people ---- */

static void add_runs(const gp_program *p, const bool *on, bool device, gp_buf *out)
{
    int n = 0;
    for (int k = 0; k < (int)p->code.n; k++) {
        int last = k;
        if ((p->code.at[k].fn == NULL && !device) || on[p->code.at[k].val] != device) continue;
        while (last + 1 < (int)p->code.n && on[p->code.at[last + 1].val] == device && (p->code.at[last + 1].fn || device)) last++;
        gp_buf_printf(out, last > k ? "%s%d-%d" : "%s%d", n++ ? ", " : "", k, last);
        k = last;
    }
}

/* Whether a few long tickers can be cut in time. */
static void explain_pieces(const gp_program *p, gp_buf *out)
{
    const char *why, *name;
    const int warm = gp_cut_warm(&p, 1, &why, &name);
    if (!p->code.n) return;
    if (warm >= 0) gp_buf_printf(out, "  of few tickers, each in pieces of time that begin %d bar%s early to warm up\n", warm, warm == 1 ? "" : "s");
    else gp_buf_printf(out, "  each ticker in one piece of time: %.*s%s%s\n", name ? (int)strcspn(name, ".") : 0, name ? name : "", name ? ": " : "", why);
}

void gp_accel_explain(const gp_program *p, gp_buf *out)
{
    bool texts;
    bool *on = find_device(p, &texts);
    gp_split s;
    const char *why;
    if (gp_fuse_can(p, &why)) {
        gp_buf_addz(out, "on a GPU: all instructions, in one kernel\n");
        explain_pieces(p, out);
    } else if (gp_split_new(p, &s)) {
        gp_buf_addz(out, "on a GPU: instructions ");
        add_runs(p, on, true, out);
        gp_buf_addz(out, " in one kernel; on the processor, after it: ");
        add_runs(p, on, false, out);
        gp_buf_printf(out, " (%d column%s from the GPU)\n", s.n_between, s.n_between == 1 ? "" : "s");
        gp_split_fini(&s);
    } else {
        gp_buf_printf(out, "on a GPU: nothing: %s\n", why);
    }
    /* each reason once, with the functions it keeps back */
    for (size_t k = 0; k < p->code.n; k++) {
        const char *reason = p->code.at[k].fn ? gp_fuse_refuses(p->code.at[k].fn) : NULL;
        bool said = false;
        for (size_t j = 0; j < k && reason; j++) said |= p->code.at[j].fn == p->code.at[k].fn;
        if (reason && !said) gp_buf_printf(out, "  %s stays on the processor: %s\n", p->code.at[k].fn->name, reason);
    }
    free(on);
}
