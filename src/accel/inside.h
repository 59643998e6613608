/* The inside of accel: device.c opens and compiles, market.c keeps tiles on the device, run.c runs. */
#ifndef GP_ACCEL_INSIDE_H
#define GP_ACCEL_INSIDE_H
#include <pthread.h>
#include "accel/accel.h"
#include "accel/device.h"
#include "accel/table.h"
#include "accel/tile.h"
#include "base/vec.h"

/* A kernel by its source; several may stand in one piece of code. */
typedef struct gp_ready {
    char *text;
    bool exact, torn;          /* torn: its pieces did not meet (cut.h) */
    char name[24];
    gp_device_code *code;
} gp_ready;

/* $GOLDPIT_ACCEL_VARIANT, "span=64 width=32 shared=100": for tests, whose markets are too small for what is chosen by itself; 0: not said, -1: not
 * at all.  shared: doubles a lane; blocks: gp_fuse_opts, for the bench. */
typedef struct gp_force { int span, width, shared, blocks; } gp_force;

typedef enum { GP_KERNELS_AUTO, GP_KERNELS_FUSED, GP_KERNELS_INTERPRETER } gp_accel_kernels;

struct gp_accel {
    void *library;
    char *path;
    const gp_accel_api *api;
    gp_accel_about about;
    gp_force force;
    gp_device *device;         /* NULL: none, or given up */
    double open_s, compile_s;  /* seconds that took; a new kernel, as measured once (cost.h), 0: not known */
    char said[700];
    char refusal[200];
    bool together;             /* refusal: of several kernels in one source, which are compiled one by one after it */
    pthread_mutex_t lock;      /* the device, and what stands below */
    GP_VEC(gp_ready) kernels;
    GP_VEC(gp_device_code *) codes;
    void *block;               /* working memory of launches */
    size_t block_bytes;
    gp_accel_market *markets;  /* all of them: what can be given back when memory is short */
    gp_accel_stats stats;
    gp_accel_kernels kernels_of; /* $GOLDPIT_KERNEL */
    bool no_interpreter;       /* it does not compile */
};

/* Some tickers of a market. */
typedef struct gp_group {
    int first, tickers, cap;
    void *at;                  /* on the device: quotes, then bars; NULL: not there */
    size_t bars_at;            /* bytes into it */
} gp_group;

struct gp_accel_market {
    gp_accel *accel;
    const gp_lane *lane;
    int tickers;
    gp_fused_column *column;
    int n_columns;
    GP_VEC(gp_group) groups;
    gp_tile packed;            /* the only group, on its way; of whoever runs over the market */
    gp_accel_market *next;
};

/* Notes what a status other than OK means: after LOST there is no device any more. */
void gp_accel_note(gp_accel *a, gp_accel_status s);
/* The kernel of f's source, compiled; NULL with *s. */
gp_ready *gp_accel_kernel(gp_accel *a, const char *text, bool exact, const gp_fuse_steps *steps, gp_accel_status *s);
/* Doubles that a lane may keep in shared memory: those of the narrowest block. */
size_t gp_accel_shared(const gp_accel *a);
gp_accel_status gp_accel_take(gp_accel *a, size_t bytes, void **at); /* gives back what can be spared where that is needed */
/* Working memory of at least so many bytes, kept for the next time. */
gp_accel_status gp_accel_block(gp_accel *a, size_t bytes);
gp_accel_status gp_accel_upload(gp_accel *a, void *to, const void *from, size_t bytes);
gp_accel_status gp_accel_download(gp_accel *a, void *to, const void *from, size_t bytes);
/* Notes why a program has to run on the processor; the first one's is kept. */
void gp_accel_refuse(gp_accel *a, const gp_program *p, const char *why);
double gp_accel_clock(void);

/* choose.c: the interpreter kernel, compiled; NULL: it cannot be, and nobody asks for it again. */
const gp_ready *gp_accel_interpreter(gp_accel *a, gp_interp_variant v);
/* batch.c: programs for one variant of the interpreter; index: their numbers in `want`. */
void gp_accel_batch(gp_accel *a, gp_accel_market *m, const gp_program *const *program, const int *index, int n, const gp_accel_want *want);
/* run.c: sets that share a kernel of their own; run_host.c: the processor's turn for some tickers of one program, which is number `index` of `want`. */
void gp_accel_own(gp_accel *a, gp_accel_market *m, const gp_program **sets, int *index, int n_sets, const gp_accel_want *want);
void gp_accel_host(gp_accel_market *m, const gp_program *p, int index, const gp_accel_want *want, int first, int tickers);

/* market.c */
void gp_market_pack(gp_accel_market *m); /* where one group is all: it is put in order while others have the device */
gp_accel_status gp_group_here(gp_accel_market *m, gp_group *g); /* puts it on the device */
void gp_group_away(gp_accel *a, gp_group *g);
bool gp_group_split(gp_accel_market *m, size_t at);             /* in two; false: it is one ticker */
/* Tiles of all markets but `keep` leave the device; whether there were any. */
bool gp_markets_away(gp_accel *a, const gp_group *keep);
#endif
