/* Finds quote files and reads them into gp_bars.  Knows nothing of formulas. */
#ifndef GP_MARKET_READER_H
#define GP_MARKET_READER_H
#include "base/diag.h"
#include "base/file.h"
#include "market/bars.h"
#include "market/profile.h"

typedef enum { GP_PATH_AUTO, GP_PATH_LIBCSV, GP_PATH_PLAIN } gp_csv_path; /* AUTO: plain when the file is strictly plain */

/* Which files of a vipdoc tree are read; AUTO: daily ones, and where there are none those of 5 minutes, else of one. */
typedef enum {
    GP_FILES_AUTO, GP_FILES_DAY, GP_FILES_MIN5, GP_FILES_MIN1, /* of TDX files, and of a store these, too: */
    GP_FILES_MIN15, GP_FILES_MIN30, GP_FILES_MIN60, GP_FILES_WEEK, GP_FILES_MONTH, GP_FILES_SEASON, GP_FILES_YEAR, GP_FILES_OTHER, GP_FILES_PERIODS
} gp_data_period;
/* The words of --data-period; PERIOD codes (gp_bars.period). */
extern const char *const gp_data_period_words[GP_FILES_PERIODS];
extern const int gp_data_period_codes[GP_FILES_PERIODS];
typedef struct gp_universe gp_universe; /* market/universe.h */

/* What the user says about DATA as a whole; the same for every command and every file.  Zero-initialised: nothing. */
enum { GP_SUSPENDED_DROP, GP_SUSPENDED_KEEP, GP_SUSPENDED_FILL }; /* days without a price: no bar; as written; the close before */
enum { GP_DUPLICATES_LAST, GP_DUPLICATES_FIRST, GP_DUPLICATES_ERROR }; /* which of the rows of one date counts; or refuse the file */
enum { GP_BAD_OHLC_KEEP, GP_BAD_OHLC_DROP, GP_BAD_OHLC_FIX }; /* rows whose high or low does not enclose open and close */
enum { GP_VOLUME_AS_WRITTEN, GP_VOLUME_SHARES, GP_VOLUME_LOTS };
typedef struct gp_data_opts {
    gp_encoding encoding;    /* AUTO detects */
    int suspended, duplicates, bad_ohlc; /* the enumerations below */
    int period;              /* gp_data_period */
    int volume_unit;         /* GP_VOLUME_*: what VOL is to count */
    const char *profile_name;  /* as the user typed it; resolved into the next two */
    const gp_profile *profile; /* goes before those that are found by the shape of a file */
    bool no_profiles;
    struct gp_adjuster *adjust; /* adjust.h; NULL: prices as they are in the files */
    gp_universe *universe;   /* which securities take part; NULL: all */
} gp_data_opts;

/* What the reader made of one input, for `data inspect`. */
typedef struct gp_reading {
    const char *format;        /* "text", or what an origin calls its own: "TDX .day" */
    const gp_profile *profile; /* NULL: by names alone */
    bool forced;               /* the user named it */
    gp_buf why, columns;       /* why it was chosen; NAME=ROLE of every column, \037 between them */
    gp_encoding encoding;
    char delim;                /* 0: no text */
    gp_unit volume, index_volume, amount; /* as the header or the profile says */
    gp_row_order order;
    size_t zero_prices, zero_volumes, no_prices; /* among the suspended days that were left out */
} gp_reading;
void gp_reading_fini(gp_reading *r);

