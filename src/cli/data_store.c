/* goldpit data import, list, export, stat. */
#include "cli/data_store.h"
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/pool.h"
#include "base/vec.h"
#include "cli/data_out.h"
#include "market/store.h"
#include "market/universe.h"
#include "market/units.h"

enum { GROUP = 64, GROUP_BYTES = 64 << 20, PATIENCE = 10 /* seconds that a second writer waits */ };

/* ---- import ---- */

typedef struct group {
    const gp_inputs *inputs;
    size_t first;
    gp_read_result read[GROUP];
    gp_diags d[GROUP];
    bool good[GROUP];
} group;

static void read_one(void *ctx, int worker, size_t item)
{
    group *g = ctx;
    (void)worker;
    g->good[item] = gp_read_input(g->inputs, g->first + item, &gp_read_all, &g->read[item], &g->d[item]);
}

/* What was put in of one security, where amount and price tell what its volume counts. */
typedef struct given { char *market, *code, *file; int period, n; int32_t first, last; gp_unit unit; } given;
typedef struct all_given {
    given *at;
    size_t n, cap;
} all_given;

static char *copy(const char *s) { return gp_xstrndup(s, strlen(s)); }

static void remember(all_given *all, const gp_bars *b)
{
    const gp_unit unit = gp_units_infer(b).volume;
    if (unit == GP_UNIT_UNKNOWN)
        return;
    gp_vec_push(all, ((given){copy(b->market), copy(b->code), copy(b->file), b->period, b->n, b->date[0], b->date[b->n - 1], unit}));
}

/* In the order of the entries; -1: there is none. */
static long entry_of(const gp_store *s, const given *g)
{
    for (size_t low = 0, high = gp_store_count(s); low < high;) {
        const size_t k = low + (high - low) / 2;
        const gp_store_entry *e = gp_store_at(s, k);
        int side = strcmp(g->market, e->market);
        side = side ? side : strcmp(g->code, e->code);
        side = side ? side : g->period - e->period;
        if (side == 0)
            return (long)k;
        if (side < 0)
            high = k;
        else
            low = k + 1;
    }
    return -1;
}

/* What the volume counts on the bars that the store has of the security before or after those that were given. */
static gp_unit unit_beside(const gp_store *s, const given *g)
{
    enum { LOOK_AT = 60 };
    const long k = entry_of(s, g);
    gp_unit unit = GP_UNIT_UNKNOWN;
    gp_diags d = {0};
    gp_bars b = {0};
    if (k < 0 || gp_store_at(s, (size_t)k)->bars <= g->n)
        return unit;
    const gp_read_opts o = {.want = 63, .tail = gp_store_at(s, (size_t)k)->last <= g->last ? g->n + LOOK_AT : 0};
    if (gp_store_read(s, (size_t)k, "", &o, &b, &d)) {
        gp_bars part = b;
        for (part.n = 0; part.n < b.n && b.date[part.n] < g->first; part.n++) {
        }
        if (part.n == 0) { /* it has later ones */
            int from = b.n;
            while (from > 0 && b.date[from - 1] > g->last)
                from--;
            part.n = b.n - from;
            double **const columns[] = {&part.open, &part.high, &part.low, &part.close, &part.vol, &part.amount};
            for (int x = 0; x < 6; x++)
                *columns[x] = *columns[x] ? *columns[x] + from : NULL;
        }
        if (part.n)
            unit = gp_units_infer(&part).volume;
        gp_bars_fini(&b);
    }
    gp_diags_fini(&d);
    return unit;
}

/* A security whose volume counts shares in one half and lots in the other has a jump of a hundred times. */
static void compare_units(gp_cli *c, all_given *all)
{
    gp_diags d = {0};
    gp_store *s = all->n ? gp_store_open(c->store, &d) : NULL;
    size_t mixed = 0;
    given first = {0};
    gp_unit other = GP_UNIT_UNKNOWN;
    for (size_t i = 0; s && i < all->n; i++) {
        const gp_unit had = unit_beside(s, &all->at[i]);
        if (had == GP_UNIT_UNKNOWN || had == all->at[i].unit)
            continue;
        if (mixed == 0) {
            first = all->at[i];
            other = had;
        }
        mixed += mixed == 0 || strcmp(first.code, all->at[i].code) != 0 || strcmp(first.market, all->at[i].market) != 0;
    }
    if (mixed) {
        char which[80];
        snprintf(which, sizeof which, "%s%s%s", first.market, first.code, mixed > 1 ? " and others" : "");
        gp_diag_file(&d, GP_D_STORE_UNITS, first.file, 0, 0, which, gp_unit_name(first.unit), gp_unit_name(other), gp_unit_name(other));
        gp_cli_diags(c, &d);
    }
    gp_diags_fini(&d);
    gp_store_close(s);
    for (size_t i = 0; i < all->n; i++) {
        free(all->at[i].market);
        free(all->at[i].code);
        free(all->at[i].file);
    }
    gp_vec_free(all);
}

