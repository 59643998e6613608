/* Files and folders that must not outlive the process: removed when a signal ends it. */
#ifndef GP_BASE_TIDY_H
#define GP_BASE_TIDY_H
#include <sys/types.h>

/* A file, or a folder with files in it but no folders, that belongs to us.  From now on SIGINT, SIGTERM and SIGHUP remove it before they end
 * the process, unless somebody else has taken the signal, or it is ignored.  -1: too many, or the path is too long; nothing is removed. */
int gp_tidy_add(const char *path);
/* The program that writes there: it is killed first; a negative one with its group.  0: none any more.  The path may be "": only the program. */
void gp_tidy_writer(int slot, pid_t pid);
/* Between these two such a signal waits: while something is made that is not in a slot yet. */
void gp_tidy_hold(void);
void gp_tidy_release(void);
/* It is gone, or stays. */
void gp_tidy_drop(int slot);
/* Removes all of it; may be called in a signal handler. */
void gp_tidy_now(void);
#endif
