/* Series made of dated figures beside the quotes: the user's own, ex-rights events. */
#ifndef GP_SCREEN_MARKS_H
#define GP_SCREEN_MARKS_H
#include "market/facts.h"

/* SIGNALS_USER(id,type): what a bar has that no value belongs to. */
typedef enum { GP_SERIES_NULL, GP_SERIES_CARRY, GP_SERIES_ZERO, GP_SERIES_TYPES } gp_series_type;

/* A value belongs to the bars of its day; of bars longer than a day to the one it falls into. */
void gp_series_fill(const gp_fact *facts, int count, gp_series_type type, const gp_bars *b, int n, double *to);

/* The columns of an events file, in the order of T in SPLIT(N,T): per 10 shares, the price for one. */
typedef enum { GP_EVENT_BONUS, GP_EVENT_GIFT, GP_EVENT_ALLOT, GP_EVENT_PRICE, GP_EVENT_FIGURES } gp_event_figure;
extern const char *const gp_event_keys[GP_EVENT_FIGURES];

/* SPLIT: the figure of the nth latest event, up to each bar, that has one; or how many bars ago it came. */
void gp_events_nth(const gp_facts *events, int nth, gp_event_figure figure, bool bars_ago, const gp_bars *b, int n, double *to);
/* DIVFACTOR: what the closes are multiplied with to make them comparable with the latest one, or with the first one. */
void gp_events_factor(const gp_facts *events, bool backward, const gp_bars *b, int n, double *to);
#endif
