/* market/events, market/adjust: ex-rights events and what they make of prices. */
#include "reader_probe.h"
#include "market/adjust.h"
#include "temp_folder.h"

#define SHARED "../shared/data/"
#define SKIP_UNLESS(path)                                                                                              \
    do {                                                                                                               \
        if (!gp_path_exists(path)) {                                                                                   \
            print_message("SKIPPED: %s is not here\n", path);                                                          \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

static gp_events *read_events(const char *text, gp_diags *d)
{
    const char *path = in_folder("events.csv");
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fwrite(text, 1, strlen(text), f) == strlen(text));
    assert_int_equal(fclose(f), 0);
    return gp_events_read(path, d);
}

/* Days 20240101, 20240102 ... with these closes; the other prices are the same. */
static gp_bars bars_of(const double *close, int n)
{
    gp_bars b = {0};
    gp_bars_alloc(&b, n, 63);
    gp_bars_label(&b, "600000", "SH", "", "600000.csv");
    b.period = 5;
    for (int i = 0; i < n; i++) {
        b.date[i] = 20240101 + i;
        b.open[i] = b.high[i] = b.low[i] = b.close[i] = close[i];
        b.vol[i] = 100 + i;
        b.amount[i] = 1000;
    }
    return b;
}

static void expect(const char *events, gp_adjust_to to, gp_adjust_way way, int decimals, int32_t until, const double *close, const double *want, int n)
{
    gp_diags d = {0};
    gp_events *e = read_events(events, &d);
    gp_bars b = bars_of(close, n);
    gp_adjuster a = {.events = e, .to = to, .way = way, .until = until, .decimals = decimals};
    assert_non_null(e);
    gp_adjust(&a, &b, &d);
    for (int i = 0; i < n; i++) {
        const double *const price[] = {b.open, b.high, b.low, b.close};
        for (int c = 0; c < 4; c++)
            if (!(price[c][i] == want[i] || (way == GP_WAY_FACTOR && fabs(price[c][i] - want[i]) < 1e-12)))
                fail_msg("%s: bar %d column %d: %.17g, not %.17g", events, i, c, price[c][i], want[i]);
        assert_true(b.vol[i] == 100 + i && b.amount[i] == 1000);
    }
    gp_bars_fini(&b);
    gp_events_free(e);
    gp_diags_fini(&d);
}

#define HEAD "code,date,bonus_per_10,gift_per_10,allot_per_10,allot_price\n"
#define N(x) ((int)(sizeof(x) / sizeof *(x)))

static void by_hand(void **unused)
{
    (void)unused;
    static const double close[] = {10, 10.2, 9.9, 5, 5.1};
    /* 每10股派2元送10股 on the fourth day: (P-0.2)/2 */
    static const char one[] = HEAD "SH600000,20240104,2,10,,\n";
    expect(one, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, (double[]){4.9, 5, 4.85, 5, 5.1}, 5);
    expect(one, GP_ADJUST_BACKWARD, GP_WAY_TDX, -1, 0, close, (double[]){10, 10.2, 9.9, 10.2, 10.4}, 5);
    /* by factor: 4.85/9.9 */
    expect(one, GP_ADJUST_FORWARD, GP_WAY_FACTOR, -1, 0, close, (double[]){10 * 4.85 / 9.9, 10.2 * 4.85 / 9.9, 4.85, 5, 5.1}, 5);
    expect(one, GP_ADJUST_BACKWARD, GP_WAY_FACTOR, -1, 0, close, (double[]){10, 10.2, 9.9, 5 * 9.9 / 4.85, 5.1 * 9.9 / 4.85}, 5);
    expect(one, GP_ADJUST_FORWARD, GP_WAY_FACTOR, 2, 0, close, (double[]){4.90, 5.00, 4.85, 5, 5.1}, 5);
    expect(one, GP_ADJUST_NONE, GP_WAY_TDX, -1, 0, close, close, 5);
    /* the event has not happened yet on the third day */
    expect(one, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 20240103, close, close, 5);
    expect(one, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 20240104, close, (double[]){4.9, 5, 4.85, 5, 5.1}, 5);
    /* rights: 3 for 10 at 4 yuan, (P+1.2)/1.3 */
    expect(HEAD "600000,2024-01-04,,,3,4\n", GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, (double[]){11.2 / 1.3, 11.4 / 1.3, 11.1 / 1.3, 5, 5.1}, 5);
}

static void several(void **unused)
{
    (void)unused;
    static const double close[] = {10, 9, 8, 7};
    /* f2(f1(P)): ((P-1)/2-0.5)/1 on the first day, (P-0.5) on the second and third */
    static const char two[] = HEAD "600000,20240104,5,,,\n600000,20240102,10,10,,\n";
    expect(two, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, (double[]){4, 8.5, 7.5, 7}, 4);
    /* back: 2P+1 from the second day, 2(P+0.5)+1 on the fourth */
    expect(two, GP_ADJUST_BACKWARD, GP_WAY_TDX, -1, 0, close, (double[]){10, 19, 17, 16}, 4);
    /* two rows of one day are one event of both: 1 yuan cash and 10 new shares */
    static const char day[] = HEAD "600000,20240103,10,,,\n600000,20240103,,10,,\n";
    expect(day, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, (double[]){4.5, 4, 8, 7}, 4);
    /* the same row twice counts once */
    static const char twice[] = HEAD "600000,20240103,10,,,\n600000,20240103,10,,,\n";
    expect(twice, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, (double[]){9, 8, 8, 7}, 4);
    /* before and on the first bar, after the last: nothing; of another security: nothing */
    static const char outside[] = HEAD "600000,20231201,10,,,\n600000,20240101,10,,,\n600000,20240105,10,,,\nSZ600000,20240103,10,,,\n600001,20240103,10,,,\n";
    expect(outside, GP_ADJUST_FORWARD, GP_WAY_TDX, -1, 0, close, close, 4);
    expect(outside, GP_ADJUST_BACKWARD, GP_WAY_FACTOR, -1, 0, close, close, 4);
}

/* An event on a day without a bar applies from the next bar on. */
static void suspended(void **unused)
{
    (void)unused;
    static const double close[] = {10, 9, 8};
    gp_diags d = {0};
    gp_events *e = read_events(HEAD "600000,20240106,10,,,\n600000,20240107,,10,,\n", &d);
    gp_bars b = bars_of(close, 3);
    gp_adjuster a = {.events = e, .to = GP_ADJUST_FORWARD, .decimals = -1};
    b.date[2] = 20240110;
    gp_adjust(&a, &b, &d);
    assert_true(b.close[0] == 4.5 && b.close[1] == 4 && b.close[2] == 8); /* (P-1)/2 */
    assert_int_equal(d.n, 0);
    gp_bars_fini(&b);
    gp_events_free(e);
    gp_diags_fini(&d);
}

static void below_zero(void **unused)
{
    (void)unused;
    static const double close[] = {1, 9, 8};
    gp_diags d = {0};
    gp_events *e = read_events(HEAD "600000,20240103,20,,,\n", &d);
    gp_bars b = bars_of(close, 3);
    gp_adjuster a = {.events = e, .to = GP_ADJUST_FORWARD, .decimals = -1};
    gp_adjust(&a, &b, &d);
    assert_true(b.close[0] == -1 && b.close[1] == 7);
    assert_int_equal(a.not_positive, 1);
    assert_string_equal(a.lowest[0], "SH600000");
    gp_bars_fini(&b);
    gp_events_free(e);
    /* by factor a dividend above the close cannot be applied, and that is said */
    e = read_events(HEAD "600000,20240102,20,,,\n", &d);
    b = bars_of(close, 3);
    a = (gp_adjuster){.events = e, .to = GP_ADJUST_FORWARD, .way = GP_WAY_FACTOR, .decimals = -1};
    gp_adjust(&a, &b, &d);
    assert_true(b.close[0] == 1);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.at[0].id, GP_D_ADJUST_EVENT);
    gp_bars_fini(&b);
    gp_events_free(e);
    gp_diags_fini(&d);
}

