/* Kinds of DATA that are no text: what gp_inputs_expand asks before it takes a path for a file or a folder of CSV. */
#ifndef GP_MARKET_ORIGIN_H
#define GP_MARKET_ORIGIN_H
#include "market/reader.h"

/* The rows stand in inputs.c, in the order in which they are asked. */
typedef struct gp_origin_kind {
    /* Is this path (a folder or a file, it exists) of the kind?  By its name, or by a look at its first bytes. */
    bool (*is)(const char *path, bool folder);
    /* Adds its inputs (gp_inputs_add) and the origin they come from (gp_inputs_own).  False when there are none: the reason is in d.
     * The path of an input ends like a quote file's name, with the code: STORE/sh600000, so that gp_code_of_path finds it. */
    bool (*open)(const char *path, gp_inputs *in, gp_diags *d);
} gp_origin_kind;
#endif
