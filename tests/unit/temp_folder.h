/* A folder of a test's own, made and removed by the group's setup and teardown. */
#ifndef GP_TESTS_TEMP_FOLDER_H
#define GP_TESTS_TEMP_FOLDER_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **unused)
{
    (void)unused;
    strcpy(folder, P_tmpdir "/goldpit-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* Also when a test took away rights inside it. */
static int remove_folder(void **unused)
{
    char command[200];

    (void)unused;
    snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", folder, folder);
    return system(command) == 0 ? 0 : -1;
}

/* A path inside it; good for the next three calls. */
static const char *in_folder(const char *name)
{
    static char path[4][160];
    static int turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}
#endif
