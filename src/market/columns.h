/* Which header cell is which column.  The names are data: columns.def. */
#ifndef GP_MARKET_COLUMNS_H
#define GP_MARKET_COLUMNS_H
#include <stdbool.h>
#include "base/str.h"

/* The six number columns come first and in the order of their GP_COL_* bits. */
typedef enum {
    GP_ROLE_OPEN,
    GP_ROLE_HIGH,
    GP_ROLE_LOW,
    GP_ROLE_CLOSE,
    GP_ROLE_VOL,
    GP_ROLE_AMOUNT,
    GP_ROLE_DATE,
    GP_ROLE_TIME,
    GP_ROLE_CODE,
    GP_ROLE_NAME,
    GP_ROLES,
    GP_ROLE_SKIP = GP_ROLES, /* a column nobody asked for */
    GP_ROLE_EXTRA,           /* a field to the right of the header's last */
    GP_ROLE_MARK,            /* tells suspended days */
    GP_ROLE_MORE             /* and above: further column number role - GP_ROLE_MORE of gp_read_opts.more */
} gp_role;
enum { GP_MAX_MORE = 16, GP_NUMBERS = 6, GP_MAX_COLUMNS = 250, GP_PRICES = 15 /* GP_COL_OPEN..CLOSE */ };

/* A cell without blanks (full-width ones too), quotes, a byte order mark, <> and a unit in parentheses behind it. */
gp_str gp_cell_bare(gp_str cell);
/* Role of a header cell and the row of columns.def that says so (a smaller one is the better fit), or GP_ROLE_SKIP. */
gp_role gp_column_match(gp_str cell, int *rank);
const char *gp_role_name(gp_role role);  /* "close" */
const char *gp_role_names(gp_role role); /* "close, closing_price, 收盘, 收盘价" */

/* How well a header cell fits the further column of that key (more.def): a smaller one is better, -1 not at all. */
int gp_more_match(gp_str cell, const char *key);
/* What a message says about its names, and whether a longer bar has the sum of its values. */
const char *gp_more_names(const char *key);
bool gp_more_sums(const char *key);

/* Code and market of a ticker from a code cell ("'600000", "sh.600000", "000001.SZ") or from a file's path
 * ("data/SH600000.csv").  code takes at most cap bytes with its NUL; market takes 3. */
void gp_code_of_cell(gp_str cell, char *code, size_t cap, char market[3]);
/* A path without the .gz or .zst behind its name. */
gp_str gp_unpacked_name(gp_str path);
/* A path without its .csv or .txt, and without the .gz or .zst behind that; unchanged when it ends otherwise. */
gp_str gp_quote_stem(gp_str path);
void gp_code_of_path(const char *path, char *code, size_t cap, char market[3]);
#endif
