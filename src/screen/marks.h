/* Series made of dated figures beside the quotes: the user's own, ex-rights events. */
#ifndef GP_SCREEN_MARKS_H
#define GP_SCREEN_MARKS_H
#include "market/events.h"
#include "market/facts.h"

/* SIGNALS_USER(id,type): what a bar has that no value belongs to. */
typedef enum { GP_SERIES_NULL, GP_SERIES_CARRY, GP_SERIES_ZERO, GP_SERIES_TYPES } gp_series_type;

/* A value belongs to the bars of its day; of bars longer than a day to the one it falls into. */
void gp_series_fill(const gp_fact *facts, int count, gp_series_type type, const gp_bars *b, int n, double *to);

/* SPLIT: the figure of the nth latest event, up to each bar, that has one; or how many bars ago it came. */
void gp_events_nth(const gp_events *events, int nth, gp_event_figure figure, bool bars_ago, const gp_bars *b, int n, double *to);
#endif
