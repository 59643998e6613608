/* Finds quote files and reads them into gp_bars.  Knows nothing of formulas. */
#ifndef GP_MARKET_READER_H
#define GP_MARKET_READER_H
#include "base/diag.h"
#include "base/file.h"
#include "market/bars.h"

typedef enum { GP_PATH_AUTO, GP_PATH_LIBCSV, GP_PATH_PLAIN } gp_csv_path; /* AUTO: plain when the file is strictly plain */

typedef struct gp_read_opts {
    gp_encoding encoding;    /* AUTO detects */
    gp_csv_path csv_path;    /* tests compare the two */
    unsigned need;           /* GP_COL_* bits: a file that lacks one is an error naming it; others are read when there */
    const char *const *more; /* keys of further columns (more.def), at most GP_MAX_MORE: needed, and put into gp_bars.more */
    int n_more;
    unsigned want;           /* columns worth parsing besides `need`; 0: all */
} gp_read_opts;
enum { GP_COL_OPEN = 1, GP_COL_HIGH = 2, GP_COL_LOW = 4, GP_COL_CLOSE = 8, GP_COL_VOL = 16, GP_COL_AMOUNT = 32 }; /* as GP_NEED_* */

/* What to read: files in a stable order (as given; folders walked, sorted by path). */
typedef struct gp_input { char *path; size_t bytes; } gp_input;
typedef struct gp_inputs { gp_input *at; size_t n, cap; } gp_inputs;
/* Expands files, folders (*.csv, *.txt, recursively) and "-".  A path that does not exist, a folder without data or one that
 * cannot be read is diagnosed in d and counted in *bad. */
void gp_inputs_expand(char *const *paths, int n, gp_inputs *out, int *bad, gp_diags *d);
void gp_inputs_fini(gp_inputs *in);

/* Reads one file; gives one or more tickers (a code column) in order of first appearance.  Row-level trouble is
 * counted, the first 3 of a kind are diagnosed with file:line:column, the row is dropped and the rest used.
 * Returns false when nothing could be read (the reason is an error in d).  A header without rows is such a case. */
typedef struct gp_read_result { gp_bars *at; int n; size_t bytes, rows; } gp_read_result;
bool gp_read_quotes(const char *path, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
/* The same from bytes in memory (tests, fuzzing). */
bool gp_read_quotes_mem(const char *name, const char *p, size_t n, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
void gp_read_result_fini(gp_read_result *r);

/* Reusable per-thread scratch so that a scan of thousands of files does not allocate for each: pass NULL for none. */
#endif
