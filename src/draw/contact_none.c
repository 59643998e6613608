/* Without cairo there are no contact sheets; contact.c is the other one. */
#include "draw/contact.h"

bool gp_contact_available(void) { return false; }
const char *gp_contact_library(void) { return "none (built without cairo)"; }
void gp_contact_opts(gp_picture_opts *o) { (void)o; }

gp_contact *gp_contact_new(const char *title, size_t n, gp_fonts *fonts, const gp_picture_opts *o, gp_diags *d)
{
    (void)title, (void)n, (void)fonts, (void)o;
    gp_diag_at(d, GP_D_CONTACT_SHEET, (gp_span){0}, "this goldpit was built without cairo");
    return NULL;
}

bool gp_contact_add(gp_contact *k, gp_str png, const char *line, const char *more, const char *bookmark, gp_diags *d)
{
    (void)k, (void)png, (void)line, (void)more, (void)bookmark, (void)d;
    return false;
}

bool gp_contact_save(gp_contact *k, const char *path, gp_diags *d)
{
    (void)k, (void)path, (void)d;
    return false;
}

void gp_contact_free(gp_contact *k) { (void)k; }
