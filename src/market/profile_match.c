/* Which profile a file has, and what it makes of the header. */
#include "market/cells.h"
#include <string.h>

enum { LOOK_AT_ROWS = 5 };

static bool some_cell(const gp_pattern *p, const gp_cells *c, gp_str header)
{
    gp_str cell;

    for (int k = 0; k < c->n && gp_line_field(header, c->delim, k, &cell); k++)
        if (gp_pattern_fits(p, gp_cell_bare(cell))) return true;
    return false;
}

static bool some_row(const gp_pattern *p, const gp_shape *s)
{
    const char *at = s->rows, *next;

    for (int i = 0; i < LOOK_AT_ROWS && at < s->end; i++, at = next) {
        const gp_str line = {at, gp_line(at, s->end, &next)};
        if (line.n <= GP_LINE_MAX && gp_pattern_fits(p, line)) return true;
    }
    return false;
}

static int conditions(const gp_profile *p)
{
    return p->n_column + (p->header.code != NULL) + (p->above.code != NULL) + (p->row.code != NULL);
}

static bool fits_header(const gp_profile *p, const gp_cells *c, gp_str header)
{
    if (conditions(p) == 0 || (p->delim && p->delim != c->delim)) return false;
    if (p->header.code && !gp_pattern_fits(&p->header, header)) return false;
    for (int i = 0; i < p->n_column; i++)
        if (!some_cell(&p->column[i], c, header)) return false;
    return true;
}

uint64_t gp_profile_candidates(const gp_cells *c, gp_str header)
{
    uint64_t found = 0;

    for (int i = 0; i < gp_profile_count(); i++)
        if (fits_header(gp_profile_at(i), c, header)) found |= UINT64_C(1) << i;
    return found;
}

const gp_profile *gp_profile_choose(uint64_t candidates, const gp_shape *s)
{
    const gp_profile *best = NULL;

    for (; candidates; candidates &= candidates - 1) {
        const gp_profile *p = gp_profile_at(__builtin_ctzll(candidates));
        if (best && conditions(p) <= conditions(best)) continue;
        if ((p->above.code && !gp_pattern_fits(&p->above, s->above)) || (p->row.code && !some_row(&p->row, s))) continue;
        best = p;
    }
    return best;
}

static unsigned role_by(const gp_profile *p, gp_str cell)
{
    for (int r = 0; r < GP_ROLES; r++)
        if (gp_pattern_fits(&p->role[r], cell)) return (unsigned)r;
    if (gp_pattern_fits(&p->mark, cell)) return GP_ROLE_MARK;
    return gp_pattern_fits(&p->ignore, cell) ? GP_ROLE_SKIP : GP_ROLE_EXTRA;
}

void gp_profile_apply(const gp_profile *p, gp_str header, gp_cells *c)
{
    bool given[GP_ROLES] = {false}, mine[GP_MAX_COLUMNS] = {false};
    gp_str cell;

    for (int k = 0; k < c->n && gp_line_field(header, c->delim, k, &cell); k++) {
        const unsigned role = role_by(p, gp_cell_bare(cell));
        if (role == GP_ROLE_EXTRA) continue; /* nothing is said of it */
        c->role[k] = (uint8_t)role;
        c->rank[k] = 0;
        mine[k] = true;
        if (role < GP_ROLES) given[role] = true;
    }
    for (int k = 0; k < c->n; k++)
        if (!mine[k] && c->role[k] < GP_ROLES && given[c->role[k]]) c->role[k] = GP_ROLE_SKIP;
    c->score = gp_cells_score(c);
}

int gp_cells_score(const gp_cells *c)
{
    unsigned seen = 0;
    int n = 0;

    for (int k = 0; k < c->n; k++)
        if (c->role[k] <= GP_ROLE_TIME) seen |= 1u << c->role[k];
    for (; seen; seen &= seen - 1) n++;
    return n;
}

void gp_profile_why(const gp_profile *p, gp_buf *out)
{
    for (int i = 0; i < p->n_column; i++) gp_buf_printf(out, "%s%s", i == 0 ? "columns " : ", ", p->column[i].text);
    if (p->header.code) gp_buf_printf(out, "%sheader %s", out->n ? "; " : "", p->header.text);
    if (p->above.code) gp_buf_printf(out, "%stitle line %s", out->n ? "; " : "", p->above.text);
    if (p->row.code) gp_buf_printf(out, "%srows %s", out->n ? "; " : "", p->row.text);
}
