/* market/tdx: records of TDX's own files. */
#include "reader_probe.h"
#include "market/tdx.h"
#include "temp_folder.h"

#define SHARED "../shared/data/"
#define SKIP_UNLESS(path)                                                                                              \
    do {                                                                                                               \
        if (!gp_path_exists(path)) {                                                                                   \
            print_message("SKIPPED: %s is not here\n", path);                                                          \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

/* ---- records made by hand ---- */

static void put32(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++) p[i] = (unsigned char)(x >> 8 * i);
}

static void putf(unsigned char *p, float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    put32(p, bits);
}

static void day(unsigned char *p, uint32_t date, uint32_t o, uint32_t h, uint32_t l, uint32_t c, float amount, uint32_t vol)
{
    const uint32_t v[] = {date, o, h, l, c};
    for (int i = 0; i < 5; i++) put32(p + 4 * i, v[i]);
    putf(p + 20, amount);
    put32(p + 24, vol);
    put32(p + 28, 65536);
}

static void minute(unsigned char *p, int y, int m, int d, int at, float o, float h, float l, float c, float amount, uint32_t vol)
{
    const float v[] = {o, h, l, c, amount};
    put32(p, (uint32_t)((y - 2004) * 2048 + m * 100 + d) | (uint32_t)at << 16);
    for (int i = 0; i < 5; i++) putf(p + 4 + 4 * i, v[i]);
    put32(p + 24, vol);
    put32(p + 28, 0);
}

static outcome read_records(const char *name, const unsigned char *p, size_t n, const gp_read_opts *o)
{
    outcome x = {0};
    char *exact = malloc(n ? n : 1); /* the sanitizer sees any byte read too far */

    memcpy(exact, p, n);
    x.good = gp_tdx_read_mem(name, exact, n, o, false, &x.r, &x.d);
    free(exact);
    return x;
}

static void a_stock(void **unused)
{
    (void)unused;
    unsigned char p[64];
    day(p, 20240102, 1234, 1240, 1229, 1231, 1234567.0F, 100150);
    day(p + 32, 20240103, 1, 4294967, 1, 3, 0.5F, 99);
    outcome x = read_records("vipdoc/sh/lday/sh600000.day", p, 64, NULL);

    assert_true(x.good);
    assert_int_equal(x.d.n, 0);
    const gp_bars *b = x.r.at;
    assert_string_equal(b->code, "600000");
    assert_string_equal(b->market, "SH");
    assert_string_equal(b->file, "vipdoc/sh/lday/sh600000.day");
    assert_int_equal(b->n, 2);
    assert_int_equal(b->period, 5);
    assert_null(b->time);
    assert_int_equal(b->date[1], 20240103);
    /* as the text would read, bit for bit */
    assert_true(b->open[0] == 12.34 && b->high[0] == 12.40 && b->low[0] == 12.29 && b->close[0] == 12.31);
    assert_true(b->open[1] == 0.01 && b->high[1] == 42949.67 && b->close[1] == 0.03);
    assert_true(b->vol[0] == 1001.5 && b->vol[1] == 0.99); /* lots */
    assert_true(b->amount[0] == 1234567 && b->amount[1] == 0.5);
    drop(&x);
}

/* Every price of two and of three decimals up to 700 yuan, against the number scanner of the text. */
static void decimals(void **unused)
{
    (void)unused;
    static const struct { const char *name; int scale; } files[] = {{"sh600000.day", 100}, {"sh510050.day", 1000}};
    enum { N = 70000 };
    unsigned char *p = malloc((size_t)N * 32);
    for (size_t f = 0; f < 2; f++) {
        for (uint32_t i = 0; i < N; i++) day(p + 32 * i, 20240102, i + 1, i + 1, i + 1, i + 1, 1, 1);
        /* one date only: every record alone */
        for (uint32_t i = 0; i < N; i += 997) {
            char text[32];
            double want;
            snprintf(text, sizeof text, "%u.%0*u", (i + 1) / (uint32_t)files[f].scale, files[f].scale == 100 ? 2 : 3, (i + 1) % (uint32_t)files[f].scale);
            assert_true(gp_num_parse(text, strlen(text), &want));
            outcome x = read_records(files[f].name, p + 32 * i, 32, NULL);
            assert_true(x.good);
            assert_memory_equal(&x.r.at[0].close[0], &want, sizeof want);
            drop(&x);
        }
    }
    free(p);
}

static void single_precision(void **unused)
{
    (void)unused;
    unsigned char p[32];
    for (int k = 1; k < 100000; k += 7) {
        const double want = k / 100.0;
        const float x = (float)want;
        minute(p, 2024, 1, 2, 571, x, x, x, x, 1, 1);
        outcome got = read_records("sh600000.lc1", p, 32, NULL);
        assert_true(got.good);
        assert_memory_equal(&got.r.at[0].close[0], &want, sizeof want);
        drop(&got);
    }
    minute(p, 2024, 1, 2, 571, 1.234F, 1.234F, 1.234F, 1.234F, 1, 1);
    outcome x = read_records("sh510050.lc1", p, 32, NULL);
    assert_true(x.r.at[0].close[0] == 1.234);
    drop(&x);
}

static void classes(void **unused)
{
    (void)unused;
    static const struct { const char *code, *market, *name; int scale; } cases[] = {
        {"600000", "SH", "A share", 100}, {"688001", "SH", "A share", 100}, {"900901", "SH", "B share", 1000},
        {"000001", "SH", "index", 100}, {"880001", "SH", "index", 100}, {"999999", "SH", "index", 100},
        {"510050", "SH", "fund", 1000}, {"588000", "SH", "fund", 1000}, {"113050", "SH", "bond", 1000},
        {"019547", "SH", "bond", 1000}, {"204001", "SH", "bond", 1000}, {"000001", "SZ", "A share", 100},
        {"300750", "SZ", "A share", 100}, {"200002", "SZ", "B share", 100}, {"399001", "SZ", "index", 100},
        {"159915", "SZ", "fund", 1000}, {"161725", "SZ", "fund", 1000}, {"127021", "SZ", "bond", 1000},
        {"131810", "SZ", "bond", 1000}, {"899050", "BJ", "index", 100}, {"830799", "BJ", "A share", 100},
        {"920002", "BJ", "A share", 100}, {"430047", "BJ", "A share", 100}, {"000001", "", "A share", 100},
        {"510050", "", "fund", 1000}, {"XYZ", "", "other", 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const gp_tdx_class *c = gp_tdx_class_of(cases[i].code, cases[i].market);
        if (strcmp(c->name, cases[i].name) != 0 || c->scale != cases[i].scale)
            fail_msg("%s%s: %s x%d", cases[i].market, cases[i].code, c->name, c->scale);
    }
}

/* Funds: whether the file counts shares or lots shows in amount and price. */
static void unit_of_a_fund(void **unused)
{
    (void)unused;
    unsigned char p[32];
    outcome x;
    day(p, 20240102, 2500, 2500, 2500, 2500, 2.5F * 40000, 40000); /* 40,000 shares of 2.50 */
    x = read_records("sh510050.day", p, 32, NULL);
    assert_true(x.r.at[0].vol[0] == 400);
    drop(&x);
    day(p, 20240102, 2500, 2500, 2500, 2500, 2.5F * 40000, 400); /* 400 lots */
    x = read_records("sh510050.day", p, 32, NULL);
    assert_true(x.r.at[0].vol[0] == 400);
    drop(&x);
    day(p, 20240102, 361760, 361760, 361760, 361760, 6.5e11F, 499797780); /* an index is in lots */
    x = read_records("sh000001.day", p, 32, NULL);
    assert_true(x.r.at[0].vol[0] == 499797780);
    drop(&x);
}

/* ---- what is odd ---- */

static void truncated(void **unused)
{
    (void)unused;
    unsigned char p[64] = {0};
    day(p, 20240102, 1234, 1240, 1229, 1231, 1, 100);
    for (size_t n = 33; n < 64; n += 10) {
        outcome x = read_records("sh600000.day", p, n, NULL);
        assert_true(x.good && x.r.at[0].n == 1);
        assert_true(has_diag(&x, GP_D_TDX_TRUNCATED));
        drop(&x);
    }
    outcome x = read_records("sh600000.day", p, 31, NULL);
    assert_false(x.good);
    assert_true(has_diag(&x, GP_D_TDX_NO_RECORDS));
    drop(&x);
    x = read_records("sh600000.day", p, 0, NULL);
    assert_false(x.good);
    drop(&x);
}

static void odd_records(void **unused)
{
    (void)unused;
    unsigned char p[7 * 32];
    day(p, 20240102, 1234, 1240, 1229, 1231, 1, 100);
    day(p + 32, 20240230, 1234, 1240, 1229, 1231, 1, 100);           /* no such day */
    day(p + 64, 20240103, 0, 0, 0, 0, 0, 0);                         /* suspended */
    day(p + 96, 20240104, 1234, 1200, 1229, 1231, 1, 100);           /* high below low */
    day(p + 128, 20240104, 1234, 1240, 1229, 1239, 1, 100);          /* the same day again */
    day(p + 160, 20240101, 1, 1, 1, 1, __builtin_nanf(""), 100);     /* earlier; amount is no number */
    day(p + 192, 0xFFFFFFFFU, 1, 1, 1, 1, 1, 100);
    outcome x = read_records("sh600000.day", p, sizeof p, NULL);
    assert_true(x.good);
    const gp_bars *b = x.r.at;
    assert_int_equal(b->n, 3);
    assert_int_equal(b->date[0], 20240101);
    assert_true(isnan(b->amount[0]));
    assert_int_equal(b->date[2], 20240104);
    assert_true(b->close[2] == 12.39);
    assert_int_equal(b->counts.bad_rows, 2);
    assert_int_equal(b->counts.suspended, 1);
    assert_int_equal(b->counts.duplicate_dates, 1);
    assert_int_equal(b->counts.bad_fields, 1);
    assert_true(has_diag(&x, GP_D_DATA_BAD_DATE) && has_diag(&x, GP_D_DATA_DUPLICATE) && has_diag(&x, GP_D_DATA_UNSORTED));
    assert_int_equal(b->period, 5);
    for (size_t i = 0; i < x.d.n; i++)
        if (x.d.at[i].id == GP_D_DATA_BAD_DATE) {
            assert_int_equal(x.d.at[i].line, 2); /* the record */
            break;
        }
    drop(&x);
}

static void text_inside(void **unused)
{
    (void)unused;
    static const char text[] = "date,open,high,low,close\n20240102,1,1,1,1\n";
    outcome x = read_records("sh600000.day", (const unsigned char *)text, sizeof text - 1, NULL);
    assert_false(x.good);
    assert_true(has_diag(&x, GP_D_TDX_NO_RECORDS));
    assert_non_null(strstr(x.d.at[0].message, "text"));
    drop(&x);
}

static void odd_minutes(void **unused)
{
    (void)unused;
    unsigned char p[96];
    minute(p, 2024, 1, 2, 571, 1, 1, 1, 1, 1, 100);
    minute(p + 32, 2024, 1, 2, 2000, 1, 1, 1, 1, 1, 100); /* there is no such minute */
    minute(p + 64, 2024, 1, 2, 900, 1, 1, 1, 1, 1, 100);
    outcome x = read_records("sh600000.lc5", p, 96, NULL);
    assert_true(x.good);
    assert_int_equal(x.r.at[0].n, 2);
    assert_int_equal(x.r.at[0].time[0], 93100);
    assert_int_equal(x.r.at[0].time[1], 150000);
    assert_int_equal(x.r.at[0].period, 1);
    assert_true(has_diag(&x, GP_D_DATA_BAD_DATE));
    drop(&x);
}

/* Straight into columns or record by record: the same bars. */
static void both_ways(void **unused)
{
    (void)unused;
    enum { N = 500 };
    unsigned char p[N * 32];
    for (uint32_t i = 0; i < N; i++) day(p + 32 * i, (uint32_t)gp_day_date(19000 + (int32_t)i), 1000 + i, 1100 + i, 900 + i, 950 + i, (float)i * 1e5F, i * 1237);
    for (unsigned want = 0; want < 64; want += 7) {
        const gp_read_opts o = {.want = want};
        gp_read_result r[2];
        gp_diags d[2] = {{0}, {0}};
        for (int k = 0; k < 2; k++) assert_true(gp_tdx_read_mem("sz000001.day", (const char *)p, sizeof p, &o, k, &r[k], &d[k]));
        assert_int_equal(d[0].n + d[1].n, 0);
        assert_int_equal(r[0].at[0].n, N);
        assert_int_equal(r[1].at[0].n, N);
        const gp_bars *a = r[0].at, *b = r[1].at;
        const double *x[] = {a->open, a->high, a->low, a->close, a->vol, a->amount}, *y[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
        assert_memory_equal(a->date, b->date, N * sizeof *a->date);
        for (int c = 0; c < 6; c++) {
            assert_true(!x[c] == !y[c]);
            assert_true(!x[c] == (c > 3 && want && !(want >> c & 1)));
            if (x[c]) assert_memory_equal(x[c], y[c], N * sizeof(double));
        }
        assert_string_equal(a->market, b->market);
        assert_memory_equal(&a->counts, &b->counts, sizeof a->counts);
        for (int k = 0; k < 2; k++) gp_read_result_fini(&r[k]), gp_diags_fini(&d[k]);
    }
}

/* ---- a tree ---- */

static void write_file(const char *name, const void *p, size_t n)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *q = path + strlen(folder) + 1; (q = strchr(q, '/')) != NULL; q++) {
        *q = 0;
        (void)mkdir(path, 0777);
        *q = '/';
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void expect_inputs(const char *below, int period, size_t n, const char *last, bool good, gp_diag_id said)
{
    char path[200], *paths[] = {path};
    const gp_data_opts data = {.period = period};
    gp_inputs in = {0};
    outcome x = {0};
    int bad = 0;
    snprintf(path, sizeof path, "%s/%s", folder, below);
    gp_inputs_expand(paths, 1, &data, &in, &bad, &x.d);
    assert_int_equal(in.n, n);
    assert_int_equal(bad, !good);
    if (said) assert_true(has_diag(&x, said));
    else assert_int_equal(x.d.n, 0);
    if (n) assert_non_null(strstr(in.at[n - 1].path, last));
    for (size_t i = 0; i < n; i++) {
        gp_read_result r;
        assert_true(gp_read_input(&in, i, NULL, &r, &x.d));
        gp_read_result_fini(&r);
    }
    gp_inputs_fini(&in);
    gp_diags_fini(&x.d);
}

static void tree(void **unused)
{
    (void)unused;
    static const char csv[] = "date,close\n20240102,1\n";
    unsigned char d[32], m[32];
    day(d, 20240102, 1234, 1240, 1229, 1231, 1, 100);
    minute(m, 2024, 1, 2, 575, 1, 1, 1, 1, 1, 100);
    write_file("vipdoc/sh/lday/sh600000.day", d, 32);
    write_file("vipdoc/sz/lday/sz000001.DAY", d, 32);
    write_file("vipdoc/bj/lday/bj920002.day", d, 32);
    write_file("vipdoc/sh/fzline/sh600000.lc5", m, 32);
    write_file("vipdoc/sh/minline/sh600000.lc1", m, 32);
    write_file("vipdoc/sz/minline/sz000001.lc1", m, 32);
    write_file("mixed/600001.csv", csv, sizeof csv - 1);
    write_file("mixed/sh600000.day", d, 32);
    write_file("mixed/sh600000.lc5", m, 32);
    expect_inputs("vipdoc", GP_FILES_AUTO, 3, "sz000001.DAY", true, GP_D_TDX_OTHER_PERIODS);
    expect_inputs("vipdoc", GP_FILES_MIN5, 1, "sh600000.lc5", true, (gp_diag_id)0);
    expect_inputs("vipdoc", GP_FILES_MIN1, 2, "sz000001.lc1", true, (gp_diag_id)0);
    expect_inputs("vipdoc/sh/fzline", GP_FILES_AUTO, 1, "sh600000.lc5", true, (gp_diag_id)0);
    expect_inputs("vipdoc/bj", GP_FILES_MIN1, 0, "", false, GP_D_TDX_NO_PERIOD);
    expect_inputs("mixed", GP_FILES_AUTO, 2, "sh600000.day", true, GP_D_TDX_OTHER_PERIODS);
    expect_inputs("vipdoc/sh/fzline/sh600000.lc5", GP_FILES_DAY, 1, "sh600000.lc5", true, (gp_diag_id)0); /* named itself */
}

/* ---- real files ---- */

static bool near(double a, double b, double most) { return most > 0 ? fabs(a - b) <= most : a == b; }

/* Days on which prices differ by more than `price`, or volumes by more than that share. */
static int compare_text(const gp_bars *a, const gp_bars *b, double price, double share, int *days)
{
    int differ = 0;
    *days = 0;
    for (int i = 0, k = 0; i < a->n && k < b->n;) {
        if (a->date[i] != b->date[k]) {
            if (a->date[i] < b->date[k]) i++;
            else k++;
            continue;
        }
        bool same = near(a->open[i], b->open[k], price) && near(a->high[i], b->high[k], price) && near(a->low[i], b->low[k], price) &&
                    near(a->close[i], b->close[k], price) && fabs(a->vol[i] - b->vol[k]) <= 10 + b->vol[k] * share;
        differ += !same;
        ++*days;
        i++, k++;
    }
    return differ;
}

/* The same security from two vendors, in text and in records: prices equal bit for bit, volumes in one unit. */
static void against_text(void **unused)
{
    (void)unused;
    static const struct { const char *day, *csv; double csv_unit, price, share; int most; } pairs[] = {
        {SHARED "tdx-binary/hikyuu/sh600000.day", SHARED "ashare-daily/hqchart/600000.SH.csv", 100, 0, 1e-6, 15},
        {SHARED "tdx-binary/mootdx/sz000001.day", SHARED "ashare-daily/hqchart/000001.SZ.csv", 100, 0, 1e-6, 30},
        {SHARED "tdx-binary/hikyuu/sh000001.day", SHARED "ashare-daily/hqchart/000001.SH.csv", 1, 0.0151, 0.5, 100}, /* of an index the vendors count differently, but in one unit */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        SKIP_UNLESS(pairs[i].day);
        outcome x = {0}, y = {0};
        int days;
        x.good = gp_tdx_read(pairs[i].day, NULL, &x.r, &x.d);
        y.good = gp_read_quotes(pairs[i].csv, NULL, &y.r, &y.d);
        assert_true(x.good && y.good);
        for (int k = 0; k < y.r.at[0].n; k++) y.r.at[0].vol[k] /= pairs[i].csv_unit;
        const int differ = compare_text(x.r.at, y.r.at, pairs[i].price, pairs[i].share, &days);
        print_message("%s: %d of %d days differ\n", strrchr(pairs[i].day, '/') + 1, differ, days);
        assert_true(days > 4900);
        assert_true(differ <= pairs[i].most);
        drop(&x);
        drop(&y);
    }
}

static void table_of_files(void **unused)
{
    (void)unused;
    SKIP_UNLESS(SHARED "MANIFEST.tsv");
    FILE *f = fopen(SHARED "MANIFEST.tsv", "rb");
    char line[2000];
    int files = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *field[14], *p = line, path[400];
        int n = 0;
        for (; n < 14 && p; n++) field[n] = p, p = strchr(p, '\t'), p = p ? (*p = 0, p + 1) : NULL;
        if (n < 12 || strncmp(field[0], "tdx-binary/", 11) != 0 || strstr(field[0], "gbbq")) continue;
        snprintf(path, sizeof path, SHARED "%s", field[0]);
        outcome x = {0};
        x.good = gp_tdx_read(path, NULL, &x.r, &x.d);
        if (!x.good || x.r.n != 1) print_diags(&x);
        assert_true(x.good && x.r.n == 1);
        const gp_bars *b = x.r.at;
        assert_int_equal(b->n, atoi(field[8]));
        for (int k = 0; k < 2; k++) {
            const char *want = field[9 + k];
            const int at = k ? b->n - 1 : 0;
            char got[32];
            if (b->time) snprintf(got, sizeof got, "%d:%02d:%02d", b->date[at], b->time[at] / 10000, b->time[at] / 100 % 100);
            else snprintf(got, sizeof got, "%d", b->date[at]);
            assert_string_equal(got, want);
        }
        drop(&x);
        files++;
    }
    fclose(f);
    assert_int_equal(files, 297);
}

static void extended(void **unused)
{
    (void)unused;
    SKIP_UNLESS(SHARED "tdx-binary/mootdx/4#CF7D0LAO.day");
    static const char *const more[] = {"oi", "settle"};
    const gp_read_opts o = {.more = more, .n_more = 2, .need = GP_COL_CLOSE}, amount = {.need = GP_COL_AMOUNT};
    outcome x = {0};
    x.good = gp_tdx_read(SHARED "tdx-binary/mootdx/4#CF7D0LAO.day", &o, &x.r, &x.d);
    assert_true(x.good);
    const gp_bars *b = x.r.at;
    assert_string_equal(b->code, "CF7D0LAO");
    assert_string_equal(b->market, "");
    assert_true(b->open[0] == 206 && b->high[0] == 213 && b->low[0] == 200 && b->close[0] == 200 && b->vol[0] == 45);
    assert_true(b->more[0][0] == 266 && b->more[1][0] == 210 && b->more[1][2] == 151);
    assert_null(b->amount);
    drop(&x);
    x.good = gp_tdx_read(SHARED "tdx-binary/mootdx/4#CF7D0LAO.day", &amount, &x.r, &x.d);
    assert_false(x.good);
    assert_true(has_diag(&x, GP_D_TDX_NO_COLUMN));
    drop(&x);
}

/* ---- written while it is read ---- */

typedef struct writer {
    const char *path;
    const unsigned char *p;
    size_t n;
    bool stop;
} writer;

static void *cut_and_grow(void *ctx)
{
    writer *w = ctx;
    while (!__atomic_load_n(&w->stop, __ATOMIC_RELAXED)) {
        FILE *f = fopen(w->path, "wb");
        if (f) {
            (void)!fwrite(w->p, 1, w->n, f);
            fclose(f);
        }
        (void)!truncate(w->path, 100);
    }
    return NULL;
}

static void changed_while_read(void **unused)
{
    (void)unused;
    enum { N = 400000 };
    unsigned char *p = malloc((size_t)N * 32);
    for (uint32_t i = 0; i < N; i++) day(p + 32 * i, (uint32_t)gp_day_date(-20000 + (int32_t)(i % 90000)), 1000, 1100, 900, 950, 1, 1237);
    writer w = {.path = strdup(in_folder("sh600000.day")), .p = p, .n = (size_t)N * 32};
    write_file("sh600000.day", p, w.n);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cut_and_grow, &w), 0);
    int noticed = 0;
    for (int i = 0; i < 20; i++) {
        outcome x = {0};
        x.good = gp_tdx_read(w.path, &(gp_read_opts){.need = GP_COL_CLOSE}, &x.r, &x.d);
        noticed += has_diag(&x, GP_D_DATA_CHANGED) || has_diag(&x, GP_D_TDX_TRUNCATED) || has_diag(&x, GP_D_TDX_NO_RECORDS);
        drop(&x);
    }
    __atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    assert_true(noticed > 0);
    free((char *)(uintptr_t)w.path);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stock), cmocka_unit_test(decimals), cmocka_unit_test(single_precision), cmocka_unit_test(classes),
        cmocka_unit_test(unit_of_a_fund), cmocka_unit_test(truncated), cmocka_unit_test(odd_records), cmocka_unit_test(text_inside),
        cmocka_unit_test(odd_minutes), cmocka_unit_test(both_ways), cmocka_unit_test(tree), cmocka_unit_test(against_text),
        cmocka_unit_test(table_of_files), cmocka_unit_test(extended), cmocka_unit_test(changed_while_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
