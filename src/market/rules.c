#include "market/rules.h"
#include <math.h>
#include <string.h>

static const gp_rule rules[] = {
#define GP_RULE(MARKET, PREFIX, FROM, LIMIT, ST, FREE, LOT, STEP, TICK, STAMP, SAME, WHAT) \
    {MARKET, PREFIX, FROM, LIMIT, ST, FREE, LOT, STEP, TICK, STAMP, SAME, WHAT},
#include "market/rules.def"
#undef GP_RULE
};
/* What the code begins with in each; 0: with anything.  Side by side, since most rows are of other codes and many bars ask. */
static const char first_of[] = {
#define GP_RULE(MARKET, PREFIX, FROM, LIMIT, ST, FREE, LOT, STEP, TICK, STAMP, SAME, WHAT) PREFIX[0],
#include "market/rules.def"
#undef GP_RULE
};
enum { N_RULES = sizeof rules / sizeof *rules, DAILY = 5 /* gp_bars.period */ };
static const gp_rule no_rule = {"", "", 0, 0, 0, 0, 1, 1, 100, false, false, "no A share"};

/* Length of the prefix when the code begins with it, else -1. */
static int begins(const char *code, const char *prefix)
{
    int n = 0;
    for (; prefix[n]; n++)
        if (code[n] != prefix[n])
            return -1;
    return n;
}

static bool is_same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* The row that was found last and the days it holds for: bar after bar of one security asks, often several times. */
typedef struct last_rule { char market[8], code[16]; int32_t from, until; const gp_rule *rule; } last_rule;

static bool is_known(const last_rule *k, const char *market, const char *code, int32_t date)
{
    return k->rule && date >= k->from && date < k->until && is_same(k->code, code) && is_same(k->market, market);
}

static void keep_rule(last_rule *k, const char *market, const char *code)
{
    const size_t m = strlen(market), c = strlen(code);
    if (m >= sizeof k->market || c >= sizeof k->code) {
        k->rule = NULL;
        return;
    }
    memcpy(k->market, market, m + 1);
    memcpy(k->code, code, c + 1);
}

const gp_rule *gp_rule_of(const char *market, const char *code, int32_t date)
{
    static _Thread_local last_rule last;
    if (market && code && is_known(&last, market, code, date))
        return last.rule;
    const gp_rule *best = NULL;
    int longest = 0;
    const bool bare = !market || !*market; /* then the code has to tell: 000001 is the stock, not the index */
    if (bare && (!code || strspn(code, "0123456789") != 6 || code[6])) /* 3008 is one of Taiwan */
        return &no_rule;
    last.from = INT32_MIN;
    last.until = INT32_MAX;
    for (int i = 0; i < N_RULES; i++) {
        if (first_of[i] && first_of[i] != code[0])
            continue;
        const gp_rule *r = &rules[i];
        const int n = begins(code, r->prefix);
        if (n < 0)
            continue;
        if (bare ? !n || (is_same(r->market, "SH") && r->prefix[0] == '0') : !is_same(r->market, market))
            continue;
        if (r->from > date) {
            last.until = r->from < last.until ? r->from : last.until;
            continue;
        }
        last.from = r->from > last.from ? r->from : last.from;
        if (!best || n >= longest) { /* rows of one prefix stand in the order of their days */
            best = r;
            longest = n;
        }
    }
    last.rule = best ? best : &no_rule;
    if (market && code)
        keep_rule(&last, market, code);
    else
        last.rule = NULL;
    return best ? best : &no_rule;
}

static const gp_fees fees[] = {
#define GP_FEES(FROM, STAMP_BUY, STAMP_SELL, TRANSFER) {FROM, STAMP_BUY, STAMP_SELL, TRANSFER},
#include "market/fees.def"
#undef GP_FEES
};

const gp_fees *gp_fees_of(int32_t date)
{
    int i = sizeof fees / sizeof *fees - 1;
    while (i > 0 && fees[i].from > date)
        i--;
    return &fees[i];
}

bool gp_text_is_st(gp_str name)
{
    static const char *const before[] = {"XD", "XR", "DR", "N", "G"};
    const char *p = name.p, *const end = name.p + name.n;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        const size_t n = strlen(before[i]);
        if (name.n >= n && memcmp(p, before[i], n) == 0) {
            p += n;
            break;
        }
    }
    if (end - p >= 2 && p[0] == 'S' && (p[1] == '*' || (p[1] == 'S' && end - p >= 3 && p[2] == 'T')))
        p++;
    if (p < end && *p == '*')
        p++;
    return end - p >= 2 && p[0] == 'S' && p[1] == 'T';
}

bool gp_name_is_st(const char *name) { return name && gp_text_is_st(gp_str_from(name)); }

bool gp_bars_st(const gp_bars *b, int i)
{
    const double said = b->st ? b->more[b->st - 1][i] : NAN;
    return isnan(said) ? gp_name_is_st(b->name) : said != 0;
}

