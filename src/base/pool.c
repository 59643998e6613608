#include "base/pool.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>
#include "base/vec.h"

typedef struct run {
    gp_work_fn *fn;
    void *ctx;
    size_t n;
    atomic_size_t next;
} run;

typedef struct thread {
    run *run;
    int worker;
    pthread_t id;
    bool started;
} thread;

int gp_pool_jobs(int jobs, size_t items)
{
    if (jobs <= 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        jobs = online < 1 ? 1 : online > GP_POOL_MAX ? GP_POOL_MAX : (int)online;
    }
    if (jobs > GP_POOL_MAX)
        jobs = GP_POOL_MAX;
    if (items < (size_t)jobs)
        jobs = items ? (int)items : 1;
    return jobs;
}

static void *work(void *arg)
{
    const thread *t = arg;
    run *r = t->run;
    for (;;) {
        size_t item = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
        if (item >= r->n)
            return NULL;
        r->fn(r->ctx, t->worker, item);
    }
}

void gp_pool_run(int jobs, size_t n, gp_work_fn *fn, void *ctx)
{
    run r = {.fn = fn, .ctx = ctx, .n = n};
    thread *threads;
    jobs = gp_pool_jobs(jobs, n);
    threads = gp_xcalloc((size_t)jobs, sizeof *threads);
    atomic_init(&r.next, 0);
    for (int i = 0; i < jobs; i++) {
        threads[i].run = &r;
        threads[i].worker = i;
        if (i)
            threads[i].started = pthread_create(&threads[i].id, NULL, work, &threads[i]) == 0;
    }
    work(&threads[0]);
    for (int i = 1; i < jobs; i++)
        if (threads[i].started)
            pthread_join(threads[i].id, NULL);
    free(threads);
}
