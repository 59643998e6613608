/* goldpit plot: the K-line of a security with what formulas draw, as a picture. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/process.h"
#include "base/vec.h"
#include "cli/charts.h"
#include "cli/screen.h"
#include "cli/table.h"

typedef struct plot_run {
    gp_cli *c;
    gp_picture_opts opts;
    gp_charts *charts;
    gp_fonts *fonts;
    gp_gnuplot *gnuplot; /* started when the first picture is drawn */
    const char *folder;  /* one file a security in it, or NULL */
    int drawn, failed;
} plot_run;

/* ---- which words are formulas ---- */

static bool ends_with(const char *z, const char *tail)
{
    const size_t n = strlen(z), k = strlen(tail);
    return n > k && gp_str_ieqz(gp_str_from(z + n - k), tail);
}

static void same_name(void *ctx, const char *path, gp_str name)
{
    const char **word = ctx;
    (void)path;
    if (*word && gp_str_ieqz(name, *word))
        *word = NULL;
}

/* The first word is a formula; those after it are as long as they name a .tdx file or one of the library and no file of quotes. */
static bool is_formula(const gp_cli *c, const char *word)
{
    const char *looked_for = word;
    if (gp_path_exists(word))
        return !gp_path_is_dir(word) && ends_with(word, ".tdx");
    if (ends_with(word, ".tdx"))
        return true;
    gp_library_walk(c, same_name, &looked_for);
    return looked_for == NULL;
}

static int count_formulas(const gp_cli *c)
{
    int n = c->expression ? 0 : 1;
    while (n < c->n_args && is_formula(c, c->args[n]))
        n++;
    return n;
}

/* A word that is nothing, before a word that is a file: more likely a slip in the name of a formula than quotes that are gone. */
static bool is_slip(const gp_cli *c, int n)
{
    if (n + 1 >= c->n_args || gp_path_exists(c->args[n]) || strpbrk(c->args[n], "/.-0123456789"))
        return false;
    for (int i = n + 1; i < c->n_args; i++)
        if (gp_path_exists(c->args[i]))
            return true;
    return false;
}

/* ---- where it goes ---- */

/* --open without -o: a file of its own that stays until somebody tidies up. */
static void temporary(const plot_run *r, gp_buf *path)
{
    const char *at = getenv("TMPDIR");
    const gp_str dot = gp_str_from(gp_picture_extension(r->opts.format));
    gp_buf_printf(path, "%s/goldpit-XXXXXX.%s", at && *at ? at : "/tmp", dot.p);
    const int fd = mkstemps(path->p, (int)dot.n + 1);
    if (fd >= 0)
        close(fd);
}

static void path_of(const plot_run *r, const gp_bars *b, gp_buf *path)
{
    if (!r->folder) {
        if (r->c->output || !r->c->open)
            gp_buf_addz(path, r->c->output ? r->c->output : "-");
        else
            temporary(r, path);
        return;
    }
    gp_buf_printf(path, "%s%s%s", r->folder, ends_with(r->folder, "/") ? "" : "/", b->market);
    for (const char *p = b->code; *p; p++) /* a code is what a file says it is */
        gp_buf_addc(path, strchr("/\\:*?\"<>|", *p) || (unsigned char)*p < 0x20 ? '_' : *p);
    gp_buf_printf(path, ".%s", gp_picture_extension(r->opts.format));
}

static bool put(plot_run *r, const char *path, gp_str bytes, gp_diags *d)
{
    const char *why = NULL;
    if (strcmp(path, "-") == 0) {
        fwrite(bytes.p, 1, bytes.n, stdout);
        return true; /* close_stdout tells what went wrong */
    }
    why = gp_picture_save(path, bytes);
    if (why)
        gp_diag_file(d, GP_D_PICTURE_SAVE, path, 0, 0, why);
    (void)r;
    return why == NULL;
}

/* --open: in the viewer of the desktop, which goes on when we have ended. */
static bool show(const plot_run *r, const char *path, gp_diags *d)
{
    char *argv[] = {(char *)(uintptr_t)"xdg-open", (char *)(uintptr_t)path, NULL};
    gp_process p;
    const char *why = gp_process_start(&p, argv, NULL, 0);
    (void)r;
    if (!why) {
        const int status = gp_process_end(&p, 5);
        why = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : "it does not know how";
    }
    if (why)
        gp_diag_file(d, GP_D_PICTURE_VIEWER, path, 0, 0, why);
    return why == NULL;
}

static bool draw(plot_run *r, const gp_picture *p, const char *path, gp_diags *d)
{
    gp_buf out = {0};
    bool ok = true;
    if (r->c->script_only) {
        gp_picture_script(p, &r->opts, strcmp(path, "-") == 0 ? NULL : path, r->fonts, &out, d);
        fwrite(out.p, 1, out.n, stdout);
    } else if (r->opts.format == GP_PICTURE_BLOCKS) {
        gp_picture_blocks(p, &r->opts, &out);
        ok = put(r, path, (gp_str){out.p, out.n}, d);
    } else {
        if (r->gnuplot && !gp_gnuplot_runs(r->gnuplot)) { /* one picture that cannot be drawn is no reason not to draw the next */
            gp_gnuplot_free(r->gnuplot);
            r->gnuplot = NULL;
        }
        if (!r->gnuplot)
            r->gnuplot = gp_gnuplot_start(r->fonts, d);
        ok = r->gnuplot && gp_picture_draw(r->gnuplot, p, &r->opts, &out, d) && put(r, path, (gp_str){out.p, out.n}, d);
        if (ok && r->c->open)
            ok = show(r, path, d);
    }
    gp_buf_free(&out);
    return ok;
}

