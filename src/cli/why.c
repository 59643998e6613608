#include "cli/why.h"
#include <math.h>
#include "base/num.h"
#include "output/writer.h"

static void add_number(double x, gp_buf *out)
{
    char buf[GP_NUM_MAX + 512];
    if (!isfinite(x))
        gp_buf_addz(out, "null");
    else
        gp_buf_add(out, buf, gp_num_format_fixed(x, fabs(x) < 0.1 ? 6 : 3, buf));
}

static void add_text(const gp_leaf *l, const gp_reason *r, gp_buf *out)
{
    gp_buf_addz(out, r->holds ? "✓ " : "✗ ");
    if (l->name)
        gp_buf_printf(out, "%s: ", l->name);
    gp_buf_printf(out, "%s  ", l->text);
    switch (l->kind) {
    case GP_LEAF_COMPARE:
        add_number(r->left, out);
        gp_buf_printf(out, " %s%s ", r->holds ? "" : "not ", l->sign);
        add_number(r->right, out);
        break;
    case GP_LEAF_CROSS:
        add_number(r->left, out);
        gp_buf_addz(out, " and ");
        add_number(r->right, out);
        gp_buf_addz(out, ", the bar before ");
        add_number(r->left_before, out);
        gp_buf_addz(out, " and ");
        add_number(r->right_before, out);
        if (!r->holds && r->left == r->left && r->right == r->right && r->distance != r->distance)
            gp_buf_addz(out, " (on that side already)");
        break;
    case GP_LEAF_OTHER:
        gp_buf_addz(out, "is ");
        add_number(r->value, out);
        break;
    }
    if (!r->holds && r->distance > 0)
        gp_buf_printf(out, " (%.*f%% apart)", r->distance < 0.001 ? 3 : 1, r->distance * 100);
}

static void add_field(gp_buf *out, const char *key, double x)
{
    char buf[GP_NUM_MAX];
    gp_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x))
        gp_buf_add(out, buf, gp_num_format(x, buf));
    else
        gp_buf_addz(out, "null");
}

static void add_string(gp_buf *out, const char *key, const char *text, gp_buf *room)
{
    gp_buf_printf(out, "\"%s\":", key);
    gp_buf_json(out, gp_clean(gp_str_from(text), GP_FORMAT_JSON, room));
}

static void add_json(const gp_leaf *l, const gp_reason *r, gp_buf *out, gp_buf *room)
{
    gp_buf_addc(out, '{');
    if (l->name) {
        add_string(out, "name", l->name, room);
        gp_buf_addc(out, ',');
    }
    add_string(out, "condition", l->text, room);
    gp_buf_printf(out, ",\"holds\":%s", r->holds ? "true" : "false");
    add_field(out, "value", r->value);
    if (l->kind != GP_LEAF_OTHER) {
        add_field(out, "left", r->left);
        if (l->sign) {
            gp_buf_addc(out, ',');
            add_string(out, "sign", l->sign, room);
        }
        add_field(out, "right", r->right);
    }
    if (l->kind == GP_LEAF_CROSS) {
        add_field(out, "left_before", r->left_before);
        add_field(out, "right_before", r->right_before);
    }
    add_field(out, "distance", r->distance);
    gp_buf_addc(out, '}');
}

void gp_cli_why(const gp_why *y, const gp_reason *reasons, int n, gp_buf *text, gp_buf *json)
{
    gp_buf room = {0};
    text->n = json->n = 0;
    gp_buf_addc(json, '[');
    for (int i = 0; i < n; i++) {
        const gp_leaf *l = gp_why_leaf(y, reasons[i].leaf);
        bool again = false; /* two signals may share a condition */
        for (int k = 0; k < i && !again; k++)
            again = reasons[k].leaf == reasons[i].leaf;
        if (again)
            continue;
        if (text->n) {
            gp_buf_addc(text, GP_LIST_SEPARATOR);
            gp_buf_addc(json, ',');
        }
        add_text(l, &reasons[i], text);
        add_json(l, &reasons[i], json, &room);
    }
    gp_buf_addc(json, ']');
    gp_buf_free(&room);
}
