/* What luck gives the best of many sets when they share their days: White's reality check (A Reality Check for Data Snooping, Econometrica 68, 2000) for
 * the studentised maximum of Romano and Wolf (Stepwise Multiple Testing as Formalized Data Snooping, Econometrica 73, 2005).
 *
 * In each draw every block of days keeps its sign or turns it, by chance, and all sets alike, so that sets that resemble each other still do; each set
 * then has another t, and the largest of them is kept.  Without skill a gain is as likely as a loss as large, and what was found is one of these draws
 * like any other: the share of draws that are as good is exact, however few the days and however odd their returns.  The mean is therefore not taken off
 * beforehand (Cameron, Gelbach and Miller, Review of Economics and Statistics 90, 2008: "the null imposed"): it does not inflate the largest t, because
 * the error is computed anew in every draw.
 *
 * Memory: a double a draw, a bit for each draw and block. */
#ifndef GP_WORTH_REALITY_H
#define GP_WORTH_REALITY_H
#include "worth/score.h"

typedef struct gp_reality {
    int draws;                /* 0: there are none */
    size_t days, block;       /* days 0 .. days-1 of the market; of one block */
    size_t n_blocks, words;   /* words of a block's signs */
    uint64_t *turned;         /* n_blocks x words: a bit a draw; draw 0 is what was found */
    double *signs;            /* 256 x 8: +1 or -1 for the bits of a byte */
    double *best;             /* draws + 1: the largest t; -infinity: no set had one */
} gp_reality;

/* Outcomes overlap over `held` days.  A block is four times as long, so that little of what hangs together is cut; twice where fewer than ten of them
 * would remain. */
void gp_reality_new(gp_reality *r, size_t days, size_t held, int draws, uint64_t seed);
void gp_reality_fini(gp_reality *r);

/* A set that gained gain[i] beyond its market with count[i] signals on day i; its t is mean / error, the error by the spread of single days times the root of
 * `inflation`.  t: room for draws + 1; false when there is none. */
bool gp_reality_draw(const gp_reality *r, const double *gain, const double *count, double inflation, double *t);
/* The same of the signals of horizon h in days 0 .. to-1, whose score is s. */
bool gp_reality_of_signals(const gp_reality *r, const gp_sweep_market *m, int h, const gp_day_sum *sums, size_t to, const gp_score *s, double *t);
/* The same of an account's changes from day to day; its t is that of their mean, the Sharpe ratio times the root of the years. */
bool gp_reality_of_account(const gp_reality *r, const gp_figures *f, double *t);
/* That set takes part. */
void gp_reality_take(gp_reality *r, const double *t);

/* What luck's best stays below with that share; NaN: nothing was drawn. */
double gp_reality_quantile(const gp_reality *r, double share);
/* Share of the draws, what was found among them, whose best is at least t, which draw 0 gave one of the sets. */
double gp_reality_p(const gp_reality *r, double t);
#endif
