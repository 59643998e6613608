#include "base/tidy.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 64, LONGEST = 1024 };
enum { FREE, FILLING, USED };

static struct { atomic_int state, writer; char path[LONGEST]; } slots[SLOTS];
static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
static atomic_flag watched = ATOMIC_FLAG_INIT;

/* Only what a signal handler may call: opendir may not be, the system call below it may. */
static void empty(int folder)
{
    struct entry { uint64_t ino; int64_t off; unsigned short n; unsigned char type; char name[]; };
    _Alignas(struct entry) char block[4096];
    long n;
    while ((n = syscall(SYS_getdents64, folder, block, sizeof block)) > 0)
        for (long at = 0; at < n;) {
            const struct entry *e = (const struct entry *)(block + at);
            unlinkat(folder, e->name, 0); /* . and .. are folders: refused */
            at += e->n;
        }
}

static void remove_one(int k)
{
    const pid_t writer = atomic_load(&slots[k].writer);
    if (writer) {
        kill(writer, SIGKILL);
        while (waitpid(writer > 0 ? writer : -writer, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    const int folder = open(slots[k].path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder >= 0) {
        empty(folder);
        close(folder);
        rmdir(slots[k].path);
    } else {
        unlink(slots[k].path);
    }
}

void gp_tidy_now(void)
{
    for (int k = 0; k < SLOTS; k++) {
        int used = USED;
        if (atomic_compare_exchange_strong(&slots[k].state, &used, FILLING))
            remove_one(k);
    }
}

static void on_end(int number)
{
    gp_tidy_now();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch(void)
{
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
        struct sigaction was, a = {.sa_handler = on_end};
        sigemptyset(&a.sa_mask);
        if (sigaction(ends[k], NULL, &was) == 0 && !(was.sa_flags & SA_SIGINFO) && was.sa_handler == SIG_DFL)
            sigaction(ends[k], &a, NULL);
    }
}

int gp_tidy_add(const char *path)
{
    const size_t n = strlen(path);
    for (int k = 0; k < SLOTS && n < LONGEST; k++) {
        int was = FREE;
        if (!atomic_compare_exchange_strong(&slots[k].state, &was, FILLING))
            continue;
        memcpy(slots[k].path, path, n + 1);
        atomic_store(&slots[k].writer, 0);
        atomic_store(&slots[k].state, USED);
        if (!atomic_flag_test_and_set(&watched))
            watch();
        return k;
    }
    return -1;
}

void gp_tidy_writer(int slot, pid_t pid)
{
    if (slot >= 0)
        atomic_store(&slots[slot].writer, pid);
}

static void mask(int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t k = 0; k < sizeof ends / sizeof *ends; k++)
        sigaddset(&set, ends[k]);
    pthread_sigmask(how, &set, NULL);
}

void gp_tidy_hold(void) { mask(SIG_BLOCK); }
void gp_tidy_release(void) { mask(SIG_UNBLOCK); }

void gp_tidy_drop(int slot)
{
    if (slot >= 0)
        atomic_store(&slots[slot].state, FREE);
}
