/* Where `data adjust`, `resample` and `convert` put bars: one interface, several kinds of output. */
#ifndef GP_CLI_DATA_OUT_H
#define GP_CLI_DATA_OUT_H
#include "base/vec.h"
#include "cli/table.h"

typedef struct gp_sink gp_sink;
typedef struct gp_sink_file { char *path, *source; } gp_sink_file;
/* Is the last bar still forming?  Text gets a column for it; UNASKED has none. */
typedef enum { GP_FORMING_UNASKED, GP_FORMING_NO, GP_FORMING_YES } gp_forming;
struct gp_sink {
    gp_cli *c;
    bool (*put)(gp_sink *s, const gp_bars *b, gp_forming forming); /* one security; false after saying why not */
    bool (*end)(gp_sink *s);                                       /* finishes and frees; false after saying why it could not */
    const char *const *keys;                   /* names of b->more (more.def), set by whoever calls put */
    size_t written;                            /* securities */
    size_t *refused;                           /* set by `end`: those that a store did not take */
    GP_VEC(gp_sink_file) files;                /* those made so far, and what they were made of */
};

/* As the options say: --out DIR (one file a security, CSV or with --as tdx records), --store DIR, else CSV (or --format) on standard output.
 * several: more than one file is read, so that the columns of the first one may not be those of all.  NULL after saying why
 * (exit status in *status). */
gp_sink *gp_sink_new(gp_cli *c, bool several, int *status);

/* Options that read all further columns; their keys. */
extern const gp_read_opts gp_read_all;
/* Frees further columns without a value; the names of those that stay go into keys, GP_MAX_MORE at most. */
void gp_drop_empty(gp_bars *b, const char **keys);

/* Reads every security of DATA and gives it to `one`, which puts something into the sink; false: it did not.  The exit status. */
typedef bool gp_data_one(void *ctx, const gp_bars *b, gp_sink *out);
int gp_data_pass(gp_cli *c, gp_data_one *one, void *ctx);

int gp_data_adjust(gp_cli *c);
int gp_data_convert(gp_cli *c);
#endif
