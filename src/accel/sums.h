/* What became of the bars where programs are true, by set of parameters, time held and day, added up on the device.  Unlike a market
 * (device.h) the quotes come ticker by ticker and are not kept here: whoever is told that something could not be done there reads them again
 * and does it. */
#ifndef GP_ACCEL_SUMS_H
#define GP_ACCEL_SUMS_H
#include "accel/device.h"

/* What the signals of one day gave: how many, how many of them won, and their returns in millionths. */
typedef struct gp_day_sum { uint32_t n, wins; int64_t sum; } gp_day_sum;

typedef struct gp_accel_sums gp_accel_sums;
/* For programs whose results are conditions (gp_truth_of, gp_truths_of) with the columns, externals and facts of one of `like`, which have to outlive it: the first sets of
 * a sweep, say. */
gp_accel_sums *gp_accel_sums_new(gp_accel *a, const gp_program *const *like, int n_like, int horizons, int days);
void gp_accel_sums_free(gp_accel_sums *s);
/* Can this program run there, as far as is known without compiling it?  What keeps the first one from that is noted (gp_accel_refusal). */
bool gp_accel_sums_can(gp_accel_sums *s, const gp_program *p);

/* What a lane holds besides: the day of each of its bars, below 0 for those that do not count, and for each horizon what became of it, or
 * INT32_MIN: ret[horizon * n + bar]. */
typedef struct gp_accel_outcome { const int32_t *day, *ret; } gp_accel_outcome;
/* Puts tickers there, beside those that are.  False: there is no room for them, or no device. */
bool gp_accel_sums_add(gp_accel_sums *s, const gp_lane *lane, const gp_accel_outcome *o, int tickers);
/* Takes all tickers away. */
void gp_accel_sums_drop(gp_accel_sums *s);

/* Adds to sums[set * results + result][horizon * days + day] what all tickers gave where that result of the set is true; no set has more results than that.  failed[set]: it could not be done, and the sums of that set are void; sets that
 * are marked so already are left out. */
void gp_accel_sums_run(gp_accel_sums *s, const gp_program *const *sets, int n_sets, int results, gp_day_sum *const *sums, bool *failed);
/* Do the two share a kernel? */
bool gp_accel_sums_alike(const gp_program *p, const gp_program *q);
/* Lanes, tickers x sets, that keep the device busy. */
size_t gp_accel_sums_lanes(gp_accel *a);
#endif
