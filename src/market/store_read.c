/* A store as its last commit left it.  Everything that is needed to read it is looked up once, when it is opened; after that
 * threads read the bars where they lie in the map and LMDB is not asked again. */
#include <math.h>
#include <string.h>
#include "base/arena.h"
#include "base/vec.h"
#include "market/columns.h"
#include "market/store_lmdb.h"

struct gp_store {
    gp_store_env *env;
    MDB_txn *txn;              /* keeps the pages that spans point to */
    gp_store_stamp stamp;
    GP_VEC(gp_store_entry) entries;
    GP_VEC(gp_store_span) spans;
    gp_arena texts;
};

/* ---- opening ---- */

static bool odd(const gp_store *s, const char *what, gp_diags *d)
{
    gp_store_broken(s->env->dir, what, d);
    return false;
}

/* Market, code, period in the key; id, dates and texts in the value. */
static bool take_record(gp_store *s, const MDB_val *value, gp_diags *d)
{
    gp_store_record r;
    const char *text[4], *p, *end;

    if (value->mv_size < sizeof r) return odd(s, "the record of a security is cut off", d);
    memcpy(&r, value->mv_data, sizeof r);
    p = (const char *)value->mv_data + sizeof r;
    end = p + r.texts;
    if (r.texts != value->mv_size - sizeof r || gp_chunk_hash((const char *)value->mv_data + 8, value->mv_size - 8) != r.check)
        return odd(s, "the record of a security was changed", d);
    for (int i = 0; i < 4; i++) {
        const char *zero = memchr(p, 0, (size_t)(end - p));
        if (!zero) return odd(s, "the record of a security was changed", d);
        text[i] = gp_arena_strndup(&s->texts, p, (size_t)(zero - p));
        p = zero + 1;
    }
    gp_store_entry e = {.market = text[0], .code = text[1], .name = text[2], .source = text[3], .period = r.period & 0xff, .adjusted = r.period >> 8 & 3, .id = r.id,
                        .bars = (int)r.bars, .first = r.first, .last = r.last, .last_time = r.last_time, .history = r.history,
                        .n_chunks = r.chunks};
    gp_vec_push(&s->entries, e);
    return true;
}

static bool take_records(gp_store *s, gp_diags *d)
{
    MDB_cursor *c;
    MDB_val key, value;
    int rc = mdb_cursor_open(s->txn, s->env->securities, &c);
    bool good = true;

    if (rc) {
        gp_store_fail(s->env->dir, "read", rc, d);
        return false;
    }
    while (good && (rc = mdb_cursor_get(c, &key, &value, MDB_NEXT)) == 0) good = take_record(s, &value, d);
    mdb_cursor_close(c);
    if (rc && rc != MDB_NOTFOUND) gp_store_fail(s->env->dir, "read", rc, d);
    return good && rc == MDB_NOTFOUND;
}

