/* goldpit data: makes sample quotes; shows what the reader understood of a file. */
#include "cli/data_inspect.h"
#include "cli/data_profiles.h"
#include "cli/data_out.h"
#include "cli/data_resample.h"
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

int gp_cmd_data(gp_cli *c)
{
    const char *what = c->n_args ? c->args[0] : "";
    if (c->n_args) {
        c->args++;
        c->n_args--;
    }
    if (strcmp(what, "generate") == 0)
        return generate(c);
    if (strcmp(what, "inspect") == 0)
        return gp_data_inspect(c);
    if (strcmp(what, "profiles") == 0)
        return gp_data_profiles(c);
    if (strcmp(what, "resample") == 0)
        return gp_data_resample(c);
    if (strcmp(what, "adjust") == 0)
        return gp_data_adjust(c);
    if (strcmp(what, "convert") == 0)
        return gp_data_convert(c);
    if (*what)
        return gp_cli_usage(c, "there is no 'data %s'; there are 'data adjust', 'convert', 'generate', 'inspect', 'profiles' and 'resample'", what);
    return gp_cli_usage(c, "say what: adjust, convert, generate, inspect, profiles or resample");
}
