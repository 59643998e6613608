/* functions.md 1, 3.8, 3.9: columns of the quotes and what is made of them. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define Y c->y[i]

static void open_(const naive_call *c) { EACH Y = c->d->open[i]; }
static void high(const naive_call *c) { EACH Y = c->d->high[i]; }
static void low(const naive_call *c) { EACH Y = c->d->low[i]; }
static void close_(const naive_call *c) { EACH Y = c->d->close[i]; }
static void vol(const naive_call *c) { EACH Y = c->d->vol[i]; }
static void amount(const naive_call *c) { EACH Y = c->d->amount[i]; }
static void mindiff(const naive_call *c) { EACH Y = 0.01; }

static double larger(double a, double b) { return a > b ? a : b; }
static void tr(const naive_call *c)
{
    const double *h = c->d->high, *l = c->d->low, *x = c->d->close;
    EACH {
        if (nil(h[i]) || nil(l[i])) Y = NIL;
        else Y = i == 0 || nil(x[i - 1]) ? h[i] - l[i] : larger(h[i] - l[i], larger(fabs(h[i] - x[i - 1]), fabs(l[i] - x[i - 1])));
    }
}

/* half up to the tick, nudged by a millionth of it */
static double to_tick(double p) { return floor(p / 0.01 + 0.5 + 1e-6) * 0.01; }
static void ztprice(const naive_call *c)
{
    const double r = last_of(c->x[1], c->n);
    EACH Y = nil(c->x[0][i]) || nil(r) ? NIL : to_tick(c->x[0][i] + to_tick(c->x[0][i] * r));
}
static void dtprice(const naive_call *c)
{
    const double r = last_of(c->x[1], c->n);
    EACH Y = nil(c->x[0][i]) || nil(r) ? NIL : to_tick(c->x[0][i] * (1 - r));
}

/* Stretches of bars that move one way: an equal close keeps the direction, a flip begins the next stretch.  end[i]: its last bar + 1. */
static int stretch_end(const naive_call *c, int from)
{
    const double *x = c->d->close;
    int direction = 0, i = from + 1;
    if (from > 0) /* the move that began it */
        direction = more(c->o, x[from], x[from - 1]) ? 1 : less(c->o, x[from], x[from - 1]) ? -1 : 0;
    for (; i < c->n; i++) {
        const int now = more(c->o, x[i], x[i - 1]) ? 1 : less(c->o, x[i], x[i - 1]) ? -1 : 0;
        if (now && direction && now != direction) break;
        if (now) direction = now;
    }
    return i;
}
typedef enum { FIRST, HIGHEST, LOWEST, LAST, TOTAL } joined;
static void stretches(const naive_call *c, const double *of, joined how)
{
    EACH if (nil(c->d->close[i]) || nil(of[i])) *c->wild = true; /* not said */
    for (int from = 0, to; from < c->n; from = to) {
        to = stretch_end(c, from);
        double v = of[how == LAST ? to - 1 : from];
        for (int i = from + 1; i < to; i++) {
            if (how == HIGHEST) v = larger(v, of[i]);
            if (how == LOWEST) v = of[i] < v ? of[i] : v;
            if (how == TOTAL) v += of[i];
        }
        for (int i = from; i < to; i++) Y = v;
    }
}
static void dopen(const naive_call *c) { stretches(c, c->d->open, FIRST); }
static void dhigh(const naive_call *c) { stretches(c, c->d->high, HIGHEST); }
static void dlow(const naive_call *c) { stretches(c, c->d->low, LOWEST); }
static void dclose(const naive_call *c) { stretches(c, c->d->close, LAST); }
static void dvol(const naive_call *c) { stretches(c, c->d->vol, TOTAL); }

/* turnover over volume of the day so far; in lots where that is beyond ten times the close (decisions.md) */
static void zstjj(const naive_call *c)
{
    const naive_data *d = c->d;
    EACH {
        double turnover = 0, shares = 0;
        for (int j = 0; j <= i; j++) {
            if (d->date[j] != d->date[i] || nil(d->amount[j]) || nil(d->vol[j])) continue;
            turnover += d->amount[j];
            shares += d->vol[j];
        }
        Y = shares > 0 ? turnover / shares : NIL;
        if (!nil(Y) && !nil(d->close[i]) && Y > 10 * d->close[i]) Y /= 100;
    }
}
static void localdaynum(const naive_call *c) { EACH Y = c->d->period == 5 ? c->n : NIL; }

static void setcode(const naive_call *c) { EACH Y = 1; } /* every case is 600000 */
static void tqflag(const naive_call *c) { EACH Y = 0; }

const naive_row naive_quotes[] = {
    {"OPEN", open_, NAIVE_EXACT},  {"HIGH", high, NAIVE_EXACT},     {"LOW", low, NAIVE_EXACT},         {"CLOSE", close_, NAIVE_EXACT},
    {"VOL", vol, NAIVE_EXACT},     {"AMOUNT", amount, NAIVE_EXACT}, {"MINDIFF", mindiff, NAIVE_EXACT}, {"TR", tr, NAIVE_EXACT},
    {"ZTPRICE", ztprice, NAIVE_ROUNDS}, {"DTPRICE", dtprice, NAIVE_ROUNDS}, 
    {"DOPEN", dopen, NAIVE_EXACT}, {"DHIGH", dhigh, NAIVE_EXACT},   {"DLOW", dlow, NAIVE_EXACT},       {"DCLOSE", dclose, NAIVE_EXACT},
    {"ZSTJJ", zstjj, NAIVE_ROUNDS}, {"LOCALDAYNUM", localdaynum, NAIVE_COUNTS},
    {"DVOL", dvol, NAIVE_EXACT},   {"SETCODE", setcode, NAIVE_COUNTS}, {"TQFLAG", tqflag, NAIVE_COUNTS}, {NULL, NULL, 0}};