static void layouts(void **unused)
{
    (void)unused;
    gp_diags d = {0};
    gp_bars b = {.code = (char *)"600000", .market = (char *)"SH"}, other = {.code = (char *)"600000", .market = (char *)"SZ"};
    int n;
    /* as hikyuu keeps them: shares for 10 times 10000, yuan times 1000; new shares of two kinds */
    gp_events *e = read_events("market,code,name,date,countAsGift,countForSell,priceForSell,bonus,countOfIncreasement,totalCount,freeCount\n"
                               "SH,600000,x,20020822,10000,0,0,2000,50000,361500,60000\n"
                               "SH,600000,x,20030120,0,25000,8450,0,0,391500,90000\n"
                               "SH,600000,x,20030121,0,0,0,0,0,391500,90000\n", &d);
    assert_non_null(e);
    const gp_event *at = gp_events_of(e, &b, &n);
    assert_int_equal(n, 2); /* a change of shares is no event */
    assert_int_equal(at[0].date, 20020822);
    assert_true(at[0].x[GP_EVENT_BONUS] == 2 && at[0].x[GP_EVENT_GIFT] == 6 && at[0].x[GP_EVENT_ALLOT] == 0);
    assert_true(at[1].x[GP_EVENT_ALLOT] == 2.5 && at[1].x[GP_EVENT_PRICE] == 8.45);
    gp_events_of(e, &other, &n);
    assert_int_equal(n, 0);
    gp_events_free(e);
    e = read_events("日期,代码,每10股派现,每10股转增,每10股送股,每10股配股,配股价\n2024/1/4,600000,1.5,3,2,,\n", &d);
    at = gp_events_of(e, &b, &n);
    assert_int_equal(n, 1);
    assert_true(at[0].x[GP_EVENT_BONUS] == 1.5 && at[0].x[GP_EVENT_GIFT] == 5);
    gp_events_free(e);
    assert_int_equal(d.n, 0);
    e = read_events(HEAD "600000,20240104,x,,,\n600000,later,1,,,\n,20240104,1,,,\n600000,20240104,-1,,,\n600000,20240105,1,,,\n", &d);
    gp_events_of(e, &b, &n);
    assert_int_equal(n, 1);
    assert_int_equal(d.n, 4);
    gp_events_free(e);
    assert_null(read_events("code,date,dividend\n600000,20240104,1\n", &d));
    assert_null(read_events("", &d));
    gp_diags_fini(&d);
}

