/* The terminal, as far as tables and help texts are concerned. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/num.h"

size_t gp_cli_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size = {0};
    double n;
    if (columns && gp_num_parse(columns, strlen(columns), &n) && n >= 20 && n <= 10000)
        return (size_t)n;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
