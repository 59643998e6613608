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

/* decisions.md: one action a bar; flat opens long before short, a position is only closed */
static void ttfilter(const naive_call *c)
{
    const double m = last_of(c->x[4], c->n);
    enum { FLAT, LONG, SHORT } position = FLAT;
    EACH {
        int action = 0;
        if (position == FLAT) action = X[i] > 0.5 ? 1 : c->x[2][i] > 0.5 ? 3 : 0;
        else if (position == LONG) action = c->x[1][i] > 0.5 ? 2 : 0;
        else action = c->x[3][i] > 0.5 ? 4 : 0;
        if (action) position = action == 1 ? LONG : action == 3 ? SHORT : FLAT;
        const int mode = nil(m) ? 0 : whole(m);
        Y = nil(m) ? NIL : mode >= 1 && mode <= 4 ? action == mode : action;
    }
}

/* X from D1, T1 to D2, T2; a date below 700000 is the last bar's; times count within a day only */
static void tfilt(const naive_call *c)
{
    double a[4];
    bool any = false;
    for (int k = 0; k < 4; k++) {
        a[k] = last_of(c->x[k + 1], c->n);
        any = any || (nil(a[k]) && (k % 2 == 0 || c->d->time));
        if (c->d->time && k % 2 && !nil(a[k]) && (a[k] < 0 || a[k] > 2359)) *c->wild = true; /* no time of day */
        if (!any && k % 2 == 0 && a[k] < 700000) a[k] = c->d->date[c->n - 1] - 19000000;
    }
    EACH {
        Y = NIL;
        if (any) continue;
        const double day = c->d->date[i] - 19000000, minute = c->d->time ? c->d->time[i] / 100 : 0;
        const double from = a[0], to = a[2];
        const bool after = day > from || (day == from && (!c->d->time || minute >= a[1]));
        const bool before = day < to || (day == to && (!c->d->time || minute <= a[3]));
        if (after && before) Y = X[i];
    }
}

const naive_row naive_signals[] = {
    {"LAST", last, NAIVE_COUNTS},      {"EXISTR", existr, NAIVE_COUNTS},    {"EVERY", every, NAIVE_COUNTS},
    {"EXIST", exist, NAIVE_COUNTS},    {"FILTER", filter, NAIVE_COUNTS},    {"FILTERX", filterx, NAIVE_COUNTS},
    {"BACKSET", backset, NAIVE_COUNTS}, {"VALUEWHEN", valuewhen, NAIVE_EXACT}, {"TFILTER", tfilter, NAIVE_COUNTS},
    {"TTFILTER", ttfilter, NAIVE_COUNTS}, {"TFILT", tfilt, NAIVE_EXACT}, {NULL, NULL, 0}};
