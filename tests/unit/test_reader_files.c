/* market/: the two tokenisers against each other, and real files. */
#include "reader_probe.h"
#include <sys/syscall.h>
#include "temp_folder.h"

#define SHARED "../shared"
#define SKIP_UNLESS(path)                                                                                              \
    do {                                                                                                               \
        if (!gp_path_exists(path)) {                                                                                   \
            print_message("SKIPPED: %s is not here\n", path);                                                          \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

/* ---- the two tokenisers ---- */

static bool same_doubles(const double *a, const double *b, int n)
{
    if (!a || !b) return a == b;
    for (int i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return false;
    return true;
}

static bool same_bars(const gp_bars *a, const gp_bars *b)
{
    return strcmp(a->code, b->code) == 0 && strcmp(a->market, b->market) == 0 && strcmp(a->name, b->name) == 0 &&
           a->n == b->n && memcmp(a->date, b->date, (size_t)a->n * sizeof *a->date) == 0 && !a->time == !b->time &&
           (!a->time || memcmp(a->time, b->time, (size_t)a->n * sizeof *a->time) == 0) &&
           same_doubles(a->open, b->open, a->n) && same_doubles(a->high, b->high, a->n) &&
           same_doubles(a->low, b->low, a->n) && same_doubles(a->close, b->close, a->n) &&
           same_doubles(a->vol, b->vol, a->n) && same_doubles(a->amount, b->amount, a->n) && a->period == b->period &&
           memcmp(&a->counts, &b->counts, sizeof a->counts) == 0;
}

static bool same_diags(const gp_diags *a, const gp_diags *b)
{
    if (a->n != b->n || a->dropped != b->dropped) return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->at[i].id != b->at[i].id || a->at[i].line != b->at[i].line || a->at[i].column != b->at[i].column ||
            strcmp(a->at[i].message, b->at[i].message) != 0)
            return false;
    return true;
}

/* NULL when equal, else what differs. */
static const char *compare(const outcome *a, const outcome *b)
{
    if (a->good != b->good) return "success";
    if (a->r.n != b->r.n || a->r.rows != b->r.rows) return "tickers or rows";
    for (int i = 0; i < a->r.n; i++)
        if (!same_bars(&a->r.at[i], &b->r.at[i])) return "bars";
    return same_diags(&a->d, &b->d) ? NULL : "diagnostics";
}

static const char *both_ways(const char *name, const char *p, size_t n)
{
    outcome a = read_text(name, p, n, &(gp_read_opts){.csv_path = GP_PATH_AUTO});
    outcome b = read_text(name, p, n, &(gp_read_opts){.csv_path = GP_PATH_LIBCSV});
    const char *differs = compare(&a, &b);

    if (differs) {
        print_message("auto:\n");
        print_diags(&a);
        print_message("libcsv:\n");
        print_diags(&b);
    }
    drop(&a);
    drop(&b);
    return differs;
}

static int files_compared;

static void compare_file(void *ctx, const char *path, size_t bytes)
{
    gp_file f;

    (void)ctx;
    (void)bytes;
    assert_null(gp_file_open(path, &f));
    const char *differs = both_ways(path, f.p, f.n);
    if (differs) fail_msg("%s: %s differ between the two tokenisers", path, differs);
    files_compared++;
    gp_file_close(&f);
}

static void test_paths_agree_on_sample(void **unused)
{
    (void)unused;
    files_compared = 0;
    assert_null(gp_dir_walk("data/sample", compare_file, NULL));
    assert_int_equal(files_compared, 30);
    /* and the quick one really ran */
    outcome x = {0};
    x.good = gp_read_quotes("data/sample/600001.csv", &(gp_read_opts){.csv_path = GP_PATH_PLAIN}, &x.r, &x.d);
    assert_true(x.good);
    assert_int_equal(x.r.at[0].n, 500);
    drop(&x);
}

static void test_paths_agree_on_shared(void **unused)
{
    (void)unused;
    SKIP_UNLESS(SHARED "/data");
    files_compared = 0;
    assert_null(gp_dir_walk(SHARED "/data/ashare-daily", compare_file, NULL));
    assert_null(gp_dir_walk(SHARED "/data/us-daily", compare_file, NULL));
    assert_null(gp_dir_walk(SHARED "/data/formats", compare_file, NULL));
    assert_null(gp_dir_walk(SHARED "/data/minute", compare_file, NULL));
    assert_null(gp_dir_walk(SHARED "/golden/data", compare_file, NULL));
    assert_true(files_compared > 100);
}

static uint64_t random_state = 1;

static size_t below(size_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 33) % n;
}

static void test_paths_agree_on_mutants(void **unused)
{
    static const char *const seeds[] = {
        "date,open,high,low,close,volume,amount\n2024-01-02,10.00,10.50,9.90,10.20,12345,126000.50\n"
        "2024-01-03,10.20,10.60,10.10,10.55,22345,230000.50\n2024-01-04,10.50,10.80,10.40,10.45,999,9999.99\n"
        "2024-01-05,10.50,10.80,10.40,10.45,123456789012,1234567890123.45\n",
        ",ts_code,trade_date,open,high,low,close,pre_close,vol\r\n0,000001.SZ,20240105,1,2,0.5,1.5,1,100\r\n"
        "1,000002.SZ,20240104,1,2,0.5,1.5,1,100\r\n2,000001.SZ,20240104,1.123456,2,0.5,1.5,1,100\r\n3,000002.SZ,"
        "20240104,1,2,,1.5,1,\r\n",
        "日期\t名称\t开盘\t收盘\t最高\t最低\t成交量\n2024/1/5 9:31\t浦发\t1\t2\t3\t0.5\t7\n2024/1/5 "
        "9:32\t*ST浦发\t1\t2\t3\t0.5\t7\n",
        "Date,Time,Open,High,Low,Close,Volume\n2024-01-05, 0931 ,1, 2 "
        ",0.5\t,1.5,\"1,234\"\n2024-01-05,0932,1e1,2e0,None,1.5,nan\n",
        "code,date,preclose,open,high,low,close,volume,amount,adjustflag,tradestatus\nsh.600000,2024-01-02,1,1,2,1,1.5,100,150,3,1\n"
        "sh.600000,2024-01-03,1.5,1.5,1.5,1.5,1.5,,,3,0\nsh.600000,2024-01-04,1.5,1.5,2,1.5,2,50,90,3,1\n",
        "20240102,10,11,9,10.5,100\n20240103,10,11,9,10.5,100\n20240104,10,11,9,10.5,100\n",
    };
    static const char *const bits[] = {",",
                                       ";",
                                       "\t",
                                       " ",
                                       "\"",
                                       "\r",
                                       "\n",
                                       "\r\n",
                                       ".",
                                       "-",
                                       "0",
                                       "9",
                                       "1e5",
                                       "x",
                                       "'",
                                       "中",
                                       "\xB8",
                                       "None",
                                       "",
                                       ",,",
                                       "2024-01-03",
                                       "-1",
                                       "99999999999999999999",
                                       "\n\n",
                                       "  \n",
                                       "+",
                                       "\xEF\xBB\xBF"};
    char text[4096];

    (void)unused;
    for (int round = 0; round < 6000; round++) {
        const char *seed = seeds[below(sizeof seeds / sizeof *seeds)];
        size_t n = strlen(seed), head = strchr(seed, '\n') - seed;
        memcpy(text, seed, n);
        if (below(3)) /* rows enough behind the mutated ones for the quick way through a row */
            for (size_t body = n - head - 1, k = 0; k < 4 && n + body < sizeof text - 200; k++, n += body)
                memcpy(text + n, seed + head + 1, body);
        for (size_t changes = 1 + below(6); changes > 0; changes--) {
            const char *bit = bits[below(sizeof bits / sizeof *bits)];
            size_t take = below(3) ? below(4) : 0, put = strlen(bit);
            /* mostly behind the header, so that most mutants still are quotes */
            size_t body = below(2) ? n - head : (n - head) / 4 + 1; /* often near the start */
            size_t at = below(10) ? head + below(body) : below(n);
            if (take > n - at) take = n - at;
            memmove(text + at + put, text + at + take, n - at - take);
            memcpy(text + at, bit, put);
            n = n - take + put;
            if (head >= n) head = n - 1;
        }
        if (!below(20)) text[below(n)] = 0;
        const char *differs = both_ways("m.csv", text, n);
        if (differs) fail_msg("round %d: %s differ for <<%.*s>>", round, differs, (int)n, text);
    }
}

/* Rows that are nearly what the quick way takes, among such, in all three kinds of files that it knows. */
static void test_paths_agree_on_near_misses(void **unused)
{
    static const char *const dates[] = {"2023-02-29", "2023-02-28", "2023-02-30", "2023-02-00", "2023-02-3", "2023-02-1x", "2023-02-/5", "2023-02-:1",
                                        "2023-02-40", "2023/02/11", "2023.02.12", "20230213.0", "20230214", "20230230", "2023021", "202302150", "2023-2-17",
                                        "2023-02-18 15:00", " 2023-02-19", "2023-02-20 ", "'2023-02-21", "", "2023-13-01", "0023-02-02", "2023-03-01"};
    static const char *const numbers[] = {"7", "7.", ".7", ".", "", "-1", "+1", "1e1", "0", "0.00", "1.234567", "12345678", "123456789", "1234567.8",
                                          "12345678.9", "1.2.3", "1,5", " 3", "3 ", "nan", "123456789012345", "1234567890123456", "12345678901234.5",
                                          "0.000000001", "9:5", "1/2", "5\r", "0x1", "99999999", "100000000.00"};
    static const char *const before[] = {"date,open,high,low,close,volume\n", "code,date,open,high,low,close,volume\n",
                                         "date,open,high,low,close,volume,preclose,adjustflag,tradestatus\n"};
    static const char *const shape[] = {"%s,%s,20,1,%s,%s\n", "600000,%s,%s,20,1,%s,%s\n", "%s,%s,20,1,%s,%s,9,3,1\n"};
    const size_t n_dates = sizeof dates / sizeof *dates, n_numbers = sizeof numbers / sizeof *numbers;

    (void)unused;
    for (int kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < n_dates + 3 * n_numbers; i++) {
            gp_buf text = {0};
            const size_t k = i < n_dates ? 0 : (i - n_dates) % n_numbers, where = i < n_dates ? 3 : (i - n_dates) / n_numbers;
            gp_buf_addz(&text, before[kind]);
            for (int row = 0; row < 24; row++) {
                char date[16];
                const char *number[3] = {"10.50", "9.25", "12345"};
                snprintf(date, sizeof date, "2023-%02d-%02d", row < 12 ? 2 : 3, 5 + row);
                if (row == 9 && where < 3) number[where] = numbers[k];
                gp_buf_printf(&text, shape[kind], row == 9 && where == 3 ? dates[i] : date, number[0], number[1], number[2]);
                if (row == 11 && kind == 1) gp_buf_addz(&text, "600001,2023-02-05,1,2,1,1.5,3\n600001,2023-02-06,1,2,1,1.5,3\n");
                if (row == 11 && kind == 2) gp_buf_addz(&text, "2023-02-17,1,2,1,1.5,0,1,3,0\n2023-02-18,1,2,1,1.5,9,1,3, 0\n2023-02-19,1,2,1,1.5,9,1,3,\n");
            }
            const char *differs = both_ways("600000.csv", text.p, text.n);
            if (differs) fail_msg("kind %d, case %zu: %s differ for\n%s", kind, i, differs, text.p);
            gp_buf_free(&text);
        }
}

/* A file in which one row is another one, without that row where it is NULL. */
static void with_a_row(gp_buf *out, const char *odd)
{
    out->n = 0;
    gp_buf_addz(out, "code,date,open,high,low,close,volume\n");
    for (int i = 0; i < 1200; i++) {
        if (i != 600)
            gp_buf_printf(out, "600000,%d,10.%02d,11,9,10.5,100%s", gp_day_date(15000 + i), i % 100, i % 3 ? "\n" : "\r\n");
        else if (odd)
            gp_buf_printf(out, "%s\n", odd);
    }
}

/* A quotation mark too much costs its own row at most, wherever it stands. */
static void stray_quote(void **unused)
{
    static const struct { const char *row; bool kept; } rows[] = {
        {"\"600000,20120917,10.5,11,9,10.5,100", false}, {"600000,20120917,10.5,\"11,9,10.5,100", false},
        {"600000,\"20120917,10.5,11,9,10.5,100", false}, {"600000,20120917,10.5,11,9,10.5,\"100", true},
        {"600000,20120917,10.5,11,9,10.5,\"", true},      {"\"", false}, {"\"600000\",20120917,10.5,11,\"9,10.5,100", false},
    };
    gp_buf text = {0};

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        with_a_row(&text, NULL);
        outcome whole = read_text("x.csv", text.p, text.n, NULL);
        with_a_row(&text, rows[i].row);
        outcome x = read_text("x.csv", text.p, text.n, NULL);
        if (!x.good || x.r.n != 1 || x.r.at->n != 1199 + rows[i].kept || !has_diag(&x, GP_D_DATA_OPEN_QUOTE)) {
            print_diags(&x);
            fail_msg("row %zu: %d bars", i, x.good ? x.r.at->n : -1);
        }
        for (size_t k = 0; k < x.d.n; k++) assert_int_equal(x.d.at[k].line, 602);
        assert_int_equal(x.r.at->counts.bad_rows, !rows[i].kept);
        for (int k = 0; k < 600; k++) { /* the plain tokeniser has read the one, libcsv the other */
            const int last = x.r.at->n - 1 - k, other = whole.r.at->n - 1 - k;
            assert_int_equal(x.r.at->date[k], whole.r.at->date[k]);
            assert_true(x.r.at->open[k] == whole.r.at->open[k] && (k > 598 || x.r.at->open[last] == whole.r.at->open[other]));
        }
        drop(&whole);
        drop(&x);
    }
    gp_buf_free(&text);
}

