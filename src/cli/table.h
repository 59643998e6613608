/* The two tables of the command line, expanded from commands.def and options.def. */
#ifndef GP_CLI_TABLE_H
#define GP_CLI_TABLE_H
#include "cli/cli.h"

enum {
#define GP_COMMAND(ID, ...) GP_CMD_##ID,
#include "cli/commands.def"
#undef GP_COMMAND
    GP_CMD_COUNT
};

typedef struct gp_command {
    const char *name, *args, *en, *zh;
    int (*run)(gp_cli *c);
    const char *details, *examples;
} gp_command;

typedef enum {
    GP_OPT_FLAG, GP_OPT_TEXT, GP_OPT_LIST, GP_OPT_COUNT, GP_OPT_COUNT_OR_0 /* 0 is kept as -1 */, GP_OPT_SEED, GP_OPT_DATE, GP_OPT_STAMP, GP_OPT_WORD,
    GP_OPT_FORMAT, GP_OPT_DIAG, GP_OPT_ENCODING, GP_OPT_COLOUR, GP_OPT_LANG, GP_OPT_ALIGN, GP_OPT_CAPITAL, GP_OPT_PICTURE, GP_OPT_HELP
} gp_option_kind;

typedef struct gp_option {
    const char *name;
    char letter;           /* 0: none */
    const char *arg;       /* NULL: a switch */
    gp_option_kind kind;
    size_t field, count;   /* offsets in gp_cli; count: of n_FIELD for lists */
    int max;
    unsigned commands;     /* bit per GP_CMD_ */
    const char *en, *zh;
} gp_option;

extern const gp_command gp_commands[GP_CMD_COUNT];
extern const gp_option gp_options[];
extern const int gp_n_options;

/* Index into gp_commands, -1 when unknown. */
int gp_command_find(const char *name);
/* Options of every command are the general ones; those of one command come first in its help. */
bool gp_option_general(const gp_option *o);
/* Exit statuses and the commands that have them (status.def); several rows of a number belong together. */
typedef struct gp_status { int number; unsigned commands; const char *en, *zh; } gp_status;
extern const gp_status gp_statuses[];
extern const int gp_n_statuses;
/* Cells of the terminal that a table may take, 0 for any: $COLUMNS, or what the terminal says. */
size_t gp_cli_width(void);
/* Has the command this option, by its long name? */
bool gp_cli_has_option(const char *name, const char *command);
/* Sets an option of scan as if it stood on the command line; value lives as long as c.  A flag is set unless the value is no, false, off or 0.
 * -1, or the exit status after saying what is wrong with the value. */
int gp_cli_set(gp_cli *c, const char *name, const char *value);
/* The closest of n names for "did you mean", or NULL. */
const char *gp_cli_near(const char *word, const char *(*name)(int i), int n);

/* Fills *c (zero-initialised).  Returns -1 to go on, else an exit status after printing why. */
int gp_cli_parse(gp_cli *c, int argc, char **argv);
void gp_cli_fini(gp_cli *c);

/* Gives the -p of the command line to the formula. */
void gp_cli_set_params(const gp_cli *c, gp_formula *f, gp_diags *d);

/* Folders searched for library formulas, in order; the caller frees each and the array. */
char **gp_library_dirs(const gp_cli *c, int *n);
/* Calls visit for each formula file (.tdx, .txt) of the library; shadowed names included. */
void gp_library_walk(const gp_cli *c, void (*visit)(void *ctx, const char *path, gp_str name), void *ctx);
/* The library as its users see it: sorted by name, of files with one name the one that is used. */
typedef struct gp_library_entry { char *name, *path; } gp_library_entry;
typedef struct gp_library_list { gp_library_entry *at; size_t n, cap; } gp_library_list;
void gp_library_read(const gp_cli *c, gp_library_list *out);
void gp_library_fini(gp_library_list *l);
/* The name a path has in the library: file name without folder and extension.  False when it is not .tdx or .txt. */
bool gp_library_name(const char *path, gp_str *name);

/* "yes, 2 bars: X ← REFX(C,2)" */
/* Formula text on stdout.  A file or a pipe gets its bytes; on a terminal control characters become visible signs. */
void gp_cli_put_text(gp_str text);
void gp_cli_ahead_text(const gp_ahead *a, gp_buf *out);
/* Loads what the program, and a second one over the same quotes (or NULL), need beside them; *out is NULL when it needs nothing.  False after printing why not, with the exit
 * status in *status.  data: where other securities are looked for. */
struct gp_companions;
bool gp_cli_companions(gp_cli *c, const gp_program *p, const gp_program *second, const gp_inputs *data, struct gp_companions **out, int *status);
/* The same for any number of programs. */
bool gp_cli_companions_of(gp_cli *c, const gp_program *const *programs, int n, const gp_inputs *data, struct gp_companions **out, int *status);
/* Says what was null for want of data, and frees. */
void gp_cli_companions_end(const gp_cli *c, struct gp_companions *companions);

/* How far a run over many files is, on a terminal; began must be set. */
typedef struct gp_cli_progress { double began, last; bool shown; } gp_cli_progress;
double gp_cli_now(void);
void gp_cli_show_progress(void *progress, size_t done, size_t total);
/* Prints what was wrong with the data, errors first, the first twenty; clears d. */
void gp_cli_data_diags(const gp_cli *c, gp_diags *d);
/* Errors and warnings as lines, at most 200 and one more that says how many there are; every line and the array are the caller's. */
size_t gp_cli_warnings(const gp_diags *d, const char ***lines);
/* --code, --universe, --block, --exclude: makes c->data.universe, before the command runs.  False after saying why not. */
bool gp_cli_universe(gp_cli *c, int *status);
/* Says what was left out, once. */
void gp_cli_universe_notes(gp_cli *c);
/* After the command, whose status this is: the notes, and an error when no security was left; the status then.  gp_cli_fini frees the universe. */
int gp_cli_universe_end(gp_cli *c, int status);

/* What of the formula is not looked at, though it might be meant. */
struct gp_plan;
void gp_cli_plan_notes(const gp_cli *c, const struct gp_plan *p);
/* Prints a program's look-ahead as one note on stderr. */
void gp_cli_ahead_note(const gp_cli *c, const gp_program *p);

/* yyyymmdd, yyyy-mm-dd, yyyy/m/d; a day that exists. */
bool gp_cli_date(const char *z, int32_t *out);

/* eval --trace: the tree of the wanted statements on one bar.  Exit status; clears d. */
struct gp_trace;
bool gp_cli_trace_tree(const gp_cli *c, gp_format format, struct gp_trace *t, const gp_bars *b, int bar);
int gp_cli_trace(gp_cli *c, const gp_formula *f, const gp_compile_opts *o, gp_diags *d);
/* check --prove: measures over the data of c->args whether the past of the outputs changes.  Exit status. */
int gp_cli_prove(gp_cli *c, const gp_program *p);

void gp_help_short(const gp_cli *c, FILE *out, int command); /* -1: the program's */
void gp_help_long(const gp_cli *c, FILE *out, int command);
int gp_print_compatibility(void); /* compatibility.c */
int gp_cmd_help(gp_cli *c);
int gp_cmd_completion(gp_cli *c);
int gp_cmd_manual(gp_cli *c);
int gp_cmd_version(gp_cli *c);
#endif
