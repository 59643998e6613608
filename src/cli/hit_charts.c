#include "cli/hit_charts.h"
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include "base/vec.h"
#include "cli/charts.h"
#include "cli/hit_page.h"
#include "cli/table.h"
#include "draw/contact.h"
#include "market/board.h"
#include "output/page.h"

enum { DRAWERS = 2, LABELS = 6, PAGE_WIDTH = 800 }; /* gnuplots at work at the same time, while the next picture is prepared */

/* A security with its hits: the rows of one ticker of one input. */
typedef struct found { size_t input, index, first; } found;

typedef enum { ALONE /* --plot */, SMALL /* --contact-sheet */, IN_PAGE /* --report */, KINDS } chart_kind;

/* A picture that gnuplot has been given. */
typedef struct waiting {
    gp_gnuplot *g;
    int number;   /* 0: nothing */
    gp_buf path;  /* of --plot */
    chart_kind kind;
    gp_buf line, more, mark;
} waiting;

typedef struct drawing {
    gp_hit_page p;   /* what is drawn; its page is that of --report */
    gp_charts *charts;
    gp_picture_opts opts[KINDS];
    bool wanted[KINDS];
    gp_fonts *fonts;
    gp_contact *sheet;
    waiting slot[DRAWERS];
    size_t turn, drawn, failed;
    size_t done;     /* pictures of all kinds that were drawn */
    bool unwritable; /* a file of --plot could not be saved: the next ones are not tried */
    bool gone;    /* gnuplot cannot be started: nothing further is tried */
} drawing;

