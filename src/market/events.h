/* Ex-rights events (除权除息) of securities: --events FILE. */
#ifndef GP_MARKET_EVENTS_H
#define GP_MARKET_EVENTS_H
#include "base/diag.h"
#include "market/bars.h"

/* In the order of T in SPLIT(N,T): for 10 shares, the price for one. */
typedef enum { GP_EVENT_BONUS, GP_EVENT_GIFT, GP_EVENT_ALLOT, GP_EVENT_PRICE, GP_EVENT_FIGURES } gp_event_figure;
typedef struct gp_event {
    int32_t date;               /* the ex-rights day */
    double x[GP_EVENT_FIGURES]; /* 0: none */
} gp_event;
typedef struct gp_events gp_events;

/* Layouts and names of columns: events.def.  Two different rows of one security and day are one event of both; the same row twice counts
 * once, with a warning.  A row that cannot be used is left out with a warning: one whose code can be none, one with figures that no event has.  NULL: the file cannot be used, the reason is in d. */
gp_events *gp_events_read(const char *path, gp_diags *d);
void gp_events_free(gp_events *e);
/* Has the file a column for it?  And what such columns are called; and the file's header, for messages. */
bool gp_events_have(const gp_events *e, gp_event_figure figure);
const char *gp_event_names(gp_event_figure figure);
const char *gp_events_columns(const gp_events *e);
/* How many of its securities were never asked for, and the first of them. */
size_t gp_events_unasked(const gp_events *e, const char **example);
/* Of a security, ascending by day; *n is 0 when it has none. */
const gp_event *gp_events_of(const gp_events *e, const gp_bars *b, int *n);
#endif
