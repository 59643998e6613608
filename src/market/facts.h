/* Values a security has apart from its quotes, from a day on or for ever: shares, figures of its accounts, marks of the user. */
#ifndef GP_MARKET_FACTS_H
#define GP_MARKET_FACTS_H
#include "base/diag.h"
#include "market/bars.h"

typedef struct gp_facts gp_facts;
typedef struct gp_fact { int32_t date; double value; } gp_fact; /* date 0: for ever */

/* Reads a table `code,date,NAME,...` (wide) or `code,id,value` (long, with or without a date), keeping what the keys ask for.
 * Without a date column a value holds on every day.  Codes may carry an exchange.  A row that cannot be used is left out
 * with a warning.  NULL when the file cannot be used at all; the reason is in d. */
gp_facts *gp_facts_read(const char *path, const char *const *keys, int n_keys, gp_diags *d);
/* Series by id: `id,date,value` or `date,ID,ID,...`, with a code column for values of one security; the keys are ids.  Without a code
 * the series is everybody's. */
gp_facts *gp_series_read(const char *path, const char *const *keys, int n_keys, gp_diags *d);
void gp_facts_free(gp_facts *f);

/* Does the file have a column, or in the long form a row, for key k? */
bool gp_facts_has(const gp_facts *f, int k);
/* What the header has, for messages. */
const char *gp_facts_columns(const gp_facts *f);
/* What columns of that key may be called; NULL for figures that only have a number. */
const char *gp_fact_names(const char *key);
/* The values of key k for a security, ascending by date; *n is 0 when it has none. */
const gp_fact *gp_facts_of(const gp_facts *f, const gp_bars *b, int k, int *n);
#endif
