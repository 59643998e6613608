/* Another program at the other end of a pair of pipes. */
#include "base/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int spawn(gp_process *p, char *const *argv, const char *dir, int to, int from, unsigned flags)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    int why = posix_spawn_file_actions_init(&actions);
    if (why)
        return why;
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (flags & GP_PROCESS_GROUP ? POSIX_SPAWN_SETPGROUP : 0)));
    posix_spawn_file_actions_adddup2(&actions, to, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from, flags & GP_PROCESS_OUT ? STDOUT_FILENO : STDERR_FILENO);
    posix_spawn_file_actions_addopen(&actions, flags & GP_PROCESS_OUT ? STDERR_FILENO : STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (dir)
        posix_spawn_file_actions_addchdir_np(&actions, dir);
    why = posix_spawnp(&p->pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

const char *gp_process_start(gp_process *p, char *const *argv, const char *dir, unsigned flags)
{
    int in[2], out[2], why;
    *p = (gp_process){.in = -1, .out = -1, .group = flags & GP_PROCESS_GROUP};
    /* a socket, because a write to a pipe whose reader died raises a signal */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0)
        return strerror(errno);
    if (pipe2(out, O_CLOEXEC) != 0) {
        why = errno;
        close(in[0]);
        close(in[1]);
        return strerror(why);
    }
    why = spawn(p, argv, dir, in[1], out[1], flags);
    close(in[1]);
    close(out[1]);
    p->in = in[0];
    p->out = out[0];
    if (why) {
        shut(&p->in);
        shut(&p->out);
        p->pid = 0;
        return strerror(why);
    }
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    return NULL;
}

ssize_t gp_process_write(gp_process *p, gp_str s)
{
    ssize_t n;
    if (p->in < 0)
        return -1;
    do {
        n = send(p->in, s.p, s.n, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n < 0)
        shut(&p->in);
    return n;
}

bool gp_process_read(gp_process *p, gp_buf *said)
{
    char block[4096];
    ssize_t n = -1;
    while (p->out >= 0 && ((n = read(p->out, block, sizeof block)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            gp_buf_add(said, block, (size_t)n);
    return p->out >= 0 && n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool gp_process_wait(const gp_process *p, bool want_write, double seconds)
{
    const double until = now() + seconds;
    struct pollfd fds[2] = {{.fd = p->out, .events = POLLIN}, {.fd = want_write ? p->in : -1, .events = POLLOUT}};
    for (;;) {
        const double left = until - now();
        const int n = poll(fds, 2, left > 0 ? (int)(left * 1000) + 1 : 0);
        if (n > 0)
            return true;
        if (n == 0 || errno != EINTR)
            return false;
    }
}

int gp_process_end(gp_process *p, double seconds)
{
    const double until = now() + seconds;
    int status = 0;
    pid_t got = 0;
    if (p->pid <= 0)
        return 0;
    shut(&p->in);
    if (p->group && seconds <= 0)
        kill(-p->pid, SIGKILL);
    while ((got = waitpid(p->pid, &status, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        if (now() >= until) {
            kill(p->group ? -p->pid : p->pid, SIGKILL);
            while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
                ;
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    shut(&p->out);
    p->pid = 0;
    return status;
}
