/* What is wrong, or odd, in the bars of a market: `goldpit data check`. */
#ifndef GP_MARKET_DOCTOR_H
#define GP_MARKET_DOCTOR_H
#include "base/vec.h"
#include "market/events.h"

/* GRAVE ones make results wrong; the others may be as they should be (a suspended security has a gap). */
typedef enum {
    GP_ODD_OHLC,       /* high or low does not enclose open and close */
    GP_ODD_PRICE,      /* zero or below */
    GP_ODD_NO_CLOSE,   /* missing */
    GP_ODD_JUMP,       /* beyond the price limit of the board (other markets: 60 %), and no event says why; a: in %, b: the limit in % */
    GP_ODD_UNIT,       /* the volume counts something else from here on; a: how many times as much */
    GP_ODD_SAME_PERIOD, /* a bar of the week (month, quarter, year) of the bar before it; to: the date of that */
    GP_ODD_CLOSED,     /* a bar on a day when the market was closed */
    GP_ODD_GAP,        /* trading days without a bar; n of them, date to `to` */
    GP_ODD_ENDS_EARLY, /* n trading days before the newest day of the data */
    GP_ODD_KINDS
} gp_odd;
const char *gp_odd_name(gp_odd k); /* "ohlc" */
bool gp_odd_grave(gp_odd k);

typedef struct gp_finding {
    gp_odd kind;
    int32_t date, time, to; /* time -1: none; to: last day of a gap, the bar before of the same period, else 0 */
    int n;                  /* days of a gap; the period that two bars share (PERIOD code); bars of the kind that are not listed singly */
    double a, b;
} gp_finding;
typedef GP_VEC(gp_finding) gp_findings;

/* Days on which a market trades: those on which at least half of the securities that have bars before and after have one. */
typedef struct gp_calendar gp_calendar;
gp_calendar *gp_calendar_new(void);
void gp_calendar_free(gp_calendar *c);
/* Every security once, before anything is asked. */
void gp_calendar_add(gp_calendar *c, const gp_bars *b);
/* False with fewer than three securities: then the days of one cannot be told from those of the market. */
bool gp_calendar_known(const gp_calendar *c);

/* What is found of a security, in the order of its bars; of each kind at most `most` singly, then one that counts the rest (date 0).
 * events: NULL, jumps are then not explained by any. */
void gp_doctor(const gp_calendar *c, const gp_events *events, const gp_bars *b, int most, gp_findings *out);
#endif
