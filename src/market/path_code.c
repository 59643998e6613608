#include "market/path_code.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "market/columns.h"
#include "market/table.h"
#include "market/tdx.h"

enum { LOOK = 4096, LINES = 3 };

/* The name without folder and ending. */
static gp_str stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot;
    gp_str s = gp_str_from(slash ? slash + 1 : path);
    dot = strrchr(s.p, '.');
    if (dot && s.p + s.n - dot == 4) s.n -= 4;
    return s;
}

static bool has_code_column(const char *path)
{
    char room[LOOK];
    gp_buf text = {0};
    bool found = false;
    size_t bom, bad, first;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, room, sizeof room);
    if (fd >= 0) close(fd);
    if (n <= 0) return true; /* reading it will tell */
    const gp_encoding encoding = gp_encoding_detect(room, (size_t)n, &bom);
    gp_decode(encoding, room + bom, (size_t)n - bom, &text, &bad, &first);
    const char *p = text.n ? text.p : "", *end = p + text.n, *next;
    for (int line = 0; line < LINES && p < end && !found; line++, p = next) {
        const gp_str s = {p, gp_line(p, end, &next)};
        gp_str cell;
        int rank;
        for (const char *d = ",\t;|"; *d && !found; d++)
            for (int k = 0; memchr(s.p, *d, s.n) && k < GP_MAX_COLUMNS && gp_line_field(s, *d, k, &cell) && !found; k++)
                found = gp_column_match(cell, &rank) == GP_ROLE_CODE;
    }
    if (memchr(room, 0, (size_t)n)) found = true; /* no plain text: compressed, perhaps */
    gp_buf_free(&text);
    return found;
}

bool gp_path_tells_code(const gp_input *in, char *code, size_t cap, char market[3])
{
    char alone[64], exchange[3];
    const gp_str stem = stem_of(in->path);
    if (strcmp(in->path, "-") == 0) return false;
    gp_code_of_path(in->path, code, cap, market);
    if (!*market) return false;
    if (in->origin) return true;
    if (gp_tdx_kind_of(in->path) != GP_TDX_NONE) return true;
    gp_code_of_cell(stem, alone, sizeof alone, exchange);
    if (stem.n > 6 && *exchange && strcmp(alone, code) == 0) return true;
    return !has_code_column(in->path);
}
