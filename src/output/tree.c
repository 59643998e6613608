#include "output/tree.h"
#include <math.h>
#include <string.h>
#include "base/num.h"
#include "base/vec.h"

enum { TEXT_COLUMN_MOST = 64, DIGITS = 4 };

/* ---- for people ---- */

static void add_number(double x, gp_buf *out)
{
    char buf[GP_NUM_MAX + 512];
    if (!isfinite(x))
        gp_buf_addz(out, "null");
    else
        gp_buf_add(out, buf, gp_num_format_fixed(x, fabs(x) < 0.1 && x != 0 ? DIGITS + 4 : DIGITS, buf));
}

static void add_label(const gp_tree_row *r, gp_buf *out, gp_buf *room)
{
    gp_str s;
    for (int i = 0; i < r->depth; i++)
        gp_buf_addz(out, "  ");
    gp_buf_addz(out, r->holds < 0 ? "  " : r->holds ? "✓ " : "✗ ");
    if (r->name.p) {
        s = gp_clean(r->name, GP_FORMAT_TABLE, room);
        gp_buf_add(out, s.p, s.n);
        gp_buf_addz(out, r->again ? " (above)" : ": ");
    }
    if (!r->again) {
        s = gp_clean(r->text, GP_FORMAT_TABLE, room);
        gp_buf_add(out, s.p, s.n);
    }
}

static const char *paint_of(const gp_tree_row *r)
{
    return r->holds < 0 ? NULL : r->holds ? "\033[32m" : "\033[31m";
}

static void pad(gp_buf *out, int n)
{
    for (; n > 0; n--)
        gp_buf_addc(out, ' ');
}

static void write_head(const gp_tree_head *h, gp_buf *out, gp_buf *room)
{
    gp_str s = gp_clean(h->code, GP_FORMAT_TABLE, room);
    gp_buf_add(out, s.p, s.n);
    s = gp_clean(h->name, GP_FORMAT_TABLE, room);
    gp_buf_printf(out, "%s" GP_STR_FMT "  %04d-%02d-%02d", s.n ? " " : "", GP_STR_ARG(s), h->date / 10000, h->date / 100 % 100, h->date % 100);
    if (h->time >= 0)
        gp_buf_printf(out, " %02d:%02d", h->time / 10000, h->time / 100 % 100);
    gp_buf_printf(out, "  bar %d of %d", h->bar, h->bars);
    if (isfinite(h->close)) {
        gp_buf_addz(out, "  close ");
        add_number(h->close, out);
    }
    gp_buf_addz(out, "\n");
}

/* The widest label within reason: longer ones push their own value to the right. */
static int label_column(const gp_tree_row *rows, int n, gp_buf *label, gp_buf *room)
{
    int widest = 0;
    for (int i = 0; i < n; i++) {
        label->n = 0;
        add_label(&rows[i], label, room);
        const int has = gp_str_width((gp_str){label->p, label->n});
        if (has > widest && has <= TEXT_COLUMN_MOST)
            widest = has;
    }
    return widest;
}

static void write_text(gp_buf *out, const gp_tree_head *head, const gp_tree_row *rows, int n, bool colour)
{
    gp_buf label = {0}, room = {0}, value = {0};
    const int column = label_column(rows, n, &label, &room);
    write_head(head, out, &room);
    for (int i = 0; i < n; i++) {
        const gp_tree_row *r = &rows[i];
        const char *paint = colour ? paint_of(r) : NULL;
        label.n = value.n = 0;
        if (r->depth == 0)
            gp_buf_addc(out, '\n');
        add_label(r, &label, &room);
        if (paint)
            gp_buf_addz(out, paint);
        gp_buf_add(out, label.p, label.n);
        if (paint)
            gp_buf_addz(out, "\033[0m");
        if (r->string.p) {
            const gp_str s = gp_clean(r->string, GP_FORMAT_TABLE, &room);
            gp_buf_printf(&value, "'" GP_STR_FMT "'", GP_STR_ARG(s));
        } else if (r->has_value) {
            add_number(r->value, &value);
        }
        if (value.n) {
            pad(out, column - gp_str_width((gp_str){label.p, label.n}) + 12 - gp_str_width((gp_str){value.p, value.n}));
            gp_buf_addz(out, "  ");
            gp_buf_add(out, value.p, value.n);
        }
        if (value.n && r->has_before) {
            gp_buf_addz(out, "   bar before: ");
            add_number(r->before, out);
        }
        gp_buf_addc(out, '\n');
    }
    gp_buf_free(&label);
    gp_buf_free(&room);
    gp_buf_free(&value);
}

/* ---- nested JSON ---- */

