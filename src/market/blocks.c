#include "market/blocks.h"
#include "base/file.h"
#include "base/vec.h"
#include "market/codes.h"
#include "market/columns.h"
#include "market/sheet.h"
#include "market/table.h"

typedef struct block {
    char *name;
    gp_block_kind kind;
    GP_VEC(uint32_t) members; /* numbers in codes; ascending once read */
} block;

struct gp_blocks {
    gp_codes codes;
    GP_VEC(block) blocks;
    uint32_t *slots, n_slots; /* 1 + number of a block by its name in small letters; blocks of one name in their order */
};

static const struct { const char *folder, *columns[3]; } kinds[GP_BLOCK_KINDS] = {
    [GP_BLOCK_INDUSTRY] = {"hy", {"industry", "行业", "所属行业"}}, [GP_BLOCK_REGION] = {"dy", {"region", "地域", "地区"}},
    [GP_BLOCK_CONCEPT] = {"gn", {"concept", "概念", "所属概念"}},   [GP_BLOCK_STYLE] = {"fg", {"style", "风格", "所属风格"}},
    [GP_BLOCK_INDEX] = {"zs", {"index", "指数", "所属指数"}},       [GP_BLOCK_GROUP] = {"zh", {"group", "组合", "所属组合"}},
    [GP_BLOCK_FINE] = {"xhy", {"subindustry", "细分行业", "所属细分行业"}}, [GP_BLOCK_CODE] = {"hyzs", {"industry_code", "行业代码", "行业指数代码"}},
    [GP_BLOCK_OWN] = {"zd", {"own", "自定义", "自选"}}};

const char *gp_block_folder(gp_block_kind kind)
{
    return kinds[kind].folder;
}

/* The slot of the first block of that name and kind (-1: any), or the empty one where it belongs. */
static uint32_t *slot_of(const gp_blocks *b, gp_str name, int kind)
{
    uint32_t k = (uint32_t)gp_str_ihash(name) & (b->n_slots - 1);
    for (; b->slots[k]; k = (k + 1) & (b->n_slots - 1)) {
        const block *at = &b->blocks.at[b->slots[k] - 1];
        if ((kind < 0 || (int)at->kind == kind) && gp_str_ieqz(name, at->name)) break;
    }
    return &b->slots[k];
}

static int find(const gp_blocks *b, gp_str name, int kind)
{
    return b->n_slots ? (int)*slot_of(b, name, kind) - 1 : -1;
}

int gp_blocks_find(const gp_blocks *b, const char *name)
{
    return find(b, gp_str_from(name), -1);
}

static void make_room(gp_blocks *b)
{
    if (b->n_slots >= 2 * (b->blocks.n + 1)) return;
    free(b->slots);
    b->n_slots = b->n_slots ? b->n_slots * 4 : 64;
    b->slots = gp_xcalloc(b->n_slots, sizeof *b->slots);
    for (size_t i = 0; i < b->blocks.n; i++)
        *slot_of(b, gp_str_from(b->blocks.at[i].name), (int)b->blocks.at[i].kind) = (uint32_t)i + 1;
}

static size_t block_of(gp_blocks *b, gp_str name, gp_block_kind kind)
{
    const int found = find(b, name, (int)kind);
    if (found >= 0) return (size_t)found;
    make_room(b);
    block new = {.name = gp_xcalloc(name.n + 1, 1), .kind = kind};
    memcpy(new.name, name.p, name.n);
    uint32_t *slot = slot_of(b, name, (int)kind);
    gp_vec_push(&b->blocks, new);
    *slot = (uint32_t)b->blocks.n;
    return b->blocks.n - 1;
}

/* ---- one file a block ---- */

typedef struct folder {
    gp_blocks *b;
    const char *dir;
    gp_diags *d;
    size_t files;
} folder;

typedef struct listed { gp_blocks *b; size_t at; } listed;

static void add_member(void *ctx, gp_str code)
{
    const listed *l = ctx;
    const uint32_t number = gp_codes_add(&l->b->codes, code);
    gp_vec_push(&l->b->blocks.at[l->at].members, number);
}

