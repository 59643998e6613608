/* Dates and times of day as the vendors write them. */
#ifndef GP_MARKET_STAMP_H
#define GP_MARKET_STAMP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* yyyymmdd, yyyy-m-d, yyyy/m/d, yyyy.m.d, yyyy年m月d日, then optionally a blank or T and a time, then optionally a
 * zone, which is ignored; or a comma or blank and the day of the week in Chinese; also yyyymmddhhmm and yyyymmddhhmmss with any further digits.  Years 1900 to 2199. *time is
 * hhmmss, or -1 when the text has none. */
bool gp_stamp_parse(const char *p, size_t n, int32_t *date, int32_t *time);
/* As gp_stamp_parse with "ymd"; "dmy" and "mdy": d/m/yyyy or m/d/yyyy with / - or . between, or 8 digits, then as above. */
bool gp_stamp_parse_as(const char *p, size_t n, const char *order, int32_t *date, int32_t *time);
/* h:m, h:m:s, h:m:s.fff, hmm, hhmm, hmmss, hhmmss, and the long digit forms above (the date in them is ignored). */
bool gp_time_parse(const char *p, size_t n, int32_t *time);
/* 28 to 31. */
int gp_days_of_month(int32_t yyyymmdd);
/* Days since 1970-01-01. */
int32_t gp_day_number(int32_t yyyymmdd);
/* The same from another date and its number: most neighbours are of one month. */
static inline int32_t gp_day_number_near(int32_t yyyymmdd, int32_t other, int32_t number)
{
    return yyyymmdd / 100 == other / 100 ? number + yyyymmdd - other : gp_day_number(yyyymmdd);
}
/* The date of such a number. */
int32_t gp_day_date(int32_t day);
#endif