static void json_text(gp_buf *out, const char *key, gp_str s, gp_buf *room)
{
    gp_buf_printf(out, "\"%s\":", key);
    if (s.p)
        gp_buf_json(out, gp_clean(s, GP_FORMAT_JSON, room));
    else
        gp_buf_addz(out, "null");
}

static void json_number(gp_buf *out, const char *key, double x)
{
    char buf[GP_NUM_MAX];
    gp_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x))
        gp_buf_add(out, buf, gp_num_format(x, buf));
    else
        gp_buf_addz(out, "null");
}

static void json_node(gp_buf *out, const gp_tree_row *r, gp_buf *room)
{
    gp_buf_addc(out, '{');
    if (r->name.p) {
        json_text(out, "name", r->name, room);
        gp_buf_addc(out, ',');
    }
    json_text(out, "text", r->text, room);
    if (r->string.p) {
        gp_buf_addc(out, ',');
        json_text(out, "string", r->string, room);
    }
    if (r->has_value)
        json_number(out, "value", r->value);
    if (r->has_before)
        json_number(out, "before", r->before);
    if (r->holds >= 0)
        gp_buf_printf(out, ",\"holds\":%s", r->holds ? "true" : "false");
    if (r->again)
        gp_buf_addz(out, ",\"above\":true");
}

static void write_json(gp_buf *out, const gp_tree_head *h, const gp_tree_row *rows, int n)
{
    gp_buf room = {0};
    gp_buf_addc(out, '{');
    json_text(out, "code", h->code, &room);
    gp_buf_addc(out, ',');
    json_text(out, "name", h->name.n ? h->name : (gp_str){NULL, 0}, &room);
    gp_buf_printf(out, ",\"date\":\"%04d-%02d-%02d", h->date / 10000, h->date / 100 % 100, h->date % 100);
    if (h->time >= 0)
        gp_buf_printf(out, " %02d:%02d:%02d", h->time / 10000, h->time / 100 % 100, h->time % 100);
    gp_buf_printf(out, "\",\"bar\":%d,\"bars\":%d", h->bar, h->bars);
    json_number(out, "close", h->close);
    gp_buf_addz(out, ",\"outputs\":[");
    for (int i = 0; i < n; i++) {
        gp_buf_addz(out, i == 0 || rows[i].depth > rows[i - 1].depth ? "\n" : ",\n");
        pad(out, 1 + rows[i].depth);
        json_node(out, &rows[i], &room);
        const int next = i + 1 < n ? rows[i + 1].depth : 0;
        if (next > rows[i].depth)
            gp_buf_addz(out, ",\"children\":[");
        else
            gp_buf_addc(out, '}');
        for (int k = rows[i].depth; k > next; k--)
            gp_buf_addz(out, "]}");
    }
    gp_buf_addz(out, "\n]}\n");
    gp_buf_free(&room);
}

/* ---- one row a node ---- */

static bool write_rows(FILE *out, gp_format format, const gp_tree_head *h, const gp_tree_row *rows, int n)
{
    static const gp_column columns[] = {{"code", GP_CELL_TEXT, 0}, {"date", GP_CELL_DATE, 0}, {"depth", GP_CELL_NUMBER, -1},
                                        {"name", GP_CELL_TEXT, 0}, {"text", GP_CELL_TEXT, 0}, {"value", GP_CELL_NUMBER, -1},
                                        {"before", GP_CELL_NUMBER, -1}, {"holds", GP_CELL_NUMBER, -1}, {"string", GP_CELL_TEXT, 0}};
    gp_writer *w = gp_writer_new(out, format, columns, (int)(sizeof columns / sizeof *columns), false);
    for (int i = 0; i < n; i++) {
        const gp_tree_row *r = &rows[i];
        const gp_cell cells[] = {{.text = h->code}, {.date = h->date, .time = h->time}, {.number = r->depth}, {.text = r->name}, {.text = r->text},
                                 {.number = r->has_value ? r->value : NAN}, {.number = r->has_before ? r->before : NAN},
                                 {.number = r->holds >= 0 ? r->holds : NAN}, {.text = r->string}};
        gp_writer_row(w, cells);
    }
    return gp_writer_end(w);
}

bool gp_tree_write(FILE *out, gp_format format, const gp_tree_head *head, const gp_tree_row *rows, int n, bool colour)
{
    gp_buf text = {0};
    if (format == GP_FORMAT_CSV || format == GP_FORMAT_NDJSON)
        return write_rows(out, format, head, rows, n);
    if (format == GP_FORMAT_JSON)
        write_json(&text, head, rows, n);
    else
        write_text(&text, head, rows, n, colour);
    const bool ok = fwrite(text.p, 1, text.n, out) == text.n && fflush(out) == 0;
    gp_buf_free(&text);
    return ok;
}
