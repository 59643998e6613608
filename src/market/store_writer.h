/* Inside of the store's writer: what its parts share. */
#ifndef GP_MARKET_STORE_WRITER_H
#define GP_MARKET_STORE_WRITER_H
#include "base/vec.h"
#include "market/columns.h"
#include "market/store_lmdb.h"

/* One change of a table; value NULL: the key goes. */
typedef struct put { bool record; unsigned char *key; size_t key_n; char *value; size_t n; } put;

/* A security that was given. */
typedef struct part {
    char *word;              /* "market code period" */
    gp_bars bars;            /* that are not among the puts yet */
    const char *keys[GP_MAX_MORE];
    int room;                /* rows that bars has memory for */
    uint64_t put;            /* the commit that its puts wait for */
    bool changed;
} part;

struct gp_store_writer {
    gp_store_env *env;
    gp_store *now;           /* as committed; NULL while the store is new */
    gp_store_write_opts o;
    gp_store_stamp stamp;
    GP_VEC(put) puts;
    size_t held;             /* their bytes */
    GP_VEC(part) parts;      /* in the order they were first given */
    uint32_t *slots;         /* of a hash table: 1 + number of the part; 0: free */
    size_t n_slots, gathered; /* slots are a power of 2; bytes of bars that the parts hold */
    uint64_t commits;        /* of this writer, and 1 */
    gp_store_counts counts;
    int lock;                /* writer.lock */
};

/* Makes the puts of what is given of security `number` of the parts, and frees it. */
bool gp_store_put_security(gp_store_writer *w, size_t number, gp_bars *given, const char *const *keys, gp_diags *d);
/* Commits the puts. */
bool gp_store_commit_puts(gp_store_writer *w, gp_diags *d);
#endif