/* One after the other, in the order of the inputs. */
static bool add_group(gp_cli *c, gp_store_writer *w, group *g, size_t n, all_given *all, int *bad)
{
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        gp_cli_diags(c, &g->d[i]);
        *bad += !g->good[i];
        for (int k = 0; g->good[i] && good && k < g->read[i].n; k++) {
            const char *keys[GP_MAX_MORE];
            gp_diags d = {0};
            gp_drop_empty(&g->read[i].at[k], keys);
            remember(all, &g->read[i].at[k]);
            good = gp_store_writer_add(w, &g->read[i].at[k], keys, &d);
            gp_cli_diags(c, &d);
        }
        gp_read_result_fini(&g->read[i]);
    }
    return good;
}

static gp_store_writer *open_writer(gp_cli *c)
{
    gp_store_writer *w = NULL;
    long busy = 0;
    for (int tries = 0; tries <= PATIENCE * 5; tries++) {
        gp_diags d = {0};
        w = gp_store_writer_open(c->store, NULL, &busy, &d);
        if (w || !busy) {
            gp_cli_diags(c, &d);
            return w;
        }
        if (tries == 0)
            gp_cli_note(c, "process %ld is writing to %s; waiting up to %d s", busy, c->store, PATIENCE);
        const struct timespec nap = {0, 200000000};
        nanosleep(&nap, NULL);
    }
    gp_diags d = {0};
    gp_diag_file(&d, GP_D_STORE_BUSY, c->store, 0, 0, busy);
    gp_cli_diags(c, &d);
    return NULL;
}

static void say_counts(const gp_cli *c, const gp_store_counts *k)
{
    gp_buf b = {0};
    if (!k->appended && !k->inserted && !k->revised && !k->added && !k->changed)
        gp_buf_printf(&b, "nothing new in %zu row%s of %zu securit%s", k->rows, k->rows == 1 ? "" : "s", k->securities, k->securities == 1 ? "y" : "ies");
    else
        gp_buf_printf(&b, "%zu securit%s (%zu new), %zu row%s appended", k->securities, k->securities == 1 ? "y" : "ies", k->added, k->appended,
                      k->appended == 1 ? "" : "s");
    if (k->inserted)
        gp_buf_printf(&b, ", %zu inserted", k->inserted);
    if (k->revised) {
        gp_buf_printf(&b, ", %zu revised in %zu securit%s (", k->revised, k->securities_revised, k->securities_revised == 1 ? "y" : "ies");
        for (size_t i = 0; i < k->securities_revised && i < 3; i++)
            gp_buf_printf(&b, "%s%s", i ? ", " : "", k->revised_code[i]);
        gp_buf_printf(&b, "%s)", k->securities_revised > 3 ? ", ..." : "");
    }
    gp_cli_note(c, "%s: %s", c->store, b.p);
    gp_buf_free(&b);
}

int gp_data_import(gp_cli *c)
{
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0;
    bool good = true;
    all_given all = {0};
    if (!c->store)
        return gp_cli_usage(c, "where to? --store DIR names the store");
    if (c->n_args == 0)
        return gp_cli_usage(c, "the data are missing: give files, folders, or - for standard input");
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    gp_store_writer *w = inputs.n ? open_writer(c) : NULL;
    group *g = gp_xcalloc(1, sizeof *g);
    for (size_t first = 0, n; w && good && first < inputs.n; first += n) {
        size_t bytes = 0;
        for (n = 0; n < GROUP && first + n < inputs.n && (n == 0 || bytes + inputs.at[first + n].bytes <= GROUP_BYTES); n++)
            bytes += inputs.at[first + n].bytes;
        memset(g, 0, sizeof *g);
        g->inputs = &inputs;
        g->first = first;
        gp_pool_run(gp_pool_jobs(c->jobs, n), n, read_one, g);
        good = add_group(c, w, g, n, &all, &bad);
    }
    free(g);
    int status = GP_EXIT_NO_DATA;
    if (w && good && gp_store_writer_commit(w, &d)) {
        const gp_store_counts *k = gp_store_writer_counts(w);
        if (k->securities) {
            say_counts(c, k);
            status = bad || k->refused ? GP_EXIT_PARTIAL : GP_EXIT_OK;
        }
    } else if (w) {
        gp_cli_note(c, "%s holds what was committed before; run the same command again", c->store);
    }
    gp_cli_diags(c, &d);
    gp_store_writer_close(w);
    compare_units(c, &all);
    gp_inputs_fini(&inputs);
    return status;
}

