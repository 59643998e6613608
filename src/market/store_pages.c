/* The file format of LMDB 0.9 (data version 1), read with nothing taken for granted. */
#include "market/store_pages.h"
#include <string.h>

enum { PAGE_HEAD = 16, BRANCH = 1, LEAF = 2, OVERFLOW_PAGE = 4, META = 8, LEAF2 = 32, NODE_HEAD = 8, NODE_BIG = 1, NODE_TREE = 2,
       NODE_DUP = 4, DB_DUPSORT = 4, DB_INTEGER = 8, MAX_DEPTH = 32, MAX_TREES = 16 };
#define MAGIC UINT32_C(0xBEEFC0DE)
#define NO_PAGE UINT64_MAX

typedef struct tree { uint32_t pad; uint16_t flags, depth; uint64_t branch, leaf, big, entries, root; } tree;
typedef struct meta { uint32_t magic, version; uint64_t address, map_bytes; tree free, main; uint64_t last, transaction; } meta;
typedef struct page_head { uint64_t number; uint16_t pad, flags, lower, upper; } page_head;
typedef struct node { uint16_t lo, hi, flags, key_bytes; } node;
_Static_assert(sizeof(tree) == 48 && sizeof(meta) == 136 && sizeof(page_head) == PAGE_HEAD && sizeof(node) == NODE_HEAD, "as LMDB has them");

typedef struct walk {
    const char *p;
    size_t page;                  /* bytes */
    uint64_t last;                /* page number */
    bool values;                  /* of the free list: they are looked at */
    tree found[MAX_TREES];        /* the named trees */
    int n_found;
    uint64_t branch, leaf, entries;
    char previous[512];           /* key */
    size_t previous_n;
    bool any;
} walk;

/* Page size and the two metas; the smaller transaction first. */
static const char *metas(const char *p, size_t n, size_t *page, meta at[2])
{
    page_head h;

    if (n < PAGE_HEAD + sizeof(meta)) return "data.mdb is cut off";
    for (int k = 0; k < 2; k++) {
        const size_t offset = k ? *page : 0;
        if (offset + PAGE_HEAD + sizeof(meta) > n) return "data.mdb is cut off";
        memcpy(&h, p + offset, sizeof h);
        memcpy(&at[k], p + offset + PAGE_HEAD, sizeof at[k]);
        if (at[k].magic != MAGIC || !(h.flags & META)) return "data.mdb is no LMDB file, or its first pages were overwritten";
        if (at[k].version != 1) return "data.mdb is of another version of LMDB";
        *page = at[k].free.pad;
        if (*page < 512 || *page > 65536 || (*page & (*page - 1))) return "its page size is impossible";
        if (at[k].last > SIZE_MAX / *page - 2) return "its number of pages is impossible";
    }
    if (at[0].free.pad != at[1].free.pad) return "its first two pages contradict each other";
    if (at[1].transaction < at[0].transaction) {
        const meta t = at[0];
        at[0] = at[1];
        at[1] = t;
    }
    return NULL;
}

const char *gp_pages_meta(const char *p, size_t n, size_t *used, size_t *map_bytes)
{
    meta at[2];
    size_t page = 0;
    const char *why = metas(p, n, &page, at);

    if (why) return why;
    *used = (size_t)(at[1].last + 1) * page;
    *map_bytes = (size_t)at[1].map_bytes;
    return NULL;
}

static bool ascending(walk *w, const char *key, size_t n, bool integer)
{
    bool good = true;

    if (w->any && integer) {
        uint64_t a, b;
        memcpy(&a, w->previous, 8);
        memcpy(&b, key, 8);
        good = a < b;
    } else if (w->any) {
        const size_t common = n < w->previous_n ? n : w->previous_n;
        const int c = memcmp(w->previous, key, common);
        good = c < 0 || (c == 0 && w->previous_n < n);
    }
    memcpy(w->previous, key, n);
    w->previous_n = n;
    w->any = true;
    return good;
}

/* A list of free pages: how many, then their numbers, descending. */
static const char *free_list(const walk *w, const char *p, size_t n)
{
    uint64_t count, one, before = NO_PAGE;

    if (n < 8) return "its list of free pages is broken";
    memcpy(&count, p, 8);
    if (count > n / 8 - 1) return "its list of free pages is broken";
    for (uint64_t i = 1; i <= count; i++) {
        memcpy(&one, p + 8 * i, 8);
        if (one < 2 || one > w->last || one >= before) return "its list of free pages is broken";
        before = one;
    }
    return NULL;
}

