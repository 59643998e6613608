/* A made-up market.  Everything is integer arithmetic (prices in fen, returns in millionths), so that every machine,
 * compiler and library makes the same bars. */
#include "market/generate.h"
#include <stdio.h>
#include <string.h>
#include "base/vec.h"
#include "market/stamp.h"

enum {
    LAST_DAY = 20250124, /* every universe ends on this Friday and reaches back as far as it has to */
    MAX_BARS = 20000,
    DAY = 1000000 /* a return of 100 % */
};

/* ---- random numbers: splitmix64 (Steele, Lea, Flood 2014) ---- */

typedef struct dice {
    uint64_t state;
} dice;

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t roll(dice *d)
{
    return mix(d->state += UINT64_C(0x9e3779b97f4a7c15));
}

static int64_t between(dice *d, int64_t low, int64_t high) /* both included */
{
    return low + (int64_t)(roll(d) % (uint64_t)(high - low + 1));
}

/* About normal with deviation sigma: four uniforms of 16 bits have deviation 37837. */
static int64_t noise(dice *d, int64_t sigma)
{
    uint64_t r = roll(d);
    int64_t sum =
        (int64_t)(r & 65535) + (int64_t)(r >> 16 & 65535) + (int64_t)(r >> 32 & 65535) + (int64_t)(r >> 48) - 131070;
    return sum * sigma / 37837;
}

/* ---- trading days ---- */

/* First day of the Chinese year, as mmdd, for 2007 + i; the moon repeats itself after 19 years, to a day or so. */
static const int16_t new_year[19] = {218, 207, 126, 214, 203, 123, 210, 131, 219, 208,
                                     128, 216, 205, 125, 212, 201, 122, 210, 129};

static int32_t date_of(int32_t day) /* days since 1970-01-01 -> yyyymmdd */
{
    int32_t z = day + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    return (yoe + era * 400 + (m <= 2)) * 10000 + m * 100 + d;
}

static bool is_trading_day(int32_t day, int32_t date)
{
    int weekday = (int)((day % 7 + 7 + 4) % 7); /* 1970-01-01 was a Thursday; 0 is Sunday */
    int year = date / 10000, mmdd = date % 10000;

    if (weekday == 0 || weekday == 6 || mmdd == 101 || (mmdd >= 501 && mmdd <= 503) || (mmdd >= 1001 && mmdd <= 1007))
        return false;
    int32_t spring = gp_day_number(year * 10000 + new_year[((year - 2007) % 19 + 19) % 19]);
    return day < spring - 1 || day > spring + 5;
}

static void trading_days(int n, int32_t *date)
{
    int32_t day = gp_day_number(LAST_DAY);

    for (; n > 0; day--) {
        int32_t d = date_of(day);
        if (is_trading_day(day, d)) date[--n] = d;
    }
}

/* ---- kinds of tickers ---- */

enum {
    BOARD = 1 /* O=H=L=C at the limit, by the sign of the drift */,
    HALT = 2 /* no rows */,
    CALM = 4 /* little volume */
};

typedef struct phase {
    int bars, drift, sigma, flags;
} phase; /* drift and sigma a bar, in millionths */

/* A ticker wanders around its base price; then come its last phases.  first: bars since listing, 0 for all. */
typedef struct kind {
    const char *name;
    int first, low, high /* base price in yuan */, sigma;
    phase last[6];
} kind;

