/* functions.md 3.4, 3.5: range tests and filters of signals. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define X c->x[0]
#define Y c->y[i]

/* LAST and EXISTR: bars i-A .. i-B, the left edge not before f */
static void over_range(const naive_call *c, bool every)
{
    const int f = first_valid(X, c->n);
    const double a = last_of(c->x[1], c->n), b = last_of(c->x[2], c->n);
    EACH {
        Y = NIL;
        if (i < f || nil(a) || nil(b)) continue;
        const int from = whole(a) <= 0 || i - whole(a) < f ? f : i - whole(a);
        const int to = whole(b) <= 0 ? i : i - whole(b);
        bool all = true, any = false;
        for (int j = from; j <= to; j++) {
            all = all && truth(X[j]);
            any = any || truth(X[j]);
        }
        Y = every ? all : any;
    }
}
static void last(const naive_call *c) { over_range(c, true); }
static void existr(const naive_call *c) { over_range(c, false); }

static void every(const naive_call *c)
{
    const int f = first_valid(X, c->n);
    EACH {
        const double n = c->x[1][i];
        Y = i < f ? NIL : 0;
        if (i < f || nil(n) || whole(n) <= 0 || whole(n) > i + 1) continue;
        bool all = true;
        for (int j = i - whole(n) + 1; j <= i; j++) all = all && truth(X[j]);
        Y = all;
    }
}
static void exist(const naive_call *c)
{
    const double n = last_of(c->x[1], c->n);
    EACH {
        Y = NIL;
        if (nil(n) || nil(X[i])) continue;
        bool any = false;
        for (int j = i; j >= 0 && j > i - whole(n); j--) any = any || truth(X[j]);
        Y = any;
    }
}

/* A true bar gives 1; the next N are forced to 0 and skipped. */
static void filter(const naive_call *c)
{
    EACH Y = 0;
    for (int i = 0; i < c->n; i++)
        if (truth(X[i])) {
            const double n = c->x[1][i];
            Y = 1;
            if (!nil(n) && whole(n) > 0) i += whole(n) > c->n ? c->n : whole(n);
        }
}
/* The same from the right; with fewer than N bars before it a signal blanks none. */
static void filterx(const naive_call *c)
{
    EACH Y = 0;
    for (int i = c->n - 1; i >= 0; i--)
        if (truth(X[i])) {
            const double n = c->x[1][i];
            Y = 1;
            if (!nil(n) && whole(n) > 0 && whole(n) <= i) i -= whole(n);
        }
}
static void backset(const naive_call *c)
{
    EACH Y = 0;
    EACH {
        const double n = c->x[1][i];
        if (!truth(X[i]) || nil(n)) continue;
        for (int j = i; j >= 0 && j > i - whole(n); j--) c->y[j] = 1;
    }
}

static void valuewhen(const naive_call *c)
{
    EACH {
        Y = NIL;
        for (int j = i; j >= 0; j--)
            if (truth(X[j])) {
                Y = c->x[1][j];
                break;
            }
    }
}

static void tfilter(const naive_call *c)
{
    const double m = last_of(c->x[2], c->n);
    const int mode = nil(m) ? 0 : whole(m) == 1 ? 1 : whole(m) == 2 ? 2 : 0;
    bool holding = false;
    EACH {
        bool buy = X[i] > 0.5, sell = c->x[1][i] > 0.5; /* a null is neither */
        if (buy) {
            if (mode != 2 && holding) buy = false;
            else holding = true;
        } else if (sell) {
            if (mode != 1 && !holding) sell = false;
            else holding = false;
        }
        Y = nil(m) ? NIL : mode == 1 ? buy : mode == 2 ? sell : buy ? 1 : sell ? 2 : 0;
    }
}

const naive_row naive_signals[] = {
    {"LAST", last, NAIVE_COUNTS},      {"EXISTR", existr, NAIVE_COUNTS},    {"EVERY", every, NAIVE_COUNTS},
    {"EXIST", exist, NAIVE_COUNTS},    {"FILTER", filter, NAIVE_COUNTS},    {"FILTERX", filterx, NAIVE_COUNTS},
    {"BACKSET", backset, NAIVE_COUNTS}, {"VALUEWHEN", valuewhen, NAIVE_EXACT}, {"TFILTER", tfilter, NAIVE_COUNTS},
    {NULL, NULL, 0}};