static gp_block_kind kind_of_path(const folder *f, const char *path, const char *slash)
{
    const size_t head = strlen(f->dir);
    for (int k = 0; k < GP_BLOCK_KINDS; k++) {
        const size_t n = strlen(kinds[k].folder);
        for (const char *p = path + head; p + n < slash + 1; p++)
            if (*p == '/' && gp_str_ieqz((gp_str){p + 1, n}, kinds[k].folder) && p[1 + n] == '/') return (gp_block_kind)k;
    }
    return GP_BLOCK_OWN;
}

static void read_list(gp_blocks *b, const char *path, gp_diags *d);

static void visit(void *ctx, const char *path, size_t bytes)
{
    static const char *const endings[] = {".blk", ".ebk", ".txt", ".csv"};
    folder *f = ctx;
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    bool ours = false;
    gp_file file;
    gp_buf name = {0}, text = {0};
    size_t bom, bad, first;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) ours |= gp_str_ieqz(gp_str_from(dot), endings[i]);
    if (!ours || bytes == GP_DIR_UNREADABLE) return;
    f->files++;
    if (gp_str_ieqz(gp_str_from(base), "blocks.csv")) {
        read_list(f->b, path, f->d);
        return;
    }
    const char *why = gp_file_open(path, &file);
    if (why) {
        gp_diag_file(f->d, GP_D_DATA_UNREADABLE, path, 0, 0, why);
        return;
    }
    /* names of files come from Windows as well */
    const bool utf8 = gp_utf8_valid(base, (size_t)(dot - base), NULL);
    gp_decode(utf8 ? GP_ENC_UTF8 : GP_ENC_GB18030, base, (size_t)(dot - base), &name, &bad, &first);
    const gp_encoding encoding = gp_encoding_detect(file.p, file.n, &bom);
    gp_decode(encoding, file.p + bom, file.n - bom, &text, &bad, &first);
    const size_t at = block_of(f->b, (gp_str){name.p ? name.p : "", name.n}, kind_of_path(f, path, base - 1));
    listed l = {f->b, at};
    if (text.n) gp_codes_lines(path, text.p, text.p + text.n, add_member, &l, f->d);
    gp_buf_free(&name);
    gp_buf_free(&text);
    gp_file_close(&file);
}

/* ---- blocks.csv ---- */

typedef struct list { gp_blocks *b; int code, column[GP_BLOCK_KINDS], bad; } list;

static bool list_head(void *ctx, const gp_sheet *s)
{
    list *l = ctx;
    bool any = false;
    l->code = -1;
    for (int kind = 0; kind < GP_BLOCK_KINDS; kind++) l->column[kind] = -1;
    for (int k = 0; k < s->n; k++) {
        int rank;
        if (l->code < 0 && gp_column_match(s->cell[k], &rank) == GP_ROLE_CODE) l->code = k;
        for (int kind = 0; kind < GP_BLOCK_KINDS; kind++)
            for (int i = 0; i < 3; i++)
                if (gp_str_ieqz(s->cell[k], kinds[kind].columns[i])) {
                    l->column[kind] = k;
                    any = true;
                }
    }
    if (l->code >= 0 && any) return true;
    gp_buf found = {0};
    gp_sheet_show(s, &found);
    gp_diag_file(s->d, GP_D_COMPANION_NO_COLUMN, s->path, s->line, 0, l->code < 0 ? "code" : "industry, region, concept, style, index, group or own",
                 found.p ? found.p : "", "blocks.csv has one row a security: code,industry,region,concept,style,index");
    gp_buf_free(&found);
    return false;
}

static void add_names(list *l, gp_str cell, gp_block_kind kind, uint32_t code)
{
    const char *p = cell.p, *end = cell.p + cell.n, *from = p;
    for (;; p++) {
        const size_t parting = p == end ? 1 : strchr(";|/", *p) ? 1 : end - p >= 3 && memcmp(p, "、", 3) == 0 ? 3 : 0;
        if (!parting) continue;
        gp_str name = {from, (size_t)(p - from)};
        while (name.n && *name.p == ' ') name.p++, name.n--;
        while (name.n && name.p[name.n - 1] == ' ') name.n--;
        if (name.n) {
            const size_t at = block_of(l->b, name, kind);
            gp_vec_push(&l->b->blocks.at[at].members, code);
        }
        if (p == end) return;
        p += parting - 1;
        from = p + 1;
    }
}

