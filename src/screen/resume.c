#include "screen/resume.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/vec.h"
#include "eval/state.h"

/* ---- the file ---- */

typedef struct head {
    char magic[8];
    uint32_t order;    /* of bytes: another machine's file is not this one's */
    uint32_t format;
    uint64_t version;  /* of goldpit and of the layout of states */
    uint64_t programs;
    uint64_t n;        /* entries, which follow */
    uint64_t bytes;    /* of the whole file */
    uint64_t check;    /* over the head, with 0 here, and the entries */
} head;

/* One security, ascending by key. */
typedef struct entry {
    uint64_t key;      /* code and market */
    uint64_t who;      /* these, name and period: what of the security formulas can see on every bar */
    uint64_t history;  /* of the store, or made of the bars */
    uint32_t bars;     /* that the state stands after */
    uint16_t made;     /* 1: history is made of the first `bars` bars */
    uint16_t unseen;   /* how often the file was written since a scan looked at the security */
    uint64_t at;       /* offset of the state, a multiple of 8 */
    uint64_t check;    /* over the state */
} entry;

static const char magic[8] = {'G', 'P', 'S', 'T', 'A', 'T', 'E', '\n'};
enum { FORMAT = 2, MOST_UNSEEN = 250 /* about a year of nights */, BYTE_ORDER_MARK = 0x01020304 };

typedef struct kept { entry e; char *state; size_t bytes; bool old; /* of the file: with the sum it has there */ } kept;
typedef struct shelf { gp_arena arena; GP_VEC(kept) kept; } shelf; /* of one thread */

struct gp_states {
    const gp_pass *pass;
    char *path;
    uint64_t programs;
    unsigned columns;  /* GP_COL_* that the formulas read */
    bool any, all;     /* formulas that can be resumed */
    gp_file file;
    const entry *entries; /* of the file */
    size_t n;
    unsigned char *seen;  /* which of them the scan asked for; set atomically while it runs */
    size_t carried;       /* of the others, those that were written again */
    shelf *shelves;
    int n_shelves;
    gp_states_counts counts; /* updated atomically while a scan runs */
};

/* ---- hashes ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* Four chains side by side, so that the multiplications overlap. */
static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
    const char *at = p;
    uint64_t lane[4] = {h, h + 1, h + 2, h + 3}, w[4];
    for (; n >= sizeof w; n -= sizeof w, at += sizeof w) {
        memcpy(w, at, sizeof w);
        for (int k = 0; k < 4; k++)
            lane[k] = mix(lane[k], w[k]);
    }
    memset(w, 0, sizeof w);
    if (n)
        memcpy(w, at, n);
    for (int k = 0; k < 4; k++)
        lane[k] = mix(lane[k], w[k]);
    return mix(mix(mix(lane[0], lane[1]), mix(lane[2], lane[3])), n);
}

static uint64_t hash_text(uint64_t h, const char *text)
{
    return hash_bytes(h, text ? text : "", text ? strlen(text) : 0);
}

static uint64_t version_hash(void) { return hash_text(GP_STATE_VERSION, GOLDPIT_VERSION); }

uint64_t gp_pass_hash(const gp_pass *pass)
{
    uint64_t h = 1;
    for (int g = 0; g < pass->n_programs; g++)
        if (gp_program_resumable(pass->programs[g], NULL))
            h = mix(h, gp_program_hash(pass->programs[g]));
    return h;
}

static uint64_t key_of(const gp_bars *b) { return hash_text(hash_text(2, b->code), b->market); }
static uint64_t who_of(const gp_bars *b) { return mix(hash_text(key_of(b), b->name), (uint64_t)b->period); }

/* The first n bars themselves, where the origin of the quotes keeps no number for them. */
static uint64_t history_of(const gp_states *s, const gp_bars *b, int n)
{
    const double *const columns[] = {b->open, b->high, b->low, b->close, b->vol, b->amount};
    const size_t rows = (size_t)n;
    uint64_t h = hash_bytes(3, b->date, rows * sizeof *b->date);
    if (b->time)
        h = hash_bytes(h, b->time, rows * sizeof *b->time);
    for (int k = 0; k < 6; k++)
        if (s->columns >> k & 1)
            h = columns[k] ? hash_bytes(h, columns[k], rows * sizeof(double)) : mix(h, 1);
    return h;
}

/* ---- opening ---- */

