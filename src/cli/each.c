/* The same for each FORMULA of the command line, folders included: check and lint. */
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/vec.h"

typedef GP_VEC(char *) paths;

static void add_path(void *ctx, const char *path, size_t bytes)
{
    paths *list = ctx;
    gp_str name;
    char *copy;
    (void)bytes;
    if (!gp_library_name(path, &name))
        return;
    copy = gp_xcalloc(strlen(path) + 1, 1);
    memcpy(copy, path, strlen(path));
    gp_vec_push(list, copy);
}

/* c holds the formula as its only argument, or as -e. */
typedef int one(gp_cli *c);

static int each_name(gp_cli *c, char **names, size_t n, one *run)
{
    int worst = GP_EXIT_OK;
    for (size_t i = 0; i < n; i++) {
        gp_cli with = *c;
        int status;
        with.args = names + i;
        with.n_args = 1;
        status = run(&with);
        worst = status > worst ? status : worst;
        fflush(stdout); /* what stands on a terminal keeps the order of the files */
    }
    return worst;
}

static int each_of_folder(gp_cli *c, const char *dir, one *run)
{
    paths list = {0};
    int status;
    const char *why = gp_dir_walk(dir, add_path, &list);
    if (why) {
        gp_cli_error(c, "%s: %s", dir, why);
        status = GP_EXIT_FORMULA;
    } else if (list.n == 0) {
        gp_cli_error(c, "%s: no .tdx or .txt file in this folder", dir);
        status = GP_EXIT_FORMULA;
    } else {
        status = each_name(c, list.at, list.n, run);
    }
    for (size_t i = 0; i < list.n; i++)
        free(list.at[i]);
    gp_vec_free(&list);
    return status;
}

int gp_cli_each(gp_cli *c, one *run)
{
    int worst = GP_EXIT_OK;
    if (c->expression && c->n_args)
        return gp_cli_usage(c, "both -e and '%s' were given; %s one at a time", c->args[0], c->command);
    if (c->expression || c->n_args == 0)
        return run(c);
    for (int i = 0; i < c->n_args; i++) {
        int status = gp_path_is_dir(c->args[i]) ? each_of_folder(c, c->args[i], run)
                                                  : each_name(c, c->args + i, 1, run);
        worst = status > worst ? status : worst;
    }
    return worst;
}
