#include "warp.h"
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

enum { WARP = 32, STACK = 256 * 1024 };
typedef enum { READY, WAITS, ENDED } state;

typedef struct fiber {
    ucontext_t at;
    state state;
    int call, from;      /* what it waits for */
    unsigned mask, value, answer;
    void *fake;          /* of the sanitizer */
} fiber;

static fiber fibers[WARP];
static _Alignas(64) char stacks[WARP][STACK]; /* they go with the library */
static ucontext_t scheduler;
static int now;          /* the fiber that runs */
static struct { const mock_function *f; const gp_fused_args *a; unsigned block, first, n, width; } running;
static uint64_t dice = 1;

static unsigned throw_dice(unsigned below)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % below;
}

static void wrong(const char *what)
{
    fprintf(stderr, "mock: %s\n", what);
    abort();
}

#ifdef __SANITIZE_ADDRESS__
static const void *scheduler_stack;
static size_t scheduler_size;
static void *scheduler_fake;
#define LEAVE_SCHEDULER(K) __sanitizer_start_switch_fiber(&scheduler_fake, stacks[K], STACK)
#define BACK_IN_SCHEDULER() __sanitizer_finish_switch_fiber(scheduler_fake, NULL, NULL)
#define LEAVE_FIBER(KEEP) __sanitizer_start_switch_fiber((KEEP), scheduler_stack, scheduler_size)
#define BACK_IN_FIBER(FAKE) __sanitizer_finish_switch_fiber((FAKE), &scheduler_stack, &scheduler_size)
#else
#define LEAVE_SCHEDULER(K) ((void)0)
#define BACK_IN_SCHEDULER() ((void)0)
#define LEAVE_FIBER(KEEP) ((void)(KEEP))
#define BACK_IN_FIBER(FAKE) ((void)(FAKE))
#endif

static unsigned call_warp(int call, unsigned mask, unsigned value, int from)
{
    fiber *f = &fibers[now];
    if (call != MOCK_ACTIVE && !(mask >> now & 1)) wrong("a lane calls for others only");
    f->call = call, f->mask = mask, f->value = value, f->from = from;
    f->state = WAITS;
    LEAVE_FIBER(&f->fake);
    swapcontext(&f->at, &scheduler);
    BACK_IN_FIBER(f->fake);
    return f->answer;
}

static void body(void)
{
    BACK_IN_FIBER(NULL);
    running.f->kernel(*running.a);
    fibers[now].state = ENDED;
    LEAVE_FIBER(NULL);
    setcontext(&scheduler);
}

static void go_on(int k)
{
    now = k;
    running.f->place(running.block, running.first + (unsigned)k, running.width);
    LEAVE_SCHEDULER(k);
    swapcontext(&scheduler, &fibers[k].at);
    BACK_IN_SCHEDULER();
}

static void answer(int k, unsigned mask)
{
    fiber *f = &fibers[k];
    unsigned y = 0;
    for (int l = 0; l < WARP; l++) {
        if (!(mask >> l & 1)) continue;
        switch (f->call) {
        case MOCK_MATCH: y |= (unsigned)(fibers[l].value == f->value) << l; break;
        case MOCK_BALLOT: y |= (unsigned)(fibers[l].value != 0) << l; break;
        case MOCK_REDUCE: y += fibers[l].value; break;
        case MOCK_SHUFFLE: y = l == (f->from & 31) ? fibers[l].value : y; break;
        default: y = mask; break;
        }
    }
    if (f->call == MOCK_SHUFFLE && !(mask >> (f->from & 31) & 1)) wrong("a shuffle reads a lane that does not take part");
    f->answer = y;
    f->state = READY;
}

/* All lanes of one that waits have come to the same call? */
static int together(int k)
{
    for (int l = 0; l < WARP; l++) {
        if (!(fibers[k].mask >> l & 1)) continue;
        if (l >= (int)running.n || fibers[l].state == ENDED) wrong("a lane waits for one that has ended");
        if (fibers[l].state != WAITS || fibers[l].call != fibers[k].call) return 0;
        if (fibers[l].mask != fibers[k].mask) wrong("lanes that wait for each other do not agree on who takes part");
    }
    return 1;
}

/* Whoever can go on, goes on; of those that ask who is here, some are. */
static int release(void)
{
    unsigned asking = 0, some = 0;
    int any = 0;
    for (int k = 0; k < (int)running.n; k++) {
        if (fibers[k].state != WAITS) continue;
        if (fibers[k].call == MOCK_ACTIVE) {
            asking |= 1u << k;
        } else if (together(k)) {
            const unsigned mask = fibers[k].mask;
            for (int l = 0; l < WARP; l++)
                if (mask >> l & 1) answer(l, mask);
            any = 1;
        }
    }
    if (any || !asking) return any;
    const int all = throw_dice(3) > 0;
    while (!some)
        for (int k = 0; k < WARP; k++)
            if (asking >> k & 1 && (all || throw_dice(2))) some |= 1u << k;
    for (int k = 0; k < WARP; k++)
        if (some >> k & 1) answer(k, some);
    return 1;
}

static void begin(fiber *x)
{
    if (getcontext(&x->at) != 0) wrong("a lane cannot be started");
    x->at.uc_stack.ss_sp = stacks[x - fibers];
    x->at.uc_stack.ss_size = STACK;
    x->at.uc_link = NULL;
    x->state = READY;
    makecontext(&x->at, body, 0);
}

void mock_run_warp(const mock_function *f, const gp_fused_args *a, unsigned block, unsigned first, unsigned n, unsigned width)
{
    running.f = f, running.a = a, running.block = block, running.first = first, running.n = n, running.width = width;
    *f->warp = call_warp;
    for (unsigned k = 0; k < n; k++) begin(&fibers[k]);
    for (;;) {
        unsigned left = 0;
        const unsigned from = throw_dice(n);
        for (unsigned k = 0; k < n; k++) {
            const int at = (int)((from + k) % n);
            if (fibers[at].state == READY) go_on(at);
            left += fibers[at].state != ENDED;
        }
        int ready = 0;
        for (unsigned k = 0; k < n; k++) ready |= fibers[k].state == READY;
        if (!left) return;
        if (!ready && !release()) wrong("the lanes of a warp wait for each other");
    }
}