/* before * (1000 + by) / 1000, half up to the tick.  A close on the grid is taken as the whole number it stands for. */
static double limit_of(double before, int by, int tick)
{
    const double whole = round(before * GP_PRICE_ONE);
    if (fabs(whole - before * GP_PRICE_ONE) > 1e-4 || whole >= 1e12)
        return before * (1000 + by) / 1000;
    const int64_t x = (int64_t)whole * (1000 + by), unit = (int64_t)tick * 1000;
    return (double)((x + unit / 2) / unit * tick) / GP_PRICE_ONE;
}

/* The last bar of the day before bar i's; -1: none. */
static int bar_before(const gp_bars *b, int i)
{
    int k = i - 1;
    while (b->time && k >= 0 && b->date[k] == b->date[i])
        k--;
    return k;
}

/* A new listing's first days have no limits; bars that were not read are no listing. */
static bool is_free_day(const gp_bars *b, int i)
{
    const int days = gp_rule_of(b->market, b->code, b->date[0])->free_days;
    int day = 0;
    if (b->before || (!b->time && i >= days))
        return false;
    for (int k = i; k > 0 && day <= days; k--)
        day += b->date[k] != b->date[k - 1];
    return day < days;
}

/* By how much bar i may move from the close before, in thousandths; 0: as it likes.  *k: the bar whose close that is. */
static int range_of(const gp_bars *b, int i, int thousandths, const gp_rule *r, int *k)
{
    *k = bar_before(b, i);
    if (*k < 0 || b->period > DAILY || !b->close || !(b->close[*k] > 0) || thousandths == 0)
        return 0;
    return thousandths > 0 ? thousandths : is_free_day(b, i) ? 0 : gp_bars_st(b, i) ? r->st : r->limit;
}

static gp_limits limits_from(double before, int by, const gp_rule *r)
{
    return by ? (gp_limits){limit_of(before, by, r->tick), limit_of(before, -by, r->tick)} : (gp_limits){NAN, NAN};
}

/* The close before as the quotes of days say it; of minutes it may be the minute before.  NaN: they say none, or that of the bars. */
static double said_before(const gp_bars *b, int i, int k)
{
    const double x = b->pre && b->period == DAILY ? b->more[b->pre - 1][i] : NAN;
    return x > 0 && fabs(x - b->close[k]) > 1e-9 ? x : NAN;
}

static bool is_broken(const gp_bars *b, int i, const gp_limits *l)
{
    return (b->high && b->high[i] > l->up * 1.002) || (b->low && b->low[i] < l->down * 0.998);
}

gp_limits gp_limits_by_bars(const gp_bars *b, int i, int thousandths)
{
    const gp_rule *r = gp_rule_of(b->market, b->code, b->date[i]);
    int k;
    const int by = range_of(b, i, thousandths, r, &k);
    return limits_from(by ? b->close[k] : NAN, by, r);
}

gp_limits gp_limits_at(const gp_bars *b, int i, int thousandths)
{
    const gp_rule *r = gp_rule_of(b->market, b->code, b->date[i]);
    int k;
    const int by = range_of(b, i, thousandths, r, &k);
    const double said = by ? said_before(b, i, k) : NAN;
    const gp_limits bars = limits_from(by ? b->close[k] : NAN, by, r);
    if (isnan(said))
        return bars;
    /* a column on another scale than the prices: adjusted ones beside a close before as it was paid */
    const gp_limits l = limits_from(said, by, r);
    return is_broken(b, i, &l) && !is_broken(b, i, &bars) ? bars : l;
}

static bool on_grid(double x) { return fabs(x * 1000 - round(x * 1000)) < 1e-5; }

static double slack(double limit, double price)
{
    return on_grid(limit) && on_grid(price) ? 0.0005 : limit * 0.002;
}

bool gp_at_limit_up(const gp_limits *l, double price) { return price >= l->up - slack(l->up, price); }

bool gp_at_limit_down(const gp_limits *l, double price) { return price <= l->down + slack(l->down, price); }

bool gp_maybe_st_limit(const gp_bars *b, int i, double price, int thousandths)
{
    if (thousandths >= 0 || (b->name && *b->name) || (b->st && !isnan(b->more[b->st - 1][i])) || b->period > DAILY || !b->close)
        return false;
    const int k = bar_before(b, i);
    const gp_rule *r = gp_rule_of(b->market, b->code, b->date[i]);
    if (k < 0 || !(b->close[k] > 0) || r->st == r->limit || is_free_day(b, i))
        return false;
    const double said = said_before(b, i, k), up = limit_of(isnan(said) ? b->close[k] : said, r->st, r->tick);
    return fabs(price - up) < 0.0005 && !(b->high && b->high[i] > up + 0.0005);
}
