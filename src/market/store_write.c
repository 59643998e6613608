/* Writing: bars are merged with what the store has and kept as puts until the next commit, so that a commit that finds the map too
 * small can be made again with a larger one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/vec.h"
#include "market/columns.h"
#include "market/store_lmdb.h"

enum { BATCH = 64 << 20, SHOWN = 3 };

/* One change of a table; value NULL: the key goes. */
typedef struct put { bool record; unsigned char *key; size_t key_n; char *value; size_t n; } put;

struct gp_store_writer {
    gp_store_env *env;
    gp_store *now;           /* as committed; NULL while the store is new */
    gp_store_write_opts o;
    gp_store_stamp stamp;
    GP_VEC(put) puts;
    size_t held;             /* their bytes */
    GP_VEC(char *) pending;  /* "market code period" of what is among them */
    gp_store_counts counts;
    int lock;                /* writer.lock */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    const uint64_t pair[2] = {a, b};
    const uint64_t h = gp_chunk_hash(pair, sizeof pair);
    return h ? h : 1;
}

/* ---- opening ---- */

/* But for hidden files and what an import that was ended at once leaves. */
static bool is_empty(const char *dir)
{
    DIR *at = opendir(dir);
    bool empty = at != NULL;
    for (const struct dirent *e; empty && (e = readdir(at)) != NULL;)
        empty = e->d_name[0] == '.' || strcmp(e->d_name, "writer.lock") == 0 || strcmp(e->d_name, "lock.mdb") == 0;
    if (at) closedir(at);
    return empty;
}

static bool folder(const char *dir, gp_diags *d)
{
    struct stat st;
    gp_buf why = {0};
    bool good = true;

    if (mkdir(dir, 0777) == 0) return true;
    if (errno != EEXIST || stat(dir, &st) != 0) {
        gp_buf_printf(&why, "the folder cannot be made: %s", strerror(errno));
        good = false;
    } else if (!S_ISDIR(st.st_mode)) {
        gp_buf_addz(&why, "it is a file, not a folder");
        good = false;
    } else if (!gp_store_is(dir) && !is_empty(dir)) {
        gp_buf_addz(&why, "the folder holds other files and no store");
        good = false;
    }
    if (!good) gp_diag_file(d, GP_D_STORE_FOLDER, dir, 0, 0, why.p);
    gp_buf_free(&why);
    return good;
}

/* One writer at a time, over several transactions; the lock ends with the process, however that ends. */
static int take_lock(const char *dir, long *busy, gp_diags *d)
{
    gp_buf path = {0};
    char pid[32] = "";

    gp_buf_printf(&path, "%s/writer.lock", dir);
    const int fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    gp_buf_free(&path);
    if (fd < 0) {
        gp_store_fail(dir, "written", errno, d);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int why = errno;
        if (why == EWOULDBLOCK) {
            const ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
            pid[n > 0 ? n : 0] = 0;
            *busy = strtol(pid, NULL, 10);
            if (*busy <= 0) *busy = 1;
        } else {
            gp_store_fail(dir, "locked", why, d);
        }
        close(fd);
        return -1;
    }
    const int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) { /* a full disk: the lock holds all the same */
    }
    return fd;
}

static void new_stamp(gp_store_stamp *s)
{
    *s = (gp_store_stamp){.magic = GP_STORE_STAMP_KEY, .format = GP_STORE_FORMAT, .endian = 0x01020304, .next_id = 1};
    if (getrandom(&s->id, sizeof s->id, 0) != sizeof s->id) s->id = (uint64_t)getpid() << 32 ^ (uint64_t)time(NULL);
}

/* The newest state, to be merged with. */
static bool look(gp_store_writer *w, gp_diags *d)
{
    gp_store_close(w->now);
    w->now = NULL;
    MDB_txn *txn = gp_store_begin(w->env, true, &w->stamp, d);
    if (!txn) return false;
    if (w->stamp.format == 0) {
        mdb_txn_abort(txn);
        w->env->opened = false; /* the tables were made by the transaction that ended */
        new_stamp(&w->stamp);
        return true;
    }
    const int rc = mdb_txn_commit(txn); /* nothing was written; the handles of the tables stay */
    if (rc) {
        gp_store_fail(w->env->dir, "read", rc, d);
        return false;
    }
    w->env->users++;
    w->now = gp_store_open_env(w->env, d);
    return w->now != NULL;
}

