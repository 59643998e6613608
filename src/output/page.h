/* One HTML file that needs nothing else: facts, tables that can be sorted, pictures, texts.  Everything that comes from a formula or a
 * file is escaped; the page itself may load nothing (Content-Security-Policy). */
#ifndef GP_OUTPUT_PAGE_H
#define GP_OUTPUT_PAGE_H
#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"
#include "output/writer.h"

typedef struct gp_page gp_page;
/* zh: words of our own in Chinese.  green_up: changes upwards are green and downwards red. */
gp_page *gp_page_new(const char *title, const char *subtitle, bool zh, bool green_up);
void gp_page_free(gp_page *p);

/* A number that tells at a glance, on top of the page; several stand side by side. */
void gp_page_fact(gp_page *p, const char *label, const char *value);
/* anchor: what links say, of any bytes; NULL: none. */
void gp_page_heading(gp_page *p, const char *text, const char *anchor);
void gp_page_note(gp_page *p, const char *text);
/* Each entry a line; grave: shown as something to look after. */
void gp_page_list(gp_page *p, const char *const *items, size_t n, bool grave);
/* Text as it is, in a fold that is closed at first. */
void gp_page_text(gp_page *p, const char *summary, gp_str text);

/* A table whose columns can be sorted by a click.  A row: cells as gp_writer takes them; mark: a word of CSS classes of the page ("entered",
 * "stayed", "left"), or NULL; link: anchor the first cell leads to, or NULL. */
void gp_page_table(gp_page *p, const gp_column *columns, int n);
void gp_page_row(gp_page *p, const gp_cell *cells, const char *mark, const char *link);
void gp_page_table_end(gp_page *p);

/* A picture with a line above it; mime: "image/png".  Several in a row stand in as many columns as the screen has room for. */
void gp_page_picture(gp_page *p, const char *caption, const char *anchor, const char *mime, gp_str bytes);

/* The whole page; nothing can be added after it. */
void gp_page_end(gp_page *p, gp_buf *out);
#endif