/* ---- real files ---- */

/* rows and dates of MANIFEST.tsv; suspended and duplicate rows are left out by policy, so they are added again. */
static void test_manifest(void **unused)
{
    char line[2048];
    int checked = 0, refused = 0;

    (void)unused;
    SKIP_UNLESS(SHARED "/data/MANIFEST.tsv");
    FILE *f = fopen(SHARED "/data/MANIFEST.tsv", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char *column[14] = {0}, *rest = line, path[600];
        for (int i = 0; i < 14 && rest; i++) column[i] = strsep(&rest, "\t\n");
        if (strncmp(column[0], "ashare-daily/", 13) != 0 && strncmp(column[0], "us-daily/", 9) != 0) continue;
        int rows = atoi(column[8]), first = atoi(column[9]), last = atoi(column[10]);
        bool clean = strcmp(column[12], "-") == 0;
        outcome x = {0};
        snprintf(path, sizeof path, SHARED "/data/%s", column[0]);
        x.good = gp_read_quotes(path, NULL, &x.r, &x.d);
        if (rows == 0) {
            assert_false(x.good);
            assert_true(has_diag(&x, strstr(column[0], "000022") ? GP_D_DATA_NOT_QUOTES : GP_D_DATA_NO_ROWS));
            refused++;
        } else if (!x.good) { /* three tickers that did not trade in the whole year */
            assert_true(has_diag(&x, GP_D_DATA_NO_GOOD_ROW));
            assert_non_null(strstr(column[12], "zero-price-rows=244"));
            refused++;
        } else {
            assert_int_equal(x.r.n, 1);
            const gp_bars *b = x.r.at;
            int all = b->n + b->counts.suspended + b->counts.duplicate_dates;
            if (all != rows) fail_msg("%s: %d rows, expected %d", path, all, rows);
            if (clean && !b->counts.suspended && b->n != rows) fail_msg("%s: %d bars, expected %d", path, b->n, rows);
            if (b->counts.suspended == 0 && (b->date[0] != first || b->date[b->n - 1] != last))
                fail_msg("%s: %d..%d, expected %d..%d", path, b->date[0], b->date[b->n - 1], first, last);
            if (b->counts.bad_rows || b->counts.bad_fields) fail_msg("%s: bad rows or fields", path);
            assert_int_equal(b->period, 5);
            for (int i = 1; i < b->n; i++) assert_true(b->date[i] > b->date[i - 1]);
            if (b->counts.resorted && strcmp(column[11], "asc") == 0) fail_msg("%s was resorted", path);
            checked++;
        }
        drop(&x);
    }
    fclose(f);
    print_message("%d files read, %d refused as they should be\n", checked, refused);
    assert_true(checked > 80 && refused == 6);
}

