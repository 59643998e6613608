/* States of a scan from one night to the next: one file for a set of formulas, beside the store.  Of every security it holds what the
 * formulas carry from bar to bar (eval/state.h), so that the next scan computes only the last bars.  The result is that of the scan over
 * all bars, bit for bit; whatever does not fit is computed from the first bar:
 *   another version of goldpit, other formulas or switches, a damaged file       the whole file is as none
 *   another name or period, a history that changed, fewer bars, a damaged record this security's record is
 * A state is kept not after the last bar but before those that the scan looks at (--within), at least one: the last bar may still be
 * revised, and its hits are computed again each time.
 * The file is replaced by renaming, never written in place and never flushed to the disk: what a crash leaves of it is recognised and
 * only costs time. */
#ifndef GP_SCREEN_RESUME_H
#define GP_SCREEN_RESUME_H
#include "market/reader.h"
#include "screen/pass.h"

typedef struct gp_states gp_states;

/* What is worth reading of every security when its state is there: the bars a scan looks at and some weeks of new ones. */
enum { GP_STATES_NEW = 30 };

/* Opens what is there for these formulas.  Never fails: states that cannot be used are as none; the reason, one line, is appended to
 * *note unless there is simply no file.  The pass should be one of gp_pass_new_resumable and must outlive the states. */
gp_states *gp_states_open(const gp_pass *pass, const char *path, gp_buf *note);
void gp_states_close(gp_states *s);
/* What a file for this pass can be called: the same formulas and switches, the same hash. */
uint64_t gp_pass_hash(const gp_pass *pass);

/* After a scan with gp_scan_opts.states: replaces the file by the states of the securities scanned, and those it had of others, unless nothing
 * has looked at them for 250 times.  False after appending the reason to *note; the old file is untouched then. */
bool gp_states_write(gp_states *s, gp_buf *note);
/* Removes other files of states beside this one, named by their gp_pass_hash, that nothing has written for a hundred days: of formulas that were
 * changed since. */
void gp_states_sweep(const gp_states *s);

typedef struct gp_states_counts {
    size_t resumed;  /* securities that went on from a state */
    size_t full;     /* that were run from the first bar */
    size_t changed;  /* of those, the ones whose state did not fit */
    size_t damaged;  /* of those, the ones whose record is damaged */
    size_t kept;     /* states for the next time */
    size_t carried;  /* besides, after gp_states_write: those of securities that were not looked at */
} gp_states_counts;
gp_states_counts gp_states_count(const gp_states *s);

/* ---- for the scan ---- */
/* Before a scan on `jobs` threads.  False when no formula of the pass can be resumed. */
bool gp_states_begin(gp_states *s, int jobs);
/* Is there any state, and can every formula be resumed, so that the last bars are all that has to be read? */
bool gp_states_tails(const gp_states *s);
typedef enum {
    GP_STATE_FITS,
    GP_STATE_NONE,    /* there is none */
    GP_STATE_FAR,     /* it is right, but of a bar before those that were read */
    GP_STATE_CHANGED,
    GP_STATE_DAMAGED
} gp_state_fit;
typedef struct gp_state_found { gp_state_fit fit; const char *state; int bars; } gp_state_found; /* state: after so many bars */
/* The state of this security after at most `most` bars.  Thread-safe. */
gp_state_found gp_states_find(const gp_states *s, const gp_bars *b, int most);
/* Room for its state after `bars` >= 1 bars. */
char *gp_states_room(gp_states *s, int worker, const gp_bars *b, int bars);
/* Where in such a state that of program g of the pass begins; -1: it has none. */
ptrdiff_t gp_states_part(const gp_states *s, int g, int bars);
void gp_states_ran(gp_states *s, gp_state_fit fit);
#endif
