/* goldpit data: makes sample quotes; shows what the reader understood of a file. */
#include "cli/data_inspect.h"
#include "cli/data_profiles.h"
#include "cli/data_out.h"
#include "cli/data_resample.h"
#include "cli/data_store.h"
#include <string.h>
#include "base/vec.h"
#include "market/generate.h"

static int generate(gp_cli *c)
{
    const char *why;
    int tickers = c->tickers ? c->tickers : 30, bars = c->bars ? c->bars : 500;
    if (c->n_args != 1)
        return gp_cli_usage(c, "the folder to write to is missing: goldpit data generate OUT");
    why = gp_generate_files(c->seed, tickers, bars, c->args[0]);
    if (why) {
        gp_cli_error(c, "%s: %s", c->args[0], why);
        return GP_EXIT_NO_DATA;
    }
    gp_cli_note(c, "wrote %d securities of up to %d bars to %s", tickers, bars, c->args[0]);
    return GP_EXIT_OK;
}

typedef struct subcommand { const char *name; int (*run)(gp_cli *c); } subcommand;

static const subcommand all[] = {
    {"adjust", gp_data_adjust}, {"check", gp_data_check}, {"convert", gp_data_convert}, {"export", gp_data_export}, {"generate", generate},
    {"import", gp_data_import}, {"inspect", gp_data_inspect}, {"list", gp_data_list}, {"profiles", gp_data_profiles},
    {"resample", gp_data_resample}, {"stat", gp_data_stat},
};

int gp_cmd_data(gp_cli *c)
{
    const char *what = c->n_args ? c->args[0] : "";
    gp_buf names = {0};
    if (c->n_args) {
        c->args++;
        c->n_args--;
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(what, all[i].name) == 0)
            return all[i].run(c);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gp_buf_printf(&names, "%s%s", i ? ", " : "", all[i].name);
    const int status = *what ? gp_cli_usage(c, "there is no 'data %s'; it is one of %s", what, names.p) : gp_cli_usage(c, "say what: %s", names.p);
    gp_buf_free(&names);
    return status;
}
