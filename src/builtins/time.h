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
/* Rounded down; by a constant it is a multiplication, where fmod is a loop. */
GP_HD int gp_floor_div(int a, int b) { return a / b - (a % b < 0); }
/* Years 0 to 9999, so that day numbers stay small whatever the column holds.  Dates and times are whole numbers. */
GP_HD int gp_year_of(double date)
{
    int year = gp_floor_div(gp_int_of(date), 10000);
    return year < -1900 ? 0 : year > 8099 ? 9999 : year + 1900;
}
GP_HD int gp_month_of(double date) { return gp_floor_div(gp_int_of(date) % 10000, 100); }
GP_HD int gp_dom_of(double date) { return gp_int_of(date) % 100; }
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
GP_HD double k_MINUTE(double t) { return gp_unless_null(t, gp_int_of(t) % 100); }
GP_HD double k_FROMOPEN(double t)
{
    double now = floor(t / 100.0) * 60.0 + gp_int_of(t) % 100;
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
    int year = gp_year_of(t), month = gp_month_of(t), day = gp_dom_of(t);
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    int days = month == 2 ? 28 + leap : 30 + ((month + month / 8) & 1);
    if (month < 1 || month > 12 || day < 1 || day > days) return GP_NULL;
    return gp_day_number(year, month, day) - GP_DAY_ZERO;
}
GP_HD double k_DAYTODATE(double n)
{
    double t = trunc(n);
    return t >= 0 && t <= 2900000 ? gp_date_of_day(GP_DAY_ZERO + (int)t) : GP_NULL; /* up to the year 9930 */
}
GP_HD double k_TIMETOSEC(double t)
{
    double v = trunc(t);
    if (!(v >= 0 && v < 240000)) return GP_NULL;
    int n = (int)v, m = n / 100 % 100, sec = n % 100;
    return m < 60 && sec < 60 ? n / 10000 * 3600 + m * 60 + sec : GP_NULL;
}
GP_HD double k_SECTOTIME(double n)
{
    double v = trunc(n);
    if (!(v >= 0 && v < 86400)) return GP_NULL;
    int at = (int)v;
    return at / 3600 * 10000 + at / 60 % 60 * 100 + at % 60;
}
#endif