/* ---- against TDX's own 前复权 ---- */

/* The exports hold adjusted prices and unadjusted volume and amount.  Amount over volume is the average price that was paid, and, adjusted, must
 * lie between the adjusted low and high.  The events of the file end in 2011; what came later is one more amount of cash, which the days
 * after the last known event tell. */
static void tdx_export(const char *file, double later, int days)
{
    gp_diags d = {0};
    outcome x = {0};
    SKIP_UNLESS(SHARED "exrights/hikyuu_stkWeight.csv");
    gp_events *e = gp_events_read(SHARED "exrights/hikyuu_stkWeight.csv", &d);
    x.good = gp_read_quotes(file, NULL, &x.r, &x.d);
    assert_true(e && x.good);
    gp_bars *b = x.r.at, paid = {0};
    int n = 0, factor_outside = 0;
    while (n < b->n && b->date[n] <= 20111130) n++;
    gp_bars_alloc(&paid, n, 63);
    gp_bars_label(&paid, b->code, b->market, "", "paid");
    gp_adjuster a = {.events = e, .to = GP_ADJUST_FORWARD, .decimals = -1};
    for (int way = 0; way < 2; way++) {
        for (int i = 0; i < n; i++) {
            paid.date[i] = b->date[i];
            paid.open[i] = paid.high[i] = paid.low[i] = paid.close[i] = b->amount[i] / b->vol[i];
        }
        a.way = way ? GP_WAY_FACTOR : GP_WAY_TDX;
        gp_adjust(&a, &paid, &d);
        for (int i = 0; i < n; i++) {
            const double price = paid.close[i] - later;
            const bool outside = price < b->low[i] - 0.0101 || price > b->high[i] + 0.0101;
            if (way == 0 && outside) fail_msg("%d: %.3f is not in %.2f to %.2f", paid.date[i], price, b->low[i], b->high[i]);
            factor_outside += outside;
        }
    }
    print_message("%s: %d days agree; by factor %d do not\n", b->code, n, factor_outside);
    assert_int_equal(n, days);
    gp_bars_fini(&paid);
    gp_events_free(e);
    gp_diags_fini(&d);
    drop(&x);
}