gp_store_writer *gp_store_writer_open(const char *dir, const gp_store_write_opts *o, long *busy, gp_diags *d)
{
    *busy = 0;
    if (!folder(dir, d)) return NULL;
    const int lock = take_lock(dir, busy, d);
    if (lock < 0) return NULL;
    gp_store_env *e = gp_store_env_get(dir, true, o ? o->map : 0, d);
    if (!e) {
        close(lock);
        return NULL;
    }
    gp_store_writer *w = gp_xcalloc(1, sizeof *w);
    *w = (gp_store_writer){.env = e, .o = o ? *o : (gp_store_write_opts){0}, .lock = lock};
    if (!w->o.batch) w->o.batch = BATCH;
    if (look(w, d)) return w;
    gp_store_writer_close(w);
    return NULL;
}

static void forget(gp_store_writer *w)
{
    for (size_t i = 0; i < w->puts.n; i++) {
        free(w->puts.at[i].key);
        free(w->puts.at[i].value);
    }
    for (size_t i = 0; i < w->pending.n; i++) free(w->pending.at[i]);
    w->puts.n = w->pending.n = w->held = 0;
}

void gp_store_writer_close(gp_store_writer *w)
{
    if (!w) return;
    forget(w);
    gp_vec_free(&w->puts);
    gp_vec_free(&w->pending);
    gp_store_close(w->now);
    gp_store_env_put(w->env);
    close(w->lock);
    free(w);
}

const gp_store_counts *gp_store_writer_counts(const gp_store_writer *w) { return &w->counts; }

/* ---- committing ---- */

static int apply(gp_store_writer *w, MDB_txn *txn)
{
    MDB_val key = {sizeof GP_STORE_STAMP_KEY - 1, (void *)(uintptr_t)GP_STORE_STAMP_KEY}, value = {sizeof w->stamp, &w->stamp};
    int rc = 0;

    for (size_t i = 0; i < w->puts.n && !rc; i++) {
        const put *p = &w->puts.at[i];
        const MDB_dbi table = p->record ? w->env->securities : w->env->chunks;
        MDB_val k = {p->key_n, p->key}, v = {p->n, p->value};
        rc = p->value ? mdb_put(txn, table, &k, &v, 0) : mdb_del(txn, table, &k, NULL);
        if (rc == MDB_NOTFOUND) rc = 0;
    }
    return rc ? rc : mdb_put(txn, w->env->main, &key, &value, 0);
}

/* Twice the room, and at least what is held besides. */
static int grow(gp_store_writer *w)
{
    MDB_envinfo info;
    mdb_env_info(w->env->env, &info);
    return mdb_env_set_mapsize(w->env->env, info.me_mapsize * 2 + w->held * 2);
}

bool gp_store_writer_commit(gp_store_writer *w, gp_diags *d)
{
    gp_store_stamp was;
    int rc = 0;

    if (!w->puts.n && w->now) return true;
    gp_store_close(w->now); /* the map moves when it grows */
    w->now = NULL;
    w->stamp.commits++;
    memset(w->stamp.version, 0, sizeof w->stamp.version);
    snprintf(w->stamp.version, sizeof w->stamp.version, "%s", GOLDPIT_VERSION);
    for (;;) {
        MDB_txn *txn = gp_store_begin(w->env, true, &was, d);
        if (!txn) return false;
        rc = apply(w, txn);
        if (!rc)
            rc = mdb_txn_commit(txn);
        else
            mdb_txn_abort(txn);
        if (rc && was.format == 0) w->env->opened = false; /* the tables of a new store end with the transaction that made them */
        if (rc != MDB_MAP_FULL || (rc = grow(w)) != 0) break;
    }
    if (rc) {
        gp_store_fail(w->env->dir, "written", rc, d);
        return false;
    }
    forget(w);
    return look(w, d);
}

