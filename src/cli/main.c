/* goldpit: picks the command. */
#include "cli/outputs.h"
#include "cli/table.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* A full disk must not look like a finished run; a closed pipe (| head) is the reader's choice. */
static int close_stdout(const gp_cli *c, int status)
{
    bool known;
    if (!ferror(stdout))
        errno = 0; /* a writer that met an error has left its errno */
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    known = errno == ENOSPC || errno == EIO || errno == EFBIG || errno == EDQUOT || errno == EBADF;
    if (errno != EPIPE)
        gp_cli_error(c, "the output could not be written%s%s", known ? ": " : "", known ? strerror(errno) : "");
    return GP_EXIT_NO_DATA;
}

/* Quotes come and go by the hundred kilobytes, file after file: what one gives back the next one takes, without the kernel. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int main(int argc, char **argv)
{
    gp_cli c = {.seed = 1};
    keep_memory();
    int status = gp_cli_parse(&c, argc, argv);
    if (status < 0) {
        int command = c.command ? gp_command_find(c.command) : -1;
        if (c.version) {
            status = gp_cmd_version(&c);
        } else if (c.help_long) {
            gp_help_long(&c, stdout, command);
            status = GP_EXIT_OK;
        } else if (c.help_short || command < 0) {
            gp_help_short(&c, stdout, command);
            status = GP_EXIT_OK;
        } else {
            gp_cli_library(&c); /* before a command copies c */
            status = gp_cli_check_outputs(&c);
            if (status < 0)
                status = gp_cli_profile(&c);
            if (status == GP_EXIT_OK)
                status = gp_cli_adjust(&c);
            if (status == GP_EXIT_OK && gp_cli_universe(&c, &status))
                status = gp_cli_universe_end(&c, gp_commands[command].run(&c));
            gp_cli_adjust_end(&c);
        }
    }
    status = close_stdout(&c, gp_cli_status(status));
    gp_cli_fini(&c);
    return status;
}
