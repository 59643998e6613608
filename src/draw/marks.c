/* Drawings at bars and at places of a pane. */
#include "draw/draw.h"

bool gp_script_marks(gp_script *g, const gp_drawn_pane *pane, const gp_shown *l)
{
    (void)g; (void)pane; (void)l;
    return false;
}
