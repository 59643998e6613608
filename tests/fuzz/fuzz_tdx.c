/* Bytes -> TDX's records, straight and record by record: the same bars; what is written of them reads back the same.  The first byte says
 * which file they come from. */
#include <math.h>
#include "fuzz.h"
#include "market/tdx.h"

static const char *const names[] = {"sh600000.day", "sz159915.day", "sh113050.day", "sh000001.day", "sh600000.lc5", "sh510050.lc1",
                                    "47#IF2402.day", "31#00700.lc5", "x.day"};
enum { NAMES = sizeof names / sizeof *names };

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static void compare(const gp_bars *a, const gp_bars *b)
{
    const double *const x[] = {a->open, a->high, a->low, a->close, a->vol, a->amount}, *const y[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    FUZZ_CHECK(a->n == b->n && a->period == b->period, "%d and %d bars", a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        FUZZ_CHECK(a->date[i] == b->date[i] && (!a->time || !b->time || a->time[i] == b->time[i]), "bar %d: another stamp", i);
        FUZZ_CHECK(i == 0 || a->date[i] > a->date[i - 1] || (a->time && a->date[i] == a->date[i - 1] && a->time[i] > a->time[i - 1]), "bar %d is out of order", i);
        for (int c = 0; c < 6; c++) FUZZ_CHECK(!x[c] == !y[c] && (!x[c] || same(x[c][i], y[c][i])), "bar %d, column %d differs", i, c);
    }
}

static void write_back(const char *name, const gp_bars *b)
{
    gp_buf bytes = {0};
    gp_tdx_written w;
    gp_read_result r = {0};
    gp_diags d = {0};
    if (gp_tdx_encode(b, false, &bytes, &w) == NULL) {
        FUZZ_CHECK(bytes.n == (size_t)w.records * GP_TDX_RECORD && w.records + w.left_out == b->n, "%d records, %d left out of %d", w.records, w.left_out, b->n);
        if (gp_tdx_read_mem(name, bytes.p, bytes.n, NULL, false, &r, &d) && w.left_out == 0 && w.rounded == 0)
            for (int i = 0; i < b->n && gp_tdx_kind_of(name) < GP_TDX_DAY_X; i++) FUZZ_CHECK(same(r.at[0].close[i], b->close[i]), "bar %d: %.17g was written, %.17g read", i, b->close[i], r.at[0].close[i]);
    }
    gp_read_result_fini(&r);
    fuzz_render(&d);
    gp_diags_fini(&d);
    gp_buf_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    gp_read_result r[2] = {{0}, {0}};
    gp_diags d[2] = {{0}, {0}};
    bool ok[2];
    if (n == 0) return 0;
    const char *name = names[p[0] % NAMES];
    const gp_data_opts said = {.suspended = p[0] / NAMES % 3, .duplicates = p[0] / NAMES % 2};
    const gp_read_opts o = {.need = GP_COL_CLOSE, .data = &said};
    for (int k = 0; k < 2; k++) {
        ok[k] = gp_tdx_read_mem(name, (const char *)p + 1, n - 1, &o, k == 1, &r[k], &d[k]);
        FUZZ_CHECK(ok[k] || d[k].errors, "refused without a reason");
        fuzz_render(&d[k]);
    }
    FUZZ_CHECK(ok[0] == ok[1], "the two ways disagree whether the file can be read");
    if (ok[0]) {
        compare(r[0].at, r[1].at);
        write_back(name, r[0].at);
    }
    for (int k = 0; k < 2; k++) {
        gp_read_result_fini(&r[k]);
        gp_diags_fini(&d[k]);
    }
    return 0;
}