static const kind kinds[] = {
    {"rising", 0, 12, 60, 17000, {{160, 2200, 15000, 0}}},
    {"in the pit", 0, 6, 9, 14000, {{60, 1500, 13000, 0}, {13, -21000, 9000, 0}, {34, -1500, 4200, CALM}}},
    {"ranging", 0, 8, 25, 15000, {{0, 0, 0, 0}}},
    {"out of the pit", 0, 6, 10, 15000, {{12, -24000, 10000, 0}, {36, -1400, 4000, CALM}, {9, 9000, 8000, 0}}},
    {"falling", 0, 20, 90, 18000, {{130, -2600, 19000, 0}, {7, 9000, 16000, 0}}},
    {"crash and recovery", 0, 9, 20, 16000, {{10, -34000, 12000, 0}, {40, -700, 6000, CALM}, {70, 5200, 14000, 0}}},
    {"limit-up boards", 0, 8, 16, 15000, {{6, 100000, 0, BOARD}, {3, -12000, 30000, 0}}},
    {"rising", 0, 30, 110, 16000, {{220, 1800, 17000, 0}}},
    {"in the pit", 0, 4, 7, 13000, {{15, -17000, 8000, 0}, {40, -1300, 3800, CALM}}},
    {"new listing", 26, 18, 40, 24000, {{4, 100000, 0, BOARD}, {22, -2000, 32000, 0}}},
    {"ranging", 0, 5, 9, 11000, {{0, 0, 0, 0}}},
    {"out of the pit", 0, 4, 8, 14000, {{14, -19000, 9000, 0}, {34, -1500, 3800, CALM}, {14, 7000, 9000, 0}}},
    {"suspended and back", 0, 10, 22, 15000, {{45, 0, 0, HALT}, {3, 100000, 0, BOARD}, {60, 500, 22000, 0}}},
    {"volatile", 0, 40, 130, 34000, {{0, 0, 0, 0}}},
    {"crash and recovery", 0, 6, 12, 15000, {{14, -26000, 9000, 0}, {30, -900, 5000, CALM}, {110, 3200, 13000, 0}}},
    {"calm", 0, 3, 6, 6000, {{0, 0, 0, CALM}}},
    {"falling", 0, 25, 70, 17000, {{90, -3200, 21000, 0}, {28, 4000, 19000, 0}}},
    {"turning up", 0, 7, 12, 15000, {{20, -15000, 9000, 0}, {30, -1000, 5000, CALM}, {5, 5000, 6000, 0}}},
    {"rising", 0, 5, 12, 14000, {{120, 2600, 13000, 0}, {20, -1500, 12000, 0}}},
    {"limit-down boards", 0, 14, 30, 18000, {{30, 3000, 20000, 0}, {4, -100000, 0, BOARD}, {12, 7000, 25000, 0}}},
    {"in the pit", 0, 7, 9, 15000, {{40, 1500, 14000, 0}, {14, -22000, 9000, 0}, {30, -2200, 3400, CALM}}},
    {"ranging", 0, 60, 180, 14000, {{0, 0, 0, 0}}},
    {"two pits",
     0,
     6,
     10,
     14000,
     {{12, -22000, 9000, 0},
      {34, -1400, 4000, CALM},
      {60, 5000, 12000, 0},
      {14, -20000, 9000, 0},
      {36, -1500, 3800, CALM},
      {17, 6000, 9000, 0}}},
    {"suspended to the end", 0, 7, 15, 15000, {{40, -1500, 16000, 0}, {25, 0, 0, HALT}}},
    {"new listing", 130, 25, 60, 26000, {{6, 100000, 0, BOARD}, {124, -1500, 26000, 0}}},
    {"crash and recovery", 0, 12, 28, 17000, {{9, -45000, 14000, 0}, {25, -500, 8000, CALM}, {160, 3000, 14000, 0}}},
    {"in the pit", 0, 5, 8, 14000, {{16, -18000, 8000, 0}, {30, -1700, 3800, CALM}}},
    {"calm", 0, 4, 7, 7000, {{80, 900, 7000, CALM}}},
    {"out of the pit", 0, 5, 9, 14000, {{13, -21000, 9000, 0}, {34, -1500, 4000, CALM}, {19, 5000, 9000, 0}}},
    {"volatile", 0, 5, 9, 30000, {{60, 600, 28000, 0}}},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* ---- one bar ---- */

typedef struct quote {
    int64_t open, high, low, close, lots, amount;
} quote; /* prices in fen, amount in fen */

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static quote make_quote(dice *d, int64_t before, const phase *p, int64_t percent, int64_t usual_lots)
{
    int64_t top = (before * (100 + percent) + 50) / 100, floor = (before * (100 - percent) + 50) / 100;
    int64_t change = p->drift + noise(d, p->sigma), gap = noise(d, p->sigma / 3), wick = p->sigma / 2 + 1;
    quote q;

    if (p->flags & BOARD) {
        q.open = q.high = q.low = q.close = p->drift > 0 ? top : floor;
        q.lots = usual_lots / between(d, 8, 30);
    } else {
        q.close = clamp(before + before * change / DAY, floor, top);
        q.open = clamp(before + before * gap / DAY, floor, top);
        q.high = q.open > q.close ? q.open : q.close;
        q.low = q.open > q.close ? q.close : q.open;
        q.high = clamp(q.high + q.high * between(d, 0, wick) / DAY, q.high, top);
        q.low = clamp(q.low - q.low * between(d, 0, wick) / DAY, floor, q.low);
        int64_t move = change < 0 ? -change : change;
        q.lots = usual_lots * between(d, 60, 140) / 100 * (DAY / 20 + move) / (DAY / 20) / (p->flags & CALM ? 3 : 1);
    }
    if (q.lots < 1) q.lots = 1;
    q.amount = q.lots * 100 * (q.open + q.high + q.low + q.close) / 4;
    return q;
}

/* While nothing special goes on: wander about the base price in swings of some months. */
static phase wander(dice *d, const kind *k, int64_t price, int64_t base, int64_t *swing, int *swing_left)
{
    if (--*swing_left < 0) {
        *swing = noise(d, k->sigma / 7);
        *swing_left = (int)between(d, 15, 70);
    }
    int64_t back = (base - price) * DAY / base / 45;
    return (phase){0, (int)(*swing + clamp(back, -15000, 15000)), k->sigma, k->sigma < 8000 ? CALM : 0};
}

/* The phase that bar i of n belongs to, counted from the end; NULL: none of the last ones. */
static const phase *phase_at(const kind *k, int left)
{
    int sum = 0;

    for (int i = (int)(sizeof k->last / sizeof *k->last) - 1; i >= 0; i--) {
        sum += k->last[i].bars;
        if (k->last[i].bars && left < sum) return &k->last[i];
    }
    return NULL;
}

static void label(int ticker, gp_bars *out)
{
    static const int first[] = {600001, 1, 300001};
    static const char *const market[] = {"SH", "SZ", "SZ"};
    char code[16], name[24];

    snprintf(code, sizeof code, "%06d", first[ticker % 3] + ticker / 3);
    snprintf(name, sizeof name, "样本%04d", ticker + 1);
    gp_bars_label(out, code, market[ticker % 3], name, "");
}

void gp_generate(uint64_t seed, int ticker, int bars, gp_bars *out)
{
    dice d = {mix(seed * UINT64_C(0x9e3779b97f4a7c15) + 1) ^ mix((uint64_t)ticker + 77)};
    const kind *k = &kinds[ticker % N_KINDS];
    int64_t base = between(&d, k->low * 100, k->high * 100), price = base, swing = 0,
            usual_lots = between(&d, 20000, 400000);
    int swing_left = 0, n = 0;
    int32_t *days;

    if (bars < 1) bars = 1;
    if (bars > MAX_BARS) bars = MAX_BARS;
    *out = (gp_bars){0};
    days = gp_xrealloc(NULL, (size_t)bars * sizeof *days);
    trading_days(bars, days);
    gp_bars_alloc(out, bars, 63);
    for (int i = 0; i < bars; i++) {
        int left = bars - 1 - i;
        if (k->first && left >= k->first) continue;
        const phase *special = phase_at(k, left);
        phase p = special ? *special : wander(&d, k, price, base, &swing, &swing_left);
        if (p.flags & HALT) continue;
        /* Nothing falls below two yuan or runs away. */
        if (price < 250 && p.drift < 0 && !(p.flags & BOARD)) p.drift = 2000;
        if (price > 30000 && p.drift > 0) p.drift = -2000;
        quote q = make_quote(&d, price, &p, ticker % 3 == 2 ? 20 : 10, usual_lots);
        out->date[n] = days[i];
        out->open[n] = (double)q.open / 100;
        out->high[n] = (double)q.high / 100;
        out->low[n] = (double)q.low / 100;
        out->close[n] = (double)q.close / 100;
        out->vol[n] = (double)q.lots;
        out->amount[n] = (double)q.amount / 100;
        price = q.close;
        n++;
    }
    if (n == 0) { /* so few bars were asked for that all fell into a suspension */
        out->date[0] = days[bars - 1];
        double one = (double)base / 100;
        out->open[0] = out->high[0] = out->low[0] = out->close[0] = one;
        out->vol[0] = 1;
        out->amount[0] = (double)base;
        n = 1;
    }
    out->n = n;
    out->period = 5;
    free(days);
    label(ticker, out);
}
