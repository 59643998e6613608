/* Bars of a longer period from bars: what `goldpit data resample` writes and CLOSE#WEEK sees. */
#ifndef GP_MARKET_RESAMPLE_H
#define GP_MARKET_RESAMPLE_H
#include "base/period.h"
#include "market/bars.h"

/* Can these bars be merged into bars of that period?  Bars of the very period can: they stay as they are. */
bool gp_resample_fits(const gp_bars *b, gp_period period);

/* Which longer bar a stamp belongs to: a number that ascends with time.
 * Weeks are calendar weeks from Monday to Sunday; months, quarters and years are the calendar's.  A minute bar carries the
 * stamp of its end, and so does a longer minute bar.  In A-share sessions (09:30 to 11:30, 13:00 to 15:00) the minutes are
 * counted in trading time, so that the lunch break is no gap and 60-minute bars end at 10:30, 11:30, 14:00 and 15:00; what is
 * stamped before the open belongs to the first bar, after the close to the last one.  Elsewhere the clock counts. */
typedef struct gp_buckets {
    gp_period period;
    int step;                     /* length in minutes; 0: a day and longer */
    bool sessions;                /* A-share sessions */
    int32_t last_date, last_time; /* the stamp before */
} gp_buckets;
void gp_buckets_init(gp_buckets *k, const gp_bars *b, int n, gp_period period);
/* Stamps in ascending order; time -1 for bars without a time of day. */
int64_t gp_bucket_of(gp_buckets *k, int32_t date, int32_t time);

typedef struct gp_resampled {
    gp_bars bars;
    int64_t *key;   /* gp_bucket_of each longer bar */
    gp_period period; /* SAME: a number of minutes that has no word */
    int step;
    bool sessions;  /* how they were made, for the keys of other bars */
    bool forming;   /* the last one may still grow: the calendar has days (or the day minutes) left for it */
} gp_resampled;
/* The first n bars of b, merged.  Date of a bar: the last trading day in it; time: the end of the longer minute bar.  Open: the
 * first there is, high and low: the extremes, close: the last there is, volume and amount: the sums; missing values do not
 * count, and where all are missing so is the result. */
void gp_resample(const gp_bars *b, int n, gp_period period, gp_resampled *out);
/* Bars of any number of minutes, 1 to 1440.  In sessions the minutes of the day are counted through the lunch break; the last bar of a
 * day ends with it. */
bool gp_resample_fits_minutes(const gp_bars *b, int minutes);
void gp_resample_minutes(const gp_bars *b, int n, int minutes, gp_resampled *out);
void gp_resampled_fini(gp_resampled *r);

/* at[i], for the first n bars of b: index of the longer bar that encloses bar i, or -1 where there is none; with closed the
 * last longer bar before the enclosing one (whether or not that one is complete). */
void gp_resample_map(const gp_bars *b, int n, const gp_resampled *r, bool closed, int *at);
#endif
