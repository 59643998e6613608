/* A contact sheet: many small pictures on the pages of one PDF, with a bookmark for each (cairo). */
#ifndef GP_DRAW_CONTACT_H
#define GP_DRAW_CONTACT_H
#include "draw/picture.h"

enum { GP_CONTACT_COLUMNS = 3, GP_CONTACT_ROWS = 4, GP_CONTACT_PAGE = GP_CONTACT_COLUMNS * GP_CONTACT_ROWS };

typedef struct gp_contact gp_contact;
/* Can this program make one?  Else it was built without cairo. */
bool gp_contact_available(void);
const char *gp_contact_library(void); /* "cairo 1.16.0", or why there is none */
/* How a picture for it is drawn: a small one, as PNG. */
void gp_contact_opts(gp_picture_opts *o);
/* title stands on every page, after it the number of the page; n: pictures that will come.  Texts are copied. */
gp_contact *gp_contact_new(const char *title, size_t n, gp_fonts *fonts, const gp_picture_opts *o, gp_diags *d);
/* The next picture: the bytes of a PNG, two lines below it, and what the bookmark says.  False after saying why in d. */
bool gp_contact_add(gp_contact *k, gp_str png, const char *line, const char *more, const char *bookmark, gp_diags *d);
/* Writes the file, as a whole or not at all.  False after saying why in d. */
bool gp_contact_save(gp_contact *k, const char *path, gp_diags *d);
void gp_contact_free(gp_contact *k);
#endif