static size_t record_bytes(const gp_states *s, int bars)
{
    size_t total = 0;
    for (int g = 0; g < s->pass->n_programs; g++)
        if (gp_program_resumable(s->pass->programs[g], NULL))
            total += gp_state_size(s->pass->programs[g], bars);
    return total;
}

ptrdiff_t gp_states_part(const gp_states *s, int g, int bars)
{
    size_t at = 0;
    if (!gp_program_resumable(s->pass->programs[g], NULL))
        return -1;
    for (int k = 0; k < g; k++)
        if (gp_program_resumable(s->pass->programs[k], NULL))
            at += gp_state_size(s->pass->programs[k], bars);
    return (ptrdiff_t)at;
}

static uint64_t check_of(const head *h, const entry *entries)
{
    head own = *h;
    own.check = 0;
    return hash_bytes(hash_bytes(4, &own, sizeof own), entries, (size_t)own.n * sizeof *entries);
}

/* NULL when the file is whole and for these programs, else why it is not used. */
static const char *usable(gp_states *s)
{
    head h;
    if (s->file.n < sizeof h || memcmp(s->file.p, magic, sizeof magic) != 0)
        return "it is no file of states";
    memcpy(&h, s->file.p, sizeof h);
    if (h.order != BYTE_ORDER_MARK || h.format != FORMAT || h.version != version_hash())
        return "it was written by another version of goldpit";
    if (h.bytes != s->file.n || h.n > (s->file.n - sizeof h) / sizeof(entry) ||
        check_of(&h, (const entry *)(const void *)(s->file.p + sizeof h)) != h.check)
        return "it is damaged";
    if (h.programs != s->programs)
        return "it belongs to other formulas, or to other parameters or switches";
    s->entries = (const entry *)(const void *)(s->file.p + sizeof h);
    s->n = (size_t)h.n;
    s->seen = gp_xcalloc(s->n + 1, 1);
    return NULL;
}

gp_states *gp_states_open(const gp_pass *pass, const char *path, gp_buf *note)
{
    gp_states *s = gp_xcalloc(1, sizeof *s);
    s->pass = pass;
    s->path = gp_xstrndup(path, strlen(path));
    s->programs = gp_pass_hash(pass);
    s->all = true;
    for (int g = 0; g < pass->n_programs; g++) {
        const bool can = gp_program_resumable(pass->programs[g], NULL);
        s->any |= can;
        s->all &= can;
        s->columns |= gp_program_needs(pass->programs[g]);
    }
    if (!s->any || !gp_path_exists(path))
        return s;
    const char *why = gp_file_open(path, &s->file);
    if (!why)
        why = usable(s);
    if (why)
        gp_buf_printf(note, "%s is not used: %s; everything is computed from the first bar\n", path, why);
    return s;
}

void gp_states_close(gp_states *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->n_shelves; i++) {
        gp_arena_fini(&s->shelves[i].arena);
        gp_vec_free(&s->shelves[i].kept);
    }
    free(s->shelves);
    gp_file_close(&s->file);
    free(s->seen);
    free(s->path);
    free(s);
}

gp_states_counts gp_states_count(const gp_states *s)
{
    gp_states_counts c = s->counts;
    for (int i = 0; i < s->n_shelves; i++)
        c.kept += s->shelves[i].kept.n;
    c.carried = s->carried;
    return c;
}

/* ---- during a scan ---- */

bool gp_states_begin(gp_states *s, int jobs)
{
    for (int i = 0; i < s->n_shelves; i++) {
        gp_arena_fini(&s->shelves[i].arena);
        gp_vec_free(&s->shelves[i].kept);
    }
    free(s->shelves);
    s->shelves = gp_xcalloc((size_t)jobs, sizeof *s->shelves);
    s->n_shelves = jobs;
    s->counts = (gp_states_counts){0};
    if (s->seen)
        memset(s->seen, 0, s->n);
    return s->any;
}

bool gp_states_tails(const gp_states *s) { return s->all && s->n > 0; }

static void count(size_t *what) { __atomic_add_fetch(what, 1, __ATOMIC_RELAXED); }

void gp_states_ran(gp_states *s, gp_state_fit fit)
{
    count(fit == GP_STATE_FITS ? &s->counts.resumed : &s->counts.full);
    if (fit == GP_STATE_CHANGED)
        count(&s->counts.changed);
    if (fit == GP_STATE_DAMAGED)
        count(&s->counts.damaged);
}

