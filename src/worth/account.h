/* What an account makes of the paths of trades: how many shares, money day by day, and the figures of it. */
#ifndef GP_WORTH_ACCOUNT_H
#define GP_WORTH_ACCOUNT_H
#include "base/vec.h"
#include "worth/trade.h"

typedef struct gp_trade {
    const char *code;
    uint32_t security;           /* by the order of codes */
    gp_path path;
    int32_t signal_date, signal_time, entry_date, entry_time, exit_date, exit_time; /* time -1: none */
    double rank;                 /* NaN: none */
    int64_t shares;
    gp_money bought, sold;       /* values; a short is sold first; of one still held the other side is its last close */
    gp_money fees, profit;       /* profit after fees; still held: at the last close, what selling would cost not taken off */
} gp_trade;
typedef GP_VEC(gp_trade) gp_trades;

/* The account at the end of a day. */
typedef struct gp_point { int32_t date; gp_money cash, value; int positions; } gp_point;
typedef GP_VEC(gp_point) gp_points;

typedef struct gp_misses {
    int64_t n[GP_MISS_REASONS];
    int64_t jumps;               /* of those at a price limit: opens beyond it */
} gp_misses;

/* What became of the bars that signal an entry. */
typedef struct gp_entries {
    int64_t signals;
    int64_t undecided;           /* bars that signal an entry and an exit of one side: no signal to enter */
    gp_misses misses;
    int64_t jumps;               /* bars that open beyond their price limit while held or when an entry was due: unadjusted quotes? */
    int64_t maybe_st;            /* trades bought at what is the upper limit if that day was one of ST, of which nothing is known */
} gp_entries;

/* The two ends of a trade whose path, shares and dates are known; the other side's money.  Return what the cash becomes. */
gp_money gp_trade_open(gp_trade *t, const gp_trade_rules *r, const gp_rule *rule, int32_t date, gp_money cash);
gp_money gp_trade_close(gp_trade *t, const gp_trade_rules *r, const gp_rule *rule, int32_t date, gp_money cash);

/* One security with an account of its own, all of its cash in every trade.  Appends. */
void gp_account_run(const gp_orders *o, const gp_trade_rules *r, gp_money cash, gp_trades *trades, gp_points *points, gp_misses *misses);

/* ---- many securities, one account ---- */

/* What becomes of one signal; a market has a million of them, so it is kept small. */
typedef struct gp_candidate {
    double rank;
    gp_money in, out, lowest, highest;
    int32_t signal, entry, exit, blocked, jumps; /* bars of those kept */
    int8_t side;
    uint8_t in_phase, out_phase, left, miss;
    bool maybe_st;
} gp_candidate;

typedef struct gp_held_security {
    const char *code, *market;
    const gp_rule *rule;         /* for lots and taxes, on its last day */
    gp_candidate *candidates;    /* n_candidates, by signal */
    size_t n_candidates;
    int n;                       /* bars */
    int32_t *date;               /* ascending together with time */
    int32_t *time;               /* NULL: none has a time of day */
    int32_t *close;              /* carried over bars without a price */
    gp_money *wide;              /* the same where a price is too large for that; else NULL */
} gp_held_security;

/* Everything the account can need of a security, so that its bars may be forgotten.  code and market are the caller's. */
void gp_held_security_make(const gp_orders *o, const gp_trade_rules *r, gp_held_security *out);
void gp_held_security_fini(gp_held_security *s);

/* Securities in the order of their codes. */
void gp_portfolio_run(const gp_held_security *s, size_t n, const gp_trade_rules *r, gp_money cash, int max_positions, gp_trades *trades, gp_points *points,
                      gp_misses *misses);

/* ---- figures ---- */

/* Fractions; NaN where there is none.  docs/backtest.md has the formula of each. */
typedef struct gp_figures {
    int32_t from, to;
    double years;
    gp_money start, end;
    double total, cagr, volatility, sharpe, sortino;
    double drawdown;             /* deepest, as a fraction of the peak */
    int32_t drawdown_from, drawdown_to;
    double calmar, exposure, turnover;
    int64_t trades, open, wins;  /* trades: closed ones; wins among them */
    double win, mean, mean_win, mean_loss, payoff, profit_factor, bars;
    int losing_streak;
    gp_money profit, realised, fees; /* realised: of the profit, that of closed trades */
    int64_t left[GP_LEFT_REASONS], blocked;
    const double *change;        /* of the account from day to day beyond the market, while a sweep tells of it (sweep.h); else NULL */
    size_t n_change;
    gp_entries entries;          /* whole in a sweep; of a back-test see gp_backtest */
} gp_figures;

/* What the figures need of the trades.  Whole numbers: returns in billionths. */
typedef struct gp_trade_sums {
    int64_t trades, open, wins, blocked, bars, returns, win_returns;
    gp_money traded, profit, fees, gained, lost;
    int64_t left[GP_LEFT_REASONS];
    gp_entries entries;          /* what trades tell of them; the signals and what was missed are counted by whoever looks at the bars */
} gp_trade_sums;
void gp_trade_sums_add(gp_trade_sums *s, const gp_trade *t);
void gp_trade_sums_merge(gp_trade_sums *s, const gp_trade_sums *t);
/* What the account gained from one point to the next as a share of itself, the first from `start`, less what the market would have given on as much as it
 * held at the point before; market: n changes. */
void gp_account_changes(const gp_point *p, size_t n, gp_money start, const double *market, double *out);
/* The same figures, but for the streak. */
void gp_figures_from(const gp_point *p, size_t n, gp_money start, const gp_trade_sums *s, double per_year, gp_figures *out);

/* per_year: points in a year (250 for days). */
void gp_figures_of(const gp_point *p, size_t n, gp_money start, const gp_trade *t, size_t n_trades, double per_year, gp_figures *out);
/* A buy-and-hold of closes on those days: total, CAGR, drawdown of the figures. */
void gp_benchmark_of(const int32_t *date, const double *close, size_t n, int32_t from, int32_t to, gp_figures *out);
double gp_points_per_year(int period);
#endif