/* ---- securities ---- */

static bool wanted(const gp_cli *c, const gp_bars *b)
{
    char left[64], right[64];
    snprintf(left, sizeof left, "%s%s", b->market, b->code);
    snprintf(right, sizeof right, "%s.%s", b->code, b->market);
    for (int i = 0; i < c->n_codes; i++) {
        const gp_str code = gp_str_from(c->codes[i]);
        if (gp_str_ieqz(code, b->code) || gp_str_ieqz(code, left) || gp_str_ieqz(code, right))
            return true;
    }
    return c->n_codes == 0;
}

static bool any_value(const double *y, int n)
{
    for (int i = 0; y && i < n; i++)
        if (y[i] > -1e290 && y[i] < 1e290) /* neither null nor infinite */
            return true;
    return false;
}

/* Is there anything of the formula to be seen? */
static bool shows(const gp_plot *p)
{
    for (int k = 0; k < p->n_layers; k++) {
        const gp_layer *l = &p->layers[k];
        if (l->n_marks || (!l->y[0] && l->colours) || any_value(l->y[0], p->n))
            return true;
    }
    return false;
}

/* Over the candles, but with every value farther away from them than three quarters of their own range, which pane.c leaves out. */
static bool is_far(const gp_picture *p, const gp_plot *plot)
{
    double low = INFINITY, high = -INFINITY;
    bool any = false;
    for (int i = p->first; i < p->first + p->n; i++) {
        const double l = p->bars->low ? p->bars->low[i] : p->bars->close[i], h = p->bars->high ? p->bars->high[i] : p->bars->close[i];
        low = l < low ? l : low;
        high = h > high ? h : high;
    }
    const double reach = (high - low) * 0.75;
    for (int k = 0; k < plot->n_layers; k++) {
        const gp_layer *l = &plot->layers[k];
        if (l->n_marks || (!l->y[0] && l->colours))
            return false;
        for (int i = 0; l->y[0] && i < plot->n; i++) {
            any |= l->y[0][i] > -1e290 && l->y[0][i] < 1e290;
            if (l->y[0][i] >= low - reach && l->y[0][i] <= high + reach)
                return false;
        }
    }
    return any && plot->pane == GP_PANE_MAIN;
}

/* What a reader of the picture would wonder about. */
static void note_oddities(const plot_run *r, const gp_picture *p, const gp_bars *b, gp_diags *d)
{
    bool low = false;
    for (int k = 0; k < p->n_parts; k++) {
        const char *name = p->parts[k].label && *p->parts[k].label ? p->parts[k].label : "the formula";
        if (!shows(p->parts[k].plot))
            gp_diag_file(d, GP_D_PICTURE_EMPTY, b->file, 0, 0, name);
        else if (is_far(p, p->parts[k].plot))
            gp_diag_file(d, GP_D_PICTURE_FAR, b->file, 0, 0, name);
    }
    for (int i = p->first; i < p->first + p->n && r->opts.log; i++)
        low |= (b->low && b->low[i] <= 0) || (b->close && b->close[i] <= 0);
    if (low)
        gp_diag_file(d, GP_D_PICTURE_NO_LOG, b->file, 0, 0);
}

/* False when nothing further can be drawn. */
static bool plot_bars(plot_run *r, const gp_bars *b)
{
    gp_diags d = {0};
    gp_buf path = {0};
    if (!wanted(r->c, b))
        return true;
    if (!r->folder && r->drawn + r->failed > 0) {
        gp_cli_error(r->c, "DATA has several securities: pick one with --code, or name a folder, -o pictures/");
        r->failed++;
        return false;
    }
    const gp_picture *p = gp_charts_make(r->charts, b, gp_picture_bars(&r->opts), &d);
    path_of(r, b, &path);
    if (p)
        note_oddities(r, p, b, &d);
    if (p && draw(r, p, path.p, &d))
        r->drawn++;
    else
        r->failed++;
    const bool go_on = r->gnuplot || r->c->script_only || r->opts.format == GP_PICTURE_BLOCKS || !p;
    gp_cli_diags(r->c, &d);
    gp_buf_free(&path);
    return go_on;
}

