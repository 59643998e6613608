#include "market/bars.h"
#include <math.h>
#include "base/vec.h"

static void alloc(gp_bars *b, int n, unsigned columns, bool zeroed)
{
    double **column[] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};
    const size_t rows = n > 0 ? (size_t)n : 1, stride = (rows + 7) / 8 * 8; /* every column starts on a cache line */
    const size_t dates = (stride * sizeof(int32_t) + 63) / 64 * 64;
    size_t wanted = 0;

    for (int i = 0; i < 6; i++) wanted += columns >> i & 1;
    const size_t bytes = dates + wanted * stride * sizeof(double);
    char *block = zeroed ? gp_xaligned(bytes) : gp_xaligned_raw(bytes);
    b->n = n;
    b->date = (int32_t *)(void *)block;
    block += dates;
    for (int i = 0; i < 6; i++) {
        if (!(columns >> i & 1)) continue;
        *column[i] = (double *)(void *)block;
        for (size_t k = rows; k < stride && !zeroed; k++) (*column[i])[k] = 0;
        block += stride * sizeof(double);
    }
}

void gp_bars_alloc(gp_bars *b, int n, unsigned columns) { alloc(b, n, columns, true); }

void gp_bars_alloc_raw(gp_bars *b, int n, unsigned columns) { alloc(b, n, columns, false); }

void gp_bars_more(gp_bars *b, int n_more)
{
    b->n_more = n_more;
    b->more = n_more ? gp_xcalloc((size_t)n_more, sizeof *b->more) : NULL;
    for (int k = 0; k < n_more; k++) {
        b->more[k] = gp_xrealloc(NULL, (size_t)(b->n > 0 ? b->n : 1) * sizeof **b->more);
        for (int i = 0; i < b->n; i++) b->more[k][i] = NAN;
    }
}

void gp_bars_label(gp_bars *b, const char *code, const char *market, const char *name, const char *file)
{
    const char *text[] = {code ? code : "", market ? market : "", name ? name : "", file ? file : ""};
    char **slot[] = {&b->code, &b->market, &b->name, &b->file};
    size_t bytes = 0;
    char *p;

    for (int i = 0; i < 4; i++) bytes += strlen(text[i]) + 1;
    p = gp_xrealloc(NULL, bytes);
    for (int i = 0; i < 4; i++) {
        size_t n = strlen(text[i]) + 1;
        memcpy(p, text[i], n);
        *slot[i] = p;
        p += n;
    }
}

void gp_bars_copy(const gp_bars *from, gp_bars *to)
{
    const double *const was[] = {from->open, from->high, from->low, from->close, from->vol, from->amount};
    const size_t rows = (size_t)from->n;
    unsigned bits = 0;

    *to = (gp_bars){.before = from->before, .history = from->history, .more_sums = from->more_sums, .st = from->st, .pre = from->pre, .period = from->period, .adjusted = from->adjusted, .counts = from->counts};
    for (int c = 0; c < 6; c++) bits |= (unsigned)(was[c] != NULL) << c;
    gp_bars_alloc_raw(to, from->n, bits);
    gp_bars_more(to, from->n_more);
    double *const now[] = {to->open, to->high, to->low, to->close, to->vol, to->amount};
    memcpy(to->date, from->date, rows * sizeof *to->date);
    for (int c = 0; c < 6; c++)
        if (was[c]) memcpy(now[c], was[c], rows * sizeof(double));
    for (int x = 0; x < from->n_more; x++) memcpy(to->more[x], from->more[x], rows * sizeof(double));
    if (from->time) {
        to->time = gp_xrealloc(NULL, (rows ? rows : 1) * sizeof *to->time);
        memcpy(to->time, from->time, rows * sizeof *to->time);
    }
    gp_bars_label(to, from->code, from->market, from->name, from->file);
}

void gp_bars_fini(gp_bars *b)
{
    for (int k = 0; k < b->n_more; k++) free(b->more[k]);
    free(b->more);
    free(b->date);
    free(b->time);
    free(b->code);
    *b = (gp_bars){0};
}
