/* Files that a command is about to write: none may be one that it reads, none may stand for two, and each must be possible.  Asked before
 * anything is computed. */
#ifndef GP_CLI_OUTPUTS_H
#define GP_CLI_OUTPUTS_H
#include "base/vec.h"
#include "cli/cli.h"

typedef enum {
    GP_INPUT_FILE,   /* a file; a folder: all files in it */
    GP_INPUT_QUOTES, /* files, folders or stores of DATA: whatever would be read as quotes */
    GP_INPUT_BLOCKS  /* a folder of blocks: a block may be written into it */
} gp_input_kind;

typedef struct gp_named_input { const char *what, *path; gp_input_kind kind; } gp_named_input;
/* what: as the user asked for it, "--blk" or "json ="; place: "n.ini:12: " before messages, or "". */
typedef struct gp_named_output {
    const char *place, *what, *path;
    bool folder, block; /* a folder for files with names of their own; a block */
    bool appended;      /* it is written to, not replaced: it may be a device */
    bool later;         /* which folder it is in is not known yet */
} gp_named_output;

typedef struct gp_files {
    GP_VEC(gp_named_input) in;
    GP_VEC(gp_named_output) out;
    bool replaced; /* outputs are replaced by renaming, all of them or none: each must be a file, or not there yet, in a folder that can be written */
    bool make;     /* a folder that is missing is made, if the one above it is there */
} gp_files;

/* A path that is NULL or "-" is none.  The texts live as long as *f. */
void gp_files_in(gp_files *f, gp_input_kind kind, const char *what, const char *path);
void gp_files_out(gp_files *f, gp_named_output one);
/* Says everything that is wrong, as errors of c.  -1, or the exit status. */
int gp_files_check(const gp_cli *c, const gp_files *f);
/* Makes the folders of outputs that are missing.  -1, or the exit status after saying why not. */
int gp_files_make(const gp_cli *c, const gp_files *f);
void gp_files_fini(gp_files *f);

/* The same for the options and arguments of a command: --blk, --report, --plot, -o and so on. */
int gp_cli_check_outputs(const gp_cli *c);
#endif
