/* What was given beside the quotes, loaded for what is run: the index, fundamentals, blocks, events, other securities.
 * Everything a program asks for is looked up here before it runs, so that what is missing is said at once and by name. */
#ifndef GP_SCREEN_COMPANIONS_H
#define GP_SCREEN_COMPANIONS_H
#include <math.h>
#include "base/diag.h"
#include "base/vec.h"
#include "eval/program.h"
#include "market/reader.h"

/* The options of the command line; texts live as long as the companions. */
typedef struct gp_companion_opts {
    const char *const *index; /* --index FILE, files or folders */
    int n_index;
    const char *fundamentals; /* --fundamentals FILE */
    double capital;           /* --capital N, lots of 100 shares; NaN: not given */
    const char *blocks;       /* --blocks DIR */
    const char *events;       /* --events FILE */
    const char *series;       /* --series FILE */
    const gp_inputs *data;    /* where other securities are looked for besides the index files */
    int counted;              /* for how many of the programs, from the first on, what securities lack is counted; 0: one */
} gp_companion_opts;

typedef struct gp_companions gp_companions;

typedef GP_VEC(const char *) gp_keys;

/* What programs ask of the quotes themselves. */
typedef struct gp_quote_needs {
    unsigned need;                          /* GP_COL_* */
    gp_keys more;                           /* keys of further columns */
    GP_VEC(gp_period) periods;              /* the quotes have to be of shorter bars than these */
    GP_VEC(const gp_external *) period_of;  /* the reference to each */
} gp_quote_needs;
/* Adds those of p; zero-initialise. */
void gp_quote_needs_add(gp_quote_needs *n, const gp_program *p);
bool gp_quote_needs_equal(const gp_quote_needs *a, const gp_quote_needs *b);
/* Do these quotes suit, as far as periods go?  False after saying why in d. */
bool gp_quote_needs_accept(const gp_quote_needs *n, const gp_bars *b, gp_diags *d);
void gp_quote_needs_fini(gp_quote_needs *n);

/* For the programs that are run over the same quotes.  NULL when something one of them needs was not given, was not found or cannot be
 * read; the reason is in d.  A program without externals gives companions as well, which cost nothing.  The programs must outlive
 * them. */
gp_companions *gp_companions_new(const gp_program *const *p, int n, const gp_companion_opts *o, gp_diags *d);
void gp_companions_free(gp_companions *c);

/* What to read of the quotes: sets o->need, o->want (a scan's: the needed columns and the close), o->more and o->n_more. */
void gp_companions_read_opts(const gp_companions *c, gp_read_opts *o);
/* Do these quotes suit the program, as far as periods go?  False after saying why in d.  Thread-safe. */
bool gp_companions_accept(const gp_companions *c, const gp_bars *b, gp_diags *d);
/* What had no value for some securities, one line each, once all feeds are freed: "CAPITAL is null for 3 securities ...". */
void gp_companions_notes(const gp_companions *c, gp_buf *out);
#endif
