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
#include "market/store_merge.h"
#include "market/store_writer.h"

enum { BATCH = 64 << 20, SHOWN = 3 };

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
    *w = (gp_store_writer){.env = e, .o = o ? *o : (gp_store_write_opts){0}, .lock = lock, .commits = 1};
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
    w->puts.n = w->held = 0;
}

void gp_store_writer_close(gp_store_writer *w)
{
    if (!w) return;
    forget(w);
    gp_vec_free(&w->puts);
    for (size_t i = 0; i < w->parts.n; i++) {
        free(w->parts.at[i].word);
        gp_bars_fini(&w->parts.at[i].bars);
    }
    gp_vec_free(&w->parts);
    free(w->slots);
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

bool gp_store_commit_puts(gp_store_writer *w, gp_diags *d)
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
    w->commits++;
    return look(w, d);
}

/* ---- one security ---- */

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

typedef struct security {
    gp_bars *bars;               /* as they will be */
    const char *const *keys;
    const gp_store_entry *had;   /* NULL: new */
    uint32_t id, chunks;
    uint64_t history;
    int first;                   /* rows before it are as in the store */
    int before;                  /* bars in chunks before those that were read */
    bool dropped;                /* rows are gone, and perhaps whole chunks */
} security;

/* The stretch of rows from..to-1 as bytes, padded so that LMDB gives the value pages of its own, where it is aligned. */
static void encode(const security *s, int from, int to, uint32_t number, size_t least, gp_buf *out)
{
    gp_chunk_column columns[6 + GP_MAX_MORE];
    int n = 0;

    for (int c = 0; c < 6; c++) {
        const double *v = *gp_bar_column(s->bars, c);
        if (v) columns[n++] = (gp_chunk_column){gp_chunk_keys[c], v + from};
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

/* Chunks that were read and of which no row is left. */
static void drop_chunks(gp_store_writer *w, const security *s)
{
    const gp_store_span *spans = gp_store_spans(w->now, s->had);
    for (uint32_t c = s->before ? s->had->n_chunks - 1 : 0; c < s->had->n_chunks; c++) {
        unsigned char key[8];
        bool left = false;
        for (int i = 0; i < s->bars->n && !left; i++) left = gp_store_stretch(s->bars->period, s->bars->date[i]) == spans[c].number;
        if (left) continue;
        gp_store_chunk_key(s->id, spans[c].number, key);
        add_put(w, false, key, sizeof key, NULL, 0);
    }
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
    if (s->dropped) drop_chunks(w, s);
    gp_buf_free(&bytes);
}

static void put_record(gp_store_writer *w, const security *s, const gp_bars *from)
{
    const gp_bars *b = s->bars;
    const char *name = from->name && *from->name ? from->name : s->had ? s->had->name : "";
    const char *const texts[] = {from->market ? from->market : "", from->code, name, from->file ? from->file : ""};
    gp_store_record r = {.history = s->history, .id = s->id, .period = b->period | from->adjusted << 8, .bars = (uint32_t)(s->before + b->n), .chunks = s->chunks,
                         .first = s->before ? s->had->first : b->date[0],
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

static void count(gp_store_writer *w, const security *s, const gp_merged *m, const gp_bars *given, bool changed, part *of)
{
    gp_store_counts *k = &w->counts;
    k->rows += (size_t)given->n;
    k->added += !s->had;
    k->changed += s->had && changed && !of->changed;
    of->changed |= changed;
    k->appended += m->appended;
    k->inserted += m->inserted;
    k->revised += m->revised;
    if (m->revised && k->securities_revised++ < SHOWN)
        snprintf(k->revised_code[k->securities_revised - 1], sizeof k->revised_code[0], "%s", given->code);
    k->securities_renamed += s->had && given->name && *given->name && *s->had->name && strcmp(given->name, s->had->name) != 0;
}

/* Joins what is given with what the store has of the security.  Where all of it falls into the last chunk or after it, that one is
 * enough. */
static bool join(gp_store_writer *w, security *s, gp_merged *m, gp_bars *given, const char *const *keys, gp_diags *d)
{
    const size_t k = (size_t)(s->had - gp_store_at(w->now, 0));
    const char *old_keys[GP_MAX_MORE];
    const gp_store_span *spans = gp_store_spans(w->now, s->had);
    const bool late = gp_store_stretch(given->period, given->date[0]) >= spans[s->had->n_chunks - 1].number;
    const gp_read_opts o = {.more = old_keys, .n_more = gp_store_more(w->now, k, old_keys), .tail = late};
    gp_bars old = {0};

    m->appended = 0;
    if (!gp_store_read(w->now, k, w->env->dir, &o, &old, d)) return false;
    gp_store_merge(m, &old, old_keys, given, keys);
    m->bars.period = given->period;
    s->bars = &m->bars;
    s->keys = m->keys;
    s->first = m->first;
    s->before = old.before;
    s->dropped = m->dropped;
    s->chunks = late ? s->had->n_chunks - 1 : 0;
    gp_bars_fini(&old);
    return true;
}

/* Prices adjusted in another way than those that the store has cannot stand in one series with them. */
static bool fits_adjustment(gp_store_writer *w, const gp_store_entry *had, const gp_bars *given, gp_diags *d)
{
    static const char *const words[] = {"not adjusted", "not adjusted", "adjusted forward", "adjusted backward"};
    const int a = (int)given->adjusted, b = had ? had->adjusted : a;

    if (a == b || (a <= GP_ADJUSTED_NONE && b <= GP_ADJUSTED_NONE)) return true;
    gp_diag_file(d, GP_D_STORE_ADJUSTED, given->file, 0, 0, given->code, words[a], words[b]);
    w->counts.refused++;
    return false;
}

/* Makes the puts of what is given, and frees it. */
bool gp_store_put_security(gp_store_writer *w, size_t number, gp_bars *given, const char *const *keys, gp_diags *d)
{
    security s = {.bars = given, .keys = keys};
    gp_merged m = {.appended = (size_t)given->n};
    bool good = true;

    s.had = w->now ? gp_store_find(w->now, given->market ? given->market : "", given->code, given->period) : NULL;
    if (!fits_adjustment(w, s.had, given, d)) {
        gp_bars_fini(given);
        return true;
    }
    if (s.had) good = join(w, &s, &m, given, keys, d);
    if (good) {
        s.id = s.had ? s.had->id : w->stamp.next_id++;
        s.history = s.had && !m.before_last ? s.had->history : mix(w->stamp.id, ++w->stamp.histories);
        const size_t before = w->puts.n;
        put_chunks(w, &s);
        const bool renamed = s.had && given->name && *given->name && strcmp(given->name, s.had->name) != 0;
        const bool changed = w->puts.n > before || renamed || !s.had;
        if (changed) {
            put_record(w, &s, given);
            w->parts.at[number].put = w->commits;
        }
        count(w, &s, &m, given, changed, &w->parts.at[number]);
    }
    gp_bars_fini(&m.bars);
    gp_bars_fini(given);
    return good;
}
