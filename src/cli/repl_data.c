/* The quotes of a session: a list of files, of which one is open, and the security of it that is looked at. */
#include "cli/repl.h"
#include <stdlib.h>
#include <string.h>
#include "market/columns.h"

void repl_data_fini(repl *r)
{
    gp_read_result_fini(&r->file);
    gp_inputs_fini(&r->inputs);
    r->file = (gp_read_result){0};
    r->inputs = (gp_inputs){0};
    r->bars = NULL;
}

int repl_bar(const repl *r)
{
    int n = r->bars ? r->bars->n : 0;
    while (n > 0 && r->at && r->bars->date[n - 1] > r->at)
        n--;
    return n - 1;
}

static void date_text(int32_t date, char out[16])
{
    snprintf(out, 16, "%04d-%02d-%02d", date / 10000 % 10000, date / 100 % 100, date % 100);
}

void repl_describe(const repl *r, gp_buf *out)
{
    const gp_bars *b = r->bars;
    char first[16], last[16];
    if (!b) {
        gp_buf_addz(out, repl_text(r, "no quotes are loaded: :load FILE or FOLDER", "尚未载入行情: :load 文件或目录"));
        return;
    }
    gp_buf_printf(out, "%s%s%s%s%s", b->code, *b->market ? "." : "", b->market, *b->name ? " " : "", b->name);
    if (b->n == 0)
        return;
    date_text(b->date[0], first);
    date_text(b->date[b->n - 1], last);
    gp_buf_printf(out, repl_text(r, ": %d bars, %s to %s", ": %d 根K线, %s 至 %s"), b->n, first, last);
}

/* What is the matter with a file matters when it cannot be read; otherwise `data inspect` tells. */
static void print_errors(repl *r, gp_diags *d)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (d->at[i].severity == GP_ERROR) {
            d->at[kept++] = d->at[i];
        } else {
            free(d->at[i].message);
            free(d->at[i].hint);
        }
    }
    d->n = kept;
    fflush(stdout);
    gp_cli_diags(r->c, d);
}

/* Opens input i in place of the open file; quiet when it is only looked into. */
static bool open_input(repl *r, size_t i, bool quiet)
{
    gp_read_opts options = {0};
    gp_read_result result = {0};
    gp_diags d = {0};
    bool ok = gp_read_input(&r->inputs, i, &options, &result, &d) && result.n > 0;
    if (quiet)
        gp_diags_fini(&d);
    else
        print_errors(r, &d);
    if (!ok) {
        gp_read_result_fini(&result);
        return false;
    }
    gp_read_result_fini(&r->file);
    r->file = result;
    r->input = i;
    r->bars = &r->file.at[0];
    return true;
}

bool repl_load(repl *r, char *const *paths, int n)
{
    gp_inputs inputs = {0};
    gp_diags d = {0};
    int bad = 0;
    size_t i = 0;
    repl old = *r;
    gp_inputs_expand(paths, n, &r->c->data, &inputs, &bad, &d);
    print_errors(r, &d);
    if (inputs.n == 0) {
        gp_inputs_fini(&inputs);
        repl_failed(r, GP_EXIT_NO_DATA);
        return false;
    }
    r->inputs = inputs;
    r->file = (gp_read_result){0};
    r->bars = NULL;
    while (i < inputs.n && !repl_interrupted && !open_input(r, i, false))
        i++;
    if (!r->bars) { /* what was there stays */
        gp_inputs_fini(&r->inputs);
        r->inputs = old.inputs;
        r->file = old.file;
        r->input = old.input;
        r->bars = old.bars;
        repl_failed(r, GP_EXIT_NO_DATA);
        return false;
    }
    gp_read_result_fini(&old.file);
    gp_inputs_fini(&old.inputs);
    return true;
}

/* "600000", "sh600000", "600000.SH" */
static bool is_called(const gp_bars *b, const char *code)
{
    char left[64], right[64];
    snprintf(left, sizeof left, "%s%s", b->market, b->code);
    snprintf(right, sizeof right, "%s.%s", b->code, b->market);
    return gp_str_ieqz(gp_str_from(code), b->code) || gp_str_ieqz(gp_str_from(code), left) ||
           gp_str_ieqz(gp_str_from(code), right) || (*b->name && strcmp(code, b->name) == 0);
}

static bool use_in_file(repl *r, const char *code)
{
    for (int i = 0; i < r->file.n; i++) {
        if (is_called(&r->file.at[i], code)) {
            r->bars = &r->file.at[i];
            return true;
        }
    }
    return false;
}

static bool path_has_code(const char *path, const char *code)
{
    char found[64], market[3], none[1] = "";
    gp_bars b = {.code = found, .market = market, .name = none};
    gp_code_of_path(path, found, sizeof found, market);
    return is_called(&b, code);
}

/* The file that is open, then the files whose name says so, then all of them. */
bool repl_use(repl *r, const char *code)
{
    size_t was = r->input;
    const char *was_code = r->bars ? r->bars->code : "";
    char *back;
    if (use_in_file(r, code))
        return true;
    back = gp_xcalloc(strlen(was_code) + 1, 1);
    memcpy(back, was_code, strlen(was_code));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < r->inputs.n && !repl_interrupted; i++) {
            if (path_has_code(r->inputs.at[i].path, code) != (pass == 0))
                continue;
            if (open_input(r, i, pass == 1) && use_in_file(r, code)) {
                free(back);
                return true;
            }
        }
    }
    if (r->bars && r->input != was && open_input(r, was, true))
        use_in_file(r, back);
    free(back);
    return false;
}
