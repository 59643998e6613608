/* What the files of the companions share. */
#ifndef GP_SCREEN_COMPANIONS_IN_H
#define GP_SCREEN_COMPANIONS_IN_H
#include "base/vec.h"
#include "eval/vm.h"
#include "market/columns.h"
#include "screen/bind.h"
#include "screen/companions.h"

/* What a figure can be made of: the key itself, then others times a scale. */
typedef struct gp_making { const char *key, *of; gp_from from; double scale; } gp_making;
enum { GP_MAKINGS = 16 };
extern const gp_making gp_makings[GP_MAKINGS];

/* Places among what was collected; -1: not there. */
int gp_key_place(const gp_keys *k, const char *key);
int gp_other_place(const gp_companions *c, const char *security);
int gp_index_column(const char *key);            /* 0..5: open .. amount */
const char *gp_key_after(const char *key, const char *head); /* what follows "inblock." in a key, or NULL */
const char *gp_series_id(gp_companions *c, const char *key); /* "1" of "series.1.0" */

/* other: whose quotes the program runs on; -1 those of the scan. */
void gp_companions_collect(gp_companions *c, const gp_program *p, int other);

/* False after saying what cannot be read. */
bool gp_load_index(gp_companions *c, gp_diags *d);
bool gp_load_facts(gp_companions *c, gp_diags *d);
bool gp_load_others(gp_companions *c, gp_diags *d);

/* period: of the bars the program runs on; *good becomes false after saying what is missing. */
gp_bound_program *gp_bind(gp_companions *c, const gp_program *p, int other, gp_period period, bool *good, gp_diags *d);
void gp_unbind(gp_bound_program *r);
#endif
