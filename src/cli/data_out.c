#include "cli/data_out.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/vec.h"
#include "cli/data_store.h"
#include "market/columns.h"
#include "market/tdx.h"

/* ---- further columns ---- */

static const char *const all_more[] = {
#define GP_MORE(KEY, HOW, PATTERN, NAMES) KEY,
#include "market/more.def"
#undef GP_MORE
};
_Static_assert(sizeof all_more / sizeof *all_more <= GP_MAX_MORE, "a security may have them all");

const gp_read_opts gp_read_all = {.more = all_more, .n_more = sizeof all_more / sizeof *all_more, .more_if_any = true};

void gp_drop_empty(gp_bars *b, const char **keys)
{
    int n = 0, pre = 0;
    for (int m = 0; m < b->n_more; m++) {
        bool any = false;
        for (int i = 0; i < b->n && !any; i++)
            any = !isnan(b->more[m][i]);
        if (any) {
            keys[n] = all_more[m];
            pre = m == b->pre - 1 ? n + 1 : pre;
            b->more_sums = (b->more_sums & ~(1u << n)) | (b->more_sums >> m & 1) << n;
            b->more[n++] = b->more[m];
        } else {
            free(b->more[m]);
        }
    }
    b->n_more = n;
    b->pre = pre;
}

/* ---- columns of CSV ---- */

enum { MAX_COLUMNS = 10 + GP_MAX_MORE };
typedef struct columns {
    bool named, has[6], forming;
    const char *more[GP_MAX_MORE];
    int n_more;
    size_t others; /* securities with a further column that has no place among these */
} columns;

static double *const *column(const gp_bars *b, int k)
{
    double *const *const all[] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};
    return all[k];
}

static void describe(columns *to, const gp_bars *b, const char *const *keys, gp_forming forming)
{
    to->forming = forming != GP_FORMING_UNASKED;
    to->named |= b->name && *b->name;
    for (int k = 0; k < 6; k++)
        to->has[k] |= *column(b, k) != NULL;
    to->n_more = b->n_more;
    for (int x = 0; x < b->n_more; x++)
        to->more[x] = keys[x];
}

static gp_writer *open_writer(const gp_cli *c, const columns *x, FILE *out)
{
    static const char *const names[] = {"open", "high", "low", "close", "volume", "amount"};
    gp_column all[MAX_COLUMNS];
    int n = 0;
    all[n++] = (gp_column){"code", GP_CELL_TEXT, 0};
    if (x->named)
        all[n++] = (gp_column){"name", GP_CELL_TEXT, 0};
    all[n++] = (gp_column){"date", GP_CELL_DATE, 0};
    for (int k = 0; k < 6; k++) {
        if (x->has[k])
            all[n++] = (gp_column){names[k], GP_CELL_NUMBER, -1};
    }
    for (int k = 0; k < x->n_more; k++)
        all[n++] = (gp_column){x->more[k], GP_CELL_NUMBER, -1};
    if (x->forming)
        all[n++] = (gp_column){"forming", GP_CELL_NUMBER, 0};
    return gp_writer_new(out, c->format_given ? c->format : GP_FORMAT_CSV, all, n, false);
}

static void write_bars(columns *x, gp_writer *w, const gp_bars *b, const char *const *keys, gp_forming forming)
{
    char code[80];
    gp_cell cells[MAX_COLUMNS] = {0};
    const double *more[GP_MAX_MORE] = {0};
    int placed = 0;
    for (int k = 0; k < x->n_more; k++)
        for (int m = 0; m < b->n_more; m++)
            if (strcmp(x->more[k], keys[m]) == 0)
                more[k] = b->more[m], placed++;
    x->others += placed < b->n_more;
    snprintf(code, sizeof code, "%s%s", b->market, b->code);
    for (int i = 0; i < b->n; i++) {
        int n = 0;
        cells[n++].text = gp_str_from(code);
        if (x->named)
            cells[n++].text = gp_str_from(b->name);
        cells[n++] = (gp_cell){.date = b->date[i], .time = b->time ? b->time[i] : -1};
        for (int k = 0; k < 6; k++) {
            if (x->has[k])
                cells[n++].number = *column(b, k) ? (*column(b, k))[i] : NAN;
        }
        for (int k = 0; k < x->n_more; k++)
            cells[n++].number = more[k] ? more[k][i] : NAN;
        if (x->forming)
            cells[n++].number = forming == GP_FORMING_YES && i == b->n - 1;
        gp_writer_row(w, cells);
    }
}

/* ---- standard output ---- */

typedef struct out_stream {
    gp_sink sink;
    gp_writer *writer;
    columns columns;
    bool several;
} out_stream;

