/* market/: what the reader accepts, refuses and says. */
#include "reader_probe.h"
#include "temp_folder.h"

/* ---- shapes of text ---- */

#define H  "date,open,high,low,close,volume,amount\n"
#define R1 "2024-01-02,10,11,9,10.5,100,1000\n"
#define R2 "2024-01-03,11,12,10,11.5,200,2000\n"

static void test_accepted(void **unused)
{
    /* all of these say: 2024-01-02 10 11 9 10.5 100 and 2024-01-03 11 12 10 11.5 200 */
    static const char *const texts[] = {
        H R1 R2,
        "\xEF\xBB\xBF" H R1 R2,
        "DATE,Open,HIGH,low,Close,VOL\r\n2024-01-02,10,11,9,10.5,100\r\n2024-01-03,11,12,10,11.5,200",
        "Date;Open;High;Low;Close;Volume\n20240102;10;11;9;10.5;100\n20240103;11;12;10;11.5;200\n",
        "date\topen\thigh\tlow\tclose\tvolume\n2024/1/2\t10\t11\t9\t10.5\t100\n2024/1/3\t11\t12\t10\t11.5\t200\n",
        "date|open|high|low|close|volume\n2024-1-2|10|11|9|10.5|100\n2024-1-3|11|12|10|11.5|200\n",
        "date,open,high,low,close,volume\r20240102,10,11,9,10.5,100\r20240103,11,12,10,11.5,200\r",
        "日期,开盘价,最高价,最低价,收盘价,成交量(手),成交额(元)\n2024年1月2日,10,11,9,10.5,100,5\n2024年1月3日,11,12,"
        "10,11.5,200,5\n",
        "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n20240102,10,11,9,10.5,100\n20240103,11,12,10,11.5,200\n",
        "\"date\",\"open\",\"high\",\"low\",\"close\",\"volume\"\n\"2024-01-02\",\"10\",\"11\",\"9\",\"10.5\",\"100\"\n"
        "\"2024-01-03\",\"11\",\"12\",\"10\",\"11.5\",\"200\"\n",
        /* descending, mixed, with blank lines, with another day's prices beside */
        "date,open,high,low,close,volume\n2024-01-03,11,12,10,11.5,200\n2024-01-02,10,11,9,10.5,100\n\n\n",
        "\n\ndate,pre_close,yclose,前收盘,open,high,low,close,Adj "
        "Close,turnover,volume\n\n2024-01-02,1,2,3,10,11,9,10.5,4,5,100\n"
        "   \n2024-01-03,1,2,3,11,12,10,11.5,4,5,200\n",
        "volume,close,low,high,open,trade_date\n100,10.5,9,11,10,20240102\n200,11.5,10,12,11,20240103\n",
        /* an index in front, with and without a date */
        ",date,open,high,low,close,volume\n0,2024-01-02,10,11,9,10.5,100\n1,2024-01-03,11,12,10,11.5,200\n",
        ",open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n2024-01-03,11,12,10,11.5,200\n",
        "Unnamed: 0,open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n2024-01-03,11,12,10,11.5,200\n",
        "Price,Close,High,Low,Open,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n2024-01-02,10.5,11,9,10,100\n2024-01-03,11.5,"
        "12,10,11,200\n",
        /* no header */
        "20240102,10,11,9,10.5,100\n20240103,11,12,10,11.5,200\n",
        "2024-01-02,10,11,9,10.5,100,1050\n2024-01-03,11,12,10,11.5,200,2300\n",
        /* blanks, exponents, plus signs, the time column that holds the date, trailing commas */
        "date , open, high , low,close,volume,time\n 2024-01-02 , +10, 1.1e1 "
        ",9,10.50,1e2,2024-01-02\n2024-01-03,11,12,10,11.5,200,2024-01-03\n",
        "date,open,high,low,close,volume,,\n2024-01-02,10,11,9,10.5,100,,\n2024-01-03,11,12,10,11.5,200,,\n,,,,,,,\n",
        "datetime,open,high,low,close,volume\n2024-1-2 0:0:0,10,11,9,10.5,100\n2024-1-3 0:0:0,11,12,10,11.5,200\n",
        "timestamp,open,high,low,close,volume\n20240102.0,10,11,9,10.5,100\n20240103.0,11,12,10,11.5,200\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int path = 0; path < 2; path++) {
            outcome x = read_text("x.csv", texts[i], strlen(texts[i]),
                                  &(gp_read_opts){.csv_path = path ? GP_PATH_LIBCSV : GP_PATH_AUTO});
            if (!x.good || x.r.n != 1 || x.r.at->n != 2) {
                print_diags(&x);
                fail_msg("text %zu was not read", i);
            }
            const gp_bars *b = x.r.at;
            if (b->date[0] != 20240102 || b->date[1] != 20240103 || b->time || b->open[0] != 10 || b->open[1] != 11 ||
                b->high[0] != 11 || b->low[0] != 9 || b->close[0] != 10.5 || b->close[1] != 11.5 || b->vol[0] != 100 ||
                b->vol[1] != 200 || x.d.errors)
                fail_msg("text %zu was read wrongly", i);
            drop(&x);
        }
}