static const char *leaf_node(walk *w, const node *d, const char *key, size_t room, bool main)
{
    const size_t bytes = d->lo | (size_t)d->hi << 16;
    const char *value = key + d->key_bytes;

    if (d->flags & (NODE_DUP | ~(NODE_BIG | NODE_TREE))) return "a page of its index has entries that goldpit never writes";
    if (d->flags & NODE_BIG) {
        uint64_t first;
        if (room < d->key_bytes + 8u) return "an entry of its index leaves its page";
        memcpy(&first, value, 8);
        const uint64_t pages = (bytes + PAGE_HEAD - 1) / w->page + 1;
        if (first < 2 || first > w->last || pages > w->last - first + 1) return "an entry of its index points outside of data.mdb";
        value = w->p + first * w->page + PAGE_HEAD;
    } else if (room < d->key_bytes + bytes) {
        return "an entry of its index leaves its page";
    }
    if (d->flags & NODE_TREE) {
        if (!main || (d->flags & NODE_BIG) || bytes != sizeof(tree) || w->n_found == MAX_TREES) return "a table of its index is broken";
        memcpy(&w->found[w->n_found++], value, sizeof(tree));
    }
    return w->values ? free_list(w, value, bytes) : NULL;
}

static const char *walk_page(walk *w, const tree *t, uint64_t number, int depth, bool main)
{
    page_head h;
    const char *p = w->p + number * w->page;

    if (number < 2 || number > w->last) return "its index points outside of data.mdb";
    memcpy(&h, p, sizeof h);
    const bool is_leaf = depth == t->depth;
    if (h.number != number || (h.flags & (BRANCH | LEAF | OVERFLOW_PAGE | META | LEAF2)) != (is_leaf ? LEAF : BRANCH))
        return "a page of its index was overwritten";
    if (h.lower < PAGE_HEAD || h.lower > h.upper || h.upper > w->page || h.lower % 2) return "a page of its index was overwritten";
    const int n = (h.lower - PAGE_HEAD) / 2;
    if (n < (is_leaf ? 1 : 2) && !(is_leaf && t->depth == 1)) return "a page of its index is empty";
    if (is_leaf ? ++w->leaf > t->leaf : ++w->branch > t->branch) return "its index has more pages than it says";
    for (int i = 0; i < n; i++) {
        uint16_t at;
        node d;
        const char *why = NULL;
        memcpy(&at, p + PAGE_HEAD + 2 * i, 2);
        if (at < h.upper || at > w->page - NODE_HEAD || at % 2) return "an entry of its index leaves its page";
        memcpy(&d, p + at, sizeof d);
        const size_t room = w->page - at - NODE_HEAD;
        const bool integer = t->flags & DB_INTEGER;
        if (d.key_bytes > room || d.key_bytes > sizeof w->previous || (integer && d.key_bytes != 8 && (is_leaf || i)))
            return "an entry of its index leaves its page";
        if (is_leaf) {
            if (!ascending(w, p + at + NODE_HEAD, d.key_bytes, integer)) return "the entries of its index are out of order";
            why = leaf_node(w, &d, p + at + NODE_HEAD, room, main);
            w->entries++;
        } else {
            const uint64_t child = d.lo | (uint64_t)d.hi << 16 | (uint64_t)d.flags << 32;
            why = walk_page(w, t, child, depth + 1, main);
        }
        if (why) return why;
    }
    return NULL;
}

static const char *walk_tree(walk *w, const tree *t, bool main)
{
    w->branch = w->leaf = w->entries = 0;
    w->any = false;
    if (t->flags & DB_DUPSORT) return "a table of its index is of another kind";
    if (t->root == NO_PAGE) return t->entries || t->depth ? "a table of its index lost its root" : NULL;
    if (t->depth < 1 || t->depth > MAX_DEPTH) return "a table of its index has an impossible depth";
    const char *why = walk_page(w, t, t->root, 1, main);
    if (!why && (w->entries != t->entries || w->leaf != t->leaf || w->branch != t->branch)) why = "its index has another number of entries than it says";
    return why;
}

const char *gp_pages_check(const char *p, size_t n, uint64_t transaction, bool with_free)
{
    meta at[2];
    walk w = {.p = p};
    const char *why = metas(p, n, &w.page, at);

    if (why) return why;
    const meta *m = at[1].transaction == transaction ? &at[1] : at[0].transaction == transaction ? &at[0] : NULL;
    if (!m) return NULL; /* two commits since the transaction began: the pages are fresh */
    w.last = m->last;
    if ((m->last + 1) * w.page > n) return "data.mdb is cut off";
    why = walk_tree(&w, &m->main, true);
    const int named = w.n_found;
    for (int i = 0; i < named && !why; i++) {
        const tree t = w.found[i];
        why = walk_tree(&w, &t, false);
    }
    if (!why && with_free) {
        w.values = true;
        why = walk_tree(&w, &m->free, false);
    }
    return why;
}