/* ---- what data adjust, convert and resample make ---- */

typedef struct out_store { gp_sink sink; gp_store_writer *w; bool failed; } out_store;

static bool put_store(gp_sink *sink, const gp_bars *b, gp_forming forming)
{
    out_store *s = (out_store *)sink;
    gp_diags d = {0};
    gp_bars copy;
    (void)forming; /* the bar is revised when it is known better */
    if (s->failed)
        return false;
    gp_bars_copy(b, &copy);
    s->failed = !gp_store_writer_add(s->w, &copy, sink->keys, &d);
    gp_cli_diags(sink->c, &d);
    sink->written += !s->failed;
    return !s->failed;
}

static bool end_store(gp_sink *sink)
{
    out_store *s = (out_store *)sink;
    gp_diags d = {0};
    bool good = !s->failed && gp_store_writer_commit(s->w, &d);
    gp_cli_diags(sink->c, &d);
    if (!good)
        gp_cli_note(sink->c, "%s holds what was committed before; run the same command again", sink->c->store);
    else if (sink->written)
        say_counts(sink->c, gp_store_writer_counts(s->w));
    if (good && sink->refused)
        *sink->refused = gp_store_writer_counts(s->w)->refused;
    gp_store_writer_close(s->w);
    free(s);
    return good;
}

gp_sink *gp_sink_store(gp_cli *c)
{
    gp_store_writer *w = open_writer(c);
    if (!w)
        return NULL;
    out_store *s = gp_xcalloc(1, sizeof *s);
    *s = (out_store){.sink = {.c = c, .put = put_store, .end = end_store}, .w = w};
    return &s->sink;
}

/* ---- list, stat ---- */

static gp_store *open_store(gp_cli *c)
{
    gp_diags d = {0};
    if (c->n_args != 1) {
        gp_cli_usage(c, c->n_args ? "one store at a time; what is '%s' for?" : "which store? name its folder%s", c->n_args ? c->args[1] : "");
        return NULL;
    }
    if (!gp_store_is(c->args[0])) {
        gp_diag_file(&d, GP_D_STORE_EMPTY, c->args[0], 0, 0);
        gp_cli_diags(c, &d);
        return NULL;
    }
    gp_store *s = gp_store_open(c->args[0], &d);
    gp_cli_diags(c, &d);
    return s;
}

static const char *period_name(int code)
{
    for (int p = GP_FILES_DAY; p < GP_FILES_PERIODS; p++)
        if (gp_data_period_codes[p] == code)
            return gp_data_period_words[p];
    return "other";
}

/* Which entries the universe options leave; NULL: there are no such options. */
static bool *taken(gp_cli *c, const gp_store *s)
{
    gp_universe *u = c->data.universe;
    const size_t n = gp_store_count(s);
    bool *take = u ? gp_xcalloc(n + 1, sizeof *take) : NULL;
    gp_diags d = {0};
    for (size_t k = 0; u && k < n; k++) {
        const gp_store_entry *e = gp_store_at(s, k);
        gp_universe_meet(u, e->code, e->market, e->last);
    }
    for (size_t k = 0; u && k < n; k++) {
        const gp_store_entry *e = gp_store_at(s, k);
        const gp_bars known = {.code = (char *)(uintptr_t)e->code, .market = (char *)(uintptr_t)e->market, .name = (char *)(uintptr_t)e->name,
                               .period = e->period, .before = e->bars};
        const gp_read_opts o = {0};
        gp_bars b = {0};
        if (!gp_universe_needs_bars(u)) {
            take[k] = gp_universe_takes(u, &known);
        } else if (gp_store_read(s, k, e->code, &o, &b, &d)) {
            take[k] = gp_universe_takes(u, &b);
            gp_bars_fini(&b);
        }
    }
    gp_cli_diags(c, &d);
    return take;
}

