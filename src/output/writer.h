/* One writer for every table the program prints: aligned table, CSV, JSON, NDJSON. */
#ifndef GP_OUTPUT_WRITER_H
#define GP_OUTPUT_WRITER_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/str.h"

typedef enum { GP_FORMAT_TABLE, GP_FORMAT_CSV, GP_FORMAT_JSON, GP_FORMAT_NDJSON } gp_format;
bool gp_format_parse(const char *name, gp_format *out); /* table, csv, json, ndjson */

typedef enum {
    GP_CELL_TEXT,
    GP_CELL_NUMBER, /* NaN is null: empty in CSV and tables ("-"), null in JSON */
    GP_CELL_LIMIT,  /* likewise, and infinity is a limit that there is not: null, "none" in a table */
    GP_CELL_DATE,   /* yyyymmdd + hhmmss: 2024-01-05 or 2024-01-05 09:35:00 */
    GP_CELL_LIST,   /* text items with GP_LIST_SEPARATOR between them: "a|b" in CSV and tables, an array in JSON */
    GP_CELL_DETAIL  /* last column only: items as in a list.  CSV: "a|b"; JSON: the cell's json as it is; a table has no such column
                       but a line for each item below the row */
} gp_cell_kind;

#define GP_LIST_SEPARATOR '\037'

typedef struct gp_column { const char *name; gp_cell_kind kind; int decimals; /* table only: at most; -1 automatic */ } gp_column;
typedef struct gp_cell {
    gp_str text;
    double number;
    int32_t date, time; /* time < 0: none */
    gp_str json;
    int decimals;       /* page only: exactly so many; 0: as the column says */
    bool is_change;     /* page only: with its sign, in the colours of rising and falling */
} gp_cell;

/* What may reach a reader of this format: control characters and bidirectional overrides become visible signs.  The result is in
 * room, good until its next use. */
gp_str gp_clean(gp_str s, gp_format format, gp_buf *room);

typedef struct gp_writer gp_writer;
/* out is written through a large buffer; CSV numbers read back exactly (gp_num_format).  A table is collected and
 * aligned by display width (East Asian wide = 2) at the end; colour only when asked.  Control characters in cells are made visible. */
gp_writer *gp_writer_new(FILE *out, gp_format format, const gp_column *columns, int n, bool colour);
/* A table no wider than so many terminal cells: its last columns are cut, "…" marking the cut.  0: as wide as it is. */
void gp_writer_fit(gp_writer *w, size_t cells);
/* The same, but what is wider goes on in further tables below, each of which begins with the first `keys` columns (>= 1). */
void gp_writer_fold(gp_writer *w, size_t cells, int keys);
/* What a table says of a limit that there is not, in place of "none". */
void gp_writer_none(gp_writer *w, const char *word);
void gp_writer_row(gp_writer *w, const gp_cell *cells);
/* Finishes and frees; false when writing failed (disk full, closed pipe). */
bool gp_writer_end(gp_writer *w);
#endif
