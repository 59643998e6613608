/* --state FILE: what a sweep has so far, written after every batch, so that a run that was stopped goes on where it was.  The file is replaced
 * as a whole; it belongs to one sweep, and to one build of the program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/vec.h"
#include "cli/sweep.h"
#include "cli/table.h"

static const char magic[16] = "goldpit sweep 2";

static void mix(uint64_t *h, const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        *h = (*h ^ b[i]) * UINT64_C(0x100000001b3);
    *h = (*h ^ n ^ *h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
}

static void mix_text(uint64_t *h, const char *z) { mix(h, z ? z : "", z ? strlen(z) : 0); }

/* Options that change nothing of what is kept. */
static bool is_idle(const char *name)
{
    static const char *const names[] = {"jobs", "state", "format", "plot", "script-only", "theme", "up", "width", "height", "dpi", "font", "fail-empty", "quiet", "color", "lang", "diag", "top"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void mix_option(uint64_t *h, const gp_cli *c, const gp_option *o)
{
    const char *field = (const char *)c + o->field;
    switch (o->kind) {
    case GP_OPT_FLAG: mix(h, field, sizeof(bool)); break;
    case GP_OPT_TEXT: mix_text(h, *(const char *const *)(const void *)field); break;
    case GP_OPT_LIST:
        for (int i = 0; i < *(const int *)(const void *)((const char *)c + o->count); i++)
            mix_text(h, (*(const char **const *)(const void *)field)[i]);
        break;
    case GP_OPT_COUNT: case GP_OPT_COUNT_OR_0: case GP_OPT_DATE: case GP_OPT_WORD: mix(h, field, sizeof(int)); break;
    case GP_OPT_SEED: mix(h, field, sizeof(uint64_t)); break;
    case GP_OPT_CAPITAL: mix(h, field, sizeof(double)); break;
    case GP_OPT_ALIGN: mix(h, field, sizeof(bool)); break;
    default: break;
    }
}

/* Stands for all that the results hang on: what is run, how, and on which quotes. */
static uint64_t name_of(const gp_cli *c, const gp_sweep_report *r, const gp_inputs *inputs)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    gp_buf code = {0};
    const size_t sizes[] = {sizeof(gp_trial), r->trials.most, r->grid.points, r->market.n_days, (size_t)r->trials.n_windows, r->split};
    mix_text(&h, GOLDPIT_VERSION);
    mix(&h, sizes, sizeof sizes);
    for (int i = 0; i < gp_n_options; i++)
        if (gp_options[i].commands & (1u << GP_CMD_SWEEP) && !is_idle(gp_options[i].name))
            mix_option(&h, c, &gp_options[i]);
    gp_program_explain(r->plan->program, &code);
    mix(&h, code.p, code.n);
    gp_buf_free(&code);
    for (size_t i = 0; i < inputs->n; i++) {
        mix_text(&h, inputs->at[i].path);
        mix(&h, &inputs->at[i].bytes, sizeof inputs->at[i].bytes);
    }
    mix(&h, r->market.date, r->market.n_days * sizeof *r->market.date);
    mix(&h, r->market.base, r->market.n_days * (size_t)r->hit->n_after * sizeof *r->market.base);
    return h;
}

/* Everything that is kept, in turn: `each` writes or reads it. */
typedef bool each_fn(void *ctx, void *p, size_t n);

static bool walk_state(gp_sweep_state *s, each_fn *each, void *ctx)
{
    gp_sweep_report *r = s->r;
    gp_trials *t = &r->trials;
    uint64_t counts[] = {t->n, t->ranked, t->n_top, t->no_value};
    if (!each(ctx, counts, sizeof counts) || counts[2] > t->most || !each(ctx, &t->most_n, sizeof t->most_n))
        return false;
    t->no_value = counts[3];
    t->n = counts[0];
    t->ranked = counts[1];
    t->n_top = counts[2];
    return each(ctx, s->done, s->sets) && each(ctx, t->key, r->grid.points * sizeof *t->key) && each(ctx, t->later, r->grid.points * sizeof *t->later) &&
           each(ctx, t->top, t->n_top * sizeof *t->top) && each(ctx, t->windows, (size_t)t->n_windows * sizeof *t->windows) &&
           each(ctx, r->luck.best, r->luck.draws ? ((size_t)r->luck.draws + 1) * sizeof *r->luck.best : 0) && (!r->walked || each(ctx, r->walked, r->market.n_days * sizeof *r->walked));
}

/* ---- the file ---- */

typedef struct stream { FILE *f; uint64_t sum; } stream;

static bool put(void *ctx, void *p, size_t n)
{
    stream *s = ctx;
    mix(&s->sum, p, n);
    return n == 0 || fwrite(p, 1, n, s->f) == n;
}

static bool get(void *ctx, void *p, size_t n)
{
    stream *s = ctx;
    const bool ok = n == 0 || fread(p, 1, n, s->f) == n;
    if (ok)
        mix(&s->sum, p, n);
    return ok;
}

int gp_sweep_state_open(gp_sweep_state *s, const gp_cli *c, gp_sweep_report *r, const gp_inputs *inputs, size_t sets)
{
    *s = (gp_sweep_state){.c = c, .r = r, .sets = sets, .name = name_of(c, r, inputs), .done = gp_xcalloc(sets + 1, 1)};
    stream in = {fopen(c->state, "rb"), 0};
    char head[sizeof magic];
    uint64_t name = 0, sum = 0;
    if (!in.f)
        return errno == ENOENT ? -1 : (gp_cli_error(c, "cannot read --state %s: %s", c->state, strerror(errno)), GP_EXIT_NO_DATA);
    const bool known = fread(head, 1, sizeof head, in.f) == sizeof head && memcmp(head, magic, sizeof head) == 0 && fread(&name, 1, sizeof name, in.f) == sizeof name;
    const bool whole = known && name == s->name && walk_state(s, get, &in) && fread(&sum, 1, sizeof sum, in.f) == sizeof sum && sum == in.sum;
    fclose(in.f);
    if (whole) {
        for (size_t i = 0; i < sets; i++)
            s->resumed += s->done[i];
        return -1;
    }
    return gp_cli_usage(c, known ? "--state %s is of another sweep (formula, grid, options, quotes or version differ): name another file, or remove it"
                                 : "--state %s is no state of a sweep: name another file", c->state);
}

void gp_sweep_state_save(void *ctx)
{
    gp_sweep_state *s = ctx;
    gp_buf path = {0};
    gp_buf_printf(&path, "%s.tmp", s->c->state);
    stream out = {fopen(path.p, "wb"), 0};
    bool ok = out.f && fwrite(magic, 1, sizeof magic, out.f) == sizeof magic && fwrite(&s->name, 1, sizeof s->name, out.f) == sizeof s->name && walk_state(s, put, &out) &&
              fwrite(&out.sum, 1, sizeof out.sum, out.f) == sizeof out.sum;
    const int why = errno;
    if (out.f)
        ok = fclose(out.f) == 0 && ok;
    ok = ok && rename(path.p, s->c->state) == 0;
    if (!ok && !s->failed) {
        gp_cli_error(s->c, "cannot write --state %s: %s; the sweep goes on without it", s->c->state, strerror(why));
        unlink(path.p);
    }
    s->failed |= !ok;
    gp_buf_free(&path);
}

bool gp_sweep_state_wants(void *ctx, size_t set) { return !((const gp_sweep_state *)ctx)->done[set]; }

void gp_sweep_state_close(gp_sweep_state *s)
{
    free(s->done);
    *s = (gp_sweep_state){0};
}
