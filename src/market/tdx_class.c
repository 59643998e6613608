/* Which file is which, and what its numbers mean. */
#include <string.h>
#include "base/str.h"
#include "market/columns.h"
#include "market/tdx.h"

static const gp_tdx_class rows[] = {
#define GP_TDX_CLASS(market, codes, class, scale, lot, unit) {market, codes, class, scale, lot, GP_TDX_UNIT_##unit},
#include "market/tdx_class.def"
#undef GP_TDX_CLASS
};

const gp_tdx_class *gp_tdx_class_of(const char *code, const char *market)
{
    const gp_tdx_class *c = rows;
    for (;; c++) { /* the last row fits everything */
        if (*market && *c->market && strcmp(c->market, market) != 0) continue;
        if (strncmp(code, c->codes, strlen(c->codes)) == 0) return c;
    }
}

gp_tdx_kind gp_tdx_kind_of(const char *path)
{
    static const struct {
        const char *end;
        gp_tdx_kind kind;
    } ends[] = {{".day", GP_TDX_DAY}, {".lc5", GP_TDX_MIN5}, {".lc1", GP_TDX_MIN1}};
    const char *slash = strrchr(path, '/');
    const gp_str name = gp_unpacked_name(gp_str_from(slash ? slash + 1 : path));

    if (name.n <= 4) return GP_TDX_NONE;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (!gp_str_ieqz((gp_str){name.p + name.n - 4, 4}, ends[i].end)) continue;
        size_t digits = strspn(name.p, "0123456789");
        return digits > 0 && name.p[digits] == '#' ? ends[i].kind + (GP_TDX_DAY_X - GP_TDX_DAY) : ends[i].kind;
    }
    return GP_TDX_NONE;
}

gp_data_period gp_tdx_period_of(gp_tdx_kind kind)
{
    switch (kind) {
    case GP_TDX_MIN5:
    case GP_TDX_MIN5_X:
        return GP_FILES_MIN5;
    case GP_TDX_MIN1:
    case GP_TDX_MIN1_X:
        return GP_FILES_MIN1;
    default:
        return GP_FILES_DAY;
    }
}
