#include "output/page.h"
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"
#include "output/page_parts.h"

struct gp_page {
    gp_buf head, facts, body;
    gp_column *columns; /* of the table under way */
    int n;
    bool zh, pictures;  /* pictures: a row of them is open */
    gp_buf scratch;
};

/* ---- escaping ---- */

/* Text or the value of an attribute in double quotes. */
static void escaped(gp_page *p, gp_buf *out, gp_str s)
{
    s = gp_clean(s, GP_FORMAT_TABLE, &p->scratch);
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<': gp_buf_addz(out, "&lt;"); break;
        case '>': gp_buf_addz(out, "&gt;"); break;
        case '&': gp_buf_addz(out, "&amp;"); break;
        case '"': gp_buf_addz(out, "&quot;"); break;
        case '\'': gp_buf_addz(out, "&#39;"); break;
        default: gp_buf_addc(out, s.p[i]);
        }
    }
}

static void text(gp_page *p, const char *z) { escaped(p, &p->body, gp_str_from(z)); }
static void raw(gp_page *p, const char *z) { gp_buf_addz(&p->body, z); }

/* An anchor of letters and digits only, different for different bytes. */
static void anchor_of(gp_buf *out, const char *z)
{
    static const char hex[] = "0123456789abcdef";
    gp_buf_addc(out, 'a');
    for (; *z; z++) {
        const unsigned char c = (unsigned char)*z;
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
            gp_buf_addc(out, (char)c);
        } else {
            gp_buf_addc(out, '_');
            gp_buf_addc(out, hex[c >> 4]);
            gp_buf_addc(out, hex[c & 15]);
        }
    }
}

/* ---- parts ---- */

