#include "market/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "market/reader.h"

bool gp_is_index(const char *market, const char *code)
{
    static const char *const rows[] = {"SH000", "SH880", "SH881", "SH999", "SH1A0", "SH1B0", "SZ399", "BJ899"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strncmp(market, rows[i], 2) == 0 && strncmp(code, rows[i] + 2, 3) == 0) return strlen(code) == 6;
    return false;
}

static double average_price(const gp_bars *b, int i)
{
    const double *columns[] = {b->open, b->high, b->low, b->close};
    double sum = 0;
    int n = 0;

    for (int c = 0; c < 4; c++) {
        if (!columns[c] || !(columns[c][i] > 0)) continue;
        sum += columns[c][i];
        n++;
    }
    return n ? sum / n : NAN;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle of amount / (volume x price) over the newest bars, whose prices are as they were paid even where older ones are adjusted. */
static double middle_ratio(const gp_bars *b)
{
    enum { NEWEST = 250 };
    double ratio[NEWEST];
    size_t n = 0;

    for (int i = b->n - 1; i >= 0 && n < NEWEST; i--) {
        const double price = average_price(b, i);
        if (b->vol[i] > 0 && b->amount[i] > 0 && price > 0) ratio[n++] = b->amount[i] / (b->vol[i] * price);
    }
    if (n == 0) return NAN;
    qsort(ratio, n, sizeof *ratio, by_value);
    return ratio[n / 2];
}

gp_unit_guess gp_units_infer(const gp_bars *b)
{
    static const struct {
        double ratio;
        gp_unit_guess guess;
    } rows[] = {
        {1, {GP_UNIT_SHARES, GP_UNIT_YUAN}},       {100, {GP_UNIT_LOTS, GP_UNIT_YUAN}},    {0.001, {GP_UNIT_SHARES, GP_UNIT_KYUAN}},
        {0.1, {GP_UNIT_LOTS, GP_UNIT_KYUAN}},      {0.0001, {GP_UNIT_SHARES, GP_UNIT_WYUAN}},
        {0.01, {GP_UNIT_LOTS, GP_UNIT_WYUAN}},
    };
    const gp_unit_guess nothing = {GP_UNIT_UNKNOWN, GP_UNIT_UNKNOWN};

    if (!b->vol || !b->amount || gp_is_index(b->market, b->code)) return nothing;
    const double ratio = middle_ratio(b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fabs(log(ratio / rows[i].ratio)) < log(1.25)) return rows[i].guess; /* false for NaN */
    return nothing;
}

void gp_volume_convert(gp_bars *b, gp_unit from, int to)
{
    for (int i = 0; b->vol && i < b->n; i++) {
        const double lot = to == GP_VOLUME_LOTS ? 100 : 1;
        if (from == GP_UNIT_SHARES && to == GP_VOLUME_LOTS) b->vol[i] /= 100;
        if (from == GP_UNIT_LOTS && to == GP_VOLUME_SHARES) b->vol[i] *= 100;
        if (from == GP_UNIT_YUAN && b->vol[i] != 0) b->vol[i] /= average_price(b, i) * lot;
    }
}
