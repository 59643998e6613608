/* The inside of the companions: what each external of each program is bound to.  Made by companions_bind.c, read by feed.c. */
#ifndef GP_SCREEN_BIND_H
#define GP_SCREEN_BIND_H
#include <pthread.h>
#include "base/vec.h"
#include "market/blocks.h"
#include "market/facts.h"
#include "screen/companions.h"
#include "screen/marks.h"

/* Where a number per security and date comes from. */
typedef enum { GP_FROM_FACT, GP_FROM_CONSTANT, GP_FROM_CLOSE /* times the close of the bar */, GP_FROM_DAYS /* since that date */ } gp_from;

typedef enum { GP_BLOCK_HOLDS, GP_BLOCK_SIZE, GP_BLOCK_NAMES, GP_BLOCK_COUNT } gp_block_what;

typedef struct gp_bound_program gp_bound_program;

typedef struct gp_bound {
    const gp_external *ext;
    int at;                    /* COLUMN: number of the further column; BLOCK: the block, or the kind; INDEX: 0-5, from 6 on further columns of the index; SERIES: the type; EVENT: N, or of
                                  DIVFACTOR T; CALENDAR: the day; NAME: the other security */
    gp_from from;              /* FUNDAMENTAL */
    gp_block_what what;        /* BLOCK */
    int key;                   /* of the facts or series, -1 none; EVENT: T */
    double scale;              /* of the facts, or the constant */
    double fallback;           /* for a security the facts lack; NaN none */
    int other;                 /* PROGRAM: which other security; -1 the security itself */
    gp_bound_program *program; /* PROGRAM */
    int lack;                  /* number in gp_companions.lacks; -1: not counted */
} gp_bound;

struct gp_bound_program {
    const gp_program *p;
    gp_bound *at;
    int n;
};

/* Securities for which an external had nothing; the three smallest codes are shown. */
enum { GP_LACK_SHOWN = 3 };
typedef struct gp_lack {
    const gp_external *ext; /* NULL: of the companions as a whole */
    const char *why;
    GP_VEC(uint64_t) who;   /* hashes of their codes; one that several programs met is there several times */
    char code[GP_LACK_SHOWN][40];
} gp_lack;

typedef struct gp_other { const char *security; gp_keys more; unsigned need; gp_bars bars; bool numbered; /* "1.600000" */ } gp_other;

struct gp_companions {
    const gp_program *const *p; /* only while they are made */
    int n_programs;
    gp_companion_opts o;
    gp_quote_needs quotes;
    gp_data_opts reading;      /* of index files and other securities */
    gp_keys more;              /* of the quotes themselves */
    unsigned need;
    gp_keys index_more, fact_keys;
    unsigned index_need;
    GP_VEC(gp_other) others;
    GP_VEC(gp_bars) index;
    gp_facts *facts, *series;
    gp_events *events;
    gp_keys ids;               /* of the series */
    gp_arena texts;
    bool wants_events, wants_calendar;
    gp_blocks *blocks;
    bool wants_blocks;
    GP_VEC(gp_bound_program *) roots;
    pthread_mutex_t lock;      /* guards lacks */
    GP_VEC(gp_lack) lacks;
    gp_lack units, longer;     /* securities whose volume cannot be in lots; whose bars are not daily */
    gp_lack stale;             /* securities whose last bar the index lacks, though it has earlier ones */
};

/* The benchmark of a security among the index files; -1: not given. */
int gp_index_for(const gp_companions *c, const gp_bars *b);
void gp_lack_add(const gp_companions *c, int lack, const char *why, const char *code);
/* Counts a security for .units, .longer or .stale, once. */
void gp_note_add(const gp_companions *c, const gp_lack *note, const char *code);
#endif
