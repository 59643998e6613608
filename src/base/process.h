/* Another program, run without a shell: what it reads is written to it, what it says is read, and it is waited for. */
#ifndef GP_BASE_PROCESS_H
#define GP_BASE_PROCESS_H
#include <stdbool.h>
#include <sys/types.h>
#include "base/str.h"

typedef struct gp_process {
    pid_t pid;   /* 0: none */
    int in, out; /* to its standard input; from its standard error, or with GP_PROCESS_OUT its standard output; -1 closed */
    bool group;  /* it leads a group of its own */
} gp_process;

enum { GP_PROCESS_OUT = 1, GP_PROCESS_GROUP = 2 /* with what it starts it is a group, and is ended as one */ };
/* Looks for argv[0] along PATH.  dir: where it runs, or NULL.  NULL, or the reason why it does not run. */
const char *gp_process_start(gp_process *p, char *const *argv, const char *dir, unsigned flags);
/* Writes as much of s as it takes without waiting; 0: later; -1: it reads no more. */
ssize_t gp_process_write(gp_process *p, gp_str s);
/* Appends what it has said; false at the end. */
bool gp_process_read(gp_process *p, gp_buf *said);
/* Waits until it can be written (want_write) or has said something; false when `seconds` are over. */
bool gp_process_wait(const gp_process *p, bool want_write, double seconds);
/* Closes the pipes, kills it (or its group) when it does not end within `seconds`, and gives its wait status.  Of a group nothing is left when
 * seconds are 0, even when the process itself has ended. */
int gp_process_end(gp_process *p, double seconds);
#endif
