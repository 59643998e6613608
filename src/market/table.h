/* Inside of the reader: rows on their way from a tokeniser into columns.
 * Two tokenisers (csv_libcsv.c, the reference, and csv_plain.c) fill one gp_row after the other; everything that
 * decides what a row means happens here once, so that both give the same bars. */
#ifndef GP_MARKET_TABLE_H
#define GP_MARKET_TABLE_H
#include <math.h>
#include "base/num_scan.h"
#include "market/columns.h"
#include "market/profile.h"
#include "market/reader.h"

enum { GP_LINE_MAX = 1 << 20, GP_SHOWN = 3 /* of each kind of trouble, in full */ };

/* What the header says. */
typedef struct gp_layout {
    char delim;                       /* of the rows; a TDX export has tabs in its header and commas below */
    int n_columns;                    /* header cells, without empty ones at the right end */
    int needed_fields;                /* a row with fewer lacks a column that matters */
    int at[GP_ROLES];                 /* column of each role, -1 none */
    unsigned have;                    /* GP_COL_* that the file has */
    unsigned keep;                    /* GP_COL_* that are parsed: all prices, and what is wanted of the rest */
    const gp_profile *profile;        /* NULL: by names alone */
    const char *date_order;           /* "ymd", "dmy", "mdy" */
    const char *mark_value;           /* what the column GP_ROLE_MARK says on suspended days */
    bool chinese;                     /* the header is not all ASCII */
    gp_unit volume, index_volume, amount; /* as the header or the profile says; of indices, where that differs */
    const char *const *more;          /* keys of the further columns that are parsed */
    int n_more;
    int st, pre;                      /* gp_bars.st and .pre, which may stand beyond those keys */
    bool st_by_name;                  /* the name of the row tells of ST where no column does */
    uint8_t slot[GP_MAX_COLUMNS + 1]; /* gp_role of each column; the last stands for all further right */
} gp_layout;

/* The key of further column m. */
static inline const char *gp_layout_more_key(const gp_layout *l, int m) { return m == l->st - 1 ? "st" : m == l->pre - 1 ? "preclose" : l->more[m]; }

/* What was found out about the text before the first row is read. */
typedef struct gp_text {
    const char *p, *end;                 /* UTF-8, no byte order mark */
    const char *rows;                    /* first data row */
    uint32_t rows_line;                  /* its line */
    char title_code[16], title_name[64]; /* from the title line of a TDX export */
    int adjusted;                        /* GP_ADJUSTED_*, by that line */
} gp_text;
/* Finds the header, or decides that there is none, and fills the layout.  On false the reason is in d. */
bool gp_csv_header_read(gp_text *t, const gp_read_opts *o, const char *file, gp_layout *layout, gp_diags *d);

/* The next line of [p, end): its length without the terminator; *next is where the one after begins.  LF, CRLF, CR. */
size_t gp_line(const char *p, const char *end, const char **next);
/* Field k (from 0) of a line, blanks and quotes taken off; false when there is none. */
bool gp_line_field(gp_str line, char delim, int k, gp_str *field);
/* Text from a file, made fit to print in a message: at most 40 bytes, no control characters. */
void gp_show(const char *p, size_t n, char out[48]);

typedef struct gp_bad_field {
    int column;
    char text[48];
} gp_bad_field;
enum { GP_BAD_FIELDS = 8 };

typedef struct gp_row {
    double v[GP_NUMBERS]; /* NaN: missing */
    double more[GP_MAX_MORE];
    int n_more;
    int32_t date, time;   /* date 0: not read; time -1: none */
    int fields;           /* seen so far */
    int n_bad, extra;     /* fields that are no numbers; non-empty fields beyond the header's last */
    bool bad_time, marked; /* marked: the vendor says that it is a suspended day */
    char bad_date[48];
    gp_str code, name; /* into the text or into code_text, name_text */
    gp_bad_field bad[GP_BAD_FIELDS];
    char code_text[128], name_text[128];
} gp_row;

typedef struct gp_ticker {
    char *raw;
    size_t raw_n;
    uint64_t hash;
    char *name;
    size_t name_n;
    int64_t name_key;
    size_t rows;
} gp_ticker;

typedef struct gp_table {
    const gp_layout *layout;
    const char *file;
    const gp_data_opts *data; /* never NULL */
    gp_reading *reading;      /* NULL unless asked for */
    gp_diags *d;
    /* the row being filled */
    gp_row row;
    uint32_t line;    /* where it starts */
    gp_str line_text; /* for the column of a diagnostic */
    bool open_quote;  /* its last field is quoted and was not closed on the line */
    /* rows kept, in file order */
    size_t n, cap, rows_seen;
    int32_t *date, *time; /* as in gp_bars: date begins the block */
    double *v[GP_NUMBERS], *more[GP_MAX_MORE];
    uint32_t *lines, *ticker; /* ticker NULL: one */
    /* tickers by their code as written */
    gp_ticker *tickers;
    size_t n_tickers, tickers_cap, last_ticker;
    uint32_t *slots; /* open addressing, index + 1 */
    size_t slots_n;
    int bad_rows, bad_dates, bad_fields, suspended, marked, skipped, ignored_lines;
    int unread;         /* rows none of whose prices is a number */
    bool decimal_comma; /* they look like 6,63 */
    int open_quotes, open_lost; /* rows with such a field; those among them that are left out */
    uint32_t open_line;         /* of the first */
    bool zeros_lost; /* codes are numbers without the zeros before them */
    bool to_fill; /* rows without a price are among those kept: the close before goes in */
    bool failed; /* an error ended it; it is in d */
} gp_table;

void gp_table_init(gp_table *t, const gp_layout *layout, const char *file, const gp_data_opts *data, size_t rows_expected,
                   gp_diags *d);
void gp_table_fini(gp_table *t);
/* Every field except a number that gp_num_scan took whole.  [p, p + n) lives until the row ends unless copy is set. */
void gp_table_field(gp_table *t, int column, const char *p, size_t n, bool copy);
/* Decides about the row and begins the next one. */
void gp_table_row_end(gp_table *t);
void gp_table_too_long(gp_table *t, uint32_t line);
/* Counts what was noticed beyond the first few. */
void gp_table_summary(gp_table *t);

static inline void gp_row_begin(gp_row *r)
{
    for (int i = 0; i < GP_NUMBERS; i++) r->v[i] = NAN;
    for (int i = 0; i < r->n_more; i++) r->more[i] = NAN;
    r->date = 0;
    r->time = -1;
    r->fields = r->n_bad = r->extra = 0;
    r->bad_time = r->marked = false;
    r->bad_date[0] = 0;
    r->code.n = r->name.n = 0;
}

/* The tokenisers.  Both read t's rows from text; GP_PATH_PLAIN wants gp_csv_is_plain. */
bool gp_csv_is_plain(const gp_text *text, const char **why);
void gp_csv_plain(gp_table *t, const gp_text *text);
void gp_csv_libcsv(gp_table *t, const gp_text *text);

/* Sorts, drops duplicates, splits by ticker, fills out; false when no row is left. */
bool gp_table_finish(gp_table *t, const gp_text *text, gp_read_result *out);
#endif