static void test_refused(void **unused)
{
    static const struct {
        const char *text;
        size_t n;
        gp_diag_id id;
        const char *says;
    } rows[] = {
#define T(text) text, sizeof(text) - 1
        {T(""), GP_D_DATA_EMPTY, "empty"},
        {T("\n\n  \n"), GP_D_DATA_EMPTY, "empty"},
        {T("\xEF\xBB\xBF"), GP_D_DATA_EMPTY, "empty"},
        {T("\"\""), GP_D_DATA_NOT_QUOTES, "no columns"},
        {T(H), GP_D_DATA_NO_ROWS, "no rows"},
        {T(H "\n\n,,,,,,\n"), GP_D_DATA_NO_ROWS, "no rows"},
        {T("date,open,high,low,volume\n2024-01-02,1,1,1,1\n"), GP_D_DATA_NO_COLUMN,
         "no close column; the columns found are: date, open, high, low, volume"},
        {T("open,high,low,close\n1,2,3,4\n"), GP_D_DATA_NO_COLUMN, "no date column"},
        {T("Date,Adj Close,open\n2024-01-02,1,2\n"), GP_D_DATA_NO_COLUMN, "no close column"},
        {T("fecha,apertura,alto,bajo,cierre\n2024-01-02,1,2,1,1\n"), GP_D_DATA_NO_COLUMN, "fecha, apertura"},
        {T(H "tomorrow,1,1,1,1,1,1\nlater,1,1,1,1,1,1\n"), GP_D_DATA_NO_GOOD_ROW, "dates cannot be read"},
        {T(H "2024-01-02,0,0,0,0,0,0\n2024-01-03,,,,,,\n"), GP_D_DATA_NO_GOOD_ROW, "suspended"},
        {T(H "2024-01-02,1,1,1,1,1,1,1,1\n"), GP_D_DATA_NO_GOOD_ROW, "do not fit"},
        {T("hello world\nthis is prose\n"), GP_D_DATA_NOT_QUOTES, "hello world"},
        {T("PK\003\004 spreadsheet"), GP_D_DATA_NOT_QUOTES, "Excel"},
        {T("\x1f\x8b\x08 packed"), GP_D_DATA_NOT_QUOTES, "gzip"},
        {T("<!DOCTYPE html><html>date,close"), GP_D_DATA_NOT_QUOTES, "web page"},
        {T("{\"date\": 1, \"close\": 2}"), GP_D_DATA_NOT_QUOTES, "JSON"},
        {T("\x79\xee\x34\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), GP_D_DATA_NOT_QUOTES,
         "as TDX has them, call it .day"},
        {T("date,close\0\0\0\0\n"), GP_D_DATA_NOT_QUOTES, "zero bytes"},
#undef T
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int path = 0; path < 2; path++) {
            outcome x = read_text("x.csv", rows[i].text, rows[i].n,
                                  &(gp_read_opts){.csv_path = path ? GP_PATH_LIBCSV : GP_PATH_AUTO});
            bool said = false;
            for (size_t k = 0; k < x.d.n; k++)
                said |= x.d.at[k].id == rows[i].id && x.d.at[k].severity == GP_ERROR &&
                        strstr(x.d.at[k].message, rows[i].says);
            if (x.good || !said) {
                print_diags(&x);
                fail_msg("row %zu: %s", i, x.good ? "was accepted" : "has another reason");
            }
            assert_int_equal(x.r.n, 0);
            drop(&x);
        }
}

static void test_noticed(void **unused)
{
    static const struct {
        const char *text;
        gp_diag_id id;
        uint32_t line, column;
        const char *says;
        int bars;
    } rows[] = {
        {H R1 "2024-13-03,1,1,1,1,1,1\n", GP_D_DATA_BAD_DATE, 3, 1, "2024-13-03", 1},
        {H R1 "2024-02-30,1,1,1,1,1,1\n", GP_D_DATA_BAD_DATE, 3, 1, "2024-02-30", 1},
        {"open,high,low,close,date\n1,1,1,1,2024-01-02\n1,1,1,1,2023-02-29\n", GP_D_DATA_BAD_DATE, 3, 9, "2023-02-29",
         1},
        {H R1 "2024-01-03,11,abc,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'abc' in column high", 2},
        {H R1 "2024-01-03,11,None,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'None'", 2},
        {H R1 "2024-01-03,11,nan,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'nan'", 2},
        {H R1 "2024-01-03,11,-inf,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'-inf'", 2},
        {H R1 "2024-01-03,11,0x10,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'0x10'", 2},
        {H R1 "2024-01-03,11,--,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 15, "'--'", 2},
        {"日期,名称,开盘,收盘\n2024-01-02,浦发银行,1,x\n2024-01-03,浦发,1,1\n", GP_D_DATA_BAD_NUMBER, 2, 19,
         "'x' in column close", 2},
        {H R1 "2024-01-03,\"1,5\",12,10,11.5,200,1\n", GP_D_DATA_BAD_NUMBER, 3, 12, "'1,5'", 2},
        {H R1 "2024-01-03,11,12,10\n", GP_D_DATA_BAD_ROW, 3, 1, "4 fields, the header has 7", 1},
        {H R1 "2024-01-03,11,12,10,11.5,1,200,2000\n", GP_D_DATA_BAD_ROW, 3, 1, "8 fields", 1},
        {H R1 "2024-01-03,11,12,10,11.5,200,\"x\n2024-01-04,1,1,1,1,1,1\ny\"\n" R2, GP_D_DATA_OPEN_QUOTE, 3, 1,
         "1 line(s)", 3},
        {H R1 R2 "2024-01-02,5,6,4,5,100,1\n", GP_D_DATA_DUPLICATE, 4, 1, "20240102 stands here again after line 2", 2},
        {H R2 R1 "2024-01-05,5,6,4,5,100,1\n", GP_D_DATA_UNSORTED, 4, 1, "sorted", 3},
        {H R1 R2 "2023-01-05,5,6,4,5,100,1\n", GP_D_DATA_UNSORTED, 4, 1, "sorted", 3},
        {H R1 "2024-01-03,0,12,-1,11.5,200,1\n", GP_D_DATA_NOT_POSITIVE, 3, 1, "1 row(s)", 2},
        {H R1 "2024-01-03,11,9,12,11.5,200,1\n", GP_D_DATA_BAD_OHLC, 3, 1, "1 row(s)", 2},
        {H R1 "2024-01-03,0,0,0,0,0,0\n", GP_D_DATA_SUSPENDED, 0, 0, "1 row(s)", 1},
        {H "2024-01-02,0.001,0.002,0.001,0.0015,1,1\n", GP_D_DATA_TINY_PRICES, 0, 0, "below 0.01", 1},
        {"date,close,CLOSE\n2024-01-02,1,2\n", GP_D_DATA_SAME_COLUMN, 1, 0, "columns 2 and 3 (CLOSE)", 1},
        {"20240102,10,11,9,10.5\n", GP_D_DATA_NO_HEADER, 1, 0, "date,open,high,low,close", 1},
        {"Date,Close\n,600519.SS\n2024-01-02,1\n", GP_D_DATA_SKIPPED_LINE, 2, 0, "skipped", 1},
        {H R1 "数据来源:通达信\n", GP_D_DATA_SKIPPED_LINE, 3, 0, "skipped", 1},
        {"日期,收盘\n2024-01-02,1\n2024-01-03,\xE6\x97", GP_D_DATA_BAD_BYTES, 3, 0, "1 byte(s) are not UTF-8", 1},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int path = 0; path < 2; path++) {
            outcome x = read_text("x.csv", rows[i].text, strlen(rows[i].text),
                                  &(gp_read_opts){.csv_path = path ? GP_PATH_LIBCSV : GP_PATH_AUTO});
            bool said = false;
            for (size_t k = 0; k < x.d.n; k++)
                said |= x.d.at[k].id == rows[i].id && x.d.at[k].line == rows[i].line &&
                        x.d.at[k].column == rows[i].column && strstr(x.d.at[k].message, rows[i].says);
            if (!x.good || !said || x.r.at->n != rows[i].bars) {
                print_diags(&x);
                fail_msg("row %zu: %s", i,
                         !x.good ? "was refused"
                         : said  ? "has another number of bars"
                                 : "was not noticed");
            }
            drop(&x);
        }
    outcome newest_first = read_text("x.csv", H R2 R1, strlen(H R2 R1), NULL);
    assert_int_equal(newest_first.d.n, 0); /* an order like another */
    assert_int_equal(newest_first.r.at->counts.resorted, 1);
    drop(&newest_first);
    outcome tiny = read_text("x.csv", "date,close\n2024-01-02,0.001\n", 28, NULL);
    assert_non_null(strstr(tiny.d.at[0].hint, "--exact-compare"));
    drop(&tiny);
}

static void test_counts(void **unused)
{
    gp_buf b = {0};

    (void)unused;
    gp_buf_addz(&b, H);
    for (int i = 0; i < 10; i++) gp_buf_printf(&b, "2024-01-%02d,x,1,1,1,1,1\n", i + 1);
    for (int i = 0; i < 10; i++) gp_buf_addz(&b, "no date,1,1,1,1,1,1\n");
    gp_buf_addz(&b,
                "2024-02-01,1,2,3,2.5,1,1\n2024-02-02,0,0,0,0,0,0\n2024-02-03,-1,1,-2,1,0,0\n2024-02-01,1,1,1,1,1,1\n");
    outcome x = read_text("x.csv", b.p, b.n, NULL);
    assert_true(x.good);
    const gp_bars *bars = x.r.at;
    assert_int_equal(bars->n, 12);
    assert_int_equal(bars->counts.bad_fields, 10);
    assert_int_equal(bars->counts.bad_rows, 10);
    assert_int_equal(bars->counts.null_prices, 10);
    assert_int_equal(bars->counts.suspended, 1);
    assert_int_equal(bars->counts.not_positive, 1);
    assert_int_equal(bars->counts.duplicate_dates, 1);
    assert_int_equal(bars->counts.bad_ohlc, 0); /* that row was replaced by the later one */
    assert_int_equal(bars->counts.resorted, 1);
    assert_true(isnan(bars->open[0]) && bars->close[10] == 1);
    assert_int_equal(x.r.rows, 24);
    int numbers = 0, dates = 0, more = 0;
    for (size_t i = 0; i < x.d.n; i++) {
        numbers += x.d.at[i].id == GP_D_DATA_BAD_NUMBER;
        dates += x.d.at[i].id == GP_D_DATA_BAD_DATE;
        more += x.d.at[i].id == GP_D_DATA_MORE_LIKE_IT;
    }
    assert_int_equal(numbers, 3);
    assert_int_equal(dates, 3);
    assert_int_equal(more, 2);
    drop(&x);
    gp_buf_free(&b);
}

static void test_thousands(void **unused)
{
    const char *text = "date,close,volume,amount\n2024-01-02,\"1,234.5\",\"12,345,678\",\"-1,000\"\n2024-01-03,\"1234."
                       "5\",\"1,23\",\"12,34,567\"\n";
    outcome x = read_text("x.csv", text, strlen(text), NULL);

    (void)unused;
    assert_true(x.good);
    assert_true(x.r.at->close[0] == 1234.5 && x.r.at->vol[0] == 12345678 && x.r.at->amount[0] == -1000);
    assert_true(x.r.at->close[1] == 1234.5 && isnan(x.r.at->vol[1]) && isnan(x.r.at->amount[1]));
    assert_int_equal(x.r.at->counts.bad_fields, 2);
    drop(&x);
}

static void test_times_and_periods(void **unused)
{
    static const struct {
        const char *text;
        int period, date, time;
    } rows[] = {
        {"date,time,close\n20240102,0931,1\n20240102,0932,1\n20240102,0933,1\n", 0, 20240102, 93100},
        {"datetime,close\n2024-01-02 09:35:00,1\n2024-01-02 09:40:00,1\n2024-01-02 09:45:00,1\n", 1, 20240102, 93500},
        {"datetime,close\n2024-01-02T09:45:00.000+08:00,1\n2024-01-02T10:00:00.000+08:00,1\n", 2, 20240102, 94500},
        {"date,time,close\n2024-01-02,9:30,1\n2024-01-02,10:00,1\n", 3, 20240102, 93000},
        {"time,close\n2024/1/2 10:30,1\n2024/1/2 11:30,1\n2024/1/3 10:30,1\n", 4, 20240102, 103000},
        {"datetime,close\n202401020931,1\n202401020934,1\n", 8, 20240102, 93100},
        {"date,time,close\n2024-01-02,20240102093500000,1\n2024-01-02,20240102094000000,1\n", 1, 20240102, 93500},
        {"date,close\n20240105,1\n20240112,1\n20240119,1\n20240126,1\n20240202,1\n", 6, 20240105, -1},
        {"date,close\n20240131,1\n20240229,1\n20240329,1\n20240430,1\n", 7, 20240131, -1},
        {"date,close\n20231229,1\n20240329,1\n20240628,1\n20240930,1\n", 10, 20231229, -1},
        {"date,close\n20211231,1\n20221230,1\n20231229,1\n", 11, 20211231, -1},
        {"date,close\n20240105,1\n20240108,1\n20240109,1\n20240219,1\n20240220,1\n", 5, 20240105, -1},
        {"date,close\n20240105,1\n", 5, 20240105, -1},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        outcome x = read_text("x.csv", rows[i].text, strlen(rows[i].text), NULL);
        if (!x.good) {
            print_diags(&x);
            fail_msg("row %zu not read", i);
        }
        const gp_bars *b = x.r.at;
        if (b->period != rows[i].period) fail_msg("row %zu: period %d, expected %d", i, b->period, rows[i].period);
        assert_int_equal(b->date[0], rows[i].date);
        if ((b->time ? b->time[0] : -1) != rows[i].time) fail_msg("row %zu: time %d", i, b->time ? b->time[0] : -1);
        drop(&x);
    }
}

static void test_dates(void **unused)
{
    static const struct {
        const char *text;
        int date, time;
    } rows[] = {
        /* date 0: none */
        {"20000229", 20000229, -1},
        {"2000-02-29", 20000229, -1},
        {"2100-02-29", 0, 0},
        {"1900-02-29", 0, 0},
        {"2024-02-29", 20240229, -1},
        {"2023-02-29", 0, 0},
        {"2024-04-31", 0, 0},
        {"2024-00-10", 0, 0},
        {"2024-01-00", 0, 0},
        {"1899-12-31", 0, 0},
        {"2200-01-01", 0, 0},
        {"2024-1-1", 20240101, -1},
        {"2024/01-02", 0, 0},
        {"2024-01/02", 0, 0},
        {"2024.1.2", 20240102, -1},
        {"01/02/2024", 0, 0},
        {"2024-01-2x", 0, 0},
        {"2024x01-02", 0, 0},
        {"202401", 0, 0},
        {"2024010", 0, 0},
        {"202401021", 0, 0},
        {"2024-01-02 24:00:00", 20240102, 240000},
        {"2024-01-02 24:01", 0, 0},
        {"2024-01-02 9:60", 0, 0},
        {"2024-01-02T09:30:05Z", 20240102, 93005},
        {"2024-01-02 09:30-0500", 20240102, 93000},
        {"2024-01-02 09:30 x", 0, 0},
        {"20240102 0930", 20240102, 93000},
        {"20240102T093005", 20240102, 93005},
        {"20240102093005123", 20240102, 93005},
        {"2024-01-02 ", 0, 0},
        {"", 0, 0},
        {"2024", 0, 0},
        {"2024-", 0, 0},
        {"2024年1月2日", 20240102, -1},
        {"2024年01月02日 9:30", 20240102, 93000},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].text);
        char *exact = malloc(n ? n : 1);
        int32_t date = -7, time = -7;
        memcpy(exact, rows[i].text, n);
        bool good = gp_stamp_parse(exact, n, &date, &time);
        if (good != (rows[i].date != 0) || (good && (date != rows[i].date || time != rows[i].time)))
            fail_msg("'%s' gave %d, %d %d", rows[i].text, good, date, time);
        free(exact);
    }
    assert_int_equal(gp_day_number(19700101), 0);
    assert_int_equal(gp_day_number(20240229), 19782);
    assert_int_equal(gp_day_number(19691231), -1);
}