static int files_read;

static void read_any(void *ctx, const char *path, size_t bytes)
{
    outcome x = {0};

    (void)ctx;
    assert_true(bytes != GP_DIR_UNREADABLE);
    x.good = gp_read_quotes(path, NULL, &x.r, &x.d);
    assert_true(x.good == (x.d.errors == 0));
    if (!x.good) assert_true(x.d.errors > 0 && x.r.n == 0);
    files_read++;
    drop(&x);
}

static void test_everything_there_is(void **unused)
{
    (void)unused;
    SKIP_UNLESS(SHARED "/data");
    files_read = 0;
    assert_null(gp_dir_walk(SHARED "/data", read_any, NULL));
    assert_true(files_read >= 423);
}

static void test_vendor_values(void **unused)
{
    static const struct {
        const char *path, *code, *market, *name;
        int date;
        double open, high, low, close, vol, amount;
    } rows[] = {
        {"ashare-daily/baostock/sh.600000.csv", "600000", "SH", "", 20200102, 12.47, 12.64, 12.45, 12.47, 51629079,
         647446166},
        {"ashare-daily/hqchart/600000.SH.csv", "600000", "SH", "", 19991110, 29.5, 29.8, 27, 27.75, 174085055,
         4859102435},
        {"ashare-daily/joinquant/000001.XSHE.csv", "000001", "SZ", "", 20050104, 1.41, 1.41, 1.39, 1.4, 8204283,
         11465603},
        {"ashare-daily/kamidox-2000-2003/SH600000.csv", "600000", "SH", "", 20000104, 24.75, 25.78, 24.75, 25.6, 44300,
         112254212},
        {"ashare-daily/kamidox-2000-2003/SH1A0001.csv", "1A0001", "SH", "", 20000104, 1366.58, 1407.482, 1361.315,
         1405.039, 8811923.02, 5684760576.0},
        {"ashare-daily/netease163-2017/600000.csv", "600000", "SH", "浦发银行", 20171229, 12.52, 12.62, 12.51, 12.59,
         16351826, 205752875},
        {"ashare-daily/netease163-2017/603329.csv", "603329", "SH", "N雅仕", 20171229, 12.65, 15.18, 12.65, 15.18,
         11669, 176629},
        {"ashare-daily/tushare-desc/300454.SZ.csv", "300454", "SZ", "", 20210208, 289.98, 310.8, 282.01, 308.9, 18280.5,
         543322.379},
        {"us-daily/yahoo_adjlast_KO.csv", "YAHOO_ADJLAST_KO", "", "", 19970102, 52.5, 52.5, 51.125, 51.875, 7161800,
         NAN},
        {"us-daily/stooq_aapl.us.txt", "STOOQ_AAPL.US", "", "", 19840907, 0.44778, 0.4532, 0.44236, 0.44778, 21980643,
         NAN},
        {"formats/akshare-weekly-bom_600519.csv", "600519", "SH", "", 20200103, 1045.28, 1070.58, 951.98, 953.64,
         341767, 38457604816.0},
        {"formats/nasdaq-quoted-desc_TSLA.csv", "NASDAQ-QUOTED-DESC_TSLA", "", "", 20181015, 259.06, 263.28, 254.5367,
         259.59, 6189026, NAN},
        {"formats/yfinance-multiheader_600519.csv", "600519", "SH", "", 20250303, 1448.9698056301334,
         1466.7034515662656, 1428.622921549003, 1433.9459228515625, 3159566, NAN},
        {"formats/tdx-export_SH#601003.gbk.txt", "601003", "SH", "柳钢股份", 20070227, 2.05, 2.5, 2.05, 2.22, 53826715,
         892730880},
        {"formats/prefixed-columns_AAPL.csv", "PREFIXED-COLUMNS_AAPL", "", "", 20150217, 127.489998, 128.880005,
         126.919998, 127.830002, 63152400, NAN},
    };

    (void)unused;
    SKIP_UNLESS(SHARED "/data");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[300];
        outcome x = {0};
        int at = -1;
        snprintf(path, sizeof path, SHARED "/data/%s", rows[i].path);
        x.good = gp_read_quotes(path, NULL, &x.r, &x.d);
        if (!x.good) fail_msg("%s not read", path);
        const gp_bars *b = x.r.at;
        for (int k = 0; k < b->n; k++)
            if (b->date[k] == rows[i].date) at = k;
        if (at < 0) fail_msg("%s lacks %d", path, rows[i].date);
        assert_string_equal(b->code, rows[i].code);
        assert_string_equal(b->market, rows[i].market);
        assert_string_equal(b->name, rows[i].name);
        assert_string_equal(b->file, path);
        if (b->open[at] != rows[i].open || b->high[at] != rows[i].high || b->low[at] != rows[i].low ||
            b->close[at] != rows[i].close || b->vol[at] != rows[i].vol)
            fail_msg("%s: %g %g %g %g %g", path, b->open[at], b->high[at], b->low[at], b->close[at], b->vol[at]);
        if (isnan(rows[i].amount))
            assert_null(b->amount);
        else
            assert_true(b->amount[at] == rows[i].amount);
        drop(&x);
    }
}

