#include "draw/contact.h"
#include <cairo-pdf.h>
#include <string.h>
#include "base/vec.h"
#include "draw/draw.h"

#ifdef __SANITIZE_ADDRESS__
/* What cairo 1.16 keeps of the outlines of a PDF, and fontconfig of patterns, until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libcairo\nleak:libfontconfig\n"; }
const char *__lsan_default_options(void);
const char *__lsan_default_options(void) { return "print_suppressions=0"; }
#endif

/* A4 upright, in points. */
#define PAGE_WIDTH 595.276
#define PAGE_HEIGHT 841.89
#define MARGIN 28.0
#define HEAD 22.0  /* the title */
#define GAP 8.0
#define WORDS 24.0 /* two lines below a picture */

enum { WIDTH = 420, HEIGHT = 386, DPI = 192 };

struct gp_contact {
    cairo_surface_t *surface;
    cairo_t *cr;
    gp_buf pdf;
    char *title;
    char *font;
    size_t at, n;
};

bool gp_contact_available(void) { return true; }

const char *gp_contact_library(void)
{
    static char name[32];
    snprintf(name, sizeof name, "cairo %s", cairo_version_string());
    return name;
}

void gp_contact_opts(gp_picture_opts *o)
{
    o->format = GP_PICTURE_PNG;
    o->width = o->width ? o->width : WIDTH;
    o->height = o->height ? o->height : HEIGHT;
    o->dpi = o->dpi ? o->dpi : DPI;
}

static cairo_status_t keep(void *ctx, const unsigned char *p, unsigned n)
{
    gp_buf_add(ctx, (const char *)p, n);
    return CAIRO_STATUS_SUCCESS;
}

