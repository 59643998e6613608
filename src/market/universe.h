/* Which securities of DATA take part: by code, by lists, by what is known of the code or the last bar.  Made once from the options,
 * asked by gp_inputs_expand and gp_read_input; counts what it leaves out and why.  Thread-safe while reading. */
#ifndef GP_MARKET_UNIVERSE_H
#define GP_MARKET_UNIVERSE_H
#include "market/reader.h"

typedef struct gp_universe_spec {
    const char *const *codes;    /* --code CODE or PATTERN; one of them */
    int n_codes;
    const char *const *lists;    /* --universe FILE; one of them */
    int n_lists;
    const char *const *blocks;   /* --block NAME, in the folder blocks_dir; one of them */
    int n_blocks;
    const char *blocks_dir;
    const char *const *excludes; /* --exclude WORD[,WORD]; none of them */
    int n_excludes;
    int32_t asof;                /* yyyymmdd: later bars do not count; 0: all do */
    /* A condition on the first n bars of a security; reads at least the columns `need`.  NULL: none.  Thread-safe. */
    bool (*among)(void *ctx, const gp_bars *b, int n);
    void *ctx;
    unsigned need;
} gp_universe_spec;

/* NULL when something of it cannot be; the reason is in d.  The texts live as long. */
gp_universe *gp_universe_new(const gp_universe_spec *spec, gp_diags *d);
void gp_universe_free(gp_universe *u);

/* For gp_inputs_expand: moves inputs that cannot have a security of the universe from in->at (from `first` on) to in->aside, and looks
 * through the data where a word needs it (--exclude suspended).  False when that cannot be done; the reason is in d. */
bool gp_universe_narrow(gp_universe *u, gp_inputs *in, size_t first, gp_diags *d);
/* For gp_read_input: what must be read for it besides, and dropping of tickers of input k. */
void gp_universe_read_opts(const gp_universe *u, gp_read_opts *o);
void gp_universe_filter(gp_universe *u, const gp_inputs *in, size_t k, gp_read_result *r);

/* For those who list securities without inputs: each of them once, with its last day, then which take part.  Bars are looked at where needs_bars;
 * else code, market and name do, with the number of bars in `before`. */
void gp_universe_meet(gp_universe *u, const char *code, const char *market, int32_t last);
bool gp_universe_needs_bars(const gp_universe *u);
bool gp_universe_takes(gp_universe *u, const gp_bars *b);

/* After reading: everything there was has been left out. */
bool gp_universe_empty(const gp_universe *u);
/* Why, with the nearest codes: the rest of a sentence that begins with "no security is left: ". */
void gp_universe_why_empty(const gp_universe *u, gp_buf *out);
/* What was left out and why, and what of the lists is not among the data; a line each. */
void gp_universe_notes(const gp_universe *u, gp_buf *out);
/* Of the options that left something out, those that chose by what is known on the last day alone: "--among and --exclude st"; nothing when there are none. */
void gp_universe_of_last_day(const gp_universe *u, gp_buf *out);
/* The counts, for programs: {"seen":30,"kept":24,"left_out":{"st":2}}. */
void gp_universe_json(const gp_universe *u, gp_buf *out);
/* The words of --exclude, for messages. */
void gp_universe_words(gp_buf *out);
#endif
