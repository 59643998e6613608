#include "cli/hit_charts.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "base/vec.h"
#include "cli/charts.h"
#include "cli/table.h"
#include "draw/contact.h"

enum { DRAWERS = 2, LABELS = 6 }; /* gnuplots at work at the same time, while the next picture is prepared */

/* A security with its hits: the rows of one ticker of one input. */
typedef struct found { size_t input, index, first; } found;

/* A picture that gnuplot has been given. */
typedef struct waiting {
    gp_gnuplot *g;
    int number;   /* 0: nothing */
    gp_buf path;  /* of --plot */
    bool small;   /* for the contact sheet */
    gp_buf line, more, mark;
} waiting;

typedef struct drawing {
    gp_cli *c;
    const gp_inputs *inputs;
    const gp_plan *plan;
    const gp_scan_result *r;
    size_t rows;
    gp_charts *charts;
    gp_picture_opts opts, small;
    gp_contact *sheet;
    waiting slot[DRAWERS];
    size_t turn, drawn, failed;
    bool gone;    /* gnuplot cannot be started: nothing further is tried */
} drawing;

int gp_cli_check_hit_charts(gp_cli *c)
{
    const size_t n = c->contact_sheet ? strlen(c->contact_sheet) : 0;
    if (!c->plot_dir && !c->contact_sheet)
        return -1;
    if (c->near)
        return gp_cli_usage(c, "--plot and --contact-sheet show hits; they do not go with --near");
    if (!c->expression && c->n_args && strcmp(c->args[0], "-") == 0)
        return gp_cli_usage(c, "standard input can be read once only: save the formula in a file to draw it");
    for (int i = 0; i < c->n_args; i++) {
        if (strcmp(c->args[i], "-") == 0)
            return gp_cli_usage(c, "standard input can be read once only: save the quotes in a file to draw them");
    }
    if (c->contact_sheet && (n < 5 || !gp_str_ieqz((gp_str){c->contact_sheet + n - 4, 4}, ".pdf")))
        return gp_cli_usage(c, "--contact-sheet '%s': it is a PDF, so its name ends in .pdf", c->contact_sheet);
    if (c->contact_sheet && !gp_contact_available()) {
        gp_cli_error(c, "--contact-sheet needs cairo, and this goldpit was built without it (libcairo2-dev); --plot DIR draws single pictures");
        return GP_EXIT_USAGE;
    }
    if (c->plot_dir && mkdir(c->plot_dir, 0777) != 0 && !(errno == EEXIST && gp_path_is_dir(c->plot_dir))) {
        gp_cli_error(c, "cannot make the folder '%s': %s", c->plot_dir, strerror(errno));
        return GP_EXIT_NO_DATA;
    }
    return -1;
}

/* ---- words ---- */

