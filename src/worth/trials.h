/* The results of a sweep as they come in: the metric of every trial, everything of the best ones, and which set each window of a walk forward
 * would have chosen.  The order of arrival cannot be seen.  Memory: sixteen bytes a trial, and the best ones. */
#ifndef GP_WORTH_TRIALS_H
#define GP_WORTH_TRIALS_H
#include "worth/score.h"

enum { GP_WALK_MOST = 60 };

typedef struct gp_trial {
    size_t number;         /* point of the grid */
    double later;          /* the metric over the later days, as it is */
    double key;            /* the metric over the days it was chosen on, the sign turned where low is good; NaN: not ranked */
    gp_score in, out;      /* over these days; over the later ones */
    double n;              /* its signals or trades */
    bool no_value;         /* enough of them, but the metric has none */
    double drawn;          /* its t as those that luck gives have it (reality.h); NaN: none */
} gp_trial;

/* One step of a walk forward: chosen on `in`, tried on `out`. */
typedef struct gp_window {
    gp_span_days in, out;
    bool any;              /* some trial could be chosen */
    gp_trial best;
} gp_window;

typedef struct gp_trials {
    double *key, *later;   /* by point of the grid */
    size_t n, ranked;      /* trials; those that have a key */
    size_t no_value;       /* of the others, those that have enough signals */
    double most_n;         /* signals of the set that has the most */
    gp_trial *top;         /* a heap, the worst of them first; best first after gp_trials_sort */
    size_t n_top, most;
    gp_window windows[GP_WALK_MOST];
    int n_windows;
} gp_trials;

void gp_trials_new(gp_trials *t, size_t points, size_t most);
void gp_trials_fini(gp_trials *t);
/* a is better than b: by key, nulls last, then by the smaller number. */
bool gp_trial_before(const gp_trial *a, const gp_trial *b);
/* Adds the result of a point that was not added before; in_windows: n_windows results of the same point. */
void gp_trials_add(gp_trials *t, const gp_trial *trial, const gp_trial *in_windows);

void gp_trials_sort(gp_trials *t); /* when all were added */

/* How the best compares with the points around it. */
typedef enum { GP_AROUND_ALONE /* none of them is ranked */, GP_AROUND_PLATEAU, GP_AROUND_SLOPE, GP_AROUND_SPIKE } gp_around_kind;
typedef struct gp_around {
    gp_around_kind kind;
    int n, ranked;          /* neighbours; those that are ranked */
    double least, median, most; /* of the ranked ones' keys */
} gp_around;
/* Beyond what no skill gives (none; NaN: counted from 0) the neighbours' median has 80 % of the best (a plateau), at least half (a slope), or
 * less (a spike).  Neighbours that are not ranked count as no skill; where low is good
 * (keys below 0) as worse than any. */
gp_around gp_trials_around(const gp_trials *t, const gp_grid *g, size_t point, double none);
#endif
