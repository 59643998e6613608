/* What the terminal can do. */
#include "cli/screen.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000, BETWEEN_MS = 300, ANSWER = 128 }; /* an answer that comes later would be typed at the shell */

gp_screen gp_screen_size(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return (gp_screen){0};
    return (gp_screen){size.ws_col, size.ws_row, size.ws_xpixel, size.ws_ypixel};
}

/* The answer to "what are you" is ESC [ ? numbers c; a 4 among them is sixel. */
static bool tells_of_sixel(const char *answer)
{
    const char *p = strstr(answer, "\033[?");
    bool first = true;
    for (p = p ? p + 3 : ""; *p && *p != 'c'; first = false) {
        char *end;
        const long n = strtol(p, &end, 10);
        if (end == p)
            return false;
        if (n == 4 && !first) /* the first number is the kind of terminal */
            return true;
        p = end + (*end == ';');
    }
    return false;
}

static void read_answer(int fd, char answer[ANSWER])
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n = 0;
    while (n < ANSWER - 1 && poll(&p, 1, n ? BETWEEN_MS : PATIENCE_MS) > 0) {
        const ssize_t got = read(fd, answer + n, 1);
        if (got <= 0)
            break;
        n += (int)got;
        if (answer[n - 1] == 'c')
            break;
    }
    answer[n] = 0;
}

bool gp_screen_has_sixel(void)
{
    static const char ask[] = "\033[c";
    struct termios before, raw;
    char answer[ANSWER] = "";
    const char *term = getenv("TERM");
    if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0 || strcmp(term, "linux") == 0)
        return false;
    const int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (tcgetpgrp(fd) == getpgrp() && tcgetattr(fd, &before) == 0) { /* in the background it would be stopped */
        raw = before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        raw.c_cc[VMIN] = 0;
        raw.c_cc[VTIME] = 0;
        tcsetattr(fd, TCSANOW, &raw);
        if (write(fd, ask, sizeof ask - 1) == (ssize_t)(sizeof ask - 1))
            read_answer(fd, answer);
        tcsetattr(fd, TCSANOW, &before);
    }
    close(fd);
    return tells_of_sixel(answer);
}
