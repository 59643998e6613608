#include "screen/snapshot.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "market/reader.h"
#include "market/resample.h"
#include "market/rules.h"

enum { CAPITAL = 256 }; /* beside the GP_COL_* bits */
enum { O = GP_COL_OPEN, H = GP_COL_HIGH, L = GP_COL_LOW, C = GP_COL_CLOSE, V = GP_COL_VOL, A = GP_COL_AMOUNT };

static const struct { int n; unsigned needs; } known[] = {{3, C}, {4, O}, {5, H}, {6, L}, {7, C}, {8, V}, {10, A}, {11, V | A}, {12, C}, {13, H | L | C}, {14, C},
    {26, C}, {27, C}, {37, V | CAPITAL}, {63, C}, {64, C}, {65, C}, {66, C}, {67, C}};
enum { N_KNOWN = sizeof known / sizeof *known };

static unsigned needs_of(int n)
{
    for (int i = 0; i < N_KNOWN; i++)
        if (known[i].n == n) return known[i].needs;
    return 0;
}

int gp_snapshot_key(const char *key)
{
    static const char head[] = "dynainfo.";
    return strncmp(key, head, sizeof head - 1) == 0 ? atoi(key + sizeof head - 1) : -1;
}

bool gp_snapshot_known(int n)
{
    return needs_of(n) != 0;
}

bool gp_snapshot_capital(int n)
{
    return needs_of(n) & CAPITAL;
}

unsigned gp_snapshot_needs(int n)
{
    return needs_of(n) & ~(unsigned)CAPITAL;
}

/* By how much a price may move in a day. */
static double limit_rate(const gp_bars *b, int32_t date)
{
    const gp_rule *r = gp_rule_of(b->market, b->code, date);
    const int by = gp_name_is_st(b->name) ? r->st : r->limit;
    return by ? by / 1000.0 : 0.1;
}

/* Half up, with a nudge so that 11.055, which a double cannot hold, goes up as well. */
static double to_tick(double x)
{
    return floor(x / 0.01 + 0.5 + 1e-6) / 100;
}

static double at(const double *x, int i)
{
    return x && i >= 0 ? x[i] : NAN;
}

static double of_days(const gp_bars *b, int n, int which)
{
    static const int gains[] = {3, 5, 10, 20, 60};
    const int i = n - 1;
    const double close = at(b->close, i), before = at(b->close, i - 1);
    switch (which) {
    case 3: return before;
    case 4: return at(b->open, i);
    case 5: return at(b->high, i);
    case 6: return at(b->low, i);
    case 7: return close;
    case 8: return at(b->vol, i);
    case 10: return at(b->amount, i);
    case 11: return at(b->vol, i) > 0 ? at(b->amount, i) / at(b->vol, i) / 100 : NAN;
    case 12: return close - before;
    case 13: return before > 0 ? (at(b->high, i) - at(b->low, i)) / before : NAN;
    case 14: return before > 0 ? close / before - 1 : NAN;
    case 26: return i >= 1 ? to_tick(before + to_tick(before * limit_rate(b, b->date[i]))) : NAN;
    case 27: return i >= 1 ? to_tick(before * (1 - limit_rate(b, b->date[i]))) : NAN;
    default: {
        const double then = which >= 63 && which <= 67 ? at(b->close, i - gains[which - 63]) : NAN;
        return then > 0 ? close / then - 1 : NAN;
    }
    }
}

double gp_snapshot(const gp_bars *b, int n, int which)
{
    gp_resampled days;
    double x;
    if (n <= 0) return NAN;
    if (!b->time) return of_days(b, n, which);
    gp_resample(b, n, GP_PERIOD_DAY, &days);
    x = of_days(&days.bars, days.bars.n, which);
    gp_resampled_fini(&days);
    return x;
}
