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
#endif
