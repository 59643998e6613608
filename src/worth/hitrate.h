/* 成功率测试: what came after the signals of a formula, beside what came after any bar.  docs/hitrate.md says what each figure means. */
#ifndef GP_WORTH_HITRATE_H
#define GP_WORTH_HITRATE_H
#include "accel/device.h"
#include "base/arena.h"
#include "market/reader.h"
#include "screen/companions.h"
#include "screen/plan.h"

enum { GP_HIT_AFTER_MAX = 16, GP_HIT_BARS_MAX = 10000 };

typedef enum { GP_ENTRY_NEXT_OPEN, GP_ENTRY_NEXT_CLOSE, GP_ENTRY_CLOSE } gp_entry_at;
typedef enum { GP_HIT_ALL, GP_HIT_BY_YEAR, GP_HIT_BY_CODE } gp_hit_by;

typedef struct gp_hitrate_opts {
    int jobs;                 /* 0: one per processor */
    int after[GP_HIT_AFTER_MAX], n_after; /* bars held, ascending */
    gp_entry_at entry;
    int32_t from, to;         /* days the signals (and the bars they are compared with) may lie on; 0: open */
    gp_hit_by by;
    int draws;                /* of the permutation test; 0: none */
    uint64_t seed;
    bool apart;               /* each security is moved by a number of its own; else all of them by the same number */
    bool keep_limit;          /* entries at the limit-up price count as well */
    int limit;                /* price limit in thousandths; -1: by board and name; 0: none */
    bool shape;               /* what a picture needs: distribution and mean path */
    gp_csv_path csv_path;
    gp_accel *accel;       /* where the formula runs; NULL: here */
    const gp_companions *companions;
    void (*progress)(void *ctx, size_t done, size_t total);
    void *progress_ctx;
} gp_hitrate_opts;

/* One line of the result.  Returns and shares are fractions (0.01 is 1 %); NaN: there is none. */
typedef struct gp_hit_row {
    const char *signal;
    const char *group;        /* NULL: all; "2024", or a code */
    int after;
    int64_t n;                /* signals that were bought and whose bars have passed */
    int64_t waiting;          /* bought, but the data end before the bars have passed; only where group is NULL */
    int64_t days;             /* different days the n signals came on */
    int64_t independent;      /* of these days, how many can be chosen so that no two holding times overlap */
    double win, win_low, win_high;  /* share of returns above 0; 95 % interval for `independent` trials */
    double mean, q10, q25, median, q75, q90, worst, best;
    double mae, mae_worst;    /* lowest low against the entry price: mean and worst */
    double mfe, mfe_best;     /* highest high: mean and best */
    int64_t base_n;           /* every bar of the same securities and days */
    double base_win, base_mean, base_median;
    double day_mean;          /* the same securities on the days of the signals, each day as often as it had signals */
    double excess;            /* mean - day_mean */
    double p;                 /* share of random shifts whose mean was at least as high; NaN: not drawn */
} gp_hit_row;

/* How the returns of one signal are spread, and how they came about, beside those of every bar. */
enum { GP_HIT_BINS_MOST = 120, GP_HIT_PATH_LEAST = 20, GP_HIT_PATH_MOST = 250 };
typedef struct gp_hit_shape {
    const char *signal;
    int after;                /* the longest horizon: of the distribution */
    double low, width;        /* bin i holds returns from low + i * width on; the first and the last one also what is beyond */
    int n_bins;
    double share[GP_HIT_BINS_MOST], base_share[GP_HIT_BINS_MOST]; /* of all; they sum up to 1 */
    int64_t n, base_n;        /* returns */
    double mean, base_mean;
    int bars;                 /* mean return of the closes 0..bars bars after the entry, over those entries that have all of them */
    double path[GP_HIT_PATH_MOST + 1], base_path[GP_HIT_PATH_MOST + 1];
    int64_t path_n, base_path_n;
} gp_hit_shape;

/* What happened to the signals of one kind. */
typedef struct gp_hit_fate {
    const char *signal;
    int64_t found;
    int64_t no_bar;           /* on the last bar: the bar to buy on does not exist yet */
    int64_t at_limit;         /* could not be bought: the price was at the upper limit */
    int64_t beyond;           /* of these: well above it: unadjusted quotes? */
    int64_t halted;           /* the bar to buy on had no trade */
    int64_t bad_price;        /* no price, or none above zero, to buy or sell at */
    int64_t near_zero;        /* shares bought below GP_NEAR_ZERO */
    int64_t maybe_st;         /* bought at what is the upper limit if that day was one of ST, of which nothing is known */
    int64_t same_day;         /* bars within the day: bought and, after the fewest bars asked for, sold on one day */
} gp_hit_fate;

typedef struct gp_hitrate {
    gp_hit_row *rows;
    size_t n_rows;
    gp_hit_fate *fates;       /* one per signal of the plan */
    int n_fates;
    gp_hit_shape *shapes;     /* one per signal, where asked for; else NULL */
    size_t tickers, inputs, skipped;
    int64_t bars;             /* bars looked at as entries */
    int longest;
    int finest;               /* PERIOD code of the shortest bars */
    int32_t first_day, last_day; /* of those bars; 0: none */
    gp_arena arena;
} gp_hitrate;

/* The plan's signals over all inputs.  The result does not depend on jobs. */
void gp_hitrate_run(const gp_plan *plan, const gp_inputs *inputs, const gp_hitrate_opts *o, gp_hitrate *out, gp_diags *d);
void gp_hitrate_fini(gp_hitrate *r);
#endif
