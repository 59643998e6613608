/* The inside of a scan: scan.c reads and runs, scan_hits.c keeps what holds, scan_merge.c puts the threads' results together. */
#ifndef GP_SCREEN_SCAN_INSIDE_H
#define GP_SCREEN_SCAN_INSIDE_H
#include "base/vec.h"
#include "eval/vm.h"
#include "screen/feed.h"
#include "screen/scan.h"

typedef struct gp_ticker {
    const gp_bars *bars;
    size_t input, index;
    int n;             /* bars that exist for this scan (--asof), those before the ones that were read included */
    int base;          /* bars that `state` stands after; 0: it runs from the first bar */
    const char *state;
    int keep;          /* bars that the state to be kept stands after */
    char *kept;        /* room for it; NULL: none is kept */
    const bool *taken; /* by which plans; NULL: all */
} gp_ticker;

/* A ticker as one plan sees it. */
typedef struct gp_view {
    const gp_ticker *t;
    int from, to;   /* bars that may hit: from..to */
    int first;      /* the bar that slots[][0] belongs to */
    double **slots; /* results, by the plan's own numbers */
} gp_view;

/* The second run, over the tickers that are to be explained. */
typedef struct gp_second {
    gp_vm *vm;
    gp_feed *feed;
    double *out;
    size_t cap;
    double **slots; /* GP_VM_LANES * results of the why program */
    gp_reasons reasons;
} gp_second;

/* What one thread keeps for one plan. */
typedef struct gp_part {
    const gp_plan *plan;
    const gp_scan_opts *o;
    gp_second why;
    gp_arena arena; /* what the hits point into */
    GP_VEC(gp_hit) hits;
    double **slots; /* GP_VM_LANES * (results + 1): room for the views */
    int n_slots;
    int *fired;
    size_t held, tickers, too_young, skipped, rows, bytes;
    int32_t newest;
    int longest;
} gp_part;

typedef struct gp_seen_ticker { const char *code, *market; size_t input, index; const bool *taken; } gp_seen_ticker;

/* One program of the pass on one thread. */
typedef struct gp_engine {
    gp_vm *vm;
    gp_feed *feed;  /* NULL: the program needs nothing beside the quotes */
    double *out;    /* results of one tile */
    size_t cap;
    double **slots; /* GP_VM_LANES * (results + 1) */
    gp_feed **feeds; /* with a device: one for each tile of a batch */
    size_t n_feeds;
} gp_engine;

typedef struct gp_worker {
    int id;
    gp_part *parts;     /* one per plan */
    gp_engine *engines; /* one per program */
    gp_arena arena;     /* seen, taken */
    GP_VEC(gp_seen_ticker) seen;
    GP_VEC(gp_ticker) tickers;
    GP_VEC(gp_read_result *) reads; /* of this batch */
    GP_VEC(gp_state_found) found;   /* of the input at hand, with states: one for each of its securities */
    int whole;          /* inputs of this batch that were read from the first bar on */
    bool open;
} gp_worker;

typedef struct gp_scan {
    const gp_pass *pass;
    const gp_inputs *inputs;
    const gp_scan_opts *o;  /* one per plan; the first one's threads, reading and companions count */
    gp_quote_needs *needs;  /* one per plan */
    bool differ;            /* not all plans need the same of the quotes */
    gp_read_opts read;      /* for all of them */
    gp_states *states;      /* NULL: none */
    int back;               /* bars at the end that some plan looks at */
    int **wanted, *n_wanted; /* per program: results that are looked at */
    struct gp_sized { size_t bytes, input; } *order; /* inputs, largest first */
    struct gp_batch { size_t first, n; } *batches;
    size_t n_batches;
    gp_worker *workers;
    gp_diags *diags;        /* one list per input */
    size_t done;            /* inputs finished, for progress; updated atomically */
} gp_scan;

static inline bool gp_is_range(const gp_scan_opts *o) { return o->from || o->to; }

/* ---- scan.c ---- */
/* The first bar that some plan of program g looks at. */
int gp_scan_first(const gp_scan *s, int g, const gp_ticker *t);
/* Room for so many results of program g. */
double *gp_engine_room(gp_engine *e, size_t n);
/* Keeps what the plans of program g find in a tile whose results stand in the engine's slots from bar first[l] on. */
void gp_scan_look(const gp_scan *s, gp_worker *w, int g, const gp_ticker *t, int lanes, const int *first);

/* ---- scan_device.c ---- */
/* Runs all tickers of the batch where s->o->accel says, and looks at what comes. */
void gp_scan_on_device(const gp_scan *s, gp_worker *w);

/* ---- scan_hits.c ---- */
/* Which bars of a ticker may hit. */
void gp_view_place(const gp_scan_opts *o, gp_view *v);
/* Number of bars of b with date <= day (before: < day). */
int gp_bars_until(const gp_bars *b, int32_t day, bool before);
/* Keeps the hits, or near misses, of one tile. */
void gp_part_collect(gp_part *w, const gp_companions *companions, const gp_view *v, int lanes);
void gp_part_open(gp_part *w, const gp_plan *plan, const gp_scan_opts *o);
void gp_part_close(gp_part *w);

/* ---- scan_merge.c ---- */
/* Result i from what the threads kept; in d, with the first one, which securities came twice. */
void gp_scan_merge(gp_scan *s, int jobs, int plan, gp_scan_result *r, gp_diags *d);
#endif