gp_page *gp_page_new(const char *title, const char *subtitle, bool zh, bool green_up)
{
    gp_page *p = gp_xcalloc(1, sizeof *p);
    p->zh = zh;
    gp_buf_printf(&p->head, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", zh ? "zh" : "en");
    gp_buf_addz(&p->head, gp_page_head);
    gp_buf_addz(&p->head, "<title>");
    escaped(p, &p->head, gp_str_from(title));
    gp_buf_addz(&p->head, "</title>\n<style>\n");
    gp_buf_addz(&p->head, gp_page_style);
    gp_buf_printf(&p->head, ".rise{color:var(--%s)}.fall{color:var(--%s)}\n", green_up ? "green" : "red", green_up ? "red" : "green");
    gp_buf_addz(&p->head, "</style>\n</head>\n<body>\n<header><h1>");
    escaped(p, &p->head, gp_str_from(title));
    gp_buf_addz(&p->head, "</h1><p>");
    escaped(p, &p->head, gp_str_from(subtitle));
    gp_buf_addz(&p->head, "</p></header>\n");
    return p;
}

void gp_page_free(gp_page *p)
{
    if (!p)
        return;
    gp_buf_free(&p->head);
    gp_buf_free(&p->facts);
    gp_buf_free(&p->body);
    gp_buf_free(&p->scratch);
    free(p->columns);
    free(p);
}

static void close_pictures(gp_page *p)
{
    if (p->pictures)
        raw(p, "</div>\n");
    p->pictures = false;
}

void gp_page_fact(gp_page *p, const char *label, const char *value)
{
    gp_buf_addz(&p->facts, "<div><b>");
    escaped(p, &p->facts, gp_str_from(value));
    gp_buf_addz(&p->facts, "</b><span>");
    escaped(p, &p->facts, gp_str_from(label));
    gp_buf_addz(&p->facts, "</span></div>\n");
}

void gp_page_heading(gp_page *p, const char *heading, const char *anchor)
{
    close_pictures(p);
    raw(p, "<h2");
    if (anchor) {
        raw(p, " id=\"");
        anchor_of(&p->body, anchor);
        raw(p, "\"");
    }
    raw(p, ">");
    text(p, heading);
    raw(p, "</h2>\n");
}

void gp_page_note(gp_page *p, const char *note)
{
    close_pictures(p);
    raw(p, "<p>");
    text(p, note);
    raw(p, "</p>\n");
}

void gp_page_list(gp_page *p, const char *const *items, size_t n, bool grave)
{
    close_pictures(p);
    gp_buf_printf(&p->body, "<ul%s>\n", grave ? " class=\"grave\"" : "");
    for (size_t i = 0; i < n; i++) {
        raw(p, "<li>");
        text(p, items[i]);
        raw(p, "</li>\n");
    }
    raw(p, "</ul>\n");
}

void gp_page_text(gp_page *p, const char *summary, gp_str s)
{
    close_pictures(p);
    raw(p, "<details><summary>");
    text(p, summary);
    raw(p, "</summary><pre>");
    for (size_t i = 0; i < s.n;) { /* line ends stay, which gp_clean would show as signs */
        const char *end = memchr(s.p + i, '\n', s.n - i);
        const size_t to = end ? (size_t)(end - s.p) : s.n;
        escaped(p, &p->body, (gp_str){s.p + i, to - i - (to > i && s.p[to - 1] == '\r')});
        raw(p, end ? "\n" : "");
        i = to + 1;
    }
    raw(p, "</pre></details>\n");
}

/* ---- tables ---- */

static bool is_number(gp_cell_kind kind) { return kind == GP_CELL_NUMBER || kind == GP_CELL_LIMIT; }

void gp_page_table(gp_page *p, const gp_column *columns, int n)
{
    close_pictures(p);
    p->columns = gp_xrealloc(p->columns, (size_t)n * sizeof *p->columns);
    memcpy(p->columns, columns, (size_t)n * sizeof *p->columns);
    p->n = n;
    raw(p, "<div class=\"wide\"><table><thead><tr>");
    for (int i = 0; i < n; i++) {
        gp_buf_printf(&p->body, "<th%s><button type=\"button\">", is_number(columns[i].kind) ? " class=\"n\"" : "");
        text(p, columns[i].name);
        raw(p, "</button></th>");
    }
    raw(p, "</tr></thead>\n<tbody>\n");
}

/* What a cell shows, and what it is sorted by: numbers by their value, texts as they are. */
static void cell(gp_page *p, const gp_column *k, const gp_cell *c, const char *link)
{
    char shown[GP_NUM_MAX + 512], exact[GP_NUM_MAX];
    if (is_number(k->kind)) {
        if (isnan(c->number)) {
            raw(p, "<td class=\"n none\">-</td>");
            return;
        }
        gp_num_format(c->number, exact);
        if (c->decimals || k->decimals >= 0)
            snprintf(shown, sizeof shown, c->is_change && c->number != 0 ? "%+.*f" : "%.*f", c->decimals ? c->decimals : k->decimals, c->number);
        else
            snprintf(shown, sizeof shown, "%.6g", c->number);
        gp_buf_printf(&p->body, "<td class=\"n%s\" data-v=\"%s\">%s</td>", !c->is_change || c->number == 0 ? "" : c->number > 0 ? " rise" : " fall", exact, shown);
        return;
    }
    raw(p, "<td>");
    if (link) {
        raw(p, "<a href=\"#");
        anchor_of(&p->body, link);
        raw(p, "\">");
    }
    if (k->kind == GP_CELL_DATE) {
        gp_buf_printf(&p->body, "%04d-%02d-%02d", (int)(c->date / 10000), (int)(c->date / 100 % 100), (int)(c->date % 100));
        if (c->time >= 0)
            gp_buf_printf(&p->body, " %02d:%02d", (int)(c->time / 10000), (int)(c->time / 100 % 100));
    } else {
        gp_str rest = c->text;
        while (rest.n) { /* a list: each item on its own */
            const char *end = k->kind == GP_CELL_LIST ? memchr(rest.p, GP_LIST_SEPARATOR, rest.n) : NULL;
            const size_t n = end ? (size_t)(end - rest.p) : rest.n;
            raw(p, k->kind == GP_CELL_LIST ? "<span class=\"item\">" : "");
            escaped(p, &p->body, (gp_str){rest.p, n});
            raw(p, k->kind == GP_CELL_LIST ? "</span> " : "");
            rest = (gp_str){rest.p + n + (end != NULL), rest.n - n - (end != NULL)};
        }
    }
    raw(p, link ? "</a></td>" : "</td>");
}

void gp_page_row(gp_page *p, const gp_cell *cells, const char *mark, const char *link)
{
    if (mark) {
        raw(p, "<tr class=\"");
        text(p, mark);
        raw(p, "\">");
    } else {
        raw(p, "<tr>");
    }
    for (int i = 0; i < p->n; i++)
        cell(p, &p->columns[i], &cells[i], i == 0 ? link : NULL);
    raw(p, "</tr>\n");
}

void gp_page_table_end(gp_page *p) { raw(p, "</tbody></table></div>\n"); }

/* ---- pictures ---- */

static void base64(gp_buf *out, gp_str s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        const unsigned a = (unsigned char)s.p[i], b = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0, c = i + 2 < s.n ? (unsigned char)s.p[i + 2] : 0;
        gp_buf_addc(out, digits[a >> 2]);
        gp_buf_addc(out, digits[(a & 3) << 4 | b >> 4]);
        gp_buf_addc(out, i + 1 < s.n ? digits[(b & 15) << 2 | c >> 6] : '=');
        gp_buf_addc(out, i + 2 < s.n ? digits[c & 63] : '=');
    }
}

void gp_page_picture(gp_page *p, const char *caption, const char *anchor, const char *mime, gp_str bytes)
{
    if (!p->pictures)
        raw(p, "<div class=\"pictures\">\n");
    p->pictures = true;
    raw(p, "<figure id=\"");
    anchor_of(&p->body, anchor);
    raw(p, "\"><figcaption>");
    text(p, caption);
    gp_buf_printf(&p->body, "</figcaption><img loading=\"lazy\" alt=\"");
    text(p, caption);
    gp_buf_printf(&p->body, "\" src=\"data:%s;base64,", mime);
    base64(&p->body, bytes);
    raw(p, "\"></figure>\n");
}

void gp_page_end(gp_page *p, gp_buf *out)
{
    close_pictures(p);
    gp_buf_add(out, p->head.p, p->head.n);
    if (p->facts.n) {
        gp_buf_addz(out, "<div class=\"facts\">\n");
        gp_buf_add(out, p->facts.p, p->facts.n);
        gp_buf_addz(out, "</div>\n");
    }
    if (p->body.n)
        gp_buf_add(out, p->body.p, p->body.n);
    gp_buf_printf(out, "<footer>goldpit %s</footer>\n<script>\n", GOLDPIT_VERSION);
    gp_buf_addz(out, gp_page_script);
    gp_buf_addz(out, "</script>\n</body>\n</html>\n");
}