int gp_cli_check_hit_charts(gp_cli *c)
{
    const size_t n = c->contact_sheet ? strlen(c->contact_sheet) : 0;
    if (!c->plot_dir && !c->contact_sheet && !c->report)
        return -1;
    if (c->near)
        return gp_cli_usage(c, "--plot, --contact-sheet and --report show hits; they do not go with --near");
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

static bool is_of(const gp_hit *h, const found *f) { return h->input == f->input && h->index == f->index; }

void gp_cli_labels(const gp_plan *p, const gp_hit *h, gp_buf *out)
{
    out->n = 0;
    for (int i = 0; i < h->n_fired; i++) {
        const char *label = p->signals[h->fired[i]].label;
        bool again = false; /* two drawings may share a text */
        for (int k = 0; k < i && !again; k++)
            again = strcmp(label, p->signals[h->fired[k]].label) == 0;
        if (again)
            continue;
        if (out->n)
            gp_buf_addc(out, GP_LIST_SEPARATOR);
        gp_buf_addz(out, label);
    }
}

/* "黄金坑, 短跳": what fired on the first hit listed. */
static void labels_of(const drawing *x, const gp_hit *h, gp_buf *out)
{
    int shown = 0;
    for (int i = 0; i < h->n_fired && shown < LABELS; i++) {
        bool again = false;
        for (int k = 0; k < i && !again; k++)
            again = strcmp(x->p.f->plan->signals[h->fired[k]].label, x->p.f->plan->signals[h->fired[i]].label) == 0;
        if (!again)
            gp_buf_printf(out, "%s%s", shown++ ? ", " : "", x->p.f->plan->signals[h->fired[i]].label);
    }
}

static void caption_of(const drawing *x, const found *f, gp_buf *out)
{
    const gp_hit *h = &x->p.r->hits[f->first];
    size_t n = 0;
    for (size_t i = f->first; i < x->p.f->rows; i++)
        n += is_of(&x->p.r->hits[i], f);
    out->n = 0;
    labels_of(x, h, out);
    gp_buf_addz(out, out->n ? " " : "");
    gp_hit_date(h->date, h->time, out);
    if (n > 1)
        gp_buf_printf(out, " (+%zu)", n - 1);
}

static void path_of(const drawing *x, const gp_bars *b, gp_buf *path)
{
    path->n = 0;
    gp_buf_printf(path, "%s/%s", x->p.c->plot_dir, b->market);
    for (const char *p = b->code; *p; p++) /* a code is what a file says it is */
        gp_buf_addc(path, strchr("/\\:*?\"<>|", *p) || (unsigned char)*p < 0x20 ? '_' : *p);
    gp_buf_printf(path, ".%s", gp_picture_extension(x->opts[ALONE].format));
}

/* ---- gnuplot ---- */

/* Takes the picture that gnuplot has made. */
static void take(drawing *x, waiting *w)
{
    gp_buf out = {0};
    gp_diags d = {0};
    if (!w->number)
        return;
    bool ok = gp_picture_wait(w->g, w->number, &x->opts[w->kind], &out, &d);
    w->number = 0;
    if (ok && w->kind == IN_PAGE) {
        gp_page_picture(x->p.page, w->line.p, w->path.p, "image/png", (gp_str){out.p, out.n});
    } else if (ok && w->kind == SMALL) {
        ok = gp_contact_add(x->sheet, (gp_str){out.p, out.n}, w->line.p, w->more.p, w->mark.p, &d);
    } else if (ok) {
        const char *why = x->unwritable ? NULL : gp_picture_save(w->path.p, (gp_str){out.p, out.n});
        if (why)
            gp_diag_file(&d, GP_D_PICTURE_SAVE, w->path.p, 0, 0, why);
        x->unwritable |= why != NULL;
        ok = !x->unwritable;
    }
    x->done += ok;
    x->drawn += ok && w->kind == ALONE;
    x->failed += !ok;
    if (!gp_gnuplot_runs(w->g)) { /* one picture that cannot be drawn is no reason not to draw the next */
        gp_gnuplot_free(w->g);
        w->g = NULL;
    }
    gp_cli_diags(x->p.c, &d);
    gp_buf_free(&out);
}

/* The one whose turn it is: pictures are taken in the order in which they were given. */
static waiting *next(drawing *x, gp_diags *d)
{
    waiting *w = &x->slot[x->turn++ % DRAWERS];
    take(x, w);
    if (!w->g)
        w->g = gp_gnuplot_start(x->fonts, d);
    x->gone = !w->g;
    return w;
}

static void give(drawing *x, const gp_picture *p, const gp_bars *b, const gp_hit *h, chart_kind kind, const char *caption)
{
    gp_diags d = {0};
    waiting *w = next(x, &d);
    w->kind = kind;
    w->path.n = w->line.n = w->more.n = w->mark.n = 0;
    gp_buf_printf(&w->line, "%s%s%s%s%s", b->code, *b->market ? "." : "", b->market, b->name && *b->name ? " " : "", b->name ? b->name : "");
    gp_buf_printf(&w->more, "%s  %.*f", caption, gp_price_decimals(b->code, b->market, h->close), h->close);
    gp_buf_printf(&w->mark, "%s  %s", w->line.p, caption);
    if (kind == ALONE)
        path_of(x, b, &w->path);
    if (kind == IN_PAGE) {
        gp_hit_anchor(&x->p, h, &w->path);
        gp_buf_printf(&w->line, "  %s", caption);
    }
    if (w->g)
        w->number = gp_picture_send(w->g, p, &x->opts[kind], &d);
    x->failed += !w->number;
    gp_cli_diags(x->p.c, &d);
}

/* ---- securities ---- */

static void draw_one(drawing *x, const found *f, const gp_bars *b)
{
    gp_buf caption = {0};
    gp_bars shown = *b; /* --asof: later bars do not exist */
    const gp_hit *h = &x->p.r->hits[f->first];
    while (x->p.c->asof && shown.n && shown.date[shown.n - 1] > x->p.c->asof)
        shown.n--;
    caption_of(x, f, &caption);
    for (chart_kind kind = ALONE; kind < KINDS && !x->gone; kind++) {
        gp_diags d = {0};
        if (!x->wanted[kind] || (kind == ALONE && x->unwritable))
            continue;
        gp_picture *p = (gp_picture *)(uintptr_t)gp_charts_make(x->charts, &shown, gp_picture_bars(&x->opts[kind]), &d);
        gp_cli_diags(x->p.c, &d);
        if (!p) {
            x->failed++;
            break;
        }
        p->caption = kind == ALONE ? caption.p : NULL;
        give(x, p, &shown, h, kind, caption.p);
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
    *at = gp_xcalloc(x->p.f->rows + 1, sizeof **at);
    for (size_t i = 0; i < x->p.f->rows; i++)
        (*at)[i] = (found){x->p.r->hits[i].input, x->p.r->hits[i].index, i};
    qsort(*at, x->p.f->rows, sizeof **at, by_place);
    for (size_t i = 0; i < x->p.f->rows; i++) {
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
        if (gp_read_input(x->p.f->inputs, at[i].input, &options, &result, &d) && (size_t)result.n > at[i].index) {
            draw_one(x, &at[i], &result.at[at[i].index]);
        } else {
            gp_cli_error(x->p.c, "%s changed while it was looked at: %s is not drawn", x->p.f->inputs->at[at[i].input].path, x->p.r->hits[at[i].first].code);
            x->failed++;
        }
        gp_diags_fini(&d);
        gp_read_result_fini(&result);
    }
    for (int k = 0; k < DRAWERS; k++)
        take(x, &x->slot[x->turn++ % DRAWERS]);
}

/* "golden-pit", or the text of -e in one line. */
static void name_of(const drawing *x, gp_buf *out)
{
    gp_buf_addz(out, x->p.f->word ? x->p.f->word : x->p.c->expression);
    for (size_t i = 0; i < out->n; i++)
        out->p[i] = (unsigned char)out->p[i] < 0x20 ? ' ' : out->p[i];
}

static void open_sheet(drawing *x, size_t n, gp_diags *d)
{
    gp_buf title = {0};
    name_of(x, &title);
    gp_buf_addz(&title, "  ");
    gp_hit_date(x->p.c->asof ? x->p.c->asof : x->p.r->newest, -1, &title);
    gp_buf_printf(&title, "  %zu securit%s", n, n == 1 ? "y" : "ies");
    x->sheet = gp_contact_new(title.p, n, x->fonts, &x->opts[SMALL], d);
    gp_buf_free(&title);
}

/* ---- all of it ---- */

static void close_all(drawing *x)
{
    gp_contact_free(x->sheet);
    gp_page_free(x->p.page);
    for (int k = 0; k < DRAWERS; k++) {
        gp_gnuplot_free(x->slot[k].g);
        gp_buf_free(&x->slot[k].path);
        gp_buf_free(&x->slot[k].line);
        gp_buf_free(&x->slot[k].more);
        gp_buf_free(&x->slot[k].mark);
    }
    gp_fonts_free(x->fonts);
    gp_charts_free(x->charts);
}

static void say_where(const drawing *x, size_t n)
{
    if (x->drawn)
        gp_cli_note(x->p.c, "drew %zu picture%s in %s", x->drawn, x->drawn == 1 ? "" : "s", x->p.c->plot_dir);
    if (x->p.c->contact_sheet)
        gp_cli_note(x->p.c, "drew %zu securit%s in %s", n, n == 1 ? "y" : "ies", x->p.c->contact_sheet);
    if (x->p.c->report)
        gp_cli_note(x->p.c, "the report is %s", x->p.c->report);
}

/* What could not be drawn or written as an exit status. */
static int status_of(const drawing *x, size_t n, bool written)
{
    if (!written || x->unwritable || x->gone || (n && x->failed && !x->done))
        return GP_EXIT_NO_DATA;
    return x->failed ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

int gp_cli_draw_hits(gp_cli *c, const gp_found *f)
{
    drawing x = {.p = {.c = c, .f = f, .r = f->result}, .wanted = {c->plot_dir != NULL, c->contact_sheet != NULL, c->report != NULL}};
    gp_cli quiet = *c;
    gp_diags d = {0};
    int status = GP_EXIT_OK;
    found *at = NULL;
    char *word = f->word;
    bool written = true;
    if ((!c->plot_dir && !c->contact_sheet && !c->report) || (!f->rows && !c->report))
        return GP_EXIT_OK;
    for (chart_kind kind = ALONE; kind < KINDS; kind++)
        x.opts[kind] = gp_charts_opts(c);
    x.opts[ALONE].format = (gp_picture_format)c->plot_as;
    gp_contact_opts(&x.opts[SMALL]);
    x.opts[IN_PAGE].format = GP_PICTURE_PNG;
    x.opts[IN_PAGE].width = c->width ? c->width : PAGE_WIDTH;
    quiet.quiet = true; /* the notes were the scan's */
    x.charts = gp_charts_open(&quiet, &word, word ? 1 : 0, f->inputs, &status);
    if (!x.charts)
        return status;
    x.fonts = gp_fonts_new();
    const size_t n = securities(&x, &at);
    if (c->contact_sheet && n)
        open_sheet(&x, n, &d);
    if (c->report) {
        gp_buf title = {0};
        char hits[32];
        const char *const facts[] = {c->zh ? "命中" : "hits", hits, NULL};
        snprintf(hits, sizeof hits, "%zu", x.p.r->n_hits);
        name_of(&x, &title);
        gp_hit_page_open(&x.p, title.p, facts);
        gp_hit_page_section(&x.p);
        gp_buf_free(&title);
    }
    draw_all(&x, at, n);
    written = !c->contact_sheet || x.sheet || !n;
    if (x.sheet && x.done) /* one without pictures is no sheet */
        written &= gp_contact_save(x.sheet, c->contact_sheet, &d);
    if (x.p.page) /* also without gnuplot: the table is what matters */
        written &= gp_hit_page_save(&x.p, &d);
    gp_cli_diags(c, &d);
    status = status_of(&x, n, written);
    if (status == GP_EXIT_OK)
        say_where(&x, n);
    free(at);
    close_all(&x);
    return status;
}

bool gp_cli_report(gp_cli *c, gp_cli *const *of, const gp_found *f, int n, const char *title, const char *const *facts, gp_buf *out)
{
    drawing x = {.p = {.c = c, .f = f, .r = f->result}, .wanted = {[IN_PAGE] = true}};
    bool ok = true;
    x.opts[IN_PAGE] = gp_charts_opts(c);
    x.opts[IN_PAGE].format = GP_PICTURE_PNG;
    x.opts[IN_PAGE].width = c->width ? c->width : PAGE_WIDTH;
    x.fonts = gp_fonts_new();
    gp_hit_page_open(&x.p, title, facts);
    for (int i = 0; i < n; i++) {
        gp_cli quiet = *of[i];
        found *at = NULL;
        int status = GP_EXIT_OK;
        char *word = f[i].word;
        quiet.quiet = true; /* the notes were the run's */
        x.p.f = &f[i];
        x.p.r = f[i].result;
        x.p.section = i;
        gp_hit_page_section(&x.p);
        x.charts = x.gone ? NULL : gp_charts_open(&quiet, &word, 1, f[i].inputs, &status);
        if (x.charts) {
            const size_t securities_found = securities(&x, &at);
            draw_all(&x, at, securities_found);
            gp_charts_free(x.charts);
            x.charts = NULL;
        } else {
            ok = false;
        }
        free(at);
    }
    gp_hit_page_data(&x.p);
    for (int i = 0; i < n; i++) {
        x.p.f = &f[i];
        gp_hit_page_provenance(&x.p);
    }
    gp_page_end(x.p.page, out);
    ok &= x.failed == 0 && !x.gone;
    close_all(&x);
    return ok;
}
