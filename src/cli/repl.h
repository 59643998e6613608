/* The listener: what its files share.
 *   cmd_repl.c       the command: reads lines, joins them to statements, hands them on
 *   repl_session.c   how a new statement joins the session
 *   repl_state.c     the statements and parameters that are kept, undo; messages
 *   repl_data.c      the quotes and the security looked at
 *   repl_show.c      evaluation, and the values on the screen
 *   repl_command.c   the commands that begin with a colon (repl.def)
 *   repl_complete.c  what TAB offers
 *   lineedit*.c      the line editor, with libedit or without */
#ifndef GP_CLI_REPL_H
#define GP_CLI_REPL_H
#include "cli/lineedit.h"
#include "cli/table.h"
#include "eval/vm.h"
#include "market/bars.h"

/* One kept statement.  Never changed once made, so that the states of :undo can share it. */
typedef struct repl_entry {
    int owners;
    char *text;            /* "X:=MA(C,5);" */
    char *lead;            /* comments before it, or "" */
    char *name;            /* NULL: a statement without a name */
    bool assign;           /* := */
    char **refs; int n_refs; /* names it uses, as written */
} repl_entry;

typedef struct repl_param { char *name; double value, min, max, step; bool has_range; } repl_param;

/* What :undo goes back to. */
typedef struct repl_state {
    GP_VEC(repl_entry *) entries; /* in the order of evaluation */
    GP_VEC(repl_param) params;
} repl_state;

enum { REPL_UNDO = 200 };

typedef struct repl {
    gp_cli *c;
    gp_lineedit *edit;
    bool terminal, quit;
    int status;            /* of a script: the first thing that went wrong */
    repl_state now;
    GP_VEC(repl_state) past;
    /* quotes */
    gp_inputs inputs;
    gp_read_result file;   /* the file that is open: inputs.at[input] */
    size_t input;
    const gp_bars *bars;   /* the security looked at, or NULL */
    /* settings */
    int last;
    int32_t at;            /* :at, yyyymmdd; 0: the last bar */
    bool exact;
    gp_buf latest;         /* what was typed last: its name, or the expression */
} repl;

extern volatile sig_atomic_t repl_interrupted; /* Ctrl-C was pressed */

static inline const char *repl_text(const repl *r, const char *en, const char *zh) { return r->c->zh ? zh : en; }
void repl_failed(repl *r, int status);           /* remembers it for the exit status */
void repl_say(const repl *r, const char *format, ...) __attribute__((format(printf, 2, 3))); /* a line, unless --quiet */
void repl_error(repl *r, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- session ---- */

typedef enum {
    REPL_TYPED,  /* an expression without a name and without ; is a question: it is answered and not kept */
    REPL_FORMULA, /* a formula: all of its statements are kept */
    REPL_FIRST   /* the formula of the command line: -p is for it */
} repl_mode;

/* Parses text, joins it to the session, shows its values; says what is wrong and keeps nothing otherwise. */
bool repl_submit(repl *r, const char *source_name, gp_str text, gp_encoding encoding, repl_mode mode);
/* The session with one question more, resolved; *stmt is the statement that the question is, or names.  NULL after printing why. */
gp_formula *repl_question(repl *r, gp_str text, int *stmt);
/* The session as one resolved formula, statement i being entry i; NULL after printing why. */
gp_formula *repl_formula(repl *r);
void repl_state_fini(repl_state *s);
void repl_remember(repl *r);                     /* before a change: what :undo restores */
bool repl_undo(repl *r);
int repl_find(const repl *r, gp_str name);       /* the latest entry of that name; -1 */
int repl_find_param(const repl *r, gp_str name);
bool repl_uses(const repl_entry *e, gp_str name);
void repl_set_param(repl *r, gp_str name, double value);
/* Takes entry i away. */
void repl_remove(repl *r, int i);
/* The session as formula text, with its parameters. */
void repl_write(const repl *r, gp_buf *out);

/* For repl_session.c: what the states are made of. */
char *repl_copy(const char *p, size_t n);
void repl_release(repl_entry *e);                /* by one of its owners */
repl_state repl_state_copy(const repl_state *s);
void repl_keep_param(repl_state *s, const gp_param *p);
void repl_param_header(const repl_param *p, gp_buf *out); /* "{@param N 9 1 100}" */

/* ---- quotes ---- */

bool repl_load(repl *r, char *const *paths, int n); /* opens the first security that can be read */
bool repl_use(repl *r, const char *code);
void repl_data_fini(repl *r);
int repl_bar(const repl *r);                     /* the bar looked at; -1: none */
void repl_describe(const repl *r, gp_buf *out);  /* "600001 样本 500 bars 2023-01-03 .. 2025-01-24" */

/* ---- values ---- */

gp_compile_opts repl_compile_opts(const repl *r);
/* Evaluates the program over the security.  labels: one per statement of f.  With brief: one line each. */
bool repl_show(repl *r, const gp_formula *f, const gp_program *p, bool brief);
/* :trace: the question, or what was asked last, part by part on the bar looked at. */
void repl_trace(repl *r, const char *text);
/* :vars (all of them) and what is shown after the security changed (outputs only). */
bool repl_show_session(repl *r, bool all);

/* ---- commands and completion ---- */

typedef enum { REPL_ARG_NONE, REPL_ARG_FILE, REPL_ARG_CODE, REPL_ARG_FORMULA, REPL_ARG_NAME, REPL_ARG_PARAM, REPL_ARG_HELP,
               REPL_ARG_SET, REPL_ARG_TRACE } repl_arg;
typedef struct repl_command {
    const char *name, *args;
    repl_arg arg;
    void (*run)(repl *r, char *rest);
    const char *en, *zh;
} repl_command;
extern const repl_command repl_commands[];
extern const int repl_n_commands;
void repl_dispatch(repl *r, char *line);         /* ":last 20"; the line is taken apart */
void repl_complete(void *session, const char *line, size_t cursor, gp_candidates *out);
#endif
