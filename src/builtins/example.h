/* The ten daily bars on which the examples of the rows run.  Reference pages and tests show them. */
#ifndef GP_BUILTINS_EXAMPLE_H
#define GP_BUILTINS_EXAMPLE_H
#include <stdint.h>

enum { GP_EXAMPLE_BARS = 10 };
typedef struct gp_example_bars_t {
    int32_t date[GP_EXAMPLE_BARS]; /* yyyymmdd; daily, no time of day */
    double open[GP_EXAMPLE_BARS], high[GP_EXAMPLE_BARS], low[GP_EXAMPLE_BARS], close[GP_EXAMPLE_BARS];
    double vol[GP_EXAMPLE_BARS], amount[GP_EXAMPLE_BARS]; /* amount = close * vol * 100 */
} gp_example_bars_t;

static const gp_example_bars_t gp_example_bars __attribute__((unused)) = {
    .date = { 20250102, 20250103, 20250106, 20250107, 20250108, 20250109, 20250110, 20250113, 20250114, 20250115 },
    .open = { 10, 10, 11, 12, 11, 10, 9, 10, 12, 13 },
    .high = { 10.5, 11.5, 12.5, 12.5, 11.5, 10.5, 10.5, 12.5, 13.5, 13.5 },
    .low = { 9.5, 9.5, 10.5, 10.5, 9.5, 8.5, 8.5, 9.5, 11.5, 11.5 },
    .close = { 10, 11, 12, 11, 10, 9, 10, 12, 13, 12 },
    .vol = { 5, 6, 6, 7, 6, 5, 5, 6, 8, 7 },
    .amount = { 5000, 6600, 7200, 7700, 6000, 4500, 5000, 7200, 10400, 8400 },
};
/* What feeds supply on these bars, by the letters of feed.def: shares, the index, further columns. */
static inline double gp_example_feed(char letter, int i)
{
    static const double index[GP_EXAMPLE_BARS] = {100, 101, 103, 102, 100, 99, 101, 102, 104, 105};
    switch (letter) {
    case 'K': return 20;
    case 'k': return 50;
    case 'x': return 10;
    case '1': case '4': return index[i];
    case '2': return index[i] + 1;
    case '3': return index[i] - 1;
    case '5': return index[i] * 10;
    case '6': return index[i] * 1000;
    case '7': case 'a': return index[i] + 500;
    case '8': case 'b': return 500 - index[i];
    case 'i': return index[i] + 200;
    case 's': return gp_example_bars.close[i];
    default: return gp_example_bars.vol[i];
    }
}
#endif
