/* The manual page (roff), and --version. */
#include "draw/contact.h"
#include "market/store.h"
#include "cli/lineedit.h"
#include "cli/table.h"
#include <stdlib.h>
#include <string.h>
#include "base/unpack.h"
#include "eval/vm.h"
#include <csv.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Text for roff: backslashes and hyphens escaped, apostrophes kept straight, no line begins with a dot. */
static void roff(FILE *out, const char *p, size_t n)
{
    bool start = true;
    for (size_t i = 0; i < n; i++) {
        if (start && p[i] == '.')
            fputs("\\&", out);
        start = p[i] == '\n';
        if (p[i] == '\\')
            fputs("\\e", out);
        else if (p[i] == '-')
            fputs("\\-", out);
        else if (p[i] == '\'')
            fputs("\\(aq", out);
        else
            fputc(p[i], out);
    }
}

static void roffz(FILE *out, const char *z) { roff(out, z, strlen(z)); }

static void option(FILE *out, const gp_option *o)
{
    fputs(".TP\n", out);
    if (o->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", out);
    roffz(out, o->name);
    fputs("\\fR", out);
    if (o->arg) {
        fputs(" \\fI", out);
        roffz(out, o->arg);
        fputs("\\fR", out);
    }
    fputs("\n", out);
    roffz(out, o->en);
    fputs(".\n", out);
}

static void command(FILE *out, int k)
{
    const gp_command *cmd = &gp_commands[k];
    const char *p = cmd->details;
    fprintf(out, ".SS \"goldpit %s", cmd->name);
    if (*cmd->args) {
        fputc(' ', out);
        roffz(out, cmd->args);
    }
    fputs("\"\n", out);
    while (*p) {
        const char *end = strstr(p, "\n\n");
        size_t n = end ? (size_t)(end - p) : strlen(p);
        roff(out, p, n);
        fputs("\n", out);
        p += n;
        if (end) {
            fputs(".PP\n", out);
            p += 2;
        }
    }
    for (int i = 0; i < gp_n_options; i++) {
        if (!gp_option_general(&gp_options[i]) && (gp_options[i].commands & (1u << k)))
            option(out, &gp_options[i]);
    }
}

static void statuses(FILE *out)
{
    fputs(".SH \"EXIT STATUS\"\n", out);
    for (int i = 0; i < gp_n_statuses; i++) {
        const gp_status *s = &gp_statuses[i];
        fprintf(out, ".TP\n%d\n", s->number);
        for (int k = 0, n = 0; s->commands != ~0u && k < GP_CMD_COUNT; k++) {
            if (s->commands & (1u << k) && s->number != 3)
                fprintf(out, "%s\\fB%s\\fR", n++ ? ", " : "", gp_commands[k].name);
        }
        fputs(s->commands != ~0u && s->number != 3 ? ": " : "", out);
        roffz(out, s->en);
        fputs(".\n", out);
    }
}

static void examples(FILE *out)
{
    fputs(".SH EXAMPLES\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++) {
        const char *p = gp_commands[k].examples;
        while (*p) {
            size_t line = strcspn(p, "\n"), left = strcspn(p, "\t");
            fputs(".TP\n\\fB", out);
            roff(out, p, left);
            fputs("\\fR\n", out);
            roff(out, p + left + 1, line - left - 1);
            fputs("\n", out);
            p += line + (p[line] == '\n');
        }
    }
}

int gp_cmd_manual(gp_cli *c)
{
    FILE *out = stdout;
    (void)c;
    fprintf(out, ".\\\" Made by `goldpit manual'; change commands.def and options.def instead.\n"
                 ".TH GOLDPIT 1 \"\" \"goldpit %s\" \"User Commands\"\n", GOLDPIT_VERSION);
    fputs(".SH NAME\ngoldpit \\- TDX\\-style formulas over the quotes of thousands of tickers\n"
          ".SH SYNOPSIS\n\\fBgoldpit\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... \\fIFORMULA\\fR \\fIDATA\\fR...\n"
          ".SH DESCRIPTION\n"
          "Compiles formulas of the kind traders write for TDX terminals and evaluates them over daily or intraday quotes.\n"
          ".PP\n\\fIFORMULA\\fR is a file, the name of a library formula, \\fB\\-\\fR for standard input, or is given as text with\n"
          "\\fB\\-e\\fR.\n\\fIDATA\\fR are CSV files, folders (searched for .csv and .txt), or \\fB\\-\\fR for standard input.\n"
          "Options and other words may stand in any order; \\fB\\-\\-\\fR ends the options.\n"
          ".PP\nResults go to standard output, everything else to standard error.\n"
          "In CSV a null is an empty field and numbers read back exactly.\n.SH COMMANDS\n", out);
    for (int k = 0; k < GP_CMD_COUNT; k++)
        command(out, k);
    fputs(".SH \"OPTIONS OF EVERY COMMAND\"\n", out);
    for (int i = 0; i < gp_n_options; i++) {
        if (gp_option_general(&gp_options[i]))
            option(out, &gp_options[i]);
    }
    examples(out);
    statuses(out);
    fputs(".SH ENVIRONMENT\n"
          ".TP\nGOLDPIT_PATH\nFolders with formulas, separated by colons.\n"
          ".TP\nGOLDPIT_LANG\n\\fBen\\fR or \\fBzh\\fR: language of the help.\n"
          ".TP\nGOLDPIT_ISA\n\\fBsse2\\fR, \\fBavx2\\fR or \\fBavx512\\fR in place of the best the machine has; the results are the same.\n"
          ".TP\nGOLDPIT_CUDA_MODULE\nThe module for \\fB--accel cuda\\fR, in place of goldpit-cuda.so beside the program or in its folder of libraries.\n"
          ".TP\nXDG_CACHE_HOME\nFolder below which compiled kernels, and what was measured of a GPU, are kept, in goldpit; all of it can be deleted at any time.\n"
          ".TP\nGOLDPIT_HISTORY\nFile for the history of \\fBrepl\\fR; empty: none is kept.\n"
          ".TP\nNO_COLOR\nNo colours when set.\n", out);
    return GP_EXIT_OK;
}

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown compiler"
#endif
#ifndef GOLDPIT_BUILD_TYPE
#define GOLDPIT_BUILD_TYPE ""
#endif
#ifndef GOLDPIT_SANITIZE_NAME
#define GOLDPIT_SANITIZE_NAME ""
#endif

static void print_costs(void)
{
    gp_accel_costs k;
    if (gp_accel_costs_read(&k))
        printf("GPU costs        opening %.2f s, a new kernel %.2f s, a kept one %.3f s, quotes %.1f GB/s, results %.1f GB/s, full as fast as %.*f threads\n", k.open,
               k.compile, k.load, 1e-9 / k.upload, 1e-9 / k.download, k.full > 0.1 ? 1 : 0, 1 / k.full);
    else
        puts("GPU costs        not measured yet: --accel auto does, with the first task of more than a second");
}

int gp_cmd_version(gp_cli *c)
{
    char pcre2[64] = "";
    (void)c;
    printf("goldpit %s\n", GOLDPIT_VERSION);
    printf("compiler         %s\n", COMPILER);
    printf("build type       %s\n", *GOLDPIT_BUILD_TYPE ? GOLDPIT_BUILD_TYPE : "-");
    printf("sanitizers       %s\n", *GOLDPIT_SANITIZE_NAME ? GOLDPIT_SANITIZE_NAME : "none");
    printf("instruction set  %s%s\n", gp_isa_best(), getenv("GOLDPIT_ISA") ? " (GOLDPIT_ISA is set)" : "");
    printf("lanes            %d tickers at a time\n", GP_VM_LANES);
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    printf("PCRE2            %s\n", pcre2);
    printf("line editing     %s\n", gp_lineedit_name());
    printf("libcsv           %d.%d.%d\n", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
    printf("compressed data  %s, %s\n", gp_unpack_gzip_name(), gp_unpack_zstd_name());
    printf("store            %s\n", gp_store_library());
    printf("contact sheets   %s\n", gp_contact_library());
    gp_accel *a = gp_accel_open();
    printf("GPU              %s%s%s%s%s\n", gp_accel_ready(a) ? "" : "none: ", gp_accel_said(a), *gp_accel_module(a) ? " (" : "", gp_accel_module(a),
           *gp_accel_module(a) ? ")" : "");
    if (gp_accel_ready(a))
        print_costs();
    gp_accel_close(a);
    return GP_EXIT_OK;
}
