/* Runs a plan over the quotes of many tickers and keeps the bars where a signal holds. */
#ifndef GP_SCREEN_SCAN_H
#define GP_SCREEN_SCAN_H
#include "accel/device.h"
#include "market/reader.h"
#include "screen/companions.h"
#include "screen/pass.h"
#include "screen/resume.h"
#include "screen/why.h"

typedef struct gp_scan_opts {
    int jobs;              /* threads; 0: one per online processor */
    int within;            /* the last N bars count, the newest hit is kept; 0 and 1: the last bar only */
    int32_t asof;          /* yyyymmdd: later bars are cut off before evaluation; 0: none */
    int32_t from, to;      /* yyyymmdd: every hit in the range; 0: open end; both 0: not a range scan */
    gp_csv_path csv_path;
    const gp_why *why;     /* say of every hit by which conditions it holds; NULL: do not */
    int near;              /* with why, not over a range: instead of hits the securities where a signal lacks at most so many of its conditions */
    int trail;             /* keep so many closes up to the bar of a hit; 0: none */
    bool sorted;           /* near: the plan's order was asked for; else the nearest come first */
    const gp_companions *companions; /* made for plan->program (of a pass: its programs); NULL when there are no externals */
    /* Go on from the states of an earlier scan, and keep new ones (resume.h; made for the pass; gp_states_write afterwards).  Of no effect with
     * asof, from, to, why and near, which look at more than the last bars.  NULL: no. */
    gp_states *states;
    gp_accel *accel;       /* where programs run; NULL: here.  The results are the same.  Of a pass, the first one's holds for all. */
    /* Called from the caller's thread now and then, done counts inputs.  NULL: none. */
    void (*progress)(void *ctx, size_t done, size_t total);
    void *ctx;
} gp_scan_opts;

typedef struct gp_hit {
    const char *code;      /* with ".SH" when tickers of several markets share it */
    const char *market, *name;
    int32_t date, time;    /* time -1: none */
    double close;
    const int *fired;      /* indexes into plan->signals, ascending */
    int n_fired;
    const double *values;  /* one per plan column, then the sort key */
    size_t input, index;   /* which input, which ticker in it */
    int bar;
    uint64_t history;      /* gp_bars.history */
    const double *trail;   /* with .trail: the last closes, the hit's own at the end */
    int n_trail;
    const gp_reason *why;  /* with .why: conditions that held; near: those that did not */
    int n_why;
    int failed, parts;     /* near: how many of the conditions joined by AND did not hold, of how many */
    double distance;       /* near: how far these are from holding (gp_why_missed) */
} gp_hit;

typedef struct gp_scan_result {
    gp_hit *hits;          /* by code, date, time, market, input; or by the sort key (nulls last), then so */
    size_t n_hits;
    size_t tickers;        /* evaluated */
    size_t too_young;      /* left out: no bar on or before --asof */
    size_t inputs, skipped; /* files; those that could not be used */
    size_t rows, bytes;    /* read */
    int32_t newest;        /* date of the newest last bar */
    int longest;           /* bars of the longest ticker */
    size_t held;           /* near: securities where a signal holds, which are no near misses of it */
    size_t stale_hits;     /* last-bar scans: hits on a bar older than `newest` */
    bool named;            /* some hit has a security name */
    gp_arena *arenas;      /* what the hits point into */
    int n_arenas;
} gp_scan_result;

/* Reads every input, evaluates, collects.  Quotes are held for at most GP_SCAN_FILES files per thread at a time.  What was
 * wrong with the data is appended to d in the order of the inputs, whatever the number of threads; a file that
 * cannot be used is counted in skipped and never stops the others. */
#define GP_SCAN_FILES 8
void gp_scan_run(const gp_plan *plan, const gp_inputs *inputs, const gp_scan_opts *o, gp_scan_result *out, gp_diags *d);
/* The same for all plans of a pass at once: every input is read once, out[i] is what gp_scan_run gives for plan i alone, and d says
 * once what is wrong with the data.  o: one for each plan; of the first one jobs, asof, csv_path, companions, states and progress hold for all, and
 * its companions have to be made for the programs of the pass (gp_companion_opts.counted = their number) and for what the plans' `why` runs. */
void gp_scan_run_many(const gp_pass *pass, const gp_inputs *inputs, const gp_scan_opts *o, gp_scan_result *out, gp_diags *d);
void gp_scan_result_fini(gp_scan_result *r);
#endif