static void test_many_tickers(void **unused)
{
    const char *text = "ts_code,name,trade_date,open,high,low,close,vol\n"
                       "000001.SZ,平安银行,20240104,1,2,0.5,1.5,10\nsh.600000,浦发银行,20240103,3,3,3,3,30\n"
                       "000001.SZ,*ST平安,20240105,1,2,0.5,1.6,11\n'600000,ST浦发,20240102,2,2,2,2,20\n000001.SZ,平安,"
                       "20240103,1,2,0.5,1.4,9\n"
                       "sh.600000,浦发,20240102,2,2,2,2.5,20\n";
    outcome x = read_text("all.csv", text, strlen(text), NULL);

    (void)unused;
    assert_true(x.good);
    assert_int_equal(x.r.n, 3); /* '600000 and sh.600000 are written differently */
    assert_string_equal(x.r.at[0].code, "000001");
    assert_string_equal(x.r.at[0].market, "SZ");
    assert_string_equal(x.r.at[0].name, "*ST平安"); /* of the latest day */
    assert_int_equal(x.r.at[0].n, 3);
    assert_true(x.r.at[0].date[0] == 20240103 && x.r.at[0].close[0] == 1.4 && x.r.at[0].close[2] == 1.6);
    assert_string_equal(x.r.at[1].code, "600000");
    assert_string_equal(x.r.at[1].market, "SH");
    assert_int_equal(x.r.at[1].n, 2);
    assert_true(x.r.at[1].close[0] == 2.5 && x.r.at[1].close[1] == 3);
    assert_int_equal(x.r.at[2].n, 1);
    drop(&x);

    gp_buf b = {0}; /* many codes, interleaved */
    gp_buf_addz(&b, "date,code,close\n");
    for (int day = 1; day <= 9; day++)
        for (int k = 0; k < 700; k++) gp_buf_printf(&b, "2024-01-%02d,T%d,%d.%d\n", 10 - day, k, k + 1, 10 - day);
    x = read_text("all.csv", b.p, b.n, NULL);
    assert_true(x.good);
    assert_int_equal(x.r.n, 700);
    for (int k = 0; k < 700; k++) {
        char code[16];
        snprintf(code, sizeof code, "T%d", k);
        assert_string_equal(x.r.at[k].code, code);
        assert_int_equal(x.r.at[k].n, 9);
        assert_true(x.r.at[k].date[0] == 20240101 && fabs(x.r.at[k].close[0] - (k + 1.1)) < 1e-9);
    }
    drop(&x);
    gp_buf_free(&b);
}

