#include "cli/blk.h"
#include <string.h>
#include "base/exchange.h"
#include "cli/table.h"
#include "draw/picture.h"

static bool six_digits(const char *code) { return strspn(code, "0123456789") >= 6 && (code[6] == 0 || code[6] == '.'); }

size_t gp_blk(const gp_scan_result *r, size_t rows, bool ebk, gp_buf *out)
{
    size_t left = 0;
    gp_buf_addz(out, ebk ? "\r\n" : "");
    for (size_t i = 0; i < rows; i++) {
        const gp_hit *h = &r->hits[i];
        char line[32];
        const int exchange = gp_exchange_number(gp_str_from(h->market));
        if (exchange < 0 || !six_digits(h->code)) {
            left++;
            continue;
        }
        snprintf(line, sizeof line, "%d%.6s\r\n", exchange, h->code);
        if (!memmem(out->p, out->n, line, strlen(line))) /* a security can have several hits */
            gp_buf_addz(out, line);
    }
    return left;
}

bool gp_cli_write_blk(gp_cli *c, const gp_scan_result *r, size_t rows)
{
    gp_buf out = {0};
    const size_t n = strlen(c->blk);
    const size_t left = gp_blk(r, rows, n > 4 && gp_str_ieqz((gp_str){c->blk + n - 4, 4}, ".ebk"), &out);
    const char *why = gp_picture_save(c->blk, (gp_str){out.p, out.n});
    if (why)
        gp_cli_error(c, "cannot write '%s': %s", c->blk, why);
    else if (left)
        gp_cli_note(c, "%s: %zu hit(s) are of no Chinese exchange and have no place in a block", c->blk, left);
    gp_buf_free(&out);
    return !why;
}
