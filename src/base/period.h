/* Periods of bars: the words that can stand after # in a formula and after --period. */
#ifndef GP_BASE_PERIOD_H
#define GP_BASE_PERIOD_H
#include "base/str.h"

/* In ascending length. */
typedef enum {
    GP_PERIOD_SAME, /* no other period */
    GP_PERIOD_MIN1, GP_PERIOD_MIN5, GP_PERIOD_MIN15, GP_PERIOD_MIN30, GP_PERIOD_MIN60,
    GP_PERIOD_DAY, GP_PERIOD_WEEK, GP_PERIOD_MONTH, GP_PERIOD_SEASON, GP_PERIOD_YEAR,
    GP_PERIODS
} gp_period;

gp_period gp_period_find(gp_str word);     /* "WEEK", any case; "QUARTER" is SEASON; GP_PERIOD_SAME: unknown */
const char *gp_period_name(gp_period p);   /* "WEEK"; "" for SAME */
const char *gp_period_word(gp_period p);   /* "week", for sentences */
int gp_period_code(gp_period p);           /* what PERIOD gives (functions.md section 2): 0-4 minutes, 5 day, 6 week, 7 month, 10, 11 */
gp_period gp_period_of_code(int code);     /* SAME: none of these */
#endif