static void test_codes(void **unused)
{
    static const struct {
        const char *file, *column, *code, *market;
    } rows[] = {
        {"600000.csv", NULL, "600000", "SH"},
        {"dir/sh600000.csv", NULL, "600000", "SH"},
        {"SH600000.CSV", NULL, "600000", "SH"},
        {"600000.SH.csv", NULL, "600000", "SH"},
        {"000001.XSHE.csv", NULL, "000001", "SZ"},
        {"sz.000001.csv", NULL, "000001", "SZ"},
        {"000001.sz.txt", NULL, "000001", "SZ"},
        {"bj430047.csv", NULL, "430047", "BJ"},
        {"830799.csv", NULL, "830799", "BJ"},
        {"SH#600000.txt", NULL, "600000", "SH"},
        {"300750.csv", NULL, "300750", "SZ"},
        {"510300.csv", NULL, "510300", "SH"},
        {"159919.csv", NULL, "159919", "SZ"},
        {"aapl.us.txt", NULL, "AAPL.US", ""},
        {"^GSPC.csv", NULL, "^GSPC", ""},
        {"P01.csv", NULL, "P01", ""},
        {"a/b.c/x.csv", NULL, "X", ""},
        {"00700.HK.csv", NULL, "00700.HK", ""},
        {"-", NULL, "STDIN", ""},
        {"茅台.csv", NULL, "茅台", ""},
        {"20240131.csv", NULL, "20240131", ""},
        {"tushare_000001.SZ.csv", NULL, "000001", "SZ"},
        {"x.csv", "600519.SS", "600519", "SH"},
        {"x.csv", "'000001", "000001", "SZ"},
        {"x.csv", "brk.b", "BRK.B", ""},
        {"sh000001.csv", "000001", "000001", "SH"},
        {"x.csv", "SZ399001", "399001", "SZ"},
        {"x.csv", "000300.XSHG", "000300", "SH"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        if (rows[i].column)
            snprintf(text, sizeof text, "date,code,close\n2024-01-02,%s,1\n", rows[i].column);
        else
            snprintf(text, sizeof text, "date,close\n2024-01-02,1\n");
        outcome x = read_text(rows[i].file, text, strlen(text), NULL);
        assert_true(x.good);
        if (strcmp(x.r.at->code, rows[i].code) != 0 || strcmp(x.r.at->market, rows[i].market) != 0)
            fail_msg("%s %s gave %s %s", rows[i].file, rows[i].column ? rows[i].column : "", x.r.at->code,
                     x.r.at->market);
        drop(&x);
    }
}

static void test_encodings(void **unused)
{
    static const char gbk[] =
        "\xC8\xD5\xC6\xDA,\xC3\xFB\xB3\xC6,\xCA\xD5\xC5\xCC\xBC\xDB\n2024-01-02,\xC6\xD6\xB7\xA2,1.5\n";
    const char *utf8 = "日期,名称,收盘价\n2024-01-02,浦发,1.5\n";
    gp_buf wide[2] = {{0}, {0}};

    (void)unused;
    gp_buf_add(&wide[0], "\xFF\xFE", 2);
    gp_buf_add(&wide[1], "\xFE\xFF", 2);
    for (const char *p = utf8, *end = utf8 + strlen(utf8); p < end;) {
        uint32_t cp;
        p += gp_utf8_decode(p, end, &cp);
        gp_buf_add(&wide[0], (const char[]){(char)cp, (char)(cp >> 8)}, 2);
        gp_buf_add(&wide[1], (const char[]){(char)(cp >> 8), (char)cp}, 2);
    }
    const struct {
        const char *p;
        size_t n;
        gp_encoding e;
    } rows[] = {
        {gbk, sizeof gbk - 1, GP_ENC_AUTO},
        {gbk, sizeof gbk - 1, GP_ENC_GB18030},
        {utf8, strlen(utf8), GP_ENC_UTF8},
        {wide[0].p, wide[0].n, GP_ENC_AUTO},
        {wide[1].p, wide[1].n, GP_ENC_AUTO},
        {wide[1].p, wide[1].n, GP_ENC_UTF16LE},
        {wide[0].p + 2, wide[0].n - 2, GP_ENC_UTF16LE},
        {wide[1].p + 2, wide[1].n - 2, GP_ENC_UTF16BE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        outcome x = read_text("x.csv", rows[i].p, rows[i].n, &(gp_read_opts){.data = &(gp_data_opts){.encoding = rows[i].e}});
        if (!x.good) {
            print_diags(&x);
            fail_msg("row %zu not read", i);
        }
        assert_string_equal(x.r.at->name, "浦发");
        assert_true(x.r.at->close[0] == 1.5 && x.d.n == 0);
        drop(&x);
    }
    gp_buf_free(&wide[0]);
    gp_buf_free(&wide[1]);
}

static void test_want_and_need(void **unused)
{
    const char *text = H R1 "2024-01-03,11,12,10,11.5,x,2000\n2024-01-04,0,0,0,0,0,0\n";
    outcome all = read_text("x.csv", text, strlen(text), NULL);
    outcome some = read_text("x.csv", text, strlen(text), &(gp_read_opts){.want = GP_COL_CLOSE | GP_COL_AMOUNT});

    (void)unused;
    assert_true(all.good && some.good);
    assert_int_equal(all.r.at->n, 2); /* which rows count does not depend on what is wanted */
    assert_int_equal(some.r.at->n, 2);
    assert_null(some.r.at->vol);
    assert_true(some.r.at->open && some.r.at->amount && some.r.at->amount[1] == 2000);
    assert_true(isnan(all.r.at->vol[1]));
    drop(&all);
    drop(&some);
    outcome lacks =
        read_text("x.csv", "date,close\n20240102,1\n", 22, &(gp_read_opts){.need = GP_COL_HIGH | GP_COL_VOL});
    assert_false(lacks.good);
    assert_int_equal(lacks.d.errors, 2);
    assert_non_null(strstr(lacks.d.at[0].message, "high"));
    assert_non_null(strstr(lacks.d.at[1].message, "volume"));
    assert_non_null(strstr(lacks.d.at[1].hint, "成交量"));
    drop(&lacks);
    outcome quoted = read_text("x.csv", "date,close\n20240102,\"1\"\n", 24, &(gp_read_opts){.csv_path = GP_PATH_PLAIN});
    assert_false(quoted.good);
    assert_true(has_diag(&quoted, GP_D_DATA_NOT_PLAIN));
    drop(&quoted);
}

/* ---- size ---- */

static void test_long_lines(void **unused)
{
    size_t n = 3 << 20;
    char *text = malloc(n);
    const char header[] = H R1;

    (void)unused;
    memset(text, '1', n);
    outcome x = read_text("x.csv", text, n, NULL); /* one line from the start */
    assert_true(!x.good && has_diag(&x, GP_D_DATA_LINE_TOO_LONG));
    drop(&x);
    memcpy(text, header, sizeof header - 1);
    for (int path = 0; path < 2; path++) { /* the third line */
        x = read_text("x.csv", text, n, &(gp_read_opts){.csv_path = path ? GP_PATH_LIBCSV : GP_PATH_AUTO});
        assert_true(!x.good && x.d.n == 1 && x.d.at[0].id == GP_D_DATA_LINE_TOO_LONG && x.d.at[0].line == 3);
        drop(&x);
    }
    text[sizeof header - 1] = '"'; /* a quote that is never closed, over many short lines */
    for (size_t i = sizeof header + 60; i < n; i += 60) text[i] = '\n';
    x = read_text("x.csv", text, n, NULL);
    assert_true(x.good && x.r.at->n == 1 && has_diag(&x, GP_D_DATA_OPEN_QUOTE) && !has_diag(&x, GP_D_DATA_LINE_TOO_LONG));
    drop(&x);
    free(text);
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "wb");
    assert_non_null(f);
    fwrite(text, 1, strlen(text), f);
    fclose(f);
}

static void test_two_gigabytes_in_a_line(void **unused)
{
    const char *path = in_folder("huge.csv");
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    outcome x = {0};

    (void)unused;
    assert_true(fd >= 0);
    if (pwrite(fd, "date,close", 10, 0) != 10 || ftruncate(fd, (off_t)2 << 30) != 0) { /* a hole: takes no disk */
        close(fd);
        print_message("SKIPPED: no room for a sparse file\n");
        skip();
    }
    close(fd);
    x.good = gp_read_quotes(path, NULL, &x.r, &x.d);
    assert_true(!x.good && has_diag(&x, GP_D_DATA_LINE_TOO_LONG));
    drop(&x);
    unlink(path);
}

static void test_unreadable(void **unused)
{
    outcome x = {0};
    char *paths[] = {(char *)in_folder("missing.csv"), folder};

    (void)unused;
    x.good = gp_read_quotes(paths[0], NULL, &x.r, &x.d);
    assert_true(!x.good && has_diag(&x, GP_D_DATA_UNREADABLE) && strstr(x.d.at[0].message, "No such file"));
    drop(&x);
    x = (outcome){0};
    x.good = gp_read_quotes(folder, NULL, &x.r, &x.d);
    assert_true(!x.good && strstr(x.d.at[0].message, "directory"));
    drop(&x);
    if (geteuid() == 0) {
        print_message("SKIPPED in part: root may read every file\n");
        return;
    }
    write_file("secret.csv", H R1);
    chmod(in_folder("secret.csv"), 0);
    x = (outcome){0};
    x.good = gp_read_quotes(in_folder("secret.csv"), NULL, &x.r, &x.d);
    assert_true(!x.good && strstr(x.d.at[0].message, "denied"));
    drop(&x);
}

static void test_inputs(void **unused)
{
    gp_inputs in = {0};
    gp_diags d = {0};
    int bad = 0;

    (void)unused;
    mkdir(in_folder("q"), 0755);
    mkdir(in_folder("q/b"), 0755);
    mkdir(in_folder("empty"), 0755);
    mkdir(in_folder("q/.hidden"), 0755);
    write_file("q/c.csv", H);
    write_file("q/a.CSV", H);
    write_file("q/readme.md", "x");
    write_file("q/.swap.csv", "x");
    write_file("q/.hidden/h.csv", "x");
    write_file("q/b/z.txt", H);
    write_file("odd.dat", H R1);
    if (symlink("..", in_folder("q/b/loop")) != 0) fail();
    char *paths[] = {strdup(in_folder("q/")), strdup("-"), strdup(in_folder("odd.dat")), strdup(in_folder("none")),
                     strdup(in_folder("empty"))};
    gp_inputs_expand(paths, 5, NULL, &in, &bad, &d);
    assert_int_equal(in.n, 5);
    assert_string_equal(in.at[0].path, in_folder("q/a.CSV"));
    assert_string_equal(in.at[1].path, in_folder("q/b/z.txt"));
    assert_string_equal(in.at[2].path, in_folder("q/c.csv"));
    assert_string_equal(in.at[3].path, "-");
    assert_string_equal(in.at[4].path, in_folder("odd.dat"));
    assert_int_equal(in.at[0].bytes, strlen(H));
    assert_int_equal(bad, 2);
    assert_int_equal(d.n, 2);
    assert_true(d.at[0].id == GP_D_DATA_UNREADABLE && strcmp(d.at[0].file, paths[3]) == 0);
    assert_true(d.at[1].id == GP_D_DATA_EMPTY_FOLDER);
    gp_inputs_fini(&in);
    gp_diags_fini(&d);
    for (int i = 0; i < 5; i++) free(paths[i]);
}

/* ---- threads ---- */

static void *read_many(void *arg)
{
    intptr_t wrong = 0;

    for (int i = 0; i < 60; i++) {
        char path[64];
        outcome x = {0};
        snprintf(path, sizeof path, "data/sample/%s000%02d.csv", (i + (int)(intptr_t)arg) % 2 ? "6" : "0", 1 + i % 8);
        if (path[12] == '0') snprintf(path, sizeof path, "data/sample/0000%02d.csv", 1 + i % 8);
        x.good = gp_read_quotes(path, &(gp_read_opts){.csv_path = i % 3 ? GP_PATH_AUTO : GP_PATH_LIBCSV}, &x.r, &x.d);
        wrong += !x.good || x.r.at->n < 20 || x.d.errors;
        drop(&x);
    }
    return (void *)wrong;
}

static void test_threads(void **unused)
{
    pthread_t threads[4];

    (void)unused;
    for (intptr_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_many, (void *)i), 0);
    for (int i = 0; i < 4; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads), /* first: so that the patterns are compiled under competition */
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_noticed),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_thousands),
        cmocka_unit_test(test_times_and_periods),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_many_tickers),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_want_and_need),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_two_gigabytes_in_a_line),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_inputs),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
