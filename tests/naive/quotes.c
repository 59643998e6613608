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

const naive_row naive_quotes[] = {
    {"OPEN", open_, NAIVE_EXACT},  {"HIGH", high, NAIVE_EXACT},     {"LOW", low, NAIVE_EXACT},         {"CLOSE", close_, NAIVE_EXACT},
    {"VOL", vol, NAIVE_EXACT},     {"AMOUNT", amount, NAIVE_EXACT}, {"MINDIFF", mindiff, NAIVE_EXACT}, {"TR", tr, NAIVE_EXACT},
    {"ZTPRICE", ztprice, NAIVE_ROUNDS}, {"DTPRICE", dtprice, NAIVE_ROUNDS}, {NULL, NULL, 0}};