/* ---- a file that others write ---- */

/* What the next read() meets: the file is of another length by then. */
static char cut_path[200];
static off_t cut_to;

ssize_t read(int fd, void *p, size_t n); /* in the place of the library's */
ssize_t read(int fd, void *p, size_t n)
{
    if (*cut_path) assert_int_equal(truncate(cut_path, cut_to), 0);
    *cut_path = 0;
    return syscall(SYS_read, fd, p, n);
}

static void cut_off_while_read(void **unused)
{
    enum { ROWS = 400000 };
    static const char row[] = "600000,20240102,10,11,9,10.5,100\n";
    static const struct { off_t to; int n; } cuts[] = {{0, 0}, {37 + 33 * 29, 29}, {37 + 33 * 127000, 127000}, {64 << 20, ROWS}};

    (void)unused;
    for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
        FILE *f = fopen(in_folder("long.csv"), "wb"); /* 13 MB */
        assert_non_null(f);
        fputs("code,date,open,high,low,close,volume\n", f);
        for (int i = 0; i < ROWS; i++) fputs(row, f);
        fclose(f);
        outcome x = {0};
        strcpy(cut_path, in_folder("long.csv"));
        cut_to = cuts[k].to;
        char path[200];
        strcpy(path, cut_path);
        x.good = gp_read_quotes(path, NULL, &x.r, &x.d);
        assert_int_equal(x.good, cuts[k].n > 0);
        assert_true(has_diag(&x, GP_D_DATA_CHANGED));
        if (cuts[k].n) assert_int_equal(x.r.at[0].n + x.r.at[0].counts.duplicate_dates, cuts[k].n);
        drop(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_agree_on_sample), cmocka_unit_test(test_paths_agree_on_near_misses), cmocka_unit_test(test_paths_agree_on_mutants),
        cmocka_unit_test(test_paths_agree_on_shared), cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_vendor_values),         cmocka_unit_test(test_everything_there_is), cmocka_unit_test(cut_off_while_read), cmocka_unit_test(stray_quote),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
