/* Prices that can be compared across ex-rights days: 前复权 forward, 后复权 backward. */
#ifndef GP_MARKET_ADJUST_H
#define GP_MARKET_ADJUST_H
#include "market/events.h"

typedef enum { GP_ADJUST_NONE, GP_ADJUST_FORWARD, GP_ADJUST_BACKWARD } gp_adjust_to; /* as TQFLAG */
/* TDX: what an event takes from a price is subtracted and shared out, (P - cash + rights paid)/(1 + new shares + rights), bar by bar; old
 * prices can fall below zero.  FACTOR: every price is multiplied by what the event made of the close before it. */
typedef enum { GP_WAY_TDX, GP_WAY_FACTOR } gp_adjust_way;

typedef struct gp_adjuster {
    const gp_events *events;
    gp_adjust_to to;
    gp_adjust_way way;
    int32_t until;  /* events after this day have not happened; 0: all */
    int decimals;   /* of the result; -1: not rounded */
    /* counted by gp_adjust, from any thread */
    unsigned securities, with_events, not_positive; /* the last: securities with a price of zero or below that was above */
    char lowest[3][24]; /* the first codes of those */
} gp_adjuster;

/* Changes open, high, low, close in place; volume and amount stay as they were, as in TDX.  An event applies from the first bar on or after
 * its day; one before the first bar or after the last changes nothing.  d: what is odd. */
/* False, with an error in d, when the prices are adjusted already, as their file says. */
bool gp_adjust(gp_adjuster *a, gp_bars *b, gp_diags *d);

/* What the closes are multiplied with to make them comparable with the latest one, or with the first one (DIVFACTOR). */
void gp_adjust_factors(const gp_event *e, int count, bool backward, const gp_bars *b, int n, double *to);
#endif