static void list_row(void *ctx, const gp_sheet *s)
{
    list *l = ctx;
    if (l->code >= s->n || !gp_codes_is(s->cell[l->code])) {
        gp_sheet_bad_row(s, &l->bad, "the row has no code");
        return;
    }
    const uint32_t code = gp_codes_add(&l->b->codes, s->cell[l->code]);
    for (int kind = 0; kind < GP_BLOCK_KINDS; kind++)
        if (l->column[kind] >= 0 && l->column[kind] < s->n) add_names(l, s->cell[l->column[kind]], (gp_block_kind)kind, code);
}

static void read_list(gp_blocks *b, const char *path, gp_diags *d)
{
    list l = {.b = b};
    const gp_sheet_reader reader = {"code,industry,region,concept", list_head, list_row, &l};
    gp_sheet_read(path, &reader, d);
    gp_sheet_more_like_it(path, l.bad, "rows have no code and are left out", d);
}

/* ---- the whole ---- */

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

gp_blocks *gp_blocks_read(const char *dir, gp_diags *d)
{
    gp_blocks *b = gp_xcalloc(1, sizeof *b);
    folder f = {b, dir, d, 0};
    const size_t errors = d->errors;
    const char *why = gp_dir_walk(dir, visit, &f);
    if (why) gp_diag_file(d, GP_D_DATA_UNREADABLE, dir, 0, 0, why);
    if (!why && f.files == 0) gp_diag_file(d, GP_D_BLOCK_NONE, dir, 0, 0);
    if (d->errors > errors) {
        gp_blocks_free(b);
        return NULL;
    }
    for (size_t i = 0; i < b->blocks.n; i++) {
        block *k = &b->blocks.at[i];
        size_t out = 0;
        if (k->members.n) qsort(k->members.at, k->members.n, sizeof *k->members.at, by_number);
        for (size_t m = 0; m < k->members.n; m++) /* the same code twice is one member */
            if (m == 0 || k->members.at[m] != k->members.at[m - 1]) k->members.at[out++] = k->members.at[m];
        k->members.n = out;
    }
    return b;
}

void gp_blocks_free(gp_blocks *b)
{
    if (!b) return;
    for (size_t i = 0; i < b->blocks.n; i++) {
        free(b->blocks.at[i].name);
        gp_vec_free(&b->blocks.at[i].members);
    }
    gp_vec_free(&b->blocks);
    free(b->slots);
    gp_codes_fini(&b->codes);
    free(b);
}

int gp_blocks_size(const gp_blocks *b, int at)
{
    return (int)b->blocks.at[at].members.n;
}

static bool holds(const block *k, int code)
{
    const uint32_t key = (uint32_t)code;
    return code >= 0 && k->members.n && bsearch(&key, k->members.at, k->members.n, sizeof key, by_number);
}

bool gp_blocks_holds(const gp_blocks *b, int at, const gp_bars *security)
{
    return holds(&b->blocks.at[at], gp_codes_find(&b->codes, security->code, security->market));
}

int gp_blocks_of(const gp_blocks *b, gp_block_kind kind, const gp_bars *security, gp_buf *names)
{
    const int code = gp_codes_find(&b->codes, security->code, security->market);
    int n = 0;
    for (size_t i = 0; i < b->blocks.n; i++) {
        if (b->blocks.at[i].kind != kind || !holds(&b->blocks.at[i], code)) continue;
        if (names) gp_buf_printf(names, "%s%s", n ? " " : "", b->blocks.at[i].name);
        n++;
    }
    return n;
}

bool gp_blocks_any(const gp_blocks *b, gp_block_kind kind)
{
    for (size_t i = 0; i < b->blocks.n; i++)
        if (b->blocks.at[i].kind == kind) return true;
    return false;
}

void gp_blocks_names(const gp_blocks *b, gp_buf *out)
{
    for (size_t i = 0; i < b->blocks.n && out->n < 240; i++) gp_buf_printf(out, "%s%s", i ? ", " : "", b->blocks.at[i].name);
    if (!out->n) gp_buf_addz(out, "none");
}
