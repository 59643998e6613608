/* market/profile: whose file it is, units, suspended days, the order of a date. */
#include "reader_probe.h"
#include "market/units.h"

/* ---- choice by shape ---- */

static const struct {
    const char *profile, *text;
    gp_unit volume, amount;
} shapes[] = {
    {"tdx-export", "600000 浦发银行 日线 前复权\n      日期\t    开盘\t    最高\t    最低\t    收盘\t    成交量\t    成交额\n"
                   "2024/01/02,10,11,9,10.5,100,1000\n数据来源:通达信\n", GP_UNIT_SHARES, GP_UNIT_YUAN},
    {"tushare-daily", ",ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount\n0,600000.SH,20240102,10,11,9,10.5,10,0.5,5,100,1000\n",
     GP_UNIT_LOTS, GP_UNIT_KYUAN},
    {"tushare-hist", "date,open,high,close,low,volume,price_change,p_change,ma5\n2024-01-02,10,11,10.5,9,100,0.5,5,10\n", GP_UNIT_LOTS, GP_UNIT_UNKNOWN},
    {"akshare", "\xEF\xBB\xBF日期,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率\r\n2024-01-02,10,10.5,11,9,100,1000,5,5,0.5,1\r\n", GP_UNIT_LOTS,
     GP_UNIT_YUAN},
    {"baostock", "volume,code,psTTM,high,adjustflag,tradestatus,preclose,open,close,isST,low,date,amount,time\n"
                 "100,sh.600000,1,11,3,1,10,10,10.5,0,9,2024-01-02,1000,2024-01-02\n", GP_UNIT_SHARES, GP_UNIT_YUAN},
    {"joinquant", ",open,close,high,low,volume,money,avg,paused\n2024-01-02,10,10.5,11,9,100,1000,10,0.0\n", GP_UNIT_SHARES, GP_UNIT_YUAN},
    {"netease", "日期,股票代码,名称,收盘价,最高价,最低价,开盘价,前收盘,涨跌额,涨跌幅,换手率,成交量,成交金额,总市值,流通市值\n"
                "2024-01-02,'600000,浦发,10.5,11,9,10,10,0.5,5,1,100,1000,1e9,1e9\n", GP_UNIT_SHARES, GP_UNIT_YUAN},
    {"yfinance", "Price,Close,High,Low,Open,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n2024-01-02,10.5,11,9,10,100\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"yfinance", "Ticker,Date,Open,High,Low,Close,Volume\n,,600000.SS,600000.SS,600000.SS,600000.SS,600000.SS\n600000,2024-01-02,10,11,9,10.5,100\n",
     GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"yahoo", "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10,11,9,10.5,1,100\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"yahoo", "Date,Open,High,Low,Close,Volume,Adj Close\n2024-01-02,10,11,9,10.5,100,1\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"stooq", "Date,Open,High,Low,Close,Volume,OpenInt\r\n20240102,10,11,9,10.5,100,0\r\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"backtrader", "Date,Open,High,Low,Close,Volume,OpenInterest\n2024-01-02,10,11,9,10.5,100,0\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    {"quandl", ",Date,Open,High,Low,Close,Volume,ExDividend,SplitRatio,AdjClose,Stock\n0,2024-01-02,10,11,9,10.5,100,0,1,1,A\n", GP_UNIT_SHARES,
     GP_UNIT_UNKNOWN},
    {"nasdaq", "\"date\",\"close\",\"volume\",\"open\",\"high\",\"low\"\n\"2024/01/02\",\"10.5\",\"100\",\"10\",\"11\",\"9\"\n", GP_UNIT_SHARES,
     GP_UNIT_UNKNOWN},
    {"nasdaq-web", "Date,Close/Last,Volume,Open,High,Low\n01/02/2024,$10.5,100,$10,$11,$9\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"hqchart", "date,yclose,open,high,low,close,vol,amount\n20240102,10,10,11,9,10.5,100,1000\n", GP_UNIT_SHARES, GP_UNIT_YUAN},
    {"hikyuu", "date, open, high, low, close, amount, count\n2024-1-2 0:0:0,10,11,9,10.5,1000,100\n", GP_UNIT_LOTS, GP_UNIT_WYUAN},
    {"kamidox", "date,floor_price,opening_price,ceiling_price,volume,amount,closing_price\n2024-01-02,9,10,11,100,1000,10.5\n", GP_UNIT_LOTS, GP_UNIT_YUAN},
    {"samleon", "date,volume,low,close,open,high\n2024-01-02,100.0,9,10.5,10,11\n", GP_UNIT_YUAN, GP_UNIT_UNKNOWN},
    {"kite", "date,open,high,low,close,volume,turnover\n2024-01-02 00:00:00+05:30,10,11,9,10.5,100,0.1\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"slashdate", "datetime,close,high,low,open,volume\r\n2024/1/2,10.5,11,9,10,100\r\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    {"quantmod", "Date,A.Open,A.High,A.Low,A.Close,A.Volume,A.Adjusted\n2024-01-02,10,11,9,10.5,100,1\n", GP_UNIT_SHARES, GP_UNIT_UNKNOWN},
    /* near ones that are nobody's */
    {NULL, "date,open,high,low,close,volume,amount\n2024-01-02,10,11,9,10.5,100,1000\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    {NULL, "日期,开盘,最高,最低,收盘,成交量(手),成交额(万元)\n2024-01-02,10,11,9,10.5,100,1000\n", GP_UNIT_LOTS, GP_UNIT_WYUAN},
    {NULL, "datetime,close,high,low,open,volume\n2024-01-02,10.5,11,9,10,100\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    {NULL, "date,volume,low,close,open,high\n2024-01-02,100,9,10.5,10,11\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    {NULL, "date,open,high,low,close,volume,turnover\n2024-01-02 00:00:00,10,11,9,10.5,100,0.1\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    {NULL, "2024-01-02,10,11,9,10.5,100\n", GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static void test_shapes(void **unused)
{
    (void)unused;
    /* twice, and each between others: what a thread remembers of the header before does not matter */
    for (size_t i = 0; i < 2 * N_SHAPES; i++)
        for (int path = 0; path < 2; path++) {
            const size_t k = i * 7 % N_SHAPES;
            gp_reading reading = {0};
            outcome x = read_text("sh600000.csv", shapes[k].text, strlen(shapes[k].text),
                                  &(gp_read_opts){.reading = &reading, .csv_path = path ? GP_PATH_LIBCSV : GP_PATH_AUTO});
            const char *name = reading.profile ? reading.profile->name : NULL;
            if (!x.good || x.r.n != 1 || x.r.at->n != 1) {
                print_diags(&x);
                fail_msg("shape %zu was not read", k);
            }
            const gp_bars *b = x.r.at;
            if ((name == NULL) != (shapes[k].profile == NULL) || (name && strcmp(name, shapes[k].profile) != 0))
                fail_msg("shape %zu is taken for %s, not %s", k, name ? name : "nobody's", shapes[k].profile ? shapes[k].profile : "nobody's");
            if (reading.volume != shapes[k].volume || reading.amount != shapes[k].amount) fail_msg("shape %zu has other units", k);
            if (b->date[0] != 20240102 || b->open[0] != 10 || b->high[0] != 11 || b->low[0] != 9 || b->close[0] != 10.5 || b->vol[0] != 100 ||
                (b->amount && b->amount[0] != 1000))
                fail_msg("shape %zu was read wrongly", k);
            drop(&x);
            gp_reading_fini(&reading);
        }
}

static void test_built_in(void **unused)
{
    (void)unused;
    for (int i = 0; i < gp_profile_count(); i++) {
        const gp_profile *p = gp_profile_at(i);
        bool shown = false;
        assert_ptr_equal(gp_profile_find(p->name), p);
        assert_true(p->n_column || p->header.code); /* or every file would be its */
        assert_null(p->file);
        for (size_t k = 0; k < N_SHAPES; k++) shown |= shapes[k].profile && strcmp(shapes[k].profile, p->name) == 0;
        if (!shown) fail_msg("no shape of this test is %s", p->name);
        gp_diags d = {0}; /* what `data profiles NAME` prints can be read again */
        gp_profile *again = gp_profile_parse("again", "again.ini", gp_profile_text(i), &d);
        assert_non_null(again);
        assert_int_not_equal(again->id, p->id);
        gp_profile_free(again);
        gp_diags_fini(&d);
    }
    assert_null(gp_profile_find("none"));
}

/* ---- one's own ---- */

static gp_profile *own(const char *text)
{
    gp_diags d = {0};
    gp_profile *p = gp_profile_parse("own", "own.ini", gp_str_from(text), &d);
    assert_non_null(p);
    assert_int_equal(d.n, 0);
    return p;
}

/* Two profiles after each other, the second perhaps where the first was, and none: one header, three readings. */
static void test_named(void **unused)
{
    static const char text[] = "date,p,q,r\n2024-01-02,1,2,3\n2024-01-03,2,3,4\n";
    (void)unused;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            char ini[120];
            snprintf(ini, sizeof ini, "[profile]\ntitle = x\n[columns]\nclose = %c\n", 'p' + i);
            gp_profile *p = own(ini);
            const gp_data_opts data = {.profile = p};
            outcome x = read_text("x.csv", text, strlen(text), &(gp_read_opts){.data = &data});
            assert_true(x.good && x.r.at->n == 2 && x.r.at->close[0] == 1 + i && x.r.at->close[1] == 2 + i);
            drop(&x);
            gp_profile_free(p);
        }
        outcome x = read_text("x.csv", text, strlen(text), NULL);
        assert_false(x.good);
        drop(&x);
    }
    const gp_data_opts none = {.no_profiles = true};
    gp_reading reading = {0};
    outcome x = read_text("x.csv", shapes[4].text, strlen(shapes[4].text), &(gp_read_opts){.data = &none, .reading = &reading});
    assert_true(x.good && !reading.profile);
    gp_reading_fini(&reading);
    drop(&x);
}

/* A column that the profile gives its own name stops being what its header says. */
static void test_goes_before_names(void **unused)
{
    gp_profile *p = own("[profile]\ntitle = x\n[columns]\nvolume = turnover\nignore = vol\nclose = settle\n");
    const gp_data_opts data = {.profile = p};
    static const char text[] = "date,open,high,low,close,settle,vol,turnover\n2024-01-02,1,2,0.5,1,1.5,7,8\n";
    outcome x = read_text("x.csv", text, strlen(text), &(gp_read_opts){.data = &data});

    (void)unused;
    assert_true(x.good && x.r.at->close[0] == 1.5 && x.r.at->vol[0] == 8 && x.d.n == 0);
    drop(&x);
    gp_profile_free(p);
}

/* Steps without end are not taken. */
static void test_hostile_pattern(void **unused)
{
    gp_profile *p = own("[profile]\ntitle = x\n[shape]\nheader = ^(a+)+$\n");
    char many[60];

    (void)unused;
    memset(many, 'a', sizeof many);
    many[sizeof many - 1] = 'b';
    assert_false(gp_pattern_fits(&p->header, (gp_str){many, sizeof many}));
    assert_true(gp_pattern_fits(&p->header, (gp_str){many, sizeof many - 1}));
    assert_false(gp_pattern_fits(&p->header, (gp_str){"\xff\xfe", 2})); /* no text */
    assert_false(gp_pattern_fits(&p->row, GP_STR("aaa")));              /* no pattern */
    gp_profile_free(p);
}

/* ---- dates ---- */

static void test_dates(void **unused)
{
    static const struct {
        const char *order, *text;
        int date, time; /* 0: refused */
    } rows[] = {
        {"dmy", "3/2/2024", 20240203, -1},     {"mdy", "3/2/2024", 20240302, -1},       {"dmy", "03.02.2024", 20240203, -1},
        {"dmy", "29-02-2024", 20240229, -1},   {"mdy", "12/31/2024 15:00", 20241231, 150000}, {"dmy", "31122024", 20241231, -1},
        {"mdy", "12312024", 20241231, -1},     {"ymd", "2024-02-03", 20240203, -1},     {"dmy", "3/2/2024T9:30:05", 20240203, 93005},
        {"dmy", "2/13/2024", 0, 0},            {"mdy", "13/2/2024", 0, 0},              {"dmy", "3/2/24", 0, 0},
        {"dmy", "3/2-2024", 0, 0},             {"dmy", "2024-02-03", 0, 0},             {"dmy", "3/2/2024x", 0, 0},
        {"dmy", "", 0, 0},                     {"dmy", "3/2", 0, 0},                    {"mdy", "3/2/20244", 0, 0},
        {"dmy", "29/02/2023", 0, 0},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t date = 0, time = 0;
        char *exact = malloc(strlen(rows[i].text) + 1); /* the sanitizer sees any byte read too far */
        memcpy(exact, rows[i].text, strlen(rows[i].text) + 1);
        const bool good = gp_stamp_parse_as(exact, strlen(rows[i].text), rows[i].order, &date, &time);
        if (good != (rows[i].date != 0) || (good && (date != rows[i].date || time != rows[i].time)))
            fail_msg("%s %s: %d %d %d", rows[i].order, rows[i].text, good, date, time);
        free(exact);
    }
}

/* ---- units ---- */

/* 300 bars at 10, traded shares and yuan counted in so many each. */
static gp_bars trades(double per_volume, double per_amount)
{
    gp_bars b = {0};
    gp_bars_alloc(&b, 300, 63);
    gp_bars_label(&b, "600000", "SH", "", "x");
    for (int i = 0; i < b.n; i++) {
        b.date[i] = 20240101 + i;
        b.open[i] = 10, b.high[i] = 10.2, b.low[i] = 9.8, b.close[i] = 10;
        b.vol[i] = (1000 + i) * 100 / per_volume;
        b.amount[i] = (1000 + i) * 100 * 10.03 / per_amount;
    }
    return b;
}

static void test_units(void **unused)
{
    static const struct {
        double per_volume, per_amount;
        gp_unit volume, amount;
    } rows[] = {
        {1, 1, GP_UNIT_SHARES, GP_UNIT_YUAN},     {100, 1, GP_UNIT_LOTS, GP_UNIT_YUAN},      {1, 1000, GP_UNIT_SHARES, GP_UNIT_KYUAN},
        {100, 1000, GP_UNIT_LOTS, GP_UNIT_KYUAN}, {1, 10000, GP_UNIT_SHARES, GP_UNIT_WYUAN}, {100, 10000, GP_UNIT_LOTS, GP_UNIT_WYUAN},
        {5, 1, GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN}, {1, 7, GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gp_bars b = trades(rows[i].per_volume, rows[i].per_amount);
        for (int k = 0; k < 40; k++) b.open[k] = b.high[k] = b.low[k] = b.close[k] = 1; /* old prices are adjusted */
        const gp_unit_guess g = gp_units_infer(&b);
        if (g.volume != rows[i].volume || g.amount != rows[i].amount) fail_msg("row %zu: %s, %s", i, gp_unit_name(g.volume), gp_unit_name(g.amount));
        gp_bars_fini(&b);
    }
    gp_bars b = trades(1, 1);
    strcpy(b.code, "000001"); /* of Shanghai: an index, whose level is no price */
    assert_int_equal(gp_units_infer(&b).volume, GP_UNIT_UNKNOWN);
    gp_volume_convert(&b, GP_UNIT_YUAN, GP_VOLUME_SHARES);
    assert_true(b.vol[0] == 100000 / 10.0);
    gp_volume_convert(&b, GP_UNIT_SHARES, GP_VOLUME_LOTS);
    assert_true(b.vol[0] == 100);
    gp_volume_convert(&b, GP_UNIT_LOTS, GP_VOLUME_LOTS);
    assert_true(b.vol[0] == 100);
    gp_volume_convert(&b, GP_UNIT_LOTS, GP_VOLUME_SHARES);
    assert_true(b.vol[0] == 10000);
    gp_bars_fini(&b);
    assert_true(gp_is_index("SZ", "399001") && gp_is_index("BJ", "899050") && gp_is_index("SH", "999999"));
    assert_false(gp_is_index("SZ", "000001") || gp_is_index("SH", "600000") || gp_is_index("", "000300") || gp_is_index("SH", "0003"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),          cmocka_unit_test(test_built_in), cmocka_unit_test(test_named), cmocka_unit_test(test_goes_before_names),
        cmocka_unit_test(test_hostile_pattern), cmocka_unit_test(test_dates),    cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