static int by_id(const void *a, const void *b)
{
    const gp_store_entry *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

static uint32_t big_endian(const unsigned char *k)
{
    return (uint32_t)k[0] << 24 | (uint32_t)k[1] << 16 | (uint32_t)k[2] << 8 | k[3];
}

/* Chunks come in the order of id and stretch: one walk beside the entries in the order of their ids. */
static bool take_chunks(gp_store *s, gp_diags *d)
{
    MDB_cursor *c = NULL;
    MDB_val key, value;
    size_t at = 0;
    int rc = mdb_cursor_open(s->txn, s->env->chunks, &c);
    gp_store_entry **order = gp_xcalloc(s->entries.n + 1, sizeof *order);
    uint32_t *count = gp_xcalloc(s->entries.n + 1, sizeof *count);
    bool good = rc == 0;

    if (rc) gp_store_fail(s->env->dir, "read", rc, d);
    for (size_t i = 0; i < s->entries.n; i++) order[i] = &s->entries.at[i];
    qsort(order, s->entries.n, sizeof *order, by_id);
    while (good && (rc = mdb_cursor_get(c, &key, &value, MDB_NEXT)) == 0) {
        const unsigned char *k = key.mv_data;
        if (key.mv_size != 8 || (uintptr_t)value.mv_data % 8) {
            good = odd(s, "an entry of its chunks is broken", d);
            break;
        }
        const uint32_t id = big_endian(k);
        while (at < s->entries.n && order[at]->id < id) at++;
        if (at == s->entries.n || order[at]->id != id) continue; /* of no security: left alone */
        if (count[at]++ == 0) order[at]->chunk = (uint32_t)s->spans.n;
        gp_vec_push(&s->spans, ((gp_store_span){big_endian(k + 4), (uint32_t)value.mv_size, value.mv_data}));
        order[at]->bytes += value.mv_size;
    }
    for (size_t i = 0; good && i < s->entries.n; i++)
        if (count[i] != order[i]->n_chunks) good = odd(s, "a security has another number of chunks than its record says", d);
    if (rc != MDB_NOTFOUND && good) {
        gp_store_fail(s->env->dir, "read", rc, d);
        good = false;
    }
    if (c) mdb_cursor_close(c);
    free(order);
    free(count);
    return good;
}

gp_store *gp_store_open_env(gp_store_env *e, gp_diags *d)
{
    gp_store *s = gp_xcalloc(1, sizeof *s);
    s->env = e;
    s->txn = gp_store_begin(e, false, &s->stamp, d);
    if (s->txn && take_records(s, d) && take_chunks(s, d)) return s;
    gp_store_close(s);
    return NULL;
}

gp_store *gp_store_open(const char *dir, gp_diags *d)
{
    gp_store_env *e = gp_store_env_get(dir, false, 0, d);
    return e ? gp_store_open_env(e, d) : NULL;
}

void gp_store_close(gp_store *s)
{
    if (!s) return;
    if (s->txn) mdb_txn_abort(s->txn);
    if (s->env) gp_store_env_put(s->env);
    gp_vec_free(&s->entries);
    gp_vec_free(&s->spans);
    gp_arena_fini(&s->texts);
    free(s);
}

/* ---- looking ---- */

size_t gp_store_count(const gp_store *s) { return s->entries.n; }
const gp_store_entry *gp_store_at(const gp_store *s, size_t k) { return &s->entries.at[k]; }
const gp_store_span *gp_store_spans(const gp_store *s, const gp_store_entry *e) { return s->spans.at + e->chunk; }

static int compare(const gp_store_entry *e, const char *market, const char *code, int period)
{
    int c = strcmp(e->market, market);
    if (!c) c = strcmp(e->code, code);
    return c ? c : e->period < period ? -1 : e->period > period;
}

const gp_store_entry *gp_store_find(const gp_store *s, const char *market, const char *code, int period)
{
    size_t lo = 0, hi = s->entries.n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int c = compare(&s->entries.at[mid], market, code, period);
        if (c == 0) return &s->entries.at[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

void gp_store_facts_get(const gp_store *s, gp_store_facts *out)
{
    MDB_envinfo info;
    MDB_stat st = {0};
    mdb_filehandle_t fd;
    int64_t used = 0;

    *out = (gp_store_facts){.format = s->stamp.format, .commits = s->stamp.commits};
    memcpy(out->version, s->stamp.version, sizeof out->version);
    mdb_env_info(s->env->env, &info);
    mdb_env_stat(s->env->env, &st);
    out->readers = info.me_numreaders;
    if (mdb_env_get_fd(s->env->env, &fd) == 0) out->file_bytes = (size_t)(info.me_last_pgno + 1) * st.ms_psize;
    const MDB_dbi tables[] = {s->env->main, s->env->securities, s->env->chunks};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        MDB_stat t;
        if (mdb_stat(s->txn, tables[i], &t) == 0) used += (int64_t)(t.ms_branch_pages + t.ms_leaf_pages + t.ms_overflow_pages) * t.ms_psize;
    }
    out->free_bytes = out->file_bytes > (size_t)used ? out->file_bytes - (size_t)used : 0;
    for (size_t i = 0; i < s->spans.n; i++) out->chunk_bytes += s->spans.at[i].bytes;
}

void gp_store_entry_broken(const gp_store_entry *e, const char *name, const char *why, gp_diags *d)
{
    gp_diag_file(d, GP_D_STORE_CHUNK, name, 0, 0, e->code, why);
}

/* Chunk i of the entry, checked. */
static bool open_chunk(const gp_store *s, const gp_store_entry *e, uint32_t i, gp_chunk *c, const char **why)
{
    const gp_store_span *span = &s->spans.at[e->chunk + i];
    return gp_chunk_open(span->p, span->bytes, e->id, span->number, c, why);
}

int gp_store_more(const gp_store *s, size_t k, const char **keys)
{
    static const char *const all[] = {
#define GP_MORE(KEY, HOW, PATTERN, NAMES) KEY,
#include "market/more.def"
#undef GP_MORE
    };
    const gp_store_entry *e = &s->entries.at[k];
    int n = 0;

    for (size_t m = 0; m < sizeof all / sizeof *all && n < GP_MAX_MORE; m++) {
        bool found = false;
        for (uint32_t i = 0; i < e->n_chunks && !found; i++) {
            gp_chunk c;
            const char *why;
            found = open_chunk(s, e, i, &c, &why) && gp_chunk_find(&c, gp_chunk_key(all[m]));
        }
        if (found) keys[n++] = all[m];
    }
    return n;
}

/* ---- reading ---- */


/* Columns that some of the chunks has, as GP_COL_* bits. */
static void column_bits(const gp_chunk *c, uint32_t n, unsigned *bits, bool *timed)
{
    *bits = 0;
    *timed = false;
    for (uint32_t i = 0; i < n; i++)
        for (int m = 0; m < c[i].n_columns; m++) {
            for (int k = 0; k < 6; k++) *bits |= (unsigned)(c[i].columns[m].key == gp_chunk_keys[k]) << k;
            *timed |= c[i].columns[m].key == GP_CHUNK_TIME;
        }
}

static bool fill_column(const gp_chunk *c, uint64_t key, double *to)
{
    const gp_chunk_head *h = gp_chunk_find(c, key);
    if (h) return gp_chunk_doubles(c, h, 0, to);
    for (int i = 0; i < c->n; i++) to[i] = NAN;
    return true;
}

static bool fill_chunk(const gp_chunk *c, gp_bars *b, int at, const gp_read_opts *o, const char **why)
{
    double *const columns[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    const gp_chunk_head *date = gp_chunk_find(c, GP_CHUNK_DATE), *time = gp_chunk_find(c, GP_CHUNK_TIME);

    *why = "its bars were changed since they were written";
    if (!date || !gp_chunk_ints(c, date, 0, b->date + at)) return false;
    if (time && b->time && !gp_chunk_ints(c, time, 0, b->time + at)) return false;
    for (int k = 0; k < 6; k++)
        if (columns[k] && !fill_column(c, gp_chunk_keys[k], columns[k] + at)) return false;
    for (int m = 0; m < b->n_more; m++)
        if (!fill_column(c, gp_chunk_key(o->more[m]), b->more[m] + at)) return false;
    return true;
}

static bool has_columns(const gp_store *s, size_t k, unsigned bits, const char *name, const gp_read_opts *o, gp_diags *d)
{
    const char *keys[GP_MAX_MORE];
    const int n_keys = o->n_more ? gp_store_more(s, k, keys) : 0;
    gp_buf list = {0};
    bool good = true;

    gp_buf_addz(&list, "date");
    for (int c = 0; c < 6; c++)
        if (bits >> c & 1) gp_buf_printf(&list, ", %s", gp_role_name((gp_role)c));
    for (int m = 0; m < n_keys; m++) gp_buf_printf(&list, ", %s", keys[m]);
    for (int c = 0; c < 6; c++) {
        if (!(o->need >> c & 1) || bits >> c & 1) continue;
        gp_diag_file(d, GP_D_STORE_NO_COLUMN, name, 0, 0, gp_role_name((gp_role)c), list.p);
        good = false;
    }
    for (int m = 0; !o->more_if_any && m < o->n_more; m++) {
        bool found = false;
        for (int i = 0; i < n_keys; i++) found |= strcmp(keys[i], o->more[m]) == 0;
        if (found) continue;
        gp_diag_file(d, GP_D_STORE_NO_COLUMN, name, 0, 0, o->more[m], list.p);
        good = false;
    }
    gp_buf_free(&list);
    return good;
}

static void sums_of(const gp_read_opts *o, gp_bars *b)
{
    for (int m = 0; m < o->n_more; m++)
        if (gp_more_sums(o->more[m])) b->more_sums |= 1u << m;
}

static bool chunks_have(const gp_chunk *c, uint32_t n, const char *key)
{
    for (uint32_t i = 0; i < n; i++)
        if (gp_chunk_find(&c[i], gp_chunk_key(key))) return true;
    return false;
}

static int asked_for(const gp_read_opts *o, const char *key)
{
    int m = o->n_more - 1;
    while (m >= 0 && strcmp(o->more[m], key) != 0) m--;
    return m;
}

bool gp_store_read(const gp_store *s, size_t k, const char *name, const gp_read_opts *options, gp_bars *b, gp_diags *d)
{
    const gp_store_entry *e = &s->entries.at[k];
    gp_read_opts with_own, none = {0};
    const gp_read_opts *o = options ? options : &none;
    const char *keys[GP_MAX_MORE];
    static const char *const own[] = {"st", "preclose"};
    const char *why = NULL;
    uint32_t first = e->n_chunks, n = 0;
    int rows = 0, at = 0;
    unsigned bits;
    bool timed, good;

    *b = (gp_bars){0};
    gp_chunk *chunk = gp_xrealloc(NULL, (e->n_chunks + 1) * sizeof *chunk); /* the last one first */
    while (first > 0 && (o->tail <= 0 || rows < o->tail)) { /* from the end, as many as hold the bars that are wanted */
        if (!open_chunk(s, e, --first, &chunk[n], &why)) {
            gp_store_entry_broken(e, name, why, d);
            free(chunk);
            return false;
        }
        rows += chunk[n++].n;
    }
    good = o->tail > 0 || rows == e->bars;
    if (!good) gp_store_entry_broken(e, name, "it has another number of bars than its record says", d);
    column_bits(chunk, n, &bits, &timed);
    if (!good || !has_columns(s, k, bits, name, o, d)) {
        free(chunk);
        return false;
    }
    for (int x = 0; x < 2 && o->limits; x++) {
        if (asked_for(o, own[x]) >= 0 || o->n_more == GP_MAX_MORE || !chunks_have(chunk, n, own[x])) continue;
        for (int m = 0; m < o->n_more; m++) keys[m] = o->more[m];
        with_own = *o;
        with_own.more = keys;
        keys[with_own.n_more++] = own[x];
        o = &with_own;
    }
    gp_bars_alloc_raw(b, rows, o->want ? bits & (o->want | o->need) : bits);
    gp_bars_more(b, o->n_more);
    if (timed) b->time = gp_xcalloc((size_t)(rows ? rows : 1), sizeof *b->time);
    for (uint32_t i = n; i-- > 0 && good; at += chunk[i].n) good = fill_chunk(&chunk[i], b, at, o, &why);
    free(chunk);
    if (!good) {
        gp_store_entry_broken(e, name, why, d);
        gp_bars_fini(b);
        return false;
    }
    gp_bars_label(b, e->code, e->market, e->name, name);
    b->period = e->period;
    b->adjusted = (unsigned)e->adjusted;
    b->before = e->bars - rows;
    b->history = e->history;
    sums_of(o, b);
    b->st = o->limits ? asked_for(o, "st") + 1 : 0;
    b->pre = asked_for(o, "preclose") + 1;
    return true;
}