static void add_date(int32_t date, int32_t time, gp_buf *out)
{
    gp_buf_printf(out, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
    if (time >= 0)
        gp_buf_printf(out, " %02d:%02d", (int)(time / 10000), (int)(time / 100 % 100));
}

static bool is_of(const gp_hit *h, const found *f) { return h->input == f->input && h->index == f->index; }

/* "黄金坑, 短跳": what fired on the first hit listed, each once. */
static void labels_of(const drawing *x, const gp_hit *h, gp_buf *out)
{
    int shown = 0;
    for (int i = 0; i < h->n_fired && shown < LABELS; i++) {
        bool again = false;
        for (int k = 0; k < i && !again; k++)
            again = strcmp(x->plan->signals[h->fired[k]].label, x->plan->signals[h->fired[i]].label) == 0;
        if (!again)
            gp_buf_printf(out, "%s%s", shown++ ? ", " : "", x->plan->signals[h->fired[i]].label);
    }
}

static void caption_of(const drawing *x, const found *f, gp_buf *out)
{
    const gp_hit *h = &x->r->hits[f->first];
    size_t n = 0;
    for (size_t i = f->first; i < x->rows; i++)
        n += is_of(&x->r->hits[i], f);
    out->n = 0;
    labels_of(x, h, out);
    gp_buf_addz(out, out->n ? " " : "");
    add_date(h->date, h->time, out);
    if (n > 1)
        gp_buf_printf(out, " (+%zu)", n - 1);
}

static void path_of(const drawing *x, const gp_bars *b, gp_buf *path)
{
    path->n = 0;
    gp_buf_printf(path, "%s/%s", x->c->plot_dir, b->market);
    for (const char *p = b->code; *p; p++) /* a code is what a file says it is */
        gp_buf_addc(path, strchr("/\\:*?\"<>|", *p) || (unsigned char)*p < 0x20 ? '_' : *p);
    gp_buf_printf(path, ".%s", gp_picture_extension(x->opts.format));
}

/* ---- gnuplot ---- */

/* Takes the picture that gnuplot has made. */
static void take(drawing *x, waiting *w)
{
    gp_buf out = {0};
    gp_diags d = {0};
    if (!w->number)
        return;
    bool ok = gp_picture_wait(w->g, w->number, w->small ? &x->small : &x->opts, &out, &d);
    w->number = 0;
    if (ok && w->small) {
        ok = gp_contact_add(x->sheet, (gp_str){out.p, out.n}, w->line.p, w->more.p, w->mark.p, &d);
    } else if (ok) {
        const char *why = gp_picture_save(w->path.p, (gp_str){out.p, out.n});
        if (why)
            gp_diag_file(&d, GP_D_PICTURE_SAVE, w->path.p, 0, 0, why);
        ok = why == NULL;
    }
    x->drawn += ok && !w->small;
    x->failed += !ok;
    if (!gp_gnuplot_runs(w->g)) { /* one picture that cannot be drawn is no reason not to draw the next */
        gp_gnuplot_free(w->g);
        w->g = NULL;
    }
    gp_cli_diags(x->c, &d);
    gp_buf_free(&out);
}

/* The one whose turn it is: pictures are taken in the order in which they were given. */
static waiting *next(drawing *x, gp_diags *d)
{
    waiting *w = &x->slot[x->turn++ % DRAWERS];
    take(x, w);
    if (!w->g)
        w->g = gp_gnuplot_start(d);
    x->gone = !w->g;
    return w;
}

static void give(drawing *x, const gp_picture *p, const gp_bars *b, const gp_hit *h, bool small, const char *caption)
{
    gp_diags d = {0};
    waiting *w = next(x, &d);
    w->small = small;
    if (small) {
        w->line.n = w->more.n = w->mark.n = 0;
        gp_buf_printf(&w->line, "%s%s%s%s %s", b->code, *b->market ? "." : "", b->market, b->name && *b->name ? " " : "", b->name ? b->name : "");
        gp_buf_printf(&w->more, "%s  %.6g", caption, h->close);
        gp_buf_printf(&w->mark, "%s  %s", w->line.p, caption);
    } else {
        path_of(x, b, &w->path);
    }
    if (w->g)
        w->number = gp_picture_send(w->g, p, small ? &x->small : &x->opts, &d);
    x->failed += !w->number;
    gp_cli_diags(x->c, &d);
}

/* ---- securities ---- */

static void draw_one(drawing *x, const found *f, const gp_bars *b)
{
    gp_buf caption = {0};
    gp_bars shown = *b; /* --asof: later bars do not exist */
    const gp_hit *h = &x->r->hits[f->first];
    while (x->c->asof && shown.n && shown.date[shown.n - 1] > x->c->asof)
        shown.n--;
    caption_of(x, f, &caption);
    for (int small = 0; small < 2 && !x->gone; small++) {
        gp_diags d = {0};
        if (small ? !x->sheet : !x->c->plot_dir)
            continue;
        gp_picture *p = (gp_picture *)(uintptr_t)gp_charts_make(x->charts, &shown, gp_picture_bars(small ? &x->small : &x->opts), &d);
        gp_cli_diags(x->c, &d);
        if (!p) {
            x->failed++;
            break;
        }
        p->caption = small ? NULL : caption.p;
        give(x, p, &shown, h, small, caption.p);
    }
    gp_buf_free(&caption);
}

static int by_place(const void *a, const void *b)
{
    const found *x = a, *y = b;
    if (x->input != y->input)
        return x->input < y->input ? -1 : 1;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int by_row(const void *a, const void *b)
{
    const found *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

/* The securities of the rows, each at its first one. */
static size_t securities(const drawing *x, found **at)
{
    size_t n = 0;
    *at = gp_xcalloc(x->rows + 1, sizeof **at);
    for (size_t i = 0; i < x->rows; i++)
        (*at)[i] = (found){x->r->hits[i].input, x->r->hits[i].index, i};
    qsort(*at, x->rows, sizeof **at, by_place);
    for (size_t i = 0; i < x->rows; i++) {
        if (!n || (*at)[n - 1].input != (*at)[i].input || (*at)[n - 1].index != (*at)[i].index)
            (*at)[n++] = (*at)[i];
    }
    qsort(*at, n, sizeof **at, by_row);
    return n;
}

static void draw_all(drawing *x, const found *at, size_t n)
{
    for (size_t i = 0; i < n && !x->gone; i++) {
        gp_read_opts options = {0};
        gp_read_result result = {0};
        gp_diags d = {0}; /* what is odd in the file was said by the scan */
        gp_charts_read_opts(x->charts, &options);
        if (gp_read_input(x->inputs, at[i].input, &options, &result, &d) && (size_t)result.n > at[i].index) {
            draw_one(x, &at[i], &result.at[at[i].index]);
        } else {
            gp_cli_error(x->c, "%s changed while it was looked at: %s is not drawn", x->inputs->at[at[i].input].path, x->r->hits[at[i].first].code);
            x->failed++;
        }
        gp_diags_fini(&d);
        gp_read_result_fini(&result);
    }
    for (int k = 0; k < DRAWERS; k++)
        take(x, &x->slot[x->turn++ % DRAWERS]);
}

/* "golden-pit, 2024-03-29" */
static void open_sheet(drawing *x, const char *word, size_t n, gp_diags *d)
{
    gp_buf title = {0};
    gp_fonts *fonts = gp_fonts_new();
    gp_buf_printf(&title, "%s", x->c->expression ? x->c->expression : word);
    for (size_t i = 0; i < title.n; i++)
        title.p[i] = (unsigned char)title.p[i] < 0x20 ? ' ' : title.p[i];
    gp_buf_addz(&title, "  ");
    add_date(x->c->asof ? x->c->asof : x->r->newest, -1, &title);
    gp_buf_printf(&title, "  %zu securit%s", n, n == 1 ? "y" : "ies");
    x->sheet = gp_contact_new(title.p, n, fonts, &x->small, d);
    gp_fonts_free(fonts);
    gp_buf_free(&title);
}

bool gp_cli_draw_hits(gp_cli *c, char *word, const gp_inputs *inputs, const gp_plan *p, const gp_scan_result *r, size_t rows)
{
    drawing x = {.c = c, .inputs = inputs, .plan = p, .r = r, .rows = rows, .opts = gp_charts_opts(c), .small = gp_charts_opts(c)};
    gp_cli quiet = *c;
    gp_diags d = {0};
    int status = GP_EXIT_OK;
    found *at;
    size_t n;
    if ((!c->plot_dir && !c->contact_sheet) || !rows)
        return true;
    x.opts.format = (gp_picture_format)c->plot_as;
    gp_contact_opts(&x.small);
    quiet.quiet = true; /* the notes were the scan's */
    x.charts = gp_charts_open(&quiet, &word, word ? 1 : 0, inputs, &status);
    if (!x.charts)
        return false;
    n = securities(&x, &at);
    if (c->contact_sheet)
        open_sheet(&x, word, n, &d);
    draw_all(&x, at, n);
    bool ok = x.failed == 0 && !x.gone && (!c->contact_sheet || x.sheet);
    if (x.sheet && !x.gone && !gp_contact_save(x.sheet, c->contact_sheet, &d))
        ok = false;
    gp_cli_diags(c, &d);
    if (x.drawn)
        gp_cli_note(c, "drew %zu picture%s in %s", x.drawn, x.drawn == 1 ? "" : "s", c->plot_dir);
    if (x.sheet && ok)
        gp_cli_note(c, "drew %zu securit%s in %s", n, n == 1 ? "y" : "ies", c->contact_sheet);
    gp_contact_free(x.sheet);
    for (int k = 0; k < DRAWERS; k++) {
        gp_gnuplot_free(x.slot[k].g);
        gp_buf_free(&x.slot[k].path);
        gp_buf_free(&x.slot[k].line);
        gp_buf_free(&x.slot[k].more);
        gp_buf_free(&x.slot[k].mark);
    }
    free(at);
    gp_charts_free(x.charts);
    return ok;
}
