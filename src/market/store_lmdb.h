/* Inside of the store: what its parts share.  Needs LMDB. */
#ifndef GP_MARKET_STORE_LMDB_H
#define GP_MARKET_STORE_LMDB_H
#include <lmdb.h>
#include <sys/types.h>
#include "market/store.h"
#include "market/store_chunk.h"

enum { GP_STORE_FORMAT = 1 };

/* The value that makes an LMDB file a store; under its key in the unnamed table. */
#define GP_STORE_STAMP_KEY "goldpit store"
typedef struct gp_store_stamp {
    char magic[16];          /* GP_STORE_STAMP_KEY */
    uint32_t format, endian; /* 0x01020304 as this machine writes it */
    uint64_t id;             /* random; no two stores share one */
    uint64_t commits, histories; /* counters */
    uint32_t next_id, unused;
    char version[32];
} gp_store_stamp;

/* A record of the table "securities", under market, code, 0, period: four texts follow, each ended by 0. */
typedef struct gp_store_record {
    uint64_t check;          /* of what follows, texts included */
    uint64_t history;
    uint32_t id;
    int32_t period;          /* and gp_bars.adjusted << 8 */
    uint32_t bars, chunks;
    int32_t first, last, last_time;
    uint32_t texts;          /* their bytes */
} gp_store_record;

/* One LMDB environment a process and store: LMDB must not open a file twice. */
typedef struct gp_store_env {
    struct gp_store_env *next;
    dev_t dev;
    ino_t ino;
    int users;
    bool writes, no_lock;
    char *dir;
    MDB_env *env;
    MDB_dbi main, securities, chunks;
    bool opened;             /* the three tables */
} gp_store_env;

/* NULL: the reason is in d. */
gp_store_env *gp_store_env_get(const char *dir, bool writes, size_t map, gp_diags *d);
void gp_store_env_put(gp_store_env *e);
/* Begins a transaction, looks through the pages (the first time, or always for a reader), opens the tables, reads the stamp.  A
 * writer finds an empty environment good: *stamp is all 0 then. */
MDB_txn *gp_store_begin(gp_store_env *e, bool writes, gp_store_stamp *stamp, gp_diags *d);
/* Says what LMDB, or the system, said.  doing: "read", "written". */
void gp_store_fail(const char *dir, const char *doing, int rc, gp_diags *d);
void gp_store_broken(const char *dir, const char *what, gp_diags *d);

/* The stretch of time a bar falls into: a month of minutes, a year of days and weeks, else a century. */
uint32_t gp_store_stretch(int period, int32_t date);
/* Keys. */
void gp_store_chunk_key(uint32_t id, uint32_t number, unsigned char key[8]);

/* Where a chunk of the open store lies. */
typedef struct gp_store_span { uint32_t number, bytes; const char *p; } gp_store_span;
const gp_store_span *gp_store_spans(const gp_store *s, const gp_store_entry *e);
/* The entry of a security; NULL none. */
const gp_store_entry *gp_store_find(const gp_store *s, const char *market, const char *code, int period);
gp_store *gp_store_open_env(gp_store_env *e, gp_diags *d); /* takes e over, also on failure */
/* A message about one security of the store. */
void gp_store_entry_broken(const gp_store_entry *e, const char *name, const char *why, gp_diags *d);
#endif
