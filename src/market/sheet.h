/* Tables beside the quotes: a header, then rows of cells.  CSV as the quotes are: any of the usual delimiters and encodings. */
#ifndef GP_MARKET_SHEET_H
#define GP_MARKET_SHEET_H
#include "base/diag.h"
#include "base/str.h"

typedef struct gp_sheet {
    const char *path;
    gp_diags *d;
    const gp_str *cell; /* of this row, blanks taken off; alive during the call */
    int n;
    uint32_t line;
} gp_sheet;

typedef struct gp_sheet_reader {
    const char *looks;                               /* "code,date,capital": what such a file begins with, for messages */
    bool (*head)(void *ctx, const gp_sheet *s);      /* false: cannot be used, and the reason is in s->d */
    void (*row)(void *ctx, const gp_sheet *s);
    void *ctx;
} gp_sheet_reader;

/* Calls head for the first line that is not blank and row for each one after; empty lines are skipped.  False when the file cannot be
 * read, is empty or was refused by head; the reason is in d. */
bool gp_sheet_read(const char *path, const gp_sheet_reader *r, gp_diags *d);

/* The cells of a row for a message. */
void gp_sheet_show(const gp_sheet *s, gp_buf *out);
/* Warns about the first of a kind of bad row and counts the others: say(s, &count, "it has no code"). */
void gp_sheet_bad_row(const gp_sheet *s, int *count, const char *why);
void gp_sheet_no_code(const gp_sheet *s, int *count, gp_str cell);
void gp_sheet_bad_date(const gp_sheet *s, int *count, gp_str cell);
void gp_sheet_bad_number(const gp_sheet *s, int *count, gp_str cell, const char *column);
/* "12 more ..." when there were. */
void gp_sheet_more_like_it(const char *path, int count, const char *what, gp_diags *d);
#endif