static void tdx_601003(void **unused) { (void)unused; tdx_export(SHARED "formats/tdx-export_SH#601003.gbk.txt", 1.888, 1146); }
static void tdx_601005(void **unused) { (void)unused; tdx_export(SHARED "formats/tdx-export_SH#601005.gbk.txt", 0, 1147); }
static void tdx_601006(void **unused) { (void)unused; tdx_export(SHARED "formats/tdx-export_SH#601006.gbk.txt", 4.295, 1280); }

/* JoinQuant adjusts by factor.  Its factors have reference prices of whole cents in them. */
static void joinquant(void **unused)
{
    (void)unused;
    gp_diags d = {0};
    outcome x = {0}, y = {0};
    SKIP_UNLESS(SHARED "ashare-daily/joinquant/000001.XSHE.csv");
    gp_events *e = gp_events_read(SHARED "exrights/hikyuu_stkWeight.csv", &d);
    x.good = gp_read_quotes(SHARED "ashare-daily/hqchart/000001.SZ.csv", NULL, &x.r, &x.d);
    y.good = gp_read_quotes(SHARED "ashare-daily/joinquant/000001.XSHE.csv", NULL, &y.r, &y.d);
    assert_true(e && x.good && y.good);
    gp_bars *raw = x.r.at, *theirs = y.r.at;
    while (raw->n && raw->date[raw->n - 1] > 20111130) raw->n--; /* where the events end */
    gp_adjuster a = {.events = e, .to = GP_ADJUST_FORWARD, .way = GP_WAY_FACTOR, .decimals = -1};
    gp_adjust(&a, raw, &d);
    /* theirs goes on with events after 2011: one constant factor, from the last day */
    double share = 0, worst = 0;
    int days = 0;
    for (int k = theirs->n - 1, i = raw->n - 1; i >= 0 && k >= 0;) {
        if (theirs->date[k] != raw->date[i]) {
            if (theirs->date[k] > raw->date[i]) k--;
            else i--;
            continue;
        }
        if (share == 0) share = theirs->close[k] / raw->close[i];
        const double off = fabs(raw->close[i] * share - theirs->close[k]);
        worst = off > worst ? off : worst;
        days++, i--, k--;
    }
    print_message("000001: %d days, at most %.4f apart\n", days, worst);
    assert_true(days > 1500);
    assert_true(worst < 0.03);
    gp_events_free(e);
    gp_diags_fini(&d);
    drop(&x);
    drop(&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand), cmocka_unit_test(several), cmocka_unit_test(suspended), cmocka_unit_test(below_zero),
        cmocka_unit_test(layouts), cmocka_unit_test(tdx_601003), cmocka_unit_test(tdx_601005), cmocka_unit_test(tdx_601006),
        cmocka_unit_test(joinquant),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