/* What one run needs of a file. */
typedef struct gp_read_opts {
    const gp_data_opts *data; /* NULL: nothing was said */
    gp_csv_path csv_path;    /* tests compare the two */
    unsigned need;           /* GP_COL_* bits: a file that lacks one is an error naming it; others are read when there */
    const char *const *more; /* keys of further columns (more.def), at most GP_MAX_MORE: needed, and put into gp_bars.more */
    int n_more;
    bool limits;             /* what price limits hang on, where the file says it: days of ST (by a column or by the name of the day) and the
                              * close before: gp_bars.st, gp_bars.pre */
    bool more_if_any;        /* a file may lack some of the further columns: their values are null */
    gp_reading *reading;     /* filled when it is there; zero-initialised */
    unsigned want;           /* columns worth parsing besides `need`; 0: all */
    /* How many bars from the end are wanted; 0: all.  An origin that can leave the earlier ones unread does so and says in
     * gp_bars.before how many there are; one that cannot gives all bars, with before 0.  It never gives fewer than asked for when there are more. */
    int tail;
} gp_read_opts;
enum { GP_COL_OPEN = 1, GP_COL_HIGH = 2, GP_COL_LOW = 4, GP_COL_CLOSE = 8, GP_COL_VOL = 16, GP_COL_AMOUNT = 32 }; /* as GP_NEED_* */

typedef struct gp_read_result { gp_bars *at; int n; size_t bytes, rows; } gp_read_result;
typedef struct gp_input gp_input;

/* What holds inputs that are no text files of their own: a store, a folder of records.  Opened when inputs are expanded, shared by
 * the inputs it gave and by the threads that read them, freed with the inputs. */
typedef struct gp_origin gp_origin;
struct gp_origin {
    /* As gp_read_quotes; thread-safe. */
    bool (*read)(gp_origin *s, const gp_input *in, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
    void (*free)(gp_origin *s);
};

/* What to read: files in a stable order (as given; folders walked, sorted by path). */
struct gp_input {
    char *path;         /* as messages show it */
    size_t bytes;       /* about, so that threads get equal shares */
    gp_origin *origin;  /* NULL: a file of text */
    uint64_t item;      /* which one of the origin: its own business */
};
typedef struct gp_inputs {
    gp_input *at;
    size_t n, cap;
    gp_origin **origins;
    size_t n_origins;
    const gp_data_opts *data; /* as given to gp_inputs_expand */
    /* with a universe: inputs that have nothing of it, for those who look for another security; which inputs were counted */
    gp_input *aside;
    size_t n_aside;
    bool *judged;
} gp_inputs;
/* Expands files, folders (*.csv, *.txt and TDX's *.day, *.lc5, *.lc1, recursively) and "-".  A path that does not exist, a folder without data or one that
 * cannot be read is diagnosed in d and counted in *bad.  data lives as long as the inputs; NULL: nothing was said. */
void gp_inputs_expand(char *const *paths, int n, const gp_data_opts *data, gp_inputs *out, int *bad, gp_diags *d);
/* For gp_inputs_expand: adds one; the path is copied. */
void gp_inputs_add(gp_inputs *in, gp_input one);
/* For gp_inputs_expand: hands an origin over. */
void gp_inputs_own(gp_inputs *in, gp_origin *s);
void gp_inputs_fini(gp_inputs *in);

/* Reads input k: what every command calls, whatever kind of input it is.  As gp_read_quotes; o->data is the inputs'.  Only what belongs to
 * the universe is given: perhaps nothing (out->n 0), which is no error. */
bool gp_read_input(const gp_inputs *in, size_t k, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
/* The same of one of in->at or in->aside, whether or not it belongs to the universe. */
bool gp_read_any(const gp_inputs *in, const gp_input *i, const gp_read_opts *o, gp_read_result *out, gp_diags *d);

/* Reads one file of text; gives one or more tickers (a code column) in order of first appearance.  Row-level trouble is
 * counted, the first 3 of a kind are diagnosed with file:line:column, the row is dropped and the rest used.
 * Returns false when nothing could be read (the reason is an error in d).  A header without rows is such a case. */
bool gp_read_quotes(const char *path, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
/* The same from bytes in memory (tests, fuzzing). */
bool gp_read_quotes_mem(const char *name, const char *p, size_t n, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
void gp_read_result_fini(gp_read_result *r);
#endif
