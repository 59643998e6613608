#include "base/period.h"

static const struct { const char *name, *word; int code; } periods[GP_PERIODS] = {
    { "", "", -1 },
    { "MIN1", "minute", 0 },
    { "MIN5", "5-minute bar", 1 },
    { "MIN15", "15-minute bar", 2 },
    { "MIN30", "30-minute bar", 3 },
    { "MIN60", "hour", 4 },
    { "DAY", "day", 5 },
    { "WEEK", "week", 6 },
    { "MONTH", "month", 7 },
    { "SEASON", "quarter", 10 },
    { "YEAR", "year", 11 },
};

gp_period gp_period_find(gp_str word)
{
    if (gp_str_ieqz(word, "QUARTER")) return GP_PERIOD_SEASON;
    for (int i = 1; i < GP_PERIODS; i++)
        if (gp_str_ieqz(word, periods[i].name)) return (gp_period)i;
    return GP_PERIOD_SAME;
}

const char *gp_period_name(gp_period p)
{
    return (unsigned)p < GP_PERIODS ? periods[p].name : "";
}

const char *gp_period_word(gp_period p)
{
    return (unsigned)p < GP_PERIODS ? periods[p].word : "";
}

int gp_period_code(gp_period p)
{
    return (unsigned)p < GP_PERIODS ? periods[p].code : -1;
}

gp_period gp_period_of_code(int code)
{
    for (int i = 1; i < GP_PERIODS; i++)
        if (periods[i].code == code) return (gp_period)i;
    return GP_PERIOD_SAME;
}
