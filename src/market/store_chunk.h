/* Inside of the store: the bars of one security and one stretch of time (a year of days) as bytes.
 * Column by column; a column is whole numbers times a power of ten wherever that gives back every double bit for bit, in as few
 * bytes as their spread needs, else the doubles themselves.  The bytes are read where they lie, in the map. */
#ifndef GP_MARKET_STORE_CHUNK_H
#define GP_MARKET_STORE_CHUNK_H
#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"

/* A column's name, at most eight bytes: "close", "date", a key of more.def. */
uint64_t gp_chunk_key(const char *name);
void gp_chunk_name(uint64_t key, char name[9]);
#define GP_CHUNK_DATE gp_chunk_key("date")
#define GP_CHUNK_TIME gp_chunk_key("time")
extern const uint64_t gp_chunk_keys[6]; /* of open to amount, in the order of GP_COL_*: gp_chunk_key("open") ... */

/* What is to be encoded; NaN is a null. */
typedef struct gp_chunk_column { uint64_t key; const double *v; } gp_chunk_column;
typedef struct gp_chunk_rows {
    uint32_t ticker, number; /* whose, and which stretch: both are checked when the bytes are read */
    int n;
    const int32_t *date, *time; /* time NULL: none */
    const gp_chunk_column *columns;
    int n_columns;
} gp_chunk_rows;
enum { GP_CHUNK_COLUMNS = 32 };
void gp_chunk_encode(const gp_chunk_rows *rows, gp_buf *out);

/* How a column lies there. */
typedef struct gp_chunk_head {
    uint64_t key;
    uint8_t width;   /* bytes a value: 0 (all are the same), 1, 2, 4, 8; GP_CHUNK_RAW doubles */
    uint8_t scale;   /* value = (base + number)/10^scale */
    uint8_t nulls;   /* the least number of the width stands for a null; of width 0: all are null */
    uint8_t unused;
    uint32_t at;     /* from the start of the chunk */
    int64_t base;
    uint64_t check;  /* of the numbers */
} gp_chunk_head;
enum { GP_CHUNK_RAW = 9 };

/* A chunk where it lies. */
typedef struct gp_chunk {
    const char *p;
    size_t bytes;
    int n, n_columns;
    const gp_chunk_head *columns;
} gp_chunk;
/* False when it is not what encode made for that ticker and number; *why says what is wrong.  p is aligned to 8 bytes. */
bool gp_chunk_open(const char *p, size_t bytes, uint32_t ticker, uint32_t number, gp_chunk *out, const char **why);
const gp_chunk_head *gp_chunk_find(const gp_chunk *c, uint64_t key);
/* Values from..n-1.  False when the bytes were changed since they were written. */
bool gp_chunk_doubles(const gp_chunk *c, const gp_chunk_head *column, int from, double *to);
bool gp_chunk_ints(const gp_chunk *c, const gp_chunk_head *column, int from, int32_t *to);

/* 64 bits of the bytes. */
uint64_t gp_chunk_hash(const void *p, size_t n);
#endif
