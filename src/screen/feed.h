/* Supplies the columns that a program needs beyond the quotes: the benchmark index, fundamentals, blocks, other periods and
 * other securities.  The engine only sees columns (gp_lane.ext); what they mean is decided here. */
#ifndef GP_SCREEN_FEED_H
#define GP_SCREEN_FEED_H
#include "screen/lane.h"
#include "screen/companions.h"

/* One per thread: holds the columns of the lanes of one tile.  NULL when the program has no externals. */
typedef struct gp_feed gp_feed;
/* p: one of the programs the companions were loaded for. */
gp_feed *gp_feed_new(const gp_program *p, const gp_companions *c);
void gp_feed_free(gp_feed *f);
/* Points lane->ext and lane->ext_text at columns of n bars for the first n bars of the security, valid until the same lane
 * number (0..GP_VM_LANES-1) is filled again.  With n < b->n only bars before n are looked at, and nothing of a companion that is
 * dated after bar n-1, so that a cut tail cannot be seen.  Does nothing when f is NULL. */
void gp_feed_fill(gp_feed *f, int lane_number, const gp_bars *b, int n, gp_lane *lane);
#endif