static const entry *look_up(const gp_states *s, uint64_t key)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->entries[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->n && s->entries[lo].key == key ? &s->entries[lo] : NULL;
}

static bool same_history(const gp_states *s, const entry *e, const gp_bars *b)
{
    if (!e->made)
        return b->history != 0 && b->history == e->history;
    return b->history == 0 && b->before == 0 && history_of(s, b, (int)e->bars) == e->history;
}

gp_state_found gp_states_find(const gp_states *s, const gp_bars *b, int most)
{
    const entry *e = look_up(s, key_of(b));
    if (!e)
        return (gp_state_found){GP_STATE_NONE, NULL, 0};
    __atomic_store_n(&s->seen[e - s->entries], 1, __ATOMIC_RELAXED);
    if (e->who == who_of(b) && (int)e->bars < b->before)
        return (gp_state_found){GP_STATE_FAR, NULL, 0};
    if (e->who != who_of(b) || e->bars == 0 || most < 0 || e->bars > (uint32_t)most || !same_history(s, e, b))
        return (gp_state_found){GP_STATE_CHANGED, NULL, 0};
    const size_t size = record_bytes(s, (int)e->bars);
    if (e->at % 8 || e->at > s->file.n || size > s->file.n - e->at || hash_bytes(e->who, s->file.p + e->at, size) != e->check)
        return (gp_state_found){GP_STATE_DAMAGED, NULL, 0};
    return (gp_state_found){GP_STATE_FITS, s->file.p + e->at, (int)e->bars};
}

char *gp_states_room(gp_states *s, int worker, const gp_bars *b, int bars)
{
    shelf *own = &s->shelves[worker];
    kept k = {.bytes = record_bytes(s, bars)};
    k.state = gp_arena_alloc(&own->arena, k.bytes + 8);
    k.e = (entry){.key = key_of(b), .who = who_of(b), .history = b->history, .bars = (uint32_t)bars};
    if (!b->history && b->before == 0) {
        k.e.made = 1;
        k.e.history = history_of(s, b, bars);
    }
    gp_vec_push(&own->kept, k);
    return k.state;
}

/* ---- writing ---- */

static int by_key(const void *a, const void *b)
{
    const kept *x = *(const kept *const *)a, *y = *(const kept *const *)b;
    return x->e.key < y->e.key ? -1 : x->e.key > y->e.key;
}

/* What other scans left in the file of securities that this one was not asked for: jobs with one formula and different securities share the
 * file.  Whether they still fit is looked at when they are used. */
static void carry(gp_states *s, shelf *to)
{
    s->carried = 0;
    for (size_t i = 0; i < s->n; i++) {
        kept k = {.e = s->entries[i]};
        k.bytes = record_bytes(s, (int)k.e.bars);
        if (s->seen[i] || k.e.unseen >= MOST_UNSEEN || k.e.bars == 0 || k.e.bars > INT_MAX || k.e.at % 8 || k.e.at > s->file.n || k.bytes > s->file.n - k.e.at)
            continue;
        k.e.unseen++;
        k.state = (char *)(uintptr_t)(s->file.p + k.e.at);
        k.old = true;
        gp_vec_push(&to->kept, k);
        s->carried++;
    }
}

/* The states of all threads, and of old those that are carried on, in order.  A security that came twice has two histories, and nobody could
 * tell which state is whose. */
static size_t gather(gp_states *s, shelf *old, kept ***out)
{
    GP_VEC(kept *) all = {0};
    size_t n = 0;
    for (int i = 0; i < s->n_shelves; i++)
        for (size_t k = 0; k < s->shelves[i].kept.n; k++)
            gp_vec_push(&all, &s->shelves[i].kept.at[k]);
    for (size_t k = 0; k < old->kept.n && all.n; k++)
        gp_vec_push(&all, &old->kept.at[k]);
    if (all.n > 1)
        qsort(all.at, all.n, sizeof *all.at, by_key);
    for (size_t i = 0, end; i < all.n; i = end) {
        for (end = i + 1; end < all.n && all.at[end]->e.key == all.at[i]->e.key;)
            end++;
        if (end == i + 1)
            all.at[n++] = all.at[i];
    }
    *out = all.at;
    return n;
}

