/* goldpit-bench: measures the engine, the CSV reader, a whole scan and every builtin, each beside a yardstick that is
 * timed in the same run.  Not part of the library. */
#ifndef GP_BENCH_BENCH_H
#define GP_BENCH_BENCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "eval/program.h"
#include "eval/vm.h"
#include "market/reader.h"
#include "parser/parser.h"

typedef struct gp_bench_opts {
    int tickers, bars; /* engine, functions */
    int files;         /* csv, scan */
    int repeat;        /* each figure is the best of so many interleaved runs */
    uint64_t seed;
    bool goals;        /* compare with the goals: only meant for the full size */
} gp_bench_opts;

/* Each prints its table; true when every goal it checks was reached. */
bool gp_bench_engine(const gp_bench_opts *o);
bool gp_bench_many(const gp_bench_opts *o);
bool gp_bench_night(const gp_bench_opts *o);
bool gp_bench_csv(const gp_bench_opts *o);
bool gp_bench_day(const gp_bench_opts *o);
bool gp_bench_store(const gp_bench_opts *o);
bool gp_bench_scan(const gp_bench_opts *o);
bool gp_bench_worth(const gp_bench_opts *o);
bool gp_bench_sweep(const gp_bench_opts *o);
bool gp_bench_plot(const gp_bench_opts *o);
bool gp_bench_lint(const gp_bench_opts *o);
bool gp_bench_gpu(const gp_bench_opts *o);
bool gp_bench_gpu_scan(const gp_bench_opts *o);
bool gp_bench_gpu_long(const gp_bench_opts *o);
bool gp_bench_gpu_folder(const gp_bench_opts *o);
bool gp_bench_functions(const gp_bench_opts *o);
bool gp_bench_library(const gp_bench_opts *o);
bool gp_bench_compile_time(const gp_bench_opts *o);

double gp_bench_now(void); /* seconds, monotonic */

/* The formula all benches run: the golden pit with its numbers in place. */
extern const char gp_bench_golden_pit[];

/* Paths of the formulas of the library, as the build knows them; NULL-terminated, freed with gp_bench_paths_free.  NULL after saying why. */
char **gp_bench_library_paths(int *n);
void gp_bench_paths_free(char **paths);
/* For gp_library_new, with these paths as its ctx. */
bool gp_bench_find(void *ctx, gp_str name, gp_buf *text, gp_buf *shown);

/* A formula and its program; the process ends when the text does not compile. */
typedef struct gp_bench_formula { gp_formula *formula; gp_program *program; } gp_bench_formula;
bool gp_bench_compile(const char *text, gp_bench_formula *out);
void gp_bench_compiled_fini(gp_bench_formula *f);

/* A generated market in memory, longest tickers first. */
typedef struct gp_bench_market { gp_bars *at; int n; size_t bars; } gp_bench_market;
void gp_bench_market_new(uint64_t seed, int tickers, int bars, gp_bench_market *out);
void gp_bench_market_fini(gp_bench_market *m);
/* The market as inputs of a scan, one security each, all of its columns; `newest` bars at the end do not exist yet.  As a store does, it
 * gives only the last bars where no more are wanted. */
void gp_bench_market_inputs(const gp_bench_market *m, int newest, gp_inputs *out);
/* A lane over all bars of b; results from bar `from` on go to out. */
gp_lane gp_bench_lane(const gp_bars *b, int from, double *const *out);

/* The goldpit in the folder of this program; false after saying that there is none. */
bool gp_bench_goldpit(char *path, size_t size);
/* Runs it with its output thrown away; false after saying what went wrong. */
typedef struct gp_bench_ran { double seconds, cpu, peak_mb; } gp_bench_ran;
bool gp_bench_command(const char *goldpit, const char *const *argv, gp_bench_ran *r);

/* A new folder for generated files, and its removal with everything in it.  NULL after saying why. */
char *gp_bench_folder(void);
void gp_bench_folder_remove(char *path);

/* One line: what was measured, its value, the ratio to the yardstick and the goal.  goal 0: none; at_least says which
 * side of it is good.  Returns whether the goal was reached. */
typedef struct gp_bench_goal { double ratio, goal; bool at_least; } gp_bench_goal;
bool gp_bench_line(const gp_bench_opts *o, const char *what, double value, const char *unit, const gp_bench_goal *goal);
#endif