/* ---- merging ---- */

static void add_put(gp_store_writer *w, bool record, const void *key, size_t key_n, const char *value, size_t n)
{
    put p = {.record = record, .key = gp_xrealloc(NULL, key_n), .key_n = key_n, .n = n};
    memcpy(p.key, key, key_n);
    if (value) {
        p.value = gp_xrealloc(NULL, n ? n : 1);
        memcpy(p.value, value, n);
    }
    w->held += key_n + n;
    gp_vec_push(&w->puts, p);
}

static int64_t stamp_of(const gp_bars *b, int i)
{
    return (int64_t)b->date[i] * 1000000 + (b->time ? b->time[i] : 0);
}

static bool same(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

static double **column(gp_bars *b, int c)
{
    double **const all[] = {&b->open, &b->high, &b->low, &b->close, &b->vol, &b->amount};
    return all[c];
}

/* The columns of both, row by row: where both have a row the new one counts, column by column that it has. */
typedef struct merged {
    gp_bars bars;
    const char *keys[GP_MAX_MORE];
    size_t appended, inserted, revised;
    int first;        /* row from which on something changed; with columns the store did not have: 0 */
    bool before_last; /* something changed before the last bar there was */
} merged;

static int key_of(const char *const *keys, int n, const char *key)
{
    for (int i = 0; i < n; i++)
        if (strcmp(keys[i], key) == 0) return i;
    return -1;
}

/* Row i of `new` over row k of `old` (-1: no such row), into row `to`; does it differ from the old row? */
static bool put_row(merged *m, int to, gp_bars *old, int k, const char *const *old_keys, gp_bars *new, int i, const char *const *new_keys)
{
    bool differs = false;
    for (int c = 0; c < 6; c++) {
        double *const out = *column(&m->bars, c);
        if (!out) continue;
        const double *const was = *column(old, c), *const is = *column(new, c);
        const double a = k >= 0 && was ? was[k] : NAN;
        out[to] = i >= 0 && is ? is[i] : a;
        differs |= i >= 0 && k >= 0 && !same(out[to], a);
    }
    for (int x = 0; x < m->bars.n_more; x++) {
        const int o = key_of(old_keys, old->n_more, m->keys[x]), n = key_of(new_keys, new->n_more, m->keys[x]);
        const double a = k >= 0 && o >= 0 ? old->more[o][k] : NAN;
        m->bars.more[x][to] = i >= 0 && n >= 0 ? new->more[n][i] : a;
        differs |= i >= 0 && k >= 0 && !same(m->bars.more[x][to], a);
    }
    return differs;
}

static void merge(merged *m, gp_bars *old, const char *const *old_keys, gp_bars *new, const char *const *new_keys)
{
    unsigned bits = 0;
    int n_more = 0, rows = 0;

    for (int c = 0; c < 6; c++)
        if (*column(old, c) || *column(new, c)) bits |= 1u << c;
    for (int x = 0; x < old->n_more; x++) m->keys[n_more++] = old_keys[x];
    for (int x = 0; x < new->n_more; x++)
        if (key_of(m->keys, n_more, new_keys[x]) < 0 && n_more < GP_MAX_MORE) m->keys[n_more++] = new_keys[x];
    gp_bars_alloc(&m->bars, old->n + new->n, bits);
    gp_bars_more(&m->bars, n_more);
    if (old->time || new->time) m->bars.time = gp_xcalloc((size_t)(old->n + new->n) + 1, sizeof *m->bars.time);
    m->first = 0;
    bool same_columns = n_more == old->n_more && (old->time || !new->time);
    for (int c = 0; c < 6; c++) same_columns &= *column(old, c) || !*column(new, c);
    int first = -1;
    for (int k = 0, i = 0; k < old->n || i < new->n; rows++) {
        const int64_t a = k < old->n ? stamp_of(old, k) : INT64_MAX, b = i < new->n ? stamp_of(new, i) : INT64_MAX;
        const bool take_old = a <= b, take_new = b <= a;
        const bool differs = put_row(m, rows, old, take_old ? k : -1, old_keys, new, take_new ? i : -1, new_keys);
        m->bars.date[rows] = take_old ? old->date[k] : new->date[i];
        if (m->bars.time) m->bars.time[rows] = take_old ? (old->time ? old->time[k] : 0) : new->time ? new->time[i] : 0;
        if (!take_old) {
            m->appended += k == old->n;
            m->inserted += k < old->n;
            m->before_last |= k < old->n;
        } else if (differs) {
            m->revised++;
            m->before_last |= k < old->n - 1;
        }
        if (first < 0 && (!take_old || differs)) first = rows;
        k += take_old;
        i += take_new;
    }
    if (same_columns) m->first = first < 0 ? rows : first;
    m->bars.n = rows;
}

/* ---- one security ---- */

typedef struct security {
    gp_bars *bars;               /* as they will be */
    const char *const *keys;
    const gp_store_entry *had;   /* NULL: new */
    uint32_t id, chunks;
    uint64_t history;
    int first;                   /* rows before it are as in the store */
} security;

/* The stretch of rows from..to-1 as bytes, padded so that LMDB gives the value pages of its own, where it is aligned. */
static void encode(const security *s, int from, int to, uint32_t number, size_t least, gp_buf *out)
{
    gp_chunk_column columns[6 + GP_MAX_MORE];
    int n = 0;

    for (int c = 0; c < 6; c++) {
        const double *v = *column(s->bars, c);
        if (v) columns[n++] = (gp_chunk_column){gp_chunk_key(gp_chunk_numbers[c]), v + from};
    }
    for (int x = 0; x < s->bars->n_more; x++) columns[n++] = (gp_chunk_column){gp_chunk_key(s->keys[x]), s->bars->more[x] + from};
    const gp_chunk_rows rows = {.ticker = s->id, .number = number, .n = to - from, .date = s->bars->date + from,
                                .time = s->bars->time ? s->bars->time + from : NULL, .columns = columns, .n_columns = n};
    out->n = 0;
    gp_chunk_encode(&rows, out);
    while (out->n < least) gp_buf_addc(out, 0);
}

static const gp_store_span *span_of(const gp_store *now, const gp_store_entry *e, uint32_t number)
{
    const gp_store_span *spans = e ? gp_store_spans(now, e) : NULL;
    for (uint32_t i = 0; e && i < e->n_chunks; i++)
        if (spans[i].number == number) return &spans[i];
    return NULL;
}

/* Puts of the stretches that differ from what is there. */
static void put_chunks(gp_store_writer *w, security *s)
{
    const gp_bars *b = s->bars;
    gp_buf bytes = {0};
    MDB_stat st = {0};

    mdb_env_stat(w->env->env, &st);
    for (int from = 0, to; from < b->n; from = to) {
        const uint32_t number = gp_store_stretch(b->period, b->date[from]);
        unsigned char key[8];
        for (to = from + 1; to < b->n && gp_store_stretch(b->period, b->date[to]) == number; to++) {}
        const gp_store_span *was = w->now ? span_of(w->now, s->had, number) : NULL;
        s->chunks++;
        if (was && to <= s->first) continue;
        encode(s, from, to, number, st.ms_psize / 2, &bytes);
        if (was && was->bytes == bytes.n && memcmp(was->p, bytes.p, bytes.n) == 0) continue;
        gp_store_chunk_key(s->id, number, key);
        add_put(w, false, key, sizeof key, bytes.p, bytes.n);
    }
    gp_buf_free(&bytes);
}

static void put_record(gp_store_writer *w, const security *s, const gp_bars *from)
{
    const gp_bars *b = s->bars;
    const char *name = from->name && *from->name ? from->name : s->had ? s->had->name : "";
    const char *const texts[] = {from->market ? from->market : "", from->code, name, from->file ? from->file : ""};
    gp_store_record r = {.history = s->history, .id = s->id, .period = b->period, .bars = (uint32_t)b->n, .chunks = s->chunks, .first = b->date[0],
                         .last = b->date[b->n - 1], .last_time = b->time ? b->time[b->n - 1] : 0};
    gp_buf value = {0}, key = {0};

    gp_buf_add(&value, (const char *)&r, sizeof r);
    for (int i = 0; i < 4; i++) gp_buf_add(&value, texts[i], strlen(texts[i]) + 1);
    r.texts = (uint32_t)(value.n - sizeof r);
    memcpy(value.p, &r, sizeof r);
    r.check = gp_chunk_hash(value.p + 8, value.n - 8);
    memcpy(value.p, &r, sizeof r);
    gp_buf_printf(&key, "%s", texts[0]);
    gp_buf_addc(&key, 0);
    gp_buf_printf(&key, "%s", texts[1]);
    gp_buf_addc(&key, 0);
    gp_buf_addc(&key, (char)(b->period + 1));
    add_put(w, true, key.p, key.n, value.p, value.n);
    gp_buf_free(&value);
    gp_buf_free(&key);
}

static bool is_pending(gp_store_writer *w, const char *word)
{
    for (size_t i = 0; i < w->pending.n; i++)
        if (strcmp(w->pending.at[i], word) == 0) return true;
    return false;
}

static void count(gp_store_writer *w, const security *s, const merged *m, const gp_bars *given, bool changed)
{
    gp_store_counts *k = &w->counts;
    k->securities++;
    k->rows += (size_t)given->n;
    k->added += !s->had;
    k->changed += s->had && changed;
    k->appended += m->appended;
    k->inserted += m->inserted;
    k->revised += m->revised;
    if (m->revised && k->securities_revised++ < SHOWN)
        snprintf(k->revised_code[k->securities_revised - 1], sizeof k->revised_code[0], "%s", given->code);
    k->securities_renamed += s->had && given->name && *given->name && *s->had->name && strcmp(given->name, s->had->name) != 0;
}

bool gp_store_writer_add(gp_store_writer *w, gp_bars *given, const char *const *keys, gp_diags *d)
{
    gp_buf word = {0};
    bool good = true;

    if (given->n == 0) {
        gp_bars_fini(given);
        *given = (gp_bars){0};
        return true;
    }
    gp_buf_printf(&word, "%s %s %d", given->market ? given->market : "", given->code, given->period);
    if (is_pending(w, word.p)) good = gp_store_writer_commit(w, d); /* the same security in another file */
    if (good) {
        security s = {.bars = given, .keys = keys};
        merged m = {.appended = (size_t)given->n};
        gp_bars old = {0};
        const char *old_keys[GP_MAX_MORE];
        s.had = w->now ? gp_store_find(w->now, given->market ? given->market : "", given->code, given->period) : NULL;
        if (s.had) {
            const size_t k = (size_t)(s.had - gp_store_at(w->now, 0));
            const int n_old = gp_store_more(w->now, k, old_keys);
            const gp_read_opts o = {.more = old_keys, .n_more = n_old};
            good = gp_store_read(w->now, k, w->env->dir, &o, &old, d);
            m.appended = 0;
            if (good) merge(&m, &old, old_keys, given, keys);
            s.bars = &m.bars;
            s.keys = m.keys;
            s.first = m.first;
            m.bars.period = given->period;
        }
        if (good) {
            s.id = s.had ? s.had->id : w->stamp.next_id++;
            s.history = s.had && !m.before_last ? s.had->history : mix(w->stamp.id, ++w->stamp.histories);
            const size_t before = w->puts.n;
            put_chunks(w, &s);
            const bool renamed = s.had && given->name && *given->name && strcmp(given->name, s.had->name) != 0;
            const bool changed = w->puts.n > before || renamed || !s.had;
            if (changed) {
                put_record(w, &s, given);
                gp_vec_push(&w->pending, word.p);
                word = (gp_buf){0};
            }
            count(w, &s, &m, given, changed);
        }
        gp_bars_fini(&old);
        gp_bars_fini(&m.bars);
    }
    gp_buf_free(&word);
    gp_bars_fini(given);
    *given = (gp_bars){0};
    return good && (w->held < w->o.batch || gp_store_writer_commit(w, d));
}
