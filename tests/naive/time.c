/* functions.md 2: date and time.  The calendar is counted out day by day. */
#include "naive.h"

#define EACH for (int i = 0; i < c->n; i++)
#define Y c->y[i]

static int year_of(int32_t d) { return d / 10000; }
static int month_of(int32_t d) { return d / 100 % 100; }
static int day_of(int32_t d) { return d % 100; }
static bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }
static int days_in(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : days[m - 1];
}
static int day_of_year(int y, int m, int d)
{
    for (int k = 1; k < m; k++) d += days_in(y, k);
    return d;
}
/* 1900-01-01, a Monday, is day 0 */
static int days_since_1900(int y, int m, int d)
{
    int n = day_of_year(y, m, d) - 1;
    for (int k = 1900; k < y; k++) n += leap(k) ? 366 : 365;
    return n;
}
static int weekday_of(int y, int m, int d) { return (days_since_1900(y, m, d) + 1) % 7; } /* Sunday 0 */

static void date(const naive_call *c) { EACH Y = c->d->date[i] - 19000000; }
static void year(const naive_call *c) { EACH Y = year_of(c->d->date[i]); }
static void month(const naive_call *c) { EACH Y = month_of(c->d->date[i]); }
static void day(const naive_call *c) { EACH Y = day_of(c->d->date[i]); }
static void weekday(const naive_call *c)
{
    EACH Y = weekday_of(year_of(c->d->date[i]), month_of(c->d->date[i]), day_of(c->d->date[i]));
}
static void weekofyear(const naive_call *c)
{
    EACH {
        const int32_t d = c->d->date[i];
        const int first = weekday_of(year_of(d), 1, 1);
        Y = (first + day_of_year(year_of(d), month_of(d), day_of(d)) - 1) / 7 + 1;
    }
}

static int clock_of(const naive_call *c, int i) { return c->d->time ? c->d->time[i] : 0; } /* hhmmss */
static void time_(const naive_call *c) { EACH Y = clock_of(c, i) / 100; }
static void time2(const naive_call *c) { EACH Y = clock_of(c, i); }
static void hour(const naive_call *c) { EACH Y = clock_of(c, i) / 10000; }
static void minute(const naive_call *c) { EACH Y = clock_of(c, i) / 100 % 100; }
static void period(const naive_call *c) { EACH Y = c->d->period; }

/* 9:30 is minute 1, 11:29 and the whole pause 120, 13:00 121, from 15:00 on 240 */
static void fromopen(const naive_call *c)
{
    EACH {
        const int t = clock_of(c, i) / 100, m = t / 100 * 60 + t % 100;
        if (t < 925) Y = 0;
        else if (t < 930) Y = 1;
        else if (t < 1130) Y = m - (9 * 60 + 30) + 1;
        else if (t < 1300) Y = 120;
        else Y = t >= 1500 ? 240 : m - 13 * 60 + 121;
    }
}
static void totalfznum(const naive_call *c) { EACH Y = 240; }

static const int first_day = 33224; /* 1990-12-19 counted from 1900-01-01 */

static bool real_date(int d)
{
    const int m = d / 100 % 100, t = d % 100;
    return d >= 901219 && d <= 1341231 && m >= 1 && m <= 12 && t >= 1 && t <= days_in(d / 10000 + 1900, m);
}
static void datetoday(const naive_call *c)
{
    EACH {
        const double v = c->x[0][i];
        const int d = nil(v) ? 0 : whole(v);
        Y = real_date(d) ? days_since_1900(d / 10000 + 1900, d / 100 % 100, d % 100) - first_day : NIL;
    }
}
static void daytodate(const naive_call *c)
{
    EACH {
        const double v = c->x[0][i];
        Y = NIL;
        if (!nil(v) && whole(v) > 100000) *c->wild = true; /* how far it goes is not said */
        if (nil(v) || whole(v) < 0 || whole(v) > 100000) continue;
        int left = whole(v) + first_day, y = 1900, m = 1;
        while (left >= (leap(y) ? 366 : 365)) left -= leap(y) ? 366 : 365, y++;
        while (left >= days_in(y, m)) left -= days_in(y, m), m++;
        Y = (y - 1900) * 10000 + m * 100 + left + 1;
    }
}
static void timetosec(const naive_call *c)
{
    EACH {
        const double v = c->x[0][i];
        Y = NIL;
        if (nil(v) || whole(v) < 0 || whole(v) > 235959) continue;
        const int t = whole(v);
        if (t / 100 % 100 < 60 && t % 100 < 60) Y = t / 10000 * 3600 + t / 100 % 100 * 60 + t % 100;
    }
}
static void sectotime(const naive_call *c)
{
    EACH {
        const double v = c->x[0][i];
        Y = NIL;
        if (nil(v) || whole(v) < 0 || whole(v) >= 86400) continue;
        const int s = whole(v);
        Y = s / 3600 * 10000 + s / 60 % 60 * 100 + s % 60;
    }
}

const naive_row naive_time[] = {
    {"DATE", date, NAIVE_COUNTS},       {"YEAR", year, NAIVE_COUNTS},           {"MONTH", month, NAIVE_COUNTS},
    {"DAY", day, NAIVE_COUNTS},         {"WEEKDAY", weekday, NAIVE_COUNTS},     {"WEEKOFYEAR", weekofyear, NAIVE_COUNTS},
    {"TIME", time_, NAIVE_COUNTS},      {"TIME2", time2, NAIVE_COUNTS},         {"HOUR", hour, NAIVE_COUNTS},
    {"MINUTE", minute, NAIVE_COUNTS},   {"PERIOD", period, NAIVE_COUNTS},       {"FROMOPEN", fromopen, NAIVE_COUNTS},
    {"TOTALFZNUM", totalfznum, NAIVE_COUNTS}, {"DATETODAY", datetoday, NAIVE_COUNTS}, {"DAYTODATE", daytodate, NAIVE_COUNTS},
    {"TIMETOSEC", timetosec, NAIVE_COUNTS}, {"SECTOTIME", sectotime, NAIVE_COUNTS}, {NULL, NULL, 0}};