static bool write_all(int fd, struct iovec *v, size_t n)
{
    enum { AT_ONCE = 512 };
    while (n > 0) {
        ssize_t done = writev(fd, v, n < AT_ONCE ? (int)n : AT_ONCE);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        for (; n > 0 && (size_t)done >= v->iov_len; v++, n--)
            done -= (ssize_t)v->iov_len;
        if (n > 0) {
            v->iov_base = (char *)v->iov_base + done;
            v->iov_len -= (size_t)done;
        }
    }
    return true;
}

/* A file of our own beside the one to be replaced.  Of two runs at the same time one gets it; -1 for the other, with errno EWOULDBLOCK. */
static int open_temporary(const char *path)
{
    for (;;) {
        struct stat mine, there;
        const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            const int why = errno;
            close(fd);
            errno = why;
            return -1;
        }
        /* the one who had it before may have renamed it meanwhile */
        if (fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev) {
            if (ftruncate(fd, 0) == 0)
                return fd;
            close(fd);
            return -1;
        }
        close(fd);
    }
}

static bool write_file(gp_states *s, kept **all, size_t n, int fd)
{
    head h = {.order = BYTE_ORDER_MARK, .format = FORMAT, .version = version_hash(), .programs = s->programs, .n = n};
    entry *entries = gp_xcalloc(n + 1, sizeof *entries);
    struct iovec *v = gp_xcalloc(n + 2, sizeof *v);
    uint64_t at = sizeof h + n * sizeof *entries;
    memcpy(h.magic, magic, sizeof magic);
    for (size_t i = 0; i < n; i++) {
        all[i]->e.at = at;
        if (!all[i]->old)
            all[i]->e.check = hash_bytes(all[i]->e.who, all[i]->state, all[i]->bytes);
        entries[i] = all[i]->e;
        v[i + 2] = (struct iovec){all[i]->state, all[i]->bytes};
        at += all[i]->bytes;
    }
    h.bytes = at;
    h.check = check_of(&h, entries);
    v[0] = (struct iovec){&h, sizeof h};
    v[1] = (struct iovec){entries, n * sizeof *entries};
    const bool good = write_all(fd, v, n + 2);
    free(entries);
    free(v);
    return good;
}

bool gp_states_write(gp_states *s, gp_buf *note)
{
    gp_buf temporary = {0};
    shelf old = {0};
    kept **all;
    if (!s->any)
        return true;
    carry(s, &old);
    const size_t n = gather(s, &old, &all);
    if (n == 0) { /* no scan, or nothing that could be read: better the old states than none */
        gp_vec_free(&old.kept);
        free(all);
        return true;
    }
    gp_buf_printf(&temporary, "%s.tmp", s->path);
    const int fd = open_temporary(temporary.p);
    bool good = fd >= 0;
    if (good) {
        good = write_file(s, all, n, fd) && rename(temporary.p, s->path) == 0;
        const int why = errno;
        if (!good)
            unlink(temporary.p);
        close(fd); /* after the rename: whoever waits for the lock sees that the name is gone */
        errno = why;
    }
    if (!good)
        gp_buf_printf(note, "%s is not written: %s; the next scan computes more than it would have to\n", s->path,
                      errno == EWOULDBLOCK ? "another run is writing it" : strerror(errno));
    gp_vec_free(&old.kept);
    free(all);
    gp_buf_free(&temporary);
    return good;
}

void gp_states_sweep(const gp_states *s)
{
    enum { DIGITS = 16, SECONDS = 100 * 86400 };
    const char *slash = strrchr(s->path, '/'), *own = slash ? slash + 1 : s->path;
    const int n = slash ? (int)(slash - s->path) : 1;
    const char *folder = slash ? s->path : ".";
    gp_buf path = {0};
    gp_buf_printf(&path, "%.*s", n, folder);
    DIR *d = opendir(path.p);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct stat st;
        const size_t digits = strspn(e->d_name, "0123456789abcdef");
        if (digits != DIGITS || strcmp(e->d_name, own) == 0 || (e->d_name[digits] && strcmp(e->d_name + digits, ".tmp") != 0))
            continue;
        path.n = 0;
        gp_buf_printf(&path, "%.*s/%s", n, folder, e->d_name);
        if (lstat(path.p, &st) == 0 && S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > SECONDS)
            unlink(path.p);
    }
    if (d)
        closedir(d);
    gp_buf_free(&path);
}