int gp_data_list(gp_cli *c)
{
    static const gp_column columns[] = {{"code", GP_CELL_TEXT, 0}, {"market", GP_CELL_TEXT, 0}, {"name", GP_CELL_TEXT, 0}, {"period", GP_CELL_TEXT, 0},
                                        {"bars", GP_CELL_NUMBER, 0}, {"first", GP_CELL_DATE, 0}, {"last", GP_CELL_DATE, 0}, {"columns", GP_CELL_LIST, 0},
                                        {"source", GP_CELL_TEXT, 0}};
    gp_store *s = open_store(c);
    if (!s)
        return c->n_args == 1 ? GP_EXIT_NO_DATA : GP_EXIT_USAGE;
    gp_writer *w = gp_writer_new(stdout, c->format, columns, 9, c->colour);
    gp_writer_fit(w, gp_cli_width());
    bool *take = taken(c, s);
    for (size_t k = 0; k < gp_store_count(s); k++) {
        if (take && !take[k])
            continue;
        const gp_store_entry *e = gp_store_at(s, k);
        const char *keys[GP_MAX_MORE];
        const int n = gp_store_more(s, k, keys);
        gp_buf list = {0};
        for (int i = 0; i < n; i++)
            gp_buf_printf(&list, "%s%s", i ? "\037" : "", keys[i]);
        const gp_cell cells[] = {{.text = gp_str_from(e->code)}, {.text = gp_str_from(e->market)}, {.text = gp_str_from(e->name)},
                                 {.text = gp_str_from(period_name(e->period))}, {.number = e->bars}, {.date = e->first, .time = -1},
                                 {.date = e->last, .time = e->period < 5 ? e->last_time : -1}, {.text = {list.p, list.n}}, {.text = gp_str_from(e->source)}};
        gp_writer_row(w, cells);
        gp_buf_free(&list);
    }
    free(take);
    gp_store_close(s);
    return gp_writer_end(w) ? GP_EXIT_OK : GP_EXIT_NO_DATA;
}

int gp_data_export(gp_cli *c)
{
    if (c->n_args == 1 && !gp_store_is(c->args[0]))
        return gp_cli_usage(c, "'%s' is no store; 'goldpit data convert' writes other data as CSV", c->args[0]);
    return gp_data_convert(c);
}

typedef struct per_period { int period; size_t securities, bars, behind; int32_t newest; } per_period;

static void row(const char *label, const char *format, double x) { printf("%-14s ", label), printf(format, x), putchar('\n'); }

/* Securities that lack the newest day of their period: suspended, delisted, or not updated. */
static void periods_of(const gp_store *s, const bool *take, per_period *p, int *n)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < gp_store_count(s); k++) {
            if (take && !take[k])
                continue;
            const gp_store_entry *e = gp_store_at(s, k);
            int i = 0;
            while (i < *n && p[i].period != e->period)
                i++;
            if (i == *n)
                p[(*n)++] = (per_period){.period = e->period};
            if (pass == 0) {
                p[i].securities++;
                p[i].bars += (size_t)e->bars;
                p[i].newest = e->last > p[i].newest ? e->last : p[i].newest;
            } else {
                p[i].behind += e->last < p[i].newest;
            }
        }
}

int gp_data_stat(gp_cli *c)
{
    gp_store_facts f;
    per_period p[32] = {{0}};
    int n = 0;
    size_t bars = 0, securities = 0;
    gp_store *s = open_store(c);
    if (!s)
        return c->n_args == 1 ? GP_EXIT_NO_DATA : GP_EXIT_USAGE;
    gp_store_facts_get(s, &f);
    bool *take = taken(c, s);
    periods_of(s, take, p, &n);
    for (int i = 0; i < n; i++) {
        bars += p[i].bars;
        securities += p[i].securities;
    }
    printf("%-14s %s, format %u\n", "written by", f.version, f.format);
    row("imports", "%.0f", (double)f.commits);
    row("securities", "%.0f", (double)securities);
    row("bars", "%.0f", (double)bars);
    row("file", "%.1f MB", (double)f.file_bytes / 1e6);
    row("bars take", "%.1f MB", (double)f.chunk_bytes / 1e6);
    row("room for reuse", "%.1f MB", (double)f.free_bytes / 1e6);
    if (bars && !take)
        row("bytes a bar", "%.1f", (double)f.file_bytes / (double)bars);
    for (int i = 0; i < n; i++)
        printf("%-14s %zu securities, %zu bars, newest day %04d-%02d-%02d, %zu end earlier\n", period_name(p[i].period), p[i].securities, p[i].bars,
               (int)(p[i].newest / 10000), (int)(p[i].newest / 100 % 100), (int)(p[i].newest % 100), p[i].behind);
    free(take);
    gp_store_close(s);
    return GP_EXIT_OK;
}
