/* How an order becomes a fill: the rules of a back-test, for one security.  docs/backtest.md is the text of it.
 * Money and prices are whole ten-thousandths of a yuan, so that accounts balance to the last digit. */
#ifndef GP_WORTH_TRADE_H
#define GP_WORTH_TRADE_H
#include "market/bars.h"
#include "market/rules.h"

typedef int64_t gp_money; /* GP_PRICE_ONE to the yuan */
enum { GP_MILLION = 1000000 };
#define GP_PRICE_MOST (INT64_C(10000000) * GP_PRICE_ONE) /* what is above is no price */
#define GP_CASH_MOST (INT64_C(100000000000) * GP_PRICE_ONE)

typedef enum { GP_FILL_OPEN /* of the next bar */, GP_FILL_CLOSE /* of the signal's own */ } gp_fill_at;

/* A distance from a price: a share of it in millionths, or (per_bar) what an expression says on the signal's bar, in yuan. */
typedef struct gp_distance { bool given, per_bar; int64_t millionths; } gp_distance;

typedef struct gp_trade_rules {
    gp_fill_at fill;
    bool same_day;               /* a purchase can be sold on its own day */
    bool shorts;
    int limit;                   /* thousandths; -1 by board and name; 0 none */
    int lot;                     /* shares; 0: by board */
    int hold;                    /* bars; 0: no limit */
    gp_distance stop, target, trail;
    int64_t commission;          /* millionths of the value */
    gp_money commission_min;     /* where there is a commission */
    int64_t stamp, transfer;     /* millionths; -1: by day */
    int64_t slippage;            /* millionths of the price */
} gp_trade_rules;

/* What ends a trade whatever the formula says; value: bars, or percent of the price; infinity: it does not. */
typedef enum { GP_ENDS_STOP, GP_ENDS_TARGET, GP_ENDS_TRAIL, GP_ENDS_HOLD, GP_ENDS } gp_ends;
void gp_rules_end(gp_trade_rules *r, gp_ends by, double value);

/* A bar's prices in whole units (0: none), and whether there was trade. */
typedef struct gp_quote { gp_money open, high, low, close; bool trades; } gp_quote;

/* What the formula says about one security.  Columns have a value a bar of `bars`; NULL: there is none. */
typedef struct gp_orders {
    const gp_bars *bars;
    const gp_quote *quotes;      /* gp_quote_of of each bar, where many paths are asked for; NULL: made as they are needed */
    int first, last;             /* bars that exist for the account */
    const double *enter[2], *leave[2]; /* long, short */
    const uint8_t *leave_bits[2];      /* instead of leave: bit `lane` of a byte for each bar */
    int lane;
    const double *stop, *target, *trail, *rank;
} gp_orders;

typedef enum { GP_PHASE_OPEN, GP_PHASE_DURING, GP_PHASE_CLOSE } gp_phase;
typedef enum { GP_LEFT_OPEN /* still held at the end */, GP_LEFT_SIGNAL, GP_LEFT_STOP, GP_LEFT_TRAIL, GP_LEFT_TARGET, GP_LEFT_HOLD, GP_LEFT_REASONS } gp_left;

/* Why an entry did not come about. */
typedef enum { GP_MISS_NONE, GP_MISS_END /* the bar to fill on does not exist */, GP_MISS_LIMIT, GP_MISS_HALTED, GP_MISS_PRICE /* none above 0, whatever was traded */, GP_MISS_DISTANCE /* a stop, target or trail is null or not above 0 */,
               GP_MISS_MONEY /* not enough for a lot */, GP_MISS_SLOT /* --max-positions */, GP_MISS_REASONS } gp_miss;

/* From the signal to the exit; what depends on the security alone. */
typedef struct gp_path {
    int side;                    /* 1 long, -1 short */
    int signal, entry, exit;     /* bars; exit of one still held: the last bar */
    gp_money in, out;            /* prices filled; still held: the last close */
    gp_phase in_phase, out_phase;
    gp_left left;
    int blocked;                 /* bars on which it could not be left */
    int jumps;                   /* bars that opened beyond their price limit: while held, or the one on which the entry was refused for it */
    bool maybe_st;               /* bought at what is the upper limit if that day was one of ST, of which nothing is known */
    gp_money lowest, highest;    /* prices while held, those of the fills among them */
} gp_path;

/* A price in whole units; 0 when it is none. */
gp_money gp_price_of(double yuan);
gp_quote gp_quote_of(const gp_bars *b, int i);
static inline bool gp_is_true(double x) { return x >= 1e-5 || x <= -1e-5; } /* language.md 4.5; false for NaN */

/* Does a bar signal an entry on that side (and not an exit as well)? */
bool gp_wants_entry(const gp_orders *o, int bar, int side);
/* What becomes of an entry signalled on `signal`. */
gp_miss gp_path_of(const gp_orders *o, const gp_trade_rules *r, int signal, int side, gp_path *out);
/* Most adverse and most favourable excursion, as fractions of the price paid: <= 0 and >= 0. */
double gp_path_mae(const gp_path *p);
double gp_path_mfe(const gp_path *p);
/* The first bar whose signals count once the path is over. */
int gp_path_free(const gp_path *p, const gp_trade_rules *r);

/* Close of a bar, or of the last bar before it that has one; 0: none. */
gp_money gp_close_at(const gp_orders *o, int bar);

/* ---- money ---- */

/* shares * price, held within what an account can hold. */
gp_money gp_money_of(int64_t shares, gp_money price);
/* Commission, stamp duty, transfer fee of one trade, each rounded half up to 0.01 yuan. */
gp_money gp_fees_for(const gp_trade_rules *r, const gp_rule *rule, int32_t date, bool buys, gp_money value);
/* The most shares that budget pays, fees included, in lots; 0: not one lot. */
int64_t gp_shares_for(const gp_trade_rules *r, const gp_rule *rule, int32_t date, bool buys, gp_money price, gp_money budget);
#endif
