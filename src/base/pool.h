/* Work shared between threads: items are handed out one by one from an atomic counter. */
#ifndef GP_BASE_POOL_H
#define GP_BASE_POOL_H
#include <stddef.h>

/* One item.  worker is 0..jobs-1 and names the thread, so that it can own scratch space; worker 0 is the caller's
 * thread, which takes items like the others (and may therefore print progress without locks). */
typedef void gp_work_fn(void *ctx, int worker, size_t item);

/* How many threads a request for `jobs` means: 0 is one per online processor; never more than items (at least 1) and
 * never more than GP_POOL_MAX. */
#define GP_POOL_MAX 256
int gp_pool_jobs(int jobs, size_t items);

/* Calls fn once for each item 0..n-1 and returns when all are done.  A thread that cannot be started only makes the
 * run slower.  Which worker gets which item is not defined: results must not depend on it. */
void gp_pool_run(int jobs, size_t n, gp_work_fn *fn, void *ctx);
#endif
