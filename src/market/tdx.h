/* Files of TDX itself: records of 32 bytes in vipdoc/sh/lday/sh600000.day, sh600000.lc1 and .lc5, ds/lday/4#CF7D0LAO.day. */
#ifndef GP_MARKET_TDX_H
#define GP_MARKET_TDX_H
#include "market/reader.h"

enum { GP_TDX_RECORD = 32 };

/* What the bytes of a record are. */
typedef enum {
    GP_TDX_NONE,
    GP_TDX_DAY,   /* whole numbers: prices times a scale */
    GP_TDX_MIN5,  /* .lc5 */
    GP_TDX_MIN1,  /* .lc1 */
    GP_TDX_DAY_X, /* of the extended market: prices in single precision, open interest, settlement */
    GP_TDX_MIN5_X,
    GP_TDX_MIN1_X,
} gp_tdx_kind;

/* By the end of the name (perhaps with .gz or .zst behind it), and a number and # before the code for the extended market. */
gp_tdx_kind gp_tdx_kind_of(const char *path);
/* GP_FILES_DAY, _MIN5 or _MIN1: which period of a tree the file belongs to. */
gp_data_period gp_tdx_period_of(gp_tdx_kind kind);

/* In what a file counts volume; see tdx_class.def. */
typedef enum { GP_TDX_UNIT_SINGLE, GP_TDX_UNIT_LOT, GP_TDX_UNIT_AMOUNT } gp_tdx_unit;
typedef struct gp_tdx_class {
    const char *market, *codes, *name;
    int scale, lot;
    gp_tdx_unit unit;
} gp_tdx_class;
const gp_tdx_class *gp_tdx_class_of(const char *code, const char *market);

/* The class of a file's security, and by what its volumes are divided to give lots; for `data inspect`. */
typedef struct gp_tdx_facts {
    const gp_tdx_class *class; /* NULL: extended market */
    gp_tdx_kind kind;
    int divisor;
} gp_tdx_facts;
bool gp_tdx_facts_of(const char *path, gp_tdx_facts *out);

/* As gp_read_quotes.  Volume is in lots, as TDX shows it. */
bool gp_tdx_read(const char *path, const gp_read_opts *o, gp_read_result *out, gp_diags *d);
/* The same from bytes in memory (tests, fuzzing, benchmark); `careful` takes every record one by one, as files with odd ones are read. */
bool gp_tdx_read_mem(const char *name, const char *p, size_t n, const gp_read_opts *o, bool careful, gp_read_result *out, gp_diags *d);

/* ---- writing ---- */

typedef struct gp_tdx_written {
    const char *ending; /* ".day" */
    int records, left_out, rounded;
} gp_tdx_written;
/* Appends the bars as records of the file that the period of the bars has.  singles: volume counts shares; otherwise it is taken for shares or
 * lots, whichever agrees with amount and price, and for lots where there is no amount.  NULL, or why there is no such file. */
const char *gp_tdx_encode(const gp_bars *b, bool singles, gp_buf *out, gp_tdx_written *w);
#endif
