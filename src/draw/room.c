/* Which places of a pane have words or icons on them, so that none is drawn over another: a grid of small squares. */
#include "draw/draw.h"

enum { SQUARE = 3 };

struct gp_room { int across, down; double width; uint32_t owner[]; };

gp_room *gp_room_new(const gp_drawn_pane *pane)
{
    const double width = fmax(pane->plot.right - pane->plot.left, 1), height = fmax(pane->plot.bottom - pane->plot.top, 1);
    const int across = (int)(width / SQUARE) + 1, down = (int)(height / SQUARE) + 1;
    gp_room *r = gp_xcalloc(1, sizeof *r + (size_t)across * (size_t)down * sizeof *r->owner);
    r->across = across;
    r->down = down;
    r->width = width;
    return r;
}

static int square(double v, int n) { return v < 0 ? 0 : v >= (double)n * SQUARE ? n - 1 : (int)(v / SQUARE); }

uint32_t gp_room_owner(const gp_room *r, gp_box at)
{
    for (int y = square(at.top, r->down); y <= square(at.bottom, r->down); y++)
        for (int x = square(at.left, r->across); x <= square(at.right, r->across); x++)
            if (r->owner[y * r->across + x])
                return r->owner[y * r->across + x];
    return 0;
}

void gp_room_take(gp_room *r, gp_box at, uint32_t owner)
{
    for (int y = square(at.top, r->down); y <= square(at.bottom, r->down); y++)
        for (int x = square(at.left, r->across); x <= square(at.right, r->across); x++)
            r->owner[y * r->across + x] = owner;
}

double gp_room_inside(const gp_room *r, double x, double half)
{
    return 2 * half >= r->width ? r->width / 2 : fmin(fmax(x, half), r->width - half);
}
