/* The inside of a universe: universe.c chooses, universe_notes.c says what was left out and why. */
#ifndef GP_MARKET_UNIVERSE_IN_H
#define GP_MARKET_UNIVERSE_IN_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include "base/vec.h"
#include "market/blocks.h"
#include "market/board.h"
#include "market/codes.h"
#include "market/universe.h"

/* Why a security is left out; the first reason that holds counts. */
typedef enum {
#define GP_EXCLUDE(ID, ...) BY_##ID,
#include "market/exclude.def"
#undef GP_EXCLUDE
    EXCLUDES,
    BY_CODE = EXCLUDES, BY_LIST, BY_BLOCK, BY_AMONG,
    REASONS,
    KEPT = -1
} reason;
_Static_assert((int)BY_MAIN == (int)GP_BOARD_MAIN && (int)BY_BOND == (int)GP_BOARD_BOND, "the boards come first in exclude.def");

typedef struct exclude { const char *word, *chinese, *says; } exclude;
extern const exclude gp_excludes[EXCLUDES]; /* exclude.def */

enum { SHOWN = 5, MATCH_LIMIT = 100000 /* steps; a pattern that needs more for a code of 20 letters is a mistake */ };

typedef struct pattern {
    const char *text;
    pcre2_code *code;  /* NULL: a code as it is */
    gp_code_word word;
    int best;          /* how well the best security of the data fits the word */
} pattern;

typedef struct seen { char code[64], market[3]; } seen;

struct gp_universe {
    gp_universe_spec spec;
    GP_VEC(pattern) patterns;
    pcre2_match_context *limits;
    gp_codes listed;
    bool *found;       /* by number in listed */
    gp_blocks *blocks;
    int *block;        /* numbers of spec.blocks */
    unsigned exclude;  /* bit per reason */
    int new_bars;
    int32_t newest;    /* day of the data; 0: not looked for */
    pthread_mutex_t lock;
    size_t left[REASONS], kept, unnamed;
    GP_VEC(seen) seen;
};
#endif
