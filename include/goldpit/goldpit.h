/* goldpit: compile a TDX-style formula, run it over quotes.
 *
 * Ownership: goldpit_compile gives a formula that the caller frees with goldpit_formula_free; every string the
 * library returns belongs to the formula and lives as long; every array passed in stays the caller's and is
 * neither kept nor changed.  The library never prints and never exits on bad input.
 * Threads: a formula may be shared; each goldpit_run call works on its own state. */
#ifndef GOLDPIT_H
#define GOLDPIT_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    GOLDPIT_OK = 0,
    GOLDPIT_BAD_FORMULA, /* diagnosed through the callback */
    GOLDPIT_BAD_ARGUMENT /* a null pointer, a negative length, a column the formula needs is missing */
} goldpit_status;

typedef enum { GOLDPIT_NOTE, GOLDPIT_WARNING, GOLDPIT_ERROR } goldpit_severity;

/* One diagnostic; the strings are valid during the call only.  line and column are 1-based, 0 when unknown. */
typedef struct goldpit_diagnostic {
    goldpit_severity severity;
    const char *code; /* "GP201" */
    const char *message, *hint;
    uint32_t line, column;
} goldpit_diagnostic;
typedef void goldpit_report_fn(void *ctx, const goldpit_diagnostic *d);

typedef struct goldpit_param { const char *name; double value; } goldpit_param;

typedef struct goldpit_formula goldpit_formula;

/* text: formula in UTF-8, UTF-16 or GB18030, n bytes.  report may be NULL.  *out is NULL unless GOLDPIT_OK.
 * A formula that needs more than the quotes of one security (FINANCE, CLOSE#WEEK, "SH000001$CLOSE") is GOLDPIT_BAD_FORMULA. */
goldpit_status goldpit_compile(const char *text, size_t n, const goldpit_param *params, int n_params, goldpit_report_fn *report,
                               void *ctx, goldpit_formula **out);
void goldpit_formula_free(goldpit_formula *f);

/* Outputs in the order of the text.  A drawing (STICKLINE, DRAWTEXT, ...) gives its condition: 1 where it is drawn. */
int goldpit_n_outputs(const goldpit_formula *f);
const char *goldpit_output_name(const goldpit_formula *f, int k); /* UTF-8; NULL when k is out of range */
/* 1 when values of this output may change as later bars arrive. */
int goldpit_output_looks_ahead(const goldpit_formula *f, int k);

/* Columns of one security, n bars, oldest first; NaN is a missing value.  Columns the formula does not read may be NULL.
 * Numbers beyond +-1e30 are not quotes and are refused. */
typedef struct goldpit_quotes {
    int n;
    const double *open, *high, *low, *close, *volume, *amount;
    const int32_t *date; /* yyyymmdd, or NULL */
    const int32_t *time; /* hhmmss, or NULL for daily quotes */
    const char *code, *name;
} goldpit_quotes;

/* out[k] receives n values of output k, NaN for null; out[k] NULL skips it.  Text outputs are skipped. */
goldpit_status goldpit_run(const goldpit_formula *f, const goldpit_quotes *q, double *const *out);

const char *goldpit_version(void);

#ifdef __cplusplus
}
#endif
#endif
