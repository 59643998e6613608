/* What is known of a vendor's files, as data: profiles/NAME.ini, compiled in, and the user's own (--profile FILE).
 * docs/formats.md describes the file.  A profile says what the header alone does not: units, suspended days, the order of the date. */
#ifndef GP_MARKET_PROFILE_H
#define GP_MARKET_PROFILE_H
#include "base/diag.h"
#include "base/file.h"
#include "market/columns.h"

typedef enum { GP_UNIT_UNKNOWN, GP_UNIT_SHARES, GP_UNIT_LOTS, GP_UNIT_YUAN, GP_UNIT_KYUAN, GP_UNIT_WYUAN, GP_UNIT_MYUAN } gp_unit;
const char *gp_unit_name(gp_unit u); /* "lots", "thousand yuan"; "unknown" */
typedef enum { GP_ORDER_UNKNOWN, GP_ORDER_OLDEST_FIRST, GP_ORDER_NEWEST_FIRST, GP_ORDER_MIXED } gp_row_order;
const char *gp_row_order_name(gp_row_order o); /* "oldest first"; "" */

/* Patterns are PCRE2, in any case; those of cells match the whole cell without blanks, quotes and a unit in parentheses. */
typedef struct gp_pattern { void *code; char *text; } gp_pattern;

typedef struct gp_profile {
    unsigned id;                      /* differs between any two that were ever loaded */
    char *name, *title, *note, *file; /* note, file (of a user's own) may be NULL */
    /* shape: all must hold for the profile to be chosen */
    gp_pattern *column; int n_column; /* each fits some cell of the header */
    gp_pattern header, above, row;    /* found in the header line, in a line above it, in one of the first rows */
    /* columns: where a pattern fits, it goes before the names that columns.def knows */
    gp_pattern role[GP_ROLES], ignore;
    char *names;                      /* the columns of a file without a header, parted by commas; NULL */
    gp_unit volume, index_volume, amount; /* index_volume: of indices, where that differs */
    gp_row_order order;
    char date_order[4];               /* "ymd", "dmy", "mdy" */
    gp_pattern mark; char *mark_value; /* the column that tells suspended days, and what it says on them */
    gp_encoding encoding;             /* AUTO: as detected */
    char delim;                       /* 0: as found */
} gp_profile;

/* The profiles that are compiled in, by name. */
int gp_profile_count(void);
const gp_profile *gp_profile_at(int i);
const gp_profile *gp_profile_find(const char *name);
/* The text of the i-th, as its file has it. */
gp_str gp_profile_text(int i);
/* Reads a profile; NULL with an error (file and line) in d. */
gp_profile *gp_profile_load(const char *path, gp_diags *d);
gp_profile *gp_profile_parse(const char *name, const char *file, gp_str text, gp_diags *d);
void gp_profile_free(gp_profile *p);

bool gp_pattern_fits(const gp_pattern *p, gp_str s); /* false when there is no pattern */
#endif
