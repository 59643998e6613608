#include "base/period.h"

static const struct { const char *name; int code; } periods[GP_PERIODS] = {
    { "", -1 },     { "MIN1", 0 }, { "MIN5", 1 }, { "MIN15", 2 }, { "MIN30", 3 },   { "MIN60", 4 },
    { "DAY", 5 },   { "WEEK", 6 }, { "MONTH", 7 }, { "SEASON", 10 }, { "YEAR", 11 },
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
