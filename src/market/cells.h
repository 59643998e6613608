/* Inside of the reader: a line taken as a header, and the profile that fits it. */
#ifndef GP_MARKET_CELLS_H
#define GP_MARKET_CELLS_H
#include "market/profile.h"
#include "market/table.h"

/* A line taken as a header with one delimiter. */
typedef struct gp_cells {
    char delim;
    int n, score; /* cells; different quote columns among them */
    uint8_t role[GP_MAX_COLUMNS], rank[GP_MAX_COLUMNS];
} gp_cells;

/* What of a file tells whose it is. */
typedef struct gp_shape {
    gp_str above;   /* the first line, when the header is further down */
    const char *rows, *end;
} gp_shape;

/* The built-in profiles that fit the header (c: by names alone), a bit each; thousands of files of a folder share one header. */
uint64_t gp_profile_candidates(const gp_cells *c, gp_str header);
/* The one of them that fits the rest, too: of several the one with the most conditions; NULL: none. */
const gp_profile *gp_profile_choose(uint64_t candidates, const gp_shape *s);
/* Gives the cells of a header the roles that the profile says; what it does not know stays as the names alone have it. */
void gp_profile_apply(const gp_profile *p, gp_str header, gp_cells *c);
/* Different quote columns among the cells. */
int gp_cells_score(const gp_cells *c);
/* In words: by which conditions the profile was chosen. */
void gp_profile_why(const gp_profile *p, gp_buf *out);
#endif