gp_contact *gp_contact_new(const char *title, size_t n, gp_fonts *fonts, const gp_picture_opts *o, gp_diags *d)
{
    gp_contact *k = gp_xcalloc(1, sizeof *k);
    k->title = gp_xstrndup(title, strlen(title));
    k->n = n;
    const char *family = gp_fonts_for(fonts, o->font, gp_str_from(title), false, d);
    k->font = gp_xstrndup(family, strlen(family));
    k->surface = cairo_pdf_surface_create_for_stream(keep, &k->pdf, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(k->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(k->surface, CAIRO_PDF_METADATA_CREATOR, "goldpit " GOLDPIT_VERSION);
    k->cr = cairo_create(k->surface);
    return k;
}

void gp_contact_free(gp_contact *k)
{
    if (!k)
        return;
    cairo_destroy(k->cr);
    cairo_surface_destroy(k->surface);
    gp_buf_free(&k->pdf);
    free(k->title);
    free(k->font);
    free(k);
    cairo_debug_reset_static_data(); /* nothing of cairo's is in use any more: its caches of fonts go, too */
}

/* One line of text, cut with … where it is wider than there is room. */
static void words(gp_contact *k, double x, double y, double size, double room, bool right, const char *text)
{
    cairo_text_extents_t e;
    gp_buf b = {0};
    cairo_select_font_face(k->cr, k->font, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(k->cr, size);
    gp_buf_addz(&b, text);
    cairo_text_extents(k->cr, b.p, &e);
    for (size_t n = strlen(text); n && e.x_advance > room;) {
        do
            n--;
        while (n && ((unsigned char)text[n] & 0xC0) == 0x80);
        b.n = 0;
        gp_buf_add(&b, text, n);
        gp_buf_addz(&b, "…");
        cairo_text_extents(k->cr, b.p, &e);
    }
    cairo_move_to(k->cr, right ? x - e.x_advance : x, y);
    cairo_show_text(k->cr, b.p);
    gp_buf_free(&b);
}

static void page(gp_contact *k)
{
    char number[48];
    const size_t pages = (k->n + GP_CONTACT_PAGE - 1) / GP_CONTACT_PAGE, now = k->at / GP_CONTACT_PAGE + 1;
    snprintf(number, sizeof number, "%zu / %zu", now, pages > now ? pages : now);
    cairo_set_source_rgb(k->cr, 0.2, 0.2, 0.2);
    words(k, MARGIN, MARGIN + 8, 10, PAGE_WIDTH - 2 * MARGIN - 60, false, k->title);
    words(k, PAGE_WIDTH - MARGIN, MARGIN + 8, 10, 60, true, number);
}

typedef struct source { gp_str left; } source;

static cairo_status_t feed(void *ctx, unsigned char *p, unsigned n)
{
    source *s = ctx;
    if (s->left.n < n)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(p, s->left.p, n);
    s->left.p += n;
    s->left.n -= n;
    return CAIRO_STATUS_SUCCESS;
}

static bool failed(cairo_status_t s, gp_diags *d)
{
    if (s != CAIRO_STATUS_SUCCESS)
        gp_diag_at(d, GP_D_CONTACT_SHEET, (gp_span){0}, cairo_status_to_string(s));
    return s != CAIRO_STATUS_SUCCESS;
}

bool gp_contact_add(gp_contact *k, gp_str png, const char *line, const char *more, const char *bookmark, gp_diags *d)
{
    const size_t cell = k->at % GP_CONTACT_PAGE;
    const double width = (PAGE_WIDTH - 2 * MARGIN - (GP_CONTACT_COLUMNS - 1) * GAP) / GP_CONTACT_COLUMNS,
                 height = (PAGE_HEIGHT - 2 * MARGIN - HEAD - (GP_CONTACT_ROWS - 1) * GAP) / GP_CONTACT_ROWS,
                 x = MARGIN + (double)(cell % GP_CONTACT_COLUMNS) * (width + GAP),
                 y = MARGIN + HEAD + (double)(cell / GP_CONTACT_COLUMNS) * (height + GAP);
    char place[80];
    source s = {png};
    if (cell == 0 && k->at)
        cairo_show_page(k->cr);
    if (cell == 0)
        page(k);
    cairo_surface_t *picture = cairo_image_surface_create_from_png_stream(feed, &s);
    if (failed(cairo_surface_status(picture), d)) {
        cairo_surface_destroy(picture);
        return false;
    }
    const double pw = cairo_image_surface_get_width(picture), ph = cairo_image_surface_get_height(picture), room = height - WORDS,
                 scale = width / pw < room / ph ? width / pw : room / ph;
    cairo_save(k->cr);
    cairo_translate(k->cr, x, y);
    cairo_scale(k->cr, scale, scale);
    cairo_set_source_surface(k->cr, picture, 0, 0);
    cairo_paint(k->cr);
    cairo_restore(k->cr);
    cairo_surface_destroy(picture);
    cairo_set_source_rgb(k->cr, 0, 0, 0);
    words(k, x, y + scale * ph + 10, 8, width, false, line);
    cairo_set_source_rgb(k->cr, 0.35, 0.35, 0.35);
    words(k, x, y + scale * ph + 20, 7, width, false, more);
    snprintf(place, sizeof place, "page=%zu pos=[%.1f %.1f]", k->at / GP_CONTACT_PAGE + 1, x, y);
    cairo_pdf_surface_add_outline(k->surface, CAIRO_PDF_OUTLINE_ROOT, bookmark, place, 0);
    k->at++;
    return !failed(cairo_status(k->cr), d);
}

bool gp_contact_save(gp_contact *k, const char *path, gp_diags *d)
{
    if (k->at == 0)
        page(k);
    cairo_show_page(k->cr);
    cairo_surface_finish(k->surface);
    if (failed(cairo_surface_status(k->surface), d))
        return false;
    const char *why = gp_picture_save(path, (gp_str){k->pdf.p, k->pdf.n});
    if (why)
        gp_diag_file(d, GP_D_PICTURE_SAVE, path, 0, 0, why);
    return why == NULL;
}
