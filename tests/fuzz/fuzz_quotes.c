/* Bytes -> quotes, with each of the two tokenisers; where both can read a file they must agree.  Then longer bars from them. */
#include <math.h>
#include "fuzz.h"
#include "market/reader.h"
#include "market/resample.h"

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static void check(const gp_bars *b)
{
    for (int i = 0; i < b->n; i++) {
        FUZZ_CHECK(i == 0 || b->date[i] > b->date[i - 1] || (b->time && b->date[i] == b->date[i - 1] && b->time[i] > b->time[i - 1]), "bar %d is out of order", i);
        FUZZ_CHECK(isnan(b->close[i]) || fabs(b->close[i]) <= 1e30, "bar %d: close %g", i, b->close[i]);
    }
    for (gp_period p = GP_PERIOD_MIN5; p <= GP_PERIOD_YEAR; p++) {
        if (!gp_resample_fits(b, p)) continue;
        gp_resampled r;
        int *at = calloc((size_t)b->n + 1, sizeof *at);
        gp_resample(b, b->n, p, &r);
        gp_resample_map(b, b->n, &r, p % 2, at);
        for (int i = 0; i < b->n; i++) FUZZ_CHECK(at[i] >= -1 && at[i] < r.bars.n, "bar %d maps to %d of %d", i, at[i], r.bars.n);
        free(at);
        gp_resampled_fini(&r);
    }
}

/* The same bytes as a profile, and the profile on a file. */
static void read_profile(const uint8_t *p, size_t n)
{
    static const char text[] = "date,a,b,c,d,e,code\n2024-01-02,1,2,0.5,1,100,600000\n2024-01-03,1,2,0.5,1,0,600000\n";
    gp_diags d = {0};
    gp_profile *own = gp_profile_parse("own", "own.ini", (gp_str){(const char *)p, n}, &d);
    FUZZ_CHECK((own != NULL) == (d.errors == 0), "a profile without a reason, or with one");
    if (own) {
        gp_read_result r = {0};
        const gp_data_opts data = {.profile = own};
        if (gp_read_quotes_mem("600000.csv", text, sizeof text - 1, &(gp_read_opts){.data = &data}, &r, &d)) gp_read_result_fini(&r);
        gp_profile_free(own);
    }
    fuzz_render(&d);
    gp_diags_fini(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    gp_read_result r[2] = {{0}, {0}};
    gp_diags d[2] = {{0}, {0}};
    bool ok[2];
    const gp_data_opts data = {.suspended = (int)(n % 3), .duplicates = (int)(n / 3 % 3), .bad_ohlc = (int)(n / 9 % 3), .volume_unit = (int)(n / 27 % 3)};
    read_profile(p, n);
    for (int k = 0; k < 2; k++) {
        gp_reading reading = {0};
        const gp_read_opts o = {.data = &data, .reading = n / 81 % 2 ? &reading : NULL, .csv_path = k ? GP_PATH_LIBCSV : GP_PATH_AUTO, .need = GP_COL_CLOSE};
        ok[k] = gp_read_quotes_mem("600000.csv", (const char *)p, n, &o, &r[k], &d[k]);
        fuzz_render(&d[k]);
        gp_reading_fini(&reading);
    }
    FUZZ_CHECK(ok[0] == ok[1], "the tokenisers disagree whether the file can be read");
    FUZZ_CHECK(!ok[0] || r[0].n == r[1].n, "%d and %d tickers", r[0].n, r[1].n);
    for (int t = 0; ok[0] && t < r[0].n; t++) {
        const gp_bars *a = &r[0].at[t], *b = &r[1].at[t];
        FUZZ_CHECK(a->n == b->n, "ticker %d: %d and %d bars", t, a->n, b->n);
        for (int i = 0; i < a->n; i++) FUZZ_CHECK(a->date[i] == b->date[i] && same(a->close[i], b->close[i]), "ticker %d bar %d differs", t, i);
        check(a);
    }
    for (int k = 0; k < 2; k++) {
        if (ok[k]) gp_read_result_fini(&r[k]);
        gp_diags_fini(&d[k]);
    }
    return 0;
}
