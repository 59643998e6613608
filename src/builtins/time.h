/* Kernels of time.def.  Calendar: proleptic Gregorian. */
#ifndef GP_BUILTINS_TIME_H
#define GP_BUILTINS_TIME_H
#include "builtins/kit.h"

/* Whole days from 1 March of the year 0, which puts the leap day last in its year. */
GP_HD int gp_day_number(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}
/* Inverse of gp_day_number, as a DATE. */
GP_HD double gp_date_of_day(int number)
{
    int era = number / 146097, rest = number % 146097;
    int y = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    int doy = rest - (365 * y + y / 4 - y / 100), m = (5 * doy + 2) / 153;
    int day = doy - (153 * m + 2) / 5 + 1, month = m < 10 ? m + 3 : m - 9;
    int year = y + 400 * era + (month <= 2);
    return (year - 1900) * 10000.0 + month * 100 + day;
}
/* Years 0 to 9999, so that day numbers stay small whatever the column holds. */
GP_HD int gp_year_of(double date)
{
    int year = gp_int_of(floor(date / 10000.0));
    return year < -1900 ? 0 : year > 8099 ? 9999 : year + 1900;
}
GP_HD int gp_month_of(double date) { return gp_int_of(floor(fmod(date, 10000.0) / 100.0)); }
GP_HD int gp_dom_of(double date) { return gp_int_of(fmod(date, 100.0)); }
GP_HD int gp_day_of_date(double date) { return gp_day_number(gp_year_of(date), gp_month_of(date), gp_dom_of(date)); }
GP_HD double gp_unless_null(double x, double y) { return gp_null(x) ? GP_NULL : y; }
/* 1990-12-19, day 0 of DATETODAY. */
#define GP_DAY_ZERO 727125

GP_HD double k_YEAR(double d) { return gp_unless_null(d, gp_year_of(d)); }
GP_HD double k_MONTH(double d) { return gp_unless_null(d, gp_month_of(d)); }
GP_HD double k_DAY(double d) { return gp_unless_null(d, gp_dom_of(d)); }
/* Day 0 of gp_day_number is a Wednesday. */
GP_HD double k_WEEKDAY(double d) { return gp_unless_null(d, (gp_day_of_date(d) + 3) % 7); }
GP_HD double k_WEEKOFYEAR(double d)
{
    int first = gp_day_number(gp_year_of(d), 1, 1), of_year = gp_day_of_date(d) - first + 1;
    return gp_unless_null(d, ((first + 3) % 7 + of_year - 1) / 7 + 1);
}
GP_HD double k_MACHINEWEEK(double now) { return k_WEEKDAY(now); }
GP_HD double k_DAYSTOTODAY(double d, double now) { return (gp_null(d) | gp_null(now)) ? GP_NULL : (double)(gp_day_of_date(now) - gp_day_of_date(d)); }
GP_HD double k_HOUR(double t) { return gp_unless_null(t, floor(t / 100.0)); }
GP_HD double k_MINUTE(double t) { return gp_unless_null(t, fmod(t, 100.0)); }
GP_HD double k_FROMOPEN(double t)
{
    double now = floor(t / 100.0) * 60.0 + fmod(t, 100.0);
    double morning = now - 570 + 1, afternoon = now - 780 + 121;
    morning = morning < 1 ? 1.0 : morning > 120 ? 120.0 : morning;
    afternoon = afternoon > 240 ? 240.0 : afternoon;
    double y = now < 565 ? 0.0 : now < 780 ? morning : afternoon;
    return gp_unless_null(t, y);
}
GP_HD double k_TOTALFZNUM(void) { return 240.0; }

/* Out of range or not a day of the calendar: null. */
GP_HD double k_DATETODAY(double d)
{
    double t = trunc(d);
    if (!(t >= 901219 && t <= 1341231)) return GP_NULL;
    int number = gp_day_of_date(t);
    return gp_date_of_day(number) == t ? (double)(number - GP_DAY_ZERO) : GP_NULL;
}
GP_HD double k_DAYTODATE(double n)
{
    double t = trunc(n);
    return t >= 0 && t <= 2900000 ? gp_date_of_day(GP_DAY_ZERO + (int)t) : GP_NULL; /* up to the year 9930 */
}
GP_HD double k_TIMETOSEC(double t)
{
    double v = trunc(t), h = floor(v / 10000.0), m = floor(fmod(v, 10000.0) / 100.0), sec = fmod(v, 100.0);
    return v >= 0 && h < 24 && m < 60 && sec < 60 ? h * 3600.0 + m * 60.0 + sec : GP_NULL;
}
GP_HD double k_SECTOTIME(double n)
{
    double v = trunc(n);
    if (!(v >= 0 && v < 86400)) return GP_NULL;
    return floor(v / 3600.0) * 10000.0 + floor(fmod(v, 3600.0) / 60.0) * 100.0 + fmod(v, 60.0);
}
#endif
