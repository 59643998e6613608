/* What the commands share.  Options come from options.def: one row gives parsing, -h, --help, completion and the manual. */
#ifndef GP_CLI_CLI_H
#define GP_CLI_CLI_H
#include <stdbool.h>
#include <stdio.h>
#include "accel/cost.h"
#include "base/diag.h"
#include "base/file.h"
#include "eval/program.h"
#include "market/reader.h"
#include "output/writer.h"
#include "parser/library.h"
#include "parser/parser.h"

/* Exit statuses (architecture.md): the only ones. */
enum { GP_EXIT_OK = 0, GP_EXIT_PARTIAL = 1, GP_EXIT_USAGE = 2, GP_EXIT_FORMULA = 3, GP_EXIT_NO_DATA = 4, GP_EXIT_AHEAD = 5, GP_EXIT_LOCKED = 6, GP_EXIT_FAILED = 7 };

/* Every option of every command, after parsing.  Repeated ones are arrays. */
typedef struct gp_cli {
    const char *command;
    char **args; int n_args;              /* positional */
    const char *expression;               /* -e */
    const char **params; int n_params;    /* -p NAME=VALUE */
    const char *formulas;                 /* --formulas DIR */
    gp_format format; bool format_given;
    FILE *out;                            /* where eval writes; NULL: stdout */
    bool diag_json;                       /* --diag json */
    bool quiet, colour;
    gp_encoding encoding;                 /* --encoding: of the formula; data are detected */
    int last;                             /* --last N; 0: all */
    int32_t from, to, asof;               /* yyyymmdd; 0: none */
    int within;                           /* --within N; 0: last bar only */
    const char **signals; int n_signals;  /* --signal NAME */
    const char *where;                    /* --where EXPR */
    const char **cols; int n_cols;        /* --col 'EXPR as NAME' */
    const char *sort;                     /* --sort EXPR[:desc] */
    int top, jobs;
    bool fail_empty;
    const char *select;                   /* --select NAME */
    const char *period, *out_dir;         /* data resample --period; data --out */
    int out_as;                           /* data --as: 1 TDX's records */
    int way, decimals;                    /* --way: 1 factor; --decimals, 0: not rounded */
    uint64_t seed; int tickers, bars;     /* data generate */
    bool drawings, describe;              /* eval --drawings, --describe */
    const char *output;                   /* plot -o */
    bool spark;
    const char *among;                    /* --among; compiled: */
    struct gp_among *among_of;
    bool print_template, check_only;      /* run */
    const char *since, *max_errors, *timeout;
    const char *store;                    /* data import */
    const char *plot_dir, *contact_sheet, *report, *blk; /* scan */
    int plot_as;
    const char *plot_file;                /* hitrate, backtest --plot FILE */
    int picture_format;                   /* plot --format: 0 by the output, else 1 + a gp_picture_format */
    int width, height, dpi, theme, up, pane; /* plot: theme a gp_theme_name, up 1 green, pane 1 main 2 sub */
    bool log, no_volume, no_signals, script_only, open; const char *font;
    bool exact_compare;                   /* --exact-compare: comparisons without TDX's tolerance */
    int accel;                            /* --accel: a gp_accel_choice */
    bool why; int near;                   /* scan --why, --near K */
    const char *trace;                    /* eval --trace CODE@DATE */
    bool prove; int cuts;                 /* check --prove --cuts N */
    bool f32;                             /* --f32 */
    int null_cond;                        /* --null-cond: 1 tdx */
    int chip_model;                       /* --chip-model: 1 uniform */
    gp_data_opts data;                    /* how DATA are read */
    gp_profile *own_profile;              /* --profile FILE */
    gp_run_facts facts;                   /* --now, --today, --adjust; the seed is `seed` */
    const char **codes; int n_codes;      /* --code CODE */
    const char **lists; int n_lists;      /* --universe FILE */
    const char **members_of; int n_members_of; /* --block NAME */
    const char **excludes; int n_excludes; /* --exclude WORDS */
    bool universe_said;                   /* gp_cli_universe_end was called */
    bool write;                           /* fmt --write */
    int dialect;                          /* --dialect: 0 as the formula says, else 1 + a gp_dialect */
    bool prose;                           /* explain --prose */
    bool compatibility;                   /* functions --compatibility */
    const char *kind;                     /* list --kind */
    bool zh;                              /* --lang zh: help and function texts in Chinese */
    bool err_colour;                      /* stderr takes colours; `colour` is stdout */
    bool help_short, help_long, version;  /* -h, --help, --version */
    const char *after, *entry, *limit;    /* hitrate --after 1,3,5 --entry WHEN --limit PERCENT */
    const char *metric, *state; int least, walk; int32_t split; /* sweep */
    int by, shift, draws;                 /* --by: 1 year 2 code; --shift: 1 apart; --draws N, 0: not given, -1: none */
    const char *exit, *stop, *target, *trail, *rank; /* backtest --exit EXPR --stop PERCENT|EXPR ... */
    const char *commission, *commission_min, *stamp, *transfer, *slippage, *cash, *trades, *equity;
    int hold, fill, lot, max_positions;
    const char *holds;                    /* sweep --hold N,N,... */
    bool shorts, same_day;
    bool keep_limit, allow_future;        /* --keep-limit, --allow-future */
    bool closed_periods;                  /* --period-align closed */
    const char **index; int n_index;      /* --index FILE */
    const char *fundamentals;             /* --fundamentals FILE */
    const char *blocks;                   /* --blocks DIR */
    const char *series, *events;          /* --series FILE, --events FILE */
    double capital; bool capital_given;   /* --capital N */
    gp_library *library;                  /* formulas that formulas refer to; see gp_cli_library */
} gp_cli;