static bool put_stream(gp_sink *sink, const gp_bars *b, gp_forming forming)
{
    out_stream *s = (out_stream *)sink;
    if (!s->writer) {
        describe(&s->columns, b, sink->keys, forming);
        for (int k = 0; k < 6 && s->several; k++)
            s->columns.has[k] = true;
        s->writer = open_writer(sink->c, &s->columns, stdout);
    }
    write_bars(&s->columns, s->writer, b, sink->keys, forming);
    sink->written++;
    return true;
}

static bool end_stream(gp_sink *sink)
{
    out_stream *s = (out_stream *)sink;
    const bool ok = !s->writer || gp_writer_end(s->writer);
    if (s->columns.others)
        gp_cli_note(sink->c, "%zu securit%s further columns that the first one has not, and that are left out here; --out DIR or --store DIR keeps them",
                    s->columns.others, s->columns.others == 1 ? "y has" : "ies have");
    free(s);
    return ok;
}

/* ---- one file a security ---- */

/* OUT/sh600000, without its ending; what a file name cannot hold becomes _. */
static void path_of(const char *dir, const gp_bars *b, gp_buf *path)
{
    gp_buf_printf(path, "%s/", dir);
    for (const char *p = b->market; *p; p++)
        gp_buf_addc(path, (char)(*p | 32));
    for (const char *p = b->code; *p; p++) {
        const unsigned char ch = (unsigned char)*p;
        const bool plain = ch >= 128 || (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') || (p > b->code && strchr("._-#", ch));
        gp_buf_addc(path, plain ? *p : '_');
    }
}

/* A file that appears whole under its name, or not at all, and never in the place of another. */
typedef struct new_file { FILE *f; gp_buf path, beside; } new_file;

static bool open_file(gp_sink *s, new_file *n, const gp_bars *b, const char *ending)
{
    gp_cli *c = s->c;
    const char *dir = c->out_dir;
    path_of(dir, b, &n->path);
    gp_buf_addz(&n->path, ending);
    gp_buf_printf(&n->beside, "%s/.%s.%ld", dir, strrchr(n->path.p, '/') + 1, (long)getpid());
    for (size_t i = 0; i < s->files.n && gp_path_exists(n->path.p); i++) {
        if (strcmp(s->files.at[i].path, n->path.p) != 0)
            continue;
        gp_cli_error(c, "%s%s is in '%s' and in '%s', and --out has one file a security: the second is left out; give one of the two, or let a store merge them (--store DIR)",
                     b->market, b->code, s->files.at[i].source, b->file);
        return false;
    }
    if (gp_path_exists(n->path.p)) {
        gp_cli_error(c, "cannot write '%s': it is there already, and nothing is overwritten", n->path.p);
        return false;
    }
    n->f = fopen(n->beside.p, "wb");
    if (!n->f)
        gp_cli_error(c, "cannot write '%s': %s", n->path.p, strerror(errno));
    return n->f != NULL;
}

static bool close_file(gp_sink *s, new_file *n, const gp_bars *b, bool ok)
{
    gp_cli *c = s->c;
    if (n->f) {
        ok &= !ferror(n->f);
        if (fclose(n->f) != 0)
            ok = false;
        if (ok && link(n->beside.p, n->path.p) != 0) /* not rename: that would take the place of a file made meanwhile */
            ok = errno != EEXIST && !gp_path_exists(n->path.p) && rename(n->beside.p, n->path.p) == 0;
        if (!ok)
            gp_cli_error(c, "cannot write '%s': %s", n->path.p, strerror(errno));
        unlink(n->beside.p);
        if (ok)
            gp_vec_push(&s->files, ((gp_sink_file){gp_xstrndup(n->path.p, n->path.n), gp_xstrndup(b->file, strlen(b->file))}));
    }
    gp_buf_free(&n->path);
    gp_buf_free(&n->beside);
    return ok;
}

static bool put_csv(gp_sink *s, const gp_bars *b, gp_forming forming)
{
    static const char *const endings[] = {[GP_FORMAT_TABLE] = ".txt", [GP_FORMAT_CSV] = ".csv", [GP_FORMAT_JSON] = ".json", [GP_FORMAT_NDJSON] = ".ndjson"};
    new_file n = {0};
    columns x = {0};
    bool ok = open_file(s, &n, b, endings[s->c->format_given ? s->c->format : GP_FORMAT_CSV]);
    if (ok) {
        describe(&x, b, s->keys, forming);
        gp_writer *w = open_writer(s->c, &x, n.f);
        write_bars(&x, w, b, s->keys, forming);
        ok = gp_writer_end(w);
    }
    ok = close_file(s, &n, b, ok);
    s->written += ok;
    return ok;
}

/* What a record cannot hold is counted and told once a security. */
static void tell_losses(gp_cli *c, const gp_bars *b, const gp_tdx_written *w)
{
    if (w->left_out)
        gp_cli_note(c, "%s%s: %d bar(s) are left out: their prices or dates do not fit a record (missing, zero or below, too large)", b->market, b->code, w->left_out);
    if (w->rounded)
        gp_cli_note(c, "%s%s: %d bar(s) have prices of more decimals than a record holds and are rounded", b->market, b->code, w->rounded);
}

static bool put_records(gp_sink *s, const gp_bars *b, gp_forming forming)
{
    (void)forming; /* a record has no room for it */
    new_file n = {0};
    gp_buf bytes = {0};
    gp_tdx_written w;
    const char *why = gp_tdx_encode(b, s->c->data.volume_unit == GP_VOLUME_SHARES, &bytes, &w);
    if (why) {
        gp_cli_error(s->c, "%s: %s%s is not written: %s", b->file, b->market, b->code, why);
        gp_buf_free(&bytes);
        return false;
    }
    bool ok = open_file(s, &n, b, w.ending);
    if (ok)
        ok = fwrite(bytes.p, 1, bytes.n, n.f) == bytes.n;
    ok = close_file(s, &n, b, ok);
    if (ok)
        tell_losses(s->c, b, &w);
    s->written += ok;
    gp_buf_free(&bytes);
    return ok;
}

static bool end_folder(gp_sink *s)
{
    for (size_t i = 0; i < s->files.n; i++) {
        free(s->files.at[i].path);
        free(s->files.at[i].source);
    }
    gp_vec_free(&s->files);
    if (s->written)
        gp_cli_note(s->c, "wrote %zu file%s to %s", s->written, s->written == 1 ? "" : "s", s->c->out_dir);
    free(s);
    return true;
}

/* ---- which ---- */

enum { AS_CSV, AS_TDX }; /* the words of --as */

gp_sink *gp_sink_new(gp_cli *c, bool several, int *status)
{
    if (c->store && (c->out_dir || c->out_as == AS_TDX || c->format_given)) {
        *status = gp_cli_usage(c, "--store takes the bars themselves; --out, --as and --format are for files");
        return NULL;
    }
    if (c->store)
        return gp_sink_store(c);
    if (!c->out_dir) {
        if (c->out_as == AS_TDX) {
            *status = gp_cli_usage(c, "--as tdx writes one file a security: it needs --out DIR");
            return NULL;
        }
        out_stream *s = gp_xcalloc(1, sizeof *s);
        s->sink = (gp_sink){.c = c, .put = put_stream, .end = end_stream};
        s->several = several;
        return &s->sink;
    }
    if (c->out_as == AS_TDX && c->format_given) {
        *status = gp_cli_usage(c, "--as tdx writes records; --format is for text");
        return NULL;
    }
    if (mkdir(c->out_dir, 0777) != 0 && !(errno == EEXIST && gp_path_is_dir(c->out_dir))) {
        gp_cli_error(c, "cannot make the folder '%s': %s", c->out_dir, strerror(errno));
        *status = GP_EXIT_NO_DATA;
        return NULL;
    }
    gp_sink *s = gp_xcalloc(1, sizeof *s);
    *s = (gp_sink){.c = c, .put = c->out_as == AS_TDX ? put_records : put_csv, .end = end_folder};
    return s;
}

/* ---- reading ---- */

/* False when something of the file was left out. */
static bool pass_file(gp_cli *c, const gp_inputs *inputs, size_t k, gp_data_one *one, void *ctx, gp_sink *out)
{
    gp_read_result result = {0};
    gp_diags d = {0};
    bool ok = gp_read_input(inputs, k, &gp_read_all, &result, &d);
    gp_cli_diags(c, &d);
    for (int i = 0; i < result.n; i++) {
        const char *keys[GP_MAX_MORE];
        gp_drop_empty(&result.at[i], keys);
        out->keys = keys;
        ok &= one(ctx, &result.at[i], out);
    }
    out->keys = NULL;
    gp_read_result_fini(&result);
    return ok;
}

int gp_data_pass(gp_cli *c, gp_data_one *one, void *ctx)
{
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0, status = GP_EXIT_NO_DATA;
    if (c->n_args == 0)
        return gp_cli_usage(c, "the data are missing: give files, folders, or - for standard input");
    gp_inputs_expand(c->args, c->n_args, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    gp_sink *out = gp_sink_new(c, inputs.n > 1, &status);
    if (out) {
        for (size_t i = 0; i < inputs.n; i++)
            bad += !pass_file(c, &inputs, i, one, ctx, out);
        const bool any = out->written > 0;
        size_t refused = 0;
        out->refused = &refused;
        status = !out->end(out) || !any ? GP_EXIT_NO_DATA : bad || refused ? GP_EXIT_PARTIAL : GP_EXIT_OK;
    }
    gp_inputs_fini(&inputs);
    return status;
}
