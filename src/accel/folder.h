/* Where kernels and what was measured of a device are kept from one run to the next.  Of the program and of the module, which are not linked
 * with each other. */
#ifndef GP_ACCEL_FOLDER_H
#define GP_ACCEL_FOLDER_H
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { GP_ACCEL_PATH = 4096, GP_ACCEL_NAME = 64 };

/* $XDG_CACHE_HOME/goldpit, else ~/.cache/goldpit, with room for a name after it; made when `make`; false when there can be none. */
static inline bool gp_accel_folder(char path[GP_ACCEL_PATH], bool make)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n = 0;
    if (cache && *cache == '/') n = snprintf(path, GP_ACCEL_PATH, "%s", cache); /* a relative one is to be ignored, says the XDG specification */
    else if (home && *home) n = snprintf(path, GP_ACCEL_PATH, "%s/.cache", home);
    if (n <= 0 || n + (int)sizeof "/goldpit" + GP_ACCEL_NAME > GP_ACCEL_PATH) return false;
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST) return false;
    memcpy(path + n, "/goldpit", sizeof "/goldpit");
    return !make || mkdir(path, 0700) == 0 || errno == EEXIST;
}
#endif