/* Finds and reads the formula named on the command line: -e text, a path, "-" (stdin), or a library name searched in
 * --formulas, $GOLDPIT_PATH (colon-separated), ./formulas, the source tree's and the installed folder.  With take_arg the name is
 * args[0] and is removed from args.  Applies -p.  NULL after printing why (exit status in *status). */
gp_formula *gp_cli_formula(gp_cli *c, bool take_arg, gp_diags *d, int *status);
/* The file a word names, a path or a library name, malloc'ed; NULL after printing why (exit status in *status). */
char *gp_cli_formula_path(const gp_cli *c, const char *word, int *status);
/* Runs `one` for each FORMULA of the arguments, with the formula as the only argument (folders are searched for .tdx and .txt),
 * or once for -e.  The worst exit status. */
int gp_cli_each(gp_cli *c, int (*one)(gp_cli *c));
/* The switches of the engine, as the options say. */
gp_compile_opts gp_cli_compile_opts(const gp_cli *c);
/* The library of formulas, made when first asked for; freed by gp_cli_fini. */
gp_library *gp_cli_library(gp_cli *c);
/* --profile: reads it into c->data; the status of what went wrong after saying so, else GP_EXIT_OK. */
int gp_cli_profile(gp_cli *c);
/* "goldpit eval: message" and where help is; returns GP_EXIT_USAGE. */
int gp_cli_usage(const gp_cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line "goldpit: message" on stderr; gp_cli_note keeps still under --quiet. */
void gp_cli_error(const gp_cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gp_cli_note(const gp_cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* --adjust with --events: DATA are read adjusted from now on; GP_EXIT_OK, or another status after saying why not.  The end frees, and tells
 * how many securities had events. */
int gp_cli_adjust(gp_cli *c);
void gp_cli_adjust_end(gp_cli *c);
/* --accel: the device that programs run on, opened; NULL, after saying why where one was asked for: the processor.  The end closes, and
 * says what ran where. */
gp_accel *gp_cli_accel(const gp_cli *c);
/* The same, and for --accel auto the device where it is faster for this task (accel/cost.h). */
gp_accel *gp_cli_accel_for(const gp_cli *c, const gp_accel_task *t);
/* For one program over the inputs, of whose results so many come back for every bar; 0: those of the last bars alone. */
gp_accel *gp_cli_accel_over(const gp_cli *c, const gp_program *p, const gp_inputs *inputs, int series);
void gp_cli_accel_end(const gp_cli *c, gp_accel *a);
/* Prints and clears: text with source lines on stderr, or JSON lines with --diag json. */
void gp_cli_diags(const gp_cli *c, gp_diags *d);
/* The exit status of a command that ended with this one: finished, but an input changed while it was read, is 1. */
int gp_cli_status(int status);

int gp_cmd_eval(gp_cli *c);
int gp_cmd_scan(gp_cli *c);
int gp_cmd_plot(gp_cli *c);
int gp_cmd_hitrate(gp_cli *c);
int gp_cmd_backtest(gp_cli *c);
int gp_cmd_sweep(gp_cli *c);
int gp_cmd_run(gp_cli *c);
int gp_cmd_report(gp_cli *c);
int gp_cmd_check(gp_cli *c);
int gp_cmd_lint(gp_cli *c);
int gp_cmd_grammar(gp_cli *c);
int gp_cmd_fill(gp_cli *c);
int gp_cmd_fmt(gp_cli *c);
int gp_cmd_explain(gp_cli *c);
int gp_cmd_functions(gp_cli *c);
int gp_cmd_list(gp_cli *c);
int gp_cmd_test(gp_cli *c);
int gp_cmd_data(gp_cli *c);
int gp_cmd_repl(gp_cli *c);
#endif