static int plot_data(plot_run *r, const gp_inputs *inputs, int bad)
{
    bool go_on = true;
    for (size_t i = 0; i < inputs->n && go_on; i++) {
        gp_read_opts options = {0};
        gp_read_result result = {0};
        gp_diags d = {0};
        gp_charts_read_opts(r->charts, &options);
        const bool ok = gp_read_input(inputs, i, &options, &result, &d);
        gp_cli_diags(r->c, &d);
        bad += !ok;
        for (int k = 0; ok && k < result.n && go_on; k++)
            go_on = plot_bars(r, &result.at[k]);
        gp_read_result_fini(&result);
    }
    if (!r->drawn && !r->failed && !bad && !r->c->data.universe)
        gp_cli_error(r->c, "the data have no security %s", r->c->n_codes ? r->c->codes[0] : "");
    if (bad && r->drawn)
        gp_cli_note(r->c, "%d input%s skipped", bad, bad == 1 ? "" : "s");
    return !r->drawn ? GP_EXIT_NO_DATA : bad || r->failed ? GP_EXIT_PARTIAL : GP_EXIT_OK;
}

/* ---- the command ---- */

enum { TERM = GP_PICTURE_BLOCKS + 2, LINES_KEPT = 2, SCREEN_WIDTH = 960, SCREEN_HEIGHT = 640, LEAST_WIDTH = 240, LEAST_HEIGHT = 160 }; /* TERM: the word "term" of --format */

/* In the terminal: pixels where it shows them, else characters; as large as it is. */
static void to_terminal(plot_run *r)
{
    const gp_screen size = gp_screen_size();
    if (r->c->picture_format == TERM || r->c->picture_format == 0)
        r->opts.format = gp_screen_has_sixel() ? GP_PICTURE_SIXEL : GP_PICTURE_BLOCKS;
    if (r->opts.format == GP_PICTURE_BLOCKS) {
        r->opts.width = r->c->width ? r->c->width : size.columns;
        r->opts.height = r->c->height ? r->c->height : size.rows > LINES_KEPT ? size.rows - LINES_KEPT : 0;
    } else {
        r->opts.width = r->c->width ? r->c->width : size.width ? size.width : SCREEN_WIDTH;
        r->opts.height = r->c->height ? r->c->height : size.height ? size.height * 9 / 10 : SCREEN_HEIGHT;
    }
}

static int check_output(plot_run *r)
{
    const gp_cli *c = r->c;
    const bool to_stdout = !c->output || strcmp(c->output, "-") == 0, terminal = isatty(STDOUT_FILENO);
    gp_picture_format by_name;
    if (c->output && !*c->output)
        return gp_cli_usage(c, "-o needs the name of a file: its extension says what is written: .png .svg .pdf .html");
    if (!to_stdout) {
        if (gp_path_is_dir(c->output) || ends_with(c->output, "/"))
            r->folder = c->output;
        else if (gp_picture_format_of(c->output, &by_name))
            r->opts.format = c->picture_format ? r->opts.format : by_name;
        else if (!c->picture_format)
            return gp_cli_usage(c, "-o '%s': the extension says what is written: .png .svg .pdf .html; or give --format", c->output);
    }
    if (c->script_only)
        return -1;
    if (r->folder && mkdir(r->folder, 0777) != 0 && !(errno == EEXIST && gp_path_is_dir(r->folder))) {
        gp_cli_error(c, "cannot make the folder '%s': %s", r->folder, strerror(errno));
        return GP_EXIT_NO_DATA;
    }
    if (c->picture_format == TERM || r->opts.format >= GP_PICTURE_SIXEL || (!c->picture_format && to_stdout && !c->open && terminal))
        to_terminal(r);
    else if (to_stdout && terminal && !c->open)
        return gp_cli_usage(c, "standard output is a terminal: name a file, as in -o %s.%s, or leave --format out", r->c->n_codes ? r->c->codes[0] : "picture",
                            gp_picture_extension(r->opts.format));
    if (r->opts.format < GP_PICTURE_SIXEL && ((c->width && c->width < LEAST_WIDTH) || (c->height && c->height < LEAST_HEIGHT)))
        return gp_cli_usage(c, "a picture of less than %d x %d pixels has no room for its words", LEAST_WIDTH, LEAST_HEIGHT);
    return -1;
}

int gp_cmd_plot(gp_cli *c)
{
    plot_run r = {.c = c, .opts = gp_charts_opts(c)};
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int status, bad = 0;
    if (c->n_args == 0 && !c->expression)
        return gp_cli_usage(c, "the FORMULA is missing: give files or names from 'goldpit list', then DATA");
    const int n = count_formulas(c);
    if (n == c->n_args)
        return gp_cli_usage(c, "DATA is missing after the formula%s: give files, folders, or - for standard input", n > 1 ? "s" : "");
    if (is_slip(c, n)) {
        free(gp_cli_formula_path(c, c->args[n], &status)); /* says what it may have meant */
        return status;
    }
    if ((status = check_output(&r)) >= 0)
        return status;
    gp_inputs_expand(c->args + n, c->n_args - n, &c->data, &inputs, &bad, &d);
    gp_cli_diags(c, &d);
    r.charts = gp_charts_open(c, c->args, n, &inputs, &status);
    r.fonts = gp_fonts_new();
    if (r.charts)
        status = plot_data(&r, &inputs, bad);
    gp_gnuplot_free(r.gnuplot);
    gp_fonts_free(r.fonts);
    gp_charts_free(r.charts);
    gp_inputs_fini(&inputs);
    return status;
}
