/* 程序交易评测: trades of a formula over files of quotes.  docs/backtest.md is the text of it. */
#ifndef GP_WORTH_BACKTEST_H
#define GP_WORTH_BACKTEST_H
#include "accel/device.h"
#include "base/arena.h"
#include "screen/companions.h"
#include "screen/plan.h"
#include "worth/account.h"

/* Numeric results of the plan's program; -1: none.  Several enter or leave slots: one of them is enough. */
enum { GP_ORDER_SLOTS = 16 };
typedef struct gp_order_slots {
    int enter[2][GP_ORDER_SLOTS], n_enter[2]; /* long, short */
    int leave[2][GP_ORDER_SLOTS], n_leave[2];
    int stop, target, trail, rank;
    int where;                                /* must hold as well, to enter */
} gp_order_slots;

typedef enum { GP_TEST_ALL, GP_TEST_BY_YEAR, GP_TEST_BY_CODE } gp_test_by;

typedef struct gp_backtest_opts {
    int jobs;
    gp_order_slots slots;
    gp_trade_rules rules;
    gp_money cash;           /* of each account */
    int max_positions;       /* 0: every security has an account of its own */
    int32_t from, to;        /* the account exists on these days; 0: open */
    gp_test_by by;
    gp_csv_path csv_path;
    gp_accel *accel;       /* where the formula runs; NULL: here */
    const gp_companions *companions;
    void (*progress)(void *ctx, size_t done, size_t total);
    void *progress_ctx;
} gp_backtest_opts;

typedef struct gp_test_row { const char *group; gp_figures f; } gp_test_row; /* group NULL: all */

typedef struct gp_backtest {
    gp_trade *trades;        /* by entry, then code */
    size_t n_trades;
    gp_point *points;        /* the account, or the sum of all accounts, day by day */
    size_t n_points;
    gp_test_row *rows;       /* all; then years or codes */
    size_t n_rows;
    gp_entries entries;
    size_t tickers, skipped; /* securities; files that could not be used */
    size_t idle;             /* securities without a bar in the days asked for */
    struct { size_t n; const char *code; } foreign, indices; /* securities that no rule of a board fits; those that nobody can buy; the first of each */
    gp_money cash;           /* of all accounts at the beginning */
    double per_year;
    gp_arena arena;
} gp_backtest;

void gp_backtest_run(const gp_plan *plan, const gp_inputs *inputs, const gp_backtest_opts *o, gp_backtest *out, gp_diags *d);
void gp_backtest_fini(gp_backtest *r);
#endif
