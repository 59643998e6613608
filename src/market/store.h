/* The embedded store: the bars of a market in one LMDB file.  docs/store.md says how it lies on disk.
 * Built without LMDB, everything here fails with a message that says so. */
#ifndef GP_MARKET_STORE_H
#define GP_MARKET_STORE_H
#include "market/origin.h"

extern const gp_origin_kind gp_store_kind; /* for inputs.c */

/* Was this program built with LMDB?  Which one, or the word that there is none. */
bool gp_store_available(void);
const char *gp_store_library(void);

/* Does the folder hold a store, or another LMDB file? */
bool gp_store_is(const char *dir);

/* ---- looking in ---- */

/* One security in one period. */
typedef struct gp_store_entry {
    const char *code, *market, *name, *source; /* source: the file it was imported from last */
    int period;              /* as gp_bars.period */
    int adjusted;            /* as gp_bars.adjusted */
    uint32_t id;
    int bars;
    int32_t first, last;     /* dates */
    int32_t last_time;       /* hhmmss, 0 without */
    uint64_t history;        /* gp_bars.history */
    uint32_t chunk, n_chunks; /* its own business */
    size_t bytes;            /* of its chunks */
} gp_store_entry;

typedef struct gp_store_facts {
    char version[32];        /* of the goldpit that wrote last */
    unsigned format;
    uint64_t commits;        /* imports committed since it was made; no clock is involved */
    size_t file_bytes, free_bytes, chunk_bytes;
    unsigned readers;        /* slots in use, this program's among them */
} gp_store_facts;

/* The store as its last commit left it; a later commit is not seen. */
typedef struct gp_store gp_store;
gp_store *gp_store_open(const char *dir, gp_diags *d); /* NULL: the reason is in d */
void gp_store_close(gp_store *s);
size_t gp_store_count(const gp_store *s);
/* In the order of market, code, period. */
const gp_store_entry *gp_store_at(const gp_store *s, size_t k);
void gp_store_facts_get(const gp_store *s, gp_store_facts *out);
/* Reads entry k; name: what messages call it.  Thread-safe. */
bool gp_store_read(const gp_store *s, size_t k, const char *name, const gp_read_opts *o, gp_bars *out, gp_diags *d);
/* Keys of the further columns (more.def) that entry k has, at most GP_MAX_MORE, for gp_read_opts.more. */
int gp_store_more(const gp_store *s, size_t k, const char **keys);

/* ---- putting in ---- */

typedef struct gp_store_counts {
    size_t securities;       /* that were given */
    size_t added;            /* of them: not in the store before */
    size_t changed;          /* of them: in the store before, and now different */
    size_t rows;             /* that were given */
    size_t appended;         /* rows later than anything the store had of the security */
    size_t inserted;         /* rows between or before */
    size_t revised;          /* rows it had, now with other values */
    size_t securities_revised, securities_renamed;
    size_t refused;          /* times that adjusted prices met others of the same security */
    char revised_code[3][40]; /* the first ones */
} gp_store_counts;

typedef struct gp_store_write_opts {
    size_t batch;            /* bytes of bars held before they are written; 0: 64 MiB */
    size_t map;              /* bytes of address space to begin with; 0: as the store needs */
} gp_store_write_opts;

/* Opens the store for writing, or makes one in a new or empty folder.  One writer at a time: when there is another one, NULL with
 * *busy set to its process (and nothing in d), so that the caller can wait.  Otherwise NULL: the reason is in d. */
typedef struct gp_store_writer gp_store_writer;
gp_store_writer *gp_store_writer_open(const char *dir, const gp_store_write_opts *o, long *busy, gp_diags *d);
/* Takes the bars over (*b is left empty).  keys: the names of b->more.  They are in the store after the next commit.
 * False after trouble with writing; the reason is in d. */
bool gp_store_writer_add(gp_store_writer *w, gp_bars *b, const char *const *keys, gp_diags *d);
/* Commits what was given.  False: the last commit before is what the store holds. */
bool gp_store_writer_commit(gp_store_writer *w, gp_diags *d);
const gp_store_counts *gp_store_writer_counts(const gp_store_writer *w);
/* What was given after the last commit is lost. */
void gp_store_writer_close(gp_store_writer *w);
#endif
